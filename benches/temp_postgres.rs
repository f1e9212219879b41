//! How long tests wait for PostgreSQL: `cargo bench --features cli --bench temp_postgres`.
//!
//! Targets: first query 100 ms from the cache and 700 ms without, a database for a test 30 ms with its connection.

use postgres::{Client, NoTls};
use sqlift::testing::{TempPostgres, database};
use std::time::{Duration, Instant};

fn query(url: &str) {
    let mut client = Client::connect(url, NoTls).expect("the server was just started");
    client.query_one("SELECT 1", &[]).expect("it answers");
}

/// The median and the worst of `times` runs; what `job` returns is dropped off the clock.
fn measure<T>(what: &str, target: Duration, times: usize, mut job: impl FnMut() -> T) {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let begun = Instant::now();
            let made = job();
            let taken = begun.elapsed();
            drop(made);
            taken
        })
        .collect();
    taken.sort();
    let (median, worst) = (taken[times / 2], taken[times - 1]);
    let verdict = if median <= target { "within" } else { "OVER" };
    println!("{what:38} median {median:>10.1?}  worst {worst:>10.1?}  {verdict} {target:?}");
}

fn main() {
    let start = || {
        let server = TempPostgres::start().expect("PostgreSQL is installed");
        query(server.url());
        server
    };
    drop(start());
    measure("first query, cluster cached", Duration::from_millis(100), 15, start);
    drop(database());
    measure("database for a test, first query", Duration::from_millis(30), 30, || {
        let database = database();
        query(database.url());
        database
    });
    // In a process of its own, whose environment names a cache of its own.
    measure("first query, nothing cached", Duration::from_millis(700), 5, || {
        let cache = tempfile::tempdir().expect("a temporary folder");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sqlift"));
        command.args(["temp-postgres", "--", "true"]).env("SQLIFT_CACHE_DIR", cache.path());
        assert!(command.status().expect("sqlift runs").success());
    });
    let server = TempPostgres::start().expect("PostgreSQL is installed");
    let mut client = Client::connect(server.url(), NoTls).expect("the server was just started");
    measure("2,000 logged errors in a row", Duration::from_secs(2), 3, || {
        for _ in 0..2_000 {
            client.batch_execute("SELECT missing").expect_err("there is no such column");
        }
    });
}
