//! What must never happen to a transaction on PostgreSQL: a write that escapes it, or one that is lost with a success.

use std::time::Duration;

use crate::support::{both, on_postgres, sqlite, with};
use sqlift::{Connection, Error, ErrorCode, TransactionBehavior};

fn count(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).expect(sql)
}

fn parent_and_child(conn: &Connection) {
    conn.execute_batch(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE w (n INTEGER)",
    )
    .expect("created");
}

/// A script, statement by statement, on both databases: what each says, and how the transaction stands after it.
#[derive(Debug, PartialEq)]
struct Step {
    sql: String,
    /// The error's extended code and text.
    error: Option<(i32, String)>,
    is_autocommit: bool,
    rows_of_w: Option<i64>,
}

fn steps(conn: &Connection, script: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    for sql in script {
        let error = conn.execute_batch(sql).err().map(|error| match error {
            Error::SqliteFailure(code, Some(message)) => (code.extended_code, message),
            Error::SqlInputError { error, msg, .. } => (error.extended_code, msg),
            other => panic!("{sql}: {other:?}"),
        });
        let is_autocommit = conn.is_autocommit();
        let rows_of_w = conn.query_row("SELECT count(*) FROM w", [], |row| row.get(0)).ok();
        steps.push(Step { sql: (*sql).to_owned(), error, is_autocommit, rows_of_w });
    }
    steps
}

