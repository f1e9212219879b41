//! What the translator knows of the database's tables: names, types, keys.
//!
//! A snapshot of plain data. On PostgreSQL `backend::postgres` loads it; offline it is built from CREATE TABLE text.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::TriggerTime;
use crate::syntax::tokens;

/// A snapshot of the tables and views that unqualified names can mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// By ASCII-lower-cased name.
    pub tables: HashMap<String, Arc<Table>>,
    /// The database's own functions, by ASCII-lower-cased name.
    pub functions: HashMap<String, Vec<Function>>,
    /// Some constraint may be checked as late as COMMIT.
    pub has_deferrable: bool,
    /// There are foreign keys that wait for their parent.
    pub has_pending_keys: bool,
    /// Some table [has them](Table::has_key_actions).
    pub has_key_actions: bool,
}

impl Catalog {
    /// The table or view of that name, ASCII letters compared without regard to case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.shared(name).map(Arc::as_ref)
    }

    /// The same, to keep.
    pub(crate) fn shared(&self, name: &str) -> Option<&Arc<Table>> {
        match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => self.tables.get(&name.to_ascii_lowercase()),
            false => self.tables.get(name),
        }
    }

    /// What is made next is newer than all there is.
    pub(crate) fn next_made(&self) -> u32 {
        let of = |table: &Table| {
            let indexes = table.indexes.iter().map(|index| index.made);
            let triggers = table.triggers.iter().map(|trigger| trigger.made);
            indexes.chain(triggers).fold(table.made, u32::max)
        };
        self.tables.values().map(|table| of(table)).max().unwrap_or_default() + 1
    }

    /// The table of that folded name, to change it.
    pub(crate) fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.get_mut(name).map(Arc::make_mut)
    }
}

/// A function that was made in the database, as a program makes its own in SQLite.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The name as PostgreSQL has it.
    pub name: String,
    pub schema: String,
    /// The fewest arguments it takes, and the most; `None` for any number.
    pub arguments: (usize, Option<usize>),
    pub returns: ColumnType,
}

impl Function {
    /// Whether it can be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        count >= self.arguments.0 && self.arguments.1.is_none_or(|most| count <= most)
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The name as PostgreSQL has it.
    pub name: String,
    /// The PostgreSQL schema it lives in (`pg_temp_3` for temporary ones).
    pub schema: String,
    /// Less than that of what was made later.
    pub made: u32,
    pub is_view: bool,
    pub columns: Vec<Column>,
    /// Primary key first, then the other unique indexes and constraints.
    pub unique_keys: Vec<UniqueKey>,
    /// Triggers, as DROP TRIGGER needs the table.
    pub triggers: Vec<Trigger>,
    /// What a view's INSTEAD OF triggers take.
    pub takes: Writes,
    /// Some trigger runs when a row is deleted, which REPLACE does without a word.
    pub runs_on_delete: bool,
    /// Some trigger's body writes rows.
    pub triggers_write: bool,
    /// Some trigger's RAISE(IGNORE) leaves rows out.
    pub leaves_rows_out: bool,
    /// SQLite's text of a view that cannot be read, because what it reads is not there.
    pub broken: Option<String>,
    /// SQLite's text of a lifted table.
    pub created: Option<String>,
    /// The indexes, but for those that constraints make.
    pub indexes: Vec<Index>,
    /// SQLite's text of a view that can be read.
    pub view_text: Option<String>,
    /// The column that numbers the rows of a lifted table without an integer key; SQLite's SQL sees it as rowid alone.
    pub hidden_rowid: Option<Column>,
    /// How many of the columns stand before it.
    pub hidden_at: usize,
    /// Another table's foreign key refers to it.
    pub is_referenced: bool,
    /// What is done to its rows changes others, by a foreign key's ON DELETE or ON UPDATE.
    pub has_key_actions: bool,
    /// A deleted row changes others of the table itself, by a foreign key's ON DELETE.
    pub acts_on_itself: bool,
    /// A foreign key without an action refers to it, which has to be whole when a statement ends.
    pub is_held: bool,
    /// Foreign keys that rows of a statement, or their triggers, make whole for each other can be looked at when it ends.
    pub keys_wait: bool,
    /// The foreign keys that change rows when this table's change.
    pub acting_keys: Vec<ActingKey>,
    /// The changes of which triggers can tell when those keys act.
    pub watched: Writes,
    /// The constraints with an ON CONFLICT of their own: a key's columns, or none for NOT NULL.
    pub own_conflicts: Vec<Vec<String>>,
    /// Those with ON CONFLICT FAIL.
    pub failing: Vec<super::own_fail::Failing>,
    /// Indexes over a date function of a column, and the call: `date(at)`, `strftime('%Y', at)`.
    pub dated: Vec<(String, String)>,
}

