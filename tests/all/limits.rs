//! `Connection::set_limit`: what goes beyond a lowered limit is SQLite's own error on both databases.

use crate::support::{self, Log};
use sqlift::limits::Limit::{self, *};
use sqlift::types::Value;
use sqlift::{Connection, Result};

const SCHEMA: &str = "
    CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b INTEGER UNIQUE);
    CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT);
    CREATE VIEW v AS SELECT id, a FROM t;
    INSERT INTO t VALUES (1, 'abc', 1), (2, 'abcdefgh', 2), (3, NULL, 3);
    INSERT INTO parent VALUES (1, 'p');";

const ALL: [Limit; 13] = [
    SQLITE_LIMIT_LENGTH,
    SQLITE_LIMIT_SQL_LENGTH,
    SQLITE_LIMIT_COLUMN,
    SQLITE_LIMIT_EXPR_DEPTH,
    SQLITE_LIMIT_COMPOUND_SELECT,
    SQLITE_LIMIT_VDBE_OP,
    SQLITE_LIMIT_FUNCTION_ARG,
    SQLITE_LIMIT_ATTACHED,
    SQLITE_LIMIT_LIKE_PATTERN_LENGTH,
    SQLITE_LIMIT_VARIABLE_NUMBER,
    SQLITE_LIMIT_TRIGGER_DEPTH,
    SQLITE_LIMIT_WORKER_THREADS,
    SQLITE_LIMIT_PARSER_DEPTH,
];

/// Runs `case` on both databases, each with the schema; what they logged must be the same, texts and places too.
#[track_caller]
fn compare(case: impl Fn(&Connection, &mut Log) -> Result<()>) {
    let run = |conn: &mut Connection| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = Log::default();
        case(conn, &mut log).expect("only what is logged may fail");
        log
    };
    support::same(run);
}

/// All rows, with all their values.
fn rows(conn: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let read = |row: &sqlift::Row<'_>| (0..columns).map(|index| row.get(index)).collect();
    statement.query_map(sqlift::params_from_iter(values), read)?.collect()
}

