//! `PRAGMA foreign_keys`: off while a program builds tables anew, <https://sqlite.org/lang_altertable.html#otheralter>.
//!
//! PostgreSQL checks foreign keys always. What would go another way than SQLite without a word is kept from that: DROP TABLE
//! leaves the children's rows (`sqlift.before_drop` reads the setting), and a write that would carry out a key's action on
//! other rows is refused. A row that breaks a key is an error, as with the keys on.

use rusqlite::{Result, ffi};

use super::Session;
use crate::backend::postgres::plan::Plan;
use crate::backend::postgres::sqlstate::failure;

/// What `sqlift.before_drop` and `PRAGMA foreign_keys` read.
const SETTING: &str = "sqlift.foreign_keys";

impl Session {
    /// `PRAGMA foreign_keys = ...`; does nothing in a transaction, as on SQLite.
    ///
    /// # Errors
    /// The connection is lost.
    pub(in crate::backend::postgres) fn set_foreign_keys(&self, on: bool) -> Result<()> {
        if !self.is_autocommit() || self.foreign_keys_off.get() != on {
            return Ok(());
        }
        self.make_room()?;
        self.foreign_keys_off.set(!on);
        self.touched.set(true);
        if self.is_pooled() {
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
            return Ok(());
        }
        let word = if on { "on" } else { "off" };
        self.batch(&format!("SET {SETTING} = {word}"))
    }

    /// `PRAGMA defer_foreign_keys = ...`, ahead of the statement that does it.
    ///
    /// # Errors
    /// No transaction is open: on SQLite it is for the next one.
    pub(in crate::backend::postgres) fn defer_foreign_keys(&self, on: bool) -> Result<()> {
        if on && self.is_autocommit() {
            return Err(failure(
                ffi::SQLITE_ERROR,
                "PRAGMA defer_foreign_keys is for one transaction on PostgreSQL\n  help: write it behind BEGIN",
            ));
        }
        self.foreign_keys_deferred.set(on);
        Ok(())
    }

    /// The setting, where it is not the usual one.
    pub(super) fn foreign_keys_setting(&self) -> Option<(&'static str, String)> {
        self.foreign_keys_off.get().then(|| (SETTING, "off".to_owned()))
    }

    /// # Errors
    /// The keys are off, and the statement would change other rows by a key's action.
    #[inline]
    pub(in crate::backend::postgres) fn refuse_key_actions(&self, plan: &Plan) -> Result<()> {
        if self.foreign_keys_off.get() && plan.translation.fires_keys { Err(keys_act()) } else { Ok(()) }
    }
}

#[cold]
fn keys_act() -> rusqlite::Error {
    failure(
        ffi::SQLITE_ERROR,
        "PRAGMA foreign_keys is OFF, and PostgreSQL carries out the foreign keys' ON DELETE and ON UPDATE still\n  \
         help: build the table anew (CREATE, INSERT ... SELECT, DROP, RENAME), or set foreign_keys = ON before this statement",
    )
}
