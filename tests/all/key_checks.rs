//! When foreign keys are looked at: when the statement ends, also where its triggers write.

use crate::pragma_answers::same;
use crate::support::on_postgres;

#[test]
fn what_a_trigger_makes_whole_is_no_error() {
    same(&[
        r#"CREATE TABLE a(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TABLE b(id INTEGER PRIMARY KEY, aid INTEGER REFERENCES a(id))"#,
        r#"CREATE TRIGGER b_ad AFTER DELETE ON a BEGIN DELETE FROM b WHERE aid = OLD.id; END"#,
        r#"CREATE TRIGGER b_ai AFTER INSERT ON b BEGIN INSERT OR IGNORE INTO a VALUES(NEW.aid); END"#,
        r#"INSERT INTO a VALUES(1)"#,
        r#"INSERT INTO b VALUES(1,1)"#,
        r#"INSERT INTO b VALUES(2,2)"#,
        r#"SELECT * FROM a ORDER BY id"#,
        r#"DELETE FROM a WHERE id=1"#,
        r#"SELECT * FROM b"#,
        r#"CREATE TABLE p(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id))"#,
        r#"CREATE TRIGGER p_bi BEFORE INSERT ON p BEGIN INSERT INTO c VALUES(NEW.id*10, NEW.id); END"#,
        r#"INSERT INTO p VALUES(1)"#,
        r#"INSERT INTO p VALUES(2),(3)"#,
        r#"SELECT * FROM c ORDER BY id"#,
    ]);
}

#[test]
fn keys_and_triggers_come_in_any_order() {
    same(&[
        r#"CREATE TABLE a(id INTEGER PRIMARY KEY, n TEXT)"#,
        r#"CREATE TABLE b(id INTEGER PRIMARY KEY, aid INTEGER REFERENCES a(id))"#,
        r#"CREATE TRIGGER b_bd BEFORE DELETE ON b BEGIN DELETE FROM a WHERE id = OLD.aid; END"#,
        r#"INSERT INTO a VALUES(1,'x'),(2,'y'),(3,'z')"#,
        r#"INSERT INTO b VALUES(1,1),(2,2),(3,2)"#,
        r#"DELETE FROM b WHERE id=1"#,
        r#"DELETE FROM b WHERE id=2"#,
        r#"SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"#,
        r#"DELETE FROM b"#,
        r#"SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"#,
        r#"BEGIN"#,
        r#"INSERT INTO a VALUES(11,'x'),(12,'y')"#,
        r#"INSERT INTO b VALUES(11,11),(12,12),(13,12)"#,
        r#"DELETE FROM b WHERE id=12"#,
        r#"INSERT INTO b VALUES(14,99)"#,
        r#"DELETE FROM b WHERE id IN (11,12,13)"#,
        r#"COMMIT"#,
        r#"SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"#,
        r#"DROP TRIGGER b_bd"#,
        r#"INSERT INTO b VALUES(14,99)"#,
        r#"CREATE TABLE g(id INTEGER PRIMARY KEY, name TEXT UNIQUE)"#,
        r#"CREATE TABLE h(id INTEGER PRIMARY KEY, g TEXT)"#,
        r#"CREATE TRIGGER h_ai AFTER INSERT ON h BEGIN INSERT OR IGNORE INTO g(name) VALUES(NEW.g); END"#,
        r#"CREATE TRIGGER h_au AFTER UPDATE OF g ON h BEGIN INSERT OR IGNORE INTO g(name) VALUES(NEW.g); END"#,
        r#"INSERT INTO h VALUES(1,'a')"#,
        r#"ALTER TABLE h ADD COLUMN g2 TEXT REFERENCES g(name)"#,
        r#"INSERT INTO h VALUES(2,'b','b')"#,
        r#"INSERT INTO h VALUES(3,'c','d')"#,
        r#"INSERT INTO h VALUES(4,'e','e'),(5,'f','e'),(6,'g','f')"#,
        r#"UPDATE h SET g='k', g2='k' WHERE id=2"#,
        r#"UPDATE h SET g2='q' WHERE id=2"#,
        r#"SELECT * FROM h ORDER BY id"#,
        r#"SELECT name FROM g ORDER BY name"#,
        r#"ALTER TABLE g RENAME TO gg"#,
        r#"ALTER TABLE h RENAME TO hh"#,
        r#"INSERT INTO hh VALUES(7,'z','z')"#,
        r#"INSERT INTO hh VALUES(8,'y','nope')"#,
        r#"ALTER TABLE gg RENAME COLUMN name TO label"#,
        r#"INSERT INTO hh VALUES(9,'w','w')"#,
        r#"CREATE TABLE tp(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TABLE tc(id INTEGER PRIMARY KEY, p TEXT REFERENCES tp(id))"#,
        r#"CREATE TRIGGER tc_ai AFTER INSERT ON tc BEGIN INSERT OR IGNORE INTO tp VALUES(CAST(NEW.p AS INTEGER)); END"#,
        r#"CREATE TRIGGER tp_ad AFTER DELETE ON tp BEGIN DELETE FROM tc WHERE p = CAST(OLD.id AS TEXT); END"#,
        r#"INSERT INTO tc VALUES(1,'5')"#,
        r#"INSERT INTO tc VALUES(2,'6'),(3,'5')"#,
        r#"SELECT * FROM tp ORDER BY id"#,
        r#"DELETE FROM tp WHERE id=5"#,
        r#"SELECT * FROM tc"#,
        r#"CREATE TABLE dp(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TABLE dc(id INTEGER PRIMARY KEY, p INTEGER REFERENCES dp(id) DEFERRABLE INITIALLY DEFERRED)"#,
        r#"CREATE TRIGGER dc_ai AFTER INSERT ON dc WHEN NEW.id < 100 BEGIN INSERT OR IGNORE INTO dp VALUES(NEW.p); END"#,
        r#"INSERT INTO dc VALUES(1,1)"#,
        r#"BEGIN"#,
        r#"INSERT INTO dc VALUES(200,7)"#,
        r#"INSERT INTO dc VALUES(2,8)"#,
        r#"COMMIT"#,
        r#"INSERT INTO dp VALUES(7)"#,
        r#"COMMIT"#,
        r#"SELECT count(*) FROM dc"#,
        r#"CREATE TABLE m1(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TABLE m2(id INTEGER PRIMARY KEY, m1 INTEGER REFERENCES m1(id))"#,
        r#"CREATE TABLE m3(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TRIGGER m3_ai AFTER INSERT ON m3 BEGIN INSERT INTO m2 VALUES(NEW.id, NEW.id); INSERT INTO m1 VALUES(NEW.id); END"#,
        r#"CREATE VIEW mv AS SELECT id FROM m3"#,
        r#"CREATE TRIGGER mv_ii INSTEAD OF INSERT ON mv BEGIN INSERT INTO m2 VALUES(NEW.id+50, NEW.id+50); INSERT INTO m1 VALUES(NEW.id+50); END"#,
        r#"INSERT INTO m3 VALUES(1),(2)"#,
        r#"INSERT INTO mv VALUES(1)"#,
        r#"INSERT INTO mv VALUES(2),(3)"#,
        r#"SELECT * FROM m2 ORDER BY id"#,
    ]);
}

