//! One test, both databases: what [`test!`](crate::test) does.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Backend, Connection, Db};

/// Declares tests that run on SQLite and on a fresh PostgreSQL database, one after the other.
///
/// A test takes `&mut Connection`, `&Connection` or `&Db`, to a database without tables, and gives nothing or a `Result<(), E>`. It runs on
/// both also when the first fails, and the last line of a failure names those that failed.
///
/// Needs feature `testing`, and PostgreSQL's server programs as [`database`](crate::testing::database) does.
///
/// # Examples
/// ```
/// # #[cfg(unix)]
/// sqlift::test! {
///     fn names_are_unique(conn: &mut sqlift::Connection) -> sqlift::Result<()> {
///         conn.execute_batch("CREATE TABLE tag (name TEXT UNIQUE)")?;
///         conn.execute("INSERT INTO tag VALUES ('red')", [])?;
///         assert!(conn.execute("INSERT INTO tag VALUES ('red')", []).is_err());
///         Ok(())
///     }
///
///     #[ignore = "takes a while"]
///     fn threads_share_the_pool(db: &sqlift::Db) {
///         assert_eq!(db.pool_state().in_use, 0);
///     }
/// }
/// ```
#[macro_export]
macro_rules! test {
    ($($(#[$attribute:meta])* fn $name:ident($argument:ident: $type:ty $(,)?) $(-> $result:ty)? $body:block)+) => {$(
        #[::core::prelude::v1::test]
        $(#[$attribute])*
        fn $name() {
            fn test($argument: $type) $(-> $result)? $body
            let test: fn($type) $(-> $result)? = test;
            $crate::testing::run_on_both(::core::stringify!($name), test);
        }
    )+};
}

/// What runs behind [`test!`](crate::test).
#[doc(hidden)]
pub fn run_on_both(name: &str, test: impl Test) {
    let results = [Backend::Sqlite, Backend::Postgres].map(|backend| {
        // The panic's own message and place are printed by its hook.
        let passed = catch_unwind(AssertUnwindSafe(|| test.run(backend))).is_ok();
        (backend, passed)
    });
    let named = |wanted: bool| {
        let names: Vec<String> =
            results.iter().filter(|(_, passed)| *passed == wanted).map(|(b, _)| b.to_string()).collect();
        names.join(" and ")
    };
    match (named(false), named(true)) {
        (failed, _) if failed.is_empty() => {}
        (failed, passed) if passed.is_empty() => panic!("{name} failed on {failed}"),
        (failed, passed) => panic!("{name} failed on {failed}; it passed on {passed}"),
    }
}

/// A test's function, by what it takes.
#[doc(hidden)]
pub trait Test {
    fn run(&self, backend: Backend);
}

impl<R: Outcome> Test for fn(&mut Connection) -> R {
    fn run(&self, backend: Backend) {
        with_connection(backend, |conn| self(conn).check());
    }
}

impl<R: Outcome> Test for fn(&Connection) -> R {
    fn run(&self, backend: Backend) {
        with_connection(backend, |conn| self(conn).check());
    }
}

impl<R: Outcome> Test for fn(&Db) -> R {
    fn run(&self, backend: Backend) {
        match backend {
            Backend::Sqlite => {
                // In memory each connection would have a database of its own.
                let folder = tempfile::tempdir().expect("a temporary folder can be made");
                let db =
                    Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).expect("SQLite opens it");
                self(&db).check();
            }
            Backend::Postgres => {
                let database = super::database();
                self(&Db::open(database.url()).expect("the server takes connections")).check();
            }
        }
    }
}

fn with_connection(backend: Backend, run: impl FnOnce(&mut Connection)) {
    match backend {
        Backend::Sqlite => run(&mut Connection::open_sqlite(":memory:").expect("SQLite opens a database in memory")),
        Backend::Postgres => {
            let database = super::database();
            run(&mut Connection::open_url(database.url()).expect("the server takes connections"));
        }
    }
}

/// What a test gives.
#[doc(hidden)]
pub trait Outcome {
    fn check(self);
}

impl Outcome for () {
    fn check(self) {}
}

impl<E: Debug> Outcome for Result<(), E> {
    #[track_caller]
    fn check(self) {
        if let Err(error) = self {
            panic!("the test gave an error: {error:?}");
        }
    }
}
