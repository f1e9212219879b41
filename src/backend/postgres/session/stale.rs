//! Errors that a change of the tables since they were read would explain.
//!
//! A statement is translated with the catalog as it was last read. Where another process has changed it since, what the server
//! or this side then finds wrong is no fault of the program's: the catalog is looked at again, and a statement whose
//! translation it does not confirm is made anew. What has failed was undone, so nothing is written twice; and only a change
//! leads to another try.

use rusqlite::{Error, ErrorCode, Result, ffi};
use tokio_postgres::SimpleQueryMessage;

use super::{Session, quote_literal};
use crate::backend::postgres::loader;
use crate::backend::postgres::net;
use crate::backend::postgres::plan::Plan;
use crate::backend::postgres::sqlstate::failure;
use crate::error::{PostgresError, remember};
use crate::translate::{Kind, Translation};

/// How often a statement is made anew because the schema has changed under it; SQLite's limit is the same.
const MAX_RENEWALS: u32 = 50;

/// Counts how often a statement was made anew.
#[derive(Debug, Default)]
pub(in crate::backend::postgres) struct Renewals(u32);

/// What may lie behind an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Nothing that the catalog tells.
    Other,
    /// A constraint, mostly: programs go by such errors, so that it is worth a look only where somebody has told of a change.
    Constraint,
    /// A value or a key of which the translation knew more than the server does now, or less.
    Value,
    /// Names, types and columns.
    Tables,
    /// What was prepared is gone, or gives other columns.
    Prepared,
}

impl Session {
    /// After a failure: `Ok` where the statement is worth one more try, since what it was made of has changed.
    ///
    /// `was_prepared` says that it ran as something prepared earlier, so that preparing it anew may be all it takes.
    ///
    /// # Errors
    /// The error itself; SQLITE_BUSY_SNAPSHOT where the tables have changed behind the open transaction's snapshot, which shows
    /// neither their rows nor their columns as they are now.
    #[cold]
    pub(in crate::backend::postgres) fn find_changed(
        &self,
        plan: &Plan,
        was_prepared: bool,
        renewals: &mut Renewals,
        error: Error,
    ) -> Result<()> {
        if renewals.0 >= MAX_RENEWALS || self.is_closed() {
            return Err(error);
        }
        let cause = match cause(&error, &plan.translation) {
            // Only what was prepared can be old: the text is the program's.
            Cause::Tables | Cause::Prepared if plan.native => {
                if !was_prepared || renewals.0 > 0 {
                    return Err(error);
                }
                Cause::Prepared
            }
            _ if plan.native => return Err(error),
            Cause::Prepared if !was_prepared => Cause::Tables,
            cause => cause,
        };
        match self.has_changed(plan, cause) {
            Ok(true) => {
                renewals.0 += 1;
                Ok(())
            }
            Ok(false) if cause == Cause::Tables && self.is_behind() => Err(busy_snapshot(&error)),
            _ => Err(error),
        }
    }

    /// Whether the tables are others than those that the plan was made of, as far as this transaction sees.
    pub(super) fn has_changed_since(&self, plan: &Plan) -> Result<bool> {
        self.look_after_failure()?;
        Ok(!self.is_current(plan))
    }

    fn has_changed(&self, plan: &Plan, cause: Cause) -> Result<bool> {
        match cause {
            Cause::Other => return Ok(false),
            Cause::Constraint => {
                self.listen();
                if !self.may_look() {
                    // Mostly a row that is there already, which is no reason to read anything in this transaction.
                    return Ok(false);
                }
                self.catch_up()?;
                return Ok(!self.is_current(plan));
            }
            Cause::Value | Cause::Tables => {}
            Cause::Prepared => self.forget_plans(),
        }
        self.has_changed_since(plan)
    }

    /// Whether the server's tables are no longer those that the open transaction's snapshot shows: what is read of PostgreSQL's
    /// catalog comes by the snapshot, while the server prepares statements by what is committed now. Only another
    /// connection can tell.
    fn is_behind(&self) -> bool {
        let has_own = self.options.in_memory || self.known.has_uncommitted();
        if has_own || !self.tracker.borrow().sees_its_snapshot() {
            return false;
        }
        let digest = |messages: &[SimpleQueryMessage]| loader::fingerprint(messages).digest;
        let Ok(seen) = self.read(loader::fingerprint_query()) else { return false };
        let Ok(path) = self.ask("SELECT pg_catalog.current_setting('search_path')", None) else { return false };
        let Ok((client, mut wire)) = net::connect(self.config()) else { return false };
        let path = quote_literal(path.first().and_then(Option::as_deref).unwrap_or_default());
        let settings = format!("SELECT pg_catalog.set_config('search_path', {path}, false)");
        if !matches!(wire.run(client.simple_query(&settings), None), Ok(Ok(_))) {
            return false;
        }
        match wire.run(client.simple_query(loader::fingerprint_query()), None) {
            Ok(Ok(now)) => digest(&now) != digest(&seen),
            _ => false,
        }
    }
}

/// The SQLSTATE of a failure that preparing the statement anew may mend: tables have changed, or a pooler gave us another
/// server session.
pub(in crate::backend::postgres) fn is_worth_preparing(error: &Error) -> bool {
    matches!(cause(error, &Translation::default()), Cause::Tables | Cause::Prepared)
}

fn cause(error: &Error, translation: &Translation) -> Cause {
    let Some(report) = crate::postgres_error(error) else { return own_cause(error, translation) };
    let state = report.sqlstate.as_str();
    match (state.get(..2).unwrap_or_default(), state) {
        // 26000: a pooler gave us another server session.
        (_, "0A000" | "26000") => Cause::Prepared,
        // A unique index that the conflict clause knows nothing of.
        (_, "23505") if translation.resolves_conflicts => Cause::Value,
        // Rights are no part of the catalog.
        (_, "42501") => Cause::Other,
        // 42: syntax (a row that lists a table's columns no longer has their number), names, types. 2B: what depends on it.
        // 3F: schemas. 55000: a view where a table was. XX000: looked up while it was dropped.
        ("2B" | "3F" | "42", _) | (_, "55000" | "XX000") => Cause::Tables,
        // 21: several rows where a key would give one. 22: a literal, or a function, of another type than the column is now.
        ("21" | "22", _) | (_, "SL004" | "SL005") => Cause::Value,
        // NOT NULL ON CONFLICT IGNORE and its like, of which the translation did not know.
        ("23", _) => Cause::Constraint,
        _ => Cause::Other,
    }
}

/// What this side found: a refusal, a column that cannot be read, a value that does not fit what is known of its column.
fn own_cause(error: &Error, translation: &Translation) -> Cause {
    if !matches!(translation.kind, Kind::Read | Kind::Write { .. } | Kind::Schema) {
        return Cause::Other;
    }
    match error {
        Error::SqlInputError { .. } => Cause::Value,
        Error::SqliteFailure(ffi::Error { code, .. }, Some(_)) => match code {
            // A column of a type that can only be read as what it is declared.
            ErrorCode::TypeMismatch => Cause::Tables,
            ErrorCode::Unknown | ErrorCode::ConstraintViolation => Cause::Value,
            _ => Cause::Other,
        },
        _ => Cause::Other,
    }
}

/// As SQLite has it of a transaction whose snapshot is too old to go on with.
fn busy_snapshot(error: &Error) -> Error {
    let busy = failure(ffi::SQLITE_BUSY_SNAPSHOT, "database is locked");
    if let Some(report) = crate::postgres_error(error) {
        remember(&busy, PostgresError::clone(&report));
    }
    busy
}
