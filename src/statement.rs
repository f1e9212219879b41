//! A prepared statement, on either backend.

use crate::backend::postgres;
use crate::observe;
use crate::params::BindIndex;
use crate::trace::{Run, Tracing};
use crate::{AndThenRows, Connection, Error, MappedRows, Params, Result, Row, Rows, StatementStatus, ToSql};
use std::fmt;

/// A prepared statement, with the values bound to its placeholders.
///
/// Made by [`Connection::prepare`] and [`Connection::prepare_cached`]. Values stay bound from one run to the next until they are
/// bound anew or cleared. It stays on its connection's thread:
///
/// ```compile_fail,E0277
/// fn sent<T: Send>() {}
/// sent::<sqlift::Statement<'static>>();
/// ```
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
/// let mut insert = conn.prepare("INSERT INTO tag (name) VALUES (?1)")?;
/// for name in ["red", "blue"] {
///     insert.execute([name])?;
/// }
/// assert_eq!(conn.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0))?, 2);
/// # Ok::<(), sqlift::Error>(())
/// ```
pub struct Statement<'conn> {
    conn: &'conn Connection,
    pub(crate) inner: Inner<'conn>,
    text: observe::Text,
}

// The two "running" forms exist because a row offers its statement (`AsRef<Statement> for Row`) while that statement lends
// itself to the running result: the row's statement is the running result, seen as a statement. So nothing points into itself.
pub(crate) enum Inner<'conn> {
    Sqlite(rusqlite::Statement<'conn>),
    #[cfg(feature = "cache")]
    SqliteCached(rusqlite::CachedStatement<'conn>),
    SqliteRunning(rusqlite::Rows<'conn>),
    Postgres {
        session: &'conn postgres::Session,
        statement: Box<postgres::Statement>,
    },
    PostgresRunning(Box<postgres::Rows<'conn>>),
}

/// What a statement's `&self` methods ask: the backend's own statement.
pub(crate) enum Prepared<'a> {
    Sqlite(&'a rusqlite::Statement<'a>),
    Postgres(&'a postgres::Statement),
}

impl<'conn> Statement<'conn> {
    /// The bound values, for the same statement on another connection; `None` on SQLite.
    pub(crate) fn take_bindings(&mut self) -> Option<postgres::Bindings> {
        match &mut self.inner {
            Inner::Postgres { statement, .. } => Some(statement.take_bindings()),
            _ => None,
        }
    }

    /// Takes over the values that the same statement had on another connection.
    pub(crate) fn put_bindings(&mut self, bindings: postgres::Bindings) {
        if let Inner::Postgres { statement, .. } = &mut self.inner {
            statement.put_bindings(bindings);
        }
    }

    #[inline]
    pub(crate) fn new(conn: &'conn Connection, inner: Inner<'conn>, sql: &str) -> Self {
        Statement { conn, inner, text: observe::Text::of(sql) }
    }

    /// The session of a statement on PostgreSQL.
    #[cfg(any(feature = "column_decltype", feature = "column_metadata"))]
    pub(crate) fn session(&self) -> &'conn postgres::Session {
        match &self.conn.inner {
            crate::connection::Inner::Postgres(session) => session,
            crate::connection::Inner::Sqlite(_) => unreachable!("a statement is of its connection's backend"),
        }
    }

    #[inline]
    pub(crate) fn tracing(&self) -> &'conn Tracing {
        &self.conn.tracing
    }

    /// Tells that its run is over, if it was told that it began.
    #[inline]
    pub(crate) fn end_run(&self, run: &mut Run) {
        if let Inner::PostgresRunning(rows) = &self.inner {
            self.tracing().end(run, rows.statement(), self.conn.is_autocommit());
        }
    }

    #[inline]
    pub(crate) fn prepared(&self) -> Prepared<'_> {
        match &self.inner {
            Inner::Sqlite(statement) => Prepared::Sqlite(statement),
            #[cfg(feature = "cache")]
            Inner::SqliteCached(statement) => Prepared::Sqlite(statement),
            Inner::SqliteRunning(rows) => {
                Prepared::Sqlite(rows.as_ref().expect("a row is only handed out while its statement runs"))
            }
            Inner::Postgres { statement, .. } => Prepared::Postgres(statement),
            Inner::PostgresRunning(rows) => Prepared::Postgres(rows.statement()),
        }
    }

    #[inline]
    pub(crate) fn bind_parameter<T: ToSql + ?Sized>(&mut self, number: usize, value: &T) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(statement) => statement.raw_bind_parameter(number, value),
            #[cfg(feature = "cache")]
            Inner::SqliteCached(statement) => statement.raw_bind_parameter(number, value),
            Inner::Postgres { session, statement } => statement.bind(session, number, value),
            Inner::SqliteRunning(_) | Inner::PostgresRunning(_) => lent(),
        }
    }
}

