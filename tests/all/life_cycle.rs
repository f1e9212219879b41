//! A pool from its first connection to its last: rotated passwords, drained and closed pools, what it counts and how it feels.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlift::config::Config;
use sqlift::testing::TempPostgres;
use sqlift::{Connection, Credentials, Db, ErrorCode};

use crate::support::PATIENCE;

/// A server that asks role `app` for its password.
fn server_with_passwords() -> (TempPostgres, Connection) {
    let server = TempPostgres::options()
        .tcp()
        .hba("host all postgres all trust\nhost all all all scram-sha-256\n")
        .start()
        .unwrap();
    let admin = Connection::open_url(server.url()).unwrap();
    admin
        .native()
        .execute_batch("CREATE ROLE app LOGIN PASSWORD 'first'; CREATE TABLE tag (n bigint); GRANT ALL ON tag TO app")
        .unwrap();
    (server, admin)
}

fn replace(file: &PathBuf, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, file).unwrap();
}

/// Threads that use the pool all the time, and half of whose uses need a new connection.
fn under_load(db: &Db, rotate: impl FnOnce()) -> (u64, Vec<String>) {
    let (stop, done, failures) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    match db.execute("INSERT INTO tag VALUES (?1)", [1]) {
                        Ok(_) => drop(done.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => failures.lock().unwrap().push(error.to_string()),
                    }
                }
            });
        }
        // Sessions that end under the pool, so that new ones are needed while the password changes.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(150));
                db.drain();
            }
        });
        rotate();
        stop.store(true, Ordering::Relaxed);
    });
    (done.into_inner(), failures.into_inner().unwrap())
}

#[test]
fn a_password_changes_under_load_and_nobody_notices() {
    let (server, admin) = server_with_passwords();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "first\n").unwrap();
    let url =
        server.url().replacen("postgres@", "app@", 1) + &format!("?password_file={}&pool_max_size=4", file.display());
    let db = Db::open(&url).unwrap();
    let pause = |milliseconds| std::thread::sleep(Duration::from_millis(milliseconds));
    let (done, failures) = under_load(&db, || {
        pause(300);
        // The server first, then the file; then the other way round; then both at once.
        admin.native().execute_batch("ALTER ROLE app PASSWORD 'second'").unwrap();
        pause(500);
        replace(&file, "second\n");
        pause(1300);
        replace(&file, "third\n");
        pause(500);
        admin.native().execute_batch("ALTER ROLE app PASSWORD 'third'").unwrap();
        pause(300);
    });
    assert_eq!(failures, Vec::<String>::new());
    assert!(done > 0);
    assert_eq!(db.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, u64>(0)), Ok(done));
    assert!(db.pool_state().opened > 5, "{:?}", db.pool_state());
}

/// Without any trouble that forces new connections, old ones are replaced all the same once the file has changed.
#[test]
fn old_connections_drain_after_the_file_changed() {
    let (server, admin) = server_with_passwords();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "first\n").unwrap();
    let url =
        server.url().replacen("postgres@", "app@", 1) + &format!("?password_file={}&pool_max_size=3", file.display());
    let db = Db::open(&url).unwrap();
    let held = [db.get().unwrap(), db.get().unwrap(), db.get().unwrap()];
    let pid = |conn: &Connection| -> i64 {
        conn.native().query_row("SELECT pg_backend_pid()::bigint", [], |row| row.get(0)).unwrap()
    };
    let before = held.each_ref().map(|conn| pid(conn));
    drop(held);
    admin.native().execute_batch("ALTER ROLE app PASSWORD 'second'").unwrap();
    replace(&file, "second and longer");
    // Not the server's: what is open goes on.
    std::thread::sleep(Duration::from_millis(1100));
    assert!(before.contains(&pid(&db.get().unwrap())));
    replace(&file, "second");
    std::thread::sleep(Duration::from_millis(1100));
    let after = [db.get().unwrap(), db.get().unwrap(), db.get().unwrap()].map(|conn| pid(&conn));
    assert!(after.iter().all(|pid| !before.contains(pid)), "{before:?} {after:?}");
}

