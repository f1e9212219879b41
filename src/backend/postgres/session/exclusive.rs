//! BEGIN IMMEDIATE and EXCLUSIVE: no other writer runs beside the transaction (decision D9).
//!
//! Every table that the session may write is locked in EXCLUSIVE mode, which readers do not mind, before the snapshot is taken.
//! Who has to wait does so in the server's queue of locks, where writers of all kinds are served in turn.
//!
//! One of several such transactions at a time takes the locks: it holds the gate, the oldest table in SHARE UPDATE EXCLUSIVE
//! mode, which holds up none that write. Newer tables come first, as a key's child before its parent, whom a writer of the
//! child asks next. While it holds a table and waits for another one, a writer may wait for it the other way round: it then
//! gives all up after a short time, sooner than the server looks for a deadlock, and begins anew with the tables in its way.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use rusqlite::Result;
use tokio_postgres::SimpleQueryMessage;

use super::{Session, lock_timeout};
use crate::backend::postgres::catalogs::WINDOW;
use crate::backend::postgres::loader::{self, LockableTable};
use crate::backend::postgres::sqlstate::Context;
use crate::backend::postgres::sqlstate::interrupted;
use crate::backend::postgres::waiting::Waiting;
use crate::config::Immediate;

/// How long the gate is held while the first table is waited for. The server looks for a deadlock after a second, and ends
/// the transaction that asked last; nobody's fails for one that has not begun yet.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long tables are held while another one is waited for: longer than a statement takes. Doubles each time up to
/// [`FIRST_WAIT`].
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// What the session has learnt of the tables to lock.
#[derive(Debug, Default)]
pub(super) struct Locks {
    known: RefCell<Option<Lockable>>,
    /// The statement that asks for the newest relation is on the server.
    newest_is_prepared: Cell<bool>,
}

/// What is locked, as long as nothing tells that it is something else.
#[derive(Debug)]
struct Lockable {
    /// In the order in which they are locked.
    tables: Vec<LockableTable>,
    /// The newest relation of the database when they were read.
    newest: Option<String>,
    generation: u64,
    read_at: Instant,
}

impl Session {
    /// Begins the transaction, which is open in the tracker, with all other writers locked out.
    pub(super) fn begin_exclusive(&self) -> Result<()> {
        // The program's transaction begins once all is known that is asked outside of it.
        self.tracker.borrow_mut().ended();
        self.snapshot()?;
        if self.config.immediate == Immediate::Plain || self.is_in_memory() {
            self.tracker.borrow_mut().begin()?;
            let begin = self.tracker.borrow().begin_text();
            return self.batch(&begin).map(|()| self.tracker.borrow_mut().begun_exclusive());
        }
        self.in_flight.set_waiting(true);
        let result = self.lock_out_others();
        self.in_flight.set_waiting(false);
        result
    }

    fn lock_out_others(&self) -> Result<()> {
        let mut waiting = Waiting::begun(self.busy_timeout(), self.busy_handler());
        let mut longest = SHORTEST_WAIT;
        let mut anew = false;
        loop {
            if self.in_flight.is_interrupted() {
                return Err(interrupted());
            }
            self.tracker.borrow_mut().ended();
            self.know_lockable(anew)?;
            self.tracker.borrow_mut().begin()?;
            let left = if anew { waiting.left() } else { self.busy_timeout() };
            let text = self.exclusive_text(left, longest);
            let failed = match self.run(self.client.simple_query(&text)) {
                Ok(answer) => match self.is_all_locked(&answer) {
                    Ok(true) => {
                        self.tracker.borrow_mut().begun_exclusive();
                        return Ok(());
                    }
                    Ok(false) => None,
                    Err(failed) => Some(failed),
                },
                Err(failed) => Some(failed),
            };
            self.roll_back_whatever_is_open();
            anew = true;
            let Some(failed) = failed else { continue };
            let again = match failed.sqlstate() {
                Some("55P03" | "40P01") => waiting.goes_on(),
                // A table that was dropped or is not the role's any more since its name was read; a question that was taken away.
                Some(state @ ("42P01" | "3F000" | "42501" | "26000")) => {
                    if state == "26000" {
                        self.locks.newest_is_prepared.set(false);
                    }
                    waiting.wait()
                }
                _ => false,
            };
            if !again {
                return Err(failed.into_sqlite(Context::default()));
            }
            longest = (longest * 2).min(FIRST_WAIT);
        }
    }

