//! What `Connection::open(path)` opens: the file it names, or a session where the environment selects PostgreSQL.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::env::{is_on, process, refuse_in_production, selection};
use super::error::ConfigError;
use super::report::{Origin, place};
use super::settings::Lookup;
use super::types::{PostgresConfig, SqliteConfig, SqliteLocation};
use super::{Config, sqlite};

const SCHEMA_PER_FILE: &str = "SQLIFT_SCHEMA_PER_FILE";

/// What the schemas of shared memory databases begin with.
pub(crate) const SHARED_MEMORY: &str = "sqlift_memory_";

/// What a connect call of the facade opens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// The path and flags go to rusqlite as they are.
    Sqlite,
    /// An explicit SQLite URL named this path, `:memory:` or `file:` URI.
    SqlitePath(PathBuf),
    Postgres(Box<PostgresConfig>),
    /// A private, empty database on this server, gone with the session.
    PostgresMemory(Box<PostgresConfig>),
    /// A database that this process's connections share by its name, a schema on this server, empty once nobody has it open.
    PostgresSharedMemory(Box<PostgresConfig>),
}

/// The rule of `Connection::open(path)`.
///
/// An explicit URL in the argument wins, and a `file:` URI of a file is one. A bare path means the PostgreSQL database that the
/// environment selects, if it does: one path stands for the URL's own schema, and a second one is refused, or each path has
/// a schema of its own under `SQLIFT_SCHEMA_PER_FILE=1`. `:memory:`, an empty path and `file::memory:` are
/// a private database on that server; a `file:` URI with `mode=memory` and `cache=shared` is one that the process shares.
///
/// `APP_ENV` and `ENVIRONMENT` do not count here, since they are the program's own and the call site names its file; what
/// speaks to sqlift does: `SQLIFT_ENV=production` and `refuse_sqlite()`.
///
/// # Errors
/// A URL or variable that cannot be used, a second file, or a file that is refused.
pub(crate) fn connection_target(path: &Path) -> Result<(Target, Option<Origin>), ConfigError> {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let files = files.get_or_insert_with(Files::default);
    target(path, &process, files)
}

/// The rule of `Connection::open_in_memory()`.
pub(crate) fn memory_target() -> Result<Target, ConfigError> {
    memory(&process)
}

static FILES: Mutex<Option<Files>> = Mutex::new(None);

/// The bare paths opened so far, for each PostgreSQL database: (schema, file as named, file's identity).
#[derive(Default)]
struct Files(HashMap<String, Vec<(Option<String>, PathBuf, PathBuf)>>);

fn target(path: &Path, lookup: Lookup, files: &mut Files) -> Result<(Target, Option<Origin>), ConfigError> {
    let text = path.to_str().unwrap_or_default();
    if let Some(target) = explicit(text, lookup)? {
        return Ok((target, None));
    }
    if let Some(uri) = text.strip_prefix("file:") {
        return Ok((uri_target(uri, lookup)?, None));
    }
    if path.as_os_str().is_empty() || text == ":memory:" {
        return Ok((memory(lookup)?, None));
    }
    let chosen = selection(lookup)?;
    let Some(Config::Postgres(mut config)) = chosen.config else {
        let why = match chosen.config {
            Some(_) => "DATABASE_URL names no PostgreSQL database",
            None => "DATABASE_URL is not set",
        };
        let file = sqlite::describe(&SqliteLocation::File(path.to_owned()));
        refuse_in_production(&file, why, &["SQLIFT_ENV"], lookup)?;
        return Ok((Target::Sqlite, None));
    };
    let own_schema = is_on(SCHEMA_PER_FILE, lookup)?;
    files.enter(path, &mut config, own_schema)?;
    Ok((Target::Postgres(config), Some(Origin { variable: Some(chosen.variable), file: Some(path.to_owned()) })))
}

