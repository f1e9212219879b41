//! `Db`: the same calls on both databases, and a pool that stays usable whatever its users and the server do.

use std::time::{Duration, Instant};

use crate::support;
use sqlift::testing::TestDatabase;
use sqlift::{Backend, Connection, Db, ErrorCode, Result, TransactionBehavior, params};

/// A database of each kind, and what keeps them there.
struct Fixture {
    _folder: tempfile::TempDir,
    database: TestDatabase,
    urls: Vec<String>,
}

/// The same parameters on both.
fn fixture(parameters: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let database = sqlift::testing::database();
    let file = format!("sqlite:{}", folder.path().join("app.db").display());
    let urls = [file.as_str(), database.url()].map(|url| with(url, parameters)).to_vec();
    Fixture { _folder: folder, database, urls }
}

fn with(url: &str, parameters: &str) -> String {
    match parameters {
        "" => url.to_owned(),
        _ => format!("{url}{}{parameters}", if url.contains('?') { '&' } else { '?' }),
    }
}

/// Runs a test on both databases, naming the one that failed.
#[track_caller]
fn on_both(parameters: &str, test: impl Fn(&Db)) {
    let fixture = fixture(parameters);
    for url in &fixture.urls {
        let db = Db::open(url).unwrap();
        let name = db.backend();
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&db))) {
            eprintln!("failed on {name}");
            std::panic::resume_unwind(panic);
        }
    }
}

fn count(db: &Db) -> i64 {
    db.query_row("SELECT count(*) FROM tag", [], |row| row.get(0)).unwrap()
}

const TABLE: &str = "CREATE TABLE tag (name TEXT UNIQUE)";

#[test]
fn shortcuts() {
    on_both("", |db| {
        db.execute_batch(&format!("{TABLE}; CREATE TABLE other (n INTEGER)")).unwrap();
        assert_eq!(db.execute("INSERT INTO tag (name) VALUES (?1), (?2)", params!["red", "blue"]).unwrap(), 2);
        assert_eq!(count(db), 2);
        let names: Vec<String> =
            db.query("SELECT name FROM tag WHERE name > ?1 ORDER BY name", [""], |row| row.get("name")).unwrap();
        assert_eq!(names, ["blue", "red"]);
        let none = db.query_row("SELECT name FROM tag WHERE name = ?1", ["pink"], |row| row.get::<_, String>(0));
        assert_eq!(none, Err(sqlift::Error::QueryReturnedNoRows));
        let error = db.execute("INSERT INTO tag (name) VALUES (?1)", ["red"]).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
        assert!(db.query("SELECT nothing FROM tag", [], |_| Ok(())).is_err());
        assert!(db.execute("INSERT INTO tag (name) VALUES (?1)", params![1, 2]).is_err());
        assert_eq!(count(db), 2);
        assert_eq!(db.pool_state().in_use, 0);
    });
}

