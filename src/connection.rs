//! A connection to either database, under rusqlite's name and with rusqlite's methods.
//!
//! On SQLite every call goes to rusqlite as it is. On PostgreSQL the session behind it translates the statement, runs it and gives
//! back what SQLite would have. Opening is in `open`, what the connection tells of itself in `info`, limits and switches in `settings`.

#[cfg(feature = "functions")]
mod functions;
#[cfg(feature = "hooks")]
mod hooks;
mod info;
mod native;
mod open;
mod postgres;
mod raw;
mod settings;
#[cfg(any(
    feature = "backup",
    feature = "blob",
    feature = "collation",
    feature = "hooks",
    feature = "serialize",
    feature = "vtab"
))]
mod sqlite_only;
#[cfg(feature = "trace")]
mod tracing;

pub use self::postgres::Postgres;
pub use info::InterruptHandle;
pub(crate) use info::misuse;
pub use native::Native;

use crate::backend::postgres as backend;
use crate::fallible_iterator::FallibleIterator;
use crate::observe::{self, Watch};
use crate::statement::Inner as StatementInner;
use crate::trace::Tracing;
use crate::{Batch, Error, Params, PrepFlags, Result, Row, Statement, TransactionBehavior};
use std::fmt;

/// A connection to SQLite or PostgreSQL.
///
/// May be sent to another thread, not shared between threads; a pool hands out one per thread.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<sqlift::Connection>();
/// ```
///
/// # Examples
/// ```
/// use sqlift::{Connection, params};
///
/// let conn = Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")?;
/// conn.execute("INSERT INTO person (name) VALUES (?1)", params!["Ada"])?;
/// let name: String = conn.query_row("SELECT name FROM person WHERE id = ?1", [1], |row| row.get(0))?;
/// assert_eq!(name, "Ada");
/// # Ok::<(), sqlift::Error>(())
/// ```
pub struct Connection {
    pub(crate) inner: Inner,
    pub(crate) transaction_behavior: TransactionBehavior,
    /// Of a connection to PostgreSQL; SQLite knows its own.
    pub(crate) tracing: Tracing,
}

pub(crate) enum Inner {
    Sqlite(rusqlite::Connection),
    Postgres(Box<backend::Session>),
}

