//! Data pipelines: their run history and what statistics say about them.

use rusqlite::{Connection, named_params, params};

use crate::db::{self, Result};
use crate::random::{Random, day};
use crate::report::Report;
use crate::types::RunStatus;

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS pipelines (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        name         TEXT NOT NULL UNIQUE,
        schedule     TEXT NOT NULL DEFAULT 'daily',
        flags        INTEGER NOT NULL DEFAULT 0,
        enabled      BOOLEAN NOT NULL DEFAULT TRUE,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE IF NOT EXISTS pipeline_runs (
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
    CREATE INDEX IF NOT EXISTS pipeline_runs_started ON pipeline_runs (pipeline_id, started_at);
    CREATE VIEW IF NOT EXISTS failed_runs AS
        SELECT p.name, r.started_at, r.log FROM pipeline_runs r JOIN pipelines p ON p.id = r.pipeline_id
        WHERE r.status = 'failed';

    CREATE TRIGGER IF NOT EXISTS pipelines_touch AFTER UPDATE ON pipelines FOR EACH ROW
    BEGIN
        UPDATE pipelines SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS pipeline_runs_touch AFTER UPDATE ON pipeline_runs FOR EACH ROW
    BEGIN
        UPDATE pipeline_runs SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
"];

fn start(conn: &Connection, pipeline_id: i64, at: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached("INSERT INTO pipeline_runs (pipeline_id, status, started_at) VALUES (?1, ?2, ?3)")?
        .insert(params![pipeline_id, RunStatus::Running, at])
}

/// Ends a run `seconds` after its start.
fn finish(
    conn: &Connection,
    run: i64,
    status: RunStatus,
    seconds: i64,
    rows_out: Option<i64>,
) -> rusqlite::Result<usize> {
    let log = (status == RunStatus::Failed).then(|| format!("error: step {} gave up\nsee run {run}", seconds % 7));
    conn.prepare_cached(
        "UPDATE pipeline_runs
         SET status = :status, finished_at = datetime(started_at, '+' || :seconds || ' seconds'), rows_out = :rows, log = :log
         WHERE id = :run AND finished_at IS NULL",
    )?
    .execute(named_params! { ":status": status, ":seconds": seconds, ":rows": rows_out, ":log": log, ":run": run })
}

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(7);
    let mut pipelines = Vec::new();
    for n in 0..12 {
        conn.execute(
            "INSERT INTO pipelines (name, schedule, flags, enabled) VALUES (?1, ?2, ?3, ?4)",
            params![format!("pipeline-{n:02}"), random.pick(&["daily", "hourly", "Weekly"]), n % 8, n % 5 != 0],
        )?;
        pipelines.push(conn.last_insert_rowid());
    }
    let tx = conn.transaction()?;
    let mut finished = 0;
    for n in 0..rows {
        let at = format!("{} {:02}:{:02}:00", day(n * 60 / rows.max(1)), random.below(24), random.below(60));
        let run = start(&tx, *random.pick(&pipelines), &at)?;
        let status =
            *random.pick(&[RunStatus::Succeeded, RunStatus::Succeeded, RunStatus::Failed, RunStatus::Cancelled]);
        if !random.chance(3) {
            let rows_out = (status == RunStatus::Succeeded).then(|| random.below(50_000));
            finished += finish(&tx, run, status, random.below(20_000), rows_out)?;
            finished += finish(&tx, run, status, 1, None)?;
        }
    }
    tx.commit()?;
    report.fact("runs started, finished", format!("{rows}, {finished}"))?;
    report.fact("pipelines: an update is stamped", db::update_is_stamped(conn, "pipelines", "id")?)
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("pipelines")?;
    let mut stmt = conn.prepare(
        "SELECT p.name, p.schedule, COUNT(*), SUM(r.status = 'succeeded') AS good, SUM(r.status = 'failed') AS bad,
                AVG(strftime('%s', r.finished_at) - strftime('%s', r.started_at)) AS seconds,
                100 * SUM(r.status = 'failed') / COUNT(*) AS percent, total(r.rows_out) AS rows_out
         FROM pipelines p JOIN pipeline_runs r ON r.pipeline_id = p.id
         WHERE p.enabled AND NOT p.flags & 4
         GROUP BY p.id ORDER BY percent DESC, p.name",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (name, schedule, runs): (String, String, i64) =
            (row.get("name")?, row.get("schedule")?, row.get("COUNT(*)")?);
        let (good, bad, seconds): (i64, i64, f64) = (row.get("good")?, row.get("bad")?, row.get("seconds")?);
        let (percent, rows_out): (i64, f64) = (row.get("percent")?, row.get("rows_out")?);
        report
            .row(&format!("{name} {schedule:6} {runs:4} {good:4} {bad:4} {seconds:10.3} {percent:3} % {rows_out:?}"))?;
    }

    report.section("runs by week")?;
    let mut stmt = conn.prepare(
        "WITH days AS (
             SELECT date(started_at) AS d, COUNT(*) AS runs, max(ifnull(rows_out, 0)) AS most
             FROM pipeline_runs WHERE date(started_at) >= date(?1, '-1 month') GROUP BY d
         )
         SELECT strftime('%Y-%m', d) || ' w' || ((CAST(strftime('%d', d) AS INTEGER) + 6) / 7) AS week, SUM(runs), MAX(most),
                SUM(SUM(runs)) OVER (ORDER BY MIN(d)) AS so_far
         FROM days GROUP BY week ORDER BY week",
    )?;
    let mut rows = stmt.query(["2026-02-14"])?;
    while let Some(row) = rows.next()? {
        let (week, runs, most, so_far): (String, i64, i64, i64) = row.try_into()?;
        report.row(&format!("{week} {runs:5} {most:6} {so_far:6}"))?;
    }

    report.section("longest runs of each pipeline")?;
    let mut stmt = conn.prepare("SELECT id, name FROM pipelines ORDER BY name COLLATE NOCASE")?;
    let mut longest = conn.prepare(
        "SELECT rowid, started_at, round((julianday(finished_at) - julianday(started_at)) * 24, 2) AS hours, iif(log IS NULL, '', 'log')
         FROM pipeline_runs WHERE pipeline_id == ?1 AND finished_at NOTNULL
         ORDER BY julianday(finished_at) - julianday(started_at) DESC, rowid LIMIT 3",
    )?;
    let mut pipelines = stmt.query([])?;
    while let Some(pipeline) = pipelines.next()? {
        let (id, name): (i64, String) = (pipeline.get(0)?, pipeline.get(1)?);
        let mut runs = longest.query([id])?;
        while let Some(run) = runs.next()? {
            let (rowid, started, hours): (i64, String, f64) = (run.get(0)?, run.get(1)?, run.get("hours")?);
            let log: String = run.get(3)?;
            report.row(&format!("{name} {rowid:6} {started} {hours:.2} h {log}"))?;
        }
    }

    report.section("latest failures")?;
    let mut stmt = conn.prepare("SELECT * FROM failed_runs ORDER BY started_at DESC, name LIMIT 10")?;
    let lines = stmt.query_map([], |row| {
        let (name, started, log): (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{name} {started} {:?}", log.as_deref().and_then(|log| log.lines().next())))
    })?;
    for line in lines {
        report.row(&line?)?;
    }
    let running: Option<String> = conn.query_row(
        "SELECT group_concat(id, ' ') FROM (SELECT id FROM pipeline_runs WHERE finished_at IS NULL ORDER BY id LIMIT 5)",
        [],
        |row| row.get(0),
    )?;
    report.fact("still running", running.unwrap_or_default())?;

    report.section("all of pipelines")?;
    report.digest(conn, "pipelines", "SELECT id, name, schedule, flags, enabled FROM pipelines ORDER BY id")?;
    report.digest(
        conn,
        "runs",
        "SELECT id, pipeline_id, status, started_at, finished_at, rows_out, log FROM pipeline_runs ORDER BY finished_at, id",
    )?;
    report.timestamps(conn, &["pipelines", "pipeline_runs"])
}
