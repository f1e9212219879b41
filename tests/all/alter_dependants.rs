//! ALTER TABLE under what names the table: triggers, views, keys; triggers and views ahead of their tables. Behind each
//! statement the whole of `sqlite_master` is compared.

use crate::pragma_answers::same;

/// The statements, and behind each that may change the schema what is in it then.
#[track_caller]
fn followed(statements: &[&'static str]) {
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_master
        WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY type, name";
    let is_question = |sql: &str| sql.starts_with("SELECT") || sql.starts_with("PRAGMA") || sql.starts_with("WITH");
    let both = |sql: &&'static str| if is_question(sql) { vec![*sql] } else { vec![*sql, schema] };
    same(&statements.iter().flat_map(both).collect::<Vec<_>>());
}

#[test]
fn names_change_where_they_mean_what_is_renamed() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TABLE q(x)"#,
        r#"CREATE VIEW v AS SELECT p.*, p.n, n AS m, "n" AS k FROM p WHERE p.n > 1"#,
        r#"CREATE VIEW v2 AS SELECT p.n FROM p AS p"#,
        r#"CREATE VIEW v3 AS SELECT a.n, (SELECT max(n) FROM p) FROM main.p a"#,
        r#"CREATE VIEW v4 AS WITH p(z) AS (SELECT 1) SELECT z FROM p"#,
        r#"CREATE TRIGGER tr AFTER UPDATE OF n ON p WHEN NEW.n > old.n BEGIN INSERT INTO q(x) VALUES(NEW.n); UPDATE p SET id = p.n + 1 WHERE p.n IN (SELECT n FROM p); DELETE FROM p WHERE n = 5; SELECT p.n FROM p; END"#,
        r#"CREATE TRIGGER tr2 AFTER INSERT ON q BEGIN UPDATE p SET n=n||'!' FROM q WHERE q.x=p.id; END"#,
        r#"ALTER TABLE p RENAME TO parent"#,
        r#"INSERT INTO parent VALUES(1,2),(3,4)"#,
        r#"INSERT INTO q VALUES(2)"#,
        r#"UPDATE parent SET n=7 WHERE id=4"#,
        r#"SELECT * FROM parent ORDER BY 1,2"#,
        r#"SELECT * FROM q"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE parent RENAME COLUMN n TO "Label""#,
        r#"INSERT INTO q VALUES(4)"#,
        r#"UPDATE parent SET Label=17 WHERE id=4"#,
        r#"SELECT * FROM parent ORDER BY 1,2"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"SELECT * FROM v2 ORDER BY 1"#,
        r#"SELECT * FROM v3 ORDER BY 1"#,
        r#"SELECT * FROM v4"#,
        r#"PRAGMA table_info(parent)"#,
        r#"ALTER TABLE parent RENAME COLUMN id TO ident"#,
        r#"ALTER TABLE parent ADD COLUMN extra DEFAULT 5"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE parent DROP COLUMN extra"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE parent DROP COLUMN Label"#,
        r#"ALTER TABLE parent DROP COLUMN ident"#,
    ]);
}

#[test]
fn a_view_over_a_view_says_the_old_name() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE VIEW v AS SELECT n FROM p"#,
        r#"CREATE VIEW w AS SELECT n FROM v"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"ALTER TABLE p RENAME TO pp"#,
        r#"SELECT * FROM w"#,
    ]);
}

#[test]
fn triggers_of_views_follow() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE VIEW v(n) AS SELECT n FROM p"#,
        r#"CREATE VIEW w AS SELECT n FROM v"#,
        r#"CREATE VIEW z AS SELECT * FROM v ORDER BY 1"#,
        r#"CREATE TRIGGER iv INSTEAD OF INSERT ON v BEGIN INSERT INTO p(n, id) VALUES(NEW.n, 7); END"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"INSERT INTO v VALUES('x')"#,
        r#"SELECT * FROM w"#,
        r#"SELECT * FROM p"#,
        r#"ALTER TABLE p RENAME TO base"#,
        r#"INSERT INTO v VALUES('y')"#,
        r#"SELECT * FROM z"#,
        r#"ALTER TABLE base DROP COLUMN id"#,
        r#"INSERT INTO v VALUES('z')"#,
    ]);
}

#[test]
fn a_subquery_is_left_with_the_old_name() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE VIEW v AS SELECT n FROM (SELECT n FROM p)"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
    ]);
}

#[test]
fn joins_by_names() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TABLE q(n, id)"#,
        r#"CREATE VIEW v AS SELECT * FROM p JOIN q USING(n)"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
    ]);
}

