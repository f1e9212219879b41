//! Table functions that make rows of their arguments: `rarray(?)` and `generate_series(...)`.

use super::SlotContext;
use super::ast::{Expr, ExprKind};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::types::Columns;
use super::types::{Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    /// The pieces of `(SELECT ... AS value)` for a call of this name, and its column; `None` for other functions.
    pub fn series(&mut self, function: &str, call: Span, arguments: &[Expr]) -> Result<Option<(Vec<Piece>, Columns)>> {
        let (mut pieces, ty) = match function {
            "rarray" => {
                let number = match arguments {
                    [argument] => match peel(argument).kind {
                        ExprKind::Placeholder(number) => Some(number),
                        _ => None,
                    },
                    _ => None,
                };
                let Some(number) = number else {
                    return refuse(
                        "rarray() takes one bound array",
                        call,
                        "write rarray(?1) and bind an Rc<Vec<Value>>",
                    );
                };
                self.expr(&arguments[0])?;
                self.note(&rules::select::RARRAY, call);
                let array = Piece::Parameter(number, SlotContext::Array);
                (vec!["(SELECT pg_catalog.unnest(".into(), array], Type::Unknown)
            }
            "generate_series" => (self.generate_series(call, arguments)?, Type::Integer),
            _ => return Ok(None),
        };
        pieces.push(") AS value)".into());
        let mut value = Typed::new(ty);
        if ty == Type::Integer {
            value.column = Some(ColumnType::BigInt);
        }
        Ok(Some((pieces, vec![("value".to_owned(), value)])))
    }

    fn generate_series(&mut self, call: Span, arguments: &[Expr]) -> Result<Vec<Piece>> {
        if !(2..=3).contains(&arguments.len()) {
            return refuse(
                "generate_series() without an end has no rule",
                call,
                "give it a start and an end, and a step if it is not 1",
            );
        }
        self.note(&rules::select::SERIES, call);
        let mut pieces: Vec<Piece> = vec!["(SELECT pg_catalog.generate_series(".into()];
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                pieces.push(", ".into());
            }
            match self.value(argument)? {
                Typed { placeholder: Some(number), .. } => {
                    self.edits.replace(
                        argument.span,
                        [Piece::Parameter(number, SlotContext::Column(ColumnType::BigInt)), "::bigint".into()],
                    );
                }
                Typed { ty: Type::Integer, .. } => {}
                typed => {
                    let message = format!("generate_series() counts with integers, this is {}", typed.ty.describe());
                    return refuse(message, argument.span, "write CAST(... AS INTEGER)");
                }
            }
            pieces.push(argument.span.into());
        }
        Ok(pieces)
    }
}
