//! What several test modules share: a log of what calls returned, and databases to run on.

use sqlift::{Connection, Error, ErrorCode};
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a sequence of calls returned, for comparing two runs.
#[derive(Debug, Default)]
pub struct Log(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    what: String,
    /// Everything, as SQLite must say it.
    exact: String,
    /// Without what may be worded differently on PostgreSQL.
    portable: String,
}

impl Log {
    /// Notes a value.
    pub fn value(&mut self, what: &str, value: impl Debug) {
        let text = format!("{value:?}");
        self.0.push(Entry { what: what.to_owned(), exact: text.clone(), portable: text });
    }

    /// Notes what a call returned; of an error, PostgreSQL need only have the kind and the codes in common.
    pub fn result<T: Debug>(&mut self, what: &str, result: Result<T, Error>) {
        let exact = format!("{result:?}");
        let portable = match result {
            Ok(value) => format!("{value:?}"),
            Err(error) => kind(&error),
        };
        self.0.push(Entry { what: what.to_owned(), exact, portable });
    }

    /// What was noted last.
    pub fn last(&self) -> &str {
        self.0.last().map_or("nothing", |entry| &entry.what)
    }

    /// # Errors
    /// The differences.
    pub fn same_as(&self, expected: &Log) -> Result<(), String> {
        self.compare(expected, |entry| (&entry.what, &entry.exact))
    }

    /// As [`same_as`](Self::same_as), wording of errors aside.
    ///
    /// # Errors
    /// The differences.
    pub fn portably_same_as(&self, expected: &Log) -> Result<(), String> {
        self.compare(expected, |entry| (&entry.what, &entry.portable))
    }

    fn compare(&self, expected: &Log, part: fn(&Entry) -> (&String, &String)) -> Result<(), String> {
        let mut differences = String::new();
        for (found, expected) in self.0.iter().zip(&expected.0) {
            let ((what, found), (expected_what, expected)) = (part(found), part(expected));
            if what != expected_what {
                return Err(differences + &format!("\n  goes another way: {what}, expected {expected_what}"));
            }
            if found != expected {
                differences += &format!("\n  {what}: {found}\n    expected {expected}");
            }
        }
        match (self.0.len(), expected.0.len()) {
            (0, _) => Err("noted nothing".to_owned()),
            (found, expected) if found != expected => {
                Err(format!("{differences}\n  {found} notes instead of {expected}"))
            }
            _ if differences.is_empty() => Ok(()),
            _ => Err(differences),
        }
    }
}

/// An error without its wording.
fn kind(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, _) => format!("error {:?} {}", code.code, code.extended_code),
        Error::SqlInputError { error, .. } => format!("error {:?} {}", error.code, error.extended_code),
        other => format!("error {other:?}"),
    }
}

/// rusqlite itself: the oracle.
pub fn rusqlite() -> sqlift::rusqlite::Connection {
    sqlift::rusqlite::Connection::open_in_memory().expect("SQLite opens a database in memory")
}

pub fn sqlite() -> Connection {
    Connection::open_sqlite(":memory:").expect("SQLite opens a database in memory")
}

/// Runs something on a fresh PostgreSQL database.
pub fn on_postgres<T>(run: impl FnOnce(&mut Connection) -> T) -> T {
    let database = sqlift::testing::database();
    let mut conn = Connection::open_url(database.url()).expect("the server takes connections");
    run(&mut conn)
}

/// Runs something on both databases; what it logged must be the same, texts and places too.
#[track_caller]
pub fn same(run: impl Fn(&mut Connection) -> Log) {
    let expected = run(&mut sqlite());
    on_postgres(run).same_as(&expected).unwrap_or_else(|differences| panic!("{differences}"));
}

/// As [`same`], wording of errors aside.
#[track_caller]
pub fn portably_same(run: impl Fn(&mut Connection) -> Log) {
    let expected = run(&mut sqlite());
    on_postgres(run).portably_same_as(&expected).unwrap_or_else(|differences| panic!("{differences}"));
}

/// A URL with one more parameter.
pub fn with(url: &str, parameter: &str) -> String {
    format!("{url}{}{parameter}", if url.contains('?') { '&' } else { '?' })
}

/// Runs a test on SQLite and on a fresh PostgreSQL database.
pub fn both(test: impl Fn(&mut Connection)) {
    test(&mut sqlite());
    on_postgres(&test);
}

/// How long a test that could go on for ever runs, unless `SQLIFT_TEST_SECONDS` says otherwise.
pub fn seconds(usual: u64) -> Duration {
    Duration::from_secs(number("SQLIFT_TEST_SECONDS").unwrap_or(usual))
}

/// What a run's random numbers begin with: another one each time, unless `SQLIFT_TEST_SEED` repeats one.
pub fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    number("SQLIFT_TEST_SEED").unwrap_or(now.as_millis() as u64)
}

pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number")))
}

/// Resident memory of this process.
pub fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

/// Longer than anything takes here on a machine that is busy with something else. It ends what would wait for ever, and measures
/// nothing.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for something that comes by itself.
#[track_caller]
pub fn until(what: &str, mut has_come: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !has_come() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs something that is interrupted from another thread once it has begun, however late that is.
pub fn interrupting<T>(conn: &Connection, run: impl FnOnce() -> T) -> T {
    /// The other thread's end, also when this one panics.
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let (handle, over) = (conn.get_interrupt_handle(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let _over = Over(&over);
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(100));
                handle.interrupt();
            }
        });
        run()
    })
}

/// Again while another transaction is in the way, as programs do on SQLITE_BUSY.
#[track_caller]
pub fn while_busy<T>(mut run: impl FnMut() -> sqlift::Result<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match run() {
            Ok(value) => return value,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// The same numbers in every run, for tests over generated input.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 up to `limit`, exclusive.
    pub fn below(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % limit
    }
}

/// Whether the server is older than this major version.
pub fn is_before(conn: &Connection, version: u32) -> bool {
    let told = conn.server_version().expect("a connection to PostgreSQL");
    let major: String = told.chars().take_while(char::is_ascii_digit).collect();
    major.parse::<u32>().expect("a version begins with its number") < version
}

/// Says out loud what was not tested, past the test harness, which keeps what passing tests print to itself.
pub fn not_tested(what: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\nNOT TESTED: {what}");
}