#[test]
fn statements_beyond_a_limit_are_sqlites_errors() {
    let sum = |terms: usize| format!("SELECT {}", vec!["id"; terms].join(" + ")) + " FROM t WHERE id = 1";
    let union = |arms: usize| vec!["SELECT 1"; arms].join(" UNION ALL ");
    let tables: [(Limit, i32, Vec<String>); 8] = [
        (
            SQLITE_LIMIT_SQL_LENGTH,
            20,
            ["SELECT id FROM t", "SELECT id, a FROM t WHERE id = 1", ""].map(String::from).into(),
        ),
        (
            SQLITE_LIMIT_COLUMN,
            3,
            [
                "SELECT 1, 2, 3",
                "SELECT 1, 2, 3, 4",
                "SELECT *, 1 FROM t",
                "SELECT * FROM t, parent",
                "SELECT 1 WHERE 1 = (SELECT count(*) FROM (SELECT 1, 2, 3, 4))",
                "SELECT id FROM t ORDER BY id, a, b, id + 1",
                "SELECT count(*) FROM t GROUP BY id, a, b, id + 1",
                "CREATE TABLE wide(a, b, c)",
                "CREATE TABLE wider(a, b, c, d)",
                "CREATE TABLE \"wider one\"(a, b, c, d)",
                "CREATE INDEX i ON t(id, a, b, id + 1)",
                "UPDATE t SET id = 1, a = 'x', b = 2, id = 1 WHERE 0",
                "INSERT INTO t SELECT 1, 2, 3, 4",
                "INSERT INTO t(id, a, b) SELECT id + 10, a, b FROM t",
                "CREATE VIEW w AS SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d",
                "DELETE FROM t WHERE id = 4 RETURNING id, a, b, id",
                "SELECT max(id), min(id), sum(id), max(b), min(b), sum(b) FROM t",
            ]
            .map(String::from)
            .into(),
        ),
        (
            SQLITE_LIMIT_EXPR_DEPTH,
            5,
            [
                sum(4),
                sum(5),
                sum(6),
                "SELECT -(-(-(-(-(1)))))".into(),
                "SELECT (SELECT (SELECT (SELECT id + 1 FROM t)))".into(),
            ]
            .into_iter()
            .chain(
                [
                    "INSERT INTO t(b) VALUES (1 + 1 + 1 + 1 + 1 + 1)",
                    "UPDATE t SET b = abs(abs(abs(abs(abs(abs(b)))))) WHERE id = 1",
                    "DELETE FROM t WHERE id = 9 AND 1 AND 2 AND 3 AND 4 AND 5",
                    "CREATE TABLE deep(a, CHECK (a + 1 + 1 + 1 + 1 + 1 > 0))",
                    "SELECT id FROM t WHERE id IN (SELECT id FROM parent WHERE id = 1 AND id = 1)",
                    "SELECT CASE WHEN id = 1 THEN 1 + (2 + (3 + (4 + 5))) END FROM t ORDER BY id",
                ]
                .map(String::from),
            )
            .collect(),
        ),
        (
            SQLITE_LIMIT_COMPOUND_SELECT,
            3,
            vec![
                union(3),
                union(4),
                format!("SELECT count(*) FROM ({})", union(4)),
                format!("INSERT INTO t(b) {}", union(4)),
                "VALUES (1), (2), (3), (4), (5)".into(),
                "SELECT id FROM t UNION SELECT id FROM parent EXCEPT SELECT 7 INTERSECT SELECT 8".into(),
            ],
        ),
        (
            SQLITE_LIMIT_FUNCTION_ARG,
            2,
            [
                "SELECT coalesce(a, 'x') FROM t",
                "SELECT coalesce(a, b, 'x') FROM t",
                "SELECT max(1, 2, 3)",
                "INSERT INTO t(a) VALUES (printf('%d%d', 1, 2))",
                "SELECT substr(a, 1, 2) FROM t WHERE substr(a, 1) = 'abc'",
                "SELECT a FROM missing WHERE max(1, 2, 3)",
            ]
            .map(String::from)
            .into(),
        ),
        (
            SQLITE_LIMIT_VARIABLE_NUMBER,
            2,
            [
                "SELECT id FROM t WHERE id = ?1 OR b = ?2",
                "SELECT id FROM t WHERE id = ?1 OR b = ?3",
                "SELECT ?, ?, ?",
                "SELECT :a, :b, :a",
                "SELECT :a, :b, :c",
                "INSERT INTO t VALUES (?, ?, ?)",
                "SELECT ?32767",
                "SELECT ?0",
            ]
            .map(String::from)
            .into(),
        ),
        (
            SQLITE_LIMIT_PARSER_DEPTH,
            20,
            vec!["SELECT ((1))".into(), format!("SELECT {}1{}", "(".repeat(30), ")".repeat(30))],
        ),
        (SQLITE_LIMIT_VDBE_OP, 5, vec!["SELECT 1".into(), "SELECT id FROM t".into()]),
    ];
    for (limit, value, statements) in tables {
        compare(|conn, log| {
            // Prepared before, it stays as it is.
            let mut before = conn.prepare(
                "SELECT count(*), max(id), min(id), total(b) FROM t WHERE id = ?1 OR id = 4 - ?2 OR id = ?3",
            )?;
            log.value("old value is positive", conn.set_limit(limit, value)? > 0);
            log.result("limit", conn.limit(limit));
            log.result("before", before.query_row([1, 2, 3], |row| row.get::<_, i64>(0)));
            for sql in &statements {
                let what = format!("{limit:?} {value}: {sql}");
                log.result(&what, conn.prepare(sql).map(|statement| statement.column_count()));
                if statements.len() > 3 && !sql.contains(['?', ':']) {
                    log.result(&format!("{what}, run"), rows(conn, sql, &[]));
                }
            }
            log.result("a script", conn.execute_batch(&statements.join(";\n")).map_err(without_text));
            conn.set_limit(limit, i32::MAX)?;
            log.result(
                "raised again",
                rows(conn, "SELECT 1, 2, 3, coalesce(1, 2, ?3)", &[1.into(), 2.into(), 3.into()]),
            );
            Ok(())
        });
    }
}

