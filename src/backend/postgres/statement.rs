//! A statement with its bound values, owned apart from the session it runs on.

use std::sync::Arc;

use rusqlite::types::ToSql;
use rusqlite::{Error, Result, ffi};

use super::bind::Binding;
use super::plan::{Plan, Prepared};
use super::sqlstate::{failure, too_big};
use super::{Rows, Session, rows};
use crate::syntax::{self, PlaceholderUse, Token, TokenKind};
use crate::translate::Kind;
use crate::translate::ast::BeginBehavior;

/// Owns no borrow of the session, so that the facade's `Statement<'conn>` holds both side by side.
pub(crate) struct Statement {
    pub(super) plan: Arc<Plan>,
    pub(super) bindings: Vec<Binding>,
    /// The variant that ran last, or that was prepared to learn the columns.
    pub(super) prepared: Option<Arc<Prepared>>,
}

/// A statement's bound values on their way to another session.
pub(crate) struct Bindings(Vec<Binding>);

impl Statement {
    pub(super) fn new(plan: Arc<Plan>, prepared: Option<Arc<Prepared>>) -> Statement {
        let mut bindings = Vec::new();
        bindings.resize_with(plan.translation.parameter_count, Binding::default);
        Statement { plan, bindings, prepared }
    }

    /// Binds parameter `number`, SQLite's number, from 1.
    ///
    /// # Errors
    /// `SqliteFailure(SQLITE_RANGE)` for a number the statement does not have, `SQLITE_TOOBIG` for a value that is longer
    /// than the session's limit; the value's own conversion.
    #[inline]
    pub fn bind<T: ToSql + ?Sized>(&mut self, session: &Session, number: usize, value: &T) -> Result<()> {
        match number.checked_sub(1).and_then(|index| self.bindings.get_mut(index)) {
            Some(binding) => {
                // The value's own error is the caller's, who may look for its type; ours says which parameter it is.
                let output = value.to_sql()?;
                binding.set(output).map_err(|error| name_parameter(error, number))?;
                match binding.length() > session.limits.longest() {
                    false => Ok(()),
                    true => {
                        binding.clear();
                        Err(too_big())
                    }
                }
            }
            None => Err(failure(ffi::SQLITE_RANGE, "column index out of range")),
        }
    }

    /// The bound values, for the same statement on another session.
    pub fn take_bindings(&mut self) -> Bindings {
        Bindings(std::mem::take(&mut self.bindings))
    }

    /// Takes over the values that the same statement had on another session.
    pub fn put_bindings(&mut self, bindings: Bindings) {
        self.bindings = bindings.0;
    }

    pub fn clear_bindings(&mut self) {
        self.bindings.iter_mut().for_each(Binding::clear);
    }

    #[inline]
    pub fn parameter_count(&self) -> usize {
        self.bindings.len()
    }

    /// The number of a parameter by its name with prefix character.
    pub fn parameter_index(&self, name: &str) -> Option<usize> {
        self.plan.translation.parameter_names.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
    }

    pub fn parameter_name(&self, number: usize) -> Option<&str> {
        let names = &self.plan.translation.parameter_names;
        names.iter().find(|(_, known)| *known == number).map(|(name, _)| name.as_str())
    }

    pub fn column_count(&self) -> usize {
        match (&self.prepared, &self.plan.translation.column_names) {
            (Some(prepared), _) => prepared.visible,
            (None, Some(names)) => names.len(),
            (None, None) => 0,
        }
    }

    /// # Errors
    /// `InvalidColumnIndex`.
    pub fn column_name(&self, index: usize) -> Result<&str> {
        match (&self.prepared, &self.plan.translation.column_names) {
            (Some(prepared), _) => rows::column_name(prepared, index),
            (None, Some(names)) => names.get(index).map(String::as_str).ok_or(Error::InvalidColumnIndex(index)),
            (None, None) => Err(Error::InvalidColumnIndex(index)),
        }
    }

    /// ASCII letters compared without regard to case, the first match wins.
    ///
    /// # Errors
    /// `InvalidColumnName`.
    pub fn column_index(&self, name: &str) -> Result<usize> {
        (0..self.column_count())
            .find(|&index| self.column_name(index).is_ok_and(|known| known.eq_ignore_ascii_case(name)))
            .ok_or_else(|| Error::InvalidColumnName(name.to_owned()))
    }

    /// Runs the statement to its end and tells `sqlite3_changes()`.
    ///
    /// # Errors
    /// `ExecuteReturnedResults` when it gave a row; what it was meant to write is written all the same.
    pub fn execute(&mut self, session: &Session) -> Result<usize> {
        session.execute(self)
    }

    /// Runs at the first `advance()`, as rusqlite does.
    pub fn query<'s>(&'s mut self, session: &'s Session) -> Rows<'s> {
        Rows::new(session, self)
    }

