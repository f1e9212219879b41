//! Running statements: what goes ahead of them, their first rows, retries, and what they leave behind.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Error, ErrorCode, Result, ffi};

use super::bind::{Binding, Parameter};
use super::decode::{Decoded, Decoder};
use super::net::RawRows;
use super::plan::{Again, Plan, Prepared};
use super::request;
use super::results::{Active, Answer, Chunk};
use super::session::{Failure, Renewals, Session};
use super::sqlstate::{failure, interrupted, other_types, too_big};
use super::waiting::Waiting;
use super::{Statement, tracker::Ahead};
use crate::translate::ast::BeginBehavior;
use crate::translate::session_trigger;
use crate::translate::{ChangeCount, Kind, RowidReturn, Set, SlotContext};

/// Rows of a write that are kept before they are looked through for its row id.
const WRITE_CHUNK: usize = 256;

/// How often a write that stands alone is tried again beside others, before it locks them out.
const MAX_ABORTED: u32 = 2;

/// A statement that runs, its first rows in the caller's buffer.
pub(super) struct Started {
    /// What runs, `None` for statements without a result.
    pub prepared: Option<Arc<Prepared>>,
    /// The result to go on with, `None` when it is over.
    pub id: Option<u64>,
    /// What the result ended with, after the rows that came before it.
    pub failure: Option<Error>,
}

/// A statement that failed, and runs another way instead.
struct Instead {
    plan: Arc<Plan>,
    prepared: Option<Arc<Prepared>>,
    error: Error,
}

/// What the server gave so far.
struct Opened {
    answer: Answer,
    chunk: Chunk,
}

impl Started {
    const NOTHING: Started = Started { prepared: None, id: None, failure: None };
}

impl Session {
    /// `Statement::execute`.
    pub(super) fn execute(&self, statement: &mut Statement) -> Result<usize> {
        if statement.plan.translation.kind == Kind::Empty {
            return Err(failure(ffi::SQLITE_MISUSE, "bad parameter or other API misuse"));
        }
        if !self.run_statement(statement)? {
            return Ok(usize::try_from(self.changes.get()).unwrap_or(usize::MAX));
        }
        Err(Error::ExecuteReturnedResults)
    }

    /// Runs a statement up to its first row, as rusqlite steps it, and gives whether there was one.
    pub(super) fn run_statement(&self, statement: &mut Statement) -> Result<bool> {
        let mut rows = RawRows::default();
        let started = self.start(statement, &mut rows)?;
        if let Some(id) = started.id {
            self.abandon(id);
        }
        match started.failure {
            Some(error) if rows.is_empty() => Err(error),
            _ => Ok(!rows.is_empty()),
        }
    }

    /// Starts a statement. A write runs to its end, as SQLite's does before it gives its first row.
    pub(super) fn start(&self, statement: &mut Statement, rows: &mut RawRows) -> Result<Started> {
        let mut instead_of = None;
        let result = self.start_either(statement, rows, &mut instead_of);
        let Some(Instead { plan, prepared, error }) = instead_of else { return result };
        // The next run tries the plain statement first again.
        let fails = plan.translation.fails && statement.plan.again == Again::RowByRow;
        (statement.plan, statement.prepared) = (plan, prepared);
        match result {
            Ok(_) if fails => Err(error),
            result => result,
        }
    }

