//! When what the session's own triggers leave on the server is taken away: those of `CREATE TEMP TRIGGER` on lasting tables.

use rusqlite::Result;

use super::Session;
use crate::translate::session_trigger;

/// Waits for no lock, and takes with it what lost sessions have left.
const SWEEP: &str = "SELECT sqlift.sweep_temp_triggers()";

impl Session {
    /// Behind a statement that makes or drops one; inside a transaction its end is the time.
    pub(in crate::backend::postgres) fn sweep_behind(&self, sql: &str) {
        if session_trigger::is_about_one(sql) {
            self.own_triggers.set(true);
            match self.is_autocommit() {
                true => self.sweep(),
                false => self.sweeps.set(true),
            }
        }
    }

    /// Behind what is done already: what cannot be taken away now is taken away another time.
    pub(in crate::backend::postgres) fn sweep(&self) {
        if let Ok(Err(failed)) = self.guarded_batch(SWEEP) {
            self.recover(failed, None);
        }
    }

    /// Behind a transaction.
    pub(super) fn sweep_if_due(&self) {
        if self.sweeps.replace(false) {
            self.sweep();
        }
    }

    /// Ends the triggers' lives, ahead of the session's: one that is lost leaves them to the next sweep, and they do nothing.
    pub(super) fn drop_own_triggers(&self) -> Result<()> {
        self.sweeps.set(false);
        if !self.own_triggers.replace(false) {
            return Ok(());
        }
        self.batch(&format!("SELECT pg_catalog.set_config('sqlift.temp_triggers', '', false); {SWEEP}"))
    }
}
