//! Random interleavings of transactions: whatever commits is what some order of them, one after the other, would have done.
//!
//! SQLite promises no less (sqlite.org/isolation.html), and so must PostgreSQL behind it. A run prints its seed, and
//! `SQLIFT_TEST_SEED` repeats it; `SQLIFT_TEST_SECONDS` makes it longer.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::{self, Random, while_busy, with};
use sqlift::{Connection, Error, ErrorCode, Result};

const KEYS: usize = 4;

/// What a transaction does, one by one.
#[derive(Debug, Clone, Copy)]
enum Op {
    Read(i64),
    /// The sum of a range: rows that come and go in it matter.
    ReadAll,
    /// Sets the key to what was read so far and something.
    Write(i64, i64),
    /// Fails where the key is there, and the transaction goes on.
    Insert(i64, i64),
    Delete(i64),
}

/// What it saw.
type Answer = Option<i64>;

type Rows = BTreeMap<i64, i64>;

impl Op {
    fn random(random: &mut Random) -> Op {
        let key = random.below(KEYS) as i64;
        let value = random.below(50) as i64;
        match random.below(10) {
            0..=2 => Op::Read(key),
            3 => Op::ReadAll,
            4..=6 => Op::Write(key, value),
            7 | 8 => Op::Insert(key, value),
            _ => Op::Delete(key),
        }
    }

    /// On a database.
    fn run(self, conn: &Connection, sum: &mut i64) -> Result<Answer> {
        let read = |sql: &str, key: &[i64]| -> Result<i64> {
            conn.query_row(sql, sqlift::params_from_iter(key), |row| row.get(0))
        };
        Ok(Some(match self {
            Op::Read(key) => read("SELECT coalesce(sum(v), -1) FROM kv WHERE k = ?", &[key])?,
            Op::ReadAll => read("SELECT coalesce(sum(v * (k + 1)), -1) FROM kv WHERE k >= 0", &[])?,
            Op::Write(key, value) => conn.execute("UPDATE kv SET v = ? WHERE k = ?", [*sum + value, key])? as i64,
            Op::Delete(key) => conn.execute("DELETE FROM kv WHERE k = ?", [key])? as i64,
            Op::Insert(key, value) => match conn.execute("INSERT INTO kv VALUES (?, ?)", [key, *sum + value]) {
                Ok(changed) => changed as i64,
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => return Ok(None),
                Err(error) => return Err(error),
            },
        }))
        .inspect(|answer| self.note(*answer, sum))
    }

    /// On a model of it.
    fn model(self, rows: &mut Rows, sum: &mut i64) -> Answer {
        let answer = Some(match self {
            Op::Read(key) => rows.get(&key).copied().unwrap_or(-1),
            Op::ReadAll if rows.is_empty() => -1,
            Op::ReadAll => rows.iter().map(|(key, value)| value * (key + 1)).sum(),
            Op::Write(key, value) => rows.get_mut(&key).map_or(0, |row| {
                *row = *sum + value;
                1
            }),
            Op::Delete(key) => i64::from(rows.remove(&key).is_some()),
            Op::Insert(key, _) if rows.contains_key(&key) => return None,
            Op::Insert(key, value) => {
                rows.insert(key, *sum + value);
                1
            }
        });
        self.note(answer, sum);
        answer
    }

    fn note(self, answer: Answer, sum: &mut i64) {
        if let (Op::Read(_) | Op::ReadAll, Some(value)) = (self, answer) {
            *sum = (*sum + value) % 1_000;
        }
    }
}

/// A transaction that was committed, with what it saw.
#[derive(Debug, Clone)]
struct Done {
    ops: Vec<(Op, Answer)>,
}

/// What one connection is about.
#[derive(Default)]
struct Client {
    plan: Vec<Op>,
    behavior: Option<&'static str>,
    ops: Vec<(Op, Answer)>,
    sum: i64,
    begun: bool,
}

