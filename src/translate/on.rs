//! ON: the condition of a join, which sees the tables up to its own, and the result columns' aliases behind them.

use super::ast::*;
use super::names::fold;
use super::parser::name::unquote;
use super::pass::{Pass, Result};
use super::scope::Source;
use crate::syntax::{self, Span, TokenKind};

/// A condition that names an alias: it waits until the result columns are known.
#[derive(Debug, Clone)]
pub(crate) struct LateCondition {
    condition: Span,
    sources: Vec<Source>,
}

impl Pass<'_> {
    /// The condition of a join of the tables in `sources`, now or when the result columns have been visited.
    pub fn join_condition(&mut self, condition: &Expr, sources: &mut Vec<Source>) -> Result<()> {
        if self.names_an_alias(condition, sources) {
            let late = LateCondition { condition: condition.span, sources: sources.clone() };
            self.scope().late_conditions.push(late);
            return Ok(());
        }
        let outside = self.scope().sources.len();
        self.scope().sources.append(sources);
        let result = self.full_text_queries(condition).and_then(|()| self.condition(condition));
        *sources = self.scope().sources.split_off(outside);
        result.map(|_| ())
    }

    /// Visits the conditions that have waited.
    pub fn late_conditions(&mut self, from: &From) -> Result<()> {
        if self.scope().late_conditions.is_empty() {
            return Ok(());
        }
        for join in &from.joins {
            for table in [&from.first, &join.table] {
                if let TableRefKind::Join(inner) = &table.kind {
                    self.late_conditions(inner)?;
                }
            }
            let Some(JoinConstraint::On(condition)) = &join.constraint else { continue };
            let late = &mut self.scope().late_conditions;
            let Some(place) = late.iter().position(|late| late.condition == condition.span) else { continue };
            let sources = late.swap_remove(place).sources;
            let all = std::mem::replace(&mut self.scope().sources, sources);
            let result = self.condition(condition);
            self.scope().sources = all;
            result?;
        }
        Ok(())
    }

    /// Whether a word of it may be an alias: one that is written so, and no column of the tables in sight.
    fn names_an_alias(&self, condition: &Expr, sources: &[Source]) -> bool {
        let Some(scope) = self.scopes.last().filter(|scope| !scope.coming_aliases.is_empty()) else { return false };
        let text = self.source(condition.span);
        syntax::tokens(text).any(|token| {
            use TokenKind::{Backtick, Bracket, DoubleQuoted, Word};
            matches!(token.kind, Word | DoubleQuoted | Backtick | Bracket) && {
                let word = token.span.text(text);
                let name = if token.kind == Word { fold(word) } else { fold(&unquote(word)) };
                scope.coming_aliases.contains(&name) && !sources.iter().any(|source| source.column(&name).is_some())
            }
        })
    }
}
