//! A compound SELECT as a value and behind IN: compared by its last arm's affinity.

use crate::pragma_answers::same;

#[test]
fn the_last_arm_says_how_a_compound_is_compared() {
    same(&[
        r#"CREATE TABLE t(id INTEGER PRIMARY KEY, a, r REAL, i INTEGER, s TEXT)"#,
        r#"INSERT INTO t VALUES(1,'0',0.0,0,'0'),(2,'5',5.0,5,'5'),(3,7,7.0,7,'7'),(4,'5x',1.5,9,'1.5')"#,
        r#"SELECT id, a IN (SELECT round(0.1,3) UNION SELECT r FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT r FROM t UNION SELECT round(0.1,3)) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT round(0.1,3) UNION ALL SELECT r FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT r FROM t UNION ALL SELECT round(0.1,3)) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT 0.1+0 UNION SELECT i FROM t UNION SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT s FROM t UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i FROM t UNION SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i FROM t EXCEPT SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, i IN (SELECT s FROM t UNION ALL SELECT a FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i FROM t INTERSECT SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i+0 FROM t INTERSECT SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a NOT IN (SELECT i FROM t UNION SELECT i+0 FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT i FROM t UNION SELECT i+0 FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT i+0 FROM t UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT 5 UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT i FROM t UNION SELECT 5) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT 5 UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i FROM t UNION SELECT 5) FROM t ORDER BY id"#,
        r#"SELECT id, a = (SELECT 5 UNION SELECT i FROM t WHERE id=2) FROM t ORDER BY id"#,
        r#"SELECT id, a = (SELECT i FROM t WHERE id=2 UNION SELECT 5) FROM t ORDER BY id"#,
        r#"SELECT id, a = (SELECT i FROM t WHERE id=2 UNION ALL SELECT s FROM t LIMIT 1) FROM t ORDER BY id"#,
        r#"SELECT id, s = (SELECT 5 UNION ALL SELECT i FROM t LIMIT 1) FROM t ORDER BY id"#,
        r#"SELECT id, s = (SELECT i FROM t WHERE id=2 UNION ALL SELECT 5 LIMIT 1) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT i FROM t UNION SELECT NULL) FROM t ORDER BY id"#,
        r#"SELECT id, a IN (SELECT NULL UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT NULL UNION ALL SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, s IN (SELECT i FROM t UNION ALL SELECT NULL) FROM t ORDER BY id"#,
        r#"SELECT id, i IN (SELECT '5' UNION ALL SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, (a, i) IN (SELECT 5, 5 UNION ALL SELECT i, i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, (a, i) IN (SELECT i, i FROM t UNION ALL SELECT 5, 5) FROM t ORDER BY id"#,
        r#"SELECT id, (SELECT 5 UNION SELECT i FROM t WHERE id=2) = '5' FROM t ORDER BY id"#,
        r#"SELECT id, (SELECT i FROM t WHERE id=2 UNION SELECT 5) = '5' FROM t ORDER BY id"#,
        r#"SELECT id, '5' IN (SELECT i FROM t UNION SELECT 5) FROM t ORDER BY id"#,
        r#"SELECT id, '5' IN (SELECT 5 UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, 5 IN (SELECT '5' UNION SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, 5 IN (SELECT i FROM t UNION SELECT s FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, 5 IN (SELECT s FROM t UNION SELECT i FROM t) FROM t ORDER BY id"#,
        r#"SELECT id, i IN (SELECT i FROM t UNION SELECT 5), i IN (SELECT 5 UNION SELECT i FROM t), s IN (SELECT s FROM t UNION SELECT 'x') FROM t ORDER BY id"#,
        r#"SELECT id FROM t WHERE i BETWEEN (SELECT 1 UNION SELECT 1) AND (SELECT i FROM t WHERE id=2 UNION ALL SELECT 4 LIMIT 1)"#,
    ]);
}

#[test]
fn columns_of_unlike_classes_are_ordered_by_their_names() {
    crate::pragma_answers::same(&[
        "CREATE TABLE u(n INT, r REAL)",
        "INSERT INTO u VALUES (1, 1.5), (2, 2.5), (10, 9.5)",
        "CREATE TABLE v(s TEXT, b BLOB)",
        "INSERT INTO v VALUES ('1', x'01'), ('a', NULL)",
        "SELECT n FROM u EXCEPT SELECT s FROM v ORDER BY n",
        "SELECT n FROM u INTERSECT SELECT s FROM v ORDER BY n",
        "SELECT n FROM u UNION SELECT s FROM v ORDER BY N DESC",
        "SELECT n FROM u UNION SELECT s FROM v ORDER BY s",
        "SELECT n AS z FROM u UNION ALL SELECT s FROM v ORDER BY \"z\" LIMIT 4",
        "SELECT n, r FROM u UNION ALL SELECT s, b FROM v ORDER BY r, n",
        "SELECT n, typeof(n) FROM u UNION SELECT s, typeof(s) FROM v ORDER BY n",
        "SELECT n FROM u UNION ALL SELECT r FROM u UNION SELECT b FROM v ORDER BY (n) DESC NULLS FIRST",
        "SELECT * FROM (SELECT n FROM u UNION ALL SELECT s FROM v ORDER BY n)",
        "WITH q AS (SELECT n FROM u UNION ALL SELECT s FROM v ORDER BY n DESC) SELECT * FROM q",
        "SELECT n FROM u WHERE n IN (SELECT n FROM u UNION SELECT s FROM v ORDER BY n)",
        "CREATE VIEW w AS SELECT n FROM u UNION SELECT s FROM v ORDER BY n",
        "SELECT n FROM w",
    ]);
}
