//! Transaction commands with SQLite's outcomes, and what puts a transaction right after a failure.

use super::*;
use crate::translate::{OffsetMap, Translation};

impl Session {
    /// Sends text as it is: settings and transaction commands.
    pub(in crate::backend::postgres) fn batch(&self, sql: &str) -> Result<()> {
        self.run(self.client.batch_execute(sql)).map_err(|failure| {
            match failure {
                Failure::Stopped(_) => self.tracker.borrow_mut().lost(),
                // What fails here is no statement of the program's, and no savepoint was set for it.
                Failure::Server(_) => self.tracker.borrow_mut().break_transaction(),
            }
            failure.into_sqlite(Context::default())
        })
    }

    /// Sends what has to go ahead of a statement, and waits for its answer.
    pub(in crate::backend::postgres) fn go_ahead(&self) -> Result<()> {
        let ahead = self.tracker.borrow().ahead()?;
        let Some(ahead) = ahead else { return Ok(()) };
        match self.run(self.client.batch_execute(&ahead.sql)) {
            Ok(()) => {
                self.tracker.borrow_mut().sent_ahead();
                Ok(())
            }
            Err(failure) => Err(self.ahead_failed(failure, ahead.begins).into_sqlite(Context::default())),
        }
    }

    /// The command ahead of a statement failed: the transaction is where it was before BEGIN, or it is broken.
    pub(in crate::backend::postgres) fn ahead_failed(&self, failure: Failure, begins: bool) -> Failure {
        if begins {
            // BEGIN may have been reached although what is behind it failed.
            self.roll_back_whatever_is_open();
        } else if failure.sqlstate() == Some("25P01") {
            self.tracker.borrow_mut().lost();
        } else {
            self.tracker.borrow_mut().break_transaction();
        }
        failure
    }

    /// Undoes what a failed statement did, so that the transaction goes on as SQLite's would, and converts its error.
    pub(in crate::backend::postgres) fn recover(&self, failure: Failure, plan: Option<&Plan>) -> Error {
        self.recover_statement(failure, plan.map(|plan| (&*plan.sql, &*plan.translation)))
    }

    /// As [`recover`](Self::recover), for text that went to the server as it is: its places are the caller's.
    pub(in crate::backend::postgres) fn recover_native(&self, failure: Failure, sql: &str) -> Error {
        let offsets = OffsetMap { segments: vec![(0, 0, true)] };
        let translation = Translation { sql: sql.to_owned(), offsets, ..Translation::default() };
        self.recover_statement(failure, Some((sql, &translation)))
    }

    fn recover_statement(&self, failure: Failure, statement: Option<(&str, &Translation)>) -> Error {
        if matches!(failure, Failure::Stopped(_)) || self.is_closed() {
            self.tracker.borrow_mut().lost();
        } else {
            self.undo_failed();
        }
        let snapshot = self.known.snapshot();
        failure.into_sqlite(Context { statement, catalog: snapshot.as_ref().map(|snapshot| &snapshot.catalog) })
    }

    /// Takes the transaction back to where it was before the statement that failed.
    pub(in crate::backend::postgres) fn undo_failed(&self) {
        let undo = self.tracker.borrow_mut().failed();
        if let Some(undo) = undo
            && self.run(self.client.batch_execute(&undo)).is_err()
        {
            self.roll_back_whatever_is_open();
            self.tracker.borrow_mut().lost();
        }
    }

    pub(in crate::backend::postgres) fn begin(&self, behavior: BeginBehavior) -> Result<()> {
        self.tracker.borrow_mut().begin()?;
        if behavior == BeginBehavior::Deferred {
            return Ok(());
        }
        let locked = self.begin_exclusive();
        if locked.is_err() {
            self.tracker.borrow_mut().ended();
        }
        locked
    }

