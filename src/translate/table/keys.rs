//! The keys of CREATE TABLE: PRIMARY KEY and UNIQUE, and what compares their columns.
//!
//! PostgreSQL's keys compare by bytes. One by NOCASE or RTRIM is an index over what the collation sees, made behind the table,
//! with a comment that tells which key of SQLite's it is: `sqlite key p 1`, the letter of its kind and its number among the keys.

use crate::syntax::Span;
use crate::translate::TypePolicy;
use crate::translate::ast::*;
use crate::translate::catalog::{Collation, ColumnType, UniqueKey};
use crate::translate::names::{fold, generated, identifier};
use crate::translate::pass::{Pass, Result, peel, refuse, sqlite_error};
use crate::translate::rules;

use super::described::{collation_of, column_type, rowid_key, stored_as};

/// A PRIMARY KEY or UNIQUE, of a column or of the table.
pub(crate) struct DeclaredKey {
    pub span: Span,
    pub terms: Vec<(String, Collation)>,
    pub is_primary: bool,
}

impl DeclaredKey {
    pub fn is_folded(&self) -> bool {
        self.terms.iter().any(|(_, collation)| *collation != Collation::Binary)
    }
}

impl Pass<'_> {
    /// The keys by a collation, each an index behind the table.
    pub fn folded_keys(
        &mut self,
        table: &str,
        columns: &[ColumnDefinition],
        constraints: &[TableConstraint],
        (without_rowid, strict): (bool, bool),
    ) -> Result<()> {
        let rowid = if without_rowid { None } else { rowid_key(columns, constraints) };
        let keys = declared_keys(columns, constraints, self.options.types);
        let keys = keys.iter().filter(|key| !(key.is_primary && rowid.is_some()));
        let mut names = Vec::new();
        for (index, key) in keys.enumerate().filter(|(_, key)| key.is_folded()) {
            self.only_text(key, columns, strict)?;
            self.note(&rules::schema::NOCASE, key.span);
            if key.is_primary && (without_rowid || strict) {
                for (column, _) in &key.terms {
                    self.afterwards.push(format!(
                        "ALTER TABLE {} ALTER COLUMN {} SET NOT NULL",
                        identifier(table),
                        identifier(column)
                    ));
                }
            }
            let name = self.free_index_name(table, key, &names);
            let quoted = identifier(&name);
            let terms = UniqueKey::over(String::new(), key.terms.clone(), key.is_primary).index_terms().join(", ");
            self.afterwards
                .push(format!("CREATE UNIQUE INDEX IF NOT EXISTS {quoted} ON {} ({terms})", identifier(table)));
            let kind = if key.is_primary { 'p' } else { 'u' };
            self.afterwards.push(format!("COMMENT ON INDEX {quoted} IS 'sqlite key {kind} {}'", index + 1));
            names.push(name);
        }
        Ok(())
    }

    /// A name that no index of the database has, nor one of this statement: PostgreSQL would leave the second away.
    fn free_index_name(&self, table: &str, key: &DeclaredKey, taken: &[String]) -> String {
        let columns: Vec<&str> = key.terms.iter().map(|(column, _)| column.as_str()).collect();
        let base = format!("{table}_{}_folded_key", columns.join("_"));
        let is_free = |name: &String| {
            let known = |table: &std::sync::Arc<crate::translate::catalog::Table>| {
                table.unique_keys.iter().any(|key| key.name == *name)
                    || table.indexes.iter().any(|index| index.name == *name)
                    || table.name == *name
            };
            !taken.contains(name) && !self.catalog.tables.values().any(known)
        };
        let numbered = (1..).map(|number| generated(format!("{base}{number}")));
        std::iter::once(generated(base.clone())).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// Of other classes a collation says nothing; a column of any class has no index by one yet.
    fn only_text(&self, key: &DeclaredKey, columns: &[ColumnDefinition], strict: bool) -> Result<()> {
        let of_any = |name: &str| {
            columns
                .iter()
                .find(|column| fold(&column.name.text) == *name)
                .is_some_and(|column| column_type(&stored_as(column, self.options.types, strict)) == ColumnType::Any)
        };
        match key.terms.iter().any(|(name, collation)| *collation != Collation::Binary && of_any(name)) {
            true => {
                refuse("a key by NOCASE or RTRIM over a column without a type", key.span, "declare the column TEXT")
            }
            false => Ok(()),
        }
    }

    /// SQLite's errors of a key's terms.
    pub fn check_terms(&self, terms: &[IndexTerm], columns: &[ColumnDefinition]) -> Result<()> {
        for term in terms {
            if let ExprKind::Collate { collation, .. } = &term.expr.kind {
                crate::translate::expression::collation_named(collation)?;
            }
            let Some((name, _)) = key_term(term) else {
                let message = "expressions prohibited in PRIMARY KEY and UNIQUE constraints";
                return sqlite_error(message, term.span, None);
            };
            if !columns.iter().any(|column| fold(&column.name.text) == name) {
                let written = match &peel(crate::translate::order::peel_collate(&term.expr)).kind {
                    ExprKind::Column { column, .. } => &column.text,
                    _ => name.as_str(),
                };
                return sqlite_error(format!("no such column: {written}"), term.span, None);
            }
        }
        Ok(())
    }
}

