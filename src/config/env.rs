//! What the environment says: `DATABASE_URL`, `DATABASE_PROVIDER` and friends.
//!
//! Takes a look-up of variables, never the process' environment itself, so that every combination is a row in a test.

use std::sync::atomic::{AtomicBool, Ordering};

use super::error::ConfigError;
use super::settings::{Lookup, Settings, postgres_config};
use super::types::{Backend, PostgresConfig, SqliteConfig, SqliteLocation};
use super::{Config, describe};

const URL: &str = "DATABASE_URL";
const PROVIDER: &str = "DATABASE_PROVIDER";
const ALLOW_SQLITE: &str = "SQLIFT_ALLOW_SQLITE";
const DEFAULT_FILE: &str = "./dev.db";

/// Reads a variable of this process. What is not UTF-8 keeps a replacement character, so that it is not taken for unset.
pub(super) fn process(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

impl Config {
    /// Reads the process' environment.
    ///
    /// - `DATABASE_URL` is any form that [`Config::from_url`] takes; unset or empty means the SQLite file `./dev.db`.
    /// - `DATABASE_PROVIDER` is `sqlite` or `postgres`, and must agree with `DATABASE_URL` where both are set.
    ///   `postgres` without a URL reads `POSTGRES_HOST`, `POSTGRES_PORT`, `POSTGRES_USER`, `POSTGRES_PASSWORD`, `POSTGRES_DB`
    ///   and libpq's `PG*` variables; `POSTGRES_PASSWORD_FILE` names a file that holds the password.
    /// - SQLite is refused where `APP_ENV`, `ENVIRONMENT` or `SQLIFT_ENV` says `production`, unless `SQLIFT_ALLOW_SQLITE=1`,
    ///   and after a call of [`refuse_sqlite`].
    ///
    /// # Errors
    /// A variable that makes no sense or contradicts another one, or SQLite in production; the text names the variable.
    ///
    /// # Examples
    /// ```no_run
    /// let config = sqlift::config::Config::from_env()?;
    /// println!("using {config}");
    /// # Ok::<(), sqlift::config::ConfigError>(())
    /// ```
    pub fn from_env() -> Result<Config, ConfigError> {
        Config::from_vars(&process)
    }

    /// [`Config::from_env`] in a given environment.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    ///
    /// # Examples
    /// ```
    /// use sqlift::config::Config;
    /// let config = Config::from_vars(&|name| match name {
    ///     "DATABASE_PROVIDER" => Some("postgres".into()),
    ///     "POSTGRES_HOST" => Some("db".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(config.to_string(), "postgresql://postgres@db:5432/postgres");
    ///
    /// let error = Config::from_vars(&|name| (name == "APP_ENV").then(|| "production".into())).unwrap_err();
    /// assert!(error.to_string().contains("SQLIFT_ALLOW_SQLITE=1"));
    /// # Ok::<(), sqlift::config::ConfigError>(())
    /// ```
    pub fn from_vars(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        from_vars(lookup).map(|(config, _)| config)
    }
}

/// The configuration, and the variable that named it; `None` when none did and it is the usual file.
pub(super) fn from_vars(lookup: Lookup) -> Result<(Config, Option<&'static str>), ConfigError> {
    let Selection { config, variable } = selection(lookup)?;
    let variable = config.as_ref().map(|_| variable);
    let config = config.unwrap_or_else(|| Config::Sqlite(SqliteConfig::new(SqliteLocation::File(DEFAULT_FILE.into()))));
    if let Config::Sqlite(sqlite) = &config {
        let why = if variable.is_some() { format!("{URL} names it") } else { format!("{URL} is not set") };
        refuse_in_production(&describe(&sqlite.location), &why, &["APP_ENV", "ENVIRONMENT", "SQLIFT_ENV"], lookup)?;
    }
    Ok((config, variable))
}

/// From now on this process takes no SQLite file for its database.
///
/// [`Config::from_env`], [`Db::from_env`](crate::Db::from_env) and `Connection::open` with a bare path then give an error where they would have opened a
/// SQLite file, whatever the variables say. What names SQLite itself still opens it: `Connection::open_sqlite`, `sqlite:` URLs, and memory.
/// Call it first thing in `main` of a program that must never fall back to a file.
///
/// # Examples
/// ```
/// sqlift::config::refuse_sqlite();
/// let error = sqlift::config::Config::from_vars(&|_| None).unwrap_err();
/// assert!(error.to_string().contains("refuse_sqlite"));
/// ```
pub fn refuse_sqlite() {
    REFUSED.store(true, Ordering::Relaxed);
}

static REFUSED: AtomicBool = AtomicBool::new(false);

/// What the environment selects, and which variable said so.
pub(super) struct Selection {
    /// `None` when nothing says which database.
    pub config: Option<Config>,
    pub variable: &'static str,
}

pub(super) fn selection(lookup: Lookup) -> Result<Selection, ConfigError> {
    let provider = variable(PROVIDER, lookup)?.map(|word| provider_of(&word)).transpose()?;
    let config = variable(URL, lookup)?
        .map(|url| Config::from_url_with(&url, lookup).map_err(|error| error.found_in(URL)))
        .transpose()?;
    match (provider, config) {
        (Some(provider), Some(config)) if provider != config.backend() => {
            let word = if provider == Backend::Sqlite { "sqlite" } else { "postgres" };
            Err(ConfigError::new(format!(
                "{PROVIDER}={word} contradicts {URL}, which names a {} database",
                config.backend()
            ))
            .help(format!("change or unset {PROVIDER} or {URL}")))
        }
        (_, Some(config)) => Ok(Selection { config: Some(config), variable: URL }),
        (Some(Backend::Postgres), None) => {
            let config = Config::Postgres(Box::new(assembled(lookup)?));
            Ok(Selection { config: Some(config), variable: PROVIDER })
        }
        (Some(Backend::Sqlite) | None, None) => Ok(Selection { config: None, variable: URL }),
    }
}

/// A variable's text; `None` when it is unset or blank.
pub(super) fn variable(name: &str, lookup: Lookup) -> Result<Option<String>, ConfigError> {
    let Some(value) = lookup(name).filter(|value| !value.trim().is_empty()) else { return Ok(None) };
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Err(
            ConfigError::new(format!("{name} is not UTF-8")).help("percent-escape other bytes, %E9 for example")
        );
    }
    Ok(Some(value.trim().to_owned()))
}

