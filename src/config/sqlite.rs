//! SQLite's forms: `sqlite:app.db`, SQLAlchemy's `sqlite:///app.db`, `Data Source=app.db`, `file:` URIs, bare paths.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::parameters::seconds;
use super::settings::set_shared;
use super::text::{nearest, normalized};
use super::types::{SqliteConfig, SqliteLocation};

/// The query parameters that SQLite itself understands in a `file:` URI.
const URI_PARAMETERS: &[&str] = &["mode", "cache", "vfs", "psow", "nolock", "immutable", "modeof"];

const FORMS: &str = "sqlite:app.db and sqlite:///app.db mean app.db in the working folder, sqlite:////data/app.db means /data/app.db, sqlite::memory: memory";

/// Reads what follows `sqlite:`, or `sqlite+driver:`.
pub(super) fn url(rest: &str) -> Result<SqliteConfig, ConfigError> {
    let (location, query) = rest.split_once('?').map_or((rest, ""), |(location, query)| (location, query));
    let path = match location.strip_prefix("//") {
        // SQLAlchemy: no host, then a slash that belongs to the URL, then the path.
        Some("" | "/") => ":memory:",
        Some(after) => after.strip_prefix('/').ok_or_else(|| {
            ConfigError::new("a sqlite:// URL with two slashes names a host, and a file has none").help(FORMS)
        })?,
        None => location,
    };
    let mut config = SqliteConfig { pool_max_size: UNSAID, ..bare(path)? };
    let mut uri = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        setting(&mut config, &mut uri, key, value)?;
    }
    let location = with_uri_parameters(config.location.clone(), &uri);
    Ok(located(config, location))
}

/// Reads a path, `:memory:` or a `file:` URI.
pub(super) fn bare(path: &str) -> Result<SqliteConfig, ConfigError> {
    if path.contains('\0') {
        return Err(ConfigError::new("the path of the SQLite database holds a NUL character"));
    }
    Ok(SqliteConfig::new(match path {
        "" => return Err(ConfigError::new("the SQLite URL names no file").help(FORMS)),
        ":memory:" => SqliteLocation::Memory,
        uri if uri.starts_with("file:") => SqliteLocation::Uri(uri.to_owned()),
        path => SqliteLocation::File(PathBuf::from(path)),
    }))
}

/// Whether these pairs of an ADO.NET connection string name a SQLite database.
pub(super) fn is_sqlite(pairs: &[(String, String)]) -> bool {
    pairs.iter().any(|(key, _)| matches!(normalized(key).as_str(), "datasource" | "filename"))
}

/// Reads Microsoft.Data.Sqlite's and System.Data.SQLite's connection strings.
pub(super) fn ado(pairs: &[(String, String)]) -> Result<SqliteConfig, ConfigError> {
    let mut location = None;
    let mut uri = Vec::new();
    let mut config = SqliteConfig { pool_max_size: UNSAID, ..SqliteConfig::new(SqliteLocation::Memory) };
    for (key, value) in pairs {
        match (normalized(key).as_str(), value.to_ascii_lowercase().as_str()) {
            ("datasource" | "filename", _) => location = Some(bare(value)?.location),
            ("mode", "memory") => uri.push(("mode".to_owned(), "memory".to_owned())),
            ("mode", "readonly") => uri.push(("mode".to_owned(), "ro".to_owned())),
            ("mode", "readwrite") => uri.push(("mode".to_owned(), "rw".to_owned())),
            ("mode", "readwritecreate") => uri.push(("mode".to_owned(), "rwc".to_owned())),
            ("mode", _) => {
                return Err(ConfigError::new("Mode has an unknown value")
                    .help("Mode must be Memory, ReadOnly, ReadWrite or ReadWriteCreate"));
            }
            ("readonly", "true") => uri.push(("mode".to_owned(), "ro".to_owned())),
            ("cache", "shared") => uri.push(("cache".to_owned(), "shared".to_owned())),
            ("cache", "private" | "default") | ("readonly", "false") => {}
            ("version", "3") | ("foreignkeys", "true") | ("pooling", _) => {}
            ("defaulttimeout" | "commandtimeout", _) => config.busy_timeout = timeout(key, value)?,
            ("password" | "pwd" | "hexpassword", _) => {
                return Err(ConfigError::new("an encrypted SQLite database cannot be opened by a connection string")
                    .help("open it with rusqlite's feature bundled-sqlcipher and PRAGMA key"));
            }
            _ => setting(&mut config, &mut uri, key, value)?,
        }
    }
    let location = location.unwrap_or(SqliteLocation::Memory);
    let location = match location {
        // Data Source=name;Mode=Memory is a memory database that has a name only for sharing it.
        SqliteLocation::File(_) | SqliteLocation::Memory
            if has(&uri, "mode", "memory") && !has(&uri, "cache", "shared") =>
        {
            SqliteLocation::Memory
        }
        location => with_uri_parameters(location, &uri),
    };
    Ok(located(config, location))
}

