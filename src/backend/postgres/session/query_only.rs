//! `PRAGMA query_only`: a connection that does not write, <https://sqlite.org/pragma.html#pragma_query_only>.

use rusqlite::{Result, ffi};

use super::Session;
use crate::backend::postgres::sqlstate::failure;
use crate::backend::postgres::statement::Statement;
use crate::translate::unchanged::changes_nothing;

impl Session {
    /// As on SQLite it holds for temporary tables and in open transactions too, and a transaction may end.
    ///
    /// # Errors
    /// `SQLITE_READONLY`, for what would write.
    #[inline]
    pub(in crate::backend::postgres) fn refuse_writes(&self, statement: &Statement) -> Result<()> {
        if self.query_only.get() && !statement.is_query() { self.refuse_change(statement) } else { Ok(()) }
    }

    #[cold]
    fn refuse_change(&self, statement: &Statement) -> Result<()> {
        match changes_nothing(statement.sql(), &self.snapshot()?.catalog) {
            true => Ok(()),
            false => Err(read_only()),
        }
    }
}

#[cold]
fn read_only() -> rusqlite::Error {
    failure(ffi::SQLITE_READONLY, "attempt to write a readonly database")
}
