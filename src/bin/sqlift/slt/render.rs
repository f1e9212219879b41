//! Values as SQLite's sqllogictest runner prints them: by the type letter of the record, not by the value's own type.

use super::records::Sort;
use md5::{Digest, Md5};
use sqlift::types::ValueRef;

pub fn value(value: ValueRef<'_>, letter: char) -> String {
    if value == ValueRef::Null {
        return "NULL".to_owned();
    }
    match letter {
        'I' => (integer(value) as i32).to_string(),
        'R' => real(value),
        _ => text(value),
    }
}

/// SQLite's conversion: REAL is cut off, TEXT gives the integer it begins with.
fn integer(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(integer) => integer,
        ValueRef::Real(real) => real as i64,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let text = text.trim_start();
            let end = text
                .char_indices()
                .find(|&(at, c)| !(c.is_ascii_digit() || at == 0 && matches!(c, '-' | '+')))
                .map_or(text.len(), |(at, _)| at);
            text[..end].parse().unwrap_or(0)
        }
        ValueRef::Null => 0,
    }
}

/// `%.3f`, with zeros behind the 16th significant digit.
fn real(value: ValueRef<'_>) -> String {
    let real = match value {
        ValueRef::Real(real) => real,
        ValueRef::Integer(integer) => integer as f64,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => leading_number(&String::from_utf8_lossy(bytes)),
        ValueRef::Null => 0.0,
    };
    // -0.0 has no sign.
    let real = if real == 0.0 { 0.0 } else { real };
    let scientific = format!("{real:.15e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    match 15 - exponent {
        decimals @ 0..3 => {
            format!("{:.*}", decimals as usize, real)
                + if decimals == 0 { "." } else { "" }
                + &"0".repeat(3 - decimals as usize)
        }
        decimals if decimals < 0 => {
            let digits: String = scientific.chars().take_while(|&c| c != 'e').filter(|&c| c != '.').collect();
            digits + &"0".repeat(decimals.unsigned_abs() as usize) + ".000"
        }
        _ => format!("{real:.3}"),
    }
}

fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    (0..=text.len())
        .rev()
        .filter(|&end| text.is_char_boundary(end))
        .find_map(|end| text[..end].parse().ok())
        .unwrap_or(0.0)
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => general(real),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if bytes.is_empty() => "(empty)".to_owned(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            bytes.iter().map(|&byte| if (0x20..=0x7E).contains(&byte) { byte as char } else { '@' }).collect()
        }
    }
}

/// `%!.15g`
fn general(real: f64) -> String {
    if real == 0.0 || !real.is_finite() {
        return format!("{real:?}");
    }
    let scientific = format!("{real:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        let text = text.trim_end_matches('0');
        if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
    };
    if (-4..15).contains(&exponent) {
        let fixed = format!("{real:.*}", usize::try_from(14 - exponent).unwrap_or(0));
        return if fixed.contains('.') { trimmed(&fixed) } else { format!("{fixed}.0") };
    }
    format!("{}e{}{:02}", trimmed(mantissa), if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// All values in the order in which they are compared.
pub fn sorted(mut rows: Vec<Vec<String>>, sort: Sort) -> Vec<String> {
    if sort == Sort::Rows {
        rows.sort();
    }
    let mut values: Vec<String> = rows.into_iter().flatten().collect();
    if sort == Sort::Values {
        values.sort();
    }
    values
}

/// MD5 over each value and a line end.
pub fn digest(values: &[String]) -> String {
    let mut hash = Md5::new();
    for value in values {
        hash.update(value);
        hash.update("\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