fn rows(conn: &Connection) -> Rows {
    let mut statement = conn.prepare("SELECT k, v FROM kv").unwrap();
    while_busy(|| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
}

fn is_busy(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// One round: each connection runs two transactions, statement by statement in random turns. Gives what was committed.
fn round(conns: &[Connection], random: &mut Random, immediate_never_fails: bool) -> Vec<Done> {
    let mut done = Vec::new();
    let mut clients: Vec<Client> = conns.iter().map(|_| Client::default()).collect();
    let mut left = vec![2; conns.len()];
    loop {
        let ready: Vec<usize> = (0..conns.len()).filter(|&at| clients[at].begun || left[at] > 0).collect();
        let Some(&at) = ready.get(random.below(ready.len().max(1))) else { return done };
        let (conn, client) = (&conns[at], &mut clients[at]);
        if !client.begun {
            left[at] -= 1;
            let behavior = [Some("BEGIN"), Some("BEGIN"), Some("BEGIN IMMEDIATE"), None][random.below(4)];
            let length = if behavior.is_none() { 1 } else { 1 + random.below(4) };
            let plan = (0..length).map(|_| Op::random(random)).collect();
            *client = Client { plan, behavior, ..Client::default() };
            match behavior.map_or(Ok(()), |begin| conn.execute_batch(begin)) {
                Ok(()) => client.begun = true,
                Err(error) => assert!(is_busy(&error), "{error}"),
            }
            continue;
        }
        let failed = match client.plan.pop() {
            Some(op) => match op.run(conn, &mut client.sum) {
                Ok(answer) => {
                    client.ops.push((op, answer));
                    None
                }
                Err(error) => Some(error),
            },
            None => {
                client.begun = false;
                match client.behavior.map_or(Ok(()), |_| conn.execute_batch("COMMIT")) {
                    Ok(()) => {
                        done.push(Done { ops: std::mem::take(&mut client.ops) });
                        None
                    }
                    Err(error) => Some(error),
                }
            }
        };
        if let Some(error) = failed {
            assert!(is_busy(&error), "{error}");
            let immediate = client.behavior == Some("BEGIN IMMEDIATE");
            assert!(!(immediate && immediate_never_fails), "an IMMEDIATE transaction that had begun failed: {error}");
            client.begun = false;
            if !conn.is_autocommit() {
                conn.execute_batch("ROLLBACK").unwrap();
            }
        }
    }
}

/// Whether some order of the transactions, each alone, shows all of them what they saw and leaves what is there.
fn has_order(start: &Rows, done: &[Done], end: &Rows) -> bool {
    fn search(rows: &Rows, left: &[&Done], end: &Rows) -> bool {
        if left.is_empty() {
            return rows == end;
        }
        (0..left.len()).any(|next| {
            let (mut rows, mut sum) = (rows.clone(), 0);
            let fits = left[next].ops.iter().all(|(op, answer)| op.model(&mut rows, &mut sum) == *answer);
            let mut rest = left.to_vec();
            rest.remove(next);
            fits && search(&rows, &rest, end)
        })
    }
    search(start, &done.iter().collect::<Vec<_>>(), end)
}

fn interleave(open: impl Fn() -> Connection, seed: u64, time: Duration, immediate_never_fails: bool) -> (usize, usize) {
    let conns: Vec<Connection> = (0..3).map(|_| open()).collect();
    conns[0].execute_batch("CREATE TABLE kv (k INTEGER PRIMARY KEY, v INTEGER)").unwrap();
    for conn in &conns {
        conn.busy_timeout(Duration::from_millis(2)).unwrap();
    }
    let (begun, mut rounds, mut committed) = (Instant::now(), 0, 0);
    while begun.elapsed() < time || committed == 0 {
        let mut random = Random::new(seed.wrapping_add(rounds as u64));
        // To PostgreSQL a transaction that is over lasts as long as any on the server that ran beside it, in another
        // database too: another test's can make even this one fail.
        while_busy(|| conns[0].execute_batch("DELETE FROM kv; INSERT INTO kv VALUES (0, 10), (1, 20)"));
        let start = rows(&conns[0]);
        let used = 2 + random.below(2);
        let done = round(&conns[..used], &mut random, immediate_never_fails);
        let end = rows(&conns[0]);
        assert!(
            has_order(&start, &done, &end),
            "no order gives this; SQLIFT_TEST_SEED={} repeats it\n{start:?}\n{done:#?}\n{end:?}",
            seed.wrapping_add(rounds as u64)
        );
        rounds += 1;
        committed += done.len();
    }
    (rounds, committed)
}

#[test]
fn whatever_commits_has_an_order() {
    let seed = support::seed();
    let time = support::seconds(3);
    println!("SQLIFT_TEST_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    for mode in ["wal", "delete"] {
        let open = || {
            let conn = Connection::open_sqlite(folder.path().join(mode)).unwrap();
            conn.pragma_update(None, "journal_mode", mode).unwrap();
            conn.pragma_update(None, "synchronous", "off").unwrap();
            conn
        };
        let (rounds, committed) = interleave(open, seed, time / 4, false);
        println!("SQLite, {mode}: {rounds} rounds, {committed} transactions");
        assert!(committed > 0);
    }
    for (parameter, never_fails) in
        [("isolation=serializable", true), ("immediate=plain", false), ("savepoints=always", true)]
    {
        let database = sqlift::testing::database();
        let open = || Connection::open_url(&with(database.url(), parameter)).unwrap();
        let (rounds, committed) = interleave(open, seed, time / 2, never_fails);
        println!("PostgreSQL, {parameter}: {rounds} rounds, {committed} transactions");
        assert!(committed > 0);
    }
}
