//! CREATE TEMP TRIGGER on tables and views that are not temporary: for the connection that makes it alone, and as long as that lives.

use super::{refused, same, same_answers};
use crate::pragma_answers::answer;
use crate::support::{self, with};
use sqlift::{Connection, Db, ErrorCode};

const SCHEMA: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT); CREATE TABLE log(what)";

/// Runs the statements, each on the connection of its number, on both databases, and compares what they give.
#[track_caller]
fn same_in_sessions(statements: &[(usize, &str)]) {
    let run = |url: &str| -> Vec<String> {
        let sessions: Vec<Connection> = (0..3).map(|_| Connection::open_url(url).expect("opens")).collect();
        sessions[0].execute_batch(SCHEMA).expect("the schema is common ground");
        statements.iter().map(|(session, sql)| answer(&sessions[*session], sql)).collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let expected = run(&format!("sqlite:{}", folder.path().join("t.db").display()));
    let database = sqlift::testing::database();
    for (((session, sql), expected), found) in statements.iter().zip(expected).zip(run(database.url())) {
        assert_eq!(found, expected, "session {session}: {sql}");
    }
}

/// How many triggers and functions such sessions have on the server.
fn left_on_server(conn: &Connection) -> (i64, i64) {
    const NAMES: &str = "'^\\[\\d+\\.[0-9a-f]{12}\\['";
    let count = |table: &str, column: &str| {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} ~ {NAMES}");
        conn.native().query_row(&sql, [], |row| row.get(0)).expect("counts")
    };
    (count("pg_trigger", "tgname"), count("pg_proc", "proname"))
}

#[test]
fn they_run_ahead_of_others_and_the_oldest_first() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT)",
        "CREATE TABLE log(what)",
        "CREATE TRIGGER m1 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('m1'); END",
        "CREATE TEMP TRIGGER t1 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('t1'); END",
        "CREATE TRIGGER \"1st\" BEFORE INSERT ON t BEGIN INSERT INTO log VALUES ('1st'); END",
        "CREATE TRIGGER m2 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('m2'); END",
        "CREATE TEMP TRIGGER t2 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('t2'); END",
        "CREATE TEMPORARY TRIGGER T0 INSERT ON t BEGIN INSERT INTO log VALUES ('t0'); END",
        // Of a name that another one has in the database itself.
        "CREATE TEMP TRIGGER m1 AFTER INSERT ON main.t WHEN NEW.a > 0 BEGIN INSERT INTO log VALUES ('temp ' || NEW.b); END",
        "INSERT INTO t(a, b) VALUES (1, 'x'), (0, 'y')",
        "SELECT what FROM log",
        "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_temp_master",
        "SELECT name FROM temp.sqlite_schema",
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "PRAGMA database_list",
        "DROP TRIGGER m1",
        "SELECT name FROM sqlite_temp_schema",
        "SELECT count(*) FROM sqlite_master WHERE name = 'm1'",
        "DROP TRIGGER main.t1",
        "DROP TRIGGER temp.m2",
        "DROP TRIGGER IF EXISTS temp.m2",
        "DROP TRIGGER temp.t1",
        "DELETE FROM log",
        "INSERT INTO t(a) VALUES (1)",
        "SELECT what FROM log",
        "CREATE TRIGGER temp.t2 AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER IF NOT EXISTS t2 AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER main.x AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER x AFTER INSERT ON absent BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER x AFTER INSERT ON sqlite_master BEGIN SELECT 1; END",
        "CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TEMP TRIGGER x AFTER INSERT ON sqlite_sequence BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO main.log VALUES (1); END",
    ]);
}

