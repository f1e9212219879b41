//! Subqueries in RETURNING, which see the rows that are written so far, on both databases.

use crate::constraint_conflicts::check;
use crate::support;

#[test]
fn they_see_what_is_written() {
    check(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, g TEXT COLLATE NOCASE, x, twice INT AS (n * 2) STORED)",
        "CREATE TABLE other(id INTEGER PRIMARY KEY, t INT)",
        "INSERT INTO other VALUES (1, 1), (2, 2)",
        "INSERT INTO t(n) VALUES (1) RETURNING id, (SELECT count(*) FROM t)",
        "INSERT INTO t(n, x) VALUES (2, 'y'), (3, 2.5) \
         RETURNING id, (SELECT count(*) FROM t), (SELECT sum(n) FROM t b WHERE b.id <= t.id) + t.n AS s, (SELECT max(x) FROM t)",
        "UPDATE t SET n = 10, g = 'A' WHERE id = 1 RETURNING (SELECT sum(n) FROM t), twice, (SELECT g FROM t WHERE g = 'a')",
        "UPDATE t AS z SET n = 11 WHERE id = 1 RETURNING (SELECT b.n FROM t b WHERE b.id = t.id), n IN (SELECT n FROM t)",
        "INSERT INTO t(id, n) VALUES (1, 7) ON CONFLICT(id) DO UPDATE SET n = 8 RETURNING (SELECT sum(n) FROM t)",
        "REPLACE INTO t(id, n) VALUES (1, 70) RETURNING (SELECT sum(n) FROM t), (SELECT count(*) FROM t)",
        "INSERT INTO t(n) VALUES (5) RETURNING EXISTS (SELECT 1 FROM t WHERE n = 5), (SELECT group_concat(id) FROM other)",
        "INSERT INTO t(n) SELECT n FROM t WHERE id < 3 ORDER BY id RETURNING id, (SELECT count(*) FROM t)",
        "DELETE FROM t WHERE id = 2 RETURNING id, (SELECT count(*) FROM t), (SELECT count(*) FROM other WHERE t = t.id)",
        "DELETE FROM t WHERE n = 99 RETURNING (SELECT count(*) FROM t)",
        "SELECT id, n FROM t ORDER BY id",
        "CREATE TABLE h(a TEXT)",
        "INSERT INTO h VALUES ('a'), ('b') RETURNING rowid, (SELECT max(rowid) FROM h), (SELECT group_concat(a) FROM h)",
        "CREATE TEMP TABLE m(a INT)",
        "INSERT INTO m VALUES (1), (2) RETURNING a, (SELECT sum(a) FROM m)",
        "CREATE VIEW v AS SELECT count(*) AS rows FROM h",
        "DELETE FROM h WHERE a = 'a' RETURNING (SELECT rows FROM v)",
    ]);
}

#[test]
fn rows_ahead_are_those_by_the_rowid() {
    check(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, g TEXT UNIQUE)",
        "INSERT INTO t(id, n, g) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd')",
        // In another order on disk than by their keys.
        "UPDATE t SET n = 10 WHERE id = 1",
        "UPDATE t SET n = 20 WHERE id = 3",
        "UPDATE t SET n = n + 100 RETURNING id, n, (SELECT sum(n) FROM t), (SELECT max(b.n) FROM t b WHERE b.id <= t.id)",
        "UPDATE t AS x SET n = n + 1 WHERE id > 1 RETURNING id, (SELECT count(*) FROM t b WHERE b.n > t.n) AS above, t.n",
        "UPDATE t SET (n, g) = (n + 1, g || '!') WHERE n IN (SELECT n FROM t) RETURNING *, EXISTS (SELECT 1 FROM t b WHERE b.g = t.g)",
        "UPDATE t SET (n, g) = (SELECT 5, t.g || '!') RETURNING g",
        "UPDATE OR IGNORE t SET g = 'x' RETURNING id, (SELECT count(*) FROM t WHERE g = 'x')",
        "UPDATE t SET id = id + 10 WHERE id > 2 RETURNING id, (SELECT min(id) FROM t), (SELECT max(id) FROM t)",
        "UPDATE t SET n = (SELECT b.n + 1 FROM t b WHERE b.id < t.id ORDER BY b.id LIMIT 1) RETURNING id, n, (SELECT sum(n) FROM t)",
        "DELETE FROM t WHERE id < 12 RETURNING id, (SELECT count(*) FROM t), (SELECT min(id) FROM t)",
        "DELETE FROM t WHERE n = 99 RETURNING (SELECT count(*) FROM t)",
        "INSERT INTO t(id, n, g) VALUES (20, 1, 'q'), (14, 2, 'r'), (21, 3, 'q') \
         ON CONFLICT(id) DO UPDATE SET n = excluded.n ON CONFLICT(g) DO UPDATE SET n = t.n + 9 RETURNING id, n, (SELECT sum(n) FROM t)",
        "CREATE TABLE log(what)",
        "CREATE TRIGGER a AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.id); END",
        "UPDATE t SET n = n + 1 RETURNING id, (SELECT sum(n) FROM t)",
        "SELECT rowid, * FROM log ORDER BY rowid",
        "SELECT id, n, g FROM t ORDER BY id",
        "SELECT changes(), total_changes() > 0",
    ]);
}

