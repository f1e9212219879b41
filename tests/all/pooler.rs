//! Behind a real PgBouncer that gives out server sessions by the transaction: two client programs at once, of which neither
//! finds the other's settings, prepared names or temporary objects.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlift::config::{Config, HostAddress};
use sqlift::testing::TestDatabase;
use sqlift::{Connection, Db, Error, ErrorCode, Result, TransactionBehavior, params};

use crate::support::{self, with};

/// Server sessions for all clients together: fewer than clients, so that they change hands all the time.
const SERVER_SESSIONS: usize = 2;

/// A PgBouncer of the test's own before a database of its own.
struct Pooler {
    database: TestDatabase,
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

impl Pooler {
    /// `None`, said out loud, where there is no PgBouncer.
    fn start() -> Option<Pooler> {
        let Some(program) = program() else {
            support::not_tested("pooler=transaction, because there is no pgbouncer; apt-get install pgbouncer");
            return None;
        };
        let database = sqlift::testing::database();
        let Ok(Config::Postgres(config)) = Config::from_url(database.url()) else { panic!("a PostgreSQL URL") };
        let host = match &config.hosts[0].address {
            HostAddress::Unix(folder) => folder.display().to_string(),
            HostAddress::Tcp { host, .. } => host.clone(),
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let ini = folder.path().join("pgbouncer.ini");
        std::fs::write(
            &ini,
            format!(
                "[databases]\n* = host={host} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = {SERVER_SESSIONS}\n\
                 max_client_conn = 100\nserver_lifetime = 3600\nserver_connect_timeout = 300\nclient_login_timeout = 300\n\
                 query_wait_timeout = 300\n",
                config.hosts[0].port, config.user
            ),
        )
        .unwrap();
        let mut command = Command::new(program);
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        command.arg(&ini).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // It refuses to run as root.
        if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            for path in [folder.path(), ini.as_path()] {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                std::fs::set_permissions(path, mode).unwrap();
            }
            command.args(["-u", "postgres"]);
        }
        let mut process = command.spawn().unwrap();
        support::until("PgBouncer listens", || {
            if let Some(status) = process.try_wait().unwrap() {
                let said = std::fs::read_to_string(folder.path().join("log")).unwrap();
                panic!("PgBouncer ended with {status}: {said}");
            }
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(Pooler { database, process, port, folder })
    }

    /// The database through the pooler.
    fn url(&self) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{}", self.port, self.database.name())
    }

    fn pooled(&self) -> String {
        with(&self.url(), "pooler=transaction")
    }

    /// What is left on each of the server's sessions: prepared names, and settings that differ from the server's own.
    fn left_behind(&self) -> Vec<String> {
        let clients: Vec<_> = (0..SERVER_SESSIONS)
            .map(|_| {
                let mut client = postgres::Client::connect(&self.url(), postgres::NoTls).unwrap();
                // One that is in a transaction keeps its server session, so that the next gets the other.
                client.batch_execute("BEGIN").unwrap();
                client
            })
            .collect();
        let mut left = Vec::new();
        for mut client in clients {
            for sql in [
                "SELECT 'prepared: ' || statement FROM pg_prepared_statements",
                "SELECT name || ' = ' || setting FROM pg_settings WHERE source = 'session' AND name NOT IN \
                 ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')",
                "SELECT 'temporary: ' || relname FROM pg_class WHERE relpersistence = 't'",
                "SELECT 'lock: ' || objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
            ] {
                for message in client.simple_query(sql).unwrap() {
                    if let postgres::SimpleQueryMessage::Row(row) = message {
                        left.push(row.get(0).unwrap_or_default().to_owned());
                    }
                }
            }
        }
        left
    }
}

/// Two programs, each with a schema, an isolation and a timeout of its own.
#[test]
fn two_programs_share_server_sessions_and_nothing_else() {
    let Some(pooler) = Pooler::start() else { return };
    let direct = Connection::open_url(pooler.database.url()).unwrap();
    direct
        .native()
        .execute_batch("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE size AS ENUM ('s', 'l')")
        .unwrap();
    direct.install_compat().unwrap();
    let programs: Vec<_> = [("first", "serializable", 1_111), ("second", "read-committed", 2_222)]
        .iter()
        .map(|(name, isolation, timeout)| {
            let url = with(&pooler.pooled(), &format!("schema={name}&isolation={isolation}&busy_timeout={timeout}"));
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "pooler::client_program", "--ignored", "--nocapture", "--test-threads=1"])
                .env("POOLED_URL", url)
                .env("POOLED_NAME", name)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for program in programs {
        let output = program.wait_with_output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}\n{}", said(&output.stdout), said(&output.stderr));
        assert!(said(&output.stdout).contains("1 passed"), "{}", said(&output.stdout));
    }
    assert_eq!(pooler.left_behind(), Vec::<String>::new());
    for name in ["first", "second"] {
        let sql = format!("SELECT count(*) FROM {name}.t WHERE owner <> '{name}'");
        let strangers: i64 = direct.native().query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(strangers, 0, "{name}");
    }
}

/// What one of the programs does: each statement would fail or find the other's rows if it met the wrong session.
#[test]
#[ignore = "a program of its own: another test runs two of it"]
fn client_program() {
    let (url, name) = (std::env::var("POOLED_URL").unwrap(), std::env::var("POOLED_NAME").unwrap());
    let setup = Connection::open_url(&url).unwrap();
    setup
        .execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, owner TEXT, n INTEGER, b BLOB); CREATE TABLE u (n INTEGER UNIQUE)",
        )
        .unwrap();
    setup
        .native()
        .execute_batch("CREATE TABLE felt (id bigint PRIMARY KEY, m public.mood, s public.size, at timestamptz)")
        .unwrap();
    let mut round = 0;
    std::thread::scope(|scope| {
        for thread in 0..3_i64 {
            let (url, name) = (&url, &name);
            scope.spawn(move || client_thread(url, name, thread));
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(1_500) || round < 2 {
            round += 1;
            // The schema changes under the others' statements.
            support::while_busy(|| setup.execute_batch("ALTER TABLE u ADD COLUMN extra TEXT"));
            support::while_busy(|| setup.execute_batch("ALTER TABLE u DROP COLUMN extra"));
        }
    });
}

