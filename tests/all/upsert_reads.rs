//! Subqueries in DO UPDATE that read what their own INSERT writes, on both databases.

use crate::constraint_conflicts::check;
use crate::support::{self, Log};

#[test]
fn they_see_the_rows_that_are_written_by_then() {
    check(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT)",
        "INSERT INTO t VALUES(1,10),(2,20)",
        "INSERT INTO t(id,n) VALUES(9,500),(1,0),(2,0) ON CONFLICT(id) DO UPDATE SET n=(SELECT max(n) FROM t)+1",
        "SELECT * FROM t ORDER BY id",
        "DELETE FROM t",
        "INSERT INTO t VALUES(1,10),(2,20)",
        "INSERT INTO t(id,n) VALUES(1,0),(9,500),(2,0) ON CONFLICT(id) DO UPDATE SET n=(SELECT max(n) FROM t)+1",
        "SELECT * FROM t ORDER BY id",
        "DELETE FROM t",
        "INSERT INTO t VALUES(1,10),(2,20)",
        "INSERT INTO t(id,n) VALUES(9,500),(1,0),(2,0) ON CONFLICT(id) DO UPDATE SET n=(SELECT max(x.n) FROM t x WHERE x.id<>t.id)+1",
        "SELECT * FROM t ORDER BY id",
        "INSERT INTO t(id,n) VALUES(10,5000),(1,0),(2,0) ON CONFLICT(id) DO UPDATE SET n=3 WHERE (SELECT max(n) FROM t) > 1000",
        "SELECT * FROM t ORDER BY id",
        "DELETE FROM t",
        "INSERT INTO t VALUES(1,10),(2,20)",
        "INSERT INTO t(id,n) SELECT 9,500 UNION ALL SELECT 1,0 UNION ALL SELECT 2,0 WHERE true ON CONFLICT(id) DO UPDATE SET n=(SELECT max(n)+1 FROM t)",
        "SELECT * FROM t ORDER BY id",
        "INSERT INTO t(id,n) SELECT id+1, n FROM t WHERE true ON CONFLICT(id) DO UPDATE SET n=(SELECT max(n)+1 FROM t)",
        "SELECT * FROM t ORDER BY id",
        "INSERT INTO t(id,n) VALUES(20,500),(1,0),(2,0) ON CONFLICT(id) DO UPDATE SET n=excluded.n + (SELECT count(*) FROM t) RETURNING id, n",
        "SELECT * FROM t ORDER BY id",
        "INSERT INTO t(id,n) VALUES(22,500),(1,0),(2,0) ON CONFLICT(id) DO UPDATE SET n=t.n + (SELECT count(*) FROM t x WHERE x.id >= t.id)",
        "SELECT * FROM t ORDER BY id",
        "INSERT INTO t(id,n) VALUES(23,500),(1,0),(1,0) ON CONFLICT(id) DO UPDATE SET n=(SELECT count(*) FROM t)",
        "SELECT * FROM t ORDER BY id",
    ]);
}

#[test]
fn they_see_what_triggers_of_the_rows_ahead_wrote() {
    check(&[
        "CREATE TABLE d(v INT)",
        "INSERT INTO d VALUES(1)",
        "CREATE TABLE a(k TEXT PRIMARY KEY, n INT, m TEXT)",
        "INSERT INTO a VALUES('x',0,'')",
        "CREATE TRIGGER ai AFTER INSERT ON a BEGIN UPDATE d SET v=v+100; END",
        "INSERT INTO a(k,n) VALUES('n1',1),('x',2) ON CONFLICT(k) DO UPDATE SET n=(SELECT min(v) FROM d)",
        "SELECT k, n FROM a ORDER BY k",
        "INSERT INTO a(k,n) VALUES('n2',1),('x',2),('n3',1),('n1',5) ON CONFLICT(k) DO UPDATE SET n=excluded.n + (SELECT min(v) FROM d) + (SELECT count(*) FROM a)",
        "SELECT k, n FROM a ORDER BY k",
        "INSERT INTO a(k,n) VALUES('n4',1),('x',2),('n5',1),('n1',5) ON CONFLICT(k) DO UPDATE SET n=excluded.n + (SELECT min(v) FROM d WHERE v > a.n) + (SELECT count(*) FROM a)",
        "SELECT k, n FROM a ORDER BY k",
    ]);
}

