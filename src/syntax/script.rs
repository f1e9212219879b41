//! Where statements begin and end in a script.
//!
//! Takes a script, gives the spans of its statements, as SQLite's own `sqlite3_complete` delimits them.

use super::native::native_end;
use super::{Error, ErrorKind, Span, TokenKind, tokens, tokens_from};

/// Splits a script into its statements, without running them.
///
/// Spans are half-open byte ranges into `script`, in order, without the closing `;`. A comment in front of a statement
/// belongs to it; blanks around it, and comments behind it, do not.
/// A `;` inside a literal, a comment or a trigger body (`BEGIN ... END`) does not end a statement.
/// Empty statements are left out, so `";;"` gives nothing.
/// A statement behind `/* sqlift: native */` is PostgreSQL's, and delimited as PostgreSQL does: dollar quotes count.
///
/// # Errors
/// [`ErrorKind::UnterminatedLiteral`], with the span from the opening quote to the end.
///
/// # Examples
/// ```
/// let spans = sqlift::statements("INSERT INTO t VALUES (';'); DELETE FROM t")?;
/// assert_eq!(spans.len(), 2);
/// # Ok::<(), sqlift::syntax::Error>(())
/// ```
pub fn statements(script: &str) -> Result<Vec<Span>, Error> {
    Statements::new(script).collect()
}

/// The first statement at or behind the byte offset `from`, and where the rest of the script begins (behind its `;`).
///
/// `None` when only blanks, comments and semicolons are left.
///
/// # Errors
/// [`ErrorKind::UnterminatedLiteral`], as [`statements`].
///
/// # Examples
/// ```
/// use sqlift::syntax::next_statement;
///
/// let script = "SELECT 1; SELECT 2";
/// let (first, tail) = next_statement(script, 0)?.expect("there are two");
/// assert_eq!((first.text(script), &script[tail..]), ("SELECT 1", " SELECT 2"));
/// # Ok::<(), sqlift::syntax::Error>(())
/// ```
pub fn next_statement(script: &str, from: usize) -> Result<Option<(Span, usize)>, Error> {
    let mut start = None;
    let mut end = None;
    let mut state = State::Start;
    let mut is_native = false;
    for token in tokens_from(script, from) {
        match token.kind {
            TokenKind::Blank => continue,
            TokenKind::LineComment | TokenKind::BlockComment => {
                start.get_or_insert(token.span.start);
                is_native |= is_native_directive(token.kind, token.span.text(script));
                continue;
            }
            _ if is_native && state == State::Start && token.kind != TokenKind::Semicolon => {
                let end = native_end(script, token.span.start);
                let span = Span { start: start.unwrap_or(token.span.start), end };
                let span = Span { end: span.start + span.text(script).trim_end().len(), ..span };
                return Ok(Some((span, (end + 1).min(script.len()))));
            }
            TokenKind::Unterminated => {
                let message = format!("unrecognized token: \"{}\"", token.span.text(script));
                return Err(Error::new(ErrorKind::UnterminatedLiteral, token.span, message));
            }
            _ => {}
        }
        state = state.after(Significant::of(script, token.kind, token.span));
        if state == State::Start {
            match (start, end) {
                (Some(start), Some(end)) => return Ok(Some((Span { start, end }, token.span.end))),
                // An empty statement, perhaps with comments of its own.
                _ => (start, is_native) = (None, false),
            }
        } else {
            start.get_or_insert(token.span.start);
            end = Some(token.span.end);
        }
    }
    Ok(start.zip(end).map(|(start, end)| (Span { start, end }, script.len())))
}

/// The first statement of PostgreSQL's own SQL at or behind `from`, and where the rest of the script begins.
pub(crate) fn next_native_statement(script: &str, from: usize) -> Option<(Span, usize)> {
    let mut start = from;
    loop {
        let end = native_end(script, start);
        let tail = (end + 1).min(script.len());
        if !is_empty(&script[start..end]) {
            return Some((Span { start, end }, tail));
        }
        if end == script.len() {
            return None;
        }
        start = tail;
    }
}

/// The iterator behind [`statements`]: one statement after the other, so that those in front of a broken one can run.
#[derive(Debug, Clone)]
pub struct Statements<'a> {
    script: &'a str,
    tail: usize,
}

