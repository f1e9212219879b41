//! Columns without a declared type: values of every storage class in them, on both databases.
//!
//! Rows are compared with their storage classes; without ORDER BY in an order of ours. What PostgreSQL refuses is listed, and has
//! not happened on SQLite either.

use crate::differential::answer;
use crate::support;
use sqlift::Connection;
use sqlift::types::Value;

pub struct Both {
    sqlite: Connection,
    postgres: Connection,
    _database: sqlift::testing::TestDatabase,
    pub refused: Vec<String>,
    pub wrong: Vec<String>,
}

impl Both {
    pub fn new() -> Both {
        Both::with("")
    }

    /// With a parameter in PostgreSQL's URL.
    pub fn with(parameter: &str) -> Both {
        let database = sqlift::testing::database();
        let url = support::with(database.url(), parameter);
        let postgres = Connection::open_url(&url).expect("the server takes connections");
        Both { sqlite: support::sqlite(), postgres, _database: database, refused: Vec::new(), wrong: Vec::new() }
    }

    pub fn run(&mut self, sql: &str, params: &[Value]) {
        let ask = |conn: &Connection| {
            let found = answer(conn, sql, params, false)?;
            let mut rows: Vec<&str> = found.split("\n      ").collect();
            if !sql.contains("ORDER BY") {
                rows[1..].sort_unstable();
            }
            Ok::<_, sqlift::Error>(rows.join("\n      ").replace("REAL -0.0", "REAL 0.0"))
        };
        self.sqlite.execute_batch("SAVEPOINT one").expect("a savepoint can be set");
        match (ask(&self.sqlite), ask(&self.postgres)) {
            (Ok(expected), Ok(found)) if expected == found => {}
            // The messages have tests of their own.
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => {
                self.sqlite.execute_batch("ROLLBACK TO one").expect("the savepoint is there");
                let first = error.to_string().lines().next().unwrap_or_default().to_owned();
                self.refused.push(format!("{sql} {params:?}: {first}"));
            }
            (expected, found) => {
                self.wrong.push(format!("{sql} {params:?}\n  SQLite     {expected:?}\n  PostgreSQL {found:?}"))
            }
        }
        self.sqlite.execute_batch("RELEASE one").expect("the savepoint is there");
    }

    pub fn all(&mut self, statements: &[&str]) {
        for sql in statements {
            self.run(sql, &[]);
        }
    }

    /// A statement a line, behind `<-` what is bound, as JSON.
    pub fn lines(&mut self, statements: &str) {
        for line in statements.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (sql, bound) = line.split_once(" <- ").unwrap_or((line, "[]"));
            let bound: Vec<serde_json::Value> = serde_json::from_str(bound).expect(line);
            let value = |value: serde_json::Value| match value {
                serde_json::Value::Null => Value::Null,
                serde_json::Value::String(text) => Value::Text(text),
                serde_json::Value::Number(number) => {
                    number.as_i64().map_or_else(|| Value::Real(number.as_f64().expect(line)), Value::Integer)
                }
                other => panic!("{line}: {other} cannot be bound"),
            };
            let bound: Vec<Value> = bound.into_iter().map(value).collect();
            self.run(sql, &bound);
        }
    }

    pub fn is_before(&self, version: u32) -> bool {
        support::is_before(&self.postgres, version)
    }

    /// `refused`: a word of each statement that PostgreSQL refuses, and how many have it.
    #[track_caller]
    pub fn end(self, refused: &[(&str, usize)]) {
        assert!(self.wrong.is_empty(), "{} differ:\n{}", self.wrong.len(), self.wrong.join("\n"));
        let left: Vec<&String> =
            self.refused.iter().filter(|found| !refused.iter().any(|(word, _)| found.contains(word))).collect();
        assert!(left.is_empty(), "refused: {left:#?}");
        for (word, count) in refused {
            let found = self.refused.iter().filter(|found| found.contains(word)).count();
            assert_eq!(found, *count, "{word}: {:#?}", self.refused);
        }
    }
}

