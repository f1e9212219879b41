//! INSERT OR IGNORE and OR REPLACE in a trigger's body: rows that break more than a key, and rows that meet each other.

use super::same_answers;

#[test]
fn or_ignore_in_a_body_leaves_out_what_breaks_not_null_and_checks() {
    same_answers(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY, a REAL)",
        "CREATE TABLE q(id INTEGER PRIMARY KEY, a UNIQUE CHECK(a IS NOT 3), n INTEGER NOT NULL DEFAULT 1)",
        "CREATE TRIGGER g AFTER INSERT ON p BEGIN INSERT OR IGNORE INTO q(a) VALUES(NEW.a); END",
        "INSERT OR IGNORE INTO p(a) VALUES(3)",
        "INSERT INTO p(a) VALUES(3)",
        "INSERT INTO p(a) VALUES(4),(3),(5),(4)",
        "SELECT a FROM p ORDER BY id",
        "SELECT a, n FROM q ORDER BY a",
        "CREATE TRIGGER u AFTER UPDATE ON p BEGIN
            INSERT OR IGNORE INTO q(a, n) VALUES(NEW.a + 10, NULL),(NEW.a + 20, 2),(NEW.a + 20, 3); END",
        "UPDATE p SET a = a + 1",
        "SELECT a, n FROM q ORDER BY a",
        "UPDATE OR IGNORE p SET a = a + 1",
        "SELECT a, n FROM q ORDER BY a",
        // The clause outside counts instead.
        "UPDATE OR REPLACE p SET a = a + 1 WHERE id = 1",
        "UPDATE OR ABORT p SET a = a + 1 WHERE id = 1",
        "SELECT a, n FROM q ORDER BY a",
        "CREATE TABLE x(id INTEGER PRIMARY KEY, c TEXT)",
        "CREATE TABLE y(id INTEGER PRIMARY KEY, c TEXT NOT NULL, UNIQUE(c))",
        "CREATE TRIGGER xi BEFORE INSERT ON x BEGIN INSERT INTO y(c) VALUES(NEW.c); END",
        "INSERT OR IGNORE INTO x(c) VALUES(NULL),('a'),('a'),(NULL),('b')",
        "SELECT c FROM x ORDER BY id",
        "SELECT c FROM y ORDER BY id",
        "INSERT INTO x(c) VALUES(NULL)",
        "INSERT OR REPLACE INTO x(c) VALUES(NULL)",
        // A key that is no rowid takes no NULL.
        "CREATE TABLE k(a TEXT PRIMARY KEY, b) WITHOUT ROWID",
        "CREATE TRIGGER xj AFTER INSERT ON x WHEN NEW.id > 100 BEGIN INSERT OR IGNORE INTO k VALUES(NULL, 1),(NEW.c, 2); END",
        "INSERT OR IGNORE INTO x VALUES(200, 'z')",
        "SELECT * FROM k",
    ]);
}

#[test]
fn counters_of_a_body_that_leaves_rows_out() {
    super::same(&[
        "CREATE TABLE q(id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE, n NOT NULL)",
        "CREATE TABLE l(id INTEGER PRIMARY KEY, m)",
        "CREATE TABLE w(id INTEGER PRIMARY KEY, c)",
        "CREATE TRIGGER b BEFORE INSERT ON q BEGIN INSERT INTO l(m) VALUES('b' || coalesce(NEW.n, '-')); END",
        "CREATE TRIGGER wi AFTER INSERT ON w BEGIN
            INSERT OR IGNORE INTO q VALUES(NEW.id, NEW.id, 3),(50, 50, NULL),(NEW.id + 20, NEW.id + 20, 4);
            INSERT INTO l(m) VALUES('w' || changes()); END",
        "INSERT INTO w(c) VALUES('a')",
        "INSERT INTO w(c) VALUES('b'),('c')",
        "SELECT m FROM l ORDER BY id",
        "SELECT * FROM q ORDER BY id",
    ]);
}

#[test]
fn a_body_hears_of_constraints_that_its_table_gets_later() {
    same_answers(&[
        "CREATE TABLE w(id INTEGER PRIMARY KEY, d)",
        "CREATE TABLE late(id INTEGER PRIMARY KEY, v)",
        "CREATE TRIGGER li AFTER INSERT ON w BEGIN INSERT OR IGNORE INTO late(v) VALUES(NEW.d); END",
        "ALTER TABLE late ADD COLUMN n NOT NULL DEFAULT 5 CHECK(v <> 9)",
        "INSERT INTO w(d) VALUES(9)",
        "INSERT INTO w(d) VALUES(8)",
        "SELECT v, n FROM late",
    ]);
}

#[test]
fn or_replace_in_a_body_takes_rows_with_one_key() {
    same_answers(&[
        "CREATE TABLE r(id INTEGER PRIMARY KEY, k UNIQUE, v NOT NULL DEFAULT 'd')",
        "CREATE TABLE s(id INTEGER PRIMARY KEY, n INT)",
        "CREATE TRIGGER t AFTER INSERT ON s BEGIN
            INSERT OR REPLACE INTO r(k, v) VALUES(NEW.n, 1),(NEW.n, 2),(NEW.n + 1, NULL); END",
        "INSERT INTO s(n) VALUES(5),(6)",
        "SELECT k, v FROM r ORDER BY k",
    ]);
}
