//! Scripts of many tables and indexes: what the one needs of the others is known without asking the server for each.

use std::fmt::Write as _;

use crate::support::{self, Log};
use sqlift::Connection;

fn log(conn: &Connection, statements: &[&str]) -> Log {
    let mut log = Log::default();
    for sql in statements {
        log.result(sql, conn.execute_batch(sql));
    }
    let mut schema =
        conn.prepare("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").expect("prepares");
    let rows = schema.query_map([], |row| Ok([0, 1, 2, 3].map(|at| row.get::<_, Option<String>>(at).expect("text"))));
    for row in rows.expect("runs") {
        log.value("schema", row.expect("a row"));
    }
    log
}

#[test]
fn a_script_knows_its_own_tables() {
    support::same(|conn| {
        log(
            conn,
            &[
                "CREATE TABLE a(id INTEGER PRIMARY KEY, n INTEGER UNIQUE, t TEXT COLLATE NOCASE, d DATE)",
                "CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER NOT NULL REFERENCES a ON DELETE CASCADE, x)",
                "CREATE TABLE c(k TEXT, b INTEGER, n INTEGER REFERENCES a(n), PRIMARY KEY(k, b)) WITHOUT ROWID",
                "CREATE INDEX a_t ON a(t, d DESC)",
                "CREATE UNIQUE INDEX b_x ON b(x)",
                "CREATE TABLE A(z)",
                "CREATE TABLE IF NOT EXISTS b(z)",
                "CREATE INDEX a_t ON b(a)",
                "CREATE INDEX IF NOT EXISTS a_t ON b(a)",
                "CREATE INDEX c_none ON c(none)",
                "CREATE INDEX none_n ON none(n)",
                "CREATE TABLE d(k TEXT, b INTEGER, FOREIGN KEY(k, b) REFERENCES c(k, b))",
                "CREATE TABLE e(t TEXT REFERENCES later(t))",
                "CREATE TABLE later(t TEXT PRIMARY KEY)",
                "CREATE TABLE f(n INTEGER UNIQUE ON CONFLICT REPLACE, a REFERENCES a ON DELETE SET NULL)",
                "CREATE TABLE g(id INTEGER PRIMARY KEY, f INTEGER REFERENCES f(n))",
                "CREATE VIEW v AS SELECT count(*) AS n FROM a",
                "CREATE TABLE v(n)",
                "CREATE TABLE h(id INTEGER PRIMARY KEY, b INTEGER REFERENCES b)",
                "INSERT INTO a VALUES (1, 2, 'x', '2024-01-01'); INSERT INTO b(a, x) VALUES (1, 1.5); INSERT INTO h VALUES (1, 1)",
                "INSERT INTO b(a, x) VALUES (1, 1.5)",
                "CREATE INDEX a_n ON a(n); CREATE UNIQUE INDEX h_b ON h(b)",
                "INSERT INTO h VALUES (2, 1); CREATE INDEX h_b_id ON h(b, id); CREATE TABLE other(n INTEGER)",
                "DROP TABLE h",
                "CREATE TABLE h(again TEXT)",
                "ALTER TABLE h ADD COLUMN more TEXT",
                "CREATE INDEX h_more ON h(more)",
                "CREATE TABLE i AS SELECT * FROM a",
                "CREATE INDEX i_n ON i(n)",
                "BEGIN; CREATE TABLE j(n); SAVEPOINT s; CREATE TABLE k(n); CREATE INDEX k_n ON k(n); ROLLBACK TO s",
                "CREATE TABLE k(m)",
                "CREATE INDEX k_n ON k(n)",
                "CREATE INDEX k_n ON k(m)",
                "ROLLBACK",
                "CREATE TABLE j(m INTEGER)",
                "CREATE INDEX j_m ON j(m)",
            ],
        )
    });
}

#[test]
fn another_connections_change_between_is_seen() {
    let database = sqlift::testing::database();
    let [one, other] = [0, 1].map(|_| Connection::open_url(database.url()).expect("connects"));
    one.execute_batch("CREATE TABLE a(n INTEGER); CREATE INDEX a_n ON a(n)").expect("creates");
    other.execute_batch("DROP TABLE a; CREATE TABLE b(id INTEGER PRIMARY KEY, t TEXT)").expect("changes");
    one.execute_batch("CREATE TABLE a(m INTEGER REFERENCES b)").expect("it is gone");
    other.execute_batch("CREATE TABLE c(n INTEGER)").expect("creates");
    one.execute_batch("CREATE INDEX a_m ON a(m); CREATE INDEX b_t ON b(t); CREATE INDEX c_n ON c(n)")
        .expect("all are there");
    one.native().execute_batch("DROP TABLE c").expect("drops");
    one.execute_batch("CREATE TABLE c(t TEXT); CREATE INDEX c_t ON c(t)").expect("it is gone");
    let taken = one.execute_batch("CREATE TABLE b(n)").expect_err("it is there");
    assert_eq!(taken.to_string(), "table b already exists in CREATE TABLE b(n) at offset 13");
}

#[test]
fn the_catalog_is_not_read_for_each() {
    support::on_postgres(|conn| {
        // A reading looks there for keys that wait, for actions and for what is looked at late; a table without keys does not.
        let scans = || -> i64 {
            let sql = "SELECT pg_stat_get_xact_numscans('pg_catalog.pg_trigger'::regclass)";
            conn.native().prepare(sql).expect("prepares").query_row([], |row| row.get(0)).expect("tells")
        };
        let script = |from: u32| {
            (from..from + 40).fold(String::new(), |mut script, n| {
                write!(script, "CREATE TABLE t{n}(a INTEGER, b TEXT); CREATE INDEX i{n} ON t{n}(a, b);")
                    .expect("writes");
                script
            })
        };
        conn.execute_batch("BEGIN").expect("begins");
        conn.execute_batch(&script(0)).expect("creates");
        let before = scans();
        conn.execute_batch(&script(40)).expect("creates");
        let looked = scans() - before;
        assert!(looked < 20, "{looked} scans for 80 statements");
        conn.execute_batch("COMMIT").expect("commits");
    });
}
