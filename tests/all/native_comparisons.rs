//! Columns of PostgreSQL's own types beside text, in conditions, sets and branches: SQLite's answers over the same values.

use crate::support;
use sqlift::types::Value;
use sqlift::{Connection, Result};

const SQLITE: &str = "CREATE TABLE n(id INTEGER PRIMARY KEY, ts TIMESTAMP, d DATE, u UUID, bo BOOLEAN, j JSON);
    CREATE TABLE plain(id INTEGER PRIMARY KEY, at TEXT, u TEXT, flag INTEGER);";
const POSTGRES: &str = "CREATE TABLE n(id bigint PRIMARY KEY, ts timestamptz, d date, u uuid, bo boolean, j jsonb);
    CREATE TABLE plain(id bigint PRIMARY KEY, at text COLLATE \"C\", u text COLLATE \"C\", flag bigint);";
const ROWS: &str = "INSERT INTO n VALUES
        (1, '2024-02-29 12:34:56', '2024-02-29', '00000000-0000-4000-8000-00000000000a', 1, '{\"a\":1}'),
        (2, '2024-02-01 00:00:00', '2024-02-01', 'f0000000-0000-4000-8000-00000000000b', 0, '[]'),
        (3, '2023-12-31 23:59:59.999', '2023-12-31', '00000000-0000-4000-8000-00000000000c', 1, '{}'),
        (4, '2024-01-31 23:59:59.999999', '2024-01-31', NULL, NULL, NULL),
        (5, '2024-03-01 00:00:00', '2024-03-01', 'a0000000-0000-4000-8000-00000000000b', 0, '\"x\"'),
        (6, NULL, NULL, NULL, NULL, NULL),
        (7, '0001-01-01 00:00:00', '0001-01-01', NULL, 1, '12'),
        (8, '9999-12-31 23:59:59.999999', '9999-12-31', NULL, 0, 'true');
    INSERT INTO plain VALUES (1, '2024-02-29 12:34:56', '00000000-0000-4000-8000-00000000000a', 1), (2, '2024-02', 'nouuid', 2), (3, NULL, NULL, NULL),
        (4, '2024-03-01', 'A0000000-0000-4000-8000-00000000000B', 0), (5, 'later', '', -1), (6, '2024', '5', 0);";

/// A table of native types beside SQLite's.
fn each(run: impl Fn(&Connection, &Connection)) {
    let sqlite = support::sqlite();
    sqlite.execute_batch(&format!("{SQLITE}{ROWS}")).unwrap();
    support::on_postgres(|postgres| {
        postgres.native().execute_batch(POSTGRES).unwrap();
        postgres.execute_batch(ROWS).unwrap();
        run(&sqlite, postgres);
    });
}

fn rows(conn: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let read = |row: &sqlift::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map(sqlift::params_from_iter(values), read)?.collect()
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{text}'"),
        Value::Integer(integer) => integer.to_string(),
        Value::Real(real) => format!("{real:?}"),
        _ => "NULL".to_owned(),
    }
}

#[track_caller]
fn check(sqlite: &Connection, postgres: &Connection, sql: &str, values: &[Value], wrong: &mut Vec<String>) {
    let expected = rows(sqlite, sql, values).unwrap();
    let found = rows(postgres, sql, values);
    if found.as_ref().ok() != Some(&expected) {
        wrong.push(format!("{sql} with {values:?}: {found:?}, expected {expected:?}"));
    }
}

