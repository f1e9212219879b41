//! The shapes of a configuration: what a session, a pool or the facade reads after parsing is done.
//!
//! Fields are public and carry libpq's names and meanings; [`PostgresConfig::default`] holds the defaults that need neither
//! environment nor file system. Only [`Secret`] hides something: a password never shows in `Debug`, `Display` or an error.

use std::path::PathBuf;
use std::time::Duration;

pub use crate::translate::BlobColumns;

/// Which SQLite database to open, and how a pool of its connections behaves.
///
/// # Examples
/// ```
/// use sqlift::config::{Config, SqliteLocation};
/// let Config::Sqlite(config) = Config::from_url("sqlite:///data/app.db?busy_timeout=1000")? else { panic!() };
/// assert_eq!(config.location, SqliteLocation::File("data/app.db".into()));
/// assert_eq!(config.busy_timeout.as_millis(), 1000);
/// # Ok::<(), sqlift::config::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SqliteConfig {
    pub location: SqliteLocation,
    /// How long a statement waits for another connection's lock.
    pub busy_timeout: Duration,
    /// The most connections a `Db` keeps.
    pub pool_max_size: u32,
    /// How long a `Db` waits for a free connection.
    pub pool_timeout: Duration,
}

impl SqliteConfig {
    /// The defaults for this database: 5 s busy timeout, as rusqlite has it, and a pool of 10 connections, or of 1 for a
    /// database in memory, which is its connection's own.
    pub fn new(location: SqliteLocation) -> Self {
        let shared = PostgresConfig::default();
        let pool_max_size = if location.is_private_memory() { 1 } else { shared.pool_max_size };
        SqliteConfig { location, busy_timeout: shared.busy_timeout, pool_max_size, pool_timeout: shared.pool_timeout }
    }
}

/// Where a SQLite database lives.
#[derive(Debug, Clone, PartialEq)]
pub enum SqliteLocation {
    /// A path, relative to the working folder unless absolute.
    File(PathBuf),
    /// A private database in memory.
    Memory,
    /// SQLite's own `file:...` URI, handed on untouched.
    Uri(String),
}

impl SqliteLocation {
    /// Whether the database goes with its last connection.
    pub(crate) fn is_memory(&self) -> bool {
        self.is_private_memory()
            || matches!(self, SqliteLocation::Uri(uri) if uri.contains("mode=memory") || uri.starts_with("file::memory:"))
    }

    /// Whether each connection sees a database of its own, which goes with it.
    pub(crate) fn is_private_memory(&self) -> bool {
        match self {
            SqliteLocation::Memory => true,
            SqliteLocation::File(path) => path.as_os_str().is_empty(),
            SqliteLocation::Uri(uri) => {
                let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
                let asks = |setting: &str| query.split('&').any(|pair| pair == setting);
                (matches!(path, "file:" | "file::memory:") || asks("mode=memory")) && !asks("cache=shared")
            }
        }
    }
}

/// A PostgreSQL server, a role, and how sessions behave. Fields carry libpq's names and meanings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PostgresConfig {
    pub hosts: Vec<Host>,
    pub user: String,
    pub password: Option<Secret>,
    pub dbname: String,
    pub application_name: Option<String>,
    pub options: Option<String>,
    pub sslmode: SslMode,
    /// A PEM file, or `system` for the system's roots.
    pub sslrootcert: Option<PathBuf>,
    pub sslcert: Option<PathBuf>,
    pub sslkey: Option<PathBuf>,
    pub sslnegotiation_direct: bool,
    pub channel_binding: ChannelBinding,
    pub connect_timeout: Option<Duration>,
    pub keepalives: bool,
    pub keepalives_idle: Option<Duration>,
    pub keepalives_interval: Option<Duration>,
    pub keepalives_count: Option<u32>,
    pub tcp_user_timeout: Option<Duration>,
    pub target_session_attrs: TargetSessionAttrs,
    pub load_balance_hosts: bool,
    /// libpq's password file; `None` means `~/.pgpass`.
    pub passfile: Option<PathBuf>,
    /// A file that holds the password and nothing else, read anew for every connection; it goes before `password`.
    pub password_file: Option<PathBuf>,
    /// The schema that unqualified names mean; `None` leaves the server's search_path.
    pub schema: Option<String>,
    pub isolation: Isolation,
    pub savepoints: Savepoints,
    /// The time zone of the modifiers 'localtime' and 'utc'; `None` means the process's own.
    pub timezone: Option<String>,
    pub immediate: Immediate,
    /// What a column declared BLOB keeps, in the tables that this connection makes.
    pub blob_columns: BlobColumns,
    /// What stands between the program and the server.
    pub pooler: Pooler,
    /// How many prepared statements a session keeps.
    pub statement_cache: usize,
    /// How long a statement waits for another session's lock.
    pub busy_timeout: Duration,
    /// How long a session looks for an answer again and again before it sleeps; zero sleeps at once.
    pub busy_poll: Duration,
    /// How long the server lets a statement run; `None` leaves the server's own setting.
    pub statement_timeout: Option<Duration>,
    /// How long the server lets a transaction wait for its next statement; `None` leaves the server's own setting.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// The most connections a `Db` keeps.
    pub pool_max_size: u32,
    /// How long a `Db` waits for a free connection.
    pub pool_timeout: Duration,
}

