//! FTS5 tables: an ordinary table whose rows' tokens are kept in one more column, under a GIN index.
//!
//! MATCH asks the index for candidates and then their tokens; `rank`, bm25() and highlight() read the same query, which is
//! looked for in the WHERE of the SELECT they stand in.

use super::ast::*;
use super::catalog::Table;
use super::edits::Piece;
use super::fts_definition::Definition;
use super::names::{identifier, quote_literal};
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::rules;
use super::scope::Source;
use super::types::{Class, Type, Typed};
use crate::syntax::Span;

/// Ahead of the tokenizer's name in the name of the column that holds the tokens.
pub(crate) const TOKENS: &str = "sqlift_fts_";

/// `_marks` keeps diacritics (`remove_diacritics 0`), `_all` removes also two of one letter (`remove_diacritics 2`).
const TOKENIZERS: &[&str] = &[
    "unicode61",
    "unicode61_marks",
    "unicode61_all",
    "ascii",
    "porter",
    "porter_marks",
    "porter_all",
    "porter_ascii",
    "trigram",
];

/// What is known of a full text table.
#[derive(Debug, Clone)]
pub(crate) struct FullText {
    /// The table as PostgreSQL has it, which names a hidden column too.
    pub table: String,
    pub tokens: String,
    pub columns: Vec<String>,
    /// What `rank` is weighed by.
    weights: Option<String>,
}

impl FullText {
    pub fn of(table: &Table) -> Option<FullText> {
        let tokens = table.columns.iter().find(|column| {
            let tokenizer = column.name.strip_prefix(TOKENS);
            tokenizer.is_some_and(|tokenizer| TOKENIZERS.contains(&tokenizer))
        })?;
        Some(FullText {
            weights: super::fts_content::weights_of(table),
            table: table.name.clone(),
            tokens: tokens.name.clone(),
            columns: table
                .columns
                .iter()
                .filter(|column| is_shown(&column.name))
                .map(|column| column.name.clone())
                .collect(),
        })
    }

    pub fn tokenizer(&self) -> &str {
        &self.tokens[TOKENS.len()..]
    }
}

/// Whether a column of a full text table is the program's own.
pub(crate) fn is_shown(column: &str) -> bool {
    !column.starts_with(TOKENS)
}

/// A query of a full text table: the table's name in FROM, the text asked for, the one column it is asked of.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    source: std::rc::Rc<str>,
    query: Span,
    column: Option<usize>,
    /// What this SELECT weighs `rank` by.
    weights: Option<String>,
}

