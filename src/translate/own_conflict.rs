//! ON CONFLICT in the constraints of a table: a trigger of the compat schema resolves them, unless the statement says otherwise.

use super::ast::*;
use super::catalog::{Collation, Table};
use super::names::{fold, identifier, quote_literal};
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::table::{DeclaredKey, declared_keys};
use crate::syntax::Span;

/// The trigger's name: triggers run in the order of their names, and this one is to be the last.
pub(crate) const OWN_CONFLICTS: &str = "~sqlift_conflict";

/// What the trigger reads in front of a statement.
const SAYS_OTHERWISE: &str = "/* sqlift: or */ ";

/// A unique key, as the trigger gets it.
struct Key {
    columns: Vec<String>,
    action: ConflictAction,
}

/// The columns of the constraints that the trigger's arguments name, none for NOT NULL.
pub(crate) fn own_conflicts<'a>(
    arguments: impl Iterator<Item = &'a str>,
    column: impl Fn(&str) -> Option<String>,
) -> Vec<Vec<String>> {
    arguments
        .filter(|argument| !counts_ahead(argument))
        .map(|argument| match argument.split_once(' ') {
            Some((action, numbers)) if !action.starts_with("null-") => {
                numbers.split(' ').filter_map(|number| column(number.trim_end_matches(['n', 'r']))).collect()
            }
            _ => Vec::new(),
        })
        .collect()
}

impl Pass<'_> {
    /// The trigger's arguments for a new table, in the order in which SQLite looks at the constraints: NOT NULL, the rowid, the keys
    /// from the newest to the oldest, and REPLACE behind them all.
    pub fn own_conflict_arguments(
        &self,
        columns: &[ColumnDefinition],
        constraints: &[TableConstraint],
        rowid: Option<usize>,
    ) -> Vec<String> {
        let declared = declared_keys(columns, constraints, self.options.types);
        let mut arguments = Vec::new();
        let mut keys: Vec<Key> = Vec::new();
        let mut rowid_action = None;
        for (index, column) in columns.iter().enumerate() {
            for constraint in &column.constraints {
                match &constraint.kind {
                    ColumnConstraintKind::NotNull { on_conflict } if rowid != Some(index) => {
                        if let Some(word) = action_word(resolved(*on_conflict)) {
                            arguments.push(format!("null-{word} {}", index + 1));
                        }
                    }
                    ColumnConstraintKind::PrimaryKey { on_conflict, .. } if rowid == Some(index) => {
                        rowid_action = Some(resolved(*on_conflict));
                    }
                    ColumnConstraintKind::PrimaryKey { on_conflict, .. }
                    | ColumnConstraintKind::Unique { on_conflict } => {
                        let action = resolved(*on_conflict);
                        let name = fold(&column.name.text);
                        keys.push(Key { columns: places(columns, constraint.span, &declared, Some(name)), action });
                    }
                    _ => {}
                }
            }
        }
        for constraint in constraints {
            let (on_conflict, is_primary) = match &constraint.kind {
                TableConstraintKind::PrimaryKey { on_conflict, .. } => (*on_conflict, true),
                TableConstraintKind::Unique { on_conflict, .. } => (*on_conflict, false),
                _ => continue,
            };
            let action = resolved(on_conflict);
            if is_primary && rowid.is_some() {
                rowid_action = Some(action);
                continue;
            }
            keys.push(Key { columns: places(columns, constraint.span, &declared, None), action });
        }
        keys.reverse();
        if let (Some(action), Some(rowid)) = (rowid_action, rowid) {
            let key = Key { columns: vec![(rowid + 1).to_string()], action };
            let at = if action == ConflictAction::Replace { keys.len() } else { 0 };
            keys.insert(at, key);
        }
        // Stable: each group keeps its order.
        keys.sort_by_key(|key| key.action == ConflictAction::Replace);
        let last = keys.iter().rposition(|key| matches!(key.action, ConflictAction::Ignore | ConflictAction::Rollback));
        for (index, key) in keys.iter().enumerate() {
            match action_word(key.action) {
                Some(word) => arguments.push(format!("{word} {}", key.columns.join(" "))),
                // It counts only ahead of one that would hide it.
                None if last.is_some_and(|last| index < last) => {
                    let word = if key.action == ConflictAction::Fail { "fail" } else { "abort" };
                    arguments.push(format!("{word} {}", key.columns.join(" ")));
                }
                None => {}
            }
        }
        if arguments.iter().all(|argument| counts_ahead(argument)) { Vec::new() } else { arguments }
    }

    /// Makes the trigger of a new table.
    pub fn resolve_conflicts(&mut self, table: &str, arguments: &[String], span: Span) {
        if arguments.is_empty() {
            return;
        }
        self.note(&rules::schema::OWN_CONFLICTS, span);
        let arguments: Vec<String> = arguments.iter().map(|argument| quote_literal(argument)).collect();
        self.afterwards.push(format!(
            "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION sqlift.resolve_conflict({})",
            identifier(OWN_CONFLICTS),
            identifier(table),
            arguments.join(", ")
        ));
    }

    /// Tells the trigger, in front of a statement that is done.
    pub fn say_otherwise(&mut self, span: Span) {
        if self.says_otherwise {
            self.edits.wrap(span, SAYS_OTHERWISE, "");
        }
    }

    /// A statement that says itself what a conflict does: then the table's own clauses do not count.
    pub fn conflicts_resolved_by(
        &mut self,
        table: &Table,
        or: Option<ConflictAction>,
        upserts: &[Upsert],
        verb: Span,
    ) -> Result<()> {
        if table.own_conflicts.is_empty() || or.is_none() && upserts.is_empty() {
            return Ok(());
        }
        let is_key = |upsert: &Upsert| {
            let named = super::row_by_row::plain_target(upsert).unwrap_or_default();
            let same = |key: &Vec<String>| key.len() == named.len() && key.iter().all(|column| named.contains(column));
            matches!(table.own_conflicts.as_slice(), [only] if !only.is_empty() && (upsert.target.is_empty() || same(only)))
        };
        // There the setting tells it that says what triggers hear of the clause.
        if self.in_trigger && or.is_some() {
            return Ok(());
        }
        if self.in_trigger || or.is_none() && !matches!(upserts, [only] if is_key(only)) {
            return refuse(
                format!("a conflict clause on table {}, whose constraints have ON CONFLICT of their own", table.name),
                verb,
                "say it in one place: leave ON CONFLICT out of CREATE TABLE, or write the statement without it",
            );
        }
        self.says_otherwise = true;
        Ok(())
    }
}

