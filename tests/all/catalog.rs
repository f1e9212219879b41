//! The schema changes under a running program: by its own connections, by other processes of sqlift, by other programs.

use crate::support;
use sqlift::types::Value;
use sqlift::{Connection, Error, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A change by a program without sqlift is found within 2 seconds; the clock that says so ticks every 4 ms or so.
const WINDOW: Duration = Duration::from_millis(2100);

/// Some other program's session.
fn plain(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).expect("connects")
}

fn rows(conn: &Connection, sql: &str) -> Result<Vec<Vec<Value>>> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    statement.query_map([], |row| (0..columns).map(|index| row.get(index)).collect())?.collect()
}

fn integers(conn: &Connection, sql: &str) -> Vec<Option<i64>> {
    let rows = rows(conn, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter()
        .map(|row| match row[0] {
            Value::Integer(integer) => Some(integer),
            _ => None,
        })
        .collect()
}

/// Statements that depend on what another session changes, and what they must give afterwards: SQLite's answer to the
/// schema as it is then.
#[test]
fn another_programs_changes_are_no_silent_wrong_answers() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).expect("connects");
    conn.execute_batch(
        "CREATE TABLE nulls(id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
         CREATE TABLE added(id INTEGER PRIMARY KEY, a TEXT UNIQUE);
         CREATE TABLE dropped(id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
         CREATE UNIQUE INDEX dropped_a ON dropped(a);
         CREATE TABLE upserted(id INTEGER PRIMARY KEY, a TEXT, n INTEGER);
         CREATE TABLE renamed(id INTEGER PRIMARY KEY, a INTEGER, b TEXT);
         CREATE TABLE retyped(id INTEGER PRIMARY KEY, a INTEGER);
         CREATE TABLE flags(id INTEGER PRIMARY KEY, f INTEGER);
         CREATE TABLE wider(id INTEGER PRIMARY KEY, a TEXT);
         INSERT INTO nulls VALUES (1, 5), (2, 3);
         INSERT INTO added VALUES (1, 'x');
         INSERT INTO dropped VALUES (1, 'x', 1);
         INSERT INTO upserted VALUES (1, 'x', 1);
         INSERT INTO renamed VALUES (1, 7, '10'), (2, 8, '9');
         INSERT INTO retyped VALUES (1, 10), (2, 9);
         INSERT INTO flags VALUES (1, 1), (2, 0);
         INSERT INTO wider VALUES (1, 'x');",
    )
    .expect("creates");
    // All of them are translated and prepared against the old schema.
    let ordered = "SELECT n FROM nulls ORDER BY n";
    let replaced = "INSERT OR REPLACE INTO added(id, a) VALUES (2, 'x')";
    let kept = "INSERT OR REPLACE INTO dropped(id, a) VALUES (2, 'x')";
    let upserted = "INSERT INTO upserted(id, a, n) VALUES (1, 'y', 1) ON CONFLICT(id) DO UPDATE SET n = n + 1";
    let by_text = "SELECT id FROM renamed WHERE a > 8 ORDER BY a";
    let by_number = "SELECT id FROM retyped WHERE a < 95 ORDER BY a";
    let condition = "SELECT id FROM flags WHERE f";
    let whole = "SELECT * FROM wider";
    for sql in [ordered, by_text, by_number, condition, whole] {
        rows(&conn, sql).expect("the schema is common ground");
    }
    for sql in [replaced, kept, upserted] {
        conn.prepare(sql).expect("prepares");
    }
    let mut other = plain(database.url());
    other
        .batch_execute(
            "ALTER TABLE nulls ALTER n DROP NOT NULL;
             INSERT INTO nulls VALUES (3, NULL);
             ALTER TABLE added ADD COLUMN b bigint;
             CREATE UNIQUE INDEX ON added(b);
             DROP INDEX dropped_a;
             CREATE UNIQUE INDEX ON upserted(a);
             INSERT INTO upserted VALUES (2, 'y', 1);
             ALTER TABLE renamed RENAME a TO old;
             ALTER TABLE renamed RENAME b TO a;
             ALTER TABLE retyped ALTER a TYPE text COLLATE \"C\";
             ALTER TABLE flags ALTER f TYPE boolean USING f <> 0;
             ALTER TABLE wider ADD COLUMN b bigint DEFAULT 5;",
        )
        .expect("changes");
    std::thread::sleep(WINDOW);

    assert_eq!(integers(&conn, ordered), [None, Some(3), Some(5)], "NULLs come first");
    assert_eq!(conn.execute(replaced, []), Ok(1));
    assert_eq!(integers(&conn, "SELECT id FROM added ORDER BY id"), [Some(2)], "the row with the same a is replaced");
    assert_eq!(conn.execute(kept, []), Ok(1));
    assert_eq!(integers(&conn, "SELECT id FROM dropped ORDER BY id"), [Some(1), Some(2)], "a is not unique any more");
    // Its own row is updated; the other key is not what the clause is about.
    assert_eq!(conn.execute(upserted, []), Ok(1));
    assert_eq!(integers(&conn, "SELECT n FROM upserted WHERE id = 1"), [Some(2)]);
    assert_eq!(integers(&conn, by_text), [Some(2)], "text against a number literal has the column's affinity");
    assert_eq!(integers(&conn, by_number), [Some(1), Some(2)], "'10' and '9' are both below '95'");
    assert_eq!(integers(&conn, condition), [Some(1)]);
    assert_eq!(rows(&conn, whole).expect("runs"), [[Value::Integer(1), Value::Text("x".into()), Value::Integer(5)]]);
    assert_eq!(conn.prepare(whole).expect("prepares").column_names(), ["id", "a", "b"]);
}

