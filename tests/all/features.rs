//! Feature gates and statements with two texts.

use sqlift::{Connection, DialectSql, Feature, dialect_sql};

#[test]
fn who_has_what() {
    let database = sqlift::testing::database();
    let postgres = Connection::open_url(database.url()).unwrap();
    let sqlite = Connection::open_sqlite(":memory:").unwrap();
    let major: i64 = postgres.server_version().unwrap().split(['.', ' ']).next().unwrap().parse().unwrap();
    for (feature, on_sqlite, on_postgres) in [
        (Feature::Jsonb, false, true),
        (Feature::RowSecurity, false, true),
        (Feature::Roles, false, true),
        (Feature::SkipLocked, false, true),
        (Feature::Notify, false, true),
        (Feature::ConcurrentIndex, false, true),
        (Feature::MaterializedView, false, true),
        (Feature::Ranges, false, true),
        (Feature::TextSearch, false, true),
        (Feature::Merge, false, major >= 15),
        (Feature::NullsNotDistinct, false, major >= 15),
        (Feature::JsonTable, false, major >= 17),
        (Feature::Fts5, true, false),
        (Feature::RTree, true, false),
        (Feature::Attach, true, false),
        (Feature::Ltree, false, false),
        (Feature::Trigrams, false, false),
        (Feature::Extension("plpgsql"), false, true),
        (Feature::Extension("it's \"odd\""), false, false),
    ] {
        assert_eq!(sqlite.supports(feature), Ok(on_sqlite), "{feature:?} on SQLite");
        assert_eq!(postgres.supports(feature), Ok(on_postgres), "{feature:?} on PostgreSQL");
    }
    assert_eq!(sqlift::Db::open(database.url()).unwrap().supports(Feature::Jsonb), Ok(true));

    // Where it is not installed on the machine it stays a no, and the transaction goes on.
    postgres.execute_batch("BEGIN; CREATE TABLE tag (n INTEGER)").unwrap();
    assert_eq!(postgres.enable(Feature::Extension("it's \"odd\"")), Ok(false));
    assert_eq!(postgres.enable(Feature::Extension("no_such_extension")), Ok(false));
    postgres.execute_batch("COMMIT; INSERT INTO tag VALUES (1)").unwrap();
    assert_eq!(sqlite.enable(Feature::Ltree), Ok(false));
    if postgres.enable(Feature::Ltree).unwrap() {
        assert_eq!(postgres.supports(Feature::Ltree), Ok(true));
    }
}

const EITHER: DialectSql = dialect_sql! {
    sqlite: "SELECT json_extract(?1, '$.a'), :b",
    postgres: "SELECT ?1::jsonb -> 'a' #>> '{}', :b::bigint",
};

const FROM_FILES: DialectSql = dialect_sql!(sqlite: include_str!("../data/either.sqlite.sql"), postgres: include_str!("../data/either.postgres.sql"));

#[test]
fn a_statement_with_two_texts() {
    let database = sqlift::testing::database();
    for conn in [Connection::open_sqlite(":memory:").unwrap(), Connection::open_url(database.url()).unwrap()] {
        let read: (String, i64) = conn
            .query_row(EITHER.on(&conn), sqlift::params![r#"{"a": "x"}"#, 7], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(read, ("x".to_owned(), 7));
        let named: bool = conn.query_row(FROM_FILES.on(&conn), [r#"{"a": 1}"#], |row| row.get(0)).unwrap();
        assert!(named);
    }
}