/// What compares as itself, whatever its form: the rest of these pass with another result, as MIGRATION.md tells.
#[test]
fn text_beside_a_column_compares_as_the_text_that_the_column_is() {
    each(|sqlite, postgres| {
        let mut wrong = Vec::new();
        let moments = [
            "2024",
            "2024-02",
            "2024-02-",
            "2024-02-29",
            "2024-02-30",
            "2024-02-29 12",
            "2024-02-29 12:34",
            "2024-02-29 12:34:56",
            "2024-02-29 12:34:56.",
            "2024-01-31 23:59:59.999999",
            "2023-12-31 23:59:59.999",
            "",
            " ",
            "abc",
            "1e3",
            "zzz",
            "9",
            "0",
            "-1",
            "0000-00-00",
            "9999-12-31 24:00:00",
            "2024-2-1",
            "2024/02/01",
            "2024-03-01 00:00:0",
        ];
        let days = [
            "2024-02-29",
            "2024-02-30",
            "2024-02",
            "2024",
            "2024-02-29 00:00:00",
            "",
            "x",
            "10000-01-01",
            "0001-01-01",
            "-5",
        ];
        let uuids =
            ["00000000-0000-4000-8000-00000000000a", "nouuid", "", "a", "f0000000-0000-4000-8000-00000000000b", "g"];
        for (column, texts) in [("ts", &moments[..]), ("d", &days), ("u", &uuids)] {
            for text in texts {
                for operator in ["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"] {
                    // The moment that a day begins with is the one that it says.
                    let says_another =
                        column == "ts" && text.len() != 7 && text.starts_with("2024-0") && !text.contains('.');
                    if says_another && !operator.contains(['<', '>']) && text.len() < 19 {
                        continue;
                    }
                    let value = Value::Text((*text).to_owned());
                    for shape in ["@ # ?1", "?1 # @"] {
                        let condition = shape.replace('@', column).replace('#', operator);
                        let sql = format!("SELECT id FROM n WHERE {condition} ORDER BY id");
                        check(sqlite, postgres, &sql, std::slice::from_ref(&value), &mut wrong);
                        check(sqlite, postgres, &sql.replace("?1", &literal(&value)), &[], &mut wrong);
                    }
                }
                for (low, high) in [("?1", "'2024-02-29 23:59:59'"), ("'2024-01'", "?1"), ("?1", "?1")] {
                    let sql = format!("SELECT id FROM n WHERE {column} BETWEEN {low} AND {high} ORDER BY id");
                    let value = Value::Text((*text).to_owned());
                    check(sqlite, postgres, &sql, std::slice::from_ref(&value), &mut wrong);
                    let not = sql.replace("BETWEEN", "NOT BETWEEN").replace("?1", &literal(&value));
                    check(sqlite, postgres, &not, &[], &mut wrong);
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn sets_branches_and_rows_of_other_text() {
    each(|sqlite, postgres| {
        let mut wrong = Vec::new();
        for sql in [
            "SELECT id FROM n WHERE ts IN ('2024-02-29 12:34:56', 'x', '2024') ORDER BY id",
            "SELECT id FROM n WHERE ts NOT IN ('2024-02-29 12:34:56', 'x') ORDER BY id",
            "SELECT id FROM n WHERE d IN ('2024-02-29', '2024-02-30', '') ORDER BY id",
            "SELECT id FROM n WHERE u IN ('00000000-0000-4000-8000-00000000000a', 'nouuid') ORDER BY id",
            "SELECT id FROM n WHERE u NOT IN ('nouuid') ORDER BY id",
            "SELECT id FROM n WHERE bo IN (0, 1, 2) ORDER BY id",
            "SELECT id FROM n WHERE bo NOT IN (1, 2) ORDER BY id",
            "SELECT id FROM n WHERE bo BETWEEN 0 AND 2 ORDER BY id",
            "SELECT id FROM n WHERE bo = 'true' ORDER BY id",
            "SELECT id FROM n WHERE bo < 2 ORDER BY id",
            "SELECT id, CASE ts WHEN 'x' THEN 1 WHEN '2024-02-29 12:34:56' THEN 2 ELSE 3 END FROM n ORDER BY id",
            "SELECT id, CASE bo WHEN 2 THEN 'two' WHEN 1 THEN 'one' END FROM n ORDER BY id",
            "SELECT id, nullif(d, 'x'), nullif(d, '2024-02-29') FROM n ORDER BY id",
            "SELECT id FROM n WHERE (ts, id) > ('2024-02', 1) ORDER BY id",
            "SELECT id FROM n WHERE (ts, id) > ('2024-02-29 12:34:56', 0) ORDER BY id",
            "SELECT id FROM n WHERE (u, id) <= ('b', 1) ORDER BY id",
            "SELECT id FROM n WHERE ts > d ORDER BY id",
            "SELECT id FROM n WHERE d = ts ORDER BY id",
            "SELECT id FROM n WHERE ts >= strftime('%Y-%m', '2024-02-10') ORDER BY id",
            "SELECT id FROM n WHERE ts > datetime('2024-02-01') ORDER BY id",
            "SELECT id FROM n WHERE ts > date('2024-02-01') ORDER BY id",
            "SELECT id FROM n WHERE ts <= date('2024-03-01') ORDER BY id",
            "SELECT id FROM n WHERE d >= date('2024-02-10', 'start of month') ORDER BY id",
            "SELECT n.id, plain.id FROM n JOIN plain ON n.ts > plain.at ORDER BY 1, 2",
            "SELECT n.id, plain.id FROM n JOIN plain ON plain.at >= n.ts ORDER BY 1, 2",
            "SELECT n.id, plain.id FROM n JOIN plain ON n.ts = plain.at WHERE plain.id <> 4 ORDER BY 1, 2",
            "SELECT n.id, plain.id FROM n JOIN plain ON n.d <= plain.at ORDER BY 1, 2",
            "SELECT n.id, plain.id FROM n JOIN plain ON n.u = plain.u AND plain.id <> 4 ORDER BY 1, 2",
            "SELECT n.id, plain.id FROM n JOIN plain ON n.bo = plain.flag ORDER BY 1, 2",
            "SELECT id FROM n WHERE u IN (SELECT u FROM plain) ORDER BY id",
            "SELECT id FROM plain WHERE at IN (SELECT ts FROM n) ORDER BY id",
            "SELECT id FROM n WHERE ts IN (SELECT at FROM plain) ORDER BY id",
            "SELECT id FROM n WHERE j = '{}' OR j = 'nothing' OR j = '' ORDER BY id",
            "SELECT id FROM n WHERE j <> 'none' ORDER BY id",
            "SELECT ts FROM n UNION SELECT at FROM plain ORDER BY 1",
            "SELECT d FROM n UNION ALL SELECT ts FROM n UNION ALL SELECT 'all' ORDER BY 1",
            "SELECT u FROM n EXCEPT SELECT u FROM plain ORDER BY 1",
            "SELECT id, coalesce(d, ts), ifnull(u, '-'), CASE WHEN bo THEN d ELSE ts END FROM n ORDER BY id",
            "SELECT id, CAST(ts AS INTEGER), CAST(d AS REAL), CAST(d AS NUMERIC) FROM n ORDER BY id",
            "SELECT max(j), min(j), max(ts), min(u), max(d, '2024') FROM n WHERE id < 4",
            "SELECT id, json_set(coalesce(j, '{}'), '$.k', 1) FROM n WHERE id <> 1 ORDER BY id",
        ] {
            check(sqlite, postgres, sql, &[], &mut wrong);
        }
        for (sql, values) in [
            (
                "SELECT id FROM n WHERE bo = ?1 ORDER BY id",
                vec![
                    Value::Integer(2),
                    Value::Text("true".into()),
                    Value::Integer(1),
                    Value::Text("0".into()),
                    Value::Real(1.0),
                    Value::Real(0.5),
                    Value::Null,
                ],
            ),
            (
                "SELECT id FROM n WHERE bo IS NOT ?1 ORDER BY id",
                vec![Value::Integer(2), Value::Integer(1), Value::Null],
            ),
            (
                "SELECT id FROM n WHERE bo IN (?1, 0) ORDER BY id",
                vec![Value::Integer(2), Value::Integer(1), Value::Text("x".into()), Value::Null],
            ),
            (
                "SELECT id FROM n WHERE ts IN (?1, '2024-03-01 00:00:00') ORDER BY id",
                vec![Value::Text("x".into()), Value::Text("2024-02-29 12:34:56".into()), Value::Null],
            ),
            (
                "SELECT id FROM n WHERE ts >= ?1 AND length(?1) < 20 ORDER BY id",
                vec![Value::Text("2024-02".into()), Value::Text("2024-02-29 12:34:56".into())],
            ),
            (
                "SELECT id FROM n WHERE (ts, id) > (?1, 1) ORDER BY id",
                vec![Value::Text("2024-02".into()), Value::Text("2024-02-29 12:34:56".into())],
            ),
            (
                "SELECT id FROM n WHERE u = ?1 OR u > ?1 ORDER BY id",
                vec![Value::Text("nouuid".into()), Value::Text("00000000-0000-4000-8000-00000000000a".into())],
            ),
            (
                "SELECT id FROM n WHERE j = ?1 ORDER BY id",
                vec![Value::Text("{}".into()), Value::Text("none".into()), Value::Null],
            ),
            (
                "SELECT ?1 IN (SELECT ts FROM n WHERE id < 6)",
                vec![Value::Text("2024-02-29 12:34:56".into()), Value::Text("x".into())],
            ),
        ] {
            // The same statement with one class of value after the other.
            for value in values {
                check(sqlite, postgres, sql, &[value], &mut wrong);
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn generated_columns_and_indexes_over_days_and_moments() {
    let sql = "CREATE TABLE g(id INTEGER PRIMARY KEY, ts TIMESTAMP, d DATE, day DATE AS (date(ts)) STORED, y TEXT AS (strftime('%Y', d)) STORED,
            next TIMESTAMP AS (datetime(ts, '+1 day')) STORED, m AS (substr(d, 1, 7)) STORED)";
    let index = "CREATE INDEX g_month ON g(strftime('%Y-%m', d)); CREATE INDEX g_part ON g(substr(d, 1, 4), d)";
    let write = "INSERT INTO g(ts, d) VALUES('2024-02-29 12:34:56', '2024-02-29'), (NULL, '1999-12-31'), ('0900-01-01 00:00:00', NULL)";
    let sqlite = support::sqlite();
    sqlite.execute_batch(&format!("{sql};{index};{write}")).unwrap();
    let options = sqlift::translate::Options { types: sqlift::translate::TypePolicy::NATIVE, ..Default::default() };
    let native =
        sqlift::translate::translate(sql, &sqlift::translate::catalog::Catalog::default(), &options).unwrap().sql;
    support::on_postgres(|postgres| {
        postgres.native().execute_batch(&native).unwrap();
        postgres.execute_batch(&format!("{index};{write}")).unwrap();
        for sql in ["SELECT * FROM g ORDER BY id", "SELECT id FROM g WHERE strftime('%Y-%m', d) = '2024-02'"] {
            assert_eq!(rows(postgres, sql, &[]).unwrap(), rows(&sqlite, sql, &[]).unwrap(), "{sql}");
        }
    });
}

#[test]
fn what_a_column_cannot_keep_is_refused_with_its_place() {
    each(|_, postgres| {
        for (sql, place) in [
            ("UPDATE n SET d = '2024-05-05 10:00:00'", "'2024-05-05"),
            ("UPDATE n SET d = '2024-02-30'", "'2024-02"),
            ("UPDATE n SET bo = 2", "2"),
            ("UPDATE n SET bo = 'true'", "'true'"),
            ("UPDATE n SET j = 'some text'", "'some text'"),
            ("SELECT id FROM n WHERE ts > 0", "0"),
        ] {
            let error = postgres.prepare(sql).map(|_| ()).unwrap_err();
            assert!(error.to_string().contains("help: "), "{sql}: {error}");
            let sqlift::Error::SqlInputError { offset, .. } = error else { panic!("{sql}: {error:?}") };
            assert!(sql[offset as usize..].starts_with(place), "{sql}: {offset}");
        }
        for (sql, text) in [
            ("UPDATE n SET d = datetime('2024-05-05 10:00:00')", None),
            ("UPDATE n SET d = substr(?1, 1)", Some("2024-02-30")),
            ("UPDATE n SET ts = substr(?1, 1)", Some("yesterday")),
            ("UPDATE n SET ts = substr(?1, 1)", Some("2024-02-29 24:00:00")),
        ] {
            let done = postgres.execute(sql, sqlift::params_from_iter(text));
            assert_eq!(done.unwrap_err().sqlite_error_code(), Some(sqlift::ErrorCode::ConstraintViolation), "{sql}");
        }
        postgres.execute("UPDATE n SET ts = substr(?1, 1) WHERE id = 1", ["2024-05-05T10:00:00+02:00"]).unwrap();
        let kept: String = postgres.query_row("SELECT ts FROM n WHERE id = 1", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "2024-05-05 08:00:00");
    });
}
