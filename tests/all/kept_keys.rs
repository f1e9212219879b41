//! Foreign keys that triggers keep: between columns of unlike types, and to columns by NOCASE and RTRIM.

use std::thread;
use std::time::Duration;

use crate::pragma_answers::same;
use sqlift::{Connection, ErrorCode};

#[test]
fn keys_between_unlike_columns_are_kept_as_on_sqlite() {
    same(&[
        r#"CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT)"#,
        r#"CREATE TABLE c(id INTEGER PRIMARY KEY, pid TEXT REFERENCES p(id) ON DELETE CASCADE ON UPDATE CASCADE)"#,
        r#"CREATE TABLE n(id INTEGER PRIMARY KEY, pid REFERENCES p ON DELETE SET NULL, r REAL REFERENCES p(id))"#,
        r#"INSERT INTO p VALUES(1,'a'),(2,'b'),(3,'c')"#,
        r#"INSERT INTO c VALUES(1,'1'),(2,'2'),(3,' 2.0 '),(4,NULL)"#,
        r#"INSERT INTO c VALUES(5,'9')"#,
        r#"INSERT INTO c VALUES(6,'x')"#,
        r#"INSERT INTO n VALUES(1,1,2.0),(2,'3',3.0),(3,NULL,NULL)"#,
        r#"INSERT INTO n VALUES(4,1,2.5)"#,
        r#"INSERT INTO n VALUES(4,x'31',2.0)"#,
        r#"UPDATE c SET pid='8' WHERE id=1"#,
        r#"UPDATE c SET pid='1.0' WHERE id=1"#,
        r#"UPDATE p SET id=20 WHERE id=2"#,
        r#"UPDATE p SET id=10 WHERE id=1"#,
        r#"SELECT id, quote(pid) FROM c ORDER BY id"#,
        r#"SELECT id, quote(pid), quote(r) FROM n ORDER BY id"#,
        r#"UPDATE n SET r=NULL"#,
        r#"UPDATE p SET id=20 WHERE id=2"#,
        r#"UPDATE n SET pid=NULL WHERE id=1"#,
        r#"UPDATE p SET id=10 WHERE id=1"#,
        r#"SELECT id, quote(pid) FROM c ORDER BY id"#,
        r#"DELETE FROM p WHERE id=20"#,
        r#"DELETE FROM p WHERE id=3"#,
        r#"SELECT id, quote(pid) FROM c ORDER BY id"#,
        r#"SELECT id, quote(pid) FROM n ORDER BY id"#,
        r#"PRAGMA foreign_key_list(c)"#,
        r#"PRAGMA foreign_key_list(n)"#,
        r#"SELECT type, name, tbl_name FROM sqlite_master"#,
        r#"ALTER TABLE p RENAME TO parent"#,
        r#"ALTER TABLE parent RENAME COLUMN id TO key"#,
        r#"ALTER TABLE c RENAME COLUMN pid TO parent_id"#,
        r#"PRAGMA foreign_key_list(c)"#,
        r#"PRAGMA foreign_key_list(n)"#,
        r#"INSERT INTO c VALUES(7,'77')"#,
        r#"INSERT INTO c VALUES(7,'10')"#,
        r#"DELETE FROM parent"#,
        r#"SELECT count(*) FROM c"#,
        r#"CREATE TABLE tp(k TEXT PRIMARY KEY)"#,
        r#"CREATE TABLE ti(i INTEGER REFERENCES tp(k), u REFERENCES tp, d NUMERIC REFERENCES tp(k))"#,
        r#"INSERT INTO tp VALUES('1'),('2.5'),('x'),('05')"#,
        r#"INSERT INTO ti VALUES(1,'x',2.5)"#,
        r#"INSERT INTO ti VALUES(5,NULL,NULL)"#,
        r#"INSERT INTO ti VALUES(1,1,1)"#,
        r#"INSERT INTO ti VALUES(NULL,x'78',NULL)"#,
        r#"DELETE FROM tp WHERE k='x'"#,
        r#"DELETE FROM tp WHERE k='2.5'"#,
        r#"UPDATE tp SET k='2.50' WHERE k='2.5'"#,
        r#"DELETE FROM ti"#,
        r#"DELETE FROM tp"#,
        r#"CREATE TABLE nc(k TEXT COLLATE NOCASE PRIMARY KEY)"#,
        r#"CREATE TABLE ncc(k TEXT REFERENCES nc(k) ON UPDATE CASCADE ON DELETE SET DEFAULT, z TEXT DEFAULT 'q')"#,
        r#"INSERT INTO nc VALUES('Abc'),('q')"#,
        r#"INSERT INTO ncc(k) VALUES('aBC')"#,
        r#"INSERT INTO ncc(k) VALUES('abd')"#,
        r#"UPDATE nc SET k='ABC' WHERE k='abc'"#,
        r#"SELECT * FROM ncc"#,
        r#"UPDATE nc SET k='zzz' WHERE k='abc'"#,
        r#"SELECT * FROM ncc"#,
        r#"DELETE FROM nc WHERE k='ZZZ'"#,
        r#"SELECT * FROM ncc"#,
        r#"PRAGMA foreign_key_list(ncc)"#,
        r#"CREATE TABLE a1(x INTEGER PRIMARY KEY, y TEXT COLLATE NOCASE UNIQUE, z TEXT REFERENCES a1(y))"#,
        r#"INSERT INTO a1 VALUES(1,'a',NULL),(2,'b','A')"#,
        r#"INSERT INTO a1 VALUES(4,'d','e'),(5,'E','D')"#,
        r#"INSERT INTO a1 VALUES(6,'f','nope')"#,
        r#"DELETE FROM a1 WHERE x=1"#,
        r#"DELETE FROM a1 WHERE x IN (1,2)"#,
        r#"DELETE FROM a1"#,
        r#"CREATE TABLE dp(k TEXT COLLATE NOCASE UNIQUE)"#,
        r#"CREATE TABLE dc(k TEXT REFERENCES dp(k) DEFERRABLE INITIALLY DEFERRED)"#,
        r#"BEGIN"#,
        r#"INSERT INTO dc VALUES('x')"#,
        r#"COMMIT"#,
        r#"INSERT INTO dp VALUES('X')"#,
        r#"COMMIT"#,
        r#"BEGIN"#,
        r#"DELETE FROM dp"#,
        r#"SELECT count(*) FROM dc"#,
        r#"INSERT INTO dp VALUES('x')"#,
        r#"COMMIT"#,
        r#"BEGIN"#,
        r#"DELETE FROM dp"#,
        r#"COMMIT"#,
        r#"ROLLBACK"#,
        r#"SELECT * FROM dp"#,
        r#"CREATE TABLE rp(k TEXT COLLATE RTRIM UNIQUE, i INTEGER UNIQUE)"#,
        r#"CREATE TABLE rc(k TEXT REFERENCES rp(k) ON DELETE RESTRICT, i TEXT, FOREIGN KEY(i) REFERENCES rp(i) ON UPDATE RESTRICT)"#,
        r#"INSERT INTO rp VALUES('a  ',1)"#,
        r#"INSERT INTO rc VALUES('a','1')"#,
        r#"DELETE FROM rp"#,
        r#"UPDATE rp SET i=2"#,
        r#"UPDATE rp SET k='b'"#,
        r#"UPDATE rp SET k='a'"#,
        r#"CREATE TABLE later_c(a TEXT REFERENCES later_p(id) ON DELETE CASCADE)"#,
        r#"INSERT INTO later_c VALUES('1')"#,
        r#"CREATE TABLE later_p(id INTEGER PRIMARY KEY)"#,
        r#"INSERT INTO later_c VALUES('1')"#,
        r#"INSERT INTO later_p VALUES(1)"#,
        r#"INSERT INTO later_c VALUES('1')"#,
        r#"PRAGMA foreign_key_list(later_c)"#,
        r#"DROP TABLE later_p"#,
        r#"SELECT * FROM later_c"#,
        r#"INSERT INTO later_c VALUES('1')"#,
        r#"PRAGMA foreign_key_list(later_c)"#,
        r#"CREATE TABLE later_p(id INTEGER PRIMARY KEY)"#,
        r#"INSERT INTO later_c VALUES('1')"#,
        r#"DROP TABLE later_c"#,
        r#"INSERT INTO later_p VALUES(1)"#,
        r#"DELETE FROM later_p"#,
        r#"CREATE TABLE cp(a INTEGER, b TEXT COLLATE NOCASE, PRIMARY KEY(a,b))"#,
        r#"CREATE TABLE cc(x TEXT, y TEXT, FOREIGN KEY(x,y) REFERENCES cp ON DELETE CASCADE)"#,
        r#"INSERT INTO cp VALUES(1,'k'),(2,'k')"#,
        r#"INSERT INTO cc VALUES('1','K'),('2','k'),(NULL,'zz'),('7',NULL)"#,
        r#"INSERT INTO cc VALUES('3','k')"#,
        r#"DELETE FROM cp WHERE a=1"#,
        r#"SELECT * FROM cc"#,
        r#"PRAGMA foreign_key_list(cc)"#,
        r#"ALTER TABLE cc ADD COLUMN w TEXT REFERENCES cp(a)"#,
        r#"ALTER TABLE ncc ADD COLUMN w BLOB REFERENCES parent(key)"#,
        r#"PRAGMA foreign_key_list(ncc)"#,
        r#"INSERT INTO ncc(w) VALUES(x'31')"#,
        r#"ALTER TABLE ncc DROP COLUMN w"#,
        r#"PRAGMA foreign_key_list(ncc)"#,
        r#"CREATE TABLE bad(a TEXT REFERENCES nc(nope))"#,
        r#"INSERT INTO bad VALUES('1')"#,
        r#"CREATE TABLE bad2(x UNIQUE, a TEXT REFERENCES bad2)"#,
        r#"INSERT INTO bad2 VALUES(1,'1')"#,
        r#"CREATE TABLE rpl(k TEXT COLLATE NOCASE PRIMARY KEY, v)"#,
        r#"CREATE TABLE rplc(id INTEGER PRIMARY KEY, k TEXT REFERENCES rpl(k) ON DELETE CASCADE)"#,
        r#"INSERT INTO rpl VALUES('a',1)"#,
        r#"INSERT INTO rplc VALUES(1,'A')"#,
        r#"REPLACE INTO rpl VALUES('A',2)"#,
        r#"SELECT count(*) FROM rplc"#,
        r#"INSERT INTO rplc VALUES(2,'a')"#,
        r#"INSERT INTO rpl VALUES('a',3) ON CONFLICT(k) DO UPDATE SET v=3"#,
        r#"SELECT count(*) FROM rplc"#,
        r#"PRAGMA foreign_keys=OFF"#,
        r#"DELETE FROM rpl"#,
        r#"SELECT count(*) FROM rplc"#,
        r#"INSERT INTO rplc VALUES(3,'zz')"#,
        r#"PRAGMA foreign_keys=ON"#,
        r#"UPDATE rplc SET k='zz' WHERE k='zz'"#,
        r#"UPDATE rplc SET k='yy' WHERE k='zz'"#,
        r#"PRAGMA foreign_key_check(rplc)"#,
        r#"DROP TABLE bad"#,
        r#"DROP TABLE bad2"#,
        r#"DROP TABLE later_p"#,
        r#"PRAGMA foreign_key_check"#,
    ]);
}

