//! The pool's inside: r2d2 hands out places, and a place is filled with a connection by whoever takes it.
//!
//! r2d2 opens connections in threads of its own and repeats failures until its timeout, so that a wrong password would look like an
//! exhausted pool half a minute later. With places instead of connections, the caller of `Db::get` connects itself and
//! sees the error at once.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use r2d2::ManageConnection;
use r2d2_sqlite::SqliteConnectionManager;

use crate::config::{self, Config, ConfigError, PostgresConfig, SqliteConfig, SqliteLocation};
use crate::connection::Inner;
use crate::{Connection, Error, ErrorCode, Result};

/// After this long in the pool a connection may have died unnoticed, and its socket is looked at before it is used: a
/// system call, no round trip. Busy programs never get here.
const MOMENT: Duration = Duration::from_millis(1);

/// Makes connections.
#[allow(clippy::large_enum_variant, reason = "a pool has one")]
pub(super) enum Source {
    Sqlite { manager: SqliteConnectionManager, location: SqliteLocation },
    Postgres(Box<PostgresConfig>),
}

impl Source {
    pub fn new(config: &Config) -> Result<Source> {
        match config {
            Config::Postgres(config) => Ok(Source::Postgres(config.clone())),
            Config::Sqlite(config) => {
                Ok(Source::Sqlite { manager: sqlite_manager(config)?, location: config.location.clone() })
            }
        }
    }

    fn connect(&self) -> Result<Connection> {
        match self {
            Source::Postgres(config) => Connection::open_postgres(config),
            Source::Sqlite { manager, location } => {
                manager.connect().map(Connection::from_sqlite).map_err(|error| which_file(error, location))
            }
        }
    }
}

fn sqlite_manager(config: &SqliteConfig) -> Result<SqliteConnectionManager> {
    let alone = config.pool_max_size <= 1;
    let manager = match &config.location {
        SqliteLocation::Memory if !alone => SqliteConnectionManager::memory(),
        location if location.is_private_memory() && !alone => {
            return Err(ConfigError::new("each connection of the pool would have a memory database of its own")
                .help("add cache=shared to the URI, or set pool_max_size=1")
                .into());
        }
        location => SqliteConnectionManager::file(config::openable(location)),
    };
    let busy_timeout = config.busy_timeout;
    Ok(manager.with_init(move |conn| conn.busy_timeout(busy_timeout)))
}

/// SQLite names the path as it was given; which file that is depends on the working folder.
fn which_file(error: Error, location: &SqliteLocation) -> Error {
    let (Error::SqliteFailure(code, _), SqliteLocation::File(path)) = (&error, location) else { return error };
    if code.code != ErrorCode::CannotOpen {
        return error;
    }
    let mut message = format!("unable to open database file: {}", config::describe(location));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        message += &format!(
            "\n  help: the folder {} does not exist; create it, or check the URL's slashes: sqlite:///x is relative, sqlite:////x absolute",
            folder.display()
        );
    }
    Error::SqliteFailure(*code, Some(message))
}

/// What r2d2 manages: places for connections.
pub(super) struct Manager {
    source: Arc<Source>,
    open: Arc<AtomicU32>,
}

impl Manager {
    pub fn new(source: Source, open: Arc<AtomicU32>) -> Manager {
        Manager { source: Arc::new(source), open }
    }
}

/// A place for a connection: empty until somebody needs it, and after its connection was lost.
pub(super) struct Place {
    connection: Option<Connection>,
    source: Arc<Source>,
    open: Arc<AtomicU32>,
    returned: Instant,
    /// Settings were given to it that the next user must not see; PostgreSQL's session remembers them itself.
    #[cfg(feature = "functions")]
    has_settings: bool,
}

impl ManageConnection for Manager {
    type Connection = Place;
    type Error = Error;

    fn connect(&self) -> Result<Place> {
        Ok(Place {
            connection: None,
            source: Arc::clone(&self.source),
            open: Arc::clone(&self.open),
            returned: Instant::now(),
            #[cfg(feature = "functions")]
            has_settings: false,
        })
    }

    fn is_valid(&self, _: &mut Place) -> Result<()> {
        Ok(())
    }

    /// Places do not break: [`PooledConnection`] empties one whose connection did.
    fn has_broken(&self, _: &mut Place) -> bool {
        false
    }
}

impl Place {
    fn fill(&mut self) -> Result<()> {
        if let Some(connection) = &self.connection {
            let rested = matches!(connection.inner, Inner::Postgres(_)) && self.returned.elapsed() > MOMENT;
            if !rested || connection.is_alive() {
                return Ok(());
            }
        }
        self.renew()
    }

    fn renew(&mut self) -> Result<()> {
        self.empty();
        self.connection = Some(self.source.connect()?);
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn empty(&mut self) {
        if self.connection.take().is_some() {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Leaves nothing of the last user behind, or no connection at all.
    fn clean(&mut self) {
        let clean = match self.connection.as_ref().map(|connection| &connection.inner) {
            None => return,
            Some(Inner::Sqlite(sqlite)) => {
                let ended = sqlite.is_autocommit() || sqlite.execute_batch("ROLLBACK").is_ok();
                #[cfg(feature = "functions")]
                let ended = ended && (!std::mem::take(&mut self.has_settings) || super::settings::take_back(sqlite));
                ended
            }
            Some(Inner::Postgres(session)) => {
                self.returned = Instant::now();
                !session.is_closed() && session.reset().is_ok()
            }
        };
        if !clean {
            self.empty();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.empty();
    }
}

/// A connection out of a [`Db`](super::Db)'s pool; used as the [`Connection`] it is, it goes back when it is dropped.
///
/// A transaction that is still open then is rolled back.
/// On SQLite pragmas, temporary tables and attached databases stay with the connection, as with r2d2_sqlite.
///
/// # Examples
/// ```
/// let db = sqlift::Db::open("sqlite::memory:")?;
/// let conn = db.get()?;
/// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
/// drop(conn);
/// assert_eq!(db.pool_state().in_use, 0);
/// # Ok::<(), sqlift::Error>(())
/// ```
pub struct PooledConnection(r2d2::PooledConnection<Manager>);

impl PooledConnection {
    pub(super) fn fill(mut place: r2d2::PooledConnection<Manager>) -> Result<PooledConnection> {
        place.fill()?;
        Ok(PooledConnection(place))
    }

    /// Nothing will ever work on this connection again.
    pub(super) fn is_lost(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(_) => false,
            Inner::Postgres(session) => session.is_closed(),
        }
    }

    /// The connection was lost, and before the server ran anything of the last statement.
    pub(super) fn nothing_ran(&self) -> bool {
        match &self.inner {
            Inner::Sqlite(_) => false,
            Inner::Postgres(session) => session.is_closed() && session.nothing_ran(),
        }
    }

    pub(super) fn renew(&mut self) -> Result<()> {
        self.0.renew()
    }

    #[cfg(feature = "functions")]
    pub(super) fn note_settings(&mut self) {
        self.0.has_settings = true;
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    #[inline]
    fn deref(&self) -> &Connection {
        self.0.connection.as_ref().expect("a place is filled before it is handed out, and emptied only on its way back")
    }
}

impl DerefMut for PooledConnection {
    #[inline]
    fn deref_mut(&mut self) -> &mut Connection {
        self.0.connection.as_mut().expect("a place is filled before it is handed out, and emptied only on its way back")
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        self.0.clean();
    }
}

impl std::fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PooledConnection").field(&self.0.connection).finish()
    }
}
