//! Transactions and savepoints that end with the value that stands for them.
//!
//! Both are SQL text on top of the connection (`BEGIN DEFERRED`, `SAVEPOINT name`, ...), so they are the same on both backends;
//! how PostgreSQL is made to behave as SQLite inside them is the session's work.

use crate::pragma::quote_unless_plain;
use crate::{Connection, DropBehavior, Result, TransactionBehavior};
use std::ops::Deref;

/// An open transaction; dropped without [`commit`](Self::commit), it is rolled back.
///
/// Used as the [`Connection`] it is open on.
///
/// # Examples
/// ```
/// let mut conn = sqlift::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
/// let tx = conn.transaction()?;
/// tx.execute("INSERT INTO tag VALUES ('red')", [])?;
/// tx.commit()?;
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Debug)]
pub struct Transaction<'conn> {
    conn: &'conn Connection,
    drop_behavior: DropBehavior,
}

/// A named point in a transaction to which it can go back; dropped without [`commit`](Self::commit), it does.
///
/// Outside a transaction it begins one, which ends with it. Used as the [`Connection`] it is open on.
///
/// # Examples
/// ```
/// let mut conn = sqlift::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE tag (name TEXT)")?;
/// let mut tx = conn.transaction()?;
/// let mut attempt = tx.savepoint()?;
/// attempt.execute("INSERT INTO tag VALUES ('red')", [])?;
/// attempt.rollback()?;
/// drop(attempt);
/// tx.commit()?;
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Debug)]
pub struct Savepoint<'conn> {
    conn: &'conn Connection,
    name: String,
    drop_behavior: DropBehavior,
    committed: bool,
}

// rusqlite's name, so that logs and scripts that know it keep working.
const SAVEPOINT_NAME: &str = "_rusqlite_sp";

impl Transaction<'_> {
    /// Begins a transaction.
    ///
    /// # Errors
    /// What the database reports; `SQLITE_BUSY` when another writer does not let go within the busy timeout.
    #[inline]
    pub fn new(conn: &mut Connection, behavior: TransactionBehavior) -> Result<Transaction<'_>> {
        Self::new_unchecked(conn, behavior)
    }

    /// As [`new`](Self::new) without exclusive use of the connection: a transaction in a transaction is an error at run time.
    ///
    /// # Errors
    /// As [`new`](Self::new); "cannot start a transaction within a transaction".
    pub fn new_unchecked(conn: &Connection, behavior: TransactionBehavior) -> Result<Transaction<'_>> {
        conn.execute_batch(match behavior {
            TransactionBehavior::Immediate => "BEGIN IMMEDIATE",
            TransactionBehavior::Exclusive => "BEGIN EXCLUSIVE",
            _ => "BEGIN DEFERRED",
        })?;
        Ok(Transaction { conn, drop_behavior: DropBehavior::Rollback })
    }

    /// Opens a savepoint in this transaction.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::open(self.conn, SAVEPOINT_NAME)
    }

    /// As [`savepoint`](Self::savepoint), with a name; the same name again nests.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint_with_name<T: Into<String>>(&mut self, name: T) -> Result<Savepoint<'_>> {
        Savepoint::open(self.conn, name)
    }

    /// What dropping the transaction does.
    #[inline]
    #[must_use]
    pub fn drop_behavior(&self) -> DropBehavior {
        self.drop_behavior
    }

    /// Sets what dropping the transaction does.
    #[inline]
    pub fn set_drop_behavior(&mut self, drop_behavior: DropBehavior) {
        self.drop_behavior = drop_behavior;
    }

    /// Makes its changes last.
    ///
    /// # Errors
    /// What the database reports; the transaction is then rolled back.
    #[inline]
    pub fn commit(self) -> Result<()> {
        self.conn.execute_batch("COMMIT")
    }

    /// Undoes its changes.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn rollback(self) -> Result<()> {
        self.conn.execute_batch("ROLLBACK")
    }

    /// Does what dropping it does, and tells whether that went well.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn finish(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        // The caller may have ended it by SQL, and some errors do.
        if self.conn.is_autocommit() {
            return Ok(());
        }
        match self.drop_behavior {
            DropBehavior::Commit => self.conn.execute_batch("COMMIT").or_else(|_| self.conn.execute_batch("ROLLBACK")),
            DropBehavior::Rollback => self.conn.execute_batch("ROLLBACK"),
            DropBehavior::Ignore => Ok(()),
            _ => panic!("Transaction dropped unexpectedly."),
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    #[inline]
    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl Drop for Transaction<'_> {
    #[inline]
    fn drop(&mut self) {
        // Nobody is left to be told; `finish` tells.
        let _ = self.end();
    }
}

