//! RAISE(FAIL): the statement stops at the row of the trigger that raises it, and what it did before stays
//! (sqlite.org/lang_createtrigger.html#raise).
//!
//! A statement of several rows is tried whole. Where such a trigger raises, it is run again row by row, and stops there.

use super::ast::*;
use super::catalog::Table;
use super::effects::is_of_one_row;
use super::insert::gives_several_rows;
use super::pass::{Pass, Result, refuse};
use crate::syntax::Span;

/// What `sqlift.raise_fail` raises.
const RAISED: &[&str] = &["SL008"];

/// Whether RAISE(FAIL) stands in a trigger's text.
pub(super) fn raises_fail(text: &str) -> bool {
    text.split_whitespace().collect::<String>().to_ascii_lowercase().contains("raise(fail")
}

impl Pass<'_> {
    pub fn insert_may_stop(&mut self, insert: &Insert, table: &Table) -> Result<()> {
        let clause = !matches!(insert.or, None | Some(ConflictAction::Abort | ConflictAction::Rollback));
        let several = gives_several_rows(insert);
        let updates = !insert.upserts.is_empty();
        self.may_stop(table, (true, updates, false), several, clause || updates, insert.verb)
    }

    pub fn update_may_stop(&mut self, update: &Update, table: &Table) -> Result<()> {
        let clause = !matches!(update.or, None | Some(ConflictAction::Abort | ConflictAction::Rollback));
        let several = update.from.is_some() || !is_of_one_row(table, update.where_clause.as_ref());
        self.may_stop(table, (false, true, false), several, clause, update.verb)
    }

    pub fn delete_may_stop(&mut self, delete: &Delete, table: &Table) -> Result<()> {
        let several = !is_of_one_row(table, delete.where_clause.as_ref());
        self.may_stop(table, (false, false, true), several, false, delete.table.span)
    }

    /// Whether a trigger may stop a statement of several rows in their midst.
    fn may_stop(
        &mut self,
        table: &Table,
        (insert, update, delete): (bool, bool, bool),
        several: bool,
        has_clause: bool,
        place: Span,
    ) -> Result<()> {
        if self.in_trigger || !several {
            return Ok(());
        }
        let stops = table.triggers.iter().find(|trigger| {
            let events = trigger.events;
            let fires = insert && events.insert || update && events.update || delete && events.delete;
            fires && trigger.created.as_deref().is_some_and(raises_fail)
        });
        match stops {
            Some(trigger) if has_clause => refuse(
                format!("a conflict clause over several rows beside trigger {}, which raises FAIL", trigger.name),
                place,
                "write the rows one by one",
            ),
            Some(_) => {
                self.stops = true;
                self.row_by_row_on = RAISED;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether the statement is run again because a trigger has stopped it.
    pub fn is_stopping(&self) -> bool {
        self.stops && self.row_by_row
    }
}