/// Two transactions at once: whichever of the two comes second fails or waits, and no child is left without its parent.
#[test]
fn a_race_leaves_no_orphan() {
    let database = sqlift::testing::database();
    for isolation in ["serializable", "read-committed"] {
        let joined = if database.url().contains('?') { '&' } else { '?' };
        let url = format!("{}{joined}isolation={isolation}", database.url());
        let open = || {
            let conn = Connection::open_url(&url).expect("the server takes connections");
            conn.busy_timeout(Duration::from_secs(20)).expect("is set");
            conn
        };
        let (first, mut second) = (open(), open());
        first
            .execute_batch(
                "DROP TABLE IF EXISTS c; DROP TABLE IF EXISTS p;
                 CREATE TABLE p(id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE);
                 CREATE TABLE c(id INTEGER PRIMARY KEY, pid TEXT REFERENCES p(id), k TEXT REFERENCES p(k));",
            )
            .expect("the schema is common ground");
        // The two statements, and what is in the way of the second when the first one's transaction has ended.
        for (ahead, behind) in [
            ("INSERT INTO c(pid) VALUES ('1')", "DELETE FROM p WHERE id = 1"),
            ("DELETE FROM p WHERE id = 1", "INSERT INTO c(pid) VALUES ('1')"),
            ("INSERT INTO c(k) VALUES ('ONE')", "UPDATE p SET k = 'two' WHERE id = 1"),
            ("UPDATE p SET k = 'two' WHERE id = 1", "INSERT INTO c(k) VALUES ('ONE')"),
            ("UPDATE c SET pid = '1' WHERE id = 7", "DELETE FROM p WHERE id = 1"),
        ] {
            first
                .execute_batch(
                    "DELETE FROM c; DELETE FROM p; INSERT INTO p VALUES (1, 'one'), (2, 'other'); INSERT INTO c(id, pid) VALUES (7, '2');",
                )
                .expect("rows");
            first.execute_batch("BEGIN").expect("begins");
            first.execute(ahead, []).unwrap_or_else(|error| panic!("{isolation}: {ahead}: {error}"));
            let (committed, result) = thread::scope(|scope| {
                let second = &mut second;
                let waiting = scope.spawn(move || second.execute(behind, []));
                thread::sleep(Duration::from_millis(300));
                let committed = first.execute_batch("COMMIT");
                if !first.is_autocommit() {
                    first.execute_batch("ROLLBACK").expect("rolls back");
                }
                (committed, waiting.join().expect("does not panic"))
            });
            // Of two serializable transactions the server may take the first one for the victim.
            let code = result.as_ref().err().or(committed.as_ref().err()).and_then(sqlift::Error::sqlite_error_code);
            assert!(
                matches!(code, Some(ErrorCode::ConstraintViolation | ErrorCode::DatabaseBusy)),
                "{isolation}: {ahead}, {behind}: {committed:?}, {result:?}"
            );
            let orphans = "SELECT count(*) FROM c WHERE pid IS NOT NULL AND pid NOT IN (SELECT id || '' FROM p) \
                           OR k IS NOT NULL AND NOT EXISTS (SELECT 1 FROM p WHERE p.k = c.k)";
            let found: i64 = first.query_row(orphans, [], |row| row.get(0)).expect("counts");
            assert_eq!(found, 0, "{isolation}: {ahead}, {behind}");
        }
    }
}

