//! What must never happen to a transaction on PostgreSQL: a write that escapes it, or one that is lost with a success.

use crate::support::on_postgres;
use sqlift::{Connection, ErrorCode, TransactionBehavior};

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

#[test]
fn a_release_that_cannot_commit_ends_the_transaction_for_both_sides() {
    on_postgres(|conn| {
        parent_and_child(conn);
        conn.execute_batch("SAVEPOINT s; INSERT INTO child VALUES (1, 99); SELECT 1").expect("runs");
        let error = conn.execute_batch("RELEASE s").expect_err("the deferred key is checked");
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
        assert!(conn.is_autocommit(), "the server has no transaction any more, and we know it");
        conn.execute_batch("BEGIN; INSERT INTO w VALUES (2); ROLLBACK").expect("a new one");
        assert_eq!(count(conn, "SELECT count(*) FROM w"), 0);
    });
}

#[test]
fn a_failed_commit_leaves_nothing_open() {
    on_postgres(|conn| {
        parent_and_child(conn);
        conn.execute_batch("BEGIN; INSERT INTO child VALUES (1, 99)").expect("runs");
        assert!(conn.execute_batch("COMMIT").is_err());
        assert!(conn.is_autocommit());
        conn.execute("INSERT INTO w VALUES (1)", []).expect("on its own");
        let other = Connection::open_url(conn.path().expect("a URL")).expect("a second session");
        assert_eq!(count(&other, "SELECT count(*) FROM w"), 1, "committed");
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
