//! Upserts with several clauses and without a target: which key's clause counts, and what then fails.

use crate::constraint_conflicts::check;
use crate::support;

#[test]
fn the_clause_of_the_first_broken_key_counts() {
    check(&[
        "CREATE TABLE a (id INTEGER PRIMARY KEY, k TEXT UNIQUE, n, m TEXT UNIQUE, b BLOB UNIQUE)",
        "INSERT INTO a VALUES (1, '0', 1, 'x', x'01'), (2, 'b', 1, '-3', x'02'), (3, 'c', 1, 'z', x'00')",
        // What the DO UPDATE itself breaks is an error, and no next clause is asked.
        "INSERT INTO a VALUES (6, '0', '', '-3', x'') ON CONFLICT (id) DO UPDATE SET id = 9 ON CONFLICT DO UPDATE SET k = excluded.k",
        "INSERT INTO a VALUES (1, 'q', '', 'z', x'02') ON CONFLICT (k) DO NOTHING ON CONFLICT (b) DO UPDATE SET k = '0'",
        "SELECT id, k, n, m, b FROM a ORDER BY id",
        // Of the keys without a clause of their own: the rowid, then the newest.
        "INSERT INTO a VALUES (6, '0', '', 'q', x'00') ON CONFLICT (id) DO UPDATE SET id = 9 ON CONFLICT DO UPDATE SET n = 'newest'",
        "INSERT INTO a VALUES (2, '0', '', 'q', x'00') ON CONFLICT DO UPDATE SET n = 'rowid'",
        "INSERT INTO a VALUES (6, '0', '', 'z', x'04') ON CONFLICT DO UPDATE SET n = 'middle'",
        "SELECT id, n FROM a ORDER BY id",
        "INSERT INTO a VALUES (1, '0', '', 'z', x'02') ON CONFLICT (k) DO UPDATE SET n = 'k' ON CONFLICT (m) DO UPDATE SET n = 'm'",
        "INSERT INTO a VALUES (1, 'q', '', 'z', x'02') ON CONFLICT (k) DO UPDATE SET n = 'k' ON CONFLICT (m) DO UPDATE SET n = 'm'",
        "INSERT INTO a VALUES (1, 'q', '', 'q', x'05') ON CONFLICT (k) DO UPDATE SET n = 'k' ON CONFLICT (m) DO UPDATE SET n = 'm'",
        "INSERT INTO a VALUES (7, 'q', '', 'q', x'05') ON CONFLICT (k) DO UPDATE SET n = 'k' ON CONFLICT (m) DO UPDATE SET n = 'm'",
        "SELECT id, n FROM a ORDER BY id",
        "CREATE TABLE w (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT UNIQUE, n INTEGER) WITHOUT ROWID",
        "INSERT INTO w VALUES (1, 'a1', 'b1', 10), (2, 'a2', 'b2', 20), (3, 'a3', 'b3', 30)",
        "INSERT INTO w VALUES (1, 'a2', 'b3', 40) ON CONFLICT DO UPDATE SET n = n + 1",
        "INSERT INTO w VALUES (4, 'a2', 'b3', 40) ON CONFLICT DO UPDATE SET n = n + 1",
        "CREATE UNIQUE INDEX wn ON w (n)",
        "INSERT INTO w VALUES (1, 'a2', 'b3', 20) ON CONFLICT DO UPDATE SET n = n + 100",
        "INSERT INTO w VALUES (1, 'a2', 'b3', 77) ON CONFLICT DO UPDATE SET n = n + 1000",
        "INSERT INTO w VALUES (4, 'a9', 'b3', 50) ON CONFLICT (a) DO UPDATE SET n = 1 ON CONFLICT DO NOTHING",
        "SELECT * FROM w ORDER BY id",
    ]);
}

