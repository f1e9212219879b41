//! FROM: tables, views, common tables, subqueries and joins, and the columns they offer.

use super::ast::*;
use super::column_name::ColumnName;
use super::names::{fold, identifier};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::{Source, SourceColumn};
use super::types::Columns;
use super::types::Type;
use crate::syntax::Span;

impl Pass<'_> {
    pub fn from(&mut self, from: &From) -> Result<Vec<Source>> {
        let mut sources = self.table_ref(&from.first, true)?;
        let mixed = from.joins.iter().any(|join| join.operator.kind != JoinKind::Comma);
        for join in &from.joins {
            // A table function sees what stands left of it.
            let lateral = matches!(join.table.kind, TableRefKind::Function { .. });
            let outer = lateral.then(|| std::mem::replace(&mut self.scope().sources, sources.clone()));
            let right = self.table_ref(&join.table, false);
            if let Some(outer) = outer {
                self.scope().sources = outer;
            }
            let mut right = right?;
            self.join(join, &mut sources, &mut right, mixed)?;
        }
        Ok(sources)
    }

    fn join(&mut self, join: &Join, left: &mut Vec<Source>, right: &mut Vec<Source>, mixed: bool) -> Result<()> {
        let kind = join.operator.kind;
        let plain = matches!(kind, JoinKind::Comma | JoinKind::Inner | JoinKind::Cross) && !join.operator.natural;
        let mut merged: Vec<ColumnName> = Vec::new();
        if join.operator.natural {
            let shared = |column: &SourceColumn| left.iter().any(|source| source.column(&column.name).is_some());
            merged.extend(right.iter().flat_map(Source::columns).filter(shared).map(|column| column.name));
        }
        match &join.constraint {
            Some(JoinConstraint::On(_)) | Some(JoinConstraint::Using(_)) if plain && kind != JoinKind::Inner => {
                self.fired.rule(&rules::select::JOIN_WITHOUT_ON);
                self.edits.replace_text(join.operator_span, if kind == JoinKind::Comma { " JOIN" } else { "JOIN" });
            }
            None if plain && (kind == JoinKind::Inner || kind == JoinKind::Comma && mixed) => {
                // SQLite's comma is a join like others: what stands left of it is in sight to the right.
                self.note(&rules::select::JOIN_WITHOUT_ON, join.operator_span);
                self.edits.replace_text(
                    join.operator_span,
                    if kind == JoinKind::Comma { " CROSS JOIN" } else { "CROSS JOIN" },
                );
            }
            None if !plain && !join.operator.natural => {
                self.fired.rule(&rules::select::JOIN_WITHOUT_ON);
                self.edits.wrap(join.table.span, "", " ON true");
            }
            _ => {}
        }
        let hidden = left.iter().chain(right.iter()).any(|source| source.has_hidden());
        let by_on = join.operator.natural && self.using_as_on(join, &merged, left, right)?;
        if by_on {
            let words = self.source(join.operator_span).to_owned();
            self.edits.replace_text(join.operator_span, without_natural(&words));
        } else if join.operator.natural && hidden && !merged.is_empty() {
            // NATURAL would join the hidden columns too.
            self.fired.rule(&rules::rowids::HIDDEN_ROWID);
            let words = self.source(join.operator_span).to_owned();
            self.edits.replace_text(join.operator_span, without_natural(&words));
            let names: Vec<String> = merged.iter().map(|name| identifier(name)).collect();
            self.edits.wrap(join.table.span, "", format!(" USING ({})", names.join(", ")));
        }
        if join.operator.natural
            && merged.is_empty()
            && matches!(kind, JoinKind::Inner | JoinKind::Comma | JoinKind::Cross)
        {
            self.fired.rule(&rules::select::JOIN_WITHOUT_ON);
            self.edits.replace_text(join.operator_span, "CROSS JOIN");
        }
        if let Some(JoinConstraint::Using(names)) = &join.constraint {
            for name in names {
                let folded = fold(&name.text);
                for side in [&*left, &*right] {
                    if !side.iter().any(|source| source.column(&folded).is_some()) {
                        return sqlite_error(
                            format!("cannot join using column {} - column not present in both tables", name.text),
                            name.span,
                            Some("no-such-column"),
                        );
                    }
                }
                self.rename(name, &folded);
                merged.push(folded.as_str().into());
            }
        }
        let by_on = by_on || !join.operator.natural && self.using_as_on(join, &merged, left, right)?;
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            left.iter_mut().for_each(|source| source.is_outer = true);
        }
        for source in right.iter_mut() {
            source.is_outer |= matches!(kind, JoinKind::Left | JoinKind::Full);
            source.merged.extend_from_slice(&merged);
            source.merges_by_on |= by_on;
        }
        left.append(right);
        if let Some(JoinConstraint::On(condition)) = &join.constraint {
            self.join_condition(condition, left)?;
        }
        Ok(())
    }

    fn table_ref(&mut self, table: &TableRef, is_first: bool) -> Result<Vec<Source>> {
        match &table.kind {
            TableRefKind::Table { name, indexed } => {
                if let Some(indexed) = indexed {
                    self.note(&rules::select::INDEXED_BY, indexed.span);
                    self.edits.delete(indexed.span);
                }
                let mut source = self.named_table(name, table.alias.as_ref())?;
                if let Some(alias) = &table.alias {
                    source.call(&self.declare(alias));
                }
                if source.full_text.is_some() {
                    self.content_read(&mut source, name.span, table.alias.is_some())?;
                }
                Ok(vec![source])
            }
            TableRefKind::Function { name, arguments } => self.table_function(table, name, arguments),
            TableRefKind::Subquery(select) => {
                let mut columns = self.subselect(select)?;
                let renamed = rename_twins(&mut columns);
                let list = if renamed { column_list(&columns) } else { String::new() };
                let name = match &table.alias {
                    Some(alias) => {
                        let name = self.declare(alias);
                        self.edits.wrap(alias.span, "", list);
                        name
                    }
                    None => {
                        let name = self.generated_name();
                        self.note(&rules::select::SUBQUERY_ALIAS, table.span);
                        self.edits.wrap(table.span, "", format!(" AS {name}{list}"));
                        name
                    }
                };
                Ok(vec![source_of(&name, columns)])
            }
            TableRefKind::Join(from) => {
                let Some((only, bare)) = only_table(from) else {
                    let Some(alias) = &table.alias else { return self.from(from) };
                    return refuse("an alias for a join in parentheses", alias.span, "give each table its own alias");
                };
                // PostgreSQL has parentheses around joins alone.
                self.fired.rule(&rules::select::NAMES);
                let (alias, text) = match (&table.alias, bare) {
                    // The alias inside counts where the table is all of FROM's beginning.
                    (None, None) => (only.alias.clone(), only.span),
                    (None, _) if is_first => (only.alias.clone(), only.span),
                    (None, Some(bare)) => (None, bare),
                    (Some(alias), Some(bare)) => (Some(alias.clone()), bare),
                    (Some(alias), None) => {
                        let help = "give it the alias outside of the parentheses alone";
                        return refuse("an alias inside and outside of parentheses", alias.span, help);
                    }
                };
                let sources = self.table_ref(&TableRef { alias, ..only.clone() }, is_first)?;
                let mut pieces = vec![text.into()];
                if let Some(alias) = &table.alias {
                    pieces.extend([" ".into(), alias.span.into()]);
                }
                self.edits.replace(table.span, pieces);
                Ok(sources)
            }
        }
    }

    /// The prefix of a table's name. PostgreSQL's bare name means the temporary one of two tables of one name, so that the other
    /// cannot be told.
    pub fn own_table(&self, schema: Option<&Name>, name: &str, span: Span) -> Result<()> {
        let Some(schema) = schema else { return Ok(()) };
        self.own_schema(schema)?;
        let Some(table) = self.catalog.table(name).filter(|_| !self.options.in_memory) else { return Ok(()) };
        let (temporary, is_main) = (table.schema.starts_with("pg_temp"), schema.text.eq_ignore_ascii_case("main"));
        match (temporary, is_main) {
            (true, true) => refuse_hidden(table, span),
            (false, false) if table.schema != "sqlift" => sqlite_error(
                format!("no such table: {}", format_args!("{}.{name}", schema.text)),
                span,
                Some("no-such-table"),
            ),
            _ => Ok(()),
        }
    }

    /// A table, view or common table by name; its name is respelled, a schema prefix dropped.
    pub fn named_table(&mut self, name: &QualifiedName, alias: Option<&Name>) -> Result<Source> {
        self.own_table(name.schema.as_ref(), &name.name.text, name.span)?;
        if name.schema.is_none()
            && let Some(found) =
                self.common_tables.iter_mut().rev().find(|table| table.name.eq_ignore_ascii_case(&name.name.text))
        {
            found.recursive = true;
            let columns = found.columns.clone();
            let folded = found.name.clone();
            match found.printed.clone() {
                Some(printed) => {
                    let alias = if alias.is_none() { format!(" AS {}", identifier(&folded)) } else { String::new() };
                    self.edits.replace_text(name.span, format!("{printed}{alias}"));
                }
                None => self.rename(&name.name, &folded),
            }
            return Ok(source_of(&folded, columns));
        }
        if let Some(source) = self.schema_table(name, alias)? {
            return Ok(source);
        }
        let Some(table) = self.catalog.shared(&name.name.text) else {
            return sqlite_error(format!("no such table: {}", name.shown()), name.span, Some("no-such-table"));
        };
        self.not_broken(table, name.span)?;
        self.table_name(name, &table.name);
        let mut source = Source::of_table(&table.name, table);
        self.as_computed(table, &mut source);
        Ok(source)
    }

    /// Respells a table's name where it stands, without its schema.
    pub fn table_name(&mut self, name: &QualifiedName, to: &str) {
        if self.catalog.table(to).is_some_and(|table| table.schema == "sqlift") {
            // One of SQLite's own, which the compat schema has.
            self.note(&rules::rowids::SQLITE_SEQUENCE, name.span);
            return self.edits.replace_text(name.span, format!("sqlift.{to}"));
        }
        match &name.schema {
            None => self.rename(&name.name, to),
            Some(_) => {
                self.fired.rule(&rules::select::NAMES);
                self.edits.replace_text(name.span, identifier(to));
            }
        }
    }

    pub fn table_columns(&mut self, name: &QualifiedName) -> Result<Columns> {
        let source = self.named_table(name, None)?;
        Ok(source.columns().map(|column| (column.name.to_string(), column.typed)).collect())
    }
}

