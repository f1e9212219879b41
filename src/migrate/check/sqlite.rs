//! Reads the schema of a SQLite database: pragmas, and the parsed CREATE statements for what pragmas do not tell.

use super::facts::{Fact, Key, What};
use super::{full_text, triggers};
use crate::migrate::Result;
use crate::translate::ast::{
    ColumnConstraintKind, CreateIndex, CreateTable, CreateTableBody, Deferrable, ForeignKeyClause, StatementKind,
    TableConstraintKind,
};
use crate::translate::parser::parse_statement;
use crate::{Connection, OptionalExtension};

/// Without those in which virtual tables keep their rows.
const TABLES: &str = "SELECT name, type, COALESCE(sql, ''), tbl_name FROM sqlite_master \
    WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name <> 'sqlift_migrations' \
    AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') ORDER BY name";

pub(super) fn read(conn: &Connection) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    let mut statement = conn.prepare(TABLES)?;
    let objects: Vec<(String, String, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<crate::Result<_>>()?;
    for (name, kind, sql, table) in &objects {
        match kind.as_str() {
            "table" if full_text::is_of_sqlite(sql) => full_text::of_sqlite(name, sql, &mut facts),
            "table" => table_facts(conn, name, sql, &mut facts)?,
            "view" => {
                let columns = names(conn, "SELECT name FROM pragma_table_info(?)", name)?;
                facts.push(Fact::new(Key::table(name, What::View), columns.join(", ")));
            }
            "trigger" => triggers::of_sqlite(table, name, sql, &mut facts),
            _ => {}
        }
    }
    Ok(facts)
}

fn names(conn: &Connection, sql: &str, of: &str) -> Result<Vec<String>> {
    let mut statement = conn.prepare(sql)?;
    let names = statement.query_map([of], |row| Ok(row.get::<_, String>(0)?.to_ascii_lowercase()))?;
    Ok(names.collect::<crate::Result<_>>()?)
}

struct Column {
    name: String,
    declared: String,
    not_null: bool,
    default: Option<String>,
    key: i64,
    hidden: i64,
}

fn table_facts(conn: &Connection, table: &str, sql: &str, facts: &mut Vec<Fact>) -> Result<()> {
    facts.push(Fact::new(Key::table(table, What::Table), "there"));
    let mut statement =
        conn.prepare("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")?;
    let columns: Vec<Column> = statement
        .query_map([table], |row| {
            Ok(Column {
                name: row.get(0)?,
                declared: row.get(1)?,
                not_null: row.get(2)?,
                default: row.get(3)?,
                key: row.get(4)?,
                hidden: row.get(5)?,
            })
        })?
        .collect::<crate::Result<_>>()?;
    let parsed = create_table(sql);
    let without_rowid =
        matches!(&parsed, Some(CreateTable { body: CreateTableBody::Columns { without_rowid: true, .. }, .. }));
    let order: Vec<String> = columns.iter().map(|column| column.name.to_ascii_lowercase()).collect();
    facts.push(Fact::new(Key::table(table, What::ColumnOrder), order.join(", ")));
    let mut key: Vec<&Column> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    if !key.is_empty() {
        let names: Vec<String> = key.iter().map(|column| column.name.to_ascii_lowercase()).collect();
        facts.push(Fact::new(Key::table(table, What::PrimaryKey), names.join(", ")));
    }
    for column in &columns {
        let fact = |what, value: &str| Fact::new(Key::column(table, &column.name, what), value);
        facts.push(fact(What::Column, "there"));
        let declared = if column.declared.is_empty() { "no type" } else { &column.declared };
        facts.push(fact(What::Type, declared));
        if column.not_null || column.key > 0 {
            // A key may hold NULL on SQLite, by an old mistake of its own; nobody means it.
            facts.push(fact(What::NotNull, "NOT NULL"));
        }
        if let Some(default) = column.default.as_deref().filter(|default| !default.eq_ignore_ascii_case("null")) {
            facts.push(fact(What::Default, default));
        }
        if matches!(column.hidden, 2 | 3) {
            facts.push(fact(What::Generated, "generated"));
        }
        if key.len() == 1 && column.key == 1 && !without_rowid && column.declared.eq_ignore_ascii_case("integer") {
            facts.push(fact(What::Numbered, "yes"));
        }
    }
    indexes(conn, table, facts)?;
    foreign_keys(conn, table, parsed.as_ref(), facts)?;
    if let Some(CreateTable { body: CreateTableBody::Columns { columns, constraints, .. }, .. }) = &parsed {
        let check = |span: crate::syntax::Span| {
            let text = span.text(sql).to_owned();
            Fact::new(Key::table(table, What::Check(text.clone())), text)
        };
        for column in columns {
            for constraint in &column.constraints {
                match &constraint.kind {
                    ColumnConstraintKind::Check { expr } => facts.push(check(expr.span)),
                    ColumnConstraintKind::Collate { collation } if !collation.text.eq_ignore_ascii_case("binary") => {
                        let collation = collation.text.to_ascii_lowercase();
                        facts.push(Fact::new(Key::column(table, &column.name.text, What::Collation), collation));
                    }
                    _ => {}
                }
            }
        }
        for constraint in constraints {
            if let TableConstraintKind::Check { expr } = &constraint.kind {
                facts.push(check(expr.span));
            }
        }
    }
    Ok(())
}

