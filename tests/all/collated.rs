//! Which collation counts where several meet, and that the result keeps its own case.

use sqlift::types::Value;

use crate::constraint_conflicts::check;
use crate::support;

const ROWS: [&str; 2] = [
    "CREATE TABLE nc (id INTEGER PRIMARY KEY, t TEXT COLLATE NOCASE, u TEXT, x, r REAL)",
    "INSERT INTO nc VALUES (1, 'abc', 'ABC', 'Abc', 1.5), (2, 'Zz', 'zz', x'61', 2.0), (3, NULL, 'q', 'Q', NULL), (4, 'a', 'A', 7, 7.0)",
];

fn compared(statements: &[&str]) {
    check(&[&ROWS[..], statements].concat());
}

#[test]
fn nullif_by_the_first_arguments_collation() {
    compared(&[
        "SELECT nullif(t, u), nullif(u, t), nullif(t, 'ABC'), nullif('ABC', t), nullif(u, 'abc') FROM nc ORDER BY id",
        "SELECT nullif(x, t), nullif(t, x), nullif(u COLLATE NOCASE, t), nullif(u, t COLLATE NOCASE) FROM nc ORDER BY id",
        "SELECT nullif(t, NULL), nullif(NULL, t), nullif(t, 5), nullif(5, t), nullif(t, r), nullif(t COLLATE BINARY, 'ABC') FROM nc ORDER BY id",
        "SELECT id FROM nc WHERE nullif(t COLLATE NOCASE, 'q') = 'ABC'",
        "SELECT id FROM nc WHERE nullif(t, 'q') = 'ABC'",
        // Of an integer or a real by the row it stays what it is.
        "SELECT nullif(max(9223372036854775807, 1e3), 1e3), typeof(nullif(max(9223372036854775807, 1e3), 1e3))",
        "SELECT CASE WHEN id > 1 THEN min(nullif(x'', x''), NULL) ELSE nullif(max(9223372036854775807, 1e3), 1e3) END FROM nc",
    ]);
}

#[test]
fn rows_in_a_query() {
    compared(&[
        "SELECT id FROM nc WHERE (u, id) IN (SELECT t, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE (t, id) IN (SELECT u, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE (t, id) NOT IN (SELECT u, id FROM nc WHERE id < 2) ORDER BY id",
        "SELECT id FROM nc WHERE (lower(u), id) IN (SELECT t, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE (x, id) IN (SELECT t, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE (t, r) IN (SELECT u, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE (r, u) IN (SELECT id, t FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE ('1', id) IN (SELECT id, id FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE u IN (SELECT t FROM nc) ORDER BY id",
        "SELECT id FROM nc WHERE t IN (SELECT u FROM nc) ORDER BY id",
    ]);
    support::both(|conn| {
        conn.execute_batch(&ROWS.join(";")).unwrap();
        let sql = "SELECT id FROM nc WHERE (coalesce(?1, t), id) IN (SELECT t, id FROM nc)";
        assert_eq!(conn.query_row(sql, ["ABC"], |row| row.get::<_, i64>(0)).unwrap(), 1);
        let sql = "SELECT nullif(t, ?1), nullif(?1, t) FROM nc WHERE id = 1";
        let row = |row: &sqlift::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let nulls: (Value, Value) = conn.query_row(sql, ["ABC"], row).unwrap();
        assert_eq!(nulls, (Value::Null, Value::Null));
        let one: (Value, Value) = conn.query_row(sql, [5], row).unwrap();
        assert_eq!(one, (Value::Text("abc".to_owned()), Value::Integer(5)));
    });
}

#[test]
fn a_cast_of_a_column_has_the_columns_collation() {
    compared(&[
        "SELECT CAST(x AS TEXT) > t, CAST(t AS TEXT) = u, CAST(u AS TEXT) = t, t = CAST(u AS TEXT) FROM nc ORDER BY id",
    ]);
}

