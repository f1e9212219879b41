//! Rows beside rows, lists and ranges: what is compared several times, or member by member. Where PostgreSQL's own operator does not
//! compare the classes that meet, each becomes a value of any class.

use super::ast::{BinaryOperator, Expr, ExprKind};
use super::beside::Side;
use super::edits::Piece;
use super::pass::{Pass, Result, peel, refuse};
use super::types::Columns;
use super::types::{Affinity, Class, Collation, Constant, Type, Typed, number_in_text};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn rows(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: Span,
        a: &[Expr],
        b: &[Expr],
    ) -> Result<Typed> {
        if a.len() != b.len() {
            return super::pass::sqlite_error("row value misused", expr.span, None);
        }
        let nullable = self.members(a, b)?;
        self.row_operator(operator, operator_span);
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }

    /// The members of two rows, one by one; says whether one may be NULL.
    pub fn members(&mut self, a: &[Expr], b: &[Expr]) -> Result<bool> {
        let mut nullable = false;
        for (left, right) in a.iter().zip(b) {
            let (mut l, mut r) = (self.expr(left)?, self.expr(right)?);
            nullable |= l.nullable || r.nullable;
            // jsonb has text ahead of numbers.
            let by_class = l.ty == Type::Json || r.ty == Type::Json || unlike_classes(&l, &r);
            match by_class {
                true => self.compare_any(left, &mut l, right, &mut r)?,
                false => self.compare_plainly(left, &mut l, right, &mut r)?,
            }
        }
        Ok(nullable)
    }

    /// The members of a row, and the columns of the query beside it, which are as many; `at` is where an error points.
    pub fn row_and_query(
        &mut self,
        members: &[Expr],
        select: &super::ast::Select,
        at: Span,
    ) -> Result<(Vec<Typed>, Columns)> {
        let row = members.iter().map(|member| self.value(member)).collect::<Result<Vec<_>>>()?;
        let columns = self.value_select(select)?;
        if columns.len() != members.len() {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected {}", columns.len(), members.len()),
                at,
                None,
            );
        }
        Ok((row, columns))
    }

    /// A row beside a subquery, of which SQLite takes the first row.
    pub fn row_with_subquery(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        members: &[Expr],
        select: &super::ast::Select,
        subquery: &Expr,
    ) -> Result<Typed> {
        let (found, columns) = self.row_and_query(members, select, subquery.span)?;
        for (member, (typed, (_, column))) in members.iter().zip(found.iter().zip(&columns)) {
            let alike = typed.ty == column.ty
                || typed.ty.is_number() && column.ty.is_number()
                || [typed.ty, column.ty].iter().any(|ty| matches!(ty, Type::Null | Type::Unknown));
            if !alike || [typed, column].iter().any(|side| side.collation != Collation::Binary) {
                return refuse(
                    "a row is compared with a subquery's row of other types, or by NOCASE",
                    member.span,
                    "compare the columns one by one, joined with AND",
                );
            }
        }
        self.first_row(select, subquery.span);
        self.row_operator(operator, operator_span);
        Ok(Typed::new(Type::Boolean).class(Class::Compare))
    }

    fn row_operator(&mut self, operator: BinaryOperator, operator_span: Span) {
        match operator {
            BinaryOperator::Is | BinaryOperator::IsNot => self.is_value(operator, operator_span),
            BinaryOperator::Equal => self.respell(operator_span, "="),
            BinaryOperator::NotEqual => self.respell(operator_span, "<>"),
            _ => {}
        }
    }

    /// One member of a row between two others, which stands in the text once.
    fn member_between(&mut self, member: &Expr, low: &Expr, high: &Expr) -> Result<()> {
        let mut x = self.expr(member)?;
        let (mut from, mut to) = (self.expr(low)?, self.expr(high)?);
        self.bound_of_text(low);
        self.bound_of_text(high);
        let is_any = [&x, &from, &to].iter().any(|typed| matches!(typed.ty, Type::Any | Type::Json));
        if is_any
            || [&from, &to].iter().any(|bound| unlike_classes(&x, bound))
            || x.affinity == Affinity::None && unlike(&from, &to)
            || super::collation::ways_differ(&x, [&from, &to])
        {
            return self.compare_any_with_each(member, &mut x, &mut [(low, &mut from), (high, &mut to)]);
        }
        for (bound, typed) in [(low, &mut from), (high, &mut to)] {
            self.compare_plainly(member, &mut x, bound, typed)?;
        }
        Ok(())
    }

    pub fn between(&mut self, expr: &Expr, negated: bool, operand: &Expr, low: &Expr, high: &Expr) -> Result<Typed> {
        if let (ExprKind::Row(row), ExprKind::Row(from), ExprKind::Row(to)) =
            (&peel(operand).kind, &peel(low).kind, &peel(high).kind)
        {
            if row.len() != from.len() || row.len() != to.len() {
                return super::pass::sqlite_error("row value misused", operand.span, None);
            }
            for ((member, low), high) in row.iter().zip(from).zip(to) {
                self.member_between(member, low, high)?;
            }
            return Ok(Typed::new(Type::Boolean).class(Class::Compare));
        }
        let mut x = self.expr(operand)?;
        let (mut from, mut to) = (self.expr(low)?, self.expr(high)?);
        self.bound_of_text(low);
        self.bound_of_text(high);
        let nullable = x.nullable || from.nullable || to.nullable;
        // Each bound converts it for its own comparison.
        x.placeholder = None;
        if [&x, &from, &to].iter().any(|typed| matches!(typed.ty, Type::Any | Type::Json))
            || [&from, &to].iter().any(|bound| unlike_classes(&x, bound))
            || x.affinity == Affinity::None && unlike(&from, &to)
        {
            self.between_any(expr, negated, (operand, &mut x), [(low, &mut from), (high, &mut to)])?;
            return Ok(Typed::new(Type::Boolean).nullable(nullable));
        }
        if super::collation::ways_differ(&x, [&from, &to]) {
            let mut pieces: Vec<Piece> = vec![if negated { "(NOT (" } else { "((" }.into()];
            pieces.extend(self.compared_apart((operand, &mut x), " >= ", (low, &mut from))?);
            pieces.push(" AND ".into());
            pieces.extend(self.compared_apart((operand, &mut x), " <= ", (high, &mut to))?);
            pieces.push("))".into());
            self.edits.replace(expr.span, pieces);
            return Ok(Typed::new(Type::Boolean).nullable(nullable));
        }
        if x.ty == Type::Boolean && ![&from, &to].iter().all(|bound| matches!(bound.ty, Type::Boolean | Type::Null)) {
            self.without_boolean(operand, &mut x);
        }
        for (bound, mut typed, side) in [(low, from, Side::From), (high, to, Side::UpTo)] {
            self.by_side(side, |pass| pass.compare_plainly(operand, &mut x, bound, &mut typed))?;
            if typed.class <= Class::Compare {
                self.parenthesize(bound, &mut typed);
            }
        }
        if x.class <= Class::Compare {
            self.parenthesize(operand, &mut x);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }
}

