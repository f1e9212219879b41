//! FTS5 tables on PostgreSQL: the same rows, ranks and marks as on SQLite, found through an index.

mod rank;
mod values;

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
    "мой",
    "Ёлка",
    "ǖber",
    "日本語",
    "a̐b",
    "x²",
    "①",
];

fn text(random: &mut Random, most: usize) -> String {
    let marks = ["", ",", ".", "!", "  ", ":"];
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
    "ust",
    "\"st bo\"",
    "fast AND rust AND book",
    "café NOT cafe",
    "(rust) book",
    "rust (book)",
    "rust title:(book)",
    "\"fast\" (book)",
    "(rust OR book) NOT (fast)",
    "ёлка OR мои",
    "a the",
    "",
];

const TABLES: [&str; 7] = ["plain", "stems", "parts", "marks", "bare", "bytes", "stemmed_bytes"];

fn answer(conn: &Connection, sql: &str, query: &str) -> Result<Vec<String>, String> {
    let mut statement = conn.prepare(sql).map_err(|error| error.to_string())?;
    let columns = statement.column_count();
    let mut rows = statement.query([query]).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        for index in 0..columns {
            found.push(match row.get_ref(index).map_err(|error| error.to_string())? {
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
         CREATE VIRTUAL TABLE stems USING fts5(title, body UNINDEXED, tokenize = 'porter unicode61', prefix = '2 3');
         CREATE VIRTUAL TABLE parts USING fts5(title, body, tokenize = 'trigram');
         CREATE VIRTUAL TABLE marks USING fts5(title, body, tokenize = \"unicode61 remove_diacritics 0\");
         CREATE VIRTUAL TABLE bare USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2');
         CREATE VIRTUAL TABLE bytes USING fts5(title, body, tokenize = 'ascii');
         CREATE VIRTUAL TABLE stemmed_bytes USING fts5(title, body, tokenize = 'porter ascii');",
    )
    .unwrap();
    let mut random = Random::new(11);
    for _ in 0..25 {
        let (title, body) = (text(&mut random, 6), text(&mut random, 25));
        for table in TABLES {
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
        for table in TABLES {
            for sql in [
                format!("SELECT rowid, title FROM {table} WHERE {table} MATCH ? ORDER BY rowid"),
                format!("SELECT rowid FROM {table} WHERE title MATCH ? ORDER BY rowid"),
                format!("SELECT rowid, rank FROM {table} WHERE {table} MATCH ? ORDER BY round(rank, 9), rowid"),
                format!("SELECT rowid, bm25({table}, 10.0, 5.0) FROM {table} WHERE {table} MATCH ? ORDER BY rowid"),
                format!("SELECT rowid FROM {table}(?) ORDER BY rowid"),
                format!("SELECT t.rowid, t.title FROM {table}(?) AS t ORDER BY round(rank, 9), t.rowid"),
                format!("SELECT rowid FROM {table} WHERE {table} = ? ORDER BY round(rank, 9), rowid"),
                format!(
                    "SELECT rowid, rank FROM {table} WHERE {table} MATCH ? AND rank MATCH 'bm25(10.0, 0.5)' ORDER BY rowid"
                ),
                format!(
                    "SELECT snippet({table}, -1, '<', '>', '...', 3), snippet({table}, 0, '[', ']', '~', 2), snippet({table}, 1, '', '', '', 1) \
                     FROM {table} WHERE {table} MATCH ? ORDER BY rowid"
                ),
                format!(
                    "SELECT snippet({table}, -1, '<', '>', '...', 8), snippet({table}, 1, '<', '>', '...', 5), snippet({table}, -1, '<', '>', '...', 64) \
                     FROM {table} WHERE {table} MATCH ? ORDER BY rowid"
                ),
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
        conn.execute_batch(
            "CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT);
             INSERT INTO docs SELECT rowid, body FROM ft;
             CREATE VIRTUAL TABLE outside USING fts5(body, content=[docs], content_rowid='id');
             INSERT INTO outside(outside) VALUES ('rebuild');",
        )
        .unwrap();
        conn.native().execute_batch("ANALYZE outside; ANALYZE docs").unwrap();
        for (sql, index) in [
            ("EXPLAIN SELECT rowid FROM ft WHERE ft MATCH 'word77'", "ft_sqlift_fts_index"),
            ("EXPLAIN SELECT rowid, body FROM outside WHERE outside MATCH 'word77'", "outside_sqlift_fts_index"),
            ("EXPLAIN SELECT rowid, body FROM outside('word77') AS o", "outside_sqlift_fts_index"),
        ] {
            let mut plan = String::new();
            let mut statement = conn.prepare(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                plan += &row.get::<_, String>(0).unwrap();
            }
            assert!(plan.contains(index), "{plan}");
        }
    });
}

#[test]
fn what_has_no_counterpart_says_what_to_do() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE VIRTUAL TABLE ft USING fts5(body)").unwrap();
        for sql in [
            "CREATE VIRTUAL TABLE t USING fts5(a, detail = none)",
            "CREATE VIRTUAL TABLE t USING fts5(a, tokenize = \"unicode61 tokenchars '-'\")",
            "CREATE VIRTUAL TABLE t USING fts5(a, content = '12345678901234567890123456789012345678901234567890')",
            "CREATE VIRTUAL TABLE t USING rtree(id, a, b)",
            "INSERT INTO ft(ft, rank) VALUES ('rank', 'own(1)')",
            "INSERT INTO ft(ft, rank) VALUES ('unheard', 1)",
            "SELECT rowid FROM ft WHERE ft MATCH 'x' AND rank MATCH ?",
            "SELECT rank FROM ft WHERE rowid IN (SELECT rowid FROM ft WHERE ft MATCH 'x')",
        ] {
            let error = conn.prepare(sql).and_then(|mut statement| statement.exists([])).expect_err(sql).to_string();
            assert!(error.contains("help:"), "{sql}: {error}");
        }
    });
}

/// The idiom of https://sqlite.org/fts5.html#external_content_tables: the text stays in the program's table, and triggers keep the
/// index in step.
#[test]
fn triggers_keep_an_external_content_table_in_step() {
    const STEPS: &[&str] = &[
        "CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, body TEXT, n INTEGER)",
        "INSERT INTO posts VALUES (1, 'Rust book', 'the rust language book', 5), (2, 'Sqlite', 'a fast database. It is small: rust uses it', 6), (3, 'Other', NULL, 7)",
        "CREATE VIRTUAL TABLE pf USING fts5(title, body, n UNINDEXED, content='posts', content_rowid='id')",
        // Without MATCH the content table's rows show, indexed or not.
        "SELECT rowid, *, typeof(n) FROM pf ORDER BY rowid",
        "SELECT count(*) FROM pf",
        "SELECT rowid FROM pf WHERE pf MATCH 'rust'",
        "INSERT INTO pf(pf) VALUES ('rebuild')",
        "SELECT rowid, title, n, typeof(n) FROM pf WHERE pf MATCH 'rust' ORDER BY rowid",
        "CREATE TRIGGER posts_ai AFTER INSERT ON posts BEGIN
           INSERT INTO pf(rowid, title, body) VALUES (new.id, new.title, new.body);
         END",
        "CREATE TRIGGER posts_ad AFTER DELETE ON posts BEGIN
           INSERT INTO pf(pf, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
         END",
        "CREATE TRIGGER posts_au AFTER UPDATE ON posts BEGIN
           INSERT INTO pf(pf, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
           INSERT INTO pf(rowid, title, body) VALUES (new.id, new.title, new.body);
         END",
        "INSERT INTO posts(title, body, n) VALUES ('New', 'rust again and rust', 8), ('Café', 'nothing', 9)",
        "SELECT rowid, title FROM pf WHERE pf MATCH 'rust' ORDER BY rank",
        "SELECT rowid, bm25(pf, 10.0, 1.0) < bm25(pf), highlight(pf, 1, '<', '>'), snippet(pf, -1, '[', ']', '...', 3) FROM pf WHERE pf MATCH 'rust' ORDER BY rowid",
        "UPDATE posts SET body = 'nothing' WHERE id = 1",
        "SELECT rowid FROM pf WHERE pf MATCH 'rust' ORDER BY rowid",
        "SELECT rowid, highlight(pf, 2, '<', '>') FROM pf WHERE pf MATCH 'cafe'",
        "DELETE FROM posts WHERE id = 2",
        "SELECT rowid FROM pf WHERE pf MATCH 'rust' ORDER BY rowid",
        "SELECT p.title, f.title, f.n FROM pf f JOIN posts p ON p.id = f.rowid WHERE pf MATCH 'rust OR nothing' ORDER BY f.rank, p.id LIMIT 5",
        "SELECT id FROM posts WHERE id IN (SELECT rowid FROM pf WHERE pf MATCH 'again')",
        "SELECT title FROM pf('again') WHERE n > 1",
        "SELECT count(*) FROM posts WHERE NOT EXISTS (SELECT 1 FROM pf WHERE pf MATCH 'rust' AND pf.rowid = posts.id)",
        // Out of step, as SQLite is then.
        "DELETE FROM pf WHERE rowid = 4",
        "SELECT rowid FROM pf WHERE pf MATCH 'rust' ORDER BY rowid",
        "SELECT count(*) FROM pf",
        "UPDATE pf SET title = 'changed' WHERE rowid = 3",
        "SELECT rowid, title FROM pf WHERE pf MATCH 'changed'",
        "SELECT rowid FROM pf WHERE pf MATCH 'other'",
        "INSERT INTO pf(rowid, title, body) VALUES (77, 'orphan', 'x')",
        "SELECT rowid FROM pf WHERE pf MATCH 'orphan'",
        "SELECT title FROM pf WHERE pf MATCH 'orphan'",
        "INSERT INTO pf(pf, rowid, title, body) SELECT 'delete', id, title, body FROM posts WHERE id = 5",
        "SELECT rowid FROM pf WHERE pf MATCH 'cafe'",
        "INSERT INTO pf(pf) VALUES ('rebuild')",
        "SELECT rowid FROM pf WHERE pf MATCH 'cafe OR orphan OR changed OR rust' ORDER BY rowid",
        "INSERT INTO pf(pf) VALUES ('delete-all')",
        "SELECT rowid FROM pf WHERE pf MATCH 'rust'",
    ];
    same_steps(STEPS);
}

#[test]
fn tables_without_text_and_ranks_of_their_own() {
    const STEPS: &[&str] = &[
        "CREATE VIRTUAL TABLE cl USING fts5(a, b, content='')",
        "INSERT INTO cl(rowid, a, b) VALUES (1, 'one two', 'three'), (2, 'two', 'four')",
        "SELECT rowid, a, b FROM cl WHERE cl MATCH 'two' ORDER BY rowid",
        "SELECT rowid, * FROM cl ORDER BY rowid",
        "SELECT highlight(cl, 0, '[', ']'), snippet(cl, -1, '[', ']', '...', 3), rank < 0 FROM cl WHERE cl MATCH 'two'",
        "DELETE FROM cl WHERE rowid = 1",
        "UPDATE cl SET a = 'x' WHERE rowid = 1",
        "INSERT INTO cl(cl, rowid, a, b) VALUES ('delete', 1, 'one two', 'three')",
        "SELECT rowid FROM cl WHERE cl MATCH 'two'",
        "INSERT INTO cl(cl) VALUES ('rebuild')",
        "INSERT INTO cl(cl) VALUES ('delete-all')",
        "SELECT count(*) FROM cl WHERE cl MATCH 'two'",
        "CREATE VIRTUAL TABLE cd USING fts5(a, content='', contentless_delete=1)",
        "INSERT INTO cd(rowid, a) VALUES (1, 'one'), (2, 'two one')",
        "DELETE FROM cd WHERE rowid = 1",
        "INSERT OR REPLACE INTO cd(rowid, a) VALUES (2, 'three')",
        "SELECT rowid, a FROM cd WHERE cd MATCH 'one OR three'",
        "CREATE VIRTUAL TABLE ft USING fts5(a, b)",
        "INSERT INTO ft VALUES ('alpha beta', 'one'), ('one', 'alpha alpha'), ('none', 'none')",
        "SELECT rowid FROM ft WHERE ft MATCH 'alpha' ORDER BY rank",
        "INSERT INTO ft(ft, rank) VALUES ('rank', 'bm25(10.0, 1.0)')",
        "SELECT rowid, round(rank, 9) FROM ft WHERE ft MATCH 'alpha' ORDER BY rank",
        "INSERT INTO ft(ft, rank) VALUES ('rank', 'bm25(0.5, 8)')",
        "SELECT rowid, round(rank, 9) FROM ft WHERE ft MATCH 'alpha' ORDER BY rank DESC",
        "SELECT rowid, round(rank, 9) FROM ft WHERE ft MATCH 'alpha' AND rank MATCH 'bm25()' ORDER BY rank LIMIT 1",
        "INSERT INTO ft(ft, rank) VALUES ('rank', 'bm25()')",
        "SELECT rowid, round(rank, 9) FROM ft WHERE ft MATCH 'alpha' ORDER BY rank",
        "SELECT * FROM ft WHERE ft MATCH 'alpha' ORDER BY rowid",
        "INSERT INTO ft(ft) VALUES ('delete-all')",
        "INSERT INTO ft(ft, rowid, a, b) VALUES ('delete', 1, 'x', 'y')",
    ];
    same_steps(STEPS);
}

#[track_caller]
fn same_steps(steps: &[&str]) {
    on_both(|conn| {
        let mut log = support::Log::default();
        for sql in steps {
            // What a command or a CREATE counts is SQLite's own affair.
            log.value(sql, rows(conn, sql));
        }
        log
    });
}

#[track_caller]
fn on_both(run: impl Fn(&Connection) -> support::Log) {
    support::on_postgres(|postgres| run(postgres).same_as(&run(&support::sqlite())).unwrap());
}

fn rows(conn: &Connection, sql: &str) -> Result<Vec<String>, String> {
    conn.prepare(sql).and_then(|mut statement| plain(&mut statement)).map_err(|error| {
        // Of the same message one database says the place too.
        error.to_string().split(" in ").next().unwrap_or_default().to_owned()
    })
}

fn plain(statement: &mut sqlift::Statement<'_>) -> sqlift::Result<Vec<String>> {
    if statement.column_count() == 0 {
        statement.execute([])?;
        return Ok(Vec::new());
    }
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        for index in 0..columns {
            found.push(format!("{:?}", row.get_ref(index)?));
        }
    }
    Ok(found)
}
