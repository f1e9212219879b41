//! What foreign keys do with the children of a row, beside triggers: behind the row and ahead of its AFTER triggers, child by child.

use crate::pragma_answers::same;
use crate::support::on_postgres;

const LOGGED: &str = "SELECT group_concat(m, ' ' ORDER BY i) FROM log";

#[test]
fn children_go_ahead_of_their_parents_after_triggers() {
    for (child, deferral) in
        [("p INTEGER", ""), ("p", ""), ("p TEXT", ""), ("p INTEGER", " DEFERRABLE INITIALLY DEFERRED")]
    {
        for trigger in ["a", "pd", "xpd"] {
            same(&[
                "CREATE TABLE p(id INTEGER PRIMARY KEY)",
                &format!(
                    "CREATE TABLE c(id INTEGER PRIMARY KEY, {child} DEFAULT 9 REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE{deferral})"
                ),
                "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
                "CREATE TRIGGER cd AFTER DELETE ON c BEGIN INSERT INTO log(m) VALUES('c'||OLD.id); END",
                "CREATE TRIGGER cu AFTER UPDATE ON c BEGIN INSERT INTO log(m) VALUES('u'||OLD.id||typeof(NEW.p)||NEW.p); END",
                &format!(
                    "CREATE TRIGGER {trigger} AFTER DELETE ON p BEGIN INSERT INTO log(m) VALUES('p'||OLD.id||(SELECT count(*) FROM c)); END"
                ),
                "CREATE TRIGGER pu AFTER UPDATE ON p BEGIN INSERT INTO log(m) VALUES('pu'||NEW.id); END",
                "INSERT INTO p VALUES(1),(2),(3)",
                "INSERT INTO c VALUES(1,1),(2,2),(3,1),(4,NULL)",
                "UPDATE p SET id = id + 10 WHERE id < 3",
                LOGGED,
                "DELETE FROM p",
                LOGGED,
                "SELECT * FROM c",
            ]);
        }
    }
}

#[test]
fn a_tree_goes_from_its_leaves() {
    for action in ["CASCADE", "SET NULL", "SET DEFAULT"] {
        same(&[
            "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
            &format!(
                "CREATE TABLE n(id INTEGER PRIMARY KEY, up INTEGER DEFAULT 5 REFERENCES n(id) ON DELETE {action} ON UPDATE {action})"
            ),
            "CREATE TRIGGER nd AFTER DELETE ON n BEGIN INSERT INTO log(m) VALUES('d'||OLD.id||':'||(SELECT count(*) FROM n)); END",
            "CREATE TRIGGER nu AFTER UPDATE ON n BEGIN INSERT INTO log(m) VALUES('u'||OLD.id||coalesce(NEW.up,'-')); END",
            "INSERT INTO n VALUES(1,NULL),(2,1),(3,1),(4,2),(5,5)",
            "DELETE FROM n WHERE id=1",
            LOGGED,
            "UPDATE n SET id=20 WHERE id=2",
            LOGGED,
            "SELECT * FROM n ORDER BY id",
        ]);
    }
}