#[test]
fn transactions_end_as_their_closure_does() {
    on_both("pool_max_size=2", |db| {
        db.execute_batch(TABLE).unwrap();
        let value = db.transaction(|tx| {
            tx.execute("INSERT INTO tag (name) VALUES ('red')", [])?;
            Ok(7)
        });
        assert_eq!((value, count(db)), (Ok(7), 1));

        let failed = db.transaction(|tx| {
            tx.execute("INSERT INTO tag (name) VALUES ('blue')", [])?;
            tx.execute("INSERT INTO tag (name) VALUES ('red')", [])
        });
        assert!(failed.is_err());
        assert_eq!(count(db), 1);

        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.transaction(|tx| -> Result<()> {
                tx.execute("INSERT INTO tag (name) VALUES ('blue')", [])?;
                panic!("in the middle of a transaction")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!((count(db), db.pool_state().in_use), (1, 0));

        let own = db.try_transaction(TransactionBehavior::Immediate, |tx| {
            tx.execute("INSERT INTO tag (name) VALUES ('blue')", [])?;
            "x".parse::<i64>().map_err(Box::<dyn std::error::Error>::from)
        });
        assert!(own.is_err());
        assert_eq!(count(db), 1);
    });
}

#[test]
fn an_open_transaction_is_rolled_back_when_its_connection_returns() {
    on_both("pool_max_size=1", |db| {
        db.execute_batch(TABLE).unwrap();
        let conn = db.get().unwrap();
        conn.execute_batch("BEGIN; INSERT INTO tag (name) VALUES ('red')").unwrap();
        assert!(!conn.is_autocommit());
        drop(conn);
        assert!(db.get().unwrap().is_autocommit());
        assert_eq!(count(db), 0);
    });
}

#[test]
fn a_half_read_result_does_not_disturb_the_next_user() {
    on_both("pool_max_size=1", |db| {
        let conn = db.get().unwrap();
        let mut statement = conn
            .prepare("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n")
            .unwrap();
        let mut rows = statement.query([]).unwrap();
        assert!(rows.next().unwrap().is_some());
        drop(rows);
        drop(statement);
        drop(conn);
        assert_eq!(db.query_row("SELECT 42", [], |row| row.get::<_, i64>(0)), Ok(42));
    });
}

#[test]
fn an_exhausted_pool_says_what_to_raise() {
    on_both("pool_max_size=2&pool_timeout=0.1", |db| {
        let held = (db.get().unwrap(), db.get().unwrap());
        assert_eq!((db.pool_state().in_use, db.pool_state().max_size), (2, 2));
        let error = db.execute("SELECT 1", []).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        assert_eq!(
            error.to_string(),
            "all 2 connections of the pool are in use, and none came back within 0.1 s\n  help: drop connections sooner, or raise pool_max_size (now 2) or pool_timeout in the URL: ?pool_max_size=4"
        );
        drop(held);
        assert_eq!(db.query_row("SELECT 42", [], |row| row.get::<_, i64>(0)), Ok(42));
    });
}

#[test]
fn threads_share_the_pool() {
    on_both("pool_max_size=3", |db| {
        db.execute_batch(TABLE).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let db = db.clone();
                scope.spawn(move || {
                    for i in 0..10 {
                        db.execute("INSERT INTO tag (name) VALUES (?1)", [format!("{thread}-{i}")]).unwrap();
                    }
                });
            }
        });
        assert_eq!(count(db), 60);
        assert!(db.pool_state().open <= 3);
    });
}

/// Ends every other session on the server's side and waits until they are gone.
fn kill_sessions(database: &TestDatabase) {
    let mut client = postgres::Client::connect(database.url(), postgres::NoTls).unwrap();
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.batch_execute(&format!("SELECT pg_terminate_backend(pid) {others}")).unwrap();
    while client.query_one(&format!("SELECT count(*) {others}"), &[]).unwrap().get::<_, i64>(0) > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn connections_that_died_idle_are_replaced() {
    let fixture = fixture("pool_max_size=2");
    let db = Db::open(&fixture.urls[1]).unwrap();
    db.execute_batch(TABLE).unwrap();
    drop((db.get().unwrap(), db.get().unwrap()));
    assert_eq!(db.pool_state().open, 2);

    kill_sessions(&fixture.database);
    assert_eq!(db.execute("INSERT INTO tag (name) VALUES ('red')", []), Ok(1));
    kill_sessions(&fixture.database);
    assert_eq!(db.get().unwrap().execute("INSERT INTO tag (name) VALUES ('blue')", []), Ok(1));
    kill_sessions(&fixture.database);
    let counted = db.transaction(|tx| tx.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0)));
    assert_eq!(counted, Ok(2));
}

#[test]
fn a_connection_that_dies_in_use_fails_once_and_leaves_the_pool() {
    let fixture = fixture("pool_max_size=1");
    let db = Db::open(&fixture.urls[1]).unwrap();
    db.execute_batch(TABLE).unwrap();
    let conn = db.get().unwrap();
    conn.execute_batch("BEGIN; INSERT INTO tag (name) VALUES ('red')").unwrap();
    kill_sessions(&fixture.database);
    assert!(conn.execute("INSERT INTO tag (name) VALUES ('blue')", []).is_err());
    drop(conn);
    assert_eq!(db.pool_state().open, 0);
    assert_eq!(count(&db), 0);
    assert_eq!(db.pool_state().open, 1);
}

