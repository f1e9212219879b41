//! UPDATE and DELETE.

use super::RowidReturn;
use super::ast::*;
use super::catalog::Table;
use super::insert::Written;
use super::names::identifier;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::scope::{Scope, Source};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn update(&mut self, update: &Update) -> Result<Written> {
        if let Some(with) = &update.with {
            self.with(with)?;
        }
        match update.or {
            None => {}
            Some(ConflictAction::Abort) => self.edits.replace_text(update.verb, "UPDATE"),
            Some(ConflictAction::Rollback) if !self.in_trigger => {
                self.edits.replace_text(update.verb, "UPDATE");
                self.rolls_back = true;
            }
            Some(_) => {
                return refuse(
                    format!("{} has no rule yet", self.source(update.verb)),
                    update.verb,
                    "use UPDATE, and leave out the rows that would conflict with WHERE NOT EXISTS (...)",
                );
            }
        }
        self.no_limit(&update.order_by, update.limit.as_ref())?;
        let table = self.written_to(&update.table)?;
        let source = self.written_table(&update.table, update.alias.as_ref(), update.indexed.as_ref(), &table);
        self.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
        let result = self.update_body(update, &table);
        self.scopes.pop();
        result?;
        self.returned(update.returning.as_ref(), source, update.from.is_some(), &table)
    }

    fn update_body(&mut self, update: &Update, table: &Table) -> Result<()> {
        if let Some(from) = &update.from {
            let sources = self.from(from)?;
            self.scope().sources.extend(sources);
        }
        self.assignments(&update.set, table)?;
        if let Some(condition) = &update.where_clause {
            self.condition(condition)?;
        }
        Ok(())
    }

    pub fn delete(&mut self, delete: &Delete) -> Result<Written> {
        if let Some(with) = &delete.with {
            self.with(with)?;
        }
        self.no_limit(&delete.order_by, delete.limit.as_ref())?;
        let table = self.written_to(&delete.table)?;
        let source = self.written_table(&delete.table, delete.alias.as_ref(), delete.indexed.as_ref(), &table);
        self.scopes.push(Scope { sources: vec![source.clone()], ..Scope::default() });
        let result = match &delete.where_clause {
            Some(condition) => self.condition(condition).map(|_| ()),
            None => Ok(()),
        };
        self.scopes.pop();
        result?;
        self.returned(delete.returning.as_ref(), source, false, &table)
    }

    /// The table of an UPDATE or DELETE, under the name that the rest of the statement knows.
    fn written_table(
        &mut self,
        name: &QualifiedName,
        alias: Option<&Name>,
        indexed: Option<&Indexed>,
        table: &Table,
    ) -> Source {
        self.table_name(name, &table.name);
        if let Some(indexed) = indexed {
            self.note(&rules::select::INDEXED_BY, indexed.span);
            self.edits.delete(indexed.span);
        }
        let mut source = Source::of_table(table.name.clone(), table);
        if let Some(alias) = alias {
            source.name = self.declare(alias);
            source.printed = identifier(&source.name);
        }
        source
    }

    fn no_limit(&self, order_by: &[OrderTerm], limit: Option<&Limit>) -> Result<()> {
        let span: Option<Span> = limit.map(|limit| limit.span).or(order_by.first().map(|term| term.span));
        match span {
            Some(span) => refuse(
                "UPDATE and DELETE take no ORDER BY or LIMIT",
                span,
                "choose the rows by their key: WHERE id IN (SELECT id ... LIMIT ...)",
            ),
            None => Ok(()),
        }
    }

    fn returned(
        &mut self,
        returning: Option<&Returning>,
        source: Source,
        only_table: bool,
        table: &Table,
    ) -> Result<Written> {
        let columns = match returning {
            Some(returning) => self.returning(returning, source, only_table)?,
            None => Vec::new(),
        };
        Ok(Written { columns, rowid: RowidReturn::None, count: super::insert::counted(table) })
    }
}
