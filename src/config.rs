//! Which database to open, and how: URLs, keyword strings and environment variables, read into [`Config`].

use std::path::PathBuf;
use std::time::Duration;

/// Which database to open, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Config {
    Sqlite(SqliteConfig),
    Postgres(Box<PostgresConfig>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct SqliteConfig {
    pub location: SqliteLocation,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SqliteLocation {
    File(PathBuf),
    Memory,
    /// SQLite's own `file:...` URI
    Uri(String),
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
    /// The schema that unqualified names mean; `None` leaves the server's search_path.
    pub schema: Option<String>,
    pub isolation: Isolation,
    pub savepoints: Savepoints,
    pub statement_cache: usize,
    pub busy_timeout: Duration,
    pub pool_max_size: u32,
    pub pool_timeout: Duration,
}

/// A password: never shown by `Debug`, never part of an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub address: HostAddress,
    pub port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAddress {
    /// A name or an IP address; `hostaddr` skips the look-up, the name still checks certificates.
    Tcp { host: String, hostaddr: Option<std::net::IpAddr> },
    /// The folder that holds `.s.PGSQL.PORT`
    Unix(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetSessionAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

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
