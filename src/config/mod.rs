//! Which database to open, and how: URLs, keyword strings and environment variables, read into [`Config`].
//!
//! Takes every form of connection string that programs bring along (libpq, SQLAlchemy, Npgsql, SQLite, bare paths) and the
//! variables around it; gives [`Config`] or a [`ConfigError`] that says what to write instead. It opens nothing.
//! One table, [`Config::parameters`], drives parsing, display and documentation.

mod env;
mod error;
mod keyword;
mod npgsql;
mod parameters;
mod report;
mod settings;
mod sqlite;
mod target;
mod text;
mod types;
mod url;

pub use env::refuse_sqlite;
pub use error::ConfigError;
pub use parameters::{AppliesTo, Parameter};
pub use types::*;

// rusqlite has a module of this name; programs find what they import from it here.
pub use rusqlite::config::DbConfig;

pub(crate) use report::{Facts, Origin, report};
pub(crate) use settings::Lookup;
pub(crate) use sqlite::{describe, openable};
pub(crate) use target::{SHARED_MEMORY, Target, connection_target, memory_target};

/// Which database to open, and how.
///
/// `Display` writes a URL without the password; parsing that URL again gives the same configuration, password aside.
///
/// # Examples
/// ```
/// use sqlift::config::Config;
/// let config = Config::from_url("postgres://app:secret@db:6432/portal?sslmode=verify-full&schema=crm")?;
/// assert_eq!(config.to_string(), "postgresql://app@db:6432/portal?sslmode=verify-full&schema=crm");
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), sqlift::config::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Config {
    Sqlite(SqliteConfig),
    Postgres(Box<PostgresConfig>),
}

impl Config {
    /// Reads a connection string, with the process' `PG*` variables for what a PostgreSQL one leaves out.
    ///
    /// | form | means |
    /// |---|---|
    /// | `sqlite:app.db`, `sqlite:///app.db`, `app.db` | the file app.db in the working folder |
    /// | `sqlite:/data/app.db`, `sqlite:////data/app.db` | the file /data/app.db |
    /// | `sqlite::memory:`, `sqlite://`, `:memory:` | a private database in memory |
    /// | `sqlite+pysqlite:///app.db`, `sqlite+aiosqlite:///app.db` | as SQLAlchemy reads them |
    /// | `file:app.db?mode=ro` | SQLite's own URI, handed on untouched |
    /// | `Data Source=app.db;Mode=ReadOnly` | as Microsoft.Data.Sqlite reads it |
    /// | `postgres://`, `postgresql://`, `postgresql+psycopg://` and other drivers | as libpq reads them |
    /// | `host=db dbname='my db'` | libpq's keyword string |
    /// | `Host=db;Database=app;Username=me;SSL Mode=VerifyFull` | Npgsql's connection string |
    ///
    /// # Errors
    /// A form or parameter that is not known, a value that makes no sense, or a parameter whose meaning could not be kept.
    ///
    /// # Examples
    /// ```
    /// use sqlift::config::{Config, SslMode};
    /// let Config::Postgres(config) = Config::from_url("Host=db;Username=app;SSL Mode=VerifyFull")? else { panic!() };
    /// assert_eq!(config.sslmode, SslMode::VerifyFull);
    /// # Ok::<(), sqlift::config::ConfigError>(())
    /// ```
    pub fn from_url(url: &str) -> Result<Config, ConfigError> {
        Config::from_url_with(url, &env::process)
    }

