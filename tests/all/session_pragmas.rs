//! PRAGMAs that change what a connection's statements mean: `case_sensitive_like`, `recursive_triggers`, `legacy_alter_table`,
//! `defer_foreign_keys`.

use crate::pragma_answers::same;
use crate::support;

#[test]
fn like_follows_case_sensitive_like() {
    same(&[
        "CREATE TABLE l(id INTEGER PRIMARY KEY, a TEXT, b TEXT COLLATE NOCASE)",
        "INSERT INTO l VALUES(1,'abc','abc'),(2,'ABC','ABC'),(3,'aBc','x%y')",
        "CREATE INDEX l_b ON l(b)",
        "SELECT id FROM l WHERE a LIKE 'ab%' ORDER BY id",
        "PRAGMA case_sensitive_like=ON",
        // It tells nothing.
        "PRAGMA case_sensitive_like",
        "SELECT id FROM l WHERE a LIKE 'ab%' ORDER BY id",
        "SELECT id FROM l WHERE a NOT LIKE 'AB%' ORDER BY id",
        "SELECT id FROM l WHERE b LIKE 'ab%' ORDER BY id",
        r"SELECT id FROM l WHERE b LIKE 'X\%%' ESCAPE '\' ORDER BY id",
        r"SELECT id FROM l WHERE b LIKE 'x\%%' ESCAPE '\' ORDER BY id",
        "SELECT 'A' LIKE 'a', 'a' LIKE 'a', 1 LIKE 1",
        "PRAGMA case_sensitive_like=OFF",
        "SELECT id FROM l WHERE a LIKE 'ab%' ORDER BY id",
        "PRAGMA case_sensitive_like='yes'",
        "SELECT id FROM l WHERE a LIKE 'AB%' ORDER BY id",
        "PRAGMA case_sensitive_like(0)",
        "SELECT id FROM l WHERE a LIKE 'AB%' ORDER BY id",
    ]);
}

#[test]
fn a_prepared_statement_follows_too() {
    let run = |conn: &sqlift::Connection| {
        conn.execute_batch("CREATE TABLE l(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO l VALUES(1,'abc'),(2,'ABC')")
            .unwrap();
        let mut found = conn.prepare("SELECT count(*) FROM l WHERE a LIKE ?1").unwrap();
        let mut counts: Vec<i64> = Vec::new();
        for word in ["off", "on", "off"] {
            conn.execute_batch(&format!("PRAGMA case_sensitive_like = {word}")).unwrap();
            counts.push(found.query_row(["AB%"], |row| row.get(0)).unwrap());
        }
        counts
    };
    assert_eq!(support::on_postgres(|conn| run(conn)), run(&support::sqlite()));
    assert_eq!(run(&support::sqlite()), [2, 1, 2]);
}

#[test]
fn likes_that_the_database_keeps_are_refused_under_case_sensitive_like() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a FROM t WHERE a LIKE 'x%'; CREATE VIEW w AS SELECT * FROM v;
             CREATE TABLE c(a TEXT CHECK(a LIKE 'x%')); CREATE TABLE g(a TEXT, b AS (a LIKE 'x%')); CREATE TABLE l(a); CREATE TABLE q(a);
             CREATE TRIGGER tr AFTER INSERT ON q WHEN NEW.a LIKE 'x%' BEGIN INSERT INTO l VALUES(1); END;
             PRAGMA case_sensitive_like = ON",
        )
        .unwrap();
        for sql in [
            "SELECT * FROM v",
            "SELECT * FROM w",
            "SELECT a FROM g",
            "INSERT INTO c VALUES('X')",
            "INSERT INTO q VALUES('X')",
            "CREATE VIEW x AS SELECT a FROM t WHERE a LIKE 'y%'",
            "SELECT like('a', 'A')",
        ] {
            let error = conn.execute_batch(sql).expect_err(sql).to_string();
            assert!(error.contains("case_sensitive_like") && error.contains("help:"), "{sql}: {error}");
        }
        conn.execute_batch("INSERT INTO t VALUES('X'); INSERT INTO l VALUES(2); SELECT a FROM t WHERE a LIKE 'x%'")
            .unwrap();
        conn.execute_batch("SELECT * FROM q; SELECT * FROM c WHERE a LIKE 'x%'")
            .expect("reading fires and checks nothing");
    });
}

