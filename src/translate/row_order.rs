//! The order in which SQLite reads the rows of one table, where a query's answer shows it: among the rows that ORDER BY takes for
//! equal, and in what LIMIT leaves over. It is the rowid's, unless SQLite reads an index; PostgreSQL's is the one of the heap, in which
//! an updated row moves.

use std::rc::Rc;
use std::sync::Arc;

use super::ast::*;
use super::bare::{aggregates, has_aggregate, holds_window};
use super::catalog::{Collation, Table};
use super::effects::is_of_one_row;
use super::names::{fold, identifier};
use super::order::{column_number, peel_collate};
use super::pass::{Pass, peel};
use super::rules;
use super::scope::{Source, is_rowid_name};
use super::select::Taken;
use super::types::Columns;
use crate::syntax::{Span, TokenKind, tokens};

/// What an index is over.
pub(crate) struct IndexColumns {
    /// In their order; `None` for an expression.
    pub columns: Vec<Option<String>>,
    /// It has some rows only.
    pub is_partial: bool,
    /// What its expressions and its condition name; empty where they are not known.
    named: Vec<String>,
}

impl IndexColumns {
    /// Whether it is over an expression, or has some rows only.
    pub fn is_special(&self) -> bool {
        self.is_partial || self.columns.contains(&None)
    }

    fn is_known(&self) -> bool {
        !self.named.is_empty() || !self.is_partial && !self.columns.contains(&None)
    }
}

/// The indexes of a table, its keys' too; `None` where one is not known by SQLite's text.
pub(crate) fn index_columns(table: &Table) -> Option<Vec<IndexColumns>> {
    let is_created = |name: &str| table.indexes.iter().any(|index| index.created.is_some() && index.name == name);
    let keys = table.unique_keys.iter().filter(|key| !is_created(&key.name)).map(|key| {
        let columns = match key.terms().as_slice() {
            [] => vec![None],
            terms => terms.iter().map(|(column, _)| Some((*column).to_owned())).collect(),
        };
        IndexColumns { columns, is_partial: key.is_partial, named: Vec::new() }
    });
    let is_rowid = |index: &IndexColumns| {
        let rowid = table.rowid_column().map(|column| column.name.as_str());
        matches!(index.columns.as_slice(), [only] if only.as_deref() == rowid)
    };
    let mut all: Vec<IndexColumns> = keys.filter(|index| !is_rowid(index)).collect();
    for index in &table.indexes {
        match &index.created {
            Some(created) => all.push(columns_in(created)),
            None if table.unique_keys.iter().any(|key| key.name == index.name) => {}
            None => return None,
        }
    }
    Some(all)
}

