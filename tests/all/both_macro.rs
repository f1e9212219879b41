//! `sqlift::test!`: a test on both databases names those that failed.

use std::panic::catch_unwind;

use sqlift::{Backend, Connection, Db, Result};

sqlift::test! {
    fn takes_a_connection(conn: &mut Connection) {
        let tx = conn.transaction().unwrap();
        tx.execute_batch("CREATE TABLE tag (name TEXT)").unwrap();
        tx.commit().unwrap();
        assert!(conn.table_exists(None, "tag").unwrap());
    }

    fn takes_a_shared_connection(conn: &Connection) -> Result<()> {
        assert!(!conn.table_exists(None, "tag")?);
        conn.execute_batch("CREATE TABLE tag (name TEXT)")
    }

    #[should_panic(expected = "failed on SQLite and PostgreSQL")]
    fn takes_a_pool(db: &Db) -> std::result::Result<(), String> {
        let held = (db.get().unwrap(), db.get().unwrap());
        assert_eq!(held.0.backend(), db.backend());
        Err("not this time".to_owned())
    }
}

#[test]
fn failures_name_their_database() {
    let message = |test: fn(&Connection)| {
        let panic = catch_unwind(|| sqlift::testing::run_on_both("a_test", test)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    assert_eq!(
        message(|conn| assert_eq!(conn.backend(), Backend::Sqlite)),
        "a_test failed on PostgreSQL; it passed on SQLite"
    );
    assert_eq!(
        message(|conn| assert_eq!(conn.backend(), Backend::Postgres)),
        "a_test failed on SQLite; it passed on PostgreSQL"
    );
}

/// A program that imports everything still has the usual `#[test]`.
mod everything_imported {
    #[allow(unused_imports, reason = "the import itself is the test")]
    use sqlift::*;

    #[test]
    fn the_usual_attribute() {}
}
