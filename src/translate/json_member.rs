//! A value as a member of JSON: what is JSON stays as it is, everything else is quoted.
//!
//! SQLite marks a value that is JSON, and the mark goes with it through CASE, coalesce() and scalar subqueries; a sort, a table
//! and every other function lose it. The text knows nothing of it, so the translator looks where a value comes from, and where
//! one of several expressions will be the result, each of them becomes a member for itself. https://sqlite.org/json1.html#jsubtype

use super::ast::{
    BinaryOperator, Call, CompoundOperator, Expr, ExprKind, OrderTerm, ResultColumnKind, Select, SelectCore,
    SelectCoreKind, SimpleSelect, TableRefKind, UnaryOperator,
};
use super::catalog::Catalog;
use super::edits::Piece;
use super::names::{fold, quote_literal};
use super::pass::{Pass, Result, peel, refuse};
use super::rules::types::{StoredAs, affinity_of};
use super::scope::Meaning;
use super::types::{Constant, Type, Typed};

/// Functions whose result is JSON to the function around them, where other text would be quoted.
const GIVE_JSON: &[&str] = &[
    "json",
    "json_array",
    "json_array_insert",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
];

/// The columns of json_each and json_tree.
const JSON_ROW: [&str; 8] = ["key", "value", "type", "atom", "id", "parent", "fullkey", "path"];
/// Those of json_each where no others are asked for.
const JSON_VALUES: [&str; 2] = ["value", "type"];

/// Whether a value has SQLite's mark of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Never,
    /// In some rows, or of one branch.
    Some,
    /// Wherever it is not NULL.
    Always,
}

impl Kept {
    /// Of two expressions one of which will be the result; NULL, which is `None`, fits both.
    fn or(one: Option<Kept>, other: Option<Kept>) -> Option<Kept> {
        match (one, other) {
            (None, kept) | (kept, None) => kept,
            (Some(one), Some(other)) if one == other => Some(one),
            _ => Some(Kept::Some),
        }
    }
}