/// The columns in a CREATE INDEX.
fn columns_in(created: &str) -> IndexColumns {
    let (mut columns, mut named) = (Vec::new(), Vec::new());
    let (mut depth, mut words): (usize, Vec<(&str, bool)>) = (0, Vec::new());
    let mut rest = tokens(created).filter(|token| !token.kind.is_trivia());
    for token in rest.by_ref() {
        let word = token.span.text(created);
        match word {
            "(" if depth == 0 => {
                depth = 1;
                continue;
            }
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 && word == ")" || depth == 1 && word == "," {
            let terms = std::mem::take(&mut words);
            let is_plain = match terms.as_slice() {
                [(_, is_name)] => *is_name,
                [(_, is_name), (next, _), ..] => {
                    *is_name && ["collate", "asc", "desc"].iter().any(|word| word.eq_ignore_ascii_case(next))
                }
                [] => false,
            };
            columns.push(terms.first().filter(|_| is_plain).map(|(name, _)| fold(unquoted(name))));
            if !is_plain {
                named.extend(terms.iter().filter(|(_, is_name)| *is_name).map(|(name, _)| fold(unquoted(name))));
            }
            if depth == 0 {
                break;
            }
            continue;
        }
        if depth > 0 {
            words.push((word, is_name(token.kind)));
        }
    }
    let is_partial = rest.next().is_some_and(|token| token.span.text(created).eq_ignore_ascii_case("where"));
    named.extend(rest.filter(|token| is_name(token.kind)).map(|token| fold(unquoted(token.span.text(created)))));
    IndexColumns { columns, is_partial, named }
}

fn is_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket)
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`', '[', ']'])
}

/// The names in a text as they are spelled.
fn spelled_in(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).filter(|token| is_name(token.kind)).map(|token| unquoted(token.span.text(text)))
}

/// The names in a text, of columns and of all else.
pub(crate) fn names_in(text: &str) -> Vec<String> {
    spelled_in(text).map(fold).collect()
}

/// Whether SQLite reads groups by these columns off an index: one begins with them, and none finds the rows of the condition.
pub(crate) fn groups_by_index(table: &Table, columns: &[String], condition: Option<&str>) -> bool {
    let indexes = index_columns(table).unwrap_or_default();
    let begins = |index: &IndexColumns| {
        let first = index.columns.get(..columns.len());
        first.is_some_and(|first| first.iter().all(|own| own.as_ref().is_some_and(|own| columns.contains(own))))
    };
    let asked = condition.map_or_else(Vec::new, names_in);
    let finds = |index: &IndexColumns| {
        let first = index.columns.first().and_then(Option::as_ref);
        first.is_some_and(|first| asked.contains(first) && !columns.contains(first))
    };
    indexes.iter().any(begins) && !indexes.iter().any(finds)
}

/// The one table whose rows a query reads.
pub(crate) struct OneTable {
    pub table: Arc<Table>,
    pub indexes: Vec<IndexColumns>,
    /// The name by which the query knows it.
    called: Rc<str>,
    /// The rowid, as the query names it.
    pub rowid: String,
}

impl OneTable {
    pub fn is_rowid(&self, name: &str) -> bool {
        let own = self.table.rowid_column().is_some_and(|column| column.name.eq_ignore_ascii_case(name));
        own || is_rowid_name(name) && self.table.column(name).is_none()
    }

    /// Whether the columns tell every row from all others.
    pub fn tell_rows(&self, names: &[String]) -> bool {
        let is_named = |column: &str| names.iter().any(|name| name == column);
        let is_whole = |(column, collation): &(&str, Collation)| {
            is_named(column)
                && self.table.column(column).is_some_and(|found| found.not_null && found.collation == *collation)
        };
        names.iter().any(|name| self.is_rowid(name))
            || self.table.unique_keys.iter().any(|key| {
                let terms = key.terms();
                !key.is_partial && !terms.is_empty() && terms.iter().all(is_whole)
            })
    }

    /// Whether a column is one of the table's, and not of a query around this one.
    fn has(&self, table: Option<&Name>, name: &str) -> bool {
        match table {
            Some(table) => table.text.eq_ignore_ascii_case(&self.called),
            None => self.is_rowid(name) || self.table.column(name).is_some(),
        }
    }

    /// Whether the column is one of an index's.
    pub fn is_indexed(&self, name: &str) -> bool {
        self.indexes.iter().flat_map(|index| &index.columns).any(|own| own.as_deref() == Some(name))
    }

    /// Whether an index gives rows in the order of a term, with what `condition` says of the columns ahead of it. Of an expression
    /// `asked` is what it names; nothing where that is not known.
    fn gives(&self, column: Option<&String>, asked: &[String], condition: &[String]) -> bool {
        // One of some rows serves no query that asks for all.
        self.indexes.iter().filter(|index| !index.is_partial || !condition.is_empty()).any(|index| match column {
            Some(column) => index.columns.iter().position(|own| own.as_ref() == Some(column)).is_some_and(|at| {
                index.columns[..at].iter().all(|ahead| ahead.as_ref().is_some_and(|ahead| condition.contains(ahead)))
            }),
            None => {
                index.columns.contains(&None)
                    && (index.named.is_empty() || asked.iter().all(|name| index.named.contains(name)))
            }
        })
    }
}

/// A source as a table of which the rowid and all indexes are known.
pub(crate) fn one_of(source: &Source) -> Option<OneTable> {
    if !source.is_table {
        return None;
    }
    let (table, rowid) = (source.table()?, source.rowid()?);
    let rowid = format!("{}.{}", source.printed, identifier(&rowid));
    // FTS5's own index gives the rows of a MATCH by the rowid, too.
    let indexes = if source.full_text.is_some() { Vec::new() } else { index_columns(table)? };
    Some(OneTable { table: Arc::clone(table), indexes, called: Rc::clone(&source.name), rowid })
}

impl Pass<'_> {
    /// The table of a query that gives its rows one by one, unless SQLite may read an index in its place.
    fn one_table(&self, simple: &SimpleSelect, order_by: &[OrderTerm], span: Span) -> Option<OneTable> {
        let one = self.table_read(simple, order_by).filter(|_| simple.distinct != Some(Distinct::Distinct))?;
        if self.is_covered(&one, simple, span) { None } else { Some(one) }
    }

    /// The one table that a query without groups reads.
    pub fn table_read(&self, simple: &SimpleSelect, order_by: &[OrderTerm]) -> Option<OneTable> {
        let from = simple.from.as_ref().filter(|from| from.joins.is_empty())?;
        let is_plain = simple.group_by.is_empty()
            && simple.having.is_none()
            // A view's text would hang on the rowid's column.
            && self.no_parameters != Some("views");
        let sources = self.scopes.last().map_or(&[][..], |scope| &scope.sources);
        let (true, [source]) = (is_plain, sources) else { return None };
        // `f('words')` is f MATCH 'words'.
        let is_table = matches!(from.first.kind, TableRefKind::Table { .. }) || source.full_text.is_some();
        if !is_table
            || aggregates(simple)
            || simple.columns.iter().any(holds_window)
            || order_by.iter().any(|term| has_aggregate(&term.expr))
        {
            return None;
        }
        one_of(source)
    }

    /// Whether an index has all columns that the query asks for.
    pub fn is_covered(&self, one: &OneTable, simple: &SimpleSelect, span: Span) -> bool {
        let has_star = simple.columns.iter().any(|column| !matches!(column.kind, ResultColumnKind::Expr { .. }));
        if one.indexes.is_empty() {
            return false;
        }
        // This is looked at for many statements: no word is copied.
        let named: Vec<&str> = spelled_in(self.source(span)).collect();
        let is_read =
            |name: &str| !one.is_rowid(name) && (has_star || named.iter().any(|word| word.eq_ignore_ascii_case(name)));
        let read: Vec<&str> =
            one.table.columns.iter().map(|column| column.name.as_str()).filter(|name| is_read(name)).collect();
        let covers =
            |index: &IndexColumns| read.iter().all(|name| index.columns.iter().any(|own| own.as_deref() == Some(name)));
        let serves = |index: &IndexColumns| !index.is_partial || simple.where_clause.is_some();
        one.indexes.iter().any(|index| serves(index) && covers(index))
    }

    /// Puts rows that ORDER BY takes for equal in the order in which SQLite reads them: it sorts without changing that.
    pub fn rows_that_tie(&mut self, simple: &SimpleSelect, order_by: &[OrderTerm], columns: &Columns, span: Span) {
        let Some(last) = order_by.last() else { return };
        let whole = Span { start: span.start, end: last.span.end };
        let Some(one) = self.one_table(simple, order_by, whole) else { return };
        let names: Vec<Option<String>> =
            order_by.iter().map(|term| self.ordered_column(&term.expr, simple, columns)).collect();
        let told: Vec<String> = names.iter().flatten().cloned().collect();
        let condition = simple.where_clause.as_ref().map_or_else(Vec::new, |expr| names_in(self.source(expr.span)));
        let is_random = names_in(self.source(Span { start: order_by[0].span.start, end: last.span.end }))
            .iter()
            .any(|name| name == "random");
        let first = names.first().and_then(Option::as_ref);
        let term = peel(&order_by[0].expr);
        // By its number, or by the name of a result.
        let is_elsewhere = column_number(term).is_some() || column_of(peel(peel_collate(term))).is_some();
        let asked = if is_elsewhere { Vec::new() } else { names_in(self.source(term.span)) };
        if one.tell_rows(&told)
            || one.gives(first, &asked, &condition)
            || is_random
            || is_of_one_row(&one.table, simple.where_clause.as_ref())
        {
            return;
        }
        self.note(&rules::select::ROW_ORDER, last.span);
        self.edits.replace(last.span, [last.span.into(), format!(", {}", one.rowid).into()]);
    }

    /// The column that a term of ORDER BY sorts by.
    pub fn ordered_column(&self, term: &Expr, simple: &SimpleSelect, columns: &Columns) -> Option<String> {
        if let Some((number, ..)) = column_number(term) {
            return match self.numbered(simple, number) {
                Some(expr) => column_of(expr),
                None => {
                    let at = self.source(number.span).parse::<usize>().ok()?.checked_sub(1)?;
                    columns.get(at).map(|(name, _)| fold(name))
                }
            };
        }
        let term = peel(peel_collate(peel(term)));
        if self.alias_of(term).is_some() {
            let name = column_of(term)?;
            return simple.columns.iter().find_map(|column| match &column.kind {
                ResultColumnKind::Expr { expr, alias: Some(alias) } if fold(&alias.text) == name => column_of(expr),
                _ => None,
            });
        }
        column_of(term)
    }

    /// Puts rows of which LIMIT, or the place of one value, takes the first ones in the order in which SQLite reads them, and those that
    /// are written one after the other.
    pub fn rows_that_come_first(&mut self, simple: &SimpleSelect, span: Span, takes: Taken) {
        let Some(one) = self.one_table(simple, &[], span) else { return };
        if let Some(condition) = &simple.where_clause {
            let may = match takes {
                // Where an index finds the rows the server could not stop at the first: it would read all that it finds, or all by the rowid.
                Taken::First => self.is_met_by_reading(condition, &one),
                Taken::Written => self.reads_by_rowid(condition, &one),
                Taken::One | Taken::All => false,
            };
            if !may || is_of_one_row(&one.table, Some(condition)) {
                return;
            }
        }
        self.note(&rules::select::ROW_ORDER, span);
        self.edits.wrap(span, "", format!(" ORDER BY {}", one.rowid));
    }

    /// Whether SQLite's rows come by the rowid: an index finds no others than equal ones.
    pub fn reads_by_rowid(&self, condition: &Expr, one: &OneTable) -> bool {
        let is_column = |expr: &Expr| match &peel(expr).kind {
            ExprKind::Column { table, column, .. } => one.has(table.as_ref(), &fold(&column.text)),
            _ => false,
        };
        let is_value = |expr: &Expr| match &peel(expr).kind {
            ExprKind::Column { .. } => !is_column(expr),
            ExprKind::Placeholder(_)
            | ExprKind::Integer
            | ExprKind::Float
            | ExprKind::String(_)
            | ExprKind::Blob(_)
            | ExprKind::Subquery(_) => true,
            _ => false,
        };
        match &peel(condition).kind {
            ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
                self.reads_by_rowid(left, one) && self.reads_by_rowid(right, one)
            }
            ExprKind::Binary { operator: BinaryOperator::Equal, left, right, .. }
                if is_column(left) && is_value(right) || is_value(left) && is_column(right) =>
            {
                true
            }
            // For these no index serves.
            ExprKind::Binary { operator: BinaryOperator::NotEqual | BinaryOperator::IsNot, .. }
            | ExprKind::NullTest { negated: true, .. }
            | ExprKind::In { negated: true, .. }
            | ExprKind::Unary { operator: UnaryOperator::Not, .. }
                if !one.indexes.iter().any(IndexColumns::is_special) =>
            {
                true
            }
            _ => one.indexes.iter().all(IndexColumns::is_known) && tells_of_unindexed(condition, one, true),
        }
    }

    /// Whether a condition tells of the rowid and of columns without an index, so that the rows have to be read for it.
    pub fn is_met_by_reading(&self, condition: &Expr, one: &OneTable) -> bool {
        one.indexes.iter().all(IndexColumns::is_known) && tells_of_unindexed(condition, one, false)
    }
}

/// Whether a condition tells of columns without an index, of the rowid, and, if they may count, of queries.
pub(crate) fn tells_of_unindexed(condition: &Expr, one: &OneTable, of_queries: bool) -> bool {
    match &condition.kind {
        ExprKind::Column { table, column, .. } => {
            let name = fold(&column.text);
            if of_queries && !one.has(table.as_ref(), &name) {
                return true;
            }
            let is_named = one.indexes.iter().any(|index| index.named.contains(&name));
            !is_named && (one.is_rowid(&name) || one.table.column(&name).is_some() && !one.is_indexed(&name))
        }
        ExprKind::Subquery(_) | ExprKind::Exists { .. } => of_queries,
        ExprKind::In { set, .. } if !of_queries && matches!(**set, InSet::Select { .. } | InSet::Table(_)) => false,
        _ => condition.children().into_iter().all(|inner| tells_of_unindexed(inner, one, of_queries)),
    }
}

fn column_of(expr: &Expr) -> Option<String> {
    match &peel(expr).kind {
        ExprKind::Column { column, .. } => Some(fold(&column.text)),
        _ => None,
    }
}
