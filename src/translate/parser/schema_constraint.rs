//! Types, columns and constraints of CREATE TABLE and ALTER TABLE.

use super::{Keyword, Parsed, Parser, TokenKind, boolean_word};
use crate::syntax::Span;
use crate::translate::ast::*;

impl Parser<'_> {
    /// A column with its type and constraints.
    pub(super) fn column_definition(&mut self) -> Parsed<ColumnDefinition> {
        let start = self.start();
        let name = self.name()?;
        let type_name = self.type_name()?;
        let constraints = self.column_constraints(&name)?;
        Ok(ColumnDefinition { span: self.span_from(start), name, type_name, constraints })
    }

    /// A declared type, if there is one.
    pub(super) fn type_name(&mut self) -> Parsed<Option<TypeName>> {
        let start = self.start();
        let mut name = String::new();
        while self.token().is_id_or_string() && !self.at_generated() {
            let word = self.take_name();
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(&word.text);
        }
        if self.start() == start {
            return Ok(None);
        }
        let mut size = Vec::new();
        if self.eat(TokenKind::LeftParen).is_some() {
            size.push(self.signed_number()?);
            if self.eat(TokenKind::Comma).is_some() {
                size.push(self.signed_number()?);
            }
            self.expect(TokenKind::RightParen)?;
        }
        Ok(Some(TypeName { span: self.span_from(start), name, size }))
    }

    /// GENERATED and ALWAYS are read as words of a type by SQLite's grammar, and taken off again when both are there.
    fn at_generated(&self) -> bool {
        self.at_keyword(Keyword::Generated)
            && self.ahead(1).keyword == Keyword::Always
            && !self.ahead(2).is_id_or_string()
            && self.ahead(2).kind != TokenKind::LeftParen
    }

    fn signed_number(&mut self) -> Parsed<String> {
        let mut text = String::new();
        if self.is(TokenKind::Plus) || self.is(TokenKind::Minus) {
            text.push_str(self.advance().span.text(self.sql));
        }
        text.push_str(self.plain_number()?.text(self.sql));
        Ok(text)
    }

    /// A number where SQLite takes no digit separators.
    pub(super) fn plain_number(&mut self) -> Parsed<Span> {
        let token = self.token();
        let is_number = matches!(token.kind, TokenKind::Integer | TokenKind::HexInteger | TokenKind::Float);
        if !is_number || token.span.text(self.sql).contains('_') {
            return Err(self.unexpected());
        }
        Ok(self.advance().span)
    }

    fn column_constraints(&mut self, column: &Name) -> Parsed<Vec<ColumnConstraint>> {
        let mut constraints: Vec<ColumnConstraint> = Vec::new();
        loop {
            let start = self.start();
            let name = self.constraint_name()?;
            if let Some(deferrable) = self.deferrable()? {
                // It belongs to the foreign key before it; without one SQLite ignores it.
                let span = self.span_from(start);
                let last = constraints.len().saturating_sub(1);
                for (index, constraint) in constraints.iter_mut().enumerate().rev() {
                    if let ColumnConstraintKind::References(references) = &mut constraint.kind {
                        references.deferrable = Some(deferrable);
                        if index == last {
                            references.span.end = span.end;
                            constraint.span.end = span.end;
                        }
                        break;
                    }
                }
                continue;
            }
            match self.column_constraint(column)? {
                Some(kind) => constraints.push(ColumnConstraint { span: self.span_from(start), name, kind }),
                // `CONSTRAINT name` and nothing behind it is fine with SQLite.
                None => return Ok(constraints),
            }
        }
    }

    /// `CONSTRAINT name`, of several the last.
    fn constraint_name(&mut self) -> Parsed<Option<Name>> {
        let mut name = None;
        while self.eat_keyword(Keyword::Constraint).is_some() {
            name = Some(self.name()?);
        }
        Ok(name)
    }

    fn column_constraint(&mut self, column: &Name) -> Parsed<Option<ColumnConstraintKind>> {
        let keyword = self.token().keyword;
        let kind = match keyword {
            Keyword::Default => {
                self.advance();
                ColumnConstraintKind::Default { value: self.default_value()? }
            }
            Keyword::Not => {
                self.advance();
                self.expect_keyword(Keyword::Null)?;
                ColumnConstraintKind::NotNull { on_conflict: self.on_conflict()? }
            }
            Keyword::Null => {
                self.advance();
                self.on_conflict()?;
                ColumnConstraintKind::Null
            }
            Keyword::Primary => {
                self.advance();
                self.expect_keyword(Keyword::Key)?;
                ColumnConstraintKind::PrimaryKey {
                    order: self.sort_order(),
                    on_conflict: self.on_conflict()?,
                    autoincrement: self.eat_keyword(Keyword::Autoincrement).is_some(),
                }
            }
            Keyword::Unique => {
                self.advance();
                ColumnConstraintKind::Unique { on_conflict: self.on_conflict()? }
            }
            Keyword::Check => {
                self.advance();
                ColumnConstraintKind::Check { expr: self.expression_in_parentheses()? }
            }
            Keyword::References => ColumnConstraintKind::References(self.foreign_key()?),
            Keyword::Collate => {
                self.advance();
                ColumnConstraintKind::Collate { collation: self.id_or_string()? }
            }
            Keyword::Generated => {
                self.advance();
                self.expect_keywords(&[Keyword::Always, Keyword::As])?;
                self.generated(column)?
            }
            Keyword::As => {
                self.advance();
                self.generated(column)?
            }
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    pub(super) fn expression_in_parentheses(&mut self) -> Parsed<Expr> {
        self.expect(TokenKind::LeftParen)?;
        let expr = self.expression()?;
        self.expect(TokenKind::RightParen)?;
        Ok(expr)
    }

    fn generated(&mut self, column: &Name) -> Parsed<ColumnConstraintKind> {
        let expr = self.expression_in_parentheses()?;
        let mut stored = false;
        if self.token().is_id() {
            let word = self.take_name();
            stored = word.text.eq_ignore_ascii_case("stored");
            if !stored && !word.text.eq_ignore_ascii_case("virtual") {
                let message = format!("error in generated column \"{}\"", column.text);
                return self.invalid(word.span, message);
            }
        }
        Ok(ColumnConstraintKind::Generated { expr, stored })
    }

    /// A literal, a signed literal, an expression in parentheses, or a bare word.
    fn default_value(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let kind = match self.token().kind {
            TokenKind::LeftParen => ExprKind::Parenthesized(Box::new(self.expression_in_parentheses()?)),
            TokenKind::Plus | TokenKind::Minus => {
                let operator = if self.is(TokenKind::Plus) { UnaryOperator::Plus } else { UnaryOperator::Minus };
                self.advance();
                let operand_start = self.start();
                let kind = self.term()?.ok_or_else(|| self.unexpected())?;
                let operand = Box::new(Expr { span: self.span_from(operand_start), kind });
                ExprKind::Unary { operator, operand }
            }
            _ => match self.term()? {
                Some(term) => term,
                None if self.token().is_id() || self.at_keyword(Keyword::Indexed) => self.bare_word(),
                None => return Err(self.unexpected()),
            },
        };
        Ok(Expr { span: self.span_from(start), kind })
    }

    /// The grammar's `term`: a literal.
    fn term(&mut self) -> Parsed<Option<ExprKind>> {
        let token = self.token();
        let is_literal = match token.kind {
            TokenKind::Integer | TokenKind::HexInteger | TokenKind::Float | TokenKind::String | TokenKind::Blob => true,
            _ => matches!(
                token.keyword,
                Keyword::Null | Keyword::CurrentDate | Keyword::CurrentTime | Keyword::CurrentTimestamp
            ),
        };
        if is_literal { self.literal().map(Some) } else { Ok(None) }
    }

    /// A name that stands for itself; TRUE and FALSE are booleans.
    fn bare_word(&mut self) -> ExprKind {
        if let Some(value) = boolean_word(self.token().span.text(self.sql)) {
            self.advance();
            return ExprKind::Boolean(value);
        }
        ExprKind::Column { schema: None, table: None, column: self.take_name() }
    }

    /// `[ON CONFLICT action]`
    pub(super) fn on_conflict(&mut self) -> Parsed<Option<ConflictAction>> {
        if self.eat_keyword(Keyword::On).is_none() {
            return Ok(None);
        }
        self.expect_keyword(Keyword::Conflict)?;
        self.conflict_action().map(Some)
    }

    fn foreign_key(&mut self) -> Parsed<ForeignKeyClause> {
        let start = self.start();
        self.expect_keyword(Keyword::References)?;
        let mut clause = ForeignKeyClause {
            span: Span::default(),
            table: self.name()?,
            columns: self.column_names()?,
            on_delete: None,
            on_update: None,
            match_name: None,
            deferrable: None,
        };
        loop {
            if self.eat_keyword(Keyword::Match).is_some() {
                clause.match_name = Some(self.name()?);
            } else if self.eat_keyword(Keyword::On).is_some() {
                let event = self.advance();
                match event.keyword {
                    Keyword::Delete => clause.on_delete = Some(self.foreign_key_action()?),
                    Keyword::Update => clause.on_update = Some(self.foreign_key_action()?),
                    // SQLite takes ON INSERT and ignores it.
                    Keyword::Insert => drop(self.foreign_key_action()?),
                    _ => {
                        self.at -= usize::from(event.kind != super::END);
                        return Err(self.unexpected());
                    }
                }
            } else {
                break;
            }
        }
        clause.span = self.span_from(start);
        Ok(clause)
    }

    fn foreign_key_action(&mut self) -> Parsed<ForeignKeyAction> {
        let token = self.advance();
        match token.keyword {
            Keyword::Cascade => return Ok(ForeignKeyAction::Cascade),
            Keyword::Restrict => return Ok(ForeignKeyAction::Restrict),
            Keyword::No => {
                self.expect_keyword(Keyword::Action)?;
                return Ok(ForeignKeyAction::NoAction);
            }
            Keyword::Set if self.eat_keyword(Keyword::Null).is_some() => return Ok(ForeignKeyAction::SetNull),
            Keyword::Set => {
                self.expect_keyword(Keyword::Default)?;
                return Ok(ForeignKeyAction::SetDefault);
            }
            _ => {}
        }
        self.at -= usize::from(token.kind != super::END);
        Err(self.unexpected())
    }

    /// `[NOT] DEFERRABLE [INITIALLY ...]`, if that is what stands here.
    fn deferrable(&mut self) -> Parsed<Option<Deferrable>> {
        let negated = self.at_keyword(Keyword::Not) && self.ahead(1).keyword == Keyword::Deferrable;
        if negated {
            self.advance();
        }
        if self.eat_keyword(Keyword::Deferrable).is_none() {
            return Ok(None);
        }
        let mut initially_deferred = false;
        if self.eat_keyword(Keyword::Initially).is_some() {
            initially_deferred = self.eat_keyword(Keyword::Deferred).is_some();
            if !initially_deferred {
                self.expect_keyword(Keyword::Immediate)?;
            }
        }
        Ok(Some(Deferrable { deferrable: !negated, initially_deferred }))
    }

    /// Does a constraint of a table, not a column, begin here?
    pub(super) fn at_table_constraint(&self) -> bool {
        matches!(
            self.token().keyword,
            Keyword::Constraint | Keyword::Primary | Keyword::Unique | Keyword::Check | Keyword::Foreign
        )
    }

    /// The constraints behind the columns. The commas between them may be missing.
    pub(super) fn table_constraints(&mut self) -> Parsed<Vec<TableConstraint>> {
        let mut constraints = Vec::new();
        loop {
            let start = self.start();
            let name = self.constraint_name()?;
            if let Some(kind) = self.table_constraint()? {
                constraints.push(TableConstraint { span: self.span_from(start), name, kind });
            } else if name.is_none() {
                return Err(self.unexpected());
            }
            if self.eat(TokenKind::Comma).is_none() && !self.at_table_constraint() {
                return Ok(constraints);
            }
        }
    }

    fn table_constraint(&mut self) -> Parsed<Option<TableConstraintKind>> {
        let keyword = self.token().keyword;
        let kind = match keyword {
            Keyword::Primary => {
                self.advance();
                self.expect_keyword(Keyword::Key)?;
                self.expect(TokenKind::LeftParen)?;
                let columns = self.list(Self::index_term)?;
                self.check_index(&columns)?;
                let autoincrement = self.eat_keyword(Keyword::Autoincrement).is_some();
                self.expect(TokenKind::RightParen)?;
                TableConstraintKind::PrimaryKey { columns, autoincrement, on_conflict: self.on_conflict()? }
            }
            Keyword::Unique => {
                self.advance();
                let columns = self.parenthesized(Self::index_term)?;
                self.check_index(&columns)?;
                TableConstraintKind::Unique { columns, on_conflict: self.on_conflict()? }
            }
            Keyword::Check => {
                self.advance();
                let expr = self.expression_in_parentheses()?;
                // SQLite takes a conflict clause here and ignores it.
                self.on_conflict()?;
                TableConstraintKind::Check { expr }
            }
            Keyword::Foreign => {
                self.advance();
                self.expect_keyword(Keyword::Key)?;
                let columns = self.parenthesized(Self::column_name)?;
                let mut references = self.foreign_key()?;
                let start = references.span.start;
                references.deferrable = self.deferrable()?;
                references.span = self.span_from(start);
                TableConstraintKind::ForeignKey { columns, references }
            }
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    /// A term of an index, a key or a conflict target.
    pub(super) fn index_term(&mut self) -> Parsed<IndexTerm> {
        let OrderTerm { span, expr, order, nulls } = self.order_term()?;
        match nulls {
            None => Ok(IndexTerm { span, expr, order }),
            Some(NullOrder::First) => self.invalid(span, "unsupported use of NULLS FIRST"),
            Some(NullOrder::Last) => self.invalid(span, "unsupported use of NULLS LAST"),
        }
    }
}
