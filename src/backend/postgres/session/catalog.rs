//! What a session knows of the tables: the process's snapshot, or one of its own while it has tables or changes that
//! nobody else sees.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rusqlite::{Error, Result};
use tokio_postgres::SimpleQueryMessage;

use super::{Session, refused};
use crate::backend::postgres::catalogs::{self, Fingerprint, Shared, Snapshot};
use crate::backend::postgres::loader;
use crate::backend::postgres::native;
use crate::backend::postgres::own_triggers;
use crate::syntax;
use crate::translate::{self, Catalog, Translation, TypePolicy, foretold};

/// After this many milliseconds without a request, notifications may lie in the socket.
const QUIET: u64 = 10;

/// What the session knows, and how long it holds.
#[derive(Debug, Default)]
pub(in crate::backend::postgres) struct Known {
    snapshot: RefCell<Option<Arc<Snapshot>>>,
    /// What it shares with others; `None` before the first look, and for private databases.
    shared: RefCell<Option<Arc<Shared>>>,
    /// The shared snapshot under its own temporary tables.
    base: RefCell<Option<Arc<Snapshot>>>,
    /// Which of the shared changes the snapshot takes in.
    seen: Cell<u64>,
    /// What a statement of this session's that made a table or an index has left, for the next such one.
    foretold: RefCell<Option<Catalog>>,
    /// The snapshot was loaded inside the open transaction, and goes with it.
    provisional: Cell<bool>,
    /// The open transaction changed the schema, which nobody else sees before it commits.
    uncommitted: Cell<bool>,
    has_temporary: Cell<bool>,
    /// This session has changed the tables since it looked, so that no fingerprint will confirm them.
    changed_here: Cell<bool>,
    last_request: Cell<u64>,
}

impl Known {
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.borrow().clone()
    }

    /// The tables as far as they are known without asking.
    pub fn with_catalog<T>(&self, tell: impl FnOnce(Option<&Catalog>) -> T) -> T {
        match &*self.snapshot.borrow() {
            Some(snapshot) => tell(Some(&snapshot.catalog)),
            None => tell(self.foretold.borrow().as_ref()),
        }
    }

    /// The open transaction has changed the schema.
    pub fn has_uncommitted(&self) -> bool {
        self.uncommitted.get()
    }

    fn forget(&self) {
        *self.snapshot.borrow_mut() = None;
        *self.base.borrow_mut() = None;
        *self.foretold.borrow_mut() = None;
        self.provisional.set(false);
    }

    /// Nobody has said that the tables have changed.
    #[inline]
    fn is_current(&self) -> bool {
        match &*self.shared.borrow() {
            Some(shared) => shared.changes() == self.seen.get() || self.provisional.get(),
            None => true,
        }
    }
}

impl Session {
    /// Takes up what others have changed, before a statement is prepared.
    #[inline]
    pub(super) fn catch_up(&self) -> Result<()> {
        if self.known.is_current() { Ok(()) } else { self.take_up() }
    }

    /// As [`catch_up`](Session::catch_up), before a statement runs; now and then it looks by itself.
    #[inline]
    pub(in crate::backend::postgres) fn catch_up_before_running(&self) -> Result<()> {
        let now = catalogs::now();
        let is_quiet = now.wrapping_sub(self.known.last_request.replace(now)) > QUIET;
        if is_quiet || self.wire.borrow().has_notification() {
            self.listen();
        }
        let is_time = self.known.shared.borrow().as_ref().is_some_and(|shared| shared.is_time_to_look(now));
        if is_time {
            self.look_for_all(now)?;
        }
        self.catch_up()
    }

    #[cold]
    fn look_for_all(&self, now: u64) -> Result<()> {
        let shared = self.known.shared.borrow().clone();
        match shared {
            Some(shared) if self.may_look() && shared.claim_look(now) => match self.look() {
                // A statement_timeout that is too short for it is no reason for the program's statement to fail.
                Err(_) if !self.is_closed() && !self.in_flight.is_interrupted() => Ok(()),
                result => result,
            },
            _ => Ok(()),
        }
    }

    /// Reads what the server has sent of itself.
    #[cold]
    pub(super) fn listen(&self) {
        let notification = {
            let mut wire = self.wire.borrow_mut();
            wire.pump();
            wire.take_notification()
        };
        if let (Some(notification), Some(shared)) = (notification, &*self.known.shared.borrow()) {
            shared.heard(&notification);
        }
    }

