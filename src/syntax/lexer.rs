//! SQLite's lexer: text in, tokens with byte offsets out.
//!
//! Takes any text and gives tokens that cover it without gaps, blanks and comments included. It never fails: what
//! SQLite would call an "unrecognized token" comes out as [`TokenKind::Illegal`] or [`TokenKind::Unterminated`].
//! It deliberately knows no keywords; those depend on the place and are the parser's business.

use super::Span;

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Blanks, line ends and byte order marks.
    Blank,
    /// `-- to the end of the line`
    LineComment,
    /// `/* ... */`; not nested, and the end of the text closes it too.
    BlockComment,
    /// A keyword or a bare name.
    Word,
    /// `'string'`
    String,
    /// `"name"`, which SQLite also takes as a string where no such column exists.
    DoubleQuoted,
    /// `` `name` ``
    Backtick,
    /// `[name]`
    Bracket,
    /// `x'00ff'`
    Blob,
    /// `12`, `1_000`
    Integer,
    /// `0x1F`, `0x1_F`
    HexInteger,
    /// `1.5`, `.5`, `1e9`
    Float,
    /// `?`, `?2`, `:name`, `@name`, `$name`, `$name::part(suffix)`
    Placeholder,
    LeftParen,
    RightParen,
    Comma,
    Dot,
    Semicolon,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    /// `=` and `==`
    Equal,
    /// `<>` and `!=`
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    BitNot,
    /// `||`
    Concat,
    /// `->`
    Arrow,
    /// `->>`
    ArrowText,
    /// A literal or quoted name without its closing quote; reaches to the end of the text.
    Unterminated,
    /// Anything else that SQLite does not take: a stray `^`, `12abc`, `x'0'`, `1__0`.
    Illegal,
}

impl TokenKind {
    /// Blanks and comments mean nothing between two tokens.
    pub fn is_trivia(self) -> bool {
        matches!(self, TokenKind::Blank | TokenKind::LineComment | TokenKind::BlockComment)
    }
}

/// A token and its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// Splits text into SQLite's tokens; they cover the text without gaps.
///
/// # Examples
/// ```
/// use sqlift::syntax::{TokenKind, tokens};
///
/// let placeholders = tokens("SELECT '?1', ?1 -- ?2").filter(|token| token.kind == TokenKind::Placeholder);
/// assert_eq!(placeholders.count(), 1);
/// ```
pub fn tokens(sql: &str) -> Tokens<'_> {
    tokens_from(sql, 0)
}

/// [`tokens`] from a byte offset on, which must be where a token begins; spans still count from the text's start.
pub fn tokens_from(sql: &str, at: usize) -> Tokens<'_> {
    Tokens { bytes: sql.as_bytes(), at }
}

/// The iterator of [`tokens`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Tokens<'_> {
    /// The next token that is neither blank nor comment.
    #[inline]
    pub fn next_significant(&mut self) -> Option<Token> {
        self.find(|token| !token.kind.is_trivia())
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        if start >= self.bytes.len() {
            return None;
        }
        let (kind, end) = scan(self.bytes, start);
        self.at = end;
        Some(Token { kind, span: Span { start, end } })
    }
}

/// What the first byte of a token says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Illegal,
    Blank,
    Word,
    /// `x`, which may begin a blob
    X,
    /// 0xEF, which may begin a byte order mark
    Mark,
    Digit,
    Quote,
    Bracket,
    Question,
    /// `:`, `@`, `$`, `#`
    Sigil,
    Minus,
    Slash,
    Less,
    Greater,
    Equal,
    Bang,
    Pipe,
    Dot,
    /// Always a token of its own.
    Single(TokenKind),
}

static CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Illegal; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | 0x0c | b'\r' => Class::Blank,
            b'x' | b'X' => Class::X,
            0xef => Class::Mark,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => Class::Word,
            b'0'..=b'9' => Class::Digit,
            b'\'' | b'"' | b'`' => Class::Quote,
            b'[' => Class::Bracket,
            b'?' => Class::Question,
            b':' | b'@' | b'$' | b'#' => Class::Sigil,
            b'-' => Class::Minus,
            b'/' => Class::Slash,
            b'<' => Class::Less,
            b'>' => Class::Greater,
            b'=' => Class::Equal,
            b'!' => Class::Bang,
            b'|' => Class::Pipe,
            b'.' => Class::Dot,
            b'(' => Class::Single(TokenKind::LeftParen),
            b')' => Class::Single(TokenKind::RightParen),
            b',' => Class::Single(TokenKind::Comma),
            b';' => Class::Single(TokenKind::Semicolon),
            b'+' => Class::Single(TokenKind::Plus),
            b'*' => Class::Single(TokenKind::Star),
            b'%' => Class::Single(TokenKind::Percent),
            b'&' => Class::Single(TokenKind::BitAnd),
            b'~' => Class::Single(TokenKind::BitNot),
            _ => Class::Illegal,
        };
        byte += 1;
    }
    table
}

static NAME_BYTES: [bool; 256] = name_bytes();

const fn name_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80..=0xff);
        byte += 1;
    }
    table
}

/// May this byte stand inside a bare name? (A digit and `$` cannot begin one.)
#[inline]
pub(crate) fn is_name_byte(byte: u8) -> bool {
    NAME_BYTES[usize::from(byte)]
}

