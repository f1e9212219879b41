//! RAISE(FAIL): the statement ends with an error at the row of the trigger, and what it did before stays.

use super::{refused, same_answers};
use crate::support::on_postgres;

#[test]
fn raise_fail_keeps_the_rows_before() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE, n INTEGER)",
        "CREATE TABLE logged(id INTEGER PRIMARY KEY, v)",
        "CREATE TRIGGER bi BEFORE INSERT ON t WHEN NEW.n < 0 BEGIN SELECT RAISE(FAIL, 'too small'); END",
        "CREATE TRIGGER bu BEFORE UPDATE ON t BEGIN SELECT RAISE(FAIL, 'not ' || OLD.v) WHERE NEW.n > 100; END",
        "CREATE TRIGGER bd BEFORE DELETE ON t BEGIN SELECT CASE WHEN OLD.n = 7 THEN RAISE(FAIL, 'stays') END; END",
        "CREATE TRIGGER ai AFTER INSERT ON t BEGIN INSERT INTO logged(v) VALUES ('i' || NEW.v); END",
        "CREATE TRIGGER au AFTER UPDATE ON t BEGIN INSERT INTO logged(v) VALUES ('u' || NEW.v); END",
        "INSERT INTO t VALUES (1, 'a', 1)",
        "INSERT INTO t VALUES (2, 'b', -1)",
        "INSERT INTO t VALUES (2, 'b', 2), (3, 'c', 3), (4, 'd', -4), (5, 'e', 5)",
        "SELECT id, v, n FROM t ORDER BY id",
        "SELECT v FROM logged ORDER BY id",
        "INSERT INTO t(id, v, n) SELECT id + 50, v || 'x', n * (3 - id) FROM t WHERE id <> 3 UNION ALL SELECT 60, 'zz', -1",
        "SELECT v, n FROM t ORDER BY v",
        "INSERT INTO t VALUES (8, 'h', 8), (9, 'a', -9)",
        "INSERT INTO t VALUES (18, 'h', 8), (19, 'a', 9), (20, 'y', -1)",
        "SELECT v, n FROM t ORDER BY v",
        "UPDATE t SET n = n + 98",
        "SELECT v, n FROM t ORDER BY v",
        "UPDATE t SET n = 500 WHERE id = 1",
        "UPDATE t SET n = 7 WHERE id = 3",
        "DELETE FROM t",
        "SELECT v, n FROM t ORDER BY v",
        "SELECT v FROM logged ORDER BY id",
        "BEGIN",
        "INSERT INTO t(v, n) VALUES ('in', 1), ('transaction', -1)",
        "COMMIT",
        "SELECT v, n FROM t ORDER BY v",
        "DELETE FROM t WHERE v = 'in'",
        "DELETE FROM t WHERE n = 7 OR v = 'c'",
        "SELECT v, n FROM t ORDER BY v",
    ]);
}

#[test]
fn raise_fail_is_refused_where_more_would_stay() {
    let schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE); CREATE TABLE l(v); CREATE TABLE o(v);";
    let after = "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'no'); END";
    refused(schema, after, "RAISE(FAIL", &["only checks"]);
    let writes = "CREATE TRIGGER x BEFORE INSERT ON t BEGIN INSERT INTO l VALUES (1); SELECT RAISE(FAIL, 'no'); END";
    refused(schema, writes, "RAISE(FAIL", &["only checks"]);
    let fails = "CREATE TRIGGER f BEFORE INSERT ON t WHEN NEW.v = 'no' BEGIN SELECT RAISE(FAIL, 'no'); END";
    let logs = "CREATE TRIGGER w BEFORE INSERT ON t BEGIN INSERT INTO l VALUES (1); END";
    refused(&format!("{schema}{logs};"), fails, "f BEFORE", &["beside a BEFORE trigger that writes, w"]);
    refused(&format!("{schema}{fails};"), logs, "w BEFORE", &["beside a BEFORE trigger that writes, f"]);
    let ignore = "INSERT OR IGNORE INTO t VALUES (1, 'a'), (2, 'b')";
    refused(&format!("{schema}{fails};"), ignore, "INSERT", &["trigger f, which raises FAIL", "one by one"]);
    on_postgres(|conn| {
        conn.execute_batch(schema).unwrap();
        conn.execute_batch(fails).unwrap();
        conn.execute_batch("CREATE TRIGGER oi AFTER INSERT ON o BEGIN INSERT INTO t(v) VALUES (NEW.v); END").unwrap();
        conn.execute("INSERT INTO o VALUES ('yes')", []).unwrap();
        let error = conn.execute("INSERT INTO o VALUES ('no')", []).unwrap_err().to_string();
        assert!(error.contains("RAISE(FAIL) in a trigger that another one fires"), "{error}");
        conn.execute("INSERT OR IGNORE INTO t VALUES (5, 'yes')", []).unwrap();
    });
}
