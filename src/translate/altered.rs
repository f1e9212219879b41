//! The kept texts of CREATEs after ALTER TABLE: SQLite itself edits them, in a database in memory that holds nothing but the
//! schema. So names change where they mean what is renamed, and what would no longer be understood is refused in SQLite's words.
//! <https://sqlite.org/lang_altertable.html>

use rusqlite::{Connection, Error};

use super::Options;
use super::ast::*;
use super::catalog::{Catalog, Table};
use super::names::{index_name, quote_identifier, quote_literal};
use super::parser::parse_statement;
use crate::syntax::tokens;

/// A text that ALTER TABLE has changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Changed {
    pub kind: Kind,
    /// What it is called, as PostgreSQL calls it: for a table that is renamed, its name of before.
    pub name: String,
    /// For an index and a trigger the table, likewise.
    pub table: String,
    pub text: String,
    /// It is a [session's own trigger](super::session_trigger).
    pub of_session: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    Index,
    View,
    Trigger,
}

/// Why no texts are known.
#[derive(Debug, PartialEq)]
pub(crate) enum Failure {
    /// SQLite refuses the statement, in these words.
    Refused(String),
    /// SQLite in memory cannot have what the statement is about: a function or a table of PostgreSQL's own.
    Unknown,
}

/// What SQLite's catalog has of one thing.
struct Object {
    kind: Kind,
    name: String,
    made: u32,
    /// Its text, and one that will do where SQLite does not take that.
    texts: Vec<String>,
    has_own_text: bool,
    temporary: bool,
    of_session: bool,
}

/// The texts that an ALTER TABLE changes. `rest` is what stands behind the table's name.
pub(crate) fn texts(
    catalog: &Catalog,
    table: &Table,
    action: &AlterAction,
    rest: &str,
    options: &Options,
) -> Result<Vec<Changed>, Failure> {
    let in_memory = options.in_memory;
    let mut objects = objects(catalog, in_memory);
    // SQLite looks at all others only where a name changes its meaning.
    if !matches!(action, AlterAction::RenameTo(_) | AlterAction::RenameColumn { .. } | AlterAction::DropColumn(_)) {
        objects.retain(|object| object.kind == Kind::Table && object.name == table.name);
    }
    let connection = Connection::open_in_memory().map_err(|_| Failure::Unknown)?;
    create(&connection, &mut objects);
    if options.flags.legacy_alter_table {
        let keys = if options.flags.foreign_keys_off { "OFF" } else { "ON" };
        let set = connection.execute_batch(&format!("PRAGMA legacy_alter_table = ON; PRAGMA foreign_keys = {keys}"));
        set.map_err(|_| Failure::Unknown)?;
    }
    let schema = if is_temporary(table, in_memory) { "temp" } else { "main" };
    let before = read(&connection)?;
    let alter = format!("ALTER TABLE {schema}.{} {rest}", quote_identifier(&table.name));
    connection.execute_batch(&alter).map_err(|error| match (action, failure(catalog, error)) {
        // PostgreSQL knows of constraints that were added by its own SQL.
        (AlterAction::DropConstraint(_), _) => Failure::Unknown,
        (_, failure) => failure,
    })?;
    let after = read(&connection)?;
    let is_kept = |row: &&Row| {
        objects.iter().any(|object| object.kind == row.kind && object.has_own_text && object.name == row.stored())
    };
    let changed = before.iter().zip(&after).filter(|(before, after)| before.text != after.text);
    let changed = changed.map(|(before, after)| (before, after.text.clone())).filter(|(before, _)| is_kept(before));
    let changed = changed.map(|(before, text)| Changed {
        kind: before.kind,
        name: before.stored(),
        table: before.table.to_ascii_lowercase(),
        text,
        of_session: before.temporary && objects.iter().any(|it| it.of_session && it.name == before.stored()),
    });
    Ok(changed.collect())
}

/// A row of SQLite's catalog.
struct Row {
    kind: Kind,
    name: String,
    table: String,
    text: String,
    temporary: bool,
}

impl Row {
    /// What PostgreSQL calls it.
    fn stored(&self) -> String {
        match self.kind {
            Kind::Index => index_name(&self.name),
            _ => self.name.to_ascii_lowercase(),
        }
    }
}

/// ALTER TABLE leaves the rows where they are.
fn read(connection: &Connection) -> Result<Vec<Row>, Failure> {
    const ROWS: &str = "SELECT type, name, tbl_name, sql, false FROM sqlite_schema WHERE sql IS NOT NULL
        UNION ALL SELECT type, name, tbl_name, sql, true FROM sqlite_temp_schema WHERE sql IS NOT NULL";
    let read = || {
        let mut statement = connection.prepare(ROWS)?;
        let rows = statement.query_map([], |row| {
            let kind = match &*row.get::<_, String>(0)? {
                "table" => Kind::Table,
                "index" => Kind::Index,
                "view" => Kind::View,
                _ => Kind::Trigger,
            };
            Ok(Row { kind, name: row.get(1)?, table: row.get(2)?, text: row.get(3)?, temporary: row.get(4)? })
        })?;
        rows.collect::<Result<Vec<Row>, Error>>()
    };
    read().map_err(|_| Failure::Unknown)
}

fn failure(catalog: &Catalog, error: Error) -> Failure {
    let message = match error {
        Error::SqliteFailure(_, Some(message)) => message,
        Error::SqlInputError { msg, .. } => msg,
        _ => return Failure::Unknown,
    };
    match message.rsplit_once("no such function: ") {
        Some((_, name)) if catalog.functions.contains_key(&name.to_ascii_lowercase()) => Failure::Unknown,
        _ => Failure::Refused(message),
    }
}

