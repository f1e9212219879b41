//! The one table of parameters: names, spellings, environment variables, defaults, meanings, and how a value is read.
//!
//! Parsing is driven from here, `Display` writes from here, and the documentation's table is compared with it.
//! The rows stand in `libpq` (PostgreSQL's own), `own` (sqlift's) and `refused` (known, but not honoured).

mod libpq;
mod own;
mod refused;

use std::path::PathBuf;
use std::time::Duration;

use once_cell::sync::Lazy;

use super::text::normalized;
use super::types::PostgresConfig;

/// One parameter of a connection string, as [`Config::parameters`](super::Config::parameters) lists it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name in URLs and keyword strings.
    pub name: &'static str,
    /// Other spellings, of Npgsql, SQLAlchemy, JDBC and friends. Case, spaces, `_` and `-` never matter.
    pub aliases: &'static [&'static str],
    /// The environment variable that counts when the connection string does not say.
    pub variable: Option<&'static str>,
    /// What holds when neither says.
    pub default: &'static str,
    /// The databases it applies to.
    pub applies_to: AppliesTo,
    /// What it does, in one sentence, with its unit; of a refused one, what to do instead.
    pub meaning: &'static str,
    /// Takes a value, or says what it should have been.
    pub(super) read: fn(&mut Draft, &str) -> Read,
    /// The value as it is written in a URL, unless it is the default.
    pub(super) show: fn(&PostgresConfig) -> Option<String>,
    /// Values of a refused parameter that ask for what happens anyway.
    pub(super) harmless: &'static [&'static str],
}

impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (default {}): {}", self.name, self.default, self.meaning)
    }
}

/// A configuration being put together, which the rows of the table fill.
#[derive(Default)]
pub(super) struct Draft {
    pub config: PostgresConfig,
    pub host: Option<String>,
    pub hostaddr: Option<String>,
    pub port: Option<String>,
    pub fallback_application_name: Option<String>,
    pub trust_server_certificate: bool,
}

/// The databases that a parameter applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppliesTo {
    /// PostgreSQL alone.
    Postgres,
    /// SQLite and PostgreSQL alike.
    Both,
    /// None: it is known, but refused with a remedy, because ignoring it could surprise.
    Refused,
}

pub(super) static PARAMETERS: Lazy<Vec<Parameter>> =
    Lazy::new(|| [libpq::ROWS, own::ROWS, refused::ROWS].into_iter().flatten().copied().collect());

/// What a value should have been, or what to do instead.
pub(super) type Read = Result<(), String>;

/// What a row says when it says nothing else.
const ROW: Parameter = Parameter {
    name: "",
    aliases: &[],
    variable: None,
    default: "none",
    applies_to: AppliesTo::Postgres,
    meaning: "",
    read: |_, _| Ok(()),
    show: |_| None,
    harmless: &[],
};

impl Parameter {
    pub(super) fn read(&self, draft: &mut Draft, value: &str) -> Read {
        if self.applies_to != AppliesTo::Refused {
            return (self.read)(draft, value);
        }
        match self.harmless {
            [] => Err(format!("left out: {}", self.meaning)),
            harmless if harmless.iter().any(|word| word.eq_ignore_ascii_case(value)) => Ok(()),
            [usual, ..] => Err(format!("{usual}: {}", self.meaning)),
        }
    }
}

/// Reads one of some words; the first word for a value is its usual one.
fn one_of<T: Copy + PartialEq>(words: &[(&str, T)], value: &str, field: &mut T) -> Read {
    let wanted = normalized(value);
    match words.iter().find(|(word, _)| normalized(word) == wanted) {
        Some((_, found)) => {
            *field = *found;
            Ok(())
        }
        None => {
            let usual: Vec<&str> = words
                .iter()
                .filter(|(word, value)| usual_word(words, value) == Some(word))
                .map(|(word, _)| *word)
                .collect();
            Err(format!("one of {}", usual.join(", ")))
        }
    }
}

fn usual_word<'w, T: PartialEq>(words: &[(&'w str, T)], value: &T) -> Option<&'w str> {
    words.iter().find(|(_, found)| found == value).map(|(word, _)| *word)
}

/// The word for a value other than the default.
fn word<T: PartialEq>(words: &[(&str, T)], value: T, default: T) -> Option<String> {
    usual_word(words, &value).filter(|_| value != default).map(str::to_owned)
}

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn path(value: &str) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

fn shown_path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

fn boolean(value: &str, field: &mut bool) -> Read {
    let words = [
        ("1", true),
        ("0", false),
        ("true", true),
        ("on", true),
        ("yes", true),
        ("false", false),
        ("off", false),
        ("no", false),
    ];
    one_of(&words, value, field)
}

fn whole(value: &str) -> Result<u32, String> {
    value.trim().parse().map_err(|_| "a whole number from 0".to_owned())
}

fn milliseconds(value: &str) -> Result<Duration, String> {
    // SQLite and lock_timeout both keep milliseconds in 31 bits.
    let count: Option<i32> = value.trim().trim_end_matches("ms").parse().ok().filter(|count| *count >= 0);
    let duration = count.map(|count| Duration::from_millis(count.unsigned_abs().into()));
    duration.ok_or_else(|| "a whole number of milliseconds from 0".to_owned())
}

pub(super) fn seconds(value: &str) -> Result<Duration, String> {
    let count: Option<f64> =
        value.trim().trim_end_matches('s').parse().ok().filter(|count| (0.0..=1e9).contains(count));
    count.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds from 0".to_owned())
}

/// libpq's way: whole seconds, where zero and less mean "no limit".
fn seconds_or_none(value: &str) -> Result<Option<Duration>, String> {
    let count: i32 = value.trim().parse().map_err(|_| "a whole number of seconds".to_owned())?;
    Ok(u64::try_from(count).ok().filter(|count| *count > 0).map(Duration::from_secs))
}

fn shown_seconds(duration: Option<Duration>) -> Option<String> {
    duration.map(|duration| duration.as_secs().to_string())
}
