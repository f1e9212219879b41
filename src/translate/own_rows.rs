//! Subqueries that read rows which their own UPDATE has written already.
//!
//! SQLite computes the new values of a row when its turn comes: a subquery that depends on the row sees the rows ahead of it with their
//! new values. PostgreSQL's sees all with their old ones. What does not depend on the row is computed once on both, ahead of the
//! first; so is, as a rule, what SQLite keeps in a table of its own: a query in FROM, or a common table, that groups, sorts or counts.

use super::ast::*;
use super::bare::{aggregates, holds_window};
use super::catalog::Table;
use super::effects::tables_read;
use super::names::fold;
use super::parser::name::unquote;
use super::pass::Pass;
use super::scope::is_rowid_name;
use crate::syntax::{Span, Token, TokenKind, tokens};

/// What the values of an UPDATE read of the columns that it sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnRows {
    Unread,
    EachRow,
    /// Beside what is read for each row something is read once.
    Mixed,
}

/// What subqueries read of what their own statement writes.
pub(crate) struct Reader<'u, 'a> {
    pass: &'u Pass<'a>,
    table: &'u Table,
    with: Option<&'u With>,
    /// Where else common tables may be named.
    rest: Vec<Span>,
    /// Whether a text reads it.
    reads: &'u dyn Fn(&str) -> bool,
    /// Found in what is kept for all rows.
    pub once: bool,
    /// Found in what is computed for each row.
    pub each_row: bool,
}

impl Pass<'_> {
    /// To be asked outside the scope of the UPDATE, its WITH done.
    pub fn own_rows(&self, update: &Update, table: &Table) -> OwnRows {
        let mut found = Vec::new();
        update.set.iter().for_each(|assignment| subqueries(&assignment.value, &mut found));
        // UPDATE ... FROM computes all values ahead.
        if found.is_empty() || update.from.is_some() {
            return OwnRows::Unread;
        }
        let condition = update.where_clause.as_ref().map(|condition| condition.span);
        let rest = update.set.iter().map(|assignment| assignment.value.span).chain(condition).collect();
        let reads = |text: &str| self.reads_set(update, table, text);
        let mut reader = Reader::new(self, table, update.with.as_ref(), rest, &reads);
        for (expr, select) in found {
            if self.depends_on_row(select, table) {
                reader.read(select, matches!(expr.kind, ExprKind::Exists { .. }));
            }
        }
        match (reader.each_row, reader.once) {
            (false, _) => OwnRows::Unread,
            (true, false) => OwnRows::EachRow,
            (true, true) => OwnRows::Mixed,
        }
    }

    /// Whether a subquery says something else for another row.
    pub fn depends_on_row(&self, select: &Select, table: &Table) -> bool {
        // Alone it would be a string.
        let quoted = |token: &Token| token.kind == TokenKind::DoubleQuoted;
        let text = self.source(select.span);
        tokens(text).any(|token| quoted(&token) && table.column(&unquote(token.span.text(text))).is_some())
            || self.scratch().subselect(select).is_err()
    }

    /// Whether a text reads the table of an UPDATE, and names columns that it changes.
    fn reads_set(&self, update: &Update, table: &Table, text: &str) -> bool {
        let catalog = self.catalog;
        let read = tables_read(catalog, text);
        if !read.contains(&fold(&table.name)) {
            return false;
        }
        // A view names its columns elsewhere.
        if read.iter().any(|name| catalog.table(name).is_none_or(|read| read.is_view)) {
            return true;
        }
        let set = || update.set.iter().flat_map(|assignment| &assignment.columns);
        let is_key = |word: &str| table.rowid_column().is_some_and(|key| key.name == *word);
        let is_rowid = |word: &str| is_key(word) || is_rowid_name(word) && table.column(word).is_none();
        let sets_rowid = set().any(|name| is_rowid(&fold(&name.text)));
        let is_changed = |word: String| {
            set().any(|name| fold(&name.text) == word)
                || sets_rowid && is_rowid(&word)
                || table.column(&word).is_some_and(|column| column.is_generated)
        };
        has_star(text) || names(text).any(is_changed)
    }
}

impl<'u, 'a> Reader<'u, 'a> {
    pub fn new(
        pass: &'u Pass<'a>,
        table: &'u Table,
        with: Option<&'u With>,
        rest: Vec<Span>,
        reads: &'u dyn Fn(&str) -> bool,
    ) -> Self {
        Reader { pass, table, with, rest, reads, once: false, each_row: false }
    }

