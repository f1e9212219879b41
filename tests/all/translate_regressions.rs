//! Statements that once gave another answer on PostgreSQL without a word: now the same, or refused.

use crate::support;
use sqlift::types::{Value, ValueRef};
use sqlift::{Connection, params_from_iter};

const SCHEMA: &str = "
CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, s TEXT, f BOOLEAN, at DATETIME);
CREATE TABLE u(k TEXT PRIMARY KEY, n INTEGER, nc TEXT COLLATE NOCASE, b BLOB);
CREATE TABLE t3(k INTEGER);
CREATE VIEW seen AS SELECT id, id + 10 AS a, CAST(id AS TEXT) AS b, upper(s) AS c, n AS d, json_extract(j, '$') AS e FROM t, (SELECT json_quote('x') AS j);
CREATE TABLE wide(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC);
INSERT INTO wide VALUES (1, 9007199254740993, 9007199254740992.0, 9007199254740993), (2, 9007199254740992, 9007199254740992.0, 2.5),
    (3, 5, 5.5, 7), (4, NULL, NULL, NULL), (5, 9223372036854775807, 9223372036854775808.0, 1), (6, 3, 3.0, 3);
INSERT INTO t3 VALUES (7), (8);
INSERT INTO t VALUES (1, 10, 1.5, 'abc', 1, '2024-01-31 10:20:30'), (2, NULL, -2.5, 'ABC', 0, NULL), (3, -7, NULL, '12', NULL, NULL);
INSERT INTO u VALUES ('a', 1, 'Abc', NULL), ('B', 2, 'aBC', NULL), ('c', 3, NULL, NULL), ('z z', 5, 'X', NULL);";

enum Must {
    BeSame,
    BeRefused,
}
use Must::{BeRefused, BeSame};

fn answer(conn: &Connection, sql: &str, params: &[Value]) -> Result<String, String> {
    let mut statement = conn.prepare(sql).map_err(|error| error.to_string())?;
    let columns = statement.column_count();
    let mut text = String::new();
    let mut rows = statement.query(params_from_iter(params)).map_err(|error| error.to_string())?;
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        for index in 0..columns {
            let value = row.get_ref(index).map_err(|error| error.to_string())?;
            text += &match value {
                ValueRef::Real(real) => format!("REAL {real:?} | "),
                other => format!("{other:?} | "),
            };
        }
        text += "\n";
    }
    Ok(text)
}

