//! Bound values on their way to PostgreSQL (decision D7).
//!
//! A [`Binding`] keeps what the caller bound, with its storage class. How it travels depends on its slot: a VALUE slot
//! was declared from the class; a COLUMN slot was typed by the server, and the value is converted to that type exactly
//! as SQLite's affinity would, or refused.

use bytes::{BufMut, BytesMut};
use rusqlite::Result;
use rusqlite::types::{ToSqlOutput, Type as Class, Value, ValueRef};
use tokio_postgres::types::{Format, IsNull, Kind, Type};

use super::moment;
use super::sqlstate::refuse;
use crate::translate::types::{Constant, SPACES, integral, number_in_text};
use crate::translate::{Slot, SlotContext, catalog::ColumnType};

/// One bound value, owned, its buffer reused from one execution to the next.
#[derive(Clone)]
pub(crate) struct Binding {
    class: Class,
    integer: i64,
    real: f64,
    bytes: Vec<u8>,
    /// `bytes` is the text of an array whose members are of `class`.
    is_array: bool,
    /// `bytes` was bound as a number of zeros.
    is_zeros: bool,
}

/// The class only: tokio-postgres logs parameters with `Debug`, and bound values never show in logs.
impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Binding({:?})", self.class)
    }
}

impl Default for Binding {
    fn default() -> Self {
        Binding::NULL
    }
}

impl Binding {
    pub const NULL: Binding =
        Binding { class: Class::Null, integer: 0, real: 0.0, bytes: Vec::new(), is_array: false, is_zeros: false };

    /// Takes over what a value converted to.
    ///
    /// # Errors
    /// `ToSqlConversionFailure` for text with a NUL character or that is not UTF-8, and for pointer values, none of which
    /// PostgreSQL can take.
    pub fn set(&mut self, value: ToSqlOutput<'_>) -> Result<()> {
        (self.is_array, self.is_zeros) = (false, false);
        match value {
            ToSqlOutput::Borrowed(value) => self.set_ref(value),
            ToSqlOutput::Owned(Value::Text(text)) => self.set_ref(ValueRef::Text(text.as_bytes())),
            ToSqlOutput::Owned(Value::Blob(blob)) => {
                self.class = Class::Blob;
                self.bytes = blob;
                Ok(())
            }
            ToSqlOutput::Owned(Value::Integer(integer)) => self.set_ref(ValueRef::Integer(integer)),
            ToSqlOutput::Owned(Value::Real(real)) => self.set_ref(ValueRef::Real(real)),
            ToSqlOutput::Owned(Value::Null) => self.set_ref(ValueRef::Null),
            #[cfg(feature = "blob")]
            ToSqlOutput::ZeroBlob(length) => {
                self.class = Class::Blob;
                self.is_zeros = true;
                self.bytes.clear();
                self.bytes.resize(usize::try_from(length).unwrap_or(0), 0);
                Ok(())
            }
            #[cfg(feature = "array")]
            ToSqlOutput::Pointer(pointer) => {
                self.class = Class::Null;
                let members = super::pointer::take_array(pointer)
                    .ok_or_else(|| refuse("a pointer other than rarray's has no counterpart on PostgreSQL".into()))?;
                let (class, text) = super::array::literal(&members)?;
                *self = Binding { class, bytes: text.into_bytes(), is_array: true, ..Binding::NULL };
                Ok(())
            }
            _ => Err(refuse("a pointer value has no counterpart on PostgreSQL".into())),
        }
    }

    fn set_ref(&mut self, value: ValueRef<'_>) -> Result<()> {
        self.bytes.clear();
        self.class = value.data_type();
        match value {
            ValueRef::Null => {}
            ValueRef::Integer(integer) => self.integer = integer,
            // SQLite binds NaN as NULL.
            ValueRef::Real(real) if real.is_nan() => self.class = Class::Null,
            ValueRef::Real(real) => self.real = real,
            ValueRef::Text(text) => {
                if text.contains(&0) {
                    self.class = Class::Null;
                    return Err(refuse(
                        "text with a NUL character cannot be stored on PostgreSQL; bind it as a blob".into(),
                    ));
                }
                if std::str::from_utf8(text).is_err() {
                    self.class = Class::Null;
                    return Err(refuse(
                        "text that is not UTF-8 cannot be stored on PostgreSQL; bind it as a blob".into(),
                    ));
                }
                self.bytes.extend_from_slice(text);
            }
            ValueRef::Blob(blob) => self.bytes.extend_from_slice(blob),
        }
        Ok(())
    }

