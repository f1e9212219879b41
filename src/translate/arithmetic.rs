//! Arithmetic, bit operators and `||`: operands in one type, PostgreSQL's precedence.

use super::ast::{BinaryOperator, Expr};
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::types::{Affinity, Class, Collation, Constant, Type, Typed};

impl Pass<'_> {
    /// The expression as a number: text gives its numeric prefix.
    pub fn number(&mut self, expr: &Expr) -> Result<Typed> {
        let typed = self.value(expr)?;
        self.as_number(expr, typed)
    }

    /// What was just visited, as a number.
    pub fn as_number(&mut self, expr: &Expr, mut typed: Typed) -> Result<Typed> {
        match typed.ty {
            Type::Text if super::dates::gives_digits(expr) => {
                self.digits_as_integer(expr, &mut typed);
            }
            Type::Text | Type::Json | Type::Blob | Type::Any => {
                if typed.ty == Type::Any {
                    self.fired.rule(&rules::types::UNTYPED_VALUES);
                }
                self.note(&rules::operators::TEXT_IN_ARITHMETIC, expr.span);
                self.typed_text(expr, &mut typed);
                self.call(expr, &mut typed, "sqlift.to_operand");
                typed = Typed {
                    ty: Type::Numeric,
                    by_row: true,
                    column: None,
                    constant: None,
                    affinity: Affinity::None,
                    ..typed
                };
            }
            Type::Null => {
                self.suffix(expr, &mut typed, "::bigint");
                typed.ty = Type::Integer;
            }
            Type::Native(_) => {
                return refuse(
                    format!("arithmetic on {}", typed.ty.describe()),
                    expr.span,
                    "convert it first, with julianday(x) or unixepoch(x)",
                );
            }
            _ => {}
        }
        Ok(typed)
    }

    /// A text literal as text, where functions of several types are called.
    fn typed_text(&mut self, expr: &Expr, typed: &mut Typed) {
        if matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(expr, typed, "::text");
        }
    }

    /// The expression as a 64-bit integer.
    pub fn whole_number(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.value(expr)?;
        if matches!(typed.ty, Type::Text | Type::Json | Type::Blob | Type::Any) && !super::dates::gives_digits(expr) {
            // The integer that the text begins with, whatever follows.
            self.typed_text(expr, &mut typed);
            self.call(expr, &mut typed, "sqlift.to_integer");
            return Ok(Typed {
                ty: Type::Integer,
                column: None,
                constant: None,
                affinity: Affinity::None,
                placeholder: None,
                ..typed
            });
        }
        self.by_row(&mut typed);
        let mut typed = self.as_number(expr, typed)?;
        self.widen(expr, &mut typed);
        if matches!(typed.ty, Type::Real | Type::Numeric | Type::Unknown) {
            self.call(expr, &mut typed, "sqlift.to_integer");
        }
        Ok(Typed { ty: Type::Integer, column: None, ..typed })
    }

    pub fn arithmetic(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: crate::syntax::Span,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        use BinaryOperator as Op;
        if matches!(operator, Op::BitAnd | Op::BitOr | Op::ShiftLeft | Op::ShiftRight) {
            let mut l = self.whole_number(left)?;
            let mut r = self.whole_number(right)?;
            let nullable = l.nullable || r.nullable;
            if matches!(operator, Op::ShiftLeft | Op::ShiftRight) {
                let function = if operator == Op::ShiftLeft { "sqlift.shift_left(" } else { "sqlift.shift_right(" };
                self.edits.replace(
                    expr.span,
                    [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
                );
                return Ok(Typed::new(Type::Integer).nullable(nullable));
            }
            for (operand, typed) in [(left, &mut l), (right, &mut r)] {
                if typed.class <= Class::Bits || typed.class == Class::Concat {
                    self.parenthesize(operand, typed);
                }
            }
            return Ok(Typed::new(Type::Integer).nullable(nullable).class(Class::Bits));
        }
        let (mut l, mut r) = (self.value(left)?, self.value(right)?);
        if operator == Op::Modulo && (l.ty == Type::Any || r.ty == Type::Any) {
            self.as_any(left, &mut l)?;
            self.as_any(right, &mut r)?;
            self.edits.replace(
                expr.span,
                ["sqlift.modulo(".into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
            );
            let mut typed = Typed::new(Type::Numeric);
            typed.by_row = true;
            return Ok(typed);
        }
        if operator == Op::Modulo && (l.ty == Type::Text || r.ty == Type::Text) {
            // Of text counts the integer that it begins with, but a real in it makes the result one.
            for (operand, typed) in [(left, &mut l), (right, &mut r)] {
                if typed.ty == Type::Text {
                    self.note(&rules::operators::TEXT_IN_ARITHMETIC, operand.span);
                    self.typed_text(operand, typed);
                } else {
                    *typed = self.as_number(operand, typed.clone())?;
                    self.widen(operand, typed);
                }
            }
            self.edits.replace(
                expr.span,
                ["sqlift.modulo(".into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
            );
            let mut typed = Typed::new(Type::Numeric);
            typed.by_row = true;
            return Ok(typed);
        }
        l = self.as_number(left, l)?;
        r = self.as_number(right, r)?;
        let class = if matches!(operator, Op::Add | Op::Subtract) { Class::Add } else { Class::Multiply };
        if let Some(folded) = self.folded(expr, operator, &l, &r) {
            return Ok(folded);
        }
        // Next to a real the result is one; else it stays by the row.
        // Integers stay integers; the others are reals, whose arithmetic rounds.
        let by_row = |typed: &Typed| typed.ty == Type::Numeric || !typed.branches.is_empty();
        let real = |typed: &Typed| typed.ty == Type::Real && typed.branches.is_empty();
        if operator == Op::Modulo {
            // Of an integer each digit counts, also beside a real.
            self.by_row(&mut l);
            self.by_row(&mut r);
        }
        let unknown = l.ty == Type::Unknown || r.ty == Type::Unknown;
        if (by_row(&l) || by_row(&r)) && !real(&l) && !real(&r) {
            self.by_row(&mut l);
            self.by_row(&mut r);
            let function = match operator {
                Op::Modulo => "sqlift.modulo(",
                _ if self.keeps_to_ieee(operator) && !unknown => ieee_function(operator),
                Op::Add => "sqlift.add(",
                Op::Subtract => "sqlift.subtract(",
                Op::Multiply => "sqlift.multiply(",
                _ => "sqlift.divide(",
            };
            self.edits
                .replace(expr.span, [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()]);
            let mut typed = Typed::new(if unknown { Type::Unknown } else { Type::Numeric });
            typed.by_row = !unknown;
            return Ok(typed);
        }
        let constant = match (&l.constant, &r.constant) {
            (Some(Constant::Integer(a)), Some(Constant::Integer(b))) => match operator {
                Op::Add => Some(a + b),
                Op::Subtract => Some(a - b),
                Op::Multiply => Some(a * b),
                _ => None,
            },
            _ => None,
        };
        let known = |typed: &Typed| !matches!(typed.ty, Type::Unknown);
        let ty = match (l.ty, r.ty) {
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            (Type::Real, _) | (_, Type::Real) => Type::Real,
            (Type::Numeric, _) | (_, Type::Numeric) => Type::Numeric,
            _ => Type::Integer,
        };
        if operator != Op::Modulo
            && matches!(ty, Type::Real | Type::Unknown)
            && self.keeps_to_ieee(operator)
            && !unknown
        {
            self.edits.replace(
                expr.span,
                [ieee_function(operator).into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
            );
            return Ok(Typed::new(Type::Real));
        }
        if l.int4 && r.int4 {
            self.widen(left, &mut l);
        }
        // An unknown parameter next to a 32-bit literal is 64 bits wide, since integers are declared so.
        let mut nullable = l.nullable || r.nullable || !known(&l) || !known(&r);
        if l.class < class || l.class == Class::Concat {
            self.parenthesize(left, &mut l);
        }
        if r.class <= class || r.class == Class::Concat {
            self.parenthesize(right, &mut r);
        }
        match operator {
            Op::Divide | Op::Modulo => {
                let zero_free = matches!(&r.constant, Some(Constant::Integer(n)) if *n != 0)
                    || matches!(&r.constant, Some(Constant::Real(n)) if *n != 0.0);
                let native = match operator {
                    Op::Divide => ty != Type::Numeric && ty != Type::Unknown,
                    _ => ty == Type::Integer,
                };
                if !native {
                    self.fired.rule(&rules::operators::DIVISION_BY_ZERO);
                    if ty == Type::Unknown {
                        self.widen(left, &mut l);
                        self.widen(right, &mut r);
                    }
                    let function = if operator == Op::Divide { "sqlift.divide(" } else { "sqlift.modulo(" };
                    self.edits.replace(
                        expr.span,
                        [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
                    );
                    return Ok(Typed::new(ty));
                }
                if !zero_free {
                    self.note(&rules::operators::DIVISION_BY_ZERO, operator_span);
                    self.edits.wrap(right.span, "NULLIF(", ", 0)");
                    nullable = true;
                }
                Ok(Typed::new(ty).class(class).nullable(nullable))
            }
            _ => {
                let mut typed = Typed::new(ty).class(class).nullable(nullable);
                typed.constant = constant.map(Constant::Integer);
                Ok(typed)
            }
        }
    }

    /// Whether a result beyond the range of reals is 0.0 or an infinity here, where PostgreSQL's operators fail: in what runs again
    /// for that, and for products in triggers' bodies, which nothing else could run again.
    fn keeps_to_ieee(&mut self, operator: BinaryOperator) -> bool {
        self.computes_reals = true;
        let is_product = matches!(operator, BinaryOperator::Multiply | BinaryOperator::Divide);
        let keeps = self.options.ieee_reals || self.in_trigger && is_product;
        if keeps {
            self.fired.rule(&rules::operators::RANGE_OF_REALS);
        }
        keeps
    }

    /// The result of two integers in the text: beyond 64 bits it is a real.
    fn folded(&mut self, expr: &Expr, operator: BinaryOperator, l: &Typed, r: &Typed) -> Option<Typed> {
        let (Some(Constant::Integer(a)), Some(Constant::Integer(b))) = (&l.constant, &r.constant) else { return None };
        let (a, b) = (*a, *b);
        let (exact, real) = match operator {
            BinaryOperator::Add => (a.checked_add(b), a as f64 + b as f64),
            BinaryOperator::Subtract => (a.checked_sub(b), a as f64 - b as f64),
            BinaryOperator::Multiply => (a.checked_mul(b), a as f64 * b as f64),
            BinaryOperator::Divide if a == i64::MIN && b == -1 => (None, -(a as f64)),
            _ => return None,
        };
        match exact {
            Some(_) => None,
            None => Some(self.real_literal(expr, real)),
        }
    }

    /// A real in an expression's place.
    pub fn real_literal(&mut self, expr: &Expr, real: f64) -> Typed {
        self.note(&rules::operators::OVERFLOW, expr.span);
        self.edits.replace_text(expr.span, format!("('{real:?}'::float8)"));
        Typed::new(Type::Real).constant(Constant::Real(real))
    }

    pub fn concat(&mut self, left: &Expr, right: &Expr) -> Result<Typed> {
        let mut nullable = false;
        let mut from_column = false;
        let mut collation = Collation::Binary;
        for (operand, is_right) in [(left, false), (right, true)] {
            let mut typed = self.value(operand)?;
            if collation == Collation::Binary && typed.explicit_collation {
                collation = typed.collation;
            }
            if typed.ty == Type::Null {
                self.suffix(operand, &mut typed, "::text");
            }
            nullable |= typed.nullable;
            from_column |= typed.from_column;
            if typed.ty != Type::Text {
                self.fired.rule(&rules::operators::CONCAT);
            }
            self.as_text(operand, &mut typed)?;
            self.without_collation(operand, &mut typed);
            let lower = typed.class < Class::Concat || (is_right && typed.class == Class::Concat);
            if lower {
                self.parenthesize(operand, &mut typed);
            }
        }
        let mut typed = Typed::new(Type::Text).class(Class::Concat).nullable(nullable);
        typed.from_column = from_column;
        typed.explicit_collation = collation != Collation::Binary;
        typed.collation = collation;
        Ok(typed)
    }
}

/// The arithmetic of reals that has no errors; see `real_arithmetic.sql`.
fn ieee_function(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "sqlift.ieee_add(",
        BinaryOperator::Subtract => "sqlift.ieee_subtract(",
        BinaryOperator::Multiply => "sqlift.ieee_multiply(",
        _ => "sqlift.ieee_divide(",
    }
}
