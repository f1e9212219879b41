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
    ($($test:ident of $name:ident;)+) => {
        $(#[test]
        #[ignore = "waits for the translator"]
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
    sqlite_only from "facade/sqlite_only.rs";
}

also_on_postgres! {
    execution_on_postgres of execution;
    parameters_on_postgres of parameters;
    results_on_postgres of results;
    transactions_on_postgres of transactions;
    statements_on_postgres of statements;
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