/// sqlite.org/lang_transaction.html and lang_savepoint.html, as SQLite itself does it.
#[test]
fn transaction_commands_have_sqlites_outcomes_and_words() {
    let scripts: &[(&str, &[&str])] = &[
        ("nested BEGIN", &["BEGIN", "BEGIN", "INSERT INTO w VALUES (1)", "BEGIN IMMEDIATE", "COMMIT"]),
        ("stray ends", &["COMMIT", "ROLLBACK", "END", "ROLLBACK TO s", "RELEASE s", "RELEASE SAVEPOINT s"]),
        ("stray ends behind an empty transaction", &["BEGIN", "COMMIT", "COMMIT", "BEGIN", "ROLLBACK", "ROLLBACK"]),
        (
            "every spelling",
            &[
                "BEGIN DEFERRED TRANSACTION",
                "INSERT INTO w VALUES (1)",
                "END TRANSACTION",
                "BEGIN EXCLUSIVE",
                "INSERT INTO w VALUES (2)",
                "ROLLBACK TRANSACTION",
                "BEGIN IMMEDIATE",
                "INSERT INTO w VALUES (2)",
                "COMMIT",
            ],
        ),
        ("a savepoint outside begins", &["SAVEPOINT s", "INSERT INTO w VALUES (1)", "BEGIN", "RELEASE s", "COMMIT"]),
        ("COMMIT ends savepoints", &["SAVEPOINT s", "INSERT INTO w VALUES (1)", "COMMIT", "RELEASE s"]),
        (
            "ROLLBACK TO keeps the outermost open",
            &["SAVEPOINT s", "INSERT INTO w VALUES (1)", "ROLLBACK TO s", "INSERT INTO w VALUES (2)", "RELEASE s"],
        ),
        ("names have no case", &["SAVEPOINT Sp", "INSERT INTO w VALUES (1)", "ROLLBACK TO SP", "RELEASE sP"]),
        (
            "names repeat",
            &[
                "BEGIN",
                "SAVEPOINT s",
                "INSERT INTO w VALUES (1)",
                "SAVEPOINT s",
                "INSERT INTO w VALUES (2)",
                "ROLLBACK TO s",
                "RELEASE s",
                "INSERT INTO w VALUES (3)",
                "ROLLBACK TO s",
                "RELEASE s",
                "RELEASE s",
                "COMMIT",
            ],
        ),
        (
            "an outer RELEASE takes the inner with it",
            &["SAVEPOINT a", "SAVEPOINT b", "INSERT INTO w VALUES (1)", "RELEASE a", "RELEASE b"],
        ),
        (
            "an outer ROLLBACK TO takes the inner with it",
            &[
                "BEGIN",
                "SAVEPOINT a",
                "INSERT INTO w VALUES (1)",
                "SAVEPOINT b",
                "ROLLBACK TO a",
                "RELEASE b",
                "ROLLBACK TO a",
                "COMMIT",
            ],
        ),
        ("quoted names", &["SAVEPOINT \"a b\"\"c\"", "INSERT INTO w VALUES (1)", "RELEASE 'a b\"c'"]),
        (
            "a failed statement undoes itself",
            &[
                "BEGIN",
                "INSERT INTO u VALUES (1)",
                "INSERT INTO w VALUES (1)",
                "INSERT INTO u VALUES (2), (1)",
                "SELECT nope FROM u",
                "INSERT INTO nope VALUES (1)",
                "INSERT INTO w SELECT n FROM u",
                "COMMIT",
            ],
        ),
        (
            "between savepoints too",
            &[
                "SAVEPOINT a",
                "INSERT INTO u VALUES (1)",
                "INSERT INTO u VALUES (1)",
                "SAVEPOINT b",
                "INSERT INTO u VALUES (1)",
                "INSERT INTO w VALUES (7)",
                "ROLLBACK TO b",
                "INSERT INTO u VALUES (1)",
                "INSERT INTO w SELECT n FROM u",
                "RELEASE a",
            ],
        ),
        (
            "OR ROLLBACK",
            &[
                "BEGIN",
                "INSERT INTO u VALUES (1)",
                "INSERT INTO w VALUES (1)",
                "INSERT OR ROLLBACK INTO u VALUES (1)",
                "INSERT INTO w VALUES (2)",
                "COMMIT",
            ],
        ),
        (
            "OR ROLLBACK in a savepoint",
            &["SAVEPOINT s", "INSERT INTO u VALUES (1)", "INSERT OR ROLLBACK INTO u VALUES (1)", "RELEASE s"],
        ),
        (
            "OR FAIL, OR ABORT, OR IGNORE",
            &[
                "BEGIN",
                "INSERT INTO u VALUES (1)",
                "INSERT OR ABORT INTO u VALUES (1)",
                "INSERT OR IGNORE INTO u VALUES (1), (2)",
                "INSERT INTO w SELECT n FROM u",
                "COMMIT",
            ],
        ),
        (
            "a deferred key keeps the transaction open",
            &[
                "BEGIN",
                "INSERT INTO child VALUES (1, 7)",
                "INSERT INTO w VALUES (1)",
                "COMMIT",
                "INSERT INTO w VALUES (2)",
                "COMMIT",
                "INSERT INTO parent VALUES (7)",
                "COMMIT",
                "COMMIT",
            ],
        ),
        (
            "a deferred key in the outermost savepoint",
            &[
                "SAVEPOINT s",
                "INSERT INTO child VALUES (2, 99)",
                "RELEASE s",
                "INSERT INTO w VALUES (1)",
                "ROLLBACK TO s",
                "RELEASE s",
            ],
        ),
        (
            "a deferred key, then all undone",
            &[
                "BEGIN",
                "INSERT INTO child VALUES (3, 99)",
                "SELECT 1",
                "COMMIT",
                "INSERT INTO w VALUES (1)",
                "ROLLBACK",
            ],
        ),
        ("a deferred key by itself", &["INSERT INTO child VALUES (4, 99)", "INSERT INTO w VALUES (1)"]),
        (
            "a savepoint under a deferred key",
            &[
                "BEGIN",
                "SAVEPOINT a",
                "INSERT INTO child VALUES (5, 99)",
                "RELEASE a",
                "COMMIT",
                "DELETE FROM child WHERE id = 5",
                "COMMIT",
            ],
        ),
        (
            "schema changes go back",
            &[
                "BEGIN",
                "CREATE TABLE n (a INTEGER)",
                "INSERT INTO n VALUES (1)",
                "SAVEPOINT s",
                "DROP TABLE n",
                "ROLLBACK TO s",
                "INSERT INTO w SELECT a FROM n",
                "ROLLBACK",
                "INSERT INTO n VALUES (1)",
            ],
        ),
    ];
    for parameter in [
        "savepoints=auto",
        "savepoints=always",
        "isolation=read-committed",
        "isolation=repeatable-read",
        "immediate=plain",
    ] {
        for (what, script) in scripts {
            let fresh = |conn: &Connection| {
                parent_and_child(conn);
                conn.execute_batch("CREATE TABLE u (n INTEGER UNIQUE)").expect("created");
                steps(conn, script)
            };
            let expected = fresh(&sqlite());
            on_postgres(|conn| {
                let conn = Connection::open_url(&with(conn.path().expect("a URL"), parameter)).expect("a session");
                for (found, expected) in fresh(&conn).into_iter().zip(expected) {
                    assert_eq!(found, expected, "{parameter}, {what}");
                }
            });
        }
    }
}