#[test]
fn casts_to_a_blob() {
    compared(&[
        "SELECT CAST(id > 2 AS BLOB), CAST(CASE WHEN id > 2 THEN 1 ELSE 2.5 END AS BLOB), CAST(r AS BLOB) FROM nc ORDER BY id",
        "SELECT CAST(x AS BLOB), CAST(max(id, 1e3) AS BLOB), CAST(1.5 AS BLOB), CAST(NULL AS BLOB) FROM nc ORDER BY id",
    ]);
    support::both(|conn| {
        let values = [
            (Value::Text("é".to_owned()), "é".as_bytes().to_vec()),
            (Value::Integer(5), b"5".to_vec()),
            (Value::Real(2.0), b"2.0".to_vec()),
            (Value::Blob(vec![255, 0]), vec![255, 0]),
        ];
        for (value, bytes) in values {
            let found: Vec<u8> = conn.query_row("SELECT CAST(?1 AS BLOB)", [&value], |row| row.get(0)).unwrap();
            assert_eq!(found, bytes, "{value:?}");
        }
        let found: Value = conn.query_row("SELECT CAST(?1 AS BLOB)", [None::<i64>], |row| row.get(0)).unwrap();
        assert_eq!(found, Value::Null);
    });
}

/// What is made of a column has no collation, and meets another column's.
#[test]
fn expressions_over_columns_of_two_collations() {
    compared(&[
        "SELECT id FROM nc WHERE coalesce(t, u) = u ORDER BY id",
        "SELECT id FROM nc WHERE (t || u) > u ORDER BY id",
        "SELECT id FROM nc WHERE lower(t) = u OR (SELECT t) = u OR nullif(t, 'q') = u ORDER BY id",
        "SELECT id, u IN (t), u IN (t, 'zz'), t IN (u, 'zz') FROM nc ORDER BY id",
        "SELECT id, CASE WHEN id > 2 THEN t ELSE u END FROM nc ORDER BY 2",
        "SELECT DISTINCT CASE WHEN id > 2 THEN t ELSE u END FROM nc ORDER BY 1",
        "SELECT id, CASE WHEN id > 2 THEN printf('%d|%s', id, t) ELSE u END FROM nc ORDER BY 2",
        "SELECT id FROM nc WHERE (t COLLATE BINARY) = u OR (t COLLATE BINARY || u) > u ORDER BY id",
        "SELECT id FROM nc WHERE substr(t, 1) = u OR trim(t) = u OR replace(t, u, u) = u ORDER BY id",
        "CREATE VIEW v AS SELECT id, coalesce(t, u) AS x, t || '' AS y, t AS z, lower(t) AS w FROM nc",
        "SELECT id FROM v WHERE x = 'ABC' OR y = 'ABC' OR w = 'ABC' ORDER BY id",
        "SELECT id FROM v WHERE z = 'ABC' ORDER BY id",
    ]);
}

#[test]
fn values_of_unlike_classes_meet_several_at_once() {
    compared(&[
        "SELECT id, id IN (1, '2', x'33'), id IN ('abc'), u IN ('A', 5) FROM nc ORDER BY id",
        "SELECT id, r BETWEEN '1' AND 'x', r NOT BETWEEN '1' AND 'x', u BETWEEN 1 AND 'b', 5 BETWEEN '1' AND 9 FROM nc ORDER BY id",
        "SELECT id, '2' BETWEEN id AND 5, '2' NOT BETWEEN id AND 'x', 'B' BETWEEN t AND 5, t BETWEEN 'A' AND x'00' FROM nc ORDER BY id",
        "SELECT id, CASE id WHEN '2' THEN 'two' WHEN 3 THEN 'three' END, CASE 5 WHEN '5' THEN 1 ELSE 2 END FROM nc ORDER BY id",
        "SELECT id, id BETWEEN '1' AND 2, 5 BETWEEN u AND 9, CASE id WHEN '1' THEN 1 WHEN 2 THEN 2 END FROM nc ORDER BY id",
        "SELECT id, (id, 'b') BETWEEN (1, 1) AND (6, 'z'), (id, 'b') NOT BETWEEN (1, 'b') AND (2, 5), (id, r) BETWEEN (1, 1) AND (4, 'x') FROM nc ORDER BY id",
        "SELECT id, (id, u) = (1, 'ABC'), (id, u) < ('2', 5), (1, '1') IS ('1', 1) FROM nc ORDER BY id",
    ]);
}

