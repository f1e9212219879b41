//! Behind a pooler in transaction mode (decision D2): the server's session is this program's for one transaction only.
//!
//! So everything runs inside of one, which begins with the settings it needs; statements are sent whole each time; and
//! nothing that would outlive the transaction is left on the server, where the next program would find it.

use std::sync::Arc;

use rusqlite::{Error, Result, ffi};
use tokio_postgres::types::Type;
use tokio_postgres::{SimpleQueryMessage, Statement};

use super::lifecycle::MARK;
use super::{Failure, Session, quote_identifier};
use crate::backend::postgres::bind::Binding;
use crate::backend::postgres::plan::{Plan, Prepared};
use crate::backend::postgres::sqlstate::failure;
use crate::translate::Translation;

/// Types that are not built in and whose values can be read: tokio-postgres asks the server for each once, by a named statement.
const OWN_TYPES: &str = "SELECT pg_catalog.string_agg('NULL::' || t.oid::pg_catalog.regtype::text, ', ') \
     FROM (SELECT oid FROM pg_catalog.pg_type WHERE typtype = 'e' OR typname = 'citext' ORDER BY oid LIMIT 1000) AS t";

/// tokio-postgres's names.
const NAMED: &str = "SELECT name FROM pg_catalog.pg_prepared_statements WHERE name ~ '^s[0-9]+$'";

impl Session {
    /// Between this session and the server is a pooler in transaction mode.
    #[inline]
    pub(in crate::backend::postgres) fn is_pooled(&self) -> bool {
        self.pooled
    }

    /// What is known of a statement, which is closed again: names outlive the transaction.
    pub(super) fn described(
        &self,
        statement: Statement,
        name: String,
        plan: &Plan,
        translation: &Arc<Translation>,
        bindings: &[Binding],
    ) -> Result<Prepared> {
        self.know_types_of(&statement).map_err(|failure| self.recover(failure, Some(plan)))?;
        Prepared::new(statement, name, plan, translation, bindings)
            .map(Prepared::unnamed)
            .inspect_err(|_| self.undo_failed())
    }

    /// The first time that a statement has a type that is not built in, all of them are asked for.
    pub(in crate::backend::postgres) fn know_types_of(
        &self,
        statement: &Statement,
    ) -> std::result::Result<(), Failure> {
        let columns = statement.columns().iter().map(tokio_postgres::Column::type_);
        let is_built_in = |data_type: &Type| Type::from_oid(data_type.oid()).is_some();
        if !self.own_types_known.get() && !statement.params().iter().chain(columns).all(is_built_in) {
            self.learn_own_types()?;
            self.own_types_known.set(true);
        }
        Ok(())
    }

    /// All of them at once, since the statements that ask for types must not stay on the server, and the client would
    /// rely on them for the next type.
    fn learn_own_types(&self) -> std::result::Result<(), Failure> {
        if let Some(types) = self.run(self.client.simple_query(OWN_TYPES)).map(first_values)?.pop() {
            drop(self.run(self.client.prepare(&format!("SELECT {types}")))?);
        }
        let names = self.run(self.client.simple_query(NAMED)).map(first_values)?;
        let close: String = names.iter().map(|name| format!("DEALLOCATE {};", quote_identifier(name))).collect();
        self.run(self.client.batch_execute(&close))
    }

    /// A statement that was prepared is not there any more. Puts right what DISCARD ALL or DEALLOCATE took away.
    ///
    /// # Errors
    /// It is another session: a pooler stands before the server, and nobody has said so.
    pub(in crate::backend::postgres) fn statement_is_gone(&self) -> Result<()> {
        if self.is_pooled() {
            return Ok(());
        }
        let sql = format!("SELECT pg_catalog.current_setting('{MARK}', true)");
        let found = self.run(self.client.simple_query(&sql)).map(first_values);
        let found = found.map_err(|failure| self.recover(failure, None))?.pop().unwrap_or_default();
        if found == self.mark.to_string() {
            return Ok(());
        }
        // The program's own PostgreSQL SQL may have reset everything; without any it was not the program.
        if found.is_empty() && self.touched.get() { self.renew_settings() } else { Err(undeclared_pooler()) }
    }
}

/// Its text would have to be asked for by a statement that is not on the server any more.
pub(super) fn type_is_new() -> Error {
    failure(
        ffi::SQLITE_ERROR,
        "the statement has a type that was created since this connection was opened\n  \
         help: connect again, or CAST the value AS TEXT",
    )
}

pub(super) fn undeclared_pooler() -> Error {
    failure(
        ffi::SQLITE_MISUSE,
        "the server's session has changed under this connection: a pooler in transaction mode stands before the server\n  \
         help: add pooler=transaction to the URL, or connect to the server itself or to a pooler in session mode",
    )
}

fn first_values(messages: Vec<SimpleQueryMessage>) -> Vec<String> {
    let value = |message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    messages.into_iter().filter_map(value).collect()
}
