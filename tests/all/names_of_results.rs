//! The names of result columns: where they are seen, and which is meant when several are called alike.

use crate::pragma_answers::same;

const TABLES: [&str; 4] = [
    "CREATE TABLE t(a INTEGER, v TEXT, k TEXT COLLATE NOCASE)",
    "CREATE TABLE s(a INTEGER, v TEXT)",
    "INSERT INTO t VALUES (1, 'z', 'b'), (2, 'y', 'A'), (3, 'x', 'C')",
    "INSERT INTO s VALUES (3, 'p'), (2, 'q'), (1, 'r')",
];

fn same_over_tables(statements: &[&str]) {
    same(&[&TABLES, statements].concat());
}

#[test]
fn the_first_of_several_that_are_called_alike_is_meant() {
    same_over_tables(&[
        "SELECT t.a AS name, s.a AS name FROM t JOIN s ON s.a = 4 - t.a ORDER BY name DESC",
        "SELECT a AS v, v FROM t ORDER BY v",
        "SELECT v, a AS v FROM t ORDER BY v",
        "SELECT t.*, s.* FROM t JOIN s ON s.a = 4 - t.a ORDER BY a",
        "SELECT s.*, t.* FROM t JOIN s ON s.a = 4 - t.a ORDER BY a",
        "SELECT s.a, t.* FROM t JOIN s ON s.a = 4 - t.a ORDER BY a",
        "SELECT s.a, t.a FROM t JOIN s ON s.a = 4 - t.a ORDER BY a",
        "SELECT t.* FROM t JOIN s ON s.a = 4 - t.a ORDER BY a",
        "SELECT * FROM t JOIN s USING (a) ORDER BY a DESC, v",
        "SELECT k AS n, a AS n FROM t ORDER BY n",
        "SELECT a AS n, k AS n FROM t ORDER BY n DESC",
        "SELECT a AS n, k AS n FROM t UNION SELECT a, v FROM s ORDER BY n, 2",
        "SELECT a AS n, v AS n FROM t UNION ALL SELECT a, v FROM s ORDER BY n, 2",
        "SELECT a % 2 AS n, v AS n FROM t GROUP BY n",
        "SELECT DISTINCT a AS n, v AS n FROM t ORDER BY n DESC",
        "SELECT a AS n, v AS n, a + 1 AS n FROM t ORDER BY n + 1",
        "SELECT a AS n, v AS n, count(*) FROM t GROUP BY 1, 2 HAVING n > 1 ORDER BY n",
        "SELECT count(*) AS c, count(*) AS c FROM t GROUP BY a ORDER BY c",
        "SELECT json('[1]') AS j, a AS j FROM t ORDER BY j, 2",
    ]);
}

#[test]
fn a_joins_condition_sees_aliases() {
    same_over_tables(&[
        "SELECT t.a + 1 AS q FROM t JOIN s ON q = s.a + 1 ORDER BY q",
        "SELECT t.a + 1 AS q, s.a FROM t LEFT JOIN s ON q = s.a AND q > 2 ORDER BY q",
        "SELECT t.a + 1 AS q, s.a, u.a FROM t LEFT JOIN s ON q = s.a JOIN t u ON u.a = q ORDER BY q",
        "SELECT t.v AS q FROM t JOIN s ON t.a = s.a AND q IN (SELECT v FROM t WHERE v = q) ORDER BY 1",
        "SELECT t.v AS [q q] FROM t JOIN s ON `Q Q` = 'z' AND s.a = 1",
        // In double quotes it is the alias, not a string.
        "SELECT t.v AS \"q\" FROM t JOIN s ON \"q\" = 'z' AND s.a = 1",
        // A column goes ahead of an alias.
        "SELECT t.v AS a FROM t JOIN s ON s.a = t.a ORDER BY 1",
        "SELECT max(t.a) AS q FROM t JOIN s ON q = s.a",
        "CREATE VIEW w AS SELECT t.a + 1 AS q, s.v FROM t JOIN s ON q = s.a",
        "SELECT * FROM w ORDER BY q",
    ]);
}

#[test]
fn a_result_column_does_not_see_anothers_alias() {
    same_over_tables(&[
        "SELECT a AS x, x + 1 FROM t",
        "SELECT a AS x, (SELECT x) FROM t",
        "SELECT a AS x, row_number() OVER (ORDER BY x) FROM t",
        "SELECT a AS x, \"x\" FROM t WHERE x = 1",
        "INSERT INTO t(a) VALUES (9) RETURNING a AS q, q + 1",
    ]);
}

#[test]
fn an_expression_of_a_column_alone_means_no_result() {
    same_over_tables(&[
        "SELECT -a AS a FROM t ORDER BY +a LIMIT 1",
        "SELECT -a AS a FROM t ORDER BY likely(a) LIMIT 1",
        "SELECT -a AS a FROM t ORDER BY +(unlikely(+a)) DESC LIMIT 1",
        "SELECT *, -a AS a FROM t ORDER BY +a",
        "SELECT v AS k, k AS v FROM t ORDER BY +k, +v",
        "SELECT -a AS a, count(*) FROM t GROUP BY a ORDER BY +a",
        "SELECT a AS z FROM t ORDER BY +z DESC",
        "SELECT +a, max(v) AS a FROM t GROUP BY +a ORDER BY 2",
        "SELECT likely(a), -count(*) AS a FROM t GROUP BY likely(a) ORDER BY count(*)",
        "SELECT max(a) AS v FROM t GROUP BY +v ORDER BY count(*)",
        "SELECT (SELECT -a AS a FROM t ORDER BY +a LIMIT 1)",
        "SELECT q.a FROM (SELECT -a AS a FROM t ORDER BY +a LIMIT 2) q ORDER BY +a",
    ]);
}

#[test]
fn a_rowid_that_a_subquery_gives_is_called_as_it_is_written() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, g TEXT, n INT)",
        "INSERT INTO t VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 3)",
        "CREATE TABLE h(x INT)",
        "INSERT INTO h VALUES (10), (20), (30), (40)",
        "SELECT x FROM h WHERE rowid IN (SELECT rowid FROM (SELECT rowid FROM t WHERE n > 1)) ORDER BY x",
        "WITH d AS (SELECT rowid, n FROM t) SELECT x FROM h WHERE rowid NOT IN (SELECT rowid FROM d)",
        "SELECT * FROM (SELECT oid, RowId, (rowid), q._rowid_ FROM t q) ORDER BY 1",
        "SELECT rowid FROM (SELECT oid FROM t)",
        "SELECT id FROM (SELECT rowid FROM t)",
        "SELECT q.rowid, q.n FROM (SELECT rowid, n FROM t GROUP BY g HAVING n = max(n)) q ORDER BY 1",
        "SELECT rowid, * FROM (SELECT rowid, * FROM t) ORDER BY 1",
        "SELECT rowid, count(*) FROM (SELECT rowid FROM t UNION ALL SELECT rowid FROM h) GROUP BY rowid ORDER BY rowid",
        "WITH RECURSIVE w AS (SELECT rowid FROM t UNION SELECT rowid + 1 FROM w WHERE rowid < 6) SELECT rowid FROM w ORDER BY rowid",
        "SELECT oid FROM (SELECT oid FROM h) ORDER BY oid",
        "SELECT oid FROM t UNION SELECT 9 ORDER BY id",
        "CREATE VIEW v AS SELECT oid, G FROM t",
        "SELECT * FROM v ORDER BY 1",
        "SELECT oid FROM v",
        "CREATE TABLE c AS SELECT _rowid_, g FROM t",
        "SELECT * FROM c ORDER BY 1",
    ]);
}
