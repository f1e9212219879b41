//! SQLite's SQL to PostgreSQL's: parse, resolve against the [`Catalog`], apply the rules, print.
//!
//! Takes a statement's text and a snapshot of the tables, gives a [`Translation`] or a [`Refusal`] with its place.
//! Does no I/O and knows no driver.

mod aggregates;
mod alter;
pub(crate) mod altered;
mod arithmetic;
mod arms;
mod assign;
pub mod ast;
mod bare;
pub(crate) mod beside;
mod boolean_words;
mod broken_trigger;
mod calls;
mod cast;
pub mod catalog;
mod clause;
mod collation;
mod column_name;
mod common_table;
mod comparison;
pub mod compat;
mod compound;
mod conflict_target;
mod created;
pub(crate) mod dates;
mod deep;
mod each_row;
mod edits;
mod effects;
mod escape;
mod exact_numbers;
mod expression;
mod first_met;
mod foreign_key;
pub(crate) mod foretold;
mod from;
pub(crate) mod fts;
mod fts_content;
mod fts_definition;
mod glob;
mod grouping;
mod handed;
mod hidden_columns;
mod implied_order;
mod insert;
mod insert_source;
mod json;
mod json_marks;
mod json_member;
mod json_path;
mod json_table;
pub(crate) mod kept;
mod key_order;
mod matching;
pub(crate) mod names;
pub mod offline;
mod on;
mod order;
mod outer_aggregate;
pub(crate) mod own_conflict;
pub(crate) mod own_fail;
mod own_rows;
pub mod parser;
mod pass;
mod pragma;
mod pragma_tables;
mod printf;
mod query_plan;
mod queue;
mod recursive_types;
mod returned_reals;
mod returning_reads;
mod row_by_row;
mod row_order;
mod row_values;
pub mod rules;
mod schema;
mod scope;
mod script;
mod seam;
mod select;
mod series;
pub(crate) mod session_trigger;
mod shown_order;
mod single_rows;
mod star;
mod statement;
mod stopping;
pub(crate) mod store;
mod substr;
mod table;
mod trigger;
mod trigger_body;
pub(crate) mod trigger_order;
mod twin_key;
pub(crate) mod types;
pub(crate) mod unchanged;
mod unify;
mod untyped;
mod update;
mod update_of;
mod upsert_reads;
mod using;
mod values;
mod views;

pub use catalog::Catalog;
pub use script::{ScriptStatement, translate_script};
pub use types::StorageClass;

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
    /// Visible result columns, from 0, whose jsonb scalars are values of SQL (json_extract), not JSON text.
    pub json_columns: Vec<usize>,
    /// Visible result columns, from 0, that are values of any storage class: the bytes of a `sqlift.value`.
    pub any_columns: Vec<usize>,
    /// How `last_insert_rowid` comes back, for INSERTs.
    pub rowid: RowidReturn,
    /// How many rows a write changed, as SQLite counts.
    pub count: ChangeCount,
    /// When it fails with one of these SQLSTATEs, it is to be translated anew, for one row after the other.
    pub row_by_row_on: &'static [&'static str],
    /// It reads documents of JSON: where one is none it is to be translated anew, with [`Options::json5`].
    pub reads_json: bool,
    /// It computes with reals: where one leaves their range it is to be translated anew, with [`Options::ieee_reals`].
    pub computes_reals: bool,
    /// `OR FAIL`: the rows ahead of the failing one stay, and the statement still fails.
    pub fails: bool,
    /// It has a conflict clause, which was made of the unique keys that are known.
    pub resolves_conflicts: bool,
    /// `OR ROLLBACK`: a broken UNIQUE, NOT NULL or CHECK rolls the whole transaction back.
    pub rolls_back: bool,
    /// An INSERT whose ids the database gives: what to run, and then the statement again, when such an id is taken. On SQLite the next
    /// id is always past the largest one.
    pub catch_up_identity: Option<String>,
    /// What a PRAGMA sets: the session keeps it, before the statement answers with it.
    pub sets: Option<Set>,
    /// What it does to rows changes others by a foreign key's action, or may through a trigger: with the keys off SQLite's does not.
    pub fires_keys: bool,
    /// It may run triggers that write: the session asks behind it what they changed, for total_changes().
    pub runs_triggers: bool,
    /// What tells those triggers of the statement's conflict clause, ahead of it.
    pub tells_triggers: Option<String>,
    /// What is not exactly as on SQLite, and where.
    pub notes: Vec<Note>,
    /// Every rule that fired, the exact ones too.
    pub fired: rules::Fired,
    /// The parameters that become values of columns.
    pub(crate) stored: store::Stored,
    pub offsets: OffsetMap,
}