/// What the server itself finds wrong needs no waiting.
#[test]
fn changes_that_raise_an_error_are_found_at_once() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).expect("connects");
    conn.execute_batch(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, s TEXT);
         CREATE TABLE u(id INTEGER PRIMARY KEY, a TEXT);
         CREATE UNIQUE INDEX u_a ON u(a);
         INSERT INTO t VALUES (1, 10, 'x'), (2, 9, 'y');
         INSERT INTO u VALUES (1, 'x');",
    )
    .expect("creates");
    let mut other = plain(database.url());
    let parameter = "SELECT id FROM t WHERE a = ?1";
    let by_parameter = |value: &str| conn.query_row(parameter, [value], |row| row.get::<_, i64>(0));
    assert_eq!(by_parameter("10"), Ok(1));

    other.batch_execute("ALTER TABLE t ALTER a TYPE text COLLATE \"C\"").expect("changes");
    assert_eq!(by_parameter("9"), Ok(2), "42883: bigint against text");

    other.batch_execute("ALTER TABLE t RENAME s TO name").expect("changes");
    assert_eq!(rows(&conn, "SELECT name FROM t").expect("a column that is new").len(), 2);
    assert!(
        matches!(rows(&conn, "SELECT s FROM t"), Err(Error::SqlInputError { msg, .. }) if msg == "no such column: s")
    );

    other.batch_execute("CREATE TABLE fresh (id bigint PRIMARY KEY); INSERT INTO fresh VALUES (4)").expect("changes");
    assert_eq!(integers(&conn, "SELECT id FROM fresh"), [Some(4)], "a table that is new");
    other.batch_execute("DROP TABLE fresh").expect("changes");
    assert!(
        matches!(rows(&conn, "SELECT id FROM fresh"), Err(error) if error.to_string().contains("no such table: fresh"))
    );

    let upsert = "INSERT INTO u(id, a) VALUES (5, 'x') ON CONFLICT(a) DO UPDATE SET a = 'z'";
    let replace = "INSERT OR REPLACE INTO u(id, a) VALUES (6, 'z')";
    conn.prepare(upsert).and_then(|_| conn.prepare(replace)).expect("prepares");
    other.batch_execute("DROP INDEX u_a").expect("changes");
    let message = conn.execute(upsert, []).expect_err("there is no such key").to_string();
    assert!(message.contains("ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"), "{message}");
    other.batch_execute("CREATE UNIQUE INDEX u_a ON u(a)").expect("changes");
    assert_eq!(conn.execute(upsert, []), Ok(1));

    other.batch_execute("DROP INDEX u_a").expect("changes");
    rows(&conn, "SELECT nothing_of_this FROM u").expect_err("which makes it look");
    conn.prepare(replace).expect("translated without the key");
    other.batch_execute("CREATE UNIQUE INDEX u_a ON u(a)").expect("changes");
    assert_eq!(conn.execute(replace, []), Ok(1), "23505 under a conflict clause");
    assert_eq!(integers(&conn, "SELECT id FROM u"), [Some(6)]);
}

/// A unique violation that the conflict clause is not about stays what it is.
#[test]
fn other_keys_still_fail_under_a_conflict_clause() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        )
        .expect("creates");
        let failed = conn.execute("INSERT INTO t VALUES (1, 'y') ON CONFLICT(id) DO UPDATE SET a = excluded.a", []);
        assert_eq!(failed.expect_err("a is taken").to_string(), "UNIQUE constraint failed: t.a");
    });
}

