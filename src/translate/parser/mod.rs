//! The parser: one SQLite statement's text to its tree.
//!
//! Recursive descent over the lexer's tokens, with SQLite's grammar, precedences, keywords-as-names and messages. Takes
//! text, gives an [`ast::Statement`](Statement) or a [`ParseError`] with its place. It resolves nothing: whether a table
//! exists or `"x"` is a string is not its business.
//!
//! Two deliberate differences from the bundled SQLite: `UPDATE`/`DELETE ... ORDER BY ... LIMIT` is taken (SQLite takes it
//! when built with SQLITE_ENABLE_UPDATE_DELETE_LIMIT), and nesting is limited, to what fits on the stack.

mod call;
mod command;
mod expression;
mod from;
mod keyword;
mod limits;
pub(in crate::translate) mod name;
mod query;
mod schema;
mod schema_constraint;
#[cfg(test)]
mod tests;
mod window;
mod write;

use super::ast::{Statement, StatementKind};
use crate::syntax::{self, Numbering, Span, TokenKind, tokens};
use keyword::{Keyword, keyword};
use std::fmt;
use std::sync::Arc;

/// SQLite's SQLITE_MAX_EXPR_DEPTH.
const MAX_HEIGHT: u32 = 1000;

/// How deep parentheses, calls and subqueries may nest. SQLite's own stack takes more; this much fits on a thread's stack
/// of 2 MiB even without optimisation.
pub(super) const MAX_NESTING: u32 = 100;

/// Whether a word is one of SQLite's keywords, also of those that may be names.
pub(crate) fn is_keyword(word: &str) -> bool {
    keyword(word) != Keyword::None
}

/// Parses one statement; a `;` behind it, and comments anywhere, are fine.
///
/// # Errors
/// [`ParseErrorKind::Empty`] when there is no statement, [`ParseErrorKind::MultipleStatements`] when there are several,
/// otherwise SQLite's own message with the place of the offending token.
///
/// # Examples
/// ```
/// use sqlift::translate::parser::parse_statement;
///
/// let statement = parse_statement("SELECT 1; -- one")?;
/// assert_eq!((statement.span.start, statement.span.end), (0, 8));
/// let error = parse_statement("SELECT FROM t").unwrap_err();
/// assert_eq!(error.message, "near \"FROM\": syntax error");
/// # Ok::<(), sqlift::translate::parser::ParseError>(())
/// ```
pub fn parse_statement(sql: &str) -> Result<Statement, ParseError> {
    parse_with_height(sql).map(|(statement, _)| statement)
}

/// [`parse_statement`], and how high its tallest expression is, as SQLite counts: at most 1000. Who walks the tree
/// recursively needs a stack for that many steps.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_with_height(sql: &str) -> Result<(Statement, u32), ParseError> {
    parse_nested(sql, MAX_NESTING, BooleanWords::Constants)
}

/// [`parse_with_height`] for who has a stack for statements that nest deeper, or a table with a column called `true`.
pub(super) fn parse_nested(sql: &str, max_nesting: u32, words: BooleanWords) -> Result<(Statement, u32), ParseError> {
    let mut parser = Parser::new(sql);
    (parser.max_nesting, parser.boolean_words) = (max_nesting, words);
    let parsed = parser.whole()?;
    if words == BooleanWords::Constants && parser.has_boolean && parser.names_boolean {
        return parse_nested(sql, max_nesting, BooleanWords::Columns);
    }
    Ok(parsed)
}

/// What TRUE and FALSE are, where they stand as a value without quotes: to SQLite the column of that name, and the constant where there
/// is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BooleanWords {
    Constants,
    /// Columns: whoever resolves names finds out which are. The text, or a table that it names, calls one so.
    Columns,
}