#[test]
fn natural_joins_follow_the_names() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TABLE q(n, id)"#,
        r#"CREATE VIEW v AS SELECT n FROM p NATURAL JOIN q"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"INSERT INTO q VALUES(3,2)"#,
        r#"SELECT * FROM v ORDER BY 1"#,
    ]);
}

#[test]
fn a_view_of_a_missing_table() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE VIEW broken AS SELECT n FROM missing"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"ALTER TABLE p RENAME TO pp"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"ALTER TABLE p ADD COLUMN x"#,
        r#"CREATE TABLE missing(n)"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"ALTER TABLE missing RENAME TO found"#,
        r#"SELECT * FROM broken"#,
    ]);
}

#[test]
fn a_trigger_ahead_of_its_table() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TRIGGER tr AFTER INSERT ON p BEGIN INSERT INTO missing VALUES(1); END"#,
        r#"ALTER TABLE p RENAME COLUMN n TO label"#,
        r#"ALTER TABLE p RENAME TO pp"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"INSERT INTO p SELECT 1,2 WHERE 0"#,
        r#"CREATE TABLE missing(a)"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"SELECT * FROM missing"#,
        r#"ALTER TABLE missing ADD COLUMN b"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"DROP TABLE missing"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"CREATE TABLE missing(a)"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"SELECT * FROM p"#,
    ]);
}

#[test]
fn update_of_a_dropped_column() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TRIGGER tr AFTER UPDATE OF n ON p BEGIN SELECT 1; END"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"UPDATE p SET x=1"#,
    ]);
}

#[test]
fn when_a_dropped_column() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TRIGGER tr AFTER UPDATE ON p WHEN OLD.n > 1 BEGIN SELECT 1; END"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
    ]);
}

#[test]
fn an_update_in_a_body() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TRIGGER tr AFTER UPDATE ON p BEGIN UPDATE p SET n = 1; END"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"UPDATE p SET x=1"#,
    ]);
}

#[test]
fn an_insert_in_a_body() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TRIGGER tr AFTER UPDATE ON p BEGIN INSERT INTO p(n) VALUES(1); END"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"UPDATE p SET x=1"#,
    ]);
}

#[test]
fn update_of_a_column_that_comes_later() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TRIGGER tr AFTER UPDATE OF zz ON p BEGIN INSERT INTO log VALUES(NEW.id); END"#,
        r#"UPDATE p SET x=1"#,
        r#"ALTER TABLE p ADD COLUMN zz"#,
        r#"UPDATE p SET x=1"#,
        r#"UPDATE p SET zz=1"#,
        r#"CREATE TABLE log(a,b)"#,
        r#"UPDATE p SET zz=1"#,
        r#"UPDATE p SET zz=1 WHERE 0"#,
        r#"ALTER TABLE log DROP COLUMN b"#,
        r#"UPDATE p SET zz=1 WHERE 0"#,
        r#"INSERT INTO p(id) VALUES(9)"#,
        r#"UPDATE p SET zz=1"#,
        r#"SELECT * FROM log"#,
        r#"DROP TABLE log"#,
        r#"UPDATE p SET zz=1 WHERE 0"#,
    ]);
}

#[test]
fn triggers_fail_when_they_fire() {
    followed(&[
        r#"CREATE TABLE p(n, id, x)"#,
        r#"CREATE TABLE log(a)"#,
        r#"CREATE TRIGGER t1 AFTER INSERT ON p BEGIN INSERT INTO log(zz) VALUES(NEW.id); END"#,
        r#"CREATE TRIGGER t2 AFTER INSERT ON p WHEN NEW.nope BEGIN SELECT 1; END"#,
        r#"CREATE TRIGGER t3 AFTER DELETE ON p BEGIN SELECT NEW.id; END"#,
        r#"CREATE TRIGGER t5 BEFORE DELETE ON p BEGIN UPDATE log SET zz=1; END"#,
        r#"CREATE TRIGGER t6 AFTER UPDATE ON p BEGIN INSERT INTO log VALUES(1,2,3); END"#,
        r#"CREATE TRIGGER t7 AFTER UPDATE OF id ON p BEGIN SELECT a FROM missing; END"#,
        r#"CREATE TRIGGER t8 AFTER INSERT ON nosuch BEGIN SELECT 1; END"#,
        r#"INSERT INTO p VALUES(1,2,3)"#,
        r#"DROP TRIGGER t2"#,
        r#"INSERT INTO p VALUES(1,2,3)"#,
        r#"DELETE FROM p"#,
        r#"DROP TRIGGER t5"#,
        r#"DELETE FROM p"#,
        r#"UPDATE p SET id=1"#,
        r#"DROP TRIGGER t7"#,
        r#"UPDATE p SET n=1"#,
        r#"DROP TRIGGER t6"#,
        r#"UPDATE p SET id=1"#,
        r#"REPLACE INTO p VALUES(1,2,3)"#,
    ]);
}

