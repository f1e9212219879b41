//! A list that is bound as JSON: `x IN (SELECT value FROM json_each(?))`, through common tables, views and JOIN USING too.

use crate::json::answer;
use crate::support;
use std::time::{Duration, Instant};

const SCHEMA: &str = r#"
    CREATE TABLE post(id INTEGER PRIMARY KEY, usr INTEGER, r REAL, s TEXT, n NUMERIC, c TEXT COLLATE NOCASE);
    INSERT INTO post VALUES
      (1, 2, 1.0, '1', 1, 'a'), (2, 3, 2.5, 'x', 2.5, 'B'), (3, NULL, 9007199254740992.0, '3', 3, NULL), (4, 5, 1e300, '2.5', 1e300, 'X');
    CREATE VIEW few AS SELECT value FROM json_each('[1,2,"3"]');
"#;

const LISTS: &[&str] = &[
    r#"[1,"2",2.5,"x",9007199254740993,null,1e400,1e300]"#,
    r#"[1,"2",2.5,"x",9007199254740992,1e400]"#,
    r#"[true,false,"0x1"," 1 ","1e0",[1],{"a":1},"","é"]"#,
    "[3.00000000000000000001,-1e400,9223372036854775808]",
    "[null]",
    "[]",
];

const STATEMENTS: &[&str] = &[
    "WITH ids AS (SELECT value AS id FROM json_each('[1,\"2\",3.0]')) SELECT * FROM post JOIN ids USING (id) ORDER BY id",
    "WITH ids AS (SELECT value AS id FROM json_each('[1,\"2\",3.0]')) SELECT id, usr FROM ids JOIN post USING (id) ORDER BY id",
    "WITH ids AS (SELECT value AS id FROM json_each('[1,\"2\",3.0]')) SELECT * FROM post NATURAL JOIN ids ORDER BY id",
    "WITH ids AS (SELECT value AS id FROM json_each('[1,\"2\",3.0]')) SELECT * FROM post LEFT JOIN ids USING (id) ORDER BY id",
    "WITH ids AS (SELECT value AS s FROM json_each('[1,\"2.5\",\"X\"]')) SELECT id, s FROM post JOIN ids USING (s) ORDER BY id",
    "WITH ids AS (SELECT value AS r FROM json_each('[1,\"2.5\",\"x\"]')) SELECT id, r FROM post JOIN ids USING (r) ORDER BY id",
    "WITH ids AS (SELECT value ->> 'id' AS id FROM json_each('[{\"id\":1},{\"id\":\"2\"}]')) SELECT id, usr FROM post JOIN ids USING (id) ORDER BY id",
    "SELECT id FROM post WHERE id IN (SELECT value ->> 'id' FROM json_each('[{\"id\":1},{\"id\":\"2\"},{\"id\":2.5}]')) ORDER BY id",
    "SELECT id FROM post WHERE id IN (SELECT json_extract(value, '$.id') FROM json_each('[{\"id\":1},{\"id\":\"2\"},{\"id\":true}]')) ORDER BY id",
    "SELECT id FROM post AS p WHERE id IN (SELECT value FROM json_each('[' || p.usr || ',1]')) ORDER BY id",
    "SELECT 1e999 IN (SELECT value FROM json_each('[1e400]')), 9223372036854775807 IN (SELECT value FROM json_each('[9223372036854775808]'))",
];

#[test]
fn lists_hold_what_they_hold_on_sqlite() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
        }
        let same = |sql: &str, list: &[&str]| {
            let params: Vec<_> = list.iter().map(|list| list.to_string().into()).collect();
            let expected = answer(&sqlite, sql, &params).expect(sql);
            assert_eq!(answer(postgres, sql, &params).expect(sql), expected, "{sql} of {list:?}");
        };
        for sql in STATEMENTS {
            same(sql, &[]);
        }
        for value in ["id", "usr", "r", "s", "n", "c", "id + 0", "r + 0", "s || ''", "2", "'2'", "NULL", "2.5"] {
            same(&format!("SELECT {value} IN few, {value} NOT IN few FROM post ORDER BY id"), &[]);
            for list in LISTS {
                for set in ["(SELECT value FROM json_each(?1))", "ids"] {
                    let with = "WITH ids AS (SELECT value FROM json_each(?1))";
                    same(
                        &format!("{with} SELECT {value} IN {set}, {value} NOT IN {set} FROM post ORDER BY id"),
                        &[list],
                    );
                    same(&format!("{with} SELECT id FROM post WHERE {value} IN {set} ORDER BY id"), &[list]);
                }
            }
        }
    });
}

#[test]
fn a_long_list_costs_little() {
    support::on_postgres(|postgres| {
        postgres.execute_batch("CREATE TABLE post(id INTEGER PRIMARY KEY, usr INTEGER, r REAL)").unwrap();
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)";
        postgres.execute(&format!("INSERT INTO post {rows} SELECT i, i, i FROM n"), []).unwrap();
        let list = format!("[{}]", (1..=2000).map(|id| id.to_string()).collect::<Vec<_>>().join(","));
        let time = |condition: &str| -> Duration {
            let sql = format!("SELECT count(*) FROM post WHERE {condition}");
            let start = Instant::now();
            assert_eq!(answer(postgres, &sql, &[list.clone().into()]).expect(&sql), ["Integer(2000) "], "{sql}");
            start.elapsed()
        };
        let plain = "id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))";
        for condition in [
            "id IN (SELECT value FROM json_each(?))",
            "usr IN (SELECT value FROM json_each(?))",
            "r IN (SELECT value FROM json_each(?))",
            "id IN (SELECT value ->> '$' FROM json_each(?))",
        ] {
            // In turns, so that what else the machine does meets both. Hundreds of times as much it was.
            let costs = (0..4).map(|_| (time(plain), time(condition)));
            let (plain, found) = costs.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))).expect("four");
            assert!(found < plain * 15, "{condition}: {found:?}, of integers {plain:?}");
        }
    });
}