impl Pass<'_> {
    /// The argument as a member of JSON text: JSON stays, other values are quoted.
    pub fn json_member(&mut self, argument: &Expr) -> Result<Typed> {
        let mut results = Vec::new();
        if one_of(argument, self.catalog, &mut results) && self.kept_json(argument) != Kept::Never {
            let outer = std::mem::replace(&mut self.json_members, results);
            let typed = self.value(argument);
            self.json_members = outer;
            self.edits.wrap(argument.span, "coalesce(", ", 'null')");
            return Ok(Typed { ty: Type::Text, ..Typed::new(Type::Text) }.nullable(typed?.nullable));
        }
        Ok(self.one_json_member(argument, false)?.0)
    }

    /// As [`Pass::json_member`], but plain text is left as it is, and true is the answer.
    pub fn json_text_member(&mut self, argument: &Expr) -> Result<bool> {
        if self.kept_json(argument) != Kept::Never {
            self.json_member(argument)?;
            return Ok(false);
        }
        Ok(self.one_json_member(argument, true)?.1)
    }

    /// One of the expressions that may be the result of a member around: NULL stays.
    pub fn json_member_or_null(&mut self, expr: &Expr) -> Result<Typed> {
        let is_call = matches!(&expr.kind, ExprKind::Call(call) if gives_json(call));
        if matches!(expr.kind, ExprKind::Null) || is_call {
            return self.value(expr);
        }
        // The JSON text of null is a value, as `->` gives it.
        if self.kept_json(expr) == Kept::Always {
            let mut typed = self.value(expr)?;
            self.by_row(&mut typed);
            return Ok(typed);
        }
        self.one_json_member(expr, false)?;
        self.edits.wrap(expr.span, "nullif(", ", 'null')");
        Ok(Typed::new(Type::Text))
    }

    /// With whether it is text that still is to be quoted, where plain text may be left.
    fn one_json_member(&mut self, argument: &Expr, leaves_text: bool) -> Result<(Typed, bool)> {
        let kept = self.kept_json(argument);
        let is_json = kept == Kept::Always;
        if let ExprKind::Call(call) = &peel(argument).kind
            && kept == Kept::Some
            && call.arguments.len() > 1
            && ["max", "min"].contains(&fold(&call.name.text).as_str())
        {
            return refuse(
                format!("{}() of JSON and of other values: which of them is JSON only the row knows", call.name.text),
                argument.span,
                "put json() around all of its arguments, or around the whole",
            );
        }
        if let ExprKind::Call(call) = &peel(argument).kind
            && gives_json_by_row(call)
        {
            // Objects and arrays stay JSON; other values are as SQLite prints them.
            self.json_text(&call.arguments[0])?;
            let mut path = self.value(&call.arguments[1])?;
            self.as_text(&call.arguments[1], &mut path)?;
            self.edits.replace(
                argument.span,
                [
                    "sqlift.json_extract_member(".into(),
                    call.arguments[0].span.into(),
                    ", ".into(),
                    call.arguments[1].span.into(),
                    ")".into(),
                ],
            );
            return Ok((Typed::new(Type::Json), false));
        }
        let told = self.json_type_of(argument)?;
        let of_either = self.null_or_json(argument)?;
        let mut typed = self.value(argument)?;
        if let Some(told) = told {
            let span = argument.span;
            self.edits.wrap(span, "sqlift.json_value_member(", format!(", {told})"));
            return Ok((Typed::new(Type::Json), false));
        }
        if let (Some(told), Type::Json) = (of_either, typed.ty) {
            let ahead = ["coalesce(sqlift.json_value_member(".into(), argument.span.into(), ", ".into()];
            let pieces: Vec<Piece> = ahead.into_iter().chain(told).chain(["), 'null')".into()]).collect();
            self.edits.replace(argument.span, pieces);
            return Ok((Typed::new(Type::Json), false));
        }
        self.by_row(&mut typed);
        if is_json {
            self.edits.wrap(argument.span, "coalesce(", ", 'null')");
            return Ok((typed, false));
        }
        if typed.ty == Type::Null || matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(argument, &mut typed, "::text");
        }
        if matches!(typed.ty, Type::Native(_)) {
            self.as_text(argument, &mut typed)?;
        }
        self.widen(argument, &mut typed);
        let found = typed.clone();
        // PostgreSQL's own function where its result need not stay the same for ever, which PostgreSQL does not promise of it.
        let must_stay = matches!(
            self.no_parameters,
            Some("index expressions" | "partial index WHERE clauses" | "generated columns")
        );
        if typed.ty == Type::Text && typed.constant.is_none() && !must_stay {
            if leaves_text {
                self.edits.wrap(argument.span, "(", ")::text");
                return Ok((found, true));
            }
            self.edits.wrap(argument.span, "coalesce(to_json((", ")::text)::text, 'null')");
            return Ok((found, false));
        }
        self.call(argument, &mut typed, "sqlift.json_quote");
        Ok((found, false))
    }

    /// Whether the value is JSON to the function around it.
    pub fn kept_json(&self, expr: &Expr) -> Kept {
        self.kept_json_of(expr, false).unwrap_or(Kept::Never)
    }

    fn kept_json_of(&self, expr: &Expr, is_inside: bool) -> Option<Kept> {
        let expr = peel(expr);
        let mut results = Vec::new();
        if one_of(expr, self.catalog, &mut results) {
            let mut found = None;
            each_result(expr, self.catalog, &mut |result, is_inside_too| {
                found = Kept::or(found, self.kept_json_of(result, is_inside || is_inside_too));
            });
            return found;
        }
        Some(match &expr.kind {
            ExprKind::Null => return None,
            ExprKind::Binary { operator: BinaryOperator::JsonArrow, .. } => Kept::Always,
            ExprKind::Call(call) if gives_json(call) => Kept::Always,
            ExprKind::Call(call) if gives_json_by_row(call) => Kept::Some,
            // They give one of their arguments.
            ExprKind::Call(call) => {
                let given = match fold(&call.name.text).as_str() {
                    "nullif" => &call.arguments[..call.arguments.len().min(1)],
                    "max" | "min" => &call.arguments,
                    _ => &[],
                };
                let each = given.iter().map(|one| self.kept_json_of(one, is_inside).unwrap_or(Kept::Never));
                each.reduce(|one, other| if one == other { one } else { Kept::Some }).unwrap_or(Kept::Never)
            }
            // Which table's it is shows when the subquery around is translated.
            ExprKind::Column { column, .. } if is_inside && column.text.eq_ignore_ascii_case("value") => Kept::Some,
            ExprKind::Column { .. } if !is_inside && matches!(self.json_type_of(expr), Ok(Some(_))) => Kept::Some,
            _ => Kept::Never,
        })
    }

    /// What tells the type of an element of json_each or json_tree, whose objects and arrays are JSON in text.
    fn json_type_of(&self, argument: &Expr) -> Result<Option<String>> {
        let ExprKind::Column { table, column, .. } = &peel(argument).kind else { return Ok(None) };
        let Meaning::Column { source, name, typed, .. } = self.lookup(table.as_ref(), column, argument.span)? else {
            return Ok(None);
        };
        if typed.ty != Type::Json {
            return Ok(None);
        }
        let is_row = |found: &super::scope::Source| {
            let names = || found.columns().map(|column| column.name);
            names().eq(JSON_ROW.map(Into::into)) || names().eq(JSON_VALUES.map(Into::into))
        };
        let told_by = |found: &super::scope::Source| {
            let is_marked = || found.marked.iter().any(|marked| marked.eq_ignore_ascii_case(&name));
            match () {
                () if is_marked() => Some(super::json_marks::MARK),
                () if *name == *"value" && is_row(found) && !found.loses_marks => Some("type"),
                () => None,
            }
        };
        let of_json = |scope: &super::scope::Scope| {
            scope.sources.iter().filter(|found| found.printed == source).map(told_by).next_back()
        };
        Ok(self.scopes.iter().rev().find_map(of_json).flatten().map(|column| format!("{source}.{column}")))
    }

    /// `nullif(x, y)` of an element or of what is extracted, which is JSON where x is: what tells the type of x.
    fn null_or_json(&self, argument: &Expr) -> Result<Option<Vec<Piece>>> {
        let ExprKind::Call(call) = &peel(argument).kind else { return Ok(None) };
        let [given, _] = call.arguments.as_slice() else { return Ok(None) };
        if !call.name.text.eq_ignore_ascii_case("nullif") {
            return Ok(None);
        }
        if let Some(told) = self.json_type_of(given)? {
            return Ok(Some(vec![told.into()]));
        }
        let ExprKind::Call(extract) = &peel(given).kind else { return Ok(None) };
        let [document, path] = extract.arguments.as_slice() else { return Ok(None) };
        Ok(match (&peel(document).kind, &peel(path).kind) {
            (ExprKind::Column { .. }, ExprKind::String(path)) if gives_json_by_row(extract) => Some(vec![
                "sqlift.json_type(".into(),
                document.span.into(),
                format!(", {})", quote_literal(path)).into(),
            ]),
            _ => None,
        })
    }
}