/// A number refers to one text of a parent, and SQLite takes it for a child of all texts that mean the number; a row is its own
/// parent by bytes alone.
#[test]
fn keys_that_several_spellings_meet() {
    same(&[
        r#"CREATE TABLE tp(k TEXT PRIMARY KEY)"#,
        r#"CREATE TABLE ti(id INTEGER PRIMARY KEY, i INTEGER REFERENCES tp(k))"#,
        r#"INSERT INTO tp VALUES('5'),('05'),('6'),('06')"#,
        r#"INSERT INTO ti VALUES(1,5)"#,
        r#"INSERT INTO ti VALUES(2,'05')"#,
        r#"DELETE FROM tp WHERE k='05'"#,
        r#"DELETE FROM tp WHERE k='5'"#,
        r#"UPDATE tp SET k='x' WHERE k='05'"#,
        r#"DELETE FROM tp WHERE k='06'"#,
        r#"DELETE FROM tp WHERE k='6'"#,
        r#"SELECT * FROM tp ORDER BY k"#,
        r#"SELECT * FROM ti ORDER BY id"#,
        r#"DELETE FROM ti"#,
        r#"DELETE FROM tp WHERE k='05'"#,
        r#"CREATE TABLE td(k TEXT PRIMARY KEY)"#,
        r#"CREATE TABLE tc(id INTEGER PRIMARY KEY, i INTEGER REFERENCES td(k) ON DELETE CASCADE ON UPDATE CASCADE)"#,
        r#"INSERT INTO td VALUES('5'),('05'),('6'),('06'),('7'),('07')"#,
        r#"INSERT INTO tc VALUES(1,5),(2,6),(3,7)"#,
        r#"DELETE FROM td WHERE k='05'"#,
        r#"UPDATE td SET k='006' WHERE k='06'"#,
        r#"UPDATE td SET k='8' WHERE k='07'"#,
        r#"SELECT * FROM td ORDER BY k"#,
        r#"SELECT * FROM tc ORDER BY id"#,
        r#"CREATE TABLE nk(id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE, up TEXT REFERENCES nk(k))"#,
        r#"INSERT INTO nk VALUES(1,'a','a')"#,
        r#"INSERT INTO nk VALUES(2,'b','B')"#,
        r#"INSERT INTO nk VALUES(3,'c','A')"#,
        r#"UPDATE nk SET up='C' WHERE id=3"#,
        r#"UPDATE nk SET k='d', up='D' WHERE id=3"#,
        r#"UPDATE nk SET k='e', up='e' WHERE id=3"#,
        r#"UPDATE nk SET k='E' WHERE id=3"#,
        r#"INSERT INTO nk VALUES(4,'f','G'),(5,'G','F')"#,
        r#"INSERT INTO nk VALUES(6,'h','H'),(7,'i','h')"#,
        r#"SELECT * FROM nk ORDER BY id"#,
        r#"DELETE FROM nk WHERE id=1"#,
        r#"DELETE FROM nk WHERE id=3"#,
        r#"SELECT * FROM nk ORDER BY id"#,
        r#"CREATE TABLE nd(id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE UNIQUE, up TEXT REFERENCES nd(k) DEFERRABLE INITIALLY DEFERRED)"#,
        r#"BEGIN"#,
        r#"INSERT INTO nd VALUES(1,'a','A')"#,
        r#"COMMIT"#,
        r#"ROLLBACK"#,
        r#"SELECT count(*) FROM nd"#,
        r#"CREATE TABLE sx(id INTEGER PRIMARY KEY, up TEXT REFERENCES sx(id) ON DELETE SET NULL)"#,
        r#"INSERT INTO sx VALUES(1,'1'),(2,'1'),(3,'01')"#,
        r#"DELETE FROM sx WHERE id=1"#,
        r#"SELECT * FROM sx ORDER BY id"#,
        r#"CREATE TABLE tu(k TEXT PRIMARY KEY)"#,
        r#"CREATE TABLE tv(id INTEGER PRIMARY KEY, i INTEGER REFERENCES tu(k) ON DELETE SET NULL)"#,
        r#"INSERT INTO tu VALUES('5'),('6'),('07')"#,
        r#"INSERT INTO tv VALUES(1,5),(2,6)"#,
        r#"DELETE FROM tu WHERE k='5'"#,
        r#"DELETE FROM tu WHERE k='07'"#,
        r#"SELECT * FROM tv ORDER BY id"#,
    ]);
}

