//! EXPLAIN QUERY PLAN: PostgreSQL's plan, in SQLite's columns and words.

use crate::support;
use sqlift::types::Value;
use sqlift::{Connection, params_from_iter};

const SCHEMA: &str = "
CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT);
CREATE INDEX t_a ON t(a, b);
CREATE TABLE u(id INTEGER PRIMARY KEY, t_id INTEGER, c TEXT);
CREATE UNIQUE INDEX u_c ON u(c);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, i % 500, 'x' || i FROM n;
INSERT INTO u SELECT id, id % 77, 'c' || id FROM t;
ANALYZE;";

fn details(conn: &Connection, sql: &str) -> sqlift::Result<Vec<String>> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    assert_eq!(statement.column_names(), ["id", "parent", "notused", "detail"]);
    let values = vec![Value::Integer(7); statement.parameter_count()];
    statement.query_map(params_from_iter(values), |row| row.get("detail"))?.collect()
}

#[test]
fn plans_tell_scans_searches_and_sorts() {
    let sqlite = support::sqlite();
    sqlite.execute_batch(SCHEMA).expect("the schema is common ground");
    support::on_postgres(|postgres| {
        postgres.execute_batch(SCHEMA).expect("the schema is common ground");
        for sql in [
            "SELECT 1",
            "SELECT * FROM t",
            "SELECT * FROM t AS x WHERE id = ?1",
            "SELECT * FROM u WHERE c = 'c7'",
            "SELECT * FROM t ORDER BY b",
            "SELECT * FROM t JOIN u ON u.t_id = t.id WHERE u.c = 'c9'",
            "SELECT b, count(*) FROM t GROUP BY b ORDER BY 2",
            "SELECT a FROM t UNION ALL SELECT id FROM u",
            "UPDATE t SET b = ? WHERE id = ?",
            "DELETE FROM t WHERE a = 1",
        ] {
            let expected = details(&sqlite, sql).expect(sql);
            assert_eq!(details(postgres, sql).expect(sql), expected, "{sql}");
        }
        // What the other has its own way of, or nothing to tell of.
        for sql in [
            "INSERT INTO u(t_id, c) VALUES (?, ?)",
            "SELECT * FROM t WHERE a = ? AND b > 'x'",
            "SELECT coalesce(?, 3) + ?, $x::y FROM t LIMIT ? OFFSET ?",
            "SELECT (SELECT max(c) FROM u WHERE u.t_id = t.id), '$1 ?' FROM t WHERE b LIKE ? OR a IN (1, ?) OR id = 3",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n JOIN t ON t.a = i ORDER BY b DESC LIMIT 3",
            "SELECT DISTINCT b FROM t UNION SELECT c FROM u",
        ] {
            let found = details(postgres, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert!(found.iter().all(|detail| !detail.is_empty()), "{sql}: {found:?}");
        }
        let count: i64 = postgres.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("it counts");
        assert_eq!(count, 5000, "nothing was run");
        let error = details(postgres, "SELECT * FROM missing").expect_err("there is none").to_string();
        assert!(error.contains("missing"), "{error}");
    });
}

#[test]
fn ids_and_parents_make_a_tree() {
    support::on_postgres(|postgres| {
        postgres.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut statement =
            postgres.prepare("EXPLAIN QUERY PLAN SELECT a FROM t UNION ALL SELECT id FROM u").expect("prepares");
        let rows: Vec<(i64, i64)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .expect("it has a plan");
        assert_eq!(rows, [(1, 0), (2, 1), (3, 2), (4, 1), (5, 4)]);
    });
}
