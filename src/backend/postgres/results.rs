//! Results that are being read (decision D3).
//!
//! One result at a time is on the wire. When another statement needs the connection, what is left of the open result is
//! read into that result's own spool, so that legacy code may nest statements freely.

use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use rusqlite::Error;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryStream};

use super::net::{RawRows, RowTap};
use super::spool::Spool;

/// The results of one session.
#[derive(Default)]
pub(crate) struct Results {
    next_id: u64,
    pub active: Option<Active>,
    /// Results that had to make room, by id, until their `Rows` have read or dropped them.
    pub parked: HashMap<u64, Parked>,
}

impl Results {
    pub fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Somebody has not read a result to its end.
    pub fn are_open(&self) -> bool {
        self.active.as_ref().is_some_and(|active| !active.abandoned) || !self.parked.is_empty()
    }
}

/// The result that is on the wire.
pub(crate) struct Active {
    pub id: u64,
    pub answer: Answer,
    pub wrote: bool,
    /// Nobody will read the rest.
    pub abandoned: bool,
    /// It was interrupted: the server shall not finish it first.
    pub interrupted: bool,
}

/// A result read to its end before its reader asked for it.
pub(crate) struct Parked {
    pub rows: Spool,
    /// What the reader gets after the last row.
    pub failure: Option<Error>,
}

/// What a chunk ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    More,
    /// The result is over.
    End,
}

/// What the server answers to a statement and to what went ahead of it, apart from the rows.
pub(crate) struct Answer {
    stream: Pin<Box<SimpleQueryStream>>,
    /// How many of the statements that were sent are over.
    pub completed: usize,
    /// How many rows the last of them changed or gave.
    pub affected: u64,
    /// The same of the one ahead of it.
    pub affected_before: u64,
}

impl Answer {
    pub fn new(stream: SimpleQueryStream) -> Answer {
        Answer { stream: Box::pin(stream), completed: 0, affected: 0, affected_before: 0 }
    }

    /// Takes the rows that are here, and waits only for the first.
    ///
    /// They come past tokio-postgres, through `tap`, which was opened before the request was sent and is closed when the
    /// result is over. Rows that came before an error are delivered with it.
    pub fn poll_chunk(
        &mut self,
        tap: &RowTap,
        rows: &mut RawRows,
        context: &mut Context<'_>,
    ) -> Poll<Result<Chunk, tokio_postgres::Error>> {
        let before = rows.len();
        let polled = loop {
            match self.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(SimpleQueryMessage::CommandComplete(affected)))) => {
                    self.completed += 1;
                    self.affected_before = std::mem::replace(&mut self.affected, affected);
                }
                Poll::Ready(Some(Ok(_))) => unreachable!("an open tap lets no row through"),
                Poll::Ready(Some(Err(error))) => break Poll::Ready(Err(error)),
                Poll::Ready(None) => break Poll::Ready(Ok(Chunk::End)),
                Poll::Pending => break Poll::Pending,
            }
        };
        tap.take(rows);
        match polled {
            Poll::Pending if rows.len() > before => Poll::Ready(Ok(Chunk::More)),
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                assert!(result.is_err() || tap.was_accepted(), "the statement left in the marker's place");
                tap.close();
                Poll::Ready(result)
            }
        }
    }
}