/// A repeatable read would not see a child that was committed since it began, so it may not take the parent away.
#[test]
fn a_repeatable_read_leaves_parents_alone() {
    let database = sqlift::testing::database();
    let open = |isolation: &str| {
        let joined = if database.url().contains('?') { '&' } else { '?' };
        Connection::open_url(&format!("{}{joined}isolation={isolation}", database.url())).expect("it can be opened")
    };
    let (reader, other) = (open("repeatable-read"), open("serializable"));
    let schema = "CREATE TABLE p(id INTEGER PRIMARY KEY, x, n TEXT COLLATE NOCASE UNIQUE);
        CREATE TABLE c(id INTEGER PRIMARY KEY, p TEXT REFERENCES p(id) ON DELETE CASCADE, n TEXT REFERENCES p(n));
        INSERT INTO p(id, n) VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO c VALUES (1, '3', NULL)";
    other.execute_batch(schema).expect("the schema can be made");
    reader.execute_batch("BEGIN; SELECT count(*) FROM c").expect("it begins");
    other.execute_batch("INSERT INTO c VALUES (2, '1', 'A')").expect("the parent is there");
    for sql in ["DELETE FROM p WHERE id = 1", "UPDATE p SET id = 10 WHERE id = 1", "UPDATE p SET n = 'z' WHERE id = 1"]
    {
        let error = reader.execute_batch(sql).expect_err(sql).to_string();
        assert!(error.contains("isolation=serializable"), "{sql}: {error}");
    }
    // What no key is about, and a child whose parent is gone.
    reader
        .execute_batch("UPDATE p SET x = 1, n = 'B' WHERE id = 2; INSERT INTO c VALUES (3, '2', 'b')")
        .expect("no key");
    other.execute_batch("DELETE FROM p WHERE id = 3").expect("its child goes with it");
    let error = reader.execute("INSERT INTO c VALUES (4, '3', NULL)", []).expect_err("the parent is gone");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
    reader.execute_batch("ROLLBACK; DROP TABLE p").expect("the keys go with it");
    let left: i64 = reader.query_row("SELECT count(*) FROM c", [], |row| row.get(0)).expect("it is there");
    assert_eq!(left, 0);
}

