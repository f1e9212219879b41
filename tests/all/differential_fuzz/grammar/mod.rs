//! Random schemas, data and statements of SQLite's SQL.
//!
//! Types are mixed as SQLite allows. Left out is what two runs on SQLite alone could answer differently: rows without an order under
//! LIMIT, functions of time and chance, and sums of reals, whose last digit depends on the order of the rows.

mod changes;
mod collated;
mod expressions;
mod forms;
mod further;
mod joins;
mod json;
mod orders;
mod own_rows;
mod queries;
mod scalars;
mod schema;
mod selects;
mod transactions;
mod upserts;
mod values;
mod windows;
mod writes;

use crate::support::Random;
use sqlift::types::Value;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Integer,
    Real,
    Text,
    Blob,
    /// A point in time, as text.
    Date,
    /// Of a column without a type.
    Any,
}

/// What a schema has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Temper {
    /// Tables, their keys, indexes and views.
    Plain,
    /// Triggers, foreign keys, generated columns, CHECK and more; transactions and changes of the schema among the statements.
    Rich,
}

#[derive(Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// By NOCASE or RTRIM.
    pub collated: bool,
    /// A key by itself.
    pub unique: bool,
    /// Nobody gives it a value.
    pub generated: bool,
    /// A foreign key.
    pub refers: bool,
    /// The second column of a foreign key: the parent's table and column.
    pub follows: Option<(String, String)>,
}

impl Column {
    fn plain(name: &str, kind: Kind) -> Column {
        Column {
            name: name.to_owned(),
            kind,
            collated: false,
            unique: false,
            generated: false,
            refers: false,
            follows: None,
        }
    }
}

#[derive(Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// What its triggers fire on, as `AFTER DELETE`.
    pub triggers: Vec<String>,
    pub has_rowid: bool,
    /// A unique key by NOCASE, over an expression or of some rows: `ON CONFLICT DO UPDATE` without a target passes it by.
    pub has_blind_key: bool,
    /// The column that is a key together with `id`.
    pub pair: Option<usize>,
    /// A column declared BOOLEAN, which is NUM in a table made of it on SQLite, and INT on PostgreSQL.
    pub has_booleans: bool,
}

impl Table {
    /// Keys beside the row's own.
    fn has_keys(&self) -> bool {
        self.has_blind_key || self.columns.iter().any(|column| column.unique)
    }
}

pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Value>,
    pub role: Role,
    /// It inserts rows and nothing else: what `last_insert_rowid()` says behind a conflict is SQLite's own. Of a table WITHOUT ROWID
    /// SQLite tells none.
    pub tells_rowid: bool,
}

/// What a statement is to its program.
pub enum Role {
    /// It reads or writes.
    Plain,
    /// BEGIN, SAVEPOINT and their like.
    Control,
    /// It changes the schema; the grammar hears of it by [`Grammar::altered`] when it was taken.
    Schema(Change),
}

/// The texts of all that was made, as ALTER TABLE leaves them.
const SCHEMA: &str = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name";

pub enum Change {
    Nothing,
    Added(usize, Column),
    Renamed(usize, usize, String),
    Called(usize, String),
    Dropped(usize, usize),
}

impl Statement {
    pub fn only_reads(&self) -> bool {
        let writes = ["INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| self.sql.contains(verb));
        ["SELECT", "VALUES"].iter().any(|word| self.sql.starts_with(word)) || self.sql.starts_with("WITH") && !writes
    }

    /// The rows come in one order: the last term is a key.
    pub fn is_in_order(&self) -> bool {
        self.only_reads()
            && [" id", " id DESC", " rowid"].iter().any(|key| self.sql.ends_with(key))
            && self.sql.contains(" ORDER BY ")
    }

    /// One of several equal values is in the result, which DISTINCT, GROUP BY, UNION and their like leave open.
    pub fn shows_one_of_equals(&self) -> bool {
        let words = ["DISTINCT", "GROUP BY", "UNION ", "INTERSECT", "EXCEPT", "min(", "max(", "LIMIT"];
        words.iter().any(|word| self.sql.contains(word))
    }
}

/// Makes statements over a schema of its own making.
pub struct Grammar<'r> {
    random: &'r mut Random,
    temper: Temper,
    pub tables: Vec<Table>,
    pub views: Vec<String>,
    parameters: Vec<Value>,
    /// Rows inserted so far, for keys of their own.
    rows: i64,
    /// With the tables as they were then.
    savepoints: Vec<(String, Vec<Table>)>,
    /// The tables as they were when the transaction began.
    before: Option<Vec<Table>>,
    /// A trigger writes to a table with keys. The conflict clause of the statement that fires it counts there too on SQLite, so no
    /// statement has one.
    triggers_meet_keys: bool,
    /// Names made so far, for new ones.
    names: usize,
}

