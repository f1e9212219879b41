//! One connection to PostgreSQL, as SQLite's connection would behave.
//!
//! Blocking, over tokio-postgres without an async runtime. `exec` runs statements; this file opens and closes, keeps
//! the caches and the counters, and carries out transaction commands.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashlink::LruCache;
use rusqlite::types::Type as Class;
use rusqlite::{Error, Result, ffi};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Statement;
use super::bind::{Binding, declared_type};
use super::interrupt::{InFlight, InterruptHandle};
use super::loader;
use super::native;
use super::net::{ConnectError, Stopped, Wire};
use super::plan::{Plan, Prepared};
use super::results::Results;
use super::sqlstate::{self, Context, failure};
use super::tracker::Tracker;
use crate::config::{Isolation, PostgresConfig};
use crate::error::{PostgresError, remember};
use crate::syntax;
use crate::translate::ast::BeginBehavior;
use crate::translate::{self, Catalog, Kind, Refusal, Translation};

const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A session on a server. `Send`, not `Sync`.
pub(crate) struct Session {
    pub(super) client: Client,
    wire: RefCell<Wire>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) tracker: RefCell<Tracker>,
    pub(super) results: RefCell<Results>,
    plans: RefCell<LruCache<Box<str>, Arc<Plan>>>,
    /// Plans of PostgreSQL's own SQL, apart since the same text means another thing.
    native_plans: RefCell<LruCache<Box<str>, Arc<Plan>>>,
    catalog: RefCell<Option<Arc<Catalog>>>,
    /// Grows when the catalog may have changed, so that older plans are made anew.
    generation: Cell<u64>,
    /// The generation that a change of the schema inside a transaction made.
    schema_changed_at: Cell<u64>,
    options: translate::Options,
    config: PostgresConfig,
    label: String,
    server_version: String,
    pub(super) last_insert_rowid: Cell<i64>,
    pub(super) changes: Cell<u64>,
    pub(super) total_changes: Cell<u64>,
    busy_timeout: Cell<Duration>,
    /// The generation that `reset` left, and whether settings may have changed since.
    clean_generation: Cell<u64>,
    touched: Cell<bool>,
    /// The server surely ran nothing of the last statement, which failed.
    pub(super) nothing_ran: Cell<bool>,
    /// The server said that it ends the session; its end of the socket may still be open.
    ended: Cell<bool>,
    /// The compat schema's version, once this session has looked.
    pub(super) compat_version: Cell<Option<i32>>,
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
}

