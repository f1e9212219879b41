//! RAISE() in triggers: what it undoes, what it leaves out and what counts, on both databases.

use crate::support::{self, Log};
use sqlift::{Connection, Result};

const SCHEMA: &str = "
    CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);
    CREATE TABLE log(v TEXT);
    CREATE TRIGGER skips BEFORE INSERT ON t WHEN new.v LIKE 'skip%' BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER keeps BEFORE UPDATE ON t WHEN new.v = 'ignored' BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER stays BEFORE DELETE ON t WHEN old.v = 'stays' BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER ends AFTER INSERT ON t WHEN new.v = 'end' BEGIN INSERT INTO log VALUES ('end'); SELECT RAISE(ROLLBACK, 'it is over'); END;
    CREATE TRIGGER undoes AFTER INSERT ON t WHEN new.v = 'undo' BEGIN INSERT INTO log VALUES ('undo'); SELECT RAISE(ABORT, 'it is undone'); END;
    CREATE TRIGGER computed AFTER INSERT ON t WHEN new.v = 'computed' BEGIN SELECT RAISE(ABORT, 'no more of ' || new.v); END;
    CREATE TRIGGER logs AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.v); END;";

#[test]
fn raise_does_the_same_on_both_databases() {
    let run = |conn: &mut Connection| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = Log::default();
        let steps = [
            "INSERT INTO t VALUES (1, 'a'), (2, 'skip'), (3, 'b')",
            "INSERT INTO t VALUES (4, 'skip')",
            "INSERT OR REPLACE INTO t VALUES (1, 'skip')",
            "INSERT INTO t SELECT id + 10, v FROM t",
            "UPDATE t SET v = 'ignored' WHERE id < 3",
            "UPDATE t SET v = CASE id WHEN 1 THEN 'ignored' ELSE 'c' END",
            "INSERT INTO t VALUES (20, 'undo')",
            "INSERT INTO t VALUES (21, 'x'), (22, 'undo'), (23, 'y')",
            "INSERT INTO t VALUES (24, 'computed')",
            "INSERT INTO t VALUES (25, 'end')",
            "BEGIN",
            "INSERT INTO t VALUES (30, 'kept')",
            "INSERT INTO t VALUES (31, 'x'), (32, 'undo')",
            "INSERT INTO t VALUES (33, 'stays')",
            "DELETE FROM t WHERE id IN (30, 33)",
            "COMMIT",
            "BEGIN",
            "INSERT INTO t VALUES (40, 'lost')",
            "SAVEPOINT s",
            "INSERT INTO t VALUES (41, 'x'), (42, 'end'), (43, 'y')",
            "RELEASE s",
            "COMMIT",
            "INSERT INTO t VALUES (50, 'after')",
            "INSERT OR IGNORE INTO t VALUES (51, 'undo')",
            "DELETE FROM t",
        ];
        for sql in steps {
            log.result(sql, conn.execute(sql, []));
            log.value("autocommit", conn.is_autocommit());
            log.value("changes", conn.changes());

            let rows =
                |sql: &str| -> Result<Vec<String>> { conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
            log.result("rows", rows("SELECT id || ' ' || v FROM t ORDER BY id"));
            log.result("log", rows("SELECT v FROM log ORDER BY v"));
        }
        log
    };
    support::same(run);
}

