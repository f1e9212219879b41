//! Faults: a server that dies, threads that panic, many threads at once, interrupts. What was committed stays and happens
//! once, what was not is gone, and the error says which of the two it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use sqlift::testing::{TempPostgres, TestDatabase};
use sqlift::{Connection, Db, Error, ErrorCode, Result, TransactionBehavior, params};

use crate::support::{self, PATIENCE, while_busy, with};

fn count(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// PostgreSQL's own statement of one value.
fn native(conn: &Connection, sql: &str) -> i64 {
    conn.native().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[track_caller]
fn lost<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.expect_err("the server is gone");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{error}");
    assert!(error.to_string().contains("the connection to PostgreSQL was lost"), "{error}");
}

const NUMBERS: &str =
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n";

#[test]
fn a_server_that_is_killed() {
    // What was committed must outlive kill -9, which a temporary server does not promise otherwise.
    let server = TempPostgres::options().setting("synchronous_commit", "on").start().unwrap();
    let open = || Connection::open_url(server.url()).unwrap();
    let setup = open();
    setup.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
    drop(setup);

    // In the middle of a statement.
    let conn = open();
    conn.execute("INSERT INTO t VALUES (1)", []).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(150));
            server.kill_server().unwrap();
        });
        let begun = Instant::now();
        lost(conn.native().execute("INSERT INTO t SELECT 2 FROM pg_sleep(600)", []));
        assert!(begun.elapsed() < PATIENCE);
    });
    lost(conn.execute("INSERT INTO t VALUES (3)", []));
    lost(conn.query_row("SELECT 1", [], |_| Ok(())));
    assert!(conn.is_autocommit() && !conn.is_busy());
    server.restart().unwrap();
    lost(conn.execute("INSERT INTO t VALUES (3)", []));
    drop(conn);

    // In the middle of a transaction.
    let mut conn = open();
    assert_eq!(count(&conn, "SELECT sum(n) FROM t"), 1);
    let tx = conn.transaction().unwrap();
    tx.execute("INSERT INTO t VALUES (4)", []).unwrap();
    server.kill_server().unwrap();
    lost(tx.execute("INSERT INTO t VALUES (5)", []));
    assert!(tx.commit().is_err(), "nothing was committed");
    assert!(conn.is_autocommit());
    server.restart().unwrap();

    // Before COMMIT.
    let conn = open();
    assert_eq!(count(&conn, "SELECT sum(n) FROM t"), 1);
    conn.execute_batch("BEGIN; INSERT INTO t VALUES (6)").unwrap();
    server.kill_server().unwrap();
    lost(conn.execute_batch("COMMIT"));
    assert!(conn.is_autocommit());
    server.restart().unwrap();

    // In the middle of a result: the rows that are here come, then the error, and never an end.
    let conn = open();
    assert_eq!(count(&conn, "SELECT sum(n) FROM t"), 1);
    let mut statement = conn.prepare(NUMBERS).unwrap();
    let mut rows = statement.query([]).unwrap();
    rows.next().unwrap().unwrap();
    server.kill_server().unwrap();
    let mut seen = 1;
    let error = loop {
        match rows.next() {
            Ok(Some(_)) => seen += 1,
            Ok(None) => panic!("the result ended after {seen} rows"),
            Err(error) => break error,
        }
    };
    lost(Err::<(), Error>(error));
    assert!(matches!(rows.next(), Ok(None)));
    drop(rows);
    drop(statement);
    lost(conn.query_row("SELECT 1", [], |_| Ok(())));

    // A pool goes on by itself.
    server.restart().unwrap();
    let db = Db::open(&with(server.url(), "pool_max_size=2")).unwrap();
    drop((db.get().unwrap(), db.get().unwrap()));
    server.kill_server().unwrap();
    lost(db.execute("INSERT INTO t VALUES (7)", []).map_err(|error| {
        // There is no server to connect to either.
        assert!(error.to_string().contains("connect") || error.to_string().contains("lost"), "{error}");
        sqlift::Error::SqliteFailure(
            sqlift::ffi::Error::new(sqlift::ffi::SQLITE_IOERR),
            Some("the connection to PostgreSQL was lost".to_owned()),
        )
    }));
    server.restart().unwrap();
    let restarted = Instant::now();
    assert_eq!(db.execute("INSERT INTO t VALUES (7)", []), Ok(1));
    assert!(restarted.elapsed() < Duration::from_secs(25), "{:?}, nearly the pool's 30 s", restarted.elapsed());
    assert_eq!(db.query_row("SELECT sum(n) FROM t", [], |row| row.get::<_, i64>(0)), Ok(8));
    assert_eq!(db.pool_state().in_use, 0);
}

