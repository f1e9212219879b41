//! The query that an INSERT takes its rows from.

use super::assign::Target;
use super::ast::*;
use super::catalog::Table;
use super::pass::{Pass, Result, refuse, sqlite_error};
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
                // Each arm was assigned. A parameter's class is not known here, and the server would round it.
                let is_assigned = typed.ty == Type::from(target.data_type);
                if !(is_assigned || target.takes(typed)) || typed.ty == Type::Unknown {
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
        let Some(inside) = self.targets_inside(select, targets) else {
            return self.select(select, Place::Assigned(targets));
        };
        let mut columns = self.select(select, Place::Assigned(&inside))?;
        if columns.len() == targets.len() {
            self.assign_around(select, targets, &inside, &columns)?;
        }
        for ((_, typed), target) in columns.iter_mut().zip(&inside).filter(|(_, target)| target.as_is) {
            typed.ty = Type::from(target.data_type);
        }
        Ok(columns)
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
