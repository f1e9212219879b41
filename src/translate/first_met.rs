//! The order in which SELECT DISTINCT gives its rows, where it shows: in what LIMIT leaves over, and in what is written. SQLite gives
//! a row when it meets it first, as it reads the table: by the rowid, or by an index that begins with results. PostgreSQL hashes.

use super::ast::*;
use super::catalog::{Collation, Table};
use super::effects::is_of_one_row;
use super::names::fold;
use super::pass::{Pass, peel};
use super::row_order::{IndexColumns, OneTable, names_in};
use super::rules;
use super::select::Taken;
use super::types::{Columns, Type};
use crate::syntax::Span;

/// How SQLite meets the rows of a SELECT DISTINCT.
#[derive(Debug, PartialEq)]
enum Met {
    /// By the rowid, and none of them twice.
    Once,
    ByRowid,
    /// By the index over these results, counted from 0.
    ByIndex {
        results: Vec<usize>,
        /// There are others, of which the index tells nothing.
        then_rowid: bool,
    },
}

impl Pass<'_> {
    /// Puts the rows of SELECT DISTINCT in the order in which SQLite meets them; `regrouped` where GROUP BY says already what they are.
    pub fn rows_first_met(
        &mut self,
        simple: &SimpleSelect,
        columns: &Columns,
        span: Span,
        takes: Taken,
        regrouped: bool,
    ) {
        if !matches!(takes, Taken::First | Taken::Written) || !simple.windows.is_empty() {
            return;
        }
        let Some(one) = self.table_read(simple, &[]) else { return };
        if is_of_one_row(&one.table, simple.where_clause.as_ref()) {
            return;
        }
        let Some(met) = self.met(simple, &one, span, takes) else { return };
        let by_rowid = |first: &str| format!("{first}min({})", one.rowid);
        let groups = || {
            let numbers: Vec<String> = (1..=columns.len()).map(|number| number.to_string()).collect();
            format!(" GROUP BY {}", numbers.join(", "))
        };
        let sorted = match met {
            Met::Once if !regrouped => {
                self.drop_distinct(span);
                format!(" ORDER BY {}", one.rowid)
            }
            Met::Once | Met::ByRowid if regrouped => by_rowid(" ORDER BY "),
            Met::Once | Met::ByRowid => {
                self.drop_distinct(span);
                groups() + &by_rowid(" ORDER BY ")
            }
            Met::ByIndex { results, then_rowid } => {
                let sorts = |at: &usize| {
                    let typed = &columns.get(*at)?.1;
                    let has_order = typed.collation == Collation::Binary
                        && !matches!(typed.ty, Type::Json | Type::Unknown | Type::Null);
                    let nulls = if typed.nullable { " NULLS FIRST" } else { "" };
                    has_order.then(|| format!("{}{nulls}", at + 1))
                };
                let Some(terms) = results.iter().map(sorts).collect::<Option<Vec<_>>>() else { return };
                if regrouped {
                    return;
                }
                let terms = format!(" ORDER BY {}", terms.join(", "));
                if then_rowid {
                    self.drop_distinct(span);
                    groups() + &terms + &by_rowid(", ")
                } else {
                    terms
                }
            }
        };
        self.note(&rules::select::FIRST_MET, span);
        self.edits.wrap(span, "", sorted);
    }

    /// Puts rows that ORDER BY takes for equal in the order in which SQLite meets them, where DISTINCT became a GROUP BY.
    pub fn met_rows_that_tie(&mut self, simple: &SimpleSelect, order_by: &[OrderTerm], columns: &Columns, span: Span) {
        let (Some(first), Some(last), Some(one)) =
            (order_by.first(), order_by.last(), self.table_read(simple, order_by))
        else {
            return;
        };
        let is_given = self
            .ordered_column(&first.expr, simple, columns)
            .is_some_and(|column| one.is_indexed(&column) || one.is_rowid(&column));
        if !is_given && matches!(self.met(simple, &one, span, Taken::Written), Some(Met::Once | Met::ByRowid)) {
            self.note(&rules::select::FIRST_MET, last.span);
            self.edits.replace(last.span, [last.span.into(), format!(", min({})", one.rowid).into()]);
        }
    }

    /// `None` where it is not known.
    fn met(&self, simple: &SimpleSelect, one: &OneTable, span: Span, takes: Taken) -> Option<Met> {
        let results = self.plain_results(simple, one);
        let told: Vec<String> = results.iter().flatten().cloned().collect();
        let condition = simple.where_clause.as_ref();
        let named = condition.map_or_else(Vec::new, |expr| names_in(self.source(expr.span)));
        let by_rowid = || {
            let finds_sorted = |index: &IndexColumns| {
                index.columns.len() > 1 && index.columns[0].as_ref().is_none_or(|first| named.contains(first))
            };
            !self.is_covered(one, simple, span)
                && condition.is_none_or(|condition| {
                    !one.indexes.iter().any(finds_sorted) && self.reads_by_rowid(condition, one)
                })
        };
        if one.tell_rows(&told) {
            let stops = takes != Taken::First || condition.is_none_or(|expr| self.is_met_by_reading(expr, one));
            return (by_rowid() && stops).then_some(Met::Once);
        }
        let helping = helping_indexes(one, &results, &named)?;
        if helping.is_empty() {
            return by_rowid().then_some(Met::ByRowid);
        }
        let is_free = |expr: &Expr| is_free_of_indexes(expr, one, &told);
        if !condition.is_none_or(|expr| takes == Taken::Written && is_free(expr)) || !is_straight(&one.table) {
            return None;
        }
        let wanted = results.iter().collect::<std::collections::BTreeSet<_>>().len();
        let place = |column: &String| results.iter().position(|result| result.as_ref() == Some(column));
        let places = |columns: &[String]| columns.iter().map(place).collect::<Option<Vec<_>>>();
        let whole = |index: &&Helping| index.columns.len() == wanted;
        let mut wholes = helping.iter().filter(whole).map(|index| &index.columns);
        if let Some(first) = wholes.next() {
            let results = places(first).filter(|_| wholes.all(|other| other == first))?;
            return Some(Met::ByIndex { results, then_rowid: false });
        }
        match helping.as_slice() {
            [only] if only.is_all && takes == Taken::Written => {
                Some(Met::ByIndex { results: places(&only.columns)?, then_rowid: true })
            }
            _ => None,
        }
    }

    /// The columns of the table that are results, in their order; `None` for an expression.
    fn plain_results(&self, simple: &SimpleSelect, one: &OneTable) -> Vec<Option<String>> {
        let of_column = |expr: &Expr| match &peel(expr).kind {
            ExprKind::Column { column, .. } => {
                let name = fold(&column.text);
                match one.table.rowid_column() {
                    Some(rowid) if one.is_rowid(&name) => Some(rowid.name.clone()),
                    _ => one.table.column(&name).map(|column| column.name.clone()),
                }
            }
            _ => None,
        };
        let mut results = Vec::new();
        for column in &simple.columns {
            match &column.kind {
                ResultColumnKind::Expr { expr, .. } => results.push(of_column(expr)),
                _ => results.extend(one.table.columns.iter().map(|column| Some(column.name.clone()))),
            }
        }
        results
    }
}

