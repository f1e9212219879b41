//! The conflict clause of a statement, which counts in the triggers that it fires instead of their own
//! (sqlite.org/lang_createtrigger.html).
//!
//! The setting `sqlift.or` tells it with the depth and the table of those triggers: `replace 1 t`. `sqlift.clause` reads it there. An
//! UPDATE trigger that runs beside them is a foreign key's action's, or, behind a clause with a `+`, a DO UPDATE's: to both SQLite
//! passes ABORT. A DELETE passes none on.

use super::Options;
use super::altered::mentions;
use super::ast::*;
use super::catalog::{Catalog, Table};
use super::foreign_key;
use super::names::quote_literal;

/// What a statement tells its triggers.
pub(super) struct Clause {
    /// Nothing where it has none.
    pub word: &'static str,
    /// `+` where a DO UPDATE may follow.
    pub mark: &'static str,
}

impl Clause {
    pub fn of(statement: &StatementKind) -> Clause {
        let (or, upserts): (_, &[Upsert]) = match statement {
            StatementKind::Insert(insert) => (insert.or, &insert.upserts),
            StatementKind::Update(update) => (update.or, &[]),
            _ => (None, &[]),
        };
        let updates = upserts.iter().any(|upsert| matches!(upsert.action, UpsertAction::Update { .. }));
        Clause { word: or.map_or("", word), mark: if updates { "+" } else { "" } }
    }
}

pub(super) fn word(or: ConflictAction) -> &'static str {
    match or {
        ConflictAction::Abort => "abort",
        ConflictAction::Fail => "fail",
        ConflictAction::Ignore => "ignore",
        ConflictAction::Replace => "replace",
        ConflictAction::Rollback => "rollback",
    }
}

/// What goes ahead of a statement on `table`, so that its triggers hear of its clause, and of `PRAGMA recursive_triggers`.
pub(super) fn told(statement: &StatementKind, table: &Table, catalog: &Catalog, options: &Options) -> Option<String> {
    let Clause { word, mark } = Clause::of(statement);
    let is_heard = match word {
        "" => {
            let by_update = !mark.is_empty() && table.triggers.iter().any(|trigger| trigger.events.update);
            let by_key = table.has_key_actions && foreign_key::fires(statement, catalog);
            (by_update || by_key) && has_clauses(catalog)
        }
        _ => table.triggers_write || table.has_key_actions && has_clauses(catalog),
    };
    let has_triggers = || catalog.tables.values().any(|table| !table.triggers.is_empty());
    let is_recursive = options.flags.recursive_triggers && has_triggers();
    let told = [
        is_heard.then(|| ("or", quote_literal(&format!("{word}{mark} 1 {}", table.name)))),
        is_recursive.then(|| ("recursive_triggers", "'on'".to_owned())),
    ];
    let told = told.into_iter().flatten();
    let settings: Vec<String> =
        told.map(|(name, value)| format!("pg_catalog.set_config('sqlift.{name}', {value}, true)")).collect();
    (!settings.is_empty()).then(|| format!("SELECT {} OFFSET 1", settings.join(", ")))
}

/// Whether a trigger or a constraint has a clause of its own, which another may take the place of.
fn has_clauses(catalog: &Catalog) -> bool {
    let has_clause = |text: &String| mentions(text, "or") || mentions(text, "replace");
    let mut tables = catalog.tables.values();
    tables.any(|table| {
        let mut texts = table.triggers.iter().filter_map(|trigger| trigger.created.as_ref());
        !table.own_conflicts.is_empty() || texts.any(has_clause)
    })
}

/// In a trigger's body: tells the triggers of the next statement, whose target is `table`. `heard` is the variable with the clause that
/// the body goes by itself.
pub(super) fn tell(statement: &StatementKind, table: &Table, heard: Option<&str>) -> String {
    let Clause { word, mark } = Clause::of(statement);
    let word = match (heard, word) {
        (None, word) => quote_literal(word),
        (Some(heard), "") => heard.to_owned(),
        (Some(heard), word) => format!("coalesce(nullif({heard}, ''), {})", quote_literal(word)),
    };
    let (mark, table) = (quote_literal(&format!("{mark} ")), quote_literal(&format!(" {}", table.name)));
    format!(
        "PERFORM pg_catalog.set_config('sqlift.or', {word} || {mark} || (pg_catalog.pg_trigger_depth() + 1) || {table}, true);\n"
    )
}
