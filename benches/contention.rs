//! Writers that meet: `cargo bench --bench contention --features cli`.
//!
//! Eight threads read a row, add one, and write it back in a transaction, on 1, 100 and 10,000 rows; two more add one in
//! a statement of its own beside them. Whoever gets SQLITE_BUSY starts over. Each line tells the transactions and the
//! single statements per second, how many of their attempts ended with SQLITE_BUSY, and how long a commit took from its
//! first BEGIN on: in the mean, and at most.
//!
//! Beside IMMEDIATE, PostgreSQL's own client does the same with `LOCK TABLE ... IN SHARE ROW EXCLUSIVE MODE` (raw, to which
//! the lines behind tell their ratio). With 8 tables, the single statements write to all of them, and all are locked.
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

/// One kind of writer's work: commits, attempts that ended busy, and the time from the first attempt to the commit.
#[derive(Default)]
struct Count {
    committed: AtomicU64,
    busy: AtomicU64,
    micros: AtomicU64,
    longest: AtomicU64,
}

impl Count {
    /// Runs it until it is not busy any more, or the time is over.
    fn add(&self, over: &AtomicBool, mut run: impl FnMut() -> Result<()>) {
        let begun = Instant::now();
        loop {
            match run() {
                Ok(()) => break,
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    self.busy.fetch_add(1, Relaxed);
                    if over.load(Relaxed) {
                        return;
                    }
                }
                Err(error) => panic!("a writer failed: {error}"),
            }
        }
        let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.committed.fetch_add(1, Relaxed);
        self.micros.fetch_add(took, Relaxed);
        self.longest.fetch_max(took, Relaxed);
    }

    fn per_second(&self, seconds: f64) -> f64 {
        self.committed.load(Relaxed) as f64 / seconds
    }

    fn shown(&self, seconds: f64) -> String {
        let (committed, busy) = (self.committed.load(Relaxed), self.busy.load(Relaxed));
        let rate = 100.0 * busy as f64 / (committed + busy).max(1) as f64;
        let mean = self.micros.load(Relaxed) as f64 / 1_000.0 / committed.max(1) as f64;
        let longest = self.longest.load(Relaxed) as f64 / 1_000.0;
        let rates = format!("{:7.0}/s {rate:5.1} % busy", self.per_second(seconds));
        format!("{rates} {mean:7.2} ms, at most {longest:6.1}")
    }
}

/// Row numbers in no order (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What both clients can do.
trait Writer {
    fn read_modify_write(&mut self, row: i64) -> Result<()>;
    fn add_one(&mut self, table: u64, row: i64) -> Result<()>;
}

struct Ours {
    conn: Connection,
    behavior: TransactionBehavior,
}

impl Writer for Ours {
    fn read_modify_write(&mut self, row: i64) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(self.behavior)?;
        let n: i64 =
            transaction.prepare_cached("SELECT n FROM counter0 WHERE id = ?")?.query_row([row], |row| row.get(0))?;
        transaction.prepare_cached("UPDATE counter0 SET n = ? WHERE id = ?")?.execute([n + 1, row])?;
        transaction.commit()
    }

    fn add_one(&mut self, table: u64, row: i64) -> Result<()> {
        let sql = format!("UPDATE counter{table} SET n = n + 1 WHERE id = ?");
        self.conn.prepare_cached(&sql)?.execute([row]).map(|_| ())
    }
}

/// PostgreSQL's own client, with its statements prepared.
struct Raw {
    client: postgres::Client,
    begin: String,
    read: postgres::Statement,
    write: postgres::Statement,
    add: Vec<postgres::Statement>,
}

impl Raw {
    fn connect(url: &str, tables: u64) -> Raw {
        let mut client = postgres::Client::connect(url, postgres::NoTls).expect("connects");
        let mut prepare = |sql: &str| client.prepare(sql).expect("prepared");
        let read = prepare("SELECT n FROM counter0 WHERE id = $1");
        let write = prepare("UPDATE counter0 SET n = $1 WHERE id = $2");
        let add = (0..tables).map(|table| prepare(&format!("UPDATE counter{table} SET n = n + 1 WHERE id = $1")));
        let add = add.collect();
        let names: Vec<String> = (0..tables).map(|table| format!("counter{table}")).collect();
        let begin = format!("BEGIN; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", names.join(", "));
        Raw { begin, read, write, add, client }
    }
}

impl Writer for Raw {
    fn read_modify_write(&mut self, row: i64) -> Result<()> {
        self.client.batch_execute(&self.begin).expect("locked");
        let n: i64 = self.client.query_one(&self.read, &[&row]).expect("read").get(0);
        self.client.execute(&self.write, &[&(n + 1), &row]).expect("written");
        self.client.batch_execute("COMMIT").expect("committed");
        Ok(())
    }

