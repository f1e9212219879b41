//! The conflict clause of a statement counts in the triggers that it fires, instead of theirs.

use super::same;

#[test]
fn the_outer_clause_counts_inside() {
    super::same_answers(&[
        "CREATE TABLE tags(id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
        "CREATE TABLE cnt(name TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE)",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO tags(name) VALUES (NEW.v || 'x'); INSERT OR IGNORE INTO cnt VALUES ('k', NEW.id); END",
        "INSERT INTO t VALUES (1, 'a')",
        "INSERT OR REPLACE INTO t VALUES (2, 'a')",
        "SELECT * FROM t",
        "SELECT * FROM tags",
        "SELECT * FROM cnt",
        "INSERT OR IGNORE INTO t VALUES (3, 'b'), (4, 'b')",
        "DELETE FROM t",
        "INSERT OR IGNORE INTO t VALUES (5, 'b')",
        "SELECT * FROM t",
        "SELECT * FROM tags",
        "SELECT * FROM cnt",
        "DELETE FROM t",
        "DELETE FROM t",
        "CREATE TRIGGER u AFTER UPDATE ON t BEGIN UPDATE cnt SET name = 'q' WHERE n = NEW.id; INSERT INTO cnt VALUES ('k', 99) ON CONFLICT(name) DO UPDATE SET n = n + 1; END",
        "DELETE FROM t",
        "DELETE FROM cnt",
        "INSERT INTO cnt VALUES ('q', 1), ('z', 20)",
        "INSERT INTO t VALUES (20, 'u1')",
        "UPDATE OR REPLACE t SET v = 'u2'",
        "SELECT * FROM cnt",
        "UPDATE OR IGNORE t SET v = 'u3'",
        "SELECT * FROM cnt",
    ]);
}

#[test]
fn the_outer_clause_takes_the_inner_ones_place() {
    let schema = [
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE)",
        "CREATE TABLE u(id INTEGER PRIMARY KEY, k TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 7)",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT OR IGNORE INTO u(k) VALUES ('k'); UPDATE OR REPLACE u SET k = 'z' WHERE k = NEW.v; END",
        "INSERT INTO t(v) VALUES ('one')",
        "INSERT INTO t(v) VALUES ('two')",
        "SELECT k, n FROM u ORDER BY k",
    ];
    for (clause, taken) in [("ABORT", false), ("ROLLBACK", false), ("IGNORE", true), ("REPLACE", true)] {
        let insert = format!("INSERT OR {clause} INTO t(v) VALUES ('three')");
        let all = [&schema[..], &[&insert, "SELECT v FROM t ORDER BY v", "SELECT k, n FROM u ORDER BY k"]].concat();
        if taken {
            same(&all);
        } else {
            // Where a statement fails the connection's last id differs.
            super::same_answers(&all);
        }
    }
}

#[test]
fn a_clause_counts_instead_of_the_constraints() {
    same(&[
        "CREATE TABLE own(id INTEGER PRIMARY KEY, v TEXT UNIQUE ON CONFLICT REPLACE, w TEXT UNIQUE ON CONFLICT IGNORE)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE)",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO own(v, w) VALUES (NEW.v, 'w'); INSERT OR IGNORE INTO own(v, w) VALUES (NEW.v, 'x'); UPDATE OR REPLACE own SET w = 'x'; END",
        "INSERT INTO t(v) VALUES ('a')",
        "SELECT v, w FROM own ORDER BY v",
        "INSERT INTO t(v) VALUES ('b')",
        "SELECT v, w FROM own ORDER BY v",
        "INSERT OR IGNORE INTO t(v) VALUES ('c')",
        "SELECT v, w FROM own ORDER BY v",
        "INSERT OR REPLACE INTO t(v) VALUES ('d')",
        "SELECT v, w FROM own ORDER BY v",
        "SELECT v, w FROM own ORDER BY v",
        "DELETE FROM t",
        "DELETE FROM own",
        "SELECT v, w FROM own ORDER BY v",
    ]);
}

/// A clause of the body's counts for the triggers that its statement fires, and for no statement behind it.
#[test]
fn an_inner_clause_counts_for_what_it_fires() {
    same(&[
        "CREATE TABLE a(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE b(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE c(k TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TRIGGER ab AFTER INSERT ON a BEGIN INSERT OR REPLACE INTO b(v) VALUES (NEW.v); INSERT INTO b(v) VALUES ('plain'); END",
        "CREATE TRIGGER bc AFTER INSERT ON b BEGIN INSERT INTO c VALUES (NEW.v, NEW.id); END",
        "INSERT INTO a(v) VALUES ('x')",
        "SELECT k, n FROM c ORDER BY k",
        "DELETE FROM c WHERE k = 'plain'",
        "INSERT INTO a(v) VALUES ('x')",
        "SELECT k, n FROM c ORDER BY k",
        "BEGIN",
        "INSERT OR IGNORE INTO a(v) VALUES ('y')",
        "INSERT OR REPLACE INTO b(v) VALUES ('y')",
        "COMMIT",
        "SELECT k, n FROM c ORDER BY k",
        "INSERT INTO b(v) VALUES ('fresh')",
        "CREATE VIEW v AS SELECT v FROM a",
        "CREATE TRIGGER va INSTEAD OF INSERT ON v BEGIN INSERT INTO c VALUES (NEW.v, 0); END",
        "INSERT OR REPLACE INTO v VALUES ('x'), ('w')",
        "INSERT OR IGNORE INTO v VALUES ('y'), ('u')",
        "SELECT k, n FROM c ORDER BY k",
    ]);
}

#[test]
fn a_clause_acts_on_keys_of_some_rows_too() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE u(k, n)",
        "CREATE UNIQUE INDEX ui ON u(k) WHERE n > 0",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO u VALUES (NEW.v, 1); END",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO u VALUES (1, 0)",
        "INSERT OR IGNORE INTO t VALUES (2, 1)",
        "REPLACE INTO t VALUES (3, 1)",
        "SELECT id, v FROM t ORDER BY id",
        "SELECT k, n FROM u ORDER BY n",
    ]);
}
