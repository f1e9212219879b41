//! Which conflict clause a statement passes on to the triggers that it fires: not every one does.

use super::same_answers;

#[test]
fn a_do_update_passes_abort_on() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE, n INTEGER)",
        "CREATE TABLE k(name TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT OR IGNORE INTO k VALUES ('a', NEW.n); INSERT OR REPLACE INTO k VALUES ('b', NEW.n); END",
        "INSERT INTO t VALUES (1, 'x', 1)",
        "INSERT INTO t VALUES (1, 'x', 2) ON CONFLICT(id) DO UPDATE SET n = excluded.n",
        "INSERT INTO t VALUES (1, 'x', 3) ON CONFLICT(id) DO UPDATE SET n = excluded.n",
        "SELECT * FROM k ORDER BY name",
        "DELETE FROM k WHERE name = 'a'",
        "INSERT INTO t VALUES (1, 'x', 4) ON CONFLICT(id) DO UPDATE SET n = excluded.n",
        "UPDATE t SET n = 5",
        "UPDATE t SET n = 6",
        "SELECT * FROM k ORDER BY name",
        "CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT OR REPLACE INTO k VALUES ('b', NEW.n); END",
        "INSERT INTO t VALUES (2, 'y', 7) ON CONFLICT(id) DO UPDATE SET n = excluded.n",
        "SELECT * FROM k ORDER BY name",
        "CREATE TABLE outer_one(id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER o AFTER INSERT ON outer_one BEGIN INSERT INTO t VALUES (NEW.id, NEW.id, 8) ON CONFLICT(id) DO UPDATE SET n = excluded.n; END",
        "INSERT INTO outer_one VALUES (2)",
        "INSERT OR REPLACE INTO outer_one VALUES (3)",
        "INSERT OR IGNORE INTO outer_one VALUES (1)",
        "SELECT id, n FROM t ORDER BY id",
        "SELECT * FROM k ORDER BY name",
    ]);
}

#[test]
fn a_foreign_keys_action_passes_abort_on() {
    same_answers(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY, v TEXT UNIQUE)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id) ON DELETE SET NULL ON UPDATE CASCADE)",
        "CREATE TABLE l(x TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TRIGGER cu AFTER UPDATE ON c BEGIN INSERT OR IGNORE INTO l VALUES ('u', OLD.id); END",
        "CREATE TRIGGER pu AFTER UPDATE ON p BEGIN INSERT OR REPLACE INTO l VALUES ('p', OLD.id); END",
        "INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "INSERT INTO c VALUES (11, 1), (12, 2), (13, 3)",
        "UPDATE c SET id = 10 WHERE id = 11",
        "UPDATE c SET id = 11 WHERE id = 10",
        "UPDATE p SET id = 4 WHERE id = 1",
        "UPDATE OR IGNORE p SET id = 4 WHERE id = 1",
        "UPDATE OR REPLACE p SET id = 4 WHERE id = 1",
        "DELETE FROM p WHERE id = 2",
        "SELECT * FROM l ORDER BY x",
        "DELETE FROM l",
        "DELETE FROM p WHERE id = 2",
        "UPDATE p SET v = 'z' WHERE id = 1",
        "SELECT * FROM l ORDER BY x",
        "SELECT * FROM c ORDER BY id",
        "CREATE TABLE outer_one(id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER o AFTER INSERT ON outer_one BEGIN DELETE FROM p WHERE id = NEW.id; END",
        "INSERT OR IGNORE INTO outer_one VALUES (3)",
        "DELETE FROM l",
        "INSERT OR IGNORE INTO outer_one VALUES (3)",
        "SELECT * FROM l ORDER BY x",
        "SELECT * FROM c ORDER BY id",
    ]);
}

#[test]
fn a_delete_passes_nothing_on() {
    same_answers(&[
        "CREATE TABLE a(id INTEGER PRIMARY KEY)",
        "CREATE TABLE b(id INTEGER PRIMARY KEY)",
        "CREATE TABLE k(name TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TABLE m(name TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TRIGGER ai AFTER INSERT ON a BEGIN DELETE FROM b WHERE id = NEW.id; INSERT INTO m VALUES ('m', 1); END",
        "CREATE TRIGGER bd AFTER DELETE ON b BEGIN INSERT INTO k VALUES ('k', OLD.id); INSERT OR REPLACE INTO k VALUES ('own', OLD.id); END",
        "CREATE TRIGGER ki AFTER INSERT ON k WHEN NEW.name = 'own' BEGIN INSERT INTO m VALUES ('m', NEW.n); END",
        "INSERT INTO b VALUES (1), (2), (3)",
        "INSERT OR IGNORE INTO a VALUES (1)",
        "SELECT * FROM k ORDER BY name",
        "SELECT * FROM m",
        "INSERT OR IGNORE INTO a VALUES (2)",
        "INSERT OR REPLACE INTO a VALUES (2)",
        "DELETE FROM k WHERE name = 'k'",
        "INSERT OR REPLACE INTO a VALUES (3)",
        "SELECT * FROM k ORDER BY name",
        "SELECT * FROM m",
        "SELECT id FROM a ORDER BY id",
        "SELECT id FROM b ORDER BY id",
    ]);
}

