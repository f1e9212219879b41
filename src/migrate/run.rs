//! Applies migrations, and takes them back.

use super::adopt;
use super::error::{Error, ErrorKind, plain};
use super::history::{self, Applied, Progress, is_pending, newest};
use super::lock::{self, Lock};
use super::script::{Script, checksum};
use super::set::Migrations;
use super::statement::{self, Left};
use super::{Event, Interrupted, Options, Report, Result};
use crate::syntax::Span;
use crate::{Backend, Connection};
use std::time::Instant;

/// Brings the database to the newest version, or to [`Options::to`], one file after the other, each in a transaction.
///
/// Any number of processes may call it at once: one applies, the others wait and find nothing left to do. Nothing is locked
/// or written when there is nothing to do.
///
/// # Errors
/// A file that fails leaves the database as it was before it; the files ahead of it stay. What must not be applied (an applied
/// file that has changed or is gone, a version out of order) is refused before anything runs. See [`ErrorKind`].
///
/// # Examples
/// ```
/// use sqlift::{Connection, migrate::{self, Migrations, Options}};
///
/// let migrations = Migrations::from_files(&[
///     ("V1__tag.sql", "CREATE TABLE tag (name TEXT)"),
///     ("V2__tagged.sql", "CREATE TABLE tagged (tag TEXT REFERENCES nothing (name)"),
/// ])?;
/// let conn = Connection::open_in_memory()?;
/// let error = migrate::up(&conn, &migrations, &Options::default()).unwrap_err();
/// assert_eq!((error.file(), error.line()), (Some("V2__tagged.sql"), Some(1)));
/// assert!(conn.table_exists(None, "tag")? && !conn.table_exists(None, "tagged")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn up(conn: &Connection, migrations: &Migrations, options: &Options<'_>) -> Result<Report> {
    outside_transaction(conn)?;
    if let Some(to) = options.to.filter(|to| !migrations.versions.contains_key(to)) {
        return Err(Error::new(ErrorKind::Files, format!("there is no version {to} to go up to")));
    }
    let backend = conn.backend();
    let mut report = Report::default();
    // The usual start: nothing to do, nobody is waited for, and only the right to read is needed.
    if has_history(conn, options)? && !options.accept_changed {
        let rows = history_of(conn, options)?;
        if next(backend, migrations, &rows, options)?.is_none() {
            report.version = newest(&rows);
            return Ok(report);
        }
    }
    let lock = Lock::take(conn, options)?;
    if !has_history(conn, options)? {
        begin_history(conn, migrations, options, &mut report)?;
    }
    if options.accept_changed {
        accept_changed(conn, migrations)?;
    }
    loop {
        let rows = history_of(conn, options)?;
        let Some(step) = next(backend, migrations, &rows, options)? else {
            report.version = newest(&rows);
            break;
        };
        let file = step.script.file.clone();
        options.tell(&Event::Begun { file: &file });
        needs_compat(conn, step.script)?;
        let begun = Instant::now();
        match step.script.has_no_transaction() {
            true => one_by_one(conn, &step, options)?,
            false => in_transaction(conn, &step, options)?,
        }
        options.tell(&Event::Ended { file: &file, elapsed: begun.elapsed() });
        report.applied.push(file);
    }
    drop(lock);
    Ok(report)
}

