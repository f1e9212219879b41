//! A running result and its current row.

use std::cell::OnceCell;
use std::sync::Arc;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Error, Result, ffi};

use super::decode::Decoded;
use super::net::RawRows;
use super::plan::Prepared;
use super::results::Chunk;
use super::sqlstate::{failure, too_big};
use super::{Session, Statement};
use crate::translate::Kind;

/// The rows of one execution, which starts at the first [`Rows::advance`].
///
/// Dropping it half-read is fine: the rest is read or cancelled before the next statement.
pub(crate) struct Rows<'s> {
    session: &'s Session,
    statement: &'s mut Statement,
    state: State,
    /// Where rows arrive; the current row lies among those that arrived before.
    buffer: RawRows,
    row: Option<Row>,
    /// What the result ended with, once the rows before it are handed out.
    failure: Option<Error>,
    /// Some value of the rows that arrived may be longer than the session allows.
    is_long: bool,
}

enum State {
    NotStarted,
    Running { id: u64 },
    Ended,
}

impl<'s> Rows<'s> {
    pub(super) fn new(session: &'s Session, statement: &'s mut Statement) -> Rows<'s> {
        Rows {
            session,
            statement,
            state: State::NotStarted,
            buffer: RawRows::default(),
            row: None,
            failure: None,
            is_long: false,
        }
    }

    /// Moves to the next row; `false` after the last one.
    ///
    /// # Errors
    /// What the execution itself failed with comes from the first call; a failure mid-way after the rows before it.
    #[inline]
    pub fn advance(&mut self) -> Result<bool> {
        if let Some(row) = &mut self.row
            && row.advance()
        {
            return if self.is_long { self.measure() } else { Ok(true) };
        }
        self.refill()
    }

    /// The current row is there, unless a value of it is longer than the session allows.
    #[cold]
    fn measure(&mut self) -> Result<bool> {
        let longest = self.session.limits.longest();
        let is_long = |value: Option<ValueRef<'_>>| match value {
            Some(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.len() > longest,
            _ => false,
        };
        let row = self.row.as_ref();
        if !row.is_some_and(|row| (0..row.column_count()).any(|index| is_long(row.value_ref(index, 0)))) {
            return Ok(true);
        }
        if let State::Running { id } = self.state {
            self.session.abandon(id);
        }
        self.fail(too_big())
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
                    self.put_away();
                    return self.failure.take().map_or(Ok(false), Err);
                }
                // Stepping nothing is a mistake to SQLite.
                State::NotStarted if self.statement.plan.translation.kind == Kind::Empty => {
                    return self.fail(failure(ffi::SQLITE_MISUSE, "bad parameter or other API misuse"));
                }
                State::NotStarted => match self.session.start(self.statement, &mut self.buffer) {
                    Ok(started) => {
                        self.row = started.prepared.map(Row::new);
                        self.session.running.set(self.session.running.get() + usize::from(self.row.is_some()));
                        self.failure = started.failure;
                        self.state = started.id.map_or(State::Ended, |id| State::Running { id });
                    }
                    Err(error) => return self.fail(error),
                },
                State::Running { id } => match self.session.fetch(id, &mut self.buffer) {
                    Ok(Chunk::More) => {}
                    Ok(Chunk::End) => self.state = State::Ended,
                    Err(error) => {
                        self.state = State::Ended;
                        self.failure = Some(error);
                    }
                },
            }
            if let Some(row) = &mut self.row
                && row.refill(&mut self.buffer)
            {
                // No type's text is so much longer than what is on the wire.
                self.is_long = row.rows.bytes().len().saturating_mul(8) > self.session.limits.longest();
                return if self.is_long { self.measure() } else { Ok(true) };
            }
        }
    }

    fn fail(&mut self, error: Error) -> Result<bool> {
        self.state = State::Ended;
        self.put_away();
        Err(error)
    }

    /// There is no current row any more, and to the program the statement no longer runs.
    fn put_away(&mut self) {
        if self.row.take().is_some() {
            self.session.running.set(self.session.running.get() - 1);
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.put_away();
        if let State::Running { id } = self.state {
            self.session.abandon(id);
        }
    }
}

/// One row among those that arrived with it, read where it lies; values that have to be rendered are rendered once.
pub(crate) struct Row {
    prepared: Arc<Prepared>,
    rows: RawRows,
    /// Where the next row begins.
    next: usize,
    values: Vec<Place>,
    /// Rendered values by column, two representations each; made at the first need.
    rendered: OnceCell<Box<[OnceCell<Value>]>>,
}

/// Where a value lies; its length is negative for NULL.
#[derive(Clone, Copy, Default)]
struct Place {
    start: usize,
    length: i32,
}

/// How many representations a value may have.
const REPRESENTATIONS: usize = 2;

impl Row {
    fn new(prepared: Arc<Prepared>) -> Row {
        let values = vec![Place::default(); prepared.columns.len()];
        Row { prepared, rows: RawRows::default(), next: 0, values, rendered: OnceCell::new() }
    }

    /// Goes on with the rows of `arrived`, in exchange for the space of those it had.
    fn refill(&mut self, arrived: &mut RawRows) -> bool {
        self.rows.clear();
        self.rows.append(arrived);
        self.next = 0;
        self.advance()
    }

    /// Moves to the next row that has arrived.
    #[inline]
    fn advance(&mut self) -> bool {
        let Some((columns, next)) = self.rows.row_at(self.next) else { return false };
        self.next = next;
        self.rows.locate(columns, |index, start, length| {
            if let Some(place) = self.values.get_mut(index) {
                *place = Place { start, length };
            }
        });
        if self.rendered.get().is_some() {
            self.rendered = OnceCell::new();
        }
        true
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
        let decoder = self.prepared.columns.get(index)?.decoder;
        let place = self.values.get(index)?;
        let Ok(length) = usize::try_from(place.length) else {
            return (representation == 0).then_some(ValueRef::Null);
        };
        let bytes = self.rows.bytes().get(place.start..)?.get(..length)?;
        if representation == 0
            && let Some(value) = decoder.in_place(bytes)
        {
            return Some(value);
        }
        match decoder.decode(bytes, representation)? {
            Decoded::InPlace(value) => Some(value),
            Decoded::Rendered(value) => Some(self.rendered(index * REPRESENTATIONS + representation, value)),
        }
    }

    fn rendered(&self, cell: usize, value: Value) -> ValueRef<'_> {
        let cells = self
            .rendered
            .get_or_init(|| (0..self.prepared.columns.len() * REPRESENTATIONS).map(|_| OnceCell::new()).collect());
        cells[cell].get_or_init(|| value).into()
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
