//! The order of rows and members where no ORDER BY says one and SQLite's way of working gives one.

use sqlift::Connection;
use sqlift::types::Value;

use crate::support::{self, Log};

const SCHEMA: &str = "
    CREATE TABLE u(id INTEGER PRIMARY KEY, g INTEGER, y TEXT, z REAL, w TEXT COLLATE NOCASE, n);
    INSERT INTO u VALUES (1, 5, 'b', 2.5, 'x', 1), (2, 3, 'a', NULL, 'X', '1'), (3, NULL, 'B', 1, 'y', NULL),
        (4, 5, '', 9, 'a', 2.5), (5, -1, NULL, 0, NULL, x'00'), (6, 5, 'é', NULL, 'É', 'a');
    CREATE TABLE r(id INTEGER PRIMARY KEY, g);
    CREATE TABLE many(id INTEGER PRIMARY KEY, g INTEGER, y INTEGER);
    INSERT INTO many(g, y) SELECT i * 7919 % 5, i * 104729 % 100003
        FROM (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 30000) SELECT i FROM c);";

#[track_caller]
fn compare(statements: &[&str]) {
    support::same(|conn: &mut Connection| {
        conn.execute_batch(SCHEMA).unwrap();
        let mut log = Log::default();
        for sql in statements {
            let rows = conn.prepare(sql).and_then(|mut statement| {
                let width = statement.column_count();
                let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
                statement.query_map([], row)?.collect::<sqlift::Result<Vec<Vec<Value>>>>()
            });
            log.result(sql, rows);
        }
        log
    });
}

#[test]
fn groups_are_sorted() {
    compare(&[
        "SELECT g, count(*) FROM u GROUP BY g",
        "SELECT y, count(*) FROM u GROUP BY y",
        "SELECT upper(y), count(*) FROM u GROUP BY upper(y)",
        "SELECT upper(y) AS q, count(*) FROM u GROUP BY q",
        "SELECT upper(y) AS q, count(*) FROM u GROUP BY 1",
        "SELECT upper(y) AS q, count(*) FROM u GROUP BY 1, g + 1, 'x' HAVING count(*) > 0 LIMIT 3",
        "SELECT w, count(*) FROM u GROUP BY w",
        "SELECT w AS e, count(*) FROM u GROUP BY e LIMIT 2",
        "SELECT n, count(*) FROM u GROUP BY n",
        "SELECT y COLLATE NOCASE, count(*) FROM u GROUP BY y COLLATE NOCASE",
        "SELECT typeof(n), count(*) FROM u GROUP BY typeof(n)",
        "SELECT a.g, count(*) FROM u a JOIN u b ON b.g = a.g GROUP BY a.g",
        "SELECT date('2024-01-01', id || ' day') AS d, count(*) FROM u GROUP BY d",
        "SELECT g, y FROM u GROUP BY y, g",
        // Results that are called like a key.
        "SELECT g, g + 1 AS g FROM u GROUP BY g",
        "SELECT -g AS g, count(*) FROM u GROUP BY g LIMIT 1",
        "SELECT max(id) AS g, g FROM u GROUP BY g",
        "SELECT *, -g AS g FROM u GROUP BY g",
        "SELECT count(*) AS w FROM u GROUP BY w",
        "SELECT y AS id, id AS y FROM u GROUP BY y",
        "SELECT count(*) FROM u JOIN u v USING (g) GROUP BY g",
        // Rows come in the order of windows.
        "SELECT g, row_number() OVER (ORDER BY max(id) DESC) FROM u GROUP BY g LIMIT 2",
        "SELECT id % 20000, count(*), max(y) FROM many GROUP BY 1 LIMIT 5",
        "SELECT count(*) FROM (SELECT g FROM many GROUP BY g LIMIT 3)",
        "SELECT (SELECT y FROM many WHERE g = u.g GROUP BY y LIMIT 1) FROM u",
    ]);
}

#[test]
fn sets_are_sorted() {
    compare(&[
        "SELECT g FROM u UNION SELECT z FROM u",
        "SELECT g FROM u UNION SELECT n FROM u",
        "SELECT y, g FROM u UNION SELECT y, id FROM u",
        "SELECT g FROM u UNION ALL SELECT id FROM u UNION SELECT 7",
        "SELECT g FROM u EXCEPT SELECT 5",
        "SELECT g FROM u INTERSECT SELECT g FROM u",
        "SELECT g FROM u UNION SELECT id FROM u LIMIT 3",
        "SELECT upper(y) FROM u UNION SELECT 'x' UNION SELECT 'Z' UNION SELECT 'ä'",
        "SELECT g, y FROM many UNION SELECT 7, 1 LIMIT 5 OFFSET 20000",
    ]);
}

/// The ids that rows get, too.
#[test]
fn copied_rows_come_in_that_order() {
    compare(&[
        "INSERT INTO r(g) SELECT g FROM u GROUP BY g",
        "INSERT INTO r(g) SELECT g FROM u UNION SELECT 77 UNION SELECT 50",
        "INSERT INTO r(g) SELECT y FROM many WHERE y < 300 GROUP BY y ON CONFLICT DO NOTHING",
        "SELECT * FROM r ORDER BY id",
    ]);
}

