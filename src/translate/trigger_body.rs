//! The statements between a trigger's BEGIN and END as PL/pgSQL, and the counters that SQLite keeps for them.
//!
//! `last_insert_rowid()` and `changes()` are the body's own: what its statements did so far, restored behind it
//! (sqlite.org/c3ref/last_insert_rowid.html). What each statement changed is told to `sqlift.count_changes`, which
//! `total_changes` asks.

use super::altered::mentions;
use super::ast::*;
use super::catalog::Table;
use super::clause;
use super::fts_content::Command;
use super::insert::Written;
use super::names::{identifier, quote_literal};
use super::pass::{Pass, Result, refuse};
use super::types::{Type, Typed};
use super::{ChangeCount, Counter, RowidReturn};
use crate::syntax::{Span, TokenKind, tokens};

/// The counters of a body that is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    /// The body asks for last_insert_rowid(), so that its INSERTs tell their ids.
    asks_rowid: bool,
    /// The trigger runs behind an INSERT, which has an id.
    starts_with_rowid: bool,
    /// How many statements ahead of this one may insert rows, and write any.
    inserts: usize,
    writes: usize,
    /// It runs ahead of its row and writes nothing, so that RAISE(FAIL) has nothing to keep but other rows.
    only_checks: bool,
    /// A DELETE passes no conflict clause to its triggers.
    on_delete: bool,
    /// A statement depends on the conflict clause of the one that fires the trigger.
    asks_clause: bool,
    /// A statement tells its own triggers of a clause.
    tells_clause: bool,
}

/// What PL/pgSQL declares for a body, and the body.
#[derive(Default)]
pub(super) struct Body {
    pub declarations: String,
    pub text: String,
}

/// Whether a statement of a trigger's body writes rows.
pub(super) fn writes(statement: &Statement) -> bool {
    !matches!(statement.kind, StatementKind::Select(_))
}