/// On PostgreSQL an index over `lower(c)` is what one over a column by NOCASE is; on SQLite they are two.
#[test]
fn a_target_names_a_column_or_an_expression() {
    check(&[
        "CREATE TABLE a (id INTEGER PRIMARY KEY, c TEXT COLLATE NOCASE, d TEXT, n INTEGER)",
        "CREATE UNIQUE INDEX al ON a (lower(c))",
        "INSERT INTO a VALUES (1, 'X', 'x', 1)",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (c) DO UPDATE SET n = 5",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (c COLLATE NOCASE) DO UPDATE SET n = 6",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (lower(c)) DO UPDATE SET n = 7",
        "SELECT * FROM a",
        "CREATE UNIQUE INDEX an ON a (c)",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (c) DO UPDATE SET n = 8",
        "DROP INDEX al",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (c) DO UPDATE SET n = n + 1",
        "INSERT INTO a VALUES (2, 'x', 'y', 1) ON CONFLICT (lower(c)) DO UPDATE SET n = 10",
        "SELECT * FROM a",
        "CREATE UNIQUE INDEX ad ON a (lower(d), n)",
        "INSERT INTO a VALUES (2, 'q', 'X', 9) ON CONFLICT (d, n) DO UPDATE SET c = 'never'",
        "INSERT INTO a VALUES (2, 'q', 'X', 9) ON CONFLICT (d COLLATE NOCASE, n) DO UPDATE SET c = 'never'",
        "INSERT INTO a VALUES (2, 'q', 'X', 9) ON CONFLICT (lower(d), n) DO UPDATE SET c = 'set'",
        "SELECT * FROM a",
        "CREATE TABLE r (id INTEGER PRIMARY KEY, c TEXT COLLATE RTRIM)",
        "CREATE UNIQUE INDEX rl ON r (rtrim(c))",
        "INSERT INTO r VALUES (1, 'x')",
        "INSERT INTO r VALUES (2, 'x ') ON CONFLICT (c) DO NOTHING",
        "INSERT INTO r VALUES (2, 'x ') ON CONFLICT (rtrim(c)) DO NOTHING",
        "INSERT INTO r VALUES (2, 'x ') ON CONFLICT DO NOTHING",
        "SELECT * FROM r",
    ]);
}

#[test]
fn a_trigger_hears_of_each_row_once() {
    check(&[
        "CREATE TABLE a (id INTEGER PRIMARY KEY, k TEXT UNIQUE, n INTEGER)",
        "CREATE TABLE log (what TEXT, id INTEGER, k TEXT)",
        "CREATE TRIGGER bi BEFORE INSERT ON a BEGIN INSERT INTO log VALUES ('before', NEW.id, NEW.k); END",
        "CREATE TRIGGER ai AFTER INSERT ON a BEGIN INSERT INTO log VALUES ('after', NEW.id, NEW.k); END",
        "CREATE TRIGGER au AFTER UPDATE ON a BEGIN INSERT INTO log VALUES ('updated', NEW.id, NEW.k); END",
        "INSERT INTO a VALUES (1, 'x', 1) ON CONFLICT (id) DO NOTHING ON CONFLICT (k) DO UPDATE SET n = 9",
        "INSERT INTO a VALUES (2, 'x', 1) ON CONFLICT (id) DO NOTHING ON CONFLICT (k) DO UPDATE SET n = 9",
        "INSERT INTO a VALUES (1, 'y', 1) ON CONFLICT (k) DO UPDATE SET n = 8 ON CONFLICT DO UPDATE SET n = 7",
        "SELECT * FROM a ORDER BY id",
        "SELECT what, id, k FROM log ORDER BY what, id, k",
    ]);
}

/// The row whose key the statement's own rows then share was there when the transaction began, and this transaction took it away.
#[test]
fn a_key_that_is_broken_twice_over_is_no_other_transactions() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, k TEXT UNIQUE);
             INSERT INTO a VALUES (1, 'x'), (2, 'y');
             BEGIN;
             DELETE FROM a WHERE id = 1;
             UPDATE a SET k = 'z' WHERE id = 2;",
        )
        .unwrap();
        for key in ["x", "y"] {
            let error = conn.execute("INSERT INTO a VALUES (3, ?1), (4, ?1)", [key]).unwrap_err();
            assert_eq!(error.to_string(), "UNIQUE constraint failed: a.k", "{key}");
        }
        conn.execute_batch("COMMIT").unwrap();
    });
}

