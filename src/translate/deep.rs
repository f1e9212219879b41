//! Statements that nest deep: parsed and walked on a stack that holds them, whatever the caller has left of its own.
//!
//! SQLite takes expressions 1000 high (`a OR b OR ...`) and more parentheses than that; the parser and the passes are recursive.

use super::ast::Statement;
use super::parser::{BooleanWords, MAX_NESTING, ParseError, ParseErrorKind, parse_nested};
use crate::syntax::Span;

/// Expressions up to this height are walked on the caller's stack.
const TALL: u32 = 60;

/// How deep a statement may nest whose tree is walked on a stack of its own: SQLite's own limit on its parser.
const DEEPEST_NESTING: u32 = 2500;

/// Enough for SQLite's largest height and for [`DEEPEST_NESTING`], without optimisation. What is not used costs nothing.
const LARGE_STACK: usize = 256 << 20;

/// Hands the tree of a statement to `walk`, on a thread with a large stack if it is deep.
///
/// # Errors
/// As [`parse_statement`](super::parser::parse_statement).
pub(crate) fn with_tree<T: Send>(sql: &str, walk: impl FnOnce(&Statement) -> T + Send) -> Result<T, ParseError> {
    with_tree_of(sql, BooleanWords::Constants, walk)
}

/// [`with_tree`], where TRUE and FALSE may be columns.
///
/// # Errors
/// As [`parse_statement`](super::parser::parse_statement).
pub(crate) fn with_tree_of<T: Send>(
    sql: &str,
    words: BooleanWords,
    walk: impl FnOnce(&Statement) -> T + Send,
) -> Result<T, ParseError> {
    match parse_nested(sql, MAX_NESTING, words) {
        Ok((statement, height)) if height <= TALL => Ok(walk(&statement)),
        Ok((statement, _)) => on_large_stack(sql, || Ok(walk(&statement))),
        Err(error) if error.kind == ParseErrorKind::TooNested => {
            on_large_stack(sql, || parse_nested(sql, DEEPEST_NESTING, words).map(|(statement, _)| walk(&statement)))
        }
        Err(error) => Err(error),
    }
}

fn on_large_stack<T: Send>(sql: &str, run: impl FnOnce() -> Result<T, ParseError> + Send) -> Result<T, ParseError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(LARGE_STACK).spawn_scoped(scope, run);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(ParseError {
                kind: ParseErrorKind::TooDeep,
                message: format!("no stack for a statement this deep: {error}"),
                span: Span { start: 0, end: sql.len() },
            }),
        }
    })
}
