//! Triggers that see what other rows of their statement did: each row has them behind it, as on SQLite.

use super::{refused, same};

const LOGGED: [&str; 2] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INTEGER)",
    "CREATE TABLE logged(id INTEGER PRIMARY KEY, what TEXT, n INTEGER)",
];

fn behind(statements: &[&'static str]) -> Vec<&'static str> {
    LOGGED.into_iter().chain(statements.iter().copied()).collect()
}

#[test]
fn triggers_that_read_their_table_see_the_rows_so_far() {
    same(&behind(&[
        "CREATE TRIGGER counts AFTER INSERT ON t BEGIN INSERT INTO logged(what, n) SELECT 'rows', count(*) FROM t; END",
        "INSERT INTO t(v) VALUES ('c'), ('d'), ('e')",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "SELECT what, n FROM logged ORDER BY id",
        "INSERT INTO t(v, n) SELECT v || '!', 5 FROM t",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "SELECT what, n FROM logged ORDER BY id",
        "CREATE TRIGGER ups AFTER UPDATE ON t BEGIN INSERT INTO logged(what, n) SELECT 'sum', sum(n) FROM t; END",
        "UPDATE t SET n = id",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "SELECT what, n FROM logged ORDER BY id",
        "UPDATE t SET n = n + 1, v = upper(v) WHERE id > 2 AND v <> 'zz'",
        "SELECT * FROM t ORDER BY id",
        "CREATE TRIGGER del AFTER DELETE ON t BEGIN INSERT INTO logged(what, n) SELECT 'left' || OLD.id, count(*) FROM t; END",
        "DELETE FROM t WHERE id > 4",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "DELETE FROM t AS x WHERE x.id = 3 OR x.v = 'A'",
        "SELECT what, n FROM logged ORDER BY id",
    ]));
}

#[test]
fn triggers_that_write_their_table_write_it_for_the_next_rows() {
    same(&[
        "CREATE TABLE logged(id INTEGER PRIMARY KEY, what TEXT, n INTEGER)",
        "CREATE TABLE node(id INTEGER PRIMARY KEY, parent INTEGER, path TEXT, depth INTEGER DEFAULT 0)",
        "INSERT INTO node(id, parent, path) VALUES (1, NULL, '/a'), (2, 1, '/a/b'), (3, 2, '/a/b/c'), (4, 1, '/a/d')",
        "CREATE TRIGGER moved AFTER UPDATE OF path ON node BEGIN UPDATE node SET path = NEW.path || '/' || id, depth = depth + 1 WHERE parent = NEW.id; END",
        "UPDATE node SET path = replace(path, '/a', '/x')",
        "SELECT * FROM node ORDER BY id",
        "SELECT changes(), total_changes()",
        "UPDATE node SET path = '/fix'",
        "SELECT * FROM node ORDER BY id",
        "SELECT * FROM node ORDER BY id",
        "CREATE TRIGGER gone BEFORE DELETE ON node BEGIN DELETE FROM node WHERE parent = OLD.id; END",
        "DELETE FROM node WHERE id IN (1, 2)",
        "SELECT * FROM node ORDER BY id",
        "SELECT changes(), total_changes()",
        "CREATE TABLE addr(id INTEGER PRIMARY KEY, u INTEGER, is_default INTEGER)",
        "CREATE TRIGGER one AFTER INSERT ON addr WHEN NEW.is_default BEGIN UPDATE addr SET is_default = 0 WHERE u = NEW.u AND id <> NEW.id; END",
        "INSERT INTO addr(u, is_default) VALUES (1, 1), (1, 1), (2, 1), (1, 1)",
        "SELECT * FROM addr ORDER BY id",
        "INSERT INTO addr(u, is_default) VALUES (1, 1) RETURNING id",
    ]);
}

#[test]
fn triggers_ahead_of_and_behind_a_row_take_turns() {
    same(&behind(&[
        "CREATE TABLE o(id INTEGER PRIMARY KEY, v)",
        "CREATE TRIGGER ob BEFORE INSERT ON o BEGIN INSERT INTO logged(what) VALUES ('before ' || NEW.v); END",
        "CREATE TRIGGER oa AFTER INSERT ON o BEGIN INSERT INTO logged(what) VALUES ('after ' || NEW.v); END",
        "DELETE FROM logged",
        "INSERT INTO o(v) VALUES (1), (2), (3)",
        "INSERT OR IGNORE INTO o(id, v) VALUES (3, 3), (4, 4), (5, 5)",
        "REPLACE INTO o(id, v) VALUES (3, 6), (4, 7), (8, 8)",
        "SELECT what FROM logged ORDER BY id",
        "SELECT last_insert_rowid(), changes(), total_changes()",
    ]));
}

#[test]
fn what_other_tables_triggers_do_counts_as_well() {
    same(&behind(&[
        "CREATE TABLE parts(id INTEGER PRIMARY KEY, t INTEGER, n INTEGER)",
        "CREATE TRIGGER total AFTER INSERT ON parts BEGIN UPDATE t SET n = (SELECT sum(n) FROM parts WHERE t = NEW.t) WHERE id = NEW.t; END",
        "CREATE TRIGGER first AFTER INSERT ON t BEGIN INSERT INTO parts(t, n) VALUES (NEW.id, 1); INSERT INTO parts(t, n) SELECT 1, max(n) FROM t; END",
        "INSERT INTO t(v) VALUES ('a'), ('b'), ('c')",
        "SELECT * FROM t ORDER BY id",
        "SELECT * FROM parts ORDER BY id",
        "CREATE TABLE s(id INTEGER PRIMARY KEY, n INTEGER)",
        "INSERT INTO s(n) VALUES (1), (2)",
        "CREATE TRIGGER adds AFTER UPDATE ON s BEGIN INSERT INTO logged(n) VALUES (NEW.n); END",
        "UPDATE s SET n = (SELECT count(*) FROM logged)",
        "SELECT * FROM s ORDER BY id",
        "UPDATE s SET n = (SELECT count(*) FROM logged WHERE logged.id > s.id)",
        "SELECT * FROM s ORDER BY id",
        "UPDATE s AS x SET n = x.n + (SELECT count(*) FROM logged WHERE logged.id > x.id) WHERE x.id > 0",
        "SELECT * FROM s ORDER BY id",
        "CREATE VIEW every AS SELECT count(*) AS n FROM s",
        "CREATE TRIGGER views AFTER DELETE ON s BEGIN INSERT INTO logged(n) SELECT n FROM every; END",
        "DELETE FROM s",
        "SELECT n FROM logged ORDER BY id",
    ]));
}

/// Triggers that see nothing but their row, or that a statement of one row runs, cost what they did.
#[test]
fn other_statements_stay_whole() {
    let mut catalog = sqlift::translate::Catalog::default();
    for sql in [
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u TEXT UNIQUE, v TEXT)",
        "CREATE TABLE log(id INTEGER PRIMARY KEY, t INTEGER, v TEXT)",
        "CREATE TRIGGER audits AFTER INSERT ON t BEGIN INSERT INTO log(t, v) VALUES (NEW.id, NEW.v); END",
        "CREATE TRIGGER touches AFTER UPDATE ON t BEGIN UPDATE t SET v = 'touched' WHERE id = NEW.id; END",
        "CREATE TRIGGER counts AFTER DELETE ON t BEGIN INSERT INTO log(t) SELECT count(*) FROM t; END",
    ] {
        sqlift::translate::offline::apply(&mut catalog, sql);
    }
    let translated =
        |sql: &str| sqlift::translate::translate(sql, &catalog, &sqlift::translate::Options::default()).unwrap().sql;
    for sql in [
        "INSERT INTO t(v) VALUES ('a'), ('b')",
        "INSERT INTO t(v) SELECT v FROM log",
        "UPDATE t SET v = v || '!'",
        "UPDATE t SET v = 'x' WHERE v > 'a'",
        "DELETE FROM t WHERE id = ?1",
        "DELETE FROM t WHERE t.u = ?1 AND v <> 'a'",
        "DELETE FROM t WHERE rowid = 5",
    ] {
        assert!(!translated(sql).contains("sqlift.write_row"), "{sql}\n{}", translated(sql));
    }
    for sql in ["DELETE FROM t", "DELETE FROM t WHERE id > 5", "DELETE FROM t WHERE id = 5 OR id = 6"] {
        assert!(translated(sql).contains("sqlift.write_row"), "{sql}\n{}", translated(sql));
    }
}

#[test]
fn what_cannot_be_done_row_by_row_is_refused() {
    let schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, p INTEGER, v TEXT);
        CREATE TRIGGER x AFTER UPDATE ON t BEGIN UPDATE t SET v = NEW.v WHERE p = NEW.id; END;
        CREATE TRIGGER y AFTER INSERT ON t BEGIN UPDATE t SET v = NEW.v WHERE p = NEW.id; END;
        CREATE TRIGGER z AFTER DELETE ON t BEGIN DELETE FROM t WHERE p = OLD.id; END;";
    for (sql, place, words) in [
        ("UPDATE t SET v = (SELECT max(v) FROM t)", "UPDATE", ["what a subquery reads", "bind it"]),
        ("UPDATE OR REPLACE t SET id = id + 1", "UPDATE", ["UPDATE of several rows", "one by one"]),
        (
            "INSERT INTO t(v) VALUES ('a'), ('b') RETURNING (SELECT count(*) FROM t)",
            "RETURNING",
            ["a subquery in RETURNING", "afterwards"],
        ),
        (
            "CREATE TRIGGER own BEFORE UPDATE ON t BEGIN UPDATE t SET p = 1 WHERE id = OLD.id; END",
            "UPDATE t SET",
            ["a BEFORE trigger that writes the row", "AFTER trigger"],
        ),
        (
            "CREATE TRIGGER own BEFORE DELETE ON t BEGIN SELECT 1; DELETE FROM t WHERE OLD.rowid = rowid AND p > 1; END",
            "DELETE FROM t",
            ["a BEFORE trigger that writes the row", "AFTER trigger"],
        ),
    ] {
        refused(schema, sql, place, &words);
    }
}

