//! A line of SQL with carets under the place that a message is about.

use crate::shell::output::plain;
use sqlift::syntax::Span;
use unicode_width::UnicodeWidthStr;

/// Where a byte offset stands: line and column, from 1; columns count characters.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let start = line_start(text, at);
    (text[..at].matches('\n').count() + 1, text[start..at].chars().count() + 1)
}

/// How many characters of a line are shown ahead of the place, and from the place on.
const AHEAD: usize = 60;
const FROM: usize = 100;

/// The line that the span begins in, or its part around the span, and carets under it as far as it reaches there.
pub fn excerpt(text: &str, span: Span) -> String {
    let first_line = |text: &'_ str| text.find('\n').unwrap_or(text.len());
    let from = &text[span.start..];
    let from = from[..first_line(from)].trim_end();
    let end = from.char_indices().nth(FROM).map_or(from.len(), |(end, _)| end);
    let marked = span.text(text);
    let marked = marked[..first_line(marked).min(end)].trim_end();
    let ahead = &text[line_start(text, span.start)..span.start];
    let start = ahead.char_indices().rev().nth(AHEAD - 1).map_or(0, |(start, _)| start);
    let cut = |is_cut| if is_cut { "…" } else { "" };
    let before = format!("{}{}", cut(start > 0), plain(&ahead[start..]));
    let (spaces, carets) = (" ".repeat(before.width()), "^".repeat(plain(marked).width().max(1)));
    format!("   |  {before}{}{}\n   |  {spaces}{carets}\n", plain(&from[..end]), cut(end < from.len()))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_shown_around_the_place() {
        let text = format!("SELECT 1;\nSELECT {}, nosuch, {}\nFROM t", "é, ".repeat(500), "b, ".repeat(500));
        let at = text.find("nosuch").expect("it is there");
        let shown = excerpt(&text, Span { start: at, end: at + 6 });
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() < 180), "{shown}");
        let column = |line: &str, what: char| line.chars().position(|c| c == what);
        assert_eq!(column(lines[0], 'n'), column(lines[1], '^'), "{shown}");
        assert_eq!(excerpt("SELECT x\r\nFROM t", Span { start: 7, end: 8 }), "   |  SELECT x\n   |         ^\n");
        assert_eq!(excerpt("a", Span { start: 1, end: 1 }), "   |  a\n   |   ^\n");
    }
}
