//! The order that SQLite's rows have where a query does not say one, and its answer shows it.
//!
//! SQLite groups by sorting, keeps the rows of UNION, INTERSECT and EXCEPT in a sorted table, and hands the rows of a sorted
//! subquery to aggregates in their order; PostgreSQL hashes. The documentation leaves these orders open, programs do not:
//! what a list shows first, what LIMIT leaves over, which ids INSERT ... SELECT gives, what `group_concat` writes.

use super::ast::*;
use super::bare::{aggregate_calls, aggregates, holds_window};
use super::edits::Piece;
use super::names::{fold, identifier};
use super::order::printed_as;
use super::pass::{Pass, peel};
use super::rules;
use super::scope::{Meaning, Source};
use super::select::Taken;
use super::types::{Collation, Columns, Type, Typed};
use crate::syntax::Span;

/// The column by which members are put in a sorted subquery's order.
const NUMBER: &str = "sqlift_number";

/// Aggregates whose answer shows in which order they met their rows.
const IN_ORDER: [&str; 6] =
    ["group_concat", "string_agg", "json_group_array", "json_group_object", "jsonb_group_array", "jsonb_group_object"];

/// A key of GROUP BY as a term of ORDER BY; without a value for a constant, which sorts nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct SortKey {
    value: Vec<Piece>,
    nullable: bool,
}

impl SortKey {
    fn term(self, descending: bool) -> Vec<Piece> {
        let direction = match (descending, self.nullable) {
            (false, false) => return self.value,
            (false, true) => " NULLS FIRST",
            (true, false) => " DESC",
            (true, true) => " DESC NULLS LAST",
        };
        let mut pieces = self.value;
        pieces.push(direction.into());
        pieces
    }
}

