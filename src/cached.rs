//! Statements that are kept for the next time they are needed.

use crate::backend::postgres;
use crate::connection::Inner as ConnectionInner;
use crate::statement::Inner;
use crate::{Connection, Result, Statement};
use std::ops::{Deref, DerefMut};

/// A statement that goes back into its connection's cache when dropped; made by [`Connection::prepare_cached`].
///
/// Used as the [`Statement`] it is.
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// for n in 0..3 {
///     // Prepared the first time, found in the cache after that.
///     let mut stmt = conn.prepare_cached("SELECT ?1 + 1")?;
///     assert_eq!(stmt.query_row([n], |row| row.get::<_, i64>(0))?, n + 1);
/// }
/// # Ok::<(), sqlift::Error>(())
/// ```
pub struct CachedStatement<'conn> {
    stmt: Statement<'conn>,
}

impl Connection {
    /// Takes a statement from the connection's cache or prepares it; blanks around it do not count.
    ///
    /// The cache keeps the statements used last. On PostgreSQL every prepared statement goes through the session's cache.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    #[inline]
    pub fn prepare_cached(&self, sql: &str) -> Result<CachedStatement<'_>> {
        let inner = match &self.inner {
            ConnectionInner::Sqlite(conn) => Inner::SqliteCached(conn.prepare_cached(sql)?),
            ConnectionInner::Postgres(session) => prepare_on_postgres(session, sql)?,
        };
        Ok(CachedStatement { stmt: Statement::new(self, inner, sql) })
    }

    /// How many statements the cache keeps: 16 on SQLite unless set; 0 keeps none.
    pub fn set_prepared_statement_cache_capacity(&self, capacity: usize) {
        match &self.inner {
            ConnectionInner::Sqlite(conn) => conn.set_prepared_statement_cache_capacity(capacity),
            ConnectionInner::Postgres(session) => session.set_statement_cache_capacity(capacity),
        }
    }

    /// Empties the cache.
    pub fn flush_prepared_statement_cache(&self) {
        match &self.inner {
            ConnectionInner::Sqlite(conn) => conn.flush_prepared_statement_cache(),
            ConnectionInner::Postgres(session) => session.flush_statement_cache(),
        }
    }
}

fn prepare_on_postgres<'conn>(session: &'conn postgres::Session, sql: &str) -> Result<Inner<'conn>> {
    Ok(Inner::Postgres { session, statement: Box::new(session.prepare(sql.trim())?) })
}

impl CachedStatement<'_> {
    /// Drops the statement without keeping it. On PostgreSQL the session may keep it all the same.
    #[inline]
    pub fn discard(self) {
        if let Inner::SqliteCached(statement) = self.stmt.inner {
            statement.discard();
        }
    }
}

impl<'conn> Deref for CachedStatement<'conn> {
    type Target = Statement<'conn>;

    #[inline]
    fn deref(&self) -> &Statement<'conn> {
        &self.stmt
    }
}

impl<'conn> DerefMut for CachedStatement<'conn> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Statement<'conn> {
        &mut self.stmt
    }
}