#[test]
fn a_failed_commit_leaves_nothing_open_once_rolled_back() {
    on_postgres(|conn| {
        parent_and_child(conn);
        let tx = conn.transaction().expect("begins");
        tx.execute_batch("INSERT INTO w VALUES (1); INSERT INTO child VALUES (1, 99)").expect("runs");
        let error = tx.commit().expect_err("the deferred key is checked");
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
        assert!(conn.is_autocommit(), "the value that stood for it is gone, and so is the transaction");
        conn.execute("INSERT INTO w VALUES (1)", []).expect("on its own");
        let other = Connection::open_url(conn.path().expect("a URL")).expect("a second session");
        assert_eq!(count(&other, "SELECT count(*) FROM w"), 1, "committed");
    });
}

/// SQLite's busy timeout belongs to the connection: no roll-back takes it back.
#[test]
fn the_busy_timeout_outlives_transactions() {
    let timeout = |conn: &Connection| count(conn, "PRAGMA busy_timeout");
    both(|conn| {
        conn.execute_batch("CREATE TABLE u (n INTEGER UNIQUE); INSERT INTO u VALUES (1)").expect("created");
        conn.busy_timeout(Duration::from_millis(1_500)).expect("set");
        assert_eq!(timeout(conn), 1_500);
        let script: &[(&str, i64)] = &[
            ("BEGIN; SELECT 1; PRAGMA busy_timeout = 5500; ROLLBACK", 5_500),
            ("BEGIN; INSERT INTO u VALUES (2); PRAGMA busy_timeout = 60; INSERT INTO u VALUES (3); ROLLBACK", 60),
            ("BEGIN; SAVEPOINT a; PRAGMA busy_timeout = 70; SELECT 1; ROLLBACK TO a; ROLLBACK", 70),
            ("BEGIN; PRAGMA busy_timeout = 80; COMMIT", 80),
            ("BEGIN; SELECT 1; PRAGMA busy_timeout = 0; COMMIT", 0),
            ("PRAGMA busy_timeout = -5", 0),
            ("PRAGMA busy_timeout = 90", 90),
        ];
        for (sql, expected) in script {
            conn.execute_batch(sql).expect(sql);
            assert_eq!(timeout(conn), *expected, "{sql}");
        }
        // A failed statement undoes only itself.
        conn.execute_batch("BEGIN; INSERT INTO u VALUES (4); PRAGMA busy_timeout = 100").expect("runs");
        assert!(conn.execute("INSERT INTO u VALUES (1)", []).is_err());
        assert_eq!(timeout(conn), 100);
        let told: i64 = conn.query_row("PRAGMA busy_timeout = 110", [], |row| row.get("timeout")).expect("a row");
        assert_eq!(told, 110);
        conn.execute_batch("ROLLBACK").expect("rolls back");
        assert_eq!(timeout(conn), 110);
    });
    // What the server waits is the same all along.
    on_postgres(|conn| {
        let server = |conn: &Connection| -> String {
            conn.native().query_row("SELECT current_setting('lock_timeout')", [], |row| row.get(0)).expect("a setting")
        };
        conn.execute_batch(
            "CREATE TABLE u (n INTEGER UNIQUE); INSERT INTO u VALUES (1); BEGIN; INSERT INTO u VALUES (2)",
        )
        .expect("runs");
        conn.busy_timeout(Duration::from_millis(123)).expect("set");
        assert_eq!(server(conn), "123ms");
        assert!(conn.execute("INSERT INTO u VALUES (1)", []).is_err());
        assert_eq!(server(conn), "123ms", "after a failed statement");
        conn.execute_batch("SAVEPOINT s; PRAGMA busy_timeout = 124; ROLLBACK TO s").expect("runs");
        assert_eq!(server(conn), "124ms", "after ROLLBACK TO");
        conn.execute_batch("ROLLBACK").expect("rolls back");
        assert_eq!(server(conn), "124ms", "after ROLLBACK");
        for forgets in ["DISCARD ALL", "RESET ALL", "DEALLOCATE ALL"] {
            conn.native().execute_batch(forgets).expect(forgets);
            assert_eq!((server(conn), count(conn, "SELECT count(*) FROM u")), ("124ms".to_owned(), 1), "{forgets}");
            conn.native().execute(forgets, []).expect(forgets);
            assert_eq!((server(conn), count(conn, "SELECT count(*) FROM u")), ("124ms".to_owned(), 1), "{forgets}");
        }
    });
}

