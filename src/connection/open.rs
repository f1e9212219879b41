//! Opening: a path, a URL or the environment decides which database it is.

use super::{Connection, Inner};
use crate::backend::postgres::Session;
use crate::config::{self, Config, Origin, PostgresConfig, SqliteConfig, Target};
use crate::health;
use crate::trace::Tracing;
use crate::{Name, OpenFlags, Result, TransactionBehavior};
use std::path::Path;

impl Connection {
    /// Opens the database that the environment names, or else the SQLite file at `path`.
    ///
    /// With `DATABASE_URL` set to a PostgreSQL URL the path stands for that database, so that a program written for SQLite moves by
    /// its environment alone. A path that is a URL itself (`sqlite:cache.db`, `postgres://...`) always means what it says;
    /// [`open_sqlite`](Self::open_sqlite) always opens the file.
    ///
    /// # Errors
    /// `SQLITE_CANTOPEN` with a message that names the variable or the file; never the password.
    ///
    /// # Examples
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// let conn = sqlift::Connection::open(folder.path().join("app.db"))?;
    /// conn.execute_batch("CREATE TABLE IF NOT EXISTS tag (name TEXT)")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        Self::open_with_flags(path, OpenFlags::default())
    }

    /// As [`open`](Self::open), with SQLite's flags. On PostgreSQL `SQLITE_OPEN_READ_ONLY` refuses writes, and a schema that stands
    /// for a file is only created with `SQLITE_OPEN_CREATE`; the others say nothing there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_flags<P: AsRef<Path>>(path: P, flags: OpenFlags) -> Result<Self> {
        let path = path.as_ref();
        let (target, origin) = config::connection_target(path)?;
        Self::open_target(target, path, flags, origin)
    }

    /// As [`open_with_flags`](Self::open_with_flags), through one of SQLite's file systems.
    ///
    /// # Errors
    /// As [`open`](Self::open); refused when the environment names PostgreSQL, which has no such thing.
    pub fn open_with_flags_and_vfs<P: AsRef<Path>, V: Name>(path: P, flags: OpenFlags, vfs: V) -> Result<Self> {
        let path = path.as_ref();
        match config::connection_target(path)?.0 {
            Target::Sqlite => rusqlite::Connection::open_with_flags_and_vfs(path, flags, vfs).map(Self::from_sqlite),
            Target::SqlitePath(path) => {
                rusqlite::Connection::open_with_flags_and_vfs(path, flags, vfs).map(Self::from_sqlite)
            }
            Target::Postgres(_) | Target::PostgresMemory(_) | Target::PostgresSharedMemory(_) => {
                Err(super::not_on_postgres("a VFS", "open the database without naming one"))
            }
        }
    }

    /// Opens an empty, private database that goes with the connection.
    ///
    /// With `DATABASE_URL` set to a PostgreSQL URL, that is the session's temporary schema there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[inline]
    pub fn open_in_memory() -> Result<Self> {
        Self::open_in_memory_with_flags(OpenFlags::default())
    }

    /// As [`open_in_memory`](Self::open_in_memory), with SQLite's flags.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in_memory_with_flags(flags: OpenFlags) -> Result<Self> {
        Self::open_target(config::memory_target()?, Path::new(":memory:"), flags, None)
    }

    /// As [`open_in_memory_with_flags`](Self::open_in_memory_with_flags), through one of SQLite's file systems.
    ///
    /// # Errors
    /// As [`open_with_flags_and_vfs`](Self::open_with_flags_and_vfs).
    pub fn open_in_memory_with_flags_and_vfs<V: Name>(flags: OpenFlags, vfs: V) -> Result<Self> {
        Self::open_with_flags_and_vfs(":memory:", flags, vfs)
    }

    /// Opens the SQLite file at `path`, whatever the environment says.
    ///
    /// # Errors
    /// What SQLite reports.
    ///
    /// # Examples
    /// ```
    /// let cache = sqlift::Connection::open_sqlite(":memory:")?;
    /// assert_eq!(cache.backend(), sqlift::Backend::Sqlite);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn open_sqlite<P: AsRef<Path>>(path: P) -> Result<Self> {
        rusqlite::Connection::open(path).map(Self::from_sqlite)
    }

    /// Opens the database of a URL or any other connection string that [`Config::from_url`] reads.
    ///
    /// # Errors
    /// `SQLITE_CANTOPEN` with what is wrong with the text, or with what the server said; never the password.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_url("sqlite::memory:")?;
    /// assert!(sqlift::Connection::open_url("mysql://app@db/portal").is_err());
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn open_url(url: &str) -> Result<Self> {
        Self::open_config(&Config::from_url(url)?)
    }

    /// Opens the database that a configuration describes.
    ///
    /// # Errors
    /// As [`open_url`](Self::open_url).
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Connection, config::Config};
    ///
    /// let config = Config::from_url("sqlite::memory:?busy_timeout=250")?;
    /// let conn = Connection::open_config(&config)?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn open_config(config: &Config) -> Result<Self> {
        match config {
            Config::Sqlite(config) => {
                let conn = Self::open_sqlite(config::openable(&config.location))?;
                // rusqlite has set the usual one.
                if config.busy_timeout != SqliteConfig::new(config.location.clone()).busy_timeout {
                    conn.busy_timeout(config.busy_timeout)?;
                }
                Ok(conn)
            }
            Config::Postgres(config) => Self::open_postgres(config),
        }
    }

    /// Opens a session on a PostgreSQL server.
    ///
    /// # Errors
    /// `SQLITE_CANTOPEN` with what the server said.
    ///
    /// # Examples
    /// ```no_run
    /// # fn connect(config: &sqlift::config::PostgresConfig) -> sqlift::Result<()> {
    /// let conn = sqlift::Connection::open_postgres(config)?;
    /// assert_eq!(conn.backend(), sqlift::Backend::Postgres);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_postgres(config: &PostgresConfig) -> Result<Self> {
        Session::connect(config).map(Self::from_session)
    }

    /// Opens an empty, private database on a PostgreSQL server: the session's temporary schema, which goes with the connection.
    ///
    /// # Errors
    /// As [`open_postgres`](Self::open_postgres).
    ///
    /// # Examples
    /// ```no_run
    /// # fn scratch(config: &sqlift::config::PostgresConfig) -> sqlift::Result<()> {
    /// let conn = sqlift::Connection::open_postgres_in_memory(config)?;
    /// conn.execute_batch("CREATE TABLE scratch (n INTEGER)")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_postgres_in_memory(config: &PostgresConfig) -> Result<Self> {
        Session::connect_in_memory(config).map(Self::from_session)
    }

    /// A facade over a connection of rusqlite's own.
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Connection, rusqlite};
    ///
    /// let conn = Connection::from_sqlite(rusqlite::Connection::open_in_memory()?);
    /// assert_eq!(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?, 1);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn from_sqlite(conn: rusqlite::Connection) -> Self {
        Self::over(Inner::Sqlite(conn))
    }

    /// rusqlite's own connection again.
    ///
    /// # Errors
    /// The connection comes back when it speaks to PostgreSQL.
    #[allow(
        clippy::result_large_err,
        reason = "the connection comes back, and it is as large as rusqlite's features make it"
    )]
    pub fn into_sqlite(self) -> Result<rusqlite::Connection, Self> {
        match self.inner {
            Inner::Sqlite(conn) => Ok(conn),
            Inner::Postgres(_) => Err(self),
        }
    }

    pub(crate) fn from_session(session: Session) -> Self {
        Self::over(Inner::Postgres(Box::new(session)))
    }

    fn over(inner: Inner) -> Self {
        Connection { inner, transaction_behavior: TransactionBehavior::Deferred, tracing: Tracing::default() }
    }

    fn open_target(target: Target, path: &Path, flags: OpenFlags, origin: Option<Origin>) -> Result<Self> {
        if !matches!(target, Target::Sqlite | Target::SqlitePath(_)) && !says_one_mode(flags) {
            return Err(super::misuse("bad parameter or other API misuse".to_owned()));
        }
        let conn = match target {
            Target::Sqlite => return rusqlite::Connection::open_with_flags(path, flags).map(Self::from_sqlite),
            Target::SqlitePath(path) => {
                return rusqlite::Connection::open_with_flags(path, flags).map(Self::from_sqlite);
            }
            Target::Postgres(config) => {
                // Where a schema stands for the file, as a file comes into being.
                let opened = match flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
                    true => Session::connect(&config),
                    false => Session::connect_existing(&config),
                };
                let opened = opened.map(Self::from_session);
                if let Some(origin) = origin {
                    let facts = || opened.as_ref().ok().and_then(health::facts);
                    config::report(&Config::Postgres(config), &origin, facts)?;
                }
                opened?
            }
            Target::PostgresMemory(config) => Self::open_postgres_in_memory(&config)?,
            Target::PostgresSharedMemory(config) => Session::connect_shared_memory(&config).map(Self::from_session)?,
        };
        if let Inner::Postgres(session) = &conn.inner
            && flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY)
        {
            session.set_read_only()?;
        }
        Ok(conn)
    }
}

/// SQLite wants reading alone, reading and writing, or these and creating.
fn says_one_mode(flags: OpenFlags) -> bool {
    let write = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let modes = OpenFlags::SQLITE_OPEN_READ_ONLY | write | OpenFlags::SQLITE_OPEN_CREATE;
    [OpenFlags::SQLITE_OPEN_READ_ONLY, write, write | OpenFlags::SQLITE_OPEN_CREATE].contains(&(flags & modes))
}
