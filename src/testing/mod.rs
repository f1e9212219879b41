//! Temporary PostgreSQL servers for tests: started in a moment, gone when the test is, also after a `kill -9`.
//!
//! [`database`] gives a test its own fresh database on a server that all test processes share; [`TempPostgres`] is a
//! server of one's own, for tests that stop or break it.
//! Needs PostgreSQL's server programs (`initdb`, `postgres`) on the machine, nothing else: no container, no fixed port,
//! no rights; as root the server runs as user `postgres` or `nobody`.
//!
//! ```no_run
//! let database = sqlift::testing::database(); // dropped with the handle
//! let mut client = postgres::Client::connect(database.url(), postgres::NoTls)?;
//! client.batch_execute("CREATE TABLE t (a int)")?;
//! # Ok::<(), postgres::Error>(())
//! ```
//!
//! # Environment
//! | variable | meaning |
//! | --- | --- |
//! | `TEST_DATABASE_URL` | use this server instead, with databases of unique names |
//! | `SQLIFT_PG_BIN` | the folder that holds `initdb` and `postgres` |
//! | `SQLIFT_KEEP=1` | keep servers and databases, and print their URLs |
//! | `SQLIFT_CACHE_DIR` | where prepared clusters are cached (else the user's cache folder) |
//! | `SQLIFT_RUN_DIR` | where servers run (else `/dev/shm` when it has room, else the temporary folder) |
//!
//! # How nothing is left behind
//! A small `sh` process (`watchdog.sh`) runs the server and holds the read end of a FIFO whose write end is held by the
//! processes that use the server. The kernel closes it when they end; then the server is stopped and its folder removed.
//! What a killed watchdog leaves is swept at the next start.

mod account;
mod binaries;
mod both;
mod cluster;
mod database;
mod folder;
mod own;
mod pack;
mod server;
mod shared;

use std::fmt;
use std::path::PathBuf;

#[doc(hidden)]
pub use both::{Outcome, Test, run_on_both};
pub use database::{Template, TestDatabase, bare_database, database, template, try_database};
pub use own::{TempPostgres, TempPostgresOptions};

/// Why there is no temporary PostgreSQL.
///
/// # Examples
/// ```
/// use sqlift::testing::Error;
/// let error = Error::NoPrograms { looked: vec!["/usr/lib/postgresql".into()] };
/// assert!(error.to_string().contains("apt-get install postgresql"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No folder holds both `initdb` and `postgres`.
    NoPrograms {
        /// Where we looked.
        looked: Vec<PathBuf>,
    },
    /// A file, folder or program could not be used.
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `initdb` or `postgres` failed.
    Server {
        /// What was tried.
        what: String,
        /// The last lines of its output.
        log: String,
    },
    /// The server answered with an error, or `TEST_DATABASE_URL` is of no use.
    Database(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoPrograms { looked } => {
                writeln!(f, "PostgreSQL's server programs (initdb, postgres) were not found")?;
                for folder in looked {
                    writeln!(f, "  looked in {}", folder.display())?;
                }
                f.write_str(INSTALL)
            }
            Error::Io { what, source } => write!(f, "{what}: {source}"),
            Error::Server { what, log } if log.is_empty() => f.write_str(what),
            Error::Server { what, log } => write!(f, "{what}; the last lines of its log:\n{log}"),
            Error::Database(message) => f.write_str(message),
        }
    }
}

const INSTALL: &str = "  help: install the server for the tests
    Debian, Ubuntu   apt-get install postgresql
    Fedora, RHEL     dnf install postgresql-server
    Alpine           apk add postgresql
    Arch             pacman -S postgresql
    macOS            brew install postgresql@17
    Windows          not supported here: set TEST_DATABASE_URL
  or set SQLIFT_PG_BIN to the folder that holds them, or TEST_DATABASE_URL to a running server";

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What can go wrong here goes wrong with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what was tried when the system refuses it.
trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { what: what(), source })
    }
}

impl<T> Doing<T> for rustix::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|errno| Error::Io { what: what(), source: errno.into() })
    }
}

/// A number that no other process or call gets.
fn unique() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // The standard library seeds each state from the system's randomness.
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// True when `SQLIFT_KEEP` asks to keep servers and databases.
fn keeps() -> bool {
    std::env::var_os("SQLIFT_KEEP").is_some_and(|value| !value.is_empty() && value != "0")
}
