//! CREATE TRIGGER: a plpgsql function and a row trigger that calls it.

use std::sync::Arc;

use super::ast::*;
use super::broken_trigger::{is_found_late, when_fired, with_trigger};
use super::catalog::{Table, Trigger};
use super::effects::is_its_row;
use super::fts::FullText;
use super::names::{fold, identifier, quote_literal, trigger_function};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::schema::schema_table_name;
use super::scope::{NamedRow, Scope, Source};
use super::session_trigger;
use super::trigger_body::Body;
use super::trigger_order::{moment, stored_name};
use super::update_of::heard_columns;
use crate::syntax::Span;

/// A trigger on PostgreSQL.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    /// The trigger's name there.
    pub stored: String,
    /// The statements that make it.
    pub function: String,
    pub trigger: String,
    /// What stands behind the function's name.
    pub definition: String,
    /// `AFTER UPDATE OF a`.
    pub moment: String,
    /// What is added to the condition of a [session's own](super::session_trigger).
    pub condition: &'static str,
}

impl Pass<'_> {
    /// What has to run first; the trigger itself takes the statement's place. `None` when it is there already.
    pub fn create_trigger(&mut self, create: &CreateTrigger, span: Span) -> Result<Option<Vec<String>>> {
        if let Some(schema) = &create.name.schema {
            if create.temporary {
                return sqlite_error("temporary trigger may not have qualified name", create.name.span, None);
            }
            self.own_schema(schema)?;
        }
        if schema_table_name(&create.table.text).is_some() {
            return sqlite_error("cannot create trigger on system table", create.table.span, None);
        }
        if self.catalog.table(&create.table.text).is_none() {
            let schema = if create.is_temporary() { "" } else { "main." };
            let message = format!("no such table: {schema}{}", create.table.text);
            return sqlite_error(message, create.table.span, Some("no-such-table"));
        }
        let table =
            self.target_table(&QualifiedName { span: create.table.span, schema: None, name: create.table.clone() })?;
        if FullText::of(&table).is_some() {
            return sqlite_error("cannot create triggers on virtual tables", create.table.span, None);
        }
        if table.name.starts_with("sqlite_") {
            return sqlite_error("cannot create trigger on system table", create.table.span, None);
        }
        let name = fold(&create.name.name.text);
        self.not_reserved(&create.name.name)?;
        match (create.time, table.is_view) {
            (Some(TriggerTime::InsteadOf), false) => {
                let message = format!("cannot create INSTEAD OF trigger on table: {}", create.table.text);
                return sqlite_error(message, create.table.span, None);
            }
            (Some(TriggerTime::After), true) | (Some(TriggerTime::Before) | None, true) => {
                let time = if create.time == Some(TriggerTime::After) { "AFTER" } else { "BEFORE" };
                let message = format!("cannot create {time} trigger on view: {}", create.table.text);
                return sqlite_error(message, create.table.span, None);
            }
            _ => {}
        }
        let of_session = session_trigger::is_of_session(create, &table, self.options.in_memory);
        // A name is the schema's, and so is the function of that name.
        if self.has_trigger(&name, &table, of_session) {
            if create.if_not_exists {
                return Ok(None);
            }
            return sqlite_error(format!("trigger {} already exists", create.name.name.text), create.name.span, None);
        }
        not_its_own_row(create, &table)?;
        keeps_no_writes(create, &table, span.text(self.sql))?;
        self.note(&rules::schema::TRIGGERS, create.name.span);
        let parts = self.trigger_parts(create, &table, span, of_session)?;
        if of_session {
            self.note(&rules::schema::TEMPORARY_TRIGGERS, create.name.span);
            self.make_session_trigger(create, &table, &parts, span)?;
            return Ok(Some(Vec::new()));
        }
        self.edits.replace_text(span, parts.trigger);
        let object = format!("{} ON {}", identifier(&parts.stored), identifier(&table.name));
        self.remember("TRIGGER", "TRIGGER", &object, create.name.name.span, span);
        self.follow_writers(&table.name, span)?;
        Ok(Some(vec![parts.function]))
    }

    /// What a trigger is on PostgreSQL. SQLite looks at the names in the body when the trigger fires: one that is about names
    /// that are not there only fails, until they are.
    pub fn trigger_parts(
        &mut self,
        create: &CreateTrigger,
        table: &Arc<Table>,
        span: Span,
        of_session: bool,
    ) -> Result<Parts> {
        let name = fold(&create.name.name.text);
        let in_pg_temp = table.schema.starts_with("pg_temp");
        let is_temporary = of_session || in_pg_temp && !self.options.in_memory;
        let Body { declarations, text: body } = match self.body_in_scope(create, table, span) {
            Ok(body) => body,
            Err(refusal) if is_found_late(&refusal) => {
                self.fired.rule(&rules::schema::BROKEN_TRIGGERS);
                self.ignores_rows = false;
                let message = when_fired(refusal.message, is_temporary);
                let text = format!("PERFORM sqlift.broken_trigger({});\n", quote_literal(&message));
                Body { text, ..Body::default() }
            }
            Err(refusal) => return Err(refusal),
        };
        let declarations = if declarations.is_empty() { declarations } else { format!("DECLARE\n{declarations}") };
        let is_it = |trigger: &&Trigger| trigger.name == name && trigger.is_of_session == of_session;
        let stored = match table.triggers.iter().find(is_it) {
            Some(trigger) => trigger.stored.clone(),
            // The server gives it a name.
            None if of_session => String::new(),
            None => stored_name(table, create, &create.name.name)?,
        };
        let function = match of_session {
            true => identifier(&stored),
            false => {
                let schema = if self.options.in_memory || in_pg_temp { "pg_temp." } else { "" };
                format!("{schema}{}", identifier(&trigger_function(&name)))
            }
        };
        let time = match create.time {
            None | Some(TriggerTime::Before) => "BEFORE",
            Some(TriggerTime::After) => "AFTER",
            Some(TriggerTime::InsteadOf) => "INSTEAD OF",
        };
        let mut never = false;
        let event = match &create.event {
            // Those of a view have no columns there; its UPDATEs look at them.
            TriggerEvent::Update { .. } if time == "INSTEAD OF" => "UPDATE".to_owned(),
            TriggerEvent::Delete => "DELETE".to_owned(),
            TriggerEvent::Insert => "INSERT".to_owned(),
            TriggerEvent::Update { of } if of.is_empty() => "UPDATE".to_owned(),
            TriggerEvent::Update { of } => {
                // SQLite takes columns that are not there: nothing updates them.
                let columns = heard_columns(of, table).into_iter().map(|column| identifier(&column.name));
                let columns: Vec<String> = columns.collect();
                match columns.is_empty() {
                    true => {
                        never = true;
                        "UPDATE".to_owned()
                    }
                    false => format!("UPDATE OF {}", columns.join(", ")),
                }
            }
        };
        let result = match (time, &create.event) {
            ("AFTER", _) => "NULL",
            (_, TriggerEvent::Delete) => "OLD",
            _ => "NEW",
        };
        let ignores = self.ignores_rows;
        if ignores {
            let writes = create.body.iter().any(super::trigger_body::writes);
            if writes || time == "AFTER" {
                return refuse(
                    "RAISE(IGNORE) in an AFTER trigger, or beside statements that write",
                    span,
                    "write a BEFORE trigger that only checks",
                );
            }
        }
        // Two of one name may start each other.
        let schema = if is_temporary { "temp." } else { "" };
        let guard = quote_literal(&format!("sqlift.running_{}", setting_name(&format!("{schema}{name}"))));
        // SQLite does not start a trigger that is running already, unless recursive_triggers is on.
        let body = match ignores {
            true => format!(
                "BEGIN\n{body}EXCEPTION WHEN SQLSTATE 'SL001' THEN\n\
                 PERFORM pg_catalog.set_config({guard}, '', true);\nRETURN NULL;\nEND;\n"
            ),
            false => body,
        };
        let replacing = match &create.event {
            TriggerEvent::Delete => {
                let key = table.rowid_column().filter(|_| !table.is_view);
                let row = key.map_or(String::new(), |key| format!(", OLD.{}::text", identifier(&key.name)));
                format!("IF sqlift.is_replacing(TG_RELID{row}) THEN RETURN {result}; END IF;\n")
            }
            _ => String::new(),
        };
        let leaving_out = match time {
            "BEFORE" if create.event != TriggerEvent::Delete => {
                "IF pg_catalog.current_setting('sqlift.leaving_out', true) <> '' \
                 AND sqlift.leaves_out(TG_RELID, TG_NAME, TG_OP) THEN RETURN NULL; END IF;\n"
            }
            _ => "",
        };
        let session = match (of_session, time) {
            (false, _) => String::new(),
            // A condition is for tables alone.
            (true, "INSTEAD OF") => {
                format!("IF NOT sqlift.runs_temp_trigger(TG_RELID, TG_NAME, TG_OP) THEN RETURN {result}; END IF;\n")
            }
            // The session has lost its settings, or the table was renamed by another one.
            (true, _) => format!(
                "IF coalesce(pg_catalog.strpos(TG_NAME, '.' || pg_catalog.current_setting('sqlift.temp_triggers', true) || '['), 0) = 0 \
                 OR TG_TABLE_NAME <> {} THEN RETURN {result}; END IF;\n",
                quote_literal(&table.name)
            ),
        };
        let definition = format!(
            "RETURNS trigger LANGUAGE plpgsql AS $sqlift$\n\
             #variable_conflict use_column\n\
             {declarations}\
             BEGIN\n\
             {session}\
             IF pg_catalog.current_setting({guard}, true) = 'on' AND {NOT_RECURSIVE} THEN RETURN {result}; END IF;\n\
             {replacing}\
             PERFORM pg_catalog.set_config({guard}, 'on', true);\n\
             {body}\
             PERFORM pg_catalog.set_config({guard}, '', true);\n\
             {leaving_out}\
             RETURN {result};\n\
             END $sqlift$"
        );
        if body.contains("$sqlift$") {
            return refuse("a trigger body with $sqlift$ in it", span, "write that text another way");
        }
        let moment = format!("{time} {event}");
        let condition = if never { " AND false" } else { "" };
        let trigger = match of_session {
            true => session_trigger::attach(table, &stored, &moment, condition),
            false => format!(
                "CREATE TRIGGER {} {moment} ON {} FOR EACH ROW {}EXECUTE FUNCTION {function}()",
                identifier(&stored),
                identifier(&table.name),
                if never { "WHEN (false) " } else { "" }
            ),
        };
        let function = format!("CREATE OR REPLACE FUNCTION {function}() {definition}");
        Ok(Parts { stored, function, trigger, definition, moment, condition })
    }

    /// The body, where NEW and OLD are what the event has of them.
    pub(super) fn body_in_scope(&mut self, create: &CreateTrigger, table: &Arc<Table>, span: Span) -> Result<Body> {
        self.no_parameters = Some("trigger bodies");
        self.in_trigger = true;
        let mut rows = Vec::new();
        if !matches!(create.event, TriggerEvent::Insert) {
            rows.push(row("old", table));
        }
        if !matches!(create.event, TriggerEvent::Delete) {
            rows.push(row("new", table));
        }
        self.scopes.push(Scope { sources: rows, ..Scope::default() });
        let body = self.trigger_body(create, span);
        self.scopes.pop();
        body
    }

    /// `RAISE(ABORT, 'message')` as an expression.
    pub fn raise(
        &mut self,
        expr: &Expr,
        action: Option<ConflictAction>,
        message: Option<&Expr>,
    ) -> Result<super::types::Typed> {
        if !self.in_trigger {
            return sqlite_error("RAISE() may only be used within a trigger-program", expr.span, None);
        }
        self.raises.push(expr.span);
        match (action, message) {
            (Some(ConflictAction::Fail), Some(message)) if self.only_checks() => {
                let mut typed = self.value(message)?;
                self.as_text(message, &mut typed)?;
                self.edits.replace(expr.span, ["sqlift.raise_fail(".into(), message.span.into(), ")".into()]);
                Ok(super::types::Typed::new(super::types::Type::Null))
            }
            (Some(ConflictAction::Fail), Some(_)) => refuse(
                "RAISE(FAIL): it keeps what the trigger and its row changed before, which PostgreSQL undoes",
                expr.span,
                "write RAISE(ABORT, ...), or a BEFORE trigger that only checks",
            ),
            (Some(ConflictAction::Abort), Some(message)) => {
                let mut typed = self.value(message)?;
                self.as_text(message, &mut typed)?;
                self.edits.replace(expr.span, ["sqlift.raise_abort(".into(), message.span.into(), ")".into()]);
                Ok(super::types::Typed::new(super::types::Type::Null))
            }
            (Some(ConflictAction::Rollback), Some(message)) => {
                let mut typed = self.value(message)?;
                self.as_text(message, &mut typed)?;
                self.edits.replace(expr.span, ["sqlift.raise_rollback(".into(), message.span.into(), ")".into()]);
                Ok(super::types::Typed::new(super::types::Type::Null))
            }
            (Some(ConflictAction::Ignore), None) => {
                self.ignores_rows = true;
                self.edits.replace_text(expr.span, "sqlift.raise_ignore()");
                Ok(super::types::Typed::new(super::types::Type::Null))
            }
            _ => sqlite_error("RAISE() needs an action and a message", expr.span, None),
        }
    }

    /// What raises, or else is NULL, is text to PostgreSQL.
    pub fn raising_is_text(&self, expr: &Expr, typed: &mut super::types::Typed) {
        if typed.ty == super::types::Type::Null && self.raises_within(expr.span) {
            typed.ty = super::types::Type::Text;
        }
    }

    /// The same beside a value of this type, of which it becomes one.
    pub fn raising_as(&mut self, ty: super::types::Type, expr: &Expr, typed: &mut super::types::Typed) {
        if typed.ty == super::types::Type::Null
            && self.raises_within(expr.span)
            && let Some(name) = ty.name()
        {
            self.edits.wrap(expr.span, "(", format!(")::{name}"));
            *typed = super::types::Typed::new(ty);
        }
    }

    /// Whether a RAISE stands there: what it is part of is no NULL that could be written instead.
    pub fn raises_within(&self, span: Span) -> bool {
        self.raises.iter().any(|raise| span.start <= raise.start && raise.end <= span.end)
    }
}

