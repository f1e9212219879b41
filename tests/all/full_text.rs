//! FTS5 tables on PostgreSQL: the same rows, ranks and marks as on SQLite, found through an index.

use crate::support::{self, Random};
use sqlift::types::ValueRef;
use sqlift::{Connection, params};

const WORDS: &[&str] = &[
    "rust",
    "Rust",
    "book",
    "database",
    "the",
    "a",
    "fast",
    "FAST",
    "running",
    "runs",
    "café",
    "Café",
    "naïve",
    "über",
    "ОДИН",
    "один",
    "it's",
    "foo-bar",
    "x1",
    "2nd",
    "2024",
    "connection",
    "connected",
];

fn text(random: &mut Random, most: usize) -> String {
    let marks = ["", ",", ".", "!", "  "];
    let count = random.below(most);
    let words: Vec<String> = (0..count)
        .map(|_| format!("{}{}", WORDS[random.below(WORDS.len())], marks[random.below(marks.len())]))
        .collect();
    words.join(" ")
}

const QUERIES: &[&str] = &[
    "rust",
    "RUST book",
    "rust AND book",
    "rust OR cafe",
    "rust NOT book",
    "rust OR book AND fast NOT x1",
    "(rust OR book) AND fast",
    "one.two",
    "naive",
    "ОДИН",
    "\"fast rust\"",
    "ru*",
    "\"fast ru\"*",
    "fast + rust",
    "title:rust",
    "- {title} : rust",
    "{title body}: (rust OR book)",
    "^rust",
    "NEAR(rust book, 2)",
    "NEAR(\"fast rust\" book fast, 5)",
    "it's",
    "\"foo-bar\"",
    "uber 2nd",
    "\"\" rust",
    "nosuch:rust",
    "rust AND",
    "(rust",
    "\"rust",
    "near(rust book)",
    "",
];

fn answer(conn: &Connection, sql: &str, query: &str) -> Result<Vec<String>, ()> {
    let mut statement = conn.prepare(sql).map_err(|_| ())?;
    let columns = statement.column_count();
    let mut rows = statement.query([query]).map_err(|_| ())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|_| ())? {
        for index in 0..columns {
            found.push(match row.get_ref(index).map_err(|_| ())? {
                // The sums of a rank may be made in another order.
                ValueRef::Real(real) => format!("{real:.9}"),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            });
        }
    }
    Ok(found)
}

fn filled(conn: &Connection) {
    conn.execute_batch(
        "CREATE VIRTUAL TABLE plain USING fts5(title, body);
         CREATE VIRTUAL TABLE stems USING fts5(title, body UNINDEXED, tokenize = 'porter unicode61', prefix = '2 3');",
    )
    .unwrap();
    let mut random = Random::new(11);
    for _ in 0..60 {
        let (title, body) = (text(&mut random, 6), text(&mut random, 25));
        for table in ["plain", "stems"] {
            conn.execute(&format!("INSERT INTO {table}(title, body) VALUES (?1, ?2)"), params![title, body]).unwrap();
        }
    }
}

#[test]
fn queries_find_rank_and_mark_as_on_sqlite() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        filled(&sqlite);
        filled(postgres);
        let mut different = String::new();
        for table in ["plain", "stems"] {
            for sql in [
                format!("SELECT rowid, title FROM {table} WHERE {table} MATCH ? ORDER BY rowid"),
                format!("SELECT rowid FROM {table} WHERE title MATCH ? ORDER BY rowid"),
                format!("SELECT rowid, rank FROM {table} WHERE {table} MATCH ? ORDER BY round(rank, 9), rowid"),
                format!("SELECT rowid, bm25({table}, 10.0, 5.0) FROM {table} WHERE {table} MATCH ? ORDER BY rowid"),
                format!(
                    "SELECT highlight({table}, 0, '<b>', '</b>'), highlight({table}, 1, '[', ']') FROM {table} WHERE {table} MATCH ? ORDER BY rowid"
                ),
            ] {
                for query in QUERIES {
                    let (expected, found) = (answer(&sqlite, &sql, query), answer(postgres, &sql, query));
                    if expected != found {
                        different +=
                            &format!("\n{sql} of {query:?}\n  SQLite     {expected:?}\n  PostgreSQL {found:?}");
                    }
                }
            }
        }
        assert!(different.is_empty(), "{different}");
    });
}

