//! Recursive common tables row by row, as SQLite runs them: a queue, from which one row leaves at a time, is given out and
//! fed to the SELECTs that read the table. <https://sqlite.org/lang_with.html#recursive_common_table_expressions>
//!
//! Without ORDER BY the queue is first in, first out, which PostgreSQL's own recursion is too, once its step is made for
//! each row by itself. With ORDER BY the recursion carries the whole queue as an array per column, oldest row first.

use super::ast::*;
use super::compound::{is_collated, key, sort_key};
use super::edits::Piece;
use super::names::{fold, quote_identifier};
use super::pass::{Pass, Result, peel};
use super::rules;
use super::types::Columns;
use super::types::type_name;
use super::types::{Collation, Type, Typed};
use crate::syntax::Span;

/// A common table that reads itself.
pub(crate) struct Recursion<'a> {
    pub select: &'a Select,
    /// How many of its last SELECTs do.
    pub arms: usize,
    /// The table's name.
    pub own: &'a str,
    /// What it is printed as.
    pub printed: &'a str,
    pub names: &'a [String],
    pub body: &'a Columns,
}

impl Recursion<'_> {
    /// The SELECTs that fill the queue.
    fn initial(&self) -> Span {
        let body = &self.select.body;
        let last = body.compounds.len() - self.arms;
        let end = last.checked_sub(1).map_or(body.first.span.end, |index| body.compounds[index].core.span.end);
        Span { start: body.first.span.start, end }
    }

    /// The SELECTs that one row is fed to.
    fn recursive(&self) -> Span {
        let compounds = &self.select.body.compounds;
        Span {
            start: compounds[compounds.len() - self.arms].core.span.start,
            end: compounds[compounds.len() - 1].core.span.end,
        }
    }

    /// Rows that came already are left out.
    fn is_set(&self) -> bool {
        self.select.body.compounds.last().is_some_and(|part| part.operator == CompoundOperator::Union)
    }

    /// Each column by its number, from 1, and what is known of it, joined with commas.
    fn list(&self, column: impl Fn(usize, &Typed) -> String) -> String {
        let columns: Vec<String> =
            self.body.iter().enumerate().map(|(index, (_, typed))| column(index + 1, typed)).collect();
        columns.join(", ")
    }

    /// The rows of SELECTs, with our names for their columns and one type in each.
    fn rows(&self, before: String, selects: Span) -> [Piece; 4] {
        let list = self.list(|number, typed| format!("{} AS sqlift_c{number}", converted(number, typed)));
        let plain = self.list(|number, _| format!("sqlift_c{number}"));
        [
            format!("SELECT {list} FROM (").into(),
            before.into(),
            selects.into(),
            format!(") AS sqlift_x({plain})").into(),
        ]
    }

    /// Those that fill the queue. What UNION and its like give comes sorted on SQLite.
    fn initial_rows(&self) -> Vec<Piece> {
        let mut pieces = self.rows(String::new(), self.initial()).to_vec();
        let compounds = &self.select.body.compounds;
        let own = &compounds[..compounds.len() - self.arms];
        if own.last().is_some_and(|part| part.operator != CompoundOperator::UnionAll) {
            pieces.push(format!(" ORDER BY {}", self.list(|number, _| format!("{number} NULLS FIRST"))).into());
        }
        pieces
    }

    /// Those that the row of the recursion gives.
    fn recursive_rows(&self) -> Vec<Piece> {
        let names = super::insert::list(self.names.iter().map(String::as_str));
        let row = self.list(|number, _| format!("sqlift_q.sqlift_c{number}"));
        self.rows(format!("WITH {}({names}) AS (SELECT {row}) ", self.printed), self.recursive()).to_vec()
    }

    /// Whether ORDER BY counts the rounds: a constant at first, and one more than the row's own for what it gives. Then the
    /// oldest row is always the next one.
    fn counts_rounds(&self, pass: &Pass<'_>, terms: &[(&OrderTerm, usize, Collation)]) -> bool {
        let [(term, index, _)] = terms else { return false };
        if term.order == Some(SortOrder::Desc) || term.nulls.is_some() {
            return false;
        }
        let constant = |expr: &Expr| (peel(expr).kind == ExprKind::Integer).then(|| pass.source(peel(expr).span));
        let body = &self.select.body;
        let cores: Vec<&SelectCore> =
            std::iter::once(&body.first).chain(body.compounds.iter().map(|part| &part.core)).collect();
        let (initial, recursive) = cores.split_at(cores.len() - self.arms);
        let first = initial.iter().flat_map(|core| values_of(core, *index)).map(|value| constant(value?));
        let next =
            recursive.iter().flat_map(|core| values_of(core, *index).into_iter().map(move |value| (core, value)));
        let more = next.map(|(core, value)| match &peel(value?).kind {
            ExprKind::Binary { operator: BinaryOperator::Add, left, right, .. } => {
                (self.is_own(core, left, *index)).then(|| constant(right)).flatten().filter(|step| *step != "0")
            }
            _ => None,
        });
        all_alike(first) && all_alike(more)
    }

    /// Whether an expression of a recursive SELECT is the column of the row that it is fed.
    fn is_own(&self, core: &SelectCore, expr: &Expr, index: usize) -> bool {
        let (ExprKind::Column { schema: None, table, column }, SelectCoreKind::Select(simple)) =
            (&peel(expr).kind, &core.kind)
        else {
            return false;
        };
        let Some(from) = &simple.from else { return false };
        let mut tables = std::iter::once(&from.first).chain(from.joins.iter().map(|join| &join.table));
        let called = tables.find_map(|item| match &item.kind {
            TableRefKind::Table { name, .. } if name.schema.is_none() && fold(&name.name.text) == self.own => {
                Some(fold(item.alias.as_ref().map_or(&name.name.text, |alias| &alias.text)))
            }
            _ => None,
        });
        fold(&column.text) == self.names[index] && table.as_ref().is_none_or(|table| Some(fold(&table.text)) == called)
    }

    /// The columns that unnest() gives: of an array of records one for each field.
    fn unnested(&self, kind: &str) -> String {
        self.list(|number, typed| match typed.ty {
            Type::Any => fields(kind, number),
            _ => format!("sqlift_{kind}{number}"),
        })
    }

    /// Those with the records put together again.
    fn rebuilt(&self, kind: &str) -> String {
        self.list(|number, typed| match typed.ty {
            Type::Any => format!(
                "CASE WHEN sqlift_class_{kind}{number} IS NOT NULL THEN ROW({})::{} END AS sqlift_{kind}{number}",
                fields(kind, number),
                super::untyped::VALUE
            ),
            _ => format!("sqlift_{kind}{number}"),
        })
    }

    /// The columns under their own names.
    fn shown(&self) -> String {
        self.list(|number, _| match fold(&self.body[number - 1].0).as_str() {
            "" => format!("sqlift_c{number}"),
            name => format!("sqlift_c{number} AS {}", quote_identifier(name)),
        })
    }
}

