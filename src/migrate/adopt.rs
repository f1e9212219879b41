//! Takes over what another tool, or the program by hand, kept of applied migrations, so that none of them runs again.

use super::history::{self, Applied, Progress};
use super::set::Migrations;
use super::{Error, ErrorKind, Result, name};
use crate::types::Value;
use crate::{Backend, Connection};

/// What to take over when a database has no history of ours yet. Nothing is taken from a database that has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Adopt {
    /// What is beyond doubt: `_sqlx_migrations`, `refinery_schema_history`, and a `schema_migrations` whose versions all have
    /// files here. What looks like a history and is not beyond doubt, `PRAGMA user_version` too, is an error that says how to go on.
    #[default]
    Recognised,
    /// Nothing: every migration runs.
    Nothing,
    /// Versions up to this one are in the database already.
    Baseline(i64),
    /// `PRAGMA user_version` on SQLite: the database's is the last version applied, counted as the n-th file.
    UserVersion,
    /// A table with a column of applied versions or file names.
    Table { name: String, column: String },
}

/// What is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Adoption {
    pub from: String,
    pub rows: Vec<Applied>,
    pub warnings: Vec<String>,
}

/// What a database without a history of ours holds of another one.
pub(super) fn look(conn: &Connection, migrations: &Migrations, adopt: &Adopt) -> Result<Option<Adoption>> {
    let found = match adopt {
        Adopt::Nothing => return Ok(None),
        Adopt::Baseline(version) => {
            if !migrations.versions.contains_key(version) {
                return Err(Error::new(
                    ErrorKind::Adoption,
                    format!("there is no version {version} to be the baseline"),
                )
                .help("give the version of the last file whose changes the database has"));
            }
            up_to("baseline", migrations, *version)
        }
        Adopt::UserVersion => by_count("PRAGMA user_version", migrations, user_version(conn)?)?,
        Adopt::Table { name, column } => {
            if !conn.table_exists(None, name.as_str())? || !conn.column_exists(None, name.as_str(), column.as_str())? {
                return Err(Error::new(
                    ErrorKind::Adoption,
                    format!("there is no column {name}.{column} to take over"),
                ));
            }
            listed(conn, migrations, name, column)?
        }
        Adopt::Recognised => return recognise(conn, migrations),
    };
    Ok(Some(found))
}

fn recognise(conn: &Connection, migrations: &Migrations) -> Result<Option<Adoption>> {
    if conn.table_exists(None, "_sqlx_migrations")? {
        return sqlx(conn, migrations).map(Some);
    }
    if conn.table_exists(None, "refinery_schema_history")? {
        return refinery(conn, migrations).map(Some);
    }
    if conn.table_exists(None, "schema_migrations")? {
        return by_hand(conn, migrations).map(Some);
    }
    match user_version(conn)? {
        0 => Ok(None),
        version => Err(Error::new(
            ErrorKind::Adoption,
            format!("PRAGMA user_version is {version}, so something has migrated this database already"),
        )
        .help(
            "when it counts applied migrations, take it over with --adopt user_version; when the last applied file is another, \
             --baseline VERSION; when it means something else, --adopt nothing",
        )),
    }
}

fn user_version(conn: &Connection) -> Result<i64> {
    match conn.backend() {
        Backend::Sqlite => Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?),
        Backend::Postgres => Ok(0),
    }
}