/// A foreign key that does more than look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingKey {
    /// The table whose rows it changes, and the columns, by their folded names.
    pub child: String,
    pub own: Vec<String>,
    /// The columns that they refer to.
    pub other: Vec<String>,
    pub on_delete: Option<KeyAction>,
    pub on_update: Option<KeyAction>,
}

/// What a foreign key does with the children of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAction {
    Delete,
    Update,
}

impl KeyAction {
    /// By PostgreSQL's letter for it; `None` where it only looks.
    pub fn of(letter: &str, on_delete: bool) -> Option<KeyAction> {
        match letter {
            "a" | "r" => None,
            "c" if on_delete => Some(KeyAction::Delete),
            _ => Some(KeyAction::Update),
        }
    }
}

/// The kinds of statements that write rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writes {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
}

impl Writes {
    /// Whether a statement of one of these kinds is one of `other`'s.
    pub(crate) fn meet(self, other: Writes) -> bool {
        self.insert && other.insert || self.update && other.update || self.delete && other.delete
    }
}

/// An index by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The name as PostgreSQL has it.
    pub name: String,
    /// SQLite's text of a lifted one.
    pub created: Option<String>,
    /// As [`Table::made`].
    pub made: u32,
}

/// A trigger by its name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trigger {
    /// The name as SQLite knows it, in lower case where it is a lifted one.
    pub name: String,
    /// The name as PostgreSQL has it: with a number in front where it runs ahead of older ones.
    pub stored: String,
    pub time: TriggerTime,
    pub events: Writes,
    /// SQLite's text of a lifted one.
    pub created: Option<String>,
    /// Its body names what is not there: it only fails.
    pub is_broken: bool,
    /// This session's alone, on a table that is not temporary.
    pub is_of_session: bool,
    /// As [`Table::made`].
    pub made: u32,
}

impl Table {
    /// The name as SQLite's text spells it.
    pub fn shown(&self) -> &str {
        let text = self.created.as_deref().or(self.view_text.as_deref()).unwrap_or_default();
        // CREATE TABLE name
        let name =
            tokens(text).filter(|token| !token.kind.is_trivia()).nth(2).map_or("", |token| token.span.text(text));
        let name = name.trim_matches(['"', '`', '[', ']', '\'']);
        if name.eq_ignore_ascii_case(&self.name) { name } else { &self.name }
    }

    /// Whether SQLite's text says so.
    pub fn is_without_rowid(&self) -> bool {
        let text = self.created.as_deref().unwrap_or_default();
        let options = &text[text.rfind(')').unwrap_or(text.len())..];
        options.split_ascii_whitespace().any(|word| word.trim_matches([')', ',', ';']).eq_ignore_ascii_case("rowid"))
    }

    /// Whether a trigger may write ahead of its row.
    pub(crate) fn writes_ahead(&self) -> bool {
        self.triggers_write && self.triggers.iter().any(|trigger| trigger.time == TriggerTime::Before)
    }

    /// The column of that name, ASCII letters compared without regard to case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The column that SQLite's rowid is: a single integer primary key, or the hidden rowid column.
    pub fn rowid_column(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.is_rowid).or(self.hidden_rowid.as_ref())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// The name as SQLite's text declared it, where that is not `name`: lifted tables have lower case.
    pub shown: Option<String>,
    pub data_type: ColumnType,
    pub not_null: bool,
    /// Identity or a sequence default, so that an INSERT may leave it out.
    pub is_identity: bool,
    pub is_generated: bool,
    /// The single integer primary key.
    pub is_rowid: bool,
    /// The default's expression as PostgreSQL has it.
    pub default: Option<String>,
    /// What a lifted table's column was declared by.
    pub collation: Collation,
    /// Text that was declared DATE, DATETIME, STRING or the like, or any value declared JSONB: SQLite keeps there as a number what looks like one.
    pub numeric_affinity: bool,
    /// The type of a STRICT table's column, as SQLite spells it: INT and INTEGER are one here.
    pub strict: Option<&'static str>,
}

