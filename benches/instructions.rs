//! The client's instructions per call, counted by callgrind: `scripts/instructions`, or
//! `cargo bench --bench instructions --features cli` where valgrind is installed.
//!
//! Counts do not depend on what else the machine does, so they are kept in `benches/instructions.txt`, and a change of
//! more than 3 % is an error; `--update` writes them anew. Another compiler makes other code: then they are only shown.
//!
//! Each count is the difference of two runs of this program under callgrind, with more calls and with fewer.

#[allow(dead_code)] // The other bench does more.
mod work;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use sqlift::rusqlite;
use work::{Facade, RawPostgres, RawSqlite, Work, id};

/// Rows of the table that is read here; counting is slow.
const ROWS: i64 = 2_000;

/// What is counted, with fewer and with more calls; of a scan, a call is a row.
const JOBS: [(&str, u32, u32); 5] = [
    ("point-select", 50, 150),
    ("insert", 50, 150),
    ("scan-row", 500, 1_500),
    ("transaction", 20, 60),
    ("write-in-transaction", 50, 150),
];

/// A backend with its raw driver and sqlift in its place.
const BACKENDS: [(&str, &str, &str); 2] =
    [("postgres", "postgres", "sqlift-on-postgres"), ("sqlite", "rusqlite", "sqlift-on-sqlite")];

const TOLERANCE: f64 = 0.03;

fn contender(name: &str) -> Box<dyn Work> {
    #[cfg(all(feature = "tracing", feature = "metrics"))]
    if let Some(name) = name.strip_prefix("observed-") {
        observed::listen();
        return contender(name);
    }
    let url = || std::env::var("DATABASE_URL").expect("DATABASE_URL is set");
    let fill = format!("{}; {}", work::TABLES, work::fill_sqlite(ROWS));
    match name {
        "postgres" => Box::new(RawPostgres::connect(&url())),
        "sqlift-on-postgres" => Box::new(Facade::open(&url())),
        "rusqlite" => {
            let conn = rusqlite::Connection::open_in_memory().expect("opens");
            conn.execute_batch(&fill).expect("filled");
            Box::new(RawSqlite { conn })
        }
        "sqlift-on-sqlite" => {
            let facade = Facade::open("sqlite::memory:");
            facade.conn.execute_batch(&fill).expect("filled");
            Box::new(facade)
        }
        other => panic!("no such contender: {other}"),
    }
}

fn run(work: &mut dyn Work, job: &str, times: u32) {
    let ids = (0..times).map(|n| id(n) % ROWS + 1);
    match job {
        "point-select" => ids.for_each(|id| work.point(id)),
        "insert" => ids.for_each(|_| work.insert()),
        "scan-row" => work.scan(times.into()),
        "transaction" => ids.for_each(|id| work.transaction(id)),
        "write-in-transaction" => work.writes_in_transaction(times),
        other => panic!("no such work: {other}"),
    }
}

/// Instructions of one run of this program under callgrind.
fn counted(url: &str, contender: &str, job: &str, times: u32) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("this program has a path"))
        .args([contender, job, &times.to_string()])
        .env("DATABASE_URL", url)
        // How often one looks for an answer before it comes is the clock's to say.
        .env("SQLIFT_BUSY_POLL", "0")
        .output()
        .expect("valgrind is installed: apt-get install valgrind");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{contender} {job} failed:\n{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    collected.and_then(|(_, count)| count.trim().parse().ok()).unwrap_or_else(|| panic!("no count in:\n{said}"))
}

