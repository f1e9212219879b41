//! `PRAGMA foreign_keys = OFF` around tables that are built anew, <https://sqlite.org/lang_altertable.html#otheralter>.

use sqlift::Connection;

use crate::support::{self, Log};

const SCHEMA: &str = "
    PRAGMA foreign_keys = ON;
    CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT);
    CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id) ON DELETE CASCADE, m TEXT);
    CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree ON DELETE SET NULL);
    CREATE TABLE plain (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p);
    INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO c VALUES (1, 1, 'x'), (2, 2, 'y');
    INSERT INTO tree VALUES (1, NULL), (2, 1); INSERT INTO plain VALUES (1, 1)";

/// What is there, and what the PRAGMAs say of it.
fn note(log: &mut Log, conn: &Connection) {
    for sql in [
        "SELECT id || n FROM p ORDER BY 1",
        "SELECT id || '>' || ifnull(pid, '-') || m FROM c ORDER BY 1",
        "SELECT id || '>' || ifnull(up, '-') FROM tree ORDER BY 1",
        "SELECT id || '>' || ifnull(pid, '-') FROM plain ORDER BY 1",
        "SELECT 'on ' || foreign_keys FROM pragma_foreign_keys",
        "SELECT f.\"table\" || f.\"from\" || f.on_delete FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f ORDER BY 1",
        "SELECT \"table\" || rowid || parent FROM pragma_foreign_key_check ORDER BY 1",
    ] {
        let rows = conn.prepare(sql).and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<sqlift::Result<Vec<_>>>()
        });
        log.result(sql, rows);
    }
    log.result("foreign_keys", conn.query_row("PRAGMA foreign_keys", [], |row| row.get::<_, i64>(0)));
}

fn check(scripts: &[&str]) {
    let run = |conn: &mut Connection| {
        let mut log = Log::default();
        conn.execute_batch(SCHEMA).unwrap();
        for script in scripts {
            log.result(script, conn.execute_batch(script));
            note(&mut log, conn);
        }
        log
    };
    support::portably_same(run);
}

#[test]
fn a_table_is_built_anew_without_its_childrens_rows_going() {
    // The parent of keys with and without actions; a child; a table that refers to itself.
    for (name, columns, copied) in [
        ("p", "id INTEGER PRIMARY KEY, n TEXT, extra INTEGER DEFAULT 5", "id, n"),
        (
            "c",
            "id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id) ON DELETE SET NULL, m TEXT NOT NULL",
            "id, pid, m",
        ),
        ("tree", "id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree, extra TEXT", "id, up"),
    ] {
        let rebuild = format!(
            "CREATE TABLE new_{name} ({columns}); INSERT INTO new_{name} ({copied}) SELECT {copied} FROM {name}; \
             DROP TABLE {name}; ALTER TABLE new_{name} RENAME TO {name}"
        );
        check(&[
            "PRAGMA foreign_keys = OFF",
            "BEGIN",
            &rebuild,
            "PRAGMA foreign_key_check",
            "COMMIT",
            "PRAGMA foreign_keys = ON",
            "INSERT INTO c VALUES (9, 99, 'broken')",
            "DELETE FROM plain; DELETE FROM p WHERE id = 1",
        ]);
        // With the keys on, dropping a parent deletes its rows, and what its keys' actions say.
        check(&["DELETE FROM plain", &rebuild]);
    }
}

#[test]
fn in_a_transaction_it_does_nothing() {
    check(&[
        "BEGIN",
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM p WHERE id = 2",
        "COMMIT",
        "PRAGMA foreign_keys = 0",
        "BEGIN; PRAGMA foreign_keys = yes",
        "ROLLBACK",
        "SAVEPOINT a; PRAGMA foreign_keys = 1",
        "RELEASE a",
        "PRAGMA foreign_keys = true",
        "DELETE FROM p WHERE id = 3",
    ]);
}

#[test]
fn what_breaks_no_key_goes_on_and_what_a_key_would_do_is_refused() {
    check(&[
        "PRAGMA foreign_keys = off",
        "INSERT INTO p VALUES (4, 'd'); INSERT INTO c VALUES (4, 4, 'z')",
        "UPDATE c SET m = 'w' WHERE id = 1; DELETE FROM c WHERE id = 2",
        "INSERT OR IGNORE INTO p VALUES (4, 'e')",
        "CREATE TABLE other (id INTEGER PRIMARY KEY); REPLACE INTO other VALUES (1); DELETE FROM other",
    ]);
    support::on_postgres(|conn| {
        conn.execute_batch(SCHEMA).unwrap();
        conn.execute_batch(
            "CREATE TRIGGER t AFTER INSERT ON plain BEGIN DELETE FROM p WHERE id = new.id; END; PRAGMA foreign_keys = OFF",
        )
        .unwrap();
        let mut deletes = conn.prepare("DELETE FROM p WHERE id = ?").unwrap();
        let prepared = deletes.execute([1]);
        let statements = [
            "UPDATE p SET id = id + 10",
            "DELETE FROM tree",
            "REPLACE INTO p VALUES (1, 'x')",
            "INSERT INTO p VALUES (1, 'x') ON CONFLICT DO UPDATE SET id = 7",
            "INSERT INTO plain VALUES (2, NULL)",
        ];
        for result in statements.iter().map(|sql| conn.execute(sql, [])).chain([prepared]) {
            let error = result.unwrap_err().to_string();
            assert!(error.contains("PRAGMA foreign_keys is OFF") && error.contains("help:"), "{error}");
        }
        conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        assert_eq!(deletes.execute([2]), Ok(1));
        assert_eq!(conn.query_row("SELECT count(*) FROM c", [], |row| row.get::<_, i64>(0)), Ok(1), "by the key");
    });
}