/// REPLACE deletes the rows in its way without running triggers: `recursive_triggers` is off.
#[test]
fn replace_runs_no_delete_triggers() {
    const SCHEMA: &str = "
        CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE);
        CREATE TABLE own(id INTEGER PRIMARY KEY, v TEXT UNIQUE ON CONFLICT REPLACE);
        CREATE TABLE child(id INTEGER PRIMARY KEY, t INTEGER REFERENCES t(id) ON DELETE CASCADE);
        CREATE TABLE log(n INTEGER PRIMARY KEY, v TEXT);
        CREATE TRIGGER a AFTER DELETE ON t BEGIN INSERT INTO log(v) VALUES ('after ' || old.v); END;
        CREATE TRIGGER b BEFORE DELETE ON t BEGIN INSERT INTO log(v) VALUES ('before ' || old.v); END;
        CREATE TRIGGER c AFTER DELETE ON child BEGIN INSERT INTO log(v) VALUES ('child ' || old.id); END;
        CREATE TRIGGER d AFTER DELETE ON own BEGIN INSERT INTO log(v) VALUES ('own ' || old.v); END;
        CREATE TRIGGER e AFTER INSERT ON t WHEN new.v = 'nested' BEGIN
            DELETE FROM t WHERE v = 'x'; INSERT INTO own VALUES (30, 'y'); DELETE FROM own WHERE id = 30; REPLACE INTO t VALUES (40, 'one'), (41, 'again');
        END;
        INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'x');
        INSERT INTO own VALUES (1, 'a'), (2, 'b'), (3, 'y');
        INSERT INTO child VALUES (1, 1), (2, 2);";
    let run = |conn: &mut Connection| {
        conn.execute_batch(SCHEMA).expect("the schema is common ground");
        let mut log = Log::default();
        for sql in [
            "INSERT OR REPLACE INTO t VALUES (1, 'c')",
            "REPLACE INTO t VALUES (7, 'b')",
            "BEGIN",
            "REPLACE INTO t VALUES (8, 'c'), (9, 'd')",
            "REPLACE INTO t VALUES (8, 'd'), (9, 'd')",
            "DELETE FROM t WHERE id = 9",
            "COMMIT",
            "REPLACE INTO t SELECT id + 1, v FROM t",
            "UPDATE OR REPLACE t SET v = 'x'",
            "UPDATE OR REPLACE t SET v = 'z' WHERE id < 4",
            "INSERT INTO t VALUES (20, 'one'), (21, 'x')",
            "REPLACE INTO t VALUES (20, 'nested')",
            "INSERT INTO own VALUES (5, 'b')",
            "DELETE FROM own",
            "DELETE FROM t",
        ] {
            log.result(sql, conn.execute(sql, []));
            for table in ["t", "own"] {
                let rows: Result<Vec<(i64, String)>> = conn
                    .prepare(&format!("SELECT id, v FROM {table} ORDER BY id"))
                    .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect());
                log.result(table, rows);
            }
            let told: Result<Vec<String>> = conn
                .prepare("SELECT v FROM log ORDER BY v")
                .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
            log.result("log", told);
        }
        log
    };
    support::same(run);
}

/// The row of an AFTER trigger stays on SQLite, and PostgreSQL undoes it: the trigger is refused where it is made.
#[test]
fn raise_fail_is_refused_with_its_place() {
    const TRIGGER: &str = "CREATE TRIGGER f AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'no') WHERE new.v = 'no'; END";
    let sqlite = support::sqlite();
    sqlite.execute_batch("CREATE TABLE t(v TEXT)").unwrap();
    sqlite.execute_batch(TRIGGER).unwrap();
    sqlite.execute("INSERT INTO t VALUES ('a'), ('no'), ('b')", []).unwrap_err();
    let kept = sqlite.query_row("SELECT group_concat(v) FROM t", [], |row| row.get::<_, String>(0));
    assert_eq!(kept.as_deref(), Ok("a,no"), "what PostgreSQL cannot do");
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t(v TEXT)").unwrap();
        match conn.execute_batch(TRIGGER).unwrap_err() {
            sqlift::Error::SqlInputError { msg, offset, .. } => {
                assert!(msg.starts_with("RAISE(FAIL): ") && msg.contains("help: write RAISE(ABORT, ...)"), "{msg}");
                assert!(TRIGGER[offset as usize..].starts_with("RAISE(FAIL"), "{offset}");
            }
            other => panic!("{other:?}"),
        }
    });
}