/// Takes versions back, the newest first, down to but without `to` (0: all of them).
///
/// # Errors
/// Before anything runs when a version has no way back; otherwise as [`up`].
///
/// # Examples
/// ```
/// use sqlift::{Connection, migrate::{self, Migrations, Options}};
///
/// let migrations = Migrations::from_files(&[
///     ("V1__tag.sql", "CREATE TABLE tag (name TEXT)"),
///     ("V1__tag.down.sql", "DROP TABLE tag"),
/// ])?;
/// let conn = Connection::open_in_memory()?;
/// migrate::up(&conn, &migrations, &Options::default())?;
/// migrate::down(&conn, &migrations, 0, &Options::default())?;
/// assert!(!conn.table_exists(None, "tag")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn down(conn: &Connection, migrations: &Migrations, to: i64, options: &Options<'_>) -> Result<Report> {
    outside_transaction(conn)?;
    let mut report = Report::default();
    if !has_history(conn, options)? {
        return Ok(report);
    }
    let lock = Lock::take(conn, options)?;
    let rows = history_of(conn, options)?;
    let mut back = Vec::new();
    for row in rows.iter().rev().filter(|row| row.version.is_some_and(|version| version > to)) {
        let migration = migrations.versions.get(&row.version.unwrap_or_default());
        let Some(way) = migration.and_then(|migration| migration.down.as_ref()) else {
            let version = row.version.unwrap_or_default();
            let error = Error::new(ErrorKind::NoDown, format!("version {version} has no way back")).in_file(&row.file);
            return Err(
                error.help("write the file that ends with .down.sql, or a new migration that changes things back")
            );
        };
        let way = way.get(conn.backend());
        way.statements()?;
        back.push((row, way));
    }
    for (row, script) in back {
        options.tell(&Event::Begun { file: &script.file });
        needs_compat(conn, script)?;
        let begun = Instant::now();
        if script.has_no_transaction() {
            for statement in script.statements()? {
                statement::run(conn, script, statement)
                    .map_err(|error| statement::failed(conn, script, statement, error, "correct it and start again"))?;
            }
            history::remove(conn, &row.id)?;
        } else {
            let transaction = Transaction::begin(conn, script, options)?;
            for statement in script.statements()? {
                statement::run(conn, script, statement)
                    .map_err(|error| statement::failed(conn, script, statement, error, NOTHING_KEPT))?;
            }
            history::remove(conn, &row.id)?;
            transaction.commit()?;
        }
        options.tell(&Event::Ended { file: &script.file, elapsed: begun.elapsed() });
        report.applied.push(script.file.clone());
    }
    report.version = newest(&history::read(conn)?);
    drop(lock);
    Ok(report)
}

const NOTHING_KEPT: &str = "the database is as it was before this file; correct it and start again";

/// Whether there is a history, and what it says: SQLite keeps readers out while somebody commits.
fn has_history(conn: &Connection, options: &Options<'_>) -> Result<bool> {
    lock::while_busy(options, || history::exists(conn))
}

fn history_of(conn: &Connection, options: &Options<'_>) -> Result<Vec<Applied>> {
    lock::while_busy(options, || history::read(conn))
}

fn outside_transaction(conn: &Connection) -> Result<()> {
    if conn.is_autocommit() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Database, "a transaction is open on this connection")
        .help("commit it first: each migration runs in a transaction of its own"))
}

/// A file of PostgreSQL's own that calls sqlift's functions, as drafts do, needs them to be there; translated ones see to it.
fn needs_compat(conn: &Connection, script: &Script) -> Result<()> {
    if script.dialect == Backend::Postgres && script.text.contains("sqlift.") {
        conn.install_compat()?;
    }
    Ok(())
}

/// Makes the history, with what another tool left.
fn begin_history(conn: &Connection, migrations: &Migrations, options: &Options<'_>, report: &mut Report) -> Result<()> {
    let adoption = adopt::complete(conn, migrations, &options.adopt)?;
    match conn.backend() {
        Backend::Sqlite => lock::begin_immediate(conn, options)?,
        Backend::Postgres => conn.execute_batch("BEGIN")?,
    }
    let transaction = Open(conn);
    if history::exists(conn)? {
        return Ok(());
    }
    history::create(conn)?;
    if let Some(adoption) = adoption {
        adopt::write(conn, &adoption)?;
        options.tell(&Event::Adopted { from: &adoption.from, count: adoption.rows.len() });
        report.adopted = Some((adoption.from, adoption.rows.len()));
        report.warnings = adoption.warnings;
    }
    transaction.commit().map_err(Error::from)
}

