//! Tracing: functions that are told what a connection runs. Error log.
//!
//! On SQLite rusqlite calls them. On PostgreSQL the facade does, for every statement of this connection: SQLite's text as the
//! program wrote it, without blanks and the semicolon around it. What triggers and foreign keys run is not told there, and
//! neither is what sqlift sends of its own.

mod run;

pub(crate) use run::{Run, Tracing};
#[cfg(not(feature = "loadable_extension"))]
pub use rusqlite::trace::config_log;
pub use rusqlite::trace::{TraceEventCodes, log};

use crate::StatementStatus;
use crate::backend::postgres;
use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

/// What happened; see [`Connection::trace_v2`](crate::Connection::trace_v2).
#[non_exhaustive]
pub enum TraceEvent<'s> {
    /// A statement begins, with its text; on SQLite also a part of it, such as a trigger.
    Stmt(StmtRef<'s>, &'s str),
    /// A statement has ended, after this time.
    Profile(StmtRef<'s>, Duration),
    /// A statement gives a row.
    Row(StmtRef<'s>),
    /// The connection is closed.
    Close(ConnRef<'s>),
}

/// The statement of an event.
pub struct StmtRef<'s>(Stmt<'s>);

enum Stmt<'s> {
    Sqlite(rusqlite::trace::StmtRef<'s>),
    Postgres(&'s postgres::Statement),
}

impl StmtRef<'_> {
    /// The statement's text.
    pub fn sql(&self) -> Cow<'_, str> {
        match &self.0 {
            Stmt::Sqlite(statement) => statement.sql(),
            Stmt::Postgres(statement) => statement.sql().into(),
        }
    }

    /// The text with the bound values written into it.
    pub fn expanded_sql(&self) -> Option<String> {
        match &self.0 {
            Stmt::Sqlite(statement) => statement.expanded_sql(),
            Stmt::Postgres(statement) => statement.expanded_sql(),
        }
    }

    /// One of SQLite's counters for this statement; always 0 on PostgreSQL.
    pub fn get_status(&self, status: StatementStatus) -> i32 {
        match &self.0 {
            Stmt::Sqlite(statement) => statement.get_status(status),
            Stmt::Postgres(_) => 0,
        }
    }
}

/// The connection of an event.
pub struct ConnRef<'s>(Conn<'s>);

enum Conn<'s> {
    Sqlite(rusqlite::trace::ConnRef<'s>),
    Postgres { is_autocommit: bool, path: &'s str },
}

impl ConnRef<'_> {
    /// Whether no transaction is open.
    pub fn is_autocommit(&self) -> bool {
        match &self.0 {
            Conn::Sqlite(conn) => conn.is_autocommit(),
            Conn::Postgres { is_autocommit, .. } => *is_autocommit,
        }
    }

    /// What [`Connection::path`](crate::Connection::path) tells; empty for a database in memory.
    pub fn db_filename(&self) -> Option<&str> {
        match &self.0 {
            Conn::Sqlite(conn) => conn.db_filename(),
            Conn::Postgres { path, .. } => Some(path),
        }
    }
}

impl<'s> TraceEvent<'s> {
    /// `None` for what a later rusqlite adds.
    fn of(event: rusqlite::trace::TraceEvent<'s>) -> Option<TraceEvent<'s>> {
        use rusqlite::trace::TraceEvent::{Close, Profile, Row, Stmt};
        let statement = |statement| StmtRef(self::Stmt::Sqlite(statement));
        Some(match event {
            Stmt(of, text) => TraceEvent::Stmt(statement(of), text),
            Profile(of, duration) => TraceEvent::Profile(statement(of), duration),
            Row(of) => TraceEvent::Row(statement(of)),
            Close(conn) => TraceEvent::Close(ConnRef(Conn::Sqlite(conn))),
            _ => return None,
        })
    }
}

type SqliteTracer = fn(rusqlite::trace::TraceEvent<'_>);

/// The program's functions that SQLite's events go to. rusqlite takes a plain function, which knows no more than the event, so
/// each of the program's has one of ours that calls it.
static PLACES: [OnceLock<fn(TraceEvent<'_>)>; 16] = [const { OnceLock::new() }; 16];

const CALLS: [SqliteTracer; 16] = [
    call::<0>, call::<1>, call::<2>, call::<3>, call::<4>, call::<5>, call::<6>, call::<7>, call::<8>, call::<9>,
    call::<10>, call::<11>, call::<12>, call::<13>, call::<14>, call::<15>,
];

fn call<const PLACE: usize>(event: rusqlite::trace::TraceEvent<'_>) {
    if let (Some(tracer), Some(event)) = (PLACES[PLACE].get(), TraceEvent::of(event)) {
        tracer(event);
    }
}

/// The function to give to rusqlite; `None` when all places are other functions'.
pub(crate) fn for_sqlite(tracer: fn(TraceEvent<'_>)) -> Option<SqliteTracer> {
    let place = PLACES.iter().position(|place| std::ptr::fn_addr_eq(*place.get_or_init(|| tracer), tracer))?;
    Some(CALLS[place])
}
