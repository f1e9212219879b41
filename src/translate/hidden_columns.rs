//! The columns of table functions that `*` does not show: what they were called with, and the rowid.
//!
//! They are made where the query names them, so that the others pay nothing. <https://sqlite.org/vtab.html#hidden_columns_in_virtual_tables>

use super::edits::Piece;
use super::names::fold;
use super::parser::name::unquote;
use super::pragma::table_function_source;
use super::scope::{Source, SourceColumn};
use super::types::{Columns, Type, Typed};
use crate::syntax::{Span, TokenKind, tokens};

/// All of their names.
const NAMES: [&str; 6] = ["json", "root", "arg", "rowid", "oid", "_rowid_"];

/// A hidden column that a query names, which has no value here, and what to write instead.
pub(crate) type Withheld = (&'static str, &'static str);

/// What a call's rows have beside their own columns.
pub(super) struct Hidden {
    /// Columns of text, with what each is made of.
    columns: Vec<(&'static str, &'static str)>,
    /// What the first row's rowid is.
    first_rowid: Option<i64>,
    withheld: Vec<Withheld>,
}

impl Hidden {
    /// What the query around names of the columns `offered`, and whether it names the rowid.
    pub fn named(
        sql: &str,
        call: Span,
        known_as: &str,
        offered: &[(&'static str, &'static str)],
        first_rowid: i64,
    ) -> Hidden {
        let named = named(sql, call, known_as);
        Hidden {
            columns: offered.iter().filter(|(name, _)| named.iter().any(|found| found == name)).copied().collect(),
            first_rowid: named.iter().any(|found| super::scope::is_rowid_name(found)).then_some(first_rowid),
            withheld: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.first_rowid.is_none()
    }

    /// The rows tell of another rowid in a column of that name.
    pub fn has_own_rowid(&mut self) {
        self.first_rowid = None;
    }

    /// Takes a column away that has no value here.
    pub fn withhold(&mut self, name: &'static str, help: &'static str) {
        self.columns.retain(|(column, _)| *column != name);
        self.withheld.push((name, help));
    }

    /// `rows` with these columns, where `from` makes `rows`, as what stands in FROM ahead of the alias.
    pub fn beside(&self, from: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        let mut list = "LATERAL (SELECT rows.*".to_owned();
        for (name, made_of) in &self.columns {
            list.push_str(&format!(", {made_of} AS {name}"));
        }
        if let Some(first) = self.first_rowid {
            list.push_str(&format!(", pg_catalog.row_number() OVER () + {} AS rowid", first - 1));
        }
        list.push_str(" FROM ");
        [list.into()].into_iter().chain(from).chain([")".into()]).collect()
    }

    /// The source of a table function with these columns.
    pub fn source(self, known_as: &str, columns: &Columns) -> Source {
        let mut source = table_function_source(known_as, columns);
        source.hidden = self
            .columns
            .iter()
            .map(|(name, _)| {
                let mut typed = Typed::new(Type::Text);
                typed.from_column = true;
                typed.has_own_collation = true;
                SourceColumn { name: (*name).into(), typed, merged: false }
            })
            .collect();
        source.is_numbered = self.first_rowid.is_some();
        source.withheld = self.withheld.into();
        source
    }
}

/// The names of hidden columns that the query around a call may read of it.
///
/// Where columns are read is not known yet when FROM is translated, so the text is looked through: names behind another table's, of
/// functions and behind AS mean others.
fn named(sql: &str, call: Span, known_as: &str) -> Vec<String> {
    let query = query_around(sql, call).unwrap_or(Span { start: 0, end: sql.len() });
    let is_inside = |span: Span| query.start <= span.start && span.end <= query.end;
    let found: Vec<_> = tokens(sql).filter(|token| !token.kind.is_trivia() && is_inside(token.span)).collect();
    let text = |index: usize| found[index].span.text(sql);
    let is_meant = |index: usize| {
        let before = |back: usize| index.checked_sub(back);
        if before(1).is_some_and(|dot| found[dot].kind == TokenKind::Dot) {
            return before(2).is_none_or(|table| {
                found[table].kind != TokenKind::Word || text(table).eq_ignore_ascii_case(known_as)
            });
        }
        let is_function = found.get(index + 1).is_some_and(|next| next.kind == TokenKind::LeftParen);
        !is_function && !before(1).is_some_and(|word| text(word).eq_ignore_ascii_case("as"))
    };
    let named = found.iter().enumerate().filter_map(|(index, token)| {
        let is_argument = call.start <= token.span.start && token.span.end <= call.end;
        let name = match token.kind {
            TokenKind::Word => fold(text(index)),
            TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket => fold(&unquote(text(index))),
            _ => return None,
        };
        (!is_argument && NAMES.contains(&name.as_str()) && is_meant(index)).then_some(name)
    });
    named.collect()
}

/// The inside of the innermost parentheses around the call that begin with SELECT, WITH or VALUES; nothing where there are none.
pub(super) fn query_around(sql: &str, call: Span) -> Option<Span> {
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut is_first = false;
    for token in tokens(sql).filter(|token| !token.kind.is_trivia()) {
        let word = token.span.text(sql);
        if is_first && let Some((_, is_query)) = open.last_mut() {
            *is_query = ["select", "with", "values"].iter().any(|begin| word.eq_ignore_ascii_case(begin));
        }
        is_first = token.kind == TokenKind::LeftParen;
        match token.kind {
            TokenKind::LeftParen => open.push((token.span.end, false)),
            TokenKind::RightParen => match open.pop() {
                Some((start, true)) if start <= call.start && call.end <= token.span.start => {
                    return Some(Span { start, end: token.span.start });
                }
                _ => {}
            },
            _ => {}
        }
    }
    None
}
