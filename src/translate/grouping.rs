//! How the rows of an aggregate query are grouped.

use std::mem::Discriminant;
use std::rc::Rc;

use super::ast::ExprKind;
use super::column_name::ColumnName;
use super::edits::Piece;

/// A column: its source as printed, and its name.
pub(crate) type Key = (Rc<str>, ColumnName);

/// How the rows of an aggregate query are grouped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouping {
    /// Where result columns, HAVING and ORDER BY are read: what stands there outside of aggregates is of one row.
    pub open: bool,
    /// Nothing says which rows, so they are all of a table, and many.
    pub reads_all: bool,
    /// The columns grouped by.
    pub columns: Vec<Key>,
    /// Sources grouped by their primary key, which PostgreSQL knows to determine the rest.
    pub determined: Vec<Rc<str>>,
    /// The words of other expressions grouped by, and what kind they are of.
    pub expressions: Vec<(Discriminant<ExprKind>, String)>,
    /// What puts the chosen row first; empty when every row is as good.
    pub order: Vec<Piece>,
    /// The column whose smallest value tells that row.
    pub first_by: Option<Key>,
}

impl Grouping {
    /// What puts the chosen row first, for a column that is bare here.
    pub fn pick(&self, source: &str, column: &str) -> Option<Vec<Piece>> {
        let is_this = |(table, name): &Key| **table == *source && **name == *column;
        let grouped = self.columns.iter().any(is_this) || self.determined.iter().any(|table| **table == *source);
        if !self.open || grouped {
            return None;
        }
        if self.first_by.as_ref().is_some_and(is_this) {
            return Some(vec!["min".into()]);
        }
        Some(self.order.clone())
    }
}
