//! BEGIN IMMEDIATE beside other writers: who waits is served in turn, and whoever has begun does not fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use sqlift::{Connection, ErrorCode, Result, TransactionBehavior::Immediate};

use crate::support::{self, PATIENCE, on_postgres, with};

fn open(url: &str) -> Connection {
    let conn = Connection::open_url(url).expect("connects");
    // Nobody gives up waiting.
    conn.busy_timeout(PATIENCE).expect("set");
    conn
}

/// Reads a number and writes it back, one more.
fn count_up(conn: &mut Connection, id: i64) -> Result<()> {
    let tx = conn.transaction_with_behavior(Immediate)?;
    let n: i64 = tx.prepare_cached("SELECT n FROM parent WHERE id = ?")?.query_row([id], |row| row.get(0))?;
    tx.prepare_cached("UPDATE parent SET n = ? WHERE id = ?")?.execute([n + 1, id])?;
    tx.prepare_cached("INSERT INTO child (parent) VALUES (?)")?.execute([id])?;
    tx.commit()
}

/// Writers of all kinds, which take the tables' locks in either order, until each of them has committed so often.
#[test]
fn writers_of_all_kinds_get_their_turn() {
    const COMMITS: u64 = 12;
    for parameter in ["isolation=serializable", "isolation=read-committed"] {
        on_postgres(|conn| {
            conn.execute_batch(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY, n INTEGER);
                 CREATE TABLE other (n INTEGER);
                 CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent);
                 INSERT INTO parent VALUES (1, 0), (2, 0)",
            )
            .unwrap();
            let url = with(conn.path().unwrap(), parameter);
            let writers: [fn(&mut Connection) -> Result<()>; 5] = [
                |conn| count_up(conn, 1),
                |conn| count_up(conn, 2),
                // The parent's row is looked at behind the child's lock...
                |conn| conn.execute("INSERT INTO child (parent) VALUES (1)", []).map(drop),
                // ... and this one goes from the parent to the child.
                |conn| {
                    let tx = conn.transaction()?;
                    tx.execute("UPDATE parent SET n = n + 1 WHERE id = 1", [])?;
                    tx.execute("INSERT INTO other VALUES (1)", [])?;
                    tx.execute("INSERT INTO child (parent) VALUES (1)", [])?;
                    tx.commit()
                },
                |conn| conn.execute("UPDATE parent SET n = n + 1 WHERE id = 2", []).map(drop),
            ];
            let (counts, over) = ([const { AtomicU64::new(0) }; 5], AtomicBool::new(false));
            thread::scope(|scope| {
                for (at, write) in writers.iter().enumerate() {
                    let (url, counts, over) = (&url, &counts, &over);
                    scope.spawn(move || {
                        let mut conn = open(url);
                        while !over.load(SeqCst) {
                            match write(&mut conn) {
                                Ok(()) => {
                                    counts[at].fetch_add(1, SeqCst);
                                }
                                Err(error) => {
                                    let busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
                                    if !busy || at != 3 {
                                        over.store(true, SeqCst);
                                        panic!("writer {at}: {error}");
                                    }
                                }
                            }
                            if counts.iter().all(|count| count.load(SeqCst) >= COMMITS) {
                                over.store(true, SeqCst);
                            }
                        }
                    });
                }
            });
            let [first, second, inserted, mixed, updated] = counts.map(|count| count.load(SeqCst) as i64);
            let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            if parameter.ends_with("serializable") {
                assert_eq!(number("SELECT n FROM parent WHERE id = 1"), first + mixed);
            }
            assert_eq!(number("SELECT n FROM parent WHERE id = 2"), second + updated);
            assert_eq!(number("SELECT count(*) FROM child"), first + second + inserted + mixed);
        });
    }
}

/// A statement that stands alone is not kept out by transactions that write the same row all the time.
#[test]
fn a_single_write_gets_its_turn_on_a_row_that_everybody_writes() {
    on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE child (parent INTEGER);
             INSERT INTO parent VALUES (1, 0)",
        )
        .unwrap();
        let url = conn.path().unwrap().to_owned();
        let (over, committed) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut conn = open(&url);
                    while !over.load(SeqCst) {
                        count_up(&mut conn, 1).unwrap();
                        committed.fetch_add(1, SeqCst);
                    }
                });
            }
            let alone = open(&url);
            let written: Result<Vec<usize>> =
                (0..5).map(|_| alone.execute("UPDATE parent SET n = n + 1 WHERE id = 1", [])).collect();
            over.store(true, SeqCst);
            assert_eq!(written, Ok(vec![1; 5]));
        });
        let n: u64 = conn.query_row("SELECT n FROM parent", [], |row| row.get(0)).unwrap();
        assert_eq!(n, committed.load(SeqCst) + 5);
    });
}

