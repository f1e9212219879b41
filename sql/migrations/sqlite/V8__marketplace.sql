CREATE TABLE offers (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    sku          TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL COLLATE NOCASE,
    price        REAL NOT NULL CHECK (price >= 0),
    stock        INTEGER NOT NULL DEFAULT 0,
    payload      TEXT NOT NULL DEFAULT '{}',
    available_on DATE,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    details      JSON GENERATED ALWAYS AS (json(payload)) VIRTUAL
);
CREATE INDEX offers_details ON offers (json_extract(payload, '$.colour'));
CREATE INDEX offers_title ON offers (title);

CREATE TABLE favourites (
    customer     TEXT NOT NULL,
    sku          TEXT NOT NULL REFERENCES offers (sku),
    weight       INTEGER DEFAULT 1,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (customer, sku)
);

CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    offer_id     INTEGER NOT NULL REFERENCES offers (id),
    customer     TEXT NOT NULL,
    quantity     INTEGER NOT NULL CHECK (quantity > 0),
    total        REAL,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TRIGGER offers_touch AFTER UPDATE ON offers FOR EACH ROW
BEGIN
    UPDATE offers SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER favourites_touch AFTER UPDATE ON favourites FOR EACH ROW
BEGIN
    UPDATE favourites SET updated_at = CURRENT_TIMESTAMP WHERE customer = NEW.customer AND sku = NEW.sku;
END;
CREATE TRIGGER orders_touch AFTER UPDATE ON orders FOR EACH ROW
BEGIN
    UPDATE orders SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

INSERT INTO schema_version (module, version) VALUES ('marketplace', 1);
