//! What SQLite refuses of a CREATE TABLE that its grammar takes.

use super::described::{is_autoincrement, rowid_key};
use crate::syntax::Span;
use crate::translate::ast::*;
use crate::translate::catalog::strict_type;
use crate::translate::names::fold;
use crate::translate::pass::{Pass, Result, peel, sqlite_error};

impl Pass<'_> {
    /// # Errors
    /// SQLite's own, in its words and its order.
    pub fn check_table(
        &self,
        name: &Name,
        columns: &[ColumnDefinition],
        constraints: &[TableConstraint],
        (without_rowid, strict): (bool, bool),
    ) -> Result<()> {
        let keys = primary_keys(columns, constraints);
        if let [_, second, ..] = keys.as_slice() {
            return sqlite_error(format!("table \"{}\" has more than one primary key", name.text), second.span, None);
        }
        let key = keys.first();
        if let Some(generated) = key.and_then(|key| key.columns.iter().find(|column| is_generated(column))) {
            return sqlite_error("generated columns cannot be part of the PRIMARY KEY", generated.span, None);
        }
        let autoincrement = key.filter(|key| key.autoincrement);
        if let Some(key) = autoincrement.filter(|_| rowid_key(columns, constraints).is_none()) {
            return sqlite_error("AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY", key.span, None);
        }
        if strict {
            columns.iter().try_for_each(|column| self.check_strict_type(name, column))?;
        }
        if without_rowid {
            if let Some(key) = autoincrement {
                return sqlite_error("AUTOINCREMENT not allowed on WITHOUT ROWID tables", key.span, None);
            }
            if key.is_none() {
                return sqlite_error(format!("PRIMARY KEY missing on table {}", name.text), name.span, None);
            }
        }
        match columns.iter().all(is_generated) {
            true => sqlite_error("must have at least one non-generated column", name.span, None),
            false => Ok(()),
        }
    }

    fn check_strict_type(&self, table: &Name, column: &ColumnDefinition) -> Result<()> {
        let place = format!("{}.{}", table.text, column.name.text);
        match &column.type_name {
            None => sqlite_error(format!("missing datatype for {place}"), column.span, None),
            Some(declared) if declared.size.is_empty() && strict_type(&declared.name).is_some() => Ok(()),
            Some(declared) => {
                let text = crate::translate::kept::declared(self.source(declared.span));
                sqlite_error(format!("unknown datatype for {place}: \"{text}\""), declared.span, None)
            }
        }
    }
}

struct PrimaryKey<'a> {
    span: Span,
    columns: Vec<&'a ColumnDefinition>,
    autoincrement: bool,
}

fn primary_keys<'a>(columns: &'a [ColumnDefinition], constraints: &[TableConstraint]) -> Vec<PrimaryKey<'a>> {
    let of_columns = columns.iter().flat_map(|column| {
        column.constraints.iter().filter_map(move |constraint| match constraint.kind {
            ColumnConstraintKind::PrimaryKey { autoincrement, .. } => {
                Some(PrimaryKey { span: constraint.span, columns: vec![column], autoincrement })
            }
            _ => None,
        })
    });
    let of_table = constraints.iter().filter_map(|constraint| match &constraint.kind {
        TableConstraintKind::PrimaryKey { columns: terms, autoincrement, .. } => {
            let named = terms.iter().filter_map(|term| match &peel(&term.expr).kind {
                ExprKind::Column { column: name, .. } => {
                    columns.iter().find(|column| column.name.text.eq_ignore_ascii_case(&name.text))
                }
                _ => None,
            });
            Some(PrimaryKey { span: constraint.span, columns: named.collect(), autoincrement: *autoincrement })
        }
        _ => None,
    });
    of_columns.chain(of_table).collect()
}

fn is_generated(column: &ColumnDefinition) -> bool {
    column.constraints.iter().any(|constraint| matches!(constraint.kind, ColumnConstraintKind::Generated { .. }))
}

/// Whether AUTOINCREMENT was said of the integer key, in the column or in the table's constraint.
pub(crate) fn numbers_upwards(column: &ColumnDefinition, constraints: &[TableConstraint]) -> bool {
    is_autoincrement(column)
        || constraints.iter().any(|constraint| match &constraint.kind {
            TableConstraintKind::PrimaryKey { columns, autoincrement: true, .. } => columns.iter().any(|term| {
                matches!(&peel(&term.expr).kind, ExprKind::Column { column: name, .. } if fold(&name.text) == fold(&column.name.text))
            }),
            _ => false,
        })
}