fn values() -> Vec<Value> {
    let texts = ["5", "5.0", "5.5", "abc", "ABC", "", "12abc", " 7 ", "1e2", "it's", "é"];
    let reals = [5.0, 5.5, 9_007_199_254_740_992.0, 1e19, 0.1, 0.1 + 0.2, 123_456_789.123_456_79, -0.5, 1e300, -1e300];
    let integers = [5, -7, 0, 1, 9_007_199_254_740_993, i64::MAX, i64::MIN];
    let mut values =
        vec![Value::Null, Value::Blob(b"5".to_vec()), Value::Blob(b"abc".to_vec()), Value::Blob(Vec::new())];
    values.extend(texts.map(|text| Value::Text(text.to_owned())));
    values.extend(reals.map(Value::Real));
    values.extend(integers.map(Value::Integer));
    values
}

/// `u(a, b)` holds every value, `t` what columns with a type hold.
fn filled() -> Both {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE u(id INTEGER PRIMARY KEY, a, b)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC, s TEXT, bl BLOB)",
        "INSERT INTO t VALUES (1, 5, 5.0, 5, '5', x'35'), (2, NULL, NULL, NULL, NULL, NULL), (3, -7, -0.5, 0.1, 'abc', x'00ff'), \
         (4, 0, 1e300, 100, '5.0', x''), (5, 9007199254740993, 0.1, 2.5, 'ABC', x'616263')",
    ]);
    let values = values();
    for (index, value) in values.iter().enumerate() {
        let other = values[(index * 7 + 3) % values.len()].clone();
        both.run("INSERT INTO u(a, b) VALUES (?, ?)", &[value.clone(), other]);
    }
    both.all(&["INSERT INTO u(a, b) VALUES (1, 'x'), (2.5, NULL), ('it''s', x'00ff'), (true, -3), (-9.5e3, 0x1F)"]);
    both
}

#[test]
fn values_of_all_classes_are_kept() {
    let mut both = filled();
    both.all(&[
        "SELECT * FROM u",
        "SELECT a, typeof(a), quote(a) FROM u",
        "SELECT b, id, a FROM u WHERE id > 3 ORDER BY id DESC LIMIT 5 OFFSET 1",
        "SELECT count(a), count(*), count(DISTINCT b) FROM u",
        "SELECT id FROM u WHERE a IS NULL",
        "SELECT id FROM u WHERE b NOTNULL",
        "SELECT a IS b, a = b, a < b, id FROM u",
    ]);
    // Ties show either of 5 and 5.0, so that the order of unlike values is asked.
    both.all(&["SELECT id FROM u ORDER BY a, id", "SELECT id FROM u ORDER BY a DESC, b, id"]);
    for value in values() {
        for operator in ["=", "<>", "<", ">=", "IS", "IS NOT"] {
            both.run(&format!("SELECT id FROM u WHERE a {operator} ?"), std::slice::from_ref(&value));
        }
        both.run("SELECT id FROM u WHERE a IN (?, b) OR ? BETWEEN a AND b", &[value.clone(), value.clone()]);
        both.run(
            "SELECT id, a BETWEEN ? AND b, CASE a WHEN ? THEN 1 ELSE b END FROM u",
            &[value.clone(), value.clone()],
        );
        both.run(
            "SELECT ? IN (SELECT a FROM u), coalesce(?, b), nullif(a, ?) FROM u",
            &[value.clone(), value.clone(), value],
        );
    }
    both.end(&[]);
}

#[test]
fn values_compare_with_columns_by_affinity() {
    let mut both = filled();
    for column in ["n", "x", "d", "s", "bl", "id"] {
        for operator in ["=", "<", ">=", "IS", "IS NOT", "<>"] {
            both.all(&[
                &format!("SELECT u.id, t.id FROM u, t WHERE a {operator} t.{column}"),
                &format!("SELECT u.id, t.id, t.{column} {operator} b FROM u, t"),
                &format!("SELECT u.id, t.id FROM u, t WHERE +a {operator} t.{column}"),
                &format!("SELECT u.id, t.id FROM u, t WHERE coalesce(a, b) {operator} t.{column}"),
                &format!("SELECT u.id, t.id FROM u, t WHERE (SELECT a) {operator} t.{column}"),
                &format!("SELECT u.id, t.id FROM u, t WHERE a {operator} +t.{column}"),
            ]);
        }
        both.all(&[
            &format!("SELECT id, a IN (SELECT {column} FROM t) FROM u"),
            &format!("SELECT id, coalesce(a, b) IN (SELECT {column} FROM t) FROM u"),
            &format!("SELECT id, {column} IN (SELECT a FROM u), {column} NOT IN (SELECT a FROM u) FROM t"),
            &format!("SELECT u.id, t.id, a IN (t.{column}), t.{column} IN (a, b) FROM u, t"),
            &format!("SELECT u.id, max(a, t.{column}), min(t.{column}, a), coalesce(a, t.{column}) FROM u, t"),
            &format!("SELECT u.id, CASE a WHEN t.{column} THEN 1 ELSE 0 END FROM u, t"),
            &format!("SELECT {column} FROM t UNION ALL SELECT a FROM u"),
        ]);
    }
    both.end(&[]);
}