/// SQLite has no IF in a trigger: its programs write CASE.
#[test]
fn a_condition_around_raise_decides() {
    let bodies = [
        "SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END",
        "SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') WHEN new.v = 'out' THEN RAISE(IGNORE) END",
        "SELECT CASE new.v WHEN 'no' THEN RAISE(ROLLBACK, 'guarded') END",
        "SELECT CASE WHEN new.v <> 'no' THEN NULL ELSE RAISE(ABORT, 'guarded ' || new.v) END",
        "SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') ELSE 1 END",
        "SELECT iif(new.v = 'no', RAISE(IGNORE), NULL)",
        "SELECT coalesce(CASE WHEN new.v <> 'no' THEN 1 END, RAISE(ABORT, 'guarded'))",
        "SELECT coalesce((SELECT id FROM t WHERE new.v <> 'no' LIMIT 1), RAISE(ABORT, 'guarded'))",
        "SELECT coalesce(NULL, CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END)",
        "SELECT (SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END)",
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM t WHERE v = 'a') AND new.v = 'no' THEN RAISE(ABORT, 'guarded') END",
        "SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END || 'x'",
        "SELECT 1 WHERE CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END",
        "UPDATE log SET v = CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') ELSE v || 'x' END",
        "INSERT INTO log SELECT CASE WHEN new.v = 'no' THEN RAISE(ABORT, 'guarded') END",
    ];
    let run = |conn: &mut Connection| {
        let mut log = Log::default();
        for (number, body) in bodies.iter().enumerate() {
            for event in ["BEFORE INSERT", "AFTER INSERT", "BEFORE UPDATE", "AFTER UPDATE OF v"] {
                // PostgreSQL cannot take the row back then: refused.
                if event.starts_with("AFTER") && body.contains("IGNORE") {
                    continue;
                }
                conn.execute_batch(&format!(
                    "DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS log;
                     CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE log(v TEXT);
                     INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO log VALUES ('l');
                     CREATE TRIGGER guard{number} {event} ON t BEGIN {body}; END"
                ))
                .unwrap_or_else(|error| panic!("{event} {body}: {error}"));
                for sql in [
                    "INSERT INTO t(v) VALUES ('c')",
                    "INSERT INTO t(v) VALUES ('d'), ('no'), ('e')",
                    "UPDATE t SET v = 'f' WHERE id = 1",
                    "UPDATE t SET v = 'no' WHERE id < 3",
                    "UPDATE t SET v = 'out' WHERE id = 2",
                ] {
                    log.result(&format!("{event} {body}: {sql}"), conn.execute(sql, []));
                    let rows: Result<Vec<String>> = conn
                        .prepare("SELECT v FROM t UNION ALL SELECT coalesce(v, 'NULL') FROM log ORDER BY 1")
                        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
                    log.result("rows", rows);
                }
            }
        }
        log
    };
    support::same(run);
}

#[test]
fn what_raises_or_is_null_stands_beside_values_of_each_class() {
    let mut statements: Vec<String> = vec![
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, s TEXT)".into(),
        "CREATE TABLE log(m, i INTEGER)".into(),
        "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')".into(),
    ];
    let raise = "CASE WHEN NEW.n = 83 THEN RAISE(ABORT, 'no') END";
    for body in [
        "SELECT nullif(1, {})",
        "SELECT nullif({}, 1)",
        "SELECT NEW.n IN (SELECT {})",
        "SELECT NEW.s IN (SELECT {})",
        "SELECT NEW.n = {}",
        "SELECT {} < 1.5",
        "SELECT NEW.n IN (1, {})",
        "SELECT NEW.n + {}, -{}, abs({}), {} || 'x'",
        "SELECT coalesce({}, 5)",
        "SELECT max(1, {})",
        "SELECT 1 WHERE {}",
        "SELECT 1 WHERE NEW.n > 5 AND {}",
        "SELECT x = 1 FROM (SELECT {} AS x)",
        "SELECT 1 IN (SELECT RAISE(ABORT, 'no') WHERE NEW.n = 83)",
        "SELECT 1 = (SELECT RAISE(ABORT, 'no') WHERE NEW.n = 83)",
        "SELECT NULL UNION ALL SELECT {} UNION ALL SELECT 5",
        "INSERT INTO log SELECT {}, {}",
        "INSERT INTO log VALUES ({}, {})",
        "UPDATE t SET s = {} WHERE id = 3",
    ] {
        statements.extend([
            format!("CREATE TRIGGER g AFTER UPDATE OF n ON t BEGIN {}; END", body.replace("{}", raise)),
            "UPDATE t SET n = 5 WHERE id = 1".into(),
            "UPDATE t SET n = 83 WHERE id = 1".into(),
            "SELECT n FROM t WHERE id = 1".into(),
            "DROP TRIGGER g".into(),
        ]);
    }
    statements.push("SELECT m, i FROM log".into());
    crate::pragma_answers::same(&statements.iter().map(String::as_str).collect::<Vec<_>>());
}

