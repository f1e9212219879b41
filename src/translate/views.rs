//! CREATE VIEW, and views whose tables are not there.
//!
//! SQLite keeps a view's text and looks at it when the view is read: it may be created before its tables, and stays when
//! they are dropped. On PostgreSQL such a view is kept as one that only fails, with SQLite's text beside it, and is made
//! anew when a statement brings what it needs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::ast::*;
use super::catalog::{Catalog, Table};
use super::deep;
use super::names::{fold, identifier, quote_literal};
use super::offline;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::Source;
use super::select::{Columns, Place};
use super::types::{Affinity, Type, Typed};
use super::{Options, Refusal};
use crate::syntax::{Span, tokens};

/// What is known of the views' columns within one statement, by name; `None` where a text cannot be read.
pub(crate) type Views = Arc<Mutex<HashMap<String, Option<Arc<Columns>>>>>;

/// The one column of a view that only fails; `sqlift.redefine_view` makes it.
pub(crate) const BROKEN: &str = "sqlift_broken";

impl Pass<'_> {
    /// `None` when the view is there already.
    pub fn create_view(&mut self, create: &CreateView, span: Span) -> Result<Option<()>> {
        self.no_parameters = Some("views");
        if let Some(schema) = &create.name.schema {
            self.own_schema(schema)?;
        }
        let name = fold(&create.name.name.text);
        self.not_reserved(&create.name.name)?;
        self.no_index_of(&create.name)?;
        if create.if_not_exists && self.catalog.table(&name).is_some() {
            return Ok(None);
        }
        self.name_is_free(&create.name, create.temporary)?;
        let temporary = if create.temporary { "TEMP " } else { "" };
        let head = format!("CREATE {temporary}VIEW {}", identifier(&name));
        match self.select(&create.select, Place::Inner) {
            Ok(_) => {
                let columns = column_list(create);
                self.edits.replace(span, [format!("{head}{columns} AS ").into(), create.select.span.into()]);
            }
            // SQLite looks at the names when the view is read.
            Err(refusal) if is_about_a_name(&refusal) => {
                self.note(&rules::schema::BROKEN_VIEWS, create.name.span);
                self.edits.replace_text(span, format!("{head} AS SELECT sqlift.broken_view() AS {BROKEN}"));
            }
            Err(refusal) => return Err(refusal),
        }
        self.remember("VIEW", "VIEW", &identifier(&name), create.name.name.span, span);
        self.mend_views(span);
        Ok(Some(()))
    }

    /// A view's columns are what its SELECT makes of them, on SQLite: an expression has no affinity and no collation, whatever type
    /// PostgreSQL's view says.
    pub fn as_computed(&self, table: &Table, source: &mut Source) {
        let Some(columns) = self.columns_of_view(table) else { return };
        let mut offered: Vec<_> = source.columns().collect();
        if columns.len() != offered.len() {
            return;
        }
        for (offered, (_, typed)) in offered.iter_mut().zip(columns.iter()) {
            let typed = typed.as_result();
            // Of what a column gives PostgreSQL knows as much; NULL is text there.
            if typed.affinity == Affinity::None
                && !matches!(typed.ty, Type::Null | Type::Unknown | Type::Boolean | Type::Any)
            {
                let from_column = typed.from_column || typed.ty == Type::Text;
                offered.typed = Typed { from_column, shown: offered.typed.shown.take(), ..typed };
            }
        }
        source.list(offered);
    }

    /// What a view's text makes of its columns. Views that it reads are looked at first, one after the other: a hundred of them over
    /// each other must not be as many calls inside each other.
    fn columns_of_view(&self, view: &Table) -> Option<Arc<Columns>> {
        let known = |name: &str| self.views.lock().expect("nobody panicked").get(name).cloned();
        view.view_text.as_ref()?;
        let mut waiting = vec![view];
        while let Some(&next) = waiting.last() {
            let text = next.view_text.as_deref().unwrap_or_default();
            if known(&next.name).is_none() {
                let read = tokens(text)
                    .filter_map(|token| self.catalog.table(token.span.text(text).trim_matches(['"', '`', '[', ']'])))
                    .filter(|read| read.view_text.is_some() && known(&read.name).is_none())
                    // One over itself, by way of others, is SQLite's error.
                    .filter(|read| waiting.iter().all(|waiting| waiting.name != read.name));
                let before = waiting.len();
                waiting.extend(read.collect::<Vec<_>>());
                if waiting.len() > before {
                    continue;
                }
                let columns = computed(text, self.catalog, self.options, &self.views).ok().map(Arc::new);
                self.views.lock().expect("nobody panicked").insert(next.name.clone(), columns);
            }
            waiting.pop();
        }
        known(&view.name).flatten()
    }

    /// Makes views anew that need what the statement creates.
    pub fn mend_views(&mut self, statement: Span) {
        self.make_anew(
            statement,
            |table| table.broken.as_deref(),
            |pass, view, text, catalog| Some(vec![redefined(view, &definition(text, catalog, pass.options).ok()?)]),
        );
    }

    /// Views over `*` show what the statement adds to a table or calls otherwise: SQLite reads their text each time.
    pub fn follow_columns(&mut self, statement: Span) {
        self.make_anew(
            statement,
            |table| table.view_text.as_deref().filter(|text| text.contains('*')),
            |pass, view, text, catalog| pass.followed(view, text, catalog),
        );
    }

    /// Of the views of which `text` tells one, by name, runs what `anew` gives for the catalog behind the statement.
    fn make_anew(
        &mut self,
        statement: Span,
        text: fn(&Table) -> Option<&str>,
        anew: impl Fn(&Self, &Table, &str, &Catalog) -> Option<Vec<String>>,
    ) {
        let mut views = views_with(self.catalog, text);
        if views.is_empty() {
            return;
        }
        let mut catalog = self.catalog_behind(statement);
        // A view over a view has its turn once that one has had it.
        loop {
            let before = views.len();
            views.retain(|(view, text)| {
                let Some(statements) = anew(self, view, text, &catalog) else { return true };
                self.afterwards.extend(statements);
                catalog.tables.remove(&view.name.to_ascii_lowercase());
                offline::apply_as(&mut catalog, text, self.options.types);
                false
            });
            if views.is_empty() || views.len() == before {
                return;
            }
        }
    }

    /// The catalog as the statement leaves it.
    fn catalog_behind(&self, statement: Span) -> Catalog {
        let mut catalog = self.catalog.clone();
        offline::apply_as(&mut catalog, self.source(statement), self.options.types);
        catalog
    }

    /// A column that a view names cannot be dropped, and SQLite says which view that is.
    pub fn leaves_views(&self, statement: Span) -> Result<()> {
        let views = views_with(self.catalog, |table| table.view_text.as_deref());
        if views.is_empty() {
            return Ok(());
        }
        let catalog = self.catalog_behind(statement);
        for (view, text) in views {
            if let Err(refusal) = definition(text, &catalog, self.options)
                && is_about_a_name(&refusal)
                && definition(text, self.catalog, self.options).is_ok()
            {
                let message = format!("error in view {} after drop column: {}", view.name, refusal.message);
                return sqlite_error(message, statement, None);
            }
        }
        Ok(())
    }

    /// The statements that give a view the columns it has in the new catalog; `None` when they are the same, or cannot be told.
    fn followed(&self, view: &Table, text: &str, new: &Catalog) -> Option<Vec<String>> {
        let names = |columns: &Columns| -> Vec<String> { columns.iter().map(|(name, _)| name.clone()).collect() };
        let before = names(&*self.columns_of_view(view)?);
        let after = names(&computed(text, new, self.options, &Views::default()).ok()?);
        if before == after || !of_view(text, |create| Ok(create.columns.is_empty())).ok()? {
            return None;
        }
        let (name, body) = (identifier(&view.name), definition(text, new, self.options).ok()?);
        if after.starts_with(&before) {
            return Some(vec![format!("CREATE OR REPLACE VIEW {name}{body}")]);
        }
        if after.len() == before.len() && view.columns.len() == before.len() {
            let pairs =
                view.columns.iter().zip(before.iter().zip(&after)).filter(|(_, (before, after))| before != after);
            let renames = pairs.map(|(column, (_, after))| {
                format!("ALTER VIEW {name} RENAME COLUMN {} TO {}", identifier(&column.name), identifier(&fold(after)))
            });
            return Some(renames.collect());
        }
        Some(vec![redefined(view, &body)])
    }

    /// What SQLite says when a view is read whose tables are not there.
    pub fn not_broken(&self, table: &Table, span: Span) -> Result<()> {
        let Some(text) = &table.broken else { return Ok(()) };
        // Without the view itself, so that one over itself ends.
        let mut catalog = self.catalog.clone();
        catalog.tables.remove(&table.name.to_ascii_lowercase());
        match definition(text, &catalog, self.options) {
            Ok(_) => refuse(
                format!("what view {} reads was dropped, or made anew by somebody else", table.name),
                span,
                "DROP VIEW and create it again",
            ),
            Err(refusal) => {
                let temporary = table.schema.starts_with("pg_temp") && !self.options.in_memory;
                let message = match refusal.message.strip_prefix("no such table: ") {
                    Some(name) if !temporary && !name.contains('.') => format!("no such table: main.{name}"),
                    _ => refusal.message,
                };
                Err(Refusal { message, span, help: None, rule: Some("no-such-table") })
            }
        }
    }
}

