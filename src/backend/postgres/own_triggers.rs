//! The session's own triggers on lasting tables: `CREATE TEMP TRIGGER`. What they are on the server is told in
//! `sql/postgres/compat/temp_triggers.sql`.

use std::sync::Arc;

use tokio_postgres::SimpleQueryMessage;

use super::loader::add_trigger;
use crate::translate::catalog::Catalog;

/// For [`add_to`]; `$LASTING` chooses the tables, `$DOES` is [`DOES`](super::loader::DOES). The columns are those of the loader's triggers, but for the names.
pub(super) const QUERY: &str = r"
SELECT 'own' AS what, c.relname, t.tgname, pg_catalog.substring(w.comment, '^temp ([^\n]*)') AS name,
       $DOES,
       t.oid, pg_catalog.substring(w.comment, '^[^\n]*\n(.*)$') AS written,
       p.prosrc LIKE '%sqlift.broken\_trigger(%' AS broken, t.tgtype
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.obj_description(p.oid, 'pg_proc')) AS w(comment)
WHERE pg_catalog.starts_with(t.tgname::pg_catalog.text, '[' || pg_catalog.pg_backend_pid() || '.' || NULLIF(pg_catalog.current_setting('sqlift.temp_triggers', true), '') || '[')
  AND w.comment LIKE 'temp %' AND $LASTING
ORDER BY t.oid";

/// Adds the triggers of an answer to [`QUERY`] to their tables.
pub(super) fn add_to(catalog: &mut Catalog, messages: &[SimpleQueryMessage]) {
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        if row.get(0) != Some("own") {
            continue;
        }
        let (table, name) = (row.get(1).unwrap_or_default(), row.get(3).unwrap_or_default());
        let table = catalog.tables.get_mut(&table.to_ascii_lowercase());
        // A temporary table of that name hides it.
        if let Some(table) = table.filter(|table| !table.schema.starts_with("pg_temp")) {
            add_trigger(Arc::make_mut(table), row, name, true);
        }
    }
}