fn create_table(sql: &str) -> Option<CreateTable> {
    match parse_statement(sql).ok()?.kind {
        StatementKind::CreateTable(create) => Some(*create),
        _ => None,
    }
}

/// The terms and the condition of an index, as text: `a, lower(b) DESC` and `c > 0`.
pub(super) fn index_parts(sql: &str) -> Option<(String, Option<String>)> {
    let StatementKind::CreateIndex(create) = parse_statement(sql).ok()?.kind else { return None };
    let CreateIndex { terms, where_clause, .. } = *create;
    let terms = terms.first()?.span.to(terms.last()?.span).text(sql).to_owned();
    Some((terms, where_clause.map(|condition| condition.span.text(sql).to_owned())))
}

fn indexes(conn: &Connection, table: &str, facts: &mut Vec<Fact>) -> Result<()> {
    let mut statement = conn.prepare("SELECT name, \"unique\", origin, partial FROM pragma_index_list(?)")?;
    let indexes: Vec<(String, bool, String, bool)> = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<crate::Result<_>>()?;
    for (name, unique, origin, partial) in indexes {
        if origin == "pk" {
            continue;
        }
        let mut statement = conn.prepare("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno")?;
        let columns: Vec<(Option<String>, String)> =
            statement.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<crate::Result<_>>()?;
        let binary = columns.iter().all(|(_, collation)| collation.eq_ignore_ascii_case("binary"));
        let plain: Option<Vec<String>> = (columns.into_iter())
            .map(|(name, collation)| {
                let name = name?.to_ascii_lowercase();
                // A key may compare by another collation than its column.
                let own = !collation.eq_ignore_ascii_case("binary");
                Some(if own { format!("{name} COLLATE {collation}") } else { name })
            })
            .collect();
        match plain.filter(|_| unique && !partial) {
            Some(mut columns) if binary => {
                columns.sort();
                facts.push(Fact::new(Key::table(table, What::Unique(columns.join(", "))), "there"));
            }
            Some(columns) => {
                let terms = format!("({})", columns.join(", "));
                facts.push(Fact::new(Key::table(table, What::Unique(terms.clone())), terms));
            }
            None => {
                let sql: Option<String> = conn
                    .query_row("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", [&name], |row| {
                        row.get(0)
                    })
                    .optional()?
                    .flatten();
                let Some((terms, condition)) = sql.as_deref().and_then(index_parts) else { continue };
                let what = match (unique, &condition) {
                    (true, None) => What::Unique(format!("({terms})")),
                    _ => What::Index(name.to_ascii_lowercase()),
                };
                let unique = if unique && condition.is_some() { "unique " } else { "" };
                let condition = condition.map_or(String::new(), |condition| format!(" WHERE {condition}"));
                facts.push(Fact::new(Key::table(table, what), format!("{unique}({terms}){condition}")));
            }
        }
    }
    Ok(())
}

