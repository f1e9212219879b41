//! Bound values beside columns and in LIMIT: of every storage class, with SQLite's answers.

use crate::support;
use crate::untyped::Both;
use sqlift::types::Value;
use sqlift::{Connection, ErrorCode, Result};

const SCHEMA: &str = "
CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC, s TEXT, b BLOB, small INT2);
CREATE INDEX t_n ON t(n);
INSERT INTO t VALUES (1, 2, 2.5, 2.5, '2', x'32', 2), (2, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, -7, -0.5, -7, 'abc', x'', -7), (4, 9007199254740993, 1e300, 10, '2.0', x'616263', 300),
    (5, 9223372036854775807, 9007199254740992.0, 0.1, '', x'00', 0), (6, 0, 0, 0, '0', x'30', 1);";

fn values() -> Vec<Value> {
    let texts = ["2", " 2 ", "2.0", "2.5", "abc", "", "1e1", "inf", "0x2", "yes", "9007199254740993.0", "1_0"];
    let reals = [2.0, 2.5, -0.5, 0.1, 1e300, -1e300, 9007199254740992.0, 9.3e18, f64::INFINITY, f64::NEG_INFINITY];
    let integers = [2, 0, 1, -7, 300, 70_000, 9_007_199_254_740_993, i64::MAX, i64::MIN];
    let mut values = vec![Value::Null, Value::Blob(vec![]), Value::Blob(b"abc".to_vec())];
    values.extend(texts.map(|text| Value::Text(text.to_owned())));
    values.extend(reals.map(Value::Real));
    values.extend(integers.map(Value::Integer));
    values
}

fn rows(conn: &Connection, sql: &str, value: &Value) -> Result<Vec<(Option<i64>, Option<i64>)>> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let read = |row: &sqlift::Row<'_>| Ok((row.get(0)?, if columns > 1 { row.get(1)? } else { None }));
    statement.query_map([value], read)?.collect()
}

/// Same answers on both; on PostgreSQL a mismatch of types where `refused` says so.
#[track_caller]
fn check(sql: &str, refused: fn(&str, &Value) -> bool, column: &str, wrong: &mut Vec<String>, dbs: &[Connection; 2]) {
    for value in values() {
        let expected = rows(&dbs[0], sql, &value).expect("SQLite compares anything");
        match rows(&dbs[1], sql, &value) {
            Ok(found) if found == expected && !refused(column, &value) => {}
            Err(error) if refused(column, &value) && error.sqlite_error_code() == Some(ErrorCode::TypeMismatch) => {}
            found => wrong.push(format!("{sql} with {value:?}: {found:?}, expected {expected:?}")),
        }
    }
}

/// What PostgreSQL has no value for: integers between two reals.
fn refused(column: &str, value: &Value) -> bool {
    match (column, value) {
        ("x", Value::Integer(integer)) => *integer as f64 as i128 != i128::from(*integer),
        _ => false,
    }
}

/// Infinity is no numeric there.
fn refused_before_14(column: &str, value: &Value) -> bool {
    refused(column, value) || column == "d" && matches!(value, Value::Real(real) if real.is_infinite())
}

