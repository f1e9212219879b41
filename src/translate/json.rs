//! JSON built from values, and printf.

use super::ast::{BinaryOperator, Call, Expr, ExprKind};
use super::edits::Piece;
use super::names::fold;
use super::pass::{Pass, Result, peel, sqlite_error};
use super::types::{Constant, Type, Typed};
use crate::syntax::Span;

/// Functions whose result is JSON to the function around them, where other text would be quoted.
const GIVE_JSON: &[&str] = &[
    "json",
    "json_array",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_remove",
    "json_replace",
    "json_set",
];

impl Pass<'_> {
    /// The argument as a member of JSON text: JSON stays, other values are quoted.
    fn json_member(&mut self, argument: &Expr) -> Result<()> {
        let is_json = match &peel(argument).kind {
            ExprKind::Call(call) => GIVE_JSON.contains(&fold(&call.name.text).as_str()),
            ExprKind::Binary { operator: BinaryOperator::JsonArrow, .. } => true,
            _ => false,
        };
        let mut typed = self.value(argument)?;
        self.by_row(&mut typed);
        if is_json {
            self.edits.wrap(argument.span, "coalesce(", ", 'null')");
            return Ok(());
        }
        if typed.ty == Type::Null || matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(argument, &mut typed, "::text");
        }
        if typed.ty == Type::Blob {
            return sqlite_error("JSON cannot hold BLOB values", argument.span, None);
        }
        if matches!(typed.ty, Type::Native(_)) {
            self.as_text(argument, &mut typed)?;
        }
        self.widen(argument, &mut typed);
        self.call(argument, &mut typed, "sqlift.json_quote");
        Ok(())
    }

    fn json_label(&mut self, argument: &Expr) -> Result<()> {
        let mut typed = self.value(argument)?;
        if typed.ty != Type::Text && typed.ty != Type::Unknown {
            return sqlite_error("json_object() labels must be TEXT", argument.span, None);
        }
        self.suffix(argument, &mut typed, "::text");
        self.call(argument, &mut typed, "sqlift.json_quote");
        Ok(())
    }

    pub fn json_build(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        let result = Typed::new(Type::Text).nullable(false);
        if name == "json_quote" {
            self.json_member(&call.arguments[0])?;
            self.edits.replace(expr.span, [call.arguments[0].span.into()]);
            return Ok(result);
        }
        if let Some(mode) = match name {
            "json_set" => Some('s'),
            "json_insert" => Some('i'),
            "json_replace" => Some('r'),
            _ => None,
        } {
            return self.json_change(expr, call, mode);
        }
        let is_object = name == "json_object";
        if is_object && call.arguments.len() % 2 == 1 {
            return sqlite_error("json_object() requires an even number of arguments", expr.span, None);
        }
        let mut pieces: Vec<Piece> =
            vec![if is_object { "('{' || concat_ws(','".into() } else { "('[' || concat_ws(','".into() }];
        for (index, argument) in call.arguments.iter().enumerate() {
            if is_object && index % 2 == 0 {
                self.json_label(argument)?;
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
        let mut pieces: Vec<Piece> = vec![format!("sqlift.json_change('{mode}'").into()];
        for (index, argument) in call.arguments.iter().enumerate() {
            if index > 0 && index % 2 == 0 {
                self.json_member(argument)?;
            } else {
                let mut typed = self.value(argument)?;
                if typed.ty == Type::Null {
                    self.suffix(argument, &mut typed, "::text");
                }
                self.as_text(argument, &mut typed)?;
            }
            pieces.extend([", ".into(), argument.span.into()]);
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }

    pub fn json_group(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        self.edits.replace_text(call.name.span, "string_agg");
        let (open, close) = match call.arguments.as_slice() {
            [value] => {
                self.json_member(value)?;
                self.edits.wrap(value.span, "", ", ','");
                ("[", "]")
            }
            [label, value] => {
                self.json_label(label)?;
                self.json_member(value)?;
                let both = Span { start: label.span.start, end: value.span.end };
                self.edits.replace(both, [label.span.into(), " || ':' || ".into(), value.span.into(), ", ','".into()]);
                ("{", "}")
            }
            _ => return sqlite_error("wrong number of arguments", expr.span, None),
        };
        self.edits.wrap(expr.span, format!("('{open}' || coalesce("), format!(", '') || '{close}')"));
        Ok(Typed::new(Type::Text).nullable(false))
    }

    pub fn printf(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let mut pieces: Vec<Piece> = vec!["sqlift.printf(".into()];
        let mut numbers_only = false;
        for (index, argument) in call.arguments.iter().enumerate() {
            let mut typed = self.value(argument)?;
            if typed.ty == Type::Null {
                self.suffix(argument, &mut typed, "::text");
            }
            if index == 0 {
                // %d and %f print an integer and a real of the same value alike.
                numbers_only = matches!(&typed.constant, Some(super::types::Constant::Text(format))
                    if !format.contains(['s', 'q', 'Q', 'w', 'c', 'z']));
            } else if numbers_only {
                typed.branches.clear();
            }
            self.as_text(argument, &mut typed)?;
            if index > 0 {
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }
}