#[test]
fn native_sql_cannot_go_past_the_session() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE w (n INTEGER)").expect("created");
        let native = conn.native();
        for script in ["DELETE FROM w; BEGIN", "COMMIT; SELECT 1", "DO $$ BEGIN PERFORM 1; END $$; ROLLBACK"] {
            assert!(native.execute_batch(script).is_err(), "{script}");
        }
        for statement in [
            "BEGIN READ ONLY",
            "COMMIT AND CHAIN",
            "PREPARE TRANSACTION 'x'",
            "BEGIN; DELETE FROM w",
            "ROLLBACK AND CHAIN",
        ] {
            assert!(native.execute(statement, []).is_err(), "{statement}");
        }
        native.execute_batch("DO $$ BEGIN PERFORM 1; COMMIT; END $$").err();
        native.execute("BEGIN;", []).expect("plain");
        native.execute("SAVEPOINT a", []).expect("plain");
        conn.execute("INSERT INTO w VALUES (1)", []).expect("inserts");
        native.execute("ROLLBACK TO SAVEPOINT a;", []).expect("plain");
        native.execute("COMMIT;", []).expect("plain");
        assert!(conn.is_autocommit());
        assert_eq!(count(conn, "SELECT count(*) FROM w"), 0);
    });
}

#[test]
fn immediate_locks_what_is_there_now_and_may_be_written() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)").expect("created");
        conn.prepare("SELECT * FROM a").expect("the catalog is read");
        let other = Connection::open_url(conn.path().expect("a URL")).expect("a second session");
        other.execute_batch("DROP TABLE b; CREATE TABLE c (n INTEGER)").expect("changed");
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).expect("begins");
        other.busy_timeout(std::time::Duration::from_millis(50)).expect("set");
        let error = other.execute("INSERT INTO c VALUES (1)", []).expect_err("locked, although created by the other");
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
        tx.commit().expect("commits");
        other.execute("INSERT INTO c VALUES (1)", []).expect("free again");
    });
}

