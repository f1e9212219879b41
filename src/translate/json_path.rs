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
        let document = self.json_document(left)?;
        let mut path = self.value(right)?;
        let is_constant = path.constant.is_some();
        let heard = [document, path.clone()];
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
        // COLLATE binds tighter than the arrow.
        let mut typed = Typed::new(ty);
        typed.hear_collation(&heard);
        Ok(typed)
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
        self.reads_json = true;
        let is_sized = std::mem::take(&mut self.sized_json);
        let typed = self.json_candidate(expr);
        self.sized_json = is_sized;
        let mut typed = typed?;
        if self.options.json5 {
            // What has no columns is read when a row asks for it, and once: the planner would read it ahead, and fail where no row asks.
            let is_late = !has_columns(expr);
            let function = match (is_sized, is_late) {
                (true, false) => "sqlift.json5_sized",
                (true, true) => "sqlift.json5_sized_late",
                (false, false) => "sqlift.json5",
                (false, true) => "sqlift.json5_late",
            };
            self.call(expr, &mut typed, function);
            if is_late {
                self.edits.wrap(expr.span, "(SELECT ", ")");
            }
        }
        Ok(typed)
    }

    /// The same where it need not be JSON.
    pub fn json_candidate(&mut self, expr: &Expr) -> Result<Typed> {
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

    /// As [`Pass::json_text`], for a function whose rows or result are SQLite's binary JSON.
    pub fn json_bytes(&mut self, expr: &Expr) -> Result<Typed> {
        let is_sized = std::mem::replace(&mut self.sized_json, true);
        let typed = self.json_text(expr);
        self.sized_json = is_sized;
        typed
    }

    /// As [`Pass::json_text`], for functions that read a jsonb column as it is.
    pub fn json_document(&mut self, expr: &Expr) -> Result<Typed> {
        match self.json_column(expr) == Some(Type::Native(ColumnType::Jsonb)) {
            true => self.value(expr),
            false => self.json_text(expr),
        }
    }

    /// Reads what `expr` extracts as another type, with the function's further arguments; false where that has no function.
    pub fn json_as(&mut self, expr: &Expr, function: &str, more: &'static str) -> bool {
        let Some(pieces) = self.json_extracted(expr, function, more) else { return false };
        self.edits.replace(peel(expr).span, pieces);
        true
    }

    /// What `expr` extracts from a column, or json_each's value, as `function` reads it.
    ///
    /// CAST keeps the words that an index may have been made with; the others read the document once, in a subquery.
    fn json_extracted(&self, expr: &Expr, function: &str, more: &'static str) -> Option<Vec<Piece>> {
        if let Some(row) = self.json_element_of(expr) {
            let read = format!("sqlift.json_element_{function}({row}.sqlift_raw{more})");
            return Some(vec![
                match function {
                    "real_addend" => format!("CASE WHEN {row}.sqlift_integer IS NULL THEN {read} END"),
                    "integer_addend" | "integer" => format!("coalesce({row}.sqlift_integer, {read})"),
                    "rank" => format!("coalesce({row}.sqlift_integer::numeric, {read})"),
                    "text" | "letters" if self.has_values_alone(expr) => {
                        format!("coalesce({row}.sqlift_string, {read})")
                    }
                    _ => read,
                }
                .into(),
            ]);
        }
        let (document, path) = json_parts(expr).filter(|(document, _)| self.is_json_column(document))?;
        // A name's text is told by what stands ahead of it.
        let is_name = function == "letters" && known_path(expr).is_none_or(|path| !path.contains('['));
        let is_cast = ["text", "integer", "real"].contains(&function);
        if is_cast || is_name || self.no_parameters.is_some() || self.json_column(document) != Some(Type::Text) {
            let mut pieces = call(&format!("sqlift.json_extract_{function}"), document, path);
            pieces.pop();
            pieces.push(format!("{more})").into());
            return Some(pieces);
        }
        let mut pieces: Vec<Piece> =
            vec![format!("(SELECT sqlift.json_element_{function}(sqlift_r.x{more}) FROM ").into()];
        pieces.extend(json_raw(expr, "x", "sqlift_r")?);
        pieces.push(")".into());
        Some(pieces)
    }

    /// The two addends of sum(): where the query has a FROM that can offer it, and sums `all_rows`, the element is read there, once
    /// for both.
    pub fn json_addends(&mut self, expr: &Expr, all_rows: bool) -> Option<(Vec<Piece>, Vec<Piece>)> {
        if all_rows && self.json_element_of(expr).is_none() && self.is_offered(expr) {
            let (source, name) = (self.generated_name(), self.generated_name());
            let mut pieces: Vec<Piece> = vec![", LATERAL ".into()];
            pieces.extend(json_raw(expr, &name, &source)?);
            self.scope().more_sources.extend(pieces);
            let of = |function: &str| vec![format!("sqlift.json_element_{function}({source}.{name})").into()];
            return Some((of("integer_addend"), of("real_addend")));
        }
        self.json_extracted(expr, "integer_addend", "").zip(self.json_extracted(expr, "real_addend", ""))
    }

    /// Whether `expr` extracts from a column of text of the SELECT around, whose FROM may be given one more source.
    fn is_offered(&self, expr: &Expr) -> bool {
        let Some((document, _)) = json_parts(expr) else { return false };
        let ExprKind::Column { table, column, .. } = &peel(document).kind else { return false };
        let Some(scope) = self.scopes.last() else { return false };
        let Ok(Meaning::Column { source, typed: Typed { ty: Type::Text, .. }, pick: None, .. }) =
            self.lookup(table.as_ref(), column, document.span)
        else {
            return false;
        };
        let is_own = scope.sources.iter().any(|own| own.printed == source);
        is_own && !self.options.json5 && scope.from.is_some() && self.no_parameters.is_none()
    }

    /// `<` and its like between a JSON value and what has no affinity.
    ///
    /// So is equality of what no index needs as it is: json_each's value, and elements of a table without an index over JSON.
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
            BinaryOperator::Equal | BinaryOperator::NotEqual => [left, right]
                .into_iter()
                .any(|side| self.json_element_of(side).is_some() || self.is_json_unindexed(side)),
            _ => true,
        };
        if matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual)
            && (self.json_key_is(left, l, r) || self.json_key_is(right, r, l))
        {
            return true;
        }
        match (l.ty, r.ty) {
            _ if !is_read => false,
            (Type::Json, _) => self.json_ordered(left, l, right, r),
            (_, Type::Json) => self.json_ordered(right, r, left, l),
            _ => false,
        }
    }

    /// json_each's key beside a constant name: as text, where that of an array's element is the empty one.
    fn json_key_is(&mut self, key: &Expr, value: &mut Typed, other: &Typed) -> bool {
        let is_name = matches!(&other.constant, Some(Constant::Text(text)) if !text.is_empty());
        let Some(row) = self.json_column_of(key, "key").filter(|_| is_name) else { return false };
        self.edits.replace(peel(key).span, [format!("{row}.sqlift_key").into()]);
        *value = Typed::new(Type::Text).nullable(value.nullable);
        true
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
        self.without_boolean(number, other);
        if let (Some(Constant::Integer(number)), Some(row)) = (&other.constant, self.json_element_of(json))
            && !has_affinity
            && number.unsigned_abs() < 1 << 53
        {
            // As an integer too: any other value as the next one at its side.
            let rank = format!("sqlift.json_element_rank({row}.sqlift_raw, false)");
            let beside = format!("coalesce({row}.sqlift_integer, {number} + numeric_cmp({rank}, {number}))");
            self.edits.replace(peel(json).span, [beside.into()]);
            *value = Typed::new(Type::Integer).nullable(value.nullable);
            return true;
        }
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
        self.json_column_of(expr, "value")
    }

    /// Whether the row is of `sqlift.json_values`.
    fn has_values_alone(&self, value: &Expr) -> bool {
        let ExprKind::Column { table, column, .. } = &peel(value).kind else { return false };
        let Ok(Meaning::Column { source, .. }) = self.lookup(table.as_ref(), column, value.span) else { return false };
        let of_row = |scope: &super::scope::Scope| {
            let found = scope.sources.iter().rfind(|found| found.printed == source)?;
            Some(found.column("key").is_none())
        };
        self.scopes.iter().rev().find_map(of_row) == Some(true)
    }

    fn json_column_of(&self, expr: &Expr, wanted: &str) -> Option<std::rc::Rc<str>> {
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
        let is_value = typed.ty == Type::Json && *name == *wanted;
        (is_value && self.scopes.iter().rev().find_map(is_raw) == Some(true)).then_some(source)
    }

    /// An element of a column of text whose table has no index that an equality of JSON could use.
    fn is_json_unindexed(&self, expr: &Expr) -> bool {
        let Some((document, _)) = json_parts(expr) else { return false };
        let ExprKind::Column { table, column, .. } = &peel(document).kind else { return false };
        let Ok(Meaning::Column { source, typed: Typed { ty: Type::Text, .. }, pick: None, .. }) =
            self.lookup(table.as_ref(), column, document.span)
        else {
            return false;
        };
        let of_json = |index: &super::catalog::Index| {
            index.created.as_ref().is_none_or(|text| text.contains("->") || text.to_ascii_lowercase().contains("json"))
        };
        let found =
            self.scopes.iter().rev().find_map(|scope| scope.sources.iter().rfind(|found| found.printed == source));
        found.and_then(|found| found.table()).is_some_and(|table| !table.is_view && !table.indexes.iter().any(of_json))
    }

    /// A column of text: nothing is computed where an expression reads it several times.
    pub fn is_json_text(&self, document: &Expr) -> bool {
        self.json_column(document) == Some(Type::Text) && !self.options.json5
    }

    fn is_json_column(&self, document: &Expr) -> bool {
        self.is_json_text(document) || self.json_column(document) == Some(Type::Native(ColumnType::Jsonb))
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

/// `(SELECT sqlift.json_raw(document, path) AS name OFFSET 0) AS source`, which is computed once for each row around.
///
/// A path that is known is read in stages, each up to an index: then a name need not be the only one of its kind in the
/// document, but only in the element that the stage before has found.
fn json_raw(expr: &Expr, name: &str, source: &str) -> Option<Vec<Piece>> {
    let (document, path) = json_parts(expr)?;
    let mut stages = known_path(expr).map_or_else(Vec::new, |path| stages(&path));
    let last = stages.pop().map_or(path, |stage| vec![super::names::quote_literal(&stage).into()]);
    let mut pieces: Vec<Piece> = vec!["(SELECT sqlift.json_raw(".into()];
    match stages.len() {
        0 => pieces.push(document.span.into()),
        _ => pieces.push("sqlift_s.x".into()),
    }
    pieces.push(", ".into());
    pieces.extend(last);
    pieces.push(format!(") AS {name}").into());
    let mut ends = 0;
    while let Some(stage) = stages.pop() {
        pieces.push(" FROM (SELECT sqlift.json_raw(".into());
        pieces.push(if stages.is_empty() { document.span.into() } else { "sqlift_s.x".into() });
        pieces.push(format!(", {}) AS x", super::names::quote_literal(&stage)).into());
        ends += 1;
    }
    for _ in 0..ends {
        pieces.push(" OFFSET 0) AS sqlift_s".into());
    }
    pieces.push(format!(" OFFSET 0) AS {source}").into());
    Some(pieces)
}

/// The path of `json_extract(document, path)` or `document ->> path` where it is a literal that begins with `$`.
fn known_path(expr: &Expr) -> Option<String> {
    let path = match &peel(expr).kind {
        ExprKind::Call(json) => json.arguments.get(1)?,
        ExprKind::Binary { right, .. } => right,
        _ => return None,
    };
    match &peel(path).kind {
        ExprKind::String(path) if path.starts_with('$') => Some(path.clone()),
        _ => None,
    }
}

/// The path cut behind each index that has a name behind it; none where it has quotes, which may hide brackets.
fn stages(path: &str) -> Vec<String> {
    if path.contains(['"', '\\']) {
        return vec![path.to_owned()];
    }
    let mut stages: Vec<String> = Vec::new();
    let mut rest = path;
    while let Some(cut) = rest.find("].") {
        let stage = if stages.is_empty() { rest[..=cut].to_owned() } else { format!("${}", &rest[..=cut]) };
        stages.push(stage);
        rest = &rest[cut + 1..];
    }
    stages.push(if stages.is_empty() { rest.to_owned() } else { format!("${rest}") });
    stages
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

/// Whether the value is the row's.
fn has_columns(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Column { .. } | ExprKind::Subquery(_)) || expr.children().into_iter().any(has_columns)
}