#[test]
fn they_do_what_others_do() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT)",
        "CREATE TABLE k(id INTEGER PRIMARY KEY, t INTEGER REFERENCES t(id) ON DELETE CASCADE)",
        "CREATE TABLE log(what)",
        // Room's.
        "CREATE TEMP TABLE changed(table_id INTEGER PRIMARY KEY, invalidated INTEGER NOT NULL DEFAULT 0)",
        "INSERT INTO changed(table_id) VALUES (0)",
        "CREATE TEMP TRIGGER IF NOT EXISTS `heard_t` AFTER UPDATE ON `t` BEGIN UPDATE changed SET invalidated = 1 WHERE table_id = 0 AND invalidated = 0; END",
        "INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'y')",
        "SELECT invalidated FROM changed",
        "UPDATE t SET a = 3 WHERE id = 1",
        "SELECT invalidated FROM changed",
        "CREATE TEMP TRIGGER cascaded AFTER DELETE ON k BEGIN INSERT INTO log VALUES ('k' || OLD.id); END",
        "INSERT INTO k VALUES (10, 1), (11, 2)",
        "DELETE FROM t WHERE id = 1",
        "SELECT what FROM log",
        "CREATE TEMP TRIGGER \"if a\" BEFORE UPDATE OF a ON t WHEN NEW.a > 9 BEGIN SELECT RAISE(ABORT, 'too big'); END",
        "UPDATE t SET a = 10",
        "UPDATE t SET b = 'now'",
        "CREATE TEMP TRIGGER never UPDATE OF absent ON t BEGIN SELECT RAISE(ABORT, 'never'); END",
        "CREATE TEMP TRIGGER ignores BEFORE DELETE ON t WHEN OLD.id = 5 BEGIN SELECT RAISE(IGNORE); END",
        "INSERT INTO t VALUES (5, 0, 'stays'), (6, 0, 'goes')",
        "DELETE FROM t",
        "SELECT id FROM t",
        "CREATE TEMP TRIGGER fails BEFORE INSERT ON t WHEN NEW.a = 1 BEGIN SELECT RAISE(FAIL, 'failed'); END",
        "INSERT INTO t VALUES (20, 0, ''), (21, 1, ''), (22, 2, '')",
        "SELECT id FROM t",
        "CREATE TEMP TRIGGER rolls AFTER INSERT ON k BEGIN SELECT RAISE(ROLLBACK, 'rolled'); END",
        "BEGIN",
        "DELETE FROM log",
        "INSERT INTO k VALUES (30, 20)",
        "SELECT count(*) FROM log",
        "CREATE TABLE again(n)",
        "CREATE TRIGGER twice AFTER INSERT ON again WHEN NEW.n < 3 BEGIN INSERT INTO again VALUES (NEW.n + 10); END",
        "CREATE TEMP TRIGGER twice AFTER INSERT ON again WHEN NEW.n > 9 BEGIN INSERT INTO again VALUES (NEW.n + 100); END",
        "INSERT INTO again VALUES (1)",
        "SELECT n FROM again",
        "CREATE TABLE u(id INTEGER PRIMARY KEY, a UNIQUE)",
        "CREATE TEMP TRIGGER replaced AFTER INSERT ON u BEGIN INSERT INTO log VALUES ('u' || NEW.id); END",
        "INSERT INTO u VALUES (1, 'x')",
        "REPLACE INTO u VALUES (2, 'x')",
        "INSERT OR IGNORE INTO u VALUES (3, 'x'), (4, 'y')",
        "SELECT what FROM log",
        "CREATE TEMP TRIGGER later AFTER INSERT ON u BEGIN INSERT INTO absent VALUES (NEW.a); END",
        "INSERT INTO u VALUES (5, 'z')",
        "CREATE TABLE absent(v)",
        "INSERT INTO u VALUES (5, 'z')",
        "SELECT v FROM absent",
        "DROP TABLE absent",
        "INSERT INTO u VALUES (6, 'zz')",
    ]);
}

