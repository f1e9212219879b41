//! ON CONFLICT FAIL in the constraints of a table: a statement that breaks one ends with its error, and the rows ahead stay
//! (sqlite.org/lang_conflict.html).
//!
//! To PostgreSQL it is a constraint like others. A statement that fails is run again one row after the other, as with OR FAIL, and stops
//! at the row that breaks one of these; a row that breaks another constraint undoes it all.

use super::altered::{body, mentions};
use super::ast::*;
use super::catalog::{Index, Table, UniqueKey};
use super::names::fold;
use super::pass::{Pass, Result, refuse};
use super::table::key_term;
use crate::syntax::Span;

/// A constraint with ON CONFLICT FAIL.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    /// As `sqlift.write_row` finds it in an error: `key t_a_key`, or `null a`.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// Those of a table, by SQLite's text of it.
pub(crate) fn failing(created: Option<&str>, keys: &[UniqueKey], indexes: &[Index]) -> Vec<Failing> {
    let Some(text) = created.filter(|text| mentions(text, "fail")) else { return Vec::new() };
    let Some((columns, constraints)) = body(text) else { return Vec::new() };
    let mut found = Vec::new();
    let mut key = |columns: Vec<String>, action: Option<ConflictAction>| {
        let is_it = |key: &&UniqueKey| {
            let names: Vec<&str> = key.terms().into_iter().map(|(name, _)| name).collect();
            names == columns
                && !key.is_partial
                && !indexes.iter().any(|index| index.created.is_some() && index.name == key.name)
        };
        if action == Some(ConflictAction::Fail) {
            let keys = keys.iter().filter(is_it);
            found.extend(keys.map(|key| Failing { name: format!("key {}", key.name), columns: columns.clone() }));
        }
    };
    for constraint in &constraints {
        if let TableConstraintKind::PrimaryKey { columns, on_conflict, .. }
        | TableConstraintKind::Unique { columns, on_conflict } = &constraint.kind
        {
            key(columns.iter().filter_map(key_term).map(|(name, _)| name).collect(), *on_conflict);
        }
    }
    let of_columns = columns.iter().flat_map(|column| column.constraints.iter().map(move |it| (column, &it.kind)));
    for (column, kind) in of_columns.clone() {
        if let ColumnConstraintKind::PrimaryKey { on_conflict, .. } | ColumnConstraintKind::Unique { on_conflict } =
            kind
        {
            key(vec![fold(&column.name.text)], *on_conflict);
        }
    }
    for (column, kind) in of_columns {
        if let ColumnConstraintKind::NotNull { on_conflict: Some(ConflictAction::Fail) } = kind {
            let name = fold(&column.name.text);
            found.push(Failing { name: format!("null {name}"), columns: vec![name] });
        }
    }
    found
}

/// Whether triggers may write ahead of the one row of an INSERT, which stays where FAIL stops it. A row of nothing but defaults is
/// never written by itself.
pub(super) fn keeps_writes_ahead(insert: &Insert, table: &Table) -> bool {
    table.writes_ahead() && matches!(insert.source, InsertSource::Select(_))
}

impl Pass<'_> {
    /// An INSERT without a conflict clause as one with OR FAIL, where it may have to keep what it did ahead of the row that fails.
    pub fn failing_insert(&mut self, insert: &Insert, table: &Table, several: bool) -> Result<Option<Insert>> {
        if insert.or.is_some() || table.failing.is_empty() || table.is_view {
            return Ok(None);
        }
        // A key that a clause is for breaks nothing.
        let is_resolved = |failing: &Failing| {
            insert.upserts.iter().any(|upsert| {
                upsert.target.is_empty()
                    || super::row_by_row::plain_target(upsert).is_some_and(|named| {
                        named.len() == failing.columns.len() && named.iter().all(|it| failing.columns.contains(it))
                    })
            })
        };
        if !insert.upserts.is_empty() && table.failing.iter().all(is_resolved) {
            return Ok(None);
        }
        let keeps = several || keeps_writes_ahead(insert, table);
        let fails = self.fails_alone(table, (several, keeps), !insert.upserts.is_empty(), insert.verb)?;
        Ok(fails.then(|| Insert { or: Some(ConflictAction::Fail), ..insert.clone() }))
    }

    /// The same of an UPDATE.
    pub fn failing_update(&mut self, update: &Update, table: &Table, several: bool) -> Result<Option<Update>> {
        let sets = |column: &String| {
            let mut names = update.set.iter().flat_map(|assignment| &assignment.columns);
            names.any(|name| name.text.eq_ignore_ascii_case(column) || super::scope::is_rowid_name(&name.text))
        };
        if update.or.is_some() || table.is_view || !table.failing.iter().any(|it| it.columns.iter().any(sets)) {
            return Ok(None);
        }
        let fails = self.fails_alone(table, (several, several || table.writes_ahead()), false, update.verb)?;
        Ok(fails.then(|| Update { or: Some(ConflictAction::Fail), ..update.clone() }))
    }

    /// `keeps` tells whether there may be what stays.
    fn fails_alone(
        &mut self,
        table: &Table,
        (several, keeps): (bool, bool),
        has_clause: bool,
        place: Span,
    ) -> Result<bool> {
        if self.in_trigger {
            return refuse(
                format!("a write to table {} in a trigger: a constraint of it has ON CONFLICT FAIL", table.name),
                place,
                "write OR ABORT there, which undoes the statement that fires the trigger",
            );
        }
        if has_clause && several {
            return refuse(
                format!(
                    "a conflict clause over several rows on table {}, of which a constraint has ON CONFLICT FAIL",
                    table.name
                ),
                place,
                "write the rows one by one",
            );
        }
        self.fails_by_own = !has_clause && keeps;
        Ok(self.fails_by_own)
    }

    /// What `sqlift.write_row` needs behind the statement of a row that FAIL is for: its table, and the constraints that do so by
    /// themselves.
    pub fn failing_in(&self, table: &Table) -> Vec<String> {
        let own = table.failing.iter().filter(|_| self.fails_by_own).map(|failing| failing.name.clone());
        std::iter::once(super::names::identifier(&table.name)).chain(own).collect()
    }
}