#[test]
fn a_callback_gives_roles_that_come_and_go() {
    let (server, admin) = server_with_passwords();
    let number = std::sync::Arc::new(AtomicU64::new(0));
    let grant = |number: u64| {
        let sql =
            format!("CREATE ROLE lease_{number} LOGIN PASSWORD 'secret_{number}'; GRANT ALL ON tag TO lease_{number}");
        admin.native().execute_batch(&sql).unwrap();
    };
    grant(0);
    let config = Config::from_url(&(server.url().replacen("postgres@", "nobody@", 1) + "?pool_max_size=2")).unwrap();
    let asked = std::sync::Arc::clone(&number);
    let db = Db::with_credentials(config, move || {
        let number = asked.load(Ordering::Relaxed);
        Ok(Credentials::password(format!("secret_{number}")).user(format!("lease_{number}")))
    })
    .unwrap();
    let role = || -> String {
        db.get().unwrap().native().query_row("SELECT current_user::text", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(role(), "lease_0");
    let held = db.get().unwrap();
    grant(1);
    number.store(1, Ordering::Relaxed);
    // A new connection is made with the new ones, and from then on the old ones end as they come back.
    db.drain();
    assert_eq!(role(), "lease_1");
    assert_eq!(
        held.native().query_row("SELECT current_user::text", [], |row| row.get::<_, String>(0)).unwrap(),
        "lease_0"
    );
    drop(held);
    let both = [db.get().unwrap(), db.get().unwrap()];
    for conn in &both {
        assert_eq!(
            conn.native().query_row("SELECT current_user::text", [], |row| row.get::<_, String>(0)).unwrap(),
            "lease_1"
        );
    }
    drop(both);

    let config = Config::from_url(server.url()).unwrap();
    let error = Db::with_credentials(config, || Err("the store is sealed".into())).unwrap_err();
    assert!(error.to_string().contains("the callback for credentials failed: the store is sealed"), "{error}");
    let error = Db::with_credentials(Config::from_url("sqlite::memory:").unwrap(), || Ok(Credentials::password("x")))
        .unwrap_err();
    assert!(error.to_string().contains("a SQLite database knows no credentials"), "{error}");
    // A first password that is wrong is told at once, not after the 10 s for which a rotated one is waited for.
    let config = Config::from_url(&server.url().replacen("postgres@", "app@", 1)).unwrap();
    let at_once = (0..5).any(|_| {
        let begin = Instant::now();
        let error = Db::with_credentials(config.clone(), || Ok(Credentials::password("hunter2"))).unwrap_err();
        assert!(
            error.to_string().contains("password authentication failed") && !error.to_string().contains("hunter2"),
            "{error}"
        );
        begin.elapsed() < Duration::from_secs(9)
    });
    assert!(at_once);
}

fn on_both(parameters: &str, test: impl Fn(&Db)) {
    let database = sqlift::testing::database();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("app.db").display());
    for url in [file.as_str(), database.url()] {
        let separator = if url.contains('?') { '&' } else { '?' };
        let db = Db::open(&format!("{url}{separator}{parameters}")).unwrap();
        eprintln!("on {}", db.backend());
        test(&db);
    }
}

#[test]
fn a_pool_is_closed_in_good_order() {
    on_both("pool_max_size=3", |db| {
        db.execute_batch("CREATE TABLE tag (n INTEGER)").unwrap();
        // A request that runs is waited for, and what it did stays.
        let begun = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                db.transaction(|tx| {
                    tx.execute("INSERT INTO tag VALUES (1)", [])?;
                    begun.store(true, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(200));
                    tx.execute("INSERT INTO tag VALUES (2)", [])
                })
                .unwrap();
            });
            while !begun.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            let late = db.clone();
            db.close(PATIENCE).unwrap();
            let error = late.get().unwrap_err();
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ApiMisuse));
            assert!(error.to_string().contains("the pool is closed"), "{error}");
        });
        assert_eq!((db.pool_state().open, db.pool_state().in_use), (0, 0));
        assert!(db.execute("INSERT INTO tag VALUES (3)", []).is_err());
        assert!(db.close(Duration::ZERO).is_ok());
    });
    on_both("pool_max_size=3&pool_timeout=600", |db| {
        let conn = db.get().unwrap();
        let begin = Instant::now();
        let error = db.close(Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        assert!(error.to_string().starts_with("1 of 3 connections are still in use 0.05 s after"), "{error}");
        assert!((Duration::from_millis(50)..PATIENCE).contains(&begin.elapsed()), "{:?}", begin.elapsed());
        // Whoever holds one may end what he does, and it is closed then.
        assert_eq!(conn.query_row("SELECT 42", [], |row| row.get::<_, i64>(0)), Ok(42));
        drop(conn);
        assert_eq!(db.pool_state().open, 0);
    });
}

