//! Reading results that stay open (decision D3): on, aside when another statement needs the connection, or away.

use std::future::poll_fn;

use rusqlite::{Error, Result, ffi};

use super::net::RawRows;
use super::results::{Active, Chunk, Parked, Results};
use super::session::{Failure, Session};
use super::spool::Spool;
use super::sqlstate::failure;
use super::sqlstate::interrupted;
use crate::config::Savepoints;

/// Rows of a result nobody reads any more that are read on before the statement is cancelled instead.
const DRAIN_LIMIT: usize = 8192;

impl Session {
    /// More rows of an open result.
    pub(super) fn fetch(&self, id: u64, rows: &mut RawRows) -> Result<Chunk> {
        let mut results = self.results.borrow_mut();
        let Some(active) = results.active.as_mut().filter(|active| active.id == id) else {
            drop(results);
            return self.fetch_parked(id, rows);
        };
        if self.in_flight.is_interrupted() {
            active.interrupted = true;
            drop(results);
            self.abandon(id);
            return Err(interrupted());
        }
        let chunk = self.run(poll_fn(|context| active.answer.poll_chunk(&self.tap, rows, context)));
        match chunk {
            Ok(Chunk::More) => Ok(Chunk::More),
            Ok(Chunk::End) => {
                let wrote = active.wrote;
                results.active = None;
                self.note_open(&results);
                self.tracker.borrow_mut().succeeded(wrote);
                drop(results);
                self.leave().map_err(|failed| self.recover(failed, None))?;
                Ok(Chunk::End)
            }
            Err(failed) => {
                results.active = None;
                self.note_open(&results);
                drop(results);
                Err(self.recover(failed, None))
            }
        }
    }

    fn fetch_parked(&self, id: u64, rows: &mut RawRows) -> Result<Chunk> {
        let mut results = self.results.borrow_mut();
        let Some(parked) = results.parked.get_mut(&id) else {
            return Err(failure(ffi::SQLITE_MISUSE, "an open result has been given up"));
        };
        if self.in_flight.is_interrupted() {
            drop(results);
            self.abandon(id);
            return Err(interrupted());
        }
        match parked.rows.pop(rows) {
            Ok(()) if !rows.is_empty() => Ok(Chunk::More),
            Ok(()) => {
                let parked = results.parked.remove(&id);
                self.note_open(&results);
                parked.and_then(|parked| parked.failure).map_or(Ok(Chunk::End), Err)
            }
            Err(error) => Err(spool_failed(&error)),
        }
    }

    /// Nobody will read the rest of this result.
    pub(super) fn abandon(&self, id: u64) {
        let mut results = self.results.borrow_mut();
        match &mut results.active {
            Some(active) if active.id == id => active.abandoned = true,
            _ => {
                results.parked.remove(&id);
            }
        }
        self.note_open(&results);
        drop(results);
        if self.is_pooled() && self.tracker.borrow().is_implicit() {
            // Its transaction would keep the server's session from others until this connection's next statement.
            // What fails here fails nobody: the rows that were wanted have been read.
            let _ = self.make_room();
        }
    }

    /// A result has ended: without any, there is nothing to interrupt.
    fn note_open(&self, results: &Results) {
        if !results.are_open() {
            self.in_flight.set_result(false);
        }
    }

    /// Takes the open result off the wire, so that another statement can run.
    #[inline]
    pub(super) fn make_room(&self) -> Result<()> {
        if self.results.borrow().active.is_none() {
            return Ok(());
        }
        self.park()
    }

    #[cold]
    fn park(&self) -> Result<()> {
        let Some(mut active) = self.results.borrow_mut().active.take() else { return Ok(()) };
        let mut spool = Spool::default();
        let finished = match active.abandoned {
            true => self.drain(&mut active),
            false => self.read_into(&mut active, &mut spool),
        };
        let finished = finished.and_then(|()| {
            self.tracker.borrow_mut().succeeded(active.wrote);
            self.leave()
        });
        let mut failure = match finished {
            Ok(()) => None,
            // Our own cancel, of a result nobody waits for.
            Err(failed) if active.abandoned && failed.sqlstate() == Some("57014") => {
                self.recover(failed, None);
                None
            }
            Err(failed) => Some(self.recover(failed, None)),
        };
        if !active.abandoned {
            // What did not fit is missing at the end of that result, not at its reader's next statement.
            failure = spool.take_failure().map(|error| spool_failed(&error)).or(failure);
            self.results.borrow_mut().parked.insert(active.id, Parked { rows: spool, failure });
        }
        Ok(())
    }

    /// Reads the rest away; a long rest is cancelled instead, where the savepoint before it undoes what the cancel does.
    fn drain(&self, active: &mut Active) -> std::result::Result<(), Failure> {
        let mut rows = RawRows::default();
        let mut seen = 0;
        let mut cancelled = false;
        loop {
            let chunk = self.run(poll_fn(|context| active.answer.poll_chunk(&self.tap, &mut rows, context)))?;
            if chunk == Chunk::End {
                return Ok(());
            }
            seen += rows.len();
            rows.clear();
            let too_long = seen > DRAIN_LIMIT && self.tracker.borrow().can_undo() && !active.wrote;
            // In a transaction the savepoint before the statement undoes what the cancel does.
            let interrupted =
                active.interrupted && (self.is_autocommit() || self.config().savepoints != Savepoints::Never);
            if (interrupted || too_long) && !cancelled {
                cancelled = true;
                self.cancel();
            }
        }
    }

    fn read_into(&self, active: &mut Active, spool: &mut Spool) -> std::result::Result<(), Failure> {
        let mut rows = RawRows::default();
        loop {
            let chunk = self.run(poll_fn(|context| active.answer.poll_chunk(&self.tap, &mut rows, context)));
            spool.push(&mut rows);
            if chunk? == Chunk::End {
                return Ok(());
            }
        }
    }
}

fn spool_failed(error: &std::io::Error) -> Error {
    failure(ffi::SQLITE_FULL, format!("the rows of an open result did not fit into a temporary file: {error}"))
}
