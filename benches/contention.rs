//! Writers that meet: `cargo bench --bench contention --features cli`.
//!
//! Eight threads read a row, add one, and write it back in a transaction, on 1, 100 and 10,000 rows; two more add one in
//! a statement of its own beside them. Whoever gets SQLITE_BUSY starts over. Each line tells the transactions and the
//! single statements per second, and how many of their attempts ended with SQLITE_BUSY.
//!
//! The sum of all rows is the number of commits, or updates were lost, which ends the bench. Only DEFERRED at READ
//! COMMITTED loses them, as that isolation does in any program that reads before it writes; there they are counted.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use sqlift::{Connection, ErrorCode, Result, TransactionBehavior};

const WRITERS: u64 = 8;
const SINGLE_WRITERS: u64 = 2;
const TIME: Duration = Duration::from_millis(1_500);

/// One kind of writer's work: commits and attempts that ended busy.
#[derive(Default)]
struct Count {
    committed: AtomicU64,
    busy: AtomicU64,
}

impl Count {
    fn add(&self, result: Result<()>) {
        match result {
            Ok(()) => self.committed.fetch_add(1, Relaxed),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => self.busy.fetch_add(1, Relaxed),
            Err(error) => panic!("a writer failed: {error}"),
        };
    }

    fn shown(&self, seconds: f64) -> String {
        let (committed, busy) = (self.committed.load(Relaxed), self.busy.load(Relaxed));
        let rate = 100.0 * busy as f64 / (committed + busy).max(1) as f64;
        format!("{:7.0}/s {rate:5.1} % busy", committed as f64 / seconds)
    }
}

/// Row numbers in no order (xorshift).
struct Random(u64);

impl Random {
    fn row(&mut self, rows: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % rows) as i64
    }
}

fn read_modify_write(conn: &mut Connection, behavior: TransactionBehavior, row: i64) -> Result<()> {
    let transaction = conn.transaction_with_behavior(behavior)?;
    let n: i64 =
        transaction.prepare_cached("SELECT n FROM counter WHERE id = ?")?.query_row([row], |row| row.get(0))?;
    transaction.prepare_cached("UPDATE counter SET n = ? WHERE id = ?")?.execute([n + 1, row])?;
    transaction.commit()
}

fn add_one(conn: &Connection, row: i64) -> Result<()> {
    conn.prepare_cached("UPDATE counter SET n = n + 1 WHERE id = ?")?.execute([row]).map(|_| ())
}

/// Opens a connection of its own for each writer.
type Open<'a> = dyn Fn() -> Connection + Sync + 'a;

fn contend(name: &str, open: &Open<'_>, behavior: TransactionBehavior, rows: u64, may_lose: bool) {
    let conn = open();
    conn.execute_batch("DROP TABLE IF EXISTS counter; CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)")
        .expect("created");
    conn.execute(
        "WITH RECURSIVE i(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x < ? - 1) INSERT INTO counter SELECT x, 0 FROM i",
        [rows as i64],
    )
    .expect("filled");
    let (transactions, statements, over) = (Count::default(), Count::default(), AtomicBool::new(false));
    let mut seconds = 0.0;
    thread::scope(|scope| {
        for writer in 1..=WRITERS {
            let (transactions, over) = (&transactions, &over);
            scope.spawn(move || {
                let (mut conn, mut random) = (open(), Random(writer.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
                while !over.load(Relaxed) {
                    transactions.add(read_modify_write(&mut conn, behavior, random.row(rows)));
                }
            });
        }
        for writer in 1..=SINGLE_WRITERS {
            let (statements, over) = (&statements, &over);
            scope.spawn(move || {
                let (conn, mut random) = (open(), Random(writer.wrapping_mul(0xD1B5_4A32_D192_ED03)));
                while !over.load(Relaxed) {
                    statements.add(add_one(&conn, random.row(rows)));
                }
            });
        }
        let start = Instant::now();
        thread::sleep(TIME);
        over.store(true, Relaxed);
        seconds = start.elapsed().as_secs_f64();
    });
    let sum: i64 = conn.query_row("SELECT sum(n) FROM counter", [], |row| row.get(0)).expect("a sum");
    let lost = (transactions.committed.load(Relaxed) + statements.committed.load(Relaxed)) as i64 - sum;
    assert!(lost == 0 || (may_lose && lost > 0), "{name}: {lost} updates of {} were lost", lost + sum);
    let lost = if lost == 0 { String::new() } else { format!("  {lost} updates lost") };
    println!("{name:60} {}   single {}{lost}", transactions.shown(seconds), statements.shown(seconds));
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let file = tempfile::tempdir().expect("a folder");
    let path = file.path().join("contention.db");
    let sqlite = move || {
        let conn = Connection::open_sqlite(&path).expect("opens");
        // As the temporary PostgreSQL, which does not wait for the disk either.
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF").expect("set");
        conn
    };
    let database = sqlift::testing::database();
    let url = database.url().to_owned();
    let postgres = |isolation: &'static str| {
        let url = format!("{url}{}isolation={isolation}", if url.contains('?') { '&' } else { '?' });
        move || Connection::open_url(&url).expect("connects")
    };
    let contenders: [(&str, Box<Open<'_>>); 4] = [
        ("SQLite", Box::new(sqlite)),
        ("PostgreSQL, serializable", Box::new(postgres("serializable"))),
        ("PostgreSQL, repeatable read", Box::new(postgres("repeatable-read"))),
        ("PostgreSQL, read committed", Box::new(postgres("read-committed"))),
    ];
    for rows in [1, 100, 10_000] {
        for (behavior, called) in
            [(TransactionBehavior::Deferred, "DEFERRED"), (TransactionBehavior::Immediate, "IMMEDIATE")]
        {
            for (name, open) in &contenders {
                let may_lose = called == "DEFERRED" && name.ends_with("read committed");
                let name = format!("{rows} rows, {called}, {name}");
                if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
                    contend(&name, &**open, behavior, rows, may_lose);
                }
            }
        }
    }
}
