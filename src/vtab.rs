//! Virtual tables; see rusqlite. Its modules that PostgreSQL has a counterpart of are loaded on both databases.

pub use rusqlite::vtab::*;

use crate::Result;
use crate::connection::{Connection, Inner};

/// `rarray(?1)`: a bound array as a table.
#[cfg(feature = "array")]
pub mod array {
    pub use rusqlite::vtab::array::Array;

    use super::{Connection, Inner, Result};

    /// Makes `rarray` known. PostgreSQL needs nothing: the translator knows it.
    ///
    /// # Errors
    /// What SQLite reports.
    ///
    /// # Examples
    /// ```
    /// use sqlift::types::Value;
    /// use std::rc::Rc;
    ///
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// sqlift::vtab::array::load_module(&conn)?;
    /// let wanted: Rc<Vec<Value>> = Rc::new(vec![2.into(), 3.into()]);
    /// let mut stmt = conn.prepare("SELECT sum(value) FROM rarray(?1)")?;
    /// assert_eq!(stmt.query_row([wanted], |row| row.get::<_, i64>(0))?, 5);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn load_module(conn: &Connection) -> Result<()> {
        match &conn.inner {
            Inner::Sqlite(conn) => rusqlite::vtab::array::load_module(conn),
            Inner::Postgres(_) => Ok(()),
        }
    }
}

/// `generate_series(start, end, step)`
#[cfg(feature = "series")]
pub mod series {
    use super::{Connection, Inner, Result};

    /// Makes `generate_series` known. PostgreSQL has it.
    ///
    /// # Errors
    /// What SQLite reports.
    pub fn load_module(conn: &Connection) -> Result<()> {
        match &conn.inner {
            Inner::Sqlite(conn) => rusqlite::vtab::series::load_module(conn),
            Inner::Postgres(_) => Ok(()),
        }
    }
}

/// CSV files as tables
#[cfg(feature = "csvtab")]
pub mod csvtab {
    use super::{Connection, Inner, Result};

    /// Makes `CREATE VIRTUAL TABLE ... USING csv(...)` known.
    ///
    /// # Errors
    /// What SQLite reports; on PostgreSQL always.
    pub fn load_module(conn: &Connection) -> Result<()> {
        match &conn.inner {
            Inner::Sqlite(conn) => rusqlite::vtab::csvtab::load_module(conn),
            Inner::Postgres(_) => Err(crate::connection::not_on_postgres(
                "csvtab",
                "COPY reads CSV files there, also through as_postgres()",
            )),
        }
    }
}
