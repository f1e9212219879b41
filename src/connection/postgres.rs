//! The way out on PostgreSQL: its own SQL, with the `postgres` crate's parameters and rows.

use super::{Connection, Inner};
use crate::Result;
use crate::backend::postgres::Session;
use postgres::types::ToSql;
use postgres::{Row, SimpleQueryMessage, Statement};
use std::fmt;
use std::io::{Read, Write};

/// PostgreSQL's own SQL on a [`Connection`]'s session, made by [`Connection::as_postgres`].
///
/// Placeholders are `$1`, parameters and rows are the [`postgres`] crate's, and nothing is translated: this is what a module ported to
/// PostgreSQL is written in. It shares the session and the transaction with the connection's other call sites, so a roll-back undoes both,
/// and a failed statement undoes only itself here too. Statements are prepared once per session and text.
///
/// Errors are the connection's own, with SQLite's codes and messages, so that both kinds of call sites handle them alike;
/// [`postgres_error`](crate::postgres_error) has the SQLSTATE.
///
/// # Examples
/// ```
/// use sqlift::{Connection, Result};
///
/// /// The labels of an offer, in PostgreSQL's array type where there is one.
/// fn labels(conn: &Connection, offer: i64) -> Result<Vec<String>> {
///     if let Some(postgres) = conn.as_postgres() {
///         let row = postgres.query_one("SELECT array_agg(label ORDER BY label) FROM labels WHERE offer = $1", &[&offer])?;
///         return Ok(row.get::<_, Option<Vec<String>>>(0).unwrap_or_default());
///     }
///     let mut stmt = conn.prepare("SELECT label FROM labels WHERE offer = ?1 ORDER BY label")?;
///     stmt.query_map([offer], |row| row.get(0))?.collect()
/// }
///
/// let conn = Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE labels (offer INTEGER, label TEXT); INSERT INTO labels VALUES (7, 'red'), (7, 'blue')")?;
/// assert_eq!(labels(&conn, 7)?, ["blue", "red"]);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Postgres<'conn> {
    session: &'conn Session,
}

impl Connection {
    /// PostgreSQL's own SQL with the [`postgres`] crate's types, in this session and transaction; `None` on SQLite.
    ///
    /// # Examples
    /// ```
    /// assert!(sqlift::Connection::open_sqlite(":memory:")?.as_postgres().is_none());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn as_postgres(&self) -> Option<Postgres<'_>> {
        match &self.inner {
            Inner::Sqlite(_) => None,
            Inner::Postgres(session) => Some(Postgres { session }),
        }
    }
}

impl Postgres<'_> {
    /// Runs one statement and returns how many rows it changed.
    ///
    /// `BEGIN`, `COMMIT`, `ROLLBACK` and savepoints work as they do elsewhere on the connection.
    ///
    /// # Errors
    /// As the server says; another number of parameters is [`Error::InvalidParameterCount`](crate::Error::InvalidParameterCount).
    pub fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        self.session.run_verbatim(sql, params).map(|answer| answer.changed)
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        self.session.run_verbatim(sql, params).map(|answer| answer.rows)
    }

    /// The one row of one statement.
    ///
    /// # Errors
    /// As [`execute`](Self::execute); [`Error::QueryReturnedNoRows`](crate::Error::QueryReturnedNoRows) and
    /// [`Error::QueryReturnedMoreThanOneRow`](crate::Error::QueryReturnedMoreThanOneRow).
    pub fn query_one(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Row> {
        self.query_opt(sql, params)?.ok_or(crate::Error::QueryReturnedNoRows)
    }

    /// The one row of one statement, if it gives any.
    ///
    /// # Errors
    /// As [`execute`](Self::execute); [`Error::QueryReturnedMoreThanOneRow`](crate::Error::QueryReturnedMoreThanOneRow).
    pub fn query_opt(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>> {
        let mut rows = self.query(sql, params)?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            _ => Err(crate::Error::QueryReturnedMoreThanOneRow),
        }
    }

    /// Prepares a statement and tells its parameters' and columns' types.
    ///
    /// # Errors
    /// As the server says.
    pub fn prepare(&self, sql: &str) -> Result<Statement> {
        self.session.prepare_verbatim(sql)
    }

    /// Runs a script; rows are not looked at. The script runs as one: an error undoes all of it.
    ///
    /// # Errors
    /// As the server says; a transaction command in it, which the session would not see.
    pub fn batch_execute(&self, sql: &str) -> Result<()> {
        self.session.run_simple(sql).map(|_| ())
    }

    /// As [`batch_execute`](Self::batch_execute), with the values of its rows as text.
    ///
    /// # Errors
    /// As [`batch_execute`](Self::batch_execute).
    pub fn simple_query(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>> {
        self.session.run_simple(sql)
    }

    /// Runs `COPY ... FROM STDIN` with what the reader gives, and returns the number of rows.
    ///
    /// # Errors
    /// As the server says, and what the reader reports (`SQLITE_IOERR`); in both cases nothing of it stays.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// if let Some(postgres) = conn.as_postgres() {
    ///     assert_eq!(postgres.copy_in("COPY tag FROM STDIN", "red\nblue\n".as_bytes())?, 2);
    /// }
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn copy_in(&self, sql: &str, reader: impl Read) -> Result<u64> {
        self.session.copy_in(sql, reader)
    }

    /// Runs `COPY ... TO STDOUT` into the writer, and returns the number of bytes.
    ///
    /// # Errors
    /// As the server says, and what the writer reports (`SQLITE_IOERR`).
    pub fn copy_out(&self, sql: &str, writer: impl Write) -> Result<u64> {
        self.session.copy_out(sql, writer)
    }
}

impl fmt::Debug for Postgres<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("url", &self.session.url_without_password()).finish()
    }
}
