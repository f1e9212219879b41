//! Aggregates in a subquery that belong to the query around it.

use crate::pragma_answers::{answer, same};
use crate::support::on_postgres;

const SCHEMA: [&str; 6] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, g TEXT COLLATE NOCASE, b BLOB)",
    "CREATE TABLE s(x INT, y INT)",
    "CREATE TABLE w(k INT, v TEXT)",
    "INSERT INTO t VALUES(1, 5, 'a', x'01'), (2, 7, 'B', x'02'), (3, 3, 'c', NULL)",
    "INSERT INTO s VALUES(1, 1), (2, 2), (3, 3)",
    "INSERT INTO w VALUES(5, 'five'), (7, 'seven')",
];

/// What SQLite answers for the query around is refused, where the subquery reads rows.
#[test]
fn an_aggregate_over_outer_columns_alone_is_refused_with_a_remedy() {
    on_postgres(|conn| {
        for sql in SCHEMA {
            conn.execute(sql, []).expect(sql);
        }
        for sql in [
            "SELECT (SELECT max(t.a) FROM s) FROM t",
            "SELECT (SELECT max(g) FROM s) FROM t",
            "SELECT (SELECT min(b) FROM s) FROM t",
            "SELECT (SELECT sum(a * 2) FROM s WHERE s.x <= t.id) FROM t",
            "SELECT a, (SELECT group_concat(t.g) FROM s) FROM t GROUP BY a",
            "SELECT (SELECT json_group_array(t.a) FROM s) FROM t",
            "SELECT (SELECT (SELECT max(t.a) FROM w) FROM s) FROM t",
            "SELECT (SELECT max(u.a) FROM s) FROM (SELECT a FROM t) u",
            "SELECT DISTINCT (SELECT count(t.a) FROM s) FROM t",
            "SELECT id FROM t GROUP BY id HAVING (SELECT max(t.a) FROM s) > 3",
            "INSERT INTO t(id, a) VALUES(9, 1) RETURNING (SELECT max(t.a) FROM s)",
            "INSERT INTO t(id, a) VALUES(1, 1) ON CONFLICT(id) DO UPDATE SET a = (SELECT max(excluded.a) FROM s)",
        ] {
            let found = answer(conn, sql);
            assert!(found.contains("() in a subquery over columns of the query around it alone"), "{sql}: {found}");
            assert!(found.contains("help: write the aggregate outside of the subquery"), "{sql}: {found}");
        }
    });
}

#[test]
fn an_aggregate_that_names_a_column_of_its_subquery_belongs_there() {
    same(&[
        &SCHEMA[..],
        &[
            "SELECT (SELECT max(t.a + s.x) FROM s) FROM t",
            "SELECT (SELECT group_concat(t.g, s.x) FROM s) FROM t",
            "SELECT (SELECT count(*) FROM s WHERE s.x < t.id), (SELECT sum(1) FROM s), (SELECT count(1 + 2) FROM s) FROM t",
            "SELECT (SELECT max(x) FROM (SELECT t.a AS x FROM s)) FROM t",
            "SELECT (SELECT max(value + t.a) FROM json_each('[1,2]')) FROM t",
            "SELECT (SELECT count(t.a) FILTER (WHERE s.x > 1) FROM s) FROM t",
            "SELECT (SELECT count(a) FROM t t2 WHERE t2.id <= t.id) FROM t",
            "SELECT (SELECT max(t.a, s.x) FROM s) FROM t",
            "SELECT (SELECT sum(t.a) OVER (ORDER BY s.x) FROM s LIMIT 1) FROM t",
            "SELECT (SELECT y FROM s GROUP BY y ORDER BY max(s.x) DESC LIMIT 1) FROM t",
            // Without rows of its own the subquery is PostgreSQL's as it is SQLite's.
            "SELECT (SELECT max(t.a)) FROM t",
            "SELECT (SELECT max(t.g)) FROM t",
            "SELECT (SELECT max(t.a) WHERE 1) FROM t",
            "CREATE TRIGGER tr AFTER INSERT ON w BEGIN UPDATE s SET y = (SELECT max(NEW.k) FROM t); END",
            "INSERT INTO w VALUES(11, 'x')",
            "SELECT * FROM s",
        ],
    ]
    .concat());
}

#[test]
fn an_aggregate_where_none_may_stand_is_sqlites_error() {
    same(
        &[
            &SCHEMA[..],
            &[
                "SELECT (SELECT v FROM w WHERE k = max(t.a)) FROM t",
                "SELECT (SELECT 1 WHERE max(t.a) > 1) FROM t",
                "SELECT (SELECT value FROM json_each(json_array(max(t.a)))) FROM t",
                "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s GROUP BY x HAVING max(t.a) > 3)",
                "SELECT id FROM t WHERE id IN (SELECT max(t.a) FROM s)",
                "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s WHERE x = max(t.a))",
                "SELECT * FROM t JOIN s ON (SELECT max(t.a) FROM w) > 1",
                "UPDATE t SET a = (SELECT max(t.a) FROM s) WHERE id = 1",
                "UPDATE t SET a = (SELECT max(a))",
                "DELETE FROM t WHERE id = (SELECT count(t.a) FROM s)",
                "SELECT * FROM t",
            ],
        ]
        .concat(),
    );
}
