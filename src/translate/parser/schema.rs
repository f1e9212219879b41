//! CREATE, ALTER and DROP.

use super::{END, Keyword, Parsed, Parser, TokenKind};
use crate::syntax::Span;
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn create(&mut self) -> Parsed<StatementKind> {
        self.expect_keyword(Keyword::Create)?;
        let temporary = self.eat_keyword(Keyword::Temp).is_some() || self.eat_keyword(Keyword::Temporary).is_some();
        match self.token().keyword {
            Keyword::Table => self.create_table(temporary),
            Keyword::View => self.create_view(temporary),
            Keyword::Trigger => self.create_trigger(temporary),
            Keyword::Index | Keyword::Unique if !temporary => self.create_index(),
            Keyword::Virtual if !temporary => self.create_virtual_table(),
            _ => Err(self.unexpected()),
        }
    }

    fn if_not_exists(&mut self) -> Parsed<bool> {
        if self.eat_keyword(Keyword::If).is_none() {
            return Ok(false);
        }
        self.expect_keywords(&[Keyword::Not, Keyword::Exists])?;
        Ok(true)
    }

    fn create_table(&mut self, temporary: bool) -> Parsed<StatementKind> {
        self.advance();
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let body = if self.eat_keyword(Keyword::As).is_some() {
            CreateTableBody::AsSelect(self.select()?)
        } else {
            self.table_body(&name.name)?
        };
        Ok(StatementKind::CreateTable(Box::new(CreateTable { temporary, if_not_exists, name, body })))
    }

    fn table_body(&mut self, name: &Name) -> Parsed<CreateTableBody> {
        let start = self.start();
        self.expect(TokenKind::LeftParen)?;
        let mut columns = vec![self.column_definition()?];
        let mut constraints = Vec::new();
        while self.eat(TokenKind::Comma).is_some() {
            if self.at_table_constraint() {
                constraints = self.table_constraints()?;
                break;
            }
            columns.push(self.column_definition()?);
        }
        self.expect(TokenKind::RightParen)?;
        self.check_table(name, &columns)?;
        let (mut without_rowid, mut strict) = (false, false);
        if self.at_keyword(Keyword::Without) || self.token().is_name() {
            self.list(|parser| {
                let start = parser.start();
                let without = parser.eat_keyword(Keyword::Without).is_some();
                let option = parser.name()?;
                match without {
                    true if option.text.eq_ignore_ascii_case("rowid") => without_rowid = true,
                    false if option.text.eq_ignore_ascii_case("strict") => strict = true,
                    _ => {
                        let message = format!("unknown table option: {}", option.span.text(parser.sql));
                        return parser.invalid(parser.span_from(start), message);
                    }
                }
                Ok(())
            })?;
        }
        Ok(CreateTableBody::Columns { span: self.span_from(start), columns, constraints, without_rowid, strict })
    }

    fn create_view(&mut self, temporary: bool) -> Parsed<StatementKind> {
        self.advance();
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let columns = self.column_names()?;
        self.expect_keyword(Keyword::As)?;
        let select = self.select()?;
        Ok(StatementKind::CreateView(Box::new(CreateView { temporary, if_not_exists, name, columns, select })))
    }

    fn create_index(&mut self) -> Parsed<StatementKind> {
        let unique = self.eat_keyword(Keyword::Unique).is_some();
        self.expect_keyword(Keyword::Index)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        self.expect_keyword(Keyword::On)?;
        let table = self.name()?;
        let terms = self.parenthesized(Self::index_term)?;
        self.check_index(&terms)?;
        let where_clause = self.where_clause()?;
        let index = CreateIndex { unique, if_not_exists, name, table, terms, where_clause };
        Ok(StatementKind::CreateIndex(Box::new(index)))
    }

    // ---- virtual tables

    fn create_virtual_table(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.expect_keyword(Keyword::Table)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        self.expect_keyword(Keyword::Using)?;
        let module = self.name()?;
        let arguments = self.module_arguments()?;
        let table = CreateVirtualTable { if_not_exists, name, module, arguments };
        Ok(StatementKind::CreateVirtualTable(Box::new(table)))
    }

    /// The module reads its arguments itself: any text, with commas between and parentheses balanced.
    fn module_arguments(&mut self) -> Parsed<Vec<(Span, String)>> {
        let mut arguments = Vec::new();
        if self.eat(TokenKind::LeftParen).is_none() {
            return Ok(arguments);
        }
        let mut depth = 0_usize;
        let mut argument: Option<Span> = None;
        loop {
            let token = self.token();
            let ends = depth == 0 && matches!(token.kind, TokenKind::Comma | TokenKind::RightParen);
            match token.kind {
                END | TokenKind::Illegal | TokenKind::Unterminated => return Err(self.unexpected()),
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.advance();
            if !ends {
                argument = Some(argument.map_or(token.span, |span| span.to(token.span)));
                continue;
            }
            if let Some(span) = argument.take() {
                arguments.push((span, span.text(self.sql).to_owned()));
            }
            if token.kind == TokenKind::RightParen {
                return Ok(arguments);
            }
        }
    }

    // ---- triggers

    fn create_trigger(&mut self, temporary: bool) -> Parsed<StatementKind> {
        self.advance();
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let time = match self.token().keyword {
            Keyword::Before => Some(TriggerTime::Before),
            Keyword::After => Some(TriggerTime::After),
            Keyword::Instead => Some(TriggerTime::InsteadOf),
            _ => None,
        };
        if let Some(time) = time {
            self.advance();
            if time == TriggerTime::InsteadOf {
                self.expect_keyword(Keyword::Of)?;
            }
        }
        let event = self.trigger_event()?;
        self.expect_keyword(Keyword::On)?;
        let table = self.trigger_table()?;
        let for_each_row = self.eat_keyword(Keyword::For).is_some();
        if for_each_row {
            self.expect_keywords(&[Keyword::Each, Keyword::Row])?;
        }
        let when = match self.eat_keyword(Keyword::When) {
            Some(_) => Some(self.expression()?),
            None => None,
        };
        self.expect_keyword(Keyword::Begin)?;
        let mut body = Vec::new();
        loop {
            body.push(self.trigger_step()?);
            self.expect(TokenKind::Semicolon)?;
            if self.eat_keyword(Keyword::End).is_some() {
                break;
            }
        }
        let trigger = CreateTrigger { temporary, if_not_exists, name, time, event, table, for_each_row, when, body };
        Ok(StatementKind::CreateTrigger(Box::new(trigger)))
    }

    fn trigger_event(&mut self) -> Parsed<TriggerEvent> {
        if self.eat_keyword(Keyword::Delete).is_some() {
            return Ok(TriggerEvent::Delete);
        }
        if self.eat_keyword(Keyword::Insert).is_some() {
            return Ok(TriggerEvent::Insert);
        }
        self.expect_keyword(Keyword::Update)?;
        let of = match self.eat_keyword(Keyword::Of) {
            Some(_) => self.list(Self::name)?,
            None => Vec::new(),
        };
        Ok(TriggerEvent::Update { of })
    }

    fn trigger_table(&mut self) -> Parsed<Name> {
        let table = self.qualified_name()?;
        match &table.schema {
            // The tree has no place for it, and dropping it would pass silently.
            Some(schema) if !schema.text.eq_ignore_ascii_case("main") => {
                self.invalid(table.span, "a trigger's table cannot be qualified here")
            }
            _ => Ok(table.name),
        }
    }

    fn trigger_step(&mut self) -> Parsed<Statement> {
        let start = self.start();
        let kind = match self.token().keyword {
            Keyword::Update => self.update(None)?,
            Keyword::Delete => self.delete(None)?,
            Keyword::Insert | Keyword::Replace => self.insert(None)?,
            _ if self.at_query() => StatementKind::Select(self.select()?),
            _ => return Err(self.unexpected()),
        };
        let span = self.span_from(start);
        self.check_trigger_step(&kind, span)?;
        Ok(Statement { span, kind })
    }

    /// What a statement of its own may have and a trigger's step may not.
    fn check_trigger_step(&self, kind: &StatementKind, span: Span) -> Parsed<()> {
        let (indexed, returning, limit) = match kind {
            StatementKind::Update(update) => {
                (&update.indexed, &update.returning, tail(&update.order_by, &update.limit))
            }
            StatementKind::Delete(delete) => {
                (&delete.indexed, &delete.returning, tail(&delete.order_by, &delete.limit))
            }
            StatementKind::Insert(insert) => {
                if let InsertSource::DefaultValues(span) = insert.source {
                    return Err(self.syntax_error(Span { start: span.start, end: span.start + "DEFAULT".len() }));
                }
                (&None, &insert.returning, None)
            }
            _ => (&None, &None, None),
        };
        if let Some(indexed) = indexed {
            let clause = if indexed.by.is_some() { "INDEXED BY" } else { "NOT INDEXED" };
            let message = format!("the {clause} clause is not allowed on UPDATE or DELETE statements within triggers");
            return self.invalid(indexed.span, message);
        }
        if let Some(returning) = returning {
            if !matches!(kind, StatementKind::Insert(_)) {
                let end = returning.span.start + "RETURNING".len();
                return Err(self.syntax_error(Span { start: returning.span.start, end }));
            }
            return self.invalid(returning.span, "cannot use RETURNING in a trigger");
        }
        match limit {
            Some(at) => {
                self.invalid(Span { start: at, end: span.end }, "ORDER BY and LIMIT are not allowed in a trigger")
            }
            None => Ok(()),
        }
    }

    // ---- ALTER and DROP

    pub(super) fn alter(&mut self) -> Parsed<StatementKind> {
        self.expect_keywords(&[Keyword::Alter, Keyword::Table])?;
        let table = self.qualified_name()?;
        let verb = self.token().keyword;
        self.advance_over(&[Keyword::Rename, Keyword::Add, Keyword::Drop, Keyword::Alter])?;
        let action = match verb {
            Keyword::Rename if self.eat_keyword(Keyword::To).is_some() => AlterAction::RenameTo(self.name()?),
            Keyword::Rename => {
                self.eat_keyword(Keyword::Column);
                let from = self.name()?;
                self.expect_keyword(Keyword::To)?;
                AlterAction::RenameColumn { from, to: self.name()? }
            }
            Keyword::Add if matches!(self.token().keyword, Keyword::Constraint | Keyword::Check) => {
                let name = match self.eat_keyword(Keyword::Constraint) {
                    Some(_) => Some(self.name()?),
                    None => None,
                };
                self.expect_keyword(Keyword::Check)?;
                let expr = self.expression_in_parentheses()?;
                self.on_conflict()?;
                AlterAction::AddCheck { name, expr }
            }
            Keyword::Add => {
                self.eat_keyword(Keyword::Column);
                AlterAction::AddColumn(Box::new(self.column_definition()?))
            }
            Keyword::Drop if self.eat_keyword(Keyword::Constraint).is_some() => {
                AlterAction::DropConstraint(self.name()?)
            }
            Keyword::Drop => {
                self.eat_keyword(Keyword::Column);
                AlterAction::DropColumn(self.name()?)
            }
            _ => {
                self.eat_keyword(Keyword::Column);
                let column = self.name()?;
                let set = self.eat_keyword(Keyword::Set).is_some();
                if !set {
                    self.expect_keyword(Keyword::Drop)?;
                }
                self.expect_keywords(&[Keyword::Not, Keyword::Null])?;
                if set {
                    self.on_conflict()?;
                    AlterAction::SetNotNull(column)
                } else {
                    AlterAction::DropNotNull(column)
                }
            }
        };
        Ok(StatementKind::AlterTable(Box::new(AlterTable { table, action })))
    }

    fn advance_over(&mut self, keywords: &[Keyword]) -> Parsed<()> {
        if !keywords.contains(&self.token().keyword) {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }

    pub(super) fn drop_object(&mut self) -> Parsed<StatementKind> {
        self.expect_keyword(Keyword::Drop)?;
        let object = match self.token().keyword {
            Keyword::Table => DropObject::Table,
            Keyword::Index => DropObject::Index,
            Keyword::View => DropObject::View,
            Keyword::Trigger => DropObject::Trigger,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let if_exists = self.eat_keyword(Keyword::If).is_some();
        if if_exists {
            self.expect_keyword(Keyword::Exists)?;
        }
        Ok(StatementKind::Drop(Drop { object, if_exists, name: self.qualified_name()? }))
    }
}

/// Where ORDER BY or LIMIT begins.
fn tail(order_by: &[OrderTerm], limit: &Option<Limit>) -> Option<usize> {
    order_by.first().map(|term| term.span.start).or(limit.as_ref().map(|limit| limit.span.start))
}
