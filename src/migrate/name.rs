//! What a migration file's name says: version, name, dialect, direction.
//!
//! Reads our own form and those of refinery, sqlx, Flyway and of folders numbered by hand; opens no file.

use crate::Backend;
use std::fmt;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Leads to its version.
    Up,
    /// refinery's `U`: may be applied behind later ones. Beside a `V` of its version it is Flyway's undo instead.
    Unordered,
    /// Takes its version back.
    Down,
    /// Applied anew whenever its text changes.
    Repeatable,
}

/// A file name, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    /// 0 for repeatable scripts.
    pub version: i64,
    pub name: String,
    pub role: Role,
    /// The only database it is for.
    pub dialect: Option<Backend>,
}

/// The forms that are read, for messages.
pub(super) const FORMS: &str = "V3__name.sql, V3__name.sqlite.sql, V3__name.postgres.sql, V3__name.down.sql, R__name.sql, \
     or 20240131120000_name.up.sql";

/// Reads a file name that ends with `.sql`.
///
/// # Errors
/// Why it is none that we know, for people.
pub(super) fn parse(file: &str) -> Result<FileName, String> {
    let mut stem = strip_suffix(file, ".sql").ok_or("the name does not end with .sql")?;
    let (mut dialect, mut direction) = (None, None);
    // `.down.postgres.sql` and `.postgres.down.sql` alike.
    while let Some((rest, suffix)) = stem.rsplit_once('.') {
        let known = match suffix.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => dialect.replace(Backend::Sqlite).is_none(),
            "postgres" | "postgresql" => dialect.replace(Backend::Postgres).is_none(),
            "up" => direction.replace(Role::Up).is_none(),
            "down" => direction.replace(Role::Down).is_none(),
            other => return Err(format!(".{other} is neither .sqlite, .postgres, .up nor .down")),
        };
        if !known {
            return Err(format!(".{suffix} contradicts what follows it"));
        }
        stem = rest;
    }
    let (role, rest) = match stem.as_bytes().first() {
        Some(b'V' | b'v') => (Role::Up, &stem[1..]),
        Some(b'U' | b'u') => (Role::Unordered, &stem[1..]),
        Some(b'R' | b'r') if stem[1..].starts_with("__") => (Role::Repeatable, &stem[1..]),
        Some(b'0'..=b'9') => (Role::Up, stem),
        _ => return Err("it begins with neither V, U, R__ nor a number".to_owned()),
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, name) = rest.split_at(digits);
    let name = name.trim_start_matches(['_', '-']);
    if name.len() == rest.len() - digits && !name.is_empty() {
        return Err("between the version and the name stands no __".to_owned());
    }
    if role == Role::Repeatable {
        return match (direction, name) {
            (None, name) if !name.is_empty() => Ok(FileName { version: 0, name: name.to_owned(), role, dialect }),
            (Some(_), _) => Err("a repeatable script has no .up or .down".to_owned()),
            _ => Err("a repeatable script needs a name".to_owned()),
        };
    }
    if number.is_empty() {
        return Err("there is no version".to_owned());
    }
    let version = number.parse().map_err(|_| format!("the version {number} is too large"))?;
    let role = match (role, direction) {
        (role, None) => role,
        (Role::Unordered, Some(Role::Down)) => Role::Down,
        (_, Some(direction)) => direction,
    };
    Ok(FileName { version, name: name.to_owned(), role, dialect })
}

fn strip_suffix<'t>(text: &'t str, suffix: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(suffix.len())?;
    text.get(at..).filter(|end| end.eq_ignore_ascii_case(suffix)).map(|_| &text[..at])
}

/// A database's name as files and messages have it.
pub(super) struct Dialect(pub Backend);

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Backend::Sqlite => "SQLite",
            Backend::Postgres => "PostgreSQL",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_tool() {
        let (sqlite, postgres) = (Some(Backend::Sqlite), Some(Backend::Postgres));
        for (file, version, name, role, dialect) in [
            ("V3__sessions.sql", 3, "sessions", Role::Up, None),
            ("V3__sessions.sqlite.sql", 3, "sessions", Role::Up, sqlite),
            ("V3__sessions.postgres.sql", 3, "sessions", Role::Up, postgres),
            ("v03__sessions.postgresql.down.sql", 3, "sessions", Role::Down, postgres),
            ("V3__sessions.down.sqlite.sql", 3, "sessions", Role::Down, sqlite),
            ("U7__late.sql", 7, "late", Role::Unordered, None),
            ("R__views.sql", 0, "views", Role::Repeatable, None),
            ("R__views.sqlite.sql", 0, "views", Role::Repeatable, sqlite),
            ("20240101120000_users.sql", 20_240_101_120_000, "users", Role::Up, None),
            ("20240101120000_users.up.sql", 20_240_101_120_000, "users", Role::Up, None),
            ("20240101120000_users.down.sql", 20_240_101_120_000, "users", Role::Down, None),
            ("001-init.SQL", 1, "init", Role::Up, None),
            ("12.sql", 12, "", Role::Up, None),
        ] {
            let expected = FileName { version, name: name.to_owned(), role, dialect };
            assert_eq!(parse(file).as_ref(), Ok(&expected), "{file}");
        }
        for file in ["readme.sql", "V__x.sql", "V1x.sql", "V1__x.mysql.sql", "R__.sql", "R__x.down.sql", "Very.sql"] {
            assert!(parse(file).is_err(), "{file}");
        }
        assert!(parse("V99999999999999999999__x.sql").unwrap_err().contains("too large"));
        assert!(parse("V1__x.sqlite.postgres.sql").unwrap_err().contains("contradicts"));
    }
}
