//! What the benches do, in the same words by every contender: the raw drivers, and sqlift in their place.

use std::hint::black_box;
use std::time::Duration;

use sqlift::types::ValueRef;
use sqlift::{Connection, rusqlite};

/// Rows of the table that is read.
pub const ROWS: i64 = 100_000;

pub const TABLES: &str = "CREATE TABLE w (id INTEGER PRIMARY KEY, a TEXT, b REAL, c INTEGER, d TEXT, e BLOB); \
                          CREATE TABLE log (id INTEGER PRIMARY KEY, v TEXT)";
const POINT: &str = "SELECT id, a, b, c, d, e FROM w WHERE id = ?";
const SCAN: &str = "SELECT id, a, b, c, d, e FROM w ORDER BY id LIMIT ?";
const OUTER: &str = "SELECT id FROM w ORDER BY id LIMIT ?";
const INNER: &str = "SELECT c FROM w WHERE id = ?";
const UPDATE: &str = "UPDATE w SET c = c + 1 WHERE id = ?";
const INSERT: &str = "INSERT INTO log (v) VALUES (?)";

type Values = (i64, String, f64, i64, String, Vec<u8>);

/// Each method is one call, as a program would write it with that driver.
pub trait Work {
    /// One row by its key, six values.
    fn point(&mut self, id: i64);
    /// The same without keeping the statement, where the driver offers that.
    fn point_unprepared(&mut self, id: i64) {
        self.point(id);
    }
    /// One row, in a transaction of its own.
    fn insert(&mut self);
    /// Reads every value of so many rows: as SQLite's dynamic one, or as the type it has.
    fn scan(&mut self, rows: i64);
    /// A query for each row of another.
    fn nested(&mut self, rows: i64);
    /// BEGIN, SELECT, UPDATE, INSERT, COMMIT.
    fn transaction(&mut self, id: i64);
    /// So many rows inserted in one transaction.
    fn writes_in_transaction(&mut self, times: u32);
    /// So many rows read in one transaction that has written before.
    fn reads_in_transaction(&mut self, times: u32);
    /// CPU time the server's session has taken.
    fn server_time(&self) -> Duration {
        Duration::ZERO
    }
}

/// Keys that do not lie side by side.
pub fn id(n: u32) -> i64 {
    i64::from(n) * 7_919 % ROWS + 1
}

fn dynamic(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(integer) => integer,
        ValueRef::Real(real) => real as i64,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as i64,
    }
}

// rusqlite and sqlift are driven by the same text: that is what sqlift is for.
macro_rules! rusqlite_work {
    () => {
        fn point(&mut self, id: i64) {
            let mut statement = self.conn.prepare_cached(POINT).expect("prepares");
            let row: Values = statement.query_row([id], |row| row.try_into()).expect("a row");
            assert_eq!(row.0, id);
        }

        fn point_unprepared(&mut self, id: i64) {
            let row: Values = self.conn.query_row(POINT, [id], |row| row.try_into()).expect("a row");
            assert_eq!(row.0, id);
        }

        fn insert(&mut self) {
            self.conn.prepare_cached(INSERT).expect("prepares").execute(["x"]).expect("inserts");
        }

        fn scan(&mut self, rows: i64) {
            let mut statement = self.conn.prepare_cached(SCAN).expect("prepares");
            let mut rows = statement.query([rows]).expect("runs");
            let mut sum = 0;
            while let Some(row) = rows.next().expect("goes on") {
                sum += (0..6).map(|index| dynamic(row.get_ref(index).expect("a value"))).sum::<i64>();
            }
            black_box(sum);
        }

        fn nested(&mut self, rows: i64) {
            let mut outer = self.conn.prepare_cached(OUTER).expect("prepares");
            let mut rows = outer.query([rows]).expect("runs");
            while let Some(row) = rows.next().expect("goes on") {
                let id: i64 = row.get(0).expect("an id");
                let mut inner = self.conn.prepare_cached(INNER).expect("prepares");
                black_box(inner.query_row([id], |row| row.get::<_, i64>(0)).expect("a row"));
            }
        }

        fn transaction(&mut self, id: i64) {
            let transaction = self.conn.transaction().expect("begins");
            let c: i64 =
                transaction.prepare_cached(INNER).expect("prepares").query_row([id], |row| row.get(0)).expect("a row");
            black_box(c);
            transaction.prepare_cached(UPDATE).expect("prepares").execute([id]).expect("updates");
            transaction.prepare_cached(INSERT).expect("prepares").execute(["x"]).expect("inserts");
            transaction.commit().expect("commits");
        }

        fn writes_in_transaction(&mut self, times: u32) {
            let transaction = self.conn.transaction().expect("begins");
            for _ in 0..times {
                transaction.prepare_cached(INSERT).expect("prepares").execute(["x"]).expect("inserts");
            }
            transaction.commit().expect("commits");
        }

        fn reads_in_transaction(&mut self, times: u32) {
            let transaction = self.conn.transaction().expect("begins");
            transaction.prepare_cached(INSERT).expect("prepares").execute(["x"]).expect("inserts");
            for n in 0..times {
                let mut statement = transaction.prepare_cached(POINT).expect("prepares");
                let row: Values = statement.query_row([id(n)], |row| row.try_into()).expect("a row");
                black_box(row);
            }
            transaction.commit().expect("commits");
        }
    };
}

pub struct RawSqlite {
    pub conn: rusqlite::Connection,
}