#[test]
fn views_take_writes_by_them() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "INSERT INTO v VALUES (1, 1)",
        "CREATE TEMP TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t(id, a) VALUES (NEW.id, NEW.a); END",
        "CREATE TEMP TRIGGER vd INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = OLD.id; END",
        "CREATE TEMP TRIGGER vu INSTEAD OF UPDATE OF a ON v BEGIN UPDATE t SET a = NEW.a WHERE id = OLD.id; END",
        "CREATE TEMP TRIGGER no AFTER INSERT ON v BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER no INSTEAD OF INSERT ON t BEGIN SELECT 1; END",
        "INSERT INTO v VALUES (1, 1), (2, 2)",
        "UPDATE v SET a = 3 WHERE id = 1",
        "DELETE FROM v WHERE id = 2",
        "SELECT * FROM t",
        "DROP TRIGGER vi",
        "INSERT INTO v VALUES (3, 3)",
        "SELECT name, tbl_name FROM sqlite_temp_master",
        "DROP VIEW v",
        "SELECT name FROM sqlite_temp_master",
    ]);
}

#[test]
fn a_transaction_that_is_rolled_back_takes_them_with_it() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT)",
        "INSERT INTO t VALUES (1, 1, 'x')",
        "BEGIN",
        "CREATE TEMP TRIGGER big BEFORE UPDATE OF a ON t WHEN NEW.a > 100 BEGIN SELECT RAISE(ABORT, 'too big'); END",
        "UPDATE t SET a = 200",
        "SAVEPOINT s",
        "CREATE TEMP TRIGGER never BEFORE UPDATE OF b ON t BEGIN SELECT RAISE(IGNORE); END",
        "UPDATE t SET b = 'never'",
        "SELECT name FROM sqlite_temp_master",
        "ROLLBACK TO s",
        "SELECT name FROM sqlite_temp_master",
        "UPDATE t SET b = 'now'",
        "COMMIT",
        "UPDATE t SET a = 200",
        "BEGIN",
        "DROP TRIGGER big",
        "UPDATE t SET a = 201",
        "SELECT name FROM sqlite_temp_master",
        "ROLLBACK",
        "UPDATE t SET a = 202",
        "BEGIN",
        "CREATE TEMP TRIGGER other BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no more'); END",
        "ROLLBACK",
        "INSERT INTO t VALUES (2, 2, 'y')",
        "DROP TRIGGER other",
        "DROP TRIGGER big",
        "SELECT * FROM t",
    ]);
}

#[test]
fn they_follow_their_tables() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT)",
        "CREATE TABLE log(what)",
        "CREATE TRIGGER both AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('main ' || NEW.a); END",
        "CREATE TEMP TRIGGER both AFTER INSERT ON t BEGIN INSERT INTO log SELECT 'temp ' || count(*) FROM main.t; END",
        "CREATE TEMP TRIGGER set_b AFTER UPDATE OF b ON t BEGIN INSERT INTO log VALUES (OLD.b || NEW.b); END",
        "ALTER TABLE t RENAME TO u",
        "SELECT name, tbl_name, sql FROM sqlite_temp_master",
        "INSERT INTO u VALUES (1, 1, 'x')",
        "ALTER TABLE u RENAME COLUMN b TO bb",
        "SELECT name, sql FROM sqlite_temp_master",
        "UPDATE u SET bb = 'y'",
        "ALTER TABLE log RENAME TO heard",
        "SELECT name, sql FROM sqlite_temp_master",
        "ALTER TABLE u ADD COLUMN c INTEGER DEFAULT 5",
        "CREATE TEMP TRIGGER set_c AFTER UPDATE OF c ON u BEGIN INSERT INTO heard VALUES (NEW.c); END",
        "UPDATE u SET c = 6, bb = 'z'",
        "ALTER TABLE u DROP COLUMN c",
        "DROP TRIGGER set_c",
        "ALTER TABLE u DROP COLUMN c",
        "INSERT INTO u VALUES (2, 2, 'x')",
        "SELECT what FROM heard",
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "DROP TABLE u",
        "SELECT name FROM sqlite_temp_master",
        "CREATE TABLE u(id INTEGER PRIMARY KEY, a, bb)",
        "INSERT INTO u VALUES (1, 1, 1)",
        "SELECT count(*) FROM heard",
    ]);
}

