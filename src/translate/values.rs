//! VALUES as a query: its columns, and what its rows say of their affinity.

use super::arms::{Arms, UNKNOWN, arms_of};
use super::ast::{Expr, ExprKind, ValuesRow};
use super::compound::arm;
use super::pass::{Pass, Result, peel, sqlite_error};
use super::select::Place;
use super::types::{Columns, Typed};

impl Pass<'_> {
    pub fn values(&mut self, rows: &[ValuesRow], place: Place<'_>) -> Result<Columns> {
        let width = rows.first().map_or(0, |row| row.values.len());
        let mut columns: Columns = Vec::new();
        // No column is in sight in VALUES of an INSERT; in a subquery the outer ones are.
        for row in rows {
            if row.values.len() != width {
                return sqlite_error("all VALUES must have the same number of terms", row.span, None);
            }
            for (index, value) in row.values.iter().enumerate() {
                let target = match place {
                    Place::Assigned(targets) => targets.get(index),
                    _ => None,
                };
                let is_assigned = target.is_some_and(|target| !target.as_is);
                let typed = match target {
                    Some(target) if is_assigned => self.assign(value, target)?,
                    _ => {
                        let mut typed = self.value(value)?;
                        self.widen(value, &mut typed);
                        if place.is_read() || target.is_some() {
                            self.sort_by_bytes(value, &mut typed);
                        }
                        typed
                    }
                };
                let kinds = (!is_assigned).then(|| self.arm_kinds(value, &typed));
                match columns.get_mut(index) {
                    None => {
                        let typed = Typed { shown: None, kinds, ..typed.as_result() };
                        columns.push((format!("column{}", index + 1), arm(typed, value.span)));
                    }
                    Some((_, left)) if !is_assigned => {
                        let before = left.kinds;
                        self.merge(left, &mut arm(typed, value.span), value.span)?;
                        left.kinds = if place == Place::Value { kinds } else { with_row(before, kinds) };
                    }
                    Some(_) => {}
                }
            }
        }
        if rows.len() > 1 && !matches!(place, Place::Assigned(_)) {
            of_rows(&mut columns, rows);
        }
        Ok(columns)
    }
}

/// Another row of VALUES is another arm.
fn with_row(before: Option<Arms>, row: Option<Arms>) -> Option<Arms> {
    Some(before?.and(row?))
}

/// The affinities of the columns of several rows of VALUES. SQLite gives constants row by row, without a look at what they are, where
/// those of the first row have no affinity.
fn of_rows(columns: &mut Columns, rows: &[ValuesRow]) {
    let is_cast = |value: &Expr| matches!(peel(value).kind, ExprKind::Cast { .. });
    let is_list = !rows[0].values.iter().any(is_cast) && rows.iter().flat_map(|row| &row.values).all(is_constant);
    for (_, typed) in columns {
        let kinds = if is_list { UNKNOWN } else { arms_of(typed) };
        (typed.affinity, typed.kinds) = (kinds.affinity(), Some(kinds));
    }
}

fn is_constant(value: &Expr) -> bool {
    let is_read = matches!(value.kind, ExprKind::Column { .. } | ExprKind::Subquery(_) | ExprKind::Exists { .. });
    !is_read && value.children().into_iter().all(is_constant)
}