fn cases() -> Vec<(Must, &'static str, Vec<Value>)> {
    let real = |real: f64| vec![Value::Real(real)];
    let integer = |integer: i64| vec![Value::Integer(integer)];
    let text = |text: &str| vec![Value::Text(text.into())];
    let blob = || vec![Value::Blob(vec![0, 255])];
    let null = || vec![Value::Null];
    vec![
        // A parameter beside integers keeps its class, and an integer column refuses what it cannot keep.
        (BeRefused, "INSERT INTO t(id, n) VALUES (30, coalesce(?1, 3))", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) VALUES (31, -?1)", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) VALUES (32, +?1)", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) VALUES (33, iif(1, ?1, 2))", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) VALUES (34, max(?1, 1))", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) SELECT 35, ?1 UNION ALL SELECT 36, 3", real(1.5)),
        (BeRefused, "INSERT INTO t(id, n) SELECT 35, coalesce(?1, 1) UNION ALL SELECT 36, 3", real(1.5)),
        (BeRefused, "UPDATE t SET n = coalesce(?1, n) WHERE id = 1", real(1.5)),
        (BeRefused, "INSERT INTO t(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET n = coalesce(?1, 2)", real(1.5)),
        (BeSame, "UPDATE t SET n = coalesce(?1, n), x = coalesce(?1, x) WHERE id = 1 RETURNING n, x", integer(5)),
        (BeSame, "UPDATE t SET n = coalesce(?1, n) WHERE id = 1 RETURNING n", null()),
        (BeSame, "SELECT coalesce(?1, 1) / 4", real(2.0)),
        (BeSame, "SELECT coalesce(?1, 1) / 4", null()),
        (BeSame, "SELECT substr('abcdef', coalesce(?1, 1)), coalesce(?1, 1) & 7", real(66.7)),
        (BeRefused, "SELECT id FROM t LIMIT 1 OFFSET coalesce(?1, 0)", real(0.6)),
        (BeSame, "SELECT typeof(CASE WHEN 0 THEN ?1 ELSE 'a' END)", blob()),
        (BeSame, "SELECT typeof(iif(0, ?1, '12'))", integer(5)),
        (BeRefused, "INSERT INTO u(k, nc) VALUES ('q', coalesce(?1, 'a'))", blob()),
        // What a function gives has no collation of its own; a parameter in a subquery meets the left side's.
        (BeSame, "SELECT k FROM u WHERE nullif(k, ?1) = nc OR nullif(k, ?1) < nc ORDER BY k", text("")),
        (BeSame, "SELECT k FROM u WHERE nc IN (SELECT ?1 FROM u WHERE nc IS NOT NULL) ORDER BY k", text("ABC")),
        // Where the left side of IN has no collation, the subquery's column decides.
        (
            BeSame,
            "SELECT k FROM u WHERE 'ABC' IN (SELECT nc FROM u) AND ?1 IN (SELECT nc FROM u) ORDER BY k",
            text("aBc"),
        ),
        (BeSame, "SELECT k FROM u WHERE lower(nc) IN (SELECT nc FROM u WHERE n < 3) ORDER BY k", vec![]),
        (
            BeSame,
            "SELECT id FROM t WHERE s || '' IN (SELECT nc FROM u) OR ?1 NOT IN (SELECT nc FROM u) ORDER BY id",
            text("q"),
        ),
        (
            BeSame,
            "SELECT coalesce(y, ?1) - 0, coalesce(y, ?1) + 0, coalesce(y, ?1) * 1 FROM (SELECT -9223372036854775807 - 1 AS y)",
            integer(1),
        ),
        (BeRefused, "SELECT coalesce(y, ?1) - 1 FROM (SELECT -9223372036854775807 - 1 AS y)", integer(1)),
        // Sums of integers beyond 53 bits.
        (
            BeSame,
            "SELECT sum(coalesce(y, ?1)) FROM (SELECT -9223372036854775807 AS y UNION ALL SELECT 2147483648 UNION ALL SELECT 25)",
            integer(1),
        ),
        (
            BeSame,
            "SELECT sum(coalesce(y, ?1)) FROM (SELECT 9223372036854775807 AS y UNION ALL SELECT -2147483648 UNION ALL SELECT -9007199254740993)",
            integer(1),
        ),
        // Integers among reals.
        (BeSame, "SELECT n FROM t UNION SELECT 1.5 ORDER BY 1", vec![]),
        (BeSame, "SELECT coalesce(n, x) / 4 FROM t ORDER BY id", vec![]),
        (BeSame, "SELECT coalesce(n, x) || '' FROM t ORDER BY id", vec![]),
        (BeSame, "SELECT typeof(coalesce(n, x)) FROM t ORDER BY id", vec![]),
        (
            BeSame,
            "SELECT coalesce(x, 0), coalesce(x, n) * 2, -coalesce(n, x) + 0.1, coalesce(n, x) % 3 FROM t ORDER BY id",
            vec![],
        ),
        (BeSame, "SELECT coalesce(x, 0) AS k, count(*) FROM t GROUP BY coalesce(x, 0) ORDER BY k DESC", vec![]),
        (BeSame, "SELECT DISTINCT coalesce(x, 0) FROM t ORDER BY coalesce(x, 0)", vec![]),
        (BeSame, "SELECT sum(coalesce(x, 0)), coalesce(sum(x), 0), min(coalesce(x, n)) FROM t WHERE x IS NULL", vec![]),
        (BeSame, "SELECT coalesce(n, ?1) AS k FROM t ORDER BY k, id", real(1.5)),
        (BeSame, "SELECT coalesce(n, ?1) AS k FROM t ORDER BY k, id", integer(1)),
        (BeSame, "SELECT k / 2 FROM (SELECT coalesce(n, ?1) AS k FROM t) ORDER BY 1", real(1.5)),
        (
            BeSame,
            "SELECT a / 2, typeof(a) FROM (SELECT 1 AS a UNION ALL SELECT 2.5 UNION ALL SELECT 7) ORDER BY a",
            vec![],
        ),
        (BeSame, "SELECT hex(max(n, x)), quote(min(n, x)), json_array(coalesce(n, x)) FROM t ORDER BY id", vec![]),
        // Columns declared DATETIME have numeric affinity.
        (BeSame, "SELECT id FROM t WHERE at > '2024' OR at < 5 OR at = 0.5 ORDER BY id", vec![]),
        (BeSame, "SELECT id FROM t WHERE at IS 5 OR at IS NOT 6 ORDER BY id", vec![]),
        (BeSame, "SELECT id FROM t WHERE at > ?1 AND at < datetime('now') ORDER BY id", text("2024-01-01")),
        (BeSame, "SELECT id FROM t WHERE at > ?1", integer(5)),
        (BeRefused, "SELECT id FROM t WHERE at > ?1", text("2024")),
        (BeRefused, "SELECT id FROM t WHERE at < strftime('%s', 'now')", vec![]),
        (BeRefused, "UPDATE t SET at = 5 WHERE id = 1", vec![]),
        (BeRefused, "UPDATE t SET at = ?1 WHERE id = 1", integer(5)),
        (BeRefused, "UPDATE t SET at = ?1 WHERE id = 1", text(" 5 ")),
        (BeSame, "UPDATE t SET at = ?1 WHERE id = 3 RETURNING at", null()),
        // Names, rows, order of compounds and recursions.
        (BeSame, "SELECT * FROM (SELECT id, id, n AS id FROM t) ORDER BY 1", vec![]),
        (
            BeSame,
            "SELECT \"id:1\", id FROM (SELECT a.id, b.id FROM t a JOIN t b ON b.id = a.id + 1) ORDER BY 1",
            vec![],
        ),
        (BeSame, "WITH c AS (SELECT id, n AS id FROM t) SELECT \"id:1\" FROM c ORDER BY id", vec![]),
        (
            BeSame,
            "WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 4 ORDER BY 1 DESC) SELECT x FROM c",
            vec![],
        ),
        (
            BeSame,
            "WITH c(x) AS (SELECT id FROM t UNION ALL SELECT x + 1 FROM c WHERE x < 4 ORDER BY 1 DESC) SELECT x FROM c",
            vec![],
        ),
        (BeSame, "SELECT nc FROM u UNION ALL SELECT 'b' UNION ALL SELECT 'C' ORDER BY nc DESC, 1", vec![]),
        (BeSame, "SELECT k FROM u UNION SELECT s FROM t ORDER BY k COLLATE NOCASE, k", vec![]),
        (BeSame, "SELECT n + 1 FROM t UNION SELECT n FROM u ORDER BY n + 1", vec![]),
        (BeSame, "SELECT id, a.id, b.id FROM t a LEFT JOIN t b USING (id) ORDER BY id", vec![]),
        (BeSame, "SELECT b.id FROM t a LEFT JOIN (SELECT id FROM t WHERE id > 1) b USING (id) ORDER BY id", vec![]),
        (
            BeSame,
            "SELECT id FROM t WHERE (id, s) IN ((1, 'abc'), (2, 'x')) OR (id, n) = (SELECT id, n FROM t WHERE id = 3)",
            vec![],
        ),
        (BeSame, "SELECT id FROM t WHERE (id, 1) BETWEEN (1, 2) AND (3, 0) ORDER BY 1", vec![]),
        (BeSame, "SELECT k FROM u WHERE nc IN (SELECT 'ABC') ORDER BY k", vec![]),
        (
            BeSame,
            "SELECT nullif(CAST(id AS TEXT), 1), CASE NULL WHEN 1 THEN 2 END, sum(NULL) FROM t WHERE id = 1",
            vec![],
        ),
        // Values of any class in one order; text by its bytes whatever the database's collation.
        (BeSame, "SELECT value FROM json_each('[1,\"B\",2.5,\"a\",null,10,\"10\",-3]') ORDER BY value DESC", vec![]),
        (BeSame, "SELECT value FROM json_each('[1,\"B\",2.5,\"a\",10]') WHERE value > 2 ORDER BY 1", vec![]),
        (BeSame, "SELECT value FROM json_each('[1,2,3,\"a\"]') WHERE value BETWEEN 2 AND 'b'", vec![]),
        (BeSame, "SELECT coalesce(s, n, 0) AS k, iif(n > 0, 'x', id) FROM t ORDER BY k DESC, 2", vec![]),
        (
            BeSame,
            "SELECT ?1 < ?2, ?1 >= ?2, max(?1, ?2), min(?1, ?2)",
            vec![Value::Text("a".into()), Value::Text("B".into())],
        ),
        (BeSame, "SELECT ?1 < ?2, ?1 >= ?2", vec![Value::Text("1".into()), Value::Real(2.0)]),
        (BeSame, "SELECT DISTINCT iif(id > 2, 'a', 'B') AS k FROM t ORDER BY k", vec![]),
        // Beyond 64 bits.
        (BeSame, "SELECT 9223372036854775807 + 1 - 1, -9223372036854775808 - 1, 4611686018427387904 * 2", vec![]),
        (BeSame, "SELECT - -9223372036854775808, -9223372036854775808 / -1, -2147483648 - 1", vec![]),
        (BeRefused, "SELECT n + 9223372036854775807 FROM t WHERE id = 1", vec![]),
        (BeSame, "SELECT CAST(coalesce(n, x) AS REAL) / 4 FROM t ORDER BY id", vec![]),
        (BeSame, "SELECT printf('%.2f', coalesce(x, 0)) FROM t ORDER BY id", vec![]),
        // NOCASE.
        (BeSame, "SELECT nc FROM u GROUP BY 1 ORDER BY 1", vec![]),
        (BeSame, "SELECT nc AS w, count(*) FROM u GROUP BY w ORDER BY w", vec![]),
        (BeSame, "SELECT DISTINCT nc FROM u ORDER BY nc DESC", vec![]),
        (BeSame, "SELECT min(nc), max(nc), max(b) FROM u", vec![]),
        // Bare columns.
        (BeSame, "SELECT f, min(x), id, s FROM t GROUP BY f ORDER BY f", vec![]),
        (BeSame, "SELECT f, max(n), id, s FROM t GROUP BY f ORDER BY f", vec![]),
        (BeSame, "SELECT max(n), min(x), id FROM t", vec![]),
        (BeSame, "SELECT max(n) FILTER (WHERE n < 0), id FROM t", vec![]),
        (BeSame, "SELECT count(*), id, n + 1, s || '!' FROM t", vec![]),
        (BeSame, "SELECT count(*), id, s FROM t WHERE 0", vec![]),
        (BeSame, "SELECT *, count(*) FROM t GROUP BY n > 0 ORDER BY id", vec![]),
        (BeSame, "SELECT n > 0, s FROM t GROUP BY 1 HAVING s <> '12' ORDER BY x", vec![]),
        (BeSame, "SELECT s AS a, count(*) FROM t WHERE a <> 'abc' GROUP BY n ORDER BY 1", vec![]),
        (BeSame, "SELECT a, n FROM (SELECT s AS a, n FROM t GROUP BY x > 0) ORDER BY a", vec![]),
        (BeSame, "SELECT t.id, t.s, count(u.k) FROM t LEFT JOIN u ON u.n = t.id GROUP BY t.id ORDER BY 1", vec![]),
        (BeSame, "SELECT (SELECT k FROM u WHERE u.n = t.id) FROM t GROUP BY x > 0 ORDER BY t.id", vec![]),
        (BeSame, "SELECT DISTINCT f FROM t ORDER BY s, id", vec![]),
        (BeSame, "SELECT count(*) FROM t GROUP BY 'x' ORDER BY NULL", vec![]),
        (BeSame, "SELECT k, row_number() OVER (PARTITION BY nc ORDER BY k) FROM u ORDER BY k", vec![]),
        (BeSame, "SELECT count(DISTINCT nc) FROM u", vec![]),
        (BeRefused, "SELECT group_concat(DISTINCT nc) FROM u", vec![]),
        (BeSame, "SELECT k FROM u WHERE CAST(nc AS TEXT) = 'ABC' ORDER BY k", vec![]),
        (BeSame, "SELECT k FROM u WHERE (SELECT nc) = 'ABC' ORDER BY k", vec![]),
        (BeSame, "SELECT k FROM u WHERE 'ABC' IN (nc) ORDER BY k", vec![]),
        (BeSame, "SELECT k FROM u WHERE (nc, 1) IN (SELECT 'ABC', 1) ORDER BY k", vec![]),
        (BeSame, "SELECT k FROM u WHERE k >= nc ORDER BY k", vec![]),
        (BeSame, "SELECT max(nc, 'ABC'), min('ABC', nc), max(k, nc), min(nc, k) FROM u ORDER BY n", vec![]),
        (BeSame, "SELECT nullif(nc, 'ABC') FROM u ORDER BY k", vec![]),
        // NULL arguments.
        (BeSame, "SELECT 1 << NULL, 1 >> NULL, round(1.5, NULL), replace('a', '', NULL)", vec![]),
        (BeRefused, "SELECT id FROM t LIMIT ?1", null()),
        // Text in arithmetic.
        (BeSame, "SELECT '7.0' / 2, '1e1' / 4, '7.0' + 1, '1e2' | 0, ~'1e2', '1e2' % '12abc', abs('-3')", vec![]),
        (BeSame, "SELECT '7' / 2, '7' + 1, '1.0' / 3, -'1e2', '7.5' % 2, s + 1, s % 5 FROM t ORDER BY id", vec![]),
        (BeSame, "SELECT ?1 % 3, ?1 / 2, 3 % ?1, 2 / ?1", text("7")),
        (BeSame, "SELECT ?1 % 3, ?1 / 2, 3 % ?1, 2 / ?1", text("7.5")),
        (BeSame, "SELECT length(unicode('0')), length(ntile(2) OVER ())", vec![]),
        (BeSame, "SELECT substr(?1, 1, 1)", blob()),
        (BeRefused, "SELECT char(n) FROM t WHERE id = 2", vec![]),
        (BeSame, "SELECT avg(DISTINCT s), sum(DISTINCT s), total(DISTINCT s) FROM t", vec![]),
        (BeSame, "SELECT sum(DISTINCT s), total(DISTINCT s) FROM t WHERE 0", vec![]),
        // IN over values of other classes.
        (
            BeSame,
            "SELECT 'hello' IN t3, 'hello' NOT IN t3, x'31' IN t3, '7' IN t3, 7.0 IN t3, NULL IN t3 FROM (SELECT 1)",
            vec![],
        ),
        (
            BeSame,
            "SELECT n IN (SELECT s FROM t), s IN (SELECT n FROM t), x IN (SELECT k FROM u) FROM t ORDER BY id",
            vec![],
        ),
        (BeSame, "SELECT 12 IN (SELECT s FROM t), '12' IN (SELECT +n FROM t), 12 IN (SELECT s || '' FROM t)", vec![]),
        // Integers beyond 2^53 beside reals.
        (
            BeSame,
            "SELECT n = x, n < x, n <= x, n > x, n >= x, n <> x, n IS x, n IS NOT x, x = n, x < n FROM wide ORDER BY id",
            vec![],
        ),
        (
            BeSame,
            "SELECT d = x, d < x, n = x + 0.0, x * 1.0 < n, n BETWEEN x AND x, x BETWEEN n AND n FROM wide ORDER BY id",
            vec![],
        ),
        (
            BeSame,
            "SELECT n IN (x, 1.5), x IN (n, 3), CASE n WHEN x THEN 1 ELSE 0 END, (n, id) = (x, id) FROM wide ORDER BY id",
            vec![],
        ),
        (BeSame, "SELECT nullif(n, x), nullif(x, n), max(n, x), min(n, x) FROM wide ORDER BY id", vec![]),
        (
            BeSame,
            "SELECT n IN (SELECT x FROM wide), x IN (SELECT n FROM wide), d IN (SELECT x FROM wide) FROM wide ORDER BY id",
            vec![],
        ),
        (BeSame, "SELECT a.id, b.id FROM wide a JOIN wide b ON a.n = b.x ORDER BY 1, 2", vec![]),
        (BeSame, "SELECT a.id, b.id FROM wide a JOIN wide b ON a.n < b.x ORDER BY 1, 2", vec![]),
        (BeSame, "SELECT coalesce(n, 1.5) = x, coalesce(n, 1.5) = coalesce(x, 1) FROM wide ORDER BY id", vec![]),
        (BeSame, "SELECT id FROM wide WHERE x = 9007199254740993 OR n + 0 > 9007199254740992.0 ORDER BY id", vec![]),
        (
            BeSame,
            "SELECT x + 0.5 > ?1, x * 1.0 = ?1, ?1 >= x * 1.0, x * 1.0 IS ?1 FROM wide ORDER BY id",
            integer(9_007_199_254_740_993),
        ),
        (BeSame, "SELECT x + 0.5 > ?1, x * 1.0 = ?1, ?1 >= x * 1.0, x * 1.0 IS ?1 FROM wide ORDER BY id", real(3.0)),
        (BeSame, "SELECT x + 0.5 > ?1, x * 1.0 = ?1, ?1 >= x * 1.0, x * 1.0 IS ?1 FROM wide ORDER BY id", null()),
        (
            BeSame,
            "SELECT id FROM wide WHERE round(x, 3) <> coalesce(?1, id) OR x * 1.0 BETWEEN ?1 AND ?1 ORDER BY id",
            integer(i64::MAX),
        ),
        // A view's expressions have no affinity and no collation, though PostgreSQL's view gives them a type.
        (
            BeSame,
            "SELECT id, a >= '12', a < ' 7 ', b = 1, c = 'ABC', c || '' = 'ABC', d > '1', e, typeof(e) FROM seen ORDER BY id",
            vec![],
        ),
        (BeSame, "SELECT id FROM seen WHERE a >= ?1 ORDER BY id", text("12")),
        (BeSame, "SELECT id FROM seen WHERE a = ?1 OR d = ?1 ORDER BY id", integer(11)),
        (BeSame, "SELECT p.id, q.id FROM seen p JOIN seen q ON p.b < q.a ORDER BY 1, 2", vec![]),
        (BeSame, "SELECT a, e FROM (SELECT * FROM seen) WHERE a > '1' OR e = 'x' ORDER BY id", vec![]),
        // A bound NULL beside integers.
        (BeSame, "SELECT abs(?) UNION ALL SELECT 3", null()),
        (BeSame, "SELECT id, abs(?) FROM t UNION SELECT 1, id FROM t ORDER BY 1, 2", null()),
        (BeSame, "SELECT abs(?), max(abs(?1), 3), coalesce(abs(?1), 3)", null()),
        (BeSame, "SELECT abs(?)", real(-2.5)),
        // More than two texts by NOCASE.
        (BeSame, "SELECT max(nc, k, 'L'), min(nc, k, 'A'), max(k, nc, 'b'), min('q', nc, k) FROM u ORDER BY k", vec![]),
        // The number of rows.
        (BeSame, "SELECT id FROM t ORDER BY id LIMIT (SELECT 2) OFFSET (SELECT 1)", vec![]),
        (BeRefused, "SELECT id FROM t ORDER BY id LIMIT (SELECT max(n) FROM t WHERE 0)", vec![]),
        // Dates.
        (BeSame, "SELECT date('2024-01-31', '+1 day', 'auto'), date('2024-01-31', 'auto')", vec![]),
        (BeSame, "SELECT date('9999-12-31', '+1 day', '-1 day'), date('9999-12-31', '+1 month', '-1 month')", vec![]),
    ]
}

