//! Tables of hundreds of columns: what PRAGMA table_info tells of each costs the same.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::json::answer;
use crate::support;

/// The name of a table of so many columns, and its text.
fn table(columns: usize, form: &str) -> (String, String) {
    let mut text = format!("CREATE TABLE wide{columns}(id INTEGER PRIMARY KEY");
    for index in 1..columns {
        write!(text, ", c{index} {form}").expect("a String takes all");
    }
    (format!("wide{columns}"), text + ")")
}

#[test]
fn each_column_costs_the_same() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        let (few, create_few) = table(100, "INTEGER NOT NULL DEFAULT 0");
        let (many, create_many) = table(400, "INTEGER NOT NULL DEFAULT 0");
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(&format!("{create_few};{create_many};")).expect("creates");
        }
        let time = |name: &str| -> Duration {
            let sql = format!("PRAGMA table_info({name})");
            let expected = answer(&sqlite, &sql, &[]);
            let once = || {
                let start = Instant::now();
                assert_eq!(answer(postgres, &sql, &[]), expected, "{sql}");
                start.elapsed()
            };
            (0..4).map(|_| once()).min().expect("four")
        };
        let (few, many) = (time(&few), time(&many));
        assert!(many < few * 9, "{few:?} of 100 columns, {many:?} of 400");
    });
}

#[test]
fn keys_and_what_is_not_null() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for (name, text) in [
            ("a", "CREATE TABLE a(x TEXT, y INTEGER NOT NULL, z TEXT DEFAULT 'none', PRIMARY KEY (z, x))"),
            ("b", "CREATE TABLE b(x TEXT NOT NULL, y INTEGER, PRIMARY KEY (y, x))"),
            ("c", "CREATE TABLE c(x TEXT, y INTEGER, PRIMARY KEY (y, x)) WITHOUT ROWID"),
            ("d", "CREATE TABLE d(x TEXT PRIMARY KEY, y INTEGER NOT NULL) STRICT"),
            ("e", "CREATE TABLE e(x INTEGER PRIMARY KEY NOT NULL, y INTEGER GENERATED ALWAYS AS (x + 1) STORED)"),
            ("f", "CREATE TABLE f(x TEXT COLLATE NOCASE PRIMARY KEY, \"Y z\" REAL NOT NULL DEFAULT 1.5)"),
            ("g", "CREATE TABLE g(x, y BLOB NOT NULL)"),
        ] {
            for conn in [&sqlite, &*postgres] {
                conn.execute_batch(text).expect(text);
            }
            for pragma in ["table_info", "table_xinfo"] {
                let sql = format!("PRAGMA {pragma}({name})");
                assert_eq!(answer(postgres, &sql, &[]), answer(&sqlite, &sql, &[]), "{text}: {sql}");
            }
        }
        for sql in ["PRAGMA table_info(nothing)", "PRAGMA table_info(sqlite_master)"] {
            assert_eq!(answer(postgres, sql, &[]), answer(&sqlite, sql, &[]), "{sql}");
        }
    });
}
