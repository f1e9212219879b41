//! One row of a result.

use crate::backend::postgres;
use crate::statement::Inner;
use crate::types::{FromSql, FromSqlError, ValueRef};
use crate::{Error, Result, Statement};
use std::fmt;

mod sealed {
    /// What a [`RowIndex`](super::RowIndex) says.
    pub enum Column<'a> {
        Number(usize),
        Name(&'a str),
    }
    pub trait Sealed {}
    impl Sealed for usize {}
    impl Sealed for &str {}
}

/// One row of a result, lent by [`Rows`](crate::Rows) until it moves on. It stays on its connection's thread:
///
/// ```compile_fail,E0277
/// fn sent<T: Send>() {}
/// sent::<sqlift::Row<'static>>();
/// ```
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// let (id, name) = conn.query_row("SELECT 7 AS id, 'red' AS name", [], |row| {
///     Ok((row.get::<_, i64>("id")?, row.get::<_, String>(1)?))
/// })?;
/// assert_eq!((id, name.as_str()), (7, "red"));
/// # Ok::<(), sqlift::Error>(())
/// ```
// The running result itself, seen as one row: the backend's row lives in there.
pub struct Row<'stmt> {
    pub(crate) stmt: Statement<'stmt>,
}

/// The backend's own row.
pub(crate) enum Current<'a, 'stmt> {
    Sqlite(&'a rusqlite::Row<'stmt>),
    Postgres(&'a postgres::Row),
}

impl<'stmt> Row<'stmt> {
    /// The row the running result stands on; `None` before the first and after the last one.
    #[inline]
    pub(crate) fn current(&self) -> Option<Current<'_, 'stmt>> {
        use crate::fallible_streaming_iterator::FallibleStreamingIterator as _;
        match &self.stmt.inner {
            Inner::SqliteRunning(rows) => rows.get().map(Current::Sqlite),
            Inner::PostgresRunning(rows) => rows.row().map(Current::Postgres),
            _ => None,
        }
    }

    #[inline]
    fn expect_current(&self) -> Current<'_, 'stmt> {
        self.current().expect("a row is only handed out while the result stands on it")
    }
}

impl Row<'_> {
    /// The value of a column, by number from 0 or by name, as a Rust type.
    ///
    /// On PostgreSQL a value whose type has several forms in SQLite programs is tried in each: a UUID as text and as 16 bytes, a
    /// timestamp as text and as seconds since 1970.
    ///
    /// # Errors
    /// [`Error::InvalidColumnIndex`], [`Error::InvalidColumnName`], and when the value does not fit the type:
    /// [`Error::InvalidColumnType`] with the column's name and storage class, [`Error::IntegralValueOutOfRange`],
    /// [`Error::Utf8Error`], [`Error::FromSqlConversionFailure`].
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.query_row("SELECT 300 AS n, NULL AS gone", [], |row| {
    ///     assert_eq!(row.get::<_, u16>("n")?, 300);
    ///     assert_eq!(row.get::<_, u8>("n"), Err(sqlift::Error::IntegralValueOutOfRange(0, 300)));
    ///     assert_eq!(row.get::<_, Option<String>>("gone")?, None);
    ///     Ok(())
    /// })?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn get<I: RowIndex, T: FromSql>(&self, idx: I) -> Result<T> {
        match self.expect_current() {
            Current::Sqlite(row) => idx.__get(row),
            Current::Postgres(row) => convert(row, number(row, idx.__column())?),
        }
    }

    /// As [`get`](Self::get), and panics where that fails.
    #[track_caller]
    pub fn get_unwrap<I: RowIndex, T: FromSql>(&self, idx: I) -> T {
        match self.get(idx) {
            Ok(value) => value,
            Err(error) => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        }
    }

    /// The value of a column as it is, borrowed from the row.
    ///
    /// # Errors
    /// [`Error::InvalidColumnIndex`] or [`Error::InvalidColumnName`]
    ///
    /// # Examples
    /// ```
    /// use sqlift::types::ValueRef;
    ///
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.query_row("SELECT 'red'", [], |row| {
    ///     assert_eq!(row.get_ref(0)?, ValueRef::Text(b"red"));
    ///     Ok(())
    /// })?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn get_ref<I: RowIndex>(&self, idx: I) -> Result<ValueRef<'_>> {
        match self.expect_current() {
            Current::Sqlite(row) => idx.__get_ref(row),
            Current::Postgres(row) => {
                let index = number(row, idx.__column())?;
                row.value_ref(index, 0).ok_or_else(|| Error::InvalidColumnIndex(index))
            }
        }
    }

    /// As [`get_ref`](Self::get_ref), and panics where that fails.
    #[track_caller]
    pub fn get_ref_unwrap<I: RowIndex>(&self, idx: I) -> ValueRef<'_> {
        match self.get_ref(idx) {
            Ok(value) => value,
            Err(error) => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        }
    }
}

#[inline]
fn number(row: &postgres::Row, column: sealed::Column<'_>) -> Result<usize> {
    match column {
        sealed::Column::Number(number) if number < row.column_count() => Ok(number),
        sealed::Column::Number(number) => Err(Error::InvalidColumnIndex(number)),
        sealed::Column::Name(name) => row.column_index(name),
    }
}

/// Reads a value of PostgreSQL's row, trying the column's further representations when the first does not convert.
fn convert<T: FromSql>(row: &postgres::Row, index: usize) -> Result<T> {
    let value = row.value_ref(index, 0).ok_or_else(|| Error::InvalidColumnIndex(index))?;
    T::column_result(value).or_else(|refused| {
        (1..)
            .map_while(|representation| row.value_ref(index, representation))
            .find_map(|other| T::column_result(other).ok())
            .ok_or_else(|| conversion_error(row, index, value, refused))
    })
}

/// rusqlite's error for a value that its type refused: that of the first representation, which is the one SQLite would give.
#[cold]
fn conversion_error(row: &postgres::Row, index: usize, value: ValueRef<'_>, refused: FromSqlError) -> Error {
    match refused {
        FromSqlError::InvalidType => {
            let name = row.column_name(index).unwrap_or_default().to_owned();
            Error::InvalidColumnType(index, name, value.data_type())
        }
        FromSqlError::OutOfRange(number) => Error::IntegralValueOutOfRange(index, number),
        FromSqlError::Utf8Error(error) => Error::Utf8Error(index, error),
        FromSqlError::Other(error) => Error::FromSqlConversionFailure(index, value.data_type(), error),
        other => Error::FromSqlConversionFailure(index, value.data_type(), Box::new(other)),
    }
}

impl<'stmt> AsRef<Statement<'stmt>> for Row<'stmt> {
    fn as_ref(&self) -> &Statement<'stmt> {
        &self.stmt
    }
}

