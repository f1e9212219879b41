//! UPDATE OF: SQLite compares the names in it with those behind SET, PostgreSQL the columns that they mean.

use super::ast::*;
use super::broken_trigger::with_trigger;
use super::catalog::{Column, Table};
use super::pass::{Pass, Result, refuse};
use super::scope::is_rowid_name;

/// Whether an UPDATE of these columns fires the trigger.
pub(crate) fn on_update_of(event: &TriggerEvent, set: &[Assignment]) -> bool {
    let is_set = |name: &Name| names(set).any(|set| set.text.eq_ignore_ascii_case(&name.text));
    matches!(event, TriggerEvent::Update { of } if of.is_empty() || of.iter().any(is_set))
}

/// The columns that PostgreSQL's UPDATE OF has to name. No UPDATE names a generated one, which PostgreSQL would hear with what it is
/// made of, and the integer key is not heard by the name of the rowid.
pub(super) fn heard_columns<'t>(of: &[Name], table: &'t Table) -> Vec<&'t Column> {
    let hidden = |name: &Name| table.hidden_rowid.as_ref().filter(|_| is_rowid_name(&name.text));
    let columns = of.iter().filter_map(|name| table.column(&name.text).or_else(|| hidden(name)));
    columns.filter(|column| !column.is_generated).collect()
}

impl Pass<'_> {
    /// Refuses `SET rowid = ...` where a trigger hears the key by another of its names alone, or by this one.
    pub fn heard_by_name(&self, set: &[Assignment], table: &Table) -> Result<()> {
        let is_alias = |name: &&Name| is_rowid_name(&name.text) && table.column(&name.text).is_none();
        let (Some(alias), Some(key), false) = (names(set).find(is_alias), table.rowid_column(), table.is_view) else {
            return Ok(());
        };
        for trigger in table.triggers.iter().filter(|trigger| trigger.events.update) {
            let Some(text) = trigger.created.as_deref() else { continue };
            let (by_name, by_column) = with_trigger(text, |create| {
                let TriggerEvent::Update { of } = &create.event else { return Ok((false, false)) };
                let is_set = |column: &Column| {
                    column.name == key.name || names(set).any(|name| name.text.eq_ignore_ascii_case(&column.name))
                };
                let by_column = of.is_empty() || heard_columns(of, table).into_iter().any(is_set);
                Ok((on_update_of(&create.event, set), by_column))
            })?;
            if by_name != by_column {
                return refuse(
                    format!("SET {} beside trigger {}, which hears the key by its name", alias.text, trigger.name),
                    alias.span,
                    format!("write SET {}, and name it so in UPDATE OF", key.name),
                );
            }
        }
        Ok(())
    }
}

fn names(set: &[Assignment]) -> impl Iterator<Item = &Name> {
    set.iter().flat_map(|assignment| &assignment.columns)
}