#[test]
fn members_come_in_the_subquerys_order() {
    compare(&[
        "SELECT id % 2, group_concat(y), count(DISTINCT g) FROM (SELECT * FROM u ORDER BY y DESC) GROUP BY 1",
        "SELECT id % 2, group_concat(y, '-') FROM (SELECT * FROM u ORDER BY y DESC) AS s WHERE s.id > 1 GROUP BY 1",
        "WITH s AS (SELECT id, y, w FROM u ORDER BY w DESC, id)
         SELECT id % 2, json_group_array(y), json_group_object(id, y) FROM s GROUP BY 1",
        "WITH s AS (SELECT id, y, w FROM u ORDER BY w DESC, id)
         SELECT id % 2, json_group_array(y) FILTER (WHERE y <> '') FROM s AS q GROUP BY 1",
        "SELECT *, group_concat(y) FROM (SELECT id, y, g FROM u ORDER BY y) GROUP BY g",
        "SELECT group_concat(y), count(DISTINCT g) FROM (SELECT g, y FROM many ORDER BY y)",
        "SELECT g, group_concat(y), count(DISTINCT y) FROM (SELECT g, y FROM many ORDER BY y) GROUP BY g",
        "SELECT id % 9973, group_concat(y) FROM (SELECT id, y FROM many ORDER BY y DESC) GROUP BY 1",
    ]);
}

#[test]
fn a_name_with_collate_means_the_result() {
    compare(&[
        "CREATE TABLE named(id INTEGER PRIMARY KEY, b TEXT, n TEXT COLLATE NOCASE, r INTEGER)",
        "INSERT INTO named(b, n, r) VALUES ('c', 'C', 3), ('B', 'b', 1), ('a', 'A', 2), ('D', 'x', NULL), ('a ', 'z', 5)",
        "SELECT b AS n FROM named ORDER BY n COLLATE BINARY",
        "SELECT b AS n FROM named ORDER BY n COLLATE BINARY DESC LIMIT 2",
        "SELECT b AS n FROM named ORDER BY n COLLATE NOCASE, id",
        "SELECT b AS n FROM named ORDER BY n COLLATE RTRIM, id DESC",
        "SELECT b AS n FROM named ORDER BY (n) COLLATE BINARY",
        "SELECT b AS n FROM named ORDER BY (n COLLATE BINARY)",
        "SELECT b AS n FROM named ORDER BY n COLLATE NOCASE COLLATE BINARY",
        "SELECT b AS n FROM named ORDER BY named.n COLLATE BINARY",
        "SELECT b AS n FROM named ORDER BY +n COLLATE BINARY",
        "SELECT upper(b) AS n FROM named ORDER BY n COLLATE BINARY, id",
        "SELECT 9 - id AS n FROM named ORDER BY n COLLATE BINARY",
        "SELECT 9 - id AS n FROM named ORDER BY n COLLATE NOCASE LIMIT 2",
        "SELECT r AS n, n AS r FROM named ORDER BY n COLLATE BINARY, r COLLATE BINARY",
        "SELECT n AS b, b AS n FROM named ORDER BY b COLLATE BINARY",
        "SELECT n AS b, b AS n FROM named ORDER BY b COLLATE NOCASE",
        "SELECT hex(b) AS n FROM named ORDER BY n COLLATE RTRIM",
        "SELECT DISTINCT b AS n FROM named ORDER BY n COLLATE BINARY",
        "SELECT DISTINCT b AS n FROM named ORDER BY n COLLATE NOCASE DESC, n COLLATE BINARY",
        "SELECT max(b) AS n, count(*) FROM named GROUP BY r > 2 ORDER BY n COLLATE BINARY",
        "SELECT b AS n, count(*) FROM named GROUP BY n ORDER BY n COLLATE BINARY",
        "SELECT 'k' AS n FROM named ORDER BY n COLLATE NOCASE, id LIMIT 1",
        "SELECT b AS q FROM named ORDER BY q COLLATE NOCASE, id",
        "SELECT group_concat(n) FROM (SELECT b AS n FROM named ORDER BY n COLLATE BINARY)",
        "SELECT x.b AS n, y.n FROM named x JOIN named y ON x.id = y.id ORDER BY n COLLATE BINARY",
        "SELECT x.b AS b, y.b FROM named x JOIN named y ON x.id = y.id ORDER BY b COLLATE NOCASE, x.id",
        "SELECT b AS n FROM named UNION SELECT n FROM named ORDER BY n COLLATE BINARY",
        "SELECT row_number() OVER (ORDER BY n COLLATE BINARY), b AS n FROM named ORDER BY id",
    ]);
}