/// Whether a key is taken, to a transaction that began before another one took it.
#[test]
fn a_key_that_is_taken_by_a_row_out_of_sight_is_a_snapshot_too_old() {
    const SCHEMA: &str = "
        CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT COLLATE NOCASE UNIQUE, d INTEGER, e INTEGER, UNIQUE (b, e));
        CREATE UNIQUE INDEX partly ON t (d) WHERE a <> 1;
        CREATE UNIQUE INDEX made ON t (abs(e));
        INSERT INTO t VALUES (1, 'o''ne, \\', 'One', 5, 1), (20, 'x', 'y', 6, 2)";
    const OTHERS: &str = "INSERT INTO t VALUES (2, 't, w''o', 'Two', 5, 3)";
    const SEEN: [&str; 8] = [
        "INSERT INTO t (a) VALUES (1)",
        "INSERT INTO t (c) VALUES ('oNE')",
        "INSERT INTO t (b, e) VALUES ('o''ne, \\', 1)",
        "INSERT INTO t (b, e) VALUES ('x', 2)",
        "INSERT INTO t (d) VALUES (6)",
        "INSERT INTO t (e) VALUES (-2)",
        "UPDATE t SET a = 20 WHERE a = 1",
        "INSERT OR ABORT INTO t (b, c) VALUES ('r', 'ONE')",
    ];
    const UNSEEN: [&str; 9] = [
        "INSERT INTO t (a) VALUES (2)",
        "INSERT OR ROLLBACK INTO t (a) VALUES (2)",
        "INSERT INTO t (c) VALUES ('TWO')",
        "INSERT INTO t (b, e) VALUES ('t, w''o', 3)",
        "INSERT INTO t (e) VALUES (-3)",
        "UPDATE t SET d = 5 WHERE a = 20",
        "UPDATE t SET a = 2 WHERE a = 1",
        "UPDATE OR FAIL t SET a = 2 WHERE a = 1",
        "INSERT INTO t (a) SELECT a + 1 FROM t WHERE a = 1",
    ];
    let database = sqlift::testing::database();
    for parameter in ["isolation=serializable", "isolation=repeatable-read", "savepoints=always"] {
        let open = || Connection::open_url(&with(database.url(), parameter)).expect("opens");
        let (conn, other) = (open(), open());
        other.execute_batch("DROP TABLE IF EXISTS t").expect("dropped");
        other.execute_batch(SCHEMA).expect("created");
        for (statement, unseen) in SEEN.map(|sql| (sql, false)).into_iter().chain(UNSEEN.map(|sql| (sql, true))) {
            other.execute("DELETE FROM t WHERE a = 2", []).expect("deleted");
            conn.execute_batch("BEGIN").expect("begins");
            assert_eq!(count(&conn, "SELECT count(*) FROM t"), 2);
            other.execute(OTHERS, []).expect("another one");
            let error = conn.execute(statement, []).expect_err(statement);
            let expected = if unseen { ErrorCode::DatabaseBusy } else { ErrorCode::ConstraintViolation };
            assert_eq!(error.sqlite_error_code(), Some(expected), "{parameter}: {statement}: {error}");
            assert_eq!(unseen, error.sqlite_extended_error_code() == Some(517), "BUSY_SNAPSHOT: {statement}: {error}");
            assert_eq!(sqlift::postgres_error(&error).expect("the server's words").sqlstate, "23505");
            // The transaction goes on, without the statement.
            assert_eq!(count(&conn, "SELECT count(*) FROM t"), 2, "{statement}");
            conn.execute_batch("ROLLBACK; BEGIN").expect("again");
            let error = conn.execute(statement, []).expect_err("now it sees the row");
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation), "{statement}: {error}");
            if !conn.is_autocommit() {
                conn.execute_batch("ROLLBACK").expect("ends");
            }
        }
    }
}

