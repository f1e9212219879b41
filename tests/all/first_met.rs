//! The order in which SELECT DISTINCT gives its rows, where what is written, LIMIT or group_concat shows it.

use sqlift::Connection;
use sqlift::types::Value;

use crate::support::{self, Log};

/// The values come in neither their own nor the alphabet's order, and some rows of `m` have moved in the heap. No real equals an integer:
/// which of them PostgreSQL keeps is up to its version.
const SCHEMA: &str = "
    CREATE TABLE m(id INTEGER PRIMARY KEY, s TEXT, n INTEGER, r REAL, u, c TEXT COLLATE NOCASE, j TEXT, k INTEGER,
        q TEXT UNIQUE NOT NULL);
    CREATE INDEX mk ON m(k);
    INSERT INTO m(id, s, n, r, u, c, j, k, q)
        WITH RECURSIVE w(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM w WHERE i < 80)
        SELECT i, char(97 + i * 7 % 11), nullif(i * 11 % 13, 4), i * 5 % 7 / 2.0,
            CASE i % 3 WHEN 0 THEN i % 5 WHEN 1 THEN 'x' || i % 4 ELSE i % 5 / 2.0 + 0.25 END,
            CASE i % 2 WHEN 0 THEN upper(char(97 + i * 5 % 7)) ELSE char(97 + i * 5 % 7) END,
            '{\"a\":' || (i * 3 % 8) || '}', i * 13 % 9, 'q' || (i * 37 % 101)
        FROM w;
    UPDATE m SET s = s || '' WHERE id = 1;
    UPDATE m SET s = s || '' WHERE id = 9;
    UPDATE m SET s = s || '' WHERE id IN (3, 4, 5);
    CREATE TABLE two(a TEXT, b INTEGER, c INTEGER);
    CREATE INDEX two_a ON two(a, b);
    INSERT INTO two SELECT s, k, n FROM m ORDER BY id;
    CREATE TABLE met(id INTEGER PRIMARY KEY, v, w);
    CREATE TABLE one(id INTEGER PRIMARY KEY, v TEXT UNIQUE);
    CREATE TABLE asked(v TEXT);
    CREATE TRIGGER asks AFTER INSERT ON asked BEGIN
        INSERT INTO met(v, w) SELECT DISTINCT s, new.v FROM m WHERE c = new.v;
    END;
    INSERT INTO asked VALUES ('b');";

fn rows(log: &mut Log, conn: &Connection, sql: &str, parameters: &[Value]) {
    let rows = conn.prepare(sql).and_then(|mut statement| {
        let width = statement.column_count();
        let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
        statement.query_map(sqlift::params_from_iter(parameters), row)?.collect::<sqlift::Result<Vec<Vec<Value>>>>()
    });
    log.result(sql, rows);
}

#[test]
fn written_rows_come_as_they_are_met() {
    support::same(|conn: &mut Connection| {
        conn.execute_batch(SCHEMA).unwrap();
        let mut log = Log::default();
        let met = "SELECT v, w FROM met ORDER BY id";
        rows(&mut log, conn, met, &[]);
        for query in [
            "SELECT DISTINCT s, NULL FROM m",
            "SELECT DISTINCT s, n FROM m",
            "SELECT DISTINCT n, 'x' FROM m",
            "SELECT DISTINCT r, s FROM m WHERE n > 3",
            "SELECT DISTINCT u, 1 FROM m",
            "SELECT DISTINCT c, NULL FROM m",
            "SELECT DISTINCT c, n > 5 FROM m",
            "SELECT DISTINCT s COLLATE NOCASE, 1 FROM m",
            "SELECT DISTINCT json_extract(j, '$.a'), s FROM m",
            "SELECT DISTINCT upper(s), n % 3 FROM m WHERE n IS NOT NULL",
            "SELECT DISTINCT n, (SELECT max(x.id) FROM m x WHERE x.n = m.n) FROM m",
            // Rows that no other is like.
            "SELECT DISTINCT q, s FROM m WHERE n < 3",
            "SELECT DISTINCT id, s FROM m",
            // An index gives them sorted.
            "SELECT DISTINCT k, NULL FROM m",
            "SELECT DISTINCT k, s FROM m",
            "SELECT DISTINCT s, k FROM m",
            "SELECT DISTINCT k, s FROM m WHERE n > 3 AND r > 0",
            "SELECT DISTINCT k, n FROM m WHERE k <> 2",
            "SELECT DISTINCT a, b FROM two",
            "SELECT DISTINCT b, a FROM two",
            "SELECT DISTINCT c, b FROM two",
            // What the condition reads is no matter.
            "SELECT DISTINCT s, 1 FROM m WHERE s NOT IN (SELECT v FROM one)",
            "SELECT DISTINCT s, 1 FROM m WHERE NOT EXISTS (SELECT 1 FROM one WHERE one.v = m.s) AND k <> 3",
            "SELECT DISTINCT s, 1 FROM m WHERE EXISTS (SELECT 1 FROM two WHERE two.a = m.s AND two.c > m.n)",
            "SELECT DISTINCT s, 1 FROM m WHERE n = (SELECT max(n) FROM m) OR s IN (SELECT s FROM m WHERE k = 2)",
            "SELECT DISTINCT s, n FROM m WHERE k = 3",
            // Through queries that hand it on.
            "SELECT s, n FROM (SELECT DISTINCT s, n FROM m)",
            "SELECT s, 1 FROM (SELECT DISTINCT s FROM m) WHERE s > 'c'",
        ] {
            log.result("none", conn.execute("DELETE FROM met", []));
            rows(&mut log, conn, &format!("INSERT INTO met(v, w) {query}"), &[]);
            rows(&mut log, conn, met, &[]);
        }
        log.result("none", conn.execute("DELETE FROM met", []));
        rows(&mut log, conn, "INSERT INTO met SELECT DISTINCT NULL, s, ?1 FROM m", &["p".to_owned().into()]);
        rows(&mut log, conn, "INSERT INTO met(v, w) SELECT DISTINCT n + ?1, ?2 FROM m", &[2.into(), 0.5.into()]);
        rows(&mut log, conn, "WITH d AS (SELECT DISTINCT s FROM m) INSERT INTO met(v) SELECT s FROM d", &[]);
        rows(&mut log, conn, met, &[]);
        for sql in [
            "INSERT OR IGNORE INTO one(v) SELECT DISTINCT s FROM m WHERE n > 3",
            "INSERT OR IGNORE INTO one(v) SELECT DISTINCT lower(c) FROM m",
            "INSERT INTO one(v) SELECT DISTINCT s || 'z' FROM m WHERE true ON CONFLICT(v) DO UPDATE SET v = v || '!' RETURNING v",
            "INSERT OR REPLACE INTO one(v) SELECT DISTINCT s FROM m",
            "SELECT v FROM one ORDER BY id",
        ] {
            rows(&mut log, conn, sql, &[]);
        }
        log
    });
}

