//! What CREATE TABLE AS and CREATE VIEW make of a SELECT's columns: their names, and a table's types.
//! <https://sqlite.org/lang_createtable.html#create_table_as_select_statements>

use super::ast::{ExprKind, ResultColumn, ResultColumnKind, Select, SelectCoreKind};
use super::names::{fold, identifier, quote_literal};
use super::parser::is_keyword;
use super::pass::{Pass, peel};
use super::rules;
use super::rules::types::{StoredAs, affinity_of};
use super::types::Columns;
use super::types::{Affinity, Collation, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    /// CREATE TABLE AS: what has no affinity becomes a column without a type, and nothing has a collation.
    pub fn created_columns(&mut self, columns: &mut Columns, query: Span) {
        let is_renamed = super::from::rename_twins(columns);
        let is_changed =
            |typed: &Typed| becomes_any(typed) || has_collation(typed) || is_stored(typed) || is_cast(typed);
        if !is_renamed && !columns.iter().any(|(_, typed)| is_changed(typed)) {
            return;
        }
        self.fired.rule(&rules::types::UNTYPED);
        let names: Vec<String> = (1..=columns.len()).map(|number| format!("c{number}")).collect();
        let kept = columns.iter().zip(&names).map(|((column, typed), name)| {
            let column = identifier(&fold(column));
            match typed {
                typed if becomes_any(typed) => format!("sqlift.value_of({name}) AS {column}"),
                // As its affinity keeps what is an integer by its value.
                typed if is_cast(typed) => format!("sqlift.by_row({name}) AS {column}"),
                typed if is_stored(typed) => format!("sqlift.exact_number({name}) AS {column}"),
                typed if has_collation(typed) => format!("{name} COLLATE \"C\" AS {column}"),
                _ => format!("{name} AS {column}"),
            }
        });
        let kept: Vec<String> = kept.collect();
        self.edits.wrap(
            query,
            format!("SELECT {} FROM (", kept.join(", ")),
            format!(") AS sqlift_kept({})", names.join(", ")),
        );
        columns
            .iter_mut()
            .map(|(_, typed)| typed)
            .filter(|typed| is_cast(typed))
            .for_each(|typed| typed.ty = Type::Numeric);
    }

    /// What is CAST to NUMERIC is NUM, also where it is known to be a real.
    pub fn cast_columns(&self, select: &Select, columns: &mut Columns) {
        let SelectCoreKind::Select(simple) = &select.body.first.kind else { return };
        if !select.body.compounds.is_empty() {
            return;
        }
        // A `*` ahead of it stands for several.
        let is_star = |column: &ResultColumn| !matches!(column.kind, ResultColumnKind::Expr { .. });
        let (written, all) = (&simple.columns, columns.len());
        let first_star = written.iter().position(is_star).unwrap_or(written.len());
        let last_star = written.iter().rposition(is_star).unwrap_or(0);
        for (number, column) in written.iter().enumerate() {
            let at = match number {
                _ if number < first_star => Some(number),
                _ if number > last_star => all.checked_sub(written.len() - number),
                _ => None,
            };
            let Some((_, typed)) = at.and_then(|at| columns.get_mut(at)) else { continue };
            if let ResultColumnKind::Expr { expr, .. } = &column.kind
                && let ExprKind::Cast { type_name, .. } = &peel(expr).kind
                && affinity_of(&type_name.name) == StoredAs::Numeric
                && typed.ty == Type::Real
            {
                let kinds = self.arm_kinds(expr, typed).stored();
                *typed = Typed { kinds: Some(kinds), by_row: true, ty: Type::Numeric, ..typed.clone() };
            }
        }
    }

    /// The text that SQLite makes up for the table, the names of the columns as they are spelled, and SQLite's words for their types
    /// where PostgreSQL's own do not tell them.
    pub fn remember_created(&mut self, table: &str, written: &str, columns: &Columns) {
        if let Some(text) = made_up_text(written, columns).filter(|_| !self.options.types.is_native()) {
            self.fired.rule(&rules::schema::KEPT_TEXT);
            let text = quote_literal(&format!("sqlite: {text}"));
            self.afterwards.push(format!("COMMENT ON TABLE {} IS {text}", identifier(table)));
        }
        for (name, typed) in columns {
            let mut kept = Vec::new();
            if **name != *fold(name) {
                kept.push(format!("named {name}"));
            }
            let declared = match typed.ty {
                _ if becomes_any(typed) || self.options.types.is_native() => None,
                Type::Integer => Some("INT"),
                Type::Numeric => Some("NUM"),
                _ if hides_affinity(typed) => Some("NUM"),
                _ => None,
            };
            kept.extend(declared.map(|declared| format!("declared {declared}")));
            if !kept.is_empty() {
                self.fired.rule(&rules::schema::KEPT_TEXT);
                let (column, text) = (identifier(&fold(name)), quote_literal(&kept.join("\n")));
                self.afterwards.push(format!("COMMENT ON COLUMN {}.{column} IS {text}", identifier(table)));
            }
        }
    }
}

