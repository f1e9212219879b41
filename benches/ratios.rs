//! Speed as ratios to the raw driver, measured in the same run: `cargo bench --bench ratios --features cli`.
//!
//! The two contenders of a line take turns, so that what else the machine does hits both; the ratio is the median of
//! the rounds' ratios. An argument names the lines to run (a part of their names). The exit status is 1 when a goal is
//! missed with `--check`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sqlift::types::ValueRef;
use sqlift::{Connection, Db, rusqlite};

/// Rounds per line; odd, for the median.
const ROUNDS: usize = 21;

struct Lines {
    wanted: Vec<String>,
    missed: usize,
}

impl Lines {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| name.contains(wanted))
    }

    /// `raw` and `facade` do the same work `times` times.
    fn compare(&mut self, name: &str, goal: f64, times: u32, mut raw: impl FnMut(u32), mut facade: impl FnMut(u32)) {
        if !self.wants(name) {
            return;
        }
        raw(times);
        facade(times);
        let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|round| {
                // The order changes from round to round: the second may profit from what the first left in caches.
                if round % 2 == 0 {
                    let raw = per_call(times, &mut raw);
                    (raw, per_call(times, &mut facade))
                } else {
                    let facade = per_call(times, &mut facade);
                    (per_call(times, &mut raw), facade)
                }
            })
            .collect();
        rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
        let (raw, facade) = rounds[ROUNDS / 2];
        let ratio = facade / raw;
        let verdict = if ratio <= goal { "" } else { "  MISSED" };
        self.missed += usize::from(ratio > goal);
        println!(
            "{name:44} raw {:>10}  sqlift {:>10}  ratio {ratio:5.2}  goal {goal:4.2}{verdict}",
            shown(raw),
            shown(facade)
        );
    }

    /// Something with a limit of its own rather than a contender.
    fn limit(&mut self, name: &str, limit: f64, times: u32, mut work: impl FnMut(u32)) {
        if !self.wants(name) {
            return;
        }
        work(times);
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| per_call(times, &mut work)).collect();
        rounds.sort_by(f64::total_cmp);
        let median = rounds[ROUNDS / 2];
        let verdict = if median <= limit { "" } else { "  MISSED" };
        self.missed += usize::from(median > limit);
        println!("{name:44} sqlift {:>10}  limit {:>10}{verdict}", shown(median), shown(limit));
    }
}

/// Nanoseconds per call.
fn per_call(times: u32, work: &mut impl FnMut(u32)) -> f64 {
    let start = Instant::now();
    work(times);
    start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

fn shown(nanoseconds: f64) -> String {
    let duration = Duration::from_secs_f64(nanoseconds / 1e9);
    format!("{duration:.2?}")
}

const TABLE: &str = "CREATE TABLE w (id INTEGER PRIMARY KEY, a TEXT, b REAL, c INTEGER, d TEXT, e BLOB)";
const POINT: &str = "SELECT id, a, b, c, d, e FROM w WHERE id = ?";
const SCAN: &str = "SELECT id, a, b, c, d, e FROM w ORDER BY id LIMIT ?";
const NESTED: &str = "SELECT c FROM w WHERE id = ?";
const ROWS: i64 = 100_000;

type Values = (i64, String, f64, i64, String, Vec<u8>);

fn sum_of(id: i64, a: &str, b: f64, c: i64, d: &str, e: &[u8]) -> i64 {
    id + a.len() as i64 + b as i64 + c + d.len() as i64 + e.len() as i64
}

/// Reads every value as SQLite's dynamic one.
fn dynamic(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(integer) => integer,
        ValueRef::Real(real) => real as i64,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as i64,
    }
}

fn facade_scan(conn: &Connection, rows: i64) -> i64 {
    let mut statement = conn.prepare_cached(SCAN).expect("prepares");
    let mut rows = statement.query([rows]).expect("runs");
    let mut sum = 0;
    while let Some(row) = rows.next().expect("goes on") {
        sum += (0..6).map(|index| dynamic(row.get_ref(index).expect("a value"))).sum::<i64>();
    }
    sum
}

