//! PostgreSQL's binary values as SQLite's storage classes (decision D8).
//!
//! A [`Decoder`] is chosen once per column of a prepared statement. Integers, reals, text and blobs are read in place,
//! borrowed from the row; everything else is rendered on demand. Some types have further representations, which
//! `Row::get` tries when the caller's `FromSql` refuses the first: a uuid as 16 bytes, a timestamp as epoch seconds.

use rusqlite::types::{Value, ValueRef};
use tokio_postgres::types::{Kind, Type};

/// How a column's bytes become a SQLite value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    Bool,
    Int2,
    Int4,
    Int8,
    /// `oid`, `xid`: unsigned 32 bits
    Oid,
    Float4,
    Float8,
    /// Of a table's column: SQLite stores no -0.0.
    StoredFloat8,
    Numeric,
    Text,
    Bytea,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    /// A jsonb scalar that keeps its class: what `json_extract` gives.
    JsonbScalar,
    /// The bytes of a `sqlift.value`, which is of any storage class.
    Any,
    /// `void`: nothing is sent
    Void,
}

/// A value in place, or what has to be rendered first.
pub(crate) enum Decoded<'a> {
    InPlace(ValueRef<'a>),
    Rendered(Value),
}

impl Decoder {
    /// The decoder of a type, `None` for types without a counterpart in SQLite (arrays, ranges, records, ...).
    pub fn of(data_type: &Type) -> Option<Decoder> {
        Some(match *data_type {
            Type::BOOL => Decoder::Bool,
            Type::INT2 => Decoder::Int2,
            Type::INT4 => Decoder::Int4,
            Type::INT8 => Decoder::Int8,
            Type::OID | Type::XID | Type::CID => Decoder::Oid,
            Type::FLOAT4 => Decoder::Float4,
            Type::FLOAT8 => Decoder::Float8,
            Type::NUMERIC => Decoder::Numeric,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::CHAR | Type::XML => {
                Decoder::Text
            }
            Type::BYTEA => Decoder::Bytea,
            Type::DATE => Decoder::Date,
            Type::TIME => Decoder::Time,
            Type::TIMETZ => Decoder::TimeTz,
            Type::TIMESTAMP => Decoder::Timestamp,
            Type::TIMESTAMPTZ => Decoder::TimestampTz,
            Type::INTERVAL => Decoder::Interval,
            Type::UUID => Decoder::Uuid,
            Type::JSON => Decoder::Json,
            Type::JSONB => Decoder::Jsonb,
            Type::VOID => Decoder::Void,
            _ => match data_type.kind() {
                Kind::Enum(_) => Decoder::Text,
                Kind::Domain(base) => return Decoder::of(base),
                _ if data_type.name() == "citext" => Decoder::Text,
                _ => return None,
            },
        })
    }

