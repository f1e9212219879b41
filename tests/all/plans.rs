//! Indexes are used after translation as they are on SQLite, or by the same statement written for PostgreSQL.

use crate::support;
use sqlift::types::Value;
use sqlift::{Connection, params_from_iter};

const LIFTED: &str = "
CREATE TABLE person(id INTEGER PRIMARY KEY, n INTEGER, m INTEGER NOT NULL, s TEXT, x REAL, active BOOLEAN NOT NULL,
    at DATETIME NOT NULL, email TEXT COLLATE NOCASE, code TEXT NOT NULL, b BLOB);
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 12000)
INSERT INTO person SELECT i, i, i, 'name ' || i, i * 0.5, i % 200 = 0, datetime('2020-01-01', '+' || i || ' hours'),
    'User' || i || '@example.org', i, CAST('key ' || i AS BLOB) FROM c;
CREATE INDEX person_n ON person(n);
CREATE INDEX person_m ON person(m);
CREATE INDEX person_s ON person(s);
CREATE INDEX person_x ON person(x);
CREATE INDEX person_active ON person(active);
CREATE INDEX person_at ON person(at);
CREATE INDEX person_email ON person(email);
CREATE UNIQUE INDEX person_code ON person(code);
CREATE INDEX person_b ON person(b);
CREATE INDEX person_day ON person(date(at));
CREATE INDEX person_month ON person(strftime('%Y-%m', at), n);
CREATE TABLE job(id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person(id), state TEXT NOT NULL);
INSERT INTO job SELECT id, id, CASE WHEN id % 100 THEN 'done' ELSE 'open' END FROM person;
CREATE INDEX job_person ON job(person_id);
CREATE INDEX job_open ON job(person_id) WHERE state = 'open';";

const NATIVE: &str = "
CREATE TABLE account(id bigint PRIMARY KEY, small integer NOT NULL, active boolean NOT NULL, at timestamptz NOT NULL, day date NOT NULL,
    price numeric(12, 2) NOT NULL, key uuid NOT NULL);
INSERT INTO account SELECT i, i, i % 200 = 0, timestamptz '2020-01-01 00:00:00Z' + i * interval '1 hour', date '2020-01-01' + i,
    i / 100.0, pg_catalog.md5(i::text)::uuid FROM pg_catalog.generate_series(1, 12000) AS i;
CREATE INDEX account_small ON account(small);
CREATE INDEX account_active ON account(active);
CREATE INDEX account_at ON account(at);
CREATE INDEX account_day ON account(day);
CREATE INDEX account_price ON account(price);
CREATE INDEX account_key ON account(key);
ANALYZE;";

fn plan(conn: &Connection, sql: &str, values: &[Value]) -> String {
    let mut statement = conn.prepare(&format!("EXPLAIN {sql}")).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let lines = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0));
    let lines: sqlift::Result<Vec<_>> = lines.and_then(Iterator::collect);
    lines.unwrap_or_else(|error| panic!("{sql}: {error}")).join("\n")
}