struct ForeignKey {
    from: Vec<String>,
    to: Vec<String>,
    table: String,
    on_update: String,
    on_delete: String,
}

fn foreign_keys(conn: &Connection, table: &str, parsed: Option<&CreateTable>, facts: &mut Vec<Fact>) -> Result<()> {
    let mut statement = conn.prepare(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq",
    )?;
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if keys.last().is_none_or(|(last, _)| *last != id) {
            let (table, on_update, on_delete) = (row.get(1)?, row.get(4)?, row.get(5)?);
            keys.push((id, ForeignKey { from: Vec::new(), to: Vec::new(), table, on_update, on_delete }));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.from.push(row.get::<_, String>(2)?.to_ascii_lowercase());
            key.to.extend(row.get::<_, Option<String>>(3)?.map(|name| name.to_ascii_lowercase()));
        }
    }
    for (_, mut key) in keys {
        if key.to.is_empty() {
            key.to = names(conn, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", &key.table)?;
        }
        let deferred = parsed.is_some_and(|parsed| is_deferred(parsed, &key.from));
        let (from, value) = foreign_key(&key.from, &key.table, &key.to, &key.on_delete, &key.on_update, deferred);
        facts.push(Fact::new(Key::table(table, What::ForeignKey(from)), value));
    }
    Ok(())
}

/// The columns of a foreign key, and what it says, in the form of both databases.
pub(super) fn foreign_key(
    from: &[String],
    table: &str,
    to: &[String],
    on_delete: &str,
    on_update: &str,
    deferred: bool,
) -> (String, String) {
    // RESTRICT and NO ACTION differ only in when they fail.
    let action = |when: &str, action: &str| match action.to_ascii_uppercase().as_str() {
        "NO ACTION" => String::new(),
        action => format!(" ON {when} {action}"),
    };
    let mut value = format!("REFERENCES {} ({})", table.to_ascii_lowercase(), to.join(", "));
    value += &action("DELETE", on_delete);
    value += &action("UPDATE", on_update);
    if deferred {
        value += " DEFERRABLE INITIALLY DEFERRED";
    }
    (from.join(", "), value)
}

fn is_deferred(create: &CreateTable, from: &[String]) -> bool {
    let CreateTableBody::Columns { columns, constraints, .. } = &create.body else { return false };
    let deferred = |clause: &ForeignKeyClause| {
        matches!(clause.deferrable, Some(Deferrable { deferrable: true, initially_deferred: true }))
    };
    let is_from = |names: &[&str]| {
        names.len() == from.len() && names.iter().zip(from).all(|(name, from)| name.eq_ignore_ascii_case(from))
    };
    let in_columns = columns.iter().filter(|column| is_from(&[&column.name.text])).any(|column| {
        column
            .constraints
            .iter()
            .any(|constraint| matches!(&constraint.kind, ColumnConstraintKind::References(clause) if deferred(clause)))
    });
    in_columns
        || constraints.iter().any(|constraint| match &constraint.kind {
            TableConstraintKind::ForeignKey { columns, references } => {
                is_from(&columns.iter().map(|name| name.text.as_str()).collect::<Vec<_>>()) && deferred(references)
            }
            _ => false,
        })
}

/// Whether a check says no more than the column's own type on PostgreSQL does: `active IN (0, 1)` of a boolean,
/// `json_valid(payload)` of jsonb. Gives the column.
pub(super) fn implied_by_type(condition: &str) -> Option<(String, &'static str)> {
    let sql = format!("SELECT {condition}");
    let words: Vec<String> = crate::syntax::tokens(&sql)
        .filter(|token| !token.kind.is_trivia())
        .skip(1)
        .map(|token| token.span.text(&sql).trim_matches(['"', '`', '[', ']']).to_ascii_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [column, "in", "(", "0", ",", "1", ")"] | [column, "in", "(", "1", ",", "0", ")"] => {
            Some(((*column).to_owned(), "boolean"))
        }
        [column, "between", "0", "and", "1"] => Some(((*column).to_owned(), "boolean")),
        ["json_valid", "(", column, ")"] => Some(((*column).to_owned(), "json")),
        _ => None,
    }
}