/// The one table in parentheses, and its text without an alias, where that is known.
fn only_table(from: &From) -> Option<(&TableRef, Option<Span>)> {
    let only = &from.first;
    match &only.kind {
        _ if !from.joins.is_empty() => None,
        TableRefKind::Table { name, .. } => Some((only, Some(name.span))),
        TableRefKind::Join(inner) if only.alias.is_none() => only_table(inner),
        TableRefKind::Join(_) => None,
        TableRefKind::Subquery(_) | TableRefKind::Function { .. } => {
            Some((only, only.alias.is_none().then_some(only.span)))
        }
    }
}

/// `LEFT JOIN` for `NATURAL LEFT JOIN`.
fn without_natural(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("natural")).collect();
    words.join(" ")
}

/// The second column of one name is called `name:1` outside, the third `name:2`; says whether there is one.
pub(crate) fn rename_twins(columns: &mut Columns) -> bool {
    let mut renamed = false;
    for index in 1..columns.len() {
        let mut count = 0;
        loop {
            let (earlier, rest) = columns.split_at_mut(index);
            let name = &mut rest[0].0;
            if !earlier.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                break;
            }
            let stem = match name.rsplit_once(':') {
                Some((stem, number)) if !stem.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => stem,
                _ => name.as_str(),
            };
            count += 1;
            *name = format!("{stem}:{count}");
            rest[0].1.shown = Some(rest[0].0.as_str().into());
            renamed = true;
        }
    }
    renamed
}

/// `(a, b, ...)` behind an alias.
pub(crate) fn column_list(columns: &Columns) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| identifier(&fold(name))).collect();
    format!("({})", names.join(", "))
}

/// What a subquery or common table offers: columns, whose collations are their own, of an expression without one BINARY.
pub(crate) fn source_of(name: &str, columns: Columns) -> Source {
    let columns = columns.into_iter().map(|(name, typed)| {
        let mut typed = typed.as_column();
        if typed.ty == Type::Text {
            typed.from_column = true;
        }
        SourceColumn { name: fold(&name).as_str().into(), typed, merged: false }
    });
    Source::listed(name, columns)
}

/// What stands behind a temporary table of its name cannot be told on PostgreSQL.
pub(super) fn refuse_hidden<T>(table: &super::catalog::Table, span: Span) -> Result<T> {
    refuse(
        format!("{} is a temporary table's name too, which stands before the other on PostgreSQL", table.name),
        span,
        "give the temporary table another name",
    )
}
