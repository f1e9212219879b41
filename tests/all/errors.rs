//! Errors as SQLite gives them: codes, extended codes, texts and offsets, on both databases.

use std::time::Duration;

use crate::support::{self, on_postgres, sqlite, with};
use sqlift::{Connection, Error, OpenFlags, Result, ffi};

/// An error as far as programs look at it.
#[derive(Debug, PartialEq)]
struct Seen {
    extended_code: i32,
    message: String,
    /// Of a `SqlInputError`.
    offset: Option<i32>,
}

#[track_caller]
fn seen<T>(what: &str, result: Result<T>) -> Seen {
    match result.err().unwrap_or_else(|| panic!("{what} does not fail")) {
        Error::SqliteFailure(code, message) => {
            Seen { extended_code: code.extended_code, message: message.unwrap_or_default(), offset: None }
        }
        Error::SqlInputError { error, msg, offset, .. } => {
            Seen { extended_code: error.extended_code, message: msg, offset: Some(offset) }
        }
        other => panic!("{what}: {other:?}"),
    }
}

const TABLES: &str = "
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 1, m INTEGER CHECK (m > 0),
                    k INTEGER CONSTRAINT small CHECK (k < 10));
    CREATE TABLE pair (a INTEGER, b TEXT, PRIMARY KEY (a, b));
    CREATE TABLE keyed (a INTEGER, b TEXT, UNIQUE (a, b));
    CREATE TABLE twofold (a INTEGER, b TEXT, PRIMARY KEY (a, b));
    CREATE UNIQUE INDEX pair_b ON pair (b);
    CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id));
    CREATE TABLE guarded (n INTEGER);
    CREATE TRIGGER guard BEFORE INSERT ON guarded WHEN NEW.n < 0 BEGIN SELECT RAISE(ABORT, 'too small'); END;
    INSERT INTO t (id, name) VALUES (1, 'one'), (2, 'two');
    INSERT INTO pair VALUES (1, 'x'), (2, 'y');
    INSERT INTO keyed VALUES (1, 'x');
    INSERT INTO twofold VALUES (1, 'x');
    INSERT INTO child VALUES (1, 1)";

/// Statement by statement the same as SQLite's, text and place included.
#[test]
fn the_same_words_for_the_same_mistake() {
    let statements = [
        "INSERT INTO t (id) VALUES (1)",
        "INSERT INTO t (name) VALUES ('one')",
        "UPDATE t SET name = 'one' WHERE id = 2",
        "UPDATE t SET id = 1 WHERE id = 2",
        "INSERT INTO twofold VALUES (1, 'x')",
        "INSERT INTO pair VALUES (3, 'x')",
        "INSERT INTO keyed VALUES (1, 'x')",
        "INSERT INTO t (n) VALUES (NULL)",
        "UPDATE t SET n = NULL",
        "INSERT INTO t (m) VALUES (0)",
        "INSERT INTO t (k) VALUES (10)",
        "INSERT INTO child VALUES (2, 99)",
        "UPDATE child SET t = 99",
        "DELETE FROM t WHERE id = 1",
        "INSERT INTO guarded VALUES (-1)",
        "SELECT * FROM nope",
        "INSERT INTO nope VALUES (1)",
        "UPDATE nope SET a = 1",
        "DELETE FROM nope",
        "DROP TABLE nope",
        "SELECT nope FROM t",
        "SELECT id, name, nope FROM t WHERE id = 1",
        "SELECT t.nope FROM t",
        "SELECT x.id FROM t",
        "INSERT INTO t (nope) VALUES (1)",
        "SELECT nope(1) FROM t",
        "SELECT length() FROM t",
        "SELECT id FROM t, child",
        "SELECT id FORM t",
        "SELECT (1",
        "SELEC 1",
        "SELECT 'x",
        "SELECT @",
        "INSERT INTO t (id, name) VALUES (1)",
        "INSERT INTO pair VALUES (1, 2, 3)",
        "SELECT 1 UNION SELECT 1, 2",
        "SELECT count(*) FROM t WHERE count(*) > 1",
        "CREATE TABLE t (a INTEGER)",
        "CREATE INDEX pair_b ON pair (a)",
        "CREATE TABLE twice (a INTEGER, a TEXT)",
        "ALTER TABLE t ADD COLUMN name TEXT",
        "SELECT abs(-9223372036854775808)",
    ];
    let expected: Vec<Seen> = {
        let conn = sqlite();
        conn.execute_batch(TABLES).unwrap();
        statements.iter().map(|sql| seen(sql, conn.execute_batch(sql))).collect()
    };
    on_postgres(|conn| {
        conn.execute_batch(TABLES).unwrap();
        let mut differences = String::new();
        for in_transaction in [false, true] {
            if in_transaction {
                conn.execute_batch("BEGIN; INSERT INTO guarded VALUES (1)").unwrap();
            }
            for (sql, expected) in statements.iter().zip(&expected) {
                let found = seen(sql, conn.execute_batch(sql));
                if found != *expected {
                    differences += &format!("\n{sql}\n  {found:?}\n  expected {expected:?}");
                }
            }
        }
        assert!(differences.is_empty(), "{differences}");
        let found = seen("an unknown target", conn.execute("UPDATE t SET nope = 1", []));
        assert_eq!((found.extended_code, &*found.message), (1, "no such column: nope"));
        conn.execute_batch("COMMIT").unwrap();
    });
}

