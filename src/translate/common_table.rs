//! WITH: common tables, recursive ones among them.

use super::ast::*;
use super::from::{column_list, rename_twins};
use super::names::fold;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::CommonTableColumns;
use super::select::{Columns, Place};
use super::types::{Type, Typed};
use crate::syntax::{self, Span, TokenKind};

impl Pass<'_> {
    /// `sorted`: what reads the common tables has an order of its own, or needs none.
    pub fn with(&mut self, with: &With, sorted: bool) -> Result<()> {
        let mut recursive = false;
        for table in &with.tables {
            recursive |= self.common_table(table, sorted)?;
        }
        if recursive && !with.recursive {
            self.note(&rules::select::RECURSIVE, with.span);
            let word = Span { start: with.span.start, end: with.span.start + "WITH".len() };
            self.edits.wrap(word, "", " RECURSIVE");
        }
        Ok(())
    }

    /// Whether it reads itself.
    pub fn common_table(&mut self, table: &CommonTable, sorted: bool) -> Result<bool> {
        let name = self.declare(&table.name);
        let declared: Vec<String> = table.columns.iter().map(|column| self.declare(column)).collect();
        if table.select.body.compounds.is_empty() {
            let mut body = self.subselect(&table.select)?;
            if declared.is_empty() && rename_twins(&mut body) {
                self.edits.wrap(table.name.span, "", column_list(&body));
            }
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
            // The order in which rows leave SQLite's queue; of a chain there is one, and a query that sorts asks for none.
            if self.is_chain(&table.select, &table.name) || sorted && table.select.limit.is_none() {
                let (Some(first), Some(last)) = (table.select.order_by.first(), table.select.order_by.last()) else {
                    return Ok(recursive);
                };
                let words = syntax::tokens(&self.sql[..first.span.start])
                    .filter(|token| token.kind == TokenKind::Word)
                    .collect::<Vec<_>>();
                let start = words.len().checked_sub(2).map_or(first.span.start, |index| words[index].span.start);
                self.note(&rules::select::RECURSIVE, table.span);
                self.edits.delete(Span { start, end: last.span.end });
            } else {
                return refuse(
                    "ORDER BY inside a recursive common table",
                    table.span,
                    "put ORDER BY on the SELECT that reads it",
                );
            }
        }
        let seen = &self.common_tables[at].columns;
        if let (true, Some(index)) = (recursive, other_class(seen, &body)) {
            return refuse(
                format!("column {} is of another type once the recursion goes on", seen[index].0),
                table.span,
                "CAST it to one type in each of its SELECTs",
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

    /// Whether each row of a recursion gives one more at most, and it begins with one.
    fn is_chain(&self, select: &Select, name: &Name) -> bool {
        let SelectCoreKind::Select(first) = &select.body.first.kind else { return false };
        let one = match (&first.from, &first.where_clause) {
            (None, _) => true,
            (Some(from), Some(condition)) => {
                let key = match &from.first.kind {
                    TableRefKind::Table { name, .. } => {
                        self.catalog.table(&name.name.text).and_then(|table| table.rowid_column())
                    }
                    _ => None,
                };
                let is_key = |expr: &Expr| match &expr.kind {
                    ExprKind::Column { column, .. } => key.is_some_and(|key| key.name == fold(&column.text)),
                    _ => false,
                };
                let is_value = |expr: &Expr| matches!(expr.kind, ExprKind::Integer | ExprKind::Placeholder(_));
                from.joins.is_empty()
                    && matches!(&condition.kind, ExprKind::Binary { operator: BinaryOperator::Equal, left, right, .. }
                        if is_key(left) && is_value(right))
            }
            _ => false,
        };
        let follows = |part: &Compound| match &part.core.kind {
            SelectCoreKind::Select(simple) => simple.from.as_ref().is_some_and(|from| {
                let own = |table: &QualifiedName| table.schema.is_none() && fold(&table.name.text) == fold(&name.text);
                from.joins.is_empty() && matches!(&from.first.kind, TableRefKind::Table { name, .. } if own(name))
            }),
            SelectCoreKind::Values(_) => false,
        };
        one && select.body.compounds.len() == 1 && select.body.compounds.iter().all(follows)
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
            scratch.with(with, false)?;
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

/// The column that is a value of any class in all of a common table, and was none in its first SELECT.
fn other_class(first: &[(String, Typed)], all: &Columns) -> Option<usize> {
    let is_any = |typed: &Typed| typed.ty == Type::Any;
    first.iter().zip(all).position(|((_, first), (_, all))| is_any(first) != is_any(all))
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