#[test]
fn values_in_expressions() {
    let mut both = filled();
    for expression in [
        "+a",
        "-a",
        "~a",
        "a + b",
        "a - b",
        "a * 2",
        "a / 2",
        "a % 3",
        "a % b",
        "a || b",
        "a & 3",
        "a | b",
        "a << 1",
        "a >> 1",
        "NOT a",
        "a AND b",
        "a OR 0",
        "a + 1.5",
        "length(a)",
        "octet_length(a)",
        "hex(a)",
        "quote(a)",
        "sign(a)",
        "round(a)",
        "round(a, 1)",
        "upper(a)",
        "lower(a)",
        "trim(a)",
        "substr(a, 1, 2)",
        "substr(a, -2)",
        "instr(a, '5')",
        "instr(a, b)",
        "replace(a, '5', 'x')",
        "coalesce(a, b)",
        "coalesce(a, 1)",
        "coalesce(b, 'x')",
        "ifnull(a, b)",
        "nullif(a, b)",
        "nullif(a, 5)",
        "nullif(5, a)",
        "iif(a, 't', 'f')",
        "iif(a > 1, a, 0)",
        "CASE WHEN a THEN b ELSE 'no' END",
        "CASE a WHEN 5 THEN 'five' WHEN b THEN 'b' ELSE a END",
        "max(a, b)",
        "min(a, b)",
        "max(a, 5)",
        "min(a, 'abc')",
        "CAST(a AS INTEGER)",
        "CAST(a AS REAL)",
        "CAST(a AS TEXT)",
        "CAST(a AS NUMERIC)",
        "CAST(a AS BLOB)",
        "a LIKE '5%'",
        "a LIKE 'AB%'",
        "a GLOB '5*'",
        "a IN (5, 'abc')",
        "a IN (5.0, b)",
        "5 IN (a, b)",
        "a NOT IN (5, 'abc')",
        "a BETWEEN 0 AND 6",
        "a BETWEEN 'a' AND 'b'",
        "5 BETWEEN a AND b",
        "printf('%d %s', a, a)",
        "unistr_quote(a)",
        "likely(a)",
        "a = 5 COLLATE NOCASE",
        "a COLLATE NOCASE = 'abc'",
        "a COLLATE NOCASE > 'ABC'",
        "a COLLATE RTRIM = 'abc '",
        "unicode(a)",
        "date(a)",
        "a IS TRUE",
        "a IS NOT FALSE",
        "(a, b) = (5, b)",
        "(a, id) < (5, b)",
        "concat(a, b)",
        "json_valid(a)",
        "like('5%', a)",
        "(SELECT a)",
        "EXISTS (SELECT a)",
        "1 + (a > b)",
        "a = b = 0",
        "a == b",
        "a != b",
        "a = round(a, 0)",
        "a < CAST(a AS REAL)",
    ] {
        both.all(&[
            &format!(
                "SELECT id, {expression}, typeof({expression}) FROM u WHERE abs(id - 20) > 0 AND b IS NOT x'00ff'"
            ),
            &format!("SELECT id FROM u WHERE b IS NOT x'00ff' AND ({expression})"),
        ]);
    }
    for expression in ["abs(a)", "json_array(a)", "json_quote(a)", "a -> '$'", "json_group_array(a)"] {
        both.all(&[&format!(
            "SELECT id, {expression} FROM u WHERE typeof(a) IN ('integer', 'real') AND a > -1000 GROUP BY id"
        )]);
    }
    both.end(&[]);
}

