//! What a body goes by may come after it: keys, triggers and views of the tables that it writes.

use super::{same, same_answers};

#[test]
fn a_body_hears_of_triggers_that_come_and_go() {
    same(&[
        "CREATE TABLE src(id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE tgt(id INTEGER PRIMARY KEY, k TEXT UNIQUE, n INTEGER)",
        "CREATE TABLE logged(w TEXT, k TEXT)",
        "CREATE TRIGGER a AFTER INSERT ON src BEGIN REPLACE INTO tgt(k, n) VALUES (NEW.v, NEW.id); END",
        "INSERT INTO src VALUES (1, 'x')",
        "CREATE TRIGGER gone AFTER DELETE ON tgt BEGIN INSERT INTO logged VALUES ('deleted', OLD.k); END",
        "INSERT INTO src VALUES (2, 'x')",
        "SELECT * FROM logged",
        "CREATE TRIGGER skip BEFORE INSERT ON tgt WHEN NEW.n > 10 BEGIN SELECT RAISE(IGNORE); END",
        "INSERT INTO src VALUES (11, 'x')",
        "SELECT k, n FROM tgt",
        "DROP TRIGGER skip",
        "INSERT INTO src VALUES (12, 'x')",
        "SELECT k, n FROM tgt",
        "DROP TRIGGER gone",
        "INSERT INTO src VALUES (13, 'x')",
        "SELECT k, n FROM tgt",
        "SELECT * FROM logged",
    ]);
}

#[test]
fn a_body_hears_of_keys_that_come_and_go() {
    same_answers(&[
        "CREATE TABLE src(id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE tgt(id INTEGER PRIMARY KEY, k TEXT, n INTEGER)",
        "CREATE TRIGGER a AFTER INSERT ON src BEGIN REPLACE INTO tgt(k, n) VALUES (NEW.v, NEW.id); END",
        "CREATE TRIGGER u AFTER UPDATE ON src BEGIN UPDATE OR REPLACE tgt SET n = NEW.id WHERE k = NEW.v; END",
        "INSERT INTO src VALUES (1, 'x')",
        "CREATE UNIQUE INDEX tk ON tgt(k)",
        "INSERT INTO src VALUES (2, 'x')",
        "SELECT k, n FROM tgt ORDER BY n",
        "CREATE UNIQUE INDEX IF NOT EXISTS tk ON tgt(k)",
        "CREATE UNIQUE INDEX tn ON tgt(n) WHERE n > 5",
        "INSERT INTO tgt(k, n) VALUES ('w', 22)",
        "INSERT INTO src VALUES (22, 'r'), (23, 's')",
        "UPDATE src SET id = id + 1 WHERE id = 23",
        "SELECT k, n FROM tgt ORDER BY n",
        "DROP INDEX tk",
        "INSERT INTO src VALUES (30, 'r')",
        "SELECT k, n FROM tgt ORDER BY n",
        "CREATE TABLE up(k TEXT, n INTEGER)",
        "CREATE TABLE s(a)",
        "CREATE TRIGGER e AFTER INSERT ON s BEGIN INSERT INTO up VALUES (NEW.a, 9) ON CONFLICT DO UPDATE SET n = n + 1; END",
        "INSERT INTO s VALUES ('b'), ('b')",
        "SELECT * FROM up ORDER BY k",
        "DELETE FROM up",
        "CREATE UNIQUE INDEX uk ON up(k)",
        "INSERT INTO s VALUES ('b'), ('b')",
        "CREATE UNIQUE INDEX un ON up(n)",
        "INSERT INTO s VALUES ('b'), ('c')",
        "INSERT INTO s VALUES ('b')",
        "SELECT * FROM up ORDER BY k",
        "DROP INDEX uk",
        "INSERT INTO s VALUES ('b')",
        "DROP INDEX un",
        "INSERT INTO s VALUES ('b')",
        "SELECT * FROM up ORDER BY k, n",
    ]);
}

#[test]
fn a_body_writes_a_view_when_its_triggers_are_there() {
    same_answers(&[
        "CREATE TABLE t(k, n)",
        "CREATE VIEW v AS SELECT k, n FROM t",
        "CREATE TABLE s(a)",
        "CREATE TRIGGER c AFTER INSERT ON s BEGIN INSERT INTO v VALUES (NEW.a, 1); END",
        "INSERT INTO s VALUES ('m')",
        "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.k, 'view'); END",
        "INSERT INTO s VALUES ('n')",
        "SELECT * FROM t",
        "DROP TRIGGER vi",
        "INSERT INTO s VALUES ('o')",
        "SELECT a FROM s",
        "DROP VIEW v",
        "CREATE TABLE v(k, n)",
        "INSERT INTO s VALUES ('p')",
        "SELECT * FROM v",
    ]);
}

