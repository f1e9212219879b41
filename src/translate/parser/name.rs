//! Names, as bare words, in quotes of every kind, and as strings.

use super::{Keyword, Lexeme, Parsed, Parser, Span, TokenKind};
use crate::translate::ast::{Name, QualifiedName, Quote, Text};

impl Lexeme {
    /// The grammar's `ID`: a bare or quoted name, or a keyword that falls back to one.
    pub(super) fn is_id(self) -> bool {
        match self.kind {
            TokenKind::Word => self.keyword.falls_back(),
            TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket => true,
            _ => false,
        }
    }

    /// `ID|INDEXED|JOIN_KW`
    pub(super) fn is_wide_id(self) -> bool {
        self.is_id() || self.keyword == Keyword::Indexed || self.keyword.is_join()
    }

    /// `ID|STRING`
    pub(super) fn is_id_or_string(self) -> bool {
        self.is_id() || self.kind == TokenKind::String
    }

    /// The grammar's `nm`.
    pub(super) fn is_name(self) -> bool {
        self.is_wide_id() || self.kind == TokenKind::String
    }
}

impl Parser<'_> {
    /// The grammar's `nm`.
    pub(super) fn name(&mut self) -> Parsed<Name> {
        if self.token().is_name() { Ok(self.take_name()) } else { Err(self.unexpected()) }
    }

    /// `ID|STRING`
    pub(super) fn id_or_string(&mut self) -> Parsed<Name> {
        if self.token().is_id_or_string() { Ok(self.take_name()) } else { Err(self.unexpected()) }
    }

    /// Whatever the current token is, as a name.
    pub(super) fn take_name(&mut self) -> Name {
        let Lexeme { kind, span, .. } = self.advance();
        let quote = match kind {
            TokenKind::DoubleQuoted => Quote::Double,
            TokenKind::Backtick => Quote::Backtick,
            TokenKind::Bracket => Quote::Bracket,
            TokenKind::String => Quote::Single,
            _ => Quote::None,
        };
        let inner = match quote {
            Quote::None => span,
            _ => Span { start: span.start + 1, end: span.end - 1 },
        };
        let doubled = match quote {
            Quote::None | Quote::Bracket => false,
            _ => inner.text(self.sql).as_bytes().contains(&self.sql.as_bytes()[span.start]),
        };
        let text = match doubled {
            false => Text::part(&self.shared, inner),
            true => unquote(span.text(self.sql)).as_str().into(),
        };
        self.names_boolean |= super::boolean_word(&text).is_some();
        Name { span, text, quote }
    }

    /// `nm [. nm]`
    pub(super) fn qualified_name(&mut self) -> Parsed<QualifiedName> {
        let first = self.name()?;
        if self.eat(TokenKind::Dot).is_none() {
            return Ok(QualifiedName { span: first.span, schema: None, name: first });
        }
        let name = self.name()?;
        Ok(QualifiedName { span: first.span.to(name.span), schema: Some(first), name })
    }

    /// `[AS nm | ID | STRING]`
    pub(super) fn alias(&mut self) -> Parsed<Option<Name>> {
        if self.eat_keyword(Keyword::As).is_some() {
            return self.name().map(Some);
        }
        Ok(self.token().is_id_or_string().then(|| self.take_name()))
    }

    /// `nm [. nm] [AS nm]`, the table of a write.
    pub(super) fn written_table(&mut self) -> Parsed<(QualifiedName, Option<Name>)> {
        let table = self.qualified_name()?;
        let alias = match self.eat_keyword(Keyword::As) {
            Some(_) => Some(self.name()?),
            None => None,
        };
        Ok((table, alias))
    }

    /// `[( name, ... )]` with the COLLATE and ASC that SQLite's grammar has there and its parser refuses.
    pub(super) fn column_names(&mut self) -> Parsed<Vec<Name>> {
        if !self.is(TokenKind::LeftParen) {
            return Ok(Vec::new());
        }
        self.parenthesized(Self::column_name)
    }

    pub(super) fn column_name(&mut self) -> Parsed<Name> {
        let name = self.name()?;
        let start = self.start();
        if self.eat_keyword(Keyword::Collate).is_some() {
            self.id_or_string()?;
        }
        if self.eat_keyword(Keyword::Asc).is_none() {
            self.eat_keyword(Keyword::Desc);
        }
        let extra: Span = self.span_from(start);
        if extra.start < extra.end && self.start() != start {
            let message = format!("syntax error after column name \"{}\"", name.span.text(self.sql));
            return self.invalid(extra, message);
        }
        Ok(name)
    }
}

/// The text inside a quoted token, doubled quotes undone.
pub(in crate::translate) fn unquote(quoted: &str) -> String {
    let inner = &quoted[1..quoted.len() - 1];
    match quoted.as_bytes()[0] {
        b'[' => inner.to_owned(),
        b'"' => inner.replace("\"\"", "\""),
        b'`' => inner.replace("``", "`"),
        _ => inner.replace("''", "'"),
    }
}