/// An expression that is NULL for every row has no type that another could be at odds with.
#[test]
fn expressions_of_null_alone() {
    compared(&[
        "SELECT id, coalesce(nullif(NULL, id), id) + 1, max(1, nullif(NULL, 'x')), -nullif(NULL, 1) FROM nc ORDER BY id",
        "UPDATE nc SET r = nullif(NULL, u), u = (SELECT NULL FROM nc WHERE id = 1), x = CASE WHEN id > 2 THEN NULL END WHERE id = 4",
        "SELECT * FROM nc ORDER BY id",
        "SELECT CASE WHEN id > 1 THEN NULL ELSE NULL END FROM nc INTERSECT SELECT r FROM nc",
        "SELECT count(nullif(NULL, 1)), sum(nullif(NULL, id)), typeof(nullif(NULL, id)) FROM nc GROUP BY nullif(NULL, id)",
        "INSERT INTO nc (id, r) VALUES (9, nullif(NULL, 'a')), (10, CASE WHEN 1 THEN NULL END)",
    ]);
}

/// A column of a subquery, common table or view has a collation of its own, BINARY where an expression has none.
#[test]
fn columns_that_an_expression_makes() {
    compared(&[
        "CREATE VIEW v AS SELECT id, upper(t) AS up, lower(u) AS low, u COLLATE NOCASE AS un, t || '' AS tt, CAST(t AS TEXT) AS ct, max(t, u) AS m FROM nc",
        "SELECT v.id FROM v JOIN nc ON v.up = nc.t ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON nc.t = v.up ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON v.low = nc.t ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON v.un = nc.u ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON nc.u = v.un ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON v.tt = nc.u ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON v.ct = nc.u ORDER BY 1",
        "SELECT v.id FROM v JOIN nc ON v.m = nc.t ORDER BY 1",
        "SELECT up IN (SELECT t FROM nc), low NOT IN (SELECT t FROM nc WHERE id < 3), un IN (SELECT t FROM nc) FROM v ORDER BY id",
        "SELECT up BETWEEN t AND t, t BETWEEN up AND low, un BETWEEN u AND u FROM v JOIN nc USING (id) ORDER BY id",
        "SELECT CASE up WHEN t THEN 'same' END, CASE t WHEN up THEN 'same' END, nullif(low, t), nullif(t, low), max(low, t) FROM v JOIN nc USING (id) ORDER BY id",
        "SELECT count(*) FROM (SELECT lower(u) AS t FROM nc) JOIN nc USING (t)",
        "SELECT count(*) FROM nc JOIN (SELECT lower(u) AS t FROM nc) USING (t)",
        "WITH c (q) AS (VALUES ('ABC'), ('zz')) SELECT id FROM c JOIN nc ON c.q = nc.t ORDER BY 1",
        "WITH c (q) AS (VALUES ('ABC'), ('zz')) SELECT id FROM c JOIN nc ON nc.t = c.q ORDER BY 1",
        "WITH RECURSIVE c (q, n) AS (SELECT 'A', 1 UNION ALL SELECT c.q, n + 1 FROM c JOIN nc ON c.q = nc.t WHERE n < 3) SELECT * FROM c",
        "SELECT u FROM (SELECT lower(u) AS u FROM nc) UNION SELECT t FROM nc ORDER BY 1",
        "SELECT u FROM (SELECT u COLLATE NOCASE AS u FROM nc) WHERE u = 'Abc' OR upper(u) = 'zz'",
        "SELECT q.id FROM (SELECT id, max(t) AS m, u FROM nc GROUP BY id) q WHERE q.m = q.u ORDER BY 1",
        "SELECT nc.id FROM nc JOIN (SELECT coalesce(x, 1) AS q FROM nc) s ON s.q = nc.t ORDER BY 1",
    ]);
    support::both(|conn| {
        conn.execute_batch(&ROWS.join(";")).unwrap();
        let count = |on: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM (SELECT ?1 AS q) c JOIN nc ON {on}");
            conn.query_row(&sql, ["ABC"], |row| row.get(0)).unwrap()
        };
        assert_eq!([count("c.q = nc.t"), count("nc.t = c.q")], [0, 1]);
    });
}

