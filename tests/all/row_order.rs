//! The order in which a table's rows are read and written, where a result shows it: SQLite's is the rowid's, also where updates have
//! moved the rows in PostgreSQL's heap.

use sqlift::Connection;
use sqlift::types::Value;

use crate::support::{self, Log};

/// The rows of `t` lie in another order than their ids: first the odd ones, then the even ones, the last one first.
const SCHEMA: &str = "
    CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, y TEXT, z INTEGER, k INTEGER);
    CREATE INDEX t_k ON t(k);
    INSERT INTO t(id, g, y, z, k)
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 60)
        SELECT i, i * 7 % 5, char(97 + i % 3), i % 4, i % 6 FROM c;
    CREATE TABLE named(name TEXT PRIMARY KEY, g INTEGER, note TEXT);
    INSERT INTO named SELECT 'n' || (id * 37 % 61), id % 3, 'x' FROM t ORDER BY id;
    UPDATE named SET note = 'y' WHERE g = 0;
    CREATE TABLE log(id INTEGER PRIMARY KEY, what TEXT, of INTEGER);
    CREATE TABLE plain(what TEXT, of INTEGER);
    CREATE TABLE kept(id INTEGER PRIMARY KEY, one INTEGER DEFAULT 1 UNIQUE);
    CREATE TABLE last(id INTEGER PRIMARY KEY, n INTEGER, of INTEGER);
    INSERT INTO last VALUES (1, 0, 0);
    CREATE TABLE parent(id INTEGER PRIMARY KEY);
    CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) ON DELETE CASCADE, n INTEGER);
    INSERT INTO parent SELECT id FROM t WHERE id < 10 ORDER BY id;
    INSERT INTO child(parent, n) SELECT id % 9 + 1, id FROM t ORDER BY id;";

fn moved(conn: &Connection) {
    conn.execute_batch(SCHEMA).unwrap();
    for id in (1..=60).rev().filter(|id| id % 2 == 0) {
        conn.execute("UPDATE t SET y = y || '' WHERE id = ?", [id]).unwrap();
        conn.execute("UPDATE child SET n = n + 0 WHERE id = ?", [id]).unwrap();
    }
    // The key of a row that is deleted and comes back lies behind all others.
    conn.execute_batch(
        "DELETE FROM parent WHERE id = 2; INSERT INTO parent VALUES (2); UPDATE child SET parent = 2 WHERE n < 4;",
    )
    .unwrap();
}

#[track_caller]
fn compare(statements: &[&str]) {
    support::same(|conn: &mut Connection| {
        moved(conn);
        let mut log = Log::default();
        for sql in statements {
            let rows = conn.prepare(sql).and_then(|mut statement| {
                let width = statement.column_count();
                let row = |row: &sqlift::Row<'_>| (0..width).map(|index| row.get(index)).collect();
                statement.query_map([], row)?.collect::<sqlift::Result<Vec<Vec<Value>>>>()
            });
            log.result(sql, rows);
            log.result("changes", Ok(conn.changes()));
        }
        log
    });
}

#[test]
fn groups_that_tie_come_in_their_keys_order() {
    compare(&[
        "SELECT g, count(*) FROM t GROUP BY g ORDER BY count(*) DESC LIMIT 3",
        "SELECT g, count(*) FROM t GROUP BY g ORDER BY count(*) LIMIT 3",
        "SELECT g, y, count(*) FROM t GROUP BY g, y ORDER BY count(*) DESC",
        "SELECT g, y, count(*) FROM t GROUP BY g, y ORDER BY count(*) DESC, max(z) DESC",
        "SELECT g, y, count(*) FROM t GROUP BY g, y ORDER BY y DESC, count(*)",
        "SELECT g, y FROM t GROUP BY g, y ORDER BY y DESC LIMIT 4",
        "SELECT g AS q, count(*) AS n FROM t GROUP BY q ORDER BY n DESC",
        "SELECT y || g AS q, count(*) AS n FROM t GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
        "SELECT upper(y), count(*) FROM t GROUP BY upper(y) ORDER BY 2 DESC",
        "SELECT nullif(g, 2) AS q, count(*) FROM t GROUP BY q ORDER BY 2 LIMIT 3",
        "SELECT nullif(g, 2) AS q, max(1) FROM t GROUP BY q ORDER BY 2 DESC",
        // The groups of an index come as they are in it.
        "SELECT k, count(*) FROM t GROUP BY k ORDER BY count(*) DESC LIMIT 3",
        "SELECT k, sum(g * 0) FROM t WHERE g > 1 GROUP BY k ORDER BY 2 DESC LIMIT 3",
        "SELECT id, count(*) FROM t GROUP BY id ORDER BY count(*) DESC LIMIT 3",
        "SELECT g, count(*) FROM t WHERE k = 3 GROUP BY g ORDER BY 2 DESC",
        // A result is called like the key.
        "SELECT -g AS g, count(*) FROM t GROUP BY t.g ORDER BY count(*) DESC",
        "SELECT -g AS g, count(*) FROM t GROUP BY g ORDER BY count(*) LIMIT 2",
        "SELECT a.g, count(*) FROM t a JOIN t b ON b.id = a.k GROUP BY a.g ORDER BY 2 DESC",
        "SELECT g FROM t GROUP BY g HAVING count(*) > 3 ORDER BY min(z) LIMIT 2",
        "INSERT INTO log(what, of) SELECT 'top', g FROM t GROUP BY g ORDER BY count(*) DESC LIMIT 3",
        "SELECT * FROM log ORDER BY id",
        "SELECT (SELECT g FROM t GROUP BY g ORDER BY count(*) LIMIT 1)",
        "SELECT group_concat(g) FROM (SELECT g FROM t GROUP BY g ORDER BY count(*) DESC)",
    ]);
}

