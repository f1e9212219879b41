//! Values of unlike classes side by side: each keeps its own, and compares as on SQLite.

use crate::untyped::Both;
use sqlift::types::Value;

const SCHEMA: [&str; 2] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC, s TEXT, u, b BLOB)",
    "INSERT INTO t VALUES (1, 2, 2.0, 2, '2', 2, x'32'), (2, NULL, NULL, NULL, NULL, NULL, NULL), \
        (3, -7, -0.5, -7.5, 'abc', 'abc', x''), (4, 9007199254740993, 9007199254740992.0, 0, '4.5', 1.5, x'00'), \
        (5, 0, 0.0, 10, ' 5 ', 2.0, x'35')",
];

/// What may be refused, by a word of its message.
const REFUSALS: [&str; 11] = [
    " is compared with ",
    "lag() with a default",
    "not UTF-8",
    "has no exact form in",
    "on a blob",
    "of this value to a blob",
    "operator does not exist",
    "inconsistent types deduced",
    "does not fit the PostgreSQL type",
    "by the row",
    "compares",
];

fn values() -> Vec<Value> {
    let mut values = vec![Value::Null, Value::Integer(1), Value::Blob(b"ab".to_vec())];
    values.extend([2.5, 9_007_199_254_740_992.0].map(Value::Real));
    values.extend(["2", "abc"].map(|text| Value::Text(text.into())));
    values
}

/// No difference, and few refusals.
#[track_caller]
fn end(both: Both, most_refused: usize) {
    assert!(both.wrong.is_empty(), "{} differ:\n{}", both.wrong.len(), both.wrong.join("\n"));
    let unknown: Vec<_> =
        both.refused.iter().filter(|refusal| !REFUSALS.iter().any(|word| refusal.contains(word))).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(both.refused.len() <= most_refused, "{} refused: {:#?}", both.refused.len(), both.refused);
}

#[test]
fn bound_values_keep_their_class_in_expressions() {
    let mut both = Both::new();
    for expression in [
        "?1 + 1",
        "?1 || 'x'",
        "-?1",
        "+?1",
        "~?1",
        "abs(?1)",
        "length(?1)",
        "typeof(?1)",
        "quote(?1)",
        "hex(?1)",
        "upper(?1)",
        "round(?1)",
        "round(?1, 1)",
        "substr(?1, 1, 1)",
        "?1 IS 1",
        "?1 = 1",
        "?1 < 'a'",
        "?1 IN (1, 2.5, 'abc')",
        "?1 BETWEEN 1 AND 3",
        "coalesce(?1, 'z')",
        "coalesce(NULL, ?1) || ''",
        "ifnull(?1, 3)",
        "nullif(?1, 1)",
        "max(?1, 2)",
        "min(?1, 'b')",
        "CASE ?1 WHEN 1 THEN 'one' WHEN 'abc' THEN 'ABC' END",
        "CASE WHEN ?1 THEN 1 ELSE 0 END",
        "?1 AND 1",
        "NOT ?1",
        "?1 & 3",
        "?1 << 1",
        "?1 % 2",
        "?1 / 2",
        "CAST(?1 AS INTEGER)",
        "CAST(?1 AS TEXT)",
        "CAST(?1 AS REAL)",
        "CAST(?1 AS NUMERIC)",
        "?1 LIKE '%b%'",
        "?1 GLOB 'a*'",
        "instr(?1, 'b')",
        "replace(?1, 'b', 'c')",
        "trim(?1)",
        "json_array(?1)",
        "json_quote(?1)",
        "printf('%s %d %f', ?1, ?1, ?1)",
        "iif(?1, 'y', 'n')",
        "date(?1)",
        "json_object('a', ?1)",
        "concat(?1, 1)",
        "sign(?1)",
        "(SELECT ?1)",
        "1 IN (SELECT ?1)",
        "?1 COLLATE NOCASE = 'ABC'",
    ] {
        for value in values() {
            both.run(&format!("SELECT {expression}"), &[value]);
        }
    }
    for sql in [
        "SELECT coalesce(?1, ?2) || 'x'",
        "SELECT typeof(coalesce(?1, ?2))",
        "SELECT max(?1, ?2), min(?1, ?2) || ''",
        "SELECT quote(iif(?1, ?1, ?2)), quote(iif(NOT ?1, ?1, ?2))",
        "SELECT quote(nullif(?1, ?2))",
        "SELECT iif(1, ?1, ?2) / 2",
        "SELECT ?1 = ?2, ?1 < ?2, ?1 >= ?2, ?1 IS ?2",
        "SELECT ?1 UNION ALL SELECT ?2",
        "VALUES (?1), (?2)",
        "SELECT quote(a) FROM (SELECT ?1 AS a UNION ALL SELECT ?2)",
        "SELECT * FROM (VALUES (?1), (?2))",
        "SELECT json_array(coalesce(?1, ?2))",
        "SELECT replace(coalesce(?1, ?2), '1', 'z')",
        "SELECT ?1 + ?2, ?1 * ?2, ?1 || ?2",
        "SELECT group_concat(column1) FROM (VALUES (?1), (?2))",
    ] {
        for one in values() {
            for other in values() {
                both.run(sql, &[one.clone(), other]);
            }
        }
    }
    end(both, 60);
}

