//! What is kept of a CREATE for SQLite's catalog, as comments: texts, spellings and declared types that PostgreSQL's own
//! catalog does not tell. `sql/postgres/compat/catalog.sql` reads them.

use std::collections::HashSet;

use super::ast::*;
use super::catalog::{ColumnType, Table};
use super::names::{fold, identifier, quote_literal};
use super::pass::Pass;
use super::rules;
use super::rules::types::stored_type;
use super::table::column_type;
use super::types::SPACES;
use crate::syntax::{Span, TokenKind, tokens_from};

impl Pass<'_> {
    /// Keeps the text of a CREATE as SQLite's catalog would: from the name on, behind the kind's own words.
    pub fn remember(&mut self, words: &str, kind: &str, object: &str, from: Span, statement: Span) {
        let whole = match kind {
            "VIEW" | "INDEX" => up_to_semicolon(self.sql, statement, kind),
            _ => statement,
        };
        let text = format!("sqlite: CREATE {words} {}", self.source(Span { start: from.start, ..whole }));
        self.note(&rules::schema::KEPT_TEXT, from);
        self.afterwards.push(format!("COMMENT ON {kind} {object} IS {}", quote_literal(&text)));
    }

    /// Keeps a column's spelling, default and declared type, each on a line of its own; the type, which may be of several lines,
    /// is the last.
    pub fn remember_column(&mut self, table: &str, column: &ColumnDefinition, autoincrement: bool) {
        let mut kept = Vec::new();
        let written = &column.name.text;
        if **written != *fold(written) {
            kept.push(format!("named {written}"));
        }
        if autoincrement {
            kept.push("autoincrement".to_owned());
        }
        // A schema in PostgreSQL's own types is read by people, who see the default itself.
        if !self.options.types.is_native() {
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

/// A CREATE with what stands behind its last word, up to the semicolon or the end of the text: comments, and blanks, which SQLite
/// takes off a view's text alone.
pub(crate) fn up_to_semicolon(sql: &str, statement: Span, kind: &str) -> Span {
    use TokenKind::{Blank, BlockComment, LineComment};
    let mut behind = tokens_from(sql, statement.end);
    let next = behind.find(|token| !matches!(token.kind, Blank | LineComment | BlockComment));
    let end = next.map_or(sql.len(), |token| token.span.start);
    match kind {
        "VIEW" => Span { end: sql[..end].trim_end_matches(SPACES).len(), ..statement },
        _ => Span { end, ..statement },
    }
}

/// The text of a declared type as SQLite tells it: a first word in quotes is the whole type.
pub(crate) fn declared(text: &str) -> String {
    let name = match crate::syntax::tokens(text).next() {
        Some(first) if text.starts_with(['"', '`', '[', '\'']) => super::parser::name::unquote(first.span.text(text)),
        _ => text.to_owned(),
    };
    // SQLite keeps a number for these, and tells them in capitals.
    let standard = ["ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"];
    standard.into_iter().find(|word| name.eq_ignore_ascii_case(word)).map_or(name, str::to_owned)
}

/// Line breaks as `\n`, and the backslash itself doubled.
fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

/// A name of 63 bytes at most for an unnamed CHECK, which SQLite calls by its text, or by what
/// stands in the quotes that it begins with; one that is taken already gets blanks behind it.
pub(crate) fn check_name(text: &str, taken: &HashSet<String>) -> String {
    let called = declared(text);
    let cut = |most: usize| (0..=called.len().min(most)).rev().find(|end| called.is_char_boundary(*end)).unwrap_or(0);
    let mut name = called[..cut(63)].trim_end().to_owned();
    let mut blanks = 0;
    while name.is_empty() || taken.contains(&name) {
        blanks += 1;
        name = format!("{}{}", &called[..cut(63 - blanks)], " ".repeat(blanks));
    }
    name
}

/// What SQLite's message of a failed CHECK calls it: PostgreSQL's name is in lower case, cut, or has blanks behind it.
pub(crate) fn check_called(table: &Table, constraint: &str) -> String {
    let short = constraint.trim_end();
    let known = checks(table).into_iter().find_map(|(name, text)| match name {
        Some(name) => name.eq_ignore_ascii_case(short).then_some(name),
        None if text == short || short.len() > 50 && text.starts_with(short) => Some(text),
        None => None,
    });
    known.unwrap_or_else(|| short.to_owned())
}

/// What happens to a parent's row: a DELETE or an UPDATE of that very table, where the statement is known to be one.
pub(crate) fn fate(sql: &str, parent: &str) -> Option<Fate> {
    let (table, fate) = match super::parser::parse_statement(sql).ok()?.kind {
        StatementKind::Delete(delete) => (delete.table, Fate::Deleted),
        StatementKind::Update(update) => (update.table, Fate::Updated),
        StatementKind::Insert(insert) if insert.upserts.is_empty() => (insert.table, Fate::Deleted),
        StatementKind::Insert(insert) => (insert.table, Fate::Updated),
        _ => return None,
    };
    table.name.text.eq_ignore_ascii_case(parent).then_some(fate)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Deleted,
    Updated,
}

/// Whether a foreign key of the table to that parent says RESTRICT: SQLite has an error of its own for it.
pub(crate) fn restricts(table: &Table, parent: &str, fate: Option<Fate>) -> bool {
    let Some((columns, constraints)) = table.created.as_deref().and_then(super::altered::body) else { return false };
    let of_columns = columns.iter().flat_map(|column| &column.constraints).filter_map(|one| match &one.kind {
        ColumnConstraintKind::References(clause) => Some(clause),
        _ => None,
    });
    let of_table = constraints.iter().filter_map(|one| match &one.kind {
        TableConstraintKind::ForeignKey { references, .. } => Some(references),
        _ => None,
    });
    let mut clauses = of_columns.chain(of_table).filter(|clause| clause.table.text.eq_ignore_ascii_case(parent));
    let restrict = Some(ForeignKeyAction::Restrict);
    clauses.any(|clause| {
        clause.on_delete == restrict && fate != Some(Fate::Updated)
            || clause.on_update == restrict && fate != Some(Fate::Deleted)
    })
}

/// The CHECKs of a table: their names, and what SQLite calls those without one.
fn checks(table: &Table) -> Vec<(Option<String>, String)> {
    let Some(text) = table.created.as_deref() else { return Vec::new() };
    let Some((columns, constraints)) = super::altered::body(text) else { return Vec::new() };
    let of_columns = columns.iter().flat_map(|column| &column.constraints).filter_map(|one| match &one.kind {
        ColumnConstraintKind::Check { expr } => Some((&one.name, expr)),
        _ => None,
    });
    let of_table = constraints.iter().filter_map(|one| match &one.kind {
        TableConstraintKind::Check { expr } => Some((&one.name, expr)),
        _ => None,
    });
    let named = |name: &Option<Name>| name.as_ref().map(|name| name.text.to_string());
    of_columns.chain(of_table).map(|(name, expr)| (named(name), declared(expr.span.text(text)))).collect()
}
