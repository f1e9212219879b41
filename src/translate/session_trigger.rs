//! CREATE TEMP TRIGGER on a table that is not temporary: a trigger of PostgreSQL's that does nothing in other sessions.
//! Its name and condition are made on the server: `sql/postgres/compat/temp_triggers.sql`.

use std::sync::Arc;

use super::ast::*;
use super::catalog::{Catalog, Table, Trigger};
use super::names::{fold, identifier, quote_literal};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::trigger::Parts;
use super::trigger_order::sorts_behind_temporary;
use crate::syntax::Span;

const MAKE: &str = "SELECT sqlift.make_temp_trigger(";
const DROP: &str = "SELECT sqlift.drop_temp_trigger(";

/// A regular expression: what the names of such triggers begin with on PostgreSQL, and of no others.
pub(crate) const STORED: &str = r"^\[\d+\.[0-9a-f]{12}\[";

/// Whether a translation makes or drops one.
pub(crate) fn is_about_one(sql: &str) -> bool {
    sql.starts_with(MAKE) || sql.starts_with(DROP)
}

/// Whether the statement makes one.
pub(super) fn is_of_session(create: &CreateTrigger, table: &Table, in_memory: bool) -> bool {
    create.is_temporary() && !table.schema.starts_with("pg_temp") && !in_memory
}

/// Whether SQLite has the trigger in its schema `temp`.
fn is_temporary(table: &Table, trigger: &Trigger) -> bool {
    trigger.is_of_session || table.schema.starts_with("pg_temp")
}

/// The trigger that a DROP TRIGGER means: of two with one name the temporary one.
pub(super) fn dropped<'a>(catalog: &'a Catalog, drop: &Drop, in_memory: bool) -> Option<(&'a Arc<Table>, &'a Trigger)> {
    let name = fold(&drop.name.name.text);
    let schema = drop.name.schema.as_ref().filter(|_| !in_memory);
    let found = |temporary: bool| {
        let is_it = move |table: &Table, trigger: &&Trigger| {
            trigger.name.eq_ignore_ascii_case(&name) && (in_memory || is_temporary(table, trigger) == temporary)
        };
        catalog.tables.values().find_map(|table| Some((table, table.triggers.iter().find(|it| is_it(table, it))?)))
    };
    match schema {
        Some(schema) => found.clone()(schema.is_temp()),
        None => found.clone()(true).or_else(|| found(false)),
    }
}

impl Pass<'_> {
    /// Whether SQLite's schema that the trigger would be in has one of that name.
    pub fn has_trigger(&self, name: &str, table: &Table, of_session: bool) -> bool {
        let here = of_session || table.schema.starts_with("pg_temp");
        let mut known = self.catalog.tables.values().flat_map(|table| table.triggers.iter().map(move |it| (table, it)));
        known.any(|(table, it)| is_temporary(table, it) == here && it.name.eq_ignore_ascii_case(name))
    }

    /// Makes the statement one that makes the trigger.
    pub fn make_session_trigger(
        &mut self,
        create: &CreateTrigger,
        table: &Table,
        parts: &Parts,
        span: Span,
    ) -> Result<()> {
        let name = fold(&create.name.name.text);
        if name.contains('\n') {
            return refuse(
                "a temporary trigger's name of several lines",
                create.name.name.span,
                "give it another name",
            );
        }
        if let Some(other) = table.triggers.iter().find(|other| !sorts_behind_temporary(other)) {
            let message = format!("a temporary trigger beside {}, which PostgreSQL would run first", other.name);
            return refuse(message, create.name.span, "give that one a name that begins with a letter");
        }
        let written = format!("CREATE TRIGGER {}", &self.sql[create.name.name.span.start..span.end]);
        let table_name = identifier(&table.name);
        let arguments = [&table_name, &name, &parts.moment, parts.condition, &parts.definition, &written];
        self.edits.replace_text(span, format!("{MAKE}{})", arguments.map(quote_literal).join(", ")));
        self.session_only = true;
        self.follow_writers(&table.name, span)
    }

    pub fn drop_trigger(&mut self, drop: &Drop, span: Span) -> Result<Option<Vec<String>>> {
        if let Some(schema) = &drop.name.schema {
            self.own_schema(schema)?;
        }
        match dropped(self.catalog, drop, self.options.in_memory) {
            Some((table, trigger)) => {
                let (stored, on) = (identifier(&trigger.stored), identifier(&table.name));
                let text = match trigger.is_of_session {
                    true => format!("{DROP}{}, {})", quote_literal(&on), quote_literal(&trigger.stored)),
                    false => format!("DROP TRIGGER {stored} ON {on}"),
                };
                self.session_only = trigger.is_of_session;
                self.edits.replace_text(span, text);
                self.follow_writers(&table.name, span)?;
                Ok(Some(Vec::new()))
            }
            None if drop.if_exists => Ok(None),
            None => {
                let schema = drop.name.schema.as_ref().map_or(String::new(), |schema| format!("{}.", schema.text));
                let message = format!("no such trigger: {schema}{}", drop.name.name.text);
                sqlite_error(message, drop.name.span, Some("no-such-trigger"))
            }
        }
    }
}

/// What makes a trigger anew that is there.
pub(super) fn attach(table: &Table, stored: &str, moment: &str, condition: &str) -> String {
    let arguments = [&*identifier(&table.name), stored, moment, condition].map(quote_literal);
    format!("SELECT sqlift.attach_temp_trigger({})", arguments.join(", "))
}

/// The statement that keeps the text of one.
pub(super) fn keep_text(trigger: &Trigger, text: &str) -> String {
    let kept = quote_literal(&format!("temp {}\n{text}", trigger.name));
    format!("COMMENT ON FUNCTION {}() IS {kept}", identifier(&trigger.stored))
}