#[test]
fn the_answer_is_sqlites_or_a_refusal() {
    let sqlite = support::sqlite();
    let mut wrong = Vec::new();
    sqlite.execute_batch(SCHEMA).expect("SQLite takes the schema");
    support::on_postgres(|postgres| {
        postgres.execute_batch(SCHEMA).expect("PostgreSQL takes the schema");
        for (must, sql, params) in cases() {
            let found = answer(postgres, sql, &params);
            let fine = match must {
                BeRefused => found.is_err(),
                BeSame => found == answer(&sqlite, sql, &params),
            };
            if !fine {
                wrong.push(format!("{sql} {params:?}\n    PostgreSQL  {found:?}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// PostgreSQL writes to simple views by itself, SQLite never does.
#[test]
fn a_view_is_written_to_through_its_trigger_for_that_statement_alone() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE kept (id INTEGER PRIMARY KEY, a INTEGER); INSERT INTO kept VALUES (1, 1), (2, 2);
             CREATE TABLE told (what TEXT, id INTEGER); CREATE VIEW simple AS SELECT id, a FROM kept;
             CREATE TRIGGER on_insert INSTEAD OF INSERT ON simple BEGIN INSERT INTO told VALUES ('insert', NEW.id); END",
        )
        .unwrap();
        let refused = |sql: &str| {
            let error = conn.execute(sql, []).unwrap_err().to_string();
            assert!(error.contains("cannot modify simple because it is a view"), "{sql}: {error}");
        };
        assert_eq!(conn.execute("INSERT INTO simple VALUES (9, 9)", []), Ok(0));
        refused("DELETE FROM simple WHERE id = 1");
        refused("UPDATE simple SET a = 5 WHERE id = 1");
        conn.execute_batch(
            "CREATE TRIGGER on_delete INSTEAD OF DELETE ON simple BEGIN INSERT INTO told VALUES ('delete', OLD.id); END",
        )
        .unwrap();
        assert_eq!(conn.execute("DELETE FROM simple WHERE id = 1", []), Ok(0));
        refused("UPDATE simple SET a = 5 WHERE id = 1");
        conn.execute_batch("DROP TRIGGER on_insert").unwrap();
        refused("INSERT INTO simple VALUES (10, 10)");
        let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        assert_eq!(count("SELECT count(*) FROM kept WHERE a < 5"), Ok(2));
        assert_eq!(count("SELECT count(*) FROM told"), Ok(2));
    });
}

/// PostgreSQL drops a key with its column.
#[test]
fn a_column_of_a_key_is_not_dropped() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE k (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT, c TEXT, d TEXT COLLATE NOCASE, e TEXT, UNIQUE (b, c));
             CREATE UNIQUE INDEX by_d ON k (d)",
        )
        .unwrap();
        for (column, says) in [
            ("id", "cannot drop PRIMARY KEY column: \"id\""),
            ("a", "cannot drop UNIQUE column: \"a\""),
            ("b", "error in table k after drop column: no such column: b"),
            ("d", "error in index by_d after drop column: no such column: d"),
        ] {
            let error = conn.execute_batch(&format!("ALTER TABLE k DROP COLUMN {column}")).unwrap_err().to_string();
            assert!(error.contains(says), "{column}: {error}");
        }
        conn.execute_batch("ALTER TABLE k DROP COLUMN e").unwrap();
    });
}
