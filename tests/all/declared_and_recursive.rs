//! Statements of programs that are found in the wild: columns declared JSONB, keys with a default, conflict targets with their
//! table's name, recursions whose first SELECT does not tell their types, sorted sets of JSON values, comments behind a CREATE.

use crate::constraint_conflicts::check;
use crate::differential::same_answers;
use crate::support;
use sqlift::Connection;

const DOCUMENTS: &str = "
CREATE TABLE s(id INTEGER PRIMARY KEY, j JSONB NOT NULL DEFAULT '{}', n INT);
INSERT INTO s VALUES (1, jsonb_array(1, 2), 1), (2, '{\"a\":{\"b\":[1,2]},\"t\":\"q\"}', 2), (3, jsonb('{\"a\":5}'), 3), (7, '42', 1),
    (8, 2.0, 1), (9, ' 1.50 ', 1), (10, 7, 1), (13, x'00ff', 1);
INSERT INTO s(id, n) VALUES (4, 4);
INSERT INTO s SELECT 20 + id, j, n FROM s WHERE id < 4;
INSERT INTO s(id, j) SELECT DISTINCT 30, '4' || '5' FROM s;
INSERT INTO s(id, j) SELECT 40 + n, n || '.0' FROM s WHERE id IN (1, 2) UNION ALL SELECT 50, '7.0';
UPDATE s SET j = '0' || '9' WHERE id = 4;
UPDATE s SET j = jsonb_set(j, '$.v', 3) WHERE id = 3;
ALTER TABLE s ADD COLUMN k JSONB;
UPDATE s SET k = j || '' WHERE id IN (7, 10);
CREATE VIEW v AS SELECT id, j FROM s;
CREATE TABLE made AS SELECT j FROM s WHERE id < 4;
CREATE TABLE u(j JSONB UNIQUE, x TEXT);
INSERT INTO u VALUES ('1', 'a') ON CONFLICT(u.j) DO NOTHING;
INSERT OR REPLACE INTO u VALUES (1, 'b');
CREATE TABLE strict(a ANY, b ANY) STRICT;
INSERT INTO strict VALUES ('42', 2.0);";

#[test]
fn columns_declared_jsonb_keep_blobs_and_texts_and_make_numbers_of_what_looks_like_one() {
    same_answers(
        DOCUMENTS,
        &[
            "SELECT id, j, typeof(j) FROM s WHERE id <> 3 AND id <> 23 ORDER BY id",
            "SELECT id, json(j), typeof(j), json_extract(j, '$.a') FROM s WHERE id IN (3, 23) ORDER BY id",
            "SELECT id, k, typeof(k) FROM s WHERE k IS NOT NULL ORDER BY id",
            "SELECT id FROM s WHERE j = '42' ORDER BY id",
            "SELECT id FROM s WHERE j > 1 ORDER BY id",
            "SELECT id FROM s WHERE j IN ('42', '1.50', '{}') ORDER BY id",
            "SELECT id FROM v WHERE j = '7' ORDER BY id",
            "SELECT typeof(j) FROM made ORDER BY 1",
            "SELECT sql FROM sqlite_master WHERE name IN ('s', 'made') ORDER BY name",
            "SELECT name, type, dflt_value FROM pragma_table_info('s') ORDER BY cid",
            "SELECT j, typeof(j), x FROM u",
            "SELECT a, typeof(a), b, typeof(b) FROM strict WHERE a = '42'",
        ],
    );
}

/// What is bound has its own class there, and NULL is none.
#[test]
fn columns_declared_jsonb_take_what_is_bound() {
    support::both(|conn: &mut Connection| {
        conn.execute_batch("CREATE TABLE s(id INTEGER PRIMARY KEY, j JSONB NOT NULL)").unwrap();
        let insert = "INSERT INTO s(j) VALUES (?)";
        conn.execute(insert, [&[0x4bu8, 0x13][..]]).unwrap();
        conn.execute(insert, ["42"]).unwrap();
        conn.execute(insert, [3.0]).unwrap();
        conn.execute(insert, ["{}"]).unwrap();
        conn.execute("INSERT INTO s(j) VALUES (jsonb(?))", ["[1]"]).unwrap();
        assert!(conn.execute(insert, [None::<String>]).is_err());
        assert!(conn.execute("INSERT INTO s(j) VALUES (nullif(?1, ?1) || '')", ["a"]).is_err());
        let classes: String = conn
            .query_row("SELECT group_concat(typeof(j)) FROM (SELECT j FROM s ORDER BY id)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(classes, "blob,integer,integer,text,blob");
    });
}

/// A column declared JSON is text, and says so of a blob.
#[test]
fn columns_declared_json_refuse_blobs() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE s(j JSON)").unwrap();
        for error in [
            conn.execute("INSERT INTO s VALUES (jsonb('[1]'))", []).unwrap_err(),
            conn.execute("INSERT INTO s VALUES (?)", [&[1u8][..]]).unwrap_err(),
        ] {
            assert!(error.to_string().contains("blob"), "{error}");
        }
    });
}

