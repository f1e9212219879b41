//! NEW, OLD and `excluded`: their columns have less affinity and collation than a table's columns have.

use crate::constraint_conflicts::check;
use sqlift::Connection;
use sqlift::types::Value;

use crate::support;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, a TEXT COLLATE NOCASE, x TEXT, r REAL, n NUMERIC, b BLOB, u,
        d DATETIME, f BOOLEAN, z TEXT COLLATE RTRIM, g INTEGER AS (i + 1), res)",
    "CREATE TABLE s (k INTEGER PRIMARY KEY, i INTEGER, a TEXT COLLATE NOCASE, x TEXT, r REAL, d DATETIME)",
    "INSERT INTO s VALUES (1, 7, 'A', '7', 7, '2024-01-02'), (2, 8, 'a', 'b', 8, '2020-05-05')",
];

const ROW: &str =
    "INSERT INTO t (id, i, a, x, r, n, b, u, d, f, z) VALUES (7, 7, 'A', '7', 7, 7, x'41', 'A', '2024-01-02', 1, 'q ')";

/// Expressions over a row called ROW.
const EXPRESSIONS: &[&str] = &[
    "ROW.i = '7'",
    "'7' = ROW.i",
    "ROW.i <> '7'",
    "ROW.i IS '7'",
    "ROW.i IS NOT '7'",
    "ROW.i = ROW.x",
    "ROW.x > ROW.i",
    "ROW.x = 7",
    "ROW.r = '7'",
    "ROW.r = '7.0'",
    "ROW.n = '7'",
    "ROW.g = '8'",
    "ROW.f = '1'",
    "ROW.f = 1",
    "ROW.b = 'A'",
    "ROW.u = 'A'",
    "ROW.u = ROW.a",
    "ROW.id = '7'",
    "ROW.rowid = '7'",
    "ROW.oid < '8'",
    "ROW.d > '2020'",
    "ROW.d < '5'",
    "ROW.d < 5",
    "ROW.i > 6.5",
    "ROW.r > 6.5 AND ROW.r < 9007199254740993",
    "ROW.a = 'a'",
    "'a' = ROW.a",
    "ROW.a IS 'a'",
    "ROW.a > 'B' COLLATE NOCASE",
    "ROW.a COLLATE NOCASE = 'a'",
    "ROW.a = ROW.x",
    "ROW.z = 'q'",
    "ROW.a || ROW.z = 'Aq '",
    "ROW.i IN ('7')",
    "ROW.i IN (7, '8')",
    "'7' IN (ROW.i)",
    "ROW.x IN (7)",
    "ROW.x IN (ROW.i)",
    "ROW.a IN ('a', 'b')",
    "ROW.a IN (SELECT x FROM s)",
    "ROW.a IN (SELECT a FROM s)",
    "'a' IN (SELECT ROW.a)",
    "ROW.i IN (SELECT x FROM s)",
    "ROW.x IN (SELECT i FROM s)",
    "ROW.i IN (SELECT '7')",
    "ROW.i BETWEEN '5' AND '9'",
    "ROW.i BETWEEN 5 AND '9'",
    "'6' BETWEEN ROW.i AND 9",
    "ROW.a BETWEEN 'a' AND 'b'",
    "CASE ROW.i WHEN '7' THEN 'yes' ELSE 'no' END",
    "CASE ROW.a WHEN 'a' THEN 'yes' ELSE 'no' END",
    "CASE ROW.x WHEN 7 THEN 'yes' ELSE 'no' END",
    "ROW.a LIKE 'a'",
    "ROW.a GLOB 'a'",
    "ROW.i LIKE '7'",
    "nullif(ROW.i, '7')",
    "nullif(ROW.a, 'a')",
    "max(ROW.a, 'b', 'C')",
    "coalesce(ROW.a, 'x') = 'a'",
    "CAST(ROW.i AS INTEGER) = '7'",
    "CAST(ROW.a AS TEXT) = 'a'",
    "(ROW.i, ROW.a) = ('7', 'a')",
    "(ROW.i, 1) = ('7', 1)",
    "(ROW.i, ROW.a) IN (SELECT i, a FROM s)",
    "(SELECT ROW.i) = '7'",
    "(SELECT count(*) FROM s WHERE x = ROW.i)",
    "(SELECT count(*) FROM s WHERE x = ROW.r)",
    "(SELECT count(*) FROM s WHERE i = ROW.x)",
    "(SELECT count(*) FROM s WHERE a = ROW.a)",
    "(SELECT count(*) FROM s WHERE ROW.a = x)",
    "(SELECT count(*) FROM s WHERE d = ROW.d)",
    "(SELECT count(*) FROM s WHERE ROW.a BETWEEN a AND a)",
    "(SELECT count(*) FROM (SELECT ROW.i AS q) WHERE q = '7')",
    "(SELECT count(*) FROM (SELECT ROW.a AS q) WHERE q = 'a')",
    "(SELECT count(*) FROM (SELECT ROW.a AS q UNION SELECT 'a'))",
    "(SELECT group_concat(q) FROM (SELECT ROW.a AS q UNION ALL SELECT 'a' UNION ALL SELECT 'B' ORDER BY 1))",
    "(SELECT group_concat(q) FROM (SELECT q FROM (SELECT ROW.a AS q UNION ALL SELECT 'B') GROUP BY q ORDER BY q))",
    "typeof(ROW.r) || typeof(ROW.i) || typeof(ROW.n) || ROW.r",
    "ROW.x + 0",
    "iif(ROW.i = '7', 1, 0)",
];

