//! PostgreSQL's own SQL with its own types beside unported call sites, in one session and transaction.

use std::io::{self, Read};

use sqlift::postgres::types::Type;
use sqlift::{Connection, Error, ErrorCode, postgres_error};

use crate::support::on_postgres;

fn table(conn: &Connection) {
    conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, extra BLOB)").unwrap();
}

fn names(conn: &Connection) -> Vec<String> {
    let mut stmt = conn.prepare("SELECT name FROM tag ORDER BY id").unwrap();
    stmt.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn types_of_its_own_come_and_go() {
    on_postgres(|conn| {
        table(conn);
        let postgres = conn.as_postgres().expect("this is PostgreSQL");
        let words = vec!["red", "blue"];
        let changed = postgres.execute("INSERT INTO tag (name) SELECT unnest($1::text[])", &[&words]).unwrap();
        assert_eq!((changed, conn.changes(), names(conn)), (2, 2, vec!["red".to_owned(), "blue".to_owned()]));
        let row = postgres.query_one("SELECT array_agg(name ORDER BY name), now() FROM tag", &[]).unwrap();
        assert_eq!(row.get::<_, Vec<String>>(0), ["blue", "red"]);
        assert_eq!(row.columns()[1].type_(), &Type::TIMESTAMPTZ);
        // A `?` is PostgreSQL's operator here.
        let has: bool = postgres.query_one("SELECT '{\"a\": 1}'::jsonb ? $1", &[&"a"]).unwrap().get(0);
        assert!(has);
        assert_eq!(postgres.prepare("SELECT $1::int4 + 1").unwrap().params(), [Type::INT4]);
        assert!(postgres.query_opt("SELECT 1 WHERE false", &[]).unwrap().is_none());
        assert!(matches!(postgres.query_one("SELECT 1 WHERE false", &[]), Err(Error::QueryReturnedNoRows)));
        assert!(matches!(
            postgres.query_opt("SELECT 1 UNION ALL SELECT 2", &[]),
            Err(Error::QueryReturnedMoreThanOneRow)
        ));
    });
}

#[test]
fn one_transaction_spans_ported_and_unported_call_sites() {
    on_postgres(|conn| {
        table(conn);
        for keep in [false, true] {
            let tx = conn.transaction().unwrap();
            tx.execute("INSERT INTO tag (id, name) VALUES (?1, ?2)", (1, "red")).unwrap();
            let postgres = tx.as_postgres().unwrap();
            postgres.execute("INSERT INTO tag (id, name) VALUES ($1, $2)", &[&2i64, &"blue"]).unwrap();
            // A failed statement undoes itself alone, whichever way it came.
            let twice = postgres.execute("INSERT INTO tag (id, name) VALUES ($1, $2)", &[&3i64, &"blue"]).unwrap_err();
            assert_eq!(twice.sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
            assert_eq!(postgres_error(&twice).unwrap().sqlstate, "23505");
            tx.execute("INSERT INTO tag (id, name) VALUES (3, 'red')", []).unwrap_err();
            assert_eq!(names(&tx), ["red", "blue"]);
            match keep {
                true => tx.commit().unwrap(),
                false => tx.rollback().unwrap(),
            }
            assert_eq!(names(conn).len(), if keep { 2 } else { 0 });
        }
        // Transaction commands are the session's, whichever way they come.
        let postgres = conn.as_postgres().unwrap();
        postgres.execute("BEGIN", &[]).unwrap();
        assert!(!conn.is_autocommit());
        conn.execute("DELETE FROM tag", []).unwrap();
        postgres.execute("ROLLBACK", &[]).unwrap();
        assert!(conn.is_autocommit() && names(conn).len() == 2);
        let refused = postgres.batch_execute("DELETE FROM tag; COMMIT").unwrap_err();
        assert!(refused.to_string().contains("cannot begin or end transactions"), "{refused}");
        assert_eq!(names(conn).len(), 2);
    });
}

#[test]
fn mistakes_are_pointed_at_and_leave_the_session_usable() {
    on_postgres(|conn| {
        table(conn);
        let postgres = conn.as_postgres().unwrap();
        for inside in [false, true] {
            if inside {
                conn.execute_batch("BEGIN; INSERT INTO tag (name) VALUES ('kept')").unwrap();
            }
            let unknown = postgres.query("SELECT id, nope FROM tag", &[]).unwrap_err();
            assert!(matches!(unknown, Error::SqlInputError { offset: 11, .. }), "{unknown:?}");
            let count = postgres.query("SELECT $1::text", &[]).unwrap_err();
            assert!(matches!(count, Error::InvalidParameterCount(0, 1)), "{count:?}");
            // The driver refuses a Rust type that the parameter's type does not take.
            postgres.query("SELECT $1::text", &[&5i64]).unwrap_err();
            postgres.simple_query("SELECT 1; SELEC 2").unwrap_err();
            assert_eq!(postgres.query_one("SELECT 5", &[]).unwrap().get::<_, i32>(0), 5);
            assert_eq!(conn.query_row("SELECT ?1 || 'x'", [5], |row| row.get::<_, String>(0)).unwrap(), "5x");
        }
        conn.execute_batch("COMMIT").unwrap();
        assert_eq!(names(conn), ["kept"]);
    });
}

#[test]
fn statements_survive_changes_of_the_schema() {
    on_postgres(|conn| {
        table(conn);
        let postgres = conn.as_postgres().unwrap();
        postgres.execute("INSERT INTO tag (name) VALUES ('red')", &[]).unwrap();
        let columns = || postgres.query_one("SELECT * FROM tag", &[]).unwrap().len();
        assert_eq!(columns(), 3);
        conn.execute_batch("ALTER TABLE tag ADD COLUMN size INTEGER").unwrap();
        assert_eq!(columns(), 4);
        postgres.batch_execute("ALTER TABLE tag DROP COLUMN extra").unwrap();
        assert_eq!(columns(), 3);
        conn.prepare("SELECT extra FROM tag").expect_err("the facade's catalog knows at once");
    });
}

#[test]
fn an_open_result_stays_readable() {
    on_postgres(|conn| {
        table(conn);
        let postgres = conn.as_postgres().unwrap();
        postgres.execute("INSERT INTO tag (name) SELECT 'n' || g FROM generate_series(1, 2000) g", &[]).unwrap();
        let mut stmt = conn.prepare("SELECT id FROM tag ORDER BY id").unwrap();
        let mut rows = stmt.query([]).unwrap();
        let mut sum = 0;
        while let Some(row) = rows.next().unwrap() {
            let id: i64 = row.get(0).unwrap();
            sum += postgres.query_one("SELECT id FROM tag WHERE id = $1", &[&id]).unwrap().get::<_, i64>(0);
        }
        assert_eq!(sum, 2000 * 2001 / 2);
    });
}

/// Fails where data is expected.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn copy_goes_both_ways() {
    on_postgres(|conn| {
        table(conn);
        let postgres = conn.as_postgres().unwrap();
        let data: String = (0..50_000).map(|number| format!("name{number}\n")).collect();
        assert_eq!(postgres.copy_in("COPY tag (name) FROM STDIN", data.as_bytes()).unwrap(), 50_000);
        assert_eq!(conn.changes(), 50_000);
        let mut out = Vec::new();
        let bytes = postgres.copy_out("COPY (SELECT name FROM tag ORDER BY id) TO STDOUT", &mut out).unwrap();
        assert_eq!((bytes as usize, out.as_slice()), (data.len(), data.as_bytes()));

        // What fails half-way leaves nothing, and the transaction goes on.
        conn.execute_batch("BEGIN; DELETE FROM tag").unwrap();
        let unread = postgres.copy_in("COPY tag (name) FROM STDIN", data.as_bytes().chain(Broken)).unwrap_err();
        assert_eq!(unread.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{unread}");
        let twice = postgres.copy_in("COPY tag (name) FROM STDIN", "a\nb\na\n".as_bytes()).unwrap_err();
        assert_eq!(postgres_error(&twice).unwrap().sqlstate, "23505");
        assert_eq!(postgres.copy_in("COPY tag (name) FROM STDIN", "a\nb\n".as_bytes()).unwrap(), 2);
        assert_eq!(names(conn), ["a", "b"]);
        conn.execute_batch("COMMIT").unwrap();
        assert_eq!(names(conn), ["a", "b"]);
        let full = postgres.copy_out("COPY tag TO STDOUT", &mut [0u8; 3][..]).unwrap_err();
        assert_eq!(full.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{full}");
        assert_eq!(names(conn).len(), 2);
    });
}

#[test]
fn the_busy_handler_is_asked() {
    use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
    static CALLS: AtomicI32 = AtomicI32::new(0);
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).unwrap();
    let (first, second) = (open(), open());
    table(&first);
    let insert = "INSERT INTO tag (name) VALUES ('red')";
    for inside in [false, true] {
        second
            .busy_handler(Some(|calls| {
                assert_eq!(calls, CALLS.fetch_add(1, Relaxed));
                calls < 3
            }))
            .unwrap();
        let postgres = second.as_postgres().unwrap();
        if inside {
            second.execute_batch("BEGIN").unwrap();
        }
        first.execute_batch("BEGIN IMMEDIATE").unwrap();
        CALLS.store(0, Relaxed);
        let error = postgres.execute(insert, &[]).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
        assert_eq!(CALLS.load(Relaxed), 4, "until it says no");
        assert_eq!(second.is_autocommit(), !inside);
        first.execute_batch("COMMIT").unwrap();
        CALLS.store(0, Relaxed);
        assert_eq!(postgres.execute(&insert.replace("red", &format!("red{inside}")), &[]).unwrap(), 1);
        assert_eq!(CALLS.load(Relaxed), 0, "nobody is in the way");
        if inside {
            second.execute_batch("COMMIT").unwrap();
        }
        // The timeout alone: the server waits, once.
        second.busy_timeout(std::time::Duration::from_millis(5)).unwrap();
        first.execute_batch("BEGIN IMMEDIATE").unwrap();
        postgres.execute(insert, &[]).unwrap_err();
        assert_eq!(CALLS.load(Relaxed), 0);
        first.execute_batch("ROLLBACK").unwrap();
    }
    assert_eq!(names(&first), ["redfalse", "redtrue"]);
}
