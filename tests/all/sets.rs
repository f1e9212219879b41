//! UNION, INTERSECT and EXCEPT by NOCASE and RTRIM: the same rows and spellings as on SQLite.

use crate::differential::same_answers;

const SCHEMA: &str = "
CREATE TABLE t(id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, b TEXT, k INTEGER, a);
CREATE TABLE u(id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, b TEXT);
INSERT INTO t VALUES (1, 'b', 'b', 1, 'x'), (2, 'A', 'A ', 2, 1), (3, 'B', 'B', 3, 'X'), (4, 'a', 'a', 4, x'00'),
    (5, NULL, NULL, 5, NULL), (6, 'c', 'c', 1, 1.5);
INSERT INTO u VALUES (1, 'C', 'C'), (2, 'a', 'a'), (3, 'd', 'd  '), (4, 'D', 'D'), (5, NULL, NULL);";

const STATEMENTS: &[&str] = &[
    "SELECT n FROM t UNION SELECT n FROM u",
    "SELECT n FROM u UNION SELECT n FROM t",
    "SELECT n FROM t INTERSECT SELECT n FROM u",
    "SELECT n FROM u INTERSECT SELECT n FROM t",
    "SELECT n FROM t EXCEPT SELECT n FROM u",
    // the first SELECT whose column has a collation decides
    "SELECT b FROM t EXCEPT SELECT n FROM u ORDER BY 1",
    "SELECT b FROM t UNION SELECT n FROM u ORDER BY 1",
    "SELECT n FROM t UNION SELECT b FROM u",
    "SELECT b COLLATE NOCASE FROM t UNION SELECT b FROM u",
    "SELECT b COLLATE RTRIM FROM t UNION SELECT b FROM u",
    "SELECT b FROM t UNION SELECT b COLLATE NOCASE FROM u ORDER BY 1",
    "SELECT 'A' EXCEPT SELECT n FROM t",
    "SELECT 'Z' AS n UNION SELECT n FROM t ORDER BY n",
    "SELECT 'Z' AS n UNION ALL SELECT n FROM u WHERE id < 3 ORDER BY n",
    "SELECT n, b FROM t UNION SELECT b, n FROM u ORDER BY 1, 2",
    // several columns, several SELECTs, values of other types
    "SELECT n, k FROM t UNION SELECT n, id FROM u",
    "SELECT 1, n FROM t UNION SELECT 1.0, n FROM u",
    "SELECT a COLLATE NOCASE, 1 FROM t UNION SELECT n, 1 FROM u",
    "SELECT n FROM t UNION ALL SELECT n FROM u UNION SELECT 'Z'",
    "SELECT n FROM t UNION SELECT n FROM u EXCEPT SELECT 'A'",
    "SELECT n FROM t UNION SELECT n FROM u INTERSECT SELECT 'D'",
    "SELECT n FROM t UNION VALUES ('q'), ('B')",
    // around it
    "SELECT n FROM t UNION SELECT n FROM u ORDER BY n DESC",
    "SELECT n FROM t UNION SELECT n FROM u ORDER BY 1 COLLATE BINARY",
    "SELECT n FROM t UNION SELECT n FROM u ORDER BY n LIMIT 2",
    "SELECT n FROM t UNION SELECT n FROM u LIMIT 2 OFFSET 1",
    "SELECT * FROM (SELECT n FROM t UNION SELECT n FROM u) WHERE n = 'C'",
    "SELECT id FROM t WHERE n IN (SELECT n FROM t INTERSECT SELECT n FROM u) ORDER BY id",
    "SELECT (SELECT group_concat(n) FROM (SELECT n FROM t UNION SELECT n FROM u)), count(*) FROM t",
    "WITH c(x) AS (SELECT n FROM t UNION SELECT n FROM u) SELECT x, x = 'A' FROM c",
    "CREATE TABLE copy AS SELECT n FROM t UNION SELECT n FROM u",
    "SELECT * FROM copy",
    "INSERT INTO u(n) SELECT n FROM t UNION SELECT 'q' RETURNING n",
];

#[test]
fn sets_by_nocase_keep_sqlites_spellings() {
    same_answers(SCHEMA, STATEMENTS);
}
