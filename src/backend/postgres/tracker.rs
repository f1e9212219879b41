//! Where a session stands in its transaction, as SQLite would see it (decision D9).
//!
//! Pure bookkeeping: takes what the program asks for, gives the text to send or SQLite's error. BEGIN is held back
//! until the first statement. A savepoint of our own, the guard, lets a failed statement undo only itself; it is set
//! before a statement, stays valid across reads, and is renewed only after a successful write.

use rusqlite::{Error, Result, ffi};

use super::sqlstate::failure;
use crate::config::{Isolation, Savepoints};

/// The name of our own savepoint; no program can have it, since a blank needs quoting and ours are prefixed.
const GUARD: &str = "\"sqlift guard\"";

#[derive(Debug)]
pub(crate) struct Tracker {
    isolation: Isolation,
    savepoints: Savepoints,
    /// Goes behind every BEGIN: what a session behind a pooler in transaction mode cannot keep for itself.
    local_settings: String,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// BEGIN has reached the server.
    begun: bool,
    /// It holds one statement of the program's, which runs by itself as far as the program knows: behind a pooler in
    /// transaction mode nothing runs outside of a transaction.
    implicit: bool,
    /// The transaction was started by SAVEPOINT, so that RELEASE of that savepoint commits.
    started_by_savepoint: bool,
    /// The program's own live savepoints, ASCII-lower-cased, outermost first.
    savepoints: Vec<String>,
    guard: Guard,
    wrote: bool,
    /// Other writers are locked out.
    exclusive: bool,
    /// A statement failed and nothing could undo it alone (`savepoints=never`): only ROLLBACK is left.
    broken: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// There is none, or the program's own savepoint commands took it away.
    Missing,
    Valid,
    /// A write succeeded since: rolling back to it would undo that write too.
    Stale,
}

/// What has to go ahead of the next statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub sql: String,
    /// It starts the transaction.
    pub begins: bool,
}

/// How a transaction is committed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Goes ahead of `sql`: checks the deferred constraints. Where that fails it can be undone, and the transaction goes on.
    pub check: Option<String>,
    pub sql: String,
}

impl Commit {
    /// All of it, for one trip.
    pub fn text(&self) -> String {
        match &self.check {
            Some(check) => format!("{check}; {}", self.sql),
            None => self.sql.clone(),
        }
    }
}

impl Open {
    fn new() -> Open {
        Open {
            begun: false,
            exclusive: false,
            implicit: false,
            started_by_savepoint: false,
            savepoints: Vec::new(),
            guard: Guard::Missing,
            wrote: false,
            broken: false,
        }
    }
}

impl Ahead {
    /// One by one.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let (statement, tail) = crate::syntax::next_native_statement(&self.sql, from)?;
            from = tail;
            Some(statement.text(&self.sql))
        })
    }
}

impl Tracker {
    pub fn new(isolation: Isolation, savepoints: Savepoints) -> Tracker {
        Tracker { isolation, savepoints, local_settings: String::new(), open: None }
    }

    /// Sets what goes behind every BEGIN: statements, each with its semicolon in front.
    pub fn set_local_settings(&mut self, sql: String) {
        self.local_settings = sql;
    }