    /// Looks at what a query that depends on the row reads for each, and at what it reads of queries that are kept. Of one that
    /// `is_tested` for rows nobody looks at the results.
    pub fn read(&mut self, select: &'u Select, is_tested: bool) {
        let (mut flat, mut kept) = (Vec::new(), Vec::new());
        let compounds = select.body.compounds.iter().map(|part| &part.core);
        for core in std::iter::once(&select.body.first).chain(compounds) {
            let SelectCoreKind::Select(simple) = &core.kind else { continue };
            let Some(from) = &simple.from else { continue };
            for source in std::iter::once(&from.first).chain(from.joins.iter().map(|join| &join.table)) {
                match self.query_in(source) {
                    Some((inner, true)) => flat.push(inner),
                    Some((inner, false)) => kept.push(inner),
                    None => {}
                }
            }
        }
        let inner = flat
            .iter()
            .chain(&kept)
            .filter(|inner| select.span.start <= inner.span.start && inner.span.end <= select.span.end);
        let mut text = self.pass.source(select.span).to_owned();
        for hidden in inner.map(|inner| inner.span).chain(results(select).filter(|_| is_tested)) {
            let (start, end) = (hidden.start - select.span.start, hidden.end - select.span.start);
            text.replace_range(start..end, &" ".repeat(end - start));
        }
        self.each_row |= (self.reads)(&text);
        // One that depends on the row cannot be kept.
        let (again, kept): (Vec<_>, Vec<_>) =
            kept.into_iter().partition(|inner| self.pass.depends_on_row(inner, self.table));
        flat.into_iter().chain(again).for_each(|inner| self.read(inner, false));
        self.once |= kept.into_iter().any(|inner| (self.reads)(self.pass.source(inner.span)));
    }

    /// The query that stands in FROM, or is a common table there, and whether SQLite makes one query of both.
    fn query_in(&self, source: &'u TableRef) -> Option<(&'u Select, bool)> {
        match &source.kind {
            TableRefKind::Subquery(select) => Some((select, is_flat(select))),
            TableRefKind::Table { name, .. } if name.schema.is_none() => {
                let mut common = self.with.iter().flat_map(|with| &with.tables);
                let common = common.find(|common| common.name.text.eq_ignore_ascii_case(&name.name.text))?;
                let is_once = common.materialized == Some(true) || self.is_read_twice(common);
                Some((&common.select, is_flat(&common.select) && !is_once))
            }
            _ => None,
        }
    }

    /// SQLite keeps the rows of a common table that is named more than once.
    fn is_read_twice(&self, common: &CommonTable) -> bool {
        let tables = self.with.iter().flat_map(|with| &with.tables).map(|other| other.select.span);
        let name = fold(&common.name.text);
        tables.chain(self.rest.iter().copied()).map(|span| tables_named(self.pass.source(span), &name)).sum::<usize>()
            > 1
    }
}

/// The subqueries of a value, each with the expression that holds it.
pub(crate) fn subqueries<'e>(expr: &'e Expr, found: &mut Vec<(&'e Expr, &'e Select)>) {
    match &expr.kind {
        ExprKind::Exists { select, .. } | ExprKind::Subquery(select) => found.push((expr, select)),
        ExprKind::In { set, .. } => {
            if let InSet::Select { select, .. } = &**set {
                found.push((expr, select));
            }
        }
        _ => {}
    }
    expr.children().into_iter().for_each(|child| subqueries(child, found));
}

/// Where the results stand that EXISTS does not look at.
fn results(select: &Select) -> impl Iterator<Item = Span> {
    let columns = match &select.body.first.kind {
        SelectCoreKind::Select(simple) if select.body.compounds.is_empty() => simple.columns.as_slice(),
        _ => &[],
    };
    columns.iter().map(|column| column.span)
}

/// Whether SQLite makes one query of this one and the one around it.
fn is_flat(select: &Select) -> bool {
    let SelectCoreKind::Select(simple) = &select.body.first.kind else { return false };
    select.body.compounds.is_empty()
        && select.limit.is_none()
        && simple.group_by.is_empty()
        && simple.distinct != Some(Distinct::Distinct)
        && !aggregates(simple)
        && !simple.columns.iter().any(holds_window)
}

/// The names in a text, folded.
fn names(text: &str) -> impl Iterator<Item = String> {
    let is_name = |token: &Token| token.kind == TokenKind::Word || is_quoted(token);
    tokens(text).filter(is_name).map(|token| folded(token, text))
}

fn is_quoted(token: &Token) -> bool {
    matches!(token.kind, TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket)
}

fn folded(token: Token, text: &str) -> String {
    let word = token.span.text(text);
    if is_quoted(&token) { fold(&unquote(word)) } else { fold(word) }
}

fn words(text: &str) -> Vec<String> {
    tokens(text).filter(|token| !token.kind.is_trivia()).map(|token| folded(token, text)).collect()
}

/// Whether a text has `*` for columns, and not as an operator or in `count(*)`.
fn has_star(text: &str) -> bool {
    let opens = |word: &str| matches!(word, "," | "." | "select" | "distinct" | "all");
    words(text).windows(2).any(|pair| pair[1] == "*" && opens(&pair[0]))
}

/// How often a text reads a table of this name.
pub(crate) fn tables_named(text: &str, name: &str) -> usize {
    let opens = |word: &str| matches!(word, "from" | "join" | "in" | "," | "(");
    words(text).windows(2).filter(|pair| pair[1] == name && opens(&pair[0])).count()
}
