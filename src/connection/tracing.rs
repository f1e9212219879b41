//! Functions that are told what a connection runs, on both databases.

use super::{Connection, Inner};
use crate::trace::{TraceEvent, TraceEventCodes, for_sqlite};
use std::time::Duration;

impl Connection {
    /// Calls a function with each statement that begins, its values in place.
    ///
    /// Takes the place of [`profile`](Self::profile) and [`trace_v2`](Self::trace_v2), as in SQLite. What is told on PostgreSQL:
    /// [`trace`](crate::trace).
    #[deprecated(note = "use trace_v2 instead")]
    pub fn trace(&mut self, trace_fn: Option<fn(&str)>) {
        match &mut self.inner {
            #[expect(deprecated)]
            Inner::Sqlite(conn) => conn.trace(trace_fn),
            Inner::Postgres(_) => self.tracing.set_trace(trace_fn),
        }
    }

    /// Calls a function with each statement that has ended, and how long it took.
    ///
    /// Takes the place of [`trace`](Self::trace), as in SQLite.
    #[deprecated(note = "use trace_v2 instead")]
    pub fn profile(&mut self, profile_fn: Option<fn(&str, Duration)>) {
        match &mut self.inner {
            #[expect(deprecated)]
            Inner::Sqlite(conn) => conn.profile(profile_fn),
            Inner::Postgres(_) => self.tracing.set_profile(profile_fn),
        }
    }

    /// Calls a function with the events that `mask` names.
    ///
    /// A program can have 16 such functions on SQLite; a seventeenth is not called, which standard error says.
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "trace")] {
    /// use sqlift::trace::{TraceEvent, TraceEventCodes};
    ///
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.trace_v2(
    ///     TraceEventCodes::SQLITE_TRACE_PROFILE,
    ///     Some(|event| {
    ///         if let TraceEvent::Profile(statement, took) = event {
    ///             println!("{} took {took:?}", statement.sql());
    ///         }
    ///     }),
    /// );
    /// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// # }
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn trace_v2(&self, mask: TraceEventCodes, trace_fn: Option<fn(TraceEvent<'_>)>) {
        match &self.inner {
            Inner::Sqlite(conn) => {
                let function = trace_fn.and_then(for_sqlite);
                if trace_fn.is_some() && function.is_none() {
                    eprintln!("sqlift: trace_v2 knows 16 functions of this program already; this one is not called");
                }
                conn.trace_v2(mask, function);
            }
            Inner::Postgres(session) => {
                let path = self.path().unwrap_or_default();
                self.tracing.set_events(mask, trace_fn, path, session.is_autocommit());
            }
        }
    }
}
