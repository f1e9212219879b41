//! INSERT from a query that compares its rows: the ids that these get are no part of what is compared.

use sqlift::Connection;
use sqlift::types::Value;

use crate::support::{self, Log};

const SCHEMA: &str = "
    CREATE TABLE f(id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO f(name) VALUES ('c'), ('a'), ('b'), ('a');
    CREATE TABLE n(idx INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE h(a TEXT, b);
    CREATE TABLE typed(i INT, r REAL, s TEXT, n, bl BLOB, nn NUMERIC, bo BOOLEAN);
    CREATE TABLE k(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TRIGGER filed AFTER INSERT ON f BEGIN
        INSERT INTO n SELECT DISTINCT NULL, NEW.name || id % 2 FROM f ORDER BY 2;
        INSERT OR IGNORE INTO h(rowid, a) SELECT NULL, 't' UNION SELECT 1, 'u';
    END;";

#[test]
fn ids_are_given_behind_distinct_and_sets() {
    let statements: &[(&str, &[Option<i64>])] = &[
        ("INSERT INTO n(idx, name) SELECT DISTINCT NULL, name FROM f ORDER BY name", &[]),
        ("INSERT INTO n(idx, name) SELECT DISTINCT NULL, name FROM f ORDER BY 2 DESC LIMIT 2", &[]),
        ("INSERT INTO n SELECT NULL, name FROM f UNION SELECT NULL, 'zz'", &[]),
        (
            "INSERT INTO n SELECT 50, name FROM f WHERE id = 1 UNION ALL SELECT NULL, 'zz' UNION ALL SELECT NULL, 'zy'",
            &[],
        ),
        ("INSERT OR IGNORE INTO n SELECT DISTINCT ?1, name FROM f ORDER BY name", &[None]),
        ("INSERT OR IGNORE INTO n SELECT DISTINCT ?1, name FROM f ORDER BY name", &[Some(2)]),
        ("INSERT INTO n SELECT DISTINCT (SELECT max(idx) + 10 FROM n), name FROM f WHERE id = 2", &[]),
        ("REPLACE INTO n SELECT DISTINCT NULL, name FROM f WHERE id > 2 ORDER BY name RETURNING idx, name", &[]),
        ("INSERT INTO n SELECT DISTINCT NULL, name FROM f WHERE true ORDER BY name ON CONFLICT(idx) DO NOTHING", &[]),
        ("INSERT INTO h(rowid, a) SELECT DISTINCT NULL, name FROM f ORDER BY name", &[]),
        ("INSERT INTO h(rowid, a, b) SELECT NULL, name, id FROM f UNION SELECT NULL, 'q', 2.5", &[]),
        ("INSERT INTO f(name) VALUES ('fired')", &[]),
        ("INSERT INTO n WITH x AS (SELECT 'w' AS v UNION ALL SELECT 'w') SELECT DISTINCT NULL, v FROM x", &[]),
        ("INSERT INTO n SELECT DISTINCT NULL AS idx, name FROM f GROUP BY name ORDER BY name", &[]),
        ("INSERT INTO n SELECT DISTINCT CASE WHEN id = 2 THEN 5000 END, name FROM f ORDER BY 1 DESC, 2", &[]),
        ("INSERT INTO k SELECT DISTINCT NULL, name FROM f WHERE id < 3 ORDER BY name", &[]),
        ("INSERT OR REPLACE INTO k SELECT DISTINCT NULL, name FROM f ORDER BY name DESC", &[]),
        (
            "INSERT INTO k SELECT NULL, 'a' UNION SELECT NULL, 'A0' ON CONFLICT(name) DO UPDATE SET name = name || '!'",
            &[],
        ),
        ("INSERT INTO n SELECT DISTINCT 'x', name FROM f", &[]),
        ("INSERT INTO n(name, idx) SELECT name, NULL FROM f GROUP BY 1, 2", &[]),
        ("INSERT INTO typed(i, s) SELECT NULL, id FROM f ORDER BY id", &[]),
        (
            "INSERT INTO typed(i, s) SELECT ?1, id FROM f WHERE id > ?2 ORDER BY id + ?3 LIMIT ?4",
            &[Some(5), Some(1), Some(2), Some(2)],
        ),
        ("INSERT INTO typed SELECT NULL, NULL, id, NULL, NULL, NULL, NULL FROM f GROUP BY id", &[]),
        ("INSERT INTO typed SELECT 1, 1.5, id, 'x', x'01', 2.5, 1 FROM f GROUP BY id", &[]),
        ("INSERT INTO typed SELECT ?1, ?1, id, ?1, NULL, ?1, ?1 FROM f GROUP BY id", &[Some(1)]),
        ("INSERT INTO typed(i, s) SELECT NULL, q.* FROM (SELECT id FROM f ORDER BY id) q", &[]),
        ("SELECT *, typeof(n) FROM typed ORDER BY rowid", &[]),
        ("INSERT INTO n SELECT NULL AS k, name AS v FROM f ORDER BY k, v DESC", &[]),
        ("INSERT INTO n SELECT CASE WHEN id > 2 THEN id + 9000 END, name FROM f ORDER BY 1, 2", &[]),
    ];
    support::portably_same(|conn: &mut Connection| {
        conn.execute_batch(SCHEMA).unwrap();
        let mut log = Log::default();
        for (sql, bound) in statements {
            let rows = |sql: &str, bound: &[Option<i64>]| {
                let mut statement = conn.prepare(sql)?;
                let width = statement.column_count();
                let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
                statement.query_map(sqlift::params_from_iter(bound), row)?.collect::<sqlift::Result<Vec<Vec<Value>>>>()
            };
            let written = rows(sql, bound);
            log.result(sql, written.map(|rows| (rows, conn.changes(), conn.last_insert_rowid())));
            for table in ["n", "k"] {
                log.result(table, rows(&format!("SELECT * FROM {table} ORDER BY 1"), &[]));
            }
            log.result("h", rows("SELECT rowid, a, b FROM h ORDER BY 1", &[]));
        }
        log
    });
}

/// DISTINCT, GROUP BY, ORDER BY and sets see what the query gives, not what the columns make of it.
#[test]
fn values_are_converted_behind_the_query() {
    let text = |text: &str| Value::Text(text.into());
    let statements: Vec<(&str, Vec<Value>)> = vec![
        ("CREATE TABLE u(n INT, s TEXT)", vec![]),
        ("INSERT INTO u VALUES(1,'b'),(2,'b'),(10,'a'),(9,'c')", vec![]),
        ("CREATE TABLE t(a TEXT)", vec![]),
        ("INSERT INTO t(a) SELECT n FROM u ORDER BY n DESC LIMIT 1", vec![]),
        ("INSERT INTO t(a) SELECT n FROM u ORDER BY 1", vec![]),
        ("INSERT INTO t(a) SELECT sum(n) AS c FROM u GROUP BY s ORDER BY c DESC LIMIT 1", vec![]),
        ("REPLACE INTO t(a) SELECT n AS q FROM u ORDER BY q DESC LIMIT 2", vec![]),
        (
            "INSERT INTO t(a) WITH q AS (SELECT n FROM u) SELECT n FROM q ORDER BY n DESC LIMIT 1 RETURNING a, typeof(a)",
            vec![],
        ),
        ("SELECT * FROM t ORDER BY rowid", vec![]),
        ("CREATE TABLE v(s TEXT)", vec![]),
        ("INSERT INTO v VALUES('1'),('01'),('10'),('9')", vec![]),
        ("CREATE TABLE ti(i INT)", vec![]),
        ("INSERT INTO ti SELECT DISTINCT s FROM v", vec![]),
        ("SELECT * FROM ti ORDER BY 1", vec![]),
        ("INSERT INTO t(a) SELECT DISTINCT n FROM u ORDER BY n", vec![]),
        ("CREATE TABLE e(a TEXT, b REAL, c)", vec![]),
        ("INSERT INTO e(a,b) SELECT n, n FROM u ORDER BY n", vec![]),
        ("INSERT INTO e SELECT n, n, n FROM u ORDER BY n DESC LIMIT 2", vec![]),
        ("INSERT INTO e SELECT DISTINCT n, s, s FROM u WHERE s > '0' ORDER BY n DESC LIMIT 0", vec![]),
        ("SELECT * FROM e", vec![]),
        ("CREATE TABLE g(i INT, c INT)", vec![]),
        ("INSERT INTO g SELECT s, count(*) FROM v GROUP BY 1", vec![]),
        ("INSERT INTO g SELECT s AS z, count(*) FROM v GROUP BY z HAVING z>'1'", vec![]),
        ("SELECT * FROM g ORDER BY rowid", vec![]),
        ("CREATE TABLE k(id INTEGER PRIMARY KEY, a TEXT, i INT)", vec![]),
        ("INSERT INTO k VALUES(1,'x',0)", vec![]),
        ("UPDATE k SET (a,i) = (SELECT n, s FROM u WHERE s>'0' ORDER BY n DESC LIMIT 0)", vec![]),
        ("UPDATE k SET (a,i) = (SELECT n, n+1 FROM u ORDER BY n|1 DESC LIMIT 1)", vec![]),
        ("UPDATE k SET (a,i) = (SELECT n AS q, 5 FROM u ORDER BY q DESC)", vec![]),
        ("SELECT * FROM k", vec![]),
        ("UPDATE k SET (a) = (SELECT n FROM u ORDER BY n DESC LIMIT 1)", vec![]),
        (
            "INSERT INTO k VALUES(1,'y',1) ON CONFLICT(id) DO UPDATE SET (a,i) = (SELECT n, n FROM u ORDER BY n DESC LIMIT 1 OFFSET 1)",
            vec![],
        ),
        ("SELECT * FROM k", vec![]),
        (
            "INSERT INTO t(a) WITH RECURSIVE q(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM q WHERE i<12) SELECT i FROM q ORDER BY i DESC LIMIT 1",
            vec![],
        ),
        ("INSERT INTO k(a) SELECT n FROM u GROUP BY n ORDER BY n DESC", vec![]),
        ("INSERT INTO k(id, a) SELECT n+100, n FROM u ORDER BY 2", vec![]),
        ("INSERT INTO k(id, a) SELECT NULL, n FROM u ORDER BY 2 DESC", vec![]),
        ("SELECT * FROM k", vec![]),
        ("CREATE TABLE w(id INTEGER PRIMARY KEY, b BLOB, x)", vec![]),
        ("INSERT INTO w VALUES(1,x'01',2.5),(2,NULL,'t')", vec![]),
        ("CREATE TABLE w2 AS SELECT * FROM w", vec![]),
        ("INSERT INTO w2 SELECT * FROM w", vec![]),
        ("CREATE TABLE w3(id,b,x)", vec![]),
        ("INSERT INTO w3 SELECT * FROM w", vec![]),
        ("INSERT INTO w3 SELECT w.* FROM w ORDER BY id DESC", vec![]),
        ("CREATE TABLE w4(id TEXT, b, x)", vec![]),
        ("INSERT INTO w4 SELECT * FROM w ORDER BY id DESC LIMIT 1", vec![]),
        ("INSERT INTO w4 SELECT * FROM w", vec![]),
        ("CREATE TABLE hist(id, b, x, at DEFAULT 5)", vec![]),
        (
            "CREATE TRIGGER wt AFTER UPDATE ON w BEGIN INSERT INTO hist(id,b,x) SELECT * FROM w WHERE id=NEW.id; INSERT INTO t(a) SELECT n FROM u ORDER BY n DESC LIMIT 1; END",
            vec![],
        ),
        ("UPDATE w SET x=x||'!'", vec![]),
        ("SELECT * FROM hist", vec![]),
        ("SELECT id, typeof(id), hex(b), x FROM w2", vec![]),
        ("SELECT id, typeof(id), hex(b), x FROM w3", vec![]),
        ("SELECT id, typeof(id), hex(b), x FROM w4", vec![]),
        ("INSERT INTO ti SELECT json_extract('{\"a\":'||n||'}','$.a') FROM u ORDER BY n DESC LIMIT 1", vec![]),
        ("INSERT INTO t SELECT ?1 FROM u ORDER BY n", vec![Value::Integer(3)]),
        ("INSERT INTO t SELECT DISTINCT ?1 FROM u ORDER BY n", vec![text("q")]),
        ("INSERT INTO ti SELECT '5' FROM u ORDER BY n", vec![]),
        ("SELECT * FROM t ORDER BY rowid", vec![]),
        ("CREATE VIEW vw AS SELECT a, i FROM k", vec![]),
        ("CREATE TRIGGER vt INSTEAD OF INSERT ON vw BEGIN INSERT INTO t VALUES(NEW.a||'/'||NEW.i); END", vec![]),
        ("INSERT INTO vw(a,i) SELECT n, n FROM u ORDER BY n DESC LIMIT 1", vec![]),
        ("SELECT a FROM t ORDER BY rowid DESC LIMIT 1", vec![]),
        ("INSERT OR IGNORE INTO k(id,a) SELECT n, n FROM u ORDER BY n DESC LIMIT 2", vec![]),
        (
            "INSERT INTO k(id,a) SELECT n, n FROM u WHERE true ORDER BY n DESC LIMIT 2 ON CONFLICT(id) DO UPDATE SET a = excluded.a || '+'",
            vec![],
        ),
        ("SELECT * FROM k ORDER BY id", vec![]),
        ("INSERT INTO ti SELECT s FROM v UNION ALL SELECT '5'", vec![]),
        ("INSERT INTO ti SELECT s FROM v UNION SELECT 5", vec![]),
        ("INSERT INTO ti SELECT s FROM v EXCEPT SELECT '01' ORDER BY 1 DESC LIMIT 2", vec![]),
        ("INSERT INTO t SELECT n FROM u UNION ALL SELECT 2.5 UNION ALL SELECT 'x'", vec![]),
        ("INSERT INTO t SELECT n FROM u UNION SELECT n||'' FROM u", vec![]),
        ("INSERT INTO e SELECT n, s, s FROM u WHERE s > 'zz' UNION ALL SELECT 'a', 5, x'01'", vec![]),
        ("INSERT INTO e SELECT 1, 2, 3 UNION ALL SELECT 'a', 5, x'01' UNION ALL SELECT NULL, NULL, NULL", vec![]),
        (
            "INSERT INTO e SELECT ?1, ?2, ?3 UNION ALL SELECT 'a', 5, x'01'",
            vec![text("x"), Value::Integer(2), Value::Null],
        ),
        ("INSERT INTO k(id,a,i) SELECT NULL, 5, '7' UNION ALL SELECT 77, 'b', 8", vec![]),
        ("INSERT INTO w4 SELECT * FROM w UNION ALL SELECT * FROM w", vec![]),
        ("SELECT * FROM ti WHERE i IS NOT NULL AND typeof(i)<>'text' ORDER BY rowid DESC LIMIT 10", vec![]),
        ("SELECT * FROM t ORDER BY rowid DESC LIMIT 12", vec![]),
        ("SELECT * FROM e ORDER BY rowid DESC LIMIT 7", vec![]),
        ("SELECT * FROM k ORDER BY id DESC LIMIT 3", vec![]),
    ];
    support::portably_same(|conn: &mut Connection| {
        let mut log = Log::default();
        for (sql, bound) in &statements {
            let written = rows(conn, sql, sqlift::params_from_iter(bound));
            log.result(sql, written.map(|rows| (rows, conn.changes())));
        }
        log
    });
}

fn rows(conn: &Connection, sql: &str, bound: impl sqlift::Params) -> sqlift::Result<Vec<Vec<Value>>> {
    let mut statement = conn.prepare(sql)?;
    let width = statement.column_count();
    let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
    statement.query_map(bound, row)?.collect()
}
