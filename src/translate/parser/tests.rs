//! What the parser makes of odd statements, compared with SQLite itself.

use super::*;
use rusqlite::Connection;

/// SQLite's refusal of a statement as text, if it is one that its parser makes.
fn sqlite_refusal(connection: &Connection, sql: &str) -> Result<(), String> {
    match connection.prepare(sql) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqlInputError { msg, .. } | rusqlite::Error::SqliteFailure(_, Some(msg))) => Err(msg),
        Err(other) => Err(other.to_string()),
    }
}

fn connection() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection
        .execute_batch(
            "CREATE TABLE t(a, b, c, id INTEGER PRIMARY KEY); CREATE TABLE u(a, b, x UNIQUE, id);
             CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t(a);",
        )
        .expect("the schema is SQLite's");
    connection
}

/// SQLite's parser and ours must agree, in the message too; errors that come later than parsing do not count.
fn disagreement(connection: &Connection, sql: &str) -> Option<String> {
    let ours = parse_statement(sql);
    match (sqlite_refusal(connection, sql), ours) {
        (Ok(()), Ok(_)) => None,
        (Ok(()), Err(error)) => Some(format!("SQLite takes {sql:?}, we say {error}")),
        (Err(theirs), Ok(_)) => {
            let is_parser = theirs.starts_with("near \"")
                || theirs == "incomplete input"
                || theirs.starts_with("unrecognized token");
            is_parser.then(|| format!("SQLite refuses {sql:?}: {theirs}"))
        }
        (Err(theirs), Err(error)) => {
            (theirs != error.message).then(|| format!("in {sql:?} SQLite says {theirs}, we say {error}"))
        }
    }
}

#[test]
fn agrees_with_sqlite() {
    let connection = connection();
    let statements = include_str!("tests/agree.sql").split("\n--\n").map(|sql| sql.trim_end_matches('\n'));
    let disagreements: Vec<String> = statements.filter_map(|sql| disagreement(&connection, sql)).collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    let shapes: &[(&str, &str, &str)] = &[
        ("(", "1", ")"),
        ("- ", "1", ""),
        ("NOT ", "1", ""),
        ("f(", "1", ")"),
        ("(SELECT ", "1", ")"),
        ("1 IN (SELECT ", "1", ")"),
        ("EXISTS (SELECT ", "1", ")"),
        ("CASE WHEN ", "1", " THEN 1 END"),
        ("CAST(", "1", " AS INT)"),
        ("1 BETWEEN ", "1", " AND 1"),
        ("1 LIKE (", "1", ")"),
        ("sum(1) OVER (ORDER BY ", "1", ")"),
        ("1 + (", "1", ")"),
        ("(WITH x AS (SELECT ", "1", ") SELECT 1)"),
        ("(SELECT 1 FROM (SELECT ", "1", "))"),
        ("(1, ", "1", ")"),
    ];
    // A test's thread has 2 MiB of stack, and the test is not optimised.
    for (open, middle, close) in shapes {
        for depth in [10, 30, 98, 500, 20_000] {
            let sql = format!("SELECT {}{middle}{}", open.repeat(depth), close.repeat(depth));
            match parse_statement(&sql) {
                Ok(_) => assert!(depth < 500, "{open} {depth} was taken"),
                Err(error) => {
                    assert_eq!(error.kind, ParseErrorKind::TooDeep, "{open}: {error}");
                    assert!(depth > 30, "{open} {depth} was refused");
                }
            }
        }
    }
    for joins in [10, 90, 500, 20_000] {
        let sql = format!("SELECT 1 FROM {}t{}", "(".repeat(joins), ")".repeat(joins));
        assert_eq!(parse_statement(&sql).is_ok(), joins < 500);
    }
}

#[test]
fn long_chains_have_sqlites_limit() {
    let connection = connection();
    for operator in [" + ", " OR ", " || ", " AND "] {
        for terms in [999, 1000, 1001, 5000] {
            let sql = format!("SELECT 1{}", format!("{operator}a").repeat(terms - 1)) + " FROM t";
            let ours = parse_statement(&sql).map(drop).map_err(|error| error.message);
            assert_eq!(ours, sqlite_refusal(&connection, &sql), "{terms} terms of {operator}");
        }
    }
}