#[test]
fn bound_values_keep_their_class_beside_columns() {
    let mut both = Both::new();
    both.all(&SCHEMA);
    for expression in [
        "COL = ?1",
        "COL + 0 = ?1",
        "COL + 0 > ?1",
        "abs(COL) > ?1",
        "abs(COL) BETWEEN ?1 AND ?1",
        "COL || '' = ?1",
        "+COL < ?1",
        "coalesce(COL, ?1)",
        "coalesce(?1, COL) || ''",
        "COL + ?1",
        "max(COL, ?1)",
        "nullif(COL, ?1)",
        "nullif(?1, COL)",
        "COL IN (?1, 2)",
        "?1 IN (COL, 2)",
        "COL BETWEEN ?1 AND 5",
        "?1 BETWEEN COL AND 5",
        "CASE COL WHEN ?1 THEN 1 ELSE 0 END",
        "CASE ?1 WHEN COL THEN 1 ELSE 0 END",
        "iif(COL > ?1, COL, ?1)",
        "COL IS ?1",
        "(COL, 1) < (?1, 2)",
        "COL LIKE ?1",
        "(SELECT COL) = ?1",
        "quote(iif(id = 1, ?1, COL))",
        "COL % ?1",
        "COL || ?1",
    ] {
        for column in ["n", "x", "d", "s", "u", "b"] {
            for value in values() {
                both.run(&format!("SELECT id, {} FROM t ORDER BY id", expression.replace("COL", column)), &[value]);
            }
        }
    }
    end(both, 200);
}

#[test]
fn bound_values_keep_their_class_in_queries() {
    let mut both = Both::new();
    both.all(&SCHEMA);
    for query in [
        "SELECT COL FROM t UNION ALL SELECT ?1",
        "SELECT ?1 UNION ALL SELECT COL FROM t",
        "SELECT COL FROM t EXCEPT SELECT ?1",
        "SELECT count(*) FROM t WHERE COL IN (SELECT ?1)",
        "SELECT count(*) FROM t JOIN (SELECT ?1 AS p) ON p = COL",
        "SELECT max(coalesce(COL, ?1)), min(coalesce(COL, ?1)) FROM t",
        "SELECT group_concat(coalesce(COL, ?1)) FROM t WHERE id < 3",
        "SELECT coalesce(COL, ?1) AS k, count(*) FROM t GROUP BY k",
        "SELECT lag(COL, 1, ?1) OVER (ORDER BY id) FROM t ORDER BY id",
        "SELECT id FROM t ORDER BY coalesce(COL, ?1), id",
        "SELECT max(COL) > ?1 FROM t",
        "SELECT (SELECT max(COL) FROM t) > ?1",
    ] {
        for column in ["n", "x", "d", "s", "u", "b"] {
            for value in values() {
                both.run(&query.replace("COL", column), &[value]);
            }
        }
    }
    end(both, 90);
}

