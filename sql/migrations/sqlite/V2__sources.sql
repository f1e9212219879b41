CREATE TABLE sources (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    code        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('api', 'upload', 'mail', 'sensor')),
    url         TEXT,
    active      BOOLEAN NOT NULL DEFAULT 1,
    priority    INTEGER NOT NULL DEFAULT 0,
    budget      REAL,
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX sources_kind ON sources (kind, active);

CREATE TABLE source_contacts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id   INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    phone       TEXT,
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (source_id, email)
);

CREATE TABLE source_tags (
    source_id   INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    tag         TEXT NOT NULL,
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (source_id, tag)
);

CREATE TRIGGER sources_touch AFTER UPDATE ON sources FOR EACH ROW
BEGIN
    UPDATE sources SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER source_contacts_touch AFTER UPDATE ON source_contacts FOR EACH ROW
BEGIN
    UPDATE source_contacts SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER source_tags_touch AFTER UPDATE ON source_tags FOR EACH ROW
BEGIN
    UPDATE source_tags SET updated_at = CURRENT_TIMESTAMP WHERE source_id = NEW.source_id AND tag = NEW.tag;
END;

INSERT INTO schema_version (module, version) VALUES ('sources', 1);
