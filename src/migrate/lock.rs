//! One runner at a time, however many processes start at once.
//!
//! On PostgreSQL an advisory lock, asked for again and again: waiting for it inside the server would hold a snapshot, and
//! CREATE INDEX CONCURRENTLY waits for those. On SQLite the lock of a small file beside the database
//! (`lock_file`); each file's own BEGIN IMMEDIATE guards the history besides.

use super::error::{Error, ErrorKind};
use super::lock_file::LockFile;
use super::{Event, Options, Result};
use crate::config::{Config, Pooler};
use crate::{Backend, Connection, ErrorCode, OptionalExtension};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Held until it is dropped.
pub(super) struct Lock<'c> {
    conn: &'c Connection,
    key: i64,
    /// Of a SQLite database in a file; removed when the lock is dropped.
    _beside: Option<LockFile>,
}

impl<'c> Lock<'c> {
    /// Waits until nobody else migrates this database.
    pub fn take(conn: &'c Connection, options: &Options<'_>) -> Result<Lock<'c>> {
        match conn.backend() {
            Backend::Postgres => on_postgres(conn, options),
            Backend::Sqlite => on_sqlite(conn, options),
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        if self.conn.backend() == Backend::Postgres {
            notice_our_end(self.conn, "0");
            // A connection that is lost has lost its locks too.
            let unlock = "SELECT pg_catalog.pg_advisory_unlock(?)";
            let _ = self.conn.native().query_row(unlock, [self.key], |_| Ok(()));
        }
    }
}

fn on_postgres<'c>(conn: &'c Connection, options: &Options<'_>) -> Result<Lock<'c>> {
    if let Some(Ok(Config::Postgres(config))) = conn.path().map(Config::from_url)
        && config.pooler == Pooler::Transaction
    {
        return Err(Error::new(ErrorKind::Locked, "behind a pooler in transaction mode a lock belongs to nobody")
            .help(
                "migrate over a connection to the server itself: its own host and port, without pooler=transaction",
            ));
    }
    let native = conn.native();
    let schema: Option<String> = native.query_row("SELECT pg_catalog.current_schema()", [], |row| row.get(0))?;
    // Two schemas of one database migrate side by side.
    let key = key(&schema.unwrap_or_default());
    let mut wait = Wait::new(options);
    loop {
        let sql = "SELECT pg_catalog.pg_try_advisory_lock(?)";
        if native.query_row(sql, [key], |row| row.get::<_, bool>(0))? {
            notice_our_end(conn, "1s");
            return Ok(Lock { conn, key, _beside: None });
        }
        let holder = if wait.is_first() || wait.is_over() { holder(conn, key) } else { String::new() };
        wait.again(&holder)?;
    }
}

/// Lets the server end a statement whose client was killed, which else goes on to its end and keeps the lock. PostgreSQL 13 and
/// servers on some systems cannot, and then the next runner waits for that end.
fn notice_our_end(conn: &Connection, interval: &str) {
    let sql = "SELECT pg_catalog.set_config(name, ?, false) FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval'";
    let _ = conn.native().query_row(sql, [interval], |_| Ok(())).optional();
}

/// Who has the advisory lock, for people.
fn holder(conn: &Connection, key: i64) -> String {
    let sql = "SELECT 'process ' || a.pid || ' of role ' || COALESCE(a.usename, '?') \
                 || CASE WHEN a.application_name <> '' THEN ' (' || a.application_name || ')' ELSE '' END \
                 || COALESCE(' at ' || pg_catalog.host(a.client_addr), '') \
               FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
               WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
                 AND l.classid::bigint = ? AND l.objid::bigint = ? \
                 AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())";
    let (high, low) = ((key >> 32) & 0xffff_ffff, key & 0xffff_ffff);
    let found = conn.native().query_row(sql, [high, low], |row| row.get::<_, String>(0)).optional();
    found.ok().flatten().unwrap_or_else(|| "somebody".to_owned())
}

/// FNV-1a over a name of our own and the schema: programs have advisory locks of their own.
fn key(schema: &str) -> i64 {
    let bytes = b"sqlift.migrate:".iter().chain(schema.as_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    hash as i64
}

fn on_sqlite<'c>(conn: &'c Connection, options: &Options<'_>) -> Result<Lock<'c>> {
    let Some(path) = conn.path().filter(|path| !path.is_empty()) else {
        // In memory there is nobody else.
        return Ok(Lock { conn, key: 0, _beside: None });
    };
    let path = PathBuf::from(format!("{path}-migrating"));
    let mut wait = Wait::new(options);
    loop {
        match LockFile::try_take(&path) {
            Ok(Some(file)) => return Ok(Lock { conn, key: 0, _beside: Some(file) }),
            Ok(None) => wait.again("another process")?,
            Err(error) => {
                return Err(Error::new(ErrorKind::Locked, format!("the lock file cannot be made: {error}"))
                    .in_file(&path.display().to_string())
                    .help("the folder of the database must be writable"));
            }
        }
    }
}

/// `BEGIN IMMEDIATE`, for as long as the options allow.
pub(super) fn begin_immediate(conn: &Connection, options: &Options<'_>) -> Result<()> {
    while_busy(options, || Ok(conn.execute_batch("BEGIN IMMEDIATE")?))
}

/// Again while another program's transaction is in the way, for as long as the options allow.
pub(super) fn while_busy<T>(options: &Options<'_>, run: impl Fn() -> Result<T>) -> Result<T> {
    let mut wait = Wait::new(options);
    loop {
        match run() {
            Err(error) if error.database_error().is_some_and(is_busy) => wait.again("a program that is writing")?,
            other => return other,
        }
    }
}

pub(super) fn is_busy(error: &crate::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Pauses of varying length up to a deadline.
struct Wait<'o> {
    options: &'o Options<'o>,
    begun: Instant,
    rounds: u32,
}

impl<'o> Wait<'o> {
    fn new(options: &'o Options<'o>) -> Wait<'o> {
        Wait { options, begun: Instant::now(), rounds: 0 }
    }

    fn is_first(&self) -> bool {
        self.rounds == 0
    }

    fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.options.lock_timeout
    }

    fn again(&mut self, holder: &str) -> Result<()> {
        if self.is_over() {
            let seconds = self.options.lock_timeout.as_secs_f64();
            return Err(Error::new(
                ErrorKind::Locked,
                format!("{holder} is migrating this database and did not end within {seconds} s"),
            )
            .help("wait for it or end it, then start again; whoever dies frees the lock"));
        }
        if self.is_first() {
            self.options.tell(&Event::Waiting { holder });
        }
        self.rounds += 1;
        std::thread::sleep(Duration::from_millis(15 * u64::from(self.rounds.min(8)) + jitter(40)));
        Ok(())
    }
}

/// Up to `limit` milliseconds, so that starters do not ask in step.
fn jitter(limit: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish() % limit
}