/// A BEFORE INSERT trigger finds the rows that REPLACE is about to delete: what is kept of them there is often all that is.
#[test]
fn before_triggers_find_the_rows_that_replace_deletes() {
    let all =
        ["SELECT * FROM t ORDER BY id", "SELECT group_concat(m, ' ' ORDER BY i) FROM log", "SELECT count(*) FROM c"];
    let steps = [
        "INSERT INTO t VALUES(1, 'a', 10), (2, 'b', 20), (3, 'c', 30)",
        "REPLACE INTO t VALUES(1, 'a', 11)",
        "INSERT OR REPLACE INTO t(id, k, v) SELECT id, k, v + 1 FROM t WHERE id < 3 ORDER BY id",
        "INSERT OR REPLACE INTO t(k, v) VALUES('b', 5), ('c', 6), ('b', 7) RETURNING k, v",
        "REPLACE INTO t VALUES(1, 'b', 8)",
        "INSERT OR IGNORE INTO t VALUES(1, 'x', 9)",
        "INSERT INTO t VALUES(1, 'x', 9)",
        "REPLACE INTO t VALUES(50, 'z', -1)",
        "REPLACE INTO t VALUES(1, 'y', -1)",
        "INSERT INTO t VALUES(60, 'z60', 1) ON CONFLICT(id) DO UPDATE SET v = 2",
    ];
    let bodies = [
        "INSERT INTO log(m) SELECT 'o' || id || k || v FROM t WHERE id = NEW.id OR k = NEW.k;",
        "INSERT INTO log(m) SELECT count(*) FROM t;",
        "UPDATE t SET v = v + 100 WHERE k = NEW.k; INSERT INTO log(m) SELECT 'u' || v FROM t WHERE k = NEW.k;",
        "SELECT CASE WHEN NEW.v < 0 AND EXISTS (SELECT 1 FROM t WHERE id = NEW.id) THEN RAISE(ABORT, 'there is one') END;",
        "SELECT RAISE(IGNORE) WHERE NEW.v < 0 AND EXISTS (SELECT 1 FROM t WHERE id = NEW.id);",
        "REPLACE INTO o SELECT id, v FROM t WHERE id = NEW.id;",
    ];
    let deleted = "CREATE TRIGGER td AFTER DELETE ON t BEGIN INSERT INTO log(m) VALUES('d' || OLD.id); END";
    let others: [&[&str]; 4] = [
        &[deleted],
        &[
            "CREATE TRIGGER ti AFTER INSERT ON t BEGIN INSERT INTO log(m) VALUES('i' || NEW.id || (SELECT count(*) FROM t)); END",
        ],
        &["CREATE TRIGGER tz BEFORE INSERT ON t BEGIN INSERT INTO log(m) VALUES('z' || NEW.k); END"],
        &[deleted, "CREATE TRIGGER tx AFTER INSERT ON t WHEN NEW.v IN (6, 11) BEGIN DELETE FROM t WHERE id = 2; END"],
    ];
    for (body, others) in bodies.iter().flat_map(|body| others.map(|others| (body, others))) {
        let trigger = format!("CREATE TRIGGER tb BEFORE INSERT ON t BEGIN {body} END");
        let mut script = vec![
            "CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT UNIQUE, v INT)",
            "CREATE TABLE c(t INT REFERENCES t(id) ON DELETE CASCADE, x)",
            "CREATE TABLE o(id INTEGER PRIMARY KEY, v)",
            "CREATE TRIGGER ob BEFORE INSERT ON o BEGIN INSERT INTO log(m) VALUES('p' || NEW.v); END",
            "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
            &trigger,
            "INSERT INTO c VALUES(NULL, 1)",
        ];
        script.extend(others);
        for step in steps {
            script.push(step);
            script.extend(all);
        }
        crate::pragma_answers::same(&script);
    }
}