/// The joined column is the left one, or the right one of a RIGHT JOIN, with its class, and compares as the columns do.
#[test]
fn joined_columns_keep_their_class() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k INTEGER, s TEXT)",
        "CREATE TABLE r(id INTEGER PRIMARY KEY, k REAL, s TEXT COLLATE NOCASE)",
        "CREATE TABLE x(id INTEGER PRIMARY KEY, k TEXT, s BLOB)",
        "CREATE TABLE y(id INTEGER PRIMARY KEY, k, s NUMERIC)",
        "CREATE TABLE nn(id INTEGER PRIMARY KEY, k NUMERIC, s TEXT)",
        "INSERT INTO a VALUES (1, 2, 'a'), (2, 9007199254740993, 'B'), (3, NULL, NULL), (4, 7, '5')",
        "INSERT INTO r VALUES (1, 2.0, 'A'), (2, 9007199254740992.0, 'b'), (3, 2.5, NULL), (4, NULL, '5')",
        "INSERT INTO x VALUES (1, '2', x'61'), (2, '2.0', x'35'), (3, '9007199254740993', NULL), (4, ' 7', x'')",
        "INSERT INTO y VALUES (1, 2, 5), (2, 2.0, 5.5), (3, '2', NULL), (4, x'32', 7)",
        "INSERT INTO nn VALUES (1, 2, 'a'), (2, 2.5, 'b'), (3, 9007199254740993, 'A'), (4, NULL, '5')",
        "SELECT k, typeof(k) FROM a JOIN r USING (k)",
        "SELECT k, typeof(k) FROM r JOIN a USING (k)",
        "SELECT k, typeof(k) FROM a LEFT JOIN r USING (k)",
        "SELECT k, typeof(k) FROM r LEFT JOIN a USING (k)",
        "SELECT k, typeof(k) FROM a RIGHT JOIN r USING (k)",
        "SELECT k, typeof(k) FROM a FULL JOIN r USING (k)",
        "SELECT k, typeof(k) FROM r FULL JOIN a USING (k)",
        "SELECT * FROM a JOIN r USING (k)",
        "SELECT * FROM a FULL JOIN r USING (k)",
        "SELECT * FROM a FULL JOIN a AS b USING (k)",
        "SELECT a.k, r.k, k FROM a FULL JOIN r USING (k)",
        "SELECT k, typeof(k) FROM a JOIN x USING (k)",
        "SELECT k, typeof(k) FROM x JOIN a USING (k)",
        "SELECT k, typeof(k) FROM x LEFT JOIN a USING (k)",
        "SELECT k, typeof(k) FROM a FULL JOIN x USING (k)",
        "SELECT k, typeof(k) FROM r JOIN x USING (k)",
        "SELECT k, typeof(k) FROM a JOIN y USING (k)",
        "SELECT k, typeof(k) FROM y JOIN a USING (k)",
        "SELECT k, typeof(k) FROM y JOIN x USING (k)",
        "SELECT k, typeof(k) FROM y FULL JOIN x USING (k)",
        "SELECT k, typeof(k) FROM a JOIN nn USING (k)",
        "SELECT k, typeof(k) FROM nn JOIN a USING (k)",
        "SELECT k, typeof(k) FROM nn FULL JOIN r USING (k)",
        "SELECT s, typeof(s) FROM a JOIN r USING (s)",
        "SELECT s, typeof(s) FROM r JOIN a USING (s)",
        "SELECT s, typeof(s) FROM r LEFT JOIN a USING (s)",
        "SELECT s, typeof(s) FROM a JOIN x USING (s)",
        "SELECT s, typeof(s) FROM a JOIN y USING (s)",
        "SELECT s, typeof(s) FROM a JOIN nn USING (s)",
        "SELECT s FROM r JOIN nn USING (s)",
        "SELECT s FROM nn JOIN r USING (s)",
        "SELECT count(*) FROM a NATURAL JOIN r",
        "SELECT count(*) FROM a NATURAL JOIN x",
        "SELECT k FROM a JOIN r USING (k) JOIN nn USING (k)",
        "SELECT k FROM a JOIN r USING (k) WHERE k = 2",
        "SELECT k FROM a JOIN r USING (k) ORDER BY k",
        "SELECT k, count(*) FROM a JOIN r USING (k) GROUP BY k",
        "SELECT k || '' FROM a FULL JOIN r USING (k)",
        "SELECT max(k) FROM a FULL JOIN r USING (k)",
        "SELECT k + 1 FROM a FULL JOIN r USING (k)",
        "SELECT k, typeof(k) FROM a LEFT JOIN r USING (k) LEFT JOIN nn USING (k)",
        "CREATE TABLE r2(id INTEGER PRIMARY KEY, k REAL, s TEXT COLLATE NOCASE, w INTEGER)",
        "INSERT INTO r2 VALUES (1, 2.5, 'a', 1), (9, 7.5, 'B', 2), (2, 2.0, 'zz', 3)",
        "SELECT * FROM r FULL JOIN r2 USING (id)",
        "SELECT * FROM r RIGHT JOIN r2 USING (id)",
        "SELECT * FROM r LEFT JOIN r2 USING (id)",
        "SELECT id FROM r FULL JOIN r2 USING (id)",
        "SELECT id, k FROM r RIGHT JOIN r2 USING (id, k)",
        "SELECT * FROM r RIGHT JOIN r2 USING (id, k)",
        "SELECT * FROM r JOIN r2 USING (s)",
        "SELECT s FROM r JOIN r2 USING (s)",
        "SELECT s, count(*) FROM r JOIN r2 USING (s) GROUP BY s",
        "SELECT * FROM r NATURAL JOIN r2",
        "SELECT DISTINCT * FROM a FULL JOIN nn USING (id)",
        "SELECT * FROM a FULL JOIN nn USING (id) ORDER BY id",
        "SELECT id, count(*) FROM a FULL JOIN nn USING (id) GROUP BY id",
        "SELECT max(id) FROM a FULL JOIN nn USING (id)",
        "SELECT * FROM a FULL JOIN nn USING (id) FULL JOIN r2 USING (id)",
        "SELECT id FROM a FULL JOIN nn USING (id) FULL JOIN r2 USING (id)",
        "SELECT id FROM a LEFT JOIN nn USING (id) RIGHT JOIN r2 USING (id)",
        "SELECT * FROM a JOIN r USING (k) JOIN r2 USING (k)",
        "SELECT k FROM a JOIN r USING (k) LEFT JOIN r2 USING (k) WHERE k > 1",
        "SELECT a.*, r.k FROM a JOIN r USING (k)",
        "SELECT (SELECT k) FROM a JOIN r USING (k)",
        "SELECT k FROM (SELECT k FROM a JOIN r USING (k))",
        "SELECT * FROM (SELECT * FROM a JOIN r USING (k))",
        "SELECT k FROM a JOIN (SELECT k FROM r) USING (k)",
        "SELECT k FROM a AS \"A b\" JOIN r USING (k)",
        "SELECT k FROM (SELECT k + 0 AS k FROM a) JOIN x USING (k)",
        "SELECT k FROM (SELECT k || '' AS k FROM a) JOIN x USING (k)",
        "SELECT a FROM (SELECT 1 AS a) JOIN (SELECT 1.0 AS a) USING (a)",
        "SELECT a FROM (SELECT 1.0 AS a) JOIN (SELECT 1 AS a) USING (a)",
        "SELECT k FROM a JOIN r USING (k) WHERE EXISTS (SELECT 1 FROM nn WHERE nn.k = r.k)",
    ]);
    let sql = "SELECT a FROM (SELECT ?1 AS a) JOIN (SELECT ?2 AS a) USING (a)";
    both.run(sql, &[Value::Real(1.0), Value::Integer(1)]);
    both.run(sql, &[Value::Integer(1), Value::Real(1.0)]);
    both.end(&[("RIGHT or FULL JOIN USING columns of unlike types", 11), ("JOIN USING compares", 1)]);
}