fn explicit(text: &str, lookup: Lookup) -> Result<Option<Target>, ConfigError> {
    let scheme = text.split([':', '+']).next().unwrap_or_default().to_ascii_lowercase();
    let is_url = match scheme.as_str() {
        "sqlite" => text.contains(':'),
        "postgres" | "postgresql" => text.contains("://"),
        _ => false,
    };
    if !is_url {
        return Ok(None);
    }
    Ok(Some(match Config::from_url_with(text, lookup)? {
        Config::Postgres(config) => Target::Postgres(config),
        Config::Sqlite(config) => {
            if config.busy_timeout != SqliteConfig::new(SqliteLocation::Memory).busy_timeout {
                return Err(ConfigError::new("a SQLite URL's busy_timeout counts in Db::open only")
                    .help("call busy_timeout on the connection"));
            }
            Target::SqlitePath(sqlite::openable(&config.location))
        }
    }))
}

/// A `file:` URI names a file, which stays one, or memory, which follows the environment.
fn uri_target(uri: &str, lookup: Lookup) -> Result<Target, ConfigError> {
    let uri = uri.split('#').next().unwrap_or_default();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let asks = |setting: &str| query.split('&').any(|pair| pair.eq_ignore_ascii_case(setting));
    if !(asks("mode=memory") || matches!(path, "" | ":memory:")) {
        return Ok(Target::Sqlite);
    }
    match memory(lookup)? {
        Target::PostgresMemory(mut config) if asks("cache=shared") => {
            config.schema = Some(shared_memory_schema(path)?);
            Ok(Target::PostgresSharedMemory(config))
        }
        target => Ok(target),
    }
}

/// SQLite's shared memory databases belong to their process; on a server others must not meet them by the same name.
fn shared_memory_schema(name: &str) -> Result<String, ConfigError> {
    static PROCESS: OnceLock<String> = OnceLock::new();
    let process = PROCESS.get_or_init(|| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        format!("{:08x}", hasher.finish() as u32)
    });
    let schema = format!("{SHARED_MEMORY}{process}_{name}");
    if schema.len() > 63 {
        return Err(ConfigError::new(format!("the name of the memory database {name} is too long for PostgreSQL"))
            .help(format!("use at most {} bytes", 63 - (schema.len() - name.len()))));
    }
    Ok(schema)
}

fn memory(lookup: Lookup) -> Result<Target, ConfigError> {
    Ok(match selection(lookup)?.config {
        Some(Config::Postgres(config)) => Target::PostgresMemory(config),
        _ => Target::Sqlite,
    })
}

impl Files {
    /// Notes that this path is opened on this database, and gives the configuration the path's schema.
    fn enter(&mut self, path: &Path, config: &mut PostgresConfig, own_schema: bool) -> Result<(), ConfigError> {
        let identity = identity(path);
        if own_schema {
            if config.schema.is_some() {
                return Err(ConfigError::new(format!(
                    "{SCHEMA_PER_FILE}=1 contradicts the schema parameter of DATABASE_URL"
                ))
                .help("leave one of the two out"));
            }
            config.schema = None;
        }
        let known = self.0.entry(config.to_string()).or_default();
        if own_schema {
            let schema = schema_name(path)?;
            let other = known.iter().find(|(name, _, file)| name.as_ref() == Some(&schema) && *file != identity);
            if let Some((_, other, _)) = other {
                return Err(ConfigError::new(format!(
                    "the SQLite files {} and {} would both be the PostgreSQL schema {schema}",
                    other.display(),
                    path.display()
                ))
                .help(
                    "rename one of them, or open it by a URL of its own: postgres://user@host/database?schema=name",
                ));
            }
            config.schema = Some(schema);
        } else if let Some((_, first, _)) = known.iter().find(|(name, _, file)| name.is_none() && *file != identity) {
            return Err(ConfigError::new(format!(
                "{} is a second SQLite file, but the PostgreSQL database {} already stands for {}",
                path.display(),
                place(config),
                first.display()
            ))
            .help(format!(
                "set {SCHEMA_PER_FILE}=1 for a schema per file, or write sqlite:{} to keep this one on SQLite",
                path.display()
            )));
        }
        if !known.iter().any(|(name, _, file)| *name == config.schema && *file == identity) {
            let name = if own_schema { config.schema.clone() } else { None };
            known.push((name, path.to_owned(), identity));
        }
        Ok(())
    }
}

