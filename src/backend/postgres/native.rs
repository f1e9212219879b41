//! PostgreSQL's own SQL: passed through, with placeholders rewritten.
//!
//! The session still has to know transaction commands and what writes, which the first word tells.

use rusqlite::{Error, Result, ffi};

use crate::syntax::{self, Span, TokenKind};
use crate::translate::ast::BeginBehavior;
use crate::translate::{Kind, OffsetMap, Slot, SlotContext, Translation, catalog::ColumnType};

/// The "translation" of a native statement.
///
/// Parameters are typed by the server and converted like those of columns; a value the server's type cannot hold exactly
/// is refused.
///
/// # Errors
/// A placeholder number SQLite would refuse; commands that start a transaction with options the session must choose.
pub(crate) fn translation(sql: &str) -> Result<Translation> {
    let rewritten = syntax::rewrite_native(sql).map_err(|error| syntax_error(&error, sql))?;
    if let Some((_, tail)) = syntax::next_native_statement(sql, 0)
        && syntax::next_native_statement(sql, tail).is_some()
    {
        return Err(Error::MultipleStatement);
    }
    let kind = kind(sql)?;
    let slots =
        rewritten.slots.iter().map(|&parameter| Slot { parameter, context: SlotContext::Column(ColumnType::Other) });
    Ok(Translation {
        slots: slots.collect(),
        parameter_count: rewritten.placeholders.count,
        parameter_names: rewritten.placeholders.names,
        kind,
        ..verbatim(&rewritten.sql)
    })
}

/// Text that is PostgreSQL's as it stands, placeholders included.
pub(crate) fn verbatim(sql: &str) -> Translation {
    Translation { sql: sql.to_owned(), offsets: OffsetMap { segments: vec![(0, 0, true)] }, ..Translation::default() }
}

/// # Errors
/// Transaction commands with options that the session would not carry out.
pub(crate) fn kind(sql: &str) -> Result<Kind> {
    let words: Vec<String> = words(sql);
    let Some(first) = words.first() else {
        return Ok(if syntax::is_empty(sql) { Kind::Empty } else { Kind::Read });
    };
    let rest: Vec<&str> =
        words[1..].iter().map(String::as_str).filter(|word| !matches!(*word, "work" | "transaction")).collect();
    let plain = |kind: Kind| if rest.is_empty() { Ok(kind) } else { Err(not_carried_out(sql)) };
    match first.as_str() {
        "begin" | "start" => plain(Kind::Begin(BeginBehavior::Deferred)),
        "commit" | "end" => plain(Kind::Commit),
        "abort" => plain(Kind::Rollback),
        "rollback" => match rest.as_slice() {
            [] => Ok(Kind::Rollback),
            ["to", name] | ["to", "savepoint", name] => Ok(Kind::RollbackTo((*name).to_owned())),
            _ => Err(not_carried_out(sql)),
        },
        "savepoint" => match rest.as_slice() {
            [name] => Ok(Kind::Savepoint((*name).to_owned())),
            _ => Err(not_carried_out(sql)),
        },
        "release" => match rest.as_slice() {
            [name] | ["savepoint", name] => Ok(Kind::Release((*name).to_owned())),
            _ => Err(not_carried_out(sql)),
        },
        "prepare" if words.get(1).is_some_and(|word| word == "transaction") => Err(not_carried_out(sql)),
        // MERGE and WITH may do anything: what they return and change is the server's to say.
        "insert" | "update" | "delete" | "merge" => Ok(Kind::Write { insert: first == "insert", returns_rows: true }),
        // Settings and DO may change what names mean.
        "create" | "drop" | "alter" | "grant" | "revoke" | "comment" | "truncate" | "refresh" | "reindex" | "set"
        | "reset" | "discard" | "do" => Ok(Kind::Schema),
        _ => Ok(Kind::Read),
    }
}

/// The statement's tokens in lower case, without its closing semicolon; quoted names without their quotes.
fn words(sql: &str) -> Vec<String> {
    let tokens = syntax::tokens(sql).filter(|token| !token.kind.is_trivia() && token.kind != TokenKind::Semicolon);
    tokens
        .map(|token| match token.kind {
            TokenKind::Word => token.span.text(sql).to_ascii_lowercase(),
            _ => token.span.text(sql).trim_matches('"').to_owned(),
        })
        .collect()
}

