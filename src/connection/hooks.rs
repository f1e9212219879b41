//! Hooks that are called on both databases.

use super::{Connection, Inner};
use crate::Result;

impl Connection {
    /// Calls a function before each commit of what has written something; one that returns true makes it a roll-back.
    ///
    /// On PostgreSQL the session calls it, for its own transactions and statements: what other programs commit it does not see, nor
    /// native SQL outside of a transaction. A write outside of a transaction gets one of its own while a hook is set.
    /// The function may not use the connection.
    ///
    /// # Errors
    /// What SQLite reports.
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "hooks")] {
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
    /// conn.commit_hook(Some(|| true))?;
    /// let vetoed = conn.execute("INSERT INTO tag VALUES ('red')", []).unwrap_err();
    /// assert_eq!(vetoed.sqlite_error_code(), Some(sqlift::ErrorCode::ConstraintViolation));
    /// # }
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    ///
    /// What it borrows would be gone when it is called:
    ///
    /// ```compile_fail
    /// let conn = sqlift::Connection::open_in_memory().unwrap();
    /// let called = std::sync::atomic::AtomicBool::new(false);
    /// conn.commit_hook(Some(|| called.swap(true, std::sync::atomic::Ordering::Relaxed))).unwrap();
    /// ```
    pub fn commit_hook<F>(&self, hook: Option<F>) -> Result<()>
    where
        F: FnMut() -> bool + Send + 'static,
    {
        match &self.inner {
            Inner::Sqlite(conn) => conn.commit_hook(hook),
            Inner::Postgres(session) => {
                session.set_commit_hook(hook.map(|hook| Box::new(hook) as _));
                Ok(())
            }
        }
    }

    /// Calls a function at each roll-back, also one that an error or a commit hook brings about.
    ///
    /// On PostgreSQL as for [`commit_hook`](Self::commit_hook).
    ///
    /// # Errors
    /// What SQLite reports.
    ///
    /// # Examples
    /// What it borrows would be gone when it is called:
    ///
    /// ```compile_fail
    /// let conn = sqlift::Connection::open_in_memory().unwrap();
    /// let called = std::sync::atomic::AtomicBool::new(false);
    /// conn.rollback_hook(Some(|| called.store(true, std::sync::atomic::Ordering::Relaxed))).unwrap();
    /// ```
    pub fn rollback_hook<F>(&self, hook: Option<F>) -> Result<()>
    where
        F: FnMut() + Send + 'static,
    {
        match &self.inner {
            Inner::Sqlite(conn) => conn.rollback_hook(hook),
            Inner::Postgres(session) => {
                session.set_rollback_hook(hook.map(|hook| Box::new(hook) as _));
                Ok(())
            }
        }
    }
}