    #[cold]
    fn take_up(&self) -> Result<()> {
        let shared = self.known.shared.borrow().clone();
        let verified = shared.and_then(|shared| shared.verified());
        match verified {
            Some((snapshot, seen)) if !self.known.has_temporary.get() => {
                self.adopt(snapshot, seen);
                Ok(())
            }
            _ if self.may_look() => self.look(),
            // A transaction reads the catalog as of its snapshot; it looks again at the next one.
            _ => Ok(()),
        }
    }

    /// The server would show its catalog as it is now.
    pub(super) fn may_look(&self) -> bool {
        !self.tracker.borrow().in_transaction_on_server()
    }

    /// Uses the shared snapshot from now on.
    fn adopt(&self, snapshot: Arc<Snapshot>, seen: u64) {
        let is_same = self.known.snapshot.borrow().as_ref().is_some_and(|known| Arc::ptr_eq(known, &snapshot));
        if !is_same {
            let is_clean = self.clean_generation.get() == self.generation.get();
            self.forget_plans();
            if is_clean {
                // Nothing that a next user of the connection could find.
                self.clean_generation.set(self.generation.get());
            }
            self.known.forget();
            *self.known.snapshot.borrow_mut() = Some(snapshot);
        }
        self.known.seen.set(seen);
        self.known.changed_here.set(false);
    }

    /// Asks the server whether its catalog is still the one that is known, and reads it if not.
    fn look(&self) -> Result<()> {
        loop {
            let known = self.known.shared.borrow().clone();
            let changes = known.as_ref().map(|shared| shared.changes());
            // Who knows where it is, and that nobody has loaded what is there now, asks for everything at once.
            let all = known.as_ref().is_some_and(|shared| shared.is_empty() || self.known.changed_here.get());
            let mut answer = if all { self.read_all()? } else { self.read(loader::fingerprint_query())? };
            let mut fingerprint = loader::fingerprint(&answer);
            let place = fingerprint.place.clone();
            fingerprint.place += &format!(" {:?}", self.options);
            let (shared, changes) = match (known, changes) {
                (Some(shared), Some(changes)) if shared.is_of(&fingerprint.place) => (shared, changes),
                _ => {
                    // Which changes the answer takes in is known of the next one.
                    *self.known.shared.borrow_mut() = Some(Shared::of(&fingerprint.place));
                    continue;
                }
            };
            let confirmed = shared.confirm(&fingerprint.digest, changes, fingerprint.rows);
            let (base, seen) = match confirmed {
                Some(base) => (base, changes),
                None => {
                    if !all {
                        answer = self.read_all()?;
                    }
                    let read = loader::fingerprint(&answer);
                    if read.place != place {
                        // Names are looked for in other schemas since a moment ago.
                        continue;
                    }
                    shared.publish(loader::catalog(&answer), &read.digest, changes, fingerprint.rows)
                }
            };
            return self.build_on(base, seen, &fingerprint);
        }
    }

    /// The shared snapshot, with the session's own temporary tables in front.
    fn build_on(&self, base: Arc<Snapshot>, seen: u64, fingerprint: &Fingerprint) -> Result<()> {
        self.known.has_temporary.set(fingerprint.has_temporary);
        if !fingerprint.has_temporary {
            self.adopt(base, seen);
            return Ok(());
        }
        let is_same = self.known.base.borrow().as_ref().is_some_and(|known| Arc::ptr_eq(known, &base));
        if !is_same {
            let answer = self.read(&loader::temporary_query())?;
            let own = loader::catalog(&answer);
            let mut catalog = base.catalog.clone();
            catalog.tables.extend(own.tables);
            catalog.has_pending_keys |= own.has_pending_keys;
            catalog.has_key_actions |= own.has_key_actions;
            own_triggers::add_to(&mut catalog, &answer);
            self.adopt(Arc::new(Snapshot::new(catalog)), seen);
            *self.known.base.borrow_mut() = Some(base);
        }
        self.known.seen.set(seen);
        Ok(())
    }

    fn read_all(&self) -> Result<Vec<SimpleQueryMessage>> {
        let one_schema = self.known.shared.borrow().as_ref().is_some_and(|shared| shared.has_one_schema());
        self.read(&format!("{}; {}", loader::fingerprint_query(), loader::query(one_schema)))
    }

