//! Conditions on the day of a text: `date(at) BETWEEN a AND b`, `strftime('%Y-%m', at) = '2024-02'` and their like.
//!
//! Most rows are told by their text alone. What looks like YYYY-MM-DD at its start is that day or no date at all, give or take
//! the days that a month does not have (February 31 is March 2 or 3) and a time zone; so a comparison with a day some days away
//! leaves a row out before the function is asked. It stands only where a condition that is not known leaves the row out too.

use super::super::StorageClass;
use super::super::ast::{BinaryOperator, Call, Expr, ExprKind};
use super::super::edits::Piece;
use super::super::names::{fold, quote_literal};
use super::super::pass::{Pass, Result, peel};
use super::super::scope::Meaning;
use super::super::types::Type;

/// What a condition leaves to a day, from and to.
type Bounds<'e> = (Option<&'e Expr>, Option<&'e Expr>);

impl Pass<'_> {
    /// The condition of a WHERE.
    pub fn where_clause(&mut self, condition: &Expr) -> Result<()> {
        self.condition(condition)?;
        self.reject_by_text(condition);
        Ok(())
    }

    fn reject_by_text(&mut self, condition: &Expr) {
        match &condition.kind {
            ExprKind::Parenthesized(inner) => self.reject_by_text(inner),
            ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
                self.reject_by_text(left);
                self.reject_by_text(right);
            }
            _ => {
                if let Some(mut pieces) = self.rejection(condition) {
                    pieces.extend([condition.span.into(), ")".into()]);
                    self.edits.replace(condition.span, pieces);
                }
            }
        }
    }

    /// `(NOT (at COLLATE "C" LIKE '____-__-__%' AND (at < '2024-01-28' OR at > '2024-02-22')) AND `
    fn rejection(&self, condition: &Expr) -> Option<Vec<Piece>> {
        let (function, (from, to)) = bounds(condition)?;
        let ExprKind::Call(call) = &peel(function).kind else { return None };
        let (argument, kept) = day_of(call)?;
        let ExprKind::Column { table, column, .. } = &argument.kind else { return None };
        let Ok(Meaning::Column { typed, .. }) = self.lookup(table.as_ref(), column, argument.span) else {
            return None;
        };
        // An index finds the rows of the condition as it is.
        if typed.ty != Type::Text || self.is_indexed(call) || !self.may_hold_subquery() {
            return None;
        }
        let mut tests: Vec<Piece> = Vec::new();
        for (bound, sign) in [(from, " < "), (to, " > ")] {
            let bound = bound.filter(|bound| self.may_be_text(bound));
            let Some(day) = bound.and_then(|bound| day_away(bound, kept, sign)) else { continue };
            tests.push(if tests.is_empty() { "(" } else { " OR " }.into());
            tests.extend([argument.span.into(), " COLLATE \"C\"".into(), sign.into()]);
            tests.extend(day);
        }
        if tests.is_empty() {
            return None;
        }
        let mut pieces: Vec<Piece> =
            vec!["(NOT (".into(), argument.span.into(), " COLLATE \"C\" LIKE '____-__-__%' AND ".into()];
        pieces.extend(tests);
        pieces.push(")) AND ".into());
        Some(pieces)
    }

    /// Text is greater than any number, and less than any blob, whatever day its digits may be.
    fn may_be_text(&self, bound: &Expr) -> bool {
        let ExprKind::Placeholder(number) = peel(bound).kind else { return true };
        let class = (number as usize).checked_sub(1).and_then(|index| *self.options.parameter_classes.get(index)?);
        matches!(class, None | Some(StorageClass::Text | StorageClass::Null))
    }
}

/// The function that a condition asks for, and what it must lie between.
fn bounds(condition: &Expr) -> Option<(&Expr, Bounds<'_>)> {
    match &condition.kind {
        ExprKind::Between { negated: false, operand, low, high } => Some((operand, (Some(low), Some(high)))),
        ExprKind::Binary { operator, left, right, .. } => {
            let is_call = |expr: &Expr| matches!(&peel(expr).kind, ExprKind::Call(call) if day_of(call).is_some());
            let (function, other, turned) = if is_call(left) { (left, right, false) } else { (right, left, true) };
            let (from, to) = match operator {
                BinaryOperator::Equal => (true, true),
                BinaryOperator::Greater | BinaryOperator::GreaterEqual => (!turned, turned),
                BinaryOperator::Less | BinaryOperator::LessEqual => (turned, !turned),
                _ => return None,
            };
            Some((function, (from.then_some(&**other), to.then_some(&**other))))
        }
        _ => None,
    }
}

