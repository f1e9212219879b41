//! SELECT, VALUES, and what they are made of.

use super::{END, Keyword, Lexeme, Parsed, Parser, TokenKind};
use crate::syntax::Span;
use crate::translate::ast::*;

/// SQLite's SQLITE_MAX_COMPOUND_SELECT.
const MAX_COMPOUND: usize = 500;

impl Parser<'_> {
    /// Does a query begin here?
    pub(super) fn at_query(&self) -> bool {
        matches!(self.token().keyword, Keyword::Select | Keyword::Values | Keyword::With)
    }

    /// A whole query. Leaves the height of its tallest expression.
    pub(super) fn select(&mut self) -> Parsed<Select> {
        let start = self.start();
        let with = self.with()?;
        self.select_behind(start, with)
    }

    /// The rest of a query whose WITH has been read.
    pub(super) fn select_behind(&mut self, start: usize, with: Option<With>) -> Parsed<Select> {
        let outer = std::mem::take(&mut self.tallest);
        let select = self.nested(|parser| parser.select_body(start, with))?;
        self.height = self.tallest;
        self.tallest = outer.max(self.height);
        Ok(select)
    }

    fn select_body(&mut self, start: usize, with: Option<With>) -> Parsed<Select> {
        let (first, mut order_by, mut limit) = self.select_core()?;
        let mut body = SelectBody { first, compounds: Vec::new() };
        let mut misplaced = None;
        while let Some((operator, span)) = self.compound_operator()? {
            if let Some((clause, at)) = tail_clause(&order_by, &limit) {
                misplaced =
                    Some((format!("{clause} clause should come after {} not before", operator_name(operator)), at));
            }
            let core;
            (core, order_by, limit) = self.select_core()?;
            body.compounds.push(Compound { span, operator, core });
        }
        if let Some((message, span)) = misplaced {
            return self.invalid(span, message);
        }
        if body.compounds.len() >= MAX_COMPOUND {
            return self.invalid(self.span_from(start), "too many terms in compound SELECT");
        }
        Ok(Select { span: self.span_from(start), with, body, order_by, limit })
    }

    fn compound_operator(&mut self) -> Parsed<Option<(CompoundOperator, Span)>> {
        let start = self.start();
        let mut operator = match self.token().keyword {
            Keyword::Union => CompoundOperator::Union,
            Keyword::Except => CompoundOperator::Except,
            Keyword::Intersect => CompoundOperator::Intersect,
            _ => return Ok(None),
        };
        self.advance();
        if operator == CompoundOperator::Union && self.eat_keyword(Keyword::All).is_some() {
            operator = CompoundOperator::UnionAll;
        }
        Ok(Some((operator, self.span_from(start))))
    }

    /// One SELECT or VALUES with the ORDER BY and LIMIT behind it; VALUES takes neither.
    fn select_core(&mut self) -> Parsed<(SelectCore, Vec<OrderTerm>, Option<Limit>)> {
        let start = self.start();
        if self.eat_keyword(Keyword::Values).is_some() {
            let rows = self.list(|parser| {
                let start = parser.start();
                let values = parser.parenthesized(Self::expression)?;
                Ok(ValuesRow { span: parser.span_from(start), values })
            })?;
            let core = SelectCore { span: self.span_from(start), kind: SelectCoreKind::Values(rows) };
            return Ok((core, Vec::new(), None));
        }
        self.expect_keyword(Keyword::Select)?;
        let distinct = match self.token().keyword {
            Keyword::Distinct => Some(Distinct::Distinct),
            Keyword::All => Some(Distinct::All),
            _ => None,
        };
        if distinct.is_some() {
            self.advance();
        }
        let select = SimpleSelect {
            distinct,
            columns: self.list(Self::result_column)?,
            from: self.from_clause()?,
            where_clause: self.where_clause()?,
            group_by: match self.eat_keyword(Keyword::Group) {
                Some(_) => {
                    self.expect_keyword(Keyword::By)?;
                    self.some_expressions()?
                }
                None => Vec::new(),
            },
            having: match self.eat_keyword(Keyword::Having) {
                Some(_) => Some(self.expression()?),
                None => None,
            },
            windows: match self.eat_keyword(Keyword::Window) {
                Some(_) => self.list(Self::named_window)?,
                None => Vec::new(),
            },
        };
        let core = SelectCore { span: self.span_from(start), kind: SelectCoreKind::Select(Box::new(select)) };
        Ok((core, self.order_by()?, self.limit()?))
    }

    pub(super) fn result_column(&mut self) -> Parsed<ResultColumn> {
        let start = self.start();
        let kind = if self.eat(TokenKind::Star).is_some() {
            ResultColumnKind::Star
        } else if self.token().is_name()
            && self.ahead(1).kind == TokenKind::Dot
            && self.ahead(2).kind == TokenKind::Star
        {
            let table = self.take_name();
            self.advance();
            self.advance();
            ResultColumnKind::TableStar(table)
        } else {
            let expr = self.expression()?;
            ResultColumnKind::Expr { expr, alias: self.alias()? }
        };
        Ok(ResultColumn { span: self.span_from(start), kind })
    }

    pub(super) fn where_clause(&mut self) -> Parsed<Option<Expr>> {
        match self.eat_keyword(Keyword::Where) {
            Some(_) => self.expression().map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn order_by(&mut self) -> Parsed<Vec<OrderTerm>> {
        if self.eat_keyword(Keyword::Order).is_none() {
            return Ok(Vec::new());
        }
        self.expect_keyword(Keyword::By)?;
        self.list(Self::order_term)
    }

    pub(super) fn order_term(&mut self) -> Parsed<OrderTerm> {
        let start = self.start();
        let expr = self.expression()?;
        let order = self.sort_order();
        let nulls = match self.eat_keyword(Keyword::Nulls) {
            Some(_) if self.eat_keyword(Keyword::First).is_some() => Some(NullOrder::First),
            Some(_) => {
                self.expect_keyword(Keyword::Last)?;
                Some(NullOrder::Last)
            }
            None => None,
        };
        Ok(OrderTerm { span: self.span_from(start), expr, order, nulls })
    }

    pub(super) fn sort_order(&mut self) -> Option<SortOrder> {
        let order = match self.token().keyword {
            Keyword::Asc => SortOrder::Asc,
            Keyword::Desc => SortOrder::Desc,
            _ => return None,
        };
        self.advance();
        Some(order)
    }

    pub(super) fn limit(&mut self) -> Parsed<Option<Limit>> {
        let start = self.start();
        if self.eat_keyword(Keyword::Limit).is_none() {
            return Ok(None);
        }
        let first = self.expression()?;
        let (limit, offset, comma) = if self.eat_keyword(Keyword::Offset).is_some() {
            (first, Some(self.expression()?), false)
        } else if self.eat(TokenKind::Comma).is_some() {
            (self.expression()?, Some(first), true)
        } else {
            (first, None, false)
        };
        Ok(Some(Limit { span: self.span_from(start), limit, offset, comma }))
    }

    // ---- WITH

    pub(super) fn with(&mut self) -> Parsed<Option<With>> {
        let start = self.start();
        if self.eat_keyword(Keyword::With).is_none() {
            return Ok(None);
        }
        let recursive = self.eat_keyword(Keyword::Recursive).is_some();
        let tables = self.list(Self::common_table)?;
        Ok(Some(With { span: self.span_from(start), recursive, tables }))
    }

    fn common_table(&mut self) -> Parsed<CommonTable> {
        let start = self.start();
        let name = self.name()?;
        let columns = self.column_names()?;
        self.expect_keyword(Keyword::As)?;
        let materialized = if self.eat_keyword(Keyword::Not).is_some() {
            self.expect_keyword(Keyword::Materialized)?;
            Some(false)
        } else {
            self.eat_keyword(Keyword::Materialized).map(|_| true)
        };
        self.expect(TokenKind::LeftParen)?;
        let select = Box::new(self.select()?);
        self.expect(TokenKind::RightParen)?;
        Ok(CommonTable { span: self.span_from(start), name, columns, materialized, select })
    }

    // ---- FROM

    pub(super) fn from_clause(&mut self) -> Parsed<Option<From>> {
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
                TableRefKind::Subquery(Box::new(self.select()?))
            } else {
                TableRefKind::Join(Box::new(self.nested(Self::table_list)?))
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

    // ---- windows

    fn named_window(&mut self) -> Parsed<NamedWindow> {
        let start = self.start();
        let name = self.name()?;
        self.expect_keyword(Keyword::As)?;
        let window = self.window()?;
        Ok(NamedWindow { span: self.span_from(start), name, window })
    }

    /// `( ... )` of a window; its span includes the parentheses.
    pub(super) fn window(&mut self) -> Parsed<Window> {
        let start = self.expect(TokenKind::LeftParen)?.start;
        let begins_clause =
            matches!(self.token().keyword, Keyword::Partition | Keyword::Range | Keyword::Rows | Keyword::Groups);
        let base = (!begins_clause && self.token().is_name()).then(|| self.take_name());
        let partition_by = match self.eat_keyword(Keyword::Partition) {
            Some(_) => {
                self.expect_keyword(Keyword::By)?;
                self.some_expressions()?
            }
            None => Vec::new(),
        };
        let order_by = self.order_by()?;
        let frame = self.frame()?;
        self.expect(TokenKind::RightParen)?;
        Ok(Window { span: self.span_from(start), base, partition_by, order_by, frame })
    }

    fn frame(&mut self) -> Parsed<Option<Frame>> {
        let at = self.start();
        let mode = match self.token().keyword {
            Keyword::Rows => FrameMode::Rows,
            Keyword::Range => FrameMode::Range,
            Keyword::Groups => FrameMode::Groups,
            _ => return Ok(None),
        };
        self.advance();
        let between = self.eat_keyword(Keyword::Between).is_some();
        let start = self.frame_bound(true)?;
        let end = match between {
            true => {
                self.expect_keyword(Keyword::And)?;
                Some(self.frame_bound(false)?)
            }
            false => None,
        };
        let exclude = match self.eat_keyword(Keyword::Exclude) {
            Some(_) => Some(self.frame_exclude()?),
            None => None,
        };
        let span = self.span_from(at);
        if !frame_is_ordered(&start, end.as_ref()) {
            return self.invalid(span, "unsupported frame specification");
        }
        Ok(Some(Frame { span, mode, start, end, exclude }))
    }

    fn frame_bound(&mut self, is_start: bool) -> Parsed<FrameBound> {
        if self.eat_keyword(Keyword::Unbounded).is_some() {
            let (keyword, bound) = match is_start {
                true => (Keyword::Preceding, FrameBound::UnboundedPreceding),
                false => (Keyword::Following, FrameBound::UnboundedFollowing),
            };
            self.expect_keyword(keyword)?;
            return Ok(bound);
        }
        if self.eat_keyword(Keyword::Current).is_some() {
            self.expect_keyword(Keyword::Row)?;
            return Ok(FrameBound::CurrentRow);
        }
        let expr = Box::new(self.expression()?);
        if self.eat_keyword(Keyword::Preceding).is_some() {
            return Ok(FrameBound::Preceding(expr));
        }
        self.expect_keyword(Keyword::Following)?;
        Ok(FrameBound::Following(expr))
    }

    fn frame_exclude(&mut self) -> Parsed<FrameExclude> {
        let (exclude, second) = match self.token().keyword {
            Keyword::No => (FrameExclude::NoOthers, Some(Keyword::Others)),
            Keyword::Current => (FrameExclude::CurrentRow, Some(Keyword::Row)),
            Keyword::Group => (FrameExclude::Group, None),
            Keyword::Ties => (FrameExclude::Ties, None),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        if let Some(second) = second {
            self.expect_keyword(second)?;
        }
        Ok(exclude)
    }
}

/// The clause that may only stand behind the last part of a compound.
fn tail_clause(order_by: &[OrderTerm], limit: &Option<Limit>) -> Option<(&'static str, Span)> {
    match (order_by.first(), limit) {
        (Some(first), _) => Some(("ORDER BY", first.span)),
        (None, Some(limit)) => Some(("LIMIT", limit.span)),
        (None, None) => None,
    }
}

fn operator_name(operator: CompoundOperator) -> &'static str {
    match operator {
        CompoundOperator::Union => "UNION",
        CompoundOperator::UnionAll => "UNION ALL",
        CompoundOperator::Except => "EXCEPT",
        CompoundOperator::Intersect => "INTERSECT",
    }
}

/// A frame that would end before it begins is refused when it is parsed.
fn frame_is_ordered(start: &FrameBound, end: Option<&FrameBound>) -> bool {
    let backwards = match start {
        FrameBound::CurrentRow => matches!(end, Some(FrameBound::Preceding(_))),
        FrameBound::Following(_) => matches!(end, None | Some(FrameBound::Preceding(_) | FrameBound::CurrentRow)),
        _ => false,
    };
    !backwards
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
