//! The lexical side of SQLite's SQL: tokens, placeholders, statement ends.
//!
//! Takes text, gives byte ranges into it. Never fails on any text, does no I/O, knows no driver.

/// A half-open byte range of some SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}