impl Session {
    /// # Errors
    /// `SqliteFailure(SQLITE_CANTOPEN)` with each host tried and its reason.
    pub fn connect(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, false)
    }

    /// A private, empty database that goes with the session: the connection's `pg_temp`.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub fn connect_in_memory(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, true)
    }

    fn open(config: &PostgresConfig, in_memory: bool) -> Result<Session> {
        let (client, wire) = Wire::connect(config).map_err(|error| cannot_open(&error))?;
        let session = Session {
            client,
            wire: RefCell::new(wire),
            in_flight: Arc::default(),
            tracker: RefCell::new(Tracker::new(config.isolation, config.savepoints)),
            results: RefCell::new(Results::default()),
            plans: RefCell::new(LruCache::new(config.statement_cache.max(1))),
            native_plans: RefCell::new(LruCache::new(config.statement_cache.max(1))),
            catalog: RefCell::new(None),
            generation: Cell::new(0),
            schema_changed_at: Cell::new(u64::MAX),
            options: translate::Options { in_memory },
            label: config.to_string(),
            server_version: String::new(),
            last_insert_rowid: Cell::new(0),
            changes: Cell::new(0),
            total_changes: Cell::new(0),
            busy_timeout: Cell::new(config.busy_timeout),
            config: config.clone(),
            clean_generation: Cell::new(0),
            touched: Cell::new(false),
            nothing_ran: Cell::new(false),
            ended: Cell::new(false),
            compat_version: Cell::new(None),
        };
        session.batch(&session.settings())?;
        if let Some(schema) = config.schema.as_deref().filter(|_| !in_memory) {
            session.create_schema(schema)?;
        }
        let server_version = session.wire.borrow().parameter("server_version").unwrap_or_default().to_owned();
        Ok(Session { server_version, ..session })
    }

    /// What every session sets, whatever the role's and the database's own settings are: texts of values depend on it.
    fn settings(&self) -> String {
        let isolation = match self.config.isolation {
            Isolation::Serializable => "serializable",
            Isolation::RepeatableRead => "repeatable read",
            Isolation::ReadCommitted => "read committed",
        };
        let mut sql = format!(
            "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; \
             SET standard_conforming_strings = on; SET jit = off; SET default_transaction_isolation = '{isolation}'; \
             SET lock_timeout = {}",
            lock_timeout(self.busy_timeout.get())
        );
        let search_path = match &self.config.schema {
            _ if self.options.in_memory => Some("pg_temp".to_owned()),
            schema => schema.as_deref().map(quote_identifier),
        };
        if let Some(path) = search_path {
            sql += &format!("; SET search_path = {path}");
        }
        sql
    }

    /// A schema stands for a SQLite file, which comes into being when it is opened.
    fn create_schema(&self, schema: &str) -> Result<()> {
        let name = quote_identifier(schema);
        let exists = format!("to_regnamespace({}) IS NULL", quote_literal(&name));
        // The right to create schemas is needed only where there is one to create.
        let sql = format!("DO {}", quote_literal(&format!("BEGIN IF {exists} THEN CREATE SCHEMA {name}; END IF; END")));
        match self.batch(&sql) {
            // Somebody else created it at the same time: now it is there.
            Err(_) if !self.is_closed() => self.batch(&sql),
            result => result,
        }
    }

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

    fn statement(&self, plan: Arc<Plan>) -> Result<Statement> {
        let prepared = match plan.any_variant() {
            Some(prepared) if plan.has_one_variant() => Some(prepared),
            None if plan.is_prepared() && plan.has_one_variant() => Some(self.prepare_variant(&plan, &[])?),
            _ => None,
        };
        Ok(Statement::new(plan, prepared))
    }

    /// The plan of a text, out of the cache or new.
    #[inline]
    fn plan(&self, sql: &str, native: bool) -> Result<Arc<Plan>> {
        let plans = if native { &self.native_plans } else { &self.plans };
        if let Some(plan) = plans.borrow_mut().get(sql) {
            return Ok(Arc::clone(plan));
        }
        // Behind `/* sqlift: native */` a statement is PostgreSQL's own, however it came here.
        let native = native || syntax::has_native_directive(sql);
        let translation = if native { native::translation(sql)? } else { self.translate_new(sql)? };
        let plan = Arc::new(Plan::new(sql, translation, self.generation.get(), native));
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

    /// A transaction that changed the schema was undone, in whole or in part.
    fn schema_rolled_back(&self) {
        if self.schema_changed_at.get() == self.generation.get() {
            self.schema_changed();
        }
    }

    /// Forgets translations and the catalog: the schema has changed, or the server says it has.
    pub(super) fn schema_changed(&self) {
        self.generation.set(self.generation.get() + 1);
        if !self.is_autocommit() {
            self.schema_changed_at.set(self.generation.get());
        }
        self.flush_statement_cache();
        *self.catalog.borrow_mut() = None;
    }

    /// Prepares the statement for the classes that are bound.
    pub(super) fn prepare_variant(&self, plan: &Arc<Plan>, bindings: &[Binding]) -> Result<Arc<Prepared>> {
        if let Some(prepared) = plan.variant(bindings) {
            return Ok(prepared);
        }
        self.make_room()?;
        if plan.translation.needs_compat {
            self.install_compat()?;
        }
        self.open_transaction_first()?;
        // A NULL may stand for a value of any type, which the server finds from what is around it; where it cannot, the
        // types are tried in turn. The first error is the one to show.
        let mut null_types = [Type::TEXT, Type::INT8, Type::FLOAT8, Type::BYTEA].into_iter();
        let mut null_type = Type::UNKNOWN;
        let mut first_error = None;
        loop {
            let types: Vec<Type> = plan
                .translation
                .slots
                .iter()
                .map(|slot| {
                    declared_type(
                        slot,
                        slot.binding().and_then(|index| bindings.get(index)).map_or(Class::Null, Binding::class),
                        &null_type,
                    )
                })
                .collect();
            let failure = match self.run(self.client.prepare_typed(&plan.translation.sql, &types)) {
                Ok(statement) => return Ok(plan.add_variant(Prepared::new(statement, plan, bindings)?)),
                Err(failure) => failure,
            };
            // Undetermined, ambiguous, not unique; and what comes of a type that does not fit.
            let about_a_type = match failure.sqlstate() {
                Some("42P18" | "42P08" | "42725") => true,
                Some("42883" | "42804" | "22P02") => first_error.is_some(),
                _ => false,
            };
            let error = self.recover(failure, Some(plan));
            match null_types.next().filter(|_| about_a_type && types.contains(&null_type)) {
                Some(next) => {
                    null_type = next;
                    first_error.get_or_insert(error);
                }
                None => return Err(first_error.unwrap_or(error)),
            }
        }
    }

    /// A failing Parse aborts the transaction like any statement, so it is guarded like one.
    fn open_transaction_first(&self) -> Result<()> {
        if self.tracker.borrow().in_transaction_on_server() { self.go_ahead() } else { Ok(()) }
    }

    /// The translation of a statement against this session's catalog, without running it.
    ///
    /// # Errors
    /// The refusal, as the error that `prepare` would give.
    pub fn translate(&self, sql: &str) -> Result<Translation> {
        self.plan(sql, false).map(|plan| plan.translation.clone())
    }

    fn translate_new(&self, sql: &str) -> Result<Translation> {
        let one_more = |from| syntax::next_statement(sql, from).map_err(|error| native::syntax_error(&error, sql));
        if let Some((_, tail)) = one_more(0)?
            && one_more(tail)?.is_some()
        {
            return Err(Error::MultipleStatement);
        }
        let known = self.catalog.borrow().clone();
        if let Some(catalog) = known
            && let Ok(translation) = translate::translate(sql, &catalog, &self.options)
        {
            return Ok(translation);
        }
        // Refused against a snapshot that another session's DDL may have made old: read it again before saying so.
        let catalog = self.load_catalog()?;
        translate::translate(sql, &catalog, &self.options).map_err(|refusal| refused(refusal, sql))
    }

    fn load_catalog(&self) -> Result<Arc<Catalog>> {
        self.make_room()?;
        self.open_transaction_first()?;
        let messages = match self.run(self.client.simple_query(loader::QUERY)) {
            Ok(messages) => messages,
            Err(failure) => return Err(self.recover(failure, None)),
        };
        let catalog = Arc::new(loader::catalog(&messages));
        *self.catalog.borrow_mut() = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// Runs statement by statement, each on its own, and stops at the first error; rows are ignored.
    ///
    /// # Errors
    /// The first failing statement's; those before it stay.
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        let mut from = 0;
        while let Some((span, tail)) =
            syntax::next_statement(sql, from).map_err(|error| native::syntax_error(&error, sql))?
        {
            self.run_to_end(&mut self.prepare(span.text(sql))?)?;
            from = tail;
        }
        Ok(())
    }

    /// PostgreSQL's own SQL, untranslated, several statements allowed; they run as one.
    ///
    /// # Errors
    /// As the server says; transaction commands are refused, since the session must see them.
    pub fn native_batch(&self, sql: &str) -> Result<()> {
        self.touched.set(true);
        native::refuse_transaction_commands(sql)?;
        self.make_room()?;
        self.guarded_batch(sql)?;
        self.schema_changed();
        Ok(())
    }

    /// A batch that may write, inside the transaction if there is one.
    pub(super) fn guarded_batch(&self, sql: &str) -> Result<()> {
        self.go_ahead()?;
        match self.run(self.client.batch_execute(sql)) {
            Ok(()) => {
                self.tracker.borrow_mut().succeeded(true);
                Ok(())
            }
            Err(failure) => Err(self.recover(failure, None)),
        }
    }

    /// Sends text as it is: settings and transaction commands.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
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
    pub(super) fn go_ahead(&self) -> Result<()> {
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
    pub(super) fn ahead_failed(&self, failure: Failure, begins: bool) -> Failure {
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

    pub(super) fn run<T>(
        &self,
        request: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> std::result::Result<T, Failure> {
        self.in_flight.set(true);
        let result = self.wire.borrow_mut().request(request, None);
        // An interrupt that is on its way is waited for here, so that it cannot hit the next statement.
        self.in_flight.set(false);
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

    /// Undoes what a failed statement did, so that the transaction goes on as SQLite's would, and converts its error.
    pub(super) fn recover(&self, failure: Failure, plan: Option<&Plan>) -> Error {
        if matches!(failure, Failure::Stopped(_)) || self.is_closed() {
            self.tracker.borrow_mut().lost();
        } else {
            let undo = self.tracker.borrow_mut().failed();
            if let Some(undo) = undo
                && self.run(self.client.batch_execute(&undo)).is_err()
            {
                self.roll_back_whatever_is_open();
                self.tracker.borrow_mut().lost();
            }
        }
        let catalog = self.catalog.borrow().clone();
        let statement = plan.map(|plan| (&*plan.sql, &plan.translation));
        failure.into_sqlite(Context { statement, catalog: catalog.as_deref() })
    }

    // ---- transactions

    pub(super) fn begin(&self, behavior: BeginBehavior) -> Result<()> {
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
    fn begin_exclusive(&self) -> Result<()> {
        let begin = self.tracker.borrow().begin_text();
        let deadline = Instant::now() + self.busy_timeout.get();
        let mut pause = Duration::from_micros(200);
        loop {
            let lock = self.lock_text()?;
            let failure = match self.run(self.client.batch_execute(&format!("{begin}{lock}"))) {
                Ok(()) => {
                    self.tracker.borrow_mut().begun();
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
    fn lock_text(&self) -> Result<String> {
        match self.run(self.client.simple_query(loader::WRITABLE_TABLES)) {
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
    pub(super) fn transaction_command(&self, kind: &Kind) -> Result<()> {
        self.make_room()?;
        match kind {
            Kind::Begin(behavior) => self.begin(*behavior),
            Kind::Commit => {
                let sql = self.tracker.borrow().commit()?;
                self.end(sql.as_deref())
            }
            Kind::Rollback => {
                let sql = self.tracker.borrow().rollback()?;
                let result = self.end(sql.as_deref());
                self.schema_rolled_back();
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
    fn end(&self, sql: Option<&str>) -> Result<()> {
        let result = match sql {
            Some(sql) => self.run(self.client.batch_execute(sql)),
            None => Ok(()),
        };
        if result.is_err() && !self.is_closed() {
            // The command itself may not have been reached: what is left open would swallow later statements.
            self.roll_back_whatever_is_open();
        }
        self.tracker.borrow_mut().ended();
        result.map_err(|failure| {
            let catalog = self.catalog.borrow().clone();
            failure.into_sqlite(Context { statement: None, catalog: catalog.as_deref() })
        })
    }

    /// Makes sure that the server is in no transaction; outside of one it only warns.
    fn roll_back_whatever_is_open(&self) {
        // A connection that fails here is found closed by the next statement.
        let _ = self.run(self.client.batch_execute("ROLLBACK"));
    }

    // ---- what the facade asks

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
        match (tracker.in_transaction_on_server(), tracker.has_written()) {
            (_, true) => rusqlite::TransactionState::Write,
            (true, false) => rusqlite::TransactionState::Read,
            (false, false) => rusqlite::TransactionState::None,
        }
    }

    /// A result is open and not read to its end.
    pub fn is_busy(&self) -> bool {
        self.results.borrow().are_open()
    }

    /// The socket is gone; nothing will ever work on this session again.
    pub fn is_closed(&self) -> bool {
        self.ended.get() || self.client.is_closed() || self.wire.borrow().is_closed()
    }

    /// How long to wait for locks; zero fails at once.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn set_busy_timeout(&self, timeout: Duration) -> Result<()> {
        self.make_room()?;
        self.busy_timeout.set(timeout);
        self.touched.set(true);
        self.batch(&format!("SET lock_timeout = {}", lock_timeout(timeout)))
    }

    pub(super) fn busy_timeout(&self) -> Duration {
        self.busy_timeout.get()
    }

    pub fn set_statement_cache_capacity(&self, capacity: usize) {
        self.plans.borrow_mut().set_capacity(capacity.max(1));
    }

    pub fn flush_statement_cache(&self) {
        self.plans.borrow_mut().clear();
        self.native_plans.borrow_mut().clear();
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

    /// Writes may not happen (`OpenFlags::SQLITE_OPEN_READ_ONLY`).
    ///
    /// # Errors
    /// The connection is lost.
    pub fn set_read_only(&self) -> Result<()> {
        self.touched.set(true);
        self.batch("SET default_transaction_read_only = on")
    }

    /// Ends any transaction, settings and temporary objects of the last user, for going back to a pool.
    ///
    /// Costs a trip only after statements that may have left something: a transaction, native SQL, a change of a timeout or a schema.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn reset(&self) -> Result<()> {
        self.end_transaction()?;
        if self.touched.get() || self.generation.get() != self.clean_generation.get() {
            self.busy_timeout.set(self.config.busy_timeout);
            // What DISCARD ALL does, but for the prepared statements, which stay right.
            let mut sql =
                "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all()".to_owned();
            if !self.options.in_memory {
                sql += "; DISCARD TEMP";
            }
            self.batch(&format!("{sql}; {}", self.settings()))?;
            self.schema_changed();
            self.touched.set(false);
            self.clean_generation.set(self.generation.get());
        }
        Ok(())
    }

    fn end_transaction(&self) -> Result<()> {
        self.make_room()?;
        if !self.is_autocommit() {
            self.transaction_command(&Kind::Rollback)?;
        }
        Ok(())
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

    /// Whether the server has not hung up, as far as the socket tells without waiting.
    pub fn is_alive(&self) -> bool {
        !self.is_closed() && self.wire.borrow_mut().pump()
    }

    /// Ends the session and waits until the server has ended it too: its locks and temporary tables are gone then.
    ///
    /// # Errors
    /// Gives the session back when a transaction cannot be rolled back.
    pub fn close(self: Box<Self>) -> std::result::Result<(), (Box<Session>, Error)> {
        match self.end_transaction() {
            Err(error) if !self.is_closed() => Err((self, error)),
            _ => {
                let Session { client, wire, plans, native_plans, results, .. } = *self;
                // Prepared statements and results hold on to the client.
                drop((plans, native_plans, results, client));
                wire.into_inner().close(CLOSE_TIMEOUT);
                Ok(())
            }
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

/// The tables may have changed since they were read, or a pooler gave us another server session.
pub(super) fn is_stale(error: &Error) -> bool {
    const STATES: &[&str] = &["0A000", "26000", "42P01", "42703", "42883", "42804"];
    crate::postgres_error(error).is_some_and(|report| STATES.contains(&report.sqlstate.as_str()))
}

/// A refusal as rusqlite's error.
fn refused(refusal: Refusal, sql: &str) -> Error {
    let mut message = refusal.message;
    if !is_sqlites_own(&message)
        && let Some(help) = refusal.help
    {
        message += "\n  help: ";
        message += &help;
    }
    let index_exists = message.starts_with("index ") && message.ends_with(" already exists");
    if index_exists || WITHOUT_PLACE.iter().any(|part| message.contains(part)) {
        return failure(ffi::SQLITE_ERROR, message);
    }
    Error::SqlInputError {
        error: ffi::Error::new(ffi::SQLITE_ERROR),
        msg: message,
        sql: sql.to_owned(),
        offset: i32::try_from(refusal.span.start).unwrap_or(-1),
    }
}

/// SQLite tells no offset for these.
const WITHOUT_PLACE: &[&str] = &[
    "no such table",
    "has no column named",
    "duplicate column name: ",
    "there is already a table named ",
    "incomplete input",
    " values for ",
    " values were supplied",
    "Recursion limit",
    "Expression tree is too large",
    "too many terms in compound SELECT",
];

/// What SQLite itself would say of the statement: programs compare these texts.
fn is_sqlites_own(message: &str) -> bool {
    message.starts_with("no such ")
        || message.starts_with("near ")
        || WITHOUT_PLACE.iter().any(|part| message.contains(part))
}