fn checked(statements: impl IntoIterator<Item = String>) {
    let statements: Vec<String> = SCHEMA.map(str::to_owned).into_iter().chain(statements).collect();
    check(&statements.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn new_and_old_keep_the_rowids_affinity_and_all_collations() {
    for (row, event, write) in
        [("NEW", "INSERT", "SELECT 1"), ("NEW", "UPDATE", "UPDATE t SET n = n"), ("OLD", "DELETE", "DELETE FROM t")]
    {
        let told = EXPRESSIONS
            .iter()
            .enumerate()
            .map(|(number, expr)| format!("INSERT INTO told VALUES ({number}, {});\n", expr.replace("ROW", row)));
        checked([
            "CREATE TABLE told (number INTEGER PRIMARY KEY, said)".to_owned(),
            format!("CREATE TRIGGER tells AFTER {event} ON t BEGIN {}END", told.collect::<String>()),
            ROW.to_owned(),
            write.to_owned(),
            "SELECT number, said FROM told ORDER BY number".to_owned(),
        ]);
    }
}

#[test]
fn excluded_has_no_affinity_and_no_collation() {
    let upserts = EXPRESSIONS.iter().flat_map(|expr| {
        let expr = expr.replace("ROW", "excluded");
        [format!("{ROW} ON CONFLICT (id) DO UPDATE SET res = {expr}"), "SELECT res FROM t".to_owned()]
    });
    checked([ROW.to_owned()].into_iter().chain(upserts));
    checked(
        [
            ROW,
            &format!(
                "{ROW} ON CONFLICT (id) DO UPDATE SET d = excluded.d, a = excluded.a, n = excluded.n, z = excluded.z, \
                 x = excluded.a, u = excluded.a, i = max(excluded.i, t.i), res = coalesce(excluded.a, t.a)"
            ),
            &format!("{ROW} ON CONFLICT (id) DO UPDATE SET x = 'never' WHERE excluded.a = 'a'"),
            &format!("{ROW} ON CONFLICT (id) DO UPDATE SET x = excluded.a || t.a WHERE excluded.a = t.a"),
            "SELECT * FROM t",
        ]
        .map(str::to_owned),
    );
}

#[test]
fn conditions_of_triggers() {
    checked(
        [
            "CREATE TABLE told (said)",
            "CREATE TRIGGER a AFTER UPDATE ON t WHEN NEW.i = '8' BEGIN INSERT INTO told VALUES ('never'); END",
            "CREATE TRIGGER b AFTER UPDATE ON t WHEN NEW.i = 8 AND OLD.a = 'a' BEGIN INSERT INTO told VALUES ('told'); END",
            "CREATE TRIGGER c AFTER UPDATE ON t WHEN OLD.id = '7' BEGIN
                UPDATE t SET x = NEW.i, d = NEW.d, n = NEW.n WHERE a = NEW.a AND i = NEW.i AND d <= NEW.d; END",
            "CREATE TRIGGER e BEFORE UPDATE ON t WHEN NEW.f = '1' BEGIN SELECT RAISE(ABORT, 'never'); END",
            "CREATE VIEW v AS SELECT id, i, a, x, upper(a) AS above, i + 1 AS after, u FROM t",
            "CREATE TRIGGER f INSTEAD OF UPDATE ON v WHEN OLD.a = 'a' BEGIN INSERT INTO told VALUES (
                (OLD.i = '8') || (OLD.x = 8) || (OLD.above = 'a') || (OLD.after = '9') || (NEW.id = '7') || (OLD.u = 'A')); END",
            "CREATE TABLE bare (c TEXT, n INTEGER)",
            "CREATE TRIGGER g AFTER INSERT ON bare WHEN NEW.rowid = '1' AND NEW.n <> '5' BEGIN INSERT INTO told VALUES ('rowid'); END",
            ROW,
            "UPDATE t SET i = 8",
            "UPDATE v SET i = 3",
            "INSERT INTO bare VALUES ('x', 5)",
            "SELECT said FROM told ORDER BY said",
            "SELECT * FROM t",
        ]
        .map(str::to_owned),
    );
}

/// A parameter beside `excluded` stays of the class that was bound.
#[test]
fn parameters_beside_excluded() {
    let answers = |conn: &Connection| {
        conn.execute_batch(&SCHEMA.join(";")).unwrap();
        conn.execute(ROW, []).unwrap();
        let mut found = Vec::new();
        for expr in [
            "excluded.i = ?1",
            "?1 = excluded.x",
            "excluded.a = ?1",
            "excluded.n >= ?1",
            "excluded.r = ?1",
            "excluded.d < ?1",
            "excluded.f = ?1",
            "excluded.u = ?1",
            "excluded.i IN (?1, 5)",
            "excluded.i BETWEEN ?1 AND ?1",
            "CASE excluded.i WHEN ?1 THEN 'yes' ELSE 'no' END",
        ] {
            let mut upsert = conn.prepare(&format!("{ROW} ON CONFLICT (id) DO UPDATE SET res = {expr}")).unwrap();
            let values =
                [Value::Integer(7), Value::Real(7.0), Value::Text("7".into()), Value::Text("a".into()), Value::Null];
            for value in values {
                upsert.execute([&value]).unwrap();
                let said: Value = conn.query_row("SELECT res FROM t", [], |row| row.get(0)).unwrap();
                found.push(format!("{expr} with {value:?}: {said:?}"));
            }
        }
        found
    };
    let expected = answers(&support::sqlite());
    assert_eq!(support::on_postgres(|conn| answers(conn)), expected);
}
