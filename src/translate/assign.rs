//! Values assigned to columns: as SQLite's column affinity converts them, or refused.

use super::ast::{Expr, ExprKind, Name, Quote};
use super::beside::{Side, says_value};
use super::catalog::{Column, ColumnType, Table};
use super::names::{identifier, quote_literal};
use super::pass::{Pass, Result, peel, refuse};
use super::types::type_name;
use super::types::{Constant, SPACES, Type, Typed, integral, number_in_text, real_to_text};
use super::{Note, Refusal};
use crate::syntax::Span;
use once_cell::sync::Lazy;
use regex::Regex;

/// A column that gets a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub name: String,
    pub data_type: ColumnType,
    /// The table, when the column is its self-numbering integer key.
    pub identity_of: Option<String>,
    /// NULL for the key may be written DEFAULT (VALUES of an INSERT).
    pub default_word: bool,
    /// PostgreSQL does not see the column, so the value needs a cast (VALUES in a common table).
    pub cast: bool,
    /// It is converted outside of the query that it comes from.
    pub as_is: bool,
    /// As [`Column::numeric_affinity`].
    pub numeric_affinity: bool,
    /// What OR REPLACE writes where NULL is not allowed: the column's default.
    pub default: Option<String>,
    /// Which of the table's columns it is, where it is one that SQLite's text names.
    pub at: Option<usize>,
}

impl Target {
    pub fn of(table: &Table, column: &Column) -> Target {
        Target {
            name: column.name.clone(),
            data_type: column.data_type,
            identity_of: (column.is_rowid && column.is_identity).then(|| table.name.clone()),
            default_word: false,
            cast: false,
            as_is: false,
            numeric_affinity: column.numeric_affinity,
            default: column.default.as_ref().filter(|_| column.not_null && !column.is_rowid).map(|default| {
                match type_name(column.data_type) {
                    Some(name) => format!("({default})::{name}"),
                    None => format!("({default})"),
                }
            }),
            at: place_among(&table.columns, column),
        }
    }

    /// A column of a table that is being created.
    pub fn new(name: &str, data_type: ColumnType) -> Target {
        Target {
            name: name.to_owned(),
            data_type,
            identity_of: None,
            default_word: false,
            cast: false,
            as_is: false,
            numeric_affinity: false,
            default: None,
            at: None,
        }
    }

    /// Whether a value of that type needs no conversion.
    pub fn takes(&self, typed: &Typed) -> bool {
        let own = Type::from(self.data_type);
        if self.may_be_number(typed) {
            return false;
        }
        if own == Type::Any {
            return typed.ty == Type::Null || typed.ty == Type::Any && !self.numeric_affinity;
        }
        // What is computed may have digits behind the point that a NUMERIC column would not keep.
        typed.ty == own && (own != Type::Numeric || typed.column == Some(ColumnType::Numeric))
            || matches!(typed.ty, Type::Null | Type::Unknown)
            || matches!((own, typed.ty), (Type::Real | Type::Numeric, Type::Integer) | (Type::Real, Type::Numeric))
    }

    /// Whether it may be text that SQLite would keep as a number in a DATETIME column.
    pub fn may_be_number(&self, typed: &Typed) -> bool {
        self.numeric_affinity && typed.ty == Type::Text && typed.constant.is_none() && !typed.never_a_number
    }

    /// What gives the next id, where it is a key that numbers itself.
    pub fn next_id(&self) -> Option<String> {
        let table = self.identity_of.as_ref()?;
        Some(format!("sqlift.next_rowid({}, {})", quote_literal(&identifier(table)), quote_literal(&self.name)))
    }
}

/// Which of the columns it is, by where it lies: a table may have many.
fn place_among(columns: &[Column], column: &Column) -> Option<usize> {
    let from_first = (std::ptr::from_ref(column) as usize).checked_sub(columns.as_ptr() as usize)?;
    let at = from_first / size_of::<Column>();
    columns.get(at).filter(|known| std::ptr::eq(*known, column)).map(|_| at)
}

