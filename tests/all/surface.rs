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
