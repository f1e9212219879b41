//! INSERT and REPLACE: targets, upserts, the row id that comes back.

use std::sync::Arc;

use super::ast::*;
use super::broken_trigger::fired_by;
use super::catalog::{Column, Table, Writes};
use super::each_row::updated_by;
use super::edits::Piece;
use super::effects::Fired;
use super::names::{fold, identifier, quote_literal};
use super::own_fail::keeps_writes_ahead;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::row_by_row::{NewRows, keys_met};
use super::rules;
use super::scope::{NamedRow, Scope, Source, is_rowid_name};
use super::select::{Place, Taken};
use super::shown_order::FiringRow;
use super::types::Columns;
use super::types::Type;
use super::types::type_name;
use super::upsert_reads::UpsertReads;
use super::{ChangeCount, RowidReturn};
use crate::syntax::Span;

pub(crate) use super::assign::Target;

/// What a write gives back.
pub(crate) struct Written {
    pub columns: Columns,
    pub rowid: RowidReturn,
    pub count: ChangeCount,
}

impl Pass<'_> {
    pub fn target_table(&self, name: &QualifiedName) -> Result<Arc<Table>> {
        let span = name.span;
        self.own_table(name.schema.as_ref(), &name.name.text, span)?;
        match self.catalog.shared(&name.name.text) {
            Some(table) => Ok(Arc::clone(table)),
            None => {
                if let Some(name) = super::schema::schema_table_name(&name.name.text) {
                    return sqlite_error(format!("table {name} may not be modified"), span, None);
                }
                sqlite_error(format!("no such table: {}", name.shown()), name.span, Some("no-such-table"))
            }
        }
    }

    /// In a trigger's body, where nobody reads what an INSERT returns: moves the table's numbering past the largest id.
    fn moves_past_ids(&self, table: &Table) -> Option<String> {
        let key = table.rowid_column().filter(|key| self.in_trigger && key.is_identity)?;
        let largest = format!("(SELECT max({}) FROM {})", identifier(&key.name), identifier(&table.name));
        Some(format!("PERFORM {}{largest});\n", seen_rowid(&table.name, &key.name)))
    }

    /// The table of a write; SQLite writes to views through INSTEAD OF triggers alone, PostgreSQL to simple ones itself.
    pub fn written_to(&mut self, name: &QualifiedName, taken: fn(Writes) -> bool) -> Result<Arc<Table>> {
        let table = self.target_table(name)?;
        self.not_broken(&table, name.span)?;
        if self.options.flags.case_sensitive_like {
            self.writes_no_like(&table, name.span)?;
        }
        if table.is_view && !taken(table.takes) {
            return sqlite_error(
                format!("cannot modify {} because it is a view", name.name.text),
                name.span,
                Some("no-such-trigger"),
            );
        }
        self.stored.table = Some(Arc::clone(&table));
        Ok(table)
    }

    pub fn insert(&mut self, insert: &Insert, span: Span) -> Result<Written> {
        if let Some(shorter) = self.without_twin_key(insert)? {
            return self.insert(&shorter, span);
        }
        let common_tables = self.common_tables.len();
        if let Some(with) = &insert.with {
            if let InsertSource::Select(select) = &insert.source {
                self.common_table_in_order(with, select, select.order_by.is_empty(), Taken::Written);
            }
            self.with(with, None)?;
        }
        let table = self.written_to(&insert.table, |takes| takes.insert)?;
        self.triggers_work(&table, insert.table.span, |event| fired_by(insert, event))?;
        self.table_name(&insert.table, &table.name);
        let mut known_as = table.name.clone();
        if let Some(alias) = &insert.alias {
            known_as = self.declare(alias);
        }
        self.resolves_conflicts |=
            !insert.upserts.is_empty() || !matches!(insert.or, None | Some(ConflictAction::Abort));
        let replace = match insert.or {
            None => false,
            Some(ConflictAction::Replace) => true,
            Some(ConflictAction::Abort) => {
                self.edits.replace_text(insert.verb, "INSERT");
                false
            }
            Some(ConflictAction::Ignore) => {
                self.note(&rules::writes::OR_IGNORE, insert.verb);
                self.edits.replace_text(insert.verb, "INSERT");
                false
            }
            Some(ConflictAction::Fail) => {
                self.edits.replace_text(insert.verb, "INSERT");
                false
            }
            Some(ConflictAction::Rollback) if !self.in_trigger => {
                self.note(&rules::writes::OR_ROLLBACK, insert.verb);
                self.edits.replace_text(insert.verb, "INSERT");
                self.rolls_back = true;
                false
            }
            Some(ConflictAction::Rollback) => {
                return refuse("OR ROLLBACK inside a trigger", insert.verb, "use RAISE(ABORT, 'message')");
            }
        };
        self.conflicts_resolved_by(&table, insert.or, &insert.upserts, insert.verb)?;
        let mut targets = self.targets(insert, &table)?;
        let several_rows = gives_several_rows(insert);
        let failing = self.failing_insert(insert, &table, several_rows)?;
        let insert = failing.as_ref().unwrap_or(insert);
        let reads = self.upsert_reads(insert, &table, several_rows)?;
        if replace && several_rows {
            self.replace_reads(insert, &table)?;
        }
        let each = reads.each || self.inserts_each(insert, &table, several_rows);
        self.insert_may_stop(insert, &table)?;
        let row_by_row = each
            || self.row_by_row
            || replace
                && (replaces_by_row(&table, &targets)
                    || self.reads_replaced(insert, &table)
                    || table.acts_on_itself
                    || self.options.flags.recursive_triggers && table.runs_on_delete)
            || self.needs_row_by_row(insert, &table, &targets);
        let in_values = !replace && !row_by_row && values_rows(insert).is_some();
        for target in &mut targets {
            target.default_word = in_values;
            target.cast = replace || row_by_row;
        }
        let gives_key = targets.iter().any(|target| target.identity_of.is_some());
        if gives_key {
            self.fired.rule(&rules::writes::EXPLICIT_ID);
            self.chosen_ids = self.moves_past_ids(&table);
        }
        self.several_rows = several_rows;
        match &insert.source {
            InsertSource::DefaultValues(_) if replace || row_by_row => {
                return refuse("a conflict clause with DEFAULT VALUES", insert.verb, "use INSERT");
            }
            InsertSource::DefaultValues(_) => {}
            InsertSource::Select(select) => {
                let shows =
                    || !table.triggers.is_empty() || (FiringRow { rowid: None }).shows_in_insert(insert, &table);
                self.written_in_order.extend(Some(select.span).filter(|_| !table.is_view && shows()));
                self.insert_source(select, &targets, &table)?;
            }
        }
        if !insert.upserts.is_empty()
            && match insert.or {
                Some(ConflictAction::Ignore | ConflictAction::Replace) => true,
                Some(ConflictAction::Fail) => several_rows,
                _ => false,
            }
        {
            return refuse(
                "OR IGNORE, OR REPLACE or OR FAIL together with ON CONFLICT",
                insert.verb,
                "use one of them",
            );
        }
        if row_by_row {
            if insert.or == Some(ConflictAction::Fail) {
                self.row_by_row_on = &["23505", "23502", "23514"];
            }
            let written = self.insert_row_by_row(insert, &table, &targets, (&known_as, &reads), gives_key, span);
            self.common_tables.truncate(common_tables);
            return written;
        }
        if matches!(insert.or, Some(ConflictAction::Ignore)) {
            self.edits.wrap(source_span(&insert.source), "", " ON CONFLICT DO NOTHING");
        }
        let may_update = self.upserts(insert, &table, &targets, (&known_as, &reads))?;
        let mut written = self.insert_returning(insert, &table, &known_as, gives_key, may_update, span)?;
        if replace {
            self.replace(insert, &table, &targets, span, &mut written)?;
        }
        if insert.or == Some(ConflictAction::Fail) && several_rows && self.in_trigger {
            return refuse(
                "OR FAIL of several rows here",
                insert.verb,
                "use INSERT OR ABORT, which undoes the whole statement",
            );
        }
        if !table.is_view && !self.stops {
            self.row_by_row_on = match insert.or {
                Some(ConflictAction::Ignore) => &["23502", "23514"],
                Some(ConflictAction::Replace) if several_rows => &["23505"],
                Some(ConflictAction::Fail) if several_rows || keeps_writes_ahead(insert, &table) => {
                    &["23505", "23502", "23514"]
                }
                None if several_rows && may_update => &["21000"],
                _ => &[],
            };
        }
        self.common_tables.truncate(common_tables);
        Ok(written)
    }

    fn insert_row_by_row(
        &mut self,
        insert: &Insert,
        table: &Arc<Table>,
        targets: &[Target],
        (known_as, reads): (&str, &UpsertReads),
        gives_key: bool,
        span: Span,
    ) -> Result<Written> {
        self.note(&rules::writes::ROW_BY_ROW, insert.verb);
        self.upserts(insert, table, targets, (known_as, reads))?;
        let hidden = hidden_rowid(table, gives_key).unwrap_or_else(|| "NULL::bigint".to_owned());
        let write = self.insert_of_row(insert, table, targets, known_as, &hidden)?;
        let InsertSource::Select(source) = &insert.source else { return refuse("DEFAULT VALUES", span, "use INSERT") };
        let columns: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
        let rows = match insert.or {
            Some(ConflictAction::Replace) => or_defaults(source.span, targets),
            _ => vec![source.span.into()],
        };
        let (returned, given) = self.returned_rows(&insert.returning, table, known_as)?;
        let rows = NewRows { columns: &columns, source: rows };
        self.write_rows(table, span, insert.with.as_ref(), rows, &write, returned.as_ref());
        if !gives_key {
            self.catch_up_identity = table.rowid_column().filter(|key| key.is_identity).map(|key| catch_up(table, key));
        }
        Ok(Written { columns: given, rowid: RowidReturn::PerRow, count: ChangeCount::Affected })
    }

    fn targets(&mut self, insert: &Insert, table: &Table) -> Result<Vec<Target>> {
        if insert.columns.is_empty() {
            let given = |column: &Column| !column.is_generated && super::fts::is_shown(&column.name);
            let columns: Vec<_> = table.columns.iter().filter(|column| given(column)).collect();
            let all = columns.len() == table.columns.len() && table.hidden_rowid.is_none();
            if !all && !matches!(insert.source, InsertSource::DefaultValues(_)) {
                self.fired.rule(&rules::rowids::HIDDEN_ROWID);
                let after = insert.alias.as_ref().map_or(insert.table.span, |alias| alias.span);
                self.edits.wrap(after, "", format!("({})", list(columns.iter().map(|column| column.name.as_str()))));
            }
            return Ok(columns.into_iter().map(|column| Target::of(table, column)).collect());
        }
        let mut targets = Vec::new();
        for name in &insert.columns {
            let column = self.target_column(table, name, false)?;
            targets.push(column);
        }
        Ok(targets)
    }

    /// A column that is written to; its name is respelled.
    pub fn target_column(&mut self, table: &Table, name: &Name, is_update: bool) -> Result<Target> {
        let found = table.column(&name.text).or_else(|| table.rowid_column().filter(|_| is_rowid_name(&name.text)));
        let Some(column) = found else {
            let message = match is_update {
                true => format!("no such column: {}", name.text),
                false => format!("table {} has no column named {}", table.shown(), name.text),
            };
            return sqlite_error(message, name.span, Some("no-such-target"));
        };
        if column.is_generated {
            let words = if is_update { "UPDATE" } else { "INSERT into" };
            return sqlite_error(format!("cannot {words} generated column \"{}\"", name.text), name.span, None);
        }
        self.rename(name, &column.name.clone());
        Ok(Target::of(table, column))
    }

    /// Whether a DO UPDATE is among them.
    fn upserts(
        &mut self,
        insert: &Insert,
        table: &Arc<Table>,
        targets: &[Target],
        (known_as, reads): (&str, &UpsertReads),
    ) -> Result<bool> {
        let mut may_update = false;
        for upsert in &insert.upserts {
            if table.is_view {
                return sqlite_error("cannot UPSERT a view", upsert.span, None);
            }
            let source = Source::of_table(known_as, table);
            self.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
            let target = self.conflict_target(upsert, table);
            self.scopes.pop();
            target?;
            let UpsertAction::Update { .. } = &upsert.action else { continue };
            may_update = true;
            if upsert.target.is_empty() && insert.upserts.len() == 1 {
                self.only_key(upsert, table, targets)?;
            }
            let mut excluded = Source::of_table("excluded", table);
            excluded.named_row = Some(NamedRow::Excluded);
            self.fired.rule(&rules::writes::UPSERT_NAMES);
            let scope = Scope { sources: vec![excluded, source], qualify: true, ..Scope::default() };
            self.upsert_set(upsert, table, scope)?;
        }
        self.seen_once(reads)?;
        Ok(may_update)
    }

    pub fn assignments(&mut self, set: &[Assignment], table: &Table) -> Result<()> {
        for (index, assignment) in set.iter().enumerate() {
            // Of several assignments to one column SQLite takes the last; PostgreSQL refuses them.
            if let ([name], Some(next)) = (assignment.columns.as_slice(), set.get(index + 1)) {
                let again =
                    |later: &Assignment| later.columns.iter().any(|other| other.text.eq_ignore_ascii_case(&name.text));
                if set[index + 1..].iter().any(again) {
                    self.fired.rule(&rules::writes::ASSIGNMENT);
                    self.edits.delete(Span { start: assignment.span.start, end: next.span.start });
                    continue;
                }
            }
            let mut targets = Vec::new();
            for name in &assignment.columns {
                targets.push(self.target_column(table, name, true)?);
            }
            match (&assignment.value.kind, targets.as_slice()) {
                (_, [target]) if !assignment.row => {
                    let mut target = target.clone();
                    let key = target.identity_of.take();
                    self.assign(&assignment.value, &target)?;
                    if let Some(table) = key {
                        // The next id is one more than the largest.
                        self.fired.rule(&rules::writes::EXPLICIT_ID);
                        self.edits.wrap(assignment.value.span, seen_rowid(&table, &target.name), ")");
                    }
                }
                (ExprKind::Row(values), _) if values.len() == targets.len() => {
                    for (value, target) in values.iter().zip(&targets) {
                        self.assign(value, target)?;
                    }
                }
                (ExprKind::Subquery(select), _) => {
                    // PostgreSQL makes text of a subquery's NULL.
                    targets.iter_mut().for_each(|target| target.cast = true);
                    let columns = self.assigned_select(select, &targets)?;
                    self.first_row(select, assignment.value.span);
                    if columns.len() != targets.len() {
                        return sqlite_error(
                            format!("{} columns assigned {} values", targets.len(), columns.len()),
                            assignment.span,
                            None,
                        );
                    }
                }
                (ExprKind::Parenthesized(inner), [target]) => {
                    self.assign(inner, target)?;
                }
                _ => return sqlite_error("row value misused", assignment.span, None),
            }
        }
        Ok(())
    }

    fn insert_returning(
        &mut self,
        insert: &Insert,
        table: &Arc<Table>,
        known_as: &str,
        gives_key: bool,
        may_update: bool,
        span: Span,
    ) -> Result<Written> {
        // There it would be the new row's.
        self.several_rows = true;
        let columns = match &insert.returning {
            Some(returning) => {
                let source = Source::of_table(known_as, table);
                let printed = source.printed.clone();
                let columns = self.returning(returning, source, false)?;
                let replaces = insert.or == Some(ConflictAction::Replace);
                self.returning_reads(returning, table, (&printed, &format!("{printed}.*")), |pass| {
                    let fired = Fired::of(pass.catalog, table, |event| fired_by(insert, event));
                    (fired, Fired::default().with_all_actions(pass.catalog, table, replaces, &updated_by(insert)))
                })?;
                columns
            }
            None => Vec::new(),
        };
        let hidden = hidden_rowid(table, gives_key).filter(|_| !self.in_trigger || self.body_asks_rowid());
        if !gives_key {
            self.catch_up_identity = table.rowid_column().filter(|key| key.is_identity).map(|key| catch_up(table, key));
        }
        let Some(mut hidden) = hidden else {
            return Ok(Written { columns, rowid: RowidReturn::None, count: counted(table) });
        };
        let rowid = if may_update {
            hidden.push_str(", (xmax = 0)");
            RowidReturn::LastColumnIfInserted
        } else {
            RowidReturn::LastColumn
        };
        self.fired.rule(&rules::writes::ROWID_RETURN);
        match &insert.returning {
            Some(returning) => self.edits.wrap(returning.span, "", format!(", {hidden}")),
            None => self.edits.wrap(span, "", format!(" RETURNING {hidden}")),
        }
        Ok(Written { columns, rowid, count: ChangeCount::Affected })
    }

    /// RETURNING sees the table alone, under its own name; `only_table` when PostgreSQL's `*` would see more.
    pub fn returning(&mut self, returning: &Returning, source: Source, only_table: bool) -> Result<Columns> {
        let source = source.by_own_name();
        let (printed, has_hidden) = (source.printed.clone(), source.hidden_at.is_some());
        if let Some(star) =
            returning.columns.iter().find(|column| matches!(column.kind, ResultColumnKind::TableStar(_)))
        {
            return sqlite_error("RETURNING may not use \"TABLE.*\" wildcards", star.span, None);
        }
        self.scopes.push(Scope { sources: vec![source], qualify: only_table, is_returned: true, ..Scope::default() });
        self.grouped_results = false;
        let columns = self.result_columns(&returning.columns, Place::Returned, false);
        self.scopes.pop();
        let listed = columns.as_ref().is_ok_and(|columns| columns.iter().any(|(_, typed)| typed.ty == Type::Any));
        if only_table && !has_hidden && !listed {
            for column in &returning.columns {
                if column.kind == ResultColumnKind::Star {
                    self.edits.replace_text(column.span, format!("{printed}.*"));
                }
            }
        }
        columns
    }

    /// Deletes the rows that any unique key meets, then inserts: one statement of three steps.
    fn replace(
        &mut self,
        insert: &Insert,
        table: &Table,
        targets: &[Target],
        span: Span,
        written: &mut Written,
    ) -> Result<()> {
        let help = "use INSERT ... ON CONFLICT (key) DO UPDATE";
        let own = identifier(&table.name);
        let conditions: Vec<String> = keys_met(table, targets)
            .unwrap_or_default()
            .into_iter()
            .map(|key| {
                let equal = key.terms().into_iter().map(|(column, collation)| {
                    let column = identifier(column);
                    let [old, new] = [&*own, "sqlift_new"].map(|row| collation.folded(&format!("{row}.{column}")));
                    format!("{old} = {new}")
                });
                equal.collect::<Vec<_>>().join(" AND ")
            })
            .collect();
        if targets.iter().any(|target| Type::from(target.data_type) == Type::Native(super::catalog::ColumnType::Other))
        {
            return refuse("REPLACE into a column of this PostgreSQL type", insert.verb, help);
        }
        let InsertSource::Select(source) = &insert.source else { return Ok(()) };
        let name = identifier(&table.name);
        let columns = list(targets.iter().map(|target| target.name.as_str()));
        let mut pieces: Vec<Piece> = Vec::new();
        match &insert.with {
            Some(with) => pieces.extend([with.span.into(), ", ".into()]),
            None => pieces.push("WITH ".into()),
        }
        let defaults = targets.iter().any(|target| target.default.is_some());
        if conditions.is_empty() && !defaults {
            self.edits.replace_text(insert.verb, "INSERT");
            return Ok(());
        }
        self.note(&rules::writes::OR_REPLACE, insert.verb);
        pieces.push(format!("sqlift_new({columns}) AS (").into());
        pieces.extend(or_defaults(source.span, targets));
        let alias =
            insert.alias.as_ref().map(|alias| format!(" AS {}", identifier(&fold(&alias.text)))).unwrap_or_default();
        let rows = format!("INSERT INTO {name}{alias}({columns}) SELECT {columns} FROM sqlift_new");
        pieces.push(match conditions.as_slice() {
            [] => format!(") {rows}").into(),
            conditions => {
                let matched = super::row_by_row::quietly(table, super::row_by_row::any_of(conditions));
                format!(
                    "), sqlift_old AS (DELETE FROM {name} USING sqlift_new WHERE {matched} RETURNING 1) \
                     {rows} WHERE (SELECT count(*) FROM sqlift_old) >= 0"
                )
                .into()
            }
        });
        let gives_key = targets.iter().any(|target| target.identity_of.is_some());
        let hidden = hidden_rowid(table, gives_key).filter(|_| written.rowid != RowidReturn::None);
        match (&insert.returning, hidden) {
            // What is to come back already carries the hidden column.
            (Some(returning), _) => pieces.extend([" ".into(), returning.span.into()]),
            (None, Some(hidden)) => pieces.push(format!(" RETURNING {hidden}").into()),
            (None, None) => {}
        }
        self.edits.replace(span, pieces);
        Ok(())
    }
}