impl Pass<'_> {
    // ---- MATCH

    /// The full text table that a name beside MATCH means, and which of its columns.
    fn full_text_of(&self, left: &Expr) -> Option<(Source, Option<usize>)> {
        let ExprKind::Column { table, column, .. } = &peel(left).kind else { return None };
        for scope in self.scopes.iter().rev() {
            for source in &scope.sources {
                let Some(full_text) = &source.full_text else { continue };
                if table.as_ref().is_some_and(|table| !table.text.eq_ignore_ascii_case(&source.name)) {
                    continue;
                }
                if column.text.eq_ignore_ascii_case(&full_text.table) {
                    return Some((source.clone(), None));
                }
                let found = full_text.columns.iter().position(|name| name.eq_ignore_ascii_case(&column.text));
                if let Some(index) = found {
                    return Some((source.clone(), Some(index + 1)));
                }
            }
        }
        None
    }

    pub fn full_text_match(
        &mut self,
        expr: &Expr,
        operator: Span,
        negated: bool,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        if self.is_rank(left) {
            self.edits.replace_text(expr.span, "true");
            return Ok(Typed::new(Type::Boolean).class(Class::Primary).nullable(false));
        }
        let Some((source, column)) = self.full_text_of(left) else {
            return refuse(
                "MATCH needs a full text table",
                operator,
                "use LIKE, or CREATE VIRTUAL TABLE ... USING fts5",
            );
        };
        let mut typed = self.value(right)?;
        if typed.ty == Type::Null || typed.constant.is_some() {
            self.suffix(right, &mut typed, "::text");
        }
        self.as_text(right, &mut typed)?;
        let asked = Asked { source: source.printed.clone(), query: right.span, column, weights: None };
        let mut pieces = matching(&source, &asked);
        if negated {
            pieces.insert(0, "(NOT ".into());
            pieces.push(")".into());
        }
        self.edits.replace(expr.span, pieces);
        self.note(&rules::schema::FULL_TEXT, operator);
        Ok(Typed::new(Type::Boolean).class(Class::Primary).nullable(typed.nullable))
    }

    /// Finds what the WHERE of a SELECT asks of its full text tables, for `rank` and the functions that need it.
    pub fn full_text_queries(&mut self, condition: &Expr) -> Result<()> {
        match &peel(condition).kind {
            ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
                self.full_text_queries(left)?;
                self.full_text_queries(right)?;
            }
            ExprKind::Like { operator: LikeOperator::Match, negated: false, left, right, .. } if self.is_rank(left) => {
                let weights = rank_function(right)?;
                if let Some(asked) = self.asked.last_mut() {
                    asked.weights = Some(weights);
                }
            }
            ExprKind::Like { operator: LikeOperator::Match, negated: false, left, right, .. }
            | ExprKind::Binary { operator: BinaryOperator::Equal, left, right, .. } => {
                let is_match = matches!(peel(condition).kind, ExprKind::Like { .. });
                if let Some((source, column)) = self.full_text_of(left)
                    && (is_match || column.is_none())
                {
                    self.asked.push(Asked { source: source.printed, query: right.span, column, weights: None });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `ft = 'words'`, which is a MATCH.
    pub fn is_full_text_match(&self, left: &Expr) -> bool {
        matches!(self.full_text_of(left), Some((_, None)))
    }

    /// `ft('words')` in FROM: the rows that match; a second argument is the rank function.
    pub fn full_text_call(
        &mut self,
        table: &TableRef,
        name: &QualifiedName,
        (argument, rank): (&Expr, Option<&Expr>),
        call: Span,
    ) -> Result<Option<Source>> {
        let Some(found) = self.catalog.shared(&name.name.text).filter(|found| FullText::of(found).is_some()) else {
            return Ok(None);
        };
        let mut source = Source::of_table(&found.name, found);
        self.content_read(&mut source, name.span, true)?;
        self.table_name(name, &source.name.clone());
        let mut typed = self.value(argument)?;
        if typed.ty == Type::Null || typed.constant.is_some() {
            self.suffix(argument, &mut typed, "::text");
        }
        self.as_text(argument, &mut typed)?;
        let mut inner = source.clone();
        inner.printed = "sqlift_f".into();
        let alias = match &table.alias {
            Some(alias) => {
                source.call(&self.declare(alias));
                String::new()
            }
            None => format!(" AS {}", source.printed),
        };
        let weights = rank.map(rank_function).transpose()?;
        let asked = Asked { source: source.printed.clone(), query: argument.span, column: None, weights };
        let mut pieces: Vec<Piece> = vec!["(SELECT * FROM ".into(), name.span.into(), " AS sqlift_f WHERE ".into()];
        pieces.extend(matching(&inner, &asked));
        pieces.push(format!("){alias}").into());
        self.edits.replace(call, pieces);
        self.contents.iter_mut().for_each(|reading| reading.is_of(name.span, &source.printed));
        self.asked.push(asked);
        self.note(&rules::schema::FULL_TEXT, name.span);
        Ok(Some(source))
    }

    fn is_rank(&self, left: &Expr) -> bool {
        let ExprKind::Column { table, column, .. } = &peel(left).kind else { return false };
        column.text.eq_ignore_ascii_case("rank")
            && matches!(self.lookup(table.as_ref(), column, left.span), Ok(super::scope::Meaning::Rank))
    }

    /// Whether the SELECT asks something of this source.
    pub fn is_asked(&self, source: &str) -> bool {
        self.asked.iter().any(|asked| *asked.source == *source)
    }

    /// The only full text table in sight, with what is asked of it, if anything is.
    fn asked_of(&self, name: Option<&Name>, span: Span) -> Result<Option<(Source, Option<Asked>)>> {
        for scope in self.scopes.iter().rev() {
            for source in &scope.sources {
                let Some(full_text) = &source.full_text else { continue };
                if name.is_some_and(|name| {
                    !name.text.eq_ignore_ascii_case(&source.name) && !name.text.eq_ignore_ascii_case(&full_text.table)
                }) {
                    continue;
                }
                let mut asked = self.asked.iter().rev().filter(|asked| asked.source == source.printed);
                return match asked.next() {
                    Some(found) => Ok(Some((source.clone(), Some(found.clone())))),
                    None if !self.has_match() => Ok(Some((source.clone(), None))),
                    None => refuse(
                        "rank and the functions of FTS5 need the MATCH of the same SELECT, joined with AND",
                        span,
                        "write WHERE table MATCH 'words' in this SELECT",
                    ),
                };
            }
        }
        Ok(None)
    }

    /// Whether the statement asks a full text table by MATCH anywhere.
    fn has_match(&self) -> bool {
        let is_match = |token: crate::syntax::Token| token.span.text(self.sql).eq_ignore_ascii_case("match");
        crate::syntax::tokens(self.sql).any(is_match)
    }

    /// `rank`, the hidden column of a full text table.
    pub fn full_text_rank(&mut self, expr: &Expr, table: Option<&Name>) -> Result<Typed> {
        let Some((source, Some(asked))) = self.asked_of(table, expr.span)? else {
            self.edits.replace_text(expr.span, "NULL::float8");
            return Ok(Typed::new(Type::Real));
        };
        let weights = asked.weights.clone().or_else(|| source.full_text.as_ref()?.weights.clone());
        let weights = weights.into_iter().filter(|weights| !weights.is_empty()).map(Piece::from).collect();
        let pieces = bm25(&source, &asked, weights);
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Real))
    }

    /// bm25(), highlight(); `None` where no full text table is in sight.
    pub fn full_text_function(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Option<Typed>> {
        if !["bm25", "highlight", "snippet"].contains(&name) {
            return Ok(None);
        }
        let Some(ExprKind::Column { column, .. }) = call.arguments.first().map(|argument| &peel(argument).kind) else {
            return Ok(None);
        };
        let Some((source, asked)) = self.asked_of(Some(column), expr.span)? else { return Ok(None) };
        let Some(full_text) = source.full_text.clone() else { return Ok(None) };
        let arguments = &call.arguments[1..];
        if name == "bm25" {
            let mut weights = Vec::new();
            for argument in arguments {
                let mut typed = self.number(argument)?;
                self.suffix(argument, &mut typed, "::float8");
                weights.push(argument.span.into());
            }
            match &asked {
                Some(asked) => self.edits.replace(expr.span, bm25(&source, asked, weights)),
                None => self.edits.replace_text(expr.span, "'-0'::float8"),
            }
            return Ok(Some(Typed::new(Type::Real)));
        }
        if name == "snippet" {
            return self.snippet(expr, &source, asked.as_ref(), arguments).map(Some);
        }
        let [which, open, close] = arguments else {
            return sqlite_error("wrong number of arguments to function highlight()", expr.span, None);
        };
        let index = match &peel(which).kind {
            ExprKind::Integer => self.source(peel(which).span).parse::<usize>().ok(),
            ExprKind::Unary { operator: UnaryOperator::Minus, .. } => None,
            _ => return refuse("highlight() needs a column's number", which.span, "write the number as a literal"),
        };
        let Some((index, column)) = index.and_then(|index| Some((index, full_text.columns.get(index)?))) else {
            self.edits.replace_text(expr.span, "''::text");
            return Ok(Some(Typed::new(Type::Text)));
        };
        for mark in [open, close] {
            let mut typed = self.value(mark)?;
            self.as_text(mark, &mut typed)?;
        }
        let mut pieces: Vec<Piece> = vec![
            format!(
                "sqlift.fts_highlight({}, '{}', {}, ",
                text_of(&source, column),
                full_text.tokenizer(),
                tokens_of(&source)
            )
            .into(),
        ];
        pieces.extend(query_of(&source, asked.as_ref()));
        pieces.extend([format!(", {index}, ").into(), open.span.into(), ", ".into(), close.span.into(), ")".into()]);
        self.edits.replace(expr.span, pieces);
        Ok(Some(Typed::new(Type::Text)))
    }
}

impl Pass<'_> {
    fn snippet(&mut self, expr: &Expr, source: &Source, asked: Option<&Asked>, arguments: &[Expr]) -> Result<Typed> {
        let (Some(full_text), [which, open, close, ellipsis, size]) = (&source.full_text, arguments) else {
            return sqlite_error("wrong number of arguments to function snippet()", expr.span, None);
        };
        for number in [which, size] {
            let mut typed = self.number(number)?;
            self.suffix(number, &mut typed, "::integer");
        }
        for mark in [open, close, ellipsis] {
            let mut typed = self.value(mark)?;
            self.as_text(mark, &mut typed)?;
        }
        // What is not indexed holds no match, and may be no text.
        let is_chosen = !self.source(which.span).trim_start().starts_with('-');
        let definition = self.catalog.table(&full_text.table).and_then(Definition::of_table);
        let is_indexed = |column: &str| {
            let found = definition.as_ref().and_then(|it| it.columns.iter().find(|found| found.name == *column));
            found.is_none_or(|found| found.is_indexed)
        };
        let text_of = |column: &String| match is_chosen || is_indexed(column) {
            true => text_of(source, column),
            false => "NULL".to_owned(),
        };
        let columns: Vec<String> = full_text.columns.iter().map(text_of).collect();
        let mut pieces: Vec<Piece> = vec![
            format!(
                "sqlift.fts_snippet(ARRAY[{}], '{}', {}, ",
                columns.join(", "),
                full_text.tokenizer(),
                tokens_of(source)
            )
            .into(),
        ];
        pieces.extend(query_of(source, asked));
        for argument in arguments {
            pieces.extend([", ".into(), argument.span.into()]);
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }
}

/// The weights of a rank function in a string.
fn rank_function(written: &Expr) -> Result<String> {
    match &peel(written).kind {
        ExprKind::String(function) => super::fts_content::weights_in(function, written.span),
        _ => refuse("a rank function that is no literal", written.span, "write it as a string"),
    }
}

/// A column as text.
fn text_of(source: &Source, column: &str) -> String {
    let written = format!("{}.{}", source.printed, identifier(column));
    match source.column(column) {
        Some(found) if found.typed.ty != Type::Text => format!("sqlift.to_text({written})"),
        _ => written,
    }
}

fn tokens_of(source: &Source) -> String {
    let tokens = source.full_text.as_ref().map_or("", |full_text| full_text.tokens.as_str());
    format!("{}.{tokens}", source.printed)
}

/// The condition: what the index finds, and of that what matches.
fn matching(source: &Source, asked: &Asked) -> Vec<Piece> {
    let tokens = tokens_of(source);
    let mut pieces: Vec<Piece> =
        vec![format!("(sqlift.fts_lexemes({tokens}) OPERATOR(pg_catalog.@@) sqlift.fts_filter(").into()];
    pieces.extend(query_of(source, Some(asked)));
    pieces.push(format!(") AND sqlift.fts_match({tokens}, ").into());
    pieces.extend(query_of(source, Some(asked)));
    pieces.push("))".into());
    pieces
}

/// The query as a tree, read once for a statement; NULL where nothing is asked.
fn query_of(source: &Source, asked: Option<&Asked>) -> Vec<Piece> {
    let Some(full_text) = &source.full_text else { return Vec::new() };
    let Some(asked) = asked else { return vec!["NULL::jsonb".into()] };
    let columns: Vec<String> = full_text.columns.iter().map(|column| quote_literal(column)).collect();
    let asked_column = asked.column.map_or(String::new(), |column| format!(", {column}"));
    vec![
        "(SELECT sqlift.fts_query(".into(),
        asked.query.into(),
        format!(", '{}', ARRAY[{}]{asked_column}))", full_text.tokenizer(), columns.join(", ")).into(),
    ]
}

fn bm25(source: &Source, asked: &Asked, weights: Vec<Piece>) -> Vec<Piece> {
    let Some(full_text) = &source.full_text else { return Vec::new() };
    let mut pieces: Vec<Piece> = vec![format!("sqlift.fts_bm25({}, ", tokens_of(source)).into()];
    pieces.extend(query_of(source, Some(asked)));
    let table = quote_literal(&identifier(&full_text.table));
    pieces.push(format!(", (SELECT sqlift.fts_stats({table}, '{}', ", full_text.tokens).into());
    pieces.extend(query_of(source, Some(asked)));
    pieces.push("))".into());
    for weight in weights {
        pieces.extend([", ".into(), weight]);
    }
    pieces.push(")".into());
    pieces
}
