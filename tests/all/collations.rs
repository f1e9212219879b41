//! A database whose own collation is a language's: text goes by its bytes all the same.

use sqlift::types::Value;
use sqlift::{Connection, params_from_iter};

use crate::support;

const SCHEMA: &str = "
CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, n INTEGER);
INSERT INTO t VALUES (1, 'a', 3), (2, 'B', 1), (3, 'b', NULL), (4, NULL, 2);";

/// Statements over bound texts, which bring no column's collation with them.
const STATEMENTS: &[&str] = &[
    "SELECT ? UNION ALL SELECT ? ORDER BY 1",
    "SELECT ? AS x UNION SELECT ? ORDER BY x DESC",
    "SELECT ? UNION ALL SELECT ? ORDER BY 1 LIMIT 1",
    "SELECT x FROM (SELECT ? AS x UNION ALL SELECT ?) ORDER BY x",
    "SELECT max(x), min(x) FROM (SELECT ? AS x UNION ALL SELECT ?)",
    "SELECT * FROM (VALUES (?), (?)) ORDER BY 1",
    "WITH c(x) AS (VALUES (?), (?)) SELECT x FROM c ORDER BY x",
    "WITH c(x) AS (VALUES (?), (?)) SELECT x FROM c WHERE x < 'Z'",
    "WITH c(k) AS (SELECT ?1 UNION SELECT ?2) SELECT k, typeof(k), k || 'x' FROM c ORDER BY k",
    "WITH RECURSIVE c(s) AS (SELECT ?1 UNION ALL SELECT s || ?2 FROM c WHERE length(s) < 4) SELECT s FROM c ORDER BY s",
    "SELECT row_number() OVER (ORDER BY x), x FROM (SELECT ? AS x UNION ALL SELECT ?) ORDER BY 1",
    "SELECT x FROM (SELECT ? AS x UNION ALL SELECT ?) GROUP BY x ORDER BY x",
    "SELECT x, count(*) FROM (SELECT ? AS x UNION ALL SELECT ? UNION ALL SELECT s FROM t) GROUP BY x ORDER BY x",
    "SELECT iif(id > 2, ?, ?) AS y FROM t ORDER BY y",
    "SELECT iif(id > 2, ?, ?) AS y FROM t ORDER BY 1 DESC",
    "SELECT id FROM t ORDER BY iif(id > 2, ?, ?), id",
    "SELECT DISTINCT iif(id > 2, ?, ?) AS y FROM t ORDER BY y",
    "SELECT DISTINCT iif(id > 2, ?, ?) AS y FROM t ORDER BY 1",
    "SELECT iif(id > 2, ?, ?) AS y, count(*) FROM t GROUP BY y ORDER BY y",
    "SELECT max(iif(id > 2, ?1, ?2)), min(iif(id > 2, ?1, ?2)) FROM t",
    "SELECT max(?1, ?2, ?1), min(?1, ?2, ?1), max(?1, ?2), min(?2, ?1)",
    "SELECT max(?, ?, s), min(s, s || '', ?1) FROM t ORDER BY id",
    "SELECT coalesce(s, ?1), ?2 FROM t ORDER BY 1, n",
    "SELECT s FROM t WHERE s IN (SELECT ? UNION SELECT ?) ORDER BY s",
    "WITH c(k, v) AS (VALUES (?1, 1), (?2, 2)) SELECT t.id, c.v FROM t JOIN c ON t.s = c.k ORDER BY c.k",
    "SELECT s FROM t ORDER BY s",
    "SELECT upper(s) || 'x' FROM t ORDER BY 1",
];

fn rows(conn: &Connection, sql: &str, values: &[Value]) -> sqlift::Result<Vec<Vec<Value>>> {
    let mut statement = conn.prepare(sql)?;
    let (columns, wanted) = (statement.column_count(), statement.parameter_count());
    let row = |row: &sqlift::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map(params_from_iter(&values[..wanted]), row)?.collect()
}

#[test]
fn text_goes_by_its_bytes_where_the_databases_collation_is_a_languages() {
    let server = sqlift::testing::database();
    let admin = Connection::open_url(server.url()).expect("the server takes connections");
    let database = format!("by_language_{}", std::process::id());
    let create =
        format!("CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
    if let Err(error) = admin.native().execute_batch(&create) {
        println!("not tested, this server has no ICU: {error}");
        return;
    }
    {
        let conn = Connection::open_url(&support::with(server.url(), &format!("dbname={database}")))
            .expect("it takes connections");
        let by_language: bool =
            conn.native().query_row("SELECT 'a' < 'B'", [], |row| row.get(0)).expect("PostgreSQL compares texts");
        assert!(by_language, "this database goes by bytes itself");
        let sqlite = support::sqlite();
        for conn in [&sqlite, &conn] {
            conn.execute_batch(SCHEMA).expect("the schema is common ground");
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let pairs = [
            [text("a"), text("B")],
            [text("B"), text("a")],
            [Value::Integer(10), Value::Integer(9)],
            [Value::Real(1.5), Value::Real(-2.0)],
            [Value::Null, Value::Null],
        ];
        let mut wrong = Vec::new();
        for sql in STATEMENTS {
            for values in &pairs {
                let expected = rows(&sqlite, sql, values).expect("SQLite takes any class");
                match rows(&conn, sql, values) {
                    Ok(found) if found == expected => {}
                    // Values of unlike classes in one column.
                    Err(_) if !matches!(values[0], Value::Text(_)) => {}
                    found => wrong.push(format!("{sql} with {values:?}\n  {found:?}\n  {expected:?}")),
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    admin.native().execute_batch(&format!("DROP DATABASE {database} WITH (FORCE)")).expect("nobody uses it any more");
}
