//! What triggers do, on both databases: rows, counters, errors.

mod bodies;
mod clauses;
mod counters;
mod each_row;
mod ignored;
mod order;
mod passed_on;
mod stopping;
mod temporary;
mod update_of;

use crate::pragma_answers::answer;
use crate::support::{on_postgres, sqlite};
use sqlift::{Connection, Error};

/// Runs the statements on both databases, and compares what each gives and the connection's counters behind it.
#[track_caller]
fn same(statements: &[&str]) {
    let run = |conn: &Connection| -> Vec<String> {
        let told = |sql: &&str| {
            let answer = answer(conn, sql);
            let (rowid, changes, total) = (conn.last_insert_rowid(), conn.changes(), conn.total_changes());
            format!("{answer}\n  last_insert_rowid {rowid}, changes {changes}, total_changes {total}")
        };
        statements.iter().map(told).collect()
    };
    let expected = run(&sqlite());
    let found = on_postgres(|conn| run(conn));
    let pairs = statements.iter().zip(expected.iter().zip(&found));
    let wrong: Vec<String> = pairs
        .filter(|(_, (expected, found))| expected != found)
        .map(|(sql, (expected, found))| format!("{sql}\n  {found}\n  expected\n  {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), statements.len(), wrong.join("\n"));
}

/// The same without the counters.
#[track_caller]
fn same_answers(statements: &[&str]) {
    crate::pragma_answers::same(statements);
}

/// The statement is refused on PostgreSQL behind the schema, where `place` begins, with words of the message and of the help.
#[track_caller]
fn refused(schema: &str, sql: &str, place: &str, words: &[&str]) {
    on_postgres(|conn| {
        conn.execute_batch(schema).expect("the schema is common ground");
        match conn.execute_batch(sql).expect_err("is refused") {
            Error::SqlInputError { msg, offset, .. } => {
                assert!(words.iter().all(|word| msg.contains(word)) && msg.contains("\n  help: "), "{msg}");
                assert!(sql[usize::try_from(offset).expect("a place")..].starts_with(place), "{offset} in {sql}");
            }
            other => panic!("{other:?}"),
        }
    });
}