#[test]
fn conflict_targets_may_have_their_tables_name() {
    check(&[
        "CREATE TABLE h(id INTEGER PRIMARY KEY, u TEXT UNIQUE, n INT)",
        "INSERT INTO h VALUES (1, 'a', 1) ON CONFLICT(h.id) DO UPDATE SET n = 2",
        "INSERT INTO h VALUES (1, 'a', 1) ON CONFLICT(h.id) DO UPDATE SET n = 3",
        "INSERT INTO h VALUES (9, 'a', 1) ON CONFLICT(h.u COLLATE BINARY) DO UPDATE SET n = 4",
        "INSERT INTO h AS k VALUES (9, 'a', 1) ON CONFLICT(k.u) DO UPDATE SET n = k.n + 4",
        "INSERT INTO h VALUES (1, 'b', 1) ON CONFLICT(main.h.id) DO UPDATE SET n = 7",
        "INSERT INTO h VALUES (1, 'b', 1) ON CONFLICT(h.u) DO UPDATE SET n = 7 ON CONFLICT(h.id) DO UPDATE SET n = 8",
        "INSERT INTO h AS k VALUES (1, 'b', 1) ON CONFLICT(h.id) DO NOTHING",
        "INSERT INTO h VALUES (1, 'b', 1) ON CONFLICT(excluded.id) DO NOTHING",
        "INSERT INTO h VALUES (1, 'b', 1) ON CONFLICT(h.n) DO NOTHING",
        "CREATE UNIQUE INDEX hl ON h(lower(u))",
        "INSERT INTO h VALUES (5, 'A', 1) ON CONFLICT(lower(h.u)) DO UPDATE SET n = 11",
        "SELECT * FROM h",
    ]);
}

#[test]
fn defaults_of_integer_keys_are_never_used() {
    check(&[
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT DEFAULT 0, n)",
        "CREATE TABLE b(id INTEGER NOT NULL PRIMARY KEY DEFAULT NULL, n)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY DEFAULT 'x' NOT NULL, n)",
        "CREATE TABLE d(id INTEGER DEFAULT word, n, PRIMARY KEY(id))",
        "CREATE TABLE e(id INTEGER PRIMARY KEY DEFAULT (random()), n)",
        "INSERT INTO a DEFAULT VALUES",
        "INSERT INTO a(n) VALUES (3)",
        "INSERT OR REPLACE INTO a(id, n) VALUES (NULL, 4)",
        "INSERT INTO b(n) VALUES (1), (2)",
        "INSERT INTO c(n) VALUES (1), (2)",
        "INSERT INTO d(n) SELECT n FROM c",
        "INSERT INTO e(n) VALUES (1)",
        "SELECT 'a', * FROM a UNION ALL SELECT 'b', * FROM b UNION ALL SELECT 'c', * FROM c UNION ALL SELECT 'd', * FROM d ORDER BY 1, 2",
        "SELECT * FROM e",
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        "SELECT name, dflt_value, pk FROM pragma_table_info('a') ORDER BY cid",
        "SELECT name, dflt_value, pk FROM pragma_table_info('b') ORDER BY cid",
        "ALTER TABLE c RENAME COLUMN n TO m",
        "INSERT INTO c(m) VALUES (5)",
        "SELECT * FROM c",
    ]);
}

const TREE: &str = "
CREATE TABLE cat(id INTEGER PRIMARY KEY, parent INTEGER, name TEXT, w REAL, u TEXT COLLATE NOCASE, b BLOB, x);
INSERT INTO cat VALUES (1, NULL, 'a', 1.5, 'A', x'01', 1), (2, 1, 'b', 2, 'B', x'02', 'z'), (3, 2, 'c', 3, 'C', NULL, 2.5),
    (4, 1, 'd', NULL, 'D', x'04', NULL);
