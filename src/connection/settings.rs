//! Limits, switches and timeouts.

use super::{Connection, Inner};
use crate::Result;
use std::time::Duration;

impl Connection {
    /// How long a statement waits for a lock before it fails with `SQLITE_BUSY`.
    ///
    /// # Errors
    /// What the database reports.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.busy_timeout(std::time::Duration::from_secs(5))?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn busy_timeout(&self, timeout: Duration) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.busy_timeout(timeout),
            Inner::Postgres(session) => session.set_busy_timeout(timeout),
        }
    }

    /// Calls a function each time a lock is not free, as long as it returns true; `None` fails at once.
    ///
    /// Takes the place of [`busy_timeout`](Self::busy_timeout). On PostgreSQL it is also called when a statement that runs by
    /// itself met another transaction's writes, and is run again.
    ///
    /// # Errors
    /// What the database reports.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.busy_handler(Some(|calls| {
    ///     std::thread::sleep(std::time::Duration::from_millis(10));
    ///     calls < 100
    /// }))?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn busy_handler(&self, callback: Option<fn(i32) -> bool>) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.busy_handler(callback),
            Inner::Postgres(session) => session.set_busy_handler(callback),
        }
    }

    /// One of SQLite's switches. PostgreSQL enforces foreign keys and runs triggers and views always.
    ///
    /// # Errors
    /// On PostgreSQL a switch that has no counterpart.
    pub fn db_config(&self, config: rusqlite::config::DbConfig) -> Result<bool> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.db_config(config),
            Inner::Postgres(_) if always_on(config) => Ok(true),
            Inner::Postgres(_) => {
                Err(super::not_on_postgres("this DbConfig", "leave it alone when backend() is Postgres"))
            }
        }
    }

    /// Sets one of SQLite's switches and returns its value.
    ///
    /// # Errors
    /// On PostgreSQL a switch that has no counterpart, and turning one off that is always on.
    pub fn set_db_config(&self, config: rusqlite::config::DbConfig, new_val: bool) -> Result<bool> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.set_db_config(config, new_val),
            Inner::Postgres(_) if always_on(config) && new_val => Ok(true),
            Inner::Postgres(_) => {
                Err(super::not_on_postgres("this DbConfig", "leave it alone when backend() is Postgres"))
            }
        }
    }
}

fn always_on(config: rusqlite::config::DbConfig) -> bool {
    use rusqlite::config::DbConfig::{
        SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
    };
    matches!(config, SQLITE_DBCONFIG_ENABLE_FKEY | SQLITE_DBCONFIG_ENABLE_TRIGGER | SQLITE_DBCONFIG_ENABLE_VIEW)
}

#[cfg(feature = "limits")]
mod limits {
    use super::{Connection, Inner, Result};
    use crate::limits::Limit;

    impl Connection {
        /// The largest size, number or depth of something.
        ///
        /// On PostgreSQL as on SQLite, but for its own 1,600 columns and values of 1 GiB - 1.
        ///
        /// # Errors
        /// A limit that the SQLite library does not know.
        pub fn limit(&self, limit: Limit) -> Result<i32> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.limit(limit),
                Inner::Postgres(session) => session.limit(limit),
            }
        }

        /// Sets a limit and returns what it was; a value beyond the largest possible one means that one.
        ///
        /// On PostgreSQL a lower limit is held with SQLite's own errors: the texts of statements
        /// (`SQL_LENGTH`, `COLUMN`, `EXPR_DEPTH`, `COMPOUND_SELECT`, `FUNCTION_ARG`, `VARIABLE_NUMBER`, `PARSER_DEPTH`)
        /// when they are prepared, patterns of LIKE and GLOB (`LIKE_PATTERN_LENGTH`) when they run, and texts and blobs
        /// (`LENGTH`) when they are bound, written as literals or read; a value that is made on the server and stays
        /// there is not measured. `VDBE_OP` counts the program that SQLite would run on the bare tables, without
        /// their indexes and triggers. Nothing can be attached anyway, and what is left has nothing to hold there:
        /// `WORKER_THREADS`, and `TRIGGER_DEPTH`, in whose place the server ends a recursion at its `max_stack_depth`.
        ///
        /// # Errors
        /// A negative value; a limit that the SQLite library does not know.
        ///
        /// # Examples
        /// ```
        /// use sqlift::limits::Limit;
        ///
        /// let conn = sqlift::Connection::open_in_memory()?;
        /// conn.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 2)?;
        /// assert!(conn.prepare("SELECT ?, ?, ?").is_err());
        /// # Ok::<(), sqlift::Error>(())
        /// ```
        pub fn set_limit(&self, limit: Limit, new_val: i32) -> Result<i32> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.set_limit(limit, new_val),
                Inner::Postgres(_) if new_val < 0 => Err(crate::Error::SqliteFailure(
                    crate::ffi::Error::new(crate::ffi::SQLITE_RANGE),
                    Some(format!("{new_val} is invalid")),
                )),
                Inner::Postgres(session) => session.set_limit(limit, new_val),
            }
        }
    }
}