#[test]
fn foreign_keys_fire_them() {
    followed(&[
        r#"CREATE TABLE p(n, id PRIMARY KEY)"#,
        r#"CREATE TABLE c(p REFERENCES p ON DELETE CASCADE)"#,
        r#"CREATE TRIGGER tc AFTER DELETE ON c BEGIN INSERT INTO log VALUES(1); END"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"INSERT INTO c VALUES(2)"#,
        r#"DELETE FROM p"#,
        r#"DELETE FROM c"#,
    ]);
}

#[test]
fn views_over_stars_lose_columns() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TABLE c(x, y)"#,
        r#"CREATE VIEW s AS SELECT * FROM p"#,
        r#"CREATE VIEW s2 AS SELECT id FROM s"#,
        r#"CREATE VIEW s3 AS SELECT * FROM s, s2"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"ALTER TABLE p DROP COLUMN n"#,
        r#"SELECT * FROM s"#,
        r#"SELECT * FROM s3"#,
        r#"INSERT INTO p VALUES(1)"#,
        r#"ALTER TABLE p ADD COLUMN zz"#,
        r#"SELECT * FROM s3"#,
        r#"ALTER TABLE p DROP COLUMN id"#,
        r#"ALTER TABLE p RENAME COLUMN id TO "Id 2""#,
        r#"SELECT * FROM s"#,
        r#"SELECT * FROM s3"#,
    ]);
}

#[test]
fn foreign_keys_are_renamed() {
    followed(&[
        r#"CREATE TABLE p(n, id UNIQUE)"#,
        r#"CREATE TABLE c(x, y REFERENCES p(id))"#,
        r#"ALTER TABLE p ADD COLUMN z"#,
        r#"ALTER TABLE p RENAME COLUMN id TO "my id""#,
        r#"ALTER TABLE p RENAME TO "my p""#,
        r#"INSERT INTO c VALUES(1,1)"#,
        r#"PRAGMA foreign_key_list(c)"#,
    ]);
}

#[test]
fn a_parent_column_is_dropped() {
    followed(&[
        r#"CREATE TABLE p(n, z, w)"#,
        r#"CREATE TABLE c(x, y REFERENCES p(z))"#,
        r#"ALTER TABLE p DROP COLUMN z"#,
        r#"INSERT INTO c VALUES(1,1)"#,
    ]);
}

#[test]
fn names_are_taken_by_new_columns() {
    followed(&[
        r#"CREATE TABLE p(n, id)"#,
        r#"CREATE TABLE q(n, m)"#,
        r#"INSERT INTO p VALUES(1,2)"#,
        r#"INSERT INTO q VALUES(1,9)"#,
        r#"CREATE VIEW v AS SELECT id, (SELECT x FROM q WHERE q.n = p.n) FROM (SELECT p.*, 5 AS x FROM p) AS p"#,
        r#"CREATE VIEW w(a, a) AS SELECT n, id FROM p"#,
        r#"CREATE TRIGGER iw INSTEAD OF UPDATE ON w BEGIN UPDATE p SET n = NEW.a WHERE n = OLD.a; END"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"SELECT * FROM w"#,
        r#"ALTER TABLE q ADD COLUMN x DEFAULT 77"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE q RENAME COLUMN x TO id"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE q DROP COLUMN id"#,
        r#"SELECT * FROM v ORDER BY 1"#,
        r#"ALTER TABLE p RENAME COLUMN id TO ix"#,
        r#"UPDATE w SET a = 8"#,
        r#"SELECT * FROM w"#,
    ]);
}