/// Hands the tree of a view's text to `walk`.
fn of_view<T: Send>(text: &str, walk: impl FnOnce(&CreateView) -> Result<T> + Send) -> Result<T> {
    deep::with_tree(text, |statement| match &statement.kind {
        StatementKind::CreateView(create) => walk(create),
        _ => refuse("no view's text", statement.span, "DROP VIEW and create it again"),
    })?
}

/// What is known of the columns that a view's text makes.
fn computed(text: &str, catalog: &Catalog, options: &Options, views: &Views) -> Result<Columns> {
    of_view(text, |create| {
        let mut pass = Pass::new(text, catalog, options);
        pass.views = Arc::clone(views);
        pass.subselect(&create.select)
    })
}

/// What stands behind the view's name in PostgreSQL's CREATE VIEW.
fn definition(text: &str, catalog: &Catalog, options: &Options) -> Result<String> {
    of_view(text, |create| {
        let mut pass = Pass::new(text, catalog, options);
        pass.no_parameters = Some("views");
        pass.select(&create.select, Place::Inner)?;
        let columns = column_list(create);
        Ok(format!("{columns} AS {}", pass.edits.render(text, create.select.span).text))
    })
}

/// Views and the texts of theirs, by name.
fn views_with(catalog: &Catalog, text: fn(&Table) -> Option<&str>) -> Vec<(&Table, &str)> {
    let mut views: Vec<(&Table, &str)> =
        catalog.tables.values().filter_map(|table| Some((&**table, text(table)?))).collect();
    views.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    views
}

/// Puts another definition in a view's place, with its triggers and rights.
fn redefined(view: &Table, definition: &str) -> String {
    let name = quote_literal(&identifier(&view.name));
    format!("SELECT sqlift.redefine_view({name}::regclass, {})", quote_literal(definition))
}

fn column_list(create: &CreateView) -> String {
    let columns: Vec<String> = create.columns.iter().map(|column| identifier(&fold(&column.text))).collect();
    if columns.is_empty() { String::new() } else { format!("({})", columns.join(", ")) }
}

fn is_about_a_name(refusal: &Refusal) -> bool {
    matches!(refusal.rule, Some("no-such-table" | "no-such-column"))
}
