//! FROM: tables, subqueries, table-valued functions and joins.

use super::{END, Keyword, Lexeme, Parsed, Parser, TokenKind};
use crate::syntax::Span;
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn tables(&mut self) -> Parsed<Option<From>> {
        match self.eat_keyword(Keyword::From) {
            Some(_) => self.table_list().map(Some),
            None => Ok(None),
        }
    }

    fn table_list(&mut self) -> Parsed<From> {
        let start = self.start();
        let first = self.table()?;
        if matches!(self.token().keyword, Keyword::On | Keyword::Using) {
            let at = self.start();
            let clause = if self.at_keyword(Keyword::On) { "ON" } else { "USING" };
            self.join_constraint()?;
            if !self.at_end_of_table() {
                return Err(self.unexpected());
            }
            return self.invalid(self.span_from(at), format!("a JOIN clause is required before {clause}"));
        }
        let mut joins = Vec::new();
        while let Some((operator, operator_span)) = self.join_operator()? {
            let table = self.table()?;
            let constraint = self.join_constraint()?;
            joins.push(Join { operator_span, operator, table, constraint });
        }
        self.check_joins(&joins)?;
        Ok(From { span: self.span_from(start), first, joins })
    }

    /// May this token stand behind a table of FROM?
    fn at_end_of_table(&self) -> bool {
        use Keyword::*;
        let Lexeme { kind, keyword, .. } = self.token();
        matches!(kind, TokenKind::Comma | TokenKind::RightParen | TokenKind::Semicolon | END)
            || keyword.is_join()
            || matches!(keyword, Join | Where | Group | Having | Order | Limit | Window | Union | Except | Intersect)
            || matches!(keyword, On | Returning)
    }

    fn join_operator(&mut self) -> Parsed<Option<(JoinOperator, Span)>> {
        let start = self.start();
        let plain = |kind| JoinOperator { natural: false, kind };
        let operator = if self.eat(TokenKind::Comma).is_some() {
            plain(JoinKind::Comma)
        } else if self.eat_keyword(Keyword::Join).is_some() {
            plain(JoinKind::Inner)
        } else if self.token().keyword.is_join() {
            let mut words = vec![self.advance().span];
            while words.len() < 3 && self.token().is_name() {
                words.push(self.advance().span);
            }
            self.expect_keyword(Keyword::Join)?;
            let words: Vec<&str> = words.into_iter().map(|span| span.text(self.sql)).collect();
            match join_type(&words) {
                Some(operator) => operator,
                None => {
                    let message = format!("unknown join type: {}", words.join(" "));
                    return self.invalid(self.span_from(start), message);
                }
            }
        } else {
            return Ok(None);
        };
        Ok(Some((operator, self.span_from(start))))
    }

    fn join_constraint(&mut self) -> Parsed<Option<JoinConstraint>> {
        if self.eat_keyword(Keyword::On).is_some() {
            return Ok(Some(JoinConstraint::On(self.expression()?)));
        }
        if self.eat_keyword(Keyword::Using).is_some() {
            return Ok(Some(JoinConstraint::Using(self.parenthesized(Self::name)?)));
        }
        Ok(None)
    }

    fn table(&mut self) -> Parsed<TableRef> {
        let start = self.start();
        let kind = if self.eat(TokenKind::LeftParen).is_some() {
            let kind = if self.at_query() {
                TableRefKind::Subquery(self.select()?)
            } else {
                self.enter()?;
                let tables = self.table_list()?;
                self.leave();
                TableRefKind::Join(Box::new(tables))
            };
            self.expect(TokenKind::RightParen)?;
            kind
        } else {
            let name = self.qualified_name()?;
            if self.eat(TokenKind::LeftParen).is_some() {
                let arguments = self.expressions()?;
                self.expect(TokenKind::RightParen)?;
                TableRefKind::Function { name, arguments }
            } else {
                TableRefKind::Table { name, indexed: None }
            }
        };
        let alias = self.alias()?;
        let kind = match kind {
            TableRefKind::Table { name, .. } => TableRefKind::Table { name, indexed: self.indexed()? },
            other => other,
        };
        Ok(TableRef { span: self.span_from(start), kind, alias })
    }

    /// `[INDEXED BY name | NOT INDEXED]`
    pub(super) fn indexed(&mut self) -> Parsed<Option<Indexed>> {
        let start = self.start();
        let by = if self.eat_keyword(Keyword::Indexed).is_some() {
            self.expect_keyword(Keyword::By)?;
            Some(self.name()?)
        } else if self.eat_keyword(Keyword::Not).is_some() {
            self.expect_keyword(Keyword::Indexed)?;
            None
        } else {
            return Ok(None);
        };
        Ok(Some(Indexed { span: self.span_from(start), by }))
    }
}

/// What the words in front of JOIN mean together, in any order; `None` for what SQLite does not know.
fn join_type(words: &[&str]) -> Option<JoinOperator> {
    let (mut natural, mut inner, mut outer, mut left, mut right, mut cross) =
        (false, false, false, false, false, false);
    for word in words {
        match word.to_ascii_uppercase().as_str() {
            "NATURAL" => natural = true,
            "INNER" => inner = true,
            "CROSS" => (inner, cross) = (true, true),
            "OUTER" => outer = true,
            "LEFT" => (left, outer) = (true, true),
            "RIGHT" => (right, outer) = (true, true),
            "FULL" => (left, right, outer) = (true, true, true),
            _ => return None,
        }
    }
    if (inner && outer) || (outer && !left && !right) {
        return None;
    }
    let kind = match (left, right) {
        (true, true) => JoinKind::Full,
        (true, false) => JoinKind::Left,
        (false, true) => JoinKind::Right,
        (false, false) if cross => JoinKind::Cross,
        (false, false) => JoinKind::Inner,
    };
    Some(JoinOperator { natural, kind })
}
