//! How a session begins, is handed to the next user of a pool, and ends.

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use hashlink::LruCache;
use rusqlite::{Error, Result, ffi};
use tokio_postgres::SimpleQueryMessage;

use super::catalog::Known;
use super::{CLOSE_TIMEOUT, Home, Session, cannot_open, lock_timeout, quote_identifier, quote_literal};
use crate::backend::postgres::net;
use crate::backend::postgres::results::Results;
use crate::backend::postgres::sqlstate::failure;
use crate::backend::postgres::tracker::Tracker;
use crate::config::{Isolation, Pooler, PostgresConfig, SHARED_MEMORY};
use crate::translate::{self, Kind, TypePolicy};

/// A setting by which a session finds out that it still is the same one on the server.
pub(super) const MARK: &str = "sqlift.session";

impl Session {
    /// # Errors
    /// `SqliteFailure(SQLITE_CANTOPEN)` with each host tried and its reason.
    pub fn connect(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, Home::Database, true)
    }

    /// As [`Session::connect`], where the configured schema must be there already.
    ///
    /// # Errors
    /// As [`Session::connect`]; there is no such schema.
    pub fn connect_existing(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, Home::Database, false)
    }

    /// A private, empty database that goes with the session: the connection's `pg_temp`.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub fn connect_in_memory(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, Home::Private, true)
    }

    /// The configured schema as a database that lives as long as somebody has it open.
    ///
    /// # Errors
    /// As [`Session::connect`]; the role may not create schemas.
    pub fn connect_shared_memory(config: &PostgresConfig) -> Result<Session> {
        Session::open(config, Home::SharedMemory, true)
    }

    fn open(config: &PostgresConfig, home: Home, may_create: bool) -> Result<Session> {
        let in_memory = home == Home::Private;
        let (client, mut wire) = net::connect(config).map_err(|error| cannot_open(&error))?;
        // A standby knows no serializable transactions (decision D9); one snapshot is the same for those that only read. Should
        // it become a primary, this session still refuses to write.
        let on_standby = net::is_standby(&client, &mut wire, None)
            .map_err(|stopped| failure(ffi::SQLITE_CANTOPEN, format!("unable to open database: {stopped}")))?;
        let isolation = match config.isolation {
            Isolation::Serializable if on_standby => Isolation::RepeatableRead,
            isolation => isolation,
        };
        let session = Session {
            client,
            tap: wire.rows(),
            wire: RefCell::new(wire),
            in_flight: Arc::default(),
            tracker: RefCell::new(Tracker::new(isolation, config.savepoints)),
            results: RefCell::new(Results::default()),
            plans: RefCell::new(LruCache::new(config.statement_cache.max(1))),
            native_plans: RefCell::new(LruCache::new(config.statement_cache.max(1))),
            verbatim: RefCell::new(LruCache::new(config.statement_cache.max(1))),
            known: Known::default(),
            generation: Cell::new(0),
            options: translate::Options {
                in_memory,
                types: TypePolicy { blobs: config.blob_columns, ..TypePolicy::FAITHFUL },
                ..translate::Options::default()
            },
            label: config.to_string(),
            server_version: String::new(),
            last_insert_rowid: Cell::new(0),
            changes: Cell::new(0),
            total_changes: Cell::new(0),
            busy_timeout: Cell::new(config.busy_timeout),
            settings: RefCell::default(),
            busy_handler: Cell::new(None),
            timeout_at_stake: Cell::new(false),
            read_only: Cell::new(on_standby),
            pooled: config.pooler == Pooler::Transaction,
            own_types_known: Cell::new(false),
            mark: RandomState::new().hash_one(std::process::id()),
            config: PostgresConfig { isolation, ..config.clone() },
            clean_generation: Cell::new(0),
            touched: Cell::new(false),
            given_settings: RefCell::default(),
            nothing_ran: Cell::new(false),
            ended: Cell::new(false),
            compat_version: Cell::new(None),
            home,
            running: Cell::new(0),
            hooks: RefCell::default(),
            limits: super::Limits::default(),
            locks: super::exclusive::Locks::default(),
            foreign_keys_off: Cell::new(false),
            query_only: Cell::new(false),
            own_triggers: Cell::new(false),
            sweeps: Cell::new(false),
            flags: Cell::default(),
            foreign_keys_deferred: Cell::new(false),
            deferred_since: Cell::new(false),
        };
        if session.is_pooled() {
            if home != Home::Database {
                return Err(failure(
                    ffi::SQLITE_CANTOPEN,
                    "unable to open database: a database in memory is a session's own, and pooler=transaction shares sessions\n  \
                     help: connect to the server itself for it, or open a SQLite database in memory with open_sqlite(\":memory:\")",
                ));
            }
            session.tracker.borrow_mut().set_local_settings(session.local_settings());
        } else {
            session.batch(&session.settings())?;
        }
        if home == Home::SharedMemory {
            session.hold_shared_memory()?;
        }
        if let Some(schema) = config.schema.as_deref().filter(|_| !in_memory) {
            if may_create { session.create_schema(schema)? } else { session.find_schema(schema)? }
        }
        let server_version = session.wire.borrow().parameter("server_version").unwrap_or_default().to_owned();
        Ok(Session { server_version, ..session })
    }

    /// What a session needs, whatever the role's and the database's own settings are: texts of values depend on it.
    fn needed_settings(&self) -> Vec<(String, String)> {
        let mut settings: Vec<(&str, String)> = vec![
            ("TimeZone", "'UTC'".into()),
            ("DateStyle", "'ISO, MDY'".into()),
            ("IntervalStyle", "'postgres'".into()),
            ("bytea_output", "'hex'".into()),
            ("standard_conforming_strings", "on".into()),
            ("jit", "off".into()),
            ("lock_timeout", lock_timeout(self.busy_timeout.get()).to_string()),
        ];
        let search_path = match &self.config.schema {
            _ if self.options.in_memory => Some("pg_temp".to_owned()),
            schema => schema.as_deref().map(quote_identifier),
        };
        settings.extend(search_path.map(|path| ("search_path", path)));
        let zone = self.config.timezone.clone().or_else(local_zone);
        settings.extend(zone.map(|zone| ("sqlift.timezone", quote_literal(&zone))));
        settings.extend(self.foreign_keys_setting());
        let limits = [
            ("statement_timeout", self.config.statement_timeout),
            ("idle_in_transaction_session_timeout", self.config.idle_in_transaction_timeout),
        ];
        settings.extend(limits.into_iter().filter_map(|(name, limit)| Some((name, limit?.as_millis().to_string()))));
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
        settings.chain(self.given_settings.borrow().iter().cloned()).collect()
    }

    /// Sets them for the session.
    fn settings(&self) -> String {
        let isolation = match self.config.isolation {
            Isolation::Serializable => "serializable",
            Isolation::RepeatableRead => "repeatable read",
            Isolation::ReadCommitted => "read committed",
        };
        let mut sql = format!("SET default_transaction_isolation = '{isolation}'");
        for (name, value) in self.needed_settings() {
            sql += &format!("; SET {name} = {value}");
        }
        if self.read_only.get() {
            sql += "; SET default_transaction_read_only = on";
        }
        if let Some(listen) = self.listening() {
            sql += "; ";
            sql += &listen;
        }
        sql + &format!("; SET {MARK} = '{}'", self.mark)
    }

    /// Sets them for a transaction, behind its BEGIN.
    pub(super) fn local_settings(&self) -> String {
        let mut sql = String::new();
        for (name, value) in self.needed_settings() {
            sql += &format!("; SET LOCAL {name} = {value}");
        }
        if self.read_only.get() {
            sql += "; SET LOCAL transaction_read_only = on";
        }
        sql
    }

    /// Sets again what DISCARD ALL or RESET took away.
    pub(in crate::backend::postgres) fn renew_settings(&self) -> Result<()> {
        if self.is_pooled() { Ok(()) } else { self.batch(&self.settings()) }
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

    fn find_schema(&self, schema: &str) -> Result<()> {
        let sql = format!("SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = {}", quote_literal(schema));
        if !self.ask(&sql, None)?.is_empty() {
            return Ok(());
        }
        Err(failure(
            ffi::SQLITE_CANTOPEN,
            format!(
                "unable to open database file: it stands for the schema {schema}, which is not there\n  \
                 help: open it with SQLITE_OPEN_CREATE once, or create the schema"
            ),
        ))
    }

    /// Keeps the schema of a shared memory database, after taking away those that nobody keeps.
    ///
    /// Whoever has one open holds an advisory lock in shared mode, which the server gives up with the session, however that ends.
    fn hold_shared_memory(&self) -> Result<()> {
        let lock = |name: &str| format!("pg_catalog.hashtextextended({name}, 0)");
        let sweep = format!(
            "DECLARE name text; BEGIN
                FOR name IN SELECT nspname FROM pg_catalog.pg_namespace
                    WHERE pg_catalog.starts_with(nspname, '{SHARED_MEMORY}') AND pg_catalog.pg_has_role(nspowner, 'USAGE')
                LOOP
                    IF pg_catalog.pg_try_advisory_xact_lock({}) THEN
                        EXECUTE pg_catalog.format('DROP SCHEMA IF EXISTS %I CASCADE', name);
                    END IF;
                END LOOP;
            END",
            lock("name")
        );
        self.batch(&format!(
            "SET client_min_messages = warning; DO {}; RESET client_min_messages",
            quote_literal(&sweep)
        ))?;
        let own = quote_literal(self.config.schema.as_deref().unwrap_or_default());
        self.batch(&format!("SELECT pg_catalog.pg_advisory_lock_shared({})", lock(&own)))
    }

    /// Writes may not happen (`OpenFlags::SQLITE_OPEN_READ_ONLY`).
    ///
    /// # Errors
    /// The connection is lost.
    pub fn set_read_only(&self) -> Result<()> {
        self.touched.set(true);
        self.read_only.set(true);
        if self.is_pooled() {
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
            return Ok(());
        }
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
        self.busy_handler.set(None);
        self.limits.forget();
        let given = self.given_settings.take();
        self.foreign_keys_off.set(false);
        self.forget_flags();
        self.settings.take();
        if self.is_pooled() {
            self.busy_timeout.set(self.config.busy_timeout);
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
            return Ok(());
        }
        if self.touched.get() || self.generation.get() != self.clean_generation.get() {
            self.busy_timeout.set(self.config.busy_timeout);
            // What DISCARD ALL does, but for the prepared statements, which stay right.
            let mut sql = "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *".to_owned();
            // A shared memory database lives by such a lock.
            if self.home != Home::SharedMemory {
                sql += "; SELECT pg_advisory_unlock_all()";
            }
            if !self.options.in_memory {
                sql += "; DISCARD TEMP";
            }
            self.batch(&format!("{sql}; {}", self.settings()))?;
            self.drop_own_triggers()?;
            self.begin_anew();
            self.touched.set(false);
            self.clean_generation.set(self.generation.get());
        } else if !given.is_empty() {
            let resets: Vec<String> = given.iter().map(|(name, _)| format!("RESET {name}")).collect();
            self.batch(&resets.join("; "))?;
        }
        Ok(())
    }

    /// Sets custom settings (`app.user`) until the session is handed to its next user.
    ///
    /// # Errors
    /// What the server says; the connection is lost.
    pub fn give_settings(&self, settings: &[(&str, &str)]) -> Result<()> {
        if settings.is_empty() {
            return Ok(());
        }
        // Before the trip, so that they are taken back also when its answer does not arrive.
        let given = settings.iter().map(|(name, value)| (setting_name(name), quote_literal(value)));
        self.given_settings.borrow_mut().extend(given);
        if self.is_pooled() {
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
            return Ok(());
        }
        let sets: Vec<String> = settings
            .iter()
            .map(|(name, value)| {
                format!("pg_catalog.set_config({}, {}, false)", quote_literal(name), quote_literal(value))
            })
            .collect();
        self.batch(&format!("SELECT {}", sets.join(", ")))
    }

    fn end_transaction(&self) -> Result<()> {
        self.make_room()?;
        self.leave().map_err(|failure| self.recover(failure, None))?;
        if !self.is_autocommit() {
            self.transaction_command(&Kind::Rollback)?;
        }
        Ok(())
    }

    /// The first row of an answer, as texts: for questions of our own, which leave nothing behind.
    ///
    /// # Errors
    /// What the server says; no answer until the deadline.
    pub fn ask(&self, sql: &str, deadline: Option<Instant>) -> Result<Vec<Option<String>>> {
        self.make_room()?;
        self.open_transaction_first()?;
        let messages = self.run_until(self.client.simple_query(sql), deadline);
        let messages = messages
            .and_then(|messages| self.leave().map(|()| messages))
            .map_err(|failure| self.recover(failure, None))?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect())
            }
            _ => None,
        });
        Ok(row.unwrap_or_default())
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
                // What is left is the next sweep's.
                let _ = self.drop_own_triggers();
                let Session { client, wire, plans, native_plans, verbatim, results, .. } = *self;
                // Prepared statements and results hold on to the client.
                drop((plans, native_plans, verbatim, results, client));
                wire.into_inner().close(CLOSE_TIMEOUT);
                Ok(())
            }
        }
    }
}

