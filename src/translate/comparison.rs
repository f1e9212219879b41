//! Comparisons by SQLite's rules of affinity and storage class, and expressions that bring several types together.

use crate::syntax::Span;

use super::ast::{BinaryOperator, Expr, ExprKind};
use super::beside::Side;
use super::catalog::ColumnType;
use super::collation::is_collated_json;
use super::edits::Piece;
use super::exact_numbers::rounds;
use super::names::quote_literal;
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::types::{Affinity, Class, Constant, Type, Typed, number_in_text, real_to_text};

/// How two expressions compare, once their edits are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// PostgreSQL's own operator answers the same.
    Plain,
    /// Values of different storage classes: never equal, `left_is_less` says the order.
    Never { left_is_less: bool },
    /// A number against text that may look like one.
    ByFunction,
    /// Integers against reals: PostgreSQL compares them as reals, which rounds integers beyond 2^53.
    Exactly,
    /// Equal where PostgreSQL finds them equal, but ordered by their classes: JSON values, and two parameters.
    ByClass,
}

impl Pass<'_> {
    pub fn comparison(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: Span,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        use BinaryOperator as Op;
        if let (ExprKind::Row(a), ExprKind::Row(b)) = (&peel(left).kind, &peel(right).kind) {
            return self.rows(expr, operator, operator_span, a, b);
        }
        if let (ExprKind::Row(members), ExprKind::Subquery(select)) = (&peel(left).kind, &peel(right).kind) {
            return self.row_with_subquery(operator, operator_span, members, select, right);
        }
        if let (ExprKind::Subquery(select), ExprKind::Row(members)) = (&peel(left).kind, &peel(right).kind) {
            return self.row_with_subquery(operator, operator_span, members, select, left);
        }
        let is = matches!(operator, Op::Is | Op::IsNot);
        if is && self.is_boolean(right)? {
            let mut typed = self.condition(left)?;
            if typed.class <= Class::Compare {
                self.parenthesize(left, &mut typed);
            }
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(false));
        }
        if is && matches!(right.kind, ExprKind::Null) {
            let outer = self.mixed_at.replace(peel(left).span);
            let mut typed = self.expr(left)?;
            self.mixed_at = outer;
            self.null_tested(left, &mut typed);
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(false));
        }
        let mut l = self.expr(left)?;
        let mut r = self.expr(right)?;
        let nullable = !is && (l.nullable || r.nullable);
        let is_ordered = !matches!(operator, Op::Equal | Op::NotEqual | Op::Is | Op::IsNot);
        if is_ordered {
            self.bound_of_text(left);
            self.bound_of_text(right);
        }
        let compared = match !is_collated_json(&l, &r) && self.json_in_order(operator, left, &mut l, right, &mut r) {
            true => Compared::Plain,
            false => self.by_side(Side::of(operator), |pass| pass.compare(left, &mut l, right, &mut r))?,
        };
        self.apply_collation(left, &mut l, right, &mut r, is_ordered)?;
        let result = Typed::new(Type::Boolean).nullable(nullable);
        match compared {
            Compared::Never { left_is_less } => {
                self.note(&rules::comparisons::DIFFERENT_CLASSES, expr.span);
                let (l, r) = (left.span, right.span);
                match operator {
                    Op::Is | Op::IsNot => {
                        let (before, after) = if operator == Op::Is { ("(", ")") } else { ("(NOT (", "))") };
                        self.edits.replace(
                            expr.span,
                            [
                                before.into(),
                                l.into(),
                                " IS NULL AND ".into(),
                                r.into(),
                                " IS NULL".into(),
                                after.into(),
                            ],
                        );
                    }
                    _ => {
                        let answer = match operator {
                            Op::Equal => false,
                            Op::NotEqual => true,
                            Op::Less | Op::LessEqual => left_is_less,
                            _ => !left_is_less,
                        };
                        let end = format!(" IS NOT NULL THEN {answer} END)");
                        self.edits.replace(
                            expr.span,
                            ["(CASE WHEN ".into(), l.into(), " IS NOT NULL AND ".into(), r.into(), end.into()],
                        );
                    }
                }
                return Ok(result);
            }
            Compared::ByFunction => {
                let test = match operator {
                    Op::Equal => " = 0)",
                    Op::NotEqual => " <> 0)",
                    Op::Less => " < 0)",
                    Op::LessEqual => " <= 0)",
                    Op::Greater => " > 0)",
                    Op::GreaterEqual => " >= 0)",
                    Op::Is => " IS NOT DISTINCT FROM 0)",
                    _ => " IS DISTINCT FROM 0)",
                };

                self.note(&rules::comparisons::NUMBER_WITH_TEXT, operator_span);
                let mut pieces: Vec<Piece> = vec![
                    "(sqlift.compare(".into(),
                    left.span.into(),
                    ", ".into(),
                    right.span.into(),
                    format!("){test}").into(),
                ];
                if is {
                    // One NULL is another value than any, two are the same.
                    let (l, r) = (left.span, right.span);
                    let [one, other] = match operator {
                        Op::Is => [" IS NULL AND ", " IS NULL) OR "],
                        _ => [" IS NOT NULL OR ", " IS NOT NULL) AND "],
                    };
                    pieces.splice(0..0, ["((".into(), l.into(), one.into(), r.into(), other.into()]);
                    pieces.push(")".into());
                }
                self.edits.replace(expr.span, pieces);
                return Ok(result);
            }
            Compared::ByClass => {
                let test = match operator {
                    Op::Less => " < 0)",
                    Op::LessEqual => " <= 0)",
                    Op::Greater => " > 0)",
                    Op::GreaterEqual => " >= 0)",
                    _ => "",
                };
                if !test.is_empty() {
                    self.fired.rule(&rules::comparisons::DIFFERENT_CLASSES);
                    self.edits.replace(
                        expr.span,
                        [
                            "(sqlift.class_order(".into(),
                            left.span.into(),
                            ", ".into(),
                            right.span.into(),
                            format!("){test}").into(),
                        ],
                    );
                    return Ok(result);
                }
            }
            Compared::Exactly => {
                self.note(&rules::comparisons::INTEGER_WITH_REAL, operator_span);
                self.by_row(&mut l);
                self.by_row(&mut r);
                self.exactly(expr, operator, (left, &l), (right, &r));
                return Ok(result);
            }
            Compared::Plain => {}
        }
        for (operand, typed) in [(left, &mut l), (right, &mut r)] {
            if typed.class <= Class::Compare {
                self.parenthesize(operand, typed);
            }
        }
        let written = self.source(operator_span);
        match operator {
            Op::Equal if written == "==" => self.respell(operator_span, "="),
            Op::Is | Op::IsNot => self.is_value(operator, operator_span),
            // PostgreSQL reads `!=-1` as one operator.
            Op::NotEqual if written == "!=" => self.respell(operator_span, "<>"),
            _ => {}
        }
        Ok(result.class(Class::Compare))
    }

    /// The operand of IS NULL: an untyped parameter needs a type, any one.
    pub fn null_tested(&mut self, operand: &Expr, typed: &mut Typed) {
        if typed.placeholder.is_some() {
            self.suffix(operand, typed, "::text");
        } else if typed.class <= Class::Compare {
            self.parenthesize(operand, typed);
        }
    }

    pub fn is_value(&mut self, operator: BinaryOperator, operator_span: Span) {
        let is = operator == BinaryOperator::Is;
        self.respell(operator_span, if is { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" });
    }

    /// An operator that means the same in other words.
    pub fn respell(&mut self, operator: Span, words: &'static str) {
        if self.source(operator) != words {
            self.note(&rules::comparisons::IS_VALUE, operator);
            self.edits.replace_text(operator, words);
        }
    }

    /// Makes the edits after which PostgreSQL's own operator compares as SQLite does, or refuses.
    pub fn compare_plainly(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<()> {
        let (described_left, described_right) = (l.ty.describe(), r.ty.describe());
        match self.compare(left, l, right, r)? {
            Compared::Plain | Compared::ByClass => self.apply_collation(left, l, right, r, true),
            Compared::Exactly => {
                self.note(&rules::comparisons::INTEGER_WITH_REAL, right.span);
                self.as_comparable(left, l);
                self.as_comparable(right, r);
                Ok(())
            }
            _ => refuse(
                format!("{described_left} is compared with {described_right}"),
                right.span,
                "CAST one side to the type of the other",
            ),
        }
    }

    pub fn compare(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<Compared> {
        self.raising_as(r.ty, left, l);
        self.raising_as(l.ty, right, r);
        let is_open = |typed: &Typed| typed.placeholder.is_some() && typed.ty == Type::Unknown;
        if is_open(l) && is_open(r) {
            return Ok(Compared::ByClass);
        }
        if l.ty == Type::Any || r.ty == Type::Any || is_collated_json(l, r) {
            self.compare_any(left, l, right, r)?;
            return Ok(Compared::Plain);
        }
        if let Some(compared) = self.compare_dates(left, l, right, r)? {
            return Ok(compared);
        }
        if let Some(compared) = self.compare_native(left, l, right, r)? {
            return Ok(compared);
        }
        let side = self.side;
        for (operand, typed, other, side) in [(left, &*l, &*r, side.turned()), (right, &*r, &*l, side)] {
            if let Some(column) = compared_column(typed, other) {
                self.parameter_compared(operand, column, side);
                return Ok(Compared::Plain);
            }
        }
        if l.ty == Type::Null || r.ty == Type::Null {
            return Ok(Compared::Plain);
        }
        if l.ty == Type::Boolean && r.ty == Type::Boolean {
            return Ok(Compared::Plain);
        }
        let types = (l.ty, r.ty);
        for (operand, typed, other) in [(left, &mut *l, types.1), (right, &mut *r, types.0)] {
            if other == Type::Boolean
                && let Some(Constant::Integer(value @ (0 | 1))) = typed.constant
            {
                self.note(&rules::booleans::BOOLEAN_LITERAL, operand.span);
                self.edits.replace_text(operand.span, if value == 1 { "true" } else { "false" });
                typed.ty = Type::Boolean;
                return Ok(Compared::Plain);
            }
        }
        let truths = l.ty == Type::Boolean || r.ty == Type::Boolean;
        self.without_boolean(left, l);
        self.without_boolean(right, r);
        if let (Type::Json, Type::Blob) | (Type::Blob, Type::Json) = (l.ty, r.ty) {
            return Ok(Compared::Never { left_is_less: l.ty == Type::Json });
        }
        if self.json_by_affinity(left, l, right, r)? {
            return Ok(Compared::Plain);
        }
        if l.ty == Type::Json || r.ty == Type::Json {
            for (operand, typed) in [(left, l), (right, r)] {
                if typed.ty != Type::Json {
                    self.as_json(operand, typed);
                }
            }
            return Ok(Compared::ByClass);
        }
        if l.ty == Type::Unknown || r.ty == Type::Unknown {
            for (operand, typed) in [(left, &mut *l), (right, &mut *r)] {
                if matches!(typed.constant, Some(Constant::Text(_))) {
                    // An untyped literal would take the parameter's type; `'5' = ?` with 5 is false.
                    self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
                    self.suffix(operand, typed, "::text");
                }
            }
            return Ok(if rounds(l, r) { Compared::Exactly } else { Compared::Plain });
        }
        if l.ty.is_number() && r.ty.is_number() {
            for (operand, typed, other) in [(left, &*l, &*r), (right, &*r, &*l)] {
                // As float8 it would make a float8 of the column: beyond 2^53 no longer itself, and without its index.
                if matches!(typed.constant, Some(Constant::Real(_)))
                    && matches!(other.ty, Type::Numeric | Type::Integer)
                    && other.column.is_some()
                {
                    self.bare_number(operand);
                    return Ok(Compared::Plain);
                }
            }
            return Ok(if !truths && rounds(l, r) { Compared::Exactly } else { Compared::Plain });
        }
        match (l.ty, r.ty) {
            (Type::Text, Type::Text) | (Type::Blob, Type::Blob) => Ok(Compared::Plain),
            (Type::Text, _) if r.ty.is_number() => self.text_with_number(left, l, right, r, false),
            (_, Type::Text) if l.ty.is_number() => self.text_with_number(right, r, left, l, true),
            (Type::Blob, other) if other.is_number() || other == Type::Text => {
                Ok(Compared::Never { left_is_less: false })
            }
            (other, Type::Blob) if other.is_number() || other == Type::Text => {
                Ok(Compared::Never { left_is_less: true })
            }
            (a, b) if a == b => Ok(Compared::Plain),
            (a, b) => refuse(
                format!("{} is compared with {}", a.describe(), b.describe()),
                right.span,
                "CAST one side to the type of the other",
            ),
        }
    }

    /// A column declared DATETIME or the like beside something else: numeric affinity turns the other side into a number
    /// where it looks like one, and any text is greater than any number.
    fn compare_dates(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<Option<Compared>> {
        let is_date = |typed: &Typed| typed.ty == Type::Text && typed.affinity == Affinity::Number;
        let (other, typed) = match (is_date(l), is_date(r)) {
            (true, false) => (right, r),
            (false, true) => (left, l),
            _ => return Ok(None),
        };
        if matches!(typed.ty, Type::Null | Type::Native(_) | Type::Json | Type::Blob)
            || self.never_a_number(other, typed)
        {
            return Ok(None);
        }
        self.without_boolean(other, typed);
        if let Some(Constant::Text(text)) = &typed.constant {
            let text = match number_in_text(text) {
                Some(Constant::Integer(value)) => format!("({value}::bigint)"),
                Some(Constant::Real(value)) => format!("('{value:?}'::float8)"),
                _ => return Ok(None),
            };
            self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
            self.edits.replace_text(other.span, text);
            return Ok(Some(Compared::ByFunction));
        }
        if typed.ty.is_number() {
            self.widen(other, typed);
            return Ok(Some(Compared::ByFunction));
        }
        // Text by the row, or a parameter: an index of the column still serves, and a number is an error.
        self.note(&rules::types::DATE_TEXT, other.span);
        self.call(other, typed, "sqlift.date_text");
        *typed = Typed { ty: Type::Text, placeholder: None, column: None, from_column: true, ..typed.clone() };
        Ok(Some(Compared::Plain))
    }

    /// Text that cannot look like a number: a date as the functions give it, or another DATETIME column.
    pub fn never_a_number(&self, expr: &Expr, typed: &Typed) -> bool {
        match &peel(expr).kind {
            ExprKind::CurrentTimestamp | ExprKind::CurrentDate | ExprKind::CurrentTime => true,
            ExprKind::Call(call) => {
                matches!(super::names::fold(&call.name.text).as_str(), "date" | "datetime" | "time")
            }
            _ => typed.ty == Type::Text && typed.never_a_number,
        }
    }

    fn text_with_number(
        &mut self,
        text: &Expr,
        t: &mut Typed,
        number: &Expr,
        n: &mut Typed,
        number_is_left: bool,
    ) -> Result<Compared> {
        if n.affinity == Affinity::Number {
            if let Some(Constant::Text(content)) = &t.constant {
                self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
                return Ok(match number_in_text(content) {
                    Some(Constant::Integer(value)) => {
                        self.edits.replace_text(text.span, parenthesized_if_negative(value.to_string()));
                        Compared::Plain
                    }
                    Some(Constant::Real(value)) => {
                        let number = match n.ty {
                            _ if value.is_infinite() => format!("'{value}'::float8"),
                            Type::Real => format!("'{value:?}'::float8"),
                            _ => parenthesized_if_negative(format!("{value:?}")),
                        };
                        self.edits.replace_text(text.span, number);
                        Compared::Plain
                    }
                    _ => Compared::Never { left_is_less: number_is_left },
                });
            }
            return Ok(Compared::ByFunction);
        }
        if t.affinity == Affinity::Number {
            return Ok(Compared::ByFunction);
        }
        if t.affinity == Affinity::Text && n.affinity != Affinity::Blob {
            self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
            match n.constant.clone() {
                Some(Constant::Integer(value)) => self.edits.replace_text(number.span, format!("'{value}'")),
                Some(Constant::Real(value)) => {
                    self.edits.replace_text(number.span, quote_literal(&real_to_text(value)));
                }
                _ => self.as_text(number, n)?,
            }
            n.ty = Type::Text;
            n.class = Class::Primary;
            return Ok(Compared::Plain);
        }
        Ok(Compared::Never { left_is_less: number_is_left })
    }

    pub fn as_json(&mut self, operand: &Expr, typed: &mut Typed) {
        self.without_boolean(operand, typed);
        self.by_row(typed);
        if matches!(typed.constant, Some(Constant::Text(_))) || typed.ty == Type::Null {
            self.suffix(operand, typed, "::text");
        }
        self.widen(operand, typed);
        self.call(operand, typed, "sqlift.json_of");
        typed.ty = Type::Json;
        typed.column = None;
    }
}

/// The column that types the parameter beside it; `None` where the value that is bound is of another class than the column's
/// values, of which no affinity makes one.
pub(crate) fn compared_column(parameter: &Typed, column: &Typed) -> Option<ColumnType> {
    parameter.placeholder?;
    column.converts_to().filter(|ty| match ty {
        ColumnType::Bytea => !(parameter.ty.is_number() || parameter.ty == Type::Text),
        ColumnType::Text => parameter.ty != Type::Blob,
        ColumnType::Boolean => !(parameter.ty.is_number() || matches!(parameter.ty, Type::Text | Type::Blob)),
        // An integer is a Unix time there.
        ColumnType::Timestamp | ColumnType::Timestamptz => {
            !matches!(parameter.ty, Type::Real | Type::Text | Type::Blob)
        }
        ColumnType::Uuid => !(parameter.ty.is_number() || parameter.ty == Type::Text),
        _ if matches!(column.ty, Type::Native(_)) => matches!(parameter.ty, Type::Unknown | Type::Null),
        _ => true,
    })
}

fn parenthesized_if_negative(number: String) -> String {
    if number.starts_with('-') { format!("({number})") } else { number }
}