/// PostgreSQL writes `year` without quotes where statements need them.
#[test]
fn keys_by_a_collation_over_columns_named_by_keywords_are_found() {
    crate::support::both(|conn| {
        for name in ["year", "\"user\"", "\"order\"", "\"Two words\"", "plain", "[key]", "\"left\""] {
            for key in [format!("s, {name}"), format!("{name}, s"), format!("s COLLATE RTRIM, {name} COLLATE NOCASE")] {
                conn.execute_batch(&format!(
                    "DROP TABLE IF EXISTS k; CREATE TABLE k(id INTEGER PRIMARY KEY, s TEXT COLLATE NOCASE, {name} TEXT, v TEXT, UNIQUE ({key}))"
                ))
                .unwrap();
                for v in ["first", "second"] {
                    conn.execute(
                        &format!("INSERT INTO k(s, {name}, v) VALUES ('a', 'b', ?) ON CONFLICT ({key}) DO UPDATE SET v = excluded.v"),
                        [v],
                    )
                    .unwrap_or_else(|error| panic!("{key}: {error}"));
                }
                let rows: String = conn.query_row("SELECT group_concat(v) FROM k", [], |row| row.get(0)).unwrap();
                assert_eq!(rows, "second", "{key}");
            }
        }
    });
}

/// The hidden rowid is a key like another where a row says which one it wants.
#[test]
fn rows_give_way_to_a_hidden_rowid() {
    check(&[
        "CREATE TABLE h (a TEXT, b INT UNIQUE)",
        "CREATE TABLE log (m)",
        "INSERT INTO h (rowid, a, b) VALUES (50, 'q', 1), (51, 'r', 2), (52, 's', 3)",
        "INSERT OR REPLACE INTO h (rowid, a) VALUES (50, 'rep')",
        "REPLACE INTO h (oid, a, b) VALUES (51, 'both', 3)",
        "SELECT rowid, * FROM h ORDER BY rowid",
        "REPLACE INTO h (_rowid_, a, b) VALUES (60, 'x', 10), (60, 'y', 11), (50, 'z', 10)",
        "REPLACE INTO h (_rowid_, a, b) VALUES (NULL, 'new', 9)",
        "SELECT rowid, * FROM h ORDER BY rowid",
        "REPLACE INTO h (rowid, a) SELECT rowid, a || '!' FROM h ORDER BY rowid",
        "SELECT rowid, * FROM h ORDER BY rowid",
        "INSERT INTO h (rowid, a, b) VALUES (50, 'u', 20) ON CONFLICT DO UPDATE SET a = excluded.a || 'p', b = excluded.b",
        "INSERT INTO h (rowid, a, b) VALUES (51, 'k', 20) ON CONFLICT DO UPDATE SET a = a || excluded.a",
        "INSERT INTO h (rowid, a, b) VALUES (70, 'k', 20) ON CONFLICT DO UPDATE SET a = a || excluded.a",
        "INSERT INTO h (rowid, a, b) VALUES (51, 'k', 21) ON CONFLICT (b) DO NOTHING ON CONFLICT DO UPDATE SET a = 'own'",
        "INSERT INTO h (rowid, a, b) VALUES (51, 'k', 21) ON CONFLICT (b) DO NOTHING",
        "INSERT INTO h (a, b) VALUES ('k', 30) ON CONFLICT DO UPDATE SET a = 'no'",
        "REPLACE INTO h (rowid, a, b) VALUES (50, 'ret', 77) RETURNING rowid, a, b",
        "SELECT rowid, * FROM h ORDER BY rowid",
        "CREATE TRIGGER hi AFTER INSERT ON h BEGIN INSERT INTO log VALUES (new.rowid || new.a); END",
        "CREATE TRIGGER hd AFTER DELETE ON h BEGIN INSERT INTO log VALUES ('gone'); END",
        "REPLACE INTO h (rowid, a, b) VALUES (50, 't', 5), (50, 't', 6)",
        "CREATE TABLE w (n INT)",
        "CREATE TRIGGER wi AFTER INSERT ON w BEGIN REPLACE INTO h (rowid, a) VALUES (new.n, 'w'); END",
        "INSERT INTO w VALUES (50), (80)",
        "SELECT * FROM log",
        "SELECT rowid, * FROM h ORDER BY rowid",
    ]);
    check(&[
        "CREATE TABLE g (a TEXT, b INT)",
        "INSERT INTO g (rowid, a) VALUES (1, 'x') ON CONFLICT DO UPDATE SET a = 'no'",
        "INSERT INTO g (rowid, a) VALUES (1, 'y'), (2, 'z') ON CONFLICT DO UPDATE SET a = excluded.a, b = 1",
        "REPLACE INTO g (rowid, b) VALUES (2, 2)",
        "SELECT rowid, * FROM g ORDER BY rowid",
    ]);
}