/// The text of a table that a SELECT makes, as SQLite's catalog tells it: in lines where it is long. None where a column has a type
/// that SQLite does not know.
fn made_up_text(table: &str, columns: &Columns) -> Option<String> {
    let words = columns.iter().map(|(_, typed)| {
        Some(match typed.ty {
            _ if becomes_any(typed) => "",
            Type::Integer => " INT",
            Type::Real => " REAL",
            Type::Numeric | Type::Boolean => " NUM",
            _ if hides_affinity(typed) => " NUM",
            Type::Text => " TEXT",
            Type::Native(_) => return None,
            _ => "",
        })
    });
    let words: Vec<&str> = words.collect::<Option<_>>()?;
    // As SQLite measures a name: in quotes.
    let length = |name: &str| name.len() + name.matches('"').count() + 2;
    let total = length(table) + columns.iter().map(|(name, _)| length(name) + 5).sum::<usize>();
    let (first, between, last) = if total < 50 { ("", ",", ")") } else { ("\n  ", ",\n  ", "\n)") };
    let columns: Vec<String> =
        columns.iter().zip(words).map(|((name, _), word)| format!("{}{word}", sqlite_identifier(name))).collect();
    Some(format!("CREATE TABLE {}({first}{}{last}", sqlite_identifier(table), columns.join(between)))
}

/// A name as SQLite writes it into texts of its own: in quotes where it would not be read as one.
fn sqlite_identifier(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    if is_plain && !is_keyword(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Whether CREATE TABLE AS makes a column without a type of it.
pub(crate) fn becomes_any(typed: &Typed) -> bool {
    !matches!(typed.affinity, Affinity::Number | Affinity::Text) && !matches!(typed.ty, Type::Any | Type::Native(_))
}

/// Of a column declared DATE, DATETIME, JSONB or the like: [`super::catalog::Column::numeric_affinity`].
pub(crate) fn hides_affinity(typed: &Typed) -> bool {
    matches!(typed.ty, Type::Text | Type::Any) && typed.affinity == Affinity::Number
}

/// Whether it is an integer or a real by the row, and the column's affinity has its own mind about it. What was CAST stays.
fn is_stored(typed: &Typed) -> bool {
    typed.by_row && typed.kinds.is_some_and(|kinds| !kinds.is_cast)
}

/// A number that begins with a CAST in a compound SELECT: its column is NUM.
fn is_cast(typed: &Typed) -> bool {
    typed.ty == Type::Real && typed.affinity == Affinity::Number && typed.kinds.is_some_and(|kinds| kinds.is_cast)
}

fn has_collation(typed: &Typed) -> bool {
    typed.ty == Type::Text && typed.collation != Collation::Binary
}