/// A variable that switches something on.
pub(super) fn is_on(name: &str, lookup: Lookup) -> Result<bool, ConfigError> {
    match variable(name, lookup)?.map(|value| value.to_ascii_lowercase()).as_deref() {
        None | Some("0" | "false" | "no" | "off") => Ok(false),
        Some("1" | "true" | "yes" | "on") => Ok(true),
        // The value is not repeated: whatever stands in the wrong variable may be a password.
        Some(_) => {
            Err(ConfigError::new(format!("{name} is neither on nor off")).help(format!("set {name}=1 or unset it")))
        }
    }
}

fn provider_of(word: &str) -> Result<Backend, ConfigError> {
    match word.to_ascii_lowercase().as_str() {
        "sqlite" => Ok(Backend::Sqlite),
        "postgres" | "postgresql" | "pg" => Ok(Backend::Postgres),
        // A URL in the wrong variable may hold a password, so only plain words are repeated.
        word if word.len() <= 20 && word.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Err(ConfigError::new(format!("{PROVIDER}={word} is not a database that is known"))
                .help(format!("set {PROVIDER} to sqlite or postgres (postgresql and pg mean the same)")))
        }
        _ => Err(ConfigError::new(format!("{PROVIDER} does not hold a database's kind")).help(format!(
            "set {PROVIDER} to sqlite or postgres (postgresql and pg mean the same), and the URL in {URL}"
        ))),
    }
}

/// Compose files' variables, as the PostgreSQL image reads them, over libpq's.
fn assembled(lookup: Lookup) -> Result<PostgresConfig, ConfigError> {
    let variables = [
        ("POSTGRES_HOST", "host"),
        ("POSTGRES_PORT", "port"),
        ("POSTGRES_USER", "user"),
        ("POSTGRES_PASSWORD", "password"),
        ("POSTGRES_PASSWORD_FILE", "password_file"),
        ("POSTGRES_DB", "dbname"),
    ];
    let mut settings = Settings::default();
    let mut given = Vec::new();
    for (name, key) in variables {
        if let Some(value) = variable(name, lookup)? {
            settings.push(key, value);
            given.push(name);
        }
    }
    let libpq = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGUSER"].into_iter().any(|name| lookup(name).is_some());
    if given.is_empty() && !libpq {
        return Err(ConfigError::new(format!("{PROVIDER}=postgres, but nothing says which server")).help(format!(
            "set {URL}=postgres://user@host/database, or POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB"
        )));
    }
    if !given.contains(&"POSTGRES_USER") && lookup("PGUSER").is_none() {
        settings.push("user", "postgres");
    }
    postgres_config(settings, lookup).map_err(|error| match given.contains(&"POSTGRES_PORT") {
        true => error.found_in("POSTGRES_HOST, POSTGRES_PORT"),
        false => error,
    })
}

/// SQLite in production: `file` is what would be opened, `why` says how it came to that, `names` are the variables that count.
pub(super) fn refuse_in_production(file: &str, why: &str, names: &[&str], lookup: Lookup) -> Result<(), ConfigError> {
    if REFUSED.load(Ordering::Relaxed) {
        return Err(ConfigError::new(format!(
            "SQLite is refused, since the program called refuse_sqlite(): {file}, since {why}"
        ))
        .help(format!("set {URL}=postgres://user@host/database")));
    }
    for name in names {
        let value = lookup(name).unwrap_or_default();
        if !matches!(value.trim().to_ascii_lowercase().as_str(), "production" | "prod") {
            continue;
        }
        if is_on(ALLOW_SQLITE, lookup)? {
            return Ok(());
        }
        let what = format!("SQLite is refused in production ({name}={}): {file}, since {why}", value.trim());
        return Err(ConfigError::new(what).help(format!(
            "set {URL}=postgres://user@host/database, or {ALLOW_SQLITE}=1 if this SQLite database is meant"
        )));
    }
    Ok(())
}
