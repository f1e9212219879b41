//! Runs the statements of a file, and says where one failed.

use super::error::{Error, ErrorKind, plain};
use super::script::{Script, first_words};
use crate::syntax::{Span, tokens_from};
use crate::{Backend, Connection, OptionalExtension};

/// Runs one statement: SQLite's through the facade, PostgreSQL's own as it is.
pub(super) fn run(conn: &Connection, script: &Script, statement: Span) -> Result<(), crate::Error> {
    let sql = statement.text(&script.text);
    match script.dialect {
        Backend::Sqlite => conn.execute_batch(sql),
        Backend::Postgres => conn.native().execute_batch(sql),
    }
}

/// The error of a statement at its place in the file.
pub(super) fn failed(
    conn: &Connection,
    script: &Script,
    statement: Span,
    error: crate::Error,
    what_now: &str,
) -> Error {
    let (message, mut help) = words(script, &error);
    if let Some(more) = advice(conn, script, statement, &error) {
        help = Some(more);
    }
    let help = help.map_or_else(|| what_now.to_owned(), |help| format!("{help}; {what_now}"));
    let at = offset(&error)
        .map(|offset| statement.start + offset)
        .filter(|at| *at < statement.end)
        .or_else(|| named(script, statement, &message))
        .unwrap_or_else(|| script.begin(statement));
    Error::new(ErrorKind::Failed, message).at(&script.file, &script.text, statement, at).help(help).because(error)
}

/// What the database said, and the remedy that the facade gave along.
fn words(script: &Script, error: &crate::Error) -> (String, Option<String>) {
    if script.dialect == Backend::Postgres
        && let Some(report) = crate::postgres_error(error)
        // The words of class 22 hold values.
        && !report.sqlstate.starts_with("22")
    {
        return (format!("{} ({})", report.message, report.sqlstate), report.hint.clone());
    }
    let text = plain(error);
    match text.split_once("\n  help: ") {
        Some((message, help)) => (message.to_owned(), Some(help.trim().to_owned())),
        None => (text, None),
    }
}

/// Remedies for what often goes wrong.
fn advice(conn: &Connection, script: &Script, statement: Span, error: &crate::Error) -> Option<String> {
    let state = crate::postgres_error(error).map(|report| report.sqlstate.clone());
    match state.as_deref() {
        Some("25001") => Some("give the statement a file of its own with the comment -- no-transaction at the top".into()),
        Some("42883") if script.dialect == Backend::Postgres && is_in_memory(conn) => Some(
            "a database in memory is the session's temporary schema, where PostgreSQL finds no functions: give tests a database of \
             their own, sqlift::testing::database()"
                .into(),
        ),
        Some("55P03") => {
            Some("somebody uses the table: end long transactions, or set a larger busy_timeout in the URL".into())
        }
        Some("42601") if script.dialect == Backend::Postgres => {
            Some("this file goes to PostgreSQL as it is: write PostgreSQL's SQL, or name it without .postgres to have it translated".into())
        }
        _ if conn.backend() == Backend::Sqlite && super::lock::is_busy(error) => {
            Some("another program uses the database: end it, or wait".into())
        }
        _ => {
            let words = first_words(&script.text, statement);
            let exists = matches!(state.as_deref(), Some("42P07" | "42701" | "42710"))
                || plain(error).contains("already exists");
            (exists && words.first().is_some_and(|word| word == "create" || word == "alter"))
                .then(|| "if it was made without a migration, tell what is there already: sqlift migrate up --baseline VERSION".into())
        }
    }
}

/// Whether unqualified names are made in `pg_temp`.
fn is_in_memory(conn: &Connection) -> bool {
    let sql = "SELECT COALESCE(pg_catalog.current_schema() LIKE 'pg\\_temp%', true)";
    conn.native().query_row(sql, [], |row| row.get(0)).unwrap_or(false)
}

fn offset(error: &crate::Error) -> Option<usize> {
    match error {
        crate::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        other => crate::postgres_error(other).and_then(|report| report.offset),
    }
}