fn not_carried_out(sql: &str) -> Error {
    let message = "the session keeps the transaction itself and takes BEGIN, COMMIT, ROLLBACK, SAVEPOINT and RELEASE without options, one at a time\n  \
                   help: isolation= in the URL chooses the isolation level";
    Error::SqlInputError {
        error: ffi::Error::new(ffi::SQLITE_ERROR),
        msg: message.to_owned(),
        sql: sql.to_owned(),
        offset: i32::try_from(syntax::statement_start(sql)).unwrap_or(-1),
    }
}

/// A script of PostgreSQL's own SQL runs as one; what begins or ends transactions in it would go past the session.
///
/// # Errors
/// The script holds a transaction command, with its place.
pub(crate) fn refuse_transaction_commands(sql: &str) -> Result<()> {
    const COMMANDS: &[&str] = &["begin", "start", "commit", "end", "abort", "rollback", "savepoint", "release"];
    let mut from = 0;
    while let Some((span, tail)) = syntax::next_native_statement(sql, from) {
        let first = words(span.text(sql)).into_iter().next().unwrap_or_default();
        if COMMANDS.contains(&first.as_str()) {
            return Err(Error::SqlInputError {
                error: ffi::Error::new(ffi::SQLITE_ERROR),
                msg: "a script of PostgreSQL's own SQL cannot begin or end transactions\n  help: use transaction(), or run the statements one by one".to_owned(),
                sql: sql.to_owned(),
                offset: i32::try_from(span.start).unwrap_or(-1),
            });
        }
        from = tail;
    }
    Ok(())
}

/// Behind a pooler in transaction mode the next transaction runs in another session, and somebody else in this one.
///
/// # Errors
/// The script holds a statement whose effect is meant to outlast its transaction without being stored, with its place.
pub(crate) fn refuse_session_state(sql: &str) -> Result<()> {
    let mut from = 0;
    while let Some((span, tail)) = syntax::next_native_statement(sql, from) {
        let words = words(span.text(sql));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let instead = match words.as_slice() {
            ["set", "local" | "constraints" | "transaction", ..] => None,
            ["set" | "reset" | "discard", ..] => Some("SET LOCAL in a transaction, or ALTER ROLE ... SET once"),
            ["create", "temp" | "temporary" | "local" | "global", ..]
            | ["create", "or", "replace", "temp" | "temporary", ..] => {
                Some("a table of a name of its own, or WITH ... AS MATERIALIZED")
            }
            ["select", "sqlift", ".", "make_temp_trigger", ..] => Some("a trigger without TEMP"),
            ["listen" | "unlisten" | "load", ..] => Some("a connection to the server itself"),
            ["prepare" | "deallocate", ..] => Some("the connection's own statements, which need no names"),
            ["declare", ..] if words.contains(&"hold") => Some("a cursor without HOLD, in a transaction"),
            _ if words.iter().any(|word| matches!(*word, "pg_advisory_lock" | "pg_try_advisory_lock")) => {
                Some("pg_advisory_xact_lock in a transaction")
            }
            _ => None,
        };
        if let Some(instead) = instead {
            return Err(Error::SqlInputError {
                error: ffi::Error::new(ffi::SQLITE_ERROR),
                msg: format!(
                    "what this statement leaves in the session would be another program's (pooler=transaction)\n  help: use {instead}"
                ),
                sql: sql.to_owned(),
                offset: i32::try_from(span.start + syntax::statement_start(span.text(sql))).unwrap_or(-1),
            });
        }
        from = tail;
    }
    Ok(())
}

/// Whether the script takes the session's settings away: DISCARD ALL, RESET.
pub(crate) fn forgets_settings(sql: &str) -> bool {
    let mut from = 0;
    while let Some((span, tail)) = syntax::next_native_statement(sql, from) {
        if matches!(words(span.text(sql)).first().map(String::as_str), Some("discard" | "reset")) {
            return true;
        }
        from = tail;
    }
    false
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
