//! ORDER BY, windows and LIMIT.

use super::SlotContext;
use super::ast::*;
use super::catalog::ColumnType;
use super::compound::sort_key;
use super::edits::Piece;
use super::names::{fold, identifier};
use super::pass::{Pass, Result, peel, sqlite_error};
use super::rules;
use super::types::Columns;
use super::types::{Collation, Constant, Type, Typed, integral, number_in_text};
use crate::syntax::Span;

impl Pass<'_> {
    /// The columns that ORDER BY over a compound SELECT names, and by which collations: its terms are result columns, by
    /// number, by name, or in an arm's words.
    pub fn compound_terms<'s>(
        &mut self,
        select: &'s Select,
        columns: &Columns,
    ) -> Result<Vec<(&'s OrderTerm, usize, Collation)>> {
        let mut found = Vec::new();
        for (number, term) in select.order_by.iter().enumerate() {
            let expr = match column_number(&term.expr) {
                Some((number, _, false)) => number,
                _ => peel(peel_collate(peel(&term.expr))),
            };
            let index = match &expr.kind {
                ExprKind::Integer => {
                    self.ordinal(expr, columns, number + 1, "ORDER")?;
                    self.source(expr.span).parse().ok().and_then(|number: usize| number.checked_sub(1))
                }
                _ => self.compound_column(expr, select, columns),
            };
            let Some(index) = index.filter(|index| *index < columns.len()) else {
                return sqlite_error(
                    format!("{} ORDER BY term does not match any column in the result set", ordinal_word(number + 1)),
                    term.span,
                    None,
                );
            };
            let typed = &columns[index].1;
            let collation = match &peel(&term.expr).kind {
                ExprKind::Collate { collation, .. } => super::expression::collation_named(collation)?,
                _ => typed.collation,
            };
            let is_collated = matches!(typed.ty, Type::Text | Type::Any | Type::Json);
            found.push((term, index, if is_collated { collation } else { Collation::Binary }));
        }
        Ok(found)
    }

    /// ORDER BY over a compound SELECT.
    pub fn compound_order(&mut self, select: &Select, columns: &mut Columns) -> Result<()> {
        let found = self.compound_terms(select, columns)?;
        let has_own_order =
            |index: usize, collation| collation == Collation::Binary && columns[index].1.ty != Type::Json;
        let collated = !found.iter().all(|(_, index, collation)| has_own_order(*index, *collation));
        let shown: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        if collated {
            // PostgreSQL orders a compound by its columns alone, so what is more than that is ordered around it.
            super::from::rename_twins(columns);
            let body = Span { start: select.body.first.span.start, end: last_arm(select).end };
            let alias = self.generated_name();
            let list = super::from::column_list(columns);
            self.edits.wrap(body, "SELECT * FROM (", format!(") AS {alias}{list}"));
        }
        for (term, index, collation) in found {
            let (name, typed) = columns[index].clone();
            if collated {
                let key = sort_key(&identifier(&fold(&name)), &Typed { collation, ..typed.clone() }, term.span)?;
                self.edits.replace_text(term.expr.span, key);
            } else {
                // By its number: PostgreSQL has another name for what stands in a function of ours, and of several none.
                self.edits.replace_text(term.expr.span, (index + 1).to_string());
            }
            self.null_order(term, &typed);
        }
        for (column, name) in columns.iter_mut().zip(shown) {
            column.0 = name;
        }
        Ok(())
    }

    /// The column of a compound SELECT that an ORDER BY term names, or whose expression it repeats.
    fn compound_column(&self, expr: &Expr, select: &Select, columns: &Columns) -> Option<usize> {
        if let ExprKind::Column { schema: None, table: None, column } = &expr.kind
            && let Some(index) = columns.iter().position(|(name, _)| name.eq_ignore_ascii_case(&column.text))
        {
            return Some(index);
        }
        let words = self.words(expr.span);
        let arms = std::iter::once(&select.body.first).chain(select.body.compounds.iter().map(|part| &part.core));
        arms.filter_map(|core| match &core.kind {
            SelectCoreKind::Select(simple) => Some(simple),
            SelectCoreKind::Values(_) => None,
        })
        .find_map(|simple| {
            let named = simple.columns.iter().map(|column| match &column.kind {
                ResultColumnKind::Expr { expr, alias } => Some((expr, alias)),
                _ => None,
            });
            named.clone().all(|column| column.is_some()).then_some(())?;
            named.flatten().position(|(result, alias)| {
                let is_alias = |alias: &Name| match &expr.kind {
                    ExprKind::Column { table: None, column, .. } => fold(&alias.text) == fold(&column.text),
                    _ => false,
                };
                alias.as_ref().is_some_and(is_alias) || self.words(peel(result).span) == words
            })
        })
    }

    /// The column that a term of ORDER BY or GROUP BY, counted from 1, says the number of.
    pub fn ordinal(&mut self, term: &Expr, columns: &Columns, count: usize, clause: &str) -> Result<Typed> {
        let number: usize = self.source(term.span).parse().unwrap_or(0);
        match number.checked_sub(1).and_then(|index| columns.get(index)) {
            Some((_, typed)) => Ok(typed.clone()),
            None => out_of_range(term, columns, count, clause),
        }
    }

    /// A term of ORDER BY or GROUP BY, and the number alone of one that is a column's with a sign, in parentheses or under COLLATE:
    /// to PostgreSQL these are values.
    pub fn bare_term<'t>(
        &mut self,
        term: &'t Expr,
        columns: &Columns,
        count: usize,
        clause: &str,
    ) -> Result<(&'t Expr, Option<Collation>)> {
        let Some((number, collation, is_negative)) = column_number(term).filter(|found| found.0.span != term.span)
        else {
            return Ok((term, None));
        };
        if is_negative {
            return out_of_range(term, columns, count, clause);
        }
        self.edits.replace(term.span, [number.span.into()]);
        Ok((number, collation.map(super::expression::collation_named).transpose()?))
    }

    /// One term of ORDER BY; `columns` are there, with the term's own number, when a bare number or alias may name one.
    pub fn order_term(&mut self, term: &OrderTerm, columns: Option<(usize, &Columns)>) -> Result<()> {
        let Some((count, named)) = columns else { return self.order_by(term, columns, None) };
        let (number, collation) = self.bare_term(&term.expr, named, count, "ORDER")?;
        if number.span == term.expr.span {
            return self.order_by(term, columns, None);
        }
        self.order_by(&OrderTerm { expr: number.clone(), ..term.clone() }, columns, collation)
    }

    fn order_by(
        &mut self,
        term: &OrderTerm,
        columns: Option<(usize, &Columns)>,
        collation: Option<Collation>,
    ) -> Result<()> {
        let twin = columns.and_then(|(_, columns)| self.twin_result(&term.expr, columns));
        let by_result = columns.is_some() && self.alias_of(collated_name(&term.expr)).is_some();
        let shadowed = columns.filter(|_| !by_result).and_then(|(_, columns)| shadowed(&term.expr, columns));
        let is_merged = shadowed.is_some_and(|column| self.is_merged(column));
        let mut typed = if shadowed.is_some() && !is_merged {
            let qualify = std::mem::replace(&mut self.scope().qualify, true);
            let typed = self.ordered_value(term, columns, collation, twin);
            self.scope().qualify = qualify;
            typed?
        } else if by_result {
            self.scope().aliases_first = true;
            let typed = self.ordered_value(term, columns, collation, twin);
            self.scope().aliases_first = false;
            self.only_named(&term.expr, typed?)
        } else {
            // In VALUES there is no scope.
            self.ordered_value(term, columns, collation, twin)?
        };
        if is_merged && !matches!(term.expr.kind, ExprKind::Column { .. }) {
            self.edits.wrap(term.expr.span, "coalesce(", ")");
        }
        if self.scopes.last().is_some_and(|scope| scope.distinct) {
            self.by_row(&mut typed);
        }
        let mut ordinal = (matches!(term.expr.kind, ExprKind::Integer) || twin.is_some()) && columns.is_some();
        let numbered = |pass: &Self| match twin {
            Some(twin) => pass.result_at(twin),
            None => pass.numbered_result(&term.expr),
        };
        let by_expression = typed.ty == Type::Text && (typed.collation != Collation::Binary || !typed.from_column)
            || ordinal && self.is_bound(&typed) && typed.shown.is_none()
            || typed.ty == Type::Any && typed.collation != Collation::Binary;
        if ordinal
            && by_expression
            && let Some(pieces) = numbered(self)
        {
            // A number cannot be wrapped in PostgreSQL's ORDER BY; its expression can.
            self.edits.replace(term.expr.span, [vec!["(".into()], pieces, vec![")".into()]].concat());
            ordinal = false;
        }
        if typed.ty == Type::Json {
            let numbered = if ordinal { numbered(self) } else { None };
            self.order_by_class(term, numbered, typed.collation);
            return Ok(());
        }
        if !ordinal && self.constant_term(&term.expr, &typed) {
            return Ok(());
        }
        if typed.collation != Collation::Binary && !ordinal {
            let collation = typed.collation;
            self.fold_for(collation, &term.expr, &mut typed);
        } else if typed.ty == Type::Text && !typed.from_column && typed.constant.is_none() && !ordinal {
            self.fired.rule(&rules::comparisons::COLLATION);
            let mut copy = typed.clone();
            self.suffix(&term.expr, &mut copy, " COLLATE \"C\"");
        } else if self.is_bound(&typed) && !ordinal && self.is_of_parameters(&term.expr, &typed) {
            let mut copy = typed.clone();
            self.by_bytes(&term.expr, &mut copy);
        }
        self.null_order(term, &typed);
        Ok(())
    }

    /// A result by its number, where its collation is the one of its column: `(a)` would be the result called `a` to PostgreSQL.
    fn only_named(&mut self, term: &Expr, typed: Typed) -> Typed {
        let Some(alias) = self.alias_of(collated_name(term)) else { return typed };
        let is_plain = typed.collation == Collation::Binary
            && alias.typed.collation == Collation::Binary
            && (typed.ty != Type::Text || typed.from_column)
            && typed.ty != Type::Json
            && !self.is_bound(&typed);
        let results = self.scopes.last().map_or(&[][..], |scope| &scope.results);
        if let Some(at) = results.iter().position(|made| *made == [alias.expr.into()]).filter(|_| is_plain) {
            self.edits.replace_text(term.span, (at + 1).to_string());
        }
        typed
    }

    /// Of the class that is bound, in an expression that may give another value for each row; DISTINCT has looked after its results.
    fn is_bound(&self, typed: &Typed) -> bool {
        typed.ty == Type::Unknown
            && typed.placeholder.is_none()
            && !typed.from_column
            && !self.scopes.last().is_some_and(|scope| scope.distinct)
    }

    /// Values of any class: numbers before text, which jsonb has the other way around and sorts by the database's collation.
    fn order_by_class(&mut self, term: &OrderTerm, numbered: Option<Vec<Piece>>, collation: Collation) {
        let value = match (numbered, self.alias_of(&term.expr)) {
            (Some(pieces), _) => pieces,
            (None, Some(alias)) => vec![alias.expr.into()],
            (None, None) => vec![term.expr.span.into()],
        };
        let descending = term.order == Some(SortOrder::Desc);
        let last = match term.nulls {
            Some(NullOrder::First) => false,
            Some(NullOrder::Last) => true,
            None => descending,
        };
        let direction = match (descending, last) {
            (false, false) => " NULLS FIRST",
            (false, true) => " NULLS LAST",
            (true, false) => " DESC NULLS FIRST",
            (true, true) => " DESC NULLS LAST",
        };
        let mut pieces: Vec<Piece> = Vec::new();
        let text = match collation {
            Collation::Binary => ("(sqlift.class_text(", ") COLLATE \"C\")"),
            Collation::NoCase => ("lower(sqlift.class_text(", ") COLLATE \"C\")"),
            Collation::RTrim => ("rtrim(sqlift.class_text(", ") COLLATE \"C\")"),
        };
        for (function, after) in [("sqlift.class_rank(", ")"), ("sqlift.class_number(", ")"), text] {
            if !pieces.is_empty() {
                pieces.push(", ".into());
            }
            pieces.push(function.into());
            pieces.extend(value.clone());
            pieces.push(format!("{after}{direction}").into());
        }
        self.note(&rules::select::NULL_ORDER, term.span);
        self.edits.replace(term.span, pieces);
    }

    fn numbered_result(&self, number: &Expr) -> Option<Vec<Piece>> {
        let index = self.source(number.span).parse::<usize>().ok()?.checked_sub(1)?;
        self.result_at(index)
    }

    fn result_at(&self, index: usize) -> Option<Vec<Piece>> {
        self.scopes.last()?.results.get(index).cloned()
    }

    /// The result column that a bare name means, where PostgreSQL would not know which: another one has the name, or several
    /// tables do. SQLite takes the first one that is called so by AS or stands in a star.
    pub fn twin_result(&self, term: &Expr, columns: &Columns) -> Option<usize> {
        let ExprKind::Column { schema: None, table: None, column } = &term.kind else { return None };
        let scope = self.scopes.last()?;
        let mut named = (0..columns.len()).filter(|index| columns[*index].0.eq_ignore_ascii_case(&column.text));
        let is_name = |index: &usize| {
            let written = scope
                .aliases
                .iter()
                .any(|alias| scope.results.get(*index).is_some_and(|made| *made == [alias.expr.into()]));
            written || scope.starred.iter().any(|star| star.contains(index))
        };
        let several = named.clone().count() > 1
            || scope.sources.iter().filter(|source| source.column(&column.text).is_some()).count() > 1;
        if several { named.find(is_name) } else { None }
    }

    /// Whether several tables have the column, so that it is the one of USING.
    pub fn is_merged(&self, column: &Name) -> bool {
        let offers = |source: &&super::scope::Source| source.column(&column.text).is_some();
        self.scopes.last().is_some_and(|scope| scope.sources.iter().filter(offers).count() > 1)
    }

    /// What a term of ORDER BY orders by.
    fn ordered_value(
        &mut self,
        term: &OrderTerm,
        columns: Option<(usize, &Columns)>,
        collation: Option<Collation>,
        twin: Option<usize>,
    ) -> Result<Typed> {
        Ok(match (&term.expr.kind, columns) {
            (ExprKind::Integer, Some((count, columns))) => {
                let typed = self.ordinal(&term.expr, columns, count, "ORDER")?;
                Typed { collation: collation.unwrap_or(typed.collation), ..typed }
            }
            (_, Some((_, columns))) if twin.is_some() => {
                let index = twin.unwrap_or_default();
                self.note(&rules::select::TWIN_NAMES, term.expr.span);
                self.edits.replace_text(term.expr.span, (index + 1).to_string());
                columns[index].1.clone()
            }
            (ExprKind::Column { table: None, column, .. }, Some(_)) if self.alias_of(&term.expr).is_some() => {
                let typed = self.alias_of(&term.expr).expect("just seen").typed.clone();
                let folded = fold(&column.text);
                self.rename(column, &folded);
                if typed.collation != Collation::Binary
                    || !typed.from_column && typed.ty == Type::Text
                    || self.is_bound(&typed)
                {
                    // The alias cannot be wrapped in PostgreSQL's ORDER BY; its expression can.
                    let alias = self.alias_of(&term.expr).expect("just seen").clone();
                    self.edits.replace(term.expr.span, ["(".into(), alias.expr.into(), ")".into()]);
                }
                typed
            }
            (ExprKind::Column { table: None, column, .. }, Some(_)) => {
                let typed = self.expr(&term.expr)?;
                if self.is_merged(column) {
                    // A bare name is a result column's first to PostgreSQL; here it is the one of USING.
                    self.edits.wrap(term.expr.span, "coalesce(", ")");
                }
                typed
            }
            _ => self.expr(&term.expr)?,
        })
    }

    /// A constant among the terms of ORDER BY or GROUP BY, which PostgreSQL would take for a column's number, or refuse.
    pub fn constant_term(&mut self, term: &Expr, typed: &Typed) -> bool {
        let constant = is_constant(term, typed);
        if constant {
            self.fired.rule(&rules::select::NULL_ORDER);
            self.edits.replace_text(term.span, "(SELECT 1)");
        }
        constant
    }

    /// NULLs are the smallest value for SQLite, the largest for PostgreSQL.
    pub fn null_order(&mut self, term: &OrderTerm, typed: &Typed) {
        if term.nulls.is_some() || !typed.nullable {
            return;
        }
        self.note(&rules::select::NULL_ORDER, term.span);
        let words = if term.order == Some(SortOrder::Desc) { " NULLS LAST" } else { " NULLS FIRST" };
        self.edits.wrap(term.span, "", words);
    }

    /// Whether a window function's frame leaves rows behind.
    pub fn is_moving(&self, call: &Call) -> bool {
        let named = |name: &Name| {
            let windows = self.scopes.last().map_or(&[][..], |scope| &scope.moving_windows);
            windows.contains(&fold(&name.text))
        };
        match &call.over {
            None => false,
            Some(Over::Name(name)) => named(name),
            Some(Over::Window(window)) => leaves_rows(window) || window.base.as_ref().is_some_and(named),
        }
    }

    pub fn window(&mut self, window: &Window) -> Result<()> {
        if let Some(base) = &window.base {
            let folded = fold(&base.text);
            self.rename(base, &folded);
        }
        for expr in &window.partition_by {
            let mut typed = self.expr(expr)?;
            if typed.collation != Collation::Binary {
                let collation = typed.collation;
                self.fold_for(collation, expr, &mut typed);
            }
        }
        for term in &window.order_by {
            self.order_term(term, None)?;
        }
        if let Some(frame) = &window.frame {
            for bound in [Some(&frame.start), frame.end.as_ref()].into_iter().flatten() {
                if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                    let typed = self.value(expr)?;
                    if typed.placeholder.is_some() {
                        self.parameter_of_column(expr, ColumnType::BigInt);
                    }
                }
            }
        }
        Ok(())
    }

    /// A negative LIMIT is none, a negative OFFSET is zero.
    pub fn limit(&mut self, limit: &Limit) -> Result<()> {
        for (expr, is_limit) in [(Some(&limit.limit), true), (limit.offset.as_ref(), false)] {
            let Some(expr) = expr else { continue };
            let typed = self.value(expr)?;
            // An integer by value will do, as text or a real too.
            let constant = match &typed.constant {
                Some(Constant::Text(text)) => number_in_text(text),
                Some(Constant::Real(real)) => integral(*real).map(Constant::Integer),
                other => other.clone(),
            };
            match (constant, typed.placeholder) {
                (Some(Constant::Integer(value)), _) => {
                    if value < 0 {
                        self.fired.rule(&rules::select::LIMITS);
                        self.edits.replace_text(expr.span, if is_limit { "ALL" } else { "0" });
                    } else if !matches!(typed.constant, Some(Constant::Integer(_))) {
                        self.fired.rule(&rules::select::LIMITS);
                        self.edits.replace_text(expr.span, value.to_string());
                    }
                }
                // The value bound is looked at when it is sent.
                (_, Some(_)) => {
                    self.fired.rule(&rules::select::LIMITS);
                    self.parameter(expr, if is_limit { SlotContext::Limit } else { SlotContext::Offset });
                }
                _ if typed.ty == Type::Integer => {
                    if typed.nullable {
                        self.edits.wrap(expr.span, "sqlift.row_count(", ")");
                    }
                    self.negative_limit(expr, is_limit, "");
                }
                _ if typed.constant.is_none() && !matches!(typed.ty, Type::Null | Type::Blob | Type::Native(_)) => {
                    self.edits.wrap(expr.span, "sqlift.row_count(sqlift.store_integer(", ", ''))");
                    self.negative_limit(expr, is_limit, "");
                }
                _ => return sqlite_error("datatype mismatch", expr.span, None),
            }
        }
        if limit.comma
            && let Some(offset) = &limit.offset
        {
            self.fired.rule(&rules::select::LIMITS);
            let words = Span { start: limit.span.start, end: limit.span.end };
            self.edits
                .replace(words, ["LIMIT ".into(), limit.limit.span.into(), " OFFSET ".into(), offset.span.into()]);
        }
        Ok(())
    }

    pub fn negative_limit(&mut self, expr: &Expr, is_limit: bool, cast: &str) {
        self.fired.rule(&rules::select::LIMITS);
        if is_limit {
            self.edits.wrap(expr.span, "NULLIF(GREATEST(", format!("{cast}, -1), -1)"));
        } else {
            self.edits.wrap(expr.span, "GREATEST(", format!("{cast}, 0)"));
        }
    }
}