/// One `$n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// SQLite's parameter number, from 1; 0 where the session gives the value ([`SlotContext::Counter`], [`SlotContext::Setting`]).
    pub parameter: usize,
    pub context: SlotContext,
}

impl Slot {
    /// Which of the bound values it takes, from 0; `None` for the session's counters.
    pub fn binding(&self) -> Option<usize> {
        self.parameter.checked_sub(1)
    }
}

/// A number that the session keeps, asked for inside SQL: as it was before the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    LastInsertRowid,
    Changes,
    TotalChanges,
    /// In milliseconds.
    BusyTimeout,
}

impl Counter {
    /// SQLite's call of it.
    pub fn call(self) -> &'static str {
        match self {
            Counter::LastInsertRowid => "last_insert_rowid()",
            Counter::Changes => "changes()",
            Counter::TotalChanges => "total_changes()",
            Counter::BusyTimeout => "busy_timeout()",
        }
    }
}

/// What a PRAGMA sets in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// In milliseconds.
    BusyTimeout(u32),
    /// Whether foreign keys are on.
    ForeignKeys(bool),
    /// Whether they wait for the end of the transaction, whatever they say.
    DeferForeignKeys(bool),
    /// A setting that does nothing on PostgreSQL and answers with what was set: its place in the table of them, and the number.
    Setting(u8, i64),
}

/// How the type of a `$n` is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotContext {
    /// Assigned to a column of this type, or compared with one of PostgreSQL's own types: sent untyped, as text; the server
    /// types it.
    Column(catalog::ColumnType),
    /// Compared with a column of this type. Beside numbers NUMERIC affinity makes a number of the value, and text that is none
    /// and blobs are greater than all numbers. Text and blobs are sent as in `Column`; a value of another class than the
    /// column's makes another translation, [`Options::parameter_classes`].
    Compared(catalog::ColumnType),
    /// Compared with a column of PostgreSQL's own type, by operators of that side: sent as in `Column` where the value is one of
    /// the type; another one makes another translation, [`Options::parameter_classes`].
    Beside(catalog::ColumnType, beside::Side),
    /// The number of rows of LIMIT: an integer by value; a negative one is none.
    Limit,
    /// The rows that OFFSET skips: an integer by value; a negative one is zero.
    Offset,
    /// An array: declared from the storage class of its members.
    Array,
    /// Anything else: declared from the bound value's storage class.
    Value,
    /// The session's counter, a bigint.
    Counter(Counter),
    /// What a PRAGMA set, as [`Set::Setting`] tells it: a bigint.
    Setting(u8),
}

impl SlotContext {
    /// The column whose type the value is sent as.
    pub fn sent_as(self) -> Option<catalog::ColumnType> {
        use catalog::ColumnType;
        match self {
            SlotContext::Column(column)
            | SlotContext::Beside(column, _)
            | SlotContext::Compared(column @ (ColumnType::Text | ColumnType::Bytea)) => Some(column),
            _ => None,
        }
    }
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
    /// Each row of the result is one row written: how many rows that changed, and the rowid when it was inserted.
    PerRow,
}

impl RowidReturn {
    /// How many trailing result columns the caller must not see.
    pub fn hidden_columns(self) -> usize {
        match self {
            RowidReturn::None => 0,
            RowidReturn::LastColumn => 1,
            RowidReturn::LastColumnIfInserted | RowidReturn::PerRow => 2,
        }
    }
}

/// How a write tells how many rows it changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChangeCount {
    /// The server's count is SQLite's.
    #[default]
    Affected,
    /// SQLite does not count what INSTEAD OF triggers do.
    None,
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

/// How to translate.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The session's tables are its temporary ones: everything lives in `pg_temp`.
    pub in_memory: bool,
    /// What declared types become in new tables.
    pub types: TypePolicy,
    /// Writes one row after the other where PostgreSQL's own clause has failed: [`Translation::row_by_row_on`].
    pub row_by_row: bool,
    /// Documents of JSON may be JSON5.
    pub json5: bool,
    /// Arithmetic on reals gives 0.0 and infinities where PostgreSQL's has an error.
    pub ieee_reals: bool,
    /// Patterns of LIKE and GLOB are held against this length, in bytes.
    pub longest_pattern: Option<i32>,
    pub flags: Flags,
    /// By SQLite's parameter number, from 1 at index 0: the class of the value that is bound, where it is known. What a
    /// parameter's class decides is then decided as it is of an expression of that class.
    pub parameter_classes: Vec<Option<StorageClass>>,
}

