//! INSERT from a query that compares its rows: the ids that these get are no part of what is compared.

use sqlift::Connection;
use sqlift::types::Value;

use crate::support::{self, Log};

const SCHEMA: &str = "
    CREATE TABLE f(id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO f(name) VALUES ('c'), ('a'), ('b'), ('a');
    CREATE TABLE n(idx INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE h(a TEXT, b);
    CREATE TABLE k(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TRIGGER filed AFTER INSERT ON f BEGIN
        INSERT INTO n SELECT DISTINCT NULL, NEW.name || id % 2 FROM f ORDER BY 2;
        INSERT OR IGNORE INTO h(rowid, a) SELECT NULL, 't' UNION SELECT 1, 'u';
    END;";

#[test]
fn ids_are_given_behind_distinct_and_sets() {
    let statements: &[(&str, &[Option<i64>])] = &[
        ("INSERT INTO n(idx, name) SELECT DISTINCT NULL, name FROM f ORDER BY name", &[]),
        ("INSERT INTO n(idx, name) SELECT DISTINCT NULL, name FROM f ORDER BY 2 DESC LIMIT 2", &[]),
        ("INSERT INTO n SELECT NULL, name FROM f UNION SELECT NULL, 'zz'", &[]),
        (
            "INSERT INTO n SELECT 50, name FROM f WHERE id = 1 UNION ALL SELECT NULL, 'zz' UNION ALL SELECT NULL, 'zy'",
            &[],
        ),
        ("INSERT OR IGNORE INTO n SELECT DISTINCT ?1, name FROM f ORDER BY name", &[None]),
        ("INSERT OR IGNORE INTO n SELECT DISTINCT ?1, name FROM f ORDER BY name", &[Some(2)]),
        ("INSERT INTO n SELECT DISTINCT (SELECT max(idx) + 10 FROM n), name FROM f WHERE id = 2", &[]),
        ("REPLACE INTO n SELECT DISTINCT NULL, name FROM f WHERE id > 2 ORDER BY name RETURNING idx, name", &[]),
        ("INSERT INTO n SELECT DISTINCT NULL, name FROM f WHERE true ORDER BY name ON CONFLICT(idx) DO NOTHING", &[]),
        ("INSERT INTO h(rowid, a) SELECT DISTINCT NULL, name FROM f ORDER BY name", &[]),
        ("INSERT INTO h(rowid, a, b) SELECT NULL, name, id FROM f UNION SELECT NULL, 'q', 2.5", &[]),
        ("INSERT INTO f(name) VALUES ('fired')", &[]),
        ("INSERT INTO n WITH x AS (SELECT 'w' AS v UNION ALL SELECT 'w') SELECT DISTINCT NULL, v FROM x", &[]),
        ("INSERT INTO n SELECT DISTINCT NULL AS idx, name FROM f GROUP BY name ORDER BY name", &[]),
        ("INSERT INTO n SELECT DISTINCT CASE WHEN id = 2 THEN 5000 END, name FROM f ORDER BY 1 DESC, 2", &[]),
        ("INSERT INTO k SELECT DISTINCT NULL, name FROM f WHERE id < 3 ORDER BY name", &[]),
        ("INSERT OR REPLACE INTO k SELECT DISTINCT NULL, name FROM f ORDER BY name DESC", &[]),
        (
            "INSERT INTO k SELECT NULL, 'a' UNION SELECT NULL, 'A0' ON CONFLICT(name) DO UPDATE SET name = name || '!'",
            &[],
        ),
        ("INSERT INTO n SELECT DISTINCT 'x', name FROM f", &[]),
    ];
    support::portably_same(|conn: &mut Connection| {
        conn.execute_batch(SCHEMA).unwrap();
        let mut log = Log::default();
        for (sql, bound) in statements {
            let rows = |sql: &str, bound: &[Option<i64>]| {
                let mut statement = conn.prepare(sql)?;
                let width = statement.column_count();
                let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
                statement.query_map(sqlift::params_from_iter(bound), row)?.collect::<sqlift::Result<Vec<Vec<Value>>>>()
            };
            let written = rows(sql, bound);
            log.result(sql, written.map(|rows| (rows, conn.changes(), conn.last_insert_rowid())));
            for table in ["n", "k"] {
                log.result(table, rows(&format!("SELECT * FROM {table} ORDER BY 1"), &[]));
            }
            log.result("h", rows("SELECT rowid, a, b FROM h ORDER BY 1", &[]));
        }
        log
    });
}
