//! Bare columns: those of an aggregate query that neither GROUP BY names nor an aggregate function holds.
//!
//! SQLite takes them from one row of the group: the row of min() or max() where there is one, else the first row it
//! visits. Here each becomes `(array_agg(column ORDER BY ...))[1]`, with that row in front.
//! <https://sqlite.org/lang_select.html#bare_columns_in_an_aggregate_query>

use std::mem::discriminant;

use super::ast::*;
use super::edits::Piece;
use super::grouping::{Grouping, Key};
use super::names::{fold, identifier};
use super::order::{column_number, is_constant, peel_collate};
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::scope::{Meaning, Source, SourceColumn};
use super::types::{Collation, Type};
use crate::syntax::{self, Span, TokenKind};

/// Where PostgreSQL keeps a row.
const PLACE: &str = "ctid";

impl Pass<'_> {
    /// What was read into the innermost scope is the FROM of this query: says how it groups, if it does.
    pub fn grouping(&mut self, simple: &SimpleSelect, order_by: &[OrderTerm]) -> Result<bool> {
        let result = simple.columns.iter().filter_map(|column| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => Some(expr),
            _ => None,
        });
        // In the order in which SQLite meets them: of several min() and max() the last one chooses the row.
        let read: Vec<&Expr> = result.chain(order_by.iter().map(|term| &term.expr)).chain(&simple.having).collect();
        if simple.group_by.is_empty() && !read.iter().any(|expr| has_aggregate(expr)) {
            return Ok(false);
        }
        let mut grouping = Grouping { reads_all: simple.where_clause.is_none(), ..Grouping::default() };
        for term in &simple.group_by {
            self.group_term(&mut grouping, term, simple);
        }
        let sources = self.scopes.last().map_or(&[][..], |scope| scope.sources.as_slice());
        for source in sources {
            let key = source.primary_key();
            let grouped =
                |key: &String| grouping.columns.iter().any(|(table, name)| *table == source.printed && **name == **key);
            if !key.is_empty() && key.iter().all(grouped) {
                grouping.determined.push(source.printed.clone());
            }
        }
        let keys = self.keys();
        let mut calls = Vec::new();
        read.iter().for_each(|expr| aggregate_calls(expr, &mut calls));
        let is_extreme = |call: &&Call| ["min", "max"].iter().any(|name| call.name.text.eq_ignore_ascii_case(name));
        match calls.into_iter().rfind(is_extreme) {
            Some(call) => grouping.order = self.extreme_row(call, &keys)?,
            None => {
                if let [(table, name)] = keys.as_slice()
                    && sources.len() == 1
                {
                    grouping.first_by = Some((table.clone(), name.clone()));
                }
                grouping.order = key_order(&keys);
            }
        }
        self.scope().grouping = Some(grouping);
        Ok(true)
    }

    /// DISTINCT as GROUP BY, where PostgreSQL's DISTINCT cannot say it: ORDER BY asks for more than the result, or NOCASE
    /// takes several spellings for one.
    pub fn distinct_grouping(&mut self, simple: &SimpleSelect, span: Span, order_by: &[OrderTerm]) -> Result<bool> {
        let Some(scope) = self.scopes.last() else { return Ok(false) };
        if simple.distinct != Some(Distinct::Distinct) || simple.columns.is_empty() {
            return Ok(false);
        }
        let collates = scope.sources.iter().flat_map(Source::columns).any(|column| is_collated(&column))
            || self.source(span).to_ascii_lowercase().contains("collate");
        let asks_for_more = order_by.iter().any(|term| {
            !self.is_result(&term.expr, simple) || self.is_by_class(&term.expr, simple) || is_folded(&term.expr)
        });
        if !collates && !asks_for_more {
            return Ok(false);
        }
        let mut grouping = Grouping::default();
        let mut terms: Vec<Piece> = Vec::new();
        let mut is_collated_result = false;
        for column in &simple.columns {
            let table = match &column.kind {
                ResultColumnKind::Expr { expr, .. } => {
                    let typed = self.scratch().value(expr)?;
                    if !terms.is_empty() {
                        terms.push(", ".into());
                    }
                    if typed.collation != Collation::Binary && typed.ty == Type::Text {
                        is_collated_result = true;
                        terms.extend(folded(typed.collation, vec![Piece::Plain(expr.span)]));
                        continue;
                    }
                    match &peel(expr).kind {
                        ExprKind::Column { table, column, .. } => {
                            if let Ok(Meaning::Column { source, name, .. }) =
                                self.lookup(table.as_ref(), column, expr.span)
                            {
                                grouping.columns.push((source, name));
                            }
                        }
                        _ => grouping.expressions.push((discriminant(&expr.kind), self.words(expr.span))),
                    }
                    if is_constant(expr, &typed) {
                        terms.push("(SELECT 1)".into());
                    } else {
                        terms.push(Piece::Plain(expr.span));
                    }
                    continue;
                }
                ResultColumnKind::TableStar(table) => Some(&*table.text),
                ResultColumnKind::Star => None,
            };
            let sources = self.scopes.last().map_or(&[][..], |scope| scope.sources.as_slice());
            for source in sources {
                if table.is_some_and(|table| !source.name.eq_ignore_ascii_case(table)) {
                    continue;
                }
                for offered in source.columns().filter(|offered| table.is_some() || !offered.merged) {
                    if !terms.is_empty() {
                        terms.push(", ".into());
                    }
                    let written = format!("{}.{}", source.printed, identifier(&offered.name));
                    if is_collated(&offered) {
                        is_collated_result = true;
                        terms.extend(folded(offered.typed.collation, vec![written.into()]));
                    } else {
                        grouping.columns.push((source.printed.clone(), offered.name.clone()));
                        terms.push(written.into());
                    }
                }
            }
        }
        if !is_collated_result && !asks_for_more {
            return Ok(false);
        }
        if !simple.windows.is_empty() || simple.columns.iter().any(holds_window) {
            return refuse(
                "DISTINCT with window functions, by NOCASE or ordered by what is no result",
                span,
                "put the window functions into a subquery in FROM",
            );
        }
        let keys = self.keys();
        grouping.order = key_order(&keys);
        // SQLite goes backwards through the table where ORDER BY wants its key so.
        if let ([(table, name)], Some(term)) = (keys.as_slice(), order_by.first())
            && term.order == Some(SortOrder::Desc)
            && let ExprKind::Column { table: named, column, .. } = &peel(&term.expr).kind
            && let Ok(Meaning::Column { source, name: ordered, .. }) =
                self.lookup(named.as_ref(), column, term.expr.span)
            && source == *table
            && ordered == *name
        {
            grouping.order.push(" DESC".into());
        }
        self.note(&rules::select::DISTINCT_BY_GROUP, span);
        self.drop_distinct(span);
        let last = match (&simple.where_clause, &simple.from) {
            (Some(condition), _) => condition.span,
            (None, Some(from)) => from.span,
            (None, None) => simple.columns[simple.columns.len() - 1].span,
        };
        // The condition has not been looked at yet, and may become another one.
        self.edits.append(last, std::iter::once(" GROUP BY ".into()).chain(terms));
        self.scope().grouping = Some(grouping);
        Ok(true)
    }

    /// Takes the word DISTINCT out of a query.
    pub fn drop_distinct(&mut self, query: Span) {
        let word = syntax::tokens_from(self.sql, query.start)
            .filter(|token| token.kind == TokenKind::Word)
            .nth(1)
            .map_or(query, |token| token.span);
        let has_blank = self.sql.as_bytes().get(word.end).is_some_and(u8::is_ascii_whitespace);
        self.edits.delete(Span { start: word.start, end: word.end + usize::from(has_blank) });
    }

    /// Whether ORDER BY sorts a JSON value, which takes more than the result itself: [`Pass::order_by_class`].
    fn is_by_class(&self, term: &Expr, simple: &SimpleSelect) -> bool {
        let expr = peel(peel_collate(peel(term)));
        let of_result = |column: &ResultColumn| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => Some(expr.clone()),
            _ => None,
        };
        let is_called = |column: &&ResultColumn| match (&column.kind, &expr.kind) {
            (
                ResultColumnKind::Expr { alias: Some(alias), .. },
                ExprKind::Column { schema: None, table: None, column },
            ) => fold(&alias.text) == fold(&column.text),
            _ => false,
        };
        let named = match column_number(term) {
            Some((number, ..)) => {
                let index = self.source(number.span).parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                index.and_then(|index| simple.columns.get(index))
            }
            None => simple.columns.iter().find(is_called),
        };
        let sorted = named.and_then(of_result);
        let typed = self.scratch().value(sorted.as_ref().unwrap_or(expr));
        typed.is_ok_and(|typed| typed.ty == Type::Json)
    }

    /// Whether an ORDER BY term is one of the result columns.
    fn is_result(&self, term: &Expr, simple: &SimpleSelect) -> bool {
        let expr = peel(peel_collate(peel(term)));
        if column_number(term).is_some() {
            return true;
        }
        let meaning = |expr: &Expr| match &peel(expr).kind {
            ExprKind::Column { table, column, .. } => match self.lookup(table.as_ref(), column, expr.span) {
                Ok(Meaning::Column { source, name, .. }) => Some((source, name)),
                _ => None,
            },
            _ => None,
        };
        let named = meaning(expr);
        simple.columns.iter().any(|column| match &column.kind {
            ResultColumnKind::Expr { expr: result, alias } => {
                let is_alias = |alias: &Name| match &expr.kind {
                    ExprKind::Column { table: None, column, .. } => fold(&alias.text) == fold(&column.text),
                    _ => false,
                };
                alias.as_ref().is_some_and(is_alias)
                    || named.is_some() && named == meaning(result)
                    || self.words(expr.span) == self.words(peel(result).span)
            }
            ResultColumnKind::Star => named.is_some(),
            ResultColumnKind::TableStar(table) => {
                named.as_ref().is_some_and(|(source, _)| **source == *identifier(&fold(&table.text)))
            }
        })
    }

    /// The columns in whose order SQLite visits the rows, unless it takes another index.
    pub fn keys(&self) -> Vec<Key> {
        // Without a rowid the rows stand as they were inserted, as long as none was changed.
        let of = |source: &Source| match source.rowid() {
            Some(rowid) => Some((source.printed.clone(), rowid)),
            None => source.is_table.then(|| (source.printed.clone(), PLACE.into())),
        };
        self.scopes.last().map_or(Vec::new(), |scope| scope.sources.iter().filter_map(of).collect())
    }

    /// min() and max() where PostgreSQL has none of that order: the first of all values.
    pub fn first_value(&mut self, expr: &Expr, call: &Call, collation: Collation) -> Result<()> {
        if call.over.is_some() {
            return refuse(
                format!("{}() over a window, of a blob or by NOCASE", call.name.text),
                expr.span,
                "use a subquery with ORDER BY and LIMIT 1",
            );
        }
        let argument = call.arguments[0].span;
        let mut order = folded(collation, vec![argument.into()]);
        let greatest = fold(&call.name.text) == "max";
        order.push(if greatest { " DESC NULLS LAST".into() } else { " NULLS LAST".into() });
        for piece in key_order(&self.keys()) {
            order.extend([", ".into(), piece]);
        }
        let mut pieces: Vec<Piece> = vec!["(array_agg(".into(), argument.into(), " ORDER BY ".into()];
        pieces.extend(order);
        pieces.push(")".into());
        if let Some(filter) = &call.filter {
            pieces.extend([" FILTER (WHERE ".into(), filter.span.into(), ")".into()]);
        }
        // What a function gives has no column's collation.
        pieces.push(if collation == Collation::Binary { ")[1]" } else { ")[1] COLLATE \"C\")" }.into());
        if collation != Collation::Binary {
            pieces.insert(0, "(".into());
        }
        self.edits.replace(expr.span, pieces);
        Ok(())
    }

    /// The ORDER BY that puts the row of the smallest or largest value first, NULLs behind all others.
    fn extreme_row(&mut self, call: &Call, keys: &[Key]) -> Result<Vec<Piece>> {
        let argument = &call.arguments[0];
        let mut typed = self.scratch().value(argument)?;
        let greatest = fold(&call.name.text) == "max";
        let mut value: Vec<Piece> = vec![argument.span.into()];
        if typed.collation != Collation::Binary && typed.ty == Type::Text {
            value = folded(typed.collation, value);
        }
        let mut order: Vec<Piece> = Vec::new();
        if let Some(filter) = &call.filter {
            value =
                [vec!["CASE WHEN ".into(), filter.span.into(), " THEN ".into()], value, vec![" END".into()]].concat();
            typed.nullable = true;
        }
        order.extend(value.clone());
        order.push(if greatest { " DESC NULLS LAST".into() } else { " NULLS LAST".into() });
        // Of rows that are NULL there SQLite keeps the last; of several filtered away, the first.
        if let (true, [(table, name)]) = (typed.nullable, keys)
            && **name != *PLACE
        {
            let key = format!("{table}.{}", identifier(name));
            if let Some(filter) = &call.filter {
                order.extend([", coalesce(".into(), filter.span.into(), ", false) DESC, CASE WHEN ".into()]);
                order.extend([filter.span.into(), " AND (".into(), argument.span.into()]);
            } else {
                order.extend([", CASE WHEN (".into(), argument.span.into()]);
            }
            order.push(format!(") IS NULL THEN ~{key} ELSE {key} END").into());
        } else {
            for piece in key_order(keys) {
                order.extend([", ".into(), piece]);
            }
        }
        Ok(order)
    }

    fn group_term(&self, grouping: &mut Grouping, term: &Expr, simple: &SimpleSelect) {
        let mut expr = peel(term);
        if let Some((number, collation, _)) = column_number(term) {
            // By a collation the group has several spellings.
            let Some(named) = self.numbered(simple, number).filter(|_| collation.is_none()) else { return };
            expr = peel(named);
        }
        // A name of a result column, where no column has it.
        if let ExprKind::Column { schema: None, table: None, column } = &expr.kind
            && !self.names_a_column(expr)
            && let Some(aliased) = simple.columns.iter().find_map(|result| match &result.kind {
                ResultColumnKind::Expr { expr, alias: Some(alias) } if fold(&alias.text) == fold(&column.text) => {
                    Some(expr)
                }
                _ => None,
            })
        {
            expr = peel(aliased);
        }
        if let ExprKind::Column { table, column, .. } = &expr.kind {
            match self.lookup(table.as_ref(), column, expr.span) {
                // By NOCASE the group has several spellings.
                Ok(Meaning::Column { source, name, typed, .. }) => {
                    if typed.collation == Collation::Binary {
                        grouping.columns.push((source, name));
                    }
                    return;
                }
                _ => return,
            }
        }
        if !matches!(expr.kind, ExprKind::Collate { .. }) {
            grouping.expressions.push((discriminant(&expr.kind), self.words(expr.span)));
        }
    }

    /// The result column that a number in GROUP BY means.
    pub fn numbered<'s>(&self, simple: &'s SimpleSelect, number: &Expr) -> Option<&'s Expr> {
        let index = self.source(number.span).parse::<usize>().ok()?.checked_sub(1)?;
        let before = simple.columns.get(..=index)?;
        let mut plain = before.iter().map(|column| match &column.kind {
            ResultColumnKind::Expr { expr, .. } => Some(expr),
            _ => None,
        });
        if plain.clone().any(|expr| expr.is_none()) { None } else { plain.nth(index).flatten() }
    }

    /// Whether the query groups by this whole expression.
    pub fn is_grouped(&self, expr: &Expr) -> bool {
        let Some(grouping) = self.scopes.last().and_then(|scope| scope.grouping.as_ref()) else { return false };
        let kind = discriminant(&expr.kind);
        let mut alike = grouping.expressions.iter().filter(|(grouped, _)| grouping.open && *grouped == kind);
        alike.any(|(_, grouped)| self.has_words(expr.span, grouped))
    }

    /// Whether what is written as a plain column is computed: one of a group's chosen row, a full text table's rank.
    pub fn is_computed(&self, expr: &Expr) -> bool {
        let ExprKind::Column { table, column, .. } = &peel(expr).kind else { return false };
        matches!(
            self.lookup(table.as_ref(), column, expr.span),
            Ok(Meaning::Column { pick: Some(_), .. } | Meaning::Rank)
        )
    }

    /// The words of an expression, comparable with those of another one.
    pub fn words(&self, span: Span) -> String {
        let mut words = String::new();
        for token in syntax::tokens(self.source(span)) {
            let text = token.span.text(self.source(span));
            match token.kind {
                TokenKind::Blank | TokenKind::LineComment | TokenKind::BlockComment => continue,
                TokenKind::Word => words.push_str(&text.to_ascii_lowercase()),
                // Each `?` is a parameter of its own.
                TokenKind::Placeholder if text == "?" => words.push_str(&format!("?{}", span.start + token.span.start)),
                _ => words.push_str(text),
            }
            words.push(' ');
        }
        words
    }

    /// Whether these are the [`words`](Self::words) of an expression.
    fn has_words(&self, span: Span, words: &str) -> bool {
        let mut rest = words;
        for token in syntax::tokens(self.source(span)) {
            let text = token.span.text(self.source(span));
            let behind = match token.kind {
                TokenKind::Blank | TokenKind::LineComment | TokenKind::BlockComment => continue,
                TokenKind::Word => rest
                    .split_at_checked(text.len())
                    .and_then(|(word, behind)| word.eq_ignore_ascii_case(text).then_some(behind)),
                TokenKind::Placeholder if text == "?" => {
                    rest.strip_prefix(&*format!("?{}", span.start + token.span.start))
                }
                _ => rest.strip_prefix(text),
            };
            match behind.and_then(|behind| behind.strip_prefix(' ')) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Closes the grouping of the innermost query, as inside its aggregate functions; gives what it was.
    pub fn close_grouping(&mut self) -> bool {
        let grouping = self.scopes.last_mut().and_then(|scope| scope.grouping.as_mut());
        grouping.is_some_and(|grouping| std::mem::replace(&mut grouping.open, false))
    }

    pub fn open_grouping(&mut self, open: bool) {
        if let Some(grouping) = self.scopes.last_mut().and_then(|scope| scope.grouping.as_mut()) {
            grouping.open = open;
        }
    }

    /// The column of the chosen row.
    pub fn pick(&mut self, span: Span, order: Vec<Piece>) {
        self.note(&rules::select::BARE_COLUMN, span);
        self.edits.pick(span, picked(span.into(), order));
    }
}

/// `(array_agg(column ORDER BY order))[1]`
pub(crate) fn picked(column: Piece, order: Vec<Piece>) -> Vec<Piece> {
    if order == ["min".into()] {
        return vec!["min(".into(), column, ")".into()];
    }
    let mut pieces: Vec<Piece> = vec!["(array_agg(".into(), column];
    if !order.is_empty() {
        pieces.push(" ORDER BY ".into());
        pieces.extend(order);
    }
    pieces.push("))[1]".into());
    pieces
}

/// Text as a collation sees it.
pub(crate) fn folded(collation: Collation, text: Vec<Piece>) -> Vec<Piece> {
    match folding_words(collation) {
        Some((before, after)) => [vec![before.into()], text, vec![after.into()]].concat(),
        None => text,
    }
}

/// What stands around text so that it is as a collation sees it.
pub(crate) fn folding_words(collation: Collation) -> Option<(&'static str, &'static str)> {
    match collation {
        Collation::Binary => None,
        Collation::NoCase => Some(("lower((", ") COLLATE \"C\")")),
        Collation::RTrim => Some(("rtrim((", ") COLLATE \"C\")")),
    }
}

fn key_order(keys: &[Key]) -> Vec<Piece> {
    let names: Vec<String> = keys.iter().map(|(table, name)| format!("{table}.{}", identifier(name))).collect();
    if names.is_empty() { Vec::new() } else { vec![names.join(", ").into()] }
}

fn is_collated(column: &SourceColumn) -> bool {
    column.typed.collation != Collation::Binary && column.typed.ty == Type::Text
}

/// Whether a result column has a function over a window.
pub(crate) fn holds_window(column: &ResultColumn) -> bool {
    fn holds(expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Call(call) if call.over.is_some()) || expr.children().into_iter().any(holds)
    }
    matches!(&column.kind, ResultColumnKind::Expr { expr, .. } if holds(expr))
}

