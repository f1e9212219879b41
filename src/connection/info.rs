//! What a connection tells of itself and of its tables, and how it is interrupted.

use super::{Connection, Inner};
use crate::backend::postgres;
use crate::column::lasting;
use crate::{Backend, Error, Name, Result, ffi};
use std::ffi::CStr;

impl Connection {
    /// The database spoken to.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_sqlite(":memory:")?;
    /// assert_eq!(conn.backend(), sqlift::Backend::Sqlite);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn backend(&self) -> Backend {
        match self.inner {
            Inner::Sqlite(_) => Backend::Sqlite,
            Inner::Postgres(_) => Backend::Postgres,
        }
    }

    /// The PostgreSQL server's version as it reports it, e.g. `15.18`; `None` on SQLite, whose is [`version`](crate::version).
    ///
    /// # Examples
    /// ```
    /// assert_eq!(sqlift::Connection::open_sqlite(":memory:")?.server_version(), None);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn server_version(&self) -> Option<&str> {
        match &self.inner {
            Inner::Sqlite(_) => None,
            Inner::Postgres(session) => Some(session.server_version()),
        }
    }

    /// rusqlite's own connection, on SQLite: for what only SQLite has, such as backups and functions written in Rust.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_sqlite(":memory:")?;
    /// let sqlite: &sqlift::rusqlite::Connection = conn.as_sqlite().expect("open_sqlite opens SQLite");
    /// sqlite.execute_batch("CREATE TABLE t (n)")?;
    /// assert!(conn.table_exists(None, "t")?);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn as_sqlite(&self) -> Option<&rusqlite::Connection> {
        match &self.inner {
            Inner::Sqlite(conn) => Some(conn),
            Inner::Postgres(_) => None,
        }
    }

    /// As [`as_sqlite`](Self::as_sqlite), for what needs `&mut`.
    pub fn as_sqlite_mut(&mut self) -> Option<&mut rusqlite::Connection> {
        match &mut self.inner {
            Inner::Sqlite(conn) => Some(conn),
            Inner::Postgres(_) => None,
        }
    }

    /// The database file, or on PostgreSQL the URL without its password; empty for a database in memory, on both.
    #[inline]
    pub fn path(&self) -> Option<&str> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.path(),
            Inner::Postgres(session) if session.is_memory() => Some(""),
            Inner::Postgres(session) => Some(session.url_without_password()),
        }
    }

    /// The name of an attached database; `main` is 0 and `temp` is 1.
    ///
    /// # Errors
    /// [`Error::InvalidDatabaseIndex`]
    #[cfg(feature = "modern_sqlite")]
    pub fn db_name(&self, index: usize) -> Result<String> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.db_name(index),
            Inner::Postgres(_) => match index {
                0 => Ok("main".to_owned()),
                1 => Ok("temp".to_owned()),
                _ => Err(Error::InvalidDatabaseIndex(index)),
            },
        }
    }

    /// Whether writes are refused.
    ///
    /// # Errors
    /// An unknown database name is `SQLITE_MISUSE`.
    pub fn is_readonly<N: Name>(&self, db_name: N) -> Result<bool> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.is_readonly(db_name),
            Inner::Postgres(_) => match text(&db_name)?.as_str() {
                "main" | "temp" => {
                    let sql = "SELECT current_setting('transaction_read_only') = 'on'";
                    self.native().query_row(sql, [], |row| row.get(0))
                }
                _ => Err(misuse(format!("{db_name:?} is not the name of a database"))),
            },
        }
    }

    /// Whether the database has this table; views do not count. Names match without regard to the case of ASCII letters.
    ///
    /// # Errors
    /// What the database reports.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert!(!conn.table_exists(None, "tag")?);
    /// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// assert!(conn.table_exists(None, "tag")? && conn.column_exists(Some("main"), "tag", "name")?);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn table_exists<N: Name>(&self, db_name: Option<N>, table_name: N) -> Result<bool> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.table_exists(db_name, table_name),
            Inner::Postgres(_) => {
                let table = text(&table_name)?;
                if is_schema_table(&table) {
                    return Ok(true);
                }
                self.find_table(db_name, &format!("SELECT EXISTS ({TABLES})"), [&table])
            }
        }
    }

    /// Whether the table exists and has this column.
    ///
    /// # Errors
    /// What the database reports.
    pub fn column_exists<N: Name>(&self, db_name: Option<N>, table_name: N, column_name: N) -> Result<bool> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.column_exists(db_name, table_name, column_name),
            Inner::Postgres(_) => {
                let (table, column) = (text(&table_name)?, text(&column_name)?);
                if is_schema_table(&table) {
                    return Ok(schema_column(&column).is_some());
                }
                let sql = format!(
                    "SELECT EXISTS ({TABLES} AND EXISTS (
                        SELECT 1 FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND lower(a.attname) = lower(?)
                    ))"
                );
                self.find_table(db_name, &sql, [&table, &column])
            }
        }
    }

    /// A table column's declared type and collation, and whether it is NOT NULL, of the primary key, AUTOINCREMENT.
    ///
    /// # Errors
    /// An unknown table or column.
    #[expect(clippy::type_complexity)] // The signature is rusqlite's.
    pub fn column_metadata<N: Name>(
        &self,
        db_name: Option<N>,
        table_name: N,
        column_name: N,
    ) -> Result<(Option<&CStr>, Option<&CStr>, bool, bool, bool)> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.column_metadata(db_name, table_name, column_name),
            Inner::Postgres(session) => {
                let (table, column) = (text(&table_name)?, text(&column_name)?);
                if is_schema_table(&table)
                    && let Some(declared) = schema_column(&column)
                {
                    return Ok((Some(declared), Some(c"BINARY"), false, false, false));
                }
                let database = db_name.as_ref().map(text).transpose()?;
                let Some(origin) = session.table_column(database.as_deref(), &table, &column)? else {
                    let message = format!("no such table column: {table}.{column}");
                    return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ERROR), Some(message)));
                };
                let (declared, collation) = (lasting(&origin.declared), lasting(origin.collation));
                Ok((Some(declared), Some(collation), origin.not_null, origin.primary_key, origin.auto_increment))
            }
        }
    }

    /// Runs a query over [`TABLES`] for `main` and `temp`, which are the schemas the session sees; other names hold no tables.
    fn find_table<N: Name, P: crate::Params>(&self, db_name: Option<N>, sql: &str, params: P) -> Result<bool> {
        let condition = match db_name.as_ref().map(text).transpose()?.as_deref() {
            None => "pg_catalog.pg_table_is_visible(c.oid)",
            Some("main") => "pg_catalog.pg_table_is_visible(c.oid) AND c.relpersistence <> 't'",
            Some("temp") => "c.relnamespace = pg_catalog.pg_my_temp_schema()",
            Some(_) => return Ok(false),
        };
        let sql = sql.replace("$SCHEMA", condition);
        self.native().query_row(&sql, params, |row| row.get(0))
    }

    /// Gives memory back to the system; on PostgreSQL there is nothing to give back.
    ///
    /// # Errors
    /// What SQLite reports.
    pub fn release_memory(&self) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.release_memory(),
            Inner::Postgres(_) => Ok(()),
        }
    }

    /// Writes dirty pages to disk; a PostgreSQL server does that by itself.
    ///
    /// # Errors
    /// What SQLite reports.
    pub fn cache_flush(&self) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.cache_flush(),
            Inner::Postgres(_) => Ok(()),
        }
    }
}