#[test]
fn replaced_rows_are_not_missed() {
    same(&[
        r#"CREATE TABLE y(id INTEGER PRIMARY KEY, k TEXT UNIQUE ON CONFLICT REPLACE)"#,
        r#"CREATE TABLE z(id INTEGER PRIMARY KEY, k TEXT REFERENCES y(k))"#,
        r#"INSERT INTO y VALUES(1,'a')"#,
        r#"INSERT INTO z VALUES(1,'a')"#,
        r#"INSERT INTO y VALUES(2,'a')"#,
        r#"INSERT OR REPLACE INTO y VALUES(2,'a')"#,
        r#"SELECT * FROM y"#,
        r#"CREATE TABLE r1(id INTEGER PRIMARY KEY, v TEXT)"#,
        r#"CREATE TABLE r2(id INTEGER PRIMARY KEY, a INTEGER REFERENCES r1(id))"#,
        r#"CREATE TRIGGER r1_ai AFTER INSERT ON r1 BEGIN INSERT OR IGNORE INTO r2 VALUES(NEW.id*10, NEW.id); END"#,
        r#"CREATE TRIGGER r1_ad AFTER DELETE ON r1 BEGIN DELETE FROM r2 WHERE a=OLD.id; END"#,
        r#"INSERT OR REPLACE INTO r1 VALUES(1,'a')"#,
        r#"INSERT OR REPLACE INTO r1 VALUES(1,'b'),(2,'c')"#,
        r#"REPLACE INTO r1 VALUES(2,'d')"#,
        r#"SELECT * FROM r2 ORDER BY id"#,
        r#"DELETE FROM r1"#,
        r#"SELECT count(*) FROM r2"#,
    ]);
}