fn accept_changed(conn: &Connection, migrations: &Migrations) -> Result<()> {
    for mut row in history::read(conn)?.into_iter().filter(|row| row.state == Progress::Applied) {
        let Some(migration) = row.version.and_then(|version| migrations.versions.get(&version)) else { continue };
        let script = migration.up.get(conn.backend());
        if script.checksum() != row.checksum {
            row.checksum = script.checksum();
            history::write(conn, &row)?;
        }
    }
    Ok(())
}

/// A file to apply.
pub(super) struct Step<'m> {
    pub id: String,
    pub version: Option<i64>,
    pub name: String,
    pub script: &'m Script,
    /// Statements that an earlier attempt got done.
    pub done: usize,
    /// The statement behind those may have run as well.
    pub uncertain: bool,
}

impl Step<'_> {
    pub fn row(&self, state: Progress, done: usize, done_checksum: Option<String>, milliseconds: i64) -> Applied {
        Applied {
            id: self.id.clone(),
            version: self.version,
            name: self.name.clone(),
            file: self.script.file.clone(),
            checksum: self.script.checksum(),
            state,
            statements_done: done,
            done_checksum,
            applied_at: String::new(),
            milliseconds,
            adopted_from: None,
        }
    }
}

/// The next file to apply, when everything that was applied is in order.
pub(super) fn next<'m>(
    backend: Backend,
    migrations: &'m Migrations,
    rows: &[Applied],
    options: &Options<'_>,
) -> Result<Option<Step<'m>>> {
    for row in rows {
        let Some(version) = row.version else { continue };
        let script = migrations.versions.get(&version).map(|migration| migration.up.get(backend));
        match (row.state, script) {
            (Progress::Applied, Some(script)) if script.checksum() != row.checksum && !options.accept_changed => {
                return Err(Error::new(
                    ErrorKind::Diverged,
                    format!("version {version} has another text than the one applied{}", at(row)),
                )
                .in_file(&script.file)
                .help(
                    "put the file back as it was and write a new migration; when the change means nothing to the database \
                     (a comment), go on with --accept-changed",
                ));
            }
            (_, None) if !options.ignore_missing => {
                return Err(Error::new(
                    ErrorKind::Missing,
                    format!("version {version} ({}) was applied{} and has no file here", row.name, at(row)),
                )
                .help("this program is older than the database, or the file was lost: put it back, or go on with --ignore-missing"));
            }
            (Progress::Running | Progress::Failed, Some(script)) => {
                return resume(script, row).map(Some);
            }
            _ => {}
        }
    }
    let newest = newest(rows);
    let limit = options.to.unwrap_or(i64::MAX);
    let mut pending = migrations.versions.values().filter(|m| m.version <= limit && is_pending(m, rows));
    if let Some(migration) = pending.next() {
        let script = migration.up.get(backend);
        if let Some(newest) = newest.filter(|newest| migration.version < *newest)
            && !migration.unordered
            && !options.out_of_order
        {
            return Err(Error::new(
                ErrorKind::OutOfOrder,
                format!("version {} was not applied, and version {newest} was", migration.version),
            )
            .in_file(&script.file)
            .help(
                "give it the next number; or, when it does not depend on the later ones, go on with --out-of-order",
            ));
        }
        return Ok(Some(Step {
            id: migration.version.to_string(),
            version: Some(migration.version),
            name: migration.name.clone(),
            script,
            done: 0,
            uncertain: false,
        }));
    }
    if options.to.is_some() {
        return Ok(None);
    }
    for (name, scripts) in &migrations.repeatables {
        let (id, script) = (history::repeatable_id(name), scripts.get(backend));
        let row = rows.iter().find(|row| row.id == id);
        if row.is_none_or(|row| row.checksum != script.checksum() || row.state != Progress::Applied) {
            return Ok(Some(Step { id, version: None, name: name.clone(), script, done: 0, uncertain: false }));
        }
    }
    Ok(None)
}