#[test]
fn rows_of_a_statement_go_one_by_one_where_an_action_shows_it() {
    for action in ["CASCADE", "SET NULL"] {
        same(&[
            "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
            &format!(
                "CREATE TABLE n(id INTEGER PRIMARY KEY, up INTEGER REFERENCES n(id) ON DELETE {action} ON UPDATE CASCADE)"
            ),
            &format!("CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES n(id) ON DELETE {action} ON UPDATE CASCADE)"),
            "CREATE TRIGGER nd AFTER DELETE ON n BEGIN INSERT INTO log(m) VALUES('d'||OLD.id||coalesce(OLD.up,'-')); END",
            "CREATE TRIGGER nu AFTER UPDATE ON n BEGIN INSERT INTO log(m) VALUES('u'||OLD.id||NEW.id||coalesce(NEW.up,'-')); END",
            "INSERT INTO n VALUES(1,NULL),(2,1),(3,1),(4,2),(5,5)",
            "INSERT INTO c VALUES(1,4),(2,1)",
            "UPDATE n SET id=id+10 WHERE id < 4",
            LOGGED,
            "DELETE FROM n WHERE id IN (11, 12, 13)",
            LOGGED,
            "SELECT * FROM n ORDER BY id",
            "SELECT * FROM c ORDER BY id",
        ]);
        // Only the child's trigger sees the parent's rows.
        same(&[
            "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
            "CREATE TABLE p(id INTEGER PRIMARY KEY, n INT)",
            &format!(
                "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE {action} ON UPDATE CASCADE)"
            ),
            "CREATE TRIGGER cd AFTER DELETE ON c BEGIN INSERT INTO log(m) SELECT 'c'||OLD.id||count(*) FROM p; END",
            "CREATE TRIGGER cu AFTER UPDATE OF p ON c BEGIN INSERT INTO log(m) SELECT 'u'||OLD.id||count(*)||max(id) FROM p; END",
            "INSERT INTO p VALUES(1,1),(2,2),(3,3),(4,4)",
            "INSERT INTO c VALUES(1,1),(2,2),(3,1),(4,4)",
            "UPDATE p SET id=id+10, n=n+1 WHERE id IN (2,4)",
            "DELETE FROM p WHERE id < 13",
            LOGGED,
            "SELECT * FROM p ORDER BY id",
            "SELECT * FROM c ORDER BY id",
        ]);
    }
}

#[test]
fn restrict_fails_ahead_of_triggers() {
    for child in ["b INTEGER", "b"] {
        for trigger in ["ba", "xa"] {
            same(&[
                "CREATE TABLE a(id INTEGER PRIMARY KEY)",
                "CREATE TABLE b(id INTEGER PRIMARY KEY, a INTEGER REFERENCES a ON DELETE CASCADE)",
                &format!(
                    "CREATE TABLE c(id INTEGER PRIMARY KEY, {child} REFERENCES b ON DELETE RESTRICT ON UPDATE RESTRICT)"
                ),
                &format!("CREATE TRIGGER {trigger} AFTER DELETE ON b BEGIN DELETE FROM c WHERE b = OLD.id; END"),
                &format!(
                    "CREATE TRIGGER {trigger}u AFTER UPDATE ON b BEGIN UPDATE c SET b = NEW.id WHERE b = OLD.id; END"
                ),
                "INSERT INTO a VALUES(1)",
                "INSERT INTO b VALUES(1,1),(2,1)",
                "INSERT INTO c VALUES(1,1)",
                "DELETE FROM b WHERE id=1",
                "UPDATE b SET id=id+10",
                "DELETE FROM a",
                "SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c)",
                "DELETE FROM b WHERE id=2",
                "UPDATE b SET id=1 WHERE id=1",
            ]);
        }
    }
}

#[test]
fn the_newest_key_acts_first() {
    same(&[
        "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER pd AFTER DELETE ON p BEGIN INSERT INTO log(m) VALUES('p'||OLD.id); END",
        "CREATE TABLE a(id INTEGER PRIMARY KEY, x INTEGER REFERENCES p ON DELETE RESTRICT, y INTEGER REFERENCES p ON DELETE CASCADE)",
        "CREATE TABLE b(id INTEGER PRIMARY KEY, x INTEGER REFERENCES p ON DELETE CASCADE, y INTEGER REFERENCES p ON DELETE RESTRICT)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY, x INTEGER REFERENCES p ON DELETE SET NULL, y REFERENCES p ON DELETE CASCADE)",
        "CREATE TRIGGER ad AFTER DELETE ON a BEGIN INSERT INTO log(m) VALUES('a'||OLD.id); END",
        "CREATE TRIGGER cu AFTER UPDATE ON c BEGIN INSERT INTO log(m) VALUES('cu'||OLD.id); END",
        "CREATE TRIGGER cd AFTER DELETE ON c BEGIN INSERT INTO log(m) VALUES('cd'||OLD.id); END",
        "INSERT INTO p VALUES(1),(2),(3)",
        "INSERT INTO a VALUES(1,1,1)",
        "INSERT INTO c VALUES(1,1,1),(2,1,2),(3,2,1)",
        "DELETE FROM p WHERE id=1",
        LOGGED,
        "INSERT INTO b VALUES(1,2,2)",
        "DELETE FROM p WHERE id=2",
        LOGGED,
        // One key is whole again only when another has acted too.
        "CREATE TABLE q(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON UPDATE CASCADE, UNIQUE(id, p))",
        "CREATE TABLE r(q INTEGER, p INTEGER REFERENCES p ON UPDATE CASCADE, FOREIGN KEY(q, p) REFERENCES q(id, p) ON UPDATE CASCADE)",
        "CREATE TRIGGER ru AFTER UPDATE ON r BEGIN INSERT INTO log(m) VALUES('r'||NEW.q||NEW.p); END",
        "INSERT INTO q VALUES(1,3)",
        "INSERT INTO r VALUES(1,3)",
        "UPDATE p SET id=30 WHERE id=3",
        "SELECT * FROM q",
        "SELECT * FROM r",
        LOGGED,
    ]);
}