fn two(first: &Connection, second: &Connection) -> Seen {
    first.execute_batch("CREATE TABLE b (n INTEGER); BEGIN IMMEDIATE; INSERT INTO b VALUES (1)").unwrap();
    // No time is none at all: neither for ever nor what it was.
    second.busy_timeout(support::PATIENCE).unwrap();
    second.busy_timeout(Duration::ZERO).unwrap();
    let began = std::time::Instant::now();
    let at_once = seen("a second writer", second.execute("INSERT INTO b VALUES (2)", []));
    assert!(began.elapsed() < support::PATIENCE, "{:?}", began.elapsed());
    second.busy_timeout(Duration::from_millis(30)).unwrap();
    let busy = seen("a second writer", second.execute("INSERT INTO b VALUES (2)", []));
    assert_eq!(at_once, busy);
    assert_eq!(seen("a second BEGIN IMMEDIATE", second.execute_batch("BEGIN IMMEDIATE")), busy);
    assert!(second.is_autocommit());
    first.execute_batch("ROLLBACK").unwrap();
    second.execute("INSERT INTO b VALUES (3)", []).unwrap();
    busy
}

#[test]
fn busy_interrupted_read_only_and_too_big() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("e.db");
    let open = || Connection::open_sqlite(&file).unwrap();
    let busy = two(&open(), &open());
    assert_eq!((busy.extended_code, busy.message.as_str()), (ffi::SQLITE_BUSY, "database is locked"));
    let read_only = sqlift::rusqlite::Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let read_only = seen("a write", Connection::from_sqlite(read_only).execute("INSERT INTO b VALUES (4)", []));
    let too_big = seen("2 GB", sqlite().query_row("SELECT length(zeroblob(2000000000))", [], |_| Ok(())));
    on_postgres(|conn| {
        let url = conn.path().unwrap().to_owned();
        assert_eq!(two(conn, &Connection::open_url(&url).unwrap()), busy);
        conn.native().execute_batch("SET default_transaction_read_only = on").unwrap();
        assert_eq!(seen("a write", conn.execute("INSERT INTO b VALUES (4)", [])), read_only);
        conn.native().execute_batch("SET default_transaction_read_only = off").unwrap();
        let found = seen("2 GB", conn.query_row("SELECT length(zeroblob(2000000000))", [], |_| Ok(())));
        assert_eq!((found.extended_code, &*found.message), (too_big.extended_code, "string or blob too big"));
        let limited = Connection::open_url(&with(&url, "statement_timeout=50")).unwrap();
        let found = seen("a long statement", limited.native().query_row("SELECT pg_sleep(600)", [], |_| Ok(())));
        assert_eq!((found.extended_code, &*found.message), (ffi::SQLITE_INTERRUPT, "interrupted"));
    });
}

