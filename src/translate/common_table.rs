//! WITH: common tables, recursive ones among them.

use std::collections::HashMap;

use super::ast::*;
use super::from::{column_list, rename_twins};
use super::names::{LONGEST_NAME, fold, quote_identifier};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::queue::Recursion;
use super::rules;
use super::scope::CommonTableColumns;
use super::select::{Place, Tail, gives_one_row};
use super::types::Columns;
use super::types::{Collation, Type, Typed};
use crate::syntax::{self, Span, TokenKind};

impl Pass<'_> {
    /// `reader`: the SELECT that reads the common tables.
    pub fn with(&mut self, with: &With, reader: Option<&Select>) -> Result<()> {
        let mut recursive = false;
        are_told_apart(&with.tables)?;
        let order = self.readers_last(&with.tables);
        // PostgreSQL knows a later common table's name under that word alone.
        recursive |= !order.is_sorted();
        for at in order {
            recursive |= self.common_table(&with.tables[at], reader)?;
        }
        if recursive && !with.recursive {
            self.note(&rules::select::RECURSIVE, with.span);
            let word = Span { start: with.span.start, end: with.span.start + "WITH".len() };
            self.edits.wrap(word, "", " RECURSIVE");
        }
        Ok(())
    }

    /// The places of common tables, each behind the later ones that its text names; those that name each other stay.
    fn readers_last(&self, tables: &[CommonTable]) -> Vec<usize> {
        fn place(at: usize, names: &[Vec<usize>], state: &mut [bool], order: &mut Vec<usize>) {
            if !std::mem::replace(&mut state[at], true) {
                names[at].iter().for_each(|later| place(*later, names, state, order));
                order.push(at);
            }
        }
        if tables.len() < 2 {
            return (0..tables.len()).collect();
        }
        let places: HashMap<String, usize> =
            tables.iter().enumerate().map(|(at, table)| (fold(&table.name.text), at)).collect();
        let names_later = |at: usize| -> Vec<usize> {
            let text = &self.sql[tables[at].select.span.start..tables[at].select.span.end];
            syntax::tokens(text)
                .filter(|token| token.kind == TokenKind::Word)
                .filter_map(|token| places.get(&fold(token.span.text(text))).copied())
                .filter(|named| *named > at)
                .collect()
        };
        let names: Vec<_> = (0..tables.len()).map(names_later).collect();
        let (mut state, mut order) = (vec![false; tables.len()], Vec::new());
        (0..tables.len()).for_each(|at| place(at, &names, &mut state, &mut order));
        order
    }

    /// Whether it reads itself.
    pub fn common_table(&mut self, table: &CommonTable, reader: Option<&Select>) -> Result<bool> {
        let name = self.declare(&table.name);
        let told_apart = self.told_apart(table);
        let table = told_apart.as_ref().unwrap_or(table);
        let declared: Vec<String> = table.columns.iter().map(|column| fold(&column.text)).collect();
        if table.select.body.compounds.is_empty() {
            let mut body = self.subselect(&table.select)?;
            if declared.is_empty() && rename_twins(&mut body) {
                self.edits.wrap(table.name.span, "", column_list(&body));
            }
            let columns = named(body, &declared, table)?;
            let is_sorted = !table.select.order_by.is_empty();
            self.common_tables.push(CommonTableColumns { name, columns, printed: None, recursive: false, is_sorted });
            return Ok(false);
        }
        let first = self.preview(&table.select, &declared)?;
        let columns = self.settled(&name, table, &first);
        let way = self.way_of(table, reader, &columns);
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let printed = (way != Way::Plain).then(|| self.generated_name());
        let found = CommonTableColumns { name, columns, printed: printed.clone(), recursive: false, is_sorted: false };
        self.common_tables.push(found);
        let at = self.common_tables.len() - 1;
        let steps = recursive_arms(&table.select, &self.common_tables[at].name);
        let body = &table.select.body;
        let step = body.compounds[body.compounds.len() - steps..].first();
        let recursion = step.map(|step| (body.first.span.start, step.core.span.start));
        let outer = std::mem::replace(&mut self.recursion_at, recursion);
        let body = self.subselect(&table.select)?;
        self.recursion_at = outer;
        let recursive = self.common_tables[at].recursive;
        let seen = &self.common_tables[at].columns;
        if let (true, Some(index)) = (recursive, other_class(seen, &body)) {
            return refuse(
                format!("column {} is of another type once the recursion goes on", seen[index].0),
                table.span,
                "CAST it to one type in each of its SELECTs",
            );
        }
        if recursive {
            self.first_types(&first, &body);
        }
        self.common_tables[at].printed = None;
        if let (true, Some(printed)) = (recursive, &printed) {
            self.recursion(&table.select, way, printed, &names, &body)?;
        } else if recursive {
            if !table.select.order_by.is_empty() {
                let terms = self.compound_terms(&table.select, &body)?;
                let has_own_order =
                    |index: usize, collation| collation == Collation::Binary && body[index].1.ty != Type::Json;
                if let Some((term, ..)) = terms.iter().find(|(_, index, collation)| !has_own_order(*index, *collation))
                {
                    return refuse(
                        "a recursion is ordered by a JSON value, or by NOCASE or RTRIM",
                        term.span,
                        "CAST the value to INTEGER, REAL or TEXT in each of its SELECTs",
                    );
                }
                self.without_order(&table.select, table.span);
            }
            if let Some(part) = table.select.body.compounds.iter().find(|part| part.operator == CompoundOperator::Union)
                && body.iter().any(|(_, typed)| super::compound::is_collated(typed))
            {
                return refuse(
                    "a recursion whose rows are told apart by NOCASE, which its first SELECT does not say",
                    part.span,
                    "write COLLATE NOCASE in the first SELECT too",
                );
            }
        }
        self.common_tables[at].columns = named(body, &declared, table)?;
        Ok(recursive && printed.is_none())
    }

    /// Names the columns that are listed; of two of one name the second is called `name:1`, as of a subquery.
    fn told_apart(&mut self, table: &CommonTable) -> Option<CommonTable> {
        let is_twin = |(at, column): (usize, &Name)| {
            table.columns[..at].iter().any(|earlier| earlier.text.eq_ignore_ascii_case(&column.text))
        };
        if !table.columns.iter().enumerate().any(is_twin) {
            table.columns.iter().for_each(|column| _ = self.declare(column));
            return None;
        }
        let mut names: Columns =
            table.columns.iter().map(|column| (column.text.to_string(), Typed::new(Type::Null))).collect();
        rename_twins(&mut names);
        let mut table = table.clone();
        for (column, (name, _)) in table.columns.iter_mut().zip(names) {
            column.text = name.as_str().into();
            self.edits.replace_text(column.span, quote_identifier(&fold(&name)));
        }
        Some(table)
    }

    /// Whether nothing shows in which order the rows of common tables come: the query sorts, or makes one row of them.
    fn hides_order(&self, select: &Select) -> bool {
        let body = Span { start: select.body.first.span.start, end: select.span.end };
        let shows = |word: &str| {
            let in_order = ["group_concat", "string_agg", "json_group", "jsonb_group", "over"];
            in_order.iter().any(|start| word.starts_with(start))
        };
        let words = syntax::tokens(self.source(body)).filter(|token| token.kind == TokenKind::Word);
        let words: Vec<String> = words.map(|token| token.span.text(self.source(body)).to_ascii_lowercase()).collect();
        (!select.order_by.is_empty() || gives_one_row(select))
            && words.iter().filter(|word| *word == "select").count() == 1
            && !words.iter().any(|word| shows(word))
    }

    /// Leaves out an ORDER BY that nothing hangs on.
    fn without_order(&mut self, select: &Select, span: Span) {
        let (Some(first), Some(last)) = (select.order_by.first(), select.order_by.last()) else { return };
        let words: Vec<_> =
            syntax::tokens(&self.sql[..first.span.start]).filter(|token| token.kind == TokenKind::Word).collect();
        let start = words.len().checked_sub(2).map_or(first.span.start, |index| words[index].span.start);
        self.note(&rules::select::RECURSIVE, span);
        self.edits.delete(Span { start, end: last.span.end });
    }

    /// How PostgreSQL is to run a compound common table, if it turns out to read itself.
    fn way_of(&self, table: &CommonTable, reader: Option<&Select>, first: &Columns) -> Way {
        let select = &table.select;
        let arms = recursive_arms(select, &fold(&table.name.text));
        let is_set = select.body.compounds.last().is_some_and(|part| part.operator == CompoundOperator::Union);
        if arms == 0 {
            return Way::Plain;
        }
        if is_set && first.iter().any(|(_, typed)| super::compound::is_collated(typed)) {
            return Way::Queue;
        }
        // Of a chain there is one order, and a query that sorts asks for none.
        let chain = self.is_chain(select, &table.name);
        match (select.order_by.is_empty(), &select.limit) {
            (false, None) if chain || arms == 1 && reader.is_some_and(|reader| self.hides_order(reader)) => Way::Plain,
            (false, _) if !chain => Way::Queue,
            (true, Some(_)) if reads_alone(select, &table.name) => Way::Limited,
            (false, Some(_)) if chain => Way::Limited,
            (_, None) if arms == 1 => Way::Plain,
            _ => Way::InOrder,
        }
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
        one && reads_alone(select, name)
    }

    /// The recursion in the place of the SELECT that it was.
    fn recursion(&mut self, select: &Select, way: Way, printed: &str, names: &[String], body: &Columns) -> Result<()> {
        let own = self.common_tables.last().map_or(String::new(), |table| table.name.clone());
        let arms = recursive_arms(select, &own);
        let recursion = Recursion { select, arms, own: &own, printed, names, body };
        match (way, &select.limit) {
            (Way::Plain, _) | (Way::Limited, None) => {}
            (Way::Limited, Some(limit)) => {
                if !select.order_by.is_empty() {
                    self.without_order(select, select.span);
                }
                self.limited_recursion(select, limit, printed, names);
            }
            (Way::InOrder, _) => self.in_order(&recursion),
            (Way::Queue, _) => self.queue(&recursion)?,
        }
        Ok(())
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
            scratch.with(with, None)?;
        }
        let columns = scratch.core(&select.body.first, Place::Inner, Tail::default(), true)?;
        scratch.common_tables.truncate(common_tables);
        Ok(columns
            .into_iter()
            .enumerate()
            .map(|(index, (name, typed))| {
                let typed = typed.as_result().nullable(true);
                // Its NULL is one in the first row alone.
                let typed = Typed { kinds: Some(super::arms::of_column(&typed)), ..typed };
                (declared.get(index).cloned().unwrap_or_else(|| fold(&name)), typed)
            })
            .collect())
    }
}

