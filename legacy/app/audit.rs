//! The audit trail: an append-only chain of events, each with the hash of the one before it.

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use crate::db::{self, NOW, Result};
use crate::random::{Fnv, Random};
use crate::report::Report;
use crate::types::Uuid;

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS audit_events (
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
    CREATE INDEX IF NOT EXISTS audit_events_actor ON audit_events (actor, happened_at DESC);

    CREATE TRIGGER IF NOT EXISTS audit_events_no_update BEFORE UPDATE ON audit_events
    BEGIN
        SELECT RAISE(ABORT, 'audit events are append-only');
    END;
    CREATE TRIGGER IF NOT EXISTS audit_events_no_delete BEFORE DELETE ON audit_events
    BEGIN
        SELECT RAISE(ABORT, 'audit events are append-only');
    END;

    CREATE TABLE IF NOT EXISTS audit_heads (
        actor        TEXT PRIMARY KEY,
        events       INTEGER NOT NULL DEFAULT 0,
        last_seq     INTEGER NOT NULL REFERENCES audit_events (seq),
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS audit_heads_touch AFTER UPDATE ON audit_heads
    BEGIN
        UPDATE audit_heads SET updated_at = CURRENT_TIMESTAMP WHERE actor = NEW.actor;
    END;
    CREATE TRIGGER IF NOT EXISTS audit_events_head AFTER INSERT ON audit_events
    BEGIN
        INSERT INTO audit_heads (actor, events, last_seq) VALUES (NEW.actor, 1, NEW.seq)
        ON CONFLICT(actor) DO UPDATE SET events = events + 1, last_seq = excluded.last_seq;
    END;
"];

const GENESIS: &str = "0000000000000000";

pub struct Event {
    pub id: Uuid,
    pub actor: String,
    pub action: String,
    pub subject: Option<String>,
    pub payload: Option<Vec<u8>>,
    pub happened_at: i64,
}

fn hash_of(prev: &str, event: &Event) -> String {
    let mut hash = Fnv::new();
    hash.write_all(&[
        prev.as_bytes(),
        event.id.to_string().as_bytes(),
        event.actor.as_bytes(),
        event.action.as_bytes(),
    ]);
    hash.write_all(&[event.subject.as_deref().unwrap_or("\0").as_bytes(), event.payload.as_deref().unwrap_or(b"\0")]);
    hash.write(&event.happened_at.to_be_bytes());
    format!("{:016x}", hash.finish())
}

/// Appends events to the chain; nobody else may append between reading the head and writing behind it.
pub fn append(conn: &mut Connection, events: &[Event]) -> rusqlite::Result<i64> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut prev: String = tx
        .query_row("SELECT hash FROM audit_events ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
        .optional()?
        .unwrap_or_else(|| GENESIS.to_string());
    let mut last = 0;
    {
        let mut insert = tx.prepare_cached(
            "INSERT INTO audit_events (id, actor, action, subject, payload, happened_at, prev_hash, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for event in events {
            let hash = hash_of(&prev, event);
            last = insert.insert(params![
                event.id,
                event.actor,
                event.action,
                event.subject,
                event.payload,
                event.happened_at,
                prev,
                hash
            ])?;
            prev = hash;
        }
    }
    tx.commit()?;
    Ok(last)
}

/// Walks the chain from its start; gives the number of events and the first that does not fit.
pub fn verify(conn: &Connection) -> rusqlite::Result<(usize, Option<i64>)> {
    let mut stmt = conn.prepare(
        "SELECT seq, id, actor, action, subject, payload, happened_at, prev_hash, hash FROM audit_events ORDER BY seq",
    )?;
    let mut rows = stmt.query([])?;
    let (mut checked, mut prev) = (0, GENESIS.to_string());
    while let Some(row) = rows.next()? {
        let event = Event {
            id: row.get("id")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            payload: row.get("payload")?,
            happened_at: row.get("happened_at")?,
        };
        let hash: String = row.get("hash")?;
        if row.get::<_, String>("prev_hash")? != prev || hash_of(&prev, &event) != hash {
            return Ok((checked, Some(row.get("seq")?)));
        }
        prev = hash;
        checked += 1;
    }
    Ok((checked, None))
}

const ACTORS: &[&str] = &["amir", "beate", "cron", "importer", "root"];
const ACTIONS: &[&str] = &["login", "logout", "grant.read", "grant.write", "task.move", "import.start", "import.end"];

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(5);
    let mut appended = 0;
    let mut start = 0;
    while start < rows {
        let batch = (rows - start).min(1 + random.below(50));
        let events: Vec<Event> = (start..start + batch)
            .map(|n| Event {
                id: Uuid::generate(&mut random),
                actor: random.pick(ACTORS).to_string(),
                action: random.pick(ACTIONS).to_string(),
                subject: random.chance(70).then(|| format!("record/{}", random.below(900))),
                payload: random.chance(40).then(|| vec![0, n as u8, 0xff, random.below(256) as u8]),
                happened_at: NOW + n,
            })
            .collect();
        append(conn, &events)?;
        appended += events.len();
        start += batch;
    }
    report.fact("events appended", appended)?;
    report.fact("an event is changed", tampering(conn, "UPDATE audit_events SET actor = 'nobody' WHERE seq = 1")?)?;
    report.fact("an event is deleted", tampering(conn, "DELETE FROM audit_events WHERE seq > 0")?)
}

fn tampering(conn: &Connection, sql: &str) -> Result<String> {
    match conn.execute(sql, []) {
        Ok(rows) => Ok(format!("{rows} rows changed")),
        Err(rusqlite::Error::SqliteFailure(error, message)) if error.code == ErrorCode::ConstraintViolation => {
            Ok(format!("refused ({}): {}", error.extended_code, message.unwrap_or_default()))
        }
        Err(error) => Err(error.into()),
    }
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("audit trail by actor")?;
    let mut stmt = conn.prepare(
        "SELECT actor, events, last_seq, max(events - 300, 0) AS above,
                (SELECT group_concat(action, ' ') FROM (SELECT DISTINCT action FROM audit_events e
                    WHERE e.actor = h.actor AND action GLOB 'grant.*' ORDER BY action)) AS grants
         FROM audit_heads h ORDER BY actor",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (actor, events, last): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (above, grants): (i64, Option<String>) = (row.get("above")?, row.get("grants")?);
        report.row(&format!("{actor:9} {events:5} {last:6} {above:4} {}", grants.unwrap_or_default()))?;
    }

    report.section("actions and what they carried")?;
    let mut stmt = conn.prepare(
        "SELECT substr(action, 1, CASE instr(action, '.') WHEN 0 THEN length(action) ELSE instr(action, '.') - 1 END) AS family,
                COUNT(*), SUM(payload IS NOT NULL), SUM(ifnull(length(payload), 0)),
                MIN(hex(payload)), datetime(MAX(happened_at), 'unixepoch')
         FROM audit_events GROUP BY family ORDER BY family",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (family, events): (String, i64) = (row.get("family")?, row.get("COUNT(*)")?);
        let (carried, bytes, least, last): (i64, i64, String, String) =
            (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
        report.row(&format!("{family:8} {events:5} {carried:5} {bytes:6} {least:8} {last}"))?;
    }

    report.section("events with the mark 00ff")?;
    let mut stmt = conn.prepare(
        "SELECT seq, quote(payload), typeof(payload), coalesce(subject, '-') FROM audit_events
         WHERE payload >= x'00f0' AND payload < X'0100' ORDER BY payload, seq LIMIT 20",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, payload): (i64, String) = (row.get(0)?, row.get(1)?);
        let (class, subject): (String, String) = (row.get(2)?, row.get(3)?);
        report.row(&format!("{seq:6} {payload} {class} {subject}"))?;
    }
    let (checked, broken) = verify(conn)?;
    report.fact("chain", format!("{checked} events, broken at {broken:?}"))?;

    report.section("all of audit")?;
    report.digest(
        conn,
        "events",
        "SELECT seq, id, actor, action, subject, payload, happened_at, hash FROM audit_events ORDER BY seq",
    )?;
    report.digest(conn, "heads", "SELECT actor, events, last_seq FROM audit_heads ORDER BY events, actor")?;
    report
        .fact("events have a time", db::count(conn, "audit_events WHERE created_at LIKE '____-__-__ __:__:__'")? > 0)?;
    report.timestamps(conn, &["audit_heads"])
}