/// Writers go on while their sessions are ended under them: what was reported as done is there, and nothing twice.
#[test]
fn nothing_is_committed_twice() {
    let database = sqlift::testing::database();
    let db = Db::open(&with(database.url(), "pool_max_size=3")).unwrap();
    db.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
    let admin = Connection::open_url(&with(database.url(), "application_name=admin")).unwrap();
    let end = Instant::now() + Duration::from_millis(1_500);
    let writes = AtomicI64::new(0);
    let goes_on = || Instant::now() < end || writes.load(Relaxed) <= 100;
    let done: Vec<i64> = thread::scope(|scope| {
        let writers: Vec<_> = (0..3_i64)
            .map(|writer| {
                let (db, writes) = (&db, &writes);
                scope.spawn(move || {
                    let mut done = Vec::new();
                    let mut n = writer;
                    while goes_on() {
                        n += 3;
                        let written = match n % 2 {
                            0 => db.execute("INSERT INTO t VALUES (?)", [n]),
                            _ => db.transaction(|tx| tx.execute("INSERT INTO t VALUES (?)", [n])),
                        };
                        if written.is_ok() {
                            writes.fetch_add(1, Relaxed);
                            done.push(n);
                        }
                    }
                    done
                })
            })
            .collect();
        let mut before = 0;
        while goes_on() {
            thread::sleep(Duration::from_millis(20));
            // Where connecting takes longer than that, nobody would ever come to write.
            if writes.load(Relaxed) < before + 3 {
                continue;
            }
            before = writes.load(Relaxed);
            admin
                .native()
                .execute_batch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5",
                )
                .unwrap();
        }
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(count(&admin, "SELECT count(*) FROM (SELECT n FROM t GROUP BY n HAVING count(*) > 1) AS twice"), 0);
    let mut statement = admin.prepare("SELECT n FROM t").unwrap();
    let kept: std::collections::HashSet<i64> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_>>().unwrap();
    let missing: Vec<_> = done.iter().filter(|n| !kept.contains(n)).collect();
    assert!(missing.is_empty(), "reported as done and not there: {missing:?}");
}

/// Waits until no session but the asker's is left.
fn alone(conn: &Connection) {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                  AND backend_type = 'client backend'";
    support::until("the other sessions end", || native(conn, others) == 0);
}

#[test]
fn a_thread_that_panics_in_a_transaction() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let url = conn.path().unwrap().to_owned();
        let panics: [fn(Connection); 4] = [
            |mut conn| {
                let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
                tx.execute("INSERT INTO t VALUES (1)", []).unwrap();
                panic!("in a transaction");
            },
            |conn| {
                conn.execute_batch("BEGIN; INSERT INTO t VALUES (2)").unwrap();
                panic!("in a transaction begun by hand");
            },
            |mut conn| {
                let mut tx = conn.transaction().unwrap();
                let savepoint = tx.savepoint().unwrap();
                savepoint.execute("INSERT INTO t VALUES (3)", []).unwrap();
                let mut statement = savepoint.prepare(NUMBERS).unwrap();
                let mut rows = statement.query([]).unwrap();
                rows.next().unwrap();
                panic!("in a row loop");
            },
            |conn| {
                conn.execute_batch("BEGIN; INSERT INTO t VALUES (4)").unwrap();
                let _ = conn.query_row("SELECT 1", [], |_| -> Result<()> { panic!("in a closure") });
            },
        ];
        for panics in panics {
            let theirs = Connection::open_url(&url).unwrap();
            assert!(thread::spawn(move || panics(theirs)).join().is_err());
            alone(conn);
            assert_eq!(count(conn, "SELECT count(*) FROM t"), 0);
            // No lock is left.
            conn.execute_batch("BEGIN IMMEDIATE; UPDATE t SET n = 0; COMMIT").unwrap();
        }
        // Caught in the same thread, the connection goes on.
        conn.execute_batch("BEGIN; INSERT INTO t VALUES (5)").unwrap();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let mut statement = conn.prepare(NUMBERS).unwrap();
            for row in statement.query_map([], |row| row.get::<_, i64>(0)).unwrap() {
                assert!(row.unwrap() < 1_000, "in a row loop");
            }
        }));
        assert!(caught.is_err());
        conn.execute("INSERT INTO t VALUES (6)", []).unwrap();
        conn.execute_batch("COMMIT").unwrap();
        assert_eq!(count(conn, "SELECT sum(n) FROM t"), 11);
    });
}