impl Column {
    /// A column of which nothing but its type is said.
    pub(crate) fn new(name: &str, data_type: ColumnType) -> Column {
        Column {
            name: name.to_owned(),
            shown: None,
            data_type,
            not_null: false,
            is_identity: false,
            is_generated: false,
            is_rowid: false,
            default: None,
            collation: Collation::Binary,
            numeric_affinity: false,
            strict: None,
        }
    }
}

/// SQLite's collating sequences. <https://sqlite.org/datatype3.html#collating_sequences>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Collation {
    #[default]
    Binary,
    NoCase,
    RTrim,
}

impl Collation {
    /// A text as the collation sees it, in the words that an index over it has.
    pub(crate) fn folded(self, text: &str) -> String {
        match self {
            Collation::Binary => text.to_owned(),
            Collation::NoCase => format!("lower({text} COLLATE \"C\")"),
            Collation::RTrim => format!("rtrim({text} COLLATE \"C\")"),
        }
    }
}

/// A column's PostgreSQL type, as far as rules need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    SmallInt,
    Integer,
    BigInt,
    Boolean,
    Real,
    Double,
    Numeric,
    Text,
    Bytea,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    /// `sqlift.value`: a column without a declared type, which keeps any value as it is.
    Any,
    Other,
}

/// SQLite's spelling of a STRICT table's type.
pub(crate) fn strict_type(declared: &str) -> Option<&'static str> {
    ["ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"].into_iter().find(|name| declared.eq_ignore_ascii_case(name))
}

#[derive(Debug, Clone, PartialEq)]
pub struct UniqueKey {
    /// The index's or constraint's name, as errors carry it.
    pub name: String,
    /// Plain column names in order; empty for an index over expressions.
    pub columns: Vec<String>,
    pub is_primary: bool,
    /// A partial index (`WHERE ...`) cannot be a plain conflict target.
    pub is_partial: bool,
    /// Its columns and what compares them, where `columns` is empty for no other expressions than those of collations.
    pub folded: Vec<(String, Collation)>,
}

impl UniqueKey {
    /// A key over columns, each compared by a collation.
    pub(crate) fn over(name: String, terms: Vec<(String, Collation)>, is_primary: bool) -> UniqueKey {
        let is_plain = terms.iter().all(|(_, collation)| *collation == Collation::Binary);
        let (columns, folded) = match is_plain {
            true => (terms.into_iter().map(|(column, _)| column).collect(), Vec::new()),
            false => (Vec::new(), terms),
        };
        UniqueKey { name, columns, is_primary, is_partial: false, folded }
    }

    /// The columns, and what compares them; nothing for an index over other expressions.
    pub(crate) fn terms(&self) -> Vec<(&str, Collation)> {
        match self.columns.as_slice() {
            [] => self.folded.iter().map(|(column, collation)| (column.as_str(), *collation)).collect(),
            columns => columns.iter().map(|column| (column.as_str(), Collation::Binary)).collect(),
        }
    }

    /// The columns as the index has them.
    pub(crate) fn index_terms(&self) -> Vec<String> {
        let terms = self.terms();
        terms.into_iter().map(|(column, collation)| collation.folded(&super::names::identifier(column))).collect()
    }
}

/// The table that tells of AUTOINCREMENT keys where their sequences do: a view of the compat schema.
pub fn sqlite_sequence() -> Table {
    Table {
        name: "sqlite_sequence".to_owned(),
        schema: "sqlift".to_owned(),
        is_view: true,
        columns: vec![Column::new("name", ColumnType::Text), Column::new("seq", ColumnType::BigInt)],
        triggers: vec![Trigger {
            name: "sqlite_sequence".to_owned(),
            stored: "sqlite_sequence".to_owned(),
            ..Trigger::default()
        }],
        takes: Writes { insert: true, update: true, delete: true },
        ..Table::default()
    }
}
