//! Reads the catalog: tables, columns, keys and triggers that unqualified names can mean, in one round trip.

use std::collections::HashMap;

use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use crate::translate::catalog::{Catalog, Column, ColumnType, Table, UniqueKey};

/// Several result sets, told apart by their first column. Names cannot hold `\x1f`, which separates key columns.
pub(crate) const QUERY: &str = r"
SELECT 'column' AS what, c.oid, n.nspname, c.relname, c.relkind, a.attname,
       COALESCE(NULLIF(t.typbasetype, 0), t.oid)::pg_catalog.oid AS typid, a.attnotnull, a.attidentity <> '' AS identity,
       a.attgenerated <> '' AS generated, a.atthasdef AND a.attgenerated = '' AS has_default,
       COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) AS sequence, co.collname,
       pg_catalog.substring(pg_catalog.col_description(c.oid, a.attnum), '^named ([^\n]*)') AS shown
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY c.oid, a.attnum;
SELECT 'key' AS what, x.indrelid, i.relname, x.indisprimary, x.indpred IS NOT NULL AS partial, x.indexprs IS NOT NULL AS expressions,
       (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY k.place)
        FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
        WHERE k.place <= x.indnkeyatts) AS columns
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE x.indisunique AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift', 'pg_toast')
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY x.indrelid, x.indisprimary DESC, x.indexrelid;
SELECT 'trigger' AS what, t.tgrelid, t.tgname
FROM pg_catalog.pg_trigger t
WHERE NOT t.tgisinternal AND pg_catalog.pg_table_is_visible(t.tgrelid)
ORDER BY t.oid;
SELECT 'broken' AS what, c.oid, pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite: (.*)$')
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE a.attname = 'sqlift_broken' AND c.relkind = 'v' AND pg_catalog.pg_table_is_visible(c.oid);
SELECT DISTINCT 'referenced' AS what, k.confrelid
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'f' AND k.confrelid <> k.conrelid";

/// The tables that the role may change, as a list for `LOCK TABLE`; temporary ones are nobody else's. A table that it may only
/// insert into cannot be locked by it (PostgreSQL's LOCK wants UPDATE, DELETE or TRUNCATE): there serializable transactions
/// must do, which find two that both read the end and append.
pub(crate) const WRITABLE_TABLES: &str = r"
SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
  AND pg_catalog.pg_table_is_visible(c.oid) AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')";

/// The catalog out of the answer to [`QUERY`].
pub(crate) fn catalog(messages: &[SimpleQueryMessage]) -> Catalog {
    let mut tables: HashMap<String, Table> = HashMap::new();
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        let text = |index: usize| row.get(index).unwrap_or_default();
        match text(0) {
            "column" => add_column(&mut tables, row),
            "key" => {
                if let Some(table) = tables.get_mut(text(1)) {
                    let columns = match text(5) {
                        "f" => text(6).split('\x1f').map(str::to_owned).collect(),
                        _ => Vec::new(),
                    };
                    table.unique_keys.push(UniqueKey {
                        name: text(2).to_owned(),
                        columns,
                        is_primary: text(3) == "t",
                        is_partial: text(4) == "t",
                    });
                }
            }
            "broken" => {
                if let Some(table) = tables.get_mut(text(1)) {
                    table.broken = Some(text(2).to_owned());
                }
            }
            "referenced" => {
                if let Some(table) = tables.get_mut(text(1)) {
                    table.is_referenced = true;
                }
            }
            _ => {
                if let Some(table) = tables.get_mut(text(1)) {
                    table.triggers.push(text(2).to_owned());
                }
            }
        }
    }
    tables.values_mut().for_each(mark_rowid);
    Catalog { tables: tables.into_values().map(|table| (table.name.to_ascii_lowercase(), table)).collect() }
}

fn add_column(tables: &mut HashMap<String, Table>, row: &SimpleQueryRow) {
    let text = |index: usize| row.get(index).unwrap_or_default();
    let yes = |index: usize| text(index) == "t";
    let table = tables.entry(text(1).to_owned()).or_insert_with(|| Table {
        name: text(3).to_owned(),
        schema: text(2).to_owned(),
        is_view: matches!(text(4), "v" | "m"),
        columns: Vec::new(),
        unique_keys: Vec::new(),
        ..Table::default()
    });
    table.columns.push(Column {
        name: text(5).to_owned(),
        // A column that was renamed natively keeps its old comment.
        shown: row.get(13).filter(|shown| shown.eq_ignore_ascii_case(text(5)) && *shown != text(5)).map(str::to_owned),
        data_type: column_type(text(6)),
        not_null: yes(7),
        is_identity: yes(8) || yes(11),
        is_generated: yes(9),
        is_rowid: false,
        has_default: yes(10),
        nocase: text(12) == "sqlift_nocase",
    });
}

/// A single integer primary key is what SQLite's rowid is.
fn mark_rowid(table: &mut Table) {
    let Some(key) = table.unique_keys.iter().find(|key| key.is_primary) else { return };
    if let [name] = key.columns.as_slice()
        && let Some(column) = table.columns.iter_mut().find(|column| column.name == *name)
    {
        column.is_rowid = matches!(column.data_type, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt);
    }
}

fn column_type(oid: &str) -> ColumnType {
    use tokio_postgres::types::Type;
    let known = oid.parse().ok().and_then(Type::from_oid);
    match known {
        Some(Type::INT2) => ColumnType::SmallInt,
        Some(Type::INT4) => ColumnType::Integer,
        Some(Type::INT8) => ColumnType::BigInt,
        Some(Type::BOOL) => ColumnType::Boolean,
        Some(Type::FLOAT4) => ColumnType::Real,
        Some(Type::FLOAT8) => ColumnType::Double,
        Some(Type::NUMERIC) => ColumnType::Numeric,
        Some(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME) => ColumnType::Text,
        Some(Type::BYTEA) => ColumnType::Bytea,
        Some(Type::DATE) => ColumnType::Date,
        Some(Type::TIME) => ColumnType::Time,
        Some(Type::TIMESTAMP) => ColumnType::Timestamp,
        Some(Type::TIMESTAMPTZ) => ColumnType::Timestamptz,
        Some(Type::INTERVAL) => ColumnType::Interval,
        Some(Type::UUID) => ColumnType::Uuid,
        Some(Type::JSON) => ColumnType::Json,
        Some(Type::JSONB) => ColumnType::Jsonb,
        _ => ColumnType::Other,
    }
}
