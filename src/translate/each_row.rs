//! Statements of several rows whose triggers see each other's rows: one row after the other, each with its triggers behind it,
//! as SQLite runs them.

use std::sync::Arc;

use super::ast::*;
use super::broken_trigger::{fired_by, with_trigger};
use super::catalog::Table;
use super::edits::Piece;
use super::effects::{Fired, Reading, is_of_one_row, values_of};
use super::handed::{InRow, can_be_handed, has_two_texts};
use super::names::{fold, identifier};
use super::own_rows::OwnRows;
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::row_by_row::{Mode, NewRows, RowWrite, written_row};
use super::rules;
use super::scope::{Scope, Source};
use super::types::Columns;
use super::update_of::on_update_of;
use crate::syntax::Span;

/// Why an UPDATE is done row by row.
#[derive(Debug)]
pub(crate) struct Each {
    fired: Fired,
    own_rows: OwnRows,
}

const SEEN: &str = "of several rows whose triggers see each other's";

impl Pass<'_> {
    /// Whether the rows of an INSERT have to be written one after the other for their triggers.
    pub fn inserts_each(&self, insert: &Insert, table: &Table, several: bool) -> bool {
        let replaces = insert.or == Some(ConflictAction::Replace);
        let updated = updated_by(insert);
        let acts = replaces && table.watched.delete || !updated.is_empty() && table.watched.update;
        let runs = several && !table.is_view && (!table.triggers.is_empty() || acts);
        // The write of one row is a text of its own, which knows nothing of the NEW and OLD around it.
        let is_alone = !self.in_trigger || insert.upserts.is_empty();
        let fired = || {
            let fired = Fired::of(self.catalog, table, |event| fired_by(insert, event));
            fired.with_actions(self.catalog, table, replaces, &updated)
        };
        runs && is_alone && fired().see_rows(table)
    }

    /// Whether BEFORE triggers of a REPLACE look at the rows that it deletes. A trigger that runs already cannot delete them.
    pub fn reads_replaced(&self, insert: &Insert, table: &Table) -> bool {
        let replaces = insert.or == Some(ConflictAction::Replace) && !self.in_trigger && !table.is_view;
        if !replaces || table.triggers.is_empty() {
            return false;
        }
        let before = Fired::of(self.catalog, table, |event| matches!(event, TriggerEvent::Insert)).before;
        let own = fold(&table.name);
        before.own_row || before.reads.contains(&own) || before.writes.contains(&own)
    }

    /// The triggers of an UPDATE that has to be done row by row, for them or for what its values read.
    pub fn updates_each(&self, update: &Update, table: &Arc<Table>, source: &Source, span: Span) -> Option<Each> {
        if table.is_view || update.from.is_none() && is_of_one_row(table, update.where_clause.as_ref()) {
            return None;
        }
        let own_rows = self.own_rows(update, table);
        let shows_order = update.from.is_none() && self.returning_shows_order(update.returning.as_ref(), table);
        if own_rows == OwnRows::Unread && table.triggers.is_empty() && !table.watched.update && !shows_order {
            return None;
        }
        let replaces = update.or == Some(ConflictAction::Replace);
        let fired = Fired::of(self.catalog, table, |event| on_update_of(event, &update.set));
        let fired = fired.with_actions(self.catalog, table, replaces, &set_names(&update.set));
        let reading = self.reading(update, table, &fired);
        let sees = own_rows != OwnRows::Unread
            || matches!(reading, Reading::EachRow | Reading::Unclear)
            || fired.see_rows(table);
        let each = (sees || shows_order).then_some(Each { fired, own_rows });
        let may_be_at_once = self.in_trigger || !sees;
        each.filter(|each| !may_be_at_once || self.can_be_each(update, table, source, each, span))
    }

    /// The triggers that an UPDATE of several rows fires, when it is done at once.
    pub fn fired_by_update(&self, update: &Update, table: &Table) -> Option<Fired> {
        if table.is_view || table.triggers.is_empty() && !table.watched.update {
            return None;
        }
        let fired = Fired::of(self.catalog, table, |event| on_update_of(event, &update.set));
        Some(fired.with_actions(self.catalog, table, false, &set_names(&update.set)))
    }

    /// Whether an UPDATE of a trigger's body, or whose RETURNING shows the order, can be done row by row; one that cannot is done at once.
    fn can_be_each(&self, update: &Update, table: &Arc<Table>, source: &Source, each: &Each, span: Span) -> bool {
        let mut pass = self.scratch();
        pass.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
        pass.update_each(update, table, source, each, span).is_ok()
    }

    fn reading(&self, update: &Update, table: &Table, fired: &Fired) -> Reading {
        let known_as = update.alias.as_ref().unwrap_or(&update.table.name);
        let values = values_of(update).map_or("", |span| self.source(span));
        fired.change(self.catalog, table, &known_as.text, values)
    }

    pub fn deletes_each(&self, delete: &Delete, table: &Table) -> bool {
        let shows_order = self.returning_shows_order(delete.returning.as_ref(), table);
        let runs = !table.triggers.is_empty() || table.watched.delete;
        if table.is_view || !runs && !shows_order || self.in_trigger && table.rowid_column().is_none() {
            return false;
        }
        if is_of_one_row(table, delete.where_clause.as_ref()) {
            return false;
        }
        if shows_order {
            return true;
        }
        let fired = Fired::of(self.catalog, table, |event| matches!(event, TriggerEvent::Delete));
        fired.with_actions(self.catalog, table, true, &[]).see_rows(table)
    }

    /// An UPDATE whose triggers see its rows, inside its scope.
    pub fn update_each(
        &mut self,
        update: &Update,
        table: &Arc<Table>,
        source: &Source,
        each: &Each,
        span: Span,
    ) -> Result<Columns> {
        let fired = &each.fired;
        let words = match each.own_rows {
            OwnRows::Unread => format!("UPDATE {SEEN}"),
            _ => "UPDATE whose subqueries read rows that it has written".to_owned(),
        };
        let constant = |value: &Expr| {
            matches!(
                &peel(value).kind,
                ExprKind::Placeholder(_)
                    | ExprKind::Null
                    | ExprKind::Integer
                    | ExprKind::Float
                    | ExprKind::String(_)
                    | ExprKind::Blob(_)
            )
        };
        let writes_own = fired.write_own(table);
        let values = values_of(update);
        if each.own_rows == OwnRows::Mixed {
            let help = "leave WITH out, or update the rows one by one";
            return refuse("an UPDATE whose WITH reads once what its subqueries read for each row", update.verb, help);
        }
        let reading = match self.reading(update, table, fired) {
            Reading::Nothing | Reading::Once if each.own_rows == OwnRows::EachRow => Reading::EachRow,
            reading => reading,
        };
        if reading == Reading::Unclear || reading == Reading::Once && writes_own {
            let help = "compute the value in a statement of its own and bind it";
            return refuse(format!("{words}, and write what a subquery reads"), update.verb, help);
        }
        let is_fixed = update.set.iter().all(|assignment| constant(&assignment.value));
        if (!writes_own || is_fixed) && reading != Reading::EachRow {
            if writes_own {
                RowPlace::by_rowid(table, &words, update.verb)?;
            }
            // FAIL stops at the row that fails when the statement is tried again.
            let is_first = |or: &ConflictAction| *or == ConflictAction::Fail && !self.row_by_row;
            let action = update.or.filter(|or| !is_first(or)).unwrap_or(ConflictAction::Abort);
            return self.update_row_by_row(update, table, source, span, action, writes_own);
        }
        // The values of a row are computed when its turn comes.
        let Some(values) = values else { return Ok(Columns::new()) };
        // The values would be computed again once the rows in the way are gone.
        let replaces =
            update.or == Some(ConflictAction::Replace) && (self.row_by_row || self.sets_a_key(update, table));
        let says_twice = self.is_stopping() && update.or.is_some();
        if replaces || says_twice || update.from.is_some() || self.in_trigger {
            let help = "leave FROM and the conflict clause out, or update the rows one by one";
            return refuse(format!("{words}, and change what it computes with"), update.verb, help);
        }
        self.note(&rules::writes::ROW_BY_ROW, update.verb);
        self.assignments(&update.set, table)?;
        if let Some(condition) = &update.where_clause {
            self.condition(condition)?;
        }
        let row = match table.rowid_column() {
            None if !writes_own => RowPlace::by_place(table),
            _ => RowPlace::by_rowid(table, &words, update.verb)?,
        };
        let name = identifier(&table.name);
        let alias = if *source.name == *table.name { String::new() } else { format!(" AS {}", source.printed) };
        let statement = |pass: &mut Self, wide| {
            let mut parameters = Vec::new();
            let mut rendered = |span| {
                let row = InRow { width: 1, classes: &pass.options.parameter_classes, wide };
                pass.edits.render_in_row(pass.sql, span, row, &mut parameters).text
            };
            let with = update.with.as_ref().map_or_else(String::new, |with| rendered(with.span) + " ");
            let text = format!(
                "{with}UPDATE {name}{alias} SET {} WHERE {}.{} = $1[1]::{} RETURNING NULL::bigint{}",
                rendered(values),
                source.printed,
                row.column,
                row.data_type,
                written_row(&update.returning, &source.printed)
            );
            (text, parameters)
        };
        let (text, parameters) = statement(self, false);
        if !can_be_handed(&parameters) {
            let help = "update the rows one by one";
            return refuse(format!("an array in an {words}"), values, help);
        }
        let (mode, behind) = match update.or {
            Some(ConflictAction::Ignore) => (Mode::Ignore, vec![name.clone()]),
            Some(ConflictAction::Fail) if self.row_by_row => (Mode::Fail, self.failing_in(table)),
            _ => (self.each_mode(), Vec::new()),
        };
        let with_table = |text| [vec![text], behind.clone()].concat();
        let wide = has_two_texts(&parameters).then(|| with_table(statement(self, true).0));
        let write = RowWrite { mode, statements: with_table(text), wide, parameters };
        let rows = places(table, source, &row, update.where_clause.as_ref());
        let (returned, given) = self.returned_rows(&update.returning, table, &source.name)?;
        let rows = NewRows { columns: &["sqlift_row".to_owned()], source: rows };
        self.write_rows(table, span, update.with.as_ref(), rows, &write, returned.as_ref());
        Ok(given)
    }

    /// A DELETE whose triggers see its rows, behind its condition.
    pub fn delete_each(&mut self, delete: &Delete, table: &Arc<Table>, source: &Source, span: Span) -> Result<Columns> {
        let words = format!("DELETE {SEEN}");
        self.note(&rules::writes::ROW_BY_ROW, delete.table.span);
        let place = RowPlace::by_rowid(table, &words, delete.table.span)?;
        let name = identifier(&table.name);
        let row = written_row(&delete.returning, &name);
        let statement =
            format!("DELETE FROM {name} WHERE {} = $1[1]::bigint RETURNING NULL::bigint{row}", place.column);
        let write = RowWrite::of(self.each_mode(), vec![statement]);
        let rows = places(table, source, &place, delete.where_clause.as_ref());
        let (returned, given) = self.returned_rows(&delete.returning, table, &source.name)?;
        let rows = NewRows { columns: &["sqlift_row".to_owned()], source: rows };
        self.write_rows(table, span, delete.with.as_ref(), rows, &write, returned.as_ref());
        Ok(given)
    }

    fn each_mode(&self) -> Mode {
        if self.is_stopping() { Mode::Stop } else { Mode::Each }
    }

    /// An UPDATE of a view runs the INSTEAD OF triggers of the columns that it sets: PostgreSQL's have none.
    pub fn instead_of_columns(&self, update: &Update, view: &Table) -> Result<()> {
        let mut fire = Vec::new();
        for trigger in view.triggers.iter().filter(|trigger| trigger.events.update) {
            let Some(text) = trigger.created.as_deref() else { continue };
            fire.push(with_trigger(text, |create| Ok(on_update_of(&create.event, &update.set)))?);
        }
        if !fire.is_empty() && !fire.contains(&true) {
            let message = format!("cannot modify {} because it is a view", update.table.name.text);
            return sqlite_error(message, update.table.span, None);
        }
        if fire.contains(&false) {
            return refuse(
                format!("an UPDATE of view {} that some of its INSTEAD OF UPDATE OF triggers are not for", view.name),
                update.table.span,
                "make it one INSTEAD OF UPDATE trigger, with conditions: WHERE OLD.a IS NOT NEW.a",
            );
        }
        Ok(())
    }
}