/// What PRAGMAs have set that changes what statements mean; all off at first, as on SQLite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    pub case_sensitive_like: bool,
    /// Triggers start themselves, and rows that REPLACE deletes start theirs.
    pub recursive_triggers: bool,
    /// ALTER TABLE RENAME leaves the texts of views and triggers alone.
    pub legacy_alter_table: bool,
    /// `PRAGMA foreign_keys` is off; told beside `legacy_alter_table`, which asks for it.
    pub foreign_keys_off: bool,
}

/// What the declared types of new tables become.
///
/// # Examples
/// ```
/// use sqlift::translate::{BlobColumns, Catalog, Options, TypePolicy, translate};
///
/// let types = TypePolicy { blobs: BlobColumns::Any, ..TypePolicy::FAITHFUL };
/// let options = Options { types, ..Options::default() };
/// let translation = translate("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)", &Catalog::default(), &options).unwrap();
/// assert!(translation.sql.contains("b sqlift.value)"));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TypePolicy {
    pub names: TypeNames,
    pub blobs: BlobColumns,
}

impl TypePolicy {
    pub const FAITHFUL: TypePolicy = TypePolicy { names: TypeNames::Faithful, blobs: BlobColumns::Bytes };
    pub const NATIVE: TypePolicy = TypePolicy { names: TypeNames::Native, blobs: BlobColumns::Bytes };

    pub(crate) fn is_native(self) -> bool {
        self.names == TypeNames::Native
    }
}

/// What PostgreSQL makes of the names of declared types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TypeNames {
    /// What stores all that SQLite stores, so that statements behave as there: BOOLEAN is bigint, DATETIME is text.
    #[default]
    Faithful,
    /// PostgreSQL's own: BOOLEAN is boolean, DATETIME is timestamptz, JSON is jsonb, UUID is uuid.
    Native,
}

/// What a column declared BLOB keeps in a new table that is not STRICT.
///
/// To SQLite it is a column without a type: it keeps any value as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BlobColumns {
    /// Blobs alone: `bytea`. Any other value is an error.
    #[default]
    Bytes,
    /// Any value: `sqlift.value`, as of a column without a type.
    Any,
}

/// Translates one statement.
///
/// Pure: the same text, catalog and options give the same translation.
///
/// # Errors
/// SQLite's own message where the text is no statement of SQLite's or names what `catalog` does not have (then
/// [`Refusal::rule`] says `no-such-table`, `no-such-column` or the like, and a newer catalog may know better); otherwise
/// what has no counterpart on PostgreSQL, with its place and what to do.
///
/// # Examples
/// ```
/// use sqlift::translate::{Catalog, Options, translate};
///
/// let translation = translate("SELECT 7 == ?1", &Catalog::default(), &Options::default()).unwrap();
/// assert_eq!(translation.sql, "SELECT 7 = $1");
/// assert_eq!(translation.column_names.unwrap(), ["7 == ?1"]);
/// ```
pub fn translate(sql: &str, catalog: &Catalog, options: &Options) -> Result<Translation, Refusal> {
    let translated = |words| deep::with_tree_of(sql, words, |parsed| translate_parsed(sql, parsed, catalog, options));
    match translated(parser::BooleanWords::Constants) {
        Ok(Err(refusal)) if refusal.rule == Some(boolean_words::IS_COLUMN) => {
            translated(parser::BooleanWords::Columns).unwrap_or_else(|error| Err(error.into()))
        }
        Ok(translation) => translation,
        Err(error) if error.kind == parser::ParseErrorKind::Empty => Ok(Translation::default()),
        Err(error) => Err(error.into()),
    }
}

impl From<parser::ParseError> for Refusal {
    fn from(error: parser::ParseError) -> Refusal {
        Refusal { message: error.message, span: error.span, help: None, rule: Some("syntax") }
    }
}

