//! rusqlite's API semantics: the same calls, written once, on rusqlite itself and on sqlift.
//!
//! The files under `facade/` are legacy code: they name nothing but rusqlite. Each is compiled twice, once against rusqlite and
//! once against sqlift, and each case logs what it sees; the logs must be equal. rusqlite is the oracle, so a case needs no
//! expected values of its own.

use crate::support::Log;

macro_rules! legacy_code {
    ($($name:ident from $file:literal;)+) => {
        mod on_rusqlite {
            $(pub mod $name {
                use sqlift::rusqlite;
                include!($file);
            })+
        }
        mod on_sqlift {
            $(pub mod $name {
                use sqlift as rusqlite;
                include!($file);
            })+
        }
        $(mod $name {
            #[test]
            fn sqlite_as_rusqlite() {
                super::on_sqlite(super::on_rusqlite::$name::CASES, super::on_sqlift::$name::CASES);
            }
        })+
    };
}

legacy_code! {
    execution from "facade/execution.rs";
    parameters from "facade/parameters.rs";
    results from "facade/results.rs";
    transactions from "facade/transactions.rs";
    statements from "facade/statements.rs";
    sqlite_only from "facade/sqlite_only.rs";
}

type Case<C> = (&'static str, fn(&mut C, &mut Log) -> sqlift::Result<()>);

fn on_sqlite(oracle: &[Case<sqlift::rusqlite::Connection>], cases: &[Case<sqlift::Connection>]) {
    assert_eq!(oracle.len(), cases.len());
    for ((name, oracle), (_, case)) in oracle.iter().zip(cases) {
        let mut rusqlite = sqlift::rusqlite::Connection::open_in_memory().expect("SQLite opens a database in memory");
        let mut sqlift = sqlift::Connection::open_sqlite(":memory:").expect("SQLite opens a database in memory");
        run(&mut sqlift, *case).assert_same(&run(&mut rusqlite, *oracle), name);
    }
}

fn run<C>(conn: &mut C, case: fn(&mut C, &mut Log) -> sqlift::Result<()>) -> Log {
    let mut log = Log::default();
    case(conn, &mut log).expect("what is not logged succeeds");
    log
}
