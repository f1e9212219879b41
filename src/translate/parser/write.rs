//! INSERT, UPDATE and DELETE.

use super::{Keyword, Parsed, Parser, TokenKind};
use crate::syntax::Span;
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn insert(&mut self, with: Option<With>) -> Parsed<StatementKind> {
        let (verb, or) = self.insert_verb()?;
        self.expect_keyword(Keyword::Into)?;
        let (table, alias) = self.written_table()?;
        let columns = self.insert_columns()?;
        let source = match self.eat_keyword(Keyword::Default) {
            Some(default) => InsertSource::DefaultValues(default.to(self.expect_keyword(Keyword::Values)?)),
            None => InsertSource::Select(self.select()?),
        };
        let (upserts, returning) = match source {
            InsertSource::DefaultValues(_) => (Vec::new(), self.returning()?),
            InsertSource::Select(_) => self.upserts()?,
        };
        let insert = Insert { with, verb, or, table, alias, columns, source, upserts, returning };
        Ok(StatementKind::Insert(Box::new(insert)))
    }

    /// `INSERT [OR x]` or `REPLACE`
    fn insert_verb(&mut self) -> Parsed<(Span, Option<ConflictAction>)> {
        let start = self.start();
        if self.eat_keyword(Keyword::Replace).is_some() {
            return Ok((self.span_from(start), Some(ConflictAction::Replace)));
        }
        self.expect_keyword(Keyword::Insert)?;
        let or = self.or_conflict()?;
        Ok((self.span_from(start), or))
    }

    fn insert_columns(&mut self) -> Parsed<Vec<Name>> {
        if !self.is(TokenKind::LeftParen) {
            return Ok(Vec::new());
        }
        self.parenthesized(Self::name)
    }

    pub(super) fn or_conflict(&mut self) -> Parsed<Option<ConflictAction>> {
        match self.eat_keyword(Keyword::Or) {
            Some(_) => self.conflict_action().map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn conflict_action(&mut self) -> Parsed<ConflictAction> {
        let action = match self.token().keyword {
            Keyword::Rollback => ConflictAction::Rollback,
            Keyword::Abort => ConflictAction::Abort,
            Keyword::Fail => ConflictAction::Fail,
            Keyword::Ignore => ConflictAction::Ignore,
            Keyword::Replace => ConflictAction::Replace,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(action)
    }

    /// `ON CONFLICT ...`, any number of them; only the last may be without a target. Then RETURNING.
    fn upserts(&mut self) -> Parsed<(Vec<Upsert>, Option<Returning>)> {
        let mut upserts = Vec::new();
        while self.at_keyword(Keyword::On) {
            let upsert = self.upsert()?;
            let is_last = upsert.target.is_empty();
            upserts.push(upsert);
            if is_last {
                break;
            }
        }
        Ok((upserts, self.returning()?))
    }

    fn upsert(&mut self) -> Parsed<Upsert> {
        let start = self.start();
        self.expect_keywords(&[Keyword::On, Keyword::Conflict])?;
        let (target, target_where) = if self.is(TokenKind::LeftParen) {
            (self.parenthesized(Self::index_term)?, self.where_clause()?)
        } else {
            (Vec::new(), None)
        };
        self.expect_keyword(Keyword::Do)?;
        let action = if self.eat_keyword(Keyword::Nothing).is_some() {
            UpsertAction::Nothing
        } else {
            self.expect_keywords(&[Keyword::Update, Keyword::Set])?;
            UpsertAction::Update { set: self.assignments()?, where_clause: self.where_clause()? }
        };
        Ok(Upsert { span: self.span_from(start), target, target_where, action })
    }

    fn assignments(&mut self) -> Parsed<Vec<Assignment>> {
        let set = self.list(Self::assignment)?;
        self.check_assignments(&set)?;
        Ok(set)
    }

    fn assignment(&mut self) -> Parsed<Assignment> {
        let start = self.start();
        let row = self.is(TokenKind::LeftParen);
        let columns = if row { self.parenthesized(Self::name)? } else { vec![self.name()?] };
        self.expect(TokenKind::Equal)?;
        let value = self.expression()?;
        let span = self.span_from(start);
        if row {
            let values = match &value.kind {
                ExprKind::Row(values) => values.len(),
                // How many columns a query has is known only when its stars are resolved.
                ExprKind::Subquery(_) => columns.len(),
                _ => 1,
            };
            if values != columns.len() {
                return self.invalid(span, format!("{} columns assigned {values} values", columns.len()));
            }
        }
        Ok(Assignment { span, columns, row, value })
    }

    fn returning(&mut self) -> Parsed<Option<Returning>> {
        let start = self.start();
        if self.eat_keyword(Keyword::Returning).is_none() {
            return Ok(None);
        }
        let columns = self.list(Self::result_column)?;
        self.check_results(&columns)?;
        Ok(Some(Returning { span: self.span_from(start), columns }))
    }

    pub(super) fn update(&mut self, with: Option<With>) -> Parsed<StatementKind> {
        let start = self.start();
        self.expect_keyword(Keyword::Update)?;
        let or = self.or_conflict()?;
        let verb = self.span_from(start);
        let (table, alias) = self.written_table()?;
        let indexed = self.indexed()?;
        self.expect_keyword(Keyword::Set)?;
        let update = Update {
            with,
            verb,
            or,
            table,
            alias,
            indexed,
            set: self.assignments()?,
            from: self.tables()?,
            where_clause: self.where_clause()?,
            returning: self.returning()?,
            order_by: self.order_by()?,
            limit: self.limit()?,
        };
        Ok(StatementKind::Update(Box::new(update)))
    }

    pub(super) fn delete(&mut self, with: Option<With>) -> Parsed<StatementKind> {
        let verb = self.expect_keyword(Keyword::Delete)?;
        self.expect_keyword(Keyword::From)?;
        let (table, alias) = self.written_table()?;
        let delete = Delete {
            with,
            verb,
            table,
            alias,
            indexed: self.indexed()?,
            where_clause: self.where_clause()?,
            returning: self.returning()?,
            order_by: self.order_by()?,
            limit: self.limit()?,
        };
        Ok(StatementKind::Delete(Box::new(delete)))
    }
}
