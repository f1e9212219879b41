//! PostgreSQL's errors as SQLite's: codes, extended codes, message texts (decision D11).
//!
//! Messages of classes 22 and 23 are rebuilt, since the server's contain values. The server's own report is kept for
//! [`crate::postgres_error`].

use rusqlite::{Error, ffi};
use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use crate::error::{PostgresError, remember};
use crate::translate::altered::mentions;
use crate::translate::catalog::{ColumnType, Table};
use crate::translate::kept::{check_called, fate, restricts};
use crate::translate::store::{Misplaced, is_key, remedy};
use crate::translate::{Catalog, Kind, Translation};

/// What the failing statement was, as far as its messages and places depend on it.
#[derive(Default, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The caller's text and its translation, where an error can point into it.
    pub statement: Option<(&'a str, &'a Translation)>,
    pub catalog: Option<&'a Catalog>,
}

/// The error as rusqlite would give it for the same failure on SQLite.
pub(crate) fn to_sqlite(error: &tokio_postgres::Error, context: Context<'_>) -> Error {
    let Some(db) = error.as_db_error() else { return client_error(error) };
    let makes_index = context.statement.is_some_and(|(_, translation)| {
        translation.sql.starts_with("CREATE INDEX") || translation.sql.starts_with("CREATE UNIQUE INDEX")
    });
    let (mut code, mut message) = code_and_message(db, context, makes_index);
    if *db.code() == SqlState::INVALID_TEXT_REPRESENTATION
        && db.message().contains("type json")
        && (context
            .statement
            .is_some_and(|(_, translation)| translation.kind == Kind::Read || translation.sql.contains("sqlift.json"))
            || context.catalog.is_some_and(|catalog| !has_json_columns(catalog)))
    {
        // What a function read, not what a column of type json was given.
        (code, message) = (ffi::SQLITE_ERROR, "malformed JSON".into());
    } else if code == ffi::SQLITE_MISMATCH && of_storing(db, context) {
        code = ffi::SQLITE_CONSTRAINT_DATATYPE;
        message = message.replacen("datatype mismatch:", "cannot store the value:", 1);
    }
    let offset = source_offset(db, context);
    if let (Some((sql, _)), Some(offset)) = (context.statement, offset)
        && let Some(words) = misused(db.message(), sql, offset)
    {
        message = words;
    }
    // SQLite tells the offset of what it cannot read or resolve, except for missing tables.
    let pointed = matches!(
        *db.code(),
        SqlState::SYNTAX_ERROR
            | SqlState::UNDEFINED_COLUMN
            | SqlState::UNDEFINED_FUNCTION
            | SqlState::GROUPING_ERROR
            | SqlState::WINDOWING_ERROR
    );
    let converted = match (context.statement, offset) {
        (Some((sql, _)), Some(offset)) if pointed => Error::SqlInputError {
            error: ffi::Error::new(code),
            msg: message,
            sql: sql.to_owned(),
            offset: i32::try_from(offset).unwrap_or(-1),
        },
        _ => Error::SqliteFailure(ffi::Error::new(code), Some(message)),
    };
    remember(&converted, PostgresError::of(db, offset));
    converted
}

/// Whether a table has columns of PostgreSQL's own types of JSON, which take nothing else.
fn has_json_columns(catalog: &Catalog) -> bool {
    let is_json =
        |column: &crate::translate::catalog::Column| matches!(column.data_type, ColumnType::Json | ColumnType::Jsonb);
    catalog.tables.values().any(|table| !table.is_view && table.columns.iter().any(is_json))
}

/// SQLite's words for an aggregate or a window function where none may stand; `offset` is where it does.
fn misused(message: &str, sql: &str, offset: usize) -> Option<String> {
    let name = sql[offset..].split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()?;
    if let Some(place) = message.strip_prefix("aggregate functions are not allowed in ") {
        // A query that aggregates may hold one, so that SQLite finds only later that it cannot be computed there.
        const NAMES: [&str; 7] = ["count(", "sum(", "min(", "max(", "avg(", "total(", "group_concat("];
        let text = sql.to_ascii_lowercase();
        let ahead = text[..offset].find("where").map_or(text.as_str(), |at| &text[..at]);
        let aggregates = place == "WHERE" && NAMES.iter().any(|name| ahead.contains(name));
        return Some(match place {
            "GROUP BY" => "aggregate functions are not allowed in the GROUP BY clause".to_owned(),
            // One that an alias stands for has been looked at where it is a result.
            _ if aggregates || text.find("from").is_some_and(|from| offset < from) => {
                format!("misuse of aggregate: {name}()")
            }
            _ => format!("misuse of aggregate function {name}()"),
        });
    }
    if message == "aggregate function calls cannot be nested" {
        return Some(format!("misuse of aggregate function {name}()"));
    }
    let is_window = message.starts_with("window functions are not allowed in ")
        || message == "aggregate function calls cannot contain window function calls";
    is_window.then(|| format!("misuse of window function {name}()"))
}

