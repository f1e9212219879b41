//! A migration file's text as statements, and what its first comments ask for.

use super::error::{Error, ErrorKind};
use crate::Backend;
use crate::syntax::{self, Span, TokenKind, tokens, tokens_from};

/// One file's text for one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// As messages name it.
    pub file: String,
    /// Without a byte order mark, lines ended by `\n`.
    pub text: String,
    /// The dialect it is written in; a shared file is SQLite's.
    pub dialect: Backend,
}

impl Script {
    pub fn new(file: String, text: &str, dialect: Backend) -> Script {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        Script { file, text, dialect }
    }

    /// `-- no-transaction` among the comments ahead of the first statement: each statement commits by itself.
    pub fn has_no_transaction(&self) -> bool {
        self.asks_for("no-transaction")
    }

    /// `-- no-foreign-keys`: SQLite checks foreign keys only at the file's end, as rebuilding a table needs.
    pub fn has_no_foreign_keys(&self) -> bool {
        self.asks_for("no-foreign-keys")
    }

    fn asks_for(&self, what: &str) -> bool {
        tokens(&self.text)
            .take_while(|token| token.kind.is_trivia())
            .filter(|token| token.kind == TokenKind::LineComment)
            .any(|token| token.span.text(&self.text).trim_start_matches('-').trim().eq_ignore_ascii_case(what))
    }

    /// SHA-256 of the text, in hexadecimal; how lines end does not matter.
    pub fn checksum(&self) -> String {
        checksum(&self.text)
    }

    /// Its statements, in order.
    ///
    /// # Errors
    /// A literal without an end; a statement that belongs to the runner; a file of another tool that holds its own undoing.
    pub fn statements(&self) -> Result<Vec<Span>, Error> {
        self.check_markers()?;
        let found = match self.dialect {
            Backend::Sqlite => syntax::statements(&self.text).map_err(|error| {
                Error::new(ErrorKind::Failed, error.message()).at(
                    &self.file,
                    &self.text,
                    error.span(),
                    error.span().start,
                )
            })?,
            Backend::Postgres => {
                let mut found = Vec::new();
                let mut from = 0;
                while let Some((span, tail)) = syntax::next_native_statement(&self.text, from) {
                    found.push(trimmed(&self.text, span));
                    from = tail;
                }
                found
            }
        };
        for &statement in &found {
            self.check_statement(statement)?;
        }
        Ok(found)
    }

    /// dbmate's and goose's files hold the way back as well: run as a whole they would undo themselves.
    fn check_markers(&self) -> Result<(), Error> {
        for token in tokens(&self.text).filter(|token| token.kind == TokenKind::LineComment) {
            let words = token.span.text(&self.text).trim_start_matches('-').trim().to_ascii_lowercase();
            if words.starts_with("migrate:down")
                || words.starts_with("+goose down")
                || words.starts_with("+migrate down")
            {
                return Err(Error::new(ErrorKind::Files, "the file holds its own undoing, which would run at once")
                    .at(&self.file, &self.text, token.span, token.span.start)
                    .help("move what follows this line to a file of the same name that ends with .down.sql"));
            }
        }
        Ok(())
    }

    fn check_statement(&self, statement: Span) -> Result<(), Error> {
        let words = first_words(&self.text, statement);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let refuse = |message: &str, help: &str| {
            let at = self.begin(statement);
            Err(Error::new(ErrorKind::Files, message).at(&self.file, &self.text, statement, at).help(help))
        };
        match words.as_slice() {
            ["begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release", ..] => refuse(
                "a migration does not begin or end transactions",
                "take this statement out: each file runs in a transaction of its own, or with -- no-transaction at its top in none",
            ),
            ["pragma", "foreign_keys", "=" | "(", ..] if !self.has_no_transaction() => refuse(
                "SQLite ignores PRAGMA foreign_keys inside a transaction",
                "take this statement out, and put the comment -- no-foreign-keys at the top of the file: they are then checked at its end",
            ),
            ["copy", ..] if self.dialect == Backend::Postgres && copies_from_client(&self.text, statement) => refuse(
                "COPY waits for data from the program, and a migration has none",
                "write the rows as INSERT, or copy them with sqlift or psql afterwards",
            ),
            _ if !self.has_no_transaction() && is_concurrent(&words) => refuse(
                "this cannot run inside a transaction",
                "give it a file of its own with the comment -- no-transaction at the top",
            ),
            _ => Ok(()),
        }
    }

