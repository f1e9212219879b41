//! The catalog behind a statement that has made a table or an index, told by the statement's text: a script of hundreds of them would
//! otherwise read the server's whole catalog for each.
//!
//! It only serves the next statement of the same kind, and only where no view, trigger, key or conflict clause makes the one hang on more
//! than the names and columns of the other. Whatever else is asked reads what the server has.

use super::ast::*;
use super::catalog::{Catalog, Table};
use super::order::peel_collate;
use super::pass::peel;
use super::{TypePolicy, offline};
use crate::syntax::tokens;

/// Whether a statement makes a lasting table or an index of columns.
pub(crate) fn makes_table_or_index(sql: &str) -> bool {
    let first = tokens(sql).find(|token| !token.kind.is_trivia());
    // Most statements are others, and need not be read for it.
    first.is_some_and(|token| token.span.text(sql).eq_ignore_ascii_case("create"))
        && super::deep::with_tree(sql, |statement| match &statement.kind {
            StatementKind::CreateTable(create) => {
                let is_described = matches!(create.body, CreateTableBody::Columns { .. });
                is_described && !create.temporary && create.name.schema.is_none()
            }
            StatementKind::CreateIndex(create) => {
                let is_column =
                    |term: &IndexTerm| matches!(peel(peel_collate(peel(&term.expr))).kind, ExprKind::Column { .. });
                create.name.schema.is_none() && create.where_clause.is_none() && create.terms.iter().all(is_column)
            }
            _ => false,
        })
        .unwrap_or_default()
}

/// The catalog behind a statement that has run; `None` where its text does not tell.
pub(crate) fn behind(mut catalog: Catalog, sql: &str, types: TypePolicy) -> Option<Catalog> {
    if !makes_table_or_index(sql) || !is_told(&catalog) {
        return None;
    }
    offline::apply_as(&mut catalog, sql, types);
    is_told(&catalog).then_some(catalog)
}

fn is_told(catalog: &Catalog) -> bool {
    let stands_alone = |table: &Table| {
        table.schema == "public"
            && !table.is_view
            && table.created.is_some()
            && table.triggers.is_empty()
            && table.own_conflicts.is_empty()
    };
    !catalog.has_pending_keys
        && !catalog.has_deferrable
        && catalog.functions.is_empty()
        && catalog.tables.values().all(|table| stands_alone(table))
}
