//! Transaction commands with SQLite's outcomes, and what puts a transaction right after a failure.

use std::time::Duration;

use rusqlite::{Error, Result};

use super::{Failure, Session};
use crate::backend::postgres::plan::Plan;
use crate::backend::postgres::sqlstate::Context;
use crate::backend::postgres::tracker::Commit;
use crate::backend::postgres::waiting::BusyHandler;
use crate::translate::ast::BeginBehavior;
use crate::translate::{Kind, OffsetMap, Translation};

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

    /// Opens the transaction around a statement that runs by itself: behind a pooler in transaction mode the server
    /// keeps a session's settings only inside of one. Goes ahead of everything that is sent for a statement.
    #[inline]
    pub(in crate::backend::postgres) fn enter(&self) {
        if self.is_pooled() {
            self.tracker.borrow_mut().begin_implicit();
        }
    }

    /// Commits what [`enter`](Session::enter) opened. What fails here is the statement's own failure.
    #[inline]
    pub(in crate::backend::postgres) fn leave(&self) -> std::result::Result<(), Failure> {
        if self.is_pooled() { self.commit_implicit() } else { Ok(()) }
    }

    #[cold]
    fn commit_implicit(&self) -> std::result::Result<(), Failure> {
        if !self.tracker.borrow().is_implicit() {
            return Ok(());
        }
        let begun = self.tracker.borrow().in_transaction_on_server();
        let result = if begun { self.run(self.client.batch_execute("COMMIT")) } else { Ok(()) };
        // A COMMIT that fails has rolled back.
        self.tracker.borrow_mut().ended();
        result
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

    /// As [`recover`](Self::recover), for a text and the translation that went to the server.
    pub(in crate::backend::postgres) fn recover_statement(
        &self,
        failure: Failure,
        statement: Option<(&str, &Translation)>,
    ) -> Error {
        if matches!(failure, Failure::Stopped(_)) || self.is_closed() {
            self.tracker.borrow_mut().lost();
        } else {
            self.undo_failed();
            if self.is_unseen_key(&failure) {
                return failure.into_busy_snapshot();
            }
        }
        self.known.with_catalog(|catalog| failure.into_sqlite(Context { statement, catalog }))
    }

    /// Takes the transaction back to where it was before the statement that failed.
    pub(in crate::backend::postgres) fn undo_failed(&self) {
        let undo = self.tracker.borrow_mut().failed();
        if let Some(undo) = undo
            && self.run(self.client.batch_execute(&self.with_timeout(undo))).is_err()
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

    /// BEGIN, COMMIT, ROLLBACK and the savepoint commands, with SQLite's outcomes.
    pub(in crate::backend::postgres) fn transaction_command(&self, kind: &Kind) -> Result<()> {
        self.make_room()?;
        self.leave().map_err(|failure| self.in_sqlites_words(failure))?;
        let begins = self.foreign_keys_deferred.get()
            && self.is_autocommit()
            && matches!(kind, Kind::Begin(_) | Kind::Savepoint(_));
        if begins {
            self.install_compat()?;
        }
        self.carry_out(kind)?;
        if begins {
            self.defer_in_transaction().inspect_err(|_| {
                // The program is told that nothing began.
                let rollback = self.tracker.borrow().rollback().unwrap_or_default();
                let _ = self.roll_back(rollback);
            })?;
        }
        Ok(())
    }

    fn carry_out(&self, kind: &Kind) -> Result<()> {
        match kind {
            Kind::Begin(behavior) => self.begin(*behavior),
            Kind::Commit => {
                let result = self.commit();
                if result.is_err() && self.is_autocommit() {
                    self.tell_rollback_hook();
                } else if result.is_ok() {
                    self.sweep_if_due();
                }
                result
            }
            Kind::Rollback => {
                let sql = self.tracker.borrow().rollback()?;
                let result = self.roll_back(sql);
                self.tell_rollback_hook();
                result
            }
            Kind::Savepoint(name) => {
                if !self.tracker.borrow().in_transaction_on_server() {
                    // What is read of the tables inside of a transaction is forgotten with it, and would be read in each one.
                    self.snapshot()?;
                }
                let sql = self.tracker.borrow().savepoint(name)?;
                if self.tracker.borrow().in_transaction_on_server() {
                    self.batch(&sql)?;
                } else if let Err(failure) = self.run(self.client.batch_execute(&sql)) {
                    // BEGIN may have been reached although what is behind it failed.
                    if !self.is_closed() {
                        self.roll_back_whatever_is_open();
                    }
                    return Err(self.in_sqlites_words(failure));
                }
                self.tracker.borrow_mut().savepoint_set(name);
                Ok(())
            }
            Kind::Release(name) => {
                if self.tracker.borrow().release_commits(name)? {
                    return self.transaction_command(&Kind::Commit);
                }
                let sql = self.tracker.borrow().release(name)?;
                self.batch(&sql)?;
                self.tracker.borrow_mut().released(name);
                Ok(())
            }
            Kind::RollbackTo(name) => {
                let sql = self.tracker.borrow().rollback_to(name)?;
                self.batch(&self.with_timeout(sql))?;
                self.tracker.borrow_mut().rolled_back_to(name);
                self.schema_rolled_back();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// COMMIT. Where a deferred constraint does not hold, the transaction stays open, as on SQLite; the commit hook is asked
    /// once they hold.
    fn commit(&self) -> Result<()> {
        let mut commit = self.tracker.borrow().commit(self.may_have_deferred())?;
        if self.has_commit_hook() {
            // With `savepoints=never` nothing could undo a check that fails: it ends the transaction, as it would at COMMIT.
            let unguarded = || self.may_have_deferred().then(|| "SET CONSTRAINTS ALL IMMEDIATE".to_owned());
            if let Some(check) = commit.as_mut().and_then(|commit| commit.check.take().or_else(unguarded)) {
                self.run(self.client.batch_execute(&check)).map_err(|failure| self.commit_failed(failure))?;
            }
            self.ask_commit_hook()?;
        }
        match commit {
            Some(commit @ Commit { check: Some(_), .. }) => {
                self.run(self.client.batch_execute(&commit.text())).map_err(|failure| self.commit_failed(failure))?;
                self.ended();
                Ok(())
            }
            plain => self.end(plain.map(|commit| commit.sql).as_deref()),
        }
    }

    /// What was checked ahead of COMMIT is undone; what ended the transaction has ended it here too.
    fn commit_failed(&self, failure: Failure) -> Error {
        // After these there is nothing to go on with; and the COMMIT itself may have been reached.
        let is_over = matches!(failure.sqlstate(), None | Some("40001" | "40P01")) || self.is_closed();
        let undo = self.tracker.borrow().undo_check();
        if !is_over && self.run(self.client.batch_execute(&self.with_timeout(undo))).is_ok() {
            self.tracker.borrow_mut().kept_open();
            if self.is_unseen_key(&failure) {
                return failure.into_busy_snapshot();
            }
        } else {
            if !self.is_closed() {
                self.roll_back_whatever_is_open();
            }
            self.ended();
        }
        self.in_sqlites_words(failure)
    }

    /// Whether a constraint may be checked as late as COMMIT, as far as the catalog is known. One that another session has
    /// just created is missed: its failure then ends the transaction.
    fn may_have_deferred(&self) -> bool {
        self.deferred_since.get() || self.known.snapshot().is_none_or(|snapshot| snapshot.catalog.has_deferrable)
    }

    fn in_sqlites_words(&self, failure: Failure) -> Error {
        self.known.with_catalog(|catalog| failure.into_sqlite(Context { statement: None, catalog }))
    }

    fn ended(&self) {
        self.defer_foreign_keys(false);
        self.deferred_since.set(false);
        self.timeout_at_stake.set(false);
        self.tracker.borrow_mut().ended();
        self.schema_settled();
    }

    /// How long to wait for locks; zero fails at once.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn set_busy_timeout(&self, timeout: Duration) -> Result<()> {
        self.make_room()?;
        self.busy_handler.set(None);
        self.busy_timeout.set(timeout);
        self.touched.set(true);
        self.set_timeout()
    }

    /// Calls a function each time a lock is not free, with how often it was called before, as long as it returns true.
    /// Takes the place of the busy timeout, as on SQLite.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn set_busy_handler(&self, handler: Option<BusyHandler>) -> Result<()> {
        self.set_busy_timeout(Duration::ZERO)?;
        self.busy_handler.set(handler);
        Ok(())
    }

    pub(in crate::backend::postgres) fn busy_handler(&self) -> Option<BusyHandler> {
        self.busy_handler.get()
    }

    pub(in crate::backend::postgres) fn busy_timeout(&self) -> Duration {
        self.busy_timeout.get()
    }

    /// How long the server waits for locks, as of now. Inside a transaction a roll-back takes a setting back, which SQLite's
    /// busy timeout outlives: what rolls back then sets it again.
    fn set_timeout(&self) -> Result<()> {
        if self.is_pooled() {
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
        }
        let in_transaction = self.tracker.borrow().in_transaction_on_server();
        if self.is_pooled() && !in_transaction {
            return Ok(());
        }
        self.timeout_at_stake.set(in_transaction);
        if in_transaction {
            // Its failure must not cost the program's transaction.
            self.go_ahead()?;
        }
        self.batch(&self.timeout_text())
    }

    fn timeout_text(&self) -> String {
        let scope = if self.is_pooled() { "SET LOCAL" } else { "SET" };
        format!("{scope} lock_timeout = {}", super::lock_timeout(self.busy_timeout()))
    }

    /// A roll-back, with the timeout that it must not take back.
    fn with_timeout(&self, sql: String) -> String {
        let outlives = !self.is_pooled() || sql.starts_with("ROLLBACK TO");
        match self.timeout_at_stake.get() && outlives {
            true => format!("{sql}; {}", self.timeout_text()),
            false => sql,
        }
    }

    /// COMMIT or ROLLBACK: whatever the server answers, it has no transaction any more.
    fn end(&self, sql: Option<&str>) -> Result<()> {
        let result = match sql {
            Some(sql) => self.run(self.client.batch_execute(sql)),
            None => Ok(()),
        };
        if result.is_err() && !self.is_closed() {
            // The command itself may not have been reached: what is left open would swallow later statements.
            self.roll_back_whatever_is_open();
        }
        self.ended();
        result.map_err(|failure| self.in_sqlites_words(failure))
    }

    pub(super) fn roll_back(&self, sql: Option<String>) -> Result<()> {
        self.end(sql.map(|sql| self.with_timeout(sql)).as_deref())
    }

    /// Makes sure that the server is in no transaction; outside of one it only warns.
    pub(super) fn roll_back_whatever_is_open(&self) {
        // A connection that fails here is found closed by the next statement.
        let _ = self.run(self.client.batch_execute(&self.with_timeout("ROLLBACK".to_owned())));
    }
}
