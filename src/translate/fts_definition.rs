//! `CREATE VIRTUAL TABLE ... USING fts5(...)`: its columns and options, and the table that keeps them.

use std::sync::Arc;

use super::TypePolicy;
use super::ast::*;
use super::catalog::{Catalog, Collation, Column, ColumnType, Table, UniqueKey};
use super::fts::TOKENS;
use super::fts_content::{Content, content_in, marker_column};
use super::names::{fold, identifier, quote_literal};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::table::hidden_rowid;
use super::untyped::VALUE;
use crate::syntax::Span;

/// A column of a full text table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FtsColumn {
    /// As it is written; `name` is the same in small letters.
    pub shown: String,
    pub name: String,
    pub is_indexed: bool,
}

/// What a CREATE VIRTUAL TABLE says.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub columns: Vec<FtsColumn>,
    tokenizer: &'static str,
    content: Option<Content>,
}

impl Definition {
    pub fn of(create: &CreateVirtualTable, span: Span) -> Result<Definition> {
        let mut columns: Vec<FtsColumn> = Vec::new();
        let mut tokenizer = "unicode61";
        let mut options = Vec::new();
        for (at, argument) in &create.arguments {
            match argument.split_once('=') {
                Some((option, value)) => {
                    if let Some(found) = option_of(option.trim(), value, *at)? {
                        tokenizer = found;
                    }
                    options.push((fold(option.trim()), unquoted(value).to_owned(), *at));
                }
                None => columns.push(column_of(argument, *at)?),
            }
        }
        let content = content_in(&options)?;
        if columns.is_empty() {
            return sqlite_error("vtable constructor failed: no columns", create.name.span, None);
        }
        if let Some(reserved) = columns.iter().find(|column| ["rank", "rowid"].contains(&&*column.name)) {
            return sqlite_error(format!("reserved fts5 column name: {}", reserved.shown), span, None);
        }
        Ok(Definition { columns, tokenizer, content })
    }

    /// What the text of a table's CREATE says.
    pub fn of_table(table: &Table) -> Option<Definition> {
        super::deep::with_tree(table.created.as_deref()?, |statement| match &statement.kind {
            StatementKind::CreateVirtualTable(create) => Definition::of(create, statement.span).ok(),
            _ => None,
        })
        .ok()?
    }

    fn tokens(&self) -> String {
        format!("{TOKENS}{}", self.tokenizer)
    }

    /// Our own columns behind the program's: the tokens, and what says where the text is.
    fn own_columns(&self, span: Span) -> Result<Vec<(String, ColumnType)>> {
        let marker = self.content.as_ref().map(|content| content.marker(span)).transpose()?;
        let tokens = (self.tokens(), ColumnType::Other);
        Ok(std::iter::once(tokens).chain(marker.map(|name| (name, ColumnType::Boolean))).collect())
    }

    /// The table as the catalog will have it.
    fn table(&self, name: &str, span: Span) -> Result<Table> {
        let mut columns: Vec<Column> = Vec::new();
        for one in &self.columns {
            let shown = Some(one.shown.clone()).filter(|shown| *shown != one.name);
            columns.push(Column { shown, ..Column::new(&one.name, ColumnType::Any) });
        }
        let hidden_at = columns.len();
        for (name, data_type) in self.own_columns(span)? {
            columns.push(Column { is_generated: true, ..Column::new(&name, data_type) });
        }
        Ok(Table {
            name: name.to_owned(),
            schema: "public".to_owned(),
            columns,
            unique_keys: vec![UniqueKey::over(
                format!("{name}_pkey"),
                vec![("rowid".to_owned(), Collation::Binary)],
                true,
            )],
            hidden_rowid: hidden_rowid(std::iter::empty(), TypePolicy::FAITHFUL),
            hidden_at,
            ..Table::default()
        })
    }
}