#[test]
fn connections_see_each_others_changes_at_once() {
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).expect("connects");
    let (a, b) = (open(), open());
    a.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 5)")
        .expect("creates");
    let ordered = "SELECT n FROM t ORDER BY n";
    assert_eq!(integers(&b, ordered), [Some(5)]);
    let mut held = b.prepare("SELECT * FROM t").expect("prepares");
    for round in 0..20 {
        a.execute_batch(&format!("ALTER TABLE t ADD COLUMN c{round} INTEGER DEFAULT {round}")).expect("changes");
        assert_eq!(integers(&b, &format!("SELECT c{round} FROM t")), [Some(round)]);
        let width = held.query_row([], |row| Ok(row.as_ref().column_count())).expect("runs");
        assert_eq!(width as i64, round + 3);
        assert_eq!(b.prepare("SELECT * FROM t").expect("prepares").column_count() as i64, round + 3);
    }
}

#[test]
fn uncommitted_changes_are_the_connections_own() {
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).expect("connects");
    let (mut a, b) = (open(), open());
    a.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t(n) VALUES (NULL), (1)")
        .expect("creates");
    let sql = "SELECT n FROM t ORDER BY n";
    assert_eq!(integers(&b, sql), [None, Some(1)]);

    for commits in [false, true] {
        let transaction = a.transaction().expect("begins");
        transaction.execute_batch("CREATE TABLE mine(x TEXT); INSERT INTO mine VALUES ('5')").expect("creates");
        assert_eq!(rows(&transaction, "SELECT x FROM mine").expect("its own"), [[Value::Text("5".into())]]);
        transaction.execute_batch("SAVEPOINT s; CREATE TABLE inner_one(x INTEGER)").expect("creates");
        assert!(rows(&transaction, "SELECT x FROM inner_one").is_ok());
        transaction.execute_batch("ROLLBACK TO s").expect("rolls back");
        assert!(rows(&transaction, "SELECT x FROM inner_one").is_err(), "undone to the savepoint");
        assert!(rows(&transaction, "SELECT x FROM mine").is_ok());
        assert!(matches!(rows(&b, "SELECT x FROM mine"), Err(error) if error.to_string().contains("no such table")));
        assert_eq!(integers(&b, sql), [None, Some(1)], "another connection goes on");
        match commits {
            true => transaction.commit().expect("commits"),
            false => transaction.rollback().expect("rolls back"),
        }
        assert_eq!(rows(&a, "SELECT x FROM mine").is_ok(), commits);
        assert_eq!(rows(&b, "SELECT x FROM mine").is_ok(), commits);
    }
}

#[test]
fn temporary_tables_hide_others_for_their_connection_only() {
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).expect("connects");
    let (a, b) = (open(), open());
    a.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 7)").expect("creates");
    assert_eq!(integers(&b, "SELECT n FROM t"), [Some(7)]);
    a.execute_batch("CREATE TEMP TABLE t(n TEXT); INSERT INTO t VALUES ('x'); CREATE TEMP TABLE only_a(x INTEGER)")
        .expect("creates");
    assert_eq!(rows(&a, "SELECT * FROM t").expect("its own"), [[Value::Text("x".into())]]);
    assert_eq!(rows(&b, "SELECT * FROM t").expect("the lasting one"), [[Value::Integer(1), Value::Integer(7)]]);
    assert!(rows(&b, "SELECT * FROM only_a").is_err());
    b.execute_batch("CREATE TABLE later(x INTEGER); INSERT INTO later VALUES (3)").expect("creates");
    assert_eq!(integers(&a, "SELECT x FROM later UNION SELECT x FROM only_a"), [Some(3)], "beside temporary ones");
    a.execute_batch("DROP TABLE t; DROP TABLE only_a").expect("drops");
    assert_eq!(rows(&a, "SELECT * FROM t").expect("seen again"), [[Value::Integer(1), Value::Integer(7)]]);
}