/// UNION gives the last of values that are equal, INTERSECT the first.
#[test]
fn sets_keep_the_class_of_the_arm_that_counts() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL)",
        "INSERT INTO t VALUES (1, 2, 2.0), (2, 3, 2.0), (3, NULL, 5.5), (4, 2, 3.0), (5, 9007199254740993, 9007199254740992.0)",
        "SELECT 2 AS a UNION SELECT 2.0",
        "SELECT 2.0 AS a UNION SELECT 2",
        "SELECT 2 AS a UNION SELECT 2.0 ORDER BY a",
        "SELECT * FROM (SELECT 2 AS a UNION SELECT 2.0) ORDER BY a",
        "SELECT 2 UNION SELECT 2.0 UNION SELECT 2",
        "SELECT 1, 2 UNION SELECT 1.0, 2 UNION SELECT 1, 2.0",
        "SELECT n FROM t UNION SELECT x FROM t",
        "SELECT x FROM t UNION SELECT n FROM t",
        "SELECT x FROM t WHERE x > 1 UNION SELECT n FROM t WHERE n > 1 UNION SELECT x FROM t ORDER BY 1 DESC",
        "SELECT x FROM t INTERSECT SELECT n FROM t",
        "SELECT n FROM t INTERSECT SELECT x FROM t",
        "SELECT n FROM t UNION SELECT x FROM t INTERSECT SELECT n FROM t",
        "SELECT n FROM t EXCEPT SELECT x FROM t",
        "SELECT n FROM t INTERSECT SELECT x FROM t UNION SELECT x FROM t ORDER BY 1",
        "SELECT n FROM t INTERSECT SELECT x FROM t INTERSECT SELECT n FROM t ORDER BY 1",
        "SELECT n FROM t UNION ALL SELECT x FROM t INTERSECT SELECT n FROM t ORDER BY 1",
        "SELECT n FROM t /* a */ UNION /* b */ SELECT x FROM t -- c",
        "SELECT n FROM t UNION SELECT x FROM t EXCEPT SELECT 3.0 UNION SELECT 4 ORDER BY 1 LIMIT 3",
        "INSERT INTO t(x) SELECT n FROM t UNION SELECT x FROM t",
        "CREATE VIEW v AS SELECT n FROM t UNION SELECT x FROM t",
        "SELECT * FROM v ORDER BY 1",
        "SELECT count(*) FROM t WHERE n IN (SELECT x FROM t UNION SELECT n FROM t)",
        "SELECT quote(a) FROM (SELECT n AS a FROM t UNION SELECT x FROM t) ORDER BY 1",
    ]);
    both.run("SELECT n FROM t UNION SELECT ?1", &[Value::Real(2.0)]);
    both.run("SELECT ?1 UNION SELECT n FROM t", &[Value::Real(2.0)]);
    both.run("SELECT ?1 UNION SELECT ?2", &[Value::Real(2.0), Value::Integer(2)]);
    both.end(&[]);
}

