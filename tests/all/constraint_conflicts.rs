//! ON CONFLICT in the constraints of a table: the same rows, counts and errors on both databases.

use sqlift::types::Value;
use sqlift::{Connection, Error};

use crate::support;

/// What a statement gave: its rows, or how many it changed, or SQLite's code.
fn outcome(conn: &Connection, sql: &str) -> String {
    let run = || -> sqlift::Result<String> {
        let mut statement = conn.prepare(sql)?;
        let columns = statement.column_count();
        if columns == 0 {
            return statement.execute([]).map(|changed| format!("{changed} changed"));
        }
        let row = |row: &sqlift::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
        let rows: Vec<Vec<Value>> = statement.query_map([], row)?.collect::<sqlift::Result<_>>()?;
        Ok(format!("{rows:?}"))
    };
    let told = |error: Error| {
        format!("{:?} {error}, autocommit: {}", error.sqlite_extended_error_code(), conn.is_autocommit())
    };
    run().unwrap_or_else(told)
}

#[track_caller]
pub fn check(script: &[&str]) {
    let sqlite = support::sqlite();
    let expected: Vec<String> = script.iter().map(|sql| outcome(&sqlite, sql)).collect();
    support::on_postgres(|conn| {
        for (sql, expected) in script.iter().zip(&expected) {
            assert_eq!(&outcome(conn, sql), expected, "{sql}");
        }
    });
}

#[test]
fn replace() {
    check(&[
        "CREATE TABLE a (id INTEGER PRIMARY KEY, k TEXT UNIQUE ON CONFLICT REPLACE, v TEXT)",
        "INSERT INTO a (k, v) VALUES ('x', '1'), ('y', '2'), ('x', '3')",
        "SELECT * FROM a ORDER BY id",
        "INSERT OR IGNORE INTO a (k, v) VALUES ('x', '9'), ('z', '4')",
        "INSERT OR ABORT INTO a (k, v) VALUES ('x', '9')",
        "SELECT k, v FROM a ORDER BY k",
        "INSERT INTO a (k, v) VALUES ('x', 'up') ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        "INSERT INTO a (k, v) VALUES ('x', 'up2') ON CONFLICT DO NOTHING",
        "SELECT k, v FROM a ORDER BY k",
        "UPDATE a SET k = 'x' WHERE k = 'y'",
        "UPDATE a SET v = v || '!'",
        "SELECT k, v FROM a ORDER BY k",
        "UPDATE OR IGNORE a SET k = 'x' WHERE k = 'z'",
        "UPDATE OR REPLACE a SET k = 'x' WHERE k = 'z'",
        "SELECT k, v FROM a ORDER BY k",
        "INSERT INTO a (k, v) SELECT k, v || '2' FROM a",
        "SELECT k, v FROM a ORDER BY k",
        "INSERT INTO a (id, k, v) VALUES ((SELECT max(id) FROM a), 'new', '')",
        "CREATE TRIGGER skips BEFORE INSERT ON a BEGIN SELECT RAISE(IGNORE) WHERE NEW.v = 'skip'; END",
        "INSERT INTO a (k, v) VALUES ('x', 'skip'), ('y', 'ok') RETURNING k, v",
        "ALTER TABLE a RENAME COLUMN k TO kk",
        "INSERT INTO a (kk, v) VALUES ('x', 'renamed')",
        "ALTER TABLE a RENAME TO aa",
        "INSERT INTO aa (kk, v) VALUES ('x', 'again')",
        "SELECT kk, v FROM aa ORDER BY kk",
        "SELECT type, name FROM sqlite_master WHERE type = 'trigger'",
        "DROP TABLE aa",
        "CREATE TABLE e (k TEXT, v TEXT CHECK (v <> 'no'), CHECK (k <> 'no') ON CONFLICT IGNORE, PRIMARY KEY (k) ON CONFLICT REPLACE) WITHOUT ROWID",
        "INSERT INTO e VALUES ('a', '1'), ('a', '2')",
        "INSERT INTO e VALUES ('a', 'no')",
        "INSERT INTO e VALUES ('no', 'b')",
        "SELECT * FROM e",
    ]);
}