impl Pass<'_> {
    pub fn assign(&mut self, expr: &Expr, target: &Target) -> Result<Typed> {
        let next_id = target.next_id();
        if let (ExprKind::Null, Some(next_id)) = (&peel(expr).kind, &next_id) {
            let text = if target.default_word { "DEFAULT".to_owned() } else { next_id.clone() };
            self.edits.replace_text(expr.span, text);
            return Ok(Typed::new(Type::Integer).nullable(false));
        }
        let mut typed = self.expr(expr)?;
        self.raising_is_text(expr, &mut typed);
        self.no_number(expr, &mut typed, target)?;
        if typed.placeholder.is_some() && target.data_type != ColumnType::Any {
            self.parameter_of_column(expr, target.data_type);
            self.note_stored(expr, target);
            if let Some(next_id) = next_id {
                self.edits.wrap(expr.span, "coalesce(", format!("::bigint, {next_id})"));
            } else if target.cast {
                self.cast_to_column(expr, &mut typed, target);
            }
            return Ok(Typed::new(Type::from(target.data_type)));
        }
        let before = self.edits.count();
        self.convert(expr, &mut typed, target)?;
        if self.edits.count() > before {
            self.fired.rule(&super::rules::writes::ASSIGNMENT);
        }
        if let Some(next_id) = next_id
            && typed.nullable
        {
            self.edits.wrap(expr.span, "coalesce(", format!(", {next_id})"));
        } else if target.cast {
            self.cast_to_column(expr, &mut typed, target);
        }
        (typed.ty, typed.column) = (Type::from(target.data_type), Some(target.data_type));
        Ok(typed)
    }

    /// The text that assigns what a subquery calls `column`; what is refused is refused at `at`.
    pub fn assigned_column(&mut self, column: &str, typed: &Typed, target: &Target, at: Span) -> Result<String> {
        let span = Span { start: 0, end: column.len() };
        let name = Name { span, text: column.into(), quote: Quote::None };
        let expr = Expr { span, kind: ExprKind::Column { schema: None, table: None, column: name } };
        let mut typed = typed.as_result();
        let mut pass = Pass::new(column, self.catalog, self.options);
        pass.stored.table.clone_from(&self.stored.table);
        let converted =
            pass.no_number(&expr, &mut typed, target).and_then(|()| pass.convert(&expr, &mut typed, target));
        converted.map_err(|refusal| Refusal { span: at, ..refusal })?;
        self.fired.rule(&super::rules::writes::ASSIGNMENT);
        self.notes.extend(pass.notes.into_iter().map(|note| Note { span: at, ..note }));
        Ok(pass.edits.render(column, span).text)
    }

    /// What SQLite would keep as a number in a DATETIME column, which holds text here, is refused.
    fn no_number(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) -> Result<()> {
        let may_be_one = target.numeric_affinity
            && target.data_type == ColumnType::Text
            && !matches!(typed.ty, Type::Null | Type::Boolean | Type::Blob);
        if !may_be_one || self.never_a_number(expr, typed) {
            return Ok(());
        }
        let number = match &typed.constant {
            Some(Constant::Text(text)) => number_in_text(text).is_some(),
            Some(_) => true,
            None => typed.ty.is_number(),
        };
        if number {
            return refuse(
                format!("column {} holds text on PostgreSQL, SQLite keeps this as a number", target.name),
                expr.span,
                "declare the column TEXT to keep it as text, INTEGER or REAL to keep the number",
            );
        }
        if typed.constant.is_none() {
            self.note(&super::rules::types::DATE_TEXT, expr.span);
            self.call(expr, typed, "sqlift.date_text");
            *typed = Typed { ty: Type::Text, placeholder: None, column: None, from_column: true, ..typed.clone() };
        }
        Ok(())
    }

    fn cast_to_column(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) {
        if let Some(name) = type_name(target.data_type) {
            self.suffix(expr, typed, format!("::{name}"));
        }
    }

    fn convert(&mut self, expr: &Expr, typed: &mut Typed, target: &Target) -> Result<()> {
        if typed.ty == Type::Null && matches!(peel(expr).kind, ExprKind::Column { .. }) {
            // The column of a subquery that is NULL in each row, which PostgreSQL takes for text.
            self.cast_to_column(expr, typed, target);
            return Ok(());
        }
        let own = Type::from(target.data_type);
        if own == Type::Any {
            return match typed.ty {
                Type::Null => Ok(()),
                _ => self.assign_any(expr, typed, target),
            };
        }
        if typed.ty == Type::Any {
            return self.convert_any(expr, typed, target);
        }
        if matches!(own, Type::Integer | Type::Numeric) && typed.ty == Type::Real {
            // What is an integer in some rows is not to go through a real, which keeps 53 bits of it.
            self.by_row(typed);
        }
        if own == Type::Boolean && typed.ty != Type::Boolean {
            let value = match &typed.constant {
                Some(Constant::Text(text)) => number_in_text(text),
                constant => constant.clone(),
            };
            if let Some(Constant::Integer(value @ (0 | 1))) = value {
                self.note(&super::rules::booleans::BOOLEAN_LITERAL, expr.span);
                self.edits.replace_text(expr.span, if value == 1 { "true" } else { "false" });
                return Ok(());
            }
        }
        if own != Type::Boolean {
            if let (Type::Boolean, Some(Constant::Integer(value))) = (typed.ty, &typed.constant) {
                let text = if own == Type::Text { format!("'{value}'") } else { value.to_string() };
                self.edits.replace_text(expr.span, text);
                typed.ty = own;
                return Ok(());
            }
            self.without_boolean(expr, typed);
        }
        let keep = |name: &str| format!("column {name} cannot keep this value as it is");
        match (own, typed.ty) {
            (_, Type::Null) => {}
            // A whole number is an integer there; PostgreSQL would keep that 5.0 was written.
            (Type::Numeric, Type::Real) if whole(typed).is_some() => {
                let whole = whole(typed).map(|value| value.to_string());
                self.edits.replace_text(expr.span, whole.unwrap_or_default());
            }
            // SQLite stores no -0.0.
            (Type::Real, Type::Real) if matches!(typed.constant, Some(Constant::Real(value)) if value == 0.0) => {
                self.edits.replace_text(expr.span, "0.0");
            }
            (Type::Real | Type::Numeric, Type::Real) if matches!(&typed.constant, Some(Constant::Real(value)) if value.is_finite() && (own == Type::Real || value.fract() != 0.0)) => {
                if matches!(peel(expr).kind, ExprKind::Float) && expr.kind == ExprKind::Float {
                    self.bare_number(expr);
                }
            }
            (Type::Numeric, Type::Real) => self.call(expr, typed, "sqlift.exact_number"),
            (Type::Numeric, Type::Numeric) if typed.column != Some(ColumnType::Numeric) => {
                self.call(expr, typed, "sqlift.exact_number")
            }
            (a, b) if a == b => {}
            (Type::Real | Type::Numeric, Type::Integer | Type::Numeric | Type::Real | Type::Unknown) => {}
            (Type::Integer | Type::Real | Type::Numeric, Type::Text) if typed.constant.is_some() => {
                let Some(Constant::Text(text)) = &typed.constant else { return Ok(()) };
                match number_in_text(text) {
                    Some(Constant::Integer(value)) => self.edits.replace_text(expr.span, value.to_string()),
                    Some(Constant::Real(value)) if own != Type::Integer => {
                        self.edits.replace_text(expr.span, format!("{value:?}"));
                    }
                    _ => return self.cannot_store(expr, typed, target),
                }
            }
            (Type::Integer, Type::Real) if typed.constant.is_some() => {
                let Some(Constant::Real(value)) = typed.constant else { return Ok(()) };
                match super::types::integral(value) {
                    Some(whole) => self.edits.replace_text(expr.span, whole.to_string()),
                    None => return self.cannot_store(expr, typed, target),
                }
            }
            (Type::Integer, Type::Real | Type::Numeric | Type::Unknown | Type::Text | Type::Json) => {
                self.store(expr, typed, target);
            }
            (Type::Real | Type::Numeric, Type::Text | Type::Json) => self.store(expr, typed, target),
            (Type::Text, Type::Integer)
                if typed.constant.is_some() && !matches!(expr.kind, ExprKind::Parenthesized(_)) =>
            {
                let Some(Constant::Integer(value)) = typed.constant else { return Ok(()) };
                self.edits.replace_text(expr.span, format!("'{value}'"));
            }
            (Type::Text, Type::Real) if typed.constant.is_some() => {
                let Some(Constant::Real(value)) = typed.constant else { return Ok(()) };
                self.edits.replace_text(expr.span, quote_literal(&real_to_text(value)));
            }
            (Type::Text, Type::Blob) => return self.cannot_store(expr, typed, target),
            (Type::Text, _) => self.as_text(expr, typed)?,
            (Type::Blob, Type::Unknown) => {}
            (Type::Blob, _) => return self.cannot_store(expr, typed, target),
            (Type::Boolean, Type::Integer | Type::Unknown | Type::Numeric) if typed.constant.is_none() => {
                self.call(expr, typed, "sqlift.exact_boolean")
            }
            (Type::Native(ColumnType::Json | ColumnType::Jsonb), Type::Text) if begins_no_document(typed) => {
                return self.cannot_store(expr, typed, target);
            }
            // What is not known yet (nullif of a parameter) is text to the server as well.
            (Type::Native(native), Type::Text | Type::Unknown) => {
                if let (Some(Constant::Text(text)), true) = (&typed.constant, is_moment(native)) {
                    // PostgreSQL would take 'yesterday' and '1/2/2024' as well, each in a way of its own.
                    if native == ColumnType::Date && !says_value(text, native, Side::Same) {
                        return refuse(
                            format!("column {} holds days on PostgreSQL, this is other text", target.name),
                            expr.span,
                            "write it as YYYY-MM-DD, or declare the column DATETIME to keep a time",
                        );
                    }
                    if !is_iso(text) {
                        return refuse(
                            format!("column {} holds dates on PostgreSQL, this is other text", target.name),
                            expr.span,
                            "write it as YYYY-MM-DD HH:MM:SS",
                        );
                    }
                } else if typed.constant.is_none() {
                    let stored = match native {
                        ColumnType::Date => Some("sqlift.stored_date"),
                        ColumnType::Timestamp => Some("sqlift.stored_timestamp"),
                        ColumnType::Timestamptz => Some("sqlift.stored_timestamptz"),
                        _ => None,
                    };
                    if is_moment(native) && stored.is_none() && typed.ty == Type::Text {
                        self.call(expr, typed, "sqlift.iso_text");
                    }
                    match (stored, type_name(native)) {
                        (Some(stored), _) => self.call(expr, typed, stored),
                        (_, Some(name)) => self.suffix(expr, typed, format!("::{name}")),
                        (_, None) if typed.ty == Type::Unknown => {}
                        _ => return refuse(keep(&target.name), expr.span, "CAST it in a native statement"),
                    }
                }
            }
            _ => return self.cannot_store(expr, typed, target),
        }
        Ok(())
    }
}

