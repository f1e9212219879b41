//! Foreign keys: SQLite looks for the parent when rows are written, PostgreSQL when the key is declared.
//!
//! A key whose parent is not there, or has no such unique key, becomes a trigger that says so as SQLite does when rows are
//! written; the statement that brings what is missing makes it a key of PostgreSQL's. One between columns of unlike types, or to
//! a column by NOCASE or RTRIM, is kept by triggers: sql/postgres/compat/foreign_keys.sql.

use super::Refusal;
use super::ast::*;
use super::catalog::{Catalog, Collation, ColumnType, Table, UniqueKey};
use super::names::{fold, identifier, quote_literal};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;

impl Pass<'_> {
    /// Whether the key can be declared where it stands.
    pub fn references(&mut self, clause: &ForeignKeyClause, columns: &[String], name: Option<&Name>) -> Result<bool> {
        if !clause.columns.is_empty() && clause.columns.len() != columns.len() {
            let message =
                "number of columns in foreign key does not match the number of columns in the referenced table";
            return sqlite_error(message, clause.span, None);
        }
        let parent = fold(&clause.table.text);
        self.rename(&clause.table, &parent);
        for column in &clause.columns {
            self.declare(column);
        }
        if let Some(name) = &clause.match_name
            && !name.text.eq_ignore_ascii_case("simple")
        {
            return refuse("MATCH other than SIMPLE", name.span, "leave it away: SQLite ignores it");
        }
        let Some(own) = self.scopes.last().and_then(|scope| scope.sources.first()).cloned() else { return Ok(true) };
        let own_table = own.table().cloned();
        let refers_to_itself = *own.name == *parent;
        let found = if refers_to_itself { own_table.as_ref() } else { self.catalog.shared(&parent) };
        let found = found.filter(|table| !table.is_view);
        let key = found.and_then(|table| referenced(table, clause)).filter(|key| key.len() == columns.len());
        if let (Some(table), Some(key)) = (found, key) {
            self.rename(&clause.table, &table.name.clone());
            let unlike = columns.iter().zip(&key).find(|(column, referenced)| {
                let own = own_table.as_ref().and_then(|table| table.column(column)).map(|column| column.data_type);
                let other = table.column(referenced).map(|column| column.data_type);
                own.zip(other).is_some_and(|(own, other)| !comparable(own, other))
            });
            let by_collation = key.iter().any(|name| collation(table, name) != Collation::Binary);
            if unlike.is_none() && !by_collation {
                self.implicit_key(clause, &own.printed, columns);
                // Rows of a statement may refer to each other, and be written one by one.
                if refers_to_itself && clause.deferrable.is_none() && !self.options.types.is_native() {
                    self.edits.append(clause.span, [" DEFERRABLE".into()]);
                }
                return Ok(true);
            }
            if let Some((column, referenced)) = unlike
                && self.options.types.is_native()
            {
                return refuse(
                    format!(
                        "the foreign key's column {column} and the key {}.{referenced} are of unlike types",
                        table.name
                    ),
                    clause.span,
                    "declare both with the same type; PostgreSQL compares a key's values within one type",
                );
            }
            self.note(&rules::schema::KEPT_KEYS, clause.span);
            self.set_key_aside("declare", &own.printed, &parent, columns, clause, name);
            return Ok(false);
        }
        if refers_to_itself && self.options.types.is_native() {
            return Ok(true);
        }
        if self.options.types.is_native() {
            // A schema for people to read has its tables in order.
            return Err(Refusal {
                message: format!("the foreign key refers to table {}, which is not there yet", clause.table.text),
                span: clause.table.span,
                help: Some("create that table and its unique key first".into()),
                rule: Some("no-such-table"),
            });
        }
        self.note(&rules::schema::PENDING_KEYS, clause.span);
        self.set_key_aside("pend", &own.printed, &parent, columns, clause, name);
        Ok(false)
    }

    /// Behind the statement a function of the compat schema declares the key, makes triggers of it, or lets it wait.
    fn set_key_aside(
        &mut self,
        verb: &str,
        child: &str,
        parent: &str,
        columns: &[String],
        clause: &ForeignKeyClause,
        name: Option<&Name>,
    ) {
        let list: Vec<String> = columns.iter().map(|column| identifier(column)).collect();
        let list = list.join(", ");
        let named = name.map_or(String::new(), |name| format!("CONSTRAINT {} ", identifier(&fold(&name.text))));
        let clause = self.edits.render_part(self.sql, clause.span);
        let definition = format!("{named}FOREIGN KEY ({list}) {clause}");
        self.afterwards.push(format!(
            "SELECT sqlift.{verb}_foreign_key({}, {}, {}, {})",
            quote_literal(child),
            quote_literal(parent),
            quote_literal(&list),
            quote_literal(&definition)
        ));
    }

    /// A key of the table to itself needs what else is made behind it.
    pub fn foreign_keys_last(&mut self) {
        let is_key =
            |statement: &String| statement.starts_with("SELECT sqlift.") && statement.contains("_foreign_key(");
        self.afterwards.sort_by_key(is_key);
    }

    /// PostgreSQL's catalog has the parent's columns always, SQLite's only where the key named them.
    fn implicit_key(&mut self, clause: &ForeignKeyClause, child: &str, columns: &[String]) {
        if clause.columns.is_empty() && !self.options.types.is_native() {
            let list: Vec<String> = columns.iter().map(|column| identifier(column)).collect();
            let (child, list) = (quote_literal(child), quote_literal(&list.join(", ")));
            self.afterwards.push(format!("SELECT sqlift.mark_implicit_key({child}, {list})"));
        }
    }

    /// What a statement creates may be the parent that keys wait for.
    pub fn adopt_foreign_keys(&mut self, parent: &str) {
        if self.catalog.has_pending_keys {
            self.afterwards.push(format!("SELECT sqlift.adopt_foreign_keys({})", quote_literal(parent)));
        }
    }
}