#[test]
fn actions_have_an_order_only_where_triggers_can_tell() {
    on_postgres(|conn| {
        let watched = |sql: &str| {
            conn.execute_batch(sql).expect("the schema is made");
            let named = "SELECT coalesce(string_agg(tgrelid::regclass::text || ':' || (tgtype & 24), ' ' ORDER BY tgrelid::regclass::text), '')
                         FROM pg_catalog.pg_trigger WHERE tgname = '!sqlift_acts'";
            conn.native().query_row(named, [], |row| row.get::<_, String>(0)).expect("the catalog can be read")
        };
        let tables = "CREATE TABLE a(id INTEGER PRIMARY KEY, n);
            CREATE TABLE b(id INTEGER PRIMARY KEY, n, a INTEGER REFERENCES a(id) ON DELETE CASCADE);
            CREATE TABLE c(id INTEGER PRIMARY KEY, b INTEGER REFERENCES b(id) ON DELETE SET NULL);
            CREATE TABLE d(id INTEGER PRIMARY KEY, c INTEGER REFERENCES c(id));
            CREATE TABLE log(t)";
        assert_eq!(watched(tables), "");
        // A table that no action leads to, rows that none writes, and columns that none sets.
        let harmless = "CREATE TRIGGER d1 AFTER DELETE ON d BEGIN INSERT INTO log VALUES (1); END;
            CREATE TRIGGER b1 AFTER INSERT ON b BEGIN INSERT INTO log VALUES (2); END;
            CREATE TRIGGER b2 AFTER UPDATE ON b BEGIN INSERT INTO log VALUES (3); END;
            CREATE TRIGGER c1 AFTER UPDATE OF id ON c BEGIN INSERT INTO log VALUES (4); END";
        assert_eq!(watched(harmless), "");
        assert_eq!(watched("CREATE TRIGGER c2 AFTER UPDATE ON c BEGIN INSERT INTO log VALUES (5); END"), "a:8 b:8");
        let listed = "SELECT group_concat(name, ' ' ORDER BY name) FROM sqlite_master WHERE type = 'trigger'";
        assert_eq!(
            conn.query_row(listed, [], |row| row.get::<_, String>(0)).expect("it can be read"),
            "b1 b2 c1 c2 d1"
        );
        assert_eq!(watched("ALTER TABLE b RENAME TO bb"), "a:8 bb:8");
        assert_eq!(watched("DROP TRIGGER c2"), "");
        assert_eq!(watched("CREATE TRIGGER b3 BEFORE DELETE ON bb BEGIN INSERT INTO log VALUES (6); END"), "a:8 bb:8");
        assert_eq!(watched("CREATE TABLE e(a INTEGER REFERENCES a(id) ON UPDATE CASCADE)"), "a:8 bb:8");
        assert_eq!(
            watched("CREATE TRIGGER a1 AFTER UPDATE OF id ON a BEGIN INSERT INTO log VALUES (7); END"),
            "a:24 bb:8"
        );
        assert_eq!(watched("DROP TABLE e"), "a:8 bb:8");
        // A key that waits for its parent.
        assert_eq!(watched("CREATE TABLE f(id INTEGER PRIMARY KEY, g REFERENCES g(id) ON DELETE CASCADE)"), "a:8 bb:8");
        assert_eq!(watched("CREATE TRIGGER f1 AFTER DELETE ON f BEGIN INSERT INTO log VALUES (8); END"), "a:8 bb:8");
        assert_eq!(watched("CREATE TABLE g(id INTEGER PRIMARY KEY)"), "a:8 bb:8 g:8");
        assert_eq!(watched("DROP TABLE bb"), "g:8");
    });
}

