//! A prepared statement and its bound values. (Stub.)
#![allow(unused)]
use super::{Rows, Session};
use rusqlite::{Result, types::ToSql};

/// Owns no borrow of the session, so that the facade's `Statement<'conn>` holds both side by side.
pub(crate) struct Statement;

impl Statement {
    /// Binds parameter `number`, from 1 (SQLite's number). Out of range: `SqliteFailure(SQLITE_RANGE)`.
    pub fn bind<T: ToSql + ?Sized>(&mut self, number: usize, value: &T) -> Result<()> {
        todo!()
    }
    pub fn clear_bindings(&mut self) {
        todo!()
    }
    pub fn parameter_count(&self) -> usize {
        todo!()
    }
    pub fn parameter_index(&self, name: &str) -> Option<usize> {
        todo!()
    }
    pub fn parameter_name(&self, number: usize) -> Option<&str> {
        todo!()
    }
    pub fn column_count(&self) -> usize {
        todo!()
    }
    pub fn column_name(&self, index: usize) -> Result<&str> {
        todo!()
    }
    /// ASCII letters without regard to case, first match wins, else `InvalidColumnName`.
    pub fn column_index(&self, name: &str) -> Result<usize> {
        todo!()
    }
    pub fn execute(&mut self, session: &Session) -> Result<usize> {
        todo!()
    }
    /// Runs at the first `next()`, as rusqlite does.
    pub fn query<'s>(&'s mut self, session: &'s Session) -> Rows<'s> {
        todo!()
    }
    pub fn sql(&self) -> &str {
        todo!()
    }
    /// `sqlite3_stmt_readonly`
    pub fn is_read_only(&self) -> bool {
        todo!()
    }
    /// 0 no, 1 EXPLAIN, 2 EXPLAIN QUERY PLAN
    pub fn is_explain(&self) -> i32 {
        todo!()
    }
    pub fn expanded_sql(&self) -> Option<String> {
        todo!()
    }
    /// The column's type name as declared, for columns that are table columns.
    pub fn decl_type(&self, index: usize) -> Option<&str> {
        todo!()
    }
}
