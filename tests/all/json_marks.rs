//! What is JSON to the function around it, on its way through subqueries, nullif() and GROUP BY; JSON values beside others.

use crate::json::answer;
use crate::support;

const SCHEMA: &str = r#"
    CREATE TABLE t(id INTEGER PRIMARY KEY, j TEXT, s TEXT, n INT, b BLOB, cat TEXT);
    INSERT INTO t(j, s, n, b, cat) VALUES
      ('{"a":[1,2],"v":1,"s":"x"}', 'x', 7, x'78', 'p'),
      ('{"a":{"b":1},"v":2.5,"s":"y"}', 'abc', 1, x'79', 'q'),
      ('{"a":"x","v":null,"s":[1]}', 'abd', NULL, NULL, 'p');
    CREATE TABLE u(id INTEGER PRIMARY KEY, k TEXT UNIQUE, j TEXT);
    INSERT INTO u(k, j) VALUES ('b', '[[1],"x"]'), ('a', '[{"c":2},3]');
"#;

const STATEMENTS: &[&str] = &[
    // A plain subquery hands the mark on,
    r#"SELECT json_group_array(v) FROM (SELECT value AS v FROM json_each('[[1],{"a":2},"x","[1]",null,2.5]'))"#,
    "SELECT json_array(v) FROM (SELECT value v FROM json_each('[[1],\"x\",3]'))",
    "SELECT json_group_array(v) FROM (SELECT value AS v FROM json_each('[[1],2]') WHERE type = 'array')",
    "SELECT json_group_array(q.v) FROM (SELECT e.value AS v, e.key AS k FROM json_each('[[1],2]') e WHERE e.key < 9) q WHERE q.k >= 0",
    "SELECT json_group_array(v) FILTER (WHERE v <> 2) FROM (SELECT value v FROM json_each('[[1],2]'))",
    "SELECT json_group_array(v ORDER BY v) FROM (SELECT value AS v FROM json_each('[[1],2]'))",
    "SELECT json_group_object(k, v) FROM (SELECT key AS k, value AS v FROM json_each('{\"p\":[1],\"q\":2}'))",
    "SELECT json_object('items', json_group_array(v)) FROM (SELECT value v FROM json_each('[[1],\"x\"]'))",
    "SELECT json_quote(v), json_array(coalesce(v, 0)), json_array(CASE WHEN 1 THEN v END) FROM (SELECT value v FROM json_each('[[1],\"x\",null]'))",
    "SELECT json_set('{}', '$.x', v) FROM (SELECT value AS v FROM json_each('[[1],2]'))",
    "SELECT (SELECT json_group_array(v) FROM (SELECT value v FROM json_each(t.j, '$.a'))) FROM t",
    "SELECT json_group_array(x) FROM (SELECT \"value\" AS x FROM json_each('[[1],[2]]') AS \"E e\")",
    "SELECT json_group_array(value) FROM (SELECT value FROM json_tree('[[1],2]'))",
    // one that sorts, leaves rows out, or whose results are marked by functions does not.
    "SELECT json_group_array(v) FROM (SELECT value AS v FROM json_each('[[1],2]') ORDER BY key DESC)",
    "SELECT json_group_array(v) FROM (SELECT value AS v FROM json_each('[[1],2]') LIMIT 3)",
    "SELECT json_group_array(v) FROM (SELECT DISTINCT value AS v FROM json_each('[[1],2]')) WHERE v <> 2",
    "SELECT json_group_array(v) FROM (SELECT value AS v FROM json_each('[[1]]') UNION ALL SELECT value FROM json_each('[[3]]'))",
    "SELECT json_group_array(v) FROM (SELECT json_extract(j, '$.a') AS v FROM t)",
    // Groups are sorted, unless their rows come so.
    "SELECT json_group_array(value) FROM json_each('[[1],2]') GROUP BY type ORDER BY type",
    "SELECT json_array(value) FROM json_each('[[1],2]') GROUP BY key ORDER BY key",
    "SELECT e.key, json_group_array(e.value) FROM u, json_each(u.j) e GROUP BY e.key ORDER BY 1",
    "SELECT u.id, json_group_array(e.value) FROM u, json_each(u.j) e GROUP BY u.id ORDER BY 1",
    "SELECT u.k, json_group_array(e.value) FROM u, json_each(u.j) e GROUP BY u.k ORDER BY 1",
    "SELECT t.cat, json_group_array(e.value) FROM t, json_each(t.j) e WHERE e.key = 'a' GROUP BY t.cat ORDER BY 1",
    // nullif() gives its first argument.
    "SELECT json_array(nullif(json_extract(j, '$.a'), '')) FROM t ORDER BY id",
    "SELECT json_group_array(nullif(json_extract(j, '$.a'), 'x')) FROM t",
    "SELECT json_object('a', nullif(json_extract(t.j, '$.v'), 1)) FROM t ORDER BY id",
    "SELECT json_array(nullif(value, '[1]'), nullif(value, 'x')) FROM json_each('[[1],\"x\",null,\"[1]\",3]')",
    "SELECT json_quote(nullif(value, 1)) FROM json_each('[[1],2,1]')",
    "SELECT json_array(nullif(j->'$.a', '')), json_array(nullif(j->>'$.a', '')) FROM t ORDER BY id",
    // Beside blobs, and in one list with others.
    "SELECT id, j->>'s' = b, j->>'s' <> b, j->>'s' < b, j->>'s' > b, b >= j->>'s' FROM t ORDER BY id",
    "SELECT id, j->>'s' IS b, b IS NOT j->>'s' FROM t ORDER BY id",
    "SELECT x.id FROM t x JOIN t y ON x.j->>'s' = y.b",
    "SELECT id, j->>'s' IN (b, 'x'), b IN (j->>'s', x'78') FROM t ORDER BY id",
    "SELECT id, CASE j->>'s' WHEN b THEN 1 WHEN 'x' THEN 2 END, CASE b WHEN j->>'s' THEN 1 ELSE 0 END FROM t ORDER BY id",
    "SELECT id FROM t WHERE b > j->>'s' AND b BETWEEN j->>'v' AND x'79' ORDER BY id",
    "SELECT id, 1 IN (2.0, j->>'v'), 1 IN (j->>'v', 2.5), 2.5 NOT IN (1, j->>'v', 'x') FROM t ORDER BY id",
    "SELECT 0 NOT IN (value, (value > key)), 1 NOT IN (2.0, value, 2) FROM json_each('[0,1,5]')",
    "SELECT FALSE = value, TRUE <> value, (value > 0) = value, value = TRUE FROM json_each('[0,1,2,\"1\"]')",
    "SELECT FALSE IN (j->>'v', 2), (n > 1) IN (j->>'v', 0) FROM t ORDER BY id",
    "SELECT id FROM t WHERE n IN (j->>'v', 7) ORDER BY id",
    // Numbers of them.
    "SELECT abs(value), typeof(abs(value)) FROM json_each('[\"a\",\"3\",-4,2.5,null,true,[1],\"-7x\"]')",
    "SELECT abs(j->>'s'), typeof(abs(j->>'$.v')), sum(abs(n)) OVER () FROM t ORDER BY id",
    "SELECT abs(value) + 1, typeof(abs(value) * 2), sum(abs(value)) OVER () FROM json_each('[-3,\"4\"]')",
    "SELECT sign(value), typeof(sign(value)) FROM json_each('[-3,2.5,\"-7x\",\"-7\",null,true,[1],0]')",
    "SELECT json_array(v), count(*) FROM (SELECT value v FROM json_each('[\"x\",\"y\"]'))",
    "SELECT max(v), json_array(v) FROM (SELECT value v FROM json_each('[\"x\",\"y\"]'))",
    "SELECT json_group_array(v), count(*) FROM (SELECT value v FROM json_each('[[\"x\"],\"y\"]'))",
    "SELECT sign(key), sign(atom) FROM json_each('[1,-2.5,\"3\"]')",
    "SELECT sign(j->>'v'), sign(json_extract(j, '$.v')) FROM t ORDER BY id",
];

