//! The lexical side of SQLite's SQL: tokens, placeholders, statement ends.
//!
//! Takes text, gives byte ranges into it. Never fails on any text, does no I/O, knows no driver.

mod lexer;
mod native;
mod placeholder;
mod script;
#[cfg(test)]
mod tests;

pub use lexer::{Token, TokenKind, Tokens, tokens, tokens_from};
pub use native::rewrite_native;
pub(crate) use placeholder::Numbering;
pub use placeholder::{PlaceholderUse, Placeholders, Rewritten, placeholders, rewrite};
pub(crate) use script::next_native_statement;
pub use script::{Statements, has_native_directive, is_empty, next_statement, statement_start, statements};

use std::fmt;

/// A half-open byte range of some SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The text it covers.
    ///
    /// # Panics
    /// When the span was made from another text and does not fit into this one.
    pub fn text(self, sql: &str) -> &str {
        &sql[self.start..self.end]
    }

    /// From the start of this one to the end of `last`.
    pub fn to(self, last: Span) -> Span {
        Span { start: self.start, end: last.end.max(self.start) }
    }
}

/// What is wrong with a text as text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    span: Span,
    message: String,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A string, blob or quoted name has no closing quote.
    UnterminatedLiteral,
    /// `?0`, or a `?N` past SQLite's limit of 32766.
    VariableNumber,
    /// More than 32766 parameters.
    TooManyVariables,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, span: Span, message: impl Into<String>) -> Error {
        Error { kind, span, message: message.into() }
    }

    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The offending bytes of the caller's text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// SQLite's own message where it has one, e.g. `too many SQL variables`.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
