//! The target of an ON CONFLICT clause: which unique key it names, in the words that the key's index has.

use std::borrow::Cow;

use super::ast::*;
use super::catalog::{Collation, Table, UniqueKey};
use super::edits::Piece;
use super::insert::Target;
use super::parser::parse_statement;
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::rules;
use super::types::{Collation as Compared, Type};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn conflict_target(&mut self, upsert: &Upsert, table: &Table) -> Result<()> {
        let key = named_key(upsert, table);
        let by_name = upsert.target.iter().all(|term| super::table::conflict_term(term).is_some());
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
                None if super::table::key_term(term).is_none() && by_name => return unmatched(upsert),
                None if typed.collation == Compared::NoCase => {
                    self.edits.wrap(term.expr.span, "lower(", " COLLATE \"C\")");
                }
                None => {}
            }
            self.without_tables(&term.expr);
            if term.order.is_some() {
                self.edits.replace(term.span, [term.expr.span.into()]);
            }
        }
        if let Some(condition) = &upsert.target_where {
            self.condition(condition)?;
            self.without_tables(condition);
        }
        Ok(())
    }

    /// PostgreSQL 13 takes a target's columns without the name of their table alone.
    fn without_tables(&mut self, expr: &Expr) {
        if let ExprKind::Column { table: Some(_), column, .. } = &expr.kind {
            self.edits.replace_text(expr.span, super::names::identifier(&super::names::fold(&column.text)));
        }
        expr.children().into_iter().for_each(|inner| self.without_tables(inner));
    }

    /// ON CONFLICT DO UPDATE without a target: the only unique key that the rows can meet.
    pub fn only_key(&mut self, upsert: &Upsert, table: &Table, targets: &[Target]) -> Result<()> {
        let keys = remaining_keys(table, targets, &[]);
        let key = match (keys.as_slice(), whole_keys(table).next()) {
            ([only], _) => &**only,
            // Row by row, with a clause for each.
            ([_, _, ..], _) => return Ok(()),
            // No row can meet one.
            ([], Some(key)) => key,
            ([], None) if table.unique_keys.is_empty() => {
                self.edits.delete(upsert.span);
                return Ok(());
            }
            ([], None) => {
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
fn whole_keys(table: &Table) -> impl Iterator<Item = &UniqueKey> {
    table.unique_keys.iter().filter(|key| !key.is_partial && !key.terms().is_empty())
}

/// The hidden rowid's key, where the row says which one it wants; no other row can meet it.
pub(crate) fn hidden_key(table: &Table, targets: &[Target]) -> Option<UniqueKey> {
    let column =
        table.hidden_rowid.as_ref().filter(|column| targets.iter().any(|target| target.name == column.name))?;
    let key = UniqueKey::over(String::new(), vec![(column.name.clone(), Collation::Binary)], false);
    // A full-text table has it among its own.
    (!table.unique_keys.iter().any(|own| own.columns == key.columns)).then_some(key)
}

fn is_hidden(key: &UniqueKey, table: &Table) -> bool {
    table.hidden_rowid.as_ref().is_some_and(|column| key.columns == [column.name.as_str()])
}

/// The keys that a conflict clause without a target stands for, in the order in which SQLite looks at them: the rowid, then the
/// newest first. Left out are an id that numbers itself, which nothing has yet, and a key over another one's columns and more:
/// who meets it meets the other.
pub(crate) fn remaining_keys<'t>(
    table: &'t Table,
    targets: &[Target],
    seen: &[Vec<String>],
) -> Vec<Cow<'t, UniqueKey>> {
    let mut keys: Vec<Cow<UniqueKey>> = whole_keys(table).map(Cow::Borrowed).collect();
    keys.extend(hidden_key(table, targets).map(Cow::Owned));
    let numbers_itself = |name: &str| {
        table.column(name).is_some_and(|column| column.is_identity) && targets.iter().all(|target| target.name != name)
    };
    keys.retain(|key| !matches!(key.terms().as_slice(), [(only, _)] if numbers_itself(only)));
    let all = keys.clone();
    let holds = |key: &UniqueKey, other: &UniqueKey| {
        let (terms, fewer) = (key.terms(), other.terms());
        fewer.len() < terms.len() && fewer.iter().all(|term| terms.contains(term))
    };
    keys.retain(|key| !all.iter().any(|other| holds(key, other)));
    keys.retain(|key| {
        let terms = key.terms();
        let has = |column: &String| terms.iter().any(|(name, _)| name == column);
        !seen.iter().any(|columns| columns.iter().all(has) && columns.len() == terms.len())
    });
    // They come oldest first, but the primary key ahead of all. Of a table WITHOUT ROWID an integer one is made behind the other
    // constraints of its table.
    let is_explicit = |key: &UniqueKey| table.indexes.iter().any(|index| index.name == key.name);
    let is_integer = |key: &UniqueKey| {
        let column = match key.columns.as_slice() {
            [only] if key.is_primary => table.column(only),
            _ => None,
        };
        column.is_some_and(|column| Type::from(column.data_type) == Type::Integer)
    };
    let place = |key: &UniqueKey| match (is_integer(key), is_explicit(key)) {
        _ if is_hidden(key, table) => 0,
        (true, _) if !table.is_without_rowid() => 0,
        (_, true) => 1,
        (true, _) => 2,
        _ => 3,
    };
    keys.reverse();
    keys.sort_by_key(|key| place(key));
    keys
}

/// The key over the target's columns; a COLLATE of the target's must be the key's.
fn named_key<'t>(upsert: &Upsert, table: &'t Table) -> Option<&'t UniqueKey> {
    let wanted: Vec<(String, Option<Collation>)> =
        upsert.target.iter().map(super::table::conflict_term).collect::<Option<_>>()?;
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
