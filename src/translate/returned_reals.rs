//! Whole reals in RETURNING.
//!
//! SQLite stores a whole number of a REAL column as an integer, and makes a real of it where the column is read. RETURNING reads the
//! row as it is written: an expression that passes the column's value on gives the integer. A deleted row has been read.

use super::ast::{Call, Expr, ExprKind, UnaryOperator};
use super::pass::{Pass, peel};
use super::types::{Type, Typed};
use crate::syntax::Span;

/// What is stored as an integer has 48 bits.
const AS_STORED: &str = "(SELECT CASE WHEN v = pg_catalog.trunc(v) AND v BETWEEN -140737488355328 AND 140737488355327 \
                         THEN v::bigint::numeric ELSE sqlift.by_row(v) END FROM (VALUES (";

impl Pass<'_> {
    /// Notes which columns a result of RETURNING passes on.
    pub fn pass_on(&mut self, result: &Expr) {
        self.passed_on.clear();
        let result = peel(result);
        // The column itself is a real.
        if !self.returns_deleted && !matches!(result.kind, ExprKind::Column { .. }) {
            passed_on(result, &mut self.passed_on);
        }
    }

    /// A column that is passed on: a number by the row, whose scale tells.
    pub fn as_stored(&mut self, expr: &Expr, typed: Typed) -> Typed {
        if typed.ty != Type::Real || !self.passed_on.contains(&expr.span) {
            return typed;
        }
        self.edits.wrap(expr.span, AS_STORED, ")) AS sqlift_real(v))");
        Typed { ty: Type::Numeric, by_row: true, column: None, ..typed }
    }
}

/// The columns whose value an expression passes on as it is.
fn passed_on(expr: &Expr, found: &mut Vec<Span>) {
    match &expr.kind {
        ExprKind::Column { .. } => found.push(expr.span),
        ExprKind::Parenthesized(inner) | ExprKind::Unary { operator: UnaryOperator::Plus, operand: inner } => {
            passed_on(inner, found);
        }
        ExprKind::Case { branches, otherwise, .. } => {
            branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).for_each(|value| passed_on(value, found));
        }
        ExprKind::Call(call) if call.over.is_none() => values_of(call).for_each(|value| passed_on(value, found)),
        _ => {}
    }
}

/// The arguments of which a function gives one.
fn values_of(call: &Call) -> impl Iterator<Item = &Expr> {
    let count = call.arguments.len();
    let is_value = match call.name.text.to_ascii_lowercase().as_str() {
        "coalesce" | "ifnull" => |_: usize, _: usize| true,
        "min" | "max" => |_: usize, count: usize| count > 1,
        "nullif" => |at: usize, _: usize| at == 0,
        // Behind each condition its value, and at the end what is without one.
        "iif" | "if" => |at: usize, count: usize| at % 2 == 1 || at + 1 == count,
        _ => |_: usize, _: usize| false,
    };
    call.arguments.iter().enumerate().filter(move |(at, _)| is_value(*at, count)).map(|(_, value)| value)
}