fn sqlite(lines: &mut Lines) {
    let raw = rusqlite::Connection::open_in_memory().expect("opens");
    let facade = Connection::open_sqlite(":memory:").expect("opens");
    let fill = format!(
        "{TABLE}; WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM i WHERE x < {ROWS}) \
         INSERT INTO w SELECT x, 'name' || x, x * 1.5, x % 7, '2024-01-01 00:00:00', x'00ff' FROM i; \
         CREATE TABLE log (id INTEGER PRIMARY KEY, v TEXT)"
    );
    raw.execute_batch(&fill).expect("filled");
    facade.execute_batch(&fill).expect("filled");

    let (mut k, mut l) = (0, 0);
    lines.compare(
        "sqlite: point select, prepare_cached",
        1.10,
        20_000,
        |times| {
            for _ in 0..times {
                k = k % ROWS + 1;
                let mut statement = raw.prepare_cached(POINT).expect("prepares");
                let row: Values = statement.query_row([k], |row| row.try_into()).expect("a row");
                assert_eq!(row.0, k);
            }
        },
        |times| {
            for _ in 0..times {
                l = l % ROWS + 1;
                let mut statement = facade.prepare_cached(POINT).expect("prepares");
                let row: Values = statement.query_row([l], |row| row.try_into()).expect("a row");
                assert_eq!(row.0, l);
            }
        },
    );
    for (rows, times) in [(10_000, 20), (100_000, 2)] {
        lines.compare(
            &format!("sqlite: scan of {rows} rows"),
            1.05,
            times,
            |times| {
                for _ in 0..times {
                    let mut statement = raw.prepare_cached(SCAN).expect("prepares");
                    let mut rows = statement.query([rows]).expect("runs");
                    let mut sum = 0;
                    while let Some(row) = rows.next().expect("goes on") {
                        sum += (0..6).map(|index| dynamic(row.get_ref(index).expect("a value"))).sum::<i64>();
                    }
                    black_box(sum);
                }
            },
            |times| {
                for _ in 0..times {
                    black_box(facade_scan(&facade, rows));
                }
            },
        );
    }
    lines.compare(
        "sqlite: insert autocommit",
        1.10,
        20_000,
        |times| {
            for _ in 0..times {
                raw.prepare_cached("INSERT INTO log (v) VALUES (?)")
                    .expect("prepares")
                    .execute(["x"])
                    .expect("inserts");
            }
        },
        |times| {
            for _ in 0..times {
                facade
                    .prepare_cached("INSERT INTO log (v) VALUES (?)")
                    .expect("prepares")
                    .execute(["x"])
                    .expect("inserts");
            }
        },
    );
    lines.compare(
        "sqlite: nested query in a row loop",
        1.10,
        5,
        |times| {
            for _ in 0..times {
                let mut outer = raw.prepare_cached("SELECT id FROM w LIMIT 1000").expect("prepares");
                let mut rows = outer.query([]).expect("runs");
                while let Some(row) = rows.next().expect("goes on") {
                    let id: i64 = row.get(0).expect("an id");
                    let c: i64 =
                        raw.prepare_cached(NESTED).expect("prepares").query_row([id], |row| row.get(0)).expect("a row");
                    black_box(c);
                }
            }
        },
        |times| {
            for _ in 0..times {
                nested(&facade);
            }
        },
    );
}

fn nested(conn: &Connection) {
    let mut outer = conn.prepare_cached("SELECT id FROM w LIMIT 1000").expect("prepares");
    let mut rows = outer.query([]).expect("runs");
    while let Some(row) = rows.next().expect("goes on") {
        let id: i64 = row.get(0).expect("an id");
        let c: i64 = conn.prepare_cached(NESTED).expect("prepares").query_row([id], |row| row.get(0)).expect("a row");
        black_box(c);
    }
}