/// Outside of a compound SELECT its column has the first arm's collation, in ORDER BY and UNION that of the first arm that has one.
#[test]
fn arms_of_several_collations() {
    compared(&[
        "SELECT q FROM (SELECT t AS q FROM nc UNION ALL SELECT u FROM nc) WHERE q = 'ABC' OR q = 'ZZ' ORDER BY q",
        "SELECT q FROM (SELECT u AS q FROM nc UNION ALL SELECT t FROM nc) WHERE q = 'ABC' OR q = 'ZZ' ORDER BY q",
        "SELECT q FROM (SELECT 'q' AS q UNION ALL SELECT t FROM nc) WHERE q = 'ABC' OR q = 'a' ORDER BY q",
        "SELECT q FROM (SELECT upper(u) AS q FROM nc UNION SELECT t FROM nc) WHERE q = 'zz' OR q = 'a'",
        "SELECT q FROM (SELECT t AS q FROM nc UNION ALL SELECT u FROM nc UNION ALL SELECT t FROM nc) WHERE q >= 'B' ORDER BY q",
        "SELECT u FROM nc UNION ALL SELECT t FROM nc ORDER BY 1",
        "SELECT 'B' UNION ALL SELECT t FROM nc UNION ALL SELECT u FROM nc WHERE id = 3 ORDER BY 1",
        "SELECT max(q), min(q) FROM (SELECT u AS q FROM nc UNION ALL SELECT t FROM nc)",
        "SELECT count(*) FROM nc JOIN (SELECT u AS q FROM nc UNION ALL SELECT t FROM nc) ON q = t",
        "SELECT count(*) FROM nc JOIN (SELECT t AS q FROM nc UNION ALL SELECT u FROM nc) ON q = u",
        "WITH RECURSIVE c (q, n) AS (SELECT 'zz', 1 UNION ALL SELECT t, n + 1 FROM c, nc WHERE n < 2) SELECT q FROM c WHERE q = 'ZZ' OR q = 'a' ORDER BY 1",
        "CREATE VIEW w AS SELECT u AS q FROM nc UNION ALL SELECT t FROM nc",
        "CREATE VIEW x AS SELECT t AS q FROM nc UNION ALL SELECT u FROM nc",
        "SELECT q FROM w WHERE q = 'abc' ORDER BY 1",
        "SELECT count(*) FROM x WHERE q = 'abc'",
        "SELECT q FROM (SELECT NULL AS q UNION ALL SELECT id FROM nc) WHERE q = '2'",
        "SELECT q FROM (SELECT NULL AS q UNION ALL SELECT u FROM nc) WHERE q = 5 OR q = 'q'",
    ]);
}

/// One value that stands once is compared by several collations.
#[test]
fn each_comparison_of_case_and_between_has_its_own_collation() {
    compared(&[
        "SELECT id, CASE u WHEN t THEN 'y' WHEN 'A' THEN 'f' ELSE 'n' END, CASE t WHEN u THEN 'y' WHEN 'x' THEN 'f' END FROM nc ORDER BY id",
        "SELECT id, CASE u || '' WHEN 'zz' THEN 'z' WHEN t THEN 'y' WHEN u THEN 'f' ELSE 'n' END FROM nc ORDER BY id",
        "SELECT id, CASE 'ABC' WHEN lower(u) THEN 1 WHEN u COLLATE NOCASE THEN 2.5 WHEN NULL THEN 3 END FROM nc ORDER BY id",
        "SELECT id, CASE 'abc' WHEN u THEN 1 WHEN t THEN 2 END, 'abc' BETWEEN u AND t, 'abc' BETWEEN t AND u FROM nc ORDER BY id",
        "SELECT id, u || '' BETWEEN t AND u, u || '' NOT BETWEEN u AND t, t BETWEEN u AND u, u BETWEEN t AND t FROM nc ORDER BY id",
    ]);
}