    /// Reads the tables to lock, outside of a transaction, whose snapshot must not be older than the locks. Anew: with
    /// those first that somebody writes.
    fn know_lockable(&self, anew: bool) -> Result<()> {
        let is_known = |known: &Lockable| {
            known.generation == self.generation.get() && known.read_at.elapsed() < WINDOW && !known.tables.is_empty()
        };
        if !anew && self.locks.known.borrow().as_ref().is_some_and(is_known) {
            return Ok(());
        }
        let read_at = Instant::now();
        if !self.is_pooled() && !self.locks.newest_is_prepared.get() {
            self.prepare_newest()?;
        }
        let answer = self.read(&loader::lockable_query(anew))?;
        let (newest, tables) = loader::lockable(&answer);
        *self.locks.known.borrow_mut() = Some(Lockable { tables, newest, generation: self.generation.get(), read_at });
        Ok(())
    }

    /// What is to be sent, all in one trip: the locks, and then the question whether anything has been made since.
    fn exclusive_text(&self, left: Duration, longest: Duration) -> String {
        let known = self.locks.known.borrow();
        let tables = known.as_ref().map(|known| &*known.tables).unwrap_or_default();
        let usual = lock_timeout(self.busy_timeout());
        let wait = |most: Duration| format!("; SET LOCAL lock_timeout = {}", lock_timeout(left.min(most)));
        // A statement of the server's own timeout would end before.
        let queue = self.config.statement_timeout.filter(|limit| !limit.is_zero()).map_or(left, |limit| limit / 2);
        let mut locks = String::new();
        if lock_timeout(left.min(queue)) != usual {
            locks += &wait(queue);
        }
        match tables {
            [] => {}
            // Nothing is held while it waits, so it waits as long as it may.
            [only] => locks += &format!("; LOCK TABLE {} IN EXCLUSIVE MODE", only.name),
            [first, rest @ ..] => {
                let gate = tables.iter().min_by_key(|table| table.oid).unwrap_or(first);
                let rest: Vec<&str> = rest.iter().map(|table| &*table.name).collect();
                locks += &format!(
                    "; LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE{}; LOCK TABLE {} IN EXCLUSIVE MODE{}; LOCK TABLE {} IN EXCLUSIVE MODE",
                    gate.name,
                    wait(FIRST_WAIT),
                    first.name,
                    wait(longest),
                    rest.join(", "),
                );
            }
        }
        if locks.contains("; SET LOCAL lock_timeout") {
            locks += &format!("; SET LOCAL lock_timeout = {usual}");
        }
        let newest = match self.is_pooled() {
            true => loader::NEWEST_RELATION.to_owned(),
            false => format!("EXECUTE {}", self.newest_name()),
        };
        format!("{}{locks}; {newest}", self.tracker.borrow().begin_text())
    }

    /// Whether what was locked is all there is, as of the transaction's snapshot.
    fn is_all_locked(&self, answer: &[SimpleQueryMessage]) -> std::result::Result<bool, super::Failure> {
        let newest = loader::newest_relation(answer);
        if self.locks.known.borrow().as_ref().is_some_and(|known| known.newest == newest) {
            return Ok(true);
        }
        // Something has been made, mostly not a table of ours.
        let answer = self.run(self.client.simple_query(&loader::lockable_query(false)))?;
        let (newest, mut tables) = loader::lockable(&answer);
        let mut known = self.locks.known.borrow_mut();
        let Some(known) = known.as_mut() else { return Ok(false) };
        let mut locked = known.tables.clone();
        locked.sort_unstable();
        tables.sort_unstable();
        known.newest = newest;
        Ok(locked == tables)
    }

    fn prepare_newest(&self) -> Result<()> {
        let prepare = format!("PREPARE {} AS {}", self.newest_name(), loader::NEWEST_RELATION);
        match self.run(self.client.batch_execute(&prepare)) {
            // The answer to an earlier one did not arrive.
            Err(failed) if failed.sqlstate() != Some("42P05") => return Err(failed.into_sqlite(Context::default())),
            _ => self.locks.newest_is_prepared.set(true),
        }
        Ok(())
    }

    /// A name of the session's own: behind an undeclared pooler another one's is not to be found by it.
    fn newest_name(&self) -> String {
        format!("\"sqlift newest {}\"", self.mark)
    }
}
