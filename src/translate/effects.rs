//! What the triggers of a table read and write, as far as their rows see each other.
//!
//! SQLite runs a statement's triggers row by row: the BEFORE triggers, the row, its AFTER triggers, then the next row
//! (sqlite.org/lang_createtrigger.html). PostgreSQL runs AFTER triggers when the last row is written. Nobody can tell the
//! difference unless a trigger reads or writes what another row of the statement, or its triggers, writes.

use std::collections::BTreeSet;

use super::ast::*;
use super::broken_trigger::with_trigger;
use super::catalog::{Catalog, Collation, KeyAction, Table, UniqueKey};
use super::names::fold;
use super::pass::peel;
use super::scope::is_rowid_name;
use super::shown_order::FiringRow;
use crate::syntax::{Span, TokenKind, tokens};

/// Tables by their folded names.
type Names = BTreeSet<String>;

/// What some triggers touch beside NEW and OLD.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Effects {
    pub reads: Names,
    pub writes: Names,
    /// Rows of the trigger's own table that it finds by NEW's or OLD's rowid.
    pub own_row: bool,
    /// What it writes tells in which order its rows came.
    pub shows_order: bool,
}

impl Effects {
    fn add(&mut self, other: Effects) {
        self.reads.extend(other.reads);
        self.writes.extend(other.writes);
        self.own_row |= other.own_row;
        self.shows_order |= other.shows_order;
    }

    fn see(&self, written: &Names) -> bool {
        !self.reads.is_disjoint(written) || !self.writes.is_disjoint(written)
    }
}

/// When SQLite computes what an UPDATE's subqueries read: once, unless it depends on the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Nothing that the triggers write.
    Nothing,
    Once,
    EachRow,
    Unclear,
}

/// What a statement's triggers do, ahead of and behind its rows.
#[derive(Debug, Default)]
pub(crate) struct Fired {
    pub before: Effects,
    pub after: Effects,
}

impl Fired {
    /// The triggers of `table` that `fires` picks.
    pub fn of(catalog: &Catalog, table: &Table, fires: impl Fn(&TriggerEvent) -> bool + Sync) -> Fired {
        let mut fired = Fired::default();
        for trigger in &table.triggers {
            let Some(text) = trigger.created.as_deref() else { continue };
            let mut seen = vec![trigger.stored.clone()];
            let effects = with_trigger(text, |create| {
                Ok(fires(&create.event).then(|| effects_of(catalog, create, text, &mut seen)))
            });
            let Ok(Some(effects)) = effects else { continue };
            match trigger.time {
                TriggerTime::Before => fired.before.add(effects),
                TriggerTime::After => fired.after.add(effects),
                TriggerTime::InsteadOf => {}
            }
        }
        fired
    }

    /// Adds what foreign keys do when rows of `table` are deleted, or their columns are `set`, where triggers can tell when.
    pub fn with_actions(self, catalog: &Catalog, table: &Table, deletes: bool, set: &[&str]) -> Fired {
        let set = if table.watched.update { set } else { &[] };
        self.with_all_actions(catalog, table, deletes && table.watched.delete, set)
    }

    /// The same, also where only a query can tell.
    pub fn with_all_actions(mut self, catalog: &Catalog, table: &Table, deletes: bool, set: &[&str]) -> Fired {
        if deletes {
            follow_keys(catalog, table, KeyAction::Delete, &[], &mut Vec::new(), &mut self.after);
        }
        if !set.is_empty() {
            follow_keys(catalog, table, KeyAction::Update, set, &mut Vec::new(), &mut self.after);
        }
        self
    }

    /// Whether the rows of a statement on `table` would be seen by each other's triggers.
    pub fn see_rows(&self, table: &Table) -> bool {
        let own = Names::from([fold(&table.name)]);
        self.after.see(&own)
            || self.before.writes.contains(&fold(&table.name))
            || self.before.see(&self.after.writes)
            || self.after.see(&self.before.writes)
    }

