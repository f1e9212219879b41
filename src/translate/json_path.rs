//! What is read from JSON by a path: json_extract, `->` and `->>`, and what the expression around them makes of it.
//!
//! `sqlift.json_extract` gives jsonb, a value whose class only the row knows. Where the expression around it wants text or a
//! number anyway, another function reads that at once. Of a document that is a column the planner puts these functions' bodies
//! in their place (see `json_paths.sql`); others are computed once and handed to a function.

use super::ast::{BinaryOperator, Call, Expr, ExprKind};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::names::fold;
use super::pass::{Pass, Result, peel};
use super::scope::Meaning;
use super::types::{Affinity, Constant, Type, Typed};

impl Pass<'_> {
    pub fn json_arrow(&mut self, expr: &Expr, operator: BinaryOperator, left: &Expr, right: &Expr) -> Result<Typed> {
        self.note(&super::rules::operators::JSON_ARROW, expr.span);
        self.json_document(left)?;
        let mut path = self.value(right)?;
        let is_constant = path.constant.is_some();
        if path.ty == Type::Integer {
            self.suffix(right, &mut path, "::bigint");
        } else {
            self.as_text(right, &mut path)?;
        }
        let ty = if operator == BinaryOperator::JsonArrow { Type::Text } else { Type::Json };
        let path: Vec<Piece> = vec!["sqlift.json_step_path(".into(), right.span.into(), ")".into()];
        let pieces = match (self.is_json_column(left) || !is_constant, ty) {
            (true, Type::Text) => call("sqlift.json_arrow", left, vec![right.span.into()]),
            (true, _) => call("sqlift.json_arrow_text", left, vec![right.span.into()]),
            (false, Type::Text) => call("sqlift.json_picked_text", left, with_steps(path)),
            (false, _) => call("sqlift.json_picked", left, with_steps(path)),
        };
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(ty))
    }

    pub fn json_extract(&mut self, expr: &Expr, json: &Call) -> Result<Typed> {
        let (document, paths) = json.arguments.split_first().expect("json_extract has two arguments at least");
        if let [path] = paths {
            self.json_document(document)?;
            let mut typed = self.value(path)?;
            let is_constant = typed.constant.is_some();
            self.as_text(path, &mut typed)?;
            let path = vec![path.span.into()];
            let pieces = if self.is_json_column(document) || !is_constant {
                call("sqlift.json_extract", document, path)
            } else {
                call("sqlift.json_picked", document, with_steps(path))
            };
            self.edits.replace(expr.span, pieces);
            return Ok(Typed::new(Type::Json));
        }
        self.json_text(document)?;
        let mut rest = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let mut typed = self.value(path)?;
            self.as_text(path, &mut typed)?;
            if index > 0 {
                rest.push(", ".into());
            }
            rest.push(path.span.into());
        }
        self.edits.replace(expr.span, call("sqlift.json_extract", document, rest));
        Ok(Typed::new(Type::Text))
    }

    /// A JSON argument: text, or a json column.
    pub fn json_text(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.value(expr)?;
        match typed.ty {
            Type::Native(ColumnType::Json | ColumnType::Jsonb) => {
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

    /// As [`Pass::json_text`], for functions that read a jsonb column as it is.
    pub fn json_document(&mut self, expr: &Expr) -> Result<()> {
        if self.json_column(expr) == Some(Type::Native(ColumnType::Jsonb)) {
            self.value(expr)?;
            return Ok(());
        }
        self.json_text(expr)?;
        Ok(())
    }

    /// Reads what `expr` extracts as another type, with the function's further arguments; false where that has no function.
    pub fn json_as(&mut self, expr: &Expr, function: &str, more: &str) -> bool {
        let Some(mut pieces) = self.json_extracted(expr, function) else { return false };
        pieces.pop();
        pieces.push(format!("{more})").into());
        self.edits.replace(peel(expr).span, pieces);
        true
    }

    /// `sqlift.json_extract_function(document, path)` for what `expr` extracts from a column, `sqlift.json_element_function(raw)`
    /// for json_each's value.
    pub fn json_extracted(&self, expr: &Expr, function: &str) -> Option<Vec<Piece>> {
        if let Some(row) = self.json_element_of(expr) {
            return Some(vec![format!("sqlift.json_element_{function}({row}.sqlift_raw").into(), ")".into()]);
        }
        let (document, path) = json_parts(expr).filter(|(document, _)| self.is_json_column(document))?;
        Some(call(&format!("sqlift.json_extract_{function}"), document, path))
    }

    /// `<` and its like between a JSON value and what has no affinity.
    ///
    /// So is equality of json_each's value, which no index needs as it is.
    pub fn json_in_order(
        &mut self,
        operator: BinaryOperator,
        left: &Expr,
        l: &mut Typed,
        right: &Expr,
        r: &mut Typed,
    ) -> bool {
        let is_read = match operator {
            BinaryOperator::Is | BinaryOperator::IsNot => false,
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                self.json_element_of(left).is_some() || self.json_element_of(right).is_some()
            }
            _ => true,
        };
        match (l.ty, r.ty) {
            _ if !is_read => false,
            (Type::Json, _) => self.json_ordered(left, l, right, r),
            (_, Type::Json) => self.json_ordered(right, r, left, l),
            _ => false,
        }
    }

    fn json_ordered(&mut self, json: &Expr, value: &mut Typed, operand: &Expr, other: &mut Typed) -> bool {
        if matches!(other.affinity, Affinity::Number | Affinity::Text) {
            return false;
        }
        // Numbers come before any text: as the empty one they come before this.
        if matches!(&other.constant, Some(Constant::Text(text)) if !text.is_empty())
            && self.json_as(json, "letters", "")
        {
            *value = Typed::new(Type::Text).nullable(value.nullable);
            return true;
        }
        self.json_beside_number(json, value, operand, other)
    }

    /// A JSON value beside a column, whose affinity the value gets.
    pub fn json_by_affinity(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<bool> {
        let (json, value, operand, other) = match (l.ty, r.ty) {
            (Type::Json, Type::Json) => return Ok(false),
            (Type::Json, _) => (left, l, right, r),
            (_, Type::Json) => (right, r, left, l),
            _ => return Ok(false),
        };
        match other.affinity {
            Affinity::None | Affinity::Blob | Affinity::Unclear => Ok(false),
            Affinity::Number => Ok(other.ty != Type::Text && self.json_beside_number(json, value, operand, other)),
            // Two columns, neither of which is of numbers, compare as they are.
            Affinity::Text if value.affinity == Affinity::Blob => Ok(false),
            Affinity::Text => {
                self.as_text(json, value)?;
                Ok(other.ty == Type::Text)
            }
        }
    }

    /// A JSON value and a number side by side: the value as a number, text as one greater than all others.
    pub fn json_beside_number(&mut self, json: &Expr, value: &mut Typed, number: &Expr, other: &mut Typed) -> bool {
        let has_affinity = other.affinity == Affinity::Number;
        match (&other.constant, other.ty) {
            (Some(Constant::Real(real)), _) if real.is_finite() => self.bare_number(number),
            // A real by the row would make reals of all numbers.
            (_, Type::Real) if !has_affinity => return false,
            (_, Type::Integer | Type::Real | Type::Numeric) => {}
            _ => return false,
        }
        self.by_row(other);
        if !self.json_as(json, "rank", if has_affinity { ", true" } else { ", false" }) {
            let after = if has_affinity { ", true)" } else { ", false)" };
            self.edits.wrap(json.span, "sqlift.json_rank(", after);
        }
        *value = Typed::new(Type::Numeric).nullable(value.nullable);
        true
    }

    /// The row of json_each whose `value` this is.
    pub fn json_element_of(&self, expr: &Expr) -> Option<std::rc::Rc<str>> {
        let ExprKind::Column { table, column, .. } = &peel(expr).kind else { return None };
        let Ok(Meaning::Column { source, name, typed, pick: None, .. }) =
            self.lookup(table.as_ref(), column, expr.span)
        else {
            return None;
        };
        let is_raw = |scope: &super::scope::Scope| {
            let found = scope.sources.iter().rfind(|found| found.printed == source)?;
            Some(found.hidden_at.is_some() && found.rowid().is_none())
        };
        let is_value = typed.ty == Type::Json && *name == *"value";
        (is_value && self.scopes.iter().rev().find_map(is_raw) == Some(true)).then_some(source)
    }

    /// A column of text: nothing is computed where an expression reads it several times.
    pub fn is_json_text(&self, document: &Expr) -> bool {
        self.json_column(document) == Some(Type::Text)
    }

    fn is_json_column(&self, document: &Expr) -> bool {
        matches!(self.json_column(document), Some(Type::Text | Type::Native(ColumnType::Jsonb)))
    }

    /// The type of a plain column.
    fn json_column(&self, document: &Expr) -> Option<Type> {
        let ExprKind::Column { table, column, .. } = &peel(document).kind else { return None };
        match self.lookup(table.as_ref(), column, document.span) {
            Ok(Meaning::Column { typed, pick: None, .. }) => Some(typed.ty),
            _ => None,
        }
    }
}

/// The document and the path of `json_extract(document, path)` and `document ->> path`.
fn json_parts(expr: &Expr) -> Option<(&Expr, Vec<Piece>)> {
    match &peel(expr).kind {
        ExprKind::Call(json) if fold(&json.name.text) == "json_extract" => match json.arguments.as_slice() {
            [document, path] => Some((document, vec![path.span.into()])),
            _ => None,
        },
        ExprKind::Binary { operator: BinaryOperator::JsonArrowText, left, right, .. } => {
            Some((left, vec!["sqlift.json_step_path(".into(), right.span.into(), ")".into()]))
        }
        _ => None,
    }
}

/// `function(document, rest)`
fn call(function: &str, document: &Expr, rest: Vec<Piece>) -> Vec<Piece> {
    let mut pieces = vec![format!("{function}(").into(), document.span.into(), ", ".into()];
    pieces.extend(rest);
    pieces.push(")".into());
    pieces
}

/// `path, steps`: the planner takes the path apart.
fn with_steps(path: Vec<Piece>) -> Vec<Piece> {
    let mut pieces = path.clone();
    pieces.push(", sqlift.json_steps(".into());
    pieces.extend(path);
    pieces.push(")".into());
    pieces
}