/// Told by the statement that fires the trigger: [`super::clause::told`].
const NOT_RECURSIVE: &str = "pg_catalog.current_setting('sqlift.recursive_triggers', true) IS DISTINCT FROM 'on'";

/// PostgreSQL lets no BEFORE trigger write the row that is about to be written; SQLite's documentation leaves open what comes
/// of it.
fn not_its_own_row(create: &CreateTrigger, table: &Table) -> Result<()> {
    if !matches!(create.time, None | Some(TriggerTime::Before)) || create.event == TriggerEvent::Insert {
        return Ok(());
    }
    for statement in &create.body {
        let (name, condition) = match &statement.kind {
            StatementKind::Update(update) => (&update.table.name, &update.where_clause),
            StatementKind::Delete(delete) => (&delete.table.name, &delete.where_clause),
            _ => continue,
        };
        if name.text.eq_ignore_ascii_case(&table.name) && is_its_row(table, condition.as_ref()) {
            let message = "a BEFORE trigger that writes the row which its statement is about to write";
            return refuse(message, statement.span, "make it an AFTER trigger");
        }
    }
    Ok(())
}

/// What other BEFORE triggers wrote for the row of a RAISE(FAIL) would stay on SQLite.
fn keeps_no_writes(create: &CreateTrigger, table: &Table, text: &str) -> Result<()> {
    if !matches!(create.time, None | Some(TriggerTime::Before)) {
        return Ok(());
    }
    let (_, events) = moment(create);
    let writes = |trigger: &Trigger| {
        let text = trigger.created.as_deref().unwrap_or_default();
        with_trigger(text, |create| Ok(create.body.iter().any(super::trigger_body::writes))).unwrap_or(true)
    };
    let fails = super::stopping::raises_fail(text);
    let own_writes = create.body.iter().any(super::trigger_body::writes);
    let beside = |other: &&Trigger| other.time == TriggerTime::Before && other.events.meet(events);
    let clashes = |other: &Trigger| {
        fails && writes(other) || own_writes && other.created.as_deref().is_some_and(super::stopping::raises_fail)
    };
    match table.triggers.iter().filter(beside).find(|other| clashes(other)) {
        Some(other) => refuse(
            format!("RAISE(FAIL) beside a BEFORE trigger that writes, {}", other.name),
            create.name.span,
            "write RAISE(ABORT, ...), or let an AFTER trigger write",
        ),
        None => Ok(()),
    }
}

fn row(name: &str, table: &Arc<Table>) -> Source {
    let mut source = Source::of_table(name, table);
    source.printed = name.into();
    source.named_row = Some(NamedRow::Trigger);
    source
}

/// A custom setting's name takes letters, digits and underscores.
fn setting_name(trigger: &str) -> String {
    trigger
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}", u32::from(c)) })
        .collect()
}