fn per_call(url: &str, contender: &str, (job, fewer, more): (&str, u32, u32)) -> u64 {
    let difference = counted(url, contender, job, more) - counted(url, contender, job, fewer);
    difference / u64::from(more - fewer)
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// What features `tracing` and `metrics` add, with nobody who listens and with somebody who takes everything.
#[cfg(all(feature = "tracing", feature = "metrics"))]
mod observed {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
    use tracing::span::{Attributes, Id, Record};

    /// Looks at every field and keeps none.
    struct Everything;

    impl tracing::field::Visit for Everything {
        fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            std::hint::black_box(format!("{value:?}"));
        }
    }

    impl tracing::Subscriber for Everything {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &Attributes<'_>) -> Id {
            span.record(&mut Everything);
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, values: &Record<'_>) {
            values.record(&mut Everything);
        }
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            event.record(&mut Everything);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    /// One number for all counters.
    struct OneNumber(Arc<AtomicU64>);

    impl metrics::Recorder for OneNumber {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.0.clone())
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.0.clone())
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    pub fn listen() {
        tracing::subscriber::set_global_default(Everything).expect("the first");
        let numbers = OneNumber(Arc::default());
        numbers.0.store(0, Ordering::Relaxed);
        metrics::set_global_recorder(numbers).map_err(|_| "another recorder").expect("the first");
    }
}

/// A point select with the features, beside what the file has of it without them.
#[cfg(all(feature = "tracing", feature = "metrics"))]
fn compare_observed(path: &Path) -> ExitCode {
    let file = std::fs::read_to_string(path).unwrap_or_default();
    let database = sqlift::testing::database();
    Facade::open(database.url()).conn.execute_batch(work::TABLES).expect("created");
    work::fill_postgres(database.url(), ROWS);
    println!("# {}; a point select\n# backend    off  nobody  everything", compiler());
    for (backend, _, sqlift) in BACKENDS {
        let [nobody, everything] =
            [sqlift.to_owned(), format!("observed-{sqlift}")].map(|name| per_call(database.url(), &name, JOBS[0]));
        let off = recorded(&file, backend, JOBS[0].0).unwrap_or_default();
        println!("{backend:10} {off:6} {nobody:7} {everything:11}");
    }
    ExitCode::SUCCESS
}

/// The count of sqlift that the file has for a job.
fn recorded(file: &str, backend: &str, job: &str) -> Option<u64> {
    file.lines().find_map(|line| match line.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        [a, b, _, count, ..] if a == backend && b == job => count.parse().ok(),
        _ => None,
    })
}

fn compare(path: &Path, update: bool) -> ExitCode {
    let file = std::fs::read_to_string(path).unwrap_or_default();
    let compiler = compiler();
    let comparable = file.contains(&compiler);
    let database = sqlift::testing::database();
    Facade::open(database.url()).conn.execute_batch(work::TABLES).expect("created");
    work::fill_postgres(database.url(), ROWS);

    let mut table = format!(
        "# The client's instructions per call, counted by callgrind; scripts/instructions --update writes this file.\n\
         # {compiler}\n# backend  work                      raw   sqlift  ratio\n"
    );
    let mut strayed = 0;
    for (backend, raw, sqlift) in BACKENDS {
        for job in JOBS {
            let (raw, sqlift) = (per_call(database.url(), raw, job), per_call(database.url(), sqlift, job));
            let line = format!("{backend:10} {:22} {raw:6} {sqlift:8} {:6.2}", job.0, sqlift as f64 / raw as f64);
            let before = recorded(&file, backend, job.0);
            let change = before.map_or(0.0, |before| sqlift as f64 / before as f64 - 1.0);
            let strays = comparable && (before.is_none() || change.abs() > TOLERANCE);
            strayed += usize::from(strays && !update);
            let mark = if strays { "  CHANGED" } else { "" };
            println!("{line}  {:+.1} %{mark}", 100.0 * change);
            writeln!(table, "{line}").expect("a String takes everything");
        }
    }
    if update {
        std::fs::write(path, table).expect("the file can be written");
    } else if !comparable {
        println!("not compared: {} was written with another compiler than {compiler}", path.display());
    } else if strayed > 0 {
        println!(
            "{strayed} counts are not those of {}; if that is meant, run scripts/instructions --update",
            path.display()
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    // `cargo bench` adds its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(&path, false),
        #[cfg(all(feature = "tracing", feature = "metrics"))]
        ["--observe"] => compare_observed(&path),
        ["--update"] => compare(&path, true),
        [name, job, times] => {
            run(&mut *contender(name), job, times.parse().expect("a number"));
            ExitCode::SUCCESS
        }
        _ => panic!("arguments: none, --update, --observe with features tracing and metrics, or CONTENDER WORK TIMES"),
    }
}