#[test]
fn values_in_aggregates() {
    let mut both = filled();
    for expression in [
        "sum(a)",
        "avg(a)",
        "total(a)",
        "count(a)",
        "count(DISTINCT a)",
        "typeof(sum(a))",
        "typeof(min(a)), typeof(max(a))",
    ] {
        for condition in
            ["id < 12", "id > 10 AND id < 15", "abs(a) < 100", "typeof(a) = 'integer' AND abs(a) < 9", "id < 0"]
        {
            both.all(&[&format!("SELECT {expression} FROM u WHERE a IS NOT -9223372036854775808 AND {condition}")]);
        }
    }
    both.all(&[
        "SELECT min(b), max(b) FROM u WHERE id < 6",
        "SELECT typeof(a), min(b) IS NULL, max(id), count(*) FROM u GROUP BY typeof(a) HAVING count(a) > 0",
        "SELECT group_concat(a ORDER BY id) FROM u WHERE typeof(a) <> 'blob' ORDER BY 1",
        "SELECT group_concat(DISTINCT a) FROM u",
        "SELECT sum(DISTINCT a) FROM u",
        "SELECT a, id FROM u GROUP BY a HAVING count(*) = 1",
        "SELECT max(b), id FROM u WHERE typeof(b) = 'text'",
        "SELECT id, row_number() OVER (ORDER BY a, id), lag(a) OVER (ORDER BY id), lag(a, 1, 'none') OVER (ORDER BY id), \
         first_value(a) OVER (PARTITION BY typeof(a) ORDER BY id), count(a) OVER (ORDER BY a, id) FROM u",
        "SELECT id, typeof(max(a) OVER (PARTITION BY typeof(b))) FROM u",
    ]);
    both.end(&[("group_concat(DISTINCT a)", 1), ("sum(DISTINCT a)", 1)]);
}

