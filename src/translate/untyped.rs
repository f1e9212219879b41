//! Columns without a declared type: `sqlift.value`, a value of any storage class.
//!
//! Such a value meets others as a value too, so that PostgreSQL's own comparison of records is SQLite's of values; what an
//! affinity converts is converted first. <https://sqlite.org/datatype3.html#affinity_of_comparison_operands>
//! The caller's rows carry it as the bytes that PostgreSQL sends of a record.

use super::assign::Target;
use super::ast::Expr;
use super::collation::deciding_collation;
use super::edits::Piece;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::types::Columns;
use super::types::{Affinity, Collation, Constant, Type, Typed, number_in_text};
use crate::syntax::Span;

/// The type of such columns on PostgreSQL.
pub(crate) const VALUE: &str = "sqlift.value";

/// A record as bytes, which need no look at its type.
pub(crate) const SHOWN: &str = "pg_catalog.record_send(";

/// What the other side's affinity does to a value ahead of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conversion {
    Nothing,
    ToNumber,
    ToText,
}

impl Conversion {
    fn function(self) -> Option<&'static str> {
        match self {
            Conversion::Nothing => None,
            Conversion::ToNumber => Some("sqlift.numeric_value"),
            Conversion::ToText => Some("sqlift.text_value"),
        }
    }
}

impl Pass<'_> {
    /// The expression as a value of any class.
    pub fn as_any(&mut self, expr: &Expr, typed: &mut Typed) -> Result<()> {
        self.without_boolean(expr, typed);
        self.by_row(typed);
        match typed.ty {
            Type::Any => return Ok(()),
            // The parameter itself may stand beside another type elsewhere.
            Type::Null if typed.placeholder.is_some() => self.edits.replace_text(expr.span, "NULL::sqlift.value"),
            Type::Null => self.suffix(expr, typed, "::sqlift.value"),
            _ => {
                if matches!(typed.ty, Type::Native(_)) {
                    // A date or uuid is text to SQLite.
                    self.as_text(expr, typed)?;
                }
                if matches!(typed.constant, Some(Constant::Text(_))) {
                    self.suffix(expr, typed, "::text");
                }
                self.widen(expr, typed);
                self.call(expr, typed, "sqlift.value_of");
            }
        }
        self.fired.rule(&rules::types::UNTYPED_VALUES);
        typed.ty = Type::Any;
        typed.column = None;
        typed.constant = None;
        typed.placeholder = None;
        Ok(())
    }

    /// A value for a column of any class, which may have NUMERIC affinity.
    pub fn assign_any(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) -> Result<()> {
        let stays = match &typed.constant {
            Some(Constant::Text(text)) => number_in_text(text).is_none(),
            Some(Constant::Integer(_)) => true,
            _ => matches!(typed.ty, Type::Blob | Type::Integer | Type::Boolean),
        };
        self.as_any(expr, typed)?;
        if target.numeric_affinity && !stays {
            self.call(expr, typed, "sqlift.stored_numeric_value");
        }
        Ok(())
    }

    /// A value of any class for a column with a type: what the column cannot keep as it is, is an error.
    pub fn convert_any(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) -> Result<()> {
        let own = Type::from(target.data_type);
        match own {
            Type::Integer | Type::Real | Type::Numeric | Type::Text | Type::Blob => self.store(expr, typed, target),
            Type::Boolean => self.call(expr, typed, "sqlift.exact_boolean"),
            _ => {
                return refuse(
                    format!("column {} cannot take {} on PostgreSQL", target.name, typed.ty.describe()),
                    expr.span,
                    "CAST it to TEXT",
                );
            }
        }
        self.fired.rule(&rules::types::UNTYPED_VALUES);
        typed.ty = own;
        Ok(())
    }

    /// Two sides of a comparison, one of which is a value of any class: both become one, and their records compare.
    pub fn compare_any(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<()> {
        self.compare_any_with_each(left, l, &mut [(right, r)])
    }

    /// One expression that is compared with each of several, and stands in the text once.
    pub fn compare_any_with_each(
        &mut self,
        one: &Expr,
        typed: &mut Typed,
        others: &mut [(&Expr, &mut Typed)],
    ) -> Result<()> {
        let mut ways: Vec<(Conversion, Collation)> = Vec::new();
        for (other, found) in others.iter() {
            if found.ty == Type::Null {
                continue;
            }
            let way = (conversion(typed, found, other.span)?, collation(typed, found));
            if ways.first().is_some_and(|first| *first != way) {
                return refuse(
                    "a value of any type is compared in several ways at once",
                    one.span,
                    "write the comparisons one by one, joined with AND or OR",
                );
            }
            ways.push(way);
        }
        for (other, found) in others.iter_mut() {
            let way = (conversion(found, typed, other.span)?, collation(typed, found));
            self.as_any(other, found)?;
            self.converted(other, found, way);
        }
        let way = ways.first().copied().unwrap_or((Conversion::Nothing, Collation::Binary));
        self.as_any(one, typed)?;
        self.converted(one, typed, way);
        Ok(())
    }

    /// BETWEEN, where each bound's affinity and collation may make another value of the operand.
    pub fn between_any(
        &mut self,
        expr: &Expr,
        negated: bool,
        (operand, x): (&Expr, &mut Typed),
        bounds: [(&Expr, &mut Typed); 2],
    ) -> Result<()> {
        let mut pieces: Vec<Piece> = vec![if negated { "(NOT (" } else { "((" }.into()];
        let own = x.clone();
        self.as_any(operand, x)?;
        for ((bound, typed), operator) in bounds.into_iter().zip([" >= ", " <= "]) {
            let collation = folding(collation(&own, typed));
            let sides =
                [(operand, conversion(&own, typed, bound.span)?), (bound, conversion(typed, &own, operand.span)?)];
            self.as_any(bound, typed)?;
            if operator == " <= " {
                pieces.push(" AND ".into());
            }
            for (index, (side, conversion)) in sides.into_iter().enumerate() {
                let functions: Vec<&str> = [collation, conversion.function()].into_iter().flatten().collect();
                pieces.push(if index == 0 { "" } else { operator }.into());
                pieces.extend(functions.iter().map(|function| format!("{function}(").into()));
                pieces.extend(["(".into(), side.span.into(), ")".into()]);
                pieces.push(")".repeat(functions.len()).into());
            }
        }
        pieces.push("))".into());
        self.edits.replace(expr.span, pieces);
        Ok(())
    }

    fn converted(&mut self, expr: &Expr, typed: &mut Typed, (conversion, collation): (Conversion, Collation)) {
        if let Some(function) = conversion.function() {
            self.call(expr, typed, function);
        }
        self.fold_for(collation, expr, typed);
    }

    /// `x IN` a query: x, and what each of the query's values becomes, where it is called `e`.
    pub fn in_any(&mut self, operand: &Expr, left: &mut Typed, column: &Typed, span: Span, e: &str) -> Result<String> {
        if matches!(column.ty, Type::Native(_)) {
            return refuse(
                format!("IN compares {} with {}", left.ty.describe(), column.ty.describe()),
                span,
                "CAST one side to the type of the other",
            );
        }
        let collation = collation(left, column);
        let own = conversion(left, column, operand.span)?;
        let mut each = if column.ty == Type::Any { e.to_owned() } else { format!("sqlift.value_of({e})") };
        for function in [conversion(column, left, span)?.function(), folding(collation)].into_iter().flatten() {
            each = format!("{function}({each})");
        }
        self.as_any(operand, left)?;
        self.converted(operand, left, (own, collation));
        Ok(each)
    }

    /// The rows of a query for the caller. Around the whole of it: what the query itself orders, groups or compares stays
    /// a value.
    pub fn show_values(&mut self, columns: &Columns, query: Span) {
        if !columns.iter().any(|(_, typed)| typed.ty == Type::Any) {
            return;
        }
        self.fired.rule(&rules::types::UNTYPED_VALUES);
        let names: Vec<String> = (1..=columns.len()).map(|number| format!("c{number}")).collect();
        let shown: Vec<String> = columns
            .iter()
            .zip(&names)
            .map(|((_, typed), name)| match typed.ty {
                Type::Any => format!("{SHOWN}{name})"),
                _ => name.clone(),
            })
            .collect();
        self.edits.wrap(
            query,
            format!("SELECT {} FROM (", shown.join(", ")),
            format!(") AS sqlift_shown({})", names.join(", ")),
        );
    }
}

