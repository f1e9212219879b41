//! Proves that both sets of migrations give the same schema: applies each to an empty database and compares what is there.
//!
//! What a schema holds is read as facts (`facts`), from SQLite (`sqlite`) and from PostgreSQL (`postgres`). Expressions are
//! brought to one form (`canonical`): PostgreSQL prints a CHECK, an index or a full text table (`full_text`) of SQLite's as it prints its own, and
//! defaults are computed. Types are compared by what they can hold (`types`). The newest file that touched a fact is remembered.

mod canonical;
mod compare;
mod facts;
mod full_text;
mod postgres;
mod sqlite;
mod triggers;
mod types;

use super::error::{Error, ErrorKind};
use super::{Adopt, Migrations, Options, Result, history, up};
use crate::{Backend, Connection};
use facts::{Fact, Key};
use std::collections::HashMap;
use std::fmt;

/// Something that the two databases do not have alike.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    pub table: String,
    pub column: Option<String>,
    /// What differs, e.g. `type` or `index orders_day`.
    pub what: String,
    pub sqlite: Side,
    pub postgres: Side,
}

/// One database's half of a [`Difference`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Side {
    /// What is there; `None` when it is missing.
    pub value: Option<String>,
    /// The newest migration that made or changed it; where it is missing, the counterpart of the other side's.
    pub file: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "table {}, column {column}: {}", self.table, self.what)?,
            None => write!(f, "table {}: {}", self.table, self.what)?,
        }
        for (database, side) in [("SQLite", &self.sqlite), ("PostgreSQL", &self.postgres)] {
            let value = side.value.as_deref().unwrap_or("missing");
            write!(f, "\n  {database:10} {value}\n             --> {}", side.file)?;
        }
        Ok(())
    }
}

/// Applies the migrations to two empty databases and gives what differs between their schemas; nothing when they are alike.
///
/// Compared are tables and the order of their columns, types by what they hold (`boolean` is SQLite's BOOLEAN, `timestamptz` its
/// DATETIME, `jsonb` its JSON, `uuid` its UUID or TEXT), NOT NULL, defaults, collations, generated columns, keys that the database
/// numbers, primary and unique keys, indexes with their expressions and conditions, foreign keys with their actions, checks, and
/// views by name and columns, and when triggers start: moment, event, its columns, rows or statements, whether there is a condition.
/// What a trigger does is compared where PostgreSQL's is a translation of SQLite's; a function of another's making and a view's text
/// are not.
///
/// # Errors
/// A database that is not empty; a migration that fails.
///
/// # Examples
/// ```no_run
/// use sqlift::{Connection, migrate::{self, Migrations}};
///
/// let migrations = Migrations::from_folder("sql/migrations")?;
/// let sqlite = Connection::open_sqlite(":memory:")?;
/// let postgres = Connection::open_url("postgres://localhost/scratch")?;
/// for difference in migrate::check(&migrations, &sqlite, &postgres)? {
///     println!("{difference}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(migrations: &Migrations, sqlite: &Connection, postgres: &Connection) -> Result<Vec<Difference>> {
    for (conn, wanted) in [(sqlite, Backend::Sqlite), (postgres, Backend::Postgres)] {
        if conn.backend() != wanted {
            let database = super::name::Dialect(wanted);
            return Err(Error::new(
                ErrorKind::Database,
                format!("the connection given for {database} speaks to the other database"),
            ));
        }
        if !read(conn)?.is_empty() || history::exists(conn)? {
            return Err(Error::new(
                ErrorKind::Database,
                format!("the {} database is not empty", history::database(conn)),
            )
            .help("check needs empty ones, so that what it finds is the migrations' alone"));
        }
    }
    let mut origins = Origins::default();
    for version in migrations.versions() {
        let options = Options { to: Some(version), adopt: Adopt::Nothing, ..Options::default() };
        let migration = &migrations.versions[&version];
        for conn in [sqlite, postgres] {
            up(conn, migrations, &options)?;
            let file = &migration.up.get(conn.backend()).file;
            origins.note(conn.backend(), &read(conn)?, version, file);
        }
    }
    if !migrations.repeatables.is_empty() {
        let options = Options { adopt: Adopt::Nothing, ..Options::default() };
        for conn in [sqlite, postgres] {
            up(conn, migrations, &options)?;
            let files: Vec<&str> =
                migrations.repeatables.values().map(|scripts| scripts.get(conn.backend()).file.as_str()).collect();
            origins.note(conn.backend(), &read(conn)?, i64::MAX, &files.join(", "));
        }
    }
    let (ours, theirs) = canonical::both(sqlite, postgres, read(sqlite)?, read(postgres)?)?;
    Ok(compare::compare(&ours, &theirs, &origins))
}

fn read(conn: &Connection) -> Result<Vec<Fact>> {
    match conn.backend() {
        Backend::Sqlite => sqlite::read(conn),
        Backend::Postgres => postgres::read(conn),
    }
}

/// Which migration made each fact what it is.
#[derive(Default)]
struct Origins {
    sqlite: OneSide,
    postgres: OneSide,
}

#[derive(Default)]
struct OneSide {
    files: HashMap<i64, String>,
    /// The version that last set or removed a fact.
    changed: HashMap<Key, i64>,
    now: HashMap<Key, String>,
}

impl Origins {
    fn note(&mut self, backend: Backend, facts: &[Fact], version: i64, file: &str) {
        let side = match backend {
            Backend::Sqlite => &mut self.sqlite,
            Backend::Postgres => &mut self.postgres,
        };
        side.files.insert(version, file.to_owned());
        let after: HashMap<Key, String> = facts.iter().map(|fact| (fact.key.clone(), fact.value.clone())).collect();
        for key in side.now.keys().filter(|key| !after.contains_key(key)) {
            side.changed.insert(key.clone(), version);
        }
        for (key, value) in &after {
            if side.now.get(key) != Some(value) {
                side.changed.insert(key.clone(), version);
            }
        }
        side.now = after;
    }

    /// The files of both sides for a fact that either may lack.
    fn files(&self, sqlite: Option<&Fact>, postgres: Option<&Fact>) -> (String, String) {
        let (key, other) = (sqlite.map(Fact::origin), postgres.map(Fact::origin));
        // A fact that a side lacks it may have had once; else its table is the nearest thing.
        let changed = |side: &OneSide, own: Option<&Key>, other: Option<&Key>| {
            own.or(other).and_then(|key| side.changed.get(key)).copied()
        };
        let ours = changed(&self.sqlite, key, other);
        let theirs = changed(&self.postgres, other, key);
        let file = |side: &OneSide, version: Option<i64>, counterpart: Option<i64>| {
            let version = version.or(counterpart);
            version.and_then(|version| side.files.get(&version)).cloned().unwrap_or_default()
        };
        (file(&self.sqlite, ours, theirs), file(&self.postgres, theirs, ours))
    }
}