#[test]
fn tables_keys_and_writes() {
    let mut both = Both::new();
    let text = |text: &str| Value::Text(text.to_owned());
    both.all(&[
        "CREATE TABLE foo(a, b)",
        "INSERT INTO foo VALUES (1, 'x'), ('y', 2.5), (NULL, x'01')",
        "INSERT INTO foo(b) VALUES (7)",
        "INSERT INTO foo DEFAULT VALUES",
        "SELECT rowid, * FROM foo",
        "SELECT foo.*, a AS z FROM foo ORDER BY z, rowid",
        "SELECT DISTINCT typeof(b) FROM foo",
        "CREATE TABLE k(id PRIMARY KEY, v UNIQUE, w DEFAULT 5, x DEFAULT 'txt', y DEFAULT (1.5), z DEFAULT -3)",
        "INSERT INTO k(id, v) VALUES (1, 'a'), ('1', 'b'), (1.5, 'c'), (x'31', 'd')",
        "INSERT INTO k(id, v) VALUES (1.0, 'zz')",
        "INSERT INTO k(id, v) VALUES (2, 'a')",
        "SELECT * FROM k ORDER BY id",
        "SELECT id FROM k WHERE id = 1",
        "SELECT id FROM k WHERE id = '1'",
        "PRAGMA table_info(k)",
        "PRAGMA table_info(foo)",
        "SELECT sql FROM sqlite_master WHERE name = 'foo'",
    ]);
    both.run("INSERT OR REPLACE INTO k(id, v) VALUES (?, ?)", &[Value::Integer(1), text("new")]);
    both.run("INSERT OR IGNORE INTO k(id, v) VALUES (?, ?)", &[text("1"), text("q")]);
    let upsert = "INSERT INTO k(id, v) VALUES (?1, ?2) ON CONFLICT(id) DO UPDATE SET v = excluded.v || '!', w = w + 1";
    both.run(upsert, &[text("1"), text("up")]);
    let upsert = "INSERT INTO k(id, v, w) VALUES (?1, ?2, 3) ON CONFLICT(id) DO UPDATE SET w = ?3 RETURNING *";
    both.run(upsert, &[text("1"), text("up2"), Value::Real(9.5)]);
    let update = "UPDATE k SET w = ?, x = NULL WHERE id = ? RETURNING id, w, typeof(w), *";
    both.run(update, &[text("q"), Value::Integer(1)]);
    both.all(&[
        "UPDATE k SET w = id, v = v || id WHERE typeof(id) = 'text'",
        "DELETE FROM k WHERE id = 1.5 RETURNING *",
        "INSERT OR REPLACE INTO k(id, v) SELECT id, 'a' FROM k WHERE id = '1'",
        "INSERT OR IGNORE INTO k(id, v) VALUES (77, 'r'), (77, 's'), (78, 'r')",
        "UPDATE OR IGNORE k SET id = 1 WHERE id = 77",
        "UPDATE OR REPLACE k SET id = 1.0 WHERE id = 77",
        "REPLACE INTO k(id, v) VALUES (5, 1), (5, 2)",
        "INSERT INTO k(id) VALUES (5) ON CONFLICT DO NOTHING",
        "SELECT * FROM k ORDER BY id",
        "ALTER TABLE foo ADD COLUMN c",
        "ALTER TABLE foo ADD COLUMN d DEFAULT 'dd'",
        "ALTER TABLE foo RENAME COLUMN c TO cc",
        "UPDATE foo SET cc = a",
        "SELECT * FROM foo",
        "PRAGMA table_info(foo)",
        "CREATE INDEX foo_a ON foo(a)",
        "CREATE INDEX foo_ab ON foo(a, b DESC) WHERE a > 0",
        "CREATE INDEX foo_x ON foo(a + 1)",
        "CREATE INDEX foo_n ON foo(a COLLATE NOCASE)",
        "SELECT a FROM foo WHERE a COLLATE NOCASE = 'Y'",
        "CREATE TABLE p(id INTEGER PRIMARY KEY, key UNIQUE)",
        "CREATE TABLE c(x REFERENCES p(key), y)",
        "INSERT INTO p(key) VALUES (1), ('k'), (2.5)",
        "INSERT INTO c VALUES (1.0, 1), ('k', 2), (NULL, 3)",
        "INSERT INTO c VALUES (9, 1)",
        "DELETE FROM p WHERE key = 'k'",
        "SELECT p.id, c.y FROM p JOIN c ON p.key = c.x",
        "CREATE TABLE c2(x TEXT REFERENCES p(key))",
        "CREATE TABLE g(a, b, c AS (a || b) STORED, e GENERATED ALWAYS AS (a + 1))",
        "INSERT INTO g VALUES (5, 'q'), ('x', 'q')",
        "SELECT *, typeof(c), typeof(e) FROM g",
        "CREATE TABLE ch(a CHECK (a > 5), b CHECK (typeof(b) = 'text'), CHECK (a <> b))",
        "INSERT INTO ch VALUES (6, 't'), ('a', 't')",
        "INSERT INTO ch VALUES (4, 't')",
        "INSERT INTO ch VALUES (7, 1)",
        "SELECT * FROM ch",
        "CREATE TABLE log(old, new, n INTEGER)",
        "CREATE TRIGGER tr AFTER UPDATE ON foo WHEN NEW.a IS NOT OLD.a BEGIN INSERT INTO log VALUES (OLD.a, NEW.a, NEW.a + 1); END",
        "UPDATE foo SET a = 41 WHERE b = 'x'",
        "UPDATE foo SET a = 'zz' WHERE b = 2.5",
        "SELECT * FROM log",
        "CREATE TRIGGER tr2 BEFORE INSERT ON foo WHEN NEW.a = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END",
        "INSERT INTO foo(a) VALUES ('bad')",
        "INSERT INTO foo(a) VALUES ('good')",
        "CREATE TABLE strict(a ANY, b INT) STRICT",
        "INSERT INTO strict VALUES ('5', 1), (5, 2), (x'00', 3)",
        "SELECT a, typeof(a) FROM strict ORDER BY a",
        "PRAGMA table_info(strict)",
        "CREATE TABLE any(a ANY)",
        "INSERT INTO any VALUES ('5')",
        "SELECT typeof(a) FROM any",
        "CREATE TEMP TABLE tt(a)",
        "INSERT INTO tt VALUES (1), ('2')",
        "SELECT * FROM tt",
        "CREATE TABLE nc(a COLLATE NOCASE)",
        "DROP TABLE foo",
    ]);
    both.end(&[("CREATE TABLE nc", 1)]);
}

