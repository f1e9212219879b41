//! What stands behind all text: LIKE's patterns that end in their escape character, and `x || X'FF'` as a bound.
//!
//! Such a pattern matches nothing on SQLite, and is an error on PostgreSQL; bytes that no text has are no text there.

use super::ast::{BinaryOperator, Expr, ExprKind};
use super::edits::Piece;
use super::pass::{Pass, Result, peel, sqlite_error};
use super::types::Constant;

/// What no text is, in any encoding: `sqlift.like_pattern` has the same.
const NOTHING: &str = r"E'\x01\x7f\x01\x7f\x01\x7f\x01\x7f'";

/// What no text is greater than. A database of another encoding than UTF-8 refuses it.
const GREATEST: &str = r"E'\U0010FFFF\U0010FFFF\U0010FFFF'";

impl Pass<'_> {
    /// `x || X'FF'` beside `<` or BETWEEN, which is greater than all texts that begin with x.
    pub fn bound_of_text(&mut self, expr: &Expr) {
        if let ExprKind::Binary { operator: BinaryOperator::Concat, right, .. } = &peel(expr).kind
            && matches!(&right.kind, ExprKind::Blob(bytes) if bytes.first().is_some_and(|byte| *byte > 0xf4))
        {
            self.edits.replace_text(right.span, GREATEST);
        }
    }

    /// A pattern, once it is measured, with its ESCAPE.
    pub fn escaped(
        &mut self,
        pattern: &Expr,
        constant: Option<&Constant>,
        measured: Vec<Piece>,
        escape: &Expr,
    ) -> Result<Vec<Piece>> {
        let typed = self.expr(escape)?;
        if typed.placeholder.is_some() {
            self.parameter_of_column(escape, super::catalog::ColumnType::Text);
        }
        let behind = [" ESCAPE ".into(), escape.span.into()];
        let letter = match &typed.constant {
            Some(Constant::Text(text)) => {
                let mut letters = text.chars();
                let (Some(letter), None) = (letters.next(), letters.next()) else {
                    return sqlite_error("ESCAPE expression must be a single character", escape.span, None);
                };
                Some(letter)
            }
            _ => None,
        };
        let ends_open = match (letter, constant) {
            (Some(letter), Some(Constant::Text(text))) => Some(ends_open(text, letter)),
            (Some(letter), _) => last_words(pattern).filter(|words| !words.ends_with(letter)).map(|_| false),
            _ => None,
        };
        let pieces: Vec<Piece> = match ends_open {
            Some(false) => measured,
            Some(true) => vec![NOTHING.into()],
            None => {
                let end = [", ".into(), escape.span.into(), ")".into()];
                ["sqlift.like_pattern(".into()].into_iter().chain(measured).chain(end).collect()
            }
        };
        Ok(pieces.into_iter().chain(behind).collect())
    }
}

/// Whether the last character escapes what does not come.
fn ends_open(pattern: &str, escape: char) -> bool {
    pattern.chars().rev().take_while(|letter| *letter == escape).count() % 2 == 1
}

/// What a pattern of several parts ends with, where that is known.
fn last_words(pattern: &Expr) -> Option<&str> {
    match &peel(pattern).kind {
        ExprKind::String(text) if !text.is_empty() => Some(text),
        ExprKind::Binary { operator: BinaryOperator::Concat, right, .. } => last_words(right),
        _ => None,
    }
}
