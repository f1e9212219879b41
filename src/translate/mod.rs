//! SQLite's SQL to PostgreSQL's: parse, resolve against the [`Catalog`], apply the rules, print.
//!
//! Takes a statement's text and a snapshot of the tables, gives a [`Translation`] or a [`Refusal`] with its place.
//! Does no I/O and knows no driver.

pub mod ast;
pub mod catalog;
pub mod parser;

pub use catalog::Catalog;

use crate::syntax::Span;

/// One statement, ready for PostgreSQL.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Translation {
    pub needs_compat: bool,
    /// PostgreSQL's text with dense `$1, $2, ...`; empty for [`Kind::Empty`] and for what the session does itself (BEGIN, ...).
    pub sql: String,
    /// Further statements that belong to it (a trigger's function before the trigger): run first, in order, without parameters.
    pub prelude: Vec<String>,
    /// For `$1, $2, ...` in order: which SQLite parameter is sent, and how it is typed.
    pub slots: Vec<Slot>,
    /// SQLite's `sqlite3_bind_parameter_count`: the largest number.
    pub parameter_count: usize,
    /// Parameter names with their prefix character, and their numbers.
    pub parameter_names: Vec<(String, usize)>,
    pub kind: Kind,
    /// SQLite's names of the visible result columns; `None` where the server's are right.
    pub column_names: Option<Vec<String>>,
    /// How `last_insert_rowid` comes back, for INSERTs.
    pub rowid: RowidReturn,
    pub notes: Vec<Note>,
    pub offsets: OffsetMap,
}

/// One `$n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// SQLite's parameter number, from 1.
    pub parameter: usize,
    pub context: SlotContext,
}

/// How the type of a `$n` is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotContext {
    /// Assigned to or compared with a column of this type: sent untyped, as text; the server types it.
    Column(catalog::ColumnType),
    /// Anything else: declared from the bound value's storage class.
    Value,
}

/// What kind of statement it is, as the session must treat it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    /// Only blanks and comments.
    Empty,
    /// Reads only: SELECT, VALUES, EXPLAIN, PRAGMA that asks.
    Read,
    /// INSERT, UPDATE, DELETE: sets `changes`. `returns_rows` when the caller wrote RETURNING.
    Write {
        insert: bool,
        returns_rows: bool,
    },
    /// CREATE, DROP, ALTER and the like: leaves `changes` alone and makes catalogs stale.
    Schema,
    /// Accepted and answered with nothing (`PRAGMA journal_mode`'s setters, ANALYZE on nothing, ...).
    Other,
    Begin(ast::BeginBehavior),
    Commit,
    Rollback,
    Savepoint(String),
    Release(String),
    RollbackTo(String),
}

/// How an INSERT tells its last row id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowidReturn {
    #[default]
    None,
    /// The last result column is the rowid (hidden from the caller).
    LastColumn,
    /// The last two are the rowid and whether the row was inserted rather than updated (`xmax = 0`).
    LastColumnIfInserted,
}

impl RowidReturn {
    /// How many trailing result columns the caller must not see.
    pub fn hidden_columns(self) -> usize {
        match self {
            RowidReturn::None => 0,
            RowidReturn::LastColumn => 1,
            RowidReturn::LastColumnIfInserted => 2,
        }
    }
}

/// A rule that fired, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub rule: &'static str,
    pub span: Span,
    pub fidelity: Fidelity,
    pub help: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    Exact,
    Differs,
    Refused,
}

/// Why a statement cannot run on PostgreSQL (or is no SQLite SQL at all), where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// SQLite's own message for syntax errors (`near "x": syntax error`), ours otherwise. No full stop.
    pub message: String,
    pub span: Span,
    pub help: Option<String>,
    pub rule: Option<&'static str>,
}

/// Maps byte offsets of the PostgreSQL text back to the caller's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// (offset in the output, offset in the source, bytes are copied verbatim from here), ascending.
    pub segments: Vec<(usize, usize, bool)>,
}

impl OffsetMap {
    /// The caller's byte offset for a byte offset of the translated text.
    pub fn to_source(&self, output: usize) -> usize {
        match self.segments.iter().rev().find(|segment| segment.0 <= output) {
            Some(&(at, source, true)) => source + (output - at),
            Some(&(_, source, false)) => source,
            None => 0,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Options {
    pub in_memory: bool,
}

/// Stand-in until the translator lands: placeholders only.
pub fn translate(sql: &str, _catalog: &Catalog, _options: &Options) -> Result<Translation, Refusal> {
    let rewritten = crate::syntax::rewrite(sql).map_err(|error| Refusal {
        message: error.message().into(),
        span: error.span(),
        help: None,
        rule: None,
    })?;
    let first = sql.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let kind = match first.as_str() {
        "" => Kind::Empty,
        "begin" => Kind::Begin(ast::BeginBehavior::Deferred),
        "commit" => Kind::Commit,
        "rollback" => Kind::Rollback,
        "insert" | "update" | "delete" => Kind::Write { insert: first == "insert", returns_rows: true },
        "create" | "drop" | "alter" => Kind::Schema,
        _ => Kind::Read,
    };
    let value = |&parameter: &usize| Slot { parameter, context: SlotContext::Column(catalog::ColumnType::Other) };
    Ok(Translation {
        slots: rewritten.slots.iter().map(value).collect(),
        sql: rewritten.sql,
        parameter_count: rewritten.placeholders.count,
        parameter_names: rewritten.placeholders.names,
        kind,
        offsets: OffsetMap { segments: vec![(0, 0, true)] },
        ..Translation::default()
    })
}