/// sqlx keeps a row for each version, begun or done, with SHA-384 of the file's bytes.
fn sqlx(conn: &Connection, migrations: &Migrations) -> Result<Adoption> {
    const FROM: &str = "_sqlx_migrations";
    let native = conn.native();
    let mut statement = native.prepare("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version")?;
    let rows: Vec<(i64, bool, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<crate::Result<_>>()?;
    let mut adoption = Adoption { from: FROM.to_owned(), rows: Vec::new(), warnings: Vec::new() };
    let file = |version: i64| &migrations.versions[&version].up.get(conn.backend()).file;
    for (version, success, checksum) in rows {
        if !success {
            return Err(Error::new(ErrorKind::Adoption, format!("{FROM} says that version {version} failed half-way"))
                .help("look what it did, finish or undo it with sqlx, then start again"));
        }
        let row = adopted(migrations, version, FROM)?;
        let text = &migrations.versions[&version].up.get(conn.backend()).text;
        let same = |text: &str| {
            use sha2::{Digest, Sha384};
            Sha384::digest(text.as_bytes()).as_slice() == checksum
        };
        if !same(text) && !same(&text.replace('\n', "\r\n")) {
            adoption.warnings.push(format!("{} is not the text that sqlx applied as version {version}", file(version)));
        }
        adoption.rows.push(row);
    }
    Ok(adoption)
}

/// refinery keeps a row for each version, with SipHash-1-3 over name, version and text.
fn refinery(conn: &Connection, migrations: &Migrations) -> Result<Adoption> {
    const FROM: &str = "refinery_schema_history";
    let native = conn.native();
    let mut statement =
        native.prepare("SELECT version, name, checksum FROM refinery_schema_history ORDER BY version")?;
    let rows: Vec<(i64, String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<crate::Result<_>>()?;
    let mut adoption = Adoption { from: FROM.to_owned(), rows: Vec::new(), warnings: Vec::new() };
    let file = |version: i64| &migrations.versions[&version].up.get(conn.backend()).file;
    for (version, name, checksum) in rows {
        let row = adopted(migrations, version, FROM)?;
        let text = &migrations.versions[&version].up.get(conn.backend()).text;
        // A row made with its Fake target holds no checksum that a file could have.
        let texts = [text.clone(), text.replace('\n', "\r\n")];
        let known = texts
            .iter()
            .any(|text| refinery_checksum(&name, i32::try_from(version).ok(), version, text).contains(&checksum));
        if !known {
            adoption
                .warnings
                .push(format!("{} is not the text that refinery applied as version {version}", file(version)));
        }
        adoption.rows.push(row);
    }
    Ok(adoption)
}

/// As refinery computes it, with versions of 32 bits or, by its feature `int8-versions`, of 64.
fn refinery_checksum(name: &str, short: Option<i32>, long: i64, text: &str) -> Vec<String> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    // The standard library's hasher is the same function with the same keys.
    let of = |version: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        version(&mut hasher);
        text.hash(&mut hasher);
        hasher.finish().to_string()
    };
    let short = short.map(|version| of(&|hasher| version.hash(hasher)));
    short.into_iter().chain([of(&|hasher| long.hash(hasher))]).collect()
}

/// `schema_migrations` is the name that most programs and tools give to their table, each with columns of its own.
fn by_hand(conn: &Connection, migrations: &Migrations) -> Result<Adoption> {
    const TABLE: &str = "schema_migrations";
    let has = |column: &str| conn.column_exists(None, TABLE, column);
    if has("dirty")? && has("version")? {
        // golang-migrate: one row with the last version.
        let native = conn.native();
        let mut statement = native.prepare("SELECT version, dirty FROM schema_migrations")?;
        let rows: Vec<(i64, bool)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<crate::Result<_>>()?;
        return match rows.as_slice() {
            [] => Ok(Adoption { from: TABLE.to_owned(), rows: Vec::new(), warnings: Vec::new() }),
            [(version, false)] => Ok(up_to(TABLE, migrations, *version)),
            [(version, true)] => {
                Err(Error::new(ErrorKind::Adoption, format!("{TABLE} says that version {version} failed half-way"))
                    .help("look what it did, finish or undo it, set dirty to false, then start again"))
            }
            _ => Err(unclear(TABLE)),
        };
    }
    for column in ["version", "filename", "file", "name", "migration", "id"] {
        if has(column)? {
            return listed(conn, migrations, TABLE, column);
        }
    }
    Err(unclear(TABLE))
}

fn unclear(table: &str) -> Error {
    Error::new(ErrorKind::Adoption, format!("table {table} looks like a history of migrations, but of an unknown kind")).help(
        "say what it is: --adopt TABLE.COLUMN for a column of applied versions or file names, --baseline VERSION for the last \
         applied file, or --adopt nothing to run every migration",
    )
}

