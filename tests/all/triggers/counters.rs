//! last_insert_rowid(), changes() and total_changes() in triggers and behind statements that run them.

use super::{refused, same};

const LINKED: [&str; 6] = [
    "CREATE TABLE a(id INTEGER PRIMARY KEY, v)",
    "CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER, v)",
    "CREATE TABLE c(id INTEGER PRIMARY KEY, n INTEGER, ch INTEGER)",
    "CREATE TRIGGER t1 AFTER INSERT ON a BEGIN INSERT INTO b(a_id, v) VALUES (last_insert_rowid(), NEW.v);
     INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); UPDATE b SET v = 'x' WHERE id < 3;
     INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); END",
    "CREATE VIEW vw AS SELECT a.id, a.v, b.v AS bv FROM a JOIN b ON b.a_id = a.id",
    "CREATE TRIGGER vi INSTEAD OF INSERT ON vw BEGIN INSERT INTO a(v) VALUES (NEW.v); INSERT INTO b(a_id, v) VALUES (last_insert_rowid(), NEW.bv); END",
];

fn behind(statements: &[&'static str]) -> Vec<&'static str> {
    let seen = [
        "SELECT * FROM b ORDER BY id",
        "SELECT * FROM c ORDER BY id",
        "SELECT last_insert_rowid(), changes(), total_changes()",
    ];
    let mut all = LINKED.to_vec();
    for statement in statements {
        all.push(statement);
        all.extend(seen);
    }
    all
}

#[test]
fn a_body_has_counters_of_its_own() {
    same(&behind(&[
        "INSERT INTO a(v) VALUES ('p'), ('q'), ('r')",
        "INSERT INTO a(id, v) VALUES (100, 'z')",
        "INSERT INTO vw(v, bv) VALUES ('one', 'two'), ('three', 'four')",
        "INSERT INTO a(v) VALUES ('w') RETURNING id, v",
        "INSERT INTO a(v) SELECT v || '!' FROM a",
        "INSERT OR IGNORE INTO a(id, v) VALUES (100, 't'), (501, 'u')",
        "REPLACE INTO a(id, v) VALUES (100, 't'), (502, 'u')",
        "INSERT INTO a(id, v) VALUES (100, 'up') ON CONFLICT (id) DO UPDATE SET v = excluded.v",
        "UPDATE a SET v = 'none'",
        "DELETE FROM a",
    ]));
}

#[test]
fn every_kind_of_write_in_a_body_counts() {
    let mut all = behind(&[]);
    all.extend([
        "CREATE TABLE k(id INTEGER PRIMARY KEY, k TEXT UNIQUE, n INTEGER UNIQUE)",
        "CREATE TRIGGER t2 AFTER UPDATE ON a BEGIN INSERT OR IGNORE INTO k VALUES (9, NEW.v, 1), (10, OLD.v, 2), (11, OLD.v, 3);
         INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); INSERT OR REPLACE INTO k VALUES (50, 'rep', 2);
         INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); INSERT INTO k VALUES (60, 'rep', 5) ON CONFLICT(k) DO UPDATE SET n = 7;
         INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); UPDATE OR REPLACE k SET n = n + 1;
         INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); INSERT INTO vw(v, bv) VALUES ('nested', 'body');
         INSERT INTO c(n, ch) VALUES (last_insert_rowid(), changes()); DELETE FROM k;
         INSERT INTO c(n, ch) SELECT last_insert_rowid(), changes(); END",
        "INSERT INTO a(id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "UPDATE a SET v = v || '!'",
        "SELECT * FROM c ORDER BY id",
        "SELECT * FROM b ORDER BY id",
        "UPDATE a SET v = v || '?' WHERE id < 3",
        "SELECT * FROM c ORDER BY id",
        "BEGIN",
        "UPDATE a SET v = 'in' WHERE id = 1",
        "SELECT total_changes()",
        "ROLLBACK",
        "SELECT total_changes()",
        "DELETE FROM a",
    ]);
    same(&all);
}

#[test]
fn what_the_connection_alone_knows_is_refused() {
    let schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, v); CREATE TABLE u(v);";
    for (sql, place, words) in [
        (
            "CREATE TRIGGER x AFTER DELETE ON t BEGIN INSERT INTO u VALUES (last_insert_rowid()); END",
            "last_insert_rowid()",
            ["last_insert_rowid() in a trigger, ahead of any INSERT of its own", "NEW.id"],
        ),
        (
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO u VALUES (changes()); END",
            "changes()",
            ["changes() in a trigger, ahead of any INSERT, UPDATE or DELETE of its own", "count the rows"],
        ),
        (
            "CREATE TRIGGER x AFTER INSERT ON t WHEN changes() > 0 BEGIN SELECT 1; END",
            "changes()",
            ["changes() in a trigger", "count the rows"],
        ),
        (
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM u; SELECT total_changes(); END",
            "total_changes()",
            ["total_changes() in a trigger is known to the connection alone", "outside of the trigger"],
        ),
    ] {
        refused(schema, sql, place, &words);
    }
}

/// An INSERT that leaves its row out leaves the connection's id standing, which the server does not know.
#[test]
fn an_id_that_is_not_there_is_an_error() {
    crate::support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v); CREATE TABLE u(id INTEGER PRIMARY KEY, v);
             CREATE TRIGGER x AFTER DELETE ON t BEGIN INSERT INTO u(v) SELECT 1 WHERE OLD.v = 1; INSERT INTO u(v) VALUES (last_insert_rowid()); END;
             INSERT INTO t VALUES (1, 1), (2, 2)",
        )
        .unwrap();
        conn.execute("DELETE FROM t WHERE id = 1", []).unwrap();
        let error = conn.execute("DELETE FROM t WHERE id = 2", []).unwrap_err().to_string();
        assert!(error.contains("has inserted no row yet") && error.contains("\n  help: "), "{error}");
        assert_eq!(conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)), Ok(1));
    });
}