    pub fn sql(&self) -> &str {
        &self.plan.sql
    }

    /// The rules that fired when it was translated.
    #[cfg(feature = "tracing")]
    pub fn rules(&self) -> crate::translate::rules::Fired {
        self.plan.translation.fired
    }

    /// `sqlite3_stmt_readonly`: transaction commands count as reading, unless they lock at once; EXPLAIN is as what it explains.
    pub fn is_read_only(&self) -> bool {
        match &self.plan.translation.kind {
            kind if writes(kind) => false,
            Kind::Read if self.is_explain() > 0 => !explains_write(self.sql()),
            Kind::Read | Kind::Other => !may_write_on_sqlite(self.sql()),
            _ => true,
        }
    }

    /// Whether `PRAGMA query_only` lets it pass.
    pub fn is_query(&self) -> bool {
        match &self.plan.translation.kind {
            kind if writes(kind) => false,
            Kind::Other => !may_write_on_sqlite(self.sql()),
            _ => true,
        }
    }

    /// 0 no, 1 EXPLAIN, 2 EXPLAIN QUERY PLAN
    pub fn is_explain(&self) -> i32 {
        let sql = self.sql();
        let mut tokens = syntax::tokens(sql);
        let mut next_is = |word: &str| tokens.next_significant().is_some_and(|token| is_word(token, sql, word));
        match next_is("explain") {
            true if next_is("query") => 2,
            true => 1,
            false => 0,
        }
    }

    /// The caller's text with the bound values in place, as SQLite writes them.
    pub fn expanded_sql(&self) -> Option<String> {
        self.expanded(Binding::literal)
    }

    /// The caller's text with the bound values in place, to be run.
    pub fn text_with_values(&self) -> Option<String> {
        self.expanded(Binding::exact_literal)
    }

    fn expanded(&self, literal: fn(&Binding) -> String) -> Option<String> {
        let sql = self.sql();
        let uses = match self.plan.native {
            true => syntax::rewrite_native(sql).ok()?.placeholders.uses,
            false => syntax::placeholders(sql).ok()?.uses,
        };
        let mut expanded = String::with_capacity(sql.len());
        let mut copied = 0;
        for PlaceholderUse { span, number } in uses {
            expanded += &sql[copied..span.start];
            expanded += &literal(self.bindings.get(number - 1)?);
            copied = span.end;
        }
        Some(expanded + &sql[copied..])
    }

    /// It holds no statement, only blanks and comments.
    #[cfg(feature = "trace")]
    pub fn is_empty(&self) -> bool {
        self.plan.translation.kind == Kind::Empty
    }
}

/// Whether a statement of that kind writes, or locks the database as one that will.
fn writes(kind: &Kind) -> bool {
    matches!(kind, Kind::Write { .. } | Kind::Schema | Kind::Begin(BeginBehavior::Immediate | BeginBehavior::Exclusive))
}

/// What SQLite takes for a statement that may write, though it writes nothing here.
fn may_write_on_sqlite(sql: &str) -> bool {
    let mut tokens = syntax::tokens(sql).filter(|token| !token.kind.is_trivia());
    let mut next = || tokens.next().map(|token| token.span.text(sql).to_ascii_lowercase()).unwrap_or_default();
    match next().as_str() {
        "analyze" | "reindex" | "vacuum" => true,
        // A table or an index that is there already is seen when the statement is prepared.
        "create" => match next().as_str() {
            "temp" | "temporary" => next() == "view",
            word => word == "view",
        },
        "pragma" => {
            let (mut name, mut then) = (next(), next());
            if then == "." {
                (name, then) = (next(), next());
            }
            match name.as_str() {
                "journal_mode" | "wal_checkpoint" | "incremental_vacuum" => true,
                "user_version" | "application_id" | "schema_version" => !matches!(then.as_str(), "" | ";"),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether a statement that only explains is about an INSERT, UPDATE or DELETE, also one behind WITH.
fn explains_write(sql: &str) -> bool {
    let mut depth = 0;
    syntax::tokens(sql).any(|token| {
        match token.kind {
            TokenKind::LeftParen => depth += 1,
            TokenKind::RightParen => depth -= 1,
            _ => {}
        }
        depth == 0 && ["insert", "replace", "update", "delete"].iter().any(|word| is_word(token, sql, word))
    })
}

fn is_word(token: Token, sql: &str, word: &str) -> bool {
    token.kind == TokenKind::Word && token.span.text(sql).eq_ignore_ascii_case(word)
}

/// Says which parameter a refused value was bound to.
fn name_parameter(error: Error, number: usize) -> Error {
    match error {
        Error::ToSqlConversionFailure(source) if source.source().is_none() => {
            Error::ToSqlConversionFailure(format!("parameter {number}: {source}").into())
        }
        other => other,
    }
}