impl Default for PostgresConfig {
    /// The defaults that need neither environment nor file system: no host, no user, no database yet.
    ///
    /// [`Config::from_url`](super::Config::from_url) fills those in as libpq does.
    fn default() -> Self {
        PostgresConfig {
            hosts: Vec::new(),
            user: String::new(),
            password: None,
            dbname: String::new(),
            application_name: None,
            options: None,
            sslmode: SslMode::Prefer,
            sslrootcert: None,
            sslcert: None,
            sslkey: None,
            sslnegotiation_direct: false,
            channel_binding: ChannelBinding::Prefer,
            connect_timeout: None,
            keepalives: true,
            keepalives_idle: None,
            keepalives_interval: None,
            keepalives_count: None,
            tcp_user_timeout: None,
            target_session_attrs: TargetSessionAttrs::Any,
            load_balance_hosts: false,
            passfile: None,
            password_file: None,
            schema: None,
            isolation: Isolation::Serializable,
            savepoints: Savepoints::Auto,
            immediate: Immediate::Lock,
            blob_columns: BlobColumns::Bytes,
            pooler: Pooler::None,
            statement_cache: 256,
            busy_timeout: Duration::from_millis(5000),
            busy_poll: Duration::from_micros(100),
            statement_timeout: None,
            idle_in_transaction_timeout: None,
            pool_max_size: 10,
            pool_timeout: Duration::from_secs(30),
            timezone: None,
        }
    }
}

/// A password: never shown by `Debug`, never part of an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a password in; nothing outside this crate gets it out again.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub address: HostAddress,
    pub port: u16,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAddress {
    /// A name or an IP address; `hostaddr` skips the look-up, the name still checks certificates.
    Tcp { host: String, hostaddr: Option<std::net::IpAddr> },
    /// The folder that holds `.s.PGSQL.PORT`
    Unix(PathBuf),
}

/// libpq's `sslmode`: `Require` encrypts without checking who answers; only `VerifyCa` and `VerifyFull` check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// libpq's `channel_binding`: whether the password exchange is tied to the TLS channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// Which of several servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetSessionAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// The isolation of transactions that do not ask for one; SQLite's is `Serializable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    Serializable,
    RepeatableRead,
    ReadCommitted,
}

/// Whether a failed statement inside a transaction undoes only itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Savepoints {
    /// Only where work could be lost.
    Auto,
    Always,
    Never,
}

/// How `BEGIN IMMEDIATE` and `BEGIN EXCLUSIVE` begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Immediate {
    /// No other writer runs beside them, as on SQLite.
    Lock,
    /// As any other transaction: a conflict shows as `SQLITE_BUSY` when it happens.
    Plain,
}

/// What stands between the program and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing.
    None,
    /// A pooler that gives the program a server session for as long as it is connected.
    Session,
    /// A pooler that gives it one for the length of a transaction, as PgBouncer with `pool_mode = transaction`.
    Transaction,
}

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Backend::Sqlite => "SQLite",
            Backend::Postgres => "PostgreSQL",
        })
    }
}
