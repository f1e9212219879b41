//! One connection to PostgreSQL, as SQLite's connection would behave.
//!
//! Blocking, over tokio-postgres without an async runtime. This file keeps what lives as long as the connection: plans,
//! catalog, counters. `lifecycle` opens and closes, `transaction` carries out transaction commands, `exec` beside them
//! runs statements.

mod catalog;
mod exclusive;
mod flags;
mod foreign_keys;
mod hooks;
mod lifecycle;
#[cfg(feature = "limits")]
mod limits;
#[cfg(not(feature = "limits"))]
#[path = "session/no_limits.rs"]
mod limits;
mod own_triggers;
mod pending_keys;
mod pooler;
mod query_only;
mod refused;
mod stale;
mod transaction;
mod unseen;
mod variant;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashlink::LruCache;
use rusqlite::{Error, Result, ffi};
use tokio_postgres::Client;

use super::Statement;
use super::interrupt::{InFlight, InterruptHandle};
use super::native;
use super::net::{ConnectError, RowTap, Stopped, Wire};
use super::plan::{Again, Plan, Prepared};
use super::results::Results;
use super::sqlstate::{self, Context, failure};
use super::tracker::Tracker;
use super::waiting::BusyHandler;
use crate::config::PostgresConfig;
use crate::error::{PostgresError, remember};
use crate::syntax;
use crate::translate::{self, Translation};
use catalog::Known;
use limits::Limits;
use refused::refused;
pub(super) use stale::{Renewals, is_worth_preparing};

/// How long after `statement_timeout` a server that has not answered is given up.
const UNREACHABLE_AFTER: Duration = Duration::from_secs(2);

const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A session on a server. `Send`, not `Sync`.
pub(crate) struct Session {
    pub(super) client: Client,
    wire: RefCell<Wire>,
    /// Where this session's rows come off the wire.
    pub(super) tap: RowTap,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) tracker: RefCell<Tracker>,
    pub(super) results: RefCell<Results>,
    plans: RefCell<LruCache<Box<str>, Arc<Plan>>>,
    /// Plans of PostgreSQL's own SQL, apart since the same text means another thing.
    native_plans: RefCell<LruCache<Box<str>, Arc<Plan>>>,
    /// Statements of `as_postgres`, prepared as they stand.
    pub(super) verbatim: RefCell<LruCache<Box<str>, tokio_postgres::Statement>>,
    known: Known,
    /// Grows when the catalog may have changed, so that older plans are made anew.
    generation: Cell<u64>,
    options: translate::Options,
    config: PostgresConfig,
    /// `pooler=transaction`.
    pooled: bool,
    /// The client knows the types that are not built in; it asks the server only behind such a pooler's back.
    own_types_known: Cell<bool>,
    /// What the server's session is marked with, to tell it from another one.
    mark: u64,
    label: String,
    server_version: String,
    pub(super) last_insert_rowid: Cell<i64>,
    pub(super) changes: Cell<u64>,
    pub(super) total_changes: Cell<u64>,
    busy_timeout: Cell<Duration>,
    /// What PRAGMAs set that do nothing here.
    pub(super) settings: RefCell<super::settings::Settings>,
    /// Asked instead, where there is one.
    busy_handler: Cell<Option<BusyHandler>>,
    /// The timeout was set inside the open transaction, so that a roll-back takes it back on the server.
    timeout_at_stake: Cell<bool>,
    /// The program opened it to read only.
    read_only: Cell<bool>,
    /// The generation that `reset` left, and whether settings may have changed since.
    clean_generation: Cell<u64>,
    pub(super) touched: Cell<bool>,
    /// Custom settings of the current user of a pool, name and value as SQL, taken back when the session is handed on.
    given_settings: RefCell<Vec<(String, String)>>,
    /// The server surely ran nothing of the last statement, which failed.
    pub(super) nothing_ran: Cell<bool>,
    /// The server said that it ends the session; its end of the socket may still be open.
    ended: Cell<bool>,
    /// The compat schema's version, once this session has looked.
    pub(super) compat_version: Cell<Option<i32>>,
    home: Home,
    /// How many results have a current row.
    pub(super) running: Cell<usize>,
    hooks: RefCell<hooks::Hooks>,
    pub(super) limits: Limits,
    locks: exclusive::Locks,
    /// `PRAGMA foreign_keys = OFF`.
    foreign_keys_off: Cell<bool>,
    query_only: Cell<bool>,
    /// The session has made triggers of its own on lasting tables.
    own_triggers: Cell<bool>,
    /// ... or dropped some, in the open transaction.
    sweeps: Cell<bool>,
    flags: Cell<translate::Flags>,
    /// `PRAGMA defer_foreign_keys`, up to the end of the transaction, or of the next statement by itself.
    foreign_keys_deferred: Cell<bool>,
    /// It was on in this transaction: rows may wait since then.
    deferred_since: Cell<bool>,
}

