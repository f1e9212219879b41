CREATE TABLE access_requests (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    requester    TEXT NOT NULL,
    source_id    INTEGER NOT NULL,
    reason       TEXT,
    state        TEXT NOT NULL DEFAULT 'pending',
    requested_on TEXT NOT NULL,
    decided_on   TEXT,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT access_state CHECK (state IN ('pending', 'granted', 'denied', 'expired')),
    FOREIGN KEY (source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX access_requests_state ON access_requests (state, requested_on);
CREATE UNIQUE INDEX access_requests_once ON access_requests (requester, source_id, requested_on);

CREATE TABLE access_decisions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id   INTEGER NOT NULL UNIQUE REFERENCES access_requests (id) ON DELETE CASCADE,
    decided_by   TEXT NOT NULL,
    granted      BOOLEAN NOT NULL,
    note         TEXT,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE access_grants (
    requester    TEXT NOT NULL,
    source_id    INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    valid_until  TEXT NOT NULL,
    renewals     INTEGER NOT NULL DEFAULT 0,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (requester, source_id)
);

CREATE TRIGGER access_requests_touch AFTER UPDATE ON access_requests FOR EACH ROW
BEGIN
    UPDATE access_requests SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER access_decisions_touch AFTER UPDATE ON access_decisions FOR EACH ROW
BEGIN
    UPDATE access_decisions SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER access_grants_touch AFTER UPDATE ON access_grants FOR EACH ROW
BEGIN
    UPDATE access_grants SET updated_at = CURRENT_TIMESTAMP
    WHERE requester = NEW.requester AND source_id = NEW.source_id;
END;

INSERT INTO schema_version (module, version) VALUES ('access', 1);
