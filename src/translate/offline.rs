//! A catalog without a database: built from the text of CREATE TABLE and its like, for tests and audits.

use std::sync::Arc;

use super::altered::{self, Changed};
use super::ast::*;
use super::catalog::{Catalog, Collation, Index, Table, Trigger, UniqueKey, Writes};
use super::names::{fold, index_name};
use super::own_fail::failing;
use super::pass::peel;
use super::table::{described, hidden_rowid, rowid_key};
use super::{Options, TypePolicy};
use crate::syntax::Span;

/// Brings `catalog` to what it is after the statement, which is SQLite's; other statements change nothing.
pub fn apply(catalog: &mut Catalog, sql: &str) {
    apply_as(catalog, sql, TypePolicy::FAITHFUL);
}

/// The same, where declared types become what `types` says.
pub fn apply_as(catalog: &mut Catalog, sql: &str, types: TypePolicy) {
    // What is no statement changes nothing.
    let _ = super::deep::with_tree(sql, |statement| apply_statement(catalog, statement, sql, types));
}

fn apply_statement(catalog: &mut Catalog, statement: &Statement, sql: &str, types: TypePolicy) {
    let made = catalog.next_made();
    match &statement.kind {
        StatementKind::CreateTable(create) => {
            let kept = kept("TABLE", &create.name, sql, statement.span);
            create_table(catalog, create, sql, types, kept);
        }
        StatementKind::CreateVirtualTable(create) => {
            let kept = kept("VIRTUAL TABLE", &create.name, sql, statement.span);
            super::fts_definition::apply(catalog, create, statement.span, kept);
        }
        StatementKind::CreateView(create) => create_view(catalog, create, sql, statement.span),
        StatementKind::CreateIndex(create) => {
            let words = if create.unique { "UNIQUE INDEX" } else { "INDEX" };
            create_index(catalog, create, kept(words, &create.name, sql, statement.span));
        }
        StatementKind::CreateTrigger(create) => {
            if let Some(table) = catalog.table_mut(&fold(&create.table.text)) {
                let (time, events) = super::trigger_order::moment(create);
                let of_session = super::session_trigger::is_of_session(create, table, false);
                table.triggers.push(Trigger {
                    name: fold(&create.name.name.text),
                    stored: super::trigger_order::stored_name(table, create, &create.name.name).unwrap_or_default(),
                    time,
                    events,
                    created: Some(kept("TRIGGER", &create.name, sql, statement.span)),
                    is_broken: false,
                    is_of_session: of_session,
                    made,
                });
                if table.is_view {
                    match create.event {
                        TriggerEvent::Insert => table.takes.insert = true,
                        TriggerEvent::Update { .. } => table.takes.update = true,
                        TriggerEvent::Delete => table.takes.delete = true,
                    }
                }
                table.runs_on_delete |= matches!(create.event, super::ast::TriggerEvent::Delete);
                table.triggers_write |= create.body.iter().any(super::trigger_body::writes);
                table.leaves_rows_out |= leaves_rows_out(sql);
            }
        }
        StatementKind::AlterTable(alter) => {
            let Some(table) = catalog.table(&alter.table.name.text) else { return };
            let rest = &sql[alter.table.span.end..statement.span.end];
            let changed = altered::texts(catalog, table, &alter.action, rest, &Options::default()).unwrap_or_default();
            apply_altered(catalog, alter, &changed, types, sql);
        }
        StatementKind::Drop(drop) => {
            let name = fold(&drop.name.name.text);
            match drop.object {
                DropObject::Table | DropObject::View => {
                    catalog.tables.remove(&name);
                }
                DropObject::Index => {
                    let name = index_name(&name);
                    for table in catalog.tables.values_mut().map(Arc::make_mut) {
                        table.unique_keys.retain(|key| key.name != name);
                        table.indexes.retain(|index| index.name != name);
                        table.dated.retain(|(index, _)| *index != name);
                    }
                }
                DropObject::Trigger => {
                    let in_memory = catalog.tables.values().all(|table| table.schema.starts_with("pg_temp"));
                    let dropped = super::session_trigger::dropped(catalog, drop, in_memory);
                    let dropped = dropped.map(|(table, trigger)| (fold(&table.name), trigger.clone()));
                    if let Some((name, dropped)) = dropped
                        && let Some(table) = catalog.table_mut(&name)
                    {
                        table.triggers.retain(|trigger| *trigger != dropped);
                        flags_of_triggers(table);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Brings what is known of a table's triggers together to those that are left. Of one that was made natively no text tells more.
fn flags_of_triggers(table: &mut Table) {
    let is_any = |of: fn(&Trigger) -> bool| table.triggers.iter().any(of);
    table.runs_on_delete = is_any(|trigger| trigger.events.delete);
    table.leaves_rows_out &= is_any(|trigger| trigger.created.as_deref().is_none_or(leaves_rows_out));
    table.triggers_write &= !table.triggers.is_empty();
    if table.is_view {
        let events = |of: fn(&Writes) -> bool| table.triggers.iter().any(|trigger| of(&trigger.events));
        table.takes =
            Writes { insert: events(|it| it.insert), update: events(|it| it.update), delete: events(|it| it.delete) };
    }
}

/// Whether a trigger's text has RAISE(IGNORE) in it.
fn leaves_rows_out(text: &str) -> bool {
    text.split_whitespace().collect::<String>().to_ascii_lowercase().contains("raise(ignore)")
}

fn create_table(catalog: &mut Catalog, create: &CreateTable, sql: &str, types: TypePolicy, kept: String) {
    let name = fold(&create.name.name.text);
    if catalog.tables.contains_key(&name) {
        return;
    }
    let table = match &create.body {
        CreateTableBody::Columns { columns, constraints, without_rowid, strict, .. } => {
            let key = if *without_rowid { None } else { rowid_key(columns, constraints) };
            let mut table = described(&name, (columns, constraints), key, (types, *strict), sql);
            catalog.has_pending_keys |= refers_to_later(catalog, &name, columns, constraints);
            if key.is_none() && !without_rowid {
                table.hidden_rowid = hidden_rowid(columns.iter().map(|column| &*column.name.text), types);
                table.hidden_at = columns.len();
            }
            table.created = Some(kept);
            table.made = catalog.next_made();
            let (none, options) = (Catalog::default(), super::Options { types, ..super::Options::default() });
            let pass = super::pass::Pass::new(sql, &none, &options);
            let conflicts = pass.own_conflict_arguments(columns, constraints, key);
            let column = |number: &str| Some(fold(&columns.get(number.parse::<usize>().ok()? - 1)?.name.text));
            table.own_conflicts = super::own_conflict::own_conflicts(conflicts.iter().map(String::as_str), column);
            for key in &table.unique_keys {
                for column in
                    table.columns.iter_mut().filter(|column| key.is_primary && key.columns.contains(&column.name))
                {
                    column.not_null = true;
                }
            }
            table.failing = failing(table.created.as_deref(), &table.unique_keys, &table.indexes);
            table
        }
        CreateTableBody::AsSelect(select) => match described_select(catalog, &name, select, &[], sql, true) {
            Some(mut table) => {
                let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
                table.hidden_rowid = hidden_rowid(columns.iter().map(String::as_str), types);
                table.hidden_at = columns.len();
                table
            }
            None => return,
        },
    };
    catalog.tables.insert(name, Arc::new(table));
}

/// Whether a foreign key is to a table that is not there yet.
fn refers_to_later(
    catalog: &Catalog,
    own: &str,
    columns: &[ColumnDefinition],
    constraints: &[TableConstraint],
) -> bool {
    let of_columns =
        columns.iter().flat_map(|column| &column.constraints).filter_map(|constraint| match &constraint.kind {
            ColumnConstraintKind::References(clause) => Some(clause),
            _ => None,
        });
    let of_table = constraints.iter().filter_map(|constraint| match &constraint.kind {
        TableConstraintKind::ForeignKey { references, .. } => Some(references),
        _ => None,
    });
    of_columns
        .chain(of_table)
        .any(|clause| fold(&clause.table.text) != own && catalog.table(&clause.table.text).is_none())
}

fn create_index(catalog: &mut Catalog, create: &CreateIndex, kept: String) {
    let made = catalog.next_made();
    if let Some(table) = catalog.table_mut(&fold(&create.table.text)) {
        table.indexes.push(Index { name: index_name(&create.name.name.text), created: Some(kept), made });
    }
    if let Some(table) = catalog.table_mut(&fold(&create.table.text)).filter(|_| create.where_clause.is_none()) {
        let calls = create.terms.iter().filter_map(|term| match &peel(&term.expr).kind {
            ExprKind::Call(call) => super::dates::written(call, table),
            _ => None,
        });
        let calls: Vec<_> = calls.map(|call| (fold(&create.name.name.text), call)).collect();
        table.dated.extend(calls);
    }
    if !create.unique {
        return;
    }
    if let Some(table) = catalog.table_mut(&fold(&create.table.text)) {
        let mut key = UniqueKey::over(fold(&create.name.name.text), table_key_terms(&create.terms, table), false);
        key.is_partial = create.where_clause.is_some();
        table.unique_keys.push(key);
    }
}

/// The columns of an index and what compares them; nothing when it has other expressions.
fn table_key_terms(terms: &[IndexTerm], table: &super::catalog::Table) -> Vec<(String, Collation)> {
    let term = |term: &IndexTerm| {
        let (column, said) = super::table::key_term(term)?;
        let declared = table.column(&column).map_or(Collation::Binary, |column| column.collation);
        Some((column, said.unwrap_or(declared)))
    };
    terms.iter().map(term).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn create_view(catalog: &mut Catalog, create: &CreateView, sql: &str, statement: Span) {
    let made = catalog.next_made();
    let name = fold(&create.name.name.text);
    let columns: Vec<String> = create.columns.iter().map(|column| fold(&column.text)).collect();
    if let Some(mut table) = described_select(catalog, &name, &create.select, &columns, sql, false) {
        table.is_view = true;
        table.made = made;
        table.view_text = Some(kept("VIEW", &create.name, sql, statement));
        catalog.tables.insert(name, Arc::new(table));
    }
}

fn described_select(
    catalog: &Catalog,
    name: &str,
    select: &Select,
    names: &[String],
    sql: &str,
    keeps_any: bool,
) -> Option<super::catalog::Table> {
    use super::catalog::{Column, ColumnType, Table};
    use super::types::Type;
    let options = super::Options::default();
    let mut pass = super::pass::Pass::new(sql, catalog, &options);
    let mut columns = pass.subselect(select).ok()?;
    for (column, name) in columns.iter_mut().zip(names) {
        column.0.clone_from(name);
    }
    super::from::rename_twins(&mut columns);
    let columns = columns.into_iter().map(|(name, typed)| {
        let data_type = match typed.ty {
            _ if keeps_any && super::created::becomes_any(&typed) => ColumnType::Any,
            Type::Integer => ColumnType::BigInt,
            Type::Real => ColumnType::Double,
            Type::Numeric => ColumnType::Numeric,
            Type::Blob => ColumnType::Bytea,
            Type::Boolean => ColumnType::Boolean,
            Type::Json => ColumnType::Jsonb,
            Type::Any => ColumnType::Any,
            Type::Native(native) => native,
            Type::Text | Type::Null | Type::Unknown => ColumnType::Text,
        };
        let numeric_affinity = keeps_any && super::created::hides_affinity(&typed);
        Column { numeric_affinity, ..Column::new(&fold(&name), data_type) }
    });
    Some(Table {
        name: name.to_owned(),
        schema: "public".to_owned(),
        is_view: false,
        columns: columns.collect(),
        unique_keys: Vec::new(),
        ..Table::default()
    })
}

/// The text of a CREATE as SQLite's catalog has it.
fn kept(words: &str, name: &QualifiedName, sql: &str, statement: Span) -> String {
    let whole = match words {
        "VIEW" | "INDEX" | "UNIQUE INDEX" => super::kept::up_to_semicolon(sql, statement, words),
        _ => statement,
    };
    format!("CREATE {words} {}", &sql[name.name.span.start..whole.end])
}

/// Brings `catalog` to what it is behind an ALTER TABLE that changes these texts.
pub(crate) fn apply_altered(
    catalog: &mut Catalog,
    alter: &AlterTable,
    changed: &[Changed],
    types: TypePolicy,
    sql: &str,
) {
    for changed in changed {
        let text = || Some(changed.text.clone());
        match changed.kind {
            altered::Kind::Table => {
                if let Some(table) = catalog.table_mut(&changed.name) {
                    table.created = text();
                }
            }
            altered::Kind::View => {
                if let Some(view) = catalog.table_mut(&changed.name) {
                    view.view_text = text();
                }
            }
            altered::Kind::Index => {
                let mut tables = catalog.tables.values_mut().map(Arc::make_mut);
                if let Some(index) =
                    tables.find_map(|table| table.indexes.iter_mut().find(|index| index.name == changed.name))
                {
                    index.created = text();
                }
            }
            altered::Kind::Trigger => {
                let table = catalog.table_mut(&changed.table);
                let is_it = |trigger: &&mut Trigger| {
                    trigger.name == changed.name && trigger.is_of_session == changed.of_session
                };
                if let Some(trigger) = table.and_then(|table| table.triggers.iter_mut().find(is_it)) {
                    trigger.created = text();
                }
            }
        }
    }
    alter_table(catalog, alter, types, sql);
}

fn alter_table(catalog: &mut Catalog, alter: &AlterTable, types: TypePolicy, sql: &str) {
    let name = fold(&alter.table.name.text);
    let Some(mut table) = catalog.tables.remove(&name).map(Arc::unwrap_or_clone) else { return };
    match &alter.action {
        AlterAction::RenameTo(to) => table.name = fold(&to.text),
        AlterAction::RenameColumn { from, to } => {
            let (from, to) = (fold(&from.text), fold(&to.text));
            for column in table.columns.iter_mut().filter(|column| column.name == from) {
                column.name.clone_from(&to);
            }
            for key in &mut table.unique_keys {
                for column in key.columns.iter_mut().filter(|column| **column == from) {
                    column.clone_from(&to);
                }
            }
        }
        AlterAction::AddColumn(definition) => {
            let added = described(&name, (std::slice::from_ref(definition), &[]), None, (types, false), sql);
            table.columns.extend(added.columns);
        }
        AlterAction::DropColumn(column) => {
            let column = fold(&column.text);
            if table.columns.iter().take(table.hidden_at).any(|dropped| dropped.name == column) {
                table.hidden_at -= 1;
            }
            table.columns.retain(|kept| kept.name != column);
        }
        AlterAction::SetNotNull(column) | AlterAction::DropNotNull(column) => {
            let not_null = matches!(alter.action, AlterAction::SetNotNull(_));
            let column = fold(&column.text);
            for kept in table.columns.iter_mut().filter(|kept| kept.name == column) {
                kept.not_null = not_null;
            }
        }
        AlterAction::AddCheck { .. } | AlterAction::DropConstraint(_) => {}
    }
    catalog.tables.insert(table.name.clone(), Arc::new(table));
}
