//! SQLite's limits (`sqlite3_limit`), per session.
//!
//! What a statement's text may hold is SQLite's own to judge: the statement is prepared, and not run, on an SQLite in
//! memory that has the same limits and the tables it names. The lengths of values are measured where they pass, the
//! patterns of LIKE on the server. A session that has set no lower limit pays for none of it.

use std::cell::Cell;
use std::sync::OnceLock;

use rusqlite::limits::Limit;
use rusqlite::{Connection, Error, ErrorCode, Result, ffi};

use super::Session;
use crate::backend::postgres::sqlstate::failure;
use crate::syntax::{self, TokenKind};
use crate::translate::catalog::{Catalog, Table};
use crate::translate::names::quote_identifier;

/// What PostgreSQL takes where that is not SQLite's.
const LONGEST: i32 = (1 << 30) - 1;
const MOST_COLUMNS: i32 = 1600;

/// SQLITE_MIN_LENGTH
const SHORTEST: i32 = 30;

/// All that SQLite has, in the order of their numbers.
const ALL: [Limit; 13] = [
    Limit::SQLITE_LIMIT_LENGTH,
    Limit::SQLITE_LIMIT_SQL_LENGTH,
    Limit::SQLITE_LIMIT_COLUMN,
    Limit::SQLITE_LIMIT_EXPR_DEPTH,
    Limit::SQLITE_LIMIT_COMPOUND_SELECT,
    Limit::SQLITE_LIMIT_VDBE_OP,
    Limit::SQLITE_LIMIT_FUNCTION_ARG,
    Limit::SQLITE_LIMIT_ATTACHED,
    Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH,
    Limit::SQLITE_LIMIT_VARIABLE_NUMBER,
    Limit::SQLITE_LIMIT_TRIGGER_DEPTH,
    Limit::SQLITE_LIMIT_WORKER_THREADS,
    Limit::SQLITE_LIMIT_PARSER_DEPTH,
];

/// Those that SQLite holds a statement against when it prepares it; names of columns are values too.
const OF_PREPARING: [Limit; 8] = [
    Limit::SQLITE_LIMIT_LENGTH,
    Limit::SQLITE_LIMIT_COLUMN,
    Limit::SQLITE_LIMIT_EXPR_DEPTH,
    Limit::SQLITE_LIMIT_COMPOUND_SELECT,
    Limit::SQLITE_LIMIT_VDBE_OP,
    Limit::SQLITE_LIMIT_FUNCTION_ARG,
    Limit::SQLITE_LIMIT_VARIABLE_NUMBER,
    Limit::SQLITE_LIMIT_PARSER_DEPTH,
];

/// What a session that has set none has, and the most there is.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    usual: [i32; ALL.len()],
    most: [i32; ALL.len()],
}

/// A session's limits.
#[derive(Debug, Default)]
pub(in crate::backend::postgres) struct Limits {
    /// `None` as long as the program has set none.
    set: Cell<Option<[i32; ALL.len()]>>,
}

impl Limits {
    /// # Errors
    /// SQLite cannot be asked.
    fn get(&self, limit: Limit) -> Result<i32> {
        let values = self.set.get().map_or_else(|| bounds().map(|bounds| bounds.usual), Ok)?;
        Ok(values[limit as usize])
    }

    /// Sets a limit as `sqlite3_limit` does, and gives what it was.
    fn set(&self, limit: Limit, new: i32) -> Result<i32> {
        let bounds = bounds()?;
        let mut values = self.set.get().unwrap_or(bounds.usual);
        let least = if matches!(limit, Limit::SQLITE_LIMIT_LENGTH) { SHORTEST } else { 0 };
        let old = std::mem::replace(&mut values[limit as usize], new.max(least).min(bounds.most[limit as usize]));
        self.set.set(Some(values).filter(|values| *values != bounds.usual));
        Ok(old)
    }

    pub fn forget(&self) {
        self.set.set(None);
    }

    /// The longest text or blob, in bytes.
    #[inline]
    pub fn longest(&self) -> usize {
        match self.set.get() {
            None => LONGEST as usize,
            Some(values) => usize::try_from(values[Limit::SQLITE_LIMIT_LENGTH as usize]).unwrap_or(usize::MAX),
        }
    }

    /// The longest pattern of LIKE and GLOB, in bytes, where it is shorter than usual.
    pub fn longest_pattern(&self) -> Option<i32> {
        let limit = Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH as usize;
        let usual = bounds().ok()?.usual[limit];
        self.set.get().map(|values| values[limit]).filter(|longest| *longest < usual)
    }

    /// # Errors
    /// SQLite's, for a text that is longer than SQLITE_LIMIT_SQL_LENGTH.
    #[inline]
    pub fn check_length(&self, sql: &str) -> Result<()> {
        let Some(values) = self.set.get() else { return Ok(()) };
        match usize::try_from(values[Limit::SQLITE_LIMIT_SQL_LENGTH as usize]) {
            Ok(longest) if sql.len() > longest => Err(failure(ffi::SQLITE_TOOBIG, "statement too long")),
            _ => Ok(()),
        }
    }

