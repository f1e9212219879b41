//! The backend's own SQL, untranslated.

use super::{Connection, Inner};
use crate::observe::Watch;
use crate::statement::Inner as StatementInner;
use crate::translate::{self, Catalog, Translation};
use crate::{Params, Result, Row, Statement};
use std::sync::Arc;

/// Runs the backend's own SQL on a connection, in its session and transaction; made by [`Connection::native`].
///
/// On PostgreSQL the text goes to the server as it is, except that `?` placeholders are numbered (`??` is a literal `?`).
/// On SQLite nothing is translated anyway.
///
/// # Examples
/// ```
/// use sqlift::{Backend, Connection};
///
/// fn size(conn: &Connection) -> sqlift::Result<i64> {
///     let sql = match conn.backend() {
///         Backend::Sqlite => "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
///         Backend::Postgres => "SELECT pg_database_size(current_database())",
///     };
///     conn.native().query_row(sql, [], |row| row.get(0))
/// }
/// # assert_eq!(size(&Connection::open_in_memory()?)?, 0);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Native<'conn> {
    conn: &'conn Connection,
}

impl Connection {
    /// The way to run the backend's own SQL; see [`Native`].
    pub fn native(&self) -> Native<'_> {
        Native { conn: self }
    }
}

impl Connection {
    /// Makes sure that sqlift's own functions (schema `sqlift`) are in the PostgreSQL database, and gives their version.
    ///
    /// Sessions do this by themselves at the first statement that needs them; a role without the right to create schemas
    /// needs somebody with that right to do it once. `None` on SQLite, which needs nothing.
    ///
    /// # Errors
    /// The role may not create the schema; the connection is lost.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.install_compat()?, None);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn install_compat(&self) -> Result<Option<i32>> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(None),
            Inner::Postgres(session) => session.install_compat().map(Some),
        }
    }
}

impl Connection {
    /// What the server would get for a statement of SQLite's SQL, without running it; `None` on SQLite, which gets the text as it is.
    ///
    /// # Errors
    /// As [`Connection::prepare`]: what cannot be translated is refused with its place.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_sqlite(":memory:")?;
    /// assert!(conn.translate("SELECT 1")?.is_none());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn translate(&self, sql: &str) -> Result<Option<Arc<Translation>>> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(None),
            Inner::Postgres(session) => session.translate(sql).map(Some),
        }
    }

    /// The tables as the translator sees them: on PostgreSQL those that bare names mean, on SQLite what its own would be
    /// there, with `options` saying what their declared types become.
    ///
    /// # Errors
    /// What the database reports.
    ///
    /// # Examples
    /// ```
    /// use sqlift::translate::{Options, translate};
    ///
    /// let conn = sqlift::Connection::open_sqlite(":memory:")?;
    /// conn.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")?;
    /// let options = Options::default();
    /// let translation = translate("SELECT * FROM t WHERE name LIKE 'a%'", &conn.catalog(&options)?, &options).unwrap();
    /// assert_eq!(translation.sql, "SELECT * FROM t WHERE name ILIKE 'a%' ESCAPE ''");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn catalog(&self, options: &translate::Options) -> Result<Catalog> {
        let conn = match &self.inner {
            Inner::Sqlite(conn) => conn,
            Inner::Postgres(session) => return session.catalog(),
        };
        let mut catalog = Catalog::default();
        // What a virtual table keeps its rows in is SQLite's own affair.
        let mut statement = conn.prepare(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL \
             AND name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') ORDER BY rowid",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            translate::offline::apply_as(&mut catalog, row.get_ref(0)?.as_str()?, options.types);
        }
        Ok(catalog)
    }
}

impl<'conn> Native<'conn> {
    /// Prepares one statement of the backend's own SQL.
    ///
    /// # Errors
    /// As [`Connection::prepare`].
    pub fn prepare(&self, sql: &str) -> Result<Statement<'conn>> {
        match &self.conn.inner {
            Inner::Sqlite(_) => self.conn.prepare(sql),
            Inner::Postgres(session) => {
                let statement = Box::new(session.prepare_native(sql)?);
                Ok(Statement::new(self.conn, StatementInner::Postgres { session, statement }, sql))
            }
        }
    }

    /// Runs one statement and returns how many rows it changed.
    ///
    /// # Errors
    /// As [`Connection::execute`].
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute<P: Params>(&self, sql: &str, params: P) -> Result<usize> {
        self.prepare(sql)?.execute(params)
    }

    /// Turns the first row of one statement into a value with `f`.
    ///
    /// # Errors
    /// As [`Connection::query_row`].
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_row<T, P, F>(&self, sql: &str, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        self.prepare(sql)?.query_row(params, f)
    }

    /// Runs a script; rows are not looked at.
    ///
    /// # Errors
    /// The first statement that fails ends it.
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        let mut watch = Watch::script(self.conn.backend(), sql);
        let result = watch.time(|| match &self.conn.inner {
            Inner::Sqlite(conn) => conn.execute_batch(sql),
            Inner::Postgres(session) => session.native_batch(sql),
        });
        result.inspect_err(|error| watch.failed(error))
    }
}