impl Work for RawSqlite {
    rusqlite_work!();
}

/// sqlift on either database.
pub struct Facade {
    pub conn: Connection,
    server: Option<i32>,
}

impl Facade {
    pub fn open(url: &str) -> Facade {
        let conn = Connection::open_url(url).expect("opens");
        let server = url.starts_with("postgres").then(|| {
            let native = conn.native();
            let mut statement = native.prepare("SELECT pg_backend_pid()").expect("prepares");
            statement.query_row([], |row| row.get(0)).expect("a number")
        });
        Facade { conn, server }
    }
}

impl Work for Facade {
    rusqlite_work!();

    fn server_time(&self) -> Duration {
        self.server.map_or(Duration::ZERO, process_time)
    }
}

/// The `postgres` crate, every statement prepared once and for all.
pub struct RawPostgres {
    client: postgres::Client,
    point: postgres::Statement,
    scan: postgres::Statement,
    outer: postgres::Statement,
    inner: postgres::Statement,
    update: postgres::Statement,
    insert: postgres::Statement,
    server: i32,
}

impl RawPostgres {
    /// The tables must be there.
    pub fn connect(url: &str) -> RawPostgres {
        let mut client = postgres::Client::connect(url, postgres::NoTls).expect("connects");
        let mut prepare = |sql: &str| client.prepare(&sql.replace('?', "$1")).expect("prepares");
        let [point, scan, outer] = [POINT, SCAN, OUTER].map(&mut prepare);
        let [inner, update, insert] = [INNER, UPDATE, INSERT].map(&mut prepare);
        let server = client.query_one("SELECT pg_backend_pid()", &[]).expect("a row").get(0);
        RawPostgres { client, point, scan, outer, inner, update, insert, server }
    }
}

/// Fills the tables that sqlift made.
pub fn fill_postgres(url: &str, rows: i64) {
    let mut client = postgres::Client::connect(url, postgres::NoTls).expect("connects");
    let fill = format!(
        "INSERT INTO w SELECT i, 'name' || i, i * 1.5, i % 7, '2024-01-01 00:00:00', '\\x00ff' FROM generate_series(1, {rows}) AS i; \
         VACUUM ANALYZE w"
    );
    for statement in fill.split("; ") {
        client.batch_execute(statement).expect("filled");
    }
}

/// SQL that fills the tables on SQLite.
pub fn fill_sqlite(rows: i64) -> String {
    format!(
        "WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM i WHERE x < {rows}) \
         INSERT INTO w SELECT x, 'name' || x, x * 1.5, x % 7, '2024-01-01 00:00:00', x'00ff' FROM i"
    )
}

fn values(row: &postgres::Row) -> Values {
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))
}

impl Work for RawPostgres {
    fn point(&mut self, id: i64) {
        let row = values(&self.client.query_one(&self.point, &[&id]).expect("a row"));
        assert_eq!(row.0, id);
    }

    fn insert(&mut self) {
        self.client.execute(&self.insert, &[&"x"]).expect("inserts");
    }

    fn scan(&mut self, rows: i64) {
        let mut sum = 0;
        for row in &self.client.query(&self.scan, &[&rows]).expect("runs") {
            let (a, d, e): (&str, &str, &[u8]) = (row.get(1), row.get(4), row.get(5));
            let (id, b, c): (i64, f64, i64) = (row.get(0), row.get(2), row.get(3));
            sum += id + a.len() as i64 + b as i64 + c + d.len() as i64 + e.len() as i64;
        }
        black_box(sum);
    }

    fn nested(&mut self, rows: i64) {
        for row in self.client.query(&self.outer, &[&rows]).expect("runs") {
            let id: i64 = row.get(0);
            black_box(self.client.query_one(&self.inner, &[&id]).expect("a row").get::<_, i64>(0));
        }
    }

    fn transaction(&mut self, id: i64) {
        let mut transaction = self.client.transaction().expect("begins");
        black_box(transaction.query_one(&self.inner, &[&id]).expect("a row").get::<_, i64>(0));
        transaction.execute(&self.update, &[&id]).expect("updates");
        transaction.execute(&self.insert, &[&"x"]).expect("inserts");
        transaction.commit().expect("commits");
    }

    fn writes_in_transaction(&mut self, times: u32) {
        let mut transaction = self.client.transaction().expect("begins");
        for _ in 0..times {
            transaction.execute(&self.insert, &[&"x"]).expect("inserts");
        }
        transaction.commit().expect("commits");
    }

    fn reads_in_transaction(&mut self, times: u32) {
        let mut transaction = self.client.transaction().expect("begins");
        transaction.execute(&self.insert, &[&"x"]).expect("inserts");
        for n in 0..times {
            black_box(values(&transaction.query_one(&self.point, &[&id(n)]).expect("a row")));
        }
        transaction.commit().expect("commits");
    }

    fn server_time(&self) -> Duration {
        process_time(self.server)
    }
}

/// CPU time of a process of one thread; zero where the system does not tell.
fn process_time(process: i32) -> Duration {
    schedstat(&format!("/proc/{process}/schedstat"))
}

/// CPU time of this thread; zero where the system does not tell.
#[allow(dead_code)] // Not every bench asks.
pub fn thread_time() -> Duration {
    schedstat("/proc/thread-self/schedstat")
}

fn schedstat(path: &str) -> Duration {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let running = text.split_ascii_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(running.unwrap_or(0))
}
