//! UPDATE and DELETE.

use std::sync::Arc;

use super::ast::*;
use super::catalog::Table;
use super::each_row::set_names;
use super::effects::{Fired, is_of_one_row};
use super::insert::Written;
use super::pass::{Pass, Result, refuse};
use super::row_by_row::is_computed;
use super::rules;
use super::scope::{Scope, Source, is_rowid_name};
use super::types::Columns;
use super::update_of::on_update_of;
use super::{ChangeCount, RowidReturn};
use crate::syntax::Span;

/// A key that rows free for each other in SQLite's order.
const BROKEN_KEY: &[&str] = &["23505"];

impl Pass<'_> {
    pub fn update(&mut self, update: &Update, span: Span) -> Result<Written> {
        if let Some(with) = &update.with {
            self.with(with, None)?;
        }
        match update.or {
            None => {}
            Some(ConflictAction::Abort) => self.edits.replace_text(update.verb, "UPDATE"),
            Some(ConflictAction::Rollback) if !self.in_trigger => {
                self.note(&rules::writes::OR_ROLLBACK, update.verb);
                self.edits.replace_text(update.verb, "UPDATE");
                self.rolls_back = true;
            }
            Some(ConflictAction::Ignore | ConflictAction::Replace | ConflictAction::Fail) => {
                self.edits.replace_text(update.verb, "UPDATE");
            }
            Some(ConflictAction::Rollback) => {
                return refuse("OR ROLLBACK inside a trigger", update.verb, "use RAISE(ABORT, 'message')");
            }
        }
        self.no_limit(&update.order_by, update.limit.as_ref())?;
        let table = self.written_to(&update.table, |takes| takes.update)?;
        self.content_is_there(&table, "UPDATE", update.table.span)?;
        self.triggers_work(&table, update.table.span, |event| on_update_of(event, &update.set))?;
        self.heard_by_name(&update.set, &table)?;
        self.conflicts_resolved_by(&table, update.or, &[], update.verb)?;
        let several = update.from.is_some() || !is_of_one_row(&table, update.where_clause.as_ref());
        let failing = self.failing_update(update, &table, several)?;
        let update = failing.as_ref().unwrap_or(update);
        let source = self.written_table(&update.table, update.alias.as_ref(), update.indexed.as_ref(), &table);
        let action = update
            .or
            .filter(|action| matches!(action, ConflictAction::Ignore | ConflictAction::Replace | ConflictAction::Fail));
        // In a body FAIL is an error like others.
        let fails = action == Some(ConflictAction::Fail) && !self.in_trigger;
        let action = action.filter(|action| *action != ConflictAction::Fail || fails);
        self.update_may_stop(update, &table)?;
        let row_by_row = action.filter(|_| {
            let sets_a_key = update.or != Some(ConflictAction::Fail) && self.sets_a_key(update, &table);
            !table.is_view && (self.row_by_row || self.in_trigger || sets_a_key)
        });
        let row_by_row = row_by_row.or(self.is_stopping().then_some(ConflictAction::Abort));
        if table.is_view {
            self.instead_of_columns(update, &table)?;
        }
        let each = self.updates_each(update, &table, &source, span);
        self.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
        let result = match (&each, row_by_row) {
            (Some(each), _) => self.update_each(update, &table, &source, each, span),
            (None, Some(action)) => self.update_row_by_row(update, &table, &source, span, action, false),
            (None, None) => self.update_body(update, &table).map(|()| Columns::new()),
        };
        let is_plain = each.is_none() && row_by_row.is_none() && result.is_ok();
        let fired = if is_plain && several { self.fired_by_update(update, &table) } else { None };
        let in_order = is_plain && several && self.update_in_key_order(update, &table, &source, fired.as_ref(), span);
        self.scopes.pop();
        let columns = result?;
        let may_wait = update.from.is_none() && matches!(update.or, None | Some(ConflictAction::Abort));
        if is_plain && several && may_wait && !self.row_by_row && !self.stops && self.sets_a_key(update, &table) {
            self.row_by_row_on = BROKEN_KEY;
        }
        if fails {
            self.row_by_row_on = &["23505", "23502", "23514"];
        }
        if row_by_row.is_some() || each.is_some() || in_order {
            return Ok(Written { columns, rowid: RowidReturn::PerRow, count: ChangeCount::Affected });
        }
        if action == Some(ConflictAction::Ignore) && update.from.is_none() {
            self.row_by_row_on = &["23502", "23514"];
        }
        if action == Some(ConflictAction::Replace) && update.from.is_none() {
            // NULL becomes the column's default.
            self.row_by_row_on = &["23502"];
        }
        self.returned(update.returning.as_ref(), source, update.from.is_some(), &table, |pass| {
            let fired = Fired::of(pass.catalog, &table, |event| on_update_of(event, &update.set));
            (fired, Fired::default().with_all_actions(pass.catalog, &table, false, &set_names(&update.set)))
        })
    }

    fn update_body(&mut self, update: &Update, table: &Table) -> Result<()> {
        if let Some(from) = &update.from {
            let contents = self.contents.len();
            let sources = self.from(from)?;
            self.read_contents(contents)?;
            self.scope().sources.extend(sources);
        }
        self.assignments(&update.set, table)?;
        if let Some(condition) = &update.where_clause {
            self.where_clause(condition)?;
        }
        Ok(())
    }

    /// Whether the assignments change a unique key, so that the order of the rows matters.
    pub fn sets_a_key(&self, update: &Update, table: &Table) -> bool {
        let names = || update.set.iter().flat_map(|assignment| &assignment.columns);
        table.unique_keys.iter().any(|key| {
            key.columns.is_empty()
                || is_computed(table, key)
                || key.columns.iter().any(|column| names().any(|name| name.text.eq_ignore_ascii_case(column)))
                || names().any(|name| is_rowid_name(&name.text))
        })
    }

    pub fn delete(&mut self, delete: &Delete, span: Span) -> Result<Written> {
        self.returns_deleted = true;
        if let Some(with) = &delete.with {
            self.with(with, None)?;
        }
        self.no_limit(&delete.order_by, delete.limit.as_ref())?;
        let table = self.written_to(&delete.table, |takes| takes.delete)?;
        self.content_is_there(&table, "DELETE", delete.table.span)?;
        self.triggers_work(&table, delete.table.span, |event| matches!(event, TriggerEvent::Delete))?;
        let source = self.written_table(&delete.table, delete.alias.as_ref(), delete.indexed.as_ref(), &table);
        self.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
        let result = match &delete.where_clause {
            Some(condition) => self.where_clause(condition),
            None => Ok(()),
        };
        self.scopes.pop();
        result?;
        self.delete_may_stop(delete, &table)?;
        if self.is_stopping() || self.deletes_each(delete, &table) {
            let columns = self.delete_each(delete, &table, &source, span)?;
            return Ok(Written { columns, rowid: RowidReturn::PerRow, count: ChangeCount::Affected });
        }
        if self.delete_in_key_order(delete, &table, &source, span) {
            return Ok(Written { columns: Columns::new(), rowid: RowidReturn::PerRow, count: ChangeCount::Affected });
        }
        self.returned(delete.returning.as_ref(), source, false, &table, |pass| {
            let fired = Fired::of(pass.catalog, &table, |event| matches!(event, TriggerEvent::Delete));
            (fired, Fired::default().with_all_actions(pass.catalog, &table, true, &[]))
        })
    }

    /// The table of an UPDATE or DELETE, under the name that the rest of the statement knows.
    fn written_table(
        &mut self,
        name: &QualifiedName,
        alias: Option<&Name>,
        indexed: Option<&Indexed>,
        table: &Arc<Table>,
    ) -> Source {
        self.table_name(name, &table.name);
        if let Some(indexed) = indexed {
            self.note(&rules::select::INDEXED_BY, indexed.span);
            self.edits.delete(indexed.span);
        }
        let mut source = Source::of_table(&table.name, table);
        if let Some(alias) = alias {
            source.call(&self.declare(alias));
        }
        source
    }

    fn no_limit(&self, order_by: &[OrderTerm], limit: Option<&Limit>) -> Result<()> {
        let span: Option<Span> = limit.map(|limit| limit.span).or(order_by.first().map(|term| term.span));
        match span {
            // As the SQLite that rusqlite brings has it.
            Some(span) => {
                let word = if order_by.is_empty() { "LIMIT" } else { "ORDER" };
                refuse(
                    format!("near \"{word}\": syntax error"),
                    span,
                    "choose the rows by their key: WHERE id IN (SELECT id ... LIMIT ...)",
                )
            }
            None => Ok(()),
        }
    }

    fn returned(
        &mut self,
        returning: Option<&Returning>,
        source: Source,
        only_table: bool,
        table: &Table,
        fired: impl FnOnce(&Self) -> (Fired, Fired),
    ) -> Result<Written> {
        let columns = match returning {
            Some(returning) => {
                let printed = source.printed.clone();
                let columns = self.returning(returning, source, only_table)?;
                self.returning_reads(returning, table, (&printed, &format!("{printed}.*")), fired)?;
                columns
            }
            None => Vec::new(),
        };
        Ok(Written { columns, rowid: RowidReturn::None, count: super::insert::counted(table) })
    }
}