    /// No other writer may run beside this transaction: the tables it may write are locked before its snapshot is taken.
    /// NOWAIT and again, since waiting for several locks in turn deadlocks with writers that hold one of them.
    pub(super) fn begin_exclusive(&self) -> Result<()> {
        let begin = self.tracker.borrow().begin_text();
        let deadline = Instant::now() + self.busy_timeout.get();
        let mut pause = Duration::from_micros(200);
        loop {
            let lock = self.lock_text()?;
            let failure = match self.run(self.client.batch_execute(&format!("{begin}{lock}"))) {
                Ok(()) => {
                    self.tracker.borrow_mut().begun_exclusive();
                    return Ok(());
                }
                Err(failure) => failure,
            };
            self.roll_back_whatever_is_open();
            // A table that was dropped since its name was read is as good a reason to look again as a lock.
            let again = matches!(failure.sqlstate(), Some("55P03" | "40P01" | "42P01"));
            if !again || Instant::now() + pause >= deadline {
                return Err(failure.into_sqlite(Context::default()));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// `LOCK TABLE` on every table the role may write, as of now.
    pub(super) fn lock_text(&self) -> Result<String> {
        match self.run(self.client.simple_query(crate::backend::postgres::loader::WRITABLE_TABLES)) {
            Ok(messages) => {
                let tables = messages.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0),
                    _ => None,
                });
                Ok(tables.map_or_else(String::new, |tables| format!("; LOCK TABLE {tables} IN EXCLUSIVE MODE NOWAIT")))
            }
            Err(failure) => Err(failure.into_sqlite(Context::default())),
        }
    }

    /// BEGIN, COMMIT, ROLLBACK and the savepoint commands, with SQLite's outcomes.
    pub(in crate::backend::postgres) fn transaction_command(&self, kind: &Kind) -> Result<()> {
        self.make_room()?;
        match kind {
            Kind::Begin(behavior) => self.begin(*behavior),
            Kind::Commit => {
                let sql = self.tracker.borrow().commit()?;
                self.ask_commit_hook()?;
                let result = self.end(sql.as_deref());
                if result.is_err() {
                    self.tell_rollback_hook();
                }
                result
            }
            Kind::Rollback => {
                let sql = self.tracker.borrow().rollback()?;
                let result = self.end(sql.as_deref());
                self.tell_rollback_hook();
                result
            }
            Kind::Savepoint(name) => {
                let sql = self.tracker.borrow().savepoint(name);
                self.batch(&sql)?;
                self.tracker.borrow_mut().savepoint_set(name);
                Ok(())
            }
            Kind::Release(name) => {
                if self.tracker.borrow().release_commits(name)? {
                    return self.transaction_command(&Kind::Commit);
                }
                let sql = self.tracker.borrow().release(name);
                self.batch(&sql)?;
                self.tracker.borrow_mut().released(name);
                Ok(())
            }
            Kind::RollbackTo(name) => {
                let sql = self.tracker.borrow().rollback_to(name)?;
                self.batch(&sql)?;
                self.tracker.borrow_mut().rolled_back_to(name);
                self.schema_rolled_back();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// COMMIT or ROLLBACK: whatever the server answers, it has no transaction any more.
    pub(super) fn end(&self, sql: Option<&str>) -> Result<()> {
        let result = match sql {
            Some(sql) => self.run(self.client.batch_execute(sql)),
            None => Ok(()),
        };
        if result.is_err() && !self.is_closed() {
            // The command itself may not have been reached: what is left open would swallow later statements.
            self.roll_back_whatever_is_open();
        }
        self.tracker.borrow_mut().ended();
        self.schema_settled();
        result.map_err(|failure| {
            let snapshot = self.known.snapshot();
            let catalog = snapshot.as_ref().map(|snapshot| &snapshot.catalog);
            failure.into_sqlite(Context { statement: None, catalog })
        })
    }

    /// Makes sure that the server is in no transaction; outside of one it only warns.
    pub(super) fn roll_back_whatever_is_open(&self) {
        // A connection that fails here is found closed by the next statement.
        let _ = self.run(self.client.batch_execute("ROLLBACK"));
    }
}