/// Where a session's tables live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// In the database, in the configured schema if there is one.
    Database,
    /// In the session's temporary schema.
    Private,
    /// In a schema that goes when nobody has it open.
    SharedMemory,
}

/// Why a request did not succeed.
pub(super) enum Failure {
    Server(tokio_postgres::Error),
    Stopped(Stopped),
}

impl Failure {
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Failure::Server(error) => sqlstate::sqlstate(error).map(tokio_postgres::error::SqlState::code),
            Failure::Stopped(_) => None,
        }
    }

    pub fn into_sqlite(self, context: Context<'_>) -> Error {
        match self {
            Failure::Server(error) => sqlstate::to_sqlite(&error, context),
            Failure::Stopped(stopped) => sqlstate::lost(&stopped.to_string()),
        }
    }

    /// It is a constraint's ON CONFLICT ROLLBACK that was broken.
    pub fn rolls_back(&self) -> bool {
        match self {
            Failure::Server(error) => error.as_db_error().is_some_and(|db| db.hint() == Some("sqlift: rollback")),
            Failure::Stopped(_) => false,
        }
    }

    /// The transaction's snapshot is too old for what the statement wrote.
    fn into_busy_snapshot(self) -> Error {
        let busy = failure(ffi::SQLITE_BUSY_SNAPSHOT, "database is locked");
        if let Failure::Server(error) = &self
            && let Some(db) = error.as_db_error()
        {
            remember(&busy, PostgresError::of(db, None));
        }
        busy
    }
}

impl Session {
    /// One statement.
    ///
    /// # Errors
    /// `MultipleStatement` for more than one; what SQLite finds at preparing: syntax, missing tables and columns.
    pub fn prepare(&self, sql: &str) -> Result<Statement> {
        let plan = self.plan(sql, false)?;
        if plan.native {
            self.touched.set(true);
        }
        self.statement(plan)
    }

    /// PostgreSQL's own SQL, one statement; `?` placeholders are still rewritten (`??` is a literal `?`).
    ///
    /// # Errors
    /// As the server says.
    pub fn prepare_native(&self, sql: &str) -> Result<Statement> {
        self.touched.set(true);
        self.statement(self.plan(sql, true)?)
    }

    fn statement(&self, mut plan: Arc<Plan>) -> Result<Statement> {
        let mut renewals = Renewals::default();
        loop {
            let prepared = match plan.any_variant() {
                Some(prepared) if plan.has_known_types() => Ok(Some(prepared)),
                None if plan.is_prepared() && plan.has_known_types() => self.describe(&plan).map(Some),
                _ => Ok(None),
            };
            match prepared {
                Ok(prepared) => return Ok(Statement::new(plan, prepared)),
                Err(error) => self.find_changed(&plan, false, &mut renewals, error)?,
            }
            plan = self.plan(&plan.sql, plan.native)?;
        }
    }

    /// Prepares a statement whose types are known before anything is bound.
    fn describe(&self, plan: &Arc<Plan>) -> Result<Arc<Prepared>> {
        let prepared = self.prepare_variant(plan, &[])?;
        self.leave().map_err(|failure| self.recover(failure, Some(plan)))?;
        Ok(prepared)
    }

    /// The plan of a text, out of the cache or new.
    #[inline]
    fn plan(&self, sql: &str, native: bool) -> Result<Arc<Plan>> {
        self.catch_up()?;
        let plans = if native { &self.native_plans } else { &self.plans };
        if let Some(plan) = plans.borrow_mut().get(sql) {
            crate::observe::translated("hit");
            return Ok(Arc::clone(plan));
        }
        crate::observe::translated("miss");
        // Behind `/* sqlift: native */` a statement is PostgreSQL's own, however it came here.
        let native = native || syntax::has_native_directive(sql);
        if native && self.is_pooled() {
            native::refuse_session_state(sql)?;
        }
        self.limits.check_length(sql)?;
        let translation = if native { Arc::new(native::translation(sql)?) } else { self.translate_new(sql)? };
        let mut plan = Plan::new(sql, translation, self.generation.get(), native);
        plan.is_too_big = self.limits.has_long_literal(sql);
        let plan = Arc::new(plan);
        plans.borrow_mut().insert(sql.into(), Arc::clone(&plan));
        Ok(plan)
    }

    /// The plan of the statement as of now: a statement prepared before a change of the schema is prepared again.
    pub(super) fn renew(&self, statement: &mut Statement) -> Result<()> {
        let plan = self.plan(&statement.plan.sql, statement.plan.native)?;
        statement.prepared = None;
        statement.plan = plan;
        Ok(())
    }