/// Whether the call's result is JSON.
pub(crate) fn gives_json(call: &Call) -> bool {
    let name = fold(&call.name.text);
    GIVE_JSON.contains(&name.as_str()) || name == "json_extract" && call.arguments.len() > 2
}

/// json_extract() of one path gives JSON where that leads to an object or an array.
fn gives_json_by_row(call: &Call) -> bool {
    call.arguments.len() == 2 && call.name.text.eq_ignore_ascii_case("json_extract")
}

/// Whether the result is that of one of other expressions, whose spans are put into `results`.
fn one_of(expr: &Expr, catalog: &Catalog, results: &mut Vec<crate::syntax::Span>) -> bool {
    let mut found = false;
    each_result(peel(expr), catalog, &mut |result, _| {
        found = true;
        let result = peel(result);
        if !one_of(result, catalog, results) {
            results.push(result.span);
        }
    });
    found
}

/// Calls `visit` with each expression whose value, mark and all, may be this one's, and whether it stands in a subquery.
fn each_result<'e>(expr: &'e Expr, catalog: &Catalog, visit: &mut dyn FnMut(&'e Expr, bool)) {
    match &expr.kind {
        ExprKind::Unary { operator: UnaryOperator::Plus, operand } | ExprKind::Collate { operand, .. } => {
            visit(operand, false);
        }
        ExprKind::Cast { operand, type_name }
            if affinity_of(&type_name.name) == StoredAs::Text
                && matches!(&peel(operand).kind, ExprKind::Call(call) if gives_json(call)) =>
        {
            visit(operand, false);
        }
        ExprKind::Case { branches, otherwise, .. } => {
            for result in branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()) {
                visit(result, false);
            }
        }
        ExprKind::Call(call) => match fold(&call.name.text).as_str() {
            "coalesce" | "ifnull" => call.arguments.iter().for_each(|argument| visit(argument, false)),
            "iif" | "if" => {
                let results = call.arguments.iter().skip(1).step_by(2);
                let otherwise = call.arguments.last().filter(|_| call.arguments.len() % 2 == 1);
                results.chain(otherwise).for_each(|result| visit(result, false));
            }
            "likely" | "unlikely" | "likelihood" => call.arguments.iter().take(1).for_each(|one| visit(one, false)),
            _ => {}
        },
        ExprKind::Subquery(select) => {
            if let Some(columns) = marked_columns(select, catalog) {
                columns.into_iter().for_each(|column| visit(column, true));
            }
        }
        _ => {}
    }
}

