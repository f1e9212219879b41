//! What a connection and a statement tell of themselves beyond rows, as rusqlite tells it: the same on both databases.

use sqlift::{Connection, Error};

use crate::support::{on_postgres, sqlite};

/// Runs something on both databases and compares what it returns.
#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(run: impl Fn(&mut Connection) -> T) {
    let expected = run(&mut sqlite());
    let found = on_postgres(|conn| {
        assert!(conn.server_version().is_some(), "this is PostgreSQL");
        run(conn)
    });
    assert_eq!(found, expected);
}

const TABLES: &str = "
    CREATE TABLE offer (
        id INTEGER PRIMARY KEY AUTOINCREMENT, Title VARCHAR(40) NOT NULL COLLATE NOCASE, price DECIMAL(10, 2), at DATETIME,
        extra BLOB, weight DOUBLE, active BOOLEAN NOT NULL DEFAULT 1
    );
    CREATE TABLE label (offer INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (offer, word)) WITHOUT ROWID;
    CREATE TABLE plain (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TEMP TABLE scratch (n INT);";

#[test]
fn declared_types_of_result_columns() {
    same(|conn| {
        conn.execute_batch(TABLES).unwrap();
        let declared = |sql: &str| {
            let stmt = conn.prepare(sql).unwrap();
            let columns = stmt.columns();
            columns.iter().map(|c| (c.name().to_owned(), c.decl_type().map(str::to_owned))).collect::<Vec<_>>()
        };
        [
            declared("SELECT * FROM offer"),
            declared("SELECT id AS number, Title || 'x', word, n FROM offer, label, scratch WHERE offer.id = ?1"),
            declared("SELECT max(price), count(*), ?1 FROM offer"),
            declared("SELECT t.price FROM (SELECT * FROM offer) t"),
            declared("INSERT INTO label VALUES (1, 'red') RETURNING word"),
            declared("UPDATE offer SET price = ?1"),
        ]
    });
}

#[test]
fn origins_of_result_columns() {
    same(|conn| {
        conn.execute_batch(TABLES).unwrap();
        let stmt = conn.prepare("SELECT Title AS t, n, word, price + 1, weight FROM offer, scratch, label").unwrap();
        let own = |text: Option<&str>| text.map(str::to_owned);
        let columns = stmt.columns_with_metadata();
        let named = columns
            .iter()
            .map(|c| (c.name().to_owned(), own(c.database_name()), own(c.table_name()), own(c.origin_name())));
        let whole = (0..5).map(|index| format!("{:?}", stmt.column_metadata(index).unwrap()));
        (named.collect::<Vec<_>>(), whole.collect::<Vec<_>>())
    });
}

#[test]
fn metadata_of_table_columns() {
    same(|conn| {
        conn.execute_batch(TABLES).unwrap();
        let of = |database: Option<&str>, table: &str, column: &str| {
            conn.column_metadata(database, table, column).map(|found| format!("{found:?}")).map_err(|e| match e {
                Error::SqliteFailure(code, message) => (code.extended_code, message),
                other => panic!("{other:?}"),
            })
        };
        [
            of(None, "offer", "id"),
            of(None, "plain", "id"),
            of(Some("main"), "OFFER", "title"),
            of(None, "offer", "active"),
            of(None, "offer", "price"),
            of(None, "label", "word"),
            of(Some("temp"), "scratch", "n"),
            of(Some("main"), "scratch", "n"),
            of(None, "offer", "nope"),
            of(None, "nope", "id"),
        ]
    });
}

/// Two places say how a column was declared: the pragma's in SQL, and the metadata's.
#[test]
fn metadata_and_pragma_agree() {
    on_postgres(|conn| {
        conn.execute_batch(TABLES).unwrap();
        conn.native()
            .execute_batch(
                "CREATE TABLE native (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, a smallint, b int, t text, v varchar(5),
                    r real, d double precision, n numeric(5, 2), y bytea, u uuid, at timestamp, atz timestamptz, day date, j jsonb, l boolean, x text[])",
            )
            .unwrap();
        for table in ["offer", "label", "plain", "scratch", "native"] {
            let mut described = Vec::new();
            conn.pragma(None, "table_info", table, |row| {
                described.push((row.get::<_, String>("name")?, row.get::<_, String>("type")?));
                Ok(())
            })
            .unwrap();
            assert!(!described.is_empty());
            for (column, declared) in described {
                let (found, ..) = conn.column_metadata(None, table, column.as_str()).unwrap();
                assert_eq!(found.unwrap().to_str(), Ok(declared.as_str()), "{table}.{column}");
            }
        }
        let counts_itself = |column: &str| conn.column_metadata(None, "native", column).unwrap().4;
        assert_eq!(["id", "s", "a"].map(counts_itself), [true, true, false]);
    });
}