impl<'r> Grammar<'r> {
    /// One statement: a query more often than not.
    pub fn statement(&mut self) -> Statement {
        self.parameters.clear();
        if self.temper == Temper::Rich {
            if self.chance(12) {
                return Statement {
                    sql: self.control(),
                    parameters: Vec::new(),
                    role: Role::Control,
                    tells_rowid: false,
                };
            }
            if self.chance(4) {
                let (sql, change) = if self.chance(30) { self.made() } else { self.alter() };
                self.parameters.clear();
                return Statement { sql, parameters: Vec::new(), role: Role::Schema(change), tells_rowid: false };
            }
        }
        let sql = match self.below(10) {
            0 | 1 => self.insert(),
            2 => self.update(),
            3 if self.below(3) == 0 => self.delete(),
            3 => self.upsert(),
            4 if self.chance(15) => self.own_write(),
            4 if self.chance(30) => self.wide_write(),
            4 if self.chance(30) => self.further_write(),
            4 if self.temper == Temper::Rich => self.rich_write(),
            _ => self.query(),
        };
        let sql = self.as_named_now(&sql);
        self.parameters.truncate(highest_parameter(&sql));
        let into_rowids = |table: &Table| table.has_rowid && sql.starts_with(&format!("INSERT INTO {} ", table.name));
        let tells_rowid =
            self.tables.iter().any(into_rowids) && !sql.contains("ON CONFLICT") && !sql.contains("SELECT");
        Statement { sql, parameters: std::mem::take(&mut self.parameters), role: Role::Plain, tells_rowid }
    }

    /// All rows of everything that keeps rows.
    pub fn everything(&self) -> Vec<Statement> {
        let names = self.tables.iter().map(|table| table.name.as_str());
        names
            .chain(["log"])
            .map(|name| format!("SELECT * FROM {name}"))
            .chain(["SELECT what, a, b FROM log ORDER BY rowid".to_owned()])
            .chain([SCHEMA.to_owned()])
            .map(|sql| Statement { sql, parameters: Vec::new(), role: Role::Plain, tells_rowid: false })
            .collect()
    }

    /// The text with the names that tables have since they were renamed.
    fn as_named_now(&self, sql: &str) -> String {
        let mut sql = sql.to_owned();
        for (number, table) in self.tables.iter().enumerate() {
            let first = format!("t{number}");
            if table.name == first {
                continue;
            }
            let mut named = String::new();
            let mut rest = sql.as_str();
            while let Some(at) = rest.find(&first) {
                let (head, tail) = (&rest[..at], &rest[at + first.len()..]);
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let is_name = !head.ends_with(is_part) && !tail.starts_with(is_part);
                named += head;
                named += if is_name { &table.name } else { &first };
                rest = tail;
            }
            named += rest;
            sql = named;
        }
        sql
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.random.below(choices.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn table(&mut self) -> usize {
        self.random.below(self.tables.len())
    }
}

/// The number of the last parameter in a text.
fn highest_parameter(sql: &str) -> usize {
    let number = |rest: &str| rest.chars().map_while(|c| c.to_digit(10)).fold(0, |number, digit| number * 10 + digit);
    sql.split('?').skip(1).map(number).max().unwrap_or_default() as usize
}