#[test]
fn ignore_and_null() {
    check(&[
        "CREATE TABLE b (id INTEGER PRIMARY KEY ON CONFLICT IGNORE, k TEXT NOT NULL ON CONFLICT IGNORE,
             n INTEGER NOT NULL ON CONFLICT REPLACE DEFAULT 7, u INTEGER, w INTEGER NOT NULL ON CONFLICT REPLACE,
             UNIQUE (k, u) ON CONFLICT REPLACE)",
        "INSERT INTO b VALUES (1, 'a', NULL, 1, 1), (1, 'b', 2, 2, 2), (2, NULL, 3, 3, 3), (3, 'a', 5, 1, 4)",
        "SELECT * FROM b ORDER BY id",
        "INSERT INTO b VALUES (9, 'q', 1, 1, NULL)",
        "UPDATE b SET k = NULL",
        "UPDATE b SET n = NULL",
        "SELECT * FROM b ORDER BY id",
        "INSERT OR ABORT INTO b VALUES (9, NULL, 1, 1, 1)",
        "CREATE TABLE log (n INTEGER PRIMARY KEY, what TEXT UNIQUE ON CONFLICT IGNORE)",
        "CREATE TRIGGER logs AFTER INSERT ON b BEGIN INSERT INTO log (what) VALUES (NEW.k); END",
        "INSERT INTO b (id, k, u, w) VALUES (20, 'm', 1, 1), (21, 'm', 2, 1)",
        "SELECT what FROM log",
        // NOCASE; the rowid comes first, then the newest key.
        "CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE, u INTEGER UNIQUE)",
        "INSERT INTO c VALUES (1, 'Abc', 1), (2, 'aBC', 2), (3, 'x', 3)",
        "SELECT * FROM c ORDER BY id",
        "INSERT INTO c VALUES (1, 'ABC', 9)",
        "INSERT INTO c VALUES (5, 'ABC', 3)",
        "INSERT INTO c VALUES (5, 'q', 3)",
        "CREATE TABLE d (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, k TEXT UNIQUE ON CONFLICT IGNORE)",
        "INSERT INTO d VALUES (1, 1, 'a')",
        "INSERT INTO d VALUES (2, 1, 'a')",
        "SELECT * FROM d",
        "CREATE TABLE h (a INTEGER, b INTEGER, UNIQUE (a) ON CONFLICT IGNORE, UNIQUE (b) ON CONFLICT REPLACE)",
        "INSERT INTO h VALUES (1, 1), (2, 2), (1, 2), (3, 2), (3, 1), (NULL, 5), (NULL, 6)",
        "SELECT a, b FROM h ORDER BY a, b",
        "INSERT OR REPLACE INTO h VALUES (3, 100)",
        "SELECT a, b FROM h ORDER BY a, b",
    ]);
}

/// Keys over NOCASE columns, which PostgreSQL has as indexes over their lower case.
#[test]
fn replace_by_nocase() {
    check(&[
        "CREATE TABLE n (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE, v TEXT, \"b c\" TEXT COLLATE NOCASE, m INTEGER)",
        "CREATE UNIQUE INDEX n_pair ON n (\"b c\", m)",
        "INSERT INTO n VALUES (1, 'Ann', '1', 'x', 1), (2, 'bob', '2', 'Y', 2), (3, NULL, '3', NULL, 3)",
        "INSERT OR REPLACE INTO n VALUES (4, 'ANN', '4', 'q', 4)",
        "REPLACE INTO n (id, k, v, \"b c\", m) VALUES (5, 'new', '5', 'y', 2), (6, 'NEW', '6', 'Q', 5)",
        "SELECT * FROM n ORDER BY id",
        "INSERT OR REPLACE INTO n (id, k, v) VALUES (7, NULL, '7')",
        "UPDATE OR REPLACE n SET k = 'ann' WHERE id = 6",
        "UPDATE OR IGNORE n SET k = 'Ann' WHERE id = 7",
        "SELECT * FROM n ORDER BY id",
        "INSERT OR REPLACE INTO n (id, k, v, m) SELECT id + 10, upper(k), 'again', m FROM n",
        "SELECT * FROM n ORDER BY id",
    ]);
}

#[test]
fn what_is_deleted_behind_a_replace_runs_its_triggers() {
    check(&[
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE ON CONFLICT REPLACE)",
        "CREATE TABLE l (n INTEGER)",
        "CREATE TRIGGER td AFTER DELETE ON t BEGIN INSERT INTO l VALUES (old.id); END",
        "CREATE TRIGGER ti AFTER INSERT ON t BEGIN DELETE FROM t WHERE id = 99; END",
        "INSERT INTO t VALUES (99, 99)",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO t VALUES (2, 1)",
        "SELECT * FROM l",
        "SELECT * FROM t",
    ]);
}

