//! What PostgreSQL itself said about a failure.
//!
//! The facade's errors are rusqlite's, with SQLite's codes and message texts, so that legacy code finds what it looks
//! for. The server's own words stay reachable through [`postgres_error`].

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Error;
use tokio_postgres::error::DbError;

/// The server's own report: SQLSTATE, message, and where it applies.
///
/// `message` and `detail` may contain values of the failing row; they appear nowhere else.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresError {
    /// Five characters, e.g. `23505`.
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub constraint: Option<String>,
    /// Byte offset into the caller's SQL.
    pub offset: Option<usize>,
}

impl PostgresError {
    pub(crate) fn of(db: &DbError, offset: Option<usize>) -> PostgresError {
        PostgresError {
            sqlstate: db.code().code().to_owned(),
            message: db.message().to_owned(),
            detail: db.detail().map(str::to_owned),
            hint: db.hint().map(str::to_owned),
            schema: db.schema().map(str::to_owned),
            table: db.table().map(str::to_owned),
            column: db.column().map(str::to_owned),
            constraint: db.constraint().map(str::to_owned),
            offset,
        }
    }
}

impl fmt::Debug for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages and details can hold values: they are there for who asks for the fields, not for logs.
        f.debug_struct("PostgresError")
            .field("sqlstate", &self.sqlstate)
            .field("table", &self.table)
            .field("column", &self.column)
            .field("constraint", &self.constraint)
            .finish_non_exhaustive()
    }
}

/// What PostgreSQL said behind an error of the facade, `None` for errors that did not come from a server.
///
/// Only the latest 64 errors of the process are remembered: ask while handling the error.
///
/// # Examples
/// ```
/// let sqlite = sqlift::Connection::open_sqlite(":memory:")?;
/// let error = sqlite.execute("INSERT INTO nowhere VALUES (1)", []).unwrap_err();
/// assert!(sqlift::postgres_error(&error).is_none());
/// # Ok::<(), sqlift::Error>(())
/// ```
pub fn postgres_error(error: &Error) -> Option<Arc<PostgresError>> {
    let key = key(error)?;
    let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    recent.iter().rev().find(|(known, _)| *known == key).map(|(_, report)| Arc::clone(report))
}

/// rusqlite's error has no free place for a source, so an error is recognised by its message's own allocation.
type Key = (usize, usize, i32);

const REMEMBERED: usize = 64;
static RECENT: Mutex<VecDeque<(Key, Arc<PostgresError>)>> = Mutex::new(VecDeque::new());

fn key(error: &Error) -> Option<Key> {
    let (code, message) = match error {
        Error::SqliteFailure(code, Some(message)) => (code, message),
        Error::SqlInputError { error: code, msg, .. } => (code, msg),
        _ => return None,
    };
    Some((message.as_ptr() as usize, message.len(), code.extended_code))
}

/// Keeps the report for [`postgres_error`].
pub(crate) fn remember(error: &Error, report: PostgresError) {
    if let Some(key) = key(error) {
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back((key, Arc::new(report)));
    }
}