/// What a program does with a connection, as seen from inside whatever it runs in.
fn work(url: &str, n: i64) -> Result<i64> {
    let mut conn = Connection::open_url(url)?;
    let tx = conn.transaction()?;
    tx.execute("INSERT INTO t VALUES (?)", [n])?;
    let mut sum = 0;
    let mut statement = tx.prepare("SELECT n FROM t WHERE n = ?")?;
    let mut rows = statement.query([n])?;
    while let Some(row) = rows.next()? {
        sum += tx.query_row("SELECT ? * 2", [row.get::<_, i64>(0)?], |row| row.get::<_, i64>(0))?;
    }
    drop(rows);
    drop(statement);
    tx.commit()?;
    Ok(sum)
}

#[test]
fn inside_async_programs() {
    let database = sqlift::testing::database();
    let url = database.url();
    let conn = Connection::open_url(url).unwrap();
    conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();

    let single = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(single.block_on(async { work(url, 1) }), Ok(2));
    let owned = url.to_owned();
    assert_eq!(single.block_on(async move { tokio::spawn(async move { work(&owned, 2) }).await.unwrap() }), Ok(4));

    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    assert_eq!(many.block_on(async { work(url, 3) }), Ok(6));
    let sums = many.block_on(async {
        let tasks: Vec<_> = (10..16)
            .map(|n| {
                let url = url.to_owned();
                tokio::spawn(async move { while_busy(|| work(&url, n)) })
            })
            .collect();
        let mut sums = Vec::new();
        for task in tasks {
            sums.push(task.await.unwrap());
        }
        sums
    });
    assert_eq!(sums, [20, 22, 24, 26, 28, 30]);
    let db = Db::open(url).unwrap();
    let pooled = many.block_on(async {
        let db = db.clone();
        tokio::task::spawn_blocking(move || db.query_row("SELECT sum(n) FROM t", [], |row| row.get::<_, i64>(0)))
            .await
            .unwrap()
    });
    assert_eq!(pooled, Ok(6 + 75));
    // A connection that was opened inside lives on outside, and goes in a task.
    let moved = many.block_on(async { Connection::open_url(url) }).unwrap();
    assert_eq!(count(&moved, "SELECT count(*) FROM t"), 9);
    many.block_on(async move { tokio::spawn(async move { drop(moved) }).await }).unwrap();
    drop(db);
    alone(&conn);
}

#[test]
fn threads_with_a_connection_each() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (thread INTEGER, n INTEGER, PRIMARY KEY (thread, n))").unwrap();
        let url = conn.path().unwrap();
        thread::scope(|scope| {
            for thread in 0..8_i64 {
                scope.spawn(move || {
                    let conn = Connection::open_url(url).unwrap();
                    for n in 0..20_i64 {
                        while_busy(|| conn.execute("INSERT INTO t VALUES (?, ?)", [thread, n]));
                        assert!(conn.execute("INSERT INTO t VALUES (?, ?)", [thread, n]).is_err(), "the same again");
                        let mine = conn
                            .query_row("SELECT count(*) FROM t WHERE thread = ?", [thread], |row| row.get::<_, i64>(0));
                        assert_eq!(mine, Ok(n + 1));
                    }
                });
            }
        });
        assert_eq!(count(conn, "SELECT count(*) FROM t"), 160);
    });
}

#[test]
fn a_connection_moves_between_threads() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let mut moved = Connection::open_url(conn.path().unwrap()).unwrap();
        moved.execute_batch("BEGIN").unwrap();
        for n in 1..=5_i64 {
            moved = thread::spawn(move || {
                moved.prepare_cached("INSERT INTO t VALUES (?)").unwrap().execute([n]).unwrap();
                assert_eq!(count(&moved, "SELECT count(*) FROM t"), n);
                moved
            })
            .join()
            .unwrap();
        }
        assert!(!moved.is_autocommit());
        assert_eq!(count(conn, "SELECT count(*) FROM t"), 0);
        thread::spawn(move || moved.execute_batch("COMMIT").unwrap()).join().unwrap();
        assert_eq!(count(conn, "SELECT sum(n) FROM t"), 15);
    });
}