/// What a BEFORE trigger keeps of the children keeps the parent.
#[test]
fn a_child_that_stays_is_an_error() {
    for (there, kept) in
        [("id INTEGER PRIMARY KEY", "INTEGER"), ("id INTEGER PRIMARY KEY", ""), ("id TEXT PRIMARY KEY", "TEXT")]
    {
        same(&[
            &format!("CREATE TABLE a({there})"),
            &format!("CREATE TABLE b(n TEXT, a {kept} REFERENCES a(id) ON DELETE CASCADE ON UPDATE CASCADE)"),
            "CREATE TRIGGER bd BEFORE DELETE ON b WHEN OLD.n = 'keep' BEGIN SELECT RAISE(IGNORE); END",
            "CREATE TRIGGER bu BEFORE UPDATE ON b WHEN OLD.n = 'keep' BEGIN SELECT RAISE(IGNORE); END",
            "INSERT INTO a VALUES (4), (5)",
            "INSERT INTO b VALUES ('keep', 4), ('go', 4), ('go', 5)",
            "DELETE FROM a WHERE id = 4",
            "UPDATE a SET id = 7 WHERE id = 4",
            "DELETE FROM a WHERE id = 5",
            "SELECT id FROM a ORDER BY id",
            "SELECT n, a FROM b ORDER BY n, a",
        ]);
    }
}

/// 1811 where what happens to the parent's row is what RESTRICT is said of, 787 elsewhere.
#[test]
fn restrict_is_told_of_its_own_event() {
    same(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY, v INT)",
        "CREATE TABLE d(id INTEGER PRIMARY KEY, p INT REFERENCES p(id) ON DELETE RESTRICT)",
        "CREATE TABLE u(id INTEGER PRIMARY KEY, p INT REFERENCES p(id) ON UPDATE RESTRICT)",
        "INSERT INTO p VALUES(1, 1), (2, 2)",
        "INSERT INTO d VALUES(1, 1)",
        "INSERT INTO u VALUES(2, 2)",
        "DELETE FROM p WHERE id = 1",
        "DELETE FROM p WHERE id = 2",
        "UPDATE p SET id = 9 WHERE id = 1",
        "UPDATE p AS z SET id = 9 WHERE id = 2",
        "WITH q AS (SELECT 1 AS i) DELETE FROM main.p WHERE id IN (SELECT i FROM q)",
        "REPLACE INTO p VALUES(1, 5)",
        "INSERT INTO p VALUES(1, 5) ON CONFLICT(id) DO UPDATE SET id = 77",
        "INSERT INTO p VALUES(2, 5) ON CONFLICT(id) DO UPDATE SET id = 77",
        "SELECT * FROM p",
    ]);
}

