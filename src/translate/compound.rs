//! Compound SELECTs: their columns' types and collations, and UNION, INTERSECT and EXCEPT by NOCASE.

use super::ast::{Compound, CompoundOperator};
use super::bare::folding_words;
use super::beside::as_text;
use super::catalog::ColumnType;
use super::names::{fold, quote_identifier};
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::types::Columns;
use super::types::{Branch, Collation, Type, Typed};
use super::untyped::folding;
use crate::syntax::Span;

impl Pass<'_> {
    /// Brings the arms so far, which begin at `start`, and one more arm together.
    pub fn merge_arms(&mut self, columns: &mut Columns, more: Columns, part: &Compound, start: usize) -> Result<()> {
        let pairs = || columns.iter().zip(&more).map(|((_, left), (_, right))| (left, right));
        let unlike_numbers = pairs().any(|(left, right)| may_be_equal(left, right));
        // Of two columns' collations PostgreSQL asks which.
        let mut unlike = false;
        for ((_, left), (_, mut right)) in columns.iter_mut().zip(more) {
            unlike |= left.collation != right.collation && matches!(left.ty, Type::Text | Type::Any);
            let mut collation = if has_collation(left) { left.clone() } else { right.clone() };
            collation.first_collation = self.of_several_collations(left, &right, part.operator);
            self.merge(left, &mut right, part.span)?;
            left.first_collation = collation.first_collation;
            left.collation = collation.collation;
            left.has_own_collation = collation.has_own_collation;
            left.explicit_collation = collation.explicit_collation;
        }
        if part.operator != CompoundOperator::UnionAll
            && (unlike || columns.iter().any(|(_, typed)| is_collated(typed)))
        {
            self.collated_set(columns, part, start)?;
        } else if unlike_numbers {
            // A recursion keeps the first of equal rows on both.
            let is_step = |(first, step): (usize, usize)| first == start && part.core.span.start >= step;
            if !self.recursion_at.is_some_and(is_step) {
                self.of_equals(part, start);
            }
        }
        Ok(())
    }

    /// The first arm's collation, where another has another one: of these PostgreSQL would not choose.
    fn of_several_collations(&mut self, left: &Typed, right: &Typed, operator: CompoundOperator) -> Option<Collation> {
        if left.collation == right.collation && left.first_collation.is_none() {
            return None;
        }
        let said: &[Span] = if left.first_collation.is_some() { &[] } else { &left.arms };
        for (typed, arms) in [(left, said), (right, &right.arms)] {
            // Other operators group them by what a collation sees.
            if operator == CompoundOperator::UnionAll && typed.ty == Type::Text && typed.collation != Collation::Binary
            {
                arms.iter().for_each(|arm| self.edits.wrap(*arm, "(", " COLLATE \"C\")"));
            }
        }
        Some(left.first_collation.unwrap_or(left.collation))
    }

    /// A set of rows by NOCASE or RTRIM: both sides' rows, grouped by what the collation sees. As on SQLite UNION keeps the
    /// right side's spelling, the others the left one's, of several there the first.
    fn collated_set(&mut self, columns: &Columns, part: &Compound, start: usize) -> Result<()> {
        self.note(&rules::select::COLLATED_SET, part.span);
        let names: Vec<String> = (1..=columns.len()).map(|number| format!("c{number}")).collect();
        let list = names.join(", ");
        let (side, having) = match part.operator {
            CompoundOperator::Intersect => ("side", " HAVING bool_or(side = 0) AND bool_or(side = 1)"),
            CompoundOperator::Except => ("side", " HAVING bool_and(side = 0)"),
            CompoundOperator::Union | CompoundOperator::UnionAll => ("side DESC", ""),
        };
        let (mut shown, mut kept, mut keys, mut order) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for ((name, typed), column) in columns.iter().zip(&names) {
            let folded_name = fold(name);
            shown.push(match folded_name.as_str() {
                "" => column.clone(),
                name => format!("{column} AS {}", quote_identifier(name)),
            });
            let collation = if typed.ty == Type::Text { " COLLATE \"C\"" } else { "" };
            kept.push(format!("(array_agg({column} ORDER BY {side}, place))[1]{collation}"));
            let key = key(column, typed, part.span)?;
            order.push(format!("{key} NULLS FIRST"));
            keys.push(key);
        }
        let arm = |side: u8| format!("SELECT *, {side}, row_number() OVER () FROM (");
        let before = format!("SELECT {} FROM (SELECT {} FROM ({}", shown.join(", "), kept.join(", "), arm(0));
        let after = format!(
            ") AS r({list})) AS b({list}, side, place) GROUP BY {}{having} ORDER BY {}) AS s({list})",
            keys.join(", "),
            order.join(", ")
        );
        self.edits.replace_text(part.span, format!(") AS l({list}) UNION ALL {}", arm(1)));
        self.edits.wrap(Span { start, end: part.core.span.end }, before, after);
        Ok(())
    }
}