/// Whether REPLACE looks at one row after the other: a trigger may leave it out, or only the server knows what is in its way.
fn replaces_by_row(table: &Table, targets: &[Target]) -> bool {
    table.leaves_rows_out || keys_met(table, targets).is_none()
}

/// The rows that OR REPLACE writes: NULL in a NOT NULL column is the column's default.
fn or_defaults(rows: Span, targets: &[Target]) -> Vec<Piece> {
    if targets.iter().all(|target| target.default.is_none()) {
        return vec![rows.into()];
    }
    let value = |target: &Target| {
        let name = identifier(&target.name);
        match (&target.default, type_name(target.data_type)) {
            (Some(default), Some(own)) => format!("coalesce({name}::{own}, {default})"),
            (Some(default), None) => format!("coalesce({name}, {default})"),
            (None, _) => name,
        }
    };
    let values: Vec<String> = targets.iter().map(value).collect();
    let columns = list(targets.iter().map(|target| target.name.as_str()));
    vec![
        format!("SELECT {} FROM (", values.join(", ")).into(),
        rows.into(),
        format!(") AS sqlift_given({columns})").into(),
    ]
}

/// What moves a table's numbering past an id, up to the id and the parenthesis behind it.
fn seen_rowid(table: &str, key: &str) -> String {
    format!("sqlift.seen_rowid({}, {}, ", quote_literal(&identifier(table)), quote_literal(key))
}