    /// [`Config::from_url`] in a given environment: `lookup` answers for the `PG*` variables.
    ///
    /// # Errors
    /// As [`Config::from_url`].
    ///
    /// # Examples
    /// ```
    /// use sqlift::config::Config;
    /// let config = Config::from_url_with("postgres://app@db", &|name| (name == "PGPORT").then(|| "6432".into()))?;
    /// assert_eq!(config.to_string(), "postgresql://app@db:6432/app");
    /// # Ok::<(), sqlift::config::ConfigError>(())
    /// ```
    pub fn from_url_with(url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let url = url.trim();
        let bare = url.strip_prefix("jdbc:").unwrap_or(url);
        if let Some(config) = from_scheme(bare, lookup)? {
            return Ok(config);
        }
        if is_connection_string(url) {
            return from_pairs(url, lookup);
        }
        if url.is_empty() {
            return Err(ConfigError::new("the connection string is empty").help(FORMS));
        }
        if let Some(at) = url.find('@').filter(|at| url[..*at].contains(':') && !url.starts_with("file:")) {
            debug_assert!(at > 0);
            return Err(ConfigError::new(format!("{} is not a URL of a kind that is known", error::redact(url))).help(
                "a PostgreSQL URL begins with postgres://; for a file of this name write sqlite: in front of it",
            ));
        }
        Ok(Config::Sqlite(sqlite::bare(url)?))
    }

    /// [`Config::from_env`] with the variable that named the database, for the line that says so.
    pub(crate) fn from_env_with_origin() -> Result<(Config, Origin), ConfigError> {
        let (config, variable) = env::from_vars(&env::process)?;
        Ok((config, Origin { variable, file: None }))
    }

    /// The table of parameters that connection strings may hold.
    ///
    /// # Examples
    /// ```
    /// let table = sqlift::config::Config::parameters();
    /// let timeout = table.iter().find(|parameter| parameter.name == "connect_timeout").unwrap();
    /// assert_eq!(timeout.variable, Some("PGCONNECT_TIMEOUT"));
    /// ```
    pub fn parameters() -> &'static [Parameter] {
        &parameters::PARAMETERS
    }

    /// The database spoken to.
    ///
    /// # Examples
    /// ```
    /// use sqlift::config::{Backend, Config};
    /// assert_eq!(Config::from_url("sqlite:app.db")?.backend(), Backend::Sqlite);
    /// # Ok::<(), sqlift::config::ConfigError>(())
    /// ```
    pub fn backend(&self) -> Backend {
        match self {
            Config::Sqlite(_) => Backend::Sqlite,
            Config::Postgres(_) => Backend::Postgres,
        }
    }
}

const FORMS: &str = "write sqlite:app.db, postgres://user@host/database, host=... dbname=..., or Host=...;Database=...";

/// The forms that begin with a scheme; `None` for the others.
fn from_scheme(url: &str, lookup: Lookup) -> Result<Option<Config>, ConfigError> {
    let is_scheme = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'));
    let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else { return Ok(None) };
    let (name, driver) = scheme.split_once('+').map_or((scheme, None), |(name, driver)| (name, Some(driver)));
    match (name.to_ascii_lowercase().as_str(), rest.strip_prefix("//")) {
        ("postgres" | "postgresql", Some(rest)) => Ok(Some(Config::Postgres(Box::new(url::postgres(rest, lookup)?)))),
        ("sqlite", _) if driver.is_none_or(|driver| matches!(driver, "pysqlite" | "aiosqlite")) => {
            Ok(Some(Config::Sqlite(sqlite::url(rest)?)))
        }
        ("sqlite", _) => Err(ConfigError::new("this driver of a sqlite URL is not known")
            .help("sqlite+pysqlite and sqlite+aiosqlite are; encrypted databases need rusqlite's feature bundled-sqlcipher and PRAGMA key")),
        ("file", _) => Ok(Some(Config::Sqlite(sqlite::bare(url)?))),
        (_, Some(_)) => Err(ConfigError::new(format!("{} is not a URL of a kind that is known", error::redact(url))).help(FORMS)),
        _ => Ok(None),
    }
}

/// Whether a text is a list of `name=value` rather than a path: a word, then `=`, before any separator of paths.
fn is_connection_string(text: &str) -> bool {
    let Some((key, _)) = text.split_once('=') else { return false };
    let key = key.trim();
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '_'))
}