    /// The value, of the types that most columns have; `None` for the others, which [`decode`](Decoder::decode) reads.
    ///
    /// Small enough to become part of the loop that reads the rows.
    #[inline]
    pub fn in_place(self, bytes: &[u8]) -> Option<ValueRef<'_>> {
        match self {
            Decoder::Int8 => Some(ValueRef::Integer(i64::from_be_bytes(bytes.try_into().ok()?))),
            Decoder::Text => Some(ValueRef::Text(bytes)),
            Decoder::Float8 => Some(real(f64::from_be_bytes(bytes.try_into().ok()?))),
            Decoder::StoredFloat8 => Some(real(f64::from_be_bytes(bytes.try_into().ok()?) + 0.0)),
            Decoder::Bytea => Some(ValueRef::Blob(bytes)),
            _ => None,
        }
    }

    /// The value's representation number `representation`, `None` when the type has no such one.
    ///
    /// Bytes that are not what the type promises give `None` as well: the server never sends such.
    pub fn decode(self, bytes: &[u8], representation: usize) -> Option<Decoded<'_>> {
        use Decoded::{InPlace, Rendered};
        if representation == 0 {
            Some(match self {
                Decoder::Int8 => InPlace(ValueRef::Integer(i64::from_be_bytes(bytes.try_into().ok()?))),
                Decoder::Text => InPlace(ValueRef::Text(bytes)),
                Decoder::Float8 => InPlace(real(f64::from_be_bytes(bytes.try_into().ok()?))),
                Decoder::StoredFloat8 => InPlace(real(f64::from_be_bytes(bytes.try_into().ok()?) + 0.0)),
                Decoder::Int4 => InPlace(ValueRef::Integer(i32::from_be_bytes(bytes.try_into().ok()?).into())),
                Decoder::Int2 => InPlace(ValueRef::Integer(i16::from_be_bytes(bytes.try_into().ok()?).into())),
                Decoder::Oid => InPlace(ValueRef::Integer(u32::from_be_bytes(bytes.try_into().ok()?).into())),
                Decoder::Bool => InPlace(ValueRef::Integer((*bytes.first()? != 0).into())),
                Decoder::Bytea => InPlace(ValueRef::Blob(bytes)),
                Decoder::Json => InPlace(ValueRef::Text(bytes)),
                // The first byte is the format's version, 1.
                Decoder::Jsonb => InPlace(ValueRef::Text(bytes.get(1..)?)),
                Decoder::JsonbScalar => json_scalar(bytes.get(1..)?),
                Decoder::Any => any(bytes)?,
                Decoder::Void => InPlace(ValueRef::Text(b"")),
                Decoder::Float4 => {
                    // The shortest text of the float4 is what every client shows; widening its bits would give 0.10000000149.
                    let narrow = f32::from_be_bytes(bytes.try_into().ok()?);
                    InPlace(real(narrow.to_string().parse().ok()?))
                }
                Decoder::Numeric => Rendered(Numeric::read(bytes)?.to_value()),
                Decoder::Date => Rendered(Value::Text(date_text(i32::from_be_bytes(bytes.try_into().ok()?)))),
                Decoder::Time => Rendered(Value::Text(time_text(i64::from_be_bytes(bytes.try_into().ok()?)))),
                Decoder::TimeTz => Rendered(Value::Text(timetz_text(bytes)?)),
                Decoder::Timestamp | Decoder::TimestampTz => {
                    Rendered(Value::Text(timestamp_text(i64::from_be_bytes(bytes.try_into().ok()?))))
                }
                Decoder::Interval => Rendered(Value::Text(interval_text(bytes)?)),
                Decoder::Uuid => Rendered(Value::Text(uuid_text(bytes.try_into().ok()?))),
            })
        } else if representation == 1 {
            Some(match self {
                Decoder::Uuid => InPlace(ValueRef::Blob(bytes)),
                Decoder::Timestamp | Decoder::TimestampTz => {
                    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
                    InPlace(ValueRef::Integer(micros.div_euclid(1_000_000).checked_add(UNIX_TO_2000)?))
                }
                Decoder::Numeric => Rendered(Value::Text(Numeric::read(bytes)?.to_text())),
                Decoder::Jsonb => json_scalar(bytes.get(1..)?),
                Decoder::Json => json_scalar(bytes),
                _ => return None,
            })
        } else {
            None
        }
    }
}

/// SQLite has no NaN: it stores NULL.
fn real(value: f64) -> ValueRef<'static> {
    if value.is_nan() { ValueRef::Null } else { ValueRef::Real(value) }
}

/// Seconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
pub(crate) const UNIX_TO_2000: i64 = 946_684_800;
const DAYS_TO_2000: i64 = 10_957;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Year, month, day of a day number counted from 1970-01-01 (the proleptic Gregorian calendar).
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_index + 2) / 5 + 1) as u32;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn push_digits(out: &mut String, value: u32, width: usize) {
    let mut digits = [b'0'; 10];
    let (mut rest, mut at) = (value, 10);
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    for &digit in &digits[at.min(10 - width)..] {
        out.push(digit as char);
    }
}

fn push_date(out: &mut String, days_since_2000: i64) {
    let (year, month, day) = civil(days_since_2000 + DAYS_TO_2000);
    if year < 0 {
        out.push('-');
    }
    push_digits(out, year.unsigned_abs() as u32, 4);
    out.push('-');
    push_digits(out, month, 2);
    out.push('-');
    push_digits(out, day, 2);
}

