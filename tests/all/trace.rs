//! Functions that are told what a connection runs: the same on both databases.

use crate::support::{on_postgres, sqlite};
use sqlift::blob::ZeroBlob;
use sqlift::trace::{StmtRef, TraceEvent, TraceEventCodes};
use sqlift::{Connection, Result, StatementStatus, ToSql, params};
use std::cell::RefCell;
use std::time::Duration;

thread_local! {
    // The functions are plain ones and know nothing but what they are told.
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(what: String) {
    TOLD.with_borrow_mut(|told| told.push(what));
}

/// SQLite's texts hold the blanks around a statement of a script and its semicolon.
fn trimmed(sql: &str) -> &str {
    sql.trim_matches(|letter: char| letter.is_whitespace() || letter == ';')
}

fn told(run: impl Fn(&mut Connection)) -> [Vec<String>; 2] {
    run(&mut sqlite());
    let expected = TOLD.take();
    on_postgres(|conn| run(conn));
    [TOLD.take(), expected]
}

#[track_caller]
fn same(run: impl Fn(&mut Connection)) -> Vec<String> {
    let [found, expected] = told(run);
    assert_eq!(found, expected);
    expected
}

fn traced(sql: &str) {
    note(trimmed(sql).to_owned());
}

fn profiled(sql: &str, took: Duration) {
    // SQLite's clock counts milliseconds.
    assert!(took < Duration::from_secs(60));
    note(format!("{} took some time", trimmed(sql)));
}

const TABLE: &str = "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO tag VALUES (1, 'red')";

#[test]
#[expect(deprecated)]
fn texts_with_values() {
    let seen = same(|conn| {
        conn.trace(Some(traced));
        conn.execute_batch(TABLE).unwrap();
        conn.execute("INSERT INTO tag (name) VALUES (:name)", &[(":name", "it's")]).unwrap();
        let mut stmt = conn.prepare("SELECT ?1, ?2, ?3, ?4 FROM tag -- ?").unwrap();
        let mut rows = stmt.query(params![1, 2.5, [1u8, 255], None::<i64>]).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        // A query that nobody asks for a row does not begin.
        drop(stmt.query(params![1, 2, 3, 4]).unwrap());
        drop(stmt);
        conn.execute("INSERT INTO tag VALUES (1, ?1)", ["again"]).unwrap_err();
        conn.prepare("SELEC 1").unwrap_err();
        conn.execute("", []).unwrap_err();
        let tx = conn.transaction().unwrap();
        tx.execute("DELETE FROM tag", []).unwrap();
        tx.commit().unwrap();
        conn.trace(None);
        conn.execute("DELETE FROM tag", []).unwrap();
    });
    assert_eq!(seen[2], "INSERT INTO tag (name) VALUES ('it''s')");
}

/// Values in place, as SQLite writes them: zeros by their number, reals in 15 digits, long values whole.
#[test]
fn values_of_every_kind_in_a_text() {
    same(|conn| {
        let sql = "SELECT ?1 -- ?1 '?1'\n, '?1', \"?1\" FROM (SELECT 1 AS \"?1\")";
        let mut statement = conn.prepare(sql).unwrap();
        note(statement.expanded_sql().unwrap());
        let mut expanded = |value: &dyn ToSql| {
            statement.raw_bind_parameter(1, value).unwrap();
            note(statement.expanded_sql().unwrap());
            // What has run keeps its values.
            drop(statement.raw_query().next().map(|row| row.is_some()));
            note(statement.expanded_sql().unwrap());
        };
        for zeros in [0, 1, 5, 100_000] {
            expanded(&ZeroBlob(zeros));
        }
        for real in [0.1, 0.1 + 0.2, 1.0, -0.0, 1e15, 1e16, 1e300, 1e-7, 123_456_789.123_456_78, 2.0 / 3.0, f64::MAX] {
            expanded(&real);
        }
        for real in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324] {
            expanded(&real);
        }
        for integer in [0, i64::MIN, i64::MAX] {
            expanded(&integer);
        }
        for text in ["", "it's", "''", "ä\n\t?1"] {
            expanded(&text);
        }
        expanded(&vec![0_u8; 5]);
        expanded(&(0..=255_u8).collect::<Vec<u8>>());
        expanded(&"x'".repeat(50_000));
        expanded(&vec![7_u8; 50_000]);
        expanded(&true);
        expanded(&None::<i64>);
    });
}

/// The rows of a script's queries too, though the script does not hand them out.
#[test]
fn rows_of_a_script() {
    same(|conn| {
        conn.execute_batch(TABLE).unwrap();
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT | TraceEventCodes::SQLITE_TRACE_ROW, Some(told_event));
        conn.execute_batch(
            "SELECT 1 UNION ALL SELECT 2; SELECT name FROM tag; INSERT INTO tag VALUES (2, 'x') RETURNING id;",
        )
        .unwrap();
        conn.execute_batch("SELECT 1; SELECT abs(-9223372036854775807 - 1); SELECT 3").unwrap_err();
    });
}