#[test]
fn each_session_has_its_own() {
    same_in_sessions(&[
        (0, "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('0 heard ' || NEW.a); END"),
        (1, "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('1 heard ' || NEW.a); END"),
        (0, "INSERT INTO t(a) VALUES ('0')"),
        (1, "INSERT INTO t(a) VALUES ('1')"),
        (2, "INSERT INTO t(a) VALUES ('2')"),
        (2, "SELECT what FROM log"),
        (0, "SELECT name, sql FROM sqlite_temp_master"),
        (1, "SELECT name, sql FROM sqlite_temp_master"),
        (2, "SELECT name FROM sqlite_temp_master"),
        (2, "SELECT name FROM sqlite_master WHERE type = 'trigger'"),
        (2, "DROP TRIGGER x"),
        (2, "CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('all heard ' || NEW.a); END"),
        (0, "DROP TRIGGER x"),
        (0, "INSERT INTO t(a) VALUES ('3')"),
        (1, "INSERT INTO t(a) VALUES ('4')"),
        (2, "SELECT what FROM log"),
        (0, "DROP TRIGGER x"),
        (1, "CREATE TEMP TRIGGER big BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'for 1 alone'); END"),
        (0, "UPDATE t SET b = 'x' WHERE id = 1"),
        (1, "UPDATE t SET b = 'y' WHERE id = 1"),
        (2, "CREATE VIEW v AS SELECT id, a FROM t"),
        (0, "CREATE TEMP TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t(a) VALUES ('view ' || NEW.a); END"),
        (0, "INSERT INTO v(a) VALUES ('0')"),
        (1, "INSERT INTO v(a) VALUES ('1')"),
        (2, "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES ('all viewed ' || NEW.a); END"),
        // SQLite looks at the file's schema when it reads the file, not when a text is refused.
        (1, "SELECT count(*) FROM log"),
        (1, "INSERT INTO v(a) VALUES ('2')"),
        (0, "SELECT what FROM log"),
        (0, "SELECT a, b FROM t ORDER BY id"),
        // By another session: what says its old name is about nothing.
        (1, "DROP TRIGGER big"),
        (1, "CREATE TEMP TRIGGER said AFTER DELETE ON t BEGIN INSERT INTO log VALUES ('deleted'); END"),
        (2, "ALTER TABLE t RENAME TO u"),
        (1, "DELETE FROM u WHERE id = 1"),
        (1, "SELECT count(*) FROM log WHERE what = 'deleted'"),
        (2, "DROP VIEW v"),
        (2, "DROP TABLE u"),
        (0, "SELECT count(*) FROM log"),
    ]);
}