/// libpq's and ADO.NET's lists of `name=value`.
fn from_pairs(text: &str, lookup: Lookup) -> Result<Config, ConfigError> {
    let first = text.split_once('=').map(|(key, _)| key.trim()).unwrap_or_default();
    let settings = if is_ado(text, first) {
        let pairs = npgsql::pairs(text)?;
        if sqlite::is_sqlite(&pairs)
            || pairs.iter().any(|(key, value)| normalized_is(key, "mode") && normalized_is(value, "memory"))
        {
            return Ok(Config::Sqlite(sqlite::ado(&pairs)?));
        }
        let mut settings = settings::Settings::default();
        for (key, value) in pairs {
            settings.secretive |= keyword::is_secret(&key);
            settings.push(key, value);
        }
        settings
    } else {
        keyword::settings(text)?
    };
    Ok(Config::Postgres(Box::new(settings::postgres_config(settings, lookup)?)))
}

/// Semicolons outside quotes make an ADO.NET string, and so do a key with a blank in it or a SQLite one; a second known
/// keyword before the first semicolon makes a keyword string, whose password may hold one.
fn is_ado(text: &str, first: &str) -> bool {
    let mut quote = None;
    let semicolon = text.find(|c| match quote {
        Some(open) if c == open => {
            quote = None;
            false
        }
        None if matches!(c, '\'' | '"') => {
            quote = Some(c);
            false
        }
        None => c == ';',
        Some(_) => false,
    });
    let is_sqlite = ["datasource", "filename", "mode"].iter().any(|key| normalized_is(first, key));
    let mut words = text[..semicolon.unwrap_or(text.len())].split_whitespace().skip(1);
    let keywords = words.any(|word| word.split_once('=').is_some_and(|(key, _)| settings::lookup_name(key).is_some()));
    first.contains(' ') || is_sqlite || (semicolon.is_some() && !keywords)
}

fn normalized_is(key: &str, name: &str) -> bool {
    text::normalized(key) == name
}

impl std::str::FromStr for Config {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Config, ConfigError> {
        Config::from_url(url)
    }
}

impl std::fmt::Display for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Config::Sqlite(config) => config.fmt(f),
            Config::Postgres(config) => config.fmt(f),
        }
    }
}

impl std::fmt::Display for SqliteConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.location {
            SqliteLocation::Memory => f.write_str("sqlite::memory:")?,
            SqliteLocation::File(path) => write!(f, "sqlite:{}", path.display())?,
            SqliteLocation::Uri(uri) => f.write_str(uri)?,
        }
        let usual = SqliteConfig::new(self.location.clone());
        let settings = [
            ("busy_timeout", self.busy_timeout != usual.busy_timeout, self.busy_timeout.as_millis().to_string()),
            ("pool_max_size", self.pool_max_size != usual.pool_max_size, self.pool_max_size.to_string()),
            ("pool_timeout", self.pool_timeout != usual.pool_timeout, self.pool_timeout.as_secs_f64().to_string()),
        ];
        let mut separator =
            if matches!(&self.location, SqliteLocation::Uri(uri) if uri.contains('?')) { '&' } else { '?' };
        for (name, _, value) in settings.iter().filter(|(_, unusual, _)| *unusual) {
            write!(f, "{separator}{name}={value}")?;
            separator = '&';
        }
        Ok(())
    }
}

impl std::fmt::Display for PostgresConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "postgresql://{}@", text::percent_encode(&self.user))?;
        for (i, host) in self.hosts.iter().enumerate() {
            let name = match &host.address {
                HostAddress::Tcp { host, .. } if host.contains(':') => format!("[{host}]"),
                HostAddress::Tcp { host, .. } => text::percent_encode(host),
                HostAddress::Unix(folder) => text::percent_encode(&folder.to_string_lossy()),
            };
            write!(f, "{}{name}:{}", if i > 0 { "," } else { "" }, host.port)?;
        }
        write!(f, "/{}", text::percent_encode(&self.dbname))?;
        let shown =
            parameters::PARAMETERS.iter().filter_map(|parameter| Some((parameter.name, (parameter.show)(self)?)));
        for (i, (name, value)) in shown.enumerate() {
            write!(f, "{}{name}={}", if i > 0 { '&' } else { '?' }, text::percent_encode(&value))?;
        }
        Ok(())
    }
}
