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
fn parameters() {
    support::both(|conn| {
        conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, g TEXT, n INT)").unwrap();
        let sql = "INSERT INTO t(g, n) VALUES (?1, ?2) RETURNING (SELECT count(*) FROM t WHERE g = ?1), id";
        for (n, expected) in [(1, (1, 1)), (2, (2, 2)), (1, (3, 3))] {
            let row = conn.query_row(sql, ("a", n), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(row, expected);
        }
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
        let error = conn.prepare("DELETE FROM p WHERE id = 1 RETURNING (SELECT count(*) FROM c)").unwrap_err();
        assert!(error.to_string().contains("reads what foreign keys' actions write"), "{error}");
        let given: i64 = conn
            .query_row("INSERT INTO p VALUES (1) RETURNING (SELECT count(*) FROM c)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(given, 0);
    });
}
