//! A first PostgreSQL migration out of a SQLite schema: translated, to be read and corrected by people.

use super::error::{Error, ErrorKind};
use crate::syntax::{Span, is_empty, statements, tokens};
use crate::translate::{Catalog, Options, Refusal, RowidReturn, Translation, TypePolicy, offline, translate};

/// What [`draft`] gives.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Draft {
    /// PostgreSQL's SQL, for a file that ends with `.postgres.sql`.
    pub sql: String,
    /// The statements that have no counterpart: a comment stands in their place.
    pub refused: Vec<Error>,
}

/// Translates a SQLite schema for a migration of PostgreSQL's own.
///
/// `file` is the script's name in messages. A table that refers to a later one is moved behind it. With [`TypePolicy::NATIVE`]
/// declared types become PostgreSQL's own (BOOLEAN, TIMESTAMPTZ, JSONB, UUID), else types that store all that SQLite stores.
///
/// # Errors
/// A literal without an end.
///
/// # Examples
/// ```
/// use sqlift::{migrate, translate::TypePolicy};
///
/// let schema = "CREATE TABLE task (id INTEGER PRIMARY KEY, done BOOLEAN NOT NULL DEFAULT 0); ATTACH 'old.db' AS old";
/// let draft = migrate::draft("schema.sql", schema, TypePolicy::NATIVE)?;
/// assert!(draft.sql.contains("done boolean NOT NULL DEFAULT false"));
/// assert_eq!(draft.refused.len(), 1);
/// # Ok::<(), migrate::Error>(())
/// ```
pub fn draft(file: &str, script: &str, types: TypePolicy) -> Result<Draft, Error> {
    let options = Options { types, ..Options::default() };
    let mut waiting = statements(script).map_err(|error| {
        Error::new(ErrorKind::Files, error.message()).at(file, script, error.span(), error.span().start)
    })?;
    let mut catalog = Catalog::default();
    let mut draft = Draft::default();
    loop {
        let (count, mut moved) = (waiting.len(), Vec::new());
        for &statement in &waiting {
            let sql = statement.text(script);
            match translate(sql, &catalog, &options) {
                // A lifted foreign key would wait for its table; in a file the table just comes first.
                Ok(translation) if pends(&translation).is_some_and(|name| is_made(name, script, &waiting)) => {
                    moved.push(statement);
                }
                Ok(translation) => {
                    offline::apply_as(&mut catalog, sql, types);
                    draft.sql += &printed(&translation, types);
                }
                Err(refusal) if misses(&refusal).is_some_and(|name| is_made(name, script, &waiting)) => {
                    moved.push(statement);
                }
                Err(refusal) => draft.refuse(file, script, statement, refusal, &mut catalog, types),
            }
        }
        if moved.len() == count {
            // Tables that refer to each other in a circle.
            for statement in moved {
                let sql = statement.text(script);
                match translate(sql, &catalog, &options) {
                    Ok(translation) => {
                        offline::apply_as(&mut catalog, sql, types);
                        draft.sql += &printed(&translation, types);
                    }
                    Err(refusal) => {
                        let help = "tables that refer to each other: leave the foreign key out of the first one, and add it with \
                                    ALTER TABLE ... ADD FOREIGN KEY behind the second";
                        let refusal = Refusal { help: Some(help.to_owned()), ..refusal };
                        draft.refuse(file, script, statement, refusal, &mut catalog, types);
                    }
                }
            }
            return Ok(draft);
        }
        if moved.is_empty() {
            return Ok(draft);
        }
        waiting = moved;
    }
}

impl Draft {
    fn refuse(
        &mut self,
        file: &str,
        script: &str,
        statement: Span,
        refusal: Refusal,
        catalog: &mut Catalog,
        types: TypePolicy,
    ) {
        let sql = statement.text(script);
        self.sql += &format!("-- Not translated: {}\n", refusal.message.replace('\n', " "));
        for line in sql.lines() {
            self.sql += &format!("--     {line}\n");
        }
        self.sql.push('\n');
        // What follows is judged by itself.
        offline::apply_as(catalog, sql, types);
        let mut error = Error::new(ErrorKind::Refused, refusal.message);
        if let Some(help) = refusal.help {
            error = error.help(help);
        }
        self.refused.push(error.at(file, script, statement, statement.start + refusal.span.start));
    }
}

/// The table that a statement was refused for the lack of.
fn misses(refusal: &Refusal) -> Option<&str> {
    refusal
        .message
        .strip_prefix("the foreign key refers to table ")
        .and_then(|rest| rest.split_once(", which is not there yet"))
        .map(|(name, _)| name)
        .or_else(|| refusal.message.strip_prefix("no such table: "))
}

/// The table that a foreign key of a lifted table waits for.
fn pends(translation: &Translation) -> Option<&str> {
    let (_, rest) = translation.sql.split_once("sqlift.pend_foreign_key(")?;
    rest.split('\'').nth(3)
}

/// Whether one of the statements makes that table or view.
fn is_made(name: &str, script: &str, waiting: &[Span]) -> bool {
    waiting.iter().any(|statement| makes(statement.text(script), name))
}

/// Whether a statement is `CREATE TABLE name` or `CREATE VIEW name`.
fn makes(sql: &str, name: &str) -> bool {
    let words: Vec<String> = tokens(sql)
        .filter(|token| !token.kind.is_trivia())
        .take(7)
        .map(|token| token.span.text(sql).trim_matches(['"', '`', '[', ']']).to_ascii_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let name = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    match words.as_slice() {
        ["create", "table" | "view", "if", "not", "exists", made, ..] | ["create", "table" | "view", made, ..] => {
            *made == name
        }
        _ => false,
    }
}

fn printed(translation: &Translation, types: TypePolicy) -> String {
    let mut text = String::new();
    let parts = translation.prelude.iter().map(String::as_str).chain([translation.sql.as_str()]);
    for part in parts.filter(|part| !is_empty(part)) {
        let part = match translation.rowid {
            RowidReturn::None => part,
            // The number of a new row is for programs.
            _ => part.rfind(" RETURNING ").map_or(part, |at| &part[..at]),
        };
        for statement in native_statements(part) {
            // What SQLite's text was is for sqlite_master; in a file that people go on from it would soon be wrong.
            let is_source = statement.starts_with("COMMENT ON ") && statement.contains(" IS 'sqlite: ");
            if !(is_source && types.is_native()) {
                text += statement;
                text += ";\n";
            }
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn native_statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((span, tail)) = crate::syntax::next_native_statement(text, from) {
        found.push(span.text(text).trim());
        from = tail;
    }
    found
}
