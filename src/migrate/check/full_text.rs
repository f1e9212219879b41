//! Tables for full text search: FTS5's, and what stands for them on PostgreSQL.
//!
//! Neither has the other's columns (FTS5's hidden ones, our tokens), so such a table is one fact: SQLite's, made again on
//! PostgreSQL, must have the columns, the tokenizer and the index of the one that is there.

use super::facts::{Fact, Key, What};
use super::postgres::each;
use crate::Connection;
use crate::migrate::Result;
use crate::translate::ast::{CreateVirtualTable, StatementKind};
use crate::translate::fts::TOKENS;
use crate::translate::parser::parse_statement;

/// What a table with a column of tokens consists of: its columns and how they are generated, and its other indexes than the key.
const POSTGRES: &str = "SELECT c.relname::text, \
    pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
      pg_catalog.pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum) \
    || COALESCE((SELECT pg_catalog.string_agg('; ' || pg_catalog.split_part(pg_catalog.pg_get_indexdef(x.indexrelid), ' USING ', 2), '' ORDER BY x.indexrelid) \
                 FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND NOT x.indisprimary), '') \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND $OWN GROUP BY c.oid, c.relname \
    HAVING pg_catalog.bool_or(a.attgenerated <> '' AND pg_catalog.starts_with(a.attname::text, '$TOKENS')) ORDER BY 1";

/// Whether the text of a CREATE is FTS5's.
pub(super) fn is_of_sqlite(sql: &str) -> bool {
    parsed(sql).is_some_and(|create| create.module.text.eq_ignore_ascii_case("fts5"))
}

pub(super) fn of_sqlite(table: &str, sql: &str, facts: &mut Vec<Fact>) {
    facts.push(Fact::new(Key::table(table, What::Table), "there"));
    facts.push(Fact::new(Key::table(table, What::FullText), sql));
}

/// The tables of PostgreSQL's, in place of all that has been read of them.
pub(super) fn of_postgres(conn: &Connection, facts: &mut Vec<Fact>) -> Result<()> {
    for (table, value) in tables(conn)? {
        let table = Key::table(&table, What::Table);
        facts.retain(|fact| fact.key.table != table.table || fact.key == table);
        facts.push(Fact::new(Key { what: What::FullText, ..table }, value));
    }
    Ok(())
}

fn tables(conn: &Connection) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    each(conn, &POSTGRES.replace("$TOKENS", TOKENS), |row| {
        found.push((row.get(0)?, row.get(1)?));
        Ok(())
    })?;
    Ok(found)
}

/// What PostgreSQL's table would be, of the text of SQLite's CREATE.
pub(super) fn printed(postgres: &Connection, sql: &str) -> Option<String> {
    const SCRATCH: &str = "sqlift_check_scratch";
    let name = parsed(sql)?.name.name.span;
    let sql = format!("{}{SCRATCH}{}", &sql[..name.start], &sql[name.end..]);
    postgres.execute_batch(&sql).ok()?;
    let made = tables(postgres).ok()?.into_iter().find(|(table, _)| table == SCRATCH);
    postgres.execute_batch(&format!("DROP TABLE {SCRATCH}")).ok()?;
    made.map(|(_, value)| value)
}

fn parsed(sql: &str) -> Option<CreateVirtualTable> {
    match parse_statement(sql).ok()?.kind {
        StatementKind::CreateVirtualTable(create) => Some(*create),
        _ => None,
    }
}
