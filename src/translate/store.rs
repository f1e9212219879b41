//! Values that the type of their column does not take: SQLite's error of a STRICT table, and of the integer key.
//!
//! Where SQLite would fail, the statement fails as it runs, with the same words. Where SQLite would keep the value as it
//! is, in a table that is not STRICT, what shows in the text is refused with its place and a remedy.

use super::assign::Target;
use super::ast::Expr;
use super::catalog::{Column, ColumnType, Table};
use super::names::quote_literal;
use super::pass::{Pass, Result};
use super::types::{Type, Typed};
use super::{Refusal, SlotContext};
use std::sync::Arc;

/// The rule that a refusal of such a value names.
pub(crate) const DATATYPE: &str = "datatype";

/// The parameters that are values of columns, and which table's.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stored {
    pub table: Option<Arc<Table>>,
    /// SQLite's number of the parameter, how it is sent, and the column by its place in the table.
    pub values: Vec<(usize, SlotContext, usize)>,
}

impl Stored {
    /// What SQLite would say of the first value that does not fit; `misfits` gives the class of one that does not.
    pub fn error(&self, misfits: impl Fn(usize, SlotContext) -> Option<&'static str>) -> Option<Misplaced> {
        let table = self.table.as_deref()?;
        let mut seen = Vec::new();
        let mut found: Option<(bool, usize, &'static str)> = None;
        for &(parameter, context, at) in &self.values {
            // The next row begins, which counts only when the ones before are right.
            if seen.contains(&at) && found.is_some() {
                break;
            }
            seen.push(at);
            let Some(class) = misfits(parameter, context) else { continue };
            // The key comes first, then the columns as the table has them.
            let here = (!is_key(table.columns.get(at)?), at, class);
            if found.is_none_or(|found| (here.0, here.1) < (found.0, found.1)) {
                found = Some(here);
            }
        }
        let (_, at, class) = found?;
        Some(misplaced(table, table.columns.get(at)?, class))
    }
}

/// A value that a column does not take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    pub message: String,
    /// The integer key has an error of its own.
    pub is_key: bool,
}

/// What to say of a value of `class` for that column.
fn misplaced(table: &Table, column: &Column, class: &str) -> Misplaced {
    let place = place(table, column);
    if place.is_empty() {
        return Misplaced { message: "datatype mismatch".to_owned(), is_key: true };
    }
    let mut message = format!("cannot store {class} value in {place}");
    if column.strict.is_none() {
        message += "\n  help: ";
        message += remedy(column.data_type, class);
    }
    Misplaced { message, is_key: false }
}

/// The remedy for a value that SQLite would have kept in its table, which is not STRICT.
pub(crate) fn remedy(column: ColumnType, class: &str) -> &'static str {
    match (Type::from(column), class) {
        (Type::Integer, "REAL") => "give an integer, or declare the column REAL",
        (Type::Integer | Type::Real | Type::Numeric, "TEXT") => "give a number, or declare the column TEXT",
        (Type::Text, "BLOB") => "CAST the blob to TEXT, or declare the column BLOB",
        (Type::Blob, _) => {
            "write a blob literal x'..', CAST it to BLOB, or declare the column TEXT; a table made with blob_columns=any in the URL keeps it"
        }
        _ => "give a value of the column's type",
    }
}

/// The column as SQLite's message names it; nothing for the integer key.
fn place(table: &Table, column: &Column) -> String {
    if is_key(column) {
        return String::new();
    }
    let name = column.shown.as_deref().unwrap_or(&column.name);
    format!("{} column {}.{name}", column.strict.unwrap_or(type_word(column.data_type)), table.name)
}

/// The column is SQLite's rowid.
pub(crate) fn is_key(column: &Column) -> bool {
    column.is_rowid && column.is_identity
}

