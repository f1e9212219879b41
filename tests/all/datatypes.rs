//! Values that the type of their column does not take: SQLite's error of a STRICT table and of the integer key, and a refusal
//! with a remedy where SQLite would keep them.

use crate::support::{self, Log};
use sqlift::types::Value;
use sqlift::{Connection, Error, Result, ffi};

const SCHEMA: &str = "
    CREATE TABLE s(id INTEGER PRIMARY KEY, i INT, n INTEGER DEFAULT 0, r REAL, t TEXT, b BLOB, a ANY) STRICT;
    CREATE TABLE k(name TEXT PRIMARY KEY, \"Size\" INTEGER) STRICT, WITHOUT ROWID;
    CREATE TABLE t(id INTEGER PRIMARY KEY, i INT, n INTEGER DEFAULT 0, r REAL, t TEXT, b BLOB, d NUMERIC);
    CREATE TABLE src(k INTEGER PRIMARY KEY, x TEXT, y BLOB, z REAL, v, n INTEGER);
    INSERT INTO src VALUES (1, 'abc', x'01', 2.5, 'q', 7), (2, ' 12 ', x'02', 3.0, 7, 8);
    INSERT INTO s(id, i) VALUES (1, 1);
    INSERT INTO k VALUES ('one', 1);
    INSERT INTO t(id, i) VALUES (1, 1);";

fn both(case: impl Fn(&Connection, &mut Log) -> Result<()>) -> [Log; 2] {
    let run = |conn: &mut Connection| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = Log::default();
        case(conn, &mut log).expect("only what is logged may fail");
        log
    };
    [run(&mut support::sqlite()), support::on_postgres(run)]
}

#[track_caller]
fn compare(case: impl Fn(&Connection, &mut Log) -> Result<()>) {
    let [expected, found] = both(case);
    if let Err(differences) = found.same_as(&expected) {
        panic!("{differences}");
    }
}

fn values() -> Vec<Value> {
    let texts = ["abc", "12", " 12 ", "2.5", "1e3", "9223372036854775808", "", "0x10", "1e400"];
    let reals = [2.0, 2.5, -0.5, 1e300, 9.2e18, 9223372036854775807.0, -9223372036854775808.0, f64::INFINITY];
    let mut values = vec![Value::Null, Value::Blob(b"x".to_vec()), Value::Blob(vec![]), Value::Integer(i64::MIN)];
    values.extend([Value::Integer(0), Value::Integer(7)]);
    values.extend(texts.map(|text| Value::Text(text.to_owned())));
    values.extend(reals.map(Value::Real));
    values
}

