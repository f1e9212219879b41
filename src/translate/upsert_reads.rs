//! Subqueries in DO UPDATE that read what their own INSERT of several rows writes.
//!
//! SQLite computes one that depends on the row at each conflict, and others at the first one: they see the rows that are written by then.
//! PostgreSQL's see the tables as they were; what a volatile function runs sees what has been written.

use std::collections::BTreeSet;

use super::ast::*;
use super::broken_trigger::fired_by;
use super::catalog::Table;
use super::each_row::updated_by;
use super::edits::Piece;
use super::effects::{Fired, is_of_one_row, tables_read};
use super::handed::{can_be_handed, chosen, has_two_texts, member};
use super::names::fold;
use super::own_rows::{Reader, subqueries, tables_named};
use super::pass::{Pass, Result, refuse};
use super::rules;
use crate::syntax::Span;

/// What such subqueries need.
#[derive(Debug, Default)]
pub(crate) struct UpsertReads {
    /// One row after the other.
    pub each: bool,
    /// Those that are computed at the first conflict.
    pub once: Vec<Span>,
}

const HELP: &str = "write the rows one by one";

impl Pass<'_> {
    /// To be asked ahead of the INSERT's scopes, its WITH done. In a trigger's body NEW and OLD may stand in them.
    pub fn upsert_reads(&self, insert: &Insert, table: &Table, several: bool) -> Result<UpsertReads> {
        let mut found = Vec::new();
        let mut rest = Vec::new();
        for upsert in insert.upserts.iter().filter(|_| several && !self.in_trigger && !table.is_view) {
            let UpsertAction::Update { set, where_clause } = &upsert.action else { continue };
            for (value, columns) in set
                .iter()
                .map(|assignment| (&assignment.value, assignment.columns.len()))
                .chain(where_clause.iter().map(|condition| (condition, 1)))
            {
                rest.push(value.span);
                let mut held = Vec::new();
                subqueries(value, &mut held);
                found.extend(held.into_iter().map(|(expr, select)| (expr, select, columns)));
            }
        }
        let mut given = UpsertReads::default();
        if found.is_empty() {
            return Ok(given);
        }
        let fired = Fired::of(self.catalog, table, |event| fired_by(insert, event));
        let fired = fired.with_all_actions(self.catalog, table, false, &updated_by(insert));
        let behind: BTreeSet<String> = fired.after.writes.union(&fired.before.writes).cloned().collect();
        let own = fold(&table.name);
        let reads = |text: &str| {
            let read = tables_read(self.catalog, text);
            read.contains(&own) || !read.is_disjoint(&behind)
        };
        let common = || insert.with.iter().flat_map(|with| &with.tables);
        let reads_common = common().any(|common| reads(self.source(common.select.span)));
        for (expr, select, columns) in found {
            let text = self.source(expr.span);
            let names_common = || common().any(|common| tables_named(text, &fold(&common.name.text)) > 0);
            let is_seen = reads(text) || reads_common && names_common();
            if !is_seen {
                continue;
            }
            given.each |= !tables_read(self.catalog, text).is_disjoint(&behind);
            if self.depends_on_row(select, table) {
                let mut reader = Reader::new(self, table, insert.with.as_ref(), rest.clone(), &reads);
                reader.read(select, matches!(expr.kind, ExprKind::Exists { .. }));
                if reader.once {
                    let words = "DO UPDATE of several rows, whose subquery reads once what it writes for each row";
                    return refuse(words, expr.span, HELP);
                }
                given.each |= reader.each_row;
            } else if matches!(expr.kind, ExprKind::In { .. }) || columns > 1 || names_common() {
                let words = "DO UPDATE of several rows with such a subquery, which reads what they write";
                return refuse(words, expr.span, HELP);
            } else {
                given.once.push(expr.span);
            }
        }
        Ok(given)
    }

    /// Refuses a REPLACE of several rows that reads what replacing a row changes by foreign keys' actions: SQLite reads while it writes,
    /// but where the table itself is read or has a trigger.
    pub fn replace_reads(&self, insert: &Insert, table: &Table) -> Result<()> {
        let InsertSource::Select(source) = &insert.source else { return Ok(()) };
        let is_sorted = match &source.body.first.kind {
            SelectCoreKind::Select(core) => !core.group_by.is_empty() || core.distinct == Some(Distinct::Distinct),
            SelectCoreKind::Values(_) => false,
        };
        if self.is_read_ahead(source) {
            return Ok(());
        }
        let waits = table.triggers.iter().any(|trigger| trigger.events.insert) || self.options.flags.foreign_keys_off;
        if table.acting_keys.is_empty()
            || waits
            || is_sorted
            || !source.order_by.is_empty()
            || !source.body.compounds.is_empty()
        {
            return Ok(());
        }
        let spans = insert.with.iter().map(|with| with.span).chain([source.span]);
        let read: BTreeSet<String> = spans.flat_map(|span| tables_read(self.catalog, self.source(span))).collect();
        let actions = Fired::default().with_all_actions(self.catalog, table, true, &[]);
        if read.contains(&fold(&table.name)) || actions.after.writes.is_disjoint(&read) {
            return Ok(());
        }
        let words = "a REPLACE of several rows that reads what its foreign keys' actions change";
        refuse(words, source.span, "copy the rows into a temporary table first")
    }

    /// Whether all that a query reads is read ahead of its second row, or there is none.
    fn is_read_ahead(&self, source: &Select) -> bool {
        let is_one = |expr: &Expr| self.source(expr.span).trim() == "1";
        if source.limit.as_ref().is_some_and(|limit| is_one(&limit.limit)) {
            return true;
        }
        match &source.body.first.kind {
            SelectCoreKind::Values(rows) => {
                let rest = rows.iter().skip(1).flat_map(|row| &row.values);
                source.body.compounds.is_empty()
                    && rest.into_iter().all(|value| tables_read(self.catalog, self.source(value.span)).is_empty())
            }
            SelectCoreKind::Select(core) => match &core.from {
                None => true,
                Some(from) => match &from.first.kind {
                    TableRefKind::Table { name, .. } if from.joins.is_empty() && name.schema.is_none() => {
                        let table = self.catalog.table(&name.name.text);
                        table.is_some_and(|table| is_of_one_row(table, core.where_clause.as_ref()))
                    }
                    _ => false,
                },
            },
        }
    }

    /// Makes those that are computed once calls of `sqlift.seen_once`; behind all else that is done to them.
    pub fn seen_once(&mut self, reads: &UpsertReads) -> Result<()> {
        for (index, span) in reads.once.iter().copied().enumerate() {
            self.note(&rules::writes::UPSERT_READS, span);
            let (query, parameters) = self.handed_query(span, "", false);
            if !can_be_handed(&parameters) {
                return refuse("an array in DO UPDATE, beside a subquery that reads the table", span, HELP);
            }
            let wide = has_two_texts(&parameters).then(|| self.handed_query(span, "", true).0);
            let mut pieces: Vec<Piece> = vec![format!("(SELECT sqlift.seen_once('{index}', ").into()];
            pieces.extend(chosen(query, wide, &parameters));
            pieces.push(", ARRAY[".into());
            for (index, slot) in parameters.iter().enumerate() {
                pieces.push(if index == 0 { "" } else { ", " }.into());
                pieces.extend(member(slot));
            }
            // What is never computed tells the type.
            pieces.push("]::text[], ARRAY[CASE WHEN false THEN (".into());
            pieces.push(span.into());
            pieces.push(") END]))".into());
            self.edits.replace(span, pieces);
        }
        Ok(())
    }
}
