//! json_each() and json_tree() in FROM.
//!
//! Of json_each() a query mostly asks for nothing but `value`: then `sqlift.json_values` makes the rows, in half the time.
//!
//! A call with a subquery among its arguments PostgreSQL does not put into the plan of the query around: it would compute every column
//! of every row. So the arguments are a row of their own ahead of it. https://wiki.postgresql.org/wiki/Inlining_of_SQL_functions

use super::ast::{Expr, ExprKind};
use super::edits::Piece;
use super::hidden_columns::{Hidden, query_around};
use super::names::fold;
use super::parser::name::unquote;
use super::pass::{Pass, Result, peel};
use super::pragma_tables::typed_columns;
use super::rules;
use super::scope::{Meaning, Source};
use super::types::{Columns, Type, Typed};
use crate::syntax::{Span, TokenKind, tokens};

/// The columns that `sqlift.json_values` has not.
const OTHERS: [&str; 6] = ["key", "atom", "id", "parent", "fullkey", "path"];

impl Pass<'_> {
    pub fn json_table(
        &mut self,
        function: &str,
        call: Span,
        arguments: &[Expr],
        known_as: String,
        alias: &str,
    ) -> Result<Vec<Source>> {
        self.note(&rules::select::JSON_TABLES, call);
        let is_each = function == "json_each";
        let has_values = is_each && asks_for_values(self.sql, call, &known_as);
        let name = match (is_each, has_values) {
            (true, true) => "sqlift.json_values",
            (true, false) => "sqlift.json_each",
            _ => "sqlift.json_tree",
        };
        let mut hidden = Hidden::named(self.sql, call, &known_as, &offered(arguments.len()), 0);
        if arguments.first().is_some_and(|document| self.options.json5 || self.is_binary(document)) {
            // It is read as plain JSON.
            hidden.withhold("json", "write the document's expression again instead of json");
        }
        if arguments.len() == 1 {
            hidden.withhold("root", "give the path as the second argument, and write it again instead of root");
        }
        let mut list: Vec<Piece> = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            if index == 0 {
                self.json_bytes(argument)?;
            } else {
                let mut typed = self.value(argument)?;
                self.as_text(argument, &mut typed)?;
                list.push(", ".into());
            }
            list.push(argument.span.into());
        }
        let is_given_apart =
            !hidden.is_empty() || arguments.iter().any(|argument| has_subquery(self.sql, argument.span));
        let pieces: Vec<Piece> = if (1..=2).contains(&arguments.len()) && is_given_apart {
            let columns = ["doc", "root"][..arguments.len()].join(", ");
            let behind = format!(" OFFSET 0) AS given({columns}), LATERAL {name}({columns}) AS rows");
            let from = ["(SELECT ".into()].into_iter().chain(list).chain([behind.into()]);
            hidden.beside(from).into_iter().chain([alias.to_owned().into()]).collect()
        } else {
            [format!("{name}(").into()].into_iter().chain(list).chain([format!("){alias}").into()]).collect()
        };
        self.edits.replace(call, pieces);
        let columns: Columns = match has_values {
            true => typed_columns(&[("value", Type::Json), ("type", Type::Text)]),
            false => typed_columns(&[
                ("key", Type::Json),
                ("value", Type::Json),
                ("type", Type::Text),
                ("atom", Type::Json),
                ("id", Type::Integer),
                ("parent", Type::Integer),
                ("fullkey", Type::Text),
                ("path", Type::Text),
            ]),
        };
        let mut source = hidden.source(&known_as, &columns);
        // The element as it is written.
        source.hidden_at = is_each.then_some(columns.len());
        Ok(vec![source])
    }

    /// Whether a document is known to be a blob.
    fn is_binary(&self, document: &Expr) -> bool {
        match &peel(document).kind {
            ExprKind::Blob(_) => true,
            ExprKind::Call(call) => fold(&call.name.text).starts_with("jsonb"),
            ExprKind::Column { table, column, .. } => matches!(
                self.lookup(table.as_ref(), column, document.span),
                Ok(Meaning::Column { typed: Typed { ty: Type::Blob, .. }, .. })
            ),
            _ => false,
        }
    }
}

/// What a query may read of what the call was given.
fn offered(arguments: usize) -> Vec<(&'static str, &'static str)> {
    [("json", "given.doc"), ("root", "given.root")][..arguments.min(2)].to_vec()
}

/// Whether a query stands in the text of an expression.
fn has_subquery(sql: &str, expr: Span) -> bool {
    tokens(expr.text(sql)).any(|token| {
        token.kind == TokenKind::Word
            && ["select", "values", "exists"]
                .iter()
                .any(|word| token.span.text(expr.text(sql)).eq_ignore_ascii_case(word))
    })
}

/// Whether the query around the call names none of the other columns, neither by name nor by a star.
///
/// Where the columns are read is not known yet when FROM is translated, so the text is looked through, up to the parentheses
/// around the query: a name there that might be one of them, quoted or not, counts as one.
fn asks_for_values(sql: &str, call: Span, known_as: &str) -> bool {
    let query = query_around(sql, call).unwrap_or(Span { start: 0, end: sql.len() });
    let is_inside = |span: Span| query.start <= span.start && span.end <= query.end;
    let found: Vec<_> = tokens(sql).filter(|token| !token.kind.is_trivia() && is_inside(token.span)).collect();
    let text = |index: usize| found[index].span.text(sql);
    found.iter().enumerate().all(|(index, token)| {
        // `x.` ahead of it, and what it is then.
        let before = index.checked_sub(1).map(|index| found[index].kind);
        let is_others = before == Some(TokenKind::Dot)
            && index.checked_sub(2).is_some_and(|index| {
                found[index].kind == TokenKind::Word && !text(index).eq_ignore_ascii_case(known_as)
            });
        match token.kind {
            TokenKind::Star => match before {
                Some(TokenKind::Dot) => is_others,
                Some(TokenKind::LeftParen) => true,
                Some(TokenKind::Comma) | None => false,
                _ => index.checked_sub(1).is_none_or(|index| {
                    !["select", "distinct", "all"].iter().any(|word| text(index).eq_ignore_ascii_case(word))
                }),
            },
            TokenKind::Word | TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket => {
                let name = match token.kind {
                    TokenKind::Word => fold(text(index)),
                    _ => fold(&unquote(text(index))),
                };
                name != "natural" && (is_others || !OTHERS.contains(&name.as_str()))
            }
            TokenKind::String => before != Some(TokenKind::Dot),
            _ => true,
        }
    })
}
