//! What several test modules share: a log of what calls returned, and databases to run on.

use sqlift::{Connection, Error};
use std::fmt::Debug;

/// What a sequence of calls returned, for comparing two runs.
#[derive(Debug, Default)]
pub struct Log(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    what: String,
    /// Everything, as SQLite must say it.
    exact: String,
    /// Without what may be worded differently on PostgreSQL.
    portable: String,
}

impl Log {
    /// Notes a value.
    pub fn value(&mut self, what: &str, value: impl Debug) {
        let text = format!("{value:?}");
        self.0.push(Entry { what: what.to_owned(), exact: text.clone(), portable: text });
    }

    /// Notes what a call returned; of an error, PostgreSQL need only have the kind and the codes in common.
    pub fn result<T: Debug>(&mut self, what: &str, result: Result<T, Error>) {
        let exact = format!("{result:?}");
        let portable = match result {
            Ok(value) => format!("{value:?}"),
            Err(error) => kind(&error),
        };
        self.0.push(Entry { what: what.to_owned(), exact, portable });
    }

    #[track_caller]
    pub fn assert_same(&self, expected: &Log, case: &str) {
        self.compare(expected, case, |entry| (&entry.what, &entry.exact));
    }

    #[track_caller]
    pub fn assert_portable(&self, expected: &Log, case: &str) {
        self.compare(expected, case, |entry| (&entry.what, &entry.portable));
    }

    #[track_caller]
    fn compare<'a>(&'a self, expected: &'a Log, case: &str, part: fn(&'a Entry) -> (&'a String, &'a String)) {
        for (found, expected) in self.0.iter().zip(&expected.0) {
            let (found, expected) = (part(found), part(expected));
            assert_eq!(found, expected, "{case}");
        }
        assert_eq!(self.0.len(), expected.0.len(), "{case}: one run saw more than the other");
        assert!(!self.0.is_empty(), "{case} noted nothing");
    }
}

/// An error without its wording.
fn kind(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, _) => format!("error {:?} {}", code.code, code.extended_code),
        Error::SqlInputError { error, .. } => format!("error {:?} {}", error.code, error.extended_code),
        other => format!("error {other:?}"),
    }
}

/// Runs a test on SQLite and, once there is one, on a fresh PostgreSQL database.
#[allow(dead_code)] // For the test modules to come.
pub fn both(test: fn(&mut Connection)) {
    test(&mut Connection::open_sqlite(":memory:").expect("SQLite opens a database in memory"));
}
