//! What a statement tells of its result columns.

use crate::statement::Prepared;
use crate::{Result, Statement};

impl Statement<'_> {
    /// The names of the result columns.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.prepare("SELECT 1 AS one, count(*)")?.column_names(), ["one", "count(*)"]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn column_names(&self) -> Vec<&str> {
        (0..self.column_count()).map(|index| self.column_name(index).expect("the index is below the count")).collect()
    }

    /// How many columns each row has; 0 for a statement that returns none.
    #[inline]
    pub fn column_count(&self) -> usize {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.column_count(),
            Prepared::Postgres(statement) => statement.column_count(),
        }
    }

    /// The name of a result column, from 0.
    ///
    /// # Errors
    /// [`Error::InvalidColumnIndex`](crate::Error::InvalidColumnIndex)
    #[inline]
    pub fn column_name(&self, col: usize) -> Result<&str> {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.column_name(col),
            Prepared::Postgres(statement) => statement.column_name(col),
        }
    }

    /// The number of the first result column with this name; ASCII letters match without regard to case.
    ///
    /// # Errors
    /// [`Error::InvalidColumnName`](crate::Error::InvalidColumnName)
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.prepare("SELECT 1 AS a, 2 AS b")?.column_index("B")?, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn column_index(&self, name: &str) -> Result<usize> {
        match self.prepared() {
            Prepared::Sqlite(statement) => statement.column_index(name),
            Prepared::Postgres(statement) => statement.column_index(name),
        }
    }
}

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
