//! An UPDATE whose subqueries read the rows that it has written already, on both databases.

use crate::constraint_conflicts::check;
use crate::support;

const ITEMS: [&str; 2] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, pos INT, g TEXT, twice INT AS (pos * 2))",
    "INSERT INTO t (id, n, pos, g) VALUES (1, 1, 30, 'a'), (2, 2, 20, 'a'), (3, 3, 10, 'b'), (4, 4, 40, 'b')",
];

/// Each statement on the rows as they were, then all rows.
#[track_caller]
fn each(statements: &[&str]) {
    let mut script: Vec<&str> = ITEMS.to_vec();
    for statement in statements {
        // In another order on disk than by their keys.
        script.extend([
            "BEGIN",
            "UPDATE t SET g = g WHERE id = 1",
            statement,
            "SELECT * FROM t ORDER BY 1",
            "ROLLBACK",
        ]);
    }
    check(&script);
}

#[test]
fn a_subquery_that_depends_on_the_row_sees_what_is_written() {
    each(&[
        "UPDATE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos)",
        "UPDATE t SET pos = (SELECT count(*) FROM t b WHERE b.g = t.g AND b.pos <= t.pos) WHERE g = 'a'",
        "UPDATE t SET n = n + (SELECT n FROM t b WHERE b.id = t.id - 1) WHERE id > 1",
        "UPDATE t SET (n, pos) = (SELECT b.n + 1, b.pos FROM t b WHERE b.id = t.id - 1) WHERE id > 1",
        "UPDATE t SET n = CASE WHEN EXISTS (SELECT * FROM t b WHERE b.n = t.n + 1) THEN -1 ELSE n END",
        "UPDATE t SET pos = 0 WHERE id IN (SELECT id FROM t WHERE pos > 10)",
        "UPDATE t SET n = t.n IN (SELECT b.n + 1 FROM t b WHERE b.g = t.g)",
        "UPDATE t SET pos = (SELECT b.pos FROM (SELECT id, pos FROM t) b WHERE b.id = t.id - 1)",
        "UPDATE t SET pos = (SELECT b.twice FROM t b WHERE b.id = t.id - 1) WHERE id > 1",
        "UPDATE t AS x SET pos = (SELECT max(pos) + 1 FROM t WHERE id <> x.id)",
        "UPDATE t SET id = (SELECT max(b.id) + t.n FROM t b)",
        "UPDATE t SET \"n\" = (SELECT max(b.\"n\") FROM t b WHERE b.id = \"t\".\"id\" - 1)",
        "WITH w AS (SELECT id, n FROM t) UPDATE t SET n = (SELECT n FROM w WHERE w.id = t.id - 1) RETURNING id, n",
    ]);
}

#[test]
fn what_is_computed_once_sees_the_rows_as_they_were() {
    each(&[
        "UPDATE t SET n = (SELECT max(n) FROM t) + n",
        "UPDATE t SET n = (SELECT count(*) FROM t), pos = (SELECT max(pos) FROM t)",
        "UPDATE t SET pos = (SELECT rn FROM (SELECT id, row_number() OVER (ORDER BY pos) rn FROM t) r WHERE r.id = t.id)",
        "WITH r AS (SELECT id, row_number() OVER (ORDER BY pos) rn FROM t) \
         UPDATE t SET pos = (SELECT rn FROM r WHERE r.id = t.id)",
        "WITH w AS MATERIALIZED (SELECT id, n FROM t) UPDATE t SET n = (SELECT n FROM w WHERE w.id = t.id - 1)",
        "UPDATE t SET n = x.n FROM (SELECT id, n FROM t) x WHERE x.id = t.id - 1",
        "UPDATE t SET pos = pos + 1 WHERE EXISTS (SELECT 1 FROM t b WHERE b.pos = t.pos + 10)",
        "UPDATE t SET n = (SELECT max(n) FROM t b WHERE b.id = t.id - 1) WHERE id = 3",
        "UPDATE t SET n = n * 10 WHERE n > (SELECT avg(n) FROM t)",
    ]);
}

#[test]
fn tables_of_every_kind() {
    check(&[
        "CREATE TABLE h (k TEXT, n INT)",
        "INSERT INTO h VALUES ('a', 1), ('b', 2), ('c', 3)",
        "UPDATE h SET n = (SELECT sum(n) FROM h b WHERE b.k <= h.k)",
        "SELECT * FROM h ORDER BY k",
        "CREATE TABLE w (k TEXT PRIMARY KEY, n INT) WITHOUT ROWID",
        "INSERT INTO w VALUES ('b', 2), ('c', 3), ('a', 1)",
        "UPDATE w SET n = n + coalesce((SELECT n FROM w b WHERE b.k < w.k ORDER BY k DESC LIMIT 1), 0)",
        "SELECT * FROM w ORDER BY k",
        "CREATE VIEW v AS SELECT k, n FROM h",
        "UPDATE h SET n = (SELECT sum(n) FROM v WHERE v.k <= h.k)",
        "SELECT * FROM h ORDER BY k",
    ]);
}

#[test]
fn parameters() {
    support::both(|conn| {
        conn.execute_batch(&ITEMS.join(";")).unwrap();
        let sql = "UPDATE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos AND b.g = ?1) WHERE id > ?2";
        assert_eq!(conn.execute(sql, ("a", 1)).unwrap(), 3);
        let positions: String =
            conn.query_row("SELECT group_concat(pos, ' ' ORDER BY id) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(positions, "30 0 1 2");
    });
}

#[test]
fn what_cannot_be_done_row_by_row_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(&ITEMS.join(";")).unwrap();
        for sql in [
            "UPDATE t SET pos = ? + (SELECT count(*) FROM t b WHERE b.pos < t.pos)",
            "UPDATE OR IGNORE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos)",
        ] {
            let error = conn.prepare(sql).unwrap_err().to_string();
            assert!(error.contains("UPDATE whose subqueries read rows that it has written"), "{error}");
        }
    });
}