#[test]
fn ignore_is_for_the_rows_own_constraints() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT NOT NULL)",
        "CREATE TABLE d(id INTEGER PRIMARY KEY)",
        "CREATE TABLE l(x TEXT NOT NULL UNIQUE)",
        "CREATE TRIGGER tu AFTER UPDATE ON t BEGIN DELETE FROM d WHERE id = NEW.id; END",
        "CREATE TRIGGER dd AFTER DELETE ON d BEGIN INSERT INTO l VALUES (CASE OLD.id WHEN 2 THEN 'x' END); END",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "INSERT INTO d VALUES (1), (2), (13)",
        "UPDATE OR IGNORE t SET v = 'z'",
        "SELECT v FROM t ORDER BY id",
        "UPDATE OR IGNORE t SET id = id + 10, v = nullif(v, 'a')",
        "SELECT id, v FROM t ORDER BY id",
        "UPDATE OR IGNORE t SET v = nullif(v, 'a') WHERE id <> 13",
        "SELECT id, v FROM t ORDER BY id",
    ]);
}

#[test]
fn before_triggers_run_for_rows_that_are_left_out() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 5 CHECK (n < 100))",
        "CREATE TABLE logged(id INTEGER PRIMARY KEY, x)",
        "CREATE TRIGGER b BEFORE INSERT ON t BEGIN INSERT INTO logged(x) VALUES (NEW.v || '/' || coalesce(NEW.n, 'null')); END",
        "INSERT INTO t VALUES (1, 'a', 1)",
        "INSERT OR IGNORE INTO t VALUES (2, 'a', 1)",
        "INSERT OR IGNORE INTO t VALUES (4, 'b', NULL)",
        "INSERT OR IGNORE INTO t VALUES (5, 'c', 200)",
        "INSERT INTO t VALUES (3, 'a', 1) ON CONFLICT DO NOTHING",
        "INSERT OR IGNORE INTO t VALUES (7, 'e', 1), (8, 'a', 2), (9, 'f', 3), (10, 'g', NULL)",
        "INSERT INTO t VALUES (17, 'a', 1), (18, 'zz', 4) ON CONFLICT(v) DO NOTHING ON CONFLICT(id) DO UPDATE SET n = 9",
        "SELECT x FROM logged ORDER BY id",
        "CREATE TRIGGER check_only BEFORE INSERT ON t WHEN NEW.v = 'none' BEGIN SELECT RAISE(ABORT, 'none'); END",
        "CREATE TRIGGER u BEFORE UPDATE ON t BEGIN INSERT INTO logged(x) VALUES ('u' || OLD.v); END",
        "INSERT OR IGNORE INTO t VALUES (11, 'h', NULL), (12, 'i', 1)",
        "UPDATE OR IGNORE t SET n = CASE id WHEN 7 THEN 500 ELSE n + 1 END",
        "UPDATE OR IGNORE t SET v = 'a' WHERE id IN (1, 7)",
        "SELECT x FROM logged ORDER BY id",
        "SELECT id, v, n FROM t ORDER BY id",
    ]);
}

#[test]
fn or_fail_tells_its_error_where_triggers_see_the_rows() {
    same_answers(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE)",
        "CREATE TABLE n(n)",
        "CREATE TRIGGER ti AFTER INSERT ON t BEGIN INSERT INTO n SELECT count(*) FROM t; END",
        "CREATE TRIGGER tu AFTER UPDATE ON t BEGIN INSERT INTO n SELECT -count(*) FROM t; END",
        "INSERT OR FAIL INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, 'd')",
        "SELECT id, v FROM t ORDER BY id",
        "SELECT n FROM n ORDER BY n",
        "UPDATE OR FAIL t SET v = 'z'",
        "SELECT id, v FROM t ORDER BY id",
        "SELECT n FROM n ORDER BY n",
        "CREATE TABLE h(id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER hi AFTER INSERT ON h BEGIN UPDATE OR FAIL t SET v = 'b' WHERE id = NEW.id; END",
        "INSERT INTO h VALUES (1)",
        "SELECT id, v FROM t ORDER BY id",
    ]);
}

#[test]
fn replace_runs_the_triggers_of_what_cascades_in_its_table() {
    same_answers(&[
        "CREATE TABLE node(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES node(id) ON DELETE CASCADE, name TEXT UNIQUE)",
        "CREATE TABLE logged(e TEXT, id INTEGER)",
        "CREATE TRIGGER nd AFTER DELETE ON node BEGIN INSERT INTO logged VALUES ('after', OLD.id); END",
        "CREATE TRIGGER nb BEFORE DELETE ON node BEGIN INSERT INTO logged VALUES ('before', OLD.id); END",
        "INSERT INTO node VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, NULL, 'd')",
        "REPLACE INTO node VALUES (1, NULL, 'a2')",
        "SELECT e, id FROM logged ORDER BY e, id",
        "INSERT INTO node VALUES (12, 1, 'b'), (13, 12, 'c')",
        "REPLACE INTO node VALUES (9, NULL, 'a2'), (4, NULL, 'd2')",
        "SELECT e, id FROM logged ORDER BY e, id",
        "SELECT id, parent, name FROM node ORDER BY id",
        "INSERT INTO node VALUES (14, 4, 'e')",
        "UPDATE OR REPLACE node SET name = 'd2' WHERE id = 9",
        "SELECT e, id FROM logged ORDER BY e, id",
        "SELECT id, parent, name FROM node ORDER BY id",
    ]);
}