/// Whether a column of an arm decides the collation of a compound's column: the first one that has any does.
fn has_collation(typed: &Typed) -> bool {
    typed.has_own_collation || typed.explicit_collation || typed.collation != Collation::Binary
}

/// Whether rows are told apart by something else than their values.
pub(crate) fn is_collated(typed: &Typed) -> bool {
    matches!(typed.ty, Type::Text | Type::Any | Type::Json | Type::Unknown) && typed.collation != Collation::Binary
}

/// What a column, which stands under a name of ours, is compared by: what its collation sees.
pub(crate) fn key(column: &str, typed: &Typed, span: Span) -> Result<String> {
    Ok(match (typed.ty, folding(typed.collation), folding_words(typed.collation)) {
        (Type::Any, Some(function), _) => format!("{function}({column})"),
        (Type::Json, Some(function), _) => format!("{function}(sqlift.value_of({column}))"),
        (Type::Text, _, None) => format!("{column} COLLATE \"C\""),
        (Type::Text, _, Some((before, after))) => format!("{before}{column}{after}"),
        (Type::Unknown, Some(_), _) => {
            return refuse("a parameter by NOCASE in a compound SELECT", span, "CAST the parameter to TEXT");
        }
        _ => column.to_owned(),
    })
}

/// What a compound SELECT is sorted by: its [`key`]; of JSON the value, since jsonb has another order.
pub(crate) fn sort_key(column: &str, typed: &Typed, span: Span) -> Result<String> {
    match typed.ty {
        Type::Json if typed.collation == Collation::Binary => Ok(format!("sqlift.value_of({column})")),
        _ => key(column, typed, span),
    }
}

/// A column of one arm of a compound SELECT, or of one row of VALUES, before it is merged with the others.
pub(crate) fn arm(mut typed: Typed, span: Span) -> Typed {
    typed.arms = vec![span];
    if typed.ty.is_number() {
        typed.branches = vec![Branch { span, ty: typed.ty }];
    }
    typed
}

/// Whether a value of the one arm may be equal to one of the other and of another class: 2 and 2.0.
fn may_be_equal(left: &Typed, right: &Typed) -> bool {
    let is_mixed = |typed: &Typed| typed.by_row;
    left.ty.is_number()
        && right.ty.is_number()
        && ((left.ty == Type::Real) != (right.ty == Type::Real) || is_mixed(left) || is_mixed(right))
}

