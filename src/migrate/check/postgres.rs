//! Reads the schema of a PostgreSQL database from its catalogs: what is in the first schema of the search path.

use super::facts::{Fact, Key, What};
use super::sqlite::foreign_key;
use super::{full_text, triggers};
use crate::migrate::Result;
use crate::syntax::{Token, TokenKind, tokens};
use crate::translate::session_trigger;
use crate::{Connection, Row};

/// In the session's own schema, and not of a table of ours or of an extension.
const OWN: &str = "n.nspname = pg_catalog.current_schema() AND c.relname <> 'sqlift_migrations' \
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')";

const TABLES: &str = "SELECT c.relname::text, c.relkind IN ('v', 'm') FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND $OWN ORDER BY 1";

/// Types of domains are their base's.
const COLUMNS: &str = "SELECT c.relname::text, a.attname::text, \
    pg_catalog.format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END), \
    a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), \
    CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END, \
    a.attgenerated <> '', a.attidentity <> '' OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false), \
    CASE WHEN co.collname = 'default' THEN (SELECT datcollate FROM pg_catalog.pg_database WHERE datname = current_database()) \
         ELSE co.collname::text END, \
    c.relkind IN ('v', 'm'), t.typtype = 'e' \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped \
      AND pg_catalog.col_description(c.oid, a.attnum) IS DISTINCT FROM 'sqlite rowid' AND $OWN ORDER BY c.relname, a.attnum";

/// Columns in the order of the key; the actions are single letters.
const CONSTRAINTS: &str = "SELECT c.relname::text, k.contype::text, \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY p.place) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS p(num, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.num), \
    (SELECT r.relname::text FROM pg_catalog.pg_class r WHERE r.oid = k.confrelid), \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY p.place) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS p(num, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.num), \
    k.confdeltype::text, k.confupdtype::text, k.condeferred, pg_catalog.pg_get_constraintdef(k.oid) \
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.contype IN ('p', 'u', 'f', 'c') \
      AND NOT (k.contype = 'u' AND pg_catalog.col_description(k.conrelid, k.conkey[1]) IS NOT DISTINCT FROM 'sqlite rowid') AND $OWN ORDER BY k.oid";

/// The foreign keys that triggers keep, as `CONSTRAINTS` tells the others: sql/postgres/compat/foreign_keys.sql.
const KEPT_KEYS: &str = "SELECT c.relname::text, 'f', \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY p.place) FROM pg_catalog.unnest(k.tgattr::pg_catalog.int2[]) WITH ORDINALITY AS p(num, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.tgrelid AND a.attnum = p.num), r.relname::text, \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY p.place) FROM pg_catalog.unnest(l.tgattr::pg_catalog.int2[]) WITH ORDINALITY AS p(num, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = l.tgrelid AND a.attnum = p.num), \
    pg_catalog.split_part(pg_catalog.encode(l.tgargs, 'escape'), '\\000', 1), pg_catalog.split_part(pg_catalog.encode(l.tgargs, 'escape'), '\\000', 2), \
    k.tginitdeferred, '' \
    FROM pg_catalog.pg_trigger k JOIN pg_catalog.pg_class c ON c.oid = k.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_class r ON r.oid = k.tgconstrrelid \
    JOIN pg_catalog.pg_trigger l ON l.tgrelid = r.oid AND l.tgname = 'sqlift_left_' || pg_catalog.right(k.tgname, 16) \
    WHERE k.tgname LIKE 'sqlift\\_key\\_%' AND $OWN ORDER BY k.oid";

/// Those that no primary key or unique constraint made.
const INDEXES: &str = "SELECT c.relname::text, i.relname::text, x.indisunique, \
    x.indexprs IS NULL, x.indpred IS NULL, \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY p.place) \
       FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS p(num, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = p.num WHERE p.place <= x.indnkeyatts), \
    pg_catalog.pg_get_indexdef(x.indexrelid), pg_catalog.obj_description(i.oid, 'pg_class') \
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class c ON c.oid = x.indrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) \
      AND $OWN ORDER BY i.relname";