/// The next user of a pool's connection finds the keys on.
#[test]
fn a_connection_goes_back_with_the_keys_on() {
    let database = sqlift::testing::database();
    let db = sqlift::Db::open(&support::with(database.url(), "pool_max_size=1")).unwrap();
    let setting = |conn: &Connection| conn.query_row("PRAGMA foreign_keys", [], |row| row.get::<_, i64>(0));
    {
        let conn = db.get().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn.native().execute_batch("RESET ALL").unwrap();
        assert_eq!(setting(&conn), Ok(0), "settings are renewed");
    }
    assert_eq!(setting(&db.get().unwrap()), Ok(1));
}

#[test]
fn writes_that_set_no_key_go_through() {
    crate::pragma_answers::same(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY, v TEXT, u TEXT UNIQUE)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY, a INTEGER REFERENCES p(id) ON DELETE CASCADE ON UPDATE CASCADE)",
        "INSERT INTO p VALUES (1, 'x', 'u')",
        "INSERT INTO c VALUES (1, 1)",
        "PRAGMA foreign_keys = OFF",
        "UPDATE p SET v = 'y'",
        "INSERT INTO p VALUES (1, 'x', 'w') ON CONFLICT (id) DO UPDATE SET v = 'z'",
        "UPDATE p SET v = 'zz' WHERE id = 1 RETURNING v",
        "SELECT * FROM p, c",
    ]);
    crate::support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE p(id INTEGER PRIMARY KEY, v TEXT); PRAGMA foreign_keys = OFF;
             CREATE TABLE c(a INTEGER REFERENCES p(id) ON UPDATE CASCADE)",
        )
        .unwrap();
        for sql in [
            "UPDATE p SET id = 2",
            "UPDATE p SET rowid = 2",
            "DELETE FROM p",
            "REPLACE INTO p VALUES (1, 'x')",
            "INSERT INTO p VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET (v, id) = ('y', 2)",
        ] {
            let error = conn.execute_batch(sql).expect_err(sql).to_string();
            assert!(error.contains("PRAGMA foreign_keys is OFF"), "{sql}: {error}");
        }
    });
}

#[test]
fn a_key_without_its_parent_or_unique_key_is_not_looked_at() {
    let orphan = [
        "CREATE TABLE p(id TEXT)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p TEXT REFERENCES p(id), q TEXT REFERENCES nowhere)",
        "INSERT INTO c(p) VALUES ('x')",
        "INSERT INTO c(p, q) VALUES ('z', 'y') ON CONFLICT DO NOTHING RETURNING id",
        "UPDATE c SET p = p || '1' WHERE id = 1",
        "DELETE FROM c WHERE p = 'z'",
        "SELECT * FROM c",
        "DROP TABLE p",
        "INSERT INTO c VALUES (7, 'w', NULL)",
        "REPLACE INTO c VALUES (7, 'v', 'u')",
        "SELECT * FROM c",
        "PRAGMA foreign_key_list(c)",
    ];
    let off = [&["PRAGMA foreign_keys = OFF"], &orphan[..]].concat();
    crate::pragma_answers::same(&off);
    // With keys on again the same statements are SQLite's errors.
    crate::pragma_answers::same(
        &[&off[..], &["PRAGMA foreign_keys = ON", "UPDATE c SET p = 'a'", "DELETE FROM c"]].concat(),
    );
    crate::pragma_answers::same(&[&["PRAGMA foreign_keys = ON"], &orphan[..8]].concat());
}

/// As sqlite-utils transforms a table: the new one refers to a column that the old one has not got.
#[test]
fn a_table_is_built_anew_that_refers_to_its_new_self() {
    crate::pragma_answers::same(&[
        "CREATE TABLE [log](chat TEXT, m TEXT)",
        "INSERT INTO log VALUES ('1', 'a'), ('2', 'b')",
        "PRAGMA foreign_keys = 0",
        "CREATE TABLE [log_new]([id] INTEGER PRIMARY KEY, [m] TEXT, [chat_id] INTEGER REFERENCES [log]([id]))",
        "INSERT INTO [log_new](m, chat_id) SELECT m, 1 FROM [log]",
        "DROP TABLE [log]",
        "ALTER TABLE [log_new] RENAME TO [log]",
        "PRAGMA foreign_key_check",
        "PRAGMA foreign_keys = 1",
        "INSERT INTO log VALUES (8, 'c', 77)",
        "INSERT INTO log VALUES (9, 'd', 1)",
        "SELECT * FROM log",
    ]);
}