/// The columns that the upserts of an INSERT set.
pub(crate) fn updated_by(insert: &Insert) -> Vec<&str> {
    let updated = insert.upserts.iter().flat_map(|upsert| match &upsert.action {
        UpsertAction::Update { set, .. } => set_names(set),
        UpsertAction::Nothing => Vec::new(),
    });
    updated.collect()
}

pub(crate) fn set_names(set: &[Assignment]) -> Vec<&str> {
    set.iter().flat_map(|assignment| &assignment.columns).map(|name| name.text.as_str()).collect()
}

/// What finds a row again when its turn comes.
struct RowPlace {
    column: String,
    data_type: &'static str,
    /// The columns in whose order the rows come.
    order: Vec<String>,
}

impl RowPlace {
    /// By the rowid: the triggers of other rows may have written the row.
    fn by_rowid(table: &Table, words: &str, span: Span) -> Result<RowPlace> {
        let Some(key) = table.rowid_column() else {
            return refuse(format!("{words}, of a table without a rowid"), span, "write the rows one by one");
        };
        let column = identifier(&key.name);
        Ok(RowPlace { order: vec![column.clone()], column, data_type: "bigint" })
    }

    /// Of a table WITHOUT ROWID, where nothing else writes its rows.
    fn by_place(table: &Table) -> RowPlace {
        let key = table.unique_keys.iter().find(|key| key.is_primary);
        let order = key.into_iter().flat_map(|key| key.terms()).map(|(name, _)| identifier(name)).collect();
        RowPlace { column: "ctid".to_owned(), data_type: "tid", order }
    }
}

/// The rows that a statement is about, in their order.
fn places(table: &Table, source: &Source, row: &RowPlace, condition: Option<&Expr>) -> Vec<Piece> {
    let name = identifier(&table.name);
    let alias = if *source.name == *table.name { String::new() } else { format!(" AS {}", source.printed) };
    let mut rows: Vec<Piece> = vec![format!("SELECT {}.{} FROM {name}{alias}", source.printed, row.column).into()];
    if let Some(condition) = condition {
        rows.extend([" WHERE ".into(), condition.span.into()]);
    }
    let order: Vec<String> = row.order.iter().map(|column| format!("{}.{column}", source.printed)).collect();
    if !order.is_empty() {
        rows.push(format!(" ORDER BY {}", order.join(", ")).into());
    }
    rows
}