fn type_word(column: ColumnType) -> &'static str {
    match column {
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => "INTEGER",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Real | ColumnType::Double => "REAL",
        ColumnType::Numeric => "NUMERIC",
        ColumnType::Text => "TEXT",
        ColumnType::Bytea => "BLOB",
        ColumnType::Date => "DATE",
        ColumnType::Time => "TIME",
        ColumnType::Timestamp | ColumnType::Timestamptz => "TIMESTAMP",
        ColumnType::Interval => "INTERVAL",
        ColumnType::Uuid => "UUID",
        ColumnType::Json | ColumnType::Jsonb => "JSON",
        ColumnType::Any => "ANY",
        ColumnType::Other => "PostgreSQL",
    }
}

/// SQLite's word for the class of an expression's values.
fn class_word(ty: Type) -> &'static str {
    match ty {
        Type::Integer | Type::Boolean => "INT",
        Type::Real | Type::Numeric => "REAL",
        Type::Blob => "BLOB",
        _ => "TEXT",
    }
}

impl Pass<'_> {
    /// The column that a value goes into; none in a definition of a table.
    fn stored_in(&self, target: &Target) -> Option<(Arc<Table>, usize)> {
        Some((Arc::clone(self.stored.table.as_ref()?), target.at?))
    }

    /// Notes that the parameter is a value of that column.
    pub fn note_stored(&mut self, expr: &Expr, target: &Target) {
        if let (super::ast::ExprKind::Placeholder(number), Some(at)) = (&super::pass::peel(expr).kind, target.at) {
            self.stored.values.push((*number as usize, SlotContext::Column(target.data_type), at));
        }
    }

    /// The value by one of `sqlift.store_integer` and its like, which says where it was to go when it does not fit.
    pub fn store(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) {
        let own = Type::from(target.data_type);
        let (function, exact) = match own {
            Type::Integer => ("sqlift.store_integer(", "sqlift.exact_integer"),
            Type::Real => ("sqlift.store_real(", "sqlift.exact_real"),
            Type::Numeric => ("sqlift.store_number(", "sqlift.exact_number"),
            Type::Text => ("sqlift.store_text(", "sqlift.exact_text"),
            _ => ("sqlift.store_blob(", "sqlift.exact_blob"),
        };
        let Some((table, at)) = self.stored_in(target) else { return self.call(expr, typed, exact) };
        if typed.constant.is_some() {
            let ty = match typed.ty {
                Type::Integer => "::bigint",
                Type::Real | Type::Numeric => "::double precision",
                Type::Blob => "::bytea",
                _ => "::text",
            };
            self.suffix(expr, typed, ty);
        }
        let place = quote_literal(&place(&table, &table.columns[at]));
        self.edits.wrap(expr.span, function, format!(", {place})"));
        typed.class = super::types::Class::Primary;
    }

    /// A value that the column does not take, which the text shows. SQLite finds it when a row is written, where it finds it
    /// at all.
    ///
    /// # Errors
    /// The refusal, where SQLite would have kept the value.
    pub fn cannot_store(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) -> Result<()> {
        let own = Type::from(target.data_type);
        let class = match (own, typed.ty) {
            // Text that is a number, too large for the column or with a fraction.
            (Type::Integer, Type::Text) if matches!(&typed.constant, Some(super::types::Constant::Text(text)) if super::types::number_in_text(text).is_some()) => {
                "REAL"
            }
            (_, ty) => class_word(ty),
        };
        let place = match self.stored_in(target) {
            Some((table, at)) => {
                let column = &table.columns[at];
                let has_function = matches!(own, Type::Integer | Type::Real | Type::Numeric | Type::Text | Type::Blob);
                if has_function && (column.strict.is_some() || is_key(column)) {
                    self.store(expr, typed, target);
                    return Ok(());
                }
                place(&table, column)
            }
            None => format!("{} column {}", type_word(target.data_type), target.name),
        };
        Err(Refusal {
            message: format!("cannot store {class} value in {place}"),
            span: expr.span,
            help: Some(remedy(target.data_type, class).to_owned()),
            rule: Some(DATATYPE),
        })
    }
}