#[test]
#[expect(deprecated)]
fn times() {
    same(|conn| {
        conn.profile(Some(profiled));
        conn.execute_batch(TABLE).unwrap();
        conn.execute("INSERT INTO tag (name) VALUES (?1)", ["x"]).unwrap();
        conn.execute("INSERT INTO tag (name) VALUES (?1)", ["x"]).unwrap_err();
        conn.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0)).unwrap();
        conn.profile(None);
        conn.execute("DELETE FROM tag", []).unwrap();
    });
}

fn told_event(event: TraceEvent<'_>) {
    let statement = |statement: &StmtRef<'_>| {
        assert_eq!(statement.get_status(StatementStatus::Sort), 0);
        format!("{} = {:?}", trimmed(&statement.sql()), statement.expanded_sql().as_deref().map(trimmed))
    };
    match event {
        TraceEvent::Stmt(of, text) => note(format!("begins {}, {}", trimmed(text), statement(&of))),
        TraceEvent::Profile(of, took) => note(format!("ends {}, {}", statement(&of), took < Duration::from_secs(60))),
        TraceEvent::Row(of) => note(format!("row of {}", statement(&of))),
        TraceEvent::Close(conn) => note(format!("closed, autocommit {}", conn.is_autocommit())),
        _ => note("something else".to_owned()),
    }
}

fn told_other(_: TraceEvent<'_>) {
    note("another".to_owned());
}

fn in_memory() -> Connection {
    Connection::open_sqlite(":memory:").unwrap()
}

#[test]
fn events() -> Result<()> {
    let run = |mut conn: Connection| {
        // SQLite also tells of the rows that it reads of its own after DDL.
        conn.execute_batch(TABLE).unwrap();
        conn.trace_v2(TraceEventCodes::all(), Some(told_event));
        conn.execute_batch("INSERT INTO tag (name) VALUES ('pink'); DELETE FROM tag WHERE name = 'pink';").unwrap();
        conn.execute("INSERT INTO tag (name) VALUES (?1)", ["blue"]).unwrap();
        conn.execute("INSERT INTO tag (name) VALUES (?1)", ["blue"]).unwrap_err();
        let mut stmt = conn.prepare("SELECT name FROM tag WHERE id < ?1").unwrap();
        let mut rows = stmt.query([9]).unwrap();
        while rows.next().unwrap().is_some() {}
        assert!(rows.next().unwrap().is_none());
        drop(rows);
        stmt.query_row([9], |row| row.get::<_, String>(0)).unwrap();
        assert!(stmt.exists([9]).unwrap());
        drop(stmt);
        conn.execute("INSERT INTO tag (name) VALUES ('grey') RETURNING id", []).unwrap_err();
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_ROW, Some(told_other));
        conn.execute("DELETE FROM tag", []).unwrap();
        conn.query_row("SELECT 1", [], |_| Ok(())).unwrap();
        conn.trace_v2(TraceEventCodes::empty(), Some(told_event));
        conn.query_row("SELECT 2", [], |_| Ok(())).unwrap();
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_CLOSE, Some(told_event));
        conn.transaction().unwrap().commit().unwrap();
    };
    run(in_memory());
    let expected = TOLD.take();
    assert_eq!(expected.last().map(String::as_str), Some("closed, autocommit true"));
    let database = sqlift::testing::database();
    run(Connection::open_url(database.url())?);
    assert_eq!(TOLD.take(), expected);

    // In the middle of a transaction.
    let run = |conn: Connection| {
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_CLOSE, Some(told_event));
        conn.execute_batch("BEGIN; SELECT 1").unwrap();
    };
    run(in_memory());
    run(Connection::open_url(database.url())?);
    assert_eq!(TOLD.take(), ["closed, autocommit false"; 2]);
    Ok(())
}

#[test]
#[expect(deprecated)]
fn which_of_them_are_told_together() {
    same(|conn| {
        type Set = fn(&mut Connection);
        let sets: [Set; 3] = [
            |conn| conn.trace(Some(traced)),
            |conn| conn.profile(Some(profiled)),
            |conn| conn.trace_v2(TraceEventCodes::SQLITE_TRACE_ROW, Some(told_event)),
        ];
        for (first, second) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            sets[first](conn);
            sets[second](conn);
            note(format!("{first} and {second}"));
            conn.query_row("SELECT 1", [], |_| Ok(())).unwrap();
            conn.trace(None);
            conn.profile(None);
        }
    });
}

/// A function that panics does no harm.
#[test]
fn panics_end_there() {
    same(|conn| {
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(|_| panic!("not this time")));
        note(format!("{:?}", conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))));
    });
}
