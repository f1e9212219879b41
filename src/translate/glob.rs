//! GLOB with a pattern that the text gives: LIKE where it has no `[...]`, a regular expression where it has.
//!
//! <https://sqlite.org/lang_expr.html#like>, and patternCompare() of SQLite's source for what stands inside `[...]`.
//! Takes the pattern, gives PostgreSQL's. Patterns that only the row knows go to `sqlift.glob`, which does the same there.

use super::names::quote_literal;

/// What `x GLOB pattern` becomes, behind `x`.
#[derive(Debug, PartialEq)]
pub(crate) enum Glob {
    /// A pattern for LIKE, with a backslash as its escape.
    Like(String),
    /// A regular expression for text of the collation "C".
    Expression(String),
}

impl Glob {
    /// `None` for a pattern that matches nothing: its `[` is never closed.
    pub fn of(pattern: &str) -> Option<Glob> {
        if pattern.contains('[') { expression(pattern).map(Glob::Expression) } else { Some(Glob::Like(like(pattern))) }
    }

    /// Operator and pattern.
    pub fn words(&self, negated: bool) -> String {
        let (operator, pattern) = match self {
            Glob::Like(pattern) => (if negated { " NOT LIKE " } else { " LIKE " }, pattern),
            Glob::Expression(pattern) => (if negated { " COLLATE \"C\" !~ " } else { " COLLATE \"C\" ~ " }, pattern),
        };
        format!("{operator}{}", quote_literal(pattern))
    }
}

fn like(pattern: &str) -> String {
    let mut words = String::with_capacity(pattern.len() + 8);
    for c in pattern.chars() {
        match c {
            '*' => words.push('%'),
            '?' => words.push('_'),
            '%' | '_' | '\\' => words.extend(['\\', c]),
            _ => words.push(c),
        }
    }
    words
}

fn expression(pattern: &str) -> Option<String> {
    let mut words = String::from("^");
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            // Nothing that follows could fail behind the last of them.
            '*' if rest.as_str().is_empty() => return Some(words),
            '*' => words.push_str(".*"),
            '?' => words.push('.'),
            '[' => {
                let (class, behind) = class(rest.as_str())?;
                words.push_str(&class);
                rest = behind.chars();
            }
            _ => push_letter(&mut words, c),
        }
    }
    words.push('$');
    Some(words)
}

/// The class whose `[` has been read, and what follows it.
fn class(text: &str) -> Option<(String, &str)> {
    let (mut words, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (String::from("[^"), rest.chars()),
        None => (String::from("["), text.chars()),
    };
    if let Some(behind) = rest.as_str().strip_prefix(']') {
        push_letter(&mut words, ']');
        rest = behind.chars();
    }
    // Where a range may begin.
    let mut first = None;
    loop {
        let c = rest.next()?;
        let next = rest.as_str().chars().next();
        match (c, first, next) {
            (']', ..) => break,
            ('-', Some(from), Some(to)) if to != ']' => {
                // A range that goes backwards holds nothing but where it begins.
                if from <= to {
                    push_letter(&mut words, from);
                    words.push('-');
                    push_letter(&mut words, to);
                }
                rest.next();
                first = None;
            }
            _ => {
                push_letter(&mut words, c);
                first = Some(c);
            }
        }
    }
    words.push(']');
    Some((words, rest.as_str()))
}

/// A letter that stands for itself, inside a class or not.
fn push_letter(words: &mut String, c: char) {
    match c.is_ascii_alphanumeric() || c == ' ' {
        true => words.push(c),
        false => words.push_str(&format!("\\U{:08x}", u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (glob, words) in [
            ("a*b?c", " LIKE 'a%b_c'"),
            ("50%_\\*", " LIKE '50\\%\\_\\\\%'"),
            ("it's", " LIKE 'it''s'"),
            ("", " LIKE ''"),
            ("[a-c]*", " COLLATE \"C\" ~ '^[aa-c]'"),
            ("x[^0-9]?", " COLLATE \"C\" ~ '^x[^00-9].$'"),
            ("[]a]", " COLLATE \"C\" ~ '^[\\U0000005da]$'"),
            ("[a-]", " COLLATE \"C\" ~ '^[a\\U0000002d]$'"),
            ("[c-a]", " COLLATE \"C\" ~ '^[c]$'"),
        ] {
            assert_eq!(Glob::of(glob).map(|found| found.words(false)).as_deref(), Some(words), "{glob}");
        }
        assert_eq!([Glob::of("[a"), Glob::of("*[]"), Glob::of("[^]")], [None, None, None]);
    }
}