#[test]
fn marks_are_sqlites() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
        }
        for sql in STATEMENTS {
            let expected = answer(&sqlite, sql, &[]);
            assert!(expected.is_ok(), "{sql}: {expected:?}");
            assert_eq!(answer(postgres, sql, &[]), expected, "{sql}");
        }
    });
}

/// Documents that are none fail when a row asks for them, not when the statement is planned.
#[test]
fn documents_are_read_when_they_are_asked_for() {
    let bad = || "bad".to_owned().into();
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
            conn.execute_batch("CREATE TABLE g(d TEXT, a AS (json_extract(d, '$.a')))").expect("creates");
            conn.execute_batch("CREATE TABLE c(d TEXT CHECK (json_extract(d, '$.a') > 0))").expect("creates");
            conn.execute_batch("CREATE TABLE i(d TEXT); CREATE INDEX ij ON i(json_extract(d, '$.a'))")
                .expect("creates");
        }
        for sql in [
            "UPDATE t SET s = json(?1) WHERE id = 99",
            "UPDATE t SET s = json(?1) WHERE json_valid(?1)",
            "INSERT INTO t(s) SELECT json(?1) WHERE json_valid(?1)",
            "SELECT id FROM t WHERE json_valid(?1) AND n IN (SELECT value FROM json_each(?1))",
            "SELECT CASE WHEN n > 50 THEN json(?1) ELSE 'raw' END FROM t",
            "SELECT coalesce(s, json(?1)) FROM t ORDER BY id",
            "SELECT id FROM t WHERE n = 77 AND s = json(?1)",
            "SELECT json_set(?1, '$.a', 1), json_extract(?1, '$.a'), ?1 -> 'a', json_type(?1) FROM t WHERE id = 99",
            "SELECT json_patch(?1, '{}'), json_array_length(?1) FROM t WHERE id = 99",
            "SELECT json('bad') FROM t WHERE ?1 IS NULL",
            "UPDATE t SET s = json(?1) WHERE id = 1",
            "SELECT value FROM json_each(?1)",
            "SELECT json(?1) FROM t",
            "INSERT INTO g(d) VALUES (?1)",
            "INSERT INTO c(d) VALUES (?1)",
            "INSERT INTO i(d) VALUES (?1)",
        ] {
            let [expected, found] = [&sqlite, &*postgres].map(|conn| answer(conn, sql, &[bad()]));
            assert_eq!(found, expected, "{sql}");
        }
    });
}

/// A document in JSON5 is read once a statement; what is taken out of it costs as much as it does of a column.
#[test]
fn a_constant_document_is_read_once() {
    support::on_postgres(|postgres| {
        postgres.execute_batch("CREATE TABLE many(id INTEGER PRIMARY KEY, d TEXT)").unwrap();
        let rows = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000)";
        postgres.execute(&format!("INSERT INTO many {rows} SELECT i, '{{\"a\":5}}' FROM c"), []).unwrap();
        let time = |condition: &str| {
            let start = std::time::Instant::now();
            let sql = format!("SELECT count(*) FROM many WHERE {condition} AND ?1 IS NOT NULL");
            assert_eq!(answer(postgres, &sql, &["{a:5}".to_owned().into()]).unwrap(), ["Integer(4) "]);
            start.elapsed()
        };
        let costs = (0..4).map(|_| (time("id < json_extract(d, '$.a')"), time("id < json_extract(?1, '$.a')")));
        let (column, bound) = costs.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))).unwrap();
        // Read for each row it took eighty times as much.
        assert!(bound < column * 20, "{bound:?} of a bound document, {column:?} of a column");
    });
}
