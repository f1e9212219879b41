//! LIKE ... ESCAPE with patterns that end in the escape character, and bounds behind all text that begins with a word.

use crate::json::answer;
use crate::support;
use sqlift::Connection;
use sqlift::testing::TempPostgres;
use sqlift::types::Value;

const SCHEMA: &str = r"
    CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT, n TEXT COLLATE NOCASE, i INT);
    INSERT INTO t(s, n, i) VALUES ('50\', '50\', 50), ('abc', 'ABC', 7), ('ab', 'ab!', NULL), (NULL, NULL, 1), ('abé', 'b', 2);
";

const STATEMENTS: &[(&str, &[&str])] = &[
    (r"SELECT id FROM t WHERE s LIKE '50\' ESCAPE '\' ORDER BY id", &[]),
    (r"SELECT s LIKE '50\\' ESCAPE '\', s LIKE 'a%\' ESCAPE '\', s NOT LIKE '%\' ESCAPE '\' FROM t ORDER BY id", &[]),
    (r"SELECT n LIKE '50\' ESCAPE '\', n NOT LIKE 'abc\\' ESCAPE '\', i LIKE '7\' ESCAPE '\' FROM t ORDER BY id", &[]),
    (r"SELECT id FROM t WHERE s LIKE ?1 ESCAPE '\' ORDER BY id", &[r"50\"]),
    (r"SELECT id FROM t WHERE s LIKE ?1 ESCAPE '\' ORDER BY id", &[r"50\\"]),
    (r"SELECT id FROM t WHERE s NOT LIKE ?1 ESCAPE '\' ORDER BY id", &[r"abc\"]),
    (r"SELECT id FROM t WHERE n LIKE ?1 ESCAPE '\' ORDER BY id", &[r"ABC\"]),
    (r"SELECT id FROM t WHERE s LIKE '%' || ?1 ESCAPE '\' ORDER BY id", &[r"0\"]),
    (r"SELECT id FROM t WHERE s LIKE '%' || ?1 || '%' ESCAPE '\' ORDER BY id", &[r"0\"]),
    (r"SELECT id FROM t WHERE s LIKE '%' || ?1 || '\' ESCAPE '\' ORDER BY id", &["0"]),
    (r"SELECT id FROM t WHERE s LIKE ?1 ESCAPE ?2 ORDER BY id", &["ab!", "!"]),
    (r"SELECT id FROM t WHERE n LIKE ?1 ESCAPE ?2 ORDER BY id", &["ab!!", "!"]),
    (r"SELECT id FROM t WHERE s LIKE n ESCAPE '\' ORDER BY id", &[]),
    (r"SELECT s LIKE '5%' ESCAPE '%', s LIKE '5_' ESCAPE '_', s LIKE NULL ESCAPE '\' FROM t ORDER BY id", &[]),
    (r"SELECT like('A\', 'a\', '\'), like(?1, s, '\'), like('a%', s, '\') FROM t ORDER BY id", &[r"5_\"]),
    ("SELECT s FROM t WHERE s < 'ab' || X'FF' ORDER BY 1", &[]),
    ("SELECT s FROM t WHERE s BETWEEN ?1 AND ?1 || X'FFFF' ORDER BY 1", &["ab"]),
    ("SELECT s FROM t WHERE s NOT BETWEEN ?1 AND ?1 || X'FFFF' ORDER BY 1", &["ab"]),
    ("SELECT s FROM t WHERE s >= 'ab' AND 'ab' || x'ffff' > s ORDER BY 1", &[]),
    ("SELECT 'ab' || x'6364'", &[]),
];

#[test]
fn patterns_and_bounds() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
        }
        for (sql, params) in STATEMENTS {
            let params: Vec<Value> = params.iter().map(|text| Value::Text((*text).to_owned())).collect();
            let expected = answer(&sqlite, sql, &params);
            assert!(expected.is_ok(), "{sql}: {expected:?}");
            assert_eq!(answer(postgres, sql, &params), expected, "{sql}");
        }
        let write = r"UPDATE t SET i = 0 WHERE s LIKE ?1 ESCAPE '\'";
        for (pattern, count) in [(r"50\", 0), (r"50\\", 1)] {
            let counts = [&sqlite, &*postgres].map(|conn| conn.execute(write, [pattern]).expect(write));
            assert_eq!(counts, [count; 2], "{pattern}");
        }
        for conn in [&sqlite, &*postgres] {
            let found = answer(conn, "SELECT s LIKE 'a' ESCAPE '' FROM t", &[]).expect_err("no character");
            assert!(found.contains("ESCAPE expression must be a single character"), "{found}");
        }
    });
}

/// A database may have another encoding, and another meaning of backslashes.
#[test]
fn patterns_in_databases_of_other_settings() {
    let server = TempPostgres::start().expect("starts");
    let admin = Connection::open_url(server.url()).expect("connects");
    let sqlite = support::sqlite();
    let schema = SCHEMA.replace("COLLATE NOCASE", "");
    sqlite.execute_batch(&schema).expect("creates");
    for (name, encoding, conforming) in [
        ("latin", "LATIN1", "on"),
        ("bytes", "SQL_ASCII", "on"),
        ("backslashes", "UTF8", "off"),
        ("old", "LATIN1", "off"),
    ] {
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C';
             ALTER DATABASE {name} SET standard_conforming_strings = {conforming}"
        );
        for sql in create.split(';') {
            admin.native().execute_batch(sql).expect(sql);
        }
        let conn = Connection::open_url(&server.database(name).expect("is there")).expect("connects");
        conn.execute_batch(&schema).expect("creates");
        let is_utf8 = encoding == "UTF8";
        for (sql, params) in STATEMENTS.iter().filter(|(sql, _)| is_utf8 || !sql.to_lowercase().contains("x'ff")) {
            let params: Vec<Value> = params.iter().map(|text| Value::Text((*text).to_owned())).collect();
            assert_eq!(answer(&conn, sql, &params), answer(&sqlite, sql, &params), "{name}: {sql}");
        }
        if !is_utf8 {
            let sql = "SELECT s FROM t WHERE s < 'ab' || X'FF'";
            assert!(answer(&conn, sql, &[]).is_err(), "{name}: {sql}");
        }
    }
}

/// A beginning that is bound is found by an index as ever.
#[test]
fn beginnings_are_found_by_an_index() {
    support::on_postgres(|postgres| {
        postgres
            .execute_batch(
                "CREATE TABLE w(s TEXT COLLATE NOCASE); CREATE INDEX ws ON w(s);
                 WITH RECURSIVE q(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM q WHERE i < 5000)
                 INSERT INTO w SELECT 'word ' || i FROM q; ANALYZE w",
            )
            .expect("fills");
        for sql in [
            r"EXPLAIN SELECT s FROM w WHERE s LIKE ?1 ESCAPE '\'",
            r"EXPLAIN SELECT s FROM w WHERE s LIKE 'word 77%' ESCAPE '\'",
        ] {
            let params: &[Value] = if sql.contains("?1") { &["word 77%".to_owned().into()] } else { &[] };
            let plan = answer(postgres, sql, params).expect(sql).join("\n");
            assert!(plan.contains("ws"), "{sql}: {plan}");
        }
    });
}