/// SQLite stores no -0.0, and takes -x of what is no literal for 0 - x.
#[test]
fn zeros_have_the_sign_that_sqlite_gives() {
    let (sqlite, database) = (crate::support::sqlite(), sqlift::testing::database());
    let postgres = sqlift::Connection::open_url(database.url()).expect("the server takes connections");
    let zero = || vec![Value::Real(-0.0)];
    for (sql, params) in [
        ("CREATE TABLE z(id INTEGER PRIMARY KEY, x REAL, s TEXT)", vec![]),
        ("INSERT INTO z VALUES (1, ?1, ?1)", zero()),
        ("INSERT INTO z VALUES (2, -0.0, -0.0), (3, 0 * -1.0, 0 * -1.0), (4, '-0.0', '-0.0')", vec![]),
        ("SELECT * FROM z ORDER BY id", vec![]),
        ("SELECT -x, -(x + 0), x * -1, x / -1, abs(x), -abs(x), -sum(x) FROM z WHERE id = 1", vec![]),
        ("UPDATE z SET x = x * -1 RETURNING id, x + 0", vec![]),
        ("SELECT x FROM z ORDER BY id", vec![]),
        ("SELECT -0.0, - -0.0, -(0.0), 0 * -1.0, -?1, ?1, ?1 || '', quote(?1), CAST('-0.0' AS REAL)", zero()),
    ] {
        let ask = |conn| crate::differential::answer(conn, sql, &params, false).expect(sql);
        assert_eq!(ask(&postgres), ask(&sqlite), "{sql}");
    }
}