impl Connection {
    /// Runs the statements of a script one after the other, each by itself; rows are not looked at.
    ///
    /// # Errors
    /// The first statement that fails ends it; what the ones before it did stays.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("BEGIN; CREATE TABLE tag (name TEXT); INSERT INTO tag VALUES ('red'); COMMIT")?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        let mut watch = Watch::script(self.backend(), sql);
        let result = watch.time(|| match &self.inner {
            Inner::Sqlite(conn) => conn.execute_batch(sql),
            Inner::Postgres(_) if self.tracing.is_on() => self.execute_each(sql),
            Inner::Postgres(session) => session.execute_batch(sql),
        });
        result.inspect_err(|error| watch.failed(error))
    }

    /// A script on PostgreSQL whose statements are told one by one.
    #[cold]
    fn execute_each(&self, sql: &str) -> Result<()> {
        let mut batch = Batch::new(self, sql);
        while let Some(mut statement) = batch.next()? {
            // As rusqlite steps it.
            statement.raw_query().next()?;
        }
        Ok(())
    }

    /// Prepares and runs one statement, and returns how many rows it changed; see [`Statement::execute`].
    ///
    /// # Errors
    /// Those of [`prepare`](Self::prepare) and [`Statement::execute`].
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// assert_eq!(conn.execute("INSERT INTO tag VALUES (?1), (?2)", ("red", "blue"))?, 2);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute<P: Params>(&self, sql: &str, params: P) -> Result<usize> {
        self.prepare(sql)?.execute(params)
    }

    /// Prepares a statement and turns its first row into a value with `f`; see [`Statement::query_row`].
    ///
    /// # Errors
    /// [`Error::QueryReturnedNoRows`], what `f` returns, and what the database reports.
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Connection, OptionalExtension};
    ///
    /// let conn = Connection::open_in_memory()?;
    /// let none = conn.query_row("SELECT 1 WHERE 0", [], |row| row.get::<_, i64>(0)).optional()?;
    /// assert_eq!(none, None);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_row<T, P, F>(&self, sql: &str, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        self.prepare(sql)?.query_row(params, f)
    }

    /// As [`query_row`](Self::query_row), and a second row is an error.
    ///
    /// # Errors
    /// [`Error::QueryReturnedMoreThanOneRow`], otherwise as [`query_row`](Self::query_row).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.query_one("SELECT 1", [], |row| row.get::<_, i64>(0))?, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_one<T, P, F>(&self, sql: &str, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        self.prepare(sql)?.query_one(params, f)
    }

    /// As [`query_row`](Self::query_row), for an `f` with an error type of its own.
    ///
    /// # Errors
    /// As [`query_row`](Self::query_row), in that type.
    ///
    /// # Examples
    /// ```
    /// fn port(conn: &sqlift::Connection) -> Result<u16, Box<dyn std::error::Error>> {
    ///     conn.query_row_and_then("SELECT '5432'", [], |row| Ok(row.get::<_, String>(0)?.parse()?))
    /// }
    /// assert_eq!(port(&sqlift::Connection::open_in_memory()?)?, 5432);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_row_and_then<T, E, P, F>(&self, sql: &str, params: P, f: F) -> Result<T, E>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let mut stmt = self.prepare(sql)?;
        let mut rows = stmt.query(params)?;
        rows.first().map_err(E::from).and_then(f)
    }

    /// Prepares one statement.
    ///
    /// Text that holds no statement gives a statement without columns, which cannot be run.
    ///
    /// # Errors
    /// [`Error::MultipleStatement`] for more than one; [`Error::SqlInputError`] with the place for what is no valid SQL.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT ?1 * 2")?;
    /// assert_eq!(stmt.query_row([21], |row| row.get::<_, i64>(0))?, 42);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>> {
        self.prepare_with_flags(sql, PrepFlags::default())
    }

    /// As [`prepare`](Self::prepare), with hints to SQLite; PostgreSQL needs none.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    #[inline]
    pub fn prepare_with_flags(&self, sql: &str, flags: PrepFlags) -> Result<Statement<'_>> {
        let inner = match &self.inner {
            Inner::Sqlite(conn) => conn.prepare_with_flags(sql, flags).map(StatementInner::Sqlite),
            Inner::Postgres(session) => session
                .prepare(sql)
                .map(|statement| StatementInner::Postgres { session, statement: Box::new(statement) }),
        };
        let inner = inner.inspect_err(|error| observe::refused(self.backend(), error))?;
        Ok(Statement::new(self, inner, sql))
    }

    /// Closes the connection, which dropping it also does, and tells whether that went well.
    ///
    /// # Errors
    /// The connection comes back with the error.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.close().map_err(|(_conn, error)| error)?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[expect(clippy::result_large_err)] // The signature is rusqlite's.
    pub fn close(self) -> Result<(), (Self, Error)> {
        let Connection { inner, transaction_behavior, tracing } = self;
        match inner {
            Inner::Sqlite(conn) => conn.close().map_err(|(conn, error)| (Inner::Sqlite(conn), error)),
            Inner::Postgres(session) => session.close().map_err(|(session, error)| (Inner::Postgres(session), error)),
        }
        .map_err(|(inner, error)| (Connection { inner, transaction_behavior, tracing }, error))
    }

    /// The rowid of the last row inserted through this connection, 0 when there was none.
    ///
    /// On PostgreSQL that is the table's integer key. A trigger's inserts do not show.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)")?;
    /// conn.execute("INSERT INTO tag (name) VALUES (?)", ["red"])?;
    /// assert_eq!(conn.last_insert_rowid(), 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn last_insert_rowid(&self) -> i64 {
        match &self.inner {
            Inner::Sqlite(conn) => conn.last_insert_rowid(),
            Inner::Postgres(session) => session.last_insert_rowid(),
        }
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed, without its triggers' changes.
    #[inline]
    pub fn changes(&self) -> u64 {
        match &self.inner {
            Inner::Sqlite(conn) => conn.changes(),
            Inner::Postgres(session) => session.changes(),
        }
    }

    /// How many rows all statements of this connection changed.
    ///
    /// What triggers changed is counted as well. SQLite also counts what foreign keys' actions changed; PostgreSQL does not
    /// tell.
    #[inline]
    pub fn total_changes(&self) -> u64 {
        match &self.inner {
            Inner::Sqlite(conn) => conn.total_changes(),
            Inner::Postgres(session) => session.total_changes(),
        }
    }

    /// Whether no transaction is open, so that each statement commits by itself.
    ///
    /// # Examples
    /// ```
    /// let mut conn = sqlift::Connection::open_in_memory()?;
    /// assert!(conn.is_autocommit());
    /// let tx = conn.transaction()?;
    /// assert!(!tx.is_autocommit());
    /// # drop(tx);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn is_autocommit(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(conn) => conn.is_autocommit(),
            Inner::Postgres(session) => session.is_autocommit(),
        }
    }

    /// Whether a statement is running whose rows were not read to the end.
    #[inline]
    pub fn is_busy(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(conn) => conn.is_busy(),
            Inner::Postgres(session) => session.is_busy(),
        }
    }
}

impl Connection {
    /// Whether the server has not hung up, as far as the socket tells without waiting; always true on SQLite.
    ///
    /// For pools of one's own: no query is sent.
    ///
    /// # Examples
    /// ```
    /// assert!(sqlift::Connection::open_in_memory()?.is_alive());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn is_alive(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(_) => true,
            Inner::Postgres(session) => session.is_alive(),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("path", &self.path()).finish()
    }
}

/// What SQLite has and PostgreSQL has not is refused, never passed over.
#[cold]
pub(crate) fn not_on_postgres(what: &str, instead: &str) -> Error {
    let message = format!("{what} is not available on PostgreSQL; {instead}");
    Error::SqliteFailure(crate::ffi::Error::new(crate::ffi::SQLITE_ERROR), Some(message))
}
