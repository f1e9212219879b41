//! SQLite's own handle, for programs that call its C functions.

#[cfg(feature = "modern_sqlite")]
use super::not_on_postgres;
use super::{Connection, Inner};
use crate::{Result, ffi};
#[cfg(feature = "modern_sqlite")]
use std::ffi::{CStr, c_int};

impl Connection {
    /// SQLite's own handle; null on PostgreSQL.
    ///
    /// # Safety
    /// As in rusqlite: the handle belongs to the connection, which must not be used beside it in ways that C code does not expect.
    pub unsafe fn handle(&self) -> *mut ffi::sqlite3 {
        match &self.inner {
            // SAFETY: the caller's promise is the one that rusqlite asks for.
            Inner::Sqlite(conn) => unsafe { conn.handle() },
            Inner::Postgres(_) => std::ptr::null_mut(),
        }
    }

    /// A connection over a handle that somebody else closes.
    ///
    /// # Safety
    /// As in rusqlite: the handle is open and stays so for as long as the connection lives.
    ///
    /// # Errors
    /// A null handle, which is what [`handle`](Self::handle) gives on PostgreSQL; what SQLite reports.
    pub unsafe fn from_handle(db: *mut ffi::sqlite3) -> Result<Self> {
        refuse_null(db)?;
        // SAFETY: the caller's promise is the one that rusqlite asks for.
        unsafe { rusqlite::Connection::from_handle(db) }.map(Self::from_sqlite)
    }

    /// A connection over a handle that it closes itself.
    ///
    /// # Safety
    /// As in rusqlite: the handle is open and nobody else closes it.
    ///
    /// # Errors
    /// As [`from_handle`](Self::from_handle).
    pub unsafe fn from_handle_owned(db: *mut ffi::sqlite3) -> Result<Self> {
        refuse_null(db)?;
        // SAFETY: the caller's promise is the one that rusqlite asks for.
        unsafe { rusqlite::Connection::from_handle_owned(db) }.map(Self::from_sqlite)
    }

    /// Sets the error that SQLite's C functions report next.
    ///
    /// # Errors
    /// What SQLite reports; on PostgreSQL always.
    #[cfg(feature = "modern_sqlite")]
    pub fn set_errmsg(&self, code: c_int, msg: Option<&CStr>) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.set_errmsg(code, msg),
            Inner::Postgres(_) => Err(not_on_postgres("set_errmsg", "there is no C code there that would read it")),
        }
    }
}

fn refuse_null(db: *mut ffi::sqlite3) -> Result<()> {
    if db.is_null() {
        return Err(super::misuse("this handle is null, as it is on PostgreSQL".to_owned()));
    }
    Ok(())
}
