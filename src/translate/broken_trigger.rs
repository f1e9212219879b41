//! Triggers whose bodies name what is not there, and what becomes of triggers when a statement changes the schema.
//!
//! SQLite keeps a trigger's text and looks at its names when a statement would fire it. On PostgreSQL a trigger that cannot be
//! understood is one that only fails, with SQLite's text beside it; it is made anew, as all others whose function would be
//! another one, by the statement that changes what it names.

use std::sync::Arc;

use super::altered::{Kind, comment, mentions};
use super::ast::*;
use super::catalog::{Catalog, Table, Trigger};
use super::deep;
use super::names::identifier;
use super::pass::{Pass, Result, refuse};
use super::session_trigger;
use super::trigger::Parts;
use super::update_of::on_update_of;
use super::{Options, Refusal};
use crate::syntax::Span;

/// Whether SQLite would say so when the trigger fires.
pub(crate) fn is_found_late(refusal: &Refusal) -> bool {
    const NAMES: [&str; 5] =
        ["no-such-table", "no-such-column", "no-such-target", "no-such-trigger", "no-such-function"];
    refusal.rule.is_some_and(|rule| NAMES.contains(&rule))
}

/// SQLite looks for the tables of a trigger in the trigger's own database.
pub(crate) fn when_fired(message: String, is_temporary: bool) -> String {
    match message.strip_prefix("no such table: ") {
        Some(name) if !is_temporary && !name.contains('.') => format!("no such table: main.{name}"),
        _ => message,
    }
}

impl Pass<'_> {
    /// A statement that would fire a trigger which cannot be understood fails, whether it has rows or not. The newest is looked at
    /// first, as on SQLite.
    pub fn triggers_work(
        &self,
        table: &Arc<Table>,
        span: Span,
        fires: impl Fn(&TriggerEvent) -> bool + Sync,
    ) -> Result<()> {
        if self.in_trigger || !table.triggers.iter().any(|trigger| trigger.is_broken) {
            return Ok(());
        }
        let mut broken: Vec<&Trigger> = table.triggers.iter().filter(|trigger| trigger.is_broken).collect();
        broken.sort_by_key(|trigger| std::cmp::Reverse(trigger.made));
        for trigger in broken {
            let Some(text) = trigger.created.as_deref() else { continue };
            if !with_trigger(text, |create| Ok(fires(&create.event)))? {
                continue;
            }
            let body = with_trigger(text, |create| {
                Pass::new(text, self.catalog, self.options)
                    .body_in_scope(create, table, Span { start: 0, end: text.len() })
                    .map(|_| ())
            });
            let is_temporary = trigger.is_of_session || table.schema.starts_with("pg_temp") && !self.options.in_memory;
            return match body {
                Ok(()) => refuse(
                    format!("what trigger {} names was made by somebody else", trigger.name),
                    span,
                    "DROP TRIGGER and create it again",
                ),
                Err(Refusal { message, rule, .. }) => {
                    Err(Refusal { message: when_fired(message, is_temporary), span, help: None, rule })
                }
            };
        }
        Ok(())
    }

    /// Makes views and triggers anew that need what the statement creates.
    pub fn mend(&mut self, statement: Span) -> Result<()> {
        match self.has_broken() {
            true => self.mend_in(self.catalog_behind(statement)),
            false => Ok(()),
        }
    }

    /// Whether a view or a trigger waits for what it names.
    pub fn has_broken(&self) -> bool {
        let is_broken = |table: &Arc<Table>| table.broken.is_some() || table.triggers.iter().any(|it| it.is_broken);
        self.catalog.tables.values().any(is_broken)
    }

    /// The same, where the catalog behind the statement is known.
    pub fn mend_in(&mut self, mut behind: Catalog) -> Result<()> {
        self.mend_views(&mut behind);
        self.follow_triggers(&behind, &[]).map(|_| ())
    }

    /// Makes triggers anew whose bodies go by what the statement changes of a table beside its columns: its unique keys, which
    /// conflict clauses and REPLACE look at, and its triggers.
    pub fn follow_writers(&mut self, table: &str, statement: Span) -> Result<()> {
        let texts = |table: &Table| table.triggers.iter().filter_map(|trigger| trigger.created.clone()).collect();
        let mut others: Vec<(&str, Vec<String>)> =
            self.catalog.tables.values().map(|table| (table.name.as_str(), texts(table))).collect();
        others.retain(|(_, texts)| !texts.is_empty());
        // What a trigger fires counts for what writes its table.
        let mut names = vec![table];
        let is_concerned = |names: &[&str], text: &str| names.iter().any(|name| mentions(text, name));
        loop {
            let before = others.len();
            others.retain(|(table, texts)| {
                let found = texts.iter().any(|text| is_concerned(&names, text));
                names.extend(found.then_some(*table));
                !found
            });
            if others.len() == before {
                break;
            }
        }
        let is_broken = |table: &Arc<Table>| table.triggers.iter().any(|it| it.is_broken);
        if names.len() == 1 && !self.catalog.tables.values().any(is_broken) {
            return Ok(());
        }
        let behind = self.catalog_behind(statement);
        self.follow_triggers(&behind, &names).map(|_| ())
    }

    /// Makes triggers anew whose function the statement changes, as `new` is the catalog behind it; gives what has to run first.
    /// `concerned` are the names without which a trigger stays as it is; one that only fails is always looked at.
    pub fn follow_triggers(&mut self, new: &Catalog, concerned: &[&str]) -> Result<Vec<String>> {
        let mut before = Vec::new();
        let mut tables: Vec<&Arc<Table>> =
            self.catalog.tables.values().filter(|table| table.triggers.iter().any(|it| it.created.is_some())).collect();
        tables.sort_by_key(|table| table.made);
        for table in tables {
            for trigger in &table.triggers {
                let Some(text) = trigger.created.as_deref() else { continue };
                if !trigger.is_broken && !concerned.iter().any(|name| mentions(text, name)) {
                    continue;
                }
                if self.session_only && !trigger.is_of_session && !table.schema.starts_with("pg_temp") {
                    continue;
                }
                let Some((table_behind, text_behind)) = behind(new, table, trigger) else { continue };
                // What was not understood before stays what it is.
                let Ok(old_parts) = parts(trigger, text, self.catalog, table, self.options) else { continue };
                let new_parts = parts(trigger, text_behind, new, table_behind, self.options)
                    .map_err(|refusal| of_trigger(refusal, trigger))?;
                let object = format!("{} ON {}", identifier(&trigger.stored), identifier(&table_behind.name));
                let is_remade = other_columns(&old_parts, &new_parts, table, table_behind);
                if is_remade {
                    let dropped = format!("{} ON {}", identifier(&trigger.stored), identifier(&table.name));
                    before.push(format!("DROP TRIGGER {dropped}"));
                }
                if is_remade || old_parts.function != new_parts.function || trigger.is_broken {
                    self.afterwards.push(new_parts.function);
                }
                if is_remade {
                    self.afterwards.push(new_parts.trigger);
                }
                if is_remade || text != text_behind {
                    self.afterwards.push(match trigger.is_of_session {
                        true => session_trigger::keep_text(trigger, text_behind),
                        false => comment(Kind::Trigger, &object, text_behind),
                    });
                }
            }
        }
        Ok(before)
    }
}