/// `HH:MM:SS`, with milliseconds or microseconds only where there are any.
fn push_time(out: &mut String, micros: i64) {
    let seconds = micros / 1_000_000;
    push_digits(out, (seconds / 3600) as u32, 2);
    out.push(':');
    push_digits(out, (seconds / 60 % 60) as u32, 2);
    out.push(':');
    push_digits(out, (seconds % 60) as u32, 2);
    let fraction = (micros % 1_000_000) as u32;
    if fraction > 0 {
        out.push('.');
        if fraction.is_multiple_of(1000) {
            push_digits(out, fraction / 1000, 3);
        } else {
            push_digits(out, fraction, 6);
        }
    }
}

fn infinite(value: i64, negative: i64, positive: i64) -> Option<String> {
    if value == positive {
        Some("infinity".into())
    } else if value == negative {
        Some("-infinity".into())
    } else {
        None
    }
}

fn date_text(days: i32) -> String {
    infinite(days.into(), i32::MIN.into(), i32::MAX.into()).unwrap_or_else(|| {
        let mut out = String::with_capacity(10);
        push_date(&mut out, days.into());
        out
    })
}

fn time_text(micros: i64) -> String {
    let mut out = String::with_capacity(15);
    push_time(&mut out, micros);
    out
}

fn timetz_text(bytes: &[u8]) -> Option<String> {
    let (time, zone) = bytes.split_at_checked(8)?;
    let mut out = time_text(i64::from_be_bytes(time.try_into().ok()?));
    // Seconds west of Greenwich.
    let east = -i32::from_be_bytes(zone.try_into().ok()?);
    out.push(if east < 0 { '-' } else { '+' });
    push_digits(&mut out, east.unsigned_abs() / 3600, 2);
    out.push(':');
    push_digits(&mut out, east.unsigned_abs() / 60 % 60, 2);
    Some(out)
}

/// `YYYY-MM-DD HH:MM:SS[.fff]` in UTC: SQLite's own format, for timestamps with and without time zone.
pub(crate) fn timestamp_text(micros: i64) -> String {
    infinite(micros, i64::MIN, i64::MAX).unwrap_or_else(|| {
        let mut out = String::with_capacity(26);
        push_date(&mut out, micros.div_euclid(MICROS_PER_DAY));
        out.push(' ');
        push_time(&mut out, micros.rem_euclid(MICROS_PER_DAY));
        out
    })
}

/// PostgreSQL's own text: `1 year 2 mons 3 days 04:05:06`.
fn interval_text(bytes: &[u8]) -> Option<String> {
    let micros = i64::from_be_bytes(bytes.get(0..8)?.try_into().ok()?);
    let days = i32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?);
    let months = i32::from_be_bytes(bytes.get(12..16)?.try_into().ok()?);
    let mut parts = Vec::new();
    for (count, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {unit}")),
            _ => parts.push(format!("{count} {unit}s")),
        }
    }
    if micros != 0 || parts.is_empty() {
        let mut time = String::new();
        if micros < 0 {
            time.push('-');
        }
        push_time(&mut time, micros.checked_abs()?);
        parts.push(time);
    }
    Some(parts.join(" "))
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(nibble.into(), 16).expect("a nibble is one hexadecimal digit"));
        }
    }
    out
}

/// A JSON scalar as the SQL value SQLite's `json_extract` gives; arrays and objects stay text.
fn json_scalar(text: &[u8]) -> Decoded<'_> {
    match text {
        b"null" => Decoded::InPlace(ValueRef::Null),
        b"true" => Decoded::InPlace(ValueRef::Integer(1)),
        b"false" => Decoded::InPlace(ValueRef::Integer(0)),
        [b'"', ..] => Decoded::Rendered(Value::Text(json_string(text))),
        [b'-' | b'0'..=b'9', ..] => Decoded::InPlace(json_number(text)),
        _ => Decoded::InPlace(ValueRef::Text(text)),
    }
}

