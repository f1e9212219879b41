//! Names of columns, shared with who has them.

use std::ops::Deref;
use std::sync::Arc;

use super::catalog::Table;

/// A column's name as PostgreSQL has it, shared with who has it: statements are translated without copies of their names.
#[derive(Debug, Clone)]
pub(crate) enum ColumnName {
    /// Of the table's column with this index.
    Of(Arc<Table>, usize),
    /// Of the table's hidden rowid.
    Hidden(Arc<Table>),
    Own(Arc<str>),
}

impl ColumnName {
    /// The name as SQLite gives it to a result.
    pub fn shown(&self) -> &str {
        match self {
            ColumnName::Of(table, index) => table.columns[*index].shown.as_deref().unwrap_or(self),
            _ => self,
        }
    }
}

impl Deref for ColumnName {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            ColumnName::Of(table, index) => &table.columns[*index].name,
            ColumnName::Hidden(table) => table.hidden_rowid.as_ref().map_or("", |column| &column.name),
            ColumnName::Own(name) => name,
        }
    }
}

impl PartialEq for ColumnName {
    fn eq(&self, other: &ColumnName) -> bool {
        **self == **other
    }
}

impl From<&str> for ColumnName {
    fn from(name: &str) -> Self {
        ColumnName::Own(name.into())
    }
}
