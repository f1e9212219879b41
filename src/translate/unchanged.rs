//! Statements that leave the schema as it is: CREATE ... IF NOT EXISTS of what is there, DROP ... IF EXISTS of what is not.

use super::ast::{DropObject, QualifiedName, StatementKind};
use super::catalog::Catalog;
use super::names::{fold, index_name};
use super::parser::parse_statement;

/// Whether SQLite would find nothing to do for the statement. Of temporary objects it is not asked.
pub(crate) fn changes_nothing(sql: &str, catalog: &Catalog) -> bool {
    let has_table = |name: &QualifiedName| catalog.table(&fold(&name.name.text)).is_some();
    let mut tables = catalog.tables.values();
    let mut has_index = |name: &QualifiedName| {
        let stored = index_name(&name.name.text);
        tables.any(|table| table.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(&stored)))
    };
    let mut tables = catalog.tables.values();
    let mut has_trigger = |name: &QualifiedName| {
        tables.any(|table| table.triggers.iter().any(|trigger| trigger.name.eq_ignore_ascii_case(&name.name.text)))
    };
    let Ok(statement) = parse_statement(sql) else { return false };
    match &statement.kind {
        StatementKind::CreateTable(create) => create.if_not_exists && !create.temporary && has_table(&create.name),
        StatementKind::CreateVirtualTable(create) => create.if_not_exists && has_table(&create.name),
        StatementKind::CreateView(create) => create.if_not_exists && !create.temporary && has_table(&create.name),
        StatementKind::CreateIndex(create) => create.if_not_exists && has_index(&create.name),
        StatementKind::CreateTrigger(create) => {
            create.if_not_exists && !create.is_temporary() && has_trigger(&create.name)
        }
        StatementKind::Drop(drop) if drop.if_exists => match drop.object {
            DropObject::Table | DropObject::View => !has_table(&drop.name),
            DropObject::Index => !has_index(&drop.name),
            DropObject::Trigger => !has_trigger(&drop.name),
        },
        _ => false,
    }
}
