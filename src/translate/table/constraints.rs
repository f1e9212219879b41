//! The constraints of a table.

use crate::syntax::{Span, TokenKind, tokens};
use crate::translate::ast::*;
use crate::translate::insert::list;
use crate::translate::names::{fold, identifier};
use crate::translate::pass::{Pass, Result, sqlite_error};

use crate::translate::rules;

use super::keys::declared_key;

impl Pass<'_> {
    /// An unnamed CHECK is called by its text in SQLite's messages, so that becomes its name.
    pub fn name_check(&mut self, expr: &Expr, constraint: Span) {
        let name = crate::translate::kept::check_name(self.source(expr.span), &self.check_names);
        self.note(&rules::schema::CHECK_NAMES, constraint);
        self.edits.wrap(constraint, format!("CONSTRAINT {} ", crate::translate::names::quote_identifier(&name)), "");
        self.check_names.insert(name);
    }

    /// `CONSTRAINT name `, when it has one that no other constraint of the table has: SQLite takes it again. A CHECK, which messages
    /// call by its name, gets blanks behind it then; the others go without.
    pub fn constraint_name(&mut self, name: Option<&Name>, constraint: Span, is_check: bool) -> String {
        let Some(name) = name else { return String::new() };
        let mut wanted = fold(&name.text);
        let is_free = !self.check_names.contains(&wanted);
        if !is_check && !is_free {
            self.edits.delete(Span { start: constraint.start, end: name.span.end });
            return String::new();
        }
        while self.check_names.contains(&wanted) {
            wanted.push(' ');
        }
        match is_free {
            true => drop(self.declare(name)),
            false => self.edits.replace_text(name.span, crate::translate::names::quote_identifier(&wanted)),
        }
        self.check_names.insert(wanted.clone());
        format!("CONSTRAINT {} ", identifier(&wanted))
    }

    /// Whether the constraint stays in the table.
    pub fn table_constraint(&mut self, constraint: &TableConstraint, columns: &[ColumnDefinition]) -> Result<bool> {
        let is_key =
            matches!(constraint.kind, TableConstraintKind::PrimaryKey { .. } | TableConstraintKind::Unique { .. });
        let name = self.constraint_name(
            constraint.name.as_ref().filter(|_| !is_key),
            constraint.span,
            matches!(constraint.kind, TableConstraintKind::Check { .. }),
        );
        match &constraint.kind {
            TableConstraintKind::PrimaryKey { columns: terms, .. }
            | TableConstraintKind::Unique { columns: terms, .. } => {
                self.check_terms(terms, columns)?;
                let Some(key) = declared_key(columns, constraint, self.options.types) else { return Ok(true) };
                if key.is_folded() {
                    return Ok(false);
                }
                let words = if key.is_primary { "PRIMARY KEY" } else { "UNIQUE" };
                let names = list(key.terms.iter().map(|(name, _)| name.as_str()));
                // A key's name is its index's on PostgreSQL, which no other key, index or table of the schema may have;
                // SQLite never looks at it.
                self.edits.replace_text(constraint.span, format!("{words} ({names})"));
            }
            TableConstraintKind::Check { expr } => {
                self.no_parameters = Some("CHECK constraints");
                self.condition(expr)?;
                // SQLite takes ON CONFLICT here, and never looks at it.
                let tail = Span { start: expr.span.end, end: constraint.span.end };
                if let Some(close) = tokens(self.source(tail)).find(|token| token.kind == TokenKind::RightParen) {
                    self.edits.delete(Span { start: tail.start + close.span.end, end: tail.end });
                }
                if constraint.name.is_none() {
                    self.name_check(expr, constraint.span);
                }
            }
            TableConstraintKind::ForeignKey { columns, references } => {
                for column in columns {
                    self.declare(column);
                }
                let table =
                    self.scopes.last().and_then(|scope| scope.sources.first()).and_then(|source| source.table());
                let is_known = |column: &&Name| table.is_none_or(|table| table.column(&fold(&column.text)).is_some());
                if let Some(unknown) = columns.iter().find(|column| !is_known(column)) {
                    let message = format!("unknown column \"{}\" in foreign key definition", unknown.text);
                    return sqlite_error(message, unknown.span, None);
                }
                let columns: Vec<String> = columns.iter().map(|column| fold(&column.text)).collect();
                return self.references(references, &columns, constraint.name.as_ref().filter(|_| !name.is_empty()));
            }
        }
        Ok(true)
    }
}
