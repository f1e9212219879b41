//! Tables, views and indexes as programs declare them: generated columns over each other, names that come twice, CREATE TABLE AS.

use crate::pragma_answers::same;

#[test]
fn declarations_are_taken_as_on_sqlite() {
    same(&[
        r#"CREATE TABLE gn(s TEXT, l TEXT AS (lower(s)), m TEXT COLLATE NOCASE AS (l||'X') STORED, e INTEGER AS (m='AX'), u AS (length(m)) UNIQUE)"#,
        r#"SELECT * FROM gn"#,
        r#"INSERT INTO gn(s) VALUES('z')"#,
        r#"CREATE TABLE g4(x, a INTEGER AS (b), b INTEGER AS (a))"#,
        r#"CREATE INDEX i1 ON gn(1)"#,
        r#"CREATE INDEX i3 ON gn('m')"#,
        r#"PRAGMA index_info(i3)"#,
        r#"CREATE TABLE gt(a, b AS (a+1), c AS (b+1), d INTEGER AS (c*2) STORED, CHECK(c < 100))"#,
        r#"INSERT INTO gt(a) VALUES(1),(NULL)"#,
        r#"INSERT INTO gt(a) VALUES(99)"#,
        r#"SELECT * FROM gt"#,
        r#"UPDATE gt SET a=5"#,
        r#"SELECT * FROM gt"#,
        r#"PRAGMA table_xinfo(gt)"#,
        r#"CREATE TABLE g2(a INTEGER, d INTEGER AS (c+b), b INTEGER AS (a+1), c INTEGER AS (b*b))"#,
        r#"INSERT INTO g2(a) VALUES(2)"#,
        r#"SELECT a,b,c,d FROM g2"#,
        r#"CREATE TABLE l AS SELECT 1,1, a, a AS A FROM g2"#,
        r#"SELECT * FROM l"#,
        r#"PRAGMA table_info(l)"#,
        r#"CREATE VIEW w(x,x) AS SELECT 1,2"#,
        r#"SELECT * FROM w"#,
        r#"SELECT "x:1" FROM w"#,
        r#"CREATE VIEW lv AS SELECT a, a, b AS a FROM g2"#,
        r#"SELECT * FROM lv"#,
        r#"ALTER TABLE g2 ADD COLUMN zz"#,
        r#"SELECT * FROM lv"#,
        r#"CREATE VIEW sv AS SELECT * FROM g2 x JOIN g2 y ON x.a=y.a"#,
        r#"SELECT * FROM sv"#,
        r#"ALTER TABLE g2 ADD COLUMN yy"#,
        r#"SELECT * FROM sv"#,
        r#"ALTER TABLE g2 RENAME COLUMN yy TO xx"#,
        r#"SELECT * FROM sv"#,
        r#"CREATE TABLE src(d DATETIME, b INTEGER, i INT, n NUMERIC, v VARCHAR(10), r DOUBLE, bl BLOB, k TEXT COLLATE NOCASE)"#,
        r#"INSERT INTO src VALUES('2020-01-01',1,2,3.5,'x',1.5,x'00','b')"#,
        r#"CREATE TABLE cs AS SELECT *, i+1 AS Ee, CAST(i AS REAL) AS "F f" FROM src"#,
        r#"PRAGMA table_info(cs)"#,
        r#"SELECT * FROM cs WHERE k='B'"#,
        r#"SELECT * FROM cs WHERE d='2020-01-01'"#,
        r#"CREATE TABLE cu AS SELECT k FROM src UNION SELECT 'B'"#,
        r#"SELECT count(*) FROM cu"#,
        r#"CREATE TABLE kp(id INTEGER PRIMARY KEY, p INTEGER REFERENCES kp(id))"#,
        r#"CREATE TABLE ca(id INTEGER PRIMARY KEY, p INTEGER, n TEXT CONSTRAINT nameu UNIQUE, CONSTRAINT chk CHECK(id>0), CONSTRAINT fk FOREIGN KEY(p) REFERENCES kp(id))"#,
        r#"CREATE TABLE cb(id INTEGER PRIMARY KEY, n TEXT CONSTRAINT nameu UNIQUE, p TEXT CONSTRAINT fk REFERENCES kp(id), CONSTRAINT chk CHECK(id>0), CONSTRAINT fk FOREIGN KEY(id) REFERENCES kp(id), CONSTRAINT fk FOREIGN KEY(n) REFERENCES cb(n), CONSTRAINT chk CHECK(id<100))"#,
        r#"INSERT INTO kp VALUES(1,NULL),(2,NULL),(3,NULL)"#,
        r#"INSERT INTO cb(id,n) VALUES(1000,'x')"#,
        r#"INSERT INTO cb(id,n) VALUES(1,'x')"#,
        r#"INSERT INTO cb(id,n) VALUES(2,'x')"#,
        r#"INSERT INTO cb(id,n) VALUES(0,'y')"#,
        r#"INSERT INTO cb(id,n) VALUES(9,'y')"#,
        r#"INSERT INTO cb(id,n,p) VALUES(3,'z','77')"#,
        r#"CREATE TABLE u(a, b, CONSTRAINT c UNIQUE(a,b), CONSTRAINT c CHECK(a>1))"#,
        r#"INSERT INTO u VALUES(2,2)"#,
        r#"INSERT INTO u VALUES(2,2)"#,
        r#"INSERT INTO u VALUES(0,2)"#,
        r#"CREATE TABLE t(a, b)"#,
        r#"CREATE INDEX ok4 ON t("zzz")"#,
        r#"CREATE INDEX ok5 ON t('a')"#,
        r#"PRAGMA index_info(ok5)"#,
        r#"CREATE TABLE mxa(id INTEGER PRIMARY KEY AUTOINCREMENT)"#,
        r#"INSERT INTO mxa VALUES(9223372036854775807)"#,
        r#"INSERT INTO mxa DEFAULT VALUES"#,
    ]);
}