#[test]
fn what_a_replace_puts_off_ends_with_it() {
    for recursive in ["PRAGMA recursive_triggers = OFF", "PRAGMA recursive_triggers = ON"] {
        same(&[
            recursive,
            r#"CREATE TABLE p(id INTEGER PRIMARY KEY)"#,
            r#"CREATE TABLE k(id INTEGER PRIMARY KEY, u INTEGER UNIQUE, r INTEGER REFERENCES p(id) ON DELETE CASCADE)"#,
            r#"CREATE TRIGGER k_ad AFTER DELETE ON k BEGIN DELETE FROM p WHERE id = OLD.id; END"#,
            r#"INSERT INTO p VALUES(1),(2),(3)"#,
            r#"INSERT INTO k VALUES(10,1,1)"#,
            r#"BEGIN"#,
            r#"REPLACE INTO k VALUES(11,1,21)"#,
            r#"REPLACE INTO k VALUES(10,1,21) RETURNING id"#,
            r#"REPLACE INTO k SELECT 11, 1, 21"#,
            r#"REPLACE INTO k VALUES(11,1,2) RETURNING id, r"#,
            r#"INSERT INTO k VALUES(12,2,21)"#,
            r#"INSERT INTO k VALUES(13,3,2)"#,
            r#"UPDATE OR REPLACE k SET u = 1, r = 21 WHERE id = 13"#,
            r#"UPDATE OR REPLACE k SET u = 1, r = 3 WHERE id = 13"#,
            r#"INSERT INTO k VALUES(14,4,21)"#,
            r#"REPLACE INTO k VALUES(15,1,2),(16,5,21)"#,
            r#"REPLACE INTO k VALUES(15,1,2),(16,5,1)"#,
            r#"UPDATE k SET r = 21 WHERE id = 16"#,
            r#"SELECT * FROM k ORDER BY id"#,
            r#"COMMIT"#,
            r#"SELECT * FROM k ORDER BY id"#,
            r#"SELECT * FROM p ORDER BY id"#,
        ]);
    }
}

#[test]
fn rows_of_a_tree_are_replaced_one_after_the_other() {
    same(&[
        r#"CREATE TABLE t(id INTEGER PRIMARY KEY, u INTEGER UNIQUE, up INTEGER REFERENCES t(id) ON DELETE CASCADE)"#,
        r#"REPLACE INTO t VALUES(1,1,NULL),(2,2,1),(3,3,2)"#,
        // The new rows do not go with the old ones that they take the place of.
        r#"REPLACE INTO t VALUES(1,11,NULL),(2,12,1),(3,13,2)"#,
        r#"SELECT * FROM t ORDER BY id"#,
        r#"REPLACE INTO t SELECT id, u + 10, up FROM t ORDER BY id RETURNING *"#,
        r#"SELECT * FROM t ORDER BY id"#,
        r#"REPLACE INTO t VALUES(4,22,2)"#,
        r#"SELECT * FROM t ORDER BY id"#,
        r#"REPLACE INTO t VALUES(1,1,1)"#,
        r#"SELECT * FROM t ORDER BY id"#,
        r#"CREATE TABLE w(id INTEGER PRIMARY KEY)"#,
        r#"CREATE TRIGGER w_ai AFTER INSERT ON w BEGIN
            REPLACE INTO t VALUES(NEW.id, NEW.id, NEW.id); REPLACE INTO t VALUES(NEW.id + 1, NEW.id + 1, NEW.id); END"#,
        r#"INSERT INTO w VALUES(1)"#,
        r#"INSERT INTO w VALUES(2)"#,
        r#"SELECT * FROM t ORDER BY id"#,
        // What refers to a row without an action keeps to the new one.
        r#"CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT, up INTEGER REFERENCES n(id) ON DELETE SET NULL)"#,
        r#"CREATE TABLE c(id INTEGER PRIMARY KEY, n INTEGER REFERENCES n(id))"#,
        r#"REPLACE INTO n VALUES(1,'a',NULL),(2,'b',1),(3,'c',2)"#,
        r#"INSERT INTO c VALUES(1,1),(2,2)"#,
        r#"REPLACE INTO n VALUES(1,'a1',NULL),(2,'b1',1),(3,'c1',2)"#,
        r#"SELECT * FROM n ORDER BY id"#,
        r#"REPLACE INTO n VALUES(1,'a2',NULL) RETURNING id, name"#,
        r#"SELECT * FROM n ORDER BY id"#,
    ]);
}

