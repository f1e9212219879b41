//! Expressions, by precedence.

use super::name::unquote;
use super::{BooleanWords, Keyword, Lexeme, Parsed, Parser, TokenKind, boolean_word};
use crate::syntax::Span;
use crate::translate::ast::*;

/// How tightly an operator binds, as in SQLite's grammar. All infix operators are left-associative.
mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    /// `=`, `<>`, IS, IN, LIKE, BETWEEN, ISNULL and NOT NULL
    pub const EQUAL: u8 = 4;
    pub const COMPARE: u8 = 5;
    // ESCAPE stands here, between the comparisons and the bits.
    pub const BITS: u8 = 7;
    pub const ADD: u8 = 8;
    pub const MULTIPLY: u8 = 9;
    pub const CONCAT: u8 = 10;
    pub const COLLATE: u8 = 11;
    pub const PREFIX: u8 = 12;
}

/// What an infix token does.
enum Infix {
    Binary(BinaryOperator),
    Is,
    Like(LikeOperator),
    Between,
    In,
    /// ISNULL (`false`) or NOTNULL (`true`)
    NullTest(bool),
    Not,
    Collate,
}

impl Parser<'_> {
    /// A whole expression.
    #[inline]
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        let outer = std::mem::take(&mut self.below);
        let expr = self.expression_from(level::OR)?;
        self.is_whole(expr.span.start)?;
        self.below = outer.max(self.below);
        Ok(expr)
    }

    pub(super) fn boxed(&mut self) -> Parsed<Box<Expr>> {
        let outer = std::mem::take(&mut self.below);
        let expr = self.boxed_from(level::OR)?;
        self.is_whole(expr.span.start)?;
        self.below = outer.max(self.below);
        Ok(expr)
    }

    /// `[expr, ...]`, which may be empty, up to a closing parenthesis.
    pub(super) fn expressions(&mut self) -> Parsed<Vec<Expr>> {
        if self.is(TokenKind::RightParen) {
            self.height = 0;
            return Ok(Vec::new());
        }
        self.some_expressions()
    }

    /// `expr, ...`; leaves the largest height.
    pub(super) fn some_expressions(&mut self) -> Parsed<Vec<Expr>> {
        let mut height = 0;
        let mut expressions = Vec::new();
        loop {
            expressions.push(self.expression()?);
            height = height.max(self.height);
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.height = height;
        Ok(expressions)
    }

    /// An expression whose infix operators bind at least as tightly as `minimum`.
    ///
    /// This is the hub of the recursion. What lies between one call and the next is kept in small functions, because
    /// their frames bound how deep a statement may nest.
    fn expression_from(&mut self, minimum: u8) -> Parsed<Expr> {
        self.enter()?;
        let mut left = self.prefixed()?;
        while let Some((level, infix)) = self.infix().filter(|&(level, _)| level >= minimum) {
            left = self.infixed(left, level, infix)?;
        }
        self.leave();
        Ok(left)
    }

    #[inline]
    fn infixed(&mut self, left: Expr, level: u8, infix: Infix) -> Parsed<Expr> {
        let start = left.span.start;
        let height = self.height;
        let operator_span = self.advance().span;
        self.height = 0;
        let kind = match infix {
            Infix::Binary(operator) => self.binary(Box::new(left), level, operator, operator_span)?,
            _ => self.infix_rest(Box::new(left), infix, operator_span)?,
        };
        self.set_height(start, height.max(self.height) + 1)?;
        Ok(Expr { span: self.span_from(start), kind })
    }

    #[inline]
    fn binary(
        &mut self,
        left: Box<Expr>,
        level: u8,
        operator: BinaryOperator,
        operator_span: Span,
    ) -> Parsed<ExprKind> {
        let right = self.boxed_from(level + 1)?;
        Ok(ExprKind::Binary { operator, operator_span, left, right })
    }

    fn boxed_from(&mut self, minimum: u8) -> Parsed<Box<Expr>> {
        self.expression_from(minimum).map(Box::new)
    }

    #[inline]
    fn infix(&self) -> Option<(u8, Infix)> {
        use BinaryOperator as B;
        let Lexeme { kind, keyword, .. } = self.token();
        let binary = |level, operator| Some((level, Infix::Binary(operator)));
        match kind {
            TokenKind::Word => match keyword {
                Keyword::Or => binary(level::OR, B::Or),
                Keyword::And => binary(level::AND, B::And),
                Keyword::Not => Some((level::EQUAL, Infix::Not)),
                Keyword::Is => Some((level::EQUAL, Infix::Is)),
                Keyword::Like => Some((level::EQUAL, Infix::Like(LikeOperator::Like))),
                Keyword::Glob => Some((level::EQUAL, Infix::Like(LikeOperator::Glob))),
                Keyword::Regexp => Some((level::EQUAL, Infix::Like(LikeOperator::Regexp))),
                Keyword::Match => Some((level::EQUAL, Infix::Like(LikeOperator::Match))),
                Keyword::Between => Some((level::EQUAL, Infix::Between)),
                Keyword::In => Some((level::EQUAL, Infix::In)),
                Keyword::Isnull => Some((level::EQUAL, Infix::NullTest(false))),
                Keyword::Notnull => Some((level::EQUAL, Infix::NullTest(true))),
                Keyword::Collate => Some((level::COLLATE, Infix::Collate)),
                _ => None,
            },
            TokenKind::Equal => binary(level::EQUAL, B::Equal),
            TokenKind::NotEqual => binary(level::EQUAL, B::NotEqual),
            TokenKind::Less => binary(level::COMPARE, B::Less),
            TokenKind::LessEqual => binary(level::COMPARE, B::LessEqual),
            TokenKind::Greater => binary(level::COMPARE, B::Greater),
            TokenKind::GreaterEqual => binary(level::COMPARE, B::GreaterEqual),
            TokenKind::BitAnd => binary(level::BITS, B::BitAnd),
            TokenKind::BitOr => binary(level::BITS, B::BitOr),
            TokenKind::ShiftLeft => binary(level::BITS, B::ShiftLeft),
            TokenKind::ShiftRight => binary(level::BITS, B::ShiftRight),
            TokenKind::Plus => binary(level::ADD, B::Add),
            TokenKind::Minus => binary(level::ADD, B::Subtract),
            TokenKind::Star => binary(level::MULTIPLY, B::Multiply),
            TokenKind::Slash => binary(level::MULTIPLY, B::Divide),
            TokenKind::Percent => binary(level::MULTIPLY, B::Modulo),
            TokenKind::Concat => binary(level::CONCAT, B::Concat),
            TokenKind::Arrow => binary(level::CONCAT, B::JsonArrow),
            TokenKind::ArrowText => binary(level::CONCAT, B::JsonArrowText),
            _ => None,
        }
    }

    /// What follows an infix token, which is taken. Leaves the largest height of what it read.
    fn infix_rest(&mut self, operand: Box<Expr>, infix: Infix, operator_span: Span) -> Parsed<ExprKind> {
        match infix {
            Infix::Binary(_) => Err(self.unexpected()),
            Infix::Is => {
                let mut negated = self.eat_keyword(Keyword::Not).is_some();
                if self.eat_keyword(Keyword::Distinct).is_some() {
                    self.expect_keyword(Keyword::From)?;
                    negated = !negated;
                }
                let operator = if negated { BinaryOperator::IsNot } else { BinaryOperator::Is };
                let operator_span = self.span_from(operator_span.start);
                let right = self.boxed_from(level::COMPARE)?;
                Ok(ExprKind::Binary { operator, operator_span, left: operand, right })
            }
            Infix::NullTest(negated) => Ok(ExprKind::NullTest { operand, negated, operator_span }),
            Infix::Collate => Ok(ExprKind::Collate { operand, collation: self.id_or_string()? }),
            Infix::Like(operator) => self.like(operand, operator, operator_span, false),
            Infix::Between => self.between(operand, false),
            Infix::In => self.in_set(operand, operator_span, false),
            Infix::Not => {
                let word = self.token();
                let like = match word.keyword {
                    Keyword::Null => {
                        self.advance();
                        let operator_span = operator_span.to(word.span);
                        return Ok(ExprKind::NullTest { operand, negated: true, operator_span });
                    }
                    Keyword::Like => LikeOperator::Like,
                    Keyword::Glob => LikeOperator::Glob,
                    Keyword::Regexp => LikeOperator::Regexp,
                    Keyword::Match => LikeOperator::Match,
                    Keyword::Between => {
                        self.advance();
                        return self.between(operand, true);
                    }
                    Keyword::In => {
                        self.advance();
                        return self.in_set(operand, operator_span.to(word.span), true);
                    }
                    _ => return Err(self.unexpected()),
                };
                self.advance();
                self.like(operand, like, operator_span.to(word.span), true)
            }
        }
    }

    fn like(
        &mut self,
        left: Box<Expr>,
        operator: LikeOperator,
        operator_span: Span,
        negated: bool,
    ) -> Parsed<ExprKind> {
        let right = self.boxed_from(level::COMPARE)?;
        let mut height = self.height;
        let escape = match self.eat_keyword(Keyword::Escape) {
            Some(_) => Some(self.boxed_from(level::COMPARE)?),
            None => None,
        };
        height = height.max(self.height);
        self.height = height;
        Ok(ExprKind::Like { operator, operator_span, negated, left, right, escape })
    }

    fn between(&mut self, operand: Box<Expr>, negated: bool) -> Parsed<ExprKind> {
        // The first AND is BETWEEN's. An OR before it takes every AND that follows, so BETWEEN never gets its own.
        let low = self.boxed_from(level::NOT)?;
        let mut height = self.height;
        while self.eat_keyword(Keyword::Or).is_some() {
            self.expression_from(level::AND)?;
        }
        self.expect_keyword(Keyword::And)?;
        let high = self.boxed_from(level::COMPARE)?;
        height = height.max(self.height);
        self.height = height;
        Ok(ExprKind::Between { negated, operand, low, high })
    }

    fn in_set(&mut self, operand: Box<Expr>, operator_span: Span, negated: bool) -> Parsed<ExprKind> {
        let start = self.start();
        let set = if self.eat(TokenKind::LeftParen).is_some() {
            if self.at_query() {
                let select = self.select()?;
                self.expect(TokenKind::RightParen)?;
                InSet::Select { span: self.span_from(start), select }
            } else {
                let values = self.expressions()?;
                self.expect(TokenKind::RightParen)?;
                InSet::List { span: self.span_from(start), values }
            }
        } else {
            let name = self.qualified_name()?;
            if self.eat(TokenKind::LeftParen).is_some() {
                let arguments = self.expressions()?;
                self.expect(TokenKind::RightParen)?;
                InSet::Function { span: self.span_from(start), name, arguments }
            } else {
                InSet::Table(name)
            }
        };
        Ok(ExprKind::In { negated, operator_span, operand, set: Box::new(set) })
    }

    #[inline]
    fn prefixed(&mut self) -> Parsed<Expr> {
        let (operator, level) = match self.token() {
            Lexeme { kind: TokenKind::Plus, .. } => (UnaryOperator::Plus, level::PREFIX),
            Lexeme { kind: TokenKind::Minus, .. } => (UnaryOperator::Minus, level::PREFIX),
            Lexeme { kind: TokenKind::BitNot, .. } => (UnaryOperator::BitNot, level::PREFIX),
            Lexeme { keyword: Keyword::Not, .. } => (UnaryOperator::Not, level::NOT),
            _ => return self.operand(),
        };
        let start = self.advance().span.start;
        let mut operand = self.boxed_from(level)?;
        self.set_height(start, self.height + 1)?;
        let span = self.span_from(start);
        if let (UnaryOperator::Not, ExprKind::Exists { negated: negated @ false, .. }) = (operator, &mut operand.kind) {
            *negated = true;
            operand.span = span;
            return Ok(*operand);
        }
        Ok(Expr { span, kind: ExprKind::Unary { operator, operand } })
    }

    #[inline]
    fn operand(&mut self) -> Parsed<Expr> {
        let start = self.start();
        self.height = 0;
        let kind = self.primary()?;
        let height = self.height + u32::from(!matches!(kind, ExprKind::Parenthesized(_)));
        self.set_height(start, height)?;
        Ok(Expr { span: self.span_from(start), kind })
    }

    /// The grammar's `term`, for callers that have seen that it is one.
    pub(super) fn literal(&mut self) -> Parsed<ExprKind> {
        let Lexeme { kind, keyword, span } = self.token();
        let literal = match kind {
            TokenKind::Integer | TokenKind::HexInteger => ExprKind::Integer,
            TokenKind::Float => ExprKind::Float,
            TokenKind::String => ExprKind::String(unquote(span.text(self.sql))),
            TokenKind::Blob => ExprKind::Blob(blob_bytes(span.text(self.sql))),
            _ => match keyword {
                Keyword::Null => ExprKind::Null,
                Keyword::CurrentTime => ExprKind::CurrentTime,
                Keyword::CurrentDate => ExprKind::CurrentDate,
                Keyword::CurrentTimestamp => ExprKind::CurrentTimestamp,
                _ => return Err(self.unexpected()),
            },
        };
        self.advance();
        Ok(literal)
    }

    /// Leaves the largest height of what is inside.
    fn primary(&mut self) -> Parsed<ExprKind> {
        let token = self.token();
        match token.kind {
            TokenKind::LeftParen => self.parentheses(),
            TokenKind::String if self.ahead(1).kind == TokenKind::Dot => self.named(token),
            TokenKind::Integer | TokenKind::HexInteger | TokenKind::Float | TokenKind::String | TokenKind::Blob => {
                self.literal()
            }
            TokenKind::Placeholder => {
                self.advance();
                Ok(ExprKind::Placeholder(self.numbering.number(self.sql, token.span)?))
            }
            TokenKind::Word => self.word(token),
            _ if token.is_name() => self.named(token),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self, token: Lexeme) -> Parsed<ExprKind> {
        match token.keyword {
            Keyword::None => self.named(token),
            Keyword::Null | Keyword::CurrentTime | Keyword::CurrentDate | Keyword::CurrentTimestamp => self.literal(),
            Keyword::Cast => self.cast(),
            Keyword::Case => self.case(),
            Keyword::Raise => self.raise(),
            Keyword::Exists => {
                self.advance();
                self.expect(TokenKind::LeftParen)?;
                let select = self.select()?;
                self.expect(TokenKind::RightParen)?;
                Ok(ExprKind::Exists { negated: false, select })
            }
            _ if token.is_wide_id() => self.named(token),
            _ => Err(self.unexpected()),
        }
    }

    fn parentheses(&mut self) -> Parsed<ExprKind> {
        self.advance();
        let kind = if self.at_query() {
            ExprKind::Subquery(self.select()?)
        } else {
            let first = self.boxed()?;
            if self.is(TokenKind::Comma) { self.row(*first)? } else { ExprKind::Parenthesized(first) }
        };
        self.expect(TokenKind::RightParen)?;
        Ok(kind)
    }

    fn row(&mut self, first: Expr) -> Parsed<ExprKind> {
        let height = self.height;
        self.advance();
        let mut values = self.some_expressions()?;
        self.height = self.height.max(height);
        values.insert(0, first);
        Ok(ExprKind::Row(values))
    }

    /// TRUE or FALSE, where they are constants.
    pub(super) fn boolean(&mut self, token: Lexeme) -> Option<ExprKind> {
        if token.kind != TokenKind::Word || self.ahead(1).kind == TokenKind::Dot {
            return None;
        }
        let value = boolean_word(token.span.text(self.sql))?;
        self.has_boolean = true;
        if self.boolean_words == BooleanWords::Columns {
            return None;
        }
        self.advance();
        Some(ExprKind::Boolean(value))
    }

    /// A column or a call.
    fn named(&mut self, token: Lexeme) -> Parsed<ExprKind> {
        if token.kind != TokenKind::String && self.ahead(1).kind == TokenKind::LeftParen {
            return self.call();
        }
        if let Some(kind) = self.boolean(token) {
            return Ok(kind);
        }
        let first = self.take_name();
        if self.eat(TokenKind::Dot).is_none() {
            return Ok(ExprKind::Column { schema: None, table: None, column: first });
        }
        let second = self.name()?;
        if self.eat(TokenKind::Dot).is_none() {
            return Ok(ExprKind::Column { schema: None, table: Some(first), column: second });
        }
        let column = self.name()?;
        Ok(ExprKind::Column { schema: Some(Box::new(first)), table: Some(second), column })
    }
}

fn blob_bytes(literal: &str) -> Vec<u8> {
    let digits = &literal.as_bytes()[2..literal.len() - 1];
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    };
    digits.chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}