/// Of a script, SQLite hands on all that is left of its text.
fn without_text(error: sqlift::Error) -> sqlift::Error {
    match error {
        sqlift::Error::SqlInputError { error, msg, .. } => sqlift::Error::SqliteFailure(error, Some(msg)),
        other => other,
    }
}

#[test]
fn values_beyond_the_length_are_too_big() {
    compare(|conn, log| {
        log.value("old", conn.set_limit(SQLITE_LIMIT_LENGTH, 40)? > 100_000_000);
        let (fits, long) = ("x".repeat(40), "x".repeat(41));
        for value in [
            Value::Text(fits.clone()),
            Value::Text(long.clone()),
            Value::Blob(vec![1; 40]),
            Value::Blob(vec![1; 41]),
            // 40 characters, 80 bytes
            Value::Text("ä".repeat(40)),
            Value::Integer(i64::MAX),
            Value::Real(1e300),
        ] {
            log.result(&format!("bound {value:?}"), rows(conn, "SELECT ?1", std::slice::from_ref(&value)));
            let mut statement = conn.prepare("SELECT ?1 IS NULL")?;
            log.result("raw", statement.raw_bind_parameter(1, &value));
            log.result("and after that", statement.raw_query().next().map(|row| row.map(|row| row.get::<_, bool>(0))));
        }
        log.result("zeros", rows_of_zeros(conn, 40));
        log.result("more zeros", rows_of_zeros(conn, 41));
        for sql in [
            // A long literal is a long name of a column as well.
            format!("SELECT '{long}'"),
            format!("SELECT '{fits}' AS x"),
            format!("SELECT '{long}' AS x"),
            format!("SELECT '{}' AS x", "''".repeat(40)),
            format!("SELECT id FROM t WHERE a = '{long}'"),
            format!("INSERT INTO t(a) VALUES ('{long}')"),
            format!("UPDATE t SET a = '{long}' WHERE id = 1"),
        ] {
            match conn.prepare(&sql) {
                Ok(mut statement) => {
                    log.value(&format!("{sql}, columns"), statement.column_count());
                    log.result(&sql, statement.raw_query().next().map(|row| row.is_some()));
                }
                Err(error) => log.result::<()>(&format!("{sql}, prepared"), Err(error)),
            }
            log.value(&format!("executed {sql}"), conn.execute(&sql, []).map_err(|error| error.sqlite_error_code()));
        }
        log.result("least", conn.set_limit(SQLITE_LIMIT_LENGTH, 1));
        log.result("least", conn.limit(SQLITE_LIMIT_LENGTH));
        log.result("made", rows(conn, "SELECT a || a || a || a || a FROM t ORDER BY id", &[]));
        let mut statement = conn.prepare(
            "SELECT id, replace(a, 'gh', 'qqqqqqqqqqqqqqqqqqqqqqqqqqqq') AS x FROM t WHERE id < 3 ORDER BY id",
        )?;
        let mut found = statement.query([])?;
        log.result("first", found.next().map(|row| row.map(|row| row.get::<_, String>(1))));
        log.result("second", found.next().map(|row| row.map(|row| row.get::<_, String>(1))));
        log.result("after it", found.next().map(|row| row.is_some()));
        drop(found);
        log.result("again", conn.query_row("SELECT a FROM t WHERE id = 1", [], |row| row.get::<_, String>(0)));
        Ok(())
    });
}

fn rows_of_zeros(conn: &Connection, length: i32) -> Result<i64> {
    conn.query_row("SELECT length(?1)", [sqlift::blob::ZeroBlob(length)], |row| row.get(0))
}

#[test]
fn stored_values_beyond_the_length_are_too_big_to_read() {
    compare(|conn, log| {
        conn.execute("INSERT INTO t VALUES (4, ?1, 4), (5, 'short', 5)", ["y".repeat(100)])?;
        conn.set_limit(SQLITE_LIMIT_LENGTH, 50)?;
        let mut statement = conn.prepare("SELECT a FROM t WHERE id > 3 ORDER BY id")?;
        log.result("read", statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>());
        log.result("others", rows(conn, "SELECT id, a FROM t WHERE id <> 4 ORDER BY id", &[]));
        conn.set_limit(SQLITE_LIMIT_LENGTH, i32::MAX)?;
        log.result("read", statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>());
        Ok(())
    });
}