#[test]
fn settings_of_one_user_do_not_reach_the_next() {
    let fixture = fixture("pool_max_size=1&application_name=portal");
    let db = Db::open(&fixture.urls[1]).unwrap();
    let setting = |name: &str| -> String {
        db.get()
            .unwrap()
            .native()
            .query_row(&format!("SELECT current_setting('{name}', true)"), [], |row| row.get::<_, Option<String>>(0))
            .unwrap()
            .unwrap_or_default()
    };
    let before = ["application_name", "lock_timeout", "TimeZone", "default_transaction_isolation"].map(setting);
    let conn = db.get().unwrap();
    conn.native()
        .execute_batch(
            "SET application_name = 'x'; SET TimeZone = 'Asia/Tokyo'; SELECT set_config('app.user', '7', false)",
        )
        .unwrap();
    conn.execute_batch("CREATE TEMP TABLE scratch (n INTEGER)").unwrap();
    conn.busy_timeout(Duration::from_millis(7)).unwrap();
    drop(conn);
    assert_eq!(["application_name", "lock_timeout", "TimeZone", "default_transaction_isolation"].map(setting), before);
    assert_eq!(setting("app.user"), "");
    assert!(db.query("SELECT n FROM scratch", [], |_| Ok(())).unwrap_err().to_string().contains("no such table"));
}

#[test]
fn schemas_are_files_of_their_own() {
    let fixture = fixture("");
    let [one, two] =
        ["schema=one", "schema=t%22wo"].map(|schema| Db::open(&with(fixture.database.url(), schema)).unwrap());
    one.execute_batch(TABLE).unwrap();
    assert!(two.query("SELECT * FROM tag", [], |_| Ok(())).is_err());
    two.execute_batch(TABLE).unwrap();
    one.execute("INSERT INTO tag (name) VALUES ('red')", []).unwrap();
    assert_eq!((count(&one), count(&two)), (1, 0));
    let again = Db::open(&with(fixture.database.url(), "schema=one")).unwrap();
    assert_eq!(count(&again), 1);
}

#[test]
fn what_cannot_be_opened_says_so_at_once() {
    let fixture = fixture("");
    // Well within the pool's 30 s.
    let (begin, limit) = (Instant::now(), Duration::from_secs(25));
    for (url, expected) in [
        ("sqlite:no/such/folder/app.db".to_owned(), "no/such/folder/app.db (that is /".to_owned()),
        ("sqlite:////no/such/folder/app.db".to_owned(), "the folder /no/such/folder does not exist".to_owned()),
        ("postgres://app:hunter2@127.0.0.1:1/portal".to_owned(), "127.0.0.1".to_owned()),
        (with(fixture.database.url(), "dbname=not_there"), "not_there".to_owned()),
        ("mysql://app:hunter2@db/portal".to_owned(), "not a URL of a kind that is known".to_owned()),
        ("sqlite:file:a?mode=memory&pool_max_size=2".to_owned(), "a memory database of its own".to_owned()),
    ] {
        let error = Db::open(&url).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen), "{error}");
        assert!(error.to_string().contains(&expected), "{url}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(begin.elapsed() < limit, "a failure waited for the pool's timeout");
}

#[test]
fn a_server_that_goes_and_comes_back() {
    let server = sqlift::testing::TempPostgres::start().unwrap();
    let db = Db::open(&with(server.url(), "pool_timeout=1")).unwrap();
    db.execute_batch(TABLE).unwrap();
    server.kill_server().unwrap();
    let begin = Instant::now();
    let error = db.execute("INSERT INTO tag (name) VALUES ('red')", []).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(25), "it does not wait for the usual 30 s");
    server.restart().unwrap();
    assert_eq!(db.query_row("SELECT 42", [], |row| row.get::<_, i64>(0)), Ok(42));
}

