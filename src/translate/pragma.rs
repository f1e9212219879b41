//! PRAGMA, the schema table, and table-valued functions.

use super::ast::*;
use super::catalog::ColumnType;
use super::edits::Piece;
use super::names::{fold, quote_literal};
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::scope::{Source, SourceColumn};
use super::select::Columns;
use super::statement::{self, Outcome};
use super::types::{Affinity, Type, Typed};
use super::{Counter, Kind, SlotContext};
use crate::syntax::Span;

/// Settings of SQLite's files: reading answers this, setting is accepted and does nothing. `echo` answers what was set.
struct Setting {
    name: &'static str,
    answer: &'static str,
    /// Setting it gives a row as well.
    answers_set: bool,
}

const fn setting(name: &'static str, answer: &'static str, answers_set: bool) -> Setting {
    Setting { name, answer, answers_set }
}

const SETTINGS: &[Setting] = &[
    setting("auto_vacuum", "0", false),
    setting("automatic_index", "1", false),
    setting("cache_size", "-2000", false),
    setting("cache_spill", "1", false),
    setting("case_sensitive_like", "", false),
    setting("cell_size_check", "0", false),
    setting("checkpoint_fullfsync", "0", false),
    setting("foreign_keys", "1", false),
    setting("fullfsync", "0", false),
    setting("journal_mode", "'wal'::text", true),
    setting("journal_size_limit", "-1", true),
    setting("locking_mode", "'normal'::text", true),
    setting("mmap_size", "0", true),
    setting("page_size", "8192", false),
    setting("query_only", "0", false),
    setting("recursive_triggers", "0", false),
    setting("secure_delete", "0", true),
    setting("synchronous", "2", false),
    setting("temp_store", "0", false),
    setting("threads", "0", true),
    setting("trusted_schema", "1", false),
    setting("wal_autocheckpoint", "1000", true),
];

/// PRAGMAs that give rows about a table or an index: name, its columns with their types.
const TABLES: &[(&str, &[(&str, Type)])] = &[
    (
        "table_info",
        &[
            ("cid", Type::Integer),
            ("name", Type::Text),
            ("type", Type::Text),
            ("notnull", Type::Integer),
            ("dflt_value", Type::Text),
            ("pk", Type::Integer),
        ],
    ),
    (
        "table_xinfo",
        &[
            ("cid", Type::Integer),
            ("name", Type::Text),
            ("type", Type::Text),
            ("notnull", Type::Integer),
            ("dflt_value", Type::Text),
            ("pk", Type::Integer),
            ("hidden", Type::Integer),
        ],
    ),
    (
        "index_list",
        &[
            ("seq", Type::Integer),
            ("name", Type::Text),
            ("unique", Type::Integer),
            ("origin", Type::Text),
            ("partial", Type::Integer),
        ],
    ),
    ("index_info", &[("seqno", Type::Integer), ("cid", Type::Integer), ("name", Type::Text)]),
    (
        "foreign_key_list",
        &[
            ("id", Type::Integer),
            ("seq", Type::Integer),
            ("table", Type::Text),
            ("from", Type::Text),
            ("to", Type::Text),
            ("on_update", Type::Text),
            ("on_delete", Type::Text),
            ("match", Type::Text),
        ],
    ),
];

const SCHEMA_TABLE: &[(&str, Type)] = &[
    ("type", Type::Text),
    ("name", Type::Text),
    ("tbl_name", Type::Text),
    ("rootpage", Type::Integer),
    ("sql", Type::Text),
];

