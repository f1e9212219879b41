//! A pool of connections, shared by threads, to the database that the environment names.
//!
//! ```sh
//! cargo run --example pool                                          # SQLite: ./dev.db
//! sqlift temp-postgres -- cargo run --example pool                  # PostgreSQL
//! ```

use sqlift::{Db, Result, TransactionBehavior, params};

const THREADS: i64 = 4;
const TRANSFERS: i64 = 25;

/// Moves one unit; both rows change or neither does.
fn transfer(db: &Db, from: i64, to: i64) -> Result<()> {
    // IMMEDIATE, as on SQLite: a transaction that reads first and then writes must not find another writer in its way.
    db.try_transaction(TransactionBehavior::Immediate, |tx| {
        let balance: i64 = tx.query_row("SELECT balance FROM account WHERE id = ?1", [from], |row| row.get(0))?;
        tx.execute("UPDATE account SET balance = ?1 WHERE id = ?2", params![balance - 1, from])?;
        tx.execute("UPDATE account SET balance = balance + 1 WHERE id = ?1", [to])?;
        Ok(())
    })
}

fn main() -> Result<()> {
    let db = Db::from_env()?;
    println!("on {}", db.backend());
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
         DELETE FROM account;
         INSERT INTO account (id, balance) VALUES (1, 1000), (2, 1000);",
    )?;

    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                let db = &db;
                scope.spawn(move || {
                    let (from, to) = if worker % 2 == 0 { (1, 2) } else { (2, 1) };
                    (0..TRANSFERS).try_for_each(|_| transfer(db, from, to))
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })?;

    let balances: Vec<i64> = db.query("SELECT balance FROM account ORDER BY id", [], |row| row.get(0))?;
    println!("balances {balances:?}, total {}", balances.iter().sum::<i64>());
    assert_eq!(balances, [1000, 1000]);
    Ok(())
}