fn client_thread(url: &str, name: &str, thread: i64) {
    let busy = |result: Result<usize>| matches!(&result, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
    let mut conn = Connection::open_url(url).unwrap();
    let timeout: i64 = conn.query_row("PRAGMA busy_timeout", [], |row| row.get(0)).unwrap();
    assert_eq!(timeout, if name == "first" { 1_111 } else { 2_222 });
    for n in 0..40_i64 {
        let inserted = support::while_busy(|| {
            conn.execute("INSERT INTO t (owner, n, b) VALUES (?, ?, ?)", params![name, n, [n as u8, 255]])
        });
        assert_eq!(inserted, 1);
        let id = conn.last_insert_rowid();
        let (owner, blob): (String, Vec<u8>) = support::while_busy(|| {
            conn.prepare_cached("SELECT owner, b FROM t WHERE id = ?")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        });
        assert_eq!((owner.as_str(), blob.as_slice()), (name, &[n as u8, 255][..]));
        // Parameters without a column take their types from what is bound.
        let any: String =
            support::while_busy(|| conn.query_row("SELECT ? || typeof(?)", params![n, 1.5], |row| row.get(0)));
        assert_eq!(any, format!("{n}real"));
        // The settings of this session, whatever server session it is.
        let (path, zone, wait): (String, String, String) = support::while_busy(|| {
            conn.native().query_row(
                "SELECT current_setting('search_path'), current_setting('TimeZone'), current_setting('lock_timeout')",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
        });
        assert_eq!((path.trim_matches('"'), zone.as_str(), wait), (name, "UTC", format!("{timeout}ms")));
        // Types that are not built in, as parameters and as results.
        let felt = thread * 1_000 + n;
        support::while_busy(|| {
            conn.execute("INSERT INTO felt VALUES (?, ?, ?, ?)", params![felt, "glad", "l", "2024-02-29 12:00:00"])
        });
        let mood: (String, String, String) = support::while_busy(|| {
            conn.query_row("SELECT m, s, at FROM felt WHERE id = ? AND m = ?", params![felt, "glad"], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
        });
        assert_eq!(mood, ("glad".into(), "l".into(), "2024-02-29 12:00:00".into()));
        // A transaction with a statement that fails, rows open while others run, and savepoints.
        let behavior = if n % 2 == 0 { TransactionBehavior::Deferred } else { TransactionBehavior::Immediate };
        support::while_busy(|| {
            let mut tx = conn.transaction_with_behavior(behavior)?;
            tx.execute("INSERT INTO t (owner, n) VALUES (?, ?)", params![name, -1])?;
            let taken = thread * 1_000 + n;
            tx.execute("INSERT INTO u (n) VALUES (?)", [taken])?;
            let again = tx.execute("INSERT INTO u (n) VALUES (?)", [taken]);
            if busy(again) {
                return Err(Error::SqliteFailure(sqlift::ffi::Error::new(sqlift::ffi::SQLITE_BUSY), None));
            }
            let mut seen = 0;
            let mut statement = tx.prepare("SELECT id, n FROM t WHERE owner = ?")?;
            let mut rows = statement.query([name])?;
            while let Some(row) = rows.next()? {
                if seen < 3 {
                    let id: i64 = row.get(0)?;
                    assert!(tx.query_row("SELECT id FROM t WHERE id = ?", [id], |row| row.get::<_, i64>(0))? == id);
                }
                seen += 1;
            }
            drop(rows);
            drop(statement);
            assert!(seen > 0);
            let savepoint = tx.savepoint()?;
            savepoint.execute("DELETE FROM t", [])?;
            drop(savepoint);
            let left: i64 = tx.query_row("SELECT count(*) FROM t WHERE owner = ?", [name], |row| row.get(0))?;
            // READ COMMITTED, which the second program asked for, sees what others commit meanwhile.
            assert!(left == seen || name == "second" && left > seen, "{left} rows, {seen} before");
            if n % 3 == 0 { tx.rollback() } else { tx.commit() }
        });
        assert!(conn.is_autocommit());
        // A result half read, dropped.
        let mut statement = conn.prepare("SELECT owner FROM t").unwrap();
        let mut rows = statement.query([]).unwrap();
        if let Ok(Some(row)) = rows.next() {
            assert_eq!(row.get::<_, String>(0).unwrap(), name);
        }
        // What fails by itself leaves nothing open.
        drop(rows);
        drop(statement);
        assert!(conn.query_row("SELECT nope FROM t", [], |_| Ok(())).is_err());
        assert!(conn.execute("INSERT INTO t (id) VALUES (?)", [id]).is_err());
    }
    let timeout = conn.execute_batch("BEGIN; SELECT 1; PRAGMA busy_timeout = 77; ROLLBACK");
    timeout.unwrap();
    let wait: String =
        support::while_busy(|| conn.native().query_row("SELECT current_setting('lock_timeout')", [], |row| row.get(0)));
    assert_eq!(wait, "77ms");
}

#[test]
fn a_busy_pool_behind_a_pooler_keeps_its_sums() {
    let Some(pooler) = Pooler::start() else { return };
    drop(crate::busy_pool::keeps_its_sums(&pooler.pooled()));
    assert_eq!(pooler.left_behind(), Vec::<String>::new());
}

#[test]
fn a_pool_behind_a_pooler() {
    let Some(pooler) = Pooler::start() else { return };
    let db = Db::open(&with(&pooler.pooled(), "pool_max_size=4")).unwrap();
    db.execute_batch("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))")
        .unwrap();
    for id in 1..=4 {
        db.execute("INSERT INTO account VALUES (?, 100)", [id]).unwrap();
    }
    std::thread::scope(|scope| {
        for thread in 0..6_i64 {
            let db = &db;
            scope.spawn(move || {
                for n in 0..15_i64 {
                    support::while_busy(|| {
                        db.transaction(|tx| {
                            tx.execute(
                                "UPDATE account SET balance = balance - 1 WHERE id = ?",
                                [(thread + n) % 4 + 1],
                            )?;
                            tx.execute("UPDATE account SET balance = balance + 1 WHERE id = ?", [n % 4 + 1])
                        })
                    });
                }
            });
        }
    });
    let total: i64 = db.query_row("SELECT sum(balance) FROM account", [], |row| row.get(0)).unwrap();
    assert_eq!(total, 400);
    // Interrupts reach the server through the pooler.
    let conn = db.get().unwrap();
    let asleep = || conn.native().query_row("SELECT pg_sleep(600)", [], |_| Ok(()));
    let error = support::interrupting(&conn, asleep).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted), "{error}");
    assert_eq!(conn.query_row("SELECT 7", [], |row| row.get::<_, i64>(0)), Ok(7));
    drop(conn);
    assert_eq!(pooler.left_behind(), Vec::<String>::new());
}

#[test]
fn what_would_stay_in_the_session_is_refused_with_a_remedy() {
    let Some(pooler) = Pooler::start() else { return };
    let conn = Connection::open_url(&pooler.pooled()).unwrap();
    for (sql, remedy) in [
        ("SET work_mem = '8MB'", "SET LOCAL"),
        ("/* why */ DISCARD ALL", "SET LOCAL"),
        ("CREATE TEMP TABLE x (n int)", "name of its own"),
        ("LISTEN news", "the server itself"),
        ("PREPARE p AS SELECT 1", "need no names"),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "without HOLD"),
        ("SELECT pg_advisory_lock(1)", "pg_advisory_xact_lock"),
    ] {
        for error in [conn.native().execute_batch(sql).unwrap_err(), conn.native().prepare(sql).map(drop).unwrap_err()]
        {
            let message = error.to_string();
            assert!(message.contains("pooler=transaction") && message.contains(remedy), "{sql}: {message}");
        }
    }
    let error = conn.execute_batch("CREATE TEMP TABLE x (n INTEGER)").unwrap_err();
    assert!(error.to_string().contains("pooler=transaction"), "{error}");
    conn.execute_batch("CREATE TABLE lasting (n INTEGER)").unwrap();
    let error = conn.execute_batch("CREATE TEMP TRIGGER x AFTER INSERT ON lasting BEGIN SELECT 1; END").unwrap_err();
    assert!(error.to_string().contains("pooler=transaction"), "{error}");
    let mut rows = conn.as_postgres().unwrap().query("SELECT $1::int + 1", &[&1_i32]).unwrap();
    assert_eq!(rows.remove(0).get::<_, i32>(0), 2);
    let error = conn.as_postgres().unwrap().prepare("SELECT 1").map(drop).unwrap_err();
    assert!(error.to_string().contains("pooler=transaction"), "{error}");
    let Ok(Config::Postgres(config)) = Config::from_url(&pooler.pooled()) else { panic!("a PostgreSQL URL") };
    let error = Connection::open_postgres_in_memory(&config).map(drop).unwrap_err();
    assert!(error.to_string().contains("a database in memory"), "{error}");
    conn.native().execute_batch("SET LOCAL work_mem = '8MB'").unwrap();
    assert_eq!(conn.query_row("SELECT 7", [], |row| row.get::<_, i64>(0)), Ok(7));
    assert_eq!(pooler.left_behind(), Vec::<String>::new());
}

