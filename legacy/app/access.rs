//! Requests for access to sources, the decisions on them, and the grants that follow.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::db::{self, Result, TODAY};
use crate::random::{Random, day};
use crate::report::Report;
use crate::types::RequestState;

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS access_requests (
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
    CREATE INDEX IF NOT EXISTS access_requests_state ON access_requests (state, requested_on);
    CREATE UNIQUE INDEX IF NOT EXISTS access_requests_once ON access_requests (requester, source_id, requested_on);

    CREATE TABLE IF NOT EXISTS access_decisions (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        request_id   INTEGER NOT NULL UNIQUE REFERENCES access_requests (id) ON DELETE CASCADE,
        decided_by   TEXT NOT NULL,
        granted      BOOLEAN NOT NULL,
        note         TEXT,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );

    CREATE TABLE IF NOT EXISTS access_grants (
        requester    TEXT NOT NULL,
        source_id    INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        valid_until  TEXT NOT NULL,
        renewals     INTEGER NOT NULL DEFAULT 0,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (requester, source_id)
    );

    CREATE TRIGGER IF NOT EXISTS access_requests_touch AFTER UPDATE ON access_requests FOR EACH ROW
    BEGIN
        UPDATE access_requests SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS access_decisions_touch AFTER UPDATE ON access_decisions FOR EACH ROW
    BEGIN
        UPDATE access_decisions SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS access_grants_touch AFTER UPDATE ON access_grants FOR EACH ROW
    BEGIN
        UPDATE access_grants SET updated_at = CURRENT_TIMESTAMP
        WHERE requester = NEW.requester AND source_id = NEW.source_id;
    END;
"];

#[derive(Debug, PartialEq)]
pub enum RequestOutcome {
    Filed(i64),
    FiledBefore,
    NoSuchSource,
}

pub fn request(
    conn: &Connection,
    requester: &str,
    source_id: i64,
    reason: Option<&str>,
    on: &str,
) -> rusqlite::Result<RequestOutcome> {
    let filed = conn.execute(
        "INSERT INTO access_requests (requester, source_id, reason, requested_on) VALUES (?1, ?2, ?3, ?4)",
        params![requester, source_id, reason, on],
    );
    match filed {
        Ok(_) => Ok(RequestOutcome::Filed(conn.last_insert_rowid())),
        Err(error) if db::is_unique_violation(&error) => Ok(RequestOutcome::FiledBefore),
        Err(error) if db::is_foreign_key_violation(&error) => Ok(RequestOutcome::NoSuchSource),
        Err(error) => Err(error),
    }
}

#[derive(Debug, PartialEq)]
pub enum DecisionOutcome {
    Decided,
    DecidedBefore,
    NoSuchRequest,
}

/// Decides a request. The decision, the request's state and the grant change together or not at all.
pub fn decide(
    conn: &mut Connection,
    request_id: i64,
    decided_by: &str,
    granted: bool,
    valid_until: &str,
) -> rusqlite::Result<DecisionOutcome> {
    let tx = conn.transaction()?;
    let found: Option<(String, i64)> = tx
        .query_row("SELECT requester, source_id FROM access_requests WHERE id = ?1", [request_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((requester, source_id)) = found else {
        return Ok(DecisionOutcome::NoSuchRequest);
    };
    let note = if granted { None } else { Some("not this quarter") };
    let recorded = tx.execute(
        "INSERT INTO access_decisions (request_id, decided_by, granted, note) VALUES (?, ?, ?, ?)",
        params![request_id, decided_by, granted, note],
    );
    match recorded {
        Ok(_) => {}
        Err(rusqlite::Error::SqliteFailure(e, Some(message)))
            if e.code == rusqlite::ErrorCode::ConstraintViolation
                && message.contains("UNIQUE constraint failed: access_decisions.request_id") =>
        {
            // The transaction is still usable: only the statement was undone.
            tx.execute(
                "UPDATE access_decisions SET note = ifnull(note, '') || '; asked again' WHERE request_id = ?1",
                [request_id],
            )?;
            tx.commit()?;
            return Ok(DecisionOutcome::DecidedBefore);
        }
        Err(error) => return Err(error),
    }
    let state = if granted { RequestState::Granted } else { RequestState::Denied };
    tx.execute(
        "UPDATE access_requests SET state = :state, decided_on = :on WHERE id = :id",
        named_params! { ":state": state, ":on": TODAY, ":id": request_id },
    )?;
    if granted {
        tx.execute(
            "INSERT INTO access_grants (requester, source_id, valid_until) VALUES (:requester, :source, :until)
             ON CONFLICT(requester, source_id) DO UPDATE
             SET valid_until = excluded.valid_until, renewals = access_grants.renewals + 1",
            named_params! { ":requester": requester, ":source": source_id, ":until": valid_until },
        )?;
    }
    tx.commit()?;
    Ok(DecisionOutcome::Decided)
}

/// Pending requests older than `before` end; grants whose day has passed go.
pub fn expire(conn: &mut Connection, before: &str, today: &str) -> rusqlite::Result<(usize, usize)> {
    let tx = conn.transaction()?;
    let requests = tx.execute(
        "UPDATE access_requests SET state = ?1 WHERE state = ?2 AND requested_on < ?3",
        params![RequestState::Expired, RequestState::Pending, before],
    )?;
    let grants = tx.execute("DELETE FROM access_grants WHERE valid_until < ?1", [today])?;
    tx.commit()?;
    Ok((requests, grants))
}

const PEOPLE: &[&str] = &["amir", "beate", "chloé", "dmitri", "eun-ji", "farah", "goran", "hana", "Ines", "jörg"];

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(2);
    let sources: Vec<i64> = conn
        .prepare("SELECT id FROM sources ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let (mut before, mut no_source, mut filed) = (0, 0, Vec::new());
    let tx = conn.transaction()?;
    for n in 0..rows {
        let source_id = if n % 50 == 49 { -n } else { *random.pick(&sources) };
        let reason = random.chance(60).then(|| format!("for report no. {n}"));
        let on = day(random.below(20));
        let person = random.pick(PEOPLE);
        match request(&tx, person, source_id, reason.as_deref(), &on)? {
            RequestOutcome::Filed(id) => filed.push((id, person, source_id, on)),
            RequestOutcome::FiledBefore => before += 1,
            RequestOutcome::NoSuchSource => no_source += 1,
        }
        if n % 60 == 59 {
            let (_, person, source_id, on) = random.pick(&filed);
            before += i64::from(request(&tx, person, *source_id, None, on)? == RequestOutcome::FiledBefore);
        }
    }
    tx.commit()?;
    let (mut decided, mut again, mut missing) = (0, 0, 0);
    for (n, (id, ..)) in filed.iter().enumerate().step_by(3) {
        let granted = random.chance(65);
        let until = day(20 + random.below(120));
        // Some requests are decided twice, and some identifiers were never given.
        for request_id in [Some(*id), (n % 5 == 0).then_some(*id), (n % 20 == 0).then_some(-id)].into_iter().flatten() {
            match decide(conn, request_id, random.pick::<&str>(PEOPLE), granted, &until)? {
                DecisionOutcome::Decided => decided += 1,
                DecisionOutcome::DecidedBefore => again += 1,
                DecisionOutcome::NoSuchRequest => missing += 1,
            }
        }
    }
    report.fact("requests filed, filed before, without source", format!("{}, {before}, {no_source}", filed.len()))?;
    report.fact("decided, decided before, unknown", format!("{decided}, {again}, {missing}"))?;
    report.fact("access_requests: an update is stamped", db::update_is_stamped(conn, "access_requests", "id")?)
}

struct Pending {
    requester: String,
    code: String,
    reason: Option<String>,
    requested_on: String,
}

fn pending(conn: &Connection, limit: i64) -> rusqlite::Result<Vec<Pending>> {
    conn.prepare(
        "SELECT r.requester, s.code, r.reason, r.requested_on
         FROM access_requests r JOIN sources s ON s.id = r.source_id
         WHERE r.state = 'pending' ORDER BY r.requested_on DESC, r.id LIMIT ?",
    )?
    .query_map([limit], |row| {
        Ok(Pending { requester: row.get(0)?, code: row.get(1)?, reason: row.get(2)?, requested_on: row.get(3)? })
    })?
    .collect()
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("requests by state")?;
    let mut by_state = conn.prepare(
        "SELECT state, COUNT(*), COUNT(DISTINCT requester), MIN(requested_on), MAX(decided_on) FROM access_requests GROUP BY state
         ORDER BY state",
    )?;
    let mut rows = by_state.query([])?;
    while let Some(row) = rows.next()? {
        let (state, total, people): (RequestState, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (first, decided): (String, Option<String>) = (row.get(3)?, row.get(4)?);
        report.row(&format!("{state:8} {total:6} {people:3} {first} {}", decided.as_deref().unwrap_or("never")))?;
    }

    report.section("requests of each person")?;
    let mut people = conn.prepare(
        "SELECT requester, COUNT(*) AS n FROM access_requests GROUP BY requester ORDER BY n DESC, requester",
    )?;
    let mut states = conn.prepare(
        "SELECT state, COUNT(*) FROM access_requests WHERE requester = ?1 GROUP BY state ORDER BY COUNT(*) DESC, state",
    )?;
    let mut rows = people.query([])?;
    while let Some(row) = rows.next()? {
        let (person, total): (String, i64) = (row.get(0)?, row.get(1)?);
        // A second statement runs while the first one's rows are still being read.
        let mut parts = Vec::new();
        let mut inner = states.query([&person])?;
        while let Some(row) = inner.next()? {
            parts.push(format!("{} {}", row.get::<_, RequestState>(0)?, row.get::<_, i64>(1)?));
        }
        let newest: Option<String> = conn
            .query_row(
                "SELECT reason FROM access_requests WHERE requester = ?1 AND state = ?2 AND reason IS NOT NULL
                 ORDER BY requested_on DESC, id DESC LIMIT 1",
                params![person, RequestState::Granted],
                |row| row.get(0),
            )
            .optional()?;
        report.row(&format!("{person:8} {total:5} newest grant {newest:?}: {}", parts.join(", ")))?;
    }

    report.section("pending requests")?;
    for request in pending(conn, 30)? {
        report.row(&format!(
            "{:8} {} {} {}",
            request.requester,
            request.code,
            request.requested_on,
            request.reason.as_deref().unwrap_or("no reason given"),
        ))?;
    }
    let renewed: (i64, i64) = conn.query_row(
        "SELECT COUNT(*), COALESCE(MAX(renewals), 0) FROM access_grants WHERE valid_until >= ?1",
        [TODAY],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    report.fact("valid grants, most renewals", format!("{renewed:?}"))?;

    report.section("all of access")?;
    report.digest(
        conn,
        "requests",
        "SELECT r.requester, s.code, r.reason, r.state, r.requested_on, r.decided_on
         FROM access_requests r JOIN sources s ON s.id = r.source_id ORDER BY r.id",
    )?;
    report.digest(
        conn,
        "decisions",
        "SELECT d.note, d.decided_by, d.granted, r.requester, r.requested_on
         FROM access_decisions d JOIN access_requests r ON r.id = d.request_id ORDER BY d.note, r.id",
    )?;
    report.digest(
        conn,
        "grants",
        "SELECT g.requester, s.code, g.valid_until, g.renewals
         FROM access_grants g JOIN sources s ON s.id = g.source_id ORDER BY g.requester, s.id",
    )?;
    report.timestamps(conn, &["access_requests", "access_decisions", "access_grants"])
}
