//! UPDATE and DELETE of several rows whose triggers show in which order the rows come: by the rowid, as SQLite visits them.
//!
//! PostgreSQL visits them as they lie in the heap. Mostly that is the same order: one look at the rows tells, and the plain statement
//! does it. Where updates have moved some, the rows are found by the index of their key, one after the other, in one statement still.
//! An UPDATE that breaks a unique key is tried again so: SQLite's may free each value before the next row takes it.

use std::sync::Arc;

use super::Slot;
use super::ast::*;
use super::catalog::Table;
use super::edits::Piece;
use super::effects::{Fired, is_of_one_row};
use super::handed::{InRow, can_be_handed, chosen, has_two_texts, member};
use super::names::{identifier, quote_literal};
use super::pass::Pass;
use super::rules;
use super::scope::{Source, is_rowid_name};
use crate::syntax::Span;

/// What of an UPDATE or DELETE does its work.
struct Write<'w> {
    table: &'w Table,
    source: &'w Source,
    condition: Option<&'w Expr>,
    span: Span,
    /// However the rows lie.
    always: bool,
}

impl Write<'_> {
    /// The table, as the statement calls it.
    fn named(&self) -> String {
        let name = identifier(&self.table.name);
        if *self.source.name == *self.table.name { name } else { format!("{name} AS {}", self.source.printed) }
    }
}

impl Pass<'_> {
    /// Makes an UPDATE of several rows visit them in their order where its triggers show it, or where it is run again for a broken
    /// key; inside its scope, behind its values and condition.
    pub fn update_in_key_order(
        &mut self,
        update: &Update,
        table: &Arc<Table>,
        source: &Source,
        fired: Option<&Fired>,
        span: Span,
    ) -> bool {
        let shows_order = fired.is_some_and(Fired::show_order);
        let always = !shows_order && self.row_by_row;
        let sets_key = || {
            let names = update.set.iter().flat_map(|assignment| &assignment.columns);
            let key = table.rowid_column().map(|key| key.name.as_str());
            names.into_iter().any(|name| is_rowid_name(&name.text) || Some(name.text.to_lowercase().as_str()) == key)
        };
        let is_plain = update.with.is_none()
            && update.from.is_none()
            && update.returning.is_none()
            && matches!(update.or, None | Some(ConflictAction::Abort | ConflictAction::Rollback));
        let Some(values) =
            super::effects::values_of(update).filter(|_| is_plain && (shows_order || always) && !sets_key())
        else {
            return false;
        };
        let write = Write { table, source, condition: update.where_clause.as_ref(), span, always };
        let statement = |pass: &mut Self, wide, parameters: &mut Vec<Slot>| {
            let row = InRow { width: 1, classes: &pass.options.parameter_classes, wide };
            let set = pass.edits.render_in_row(pass.sql, values, row, parameters).text;
            format!("UPDATE {} SET {set}", write.named())
        };
        let mut parameters = Vec::new();
        let text = statement(self, false, &mut parameters);
        let wide = has_two_texts(&parameters).then(|| statement(self, true, &mut Vec::new()));
        self.in_key_order(&write, text, wide, &parameters)
    }

    /// The same of a DELETE.
    pub fn delete_in_key_order(&mut self, delete: &Delete, table: &Arc<Table>, source: &Source, span: Span) -> bool {
        let runs = !table.triggers.is_empty() || table.watched.delete;
        let is_plain = delete.with.is_none() && delete.returning.is_none();
        if !runs || !is_plain || is_of_one_row(table, delete.where_clause.as_ref()) {
            return false;
        }
        let fired = Fired::of(self.catalog, table, |event| matches!(event, TriggerEvent::Delete));
        if !fired.with_actions(self.catalog, table, true, &[]).show_order() {
            return false;
        }
        let write = Write { table, source, condition: delete.where_clause.as_ref(), span, always: false };
        let statement = format!("DELETE FROM {}", write.named());
        self.in_key_order(&write, statement, None, &[])
    }

    /// `statement` is what writes the rows, without their condition; `wide` as in [`super::handed`].
    fn in_key_order(
        &mut self,
        write: &Write<'_>,
        statement: String,
        wide: Option<String>,
        parameters: &[Slot],
    ) -> bool {
        let Some(key) = write.table.rowid_column().filter(|_| !self.in_trigger && !self.stops && !write.table.is_view)
        else {
            return false;
        };
        let is_random = |condition: &Expr| self.source(condition.span).to_ascii_lowercase().contains("random");
        if !can_be_handed(parameters) || write.condition.is_some_and(is_random) {
            return false;
        }
        self.note(&rules::writes::KEY_ORDER, write.span);
        let key = format!("{}.{}", write.source.printed, identifier(&key.name));
        let place = format!("{}.ctid", write.source.printed);
        let literal = |statement| quote_literal(&format!("{statement} WHERE {key} = ANY ($1[1]::bigint[])"));
        let condition: Vec<Piece> =
            write.condition.into_iter().flat_map(|condition| [" WHERE ".into(), condition.span.into()]).collect();
        let mut pieces: Vec<Piece> = Vec::new();
        if write.always {
            let rows = format!("array_agg({key} ORDER BY {key}) FROM {}", write.named());
            pieces.push(format!("WITH sqlift_new(sqlift_rows) AS MATERIALIZED (SELECT {rows}").into());
            pieces.extend(condition);
            pieces.push(")".into());
        } else {
            pieces.push(
                format!(
                    "WITH sqlift_new(sqlift_rows, sqlift_in_order) AS MATERIALIZED (\
                     SELECT array_agg(q.k ORDER BY q.k), bool_and(q.follows) IS NOT FALSE FROM (\
                     SELECT {key} AS k, {place} > lag({place}) OVER (ORDER BY {key}) AS follows FROM {}",
                    write.named()
                )
                .into(),
            );
            pieces.extend(condition);
            pieces.push(") AS q), sqlift_done AS (".into());
            let guard = "(SELECT sqlift_in_order FROM sqlift_new) RETURNING 1)";
            match write.condition {
                Some(condition) => pieces.extend([
                    Span { start: write.span.start, end: condition.span.start }.into(),
                    "(".into(),
                    condition.span.into(),
                    format!(") AND {guard}").into(),
                ]),
                None => pieces.extend([write.span.into(), format!(" WHERE {guard}").into()]),
            }
            pieces.push(" SELECT count(*), NULL::bigint FROM sqlift_done UNION ALL".into());
        }
        pieces.push(" SELECT w.changed, w.rowid FROM sqlift_new, LATERAL sqlift.write_in_order(".into());
        pieces.extend(chosen(literal(statement), wide.map(literal), parameters));
        pieces.push(", ARRAY[sqlift_new.sqlift_rows::text".into());
        for slot in parameters {
            pieces.push(", ".into());
            pieces.extend(member(slot));
        }
        pieces.push("]::text[] COLLATE \"C\") AS w".into());
        if !write.always {
            pieces.push(" WHERE NOT sqlift_new.sqlift_in_order".into());
        }
        self.writes_rows = true;
        self.edits.replace(write.span, pieces);
        true
    }
}