#[test]
fn texts_survive_alter_table() {
    followed(&[
        r#"CREATE TABLE w(k TEXT PRIMARY KEY, v, x INT) WITHOUT ROWID"#,
        r#"CREATE TABLE s(a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT NOT NULL /* note */ DEFAULT 'x', c INT CONSTRAINT pos CHECK(c > 0)) STRICT"#,
        r#"CREATE TABLE g(a INT, b AS (a + 1) STORED, c AS (a * 2), CONSTRAINT u UNIQUE(a), CHECK (a < 100 AND b > 0)) -- end"#,
        r#"CREATE INDEX gi ON g(a, lower(b)) WHERE a > 1"#,
        r#"CREATE UNIQUE INDEX "G x" ON g(b DESC) WHERE b IS NOT NULL"#,
        r#"CREATE TABLE k(x INT REFERENCES g(a), FOREIGN KEY(x) REFERENCES g(a) ON DELETE CASCADE)"#,
        r#"ALTER TABLE w RENAME COLUMN v TO val"#,
        r#"ALTER TABLE w ADD COLUMN y DEFAULT 3"#,
        r#"ALTER TABLE w RENAME TO "Without""#,
        r#"ALTER TABLE "Without" DROP COLUMN y"#,
        r#"ALTER TABLE "Without" DROP COLUMN x"#,
        r#"INSERT INTO Without VALUES('a', 1)"#,
        r#"SELECT * FROM Without"#,
        r#"PRAGMA table_list(Without)"#,
        r#"PRAGMA index_list(Without)"#,
        r#"PRAGMA table_xinfo(Without)"#,
        r#"ALTER TABLE s RENAME COLUMN b TO Bb"#,
        r#"ALTER TABLE s RENAME TO S2"#,
        r#"ALTER TABLE s2 RENAME COLUMN c TO "the c""#,
        r#"INSERT INTO s2("the c") VALUES(5)"#,
        r#"INSERT INTO s2("the c") VALUES(-5)"#,
        r#"SELECT * FROM s2"#,
        r#"PRAGMA table_info(s2)"#,
        r#"ALTER TABLE g RENAME COLUMN a TO Alpha"#,
        r#"ALTER TABLE g RENAME COLUMN b TO "be ta""#,
        r#"ALTER TABLE g RENAME TO Gee"#,
        r#"PRAGMA index_info(gi)"#,
        r#"PRAGMA index_xinfo("G x")"#,
        r#"PRAGMA table_xinfo(gee)"#,
        r#"PRAGMA foreign_key_list(k)"#,
        r#"INSERT INTO Gee(Alpha) VALUES(5)"#,
        r#"INSERT INTO k VALUES(5)"#,
        r#"SELECT * FROM gee"#,
        r#"ALTER TABLE gee RENAME TO g"#,
        r#"ALTER TABLE g RENAME COLUMN Alpha TO a"#,
        r#"ALTER TABLE g DROP COLUMN c"#,
        r#"SELECT * FROM g"#,
        r#"ALTER TABLE g DROP COLUMN a"#,
        r#"ALTER TABLE g DROP COLUMN "be ta""#,
    ]);
}

#[test]
fn names_are_spelled_as_they_were_written() {
    followed(&[
        r#"CREATE TABLE CamelCase(userName TEXT UNIQUE, Id INTEGER PRIMARY KEY)"#,
        r#"ALTER TABLE CamelCase RENAME TO NewCamel"#,
        r#"SELECT name FROM sqlite_master WHERE type='table'"#,
        r#"ALTER TABLE newcamel RENAME COLUMN username TO User_Name"#,
        r#"PRAGMA table_info(NewCamel)"#,
        r#"SELECT * FROM NewCamel"#,
        r#"PRAGMA index_list(NewCamel)"#,
        r#"PRAGMA index_info(sqlite_autoindex_NewCamel_1)"#,
        r#"CREATE VIEW Vw AS SELECT user_name, ID, Id + 1, id AS "My Id" FROM NewCamel"#,
        r#"SELECT * FROM vw"#,
        r#"SELECT MY_ID FROM (SELECT "my id" AS MY_ID FROM vw)"#,
        r#"CREATE VIEW Vx(P, q) AS SELECT user_name, id FROM vw"#,
        r#"SELECT * FROM VX"#,
        r#"SELECT p FROM VX"#,
        r#"CREATE TABLE n(Aa INT)"#,
        r#"SELECT * FROM (SELECT aa FROM n)"#,
        r#"WITH c(X) AS (SELECT 1) SELECT * FROM c"#,
        r#"WITH c AS (SELECT aa FROM n) SELECT * FROM c"#,
    ]);
}

#[test]
fn the_table_of_numbers_is_listed() {
    same(&[
        "CREATE TABLE a(x)",
        "CREATE TABLE Tt(id INTEGER PRIMARY KEY AUTOINCREMENT, b)",
        "CREATE TABLE u(id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE k(id INTEGER PRIMARY KEY)",
        "CREATE UNIQUE INDEX k_id ON k(id)",
        "INSERT INTO Tt(b) VALUES (1), (2)",
        "SELECT type, name, tbl_name, sql FROM sqlite_master",
        "SELECT name, type, ncol FROM pragma_table_list ORDER BY name",
        "PRAGMA index_list(k)",
        "SELECT * FROM sqlite_sequence",
        "ALTER TABLE tt RENAME TO Uu",
        "SELECT * FROM sqlite_sequence",
        "UPDATE sqlite_sequence SET seq = 10 WHERE name = 'Uu'",
        "INSERT INTO uu(b) VALUES (1)",
        "SELECT * FROM sqlite_sequence",
        "SELECT max(id) FROM Uu",
    ]);
}
