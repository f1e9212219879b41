//! What is kept of a CREATE for SQLite's catalog, as comments: texts, spellings and declared types that PostgreSQL's own
//! catalog does not tell. `sql/postgres/compat/catalog.sql` reads them.

use super::TypePolicy;
use super::ast::*;
use super::catalog::ColumnType;
use super::names::{fold, identifier, quote_literal};
use super::pass::Pass;
use super::rules;
use super::rules::types::stored_type;
use super::table::{column_type, is_autoincrement};
use crate::syntax::Span;

impl Pass<'_> {
    /// Keeps the text of a CREATE as SQLite's catalog would: from the name on, behind the kind's own words.
    pub fn remember(&mut self, words: &str, kind: &str, object: &str, from: Span, statement: Span) {
        let text = format!("sqlite: CREATE {words} {}", &self.sql[from.start..statement.end]);
        self.note(&rules::schema::KEPT_TEXT, from);
        self.afterwards.push(format!("COMMENT ON {kind} {object} IS {}", quote_literal(&text)));
    }

    /// Keeps a column's spelling, default and declared type, each on a line of its own; the type, which may be of several lines,
    /// is the last.
    pub fn remember_column(&mut self, table: &str, column: &ColumnDefinition) {
        let mut kept = Vec::new();
        let written = &column.name.text;
        if **written != *fold(written) {
            kept.push(format!("named {written}"));
        }
        if is_autoincrement(column) {
            kept.push("autoincrement".to_owned());
        }
        // A schema in PostgreSQL's own types is read by people, who see the default itself.
        if self.options.types == TypePolicy::Faithful {
            for constraint in &column.constraints {
                match &constraint.kind {
                    ColumnConstraintKind::Generated { stored: false, .. } => kept.push("virtual".to_owned()),
                    ColumnConstraintKind::Default { value } => {
                        kept.push(format!("default {}", one_line(self.default_source(value))));
                    }
                    _ => {}
                }
            }
        }
        if let Some(type_name) = &column.type_name {
            let declared = declared(self.source(type_name.span));
            let told = match column_type(&stored_type(type_name, self.options.types)) {
                ColumnType::BigInt => "INTEGER",
                ColumnType::Double => "REAL",
                ColumnType::Numeric => "NUMERIC",
                ColumnType::Bytea => "BLOB",
                ColumnType::Text => "TEXT",
                // PostgreSQL's own name, which nobody wrote.
                _ => "",
            };
            if declared != told {
                kept.push(format!("declared {declared}"));
            }
        }
        if !kept.is_empty() {
            self.fired.rule(&rules::schema::KEPT_TEXT);
            let column = identifier(&fold(written));
            let text = quote_literal(&kept.join("\n"));
            self.afterwards.push(format!("COMMENT ON COLUMN {}.{column} IS {text}", identifier(table)));
        }
    }

    /// A default as `PRAGMA table_info` gives it: without the parentheses of an expression.
    fn default_source(&self, value: &Expr) -> &str {
        let text = self.source(value.span);
        match value.kind {
            ExprKind::Parenthesized(_) => {
                text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text).trim()
            }
            _ => text,
        }
    }
}

/// The text of a declared type as SQLite tells it: a first word in quotes is the whole type.
fn declared(text: &str) -> String {
    match crate::syntax::tokens(text).next() {
        Some(first) if text.starts_with(['"', '`', '[', '\'']) => super::parser::name::unquote(first.span.text(text)),
        _ => text.to_owned(),
    }
}

/// Line breaks as `\n`, and the backslash itself doubled.
fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}