impl Pass<'_> {
    /// The statements of a trigger and its condition around them.
    pub(super) fn trigger_body(&mut self, create: &CreateTrigger, span: Span) -> Result<Body> {
        let source = self.source(span);
        let is_asked = |token: &crate::syntax::Token| token.span.text(source).eq_ignore_ascii_case("last_insert_rowid");
        let asks_rowid = tokens(source).any(|token| token.kind == TokenKind::Word && is_asked(&token));
        let first = match (create.time, &create.event) {
            (Some(TriggerTime::After), TriggerEvent::Insert) => {
                let key = self.catalog.table(&create.table.text).and_then(|table| table.rowid_column());
                key.map(|key| format!("NEW.{}", identifier(&key.name)))
            }
            _ => None,
        };
        let on_delete = create.event == TriggerEvent::Delete;
        self.counters = Counters {
            asks_rowid,
            starts_with_rowid: first.is_some(),
            only_checks: matches!(create.time, None | Some(TriggerTime::Before)) && !create.body.iter().any(writes),
            on_delete,
            ..Counters::default()
        };
        let mut text = String::new();
        if let Some(when) = &create.when {
            self.condition(when)?;
            text.push_str(&format!("IF {} THEN\n", self.edits.render(self.sql, when.span).text));
        }
        for statement in &create.body {
            text.push_str(&self.body_statement(statement)?);
        }
        if create.when.is_some() {
            text.push_str("END IF;\n");
        }
        let mut declarations = String::new();
        if self.counters.asks_clause {
            declarations.push_str("sqlift_or text := sqlift.clause(TG_OP, TG_TABLE_NAME);\n");
        }
        if self.counters.tells_clause {
            declarations.push_str("sqlift_told text := coalesce(pg_catalog.current_setting('sqlift.or', true), '');\n");
            text.push_str("PERFORM pg_catalog.set_config('sqlift.or', sqlift_told, true);\n");
        }
        if self.counters.writes > 0 {
            declarations.push_str("sqlift_changes bigint;\n");
        }
        if asks_rowid {
            let first = first.map_or(String::new(), |first| format!(" := {first}"));
            declarations.push_str(&format!("sqlift_last_id bigint{first};\n"));
            declarations.push_str(
                "sqlift_id bigint;\nsqlift_count bigint;\nsqlift_changed bigint;\nsqlift_inserted boolean;\n",
            );
        }
        Ok(Body { declarations, text })
    }

    fn body_statement(&mut self, statement: &Statement) -> Result<String> {
        self.writes_rows = false;
        let mut inserts = false;
        let written = match &statement.kind {
            StatementKind::Insert(insert) => match self.full_text_command(insert, statement.span)? {
                Command::None => {
                    inserts = true;
                    self.insert(insert, statement.span)?
                }
                Command::Nothing => return Ok(String::new()),
                Command::Write => {
                    let rendered = self.edits.render(self.sql, statement.span).text;
                    return Ok(format!("{rendered};\n"));
                }
                Command::Schema => {
                    let help = "give it in a statement of its own";
                    return refuse("this FTS5 command in a trigger", statement.span, help);
                }
            },
            StatementKind::Update(update) => self.update(update, statement.span)?,
            StatementKind::Delete(delete) => self.delete(delete, statement.span)?,
            StatementKind::Select(select) => {
                self.select(select, super::select::Place::Value)?;
                let rendered = self.edits.render(self.sql, statement.span).text;
                return Ok(format!("PERFORM sqlift_q.* FROM ({rendered}) AS sqlift_q;\n"));
            }
            _ => {
                let help = "only INSERT, UPDATE, DELETE and SELECT";
                return refuse("this statement in a trigger", statement.span, help);
            }
        };
        let rendered = self.edits.render(self.sql, statement.span).text;
        let mut text = self.counted(&rendered, &written);
        text.extend(self.chosen_ids.take());
        let text = match &statement.kind {
            StatementKind::Insert(insert) => {
                let on = std::mem::take(&mut self.row_by_row_on);
                self.or_row_by_row(insert, statement.span, on, text)
            }
            _ => text,
        };
        let text = self.under_conflict_clauses(statement, text);
        let text = self.telling(statement) + &text;
        self.counters.writes += 1;
        self.counters.inserts += usize::from(inserts);
        Ok(text)
    }

    /// The statement as it is under the conflict clause of the statement that fires the trigger, which counts instead of its
    /// own (sqlite.org/lang_createtrigger.html); `own` where there is none.
    fn under_conflict_clauses(&mut self, statement: &Statement, own: String) -> String {
        let or = match &statement.kind {
            StatementKind::Insert(insert) if insert.upserts.is_empty() => insert.or,
            StatementKind::Update(update) => update.or,
            _ => return own,
        };
        if self.counters.on_delete {
            return own;
        }
        self.counters.asks_clause = true;
        let replace = self.with_clause(statement, ConflictAction::Replace);
        let ignore = self.with_clause(statement, ConflictAction::Ignore);
        let mut text = format!("IF sqlift_or = 'replace' THEN\n{replace}ELSIF sqlift_or = 'ignore' THEN\n{ignore}");
        if or.is_some() {
            let abort = self.with_clause(statement, ConflictAction::Abort);
            text.push_str(&format!("ELSIF sqlift_or <> '' THEN\n{abort}"));
        }
        text + &format!("ELSE\n{own}END IF;\n")
    }

    /// Tells what a statement of the body fires of the clause that counts for it.
    fn telling(&mut self, statement: &Statement) -> String {
        let Some(table) = &self.stored.table else { return String::new() };
        if table.triggers.is_empty() && table.own_conflicts.is_empty() && !table.has_key_actions {
            return String::new();
        }
        let is_delete = matches!(statement.kind, StatementKind::Delete(_));
        let heard = (!self.counters.on_delete && !is_delete).then_some("sqlift_or");
        let told = clause::tell(&statement.kind, table, heard);
        self.counters.tells_clause = true;
        self.counters.asks_clause |= heard.is_some();
        told
    }

    /// An INSERT that is written one row after the other where it fails with one of these SQLSTATEs: ON CONFLICT DO NOTHING, as which
    /// PostgreSQL has OR IGNORE, is for keys alone.
    fn or_row_by_row(&self, insert: &Insert, span: Span, on: &[&str], text: String) -> String {
        let breaks = |table: &Table| {
            let checks = table.created.as_deref().is_none_or(|created| mentions(created, "check"));
            checks || table.columns.iter().any(|column| column.not_null && !column.is_rowid)
        };
        let is_sure = insert.or == Some(ConflictAction::Ignore)
            && self.catalog.table(&insert.table.name.text).is_some_and(|table| !breaks(table));
        // The write of one row is a text of its own, in which the DO UPDATE would not know the trigger's row.
        if on.is_empty() || is_sure || !insert.upserts.is_empty() {
            return text;
        }
        let mut pass = self.scratch();
        pass.row_by_row = true;
        // What cannot be written so fails as it is.
        let Ok(written) = pass.insert(insert, span) else { return text };
        let rendered = pass.edits.render(self.sql, span).text;
        let mut rows = pass.counted(&rendered, &written);
        rows.extend(pass.chosen_ids.take());
        let states: Vec<String> = on.iter().map(|state| format!("SQLSTATE {}", quote_literal(state))).collect();
        format!("BEGIN\n{text}EXCEPTION WHEN {} THEN\n{rows}END;\n", states.join(" OR "))
    }

    fn with_clause(&self, statement: &Statement, or: ConflictAction) -> String {
        let mut pass = self.scratch();
        let mut under = None;
        let written = match &statement.kind {
            StatementKind::Insert(insert) => {
                let insert = Insert { or: Some(or), ..(**insert).clone() };
                pass.insert(under.insert(insert), statement.span)
            }
            StatementKind::Update(update) => {
                pass.update(&Update { or: Some(or), ..(**update).clone() }, statement.span)
            }
            _ => return String::new(),
        };
        match written {
            Ok(written) => {
                let rendered = pass.edits.render(self.sql, statement.span).text;
                let mut text = pass.counted(&rendered, &written);
                text.extend(pass.chosen_ids.take());
                match &under {
                    Some(insert) => self.or_row_by_row(insert, statement.span, pass.row_by_row_on, text),
                    None => text,
                }
            }
            Err(refusal) => {
                let message = format!(
                    "{}, in a trigger that a statement with OR {} fires\n  help: {}",
                    refusal.message,
                    clause::word(or).to_ascii_uppercase(),
                    refusal.help.as_deref().unwrap_or("write that statement without the clause")
                );
                format!("RAISE EXCEPTION USING ERRCODE = 'SL007', MESSAGE = {};\n", quote_literal(&message))
            }
        }
    }

    /// A statement of the body that keeps the counters.
    fn counted(&self, statement: &str, written: &Written) -> String {
        let each = |row: &str, keeps: &str| {
            format!(
                "sqlift_count := 0;\nFOR {row} IN {statement} LOOP\n{keeps}END LOOP;\nsqlift_changes := sqlift_count;\n"
            )
        };
        let counts = match written.rowid {
            RowidReturn::LastColumn if self.counters.asks_rowid => {
                each("sqlift_id", "sqlift_count := sqlift_count + 1;\nsqlift_last_id := sqlift_id;\n")
            }
            RowidReturn::LastColumnIfInserted if self.counters.asks_rowid => each(
                "sqlift_id, sqlift_inserted",
                "sqlift_count := sqlift_count + 1;\nIF sqlift_inserted THEN sqlift_last_id := sqlift_id; END IF;\n",
            ),
            RowidReturn::PerRow if self.counters.asks_rowid => each(
                "sqlift_changed, sqlift_id",
                "sqlift_count := sqlift_count + sqlift_changed;\nsqlift_last_id := coalesce(sqlift_id, sqlift_last_id);\n",
            ),
            RowidReturn::PerRow => format!(
                "SELECT coalesce(sum(sqlift_q.changed), 0) INTO sqlift_changes FROM ({statement}) AS sqlift_q;\n"
            ),
            _ => format!("{statement};\nGET DIAGNOSTICS sqlift_changes = ROW_COUNT;\n"),
        };
        let counts = match &self.stored.table {
            Some(table) if statement.contains("sqlift.replacing(") => {
                // The next DELETE of the body is not REPLACE's.
                format!("{counts}PERFORM sqlift.replaced({});\n", quote_literal(&identifier(&table.name)))
            }
            _ => counts,
        };
        match written.count {
            ChangeCount::Affected => format!("{counts}PERFORM sqlift.count_changes(sqlift_changes);\n"),
            ChangeCount::None => format!("{counts}sqlift_changes := 0;\n"),
        }
    }

    /// Whether the trigger runs ahead of its row and writes nothing.
    pub(super) fn only_checks(&self) -> bool {
        self.counters.only_checks
    }

    /// Whether the INSERTs of this body tell their ids.
    pub(super) fn body_asks_rowid(&self) -> bool {
        self.counters.asks_rowid
    }

    /// last_insert_rowid() and changes() in a trigger's body.
    pub(super) fn body_counter(&mut self, expr: &Expr, counter: Counter) -> Result<Typed> {
        let known = match counter {
            Counter::LastInsertRowid if self.counters.starts_with_rowid => "sqlift_last_id",
            // An INSERT may have left all its rows out.
            Counter::LastInsertRowid if self.counters.inserts > 0 => "coalesce(sqlift_last_id, sqlift.no_rowid_yet())",
            Counter::Changes if self.counters.writes > 0 => "sqlift_changes",
            _ => {
                let (what, help) = match counter {
                    Counter::LastInsertRowid => ("INSERT", "name the row's key, NEW.id, or bind the id"),
                    Counter::Changes => ("INSERT, UPDATE or DELETE", "count the rows: (SELECT count(*) ...)"),
                    _ => {
                        let message = format!("{} in a trigger is known to the connection alone", counter.call());
                        return refuse(message, expr.span, "ask for it outside of the trigger");
                    }
                };
                let message =
                    format!("{} in a trigger, ahead of any {what} of its own, is the connection's", counter.call());
                return refuse(message, expr.span, help);
            }
        };
        self.edits.replace_text(expr.span, known);
        Ok(Typed::new(Type::Integer).nullable(false))
    }
}
