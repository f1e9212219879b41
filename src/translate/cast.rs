//! CAST by SQLite's rules.

use super::ast::{Expr, TypeName};
use super::catalog::ColumnType;
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
        if matches!(typed.ty, Type::Native(native) if native != ColumnType::Other) {
            // A date or a uuid is text to SQLite.
            self.as_text(operand, &mut typed)?;
        }
        let target = affinity_of(&type_name.name);
        if target != StoredAs::Real {
            self.by_row(&mut typed);
        }
        let (nullable, from_column) = (typed.nullable, typed.from_column);
        let collation = (typed.collation, typed.explicit_collation, typed.has_own_collation);
        let (ty, affinity, before, after): (Type, Affinity, &str, &str) = match (target, typed.ty) {
            (StoredAs::Integer | StoredAs::Numeric, Type::Integer) => {
                (Type::Integer, Affinity::Number, "(", ")::bigint")
            }
            (StoredAs::Integer, Type::Null) => (Type::Integer, Affinity::Number, "(", ")::bigint"),
            (StoredAs::Integer | StoredAs::Numeric, Type::Text) if super::dates::gives_digits(operand) => {
                self.digits_as_integer(operand, &mut typed);
                (Type::Integer, Affinity::Number, "(", ")")
            }
            (StoredAs::Integer, Type::Json) if self.json_as(operand, "integer", "") => {
                (Type::Integer, Affinity::Number, "(", ")")
            }
            (StoredAs::Integer, _) => (Type::Integer, Affinity::Number, "sqlift.to_integer(", ")"),
            (StoredAs::Real, Type::Integer | Type::Real | Type::Numeric | Type::Null) => {
                (Type::Real, Affinity::Number, "(", ")::float8")
            }
            (StoredAs::Real, Type::Json) if self.json_as(operand, "real", "") => {
                (Type::Real, Affinity::Number, "(", ")")
            }
            (StoredAs::Real, _) => (Type::Real, Affinity::Number, "sqlift.to_real(", ")"),
            (StoredAs::Numeric, Type::Real | Type::Numeric) => (typed.ty, Affinity::Number, "(", ")"),
            (StoredAs::Numeric, _) => (Type::Numeric, Affinity::Number, "sqlift.to_number(", ")"),
            (StoredAs::Text, Type::Text | Type::Null) => (Type::Text, Affinity::Text, "(", ")::text"),
            (StoredAs::Text, _) => {
                self.as_text(operand, &mut typed)?;
                (Type::Text, Affinity::Text, "(", ")::text")
            }
            (StoredAs::Blob, Type::Blob) => (Type::Blob, Affinity::None, "(", ")"),
            // What is kept may not hear the encoding's name, which a catalog tells.
            (StoredAs::Blob, Type::Text | Type::Integer | Type::Real) if self.must_stay() => {
                self.as_any(operand, &mut typed)?;
                (Type::Blob, Affinity::None, "sqlift.to_blob(", ")")
            }
            (StoredAs::Blob, Type::Text | Type::Integer | Type::Real | Type::Null) => {
                self.as_text(operand, &mut typed)?;
                (Type::Blob, Affinity::None, "convert_to(", ", 'UTF8')")
            }
            (StoredAs::Blob, Type::Any | Type::Unknown | Type::Numeric | Type::Boolean) => {
                // The bytes of what a number's text is; a blob that is bound stays as it is.
                self.as_any(operand, &mut typed)?;
                (Type::Blob, Affinity::None, "sqlift.to_blob(", ")")
            }
            (StoredAs::Blob, _) => {
                return refuse("CAST of this value to a blob", expr.span, "CAST it to TEXT first");
            }
        };
        self.edits.replace(expr.span, [before.into(), operand.span.into(), after.into()]);
        let mut result = Typed::new(ty).nullable(nullable);
        result.affinity = affinity;
        result.by_row = ty == Type::Numeric && (typed.by_row || typed.ty != Type::Numeric);
        result.from_column = from_column;
        // A CAST of a column keeps its collation, BINARY too.
        (result.collation, result.explicit_collation, result.has_own_collation) = collation;
        Ok(result)
    }
}