    /// `instead_of` gets what another plan took the place of.
    fn start_either(
        &self,
        statement: &mut Statement,
        rows: &mut RawRows,
        instead_of: &mut Option<Instead>,
    ) -> Result<Started> {
        self.nothing_ran.set(true);
        self.make_room()?;
        if self.in_flight.is_interrupted() && statement.plan.is_prepared() {
            return Err(interrupted());
        }
        self.catch_up_before_running()?;
        if !self.is_current(&statement.plan) {
            self.renew(statement)?;
        }
        self.refuse_key_actions(&statement.plan)?;
        self.refuse_writes(statement)?;
        if statement.plan.is_too_big && statement.plan.is_prepared() {
            return Err(too_big());
        }
        let writes =
            matches!(statement.plan.translation.kind, Kind::Write { .. } | Kind::Schema) && !statement.plan.native;
        if writes && self.is_autocommit() && self.has_hooks() {
            return self.in_own_transaction(BeginBehavior::Deferred, || self.start(statement, rows));
        }
        let mut renewals = Renewals::default();
        let mut waiting = Waiting::new(self.busy_timeout(), self.busy_handler());
        let (mut caught_up, mut aborted) = (false, 0);
        loop {
            let plan = Arc::clone(&statement.plan);
            let failed = match self.attempt(statement, &plan, rows) {
                Ok(Ok(started)) => return Ok(started),
                Ok(Err(failed)) => failed,
                // DDL; the server has waited for its locks as long as the timeout says.
                Err(error)
                    if self.busy_handler().is_some()
                        && !plan.is_prepared()
                        && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && matches!(plan.translation.kind, Kind::Schema)
                        && waiting.wait() =>
                {
                    continue;
                }
                Err(error) => {
                    let was_prepared = statement.prepared.is_some();
                    self.find_changed(&plan, was_prepared, &mut renewals, error)?;
                    self.renew(statement)?;
                    continue;
                }
            };
            let for_values = Again::for_values(&plan.translation, failed.sqlstate()).filter(|_| instead_of.is_none());
            if !rows.is_empty() && plan.translation.kind == Kind::Read && for_values.is_none() {
                // The rows before the error are handed out first, so nothing may be tried again.
                let failure = Some(self.recover_run(failed, statement));
                return Ok(Started { prepared: statement.prepared.clone(), id: None, failure });
            }
            rows.clear();
            let state = failed.sqlstate().unwrap_or_default().to_owned();
            let rolls_back = failed.rolls_back();
            if let Kind::Write { .. } = plan.translation.kind {
                self.changes.set(0);
            }
            let error = self.recover_run(failed, statement);
            if state == "26000" && !self.is_closed() {
                self.statement_is_gone()?;
            }
            if state == "23505" && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) {
                // Nothing of it can be seen, so there is nothing to resolve.
                return Err(error);
            }
            let broken = matches!(state.as_str(), "23505" | "23502" | "23514");
            // SL002: RAISE(ROLLBACK, ...) in a trigger.
            if (plan.translation.rolls_back && broken || rolls_back || state == "SL002") && !self.is_autocommit() {
                self.transaction_command(&Kind::Rollback)?;
                // With what stood in its way undone it would succeed, in a transaction of its own.
                return Err(error);
            }
            match state.as_str() {
                // Nobody has seen a row of it and it is a transaction of its own: SQLite's busy handler would wait.
                "40001" | "40P01" if self.is_autocommit() && waiting.wait() => {
                    crate::observe::retried("serialization");
                    aborted += 1;
                    // Its snapshot is older than its wait for a lock: where all write the same rows it would never be its turn.
                    if aborted > MAX_ABORTED && writes {
                        let immediate = BeginBehavior::Immediate;
                        return self.in_own_transaction(immediate, || self.start(statement, rows));
                    }
                }
                // The server has waited already, as long as the timeout says; a handler says by itself how long.
                "55P03" if self.busy_handler().is_some() && waiting.wait() => {}
                "23505" if !caught_up && self.catch_up_identity(&plan, &error) => caught_up = true,
                _ if instead_of.is_some() => return Err(error),
                state => {
                    let by_row = plan.translation.row_by_row_on.contains(&state).then_some(Again::RowByRow);
                    let otherwise = for_values.or(by_row);
                    let was_prepared = statement.prepared.is_some();
                    let found = self.find_changed(&plan, was_prepared, &mut renewals, error);
                    let (error, again) = match (found, otherwise) {
                        (Ok(()), _) => {
                            // What cannot be made anew is refused for what it is now.
                            self.renew(statement)?;
                            continue;
                        }
                        (Err(error), Some(again)) => (error, again),
                        (Err(error), None) => return Err(error),
                    };
                    let again = Arc::new(self.plan_again(&plan, again)?);
                    let prepared = statement.prepared.take();
                    *instead_of =
                        Some(Instead { plan: std::mem::replace(&mut statement.plan, again), prepared, error });
                }
            }
        }
    }

    /// As [`recover`](Self::recover), for what of the statement went to the server.
    fn recover_run(&self, failed: Failure, statement: &Statement) -> Error {
        let translation = match &statement.prepared {
            Some(prepared) => &prepared.translation,
            None => &statement.plan.translation,
        };
        self.recover_statement(failed, Some((&statement.plan.sql, translation)))
    }

    /// Moves an identity on whose next id was taken; `false` when that was not the reason, or the role may not.
    fn catch_up_identity(&self, plan: &Plan, error: &Error) -> bool {
        let is_key = error.sqlite_extended_error_code() == Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY);
        match &plan.translation.catch_up_identity {
            Some(sql) if is_key && !plan.translation.rolls_back => match self.guarded_batch(sql) {
                Ok(Ok(())) => true,
                Ok(Err(failed)) => {
                    self.recover(failed, None);
                    false
                }
                Err(_) => false,
            },
            _ => false,
        }
    }

    /// One attempt; the inner error is the server's, before the transaction is put right.
    fn attempt(
        &self,
        statement: &mut Statement,
        plan: &Arc<Plan>,
        rows: &mut RawRows,
    ) -> Result<std::result::Result<Started, Failure>> {
        self.spend_deferral(plan);
        match &plan.translation.kind {
            Kind::Empty => return Ok(Ok(Started::NOTHING)),
            kind @ (Kind::Begin(_)
            | Kind::Commit
            | Kind::Rollback
            | Kind::Savepoint(_)
            | Kind::Release(_)
            | Kind::RollbackTo(_)) => {
                self.nothing_ran.set(false);
                self.transaction_command(kind)?;
                return Ok(Ok(Started::NOTHING));
            }
            _ if !plan.is_prepared() => {
                self.nothing_ran.set(false);
                match plan.translation.slots.is_empty() {
                    true => self.run_unprepared(plan)?,
                    false => self.run_unprepared(&self.plan_with_values(statement)?)?,
                }
                return Ok(Ok(Started::NOTHING));
            }
            _ => {}
        }
        self.keep_setting(plan)?;
        let prepared = self.prepared(statement, plan)?;
        self.enter();
        let opened = match self.open_stream(&prepared, plan, statement, rows)? {
            Ok(opened) => opened,
            Err(failed) => return Ok(Err(failed)),
        };
        if !rows.is_empty() && !prepared.describes(&self.tap) {
            rows.clear();
            self.undo_failed();
            return Err(other_types());
        }
        if let Kind::Write { returns_rows: keep_all, .. } = plan.translation.kind {
            return Ok(self.finish_write(opened, plan, &prepared, rows, keep_all).map(|()| Started {
                prepared: Some(prepared),
                id: None,
                failure: None,
            }));
        }
        let mut results = self.results.borrow_mut();
        let id = results.new_id();
        match opened.chunk {
            Chunk::End => {
                self.tracker.borrow_mut().succeeded(plan.may_write());
                // The stream holds nothing on the server any more; a named statement would be closed too late.
                drop(opened.answer);
                Ok(self.leave().map(|()| Started { prepared: Some(prepared), id: None, failure: None }))
            }
            Chunk::More => {
                let wrote = plan.may_write();
                results.active =
                    Some(Active { id, answer: opened.answer, wrote, abandoned: false, interrupted: false });
                self.in_flight.set_result(true);
                Ok(Ok(Started { prepared: Some(prepared), id: Some(id), failure: None }))
            }
        }
    }

    /// The variant for what is bound now.
    #[inline]
    fn prepared(&self, statement: &mut Statement, plan: &Arc<Plan>) -> Result<Arc<Prepared>> {
        if let Some(prepared) = &statement.prepared
            && prepared.suits(&plan.translation, &statement.bindings)
        {
            return Ok(Arc::clone(prepared));
        }
        let prepared = self.prepare_variant(plan, &statement.bindings)?;
        statement.prepared = Some(Arc::clone(&prepared));
        Ok(prepared)
    }

    /// Sends the statement, with what has to go ahead of it, and waits for its first rows.
    fn open_stream(
        &self,
        prepared: &Prepared,
        plan: &Plan,
        statement: &Statement,
        rows: &mut RawRows,
    ) -> Result<std::result::Result<Opened, Failure>> {
        let ahead = self.tracker.borrow().ahead()?;
        let slots = prepared.translation.slots.iter();
        let counters = [
            Binding::of_integer(self.last_insert_rowid.get()),
            Binding::of_integer(i64::try_from(self.changes.get()).unwrap_or(i64::MAX)),
            Binding::of_integer(i64::try_from(self.total_changes.get()).unwrap_or(i64::MAX)),
            Binding::of_integer(i64::try_from(self.busy_timeout().as_millis()).unwrap_or(i64::MAX)),
        ];
        let settings = std::cell::OnceCell::new();
        let parameters = slots.map(|slot| match (slot.context, slot.binding()) {
            (SlotContext::Counter(counter), _) => Parameter { binding: &counters[counter as usize], slot },
            (SlotContext::Setting(place), _) => {
                let settings = settings.get_or_init(|| self.settings.borrow().bindings());
                Parameter { binding: &settings[usize::from(place)], slot }
            }
            (_, index) => Parameter { binding: &statement.bindings[index.unwrap_or_default()], slot },
        });
        let mut before: Vec<&str> = ahead.iter().flat_map(Ahead::statements).collect();
        before.extend(prepared.translation.tells_triggers.as_deref());
        self.tap.open(|out| request::write(out, &before, prepared, &prepared.translation, parameters)).inspect_err(
            |_| {
                if let Kind::Write { .. } = plan.translation.kind {
                    self.changes.set(0);
                }
            },
        )?;
        self.nothing_ran.set(false);
        let completed = std::cell::Cell::new(0);
        let request = pin!(async {
            let mut answer = Answer::new(self.client.simple_query_raw(self.tap.marker()).await?);
            let chunk = poll_fn(|context| {
                let polled = answer.poll_chunk(&self.tap, rows, context);
                completed.set(answer.completed);
                polled
            });
            let chunk = chunk.await?;
            Ok(Opened { answer, chunk })
        });
        let result = self.run(request);
        // The server answers in order. Where its farewell came before it accepted the parameters, it ran nothing.
        self.nothing_ran.set(ahead.is_none() && result.is_err() && !self.tap.was_accepted() && self.was_ended());
        let Some(ahead) = &ahead else { return Ok(result) };
        match result {
            // One Sync for all: what is behind a failure was not looked at.
            Err(failed @ Failure::Server(_)) if completed.get() < before.len() => {
                Ok(Err(self.ahead_failed(failed, ahead.begins)))
            }
            Err(stopped @ Failure::Stopped(_)) => Ok(Err(stopped)),
            result => {
                self.tracker.borrow_mut().sent_ahead();
                Ok(result)
            }
        }
    }

    /// Reads a write's result to its end and sets the counters. Without RETURNING only the last row matters: it holds
    /// the row id.
    fn finish_write(
        &self,
        mut opened: Opened,
        plan: &Plan,
        prepared: &Prepared,
        rows: &mut RawRows,
        keep_all: bool,
    ) -> std::result::Result<(), Failure> {
        let (mut rowid, mut written) = (None, 0);
        // The last row may be what the triggers changed.
        let asks = prepared.translation.runs_triggers;
        while opened.chunk == Chunk::More {
            if !keep_all && rows.len() > WRITE_CHUNK {
                let mut last = if asks { rows.take_last() } else { RawRows::default() };
                rowid = last_rowid(plan, prepared, rows).or(rowid);
                written += rows_written(plan, prepared, rows);
                rows.clear();
                rows.append(&mut last);
            }
            opened.chunk = self.run(poll_fn(|context| opened.answer.poll_chunk(&self.tap, rows, context)))?;
        }
        let by_triggers = if asks { changed_by_triggers(&rows.take_last()) } else { 0 };
        let changed = match plan.translation.count {
            _ if plan.translation.rowid == RowidReturn::PerRow => written + rows_written(plan, prepared, rows),
            ChangeCount::Affected if asks => opened.answer.affected_before,
            ChangeCount::Affected => opened.answer.affected,
            ChangeCount::None => 0,
        };
        if let Some(rowid) = last_rowid(plan, prepared, rows).or(rowid) {
            self.last_insert_rowid.set(rowid);
        }
        if !keep_all {
            rows.clear();
        }
        self.changes.set(changed);
        self.total_changes.set(self.total_changes.get() + changed + by_triggers);
        self.tracker.borrow_mut().succeeded(true);
        self.leave()
    }

    /// What a PRAGMA sets.
    fn keep_setting(&self, plan: &Plan) -> Result<()> {
        match plan.translation.sets {
            None => Ok(()),
            Some(Set::BusyTimeout(milliseconds)) => self.set_busy_timeout(Duration::from_millis(milliseconds.into())),
            Some(Set::ForeignKeys(on)) => self.set_foreign_keys(on),
            Some(Set::DeferForeignKeys(on)) => {
                self.defer_foreign_keys(on);
                Ok(())
            }
            Some(Set::Setting(place, number)) => {
                self.settings.borrow_mut().set(place, number);
                self.obey_setting(place, number);
                Ok(())
            }
        }
    }

    /// DDL and settings: sent as text, all parts in one transaction.
    fn run_unprepared(&self, plan: &Plan) -> Result<()> {
        self.keep_setting(plan)?;
        if matches!(plan.translation.sets, Some(Set::DeferForeignKeys(_))) && self.is_autocommit() {
            return Ok(());
        }
        if plan.translation.needs_compat {
            self.install_compat()?;
        }
        let translation = &plan.translation;
        let mut parts: Vec<&str> = translation.prelude.iter().map(String::as_str).collect();
        parts.push(&translation.sql);
        if parts.iter().all(|part| part.trim().is_empty()) {
            return Ok(());
        }
        let changes_schema = translation.kind == Kind::Schema;
        let for_all = changes_schema && !plan.native && !is_temporary(&translation.sql);
        let notice = if for_all { self.notice_of_change() } else { None };
        parts.extend(notice.as_deref());
        let sql = parts.join(";\n");
        if self.is_pooled() {
            super::native::refuse_session_state(&sql)?;
        }
        // The server's position counts from the first part.
        let place = plan.translation.prelude.is_empty().then_some(plan);
        let ran = if for_all { self.batch_behind_keys(&sql)? } else { self.guarded_batch(&sql)? };
        ran.map_err(|failed| self.recover(failed, place))?;
        match (changes_schema, plan.native) {
            (false, _) => {}
            (true, true) => self.anything_changed(),
            (true, false) => self.schema_changed_by(&plan.sql, for_all),
        }
        self.sweep_behind(&translation.sql);
        if plan.native && super::native::forgets_settings(&plan.sql) {
            self.renew_settings()?;
        }
        Ok(())
    }
}

