//! Indexes over date functions: `CREATE INDEX i ON t(date(at))` serves `WHERE date(at) = ?`.
//!
//! PostgreSQL takes an index for an expression that says the same, and the index holds what always stays the same: a call that
//! refuses 'now' in a row. Such a row is not there while the index is, so that the call in a query may be that one too.

use super::super::ast::{Call, Expr, ExprKind};
use super::super::catalog::Table;
use super::super::column_name::ColumnName;
use super::super::names::{fold, identifier, quote_literal};
use super::super::pass::{Pass, peel};
use super::super::scope::Meaning;

impl Pass<'_> {
    /// Whether an index holds the call for every row.
    pub(super) fn is_indexed(&self, call: &Call) -> bool {
        let Some(ExprKind::Column { table, column, .. }) = times(call).first().map(|time| &peel(time).kind) else {
            return false;
        };
        let Ok(Meaning::Column { name: ColumnName::Of(found, _), .. }) =
            self.lookup(table.as_ref(), column, call.name.span)
        else {
            return false;
        };
        !found.dated.is_empty()
            && written(call, &found).is_some_and(|call| found.dated.iter().any(|(_, of)| *of == call))
    }
}

fn times(call: &Call) -> &[Expr] {
    let first = usize::from(fold(&call.name.text) == "strftime");
    call.arguments.get(first..).unwrap_or_default()
}

/// The call of a column and literals in the words of [`Table::dated`].
pub(crate) fn written(call: &Call, table: &Table) -> Option<String> {
    let arguments: Option<Vec<String>> = call
        .arguments
        .iter()
        .map(|argument| match &peel(argument).kind {
            ExprKind::String(text) => Some(quote_literal(text)),
            ExprKind::Column { column, .. } => Some(identifier(&table.column(&column.text)?.name)),
            _ => None,
        })
        .collect();
    let name = fold(&call.name.text);
    let is_date = matches!(name.as_str(), "date" | "time" | "datetime" | "strftime");
    arguments.filter(|_| is_date).map(|arguments| format!("{name}({})", arguments.join(", ")))
}

/// The same out of an index's term as PostgreSQL writes it: `... sqlift.fixed_strftime('%Y'::text, VARIADIC ARRAY[at]) ...`.
pub(crate) fn of_term(term: &str) -> Option<String> {
    let (_, call) = term.split_once("sqlift.fixed_")?;
    let (name, arguments) = call.split_once('(')?;
    let (format, values) = arguments.split_once("VARIADIC ARRAY[")?;
    let (values, _) = values.split_once("])")?;
    Some(format!("{name}({format}{values})").replace("::text", ""))
}

#[cfg(test)]
mod tests {
    #[test]
    fn terms_as_calls() {
        for (term, call) in [
            (
                "(CASE WHEN sqlift.is_moment(at) THEN \"left\"(at, 10) WHEN at IS NOT NULL THEN sqlift.fixed_date(VARIADIC ARRAY[at]) ELSE NULL::text END)",
                Some("date(at)"),
            ),
            ("sqlift.fixed_strftime('%Y'::text, VARIADIC ARRAY[\"At\"])", Some("strftime('%Y', \"At\")")),
            ("sqlift.fixed_date(VARIADIC ARRAY[at, 'start of month'::text])", Some("date(at, 'start of month')")),
            ("sqlift.is_moment(at)", None),
            ("lower(at)", None),
        ] {
            assert_eq!(super::of_term(term).as_deref(), call, "{term}");
        }
    }
}