/// The column of a key's term, and the collation that the term itself says; `None` for an expression.
pub(crate) fn key_term(term: &IndexTerm) -> Option<(String, Option<Collation>)> {
    let is_qualified = |expr: &Expr| matches!(expr.kind, ExprKind::Column { table: Some(_), .. });
    conflict_term(term).filter(|_| !is_qualified(peel(crate::translate::order::peel_collate(&term.expr))))
}

/// The same of a conflict clause's target, which may say the table's name too.
pub(crate) fn conflict_term(term: &IndexTerm) -> Option<(String, Option<Collation>)> {
    let said = match &term.expr.kind {
        ExprKind::Collate { collation, .. } => crate::translate::expression::collation_named(collation).ok(),
        _ => None,
    };
    match &peel(crate::translate::order::peel_collate(&term.expr)).kind {
        ExprKind::Column { column, .. } => Some((fold(&column.text), said)),
        _ => None,
    }
}

/// The keys in the order in which they are written.
pub(crate) fn declared_keys(
    columns: &[ColumnDefinition],
    constraints: &[TableConstraint],
    types: TypePolicy,
) -> Vec<DeclaredKey> {
    let of_columns = columns.iter().flat_map(|column| {
        column.constraints.iter().filter_map(move |constraint| {
            let is_primary = match constraint.kind {
                ColumnConstraintKind::PrimaryKey { .. } => true,
                ColumnConstraintKind::Unique { .. } => false,
                _ => return None,
            };
            let terms = vec![(fold(&column.name.text), key_collation(Some(column), None, types))];
            Some(DeclaredKey { span: constraint.span, terms, is_primary })
        })
    });
    let of_table = constraints.iter().filter_map(|constraint| declared_key(columns, constraint, types));
    of_columns.chain(of_table).collect()
}

/// The key that a constraint of the table is, if it is one.
pub(crate) fn declared_key(
    columns: &[ColumnDefinition],
    constraint: &TableConstraint,
    types: TypePolicy,
) -> Option<DeclaredKey> {
    let (terms, is_primary) = match &constraint.kind {
        TableConstraintKind::PrimaryKey { columns, .. } => (columns, true),
        TableConstraintKind::Unique { columns, .. } => (columns, false),
        _ => return None,
    };
    let terms = terms.iter().filter_map(key_term).map(|(name, said)| {
        let column = columns.iter().find(|column| column.name.text.eq_ignore_ascii_case(&name));
        let collation = key_collation(column, said, types);
        (name, collation)
    });
    Some(DeclaredKey { span: constraint.span, terms: terms.collect(), is_primary })
}

/// What compares a column in a key that says so, or says nothing.
fn key_collation(column: Option<&ColumnDefinition>, said: Option<Collation>, types: TypePolicy) -> Collation {
    // A STRICT table's TEXT is TEXT too, and its ANY is told by its name.
    let stored = column.map_or(ColumnType::Text, |column| column_type(&stored_as(column, types, false)));
    match (stored, said) {
        (ColumnType::Text | ColumnType::Any, Some(said)) => said,
        (ColumnType::Text, None) => column.map_or(Collation::Binary, |column| collation_of(column, stored)),
        _ => Collation::Binary,
    }
}

/// The keys as the catalog will have them, the primary one first.
pub(super) fn unique_keys(
    table: &str,
    columns: &[ColumnDefinition],
    constraints: &[TableConstraint],
    types: TypePolicy,
) -> Vec<UniqueKey> {
    let mut keys: Vec<UniqueKey> = declared_keys(columns, constraints, types)
        .into_iter()
        .map(|key| {
            let names: Vec<&str> = key.terms.iter().map(|(column, _)| column.as_str()).collect();
            let name = match (key.is_primary, key.is_folded()) {
                (true, false) => format!("{table}_pkey"),
                (_, true) => format!("{table}_{}_folded_key", names.join("_")),
                (false, false) => format!("{table}_{}_key", names.join("_")),
            };
            UniqueKey::over(name, key.terms, key.is_primary)
        })
        .collect();
    keys.sort_by_key(|key| !key.is_primary);
    keys
}
