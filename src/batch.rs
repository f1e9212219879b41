//! A script as statements, one after the other.

use crate::backend::postgres;
use crate::connection::Inner as ConnectionInner;
use crate::fallible_iterator::FallibleIterator;
use crate::statement::Inner;
use crate::{Connection, Error, Result, Statement};
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
    Postgres { session: &'conn postgres::Session, sql: &'sql str, from: usize },
}

impl<'conn, 'sql> Batch<'conn, 'sql> {
    /// The statements of `sql`; nothing is prepared yet.
    pub fn new(conn: &'conn Connection, sql: &'sql str) -> Self {
        let inner = match &conn.inner {
            ConnectionInner::Sqlite(sqlite) => BatchInner::Sqlite(rusqlite::Batch::new(sqlite, sql)),
            ConnectionInner::Postgres(session) => BatchInner::Postgres { session, sql, from: 0 },
        };
        Batch { conn, inner }
    }
}

impl<'conn> FallibleIterator for Batch<'conn, '_> {
    type Item = Statement<'conn>;
    type Error = Error;

    fn next(&mut self) -> Result<Option<Statement<'conn>>> {
        let conn = self.conn;
        match &mut self.inner {
            // rusqlite keeps the place of its statements to itself.
            BatchInner::Sqlite(batch) => {
                Ok(batch.next()?.map(|statement| Statement::new(conn, Inner::Sqlite(statement), "")))
            }
            BatchInner::Postgres { session, sql, from } => {
                // Behind one that cannot be prepared it does not go on: the next call fails at the same place.
                let Some((statement, tail)) = session.prepare_next(sql, *from)? else { return Ok(None) };
                *from = tail;
                let text = statement.sql().to_owned();
                Ok(Some(Statement::new(conn, Inner::Postgres { session, statement: Box::new(statement) }, &text)))
            }
        }
    }
}

impl fmt::Debug for Batch<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("conn", self.conn).finish_non_exhaustive()
    }
}
