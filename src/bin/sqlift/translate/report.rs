//! What `sqlift translate` prints: SQL or JSON on standard output, notes, refusals and the sum on standard error.

use super::Source;
use crate::excerpt::{excerpt, place};
use serde_json::{Value as Json, json};
use sqlift::syntax::{Span, TokenKind, tokens};
use sqlift::translate::{Fidelity, Kind, Note, Refusal, ScriptStatement, SlotContext, Translation, rules};
use std::io::{self, Write};

pub struct Report {
    json: bool,
    /// Each file is named, and all are summed up.
    several: bool,
    has_schema: bool,
    needs_compat: bool,
    accepted: usize,
    differ: usize,
    refused: usize,
}

impl Report {
    pub fn new(json: bool, several: bool, has_schema: bool) -> Report {
        Report { json, several, has_schema, needs_compat: false, accepted: 0, differ: 0, refused: 0 }
    }

    pub fn begin(&self, source: &Source) -> io::Result<()> {
        match self.several && !self.json {
            true => writeln!(io::stdout(), "-- {}", source.name),
            false => Ok(()),
        }
    }

    pub fn statement(&mut self, source: &Source, statement: &ScriptStatement) -> io::Result<()> {
        let outcome = match &statement.translation {
            Err(_) => "refused",
            Ok(translation) if translation.notes.iter().any(|note| note.fidelity != Fidelity::Exact) => "differs",
            Ok(_) => "accepted",
        };
        match outcome {
            "refused" => self.refused += 1,
            "differs" => self.differ += 1,
            _ => self.accepted += 1,
        }
        if let Ok(translation) = &statement.translation {
            self.needs_compat |= translation.needs_compat;
        }
        if self.json {
            return writeln!(io::stdout(), "{}", document(source, statement, outcome));
        }
        match &statement.translation {
            Ok(translation) => {
                writeln!(io::stdout(), "{}", printed(source, statement.span, translation))?;
                self.notes(source, statement.span, translation)
            }
            Err(refusal) => {
                let (line, column) = place(&source.text, refusal.span.start);
                let message = refusal.message.lines().next().unwrap_or_default();
                // A script that is run all the same must not look whole.
                writeln!(io::stdout(), "-- refused: {message} ({}:{line}:{column})", source.name)?;
                let help = refusal.help.as_deref().or_else(|| self.help_of(refusal));
                message_at("error", &refusal.message, source, refusal.span, help)
            }
        }
    }

    fn notes(&self, source: &Source, span: Span, translation: &Translation) -> io::Result<()> {
        for note in &translation.notes {
            let why = why(note);
            let text = format!("{} ({}): {why}", note.rule, fidelity(note.fidelity));
            message_at("note", &text, source, note.span, Some(note.help.as_str()).filter(|help| !help.is_empty()))?;
        }
        for (index, slot) in translation.slots.iter().enumerate() {
            let given = match slot.context {
                SlotContext::Counter(counter) => counter.call(),
                SlotContext::Setting(_) => "what the PRAGMA was set to",
                _ => continue,
            };
            let text = format!("${} is {given}, which the connection gives", index + 1);
            message_at("note", &text, source, span, None)?;
        }
        Ok(())
    }

    /// What to do about a table that nobody told of.
    fn help_of(&self, refusal: &Refusal) -> Option<&'static str> {
        let unknown = matches!(refusal.rule, Some("no-such-table"));
        (unknown && !self.has_schema).then_some("--schema FILE|URL tells which tables there are")
    }

    /// Sums up. Gives whether nothing was refused.
    pub fn finish(self) -> io::Result<bool> {
        let mut stderr = io::stderr();
        if self.needs_compat && !self.json {
            writeln!(
                stderr,
                "note: functions of schema sqlift are called: sqlift install URL puts them into a database"
            )?;
        }
        if self.several {
            writeln!(stderr, "{} accepted, {} differ, {} refused", self.accepted, self.differ, self.refused)?;
        }
        Ok(self.refused == 0)
    }
}

/// PostgreSQL's text of a statement, each part with its semicolon.
fn printed(source: &Source, span: Span, translation: &Translation) -> String {
    match parts(translation) {
        parts if parts.is_empty() => {
            let written = span.text(&source.text).split_whitespace().collect::<Vec<_>>().join(" ");
            format!("-- nothing to do on PostgreSQL: {written}")
        }
        parts => parts.iter().map(|part| ended(part)).collect::<Vec<_>>().join("\n"),
    }
}

fn ended(sql: &str) -> String {
    // A semicolon behind a comment would belong to it.
    let in_comment = tokens(sql).last().is_some_and(|token| token.kind == TokenKind::LineComment);
    format!("{sql}{};", if in_comment { "\n" } else { "" })
}

/// The statements to run, in order.
fn parts(translation: &Translation) -> Vec<String> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let own = match &translation.kind {
        Kind::Begin(_) => "BEGIN".to_owned(),
        Kind::Commit => "COMMIT".to_owned(),
        Kind::Rollback => "ROLLBACK".to_owned(),
        Kind::Savepoint(name) => format!("SAVEPOINT {}", quoted(name)),
        Kind::Release(name) => format!("RELEASE SAVEPOINT {}", quoted(name)),
        Kind::RollbackTo(name) => format!("ROLLBACK TO SAVEPOINT {}", quoted(name)),
        _ => translation.sql.clone(),
    };
    translation.prelude.iter().cloned().chain([own]).filter(|part| !part.trim().is_empty()).collect()
}

/// A message with its place, as the shell shows its errors.
fn message_at(what: &str, message: &str, source: &Source, span: Span, help: Option<&str>) -> io::Result<()> {
    let (line, column) = place(&source.text, span.start);
    let mut text = format!("{what}: {message}\n  --> {}:{line}:{column}\n", source.name);
    text += &excerpt(&source.text, span);
    if let Some(help) = help {
        text += &format!("  help: {help}\n");
    }
    io::stderr().write_all(text.as_bytes())
}

fn document(source: &Source, statement: &ScriptStatement, outcome: &str) -> Json {
    let (line, column) = place(&source.text, statement.span.start);
    let mut document = json!({
        "file": source.name, "line": line, "column": column, "outcome": outcome,
        "sql": null, "slots": [], "rules": [], "notes": [], "error": null,
    });
    match &statement.translation {
        Ok(translation) => {
            document["sql"] = json!(parts(translation).join(";\n"));
            document["slots"] = translation.slots.iter().map(|slot| slot.parameter).collect();
            document["rules"] = translation.fired.ids().collect();
            document["notes"] = translation.notes.iter().map(|note| note_document(source, note)).collect();
        }
        Err(refusal) => {
            let (line, column) = place(&source.text, refusal.span.start);
            document["error"] = json!({
                "message": refusal.message, "help": refusal.help, "rule": refusal.rule,
                "line": line, "column": column, "span": [refusal.span.start, refusal.span.end],
            });
        }
    }
    document
}

fn note_document(source: &Source, note: &Note) -> Json {
    let (line, column) = place(&source.text, note.span.start);
    json!({
        "rule": note.rule, "fidelity": fidelity(note.fidelity), "why": why(note), "help": note.help,
        "line": line, "column": column, "span": [note.span.start, note.span.end],
    })
}

fn why(note: &Note) -> &'static str {
    rules::all().find(|rule| rule.id == note.rule).map_or("", |rule| rule.why)
}

fn fidelity(fidelity: Fidelity) -> &'static str {
    match fidelity {
        Fidelity::Exact => "exact",
        Fidelity::Differs => "differs",
        Fidelity::Refused => "refused",
    }
}
