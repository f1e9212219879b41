//! Several triggers of one table, time and event: the newest runs first, under the names that SQLite knows.

use super::{refused, same};

#[test]
fn the_newest_trigger_runs_first() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INTEGER)",
        "CREATE TABLE log(id INTEGER PRIMARY KEY, what TEXT, n INTEGER)",
        "CREATE TRIGGER zfirst AFTER INSERT ON t BEGIN INSERT INTO log(what, n) VALUES ('zfirst', NEW.id); END",
        "CREATE TRIGGER asecond AFTER INSERT ON t BEGIN INSERT INTO log(what, n) VALUES ('asecond', NEW.id); END",
        "CREATE TRIGGER mthird AFTER INSERT ON t BEGIN INSERT INTO log(what, n) VALUES ('mthird', NEW.id); END",
        "CREATE TRIGGER zfourth AFTER INSERT ON t BEGIN INSERT INTO log(what, n) VALUES ('zfourth', NEW.id); END",
        "INSERT INTO t(v) VALUES ('a')",
        "SELECT what, n FROM log ORDER BY id",
        "SELECT type, name, tbl_name, sql FROM sqlite_master",
        "DROP TRIGGER asecond",
        "DROP TRIGGER IF EXISTS asecond",
        "CREATE TRIGGER mthird AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER IF NOT EXISTS mthird AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER asecond AFTER INSERT ON t BEGIN INSERT INTO log(what, n) VALUES ('second again', NEW.id); END",
        "ALTER TABLE log RENAME TO logged",
        "INSERT INTO t(v) VALUES ('b')",
        "SELECT what, n FROM logged ORDER BY id",
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "DROP TRIGGER asecond",
        "DROP TRIGGER mthird",
        "DROP TRIGGER zfourth",
        "DROP TRIGGER zfirst",
        "DELETE FROM logged",
    ]);
}

#[test]
fn each_time_and_event_has_an_order_of_its_own() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE log(id INTEGER PRIMARY KEY, what TEXT)",
        "CREATE TRIGGER b1 BEFORE UPDATE ON t BEGIN INSERT INTO log(what) VALUES ('b1'); END",
        "CREATE TRIGGER b2 BEFORE UPDATE OF v ON t BEGIN INSERT INTO log(what) VALUES ('b2'); END",
        "CREATE TRIGGER \"B 3\" BEFORE UPDATE ON t WHEN NEW.id < 3 BEGIN INSERT INTO log(what) VALUES ('b3'); END",
        "CREATE TRIGGER a1 AFTER UPDATE ON t BEGIN INSERT INTO log(what) VALUES ('a1'); END",
        "CREATE TRIGGER a0 AFTER UPDATE ON t BEGIN INSERT INTO log(what) VALUES ('a0'); END",
        "CREATE TRIGGER d1 AFTER DELETE ON t BEGIN INSERT INTO log(what) VALUES ('d1'); END",
        "CREATE TRIGGER d2 AFTER DELETE ON t BEGIN INSERT INTO log(what) VALUES ('d2'); END",
        "CREATE VIEW w AS SELECT id, v FROM t",
        "CREATE TRIGGER w1 INSTEAD OF DELETE ON w BEGIN DELETE FROM t WHERE id = OLD.id; END",
        "CREATE TRIGGER w2 INSTEAD OF DELETE ON w BEGIN INSERT INTO log(what) VALUES ('w2'); END",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "UPDATE t SET v = v || '!'",
        "UPDATE t SET id = id + 10",
        "DELETE FROM t WHERE id < 12",
        "DELETE FROM w WHERE id = 12",
        "SELECT what FROM log ORDER BY id",
        "ALTER TABLE t RENAME COLUMN v TO vv",
        "ALTER TABLE t RENAME TO tt",
        "DELETE FROM log",
        "UPDATE tt SET vv = vv || '?'",
        "SELECT what FROM log ORDER BY id",
        "DROP TRIGGER \"b 3\"",
        "DROP TRIGGER b1",
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "UPDATE tt SET vv = vv || '.'",
        "SELECT what FROM log ORDER BY id",
        // A name is the database's, not the table's.
        "CREATE TABLE u(v)",
        "CREATE TRIGGER a1 AFTER INSERT ON u BEGIN SELECT 1; END",
        "CREATE TRIGGER IF NOT EXISTS a1 AFTER INSERT ON u BEGIN INSERT INTO log(what) VALUES ('u'); END",
        "INSERT INTO u VALUES (1)",
        "UPDATE tt SET vv = 'z'",
        "SELECT what FROM log ORDER BY id",
    ]);
}

#[test]
fn temporary_tables_have_their_own() {
    same(&[
        "CREATE TEMP TABLE t(v)",
        "CREATE TEMP TABLE log(v)",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('x'); END",
        "CREATE TRIGGER y AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('y'); END",
        "INSERT INTO t VALUES (1)",
        "SELECT v FROM log",
    ]);
}

#[test]
fn a_second_trigger_needs_room_for_its_number() {
    let long = "z".repeat(60);
    let schema = "CREATE TABLE t(v); CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END;";
    let sql = format!("CREATE TRIGGER {long} AFTER INSERT ON t BEGIN SELECT 2; END");
    refused(schema, &sql, "zzz", &["a name that is longer", "at most 58 bytes"]);
    let other = format!("CREATE TRIGGER {long} AFTER DELETE ON t BEGIN SELECT 2; END");
    same(&["CREATE TABLE t(v)", "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END", &other, "DELETE FROM t"]);
}

#[test]
fn names_that_sqlift_gives_are_refused() {
    crate::support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t(a)").expect("a table is made");
        for name in ["\"^fff^z\"", "[!sqlift_acts]"] {
            let made = conn.execute_batch(&format!("CREATE TRIGGER {name} AFTER INSERT ON t BEGIN SELECT 1; END"));
            let refused = made.expect_err("sqlift's own names are refused").to_string();
            assert!(refused.contains("sqlift tells its own by such names"), "{refused}");
        }
    });
}