/// Waits until some session of the database waits for a lock.
fn until_someone_waits(conn: &Connection) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while support::while_busy(|| conn.native().query_row(waiting, [], |row| row.get::<_, i64>(0))) == 0 {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_interrupt_ends_the_wait_for_the_locks() {
    for tables in ["CREATE TABLE a (n INTEGER)", "CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)"] {
        on_postgres(|conn| {
            conn.execute_batch(tables).unwrap();
            let mut other = open(conn.path().unwrap());
            let (asker, handle) = (open(conn.path().unwrap()), other.get_interrupt_handle());
            // Holds a lock on one table: where there are two, they are asked for again and again.
            conn.execute_batch("BEGIN; INSERT INTO a VALUES (1)").unwrap();
            thread::scope(|scope| {
                let waits = scope.spawn(|| {
                    let error = other.transaction_with_behavior(Immediate).map(drop).unwrap_err();
                    (error.sqlite_error_code(), other.is_autocommit(), other)
                });
                until_someone_waits(&asker);
                handle.interrupt();
                let (code, is_autocommit, mut other) = waits.join().unwrap();
                assert_eq!((code, is_autocommit), (Some(ErrorCode::OperationInterrupted), true));
                conn.execute_batch("COMMIT").unwrap();
                // It was this one's alone.
                let tx = other.transaction_with_behavior(Immediate).unwrap();
                tx.execute("INSERT INTO a VALUES (2)", []).unwrap();
                tx.commit().unwrap();
            });
        });
    }
}

/// Who waits lets the transaction through that it waits for, also to the table that the others wait at.
#[test]
fn a_transaction_that_is_waited_for_goes_on() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER); CREATE TABLE c (n INTEGER)")
            .unwrap();
        let url = conn.path().unwrap().to_owned();
        let asker = open(&url);
        for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["b", "c", "a"]] {
            conn.execute_batch(&format!("BEGIN; INSERT INTO {} (n) VALUES (1)", order[0])).unwrap();
            thread::scope(|scope| {
                let writers = [(); 3].map(|()| {
                    scope.spawn(|| {
                        let mut conn = open(&url);
                        let tx = conn.transaction_with_behavior(Immediate)?;
                        tx.execute_batch(
                            "INSERT INTO a (n) VALUES (2); INSERT INTO b (n) VALUES (2); INSERT INTO c (n) VALUES (2)",
                        )?;
                        tx.commit()
                    })
                });
                until_someone_waits(&asker);
                for table in &order[1..] {
                    conn.execute_batch(&format!("INSERT INTO {table} (n) VALUES (1)")).unwrap();
                }
                // DDL too, which no writer may stand beside.
                conn.execute_batch(&format!("ALTER TABLE {} ADD COLUMN of_{} INTEGER", order[2], order[0])).unwrap();
                conn.execute_batch("COMMIT").unwrap();
                for writer in writers {
                    writer.join().unwrap().unwrap();
                }
            });
        }
        let count = |table| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
        assert_eq!(["a", "b", "c"].map(count), [Ok(16), Ok(16), Ok(16)]);
    });
}

/// A session whose every statement is inside of such a transaction, or one that a savepoint began, prepares each text once.
#[test]
fn what_is_known_of_the_tables_outlives_the_transaction() {
    for begin in ["BEGIN IMMEDIATE", "SAVEPOINT a"] {
        on_postgres(|conn| {
            conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
            let conn = open(conn.path().unwrap());
            let prepared = || {
                let sql =
                    "SELECT name, prepare_time::text FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO t%'";
                conn.native()
                    .query_row(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                    .unwrap()
            };
            let seen: Vec<(String, String)> = (0..4)
                .map(|_| {
                    conn.execute_batch(begin).unwrap();
                    conn.prepare_cached("INSERT INTO t VALUES (?)").unwrap().execute([1]).unwrap();
                    conn.execute_batch("COMMIT").unwrap();
                    prepared()
                })
                .collect();
            assert!(seen.iter().all(|statement| *statement == seen[0]), "{begin}: {seen:?}");
        });
    }
}

/// Tables that somebody makes past sqlift are locked too, and what the session keeps on the server may be taken away.
#[test]
fn tables_that_came_a_moment_ago_are_locked() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE a (n INTEGER)").unwrap();
        let other = open(conn.path().unwrap());
        let native = Connection::open_url(conn.path().unwrap()).unwrap();
        native.busy_timeout(Duration::from_millis(1)).unwrap();
        for (n, change) in
            ["CREATE TABLE b (n BIGINT)", "DROP TABLE b", "CREATE TABLE b (n BIGINT)", "CREATE TABLE c (n BIGINT)"]
                .into_iter()
                .enumerate()
        {
            let tx = conn.transaction_with_behavior(Immediate).unwrap();
            tx.execute("INSERT INTO a VALUES (1)", []).unwrap();
            tx.commit().unwrap();
            other.native().execute_batch(change).unwrap();
            let tx = conn.transaction_with_behavior(Immediate).unwrap();
            for table in ["a", "b", "c"] {
                let is_there = table == "a" || table == "b" && n != 1 || table == "c" && n == 3;
                let written = native.native().execute_batch(&format!("INSERT INTO {table} VALUES (1)"));
                let code = written.unwrap_err().sqlite_error_code();
                assert_eq!(code == Some(ErrorCode::DatabaseBusy), is_there, "{table} after {change}");
            }
            tx.commit().unwrap();
            conn.native().execute_batch("DEALLOCATE ALL").unwrap();
        }
    });
}
