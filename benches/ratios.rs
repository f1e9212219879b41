//! Speed as ratios to the raw driver, measured in the same run: `cargo bench --bench ratios --features cli`.
//!
//! The two contenders of a line take turns, so that what else the machine does hits both; the ratio is the median of
//! the rounds' ratios. `cpu` is the same ratio of CPU time, client and server together: it holds on a busy machine too.
//! An argument names the lines to run (a part of their names). The exit status is 1 when a goal is missed with `--check`.

mod work;

use std::hint::black_box;
use std::time::{Duration, Instant};

use sqlift::testing::TempPostgres;
use sqlift::{Connection, Db, rusqlite};
use work::{Facade, ROWS, RawPostgres, RawSqlite, Work, id};

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

    /// Whether any line of the group may be wanted.
    fn wants_group(&self, group: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted.starts_with(group) || !wanted.contains(':'))
    }

    /// Both contenders do `job`, `times` times in each round.
    fn compare(
        &mut self,
        name: &str,
        goal: f64,
        times: u32,
        raw: &mut dyn Work,
        facade: &mut dyn Work,
        job: impl Fn(&mut dyn Work, u32),
    ) {
        if !self.wants(name) {
            return;
        }
        job(raw, times);
        job(facade, times);
        let mut rounds: Vec<(Taken, Taken)> = (0..ROUNDS)
            .map(|round| {
                // The order changes from round to round: the second may profit from what the first left in caches.
                if round % 2 == 0 {
                    let raw = Taken::by(raw, times, &job);
                    (raw, Taken::by(facade, times, &job))
                } else {
                    let facade = Taken::by(facade, times, &job);
                    (Taken::by(raw, times, &job), facade)
                }
            })
            .collect();
        let mut cpu: Vec<f64> = rounds.iter().map(|(raw, facade)| facade.cpu / raw.cpu).collect();
        cpu.sort_by(f64::total_cmp);
        rounds.sort_by(|a, b| (a.1.wall / a.0.wall).total_cmp(&(b.1.wall / b.0.wall)));
        let (raw, facade) = &rounds[ROUNDS / 2];
        let ratio = facade.wall / raw.wall;
        let verdict = if ratio <= goal { "" } else { "  MISSED" };
        self.missed += usize::from(ratio > goal);
        println!(
            "{name:50} raw {:>9}  sqlift {:>9}  ratio {ratio:5.2}  cpu {:5.2}  goal {goal:4.2}{verdict}",
            shown(raw.wall),
            shown(facade.wall),
            cpu[ROUNDS / 2],
        );
    }

    /// Something with a limit of its own rather than a contender.
    fn limit(&mut self, name: &str, limit: f64, times: u32, mut work: impl FnMut(u32)) {
        if !self.wants(name) {
            return;
        }
        work(times);
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                work(times);
                start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        let median = rounds[ROUNDS / 2];
        let verdict = if median <= limit { "" } else { "  MISSED" };
        self.missed += usize::from(median > limit);
        println!("{name:50} sqlift {:>10}  limit {:>10}{verdict}", shown(median), shown(limit));
    }
}

/// Nanoseconds per call.
struct Taken {
    wall: f64,
    cpu: f64,
}

impl Taken {
    fn by(contender: &mut dyn Work, times: u32, job: &impl Fn(&mut dyn Work, u32)) -> Taken {
        let cpu = work::thread_time() + contender.server_time();
        let start = Instant::now();
        job(contender, times);
        let wall = start.elapsed();
        let cpu = (work::thread_time() + contender.server_time()).saturating_sub(cpu);
        let per_call = |duration: Duration| duration.as_secs_f64() * 1e9 / f64::from(times);
        Taken { wall: per_call(wall), cpu: per_call(cpu) }
    }
}

fn shown(nanoseconds: f64) -> String {
    let duration = Duration::from_secs_f64(nanoseconds / 1e9);
    format!("{duration:.2?}")
}

/// The call, once for each of so many keys.
fn each(call: impl Fn(&mut dyn Work, i64)) -> impl Fn(&mut dyn Work, u32) {
    move |work, times| (0..times).for_each(|n| call(work, id(n)))
}

