//! `Db`: the front door. A [`Config`] and a pool of facade connections, shared by the threads of a program.
//!
//! Takes a URL, a [`Config`] or the environment; gives connections for as long as they are needed, and shortcuts that take one for a
//! single statement or transaction. It knows nothing of SQL; the pool itself is r2d2's (`pool`).

mod attempt;
mod credentials;
mod life;
mod pool;
mod settings;
mod stats;

use std::sync::Arc;
use std::time::Duration;

use crate::config::{self, Backend, Config};
use crate::{Error, Params, Result, Row, Statement, Transaction, TransactionBehavior, ffi};
use crate::{health, observe};
use attempt::{Values, attempt};
use credentials::Rotation;
use pool::{Manager, Source};
use stats::Stats;

pub use credentials::Credentials;
pub use pool::PooledConnection;
pub use stats::PoolState;

/// A database, ready to use from any thread: a pool of connections to SQLite or PostgreSQL.
///
/// Cloning is cheap and shares the pool. The pool holds at most `pool_max_size` connections, opens them when they are needed, and
/// gives an error coded `SQLITE_BUSY` when none comes free within `pool_timeout`; both are parameters of the URL.
///
/// On SQLite the connections are what rusqlite opens, with a busy timeout of 5 seconds (`busy_timeout` in the URL); no journal mode and
/// no other pragma is set, so run `PRAGMA journal_mode = WAL` where readers and writers meet.
/// A database in memory belongs to a pool of one connection, since it is that connection's own; with `sqlite::memory:?pool_max_size=4`
/// the connections share SQLite's cache, where a table that another one writes is `SQLITE_LOCKED` at once.
///
/// # Examples
/// ```
/// use sqlift::{Db, params};
///
/// let db = Db::open("sqlite::memory:")?;
/// db.execute_batch("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")?;
/// db.transaction(|tx| {
///     tx.execute("INSERT INTO person (name) VALUES (?1)", params!["Ada"])?;
///     tx.execute("INSERT INTO person (name) VALUES (?1)", params!["Grace"])
/// })?;
/// let names: Vec<String> = db.query("SELECT name FROM person ORDER BY id", [], |row| row.get(0))?;
/// assert_eq!(names, ["Ada", "Grace"]);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Clone)]
pub struct Db {
    pool: r2d2::Pool<Manager>,
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    pool_timeout: Duration,
    stats: Arc<Stats>,
}

