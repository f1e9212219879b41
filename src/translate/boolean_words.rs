//! TRUE and FALSE without quotes: to SQLite the column or the alias of that name, and the constant where there is none.
//!
//! The parser takes them for constants, as nearly all are. Where one turns out to be a column, the text is parsed anew with columns in
//! their places, and those that are none become constants here.

use super::Refusal;
use super::ast::{Expr, ExprKind, Name, Quote};
use super::parser::boolean_word;
use super::pass::{Pass, Result};
use super::types::{Constant, Type, Typed};
use crate::syntax::Span;

/// The [`Refusal::rule`] that says so.
pub(super) const IS_COLUMN: &str = "boolean-is-column";

impl Pass<'_> {
    /// # Errors
    /// [`IS_COLUMN`]
    pub fn boolean(&self, value: bool, at: Span) -> Result<Typed> {
        let is_there = |source: &super::scope::Source| source.column(if value { "true" } else { "false" }).is_some();
        if self.scopes.iter().any(|scope| scope.sources.iter().any(is_there)) {
            return Err(Refusal { message: "a column".into(), span: at, help: None, rule: Some(IS_COLUMN) });
        }
        Ok(constant(value))
    }

    /// The constant that an unknown name is.
    pub fn unknown_boolean(&self, table: Option<&Name>, column: &Name) -> Option<Typed> {
        (table.is_none() && column.quote == Quote::None).then(|| boolean_word(&column.text).map(constant)).flatten()
    }

    /// Whether IS asks for TRUE or FALSE, which is not put as a value then.
    pub fn is_boolean(&mut self, right: &Expr) -> Result<bool> {
        let mut expr = right;
        while let ExprKind::Parenthesized(inner) | ExprKind::Collate { operand: inner, .. } = &expr.kind {
            expr = inner;
        }
        let is_boolean = match &expr.kind {
            ExprKind::Boolean(value) => self.boolean(*value, expr.span).map(|_| true)?,
            ExprKind::Column { schema: None, table: None, column } => {
                self.unknown_boolean(None, column).is_some() && self.lookup(None, column, expr.span).is_err()
            }
            _ => false,
        };
        if is_boolean && expr.span != right.span {
            self.edits.replace(right.span, [expr.span.into()]);
        }
        Ok(is_boolean)
    }
}

fn constant(value: bool) -> Typed {
    Typed::new(Type::Boolean).constant(Constant::Integer(i64::from(value)))
}