#[test]
fn what_a_pool_counts() {
    on_both("pool_max_size=1&pool_timeout=0.05", |db| {
        let held = db.get().unwrap();
        let before = db.pool_state();
        assert_eq!((before.open, before.in_use, before.opened, before.waits, before.timeouts), (1, 1, 1, 0, 0));
        assert!(db.get().is_err());
        let after = db.pool_state();
        assert_eq!((after.waits, after.timeouts, after.waiting), (1, 1, 0));
        assert!(after.waited >= Duration::from_millis(50) && after.check_outs == before.check_outs, "{after:?}");
        drop(held);
        drop(db.get().unwrap());
        assert_eq!(db.pool_state().check_outs, before.check_outs + 1);
        db.drain();
        assert_eq!((db.pool_state().open, db.pool_state().opened), (0, 1));
        drop(db.get().unwrap());
        assert_eq!((db.pool_state().open, db.pool_state().opened), (1, 2));
    });
    let db = Db::open("sqlite::memory:").unwrap();
    db.execute_batch("CREATE TABLE tag (n INTEGER)").unwrap();
    db.drain();
    assert_eq!(db.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0)), Ok(0));
}

#[test]
fn health_in_one_call() {
    on_both("pool_max_size=2&pool_timeout=600", |db| {
        let health = db.health(PATIENCE).unwrap();
        assert_eq!((health.backend, health.pool.in_use, health.pool.max_size), (db.backend(), 0, 2));
        assert!(
            health.ping < PATIENCE && health.migration.is_none() && !health.is_read_only && health.replica.is_none()
        );
        assert!(!health.version.is_empty() && !health.version.contains(' '));
        let migrations =
            sqlift::migrate::Migrations::from_files(&[("V7__tag.sql", "CREATE TABLE tag (n INTEGER)")]).unwrap();
        sqlift::migrate::up(&db.get().unwrap(), &migrations, &Default::default()).unwrap();
        assert_eq!(db.health(PATIENCE).unwrap().migration.as_deref(), Some("7"));

        let held = (db.get().unwrap(), db.get().unwrap());
        let begin = Instant::now();
        let error = db.health(Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        assert!(error.to_string().contains("all 2 connections of the pool are in use"), "{error}");
        assert!(begin.elapsed() < PATIENCE, "it does not wait for the pool's time");
        drop(held);
    });
}

#[test]
fn health_does_not_wait_for_a_server_that_is_silent() {
    let server = TempPostgres::start().unwrap();
    let db = Db::open(server.url()).unwrap();
    db.health(PATIENCE).unwrap();
    let pid = std::fs::read_to_string(server.data_folder().join("postmaster.pid")).unwrap();
    let session: i64 =
        db.get().unwrap().native().query_row("SELECT pg_backend_pid()::bigint", [], |row| row.get(0)).unwrap();
    let signal = |name: &str, pid: &str| {
        assert!(std::process::Command::new("kill").args([name, pid]).status().unwrap().success());
    };
    let limit = Duration::from_secs(1);
    signal("-STOP", &session.to_string());
    let begin = Instant::now();
    let error = db.health(limit).unwrap_err();
    assert!(error.to_string().contains("did not answer within the time given"), "{error}");
    assert!((limit..PATIENCE).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    signal("-CONT", &session.to_string());
    // The connection whose answer is still to come is not used again.
    assert_eq!(db.query_row("SELECT 42", [], |row| row.get::<_, i64>(0)), Ok(42));
    assert!(db.health(PATIENCE).is_ok());

    // Nobody accepts connections, as behind a network that swallows packets.
    let pid = pid.lines().next().unwrap();
    db.drain();
    signal("-STOP", pid);
    let begin = Instant::now();
    let error = db.health(limit).unwrap_err();
    signal("-CONT", pid);
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen), "{error}");
    assert!((limit..PATIENCE).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    assert!(db.health(PATIENCE).is_ok());
}

/// A server in recovery, as a standby is that has replayed all it got.
#[test]
fn health_of_a_standby() {
    let server = TempPostgres::start().unwrap();
    Connection::open_url(server.url()).unwrap().execute_batch("CREATE TABLE tag (n INTEGER)").unwrap();
    std::fs::write(server.data_folder().join("standby.signal"), "").unwrap();
    server.restart().unwrap();
    let db = Db::open(server.url()).unwrap();
    let health = db.health(PATIENCE).unwrap();
    assert!(health.is_read_only, "{health:?}");
    let replica = health.replica.expect("a server in recovery is a standby");
    assert!(replica.lag.is_none_or(|lag| lag < PATIENCE), "{replica:?}");
    // Reading works as ever, transactions too; writing is refused.
    let read = db.transaction(|tx| tx.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0)));
    assert_eq!(read, Ok(0));
    let error = db.execute("INSERT INTO tag VALUES (1)", []).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly), "{error}");
}