/// SQLite's sum stays a real once it has seen one; of values that are equal the first is the least and the largest.
#[test]
fn aggregates_keep_the_class_of_what_they_saw() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC)",
        "INSERT INTO t VALUES (1, 1, 1.0, 1), (2, 2, 2.5, 2.5), (3, 3, 3.0, 3), (4, 4, 4.0, 4), (5, 5, 9e999, 5)",
        "SELECT sum(d) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t",
        "SELECT sum(d) OVER w FROM t WINDOW w AS (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
        "SELECT sum(d) OVER (ORDER BY id) FROM t ORDER BY id",
        "SELECT sum(n) OVER (ORDER BY id ROWS 1 PRECEDING), sum(x) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t WHERE id < 5 ORDER BY id",
        "SELECT sum(d) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM t ORDER BY id",
        "SELECT avg(d) OVER (ORDER BY id ROWS 1 PRECEDING), total(d) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id",
        "SELECT sum(x), total(x), avg(x), sum(-x), max(x) FROM t",
        "SELECT max(column1), min(column1) FROM (VALUES (2.0), (2))",
        "SELECT max(column1), min(column1) FROM (VALUES (2), (2.0))",
        "SELECT max(n) = '5', min(n) < '0' FROM t",
    ]);
    both.end(&[("a frame that leaves rows behind", 2)]);
}

/// What random expressions over unlike types found.
#[test]
fn numbers_compute_and_compare_as_reals_and_integers() {
    let mut both = Both::new();
    both.all(&SCHEMA);
    both.all(&[
        "INSERT INTO t(id, n, x, d) VALUES (6, 3, 0.5, 0.1), (7, 9007199254740993, 1e300, 9007199254740993), (8, 7, 0.3, 2.5)",
        "SELECT id, d * 7, d * d, d + 0.2, d * n, d - 0.3, d / 3, d % 2, d + d, d * 2 FROM t ORDER BY id",
        "SELECT id, typeof(d * 2), d * d || '', max(d * n, 1) FROM t ORDER BY id",
        "SELECT count(*), n * d AS k FROM t GROUP BY k",
        "SELECT sum(d * 7), sum(n * d) FROM t WHERE id <> 4",
        "UPDATE t SET d = d * 2 WHERE id IN (6, 8) RETURNING d, typeof(d)",
        "SELECT id FROM t WHERE x IN (9007199254740993, 0.5) ORDER BY id",
        "SELECT id FROM t WHERE x IN (0.5, 9007199254740993, NULL) ORDER BY id",
        "SELECT id FROM t WHERE n + 0 IN (9007199254740992.0, 3, 2.0) ORDER BY id",
        "SELECT id FROM t WHERE n IN (SELECT x FROM t) ORDER BY id",
        "SELECT id FROM t WHERE +n IN (SELECT x FROM t) ORDER BY id",
        "SELECT id FROM t WHERE x IN (SELECT n FROM t) ORDER BY id",
        "SELECT id FROM t WHERE x IN (SELECT n + 0 FROM t) ORDER BY id",
        "SELECT id FROM t WHERE n + 0 IN (SELECT x + 0 FROM t) ORDER BY id",
        "SELECT id, max(d, 9007199254740992.0) % 2.0, max(n, 0.5) % 2.0 FROM t ORDER BY id",
    ]);
    both.run(
        "SELECT id, ?1 COLLATE NOCASE = d, ?1 COLLATE NOCASE = n FROM t ORDER BY id",
        &[Value::Real(9_007_199_254_740_992.0)],
    );
    for column in ["n", "x", "d", "s", "u", "b"] {
        let sql = format!(
            "UPDATE t SET {column} = f.v FROM (SELECT id AS k, ?1 AS v FROM t) AS f WHERE f.k = t.id AND t.id = 8"
        );
        both.run(&sql, &[Value::Null]);
        both.run(&sql.replace("?1", "NULL"), &[]);
    }
    both.end(&[]);
}

/// lag() and lead() give the value or the default, each of its own class.
#[test]
fn defaults_of_lag_have_their_own_class() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE j(id INTEGER PRIMARY KEY, s TEXT, n INTEGER, r REAL, b BLOB, u)",
        "INSERT INTO j VALUES (1, 'a', 1, 1.5, x'01', 'u'), (2, 'b', 2, 2.5, x'02', 5), (3, NULL, NULL, NULL, NULL, NULL)",
        "SELECT * FROM (SELECT id, lag(s, 1, 0) OVER (ORDER BY id) AS p FROM j) WHERE p = 0",
    ]);
    for value in ["s", "n", "r", "b", "u", "'x'", "5"] {
        for default in ["0", "0.5", "'x'", "x'00'", "NULL", "n", "u", "?1"] {
            for bound in [Value::Null, Value::Integer(7), Value::Real(7.5), Value::Text("t".into())] {
                let lag = format!("lag({value}, 1, {default}) OVER (ORDER BY id)");
                let sql = format!("SELECT id, {lag}, typeof({lag}), {lag} = 'a', coalesce({lag}, 'none') FROM j");
                if default != "?1" {
                    both.run(&sql, &[]);
                    break;
                }
                both.run(&sql, &[bound]);
            }
        }
    }
    both.end(&[]);
}

