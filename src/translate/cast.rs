//! CAST by SQLite's rules, and the JSON operators.

use super::ast::{BinaryOperator, Call, Expr, TypeName};
use super::edits::Piece;
use super::pass::{Pass, Result, refuse};
use super::rules::types::{StoredAs, affinity_of};
use super::types::{Affinity, Constant, Type, Typed};

impl Pass<'_> {
    pub fn cast(&mut self, expr: &Expr, operand: &Expr, type_name: &TypeName) -> Result<Typed> {
        self.note(&super::rules::operators::CAST, expr.span);
        let mut typed = self.value(operand)?;
        if typed.ty == Type::Null || matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(operand, &mut typed, "::text");
        }
        let target = affinity_of(&type_name.name);
        if target != StoredAs::Real {
            self.by_row(&mut typed);
        }
        let nullable = typed.nullable;
        let (ty, affinity, before, after): (Type, Affinity, &str, &str) = match (target, typed.ty) {
            (StoredAs::Integer, Type::Integer) => (Type::Integer, Affinity::Number, "(", ")::bigint"),
            (StoredAs::Integer, Type::Null) => (Type::Integer, Affinity::Number, "(", ")::bigint"),
            (StoredAs::Integer | StoredAs::Numeric, Type::Text) if super::dates::gives_digits(operand) => {
                self.digits_as_integer(operand, &mut typed);
                (Type::Integer, Affinity::Number, "(", ")")
            }
            (StoredAs::Integer, _) => (Type::Integer, Affinity::Number, "sqlift.to_integer(", ")"),
            (StoredAs::Real, Type::Integer | Type::Real | Type::Numeric | Type::Null) => {
                (Type::Real, Affinity::Number, "(", ")::float8")
            }
            (StoredAs::Real, _) => (Type::Real, Affinity::Number, "sqlift.to_real(", ")"),
            (StoredAs::Numeric, Type::Integer | Type::Real | Type::Numeric) => (typed.ty, Affinity::Number, "(", ")"),
            (StoredAs::Numeric, _) => (Type::Numeric, Affinity::Number, "sqlift.to_number(", ")"),
            (StoredAs::Text, Type::Text | Type::Null) => (Type::Text, Affinity::Text, "(", ")::text"),
            (StoredAs::Text, _) => {
                self.as_text(operand, &mut typed)?;
                (Type::Text, Affinity::Text, "(", ")::text")
            }
            (StoredAs::Blob, Type::Blob) => (Type::Blob, Affinity::None, "(", ")"),
            (StoredAs::Blob, Type::Text | Type::Integer | Type::Real | Type::Null) => {
                self.as_text(operand, &mut typed)?;
                (Type::Blob, Affinity::None, "convert_to(", ", 'UTF8')")
            }
            (StoredAs::Blob, Type::Any) => (Type::Blob, Affinity::None, "sqlift.to_blob(", ")"),
            (StoredAs::Blob, _) => {
                return refuse("CAST of this value to a blob", expr.span, "CAST it to TEXT first");
            }
        };
        self.edits.replace(expr.span, [before.into(), operand.span.into(), after.into()]);
        let mut result = Typed::new(ty).nullable(nullable);
        result.affinity = affinity;
        result.by_row = ty == Type::Numeric && (typed.by_row || typed.ty != Type::Numeric);
        result.from_column = typed.from_column;
        // A CAST of a column keeps its collation.
        result.collation = typed.collation;
        result.explicit_collation = typed.explicit_collation;
        Ok(result)
    }

    pub fn json_arrow(&mut self, expr: &Expr, operator: BinaryOperator, left: &Expr, right: &Expr) -> Result<Typed> {
        self.note(&super::rules::operators::JSON_ARROW, expr.span);
        self.json_text(left)?;
        let mut path = self.value(right)?;
        if path.ty == Type::Integer {
            self.suffix(right, &mut path, "::bigint");
        } else {
            self.as_text(right, &mut path)?;
        }
        let (function, ty) = match operator {
            BinaryOperator::JsonArrow => ("sqlift.json_arrow(", Type::Text),
            _ => ("sqlift.json_arrow_text(", Type::Json),
        };
        self.edits.replace(expr.span, [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()]);
        Ok(Typed::new(ty))
    }

    pub fn json_extract(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        self.json_text(&call.arguments[0])?;
        let mut pieces: Vec<Piece> = vec!["sqlift.json_extract(".into(), call.arguments[0].span.into()];
        for path in &call.arguments[1..] {
            let mut typed = self.value(path)?;
            self.as_text(path, &mut typed)?;
            pieces.extend([", ".into(), path.span.into()]);
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(if call.arguments.len() == 2 { Type::Json } else { Type::Text }))
    }

    /// A JSON argument: text, or a json column.
    pub fn json_text(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.value(expr)?;
        match typed.ty {
            Type::Native(super::catalog::ColumnType::Json | super::catalog::ColumnType::Jsonb) => {
                self.suffix(expr, &mut typed, "::text");
            }
            Type::Null => self.suffix(expr, &mut typed, "::text"),
            Type::Blob | Type::Unknown | Type::Any => {
                self.call(expr, &mut typed, "sqlift.json_doc");
                typed = Typed { ty: Type::Text, placeholder: None, column: None, ..typed };
            }
            _ => self.as_text(expr, &mut typed)?,
        }
        Ok(typed)
    }
}