fn json_number(text: &[u8]) -> ValueRef<'_> {
    let Ok(number) = std::str::from_utf8(text) else { return ValueRef::Text(text) };
    match (number.parse::<i64>(), number.parse::<f64>()) {
        (Ok(integer), _) => ValueRef::Integer(integer),
        (_, Ok(value)) => ValueRef::Real(value),
        _ => ValueRef::Text(text),
    }
}

/// The text of a JSON string literal, escapes undone.
fn json_string(literal: &[u8]) -> String {
    let inner = String::from_utf8_lossy(literal.get(1..literal.len() - 1).unwrap_or_default()).into_owned();
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    let mut high_surrogate = None;
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let code = chars.by_ref().take(4).fold(0, |code, digit| code * 16 + digit.to_digit(16).unwrap_or(0));
                match (high_surrogate.take(), code) {
                    (_, 0xD800..=0xDBFF) => high_surrogate = Some(code),
                    (Some(high), 0xDC00..=0xDFFF) => {
                        let full = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                        out.push(char::from_u32(full).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    _ => out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// A `sqlift.value` on the wire: a count of four, and class, number, text and blob, each behind its type and its length.
fn any(bytes: &[u8]) -> Option<Decoded<'_>> {
    let mut rest = bytes.get(4..)?;
    let mut field = || {
        let length = u32::from_be_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
        let (found, behind) = rest.get(8..)?.split_at_checked(length)?;
        rest = behind;
        Some(found)
    };
    let class = i16::from_be_bytes(field()?.try_into().ok()?);
    let [number, text, blob] = [field()?, field()?, field()?];
    Some(match class {
        1 => Decoded::Rendered(Numeric::read(number)?.to_value()),
        2 => Decoded::InPlace(ValueRef::Text(text)),
        3 => Decoded::InPlace(ValueRef::Blob(blob)),
        _ => return None,
    })
}

/// `numeric` on the wire: base 10,000 digits, a weight, a sign, a display scale.
struct Numeric<'a> {
    digits: &'a [u8],
    weight: i16,
    sign: u16,
    scale: u16,
}

impl Numeric<'_> {
    fn read(bytes: &[u8]) -> Option<Numeric<'_>> {
        let short = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        let count = usize::from(short(0)?);
        Some(Numeric {
            weight: short(2)? as i16,
            sign: short(4)?,
            scale: short(6)?,
            digits: bytes.get(8..8 + 2 * count)?,
        })
    }

    fn digit(&self, index: i32) -> u16 {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.digits.get(2 * index..2 * index + 2))
            .map_or(0, |pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    /// Scale 0 and 64 bits: an INTEGER; else a REAL. NaN is NULL.
    fn to_value(&self) -> Value {
        let text = self.to_text();
        match self.sign {
            0xC000 => Value::Null,
            0xD000 => Value::Real(f64::INFINITY),
            0xF000 => Value::Real(f64::NEG_INFINITY),
            _ => match text.parse::<i64>() {
                Ok(integer) if self.scale == 0 => Value::Integer(integer),
                _ => text.parse().map_or(Value::Text(text), Value::Real),
            },
        }
    }

    /// The exact decimal text, as the server prints it.
    fn to_text(&self) -> String {
        match self.sign {
            0xC000 => return "NaN".into(),
            0xD000 => return "Infinity".into(),
            0xF000 => return "-Infinity".into(),
            _ => {}
        }
        let mut out = String::new();
        if self.sign == 0x4000 {
            out.push('-');
        }
        if self.weight < 0 {
            out.push('0');
        } else {
            for index in 0..=i32::from(self.weight) {
                let width = if index == 0 { 1 } else { 4 };
                push_digits(&mut out, self.digit(index).into(), width);
            }
        }
        if self.scale > 0 {
            out.push('.');
            let end = out.len() + usize::from(self.scale);
            let mut index = i32::from(self.weight) + 1;
            while out.len() < end {
                push_digits(&mut out, self.digit(index).into(), 4);
                index += 1;
            }
            out.truncate(end);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(decoder: Decoder, bytes: &[u8], representation: usize, expected: Value) {
        let got = match decoder.decode(bytes, representation).expect("a value") {
            Decoded::InPlace(value) => Value::try_from(value).expect("UTF-8"),
            Decoded::Rendered(value) => value,
        };
        assert_eq!(got, expected);
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn dates_have_sqlites_format() {
        check(Decoder::Date, &0i32.to_be_bytes(), 0, text("2000-01-01"));
        check(Decoder::Date, &59i32.to_be_bytes(), 0, text("2000-02-29"));
        check(Decoder::Date, &(-10_957i32).to_be_bytes(), 0, text("1970-01-01"));
        check(Decoder::Timestamp, &0i64.to_be_bytes(), 0, text("2000-01-01 00:00:00"));
        check(Decoder::Timestamp, &1_500_000i64.to_be_bytes(), 0, text("2000-01-01 00:00:01.500"));
        check(Decoder::Timestamp, &(-1i64).to_be_bytes(), 0, text("1999-12-31 23:59:59.999999"));
        check(Decoder::TimestampTz, &0i64.to_be_bytes(), 1, Value::Integer(946_684_800));
        check(Decoder::Time, &3_661_000_000i64.to_be_bytes(), 0, text("01:01:01"));
    }

    #[test]
    fn numeric_is_integer_only_with_scale_0() {
        let numeric = |weight: i16, sign: u16, scale: u16, digits: &[u16]| {
            let mut out = Vec::new();
            out.extend_from_slice(&(digits.len() as u16).to_be_bytes());
            out.extend_from_slice(&weight.to_be_bytes());
            out.extend_from_slice(&sign.to_be_bytes());
            out.extend_from_slice(&scale.to_be_bytes());
            digits.iter().for_each(|digit| out.extend_from_slice(&digit.to_be_bytes()));
            out
        };
        check(Decoder::Numeric, &numeric(1, 0, 0, &[12, 3456]), 0, Value::Integer(123_456));
        check(Decoder::Numeric, &numeric(0, 0x4000, 2, &[12, 3400]), 0, Value::Real(-12.34));
        check(Decoder::Numeric, &numeric(0, 0, 1, &[4]), 0, Value::Real(4.0));
        check(Decoder::Numeric, &numeric(0, 0, 1, &[4]), 1, text("4.0"));
        check(Decoder::Numeric, &numeric(-1, 0, 4, &[5]), 1, text("0.0005"));
        check(Decoder::Numeric, &numeric(0, 0, 0, &[]), 0, Value::Integer(0));
        check(Decoder::Numeric, &numeric(0, 0xC000, 0, &[]), 0, Value::Null);
        check(Decoder::Numeric, &numeric(4, 0, 0, &[1000, 0, 0, 0, 0]), 0, Value::Real(1e19));
    }

    #[test]
    fn json_scalars_keep_their_class() {
        check(Decoder::JsonbScalar, b"\x0142", 0, Value::Integer(42));
        check(Decoder::JsonbScalar, b"\x011.5", 0, Value::Real(1.5));
        check(Decoder::JsonbScalar, b"\x01true", 0, Value::Integer(1));
        check(Decoder::JsonbScalar, b"\x01null", 0, Value::Null);
        check(
            Decoder::JsonbScalar,
            br#""#.iter().chain(b"\x01\"a\\n\\u00e9\\ud83d\\ude00\"").copied().collect::<Vec<_>>().as_slice(),
            0,
            text("a\né😀"),
        );
        check(Decoder::JsonbScalar, b"\x01[1]", 0, text("[1]"));
    }

    #[test]
    fn uuid_is_text_and_on_request_16_bytes() {
        let bytes: Vec<u8> = (0..16).collect();
        check(Decoder::Uuid, &bytes, 0, text("00010203-0405-0607-0809-0a0b0c0d0e0f"));
        check(Decoder::Uuid, &bytes, 1, Value::Blob(bytes.clone()));
    }

    #[test]
    fn float4_keeps_its_shortest_text() {
        check(Decoder::Float4, &0.1f32.to_be_bytes(), 0, Value::Real(0.1));
        check(Decoder::Float8, &f64::NAN.to_be_bytes(), 0, Value::Null);
    }
}