/// What gives an inserted row's id back, and moves the identity past one that the program chose.
fn hidden_rowid(table: &Table, gives_key: bool) -> Option<String> {
    let key = table.rowid_column().filter(|_| !table.is_view)?;
    let name = identifier(&key.name);
    Some(match gives_key && key.is_identity {
        true => format!("{}{name})", seen_rowid(&table.name, &key.name)),
        false => name,
    })
}

/// SQLite does not count what a view's triggers do.
pub(crate) fn counted(table: &Table) -> ChangeCount {
    if table.is_view && table.schema != "sqlift" { ChangeCount::None } else { ChangeCount::Affected }
}

/// Moves the identity past the largest id, which it can be behind when rows came in past it: by COPY, or in native SQL.
fn catch_up(table: &Table, key: &Column) -> String {
    let (table, column) = (identifier(&table.name), identifier(&key.name));
    let sequence =
        format!("pg_catalog.pg_get_serial_sequence({}, {})", quote_literal(&table), quote_literal(&key.name));
    format!(
        "SELECT pg_catalog.setval({sequence}, ids.largest) FROM (SELECT max({column}) AS largest FROM {table}) AS ids \
         WHERE ids.largest > COALESCE(pg_catalog.pg_sequence_last_value({sequence}), 0)"
    )
}

fn source_span(source: &InsertSource) -> Span {
    match source {
        InsertSource::DefaultValues(span) => *span,
        InsertSource::Select(select) => select.span,
    }
}

/// Whether an INSERT may write more than one row.
pub(super) fn gives_several_rows(insert: &Insert) -> bool {
    match &insert.source {
        InsertSource::Select(select) => {
            values_rows(insert).map_or(!super::select::gives_one_row(select), |rows| rows > 1)
        }
        InsertSource::DefaultValues(_) => false,
    }
}

/// How many rows a VALUES source has.
fn values_rows(insert: &Insert) -> Option<usize> {
    match &insert.source {
        InsertSource::Select(select) if select.body.compounds.is_empty() => match &select.body.first.kind {
            SelectCoreKind::Values(rows) => Some(rows.len()),
            SelectCoreKind::Select(_) => None,
        },
        _ => None,
    }
}

pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(identifier).collect::<Vec<_>>().join(", ")
}
