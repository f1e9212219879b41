//! Installs the compat schema (decision D6) where it is needed and the role may.
//!
//! On a connection of its own: a transaction of the program's that is rolled back must not take the functions with it.

use rusqlite::{Error, Result, ffi};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Session;
use super::net::{self, Wire};
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
        // Inside a transaction the question is asked elsewhere: a role that may not ask it would lose its transaction.
        let mut version = match self.tracker.borrow().in_transaction_on_server() {
            true => 0,
            false => installed(|sql| self.run(self.client.simple_query(sql)).map_err(converted))?,
        };
        if version < VERSION {
            version = self.install_in_turn()?;
        }
        self.compat_version.set(Some(version));
        Ok(version)
    }

    /// Waits for whoever installs it already, and installs it if that one did not.
    fn install_in_turn(&self) -> Result<i32> {
        let (client, mut wire) = net::connect(self.config()).map_err(|error| super::session::cannot_open(&error))?;
        let mut ask = |sql: &str| match wire.run(client.simple_query(sql), None) {
            Ok(answer) => answer.map_err(|error| sqlstate::to_sqlite(&error, Context::default())),
            Err(stopped) => Err(sqlstate::lost(&stopped.to_string())),
        };
        // A server reads a script whole before it runs any of it.
        ask("SET standard_conforming_strings = on")?;
        ask(LOCK)?;
        match installed(&mut ask)? {
            version if version < VERSION => self.run_scripts(&client, &mut wire),
            version => Ok(version),
        }
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

/// What is installed, 0 for nothing.
fn installed(mut ask: impl FnMut(&str) -> Result<Vec<SimpleQueryMessage>>) -> Result<i32> {
    match first_value(&ask(PRESENT)?) {
        Some("t") => Ok(first_value(&ask(INSTALLED)?).and_then(|version| version.parse().ok()).unwrap_or(0)),
        _ => Ok(0),
    }
}

fn first_value(messages: &[SimpleQueryMessage]) -> Option<&str> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    })
}

fn converted(failure: super::session::Failure) -> Error {
    failure.into_sqlite(Context::default())
}
