//! What a statement tells of its result columns.

#[cfg(any(feature = "column_decltype", feature = "column_metadata"))]
use crate::backend::postgres::Origin;
use crate::statement::Prepared;
use crate::{Result, Statement};
#[cfg(any(feature = "column_decltype", feature = "column_metadata"))]
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::sync::{Mutex, PoisonError};

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
    ///
    /// # Examples
    /// The name is the statement's, which cannot run while it is lent:
    ///
    /// ```compile_fail,E0502
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT 1 AS one")?;
    /// let name = stmt.column_name(0)?;
    /// stmt.query_row([], |row| row.get::<_, i64>(0))?;
    /// println!("{name}");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
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
pub struct Column<'stmt> {
    name: &'stmt str,
    decl_type: Option<Cow<'stmt, str>>,
}

#[cfg(feature = "column_decltype")]
impl Column<'_> {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The declared type; `None` for what is no table column.
    ///
    /// On PostgreSQL the type that the lifted CREATE TABLE named; SQLite's word for one of a table that was made there, e.g. `INTEGER`.
    #[must_use]
    pub fn decl_type(&self) -> Option<&str> {
        self.decl_type.as_deref()
    }
}

/// A result column with the table column it shows; made by [`Statement::columns_with_metadata`].
#[cfg(feature = "column_metadata")]
#[derive(Debug)]
pub struct ColumnMetadata<'stmt> {
    name: &'stmt str,
    database_name: Option<Cow<'stmt, str>>,
    table_name: Option<Cow<'stmt, str>>,
    origin_name: Option<Cow<'stmt, str>>,
}

#[cfg(feature = "column_metadata")]
impl ColumnMetadata<'_> {
    /// The column's name in the result.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// `main` or `temp`; `None` for an expression.
    #[must_use]
    pub fn database_name(&self) -> Option<&str> {
        self.database_name.as_deref()
    }

    /// The table's name; `None` for an expression.
    #[must_use]
    pub fn table_name(&self) -> Option<&str> {
        self.table_name.as_deref()
    }

    /// The column's name in its table; `None` for an expression.
    #[must_use]
    pub fn origin_name(&self) -> Option<&str> {
        self.origin_name.as_deref()
    }
}

#[cfg(any(feature = "column_decltype", feature = "column_metadata"))]
impl Statement<'_> {
    /// What the server's catalog says of the result columns; `Err` gives rusqlite's own statement.
    ///
    /// The signatures of rusqlite leave no way to report a lost connection: the columns then have no table, and the next call says why.
    fn described(&self) -> std::result::Result<Vec<(&str, Option<Origin>)>, &rusqlite::Statement<'_>> {
        match self.prepared() {
            Prepared::Sqlite(statement) => Err(statement),
            Prepared::Postgres(statement) => {
                let origins =
                    self.session().origins(statement).unwrap_or_else(|_| vec![None; statement.column_count()]);
                let named = origins.into_iter().enumerate();
                Ok(named.map(|(index, origin)| (statement.column_name(index).unwrap_or_default(), origin)).collect())
            }
        }
    }
}

#[cfg(feature = "column_decltype")]
impl Statement<'_> {
    /// The result columns with their declared types.
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "column_decltype")] {
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (name VARCHAR(20))")?;
    /// let stmt = conn.prepare("SELECT name, 1 + 1 FROM tag")?;
    /// let types: Vec<_> = stmt.columns().iter().map(|column| column.decl_type().map(str::to_owned)).collect();
    /// assert_eq!(types, [Some("VARCHAR(20)".to_owned()), None]);
    /// # }
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn columns(&self) -> Vec<Column<'_>> {
        match self.described() {
            // rusqlite's columns lend their texts for as long as themselves only.
            Err(statement) => {
                let columns = statement.columns().into_iter().enumerate();
                columns
                    .map(|(index, column)| Column {
                        name: statement.column_name(index).unwrap_or_default(),
                        decl_type: column.decl_type().map(|text| text.to_owned().into()),
                    })
                    .collect()
            }
            Ok(described) => described
                .into_iter()
                .map(|(name, origin)| Column { name, decl_type: origin.map(|origin| origin.declared.into()) })
                .collect(),
        }
    }
}

/// Database, table, column, declared type, collation; NOT NULL, of the primary key, AUTOINCREMENT.
#[cfg(feature = "column_metadata")]
type Metadata<'a> = (&'a CStr, &'a CStr, &'a CStr, Option<&'a CStr>, Option<&'a CStr>, bool, bool, bool);

#[cfg(feature = "column_metadata")]
impl Statement<'_> {
    /// The result columns with the table columns they show.
    pub fn columns_with_metadata(&self) -> Vec<ColumnMetadata<'_>> {
        match self.described() {
            Err(statement) => {
                let own = |text: Option<&str>| text.map(|text| text.to_owned().into());
                let columns = statement.columns_with_metadata().into_iter().enumerate();
                columns
                    .map(|(index, column)| ColumnMetadata {
                        name: statement.column_name(index).unwrap_or_default(),
                        database_name: own(column.database_name()),
                        table_name: own(column.table_name()),
                        origin_name: own(column.origin_name()),
                    })
                    .collect()
            }
            Ok(described) => described
                .into_iter()
                .map(|(name, origin)| {
                    let Some(Origin { database, table, column, .. }) = origin else {
                        return ColumnMetadata { name, database_name: None, table_name: None, origin_name: None };
                    };
                    ColumnMetadata {
                        name,
                        database_name: Some(database.into()),
                        table_name: Some(table.into()),
                        origin_name: Some(column.into()),
                    }
                })
                .collect(),
        }
    }

    /// All that is known of the table column that a result column shows; `None` for an expression.
    ///
    /// # Errors
    /// What the database reports.
    pub fn column_metadata(&self, col: usize) -> Result<Option<Metadata<'_>>> {
        let statement = match self.prepared() {
            Prepared::Sqlite(statement) => return statement.column_metadata(col),
            Prepared::Postgres(statement) => statement,
        };
        let origin = self.session().origins(statement)?.into_iter().nth(col).flatten();
        Ok(origin.map(|origin| {
            let (declared, collation) = (lasting(&origin.declared), lasting(origin.collation));
            (
                lasting(origin.database),
                lasting(&origin.table),
                lasting(&origin.column),
                Some(declared),
                Some(collation),
                origin.not_null,
                origin.primary_key,
                origin.auto_increment,
            )
        }))
    }
}

/// A text as the facade's signatures lend it, for as long as the program runs.
///
/// Names and types of columns: their number is bounded by the schemas that the program asks about.
pub(crate) fn lasting(text: &str) -> &'static CStr {
    static KNOWN: Mutex<BTreeSet<&'static CStr>> = Mutex::new(BTreeSet::new());
    // PostgreSQL's names hold no NUL.
    let text = CString::new(text).unwrap_or_default();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(text.as_c_str()) {
        return known;
    }
    let text: &'static CStr = Box::leak(text.into_boxed_c_str());
    known.insert(text);
    text
}
