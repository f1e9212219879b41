//! The pool's inside: r2d2 hands out places, and a place is filled with a connection by whoever takes it.
//!
//! r2d2 opens connections in threads of its own and repeats failures until its timeout, so that a wrong password would look like an
//! exhausted pool half a minute later. With places instead of connections, the caller of `Db::get` connects itself and
//! sees the error at once.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use r2d2::ManageConnection;
use r2d2_sqlite::SqliteConnectionManager;

use super::credentials::{PATIENCE, Rotation, is_refusal};
use super::stats::Stats;
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
    Postgres { config: Box<PostgresConfig>, rotation: Rotation },
}

impl Source {
    pub fn new(config: &Config, rotation: Rotation) -> Result<Source> {
        match config {
            Config::Postgres(config) => Ok(Source::Postgres { config: config.clone(), rotation }),
            Config::Sqlite(config) => {
                Ok(Source::Sqlite { manager: sqlite_manager(config)?, location: config.location.clone() })
            }
        }
    }

    /// A new connection, as whoever the credentials of now name; within `limit` where one is given.
    fn connect(&self, stats: &Stats, limit: Option<Duration>) -> Result<Connection> {
        let Source::Postgres { config, rotation } = self else { return self.connect_once(stats, limit) };
        // While a password is being changed, the server and its store disagree for a moment.
        let patience = if rotation.has_worked() && rotation.can_change(config) { PATIENCE } else { Duration::ZERO };
        let deadline = Instant::now() + limit.unwrap_or(patience).min(patience);
        let mut pause = Duration::from_millis(10);
        loop {
            match self.connect_once(stats, limit) {
                Err(error) if is_refusal(&error) && Instant::now() + pause < deadline => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(250));
                }
                result => return result,
            }
        }
    }

    fn connect_once(&self, stats: &Stats, limit: Option<Duration>) -> Result<Connection> {
        match self {
            Source::Sqlite { manager, location } => {
                manager.connect().map(Connection::from_sqlite).map_err(|error| which_file(error, location))
            }
            Source::Postgres { config, rotation } => {
                let mut current = rotation.current(config)?;
                if let Some(limit) = limit {
                    let timeout = current.config.connect_timeout;
                    current.config.connect_timeout = Some(timeout.map_or(limit, |timeout| timeout.min(limit)));
                }
                let connection = Connection::open_postgres(&current.config)?;
                if rotation.accepted(&current) {
                    stats.next_epoch();
                }
                Ok(connection)
            }
        }
    }

    /// Whether the password file holds another password than open connections were made with.
    fn has_new_password(&self) -> bool {
        match self {
            Source::Postgres { config, rotation } => {
                config.password_file.as_deref().is_some_and(|path| rotation.has_new_file(path))
            }
            Source::Sqlite { .. } => false,
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
    stats: Arc<Stats>,
}

impl Manager {
    pub fn new(source: Source, stats: Arc<Stats>) -> Manager {
        Manager { source: Arc::new(source), stats }
    }
}

/// A place for a connection: empty until somebody needs it, and after its connection was lost.
pub(super) struct Place {
    connection: Option<Connection>,
    source: Arc<Source>,
    stats: Arc<Stats>,
    returned: Instant,
    /// When its connection was made, in the pool's own count.
    epoch: u64,
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
            stats: Arc::clone(&self.stats),
            returned: Instant::now(),
            epoch: 0,
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
    fn fill(&mut self, limit: Option<Duration>) -> Result<()> {
        if !self.is_usable() {
            self.empty();
            let connection = self.source.connect(&self.stats, limit)?;
            self.put(connection);
        } else if self.source.has_new_password()
            // The server may not know it yet; until it does, what is open serves on.
            && let Ok(connection) = self.source.connect_once(&self.stats, limit)
        {
            self.empty();
            self.put(connection);
        }
        Ok(())
    }

    fn is_usable(&self) -> bool {
        let Some(connection) = self.connection.as_ref().filter(|_| self.epoch == self.stats.epoch()) else {
            return false;
        };
        let rested = matches!(connection.inner, Inner::Postgres(_)) && self.returned.elapsed() > MOMENT;
        !rested || connection.is_alive()
    }

    fn renew(&mut self) -> Result<()> {
        self.empty();
        let connection = self.source.connect(&self.stats, None)?;
        self.put(connection);
        Ok(())
    }

    fn put(&mut self, connection: Connection) {
        self.connection = Some(connection);
        // Read after connecting, which may itself have begun a new one.
        self.epoch = self.stats.epoch();
        self.stats.connection_opened();
    }

    fn empty(&mut self) {
        if self.connection.take().is_some() {
            self.stats.connection_closed();
        }
    }

    /// Closes a connection that nobody shall use again.
    pub(super) fn empty_if_over(&mut self) {
        if self.epoch != self.stats.epoch() || self.stats.is_closed() {
            self.empty();
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
        self.empty_if_over();
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
    pub(super) fn fill(
        mut place: r2d2::PooledConnection<Manager>,
        limit: Option<Duration>,
    ) -> Result<PooledConnection> {
        place.fill(limit)?;
        Ok(PooledConnection(place))
    }

    /// Nobody gets this connection again: an answer may still be on its way to it.
    pub(crate) fn discard(mut self) {
        self.0.empty();
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
