//! INSERT that names the rowid and the INTEGER PRIMARY KEY both: SQLite takes the last of the two.

use super::ast::*;
use super::names::fold;
use super::pass::{Pass, Result, refuse};
use super::scope::is_rowid_name;
use crate::syntax::Span;

impl Pass<'_> {
    /// The statement without the column and the values that do not count; `None` where nothing is named twice.
    pub fn without_twin_key(&mut self, insert: &Insert) -> Result<Option<Insert>> {
        let Some(table) = self.catalog.table(&insert.table.name.text) else { return Ok(None) };
        let Some(key) = table.rowid_column() else { return Ok(None) };
        let is_key = |name: &Name| {
            fold(&name.text) == key.name || table.column(&name.text).is_none() && is_rowid_name(&name.text)
        };
        let mut places = insert.columns.iter().enumerate().filter(|(_, name)| is_key(name)).map(|(place, _)| place);
        let (Some(at), Some(_)) = (places.next(), places.next()) else { return Ok(None) };
        let width = insert.columns.len();
        let mut shorter = insert.clone();
        let InsertSource::Select(select) = &mut shorter.source else { return Ok(None) };
        let mut unneeded: Vec<Span> = vec![up_to(insert.columns[at].span, insert.columns[at + 1].span)];
        match &mut select.body.first.kind {
            _ if !select.body.compounds.is_empty() => return self.key_is_twice(insert, at),
            SelectCoreKind::Values(rows) => {
                for row in rows.iter_mut().filter(|row| row.values.len() == width) {
                    unneeded.push(up_to(row.values[at].span, row.values[at + 1].span));
                    row.values.remove(at);
                }
            }
            SelectCoreKind::Select(simple) => {
                let is_star = |column: &ResultColumn| {
                    matches!(column.kind, ResultColumnKind::Star | ResultColumnKind::TableStar(_))
                };
                if simple.distinct.is_some() || simple.columns.len() != width || simple.columns.iter().any(is_star) {
                    return self.key_is_twice(insert, at);
                }
                unneeded.push(up_to(simple.columns[at].span, simple.columns[at + 1].span));
                simple.columns.remove(at);
            }
        }
        shorter.columns.remove(at);
        unneeded.into_iter().for_each(|span| self.edits.delete(span));
        Ok(Some(shorter))
    }

    fn key_is_twice<T>(&self, insert: &Insert, at: usize) -> Result<T> {
        let words = "the rowid and the INTEGER PRIMARY KEY in one INSERT of these rows";
        refuse(words, insert.columns[at].span, "name one of them")
    }
}

/// From one item of a list to the next.
fn up_to(from: Span, next: Span) -> Span {
    Span { start: from.start, end: next.start }
}