/// A server session less for everybody else, for as long as the program does something else.
#[test]
fn rows_that_nobody_reads_keep_no_session() {
    let Some(pooler) = Pooler::start() else { return };
    let conn = Connection::open_url(&pooler.pooled()).unwrap();
    for sql in ["SELECT 7", "SELECT value FROM generate_series(7, 100000)"] {
        assert_eq!(conn.query_row(sql, [], |row| row.get::<_, i64>(0)), Ok(7));
        assert_eq!(pooler.left_behind(), Vec::<String>::new());
    }
    let mut statement = conn.prepare("SELECT value FROM generate_series(1, 100000)").unwrap();
    let mut rows = statement.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    drop(rows);
    assert_eq!(pooler.left_behind(), Vec::<String>::new());
}

/// The names and settings of a session that does not know of the pooler would be on any server session.
#[test]
fn a_pooler_that_nobody_named_is_told_where_it_breaks() {
    let Some(pooler) = Pooler::start() else { return };
    let conn = Connection::open_url(&pooler.url()).unwrap();
    let mut statement = conn.prepare("SELECT ? + 1").unwrap();
    assert_eq!(statement.query_row([1], |row| row.get::<_, i64>(0)), Ok(2));
    // Somebody else takes the server session that knows the statement.
    let mut other = postgres::Client::connect(&pooler.url(), postgres::NoTls).unwrap();
    other.batch_execute("BEGIN").unwrap();
    let error = statement.query_row([1], |row| row.get::<_, i64>(0)).unwrap_err();
    assert!(error.to_string().contains("add pooler=transaction to the URL"), "{error}");
}

#[test]
fn doctor_tells_who_has_not_said_so() {
    let Some(pooler) = Pooler::start() else { return };
    let doctor = |url: &str| -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sqlift")).args(["doctor", "--json", url]).output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == "pooler").unwrap_or_else(|| panic!("{document}"));
        format!("{}: {} / {}", check["status"], check["detail"], check["remedy"])
    };
    let undeclared = doctor(&pooler.url());
    assert!(
        undeclared.contains("error") && undeclared.contains("a pooler in transaction mode stands between"),
        "{undeclared}"
    );
    assert!(undeclared.contains("add pooler=transaction to the URL"), "{undeclared}");
    let declared = doctor(&pooler.pooled());
    assert!(declared.contains("ok") && declared.contains("pooler=transaction"), "{declared}");
    assert!(doctor(pooler.database.url()).contains("a server process of its own"));
}