const NEEDS_COMPAT: &str = "SELECT strftime('%Y', ?)";

#[test]
fn first_connections_install_the_functions_once() {
    let database = sqlift::testing::bare_database().unwrap();
    let barrier = Barrier::new(6);
    let results: Vec<Result<String>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|thread| {
                let (barrier, url) = (&barrier, database.url());
                scope.spawn(move || {
                    let conn = Connection::open_url(url)?;
                    barrier.wait();
                    // Half of them in a transaction, which must not take the functions with it.
                    if thread % 2 == 0 {
                        conn.execute_batch("BEGIN")?;
                    }
                    let year = conn.query_row(NEEDS_COMPAT, ["2024-02-29"], |row| row.get(0))?;
                    if thread % 2 == 0 {
                        conn.execute_batch("ROLLBACK")?;
                    }
                    Ok(year)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for result in results {
        assert_eq!(result.as_deref(), Ok("2024"));
    }
    let conn = Connection::open_url(database.url()).unwrap();
    assert_eq!(native(&conn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'sqlift'"), 1);
    let year: String = conn.query_row(NEEDS_COMPAT, ["1999-12-31"], |row| row.get(0)).unwrap();
    assert_eq!(year, "1999");
}

/// A role of the database's own name, dropped with it.
struct Role<'a> {
    name: String,
    database: &'a TestDatabase,
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        if let Ok(conn) = Connection::open_url(self.database.url()) {
            let _ = conn.native().execute_batch(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
        }
    }
}

#[test]
fn a_role_that_may_not_install_is_told_the_command() {
    let database = sqlift::testing::bare_database().unwrap();
    let admin = Connection::open_url(database.url()).unwrap();
    let role = Role { name: format!("role_{}", database.name()), database: &database };
    admin
        .native()
        .execute_batch(&format!("CREATE ROLE {0} LOGIN; CREATE TABLE t (d text); GRANT ALL ON t TO {0}", role.name))
        .unwrap();
    let conn = Connection::open_url(&with(database.url(), &format!("user={}", role.name))).unwrap();
    let refuse = |conn: &Connection| {
        let error = conn.query_row(NEEDS_COMPAT, ["2024-02-29"], |_| Ok(())).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::PermissionDenied), "{error}");
        let message = error.to_string();
        for part in ["sqlift install URL", role.name.as_str(), database.name()] {
            assert!(message.contains(part), "{part}: {message}");
        }
    };
    refuse(&conn);
    // What needs none of it works, and a transaction goes on.
    conn.execute_batch("BEGIN; INSERT INTO t VALUES ('a')").unwrap();
    refuse(&conn);
    conn.execute_batch("INSERT INTO t VALUES ('b'); COMMIT").unwrap();
    assert_eq!(count(&conn, "SELECT count(*) FROM t"), 2);
    // Once somebody has, it works, without a new connection.
    assert!(admin.install_compat().unwrap().is_some());
    let year: String = conn.query_row(NEEDS_COMPAT, ["2024-02-29"], |row| row.get(0)).unwrap();
    assert_eq!(year, "2024");
}

#[track_caller]
fn interrupted<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.expect_err("interrupted");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted), "{error}");
}

/// The error that ends a result.
fn error_of(rows: &mut sqlift::Rows<'_>) -> Result<()> {
    while rows.next()?.is_some() {}
    Ok(())
}

#[test]
fn an_interrupt_between_rows_ends_the_result() {
    support::both(|conn| {
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let handle = conn.get_interrupt_handle();
        for in_transaction in [false, true] {
            if in_transaction {
                conn.execute_batch("BEGIN; INSERT INTO t VALUES (1)").unwrap();
            }
            let mut statement = conn.prepare(NUMBERS).unwrap();
            let mut rows = statement.query([]).unwrap();
            rows.next().unwrap();
            handle.interrupt();
            interrupted(error_of(&mut rows));
            drop(rows);
            drop(statement);
            assert_eq!(conn.is_autocommit(), !in_transaction);
            assert_eq!(count(conn, "SELECT count(*) FROM t"), i64::from(in_transaction));
        }
        conn.execute_batch("INSERT INTO t VALUES (2); COMMIT").unwrap();
        assert_eq!(count(conn, "SELECT sum(n) FROM t"), 3);
        // Nothing runs: the next statement is not meant.
        handle.interrupt();
        assert_eq!(count(conn, "SELECT count(*) FROM t"), 2);
    });
}