/// The statement, what is bound, the index that serves it, and what must not be in the plan.
type Case = (&'static str, Vec<Value>, &'static str, &'static str);

#[test]
fn statements_keep_their_indexes() {
    let integer = |integer: i64| vec![Value::Integer(integer)];
    let real = |real: f64| vec![Value::Real(real)];
    let text = |text: &str| vec![Value::Text(text.to_owned())];
    let texts = |a: &str, b: &str| vec![Value::Text(a.to_owned()), Value::Text(b.to_owned())];
    let blobs = |blobs: &[&str]| blobs.iter().map(|blob| Value::Blob(blob.as_bytes().to_vec())).collect::<Vec<_>>();
    let none = Vec::new;
    let cases: Vec<Case> = vec![
        ("SELECT n FROM person WHERE b = ?", blobs(&["key 7"]), "person_b", "sqlift"),
        ("SELECT n FROM person WHERE b IN (?, ?)", blobs(&["key 7", "key 8"]), "person_b", "sqlift"),
        ("SELECT n FROM person WHERE b BETWEEN ? AND ?", blobs(&["key 70", "key 71"]), "person_b", "sqlift"),
        ("SELECT n FROM person WHERE b >= ? AND b < 'x'", blobs(&["key 9999"]), "person_b", "sqlift"),
        (
            "SELECT n FROM person WHERE b = ? AND s <> ?",
            vec![Value::Blob(b"key 7".to_vec()), Value::Blob(b"name 7".to_vec())],
            "person_b",
            "sqlift",
        ),
        ("SELECT s FROM person WHERE id = ?", integer(7), "person_pkey", ""),
        ("SELECT s FROM person WHERE rowid = 7", none(), "person_pkey", ""),
        ("SELECT s FROM person WHERE id = ?", text("7"), "person_pkey", ""),
        ("SELECT s FROM person WHERE id = ?", real(7.0), "person_pkey", ""),
        ("SELECT s FROM person WHERE active = 1", none(), "person_active", ""),
        ("SELECT s FROM person WHERE active = ?", integer(1), "person_active", ""),
        ("SELECT s FROM person WHERE active = TRUE", none(), "person_active", ""),
        ("SELECT s FROM person WHERE n = 70", none(), "person_n", ""),
        ("SELECT s FROM person WHERE n = '70'", none(), "person_n", ""),
        ("SELECT s FROM person WHERE n == ?", integer(70), "person_n", ""),
        ("SELECT s FROM person WHERE n IS ?", integer(70), "", ""),
        ("SELECT s FROM person WHERE n > ? AND n < 11990", integer(11980), "person_n", ""),
        ("SELECT s FROM person WHERE n BETWEEN ? AND ?", vec![Value::Integer(5), Value::Integer(9)], "person_n", ""),
        ("SELECT s FROM person WHERE n IN (1, 2, 3)", none(), "person_n", ""),
        ("SELECT s FROM person WHERE n IN (?, ?)", vec![Value::Integer(5), Value::Integer(9)], "person_n", ""),
        ("SELECT s FROM person WHERE x = ?", real(7.5), "person_x", ""),
        ("SELECT s FROM person WHERE x < 3.5", none(), "person_x", ""),
        ("SELECT s FROM person WHERE x = ?", integer(7), "person_x", ""),
        ("SELECT s FROM person WHERE x > ? + 1", integer(5_990), "person_x", ""),
        ("SELECT s FROM person WHERE 2 * ? >= x", integer(2), "person_x", ""),
        ("SELECT s FROM person WHERE x = (? - 1) * 2", integer(7), "person_x", ""),
        ("SELECT s FROM person WHERE x > ? + 1", real(5_990.5), "person_x", ""),
        ("SELECT n FROM person WHERE s = 'name 7'", none(), "person_s", ""),
        ("SELECT n FROM person WHERE s = ?", text("name 7"), "person_s", ""),
        ("SELECT n FROM person WHERE s >= ? AND s < ?", texts("name 70", "name 71"), "person_s", ""),
        ("SELECT n FROM person WHERE code LIKE '777%'", none(), "person_code", ""),
        ("SELECT n FROM person WHERE code = ?", integer(777), "person_code", ""),
        ("SELECT n FROM person WHERE email = 'USER7@example.org'", none(), "person_email", ""),
        ("SELECT n FROM person WHERE email = ?", text("USER7@example.org"), "person_email", ""),
        ("SELECT n FROM person WHERE email LIKE 'USER77%'", none(), "person_email", ""),
        ("SELECT n FROM person WHERE email LIKE ?", text("uSer77%"), "person_email", ""),
        ("SELECT n FROM person WHERE at >= '2020-01-05' AND at < '2020-01-06'", none(), "person_at", ""),
        ("SELECT n FROM person WHERE at >= ? AND at < ?", texts("2020-01-05", "2020-01-06"), "person_at", ""),
        ("SELECT n FROM person WHERE at BETWEEN ? AND ?", texts("2020-01-05", "2020-01-06"), "person_at", ""),
        (
            "SELECT n FROM person WHERE at > datetime('2021-05-01', '-1 day') AND at < '2021-05-01'",
            none(),
            "person_at",
            "sqlift",
        ),
        ("SELECT n FROM person WHERE at >= datetime('now', '-7 days')", none(), "person_at", ""),
        ("SELECT n FROM person WHERE at >= date('now', 'start of month', '-1 month')", none(), "person_at", ""),
        ("SELECT n FROM person WHERE at = datetime(?, '+1 day')", text("2021-01-01"), "person_at", ""),
        ("SELECT n FROM person WHERE at = datetime(?, 'unixepoch')", integer(1_600_000_000), "person_at", ""),
        ("SELECT n FROM person WHERE date(at) = '2020-05-01'", none(), "person_day", ""),
        ("SELECT n FROM person WHERE date(at) = ?", text("2020-05-01"), "person_day", ""),
        (
            "SELECT n FROM person p WHERE date(p.at) BETWEEN ? AND ?",
            texts("2020-05-01", "2020-05-03"),
            "person_day",
            "",
        ),
        ("SELECT n FROM person WHERE date(at) >= date('now', '-7 days')", none(), "person_day", ""),
        ("SELECT n FROM person ORDER BY date(at) LIMIT 10", none(), "person_day", "Sort"),
        ("SELECT n FROM person WHERE strftime('%Y-%m', at) = ? ORDER BY n", text("2020-05"), "person_month", ""),
        ("SELECT n FROM person ORDER BY at LIMIT 10", none(), "person_at", "Sort"),
        ("SELECT n FROM person ORDER BY at DESC LIMIT 10", none(), "person_at", "Sort"),
        ("SELECT n FROM person ORDER BY m LIMIT ?", integer(10), "person_m", "Sort"),
        ("SELECT n FROM person ORDER BY n LIMIT 10", none(), "person_n", "Sort"),
        ("SELECT n FROM person ORDER BY n DESC LIMIT 10", none(), "person_n", "Sort"),
        ("SELECT n FROM person ORDER BY s LIMIT 10 OFFSET 20", none(), "person_s", "Sort"),
        ("SELECT n FROM person ORDER BY email LIMIT 10", none(), "person_email", "Sort"),
        ("SELECT max(m), min(at) FROM person", none(), "person_m", "Seq Scan"),
        ("SELECT max(n) FROM person", none(), "person_n", "Seq Scan"),
        (
            "SELECT p.s, j.state FROM job j JOIN person p ON p.id = j.person_id WHERE j.person_id = ?",
            integer(7),
            "job_person",
            "Seq Scan",
        ),
        (
            "SELECT p.s FROM person p LEFT JOIN job j ON j.person_id = p.id AND j.state = 'open' WHERE p.id = 7",
            none(),
            "person_pkey",
            "Seq Scan on person",
        ),
        (
            "SELECT s FROM person WHERE EXISTS (SELECT 1 FROM job WHERE person_id = person.id AND state = 'open') AND m < 10",
            none(),
            "person_m",
            "",
        ),
        (
            "SELECT s FROM person WHERE id IN (SELECT person_id FROM job WHERE id = 7)",
            none(),
            "person_pkey",
            "Seq Scan",
        ),
        ("SELECT id FROM job WHERE state = 'open' AND person_id = 100", none(), "job_", "Seq Scan"),
        ("UPDATE person SET s = ? WHERE id = ?", vec![Value::Text("x".into()), Value::Integer(7)], "person_pkey", ""),
        ("UPDATE person SET active = 0 WHERE active = 1 AND n < 10", none(), "person_", "Seq Scan"),
        ("DELETE FROM job WHERE person_id = ?", integer(7), "job_person", "Seq Scan"),
        (
            "INSERT INTO person(id, m, active, at, code) VALUES (7, 1, 1, 'x', 'y') ON CONFLICT(id) DO UPDATE SET m = m + 1",
            none(),
            "person_pkey",
            "",
        ),
        (
            "INSERT INTO person(m, active, at, code) VALUES (1, 1, 'x', ?) ON CONFLICT(code) DO UPDATE SET m = excluded.m",
            text("y"),
            "person_code",
            "",
        ),
        ("SELECT id FROM account WHERE active = 1", none(), "account_active", ""),
        ("SELECT id FROM account WHERE active = ?", integer(1), "account_active", ""),
        ("SELECT id FROM account WHERE active", none(), "account_active", ""),
        ("SELECT id FROM account WHERE small = ?", integer(7), "account_small", ""),
        ("SELECT id FROM account WHERE small = 7", none(), "account_small", ""),
        ("SELECT id FROM account WHERE at >= ? AND at < ?", texts("2020-01-05", "2020-01-06"), "account_at", ""),
        ("SELECT id FROM account WHERE at >= '2020-01-05' AND at < '2020-01-06 12:00:00'", none(), "account_at", ""),
        ("SELECT id FROM account WHERE day = ?", text("2020-01-05"), "account_day", ""),
        ("SELECT id FROM account WHERE day BETWEEN '2020-01-05' AND '2020-01-07'", none(), "account_day", ""),
        ("SELECT id FROM account WHERE price = ?", real(1.5), "account_price", ""),
        ("SELECT id FROM account WHERE price < 0.05", none(), "account_price", ""),
        ("SELECT id FROM account WHERE key = ?", text("c4ca4238-a0b9-2382-0dcc-509a6f75849b"), "account_key", ""),
        ("SELECT id FROM account ORDER BY at LIMIT 10", none(), "account_at", "Sort"),
    ];
    support::on_postgres(|conn| {
        conn.execute_batch(LIFTED).expect("creates");
        conn.native().execute_batch(NATIVE).expect("creates");
        let mut wrong = String::new();
        for (sql, values, index, not) in &cases {
            let plan = plan(conn, sql, values);
            if !plan.contains(index) || !not.is_empty() && plan.contains(not) {
                wrong += &format!("{sql} {values:?}\n{plan}\n\n");
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    });
}

/// On SQLite LIKE folds ASCII letters alone, with or without an index.
#[test]
fn like_on_a_nocase_column_answers_the_same() {
    let run = |conn: &Connection| {
        conn.execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT COLLATE NOCASE);
             INSERT INTO t(s) VALUES ('Abc'), ('aBD'), ('Äb'), ('äb'), ('a%b'), ('A\\b'), (''), (NULL), ('xAb'), ('aEb')",
        )
        .expect("creates");
        let mut log = support::Log::default();
        let patterns = ["a%", "AB_", "ä%", "Ä%", "%b", "A\\%b", "aE%", "", "%"];
        let sqls = ["s LIKE ?", "s NOT LIKE ?", "s LIKE ? ESCAPE '\\'", "s LIKE ? ESCAPE 'E'"];
        for (sql, pattern) in sqls.iter().flat_map(|sql| patterns.map(|pattern| (sql, pattern))) {
            let mut statement = conn.prepare(&format!("SELECT id FROM t WHERE {sql} ORDER BY id")).expect(sql);
            let ids = statement
                .query_map([pattern], |row| row.get::<_, i64>(0))
                .and_then(Iterator::collect::<sqlift::Result<Vec<_>>>);
            log.value(&format!("{sql} {pattern}"), ids.ok());
            let literal = sql.replace('?', &format!("'{pattern}'"));
            let count =
                conn.query_row(&format!("SELECT count(*) FROM t WHERE {literal}"), [], |row| row.get::<_, i64>(0));
            log.value(&literal, count.ok());
        }
        log
    };
    let expected = run(&support::sqlite());
    let found = support::on_postgres(|conn| run(conn));
    found.same_as(&expected).unwrap_or_else(|differences| panic!("{differences}"));
}
