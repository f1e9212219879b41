//! Bound arrays in the text form that PostgreSQL reads.

use std::fmt::Write;

use rusqlite::Result;
use rusqlite::types::{Type as Class, Value};

use super::sqlstate::refuse;

/// The members' storage class, NULL for none, and the text of an array of that class.
///
/// # Errors
/// `ToSqlConversionFailure` for members of several classes, and for text that PostgreSQL cannot hold.
pub(super) fn literal(members: &[Value]) -> Result<(Class, String)> {
    let mut class = Class::Null;
    let mut text = String::from("{");
    for member in members {
        if text.len() > 1 {
            text.push(',');
        }
        if !matches!(member, Value::Null) {
            if class != Class::Null && class != member.data_type() {
                return Err(refuse(format!(
                    "an array with members of the classes {class} and {} has no counterpart on PostgreSQL",
                    member.data_type()
                )));
            }
            class = member.data_type();
        }
        match member {
            Value::Integer(integer) => _ = write!(text, "{integer}"),
            Value::Real(real) if !real.is_nan() => {
                _ = match real.is_infinite() {
                    true => write!(text, "{}Infinity", if *real < 0.0 { "-" } else { "" }),
                    false => write!(text, "{real:?}"),
                }
            }
            Value::Null | Value::Real(_) => text.push_str("NULL"),
            Value::Text(member) if member.contains('\0') => {
                let message = "text with a NUL character cannot be stored on PostgreSQL; bind it as a blob";
                return Err(refuse(message.into()));
            }
            Value::Text(member) => {
                text.push('"');
                for character in member.chars() {
                    if matches!(character, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(character);
                }
                text.push('"');
            }
            Value::Blob(blob) => {
                text.push_str("\"\\\\x");
                blob.iter().for_each(|byte| _ = write!(text, "{byte:02x}"));
                text.push('"');
            }
        }
    }
    text.push('}');
    Ok((class, text))
}
