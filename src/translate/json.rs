//! JSON built from values.

use super::ast::{Call, Expr, ExprKind};
use super::edits::Piece;
use super::json_member::{Kept, gives_json};
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::types::{Constant, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    fn json_label(&mut self, argument: &Expr, is_group: bool) -> Result<()> {
        let mut typed = self.value(argument)?;
        if is_group {
            // Any value's text will do, and NULL leaves the member out.
            if typed.ty == Type::Null {
                self.suffix(argument, &mut typed, "::text");
            }
            self.as_text(argument, &mut typed)?;
            self.edits.wrap(argument.span, "to_json((", ")::text)::text");
            return Ok(());
        }
        if !matches!(typed.ty, Type::Text | Type::Unknown | Type::Json | Type::Any) {
            return sqlite_error("json_object() labels must be TEXT", argument.span, None);
        }
        if typed.ty == Type::Text {
            self.suffix(argument, &mut typed, "::text");
        }
        self.call(argument, &mut typed, "sqlift.json_object_label");
        Ok(())
    }

    pub fn json_build(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        if let Some(rest) = name.strip_prefix("jsonb") {
            let is_sized = std::mem::replace(&mut self.sized_json, true);
            let typed = self.json_build(expr, call, &format!("json{rest}"));
            self.sized_json = is_sized;
            let typed = typed?;
            self.edits.wrap(expr.span, "sqlift.jsonb(", ")");
            return Ok(Typed::new(Type::Blob).nullable(typed.nullable));
        }
        let result = Typed::new(Type::Text).nullable(false);
        if name == "json_quote" {
            self.json_member(&call.arguments[0])?;
            self.edits.replace(expr.span, [call.arguments[0].span.into()]);
            return Ok(result);
        }
        if name == "json" {
            let document = &call.arguments[0];
            let is_column = self.is_json_text(document);
            let nullable = self.json_text(document)?.nullable;
            let function = if is_column { "sqlift.json_of_column(" } else { "sqlift.json(" };
            self.edits.replace(expr.span, [function.into(), document.span.into(), ")".into()]);
            return Ok(Typed::new(Type::Text).nullable(nullable));
        }
        if name == "json_remove" {
            return self.json_remove(expr, call);
        }
        if let Some(mode) = match name {
            "json_set" => Some('s'),
            "json_insert" => Some('i'),
            "json_replace" => Some('r'),
            "json_array_insert" => Some('a'),
            _ => None,
        } {
            return self.json_change(expr, call, mode);
        }
        let is_object = name == "json_object";
        if is_object && call.arguments.len() % 2 == 1 {
            return sqlite_error("json_object() requires an even number of arguments", expr.span, None);
        }
        if call.arguments.is_empty() {
            self.edits.replace_text(expr.span, if is_object { "'{}'::text" } else { "'[]'::text" });
            return Ok(result);
        }
        let mut pieces: Vec<Piece> =
            vec![if is_object { "('{' || concat_ws(','".into() } else { "('[' || concat_ws(','".into() }];
        for (index, argument) in call.arguments.iter().enumerate() {
            if is_object && index % 2 == 0 {
                self.json_label(argument, false)?;
                pieces.extend([", ".into(), argument.span.into(), " || ':' || ".into()]);
                continue;
            }
            self.json_member(argument)?;
            if !is_object {
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(if is_object { ") || '}')".into() } else { ") || ']')".into() });
        self.edits.replace(expr.span, pieces);
        Ok(result)
    }

    fn json_change(&mut self, expr: &Expr, call: &Call, mode: char) -> Result<Typed> {
        if call.arguments.len().is_multiple_of(2) {
            return sqlite_error(
                format!("{}() needs an odd number of arguments", call.name.text.to_ascii_lowercase()),
                expr.span,
                None,
            );
        }
        let (document, pairs) = call.arguments.split_first().expect("an odd number is one at least");
        let mut is_known = self.is_json_text(document);
        self.json_text(document)?;
        let mut changes = Vec::new();
        for pair in pairs.chunks_exact(2) {
            is_known &= self.json_path(&pair[0])? & is_cheap(&pair[1]);
            self.json_member(&pair[1])?;
            changes.push((pair[0].span, pair[1].span.into()));
        }
        let pieces = json_changes(document.span.into(), mode, is_known, &changes);
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }

    fn json_remove(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let (document, paths) = call.arguments.split_first().expect("json_remove has an argument at least");
        let mut is_known = self.is_json_text(document);
        self.json_text(document)?;
        let mut changes = Vec::new();
        for path in paths {
            is_known &= self.json_path(path)?;
            changes.push((path.span, "NULL".into()));
        }
        let pieces = json_changes(document.span.into(), 'd', is_known, &changes);
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }

    /// A path, and whether it is a constant.
    fn json_path(&mut self, path: &Expr) -> Result<bool> {
        let mut typed = self.value(path)?;
        let is_constant = matches!(typed.constant, Some(Constant::Text(_)));
        if typed.ty == Type::Null {
            self.suffix(path, &mut typed, "::text");
        }
        self.as_text(path, &mut typed)?;
        Ok(is_constant)
    }

    pub fn json_group(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        let distinct = call.distinct && call.arguments.len() == 1;
        self.edits.replace_text(call.name.span, if distinct { "sqlift.distinct_list" } else { "string_agg" });
        let (open, close) = match call.arguments.as_slice() {
            [value] if distinct => {
                let typed = self.json_member(value)?;
                if !matches!(typed.ty, Type::Integer | Type::Text) || typed.collation != super::types::Collation::Binary
                {
                    return refuse(
                        format!(
                            "{name}(DISTINCT x) of {}: equal values may be written differently",
                            typed.ty.describe()
                        ),
                        expr.span,
                        "aggregate over a subquery with DISTINCT",
                    );
                }
                self.edits.replace_text(Span { start: call.name.span.end, end: value.span.start }, "(");
                ("[", "]")
            }
            [value] if self.json_text_member(value)? => {
                // One reading of all quotes them at half the price.
                self.edits.replace_text(call.name.span, "array_agg");
                self.edits.wrap(expr.span, "coalesce(array_to_json(", ")::text, '[]')");
                return Ok(self.json_grouped(expr, name));
            }
            [value] => {
                self.edits.wrap(value.span, "", ", ','");
                ("[", "]")
            }
            [label, value] => {
                self.json_label(label, true)?;
                self.json_member(value)?;
                let both = Span { start: label.span.start, end: value.span.end };
                self.edits.replace(both, [label.span.into(), " || ':' || ".into(), value.span.into(), ", ','".into()]);
                ("{", "}")
            }
            _ => return sqlite_error("wrong number of arguments", expr.span, None),
        };
        self.edits.wrap(expr.span, format!("('{open}' || coalesce("), format!(", '') || '{close}')"));
        Ok(self.json_grouped(expr, name))
    }

    /// What an aggregate gives, whose text has been written.
    fn json_grouped(&mut self, expr: &Expr, name: &str) -> Typed {
        let is_binary = name.starts_with("jsonb");
        if is_binary {
            self.edits.wrap(expr.span, "sqlift.jsonb(", ")");
        }
        Typed::new(if is_binary { Type::Blob } else { Type::Text }).nullable(false)
    }

    /// sum() of JSON values: integers apart from reals, which SQLite adds in another way.
    pub fn json_sum(&mut self, expr: &Expr, call: &Call) -> Typed {
        let argument = &call.arguments[0];
        let filter = |pieces: &mut Vec<Piece>| {
            if let Some(filter) = &call.filter {
                pieces.extend([" FILTER (WHERE ".into(), filter.span.into(), ")".into()]);
            }
        };
        let (whole, real) = self.json_addends(argument, call.filter.is_none()).unwrap_or_else(|| {
            let of = |function: &str| vec![format!("sqlift.json_{function}(").into(), argument.span.into(), ")".into()];
            (of("integer_addend"), of("real_addend"))
        });
        let mut pieces: Vec<Piece> = vec!["sqlift.json_sum(sum(".into()];
        pieces.extend(whole);
        pieces.push(")".into());
        filter(&mut pieces);
        pieces.push(", sqlift.real_parts(".into());
        pieces.extend(real);
        pieces.push(")".into());
        filter(&mut pieces);
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        let mut typed = Typed::new(Type::Numeric);
        typed.by_row = true;
        typed
    }

    /// subtype(x): 74 for JSON, 0 for everything else.
    pub fn subtype(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let argument = &call.arguments[0];
        let typed = self.value(argument)?;
        let result = Typed::new(Type::Integer).nullable(false);
        let kept = self.kept_json(argument);
        if typed.ty == Type::Json || kept == Kept::Some {
            return refuse(
                "the subtype of this value only the row knows",
                expr.span,
                "ask json_type() of the JSON instead",
            );
        }
        if kept == Kept::Always {
            self.edits.replace(
                expr.span,
                ["(CASE WHEN ".into(), argument.span.into(), " IS NULL THEN 0 ELSE 74 END)".into()],
            );
        } else {
            self.edits.replace_text(expr.span, "0");
        }
        Ok(result)
    }
}

/// What may stand in an expression several times: computing it is as good as reading it.
fn is_cheap(expr: &Expr) -> bool {
    match &peel(expr).kind {
        ExprKind::Column { .. } | ExprKind::Placeholder(_) => true,
        ExprKind::Null | ExprKind::Integer | ExprKind::Float | ExprKind::String(_) | ExprKind::Boolean(_) => true,
        ExprKind::Call(call) => gives_json(call) && call.arguments.iter().all(is_literal),
        _ => false,
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(peel(expr).kind, ExprKind::Null | ExprKind::Integer | ExprKind::Float | ExprKind::String(_))
}

/// The document with its changes, each a path and a member's text. The planner takes apart what is `known`: constant paths into
/// a column.
fn json_changes(document: Piece, mode: char, is_known: bool, changes: &[(Span, Piece)]) -> Vec<Piece> {
    let Some(((path, fragment), before)) = changes.split_last() else {
        return vec!["sqlift.json(".into(), document, ")".into()];
    };
    let mut pieces: Vec<Piece> = Vec::new();
    match before {
        [] if is_known => {
            pieces.extend([format!("sqlift.json_change('{mode}', ").into(), document, ", ".into(), (*path).into()]);
            pieces.extend([", ".into(), fragment.clone(), ")".into()]);
        }
        [(first, member)] if is_known && mode == 's' => {
            pieces.extend([format!("sqlift.json_change('{mode}', ").into(), document, ", ".into(), (*first).into()]);
            pieces.extend([", ".into(), member.clone(), ", ".into(), (*path).into(), ", ".into()]);
            pieces.extend([fragment.clone(), ")".into()]);
        }
        _ => {
            pieces.push(format!("sqlift.json_changed('{mode}', ").into());
            match before {
                [] => pieces.push(document),
                _ => pieces.extend(json_changes(document, mode, is_known, before)),
            }
            pieces.extend([
                ", ".into(),
                (*path).into(),
                ", ".into(),
                fragment.clone(),
                ", sqlift.json_edit_steps(".into(),
            ]);
            pieces.extend([(*path).into(), "))".into()]);
        }
    }
    pieces
}
