//! PostgreSQL's own SQL: passed through, with placeholders rewritten.
//!
//! The session still has to know transaction commands and what writes, which the first word tells.

use rusqlite::{Error, Result, ffi};

use crate::syntax::{self, Span, TokenKind};
use crate::translate::ast::BeginBehavior;
use crate::translate::{Kind, OffsetMap, RowidReturn, Slot, SlotContext, Translation, catalog::ColumnType};

/// The "translation" of a native statement.
///
/// Parameters are typed by the server and converted like those of columns; a value the server's type cannot hold exactly
/// is refused.
///
/// # Errors
/// A placeholder number SQLite would refuse; commands that start a transaction with options the session must choose.
pub(crate) fn translation(sql: &str) -> Result<Translation> {
    let rewritten = syntax::rewrite_native(sql).map_err(|error| syntax_error(&error, sql))?;
    let kind = kind(sql);
    let slots =
        rewritten.slots.iter().map(|&parameter| Slot { parameter, context: SlotContext::Column(ColumnType::Other) });
    Ok(Translation {
        sql: rewritten.sql,
        prelude: Vec::new(),
        slots: slots.collect(),
        parameter_count: rewritten.placeholders.count,
        parameter_names: rewritten.placeholders.names,
        kind,
        column_names: None,
        rowid: RowidReturn::None,
        notes: Vec::new(),
        offsets: OffsetMap { segments: vec![(0, 0, true)] },
        ..Translation::default()
    })
}

fn kind(sql: &str) -> Kind {
    let mut words = syntax::tokens(sql).filter(|token| !token.kind.is_trivia());
    let mut word = || words.next().map(|token| (token.kind, token.span.text(sql).to_ascii_lowercase()));
    let Some((TokenKind::Word, first)) = word() else {
        return if sql.trim().is_empty() { Kind::Empty } else { Kind::Read };
    };
    match first.as_str() {
        "begin" | "start" => Kind::Begin(BeginBehavior::Deferred),
        "commit" | "end" => Kind::Commit,
        "abort" => Kind::Rollback,
        "rollback" => {
            let rest: Vec<String> = std::iter::from_fn(word).map(|(_, text)| text).collect();
            match rest.iter().position(|text| text == "to") {
                Some(_) => Kind::RollbackTo(rest.last().cloned().unwrap_or_default()),
                None => Kind::Rollback,
            }
        }
        "savepoint" => Kind::Savepoint(word().map(|(_, name)| name).unwrap_or_default()),
        "release" => Kind::Release(std::iter::from_fn(word).last().map(|(_, name)| name).unwrap_or_default()),
        // MERGE, WITH and DO may do anything: what they return and change is the server's to say.
        "insert" | "update" | "delete" | "merge" => Kind::Write { insert: first == "insert", returns_rows: true },
        "create" | "drop" | "alter" | "grant" | "revoke" | "comment" | "truncate" | "refresh" | "reindex" => {
            Kind::Schema
        }
        _ => Kind::Read,
    }
}

/// What the lexer refuses, as SQLite's parser would.
pub(crate) fn syntax_error(error: &syntax::Error, sql: &str) -> Error {
    let Span { start, .. } = error.span();
    Error::SqlInputError {
        error: ffi::Error::new(ffi::SQLITE_ERROR),
        msg: error.message().to_owned(),
        sql: sql.to_owned(),
        offset: i32::try_from(start).unwrap_or(-1),
    }
}
