//! What goes wrong with migrations: what, in which file, where, and what to do.

use crate::syntax::{Span, tokens_from};
use std::fmt;

/// A migration that cannot be read, must not be applied, or failed.
///
/// Its text names the file, the line, the statement with a caret, and the remedy:
///
/// ```text
/// no such table: orders (42P01)
///   --> sql/migrations/V4__orders.postgres.sql:12:13
///    |  ALTER TABLE orders ADD COLUMN note text
///    |              ^^^^^^
///   help: the database is as it was before this file; correct it and start again
/// ```
#[derive(Debug)]
pub struct Error(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
    help: Option<String>,
    source: Option<crate::Error>,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder cannot be read, or a name says nothing.
    Files,
    /// A version exists for one of the two databases only.
    OneDialect,
    /// An applied file has another text now.
    Diverged,
    /// An applied version has no file any more.
    Missing,
    /// A version that was not applied is older than one that was.
    OutOfOrder,
    /// A file without a transaction ended in the middle, and what it left needs somebody to look.
    Interrupted,
    /// What another tool left cannot be taken over without a word from you.
    Adoption,
    /// Somebody else is migrating and did not end in time.
    Locked,
    /// There is nothing to go back by.
    NoDown,
    /// A statement of a file failed; the database is as it was before the file.
    Failed,
    /// A statement of SQLite's has no counterpart on PostgreSQL, see [`draft`](super::draft).
    Refused,
    /// The database reported something outside the files.
    Database,
}

/// A place in a file, with what stands there.
#[derive(Debug, Clone)]
struct Place {
    file: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    column: usize,
    text: String,
    /// Where the marked part of `text` begins, and how long it is, in characters.
    mark: Option<(usize, usize)>,
    statement: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Parts { kind, message: message.into(), place: None, help: None, source: None }))
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Error {
        self.0.help = Some(help.into());
        self
    }

    /// The file as a whole.
    pub(crate) fn in_file(mut self, file: &str) -> Error {
        self.0.place = Some(Place {
            file: file.to_owned(),
            line: 0,
            column: 0,
            text: String::new(),
            mark: None,
            statement: String::new(),
        });
        self
    }

    /// A statement of a file; `at` is a byte offset into `script`, the token there is marked.
    pub(crate) fn at(mut self, file: &str, script: &str, statement: Span, at: usize) -> Error {
        let at = if script.is_char_boundary(at) { at } else { statement.start };
        let start = script[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let token = tokens_from(script, at).next().map_or("", |token| token.span.text(script));
        let line = script[start..].lines().next().unwrap_or_default();
        let width = token.lines().next().unwrap_or_default().chars().count().max(1);
        let column = script[start..at].chars().count();
        self.0.place = Some(Place {
            file: file.to_owned(),
            line: script[..at].matches('\n').count() + 1,
            column: column + 1,
            text: line.trim_end().replace('\t', " "),
            mark: Some((column, width)),
            statement: statement.text(script).to_owned(),
        });
        self
    }

    pub(crate) fn because(mut self, error: crate::Error) -> Error {
        self.0.source = Some(error);
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without its place and remedy.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file it is about, as it was given or found in its folder.
    pub fn file(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.file.as_str())
    }

    /// The line in the file, from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.place.as_ref().map(|place| place.line).filter(|line| *line > 0)
    }

    /// The statement that failed.
    pub fn statement(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.statement.as_str()).filter(|statement| !statement.is_empty())
    }

    /// What to do.
    pub fn remedy(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// What the database reported; [`crate::postgres_error`] has the server's own words.
    pub fn database_error(&self) -> Option<&crate::Error> {
        self.0.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(place) = &self.0.place {
            write!(f, "\n  --> {}", place.file)?;
            if let Some((before, width)) = place.mark {
                write!(f, ":{}:{}", place.line, place.column)?;
                write!(f, "\n   |  {}\n   |  {}{}", place.text, " ".repeat(before), "^".repeat(width))?;
            }
        }
        if let Some(help) = &self.0.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|error| error as _)
    }
}

/// For programs whose start returns the facade's errors: `SQLITE_ERROR` or the database's own code, with the whole text.
impl From<Error> for crate::Error {
    fn from(error: Error) -> crate::Error {
        let code = error.0.source.as_ref().and_then(|source| source.sqlite_error().copied());
        let code = code.unwrap_or_else(|| {
            crate::ffi::Error::new(match error.0.kind {
                ErrorKind::Locked => crate::ffi::SQLITE_BUSY,
                _ => crate::ffi::SQLITE_ERROR,
            })
        });
        crate::Error::SqliteFailure(code, Some(error.to_string()))
    }
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Error {
        Error::new(ErrorKind::Database, plain(&error)).because(error)
    }
}

/// What the database said, without the statement that rusqlite adds to some messages, and with PostgreSQL's own code.
pub(super) fn plain(error: &crate::Error) -> String {
    let message = match error {
        crate::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    match crate::postgres_error(error) {
        Some(report) if !message.contains(&report.sqlstate) => format!("{message} ({})", report.sqlstate),
        _ => message,
    }
}