/// Everything that has a place in SQLite's catalog.
fn objects(catalog: &Catalog, in_memory: bool) -> Vec<Object> {
    let mut objects = Vec::new();
    for table in catalog.tables.values().filter(|table| table.schema != "sqlift") {
        let temporary = is_temporary(table, in_memory);
        let of = |kind: Kind, name: &str, made: u32, texts: Vec<String>, has_own_text: bool| Object {
            kind,
            name: name.to_owned(),
            made,
            texts,
            has_own_text,
            temporary,
            of_session: false,
        };
        let view = table.view_text.as_ref().or(table.broken.as_ref());
        match (view, &table.created) {
            (Some(text), _) => objects.push(of(Kind::View, &table.name, table.made, vec![text.clone()], true)),
            (None, Some(text)) if tells_columns(text, table) => {
                let texts = vec![text.clone(), columns_alone(table)];
                objects.push(of(Kind::Table, &table.name, table.made, texts, true));
            }
            (None, _) => {
                objects.push(of(Kind::Table, &table.name, table.made, vec![columns_alone(table)], false));
            }
        }
        for index in &table.indexes {
            let text = index.created.iter().cloned().collect();
            objects.push(of(Kind::Index, &index.name, index.made, text, true));
        }
        for trigger in &table.triggers {
            let text = trigger.created.iter().cloned().collect();
            let object = of(Kind::Trigger, &trigger.name, trigger.made, text, true);
            let of_session = trigger.is_of_session;
            objects.push(Object { temporary: temporary || of_session, of_session, ..object });
        }
    }
    objects.sort_by(|a, b| (a.made, &a.name).cmp(&(b.made, &b.name)));
    objects
}

fn is_temporary(table: &Table, in_memory: bool) -> bool {
    !in_memory && table.schema.starts_with("pg_temp")
}

/// Whether nobody has changed the table's columns by PostgreSQL's own SQL.
fn tells_columns(text: &str, table: &Table) -> bool {
    let Some((columns, _)) = body(text) else { return text.starts_with("CREATE VIRTUAL TABLE") };
    let shown = table.columns.iter().map(|column| &*column.name);
    columns.iter().map(|column| column.name.text.to_ascii_lowercase()).eq(shown.map(str::to_ascii_lowercase))
}

/// A table of which no text was kept, or one that SQLite cannot have.
fn columns_alone(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
    format!("CREATE TABLE {}({})", quote_identifier(&table.name), columns.join(", "))
}

/// What SQLite does not take is left out, after all others are there; what stands for itself then has its columns alone.
fn create(connection: &Connection, objects: &mut [Object]) {
    let mut waiting: Vec<&mut Object> = objects.iter_mut().collect();
    for attempt in 0..2 {
        loop {
            let before = waiting.len();
            waiting.retain_mut(|object| {
                let Some(text) = object.texts.get(attempt) else { return true };
                let made = connection.execute_batch(&in_schema(text, object.temporary)).is_ok();
                object.has_own_text &= attempt == 0;
                !made
            });
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
    }
    waiting.into_iter().for_each(|object| object.has_own_text = false);
}

/// The kept texts say CREATE TABLE of temporary tables too.
fn in_schema(text: &str, temporary: bool) -> String {
    let named = |words: &str| Some(format!("{words} temp.{}", text.strip_prefix(words)?.trim_start()));
    match temporary {
        true => ["CREATE TABLE", "CREATE VIEW", "CREATE INDEX", "CREATE UNIQUE INDEX", "CREATE TRIGGER"]
            .into_iter()
            .find_map(named)
            .unwrap_or_else(|| text.to_owned()),
        false => text.to_owned(),
    }
}

/// The statement that keeps a text of another one's kind.
pub(crate) fn comment(kind: Kind, object: &str, text: &str) -> String {
    let kind = match kind {
        Kind::Table => "TABLE",
        Kind::Index => "INDEX",
        Kind::View => "VIEW",
        Kind::Trigger => "TRIGGER",
    };
    format!("COMMENT ON {kind} {object} IS {}", quote_literal(&format!("sqlite: {text}")))
}

/// Whether a text has the name in it, whatever it means there.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    tokens(text).any(|token| {
        let word = token.span.text(text);
        word.trim_matches(['"', '`', '[', ']', '\'']).eq_ignore_ascii_case(name)
    })
}

/// Whether a text has a foreign key to the table.
pub(crate) fn refers_to(text: &str, table: &str) -> bool {
    let words: Vec<&str> =
        tokens(text).filter(|token| !token.kind.is_trivia()).map(|token| token.span.text(text)).collect();
    words.windows(2).any(|pair| {
        let name = pair[1].trim_matches(['"', '`', '[', ']', '\'']);
        pair[0].eq_ignore_ascii_case("references") && name.eq_ignore_ascii_case(table)
    })
}

/// The columns and constraints of a CREATE TABLE.
pub(crate) fn body(text: &str) -> Option<(Vec<ColumnDefinition>, Vec<TableConstraint>)> {
    match parse_statement(text).ok()?.kind {
        StatementKind::CreateTable(create) => match create.body {
            CreateTableBody::Columns { columns, constraints, .. } => Some((columns, constraints)),
            CreateTableBody::AsSelect(_) => None,
        },
        _ => None,
    }
}
