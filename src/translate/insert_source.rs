//! The query that an INSERT takes its rows from.

use super::assign::Target;
use super::ast::*;
use super::catalog::Table;
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::select::Place;
use super::types::{Columns, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn insert_source(&mut self, select: &Select, targets: &[Target], table: &Table) -> Result<()> {
        let width = targets.len();
        let counted = |given: usize, span: Span| -> Result<()> {
            if given == width {
                return Ok(());
            }
            sqlite_error(
                if width == table.columns.iter().filter(|column| !column.is_generated).count() {
                    format!("table {} has {width} columns but {given} values were supplied", table.shown())
                } else {
                    format!("{given} values for {width} columns")
                },
                span,
                Some("no-such-column"),
            )
        };
        if let SelectCoreKind::Values(rows) = &select.body.first.kind {
            if let Some(row) = rows.iter().find(|row| row.values.len() != rows[0].values.len()) {
                return sqlite_error("all VALUES must have the same number of terms", row.span, None);
            }
            for row in rows {
                counted(row.values.len(), row.span)?;
            }
        }
        let columns = self.assigned_select(select, targets)?;
        counted(columns.len(), select.span)?;
        if !select.body.compounds.is_empty() {
            for ((name, typed), target) in columns.iter().zip(targets) {
                if !is_assigned(target, typed) {
                    return refuse(
                        format!("{name} is {}, but column {} is not", typed.ty.describe(), target.name),
                        select.span,
                        "CAST it to the column's type in every SELECT",
                    );
                }
            }
        }
        Ok(())
    }

    /// A query whose columns are assigned to these. What its rows are compared, grouped and sorted by are its own values, so that
    /// conversions which change these are made around it; and so are the ids of rows which are compared.
    pub fn assigned_select(&mut self, select: &Select, targets: &[Target]) -> Result<Columns> {
        let inside = self.targets_inside(select, targets);
        let Some(inside) = self.targets_of_arms(select, targets, inside.as_deref()).or(inside) else {
            return self.select(select, Place::Assigned(targets));
        };
        let mut columns = self.select(select, Place::Assigned(&inside))?;
        if columns.len() == targets.len() {
            self.assign_around(select, targets, &inside, &columns)?;
        }
        for ((_, typed), target) in columns.iter_mut().zip(&inside).filter(|(_, target)| target.as_is) {
            typed.ty = Type::from(target.data_type);
            typed.never_a_number = target.numeric_affinity && typed.ty == Type::Text;
        }
        Ok(columns)
    }

    /// For a compound SELECT whose arms cannot be converted one by one: all of its columns are converted around it.
    fn targets_of_arms(&self, select: &Select, targets: &[Target], inside: Option<&[Target]>) -> Option<Vec<Target>> {
        if select.body.compounds.is_empty() {
            return None;
        }
        let given = |targets: &[Target]| self.scratch().select(select, Place::Assigned(targets));
        let tried = inside.unwrap_or(targets);
        let serves = |columns: Columns| {
            let mut pairs = tried.iter().zip(&columns);
            columns.len() != tried.len() || pairs.all(|(target, (_, typed))| target.as_is || is_assigned(target, typed))
        };
        if !compares_converted(&select.body) && given(tried).is_ok_and(serves) {
            return None;
        }
        let as_is = |target: &Target| Target { as_is: true, identity_of: None, ..target.clone() };
        let all: Vec<Target> = targets.iter().map(as_is).collect();
        given(&all).is_ok().then_some(all)
    }

    fn assign_around(
        &mut self,
        select: &Select,
        targets: &[Target],
        inside: &[Target],
        columns: &Columns,
    ) -> Result<()> {
        let is_missing = |target: &Target, typed: &Typed| target.identity_of.is_some() && typed.nullable;
        let gives_ids = targets.iter().zip(columns).any(|(target, (_, typed))| is_missing(target, typed));
        if !gives_ids && !inside.iter().any(|target| target.as_is) {
            return Ok(());
        }
        let alias = self.generated_name();
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for ((target, inside), (_, typed)) in targets.iter().zip(inside).zip(columns) {
            let name = format!("c{}", names.len() + 1);
            let mut value = format!("{alias}.{name}");
            if inside.as_is {
                value = self.assigned_column(&value, typed, target, select.span)?;
            }
            if let (Some(next_id), None, true) = (target.next_id(), &inside.identity_of, typed.nullable) {
                value = format!("coalesce({value}, {next_id})");
            }
            names.push(name);
            values.push(value);
        }
        self.edits.wrap(
            select.span,
            format!("SELECT {} FROM (", values.join(", ")),
            format!(") AS {alias}({})", names.join(", ")),
        );
        Ok(())
    }

    /// What the query is to give for them, where that is not what they get.
    fn targets_inside(&self, select: &Select, targets: &[Target]) -> Option<Vec<Target>> {
        let SelectCoreKind::Select(simple) = &select.body.first.kind else { return None };
        let is_compound = !select.body.compounds.is_empty();
        let is_distinct = simple.distinct == Some(Distinct::Distinct);
        let chooses = !simple.group_by.is_empty() || !select.order_by.is_empty() || is_distinct || is_compound;
        let gives_ids = chooses && targets.iter().any(|target| target.identity_of.is_some());
        let has_star = simple.columns.iter().any(|column| !matches!(column.kind, ResultColumnKind::Expr { .. }));
        if !chooses && !has_star {
            return None;
        }
        // What is wrong with it is told when it is translated.
        let columns = self.scratch().select(select, Place::Inner).ok()?;
        if columns.len() != targets.len() {
            return None;
        }
        let mut inside = targets.to_vec();
        for (target, (_, typed)) in inside.iter_mut().zip(&columns) {
            if !target.takes(typed) && typed.constant.is_none() && typed.placeholder.is_none() {
                (target.as_is, target.identity_of) = (true, None);
            } else if gives_ids && target.identity_of.is_some() {
                target.identity_of = None;
            }
        }
        if inside == targets {
            return None;
        }
        // What has no type of its own would be text in a subquery.
        let has_type = |typed: &Typed| {
            typed.constant.is_none() && typed.placeholder.is_none() && !matches!(typed.ty, Type::Null | Type::Unknown)
        };
        for (target, (_, typed)) in inside.iter_mut().zip(&columns) {
            target.cast = !target.as_is && !has_type(typed);
        }
        Some(inside)
    }
}

/// Whether the arms of a compound SELECT were assigned. A parameter's class is not known here, and the server would round it.
fn is_assigned(target: &Target, typed: &Typed) -> bool {
    let has_type = typed.ty == Type::from(target.data_type) && !target.may_be_number(typed);
    (has_type || target.takes(typed)) && typed.ty != Type::Unknown
}

/// Whether rows are compared that hold values which are converted where they stand: parameters and those of VALUES.
fn compares_converted(body: &SelectBody) -> bool {
    let is_parameter = |column: &ResultColumn| match &column.kind {
        ResultColumnKind::Expr { expr, .. } => matches!(peel(expr).kind, ExprKind::Placeholder(_)),
        _ => false,
    };
    let is_converted = |core: &SelectCore| match &core.kind {
        SelectCoreKind::Values(_) => true,
        SelectCoreKind::Select(simple) => simple.columns.iter().any(is_parameter),
    };
    body.compounds.iter().any(|part| part.operator != CompoundOperator::UnionAll)
        && (is_converted(&body.first) || body.compounds.iter().any(|part| is_converted(&part.core)))
}
