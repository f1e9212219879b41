//! Which names UPDATE's clauses see, and which row a subquery gives, on both databases.

use crate::support::{self, Log};
use sqlift::{Connection, Result};

#[test]
fn clauses_of_a_write_see_what_sqlite_lets_them_see() {
    let run = |conn: &mut Connection| {
        conn.execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b INTEGER, name TEXT);
             CREATE TABLE s(id INTEGER PRIMARY KEY, tid INTEGER, b INTEGER, name TEXT);
             CREATE TABLE k(k TEXT PRIMARY KEY, v INTEGER);
             INSERT INTO t VALUES (1, 1, 10, 'one'), (2, 2, 20, 'two'), (3, 3, 30, 'three');
             INSERT INTO s VALUES (7, 1, 100, 'S'), (8, 2, 200, 'T'), (9, 2, 300, 'U');
             INSERT INTO k VALUES ('a', 1), ('b', 2);",
        )
        .expect("the schema is common ground");
        let mut log = Log::default();
        for sql in [
            "UPDATE t SET b = s.b FROM s WHERE s.tid = t.id AND s.id < 9 RETURNING id || name || b",
            "UPDATE t SET b = s.b + 1 FROM s WHERE s.tid = t.id AND s.id < 9 RETURNING t.id || upper(name)",
            "UPDATE t AS u SET b = 5 FROM s AS x WHERE x.tid = u.id AND x.id < 9 RETURNING rowid || name",
            "UPDATE t SET b = s.b FROM s WHERE s.tid = t.id AND s.id < 9 RETURNING (SELECT max(id) FROM s) || name",
            "UPDATE t SET (a, b) = (SELECT 5, s.b FROM s WHERE s.tid = t.id ORDER BY s.id DESC) RETURNING id || coalesce(b, 'none')",
            "UPDATE t SET (name, b) = (SELECT s.name, s.b FROM s ORDER BY s.id) WHERE id = 3 RETURNING name || b",
            "UPDATE t SET b = (SELECT s.b FROM s ORDER BY s.id DESC) WHERE id = 1 RETURNING b || ''",
            "INSERT INTO k VALUES ('a', 5) ON CONFLICT (k) DO UPDATE SET (k, v) = (SELECT 'z', id FROM s ORDER BY id) RETURNING k || v",
            "INSERT INTO k VALUES ('b', 5) ON CONFLICT (k) DO UPDATE SET v = rowid + excluded.v WHERE rowid = 2 RETURNING k || v",
            "INSERT INTO t VALUES (1, 1, 1, '1') ON CONFLICT (id) DO UPDATE SET b = rowid, name = oid || excluded.rowid RETURNING b || name",
        ] {
            let rows: Result<Vec<String>> =
                conn.prepare(sql).and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
            log.result(
                sql,
                rows.map(|mut rows| {
                    rows.sort();
                    rows
                }),
            );
        }
        log
    };
    support::same(run);
}

/// RETURNING has the table's own name, not the alias that the rest of the statement knows it by.
#[test]
fn returning_knows_the_table_by_its_own_name() {
    crate::pragma_answers::same(&[
        "CREATE TABLE t(a TEXT PRIMARY KEY, b TEXT)",
        "INSERT INTO t AS z VALUES('q', 'r') RETURNING t.b, b, t.rowid",
        "INSERT INTO t AS z VALUES('q', 'r') RETURNING z.b",
        "INSERT INTO t AS z VALUES('q', 'r') ON CONFLICT(a) DO UPDATE SET b = z.b || excluded.b RETURNING t.b, a",
        "INSERT OR REPLACE INTO t AS z VALUES('q', 'r') RETURNING t.b, b",
        "INSERT OR REPLACE INTO t AS z VALUES('q', 'r'), ('x', 'y') RETURNING t.a || t.b",
        "INSERT OR IGNORE INTO t AS z VALUES('q', 'r'), ('k', 'l') RETURNING t.a",
        "UPDATE t AS z SET b = 'u' WHERE z.a = 'q' RETURNING t.b, (SELECT count(*) FROM t AS q WHERE q.a = t.a)",
        "UPDATE t AS z SET b = 'u' RETURNING z.b",
        "UPDATE t AS z SET b = 'u' WHERE z.a = 'q' RETURNING *, t.a",
        "UPDATE t AS z SET b = w.b || 'w' FROM t AS w WHERE w.a = z.a AND z.a = 'x' RETURNING t.b, a",
        "DELETE FROM t AS z WHERE z.a = 'x' RETURNING t.b, b",
        "DELETE FROM t AS z WHERE z.a = 'q' RETURNING z.b",
        "CREATE TRIGGER tu AFTER UPDATE ON t BEGIN UPDATE t SET b = b || '!' WHERE a <> NEW.a; END",
        "UPDATE t AS z SET b = 'v' WHERE z.a = 'q' RETURNING t.b",
        "SELECT * FROM t ORDER BY a",
    ]);
}