impl Savepoint<'_> {
    fn open<T: Into<String>>(conn: &Connection, name: T) -> Result<Savepoint<'_>> {
        let name = name.into();
        conn.execute_batch(&format!("SAVEPOINT {}", quote_unless_plain(&name)))?;
        Ok(Savepoint { conn, name, drop_behavior: DropBehavior::Rollback, committed: false })
    }

    /// Opens a savepoint, and a transaction around it when there is none.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn new(conn: &mut Connection) -> Result<Savepoint<'_>> {
        Savepoint::open(conn, SAVEPOINT_NAME)
    }

    /// As [`new`](Self::new), with a name.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn with_name<T: Into<String>>(conn: &mut Connection, name: T) -> Result<Savepoint<'_>> {
        Savepoint::open(conn, name)
    }

    /// Opens a savepoint in this one.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::open(self.conn, SAVEPOINT_NAME)
    }

    /// As [`savepoint`](Self::savepoint), with a name.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint_with_name<T: Into<String>>(&mut self, name: T) -> Result<Savepoint<'_>> {
        Savepoint::open(self.conn, name)
    }

    /// What dropping the savepoint does.
    #[inline]
    #[must_use]
    pub fn drop_behavior(&self) -> DropBehavior {
        self.drop_behavior
    }

    /// Sets what dropping the savepoint does.
    #[inline]
    pub fn set_drop_behavior(&mut self, drop_behavior: DropBehavior) {
        self.drop_behavior = drop_behavior;
    }

    /// Keeps what was done since it was opened, as part of the transaction around it.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn commit(mut self) -> Result<()> {
        self.release()
    }

    fn release(&mut self) -> Result<()> {
        self.conn.execute_batch(&format!("RELEASE {}", quote_unless_plain(&self.name)))?;
        self.committed = true;
        Ok(())
    }

    /// Undoes what was done since it was opened; it stays open.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn rollback(&mut self) -> Result<()> {
        self.conn.execute_batch(&format!("ROLLBACK TO {}", quote_unless_plain(&self.name)))
    }

    /// Does what dropping it does, and tells whether that went well.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn finish(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if self.committed {
            return Ok(());
        }
        match self.drop_behavior {
            DropBehavior::Commit => self.release().or_else(|_| self.undo()),
            DropBehavior::Rollback => self.undo(),
            DropBehavior::Ignore => Ok(()),
            _ => panic!("Savepoint dropped unexpectedly."),
        }
    }

    /// Going back leaves the savepoint open, so it is released as well.
    fn undo(&mut self) -> Result<()> {
        self.rollback()?;
        self.release()
    }
}

impl Deref for Savepoint<'_> {
    type Target = Connection;

    #[inline]
    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl Drop for Savepoint<'_> {
    #[inline]
    fn drop(&mut self) {
        // Nobody is left to be told; `finish` tells.
        let _ = self.end();
    }
}

impl Connection {
    /// Begins a transaction of the connection's [behavior](Self::set_transaction_behavior), at first deferred.
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn transaction(&mut self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(self, self.transaction_behavior)
    }

    /// Begins a transaction of this behavior: IMMEDIATE and EXCLUSIVE keep other writers out from the start.
    ///
    /// # Errors
    /// As [`Transaction::new`].
    #[inline]
    pub fn transaction_with_behavior(&mut self, behavior: TransactionBehavior) -> Result<Transaction<'_>> {
        Transaction::new(self, behavior)
    }

    /// As [`transaction`](Self::transaction) without exclusive use of the connection.
    ///
    /// # Errors
    /// As [`Transaction::new_unchecked`].
    pub fn unchecked_transaction(&self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(self, self.transaction_behavior)
    }

    /// As [`Savepoint::new`].
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::new(self)
    }

    /// As [`Savepoint::with_name`].
    ///
    /// # Errors
    /// What the database reports.
    #[inline]
    pub fn savepoint_with_name<T: Into<String>>(&mut self, name: T) -> Result<Savepoint<'_>> {
        Savepoint::with_name(self, name)
    }

    /// Sets how [`transaction`](Self::transaction) and [`unchecked_transaction`](Self::unchecked_transaction) begin.
    pub fn set_transaction_behavior(&mut self, behavior: TransactionBehavior) {
        self.transaction_behavior = behavior;
    }

    /// Whether the open transaction has read or written a database.
    ///
    /// # Errors
    /// An unknown database name.
    #[cfg(feature = "modern_sqlite")]
    pub fn transaction_state<N: crate::Name>(&self, db_name: Option<N>) -> Result<crate::TransactionState> {
        match &self.inner {
            crate::connection::Inner::Sqlite(conn) => conn.transaction_state(db_name),
            crate::connection::Inner::Postgres(session) => {
                let name = db_name.as_ref().map(|name| name.as_cstr()).transpose()?;
                match name.as_deref().map(|name| name.to_bytes().to_ascii_lowercase()).as_deref() {
                    None | Some(b"main") => Ok(session.transaction_state()),
                    Some(b"temp") => Ok(crate::TransactionState::None),
                    Some(_) => Err(crate::connection::misuse(format!("{db_name:?} is not the name of a valid schema"))),
                }
            }
        }
    }
}