/// The value of the word, where it stands without quotes.
pub(super) fn boolean_word(word: &str) -> Option<bool> {
    match word.len() {
        4 if word.eq_ignore_ascii_case("true") => Some(true),
        5 if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Why a text is no statement of SQLite's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    pub kind: ParseErrorKind,
    /// SQLite's own words, e.g. `near "FROM": syntax error`.
    pub message: String,
    /// The offending token; empty at the end of the text for [`ParseErrorKind::Incomplete`].
    pub span: Span,
}

/// The kinds of [`ParseError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Only blanks, comments and semicolons.
    Empty,
    /// `near "x": syntax error`
    Syntax,
    /// `incomplete input`
    Incomplete,
    /// `unrecognized token: "x"`
    UnrecognizedToken,
    /// A second statement behind the first; the span is where it begins.
    MultipleStatements,
    /// `Expression tree is too large (maximum depth 1000)`
    TooDeep,
    /// `Recursion limit`
    TooNested,
    /// `?0`, or too many placeholders.
    Placeholder,
    /// Grammatical, but SQLite's parser refuses it, e.g. `unknown join type: LEFT INNER`.
    Invalid,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

impl From<syntax::Error> for ParseError {
    fn from(error: syntax::Error) -> ParseError {
        ParseError { kind: ParseErrorKind::Placeholder, message: error.message().to_owned(), span: error.span() }
    }
}

type Parsed<T> = Result<T, ParseError>;

/// The kind of the sentinel behind the last token: blanks never reach the parser.
const END: TokenKind = TokenKind::Blank;

/// A token that means something, with the keyword it may be.
#[derive(Debug, Clone, Copy)]
struct Lexeme {
    kind: TokenKind,
    keyword: Keyword,
    span: Span,
}

struct Parser<'a> {
    sql: &'a str,
    /// The same, for the names of the tree.
    shared: Arc<str>,
    /// Never empty: the last one is the sentinel of kind [`END`].
    lexemes: Vec<Lexeme>,
    at: usize,
    numbering: Numbering,
    nesting: u32,
    max_nesting: u32,
    boolean_words: BooleanWords,
    /// TRUE or FALSE was a value.
    has_boolean: bool,
    /// Something is called so.
    names_boolean: bool,
    /// The height of the expression just parsed, as SQLite counts it.
    height: u32,
    /// The largest height of a whole expression since the innermost query began.
    tallest: u32,
    /// The same with the heights of the expressions in its subqueries, and in theirs, added: these too are at most 1000 for SQLite.
    deepest: u32,
    /// The largest such sum of the subqueries since the innermost expression began.
    below: u32,
}

