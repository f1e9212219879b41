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

    #[test]
    fn of_commits_and_rollbacks() {
        same(|conn| {
            let (seen, veto) = (Seen::default(), Arc::new(AtomicBool::new(false)));
            conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)").unwrap();
            let (note, vetoed) = (seen.clone(), Arc::clone(&veto));
            conn.commit_hook(Some(move || {
                note.note("commit");
                vetoed.load(Ordering::Relaxed)
            }))
            .unwrap();
            let note = seen.clone();
            conn.rollback_hook(Some(move || note.note("rollback"))).unwrap();
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