fn translate_parsed(
    sql: &str,
    parsed: &ast::Statement,
    catalog: &Catalog,
    options: &Options,
) -> Result<Translation, Refusal> {
    let mut pass = pass::Pass::new(sql, catalog, options);
    let outcome = pass.statement(parsed)?;
    comments(&mut pass, parsed.span);
    let mut rendered = match outcome.silent {
        true => edits::Rendered::default(),
        false => {
            // PostgreSQL knows no byte order mark.
            let start = sql.len() - sql.trim_start_matches('\u{feff}').len();
            pass.edits.render(sql, Span { start, end: parsed.span.end })
        }
    };
    for statement in &pass.afterwards {
        rendered.offsets.segments.push((rendered.text.len(), parsed.span.end, false));
        rendered.text.push_str(";\n");
        rendered.text.push_str(statement);
    }
    let placeholders = crate::syntax::placeholders(sql).map_err(|error| Refusal {
        message: error.message().to_owned(),
        span: error.span(),
        help: None,
        rule: Some("syntax"),
    })?;
    let needs_compat =
        rendered.text.contains("sqlift.") || outcome.prelude.iter().any(|statement| statement.contains("sqlift."));
    let table = pass.stored.table.as_ref().filter(|_| matches!(outcome.kind, Kind::Write { .. }));
    let tells_triggers = table.and_then(|table| clause::told(&parsed.kind, table, catalog, options));
    let runs_triggers = tells_triggers.is_some() || table.is_some_and(|table| table.triggers_write);
    let needs_compat = needs_compat || runs_triggers;
    let json_columns = columns_of(&outcome, types::Type::Json);
    let any_columns = columns_of(&outcome, types::Type::Any);
    Ok(Translation {
        needs_compat,
        sql: rendered.text,
        prelude: outcome.prelude,
        slots: rendered.slots,
        parameter_count: placeholders.count,
        parameter_names: placeholders.names,
        kind: outcome.kind,
        json_columns,
        any_columns,
        column_names: outcome.columns.map(|columns| columns.into_iter().map(|(name, _)| name).collect()),
        rowid: outcome.rowid,
        count: outcome.count,
        row_by_row_on: pass.row_by_row_on,
        reads_json: pass.reads_json,
        computes_reals: pass.computes_reals,
        fails: match &parsed.kind {
            ast::StatementKind::Insert(insert) => insert.or == Some(ast::ConflictAction::Fail),
            ast::StatementKind::Update(update) => update.or == Some(ast::ConflictAction::Fail),
            _ => false,
        } || pass.stops
            || pass.fails_by_own,
        resolves_conflicts: pass.resolves_conflicts,
        rolls_back: pass.rolls_back,
        catch_up_identity: pass.catch_up_identity,
        sets: pass.sets,
        stored: pass.stored,
        fires_keys: foreign_key::fires(&parsed.kind, catalog),
        runs_triggers,
        tells_triggers,
        notes: pass.notes,
        fired: pass.fired,
        offsets: rendered.offsets,
    })
}

/// The result columns of a type, from 0.
fn columns_of(outcome: &statement::Outcome, ty: types::Type) -> Vec<usize> {
    let columns = outcome.columns.iter().flatten().enumerate();
    columns.filter(|(_, (_, typed))| typed.ty == ty).map(|(index, _)| index).collect()
}

/// Whether a column of that type on PostgreSQL has NUMERIC affinity on SQLite that the type does not tell:
/// [`catalog::Column::numeric_affinity`].
pub(crate) fn hides_numeric_affinity(declared: &str, data_type: catalog::ColumnType) -> bool {
    match data_type {
        catalog::ColumnType::Text => has_numeric_affinity(declared),
        // ANY is a STRICT table's, which converts nothing.
        catalog::ColumnType::Any => has_numeric_affinity(declared) && !declared.eq_ignore_ascii_case("any"),
        _ => false,
    }
}

/// Whether SQLite gives a column of this declared type NUMERIC affinity: DATETIME, STRING, DECIMAL, ...
pub(crate) fn has_numeric_affinity(declared: &str) -> bool {
    rules::types::affinity_of(declared) == rules::types::StoredAs::Numeric
}

/// PostgreSQL nests block comments, SQLite does not: one with `/*` inside would never end.
fn comments(pass: &mut pass::Pass<'_>, statement: Span) {
    let sql = pass.sql;
    if sql.matches("/*").nth(1).is_none() {
        return;
    }
    let comments = crate::syntax::tokens(sql)
        .take_while(|token| token.span.start < statement.end)
        .filter(|token| token.kind == crate::syntax::TokenKind::BlockComment);
    for comment in comments {
        if comment.span.text(sql)[2..].contains("/*") {
            pass.edits.replace_text(comment.span, " ");
        }
    }
}

#[cfg(test)]
mod tests;
