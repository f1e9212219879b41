//! Whether a statement in a trigger's body shows in which order the rows came that fire it.

use super::ast::*;
use super::catalog::{ColumnType, Table};
use super::names::fold;
use super::pass::peel;
use super::scope::is_rowid_name;

/// What is known of a trigger that looks at its own rows.
pub(crate) struct FiringRow<'t> {
    /// The table's rowid, where no two rows that fire it have the same one.
    pub rowid: Option<&'t str>,
}

impl FiringRow<'_> {
    /// Whether an expression is the rowid of the row that fires the trigger.
    fn is_key(&self, expr: &Expr) -> bool {
        match &peel(expr).kind {
            ExprKind::Column { table: Some(row), column, .. } => {
                is_row(row) && self.rowid.is_some_and(|rowid| is_named(&column.text, rowid))
            }
            _ => false,
        }
    }

    /// An INSERT numbers its rows in their order, and of rows that meet in a key the first or the last one stays.
    pub fn shows_in_insert(&self, insert: &Insert, table: &Table) -> bool {
        let resolves = insert.or.is_some_and(|or| or != ConflictAction::Abort && or != ConflictAction::Rollback)
            || !insert.upserts.is_empty();
        let is_numbered = table.rowid_column().is_some_and(|key| !is_given(insert, table, &key.name));
        is_numbered || resolves && !self.keeps_apart(insert, table)
    }

    /// Whether the rows of an INSERT meet in no key, each having the one of the row that fires it.
    fn keeps_apart(&self, insert: &Insert, table: &Table) -> bool {
        let hidden = table.hidden_rowid.as_ref().map(|column| column.name.as_str());
        let mut keys = table.unique_keys.iter().filter(|key| key.columns.first().map(String::as_str) != hidden);
        match (keys.next().map(|key| key.columns.as_slice()), keys.next()) {
            (Some([only]), None) => value_of(insert, table, only).is_some_and(|value| self.is_key(value)),
            (None, _) => true,
            _ => false,
        }
    }

    /// Of several UPDATEs of one row the last one counts, unless they all write the same or add up.
    pub fn shows_in_update(&self, update: &Update, table: &Table) -> bool {
        let mut conditions: Vec<&Expr> = update.where_clause.iter().collect();
        while let Some(condition) = conditions.pop() {
            if let ExprKind::Binary { operator, left, right, .. } = &peel(condition).kind {
                match operator {
                    BinaryOperator::And => conditions.extend([&**left, &**right]),
                    BinaryOperator::Equal | BinaryOperator::Is if self.is_key(left) != self.is_key(right) => {
                        return false;
                    }
                    _ => {}
                }
            }
        }
        !update.set.iter().all(|assignment| match assignment.columns.as_slice() {
            [column] => is_fixed(&assignment.value) || adds_up(&assignment.value, column, table),
            _ => false,
        })
    }
}

fn is_row(name: &Name) -> bool {
    name.text.eq_ignore_ascii_case("new") || name.text.eq_ignore_ascii_case("old")
}

fn is_named(name: &str, rowid: &str) -> bool {
    name.eq_ignore_ascii_case(rowid) || is_rowid_name(name)
}

/// Whether an INSERT gives a value for a column.
fn is_given(insert: &Insert, table: &Table, name: &str) -> bool {
    let InsertSource::Select(select) = &insert.source else { return false };
    let Some(at) = place_of(insert, table, name) else { return false };
    let is_star = |column: &ResultColumn| !matches!(column.kind, ResultColumnKind::Expr { .. });
    match &select.body.first.kind {
        SelectCoreKind::Select(simple) if simple.columns.iter().take(at + 1).any(is_star) => true,
        _ => value_at(select, at).is_some_and(|value| value.kind != ExprKind::Null),
    }
}

/// What an INSERT of one row, or from a query, gives for a column; nothing where it leaves it out, or gives it by a star.
fn value_of<'i>(insert: &'i Insert, table: &Table, name: &str) -> Option<&'i Expr> {
    let InsertSource::Select(select) = &insert.source else { return None };
    value_at(select, place_of(insert, table, name)?)
}

fn place_of(insert: &Insert, table: &Table, name: &str) -> Option<usize> {
    let is_rowid = table.rowid_column().is_some_and(|key| key.name == name);
    match insert.columns.as_slice() {
        [] => table.columns.iter().filter(|column| !column.is_generated).position(|column| column.name == name),
        columns => columns.iter().position(|column| {
            column.text.eq_ignore_ascii_case(name)
                || is_rowid && is_rowid_name(&column.text) && table.column(&fold(&column.text)).is_none()
        }),
    }
}

fn value_at(select: &Select, at: usize) -> Option<&Expr> {
    match &select.body.first.kind {
        SelectCoreKind::Values(rows) => match rows.as_slice() {
            [row] => row.values.get(at).map(peel),
            _ => None,
        },
        SelectCoreKind::Select(simple) => {
            let mut before = simple.columns.iter().take(at + 1).map(|column| match &column.kind {
                ResultColumnKind::Expr { expr, .. } => Some(peel(expr)),
                _ => None,
            });
            if before.clone().all(|expr| expr.is_some()) { before.nth(at).flatten() } else { None }
        }
    }
}

/// Whether an expression is the same for all rows.
fn is_fixed(expr: &Expr) -> bool {
    !matches!(expr.kind, ExprKind::Column { .. } | ExprKind::Subquery(_) | ExprKind::Exists { .. })
        && !matches!(&expr.kind, ExprKind::In { set, .. } if !matches!(**set, InSet::List { .. }))
        && expr.children().into_iter().all(is_fixed)
}

/// `n = n + NEW.x - 1`: of integers it is the same in any order.
fn adds_up(value: &Expr, column: &Name, table: &Table) -> bool {
    let is_integer = |name: &str| {
        let found = table.column(&fold(name)).map(|column| column.data_type);
        matches!(found, Some(ColumnType::BigInt | ColumnType::Integer | ColumnType::SmallInt))
    };
    match &peel(value).kind {
        ExprKind::Column { table: None, column: own, .. } => {
            own.text.eq_ignore_ascii_case(&column.text) && is_integer(&own.text)
        }
        ExprKind::Binary { operator: BinaryOperator::Add | BinaryOperator::Subtract, left, right, .. } => {
            adds_up(left, column, table) && is_of_row(right)
        }
        _ => false,
    }
}

/// Whether an expression knows of no other row than the one that fires the trigger.
fn is_of_row(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column { table: Some(row), .. } => is_row(row),
        ExprKind::Column { .. } | ExprKind::Subquery(_) | ExprKind::Exists { .. } => false,
        ExprKind::In { set, .. } if !matches!(**set, InSet::List { .. }) => false,
        _ => expr.children().into_iter().all(is_of_row),
    }
}
