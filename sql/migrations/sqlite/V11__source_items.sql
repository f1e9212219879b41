ALTER TABLE sources ADD COLUMN owner TEXT;
CREATE TABLE source_items (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source_code TEXT NOT NULL,
    external_id TEXT NOT NULL,
    title       TEXT NOT NULL,
    amount      REAL,
    quantity    INTEGER NOT NULL CHECK (quantity >= 0),
    received_on TEXT NOT NULL,
    urgent      BOOLEAN NOT NULL DEFAULT 0,
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (source_code, external_id)
);
CREATE INDEX source_items_received ON source_items (received_on);
CREATE TRIGGER source_items_touch AFTER UPDATE ON source_items FOR EACH ROW
BEGIN
    UPDATE source_items SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

UPDATE schema_version SET version = 2 WHERE module = 'sources';