    /// How long the value is, in bytes, where it is text or a blob.
    #[inline]
    pub fn length(&self) -> usize {
        if self.is_array { 0 } else { self.bytes.len() }
    }

    /// A number of the session's own.
    pub fn of_integer(integer: i64) -> Binding {
        Binding { class: Class::Integer, integer, ..Binding::NULL }
    }

    /// The class that decides with which types the statement is prepared.
    ///
    /// Beside an integer column that is whether the value is an integer there, for which the column's index serves.
    pub fn class_in(&self, slot: &Slot) -> Class {
        match (slot.context, self.class) {
            (SlotContext::Compared(column), Class::Real | Class::Text | Class::Blob) if is_integer(column) => {
                match self.as_number() {
                    Some(Constant::Integer(_)) => Class::Integer,
                    _ => Class::Real,
                }
            }
            (SlotContext::Compared(ColumnType::Text), Class::Null) => Class::Text,
            (SlotContext::Compared(ColumnType::Bytea), Class::Null) => Class::Blob,
            (SlotContext::Compared(ColumnType::Text | ColumnType::Bytea), class) => class,
            (SlotContext::Compared(ColumnType::Boolean), class) => match self.as_number() {
                Some(Constant::Integer(0 | 1)) => Class::Null,
                _ => class,
            },
            (SlotContext::Beside(column, side), class) => match moment::is_of(class, &self.bytes, column, side) {
                true => Class::Null,
                false => class,
            },
            (SlotContext::Compared(_), _) => Class::Integer,
            (_, class) => class,
        }
    }

    /// The value as NUMERIC affinity makes it; `None` for NULL, blobs and text that is no number.
    fn as_number(&self) -> Option<Constant> {
        match self.class {
            Class::Integer => Some(Constant::Integer(self.integer)),
            Class::Real => Some(integral(self.real).map_or(Constant::Real(self.real), Constant::Integer)),
            Class::Text => number_in_text(self.text()?),
            Class::Null | Class::Blob => None,
        }
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    pub fn clear(&mut self) {
        *self = Binding::default();
    }

    /// The value as a SQL literal that gives it back: to the last digit, and whatever stands in front.
    pub fn exact_literal(&self) -> String {
        match self.class {
            _ if self.is_array => self.literal(),
            Class::Integer => format!("({})", self.integer),
            Class::Real if self.real.is_nan() => "NULL".into(),
            Class::Real if self.real.is_infinite() => if self.real < 0.0 { "(-9e999)" } else { "(9e999)" }.into(),
            Class::Real => format!("({:e})", self.real),
            _ => self.literal(),
        }
    }

    /// The value as a SQL literal, for `expanded_sql`.
    pub fn literal(&self) -> String {
        match self.class {
            // A pointer, to SQLite.
            _ if self.is_array => "NULL".into(),
            Class::Null => "NULL".into(),
            Class::Integer => self.integer.to_string(),
            Class::Real => real_literal(self.real),
            Class::Text => format!("'{}'", String::from_utf8_lossy(&self.bytes).replace('\'', "''")),
            Class::Blob if self.is_zeros => format!("zeroblob({})", self.bytes.len()),
            Class::Blob => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
                let hex: String = self.bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
                format!("x'{hex}'")
            }
        }
    }
}

/// Whether one prepared statement serves a slot whatever is bound to it.
pub(crate) fn has_one_type(slot: &Slot) -> bool {
    match slot.context {
        SlotContext::Value | SlotContext::Array | SlotContext::Beside(..) => false,
        SlotContext::Compared(ColumnType::Boolean) => false,
        SlotContext::Compared(column) => !is_integer(column) && !is_sent_as_itself(slot),
        _ => true,
    }
}