fn sqlite(lines: &mut Lines) {
    let raw = rusqlite::Connection::open_in_memory().expect("opens");
    let facade = Facade::open("sqlite::memory:");
    let fill = format!("{}; {}", work::TABLES, work::fill_sqlite(ROWS));
    raw.execute_batch(&fill).expect("filled");
    facade.conn.execute_batch(&fill).expect("filled");
    let (raw, facade) = (&mut RawSqlite { conn: raw }, &mut { facade });
    lines.compare("sqlite: point select, prepare_cached", 1.10, 20_000, raw, facade, each(|work, id| work.point(id)));
    lines.compare("sqlite: insert autocommit", 1.10, 20_000, raw, facade, each(|work, _| work.insert()));
    for (rows, times) in [(10_000, 20), (100_000, 2)] {
        let name = format!("sqlite: scan of {rows} rows");
        lines.compare(&name, 1.05, times, raw, facade, each(|work, _| work.scan(rows)));
    }
    lines.compare("sqlite: nested query in a row loop", 1.10, 5, raw, facade, each(|work, _| work.nested(1_000)));
    let name = "sqlite: BEGIN, SELECT, UPDATE, INSERT, COMMIT";
    lines.compare(name, 1.05, 5_000, raw, facade, each(|work, id| work.transaction(id)));
    let name = "sqlite: write in a long transaction";
    lines.compare(name, 1.05, 20_000, raw, facade, |work, times| work.writes_in_transaction(times));
    let name = "sqlite: read in a long transaction";
    lines.compare(name, 1.05, 20_000, raw, facade, |work, times| work.reads_in_transaction(times));
}

fn postgres(lines: &mut Lines) {
    let database = sqlift::testing::database();
    if lines.wants("postgres: memory") {
        // First: what other lines leave behind would count.
        scan_in_bounded_memory(lines, &Connection::open_url(database.url()).expect("connects"));
    }
    let facade = &mut Facade::open(database.url());
    facade.conn.execute_batch(work::TABLES).expect("created");
    work::fill_postgres(database.url(), ROWS);
    let raw = &mut RawPostgres::connect(database.url());
    // The raw client runs at READ COMMITTED; our default is SQLite's promise, SERIALIZABLE, which the server charges for.
    let relaxed = &mut Facade::open(&with_parameter(database.url(), "isolation=read-committed"));

    let name = "postgres: point select, prepare_cached";
    lines.compare(name, 0.90, 1_000, raw, facade, each(|work, id| work.point(id)));
    let name = "postgres: point select, Connection::query_row";
    lines.compare(name, 0.90, 1_000, raw, facade, each(|work, id| work.point_unprepared(id)));
    lines.compare("postgres: insert autocommit", 0.95, 500, raw, facade, each(|work, _| work.insert()));
    let name = "postgres: insert autocommit, read committed";
    lines.compare(name, 0.95, 500, raw, relaxed, each(|work, _| work.insert()));
    for (rows, times) in [(10_000, 5), (100_000, 1)] {
        let name = format!("postgres: scan of {rows} rows, dynamic values");
        lines.compare(&name, 0.90, times, raw, facade, each(|work, _| work.scan(rows)));
    }
    lines.compare("postgres: nested query in a row loop", 1.00, 2, raw, facade, each(|work, _| work.nested(1_000)));
    transactions(lines, "Unix socket", raw, facade, relaxed);

    if lines.wants("postgres: pool checkout and return") {
        let db = Db::open(database.url()).expect("opens");
        lines.limit("postgres: pool checkout and return", 500.0, 20_000, |times| {
            for _ in 0..times {
                black_box(db.get().expect("a connection"));
            }
        });
    }
    if lines.wanted.is_empty() || lines.wanted.iter().any(|wanted| wanted.contains("TCP")) {
        let server = TempPostgres::options().tcp().start().expect("PostgreSQL is installed");
        let facade = &mut Facade::open(server.url());
        facade.conn.execute_batch(work::TABLES).expect("created");
        work::fill_postgres(server.url(), ROWS);
        let relaxed = &mut Facade::open(&with_parameter(server.url(), "isolation=read-committed"));
        transactions(lines, "TCP", &mut RawPostgres::connect(server.url()), facade, relaxed);
    }
}

/// The raw driver's transactions run at READ COMMITTED and are over with the first statement that fails. Ours go on, as
/// SQLite's do.
fn transactions(lines: &mut Lines, over: &str, raw: &mut dyn Work, facade: &mut dyn Work, relaxed: &mut dyn Work) {
    let name = format!("postgres: BEGIN, SELECT, UPDATE, INSERT, COMMIT, {over}");
    lines.compare(&name, 1.00, 200, raw, facade, each(|work, id| work.transaction(id)));
    let name = format!("postgres: the same at read committed, {over}");
    lines.compare(&name, 0.95, 200, raw, relaxed, each(|work, id| work.transaction(id)));
    let name = format!("postgres: write in a long transaction, {over}");
    lines.compare(&name, 1.40, 1_000, raw, facade, |work, times| work.writes_in_transaction(times));
    let name = format!("postgres: read in a long transaction, {over}");
    lines.compare(&name, 0.95, 1_000, raw, facade, |work, times| work.reads_in_transaction(times));
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
        "{:50} sqlift {largest:>6} MiB  limit     40 MiB{verdict}",
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
    if lines.wants_group("postgres") {
        postgres(&mut lines);
    }
    if lines.wants_group("sqlite") {
        sqlite(&mut lines);
    }
    println!("{} goals missed", lines.missed);
    if check && lines.missed > 0 {
        std::process::exit(1);
    }
}