/// What JSON holds beside a query's values, be they JSON's or a table's.
#[test]
fn values_of_json_are_found_in_queries() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE w(id INTEGER PRIMARY KEY, s TEXT, c TEXT COLLATE NOCASE, r REAL, n INTEGER, u)",
        "INSERT INTO w VALUES (1, 'x', 'X', 1.0, 1, 1), (2, '1', 'b', 2.5, 9007199254740993, 'x'), (3, NULL, NULL, NULL, NULL, NULL)",
    ]);
    let documents =
        ["\"x\"", "1", "\"1\"", "1.0", "2.5", "null", "9007199254740993", "9007199254740992", "[1]", "true"];
    for document in &documents {
        let values = [Value::Text(format!("{{\"a\":{document}}}"))];
        for column in ["s", "c", "r", "n", "u", "n + 0", "s || ''"] {
            for json in ["json_extract(?1, '$.a')", "?1 ->> 'a'", "?1 -> 'a'"] {
                both.run(&format!("SELECT ({json}) IN (SELECT {column} FROM w), ({json}) NOT IN (SELECT {column} FROM w WHERE id < 3)"), &values);
            }
            both.run(
                &format!("SELECT value, value IN (SELECT {column} FROM w WHERE id < 3) FROM json_each(?1)"),
                &values,
            );
        }
        for other in &documents {
            let values = [values[0].clone(), Value::Text(format!("[{other}]"))];
            for sql in [
                "SELECT json_extract(?1, '$.a') IN (SELECT value FROM json_each(?2))",
                "SELECT ?1 ->> 'a' NOT IN (SELECT atom FROM json_each(?2))",
                "SELECT value FROM json_each(?1) WHERE value IN (SELECT value FROM json_each(?2))",
                "SELECT (json_extract(?1, '$.a'), 5) IN (SELECT value, 5 FROM json_each(?2))",
                "WITH ids AS (SELECT value FROM json_each(?2)) SELECT ?1 ->> 'a' IN ids",
            ] {
                both.run(sql, &values);
            }
        }
    }
    both.end(&[]);
}

/// Names of types whose affinity is INTEGER or NUMERIC, and whose columns hold blobs.
#[test]
fn geometries_and_bytes_are_blobs() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE geo(id INTEGER PRIMARY KEY, p POINT, y POLYGON NOT NULL DEFAULT x'', g GEOMETRY, b bytes UNIQUE, l LINESTRING)",
        "INSERT INTO geo(id, g, l) VALUES (1, x'010203', x'01')",
        "PRAGMA table_info(geo)",
    ]);
    for value in [Value::Blob(vec![0, 4]), Value::Blob(vec![])] {
        both.run("INSERT INTO geo(p, b) VALUES (?1, ?1)", &[value]);
    }
    for value in values() {
        both.run("SELECT id, p, y, g, b, l, typeof(p), hex(b) FROM geo WHERE b = ?1 OR p > ?1 ORDER BY b", &[value]);
    }
    both.run(
        "INSERT INTO geo(b) VALUES (?1) ON CONFLICT(b) DO UPDATE SET y = x'77' RETURNING y",
        &[Value::Blob(vec![0, 4])],
    );
    both.end(&[]);
}

