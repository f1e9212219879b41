//! What columns of NUMERIC affinity and keys that are no rowid make of values, on both databases.

use crate::differential::answer;
use crate::support;
use sqlift::Connection;
use sqlift::types::Value;

fn same(script: &[(&str, Vec<Value>)]) {
    let run = |conn: &Connection| -> Vec<(String, String)> {
        script
            .iter()
            .map(|(sql, params)| {
                let found = answer(conn, sql, params, true);
                (format!("{sql} {params:?}"), found.unwrap_or_else(|error| error.to_string()))
            })
            .collect()
    };
    let expected = run(&support::sqlite());
    let found = support::on_postgres(|conn| run(conn));
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected, found);
    }
}

fn plain<'a>(statements: &[&'a str]) -> Vec<(&'a str, Vec<Value>)> {
    statements.iter().map(|sql| (*sql, vec![])).collect()
}

/// 5.0 is the integer 5 there, however it is written; what is no integer keeps all the digits of the real.
#[test]
fn numeric_columns_keep_whole_numbers_as_integers() {
    let all = "SELECT f, typeof(f), f || '', f / 4 FROM n ORDER BY f, typeof(f)";
    let mut script = plain(&[
        "CREATE TABLE n(f DECIMAL(10,2))",
        "CREATE TABLE texts(a TEXT)",
        "INSERT INTO n VALUES (5.0), (1234567890123456.0), (5e18), (1e19), (0.1), (1.5e300), (-0.0), (9223372036854775808)",
        "INSERT INTO n VALUES (+7.0), (-7.0), ((8.0)), (CASE WHEN 1 THEN 4.0 END), (1234567890123456 * 1.0), (0.1 + 0.2), ('5.0')",
        "INSERT INTO n SELECT 6.0",
        "INSERT INTO n SELECT f * 1.0 FROM n WHERE rowid = 1",
        "INSERT INTO n SELECT f * 1.5 FROM n WHERE rowid = 1",
        "INSERT INTO n SELECT sum(f) FROM (SELECT 1.5 AS f UNION ALL SELECT 2.5)",
        "INSERT INTO n SELECT 2.0 UNION ALL SELECT 3",
        "INSERT INTO texts VALUES ('5.0'), ('12345678901234567890'), ('1e2'), (' 3 '), ('.5'), ('1234567890123456.75')",
        "INSERT INTO n SELECT a FROM texts",
        "UPDATE n SET f = 17.0 WHERE rowid = 1",
        "UPDATE n SET f = f + 0.5 WHERE rowid = 1",
        all,
        "CREATE TABLE d(a INTEGER PRIMARY KEY, f DECIMAL(10,2) NOT NULL DEFAULT 0.0, g NUMERIC DEFAULT (1.0 * 3))",
        "INSERT INTO d(a) VALUES (1)",
        "ALTER TABLE d ADD COLUMN h NUMERIC DEFAULT 9.0",
        "SELECT f, typeof(f), g, typeof(g), h, typeof(h) FROM d",
    ]);
    let texts =
        ["5.0", "1e2", "12345678901234567890", "0.10", " 7.50 ", "1e19", "-4.0"].map(|text| Value::Text(text.into()));
    let reals = [1e19, 5.0, 1.5, 9007199254740993.0, -0.5, 1e300].map(Value::Real);
    let integers = [5, i64::MAX, i64::MIN].map(Value::Integer);
    for value in texts.into_iter().chain(reals).chain(integers) {
        script.push(("INSERT INTO n VALUES (?)", vec![value.clone()]));
        script.push(("INSERT INTO n SELECT ?", vec![value]));
    }
    script.extend(plain(&[all]));
    same(&script);
}

/// What PostgreSQL's own types take for numbers and SQLite keeps as text.
#[test]
fn text_that_is_no_number_is_refused_in_columns_of_numbers() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE c(i INTEGER, r REAL, n NUMERIC); CREATE TABLE texts(a TEXT)").unwrap();
        for text in ["nan", "NaN", "inf", "Infinity", "-infinity", "0x10", "0x1p3", "1_000", "1e", "5 x", ""] {
            conn.execute("DELETE FROM texts", []).unwrap();
            conn.execute("INSERT INTO texts VALUES (?)", [text]).unwrap();
            for column in ["i", "r", "n"] {
                let error = conn.execute(&format!("INSERT INTO c({column}) SELECT a FROM texts"), []);
                assert!(error.is_err(), "{text} in {column}");
                let error = conn.execute(&format!("INSERT INTO c({column}) VALUES (?)"), [text]);
                assert!(error.is_err(), "{text} bound to {column}");
            }
        }
    });
}