impl<'a> Statements<'a> {
    pub fn new(script: &'a str) -> Statements<'a> {
        Statements { script, tail: 0 }
    }

    /// The byte offset where the part that is not yet read begins.
    pub fn tail(&self) -> usize {
        self.tail
    }
}

impl Iterator for Statements<'_> {
    type Item = Result<Span, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match next_statement(self.script, self.tail) {
            Ok(Some((span, tail))) => {
                self.tail = tail;
                Some(Ok(span))
            }
            Ok(None) => {
                self.tail = self.script.len();
                None
            }
            Err(error) => {
                self.tail = self.script.len();
                Some(Err(error))
            }
        }
    }
}

/// Where the statement really begins: the byte offset of the first token that is neither blank, comment nor `;`, or
/// the text's length when there is none.
///
/// # Examples
/// ```
/// assert_eq!(sqlift::syntax::statement_start("-- all\n SELECT 1"), 8);
/// ```
pub fn statement_start(sql: &str) -> usize {
    tokens(sql)
        .find(|token| !token.kind.is_trivia() && token.kind != TokenKind::Semicolon)
        .map_or(sql.len(), |token| token.span.start)
}

/// Does the text hold nothing but blanks, comments and semicolons?
pub fn is_empty(sql: &str) -> bool {
    statement_start(sql) == sql.len()
}

/// Does a comment `/* sqlift: native */` or `-- sqlift: native` stand in front of the statement?
///
/// # Examples
/// ```
/// use sqlift::syntax::has_native_directive;
///
/// assert!(has_native_directive("/* sqlift: native */ SELECT now()"));
/// assert!(!has_native_directive("SELECT '/* sqlift: native */'"));
/// ```
pub fn has_native_directive(sql: &str) -> bool {
    tokens(sql)
        .take_while(|token| token.kind.is_trivia() || token.kind == TokenKind::Semicolon)
        .any(|token| is_native_directive(token.kind, token.span.text(sql)))
}

fn is_native_directive(kind: TokenKind, text: &str) -> bool {
    let inner = match kind {
        TokenKind::LineComment => text.strip_prefix("--"),
        TokenKind::BlockComment => text.strip_prefix("/*").and_then(|text| text.strip_suffix("*/")),
        _ => None,
    };
    let words = inner.and_then(|inner| inner.trim().strip_prefix("sqlift:"));
    words.is_some_and(|words| words.trim() == "native")
}

/// How far into a statement we are: the states of `sqlite3_complete`, which know a trigger by `CREATE [TEMP] TRIGGER`
/// and its end by `; END ;`, so that a CASE ... END inside cannot be mistaken for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Normal,
    Explain,
    Create,
    Trigger,
    TriggerSemicolon,
    TriggerEnd,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Significant {
    Semicolon,
    Explain,
    Create,
    Temp,
    Trigger,
    End,
    Other,
}

impl Significant {
    fn of(script: &str, kind: TokenKind, span: Span) -> Significant {
        match kind {
            TokenKind::Semicolon => Significant::Semicolon,
            TokenKind::Word => {
                let word = span.text(script);
                let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
                match word.len() {
                    3 if is("END") => Significant::End,
                    4 if is("TEMP") => Significant::Temp,
                    6 if is("CREATE") => Significant::Create,
                    7 if is("EXPLAIN") => Significant::Explain,
                    7 if is("TRIGGER") => Significant::Trigger,
                    9 if is("TEMPORARY") => Significant::Temp,
                    _ => Significant::Other,
                }
            }
            _ => Significant::Other,
        }
    }
}

impl State {
    fn after(self, token: Significant) -> State {
        match (self, token) {
            (State::Start | State::Normal | State::Explain | State::Create, Significant::Semicolon) => State::Start,
            (State::Start, Significant::Explain) => State::Explain,
            (State::Start | State::Explain, Significant::Create) => State::Create,
            (State::Explain, Significant::Explain) => State::Normal,
            // EXPLAIN QUERY PLAN CREATE ...
            (State::Explain, _) => State::Explain,
            (State::Create, Significant::Temp) => State::Create,
            (State::Create, Significant::Trigger) => State::Trigger,
            (State::Start | State::Normal | State::Create, _) => State::Normal,
            (State::Trigger | State::TriggerSemicolon, Significant::Semicolon) => State::TriggerSemicolon,
            (State::TriggerSemicolon, Significant::End) => State::TriggerEnd,
            (State::TriggerEnd, Significant::Semicolon) => State::Start,
            (State::Trigger | State::TriggerSemicolon | State::TriggerEnd, _) => State::Trigger,
        }
    }
}
