//! `PRAGMA foreign_keys`: off while a program builds tables anew, <https://sqlite.org/lang_altertable.html#otheralter>.
//!
//! PostgreSQL checks foreign keys always. What would go another way than SQLite without a word is kept from that: DROP TABLE
//! leaves the children's rows (`sqlift.before_drop` reads the setting), and a write that would carry out a key's action on
//! other rows is refused. A row that breaks a key is an error, as with the keys on.

use rusqlite::{Result, ffi};

use super::Session;
use crate::backend::postgres::plan::Plan;
use crate::backend::postgres::sqlstate::failure;
use crate::syntax::tokens;
use crate::translate::Kind;
use crate::translate::rules::pragmas::{DEFER_FOREIGN_KEYS, SETTINGS};

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
        if self.flags.get().legacy_alter_table {
            self.forget_plans();
        }
        self.touched.set(true);
        if self.is_pooled() {
            self.tracker.borrow_mut().set_local_settings(self.local_settings());
            return Ok(());
        }
        let word = if on { "on" } else { "off" };
        self.batch(&format!("SET {SETTING} = {word}"))
    }

    /// `PRAGMA defer_foreign_keys = ...`, ahead of the statement that does it in a transaction.
    pub(in crate::backend::postgres) fn defer_foreign_keys(&self, on: bool) {
        self.deferred_since.set(on || self.deferred_since.get());
        if self.foreign_keys_deferred.replace(on) != on
            && let Some(place) = SETTINGS.iter().position(|setting| setting.name == DEFER_FOREIGN_KEYS)
        {
            self.settings.borrow_mut().set(place as u8, on.into());
        }
    }

    /// Outside of a transaction the PRAGMA is for the next statement that reads or writes tables, which by itself looks at its keys
    /// when it ends anyway, or for the transaction that begins.
    #[inline]
    pub(in crate::backend::postgres) fn spend_deferral(&self, plan: &Plan) {
        if self.foreign_keys_deferred.get() && self.is_autocommit() && reads_tables(plan) {
            self.defer_foreign_keys(false);
        }
    }

    /// In a transaction that has begun behind the PRAGMA.
    ///
    /// # Errors
    /// The role does not own the tables; the connection is lost.
    pub(super) fn defer_in_transaction(&self) -> Result<()> {
        match self.guarded_batch("SELECT sqlift.defer_foreign_keys(true)")? {
            Ok(()) => Ok(()),
            Err(failed) => Err(self.recover(failed, None)),
        }
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
fn reads_tables(plan: &Plan) -> bool {
    let is_word = |word: &str| tokens(&plan.sql).any(|token| token.span.text(&plan.sql).eq_ignore_ascii_case(word));
    match plan.translation.kind {
        Kind::Read => is_word("from") || plan.native,
        Kind::Write { .. } | Kind::Schema => true,
        _ => false,
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
