//! A running result and its current row.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Error, Result, ffi};
use tokio_postgres::Row as WireRow;
use tokio_postgres::types::{FromSql, Type};

use super::decode::Decoded;
use super::plan::Prepared;
use super::results::Chunk;
use super::sqlstate::failure;
use super::{Session, Statement};
use crate::translate::Kind;

/// The rows of one execution, which starts at the first [`Rows::advance`].
///
/// Dropping it half-read is fine: the rest is read or cancelled before the next statement.
pub(crate) struct Rows<'s> {
    session: &'s Session,
    statement: &'s mut Statement,
    state: State,
    buffer: VecDeque<WireRow>,
    row: Option<Row>,
    /// What the result ended with, once the rows before it are handed out.
    failure: Option<Error>,
}

enum State {
    NotStarted,
    Running { id: u64 },
    Ended,
}

impl<'s> Rows<'s> {
    pub(super) fn new(session: &'s Session, statement: &'s mut Statement) -> Rows<'s> {
        Rows { session, statement, state: State::NotStarted, buffer: VecDeque::new(), row: None, failure: None }
    }

    /// Moves to the next row; `false` after the last one.
    ///
    /// # Errors
    /// What the execution itself failed with comes from the first call; a failure mid-way after the rows before it.
    #[inline]
    pub fn advance(&mut self) -> Result<bool> {
        if let Some(next) = self.buffer.pop_front()
            && let Some(row) = &mut self.row
        {
            row.set(RowData::Wire(next));
            return Ok(true);
        }
        self.refill()
    }

    #[inline]
    pub fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }

    /// The statement that runs: the facade's `Row` offers it to callers.
    pub fn statement(&self) -> &Statement {
        self.statement
    }

    fn refill(&mut self) -> Result<bool> {
        loop {
            match self.state {
                State::Ended => {
                    self.row = None;
                    return self.failure.take().map_or(Ok(false), Err);
                }
                // Stepping nothing is a mistake to SQLite.
                State::NotStarted if self.statement.plan.translation.kind == Kind::Empty => {
                    return self.fail(failure(ffi::SQLITE_MISUSE, "bad parameter or other API misuse"));
                }
                State::NotStarted => match self.session.start(self.statement, &mut self.buffer) {
                    Ok(started) => {
                        self.row = started.prepared.map(Row::new);
                        self.failure = started.failure;
                        self.state = started.id.map_or(State::Ended, |id| State::Running { id });
                    }
                    Err(error) => return self.fail(error),
                },
                State::Running { id } => match self.session.fetch(id, &mut self.buffer) {
                    Ok(Fetched::Chunk(Chunk::More)) => {}
                    Ok(Fetched::Chunk(Chunk::End)) => self.state = State::Ended,
                    Ok(Fetched::Parked(data)) => {
                        if let Some(row) = &mut self.row {
                            row.set(data);
                        }
                        return Ok(true);
                    }
                    Err(error) => {
                        self.state = State::Ended;
                        self.failure = Some(error);
                    }
                },
            }
            if let Some(next) = self.buffer.pop_front()
                && let Some(row) = &mut self.row
            {
                row.set(RowData::Wire(next));
                return Ok(true);
            }
        }
    }

    fn fail(&mut self, error: Error) -> Result<bool> {
        self.state = State::Ended;
        self.row = None;
        Err(error)
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if let State::Running { id } = self.state {
            self.session.abandon(id);
        }
    }
}

/// What [`Session::fetch`] found: more in the buffer, or one row of a result that had made room for another statement.
pub(crate) enum Fetched {
    Chunk(Chunk),
    Parked(RowData),
}

/// The raw values of one row.
pub(crate) enum RowData {
    Wire(WireRow),
    Stored { bytes: Vec<u8>, ranges: Vec<Option<Range<usize>>> },
}

impl RowData {
    pub fn len(&self) -> usize {
        match self {
            RowData::Wire(row) => row.len(),
            RowData::Stored { ranges, .. } => ranges.len(),
        }
    }

    /// The value's bytes in PostgreSQL's binary format, `None` for NULL.
    #[inline]
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        match self {
            RowData::Wire(row) => raw(row, index),
            RowData::Stored { bytes, ranges } => ranges.get(index)?.clone().and_then(|range| bytes.get(range)),
        }
    }
}

/// The bytes of one value of a row as it came.
#[inline]
pub(super) fn raw(row: &WireRow, index: usize) -> Option<&[u8]> {
    row.try_get::<_, Option<Raw<'_>>>(index).ok().flatten().map(|raw| raw.0)
}

/// Any value as its bytes.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One row: owns its bytes; values that have to be rendered are rendered once.
pub(crate) struct Row {
    prepared: Arc<Prepared>,
    data: Option<RowData>,
    /// Rendered values by column, two representations each; made at the first need.
    rendered: OnceCell<Box<[OnceCell<Value>]>>,
}

/// How many representations a value may have.
const REPRESENTATIONS: usize = 2;

impl Row {
    fn new(prepared: Arc<Prepared>) -> Row {
        Row { prepared, data: None, rendered: OnceCell::new() }
    }

    #[inline]
    fn set(&mut self, data: RowData) {
        self.data = Some(data);
        if self.rendered.get().is_some() {
            self.rendered = OnceCell::new();
        }
    }

    #[inline]
    pub fn column_count(&self) -> usize {
        self.prepared.visible
    }

    /// ASCII letters compared without regard to case, the first match wins.
    ///
    /// # Errors
    /// `InvalidColumnName`.
    pub fn column_index(&self, name: &str) -> Result<usize> {
        column_index(&self.prepared, name)
    }

    /// # Errors
    /// `InvalidColumnIndex`.
    pub fn column_name(&self, index: usize) -> Result<&str> {
        column_name(&self.prepared, index)
    }

    /// The value in its representation number `representation`: 0 is the one SQLite would give, further ones are for
    /// callers whose `FromSql` refused it. `None` when there is no such representation.
    #[inline]
    pub fn value_ref(&self, index: usize, representation: usize) -> Option<ValueRef<'_>> {
        let column = self.prepared.columns.get(index)?;
        let Some(bytes) = self.data.as_ref()?.bytes(index) else {
            return (representation == 0).then_some(ValueRef::Null);
        };
        match column.decoder.decode(bytes, representation)? {
            Decoded::InPlace(value) => Some(value),
            Decoded::Rendered(value) => {
                let cells = self.rendered.get_or_init(|| {
                    (0..self.prepared.columns.len() * REPRESENTATIONS).map(|_| OnceCell::new()).collect()
                });
                Some(cells.get(index * REPRESENTATIONS + representation)?.get_or_init(|| value).into())
            }
        }
    }
}

pub(super) fn column_index(prepared: &Prepared, name: &str) -> Result<usize> {
    prepared.columns[..prepared.visible]
        .iter()
        .position(|column| column.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| Error::InvalidColumnName(name.to_owned()))
}

pub(super) fn column_name(prepared: &Prepared, index: usize) -> Result<&str> {
    prepared.columns[..prepared.visible].get(index).map(|column| &*column.name).ok_or(Error::InvalidColumnIndex(index))
}
