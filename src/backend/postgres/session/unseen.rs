//! Keys that are taken by a row the transaction cannot see.
//!
//! PostgreSQL checks a unique index against what is committed now, a transaction reads what was committed when it began.
//! Told of the violation, the program could go on and commit: it would have run both before and after the transaction
//! that wrote the row, in no order at all. On SQLite the write would have failed with SQLITE_BUSY_SNAPSHOT.

use tokio_postgres::SimpleQueryMessage;

use super::{Failure, Session, quote_literal};
use crate::backend::postgres::net;

impl Session {
    /// Whether the statement, which has been undone, failed for a key of a row that this transaction does not see.
    pub(super) fn is_unseen_key(&self, failure: &Failure) -> bool {
        let Failure::Server(error) = failure else { return false };
        let Some(db) = error.as_db_error().filter(|db| db.code().code() == "23505") else { return false };
        if !self.tracker.borrow().sees_its_snapshot() {
            return false;
        }
        // Without them the role may not read the key, nor learn anything of the row.
        let (Some(schema), Some(index), Some(values)) =
            (db.schema(), db.constraint(), db.detail().and_then(values_of_key))
        else {
            return false;
        };
        if schema.starts_with("pg_temp") {
            // Nobody else writes there.
            return false;
        }
        let first = |sql: &str| self.ask(sql, None).map(|row| row.into_iter().next().flatten());
        let sql = match first(&question(schema, index, values)) {
            Ok(Some(sql)) => sql,
            // The index was made in vain, by this very statement.
            Ok(None) => return false,
            Err(error) => return is_busy(&error),
        };
        match first(&sql) {
            Ok(Some(_)) => false,
            Ok(None) => first("SELECT pg_catalog.current_setting('search_path')")
                .is_ok_and(|path| self.is_committed(&sql, &path.unwrap_or_default())),
            Err(error) => is_busy(&error),
        }
    }

    /// Whether the row that `sql` looks for is one that another transaction has committed: the row that was in the way may also have
    /// been the failed statement's own, and is gone with it. Only another transaction sees what is committed now.
    fn is_committed(&self, sql: &str, search_path: &str) -> bool {
        let Ok((client, mut wire)) = net::connect(self.config()) else { return true };
        let path = quote_literal(search_path);
        // This transaction may have locked the table, or created it; then nobody else has written to it.
        let settings = format!("SET lock_timeout = 100; SELECT pg_catalog.set_config('search_path', {path}, false)");
        if !matches!(wire.run(client.simple_query(&settings), None), Ok(Ok(_))) {
            return true;
        }
        // A row that this transaction has deleted, or given another key, is not out of its sight: the key was broken by the failed
        // statement's own rows. Nobody else is changing it, or the statement would have waited; where it may not be locked, look.
        for look in [format!("{sql} FOR SHARE SKIP LOCKED"), sql.to_owned()] {
            match wire.run(client.simple_query(&look), None) {
                Ok(Ok(answer)) => {
                    return answer.iter().any(|message| matches!(message, SimpleQueryMessage::Row(_)));
                }
                Ok(Err(error)) if error.code().is_some_and(|code| code.code() == "42501") => {}
                Ok(Err(_)) => return false,
                Err(_) => return true,
            }
        }
        false
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// Of `Key (a, b)=(1, x) already exists.`, in whatever language, `1, x`.
fn values_of_key(detail: &str) -> Option<&str> {
    let (_, values) = detail.split_once(")=(")?;
    values.rfind(')').map(|end| &values[..end])
}

/// Asks for the text of the query that finds the row of the key: what `sqlift.key_query` does, where the compat schema may be missing.
fn question(schema: &str, index: &str, values: &str) -> String {
    const SCRIPT: &str = include_str!("../../../../sql/postgres/compat/keys.sql");
    let body = SCRIPT.split("$f$").nth(1).expect("the script begins with the function");
    let (before, after) = body.split_once("$1::text, $2::text, $3::text").expect("the body names its arguments once");
    let (schema, index, values) = (quote_literal(schema), quote_literal(index), quote_literal(values));
    format!("{before}{schema}::text, {index}::text, {values}::text{after}")
}

#[cfg(test)]
mod tests {
    use super::values_of_key;

    #[test]
    fn the_values_of_a_key_in_the_servers_words() {
        for (detail, values) in [
            ("Key (k)=(3) already exists.", Some("3")),
            ("Key (lower(name), \"b c\")=(x) (y), z) already exists.", Some("x) (y), z")),
            ("Schlüssel »(k)=()« existiert bereits.", Some("")),
            ("something else", None),
        ] {
            assert_eq!(values_of_key(detail), values, "{detail}");
        }
    }
}
