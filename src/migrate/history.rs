//! The table `sqlift_migrations`: what was applied to a database.

use super::{Result, name::Dialect, set::Migration};
use crate::{Backend, Connection};

pub(super) const TABLE: &str = "sqlift_migrations";

/// A row of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    pub id: String,
    pub version: Option<i64>,
    pub name: String,
    pub file: String,
    pub checksum: String,
    pub state: Progress,
    pub statements_done: usize,
    pub done_checksum: Option<String>,
    /// UTC, as SQLite writes it.
    pub applied_at: String,
    pub milliseconds: i64,
    pub adopted_from: Option<String>,
}

/// How far a file got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Applied,
    /// A statement of it was begun; its process runs or was killed.
    Running,
    /// A statement of it failed, and did nothing.
    Failed,
}

impl Progress {
    pub fn word(self) -> &'static str {
        match self {
            Progress::Applied => "applied",
            Progress::Running => "running",
            Progress::Failed => "failed",
        }
    }
}

pub(super) fn repeatable_id(name: &str) -> String {
    format!("R__{name}")
}

/// The newest version that was applied.
pub(super) fn newest(rows: &[Applied]) -> Option<i64> {
    rows.iter().filter(|row| row.state == Progress::Applied).filter_map(|row| row.version).max()
}

/// Whether nothing was done of this version.
pub(super) fn is_pending(migration: &Migration, rows: &[Applied]) -> bool {
    !rows.iter().any(|row| row.version == Some(migration.version))
}

/// Whether the database has a history.
pub(super) fn exists(conn: &Connection) -> Result<bool> {
    match conn.backend() {
        // Not `table_exists`: it answers from what the connection knows, and another process may have made the table since.
        Backend::Sqlite => {
            let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
            Ok(conn.query_row(sql, [TABLE], |row| row.get(0))?)
        }
        Backend::Postgres => Ok(conn.table_exists(None, TABLE)?),
    }
}

pub(super) fn create(conn: &Connection) -> Result<()> {
    let time = match conn.backend() {
        Backend::Sqlite => "TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP",
        Backend::Postgres => "timestamptz NOT NULL DEFAULT now()",
    };
    let bigint = match conn.backend() {
        Backend::Sqlite => "INTEGER",
        Backend::Postgres => "bigint",
    };
    conn.native().execute_batch(&format!(
        "CREATE TABLE {TABLE} (
            id              text NOT NULL PRIMARY KEY,
            version         {bigint},
            name            text NOT NULL,
            file            text NOT NULL,
            checksum        text NOT NULL,
            state           text NOT NULL CHECK (state IN ('applied', 'running', 'failed')),
            statements_done {bigint} NOT NULL,
            done_checksum   text,
            applied_at      {time},
            applied_by      text NOT NULL,
            milliseconds    {bigint} NOT NULL,
            adopted_from    text
        )"
    ))?;
    if conn.backend() == Backend::Postgres {
        conn.native().execute_batch(&format!(
            "COMMENT ON TABLE {TABLE} IS 'Migrations applied to this schema, kept by sqlift'"
        ))?;
    }
    Ok(())
}

/// All rows, versions in order, repeatable scripts behind them.
pub(super) fn read(conn: &Connection) -> Result<Vec<Applied>> {
    let time = match conn.backend() {
        Backend::Sqlite => "applied_at",
        Backend::Postgres => "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
    };
    let native = conn.native();
    let mut statement = native.prepare(&format!(
        "SELECT id, version, name, file, checksum, state, statements_done, done_checksum, {time}, milliseconds, adopted_from \
         FROM {TABLE} ORDER BY version IS NULL, version, id"
    ))?;
    let rows = statement.query_map([], |row| {
        let state: String = row.get(5)?;
        Ok(Applied {
            id: row.get(0)?,
            version: row.get(1)?,
            name: row.get(2)?,
            file: row.get(3)?,
            checksum: row.get(4)?,
            state: match state.as_str() {
                "running" => Progress::Running,
                "failed" => Progress::Failed,
                _ => Progress::Applied,
            },
            statements_done: usize::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
            done_checksum: row.get(7)?,
            applied_at: row.get(8)?,
            milliseconds: row.get(9)?,
            adopted_from: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<crate::Result<_>>()?)
}

/// Writes a row, or over the one of the same `id`; `applied_at` and `applied_by` are the database's.
pub(super) fn write(conn: &Connection, row: &Applied) -> Result<()> {
    let (now, role) = match conn.backend() {
        Backend::Sqlite => ("CURRENT_TIMESTAMP", "''"),
        Backend::Postgres => ("clock_timestamp()", "current_user"),
    };
    let columns = "version, name, file, checksum, state, statements_done, done_checksum, applied_at, applied_by, milliseconds, adopted_from";
    let updates: Vec<String> = columns.split(", ").map(|column| format!("{column} = excluded.{column}")).collect();
    conn.native().execute(
        &format!(
            "INSERT INTO {TABLE} (id, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {now}, {role}, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET {}",
            updates.join(", ")
        ),
        crate::params![
            row.id,
            row.version,
            row.name,
            row.file,
            row.checksum,
            row.state.word(),
            i64::try_from(row.statements_done).unwrap_or(i64::MAX),
            row.done_checksum,
            row.milliseconds,
            row.adopted_from
        ],
    )?;
    Ok(())
}

pub(super) fn remove(conn: &Connection, id: &str) -> Result<()> {
    conn.native().execute(&format!("DELETE FROM {TABLE} WHERE id = ?"), [id])?;
    Ok(())
}

/// The database, for messages.
pub(super) fn database(conn: &Connection) -> String {
    Dialect(conn.backend()).to_string()
}