/// What is an integer stays one where a value of any class is made of it; JSON's values have SQLite's order.
#[test]
fn classes_of_casts_and_json_values_are_kept() {
    let run = |conn: &mut sqlift::Connection| {
        let mut log = crate::support::Log::default();
        conn.execute_batch("CREATE TABLE made(u, d DEFAULT (CAST(1 AS DECIMAL)), b AS (CAST(u AS NUMERIC)))").unwrap();
        conn.execute(
            "INSERT INTO made(u) VALUES (CAST(1 AS DECIMAL)), (CAST(1.5 AS NUMERIC)), (CAST('7' AS NUMERIC))",
            [],
        )
        .unwrap();
        for sql in [
            "SELECT json_array(CAST(1 AS DECIMAL), CAST(2.0 AS NUMERIC), CAST('3' AS NUMERIC))",
            "SELECT quote(CAST(1 AS NUMERIC)) || quote(CAST(1.0 AS NUMERIC))",
            "SELECT coalesce(CAST(7 AS DECIMAL), 'x') || json_object('a', CAST(1 AS NUMERIC))",
            "SELECT CASE WHEN 1 THEN CAST(1 AS DECIMAL) ELSE 'a' END || ''",
            "SELECT group_concat(quote(u) || quote(d) || quote(b) || typeof(b)) FROM made",
            "SELECT quote(max(json_extract('[1]', '$[0]'), ''))",
            "SELECT quote(min(json_extract('[1]', '$[0]'), 'zz'))",
            r#"SELECT quote(max(json_extract('[1,"a"]', '$[0]'), json_extract('[1,"a"]', '$[1]')))"#,
            r#"SELECT quote(min(json_extract('[1,"a"]', '$[0]'), json_extract('[1,"a"]', '$[1]'), 'b'))"#,
            "SELECT quote(max(json_extract('[1]', '$[0]'), 2))",
            "SELECT quote(max(json_extract('[null]', '$[0]'), 2))",
            "SELECT (json_extract('[1]', '$'), 1) < (json_extract('[2]', '$[0]'), 2)",
            "SELECT (?1, 1) < (json_extract('[\"t\"]', '$[0]'), 2)",
            "SELECT (json_extract('[1]', '$[0]'), 1) > ('0', 2), (json_extract('[1]', '$[0]'), 1) = (1, 1)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (d ->> '$.a', id) > ('x', 1) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (d ->> '$.a', id) > (5, 1) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (d ->> '$.a', id) <= (n, 3) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (n, id) < (json_extract(d, '$.a'), 3) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (s, id) >= (json_extract(d, '$.a'), 3) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (json_extract(d, '$.a'), id) IN ((5, 1), ('x', 2), ('5', 4)) ORDER BY id)",
            "SELECT group_concat(id) FROM (SELECT id FROM docs WHERE (json_extract(d, '$.a'), id) BETWEEN (1, 0) AND ('m', 9) ORDER BY id)",
            "SELECT length(randomblob(100)) || ' ' || length(randomblob(-1)) || ' ' || length(randomblob(1000003))",
            "SELECT randomblob(9) <> randomblob(9)",
            "SELECT length(randomblob(1000000000000000))",
            "SELECT length(randomblob(2000000000))",
            "SELECT length(zeroblob(3000000000))",
        ] {
            let bound: &[&str] = if sql.contains('?') { &["2.0"] } else { &[] };
            let found =
                conn.query_row(sql, sqlift::params_from_iter(bound), |row| row.get::<_, sqlift::types::Value>(0));
            log.result(sql, found);
        }
        log
    };
    crate::support::same(run);
}

/// Integers beyond 2^53 count whole, beside reals too.
#[test]
fn averages_and_totals_of_either_class_keep_whole_integers() {
    crate::pragma_answers::same(&[
        "CREATE TABLE t(a INT, b REAL)",
        "INSERT INTO t VALUES(9007199254740993, 1.5), (-9007199254740992, 0.5), (1, 2.5)",
        "SELECT avg(x), total(x), sum(x) FROM (SELECT CASE WHEN a = 1 THEN b ELSE a END AS x FROM t)",
        "SELECT avg(CASE WHEN a = 1 THEN b ELSE a END), total(CASE WHEN a = 1 THEN b ELSE a END) FROM t",
        "SELECT avg(coalesce(NULL, a, b)), total(iif(a = 1, b, a)), avg(DISTINCT iif(a = 1, b, a)) FROM t",
        "SELECT a = 1, total(iif(a = 1, b, a)) OVER (ORDER BY a), avg(iif(a = 1, b, a)) OVER (ORDER BY a) FROM t",
        "SELECT avg(max(a, b)), total(max(a, 0.5)) FROM t WHERE a > 5000 OR a = 1",
        "SELECT total(iif(a = 1, b, a)), avg(iif(a = 1, b, a)) FROM t WHERE a = 3",
    ]);
}
