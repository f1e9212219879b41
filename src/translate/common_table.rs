//! WITH: common tables, recursive ones among them.

use super::ast::*;
use super::names::fold;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::CommonTableColumns;
use super::select::{Columns, Place};
use super::types::Typed;
use crate::syntax::Span;

impl Pass<'_> {
    pub fn with(&mut self, with: &With) -> Result<()> {
        let mut recursive = false;
        for table in &with.tables {
            recursive |= self.common_table(table)?;
        }
        if recursive && !with.recursive {
            let word = Span { start: with.span.start, end: with.span.start + "WITH".len() };
            self.edits.wrap(word, "", " RECURSIVE");
        }
        Ok(())
    }

    /// Whether it reads itself.
    pub fn common_table(&mut self, table: &CommonTable) -> Result<bool> {
        let name = self.declare(&table.name);
        let declared: Vec<String> = table.columns.iter().map(|column| self.declare(column)).collect();
        if table.select.body.compounds.is_empty() {
            let body = self.subselect(&table.select)?;
            let columns = named(body, &declared, table)?;
            self.common_tables.push(CommonTableColumns { name, columns, printed: None, recursive: false });
            return Ok(false);
        }
        let columns = self.preview(&table.select, &declared)?;
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let printed = table.select.limit.is_some().then(|| self.generated_name());
        self.common_tables.push(CommonTableColumns { name, columns, printed: printed.clone(), recursive: false });
        let at = self.common_tables.len() - 1;
        let body = self.subselect(&table.select)?;
        let recursive = self.common_tables[at].recursive;
        if recursive && !table.select.order_by.is_empty() {
            return refuse(
                "ORDER BY inside a recursive common table",
                table.span,
                "put ORDER BY on the SELECT that reads it",
            );
        }
        self.common_tables[at].columns = named(body, &declared, table)?;
        self.common_tables[at].printed = None;
        if let (true, Some(printed), Some(limit)) = (recursive, printed, &table.select.limit) {
            self.limited_recursion(&table.select, limit, &printed, &names);
            return Ok(false);
        }
        Ok(recursive)
    }

    /// LIMIT of a recursive common table: around the recursion, which PostgreSQL runs only as far as rows are wanted.
    pub fn limited_recursion(&mut self, select: &Select, limit: &Limit, inner: &str, names: &[String]) {
        self.note(&rules::select::RECURSIVE, limit.span);
        let body = Span {
            start: select.body.first.span.start,
            end: select.body.compounds.last().map_or(select.body.first.span.end, |part| part.core.span.end),
        };
        let names = super::insert::list(names.iter().map(String::as_str));
        self.edits.replace(
            select.span,
            [
                format!("WITH RECURSIVE {inner}({names}) AS (").into(),
                body.into(),
                format!(") SELECT * FROM {inner} ").into(),
                limit.span.into(),
            ],
        );
    }

    /// The columns of a common table's first arm, before its later arms may read it.
    pub fn preview(&mut self, select: &Select, declared: &[String]) -> Result<Columns> {
        let mut scratch = self.scratch();
        let common_tables = scratch.common_tables.len();
        if let Some(with) = &select.with {
            scratch.with(with)?;
        }
        let columns = scratch.core(&select.body.first, Place::Inner, None, true)?;
        scratch.common_tables.truncate(common_tables);
        Ok(columns
            .into_iter()
            .enumerate()
            .map(|(index, (name, typed))| {
                (declared.get(index).cloned().unwrap_or_else(|| fold(&name)), typed.as_result().nullable(true))
            })
            .collect())
    }
}

fn named(columns: Columns, declared: &[String], table: &CommonTable) -> Result<Columns> {
    if !declared.is_empty() && declared.len() != columns.len() {
        return sqlite_error(
            format!("table {} has {} values for {} columns", table.name.text, columns.len(), declared.len()),
            table.span,
            None,
        );
    }
    Ok(columns
        .into_iter()
        .enumerate()
        .map(|(index, (name, typed))| match declared.get(index) {
            Some(declared) => (declared.clone(), Typed { shown: None, ..typed.as_result() }),
            None => (fold(&name), typed.as_result()),
        })
        .collect())
}