/// The columns of a key by their numbers in a new table, each with what compares it: `n` for NOCASE, `r` for RTRIM.
fn places(columns: &[ColumnDefinition], key: Span, declared: &[DeclaredKey], own: Option<String>) -> Vec<String> {
    let of_it = |other: &&DeclaredKey| {
        other.span == key && own.as_ref().is_none_or(|own| other.terms.iter().any(|(name, _)| name == own))
    };
    let terms = declared.iter().find(of_it).map_or(&[][..], |key| &key.terms);
    let place = |(name, collation): &(String, Collation)| {
        let index = columns.iter().position(|column| fold(&column.name.text) == *name)?;
        let letter = match collation {
            Collation::Binary => "",
            Collation::NoCase => "n",
            Collation::RTrim => "r",
        };
        Some(format!("{}{letter}", index + 1))
    };
    terms.iter().filter_map(place).collect()
}

/// Whether a constraint only counts ahead of the others: FAIL is [`super::own_fail`]'s.
fn counts_ahead(argument: &str) -> bool {
    argument.starts_with("abort") || argument.starts_with("fail")
}

fn resolved(action: Option<ConflictAction>) -> ConflictAction {
    action.unwrap_or(ConflictAction::Abort)
}

fn action_word(action: ConflictAction) -> Option<&'static str> {
    match action {
        ConflictAction::Ignore => Some("ignore"),
        ConflictAction::Replace => Some("replace"),
        ConflictAction::Rollback => Some("rollback"),
        ConflictAction::Abort | ConflictAction::Fail => None,
    }
}
