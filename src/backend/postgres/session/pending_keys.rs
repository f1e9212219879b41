//! Deferred foreign keys that wait for COMMIT: PostgreSQL changes no table whose rows they still have to look at.

use rusqlite::{Error, Result, ffi};

use super::{Failure, Session};
use crate::backend::postgres::sqlstate::failure;

/// Looks at what waits now; what comes later waits again.
const SETTLE: &str = "DO $$ DECLARE deferred text; BEGIN
    SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') INTO deferred
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE c.condeferred;
    SET CONSTRAINTS ALL IMMEDIATE;
    IF pg_catalog.current_setting('sqlift.defer_foreign_keys', true) = 'on' THEN
        SET CONSTRAINTS ALL DEFERRED;
    ELSIF deferred IS NOT NULL THEN
        EXECUTE 'SET CONSTRAINTS ' || deferred || ' DEFERRED';
    END IF;
END $$";

impl Session {
    /// Runs statements that change the schema; where rows wait for deferred keys, these are looked at first.
    ///
    /// # Errors
    /// The connection is lost, or rows of the transaction break a deferred key still.
    pub(in crate::backend::postgres) fn batch_behind_keys(
        &self,
        sql: &str,
    ) -> Result<std::result::Result<(), Failure>> {
        match self.guarded_batch(sql)? {
            Err(failed) if failed.sqlstate() == Some("55006") && !self.is_autocommit() => {
                self.recover(failed, None);
                match self.guarded_batch(SETTLE)? {
                    Ok(()) => self.guarded_batch(sql),
                    Err(broken) => {
                        self.recover(broken, None);
                        Err(keys_wait())
                    }
                }
            }
            // A column that a temporary trigger of a lost session is for.
            Err(failed) if failed.sqlstate() == Some("2BP01") => {
                self.recover(failed, None);
                self.sweep();
                self.guarded_batch(sql)
            }
            result => Ok(result),
        }
    }
}

fn keys_wait() -> Error {
    failure(
        ffi::SQLITE_LOCKED,
        "database table is locked: rows of this transaction break a deferred foreign key still, and PostgreSQL changes no table before they are whole\n  \
         help: write the rows that they refer to before this statement",
    )
}