#[test]
fn an_interrupt_reaches_every_open_result() {
    support::both(|conn| {
        let handle = conn.get_interrupt_handle();
        let (mut first, mut second) = (conn.prepare(NUMBERS).unwrap(), conn.prepare(NUMBERS).unwrap());
        let mut one = first.query([]).unwrap();
        one.next().unwrap();
        let mut two = second.query([]).unwrap();
        two.next().unwrap();
        handle.interrupt();
        interrupted(error_of(&mut one));
        // As long as one of them is open, new statements are meant as well.
        interrupted(conn.query_row("SELECT 1", [], |_| Ok(())));
        interrupted(error_of(&mut two));
        drop((one, two));
        assert_eq!(count(conn, "SELECT 1"), 1);
    });
}

#[test]
fn an_interrupt_in_a_transaction() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (n INTEGER); BEGIN; INSERT INTO t VALUES (1)").unwrap();
        for write in [false, true] {
            let native = conn.native();
            interrupted(support::interrupting(conn, || match write {
                false => native.query_row("SELECT pg_sleep(600)", [], |_| Ok(())),
                true => native.execute("INSERT INTO t SELECT 7 FROM pg_sleep(600)", []).map(drop),
            }));
            assert!(!conn.is_autocommit());
            assert_eq!(count(conn, "SELECT count(*) FROM t"), 1);
        }
        conn.execute("INSERT INTO t VALUES (?)", params![2]).unwrap();
        conn.execute_batch("COMMIT").unwrap();
        assert_eq!(count(conn, "SELECT sum(n) FROM t"), 3);
    });
}

/// Tells another thread to stop when this one is done, however it ends.
struct Stop<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

/// An interrupt at any moment: of BEGIN, of a write, of ROLLBACK. No write escapes its transaction.
#[test]
fn no_interrupt_lets_a_write_escape() {
    let rounds = support::number("SQLIFT_TEST_ROUNDS");
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let mut writer = Connection::open_url(conn.path().unwrap()).unwrap();
        let handle = writer.get_interrupt_handle();
        let done = std::sync::atomic::AtomicBool::new(false);
        let (mut count_rounds, mut interrupts) = (0_u64, 0_u64);
        let end = Instant::now() + support::seconds(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut random = support::Random::new(7);
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    handle.interrupt();
                    thread::sleep(Duration::from_micros(random.below(3_000) as u64));
                }
            });
            // Also when the writer panics: the scope waits for the other thread.
            let _stop = Stop(&done);
            while rounds.map_or(Instant::now() < end || interrupts == 0, |rounds| count_rounds < rounds) {
                count_rounds += 1;
                let run = |writer: &mut Connection| -> Result<()> {
                    if count_rounds % 3 == 0 {
                        let tx = writer.transaction()?;
                        tx.execute("INSERT INTO t VALUES (?)", [1])?;
                        tx.rollback()
                    } else if count_rounds % 3 == 1 {
                        writer.execute_batch("BEGIN; INSERT INTO t VALUES (2); INSERT INTO t VALUES (3); ROLLBACK")
                    } else {
                        let savepoint = writer.savepoint()?;
                        savepoint.execute("INSERT INTO t VALUES (?)", [4])?;
                        savepoint.prepare("SELECT n FROM t")?.query([])?.next()?;
                        drop(savepoint);
                        Ok(())
                    }
                };
                if let Err(error) = run(&mut writer) {
                    let code = error.sqlite_error_code();
                    assert!(
                        matches!(code, Some(ErrorCode::OperationInterrupted | ErrorCode::OperationAborted)),
                        "{error}"
                    );
                    interrupts += 1;
                }
                while !writer.is_autocommit() {
                    let _ = writer.execute_batch("ROLLBACK");
                }
            }
        });
        println!("{count_rounds} transactions, {interrupts} of them interrupted");
        assert!(interrupts > 0);
        assert_eq!(count(conn, "SELECT count(*) FROM t"), 0, "a write escaped");
        assert_eq!(count(&writer, "SELECT count(*) FROM t"), 0);
    });
}