#[test]
fn triggers_start_themselves_and_those_of_replaced_rows_run() {
    same(&[
        "CREATE TABLE rt(id INTEGER PRIMARY KEY, n INTEGER)",
        "CREATE TABLE rlog(e TEXT, n INTEGER)",
        "CREATE TRIGGER rt_i AFTER INSERT ON rt WHEN NEW.n > 0 BEGIN
            INSERT INTO rlog VALUES('i', NEW.n); INSERT INTO rt(n) VALUES(NEW.n - 1); END",
        "CREATE TRIGGER rt_d AFTER DELETE ON rt BEGIN INSERT INTO rlog VALUES('d', (SELECT count(*) FROM rt)); END",
        "CREATE TRIGGER rt_bd BEFORE DELETE ON rt BEGIN INSERT INTO rlog VALUES('bd', OLD.n); END",
        "INSERT INTO rt(n) VALUES(3)",
        "REPLACE INTO rt VALUES(1, 0)",
        "SELECT * FROM rlog ORDER BY rowid",
        "PRAGMA recursive_triggers='ON'",
        "PRAGMA recursive_triggers",
        "INSERT INTO rt(n) VALUES(3)",
        "SELECT * FROM rlog ORDER BY rowid",
        "SELECT * FROM rt ORDER BY id",
        "REPLACE INTO rt VALUES(1, 0),(2,0)",
        "SELECT * FROM rlog ORDER BY rowid",
        "BEGIN",
        "UPDATE OR REPLACE rt SET id=2 WHERE id=1",
        "INSERT OR REPLACE INTO rt VALUES(2,0) RETURNING id, n",
        "PRAGMA recursive_triggers=0",
        "INSERT OR REPLACE INTO rt VALUES(2,0)",
        "INSERT INTO rt(n) VALUES(4)",
        "SELECT * FROM rlog ORDER BY rowid",
        "COMMIT",
        "SELECT * FROM rt ORDER BY id",
        "PRAGMA recursive_triggers=1",
        "CREATE TABLE uk(id INTEGER PRIMARY KEY, v TEXT UNIQUE ON CONFLICT REPLACE)",
        "CREATE TRIGGER uk_d AFTER DELETE ON uk BEGIN INSERT INTO rlog VALUES('uk', OLD.id); END",
        "INSERT INTO uk VALUES(1,'a'),(2,'b')",
        "INSERT INTO uk VALUES(3,'a')",
        "SELECT * FROM rlog WHERE e='uk'",
        "SELECT * FROM uk ORDER BY id",
    ]);
}

#[test]
fn a_recursion_without_an_end_is_an_error() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "PRAGMA recursive_triggers = ON; CREATE TABLE t(a);
             CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO t VALUES(NEW.a + 1); END",
        )
        .unwrap();
        conn.execute_batch("INSERT INTO t VALUES(1)").expect_err("it never ends");
        assert_eq!(conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
        conn.execute_batch("PRAGMA recursive_triggers = OFF; INSERT INTO t VALUES(1)").unwrap();
        assert_eq!(conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    });
}

#[test]
fn renaming_leaves_texts_alone_under_legacy_alter_table() {
    same(&[
        "CREATE TABLE rlog(e, n)",
        "CREATE TABLE la(id INTEGER PRIMARY KEY, v)",
        "CREATE VIEW la_v AS SELECT v FROM la",
        "CREATE VIEW a_w AS SELECT la_v.v FROM la_v, la",
        "CREATE TABLE lb(x)",
        "CREATE TRIGGER lb_i AFTER INSERT ON lb BEGIN INSERT INTO la(v) VALUES(NEW.x); END",
        "CREATE TRIGGER la_i AFTER INSERT ON la BEGIN INSERT INTO rlog VALUES('la', NEW.id); END",
        "CREATE TABLE lc(id INTEGER PRIMARY KEY, r INTEGER REFERENCES la(id))",
        "INSERT INTO lb VALUES(5)",
        "PRAGMA legacy_alter_table=ON",
        "PRAGMA legacy_alter_table",
        "ALTER TABLE la RENAME TO la_old",
        "SELECT name, sql FROM sqlite_master WHERE name LIKE 'l%' AND sql IS NOT NULL ORDER BY name",
        "SELECT * FROM la_v",
        "SELECT * FROM a_w",
        "INSERT INTO lb VALUES(6)",
        "CREATE TABLE la(id INTEGER PRIMARY KEY, v)",
        "INSERT INTO la SELECT * FROM la_old",
        "SELECT * FROM la_v",
        "SELECT * FROM a_w",
        "INSERT INTO lb VALUES(7)",
        "SELECT * FROM la ORDER BY id",
        // What Django does.
        "PRAGMA foreign_keys=OFF",
        "CREATE TABLE new__la(id INTEGER PRIMARY KEY, v, w)",
        "INSERT INTO new__la SELECT id, v, 1 FROM la",
        "DROP TABLE la",
        "ALTER TABLE new__la RENAME TO la",
        "PRAGMA legacy_alter_table=OFF",
        "PRAGMA foreign_keys=ON",
        "SELECT * FROM la_v",
        "INSERT INTO lb VALUES(8)",
        "SELECT * FROM la ORDER BY id",
        "ALTER TABLE la RENAME TO la2",
        "SELECT sql FROM sqlite_master WHERE name IN ('la_v', 'lb_i') ORDER BY name",
    ]);
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p INTEGER REFERENCES p(id));
             PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON",
        )
        .unwrap();
        let error = conn.execute_batch("ALTER TABLE p RENAME TO q").expect_err("the key would stay with p").to_string();
        assert!(error.contains("foreign_keys OFF") && error.contains("help:"), "{error}");
    });
}