fn at(row: &Applied) -> String {
    if row.applied_at.is_empty() { String::new() } else { format!(" at {} UTC", row.applied_at) }
}

/// Goes on behind the statements that an earlier attempt got done; they must be the same still.
fn resume<'m>(script: &'m Script, row: &Applied) -> Result<Step<'m>> {
    let statements = script.statements()?;
    let done = statements.get(..row.statements_done);
    if done.map(|done| checksum_of(script, done)) != row.done_checksum {
        return Err(Error::new(
            ErrorKind::Diverged,
            format!(
                "an earlier attempt ran the first {} statements of this file, which have another text now",
                row.statements_done
            ),
        )
        .in_file(&script.file)
        .help("put those back as they were; the statements behind them may be changed"));
    }
    Ok(Step {
        id: row.id.clone(),
        version: row.version,
        name: row.name.clone(),
        script,
        done: row.statements_done,
        uncertain: row.state == Progress::Running,
    })
}

fn checksum_of(script: &Script, statements: &[Span]) -> String {
    let texts: Vec<&str> = statements.iter().map(|span| span.text(&script.text)).collect();
    checksum(&texts.join(";\n"))
}

/// All statements and the row of the history, or nothing.
fn in_transaction(conn: &Connection, step: &Step<'_>, options: &Options<'_>) -> Result<()> {
    let statements = step.script.statements()?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        match once(conn, step, &statements, options) {
            // Other programs work on the tables meanwhile; the database asks for the transaction to be run again.
            Err(error) if attempts < 5 && error.database_error().is_some_and(is_conflict) => {}
            other => return other,
        }
    }
}

fn is_conflict(error: &crate::Error) -> bool {
    crate::postgres_error(error).is_some_and(|report| matches!(report.sqlstate.as_str(), "40001" | "40P01"))
}

fn once(conn: &Connection, step: &Step<'_>, statements: &[Span], options: &Options<'_>) -> Result<()> {
    let begun = Instant::now();
    let transaction = Transaction::begin(conn, step.script, options)?;
    // Who came by a lock file that is no more may find it done.
    if conn.backend() == Backend::Sqlite
        && history::read(conn)?.iter().any(|row| row.id == step.id && row.checksum == step.script.checksum())
    {
        return transaction.commit();
    }
    for &statement in statements {
        statement::run(conn, step.script, statement)
            .map_err(|error| statement::failed(conn, step.script, statement, error, NOTHING_KEPT))?;
    }
    let milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    history::write(conn, &step.row(Progress::Applied, statements.len(), None, milliseconds))?;
    transaction.commit()
}

/// Each statement by itself, with the history saying how far it got: ahead of each that one is begun, behind it that it is done.
fn one_by_one(conn: &Connection, step: &Step<'_>, options: &Options<'_>) -> Result<()> {
    let (script, begun) = (step.script, Instant::now());
    let statements = script.statements()?;
    let note = |state, done: usize| {
        let whole = state == Progress::Applied;
        let done_checksum = (!whole).then(|| checksum_of(script, &statements[..done]));
        let milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        history::write(conn, &step.row(state, done, done_checksum, milliseconds))
    };
    for (number, &statement) in statements.iter().enumerate().skip(step.done) {
        let uncertain = step.uncertain && number == step.done;
        let left = statement::repair(conn, script, statement)?;
        if let Left::Dropped(index) = &left {
            options.tell(&Event::Repaired { index });
        }
        if uncertain {
            match (options.interrupted, &left) {
                (Interrupted::Done, _) | (_, Left::Whole) => {
                    note(Progress::Failed, number + 1)?;
                    continue;
                }
                (Interrupted::Explain, _) if !statement::may_run_again(script, statement) => {
                    return Err(unclear(script, statement, number, statements.len()));
                }
                _ => {}
            }
        }
        note(Progress::Running, number)?;
        if let Err(error) = statement::run(conn, script, statement) {
            let what_now = format!(
                "this file runs without a transaction: {} of its {} statements are done, and it goes on with this one when it is corrected",
                number,
                statements.len()
            );
            let failed = statement::failed(conn, script, statement, error, &what_now);
            // Where this cannot be written either, the next start asks what became of the statement.
            let _ = note(Progress::Failed, number);
            return Err(failed);
        }
    }
    note(Progress::Applied, statements.len())
}