/// A path that is a URL opens what it says with the flags of a file: see `Connection::open_with_flags`.
#[test]
fn flags_of_a_file() {
    let (read, write) = (OpenFlags::SQLITE_OPEN_READ_ONLY, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let flow = |path: &str| {
        let open = |flags| Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_URI);
        let missing = [read, write].map(|flags| seen("it is missing", open(flags)).extended_code);
        open(write | OpenFlags::SQLITE_OPEN_CREATE).unwrap().execute_batch("CREATE TABLE f (n INTEGER)").unwrap();
        let writer = open(write).unwrap();
        writer.execute("INSERT INTO f VALUES (1)", []).unwrap();
        let reader = open(read).unwrap();
        let refused = seen("a write", reader.execute("INSERT INTO f VALUES (2)", []));
        let begun = reader.execute_batch("BEGIN; SELECT * FROM f").and_then(|()| reader.execute("DELETE FROM f", []));
        let in_transaction = seen("a write in a transaction", begun);
        let is_readonly = [reader.is_readonly("main"), writer.is_readonly("main")];
        let count = reader.query_row("SELECT count(*) FROM f", [], |row| row.get::<_, i64>(0));
        let neither = seen("no mode", open(OpenFlags::SQLITE_OPEN_CREATE)).extended_code;
        (missing, refused, in_transaction, is_readonly, count, neither)
    };
    let folder = tempfile::tempdir().unwrap();
    let expected = flow(&format!("sqlite:{}", folder.path().join("f.db").display()));
    let database = sqlift::testing::database();
    assert_eq!(flow(&with(database.url(), "schema=a_file")), expected);
}

