//! What a statement tells of its result columns beyond their names.

use crate::Statement;
use crate::statement::Prepared;

/// A result column with the type its table column was declared with; made by [`Statement::columns`].
#[cfg(feature = "column_decltype")]
#[derive(Debug)]
pub struct Column<'stmt>(ColumnInner<'stmt>);

#[cfg(feature = "column_decltype")]
#[derive(Debug)]
enum ColumnInner<'stmt> {
    Sqlite(rusqlite::Column<'stmt>),
    Postgres { name: &'stmt str, decl_type: Option<&'stmt str> },
}

#[cfg(feature = "column_decltype")]
impl Column<'_> {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            ColumnInner::Sqlite(column) => column.name(),
            ColumnInner::Postgres { name, .. } => name,
        }
    }

    /// The declared type; `None` for what is no table column.
    #[must_use]
    pub fn decl_type(&self) -> Option<&str> {
        match &self.0 {
            ColumnInner::Sqlite(column) => column.decl_type(),
            ColumnInner::Postgres { decl_type, .. } => *decl_type,
        }
    }
}

#[cfg(feature = "column_decltype")]
impl Statement<'_> {
    /// The result columns with their declared types.
    pub fn columns(&self) -> Vec<Column<'_>> {
        match self.prepared() {
            Prepared::Sqlite(statement) => {
                statement.columns().into_iter().map(|column| Column(ColumnInner::Sqlite(column))).collect()
            }
            Prepared::Postgres(statement) => (0..statement.column_count())
                .map(|index| {
                    let name = statement.column_name(index).unwrap_or_default();
                    Column(ColumnInner::Postgres { name, decl_type: statement.decl_type(index) })
                })
                .collect(),
        }
    }
}