impl Pass<'_> {
    /// First in, first out: PostgreSQL's recursion takes the rows of a round in their order when each is looked at by itself.
    pub fn in_order(&mut self, recursion: &Recursion<'_>) {
        let union = if recursion.is_set() { " UNION " } else { " UNION ALL " };
        let mut pieces = recursion.initial_rows();
        let ordered = pieces.len() > 4;
        if ordered {
            pieces.insert(0, "(".into());
            pieces.push(")".into());
        }
        pieces.insert(0, "WITH RECURSIVE sqlift_q AS (".into());
        pieces.push(format!("{union}SELECT sqlift_k.* FROM sqlift_q, LATERAL (").into());
        pieces.extend(recursion.recursive_rows());
        pieces.push(format!(") AS sqlift_k) SELECT {} FROM sqlift_q", recursion.shown()).into());
        self.in_place(recursion, pieces);
    }

    /// As ORDER BY says; of rows that are alike there, the oldest.
    pub fn queue(&mut self, recursion: &Recursion<'_>) -> Result<()> {
        let terms = self.compound_terms(recursion.select, recursion.body)?;
        let is_set = recursion.is_set();
        let collated = is_set && recursion.body.iter().any(|(_, typed)| is_collated(typed));
        if !collated && recursion.counts_rounds(self, &terms) {
            self.in_order(recursion);
            return Ok(());
        }
        let mut order = String::new();
        for (term, index, collation) in terms {
            let typed = Typed { collation, ..recursion.body[index].1.clone() };
            let key = sort_key(&format!("sqlift_c{}", index + 1), &typed, term.span)?;
            let descending = term.order == Some(SortOrder::Desc);
            let last = match term.nulls {
                Some(nulls) => nulls == NullOrder::Last,
                None => descending,
            };
            order += &format!(
                "{key}{} NULLS {}, ",
                if descending { " DESC" } else { "" },
                if last { "LAST" } else { "FIRST" }
            );
        }
        let mut keys = Vec::new();
        for (index, (_, typed)) in recursion.body.iter().enumerate() {
            keys.push(key(&format!("sqlift_c{}", index + 1), typed, recursion.select.span)?);
        }
        let pending = |of: &str| recursion.list(|number, _| format!("{of}.sqlift_p{number}"));
        let seen = |of: &str| recursion.list(|number, _| format!("{of}.sqlift_s{number}"));
        // The rows of SELECTs in arrays, behind those there are already.
        let gathered = |rows: Vec<Piece>, ahead: &str| -> Vec<Piece> {
            let at = if is_set { " ORDER BY sqlift_at" } else { "" };
            let array = |what: &str, number: usize, kind: &str| {
                let ahead = if ahead.is_empty() { String::new() } else { format!("{ahead}.sqlift_{kind}{number} || ") };
                format!("{ahead}array_agg({what}{at}) AS sqlift_{kind}{number}")
            };
            let mut arrays = recursion.list(|number, _| array(&format!("sqlift_c{number}"), number, "p"));
            if !is_set {
                return [vec![format!("SELECT {arrays} FROM (").into()], rows, vec![") AS sqlift_x".into()]].concat();
            }
            arrays += ", ";
            arrays += &recursion.list(|number, _| array(&keys[number - 1], number, "s"));
            let known = match ahead {
                "" => String::new(),
                ahead => format!(
                    " WHERE NOT EXISTS (SELECT FROM (SELECT {} FROM unnest({}) AS sqlift_s({})) AS sqlift_s WHERE {})",
                    recursion.rebuilt("s"),
                    seen(ahead),
                    recursion.unnested("s"),
                    (keys.iter().enumerate())
                        .map(|(index, key)| format!("sqlift_s.sqlift_s{} IS NOT DISTINCT FROM {key}", index + 1))
                        .collect::<Vec<_>>()
                        .join(" AND ")
                ),
            };
            let keys = keys.join(", ");
            let before = format!(
                "SELECT {arrays} FROM (SELECT DISTINCT ON ({keys}) * FROM (SELECT *, row_number() OVER () AS sqlift_at FROM ("
            );
            let after = format!(") AS sqlift_x) AS sqlift_x{known} ORDER BY {keys}, sqlift_at) AS sqlift_x");
            [vec![before.into()], rows, vec![after.into()]].concat()
        };
        // The row that leaves, and the queue without it.
        let left = recursion.list(|number, _| {
            let array = format!("sqlift_k.sqlift_p{number}");
            format!("{array}[:sqlift_m.sqlift_at - 1] || {array}[sqlift_m.sqlift_at + 1:] AS sqlift_p{number}")
        });
        let (unnested, rebuilt) = (recursion.unnested("c"), recursion.rebuilt("c"));
        let leaving = recursion.list(|number, _| format!("sqlift_m.sqlift_c{number}"));
        let kept = if is_set { format!(", {}", seen("sqlift_k")) } else { String::new() };
        let step = format!("SELECT {leaving}, {left}{kept} FROM ");
        let first = format!(
            ") AS sqlift_k, LATERAL (SELECT * FROM (SELECT {rebuilt}, sqlift_at::integer FROM unnest({}) WITH ORDINALITY AS sqlift_u({unnested}, sqlift_at)) AS sqlift_u ORDER BY {order}sqlift_at LIMIT 1) AS sqlift_m",
            pending("sqlift_k")
        );
        let mut pieces: Vec<Piece> = vec![format!("WITH RECURSIVE sqlift_q AS ({step}(").into()];
        pieces.extend(gathered(recursion.initial_rows(), ""));
        pieces.push(format!("{first} UNION ALL {step}sqlift_q, LATERAL (").into());
        pieces.extend(gathered(recursion.recursive_rows(), "sqlift_q"));
        pieces.push(format!("{first}) SELECT {} FROM sqlift_q", recursion.shown()).into());
        self.note(&rules::select::RECURSIVE_QUEUE, recursion.select.span);
        self.in_place(recursion, pieces);
        Ok(())
    }

    /// Puts the recursion where its SELECT stood, with that one's WITH and LIMIT.
    fn in_place(&mut self, recursion: &Recursion<'_>, mut pieces: Vec<Piece>) {
        let select = recursion.select;
        let compounds = &select.body.compounds;
        for part in &compounds[compounds.len() - recursion.arms + 1..] {
            // What is a set is so as a whole, and UNION alone would sort.
            self.edits.replace_text(part.span, "UNION ALL");
        }
        if let Some(limit) = &select.limit {
            pieces.extend([" ".into(), limit.span.into()]);
        }
        if let Some(with) = &select.with {
            pieces.splice(0..0, [with.span.into(), " SELECT * FROM (".into()]);
            pieces.push(") AS sqlift_w".into());
        }
        self.note(&rules::select::RECURSIVE, select.span);
        self.edits.replace(select.span, pieces);
    }
}