/// A child has its turn however often the triggers of others wrote it before.
#[test]
fn children_that_triggers_write_before_their_turn_go_too() {
    let parents =
        [("INTEGER", "p INTEGER", "(1), (2)"), ("TEXT", "p TEXT", "('1'), ('2')"), ("INTEGER", "p", "(1), (2)")];
    let keys = ["m INTEGER PRIMARY KEY", "m TEXT PRIMARY KEY", "m TEXT PRIMARY KEY COLLATE NOCASE"];
    for (id, p, rows) in parents {
        for (m, options) in keys.iter().flat_map(|m| [(m, ""), (m, " WITHOUT ROWID")]) {
            for action in ["CASCADE", "SET NULL", "SET DEFAULT"] {
                same(&[
                    "CREATE TABLE log(i INTEGER PRIMARY KEY, m)",
                    &format!("CREATE TABLE p(id {id} PRIMARY KEY, n INT DEFAULT 0)"),
                    &format!(
                        "CREATE TABLE r({m}, {p} DEFAULT 2 REFERENCES p(id) ON DELETE {action} ON UPDATE CASCADE, pos INT){options}"
                    ),
                    "CREATE TRIGGER rd AFTER DELETE ON r BEGIN INSERT INTO log(m) VALUES('d'||old.m||old.pos); UPDATE r SET pos = pos - 1 WHERE p = old.p AND pos > old.pos; END",
                    "CREATE TRIGGER ru AFTER UPDATE OF p ON r BEGIN
                        INSERT INTO log(m) VALUES('u'||old.m||old.pos||coalesce(new.p,'-')); UPDATE r SET pos = pos - 1 WHERE p = old.p AND pos > old.pos; UPDATE p SET n = n + 1 WHERE id = new.p; END",
                    &format!("INSERT INTO p(id) VALUES {rows}"),
                    "INSERT INTO r VALUES (1, 1, 0), (2, 1, 1), (3, 1, 2), (4, 1, 3), (5, 2, 0)",
                    "UPDATE p SET id = 3 WHERE id = 1",
                    "SELECT * FROM r ORDER BY m",
                    LOGGED,
                    "DELETE FROM p WHERE id = 3",
                    "SELECT changes()",
                    "SELECT * FROM r ORDER BY m",
                    "SELECT * FROM p ORDER BY id",
                    LOGGED,
                ]);
            }
        }
    }
}

