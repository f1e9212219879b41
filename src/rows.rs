//! The rows of a running statement, one by one, and the iterators made of them.

use crate::fallible_iterator::FallibleIterator;
use crate::fallible_streaming_iterator::FallibleStreamingIterator;
use crate::observe::Watch;
use crate::statement::Inner;
use crate::trace::Run;
use crate::{Error, Result, Row, Statement};

/// The rows of a running statement.
///
/// Not an [`Iterator`]: a row is only valid until the next one is asked for. Other statements may run on the same connection
/// meanwhile. Dropping it half-read is fine. It stays on its connection's thread:
///
/// ```compile_fail,E0277
/// fn sent<T: Send>() {}
/// sent::<sqlift::Rows<'static>>();
/// ```
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT 2")?;
/// let mut rows = stmt.query([])?;
/// while let Some(row) = rows.next()? {
///     println!("{}", row.get::<_, i64>(0)?);
/// }
/// # Ok::<(), sqlift::Error>(())
/// ```
#[must_use = "Rows is lazy and will do nothing unless consumed"]
pub struct Rows<'stmt> {
    // The running result, which is also what the caller sees as the current row.
    row: Row<'stmt>,
    // Only used on PostgreSQL; rusqlite's result knows by itself.
    ended: bool,
    watch: Watch,
    run: Run,
}

impl<'stmt> Rows<'stmt> {
    #[inline]
    pub(crate) fn new(running: Statement<'stmt>, watch: Watch) -> Self {
        Rows { row: Row { stmt: running }, ended: false, watch, run: Run::default() }
    }

    /// Moves on and lends the next row; `None` after the last one.
    ///
    /// # Errors
    /// Whatever the database reports while it runs the statement; at the first call, also what made it refuse to start.
    #[expect(clippy::should_implement_trait)] // An `Iterator` cannot lend from itself; the name is rusqlite's.
    #[inline]
    pub fn next(&mut self) -> Result<Option<&Row<'stmt>>> {
        let tracing = self.row.stmt.tracing();
        let has_row = self.watch.time(|| match &mut self.row.stmt.inner {
            Inner::SqliteRunning(rows) => rows.next().map(|row| row.is_some()),
            Inner::PostgresRunning(rows) if !self.ended => {
                tracing.begin(&mut self.run, rows.statement());
                let advanced = rows.advance();
                if let Ok(true) = advanced {
                    tracing.row(&self.run, rows.statement());
                } else {
                    self.ended = true;
                    self.row.stmt.end_run(&mut self.run);
                }
                advanced
            }
            _ => Ok(false),
        });
        match has_row {
            Ok(true) => {
                self.watch.row();
                Ok(Some(&self.row))
            }
            Ok(false) => Ok(None),
            Err(error) => {
                self.watch.failed(&error);
                Err(error)
            }
        }
    }

    /// A [`FallibleIterator`] over `f` of each row.
    ///
    /// # Examples
    /// ```
    /// use sqlift::fallible_iterator::FallibleIterator;
    ///
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT 2")?;
    /// let numbers: Vec<i64> = stmt.query([])?.map(|row| row.get(0)).collect()?;
    /// assert_eq!(numbers, [1, 2]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn map<F, B>(self, f: F) -> Map<'stmt, F>
    where
        F: FnMut(&Row<'_>) -> Result<B>,
    {
        Map { rows: self, f }
    }

    /// An [`Iterator`] over `f` of each row.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT 2")?;
    /// let numbers = stmt.query([])?.mapped(|row| row.get::<_, i64>(0));
    /// assert_eq!(numbers.map(|n| n.unwrap()).sum::<i64>(), 3);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn mapped<F, B>(self, f: F) -> MappedRows<'stmt, F>
    where
        F: FnMut(&Row<'_>) -> Result<B>,
    {
        MappedRows { rows: self, map: f }
    }

    /// As [`mapped`](Self::mapped), for an `f` with an error type of its own.
    #[inline]
    pub fn and_then<F, T, E>(self, f: F) -> AndThenRows<'stmt, F>
    where
        F: FnMut(&Row<'_>) -> Result<T, E>,
    {
        AndThenRows { rows: self, map: f }
    }

    /// The statement that runs; `None` after the last row.
    #[must_use]
    pub fn as_ref(&self) -> Option<&Statement<'stmt>> {
        let ended = match &self.row.stmt.inner {
            Inner::SqliteRunning(rows) => rows.as_ref().is_none(),
            _ => self.ended,
        };
        if ended { None } else { Some(&self.row.stmt) }
    }

    /// The first row, which must exist.
    #[inline]
    pub(crate) fn first(&mut self) -> Result<&Row<'stmt>> {
        self.next()?.ok_or(Error::QueryReturnedNoRows)
    }
}

impl Drop for Rows<'_> {
    #[inline]
    fn drop(&mut self) {
        self.row.stmt.end_run(&mut self.run);
    }
}

impl<'stmt> FallibleStreamingIterator for Rows<'stmt> {
    type Item = Row<'stmt>;
    type Error = Error;

    #[inline]
    fn advance(&mut self) -> Result<()> {
        self.next().map(|_| ())
    }

    #[inline]
    fn get(&self) -> Option<&Row<'stmt>> {
        self.row.current().map(|_| &self.row)
    }
}

/// What [`Rows::map`] returns.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Map<'stmt, F> {
    rows: Rows<'stmt>,
    f: F,
}

impl<F, B> FallibleIterator for Map<'_, F>
where
    F: FnMut(&Row<'_>) -> Result<B>,
{
    type Item = B;
    type Error = Error;

    #[inline]
    fn next(&mut self) -> Result<Option<B>> {
        match self.rows.next()? {
            Some(row) => (self.f)(row).map(Some),
            None => Ok(None),
        }
    }
}

/// What [`Statement::query_map`] and [`Rows::mapped`] return.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct MappedRows<'stmt, F> {
    rows: Rows<'stmt>,
    map: F,
}

impl<T, F> Iterator for MappedRows<'_, F>
where
    F: FnMut(&Row<'_>) -> Result<T>,
{
    type Item = Result<T>;

    #[inline]
    fn next(&mut self) -> Option<Result<T>> {
        match self.rows.next() {
            Ok(Some(row)) => Some((self.map)(row)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// What [`Statement::query_and_then`] and [`Rows::and_then`] return.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct AndThenRows<'stmt, F> {
    rows: Rows<'stmt>,
    map: F,
}

impl<T, E, F> Iterator for AndThenRows<'_, F>
where
    E: From<Error>,
    F: FnMut(&Row<'_>) -> Result<T, E>,
{
    type Item = Result<T, E>;

    #[inline]
    fn next(&mut self) -> Option<Result<T, E>> {
        match self.rows.next() {
            Ok(Some(row)) => Some((self.map)(row)),
            Ok(None) => None,
            Err(error) => Some(Err(error.into())),
        }
    }
}