impl Pass<'_> {
    pub fn create_virtual_table(&mut self, create: &CreateVirtualTable, span: Span) -> Result<()> {
        if !create.module.text.eq_ignore_ascii_case("fts5") {
            return refuse(
                format!("the virtual table module {} is SQLite's", create.module.text),
                create.module.span,
                "use an ordinary table; FTS5 tables have a counterpart",
            );
        }
        if let Some(schema) = &create.name.schema {
            self.own_schema(schema)?;
        }
        let temporary = self.is_temporary(false, &create.name)?;
        if !create.if_not_exists {
            self.name_is_free(&create.name, temporary)?;
        }
        let name = fold(&create.name.name.text);
        let definition = Definition::of(create, span)?;
        let own = definition.own_columns(create.name.span)?;
        let marker = own.get(1).map_or(String::new(), |(name, _)| format!(", {}", marker_column(name)));
        let table = identifier(&name);
        let mut declared = String::new();
        let mut indexed = String::new();
        for column in &definition.columns {
            let name = identifier(&column.name);
            declared += &format!("{name} {VALUE}, ");
            indexed += &if column.is_indexed { format!(", {name}") } else { format!(", NULL::{VALUE}") };
        }
        let exists = if create.if_not_exists { "IF NOT EXISTS " } else { "" };
        let tokens = definition.tokens();
        let schema = if temporary { "pg_temp." } else { "" };
        self.edits.replace_text(
            span,
            format!(
                "CREATE TABLE {exists}{schema}{table} ({declared}rowid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, \
                 {tokens} text[] GENERATED ALWAYS AS (sqlift.fts_row('{}'{indexed})) STORED{marker})",
                definition.tokenizer
            ),
        );
        let is_new = (self.catalog.table(&name)).is_none_or(|other| temporary && !other.schema.starts_with("pg_temp"));
        if is_new {
            self.afterwards.push(format!("COMMENT ON COLUMN {table}.rowid IS 'sqlite rowid'"));
            self.remember("VIRTUAL TABLE", "TABLE", &table, create.name.name.span, span);
            for column in definition.columns.iter().filter(|column| column.shown != column.name) {
                let (column, kept) = (identifier(&column.name), quote_literal(&format!("named {}", column.shown)));
                self.afterwards.push(format!("COMMENT ON COLUMN {table}.{column} IS {kept}"));
            }
            self.afterwards.push(format!(
                "CREATE INDEX {exists}{} ON {table} USING gin (sqlift.fts_lexemes({tokens}))",
                identifier(&format!("{name}_{TOKENS}index"))
            ));
            self.mend(span)?;
        }
        self.note(&rules::schema::FULL_TEXT, create.module.span);
        Ok(())
    }
}

/// Brings the catalog to what it is behind the statement, whose text is `kept`; another module's table is none of PostgreSQL's.
pub(crate) fn apply(catalog: &mut Catalog, create: &CreateVirtualTable, span: Span, kept: String) {
    let name = fold(&create.name.name.text);
    if !create.module.text.eq_ignore_ascii_case("fts5") || catalog.tables.contains_key(&name) {
        return;
    }
    let Ok(table) = Definition::of(create, span).and_then(|definition| definition.table(&name, span)) else { return };
    let made = catalog.next_made();
    catalog.tables.insert(name, Arc::new(Table { created: Some(kept), made, ..table }));
}

fn column_of(argument: &str, span: Span) -> Result<FtsColumn> {
    let (name, options) = match argument.strip_prefix(['"', '`', '\'', '[']) {
        Some(rest) => {
            let close = if argument.starts_with('[') { ']' } else { argument.chars().next().unwrap_or('"') };
            rest.split_once(close).unwrap_or((rest, ""))
        }
        None => argument.split_once(char::is_whitespace).unwrap_or((argument, "")),
    };
    let is_indexed = match options.trim() {
        "" => true,
        word if word.eq_ignore_ascii_case("unindexed") => false,
        word => return sqlite_error(format!("unrecognized column option: {word}"), span, None),
    };
    Ok(FtsColumn { shown: name.to_owned(), name: fold(name), is_indexed })
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['\'', '"', '`', '[', ']'])
}

/// The tokenizer, where the option names one.
fn option_of(option: &str, value: &str, span: Span) -> Result<Option<&'static str>> {
    let value = unquoted(value);
    let words: Vec<String> =
        value.split_whitespace().map(|word| word.trim_matches(['\'', '"']).to_ascii_lowercase()).collect();
    match option.to_ascii_lowercase().as_str() {
        "prefix" | "columnsize" => Ok(None),
        "detail" if value.eq_ignore_ascii_case("full") => Ok(None),
        "tokenize" => {
            let (stems, rest) = match words.split_first() {
                Some((first, rest)) if first == "porter" => (true, rest),
                _ => (false, words.as_slice()),
            };
            let words: Vec<&str> = rest.iter().map(String::as_str).collect();
            let found = match (stems, words.as_slice()) {
                (false, [] | ["unicode61"] | ["unicode61", "remove_diacritics", "1"]) => "unicode61",
                (false, ["unicode61", "remove_diacritics", "0"]) => "unicode61_marks",
                (false, ["unicode61", "remove_diacritics", "2"]) => "unicode61_all",
                (false, ["ascii"]) => "ascii",
                (true, [] | ["unicode61"] | ["unicode61", "remove_diacritics", "1"]) => "porter",
                (true, ["unicode61", "remove_diacritics", "0"]) => "porter_marks",
                (true, ["unicode61", "remove_diacritics", "2"]) => "porter_all",
                (true, ["ascii"]) => "porter_ascii",
                (false, ["trigram"] | ["trigram", "case_sensitive" | "remove_diacritics", "0"]) => "trigram",
                _ => {
                    return refuse(
                        format!("the tokenizer '{value}' has no counterpart on PostgreSQL"),
                        span,
                        "use unicode61, ascii, porter or trigram without further options",
                    );
                }
            };
            Ok(Some(found))
        }
        "content" | "content_rowid" | "contentless_delete" => Ok(None),
        _ => refuse(
            format!("the option {option} of an FTS5 table has no counterpart on PostgreSQL"),
            span,
            "leave it out",
        ),
    }
}