/// Whether all indexes sort as their columns do, upwards.
fn is_straight(table: &Table) -> bool {
    let is_own = |(column, collation): &(&str, Collation)| {
        table.column(column).is_some_and(|column| column.collation == *collation)
    };
    let sorts_otherwise = |created: &String| names_in(created).iter().any(|word| word == "desc" || word == "collate");
    table.unique_keys.iter().all(|key| key.terms().iter().all(is_own))
        && !table.indexes.iter().filter_map(|index| index.created.as_ref()).any(sorts_otherwise)
}

/// An index by which SQLite would read the table, for it begins with the first result among others.
struct Helping {
    /// The results with which it begins.
    columns: Vec<String>,
    /// It has no more columns.
    is_all: bool,
}

/// `None` where an index over an expression, or of some rows, may be one.
fn helping_indexes(one: &OneTable, results: &[Option<String>], named: &[String]) -> Option<Vec<Helping>> {
    let mut found = Vec::new();
    for index in one.indexes.iter().filter(|index| !index.is_partial || !named.is_empty()) {
        let mut columns: Vec<String> = Vec::new();
        let mut is_all = true;
        for column in &index.columns {
            match column {
                Some(column) if results.iter().any(|result| result.as_ref() == Some(column)) => {
                    columns.push(column.clone());
                }
                Some(column) if named.contains(column) => is_all = false,
                _ => {
                    is_all = false;
                    break;
                }
            }
        }
        let first = results.first()?.as_ref();
        let has_unknown = index.is_special();
        let helps = first.is_some_and(|first| columns.contains(first));
        if has_unknown && (helps || first.is_none() || !named.is_empty()) {
            return None;
        }
        if helps {
            found.push(Helping { columns, is_all });
        }
    }
    Some(found)
}

/// Whether a condition tells of results and of columns without an index alone, so that it finds no rows by another index.
fn is_free_of_indexes(condition: &Expr, one: &OneTable, results: &[String]) -> bool {
    match &condition.kind {
        ExprKind::Column { column, .. } => {
            let name = fold(&column.text);
            let is_free = !one.is_indexed(&name) || results.contains(&name);
            !one.is_rowid(&name) && one.table.column(&name).is_some() && is_free
        }
        ExprKind::Subquery(_) | ExprKind::Exists { .. } => false,
        ExprKind::Binary { operator: BinaryOperator::Or, .. } => false,
        ExprKind::In { set, .. } if matches!(**set, InSet::Select { .. } | InSet::Table(_)) => false,
        _ => condition.children().into_iter().all(|inner| is_free_of_indexes(inner, one, results)),
    }
}
