//! JOIN USING and NATURAL JOIN over columns of unlike types or collations: PostgreSQL would bring both to one type, which rounds
//! integers and shows another class, and compare by a collation of its own.

use super::ast::{Join, JoinConstraint, JoinKind};
use super::collation::deciding_collation;
use super::column_name::ColumnName;
use super::matching::json_as_type_of;
use super::names::identifier;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::scope::{Source, SourceColumn};
use super::types::{Affinity, Collation, Type, Typed};
use super::untyped::{converting, folding};
use crate::syntax::Span;

impl Pass<'_> {
    /// Writes ON for USING where PostgreSQL's USING means another comparison or another joined column; says whether it did.
    pub fn using_as_on(
        &mut self,
        join: &Join,
        names: &[ColumnName],
        left: &[Source],
        right: &[Source],
    ) -> Result<bool> {
        let find = |sources: &[Source], name: &str| {
            sources.iter().find_map(|source| {
                let column = source.column(name).filter(|column| !column.merged)?;
                Some((format!("{}.{}", source.printed, identifier(&column.name)), column))
            })
        };
        let mut conditions = Vec::with_capacity(names.len());
        let mut differs = false;
        let place = match &join.constraint {
            Some(JoinConstraint::Using(names)) => names.first().map_or(join.operator_span, |name| name.span),
            _ => join.operator_span,
        };
        for name in names {
            let (Some((l, left)), Some((r, right))) = (find(left, name), find(right, name)) else { return Ok(false) };
            match comparison(&l, &left, &r, &right, place)? {
                Some(condition) => {
                    differs = true;
                    conditions.push(condition);
                }
                None => conditions.push(format!("{l} = {r}")),
            }
        }
        if !differs {
            return Ok(false);
        }
        if matches!(join.operator.kind, JoinKind::Right | JoinKind::Full) {
            return refuse(
                "a RIGHT or FULL JOIN USING columns of unlike types, or by NOCASE",
                place,
                "write ON a.x = b.x, and coalesce(a.x, b.x) for the joined column",
            );
        }
        self.note(&rules::select::USING_AS_ON, place);
        let condition = format!(" ON {}", conditions.join(" AND "));
        match &join.constraint {
            Some(JoinConstraint::Using(names)) => {
                let end = names.last().map_or(join.table.span.end, |name| self.closing_parenthesis(name.span.end));
                self.edits.replace_text(Span { start: join.table.span.end, end }, condition);
            }
            _ => self.edits.wrap(join.table.span, "", condition),
        }
        Ok(true)
    }

    fn closing_parenthesis(&self, from: usize) -> usize {
        self.sql[from..].find(')').map_or(from, |at| from + at + 1)
    }
}

/// How SQLite compares the two; `None` where PostgreSQL's `=` does the same and both are of one type.
fn comparison(l: &str, left: &SourceColumn, r: &str, right: &SourceColumn, place: Span) -> Result<Option<String>> {
    let (left, right) = (&left.typed, &right.typed);
    let is_open = |typed: &Typed| matches!(typed.ty, Type::Null | Type::Unknown);
    if is_open(left) || is_open(right) {
        return Ok(None);
    }
    let collation = deciding_collation(left, right);
    if left.ty == right.ty && left.collation == Collation::Binary && right.collation == Collation::Binary {
        return Ok(None);
    }
    if left.ty.is_number() && right.ty.is_number() {
        let is_real = left.ty == Type::Real || right.ty == Type::Real;
        // The comparison of reals stands ahead, for an index: it says yes wherever the exact one does.
        return Ok(Some(match is_real {
            true => format!("({l} = {r} AND sqlift.comparable({l}) = sqlift.comparable({r}))"),
            false => format!("{l} = {r}"),
        }));
    }
    if left.ty == Type::Text && right.ty == Type::Text {
        let folded = |text: &str| match collation {
            Collation::Binary => format!("{text} COLLATE \"C\""),
            Collation::NoCase => format!("lower({text} COLLATE \"C\")"),
            Collation::RTrim => format!("rtrim({text} COLLATE \"C\")"),
        };
        return Ok(Some(format!("{} = {}", folded(l), folded(r))));
    }
    let can_equal_json = |typed: &Typed| typed.ty.is_number() || typed.ty == Type::Text;
    if collation == Collation::Binary {
        if right.ty == Type::Json && can_equal_json(left) {
            return Ok(Some(format!("{l} = {}", json_as_type_of(left, right, r))));
        }
        if left.ty == Type::Json && can_equal_json(right) {
            return Ok(Some(format!("{} = {r}", json_as_type_of(right, left, l))));
        }
    }
    let is_plain = |typed: &Typed| typed.ty.is_number() || matches!(typed.ty, Type::Text | Type::Blob | Type::Any);
    // Of an expression without an affinity the number's text would count.
    let has_affinity = |typed: &Typed| !typed.ty.is_number() || typed.affinity == Affinity::Number;
    if ![left, right].iter().all(|typed| is_plain(typed) && has_affinity(typed)) {
        return refuse(
            format!("JOIN USING compares {} with {}", left.ty.describe(), right.ty.describe()),
            place,
            "write ON with a comparison, and CAST one side to the type of the other",
        );
    }
    let value = |text: &str, own: &Typed, other: &Typed| -> Result<String> {
        let mut value = format!("sqlift.value_of({text})");
        for function in [converting(own, other, place)?, folding(collation)].into_iter().flatten() {
            value = format!("{function}({value})");
        }
        Ok(value)
    };
    Ok(Some(format!("{} = {}", value(l, left, right)?, value(r, right, left)?)))
}
