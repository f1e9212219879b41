CREATE TABLE login_sessions (
    token         text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id       bigint NOT NULL REFERENCES users (id),
    client        text COLLATE "C",
    started_at    bigint NOT NULL,
    expires_at    bigint NOT NULL,
    revoked_at    bigint,
    seen          bigint NOT NULL DEFAULT 0,
    created_at    timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    updated_at    timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    CHECK (expires_at > started_at)
);
CREATE INDEX login_sessions_user ON login_sessions (user_id);
CREATE INDEX login_sessions_live ON login_sessions (expires_at) WHERE revoked_at IS NULL;
CREATE TRIGGER login_sessions_touch BEFORE UPDATE ON login_sessions FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

UPDATE schema_version SET version = 2 WHERE module = 'sessions';