mod hooks {
    use super::same;
    use sqlift::{Connection, Error};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    /// What hooks were called, in order, and what the calls between them returned.
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<String>>>);

    impl Seen {
        fn note(&self, what: &str) {
            self.0.lock().unwrap().push(what.to_owned());
        }

        /// Notes commits, which `veto` turns into roll-backs, and roll-backs.
        fn hook(&self, conn: &Connection, veto: &Arc<AtomicBool>) {
            let (note, veto) = (self.clone(), Arc::clone(veto));
            conn.commit_hook(Some(move || {
                note.note("commit");
                veto.load(Ordering::Relaxed)
            }))
            .unwrap();
            let note = self.clone();
            conn.rollback_hook(Some(move || note.note("rollback"))).unwrap();
        }

        fn run(&self, conn: &Connection, sql: &str) {
            let outcome = match conn.execute_batch(sql) {
                Ok(()) => "ok".to_owned(),
                Err(Error::SqliteFailure(code, message)) => {
                    format!("{} {}", code.extended_code, message.unwrap_or_default())
                }
                Err(other) => format!("{other:?}"),
            };
            self.note(&format!("{sql}: {outcome}, autocommit {}", conn.is_autocommit()));
        }
    }

    /// SQLite looks at the deferred foreign keys first, and asks the hook when they hold.
    #[test]
    fn of_commits_with_deferred_keys() {
        same(|conn| {
            let (seen, veto) = (Seen::default(), Arc::new(AtomicBool::new(false)));
            conn.execute_batch(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY);
                 CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
            )
            .unwrap();
            seen.hook(conn, &veto);
            let broken = ["BEGIN", "INSERT INTO child (parent) VALUES (7)", "COMMIT", "COMMIT"];
            let run = |script: &[&str]| script.iter().for_each(|sql| seen.run(conn, sql));
            run(&broken);
            run(&["INSERT INTO parent VALUES (7)", "COMMIT"]);
            run(&["INSERT INTO child (parent) VALUES (8)", "INSERT INTO child (parent) VALUES (7)"]);
            run(&["SAVEPOINT s", "INSERT INTO child (parent) VALUES (9)", "RELEASE s", "ROLLBACK TO s", "RELEASE s"]);
            run(&["BEGIN", "INSERT INTO child (parent) VALUES (9)", "COMMIT", "ROLLBACK"]);
            veto.store(true, Ordering::Relaxed);
            run(&["BEGIN", "INSERT INTO child (parent) VALUES (9)", "COMMIT"]);
            run(&["INSERT INTO parent VALUES (9)", "COMMIT", "INSERT INTO child (parent) VALUES (7)"]);
            let left: i64 = conn.query_row("SELECT count(*) FROM child", [], |row| row.get(0)).unwrap();
            seen.note(&left.to_string());
            seen.0.lock().unwrap().clone()
        });
    }

    /// So does PostgreSQL where nothing undoes a failed check (`savepoints=never`), which ends the transaction.
    #[test]
    fn of_commits_with_deferred_keys_and_no_savepoints() {
        let database = sqlift::testing::database();
        let url = crate::support::with(database.url(), "savepoints=never");
        let conn = Connection::open_url(&url).expect("the server takes connections");
        conn.execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
        )
        .unwrap();
        let (seen, veto) = (Seen::default(), Arc::new(AtomicBool::new(false)));
        seen.hook(&conn, &veto);
        for sql in ["BEGIN", "INSERT INTO child VALUES (7)", "COMMIT", "INSERT INTO child VALUES (8)"] {
            seen.run(&conn, sql);
        }
        for sql in ["BEGIN", "INSERT INTO parent VALUES (7)", "INSERT INTO child VALUES (7)", "COMMIT"] {
            seen.run(&conn, sql);
        }
        assert_eq!(
            *seen.0.lock().unwrap(),
            [
                "BEGIN: ok, autocommit false",
                "INSERT INTO child VALUES (7): ok, autocommit false",
                "rollback",
                "COMMIT: 787 FOREIGN KEY constraint failed, autocommit true",
                "rollback",
                "INSERT INTO child VALUES (8): 787 FOREIGN KEY constraint failed, autocommit true",
                "BEGIN: ok, autocommit false",
                "INSERT INTO parent VALUES (7): ok, autocommit false",
                "INSERT INTO child VALUES (7): ok, autocommit false",
                "commit",
                "COMMIT: ok, autocommit true",
            ]
        );
    }

    #[test]
    fn of_commits_and_rollbacks() {
        same(|conn| {
            let (seen, veto) = (Seen::default(), Arc::new(AtomicBool::new(false)));
            conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)").unwrap();
            seen.hook(conn, &veto);
            let script = [
                "INSERT INTO tag (name) VALUES ('red')",
                "INSERT INTO tag (name) VALUES ('red')",
                "UPDATE tag SET name = 'x' WHERE id = 99",
                "SELECT * FROM tag",
                "INSERT INTO nowhere VALUES (1)",
                "BEGIN",
                "SELECT * FROM tag",
                "COMMIT",
                "BEGIN",
                "INSERT INTO tag (name) VALUES ('blue')",
                "INSERT INTO tag (name) VALUES ('blue')",
                "COMMIT",
                "BEGIN",
                "ROLLBACK",
                "BEGIN",
                "INSERT INTO tag (name) VALUES ('green')",
                "ROLLBACK",
                "SAVEPOINT s",
                "INSERT INTO tag (name) VALUES ('cyan')",
                "ROLLBACK TO s",
                "RELEASE s",
                "BEGIN",
                "INSERT INTO tag (name) VALUES ('pink')",
                "INSERT OR ROLLBACK INTO tag (name) VALUES ('pink')",
                "CREATE TABLE other (n INTEGER)",
                "BEGIN IMMEDIATE",
                "COMMIT",
            ];
            script.iter().for_each(|sql| seen.run(conn, sql));
            veto.store(true, Ordering::Relaxed);
            for sql in ["INSERT INTO tag (name) VALUES ('grey')", "BEGIN", "DELETE FROM tag", "COMMIT", "SELECT 1"] {
                seen.run(conn, sql);
            }
            let tx = conn.transaction().unwrap();
            tx.execute("DELETE FROM tag", []).unwrap();
            seen.note(&format!("{:?}", tx.commit().map_err(|error| error.sqlite_extended_error_code())));
            let tx = conn.transaction().unwrap();
            drop(tx);
            conn.commit_hook(None::<fn() -> bool>).unwrap();
            conn.rollback_hook(None::<fn()>).unwrap();
            seen.run(conn, "DELETE FROM tag WHERE name = 'red'");
            let left: i64 = conn.query_row("SELECT count(*) FROM tag", [], |row| row.get(0)).unwrap();
            seen.note(&left.to_string());
            seen.0.lock().unwrap().clone()
        });
    }
}