/// A key of GROUP BY as one of ORDER BY, `expr` being what a number or an alias stands for; `None` where the server's order is another
/// one.
pub(crate) fn sorted(term: Piece, expr: Option<Span>, typed: &Typed) -> Option<SortKey> {
    if typed.constant.is_some() {
        return Some(SortKey::default());
    }
    let value = match typed.ty {
        Type::Json | Type::Unknown | Type::Null => return None,
        Type::Any if typed.collation != Collation::Binary => return None,
        Type::Text if typed.collation == Collation::Binary && !typed.from_column => {
            vec!["(".into(), expr?.into(), ") COLLATE \"C\"".into()]
        }
        _ => vec![term],
    };
    Some(SortKey { value, nullable: typed.nullable })
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
        let (printed, is_expression) = printed_as(term);
        let ExprKind::Column { table: None, column, .. } = &printed.kind else { return term.span.into() };
        if !is_expression && shows_key(column, simple, columns) {
            return term.span.into();
        }
        match self.lookup(None, column, term.span) {
            Ok(Meaning::Column { source, name, .. }) if !self.is_merged(column) => {
                format!("{source}.{}", identifier(&name)).into()
            }
            _ => term.span.into(),
        }
    }

    /// Sorts the groups of a query by their keys, or those of them by which they come.
    pub fn sort_groups(&mut self, query: Span, keys: &[Option<SortKey>], come_by: Option<&[usize]>) {
        let keys = match come_by {
            Some(places) => places.iter().map(|at| keys[*at].clone()).collect::<Option<Vec<_>>>(),
            None => keys.iter().cloned().collect(),
        };
        let Some(keys) = keys else { return };
        let mut pieces: Vec<Piece> = vec![query.into()];
        for key in keys.into_iter().filter(|key| !key.value.is_empty()) {
            pieces.push(if pieces.len() == 1 { " ORDER BY " } else { ", " }.into());
            pieces.extend(key.term(false));
        }
        if pieces.len() > 1 {
            self.note(&rules::select::IMPLIED_ORDER, query);
            self.edits.replace(query, pieces);
        }
    }

    /// Sorts the groups that ORDER BY takes for equal by their keys. SQLite groups by sorting in the directions of ORDER BY, where that has
    /// as many terms, or reads the groups off an index.
    pub fn groups_that_tie(
        &mut self,
        simple: &SimpleSelect,
        order_by: &[OrderTerm],
        keys: &[Option<SortKey>],
        come_by: Option<&[usize]>,
    ) {
        if keys.is_empty() {
            return;
        }
        let Some(last) = order_by.last() else { return };
        let every: Vec<usize> = (0..keys.len()).collect();
        let keyed = |at: &usize| Some((*at, keys[*at].clone()?));
        let Some(sorted) = come_by.unwrap_or(&every).iter().map(keyed).collect::<Option<Vec<_>>>() else { return };
        let takes_directions = come_by.is_none() && order_by.len() == keys.len() && !self.groups_by_index(simple);
        let ordered: Vec<String> =
            order_by.iter().map(|term| self.words(self.meant(&term.expr, simple).span)).collect();
        let mut pieces: Vec<Piece> = vec![last.span.into()];
        for (at, key) in sorted {
            let term = &simple.group_by[at];
            if key.value.is_empty() || ordered.contains(&self.words(self.grouped_by(term, simple).span)) {
                continue;
            }
            let descending = takes_directions && order_by[at].order == Some(SortOrder::Desc);
            pieces.push(", ".into());
            pieces.extend(key.term(descending));
        }
        if pieces.len() > 1 {
            self.note(&rules::select::IMPLIED_ORDER, last.span);
            self.edits.replace(last.span, pieces);
        }
    }

    /// The expression that a term of GROUP BY stands for: a name is a column's where the tables have one, else a result's.
    pub fn grouped_by<'s>(&self, term: &'s Expr, simple: &'s SimpleSelect) -> &'s Expr {
        let (own, meant) = (peel(term), self.meant(term, simple));
        let name = |expr: &Expr| match &expr.kind {
            ExprKind::Column { column, .. } => Some(fold(&column.text)),
            _ => None,
        };
        if name(own) != name(meant) && self.names_a_column(own) { own } else { meant }
    }

    /// The expression that a term of ORDER BY stands for, by its number or its name.
    pub fn meant<'s>(&self, term: &'s Expr, simple: &'s SimpleSelect) -> &'s Expr {
        let term = peel(term);
        let result = match &term.kind {
            ExprKind::Integer => self.numbered(simple, term),
            ExprKind::Column { table: None, column, .. } if self.alias_of(term).is_some() => {
                simple.columns.iter().find_map(|result| match &result.kind {
                    ResultColumnKind::Expr { expr, alias: Some(alias) }
                        if alias.text.eq_ignore_ascii_case(&column.text) =>
                    {
                        Some(expr)
                    }
                    _ => None,
                })
            }
            _ => None,
        };
        result.map_or(term, peel)
    }

    /// Whether the groups are those of an index, or of the rowid, by which SQLite reads the table of the keys.
    fn groups_by_index(&self, simple: &SimpleSelect) -> bool {
        let mut of_source = None;
        let mut columns = Vec::new();
        for term in &simple.group_by {
            let ExprKind::Column { table, column, .. } = &self.grouped_by(term, simple).kind else { return false };
            match self.lookup(table.as_ref(), column, term.span) {
                Ok(Meaning::Column { source, name, .. }) if of_source.as_ref().is_none_or(|other| *other == source) => {
                    of_source = Some(source);
                    columns.push(fold(&name));
                }
                _ => return false,
            }
        }
        let sources = self.scopes.last().map_or(&[][..], |scope| &scope.sources);
        let Some(source) = sources.iter().find(|source| Some(&source.printed) == of_source.as_ref()) else {
            return false;
        };
        let Some(table) = source.table().filter(|table| !table.is_view) else { return false };
        if columns.len() == 1 && table.rowid_column().is_some_and(|rowid| rowid.name == columns[0]) {
            return true;
        }
        let condition = simple.where_clause.as_ref().map(|condition| self.source(condition.span));
        super::row_order::groups_by_index(table, &columns, condition)
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

    /// Whether something reads a query's rows as they come.
    pub fn is_read_in_order(&self, select: &Select) -> bool {
        self.read_in_order.contains(&select.span)
    }

    /// Notes the query that a SELECT reads alone, where the order of its rows becomes the one of the SELECT's, which is seen, or of an
    /// aggregate's members.
    pub fn read_in_order(&mut self, simple: &SimpleSelect, from: &From, is_seen: bool, takes: Taken) {
        if let (TableRefKind::Subquery(select), []) = (&from.first.kind, from.joins.as_slice())
            && passes_order_on(simple, is_seen)
        {
            self.read_in_order.push(select.span);
            self.met_in_order(simple, select, takes);
        }
    }

    /// The same of a query with DISTINCT, where more than the order of the answer hangs on it.
    fn met_in_order(&mut self, simple: &SimpleSelect, inner: &Select, takes: Taken) {
        let is_distinct = |core: &SelectCore| matches!(&core.kind, SelectCoreKind::Select(inner) if inner.distinct == Some(Distinct::Distinct));
        let shows = takes != Taken::All || aggregates(simple);
        if shows && inner.body.compounds.is_empty() && is_distinct(&inner.body.first) {
            self.written_in_order.push(inner.span);
        }
    }

    /// The same of a common table, ahead of it.
    pub fn common_table_in_order(&mut self, with: &With, select: &Select, is_seen: bool, takes: Taken) {
        let SelectCoreKind::Select(simple) = &select.body.first.kind else { return };
        let Some(From { first, joins, .. }) = &simple.from else { return };
        let TableRefKind::Table { name: QualifiedName { schema: None, name, .. }, .. } = &first.kind else { return };
        let named = |table: &&CommonTable| table.name.text.eq_ignore_ascii_case(&name.text);
        if !select.body.compounds.is_empty() || !joins.is_empty() || !passes_order_on(simple, is_seen) {
            return;
        }
        if let Some(table) = with.tables.iter().find(named)
            && !super::altered::mentions(self.source(table.select.span), &name.text)
        {
            self.read_in_order.push(table.select.span);
            self.met_in_order(simple, &table.select, takes);
        }
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

/// Whether the rows of a query, or what its aggregates make of them, come in the order of the one that it reads.
fn passes_order_on(simple: &SimpleSelect, is_seen: bool) -> bool {
    if !simple.group_by.is_empty() || simple.distinct == Some(Distinct::Distinct) {
        return false;
    }
    let mut calls = Vec::new();
    for column in &simple.columns {
        if let ResultColumnKind::Expr { expr, .. } = &column.kind {
            aggregate_calls(expr, &mut calls);
        }
    }
    if calls.is_empty() {
        is_seen && !simple.columns.iter().any(holds_window)
    } else {
        calls.into_iter().any(shows_order)
    }
}

fn shows_order(call: &Call) -> bool {
    IN_ORDER.contains(&&*fold(&call.name.text)) && !call.distinct && call.order_by.is_empty()
}
