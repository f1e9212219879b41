//! Generated columns over other generated columns: PostgreSQL's see none, so that the other one's expression stands in its place.

use crate::syntax::Span;
use crate::translate::ast::*;
use crate::translate::catalog::{Collation, ColumnType};

use crate::translate::edits::Piece;
use crate::translate::names::{fold, quote_literal};
use crate::translate::pass::{Pass, Result, sqlite_error};
use crate::translate::types::type_name;

use super::described::{column_type, stored_as};

/// The generated columns of a CREATE TABLE, while their expressions are translated.
#[derive(Debug, Default)]
pub(crate) struct GeneratedColumns {
    columns: Vec<(String, Span, ColumnType)>,
    /// One of their expressions is looked at.
    inside: bool,
}

impl Pass<'_> {
    /// # Errors
    /// SQLite's, of columns that need each other.
    pub fn know_generated(&mut self, columns: &[ColumnDefinition], strict: bool) -> Result<()> {
        let mut known = Vec::new();
        for column in columns {
            if let Some(expr) = expression(column) {
                let ty = column_type(&stored_as(column, self.options.types, strict));
                known.push((fold(&column.name.text), expr.span, ty));
            }
        }
        let mut waiting: Vec<&ColumnDefinition> =
            columns.iter().filter(|column| expression(column).is_some()).collect();
        loop {
            let before = waiting.len();
            let names: Vec<String> = waiting.iter().map(|column| fold(&column.name.text)).collect();
            waiting.retain(|column| expression(column).is_some_and(|expr| names_one(expr, &names)));
            match waiting.last() {
                None => break,
                Some(last) if waiting.len() == before => {
                    return sqlite_error(format!("generated column loop on \"{}\"", last.name.text), last.span, None);
                }
                Some(_) => {}
            }
        }
        self.generated = GeneratedColumns { columns: known, inside: false };
        Ok(())
    }

    /// What stands for a generated column inside the expression of another.
    pub fn in_place_of(&self, column: &str) -> Option<Vec<Piece>> {
        let (_, span, ty) = self.generated.columns.iter().find(|(name, ..)| self.generated.inside && name == column)?;
        let cast = match ty {
            ColumnType::Text => ")::text COLLATE \"C\")".to_owned(),
            ty => format!(")::{})", type_name(*ty)?),
        };
        Some(vec!["((".into(), (*span).into(), cast.into()])
    }

    /// A string inside of such an expression, as the collation sees it.
    pub fn folded_literal(&self, collation: Collation, operand: &Expr) -> Option<String> {
        let ExprKind::String(text) = &operand.kind else { return None };
        let folded = match collation {
            Collation::Binary => text.to_string(),
            Collation::NoCase => text.to_ascii_lowercase(),
            Collation::RTrim => text.trim_end_matches(' ').to_owned(),
        };
        self.generated.inside.then(|| quote_literal(&folded))
    }

    pub fn generated_value<T>(&mut self, visit: impl FnOnce(&mut Self) -> T) -> T {
        self.generated.inside = true;
        let result = visit(self);
        self.generated.inside = false;
        result
    }
}

fn expression(column: &ColumnDefinition) -> Option<&Expr> {
    column.constraints.iter().find_map(|constraint| match &constraint.kind {
        ColumnConstraintKind::Generated { expr, .. } => Some(expr),
        _ => None,
    })
}

fn names_one(expr: &Expr, names: &[String]) -> bool {
    let here = matches!(&expr.kind, ExprKind::Column { column, .. } if names.contains(&fold(&column.text)));
    here || expr.children().into_iter().any(|child| names_one(child, names))
}
