CREATE TABLE audit_events (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    actor        TEXT NOT NULL,
    action       TEXT NOT NULL,
    subject      TEXT,
    payload      BLOB,
    happened_at  INTEGER NOT NULL,
    prev_hash    TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX audit_events_actor ON audit_events (actor, happened_at DESC);

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit events are append-only');
END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit events are append-only');
END;

CREATE TABLE audit_heads (
    actor        TEXT PRIMARY KEY,
    events       INTEGER NOT NULL DEFAULT 0,
    last_seq     INTEGER NOT NULL REFERENCES audit_events (seq),
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID;
CREATE TRIGGER audit_heads_touch AFTER UPDATE ON audit_heads
BEGIN
    UPDATE audit_heads SET updated_at = CURRENT_TIMESTAMP WHERE actor = NEW.actor;
END;
CREATE TRIGGER audit_events_head AFTER INSERT ON audit_events
BEGIN
    INSERT INTO audit_heads (actor, events, last_seq) VALUES (NEW.actor, 1, NEW.seq)
    ON CONFLICT(actor) DO UPDATE SET events = events + 1, last_seq = excluded.last_seq;
END;

INSERT INTO schema_version (module, version) VALUES ('audit', 1);