/// Whether the two are known to be of unlike classes: what has no affinity and is compared with both is converted for each.
pub(crate) fn unlike(l: &Typed, r: &Typed) -> bool {
    let is_number = |typed: &Typed| typed.ty.is_number() || typed.ty == Type::Boolean;
    let is_plain = |typed: &Typed| is_number(typed) || matches!(typed.ty, Type::Text | Type::Blob);
    is_plain(l) && is_plain(r) && l.ty != r.ty && !(is_number(l) && is_number(r))
}

/// Whether values of unlike classes meet so that no operator of PostgreSQL's compares them: a number or a blob with text, but where
/// an affinity that is known ahead makes the two alike.
pub(crate) fn unlike_classes(l: &Typed, r: &Typed) -> bool {
    if let (Type::Json, Type::Blob) | (Type::Blob, Type::Json) = (l.ty, r.ty) {
        return true;
    }
    if !unlike(l, r) {
        return false;
    }
    if l.ty == Type::Blob || r.ty == Type::Blob {
        return true;
    }
    let (text, number) = if l.ty == Type::Text { (l, r) } else { (r, l) };
    match (text.affinity, number.affinity) {
        // A column declared DATETIME or the like, whose text is no number.
        (Affinity::Number, _) => text.never_a_number,
        (_, Affinity::Number) => {
            !matches!(&text.constant, Some(Constant::Text(content)) if number_in_text(content).is_some())
        }
        (Affinity::Text, _) => false,
        _ => true,
    }
}