impl Pass<'_> {
    /// Of equal rows SQLite's UNION keeps the last arm's and its INTERSECT the first one's; PostgreSQL any. Its EXCEPT gives the
    /// first one's alone.
    fn of_equals(&mut self, part: &Compound, start: usize) {
        let arm = part.core.span;
        let all = Span { start, end: arm.end };
        let before = Span { start, end: self.sql[..part.span.start].trim_end().len() };
        match part.operator {
            CompoundOperator::Union => {
                self.edits.replace(all, [before.into(), " EXCEPT ".into(), arm.into(), " UNION ".into(), arm.into()]);
            }
            CompoundOperator::Intersect => {
                self.edits.replace(
                    all,
                    [before.into(), " EXCEPT (".into(), before.into(), " EXCEPT ".into(), arm.into(), ")".into()],
                );
            }
            CompoundOperator::UnionAll | CompoundOperator::Except => return,
        }
        self.fired.rule(&rules::select::OF_EQUALS);
    }

    /// Arms of PostgreSQL's own types beside others, or beside text, are the text that they are to SQLite.
    fn merge_texts(&mut self, left: &mut Typed, right: &mut Typed) {
        let native = |typed: &Typed| match typed.ty {
            Type::Native(native) if native != ColumnType::Other && !typed.arms.is_empty() => Some(native),
            _ => None,
        };
        let is_alike = |typed: &Typed| typed.ty == Type::Text || native(typed).is_some();
        if left.ty == right.ty || !is_alike(left) || !is_alike(right) {
            return;
        }
        for side in [left, right] {
            if let Some(native) = native(side) {
                let (before, after) = as_text(native);
                for arm in &side.arms {
                    self.edits.wrap(*arm, format!("({before}"), format!("{after} COLLATE \"C\")"));
                }
                (side.ty, side.column, side.from_column) = (Type::Text, None, true);
            }
        }
    }

    /// Arms of unlike classes are values of any; says whether these are such.
    fn merge_any(&mut self, left: &mut Typed, right: &Typed, span: Span) -> Result<bool> {
        let both = (left.ty, right.ty);
        let has = |ty: Type| both.0 == ty || both.1 == ty;
        let is_class = |ty: Type| ty.is_number() || matches!(ty, Type::Text | Type::Blob | Type::Json | Type::Any);
        let unlike =
            both.0 != both.1 && !(both.0.is_number() && both.1.is_number()) && is_class(both.0) && is_class(both.1);
        if !(unlike || has(Type::Any) && has(Type::Unknown)) {
            return Ok(false);
        }
        for side in [&*left, right] {
            if side.ty != Type::Any && side.arms.is_empty() {
                return refuse(
                    format!("one column is {} in one row and {} in another", both.0.describe(), both.1.describe()),
                    span,
                    "name the columns instead of *, or CAST both to the same type",
                );
            }
        }
        if let (Some(first), Some(name)) = (left.arms.first(), &left.shown)
            && left.ty != Type::Any
            && left.kinds.is_some_and(|kinds| kinds.is_unnamed)
        {
            // The function around it would be its name on PostgreSQL.
            self.edits.name(*first, format!(" AS {}", quote_identifier(&fold(name.shown()))));
        }
        for side in [&*left, right].into_iter().filter(|side| side.ty != Type::Any) {
            for arm in &side.arms {
                self.edits.wrap(*arm, "sqlift.value_of(", ")");
            }
        }
        let (arms, shown) = (std::mem::take(&mut left.arms), left.shown.take());
        *left = Typed { arms, shown, ..Typed::new(Type::Any).nullable(left.nullable || right.nullable) };
        left.arms.extend_from_slice(&right.arms);
        Ok(true)
    }

    /// The type of a column that comes from two arms of a compound SELECT or two rows of VALUES.
    pub fn merge(&mut self, left: &mut Typed, right: &mut Typed, span: Span) -> Result<()> {
        left.nullable |= right.nullable;
        left.int4 &= right.int4;
        left.never_a_number &= right.never_a_number;
        left.by_row |= right.by_row;
        left.constant = None;
        left.placeholder = None;
        if left.column != right.column {
            left.column = None;
        }
        self.merge_texts(left, right);
        let both = (left.ty, right.ty);
        if self.merge_any(left, right, span)? {
            return Ok(());
        }
        if !left.arms.is_empty() {
            left.arms.extend_from_slice(&right.arms);
        }
        if both.0 == both.1 || matches!(both.0, Type::Null | Type::Unknown) {
            left.branches.extend_from_slice(&right.branches);
        }
        left.ty = match both {
            (a, b) if a == b => a,
            (Type::Null, b) => b,
            (a, Type::Null) => a,
            // An integer next to a real parameter becomes one; other classes are an error of the server's.
            (Type::Unknown, Type::Integer | Type::Numeric) | (Type::Integer | Type::Numeric, Type::Unknown) => {
                Type::Unknown
            }
            (Type::Unknown, b) => b,
            (a, Type::Unknown) => a,
            (a, b) if a.is_number() && b.is_number() && a != b => {
                if [&*left, &*right].iter().any(|typed| typed.branches.is_empty()) {
                    return refuse(
                        "one column is an integer in one row and a real in another",
                        span,
                        "name the columns instead of *, or CAST them to REAL",
                    );
                }
                // Each arm keeps its class; those that come later may be of either.
                let mut kept = Vec::new();
                if left.ty == Type::Numeric {
                    // They have been through here.
                    std::mem::swap(&mut kept, &mut left.branches);
                }
                for side in [&mut *left, right] {
                    kept.extend(side.branches.iter().map(|branch| Branch { ty: Type::Numeric, ..*branch }));
                    self.by_row(side);
                }
                left.ty = Type::Numeric;
                left.branches = kept;
                left.nullable |= right.nullable;
                left.by_row = true;
                return Ok(());
            }
            (a, b) => {
                return refuse(
                    format!("one column is {} in one row and {} in another", a.describe(), b.describe()),
                    span,
                    "CAST both to the same type",
                );
            }
        };
        Ok(())
    }
}