#[test]
fn tables_made_of_a_query_have_sqlites_texts() {
    same(&[
        r#"CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB, d DATE, n NUMERIC, x, r REAL, t TEXT, "order" INT, v VARCHAR(10))"#,
        r#"CREATE TABLE made AS SELECT * FROM t"#,
        r#"CREATE TABLE m2 AS SELECT id, b FROM t"#,
        r#"CREATE TABLE "m 3" AS SELECT id AS "a b", count(*), b AS "group", t||'x' AS Cat, 1 AS "1x", d, 'x' FROM t"#,
        r#"CREATE TABLE m4 AS SELECT b, x, CAST(b AS BLOB) AS c, CAST(b AS NUMERIC) AS n, CAST(b AS INT) AS i, NULL AS nu, +id AS id FROM t"#,
        r#"CREATE TABLE "tab""le" AS SELECT id AS "q""q", id AS key, id AS é, id AS "select", id AS fail FROM t"#,
        r#"CREATE TABLE MiXed AS SELECT id AS Id, id AS rowid FROM t UNION SELECT 1, 'x'"#,
        r#"CREATE TABLE of49 AS SELECT 1 AS a234567890, 2 AS b234567890123"#,
        r#"CREATE TABLE of50 AS SELECT 1 AS a234567890, 2 AS b2345678901234"#,
        r#"CREATE TEMP TABLE aside AS SELECT d, n FROM t"#,
        r#"SELECT name, sql FROM sqlite_master ORDER BY name"#,
        r#"SELECT name, sql FROM sqlite_temp_master"#,
        r#"ALTER TABLE m2 ADD COLUMN q TEXT"#,
        r#"ALTER TABLE made RENAME TO made2"#,
        r#"ALTER TABLE m4 RENAME COLUMN c TO cc"#,
        r#"ALTER TABLE m4 DROP COLUMN n"#,
        r#"INSERT INTO m4 (cc, i) VALUES ('x', 3)"#,
        r#"SELECT * FROM m4"#,
        r#"SELECT name, sql FROM sqlite_master ORDER BY name"#,
        r#"PRAGMA table_info(m4)"#,
    ]);
}

#[test]
fn what_is_cast_to_numeric_keeps_integers_by_their_value() {
    same(&[
        "CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL)",
        "INSERT INTO t VALUES (1, 2.5), (2, 1000.0), (3, NULL)",
        "CREATE TABLE made AS SELECT CAST(r AS NUMERIC) AS n, (CAST(r AS DECIMAL)) AS d, CAST(r AS REAL) AS r FROM t",
        "SELECT n, typeof(n), d, typeof(d), r, typeof(r) FROM made ORDER BY r",
        "SELECT sql FROM sqlite_master WHERE name = 'made'",
    ]);
}