#[test]
fn they_go_with_their_connection() {
    let database = sqlift::testing::database();
    let other = Connection::open_url(database.url()).unwrap();
    other.execute_batch(SCHEMA).unwrap();
    let make = |name: &str| {
        let conn = Connection::open_url(database.url()).unwrap();
        let sql = format!("CREATE TEMP TRIGGER {name} AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('{name}'); END");
        conn.execute_batch(&sql).unwrap();
        conn
    };
    make("closed").close().unwrap();
    assert_eq!(left_on_server(&other), (0, 0));
    drop(make("lost"));
    other.execute_batch("INSERT INTO t(a) VALUES (1)").unwrap();
    assert_eq!(answer(&other, "SELECT count(*) FROM log"), "[[Integer(0)]]");
    assert_eq!(answer(&other, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"), "[[Integer(0)]]");
    // What a lost one leaves does nothing, and goes when another one is made, also at the end of a transaction.
    let ended =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'";
    let sessions = || other.native().query_row(ended, [], |row| row.get::<_, i64>(0)).unwrap();
    support::until("the lost session ends", || sessions() == 1);
    let living = Connection::open_url(database.url()).unwrap();
    living.execute_batch("BEGIN; CREATE TEMP TRIGGER x AFTER DELETE ON t BEGIN SELECT 1; END; COMMIT").unwrap();
    assert_eq!(left_on_server(&other), (1, 1));
    // Nobody waits for a reader in order to drop one.
    other.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
    living.execute_batch("PRAGMA busy_timeout = 60000; DROP TRIGGER x").unwrap();
    assert_eq!(answer(&living, "SELECT count(*) FROM sqlite_temp_master"), "[[Integer(0)]]");
    assert_eq!(left_on_server(&other), (1, 1));
    other.execute_batch("COMMIT").unwrap();
    // One of a lost session keeps no column, one of a living session does.
    living.execute_batch("CREATE TEMP TRIGGER y AFTER UPDATE OF a, b ON t BEGIN SELECT 1; END").unwrap();
    let error = other.execute_batch("ALTER TABLE t DROP COLUMN b").unwrap_err().to_string();
    assert!(error.contains("depend"), "{error}");
    drop(living);
    support::until("the lost session ends", || sessions() == 1);
    other.execute_batch("ALTER TABLE t DROP COLUMN b").unwrap();
    let living = Connection::open_url(database.url()).unwrap();
    living.execute_batch("CREATE TEMP TRIGGER y AFTER DELETE ON t BEGIN SELECT 1; END; DROP TABLE t").unwrap();
    living.close().unwrap();
    assert_eq!(left_on_server(&other), (0, 0));
}

#[test]
fn the_next_user_of_a_pool_has_none() {
    let database = sqlift::testing::database();
    let db = Db::open(&with(database.url(), "pool_max_size=1")).unwrap();
    db.execute_batch(SCHEMA).unwrap();
    for user in 0..3 {
        let conn = db.get().unwrap();
        assert_eq!(answer(&conn, "SELECT count(*) FROM sqlite_temp_master"), "[[Integer(0)]]");
        conn.execute_batch("INSERT INTO t(a) VALUES (1)").unwrap();
        assert_eq!(answer(&conn, "SELECT count(*) FROM log"), format!("[[Integer({user})]]"));
        conn.execute_batch(
            "BEGIN; CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.id); END; COMMIT",
        )
        .unwrap();
        conn.execute_batch("INSERT INTO t(a) VALUES (1)").unwrap();
    }
    let conn = db.get().unwrap();
    assert_eq!(left_on_server(&conn), (0, 0));
    // By the program's own SQL.
    conn.execute_batch("CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.id); END").unwrap();
    conn.native().execute_batch("DISCARD ALL").unwrap();
    conn.execute_batch("DELETE FROM log; INSERT INTO t(a) VALUES (1)").unwrap();
    assert_eq!(answer(&conn, "SELECT count(*) FROM log"), "[[Integer(0)]]");
    assert_eq!(answer(&conn, "SELECT count(*) FROM sqlite_temp_master"), "[[Integer(0)]]");
}

#[test]
fn sessions_make_and_drop_them_at_once() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    std::thread::scope(|scope| {
        for maker in 0..3 {
            let url = database.url();
            scope.spawn(move || {
                let conn = Connection::open_url(url).unwrap();
                for round in 0..10 {
                    let sql = format!(
                        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('{maker} ' || NEW.a); END"
                    );
                    support::while_busy(|| conn.execute_batch(&sql));
                    let sql = format!("INSERT INTO t(a) VALUES ('{maker} {round}')");
                    support::while_busy(|| conn.execute_batch(&sql));
                    support::while_busy(|| conn.execute_batch("DROP TRIGGER x"));
                    support::while_busy(|| conn.execute_batch("INSERT INTO t(a) VALUES ('nobody heard')"));
                }
                conn.close().unwrap();
            });
        }
    });
    let heard = "SELECT count(*), count(DISTINCT what), sum(what LIKE '0 0 %' OR what LIKE '1 1 %' OR what LIKE '2 2 %') FROM log";
    assert_eq!(answer(&conn, heard), "[[Integer(30), Integer(30), Integer(30)]]");
    let sweeper = Connection::open_url(database.url()).unwrap();
    sweeper.execute_batch("CREATE TEMP TRIGGER x AFTER DELETE ON t BEGIN SELECT 1; END").unwrap();
    sweeper.close().unwrap();
    assert_eq!(left_on_server(&conn), (0, 0));
}

/// SQLite's would wait for nobody: it is no change of the database's file.
#[test]
fn making_one_waits_for_writers() {
    let database = sqlift::testing::database();
    let (maker, writer) =
        (Connection::open_url(database.url()).unwrap(), Connection::open_url(database.url()).unwrap());
    maker.execute_batch(SCHEMA).unwrap();
    maker.busy_timeout(std::time::Duration::from_millis(50)).unwrap();
    let sql = "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END";
    writer.execute_batch("BEGIN; INSERT INTO t(a) VALUES (1)").unwrap();
    let error = maker.execute_batch(sql).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
    writer.execute_batch("COMMIT; BEGIN; SELECT count(*) FROM t").unwrap();
    maker.execute_batch(sql).unwrap();
}

#[test]
fn what_cannot_be_right_is_refused() {
    let schema = "CREATE TABLE t(v); CREATE TABLE log(v);";
    let sql = "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'x'); END";
    refused(schema, sql, "RAISE", &["RAISE(FAIL)", "RAISE(ABORT"]);
    let sql = "CREATE TEMP TRIGGER \"a\nb\" AFTER INSERT ON t BEGIN SELECT 1; END";
    refused(schema, sql, "\"a", &["several lines", "another name"]);

    let database = sqlift::testing::database();
    let owner = Connection::open_url(database.url()).unwrap();
    owner.execute_batch(&schema.replace("log", "\"Log\"")).unwrap();
    owner
        .native()
        .execute_batch("CREATE TRIGGER \"A\" AFTER INSERT ON t EXECUTE FUNCTION sqlift.missing_parent()")
        .unwrap();
    let sql = "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END";
    let error = owner.execute_batch(sql).unwrap_err().to_string();
    assert!(error.contains("beside A") && error.contains("begins with a letter"), "{error}");
    owner.native().execute_batch("DROP TRIGGER \"A\" ON t").unwrap();

    let role = format!("app_{}", database.name());
    owner
        .native()
        .execute_batch(&format!(
            "CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON SCHEMA public TO {role}"
        ))
        .unwrap();
    let program = Connection::open_url(&database.url().replacen("postgres@", &format!("{role}@"), 1)).unwrap();
    let error = program.execute_batch(sql).unwrap_err().to_string();
    assert!(error.contains("a temporary trigger on t, which role postgres owns"), "{error}");
    assert!(
        error.contains(&format!("help: connect as that role or a member of it (GRANT postgres TO {role})")),
        "{error}"
    );
    drop(program);
    owner.native().execute_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();

    let pooled = Connection::open_url(&with(database.url(), "pooler=transaction")).unwrap();
    let error = pooled.execute_batch(sql).unwrap_err().to_string();
    assert!(error.contains("pooler=transaction") && error.contains("a trigger without TEMP"), "{error}");
}

/// Another connection renames a column that a temporary trigger of this one names.
#[test]
fn a_column_that_is_gone_is_called_as_the_triggers() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = sqlift::testing::database();
    let file = format!("sqlite:{}", folder.path().join("x.db").display());
    for url in [file.as_str(), database.url()] {
        let open = || Connection::open_url(url).expect("opens");
        let (conn, other) = (open(), open());
        conn.execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT); CREATE TABLE log(x);
             CREATE TEMP TRIGGER made AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.a); END;
             CREATE TEMP TRIGGER gone AFTER DELETE ON t BEGIN INSERT INTO log VALUES (OLD.a); END;
             INSERT INTO t(a) VALUES (1)",
        )
        .expect(url);
        other.execute_batch("ALTER TABLE t RENAME COLUMN a TO z").expect(url);
        for (sql, message) in
            [("INSERT INTO t(b) VALUES ('x')", "no such column: NEW.a"), ("DELETE FROM t", "no such column: OLD.a")]
        {
            let error = conn.execute(sql, []).expect_err(sql).to_string();
            assert!(error.starts_with(message), "{url}: {error}");
        }
        assert_eq!(conn.query_row("SELECT count(*) FROM log", [], |row| row.get::<_, i64>(0)), Ok(1), "{url}");
    }
}