    pub fn is_autocommit(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.implicit)
    }

    /// The transaction around a statement that runs by itself; nothing when one is open already.
    pub fn begin_implicit(&mut self) {
        self.open.get_or_insert_with(|| Open { implicit: true, ..Open::new() });
    }

    /// The open transaction is one of [`begin_implicit`](Tracker::begin_implicit).
    pub fn is_implicit(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.implicit)
    }

    /// The open transaction is what SQLite calls a write transaction: it has written, or began by locking out other writers.
    pub fn is_writer(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.wrote || open.exclusive)
    }

    pub fn in_transaction_on_server(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.begun)
    }

    /// `BEGIN`, which goes out with the first statement.
    pub fn begin(&mut self) -> Result<()> {
        if !self.is_autocommit() {
            return Err(failure(ffi::SQLITE_ERROR, "cannot start a transaction within a transaction"));
        }
        self.open = Some(Open::new());
        Ok(())
    }

    /// The text of BEGIN itself.
    ///
    /// A sequential scan in a serializable transaction takes a predicate lock on the whole relation, so that
    /// transactions over small tables would abort each other: index scans are preferred there.
    pub fn begin_text(&self) -> String {
        let begin = match self.isolation {
            Isolation::Serializable if self.is_implicit() => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off",
            Isolation::RepeatableRead => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        format!("{begin}{}", self.local_settings)
    }

    /// BEGIN was sent and succeeded.
    pub fn begun(&mut self) {
        if let Some(open) = &mut self.open {
            open.begun = true;
        }
    }

    /// BEGIN IMMEDIATE or EXCLUSIVE was sent and succeeded.
    pub fn begun_exclusive(&mut self) {
        self.begun();
        if let Some(open) = &mut self.open {
            open.exclusive = true;
        }
    }

    /// What to send ahead of a statement, if anything; call [`Tracker::sent_ahead`] once it succeeded.
    pub fn ahead(&self) -> Result<Option<Ahead>> {
        self.refuse_broken()?;
        let Some(open) = &self.open else { return Ok(None) };
        let guarded = self.guards(open);
        let sql = match (open.begun, open.guard) {
            (false, _) if guarded => format!("{}; SAVEPOINT {GUARD}", self.begin_text()),
            (false, _) => self.begin_text(),
            (true, _) if !guarded => return Ok(None),
            (true, Guard::Valid) if self.savepoints == Savepoints::Auto => return Ok(None),
            (true, Guard::Missing) => format!("SAVEPOINT {GUARD}"),
            (true, _) => format!("RELEASE {GUARD}; SAVEPOINT {GUARD}"),
        };
        Ok(Some(Ahead { sql, begins: !open.begun }))
    }

    /// In a transaction that only ROLLBACK ends nothing else is sent.
    fn refuse_broken(&self) -> Result<()> {
        if !self.open.as_ref().is_some_and(|open| open.broken) {
            return Ok(());
        }
        Err(failure(
            ffi::SQLITE_ABORT_ROLLBACK,
            "a statement of this transaction failed, and there is no way back to before it (savepoints=never, or an interrupt): roll back",
        ))
    }

    /// Whether a failed statement is undone alone. One that runs by itself is undone with its transaction.
    fn guards(&self, open: &Open) -> bool {
        self.savepoints != Savepoints::Never && !open.implicit
    }

    pub fn sent_ahead(&mut self) {
        let guarded = self.open.as_ref().is_some_and(|open| self.guards(open));
        if let Some(open) = &mut self.open {
            open.begun = true;
            if guarded {
                open.guard = Guard::Valid;
            }
        }
    }

    /// A statement succeeded.
    pub fn succeeded(&mut self, wrote: bool) {
        if let Some(open) = &mut self.open
            && wrote
        {
            open.wrote = true;
            if open.guard == Guard::Valid {
                open.guard = Guard::Stale;
            }
        }
    }

    /// A statement failed: what to send to undo only it. `None` when there is nothing to undo, or no way.
    pub fn failed(&mut self) -> Option<String> {
        let open = self.open.as_mut()?;
        if open.implicit {
            let begun = open.begun;
            self.open = None;
            return begun.then(|| "ROLLBACK".to_owned());
        }
        if !open.begun {
            return None;
        }
        if open.guard == Guard::Valid {
            return Some(format!("ROLLBACK TO {GUARD}"));
        }
        open.broken = true;
        None
    }

    /// A failed statement could be undone alone: nothing is lost by ending one on the way.
    pub fn can_undo(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.guard == Guard::Valid)
    }

    /// The program's transaction is open and in order, and goes on reading what was committed when it began.
    pub fn sees_its_snapshot(&self) -> bool {
        let goes_on = |open: &Open| !open.implicit && open.guard == Guard::Valid;
        self.isolation != Isolation::ReadCommitted && self.open.as_ref().is_some_and(goes_on)
    }

    /// The server's transaction has failed and nothing undoes that but ROLLBACK.
    pub fn break_transaction(&mut self) {
        if let Some(open) = &mut self.open {
            open.broken = true;
        }
    }

    /// The transaction on the server is gone, with the connection or by an error that ends it.
    pub fn lost(&mut self) {
        self.open = None;
    }

    /// The text to send for COMMIT, `None` when nothing was begun on the server.
    ///
    /// PostgreSQL answers COMMIT of a failed transaction with success, and rolls back: the savepoint command ahead of it
    /// fails there, so that lost writes are never taken for committed ones.
    ///
    /// With `may_have_deferred` constraints they are checked above a guard of their own, since a COMMIT that fails has
    /// rolled back already, and SQLite's leaves the transaction open: see [`Commit::check`].
    pub fn commit(&self, may_have_deferred: bool) -> Result<Option<Commit>> {
        let open = match &self.open {
            None => return Err(failure(ffi::SQLITE_ERROR, "cannot commit - no transaction is active")),
            Some(open) if open.broken => {
                return Err(failure(
                    ffi::SQLITE_ABORT_ROLLBACK,
                    "cannot commit - a statement of this transaction failed; roll it back",
                ));
            }
            Some(open) => open,
        };
        if !open.begun {
            return Ok(None);
        }
        let stays_open = may_have_deferred && open.wrote && self.guards(open);
        let ahead = match open.guard {
            _ if open.implicit => String::new(),
            Guard::Missing => format!("SAVEPOINT {GUARD}; "),
            Guard::Stale if stays_open => format!("RELEASE {GUARD}; SAVEPOINT {GUARD}; "),
            Guard::Valid if stays_open => String::new(),
            Guard::Stale | Guard::Valid => format!("RELEASE {GUARD}; "),
        };
        if !stays_open {
            return Ok(Some(Commit { check: None, sql: format!("{ahead}COMMIT") }));
        }
        let check = format!("{ahead}SET CONSTRAINTS ALL IMMEDIATE");
        Ok(Some(Commit { check: Some(check), sql: "COMMIT".to_owned() }))
    }

    /// The text that goes back to before the check of deferred constraints; call [`Tracker::kept_open`] once it succeeded.
    pub fn undo_check(&self) -> String {
        format!("ROLLBACK TO {GUARD}")
    }

    pub fn kept_open(&mut self) {
        if let Some(open) = &mut self.open {
            open.guard = Guard::Valid;
        }
    }

    pub fn rollback(&self) -> Result<Option<String>> {
        match &self.open {
            None => Err(failure(ffi::SQLITE_ERROR, "cannot rollback - no transaction is active")),
            Some(open) => Ok(open.begun.then(|| "ROLLBACK".to_owned())),
        }
    }

    pub fn ended(&mut self) {
        self.open = None;
    }

    /// The text to send for `SAVEPOINT name`; outside a transaction it starts one.
    pub fn savepoint(&self, name: &str) -> Result<String> {
        self.refuse_broken()?;
        let mut sql = String::new();
        match &self.open {
            Some(open) if open.begun => {
                // The guard never lies below a savepoint of the program's: rolling back to it would take that away.
                if open.guard != Guard::Missing {
                    sql = format!("RELEASE {GUARD}; ");
                }
            }
            _ => sql = format!("{}; ", self.begin_text()),
        }
        Ok(sql + "SAVEPOINT " + &quoted(name))
    }

    pub fn savepoint_set(&mut self, name: &str) {
        let open = self.open.get_or_insert_with(|| Open { started_by_savepoint: true, ..Open::new() });
        open.begun = true;
        open.guard = Guard::Missing;
        open.savepoints.push(name.to_ascii_lowercase());
    }

    /// Whether `RELEASE name` commits: it is the savepoint that started the transaction.
    pub fn release_commits(&self, name: &str) -> Result<bool> {
        self.find(name).map(|(open, at)| at == 0 && open.started_by_savepoint)
    }

    /// The text for `RELEASE name` of a savepoint inside a transaction.
    pub fn release(&self, name: &str) -> Result<String> {
        self.refuse_broken()?;
        Ok(format!("RELEASE {}", quoted(name)))
    }

    pub fn released(&mut self, name: &str) {
        let Ok((_, at)) = self.find(name) else { return };
        if let Some(open) = &mut self.open {
            open.savepoints.truncate(at);
            open.guard = Guard::Missing;
        }
    }

    pub fn rollback_to(&self, name: &str) -> Result<String> {
        self.find(name)?;
        Ok(format!("ROLLBACK TO {}", quoted(name)))
    }

    pub fn rolled_back_to(&mut self, name: &str) {
        let Ok((_, at)) = self.find(name) else { return };
        if let Some(open) = &mut self.open {
            open.savepoints.truncate(at + 1);
            open.guard = Guard::Missing;
            open.broken = false;
        }
    }

    /// The innermost savepoint of that name.
    fn find(&self, name: &str) -> Result<(&Open, usize)> {
        let lower = name.to_ascii_lowercase();
        self.open
            .as_ref()
            .and_then(|open| open.savepoints.iter().rposition(|known| *known == lower).map(|at| (open, at)))
            .ok_or_else(|| no_such_savepoint(name))
    }
}