mod arrays {
    use super::same;
    use sqlift::types::Value;
    use sqlift::{Connection, Result, vtab};
    use std::rc::Rc;

    fn array<T: Into<Value>>(members: impl IntoIterator<Item = T>) -> Rc<Vec<Value>> {
        Rc::new(members.into_iter().map(Into::into).collect())
    }

    fn names(conn: &Connection, sql: &str, wanted: Rc<Vec<Value>>) -> Vec<String> {
        let mut stmt = conn.prepare_cached(sql).unwrap();
        stmt.query_map([wanted], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn in_the_place_of_tables_and_sets() {
        same(|conn| {
            vtab::array::load_module(conn).unwrap();
            conn.execute_batch(
                "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT, price REAL, code BLOB);
                 INSERT INTO tag (name, price, code) VALUES ('red', 1.5, x'00ff'), ('bl\"u\\e', 2.0, x''), ('a,{b}', NULL, NULL), ('NULL', 3, x'61');",
            )
            .unwrap();
            let by_id = "SELECT name FROM tag WHERE id IN rarray(?1) ORDER BY id";
            let by_name = "SELECT name FROM tag WHERE name IN (SELECT value FROM rarray(?1)) ORDER BY id";
            let by_price = "SELECT name FROM tag WHERE price IN rarray(?1) ORDER BY id";
            let by_code = "SELECT t.name FROM tag t JOIN rarray(?1) AS wanted ON wanted.value = t.code ORDER BY id";
            let none: [i64; 0] = [];
            [
                names(conn, by_id, array([1, 3, 99])),
                names(conn, by_id, array([2])),
                names(conn, by_id, array(none)),
                names(conn, by_id, Rc::new(vec![Value::Null, Value::Integer(4)])),
                names(
                    conn,
                    by_name,
                    array(["bl\"u\\e".to_owned(), "a,{b}".to_owned(), "NULL".to_owned(), String::new()]),
                ),
                names(conn, by_price, array([1.5, 3.0, f64::INFINITY])),
                names(conn, by_code, array([vec![0u8, 255], vec![]])),
                // A pointer is NULL to everything else.
                vec![format!("{:?}", conn.query_row("SELECT ?1 IS NULL", [array([1])], |row| row.get::<_, bool>(0)))],
            ]
        });
    }

    #[test]
    fn members_keep_their_classes() {
        same(|conn| {
            vtab::array::load_module(conn).unwrap();
            let values = |members: Rc<Vec<Value>>| {
                let mut stmt = conn.prepare("SELECT value FROM rarray(?) WHERE value IS NOT NULL").unwrap();
                stmt.query_map([members], |row| row.get::<_, Value>(0)).unwrap().collect::<Result<Vec<_>>>().unwrap()
            };
            [
                values(array([i64::MIN, 0, i64::MAX])),
                values(array([0.1, -1e300])),
                values(array(["é".to_owned(), "12".to_owned()])),
                values(array([vec![0u8, 1]])),
            ]
        });
    }

    #[test]
    fn of_several_classes_are_refused_on_postgres() {
        super::on_postgres(|conn| {
            let mixed = Rc::new(vec![Value::Integer(1), Value::Text("x".into())]);
            let refused = conn.query_row("SELECT count(*) FROM rarray(?1)", [mixed], |row| row.get::<_, i64>(0));
            assert!(refused.unwrap_err().to_string().contains("members of the classes Integer and Text"));
            let none = conn.query_row("SELECT count(*) FROM rarray(?1)", [array([1, 2])], |row| row.get::<_, i64>(0));
            assert_eq!(none, Ok(2));
        });
    }
}

mod functions {
    use super::{on_postgres, sqlite};
    use sqlift::functions::FunctionFlags;
    use sqlift::{Connection, Result};

    fn register(conn: &Connection) -> Result<()> {
        conn.create_scalar_function("slug", 1, FunctionFlags::SQLITE_UTF8, |context| {
            Ok(context.get::<String>(0)?.to_lowercase().replace(' ', "-"))
        })
    }

    #[test]
    fn in_rust_on_sqlite_and_in_the_database_on_postgres() {
        let use_it = |conn: &Connection| {
            conn.execute_batch("CREATE TABLE post (title TEXT); INSERT INTO post VALUES ('Big News'), (NULL)").unwrap();
            let sql = "SELECT slug(title) || '!' FROM post WHERE slug(title) = ?1";
            conn.query_row(sql, ["big-news"], |row| row.get::<_, String>(0)).unwrap()
        };
        let conn = sqlite();
        register(&conn).unwrap();
        let expected = use_it(&conn);
        on_postgres(|conn| {
            let missing = register(conn).unwrap_err().to_string();
            assert!(missing.contains("slug with 1 argument") && missing.contains("R__functions.sql"), "{missing}");
            conn.native()
                .execute_batch("CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$ SELECT replace(lower($1), ' ', '-') $f$")
                .unwrap();
            register(conn).unwrap();
            assert_eq!(use_it(conn), expected);
            conn.create_scalar_function("slug", 2, FunctionFlags::SQLITE_UTF8, |_| Ok(1))
                .expect_err("of another arity");
        });
    }
}

#[test]
fn raw_handles_are_sqlites() {
    let conn = sqlite();
    // SAFETY: nothing is done with the handle but a second connection over it that does not close it.
    let other = unsafe { Connection::from_handle(conn.handle()) }.unwrap();
    other.execute_batch("CREATE TABLE t (n)").unwrap();
    assert!(conn.table_exists(None, "t").unwrap());
    on_postgres(|conn| {
        // SAFETY: a null handle is refused before anything is done with it.
        unsafe {
            assert!(conn.handle().is_null());
            Connection::from_handle(conn.handle()).expect_err("the handle is null");
            Connection::from_handle_owned(conn.handle()).expect_err("the handle is null");
        }
        conn.set_errmsg(1, None).expect_err("there is no SQLite");
    });
}

#[test]
fn a_statement_is_busy_until_its_rows_are_read_or_dropped() {
    same(|conn| {
        let mut seen = vec![conn.is_busy()];
        let mut stmt = conn.prepare("SELECT 1 UNION ALL SELECT 2").unwrap();
        let mut rows = stmt.query([]).unwrap();
        seen.push(conn.is_busy());
        rows.next().unwrap().expect("two rows");
        seen.push(conn.is_busy());
        drop(rows);
        seen.push(conn.is_busy());
        let mut rows = stmt.query([]).unwrap();
        let mut other = conn.prepare("SELECT 3").unwrap();
        let mut others = other.query([]).unwrap();
        rows.next().unwrap();
        others.next().unwrap();
        while rows.next().unwrap().is_some() {}
        seen.push(conn.is_busy());
        assert!(others.next().unwrap().is_none());
        seen.push(conn.is_busy());
        seen
    });
}

/// On SQLite the next id is past the largest one, however that came in.
#[test]
fn ids_go_on_behind_rows_that_came_in_past_the_identity() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT UNIQUE)").unwrap();
        let copy = |from: i64, to: i64| {
            let sql = format!("INSERT INTO tag SELECT g, 'n' || g FROM generate_series({from}, {to}) g");
            conn.native().execute_batch(&sql).unwrap();
        };
        copy(1, 50);
        assert_eq!(conn.prepare("INSERT INTO tag (name) VALUES (?1)").unwrap().insert(["a"]), Ok(51));
        copy(52, 60);
        let tx = conn.unchecked_transaction().unwrap();
        tx.execute("INSERT INTO tag (name) VALUES ('kept')", []).unwrap();
        assert_eq!(tx.last_insert_rowid(), 61);
        tx.commit().unwrap();
        assert_eq!(conn.execute("INSERT INTO tag (name) SELECT 'm' || value FROM generate_series(1, 3)", []), Ok(3));
        // What is not about the key stays what it is.
        let twice = conn.execute("INSERT INTO tag (name) VALUES ('kept')", []).unwrap_err();
        assert_eq!(twice.sqlite_extended_error_code(), Some(sqlift::ffi::SQLITE_CONSTRAINT_UNIQUE));
        let taken = conn.execute("INSERT INTO tag (id, name) VALUES (1, 'new')", []).unwrap_err();
        assert_eq!(taken.sqlite_extended_error_code(), Some(sqlift::ffi::SQLITE_CONSTRAINT_PRIMARYKEY));
        assert_eq!(
            conn.query_row("SELECT count(*), max(id) FROM tag", [], |row| Ok((row.get(0)?, row.get(1)?))),
            Ok((64, 64))
        );
    });
}
