CREATE TABLE login_sessions (
    token         TEXT NOT NULL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id),
    client        TEXT,
    started_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    seen          INTEGER NOT NULL DEFAULT 0,
    created_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CHECK (expires_at > started_at)
);
CREATE INDEX login_sessions_user ON login_sessions (user_id);
CREATE INDEX login_sessions_live ON login_sessions (expires_at) WHERE revoked_at IS NULL;
CREATE TRIGGER login_sessions_touch AFTER UPDATE ON login_sessions FOR EACH ROW
BEGIN
    UPDATE login_sessions SET updated_at = CURRENT_TIMESTAMP WHERE token = NEW.token;
END;

UPDATE schema_version SET version = 2 WHERE module = 'sessions';