/// INTEGER alone, and not DESC, makes the key the rowid.
#[test]
fn integer_keys_that_are_no_rowid_have_one_beside_them() {
    let mut script = Vec::new();
    for table in ["a INT PRIMARY KEY, b", "a BIGINT, b, PRIMARY KEY(a)", "a INTEGER PRIMARY KEY DESC, b"] {
        let words = [
            "DROP TABLE IF EXISTS t".to_owned(),
            format!("CREATE TABLE t({table})"),
            "INSERT INTO t VALUES (50, 'x'), (40, 'y')".to_owned(),
            "SELECT rowid, * FROM t ORDER BY rowid".to_owned(),
            "SELECT last_insert_rowid()".to_owned(),
            "DELETE FROM t WHERE rowid = 50".to_owned(),
            "UPDATE t SET b = 'z' WHERE rowid = 2".to_owned(),
            "SELECT a, b FROM t ORDER BY a".to_owned(),
        ];
        script.extend(words);
    }
    same(&plain(&script.iter().map(String::as_str).collect::<Vec<_>>()));
    support::both(|conn| {
        conn.execute_batch("CREATE TABLE w(a INTEGER PRIMARY KEY, b) WITHOUT ROWID").unwrap();
        let error = conn.prepare("SELECT rowid FROM w").map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("rowid"), "{error}");
    });
}

/// The smallest integer has no absolute value; as a real it has one.
#[test]
fn the_smallest_integer_has_no_absolute_value() {
    same(&plain(&[
        "CREATE TABLE n(n NUMERIC, u, i INT)",
        "INSERT INTO n VALUES (-9223372036854775807 - 1, -9223372036854775807 - 1, -9223372036854775807 - 1)",
        "SELECT abs(n) FROM n",
        "SELECT abs(n + 0) FROM n",
        "SELECT abs(u) FROM n",
        "SELECT abs(i) FROM n",
        "SELECT abs(max(n, 1.5)) FROM n",
        "SELECT abs(min(n, 1.5)) FROM n",
        "SELECT abs(CAST(-9223372036854775807 - 1 AS NUMERIC))",
        "SELECT abs(n + 1), typeof(abs(n + 1)), abs(n + 0.0), abs(-n), typeof(abs(-n)), abs(n - 1) FROM n",
        "UPDATE n SET n = -7.25",
        "SELECT abs(n), abs(-n), typeof(abs(n)), abs(n * 4), typeof(abs(n * 4)) FROM n",
    ]));
}

/// Of an integer in some rows and a real in others the integer keeps all its digits.
#[test]
fn integers_beside_reals_are_written_whole() {
    let mut script = plain(&[
        "CREATE TABLE n(id INTEGER PRIMARY KEY, n NUMERIC, i INTEGER, r REAL, u, t TEXT)",
        "INSERT INTO n(id, n, i, r) VALUES (1, 9007199254740993, 9007199254740993, 0.5), (2, 9223372036854775807, 9223372036854775807, 1.5), (3, 5, 5, NULL), (4, NULL, NULL, 7.0), (5, -9223372036854775807 - 1, -9223372036854775807 - 1, 0.1)",
        "UPDATE n SET n = CASE WHEN id > 9 THEN 0.0 ELSE n END, i = iif(id = 3, 2.0, i)",
        "SELECT id, n, i, typeof(n), typeof(i) FROM n ORDER BY id",
        "UPDATE n SET n = coalesce(n, r), i = ifnull(i, r), u = coalesce(n, r), t = coalesce(n, 0.5)",
        "SELECT id, n, i, typeof(n), typeof(i), u, typeof(u), t FROM n ORDER BY id",
        "UPDATE n SET n = max(n, 0.5), i = max(i, 3.0), r = max(i, 0.5)",
        "SELECT id, n, i, typeof(n), typeof(i), r FROM n ORDER BY id",
        "INSERT INTO n(id, n, i) SELECT id + 10, coalesce(n, 0.5), coalesce(i, 1.0) FROM n WHERE id < 10",
        "INSERT INTO n(id, n) SELECT id + 20, coalesce(n, 0.5) FROM n WHERE id < 10 UNION ALL SELECT 30, CASE WHEN 1 THEN 9007199254740993 ELSE 0.5 END",
        "INSERT INTO n(id, n) VALUES (1, 9007199254740995) ON CONFLICT(id) DO UPDATE SET n = min(excluded.n, 1e300), i = coalesce(excluded.i, 2.0)",
        "INSERT INTO n(id, n) VALUES (40, CASE WHEN 1 THEN 9007199254740993 ELSE 0.5 END), (41, 0.5), (42, coalesce(NULL, 9007199254740993, 0.5))",
        "SELECT id, n, i, typeof(n), typeof(i) FROM n ORDER BY id",
    ]);
    let bound = "UPDATE n SET n = CASE WHEN id > 99 THEN ?1 ELSE n END, i = coalesce(i, ?1)";
    script.push((bound, vec![Value::Real(4.0)]));
    script.push((bound, vec![Value::Integer(9_007_199_254_740_993)]));
    script.push(("UPDATE n SET n = ifnull(?1, n) WHERE id = 4", vec![Value::Integer(9_007_199_254_740_993)]));
    script.push(("UPDATE n SET n = max(n, ?1)", vec![Value::Real(-0.5)]));
    script.push(("SELECT id, n, i, typeof(n), typeof(i) FROM n ORDER BY id", vec![]));
    same(&script);
}