/// A value that does not fit its slot; `misplaced` when that is a column's.
pub(crate) fn refused_value(error: &(dyn std::error::Error + 'static), misplaced: Option<Misplaced>) -> Error {
    match misplaced {
        Some(Misplaced { message, is_key: false }) => failure(ffi::SQLITE_CONSTRAINT_DATATYPE, message),
        Some(Misplaced { message, is_key: true }) => failure(ffi::SQLITE_MISMATCH, message),
        None => failure(ffi::SQLITE_MISMATCH, error.to_string()),
    }
}

/// A failure on this side: the connection is gone.
fn client_error(error: &tokio_postgres::Error) -> Error {
    let source = std::error::Error::source(error);
    let detail = source.map_or_else(|| error.to_string(), ToString::to_string);
    lost(&detail)
}

/// The connection is gone.
pub(crate) fn lost(detail: &str) -> Error {
    let message = format!("disk I/O error: the connection to PostgreSQL was lost ({detail})");
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), Some(message))
}

/// A plain failure with SQLite's code and our words.
pub(crate) fn failure(code: i32, message: impl Into<String>) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), Some(message.into()))
}

/// Who runs the statement has asked it to stop.
pub(crate) fn interrupted() -> Error {
    failure(ffi::SQLITE_INTERRUPT, "interrupted")
}

/// A value that cannot be bound.
pub(crate) fn refuse(message: String) -> Error {
    Error::ToSqlConversionFailure(message.into())
}

/// A value, or a literal, that is longer than SQLITE_LIMIT_LENGTH.
#[cold]
pub(crate) fn too_big() -> Error {
    failure(ffi::SQLITE_TOOBIG, TOO_BIG)
}

/// What a named statement would fail with; it is looked at again, and runs as what it is now.
pub(crate) fn other_types() -> Error {
    let error = failure(ffi::SQLITE_ERROR, "the types of the result have changed (0A000)");
    let report = PostgresError { sqlstate: "0A000".to_owned(), ..PostgresError::default() };
    remember(&error, report);
    error
}

/// The SQLSTATE of a failed request, when the server answered.
pub(crate) fn sqlstate(error: &tokio_postgres::Error) -> Option<&SqlState> {
    error.as_db_error().map(DbError::code)
}

