CREATE TABLE pipelines (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    schedule     TEXT NOT NULL DEFAULT 'daily',
    flags        INTEGER NOT NULL DEFAULT 0,
    enabled      BOOLEAN NOT NULL DEFAULT TRUE,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE pipeline_runs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline_id  INTEGER NOT NULL REFERENCES pipelines (id),
    status       TEXT NOT NULL,
    started_at   DATETIME NOT NULL,
    finished_at  DATETIME,
    rows_out     INTEGER,
    log          TEXT,
    created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX pipeline_runs_started ON pipeline_runs (pipeline_id, started_at);
CREATE VIEW failed_runs AS
    SELECT p.name, r.started_at, r.log FROM pipeline_runs r JOIN pipelines p ON p.id = r.pipeline_id
    WHERE r.status = 'failed';

CREATE TRIGGER pipelines_touch AFTER UPDATE ON pipelines FOR EACH ROW
BEGIN
    UPDATE pipelines SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER pipeline_runs_touch AFTER UPDATE ON pipeline_runs FOR EACH ROW
BEGIN
    UPDATE pipeline_runs SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

INSERT INTO schema_version (module, version) VALUES ('pipelines', 1);
