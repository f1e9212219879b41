//! Keys that are taken by a row the transaction cannot see.
//!
//! PostgreSQL checks a unique index against what is committed now, a transaction reads what was committed when it began.
//! Told of the violation, the program could go on and commit: it would have run both before and after the transaction
//! that wrote the row, in no order at all. On SQLite the write would have failed with SQLITE_BUSY_SNAPSHOT.

use super::{Failure, Session, quote_literal};

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
        let first = |sql: &str| self.ask(sql, None).map(|row| row.into_iter().next().flatten());
        let sql = match first(&question(schema, index, values)) {
            Ok(Some(sql)) => sql,
            // The index was made in vain, by this very statement.
            Ok(None) => return false,
            Err(error) => return is_busy(&error),
        };
        match first(&sql) {
            Ok(found) => found.is_none(),
            Err(error) => is_busy(&error),
        }
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

/// Asks for the text of the query that finds the row of the key, with the index's own operators and collations, so that
/// what is the same to the index is the same here. Values that hold the separator are compared as the server shows them.
fn question(schema: &str, index: &str, values: &str) -> String {
    let (schema, index, values) = (quote_literal(schema), quote_literal(index), quote_literal(values));
    format!(
        r#"WITH key AS (
  SELECT i.*, CASE i.indnkeyatts WHEN 1 THEN ARRAY[{values}] ELSE pg_catalog.string_to_array({values}, ', ') END AS shown
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {schema} AND c.relname = {index}
), part AS (
  SELECT k.at, pg_catalog.pg_get_indexdef(key.indexrelid, k.at, false) AS expression, key.shown[k.at] AS shown,
         pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS equals,
         ' COLLATE ' || NULLIF(key.indcollation[k.at - 1], 0)::pg_catalog.regcollation::text AS collated
  FROM key CROSS JOIN LATERAL pg_catalog.generate_series(1, key.indnkeyatts) k (at)
  JOIN pg_catalog.pg_opclass c ON c.oid = key.indclass[k.at - 1]
  JOIN pg_catalog.pg_amop a ON a.amopfamily = c.opcfamily AND a.amopstrategy = 3
    AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype
  JOIN pg_catalog.pg_operator o ON o.oid = a.amopopr JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
)
SELECT pg_catalog.format('SELECT 1 FROM %s WHERE %s%s LIMIT 1', key.indrelid::pg_catalog.regclass,
  '(' || pg_catalog.pg_get_expr(key.indpred, key.indrelid) || ') AND ',
  CASE WHEN pg_catalog.cardinality(key.shown) = key.indnkeyatts THEN (
    SELECT pg_catalog.string_agg(CASE shown
      WHEN 'null' THEN pg_catalog.format('COALESCE((%s)::text, ''null'') = ''null''', expression)
      ELSE pg_catalog.format('(%s)%s %s %L', expression, collated, equals, shown) END, ' AND ' ORDER BY at) FROM part)
  ELSE (
    SELECT pg_catalog.format('(%s) COLLATE "C" = %L',
      pg_catalog.string_agg(pg_catalog.format('COALESCE((%s)::text, ''null'') COLLATE "C"', expression), ' || '', '' || ' ORDER BY at),
      {values}) FROM part) END)
FROM key"#
    )
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
