//! ALTER TABLE.

use super::altered::{self, Changed, Failure, Kind};
use super::ast::*;
use super::catalog;
use super::names::{fold, identifier, quote_literal};
use super::offline;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::scope::{Scope, Source};
use super::table::described;
use crate::syntax::Span;

impl Pass<'_> {
    /// What has to run first.
    pub fn alter_table(&mut self, alter: &AlterTable, span: Span) -> Result<Vec<String>> {
        if let Some(name) = super::schema::schema_table_name(&alter.table.name.text) {
            return sqlite_error(format!("table {name} may not be altered"), alter.table.span, None);
        }
        let table = self.target_table(&alter.table)?;
        if table.is_view {
            let message = match alter.action {
                AlterAction::AddColumn(_) => "Cannot add a column to a view".to_owned(),
                _ => format!("view {} may not be altered", alter.table.name.text),
            };
            return sqlite_error(message, alter.table.span, None);
        }
        self.table_name(&alter.table, &table.name);
        let source = Source::of_table(&table.name, &table);
        self.scopes.push(Scope { sources: vec![source], ..Scope::default() });
        let result = self.alter_action(&alter.action, &table);
        self.scopes.pop();
        result?;
        let mut before = self.follow(alter, &table, span)?;
        if let AlterAction::RenameTo(to) = &alter.action {
            self.adopt_foreign_keys(&fold(&to.text));
        }
        let refused = match &alter.action {
            AlterAction::AddColumn(definition) => only_without_rows(definition),
            _ => None,
        };
        let forgotten = match &alter.action {
            AlterAction::DropColumn(name) if self.catalog.has_pending_keys => Some(format!(
                "SELECT sqlift.forget_key({}, {})",
                quote_literal(&identifier(&table.name)),
                quote_literal(&fold(&name.text))
            )),
            _ => None,
        };
        before.extend(refused.map(|message| {
            let (table, message) = (quote_literal(&identifier(&table.name)), quote_literal(message));
            format!("SELECT sqlift.only_without_rows({table}, {message})")
        }));
        before.extend(forgotten);
        Ok(before)
    }

    /// Brings the kept texts, views and triggers to what they are behind the statement; gives what has to run first.
    fn follow(&mut self, alter: &AlterTable, table: &catalog::Table, span: Span) -> Result<Vec<String>> {
        let rest = Span { start: alter.table.span.end, end: span.end };
        let is_legacy = self.options.flags.legacy_alter_table && matches!(alter.action, AlterAction::RenameTo(_));
        if is_legacy && self.options.flags.foreign_keys_off && self.is_referred_to(table) {
            return refuse(
                "RENAME of a table that foreign keys refer to, with legacy_alter_table ON and foreign_keys OFF",
                alter.table.span,
                "make the new table under another name, copy the rows, drop the old table and rename the new one",
            );
        }
        let changed = match altered::texts(self.catalog, table, &alter.action, self.source(rest), self.options) {
            Ok(changed) => changed,
            Err(Failure::Refused(message)) => return sqlite_error(message, alter.table.span, None),
            Err(Failure::Unknown) => Vec::new(),
        };
        let new_name = match &alter.action {
            AlterAction::RenameTo(to) => fold(&to.text),
            _ => table.name.clone(),
        };
        self.keep_texts(table, &new_name, &changed);
        let mut behind = self.catalog.clone();
        offline::apply_altered(&mut behind, alter, &changed, self.options.types, self.sql);
        self.mend_views(&mut behind);
        let columns = match &alter.action {
            AlterAction::RenameColumn { to, .. } => vec![&*to.text],
            AlterAction::AddColumn(definition) => vec![&*definition.name.text],
            AlterAction::DropColumn(name) => vec![&*name.text],
            _ => Vec::new(),
        };
        let mut before = match is_legacy {
            true => self.break_views(&table.name, &mut behind),
            false => self.follow_columns(&table.name, &columns, &mut behind),
        };
        before.extend(self.follow_triggers(&behind, &[&table.name, &new_name])?);
        Ok(before)
    }

    fn is_referred_to(&self, table: &catalog::Table) -> bool {
        let refers = |text: &str| altered::refers_to(text, &table.name);
        self.catalog.tables.values().any(|other| other.created.as_deref().is_some_and(refers))
    }

    pub fn alter_action(&mut self, action: &AlterAction, table: &catalog::Table) -> Result<()> {
        let is_strict = table.columns.iter().any(|column| column.strict.is_some());
        match action {
            AlterAction::RenameTo(to) => {
                self.not_reserved(to)?;
                let is_other = self
                    .catalog
                    .table(&to.text)
                    .is_some_and(|other| !to.text.eq_ignore_ascii_case(&table.name) && other.schema == table.schema);
                if is_other || self.index(&to.text).is_some() {
                    return sqlite_error(
                        format!("there is already another table or index with this name: {}", to.text),
                        to.span,
                        Some("already-exists"),
                    );
                }
                self.none_before(to, table.schema.starts_with("pg_temp"))?;
                self.declare(to);
                if self.has_own_sequences() {
                    let (from, to) = (quote_literal(&table.name), quote_literal(&fold(&to.text)));
                    self.afterwards.push(format!("UPDATE sqlite_sequence SET name = {to} WHERE name = {from}"));
                }
                Ok(())
            }
            AlterAction::RenameColumn { from, to } => {
                self.old_column(table, from)?;
                let place =
                    |name: &Name| table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name.text));
                if let Some(other) = place(to).filter(|other| Some(*other) != place(from)) {
                    // The second of the two is the one too many.
                    let column = &table.columns[other];
                    let known = column.shown.as_ref().unwrap_or(&column.name);
                    let name = if Some(other) > place(from) { known } else { &*to.text };
                    let message =
                        format!("error in table {} after rename: duplicate column name: {name}", table.shown());
                    return sqlite_error(message, to.span, Some("no-such-column"));
                }
                let old = table.column(&from.text).and_then(|column| column.shown.as_ref());
                if old.is_some() || *fold(&to.text) != *to.text {
                    let names = [&*identifier(&table.name), &*fold(&to.text), &*to.text].map(quote_literal);
                    self.afterwards.push(format!("SELECT sqlift.respell_column({})", names.join(", ")));
                }
                self.declare(to);
                Ok(())
            }
            AlterAction::AddColumn(definition) => {
                if table.column(&definition.name.text).is_some() {
                    return sqlite_error(
                        format!("duplicate column name: {}", definition.name.text),
                        definition.name.span,
                        Some("no-such-column"),
                    );
                }
                can_be_added(definition)?;
                if !self.own_conflict_arguments(std::slice::from_ref(definition), &[], None).is_empty() {
                    return refuse(
                        "ADD COLUMN with ON CONFLICT in a constraint",
                        definition.span,
                        "leave it away and write the action into the statements: INSERT OR IGNORE, ON CONFLICT DO UPDATE",
                    );
                }
                // A CHECK sees the new column too.
                let types = (self.options.types, is_strict);
                let mut added = described(&table.name, (std::slice::from_ref(definition), &[]), None, types, self.sql);
                added.columns.splice(..0, table.columns.iter().cloned());
                added.unique_keys.clone_from(&table.unique_keys);
                let source = Source::of_table(&table.name, &std::sync::Arc::new(added));
                self.scopes.push(Scope { sources: vec![source], ..Scope::default() });
                let result = self.column_definition(definition, false, is_strict);
                self.scopes.pop();
                result?;
                self.remember_column(&table.name, definition, false);
                Ok(())
            }
            AlterAction::AddCheck { name, expr } => {
                if let Some(name) = name {
                    self.declare(name);
                }
                self.no_parameters = Some("CHECK constraints");
                self.condition(expr).map(|_| ())
            }
            AlterAction::DropConstraint(name) => {
                self.declare(name);
                Ok(())
            }
            AlterAction::DropColumn(name) | AlterAction::SetNotNull(name) | AlterAction::DropNotNull(name) => {
                self.old_column(table, name)
            }
        }
    }

    /// Keeps the texts as SQLite has edited them; what it cannot edit no longer is what the table is.
    fn keep_texts(&mut self, table: &catalog::Table, new_name: &str, changed: &[Changed]) {
        let is_table = |changed: &Changed| changed.kind == Kind::Table && changed.name == table.name;
        if table.created.is_some() {
            self.fired.rule(&super::rules::schema::KEPT_TEXT);
        }
        if table.created.is_some() && !changed.iter().any(is_table) {
            let is_strict = table.columns.iter().any(|column| column.strict.is_some());
            let kept = if is_strict { "'altered) STRICT'" } else { "NULL" };
            self.afterwards.push(format!("COMMENT ON TABLE {} IS {kept}", identifier(new_name)));
        }
        // A trigger's text goes with its function.
        for changed in changed.iter().filter(|changed| changed.kind != Kind::Trigger) {
            let name = if is_table(changed) { new_name } else { &changed.name };
            self.afterwards.push(altered::comment(changed.kind, &identifier(name), &changed.text));
        }
    }

    pub fn old_column(&mut self, table: &catalog::Table, name: &Name) -> Result<()> {
        match table.column(&name.text) {
            Some(column) => {
                self.rename(name, &column.name.clone());
                Ok(())
            }
            None => sqlite_error(format!("no such column: \"{}\"", name.text), name.span, Some("no-such-column")),
        }
    }
}

