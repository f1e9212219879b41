//! A recorder that adds up what it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use sqlift::Db;

use super::{connections, name};

#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, f64>>>);

/// One series.
struct Series(Counts, String);

impl Series {
    fn add(&self, value: f64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Series {
    fn increment(&self, value: f64) {
        self.add(value);
    }
    fn decrement(&self, value: f64) {
        self.add(-value);
    }
    fn set(&self, value: f64) {
        self.0.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

/// How many were recorded.
impl HistogramFn for Series {
    fn record(&self, value: f64) {
        assert!((0.0..10.0).contains(&value));
        self.add(1.0);
    }
}

impl Counts {
    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Series(self.clone(), format!("{} {}", key.name(), labels.join(","))))
    }

    fn of(run: impl FnOnce()) -> BTreeMap<String, f64> {
        let counts = Counts::default();
        metrics::with_local_recorder(&counts, run);
        counts.0.lock().unwrap().clone()
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}

#[test]
fn counters_and_histograms() {
    let (_database, connections) = connections();
    for conn in &connections {
        let backend = name(conn.backend());
        let counts = Counts::of(|| {
            conn.execute_batch("CREATE TABLE tag (name TEXT UNIQUE)").unwrap();
            conn.execute("INSERT INTO tag VALUES ('a'), ('b'), ('c')", []).unwrap();
            assert_eq!(conn.prepare("SELECT name FROM tag").unwrap().query_map([], |_| Ok(())).unwrap().count(), 3);
            assert!(conn.execute("INSERT INTO tag VALUES ('a')", []).is_err());
            assert!(conn.prepare("SELECT nothing FROM tag").is_err());
        });
        for (series, expected) in [
            ("sqlift_statements_total backend=#", 4.0),
            ("sqlift_statement_seconds backend=#", 4.0),
            ("sqlift_rows_total backend=#", 3.0),
            ("sqlift_changes_total backend=#", 3.0),
            ("sqlift_errors_total backend=#,class=ConstraintViolation", 1.0),
            ("sqlift_errors_total backend=#,class=Unknown", 1.0),
        ] {
            let series = series.replace('#', backend);
            assert_eq!(counts.get(&series), Some(&expected), "{series}: {counts:?}");
        }
        let translated = |cache: &str| counts.get(&format!("sqlift_translations_total cache={cache}")).copied();
        assert_eq!(translated("miss").is_some(), backend == "postgresql", "{counts:?}");
    }
}

#[test]
fn the_pool() {
    let database = sqlift::testing::database();
    let separator = if database.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}pool_max_size=1&pool_timeout=0.05", database.url());
    let counts = Counts::of(|| {
        let db = Db::open(&url).unwrap();
        let held = db.get().unwrap();
        assert!(db.get().is_err());
        drop(held);
        db.query_row("SELECT 1", [], |_| Ok(())).unwrap();
        db.drain();
        db.query_row("SELECT 1", [], |_| Ok(())).unwrap();
    });
    for (series, expected) in [
        ("sqlift_pool_open ", 0.0),
        ("sqlift_pool_opened_total ", 2.0),
        ("sqlift_pool_check_outs_total ", 4.0),
        ("sqlift_pool_timeouts_total ", 1.0),
        ("sqlift_pool_wait_seconds ", 1.0),
    ] {
        assert_eq!(counts.get(series), Some(&expected), "{series}: {counts:?}");
    }
}