#[test]
fn what_is_computed_once_stays_that_where_rows_go_one_by_one() {
    check(&[
        "CREATE TABLE a(k TEXT PRIMARY KEY, n INT, m TEXT)",
        "INSERT INTO a VALUES ('x', 0, ''), ('n1', 4, 'm'), ('n5', 5, NULL)",
        "INSERT INTO a(k,n) VALUES('x',1),('x',2),('n5',1),('n1',5) ON CONFLICT(k) DO UPDATE SET n=(SELECT max(n)+1 FROM a)",
        "SELECT k, n FROM a ORDER BY k",
        "INSERT INTO a(k,n) VALUES('x',1),('x',2),('n5',1),('n1',5) ON CONFLICT(k) DO UPDATE SET n=(SELECT max(b.n)+1 FROM a b WHERE b.k <> a.k), m = (SELECT group_concat(n) FROM (SELECT n FROM a ORDER BY n))",
        "SELECT k, n, m FROM a ORDER BY k",
        "SELECT k, n, m FROM a ORDER BY k",
        "INSERT INTO a(k,n) VALUES('z4',1),('x',2) ON CONFLICT(k) DO UPDATE SET n=1 WHERE EXISTS (SELECT 1 FROM a WHERE k = 'z4')",
        "INSERT INTO a(k,n) VALUES('z5',1),('x',2) ON CONFLICT(k) DO UPDATE SET n=2 WHERE NOT EXISTS (SELECT 1 FROM a WHERE k = 'z5')",
        "INSERT INTO a(k,n) VALUES('z6',1),('x',2),('z4',9) ON CONFLICT(k) DO UPDATE SET n=(SELECT max(n) FROM a), m=(SELECT count(*) || 'r' FROM a) RETURNING k, n, m",
        "INSERT INTO a(k,n) SELECT k || 'q', n FROM a WHERE k >= 'z' UNION ALL SELECT 'x', 1 ON CONFLICT(k) DO UPDATE SET n=(SELECT count(*) FROM a)",
        "SELECT k, n, m FROM a ORDER BY k",
        "CREATE TABLE tt(id INTEGER PRIMARY KEY, n)",
        "INSERT INTO tt VALUES (1, 'a'), (2, 2.5), (3, x'00')",
        "INSERT INTO tt VALUES (5, 'z'), (1, 'a'), (2, 2.5) ON CONFLICT DO UPDATE SET n = (SELECT max(n) FROM tt)",
        "SELECT id, n FROM tt ORDER BY id",
        "INSERT INTO tt VALUES (6, 'z'), (1, 'a'), (2, 2.5) ON CONFLICT(id) DO UPDATE SET id = (SELECT max(id) + 1 FROM tt)",
        "SELECT id, n FROM tt ORDER BY id",
        "INSERT INTO tt VALUES (7, 'z'), (3, 'a'), (2, 2.5) ON CONFLICT(id) DO UPDATE SET id = (SELECT max(id) + 1 FROM tt) WHERE tt.id = 3",
        "SELECT id, n FROM tt ORDER BY id",
        "INSERT INTO tt(n) VALUES ('new') RETURNING id",
        "INSERT INTO tt(id, n) VALUES (1, 1) ON CONFLICT(id) DO UPDATE SET n = (SELECT count(*) FROM tt)",
    ]);
}