/// The one column of a scalar subquery whose rows are not sorted, which would take the mark from them.
fn marked_columns<'e>(select: &'e Select, catalog: &Catalog) -> Option<Vec<&'e Expr>> {
    let union_all = |compound: &super::ast::Compound| compound.operator == CompoundOperator::UnionAll;
    if !select.body.compounds.iter().all(union_all) {
        return None;
    }
    let cores = std::iter::once(&select.body.first).chain(select.body.compounds.iter().map(|compound| &compound.core));
    cores.map(|core| marked_column(core, &select.order_by, catalog)).collect()
}

fn marked_column<'e>(core: &'e SelectCore, order_by: &[OrderTerm], catalog: &Catalog) -> Option<&'e Expr> {
    match &core.kind {
        SelectCoreKind::Values(rows) => match rows.as_slice() {
            [row] if row.values.len() == 1 && order_by.is_empty() => row.values.first(),
            _ => None,
        },
        SelectCoreKind::Select(simple) => match simple.columns.as_slice() {
            [column] if order_by.is_empty() || is_in_order(simple, order_by, catalog) => match &column.kind {
                ResultColumnKind::Expr { expr, .. } => Some(expr),
                _ => None,
            },
            _ => None,
        },
    }
}

/// Whether the rows come in this order without a sort: that of one table's rowid.
fn is_in_order(simple: &SimpleSelect, order_by: &[OrderTerm], catalog: &Catalog) -> bool {
    let (Some(from), [OrderTerm { expr, .. }]) = (&simple.from, order_by) else { return false };
    let (TableRefKind::Table { name, .. }, ExprKind::Column { column, .. }) = (&from.first.kind, &peel(expr).kind)
    else {
        return false;
    };
    let column = fold(&column.text);
    let rowid = catalog.table(&fold(&name.name.text)).and_then(|table| table.rowid_column());
    let is_rowid =
        ["rowid", "oid", "_rowid_"].contains(&column.as_str()) || rowid.is_some_and(|rowid| *rowid.name == *column);
    is_rowid && from.joins.is_empty() && simple.group_by.is_empty() && simple.distinct.is_none()
}