#[test]
fn rollback() {
    check(&[
        "CREATE TABLE d (k TEXT PRIMARY KEY ON CONFLICT ROLLBACK, v TEXT NOT NULL ON CONFLICT ROLLBACK)",
        "INSERT INTO d VALUES ('a', '1')",
        "BEGIN",
        "INSERT INTO d VALUES ('b', '1')",
        "INSERT INTO d VALUES ('a', '1')",
        "SELECT count(*) FROM d",
        "BEGIN",
        "INSERT INTO d VALUES ('b', '1')",
        "INSERT INTO d VALUES ('b', NULL)",
        "SELECT count(*) FROM d",
        "BEGIN",
        "INSERT INTO d VALUES ('b', '1')",
        "INSERT OR ABORT INTO d VALUES ('b', '1')",
        "COMMIT",
        "SELECT count(*) FROM d",
        // What stands in its way is undone with the rest: it is not tried again.
        "CREATE TABLE l (lock TEXT, v INT, PRIMARY KEY (lock, v) ON CONFLICT ROLLBACK)",
        "BEGIN",
        "INSERT INTO l VALUES ('a', 5)",
        "INSERT INTO l VALUES ('a', 5)",
        "SELECT count(*) FROM l",
        "BEGIN",
        "INSERT INTO d VALUES ('c', '1')",
        "INSERT INTO d VALUES ('c', '2')",
        "SELECT count(*) FROM d",
    ]);
}

#[test]
fn what_is_not_known_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT UNIQUE ON CONFLICT REPLACE, n INTEGER UNIQUE);
             CREATE TABLE f (k TEXT UNIQUE ON CONFLICT FAIL, n INTEGER UNIQUE)",
        )
        .expect("is made");
        for sql in [
            "INSERT INTO f VALUES ('a', 1), ('b', 2) ON CONFLICT (n) DO NOTHING",
            "CREATE TRIGGER y AFTER DELETE ON t BEGIN INSERT INTO f VALUES (OLD.k, 1); END",
            "ALTER TABLE t ADD COLUMN z INTEGER NOT NULL ON CONFLICT IGNORE DEFAULT 3",
            "INSERT INTO t (n) VALUES (1) ON CONFLICT (n) DO NOTHING",
            "CREATE TRIGGER x AFTER DELETE ON t BEGIN INSERT INTO t (k) VALUES ('a') ON CONFLICT (k) DO NOTHING; END",
        ] {
            let Err(error) = conn.prepare(sql) else { panic!("{sql} is taken") };
            assert!(error.to_string().contains("help: "), "{sql}: {error}");
        }
    });
}

#[test]
fn on_conflict_fail_keeps_the_rows_ahead() {
    check(&[
        "CREATE TABLE f(id INTEGER PRIMARY KEY ON CONFLICT FAIL, k TEXT UNIQUE ON CONFLICT FAIL,
            n INT NOT NULL ON CONFLICT FAIL, u UNIQUE, c CHECK(c<>5))",
        "INSERT INTO f VALUES(1,'a',1,1,1)",
        "INSERT INTO f VALUES(2,'b',1,2,1),(3,'a',1,3,1),(4,'d',1,4,1)",
        "SELECT * FROM f ORDER BY id",
        "INSERT INTO f VALUES(5,'e',1,5,1),(6,'f',NULL,6,1),(7,'g',1,7,1)",
        "SELECT * FROM f ORDER BY id",
        // Constraints without it undo them all.
        "INSERT INTO f VALUES(8,'h',1,8,1),(9,'i',1,1,1),(10,'j',1,10,1)",
        "INSERT INTO f VALUES(8,'h',1,8,1),(9,'i',1,9,5),(10,'j',1,10,1)",
        "SELECT * FROM f ORDER BY id",
        "INSERT INTO f VALUES(8,'h',1,8,1),(1,'i',1,9,1),(10,'j',1,10,1)",
        "SELECT * FROM f ORDER BY id",
        // The statement's clause counts instead.
        "INSERT OR ABORT INTO f VALUES(20,'q',1,20,1),(1,'i',1,9,1)",
        "INSERT OR IGNORE INTO f VALUES(20,'q',1,20,1),(1,'i',1,9,1)",
        "INSERT OR REPLACE INTO f VALUES(21,'q',1,21,1),(22,'i',1,9,1)",
        "SELECT * FROM f ORDER BY id",
        "UPDATE f SET n=CASE WHEN id=5 THEN NULL ELSE 7 END",
        "SELECT * FROM f ORDER BY id",
        "UPDATE f SET k='z'||(id/20)",
        "SELECT * FROM f ORDER BY id",
        "UPDATE f SET u=1",
        "UPDATE f SET c=5 WHERE id>1",
        "SELECT * FROM f ORDER BY id",
        "INSERT INTO f VALUES(30,'t',1,30,1),(1,'t',1,31,1) RETURNING id",
        "INSERT INTO f VALUES(50,'t',1,30,1) ON CONFLICT(k) DO UPDATE SET n=n+1",
        "BEGIN",
        "INSERT INTO f VALUES(60,'s60',1,60,1),(61,'s60',1,61,1)",
        "SELECT count(*) FROM f",
        "COMMIT",
        "SELECT * FROM f ORDER BY id",
        // It counts ahead of an older one with IGNORE.
        "CREATE TABLE g(a, b, PRIMARY KEY(b) ON CONFLICT IGNORE, UNIQUE(a,b) ON CONFLICT FAIL)",
        "INSERT INTO g VALUES(1,1),(1,1),(2,2)",
        "INSERT INTO g VALUES(5,5),(6,1),(7,7)",
        "SELECT * FROM g ORDER BY b",
        "CREATE TABLE h(id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE ON CONFLICT FAIL)",
        "INSERT INTO h(k) VALUES('a'),('b'),('A'),('c')",
        "SELECT k FROM h ORDER BY k",
        // What BEFORE triggers did for the row stays too, also of a single one.
        "CREATE TABLE l(id INTEGER PRIMARY KEY, m)",
        "CREATE TRIGGER hb BEFORE INSERT ON h BEGIN INSERT INTO l(m) VALUES('b'||NEW.k); END",
        "CREATE TRIGGER ha AFTER INSERT ON h BEGIN INSERT INTO l(m) VALUES('a'||NEW.k||(SELECT count(*) FROM h)); END",
        "INSERT INTO h(k) VALUES('x'),('y'),('X'),('z')",
        "INSERT INTO h(k) VALUES('Y')",
        "INSERT OR FAIL INTO h(k) VALUES('Y')",
        "SELECT m FROM l ORDER BY id",
        "SELECT k FROM h ORDER BY k",
        "CREATE TABLE e(k TEXT NOT NULL ON CONFLICT FAIL)",
        "CREATE TRIGGER eb BEFORE INSERT ON e BEGIN INSERT INTO l(m) VALUES('e'); END",
        "INSERT INTO e DEFAULT VALUES",
        "INSERT OR FAIL INTO e DEFAULT VALUES",
        "SELECT count(*) FROM e",
    ]);
}