#[test]
fn values_through_queries_and_into_columns_with_a_type() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE foo(a, b)",
        "INSERT INTO foo VALUES (41, 'x'), ('zz', 2.5), (NULL, x'01'), (1.5, 'y'), ('17', '41')",
        "CREATE TABLE ty(i INTEGER, t TEXT, r REAL, n NUMERIC, bl BLOB)",
        "INSERT INTO ty VALUES (1, '1', 1.5, 2, x'01'), (41, 'zz', 1, 1.5, NULL)",
        "CREATE VIEW v AS SELECT a, a || '' AS s, coalesce(a, b) AS co FROM foo",
        "SELECT *, typeof(a), typeof(s), typeof(co) FROM v",
        "SELECT a FROM v WHERE a = 41",
        "SELECT count(*) FROM v, ty WHERE v.a = ty.i",
        "SELECT count(*) FROM v, ty WHERE v.co = ty.t",
        "SELECT a FROM foo UNION SELECT b FROM foo",
        "SELECT a FROM foo UNION ALL SELECT i FROM ty",
        "SELECT i FROM ty UNION SELECT a FROM foo ORDER BY 1 DESC",
        "SELECT a FROM foo INTERSECT SELECT i FROM ty",
        "SELECT a FROM foo EXCEPT SELECT t FROM ty ORDER BY a LIMIT 3",
        "SELECT 1 UNION SELECT 'a' UNION SELECT 2.5 UNION SELECT x'01' ORDER BY 1",
        "VALUES (1), ('a'), (NULL), (2.0)",
        "SELECT * FROM (VALUES (1, 2), ('a', NULL)) ORDER BY 1",
        "SELECT 1 AS q UNION ALL SELECT 'a' ORDER BY q DESC",
        "WITH w(x) AS (SELECT a FROM foo) SELECT x FROM w WHERE x > 2 ORDER BY x",
        "WITH RECURSIVE r(x) AS (SELECT a FROM foo WHERE a = 41 UNION ALL SELECT x + 1 FROM r WHERE x < 45) SELECT * FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x || 'a' FROM r WHERE length(x) < 4) SELECT * FROM r",
        "WITH RECURSIVE r(x) AS (VALUES (40) UNION ALL SELECT x + 1 FROM r WHERE x < 42) SELECT x, a FROM r LEFT JOIN foo ON a = x",
        "INSERT INTO ty(i, t) SELECT a, a FROM foo WHERE typeof(a) = 'integer'",
        "INSERT INTO ty(r, n) SELECT a, a FROM foo WHERE typeof(a) IN ('integer', 'real') OR a = '17'",
        "INSERT INTO ty(i) SELECT a FROM foo WHERE a = 'zz'",
        "INSERT INTO ty(i) SELECT a FROM foo WHERE a = 1.5",
        "INSERT INTO ty(bl) SELECT b FROM foo WHERE typeof(b) = 'blob'",
        "INSERT INTO ty(t) SELECT b FROM foo WHERE typeof(b) = 'blob'",
        "INSERT INTO ty(bl) SELECT b FROM foo WHERE typeof(b) = 'text'",
        "UPDATE ty SET n = (SELECT max(a) FROM foo WHERE typeof(a) = 'real'), i = (SELECT a FROM foo WHERE a = '17') WHERE i = 1",
        "SELECT * FROM ty",
        "INSERT INTO foo(a, b) SELECT i, t FROM ty",
        "INSERT INTO foo(a, b) SELECT r, bl FROM ty UNION ALL SELECT 5, 'five'",
        "CREATE TABLE f2(a, b)",
        "INSERT INTO f2 SELECT i, t FROM ty",
        "INSERT INTO f2 SELECT * FROM foo",
        "INSERT INTO f2 SELECT i, t FROM ty UNION SELECT 1, 2",
        "SELECT a, b, typeof(a), typeof(b) FROM f2",
        "CREATE TABLE cta AS SELECT a, b, a + 1 AS e, 'q' AS lit, typeof(a) ty, i, t FROM foo, ty WHERE a = i",
        "SELECT * FROM cta",
        "SELECT name, type IN ('', 'INT', 'TEXT', 'INTEGER') FROM pragma_table_info('cta')",
        "INSERT INTO cta(e, lit) VALUES ('text in e', 5)",
        "SELECT e, lit FROM cta WHERE lit = 5 OR lit = '5'",
        "SELECT e = '42', e = 42, lit = 'q', i = '41' FROM cta",
        "SELECT a FROM foo WHERE (a, b) IN (SELECT a, b FROM f2)",
        "SELECT t FROM ty WHERE t IN (SELECT a FROM foo)",
        "SELECT t FROM ty WHERE t IN foo",
        "SELECT f2.b FROM foo NATURAL JOIN f2",
        "SELECT count(*) FROM foo JOIN f2 USING (a)",
        "SELECT foo.b FROM foo LEFT JOIN ty ON foo.a = ty.i",
        "SELECT b FROM foo AS x WHERE EXISTS (SELECT 1 FROM f2 WHERE f2.a = x.a)",
        "SELECT (SELECT max(b) FROM foo), (SELECT b FROM f2 WHERE a = 'zz' LIMIT 1)",
        "SELECT typeof(a) FROM foo ORDER BY a COLLATE NOCASE, b",
        "SELECT a COLLATE NOCASE AS q FROM foo GROUP BY q",
        "SELECT DISTINCT a COLLATE NOCASE FROM foo",
        "SELECT count(*) FROM foo GROUP BY a COLLATE NOCASE",
    ]);
    let value = Value::Integer(41);
    both.run("INSERT INTO foo(a) SELECT ? UNION ALL SELECT 'lit'", &[Value::Integer(9)]);
    both.run("SELECT a + ?1, ?1 + a, a || ?1, coalesce(?1, a), ifnull(a, ?1) FROM foo WHERE a = ?1", &[value]);
    both.run("SELECT CASE WHEN ? THEN b ELSE ? END FROM foo", &[Value::Integer(0), Value::Text("else".into())]);
    both.end(&[
        ("WHERE a = 'zz'", 1),
        ("WHERE a = 1.5", 1),
        ("INSERT INTO ty(t) SELECT b", 1),
        ("INSERT INTO ty(bl) SELECT b FROM foo WHERE typeof(b) = 'text'", 1),
        ("AS q FROM foo GROUP BY q", 1),
        ("SELECT DISTINCT a COLLATE", 1),
    ]);
}