#[test]
fn memory_databases() {
    let db = Db::open("sqlite::memory:").unwrap();
    assert_eq!(db.pool_state().max_size, 1);
    db.execute_batch(TABLE).unwrap();
    db.execute("INSERT INTO tag (name) VALUES ('red')", []).unwrap();
    assert_eq!(count(&db), 1);

    let shared = Db::open("sqlite::memory:?pool_max_size=3").unwrap();
    shared.execute_batch(TABLE).unwrap();
    let held = (shared.get().unwrap(), shared.get().unwrap());
    assert_eq!(count(&shared), 0);
    assert_eq!(shared.pool_state().open, 3);
    drop(held);
}

#[test]
fn what_a_db_shows() {
    let db = Db::open("sqlite::memory:").unwrap();
    assert!(
        format!("{db:?}").starts_with("Db(sqlite::memory:, PoolState { max_size: 1, open: 1, in_use: 0, "),
        "{db:?}"
    );
    assert_eq!(db.backend(), Backend::Sqlite);
    let fixture = fixture("");
    let db = Db::open(&with(fixture.database.url(), "password=hunter2")).unwrap();
    for text in [format!("{db:?}"), format!("{db:#?}"), format!("{:?}", db.get().unwrap()), db.config().to_string()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert_eq!(db.backend(), Backend::Postgres);
}

/// Not a benchmark: tells a check-out that runs a statement from one that does not.
#[test]
fn a_check_out_is_cheap() {
    let best = |run: &dyn Fn()| {
        let measure = |_| {
            let begin = Instant::now();
            (0..50).for_each(|_| run());
            begin.elapsed() / 50
        };
        (0..40).map(measure).min().unwrap()
    };
    on_both("", |db| {
        let conn = db.get().unwrap();
        let statement = best(&|| conn.query_row("SELECT 1", [], |_| Ok(())).unwrap());
        drop(conn);
        let check_out = best(&|| drop(db.get().unwrap()));
        println!("on {}: check-out and return {check_out:?}, a statement {statement:?}", db.backend());
        assert!(check_out < statement, "{check_out:?}, a statement takes {statement:?}");
    });
}

/// `pg_terminate_backend` does not wait, so the session may end before, while or after the next statement is sent. Where the
/// server ran nothing of it the statement is run again, and never twice.
#[test]
fn a_session_that_ends_under_a_statement_costs_nothing() {
    let fixture = fixture("pool_max_size=1");
    let db = Db::open(&fixture.urls[1]).unwrap();
    db.execute_batch(TABLE).unwrap();
    let mut client = postgres::Client::connect(fixture.database.url(), postgres::NoTls).unwrap();
    let mut end = || {
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.batch_execute(&format!("SELECT pg_terminate_backend(pid) {others}")).unwrap();
    };
    for i in 0..40 {
        end();
        assert_eq!(db.execute("INSERT INTO tag VALUES (?1)", [i.to_string()]), Ok(1));
        end();
        assert_eq!(
            db.query_row("SELECT count(*) FROM tag WHERE name <> ?1", ["x"], |row| row.get::<_, i64>(0)),
            Ok(i + 1)
        );
        end();
        assert_eq!(db.query("SELECT name FROM tag", [], |_| Ok(())).map(|rows| rows.len()), Ok(i as usize + 1));
    }
}

#[test]
fn the_servers_idle_timeout_is_not_noticed() {
    let fixture = fixture("pool_max_size=1");
    if support::is_before(&Connection::open_url(fixture.database.url()).unwrap(), 14) {
        return support::not_tested("idle_session_timeout, which PostgreSQL has since 14");
    }
    let db = Db::open(&with(fixture.database.url(), "options=-c%20idle_session_timeout%3D500")).unwrap();
    for pause in [5, 499, 500, 501, 600] {
        std::thread::sleep(Duration::from_millis(pause));
        let begin = Instant::now();
        let answer = db.query_row("SELECT ?1", [pause], |row| row.get::<_, u64>(0));
        // On a machine so busy that a session made anew is idle for this long before it is asked, it is noticed.
        assert!(answer == Ok(pause) || begin.elapsed() > Duration::from_millis(500), "{answer:?}");
    }
}