/// A row for each applied version, as a number or a file's name.
fn listed(conn: &Connection, migrations: &Migrations, table: &str, column: &str) -> Result<Adoption> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let native = conn.native();
    let mut statement = native.prepare(&format!("SELECT {} FROM {}", quoted(column), quoted(table)))?;
    let values: Vec<Value> = statement.query_map([], |row| row.get(0))?.collect::<crate::Result<_>>()?;
    let mut adoption = Adoption { from: table.to_owned(), rows: Vec::new(), warnings: Vec::new() };
    for value in values {
        let version = match &value {
            Value::Integer(version) => Some(*version),
            Value::Text(text) => version_in(migrations, text),
            _ => None,
        };
        let Some(version) = version else {
            return Err(Error::new(
                ErrorKind::Adoption,
                format!("{table}.{column} holds what is neither a version nor the name of a migration"),
            )
            .help(format!("--adopt TABLE.COLUMN names another column; --baseline VERSION or --adopt nothing goes on without {table}")));
        };
        adoption.rows.push(adopted(migrations, version, table)?);
    }
    adoption.rows.sort_by_key(|row| row.version);
    adoption.rows.dedup_by_key(|row| row.version);
    Ok(adoption)
}

/// `3`, `V3__name`, `003_name.sql` or just `name`.
fn version_in(migrations: &Migrations, text: &str) -> Option<i64> {
    let text = text.rsplit(['/', '\\']).next().unwrap_or(text);
    if let Ok(version) = text.trim().parse() {
        return Some(version);
    }
    let file = if text.to_ascii_lowercase().ends_with(".sql") { text.to_owned() } else { format!("{text}.sql") };
    if let Ok(name) = name::parse(&file)
        && name.role != name::Role::Repeatable
    {
        return Some(name.version);
    }
    let mut named = migrations.versions.values().filter(|migration| migration.name == text);
    named.next().filter(|_| named.next().is_none()).map(|migration| migration.version)
}

/// The first `count` files.
fn by_count(from: &str, migrations: &Migrations, count: i64) -> Result<Adoption> {
    let wanted = usize::try_from(count).unwrap_or(0);
    if wanted > migrations.versions.len() {
        let known = migrations.versions.len();
        return Err(Error::new(ErrorKind::Adoption, format!("{from} is {count}, and there are {known} migrations"))
            .help("add the missing files, or give the last applied one with --baseline VERSION"));
    }
    match wanted.checked_sub(1).and_then(|last| migrations.versions.keys().nth(last)) {
        Some(last) => Ok(up_to(from, migrations, *last)),
        None => Ok(Adoption { from: from.to_owned(), rows: Vec::new(), warnings: Vec::new() }),
    }
}

fn up_to(from: &str, migrations: &Migrations, version: i64) -> Adoption {
    let rows = migrations.versions.range(..=version);
    let rows = rows.filter_map(|(version, _)| adopted(migrations, *version, from).ok()).collect();
    Adoption { from: from.to_owned(), rows, warnings: Vec::new() }
}

/// The row of an adopted version; [`complete`] fills in file and checksum.
fn adopted(migrations: &Migrations, version: i64, from: &str) -> Result<Applied> {
    let Some(migration) = migrations.versions.get(&version) else {
        return Err(Error::new(
            ErrorKind::Adoption,
            format!("{from} says that version {version} was applied, and there is no file for it"),
        )
        .help("add the file, or give the last version that was applied with --baseline VERSION"));
    };
    Ok(Applied {
        id: version.to_string(),
        version: Some(version),
        name: migration.name.clone(),
        file: String::new(),
        checksum: String::new(),
        state: Progress::Applied,
        statements_done: 0,
        done_checksum: None,
        applied_at: String::new(),
        milliseconds: 0,
        adopted_from: Some(from.to_owned()),
    })
}

/// [`look`], with the files and checksums of the database's own dialect.
pub(super) fn complete(conn: &Connection, migrations: &Migrations, adopt: &Adopt) -> Result<Option<Adoption>> {
    let Some(mut adoption) = look(conn, migrations, adopt)? else { return Ok(None) };
    for row in &mut adoption.rows {
        let script = migrations.versions[&row.version.unwrap_or_default()].up.get(conn.backend());
        row.file.clone_from(&script.file);
        row.checksum = script.checksum();
        row.statements_done = script.statements().map_or(0, |statements| statements.len());
    }
    Ok(Some(adoption))
}

/// Writes it into a history that was just made.
pub(super) fn write(conn: &Connection, adoption: &Adoption) -> Result<()> {
    adoption.rows.iter().try_for_each(|row| history::write(conn, row))
}