#[test]
fn a_full_text_table_is_written_and_listed_as_on_sqlite() {
    let log = |conn: &Connection| {
        let mut log = support::Log::default();
        let ask = |sql: &str| answer(conn, sql, "rust");
        let batch = |sql: &str| conn.execute_batch(sql).map_err(|_| ());
        log.value("create", batch("CREATE VIRTUAL TABLE ft USING fts5(title, body)"));
        log.value("again", batch("CREATE VIRTUAL TABLE IF NOT EXISTS ft USING fts5(title, body)"));
        log.value(
            "without columns",
            conn.execute("INSERT INTO ft VALUES ('rust', 'one'), ('more', 'rust rust')", []).unwrap(),
        );
        log.value("rowid", conn.execute("INSERT INTO ft(rowid, title) VALUES (500, 'rust book')", []).unwrap());
        log.value("last", conn.last_insert_rowid());
        log.value("star", ask("SELECT * FROM ft WHERE ft MATCH ? ORDER BY rank"));
        log.value("aliased", ask("SELECT f.* FROM ft AS f WHERE ft MATCH ? AND title LIKE '%b%'"));
        log.value("update", conn.execute("UPDATE ft SET title = 'other' WHERE rowid = 500", []).unwrap());
        log.value("updated", ask("SELECT rowid FROM ft WHERE ft MATCH ? ORDER BY rowid"));
        log.value("delete", conn.execute("DELETE FROM ft WHERE ft MATCH 'more'", []).unwrap());
        log.value("deleted", ask("SELECT rowid FROM ft WHERE ft MATCH ? ORDER BY rowid"));
        log.value("commands", batch("INSERT INTO ft(ft) VALUES ('optimize'); INSERT INTO ft(ft) VALUES ('rebuild'); INSERT INTO ft(ft, rank) VALUES ('merge', 16)"));
        log.value(
            "replace",
            conn.execute("REPLACE INTO ft(rowid, title, body) VALUES (1, 'new', 'rust')", []).unwrap(),
        );
        log.value("replaced", ask("SELECT rowid, title FROM ft WHERE body MATCH ?"));
        log.value("columns", ask("SELECT name, type FROM pragma_table_info('ft') WHERE ? <> ''"));
        log.value("listed", ask("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name = 'ft' AND ? <> ''"));
        log.value(
            "no table",
            conn.prepare("SELECT 'abc' MATCH 'a'").and_then(|mut statement| statement.exists([])).is_err(),
        );
        log.value("drop", batch("DROP TABLE ft"));
        log
    };
    support::on_postgres(|postgres| log(postgres).same_as(&log(&support::sqlite())).unwrap());
}

#[test]
fn the_index_finds_the_rows() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE VIRTUAL TABLE ft USING fts5(body)").unwrap();
        conn.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
             INSERT INTO ft(body) SELECT 'word' || i || ' common text' FROM n",
        )
        .unwrap();
        conn.native().execute_batch("ANALYZE ft").unwrap();
        let mut plan = String::new();
        let mut statement = conn.prepare("EXPLAIN SELECT rowid FROM ft WHERE ft MATCH 'word77'").unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            plan += &row.get::<_, String>(0).unwrap();
        }
        assert!(plan.contains("ft_sqlift_fts_index"), "{plan}");
    });
}

#[test]
fn what_has_no_counterpart_says_what_to_do() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE VIRTUAL TABLE ft USING fts5(body)").unwrap();
        for sql in [
            "CREATE VIRTUAL TABLE t USING fts5(a, content = 'docs')",
            "CREATE VIRTUAL TABLE t USING fts5(a, tokenize = 'trigram')",
            "CREATE VIRTUAL TABLE t USING rtree(id, a, b)",
            "INSERT INTO ft(ft, rowid, body) VALUES ('delete', 1, 'x')",
            "SELECT snippet(ft, 0, '', '', '...', 5) FROM ft WHERE ft MATCH 'x'",
            "SELECT rank FROM ft",
        ] {
            let error = conn.prepare(sql).and_then(|mut statement| statement.exists([])).expect_err(sql).to_string();
            assert!(error.contains("help:"), "{sql}: {error}");
        }
    });
}