#[test]
fn branches_of_unlike_classes() {
    let mut both = Both::new();
    both.all(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, s TEXT, b BLOB)",
        "INSERT INTO t VALUES (1, 5, 5.5, '5', x'35'), (2, NULL, 2.0, 'abc', NULL), (3, 7, NULL, NULL, x'00')",
        "SELECT coalesce(n, 'none'), coalesce(b, n, s), iif(n > 5, b, x), max(n, s), min(s, x), nullif(coalesce(n, s), 5) FROM t",
        "SELECT typeof(CASE id WHEN 1 THEN n WHEN 2 THEN s ELSE b END) FROM t",
        "SELECT id FROM t WHERE coalesce(n, s) = 'abc'",
        "SELECT id FROM t WHERE coalesce(n, s) > 5",
        "SELECT id FROM t WHERE coalesce(n, 'x') = s",
        "SELECT id FROM t WHERE coalesce(s, n) = n",
        "SELECT id, coalesce(n, s) FROM t ORDER BY coalesce(n, s)",
        "SELECT DISTINCT coalesce(n, s) AS c FROM t ORDER BY c DESC",
        "SELECT coalesce(n, s), count(*) FROM t GROUP BY coalesce(n, s)",
        "SELECT upper(coalesce(n, s)), coalesce(n, s) || '!', coalesce(n, s) + 1, length(coalesce(b, s)) FROM t",
        "SELECT max(coalesce(n, s)), sum(coalesce(n, s)), count(DISTINCT coalesce(n, s)) FROM t",
        "SELECT c FROM (SELECT coalesce(n, s) AS c FROM t) WHERE c IN (5, 'abc')",
        "CREATE VIEW v AS SELECT id, coalesce(n, s) AS c FROM t",
        "SELECT c FROM v WHERE c > 5",
        "UPDATE t SET s = coalesce(n, s), x = iif(n, n, s) WHERE id = 1",
        "SELECT * FROM t",
    ]);
    both.run("SELECT coalesce(?, ?), ifnull(?2, 'x')", &[Value::Integer(1), Value::Real(2.5)]);
    both.run("SELECT coalesce(?, ?) IS NULL, coalesce(?, 'x')", &[Value::Null, Value::Null, Value::Blob(vec![1])]);
    both.run("SELECT CASE WHEN id > ? THEN ? ELSE n END FROM t", &[Value::Integer(1), Value::Text("x".into())]);
    both.end(&[]);
}

