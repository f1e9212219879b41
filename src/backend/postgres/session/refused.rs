//! The translator's refusals as rusqlite's errors.

use rusqlite::{Error, ffi};

use crate::backend::postgres::sqlstate::failure;
use crate::translate::Refusal;
use crate::translate::store::DATATYPE;

/// A refusal as rusqlite's error.
pub(super) fn refused(refusal: Refusal, sql: &str) -> Error {
    let mut message = refusal.message;
    if !is_sqlites_own(&message)
        && let Some(help) = refusal.help
    {
        message += "\n  help: ";
        message += &help;
    }
    let index_exists = message.starts_with("index ") && message.ends_with(" already exists");
    if index_exists || WITHOUT_PLACE.iter().any(|part| message.contains(part)) {
        return failure(ffi::SQLITE_ERROR, message);
    }
    if refusal.rule == Some("no-such-target") {
        return failure(ffi::SQLITE_ERROR, message);
    }
    if message == "datatype mismatch" {
        return failure(ffi::SQLITE_MISMATCH, message);
    }
    let code = match refusal.rule {
        Some(DATATYPE) => ffi::SQLITE_CONSTRAINT_DATATYPE,
        _ => ffi::SQLITE_ERROR,
    };
    Error::SqlInputError {
        error: ffi::Error::new(code),
        msg: message,
        sql: sql.to_owned(),
        offset: i32::try_from(refusal.span.start).unwrap_or(-1),
    }
}

/// SQLite tells no offset for these.
const WITHOUT_PLACE: &[&str] = &[
    "no such table",
    "no such index",
    "views may not",
    "has no column named",
    "duplicate column name: ",
    " after drop column: ",
    "there is already a table named ",
    "there is already an",
    "incomplete input",
    "cannot drop ",
    "error in ",
    "Cannot add ",
    "object name reserved",
    " may not be ",
    "cannot create ",
    "has more than one primary key",
    "AUTOINCREMENT ",
    "PRIMARY KEY missing",
    " datatype for ",
    "generated column",
    " term out of range",
    "index associated with ",
    "wildcards",
    " values for ",
    " values were supplied",
    "Recursion limit",
    "Expression tree is too large",
    "too many terms in ",
    "too many columns ",
    "at most 64 tables in a join",
    "too many FROM clause terms",
    "SELECTs to the left and right of ",
    "ON CONFLICT clause does not match ",
];

/// What SQLite itself would say of the statement: programs compare these texts.
fn is_sqlites_own(message: &str) -> bool {
    message.starts_with("no such ")
        || message.starts_with("near ")
        || WITHOUT_PLACE.iter().any(|part| message.contains(part))
}