fn unclear(script: &Script, statement: Span, number: usize, count: usize) -> Error {
    Error::new(
        ErrorKind::Interrupted,
        format!(
            "an earlier attempt was killed at statement {} of {count} of this file: it may have run or not",
            number + 1
        ),
    )
    .at(&script.file, &script.text, statement, script.begin(statement))
    .help("look whether it did; then start again with --interrupted done if it did, or --interrupted again to run it")
}

/// A transaction that is rolled back unless it is committed.
struct Open<'c>(&'c Connection);

impl Open<'_> {
    fn commit(self) -> Result<(), crate::Error> {
        self.0.execute_batch("COMMIT")
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // The connection may be lost, and then the transaction is too.
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

/// The transaction of one file, with SQLite's foreign keys off where the file asks for it.
struct Transaction<'c, 's> {
    open: Open<'c>,
    script: &'s Script,
    /// Rows that broke foreign keys before, when they are checked at the end.
    broken: Option<usize>,
}

impl<'c, 's> Transaction<'c, 's> {
    fn begin(conn: &'c Connection, script: &'s Script, options: &Options<'_>) -> Result<Transaction<'c, 's>> {
        let mut broken = None;
        match conn.backend() {
            Backend::Postgres => conn.execute_batch("BEGIN")?,
            Backend::Sqlite => {
                let enforced: bool = conn.query_row("PRAGMA foreign_keys", [], |row| row.get(0))?;
                if enforced && script.has_no_foreign_keys() {
                    broken = Some(broken_rows(conn)?.0);
                    conn.execute_batch("PRAGMA foreign_keys = OFF")?;
                }
                if let Err(error) = lock::begin_immediate(conn, options) {
                    restore(conn, broken);
                    return Err(error);
                }
            }
        }
        Ok(Transaction { open: Open(conn), script, broken })
    }

    fn commit(self) -> Result<()> {
        let conn = self.open.0;
        if let Some(before) = self.broken {
            let (now, table) = broken_rows(conn)?;
            if now > before {
                let table = table.unwrap_or_default();
                return Err(Error::new(
                    ErrorKind::Failed,
                    format!("the file leaves rows in {table} that break a foreign key"),
                )
                .in_file(&self.script.file)
                .help(NOTHING_KEPT));
            }
        }
        conn.execute_batch("COMMIT").map_err(|error| {
            Error::new(ErrorKind::Failed, format!("the file could not be committed: {}", plain(&error)))
                .in_file(&self.script.file)
                .help(NOTHING_KEPT)
                .because(error)
        })
    }
}

impl Drop for Transaction<'_, '_> {
    fn drop(&mut self) {
        let conn = self.open.0;
        if !conn.is_autocommit() {
            // Ahead of the pragma, which does nothing inside a transaction.
            let _ = conn.execute_batch("ROLLBACK");
        }
        restore(conn, self.broken);
    }
}

fn restore(conn: &Connection, broken: Option<usize>) {
    if broken.is_some() {
        let _ = conn.execute_batch("PRAGMA foreign_keys = ON");
    }
}

/// How many rows break foreign keys, and a table that has one.
fn broken_rows(conn: &Connection) -> Result<(usize, Option<String>)> {
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<crate::Result<_>>()?;
    Ok((tables.len(), tables.last().cloned()))
}