/// A network that can be cut: bytes go to the server and back until they do not, and nobody hears of it.
struct Network {
    address: std::net::SocketAddr,
    cut: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Network {
    fn before(url: &str) -> Network {
        use std::sync::atomic::Ordering::Relaxed;
        let Ok(sqlift::config::Config::Postgres(config)) = sqlift::config::Config::from_url(url) else {
            panic!("a PostgreSQL URL")
        };
        let host = config.hosts[0].clone();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let network = Network { address: listener.local_addr().unwrap(), cut: std::sync::Arc::default() };
        let cut = std::sync::Arc::clone(&network.cut);
        // The threads end with the process; what they carry is only bytes.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let carry = |mut from: Box<dyn std::io::Read + Send>, mut to: Box<dyn std::io::Write + Send>| {
                    let cut = std::sync::Arc::clone(&cut);
                    thread::spawn(move || {
                        let mut bytes = [0; 4096];
                        while let Ok(count @ 1..) = from.read(&mut bytes) {
                            // What was in the air when the line was cut never arrives.
                            if cut.load(Relaxed) {
                                thread::sleep(PATIENCE);
                            }
                            if to.write_all(&bytes[..count]).is_err() {
                                return;
                            }
                        }
                        // Hanging up is heard only on a line that is whole.
                        while cut.load(Relaxed) {
                            thread::sleep(Duration::from_millis(50));
                        }
                    });
                };
                match &host.address {
                    sqlift::config::HostAddress::Unix(folder) => {
                        let path = folder.join(format!(".s.PGSQL.{}", host.port));
                        let Ok(server) = std::os::unix::net::UnixStream::connect(path) else { return };
                        carry(Box::new(client.try_clone().unwrap()), Box::new(server.try_clone().unwrap()));
                        carry(Box::new(server), Box::new(client));
                    }
                    sqlift::config::HostAddress::Tcp { host: name, .. } => {
                        let Ok(server) = std::net::TcpStream::connect((name.as_str(), host.port)) else { return };
                        carry(Box::new(client.try_clone().unwrap()), Box::new(server.try_clone().unwrap()));
                        carry(Box::new(server), Box::new(client));
                    }
                }
            }
        });
        network
    }

    fn cut(&self, cut: bool) {
        self.cut.store(cut, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn a_network_that_is_cut() {
    let database = sqlift::testing::database();
    let network = Network::before(database.url());
    let url = format!("postgresql://postgres@{}/{}", network.address, database.name());
    let direct = Connection::open_url(database.url()).unwrap();
    direct.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();

    // While connecting.
    network.cut(true);
    let begun = Instant::now();
    let error = Connection::open_url(&with(&url, "connect_timeout=1")).unwrap_err();
    assert!(error.to_string().contains("no answer within connect_timeout"), "{error}");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    network.cut(false);

    // In the middle of a transaction: the server would have said so at its own timeout, within which all statements before end.
    let mut conn = Connection::open_url(&with(&url, "statement_timeout=1500")).unwrap();
    let tx = conn.transaction().unwrap();
    tx.execute("INSERT INTO t VALUES (1)", []).unwrap();
    network.cut(true);
    let begun = Instant::now();
    lost(tx.execute("INSERT INTO t VALUES (2)", []));
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    assert!(tx.commit().is_err());
    assert!(conn.is_autocommit());
    let begun = Instant::now();
    lost(conn.query_row("SELECT 1", [], |_| Ok(())));
    assert!(begun.elapsed() < Duration::from_millis(1500), "it is known");
    drop(conn);
    network.cut(false);

    // A pool goes on by itself once the line is whole.
    let db = Db::open(&with(&url, "statement_timeout=1500&pool_max_size=1&connect_timeout=3")).unwrap();
    network.cut(true);
    assert!(db.execute("INSERT INTO t VALUES (3)", []).is_err());
    network.cut(false);
    let begun = Instant::now();
    assert_eq!(db.execute("INSERT INTO t VALUES (4)", []), Ok(1));
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}, nearly the pool's 30 s", begun.elapsed());
    assert_eq!(count(&direct, "SELECT count(*) FROM t WHERE n < 3"), 0, "nothing of the transaction");
}