/// Whether keys may have to be looked at at another time behind a statement that changes the schema: which triggers there are,
/// and which keys, decides that (sql/postgres/compat/key_checks.sql).
pub(super) fn moves_key_checks(statement: &StatementKind, text: &str, catalog: &Catalog) -> bool {
    let has_keys = || super::altered::mentions(text, "REFERENCES") || catalog.has_pending_keys;
    let fires = |table: &std::sync::Arc<Table>| !table.triggers.is_empty() || !table.own_conflicts.is_empty();
    match statement {
        StatementKind::CreateTrigger(_) => true,
        StatementKind::CreateTable(_) if super::altered::mentions(text, "CONFLICT") => has_keys(),
        StatementKind::CreateTable(_) | StatementKind::CreateIndex(_) => {
            has_keys() && catalog.tables.values().any(fires)
        }
        StatementKind::AlterTable(_) | StatementKind::Drop(_) => catalog.tables.values().any(fires),
        _ => false,
    }
}

/// Whether a statement changes rows of other tables by a foreign key's action, or may by a trigger.
pub fn fires(statement: &StatementKind, catalog: &Catalog) -> bool {
    if !catalog.has_key_actions {
        return false;
    }
    let mut set: Vec<&Assignment> = Vec::new();
    let (name, replaces) = match statement {
        StatementKind::Insert(insert) => {
            for upsert in &insert.upserts {
                if let UpsertAction::Update { set: assignments, .. } = &upsert.action {
                    set.extend(assignments);
                }
            }
            (&insert.table, insert.or == Some(ConflictAction::Replace))
        }
        StatementKind::Update(update) => {
            set.extend(&update.set);
            (&update.table, update.or == Some(ConflictAction::Replace))
        }
        StatementKind::Delete(delete) => (&delete.table, true),
        _ => return false,
    };
    catalog.table(&name.name.text).is_some_and(|table| {
        // A foreign key leads to a unique one, and its action follows when a column of that is set.
        let mut columns = set.iter().flat_map(|assignment| &assignment.columns);
        let sets_key = columns.any(|column| {
            super::scope::is_rowid_name(&column.text)
                || table.unique_keys.iter().any(|key| key.terms().iter().any(|(name, _)| *name == fold(&column.text)))
        });
        // A constraint may say REPLACE by itself.
        let replaces = replaces || sets_key || !table.own_conflicts.is_empty();
        table.has_key_actions && replaces || table.triggers.iter().any(|trigger| !trigger.name.starts_with("sqlift_"))
    })
}

/// The columns of the parent's key, `None` when it has no such key: one that compares each column as the column itself is compared.
fn referenced(parent: &Table, clause: &ForeignKeyClause) -> Option<Vec<String>> {
    let names = |key: &UniqueKey| key.terms().iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
    if clause.columns.is_empty() {
        return parent.unique_keys.iter().find(|key| key.is_primary).map(names);
    }
    let wanted: Vec<String> = clause.columns.iter().map(|column| fold(&column.text)).collect();
    let same = |key: &UniqueKey| {
        let terms = key.terms();
        terms.len() == wanted.len()
            && wanted.iter().all(|name| terms.contains(&(name.as_str(), collation(parent, name))))
    };
    parent.unique_keys.iter().any(|key| !key.is_partial && same(key)).then_some(wanted)
}

fn collation(table: &Table, column: &str) -> Collation {
    table.column(column).map_or(Collation::Binary, |column| column.collation)
}

/// Whether PostgreSQL can look a value of the one type up among keys of the other.
fn comparable(own: ColumnType, key: ColumnType) -> bool {
    let is_integer = |ty| matches!(ty, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt);
    own == key
        || is_integer(own) && (is_integer(key) || matches!(key, ColumnType::Numeric | ColumnType::Double))
        || matches!((own, key), (ColumnType::Other, _) | (_, ColumnType::Other))
}
