//! A script as statements, one after the other.

use crate::backend::postgres;
use crate::connection::Inner as ConnectionInner;
use crate::fallible_iterator::FallibleIterator;
use crate::statement::Inner;
use crate::{Connection, Error, Result, Statement, ffi};
use std::fmt;

/// The statements of a script, each prepared when it is asked for, so that one may create what the next one uses.
///
/// # Examples
/// ```
/// use sqlift::{Batch, Connection, fallible_iterator::FallibleIterator};
///
/// let conn = Connection::open_in_memory()?;
/// let mut batch = Batch::new(&conn, "CREATE TABLE t (n); INSERT INTO t VALUES (1)");
/// while let Some(mut stmt) = batch.next()? {
///     stmt.execute([])?;
/// }
/// # Ok::<(), sqlift::Error>(())
/// ```
pub struct Batch<'conn, 'sql> {
    conn: &'conn Connection,
    inner: BatchInner<'conn, 'sql>,
}

enum BatchInner<'conn, 'sql> {
    Sqlite(rusqlite::Batch<'conn, 'sql>),
    Postgres { session: &'conn postgres::Session, sql: &'sql str, rest: crate::syntax::Statements<'sql> },
}

impl<'conn, 'sql> Batch<'conn, 'sql> {
    /// The statements of `sql`; nothing is prepared yet.
    pub fn new(conn: &'conn Connection, sql: &'sql str) -> Self {
        let inner = match &conn.inner {
            ConnectionInner::Sqlite(sqlite) => BatchInner::Sqlite(rusqlite::Batch::new(sqlite, sql)),
            ConnectionInner::Postgres(session) => {
                BatchInner::Postgres { session, sql, rest: crate::syntax::Statements::new(sql) }
            }
        };
        Batch { conn, inner }
    }
}

impl<'conn> FallibleIterator for Batch<'conn, '_> {
    type Item = Statement<'conn>;
    type Error = Error;

    fn next(&mut self) -> Result<Option<Statement<'conn>>> {
        let inner = match &mut self.inner {
            // rusqlite keeps the place of its statements to itself.
            BatchInner::Sqlite(batch) => batch.next()?.map(|statement| (Inner::Sqlite(statement), "")),
            BatchInner::Postgres { session, sql, rest } => match rest.next() {
                Some(span) => {
                    let span = span.map_err(|error| broken(sql, &error))?;
                    let statement = Box::new(session.prepare(span.text(sql))?);
                    Some((Inner::Postgres { session, statement }, span.text(sql)))
                }
                None => None,
            },
        };
        Ok(inner.map(|(inner, sql)| Statement::new(self.conn, inner, sql)))
    }
}

impl fmt::Debug for Batch<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("conn", self.conn).finish_non_exhaustive()
    }
}

/// SQLite's error for text that ends in the middle of a literal.
fn broken(sql: &str, error: &crate::syntax::Error) -> Error {
    Error::SqlInputError {
        error: ffi::Error::new(ffi::SQLITE_ERROR),
        msg: error.message().to_owned(),
        sql: sql.to_owned(),
        offset: i32::try_from(error.span().start).unwrap_or(-1),
    }
}