impl<'a> Parser<'a> {
    fn new(sql: &'a str) -> Parser<'a> {
        let mut lexemes = Vec::with_capacity(sql.len() / 4 + 8);
        let mut has_window_words = false;
        for token in tokens(sql).filter(|token| !token.kind.is_trivia()) {
            let keyword = match token.kind {
                TokenKind::Word => keyword(token.span.text(sql)),
                _ => Keyword::None,
            };
            has_window_words |= matches!(keyword, Keyword::Window | Keyword::Over | Keyword::Filter);
            lexemes.push(Lexeme { kind: token.kind, keyword, span: token.span });
        }
        let end = Span { start: sql.len(), end: sql.len() };
        lexemes.push(Lexeme { kind: END, keyword: Keyword::None, span: end });
        if has_window_words {
            demote_window_words(&mut lexemes);
        }
        Parser {
            sql,
            shared: sql.into(),
            lexemes,
            at: 0,
            numbering: Numbering::default(),
            nesting: 0,
            max_nesting: MAX_NESTING,
            boolean_words: BooleanWords::Constants,
            has_boolean: false,
            names_boolean: false,
            height: 0,
            tallest: 0,
            deepest: 0,
            below: 0,
        }
    }

    // ---- looking

    fn token(&self) -> Lexeme {
        self.lexemes[self.at]
    }

    fn ahead(&self, count: usize) -> Lexeme {
        self.lexemes[(self.at + count).min(self.lexemes.len() - 1)]
    }

    fn is(&self, kind: TokenKind) -> bool {
        self.token().kind == kind
    }

    fn at_keyword(&self, keyword: Keyword) -> bool {
        self.token().keyword == keyword
    }

    fn start(&self) -> usize {
        self.token().span.start
    }

    /// From `start` to the end of the last token taken.
    fn span_from(&self, start: usize) -> Span {
        let end = self.at.checked_sub(1).map_or(start, |last| self.lexemes[last].span.end);
        Span { start, end: end.max(start) }
    }

    // ---- taking

    fn advance(&mut self) -> Lexeme {
        let token = self.token();
        if token.kind != END {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> Option<Span> {
        self.is(kind).then(|| self.advance().span)
    }

    fn expect(&mut self, kind: TokenKind) -> Parsed<Span> {
        self.eat(kind).ok_or_else(|| self.unexpected())
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> Option<Span> {
        self.at_keyword(keyword).then(|| self.advance().span)
    }

    fn expect_keyword(&mut self, keyword: Keyword) -> Parsed<Span> {
        self.eat_keyword(keyword).ok_or_else(|| self.unexpected())
    }

    fn expect_keywords(&mut self, keywords: &[Keyword]) -> Parsed<()> {
        keywords.iter().try_for_each(|&keyword| self.expect_keyword(keyword).map(drop))
    }

    /// One or more of something, with commas between.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(TokenKind::Comma).is_some() {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A list in parentheses.
    fn parenthesized<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(TokenKind::LeftParen)?;
        let items = self.list(item)?;
        self.expect(TokenKind::RightParen)?;
        Ok(items)
    }

    // ---- refusing

    /// The current token does not fit.
    fn unexpected(&self) -> ParseError {
        let Lexeme { kind, span, .. } = self.token();
        let text = span.text(self.sql);
        // SQLite keeps #1 for its registers and complains one step later.
        let is_register = text.len() > 1 && text.starts_with('#');
        let (kind, message) = match kind {
            END => (ParseErrorKind::Incomplete, "incomplete input".to_owned()),
            TokenKind::Illegal | TokenKind::Unterminated if !is_register => {
                (ParseErrorKind::UnrecognizedToken, format!("unrecognized token: \"{text}\""))
            }
            _ => return self.syntax_error(span),
        };
        ParseError { kind, message, span }
    }

    fn syntax_error(&self, span: Span) -> ParseError {
        let message = format!("near \"{}\": syntax error", span.text(self.sql));
        ParseError { kind: ParseErrorKind::Syntax, message, span }
    }

    fn invalid<T>(&self, span: Span, message: impl Into<String>) -> Parsed<T> {
        Err(ParseError { kind: ParseErrorKind::Invalid, message: message.into(), span })
    }

    // ---- depth

    /// Goes one step deeper. (Who fails need not come back up: the whole parse has failed.)
    fn enter(&mut self) -> Parsed<()> {
        self.nesting += 1;
        if self.nesting > self.max_nesting {
            let message = "Recursion limit".to_owned();
            return Err(ParseError { kind: ParseErrorKind::TooNested, message, span: self.token().span });
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// Notes that an expression which begins at `start` is `height` high.
    fn set_height(&mut self, start: usize, height: u32) -> Parsed<()> {
        self.height = height;
        if height > MAX_HEIGHT { self.too_deep(start) } else { Ok(()) }
    }

    /// Notes that the expression which has just been read, and begins at `start`, is a whole one.
    fn is_whole(&mut self, start: usize) -> Parsed<()> {
        self.tallest = self.tallest.max(self.height);
        self.deepest = self.deepest.max(self.height + self.below);
        if self.deepest > MAX_HEIGHT { self.too_deep(start) } else { Ok(()) }
    }

    fn too_deep(&self, start: usize) -> Parsed<()> {
        let message = format!("Expression tree is too large (maximum depth {MAX_HEIGHT})");
        Err(ParseError { kind: ParseErrorKind::TooDeep, message, span: self.span_from(start) })
    }

    // ---- statements

    /// A statement, with nothing but semicolons around it, and how high it is.
    fn whole(&mut self) -> Parsed<(Statement, u32)> {
        while self.eat(TokenKind::Semicolon).is_some() {}
        if self.token().kind == END {
            return Err(ParseError {
                kind: ParseErrorKind::Empty,
                message: "no statement".to_owned(),
                span: self.token().span,
            });
        }
        let statement = self.statement()?;
        if self.token().kind != END {
            self.expect(TokenKind::Semicolon)?;
            while self.eat(TokenKind::Semicolon).is_some() {}
            if self.token().kind != END {
                return Err(ParseError {
                    kind: ParseErrorKind::MultipleStatements,
                    message: "multiple statements provided".to_owned(),
                    span: Span { start: self.token().span.start, end: self.sql.len() },
                });
            }
        }
        Ok((statement, self.tallest))
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let start = self.start();
        let kind = if self.eat_keyword(Keyword::Explain).is_some() {
            let query_plan = self.eat_keyword(Keyword::Query).is_some();
            if query_plan {
                self.expect_keyword(Keyword::Plan)?;
            }
            let inner_start = self.start();
            let kind = self.command()?;
            let inner = Box::new(Statement { span: self.span_from(inner_start), kind });
            StatementKind::Explain { query_plan, inner }
        } else {
            self.command()?
        };
        Ok(Statement { span: self.span_from(start), kind })
    }
}

/// WINDOW, OVER and FILTER are keywords only in front of what makes them so.
fn demote_window_words(lexemes: &mut [Lexeme]) {
    for at in 0..lexemes.len() {
        let next = |ahead: usize| lexemes.get(at + ahead).copied();
        let is_name = |lexeme: Option<Lexeme>| {
            lexeme.is_some_and(|lexeme| match lexeme.kind {
                TokenKind::Word => {
                    let keyword = lexeme.keyword;
                    keyword.falls_back() || keyword.is_join() || matches!(keyword, Keyword::Window | Keyword::Over)
                }
                TokenKind::String | TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket => true,
                _ => false,
            })
        };
        let opens = |lexeme: Option<Lexeme>| lexeme.is_some_and(|lexeme| lexeme.kind == TokenKind::LeftParen);
        let behind_call = at > 0 && lexemes[at - 1].kind == TokenKind::RightParen;
        let stays = match lexemes[at].keyword {
            Keyword::Window => is_name(next(1)) && next(2).is_some_and(|lexeme| lexeme.keyword == Keyword::As),
            Keyword::Over => behind_call && (opens(next(1)) || is_name(next(1))),
            Keyword::Filter => behind_call && opens(next(1)),
            _ => true,
        };
        if !stays {
            lexemes[at].keyword = Keyword::None;
        }
    }
}