#[test]
fn made_tables_and_first_rows_come_as_they_are_met() {
    support::same(|conn: &mut Connection| {
        conn.execute_batch(SCHEMA).unwrap();
        let mut log = Log::default();
        for query in [
            "SELECT DISTINCT s FROM m",
            "SELECT DISTINCT s, n AS x FROM m WHERE n IS NOT NULL",
            "SELECT DISTINCT k FROM m",
            "SELECT DISTINCT c FROM m",
            "SELECT DISTINCT u FROM m",
            "SELECT DISTINCT c, b FROM two",
            "SELECT s FROM (SELECT DISTINCT s FROM m)",
        ] {
            for sql in [
                &format!("CREATE TABLE made AS {query}"),
                "SELECT rowid, * FROM made ORDER BY rowid",
                "DROP TABLE made",
            ] {
                rows(&mut log, conn, sql, &[]);
            }
        }
        for sql in [
            "SELECT DISTINCT s FROM m LIMIT 4",
            "SELECT DISTINCT s FROM m LIMIT 4 OFFSET 2",
            "SELECT DISTINCT s, n FROM m LIMIT 6",
            "SELECT DISTINCT n FROM m LIMIT 6",
            "SELECT DISTINCT c FROM m LIMIT 6",
            "SELECT DISTINCT u FROM m LIMIT 6",
            "SELECT DISTINCT u || s FROM m LIMIT 6",
            "SELECT DISTINCT j ->> '$.a' FROM m LIMIT 6",
            "SELECT DISTINCT k FROM m LIMIT 6",
            "SELECT DISTINCT s, k FROM m LIMIT 6",
            "SELECT DISTINCT id, s FROM m LIMIT 6",
            "SELECT DISTINCT q, s FROM m LIMIT 6",
            "SELECT DISTINCT * FROM m LIMIT 3",
            "SELECT DISTINCT m.*, s || n FROM m LIMIT 3",
            "SELECT DISTINCT s AS id FROM m LIMIT 3",
            "SELECT DISTINCT x.s FROM m AS x WHERE x.n > 2 LIMIT 3",
            "SELECT DISTINCT s FROM m WHERE k = 4 LIMIT 3",
            "SELECT DISTINCT 1, s, NULL FROM m LIMIT 3",
            "SELECT DISTINCT a, b FROM two LIMIT 5",
            "SELECT DISTINCT c FROM two LIMIT 5",
            "SELECT group_concat(s) FROM (SELECT DISTINCT s FROM m LIMIT 4)",
            "SELECT (SELECT DISTINCT s FROM m WHERE m.n = x.w LIMIT 1) FROM (SELECT 3 AS w UNION ALL SELECT 5) AS x",
            "SELECT group_concat(s, '-') FROM (SELECT DISTINCT s FROM m WHERE k = 3)",
            "SELECT id, (SELECT group_concat(s) FROM (SELECT DISTINCT x.s FROM m x WHERE x.n = m.n)) FROM m ORDER BY id",
            "WITH d AS (SELECT DISTINCT n FROM m) SELECT json_group_array(n) FROM d",
            "SELECT * FROM (SELECT DISTINCT s FROM m) WHERE s > 'c' LIMIT 3",
        ] {
            rows(&mut log, conn, sql, &[]);
        }
        let limited = [Value::from(3)];
        rows(&mut log, conn, "SELECT DISTINCT n > ?1, s FROM m LIMIT ?1", &limited);
        rows(&mut log, conn, "SELECT DISTINCT ?1, s FROM m WHERE n = ?1 LIMIT 2", &limited);
        log
    });
}