/// Whether a term of ORDER BY sorts by NOCASE or RTRIM where it stands.
fn is_folded(term: &Expr) -> bool {
    match &peel(term).kind {
        ExprKind::Collate { collation, .. } => !collation.text.eq_ignore_ascii_case("binary"),
        _ => false,
    }
}

/// Whether a result column has an aggregate.
pub(crate) fn aggregates(select: &SimpleSelect) -> bool {
    let mut columns = select.columns.iter();
    columns.any(|column| matches!(&column.kind, ResultColumnKind::Expr { expr, .. } if has_aggregate(expr)))
}

/// Whether it holds an aggregate function of this query.
pub(crate) fn has_aggregate(expr: &Expr) -> bool {
    is_aggregate_call(expr) || expr.children().into_iter().any(has_aggregate)
}

/// Whether it names a column outside of all aggregates.
pub(crate) fn has_bare_column(expr: &Expr) -> bool {
    match expr.kind {
        ExprKind::Column { .. } => true,
        _ => !is_aggregate_call(expr) && expr.children().into_iter().any(has_bare_column),
    }
}

fn is_aggregate_call(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if call.over.is_none()
        && super::calls::is_aggregate(&call.name.text, call.arguments.len()))
}

/// The calls of aggregate functions of this query, in the order in which they stand.
pub(crate) fn aggregate_calls<'e>(expr: &'e Expr, found: &mut Vec<&'e Call>) {
    match &expr.kind {
        ExprKind::Call(call) if is_aggregate_call(expr) => found.push(call),
        _ => expr.children().into_iter().for_each(|child| aggregate_calls(child, found)),
    }
}