    pub(super) fn is_current(&self, plan: &Plan) -> bool {
        plan.generation == self.generation.get()
    }

    /// A failing Parse aborts the transaction like any statement, so it is guarded like one.
    pub(super) fn open_transaction_first(&self) -> Result<()> {
        self.enter();
        if self.is_pooled() || self.tracker.borrow().in_transaction_on_server() { self.go_ahead() } else { Ok(()) }
    }

    /// The translation of a statement against this session's catalog, without running it.
    ///
    /// # Errors
    /// The refusal, as the error that `prepare` would give.
    pub fn translate(&self, sql: &str) -> Result<Arc<Translation>> {
        self.plan(sql, false).map(|plan| Arc::clone(&plan.translation))
    }

    /// The plan of a statement that has failed.
    pub(super) fn plan_again(&self, plan: &Plan, again: Again) -> Result<Plan> {
        let snapshot = self.snapshot()?;
        let options = again.options(self.options_now().into_owned());
        let translation = translate::translate(&plan.sql, &snapshot.catalog, &options)
            .map_err(|refusal| refused(refusal, &plan.sql))?;
        let mut plan = Plan::new(&plan.sql, Arc::new(translation), self.generation.get(), false);
        plan.again = again;
        Ok(plan)
    }

    /// The plan of a statement that takes no parameters on PostgreSQL (CREATE TABLE AS): with what is bound in its text.
    pub(super) fn plan_with_values(&self, statement: &Statement) -> Result<Plan> {
        let text = statement.text_with_values().unwrap_or_else(|| statement.plan.sql.to_string());
        let translation = self.translate_new(&text)?;
        Ok(Plan::new(&text, translation, self.generation.get(), false))
    }