    /// Whether what they leave behind tells in which order their rows came.
    pub fn show_order(&self) -> bool {
        let reads_own = |effects: &Effects| !effects.reads.is_disjoint(&effects.writes);
        [&self.before, &self.after].into_iter().any(|effects| effects.shows_order || reads_own(effects))
    }

    /// What the subqueries in the values of an UPDATE of `table`, which it calls `name`, read of what these triggers write.
    pub fn change(&self, catalog: &Catalog, table: &Table, name: &str, values: &str) -> Reading {
        let read = tables_read(catalog, values);
        let own = read.contains(&fold(&table.name));
        let changed = own && (self.before.own_row || self.after.own_row)
            || !self.before.writes.is_disjoint(&read)
            || !self.after.writes.is_disjoint(&read);
        if !changed {
            return Reading::Nothing;
        }
        let words: Vec<&str> = tokens(values)
            .filter(|token| !token.kind.is_trivia())
            .map(|token| token.span.text(values).trim_matches(['"', '`', '[', ']']))
            .collect();
        let selects = words.iter().filter(|word| word.eq_ignore_ascii_case("select")).count();
        let inner = words.iter().skip_while(|word| !word.eq_ignore_ascii_case("select"));
        let qualified = words.windows(2).any(|pair| pair[0].eq_ignore_ascii_case(name) && pair[1] == ".");
        if qualified && selects == 1 && !own {
            return Reading::EachRow;
        }
        let is_column = |word: &str| table.column(word).is_some() || is_rowid_name(word);
        match inner.copied().any(is_column) || qualified {
            true => Reading::Unclear,
            false => Reading::Once,
        }
    }

    /// Whether they write rows of the table itself that may be others than their own.
    pub fn write_own(&self, table: &Table) -> bool {
        let own = fold(&table.name);
        self.before.writes.contains(&own) || self.after.writes.contains(&own)
    }
}

/// What the keys to `table` do when its rows change, and what follows from it.
fn follow_keys<'c>(
    catalog: &'c Catalog,
    table: &Table,
    change: KeyAction,
    set: &[&str],
    seen: &mut Vec<(&'c str, KeyAction)>,
    effects: &mut Effects,
) {
    let is_set = |column: &String| {
        let is_rowid = table.rowid_column().is_some_and(|key| key.name == *column);
        set.iter().any(|name| name.eq_ignore_ascii_case(column) || is_rowid && is_rowid_name(name))
    };
    for key in &table.acting_keys {
        let action = match change {
            KeyAction::Delete => key.on_delete,
            KeyAction::Update => key.on_update.filter(|_| key.other.iter().any(is_set)),
        };
        let (Some(action), Some(child)) = (action, catalog.tables.get(&key.child)) else { continue };
        effects.writes.insert(key.child.clone());
        if seen.contains(&(key.child.as_str(), action)) {
            continue;
        }
        let Some((name, _)) = catalog.tables.get_key_value(&key.child) else { continue };
        seen.push((name, action));
        let own: Vec<&str> = key.own.iter().map(String::as_str).collect();
        let hears = |event: &TriggerEvent| match (event, action) {
            (TriggerEvent::Delete, KeyAction::Delete) => true,
            (TriggerEvent::Update { of }, KeyAction::Update) => {
                of.is_empty() || of.iter().any(|name| own.iter().any(|own| name.text.eq_ignore_ascii_case(own)))
            }
            _ => false,
        };
        let fired = Fired::of(catalog, child, hears);
        effects.add(fired.before);
        effects.add(fired.after);
        follow_keys(catalog, child, action, &own, seen, effects);
    }
}