#[test]
fn rows_that_tie_come_by_the_rowid() {
    compare(&[
        "SELECT id FROM t ORDER BY z",
        "SELECT id, y FROM t ORDER BY z DESC LIMIT 7",
        "SELECT id FROM t ORDER BY y, z DESC LIMIT 7 OFFSET 2",
        "SELECT y, id FROM t WHERE g > 1 ORDER BY 1",
        "SELECT length(y) AS l, id FROM t ORDER BY l LIMIT 5",
        "SELECT id AS q, * FROM t AS u ORDER BY z % 2, y DESC LIMIT 9",
        "SELECT id FROM t WHERE k = 4 ORDER BY z LIMIT 4",
        "SELECT name FROM named WHERE g < 9 AND note <> '' ORDER BY g LIMIT 9",
        "SELECT rowid, note FROM named ORDER BY note DESC, g LIMIT 9",
        "SELECT (SELECT t.id FROM t WHERE t.z = named.g ORDER BY y LIMIT 1) FROM named ORDER BY rowid LIMIT 5",
        "SELECT id FROM t WHERE id IN (SELECT id FROM t ORDER BY z DESC LIMIT 5) ORDER BY id",
        "SELECT group_concat(id) FROM (SELECT id FROM t ORDER BY z)",
        "INSERT INTO log(what, of) SELECT 'tie', id FROM t WHERE g = 2 ORDER BY z DESC",
        "SELECT * FROM log ORDER BY id",
    ]);
}

#[test]
fn an_index_of_some_rows_gives_no_order_to_a_query_of_all() {
    compare(&[
        "CREATE INDEX t_some ON t(z) WHERE z IS NOT NULL",
        "SELECT id, y FROM t ORDER BY g % 2 LIMIT 7",
        "SELECT id FROM t ORDER BY z LIMIT 7",
        "SELECT z FROM t ORDER BY z, z % 2 LIMIT 7",
        "SELECT * FROM t ORDER BY length(y) DESC, z LIMIT 5 OFFSET 2",
        "SELECT * FROM t WHERE id % 2 = 1 AND g > 1 LIMIT 3 OFFSET 4",
        "CREATE INDEX t_expression ON t(z + 1) WHERE g > 0",
        "SELECT * FROM t WHERE y > 'a' LIMIT 3 OFFSET 4",
        "CREATE INDEX t_lower ON t(lower(y))",
        "SELECT * FROM t ORDER BY g % 3 LIMIT 5 OFFSET 2",
        "SELECT group_concat(id) FROM (SELECT id FROM t ORDER BY z DESC)",
    ]);
}

#[test]
fn the_first_rows_are_those_of_the_lowest_rowids() {
    compare(&[
        "SELECT * FROM t LIMIT 3",
        "SELECT * FROM t LIMIT 3 OFFSET 30",
        "SELECT * FROM t WHERE g = 3 LIMIT 2",
        "SELECT * FROM t WHERE g = 3 AND id > 10 LIMIT 2",
        "SELECT id, y FROM t AS u WHERE u.y LIKE 'b%' OR z IS NULL LIMIT 4",
        "SELECT (SELECT y || id FROM t), (SELECT note || rowid FROM named)",
        "SELECT * FROM (SELECT y, id FROM t LIMIT 5) AS q",
        "SELECT id FROM t WHERE id IN (SELECT id FROM t WHERE z = 2 LIMIT 3) ORDER BY id",
        "SELECT note, g, rowid FROM named LIMIT 3",
        "DELETE FROM t WHERE id = (SELECT id FROM t WHERE z = 2 LIMIT 1)",
        "SELECT count(*), sum(id) FROM t",
    ]);
}