/// What is refused of a trigger that a statement makes anew: it is not the statement's own text that its words and place are about.
fn of_trigger(refusal: Refusal, trigger: &Trigger) -> Refusal {
    let message = format!("trigger {}, which this statement makes anew: {}", trigger.name, refusal.message);
    Refusal { message, span: Span { start: 0, end: 0 }, ..refusal }
}

/// The trigger as the new catalog has it, with its table; `None` when its table goes.
fn behind<'a>(new: &'a Catalog, table: &Table, trigger: &Trigger) -> Option<(&'a Arc<Table>, &'a str)> {
    let found = |table: &'a Arc<Table>| {
        let found = table.triggers.iter().find(|it| {
            it.name == trigger.name && it.made == trigger.made && it.is_of_session == trigger.is_of_session
        })?;
        Some((table, found.created.as_deref()?))
    };
    new.shared(&table.name).and_then(found).or_else(|| new.tables.values().find_map(found))
}

/// Whether `UPDATE OF` names other columns of PostgreSQL's: a renamed one stays the same.
fn other_columns(old: &Parts, new: &Parts, table: &Table, table_behind: &Table) -> bool {
    old.trigger != new.trigger && table.columns.len() != table_behind.columns.len()
}

/// Whether an INSERT, or the UPDATE that its ON CONFLICT may become, fires a trigger.
pub(crate) fn fired_by(insert: &Insert, event: &TriggerEvent) -> bool {
    let updates = |upsert: &Upsert| match &upsert.action {
        UpsertAction::Update { set, .. } => on_update_of(event, set),
        UpsertAction::Nothing => false,
    };
    matches!(event, TriggerEvent::Insert) || insert.upserts.iter().any(updates)
}

/// Hands the tree of a trigger's text to `walk`.
pub(super) fn with_trigger<T: Send>(text: &str, walk: impl FnOnce(&CreateTrigger) -> Result<T> + Send) -> Result<T> {
    deep::with_tree(text, |statement| match &statement.kind {
        StatementKind::CreateTrigger(create) => walk(create),
        _ => refuse("no trigger's text", statement.span, "DROP TRIGGER and create it again"),
    })?
}

fn parts(trigger: &Trigger, text: &str, catalog: &Catalog, table: &Arc<Table>, options: &Options) -> Result<Parts> {
    with_trigger(text, |create| {
        let span = Span { start: 0, end: text.len() };
        Pass::new(text, catalog, options).trigger_parts(create, table, span, trigger.is_of_session)
    })
}
