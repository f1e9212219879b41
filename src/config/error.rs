//! What is wrong with a URL or a variable, and what to do: never with a password in it.

use once_cell::sync::Lazy;
use regex::Regex;
use rusqlite::ffi;

/// A connection string or an environment variable that cannot be used.
///
/// The text names the parameter or variable and what to write instead. It never holds a password, also when the
/// connection string could not be understood: whatever might be part of one is left out.
///
/// # Examples
/// ```
/// let error = sqlift::config::Config::from_url("postgres://app:hunter2@db/portal?sslmod=require").unwrap_err();
/// assert!(error.to_string().contains("did you mean sslmode?"));
/// assert!(!error.to_string().contains("hunter2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    what: String,
    help: Option<String>,
}

impl ConfigError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        ConfigError { what: what.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where the bad text came from, for example the variable that held it.
    pub(crate) fn found_in(mut self, place: &str) -> Self {
        self.what = format!("{place}: {}", self.what);
        self
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Legacy code knows only `rusqlite::Error`: a database that cannot be named cannot be opened.
impl From<ConfigError> for rusqlite::Error {
    fn from(error: ConfigError) -> Self {
        rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some(error.to_string()))
    }
}

/// A connection string with whatever could be a password masked: too much rather than too little.
///
/// In a URL everything from the user's `:` to the last `@`, and the whole query; elsewhere everything after `password=`,
/// and everything between the first `:` and the last `@`. A `:` without `@` hides what follows it unless that is a port.
pub(crate) fn redact(text: &str) -> String {
    static QUERY: Lazy<Regex> =
        Lazy::new(|| Regex::new(r"(?s)^([^@]*(?:@[^?]*)?)\?.*$").expect("the pattern is fixed"));
    static KEYWORD: Lazy<Regex> = Lazy::new(|| {
        Regex::new(r"(?s)((?i-u:\b(?:ssl)?(?:password|passwd|pass|pwd|psw)\s*=)).*$").expect("the pattern is fixed")
    });
    static CREDENTIALS: Lazy<Regex> =
        Lazy::new(|| Regex::new(r"(?s)^((?:[A-Za-z0-9]{2,}(?:\+\w+)?://)?[^:]*):.*@").expect("the pattern is fixed"));
    static NOT_A_PORT: Lazy<Regex> = Lazy::new(|| {
        Regex::new(r"(?s)^([A-Za-z0-9]{2,}(?:\+\w+)?://(?:\[[^\]]*\])?[^:/@?]*):([^/@]*[^0-9,:/@][^/@]*)")
            .expect("the pattern is fixed")
    });
    let text = KEYWORD.replace(text, "${1}***");
    if CREDENTIALS.is_match(&text) {
        let masked = CREDENTIALS.replace(&text, "${1}:***@");
        return QUERY.replace(&masked, "$1?...").into_owned();
    }
    let masked = NOT_A_PORT.replace(&text, "${1}:***");
    QUERY.replace(&masked, "$1?...").into_owned()
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn redacted_texts() {
        for (text, shown) in [
            ("postgres://app:pw@db/portal", "postgres://app:***@db/portal"),
            ("postgres://app:p/w?x#y@z@db/portal?sslmode=x", "postgres://app:***@db/portal?..."),
            ("postgresql+asyncpg://app:pw@db/portal", "postgresql+asyncpg://app:***@db/portal"),
            ("mysql://root:pw@h/db", "mysql://root:***@h/db"),
            ("app:pw@db/portal", "app:***@db/portal"),
            ("app:p:w@db/portal", "app:***@db/portal"),
            ("postgres://app:pw", "postgres://app:***"),
            ("postgres://app:1pw/db", "postgres://app:***/db"),
            ("postgres://db:5432/portal", "postgres://db:5432/portal"),
            ("postgres://db/portal?password=pw", "postgres://db/portal?..."),
            ("host=db password = 'p w' user=x", "host=db password =***"),
            ("Host=db;Pwd=p;w;Username=x", "Host=db;Pwd=***"),
            ("data/app.db", "data/app.db"),
        ] {
            assert_eq!(redact(text), shown, "{text}");
        }
    }
}