#[test]
fn parameters() {
    support::same(|conn| {
        let mut log = Log::default();
        conn.execute_batch(
            "CREATE TABLE a(k TEXT PRIMARY KEY, n INT, m TEXT); INSERT INTO a VALUES ('x', 0, ''), ('n1', 4, 'm'), ('n5', 5, NULL);",
        )
        .unwrap();
        for sql in [
            "INSERT INTO a(k, n) VALUES ('z' || ?3, 1), ('x', 2), ('n5', ?1) \
             ON CONFLICT(k) DO UPDATE SET n = (SELECT max(n) + ?1 FROM a WHERE n > ?2), m = ?3",
            "INSERT INTO a(k, n) VALUES ('y' || ?3, 1), ('x', 2), ('n5', ?1) \
             ON CONFLICT(k) DO UPDATE SET n = (SELECT max(b.n) + ?1 FROM a b WHERE b.n > ?2 AND b.k <> excluded.k), m = m || ?3",
        ] {
            for (round, least) in [(1, 1.0), (2, 1.5)] {
                log.result("write", conn.execute(sql, (5, least, round)));
                log.result("again", conn.execute(sql, (6, 2, format!("{round}t"))));
                let rows = "SELECT group_concat(k || n || coalesce(m, '-') || typeof(m), ' ' ORDER BY k) FROM a";
                log.result("rows", conn.query_row(rows, [], |row| row.get::<_, String>(0)));
            }
        }
        log
    });
}

#[test]
fn what_cannot_be_told_apart_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, m INT)").unwrap();
        let conflict = "INSERT INTO t(id, n) VALUES (1, 1), (2, 2) ON CONFLICT(id) DO UPDATE SET";
        for set in [
            "n = 3 WHERE t.n IN (SELECT n FROM t)",
            "(n, m) = (SELECT max(n), max(m) FROM t)",
            "n = (SELECT c.m FROM (SELECT max(n) AS m FROM t) c WHERE c.m > excluded.n)",
        ] {
            let error = conn.prepare(&format!("{conflict} {set}")).unwrap_err().to_string();
            assert!(error.contains("DO UPDATE of several rows") && error.contains("one by one"), "{error}");
        }
        // One row reads what is there.
        conn.execute_batch(
            "INSERT INTO t(id, n) VALUES (1, 1) ON CONFLICT(id) DO UPDATE SET n = 3 WHERE t.n IN (SELECT n FROM t)",
        )
        .unwrap();
    });
}

#[test]
fn replace_that_reads_what_actions_change_is_refused() {
    let schema = [
        "PRAGMA foreign_keys = ON",
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k INT)",
        "CREATE TABLE b(id INTEGER PRIMARY KEY, aid INT REFERENCES a ON DELETE SET NULL)",
        "INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO b VALUES (1, 2), (2, 3), (3, 1)",
    ];
    let mut script = schema.to_vec();
    script.extend([
        "REPLACE INTO a(id, k) SELECT 1, max(aid) FROM b",
        "REPLACE INTO a(id, k) VALUES (1, 5), (2, 2)",
        "REPLACE INTO a(id, k) VALUES (1, (SELECT count(*) FROM b))",
        "REPLACE INTO a(id, k) SELECT id, aid FROM b WHERE id = 2",
        "REPLACE INTO a(id, k) SELECT id, aid FROM b LIMIT 1",
        "REPLACE INTO a(id, k) VALUES (3, (SELECT count(aid) FROM b)), (2, 7)",
        "REPLACE INTO a(id, k) SELECT b.id, a.k FROM b JOIN a ON a.id = b.id",
        "SELECT * FROM a ORDER BY id",
        "SELECT * FROM b ORDER BY id",
    ]);
    check(&script);
    support::on_postgres(|conn| {
        conn.execute_batch(&schema.join(";")).unwrap();
        for sql in [
            "REPLACE INTO a(id, k) SELECT id, aid FROM b",
            "REPLACE INTO a(id, k) VALUES (1, (SELECT count(*) FROM b)), (2, (SELECT count(*) FROM b))",
            "WITH w AS (SELECT id, aid FROM b) INSERT OR REPLACE INTO a(id, k) SELECT id, aid FROM w",
        ] {
            let error = conn.prepare(sql).unwrap_err().to_string();
            assert!(error.contains("reads what its foreign keys' actions change"), "{error}");
        }
    });
}