CREATE VIEW tv AS WITH RECURSIVE t AS (SELECT id, NULL AS p FROM cat WHERE parent IS NULL UNION ALL SELECT c.id, t.id FROM cat c JOIN t ON c.parent = t.id) SELECT * FROM t;
CREATE TABLE o(id INT, p INT);
WITH RECURSIVE t AS (SELECT id, NULL AS p FROM cat WHERE parent IS NULL UNION ALL SELECT c.id, t.id FROM cat c JOIN t ON c.parent = t.id) INSERT INTO o SELECT * FROM t;
INSERT INTO o WITH RECURSIVE t AS (SELECT id, NULL AS p FROM cat WHERE parent IS NULL UNION ALL SELECT c.id, t.id FROM cat c JOIN t ON c.parent = t.id) SELECT * FROM t;";

/// A recursion over the tree whose second column begins with NULL.
fn of_the_tree(step: &str) -> String {
    format!(
        "WITH RECURSIVE t(id, p) AS (SELECT id, NULL FROM cat WHERE parent IS NULL UNION ALL SELECT c.id, {step} \
         FROM cat c JOIN t ON c.parent = t.id) SELECT id, p, typeof(p) FROM t ORDER BY id"
    )
}

/// A recursion of four rows whose second column begins with one value and goes on as another.
fn of_four(first: &str, step: &str) -> String {
    format!(
        "WITH RECURSIVE q(a, e) AS (SELECT 0, {first} UNION ALL SELECT a + 1, {step} FROM q WHERE a < 3) SELECT a, e, typeof(e) FROM q"
    )
}

#[test]
fn recursions_have_the_types_that_they_go_on_with() {
    let steps =
        ["t.id", "c.name", "c.u", "c.b", "c.w", "c.x", "iif(c.id > 2, t.id, 7)", "coalesce(t.p || '/', '') || c.name"];
    let more = [
        "(SELECT max(w) FROM cat)",
        "c.id > 2",
        "length(c.name)",
        "json_extract('[1,\"x\"]', '$[' || (c.id - 2) || ']')",
    ];
    let mut statements: Vec<String> = steps.iter().chain(&more).map(|step| of_the_tree(step)).collect();
    for (first, step) in [
        ("0", "e + 1.5"),
        ("1", "e * 0.5"),
        ("1", "round(e + 1)"),
        ("1", "CASE WHEN a = 1 THEN 1.5 ELSE 1 END"),
        ("3", "CASE WHEN a = 1 THEN e / 2.0 ELSE e / 2 END"),
        ("1.5", "2"),
        ("(SELECT id FROM cat WHERE id = 1)", "e * 1.5"),
        ("0", "'x' || e"),
        ("'x'", "a"),
        ("0", "CASE a WHEN 0 THEN 'x' WHEN 1 THEN 2.5 ELSE x'01' END"),
        ("NULL", "NULL"),
        ("NULL", "coalesce(e, 0) + 1.5"),
    ] {
        statements.push(of_four(first, step));
    }
    let others = [
        "SELECT * FROM tv ORDER BY id",
        "SELECT * FROM o ORDER BY id, p",
        "WITH RECURSIVE t(id, p) AS (SELECT id, NULL FROM cat WHERE parent IS NULL UNION SELECT c.id, c.name FROM cat c JOIN t ON c.parent = t.id) SELECT * FROM t ORDER BY id",
        "WITH RECURSIVE q AS (SELECT NULL AS up, cat.* FROM cat WHERE parent IS NULL UNION ALL SELECT q.name, c.* FROM cat c JOIN q ON c.parent = q.id) SELECT id, up FROM q ORDER BY id",
        "WITH RECURSIVE f(n, a, b) AS (SELECT 1, NULL, 1 UNION ALL SELECT n + 1, b, coalesce(a, 0) + b FROM f WHERE n < 8) SELECT * FROM f",
        "WITH RECURSIVE split(w, r) AS (SELECT NULL, 'a,b,c,' UNION ALL SELECT substr(r, 1, instr(r, ',') - 1), substr(r, instr(r, ',') + 1) FROM split WHERE r <> '') SELECT w FROM split WHERE w IS NOT NULL",
        "WITH RECURSIVE q(a, e) AS (VALUES (0, 0) UNION ALL SELECT a + 1, e + 1.5 FROM q WHERE a < 3) SELECT a, e, typeof(e) FROM q",
        "WITH RECURSIVE q(a, e) AS (VALUES (0, NULL), (10, NULL) UNION ALL SELECT a + 1, a || '' FROM q WHERE a < 3) SELECT a, e FROM q ORDER BY a",
        "WITH RECURSIVE q(a, e) AS (SELECT 0, 0 UNION ALL SELECT a + 1, e + 1.5 FROM q WHERE a < 3 ORDER BY 1 DESC) SELECT a, e, typeof(e) FROM q",
        "WITH RECURSIVE q(a, e) AS (SELECT 0, 0 UNION ALL SELECT a + 1, e + 1.5 FROM q LIMIT 4) SELECT a, e, typeof(e) FROM q",
        "WITH RECURSIVE q(a, e) AS (SELECT 0, 0 UNION ALL SELECT a + 1, e + 1.5 FROM q WHERE e < 6) SELECT sum(e), max(e), avg(e) FROM q",
        "WITH RECURSIVE t(id, p, l) AS (SELECT id, NULL, 0 FROM cat WHERE parent IS NULL UNION ALL SELECT c.id, t.id, l + 1.5 FROM cat c JOIN t ON c.parent = t.id ORDER BY 3 DESC, 1) SELECT * FROM t",
    ];
    statements.extend(others.map(str::to_owned));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    same_answers(TREE, &statements);
}