    /// Runs statement by statement, each on its own, and stops at the first error; rows are ignored.
    ///
    /// # Errors
    /// The first failing statement's; those before it stay.
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        let mut from = 0;
        while let Some((mut statement, tail)) = self.prepare_next(sql, from)? {
            self.run_statement(&mut statement)?;
            from = tail;
        }
        Ok(())
    }

    /// The next statement of a script and where to go on behind it; `None` at its end.
    ///
    /// # Errors
    /// As [`prepare`](Session::prepare); text that ends in the middle of a literal.
    pub fn prepare_next(&self, script: &str, from: usize) -> Result<Option<(Statement, usize)>> {
        self.limits.check_length(script.get(from..).unwrap_or_default())?;
        let next = syntax::next_statement(script, from).map_err(|error| native::syntax_error(&error, script))?;
        next.map(|(span, tail)| Ok((self.prepare(span.text(script))?, tail))).transpose()
    }

    /// PostgreSQL's own SQL, untranslated, several statements allowed; they run as one.
    ///
    /// # Errors
    /// As the server says; transaction commands are refused, since the session must see them.
    pub fn native_batch(&self, sql: &str) -> Result<()> {
        self.touched.set(true);
        native::refuse_transaction_commands(sql)?;
        if self.is_pooled() {
            native::refuse_session_state(sql)?;
        }
        self.make_room()?;
        self.guarded_batch(sql)?.map_err(|failure| self.recover_native(failure, sql))?;
        self.anything_changed();
        if native::forgets_settings(sql) {
            self.renew_settings()?;
        }
        Ok(())
    }

    /// A batch that may write, inside the transaction if there is one.
    ///
    /// # Errors
    /// The outer one is of what goes ahead of it; the inner one its own, before the transaction is put right.
    pub(super) fn guarded_batch(&self, sql: &str) -> Result<std::result::Result<(), Failure>> {
        self.enter();
        self.go_ahead()?;
        Ok(self.run(self.client.batch_execute(sql)).and_then(|()| {
            self.tracker.borrow_mut().succeeded(true);
            self.leave()
        }))
    }

    pub(super) fn run<T>(
        &self,
        request: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> std::result::Result<T, Failure> {
        // The server ends a statement at its own timeout. One that does not even say so is out of reach.
        let deadline = self.config.statement_timeout.filter(|timeout| !timeout.is_zero());
        let Some(timeout) = deadline else { return self.run_until(request, None) };
        let result = self.run_until(request, Instant::now().checked_add(timeout + UNREACHABLE_AFTER));
        if matches!(result, Err(Failure::Stopped(Stopped::DeadlinePassed))) {
            // What it was asked may still run; nothing more is asked of it.
            self.wire.borrow_mut().give_up();
        }
        result
    }

    /// As [`run`](Self::run), until a deadline; what is answered later is dropped.
    fn run_until<T>(
        &self,
        request: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
        deadline: Option<Instant>,
    ) -> std::result::Result<T, Failure> {
        self.in_flight.set(true);
        let result = self.wire.borrow_mut().request(request, deadline);
        // An interrupt that is on its way is waited for here, so that it cannot hit the next statement.
        self.in_flight.set(false);
        let result = result.inspect_err(|_| self.tap.close());
        let result = result.map_err(Failure::Stopped).and_then(|result| result.map_err(Failure::Server));
        if let Err(failure) = &result {
            self.note_end(failure);
        }
        result
    }

    /// Interrupts this session's running statement, from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle { in_flight: Arc::clone(&self.in_flight), cancel: self.wire.borrow().cancel_handle() }
    }

    #[inline]
    pub fn last_insert_rowid(&self) -> i64 {
        self.last_insert_rowid.get()
    }

    #[inline]
    pub fn changes(&self) -> u64 {
        self.changes.get()
    }

    pub fn total_changes(&self) -> u64 {
        self.total_changes.get()
    }

    pub fn is_autocommit(&self) -> bool {
        self.tracker.borrow().is_autocommit()
    }

    /// What the transaction has done so far: nothing, read, or written.
    #[cfg(feature = "modern_sqlite")]
    pub fn transaction_state(&self) -> rusqlite::TransactionState {
        let tracker = self.tracker.borrow();
        match (tracker.in_transaction_on_server(), tracker.is_writer()) {
            (_, true) => rusqlite::TransactionState::Write,
            (true, false) => rusqlite::TransactionState::Read,
            (false, false) => rusqlite::TransactionState::None,
        }
    }

    /// A statement runs whose rows were not read to the end, even if all of them have arrived.
    pub fn is_busy(&self) -> bool {
        self.running.get() > 0
    }

    /// The socket is gone; nothing will ever work on this session again.
    pub fn is_closed(&self) -> bool {
        self.ended.get() || self.client.is_closed() || self.wire.borrow().is_closed()
    }

    #[cfg(feature = "cache")]
    pub fn set_statement_cache_capacity(&self, capacity: usize) {
        self.plans.borrow_mut().set_capacity(capacity.max(1));
    }

    pub fn flush_statement_cache(&self) {
        self.plans.borrow_mut().clear();
        self.native_plans.borrow_mut().clear();
        self.verbatim.borrow_mut().clear();
    }

    /// Its tables are the session's own.
    pub(super) fn is_in_memory(&self) -> bool {
        self.options.in_memory
    }

    /// It is what SQLite calls a database in memory, of its own or shared.
    pub fn is_memory(&self) -> bool {
        self.home != Home::Database
    }

    pub(super) fn config(&self) -> &PostgresConfig {
        &self.config
    }

    pub fn url_without_password(&self) -> &str {
        &self.label
    }

    pub fn server_version(&self) -> &str {
        &self.server_version
    }

    /// Asks the server to give up the running statement, and waits until it has heard it.
    pub(super) fn cancel(&self) {
        let handle = self.wire.borrow().cancel_handle();
        // A request that does not arrive changes nothing: the statement is then read to its end.
        let _ = handle.cancel(CANCEL_TIMEOUT);
    }

    /// Whether the last statement failed before the server ran anything of it, so that running it elsewhere repeats nothing.
    pub fn nothing_ran(&self) -> bool {
        self.nothing_ran.get()
    }

    /// Whether the server ended the session by its own will, which it says before it closes.
    pub(super) fn was_ended(&self) -> bool {
        self.ended.get()
    }

    fn note_end(&self, failure: &Failure) {
        // An administrator's command, a crash elsewhere, idle_session_timeout.
        const ENDS: [&str; 3] = ["57P01", "57P02", "57P05"];
        let wire = self.wire.borrow();
        let last_words = wire.ended_by().and_then(|end| end.db_error()).map(|error| error.code().code());
        if failure.sqlstate().or(last_words).is_some_and(|state| ENDS.contains(&state)) {
            self.ended.set(true);
        }
    }
}

/// `lock_timeout` in milliseconds: PostgreSQL's 0 waits for ever, SQLite's fails at once.
fn lock_timeout(timeout: Duration) -> u128 {
    timeout.as_millis().clamp(1, i32::MAX as u128)
}

pub(super) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn cannot_open(error: &ConnectError) -> Error {
    let code = match error.sqlstate().map(tokio_postgres::error::SqlState::code) {
        Some("53300" | "57P03") => ffi::SQLITE_BUSY,
        _ => ffi::SQLITE_CANTOPEN,
    };
    let converted = failure(code, format!("unable to open database: {error}"));
    if let Some(db) = error.db_error() {
        remember(&converted, PostgresError::of(db, None));
    }
    converted
}
