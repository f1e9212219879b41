//! A pool's end, and connections' that shall not be used again.

use std::time::{Duration, Instant};

use super::Db;
use crate::{Error, Result, ffi};

impl Db {
    /// Closes the pool: nobody gets a connection any more, and those that are out have this long to come back.
    ///
    /// Connections that come back later are closed then; statements that run are not interrupted. Every clone of this `Db` is
    /// closed with it. For the end of a program: stop taking requests, call this, exit.
    ///
    /// # Errors
    /// `SQLITE_BUSY` when some are still in use when the time is over.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// db.close(Duration::from_secs(5))?;
    /// assert!(db.get().unwrap_err().to_string().contains("the pool is closed"));
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn close(&self, timeout: Duration) -> Result<()> {
        self.shared.stats.close();
        let deadline = Instant::now() + timeout;
        let mut pause = Duration::from_micros(100);
        loop {
            self.close_idle();
            let in_use = self.in_use();
            let left = deadline.saturating_duration_since(Instant::now());
            match in_use {
                0 => return Ok(()),
                _ if left.is_zero() => {
                    let message = format!(
                        "{in_use} of {} connections are still in use {} s after the pool was closed\n  help: let requests end first, give close() more time, or interrupt what runs (get_interrupt_handle)",
                        self.pool.max_size(),
                        timeout.as_secs_f64()
                    );
                    return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(message)));
                }
                _ => std::thread::sleep(pause.min(left)),
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Lets no connection be used again that is open now: idle ones are closed at once, the others when they come back.
    ///
    /// For what a session cannot learn by itself: a role that was granted more, a server that moved behind its name,
    /// credentials that a callback will give anew. Nobody who holds a connection notices. A SQLite database in memory goes with its
    /// connection, so there it does nothing.
    ///
    /// # Examples
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// let db = sqlift::Db::open(&format!("sqlite:{}", folder.path().join("app.db").display()))?;
    /// assert_eq!(db.pool_state().open, 1);
    /// db.drain();
    /// assert_eq!(db.pool_state().open, 0);
    /// db.execute_batch("CREATE TABLE tag (name TEXT)")?; // on a new one
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drain(&self) {
        if self.keeps_memory() {
            return;
        }
        self.shared.stats.next_epoch();
        self.close_idle();
    }

    /// Closes the idle connections that shall not be used again.
    fn close_idle(&self) {
        let mut taken = Vec::new();
        while let Some(place) = self.pool.try_get() {
            taken.push(place);
        }
        taken.iter_mut().for_each(|place| place.empty_if_over());
    }

    pub(super) fn in_use(&self) -> u32 {
        let state = self.pool.state();
        state.connections.saturating_sub(state.idle_connections)
    }

    pub(super) fn is_closed_error() -> Error {
        let message = "the pool is closed\n  help: Db::close was called; open another Db";
        Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISUSE), Some(message.to_owned()))
    }
}
