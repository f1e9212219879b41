//! SELECT and VALUES, alone and combined.

use super::{Keyword, Parsed, Parser, TokenKind};
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
    pub(super) fn select(&mut self) -> Parsed<Box<Select>> {
        let start = self.start();
        let with = self.with()?;
        self.select_behind(start, with)
    }

    /// The rest of a query whose WITH has been read.
    pub(super) fn select_behind(&mut self, start: usize, with: Option<With>) -> Parsed<Box<Select>> {
        self.enter()?;
        let outer = std::mem::take(&mut self.tallest);
        let outer_deepest = std::mem::take(&mut self.deepest);
        let outer_below = std::mem::take(&mut self.below);
        let body = SelectBody { first: self.select_core()?, compounds: Vec::new() };
        let mut select = Box::new(Select { span: Span::default(), with, body, order_by: Vec::new(), limit: None });
        self.select_tail(&mut select)?;
        select.span = self.span_from(start);
        self.height = self.tallest;
        self.tallest = outer.max(self.height);
        self.below = outer_below.max(self.deepest);
        self.deepest = outer_deepest;
        self.leave();
        Ok(select)
    }

    /// The compound operators, ORDER BY and LIMIT. Each part of a compound may have the latter two as far as the grammar
    /// goes; those of all but the last are then refused.
    fn select_tail(&mut self, select: &mut Select) -> Parsed<()> {
        let mut core = &select.body.first;
        let mut misplaced = None;
        loop {
            // VALUES takes neither.
            if let SelectCoreKind::Select(_) = core.kind {
                select.order_by = self.order_by()?;
                select.limit = self.limit()?;
            } else {
                (select.order_by, select.limit) = (Vec::new(), None);
            }
            let Some((operator, span)) = self.compound_operator() else { break };
            if let Some((clause, at)) = tail_clause(&select.order_by, &select.limit) {
                let operator = operator_name(operator);
                misplaced = Some((format!("{clause} clause should come after {operator} not before"), at));
            }
            let next = self.select_core()?;
            select.body.compounds.push(Compound { span, operator, core: next });
            core = &select.body.compounds[select.body.compounds.len() - 1].core;
        }
        if let Some((message, span)) = misplaced {
            return self.invalid(span, message);
        }
        if let Some(over) = select.body.compounds.get(MAX_COMPOUND - 1) {
            return self.invalid(over.span, "too many terms in compound SELECT");
        }
        Ok(())
    }

    fn compound_operator(&mut self) -> Option<(CompoundOperator, Span)> {
        let start = self.start();
        let mut operator = match self.token().keyword {
            Keyword::Union => CompoundOperator::Union,
            Keyword::Except => CompoundOperator::Except,
            Keyword::Intersect => CompoundOperator::Intersect,
            _ => return None,
        };
        self.advance();
        if operator == CompoundOperator::Union && self.eat_keyword(Keyword::All).is_some() {
            operator = CompoundOperator::UnionAll;
        }
        Some((operator, self.span_from(start)))
    }

    /// One SELECT or VALUES, without ORDER BY and LIMIT.
    fn select_core(&mut self) -> Parsed<SelectCore> {
        let start = self.start();
        let kind = if self.eat_keyword(Keyword::Values).is_some() {
            SelectCoreKind::Values(self.list(Self::values_row)?)
        } else {
            SelectCoreKind::Select(self.simple_select()?)
        };
        Ok(SelectCore { span: self.span_from(start), kind })
    }

    fn values_row(&mut self) -> Parsed<ValuesRow> {
        let start = self.start();
        let values = self.parenthesized(Self::expression)?;
        self.check_row(&values)?;
        Ok(ValuesRow { span: self.span_from(start), values })
    }

    fn simple_select(&mut self) -> Parsed<Box<SimpleSelect>> {
        self.expect_keyword(Keyword::Select)?;
        let distinct = match self.token().keyword {
            Keyword::Distinct => Some(Distinct::Distinct),
            Keyword::All => Some(Distinct::All),
            _ => None,
        };
        if distinct.is_some() {
            self.advance();
        }
        let mut select = Box::new(SimpleSelect {
            distinct,
            columns: self.list(Self::result_column)?,
            from: None,
            where_clause: None,
            group_by: Vec::new(),
            having: None,
            windows: Vec::new(),
        });
        self.check_results(&select.columns)?;
        select.from = self.tables()?;
        self.filters(&mut select)?;
        Ok(select)
    }

    /// What may follow FROM.
    fn filters(&mut self, select: &mut SimpleSelect) -> Parsed<()> {
        select.where_clause = self.where_clause()?;
        if self.eat_keyword(Keyword::Group).is_some() {
            self.expect_keyword(Keyword::By)?;
            select.group_by = self.some_expressions()?;
            self.check_group_by(&select.group_by)?;
        }
        if self.eat_keyword(Keyword::Having).is_some() {
            select.having = Some(self.expression()?);
        }
        if self.eat_keyword(Keyword::Window).is_some() {
            select.windows = self.list(Self::named_window)?;
        }
        Ok(())
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
        let terms = self.list(Self::order_term)?;
        self.check_order_by(&[], &terms)?;
        Ok(terms)
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
        self.enter()?;
        let select = self.select()?;
        self.leave();
        self.expect(TokenKind::RightParen)?;
        Ok(CommonTable { span: self.span_from(start), name, columns, materialized, select })
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