#[test]
fn distinct_json_values_are_sorted_by_class() {
    same_answers(
        "CREATE TABLE m(id INTEGER PRIMARY KEY, j TEXT, u TEXT);
         INSERT INTO m(j, u) VALUES ('[\"b\",1]', 'x'), ('[\"a\",2]', 'y'), ('[\"b\",1]', 'x'), ('[3,null]', 'x'), ('[10.5,\"z\"]', 'x'),
             ('[null]', 'x'), ('[[1, 2]]', 'x');
         CREATE TABLE tags(id INTEGER PRIMARY KEY, t TEXT);
         INSERT INTO tags(t) SELECT DISTINCT e.value FROM m, json_each(m.j) e WHERE e.type = 'text' ORDER BY e.value;",
        &[
            "SELECT DISTINCT json_extract(j, '$[0]') FROM m ORDER BY 1",
            "SELECT DISTINCT json_extract(j, '$[0]') FROM m ORDER BY json_extract(j, '$[0]')",
            "SELECT DISTINCT j->>0 AS a FROM m ORDER BY a DESC",
            "SELECT DISTINCT j->>0 AS a, j->>1 AS b FROM m ORDER BY 1, b DESC LIMIT 3",
            "SELECT DISTINCT u, j->>0 AS a FROM m ORDER BY a, u",
            "SELECT DISTINCT value FROM json_each('[3,1,\"a\",1,null,2.5]') ORDER BY value",
            "SELECT DISTINCT value, type FROM json_each('[3,1,\"a\",1,null,2.5]') ORDER BY 1 DESC, type",
            "SELECT DISTINCT * FROM json_each('[3,1,\"a\",1]') ORDER BY value, key",
            "SELECT count(*), max(v) FROM (SELECT DISTINCT e.value AS v FROM m, json_each(m.j) e ORDER BY v LIMIT 4)",
            "SELECT DISTINCT e.value FROM m, json_each(m.j) e WHERE m.id < 4 ORDER BY e.value",
            "SELECT * FROM tags",
        ],
    );
}

/// A view's text ends with its last comment, an index's with the blanks behind it.
#[test]
fn comments_behind_the_last_word_stay() {
    check(&[
        "CREATE TABLE t(n)",
        "CREATE VIEW v1 AS SELECT n FROM t -- gen",
        "CREATE VIEW v2 AS SELECT n FROM t /* gen */ ;",
        "CREATE VIEW v3 AS SELECT n FROM t /* a */ -- b\n  ",
        "CREATE INDEX i1 ON t(n) -- gen",
        "CREATE INDEX i2 ON t(n) /* x */ ;",
        "CREATE UNIQUE INDEX i3 ON t(n) WHERE n > 5   ",
        "SELECT name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name",
        "SELECT name FROM sqlite_master WHERE sql GLOB '*-- gen' ORDER BY 1",
        "ALTER TABLE t RENAME COLUMN n TO m",
        "SELECT name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name",
        "SELECT * FROM v1",
    ]);
}