#[test]
fn groups_of_single_rows_come_as_the_rows_do() {
    compare(&[
        "CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT, e TEXT UNIQUE NOT NULL, k INTEGER, z INTEGER)",
        "CREATE INDEX uk ON u(k)",
        "INSERT INTO u VALUES (1, 'zed', 'd', 3, 1), (2, 'bob', 'a', 1, 2), (3, 'al', 'c', 2, 1), (4, 'cy', 'b', 3, 9)",
        "CREATE TABLE o(id INTEGER PRIMARY KEY, u INTEGER, w INTEGER)",
        "INSERT INTO o(u, w) VALUES (4, 1), (2, 2), (4, 3), (1, 1), (3, 2)",
        "CREATE TABLE pair(a INTEGER NOT NULL, b TEXT NOT NULL, c INTEGER, UNIQUE(a, b))",
        "INSERT INTO pair VALUES (2, 'y', 1), (1, 'z', 9), (2, 'x', 5), (1, 'a', 7)",
        "UPDATE u SET z = z + 0 WHERE id = 1",
        "SELECT name, id, count(*) FROM u GROUP BY name, id",
        "SELECT name, id, count(*) FROM u GROUP BY name, id LIMIT 2",
        "SELECT name, rowid, count(*) FROM u GROUP BY 1, 2",
        "SELECT name AS q, id AS i, max(z) FROM u GROUP BY q, i HAVING max(z) > 0",
        "SELECT upper(name), id FROM u GROUP BY upper(name), id",
        "SELECT name, id, count(*) n FROM u GROUP BY name, id ORDER BY n",
        "SELECT name, id, count(*) n FROM u GROUP BY name, id ORDER BY n DESC, z > 0 DESC",
        "SELECT name, id, sum(z) n FROM u GROUP BY name, id ORDER BY n",
        "SELECT name, id, count(*) n FROM u WHERE z <> 9 GROUP BY name, id ORDER BY n DESC LIMIT 2",
        "SELECT name, id, count(*) FROM u WHERE k = 3 GROUP BY name, id",
        "SELECT name, id, count(*) FROM u WHERE id > 1 GROUP BY name, id",
        "SELECT k, name, id, count(*) FROM u GROUP BY k, id",
        "SELECT name, e, count(*) FROM u GROUP BY name, e",
        "SELECT name, e, count(*) n FROM u WHERE z < 9 GROUP BY name, e ORDER BY n",
        "SELECT name, e, count(*) FROM u GROUP BY k, e",
        "SELECT c, a, b FROM pair GROUP BY c, b, a",
        "SELECT u.name, u.id, count(*) n FROM u LEFT JOIN o ON o.u = u.id GROUP BY u.name, u.id ORDER BY n DESC",
        "SELECT u.name, u.id, count(o.id) n FROM u LEFT JOIN o ON o.u = u.id WHERE z < 9 GROUP BY u.name, u.id",
        "SELECT u.name, u.id, count(*) n FROM u JOIN o ON o.u = u.id GROUP BY u.name, u.id ORDER BY n DESC",
        "SELECT u.name, u.id, o.w, count(*) n FROM u LEFT JOIN o ON o.u = u.id GROUP BY u.name, u.id, o.w",
        "SELECT u.name, u.id, count(*) n FROM u LEFT JOIN o ON o.u = u.id WHERE o.w > 1 GROUP BY u.name, u.id",
        "SELECT u.name, u.e, count(*) n FROM u LEFT JOIN o ON o.u = u.id GROUP BY u.name, u.e",
        "CREATE TABLE grouped AS SELECT name, id, count(*) n FROM u GROUP BY name, id",
        "SELECT rowid, * FROM grouped ORDER BY rowid",
        "SELECT group_concat(name) FROM (SELECT name, id FROM u GROUP BY name, id)",
    ]);
}

#[test]
fn a_column_is_meant_before_a_result_of_its_name_in_group_by() {
    compare(&[
        "CREATE TABLE v(id INTEGER PRIMARY KEY, s TEXT, e TEXT UNIQUE NOT NULL)",
        "INSERT INTO v VALUES (1, 'b', 'z'), (2, 'a', 'y'), (3, 'B', 'x'), (4, 'c', 'w'), (5, 'a', 'v'), (6, 'd', 'u')",
        "SELECT s AS id, id AS s FROM v GROUP BY id, s",
        "SELECT s AS id, id AS s FROM v GROUP BY s, id",
        "SELECT s AS id, id AS s, count(*) AS n FROM v GROUP BY id, s ORDER BY n",
        "SELECT s AS id, id AS s, count(*) AS n FROM v GROUP BY id, s ORDER BY id",
        "SELECT e AS s, s AS e FROM v GROUP BY e, s",
        "SELECT lower(s) AS s, count(*) FROM v GROUP BY s ORDER BY s",
        "SELECT lower(s) AS q, id AS i FROM v GROUP BY q, i",
        "SELECT v.s AS s, v.id AS id FROM v GROUP BY s, id ORDER BY s",
        "SELECT s AS id, count(*) FROM v GROUP BY id LIMIT 3",
    ]);
}