/// A row that the trigger finds in another way than by NEW's id.
#[test]
fn a_before_trigger_that_changes_its_own_row_fails_with_words() {
    crate::support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE w(id INTEGER PRIMARY KEY, a, b); INSERT INTO w VALUES (1, 'a', 'b');
             CREATE TRIGGER w3 BEFORE UPDATE ON w BEGIN UPDATE w SET b = 'pre' WHERE a = OLD.a; END;",
        )
        .unwrap();
        let error = conn.execute("UPDATE w SET a = 'n' WHERE id = 1", []).unwrap_err();
        assert_eq!(error.sqlite_extended_error_code(), Some(sqlift::ffi::SQLITE_CONSTRAINT_TRIGGER));
        let text = error.to_string();
        assert!(text.contains("a BEFORE trigger changes a row") && text.contains("\n  help: "), "{text}");
    });
}

#[test]
fn instead_of_update_runs_for_its_columns() {
    same(&behind(&[
        "CREATE VIEW vw AS SELECT id, v, n FROM t",
        "CREATE TRIGGER vu INSTEAD OF UPDATE OF v, n ON vw BEGIN INSERT INTO logged(what) VALUES ('vu ' || NEW.v); END",
        "UPDATE vw SET v = 'q' WHERE id = 2",
        "SELECT what FROM logged ORDER BY id",
        "CREATE TRIGGER vu2 INSTEAD OF UPDATE OF id ON vw BEGIN INSERT INTO logged(what) VALUES ('vu2 ' || NEW.v); END",
        "UPDATE vw SET id = 9, n = 1",
        "SELECT what FROM logged ORDER BY id",
    ]));
    let schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, v, n); CREATE VIEW vw AS SELECT id, v, n FROM t;
        CREATE TRIGGER vu INSTEAD OF UPDATE OF v, n ON vw BEGIN SELECT 1; END;";
    let other = format!("{schema} CREATE TRIGGER vu2 INSTEAD OF UPDATE OF id ON vw BEGIN SELECT 2; END;");
    refused(&other, "UPDATE vw SET id = 9", "vw", &["some of its INSTEAD OF UPDATE OF", "conditions"]);
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v, n)",
        "CREATE VIEW vw AS SELECT id, v, n FROM t",
        "CREATE TRIGGER vu INSTEAD OF UPDATE OF v, n ON vw BEGIN SELECT 1; END",
        "UPDATE vw SET id = 9",
        "UPDATE vw SET n = 9",
    ]);
}

