//! Groups of single rows: of several keys of GROUP BY some tell the rows of the table apart. SQLite then reads the groups off the table,
//! by the rowid or that key, instead of sorting by the keys as they are written.

use super::ast::*;
use super::catalog::Collation;
use super::names::fold;
use super::pass::Pass;
use super::row_order::{IndexColumns, OneTable, names_in, one_of, tells_of_unindexed};
use super::scope::{Meaning, Source};
use crate::syntax::Span;

impl Pass<'_> {
    /// The terms of GROUP BY, counted from 0, by which alone the groups come, where each is of one row of the table; other tables may
    /// be joined to that by LEFT JOIN.
    pub fn terms_of_single_rows(&self, simple: &SimpleSelect, span: Span) -> Option<Vec<usize>> {
        let from = simple.from.as_ref().filter(|_| simple.group_by.len() > 1)?;
        let is_left = |join: &Join| join.operator.kind == JoinKind::Left;
        let source = self.scopes.last()?.sources.first()?;
        let is_first = matches!(from.first.kind, TableRefKind::Table { .. }) && from.joins.iter().all(is_left);
        let keys: Vec<&Expr> = simple.group_by.iter().map(|term| self.grouped_by(term, simple)).collect();
        if !is_first || !keys.iter().all(|key| self.is_of(key, source)) {
            return None;
        }
        let one = one_of(source)?;
        let names: Vec<Option<String>> = keys.iter().map(|key| column_name(key, &one)).collect();
        let rowid = names.iter().position(|name| name.as_ref().is_some_and(|name| one.is_rowid(name)));
        let places = match rowid {
            Some(at) => vec![at],
            None => key_among(&names, &one)?,
        };
        let condition = simple.where_clause.as_ref();
        if !condition.is_none_or(|condition| self.is_of(condition, source)) || self.is_covered(&one, simple, span) {
            return None;
        }
        let finds_others = |condition: &Expr| {
            let named = names_in(self.source(condition.span));
            let finds_sorted = |index: &IndexColumns| {
                index.columns.len() > 1 && index.columns[0].as_ref().is_some_and(|first| named.contains(first))
            };
            match rowid {
                Some(_) => one.indexes.iter().any(finds_sorted) || !self.reads_by_rowid(condition, &one),
                None => named.iter().any(|name| one.is_rowid(name)) || !tells_of_unindexed(condition, &one, true),
            }
        };
        (!condition.is_some_and(finds_others)).then_some(places)
    }

    /// Whether an expression has columns, all of one source, and no queries.
    fn is_of(&self, expr: &Expr, source: &Source) -> bool {
        match &expr.kind {
            ExprKind::Column { table, column, .. } => matches!(
                self.lookup(table.as_ref(), column, expr.span),
                Ok(Meaning::Column { source: found, .. }) if found == source.printed
            ),
            ExprKind::Subquery(_) | ExprKind::Exists { .. } => false,
            ExprKind::In { set, .. } if matches!(**set, InSet::Select { .. } | InSet::Table(_)) => false,
            _ => expr.children().into_iter().all(|inner| self.is_of(inner, source)),
        }
    }
}

/// The column of the table that an expression is.
fn column_name(expr: &Expr, one: &OneTable) -> Option<String> {
    let ExprKind::Column { column, .. } = &expr.kind else { return None };
    let name = fold(&column.text);
    (one.is_rowid(&name) || one.table.column(&name).is_some()).then_some(name)
}

/// The places of the columns of the one key that tells rows apart, in its order; no other index begins with a column of these.
fn key_among(names: &[Option<String>], one: &OneTable) -> Option<Vec<usize>> {
    let place = |(column, collation): &(&str, Collation)| {
        let own = one.table.column(column)?;
        let tells = own.not_null && own.collation == Collation::Binary && *collation == Collation::Binary;
        names.iter().position(|name| tells && name.as_deref() == Some(column))
    };
    let places_of = |terms: Vec<(&str, Collation)>| terms.iter().map(place).collect::<Option<Vec<_>>>();
    let whole = one.table.unique_keys.iter().filter(|key| !key.is_partial && !key.columns.is_empty());
    let mut found = whole.filter_map(|key| Some((key, places_of(key.terms())?)));
    let (key, places) = found.next()?;
    let competes = |index: &&IndexColumns| {
        let is_key =
            index.columns.iter().map(Option::as_deref).eq(key.columns.iter().map(|column| Some(column.as_str())));
        let begins = index.columns.first().is_some_and(|first| first.is_none() || names.contains(first));
        !is_key && begins && index.columns.len() > 1
    };
    (found.next().is_none() && !one.indexes.iter().any(|index| competes(&index))).then_some(places)
}