/// What the server says, by its SQLSTATE; its own words show nowhere.
#[test]
fn every_sqlstate_has_sqlites_code() {
    let table: &[(&str, i32, &str)] = &[
        ("23503", ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"),
        ("23001", ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"),
        ("23505", ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed"),
        ("23502", ffi::SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed"),
        ("23514", ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed"),
        ("44000", ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed"),
        ("23P01", ffi::SQLITE_CONSTRAINT, "constraint failed"),
        ("23000", ffi::SQLITE_CONSTRAINT, "constraint failed"),
        ("27000", ffi::SQLITE_CONSTRAINT_TRIGGER, "trigger"),
        ("22P02", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("22007", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("22008", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("22001", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("42804", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("22003", ffi::SQLITE_MISMATCH, "datatype mismatch"),
        ("22012", ffi::SQLITE_ERROR, "division by zero"),
        ("40001", ffi::SQLITE_BUSY_SNAPSHOT, "database is locked"),
        ("40P01", ffi::SQLITE_BUSY, "database is locked"),
        ("55P03", ffi::SQLITE_BUSY, "database is locked"),
        ("53300", ffi::SQLITE_BUSY, "database is locked"),
        ("57P03", ffi::SQLITE_BUSY, "database is locked"),
        ("55006", ffi::SQLITE_LOCKED, "database table is locked"),
        ("57014", ffi::SQLITE_INTERRUPT, "interrupted"),
        ("25006", ffi::SQLITE_READONLY, "attempt to write a readonly database"),
        ("42501", ffi::SQLITE_PERM, "access permission denied"),
        ("28000", ffi::SQLITE_CANTOPEN, "unable to open database"),
        ("28P01", ffi::SQLITE_CANTOPEN, "unable to open database"),
        ("3D000", ffi::SQLITE_CANTOPEN, "unable to open database"),
        ("08001", ffi::SQLITE_CANTOPEN, "unable to open database"),
        ("08004", ffi::SQLITE_CANTOPEN, "unable to open database"),
        ("08000", ffi::SQLITE_IOERR, "disk I/O error"),
        ("08006", ffi::SQLITE_IOERR, "disk I/O error"),
        ("08P01", ffi::SQLITE_IOERR, "disk I/O error"),
        ("53100", ffi::SQLITE_FULL, "database or disk is full"),
        ("53200", ffi::SQLITE_NOMEM, "out of memory"),
        ("54000", ffi::SQLITE_TOOBIG, "too big"),
        ("54001", ffi::SQLITE_TOOBIG, "too large"),
        ("54011", ffi::SQLITE_TOOBIG, "too many columns"),
        ("54023", ffi::SQLITE_TOOBIG, "too large"),
        ("XX001", ffi::SQLITE_CORRUPT, "database disk image is malformed"),
        ("XX002", ffi::SQLITE_CORRUPT, "database disk image is malformed"),
        ("25P01", ffi::SQLITE_ERROR, "(25P01)"),
        ("25001", ffi::SQLITE_ERROR, "(25001)"),
        ("3B001", ffi::SQLITE_ERROR, "(3B001)"),
        ("P0001", ffi::SQLITE_CONSTRAINT_TRIGGER, "raised"),
        ("42704", ffi::SQLITE_ERROR, "(42704)"),
        ("XX000", ffi::SQLITE_ERROR, "(XX000)"),
    ];
    on_postgres(|conn| {
        for in_transaction in [false, true] {
            if in_transaction {
                conn.execute_batch("BEGIN; SELECT 1").unwrap();
            }
            for (state, code, words) in table {
                let raise = format!("DO 'BEGIN RAISE EXCEPTION ''raised'' USING ERRCODE = ''{state}''; END'");
                let error = conn.native().execute_batch(&raise).unwrap_err();
                assert_eq!(sqlift::postgres_error(&error).unwrap().sqlstate, *state);
                let found = seen(state, Err::<(), _>(error));
                assert_eq!(found.extended_code, *code, "{state}: {}", found.message);
                assert!(found.message.contains(words), "{state}: {}", found.message);
                assert_eq!(conn.is_autocommit(), !in_transaction, "{state}");
                assert_eq!(conn.query_row("SELECT 7", [], |row| row.get::<_, i64>(0)), Ok(7), "{state}");
            }
        }
    });
    // Of the many reasons for 42883, an operator without such operands is a wrong type.
    on_postgres(|conn| {
        let found =
            seen("a text and a number", conn.native().query_row("SELECT 'a'::text + 1::bigint", [], |_| Ok(())));
        assert_eq!(found.extended_code, ffi::SQLITE_MISMATCH, "{}", found.message);
        let found = seen("a function", conn.native().query_row("SELECT nope(1)", [], |_| Ok(())));
        assert_eq!((found.extended_code, &*found.message), (ffi::SQLITE_ERROR, "no such function: nope"));
    });
    // These end the session.
    for state in ["57P01", "57P02"] {
        on_postgres(|conn| {
            let raise = format!("DO 'BEGIN RAISE EXCEPTION ''raised'' USING ERRCODE = ''{state}''; END'");
            let found = seen(state, conn.native().execute_batch(&raise));
            assert_eq!(found.extended_code, ffi::SQLITE_IOERR, "{}", found.message);
        });
    }
}

/// As rusqlite documents it: called with how often it was called before, until it returns false.
#[test]
fn the_busy_handler_is_asked() {
    use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
    static CALLS: AtomicI32 = AtomicI32::new(0);
    let check = |first: &Connection, second: &Connection| {
        let give_up: fn(i32) -> bool = |calls| {
            assert_eq!(calls, CALLS.fetch_add(1, Relaxed));
            calls < 3
        };
        first.execute_batch("CREATE TABLE b (n INTEGER)").unwrap();
        second.busy_handler(Some(give_up)).unwrap();
        assert_eq!(second.query_row("PRAGMA busy_timeout", [], |row| row.get::<_, i64>(0)), Ok(0));
        for sql in [
            "INSERT INTO b VALUES (2)",
            "BEGIN IMMEDIATE",
            "CREATE TABLE c (n INTEGER)",
            "ALTER TABLE b ADD COLUMN m INTEGER",
        ] {
            first.execute_batch("BEGIN IMMEDIATE; INSERT INTO b VALUES (1)").unwrap();
            CALLS.store(0, Relaxed);
            // PostgreSQL creates a table beside other writers.
            match second.execute_batch(sql) {
                Err(error) => {
                    assert_eq!(error.sqlite_error_code(), Some(sqlift::ErrorCode::DatabaseBusy), "{sql}: {error}");
                    assert_eq!(CALLS.load(Relaxed), 4, "{sql}");
                }
                Ok(()) => assert!(sql.starts_with("CREATE") && second.backend() == sqlift::Backend::Postgres, "{sql}"),
            }
            assert!(second.is_autocommit());
            first.execute_batch("ROLLBACK").unwrap();
        }
        CALLS.store(0, Relaxed);
        second.execute("INSERT INTO b VALUES (3)", []).unwrap();
        assert_eq!(CALLS.load(Relaxed), 0, "nobody is in the way");
        // A timeout takes its place.
        second.busy_timeout(Duration::from_millis(5)).unwrap();
        first.execute_batch("BEGIN IMMEDIATE; INSERT INTO b VALUES (1)").unwrap();
        assert!(second.execute("INSERT INTO b VALUES (2)", []).is_err());
        assert_eq!(CALLS.load(Relaxed), 0);
        first.execute_batch("ROLLBACK").unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let open = || Connection::open_sqlite(folder.path().join("h.db")).unwrap();
    check(&open(), &open());
    support::on_postgres(|conn| check(conn, &Connection::open_url(conn.path().unwrap()).unwrap()));
}
