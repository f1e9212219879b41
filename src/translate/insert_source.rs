//! The query that an INSERT takes its rows from.

use super::assign::Target;
use super::ast::*;
use super::catalog::Table;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::select::Place;
use super::types::{Columns, Type};
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
            for row in rows {
                counted(row.values.len(), row.span)?;
            }
        }
        let inside = targets_inside(select, targets);
        let columns = self.select(select, Place::Assigned(inside.as_deref().unwrap_or(targets)))?;
        counted(columns.len(), select.span)?;
        if inside.is_some() {
            self.number_around(select, targets, &columns);
        }
        let targets = inside.as_deref().unwrap_or(targets);
        if !select.body.compounds.is_empty() {
            for ((name, typed), target) in columns.iter().zip(targets) {
                // Each arm was assigned. A parameter's class is not known here, and the server would round it.
                let is_assigned = typed.ty == Type::from(target.data_type);
                if !(is_assigned || target.takes(typed))
                    || typed.ty == Type::Unknown
                    || target.identity_of.is_some() && typed.nullable
                {
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

    /// Gives ids to the rows that a query has found.
    fn number_around(&mut self, select: &Select, targets: &[Target], columns: &Columns) {
        let mut numbers = targets.iter().zip(columns);
        if !numbers.any(|(target, (_, typed))| target.identity_of.is_some() && typed.nullable) {
            return;
        }
        let alias = self.generated_name();
        let names: Vec<String> = (1..=targets.len()).map(|number| format!("c{number}")).collect();
        let values: Vec<String> = names
            .iter()
            .zip(targets)
            .map(|(name, target)| match target.next_id() {
                Some(next) => format!("coalesce({alias}.{name}, {next})"),
                None => format!("{alias}.{name}"),
            })
            .collect();
        self.edits.wrap(
            select.span,
            format!("SELECT {} FROM (", values.join(", ")),
            format!(") AS {alias}({})", names.join(", ")),
        );
    }
}

/// The targets of a query that compares its rows: two that differ in nothing but the ids they will get are one row, so that these
/// are given outside of it.
fn targets_inside(select: &Select, targets: &[Target]) -> Option<Vec<Target>> {
    let is_distinct = match &select.body.first.kind {
        SelectCoreKind::Select(simple) => simple.distinct == Some(Distinct::Distinct),
        SelectCoreKind::Values(_) => false,
    };
    let compares = is_distinct || !select.body.compounds.is_empty();
    if !compares || targets.iter().all(|target| target.identity_of.is_none()) {
        return None;
    }
    let inside = |target: &Target| match target.identity_of {
        Some(_) => Target { identity_of: None, cast: true, ..target.clone() },
        None => target.clone(),
    };
    Some(targets.iter().map(inside).collect())
}
