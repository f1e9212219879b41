//! The line on standard error that says which database a program uses, and why: a variable that was set for another reason
//! never moves it silently.

use std::path::PathBuf;
use std::sync::Once;

use super::env::{is_on, process};
use super::types::{HostAddress, PostgresConfig, SqliteLocation};
use super::{Config, ConfigError, describe};

/// How it came to a database.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Origin {
    /// The variable that named it; `None` when none did.
    pub variable: Option<&'static str>,
    /// The SQLite file that the program asked for.
    pub file: Option<PathBuf>,
}

/// What only an open connection knows, as texts for the line.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub version: String,
    /// The role that the session has, which a pooler or a map of names may have changed.
    pub role: String,
    /// `TLSv1.3`, `without TLS`, `on a Unix socket`.
    pub transport: String,
    pub migrations: String,
}

/// Says once per process what was opened; `facts` is asked only then.
///
/// # Errors
/// `SQLIFT_QUIET` is neither on nor off.
pub(crate) fn report(
    config: &Config,
    origin: &Origin,
    facts: impl FnOnce() -> Option<Facts>,
) -> Result<(), ConfigError> {
    static REPORTED: Once = Once::new();
    if is_on("SQLIFT_QUIET", &process)? {
        return Ok(());
    }
    REPORTED.call_once(|| eprintln!("{}", line(config, origin, facts().as_ref())));
    Ok(())
}

fn line(config: &Config, origin: &Origin, facts: Option<&Facts>) -> String {
    let mut text = match origin.variable {
        Some(variable) => format!("sqlift: {variable} selects "),
        None => "sqlift: DATABASE_URL is not set, so this is ".to_owned(),
    };
    match config {
        Config::Postgres(config) => {
            text += "PostgreSQL ";
            if let Some(Facts { version, .. }) = facts {
                text += &format!("{version}, ");
            }
            let role = facts.map_or(config.user.as_str(), |facts| facts.role.as_str());
            text += &format!("{} as {role}", place(config));
            if let Some(schema) = &config.schema {
                text += &format!(", schema {schema}");
            }
        }
        Config::Sqlite(config) => {
            let version = facts.map_or(String::new(), |facts| format!("{}, ", facts.version));
            text += &format!("SQLite {version}{}", describe(&config.location));
        }
    }
    if let Some(Facts { transport, migrations, .. }) = facts {
        for fact in [transport, migrations].into_iter().filter(|fact| !fact.is_empty()) {
            text += &format!(", {fact}");
        }
    }
    if let Some(file) = &origin.file {
        text += &format!("; the SQLite file {} is not used", describe(&SqliteLocation::File(file.clone())));
    }
    text + " (SQLIFT_QUIET=1 turns this line off)"
}

/// `host/database`, or `host:port/database` where the port is not the usual one.
pub(super) fn place(config: &PostgresConfig) -> String {
    let host = config.hosts.first().map(|host| {
        let name = match &host.address {
            HostAddress::Tcp { host, .. } => host.clone(),
            HostAddress::Unix(folder) => folder.display().to_string(),
        };
        if host.port == 5432 { name } else { format!("{name}:{}", host.port) }
    });
    format!("{}/{}", host.unwrap_or_default(), config.dbname)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, variable: Option<&'static str>, file: Option<&str>, facts: Option<Facts>, expected: &str) {
        let config = Config::from_url_with(url, &|_| None).unwrap();
        let text = line(&config, &Origin { variable, file: file.map(PathBuf::from) }, facts.as_ref());
        assert_eq!(text, format!("sqlift: {expected} (SQLIFT_QUIET=1 turns this line off)"));
    }

    fn facts(version: &str, role: &str, transport: &str, migrations: &str) -> Option<Facts> {
        let [version, role, transport, migrations] = [version, role, transport, migrations].map(str::to_owned);
        Some(Facts { version, role, transport, migrations })
    }

    #[test]
    fn lines() {
        let url = Some("DATABASE_URL");
        check(
            "postgres://app:hunter2@db:6432/portal",
            url,
            Some("/data/app.db"),
            None,
            "DATABASE_URL selects PostgreSQL db:6432/portal as app; the SQLite file /data/app.db is not used",
        );
        check(
            "postgres://app:hunter2@db/portal?schema=crm",
            Some("DATABASE_PROVIDER"),
            None,
            facts("15.18", "app_rw", "TLSv1.3", "migrations at 12"),
            "DATABASE_PROVIDER selects PostgreSQL 15.18, db/portal as app_rw, schema crm, TLSv1.3, migrations at 12",
        );
        check(
            "sqlite:/data/app.db",
            url,
            None,
            facts("3.50.2", "", "", "no migrations"),
            "DATABASE_URL selects SQLite 3.50.2, /data/app.db, no migrations",
        );
        check("sqlite:/dev.db", None, None, None, "DATABASE_URL is not set, so this is SQLite /dev.db");
    }
}
