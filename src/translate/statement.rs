//! One statement of any kind: which pass it takes, and what the session is told of it.

use super::ast::*;
use super::foreign_key::moves_key_checks;
use super::fts_content::Command;
use super::insert::Written;
use super::pass::{Pass, Result, refuse};
use super::rules;
use super::select::Place;
use super::types::Columns;
use super::types::{Type, Typed};
use super::{ChangeCount, Kind, RowidReturn};

/// What is known once the edits are made.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub kind: Kind,
    pub columns: Option<Columns>,
    pub rowid: RowidReturn,
    pub count: ChangeCount,
    pub prelude: Vec<String>,
    /// Nothing is to be sent.
    pub silent: bool,
}

impl Outcome {
    fn of(kind: Kind) -> Outcome {
        Outcome {
            kind,
            columns: None,
            rowid: RowidReturn::None,
            count: ChangeCount::Affected,
            prelude: Vec::new(),
            silent: false,
        }
    }

    fn silent(kind: Kind) -> Outcome {
        Outcome { silent: true, ..Outcome::of(kind) }
    }

    fn read(columns: Columns) -> Outcome {
        Outcome { columns: Some(columns), ..Outcome::of(Kind::Read) }
    }

    fn written(insert: bool, returning: bool, written: Written) -> Outcome {
        Outcome {
            columns: returning.then_some(written.columns),
            rowid: written.rowid,
            count: written.count,
            ..Outcome::of(Kind::Write { insert, returns_rows: returning })
        }
    }
}

impl Pass<'_> {
    pub fn statement(&mut self, statement: &Statement) -> Result<Outcome> {
        let span = statement.span;
        if matches!(
            statement.kind,
            StatementKind::CreateTable(_)
                | StatementKind::CreateIndex(_)
                | StatementKind::CreateView(_)
                | StatementKind::CreateTrigger(_)
                | StatementKind::CreateVirtualTable(_)
                | StatementKind::AlterTable(_)
                | StatementKind::Drop(_)
        ) {
            self.names_fit(&statement.kind, span)?;
        }
        let outcome = self.of_any_kind(statement)?;
        if outcome.kind == Kind::Schema
            && !self.session_only
            && !self.options.types.is_native()
            && moves_key_checks(&statement.kind, self.source(span), self.catalog)
        {
            self.afterwards.push("SELECT sqlift.arrange_keys()".to_owned());
        }
        Ok(outcome)
    }

    fn of_any_kind(&mut self, statement: &Statement) -> Result<Outcome> {
        let span = statement.span;
        Ok(match &statement.kind {
            StatementKind::Select(select) => {
                let columns = self.select(select, Place::Top)?;
                self.show_values(&columns, select.span);
                Outcome::read(columns)
            }
            StatementKind::Insert(insert) => {
                match self.full_text_command(insert, span)? {
                    Command::None => {}
                    Command::Nothing => return Ok(Outcome::silent(Kind::Other)),
                    Command::Write => return Ok(Outcome::of(Kind::Write { insert: false, returns_rows: false })),
                    Command::Schema => return Ok(Outcome::of(Kind::Schema)),
                }
                let written = self.insert(insert, span)?;
                self.say_otherwise(span);
                Outcome::written(true, insert.returning.is_some(), written)
            }
            StatementKind::Update(update) => {
                let written = self.update(update, span)?;
                self.say_otherwise(span);
                Outcome::written(false, update.returning.is_some(), written)
            }
            StatementKind::Delete(delete) => {
                let written = self.delete(delete, span)?;
                Outcome::written(false, delete.returning.is_some(), written)
            }
            StatementKind::CreateTable(create) => {
                self.create_table(create, span)?;
                Outcome::of(Kind::Schema)
            }
            StatementKind::CreateIndex(create) => {
                self.create_index(create, span)?;
                Outcome::of(Kind::Schema)
            }
            StatementKind::CreateView(create) => match self.create_view(create, span)? {
                Some(()) => Outcome::of(Kind::Schema),
                None => Outcome::silent(Kind::Other),
            },
            StatementKind::CreateTrigger(create) => match self.create_trigger(create, span)? {
                Some(prelude) => Outcome { prelude, ..Outcome::of(Kind::Schema) },
                None => Outcome::silent(Kind::Other),
            },
            StatementKind::AlterTable(alter) => {
                let prelude = self.alter_table(alter, span)?;
                Outcome { prelude, ..Outcome::of(Kind::Schema) }
            }
            StatementKind::Drop(drop) => match self.drop_object(drop, span)? {
                Some(prelude) => Outcome { prelude, ..Outcome::of(Kind::Schema) },
                None => Outcome::silent(Kind::Other),
            },
            StatementKind::Begin { behavior } => {
                Outcome::silent(Kind::Begin(behavior.unwrap_or(BeginBehavior::Deferred)))
            }
            StatementKind::Commit => Outcome::silent(Kind::Commit),
            StatementKind::Rollback { to: None } => Outcome::silent(Kind::Rollback),
            StatementKind::Rollback { to: Some(name) } => Outcome::silent(Kind::RollbackTo(savepoint(name))),
            StatementKind::Savepoint { name } => Outcome::silent(Kind::Savepoint(savepoint(name))),
            StatementKind::Release { name } => Outcome::silent(Kind::Release(savepoint(name))),
            StatementKind::Pragma(pragma) => {
                let outcome = self.pragma(pragma, span)?;
                if !outcome.silent {
                    self.note(&rules::schema::PRAGMA_ANSWERS, span);
                }
                outcome
            }
            StatementKind::Analyze { .. } | StatementKind::Reindex { .. } | StatementKind::Vacuum { .. } => {
                let kind = self.maintenance(&statement.kind, span)?;
                Outcome::of(kind)
            }
            StatementKind::Explain { query_plan: true, inner } => self.query_plan(inner, span)?,
            StatementKind::Explain { inner, .. } => {
                let outcome = self.statement(inner)?;
                if !matches!(outcome.kind, Kind::Read | Kind::Write { .. }) {
                    return refuse("EXPLAIN of this statement", span, "only queries and writes can be explained");
                }
                let words = crate::syntax::Span { start: span.start, end: inner.span.start };
                self.edits.replace_text(words, "EXPLAIN ");
                rows(vec![("QUERY PLAN".to_owned(), Typed::new(Type::Text))])
            }
            StatementKind::CreateVirtualTable(create) => {
                self.create_virtual_table(create, span)?;
                Outcome::of(Kind::Schema)
            }
            StatementKind::Attach { file, .. } => {
                return refuse(
                    "ATTACH DATABASE has no counterpart on PostgreSQL",
                    file.span,
                    "copy that file's tables into this database, or open a second connection",
                );
            }
            StatementKind::Detach { schema } => {
                return refuse("DETACH DATABASE has no counterpart on PostgreSQL", schema.span, "leave it out");
            }
        })
    }
}

/// SQLite compares savepoints' names without regard to ASCII case.
fn savepoint(name: &Name) -> String {
    super::names::fold(&name.text)
}

pub(crate) fn rows(columns: Columns) -> Outcome {
    Outcome::read(columns)
}

pub(crate) fn nothing(kind: Kind) -> Outcome {
    Outcome::silent(kind)
}

pub(crate) fn of(kind: Kind) -> Outcome {
    Outcome::of(kind)
}