/// `app.user`, each part as an identifier.
fn setting_name(name: &str) -> String {
    name.split('.').map(quote_identifier).collect::<Vec<_>>().join(".")
}

/// The name of the process's time zone, where SQLite's 'localtime' finds it as well.
///
/// A server knows zones by name, so a file without one (`TZ=/path/to/file`) gives nothing.
fn local_zone() -> Option<String> {
    if let Ok(zone) = std::env::var("TZ") {
        let zone = zone.strip_prefix(':').unwrap_or(&zone);
        return match zone {
            "" => Some("UTC".to_owned()),
            path if path.starts_with('/') => zone_of_file(std::path::Path::new(path)),
            name => Some(name.to_owned()),
        };
    }
    match std::fs::read_link("/etc/localtime") {
        Ok(target) => zone_of_file(&target),
        // Without the file, time is UTC.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some("UTC".to_owned()),
        Err(_) => {
            let name = std::fs::read_to_string("/etc/timezone").ok()?;
            Some(name.trim().to_owned()).filter(|name| !name.is_empty())
        }
    }
}

/// `/usr/share/zoneinfo/Europe/Berlin` is Europe/Berlin.
fn zone_of_file(path: &std::path::Path) -> Option<String> {
    let (_, name) = path.to_str()?.split_once("zoneinfo/")?;
    Some(name.to_owned())
}
