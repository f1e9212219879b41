//! Where a database stands: its history beside the files.

use super::adopt::{self, Adoption};
use super::history::{self, Applied, Progress, is_pending, newest};
use super::set::Migrations;
use super::{Options, Result};
use crate::{Backend, Connection};

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The newest version applied.
    pub version: Option<i64>,
    /// Versions in order, then repeatable scripts.
    pub entries: Vec<Entry>,
    /// Another tool's table that the next [`up`](super::up) takes over; its versions are shown as applied.
    pub adopts: Option<String>,
}

impl Status {
    /// Whether there is nothing to do and nothing wrong.
    pub fn is_current(&self) -> bool {
        self.entries.iter().all(|entry| entry.state == State::Applied)
    }
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// `None` for a repeatable script.
    pub version: Option<i64>,
    pub name: String,
    /// The file here, or the one that was applied.
    pub file: String,
    pub state: State,
    /// UTC.
    pub applied_at: Option<String>,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    Applied,
    /// Not applied yet; of a repeatable script also: its text has changed.
    Pending,
    /// Not applied, and older than one that was.
    OutOfOrder,
    /// Applied, and its file has another text now.
    Changed,
    /// Applied, and there is no file for it.
    Missing,
    /// Without a transaction, begun and not ended: it runs now or was killed.
    Running,
    /// Without a transaction, and a statement of it failed.
    Failed,
}

impl State {
    /// As the command line shows it.
    pub fn word(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Pending => "pending",
            State::OutOfOrder => "out of order",
            State::Changed => "changed",
            State::Missing => "missing",
            State::Running => "running",
            State::Failed => "failed",
        }
    }
}

/// A file that [`up`](super::up) would apply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Planned {
    pub version: Option<i64>,
    pub file: String,
    /// Whether it runs in a transaction.
    pub transaction: bool,
    /// Its statements as the file has them.
    pub statements: Vec<String>,
}

/// Where the database stands; changes nothing.
///
/// # Errors
/// What the database reports; another tool's history that cannot be taken over.
///
/// # Examples
/// ```
/// use sqlift::{Connection, migrate::{self, Migrations, State}};
///
/// let migrations = Migrations::from_files(&[("V1__tag.sql", "CREATE TABLE tag (name TEXT)")])?;
/// let conn = Connection::open_in_memory()?;
/// let status = migrate::status(&conn, &migrations, &Default::default())?;
/// assert_eq!((status.version, status.entries[0].state), (None, State::Pending));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn status(conn: &Connection, migrations: &Migrations, options: &Options<'_>) -> Result<Status> {
    let (rows, adoption) = rows(conn, migrations, options)?;
    let mut entries = entries(migrations, &rows, conn.backend());
    entries.sort_by_key(|entry| (entry.version.is_none(), entry.version));
    Ok(Status { version: newest(&rows), entries, adopts: adoption.map(|adoption| adoption.from) })
}

/// What [`up`](super::up) would apply, in order; changes nothing.
///
/// # Errors
/// As [`up`](super::up) before it runs anything.
pub fn plan(conn: &Connection, migrations: &Migrations, options: &Options<'_>) -> Result<Vec<Planned>> {
    let (mut rows, _) = rows(conn, migrations, options)?;
    let mut planned = Vec::new();
    while let Some(step) = super::run::next(conn.backend(), migrations, &rows, options)? {
        let statements = step.script.statements()?;
        planned.push(Planned {
            version: step.version,
            file: step.script.file.clone(),
            transaction: !step.script.has_no_transaction(),
            statements: statements[step.done..].iter().map(|span| span.text(&step.script.text).to_owned()).collect(),
        });
        let row = step.row(Progress::Applied, statements.len(), None, 0);
        rows.retain(|known| known.id != row.id);
        rows.push(row);
    }
    Ok(planned)
}

/// The history as it is, or as taking another tool's over would make it.
pub(super) fn rows(
    conn: &Connection,
    migrations: &Migrations,
    options: &Options<'_>,
) -> Result<(Vec<Applied>, Option<Adoption>)> {
    if history::exists(conn)? {
        return Ok((history::read(conn)?, None));
    }
    let adoption = adopt::complete(conn, migrations, &options.adopt)?;
    Ok((adoption.as_ref().map_or_else(Vec::new, |adoption| adoption.rows.clone()), adoption))
}

fn entries(migrations: &Migrations, rows: &[Applied], backend: Backend) -> Vec<Entry> {
    let newest = newest(rows);
    let mut entries = Vec::new();
    for row in rows {
        let script = match row.version {
            Some(version) => migrations.versions.get(&version).map(|migration| migration.up.get(backend)),
            None => migrations.repeatables.get(&row.name).map(|scripts| scripts.get(backend)),
        };
        let state = match (row.state, script) {
            (Progress::Running, _) => State::Running,
            (Progress::Failed, _) => State::Failed,
            (Progress::Applied, None) if row.version.is_none() => continue,
            (Progress::Applied, None) => State::Missing,
            (Progress::Applied, Some(script)) if script.checksum() == row.checksum => State::Applied,
            (Progress::Applied, Some(_)) if row.version.is_none() => State::Pending,
            (Progress::Applied, Some(_)) => State::Changed,
        };
        entries.push(Entry {
            version: row.version,
            name: row.name.clone(),
            file: script.map_or(&row.file, |script| &script.file).clone(),
            state,
            applied_at: Some(row.applied_at.clone()).filter(|at| !at.is_empty()),
        });
    }
    for migration in migrations.versions.values().filter(|migration| is_pending(migration, rows)) {
        let late = Some(migration.version) < newest && !migration.unordered;
        entries.push(Entry {
            version: Some(migration.version),
            name: migration.name.clone(),
            file: migration.up.get(backend).file.clone(),
            state: if late { State::OutOfOrder } else { State::Pending },
            applied_at: None,
        });
    }
    for (name, scripts) in &migrations.repeatables {
        if !rows.iter().any(|row| row.id == history::repeatable_id(name)) {
            entries.push(Entry {
                version: None,
                name: name.clone(),
                file: scripts.get(backend).file.clone(),
                state: State::Pending,
                applied_at: None,
            });
        }
    }
    entries
}