#[inline]
fn is_blank(byte: u8) -> bool {
    // SQLite's isspace() takes the vertical tab, its lexer does not begin a blank with one.
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The byte at `at`, or 0 behind the end: like SQLite, which reads text that ends in a zero byte, a zero byte ends
/// literals and comments.
#[inline]
fn byte(bytes: &[u8], at: usize) -> u8 {
    if at < bytes.len() { bytes[at] } else { 0 }
}

#[inline]
fn skip(bytes: &[u8], mut at: usize, accept: impl Fn(u8) -> bool) -> usize {
    while at < bytes.len() && accept(bytes[at]) {
        at += 1;
    }
    at
}

/// The token that begins at `start`, which is inside the text: its kind and where it ends.
#[inline]
pub(super) fn scan(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    use TokenKind as Kind;
    let first = bytes[start];
    let second = byte(bytes, start + 1);
    match CLASSES[usize::from(first)] {
        Class::Word => (Kind::Word, skip(bytes, start + 1, is_name_byte)),
        Class::Blank => (Kind::Blank, skip(bytes, start + 1, is_blank)),
        Class::Single(kind) => (kind, start + 1),
        Class::Digit => number(bytes, start),
        Class::Quote => quoted(bytes, start, first),
        Class::Question => (Kind::Placeholder, skip(bytes, start + 1, |byte| byte.is_ascii_digit())),
        Class::Sigil => named_placeholder(bytes, start),
        Class::Dot if second.is_ascii_digit() => number(bytes, start),
        Class::Dot => (Kind::Dot, start + 1),
        Class::Equal if second == b'=' => (Kind::Equal, start + 2),
        Class::Equal => (Kind::Equal, start + 1),
        Class::Less => match second {
            b'=' => (Kind::LessEqual, start + 2),
            b'>' => (Kind::NotEqual, start + 2),
            b'<' => (Kind::ShiftLeft, start + 2),
            _ => (Kind::Less, start + 1),
        },
        Class::Greater => match second {
            b'=' => (Kind::GreaterEqual, start + 2),
            b'>' => (Kind::ShiftRight, start + 2),
            _ => (Kind::Greater, start + 1),
        },
        Class::Bang if second == b'=' => (Kind::NotEqual, start + 2),
        Class::Pipe if second == b'|' => (Kind::Concat, start + 2),
        Class::Pipe => (Kind::BitOr, start + 1),
        Class::Minus => match second {
            b'-' => (Kind::LineComment, skip(bytes, start + 2, |byte| byte != b'\n' && byte != 0)),
            b'>' if byte(bytes, start + 2) == b'>' => (Kind::ArrowText, start + 3),
            b'>' => (Kind::Arrow, start + 2),
            _ => (Kind::Minus, start + 1),
        },
        // A `/*` that ends the text is a slash and a star to SQLite.
        Class::Slash if second == b'*' && byte(bytes, start + 2) != 0 => (Kind::BlockComment, comment(bytes, start)),
        Class::Slash => (Kind::Slash, start + 1),
        Class::Bracket => {
            let end = skip(bytes, start + 1, |byte| byte != b']' && byte != 0);
            if byte(bytes, end) == b']' { (Kind::Bracket, end + 1) } else { (Kind::Unterminated, end) }
        }
        Class::X if second == b'\'' => blob(bytes, start),
        Class::X => (Kind::Word, skip(bytes, start + 1, is_name_byte)),
        Class::Mark if second == 0xbb && byte(bytes, start + 2) == 0xbf => (Kind::Blank, start + 3),
        Class::Mark => (Kind::Word, skip(bytes, start + 1, is_name_byte)),
        Class::Bang | Class::Illegal => (Kind::Illegal, start + 1),
    }
}

fn comment(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 2;
    loop {
        at = skip(bytes, at, |byte| byte != b'*' && byte != 0);
        match (byte(bytes, at), byte(bytes, at + 1)) {
            (b'*', b'/') => return at + 2,
            (b'*', _) => at += 1,
            _ => return at,
        }
    }
}

fn quoted(bytes: &[u8], start: usize, quote: u8) -> (TokenKind, usize) {
    let mut at = start + 1;
    loop {
        at = skip(bytes, at, |byte| byte != quote && byte != 0);
        if byte(bytes, at) == 0 {
            return (TokenKind::Unterminated, at);
        }
        if byte(bytes, at + 1) != quote {
            break;
        }
        at += 2;
    }
    let kind = match quote {
        b'\'' => TokenKind::String,
        b'"' => TokenKind::DoubleQuoted,
        _ => TokenKind::Backtick,
    };
    (kind, at + 1)
}

fn blob(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let digits_end = skip(bytes, start + 2, |byte| byte.is_ascii_hexdigit());
    if byte(bytes, digits_end) == b'\'' && (digits_end - start).is_multiple_of(2) {
        return (TokenKind::Blob, digits_end + 1);
    }
    let end = skip(bytes, digits_end, |byte| byte != b'\'' && byte != 0);
    if byte(bytes, end) == b'\'' { (TokenKind::Illegal, end + 1) } else { (TokenKind::Unterminated, end) }
}

fn number(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let digits = |at| skip(bytes, at, |byte| byte.is_ascii_digit() || byte == b'_');
    let mut kind = TokenKind::Integer;
    let mut at;
    if bytes[start] == b'0'
        && matches!(byte(bytes, start + 1), b'x' | b'X')
        && byte(bytes, start + 2).is_ascii_hexdigit()
    {
        kind = TokenKind::HexInteger;
        at = skip(bytes, start + 3, |byte| byte.is_ascii_hexdigit() || byte == b'_');
    } else {
        at = digits(start);
        if byte(bytes, at) == b'.' {
            kind = TokenKind::Float;
            at = digits(at + 1);
        }
        if matches!(byte(bytes, at), b'e' | b'E') {
            let sign = usize::from(matches!(byte(bytes, at + 1), b'+' | b'-'));
            if byte(bytes, at + 1 + sign).is_ascii_digit() {
                kind = TokenKind::Float;
                at = digits(at + 2 + sign);
            }
        }
    }
    let end = skip(bytes, at, is_name_byte);
    let legal = end == at && separators_are_between_digits(&bytes[start..end], kind == TokenKind::HexInteger);
    (if legal { kind } else { TokenKind::Illegal }, end)
}

fn separators_are_between_digits(number: &[u8], hex: bool) -> bool {
    let is_digit = |byte: u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    number
        .iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'_')
        .all(|(at, _)| at > 0 && is_digit(number[at - 1]) && number.get(at + 1).is_some_and(|&next| is_digit(next)))
}

/// `:name`, `@name`, `$name`, with Tcl's `::` and `(suffix)`. SQLite lets `#name` pass as well, but keeps `#1` to itself.
fn named_placeholder(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let mut at = start + 1;
    let mut named = false;
    loop {
        match byte(bytes, at) {
            byte if is_name_byte(byte) => {
                named = true;
                at += 1;
            }
            b'(' if named => {
                let end = skip(bytes, at + 1, |byte| byte != 0 && byte != b')' && !is_blank(byte));
                if byte(bytes, end) != b')' {
                    return (TokenKind::Illegal, end);
                }
                at = end + 1;
                break;
            }
            b':' if byte(bytes, at + 1) == b':' => at += 2,
            _ => break,
        }
    }
    let register = bytes[start] == b'#' && byte(bytes, start + 1).is_ascii_digit();
    (if named && !register { TokenKind::Placeholder } else { TokenKind::Illegal }, at)
}