fn last_arm(select: &Select) -> Span {
    select.body.compounds.last().map_or(select.body.first.span, |part| part.core.span)
}

fn out_of_range<T>(term: &Expr, columns: &Columns, count: usize, clause: &str) -> Result<T> {
    let (word, columns) = (ordinal_word(count), columns.len());
    let message = format!("{word} {clause} BY term out of range - should be between 1 and {columns}");
    sqlite_error(message, term.span, None)
}

/// The number in a term that is one, the collation by which it is one, and whether it is negative: such a column there is none.
pub(crate) fn column_number(term: &Expr) -> Option<(&Expr, Option<&Name>, bool)> {
    let (mut expr, mut collated, mut is_negative) = (term, None, false);
    loop {
        expr = match &expr.kind {
            ExprKind::Integer => return Some((expr, collated, is_negative)),
            ExprKind::Parenthesized(inner) => inner,
            ExprKind::Unary { operator: UnaryOperator::Plus, operand } => operand,
            ExprKind::Unary { operator: UnaryOperator::Minus, operand } => {
                is_negative = !is_negative;
                operand
            }
            ExprKind::Collate { operand, collation } => {
                collated = collated.or(Some(collation));
                operand
            }
            _ => return None,
        };
    }
}

/// `1st`, `2nd`, ...
fn ordinal_word(number: usize) -> String {
    let end = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

pub(crate) fn peel_collate(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Collate { operand, .. } => operand,
        _ => expr,
    }
}

