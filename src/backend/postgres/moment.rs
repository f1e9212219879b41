//! Dates and times that are bound: texts as SQLite writes them, and integers as seconds.

use rusqlite::types::Type as Class;
use tokio_postgres::types::Type;

use crate::translate::beside::{Side, says_value};
use crate::translate::catalog::ColumnType;

use super::decode::{UNIX_TO_2000, timestamp_text};

/// Whether a text for a date or a time is one as SQLite writes them: PostgreSQL takes `now` and `tomorrow` too, days and months in
/// the session's order, and cuts the time off a date.
pub(super) fn says_itself(text: &[u8], target: &Type) -> bool {
    let digits = |from: usize, to: usize| text.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let at = |place: usize, wanted: &[u8]| text.get(place).is_some_and(|byte| wanted.contains(byte));
    let is_date = || digits(0, 4) && at(4, b"-") && digits(5, 7) && at(7, b"-") && digits(8, 10);
    let is_infinite = || matches!(text, b"infinity" | b"-infinity");
    match *target {
        Type::DATE => is_date() && text.len() == 10 || is_infinite(),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let is_time = |byte: &u8| byte.is_ascii_digit() || b":.+-Z ".contains(byte);
            is_date() && (text.len() == 10 || at(10, b" T") && text[11..].iter().all(is_time)) || is_infinite()
        }
        Type::TIME => {
            digits(0, 2) && at(2, b":") && text.iter().all(|byte| byte.is_ascii_digit() || b":.".contains(byte))
        }
        _ => true,
    }
}

/// `YYYY-MM-DD HH:MM:SS+00` of epoch seconds; `None` beyond the years PostgreSQL knows.
pub(super) fn epoch_text(seconds: i64) -> Option<String> {
    let micros = seconds.checked_sub(UNIX_TO_2000)?.checked_mul(1_000_000)?;
    let text = timestamp_text(micros);
    (!text.starts_with('-')).then(|| text + "+00")
}

/// Whether what is bound is NULL or a value of the column's type, one of PostgreSQL's own, and compares by that side as it would on SQLite.
pub(super) fn is_of(class: Class, bytes: &[u8], column: ColumnType, side: Side) -> bool {
    match (class, column) {
        (Class::Null, _) | (_, ColumnType::Other) => true,
        (Class::Text, ColumnType::Interval) => true,
        (Class::Text, _) => std::str::from_utf8(bytes).is_ok_and(|text| says_value(text, column, side)),
        (Class::Integer, ColumnType::Timestamp | ColumnType::Timestamptz) => true,
        (Class::Blob, ColumnType::Uuid) => bytes.len() == 16,
        _ => false,
    }
}
