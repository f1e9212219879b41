//! A program's pools as they are with r2d2_sqlite: nothing here knows of PostgreSQL.
//!
//! `cargo test -p sqlift-r2d2` runs them on SQLite, `sqlift temp-postgres -- cargo test -p sqlift-r2d2` on PostgreSQL.

use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use r2d2_sqlite::rusqlite::{ErrorCode, OpenFlags, TransactionBehavior};

fn count(pool: &Pool<SqliteConnectionManager>) -> i64 {
    pool.get().unwrap().query_row("SELECT count(*) FROM tag", [], |row| row.get(0)).unwrap()
}

/// Threads that read, modify and write through a pool's connections lose nothing.
fn many_writers(pool: &Pool<SqliteConnectionManager>) {
    pool.get().unwrap().execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, n INTEGER)").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut conn = pool.get().unwrap();
                    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
                    let largest: i64 =
                        tx.query_row("SELECT coalesce(max(n), 0) FROM tag", [], |row| row.get(0)).unwrap();
                    tx.execute("INSERT INTO tag (n) VALUES (?)", [largest + 1]).unwrap();
                    tx.commit().unwrap();
                }
            });
        }
    });
    let (rows, largest): (i64, i64) = pool
        .get()
        .unwrap()
        .query_row("SELECT count(*), max(n) FROM tag", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((rows, largest), (160, 160));
}

#[test]
fn a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let manager = SqliteConnectionManager::file(&path)
        .with_init(|conn| conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 60000"));
    many_writers(&Pool::builder().max_size(4).build(manager).unwrap());

    let reader = SqliteConnectionManager::file(&path).with_flags(OpenFlags::SQLITE_OPEN_READ_ONLY);
    let reader = Pool::builder().max_size(1).build(reader).unwrap();
    assert_eq!(count(&reader), 160);
    let refused = reader.get().unwrap().execute("DELETE FROM tag", []).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ReadOnly), "{refused}");
}

#[test]
fn memory_is_the_managers_own() {
    let pool = || Pool::builder().max_size(3).build(SqliteConnectionManager::memory()).unwrap();
    let (first, second) = (pool(), pool());
    for pool in [&first, &second] {
        pool.get().unwrap().execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, n INTEGER)").unwrap();
    }
    first.get().unwrap().execute("INSERT INTO tag (n) VALUES (1)", []).unwrap();
    let conns: Vec<_> = (0..3).map(|_| first.get().unwrap()).collect();
    for conn in &conns {
        assert_eq!(conn.query_row("SELECT n FROM tag", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
    drop(conns);
    assert_eq!((count(&first), count(&second)), (1, 0));
}

#[test]
fn memory_goes_with_its_last_connection() {
    use r2d2_sqlite::rusqlite::Connection;

    let open = || Connection::open("file:gone?mode=memory&cache=shared").unwrap();
    let (one, two) = (open(), open());
    one.execute_batch("CREATE TABLE tag (n INTEGER)").unwrap();
    drop(one);
    two.execute("INSERT INTO tag VALUES (1)", []).unwrap();
    two.close().unwrap();
    open().execute_batch("CREATE TABLE tag (n INTEGER)").expect("the database is empty again");
}

#[test]
fn an_initialisation_that_fails_is_told() {
    let manager = SqliteConnectionManager::memory().with_init(|conn| conn.execute_batch("SELEC 1"));
    let error = Pool::builder()
        .max_size(1)
        .connection_timeout(std::time::Duration::from_secs(2))
        .build(manager)
        .expect_err("no connection can be made");
    assert!(error.to_string().contains("syntax error"), "{error}");
}

#[test]
fn connections_in_memory_are_as_they_were() {
    use r2d2_sqlite::rusqlite::Connection;

    assert_eq!(Connection::open_in_memory().unwrap().path(), Some(""));
    assert_eq!(Connection::open("file:named?mode=memory&cache=shared").unwrap().path(), Some(""));
    for flags in [OpenFlags::empty(), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_READ_WRITE] {
        let refused = Connection::open_in_memory_with_flags(flags).expect_err("the flags name no mode");
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ApiMisuse), "{refused}");
    }
}