/// How a common table that reads itself runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As PostgreSQL's own recursion.
    Plain,
    /// The same, in a query with a LIMIT.
    Limited,
    /// One row after the other, in the order in which they came.
    InOrder,
    /// One row after the other, as ORDER BY says.
    Queue,
}

/// Whether one SELECT reads the table that a compound makes, and nothing beside it.
fn reads_alone(select: &Select, name: &Name) -> bool {
    let [part] = select.body.compounds.as_slice() else { return false };
    let SelectCoreKind::Select(simple) = &part.core.kind else { return false };
    simple.from.as_ref().is_some_and(|from| {
        let own = |table: &QualifiedName| table.schema.is_none() && fold(&table.name.text) == fold(&name.text);
        from.joins.is_empty() && matches!(&from.first.kind, TableRefKind::Table { name, .. } if own(name))
    })
}

/// How many SELECTs at the end of a compound read the table of this name, which they make.
pub(crate) fn recursive_arms(select: &Select, name: &str) -> usize {
    let own = |table: &TableRef| match &table.kind {
        TableRefKind::Table { name: table, .. } => table.schema.is_none() && fold(&table.name.text) == name,
        _ => false,
    };
    let reads = |part: &&Compound| match &part.core.kind {
        SelectCoreKind::Select(simple) => {
            simple.from.as_ref().is_some_and(|from| own(&from.first) || from.joins.iter().any(|join| own(&join.table)))
        }
        SelectCoreKind::Values(_) => false,
    };
    select.body.compounds.iter().rev().take_while(reads).count()
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
            Some(declared) => {
                let shown = table.columns.get(index).map(|name| (&*name.text).into());
                (declared.clone(), Typed { shown, ..typed.as_result() })
            }
            None => (fold(&name), typed.as_result()),
        })
        .collect())
}

/// # Errors
/// SQLite's, of two common tables of one name; a refusal where PostgreSQL would cut two names to one.
fn are_told_apart(tables: &[CommonTable]) -> Result<()> {
    let mut cut = HashMap::new();
    for table in tables {
        let name = table.name.text.as_bytes();
        let Some(twin) = cut.insert(name[..name.len().min(LONGEST_NAME)].to_ascii_lowercase(), table) else { continue };
        if fold(&twin.name.text) == fold(&table.name.text) {
            return sqlite_error(format!("duplicate WITH table name: {}", table.name.text), table.name.span, None);
        }
        let longer = if table.name.text.len() > LONGEST_NAME { table } else { twin };
        return refuse(
            format!("a name of {} bytes, of which PostgreSQL keeps 63", longer.name.text.len()),
            longer.name.span,
            "give it a name of 63 bytes at most",
        );
    }
    Ok(())
}
