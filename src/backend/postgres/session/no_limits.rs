//! Without the feature `limits` nobody can set one.

use rusqlite::Result;

use crate::translate::catalog::Catalog;

/// As `limits` has it, for who has set none.
#[derive(Debug, Default)]
pub(in crate::backend::postgres) struct Limits;

impl Limits {
    pub fn forget(&self) {}

    pub fn longest(&self) -> usize {
        usize::MAX
    }

    pub fn longest_pattern(&self) -> Option<i32> {
        None
    }

    pub fn check_length(&self, _sql: &str) -> Result<()> {
        Ok(())
    }

    pub fn check(&self, _sql: &str, _catalog: &Catalog) -> Result<()> {
        Ok(())
    }

    pub fn has_long_literal(&self, _sql: &str) -> bool {
        false
    }
}