fn code_and_message(db: &DbError, context: Context<'_>, makes_index: bool) -> (i32, String) {
    let catalog = context.catalog;
    let named = |prefix: &str| format!("{prefix}: {}", quoted(db.message()).unwrap_or_default());
    match db.code().code() {
        "23505" => unique_violation(db, catalog),
        "23503" | "23001" if is_restricted(db, context) => {
            (ffi::SQLITE_CONSTRAINT_TRIGGER, "FOREIGN KEY constraint failed".into())
        }
        "23503" | "23001" => (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed".into()),
        "23502" => {
            let table = db.table().unwrap_or_default();
            let column = db.column().unwrap_or_default();
            if catalog.and_then(|catalog| catalog.table(table)?.column(column)).is_some_and(is_key) {
                // To SQLite a NULL is no integer; in an INSERT it stands for the next one.
                return (ffi::SQLITE_MISMATCH, "datatype mismatch".into());
            }
            (
                ffi::SQLITE_CONSTRAINT_NOTNULL,
                format!(
                    "NOT NULL constraint failed: {}.{}",
                    shown_table(catalog, table),
                    shown(catalog, table, db.column().unwrap_or_default())
                ),
            )
        }
        "23514" | "44000" => {
            let name = db.constraint().unwrap_or_default();
            let table = db.table().and_then(|table| catalog?.table(table));
            let name = table.map_or_else(|| name.to_owned(), |table| check_called(table, name));
            (ffi::SQLITE_CONSTRAINT_CHECK, format!("CHECK constraint failed: {name}"))
        }
        "42P10" if db.message().contains("ON CONFLICT") => {
            (ffi::SQLITE_ERROR, "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint".into())
        }
        "27000" => (ffi::SQLITE_CONSTRAINT_TRIGGER, OWN_ROW.into()),
        "23P01" | "23000" => (ffi::SQLITE_CONSTRAINT, "constraint failed".into()),
        // An error of SQLite's own, in its words.
        "SL003" | "SL007" => (ffi::SQLITE_ERROR, db.message().to_owned()),
        "SL004" => (ffi::SQLITE_CONSTRAINT_DATATYPE, misplaced(db.message(), catalog)),
        "SL005" => (ffi::SQLITE_MISMATCH, db.message().to_owned()),
        "P0001" | "SL002" | "SL008" => (ffi::SQLITE_CONSTRAINT_TRIGGER, db.message().to_owned()),
        // All of SQLite's integers are bigint here, so it is arithmetic that left their range; any other type is a column's.
        "22003" if db.message() == "bigint out of range" => (ffi::SQLITE_ERROR, "integer overflow".into()),
        "22003" if db.message().starts_with("value out of range: ") => (ffi::SQLITE_MISMATCH, BEYOND_REALS.into()),
        "22003" => out_of_range(db.message()),
        "22014" => (ffi::SQLITE_ERROR, "argument of ntile must be a positive integer".into()),
        "22016" => (ffi::SQLITE_ERROR, "second argument to nth_value must be a positive integer".into()),
        "22P02" | "22007" | "22008" | "42804" | "22001" | "22P03" => (
            ffi::SQLITE_MISMATCH,
            format!(
                "datatype mismatch: the value does not fit the PostgreSQL type of its column ({})",
                db.code().code()
            ),
        ),
        // No number is left above the largest id.
        "2200H" => (ffi::SQLITE_FULL, "database or disk is full".into()),
        "22021" => (ffi::SQLITE_MISMATCH, NOT_TEXT.into()),
        class if class.starts_with("22") => (ffi::SQLITE_ERROR, format!("{} ({class})", class_22(class))),
        class if class.starts_with("23") => (ffi::SQLITE_CONSTRAINT, "constraint failed".into()),
        "40001" => (ffi::SQLITE_BUSY_SNAPSHOT, "database is locked".into()),
        "40P01" | "55P03" | "53300" | "57P03" => (ffi::SQLITE_BUSY, "database is locked".into()),
        "55006" => (ffi::SQLITE_LOCKED, "database table is locked".into()),
        "57014" => (ffi::SQLITE_INTERRUPT, "interrupted".into()),
        "25006" => (ffi::SQLITE_READONLY, "attempt to write a readonly database".into()),
        "42501" => (ffi::SQLITE_PERM, format!("access permission denied: {}", db.message())),
        "28000" | "28P01" | "3D000" | "08001" | "08004" => {
            (ffi::SQLITE_CANTOPEN, format!("unable to open database: {}", db.message()))
        }
        "57P01" | "57P02" => {
            (ffi::SQLITE_IOERR, format!("disk I/O error: the connection to PostgreSQL was lost ({})", db.message()))
        }
        class if class.starts_with("08") => (ffi::SQLITE_IOERR, format!("disk I/O error: {}", db.message())),
        "53100" => (ffi::SQLITE_FULL, "database or disk is full".into()),
        "53200" => (ffi::SQLITE_NOMEM, "out of memory".into()),
        // chr(0)
        "54000" if db.message().contains("null character") => (ffi::SQLITE_MISMATCH, NOT_TEXT.into()),
        "54011" => (ffi::SQLITE_TOOBIG, format!("too many columns for PostgreSQL: {}", db.message())),
        "54001" | "54023" => {
            (ffi::SQLITE_TOOBIG, format!("the statement is too large for PostgreSQL: {}", db.message()))
        }
        "54000" if db.message().starts_with("row is too big") => {
            (ffi::SQLITE_TOOBIG, format!("too big for PostgreSQL: {}", db.message()))
        }
        "54000" if db.message().starts_with("index row ") => (ffi::SQLITE_TOOBIG, TOO_BIG_FOR_INDEX.into()),
        "54000" => (ffi::SQLITE_TOOBIG, TOO_BIG.into()),
        "XX001" | "XX002" => (ffi::SQLITE_CORRUPT, "database disk image is malformed".into()),
        "42P01" => (ffi::SQLITE_ERROR, named("no such table")),
        "42703" => (ffi::SQLITE_ERROR, no_such_field(db.message()).unwrap_or_else(|| named("no such column"))),
        "42883" if db.message().starts_with("operator does not exist") => {
            (ffi::SQLITE_MISMATCH, format!("{} (42883)", db.message()))
        }
        "42883" => (ffi::SQLITE_ERROR, no_such_function(db.message())),
        "42P07" => {
            let word = if makes_index { "index" } else { "table" };
            (ffi::SQLITE_ERROR, format!("{word} {} already exists", quoted(db.message()).unwrap_or_default()))
        }
        // What sqlift's stand-in for a foreign key says.
        "42830" if db.message().starts_with("foreign key mismatch") => (ffi::SQLITE_ERROR, db.message().to_owned()),
        "42701" => (ffi::SQLITE_ERROR, named("duplicate column name")),
        other => (ffi::SQLITE_ERROR, format!("{} ({other})", db.message())),
    }
}

/// What a trigger's row has no more, of `record "new" has no field "a"`.
fn no_such_field(message: &str) -> Option<String> {
    let (row, field) = message.strip_prefix("record \"")?.split_once("\" has no field ")?;
    Some(format!("no such column: {}.{}", row.to_ascii_uppercase(), field.trim_matches('"')))
}

/// What `sqlift.cannot_store` says, with a remedy where SQLite would have kept the value: in a table that is not STRICT.
fn misplaced(message: &str, catalog: Option<&Catalog>) -> String {
    let words = message.strip_prefix("cannot store ").and_then(|rest| rest.split_once(" value in "));
    let column = || {
        let (class, place) = words?;
        let (table, column) = place.split_once(" column ")?.1.split_once('.')?;
        catalog?.table(table)?.column(column).filter(|column| column.strict.is_none()).map(|column| (class, column))
    };
    match column() {
        Some((class, column)) => format!("{message}\n  help: {}", remedy(column.data_type, class)),
        None => message.to_owned(),
    }
}

/// What in a write is a value that its column cannot hold.
fn of_storing(db: &DbError, context: Context<'_>) -> bool {
    const STATES: [&str; 7] = ["22P02", "42804", "22003", "22007", "22008", "22001", "22P03"];
    let writes = |translation: &Translation| matches!(translation.kind, crate::translate::Kind::Write { .. });
    context.statement.is_some_and(|(_, translation)| writes(translation))
        && STATES.contains(&db.code().code())
        && !db.message().starts_with("LIMIT ")
}

/// SQLite's documentation leaves open what becomes of such a row.
const OWN_ROW: &str =
    "a BEFORE trigger changes a row that its statement is about (27000)\n  help: do it in an AFTER trigger";
const TOO_BIG: &str = "string or blob too big";
const TOO_BIG_FOR_INDEX: &str = "string or blob too big for a key or an index of PostgreSQL, whose rows have 2,704 bytes at most\n  \
     help: index the beginning, CREATE INDEX i ON t(substr(x, 1, 600)), and make a digest of the text the key";
const NOT_TEXT: &str = "text with a NUL character, or that is not UTF-8, cannot be stored on PostgreSQL";

/// Of what the statement itself computes SQLite's 0.0 or infinity has come.
const BEYOND_REALS: &str = "datatype mismatch: a real that the database computes (in a view, a CHECK, an index, a generated column, \
     a sum, CREATE TABLE AS) leaves the range of PostgreSQL's type double precision (22003)\n  \
     help: compute it in a SELECT or a write of its own, where it is 0.0 or an infinity as on SQLite";

/// A number that the type of its column does not hold; the type is all that is taken of the server's words.
fn out_of_range(message: &str) -> (i32, String) {
    const TYPES: [&str; 7] = ["smallint", "bigint", "integer", "real", "double precision", "numeric", "oid"];
    // The value, in quotes, comes before the type, and may hold anything.
    let words = message.rsplit('"').next().unwrap_or_default();
    let target = TYPES.into_iter().find(|name| words.contains(name)).unwrap_or("of its column");
    (
        ffi::SQLITE_MISMATCH,
        format!("datatype mismatch: the number is out of range for PostgreSQL's type {target} (22003)"),
    )
}

/// A column as SQLite's text spelled it.
fn shown<'a>(catalog: Option<&'a Catalog>, table: &str, column: &'a str) -> &'a str {
    let found = catalog.and_then(|catalog| catalog.table(table)).and_then(|table| table.column(column));
    found.and_then(|column| column.shown.as_deref()).unwrap_or(column)
}

/// The parent's row is there still, and the key says RESTRICT.
fn is_restricted(db: &DbError, context: Context<'_>) -> bool {
    let of_parent = db.message().starts_with("update or delete on table ");
    let child = db.table().and_then(|table| context.catalog?.table(table)).filter(|_| of_parent);
    let parent = quoted(db.message()).unwrap_or_default();
    child.is_some_and(|child| restricts(child, parent, context.statement.and_then(|(sql, _)| fate(sql, parent))))
}

/// A table as SQLite's text spelled it.
fn shown_table<'a>(catalog: Option<&'a Catalog>, table: &'a str) -> &'a str {
    catalog.and_then(|catalog| catalog.table(table)).map_or(table, |table| table.shown())
}

/// `UNIQUE constraint failed: t.a, t.b`, also for primary keys.
fn unique_violation(db: &DbError, catalog: Option<&Catalog>) -> (i32, String) {
    let table_name = db.table().unwrap_or_default();
    let constraint = db.constraint().unwrap_or_default();
    let table = catalog.and_then(|catalog| catalog.table(table_name));
    let key = table.and_then(|table| table.unique_keys.iter().find(|key| key.name == constraint));
    let hidden = table.and_then(|table| table.hidden_rowid.as_ref()).filter(|_| key.is_none());
    if let Some(column) = hidden
        && constraint.ends_with(&format!("_{}_key", column.name))
    {
        let table = shown_table(catalog, table_name);
        return (ffi::SQLITE_CONSTRAINT_ROWID, format!("UNIQUE constraint failed: {table}.rowid"));
    }
    let code = match key {
        Some(key) if key.is_primary => ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        _ => ffi::SQLITE_CONSTRAINT_UNIQUE,
    };
    let message = match key {
        Some(key) if !key.terms().is_empty() && !table.is_some_and(|table| is_over_expressions(table, constraint)) => {
            let table = shown_table(catalog, table_name);
            let columns: Vec<String> = key
                .terms()
                .iter()
                .map(|(column, _)| format!("{table}.{}", shown(catalog, table_name, column)))
                .collect();
            format!("UNIQUE constraint failed: {}", columns.join(", "))
        }
        _ => format!("UNIQUE constraint failed: index '{constraint}'"),
    };
    (code, message)
}

/// Whether an index is over expressions of the program's own, which look as those of collations do.
fn is_over_expressions(table: &Table, index: &str) -> bool {
    let created = table.indexes.iter().find(|found| found.name == index).and_then(|found| found.created.as_deref());
    created.is_some_and(|text| ["lower", "rtrim"].iter().any(|function| mentions(text, function)))
}

/// The server's words for class 22 hold the offending value; these do not.
fn class_22(code: &str) -> &'static str {
    match code {
        "22012" => "division by zero",
        "22003" => "number out of range",
        "22011" => "invalid length of a substring",
        "22025" => "invalid escape sequence",
        "22032" | "22P04" => "malformed JSON",
        "2201B" => "invalid regular expression",
        "21000" | "22013" => "more than one row where one is allowed",
        _ => "the data do not fit the operation",
    }
}

/// The first "quoted" name of a server message, or the word before `does not exist`.
fn quoted(message: &str) -> Option<&str> {
    if let Some((_, rest)) = message.split_once('"') {
        return rest.split_once('"').map(|(name, _)| name);
    }
    message.strip_suffix(" does not exist").and_then(|rest| rest.rsplit(' ').next())
}

fn no_such_function(message: &str) -> String {
    match message.strip_prefix("function ").and_then(|rest| rest.split_once('(')) {
        Some((name, _)) => format!("no such function: {name}"),
        None => format!("{message} (42883)"),
    }
}

/// The server counts characters of our text, from 1; the caller wants bytes of its own.
fn source_offset(db: &DbError, context: Context<'_>) -> Option<usize> {
    let (sql, translation) = context.statement?;
    let &ErrorPosition::Original(position) = db.position()? else { return None };
    let characters = usize::try_from(position).ok()?.checked_sub(1)?;
    let output = translation.sql.char_indices().nth(characters).map_or(translation.sql.len(), |(at, _)| at);
    Some(translation.offsets.to_source(output).min(sql.len()))
}