/// The row id of the last row that was inserted, from the hidden columns.
fn last_rowid(plan: &Plan, prepared: &Prepared, rows: &RawRows) -> Option<i64> {
    let columns = &prepared.columns;
    let integers = |from_last: usize| {
        let index = columns.len() - from_last;
        rows.column(index).map(move |value| integer(columns[index].decoder, value?))
    };
    match plan.translation.rowid {
        RowidReturn::None => None,
        RowidReturn::LastColumn => integers(1).last().flatten(),
        RowidReturn::LastColumnIfInserted => {
            integers(2).zip(integers(1)).filter(|(_, inserted)| *inserted == Some(1)).last().and_then(|(id, _)| id)
        }
        RowidReturn::PerRow => integers(1).flatten().last(),
    }
}

/// How many rows were changed by a statement that writes one after the other.
fn rows_written(plan: &Plan, prepared: &Prepared, rows: &RawRows) -> u64 {
    if plan.translation.rowid != RowidReturn::PerRow {
        return 0;
    }
    let index = prepared.columns.len() - 2;
    let counts = rows.column(index).filter_map(|value| integer(prepared.columns[index].decoder, value?));
    counts.filter_map(|count| u64::try_from(count).ok()).sum()
}

/// The answer to the question behind a statement that may run triggers.
fn changed_by_triggers(answer: &RawRows) -> u64 {
    let counted = answer.column(0).flatten().next().and_then(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?)));
    counted.and_then(|counted| u64::try_from(counted).ok()).unwrap_or(0)
}

fn integer(decoder: Decoder, bytes: &[u8]) -> Option<i64> {
    match decoder.decode(bytes, 0)? {
        Decoded::InPlace(ValueRef::Integer(integer)) => Some(integer),
        _ => None,
    }
}

/// It makes something that no other session sees.
fn is_temporary(ddl: &str) -> bool {
    if session_trigger::is_about_one(ddl) {
        return true;
    }
    let mut words = ddl.split_ascii_whitespace();
    let (create, temporary) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    create.eq_ignore_ascii_case("create")
        && ["temp", "temporary"].iter().any(|word| temporary.eq_ignore_ascii_case(word))
}
