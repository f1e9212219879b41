//! CREATE TRIGGER: a plpgsql function and a row trigger that calls it.

use std::sync::Arc;

use super::ast::*;
use super::broken_trigger::{is_found_late, when_fired};
use super::catalog::Table;
use super::names::{fold, identifier, quote_literal, trigger_function};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::schema::schema_table_name;
use super::scope::{Scope, Source};
use super::trigger_body::Body;
use crate::syntax::Span;

/// A trigger's two statements on PostgreSQL.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    pub function: String,
    pub trigger: String,
}

impl Pass<'_> {
    /// The function's text; the trigger itself takes the statement's place. `None` when it is there already.
    pub fn create_trigger(&mut self, create: &CreateTrigger, span: Span) -> Result<Option<String>> {
        if let Some(schema) = &create.name.schema {
            self.own_schema(schema)?;
        }
        if self.catalog.table(&create.table.text).is_none() && schema_table_name(&create.table.text).is_none() {
            let temporary = create.temporary
                || create.name.schema.as_ref().is_some_and(|schema| schema.text.eq_ignore_ascii_case("temp"));
            let schema = if temporary { "" } else { "main." };
            let message = format!("no such table: {schema}{}", create.table.text);
            return sqlite_error(message, create.table.span, Some("no-such-table"));
        }
        let table =
            self.target_table(&QualifiedName { span: create.table.span, schema: None, name: create.table.clone() })?;
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
        if table.triggers.iter().any(|trigger| trigger.name.eq_ignore_ascii_case(&name)) {
            if create.if_not_exists {
                return Ok(None);
            }
            return sqlite_error(format!("trigger {} already exists", create.name.name.text), create.name.span, None);
        }
        self.note(&rules::schema::TRIGGERS, create.name.span);
        let parts = self.trigger_parts(create, &table, span)?;
        self.edits.replace_text(span, parts.trigger);
        let object = format!("{} ON {}", identifier(&name), identifier(&table.name));
        self.remember("TRIGGER", "TRIGGER", &object, create.name.name.span, span);
        Ok(Some(parts.function))
    }

    /// What a trigger is on PostgreSQL. SQLite looks at the names in the body when the trigger fires: one that is about names
    /// that are not there only fails, until they are.
    pub fn trigger_parts(&mut self, create: &CreateTrigger, table: &Arc<Table>, span: Span) -> Result<Parts> {
        let name = fold(&create.name.name.text);
        let Body { declarations, text: body } = match self.body_in_scope(create, table, span) {
            Ok(body) => body,
            Err(refusal) if is_found_late(&refusal) => {
                self.fired.rule(&rules::schema::BROKEN_TRIGGERS);
                self.ignores_rows = false;
                let is_temporary = table.schema.starts_with("pg_temp") && !self.options.in_memory;
                let message = when_fired(refusal.message, is_temporary);
                let text = format!("PERFORM sqlift.broken_trigger({});\n", quote_literal(&message));
                Body { text, ..Body::default() }
            }
            Err(refusal) => return Err(refusal),
        };
        let declarations = if declarations.is_empty() { declarations } else { format!("DECLARE\n{declarations}") };
        let in_pg_temp = self.options.in_memory || table.schema.starts_with("pg_temp");
        let function = format!("{}{}", if in_pg_temp { "pg_temp." } else { "" }, identifier(&trigger_function(&name)));
        let time = match create.time {
            None | Some(TriggerTime::Before) => "BEFORE",
            Some(TriggerTime::After) => "AFTER",
            Some(TriggerTime::InsteadOf) => "INSTEAD OF",
        };
        let mut never = "";
        let event = match &create.event {
            TriggerEvent::Delete => "DELETE".to_owned(),
            TriggerEvent::Insert => "INSERT".to_owned(),
            TriggerEvent::Update { of } if of.is_empty() => "UPDATE".to_owned(),
            TriggerEvent::Update { of } => {
                // SQLite takes columns that are not there: nothing updates them.
                let known = of.iter().filter_map(|column| table.column(&column.text));
                let columns: Vec<String> = known.map(|column| identifier(&column.name)).collect();
                match columns.is_empty() {
                    true => {
                        never = "WHEN (false) ";
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
        let guard = quote_literal(&format!("sqlift.running_{}", setting_name(&name)));
        // SQLite does not start a trigger that is running already: recursive_triggers is off.
        let body = match ignores {
            true => format!(
                "BEGIN\n{body}EXCEPTION WHEN SQLSTATE 'SL001' THEN\n\
                 PERFORM pg_catalog.set_config({guard}, '', true);\nRETURN NULL;\nEND;\n"
            ),
            false => body,
        };
        let replacing = match &create.event {
            TriggerEvent::Delete => format!("IF sqlift.is_replacing(TG_RELID) THEN RETURN {result}; END IF;\n"),
            _ => String::new(),
        };
        let text = format!(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $sqlift$\n\
             #variable_conflict use_column\n\
             {declarations}\
             BEGIN\n\
             IF pg_catalog.current_setting({guard}, true) = 'on' THEN RETURN {result}; END IF;\n\
             {replacing}\
             PERFORM pg_catalog.set_config({guard}, 'on', true);\n\
             {body}\
             PERFORM pg_catalog.set_config({guard}, '', true);\n\
             RETURN {result};\n\
             END $sqlift$"
        );
        if body.contains("$sqlift$") {
            return refuse("a trigger body with $sqlift$ in it", span, "write that text another way");
        }
        let trigger = format!(
            "CREATE TRIGGER {} {time} {event} ON {} FOR EACH ROW {never}EXECUTE FUNCTION {function}()",
            identifier(&name),
            identifier(&table.name)
        );
        Ok(Parts { function: text, trigger })
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
        match (action, message) {
            (Some(ConflictAction::Fail), Some(_)) => refuse(
                "RAISE(FAIL): it keeps what the statement changed before, which PostgreSQL undoes with the statement",
                expr.span,
                "write RAISE(ABORT, ...), and statements of one row each where the rows before should stay",
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
}

fn row(name: &str, table: &Arc<Table>) -> Source {
    let mut source = Source::of_table(name, table);
    source.printed = name.into();
    source.by_name_only = true;
    source
}

/// A custom setting's name takes letters, digits and underscores.
fn setting_name(trigger: &str) -> String {
    trigger
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}", u32::from(c)) })
        .collect()
}
