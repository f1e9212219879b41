CREATE TABLE conferences (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    series       TEXT NOT NULL COLLATE NOCASE,
    year         INT NOT NULL,
    title        VARCHAR(200) NOT NULL,
    city         TEXT,
    starts_on    DATE,
    deadline     DATETIME,
    revision     INTEGER NOT NULL DEFAULT 1,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT (datetime('now')),
    UNIQUE (series, year)
);
CREATE TABLE submissions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    conference_id INTEGER NOT NULL REFERENCES conferences (id) ON DELETE CASCADE,
    author        TEXT NOT NULL,
    submitted_at  DATETIME NOT NULL,
    created_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TRIGGER conferences_touch AFTER UPDATE ON conferences FOR EACH ROW
BEGIN
    UPDATE conferences SET updated_at = datetime('now') WHERE id = NEW.id;
END;
CREATE TRIGGER submissions_touch AFTER UPDATE ON submissions FOR EACH ROW
BEGIN
    UPDATE submissions SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

INSERT INTO schema_version (module, version) VALUES ('conferences', 1);
