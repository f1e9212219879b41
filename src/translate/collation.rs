//! Which collation compares two values, and what the text says of it: NOCASE and RTRIM by functions, and "C" where PostgreSQL would
//! ask which of two columns' collations to use.

use super::ast::Expr;
use super::comparison::Compared;
use super::edits::Piece;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::types::{Affinity, Collation, Type, Typed};

/// COLLATE counts most, the left one first; then a column's own, BINARY too, again the left one first.
pub(crate) fn deciding_collation(l: &Typed, r: &Typed) -> Collation {
    if l.explicit_collation {
        l.collation
    } else if r.explicit_collation {
        r.collation
    } else if l.has_own_collation || l.collation != Collation::Binary {
        l.collation
    } else {
        r.collation
    }
}

/// Whether a JSON value is compared by NOCASE or RTRIM, and only the row knows whether it is a text. Beside a TEXT column it is one.
pub(crate) fn is_collated_json(l: &Typed, r: &Typed) -> bool {
    let may_be_text = |typed: &Typed| matches!(typed.ty, Type::Json | Type::Text | Type::Unknown);
    let becomes_text = |json: &Typed, other: &Typed| {
        json.affinity == Affinity::None && other.ty == Type::Text && other.affinity == Affinity::Text
    };
    (l.ty == Type::Json && !becomes_text(l, r) || r.ty == Type::Json && !becomes_text(r, l))
        && may_be_text(l)
        && may_be_text(r)
        && deciding_collation(l, r) != Collation::Binary
}

/// Whether texts are compared with `one` by several collations, so that it does not stand for all of them in one form.
pub(crate) fn ways_differ<'t>(one: &Typed, others: impl IntoIterator<Item = &'t Typed>) -> bool {
    let is_text = |typed: &&Typed| matches!(typed.ty, Type::Text | Type::Unknown);
    let mut ways = others.into_iter().filter(is_text).map(|other| deciding_collation(one, other));
    let first = ways.next();
    is_text(&one) && ways.any(|way| Some(way) != first)
}

impl Pass<'_> {
    /// The words of one of several comparisons with `one`, each of which has a collation of its own.
    pub fn compared_apart(
        &mut self,
        one: (&Expr, &mut Typed),
        operator: &str,
        other: (&Expr, &mut Typed),
    ) -> Result<[Piece; 5]> {
        let ((operand, x), (bound, typed)) = (one, other);
        let collation = deciding_collation(x, typed);
        if !matches!(self.compare(operand, x, bound, typed)?, Compared::Plain | Compared::ByClass) {
            return refuse(
                format!("{} is compared with {}", x.ty.describe(), typed.ty.describe()),
                bound.span,
                "CAST one side to the type of the other",
            );
        }
        self.fired.rule(&rules::comparisons::COLLATION);
        let (before, after) = folded(collation, true, x, typed).unwrap_or(("(", ")"));
        let between = format!("{after}{operator}{before}");
        Ok([before.into(), operand.span.into(), between.into(), bound.span.into(), after.into()])
    }

    /// NOCASE and RTRIM by functions; "C" where neither side brings a column's collation.
    pub fn apply_collation(
        &mut self,
        left: &Expr,
        l: &mut Typed,
        right: &Expr,
        r: &mut Typed,
        ordered: bool,
    ) -> Result<()> {
        let is_text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Unknown);
        if !is_text(l) || !is_text(r) {
            return Ok(());
        }
        match deciding_collation(l, r) {
            Collation::Binary if l.collation != r.collation => {
                // Two columns' collations: PostgreSQL asks which.
                self.fired.rule(&rules::comparisons::COLLATION);
                self.suffix(left, l, " COLLATE \"C\"");
                self.edits.wrap(left.span, "(", ")");
            }
            Collation::Binary => {
                if ordered && !l.from_column && !r.from_column {
                    let (operand, typed) = if l.ty == Type::Text { (left, l) } else { (right, r) };
                    if typed.ty == Type::Text && typed.placeholder.is_none() {
                        self.fired.rule(&rules::comparisons::COLLATION);
                        self.suffix(operand, typed, " COLLATE \"C\"");
                        self.edits.wrap(operand.span, "(", ")");
                    }
                }
            }
            other => {
                for (operand, typed) in [(left, l), (right, r)] {
                    self.fold_for(other, operand, typed);
                }
            }
        }
        Ok(())
    }

    /// The text as the collation sees it: lower case for NOCASE, no blanks at the end for RTRIM.
    pub fn fold_for(&mut self, collation: Collation, operand: &Expr, typed: &mut Typed) {
        let function = match collation {
            Collation::Binary => return,
            Collation::NoCase => "lower",
            Collation::RTrim => "rtrim",
        };
        if typed.ty == Type::Json {
            self.call(operand, typed, "sqlift.value_of");
            typed.ty = Type::Any;
        }
        if let (Type::Any, Some(function)) = (typed.ty, super::untyped::folding(collation)) {
            return self.call(operand, typed, function);
        }
        if !matches!(typed.ty, Type::Text | Type::Unknown) {
            return;
        }
        self.fired.rule(&rules::comparisons::COLLATION);
        // PostgreSQL computes what is constant of a generated column before it knows the collations.
        if let Some(literal) = self.folded_literal(collation, operand) {
            self.edits.replace_text(operand.span, literal);
            return;
        }
        // Said even of columns: two columns may have unlike collations, and an index on the same words is found.
        let before = if typed.placeholder.is_some() { "::text COLLATE \"C\"" } else { " COLLATE \"C\"" };
        self.suffix(operand, typed, before);
        self.call(operand, typed, function);
    }

    /// A column by NOCASE or RTRIM inside of what makes another value of it: the new one has no collation on SQLite, and would have
    /// the column's on PostgreSQL, which is at odds with another column's.
    pub fn without_collation(&mut self, expr: &Expr, typed: &mut Typed) {
        if typed.ty == Type::Text && typed.from_column && typed.collation != Collation::Binary {
            self.fired.rule(&rules::comparisons::COLLATION);
            self.suffix(expr, typed, " COLLATE \"C\"");
            self.edits.wrap(expr.span, "(", ")");
        }
    }
}

/// What stands around each of two values where a collation compares them and neither is to change; `None` where PostgreSQL's own
/// comparison is the same. `mixed` when the two had unlike collations, between which PostgreSQL does not choose.
pub(crate) fn folded(collation: Collation, mixed: bool, l: &Typed, r: &Typed) -> Option<(&'static str, &'static str)> {
    let is = |ty: Type| l.ty == ty || r.ty == ty;
    let is_text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Unknown | Type::Null);
    match collation {
        Collation::NoCase if is(Type::Any) => Some(("sqlift.nocase_value(", ")")),
        Collation::RTrim if is(Type::Any) => Some(("sqlift.rtrim_value(", ")")),
        _ if !is_text(l) || !is_text(r) => None,
        Collation::NoCase => Some(("lower((", ")::text COLLATE \"C\")")),
        Collation::RTrim => Some(("rtrim((", ")::text COLLATE \"C\")")),
        Collation::Binary => mixed.then_some(("((", ")::text COLLATE \"C\")")),
    }
}