/// Whether the slot is compared with a column of text or blobs, whose values are not converted for comparing.
pub(crate) fn is_sent_as_itself(slot: &Slot) -> bool {
    matches!(slot.context, SlotContext::Compared(ColumnType::Text | ColumnType::Bytea))
}

/// Whether a value of the class is beside a column of text, blobs, booleans or one of PostgreSQL's own types and can never equal
/// one of its values: TEXT affinity makes text of numbers, and nothing makes a blob.
pub(crate) fn is_stray(slot: &Slot, class: Class) -> bool {
    match slot.context {
        SlotContext::Compared(ColumnType::Text) => class == Class::Blob,
        SlotContext::Compared(ColumnType::Bytea) => class != Class::Blob,
        // [`Binding::class_in`] says NULL of what is a value of the type.
        SlotContext::Compared(ColumnType::Boolean) | SlotContext::Beside(..) => class != Class::Null,
        _ => false,
    }
}

fn is_integer(column: ColumnType) -> bool {
    matches!(column, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt)
}

/// The type a slot is declared with; the server infers where `UNKNOWN` stands. `class` is [`Binding::class_in`]'s.
pub(crate) fn declared_type(slot: &Slot, class: Class, null_type: &Type) -> Type {
    match (slot.context, class) {
        // Beside bigint it compares exactly, and indexes over smaller integers serve it too.
        (SlotContext::Compared(column), Class::Real) if is_integer(column) => Type::NUMERIC,
        (SlotContext::Compared(column), _) if is_integer(column) => Type::INT8,
        (SlotContext::Compared(ColumnType::Numeric), _) => Type::NUMERIC,
        (SlotContext::Compared(ColumnType::Double), _) => Type::FLOAT8,
        (SlotContext::Column(_) | SlotContext::Compared(_) | SlotContext::Beside(..), _) => Type::UNKNOWN,
        (SlotContext::Counter(_) | SlotContext::Setting(_) | SlotContext::Limit | SlotContext::Offset, _) => Type::INT8,
        (SlotContext::Array, Class::Null) => array_of(null_type),
        (SlotContext::Array, Class::Text) => Type::TEXT_ARRAY,
        (SlotContext::Array, Class::Integer) => Type::INT8_ARRAY,
        (SlotContext::Array, Class::Real) => Type::FLOAT8_ARRAY,
        (SlotContext::Array, Class::Blob) => Type::BYTEA_ARRAY,
        (_, Class::Null) => null_type.clone(),
        (_, Class::Integer) => Type::INT8,
        (_, Class::Real) => Type::FLOAT8,
        (_, Class::Text) => Type::TEXT,
        (_, Class::Blob) => Type::BYTEA,
    }
}

/// The type of an array whose members are all NULL, as [`declared_type`] tries them.
pub(crate) fn array_of(member: &Type) -> Type {
    match *member {
        Type::TEXT => Type::TEXT_ARRAY,
        Type::INT8 => Type::INT8_ARRAY,
        Type::FLOAT8 => Type::FLOAT8_ARRAY,
        Type::BYTEA => Type::BYTEA_ARRAY,
        _ => Type::UNKNOWN,
    }
}

/// A binding in a slot, as tokio-postgres takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter<'a> {
    pub binding: &'a Binding,
    pub slot: &'a Slot,
}

/// A value that the type of its slot cannot hold; the value itself stays out of the message.
#[derive(Debug)]
pub(crate) struct Mismatch {
    class: Class,
    target: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let class = match self.class {
            Class::Null => "NULL",
            Class::Integer => "INTEGER",
            Class::Real => "REAL",
            Class::Text => "TEXT",
            Class::Blob => "BLOB",
        };
        write!(f, "datatype mismatch: this {class} value has no exact form in PostgreSQL's type {}", self.target)
    }
}

impl std::error::Error for Mismatch {}

