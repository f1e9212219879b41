//! Placeholder numbers and statement ends, with SQLite itself as the judge.

use crate::support::Random;
use rusqlite::Connection;
use sqlift::syntax::{placeholders, statements};

/// What SQLite says about the parameters of `sql`: their names by number, or its message.
fn sqlite(connection: &Connection, sql: &str) -> Result<Vec<Option<String>>, String> {
    match connection.prepare(sql) {
        Ok(statement) => {
            let names = 1..=statement.parameter_count();
            Ok(names.map(|number| statement.parameter_name(number).map(str::to_owned)).collect())
        }
        Err(rusqlite::Error::SqlInputError { msg, .. }) => Err(msg),
        Err(other) => Err(other.to_string()),
    }
}

fn ours(sql: &str) -> Result<Vec<Option<String>>, String> {
    let found = placeholders(sql).map_err(|error| error.to_string())?;
    let mut names = vec![None; found.count];
    for (name, number) in found.names {
        names[number - 1].get_or_insert(name);
    }
    Ok(names)
}

#[track_caller]
fn check(connection: &Connection, sql: &str) {
    assert_eq!(ours(sql), sqlite(connection, sql), "{sql}");
}

#[test]
fn numbers_and_names_are_sqlites() {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    for sql in [
        "SELECT 1",
        "SELECT ?, ?, ?",
        "SELECT ?5, ?",
        "SELECT ?, ?1, ?2, ?1",
        "SELECT ?01, ?1, ?001",
        "SELECT :a, @a, $a, :A, :a",
        "SELECT #a, #a, #b",
        "SELECT :1, $1, @1, ?1",
        "SELECT ?3, :a, ?, ?1, :b",
        "SELECT :é, $a::b, $a::b(c), $a(x/y), :a$b",
        "SELECT '?', \"?\", [?], `?`, x'00', ? /* ? */ FROM (SELECT 1 AS [?]) -- ?",
        "SELECT ?/**/,?1/* x",
        "SELECT ?+?,?||?,?->?,?->>?",
        "SELECT CASE ? WHEN :x THEN ?2 ELSE :y END",
        "SELECT ?32766",
        "SELECT ?32766, ?",
        "SELECT ?32766, :a",
        "SELECT ?32767",
        "SELECT ?0",
        "SELECT ?, ?99999999999999999999999",
        "SELECT 0x1F, 1_000, 1e5, ?",
    ] {
        check(&connection, sql);
    }
}

#[test]
fn numbers_of_random_mixes_are_sqlites() {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    let pieces = [
        "?",
        "?",
        "?1",
        "?2",
        "?3",
        "?7",
        "?12",
        "?01",
        ":a",
        ":b",
        "@a",
        "$a",
        "#a",
        ":1",
        "$1",
        "$a::b",
        "$a(b)",
        "'?'",
        "\"x?\"",
        "1",
        "x'3f'",
        "/* ? */ 1",
        "1 -- :a\n",
        ":aa",
        ":ab",
        ":ac",
        ":ad",
        ":ae",
        ":af",
        ":ag",
        ":ah",
        ":ai",
    ];
    let mut random = Random::new(1);
    for _ in 0..3000 {
        let count = 1 + random.below(24);
        let chosen: Vec<&str> = (0..count).map(|_| pieces[random.below(pieces.len())]).collect();
        check(&connection, &format!("SELECT {}", chosen.join(", ")));
    }
}

#[test]
fn too_many_variables() {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    for count in [32766, 32767] {
        // Not more than 1000 in one expression list, as SQLite limits them.
        let rows = vec!["(?)"; count].join(",");
        let sql = format!("SELECT 1 FROM (VALUES {rows})");
        check(&connection, &sql);
    }
}

/// SQLite prepares statement by statement; the text it leaves over must begin where ours says.
#[test]
fn statement_ends_are_sqlites() {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection.execute_batch("CREATE TABLE t(a, b)").expect("the schema is SQLite's");
    let pieces = [
        "SELECT 1",
        "SELECT ';' -- ;\n",
        "SELECT /* ; */ \";\" FROM t",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM t; END",
        "CREATE TRIGGER x UPDATE ON t BEGIN UPDATE t SET a = CASE WHEN new.a THEN 1 ELSE 2 END; END",
        "EXPLAIN QUERY PLAN SELECT 1",
        "EXPLAIN CREATE TRIGGER x DELETE ON t BEGIN SELECT 1; SELECT 2; END",
        "BEGIN",
        "END",
        "-- only a comment\n",
        "",
        "CREATE TABLE end(\"create\", 'trigger')",
    ];
    let mut random = Random::new(2);
    for _ in 0..400 {
        let count = 1 + random.below(5);
        let chosen: Vec<&str> = (0..count).map(|_| pieces[random.below(pieces.len())]).collect();
        let script = chosen.join(" ;\n");
        let expected: Vec<&str> = chosen
            .iter()
            .filter(|piece| !piece.is_empty() && !piece.starts_with("--"))
            .map(|piece| piece.trim_end_matches(" -- ;\n"))
            .collect();
        let spans = statements(&script).expect("every literal is closed");
        let mut texts: Vec<&str> = spans.iter().map(|span| span.text(&script)).collect();
        for text in &mut texts {
            *text = text.trim_start_matches("-- only a comment\n").trim_start();
            if let Some(trimmed) = text.strip_prefix("-- ;\n") {
                *text = trimmed.trim_start();
            }
            assert!(connection.prepare(text).is_ok(), "SQLite does not take {text:?} as one statement");
        }
        assert_eq!(texts.len(), expected.len(), "{script}");
        for (text, expected) in texts.iter().zip(expected) {
            assert!(text.ends_with(expected), "{text:?} in {script}");
        }
    }
}
