//! Aggregates of a query around the one that they stand in.
//!
//! An aggregate over nothing but columns of a query further out belongs to that one, on both databases. SQLite looks at
//! it there, and takes the subquery for one that does not aggregate; here that is said instead.
//! <https://sqlite.org/lang_aggfunc.html>

use super::ast::{Call, Expr, ExprKind};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::scope::{Meaning, NamedRow, find_in};
use crate::syntax::Span;

/// What the columns below an aggregate say.
#[derive(Default)]
struct Found {
    /// The scope of the innermost one that is not this query's.
    outer: Option<usize>,
    /// It may belong to this query.
    own: bool,
}

impl Pass<'_> {
    /// Refuses an aggregate that belongs to a query around this one, where this one reads rows of its own.
    ///
    /// # Errors
    /// SQLite's own where no aggregate may stand, here or there.
    pub fn outer_aggregate(&self, call: &Call, span: Span) -> Result<()> {
        if self.scopes.len() < 2 || call.arguments.is_empty() {
            return Ok(());
        }
        let mut found = Found::default();
        call.arguments.iter().chain(&call.filter).for_each(|argument| self.where_from(argument, &mut found));
        let (Some(outer), false) = (found.outer, found.own) else { return Ok(()) };
        let (own, outer) = (&self.scopes[self.scopes.len() - 1], &self.scopes[outer]);
        let name = &call.name.text;
        if !own.takes_aggregates {
            return sqlite_error(format!("misuse of aggregate function {name}()"), span, None);
        }
        // To SQLite `excluded` and the row of RETURNING are values, which belong to no query.
        let is_row = outer.is_returned || outer.sources.iter().any(|source| source.named_row.is_some());
        if !outer.takes_aggregates && !is_row {
            return sqlite_error(format!("misuse of aggregate: {name}()"), span, None);
        }
        if own.sources.is_empty() && !is_row {
            return Ok(());
        }
        refuse(
            format!("{name}() in a subquery over columns of the query around it alone"),
            span,
            "write the aggregate outside of the subquery; where it is meant over the subquery's rows, name one of \
             their columns",
        )
    }

    /// Where the columns of an expression come from.
    fn where_from(&self, expr: &Expr, found: &mut Found) {
        match &expr.kind {
            ExprKind::Column { table, column, .. } => {
                let mut scopes = self.scopes.iter().enumerate().rev();
                let meant = scopes.find_map(|(at, scope)| match find_in(scope, table.as_ref(), column, expr.span) {
                    Ok(None) => None,
                    Ok(Some(meaning)) => Some((at, meaning)),
                    Err(_) => Some((self.scopes.len() - 1, Meaning::Text)),
                });
                let Some((at, _)) = meant else { return };
                // A trigger's row is a value on both.
                let is_trigger = |source: &super::scope::Source| source.named_row == Some(NamedRow::Trigger);
                let of_trigger = table.as_ref().is_some_and(|table| {
                    let mut sources = self.scopes[at].sources.iter();
                    sources.any(|source| is_trigger(source) && source.name.eq_ignore_ascii_case(&table.text))
                });
                if at + 1 == self.scopes.len() {
                    found.own = true;
                } else if !of_trigger {
                    found.outer = found.outer.max(Some(at));
                }
            }
            // What they read may be this query's.
            ExprKind::Subquery(_) | ExprKind::Exists { .. } => found.own = true,
            ExprKind::In { set, .. } if !matches!(**set, super::ast::InSet::List { .. }) => found.own = true,
            _ => expr.children().into_iter().for_each(|child| self.where_from(child, found)),
        }
    }
}