/// Two spellings of one path are one file, whether it exists or not.
fn identity(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(file) = absolute.canonicalize() {
        return file;
    }
    match (absolute.parent().and_then(|parent| parent.canonicalize().ok()), absolute.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => absolute,
    }
}

/// A file's name without folder and extension, made a plain PostgreSQL name: `data/My-App.db` is `my_app`.
fn schema_name(path: &Path) -> Result<String, ConfigError> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut name: String = stem.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let reserved = name.starts_with("pg_") || matches!(name.as_str(), "" | "sqlift" | "information_schema");
    if reserved || name.starts_with(|c: char| c.is_numeric()) {
        name.insert_str(0, "db_");
    }
    if name.len() > 63 {
        return Err(ConfigError::new(format!("the name of {} is too long for a PostgreSQL schema", path.display()))
            .help("at most 63 bytes; rename the file, or open it by a URL with ?schema=name"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PG: &[(&str, &str)] = &[("DATABASE_URL", "postgres://app:hunter2@db/portal")];
    const PER_FILE: &[(&str, &str)] =
        &[("DATABASE_URL", "postgres://app:hunter2@db/portal"), ("SQLIFT_SCHEMA_PER_FILE", "1")];
    const BOTH: &[(&str, &str)] =
        &[("DATABASE_URL", "postgres://app:hunter2@db/portal?schema=crm"), ("SQLIFT_SCHEMA_PER_FILE", "1")];
    const LITE: &[(&str, &str)] = &[("DATABASE_URL", "sqlite:other.db")];
    const PROVIDED: &[(&str, &str)] =
        &[("DATABASE_PROVIDER", "pg"), ("POSTGRES_HOST", "db"), ("POSTGRES_PASSWORD", "hunter2")];

    /// What a program that opens these paths one after the other gets, in short.
    fn outcome(vars: &[(&str, &str)], paths: &[&str]) -> String {
        let lookup = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let mut files = Files::default();
        let opened = paths.iter().map(|path| match target(Path::new(path), &lookup, &mut files) {
            Ok((target, report)) => {
                assert!(!format!("{target:?}{report:?}").contains("hunter2"));
                match target {
                    Target::Sqlite => "file".to_owned(),
                    Target::SqlitePath(path) => format!("path {}", path.display()),
                    Target::Postgres(config) => config.schema.clone().unwrap_or_else(|| "postgres".into()),
                    Target::PostgresMemory(_) => "memory".to_owned(),
                    Target::PostgresSharedMemory(config) => {
                        let schema = config.schema.unwrap_or_default();
                        let name = schema.strip_prefix(SHARED_MEMORY).and_then(|rest| rest.split_once('_'));
                        format!("shared {}", name.expect("the process comes before the name").1)
                    }
                }
            }
            Err(error) => error.to_string(),
        });
        opened.collect::<Vec<_>>().join(", ")
    }

    #[track_caller]
    fn check(vars: &[(&str, &str)], paths: &[&str], expected: &str) {
        let outcome = outcome(vars, paths);
        assert!(!outcome.contains("hunter2"));
        assert_eq!(outcome, expected, "{vars:?} {paths:?}");
    }

    #[test]
    fn targets() {
        check(&[], &["app.db", ":memory:", "", "file::memory:", "b.db"], "file, file, file, file, file");
        check(LITE, &["app.db", ":memory:"], "file, file");
        check(PG, &["app.db", "./app.db", "src/../app.db"], "postgres, postgres, postgres");
        check(
            PG,
            &[":memory:", "", "file::memory:", "file:x?mode=memory", "file:"],
            "memory, memory, memory, memory, memory",
        );
        check(PROVIDED, &["app.db", ":memory:"], "postgres, memory");
        check(
            PG,
            &["file:m?mode=memory&cache=shared", "file::memory:?cache=shared", "file:m?cache=shared"],
            "shared m, shared :memory:, file",
        );
        check(PG, &["sqlite:cache.db", "sqlite::memory:", "file:x.db?mode=ro"], "path cache.db, path :memory:, file");
        check(
            PG,
            &["sqlite:///a.db?mode=ro", "sqlite:file:a?mode=memory"],
            "path file:a.db?mode=ro, path file:a?mode=memory",
        );
        check(&[], &["postgres://x@h/d?schema=s", "postgresql+psycopg://x@h/d?schema=t"], "s, t");
        check(
            PER_FILE,
            &["data/My-App.db", "2024.db", "pg_x.db", "data/My-App.db"],
            "my_app, db_2024, db_pg_x, my_app",
        );
    }

    #[test]
    fn refusals() {
        check(
            PG,
            &["app.db", "log.db"],
            "postgres, log.db is a second SQLite file, but the PostgreSQL database db/portal already stands for app.db\n  help: set SQLIFT_SCHEMA_PER_FILE=1 for a schema per file, or write sqlite:log.db to keep this one on SQLite",
        );
        check(
            PER_FILE,
            &["a/app.db", "b/app.db"],
            "app, the SQLite files a/app.db and b/app.db would both be the PostgreSQL schema app\n  help: rename one of them, or open it by a URL of its own: postgres://user@host/database?schema=name",
        );
        check(
            BOTH,
            &["app.db"],
            "SQLIFT_SCHEMA_PER_FILE=1 contradicts the schema parameter of DATABASE_URL\n  help: leave one of the two out",
        );
        check(
            PG,
            &["file:a-name-that-is-far-too-long-for-a-schema-of-postgresql?mode=memory&cache=shared"],
            "the name of the memory database a-name-that-is-far-too-long-for-a-schema-of-postgresql is too long for PostgreSQL\n  help: use at most 40 bytes",
        );
        check(
            &[("DATABASE_URL", "mysql://root:hunter2@db/portal")],
            &["app.db"],
            "DATABASE_URL: mysql://root:***@db/portal is not a URL of a kind that is known\n  help: write sqlite:app.db, postgres://user@host/database, host=... dbname=..., or Host=...;Database=...",
        );
    }

    #[test]
    fn what_speaks_to_sqlift_refuses_files() {
        const OURS: &[(&str, &str)] = &[("SQLIFT_ENV", "production")];
        check(&[("APP_ENV", "production")], &["app.db"], "file");
        check(&[("SQLIFT_ENV", "production"), ("SQLIFT_ALLOW_SQLITE", "1")], &["app.db"], "file");
        check(OURS, &[":memory:", "sqlite:cache.db", "file:x.db"], "file, path cache.db, file");
        check(
            OURS,
            &["/data/app.db"],
            "SQLite is refused in production (SQLIFT_ENV=production): /data/app.db, since DATABASE_URL is not set\n  help: set DATABASE_URL=postgres://user@host/database, or SQLIFT_ALLOW_SQLITE=1 if this SQLite database is meant",
        );
        check(
            &[("SQLIFT_ENV", "prod"), ("DATABASE_URL", "sqlite:other.db")],
            &["/data/app.db"],
            "SQLite is refused in production (SQLIFT_ENV=prod): /data/app.db, since DATABASE_URL names no PostgreSQL database\n  help: set DATABASE_URL=postgres://user@host/database, or SQLIFT_ALLOW_SQLITE=1 if this SQLite database is meant",
        );
    }
}