fn postgres(lines: &mut Lines) {
    let database = sqlift::testing::database();
    let mut raw = ::postgres::Client::connect(database.url(), ::postgres::NoTls).expect("connects");
    let facade = Connection::open_url(database.url()).expect("connects");
    println!("PostgreSQL {}", raw.query_one("SHOW server_version", &[]).expect("answers").get::<_, String>(0));
    if lines.wants("postgres: memory") {
        // First: what other lines leave behind would count.
        scan_in_bounded_memory(lines, &facade);
    }
    facade.execute_batch(&format!("{TABLE}; CREATE TABLE log (id INTEGER PRIMARY KEY, v TEXT)")).expect("created");
    raw.batch_execute(&format!(
        "INSERT INTO w SELECT i, 'name' || i, i * 1.5, i % 7, '2024-01-01 00:00:00', '\\x00ff' FROM generate_series(1, {ROWS}) AS i; ANALYZE w"
    ))
    .expect("filled");
    let point = raw.prepare("SELECT id, a, b, c, d, e FROM w WHERE id = $1").expect("prepares");
    let scan = raw.prepare("SELECT id, a, b, c, d, e FROM w ORDER BY id LIMIT $1").expect("prepares");
    let insert = raw.prepare("INSERT INTO log (v) VALUES ($1)").expect("prepares");
    let inner = raw.prepare("SELECT c FROM w WHERE id = $1").expect("prepares");
    let outer = raw.prepare("SELECT id FROM w LIMIT 1000").expect("prepares");
    let raw = std::cell::RefCell::new(raw);

    let (mut k, mut l) = (0, 0);
    lines.compare(
        "postgres: point select, prepare_cached",
        0.90,
        1_000,
        |times| {
            for _ in 0..times {
                k = k % ROWS + 1;
                let row = raw.borrow_mut().query_one(&point, &[&k]).expect("a row");
                let values: Values = (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
                assert_eq!(values.0, k);
            }
        },
        |times| {
            for _ in 0..times {
                l = l % ROWS + 1;
                let mut statement = facade.prepare_cached(POINT).expect("prepares");
                let row: Values = statement.query_row([l], |row| row.try_into()).expect("a row");
                assert_eq!(row.0, l);
            }
        },
    );
    let mut m = 0;
    lines.compare(
        "postgres: point select, Connection::query_row",
        0.90,
        1_000,
        |times| {
            for _ in 0..times {
                m = m % ROWS + 1;
                let row = raw.borrow_mut().query_one(&point, &[&m]).expect("a row");
                let values: Values = (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
                black_box(values);
            }
        },
        |times| {
            for id in 0..times {
                let row: Values = facade.query_row(POINT, [i64::from(id) + 1], |row| row.try_into()).expect("a row");
                black_box(row);
            }
        },
    );
    // The raw client runs at READ COMMITTED; our default is SQLite's promise, SERIALIZABLE, which the server charges for.
    let relaxed = with_parameter(database.url(), "isolation=read-committed");
    let relaxed = Connection::open_url(&relaxed).expect("connects");
    for (name, goal, conn) in [
        ("postgres: insert autocommit", 0.95, &facade),
        ("postgres: insert autocommit, read committed", 0.95, &relaxed),
    ] {
        lines.compare(
            name,
            goal,
            500,
            |times| {
                for _ in 0..times {
                    raw.borrow_mut().execute(&insert, &[&"x"]).expect("inserts");
                }
            },
            |times| {
                for _ in 0..times {
                    conn.prepare_cached("INSERT INTO log (v) VALUES (?)")
                        .expect("prepares")
                        .execute(["x"])
                        .expect("inserts");
                }
            },
        );
    }
    for (rows, times) in [(10_000, 5), (100_000, 1)] {
        lines.compare(
            &format!("postgres: scan of {rows} rows, dynamic values"),
            0.90,
            times,
            |times| {
                for _ in 0..times {
                    let rows = raw.borrow_mut().query(&scan, &[&rows]).expect("runs");
                    let sum: i64 = rows
                        .iter()
                        .map(|row| sum_of(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5)))
                        .sum();
                    black_box(sum);
                }
            },
            |times| {
                for _ in 0..times {
                    black_box(facade_scan(&facade, rows));
                }
            },
        );
    }
    lines.compare(
        "postgres: nested query in a row loop",
        1.00,
        2,
        |times| {
            for _ in 0..times {
                let mut raw = raw.borrow_mut();
                for row in raw.query(&outer, &[]).expect("runs") {
                    let id: i64 = row.get(0);
                    let c: i64 = raw.query_one(&inner, &[&id]).expect("a row").get(0);
                    black_box(c);
                }
            }
        },
        |times| {
            for _ in 0..times {
                nested(&facade);
            }
        },
    );
    let db = Db::open(database.url()).expect("opens");
    lines.limit("postgres: pool checkout and return", 500.0, 20_000, |times| {
        for _ in 0..times {
            black_box(db.get().expect("a connection"));
        }
    });
}

fn with_parameter(url: &str, parameter: &str) -> String {
    format!("{url}{}{parameter}", if url.contains('?') { '&' } else { '?' })
}

/// 1,000,000 rows, resident memory.
fn scan_in_bounded_memory(lines: &mut Lines, facade: &Connection) {
    let native = facade.native();
    let mut statement = native
        .prepare("SELECT i::bigint, 'name' || i, i * 1.5::float8 FROM generate_series(1, 1000000) AS i")
        .expect("prepares");
    let mut rows = statement.query([]).expect("runs");
    let (mut count, mut largest) = (0, 0);
    while let Some(row) = rows.next().expect("goes on") {
        black_box(row.get_ref(1).expect("a text"));
        count += 1;
        if count % 50_000 == 0 {
            largest = largest.max(resident_mib());
        }
    }
    assert_eq!(count, 1_000_000);
    let verdict = if largest <= 40 { "" } else { "  MISSED" };
    lines.missed += usize::from(largest > 40);
    println!(
        "{:44} sqlift {largest:>6} MiB  limit     40 MiB{verdict}",
        "postgres: memory of a scan of 1,000,000 rows"
    );
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

fn syntax(lines: &mut Lines) {
    let sql = "SELECT p.id, p.name, count(*) AS n, max(o.created_at) /* last */ FROM person p JOIN \"order\" o ON o.person_id = p.id \
               WHERE p.name LIKE :name AND o.state IN (?2, ?3, 'paid -- really?') AND o.total >= 12.50 AND p.deleted_at IS NULL \
               GROUP BY p.id, p.name HAVING count(*) > ?4 ORDER BY n DESC LIMIT 50 -- page";
    lines.limit("syntax: lexing a statement of 300 bytes", 1_000.0, 20_000, |times| {
        for _ in 0..times {
            // Every token is read; the placeholders are what is kept of them.
            black_box(sqlift::syntax::placeholders(black_box(sql)).expect("valid numbers"));
        }
    });
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.iter().any(|argument| argument == "--check");
    let wanted = arguments.into_iter().filter(|argument| !argument.starts_with("--")).collect();
    let mut lines = Lines { wanted, missed: 0 };
    syntax(&mut lines);
    if lines.wanted.is_empty() || lines.wanted.iter().any(|wanted| !wanted.starts_with("sqlite")) {
        postgres(&mut lines);
    }
    sqlite(&mut lines);
    println!("{} goals missed", lines.missed);
    if check && lines.missed > 0 {
        std::process::exit(1);
    }
}