/// What a trigger does, and what the triggers do that it starts.
fn effects_of(catalog: &Catalog, create: &CreateTrigger, text: &str, seen: &mut Vec<String>) -> Effects {
    let own = fold(&create.table.text);
    // What another trigger does may fire this one for a row again.
    let is_first = seen.len() == 1;
    let rowid = catalog.table(&own).filter(|_| is_first).and_then(Table::rowid_column);
    let firing = FiringRow { rowid: rowid.map(|column| column.name.as_str()) };
    let mut effects = Effects::default();
    if let Some(when) = &create.when {
        effects.reads.extend(tables_read(catalog, when.span.text(text)));
    }
    for statement in &create.body {
        effects.reads.extend(tables_read(catalog, statement.span.text(text)));
        let (written, condition, events): (_, _, fn(&TriggerEvent) -> bool) = match &statement.kind {
            StatementKind::Insert(insert) => {
                (&insert.table, None, |event| matches!(event, TriggerEvent::Insert | TriggerEvent::Update { .. }))
            }
            StatementKind::Update(update) => {
                (&update.table, update.where_clause.as_ref(), |event| matches!(event, TriggerEvent::Update { .. }))
            }
            StatementKind::Delete(delete) => {
                (&delete.table, delete.where_clause.as_ref(), |event| matches!(event, TriggerEvent::Delete))
            }
            _ => continue,
        };
        let name = fold(&written.name.text);
        let Some(table) = catalog.table(&name) else { continue };
        effects.shows_order |= match &statement.kind {
            StatementKind::Insert(insert) => firing.shows_in_insert(insert, table),
            StatementKind::Update(update) => firing.shows_in_update(update, table),
            _ => false,
        };
        if name == own && is_its_row(table, condition) {
            effects.own_row = true;
        } else {
            effects.writes.insert(name);
        }
        for trigger in &table.triggers {
            let Some(text) = trigger.created.as_deref().filter(|_| !seen.contains(&trigger.stored)) else { continue };
            seen.push(trigger.stored.clone());
            let started =
                with_trigger(text, |create| Ok(events(&create.event).then(|| effects_of(catalog, create, text, seen))));
            effects.add(started.ok().flatten().unwrap_or_default());
        }
    }
    effects
}

/// `WHERE id = NEW.id` and the like, perhaps AND something.
pub(super) fn is_its_row(table: &Table, condition: Option<&Expr>) -> bool {
    let is_rowid =
        |name: &str| is_rowid_name(name) || table.rowid_column().is_some_and(|key| key.name.eq_ignore_ascii_case(name));
    let of_row = |expr: &Expr| match &peel(expr).kind {
        ExprKind::Column { table: Some(row), column, .. } => {
            (row.text.eq_ignore_ascii_case("new") || row.text.eq_ignore_ascii_case("old")) && is_rowid(&column.text)
        }
        _ => false,
    };
    let mut found = false;
    equalities(condition, &mut |column, value, _| found |= is_rowid(column) && of_row(value));
    found
}

/// Whether a condition leaves one row at most: `key = value` without another row's columns in it.
pub(super) fn is_of_one_row(table: &Table, condition: Option<&Expr>) -> bool {
    // A key tells rows apart by a collation, and the condition goes by the column's.
    let single = |key: &UniqueKey, name: &str| {
        let column = table.column(name).map(|column| column.collation);
        let one = |terms: &[(&str, Collation)]| matches!(terms, [(only, by)] if *only == name && Some(*by) == column);
        !key.is_partial && one(&key.terms())
    };
    let is_key = |name: &str| {
        let own = table.column(name).is_none();
        own && is_rowid_name(name)
            || table.rowid_column().is_some_and(|key| key.name.eq_ignore_ascii_case(name))
            || table.unique_keys.iter().any(|key| single(key, name))
    };
    let fixed = |value: &Expr| match &peel(value).kind {
        ExprKind::Placeholder(_) | ExprKind::Integer | ExprKind::String(_) | ExprKind::Blob(_) | ExprKind::Float => {
            true
        }
        ExprKind::Column { table: Some(row), .. } => {
            row.text.eq_ignore_ascii_case("new") || row.text.eq_ignore_ascii_case("old")
        }
        _ => false,
    };
    let mut found = false;
    // Several rows may be NULL, and IS finds them all.
    equalities(condition, &mut |column, value, operator| {
        found |= operator == BinaryOperator::Equal && is_key(&fold(column)) && fixed(value);
    });
    found
}

