//! One connection to PostgreSQL. (Stub: signatures the facade may rely on.)
#![allow(unused)]

use crate::config::PostgresConfig;
use rusqlite::Result;

pub(crate) struct Session;

impl Session {
    pub fn connect(config: &PostgresConfig) -> Result<Session> {
        todo!()
    }
    /// A private, empty database that goes with the session: the connection's `pg_temp`.
    pub fn connect_in_memory(config: &PostgresConfig) -> Result<Session> {
        todo!()
    }
    /// One statement; `MultipleStatement` for more, a statement with 0 columns for an empty text.
    pub fn prepare(&self, sql: &str) -> Result<super::Statement> {
        todo!()
    }
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        todo!()
    }
    /// PostgreSQL's own SQL, untranslated, several statements allowed.
    pub fn native_batch(&self, sql: &str) -> Result<()> {
        todo!()
    }
    /// PostgreSQL's own SQL, one statement; `?` placeholders are still rewritten (`??` is a literal `?`).
    pub fn prepare_native(&self, sql: &str) -> Result<super::Statement> {
        todo!()
    }
    pub fn last_insert_rowid(&self) -> i64 {
        todo!()
    }
    pub fn changes(&self) -> u64 {
        todo!()
    }
    pub fn total_changes(&self) -> u64 {
        todo!()
    }
    pub fn is_autocommit(&self) -> bool {
        todo!()
    }
    /// A result is open and not read to its end.
    pub fn is_busy(&self) -> bool {
        todo!()
    }
    /// The socket is gone; nothing will ever work on this session again.
    pub fn is_closed(&self) -> bool {
        todo!()
    }
    pub fn set_busy_timeout(&self, timeout: std::time::Duration) -> Result<()> {
        todo!()
    }
    pub fn set_statement_cache_capacity(&self, capacity: usize) {
        todo!()
    }
    pub fn flush_statement_cache(&self) {
        todo!()
    }
    pub fn url_without_password(&self) -> &str {
        todo!()
    }
    pub fn server_version(&self) -> &str {
        todo!()
    }
    /// The translation of a statement against this session's catalog, without running it.
    pub fn translate(&self, sql: &str) -> Result<std::sync::Arc<crate::translate::Translation>> {
        todo!()
    }
    /// Ends any transaction, settings and temporary objects, for going back to a pool.
    pub fn reset(&self) -> Result<()> {
        todo!()
    }
    pub fn close(self) -> Result<(), (Session, rusqlite::Error)> {
        todo!()
    }
    /// Writes may not happen (`OpenFlags::SQLITE_OPEN_READ_ONLY`).
    pub fn set_read_only(&self) -> Result<()> {
        todo!()
    }
    /// Interrupts this session's running statement, from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        todo!()
    }
}

/// `Send + Sync`, outlives the session.
pub(crate) struct InterruptHandle;

impl InterruptHandle {
    /// Does nothing while no statement runs or when the session is gone.
    pub fn interrupt(&self) {
        todo!()
    }
}