#[test]
fn queries_hand_their_order_on() {
    compare(&[
        "SELECT * FROM (SELECT g FROM t GROUP BY g) LIMIT 2",
        "SELECT g * 2 FROM (SELECT g, count(*) AS n FROM t GROUP BY g) WHERE n > 1",
        "SELECT * FROM (SELECT g FROM t UNION SELECT k FROM t) LIMIT 4",
        "SELECT * FROM (SELECT * FROM (SELECT y FROM t GROUP BY y)) LIMIT 2",
        "WITH q AS (SELECT g, count(*) AS n FROM t GROUP BY g) SELECT * FROM q LIMIT 3",
        "WITH q(a) AS (SELECT g FROM t EXCEPT SELECT 2) SELECT a FROM q",
        "SELECT group_concat(y) FROM (SELECT y FROM t GROUP BY y)",
        "SELECT group_concat(g, '-'), json_group_array(g) FROM (SELECT g FROM t UNION SELECT 77)",
        "WITH q AS (SELECT y, count(*) AS n FROM t GROUP BY y) SELECT group_concat(y || n) FROM q",
        "CREATE TABLE made AS SELECT g, count(*) AS n FROM t GROUP BY g",
        "SELECT rowid, * FROM made ORDER BY rowid",
        "CREATE TABLE set_of AS SELECT g FROM t UNION SELECT 9",
        "SELECT rowid, * FROM set_of ORDER BY rowid",
        "INSERT INTO log(what, of) SELECT 'g', g FROM (SELECT g FROM t GROUP BY g)",
        "SELECT * FROM log ORDER BY id",
    ]);
}

#[test]
fn triggers_show_the_rows_in_their_order() {
    compare(&[
        "CREATE TRIGGER a AFTER UPDATE OF z ON t BEGIN INSERT INTO log(what, of) VALUES ('z', NEW.id); END",
        "CREATE TRIGGER b AFTER DELETE ON t BEGIN INSERT INTO plain VALUES ('gone', OLD.id);
         INSERT OR IGNORE INTO kept(id) VALUES (OLD.id + 1000); END",
        "CREATE TRIGGER c AFTER UPDATE OF y ON t BEGIN UPDATE last SET of = NEW.id, n = n + 1; END",
        "CREATE TRIGGER d BEFORE UPDATE OF k ON t WHEN NEW.k > 3 BEGIN
         INSERT INTO last(id, of) VALUES (2, NEW.id) ON CONFLICT(id) DO UPDATE SET n = excluded.of; END",
        "CREATE TRIGGER e AFTER DELETE ON child BEGIN INSERT INTO log(what, of) VALUES ('child', OLD.id); END",
        "CREATE TRIGGER f AFTER DELETE ON parent BEGIN INSERT INTO log(what, of) VALUES ('parent', OLD.id); END",
        "PRAGMA foreign_keys = ON",
        "UPDATE t SET z = z + 1 WHERE g < 3",
        "UPDATE t AS u SET z = (SELECT count(*) FROM named) + u.g WHERE u.g = 4 AND u.id > 5",
        "UPDATE t SET z = 5",
        "UPDATE t SET y = y || 'x' WHERE g = 1",
        "SELECT * FROM last",
        "UPDATE t SET k = k + 1",
        "SELECT * FROM last",
        "DELETE FROM t WHERE g IN (1, 2)",
        "DELETE FROM parent WHERE id < 6",
        "DELETE FROM child",
        "DELETE FROM t",
        "SELECT * FROM log ORDER BY id",
        "SELECT rowid, * FROM plain ORDER BY rowid",
        "SELECT * FROM kept",
        "SELECT * FROM last",
        "SELECT changes()",
    ]);
}

#[test]
fn triggers_show_bound_values_in_their_rows_order() {
    support::same(|conn: &mut Connection| {
        moved(conn);
        conn.execute_batch(
            "CREATE TRIGGER a AFTER UPDATE ON t BEGIN INSERT INTO log(what, of) VALUES (NEW.y, NEW.id); END;
             CREATE TRIGGER b AFTER DELETE ON named BEGIN INSERT INTO log(what, of) VALUES (OLD.name, OLD.rowid); END;",
        )
        .unwrap();
        let mut log = Log::default();
        let mut statement = conn.prepare("UPDATE t SET y = ?2, z = z + 1 WHERE g = ?1").unwrap();
        for (g, y) in [(1, "p"), (3, "q"), (7, "r"), (1, "s")] {
            log.result("update", statement.execute((g, y)));
        }
        drop(statement);
        log.result("delete", conn.execute("DELETE FROM named WHERE g = ?", [2]));
        for bound in [Value::Integer(3), Value::Real(1.0), Value::Text("4".into())] {
            log.result("expression", conn.execute("UPDATE t SET y = y || ?1, z = z + ?1 WHERE g < 4", [bound]));
        }
        conn.execute_batch("BEGIN; UPDATE t SET y = 'undone'; ROLLBACK;").unwrap();
        log.result("missing", conn.execute("UPDATE t SET y = 'none' WHERE id > ?", [900]));
        // What is bound does not decide how many rows are told.
        for bound in [Value::Null, Value::Integer(2)] {
            let sql = "UPDATE t SET z = max(z, ?1), y = 'none' WHERE y LIKE 'zz%'";
            log.result("in an expression", conn.execute(sql, [bound]));
        }
        let rows = conn.prepare("SELECT id, what, of FROM log ORDER BY id").and_then(|mut statement| {
            statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<sqlift::Result<Vec<(i64, String, i64)>>>()
        });
        log.result("log", rows);
        log
    });
}