pub(super) fn read(conn: &Connection) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    each(conn, TABLES, |row| {
        // Views are told by their columns.
        if !row.get::<_, bool>(1)? {
            facts.push(Fact::new(Key::table(&row.get::<_, String>(0)?, What::Table), "there"));
        }
        Ok(())
    })?;
    columns(conn, &mut facts)?;
    each(conn, CONSTRAINTS, |row| {
        facts.push(constraint(row)?);
        Ok(())
    })?;
    each(conn, KEPT_KEYS, |row| {
        facts.push(constraint(row)?);
        Ok(())
    })?;
    each(conn, INDEXES, |row| {
        let fact = index(row)?;
        if fact.key.what == What::PrimaryKey {
            // A primary key is told as NOT NULL on both sides; as an index it takes NULL, as on SQLite.
            for column in fact.value.split(", ") {
                let key = Key::column(&fact.key.table, column, What::NotNull);
                if !facts.iter().any(|other| other.key == key) {
                    facts.push(Fact::new(key, "NOT NULL"));
                }
            }
        }
        facts.push(fact);
        Ok(())
    })?;
    each(conn, triggers::POSTGRES, |row| triggers::of_postgres(row, &mut facts))?;
    full_text::of_postgres(conn, &mut facts)?;
    Ok(facts)
}

pub(super) fn each(conn: &Connection, sql: &str, mut f: impl FnMut(&Row<'_>) -> crate::Result<()>) -> Result<()> {
    let native = conn.native();
    let mut statement = native.prepare(&sql.replace("$OWN", OWN).replace("$SESSION", session_trigger::STORED))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        f(row)?;
    }
    Ok(())
}

fn columns(conn: &Connection, facts: &mut Vec<Fact>) -> Result<()> {
    // By table, in the order of their columns.
    let mut orders: Vec<(String, Vec<String>, bool)> = Vec::new();
    each(conn, COLUMNS, |row| {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        let is_view: bool = row.get(8)?;
        if orders.last().is_none_or(|(last, ..)| *last != table) {
            orders.push((table.clone(), Vec::new(), is_view));
        }
        if let Some((_, names, _)) = orders.last_mut() {
            names.push(column.to_ascii_lowercase());
        }
        if is_view {
            return Ok(());
        }
        let mut fact = |what, value: &str| facts.push(Fact::new(Key::column(&table, &column, what), value));
        fact(What::Column, "there");
        // Words of an enum are text.
        let is_enum: bool = row.get(9)?;
        let ty: String = row.get(2)?;
        fact(What::Type, if is_enum { "text" } else { &ty });
        if row.get(3)? {
            fact(What::NotNull, "NOT NULL");
        }
        let numbered: bool = row.get(6)?;
        if let Some(default) =
            row.get::<_, Option<String>>(4)?.filter(|default| !numbered && !default.starts_with("NULL"))
        {
            fact(What::Default, &default);
        }
        if row.get(5)? {
            fact(What::Generated, "generated");
        }
        if numbered {
            fact(What::Numbered, "yes");
        }
        if let Some(collation) = row.get::<_, Option<String>>(7)? {
            match collation.as_str() {
                // In the order of bytes, as SQLite's own.
                "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "ucs_basic" | "pg_c_utf8" => {}
                "sqlift_nocase" => fact(What::Collation, "nocase"),
                "sqlift_rtrim" => fact(What::Collation, "rtrim"),
                other => fact(What::Collation, other),
            }
        }
        Ok(())
    })?;
    for (table, columns, is_view) in orders {
        let what = if is_view { What::View } else { What::ColumnOrder };
        facts.push(Fact::new(Key::table(&table, what), columns.join(", ")));
    }
    Ok(())
}

