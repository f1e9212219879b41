//! Subqueries in RETURNING that read what their statement writes.
//!
//! SQLite computes the results of a row behind its write: a subquery sees that row and those ahead (sqlite.org/lang_returning.html).
//! PostgreSQL's sees the tables as they were; what a volatile function runs sees what has been written.

use super::Slot;
use super::ast::*;
use super::catalog::Table;
use super::edits::Piece;
use super::effects::{Fired, tables_read};
use super::handed::{InRow, can_be_handed, chosen, has_two_texts, member};
use super::names::{fold, quote_literal};
use super::pass::{Pass, Result, refuse};
use super::rules;
use crate::syntax::Span;

impl Pass<'_> {
    /// Whether a result depends on which rows of the table are written by then, and not on what triggers and foreign keys' actions
    /// write.
    pub fn reads_own_rows(&self, returning: &Returning, table: &Table) -> bool {
        let read = tables_read(self.catalog, self.source(returning.span));
        let is_apart = || {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let fired = Fired::of(self.catalog, table, |_| true).with_all_actions(self.catalog, table, true, &columns);
            fired.before.writes.is_disjoint(&read) && fired.after.writes.is_disjoint(&read)
        };
        read.contains(&fold(&table.name)) && !table.has_key_actions && is_apart()
    }

    /// The same of an UPDATE or DELETE of several rows that can go by the rowid.
    pub fn returning_shows_order(&self, returning: Option<&Returning>, table: &Table) -> bool {
        !self.in_trigger
            && table.rowid_column().is_some()
            && returning.is_some_and(|returning| self.reads_own_rows(returning, table))
    }

    /// Makes such results calls of `sqlift.seen`; behind [`Pass::returning`], whose source is `printed`, `row` what gives its row.
    /// `fired` tells what triggers and what foreign keys' actions do: AFTER triggers come behind RETURNING.
    pub fn returning_reads(
        &mut self,
        returning: &Returning,
        table: &Table,
        (printed, row): (&str, &str),
        fired: impl FnOnce(&Self) -> (Fired, Fired),
    ) -> Result<()> {
        if tables_read(self.catalog, self.source(returning.span)).is_empty() {
            return Ok(());
        }
        let (triggers, actions) = fired(self);
        let own = fold(&table.name);
        for column in &returning.columns {
            let ResultColumnKind::Expr { expr, .. } = &column.kind else { continue };
            let read = tables_read(self.catalog, self.source(expr.span));
            if read.iter().any(|name| *name != own && actions.after.writes.contains(name)) {
                let words = "a subquery in RETURNING that reads what foreign keys' actions write";
                return refuse(words, expr.span, "ask for it afterwards");
            }
            if !read.contains(&own) && triggers.before.writes.is_disjoint(&read) {
                continue;
            }
            self.note(&rules::writes::RETURNING_READS, expr.span);
            let from = format!(" FROM (SELECT ($2).*) AS {printed}");
            let (query, parameters) = self.handed_query(expr.span, &from, false);
            if !can_be_handed(&parameters) {
                let words = "an array in RETURNING, beside a subquery that reads the table";
                return refuse(words, expr.span, "ask for it in a statement afterwards");
            }
            let wide = has_two_texts(&parameters).then(|| self.handed_query(expr.span, &from, true).0);
            let mut pieces: Vec<Piece> = vec!["(sqlift.seen(".into()];
            pieces.extend(chosen(query, wide, &parameters));
            pieces.push(", ARRAY[".into());
            for (index, slot) in parameters.iter().enumerate() {
                pieces.push(if index == 0 { "" } else { ", " }.into());
                pieces.extend(member(slot));
            }
            // What is never computed tells the type.
            pieces.push(format!("]::text[], {row}, ARRAY[CASE WHEN false THEN (").into());
            pieces.push(expr.span.into());
            pieces.push(") END]))".into());
            self.edits.replace(expr.span, pieces);
        }
        Ok(())
    }
    /// The query of a value, as a literal, and the parameters that it finds in `$1`; `from` is its FROM.
    pub fn handed_query(&mut self, value: Span, from: &str, wide: bool) -> (String, Vec<Slot>) {
        let mut parameters = Vec::new();
        let row = InRow { width: 0, classes: &self.options.parameter_classes, wide };
        let rendered = self.edits.render_in_row(self.sql, value, row, &mut parameters);
        (quote_literal(&format!("SELECT ARRAY[{}]{from}", rendered.text)), parameters)
    }
}