type Encoded = std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl tokio_postgres::types::ToSql for Parameter<'_> {
    fn to_sql(&self, target: &Type, out: &mut BytesMut) -> Encoded {
        let binding = self.binding;
        match self.slot.context {
            SlotContext::Limit | SlotContext::Offset => return self.row_count(target, out),
            SlotContext::Array if binding.is_array => {
                out.put_slice(&binding.bytes);
                return Ok(IsNull::No);
            }
            // SQLite's table function sees no array in a plain value, and nothing else sees a value in an array.
            SlotContext::Array => return Ok(IsNull::Yes),
            _ if binding.is_array => return Ok(IsNull::Yes),
            _ => {}
        }
        match (binding.class, base(target)) {
            (Class::Null, _) => return Ok(IsNull::Yes),
            (Class::Integer, &Type::INT8) => out.put_i64(binding.integer),
            // What is stored has no sign where it is zero.
            (Class::Real, &Type::FLOAT8) if matches!(self.slot.context, SlotContext::Column(_)) => {
                out.put_f64(binding.real + 0.0);
            }
            (Class::Real, &Type::FLOAT8) => out.put_f64(binding.real),
            (Class::Text, target)
                if *target != Type::BYTEA
                    && !self.wants_number(target)
                    && moment::says_itself(&binding.bytes, target) =>
            {
                out.put_slice(&binding.bytes);
            }
            (Class::Blob, &Type::BYTEA) => out.put_slice(&binding.bytes),
            (_, target) => {
                let text = self
                    .column_text(target)
                    .ok_or_else(|| Mismatch { class: binding.class, target: target.name().into() })?;
                out.put_slice(text.as_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, target: &Type, out: &mut BytesMut) -> Encoded {
        self.to_sql(target, out)
    }

    fn encode_format(&self, target: &Type) -> Format {
        match (self.binding.class, base(target)) {
            _ if matches!(self.slot.context, SlotContext::Limit | SlotContext::Offset) => Format::Binary,
            _ if self.binding.is_array => Format::Text,
            (Class::Integer, &Type::INT8) | (Class::Real, &Type::FLOAT8) | (Class::Blob, &Type::BYTEA) => {
                Format::Binary
            }
            _ => Format::Text,
        }
    }
}

fn base(target: &Type) -> &Type {
    match target.kind() {
        Kind::Domain(inner) => base(inner),
        _ => target,
    }
}

impl Parameter<'_> {
    /// SQLite's word for the class of a value that the type of its slot cannot hold.
    pub fn misfit(&self, target: &Type) -> Option<&'static str> {
        use tokio_postgres::types::ToSql as _;
        self.to_sql(target, &mut BytesMut::new()).err()?;
        Some(match self.binding.class {
            Class::Integer => "INT",
            Class::Blob => "BLOB",
            // Text that is a number becomes one on its way into a column of numbers.
            Class::Text if self.binding.as_number().is_none() || !self.wants_number(target) => "TEXT",
            _ => "REAL",
        })
    }

    /// Text meets a number's type: SQLite's reading of it counts, not PostgreSQL's, which takes `inf` and `0x1F`.
    fn wants_number(&self, target: &Type) -> bool {
        let number =
            matches!(*target, Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC | Type::FLOAT4 | Type::FLOAT8);
        match self.slot.context {
            SlotContext::Compared(_) => number || *target == Type::BOOL,
            SlotContext::Column(ColumnType::Other) => false,
            _ => number,
        }
    }

    /// LIMIT and OFFSET: what SQLite makes an integer of, or its "datatype mismatch".
    fn row_count(&self, target: &Type, out: &mut BytesMut) -> Encoded {
        let Some(Constant::Integer(count)) = self.binding.as_number() else {
            return Err(Box::new(Mismatch { class: self.binding.class, target: target.name().into() }));
        };
        match (count < 0, self.slot.context) {
            (true, SlotContext::Limit) => return Ok(IsNull::Yes),
            (true, _) => out.put_i64(0),
            (false, _) => out.put_i64(count),
        }
        Ok(IsNull::No)
    }

    /// The value in the text form of `target`, which holds numbers, so that comparing gives what SQLite's would.
    fn compared_text(&self, column: ColumnType, target: &Type) -> Option<String> {
        let number = self.binding.as_number();
        match (number, target) {
            (Some(Constant::Integer(value @ (0 | 1))), &Type::BOOL) => Some(if value == 0 { "f" } else { "t" }.into()),
            (_, &Type::BOOL) => None,
            (Some(Constant::Integer(integer)), &Type::FLOAT8) => {
                (integer as f64 as i128 == i128::from(integer)).then(|| integer.to_string())
            }
            (Some(Constant::Integer(integer)), _) => Some(integer.to_string()),
            (Some(Constant::Real(real)), &Type::NUMERIC) if real.is_infinite() && is_integer(column) => {
                // Beyond all integers; PostgreSQL 13 has no infinite numeric.
                Some(if real > 0.0 { "1e30" } else { "-1e30" }.into())
            }
            (Some(Constant::Real(real)), _) if real.is_infinite() => {
                Some(if real > 0.0 { "Infinity" } else { "-Infinity" }.into())
            }
            (Some(Constant::Real(real)), &Type::NUMERIC | &Type::FLOAT4 | &Type::FLOAT8) => Some(format!("{real:?}")),
            // Greater than all numbers, as text and blobs are in SQLite.
            (None, &Type::NUMERIC | &Type::FLOAT4 | &Type::FLOAT8) => Some("NaN".into()),
            _ => None,
        }
    }

    /// The value in the text form of `target`, converted exactly as the column's affinity would, or `None`.
    fn column_text(&self, target: &Type) -> Option<String> {
        let binding = self.binding;
        if let SlotContext::Compared(column) = self.slot.context
            && !is_sent_as_itself(self.slot)
        {
            return self.compared_text(column, target);
        }
        if binding.class == Class::Text && self.wants_number(target) {
            let text = binding.text()?;
            return match (number_in_text(text)?, target) {
                (Constant::Integer(integer), &Type::INT2 | &Type::INT4 | &Type::INT8) => Some(integer.to_string()),
                (_, &Type::INT2 | &Type::INT4 | &Type::INT8) => None,
                (Constant::Integer(integer), &Type::NUMERIC) => Some(integer.to_string()),
                (Constant::Real(real), &Type::NUMERIC) if real.fract() == 0.0 => Some(numeric_text(real)),
                (Constant::Real(real), &Type::FLOAT8) if real.is_infinite() => {
                    Some(if real > 0.0 { "Infinity" } else { "-Infinity" }.into())
                }
                // All its digits, which a NUMERIC column keeps.
                _ => Some(text.trim_matches(SPACES).to_owned()),
            };
        }
        // The server types a parameter it knows nothing about as text. Only a TEXT column may see a number there.
        let text_column = matches!(self.slot.context.sent_as(), Some(ColumnType::Text | ColumnType::Other));
        match (binding.class, target) {
            (
                Class::Integer,
                &Type::INT2 | &Type::INT4 | &Type::NUMERIC | &Type::FLOAT4 | &Type::FLOAT8 | &Type::OID,
            ) => Some(binding.integer.to_string()),
            (Class::Real, &Type::INT2 | &Type::INT4 | &Type::INT8) => {
                integral(binding.real).map(|integer| integer.to_string())
            }
            // All digits of a whole number; Rust's own text rounds to those that tell it from its neighbours.
            (Class::Real, &Type::NUMERIC | &Type::FLOAT4) => {
                Some(integral(binding.real).map_or_else(|| numeric_text(binding.real), |whole| whole.to_string()))
            }
            (Class::Integer | Class::Real, &Type::BOOL) => match integral(binding.number()) {
                Some(0) => Some("f".into()),
                Some(1) => Some("t".into()),
                _ => None,
            },
            // Integers meet date columns as epoch seconds, the way programs keep them in SQLite.
            (Class::Integer, &Type::TIMESTAMP | &Type::TIMESTAMPTZ) => moment::epoch_text(binding.integer),
            (Class::Integer, &Type::JSON | &Type::JSONB) => Some(binding.integer.to_string()),
            (Class::Real, &Type::JSON | &Type::JSONB) if binding.real.is_finite() => Some(binding.real.to_string()),
            (Class::Integer, &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR) if text_column => {
                Some(binding.integer.to_string())
            }
            (Class::Real, &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR) if text_column => Some(real_text(binding.real)),
            (Class::Blob, &Type::UUID) if binding.bytes.len() == 16 => {
                Some(binding.bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            }
            _ => None,
        }
    }
}

impl Binding {
    fn number(&self) -> f64 {
        if self.class == Class::Integer { self.integer as f64 } else { self.real }
    }
}

/// A REAL as SQLite's text of it.
///
/// SQLite's own digits: its rounding to 17 digits is its own, so it is asked, on a connection kept for that.
pub(crate) fn real_text(real: f64) -> String {
    real_by("SELECT CAST(?1 AS TEXT)", real)
}

/// A real as SQLite's expanded texts have it: 15 of its digits, whether or not these tell it.
fn real_literal(real: f64) -> String {
    real_by("SELECT printf('%!.15g', ?1)", real)
}

fn real_by(sql: &str, real: f64) -> String {
    thread_local! {
        static SQLITE: Option<rusqlite::Connection> = rusqlite::Connection::open_in_memory().ok();
    }
    let asked = SQLITE.with(|sqlite| {
        let mut statement = sqlite.as_ref()?.prepare_cached(sql).ok()?;
        statement.query_row([real], |row| row.get(0)).ok()
    });
    // Only out of memory: the shortest text that gives the same number back.
    asked.unwrap_or_else(|| format!("{real:?}"))
}

/// A real for a NUMERIC column, where digits behind the point tell it from an integer.
fn numeric_text(real: f64) -> String {
    let mut text = real.to_string();
    if real.is_finite() && !text.contains('.') {
        text.push_str(".0");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::types::ToSql;
    use tokio_postgres::types::ToSql as _;

    #[test]
    fn real_text_is_sqlites() {
        for (real, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.33333333333333332"),
            (1e300, "1.0e+300"),
            (f64::INFINITY, "Inf"),
        ] {
            assert_eq!(real_text(real), text);
        }
    }

    #[track_caller]
    fn check(value: impl ToSql, column: ColumnType, target: Type, expected: Option<&[u8]>) {
        let mut binding = Binding::default();
        binding.set(value.to_sql().expect("converts")).expect("binds");
        let slot = Slot { parameter: 1, context: SlotContext::Column(column) };
        let mut out = BytesMut::new();
        let result = Parameter { binding: &binding, slot: &slot }.to_sql(&target, &mut out);
        assert_eq!(result.is_ok().then_some(&out[..]), expected);
    }

    #[test]
    fn values_meet_columns_exactly_or_are_refused() {
        check(1, ColumnType::Boolean, Type::BOOL, Some(b"t"));
        check(0.0, ColumnType::Boolean, Type::BOOL, Some(b"f"));
        check(2, ColumnType::Boolean, Type::BOOL, None);
        check(3.0, ColumnType::Integer, Type::INT4, Some(b"3"));
        check(3.7, ColumnType::Integer, Type::INT4, None);
        check((1_i64 << 60) as f64, ColumnType::Numeric, Type::NUMERIC, Some(b"1152921504606846976"));
        check(0.1, ColumnType::Numeric, Type::NUMERIC, Some(b"0.1"));
        check(5, ColumnType::Text, Type::TEXT, Some(b"5"));
        check(5.0, ColumnType::Text, Type::TEXT, Some(b"5.0"));
        // A slot that the server typed text only because it knew nothing.
        check(5, ColumnType::BigInt, Type::TEXT, None);
        check(0, ColumnType::Timestamptz, Type::TIMESTAMPTZ, Some(b"1970-01-01 00:00:00+00"));
        check(vec![0u8; 16], ColumnType::Uuid, Type::UUID, Some(b"00000000000000000000000000000000"));
        check(vec![0u8; 3], ColumnType::Uuid, Type::UUID, None);
        check("x", ColumnType::Bytea, Type::BYTEA, None);
        check(vec![1u8], ColumnType::Text, Type::TEXT, None);
        check("12", ColumnType::BigInt, Type::INT8, Some(b"12"));
    }

    #[test]
    fn bound_values_do_not_show_in_debug_output() {
        let mut binding = Binding::default();
        binding.set(ToSqlOutput::from("a secret")).expect("binds");
        let slot = Slot { parameter: 1, context: SlotContext::Value };
        let shown = format!("{:?}", Parameter { binding: &binding, slot: &slot });
        assert!(shown.contains("Text") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn text_that_postgresql_cannot_hold_is_refused() {
        assert!(Binding::default().set("a\0b".into()).is_err());
    }
}
