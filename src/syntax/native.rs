//! Placeholders in PostgreSQL's own SQL (`/* sqlift: native */`).
//!
//! Takes PostgreSQL text with placeholders in rusqlite's spellings, gives the text with `$n` and the slots. Literals,
//! dollar quotes, comments, casts and operators stay as they are.
//!
//! What is a placeholder and what is not:
//! - `?`, `?2`, `:name`, `@name`, `$name` are placeholders, numbered as SQLite numbers them.
//! - `??` is a literal `?`, so every operator with a `?` can be written for certain: `data ?? 'key'`, `data ??| $1`.
//! - `?|`, `?&` and `@?` are the JSON operators, unless a `||` or `&&` follows a placeholder (`?||'x'`). A blank tells
//!   them apart otherwise: `? | 5` is an operation on a placeholder. A lone `?` is always a placeholder.
//! - `::` is a cast, `:=` names an argument, and a `:` right behind an operand inside `[...]` is a slice.
//! - `$1` is PostgreSQL's own and stays. Where there is one, nothing is renumbered: every placeholder's number is its
//!   `$n`, and `?` is one more than the largest so far.

use super::lexer::is_name_byte;
use super::placeholder::{Numbering, Slots, push_slot};
use super::{Error, ErrorKind, PlaceholderUse, Placeholders, Rewritten, Span};

/// Rewrites the placeholders of a native PostgreSQL statement to `$1, $2, ...`.
///
/// # Errors
/// [`ErrorKind::VariableNumber`] and [`ErrorKind::TooManyVariables`]; what PostgreSQL would not understand is left for it
/// to refuse.
///
/// # Examples
/// ```
/// let rewritten = sqlift::syntax::rewrite_native("SELECT :a::text, body ?? 'key', $tag$ ? $tag$ FROM t WHERE x = ?")?;
/// assert_eq!(rewritten.sql, "SELECT $1::text, body ? 'key', $tag$ ? $tag$ FROM t WHERE x = $2");
/// assert_eq!(rewritten.slots, [1, 2]);
/// # Ok::<(), sqlift::syntax::Error>(())
/// ```
pub fn rewrite_native(sql: &str) -> Result<Rewritten, Error> {
    let mut pieces = Vec::new();
    let mut lexer = Native { bytes: sql.as_bytes(), at: 0, brackets: 0 };
    while let Some(piece) = lexer.next_piece() {
        pieces.push(piece);
    }
    let is_fixed = pieces.iter().any(|piece| matches!(piece, Piece::Fixed(_)));

    let mut numbering = Numbering::default();
    let mut uses = Vec::new();
    let mut slots = Slots::default();
    let mut out = String::with_capacity(sql.len() + pieces.len() * 2);
    let mut copied = 0;
    for piece in pieces {
        let span = match piece {
            Piece::Semicolon(_) => continue,
            Piece::QuestionMark(span) => {
                out.push_str(&sql[copied..span.start]);
                out.push('?');
                copied = span.end;
                continue;
            }
            Piece::Fixed(span) | Piece::Placeholder(span) => span,
        };
        let number = match piece {
            Piece::Fixed(_) => numbering.fixed(sql, span)?,
            _ => numbering.number(sql, span)?,
        } as usize;
        uses.push(PlaceholderUse { span, number });
        out.push_str(&sql[copied..span.start]);
        push_slot(&mut out, if is_fixed { number } else { slots.slot(number) });
        copied = span.end;
    }
    out.push_str(&sql[copied..]);
    let count = numbering.count();
    let slots = if is_fixed { (1..=count).collect() } else { slots.numbers };
    Ok(Rewritten { sql: out, slots, placeholders: Placeholders { uses, count, names: numbering.into_names() } })
}

/// Where the native statement that begins at `from` ends: the offset of its `;`, or the text's length.
///
/// A `;` in a literal, a dollar quote or a comment ends nothing. PostgreSQL 14's `BEGIN ATOMIC` bodies are not known here:
/// such a function goes alone, not into a script.
pub(super) fn native_end(sql: &str, from: usize) -> usize {
    let mut lexer = Native { bytes: sql.as_bytes(), at: from, brackets: 0 };
    while let Some(piece) = lexer.next_piece() {
        if let Piece::Semicolon(at) = piece {
            return at;
        }
    }
    sql.len()
}

impl Numbering {
    /// A `$2` of PostgreSQL's own text is number 2.
    fn fixed(&mut self, sql: &str, span: Span) -> Result<u32, Error> {
        let number = sql[span.start + 1..span.end].parse().ok().filter(|number| (1..=32766).contains(number));
        let number = number.ok_or_else(|| {
            Error::new(ErrorKind::VariableNumber, span, "parameter number must be between $1 and $32766")
        })?;
        self.reserve(number);
        Ok(number)
    }
}

/// What has to be looked at in the text.
#[derive(Clone, Copy)]
enum Piece {
    Placeholder(Span),
    /// `$1`
    Fixed(Span),
    /// `??`
    QuestionMark(Span),
    /// The `;` at this offset
    Semicolon(usize),
}

