-- The first migration, in SQLite's SQL; PostgreSQL gets it translated.
-- What differs between the two goes into V2__name.sqlite.sql and V2__name.postgres.sql.
CREATE TABLE note (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    text       TEXT NOT NULL,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
