//! More threads than connections, which read, write and fail: no update is lost, and nothing is left open.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use sqlift::{Db, ErrorCode, Result, TransactionBehavior};

use crate::support::{self, with};

#[test]
fn a_busy_pool_keeps_its_sums() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_sums(&format!("sqlite:{}", folder.path().join("pool.db").display()));
    let database = sqlift::testing::database();
    let db = keeps_its_sums(database.url());
    let conn = db.get().unwrap();
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    assert_eq!(conn.native().query_row(left, [], |row| row.get::<_, i64>(0)), Ok(0), "a transaction leaked");
}

/// Transfers between accounts, reads of the whole, and statements that fail, on fewer connections than threads.
pub fn keeps_its_sums(url: &str) -> Db {
    let db = Db::open(&with(url, "pool_max_size=8&busy_timeout=20")).unwrap();
    db.execute_batch(
        "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
         CREATE TABLE log (n INTEGER PRIMARY KEY, what TEXT UNIQUE);
         INSERT INTO log (what) VALUES ('taken')",
    )
    .unwrap();
    for id in 1..=10 {
        db.execute("INSERT INTO account VALUES (?, 100)", [id]).unwrap();
    }
    let end = Instant::now() + support::seconds(3);
    let (transfers, reads) = (AtomicI64::new(0), AtomicI64::new(0));
    // However busy the machine, until there was something of each.
    let goes_on = || Instant::now() < end || transfers.load(Relaxed) <= 20 || reads.load(Relaxed) <= 20;
    thread::scope(|scope| {
        for thread in 0..32_u64 {
            let (db, transfers, reads) = (db.clone(), &transfers, &reads);
            scope.spawn(move || {
                let mut random = support::Random::new(thread + 1);
                while goes_on() {
                    match busy_step(&db, &mut random) {
                        Step::Moved => transfers.fetch_add(1, Relaxed),
                        Step::Read => reads.fetch_add(1, Relaxed),
                        Step::Failed => 0,
                    };
                }
            });
        }
    });
    let (transfers, reads) = (transfers.into_inner(), reads.into_inner());
    let total = db.query_row("SELECT sum(balance) FROM account", [], |row| row.get::<_, i64>(0));
    assert_eq!(total, Ok(1_000));
    let logged = db.query_row("SELECT count(*) FROM log", [], |row| row.get::<_, i64>(0));
    assert_eq!(logged, Ok(transfers + 1));
    assert_eq!(db.pool_state().in_use, 0);
    assert!(db.pool_state().open <= 8);
    println!("{transfers} transfers, {reads} reads");
    db
}

enum Step {
    Moved,
    Read,
    Failed,
}

fn busy_step(db: &Db, random: &mut support::Random) -> Step {
    let (from, to) = (random.below(10) as i64 + 1, random.below(10) as i64 + 1);
    let behavior = match random.below(4) {
        0 => {
            return match db.query_row("SELECT sum(balance) FROM account", [], |row| row.get::<_, i64>(0)) {
                Ok(total) => {
                    assert_eq!(total, 1_000);
                    Step::Read
                }
                Err(_) => Step::Failed,
            };
        }
        1 => {
            let taken = db.execute("INSERT INTO log (what) VALUES ('taken')", []).unwrap_err();
            let code = taken.sqlite_error_code();
            assert!(matches!(code, Some(ErrorCode::ConstraintViolation | ErrorCode::DatabaseBusy)), "{taken}");
            assert!(db.query("SELECT nope FROM account", [], |_| Ok(())).is_err());
            return Step::Failed;
        }
        2 => TransactionBehavior::Deferred,
        _ => TransactionBehavior::Immediate,
    };
    let moved: Result<()> = db.try_transaction(behavior, |tx| {
        tx.execute("UPDATE account SET balance = balance - 1 WHERE id = ?", [from])?;
        // Fails, and only it is undone.
        if let Err(error) = tx.execute("INSERT INTO log (what) VALUES ('taken')", [])
            && error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation)
        {
            return Err(error);
        }
        tx.execute("UPDATE account SET balance = balance + 1 WHERE id = ?", [to])?;
        tx.execute("INSERT INTO log (what) VALUES (NULL)", []).map(drop)
    });
    let Err(error) = moved else { return Step::Moved };
    let code = error.sqlite_error_code();
    assert!(matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::ConstraintViolation)), "{error}");
    Step::Failed
}