#[test]
fn parameters() {
    support::both(|conn| {
        conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, g TEXT, n INT)").unwrap();
        let sql = "INSERT INTO t(g, n) VALUES (?1, ?2) RETURNING (SELECT count(*) FROM t WHERE g = ?1), id";
        for (n, expected) in [(1, (1, 1)), (2, (2, 2)), (1, (3, 3))] {
            let row = conn.query_row(sql, ("a", n), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(row, expected);
        }
        let sql = "UPDATE t SET n = n + ?1 RETURNING id, (SELECT sum(n + ?1) FROM t WHERE n > ?2)";
        let mut statement = conn.prepare(sql).unwrap();
        let sums = statement.query_map((10, 1.5), |row| row.get::<_, i64>(1)).unwrap();
        assert_eq!(sums.collect::<sqlift::Result<Vec<_>>>().unwrap(), [33, 43, 64]);
    });
}

#[test]
fn after_triggers_come_behind_it_and_before_triggers_ahead() {
    check(&[
        "CREATE TABLE cust(id INTEGER PRIMARY KEY, name TEXT, total INT DEFAULT 0)",
        "CREATE TABLE ord(id INTEGER PRIMARY KEY, cust INT, amt INT)",
        "CREATE TRIGGER oa AFTER INSERT ON ord BEGIN UPDATE cust SET total = total + new.amt WHERE id = new.cust; END",
        "INSERT INTO cust(name) VALUES ('bob')",
        "INSERT INTO ord(cust, amt) VALUES (1, 5) RETURNING id, (SELECT name FROM cust WHERE id = cust), (SELECT total FROM cust)",
        "CREATE TABLE log(what)",
        "CREATE TRIGGER ob BEFORE DELETE ON ord BEGIN INSERT INTO log VALUES (OLD.id); END",
        "DELETE FROM ord WHERE id = 1 RETURNING (SELECT count(*) FROM log)",
        "PRAGMA foreign_keys = ON",
        "CREATE TABLE self(id INTEGER PRIMARY KEY, par INT REFERENCES self ON DELETE CASCADE, n TEXT)",
        "INSERT INTO self VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c')",
        "DELETE FROM self WHERE id = 3 RETURNING (SELECT n FROM self s WHERE s.id = self.par)",
    ]);
}

#[test]
fn what_actions_write_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE p(id INTEGER PRIMARY KEY);
             CREATE TABLE c(p INTEGER REFERENCES p ON DELETE CASCADE);",
        )
        .unwrap();
        for sql in [
            "DELETE FROM p WHERE id = 1 RETURNING (SELECT count(*) FROM c)",
            // Beside what would go by the rowid.
            "DELETE FROM p RETURNING id, (SELECT count(*) FROM p), (SELECT count(*) FROM c)",
        ] {
            let error = conn.prepare(sql).unwrap_err();
            assert!(error.to_string().contains("reads what foreign keys' actions write"), "{error}");
        }
        let given: i64 = conn
            .query_row("INSERT INTO p VALUES (1) RETURNING (SELECT count(*) FROM c)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(given, 0);
    });
}