/// Neither database gives a place for a table that is missing, or there already: its name's first one is most likely it.
fn named(script: &Script, statement: Span, message: &str) -> Option<usize> {
    let name = match message.strip_prefix("no such table: ") {
        Some(name) => name.split_whitespace().next()?,
        // PostgreSQL quotes names, SQLite does not.
        None => match message.split('"').nth(1) {
            Some(name) => name,
            None => message.strip_suffix(" already exists")?.rsplit(' ').next()?,
        },
    };
    let name = name.rsplit('.').next().unwrap_or(name);
    tokens_from(&script.text, script.begin(statement))
        .take_while(|token| token.span.start < statement.end)
        .find(|token| token.span.text(&script.text).trim_matches(['"', '`', '[', ']']).eq_ignore_ascii_case(name))
        .map(|token| token.span.start)
}

/// Whether running the statement a second time does no harm.
pub(super) fn may_run_again(script: &Script, statement: Span) -> bool {
    let words = first_words(&script.text, statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |wanted: &[&str]| words.windows(wanted.len()).any(|window| window == wanted);
    matches!(
        words.first(),
        Some(&("vacuum" | "analyze" | "reindex" | "pragma" | "refresh" | "cluster" | "select" | "set"))
    ) || has(&["if", "not", "exists"])
        || has(&["if", "exists"])
        || has(&["or", "replace"])
        || concurrent_index(script, statement).is_some()
}

/// The name of the index that `CREATE INDEX CONCURRENTLY` makes, where the statement gives one.
fn concurrent_index(script: &Script, statement: Span) -> Option<String> {
    let text = &script.text;
    let words: Vec<&str> = tokens_from(text, statement.start)
        .take_while(|token| token.span.start < statement.end)
        .filter(|token| !token.kind.is_trivia())
        .map(|token| token.span.text(text))
        .take(9)
        .collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    let mut at = 1;
    if !is(0, "create") {
        return None;
    }
    at += usize::from(is(at, "unique"));
    if !(is(at, "index") && is(at + 1, "concurrently")) {
        return None;
    }
    at += 2;
    if is(at, "if") {
        at += 3;
    }
    let name = words.get(at).filter(|name| !name.eq_ignore_ascii_case("on"))?;
    Some(match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_ascii_lowercase(),
    })
}

/// What an earlier attempt left of the index that a statement builds concurrently.
pub(super) enum Left {
    /// No such statement, or no such index.
    Nothing,
    /// It is there and whole.
    Whole,
    /// It was invalid and has been dropped.
    Dropped(String),
}

/// An index whose CREATE INDEX CONCURRENTLY was interrupted stays behind: invalid, kept up by every write, used by no
/// query, and `IF NOT EXISTS` takes it for the real one. So it goes first.
pub(super) fn repair(conn: &Connection, script: &Script, statement: Span) -> Result<Left, Error> {
    let Some(name) = concurrent_index(script, statement).filter(|_| conn.backend() == Backend::Postgres) else {
        return Ok(Left::Nothing);
    };
    let sql = "SELECT i.indisvalid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), \
                 (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid LIMIT 1) \
               FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relname = ? AND pg_catalog.pg_table_is_visible(c.oid)";
    let found = conn
        .native()
        .query_row(sql, [&name], |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        })
        .optional()?;
    match found {
        None => Ok(Left::Nothing),
        Some((true, ..)) => Ok(Left::Whole),
        Some((false, _, Some(pid))) => {
            Err(Error::new(ErrorKind::Locked, format!("index {name} is being built by process {pid} of the server"))
                .at(&script.file, &script.text, statement, script.begin(statement))
                .help("wait for it to end, then start again"))
        }
        Some((false, quoted, None)) => {
            conn.native().execute_batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {quoted}"))?;
            Ok(Left::Dropped(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_built_concurrently() {
        for (text, expected) in [
            ("CREATE INDEX CONCURRENTLY a ON t (n)", Some("a")),
            ("-- why\nCREATE UNIQUE INDEX concurrently IF NOT EXISTS \"A b\" ON t (n)", Some("A b")),
            ("CREATE INDEX CONCURRENTLY Upper ON t (n)", Some("upper")),
            ("CREATE INDEX CONCURRENTLY ON t (n)", None),
            ("CREATE INDEX a ON t (n)", None),
            ("DROP INDEX CONCURRENTLY a", None),
        ] {
            let script = Script::new("x.sql".into(), text, Backend::Postgres);
            let statement = Span { start: 0, end: text.len() };
            assert_eq!(concurrent_index(&script, statement).as_deref(), expected, "{text}");
        }
    }
}
