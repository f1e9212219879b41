//! Text that is read as a number: by CAST, in arithmetic, conditions, aggregates and comparisons, as SQLite reads it.

use crate::untyped::Both;
use sqlift::types::Value;

const TEXTS: [&str; 89] = [
    "1",
    " 1 ",
    "1e",
    "1e5x",
    "0x10",
    "1_000",
    "+5",
    "-5",
    "+-5",
    ".5",
    "5.",
    ".",
    "-.5e1",
    "+.5",
    "1e400",
    "-1e400",
    "1e-400",
    "4.9e-324",
    "4.94e-324",
    "2.4e-324",
    "2.5e-324",
    "1e0005",
    "1e00400",
    "1e-00400",
    "1e99999",
    "1e-99999",
    "0e99999",
    "inf",
    "nan",
    "Infinity",
    "NaN",
    "-inf",
    "\u{661}\u{662}",
    "\u{ff11}\u{ff12}",
    "\u{a0}1",
    "1\u{a0}",
    "\u{9}1\u{a}",
    "\u{b}1",
    "\u{c}1",
    "5e-1",
    "1e+2",
    "1E2",
    "1e 2",
    "1e+",
    "- 1",
    "--1",
    "1-1",
    "1.2.3",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "9007199254740993",
    "9007199254740993.0",
    "9007199254740992.0",
    "0.1",
    "0.30000000000000004",
    "0.3",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "123456789012345678901234567890",
    "0.1234567890123456789012345",
    "1.0",
    "10.0e0",
    "00012",
    "-0",
    "-0.0",
    "+0",
    "1e18",
    "1e19",
    "9.2e18",
    "9223372036854774784.0",
    "abc",
    "",
    "  ",
    "1 2",
    "0.5e1",
    "5e-324",
    "1.5e300",
    "99999999999999999",
    "0b1",
    "1,5",
    "1e1.5",
    "1e-5",
    "100000000000000000000e-20",
    "0.000001",
    "12345678901234567",
    "1.2345678901234567",
    "12e45678",
];

fn both() -> Both {
    let mut both = Both::new();
    both.all(&["CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT, u)"]);
    for text in TEXTS {
        both.run("INSERT INTO t(s, u) VALUES (?1, ?1)", &[Value::Text(text.into())]);
    }
    both
}

/// By row, so that a refused one hides no other.
fn each(both: &mut Both, expression: &str) {
    for id in 1..=TEXTS.len() {
        both.run(&format!("SELECT id, {expression} FROM t WHERE id = {id}"), &[]);
    }
}

#[test]
fn text_becomes_the_number_that_it_begins_with() {
    let mut both = both();
    for expression in [
        "s + 0",
        "-s",
        "s * 1",
        "s - 1",
        "s / 3",
        "s % 7",
        "s + 0.5",
        "CAST(s AS INTEGER)",
        "CAST(s AS REAL)",
        "CAST(s AS NUMERIC)",
        "abs(s)",
        "round(s)",
        "sign(s)",
        "~s",
        "s | 0",
        "CASE WHEN s THEN 1 ELSE 0 END",
        "NOT s",
        "typeof(s + 0)",
        "typeof(CAST(s AS NUMERIC))",
        "printf('%d %f', s, s)",
        "s + 0 || ''",
        "u + 0",
        "CAST(u AS NUMERIC)",
        "-u",
        "u % 7",
        "CASE WHEN u THEN 1 ELSE 0 END",
    ] {
        each(&mut both, expression);
    }
    for aggregate in ["sum(s)", "total(s)", "avg(s)", "sum(u)"] {
        for id in 1..=TEXTS.len() {
            both.run(&format!("SELECT {aggregate} FROM t WHERE id = {id} OR id = 1"), &[]);
        }
    }
    // Arithmetic on infinities by the row.
    let refused = both.refused.len();
    // PostgreSQL 13 has no infinite NUMERIC.
    let old = if both.is_before(14) { both.refused.iter().filter(|found| found.contains("22P02")).count() } else { 0 };
    let most = if both.is_before(14) { 90 } else { 60 };
    let words = [("out of range for PostgreSQL's type", refused - old), ("22P02", old)];
    both.end(if old > 0 { &words } else { &words[..1] });
    assert!(refused - old <= most && old <= most, "{refused}, {old}");
}

#[test]
fn text_is_compared_as_the_number_it_is() {
    let mut both = both();
    both.all(&[
        "CREATE TABLE m(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC)",
        "INSERT INTO m VALUES (1, 1, 1.0, 1), (2, 9223372036854775807, 0.3, 0.5), (3, 9007199254740993, 0.30000000000000004, 100), \
            (4, 9007199254740992, 9007199254740992.0, 0.1), (5, 0, 0.0, 0), (6, -5, 9.2233720368547758e18, 5), (7, 100000, 1e300, 12)",
    ]);
    for column in ["n", "x", "d"] {
        both.all(&[
            &format!("SELECT t.id, m.id, {column} = s, {column} < s FROM t, m ORDER BY t.id, m.id"),
            &format!("SELECT t.id, m.id, {column} = u, {column} < u FROM t, m ORDER BY t.id, m.id"),
            &format!("SELECT t.id, m.id FROM t JOIN m ON {column} = s ORDER BY t.id, m.id"),
            &format!("SELECT t.id FROM t WHERE s IN (SELECT {column} FROM m) ORDER BY t.id"),
            &format!("SELECT m.id FROM m WHERE {column} IN (SELECT s FROM t) ORDER BY m.id"),
        ]);
    }
    both.end(&[]);
}
