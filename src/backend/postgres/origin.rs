//! Which table column a result column comes from, and how that was declared.

use std::sync::Arc;

use rusqlite::Result;

use super::session::Session;
use super::statement::Statement;

/// A table's column, in SQLite's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `main` or `temp`
    pub database: &'static str,
    pub table: String,
    pub column: String,
    /// As the lifted CREATE TABLE said, or SQLite's word for a type that was made on PostgreSQL.
    pub declared: String,
    /// `BINARY`, `NOCASE` or `RTRIM`
    pub collation: &'static str,
    pub not_null: bool,
    pub primary_key: bool,
    /// The database gives out its values.
    pub auto_increment: bool,
}

/// `$FROM` gives `wanted(place, relation, number)`.
const QUERY: &str = r"
SELECT wanted.place, c.relpersistence = 't' AS temporary, c.relname::text,
       COALESCE((SELECT s.shown FROM (SELECT pg_catalog.substring(k.comment, '^named ([^\n]*)') AS shown) s
                 WHERE pg_catalog.lower(s.shown) = a.attname::text), a.attname::text),
       COALESCE(pg_catalog.substring(k.comment, '(?:^|\n)declared (.*)$'),
                CASE a.atttypid WHEN 20 THEN 'INTEGER' WHEN 21 THEN 'INTEGER' WHEN 23 THEN 'INTEGER' WHEN 25 THEN 'TEXT'
                                WHEN 701 THEN 'REAL' WHEN 17 THEN 'BLOB' WHEN 1700 THEN 'NUMERIC'
                                WHEN 1114 THEN 'DATETIME' WHEN 1184 THEN 'DATETIME'
                                ELSE pg_catalog.upper(pg_catalog.format_type(a.atttypid, a.atttypmod)) END),
       CASE co.collname WHEN 'sqlift_nocase' THEN 'NOCASE' WHEN 'sqlift_rtrim' THEN 'RTRIM' ELSE 'BINARY' END, a.attnotnull AND a.attidentity = '',
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = c.oid AND (i.indisprimary OR pg_catalog.obj_description(i.indexrelid, 'pg_class') LIKE 'sqlite key p%')
                 AND (a.attnum = ANY (i.indkey::pg_catalog.int2[])
                      OR pg_catalog.strpos(pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.format('(%I COLLATE', a.attname)) > 0)),
       -- A lifted key counts by itself with and without the word; tables of PostgreSQL's own have no such word.
       CASE WHEN COALESCE(pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'sqlite: %', false)
            THEN COALESCE(k.comment ~ '(^|\n)autoincrement(\n|$)', false)
            ELSE a.attidentity <> '' OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) END
FROM $FROM
JOIN pg_catalog.pg_class c ON c.oid = wanted.relation
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = wanted.number
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
CROSS JOIN LATERAL (SELECT pg_catalog.col_description(c.oid, a.attnum) AS comment) k";

impl Session {
    /// For each result column the table's column it shows, `None` for an expression.
    ///
    /// # Errors
    /// The connection is lost.
    #[cfg_attr(
        not(any(feature = "column_decltype", feature = "column_metadata")),
        expect(dead_code, reason = "only these features ask")
    )]
    pub fn origins(&self, statement: &Statement) -> Result<Vec<Option<Origin>>> {
        let mut origins = vec![None; statement.column_count()];
        if !statement.plan.is_prepared() {
            return Ok(origins);
        }
        let prepared = match &statement.prepared {
            Some(prepared) => Arc::clone(prepared),
            None => {
                let prepared = self.prepare_variant(&statement.plan, &statement.bindings)?;
                self.leave().map_err(|failure| self.recover(failure, Some(&statement.plan)))?;
                prepared
            }
        };
        let (mut places, mut relations, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (place, column) in prepared.described_columns().into_iter().enumerate().take(origins.len()) {
            if let (Some(relation), Some(number)) = (column.table_oid, column.number) {
                places.push(i32::try_from(place).expect("a result has at most 1,664 columns"));
                relations.push(relation);
                numbers.push(number);
            }
        }
        if places.is_empty() {
            return Ok(origins);
        }
        let wanted = "ROWS FROM (pg_catalog.unnest($1::pg_catalog.int4[]), pg_catalog.unnest($2::pg_catalog.oid[]),
            pg_catalog.unnest($3::pg_catalog.int2[])) AS wanted(place, relation, number)";
        let answer = self.run_verbatim(&QUERY.replace("$FROM", wanted), &[&places, &relations, &numbers])?;
        for row in &answer.rows {
            let place = usize::try_from(row.get::<_, i32>(0)).expect("the places that were asked for");
            origins[place] = Some(self.origin(row));
        }
        Ok(origins)
    }

    /// The column of a visible table; names are compared without regard to the case of ASCII letters.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn table_column(&self, database: Option<&str>, table: &str, column: &str) -> Result<Option<Origin>> {
        let wanted = "(SELECT 0 AS place, t.oid AS relation, ta.attnum AS number
            FROM pg_catalog.pg_class t JOIN pg_catalog.pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum > 0 AND NOT ta.attisdropped
            WHERE t.relkind IN ('r', 'p', 'f') AND pg_catalog.pg_table_is_visible(t.oid)
              AND pg_catalog.lower(t.relname) = pg_catalog.lower($1) AND pg_catalog.lower(ta.attname) = pg_catalog.lower($2)) AS wanted";
        let answer = self.run_verbatim(&QUERY.replace("$FROM", wanted), &[&table, &column])?;
        let found = answer.rows.iter().map(|row| self.origin(row));
        Ok(found.into_iter().find(|origin| database.is_none_or(|name| name.eq_ignore_ascii_case(origin.database))))
    }

    fn origin(&self, row: &tokio_postgres::Row) -> Origin {
        Origin {
            // The tables of a database in memory are temporary ones here, and its main ones to the program.
            database: if row.get(1) && !self.is_in_memory() { "temp" } else { "main" },
            table: row.get(2),
            column: row.get(3),
            declared: row.get(4),
            collation: match row.get(5) {
                "NOCASE" => "NOCASE",
                "RTRIM" => "RTRIM",
                _ => "BINARY",
            },
            not_null: row.get(6),
            primary_key: row.get(7),
            auto_increment: row.get(8),
        }
    }
}