/// rusqlite's README with the type of `data` left out, and its tests' `foo(x)`.
#[test]
fn programs_without_types() -> sqlift::Result<()> {
    use sqlift::{named_params, params};
    let both = Both::new();
    for conn in [&both.sqlite, &both.postgres] {
        conn.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name, data)", ())?;
        let mut insert = conn.prepare("INSERT INTO person (name, data) VALUES (?1, ?2)")?;
        insert.execute(params!["Steven", None::<Vec<u8>>])?;
        insert.execute(params!["Ada", vec![1_u8, 2, 3]])?;
        insert.execute(params![5, 1.5])?;
        assert_eq!(conn.last_insert_rowid(), 3);
        let mut select = conn.prepare("SELECT id, name, data FROM person ORDER BY id")?;
        assert_eq!(select.column_names(), ["id", "name", "data"]);
        let people = select
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Value>("name")?, row.get::<_, Value>(2)?)))?
            .collect::<sqlift::Result<Vec<_>>>()?;
        let expected = [
            (1, Value::Text("Steven".into()), Value::Null),
            (2, Value::Text("Ada".into()), Value::Blob(vec![1, 2, 3])),
            (3, Value::Integer(5), Value::Real(1.5)),
        ];
        assert_eq!(people, expected);
        // What the caller asks for decides, as on SQLite.
        let wrong = conn.query_row("SELECT data FROM person WHERE id = 2", [], |row| row.get::<_, String>(0));
        assert!(matches!(wrong, Err(sqlift::Error::InvalidColumnType(0, _, sqlift::types::Type::Blob))), "{wrong:?}");
        let found: Option<Vec<u8>> =
            conn.query_row("SELECT data FROM person WHERE name = :name", named_params! { ":name": "Ada" }, |row| {
                row.get(0)
            })?;
        assert_eq!(found, Some(vec![1, 2, 3]));
        assert!(conn.prepare("SELECT 1 FROM person WHERE name = ?")?.exists(["Steven"])?);
        #[cfg(feature = "column_decltype")]
        {
            let statement = conn.prepare("SELECT id, name FROM person")?;
            let types: Vec<_> =
                statement.columns().iter().map(|column| column.decl_type().map(str::to_owned)).collect();
            assert_eq!(types, [Some("INTEGER".to_owned()), None]);
        }
        conn.execute_batch(
            "BEGIN; CREATE TABLE foo(x); INSERT INTO foo VALUES (1); INSERT INTO foo VALUES ('2'); COMMIT",
        )?;
        assert_eq!(conn.query_row("SELECT SUM(x) FROM foo", [], |row| row.get::<_, i64>(0))?, 3);
        assert_eq!(conn.query_row("SELECT typeof(SUM(x)) FROM foo", [], |row| row.get::<_, String>(0))?, "integer");
    }
    Ok(())
}

/// A part of an empty blob is NULL, also of a column that is NOT NULL.
#[test]
fn parts_of_an_empty_blob() {
    crate::constraint_conflicts::check(&[
        "CREATE TABLE e (id INTEGER PRIMARY KEY, a NOT NULL, b BLOB NOT NULL)",
        "INSERT INTO e VALUES (1, x'', x''), (2, 'abc', x'616263'), (3, x'3132', x'31')",
        "SELECT DISTINCT substr(a, 2, 1), NULL FROM e ORDER BY 1 DESC, 2 NULLS LAST LIMIT 2",
        "SELECT substr(b, 1) FROM e ORDER BY 1 DESC LIMIT 2",
    ]);
}