/// What a body fires fires others: a trigger of these makes it run row by row.
#[test]
fn a_body_hears_of_triggers_behind_those_that_it_fires() {
    same_answers(&[
        "CREATE TABLE s(id INTEGER PRIMARY KEY)",
        "CREATE TABLE o(id INTEGER PRIMARY KEY)",
        "INSERT INTO o VALUES (1), (2)",
        "CREATE TABLE m(id INTEGER PRIMARY KEY, g INTEGER)",
        "CREATE TABLE n(id INTEGER PRIMARY KEY)",
        "CREATE TABLE counted(what)",
        "CREATE TRIGGER si AFTER INSERT ON s BEGIN INSERT INTO m(g) SELECT NEW.id + id FROM o; END",
        "CREATE TRIGGER mi AFTER INSERT ON m BEGIN INSERT INTO n DEFAULT VALUES; END",
        "INSERT INTO s VALUES (1)",
        "CREATE TRIGGER ni AFTER INSERT ON n BEGIN INSERT INTO counted SELECT count(*) FROM m; END",
        "INSERT INTO s VALUES (2)",
        "SELECT what FROM counted ORDER BY what",
        "DROP TRIGGER ni",
        "INSERT INTO s VALUES (3)",
        "SELECT count(*) FROM counted",
    ]);
}

#[test]
fn statements_of_a_body_have_their_triggers_behind_each_row() {
    same_answers(&[
        "CREATE TABLE o(id INTEGER PRIMARY KEY)",
        "INSERT INTO o VALUES (1)",
        "CREATE TABLE s(id INTEGER PRIMARY KEY)",
        "CREATE TABLE m(id INTEGER PRIMARY KEY, g INTEGER)",
        "CREATE TABLE counted(id INTEGER PRIMARY KEY, what)",
        "CREATE TRIGGER si AFTER INSERT ON s BEGIN INSERT INTO m(g) SELECT NEW.id FROM o UNION ALL SELECT NEW.id + 1 FROM o; UPDATE m SET g = g + 1; DELETE FROM m WHERE g > NEW.id + 1; END",
        "CREATE TRIGGER mi AFTER INSERT ON m BEGIN INSERT INTO counted(what) SELECT 'i' || count(*) FROM m; END",
        "CREATE TRIGGER mu AFTER UPDATE ON m BEGIN INSERT INTO counted(what) SELECT 'u' || sum(g) FROM m; END",
        "CREATE TRIGGER md AFTER DELETE ON m BEGIN INSERT INTO counted(what) SELECT 'd' || count(*) FROM m; END",
        "INSERT INTO s VALUES (10)",
        "SELECT what FROM counted ORDER BY id",
        "INSERT INTO s VALUES (3), (4)",
        "SELECT what FROM counted ORDER BY id",
        "INSERT OR REPLACE INTO s VALUES (3), (5)",
        "INSERT OR IGNORE INTO s VALUES (3), (6)",
        "SELECT what FROM counted ORDER BY id",
        "SELECT g FROM m ORDER BY g",
    ]);
}

#[test]
fn a_full_text_table_is_made_anew_under_triggers() {
    same_answers(&[
        "CREATE TABLE d(id INTEGER PRIMARY KEY, t TEXT)",
        "CREATE TRIGGER di AFTER INSERT ON d BEGIN INSERT INTO f(rowid, t) VALUES (NEW.id, NEW.t); INSERT INTO x(rowid, t) VALUES (NEW.id, NEW.t); END",
        "CREATE TRIGGER dd AFTER DELETE ON d BEGIN DELETE FROM f WHERE rowid = OLD.id; INSERT INTO x(x, rowid, t) VALUES ('delete', OLD.id, OLD.t); END",
        "INSERT INTO d VALUES (1, 'one')",
        "CREATE VIRTUAL TABLE f USING fts5(t)",
        "INSERT INTO d VALUES (1, 'one')",
        "CREATE VIRTUAL TABLE x USING fts5(t, content='d', content_rowid='id')",
        "INSERT INTO d VALUES (2, 'two words')",
        "SELECT rowid, t FROM f WHERE f MATCH 'words'",
        "SELECT rowid, t FROM x WHERE x MATCH 'words'",
        "DROP TABLE f",
        "DROP TABLE x",
        "CREATE VIRTUAL TABLE f USING fts5(t, tokenize='porter')",
        "CREATE VIRTUAL TABLE x USING fts5(t, content='d', content_rowid='id')",
        "INSERT INTO x(x) VALUES ('rebuild')",
        "INSERT INTO d VALUES (3, 'three words')",
        "DELETE FROM d WHERE id = 2",
        "SELECT rowid, t FROM f WHERE f MATCH 'word'",
        "SELECT rowid, t FROM x WHERE x MATCH 'words'",
    ]);
}

/// A statement that makes a trigger whole which was waiting for it, where PostgreSQL could not run its body.
#[test]
fn a_refusal_of_a_trigger_that_waits_names_it() {
    crate::support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE d(id BLOB, n TEXT);
             CREATE TRIGGER moved AFTER DELETE ON d BEGIN INSERT INTO gone(k) SELECT old.n; END",
        )
        .expect("gone may come later");
        let error = conn.execute("CREATE TABLE gone(k BLOB)", []).expect_err("k is no text").to_string();
        let expected = "trigger moved, which this statement makes anew: cannot store TEXT value in BLOB column gone.k";
        assert!(error.starts_with(expected) && error.contains("help: "), "{error}");
        conn.execute_batch("DROP TRIGGER moved; CREATE TABLE gone(k BLOB)").expect("without it");
    });
}