/// The values that a SELECT gives a column, as far as they are written one by one.
fn values_of(core: &SelectCore, index: usize) -> Vec<Option<&Expr>> {
    match &core.kind {
        SelectCoreKind::Values(rows) => rows.iter().map(|row| row.values.get(index)).collect(),
        SelectCoreKind::Select(simple) => {
            let named = |column: &ResultColumn| matches!(column.kind, ResultColumnKind::Expr { .. });
            let value = simple.columns.get(index).filter(|_| simple.columns[..index].iter().all(named));
            vec![value.and_then(|column| match &column.kind {
                ResultColumnKind::Expr { expr, .. } => Some(expr),
                _ => None,
            })]
        }
    }
}

/// Whether all are there and the same.
fn all_alike<'a>(mut constants: impl Iterator<Item = Option<&'a str>>) -> bool {
    let Some(Some(first)) = constants.next() else { return false };
    constants.all(|other| other == Some(first))
}

fn fields(kind: &str, number: usize) -> String {
    ["class", "number", "text", "blob"].map(|field| format!("sqlift_{field}_{kind}{number}")).join(", ")
}

/// One of our columns, of the type it has in all SELECTs.
fn converted(number: usize, typed: &Typed) -> String {
    let name = match typed.ty {
        Type::Integer => "bigint",
        Type::Real => "float8",
        Type::Numeric => "numeric",
        Type::Text => return format!("sqlift_c{number}::text COLLATE \"C\""),
        Type::Blob => "bytea",
        Type::Boolean => "boolean",
        Type::Json => "jsonb",
        Type::Any => super::untyped::VALUE,
        Type::Null => "text",
        Type::Native(native) => match type_name(native) {
            Some(name) => name,
            None => return format!("sqlift_c{number}"),
        },
        Type::Unknown => return format!("sqlift_c{number}"),
    };
    format!("sqlift_c{number}::{name}")
}