fn no_such_savepoint(name: &str) -> Error {
    failure(ffi::SQLITE_ERROR, format!("no such savepoint: {name}"))
}

/// The program's savepoint as PostgreSQL's: names are compared without regard to case in SQLite.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.to_ascii_lowercase().replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracker() -> Tracker {
        Tracker::new(Isolation::Serializable, Savepoints::Auto)
    }

    fn ahead(tracker: &mut Tracker) -> Option<String> {
        let ahead = tracker.ahead().expect("not broken")?;
        tracker.sent_ahead();
        Some(ahead.sql)
    }

    #[test]
    fn the_guard_is_renewed_only_after_a_write() {
        let mut tracker = tracker();
        assert_eq!(ahead(&mut tracker), None, "nothing in autocommit");
        tracker.begin().expect("begins");
        let begin = ahead(&mut tracker).expect("BEGIN goes out with the first statement");
        assert!(begin.starts_with("BEGIN ISOLATION LEVEL SERIALIZABLE; ") && begin.contains("; SAVEPOINT "), "{begin}");
        tracker.succeeded(false);
        assert_eq!(ahead(&mut tracker), None, "reads cost nothing");
        tracker.succeeded(true);
        assert_eq!(ahead(&mut tracker).expect("renewed"), format!("RELEASE {GUARD}; SAVEPOINT {GUARD}"));
        assert_eq!(tracker.failed().expect("undone"), format!("ROLLBACK TO {GUARD}"));
        assert_eq!(ahead(&mut tracker), None, "ROLLBACK TO keeps the savepoint");
        assert_eq!(commit(&tracker, false), format!("RELEASE {GUARD}; COMMIT"));
        assert_eq!(commit(&tracker, true), "SET CONSTRAINTS ALL IMMEDIATE; COMMIT", "the guard is still good");
        tracker.succeeded(true);
        let check = "SET CONSTRAINTS ALL IMMEDIATE; COMMIT";
        assert_eq!(commit(&tracker, true), format!("RELEASE {GUARD}; SAVEPOINT {GUARD}; {check}"));
    }

    fn commit(tracker: &Tracker, may_have_deferred: bool) -> String {
        tracker.commit(may_have_deferred).expect("commits").expect("begun").text()
    }

    #[test]
    fn a_statement_that_runs_by_itself_can_have_a_transaction_around_it() {
        let mut tracker = tracker();
        tracker.set_local_settings("; SET LOCAL x = 1".to_owned());
        tracker.begin_implicit();
        assert!(tracker.is_autocommit() && tracker.is_implicit());
        assert_eq!(ahead(&mut tracker).expect("begin"), "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL x = 1");
        assert_eq!(ahead(&mut tracker), None, "no guard");
        tracker.succeeded(true);
        assert_eq!(commit(&tracker, true), "COMMIT");
        assert_eq!(tracker.failed().as_deref(), Some("ROLLBACK"));
        assert!(!tracker.is_implicit(), "over");
    }

    #[test]
    fn an_empty_transaction_costs_no_trip() {
        let mut tracker = tracker();
        tracker.begin().expect("begins");
        assert!(!tracker.is_autocommit());
        assert_eq!(tracker.commit(true).expect("commits"), None);
    }

    #[test]
    fn a_savepoint_outside_a_transaction_starts_one_and_its_release_commits() {
        let mut tracker = tracker();
        assert!(tracker.savepoint("S").expect("opens").starts_with("BEGIN"));
        tracker.savepoint_set("S");
        assert!(!tracker.is_autocommit());
        assert!(tracker.release_commits("s").expect("found without regard to case"));
        tracker.ended();
        assert!(tracker.is_autocommit());
        assert!(tracker.release_commits("s").is_err());
    }

    #[test]
    fn the_guard_never_lies_below_the_programs_savepoint() {
        let mut tracker = tracker();
        tracker.begin().expect("begins");
        ahead(&mut tracker);
        assert_eq!(tracker.savepoint("a").expect("opens"), format!("RELEASE {GUARD}; SAVEPOINT \"a\""));
        tracker.savepoint_set("a");
        assert_eq!(ahead(&mut tracker).expect("a new guard above it"), format!("SAVEPOINT {GUARD}"));
        tracker.rolled_back_to("a");
        assert_eq!(ahead(&mut tracker).expect("ROLLBACK TO took the guard away"), format!("SAVEPOINT {GUARD}"));
    }

    #[test]
    fn without_savepoints_a_failure_leaves_only_rollback() {
        let mut tracker = Tracker::new(Isolation::ReadCommitted, Savepoints::Never);
        tracker.begin().expect("begins");
        assert_eq!(ahead(&mut tracker).expect("begin"), "BEGIN ISOLATION LEVEL READ COMMITTED");
        assert_eq!(tracker.failed(), None);
        assert!(tracker.ahead().is_err() && tracker.commit(false).is_err());
        assert_eq!(tracker.rollback().expect("rolls back").as_deref(), Some("ROLLBACK"));
    }

    #[test]
    fn nested_begin_and_stray_ends_have_sqlites_messages() {
        let mut tracker = tracker();
        let message = |error: Error| error.to_string();
        assert_eq!(message(tracker.commit(false).expect_err("stray")), "cannot commit - no transaction is active");
        assert_eq!(message(tracker.rollback().expect_err("stray")), "cannot rollback - no transaction is active");
        tracker.begin().expect("begins");
        assert_eq!(tracker.begin().expect_err("nested").to_string(), "cannot start a transaction within a transaction");
    }
}