/// Strict tables and integer keys: code, extended code and text are SQLite's, and so is what is stored.
#[test]
fn strict_tables_say_what_sqlite_says() {
    compare(|conn, log| {
        for column in ["i", "n", "r", "t", "b", "a", "id"] {
            for sql in [
                "INSERT INTO s(COLUMN) VALUES (?1)",
                "INSERT OR IGNORE INTO s(COLUMN) VALUES (?1)",
                "INSERT INTO s(COLUMN) SELECT ?1",
                "UPDATE s SET COLUMN = ?1 WHERE id = 1",
                "INSERT INTO s(id, i) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET COLUMN = ?1",
                "INSERT INTO s(id, COLUMN) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET COLUMN = excluded.COLUMN",
            ] {
                let sql = sql.replace("COLUMN", column);
                if column == "id" && sql.contains("(id, id)") {
                    continue;
                }
                for value in values() {
                    let done = conn.execute(&sql, [&value]);
                    // Ids count on where inserts have failed.
                    let stored = format!("SELECT COLUMN FROM s WHERE id = 1 OR {} ORDER BY 1", column != "id");
                    let found: Result<Vec<Value>> =
                        conn.prepare(&stored.replace("COLUMN", column))?.query_map([], |row| row.get(0))?.collect();
                    log.result(&format!("{sql} {value:?}"), done);
                    log.result(&format!("{sql} {value:?}, stored"), found);
                    conn.execute_batch("DELETE FROM s; INSERT INTO s(id, i) VALUES (1, 1)")?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn literals_and_expressions_in_strict_tables() {
    compare(|conn, log| {
        for sql in [
            "INSERT INTO s(i) VALUES ('abc')",
            "INSERT INTO s(i) VALUES (2.5)",
            "INSERT INTO s(i) VALUES (x'00')",
            "INSERT INTO s(i) VALUES (1e300)",
            "INSERT INTO s(i) VALUES ('9223372036854775808')",
            "INSERT INTO s(i) VALUES (9223372036854775807.0)",
            "INSERT INTO s(i) VALUES ('12'), ('13'), ('x')",
            "INSERT INTO s(r) VALUES ('abc')",
            "INSERT INTO s(r) VALUES (x'00')",
            "INSERT INTO s(t) VALUES (x'00')",
            "INSERT INTO s(b) VALUES (5)",
            "INSERT INTO s(b) VALUES (-5)",
            "INSERT INTO s(b) VALUES ('x')",
            "INSERT INTO s(b) VALUES (1.5)",
            "INSERT INTO s(b) VALUES (1 < 2)",
            "INSERT INTO s(id) VALUES ('abc')",
            "INSERT INTO s(id) VALUES (2.5)",
            "INSERT INTO s(id) VALUES (x'00')",
            "INSERT INTO t(id) VALUES ('abc')",
            "INSERT INTO t(id) VALUES (2.5)",
            "INSERT INTO t(id) SELECT x FROM src",
            "UPDATE t SET id = 'abc'",
            "UPDATE t SET id = 'abc' WHERE id = 77",
            "INSERT OR IGNORE INTO s(i) VALUES ('abc')",
            "INSERT OR REPLACE INTO s(i) VALUES ('abc')",
            "REPLACE INTO k VALUES ('two', 'many')",
            "INSERT INTO k VALUES (x'00', 1)",
            "UPDATE k SET \"Size\" = 'many'",
            "UPDATE k SET size = name",
            "INSERT INTO s(i) SELECT x FROM src",
            "INSERT INTO s(i) SELECT x FROM src WHERE k = 2",
            "INSERT INTO s(i) SELECT x FROM src WHERE 0",
            "INSERT INTO s(n) SELECT y FROM src",
            "INSERT INTO s(t) SELECT y FROM src",
            "INSERT INTO s(i) SELECT z FROM src",
            "INSERT INTO s(i) SELECT z FROM src WHERE k = 2",
            "INSERT INTO s(i) SELECT v FROM src",
            "INSERT INTO s(r) SELECT v FROM src WHERE k = 1",
            "INSERT INTO s(b) SELECT v FROM src",
            "INSERT INTO s(b) SELECT n FROM src",
            "INSERT INTO s(i) SELECT x || 'z' FROM src",
            "INSERT INTO s(i) SELECT json_extract('{\"a\": \"q\"}', '$.a')",
            "INSERT INTO s(i) VALUES ('abc' || 'd')",
            "INSERT INTO s(i) VALUES (upper('abc'))",
            "INSERT INTO s(i) VALUES (CAST('5' AS TEXT))",
            "INSERT INTO s(i) VALUES (true)",
            "INSERT INTO s(i, r) VALUES (1.0, 'x')",
            "UPDATE s SET i = 'abc'",
            "UPDATE s SET i = 'abc' WHERE id = 77",
            "UPDATE s SET t = x'00'",
            "UPDATE s SET id = 'abc'",
            "UPDATE s SET i = (SELECT x FROM src WHERE k = 1)",
            "UPDATE s SET (i, n) = (SELECT 5, x FROM src WHERE k = 1)",
            "UPDATE s SET i = x FROM src WHERE src.k = s.id",
            "INSERT INTO s(id, i) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET i = 'abc'",
            "INSERT INTO s(id, i) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET i = excluded.id || 'x'",
            "INSERT INTO s(i) VALUES ('abc') RETURNING i",
        ] {
            conn.execute_batch("SAVEPOINT one")?;
            log.result(sql, conn.prepare(sql)?.raw_query().next().map(|row| row.is_some()));
            log.value("open", !conn.is_autocommit());
            conn.execute_batch("ROLLBACK TO one; RELEASE one")?;
        }
        conn.execute_batch("CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO s(i) VALUES (new.t); END")?;
        log.result("a trigger", conn.execute("INSERT INTO t(t) VALUES ('abc')", []));
        log.result("two at once", conn.execute("INSERT INTO s(t, i) VALUES (?1, ?2)", (vec![0_u8], "x")));
        log.result("the key first", conn.execute("INSERT INTO s(i, id) VALUES (?1, ?1)", ["x"]));
        conn.execute_batch("ALTER TABLE s ADD COLUMN late INT")?;
        log.result("a new column", conn.execute("INSERT INTO s(late) VALUES (?1)", ["x"]));
        log.result("a new column", conn.execute("INSERT INTO s(late) VALUES ('x')", []));
        log.result(
            "still strict",
            conn.query_row("SELECT strict FROM pragma_table_list('s')", [], |row| row.get::<_, i64>(0)),
        );
        conn.execute_batch("CREATE TEMP TABLE tmp(x INT, y TEXT) STRICT")?;
        log.result("a temporary table", conn.execute("INSERT INTO tmp VALUES ('x', 1)", []));
        log.result("a temporary table", conn.execute("INSERT INTO tmp VALUES (?1, 1)", ["x"]));
        Ok(())
    });
}

/// SQLite keeps these; the refusal says where they were to go and what to do, in the words of a STRICT table.
#[test]
fn other_tables_refuse_with_a_remedy() {
    let text = || Value::Text("abc".to_owned());
    let cases: &[(&str, Vec<Value>, &str, Option<i32>)] = &[
        (
            "INSERT INTO t(i) VALUES (?1)",
            vec![text()],
            "cannot store TEXT value in INTEGER column t.i\n  help: give a number, or declare the column TEXT",
            None,
        ),
        (
            "INSERT INTO t(n) VALUES (?1)",
            vec![Value::Real(0.5)],
            "cannot store REAL value in INTEGER column t.n\n  help: give an integer, or declare the column REAL",
            None,
        ),
        (
            "INSERT INTO t(d) VALUES (?1)",
            vec![text()],
            "cannot store TEXT value in NUMERIC column t.d\n  help: give a number, or declare the column TEXT",
            None,
        ),
        (
            "INSERT INTO t(t) VALUES (?1)",
            vec![Value::Blob(vec![1])],
            "cannot store BLOB value in TEXT column t.t\n  help: CAST the blob to TEXT, or declare the column BLOB",
            None,
        ),
        (
            "UPDATE t SET b = ?1",
            vec![Value::Integer(1)],
            "cannot store INT value in BLOB column t.b\n  help: write a blob literal x'..', CAST it to BLOB, or declare the column TEXT; a table made with blob_columns=any in the URL keeps it",
            None,
        ),
        (
            "INSERT INTO t(i) VALUES ('abc')",
            vec![],
            "cannot store TEXT value in INTEGER column t.i\n  help: give a number, or declare the column TEXT",
            Some(25),
        ),
        (
            "UPDATE t SET n = 2.5",
            vec![],
            "cannot store REAL value in INTEGER column t.n\n  help: give an integer, or declare the column REAL",
            Some(17),
        ),
        (
            "UPDATE t SET t = x'00'",
            vec![],
            "cannot store BLOB value in TEXT column t.t\n  help: CAST the blob to TEXT, or declare the column BLOB",
            Some(17),
        ),
        (
            "INSERT INTO t(b) VALUES (5)",
            vec![],
            "cannot store INT value in BLOB column t.b\n  help: write a blob literal x'..', CAST it to BLOB, or declare the column TEXT; a table made with blob_columns=any in the URL keeps it",
            Some(25),
        ),
        (
            "INSERT INTO t(i) SELECT x FROM src",
            vec![],
            "cannot store TEXT value in INTEGER column t.i\n  help: give a number, or declare the column TEXT",
            None,
        ),
        (
            "INSERT INTO t(n) SELECT z FROM src",
            vec![],
            "cannot store REAL value in INTEGER column t.n\n  help: give an integer, or declare the column REAL",
            None,
        ),
        (
            "INSERT INTO t(r) SELECT v FROM src",
            vec![],
            "cannot store TEXT value in REAL column t.r\n  help: give a number, or declare the column TEXT",
            None,
        ),
        (
            "UPDATE t SET d = 'a' || 'b'",
            vec![],
            "cannot store TEXT value in NUMERIC column t.d\n  help: give a number, or declare the column TEXT",
            None,
        ),
    ];
    support::on_postgres(|conn| {
        conn.execute_batch(SCHEMA).unwrap();
        for (sql, values, message, place) in cases {
            let error = conn.execute(sql, sqlift::params_from_iter(values)).expect_err(sql);
            match &error {
                Error::SqliteFailure(code, _) | Error::SqlInputError { error: code, .. } => {
                    assert_eq!(code.extended_code, ffi::SQLITE_CONSTRAINT_DATATYPE, "{sql}: {error}");
                }
                _ => panic!("{sql}: {error:?}"),
            }
            match (&error, place) {
                (Error::SqliteFailure(_, Some(found)), None) => assert_eq!(found, message, "{sql}"),
                (Error::SqlInputError { msg, offset, .. }, Some(place)) => {
                    assert_eq!((msg.as_str(), *offset), (*message, *place))
                }
                _ => panic!("{sql}: {error:?}"),
            }
        }
        // Of PostgreSQL's own types all that is known is that the value does not fit.
        conn.native().execute_batch("CREATE TABLE own(u uuid, d timestamptz, small smallint)").unwrap();
        for sql in ["INSERT INTO own(u) VALUES (?1)", "INSERT INTO own(d) VALUES (?1)", "UPDATE own SET u = ?1 || ''"] {
            let error = conn
                .execute("INSERT INTO own(small) VALUES (1)", [])
                .and_then(|_| conn.execute(sql, ["abc"]))
                .expect_err(sql);
            assert_eq!(error.sqlite_extended_error_code(), Some(ffi::SQLITE_CONSTRAINT_DATATYPE), "{sql}: {error}");
            assert!(error.to_string().starts_with("cannot store "), "{sql}: {error}");
        }
        let error = conn.execute("INSERT INTO own(small) VALUES (?1)", [70_000]).unwrap_err();
        assert_eq!(error.sqlite_extended_error_code(), Some(ffi::SQLITE_CONSTRAINT_DATATYPE), "{error}");
    });
}
