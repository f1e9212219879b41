//! Which statement it is, and the small ones: transactions, PRAGMA, ATTACH and the like.

use super::{Keyword, Parsed, Parser, TokenKind};
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn command(&mut self) -> Parsed<StatementKind> {
        match self.token().keyword {
            Keyword::Select | Keyword::Values => Ok(StatementKind::Select(self.select()?)),
            Keyword::With => self.command_with(),
            Keyword::Insert | Keyword::Replace => self.insert(None),
            Keyword::Update => self.update(None),
            Keyword::Delete => self.delete(None),
            Keyword::Create => self.create(),
            Keyword::Alter => self.alter(),
            Keyword::Drop => self.drop_object(),
            Keyword::Begin => self.begin(),
            Keyword::Commit | Keyword::End => {
                self.advance();
                self.transaction_words()?;
                Ok(StatementKind::Commit)
            }
            Keyword::Rollback => self.rollback(),
            Keyword::Savepoint => {
                self.advance();
                Ok(StatementKind::Savepoint { name: self.name()? })
            }
            Keyword::Release => {
                self.advance();
                self.eat_keyword(Keyword::Savepoint);
                Ok(StatementKind::Release { name: self.name()? })
            }
            Keyword::Pragma => self.pragma(),
            Keyword::Analyze => {
                self.advance();
                Ok(StatementKind::Analyze { name: self.optional_name()? })
            }
            Keyword::Reindex => {
                self.advance();
                Ok(StatementKind::Reindex { name: self.optional_name()? })
            }
            Keyword::Vacuum => self.vacuum(),
            Keyword::Attach => self.attach(),
            Keyword::Detach => {
                self.advance();
                self.eat_keyword(Keyword::Database);
                Ok(StatementKind::Detach { schema: self.expression()? })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn command_with(&mut self) -> Parsed<StatementKind> {
        let start = self.start();
        let with = self.with()?;
        match self.token().keyword {
            Keyword::Insert | Keyword::Replace => self.insert(with),
            Keyword::Update => self.update(with),
            Keyword::Delete => self.delete(with),
            _ => Ok(StatementKind::Select(self.select_behind(start, with)?)),
        }
    }

    fn optional_name(&mut self) -> Parsed<Option<QualifiedName>> {
        if self.token().is_name() { self.qualified_name().map(Some) } else { Ok(None) }
    }

    fn begin(&mut self) -> Parsed<StatementKind> {
        self.advance();
        let behavior = match self.token().keyword {
            Keyword::Deferred => Some(BeginBehavior::Deferred),
            Keyword::Immediate => Some(BeginBehavior::Immediate),
            Keyword::Exclusive => Some(BeginBehavior::Exclusive),
            _ => None,
        };
        if behavior.is_some() {
            self.advance();
        }
        self.transaction_words()?;
        Ok(StatementKind::Begin { behavior })
    }

    /// `[TRANSACTION [name]]`
    fn transaction_words(&mut self) -> Parsed<()> {
        if self.eat_keyword(Keyword::Transaction).is_some() && self.token().is_name() {
            self.name()?;
        }
        Ok(())
    }

    fn rollback(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.transaction_words()?;
        let to = match self.eat_keyword(Keyword::To) {
            Some(_) => {
                self.eat_keyword(Keyword::Savepoint);
                Some(self.name()?)
            }
            None => None,
        };
        Ok(StatementKind::Rollback { to })
    }

    fn pragma(&mut self) -> Parsed<StatementKind> {
        self.advance();
        let name = self.qualified_name()?;
        let start = self.start();
        let value = if self.eat(TokenKind::Equal).is_some() {
            let value = self.pragma_value()?;
            Some(PragmaValue { span: self.span_from(start), call: false, value })
        } else if self.eat(TokenKind::LeftParen).is_some() {
            let value = self.pragma_value()?;
            self.expect(TokenKind::RightParen)?;
            Some(PragmaValue { span: self.span_from(start), call: true, value })
        } else {
            None
        };
        Ok(StatementKind::Pragma(Pragma { name, value }))
    }

    /// A signed number, a string, or a word, which may be ON, DELETE or DEFAULT.
    fn pragma_value(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let token = self.token();
        let kind = match token.kind {
            TokenKind::Plus | TokenKind::Minus => {
                self.advance();
                let operator = if token.kind == TokenKind::Plus { UnaryOperator::Plus } else { UnaryOperator::Minus };
                ExprKind::Unary { operator, operand: Box::new(self.pragma_number()?) }
            }
            TokenKind::Integer | TokenKind::HexInteger | TokenKind::Float => return self.pragma_number(),
            TokenKind::String => self.literal()?,
            _ if token.is_name() || matches!(token.keyword, Keyword::On | Keyword::Delete | Keyword::Default) => {
                ExprKind::Column { schema: None, table: None, column: self.take_name() }
            }
            _ => return Err(self.unexpected()),
        };
        Ok(Expr { span: self.span_from(start), kind })
    }

    fn pragma_number(&mut self) -> Parsed<Expr> {
        let is_float = self.is(TokenKind::Float);
        let span = self.plain_number()?;
        Ok(Expr { span, kind: if is_float { ExprKind::Float } else { ExprKind::Integer } })
    }

    fn vacuum(&mut self) -> Parsed<StatementKind> {
        self.advance();
        let schema = self.token().is_name().then(|| self.take_name());
        let into = match self.eat_keyword(Keyword::Into) {
            Some(_) => Some(self.expression()?),
            None => None,
        };
        Ok(StatementKind::Vacuum { schema, into })
    }

    fn attach(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.eat_keyword(Keyword::Database);
        let file = self.expression()?;
        self.expect_keyword(Keyword::As)?;
        let schema = self.expression()?;
        let key = match self.eat_keyword(Keyword::Key) {
            Some(_) => Some(self.expression()?),
            None => None,
        };
        Ok(StatementKind::Attach { file, schema, key })
    }
}