fn constraint(row: &Row<'_>) -> crate::Result<Fact> {
    let (table, kind): (String, String) = (row.get(0)?, row.get(1)?);
    let columns = row.get::<_, Option<String>>(2)?.unwrap_or_default().to_ascii_lowercase();
    let list = |text: &str| -> Vec<String> { text.split(", ").map(str::to_owned).collect() };
    Ok(match kind.as_str() {
        "p" => Fact::new(Key::table(&table, What::PrimaryKey), columns),
        "u" => Fact::new(Key::table(&table, What::Unique(sorted(&columns))), "there"),
        "f" => {
            let (referred, to): (String, String) = (row.get(3)?, row.get(4)?);
            let (on_delete, on_update): (String, String) = (row.get(5)?, row.get(6)?);
            let to = list(&to.to_ascii_lowercase());
            let (from, value) =
                foreign_key(&list(&columns), &referred, &to, action(&on_delete), action(&on_update), row.get(7)?);
            Fact::new(Key::table(&table, What::ForeignKey(from)), value)
        }
        _ => {
            let text: String = row.get(8)?;
            let condition = text.strip_prefix("CHECK ").unwrap_or(&text).to_owned();
            Fact::new(Key::table(&table, What::Check(condition.clone())), condition)
        }
    })
}

fn action(letter: &str) -> &'static str {
    match letter {
        "c" | "CASCADE" => "CASCADE",
        "n" | "SET NULL" => "SET NULL",
        "d" | "SET DEFAULT" => "SET DEFAULT",
        "r" | "RESTRICT" => "RESTRICT",
        _ => "NO ACTION",
    }
}

fn sorted(columns: &str) -> String {
    let mut columns: Vec<&str> = columns.split(", ").collect();
    columns.sort_unstable();
    columns.join(", ")
}

fn index(row: &Row<'_>) -> crate::Result<Fact> {
    let (table, name): (String, String) = (row.get(0)?, row.get(1)?);
    let (unique, plain, whole): (bool, bool, bool) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let definition = definition(&row.get::<_, String>(6)?);
    let comment: Option<String> = row.get(7)?;
    if comment.is_some_and(|comment| comment.starts_with("sqlite key p")) {
        // A key by NOCASE or RTRIM, by its columns.
        let bare = |term: &str| {
            term.trim_start_matches("lower(").trim_start_matches("rtrim(").trim_end_matches(')').to_owned()
        };
        let terms = definition.trim_start_matches('(').strip_suffix(')').unwrap_or(&definition);
        let columns = terms.split(", ").map(bare).collect::<Vec<_>>().join(", ");
        return Ok(Fact::new(Key::table(&table, What::PrimaryKey), columns));
    }
    if unique && whole {
        // Over expressions it is told by them.
        return Ok(match plain {
            true => {
                let columns = row.get::<_, String>(5)?.to_ascii_lowercase();
                Fact::new(Key::table(&table, What::Unique(sorted(&columns))), "there")
            }
            false => Fact::new(Key::table(&table, What::Unique(definition.clone())), definition),
        });
    }
    let definition = if unique { format!("unique {definition}") } else { definition };
    Ok(Fact::new(Key::table(&table, What::Index(name.to_ascii_lowercase())), definition))
}

/// An index's definition without its name and table: `(a, lower(b) DESC) WHERE (c > 0)`, a method other than btree ahead of it.
///
/// Where NULLs stand in an index changes no answer. `lower(a COLLATE "C")` is how SQLite's lower is translated, and what
/// `lower(a)` of a column is that compares by bytes, as all do that the check lets pass.
pub(super) fn definition(text: &str) -> String {
    let rest = text.split_once(" USING ").map_or(text, |(_, rest)| rest);
    let rest = rest.strip_prefix("btree ").unwrap_or(rest).replace(" NULLS FIRST", "").replace(" NULLS LAST", "");
    without_parentheses(&rest.replace(" COLLATE \"C\"", ""))
}

/// Without parentheses around a single word inside others: what is left of `lower((a COLLATE "C"))`.
fn without_parentheses(text: &str) -> String {
    let tokens: Vec<Token> = tokens(text).collect();
    let is = |at: usize, kind: TokenKind| tokens.get(at).is_some_and(|token| token.kind == kind);
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < tokens.len() {
        let alone = at > 0
            && is(at - 1, TokenKind::LeftParen)
            && is(at, TokenKind::LeftParen)
            && is(at + 1, TokenKind::Word)
            && is(at + 2, TokenKind::RightParen);
        if alone {
            kept.push_str(tokens[at + 1].span.text(text));
            at += 3;
        } else {
            kept.push_str(tokens[at].span.text(text));
            at += 1;
        }
    }
    kept
}
