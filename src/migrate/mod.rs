//! Migrations: numbered SQL files that bring a database's schema to where the program needs it, on either database.
//!
//! [`Migrations`] is the set, from a folder ([`Migrations::from_folder`]) or embedded in the binary
//! ([`embed_migrations!`](crate::embed_migrations)); [`up`] applies what a database lacks, [`at_start`] does that as the
//! environment asks. `sqlift migrate` is the same on the command line.
//!
//! ```
//! use sqlift::{Connection, migrate::{self, Migrations, Options}};
//!
//! let migrations = Migrations::from_files(&[
//!     ("V1__tag.sql", "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"),
//!     ("V2__colour.sql", "ALTER TABLE tag ADD COLUMN colour TEXT"),
//! ])?;
//! let conn = Connection::open_in_memory()?;
//! assert_eq!(migrate::up(&conn, &migrations, &Options::default())?.applied.len(), 2);
//! assert_eq!(migrate::up(&conn, &migrations, &Options::default())?.applied.len(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files
//! | name | is |
//! |---|---|
//! | `V3__name.sql` | version 3, in SQLite's SQL; PostgreSQL gets it translated |
//! | `V3__name.sqlite.sql`, `V3__name.postgres.sql` | version 3 for one database, in its own SQL |
//! | `sqlite/V3__name.sql`, `postgres/V3__name.sql` | the same, in two folders |
//! | `V3__name.down.sql` (`.postgres.down.sql`, ...) | the way back, if there shall be one; Flyway's `U3__name.sql` beside a `V3` too |
//! | `U3__name.sql` | refinery's: version 3, may come after later ones |
//! | `20240131120000_name.sql`, `.up.sql`, `.down.sql`, `001_name.sql` | sqlx's names, and numbering by hand |
//! | `R__name.sql` | applied again whenever its text changes, behind the versions: views, functions, grants |
//!
//! A version that exists for one database only is an error. Comments ahead of a file's first statement ask for more:
//! `-- no-transaction` runs each statement by itself (`CREATE INDEX CONCURRENTLY`, `VACUUM`), `-- no-foreign-keys` lets SQLite
//! check foreign keys at the file's end only, as rebuilding a table needs.
//!
//! # The history
//! The table `sqlift_migrations` says what was applied:
//!
//! | column | holds |
//! |---|---|
//! | `id` | the version as text, or `R__` and the script's name |
//! | `version` | the version, NULL for repeatable scripts |
//! | `name`, `file` | the file's name without number, and the whole path it had |
//! | `checksum` | SHA-256 of the text, lines ended by `\n` |
//! | `state` | `applied`; `running` and `failed` are of files without a transaction that did not get to their end |
//! | `statements_done` | how many statements of the file have run |
//! | `done_checksum` | SHA-256 of those, so that the rest may be corrected after a failure |
//! | `applied_at`, `applied_by`, `milliseconds` | when, by which role (SQLite: empty), how long it took |
//! | `adopted_from` | the table of another tool it was taken over from |

mod adopt;
mod check;
mod draft;
mod error;
mod history;
mod lock;
mod lock_file;
mod name;
mod run;
mod script;
mod set;
mod start;
mod statement;
mod status;

pub use adopt::Adopt;
pub use check::{Difference, Side, check};
pub use draft::{Draft, draft};
pub use error::{Error, ErrorKind};
pub use run::{down, up};
pub use set::Migrations;
pub use start::{at_start, current_version};
pub use status::{Entry, Planned, State, Status, plan, status};

use std::fmt;
use std::time::Duration;

/// What can go wrong here goes wrong with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How to migrate.
///
/// # Examples
/// ```
/// use sqlift::migrate::Options;
/// let options = Options { to: Some(12), ..Options::default() };
/// ```
#[derive(Clone)]
pub struct Options<'a> {
    /// The last version to apply; `None` for all.
    pub to: Option<i64>,
    /// Applies versions that are older than one that was applied, instead of refusing.
    pub out_of_order: bool,
    /// Takes the changed text of applied files as what was applied, instead of refusing.
    pub accept_changed: bool,
    /// Goes on although applied versions have no file here, as an older release of the program needs.
    pub ignore_missing: bool,
    /// What to take over from another tool's table when there is no history yet.
    pub adopt: Adopt,
    /// What to do about the statement at which a file without a transaction was interrupted.
    pub interrupted: Interrupted,
    /// How long to wait for somebody else who is migrating.
    pub lock_timeout: Duration,
    /// Is told what happens.
    pub progress: Option<&'a dyn Fn(&Event<'_>)>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            to: None,
            out_of_order: false,
            accept_changed: false,
            ignore_missing: false,
            adopt: Adopt::Recognised,
            interrupted: Interrupted::Explain,
            // Whoever has the lock may be building a large index.
            lock_timeout: Duration::from_secs(15 * 60),
            progress: None,
        }
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("to", &self.to)
            .field("out_of_order", &self.out_of_order)
            .field("adopt", &self.adopt)
            .field("lock_timeout", &self.lock_timeout)
            .finish_non_exhaustive()
    }
}

impl Options<'_> {
    fn tell(&self, event: &Event<'_>) {
        if let Some(progress) = self.progress {
            progress(event);
        }
    }
}

/// What to do about a statement that may or may not have run before its process was killed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interrupted {
    /// Runs it again where that does no harm (IF NOT EXISTS, an index built concurrently), else refuses and says what to look at.
    #[default]
    Explain,
    /// Runs it again.
    Again,
    /// Takes it as done.
    Done,
}

/// What happens while migrating.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Somebody else is migrating; `holder` says who, as far as the database knows.
    Waiting { holder: &'a str },
    /// Another tool's history was taken over.
    Adopted { from: &'a str, count: usize },
    /// A file begins.
    Begun { file: &'a str },
    /// An index that an interrupted CREATE INDEX CONCURRENTLY left invalid is built anew.
    Repaired { index: &'a str },
    /// A file was applied, or its way back was.
    Ended { file: &'a str, elapsed: Duration },
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The files that were applied (or the ways back that were taken), in order.
    pub applied: Vec<String>,
    /// Another tool's table that was taken over, and how many versions it held.
    pub adopted: Option<(String, usize)>,
    /// Adopted versions whose file is not what the other tool's checksum says.
    pub warnings: Vec<String>,
    /// The newest version that the database has now.
    pub version: Option<i64>,
}

/// The migrations of a folder, embedded in the binary; the folder is relative to the package's `Cargo.toml`.
///
/// Gives [`Migrations::from_files`]' result. A changed file compiles the caller anew; so that an added one does too, let
/// `build.rs` print `cargo::rerun-if-changed=sql/migrations`.
///
/// # Examples
/// ```
/// let migrations = sqlift::embed_migrations!("sql/migrations")?;
/// assert!(migrations.versions().count() > 1);
/// # Ok::<(), sqlift::migrate::Error>(())
/// ```
#[macro_export]
macro_rules! embed_migrations {
    ($folder:literal) => {
        $crate::migrate::Migrations::from_files($crate::migrate::__files!($folder))
    };
}

#[doc(hidden)]
pub use sqlift_macros::files as __files;
