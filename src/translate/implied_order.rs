//! The order that SQLite's rows have where a query does not say one, and its answer shows it.
//!
//! SQLite groups by sorting, keeps the rows of UNION, INTERSECT and EXCEPT in a sorted table, and hands the rows of a sorted
//! subquery to aggregates in their order; PostgreSQL hashes. The documentation leaves these orders open, programs do not:
//! what a list shows first, what LIMIT leaves over, which ids INSERT ... SELECT gives, what `group_concat` writes.

use super::ast::*;
use super::bare::aggregate_calls;
use super::edits::Piece;
use super::names::{fold, identifier};
use super::pass::{Pass, peel};
use super::rules;
use super::scope::{Meaning, Source};
use super::types::{Collation, Columns, Type, Typed};
use crate::syntax::Span;

/// The column by which members are put in a sorted subquery's order.
const NUMBER: &str = "sqlift_number";

/// Aggregates whose answer shows in which order they met their rows.
const IN_ORDER: [&str; 6] =
    ["group_concat", "string_agg", "json_group_array", "json_group_object", "jsonb_group_array", "jsonb_group_object"];

/// A key of GROUP BY as a term of ORDER BY, `expr` being what a number or an alias stands for: nothing for a constant, `None` where
/// the server's order is another one.
pub(crate) fn sorted(term: Piece, expr: Option<Span>, typed: &Typed) -> Option<Vec<Piece>> {
    if typed.constant.is_some() {
        return Some(Vec::new());
    }
    let mut pieces = vec![term];
    match typed.ty {
        Type::Json | Type::Unknown | Type::Null => return None,
        Type::Any if typed.collation != Collation::Binary => return None,
        Type::Text if typed.collation == Collation::Binary && !typed.from_column => {
            pieces = vec!["(".into(), expr?.into(), ") COLLATE \"C\"".into()];
        }
        _ => {}
    }
    if typed.nullable {
        pieces.push(" NULLS FIRST".into());
    }
    Some(pieces)
}

/// Whether a result is called like a key and is the key.
fn shows_key(key: &Name, simple: &SimpleSelect, columns: &Columns) -> bool {
    let is_key = |column: &ResultColumn| match &column.kind {
        ResultColumnKind::Expr { expr, alias: None } => {
            matches!(&peel(expr).kind, ExprKind::Column { column, .. } if column.text.eq_ignore_ascii_case(&key.text))
        }
        _ => false,
    };
    let is_called_so = |(name, _): &&(String, Typed)| name.eq_ignore_ascii_case(&key.text);
    columns.iter().filter(is_called_so).count() == 1 && simple.columns.iter().any(is_key)
}

impl Pass<'_> {
    /// A term of GROUP BY that is an expression, as it stands in ORDER BY: there a bare name is a result's first.
    pub fn sorting_key(&mut self, term: &Expr, simple: &SimpleSelect, columns: &Columns) -> Piece {
        let ExprKind::Column { table: None, column, .. } = &peel(term).kind else { return term.span.into() };
        if shows_key(column, simple, columns) {
            return term.span.into();
        }
        match self.lookup(None, column, term.span) {
            Ok(Meaning::Column { source, name, .. }) if !self.is_merged(column) => {
                format!("{source}.{}", identifier(&name)).into()
            }
            _ => term.span.into(),
        }
    }

    /// Sorts the groups of a query by their keys.
    pub fn sort_groups(&mut self, query: Span, terms: Vec<Option<Vec<Piece>>>) {
        let Some(mut terms) = terms.into_iter().collect::<Option<Vec<_>>>() else { return };
        terms.retain(|term| !term.is_empty());
        let mut pieces: Vec<Piece> = vec![query.into()];
        for term in terms {
            pieces.push(if pieces.len() == 1 { " ORDER BY " } else { ", " }.into());
            pieces.extend(term);
        }
        if pieces.len() > 1 {
            self.note(&rules::select::IMPLIED_ORDER, query);
            self.edits.replace(query, pieces);
        }
    }

    /// Sorts what UNION, INTERSECT or EXCEPT gives.
    pub fn sort_set(&mut self, select: &Select, columns: &Columns) {
        let Some(last) = select.body.compounds.last() else { return };
        let has_an_order = |(_, typed): &(String, Typed)| {
            typed.collation == Collation::Binary && !matches!(typed.ty, Type::Json | Type::Unknown | Type::Null)
        };
        if last.operator == CompoundOperator::UnionAll || !columns.iter().all(has_an_order) {
            return;
        }
        let terms: Vec<String> = (1..=columns.len())
            .zip(columns)
            .map(|(number, (_, typed))| format!("{number}{}", if typed.nullable { " NULLS FIRST" } else { "" }))
            .collect();
        let body = Span { start: select.body.first.span.start, end: last.core.span.end };
        self.note(&rules::select::IMPLIED_ORDER, body);
        self.edits.wrap(body, "", format!(" ORDER BY {}", terms.join(", ")));
    }

    /// Numbers the rows of a sorted subquery, or common table, where an aggregate shows their order and the server may sort them
    /// otherwise on the way: it groups by sorting, and sorts for DISTINCT and ORDER BY of another aggregate.
    pub fn number_sorted_rows(&mut self, simple: &SimpleSelect, from: &From, sources: &mut [Source]) {
        let ([source], []) = (sources, from.joins.as_slice()) else { return };
        let results = simple.columns.iter().filter_map(|column| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => Some(expr),
            _ => None,
        });
        let mut calls = Vec::new();
        results.chain(&simple.having).for_each(|expr| aggregate_calls(expr, &mut calls));
        let sorts = |call: &&Call| call.distinct || !call.order_by.is_empty();
        let may_sort = !simple.group_by.is_empty() || calls.iter().any(sorts);
        if !may_sort || !calls.iter().any(|call| shows_order(call)) {
            return;
        }
        match &from.first.kind {
            TableRefKind::Subquery(select) if !select.order_by.is_empty() => {
                let before = format!("SELECT sqlift_s.*, row_number() OVER () AS {NUMBER} FROM (");
                self.edits.wrap(select.span, before, ") AS sqlift_s");
            }
            TableRefKind::Table { name, .. } if name.schema.is_none() => {
                let named =
                    self.common_tables.iter().rev().find(|table| table.name.eq_ignore_ascii_case(&name.name.text));
                let Some(common) = named.filter(|table| table.is_sorted) else { return };
                let alias = match from.first.alias {
                    None => format!(" AS {}", identifier(&common.name)),
                    Some(_) => String::new(),
                };
                let before = format!("(SELECT sqlift_s.*, row_number() OVER () AS {NUMBER} FROM ");
                self.edits.wrap(name.span, before, format!(" AS sqlift_s){alias}"));
            }
            _ => return,
        }
        self.note(&rules::select::IMPLIED_ORDER, from.first.span);
        source.hidden_at = Some(source.columns().count());
        let by = format!("{}.{NUMBER}", source.printed);
        self.scope().members_by = Some(by);
    }

    /// Puts the members of an aggregate in the order of the subquery they come from.
    pub fn in_rows_order(&mut self, call: &Call) {
        let Some(by) = self.scopes.last().and_then(|scope| scope.members_by.clone()) else { return };
        if let (true, [first, .., last] | [first @ last]) = (shows_order(call), call.arguments.as_slice()) {
            let arguments = Span { start: first.span.start, end: last.span.end };
            self.edits.wrap(arguments, "", format!(" ORDER BY {by}"));
        }
    }
}

fn shows_order(call: &Call) -> bool {
    IN_ORDER.contains(&&*fold(&call.name.text)) && !call.distinct && call.order_by.is_empty()
}
