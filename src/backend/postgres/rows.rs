//! A running result. (Stub.)
#![allow(unused)]
use rusqlite::{Result, types::ValueRef};

/// Covariant in `'s`. Dropping it half-read is fine.
pub(crate) struct Rows<'s>(std::marker::PhantomData<&'s ()>);

impl<'s> Rows<'s> {
    /// Moves to the next row; `false` after the last one. The row is then `row()`.
    pub fn advance(&mut self) -> Result<bool> {
        todo!()
    }
    pub fn row(&self) -> Option<&Row> {
        todo!()
    }
    /// The statement that runs: `Row` offers it to callers (`AsRef<Statement>`).
    pub fn statement(&self) -> &super::Statement {
        todo!()
    }
}

/// One row: owns its bytes.
pub(crate) struct Row;

impl Row {
    pub fn column_count(&self) -> usize {
        todo!()
    }
    pub fn column_index(&self, name: &str) -> Result<usize> {
        todo!()
    }
    pub fn column_name(&self, index: usize) -> Result<&str> {
        todo!()
    }
    /// The value in its representation number `representation` (0 is the one SQLite would give; 1.. are further ones to
    /// try when `FromSql` refuses the first: uuid as 16 bytes, timestamp as epoch). `None` when there is no such representation.
    pub fn value_ref(&self, index: usize, representation: usize) -> Option<ValueRef<'_>> {
        todo!()
    }
}
