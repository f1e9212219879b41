//! `Db::health`: one question for load balancers, readiness probes and dashboards.

use std::time::{Duration, Instant};

use super::{ask, migrations, short_version};
use crate::connection::Inner;
use crate::{Backend, Db, PoolState, Result};

/// How a database is, as [`Db::health`] found it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Health {
    pub backend: Backend,
    /// The server's version, or SQLite's.
    pub version: String,
    /// How long one question took to be answered, with the connection there already.
    pub ping: Duration,
    /// The pool as it was when this began, without the connection that asked.
    pub pool: PoolState,
    /// The newest migration of sqlift's history, or another tool's; `None` without one.
    pub migration: Option<String>,
    /// Whether writes are refused.
    pub is_read_only: bool,
    /// Set on a standby server.
    pub replica: Option<Replica>,
}

/// A server that follows another one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Replica {
    /// How old the last transaction is that it has replayed, zero when it has replayed all that it received; `None` before the first one.
    pub lag: Option<Duration>,
}

impl Db {
    /// Asks the database how it is, in at most this time: a ping, the pool, the newest migration, the lag of a standby.
    ///
    /// # Errors
    /// `SQLITE_BUSY` when no connection comes free in time, `SQLITE_CANTOPEN` when none can be made; otherwise what the database
    /// says, or that it does not answer.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// let health = db.health(Duration::from_secs(1))?;
    /// assert_eq!((health.pool.in_use, health.migration, health.is_read_only), (0, None, false));
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn health(&self, within: Duration) -> Result<Health> {
        let deadline = Instant::now() + within;
        let pool = self.pool_state();
        let conn = self.get_by(deadline)?;
        let asked = look(&conn, pool, deadline);
        if asked.is_err() {
            // An answer may still come, and it would meet the next question.
            conn.discard();
        }
        asked
    }
}

fn look(conn: &crate::Connection, pool: PoolState, deadline: Instant) -> Result<Health> {
    let limit = Some(deadline);
    let begin = Instant::now();
    ask(conn, "SELECT '1'", limit)?;
    let ping = begin.elapsed();
    let migration = migrations::applied(conn, limit)?.map(|applied| applied.version);
    let (version, is_read_only, replica) = match &conn.inner {
        Inner::Sqlite(sqlite) => (crate::version().to_owned(), sqlite.is_readonly(crate::MAIN_DB)?, None),
        Inner::Postgres(session) => {
            let mut answer = ask(conn, STATE, limit)?.into_iter();
            let mut next = || answer.next().flatten();
            let (read_only, standby, lag) = (next(), next(), next());
            let lag =
                lag.and_then(|seconds| seconds.parse().ok()).and_then(|lag| Duration::try_from_secs_f64(lag).ok());
            let replica = (standby.as_deref() == Some("t")).then_some(Replica { lag });
            (short_version(session.server_version()), read_only.as_deref() == Some("on"), replica)
        }
    };
    Ok(Health { backend: conn.backend(), version, ping, pool, migration, is_read_only, replica })
}

/// A standby that has replayed all it got is not behind, however long ago the last transaction was.
const STATE: &str = "SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery(), \
     CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN NULL \
          WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0 \
          ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) END";
