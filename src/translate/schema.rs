//! CREATE INDEX, CREATE VIEW, DROP, and the statements that keep a database in order.

use super::Kind;
use super::altered::mentions;
use super::ast::*;
use super::catalog::Table;
use super::fts::FullText;
use super::names::{LONGEST_NAME, fold, identifier, index_name};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::{Scope, Source};
use super::types::Collation;
use crate::syntax::{Span, TokenKind};

impl Pass<'_> {
    /// Refuses names that PostgreSQL would cut, in a statement that makes or drops something; but for an index's own.
    pub fn names_fit(&self, kind: &StatementKind, statement: Span) -> Result<()> {
        let own = match kind {
            StatementKind::CreateIndex(create) => Some(create.name.name.span),
            StatementKind::Drop(drop) if drop.object == DropObject::Index => Some(drop.name.name.span),
            _ => None,
        };
        let text = &self.sql[statement.start..statement.end];
        if text.len() <= LONGEST_NAME {
            return Ok(());
        }
        for token in crate::syntax::tokens(text) {
            let quotes = match token.kind {
                TokenKind::Word => 0,
                TokenKind::DoubleQuoted | TokenKind::Backtick | TokenKind::Bracket => 2,
                _ => continue,
            };
            if token.span.end - token.span.start > LONGEST_NAME + quotes {
                let (start, end) = (statement.start + token.span.start, statement.start + token.span.end);
                let name = Span { start, end };
                if own == Some(name) || token.kind == TokenKind::DoubleQuoted && is_string(kind, text, token.span.start)
                {
                    continue;
                }
                return refuse(
                    format!("a name of {} bytes, of which PostgreSQL keeps 63", end - start - quotes),
                    name,
                    "give it a name of 63 bytes at most; a string stands in single quotes",
                );
            }
        }
        Ok(())
    }

    /// The index of a name, with its table; one that a constraint makes has none.
    pub fn index(&self, name: &str) -> Option<&super::catalog::Index> {
        let stored = index_name(name);
        let indexes = self.catalog.tables.values().flat_map(|table| &table.indexes);
        indexes.into_iter().find(|index| index.name.eq_ignore_ascii_case(&stored))
    }

    /// Names that begin with `sqlite_` are SQLite's own.
    pub fn not_reserved(&self, name: &Name) -> Result<()> {
        match name.text.get(..7) {
            Some(start) if start.eq_ignore_ascii_case("sqlite_") => {
                sqlite_error(format!("object name reserved for internal use: {}", name.text), name.span, None)
            }
            _ => Ok(()),
        }
    }

    pub fn create_index(&mut self, create: &CreateIndex, span: Span) -> Result<()> {
        self.no_parameters = Some("index expressions");
        if let Some(schema) = &create.name.schema {
            self.own_schema(schema)?;
        }
        let written = &create.name.name.text;
        self.not_reserved(&create.name.name)?;
        if let Some(name) = schema_table_name(&create.table.text) {
            return sqlite_error(format!("table {name} may not be indexed"), create.table.span, None);
        }
        match self.catalog.table(&create.table.text) {
            None => {
                let schema = create.name.schema.as_ref().map_or("main", |schema| &schema.text);
                let message = format!("no such table: {schema}.{}", create.table.text);
                return sqlite_error(message, create.table.span, Some("no-such-table"));
            }
            Some(table) if table.is_view => return sqlite_error("views may not be indexed", create.table.span, None),
            Some(table) if FullText::of(table).is_some() => {
                return sqlite_error("virtual tables may not be indexed", create.table.span, None);
            }
            Some(_) => {}
        }
        if !create.if_not_exists {
            let mut keys = self.catalog.tables.values().flat_map(|table| &table.unique_keys);
            let is_cut = written.len() > LONGEST_NAME && self.index(written).is_some();
            if is_cut || keys.any(|key| key.name.eq_ignore_ascii_case(written)) {
                return sqlite_error(
                    format!("index {written} already exists"),
                    create.name.span,
                    Some("already-exists"),
                );
            }
            if self.catalog.table(written).is_some() {
                return sqlite_error(
                    format!("there is already a table named {written}"),
                    create.name.span,
                    Some("already-exists"),
                );
            }
        }
        self.table_name(&create.name, &index_name(written));
        let table =
            self.target_table(&QualifiedName { span: create.table.span, schema: None, name: create.table.clone() })?;
        self.rename(&create.table, &table.name);
        let source = Source::of_table(&table.name, &table);
        self.scopes.push(Scope { sources: vec![source], ..Scope::default() });
        let result = self.index_terms(create);
        self.scopes.pop();
        result?;
        if create.unique {
            self.adopt_foreign_keys(&table.name);
            if self.index(written).is_none() {
                self.follow_writers(&table.name, span)?;
            }
        }
        if !create.if_not_exists || self.index(written).is_none() {
            let words = if create.unique { "UNIQUE INDEX" } else { "INDEX" };
            let name = identifier(&index_name(written));
            self.remember(words, "INDEX", &name, create.name.name.span, span);
        }
        Ok(())
    }

    fn index_terms(&mut self, create: &CreateIndex) -> Result<()> {
        for term in &create.terms {
            if let ExprKind::Column { table: None, column, .. } = &term.expr.kind
                && super::scope::is_rowid_name(&column.text)
                && self.catalog.table(&create.table.text).is_some_and(|table| table.column(&column.text).is_none())
            {
                let message = format!("no such column: {}", column.text);
                return sqlite_error(message, column.span, Some("no-such-column"));
            }
            if self.index_string(create, term) {
                continue;
            }
            let mut typed = self.expr(&term.expr)?;
            let plain = match &term.expr.kind {
                ExprKind::Column { .. } => true,
                ExprKind::Collate { operand, .. } => matches!(operand.kind, ExprKind::Column { .. }),
                _ => false,
            };
            if typed.constant.is_some() {
                self.note(&rules::schema::INDEX_TERMS, term.span);
                let end = if typed.ty == super::types::Type::Text { "::text)" } else { ")" };
                self.edits.wrap(term.expr.span, "(", end);
                continue;
            }
            if typed.collation != Collation::Binary {
                self.note(&rules::schema::NOCASE, term.span);
                self.fold_for(typed.collation, &term.expr, &mut typed);
                self.edits.wrap(term.expr.span, "(", ")");
            } else if !plain && !matches!(term.expr.kind, ExprKind::Parenthesized(_)) {
                self.note(&rules::schema::INDEX_TERMS, term.span);
                self.edits.wrap(term.expr.span, "(", ")");
            }
            if typed.nullable && !create.unique {
                // So that ORDER BY, which puts NULLs first, can use it.
                self.note(&rules::schema::INDEX_TERMS, term.span);
                let words = if term.order == Some(SortOrder::Desc) { " NULLS LAST" } else { " NULLS FIRST" };
                self.edits.wrap(term.span, "", words);
            }
        }
        if let Some(condition) = &create.where_clause {
            self.no_parameters = Some("partial index WHERE clauses");
            self.condition(condition)?;
        }
        Ok(())
    }

    /// A string as the whole term: it is the column of that name, or a constant.
    fn index_string(&mut self, create: &CreateIndex, term: &IndexTerm) -> bool {
        let ExprKind::String(text) = &term.expr.kind else { return false };
        let column = self.catalog.table(&create.table.text).and_then(|table| table.column(text));
        let printed = match column {
            Some(column) if column.collation == Collation::Binary => identifier(&column.name),
            Some(column) => format!("({})", column.collation.folded(&identifier(&column.name))),
            None => format!("({}::text)", super::names::quote_literal(text)),
        };
        self.note(&rules::schema::INDEX_TERMS, term.span);
        self.edits.replace_text(term.expr.span, printed);
        true
    }

    /// What has to run first, and whether there is anything to drop.
    pub fn drop_object(&mut self, drop: &Drop, span: Span) -> Result<Option<Vec<String>>> {
        if drop.object == DropObject::Trigger {
            return self.drop_trigger(drop, span);
        }
        self.own_table(drop.name.schema.as_ref(), &drop.name.name.text, drop.name.span)?;
        let written = &drop.name.name.text;
        let name = if drop.object == DropObject::Index { index_name(written) } else { fold(written) };
        if let Some(name) = schema_table_name(&name).filter(|_| drop.object == DropObject::Table) {
            return sqlite_error(format!("table {name} may not be dropped"), drop.name.span, None);
        }
        if drop.object == DropObject::Index && !drop.if_exists && self.index(&name).is_none() && !self.options.in_memory
        {
            if self.catalog.tables.values().any(|table| table.unique_keys.iter().any(|key| key.name == name))
                || name.starts_with("sqlite_autoindex_")
            {
                let message = "index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped";
                return sqlite_error(message, drop.name.span, Some("no-such-table"));
            }
            let message = format!("no such index: {}", self.source(drop.name.span));
            return sqlite_error(message, drop.name.span, Some("no-such-table"));
        }
        let mut before = Vec::new();
        let name = match self.catalog.table(&name) {
            Some(table) if matches!(drop.object, DropObject::Table | DropObject::View) => {
                match (drop.object, table.is_view) {
                    (DropObject::Table, true) => {
                        return sqlite_error(format!("use DROP VIEW to delete view {written}"), drop.name.span, None);
                    }
                    (DropObject::View, false) => {
                        return sqlite_error(format!("use DROP TABLE to delete table {written}"), drop.name.span, None);
                    }
                    _ => {
                        // SQLite drops what others still need.
                        let views = self.catalog.tables.values().any(|other| other.is_view && other.name != table.name);
                        if views || table.is_referenced {
                            self.note(&rules::schema::BROKEN_VIEWS, drop.name.span);
                            let name = super::names::quote_literal(&identifier(&table.name));
                            before.push(format!("SELECT sqlift.before_drop({name})"));
                        }
                        table.name.clone()
                    }
                }
            }
            None if matches!(drop.object, DropObject::Table | DropObject::View) && !drop.if_exists => {
                let what = if drop.object == DropObject::Table { "table" } else { "view" };
                return sqlite_error(format!("no such {what}: {written}"), drop.name.span, Some("no-such-table"));
            }
            _ => name,
        };
        self.table_name(&drop.name, &name);
        let is_named = |text: &Option<String>| text.as_deref().is_some_and(|text| mentions(text, &name));
        let mut others = self.catalog.tables.values().filter(|table| table.name != name);
        if matches!(drop.object, DropObject::Table | DropObject::View)
            && others.any(|table| table.triggers.iter().any(|trigger| is_named(&trigger.created)))
        {
            let behind = self.catalog_behind(span);
            before.extend(self.follow_triggers(&behind, &[&name])?);
        }
        let keyed =
            |table: &&std::sync::Arc<super::catalog::Table>| table.unique_keys.iter().any(|key| key.name == name);
        if drop.object == DropObject::Index
            && let Some(table) = self.catalog.tables.values().find(keyed)
        {
            self.follow_writers(&table.name, span)?;
        }
        if drop.object == DropObject::Table && self.has_own_sequences() {
            let name = super::names::quote_literal(&name);
            self.afterwards.push(format!("DELETE FROM sqlite_sequence WHERE name = {name}"));
        }
        Ok(Some(before))
    }

    /// sqlite_sequence is a table, as in a database in memory.
    pub fn has_own_sequences(&self) -> bool {
        self.catalog.table("sqlite_sequence").is_some_and(|table| !table.is_view)
    }

    /// Whether ANALYZE finds the table, index or schema.
    fn is_analyzed(&self, name: &QualifiedName) -> bool {
        let text = &name.name.text;
        self.catalog.table(text).is_some()
            || schema_table_name(text).is_some()
            || ["main", "temp"].contains(&fold(text).as_str())
            || self.knows_index(text)
    }

    fn knows_index(&self, written: &str) -> bool {
        let name = index_name(written);
        let is_of_key = |table: &std::sync::Arc<Table>| table.unique_keys.iter().any(|key| key.name == name);
        self.options.in_memory
            || name.starts_with("sqlite_autoindex_")
            || self.index(&name).is_some()
            || self.catalog.tables.values().any(is_of_key)
    }

    /// ANALYZE, REINDEX, VACUUM: kept where they mean the same, otherwise nothing to do.
    pub fn maintenance(&mut self, kind: &StatementKind, span: Span) -> Result<Kind> {
        match kind {
            StatementKind::Analyze { name: Some(name) } if self.catalog.table(&name.name.text).is_some() => {
                let table = self.target_table(name)?;
                self.edits.replace_text(span, format!("ANALYZE {}", identifier(&table.name)));
            }
            StatementKind::Analyze { name: Some(name) } if !self.is_analyzed(name) => {
                return sqlite_error(format!("no such table: {}", name.shown()), name.span, Some("no-such-table"));
            }
            StatementKind::Reindex { name: Some(name) } => {
                let is_collation = ["binary", "nocase", "rtrim"].contains(&fold(&name.name.text).as_str());
                if let Some(table) = self.catalog.table(&name.name.text) {
                    self.edits.replace_text(span, format!("REINDEX TABLE {}", identifier(&table.name)));
                } else if is_collation {
                    self.edits.delete(span);
                } else if !self.knows_index(&name.name.text) {
                    return sqlite_error("unable to identify the object to be reindexed", name.span, None);
                } else {
                    self.edits
                        .replace_text(span, format!("REINDEX INDEX {}", identifier(&index_name(&name.name.text))));
                }
            }
            StatementKind::Vacuum { into: Some(into), .. } => {
                return refuse("VACUUM INTO writes a file of SQLite's", into.span, "use pg_dump");
            }
            _ => self.edits.delete(span),
        }
        Ok(Kind::Other)
    }
}

/// SQLite's name of its schema table, when that is meant.
pub(crate) fn schema_table_name(name: &str) -> Option<&'static str> {
    match fold(name).as_str() {
        "sqlite_master" | "sqlite_schema" => Some("sqlite_master"),
        "sqlite_temp_master" | "sqlite_temp_schema" => Some("sqlite_temp_master"),
        _ => None,
    }
}

/// Whether what stands in double quotes there is a string to SQLite: RAISE's message, or an option of a virtual table.
fn is_string(kind: &StatementKind, text: &str, start: usize) -> bool {
    let before: Vec<_> = crate::syntax::tokens(&text[..start]).filter(|token| !token.kind.is_trivia()).collect();
    match before.as_slice() {
        [.., equal] if matches!(kind, StatementKind::CreateVirtualTable(_)) => equal.span.text(text) == "=",
        [.., raise, open, _, comma] if matches!(kind, StatementKind::CreateTrigger(_)) => {
            raise.span.text(text).eq_ignore_ascii_case("raise")
                && open.kind == TokenKind::LeftParen
                && comma.kind == TokenKind::Comma
        }
        _ => false,
    }
}