    /// Asks SQLite whether it would prepare the statement.
    ///
    /// # Errors
    /// SQLite's own, where it would not because of a limit; what else it finds is the translator's to say.
    pub fn check(&self, sql: &str, catalog: &Catalog) -> Result<()> {
        let Some(values) = self.set.get() else { return Ok(()) };
        let bounds = bounds()?;
        let is_lower = |limit: &Limit| values[*limit as usize] < bounds.usual[*limit as usize];
        // Some pragmas run when they are prepared, and some of these for the whole process.
        if !OF_PREPARING.iter().any(is_lower) || names_a_pragma(sql) {
            return Ok(());
        }
        let oracle = Connection::open_in_memory()?;
        let limit_to = |values: &[i32; ALL.len()]| {
            OF_PREPARING.iter().try_for_each(|&limit| oracle.set_limit(limit, values[limit as usize]).map(drop))
        };
        // SQLite reads its schema now: its own table has five columns.
        oracle.prepare("SELECT 1 FROM sqlite_schema")?;
        limit_to(&values)?;
        for _ in 0..=catalog.tables.len() {
            let Err(error) = oracle.prepare(sql) else { break };
            if is_of_a_limit(&error) {
                return Err(error);
            }
            let Some(table) = missing_table(&error).and_then(|name| catalog.table(name)) else { break };
            limit_to(&bounds.most)?;
            if oracle.execute_batch(&definition(table)).is_err() {
                break;
            }
            limit_to(&values)?;
        }
        Ok(())
    }

    /// Whether a string is longer than a value may be, which SQLite says when the statement runs; it takes any blob here.
    pub fn has_long_literal(&self, sql: &str) -> bool {
        let longest = self.longest();
        self.set.get().is_some()
            && syntax::tokens(sql).filter(|token| token.kind == TokenKind::String).any(|token| {
                let quoted = token.span.text(sql);
                quoted.len() - 2 - quoted[1..quoted.len() - 1].matches("''").count() > longest
            })
    }
}

impl Session {
    /// # Errors
    /// SQLite cannot be asked.
    pub fn limit(&self, limit: Limit) -> Result<i32> {
        self.limits.get(limit)
    }

    /// Sets a limit and gives what it was. Statements that are prepared keep what they have.
    ///
    /// # Errors
    /// SQLite cannot be asked.
    pub fn set_limit(&self, limit: Limit, new: i32) -> Result<i32> {
        let old = self.limits.set(limit, new)?;
        // The texts in the caches were held against the limits before.
        self.flush_statement_cache();
        Ok(old)
    }
}

/// SQLite's own, and PostgreSQL's where these are lower, or not the same.
fn bounds() -> Result<Bounds> {
    static BOUNDS: OnceLock<Bounds> = OnceLock::new();
    if let Some(bounds) = BOUNDS.get() {
        return Ok(*bounds);
    }
    let conn = Connection::open_in_memory()?;
    let mut bounds = Bounds { usual: [0; ALL.len()], most: [0; ALL.len()] };
    for (index, limit) in ALL.into_iter().enumerate() {
        // A library older than the newest of them does not know that one.
        bounds.usual[index] = conn.limit(limit).unwrap_or(0);
        bounds.most[index] =
            conn.set_limit(limit, i32::MAX).and_then(|_| conn.limit(limit)).unwrap_or(bounds.usual[index]);
    }
    for (limit, ours) in [(Limit::SQLITE_LIMIT_LENGTH, LONGEST), (Limit::SQLITE_LIMIT_COLUMN, MOST_COLUMNS)] {
        (bounds.usual[limit as usize], bounds.most[limit as usize]) = (ours, ours);
    }
    Ok(*BOUNDS.get_or_init(|| bounds))
}

fn names_a_pragma(sql: &str) -> bool {
    let is_pragma = |token: syntax::Token| token.span.text(sql).eq_ignore_ascii_case("pragma");
    syntax::tokens(sql).any(|token| token.kind == TokenKind::Word && is_pragma(token))
}

/// What SQLite says of a statement that goes beyond a limit.
fn is_of_a_limit(error: &Error) -> bool {
    const TEXTS: [&str; 6] = [
        "Expression tree is too large",
        "Recursion limit",
        "parser stack overflow",
        "too many ",
        "more than ",
        "variable number must be between",
    ];
    let message = match error {
        Error::SqlInputError { msg, .. } => msg,
        Error::SqliteFailure(code, _) if matches!(code.code, ErrorCode::OutOfMemory | ErrorCode::TooBig) => {
            return true;
        }
        Error::SqliteFailure(_, Some(message)) => message,
        _ => return false,
    };
    TEXTS.iter().any(|text| message.starts_with(text))
}

fn missing_table(error: &Error) -> Option<&str> {
    let (Error::SqliteFailure(_, Some(message)) | Error::SqlInputError { msg: message, .. }) = error else {
        return None;
    };
    let name = message.strip_prefix("no such table: ")?;
    Some(["main.", "temp."].iter().find_map(|schema| name.strip_prefix(schema)).unwrap_or(name))
}

/// A table of the same columns and keys, for statements to be prepared on.
fn definition(table: &Table) -> String {
    let mut parts: Vec<String> = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let name = quote_identifier(column.shown.as_deref().unwrap_or(&column.name));
        let rest = match column {
            _ if column.is_rowid => " INTEGER PRIMARY KEY",
            _ if column.is_generated => " AS (NULL)",
            _ => "",
        };
        parts.push(name + rest);
    }
    let has_rowid = table.columns.iter().any(|column| column.is_rowid);
    for key in table.unique_keys.iter().filter(|key| !key.is_partial && !key.terms().is_empty()) {
        if !(key.is_primary && has_rowid) {
            let columns: Vec<String> = key.terms().iter().map(|(column, _)| quote_identifier(column)).collect();
            parts.push(format!("UNIQUE ({})", columns.join(", ")));
        }
    }
    format!("CREATE TABLE {} ({})", quote_identifier(&table.name), parts.join(", "))
}
