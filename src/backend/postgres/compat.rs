//! Installs the compat schema (decision D6) where it is needed and the role may.
//!
//! On a connection of its own: a transaction of the program's that is rolled back must not take the functions with it.

use rusqlite::{Error, Result, ffi};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Session;
use super::net::Wire;
use super::sqlstate::{self, Context, failure};
use crate::translate::compat::{SCRIPTS, VERSION};

/// Says what is installed: nothing gives no row, an older sqlift's schema its number.
const PRESENT: &str = "SELECT pg_catalog.to_regprocedure('sqlift.version()') IS NOT NULL";
const INSTALLED: &str = "SELECT sqlift.version()";

/// One installer at a time per database; the number is "sqlift" in ASCII.
const LOCK: &str = "SELECT pg_catalog.pg_advisory_lock(126943935784564)";

impl Session {
    /// Makes sure that the schema `sqlift` is there in our version or a newer one. Gives the version found or installed.
    ///
    /// # Errors
    /// The role may not create it: the message has the command for an administrator.
    pub fn install_compat(&self) -> Result<i32> {
        if let Some(version) = self.compat_version.get() {
            return Ok(version);
        }
        let (client, mut wire) = Wire::connect(self.config()).map_err(|error| super::session::cannot_open(&error))?;
        let mut version = installed(&client, &mut wire)?;
        if version < VERSION {
            ask(&client, &mut wire, LOCK)?;
            // Somebody else may have done it while we waited.
            version = installed(&client, &mut wire)?;
            if version < VERSION {
                version = self.run_scripts(&client, &mut wire)?;
            }
        }
        self.compat_version.set(Some(version));
        Ok(version)
    }

    fn run_scripts(&self, client: &Client, wire: &mut Wire) -> Result<i32> {
        let mut script = String::from("BEGIN;\n");
        for (_, sql) in SCRIPTS {
            script += sql;
            script += "\n;\n";
        }
        script += "COMMIT";
        match wire.run(client.batch_execute(&script), None) {
            Ok(Ok(())) => Ok(VERSION),
            Ok(Err(error)) if sqlstate::sqlstate(&error).is_some_and(|state| state.code() == "42501") => {
                Err(self.may_not())
            }
            Ok(Err(error)) => Err(sqlstate::to_sqlite(&error, Context::default())),
            Err(stopped) => Err(sqlstate::lost(&stopped.to_string())),
        }
    }

    fn may_not(&self) -> Error {
        failure(
            ffi::SQLITE_PERM,
            format!(
                "access permission denied: this statement needs sqlift's functions (schema sqlift, version {VERSION}), which role {} may not install\n  \
                 help: somebody who may create schemas in database {} runs once: sqlift install URL",
                self.config().user,
                self.config().dbname
            ),
        )
    }
}

fn installed(client: &Client, wire: &mut Wire) -> Result<i32> {
    match ask(client, wire, PRESENT)?.as_deref() {
        Some("t") => Ok(ask(client, wire, INSTALLED)?.and_then(|version| version.parse().ok()).unwrap_or(0)),
        _ => Ok(0),
    }
}

/// The first value of the first row.
fn ask(client: &Client, wire: &mut Wire, sql: &str) -> Result<Option<String>> {
    match wire.run(client.simple_query(sql), None) {
        Ok(Ok(messages)) => Ok(messages.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })),
        Ok(Err(error)) => Err(sqlstate::to_sqlite(&error, Context::default())),
        Err(stopped) => Err(sqlstate::lost(&stopped.to_string())),
    }
}