/// What SQLite takes of a new column only while there are no rows: it would have to give each a value.
fn only_without_rows(column: &ColumnDefinition) -> Option<&'static str> {
    let default = column.default_value();
    let is = |wanted: fn(&ColumnConstraintKind) -> bool| column.constraints.iter().any(|one| wanted(&one.kind));
    if is(|kind| matches!(kind, ColumnConstraintKind::Generated { stored: true, .. })) {
        return Some("cannot add a STORED column");
    }
    if is(|kind| matches!(kind, ColumnConstraintKind::References(_)))
        && default.is_some_and(|value| !matches!(super::pass::peel(value).kind, ExprKind::Null))
    {
        return Some("Cannot add a REFERENCES column with non-NULL default value");
    }
    default.filter(|value| !is_constant(value)).map(|_| "Cannot add a column with non-constant default")
}

/// A literal, perhaps with a sign or a CAST.
fn is_constant(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Parenthesized(operand) | ExprKind::Cast { operand, .. } => is_constant(operand),
        ExprKind::Unary { operator: UnaryOperator::Minus | UnaryOperator::Plus, operand } => is_constant(operand),
        ExprKind::CurrentTimestamp | ExprKind::CurrentDate | ExprKind::CurrentTime => false,
        _ => value.children().is_empty() && !matches!(value.kind, ExprKind::Call(_)),
    }
}

/// What SQLite refuses of a new column, also where the table is empty. <https://sqlite.org/lang_altertable.html>
fn can_be_added(column: &ColumnDefinition) -> Result<()> {
    let of = |wanted: fn(&ColumnConstraintKind) -> bool| column.constraints.iter().find(|c| wanted(&c.kind));
    if let Some(key) = of(|kind| matches!(kind, ColumnConstraintKind::PrimaryKey { .. })) {
        return sqlite_error("Cannot add a PRIMARY KEY column", key.span, None);
    }
    if let Some(key) = of(|kind| matches!(kind, ColumnConstraintKind::Unique { .. })) {
        return sqlite_error("Cannot add a UNIQUE column", key.span, None);
    }
    let has_value = of(|kind| match kind {
        ColumnConstraintKind::Default { value } => !matches!(super::pass::peel(value).kind, ExprKind::Null),
        ColumnConstraintKind::Generated { .. } => true,
        _ => false,
    });
    match of(|kind| matches!(kind, ColumnConstraintKind::NotNull { .. })) {
        Some(constraint) if has_value.is_none() => {
            sqlite_error("Cannot add a NOT NULL column with default value NULL", constraint.span, None)
        }
        _ => Ok(()),
    }
}
