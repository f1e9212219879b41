//! How far a database's schema is: the newest version that a history of migrations holds, whoever keeps it.

use super::ask;
use crate::connection::Inner;
use crate::{Connection, Result};
use std::time::Instant;

/// The newest applied migration.
pub(crate) struct Applied {
    pub version: String,
}

/// Histories in the order they are looked for: sqlift's, hand-rolled ones, refinery's, sqlx'.
const HISTORIES: &[&str] = &["sqlift_migrations", "schema_migrations", "refinery_schema_history", "_sqlx_migrations"];

/// The newest version of the first history that is there; `None` without any, or when it is empty.
///
/// # Errors
/// The history cannot be read.
pub(crate) fn applied(conn: &Connection, deadline: Option<Instant>) -> Result<Option<Applied>> {
    let exists = |table: &str| match &conn.inner {
        Inner::Sqlite(_) => {
            format!("SELECT CAST(count(*) AS TEXT) FROM sqlite_schema WHERE type = 'table' AND name = '{table}'")
        }
        Inner::Postgres(_) => format!("SELECT CASE WHEN pg_catalog.to_regclass('{table}') IS NULL THEN 0 ELSE 1 END"),
    };
    for table in HISTORIES {
        if ask(conn, &exists(table), deadline)?.first().and_then(Option::as_deref) != Some("1") {
            continue;
        }
        let newest = ask(conn, &format!("SELECT CAST(max(version) AS TEXT) FROM {table}"), deadline)?;
        return Ok(newest.into_iter().flatten().next().map(|version| Applied { version }));
    }
    Ok(None)
}
