//! VALUES as a query: its columns, and what its rows say of their affinity.

use super::arms::{Arms, UNKNOWN, arms_of, of_column};
use super::ast::{Expr, ExprKind, SelectCore, SelectCoreKind, ValuesRow};
use super::compound::arm;
use super::pass::{Pass, Result, peel, sqlite_error};
use super::select::Place;
use super::types::{Columns, Typed};
use crate::syntax::{Span, Token, tokens};

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
            self.of_rows(&mut columns, rows);
        }
        Ok(columns)
    }

    /// The affinities of the columns of several rows of VALUES. SQLite gives constants row by row, without a look at what they are,
    /// where those of the first row have no affinity; behind a WITH, and in what the schema keeps, each row is an arm.
    fn of_rows(&self, columns: &mut Columns, rows: &[ValuesRow]) {
        let is_cast = |value: &Expr| matches!(peel(value).kind, ExprKind::Cast { .. });
        let is_list = !rows[0].values.iter().any(is_cast)
            && rows.iter().flat_map(|row| &row.values).all(is_constant)
            && !(self.in_trigger || self.no_parameters == Some("views") || self.is_behind_with(rows[0].span));
        for (_, typed) in columns {
            let kinds = if is_list { UNKNOWN } else { arms_of(typed) };
            (typed.affinity, typed.kinds) = (kinds.affinity(), Some(kinds));
        }
    }

    /// Several rows of VALUES that are read as one: alone, or as an arm behind the first, where SQLite makes a query of its own of
    /// them.
    pub fn read_rows(&mut self, core: &SelectCore, columns: &mut Columns) {
        if !matches!(&core.kind, SelectCoreKind::Values(rows) if rows.len() > 1) {
            return;
        }
        for (_, typed) in columns {
            let kinds = arms_of(typed);
            if kinds.makes_reals() {
                self.make_reals(typed);
            }
            typed.affinity = kinds.affinity();
            typed.kinds = Some(of_column(typed));
        }
    }

    /// Whether the statement has named a common table so far.
    fn is_behind_with(&self, span: Span) -> bool {
        let is_with = |token: &Token| token.span.text(self.sql).eq_ignore_ascii_case("with");
        tokens(self.sql).take_while(|token| token.span.start < span.start).any(|token| is_with(&token))
    }
}

/// Another row of VALUES is another arm.
fn with_row(before: Option<Arms>, row: Option<Arms>) -> Option<Arms> {
    Some(before?.and(row?))
}

fn is_constant(value: &Expr) -> bool {
    let is_read = matches!(value.kind, ExprKind::Column { .. } | ExprKind::Subquery(_) | ExprKind::Exists { .. });
    !is_read && value.children().into_iter().all(is_constant)
}
