//! `r2d2_sqlite`'s connection manager over [sqlift](https://docs.rs/sqlift): its pools open SQLite or PostgreSQL, as the environment says.
//!
//! ```toml
//! # Cargo.toml: the two lines that change
//! rusqlite    = { package = "sqlift", version = "0.1" }
//! r2d2_sqlite = { package = "sqlift-r2d2", version = "0.1" }
//! ```
//!
//! Names and signatures are r2d2_sqlite 0.35's. New code is better served by `sqlift::Db`, whose pool cleans up behind each user and
//! finds lost connections without a query.
//!
//! # Examples
//! ```
//! use r2d2_sqlite::SqliteConnectionManager;
//! use r2d2_sqlite::rusqlite::params;
//!
//! let folder = tempfile::tempdir()?;
//! let manager = SqliteConnectionManager::file(folder.path().join("app.db"))
//!     .with_init(|conn| conn.execute_batch("PRAGMA foreign_keys = ON"));
//! let pool = r2d2::Pool::builder().max_size(4).build(manager)?;
//! pool.get()?.execute_batch("CREATE TABLE tag (name TEXT)")?;
//! let writers: Vec<_> = (0..4)
//!     .map(|number| {
//!         let pool = pool.clone();
//!         std::thread::spawn(move || pool.get().unwrap().execute("INSERT INTO tag VALUES (?)", params![number]))
//!     })
//!     .collect();
//! for writer in writers {
//!     assert_eq!(writer.join().unwrap()?, 1);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

pub use sqlift as rusqlite;
use sqlift::{Connection, Error, OpenFlags};

type Init = dyn Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static;

/// Opens the connections of an [`r2d2::Pool`].
pub struct SqliteConnectionManager {
    source: Source,
    flags: OpenFlags,
    init: Option<Box<Init>>,
    /// A memory database lives as long as a connection to it, so the manager keeps one.
    keeper: Mutex<Option<Connection>>,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    /// The URI of a memory database that connections share.
    Memory(String),
}

impl SqliteConnectionManager {
    /// Connections to what [`Connection::open`] opens for this path: the file, or the PostgreSQL database that the environment selects.
    #[must_use]
    pub fn file<P: AsRef<Path>>(path: P) -> Self {
        Self::of(Source::File(path.as_ref().to_path_buf()))
    }

    /// Connections that share one memory database, which goes with the manager and its pool.
    ///
    /// On PostgreSQL that is a schema of its own, dropped once nobody has it open and another one is wanted.
    ///
    /// # Examples
    /// ```
    /// let pool = r2d2::Pool::new(r2d2_sqlite::SqliteConnectionManager::memory())?;
    /// pool.get()?.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// assert_eq!(pool.get()?.execute("INSERT INTO tag VALUES ('red')", [])?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn memory() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self::of(Source::Memory(format!("file:r2d2-{number}?mode=memory&cache=shared")))
    }

    fn of(source: Source) -> Self {
        Self { source, flags: OpenFlags::default(), init: None, keeper: Mutex::new(None) }
    }

    /// The flags that connections are opened with; see [`Connection::open_with_flags`].
    #[must_use]
    pub fn with_flags(self, flags: OpenFlags) -> Self {
        Self { flags, ..self }
    }

    /// What is done with each new connection, such as setting pragmas.
    #[must_use]
    pub fn with_init<F>(self, init: F) -> Self
    where
        F: Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static,
    {
        Self { init: Some(Box::new(init)), ..self }
    }
}

impl r2d2::ManageConnection for SqliteConnectionManager {
    type Connection = Connection;
    type Error = Error;

    fn connect(&self) -> Result<Connection, Error> {
        let mut conn = match &self.source {
            Source::File(path) => Connection::open_with_flags(path, self.flags)?,
            Source::Memory(uri) => {
                let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
                if keeper.as_ref().is_none_or(|keeper| !keeper.is_alive()) {
                    *keeper = Some(Connection::open_with_flags(uri, self.flags)?);
                }
                Connection::open_with_flags(uri, self.flags)?
            }
        };
        if let Some(init) = &self.init {
            init(&mut conn)?;
        }
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut Connection) -> Result<(), Error> {
        if cfg!(feature = "is-valid") { conn.execute_batch("SELECT 1") } else { Ok(()) }
    }

    fn has_broken(&self, conn: &mut Connection) -> bool {
        !conn.is_alive()
    }
}

impl fmt::Debug for SqliteConnectionManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteConnectionManager")
            .field("source", &self.source)
            .field("flags", &self.flags)
            .field("init", &self.init.as_ref().map(|_| "a function"))
            .finish_non_exhaustive()
    }
}