fn leaves_rows(window: &Window) -> bool {
    // With EXCLUDE each frame is summed anew.
    let is_whole = |frame: &Frame| matches!(frame.exclude, None | Some(FrameExclude::NoOthers));
    window.frame.as_ref().is_some_and(|frame| frame.start != FrameBound::UnboundedPreceding && is_whole(frame))
}

/// The names of the windows whose frames leave rows behind.
pub(crate) fn moving_windows(windows: &[NamedWindow]) -> Vec<String> {
    let moving = windows.iter().filter(|named| leaves_rows(&named.window));
    moving.map(|named| fold(&named.name.text)).collect()
}

/// The column that PostgreSQL might take for a result which has its name there alone, as `CAST(a AS TEXT)` has of `a`, or of which
/// nothing but its name is left: `+a` is an expression to SQLite, and no result is meant.
fn shadowed<'t>(term: &'t Expr, columns: &Columns) -> Option<&'t Name> {
    let (mut term, mut is_expression) = printed_as(term);
    while let ExprKind::Collate { operand, .. } = &term.kind {
        let (inner, is_hinted) = printed_as(operand);
        (term, is_expression) = (inner, is_expression || is_hinted);
    }
    let ExprKind::Column { table: None, column, .. } = &term.kind else { return None };
    let name = fold(&column.text);
    let is_shown = columns.iter().any(|(shown, _)| fold(shown) == name);
    let may_be_called_so = |(shown, _): &(String, Typed)| {
        shown.contains(|c: char| !c.is_alphanumeric() && c != '_') && (!is_shown || fold(shown).contains(&*name))
    };
    (is_expression && is_shown || columns.iter().any(may_be_called_so)).then_some(column)
}

