//! Placeholders: their places, and their numbers as SQLite counts.
//!
//! Takes one statement's text, gives the uses in order, the parameter count and the names. The numbering follows
//! sqlite.org/lang_expr.html#varparam.

use super::lexer::{is_name_byte, scan};
use super::{Error, ErrorKind, Span, TokenKind};
use std::collections::HashMap;

/// SQLite's SQLITE_LIMIT_VARIABLE_NUMBER.
const MAX_NUMBER: u32 = 32766;

/// Past this many names a hash table finds them faster than a walk.
const FEW_NAMES: usize = 16;

/// The placeholders of one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// In order of appearance.
    pub uses: Vec<PlaceholderUse>,
    /// SQLite's `sqlite3_bind_parameter_count`: the largest number, gaps included.
    pub count: usize,
    /// Names with their prefix and their numbers, in order of appearance; `?2` is the name of the second parameter.
    pub names: Vec<(String, usize)>,
}

/// One placeholder in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceholderUse {
    pub span: Span,
    /// Its parameter's number, from 1.
    pub number: usize,
}

/// Finds the placeholders of one statement and numbers them as SQLite does.
///
/// # Errors
/// [`ErrorKind::VariableNumber`] and [`ErrorKind::TooManyVariables`], with SQLite's messages and the placeholder's span.
///
/// # Examples
/// ```
/// let found = sqlift::syntax::placeholders("VALUES (?3, ?, :name, '?')")?;
/// let numbers: Vec<usize> = found.uses.iter().map(|one| one.number).collect();
/// assert_eq!(numbers, [3, 4, 5]);
/// assert_eq!(found.count, 5);
/// # Ok::<(), sqlift::syntax::Error>(())
/// ```
pub fn placeholders(sql: &str) -> Result<Placeholders, Error> {
    let mut numbering = Numbering::default();
    let mut uses = Vec::new();
    let mut at = 0;
    while let Some(span) = next_placeholder(sql.as_bytes(), at) {
        uses.push(PlaceholderUse { span, number: numbering.number(sql, span)? as usize });
        at = span.end;
    }
    Ok(Placeholders { uses, count: numbering.count(), names: numbering.into_names() })
}

/// Bytes that may begin a placeholder, or something that may hold a byte that only looks like one.
static INTERESTING: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"?:@$#'\"`[-/";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

/// The placeholder at or behind `from`, where a token begins. The same as filtering [`super::tokens`], without looking
/// at words, numbers and operators.
fn next_placeholder(bytes: &[u8], from: usize) -> Option<Span> {
    let mut token_start = from;
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| INTERESTING[usize::from(byte)])?;
        // Inside a name or a number it begins nothing; behind `t.` or a byte order mark it does.
        if bytes[at] == b'$' && at > token_start && (is_name_byte(bytes[at - 1]) || bytes[at - 1] == b'.') {
            while token_start < at {
                token_start = scan(bytes, token_start).1;
            }
            if token_start > at {
                at = token_start;
                continue;
            }
        }
        let (kind, end) = scan(bytes, at);
        if kind == TokenKind::Placeholder {
            return Some(Span { start: at, end });
        }
        (token_start, at) = (end, end);
    }
}

/// A text with its placeholders as PostgreSQL wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The text with `$1`, `$2`, ... without gaps.
    pub sql: String,
    /// For `$1, $2, ...` in order: the number of the parameter to send.
    pub slots: Vec<usize>,
    /// The placeholders of the text as it was.
    pub placeholders: Placeholders,
}

/// Rewrites SQLite's placeholders to dense `$1, $2, ...` and leaves every other byte as it is.
///
/// # Errors
/// As [`placeholders`].
///
/// # Examples
/// ```
/// let rewritten = sqlift::syntax::rewrite("VALUES (?2, ?)")?;
/// assert_eq!(rewritten.sql, "VALUES ($1, $2)");
/// assert_eq!(rewritten.slots, [2, 3]);
/// # Ok::<(), sqlift::syntax::Error>(())
/// ```
pub fn rewrite(sql: &str) -> Result<Rewritten, Error> {
    let placeholders = placeholders(sql)?;
    let mut slots = Slots::default();
    let mut out = String::with_capacity(sql.len() + placeholders.uses.len() * 2);
    let mut copied = 0;
    for one in &placeholders.uses {
        out.push_str(&sql[copied..one.span.start]);
        push_slot(&mut out, slots.slot(one.number));
        copied = one.span.end;
    }
    out.push_str(&sql[copied..]);
    Ok(Rewritten { sql: out, slots: slots.numbers, placeholders })
}

pub(super) fn push_slot(out: &mut String, slot: usize) {
    out.push('$');
    out.push_str(&slot.to_string());
}

/// Gives parameters their `$n` in order of appearance.
#[derive(Default)]
pub(super) struct Slots {
    pub(super) numbers: Vec<usize>,
    by_number: HashMap<usize, usize>,
}

impl Slots {
    pub(super) fn slot(&mut self, number: usize) -> usize {
        *self.by_number.entry(number).or_insert_with(|| {
            self.numbers.push(number);
            self.numbers.len()
        })
    }
}

/// SQLite's parameter numbers, handed out one placeholder after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbering {
    largest: u32,
    names: Vec<(String, usize)>,
    /// Filled once there are more than [`FEW_NAMES`].
    by_name: HashMap<String, usize>,
}

impl Numbering {
    /// The number of the placeholder at `span`.
    pub(crate) fn number(&mut self, sql: &str, span: Span) -> Result<u32, Error> {
        let text = span.text(sql);
        let number = match text.strip_prefix('?') {
            Some("") => {
                self.largest += 1;
                self.largest
            }
            Some(digits) => self.explicit(text, digits, span)?,
            None => self.named(text),
        };
        if number > MAX_NUMBER {
            return Err(Error::new(ErrorKind::TooManyVariables, span, "too many SQL variables"));
        }
        Ok(number)
    }

    fn explicit(&mut self, text: &str, digits: &str, span: Span) -> Result<u32, Error> {
        let number = digits.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number)).ok_or_else(|| {
            let message = format!("variable number must be between ?1 and ?{MAX_NUMBER}");
            Error::new(ErrorKind::VariableNumber, span, message)
        })?;
        // The first name a number gets is the one SQLite reports for it.
        if number > self.largest {
            self.largest = number;
            self.remember(text, number);
        } else if !self.names.iter().any(|&(_, known)| known == number as usize) {
            self.remember(text, number);
        }
        Ok(number)
    }

    fn named(&mut self, name: &str) -> u32 {
        if let Some(known) = self.find(name) {
            return known as u32;
        }
        self.largest += 1;
        self.remember(name, self.largest);
        self.largest
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.names.len() <= FEW_NAMES {
            return self.names.iter().find(|(known, _)| known == name).map(|&(_, number)| number);
        }
        self.by_name.get(name).copied()
    }

    fn remember(&mut self, name: &str, number: u32) {
        self.names.push((name.to_owned(), number as usize));
        match self.names.len() {
            ..=FEW_NAMES => {}
            len if len == FEW_NAMES + 1 => self.by_name = self.names.iter().cloned().collect(),
            _ => {
                self.by_name.insert(name.to_owned(), number as usize);
            }
        }
    }

    /// Numbers up to this one are taken.
    pub(super) fn reserve(&mut self, number: u32) {
        self.largest = self.largest.max(number);
    }

    pub(crate) fn count(&self) -> usize {
        self.largest as usize
    }

    pub(crate) fn into_names(self) -> Vec<(String, usize)> {
        self.names
    }
}
