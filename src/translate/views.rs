//! CREATE VIEW, and views whose tables are not there.
//!
//! SQLite keeps a view's text and looks at it when the view is read: it may be created before its tables, and stays when
//! they are dropped. On PostgreSQL such a view is kept as one that only fails, with SQLite's text beside it, and is made
//! anew when a statement brings what it needs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::altered::mentions;
use super::ast::*;
use super::catalog::{Catalog, Table};
use super::deep;
use super::names::{fold, identifier, quote_literal};
use super::offline;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::scope::Source;
use super::select::Place;
use super::types::Columns;
use super::types::{Affinity, Type, Typed};
use super::{Options, Refusal, TypePolicy};
use crate::syntax::{Span, tokens};

/// What is known of the views' columns within one statement, by name; `None` where a text cannot be read.
pub(crate) type Views = Arc<Mutex<HashMap<String, Option<Arc<Columns>>>>>;

/// The one column of a view that only fails; `sqlift.redefine_view` makes it.
pub(crate) const BROKEN: &str = "sqlift_broken";

/// How a view comes to other columns.
enum Followed {
    By(Vec<String>),
    /// It is dropped and created, with those that read it.
    MadeAnew,
}

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
        let is_temporary = self.is_temporary(create.temporary, &create.name)?;
        let here = is_temporary || self.options.in_memory;
        if create.if_not_exists
            && self.catalog.table(&name).is_some_and(|table| table.schema.starts_with("pg_temp") == here)
        {
            return Ok(None);
        }
        self.name_is_free(&create.name, is_temporary)?;
        let temporary = if is_temporary { "TEMP " } else { "" };
        let head = format!("CREATE {temporary}VIEW {}", identifier(&name));
        match self.select(&create.select, Place::Declared) {
            Ok(computed) => {
                let columns = column_list(create, &computed);
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
        self.mend(span)?;
        Ok(Some(()))
    }

    /// A view's columns are what its SELECT makes of them, on SQLite: it spells their names, and an expression has no affinity and
    /// no collation, whatever type PostgreSQL's view says.
    pub fn as_computed(&self, table: &Table, source: &mut Source) {
        let Some(columns) = self.columns_of_view(table) else { return };
        let mut offered: Vec<_> = source.columns().collect();
        if columns.len() != offered.len() {
            return;
        }
        for (offered, (name, typed)) in offered.iter_mut().zip(columns.iter()) {
            if **name != *offered.name {
                offered.typed.shown = Some(name.as_str().into());
            }
            let typed = typed.as_column();
            if typed.ty == Type::Text {
                // By COLLATE it may be another than that of PostgreSQL's column.
                offered.typed.collation = typed.collation;
            }
            offered.typed.affinity = match typed.ty {
                Type::Text | Type::Any | Type::Blob | Type::Integer | Type::Real | Type::Numeric => typed.affinity,
                _ => offered.typed.affinity,
            };
            // Of what a column gives PostgreSQL knows as much; NULL is text there.
            let is_known = typed.affinity == Affinity::None
                && !matches!(typed.ty, Type::Null | Type::Unknown | Type::Boolean | Type::Any);
            // A column of json_each() is no expression, and to PostgreSQL a document.
            if is_known || typed.ty == Type::Json {
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
    pub fn mend_views(&mut self, new: &mut Catalog) {
        let mut views = views_with(self.catalog, |table| table.broken.as_deref());
        // A view over a view has its turn once that one has had it.
        loop {
            let before = views.len();
            views.retain(|(view, _)| {
                let text = text_behind(new, view);
                let Ok(definition) = definition(&text, new, self.options) else { return true };
                self.afterwards.push(redefined(view, Some(&definition)));
                describe_anew(new, view, &text, self.options.types);
                false
            });
            if views.is_empty() || views.len() == before {
                return;
            }
        }
    }

    /// Views over `*` show what the statement adds to a table, takes from it or calls otherwise, and a view's column without an
    /// alias goes by the new name: SQLite reads their text each time. `columns` are the names that mean something else behind
    /// the statement. Gives what has to run first.
    pub fn follow_columns(&mut self, table: &str, columns: &[&str], new: &mut Catalog) -> Vec<String> {
        let all = views_with(self.catalog, |table| table.view_text.as_deref());
        let is_open = |text: &str| columns.iter().chain(&["natural"]).any(|name| mentions(text, name));
        let mut views = readers(&all, vec![table]);
        let mut made_anew: Vec<&Table> = Vec::new();
        loop {
            let before = views.len();
            views.retain(|(view, text)| {
                let behind = text_behind(new, view);
                let how = if is_open(text) { Some(Followed::MadeAnew) } else { self.followed(view, &behind, new) };
                match how {
                    None => return true,
                    Some(Followed::By(statements)) => self.afterwards.extend(statements),
                    Some(Followed::MadeAnew) => made_anew.push(view),
                }
                describe_anew(new, view, &behind, self.options.types);
                false
            });
            if views.is_empty() || views.len() == before {
                break;
            }
        }
        match made_anew.is_empty() {
            true => Vec::new(),
            false => self.make_anew(readers(&all, made_anew.iter().map(|view| view.name.as_str()).collect()), new),
        }
    }

    /// Puts other definitions in the places of views; gives what has to run first, so that PostgreSQL lets the columns go.
    fn make_anew(&mut self, views: Vec<(&Table, &str)>, new: &mut Catalog) -> Vec<String> {
        let mut waiting: Vec<(&Table, String)> =
            views.iter().map(|(view, _)| (*view, text_behind(new, view))).collect();
        // The readers of a view are described once it is.
        let mut described = new.clone();
        for (view, _) in &waiting {
            described.tables.remove(&view.name);
        }
        let mut in_order = Vec::new();
        loop {
            let before = waiting.len();
            waiting.retain(|(view, text)| {
                let Ok(definition) = definition(text, &described, self.options) else { return true };
                self.afterwards.push(redefined(view, Some(&definition)));
                if let Some(behind) = new.tables.get(&view.name) {
                    described.tables.insert(view.name.clone(), Arc::clone(behind));
                }
                describe_anew(&mut described, view, text, self.options.types);
                in_order.push(*view);
                false
            });
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        *new = described;
        in_order.iter().rev().map(|view| redefined(view, None)).collect()
    }

    /// The catalog as the statement leaves it.
    pub fn catalog_behind(&self, statement: Span) -> Catalog {
        let mut catalog = self.catalog.clone();
        offline::apply_as(&mut catalog, self.source(statement), self.options.types);
        catalog
    }

    /// What gives a view the columns it has in the new catalog; `None` when they are the same, or cannot be told.
    fn followed(&self, view: &Table, behind: &str, new: &Catalog) -> Option<Followed> {
        let names = |columns: &Columns| -> Vec<String> { columns.iter().map(|(name, _)| name.clone()).collect() };
        let before = names(&*self.columns_of_view(view)?);
        let after = names(&computed(behind, new, self.options, &Views::default()).ok()?);
        if before == after {
            return None;
        }
        if after.starts_with(&before) {
            let body = definition(behind, new, self.options).ok()?;
            let statement = format!("CREATE OR REPLACE VIEW {}{body}", identifier(&view.name));
            return Some(Followed::By(vec![statement]));
        }
        if after.len() == before.len() && view.columns.len() == before.len() {
            let name = identifier(&view.name);
            let pairs =
                view.columns.iter().zip(before.iter().zip(&after)).filter(|(_, (before, after))| before != after);
            let pairs = pairs.filter(|(column, (_, after))| column.name != fold(after));
            let renames = pairs.map(|(column, (_, after))| {
                format!("ALTER VIEW {name} RENAME COLUMN {} TO {}", identifier(&column.name), identifier(&fold(after)))
            });
            return Some(Followed::By(renames.collect()));
        }
        Some(Followed::MadeAnew)
    }

    /// Behind a RENAME that leaves their texts alone, views look for a table that is not there. Gives what has to run first.
    pub fn break_views(&mut self, table: &str, new: &mut Catalog) -> Vec<String> {
        let all = views_with(self.catalog, |table| table.view_text.as_deref());
        let mut views = readers(&all, vec![table]);
        for (view, _) in &views {
            new.tables.remove(&view.name);
        }
        let mut statements = Vec::new();
        // Each ahead of those that it reads.
        while !views.is_empty() {
            let is_read = |name: &str| views.iter().any(|(view, text)| view.name != name && mentions(text, name));
            let at = views.iter().position(|(view, _)| !is_read(&view.name)).unwrap_or(0);
            statements.push(redefined(views.remove(at).0, None));
        }
        statements
    }

    /// What SQLite says when a view is read whose tables are not there.
    pub fn not_broken(&self, table: &Table, span: Span) -> Result<()> {
        if self.options.flags.case_sensitive_like {
            self.reads_no_like(table, span)?;
        }
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

impl Pass<'_> {
    /// What the database keeps has LIKE as it was without `PRAGMA case_sensitive_like`; SQLite's means what the connection says.
    fn reads_no_like(&self, view: &Table, span: Span) -> Result<()> {
        if view.view_text.is_none() {
            // A generated column's values are stored here.
            let computes = view.columns.iter().any(|column| column.is_generated) && says_like(view.created.as_deref());
            return if computes { has_like(view, span) } else { Ok(()) };
        }
        let all = views_with(self.catalog, |table| table.view_text.as_deref());
        let reading = all.iter().filter(|(_, text)| says_like(Some(text))).map(|(view, _)| view.name.as_str());
        let reading: Vec<&str> = reading.collect();
        let found =
            reading.contains(&&*view.name) || readers(&all, reading).iter().any(|(reader, _)| reader.name == view.name);
        if found { has_like(view, span) } else { Ok(()) }
    }

    /// As [`reads_no_like`](Self::reads_no_like), of what a write makes of a row: its table's CHECKs, and triggers.
    pub fn writes_no_like(&self, table: &Table, span: Span) -> Result<()> {
        let fires = !table.triggers.is_empty() || self.catalog.has_key_actions;
        let mut triggers = self.catalog.tables.values().flat_map(|table| &table.triggers);
        if says_like(table.created.as_deref()) || fires && triggers.any(|trigger| says_like(trigger.created.as_deref()))
        {
            return has_like(table, span);
        }
        Ok(())
    }
}

/// Whether a kept text has LIKE in it.
fn says_like(text: Option<&str>) -> bool {
    text.is_some_and(|text| mentions(text, "like"))
}

fn has_like(table: &Table, span: Span) -> Result<()> {
    refuse(
        format!("{} has LIKE in what it does, and PRAGMA case_sensitive_like is ON", table.name),
        span,
        "write GLOB there, or set case_sensitive_like = OFF before this statement",
    )
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
        let mut columns = pass.select(&create.select, Place::Declared)?;
        for (column, name) in columns.iter_mut().zip(&create.columns) {
            column.0 = name.text.to_string();
        }
        super::from::rename_twins(&mut columns);
        Ok(columns)
    })
}

/// What stands behind the view's name in PostgreSQL's CREATE VIEW.
fn definition(text: &str, catalog: &Catalog, options: &Options) -> Result<String> {
    of_view(text, |create| {
        let mut pass = Pass::new(text, catalog, options);
        pass.no_parameters = Some("views");
        let computed = pass.select(&create.select, Place::Declared)?;
        let columns = column_list(create, &computed);
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

/// The views that read one of these, by way of others too.
fn readers<'a>(all: &[(&'a Table, &'a str)], mut names: Vec<&'a str>) -> Vec<(&'a Table, &'a str)> {
    let mut found: Vec<(&Table, &str)> = Vec::new();
    loop {
        let before = found.len();
        for (view, text) in all {
            let is_new = found.iter().all(|(known, _)| known.name != view.name);
            if is_new && names.iter().any(|name| mentions(text, name)) {
                names.push(&view.name);
                found.push((view, text));
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Puts another definition in a view's place, with its triggers and rights; `None` makes it one that only fails.
fn redefined(view: &Table, definition: Option<&str>) -> String {
    let name = quote_literal(&identifier(&view.name));
    let definition = definition.map_or_else(|| "NULL".to_owned(), quote_literal);
    format!("SELECT sqlift.redefine_view({name}::regclass, {definition})")
}

/// The view's text as the new catalog has it.
fn text_behind(new: &Catalog, view: &Table) -> String {
    let behind = new.table(&view.name);
    let text = behind.and_then(|view| view.view_text.as_ref().or(view.broken.as_ref()));
    text.or(view.view_text.as_ref()).or(view.broken.as_ref()).cloned().unwrap_or_default()
}

/// Brings the catalog to what it is once the view has the columns of its text.
fn describe_anew(new: &mut Catalog, view: &Table, text: &str, types: TypePolicy) {
    let before = new.tables.remove(&view.name);
    offline::apply_as(new, text, types);
    if let (Some(before), Some(now)) = (before, new.table_mut(&view.name)) {
        now.triggers.clone_from(&before.triggers);
        now.takes = before.takes;
        now.schema.clone_from(&before.schema);
        now.made = before.made;
    }
}

/// The names of a view's columns where its SELECT does not tell them: the second one of a name is another one on SQLite.
fn column_list(create: &CreateView, computed: &Columns) -> String {
    let mut columns = computed.clone();
    for (column, name) in columns.iter_mut().zip(&create.columns) {
        column.0 = name.text.to_string();
    }
    match super::from::rename_twins(&mut columns) || !create.columns.is_empty() {
        true => super::from::column_list(&columns),
        false => String::new(),
    }
}

fn is_about_a_name(refusal: &Refusal) -> bool {
    matches!(refusal.rule, Some("no-such-table" | "no-such-column" | "no-such-function"))
}
