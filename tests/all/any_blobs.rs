//! `blob_columns=any`: a column declared BLOB keeps values of every class, as on SQLite.

use crate::support;
use crate::untyped::Both;
use sqlift::types::Value;
use sqlift::{Connection, params_from_iter};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn blob(blob: &[u8]) -> Value {
    Value::Blob(blob.to_vec())
}

#[test]
fn columns_declared_blob_keep_any_value() {
    let mut both = Both::with("blob_columns=any");
    for (sql, values) in [
        (
            "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB NOT NULL UNIQUE, c BLOB DEFAULT '', d LONGBLOB DEFAULT x'01', s TEXT)",
            vec![],
        ),
        ("CREATE INDEX tc ON t(c)", vec![]),
        ("INSERT INTO t(id, b) VALUES(1, 'text')", vec![]),
        ("INSERT INTO t(id, b, c) VALUES(11, ?, ?)", vec![blob(b"\x00\xff"), text("x")]),
        ("INSERT INTO t(id, b, c) VALUES(12, ?, ?)", vec![Value::Integer(5), Value::Real(2.5)]),
        ("INSERT INTO t(id, b, c) VALUES(13, ?, ?)", vec![text("text"), Value::Real(2.5)]),
        ("INSERT INTO t(id, b, c) VALUES(14, ?, ?)", vec![Value::Null, Value::Real(2.5)]),
        ("INSERT INTO t(id, b, c) VALUES(15, x'0102', NULL) ON CONFLICT(b) DO UPDATE SET c = excluded.c", vec![]),
        (
            "INSERT INTO t(id, b, c) VALUES(16, x'0102', 'again') ON CONFLICT(b) DO UPDATE SET c = excluded.c RETURNING id, b, c",
            vec![],
        ),
        ("INSERT OR REPLACE INTO t(id, b, c) VALUES(30, 'text', 'replaced')", vec![]),
        ("SELECT id, b, c, d, typeof(b), typeof(c), typeof(d) FROM t ORDER BY b", vec![]),
        ("SELECT id FROM t WHERE b = ?", vec![text("text")]),
        ("SELECT id FROM t WHERE b = ?", vec![blob(b"\x00\xff")]),
        ("SELECT id FROM t WHERE b = ?", vec![Value::Integer(5)]),
        ("SELECT id FROM t WHERE b < ? ORDER BY id", vec![text("z")]),
        ("SELECT id FROM t WHERE b IN (?, ?, ?) ORDER BY id", vec![text("text"), Value::Integer(5), blob(b"\x00\xff")]),
        ("SELECT id FROM t WHERE b BETWEEN ? AND ? ORDER BY id", vec![Value::Integer(1), text("zz")]),
        ("SELECT length(b), hex(b), quote(b), upper(c), substr(b, 1, 1), CAST(c AS INTEGER) FROM t ORDER BY b", vec![]),
        ("SELECT c + 1, abs(c), round(c) FROM t WHERE typeof(c) <> 'blob' ORDER BY id", vec![]),
        ("SELECT count(*), min(b), max(b), group_concat(c) FROM t", vec![]),
        ("SELECT DISTINCT typeof(b) FROM t ORDER BY 1", vec![]),
        ("SELECT typeof(b), count(*) FROM t GROUP BY typeof(b) ORDER BY 1", vec![]),
        ("UPDATE t SET s = c WHERE b = 'text'", vec![]),
        ("UPDATE t SET s = b WHERE b = 5", vec![]),
        ("SELECT s, typeof(s) FROM t ORDER BY id", vec![]),
        ("UPDATE t SET b = x'aa' WHERE b = 'text'", vec![]),
        ("PRAGMA table_info(t)", vec![]),
        ("SELECT sql FROM sqlite_master WHERE name = 't'", vec![]),
        ("ALTER TABLE t ADD COLUMN features BLOB DEFAULT ''", vec![]),
        ("SELECT id, features, typeof(features) FROM t ORDER BY id", vec![]),
        (r#"INSERT INTO t(id, b, features) VALUES(17, zeroblob(3), '{"a":1}')"#, vec![]),
        ("SELECT json_extract(features, '$.a') FROM t WHERE features <> ''", vec![]),
        ("CREATE TABLE k(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID", vec![]),
        ("INSERT INTO k VALUES('a', x'01'), (x'61', 'v'), (1, 1)", vec![]),
        ("INSERT INTO k VALUES(?, ?)", vec![text("a"), text("dup")]),
        ("INSERT INTO k VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v", vec![text("a"), text("dup")]),
        ("SELECT k, v FROM k ORDER BY k", vec![]),
        ("SELECT k FROM k WHERE k > ? ORDER BY k", vec![blob(b"")]),
        ("SELECT a.k, t.id FROM k a LEFT JOIN t ON t.b = a.k ORDER BY 1, 2", vec![]),
        ("CREATE TABLE st(id INTEGER PRIMARY KEY, b BLOB) STRICT", vec![]),
        ("INSERT INTO st(id, b) VALUES(18, 'x')", vec![]),
        ("INSERT INTO st(id, b) VALUES(19, x'01')", vec![]),
        ("SELECT * FROM st", vec![]),
        ("CREATE TABLE ch(id INTEGER PRIMARY KEY, r BLOB REFERENCES k(k) ON DELETE CASCADE)", vec![]),
        ("INSERT INTO ch(r) VALUES('a'), (x'61')", vec![]),
        ("INSERT INTO ch(r) VALUES('nope')", vec![]),
        ("DELETE FROM k WHERE k = 'a'", vec![]),
        ("SELECT * FROM ch", vec![]),
        ("CREATE VIEW v AS SELECT id, b, c FROM t WHERE c IS NOT NULL", vec![]),
        ("SELECT * FROM v ORDER BY id", vec![]),
        ("CREATE TRIGGER tr AFTER INSERT ON st BEGIN INSERT INTO k VALUES(new.b, 'trigger'); END", vec![]),
        ("INSERT INTO st(id, b) VALUES(20, x'0203')", vec![]),
        ("SELECT * FROM k ORDER BY k", vec![]),
        ("CREATE TABLE cp AS SELECT b, c FROM t", vec![]),
        ("SELECT typeof(b), b FROM cp ORDER BY b", vec![]),
        ("PRAGMA table_info(cp)", vec![]),
        ("CREATE TABLE g(b BLOB, h TEXT GENERATED ALWAYS AS (hex(b)))", vec![]),
        ("INSERT INTO g(b) VALUES('a'), (x'00')", vec![]),
        ("SELECT * FROM g ORDER BY 2", vec![]),
        ("CREATE UNIQUE INDEX gi ON g(b) WHERE b IS NOT NULL", vec![]),
        ("INSERT INTO g(b) VALUES('a')", vec![]),
        ("CREATE TABLE cc(b BLOB CHECK(length(b) > 2))", vec![]),
        ("INSERT INTO cc VALUES('ab')", vec![]),
        ("INSERT INTO cc VALUES('abc')", vec![]),
        ("INSERT INTO cc VALUES(?)", vec![blob(b"\x01")]),
        ("SELECT b = 'abc', b IS x'00', b LIKE 'a%', b GLOB 'a*', instr(b, 'b') FROM cc", vec![]),
        ("SELECT sum(b), avg(b), total(b) FROM cc", vec![]),
        ("ALTER TABLE t RENAME COLUMN c TO cc", vec![]),
        ("PRAGMA table_info(t)", vec![]),
        ("SELECT sql FROM sqlite_master WHERE name = 't'", vec![]),
    ] {
        both.run(sql, &values);
    }
    both.end(&[]);
}

/// A file's rows, whatever their classes are, by a program's own loop.
#[test]
fn rows_of_every_class_are_moved() {
    let database = sqlift::testing::database();
    let file = support::sqlite();
    let server = Connection::open_url(&support::with(database.url(), "blob_columns=any")).expect("connects");
    for conn in [&file, &server] {
        conn.execute_batch("CREATE TABLE item(id INTEGER PRIMARY KEY, key BLOB UNIQUE, data BLOB)").expect("creates");
    }
    file.execute_batch(
        "INSERT INTO item VALUES (1, 'a', x''), (2, x'61', ''), (3, 1, 1.5), (4, 9007199254740993, -1e300), (5, NULL, NULL)",
    )
    .expect("SQLite keeps them");
    let rows = |conn: &Connection| -> Vec<Vec<Value>> {
        let mut statement = conn.prepare("SELECT id, key, data FROM item ORDER BY key, id").expect("prepares");
        let rows = statement.query_map([], |row| (0..3).map(|column| row.get(column)).collect());
        rows.expect("runs").collect::<Result<_, _>>().expect("reads")
    };
    for row in rows(&file) {
        server.execute("INSERT INTO item VALUES (?, ?, ?)", params_from_iter(row)).expect("inserts");
    }
    assert_eq!(rows(&server), rows(&file));
    let read_back: Vec<u8> =
        server.query_row("SELECT key FROM item WHERE key = ?", [b"a".as_slice()], |row| row.get(0)).expect("finds");
    assert_eq!(read_back, b"a");
}

/// Connections of one process share translations; what a CREATE TABLE makes is each connection's own.
#[test]
fn each_connection_makes_its_own_kind_of_table() {
    let database = sqlift::testing::database();
    let bytes = Connection::open_url(database.url()).expect("connects");
    let any = Connection::open_url(&support::with(database.url(), "blob_columns=any")).expect("connects");
    let create = "CREATE TABLE t(b BLOB)";
    for (conn, kind) in [(&bytes, "bytea"), (&any, "sqlift.value"), (&bytes, "bytea")] {
        assert!(conn.translate(create).expect("translates").expect("PostgreSQL").sql.contains(kind));
    }
    any.execute_batch(create).expect("creates");
    bytes.execute("INSERT INTO t VALUES ('text')", []).expect("the column decides, not the connection");
    bytes.execute_batch("DROP TABLE t; CREATE TABLE t(b BLOB)").expect("creates");
    let error = any.execute("INSERT INTO t VALUES (?)", ["text"]).expect_err("a column of bytes");
    assert!(error.to_string().contains("blob_columns=any"), "{error}");
}
