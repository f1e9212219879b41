//! SQLite's limits on how many of something a statement may have: sqlite.org/limits.html.
//!
//! They also keep the passes from what would take them time in the square of a long text.

use super::{Parsed, Parser};
use crate::syntax::Span;
use crate::translate::ast::*;

/// SQLITE_MAX_COLUMN: columns of a table, an index or a result, terms of GROUP BY and ORDER BY, assignments of an UPDATE.
const COLUMNS: usize = 2000;

/// SQLITE_MAX_FUNCTION_ARG
const ARGUMENTS: usize = 1000;

/// As many bits as SQLite's sets of tables have.
const JOINED: usize = 64;

/// SQLITE_MAX_SRCLIST
const SOURCES: usize = 200;

impl Parser<'_> {
    pub(super) fn check_results(&self, columns: &[ResultColumn]) -> Parsed<()> {
        self.columns(columns.iter().map(|column| column.span), || "too many columns in result set".to_owned())
    }

    pub(super) fn check_row(&self, row: &[Expr]) -> Parsed<()> {
        self.columns(spans(row), || "too many columns in result set".to_owned())
    }

    pub(super) fn check_group_by(&self, terms: &[Expr]) -> Parsed<()> {
        self.columns(spans(terms), || "too many terms in GROUP BY clause".to_owned())
    }

    /// What a window is partitioned by counts as well.
    pub(super) fn check_order_by(&self, partition_by: &[Expr], terms: &[OrderTerm]) -> Parsed<()> {
        let terms = spans(partition_by).chain(terms.iter().map(|term| term.span));
        self.columns(terms, || "too many terms in ORDER BY clause".to_owned())
    }

    pub(super) fn check_table(&self, name: &Name, columns: &[ColumnDefinition]) -> Parsed<()> {
        self.columns(columns.iter().map(|column| column.span), || format!("too many columns on {}", name.text))
    }

    pub(super) fn check_index(&self, terms: &[IndexTerm]) -> Parsed<()> {
        self.columns(terms.iter().map(|term| term.span), || "too many columns in index".to_owned())
    }

    pub(super) fn check_assignments(&self, set: &[Assignment]) -> Parsed<()> {
        self.columns(set.iter().map(|one| one.span), || "too many columns in set list".to_owned())
    }

    pub(super) fn check_arguments(&self, call: &Call) -> Parsed<()> {
        match call.arguments.get(ARGUMENTS) {
            None => Ok(()),
            Some(_) => self.invalid(call.name.span, format!("too many arguments on function {}", call.name.text)),
        }
    }

    pub(super) fn check_joins(&self, joins: &[Join]) -> Parsed<()> {
        let Some(over) = joins.get(JOINED - 1) else { return Ok(()) };
        let message = match joins.len() < SOURCES {
            true => format!("at most {JOINED} tables in a join"),
            false => format!("too many FROM clause terms, max: {SOURCES}"),
        };
        self.invalid(over.operator_span, message)
    }

    fn columns(&self, mut found: impl Iterator<Item = Span>, message: impl Fn() -> String) -> Parsed<()> {
        match found.nth(COLUMNS) {
            None => Ok(()),
            Some(over) => self.invalid(over, message()),
        }
    }
}

fn spans(exprs: &[Expr]) -> impl Iterator<Item = Span> + '_ {
    exprs.iter().map(|expr| expr.span)
}
