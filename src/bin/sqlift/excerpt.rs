//! A line of SQL with carets under the place that a message is about.

use crate::shell::output::plain;
use sqlift::syntax::Span;
use unicode_width::UnicodeWidthStr;

/// Where a byte offset stands: line and column, from 1; columns count characters.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let start = line_start(text, at);
    (text[..at].matches('\n').count() + 1, text[start..at].chars().count() + 1)
}

/// The line that the span begins in, and carets under it as far as it reaches in that line.
pub fn excerpt(text: &str, span: Span) -> String {
    let start = line_start(text, span.start);
    let line = plain(text[start..].lines().next().unwrap_or_default().trim_end());
    let marked = span.text(text).lines().next().unwrap_or_default().trim_end();
    let (before, carets) = (plain(&text[start..span.start]).width(), plain(marked).width().max(1));
    format!("   |  {line}\n   |  {}{}\n", " ".repeat(before), "^".repeat(carets))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}