/// Of a call whose text begins as the day does: its argument, and how many bytes of the day are there.
fn day_of(call: &Call) -> Option<(&Expr, usize)> {
    match (fold(&call.name.text).as_str(), call.arguments.as_slice()) {
        ("date" | "datetime", [argument]) => Some((peel(argument), 10)),
        ("strftime", [format, argument]) => {
            let ExprKind::String(format) = &peel(format).kind else { return None };
            let kept = ["%Y-%m-%d", "%F", "%Y-%m", "%Y"].iter().position(|known| format.starts_with(known))?;
            // Behind the year comes what is greater than nothing: the text is longer, and still begins so.
            Some((peel(argument), [10, 10, 7, 4][kept]))
        }
        _ => None,
    }
}

/// A day that lies before all that the bound lets through (` < `) or behind (` > `), as text.
fn day_away(bound: &Expr, kept: usize, sign: &str) -> Option<Vec<Piece>> {
    match &peel(bound).kind {
        ExprKind::String(text) => Some(vec![quote_literal(&far_day(text, kept, sign == " < ")?).into()]),
        // Once for all rows.
        ExprKind::Placeholder(_) => Some(around(bound, kept, sign)),
        ExprKind::Call(call) if kept == 10 && is_known(call) => Some(around(bound, kept, sign)),
        _ => None,
    }
}

fn around(bound: &Expr, kept: usize, sign: &str) -> Vec<Piece> {
    let function = if sign == " < " { "day_before" } else { "day_behind" };
    vec![format!("(SELECT sqlift.{function}((").into(), bound.span.into(), format!(")::text, {kept}))").into()]
}

/// A date function of nothing but literals and parameters.
fn is_known(call: &Call) -> bool {
    matches!(fold(&call.name.text).as_str(), "date" | "datetime")
        && call
            .arguments
            .iter()
            .all(|argument| matches!(peel(argument).kind, ExprKind::String(_) | ExprKind::Placeholder(_)))
}

/// `sqlift.day_before` and `sqlift.day_behind` for a literal. No calendar is needed where no day is missed.
fn far_day(text: &str, kept: usize, before: bool) -> Option<String> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to).filter(|_| to <= kept)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
    };
    let year = digits(0, 4).filter(|year| (10..=9990).contains(year))?;
    let after = |at: usize| text.as_bytes().get(at) == Some(&b'-');
    let month = digits(5, 7).filter(|month| after(4) && (1..=12).contains(month));
    let day = digits(8, 10).filter(|day| month.is_some() && after(7) && (1..=31).contains(day));
    let (year, month, day) = if before {
        match (month.unwrap_or(1), day.unwrap_or(1)) {
            (month, day) if day > 4 => (year, month, day - 4),
            (1, _) => (year - 1, 12, 24),
            (month, _) => (year, month - 1, 24),
        }
    } else {
        match (month.unwrap_or(12), day.unwrap_or(31)) {
            (month, day) if day < 27 => (year, month, day + 2),
            (12, _) => (year + 1, 1, 3),
            (month, _) => (year, month + 1, 3),
        }
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::far_day;

    #[test]
    fn days_far_enough() {
        for (text, kept, before, behind) in [
            ("2024-02-10", 10, Some("2024-02-06"), Some("2024-02-12")),
            ("2024-01-04", 10, Some("2023-12-24"), Some("2024-01-06")),
            ("2024-12-31 10:00:00", 10, Some("2024-12-27"), Some("2025-01-03")),
            ("2024-02-10", 7, Some("2024-01-24"), Some("2024-03-03")),
            ("2024-02-10", 4, Some("2023-12-24"), Some("2025-01-03")),
            ("2024-02", 10, Some("2024-01-24"), Some("2024-03-03")),
            ("2024-13-10", 10, Some("2023-12-24"), Some("2025-01-03")),
            ("2024-02-32", 10, Some("2024-01-24"), Some("2024-03-03")),
            ("2024x", 10, Some("2023-12-24"), Some("2025-01-03")),
            ("0009-01-01", 10, None, None),
            ("9991-01-01", 10, None, None),
            ("-2024-01-01", 10, None, None),
            ("202é-01-01", 10, None, None),
            ("", 10, None, None),
        ] {
            let found = |is_before| far_day(text, kept, is_before);
            assert_eq!((found(true).as_deref(), found(false).as_deref()), (before, behind), "{text} {kept}");
        }
    }
}