#[test]
fn a_key_that_leaves_several_rows_is_no_key() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u TEXT COLLATE NOCASE, n INTEGER UNIQUE, v INTEGER)",
        "CREATE UNIQUE INDEX tu ON t(u COLLATE BINARY)",
        "CREATE TABLE log(s INTEGER)",
        "CREATE TRIGGER a AFTER UPDATE ON t BEGIN INSERT INTO log SELECT sum(v) FROM t; END",
        "INSERT INTO t VALUES (1, 'a', NULL, 1), (2, 'A', NULL, 10)",
        "UPDATE t SET v = v + 100 WHERE u = 'a'",
        "UPDATE t SET v = v + 100 WHERE n IS NULL",
        "UPDATE t SET v = 0 WHERE id = 1",
        "SELECT s FROM log",
    ]);
}

#[test]
fn a_table_behind_a_comma_after_on_is_read() {
    same(&[
        "CREATE TABLE w(id INTEGER PRIMARY KEY, n INTEGER)",
        "CREATE TABLE o(id INTEGER PRIMARY KEY)",
        "CREATE TABLE seen(n)",
        "INSERT INTO o VALUES (1)",
        "CREATE TRIGGER wi AFTER INSERT ON w BEGIN INSERT INTO seen SELECT count(*) FROM o JOIN o AS p ON o.id = p.id, w; END",
        "INSERT INTO w VALUES (1, 1), (2, 2), (3, 3)",
        "SELECT n FROM seen ORDER BY n",
        "DROP TRIGGER wi",
        "CREATE TRIGGER wu AFTER INSERT ON w BEGIN INSERT INTO seen SELECT count(*) FROM (SELECT id FROM o) JOIN o USING (id), w; END",
        "INSERT INTO w VALUES (4, 1), (5, 2)",
        "SELECT n FROM seen ORDER BY n",
    ]);
}
