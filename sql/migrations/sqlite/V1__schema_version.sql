-- Which module's tables are at which version: the portal asks here what it has to do.
CREATE TABLE schema_version (
    module     TEXT PRIMARY KEY NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TRIGGER schema_version_touch AFTER UPDATE ON schema_version FOR EACH ROW
BEGIN
    UPDATE schema_version SET updated_at = CURRENT_TIMESTAMP WHERE module = NEW.module;
END;
