//! The shell for people: runs what is read, shows rows, and shows errors at their place in the caller's SQL.

use super::connect::Connected;
use super::output::{self, Style};
use sqlift::Error;
use sqlift::syntax::{Span, TokenKind, next_statement, tokens_from};
use std::io::{self, BufRead, Write};
use std::time::Instant;

/// The state of a shell.
pub struct Shell {
    pub connected: Connected,
    pub style: Style,
    pub timer: bool,
    /// Scripts go on after an error.
    pub keep_going: bool,
    /// Something has failed.
    pub failed: bool,
    /// `.read` within `.read`.
    pub depth: usize,
}

/// Whether to go on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    More,
    Quit,
}

/// Where a piece of a script comes from: its name and its first line, from 1.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub source: &'a str,
    pub line: usize,
}

impl Shell {
    pub fn new(connected: Connected, style: Style) -> Shell {
        Shell { connected, style, timer: false, keep_going: false, failed: false, depth: 0 }
    }

    /// Runs a script to its end, or to its first error unless `keep_going`.
    pub fn script(&mut self, source: &str, input: &mut dyn BufRead) -> io::Result<Next> {
        let mut pending = Pending::default();
        let (mut bytes, mut line) = (Vec::new(), 0);
        loop {
            bytes.clear();
            if input.read_until(b'\n', &mut bytes)? == 0 {
                return self.finish(&mut pending, source);
            }
            line += 1;
            let Ok(text) = std::str::from_utf8(&bytes) else {
                self.failed = true;
                writeln!(io::stderr(), "error: the text is not UTF-8\n  --> {source}:{line}")?;
                return Ok(Next::Quit);
            };
            let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
            if self.line(&mut pending, text, Some(Place { source, line }))? == Next::Quit
                || (self.failed && !self.keep_going)
            {
                return Ok(Next::Quit);
            }
        }
    }

    /// Takes one line, with its line end: a dot command, or a part of a statement. `place` is `None` at a prompt.
    pub fn line(&mut self, pending: &mut Pending, text: &str, place: Option<Place<'_>>) -> io::Result<Next> {
        if pending.text.is_empty() {
            if let Some(command) = text.trim().strip_prefix('.') {
                return self.dot(command, place);
            }
            if text.trim().is_empty() {
                return Ok(Next::More);
            }
            pending.line = place.map_or(1, |place| place.line);
        }
        pending.text.push_str(text);
        // Only a line with a semicolon can complete a statement; this spares long ones from being read again and again.
        if text.contains(';') {
            while let Some((span, tail)) = complete(&pending.text) {
                let place = place.map(|place| Place { line: pending.line, ..place });
                self.statement(&pending.text, span, place)?;
                pending.line += pending.text[..tail].matches('\n').count();
                pending.text.drain(..tail);
                if self.failed && !self.keep_going && place.is_some() {
                    return Ok(Next::Quit);
                }
            }
            // What is left of a line that ended statements: blanks keep dot commands from being seen.
            if pending.text.trim().is_empty() {
                pending.text.clear();
            }
        }
        Ok(Next::More)
    }

    /// Runs what the end of the input completes.
    fn finish(&mut self, pending: &mut Pending, source: &str) -> io::Result<Next> {
        let text = std::mem::take(&mut pending.text);
        if !sqlift::syntax::is_empty(&text) {
            let place = Place { source, line: pending.line };
            self.statement(&text, Span { start: 0, end: text.len() }, Some(place))?;
        }
        Ok(Next::More)
    }

    /// Runs one statement of `text` and shows its rows or its error.
    fn statement(&mut self, text: &str, span: Span, place: Option<Place<'_>>) -> io::Result<()> {
        let begun = Instant::now();
        let sql = span.text(text);
        let result = self.run(sql);
        let outcome = match result {
            Ok(written) => written,
            Err(error) => {
                self.failed = true;
                let place = place.map(|place| {
                    let line = place.line + text[..span.start].matches('\n').count();
                    Place { line, ..place }
                });
                write!(io::stderr(), "{}", shown(&error, sql, place))
            }
        };
        if self.timer {
            writeln!(io::stdout(), "time: {:.3} ms", begun.elapsed().as_secs_f64() * 1e3)?;
        }
        outcome
    }

    fn run(&self, sql: &str) -> Result<io::Result<()>, Error> {
        let mut statement = self.connected.conn.prepare(sql)?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        if columns.is_empty() {
            statement.execute([])?;
            return Ok(Ok(()));
        }
        let mut rows = statement.query([])?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = output::rows(&mut out, &self.style, &columns, &mut rows)?;
        Ok(written.and_then(|()| out.flush()))
    }
}

/// The part of a statement that has been read.
#[derive(Debug, Default)]
pub struct Pending {
    pub text: String,
    /// Where it begins, for messages.
    line: usize,
}

/// The first statement of `text` with the place behind its `;`, if that has been read.
fn complete(text: &str) -> Option<(Span, usize)> {
    let (span, tail) = next_statement(text, 0).ok()??;
    let ended = tokens_from(text, span.end)
        .take_while(|token| token.span.start < tail)
        .any(|token| token.kind == TokenKind::Semicolon);
    ended.then_some((span, tail))
}

/// An error with the line of SQL it is about, a caret under the place, and what to do.
fn shown(error: &Error, sql: &str, place: Option<Place<'_>>) -> String {
    let message = super::message(error);
    // What to do comes behind the caret.
    let (message, help) = match message.split_once("\n") {
        Some((message, rest)) => (message.to_owned(), Some(rest.trim().to_owned())),
        None => (message, None),
    };
    // Some messages end with it already.
    let sqlstate = super::sqlstate(error).filter(|code| !message.contains(code.as_str()));
    let sqlstate = sqlstate.map_or(String::new(), |code| format!(" ({code})"));
    let mut text = format!("error: {message}{sqlstate}\n");
    let offset = super::offset(error).filter(|&at| sql.is_char_boundary(at)).or_else(|| place_of_name(sql, &message));
    let at = offset.unwrap_or(0);
    if let Some(Place { source, line }) = place {
        let (below, column) = crate::excerpt::place(sql, at);
        text.push_str(&format!("  --> {source}:{}:{column}\n", line + below - 1));
    }
    if offset.is_some() {
        let end = tokens_from(sql, at).next().map_or(at, |token| token.span.end);
        text.push_str(&crate::excerpt::excerpt(sql, Span { start: at, end }));
    }
    if let Some(help) = help {
        let help = help.strip_prefix("help:").unwrap_or(&help).trim();
        text.push_str(&format!("  help: {help}\n"));
    }
    text
}

/// SQLite gives no place for a table that is missing: its name's first one is most likely it.
fn place_of_name(sql: &str, message: &str) -> Option<usize> {
    let name = message.strip_prefix("no such table: ")?;
    let name = name.rsplit('.').next().unwrap_or(name);
    tokens_from(sql, 0).find(|token| token.span.text(sql).eq_ignore_ascii_case(name)).map(|token| token.span.start)
}