/// `sqlift shell --json` is another process on the same database.
#[test]
fn other_processes_see_changes_too() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).expect("connects");
    conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 5)")
        .expect("creates");
    let mut shell = Command::new(env!("CARGO_BIN_EXE_sqlift"))
        .args(["shell", "--json", database.url()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut requests = shell.stdin.take().expect("piped");
    let mut replies = BufReader::new(shell.stdout.take().expect("piped")).lines();
    let mut ask = |request: &str| {
        writeln!(requests, "{request}").expect("writes");
        replies.next().expect("a reply").expect("reads")
    };
    let sql = "SELECT n FROM t ORDER BY n";
    let request = format!("{{\"sql\": \"{sql}\"}}");
    assert_eq!(ask(&request), r#"{"columns":["n"],"rows":[[5]]}"#);
    // The server tells a session that waits, well before it would look by itself; on a busy machine one time out of several.
    let pause = || std::thread::sleep(Duration::from_millis(500));
    let is_told = (0..8).any(|round| {
        let change = format!(
            "ALTER TABLE t RENAME TO old{round}; CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER{}); INSERT INTO t VALUES (1, 5)",
            if round % 2 == 0 { "" } else { " NOT NULL" }
        );
        conn.execute_batch(&change).expect("changes");
        let expected = match round % 2 {
            0 => {
                conn.execute("INSERT INTO t VALUES (2, NULL)", []).expect("inserts");
                r#"{"columns":["n"],"rows":[[null],[5]]}"#
            }
            _ => r#"{"columns":["n"],"rows":[[5]]}"#,
        };
        pause();
        ask(&request) == expected && round % 2 == 0
    });
    assert!(is_told, "the other process sees that n may be NULL");
    let change = "ALTER TABLE t RENAME TO middle; CREATE TABLE t(id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (1, NULL), (2, '10'), (3, '9');";
    assert_eq!(integers(&conn, sql), [None, Some(5)]);
    assert_eq!(ask(&format!("{{\"script\": \"{change}\"}}")), r#"{"ok":true}"#);
    let expected: Vec<Vec<Value>> =
        vec![vec![Value::Null], vec![Value::Text("10".into())], vec![Value::Text("9".into())]];
    support::until("this one sees the other's change", || rows(&conn, sql).expect("runs") == expected);
    drop(requests);
    shell.wait().expect("ends");
}

/// Many threads, one of which changes the schema: nobody fails, nobody stays behind.
#[test]
fn a_pool_follows_a_change() {
    let database = sqlift::testing::database();
    let open = || Connection::open_url(database.url()).expect("connects");
    open()
        .execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 1)")
        .expect("creates");
    let changed = &std::sync::Barrier::new(5);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    let conn = open();
                    let mut widest = 0;
                    for _ in 0..300 {
                        let width = conn.query_row("SELECT * FROM t", [], |row| Ok(row.as_ref().column_count()));
                        widest = widest.max(width.expect("reads"));
                    }
                    changed.wait();
                    conn.query_row("SELECT * FROM t", [], |row| Ok(row.as_ref().column_count())).expect("reads")
                })
            })
            .collect();
        let writer = open();
        for round in 0..10 {
            writer.execute_batch(&format!("ALTER TABLE t ADD COLUMN c{round} TEXT")).expect("changes");
        }
        changed.wait();
        for reader in readers {
            assert_eq!(reader.join().expect("no panic"), 12);
        }
    });
}

/// A bare name means the table of the first schema that has one, also where that comes later.
#[test]
fn the_first_schema_of_several_has_the_name() {
    let database = sqlift::testing::database();
    let mut other = plain(database.url());
    other
        .batch_execute(
            "CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE two.t(a text, b text); INSERT INTO two.t VALUES ('x', 'y');
             CREATE TABLE one.first(a bigint); CREATE TABLE two.first(a text, b text)",
        )
        .expect("creates");
    let conn = Connection::open_url(database.url()).expect("connects");
    // One schema alone until now.
    conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY)").expect("creates");
    assert_eq!(rows(&conn, "SELECT * FROM t").expect("empty").len(), 0);
    conn.native().execute_batch("SET search_path = one, two").expect("sets");
    let names =
        |table: &str| conn.prepare(&format!("SELECT * FROM {table}")).expect("prepares").column_names().join(" ");
    assert_eq!((names("t"), names("first")), ("a b".to_owned(), "a".to_owned()));
    other.batch_execute("CREATE TABLE one.t(c bigint)").expect("creates");
    std::thread::sleep(WINDOW);
    rows(&conn, "SELECT 1").expect("looks");
    assert_eq!((names("t"), names("first")), ("c".to_owned(), "a".to_owned()));
    conn.execute_batch("DROP TABLE t; CREATE TABLE u(d STRICT)").expect("changes");
    assert_eq!((names("t"), names("u")), ("a b".to_owned(), "d".to_owned()));
}