impl Pass<'_> {
    pub fn pragma(&mut self, pragma: &Pragma, span: Span) -> Result<Outcome> {
        let name = fold(&pragma.name.name.text);
        if let Some(schema) = &pragma.name.schema {
            self.own_schema(schema)?;
        }
        if let Some((_, columns)) = TABLES.iter().find(|(table, _)| *table == name) {
            let Some(value) = &pragma.value else { return Ok(statement::nothing(Kind::Other)) };
            let argument = word(&value.value).unwrap_or_else(|| self.source(value.span).to_owned());
            self.edits.replace_text(
                span,
                format!("SELECT * FROM sqlift.pragma_{name}({}, {})", self.schema_literal(), quote_literal(&argument)),
            );
            return Ok(statement::rows(typed_columns(columns)));
        }
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
            if let Some(value) = &pragma.value {
                if name == "foreign_keys"
                    && matches!(word(&value.value).as_deref(), Some("off" | "OFF" | "0" | "false" | "no"))
                {
                    return refuse(
                        "PRAGMA foreign_keys = OFF: PostgreSQL checks foreign keys always",
                        span,
                        "leave it out; drop or defer the constraint where rows must break it for a while",
                    );
                }
                if name == "case_sensitive_like" || name == "query_only" {
                    return refuse(format!("PRAGMA {name} has no counterpart on PostgreSQL"), span, "leave it out");
                }
                self.note(&rules::schema::SETTINGS, span);
                if !setting.answers_set {
                    return Ok(statement::nothing(Kind::Other));
                }
                let answer = match (name.as_str(), word(&value.value)) {
                    ("journal_mode", _) if self.options.in_memory => "'memory'::text".to_owned(),
                    ("journal_mode" | "locking_mode", Some(word)) => {
                        format!("{}::text", quote_literal(&word.to_ascii_lowercase()))
                    }
                    _ => setting.answer.to_owned(),
                };
                return Ok(self.answer(span, &name, &answer));
            }
            return Ok(self.answer(span, &name, setting.answer));
        }
        match name.as_str() {
            "user_version" | "application_id" => self.stored(pragma, span, &name),
            "busy_timeout" => {
                if let Some(value) = &pragma.value {
                    let Some(milliseconds) = self.integer_value(&value.value) else {
                        return refuse(
                            "PRAGMA busy_timeout needs a number of milliseconds",
                            span,
                            "write PRAGMA busy_timeout = 5000",
                        );
                    };
                    // SQLite keeps it in 31 bits, and takes less than nothing for nothing.
                    self.busy_timeout = Some(milliseconds.clamp(0, i32::MAX.into()) as u32);
                }
                let value = Piece::Parameter(0, SlotContext::Counter(Counter::BusyTimeout));
                self.edits.replace(span, ["SELECT ".into(), value, " AS timeout".into()]);
                Ok(statement::rows(vec![("timeout".to_owned(), Typed::new(Type::Integer))]))
            }
            "encoding" => Ok(self.answer(span, "encoding", "'UTF-8'::text")),
            "integrity_check" | "quick_check" => Ok(self.answer(span, &name, "'ok'::text")),
            "foreign_key_check" | "optimize" | "incremental_vacuum" | "shrink_memory" => {
                Ok(statement::nothing(Kind::Other))
            }
            "wal_checkpoint" => {
                self.edits.replace_text(span, "SELECT 0 AS busy, 0 AS log, 0 AS checkpointed");
                Ok(statement::rows(typed_columns(&[
                    ("busy", Type::Integer),
                    ("log", Type::Integer),
                    ("checkpointed", Type::Integer),
                ])))
            }
            "page_count" | "max_page_count" => refuse(
                format!("PRAGMA {name} counts the pages of SQLite's file"),
                span,
                "ask for pg_database_size(current_database()) in a native statement",
            ),
            "freelist_count" => Ok(self.answer(span, "freelist_count", "0")),
            "data_version" => Ok(self.answer(span, "data_version", "1")),
            "schema_version" if pragma.value.is_none() => Ok(self.answer(span, "schema_version", "1")),
            "database_list" => {
                self.edits.replace_text(span, "SELECT 0 AS seq, 'main'::text AS name, ''::text AS file");
                Ok(statement::rows(typed_columns(&[
                    ("seq", Type::Integer),
                    ("name", Type::Text),
                    ("file", Type::Text),
                ])))
            }
            _ => refuse(
                format!("PRAGMA {name} has no rule"),
                span,
                "leave it out on PostgreSQL, or ask the server's catalog in a native statement",
            ),
        }
    }

    fn answer(&mut self, span: Span, column: &str, expression: &str) -> Outcome {
        if expression.is_empty() {
            return statement::nothing(Kind::Other);
        }
        self.edits.replace_text(span, format!("SELECT {expression} AS {}", super::names::identifier(column)));
        statement::rows(vec![(column.to_owned(), Typed::new(Type::Integer))])
    }

    /// A number that SQLite keeps in the file's header.
    fn stored(&mut self, pragma: &Pragma, span: Span, name: &str) -> Result<Outcome> {
        let private = self.options.in_memory;
        let Some(value) = &pragma.value else {
            let text = if private {
                format!("coalesce(NULLIF(current_setting('sqlift.{name}', true), ''), '0')::bigint")
            } else {
                format!("sqlift.stored_setting('{name}')")
            };
            return Ok(self.answer(span, name, &text));
        };
        let Some(number) = self.integer_value(&value.value) else {
            return refuse(format!("PRAGMA {name} needs a number"), value.span, format!("write PRAGMA {name} = 1"));
        };
        let text = if private {
            format!("SELECT set_config('sqlift.{name}', '{number}', false)")
        } else {
            format!("SELECT sqlift.store_setting('{name}', {number})")
        };
        self.edits.replace_text(span, text);
        Ok(statement::of(Kind::Other))
    }

    fn integer_value(&self, value: &Expr) -> Option<i64> {
        match &value.kind {
            ExprKind::Integer => self.source(value.span).parse().ok(),
            ExprKind::String(text) => text.parse().ok(),
            ExprKind::Unary { operator, operand } => {
                let inner = self.integer_value(operand)?;
                match operator {
                    UnaryOperator::Minus => Some(-inner),
                    UnaryOperator::Plus => Some(inner),
                    _ => None,
                }
            }
            ExprKind::Parenthesized(inner) => self.integer_value(inner),
            _ => None,
        }
    }

    /// The schema that the compat functions look at: the connection's own one, or the current.
    fn schema_literal(&self) -> &'static str {
        if self.options.in_memory { "'pg_temp'" } else { "NULL" }
    }

    /// sqlite_master and its other names.
    pub fn schema_table(&mut self, name: &QualifiedName, needs_alias: bool) -> Result<Option<Source>> {
        let written = fold(&name.name.text);
        let schema = match written.as_str() {
            "sqlite_master" | "sqlite_schema" => self.schema_literal(),
            "sqlite_temp_master" | "sqlite_temp_schema" => "'pg_temp'",
            "sqlite_sequence" | "sqlite_stat1" | "dbstat" => {
                return refuse(
                    format!("{written} is a table of SQLite's own"),
                    name.span,
                    "ask PostgreSQL's catalog in a native statement",
                );
            }
            _ => return Ok(None),
        };
        self.note(&rules::schema::SCHEMA_TABLE, name.span);
        let alias = if needs_alias { format!(" AS {written}") } else { String::new() };
        self.edits.replace_text(name.span, format!("sqlift.sqlite_schema({schema}){alias}"));
        Ok(Some(table_function_source(written, &typed_columns(SCHEMA_TABLE))))
    }

    /// `pragma_table_info('t')`, `json_each(x)` in FROM.
    pub fn table_function(
        &mut self,
        table: &TableRef,
        name: &QualifiedName,
        arguments: &[Expr],
    ) -> Result<Vec<Source>> {
        let function = fold(&name.name.text);
        let call = Span { start: name.span.start, end: call_end(table, arguments, self.sql) };
        let known_as = match &table.alias {
            Some(alias) => self.declare(alias),
            None => function.clone(),
        };
        let alias = if table.alias.is_none() { format!(" AS {known_as}") } else { String::new() };
        if let Some(pragma) = function.strip_prefix("pragma_")
            && let Some((_, columns)) = TABLES.iter().find(|(name, _)| *name == pragma)
        {
            let [argument] = arguments else {
                return refuse(format!("{function}() needs the table's name alone"), name.span, "give one argument");
            };
            let mut typed = self.value(argument)?;
            if typed.placeholder.is_some() {
                self.parameter_of_column(argument, ColumnType::Text);
                self.suffix(argument, &mut typed, "::text");
            } else {
                self.as_text(argument, &mut typed)?;
            }
            self.edits.replace(
                call,
                [
                    format!("sqlift.{function}({}, ", self.schema_literal()).into(),
                    argument.span.into(),
                    format!("){alias}").into(),
                ],
            );
            return Ok(vec![table_function_source(known_as, &typed_columns(columns))]);
        }
        if function == "json_each" || function == "json_tree" {
            return self.json_table(&function, call, arguments, known_as, &alias);
        }
        if let Some((mut pieces, columns)) = self.series(&function, call, arguments)? {
            pieces.push(alias.into());
            self.edits.replace(call, pieces);
            return Ok(vec![table_function_source(known_as, &columns)]);
        }
        refuse(
            format!("the table function {function}() has no rule yet"),
            name.span,
            "bind the values one by one, or write PostgreSQL's own SQL in a native statement",
        )
    }

    fn json_table(
        &mut self,
        function: &str,
        call: Span,
        arguments: &[Expr],
        known_as: String,
        alias: &str,
    ) -> Result<Vec<Source>> {
        let mut pieces = vec![super::edits::Piece::Text(format!("sqlift.{function}("))];
        for (index, argument) in arguments.iter().enumerate() {
            if index == 0 {
                self.json_text(argument)?;
            } else {
                let mut typed = self.value(argument)?;
                self.as_text(argument, &mut typed)?;
            }
            if index > 0 {
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(format!("){alias}").into());
        self.edits.replace(call, pieces);
        let columns: Columns = typed_columns(&[
            ("key", Type::Json),
            ("value", Type::Json),
            ("type", Type::Text),
            ("atom", Type::Json),
            ("id", Type::Integer),
            ("parent", Type::Integer),
            ("fullkey", Type::Text),
            ("path", Type::Text),
        ]);
        Ok(vec![table_function_source(known_as, &columns)])
    }
}

/// A word, string or number as PRAGMAs take them.
fn word(value: &Expr) -> Option<String> {
    match &peel(value).kind {
        ExprKind::Column { column, .. } => Some(column.text.clone()),
        ExprKind::String(text) => Some(text.clone()),
        ExprKind::Boolean(value) => Some(if *value { "true".into() } else { "false".into() }),
        _ => None,
    }
}

fn typed_columns(columns: &[(&str, Type)]) -> Columns {
    columns
        .iter()
        .map(|(name, ty)| {
            let mut typed = Typed::new(*ty);
            typed.affinity = match ty {
                Type::Text => Affinity::Text,
                Type::Integer => Affinity::Number,
                _ => Affinity::None,
            };
            typed.column = match ty {
                Type::Text => Some(ColumnType::Text),
                Type::Integer => Some(ColumnType::BigInt),
                _ => None,
            };
            ((*name).to_owned(), typed)
        })
        .collect()
}

fn table_function_source(name: String, columns: &Columns) -> Source {
    let columns = columns
        .iter()
        .map(|(name, typed)| {
            let mut typed = typed.clone();
            typed.from_column = true;
            SourceColumn { name: name.clone(), typed, merged: false }
        })
        .collect();
    Source {
        printed: super::names::identifier(&name),
        name,
        columns,
        rowid: None,
        primary_key: Vec::new(),
        is_table: false,
        by_name_only: false,
    }
}

/// Where the call ends: at the parenthesis behind the last argument.
fn call_end(table: &TableRef, arguments: &[Expr], sql: &str) -> usize {
    let from = arguments.last().map_or(table.span.start, |argument| argument.span.end);
    crate::syntax::tokens_from(sql, from)
        .find(|token| token.kind == crate::syntax::TokenKind::RightParen)
        .map_or(table.span.end, |token| token.span.end)
}