    /// Where the statement really begins, behind its comments.
    pub fn begin(&self, statement: Span) -> usize {
        statement.start + syntax::statement_start(statement.text(&self.text))
    }
}

/// `COPY ... FROM STDIN`, as pg_dump writes data, or `TO STDOUT`.
fn copies_from_client(text: &str, statement: Span) -> bool {
    tokens_from(text, statement.start)
        .take_while(|token| token.span.start < statement.end)
        .any(|token| ["stdin", "stdout"].iter().any(|word| token.span.text(text).eq_ignore_ascii_case(word)))
}

/// CREATE, DROP or REINDEX ... CONCURRENTLY, and VACUUM.
fn is_concurrent(words: &[&str]) -> bool {
    match words {
        ["vacuum", ..] => true,
        ["create" | "drop" | "reindex" | "detach", rest @ ..] => {
            rest.iter().take(3).any(|word| *word == "concurrently")
        }
        _ => false,
    }
}

/// The first few words and signs of a statement, words in lower case.
pub(super) fn first_words(text: &str, statement: Span) -> Vec<String> {
    tokens_from(text, statement.start)
        .take_while(|token| token.span.start < statement.end)
        .filter(|token| !token.kind.is_trivia())
        .take(8)
        .map(|token| token.span.text(text).to_ascii_lowercase())
        .collect()
}

fn trimmed(text: &str, span: Span) -> Span {
    let inner = span.text(text);
    let start = span.start + (inner.len() - inner.trim_start().len());
    Span { start, end: start + inner.trim().len() }
}

pub(super) fn checksum(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(text.as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_stand_ahead_of_the_first_statement() {
        for (text, expected) in [
            ("-- no-transaction\nVACUUM", true),
            ("-- Why: the index is large.\n--No-Transaction\n\nSELECT 1", true),
            ("SELECT 1;\n-- no-transaction", false),
            ("-- no-transaction please\nSELECT 1", false),
        ] {
            let script = Script::new("x.sql".into(), text, Backend::Sqlite);
            assert_eq!(script.has_no_transaction(), expected, "{text}");
        }
    }

    #[test]
    fn refused_statements() {
        let (sqlite, postgres) = (Backend::Sqlite, Backend::Postgres);
        for (text, dialect, said) in [
            ("CREATE TABLE t (n); COMMIT", sqlite, "begin or end"),
            ("START TRANSACTION; SELECT 1", postgres, "begin or end"),
            ("PRAGMA foreign_keys = off", sqlite, "foreign_keys"),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (n)", postgres, "inside a transaction"),
            ("VACUUM", sqlite, "inside a transaction"),
            ("COPY t (a, b) FROM stdin;\n1\t2\n\\.", postgres, "COPY waits for data"),
            ("CREATE TABLE t (n); -- migrate:down\nDROP TABLE t", sqlite, "undoing"),
        ] {
            let error = Script::new("x.sql".into(), text, dialect).statements().unwrap_err();
            assert!(error.message().contains(said), "{text}: {error}");
        }
        for (text, dialect, count) in [
            ("CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; SELECT 2", sqlite, 2),
            ("DO $$ BEGIN PERFORM 1; END $$; SELECT ';'", postgres, 2),
            ("-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (n)", postgres, 1),
            ("PRAGMA foreign_keys", sqlite, 1),
            ("-- only a comment\n", postgres, 0),
        ] {
            let script = Script::new("x.sql".into(), text, dialect);
            assert_eq!(
                script.statements().map(|found| found.len()).map_err(|error| error.to_string()),
                Ok(count),
                "{text}"
            );
        }
    }

    #[test]
    fn line_ends_do_not_matter_to_checksums() {
        let [unix, windows] = ["a\nb", "\u{feff}a\r\nb"].map(|text| Script::new(String::new(), text, Backend::Sqlite));
        assert_eq!(unix.checksum(), windows.checksum());
        assert_eq!(checksum("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