impl Statement<'_> {
    /// Runs the statement with these parameters and returns how many rows it changed.
    ///
    /// As in SQLite, a statement that is no INSERT, UPDATE or DELETE returns the number of the one before.
    ///
    /// # Errors
    /// [`Error::ExecuteReturnedResults`] when a row comes back (an `INSERT ... RETURNING` has then happened), the errors of
    /// [`Params`], and whatever the database reports.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)")?;
    /// assert_eq!(conn.prepare("DELETE FROM t WHERE n > ?")?.execute([1])?, 2);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute<P: Params>(&mut self, params: P) -> Result<usize> {
        params.__bind_in(self)?;
        self.raw_execute()
    }

    /// Runs an INSERT of one row and returns its rowid.
    ///
    /// # Errors
    /// [`Error::StatementChangedRows`] when not exactly one row was inserted, otherwise as [`execute`](Self::execute).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)")?;
    /// assert_eq!(conn.prepare("INSERT INTO tag (name) VALUES (?)")?.insert(["red"])?, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn insert<P: Params>(&mut self, params: P) -> Result<i64> {
        match self.execute(params)? {
            1 => Ok(self.conn.last_insert_rowid()),
            changes => Err(Error::StatementChangedRows(changes)),
        }
    }

    /// Starts the statement and returns its rows, which come one by one from [`Rows::next`].
    ///
    /// # Errors
    /// Only those of [`Params`]; what goes wrong while running appears at the first [`Rows::next`].
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT ?")?;
    /// let mut rows = stmt.query([2])?;
    /// let mut sum = 0;
    /// while let Some(row) = rows.next()? {
    ///     sum += row.get::<_, i64>(0)?;
    /// }
    /// assert_eq!(sum, 3);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query<P: Params>(&mut self, params: P) -> Result<Rows<'_>> {
        params.__bind_in(self)?;
        Ok(self.raw_query())
    }

    /// Starts the statement and returns an iterator that turns each row into a value with `f`.
    ///
    /// # Errors
    /// Those of [`Params`]; the iterator's items carry the rest.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT 2")?;
    /// let numbers: Vec<i64> = stmt.query_map([], |row| row.get(0))?.collect::<sqlift::Result<_>>()?;
    /// assert_eq!(numbers, [1, 2]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_map<T, P, F>(&mut self, params: P, f: F) -> Result<MappedRows<'_, F>>
    where
        P: Params,
        F: FnMut(&Row<'_>) -> Result<T>,
    {
        Ok(self.query(params)?.mapped(f))
    }

    /// As [`query_map`](Self::query_map), for an `f` with an error type of its own.
    ///
    /// # Errors
    /// Those of [`Params`]; the iterator's items carry the rest.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT '17'")?;
    /// let numbers = stmt.query_and_then([], |row| -> Result<i64, Box<dyn std::error::Error>> {
    ///     Ok(row.get::<_, String>(0)?.parse()?)
    /// })?;
    /// assert_eq!(numbers.map(|n| n.unwrap()).sum::<i64>(), 17);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_and_then<T, E, P, F>(&mut self, params: P, f: F) -> Result<AndThenRows<'_, F>>
    where
        P: Params,
        E: From<Error>,
        F: FnMut(&Row<'_>) -> Result<T, E>,
    {
        Ok(self.query(params)?.and_then(f))
    }

    /// Whether the statement returns at least one row.
    ///
    /// # Errors
    /// As [`query`](Self::query) and the first [`Rows::next`].
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert!(!conn.prepare("SELECT 1 WHERE ? > 5")?.exists([3])?);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn exists<P: Params>(&mut self, params: P) -> Result<bool> {
        Ok(self.query(params)?.next()?.is_some())
    }

    /// Turns the first row into a value with `f`; further rows are not looked at.
    ///
    /// # Errors
    /// [`Error::QueryReturnedNoRows`] (see [`OptionalExtension`](crate::OptionalExtension)), what `f` returns, and as [`query`](Self::query).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.prepare("SELECT ? || '!'")?.query_row(["hey"], |row| row.get::<_, String>(0))?, "hey!");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_row<T, P, F>(&mut self, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        self.query(params)?.first().and_then(f)
    }

    /// As [`query_row`](Self::query_row), and a second row is an error.
    ///
    /// # Errors
    /// [`Error::QueryReturnedMoreThanOneRow`], otherwise as [`query_row`](Self::query_row).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let two = conn.prepare("SELECT 1 UNION ALL SELECT 2")?.query_one([], |row| row.get::<_, i64>(0));
    /// assert_eq!(two, Err(sqlift::Error::QueryReturnedMoreThanOneRow));
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_one<T, P, F>(&mut self, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        let mut rows = self.query(params)?;
        let value = rows.first().and_then(f)?;
        if rows.next()?.is_some() { Err(Error::QueryReturnedMoreThanOneRow) } else { Ok(value) }
    }

    /// Ends the statement, reporting an error its last run left behind.
    ///
    /// # Errors
    /// On SQLite what `sqlite3_finalize` reports; none on PostgreSQL.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.prepare("SELECT 1")?.finalize()?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn finalize(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(statement) => statement.finalize(),
            _ => Ok(()),
        }
    }

    /// The number of the placeholder with this name, which includes its prefix character.
    ///
    /// # Errors
    /// None today; the signature is rusqlite's.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let stmt = conn.prepare("SELECT :a, @b")?;
    /// assert_eq!(stmt.parameter_index("@b")?, Some(2));
    /// assert_eq!(stmt.parameter_index(":b")?, None);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn parameter_index(&self, name: &str) -> Result<Option<usize>> {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.parameter_index(name),
            Prepared::Postgres(statement) => Ok(statement.parameter_index(name)),
        }
    }

    /// The name of a placeholder, with its prefix character; `None` for a bare `?` and beyond the last one.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.prepare("SELECT :a")?.parameter_name(1), Some(":a"));
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn parameter_name(&self, index: usize) -> Option<&'_ str> {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.parameter_name(index),
            Prepared::Postgres(statement) => statement.parameter_name(index),
        }
    }

    /// The largest placeholder number; numbers nobody uses count.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.prepare("SELECT ?5")?.parameter_count(), 5);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn parameter_count(&self) -> usize {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.parameter_count(),
            Prepared::Postgres(statement) => statement.parameter_count(),
        }
    }

    /// Binds one value, to be run with [`raw_execute`](Self::raw_execute) or [`raw_query`](Self::raw_query).
    ///
    /// # Errors
    /// [`Error::InvalidParameterName`]; a number out of range is `SQLITE_RANGE`.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT ?1")?;
    /// stmt.raw_bind_parameter(1, "x")?;
    /// assert_eq!(stmt.raw_query().next()?.unwrap().get::<_, String>(0)?, "x");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn raw_bind_parameter<I: BindIndex, T: ToSql>(&mut self, one_based_index: I, param: T) -> Result<()> {
        let number = one_based_index.idx(self)?;
        self.bind_parameter(number, &param)
    }

    /// As [`execute`](Self::execute), with the values already bound.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn raw_execute(&mut self) -> Result<usize> {
        let mut watch = observe::Watch::of(self);
        let result = watch.time(|| match &mut self.inner {
            Inner::Sqlite(statement) => statement.raw_execute(),
            #[cfg(feature = "cache")]
            Inner::SqliteCached(statement) => statement.raw_execute(),
            Inner::Postgres { session, statement } => {
                let (tracing, mut run) = (&self.conn.tracing, Run::default());
                tracing.begin(&mut run, statement);
                let result = statement.execute(session);
                if matches!(result, Err(Error::ExecuteReturnedResults)) {
                    tracing.row(&run, statement);
                }
                tracing.end(&mut run, statement, session.is_autocommit());
                result
            }
            Inner::SqliteRunning(_) | Inner::PostgresRunning(_) => lent(),
        });
        match &result {
            Ok(rows) => watch.changed(*rows),
            Err(error) => watch.failed(error),
        }
        result
    }

    /// As [`query`](Self::query), with the values already bound.
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn raw_query(&mut self) -> Rows<'_> {
        let (watch, text) = (observe::Watch::of(self), self.text.again());
        let running = match &mut self.inner {
            Inner::Sqlite(statement) => Inner::SqliteRunning(statement.raw_query()),
            #[cfg(feature = "cache")]
            Inner::SqliteCached(statement) => Inner::SqliteRunning(statement.raw_query()),
            Inner::Postgres { session, statement } => Inner::PostgresRunning(Box::new(statement.query(session))),
            Inner::SqliteRunning(_) | Inner::PostgresRunning(_) => lent(),
        };
        Rows::new(Statement { conn: self.conn, inner: running, text }, watch)
    }

    /// Sets all parameters back to NULL.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT ?1 IS NULL")?;
    /// stmt.raw_bind_parameter(1, 5)?;
    /// stmt.clear_bindings();
    /// assert!(stmt.raw_query().next()?.unwrap().get::<_, bool>(0)?);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn clear_bindings(&mut self) {
        match &mut self.inner {
            Inner::Sqlite(statement) => statement.clear_bindings(),
            #[cfg(feature = "cache")]
            Inner::SqliteCached(statement) => statement.clear_bindings(),
            Inner::Postgres { statement, .. } => statement.clear_bindings(),
            Inner::SqliteRunning(_) | Inner::PostgresRunning(_) => lent(),
        }
    }

    /// The caller's text with the bound values written into it, for logs.
    pub fn expanded_sql(&self) -> Option<String> {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.expanded_sql(),
            Prepared::Postgres(statement) => statement.expanded_sql(),
        }
    }

    /// One of SQLite's counters for this statement; always 0 on PostgreSQL.
    pub fn get_status(&self, status: StatementStatus) -> i32 {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.get_status(status),
            Prepared::Postgres(_) => 0,
        }
    }

    /// As [`get_status`](Self::get_status), and sets the counter back to 0.
    pub fn reset_status(&self, status: StatementStatus) -> i32 {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.reset_status(status),
            Prepared::Postgres(_) => 0,
        }
    }

    /// 1 for EXPLAIN, 2 for EXPLAIN QUERY PLAN, otherwise 0.
    pub fn is_explain(&self) -> i32 {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.is_explain(),
            Prepared::Postgres(statement) => statement.is_explain(),
        }
    }

    /// Whether the statement leaves the database as it is.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert!(conn.prepare("SELECT 1")?.readonly());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn readonly(&self) -> bool {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.readonly(),
            Prepared::Postgres(statement) => statement.is_read_only(),
        }
    }
}

/// What a watch asks.
#[cfg(any(feature = "tracing", feature = "metrics"))]
impl Statement<'_> {
    pub(crate) fn connection(&self) -> &Connection {
        self.conn
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn text(&self) -> &observe::Text {
        &self.text
    }

    /// The translator's rules that fired, none on SQLite.
    #[cfg(feature = "tracing")]
    pub(crate) fn rules(&self) -> crate::translate::rules::Fired {
        match self.prepared() {
            Prepared::Sqlite(_) => crate::translate::rules::Fired::default(),
            Prepared::Postgres(statement) => statement.rules(),
        }
    }
}

impl fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.fmt(f),
            Prepared::Postgres(statement) => {
                f.debug_struct("Statement").field("conn", self.conn).field("sql", &statement.sql()).finish()
            }
        }
    }
}

/// A running result is only ever lent out as `&Statement`, so nothing can be asked of it that needs `&mut`.
#[cold]
fn lent() -> ! {
    unreachable!("a row's statement is only ever shared")
}