    fn add_one(&mut self, table: u64, row: i64) -> Result<()> {
        self.client.execute(&self.add[table as usize], &[&row]).expect("written");
        Ok(())
    }
}

/// What the writers meet on.
#[derive(Clone, Copy)]
struct Tables {
    count: u64,
    rows: u64,
}

/// Opens a connection of its own for each writer.
type Open<'a> = dyn Fn() -> Connection + Sync + 'a;

fn create(conn: &Connection, tables: Tables) {
    for table in 0..8 {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS counter{table}")).expect("dropped");
        if table >= tables.count {
            continue;
        }
        conn.execute_batch(&format!("CREATE TABLE counter{table} (id INTEGER PRIMARY KEY, n INTEGER)"))
            .expect("created");
        conn.execute(
            &format!(
                "WITH RECURSIVE i(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x < ? - 1) \
                 INSERT INTO counter{table} SELECT x, 0 FROM i"
            ),
            [tables.rows as i64],
        )
        .expect("filled");
    }
}

/// Gives the transactions per second.
fn contend<W: Writer>(
    name: &str,
    conn: &Connection,
    writer: &(dyn Fn() -> W + Sync),
    tables: Tables,
    (raw, may_lose): (f64, bool),
) -> f64 {
    create(conn, tables);
    let (transactions, statements, over) = (Count::default(), Count::default(), AtomicBool::new(false));
    let mut seconds = 0.0;
    thread::scope(|scope| {
        for number in 1..=WRITERS {
            let (transactions, over) = (&transactions, &over);
            scope.spawn(move || {
                let (mut own, mut random) = (writer(), Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
                while !over.load(Relaxed) {
                    let row = random.below(tables.rows) as i64;
                    transactions.add(over, || own.read_modify_write(row));
                }
            });
        }
        for number in 1..=SINGLE_WRITERS {
            let (statements, over) = (&statements, &over);
            scope.spawn(move || {
                let (mut own, mut random) = (writer(), Random(number.wrapping_mul(0xD1B5_4A32_D192_ED03)));
                while !over.load(Relaxed) {
                    let (table, row) = (random.below(tables.count), random.below(tables.rows) as i64);
                    statements.add(over, || own.add_one(table, row));
                }
            });
        }
        let start = Instant::now();
        thread::sleep(TIME);
        over.store(true, Relaxed);
        seconds = start.elapsed().as_secs_f64();
    });
    let sums = (0..tables.count).map(|table| format!("(SELECT sum(n) FROM counter{table})")).collect::<Vec<_>>();
    let sum: i64 = conn.query_row(&format!("SELECT {}", sums.join(" + ")), [], |row| row.get(0)).expect("a sum");
    let lost = (transactions.committed.load(Relaxed) + statements.committed.load(Relaxed)) as i64 - sum;
    assert!(lost == 0 || (may_lose && lost > 0), "{name}: {lost} updates of {} were lost", lost + sum);
    let lost = if lost == 0 { String::new() } else { format!("  {lost} updates lost") };
    let rate = transactions.per_second(seconds);
    let ratio = if raw == 0.0 { String::new() } else { format!("  {:.2} of raw", rate / raw) };
    println!("{name:60} {}{ratio}   single {}{lost}", transactions.shown(seconds), statements.shown(seconds));
    rate
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
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str()));
    for (count, rows) in [(1, 1), (1, 100), (1, 10_000), (8, 100)] {
        let tables = Tables { count, rows };
        for (behavior, called) in
            [(TransactionBehavior::Deferred, "DEFERRED"), (TransactionBehavior::Immediate, "IMMEDIATE")]
        {
            let place = if count == 1 { format!("{rows} rows") } else { format!("{count} tables") };
            let mut raw = 0.0;
            let name = format!("{place}, {called}, raw");
            if called == "IMMEDIATE" && is_wanted(&name) {
                let conn = Connection::open_url(&url).expect("connects");
                raw = contend(&name, &conn, &|| Raw::connect(&url, count), tables, (0.0, false));
            }
            for (name, open) in &contenders {
                let may_lose = called == "DEFERRED" && name.ends_with("read committed");
                let raw = if *name == "SQLite" { 0.0 } else { raw };
                let name = format!("{place}, {called}, {name}");
                if is_wanted(&name) {
                    contend(&name, &open(), &|| Ours { conn: open(), behavior }, tables, (raw, may_lose));
                }
            }
        }
    }
}
