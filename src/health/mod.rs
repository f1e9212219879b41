//! What a program's operators want to know of a database: where it leads, how it is reached, and in what state it is.

mod check;
mod migrations;

pub use check::{Health, Replica};

use crate::config::Facts;
use crate::connection::Inner;
use crate::{Connection, Result};
use std::time::Instant;

/// Where the session is, as only an open one knows; `None` when the server does not tell.
pub(crate) fn facts(conn: &Connection) -> Option<Facts> {
    let migrations = match migrations::applied(conn, None) {
        Ok(Some(applied)) => format!("migrations at {}", applied.version),
        Ok(None) => "no migrations".to_owned(),
        // Also a table of that name that is no history, or that the role may not read.
        Err(_) => String::new(),
    };
    match &conn.inner {
        Inner::Sqlite(_) => Some(Facts { version: crate::version().to_owned(), migrations, ..Facts::default() }),
        Inner::Postgres(session) => {
            let mut answer = session.ask(FACTS, None).ok()?.into_iter().map(Option::unwrap_or_default);
            let mut next = || answer.next().unwrap_or_default();
            let (role, transport) = (next(), next());
            Some(Facts { version: short_version(session.server_version()), role, transport, migrations })
        }
    }
}

/// `15.18 (Debian 15.18-0+deb12u1)` is 15.18 to people.
fn short_version(version: &str) -> String {
    version.split_whitespace().next().unwrap_or_default().to_owned()
}

const FACTS: &str = "SELECT current_user, CASE WHEN s.ssl THEN s.version \
     WHEN pg_catalog.inet_server_addr() IS NULL THEN 'on a Unix socket' ELSE 'without TLS' END \
     FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()";

/// One row of the backend's own SQL, as texts; leaves nothing behind in the session.
fn ask(conn: &Connection, sql: &str, deadline: Option<Instant>) -> Result<Vec<Option<String>>> {
    match &conn.inner {
        Inner::Postgres(session) => session.ask(sql, deadline),
        Inner::Sqlite(sqlite) => {
            let mut statement = sqlite.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            let Some(row) = rows.next()? else { return Ok(Vec::new()) };
            (0..columns).map(|column| row.get(column)).collect()
        }
    }
}