    pub(super) fn read(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>> {
        self.make_room()?;
        self.open_transaction_first()?;
        let answer = self.run(self.client.simple_query(sql));
        answer.and_then(|answer| self.leave().map(|()| answer)).map_err(|failure| self.recover(failure, None))
    }

    /// The tables, as this session sees them.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        if let Some(snapshot) = self.known.snapshot() {
            return Ok(snapshot);
        }
        let private = self.options.in_memory || self.known.uncommitted.get();
        if !private {
            self.take_up()?;
        }
        match self.known.snapshot() {
            Some(snapshot) => Ok(snapshot),
            // Inside a transaction, who came here first or has temporary tables reads what that shows.
            None => self.load_own(),
        }
    }

    /// The tables, for who translates by himself.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn catalog(&self) -> Result<Catalog> {
        self.catch_up()?;
        self.snapshot().map(|snapshot| snapshot.catalog.clone())
    }

    /// Reads everything for this session alone.
    fn load_own(&self) -> Result<Arc<Snapshot>> {
        let answer = self.read(&format!("{}; {}", loader::query(false), loader::temporary_query()))?;
        let snapshot = Arc::new(Snapshot::new(loader::catalog(&answer)));
        *self.known.snapshot.borrow_mut() = Some(Arc::clone(&snapshot));
        self.known.provisional.set(!self.may_look());
        Ok(snapshot)
    }

    pub(super) fn translate_new(&self, sql: &str) -> Result<Arc<Translation>> {
        let one_more = |from| syntax::next_statement(sql, from).map_err(|error| native::syntax_error(&error, sql));
        if let Some((_, tail)) = one_more(0)?
            && one_more(tail)?.is_some()
        {
            return Err(Error::MultipleStatement);
        }
        // They name no tables, and a transaction that can only be rolled back could not be asked for any.
        if is_transaction_command(sql) {
            let translation = translate::translate(sql, &Catalog::default(), &self.options);
            return translation.map(Arc::new).map_err(|refusal| refused(refusal, sql));
        }
        if let Some(translation) = self.translate_foretold(sql)? {
            return Ok(translation);
        }
        let snapshot = self.snapshot()?;
        self.limits.check(sql, &snapshot.catalog)?;
        let translate = |snapshot: &Snapshot| match self.options_now() {
            // Sessions that make other types of tables share the snapshot.
            Cow::Borrowed(options) if options.types == TypePolicy::default() => {
                snapshot.translation(sql, |catalog| translate::translate(sql, catalog, options))
            }
            options => {
                let key = format!("{sql}\0{options:?}");
                snapshot.translation(&key, |catalog| translate::translate(sql, catalog, &options))
            }
        };
        let refusal = match translate(&snapshot) {
            Ok(translation) => return Ok(translation),
            Err(refusal) => refusal,
        };
        // Refused against a snapshot that another program's DDL may have made old: look before saying so.
        self.look_after_failure()?;
        let newer = self.snapshot()?;
        if Arc::ptr_eq(&newer, &snapshot) {
            return Err(refused(refusal, sql));
        }
        translate(&newer).map_err(|refusal| refused(refusal, sql))
    }

    /// The translation of what makes a table or an index behind another such statement; what is refused is asked of the server's catalog.
    fn translate_foretold(&self, sql: &str) -> Result<Option<Arc<Translation>>> {
        let foretold = self.known.foretold.borrow();
        let Some(catalog) = foretold.as_ref().filter(|_| foretold::makes_table_or_index(sql)) else { return Ok(None) };
        self.limits.check(sql, catalog)?;
        Ok(translate::translate(sql, catalog, &self.options_now()).ok().map(Arc::new))
    }

    /// Something failed that a change of the schema by somebody else would explain.
    pub(super) fn look_after_failure(&self) -> Result<()> {
        if !self.options.in_memory && self.may_look() {
            return self.look();
        }
        if self.is_confirmed()? {
            return Ok(());
        }
        let before = self.known.snapshot();
        let now = self.load_own()?;
        match before {
            Some(before) if before.catalog == now.catalog => *self.known.snapshot.borrow_mut() = Some(before),
            _ => self.forget_plans(),
        }
        Ok(())
    }

    /// Whether what the open transaction sees of the catalog is what is known, as far as its fingerprint tells.
    fn is_confirmed(&self) -> Result<bool> {
        let shared = self.known.shared.borrow().clone();
        let known = self.known.base.borrow().clone().or_else(|| self.known.snapshot());
        match (shared, known) {
            (Some(shared), Some(known)) if !self.options.in_memory && !self.known.has_uncommitted() => {
                let answer = self.read(loader::fingerprint_query())?;
                Ok(shared.has(&known, &loader::fingerprint(&answer).digest))
            }
            _ => Ok(false),
        }
    }

    /// A statement of this session's has changed the schema; `for_all` when others can see it.
    pub(in crate::backend::postgres) fn schema_changed(&self, for_all: bool) {
        self.forget_plans();
        self.known.forget();
        if !for_all {
            self.known.has_temporary.set(true);
        }
        if !self.is_autocommit() {
            self.known.uncommitted.set(true);
        } else if for_all {
            self.known.changed_here.set(true);
            self.tell_others();
        }
    }

    /// The same by this statement, of which the next one may know without asking the server.
    pub(in crate::backend::postgres) fn schema_changed_by(&self, sql: &str, for_all: bool) {
        let is_alone = for_all && !self.options.in_memory && !self.known.has_temporary.get() && self.known.is_current();
        let known = self.known.foretold.take().or_else(|| Some(self.known.snapshot()?.catalog.clone()));
        let behind = known
            .filter(|_| is_alone && self.sees_public_alone())
            .and_then(|catalog| foretold::behind(catalog, sql, self.options.types));
        // What the others are told of counts as a change.
        let seen = self.known.seen.get() + u64::from(self.is_autocommit());
        self.schema_changed(for_all);
        let changes = self.known.shared.borrow().as_ref().map(|shared| shared.changes());
        if changes == Some(seen) && behind.is_some() {
            self.known.seen.set(seen);
            *self.known.foretold.borrow_mut() = behind;
        }
    }

    fn sees_public_alone(&self) -> bool {
        self.known.shared.borrow().as_ref().is_some_and(|shared| shared.is_of_public())
    }

    /// PostgreSQL's own SQL may have changed the schema, and where names are looked for.
    pub(in crate::backend::postgres) fn anything_changed(&self) {
        self.schema_changed(true);
        // Mostly it has not.
        self.known.changed_here.set(false);
        if !self.known.uncommitted.get() {
            *self.known.shared.borrow_mut() = None;
        }
    }

    /// The session goes to its next user, without what the last one left in it.
    pub(super) fn begin_anew(&self) {
        self.forget_plans();
        self.known.forget();
        self.known.has_temporary.set(false);
    }

    fn tell_others(&self) {
        if let Some(shared) = &*self.known.shared.borrow() {
            shared.changed();
        }
    }

    /// The transaction was undone to a savepoint.
    pub(super) fn schema_rolled_back(&self) {
        if self.known.uncommitted.get() {
            self.forget_plans();
            self.known.forget();
        }
    }

    /// The transaction is over: what it alone knew is everybody's now, or nobody's.
    pub(super) fn schema_settled(&self) {
        if self.known.uncommitted.replace(false) {
            self.known.changed_here.set(true);
            self.tell_others();
            self.forget_plans();
            self.known.forget();
        } else if self.known.provisional.get() {
            self.forget_plans();
            self.known.forget();
        }
    }

    /// Plans are made anew: the generation tells those that statements still hold.
    pub(super) fn forget_plans(&self) {
        self.generation.set(self.generation.get() + 1);
        self.flush_statement_cache();
    }

    /// What to send when the session begins, so that it hears of such changes; a server in recovery cannot tell of any.
    pub(super) fn listening(&self) -> Option<String> {
        let listen = format!("LISTEN {}", catalogs::CHANNEL);
        match self.wire.borrow().parameter("in_hot_standby") {
            // Behind a pooler the listener would be another program's session; it looks now and then instead.
            _ if self.options.in_memory || self.is_pooled() => None,
            Some("off") => Some(listen),
            Some(_) => None,
            // PostgreSQL 13 does not say by itself.
            None => Some(format!("DO 'BEGIN IF NOT pg_catalog.pg_is_in_recovery() THEN {listen}; END IF; END'")),
        }
    }

    /// What to send behind a statement that changes the schema, so that other processes hear of it.
    pub(in crate::backend::postgres) fn notice_of_change(&self) -> Option<String> {
        let notice = || format!("NOTIFY {}, '{}'", catalogs::CHANNEL, catalogs::notification());
        (!self.options.in_memory).then(notice)
    }
}

fn is_transaction_command(sql: &str) -> bool {
    const WORDS: [&str; 6] = ["begin", "commit", "end", "rollback", "savepoint", "release"];
    let first = syntax::tokens(sql).find(|token| !token.kind.is_trivia());
    first.is_some_and(|token| WORDS.iter().any(|word| token.span.text(sql).eq_ignore_ascii_case(word)))
}