#[test]
fn values_of_all_classes_compare_with_columns() {
    let database = sqlift::testing::database();
    let dbs = [support::sqlite(), Connection::open_url(database.url()).expect("the server takes connections")];
    for conn in &dbs {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
    }
    let refused = if support::is_before(&dbs[1], 14) { refused_before_14 } else { refused };
    let mut wrong = Vec::new();
    for column in ["n", "x", "d", "s", "b", "small", "id"] {
        for sql in [
            "SELECT id, COLUMN < ?1 FROM t ORDER BY id",
            "SELECT id, COLUMN = ?1 FROM t ORDER BY id",
            "SELECT id FROM t WHERE COLUMN > ?1 ORDER BY id",
            "SELECT id FROM t WHERE NOT COLUMN <> ?1 ORDER BY id",
            "SELECT id FROM t WHERE ?1 >= COLUMN ORDER BY id",
            "SELECT id FROM t WHERE COLUMN IS ?1 ORDER BY id",
            "SELECT id FROM t WHERE COLUMN BETWEEN ?1 AND ?1 ORDER BY id",
        ] {
            check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
        }
    }
    for column in ["n", "d", "small"] {
        let sql = "SELECT id FROM t WHERE COLUMN IN (?1, 10, -7) ORDER BY id";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
    }
    for column in ["n", "d", "small", "s", "b"] {
        let sql = "SELECT id, ?1 IN (SELECT COLUMN FROM t WHERE COLUMN IS NOT NULL) FROM t ORDER BY id";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
        let sql = "SELECT id FROM t WHERE COLUMN NOT IN (?1, ?1) ORDER BY id";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
        let sql = "SELECT id, CASE COLUMN WHEN ?1 THEN 1 ELSE 0 END FROM t ORDER BY id";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
        let sql = "SELECT a.id, b.id FROM t a JOIN t b ON b.COLUMN = a.COLUMN AND a.COLUMN <= ?1 ORDER BY 1, 2";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
        let sql = "SELECT id FROM t WHERE (COLUMN, id) > (?1, 0) ORDER BY id";
        check(&sql.replace("COLUMN", column), refused, column, &mut wrong, &dbs);
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn one_statement_takes_values_of_changing_classes() {
    let database = sqlift::testing::database();
    let dbs = [support::sqlite(), Connection::open_url(database.url()).expect("the server takes connections")];
    let logs = dbs.map(|conn| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = support::Log::default();
        let mut statement = conn.prepare("SELECT count(*) FROM t WHERE n > ?1 AND x < ?2").expect("prepares");
        for (n, x) in values().iter().zip(values().iter().rev()) {
            if refused("x", x) {
                continue;
            }
            let count = statement.query_row([n, x], |row| row.get::<_, i64>(0));
            log.result(&format!("{n:?} {x:?}"), count);
        }
        log
    });
    logs[1].portably_same_as(&logs[0]).unwrap_or_else(|differences| panic!("{differences}"));
}

/// A value of another class than the column's, beside others that are of it or not: one statement for all of them.
#[test]
fn values_of_other_classes_than_a_columns_are_answered() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, s TEXT, b BLOB)",
        "INSERT INTO t VALUES (1, 2, '2', x'32'), (2, NULL, NULL, NULL), (3, 5, 'abc', x''), (4, 7, '', x'616263')",
    ]);
    let some = [
        Value::Null,
        Value::Integer(2),
        Value::Real(2.5),
        Value::Text("2".into()),
        Value::Text("abc".into()),
        Value::Blob(b"abc".to_vec()),
    ];
    for sql in [
        "SELECT id FROM t WHERE s = ?1 OR b = ?2 OR n = ?1",
        "SELECT id FROM t WHERE s = ?1 OR b = ?1 AND s < ?2",
        "SELECT id FROM t WHERE b IN (?1, ?2)",
        "SELECT id FROM t WHERE s IN (?1, ?2)",
        "SELECT id, b NOT IN (?1, ?2), s NOT IN (?2, ?1) FROM t",
        "SELECT id FROM t WHERE b BETWEEN ?1 AND ?2",
        "SELECT id FROM t WHERE s NOT BETWEEN ?1 AND ?2",
        "SELECT id, ?1 IN (b, s), (b, s) = (?1, ?2), (s, b) < (?1, ?2) FROM t",
        "SELECT id, CASE b WHEN ?1 THEN 1 WHEN ?2 THEN 2 ELSE 3 END FROM t",
        "SELECT id, CASE s WHEN ?1 THEN 1 WHEN ?2 THEN 2 ELSE 3 END FROM t",
        "SELECT CASE ?1 WHEN 2 THEN 'two' WHEN 5 THEN 'five' ELSE 'none' END, ?2",
        "SELECT id, ?1, ?2 FROM t WHERE b = ?1 OR s IS ?2",
        "SELECT t.id, o.id FROM t JOIN t AS o ON t.b = o.b AND o.b = ?1 LEFT JOIN t AS p ON p.s > ?2",
        "SELECT s, count(*) FILTER (WHERE b = ?1) FROM t GROUP BY s HAVING max(b) IS NOT ?2",
        "UPDATE t SET n = n + 1 WHERE b = ?1 AND s = ?2",
        "INSERT INTO t(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET n = 5 WHERE t.b = ?1 OR t.s = ?2",
        "DELETE FROM t WHERE b = ?1 AND s > ?2",
        "SELECT * FROM t ORDER BY id",
    ] {
        for one in &some {
            for other in &some {
                let params = [one.clone(), other.clone()];
                both.run(sql, &params[..if sql.contains("?1") { 2 } else { 0 }]);
            }
        }
    }
    both.end(&[]);
}

/// Text that PostgreSQL takes for a number and SQLite does not.
#[test]
fn assigned_text_is_a_number_by_sqlites_reading_or_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(SCHEMA).expect("creates");
        for (sql, text, taken) in [
            ("INSERT INTO t(n) VALUES (?)", " 12.0 ", true),
            ("INSERT INTO t(n) VALUES (?)", "12.5", false),
            ("INSERT INTO t(n) VALUES (?)", "0x10", false),
            ("INSERT INTO t(x) VALUES (?)", "inf", false),
            ("INSERT INTO t(x) VALUES (?)", "NaN", false),
            ("INSERT INTO t(x) VALUES (?)", " 1.5", true),
            ("INSERT INTO t(d) VALUES (?)", "1.50", true),
            ("INSERT INTO t(d) VALUES (?)", "infinity", false),
        ] {
            let result = conn.execute(sql, [text]);
            let datatype = sqlift::ffi::SQLITE_CONSTRAINT_DATATYPE;
            let mismatch =
                matches!(&result, Err(sqlift::Error::SqliteFailure(error, _)) if error.extended_code == datatype);
            assert!(if taken { result.is_ok() } else { mismatch }, "{sql} with {text}: {result:?}");
        }
    });
}

#[test]
fn limits_are_integers_by_value() {
    let database = sqlift::testing::database();
    let dbs = [support::sqlite(), Connection::open_url(database.url()).expect("the server takes connections")];
    let logs = dbs.map(|conn| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = support::Log::default();
        for value in values() {
            for sql in [
                "SELECT id FROM t ORDER BY id LIMIT ?",
                "SELECT id FROM t ORDER BY id LIMIT 3 OFFSET ?",
                "SELECT id FROM t ORDER BY id LIMIT ?, 2",
                "SELECT count(*) FROM (SELECT id FROM t LIMIT ?)",
            ] {
                log.result(&format!("{sql} {value:?}"), rows(&conn, sql, &value));
            }
        }
        for limit in ["'2'", "' 2 '", "2.0", "2.5", "'abc'", "-1", "'-1'", "NULL", "x'32'", "1 + 1"] {
            let sql = format!("SELECT id FROM t WHERE id <> ? ORDER BY id LIMIT {limit}");
            // SQLite finds a mismatch when it runs, the translator before.
            log.value(&sql, rows(&conn, &sql, &Value::Integer(0)).ok());
        }
        log
    });
    logs[1].portably_same_as(&logs[0]).unwrap_or_else(|differences| panic!("{differences}"));
}