impl Db {
    /// Opens the database that a URL, or any other connection string that [`Config::from_url`] takes, names.
    ///
    /// One connection is made at once, so that what is wrong shows here.
    ///
    /// # Errors
    /// `SQLITE_CANTOPEN` with what is wrong with the connection string or why the database cannot be reached.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// assert_eq!(db.query_row("SELECT 1 + 1", [], |row| row.get::<_, i64>(0))?, 2);
    /// assert!(sqlift::Db::open("mysql://db/portal").is_err());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn open(url: &str) -> Result<Db> {
        Db::with_config(Config::from_url(url)?)
    }

    /// Opens the database that the environment names, as [`Config::from_env`] reads it; SQLite's `./dev.db` when it names none.
    ///
    /// One line on standard error says which database that is and which variable named it, unless `SQLIFT_QUIET=1`.
    ///
    /// # Errors
    /// `SQLITE_CANTOPEN` with the variable that is wrong, or why the database cannot be reached.
    ///
    /// # Examples
    /// ```no_run
    /// let db = sqlift::Db::from_env()?;
    /// println!("{} connections at most", db.pool_state().max_size);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn from_env() -> Result<Db> {
        let (config, origin) = Config::from_env_with_origin()?;
        let opened = Db::with_config(config.clone());
        config::report(&config, &origin, || health::facts(&*opened.as_ref().ok()?.get().ok()?))?;
        opened
    }

    /// Opens the database that a configuration describes.
    ///
    /// # Errors
    /// As [`Db::open`].
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Db, config::Config};
    /// let mut config = Config::from_url("sqlite::memory:")?;
    /// if let Config::Sqlite(sqlite) = &mut config {
    ///     sqlite.busy_timeout = std::time::Duration::from_secs(1);
    /// }
    /// let db = Db::with_config(config)?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn with_config(config: Config) -> Result<Db> {
        Db::build(config, Rotation::new(None))
    }

    /// As [`with_config`](Self::with_config), with a callback that says for every new connection who logs in.
    ///
    /// When it gives other credentials than before, and the server takes them, older connections end as they come back; nobody
    /// who holds one notices. A password that is refused is asked for again for some seconds, once one was taken, since server and secret
    /// store do not change at the same moment. A file with the password needs no callback: `password_file` in the URL does the same.
    ///
    /// # Errors
    /// As [`Db::open`]; SQLite, which knows no credentials; what the callback gives.
    ///
    /// # Examples
    /// ```no_run
    /// use sqlift::{Credentials, Db, config::Config};
    ///
    /// # fn lease() -> Result<(String, String), std::io::Error> { unimplemented!() }
    /// let db = Db::with_credentials(Config::from_env()?, || {
    ///     let (user, password) = lease()?; // asks the secret store
    ///     Ok(Credentials::password(password).user(user))
    /// })?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn with_credentials<F>(config: Config, credentials: F) -> Result<Db>
    where
        F: Fn() -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    {
        match config.backend() {
            Backend::Postgres => Db::build(config, Rotation::new(Some(Box::new(credentials)))),
            Backend::Sqlite => Err(config::ConfigError::new("a SQLite database knows no credentials")
                .help("call Db::with_config where the configuration is SQLite's")
                .into()),
        }
    }

    fn build(config: Config, rotation: Rotation) -> Result<Db> {
        let stats: Arc<Stats> = Arc::default();
        let manager = Manager::new(Source::new(&config, rotation)?, Arc::clone(&stats));
        let (size, pool_timeout) = match &config {
            Config::Sqlite(sqlite) => (sqlite.pool_max_size, sqlite.pool_timeout),
            Config::Postgres(postgres) => (postgres.pool_max_size, postgres.pool_timeout),
        };
        if size == 0 {
            return Err(config::ConfigError::new("pool_max_size=0 leaves no connection")
                .help("it must be at least 1")
                .into());
        }
        let keeps = matches!(&config, Config::Sqlite(sqlite) if sqlite.location.is_memory());
        let lifetime = (!keeps).then(|| Duration::from_secs(30 * 60));
        // What r2d2 pools are places for connections: they cost nothing, so all are there from the start.
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(size))
            .test_on_check_out(false)
            .max_lifetime(lifetime)
            .idle_timeout(lifetime.map(|lifetime| lifetime / 3))
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(manager)
            .map_err(|error| Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_NOMEM), Some(error.to_string())))?;
        let db = Db { pool, shared: Arc::new(Shared { config, pool_timeout, stats }) };
        drop(db.get()?);
        Ok(db)
    }

    /// Takes a connection out of the pool until it is dropped.
    ///
    /// A transaction left open is rolled back when the connection goes back. A connection that died while it lay idle is replaced
    /// before it is handed out; no statement is run to find that out.
    ///
    /// # Errors
    /// `SQLITE_BUSY` when all connections stay in use for `pool_timeout`; otherwise why a new connection could not be made.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// let mut conn = db.get()?;
    /// let tx = conn.transaction()?;
    /// tx.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// tx.commit()?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[inline]
    pub fn get(&self) -> Result<PooledConnection> {
        self.get_within(self.shared.pool_timeout, None)
    }

    /// A connection, or an error until the deadline.
    pub(crate) fn get_by(&self, deadline: std::time::Instant) -> Result<PooledConnection> {
        let left = || deadline.saturating_duration_since(std::time::Instant::now());
        self.get_within(left().min(self.shared.pool_timeout), Some(left().max(Duration::from_millis(1))))
    }

    /// Waits for a free connection at most `timeout`, and `limit` for a new one to be made.
    #[inline]
    fn get_within(&self, timeout: Duration, limit: Option<Duration>) -> Result<PooledConnection> {
        let stats = &self.shared.stats;
        if stats.is_closed() {
            return Err(Db::is_closed_error());
        }
        let place = match self.pool.try_get() {
            Some(place) => place,
            None => stats.wait(|| self.pool.get_timeout(timeout)).map_err(|_| self.exhausted(timeout))?,
        };
        if stats.is_closed() {
            return Err(Db::is_closed_error());
        }
        stats.checked_out();
        PooledConnection::fill(place, limit)
    }

    /// Runs one statement; see [`Connection::execute`](crate::Connection::execute).
    ///
    /// # Errors
    /// As [`Db::get`] and [`Connection::execute`](crate::Connection::execute).
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// db.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// assert_eq!(db.execute("INSERT INTO tag VALUES (?1)", ["red"])?, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute<P: Params>(&self, sql: &str, params: P) -> Result<usize> {
        self.with_statement(sql, params, |statement| statement.raw_execute())
    }

    /// Runs the statements of a script; see [`Connection::execute_batch`](crate::Connection::execute_batch).
    ///
    /// # Errors
    /// As [`Db::get`] and [`Connection::execute_batch`](crate::Connection::execute_batch).
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        self.get()?.execute_batch(sql)
    }

    /// Gives what `f` makes of a query's first row; see [`Connection::query_row`](crate::Connection::query_row).
    ///
    /// # Errors
    /// As [`Db::get`] and [`Connection::query_row`](crate::Connection::query_row); [`Error::QueryReturnedNoRows`] when there is no row.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// let length: i64 = db.query_row("SELECT length(?1)", ["abc"], |row| row.get(0))?;
    /// assert_eq!(length, 3);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query_row<T, P, F>(&self, sql: &str, params: P, f: F) -> Result<T>
    where
        P: Params,
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        let mut f = Some(f);
        self.with_statement(sql, params, |statement| {
            let mut rows = statement.raw_query();
            let row = rows.next()?.ok_or(Error::QueryReturnedNoRows)?;
            f.take().expect("a statement that gave a row is not run again")(row)
        })
    }

    /// Collects what `f` makes of each row.
    ///
    /// # Errors
    /// As [`Db::get`] and [`Statement::query_map`]; the first row that fails ends it.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// let numbers: Vec<i64> = db.query("VALUES (1), (2)", [], |row| row.get(0))?;
    /// assert_eq!(numbers, [1, 2]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn query<T, P, F>(&self, sql: &str, params: P, mut f: F) -> Result<Vec<T>>
    where
        P: Params,
        F: FnMut(&Row<'_>) -> Result<T>,
    {
        self.with_statement(sql, params, |statement| {
            let mut rows = statement.raw_query();
            let mut values = Vec::new();
            while let Some(row) = rows.next()? {
                values.push(f(row)?);
            }
            Ok(values)
        })
    }

    /// Runs `f` in a transaction, which is committed when `f` gives `Ok` and rolled back when it gives `Err` or panics.
    ///
    /// # Errors
    /// What `f` gives; otherwise as [`Db::get`], and what the database says to `BEGIN` and `COMMIT`.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// db.execute_batch("CREATE TABLE tag (name TEXT UNIQUE)")?;
    /// let result = db.transaction(|tx| {
    ///     tx.execute("INSERT INTO tag VALUES ('red')", [])?;
    ///     tx.execute("INSERT INTO tag VALUES ('red')", [])
    /// });
    /// assert!(result.is_err());
    /// assert_eq!(db.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0))?, 0);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn transaction<T, F>(&self, f: F) -> Result<T>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T>,
    {
        self.try_transaction(TransactionBehavior::Deferred, f)
    }

    /// As [`Db::transaction`], with the way it begins and an error type of the caller's own.
    ///
    /// # Errors
    /// As [`Db::transaction`].
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Db, TransactionBehavior};
    ///
    /// let db = Db::open("sqlite::memory:")?;
    /// let parsed = db.try_transaction(TransactionBehavior::Immediate, |tx| {
    ///     let text: String = tx.query_row("SELECT 'x'", [], |row| row.get(0))?;
    ///     text.parse::<i64>().map_err(Box::<dyn std::error::Error>::from)
    /// });
    /// assert!(parsed.is_err());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn try_transaction<T, E, F>(&self, behavior: TransactionBehavior, f: F) -> Result<T, E>
    where
        E: From<Error>,
        F: FnOnce(&Transaction<'_>) -> Result<T, E>,
    {
        let mut conn = self.get()?;
        // Dropped without commit, also while a panic unwinds, it is rolled back.
        let transaction = conn.transaction_with_behavior(behavior)?;
        let value = f(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// The database spoken to.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// assert_eq!(db.backend(), sqlift::Backend::Sqlite);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn backend(&self) -> Backend {
        self.shared.config.backend()
    }

    /// The configuration it was opened with; shown, it has no password.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// assert_eq!(db.config().to_string(), "sqlite::memory:");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// How the pool stands now.
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// let conn = db.get()?;
    /// assert_eq!(db.pool_state().in_use, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pool_state(&self) -> PoolState {
        self.shared.stats.state(self.pool.max_size(), self.in_use())
    }

    fn keeps_memory(&self) -> bool {
        matches!(&self.shared.config, Config::Sqlite(sqlite) if sqlite.location.is_memory())
    }

    /// Prepares a statement on a connection of the pool, binds the parameters and runs it.
    ///
    /// When the connection is lost before the server ran anything, another one does it: nothing is lost or done twice.
    #[cfg_attr(feature = "tracing", track_caller)]
    fn with_statement<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut run: impl FnMut(&mut Statement<'_>) -> Result<T>,
    ) -> Result<T> {
        let _site = observe::site();
        let mut conn = self.get()?;
        let (_, values) = match attempt(&conn, sql, Values::Params(params), &mut run) {
            Ok(result) => return result,
            Err(not_run) => not_run,
        };
        observe::retried("lost_connection");
        conn.renew()?;
        attempt(&conn, sql, values, &mut run).unwrap_or_else(|(error, _)| Err(error))
    }

    fn exhausted(&self, waited: Duration) -> Error {
        let size = self.pool.max_size();
        let seconds = waited.as_secs_f64();
        let message = format!(
            "all {size} connections of the pool are in use, and none came back within {seconds} s\n  help: drop connections sooner, or raise pool_max_size (now {size}) or pool_timeout in the URL: ?pool_max_size={}",
            size.saturating_mul(2)
        );
        Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(message))
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({}, {:?})", self.shared.config, self.pool_state())
    }
}

const _: () = {
    const fn shared<T: Clone + Send + Sync>() {}
    const fn sent<T: Send>() {}
    shared::<Db>();
    sent::<PooledConnection>();
};
