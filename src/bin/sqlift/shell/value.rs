//! Values of both databases as JSON and back, without loss.

use serde_json::{Value as Json, json};
use sqlift::ToSql;
use sqlift::types::{ToSqlOutput, Value, ValueRef};

/// A parameter: what rusqlite binds, and text that is not UTF-8.
pub enum Parameter {
    Value(Value),
    TextBytes(Vec<u8>),
}

impl ToSql for Parameter {
    fn to_sql(&self) -> sqlift::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Parameter::Value(value) => value.into(),
            Parameter::TextBytes(bytes) => ValueRef::Text(bytes),
        }))
    }
}

/// A parameter from a request.
pub fn parameter(json: &Json) -> Result<Parameter, String> {
    Ok(Parameter::Value(match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Integer(i64::from(*truth)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, Some(real)) if number.is_f64() => Value::Real(real),
            _ => return Err(too_large(&number.to_string())),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Object(object) if object.len() == 1 => {
            let (key, text) = object.iter().next().expect("it has one entry");
            match (key.as_str(), text.as_str()) {
                ("blob", Some(hex)) => Value::Blob(bytes(hex)?),
                ("text_bytes", Some(hex)) => return Ok(Parameter::TextBytes(bytes(hex)?)),
                ("real", Some("Infinity")) => Value::Real(f64::INFINITY),
                ("real", Some("-Infinity")) => Value::Real(f64::NEG_INFINITY),
                _ => return Err(format!("{json} is no parameter")),
            }
        }
        Json::Object(_) | Json::Array(_) => return Err(format!("{json} is no parameter")),
    }))
}

/// A value of a row.
pub fn to_json(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(integer) => json!(integer),
        // serde_json writes every finite real with a point or an exponent.
        ValueRef::Real(real) if real.is_finite() => json!(real),
        ValueRef::Real(real) if real.is_nan() => json!({"real": "NaN"}),
        ValueRef::Real(real) => json!({"real": if real > 0.0 { "Infinity" } else { "-Infinity" }}),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({"text_bytes": hex(bytes)}),
        },
        ValueRef::Blob(bytes) => json!({"blob": hex(bytes)}),
    }
}

/// Refuses a line with an integer that 64 bits do not hold: the JSON parser would round it to a real.
pub fn check_integers(line: &str) -> Result<(), String> {
    let mut rest = line;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = &rest[at..];
        let end = if rest.starts_with('"') {
            end_of_string(rest)
        } else {
            let number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
            let end = rest.find(|c| !number(c)).unwrap_or(rest.len());
            let text = &rest[..end];
            if !text.contains(['.', 'e', 'E']) && text.len() > 18 && text.parse::<i64>().is_err() {
                return Err(too_large(text));
            }
            end
        };
        rest = &rest[end..];
    }
    Ok(())
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn too_large(text: &str) -> String {
    format!("the integer {text} does not fit 64 bits")
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
        text
    })
}

fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = hex.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0);
    let digits = digits.ok_or_else(|| format!("\"{hex}\" is no pairs of hexadecimal digits"))?;
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