#[test]
fn written_rows_come_by_the_rowid() {
    compare(&[
        "INSERT INTO log(what, of) SELECT y, z FROM t",
        "INSERT INTO log(what, of) SELECT 'k', g FROM t WHERE k = 3 AND g > 1",
        "INSERT INTO log SELECT NULL, y, z FROM t WHERE g = 1",
        "INSERT OR IGNORE INTO kept(id, one) SELECT id, z FROM t WHERE y <> ''",
        "INSERT INTO last(id, of) SELECT g + 5, z + id FROM t WHERE g < 9 ON CONFLICT(id) DO UPDATE SET of = excluded.of",
        "CREATE TABLE copied AS SELECT * FROM t",
        "SELECT rowid, * FROM copied ORDER BY rowid",
        "SELECT * FROM log ORDER BY id",
        "SELECT * FROM kept ORDER BY id",
        "SELECT * FROM last ORDER BY id",
    ]);
}

#[test]
fn keys_are_freed_in_the_rows_order() {
    compare(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY, list INTEGER, pos INTEGER UNIQUE, note TEXT)",
        "INSERT INTO p(list, pos, note) SELECT id % 2, id, 'x' FROM t ORDER BY id",
        "UPDATE p SET note = 'y' WHERE pos % 3 = 0",
        "UPDATE p SET note = 'z' WHERE pos % 3 = 1",
        "DELETE FROM p WHERE pos = 1",
        "UPDATE p SET pos = pos - 1",
        "UPDATE p SET pos = pos - 1 WHERE note <> 'q'",
        "UPDATE p SET pos = pos + 1",
        "SELECT changes(), count(*), min(pos), max(pos), sum(id * pos) FROM p",
    ]);
}

#[test]
fn keys_are_freed_by_bound_values() {
    support::same(|conn: &mut Connection| {
        moved(conn);
        conn.execute_batch(
            "CREATE UNIQUE INDEX t_g ON t(z, id);
             CREATE TABLE p(id INTEGER PRIMARY KEY, pos INTEGER UNIQUE, note TEXT);
             INSERT INTO p(pos, note) SELECT id * 2, 'x' FROM t ORDER BY id;
             UPDATE p SET note = 'y' WHERE pos % 3 = 0;",
        )
        .unwrap();
        let mut log = Log::default();
        log.result("down", conn.execute("UPDATE p SET pos = pos - 2, note = ?", ["n"]));
        let transaction = conn.transaction().unwrap();
        log.result("inside", transaction.execute("UPDATE p SET pos = pos - 2, note = ? WHERE note = ?", ("m", "n")));
        log.result("by a parameter", transaction.execute("UPDATE p SET pos = pos - ?", [2]));
        log.result("by a real", transaction.execute("UPDATE p SET pos = pos + ?1 - 2 * (typeof(?1) = 'real')", [2.0]));
        log.result("up", transaction.execute("UPDATE p SET pos = pos + 2", []));
        transaction.commit().unwrap();
        log.result(
            "sum",
            conn.query_row("SELECT sum(id * pos), max(note) FROM p", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            }),
        );
        log
    });
}

#[test]
fn limit_stops_at_what_an_index_of_some_rows_or_over_an_expression_finds() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE j(id INTEGER PRIMARY KEY, prio INTEGER, state TEXT);
             CREATE INDEX ji ON j(prio) WHERE state = 'p';
             CREATE TABLE e(id INTEGER PRIMARY KEY, a INT, b INT);
             CREATE INDEX ei ON e(a + b);",
        )
        .unwrap();
        for sql in ["SELECT id FROM j WHERE state = 'p' LIMIT 1", "SELECT id FROM e WHERE a + b = 9 LIMIT 1"] {
            let printed = conn.translate(sql).unwrap().unwrap().sql.clone();
            assert!(!printed.contains("ORDER BY"), "{printed}");
        }
        let printed = conn.translate("SELECT * FROM j LIMIT 1").unwrap().unwrap().sql.clone();
        assert!(printed.contains("ORDER BY"), "{printed}");
    });
}
