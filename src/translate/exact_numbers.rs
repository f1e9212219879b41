//! Integers beside reals: PostgreSQL compares them as reals, which rounds integers beyond 2^53, SQLite exactly.

use super::ast::{BinaryOperator, Expr};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::pass::{Pass, is_known_ahead};
use super::types::{Constant, Type, Typed};

impl Pass<'_> {
    /// An integer beside a real, as exact numbers. Where the real is a column the comparison of reals stands ahead, for its index: it
    /// says yes wherever the exact one does.
    pub fn exactly(&mut self, expr: &Expr, operator: BinaryOperator, left: (&Expr, &Typed), right: (&Expr, &Typed)) {
        use BinaryOperator as Op;
        let (exact, ahead) = match operator {
            Op::Equal => ("=", Some("=")),
            Op::NotEqual => ("<>", None),
            Op::Is => ("IS NOT DISTINCT FROM", None),
            Op::IsNot => ("IS DISTINCT FROM", None),
            Op::Less => ("<", Some("<=")),
            Op::LessEqual => ("<=", Some("<=")),
            Op::Greater => (">", Some(">=")),
            _ => (">=", Some(">=")),
        };
        for (bound, typed) in [left, right] {
            if typed.ty == Type::Unknown {
                // Of most values that are bound it is known ahead of the rows that nothing is rounded.
                let sides = |before: &'static str, after: &'static str| -> Vec<Piece> {
                    let operator = format!("{after} {exact} {before}");
                    vec![before.into(), left.0.span.into(), operator.into(), right.0.span.into(), after.into()]
                };
                let mut pieces: Vec<Piece> =
                    vec!["(CASE WHEN sqlift.is_whole(".into(), bound.span.into(), ") THEN ".into()];
                pieces.extend(sides("(", ")"));
                pieces.push(" ELSE ".into());
                pieces.extend(sides("sqlift.comparable(", ")"));
                pieces.push(" END)".into());
                return self.edits.replace(expr.span, pieces);
            }
        }
        let plain =
            |(expr, typed): (&Expr, &Typed)| typed.column.is_some() || typed.constant.is_some() || is_known_ahead(expr);
        let is_column = |typed: &Typed| typed.column.is_some() && typed.ty == Type::Real;
        let indexed = plain(left) && plain(right) && (is_column(left.1) || is_column(right.1));
        let comparable = |(operand, typed): (&Expr, &Typed)| -> [Piece; 3] {
            match typed.ty {
                Type::Integer => ["(".into(), operand.span.into(), ")".into()],
                _ => ["sqlift.comparable(".into(), operand.span.into(), ")".into()],
            }
        };
        let mut pieces: Vec<Piece> = vec!["(".into()];
        if let Some(ahead) = ahead.filter(|_| indexed) {
            pieces.extend([left.0.span.into(), format!(" {ahead} ").into(), right.0.span.into(), " AND ".into()]);
        }
        pieces.extend(comparable(left));
        pieces.push(format!(" {exact} ").into());
        pieces.extend(comparable(right));
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
    }

    /// The same where an operand is compared several times.
    pub fn as_comparable(&mut self, operand: &Expr, typed: &mut Typed) {
        self.by_row(typed);
        if typed.ty != Type::Integer {
            self.call(operand, typed, "sqlift.comparable");
            typed.ty = Type::Numeric;
            typed.column = None;
        }
    }

    /// A decimal literal without the cast to float8, where a numeric column decides.
    pub fn bare_number(&mut self, operand: &Expr) {
        let plain: String = self.source(operand.span).chars().filter(|c| *c != '_').collect();
        self.edits.replace_text(operand.span, plain);
    }
}

/// Whether PostgreSQL would round one of two numbers before it compares them: integers become reals beside a real.
pub(crate) fn rounds(l: &Typed, r: &Typed) -> bool {
    // From here on not every integer is a real.
    const WHOLE: u64 = 1 << 53;
    let is_small = |typed: &Typed| match typed.constant {
        Some(Constant::Integer(value)) => value.unsigned_abs() <= WHOLE,
        Some(Constant::Real(value)) => value.abs() < WHOLE as f64,
        _ => typed.int4 || matches!(typed.column, Some(ColumnType::SmallInt | ColumnType::Integer)),
    };
    let is_mixed = |typed: &Typed| !typed.branches.is_empty();
    if let (Type::Unknown, Type::Real) | (Type::Real, Type::Unknown) = (l.ty, r.ty) {
        // An integer may be bound.
        return !is_small(l) && !is_small(r);
    }
    let unlike = match (l.ty == Type::Real, r.ty == Type::Real) {
        (true, true) => is_mixed(l) || is_mixed(r),
        (one, other) => one || other,
    };
    l.ty.is_number() && r.ty.is_number() && unlike && !is_small(l) && !is_small(r)
}
