//! avg(), sum() and total() of julian days, and of what lies between two.
//!
//! SQLite adds reals and keeps what each addition rounds away. Days below 2^23 are multiples of 2^-32 from the year -1842 on,
//! of 2^-40 from -4701 on, and so is all that an addition of them rounds away. That adds up to less than 2^21 (80 million rows)
//! or 2^13 (5 million rows), which takes the 53 bits of a real: nothing of it is lost, and SQLite's answer is the exact sum,
//! rounded once. PostgreSQL gives the same by adding integers, at a fiftieth of what an aggregate of the compat schema costs.

use super::super::ast::{BinaryOperator, Call, Expr, ExprKind};
use super::super::edits::Piece;
use super::super::names::fold;
use super::super::pass::{Pass, peel};

impl Pass<'_> {
    /// The aggregate over days as one over integers; nothing where the argument is anything else.
    pub fn sum_of_days(&mut self, expr: &Expr, call: &Call, name: &str) -> bool {
        let is_plain = !call.distinct && call.over.is_none() && call.filter.is_none() && call.order_by.is_empty();
        let Some(days) = call.arguments.first().filter(|_| is_plain).and_then(|argument| self.days(argument)) else {
            return false;
        };
        let sum = |aggregate: &str| {
            let mut pieces: Vec<Piece> = vec![format!("{aggregate}(((").into()];
            pieces.extend(days.iter().cloned());
            pieces.push(") * 1099511627776)::bigint)".into());
            pieces
        };
        let mut pieces: Vec<Piece> = vec![format!("sqlift.{name}_of_days(").into()];
        pieces.extend(sum("sum"));
        if name == "avg" {
            pieces.push(", ".into());
            pieces.extend(sum("avg"));
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        true
    }

    /// The expression, with a look at what the functions of the compat schema give.
    fn days(&self, expr: &Expr) -> Option<Vec<Piece>> {
        let expr = peel(expr);
        match &expr.kind {
            ExprKind::Call(call) if fold(&call.name.text) == "julianday" => {
                let written = self.edits.replacement(expr.span)?.iter();
                let summed = written.filter(|piece| **piece != Piece::from("fixed_")).map(|piece| match piece {
                    Piece::Text(word) if word == "julianday" => "summed_julianday".into(),
                    piece => piece.clone(),
                });
                Some(summed.collect())
            }
            ExprKind::Binary { operator: BinaryOperator::Subtract, left, right, .. } => {
                // Of more than two the integers would be too large.
                let is_call = |side: &Expr| matches!(peel(side).kind, ExprKind::Call(_));
                let mut pieces = self.days(left).filter(|_| is_call(left))?;
                pieces.push(" - ".into());
                pieces.extend(self.days(right).filter(|_| is_call(right))?);
                Some(pieces)
            }
            _ => None,
        }
    }
}
