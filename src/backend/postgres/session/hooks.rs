//! `commit_hook` and `rollback_hook`: the session sees every transaction begin and end, so it calls them where SQLite would.

use rusqlite::{Result, ffi};

use super::Session;
use crate::backend::postgres::sqlstate::failure;
use crate::backend::postgres::waiting::Waiting;
use crate::translate::Kind;
use crate::translate::ast::BeginBehavior;

type CommitHook = Box<dyn FnMut() -> bool + Send>;
type RollbackHook = Box<dyn FnMut() + Send>;

#[derive(Default)]
pub(super) struct Hooks {
    commit: Option<CommitHook>,
    rollback: Option<RollbackHook>,
}

#[cfg(feature = "hooks")]
impl Session {
    pub fn set_commit_hook(&self, hook: Option<CommitHook>) {
        self.hooks.borrow_mut().commit = hook;
    }

    pub fn set_rollback_hook(&self, hook: Option<RollbackHook>) {
        self.hooks.borrow_mut().rollback = hook;
    }
}

impl Session {
    pub(in crate::backend::postgres) fn has_hooks(&self) -> bool {
        let hooks = self.hooks.borrow();
        hooks.commit.is_some() || hooks.rollback.is_some()
    }

    pub(super) fn has_commit_hook(&self) -> bool {
        self.hooks.borrow().commit.is_some()
    }

    /// Asks the hook before a transaction that has written is committed; one that says no rolls it back.
    ///
    /// # Errors
    /// `SQLITE_CONSTRAINT_COMMITHOOK` when it says no.
    pub(super) fn ask_commit_hook(&self) -> Result<()> {
        if !self.tracker.borrow().is_writer() {
            return Ok(());
        }
        // A hook may not use its connection; one that sets another hook finds the place free.
        let Some(mut hook) = self.hooks.borrow_mut().commit.take() else { return Ok(()) };
        let vetoed = hook();
        self.hooks.borrow_mut().commit.get_or_insert(hook);
        if !vetoed {
            return Ok(());
        }
        let sql = self.tracker.borrow().rollback()?;
        self.roll_back(sql)?;
        Err(failure(ffi::SQLITE_CONSTRAINT_COMMITHOOK, "constraint failed"))
    }

    pub(super) fn tell_rollback_hook(&self) {
        let Some(mut hook) = self.hooks.borrow_mut().rollback.take() else { return };
        hook();
        self.hooks.borrow_mut().rollback.get_or_insert(hook);
    }

    /// A write outside of a transaction, in one of its own: so that hooks are called before it is committed, or others wait for it.
    pub(in crate::backend::postgres) fn in_own_transaction<T>(
        &self,
        behavior: BeginBehavior,
        mut run: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let mut waiting = Waiting::new(self.busy_timeout(), self.busy_handler());
        loop {
            self.transaction_command(&Kind::Begin(behavior))?;
            let result = run().and_then(|value| self.transaction_command(&Kind::Commit).map(|()| value));
            match result {
                Ok(value) => return Ok(value),
                Err(error) => {
                    if !self.is_autocommit() {
                        self.transaction_command(&Kind::Rollback)?;
                    }
                    let busy = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
                    // For a lock the statement itself has waited.
                    let waited = crate::postgres_error(&error).is_some_and(|report| report.sqlstate == "55P03");
                    if !(busy && !waited && waiting.wait()) {
                        return Err(error);
                    }
                }
            }
        }
    }
}