/// PostgreSQL's lexer, as far as it takes to find the pieces.
struct Native<'a> {
    bytes: &'a [u8],
    at: usize,
    brackets: usize,
}

impl Native<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip(&mut self, accept: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|&byte| accept(byte)) {
            self.at += 1;
        }
    }

    fn next_piece(&mut self) -> Option<Piece> {
        while let Some(&first) = self.bytes.get(self.at) {
            let start = self.at;
            let placeholder = |end| Some(Piece::Placeholder(Span { start, end }));
            match first {
                b'\'' => self.quoted(b'\'', false),
                b'"' => self.quoted(b'"', false),
                b'?' => match (self.peek(1), self.peek(2)) {
                    (b'?', _) => {
                        self.at += 2;
                        return Some(Piece::QuestionMark(Span { start, end: self.at }));
                    }
                    (b'|', other) if other != b'|' => self.at += 2,
                    (b'&', other) if other != b'&' => self.at += 2,
                    _ => {
                        self.at += 1;
                        self.skip(|byte| byte.is_ascii_digit());
                        return placeholder(self.at);
                    }
                },
                b'$' if self.peek(1).is_ascii_digit() => {
                    self.at += 1;
                    self.skip(|byte| byte.is_ascii_digit());
                    return Some(Piece::Fixed(Span { start, end: self.at }));
                }
                b'$' => {
                    if !self.dollar_quoted() {
                        self.at += 1;
                        self.skip(is_name_byte);
                        if self.at > start + 1 {
                            return placeholder(self.at);
                        }
                    }
                }
                b':' if matches!(self.peek(1), b':' | b'=') => self.at += 2,
                b':' => {
                    let slice = self.brackets > 0 && start > 0 && ends_operand(self.bytes[start - 1]);
                    self.at += 1;
                    if !slice && is_name_byte(self.peek(0)) {
                        self.skip(is_name_byte);
                        return placeholder(self.at);
                    }
                }
                b'-' if self.peek(1) == b'-' => self.skip(|byte| byte != b'\n'),
                b'/' if self.peek(1) == b'*' => self.comment(),
                _ if is_operator(first) => {
                    if let Some(span) = self.operator() {
                        return Some(Piece::Placeholder(span));
                    }
                }
                b'0'..=b'9' => self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
                _ if is_name_byte(first) => {
                    self.skip(is_name_byte);
                    // E'...' alone knows backslashes.
                    if self.at == start + 1 && matches!(first, b'e' | b'E') && self.peek(0) == b'\'' {
                        self.quoted(b'\'', true);
                    }
                }
                b';' => {
                    self.at += 1;
                    return Some(Piece::Semicolon(start));
                }
                _ => {
                    match first {
                        b'[' => self.brackets += 1,
                        b']' => self.brackets = self.brackets.saturating_sub(1),
                        _ => {}
                    }
                    self.at += 1;
                }
            }
        }
        None
    }

    fn quoted(&mut self, quote: u8, backslashes: bool) {
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' if backslashes => self.at = (self.at + 1).min(self.bytes.len()),
                // A doubled quote ends one literal and begins the next, which comes to the same.
                _ if byte == quote => return,
                _ => {}
            }
        }
    }

    /// `$tag$ ... $tag$`, or `false` when this `$` begins no such thing.
    fn dollar_quoted(&mut self) -> bool {
        let tag = self.bytes[self.at + 1..].iter().take_while(|&&byte| is_name_byte(byte) && byte != b'$').count();
        let body = self.at + tag + 2;
        if self.bytes.get(body - 1) != Some(&b'$') {
            return false;
        }
        let delimiter = &self.bytes[self.at..body];
        let rest = &self.bytes[body..];
        let end = rest.windows(delimiter.len()).position(|window| window == delimiter);
        self.at = end.map_or(self.bytes.len(), |end| body + end + delimiter.len());
        true
    }

    /// PostgreSQL's block comments nest.
    fn comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// An operator, or the `@name` behind it.
    fn operator(&mut self) -> Option<Span> {
        let start = self.at;
        while is_operator(self.peek(0)) && !matches!((self.peek(0), self.peek(1)), (b'-', b'-') | (b'/', b'*')) {
            self.at += 1;
        }
        let operator = &self.bytes[start..self.at];
        match self.peek(0) {
            b'?' if operator == b"@" && self.peek(1) != b'?' => self.at += 1,
            next if operator.ends_with(b"@")
                && !matches!(operator, b"<@" | b"@@" | b"@@@" | b"@-@")
                && (next.is_ascii_alphabetic() || next == b'_' || next >= 0x80) =>
            {
                let at = self.at - 1;
                self.skip(is_name_byte);
                return Some(Span { start: at, end: self.at });
            }
            _ => {}
        }
        None
    }
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'`'
    )
}

fn ends_operand(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b')' | b']' | b'\'' | b'"' | b'?')
}