/// The same where the statement would leave the row out, or go on with another.
#[test]
fn a_conflict_clause_resolves_no_conflict_with_a_row_out_of_sight() {
    const SCHEMA: &str = "
        CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT COLLATE NOCASE UNIQUE, d INTEGER, e INTEGER NOT NULL, UNIQUE (b, e));
        INSERT INTO t VALUES (1, 'o''ne, \\', 'One', 5, 1), (20, 'x', 'y', 6, 2)";
    const OTHERS: &str = "INSERT INTO t VALUES (2, 't, w''o', 'Two', 5, 3)";
    const STATEMENTS: [&str; 11] = [
        "INSERT OR IGNORE INTO t (a, e) VALUES (2, 9)",
        "INSERT OR IGNORE INTO t (c, e) VALUES ('z', NULL), ('TWO', 9)",
        "INSERT INTO t (b, e) VALUES ('t, w''o', 3) ON CONFLICT DO NOTHING",
        "INSERT INTO t (a, c, e) VALUES (50, 'tWO', 1) ON CONFLICT (a) DO NOTHING ON CONFLICT (c) DO NOTHING",
        "INSERT INTO t (a, c, e) VALUES (50, 'tWO', 1) ON CONFLICT (c) DO UPDATE SET e = 7",
        "INSERT OR REPLACE INTO t (a, e) VALUES (2, 9), (20, 3)",
        "UPDATE OR REPLACE t SET a = 2 WHERE a = 1",
        "UPDATE OR IGNORE t SET a = 2 WHERE a = 1",
        "UPDATE OR IGNORE t SET c = 'tWo' WHERE a = 1",
        "UPDATE OR IGNORE t SET b = 't, w''o', e = 3",
        "INSERT OR FAIL INTO t (a, e) VALUES (60, 9), (2, 9)",
    ];
    let database = sqlift::testing::database();
    for parameter in ["isolation=serializable", "isolation=repeatable-read"] {
        let open = || Connection::open_url(&with(database.url(), parameter)).expect("opens");
        let (conn, other) = (open(), open());
        other.execute_batch("DROP TABLE IF EXISTS t").expect("dropped");
        other.execute_batch(SCHEMA).expect("created");
        for statement in STATEMENTS {
            other.execute("DELETE FROM t WHERE a = 2", []).expect("deleted");
            conn.execute_batch("BEGIN").expect("begins");
            assert_eq!(count(&conn, "SELECT count(*) FROM t"), 2);
            other.execute(OTHERS, []).expect("another one");
            let error = conn.execute(statement, []).expect_err(statement);
            assert_eq!(error.sqlite_extended_error_code(), Some(517), "{parameter}: {statement}: {error}");
            assert_eq!(count(&conn, "SELECT count(*) FROM t"), 2, "{statement}");
            conn.execute_batch("ROLLBACK; BEGIN").expect("again");
            // Now it sees the row.
            if let Err(error) = conn.execute(statement, []) {
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation), "{statement}: {error}");
                assert!(statement.contains("FAIL"), "{statement}: {error}");
            }
            conn.execute_batch("ROLLBACK").expect("ends");
        }
    }
}

#[test]
fn rows_before_an_error_come_first() {
    on_postgres(|conn| {
        let mut statement =
            conn.native().prepare("SELECT 10 / (3 - i) FROM generate_series(1, 5) AS i").expect("prepares");
        let mut rows = statement.query([]).expect("binds");
        assert_eq!(rows.next().expect("a row").expect("the first").get::<_, i64>(0), Ok(5));
        assert_eq!(rows.next().expect("a row").expect("the second").get::<_, i64>(0), Ok(10));
        assert!(rows.next().is_err(), "then the division by zero");
    });
}

#[test]
fn prepared_statements_of_changing_classes_are_bounded() {
    on_postgres(|conn| {
        for seed in 0..64_u8 {
            let value = |bit: u8| -> Option<i64> { (seed >> bit & 1 == 1).then_some(7) };
            let params = [value(0), value(1), value(2), value(3), value(4), value(5)];
            let first: i64 =
                conn.query_row("SELECT coalesce(?, ?, ?, ?, ?, ?, 1)", params, |row| row.get(0)).expect("runs");
            assert_eq!(first, if seed == 0 { 1 } else { 7 });
        }
        let held: i64 = conn
            .native()
            .query_row("SELECT count(*) FROM pg_prepared_statements", [], |row| row.get(0))
            .expect("counts");
        assert!(held < 30, "{held} prepared statements");
    });
}
