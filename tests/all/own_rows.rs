//! An UPDATE whose subqueries read the rows that it has written already, on both databases.

use sqlift::Connection;
use sqlift::types::Value;

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

/// A statement of values of every class, on the rows as they were, and what all rows are then.
#[track_caller]
fn bound(sql: &str, values: &[&[Value]]) {
    let results = |conn: &Connection| -> Vec<String> {
        conn.execute_batch(&ITEMS.join(";")).unwrap();
        conn.execute_batch("CREATE TABLE any (id INTEGER PRIMARY KEY, v, w REAL)").unwrap();
        conn.execute_batch("INSERT INTO any VALUES (1, 1, 1), (2, 'two', NULL), (3, x'33', 3.5)").unwrap();
        let all = "SELECT group_concat(id || ':' || quote(n) || ',' || quote(pos) || ',' || quote(g), ' ' ORDER BY id) || ' ' || \
                   (SELECT group_concat(id || ':' || quote(v) || typeof(v) || quote(w), ' ' ORDER BY id) FROM any) FROM t";
        let one = |given: &&[Value]| {
            conn.execute_batch("BEGIN; UPDATE t SET g = g WHERE id = 1").unwrap();
            let changed = conn.execute(sql, sqlift::params_from_iter(given.iter()));
            let changed = changed.map_err(|error| error.to_string());
            let rows: String = conn.query_row(all, [], |row| row.get(0)).unwrap();
            conn.execute_batch("ROLLBACK").unwrap();
            format!("{given:?} {changed:?} {rows}")
        };
        values.iter().map(one).collect()
    };
    let expected = results(&support::sqlite());
    support::on_postgres(|conn| assert_eq!(results(conn), expected, "{sql}"));
}

#[test]
fn parameters() {
    let classes = [
        Value::Integer(2),
        Value::Real(2.5),
        Value::Real(3.0),
        Value::Text("3".into()),
        Value::Text("x'%".into()),
        Value::Blob(vec![0x41, 0x42]),
        Value::Null,
    ];
    let each: Vec<[Value; 1]> = classes.iter().map(|value| [value.clone()]).collect();
    let each: Vec<&[Value]> = each.iter().map(|value| value.as_slice()).collect();
    for sql in [
        "UPDATE t SET g = coalesce((SELECT b.g FROM t b WHERE b.id = t.id - 1), '') || '/' || coalesce(?, 'none')",
        "UPDATE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos AND b.id >= ?)",
        "UPDATE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos) + (typeof(?) = 'text')",
        "UPDATE any SET v = coalesce((SELECT max(b.w) FROM any b WHERE b.id = any.id - 1), ?1), w = typeof(?1) = 'real'",
        "UPDATE any SET w = (SELECT count(*) FROM any b WHERE b.id < any.id AND b.w < 9 AND b.v >= ?1), v = ?1",
        "UPDATE any SET v = coalesce((SELECT v FROM any b WHERE b.id = any.id + 1), ?)",
        "UPDATE any SET v = ?1, w = (SELECT count(*) FROM any b WHERE b.v = ?1 AND b.w < any.id)",
        "UPDATE any SET v = (SELECT v FROM any b WHERE b.v > ? ORDER BY b.id LIMIT 1) || any.id",
        "UPDATE OR IGNORE t SET pos = (SELECT max(b.pos) FROM t b WHERE b.id <> t.id) + (?1 > 2), g = g || coalesce(?1, '-')",
    ] {
        bound(sql, &each);
    }
    bound(
        "UPDATE t SET pos = (SELECT b.pos FROM t b WHERE b.pos < t.pos ORDER BY b.id LIMIT ?1 OFFSET ?2) WHERE id > ?3",
        &[&[Value::Integer(1), Value::Integer(1), Value::Integer(1)]],
    );
    bound(
        "WITH w AS (SELECT id, n FROM t WHERE n > ?1) UPDATE t SET n = (SELECT w.n FROM w WHERE w.id = t.id + 1) + ?2 WHERE id < 4",
        &[&[Value::Integer(1), Value::Integer(7)], &[Value::Real(0.5), Value::Integer(7)]],
    );
}

#[test]
fn conflict_clauses() {
    each(&[
        "UPDATE OR IGNORE t SET pos = (SELECT max(b.pos) FROM t b WHERE b.id <> t.id)",
        "UPDATE OR REPLACE t SET pos = (SELECT max(b.pos) FROM t b WHERE b.id <> t.id)",
        "UPDATE OR FAIL t SET pos = (SELECT max(b.pos) FROM t b WHERE b.id <> t.id)",
        "UPDATE OR ROLLBACK t SET pos = (SELECT max(b.pos) FROM t b WHERE b.id <> t.id)",
        "UPDATE OR IGNORE t SET id = coalesce((SELECT max(b.id) FROM t b WHERE b.id < t.id), 9)",
        "UPDATE OR FAIL t SET id = (SELECT max(b.id) + 4 - t.id FROM t b)",
    ]);
    check(&[
        "CREATE TABLE u (id INTEGER PRIMARY KEY, pos INT UNIQUE, n INT NOT NULL DEFAULT 7)",
        "INSERT INTO u VALUES (1, 10, 1), (2, 20, 2), (3, 30, 3), (4, 15, 4)",
        "UPDATE OR IGNORE u SET pos = (SELECT max(b.pos) FROM u b WHERE b.id < u.id) + 5",
        "SELECT * FROM u ORDER BY id",
        "UPDATE OR IGNORE u SET n = (SELECT b.n FROM u b WHERE b.id = u.id - 1) + 1",
        "SELECT * FROM u ORDER BY id",
        "UPDATE OR FAIL u SET n = (SELECT b.n FROM u b WHERE b.id = u.id + 1) + 1",
        "SELECT * FROM u ORDER BY id",
    ]);
    check(&[
        "CREATE TABLE s (id INTEGER PRIMARY KEY, p INTEGER, v TEXT UNIQUE)",
        "INSERT INTO s VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 1, 'c'), (4, 2, 'bx')",
        "CREATE TRIGGER x AFTER UPDATE ON s BEGIN UPDATE s SET v = NEW.v || id WHERE p = NEW.id; END",
        "UPDATE OR IGNORE s SET v = v || 'x'",
        "SELECT * FROM s ORDER BY id",
        "UPDATE OR FAIL s SET v = substr(v, 1, 1)",
        "SELECT * FROM s ORDER BY id",
    ]);
}

#[test]
fn what_depends_on_the_row_is_not_kept() {
    each(&[
        "UPDATE t SET pos = (SELECT * FROM (SELECT count(*) FROM t b WHERE b.pos > t.pos))",
        "UPDATE t SET pos = (SELECT c + 1 FROM (SELECT count(*) AS c FROM t b WHERE b.pos >= t.pos LIMIT 1) AS q)",
        "UPDATE t SET n = (SELECT max(m) FROM (SELECT DISTINCT b.n AS m FROM t b WHERE b.g = t.g))",
    ]);
}

#[test]
fn what_cannot_be_done_row_by_row_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(&ITEMS.join(";")).unwrap();
        conn.execute_batch("CREATE UNIQUE INDEX ti ON t (pos)").unwrap();
        let sql = "UPDATE OR REPLACE t SET pos = (SELECT count(*) FROM t b WHERE b.pos < t.pos)";
        let error = conn.prepare(sql).unwrap_err().to_string();
        assert!(error.contains("UPDATE whose subqueries read rows that it has written"), "{error}");
    });
}
