//! The connection, the schema's versions, and the few helpers that every module needs.

use std::fmt;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OptionalExtension, ffi, params};

use crate::random::Fnv;

/// The portal's business day. Times of business are passed in; only `created_at` and `updated_at` come from the database.
pub const TODAY: &str = "2026-03-01";
/// Noon of that day, in seconds since 1970.
pub const NOW: i64 = 1_772_366_400;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum Error {
    Sqlite(rusqlite::Error),
    Io(std::io::Error),
    /// The file was written by a newer portal.
    SchemaTooNew {
        module: String,
        found: i64,
        known: i64,
    },
    BadInput(String),
    Usage(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Sqlite(error) => write!(f, "database: {error}"),
            Error::Io(error) => write!(f, "file: {error}"),
            Error::SchemaTooNew { module, found, known } => {
                write!(f, "module {module} has schema version {found}, this program knows {known}")
            }
            Error::BadInput(message) | Error::Usage(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Error::Sqlite(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Io(error)
    }
}

pub fn connect(path: &str) -> Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")?;
    Ok(conn)
}

/// Brings a module's tables to the newest version; the n-th migration leads to version n.
pub fn upgrade(conn: &mut Connection, module: &str, migrations: &[&str]) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (
             module     TEXT PRIMARY KEY NOT NULL,
             version    INTEGER NOT NULL CHECK (version > 0),
             created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
             updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
         );
         CREATE TRIGGER IF NOT EXISTS schema_version_touch AFTER UPDATE ON schema_version FOR EACH ROW
         BEGIN
             UPDATE schema_version SET updated_at = CURRENT_TIMESTAMP WHERE module = NEW.module;
         END;",
    )?;
    let found = schema_version(conn, module)?;
    let known = migrations.len() as i64;
    if found > known {
        return Err(Error::SchemaTooNew { module: module.to_string(), found, known });
    }
    for (index, migration) in migrations.iter().enumerate().skip(found as usize) {
        let tx = conn.transaction()?;
        tx.execute_batch(migration)?;
        tx.execute(
            "INSERT INTO schema_version (module, version) VALUES (?1, ?2)
             ON CONFLICT(module) DO UPDATE SET version = excluded.version",
            params![module, index as i64 + 1],
        )?;
        tx.commit()?;
    }
    Ok(())
}

pub fn schema_version(conn: &Connection, module: &str) -> Result<i64> {
    let version =
        conn.query_row("SELECT version FROM schema_version WHERE module = ?", [module], |row| row.get(0)).optional()?;
    Ok(version.unwrap_or(0))
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::ConstraintViolation => Some(e.extended_code),
        _ => None,
    }
}

pub fn is_unique_violation(error: &rusqlite::Error) -> bool {
    matches!(
        extended_code(error),
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID)
    )
}

pub fn is_foreign_key_violation(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

pub fn is_check_violation(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(ffi::SQLITE_CONSTRAINT_CHECK)
}

pub fn is_not_null_violation(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(ffi::SQLITE_CONSTRAINT_NOTNULL)
}

pub fn count(conn: &Connection, table: &str) -> rusqlite::Result<i64> {
    conn.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0))
}

/// Reads every row of a query and hashes its values with their storage classes.
pub fn digest(conn: &Connection, sql: &str) -> rusqlite::Result<(usize, u64)> {
    let mut stmt = conn.prepare(sql)?;
    let columns = stmt.column_count();
    let mut rows = stmt.query([])?;
    let (mut read, mut hash) = (0, Fnv::new());
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => hash.write(b"n"),
                ValueRef::Integer(i) => hash.write(format!("i{i}").as_bytes()),
                ValueRef::Real(r) => hash.write(format!("r{r:?}").as_bytes()),
                ValueRef::Text(t) => hash.write_all(&[b"t", t]),
                ValueRef::Blob(b) => hash.write_all(&[b"b", b]),
            }
            hash.write(b"|");
        }
        read += 1;
    }
    Ok((read, hash.finish()))
}

/// Whether the database has kept its own two columns: both set, in SQLite's format, updated never before created.
pub fn timestamps_are_kept(conn: &Connection, table: &str) -> rusqlite::Result<bool> {
    let odd: i64 = conn.query_row(
        &format!(
            "SELECT COUNT(*) FROM {table}
             WHERE created_at NOT LIKE '____-__-__ __:__:__' OR updated_at NOT LIKE '____-__-__ __:__:__'
                OR updated_at < created_at"
        ),
        [],
        |row| row.get(0),
    )?;
    Ok(odd == 0)
}

/// Whether an update sets `updated_at` even when the statement itself tries to set it to something else.
pub fn update_is_stamped(conn: &Connection, table: &str, key: &str) -> rusqlite::Result<bool> {
    let tx = conn.unchecked_transaction()?;
    let changed = tx.execute(
        &format!(
            "UPDATE {table} SET updated_at = '2000-01-01 00:00:00' WHERE {key} = (SELECT MIN({key}) FROM {table})"
        ),
        [],
    )?;
    let old: i64 =
        tx.query_row(&format!("SELECT COUNT(*) FROM {table} WHERE updated_at < '2001-01-01'"), [], |row| row.get(0))?;
    tx.commit()?;
    Ok(changed > 0 && old == 0)
}
