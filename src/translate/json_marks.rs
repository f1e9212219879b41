//! Where json_each's elements are JSON to the functions around them, and where SQLite's mark of it is lost on the way.
//!
//! SQLite takes a plain subquery apart, so that its columns are those of json_each, mark and all; what it sorts for GROUP BY loses the
//! mark. <https://sqlite.org/json1.html#jsubtype>, <https://sqlite.org/optoverview.html#subquery_flattening>

use super::ast::*;
use super::bare::{aggregates, has_bare_column, holds_window};
use super::names::{fold, identifier};
use super::pass::{Pass, peel};
use super::scope::{Source, SourceColumn};
use super::types::{Type, Typed};

/// The column by which a subquery hands the elements' types on.
pub(super) const MARK: &str = "sqlift_type";

impl Pass<'_> {
    /// Finds out what becomes of the marks in the FROM of a SELECT.
    pub fn json_marks(&mut self, simple: &SimpleSelect, from: &From, sources: &mut [Source]) {
        if !simple.group_by.is_empty() {
            let are_sorted = from.joins.is_empty() || simple.group_by.iter().all(|term| is_sorted(term, sources));
            for source in sources.iter_mut().filter(|source| source.is_function) {
                source.loses_marks = are_sorted || simple.group_by.iter().any(|term| is_column_of(term, source));
            }
            return;
        }
        let TableRefKind::Subquery(select) = &from.first.kind else { return };
        let is_bare = |column: &ResultColumn| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => has_bare_column(expr),
            _ => true,
        };
        if aggregates(simple) && simple.columns.iter().any(is_bare) {
            // The mark beside a bare column would have to be of the row that the column is picked from.
            return;
        }
        let hears_marks = |column: &ResultColumn| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => Some(self.source(expr.span).to_ascii_lowercase().contains("json")),
            _ => None,
        };
        let heard: Option<Vec<bool>> = simple.columns.iter().map(hears_marks).collect();
        if !from.joins.is_empty() || !heard.is_some_and(|heard| heard.contains(&true)) {
            return;
        }
        let Some((call, marked)) = marked_columns(select) else { return };
        let [source] = sources else { return };
        let SelectCoreKind::Select(inner) = &select.body.first.kind else { return };
        let Some(last) = inner.columns.last() else { return };
        self.edits.append(last.span, [format!(", {call}.type AS {MARK}").into()]);
        let mut typed = Typed::new(Type::Text);
        typed.from_column = true;
        source.hidden = std::rc::Rc::new([SourceColumn { name: MARK.into(), typed, merged: false }]);
        source.marked = marked.into();
    }
}

/// Whether a term of GROUP BY names a column of this source.
fn is_column_of(term: &Expr, source: &Source) -> bool {
    let ExprKind::Column { schema: None, table, column } = &peel(term).kind else { return false };
    match table {
        Some(table) => table.text.eq_ignore_ascii_case(&source.name),
        None => source.column(&column.text).is_some(),
    }
}

/// Whether a term of GROUP BY is a table's column that no index may have in order.
fn is_sorted(term: &Expr, sources: &[Source]) -> bool {
    let ExprKind::Column { column, .. } = &peel(term).kind else { return false };
    let Some(table) = sources.iter().find(|source| is_column_of(term, source)).and_then(Source::table) else {
        return false;
    };
    let is_it = |name: &String| name.eq_ignore_ascii_case(&column.text);
    let of_key = |key: &super::catalog::UniqueKey| {
        key.columns.iter().any(is_it) || key.folded.iter().any(|(name, _)| is_it(name)) || key.terms().is_empty()
    };
    let of_index = |index: &super::catalog::Index| {
        index.created.as_deref().is_none_or(|text| super::altered::mentions(text, &column.text))
    };
    !table.is_view
        && table.rowid_column().is_none_or(|rowid| !is_it(&rowid.name))
        && !table.unique_keys.iter().any(of_key)
        && !table.indexes.iter().any(of_index)
}

/// What json_each goes by in a subquery that SQLite takes apart, and the names of the results that are its elements.
fn marked_columns(select: &Select) -> Option<(String, Vec<String>)> {
    let is_plain = select.with.is_none()
        && select.body.compounds.is_empty()
        && select.order_by.is_empty()
        && select.limit.is_none();
    let SelectCoreKind::Select(inner) = &select.body.first.kind else { return None };
    let is_one_by_one = inner.distinct != Some(Distinct::Distinct)
        && inner.group_by.is_empty()
        && inner.having.is_none()
        && !aggregates(inner)
        && !inner.columns.iter().any(holds_window);
    let from = inner.from.as_ref().filter(|_| is_plain && is_one_by_one)?;
    let is_inner = |join: &Join| matches!(join.operator.kind, JoinKind::Comma | JoinKind::Inner | JoinKind::Cross);
    if !from.joins.iter().all(is_inner) {
        return None;
    }
    let tables = std::iter::once(&from.first).chain(from.joins.iter().map(|join| &join.table));
    let mut calls = tables.filter_map(|table| match &table.kind {
        TableRefKind::Function { name, .. } if ["json_each", "json_tree"].contains(&fold(&name.name.text).as_str()) => {
            Some(fold(&table.alias.as_ref().unwrap_or(&name.name).text))
        }
        _ => None,
    });
    let (Some(call), None) = (calls.next(), calls.next()) else { return None };
    let mut marked = Vec::new();
    for column in &inner.columns {
        let ResultColumnKind::Expr { expr, alias } = &column.kind else { return None };
        if gives_marks(expr) {
            return None;
        }
        if let ExprKind::Column { schema: None, table, column } = &peel(expr).kind
            && column.text.eq_ignore_ascii_case("value")
            && table.as_ref().is_none_or(|table| fold(&table.text) == call)
        {
            marked.push(fold(&alias.as_ref().unwrap_or(column).text));
        }
    }
    (!marked.is_empty()).then(|| (identifier(&call), marked))
}

/// Whether a result is of a function that marks it: SQLite takes no subquery apart that has one.
fn gives_marks(expr: &Expr) -> bool {
    let is_one = match &expr.kind {
        ExprKind::Call(call) => fold(&call.name.text).starts_with("json"),
        ExprKind::Binary { operator, .. } => {
            matches!(operator, BinaryOperator::JsonArrow | BinaryOperator::JsonArrowText)
        }
        ExprKind::Subquery(_) => true,
        _ => false,
    };
    is_one || expr.children().into_iter().any(gives_marks)
}