#[test]
fn rows_of_one_transaction_go_by_a_cascade_that_writes_them() {
    // Written once by the transaction, and once by the trigger.
    same(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE r(m INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id) ON DELETE CASCADE, pos INT)",
        "CREATE TRIGGER rd AFTER DELETE ON r BEGIN UPDATE r SET pos = pos - 1 WHERE p = old.p AND pos > old.pos; END",
        "BEGIN",
        "INSERT INTO p VALUES (1), (2), (3)",
        "INSERT INTO r VALUES (1, 1, 0), (2, 1, 1), (3, 2, 0), (4, 2, 1), (5, 2, 2), (6, 3, 0)",
        "DELETE FROM p WHERE id = 1",
        "SELECT * FROM r ORDER BY m",
        "DELETE FROM p",
        "SELECT count(*) FROM r",
        "COMMIT",
    ]);
    // By another table's trigger, by one of the parent, in a tree, by a key of several columns, and behind a trigger's DELETE.
    same(&[
        "CREATE TABLE g(id INTEGER PRIMARY KEY)",
        "CREATE TABLE p(a INT, b TEXT, g INTEGER REFERENCES g(id) ON DELETE CASCADE, PRIMARY KEY(a, b))",
        "CREATE TABLE r(m INTEGER PRIMARY KEY, a INT, b TEXT, pos INT, FOREIGN KEY(a, b) REFERENCES p(a, b) ON DELETE CASCADE ON UPDATE CASCADE)",
        "CREATE TABLE w(x INT, y TEXT, a INT, b TEXT, pos INT, PRIMARY KEY(y, x), FOREIGN KEY(a, b) REFERENCES p(a, b) ON DELETE CASCADE ON UPDATE CASCADE) WITHOUT ROWID",
        "CREATE TABLE o(id INTEGER PRIMARY KEY, r INTEGER REFERENCES r(m) ON DELETE CASCADE)",
        "CREATE TABLE q(g INT)",
        "CREATE TRIGGER od AFTER DELETE ON o BEGIN UPDATE r SET pos = pos + 1; UPDATE w SET pos = pos + 1; END",
        "CREATE TRIGGER wd BEFORE DELETE ON w BEGIN UPDATE w SET pos = pos + 10 WHERE x > old.x; END",
        "CREATE TRIGGER pb BEFORE DELETE ON p BEGIN UPDATE r SET pos = pos + 100; UPDATE w SET pos = pos + 100; END",
        "CREATE TRIGGER qd AFTER DELETE ON q BEGIN DELETE FROM g WHERE id = old.g; END",
        "INSERT INTO g VALUES (1), (2), (3)",
        "INSERT INTO q VALUES (3)",
        "INSERT INTO p VALUES (1, 'x', 1), (1, 'y', 1), (2, 'x', 2), (3, 'x', 3), (4, 'x', 2)",
        "INSERT INTO r VALUES (1, 1, 'x', 0), (2, 1, 'x', 1), (3, 1, 'x', 2), (4, 1, 'y', 0), (5, 1, 'y', 1), (6, 2, 'x', 1), (7, 3, 'x', 1), (8, 3, 'x', 2), (9, 3, 'x', 3), (10, 4, 'x', 1)",
        "INSERT INTO w SELECT m, m % 3, a, b, pos FROM r",
        "INSERT INTO o(r) SELECT m FROM r",
        "INSERT INTO o(r) SELECT m FROM r",
        "DELETE FROM p WHERE b = 'y'",
        "SELECT * FROM r ORDER BY m",
        "SELECT * FROM w ORDER BY x",
        "DELETE FROM g WHERE id = 1",
        "UPDATE p SET b = b || 'z'",
        "SELECT * FROM r ORDER BY m",
        "SELECT * FROM w ORDER BY x",
        "DELETE FROM q",
        "SELECT * FROM r ORDER BY m",
        "SELECT * FROM w ORDER BY x",
        "REPLACE INTO g VALUES (2)",
        "SELECT (SELECT count(*) FROM r), (SELECT count(*) FROM w), (SELECT count(*) FROM o), (SELECT count(*) FROM p)",
    ]);
    for options in ["", " WITHOUT ROWID"] {
        same(&[
            &format!(
                "CREATE TABLE n(id TEXT PRIMARY KEY, up TEXT REFERENCES n(id) ON DELETE CASCADE, pos INT){options}"
            ),
            "CREATE TRIGGER nd AFTER DELETE ON n BEGIN UPDATE n SET pos = pos - 1 WHERE up = old.up AND pos > old.pos; END",
            "INSERT INTO n VALUES ('a', NULL, 0), ('b', 'a', 0), ('c', 'a', 1), ('d', 'a', 2), ('e', 'c', 0), ('f', 'c', 1), ('g', 'c', 2), ('h', NULL, 1)",
            "DELETE FROM n WHERE id = 'c'",
            "SELECT * FROM n ORDER BY id",
            "DELETE FROM n WHERE id = 'a'",
            "SELECT * FROM n ORDER BY id",
        ]);
    }
}

/// A trigger that gives a child another key, or keeps it, has it stay: without its parent.
#[test]
fn a_child_that_is_not_found_again_is_an_error() {
    for options in ["", " WITHOUT ROWID"] {
        same(&[
            "CREATE TABLE p(id INTEGER PRIMARY KEY)",
            &format!(
                "CREATE TABLE r(m TEXT PRIMARY KEY, p INTEGER REFERENCES p(id) ON DELETE CASCADE, pos INT){options}"
            ),
            "CREATE TRIGGER rd AFTER DELETE ON r BEGIN UPDATE r SET m = m || 'x', pos = pos - 1 WHERE pos > old.pos AND pos < 9; END",
            "CREATE TRIGGER rk BEFORE DELETE ON r WHEN old.pos = 77 BEGIN SELECT RAISE(IGNORE); END",
            "INSERT INTO p VALUES (1), (2), (3)",
            "INSERT INTO r VALUES ('a', 1, 0), ('b', 1, 1), ('c', 1, 2), ('d', 2, 10), ('e', 2, 11), ('f', 3, 12), ('g', 3, 77)",
            "DELETE FROM p WHERE id = 1",
            "DELETE FROM p WHERE id = 2",
            "DELETE FROM p WHERE id = 3",
            "SELECT * FROM p ORDER BY id",
            "SELECT * FROM r ORDER BY m",
        ]);
    }
}
