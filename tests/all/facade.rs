//! rusqlite's API semantics: the same calls, written once, on rusqlite itself and on sqlift.
//!
//! The files under `facade/` are legacy code: they name nothing but rusqlite. Each is compiled twice, once against rusqlite and
//! once against sqlift, and each case logs what it sees; the logs must be equal. rusqlite is the oracle, so a case needs no
//! expected values of its own.

use crate::support::{self, Log};

macro_rules! legacy_code {
    ($($name:ident from $file:literal;)+) => {
        // Legacy code is as it is.
        #[allow(clippy::type_complexity, clippy::needless_borrows_for_generic_args)]
        mod on_rusqlite {
            $(pub mod $name {
                use sqlift::rusqlite;
                include!($file);
            })+
        }
        #[allow(clippy::type_complexity, clippy::needless_borrows_for_generic_args)]
        mod on_sqlift {
            $(pub mod $name {
                use sqlift as rusqlite;
                include!($file);
            })+
        }
        $(#[test]
        fn $name() {
            on_sqlite(on_rusqlite::$name::CASES, on_sqlift::$name::CASES);
        })+
    };
}

macro_rules! also_on_postgres {
    ($($(#[$attribute:meta])* $test:ident of $name:ident;)+) => {
        $(#[test]
        $(#[$attribute])*
        fn $test() {
            on_postgres(on_rusqlite::$name::CASES, on_sqlift::$name::CASES);
        })+
    };
}

legacy_code! {
    execution from "facade/execution.rs";
    parameters from "facade/parameters.rs";
    results from "facade/results.rs";
    transactions from "facade/transactions.rs";
    statements from "facade/statements.rs";
    about from "facade/about.rs";
    examples from "facade/examples.rs";
    sqlite_only from "facade/sqlite_only.rs";
}

also_on_postgres! {
    execution_on_postgres of execution;
    parameters_on_postgres of parameters;
    results_on_postgres of results;
    transactions_on_postgres of transactions;
    statements_on_postgres of statements;
    about_on_postgres of about;
    examples_on_postgres of examples;
}

/// The names of all cases, for the list of rusqlite's examples.
pub fn case_names() -> impl Iterator<Item = &'static str> {
    let cases = [
        on_sqlift::execution::CASES,
        on_sqlift::parameters::CASES,
        on_sqlift::results::CASES,
        on_sqlift::transactions::CASES,
        on_sqlift::statements::CASES,
        on_sqlift::about::CASES,
        on_sqlift::sqlite_only::CASES,
    ];
    cases.into_iter().flatten().map(|(name, _)| *name).chain(example_names())
}

/// The names of the cases that are there because rusqlite's documents show them.
pub fn example_names() -> impl Iterator<Item = &'static str> {
    on_sqlift::examples::CASES.iter().map(|(name, _)| *name)
}

type Case<C> = (&'static str, fn(&mut C, &mut Log) -> sqlift::Result<()>);

fn on_sqlite(oracle: &[Case<sqlift::rusqlite::Connection>], cases: &[Case<sqlift::Connection>]) {
    assert_eq!(oracle.len(), cases.len());
    for ((name, oracle), (_, case)) in oracle.iter().zip(cases) {
        let found = run(&mut support::sqlite(), *case).expect(name);
        if let Err(difference) = found.same_as(&run(&mut support::rusqlite(), *oracle).expect(name)) {
            panic!("{name}: {difference}");
        }
    }
}

/// Error texts may differ there, so only the kinds and codes of errors are compared. Reports all cases that differ.
fn on_postgres(oracle: &[Case<sqlift::rusqlite::Connection>], cases: &[Case<sqlift::Connection>]) {
    let mut differences = Vec::new();
    for ((name, oracle), (_, case)) in oracle.iter().zip(cases) {
        let expected = run(&mut support::rusqlite(), *oracle).expect(name);
        let found = support::on_postgres(|conn| {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(conn, *case)))
                .map_err(|_| "it panics".to_owned())
                .and_then(|log| log)
        });
        if let Err(difference) = found.and_then(|found| found.portably_same_as(&expected)) {
            differences.push(format!("{name}: {difference}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} cases differ\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

fn run<C>(conn: &mut C, case: fn(&mut C, &mut Log) -> sqlift::Result<()>) -> Result<Log, String> {
    let mut log = Log::default();
    match case(conn, &mut log) {
        Ok(()) => Ok(log),
        Err(error) => Err(format!("what is not noted should succeed, after {}: {error:?}", log.last())),
    }
}

/// What has no counterpart in rusqlite: which database it is, and the ways past the facade.
#[test]
fn ways_out() {
    use sqlift::{Backend, Connection, rusqlite};

    let conn = Connection::from_sqlite(rusqlite::Connection::open_in_memory().unwrap());
    assert_eq!(conn.backend(), Backend::Sqlite);
    conn.as_sqlite().unwrap().execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
    conn.native().execute("INSERT INTO t VALUES (?1)", [5]).unwrap();
    let sqlite = conn.into_sqlite().unwrap();
    assert_eq!(sqlite.query_row("SELECT n FROM t", [], |row| row.get::<_, i64>(0)), Ok(5));
    assert!(Connection::open_url("postgres://nobody:secret@/?host=/nowhere").is_err_and(|error| {
        error.sqlite_error_code() == Some(sqlift::ErrorCode::CannotOpen) && !error.to_string().contains("secret")
    }));

    support::on_postgres(|conn| {
        assert_eq!(conn.backend(), Backend::Postgres);
        assert!(conn.as_sqlite().is_none() && conn.as_sqlite_mut().is_none());
        let native = conn.native();
        native.execute_batch("CREATE TABLE tags (id int, names text[]); INSERT INTO tags VALUES (1, '{a,b}')").unwrap();
        assert_eq!(native.execute("UPDATE tags SET id = ?1 WHERE 'b' = ANY (names)", [7]), Ok(1));
        let mut stmt = native.prepare("SELECT id FROM tags WHERE names @> ARRAY[?1::text]").unwrap();
        assert_eq!(stmt.query_row(["a"], |row| row.get::<_, i64>("id")), Ok(7));
        assert_eq!(native.query_row("SELECT '{\"a\": 1}'::jsonb ?? 'a'", [], |row| row.get::<_, bool>(0)), Ok(true));
        let tx = conn.unchecked_transaction().unwrap();
        tx.native().execute("DELETE FROM tags", []).unwrap();
        tx.rollback().unwrap();
        assert_eq!(native.query_row("SELECT count(*) FROM tags", [], |row| row.get::<_, i64>(0)), Ok(1));
    });
}

/// What PostgreSQL cannot do is an error that names it, and the connection goes on.
#[test]
fn refused_on_postgres() {
    use sqlift::config::DbConfig;

    #[track_caller]
    fn check<T: std::fmt::Debug>(result: sqlift::Result<T>, what: &str) {
        let message = result.expect_err(what).to_string();
        assert!(message.contains(what) && message.contains("PostgreSQL"), "{message}");
    }
    support::on_postgres(|conn| {
        check(conn.update_hook(Some(|_, _: &str, _: &str, _| ())), "update_hook");
        check(conn.progress_handler(1, Some(|| false)), "progress_handler");
        check(conn.serialize("main").map(|_| ()), "serialize");
        check(conn.blob_open("main", "t", "b", 1, true).map(|_| ()), "blob_open");
        check(conn.create_collation("reversed", |a: &str, b: &str| b.cmp(a)), "create_collation");
        check(conn.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE), "DbConfig");
        check(conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false), "DbConfig");
        assert_eq!(conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true), Ok(true));
        assert_eq!(conn.busy_handler(None), Ok(()));
        assert_eq!(conn.native().query_row("SELECT 1", [], |row| row.get::<_, i64>(0)), Ok(1));
    });
}

/// `get` tries a value's further representations, and an error tells of the first, which is the one SQLite would give.
#[test]
fn values_in_several_representations() {
    support::on_postgres(|conn| {
        let sql = "SELECT '00112233-4455-6677-8899-aabbccddeeff'::uuid AS id, timestamptz '1970-01-02 00:00:00Z' AS at";
        let row = conn.native().query_row(sql, [], |row| {
            Ok((
                row.get::<_, String>("id")?,
                row.get::<_, [u8; 16]>("id")?[15],
                row.get::<_, String>("at")?,
                row.get::<_, i64>("at")?,
            ))
        });
        let (id, last, at, epoch) = row.unwrap();
        assert_eq!((id.as_str(), last, epoch), ("00112233-4455-6677-8899-aabbccddeeff", 0xff, 86_400));
        assert!(at.starts_with("1970-01-02 00:00:00"), "{at}");
        let refused = conn.native().query_row(sql, [], |row| row.get::<_, f32>("id").map(|_| ()));
        assert_eq!(refused, Err(sqlift::Error::InvalidColumnType(0, "id".to_owned(), sqlift::types::Type::Text)));
    });
}