/// A pool size that no connection string can ask for; the usual one depends on the final location.
const UNSAID: u32 = 0;

fn located(config: SqliteConfig, location: SqliteLocation) -> SqliteConfig {
    let usual = SqliteConfig::new(location.clone()).pool_max_size;
    let pool_max_size = if config.pool_max_size == UNSAID { usual } else { config.pool_max_size };
    SqliteConfig { location, pool_max_size, ..config }
}

fn has(uri: &[(String, String)], key: &str, value: &str) -> bool {
    uri.iter().any(|(k, v)| k == key && v == value)
}

fn setting(
    config: &mut SqliteConfig,
    uri: &mut Vec<(String, String)>,
    key: &str,
    value: &str,
) -> Result<(), ConfigError> {
    let known = normalized(key);
    if URI_PARAMETERS.contains(&known.as_str()) {
        uri.push((known, value.to_owned()));
        return Ok(());
    }
    match known.as_str() {
        // pysqlite's, in seconds; its other two say nothing here: file: is always a URI, and Rust guards its threads itself.
        "timeout" => config.busy_timeout = timeout(key, value)?,
        "uri" | "checksamethread" => {}
        _ if set_shared(config, key, value)? => {}
        _ => {
            let names =
                URI_PARAMETERS.iter().copied().chain(["timeout", "busy_timeout", "pool_max_size", "pool_timeout"]);
            let error = ConfigError::new(format!("{key} is not a parameter of a SQLite URL"));
            return Err(match nearest(&key.to_ascii_lowercase(), names) {
                Some(name) => error.help(format!("did you mean {name}?")),
                None => error.help("known are busy_timeout, pool_max_size, pool_timeout and SQLite's own mode, cache, vfs, psow, nolock, immutable"),
            });
        }
    }
    Ok(())
}

fn timeout(key: &str, value: &str) -> Result<std::time::Duration, ConfigError> {
    seconds(value).map_err(|expected| {
        ConfigError::new(format!("{key}={value} cannot be used")).help(format!("{key} must be {expected}"))
    })
}

/// SQLite reads such parameters from a URI only, so the path becomes one.
fn with_uri_parameters(location: SqliteLocation, uri: &[(String, String)]) -> SqliteLocation {
    if uri.is_empty() {
        return location;
    }
    let mut text = match &location {
        SqliteLocation::Memory => "file::memory:".to_owned(),
        SqliteLocation::Uri(text) => text.clone(),
        SqliteLocation::File(path) => format!("file:{}", uri_path(path)),
    };
    for (key, value) in uri {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(&format!("{key}={value}"));
    }
    SqliteLocation::Uri(text)
}

/// sqlite.org/uri.html: `?` and `#` are escaped, `\` becomes `/`, and a drive letter gets a slash in front.
fn uri_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let text = if drive { format!("/{}", text.replace('\\', "/")) } else { text.into_owned() };
    text.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// Says which file is meant, for errors and reports: the path as written, and where that is when it is relative.
pub(crate) fn describe(location: &SqliteLocation) -> String {
    match location {
        SqliteLocation::Memory => "memory".to_owned(),
        SqliteLocation::Uri(uri) => uri.clone(),
        SqliteLocation::File(path) if path.is_absolute() => path.display().to_string(),
        SqliteLocation::File(path) => match std::path::absolute(path) {
            Ok(absolute) => format!("{} (that is {})", path.display(), absolute.display()),
            Err(_) => path.display().to_string(),
        },
    }
}

/// What rusqlite's `open` takes for it.
pub(crate) fn openable(location: &SqliteLocation) -> PathBuf {
    match location {
        SqliteLocation::Memory => PathBuf::from(":memory:"),
        SqliteLocation::Uri(uri) => PathBuf::from(uri),
        SqliteLocation::File(path) => path.clone(),
    }
}