#[test]
fn deferral_ahead_of_a_transaction_is_for_that_transaction() {
    same(&[
        "CREATE TABLE dp(id INTEGER PRIMARY KEY)",
        "CREATE TABLE dc(id INTEGER PRIMARY KEY, p INTEGER REFERENCES dp(id))",
        "PRAGMA defer_foreign_keys=ON",
        "PRAGMA defer_foreign_keys",
        "SELECT 1",
        "PRAGMA defer_foreign_keys",
        "BEGIN",
        "PRAGMA defer_foreign_keys",
        "INSERT INTO dc VALUES(1,9)",
        "INSERT INTO dp VALUES(9)",
        "COMMIT",
        "PRAGMA defer_foreign_keys",
        // A statement by itself takes it.
        "PRAGMA defer_foreign_keys=ON",
        "INSERT INTO dc VALUES(2,10)",
        "PRAGMA defer_foreign_keys",
        "PRAGMA defer_foreign_keys=ON",
        "SELECT count(*) FROM dc",
        "PRAGMA defer_foreign_keys",
        "BEGIN",
        "INSERT INTO dc VALUES(3,11)",
        "ROLLBACK",
        "PRAGMA defer_foreign_keys=ON",
        "SAVEPOINT s",
        "INSERT INTO dc VALUES(3,11)",
        "INSERT INTO dp VALUES(11)",
        "RELEASE s",
        "PRAGMA defer_foreign_keys",
        "PRAGMA defer_foreign_keys=ON",
        "CREATE TABLE de(a)",
        "PRAGMA defer_foreign_keys",
        "PRAGMA defer_foreign_keys=ON",
        "BEGIN IMMEDIATE",
        "INSERT INTO dc VALUES(4,12)",
        "COMMIT",
        "INSERT INTO dp VALUES(12)",
        "COMMIT",
        "PRAGMA defer_foreign_keys=ON",
        "PRAGMA defer_foreign_keys=OFF",
        "BEGIN",
        "INSERT INTO dc VALUES(5,13)",
        "ROLLBACK",
        "PRAGMA defer_foreign_keys=ON",
        "BEGIN",
        "ROLLBACK",
        "PRAGMA defer_foreign_keys",
        "SELECT * FROM dc ORDER BY id",
    ]);
}

#[test]
fn the_next_user_of_a_connection_finds_them_off() {
    let database = sqlift::testing::database();
    let db = sqlift::Db::open(&support::with(database.url(), "pool_max_size=1")).expect("the server takes connections");
    let conn = db.get().unwrap();
    conn.execute_batch("PRAGMA case_sensitive_like=ON; PRAGMA recursive_triggers=ON; PRAGMA legacy_alter_table=ON")
        .unwrap();
    drop(conn);
    let conn = db.get().unwrap();
    assert!(conn.query_row("SELECT 'A' LIKE 'a'", [], |row| row.get::<_, bool>(0)).unwrap());
    for name in ["recursive_triggers", "legacy_alter_table"] {
        assert_eq!(conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap(), 0, "{name}");
    }
}

/// Rows that break a key already wait for COMMIT, also when the PRAGMA is taken back.
#[test]
fn deferral_taken_back_leaves_what_waits() {
    support::both(|conn| {
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p INTEGER REFERENCES p(id));
             INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        )
        .unwrap();
        for mends in [true, false] {
            conn.execute_batch(
                "BEGIN; PRAGMA defer_foreign_keys = 1; UPDATE p SET id = 2; PRAGMA defer_foreign_keys = 0; INSERT INTO p VALUES (7)",
            )
            .unwrap();
            if mends {
                conn.execute_batch("UPDATE p SET id = 1 WHERE id = 2; DELETE FROM p WHERE id = 7; COMMIT").unwrap();
            } else if conn.backend() == sqlift::Backend::Sqlite {
                // SQLite forgets them with the setting.
                conn.execute_batch("ROLLBACK").unwrap();
            } else {
                let error = conn.execute_batch("COMMIT").unwrap_err();
                assert_eq!(error.sqlite_extended_error_code(), Some(787), "{error}");
                conn.execute_batch("ROLLBACK").unwrap();
            }
        }
    });
}