/// The integer that a real constant is in a column of NUMERIC affinity.
fn whole(typed: &Typed) -> Option<i64> {
    match typed.constant {
        Some(Constant::Real(value)) => integral(value),
        _ => None,
    }
}

/// Text of which no JSON begins so; PostgreSQL looks at the rest.
fn begins_no_document(typed: &Typed) -> bool {
    let Some(Constant::Text(text)) = &typed.constant else { return false };
    let text = text.trim_start_matches(SPACES);
    !text.starts_with(|first: char| "{[\"-tfn".contains(first) || first.is_ascii_digit())
}

fn is_moment(native: ColumnType) -> bool {
    matches!(native, ColumnType::Date | ColumnType::Time | ColumnType::Timestamp | ColumnType::Timestamptz)
}

/// A date, a time, or both, in the forms that SQLite's date functions read: `2024-01-31T12:30:00.5Z`. As `sqlift.iso_text` says it, which a test holds to this.
fn is_iso(text: &str) -> bool {
    static ISO: Lazy<Regex> = Lazy::new(|| {
        let time = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?";
        let form = format!(
            "^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T]{time})?|{time})[ \t\n\x0b\x0c\r]*([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?$"
        );
        Regex::new(&form).expect("the form is a regular expression")
    });
    ISO.is_match(text)
}
