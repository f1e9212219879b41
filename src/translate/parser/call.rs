//! Calls, CAST, CASE and RAISE.

use super::{Keyword, Parsed, Parser, TokenKind};
use crate::syntax::Span;
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn call(&mut self) -> Parsed<ExprKind> {
        let mut call = Box::new(Call {
            name: self.take_name(),
            star: false,
            distinct: false,
            arguments: Vec::new(),
            order_by: Vec::new(),
            filter: None,
            over: None,
        });
        self.advance();
        let mut height = 0;
        if self.eat(TokenKind::Star).is_some() {
            call.star = true;
        } else {
            call.distinct = self.eat_keyword(Keyword::Distinct).is_some();
            if !call.distinct {
                self.eat_keyword(Keyword::All);
            }
            if !self.at_keyword(Keyword::Order) {
                call.arguments = self.expressions()?;
                height = self.height;
            }
            call.order_by = self.order_by()?;
        }
        self.expect(TokenKind::RightParen)?;
        self.check_arguments(&call)?;
        if matches!(self.token().keyword, Keyword::Filter | Keyword::Over) {
            self.filter_and_over(&mut call)?;
        }
        self.height = height;
        Ok(ExprKind::Call(call))
    }

    fn filter_and_over(&mut self, call: &mut Call) -> Parsed<()> {
        if self.eat_keyword(Keyword::Filter).is_some() {
            self.expect(TokenKind::LeftParen)?;
            self.expect_keyword(Keyword::Where)?;
            call.filter = Some(self.expression()?);
            self.expect(TokenKind::RightParen)?;
        }
        if self.eat_keyword(Keyword::Over).is_some() {
            call.over = Some(if self.is(TokenKind::LeftParen) {
                Over::Window(self.window()?)
            } else {
                Over::Name(self.name()?)
            });
        }
        Ok(())
    }

    pub(super) fn cast(&mut self) -> Parsed<ExprKind> {
        self.advance();
        self.expect(TokenKind::LeftParen)?;
        let operand = self.boxed()?;
        let height = self.height;
        self.expect_keyword(Keyword::As)?;
        let at = self.start();
        let type_name = self.type_name()?.unwrap_or_else(|| TypeName {
            span: Span { start: at, end: at },
            name: String::new(),
            size: Vec::new(),
        });
        self.expect(TokenKind::RightParen)?;
        self.height = height;
        Ok(ExprKind::Cast { operand, type_name })
    }

    pub(super) fn case(&mut self) -> Parsed<ExprKind> {
        self.advance();
        let mut height = 0;
        let mut part = |parser: &mut Self| -> Parsed<Expr> {
            let expr = parser.expression()?;
            height = height.max(parser.height);
            Ok(expr)
        };
        let operand = if self.at_keyword(Keyword::When) { None } else { Some(Box::new(part(self)?)) };
        let mut branches = Vec::new();
        self.expect_keyword(Keyword::When)?;
        loop {
            let when = part(self)?;
            self.expect_keyword(Keyword::Then)?;
            branches.push((when, part(self)?));
            if self.eat_keyword(Keyword::When).is_none() {
                break;
            }
        }
        let otherwise = match self.eat_keyword(Keyword::Else) {
            Some(_) => Some(Box::new(part(self)?)),
            None => None,
        };
        self.expect_keyword(Keyword::End)?;
        self.height = height;
        Ok(ExprKind::Case { operand, branches, otherwise })
    }

    pub(super) fn raise(&mut self) -> Parsed<ExprKind> {
        self.advance();
        self.expect(TokenKind::LeftParen)?;
        let action = match self.token().keyword {
            Keyword::Ignore => ConflictAction::Ignore,
            Keyword::Rollback => ConflictAction::Rollback,
            Keyword::Abort => ConflictAction::Abort,
            Keyword::Fail => ConflictAction::Fail,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let message = match action {
            ConflictAction::Ignore => None,
            _ => {
                self.expect(TokenKind::Comma)?;
                Some(Box::new(self.expression()?))
            }
        };
        self.expect(TokenKind::RightParen)?;
        Ok(ExprKind::Raise { action: Some(action), message })
    }
}