#[test]
fn patterns_beyond_the_length_are_too_complex() {
    let long = || Value::Text("a%".repeat(3));
    compare(|conn, log| {
        log.result("old", conn.set_limit(SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 5));
        for (sql, values) in [
            ("SELECT id FROM t WHERE a LIKE 'abc%' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a LIKE 'abcde%' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a NOT LIKE 'abcde%' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a LIKE 'abcd\\%' ESCAPE '\\' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a GLOB 'abc*' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a GLOB 'abcde*' ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE a LIKE ?1 ORDER BY id", vec![Value::Text("a%".into())]),
            ("SELECT id FROM t WHERE a LIKE ?1 ORDER BY id", vec![long()]),
            ("SELECT id FROM t WHERE a GLOB ?1 ORDER BY id", vec![long()]),
            ("SELECT id FROM t WHERE a LIKE ?1 ORDER BY id", vec![Value::Null]),
            ("SELECT id FROM t WHERE 'abcdefgh' LIKE a ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE like('abc%', a) ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE like('abcde%', a) ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE glob('abcde*', a) ORDER BY id", vec![]),
            ("SELECT id FROM t WHERE id = 77 AND a LIKE 'abcde%'", vec![]),
            ("SELECT 'ääb' LIKE 'ää%'", vec![]),
            ("SELECT 'ääb' LIKE 'ä%'", vec![]),
        ] {
            log.result(&format!("{sql} {values:?}"), rows(conn, sql, &values));
        }
        conn.set_limit(SQLITE_LIMIT_LIKE_PATTERN_LENGTH, i32::MAX)?;
        log.result("raised", rows(conn, "SELECT id FROM t WHERE a LIKE 'abcde%' ORDER BY id", &[]));
        Ok(())
    });
}

#[test]
fn every_limit_can_be_set_and_read_back() {
    compare(|conn, log| {
        for limit in ALL {
            let (own, shared) = (conn.limit(limit)?, !matches!(limit, SQLITE_LIMIT_LENGTH | SQLITE_LIMIT_COLUMN));
            if shared {
                log.value(&format!("{limit:?}"), own);
            }
            log.result(&format!("{limit:?} below zero"), conn.set_limit(limit, -1));
            log.value("kept", conn.limit(limit)? == own);
            log.value("lower", conn.set_limit(limit, 100)? == own);
            log.result("lower", conn.limit(limit));
            log.result("highest", conn.set_limit(limit, i32::MAX));
            if shared {
                log.result("highest", conn.limit(limit));
            }
            log.result("none", conn.set_limit(limit, 0).map(|_| ()));
            log.result("none", conn.limit(limit));
            conn.set_limit(limit, own)?;
        }
        Ok(())
    });
}

/// Limits are a connection's own, also beside the translations that connections share.
#[test]
fn limits_are_of_one_connection() {
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).expect("the server takes connections");
    let (limited, free) = (open(), open());
    limited.execute_batch(SCHEMA).unwrap();
    for sql in ["SELECT id FROM t WHERE a LIKE 'abcde%'", "SELECT 1, 2, 3, 4"] {
        free.prepare(sql).unwrap();
        limited.prepare(sql).unwrap();
    }
    limited.set_limit(SQLITE_LIMIT_COLUMN, 3).unwrap();
    limited.set_limit(SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 5).unwrap();
    limited.set_limit(SQLITE_LIMIT_LENGTH, 30).unwrap();
    let long = "x".repeat(31);
    let like = "SELECT count(*) FROM t WHERE a LIKE 'abcde%'";
    for _ in 0..2 {
        assert!(limited.prepare("SELECT 1, 2, 3, 4").is_err());
        assert!(limited.query_row(like, [], |row| row.get::<_, i64>(0)).is_err());
        assert!(limited.query_row("SELECT ?1", [&long], |row| row.get::<_, String>(0)).is_err());
        assert_eq!(free.prepare("SELECT 1, 2, 3, 4").unwrap().column_count(), 4);
        assert_eq!(free.query_row(like, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        assert_eq!(free.query_row("SELECT ?1", [&long], |row| row.get::<_, String>(0)).unwrap(), long);
    }
}
