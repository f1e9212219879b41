//! The target of an ON CONFLICT clause: which unique key it names, in the words that the key's index has.

use super::ast::*;
use super::catalog::{Collation, Table, UniqueKey};
use super::edits::Piece;
use super::parser::parse_statement;
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::rules;
use super::types::Collation as Compared;
use crate::syntax::Span;

impl Pass<'_> {
    pub fn conflict_target(&mut self, upsert: &Upsert, table: &Table) -> Result<()> {
        let key = named_key(upsert, table);
        let by_name = upsert.target.iter().all(|term| super::table::key_term(term).is_some());
        let mut others = table.unique_keys.iter().filter(|key| !is_over_columns(key, table));
        if !by_name && others.next().is_none() {
            return unmatched(upsert);
        }
        for term in &upsert.target {
            let typed = self.expr(&term.expr)?;
            match key.and_then(|key| Some((key, column_of(term)?))) {
                Some((key, column)) => {
                    let collation = key.terms().into_iter().find(|(name, _)| *name == column);
                    let text = collation.unwrap_or((column.as_str(), Collation::Binary));
                    let text = text.1.folded(&super::names::identifier(text.0));
                    self.edits.replace(term.span, [Piece::from(text)]);
                    continue;
                }
                // The index over its lower case is one over an expression.
                None if typed.collation != Compared::Binary && by_name => return unmatched(upsert),
                None if typed.collation == Compared::NoCase => {
                    self.edits.wrap(term.expr.span, "lower(", " COLLATE \"C\")");
                }
                None => {}
            }
            if term.order.is_some() {
                self.edits.replace(term.span, [term.expr.span.into()]);
            }
        }
        if let Some(condition) = &upsert.target_where {
            self.condition(condition)?;
        }
        Ok(())
    }

    /// ON CONFLICT DO UPDATE without a target: the table's only unique key.
    pub fn only_key(&mut self, upsert: &Upsert, table: &Table) -> Result<()> {
        let mut keys = whole_keys(table);
        let key = match (keys.next(), keys.next()) {
            (Some(only), None) => only,
            // Row by row, with a clause for each.
            (Some(_), Some(_)) => return Ok(()),
            // No row can meet it.
            (None, _) if table.unique_keys.is_empty() => {
                self.edits.delete(upsert.span);
                return Ok(());
            }
            (None, _) => {
                return refuse(
                    "ON CONFLICT DO UPDATE without a target on a table without a plain unique key",
                    upsert.span,
                    "name the key: ON CONFLICT (a, b) DO UPDATE ...",
                );
            }
        };
        let written = self.source(upsert.span).to_ascii_lowercase();
        let end = upsert.span.start + written.find("conflict").map_or(0, |at| at + "conflict".len());
        let words = Span { start: upsert.span.start, end };
        self.fired.rule(&rules::writes::UPSERT_NAMES);
        self.edits.wrap(words, "", format!(" ({})", key.index_terms().join(", ")));
        Ok(())
    }
}

/// The keys that a conflict clause without a target can stand for.
pub(crate) fn whole_keys(table: &Table) -> impl Iterator<Item = &UniqueKey> {
    table.unique_keys.iter().filter(|key| !key.is_partial && !key.terms().is_empty())
}

/// The key over the target's columns; a COLLATE of the target's must be the key's.
fn named_key<'t>(upsert: &Upsert, table: &'t Table) -> Option<&'t UniqueKey> {
    let wanted: Vec<(String, Option<Collation>)> =
        upsert.target.iter().map(super::table::key_term).collect::<Option<_>>()?;
    let is_it = |key: &&UniqueKey| {
        let terms = key.terms();
        terms.len() == wanted.len()
            && wanted.iter().all(|(column, said)| {
                terms.iter().any(|(name, collation)| name == column && said.is_none_or(|said| said == *collation))
            })
    };
    // The condition of a partial one decides too, which PostgreSQL looks at.
    let mut keys = table.unique_keys.iter().filter(|key| !key.is_partial || upsert.target_where.is_some());
    keys.find(|key| is_it(key) && is_over_columns(key, table))
}

/// Whether the key has no expressions on SQLite: an index over `lower(c)` is on PostgreSQL what one over a column by NOCASE is.
fn is_over_columns(key: &UniqueKey, table: &Table) -> bool {
    if !key.columns.is_empty() {
        return true;
    }
    let index = table.indexes.iter().find(|index| index.name == key.name);
    match index.and_then(|index| parse_statement(index.created.as_deref()?).ok()) {
        Some(Statement { kind: StatementKind::CreateIndex(create), .. }) => {
            create.terms.iter().all(|term| super::table::key_term(term).is_some())
        }
        _ => !key.folded.is_empty(),
    }
}

fn unmatched<T>(upsert: &Upsert) -> Result<T> {
    let message = "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint";
    // Another session may have made the key.
    sqlite_error(message, upsert.span, Some("no-such-column"))
}

fn column_of(term: &IndexTerm) -> Option<String> {
    match &peel(super::order::peel_collate(&term.expr)).kind {
        ExprKind::Column { column, .. } => Some(super::names::fold(&column.text)),
        _ => None,
    }
}