/// The function that gives a value of any class as the collation sees it.
pub(crate) fn folding(collation: Collation) -> Option<&'static str> {
    match collation {
        Collation::Binary => None,
        Collation::NoCase => Some("sqlift.nocase_value"),
        Collation::RTrim => Some("sqlift.rtrim_value"),
    }
}

/// Refuses a COLLATE that would go unheard.
pub(crate) fn no_collation<T>(span: Span) -> Result<T> {
    refuse("a value of any type by NOCASE or RTRIM here", span, "CAST it to TEXT inside of COLLATE")
}

/// The collation of a comparison: of numbers alone there is none to choose.
fn collation(l: &Typed, r: &Typed) -> Collation {
    deciding_collation(l, r)
}

/// The function that does to `own` what `other`'s affinity does.
pub(crate) fn converting(own: &Typed, other: &Typed, span: Span) -> Result<Option<&'static str>> {
    Ok(conversion(own, other, span)?.function())
}

/// What `other`'s affinity makes of `own`.
fn conversion(own: &Typed, other: &Typed, span: Span) -> Result<Conversion> {
    let is_number = own.ty.is_number() || own.ty == Type::Boolean;
    // Of a compound SELECT it is one arm's; another one's values may be of other classes.
    let is_of_arms = own.ty == Type::Any;
    Ok(match (own.affinity, other.affinity) {
        (Affinity::Number, _) if is_of_arms => Conversion::ToNumber,
        (Affinity::Text, Affinity::None) if is_of_arms => Conversion::ToText,
        (Affinity::Number, _) => Conversion::Nothing,
        (_, Affinity::Number) if !is_number => Conversion::ToNumber,
        (Affinity::None, Affinity::Text) => Conversion::ToText,
        (Affinity::Unclear, Affinity::Text) => {
            return refuse(
                "whether this is a column or an expression only the view knows, and text is compared with each in another way",
                span,
                "CAST it to TEXT, or read the view's table",
            );
        }
        _ => Conversion::Nothing,
    })
}