#[test]
fn keys_are_put_off_only_where_a_trigger_may_mend_them() {
    on_postgres(|conn| {
        let arranged = |sql: &str| {
            conn.execute_batch(sql).expect("the schema is made");
            let count = "SELECT (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgname LIKE 'sqlift_wait_%'),
                                (SELECT count(*) FROM pg_catalog.pg_constraint WHERE contype = 'f' AND condeferrable)";
            let counted = conn.native().query_row(count, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
            counted.expect("the catalog can be read")
        };
        let tables = "CREATE TABLE a(id INTEGER PRIMARY KEY, n); CREATE TABLE b(id INTEGER PRIMARY KEY, aid INTEGER REFERENCES a(id));
            CREATE TABLE c(id INTEGER PRIMARY KEY, aid INTEGER REFERENCES a(id) ON DELETE CASCADE); CREATE TABLE log(t)";
        assert_eq!(arranged(tables), (0, 0));
        // Another table, a column that is no key's, and a child that is written behind its parent.
        let harmless = "CREATE TRIGGER a1 AFTER INSERT ON a BEGIN INSERT INTO log VALUES (NEW.id); END;
            CREATE TRIGGER c1 AFTER INSERT ON c BEGIN UPDATE a SET n = NEW.id WHERE id = NEW.aid; END;
            CREATE TRIGGER a2 AFTER INSERT ON a BEGIN INSERT INTO c VALUES (NEW.id, NEW.id); END";
        assert_eq!(arranged(harmless), (0, 0));
        assert_eq!(
            arranged("CREATE TRIGGER c2 AFTER INSERT ON c BEGIN INSERT INTO a(id) VALUES (NEW.aid); END"),
            (4, 1)
        );
        let listed = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'";
        assert_eq!(conn.query_row(listed, [], |row| row.get::<_, i64>(0)).expect("it can be read"), 4);
        assert_eq!(arranged("DROP TRIGGER c2"), (0, 1));
    });
}

#[test]
fn rows_that_are_written_one_by_one_refer_to_each_other() {
    for up in ["up INTEGER REFERENCES t(id)", "up REFERENCES t(id)", "up INTEGER REFERENCES t(id) ON DELETE CASCADE"] {
        same(&[
            &format!("CREATE TABLE t(id INTEGER PRIMARY KEY, {up}, n NOT NULL, k UNIQUE)"),
            "INSERT OR IGNORE INTO t VALUES(1,2,1,'a'),(2,1,1,'b'),(3,1,NULL,'c')",
            "INSERT INTO t VALUES(10,11,1,'x'),(11,10,1,'y') ON CONFLICT(id) DO UPDATE SET n=9 ON CONFLICT(k) DO NOTHING",
            "INSERT INTO t VALUES(10,11,1,'x'),(12,13,5,'z'),(13,12,5,'w') ON CONFLICT DO UPDATE SET n=9 RETURNING id, n",
            "SELECT * FROM t ORDER BY id",
            "UPDATE OR IGNORE t SET id=id+100, up=up+100",
            "REPLACE INTO t VALUES(110,113,1,'x'),(111,110,9,'y'),(30,31,6,'e'),(31,30,6,'f')",
            "SELECT * FROM t ORDER BY id",
            // Nobody is their parent in the end.
            "INSERT OR IGNORE INTO t VALUES(21,22,1,'a1'),(22,23,1,'b1'),(24,24,NULL,'c')",
            "INSERT INTO t VALUES(21,11,1,'x1'),(22,16,1,'y1'),(16,17,1,'y1') ON CONFLICT DO UPDATE SET n=9 RETURNING id, n",
            "UPDATE OR IGNORE t SET id=id+100, up=up+200",
            "SELECT count(*) FROM t",
            "BEGIN",
            "INSERT OR IGNORE INTO t VALUES(21,22,1,'a1'),(22,23,1,'b1')",
            "INSERT OR IGNORE INTO t VALUES(21,22,1,'a1'),(22,21,1,'b1')",
            // What comes behind them is looked at when it ends, again.
            "INSERT INTO t VALUES(41,42,1,'q')",
            "COMMIT",
            "SELECT * FROM t ORDER BY id",
        ]);
    }
    same(&[
        "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, up INTEGER REFERENCES t(id))",
        "CREATE TRIGGER ti AFTER INSERT ON t BEGIN INSERT INTO log(m) SELECT NEW.id || ':' || count(*) FROM t; END",
        "INSERT INTO t VALUES(1,2),(2,3),(3,1)",
        "INSERT INTO t VALUES(11,1),(12,13)",
        "SELECT m FROM log ORDER BY i",
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id))",
        "CREATE TRIGGER ci AFTER INSERT ON c BEGIN
           INSERT INTO log(m) SELECT NEW.id || ':' || count(*) FROM c; INSERT OR IGNORE INTO p VALUES(NEW.id); END",
        "INSERT INTO c VALUES(1,2),(2,1),(3,2)",
        "INSERT INTO c VALUES(4,6),(5,4)",
        "SELECT * FROM c ORDER BY id",
        "SELECT m FROM log ORDER BY i",
    ]);
}
