//! The constraints of a table, and the keys over NOCASE columns.

use crate::syntax::{Span, TokenKind, tokens};
use crate::translate::ast::*;
use crate::translate::insert::list;
use crate::translate::names::{fold, identifier};
use crate::translate::pass::{Pass, Result, peel, refuse};
use crate::translate::rules;
use crate::translate::rules::types::stored_type;
use crate::translate::types::Collation;

impl Pass<'_> {
    /// An unnamed CHECK is called by its text in SQLite's messages, so that becomes its name.
    pub fn name_check(&mut self, expr: &Expr, constraint: Span) {
        let name = crate::translate::kept::check_name(self.source(expr.span), &self.check_names);
        self.note(&rules::schema::CHECK_NAMES, constraint);
        self.edits.wrap(constraint, format!("CONSTRAINT {} ", crate::translate::names::quote_identifier(&name)), "");
        self.check_names.insert(name);
    }

    /// A key over NOCASE columns: an index over their lower case, made behind the table.
    pub fn unique_index(&mut self, columns: &[(String, bool)]) {
        let table = self.scopes.last().and_then(|scope| scope.sources.first()).map_or("", |source| &*source.name);
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let index = identifier(&crate::translate::names::generated(format!("{table}_{}_key", names.join("_"))));
        let terms = columns.iter().map(|(name, nocase)| {
            let name = identifier(name);
            if *nocase { format!("lower({name} COLLATE \"C\")") } else { name }
        });
        let terms: Vec<String> = terms.collect();
        let statement =
            format!("CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {} ({})", identifier(table), terms.join(", "));
        self.afterwards.push(statement);
        self.afterwards.push(format!("COMMENT ON INDEX {index} IS 'sqlite key u'"));
    }

    /// Whether the constraint stays in the table.
    pub fn table_constraint(&mut self, constraint: &TableConstraint, columns: &[ColumnDefinition]) -> Result<bool> {
        if let Some(name) = &constraint.name {
            self.declare(name);
        }
        match &constraint.kind {
            TableConstraintKind::PrimaryKey { columns: terms, .. } => {
                let names = self.key_columns(terms, columns)?;
                if names.iter().any(|(_, nocase)| *nocase) {
                    return refuse(
                        "a primary key over a NOCASE column",
                        constraint.span,
                        "CREATE UNIQUE INDEX ... ON t(column) afterwards",
                    );
                }
                let name = match &constraint.name {
                    Some(name) => format!("CONSTRAINT {} ", crate::translate::names::identifier(&fold(&name.text))),
                    None => String::new(),
                };
                self.edits.replace_text(
                    constraint.span,
                    format!("{name}PRIMARY KEY ({})", list(names.iter().map(|(name, _)| name.as_str()))),
                );
            }
            TableConstraintKind::Unique { columns: terms, on_conflict } => {
                let names = self.key_columns(terms, columns)?;
                if names.iter().any(|(_, nocase)| *nocase) {
                    self.unique_index(&names);
                    return Ok(false);
                }
                if on_conflict.is_some() {
                    let columns = list(names.iter().map(|(name, _)| name.as_str()));
                    self.edits.replace_text(
                        constraint.span,
                        format!("{}UNIQUE ({columns})", named(constraint.name.as_ref())),
                    );
                }
                for (term, (name, _)) in terms.iter().zip(&names) {
                    self.edits.replace_text(term.span, identifier(name));
                }
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
                let columns: Vec<String> = columns.iter().map(|column| fold(&column.text)).collect();
                return self.references(references, &columns, constraint.name.as_ref());
            }
        }
        Ok(true)
    }

    /// A key's columns; their order and collation do not matter for being unique, but for NOCASE.
    fn key_columns(&mut self, terms: &[IndexTerm], columns: &[ColumnDefinition]) -> Result<Vec<(String, bool)>> {
        let mut names = Vec::new();
        for term in terms {
            let expr = match &term.expr.kind {
                ExprKind::Collate { operand, collation } => {
                    if crate::translate::expression::collation_named(collation)? != Collation::Binary {
                        return refuse(
                            "a key by NOCASE or RTRIM",
                            term.span,
                            "CREATE UNIQUE INDEX on lower(column) afterwards",
                        );
                    }
                    operand
                }
                _ => &term.expr,
            };
            let ExprKind::Column { table: None, column, .. } = &peel(expr).kind else {
                return crate::translate::pass::sqlite_error(
                    "expressions prohibited in PRIMARY KEY and UNIQUE constraints",
                    term.span,
                    None,
                );
            };
            let name = fold(&column.text);
            let Some(definition) = columns.iter().find(|definition| fold(&definition.name.text) == name) else {
                return crate::translate::pass::sqlite_error(
                    format!("table has no column named {}", column.text),
                    term.span,
                    None,
                );
            };
            let is_text = definition
                .type_name
                .as_ref()
                .is_some_and(|ty| stored_type(ty, self.options.types) == rules::types::TEXT);
            let nocase = is_text
                && definition.constraints.iter().any(|constraint| match &constraint.kind {
                    ColumnConstraintKind::Collate { collation } => !collation.text.eq_ignore_ascii_case("binary"),
                    _ => false,
                });
            names.push((name, nocase));
        }
        Ok(names)
    }
}

/// `CONSTRAINT name `, when it has one.
pub(super) fn named(name: Option<&Name>) -> String {
    name.map_or(String::new(), |name| format!("CONSTRAINT {} ", identifier(&fold(&name.text))))
}