/// The columns' names with the storage class and value of each; of a BLOB only its length.
impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = match self.expect_current() {
            Current::Sqlite(row) => return row.fmt(f),
            Current::Postgres(row) => row,
        };
        let mut map = f.debug_map();
        for index in 0..row.column_count() {
            map.key(&row.column_name(index).unwrap_or_default());
            let value = row.value_ref(index, 0).unwrap_or(ValueRef::Null);
            let class = value.data_type();
            match value {
                ValueRef::Null => map.value(&(class, ())),
                ValueRef::Integer(integer) => map.value(&(class, integer)),
                ValueRef::Real(real) => map.value(&(class, real)),
                ValueRef::Text(text) => map.value(&(class, String::from_utf8_lossy(text))),
                ValueRef::Blob(blob) => map.value(&(class, blob.len())),
            };
        }
        map.finish()
    }
}

/// Names a column of a row: its number from 0, or its name.
///
/// # Errors
/// [`Error::InvalidColumnIndex`], [`Error::InvalidColumnName`]
///
/// # Examples
/// ```
/// use sqlift::RowIndex;
///
/// fn text<I: RowIndex>(row: &sqlift::Row<'_>, column: I) -> sqlift::Result<String> {
///     row.get(column)
/// }
/// let conn = sqlift::Connection::open_in_memory()?;
/// assert_eq!(conn.query_row("SELECT 'red' AS name", [], |row| text(row, "name"))?, "red");
/// # Ok::<(), sqlift::Error>(())
/// ```
// The hidden methods hand the index to rusqlite's own row as it is, so that SQLite looks a column up only once.
pub trait RowIndex: sealed::Sealed {
    /// The column's number, from 0.
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize>;
    #[doc(hidden)]
    fn __get<T: FromSql>(self, row: &rusqlite::Row<'_>) -> Result<T>;
    #[doc(hidden)]
    fn __get_ref<'row>(self, row: &'row rusqlite::Row<'_>) -> Result<ValueRef<'row>>;
    #[doc(hidden)]
    fn __column(&self) -> sealed::Column<'_>;
}

impl RowIndex for usize {
    #[inline]
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize> {
        if *self < stmt.column_count() { Ok(*self) } else { Err(Error::InvalidColumnIndex(*self)) }
    }
    #[inline]
    fn __get<T: FromSql>(self, row: &rusqlite::Row<'_>) -> Result<T> {
        row.get(self)
    }
    #[inline]
    fn __get_ref<'row>(self, row: &'row rusqlite::Row<'_>) -> Result<ValueRef<'row>> {
        row.get_ref(self)
    }
    #[inline]
    fn __column(&self) -> sealed::Column<'_> {
        sealed::Column::Number(*self)
    }
}

impl RowIndex for &str {
    #[inline]
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize> {
        stmt.column_index(self)
    }
    #[inline]
    fn __get<T: FromSql>(self, row: &rusqlite::Row<'_>) -> Result<T> {
        row.get(self)
    }
    #[inline]
    fn __get_ref<'row>(self, row: &'row rusqlite::Row<'_>) -> Result<ValueRef<'row>> {
        row.get_ref(self)
    }
    #[inline]
    fn __column(&self) -> sealed::Column<'_> {
        sealed::Column::Name(self)
    }
}

macro_rules! tuples_from_row {
    ($($name:ident)*) => { tuples_from_row!(@from [] $($name)*); };
    (@from [$($done:ident)*]) => { tuples_from_row!(@impl $($done)*); };
    (@from [$($done:ident)*] $next:ident $($rest:ident)*) => {
        tuples_from_row!(@impl $($done)*);
        tuples_from_row!(@from [$($done)* $next] $($rest)*);
    };
    (@impl $($name:ident)*) => {
        impl<'a, $($name: FromSql),*> TryFrom<&'a Row<'a>> for ($($name,)*) {
            type Error = Error;

            // The last step of the count is never read, and the empty tuple reads none.
            #[allow(unused_variables, unused_mut, unused_assignments, non_snake_case)]
            fn try_from(row: &'a Row<'a>) -> Result<Self> {
                let mut index = 0;
                $(
                    let $name = row.get::<usize, $name>(index)?;
                    index += 1;
                )*
                Ok(($($name,)*))
            }
        }
    };
}

tuples_from_row!(A B C D E F G H I J K L M N O P);