/// What stands under a term's COLLATE: a bare name there is a result's first to SQLite.
fn collated_name(term: &Expr) -> &Expr {
    match &peel(term).kind {
        ExprKind::Collate { operand, .. } => match &peel(operand).kind {
            ExprKind::Collate { .. } => collated_name(operand),
            _ => peel(operand),
        },
        _ => term,
    }
}

/// What is left of a term in print, and whether it is less than was written: of `+x` and `likely(x)` it is `x`.
pub(crate) fn printed_as(term: &Expr) -> (&Expr, bool) {
    let (mut term, mut is_less) = (peel(term), false);
    loop {
        term = match &term.kind {
            ExprKind::Unary { operator: UnaryOperator::Plus, operand } => peel(operand),
            ExprKind::Call(call) if is_hint(call) => peel(&call.arguments[0]),
            _ => return (term, is_less),
        };
        is_less = true;
    }
}

fn is_hint(call: &Call) -> bool {
    let is = |name: &str| call.name.text.eq_ignore_ascii_case(name);
    !call.arguments.is_empty() && (is("likely") || is("unlikely") || is("likelihood"))
}

/// Whether a term is one value for all rows. A subquery's column that is NULL in each of them is a column still.
pub(crate) fn is_constant(term: &Expr, typed: &Typed) -> bool {
    typed.constant.is_some()
        || typed.ty == Type::Null && !(typed.kinds.is_some() && matches!(peel(term).kind, ExprKind::Column { .. }))
}