/// Interrupts a connection's running statement, from any thread; made by [`Connection::get_interrupt_handle`].
pub struct InterruptHandle(Handle);

enum Handle {
    Sqlite(rusqlite::InterruptHandle),
    Postgres(postgres::InterruptHandle),
}

impl InterruptHandle {
    /// The statement that runs now ends with `SQLITE_INTERRUPT`; without one, or after the connection is gone, nothing happens.
    pub fn interrupt(&self) {
        match &self.0 {
            Handle::Sqlite(handle) => handle.interrupt(),
            Handle::Postgres(handle) => handle.interrupt(),
        }
    }
}

impl Connection {
    /// A handle with which another thread can end what this connection is doing.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let handle = conn.get_interrupt_handle();
    /// std::thread::spawn(move || handle.interrupt()).join().unwrap();
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn get_interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(match &self.inner {
            Inner::Sqlite(conn) => Handle::Sqlite(conn.get_interrupt_handle()),
            Inner::Postgres(session) => Handle::Postgres(session.interrupt_handle()),
        })
    }

    /// Whether an interrupt is under way; always false on PostgreSQL, where it ends one statement only.
    #[cfg(feature = "modern_sqlite")]
    pub fn is_interrupted(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(conn) => conn.is_interrupted(),
            Inner::Postgres(_) => false,
        }
    }
}

// The tables of an application: ordinary, partitioned, foreign.
const TABLES: &str = "SELECT 1 FROM pg_catalog.pg_class c \
    WHERE c.relkind IN ('r', 'p', 'f') AND $SCHEMA AND lower(c.relname) = lower(?)";

/// SQLite's own tables exist in every database; the translator answers for them.
fn is_schema_table(name: &str) -> bool {
    ["sqlite_master", "sqlite_schema"].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The declared type of a column of the schema table.
fn schema_column(name: &str) -> Option<&'static CStr> {
    const COLUMNS: [(&str, &CStr); 5] =
        [("type", c"TEXT"), ("name", c"TEXT"), ("tbl_name", c"TEXT"), ("rootpage", c"INT"), ("sql", c"TEXT")];
    COLUMNS.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, declared)| *declared)
}

pub(super) fn text<N: Name>(name: &N) -> Result<String> {
    let name = name.as_cstr()?;
    let name: &CStr = &name;
    Ok(name.to_string_lossy().into_owned())
}

pub(crate) fn misuse(message: String) -> Error {
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISUSE), Some(message))
}