#[test]
fn on_conflict_fail_outlives_alter_table() {
    check(&[
        "CREATE TABLE f(id INTEGER PRIMARY KEY, k TEXT UNIQUE ON CONFLICT FAIL)",
        "ALTER TABLE f ADD COLUMN z NOT NULL ON CONFLICT FAIL DEFAULT 3",
        "INSERT INTO f(k,z) VALUES('a',5),('b',NULL),('c',7)",
        "ALTER TABLE f RENAME TO ff",
        "INSERT INTO ff(k) VALUES('d'),('d'),('e')",
        "ALTER TABLE ff RENAME COLUMN k TO kk",
        "INSERT INTO ff(kk) VALUES('f'),('f'),('g')",
        "SELECT kk, z FROM ff ORDER BY kk",
    ]);
}

/// SQLite looks at NOT NULL and CHECK, then at the keys that end a statement, and only then replaces or leaves out.
#[test]
fn what_ends_a_statement_is_looked_at_ahead_of_replace_and_ignore() {
    check(&[
        "CREATE TABLE c (id INTEGER PRIMARY KEY, a UNIQUE ON CONFLICT REPLACE, b UNIQUE, s TEXT AS (lower(b) || '!') STORED UNIQUE)",
        "CREATE UNIQUE INDEX late ON c (a + b) WHERE b > 10",
        "CREATE TABLE child (c REFERENCES c ON DELETE CASCADE)",
        "INSERT INTO c (id, a, b) VALUES (1, 1, 1), (2, 7, 20), (3, 9, 'X')",
        "INSERT INTO child VALUES (1), (2), (3)",
        "INSERT INTO c (id, a, b) VALUES (4, 1, 1)",
        "INSERT INTO c (id, a, b) VALUES (4, 9, 'x')",
        "INSERT INTO c (id, a, b) VALUES (4, 7, 20.0)",
        "UPDATE c SET a = 1, b = 1 WHERE id = 2",
        "SELECT * FROM c ORDER BY id",
        "INSERT INTO c (id, a, b) VALUES (4, 1, 2)",
        "INSERT INTO c (id, a, b) VALUES (5, 7, NULL)",
        "UPDATE c SET a = 7 WHERE id = 3",
        "SELECT id, a, b FROM c ORDER BY id",
        "SELECT * FROM child",
        "CREATE TABLE r (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, a TEXT COLLATE NOCASE UNIQUE)",
        "INSERT INTO r VALUES (1, 'a')",
        "INSERT INTO r VALUES (1, 'A')",
        "INSERT INTO r VALUES (1, 'b')",
        "SELECT * FROM r",
        "CREATE TABLE i (a UNIQUE ON CONFLICT IGNORE, e CHECK (e > 0), n NOT NULL, g AS (e * 2) STORED CHECK (g < 50))",
        "INSERT INTO i VALUES (1, 1, 1)",
        "INSERT INTO i VALUES (1, -1, 1)",
        "INSERT INTO i VALUES (1, 1, NULL)",
        "INSERT INTO i VALUES (1, 30, 1)",
        "INSERT INTO i VALUES (1, NULL, 1)",
        "INSERT OR IGNORE INTO i VALUES (1, -1, 1)",
        "SELECT * FROM i",
    ]);
}