/// Tells of each `column = value` that the condition needs.
fn equalities(condition: Option<&Expr>, found: &mut impl FnMut(&str, &Expr, BinaryOperator)) {
    let Some(condition) = condition else { return };
    match &peel(condition).kind {
        ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
            equalities(Some(left), found);
            equalities(Some(right), found);
        }
        ExprKind::Binary { operator: operator @ (BinaryOperator::Equal | BinaryOperator::Is), left, right, .. } => {
            for (column, value) in [(left, right), (right, left)] {
                if let ExprKind::Column { column, .. } = &peel(column).kind {
                    found(&column.text, value, *operator);
                }
            }
        }
        _ => {}
    }
}

/// Whether the subqueries in a text may read what a write to `table` changes there, in its triggers or by its foreign keys' actions.
pub(super) fn may_read_written(catalog: &Catalog, table: &Table, text: &str) -> bool {
    let read = tables_read(catalog, text);
    if read.is_empty() {
        return false;
    }
    let fired = Fired::of(catalog, table, |_| true);
    table.has_key_actions
        || read.contains(&fold(&table.name))
        || !fired.before.writes.is_disjoint(&read)
        || !fired.after.writes.is_disjoint(&read)
}

/// The tables whose names stand in a text where a table can be read; of a view those that it reads.
pub(super) fn tables_read(catalog: &Catalog, text: &str) -> Names {
    let mut names = Names::new();
    collect(catalog, text, &mut names);
    names
}

fn collect(catalog: &Catalog, text: &str, names: &mut Names) {
    const OPEN: [&str; 3] = ["from", "join", "in"];
    const PAUSE: [&str; 2] = ["on", "using"];
    const CLOSE: [&str; 10] =
        ["where", "set", "select", "group", "having", "window", "order", "limit", "values", "union"];
    let is = |word: &str, known: &[&str]| known.iter().any(|other| word.eq_ignore_ascii_case(other));
    // `opens` where a table's name may follow: INSERT INTO t, UPDATE t and DELETE FROM t write. `lists` tells whether a comma goes on
    // with the tables of a FROM, as one behind ON does; `outside` keeps it for what stands around the parentheses.
    let (mut listing, mut lists, mut outside) = (false, false, Vec::new());
    let (mut opens, mut opened, mut before) = (false, false, "");
    for token in tokens(text).filter(|token| !token.kind.is_trivia()) {
        let word = token.span.text(text);
        let is_name =
            matches!(token.kind, TokenKind::Word | TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket);
        let was_opened = std::mem::replace(&mut opened, is_name && opens);
        if opened {
            let name = fold(word.trim_matches(['"', '`', '[', ']']));
            if let Some(table) = catalog.table(&name)
                && names.insert(name)
                && let Some(view) = &table.view_text
            {
                collect(catalog, view, names);
            }
        }
        if is(word, &OPEN) {
            listing = !before.eq_ignore_ascii_case("delete");
            lists |= listing && !word.eq_ignore_ascii_case("in");
        } else if is(word, &CLOSE) {
            (listing, lists) = (false, false);
        } else if is(word, &PAUSE) {
            listing = false;
        } else if word == "(" {
            outside.push((listing, lists));
            lists = listing;
        } else if word == ")" {
            (listing, lists) = outside.pop().unwrap_or_default();
        } else if word == "," {
            listing |= lists;
        }
        opens = listing && (is(word, &OPEN) || matches!(word, "," | "(")) || word == "." && was_opened;
        before = word;
    }
}

/// Where an UPDATE's new values stand.
pub(super) fn values_of(update: &Update) -> Option<Span> {
    Some(Span { start: update.set.first()?.span.start, end: update.set.last()?.span.end })
}