#[test]
fn keys_wait_for_the_end_of_a_transaction_that_says_so() {
    same(&[
        r#"CREATE TABLE kp(id INTEGER PRIMARY KEY, p INTEGER REFERENCES kp(id))"#,
        r#"CREATE TABLE kc(id INTEGER PRIMARY KEY, p TEXT REFERENCES kp(id) ON DELETE CASCADE, q INTEGER REFERENCES kp(id))"#,
        r#"PRAGMA defer_foreign_keys"#,
        r#"BEGIN"#,
        r#"PRAGMA defer_foreign_keys=ON"#,
        r#"PRAGMA defer_foreign_keys"#,
        r#"INSERT INTO kp VALUES(1,2)"#,
        r#"INSERT INTO kc VALUES(1,'3',4)"#,
        r#"INSERT INTO kp VALUES(1,2)"#,
        r#"COMMIT"#,
        r#"SELECT count(*) FROM kc"#,
        r#"INSERT INTO kp VALUES(2,NULL),(3,NULL),(4,NULL)"#,
        r#"COMMIT"#,
        r#"PRAGMA defer_foreign_keys"#,
        r#"INSERT INTO kp VALUES(10,20)"#,
        r#"BEGIN"#,
        r#"INSERT INTO kc VALUES(2,'30',4)"#,
        r#"PRAGMA defer_foreign_keys=ON"#,
        r#"INSERT INTO kc VALUES(2,'30',4)"#,
        r#"ROLLBACK"#,
        r#"INSERT INTO kc VALUES(2,'30',4)"#,
        r#"SELECT * FROM kp ORDER BY id"#,
        r#"SELECT * FROM kc"#,
    ]);
}
