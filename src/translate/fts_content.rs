//! FTS5 tables whose text lies in another table, or nowhere, and the commands that keep them in step.
//!
//! Such a table keeps a copy of what it was given beside the tokens; what is read comes from where SQLite reads it: the
//! content table's row, or NULL. <https://sqlite.org/fts5.html#external_content_and_contentless_tables>

use std::rc::Rc;
use std::sync::Arc;

use super::ast::*;
use super::catalog::Table;
use super::edits::Piece;
use super::fts::{FullText, TOKENS};
use super::fts_definition::Definition;
use super::names::{fold, identifier, quote_literal};
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::scope::{Source, is_rowid_name};
use super::select::Place;
use super::types::Type;
use super::untyped::VALUE;
use crate::syntax::Span;

/// Where the text of a full text table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// In a table, whose column of that name is the full text table's rowid.
    Of { table: String, rowid: String },
    /// Nowhere; rows may be deleted all the same.
    Nowhere { deletes: bool },
}

/// Ahead of the two names in the name of a column that says so; PostgreSQL's catalog keeps nothing else of a table that every
/// session sees.
const OF: &str = "of:";
const NOWHERE: &str = "nowhere";
const NOWHERE_DELETES: &str = "nowhere:deletes";
const WEIGHTS: &str = "rank:";

impl Content {
    /// The name of the column that keeps it.
    pub fn marker(&self, span: Span) -> Result<String> {
        let name = match self {
            Content::Of { table, rowid } => format!("{TOKENS}{OF}{rowid}:{table}"),
            Content::Nowhere { deletes: false } => format!("{TOKENS}{NOWHERE}"),
            Content::Nowhere { deletes: true } => format!("{TOKENS}{NOWHERE_DELETES}"),
        };
        short_enough(name, span)
    }

    pub fn of(table: &Table) -> Option<Content> {
        table.columns.iter().find_map(|column| match column.name.strip_prefix(TOKENS)? {
            NOWHERE => Some(Content::Nowhere { deletes: false }),
            NOWHERE_DELETES => Some(Content::Nowhere { deletes: true }),
            name => {
                let (rowid, table) = name.strip_prefix(OF)?.split_once(':')?;
                Some(Content::Of { table: table.to_owned(), rowid: rowid.to_owned() })
            }
        })
    }
}

/// The weights that the command 'rank' gave.
pub(crate) fn weights_of(table: &Table) -> Option<String> {
    let marker = |column: &str| Some(column.strip_prefix(TOKENS)?.strip_prefix(WEIGHTS)?.to_owned());
    table.columns.iter().find_map(|column| marker(&column.name))
}

/// The weights in `bm25(10.0, 5.0)`, the only function that PostgreSQL ranks by.
pub(crate) fn weights_in(function: &str, span: Span) -> Result<String> {
    let inner =
        function.trim().strip_prefix("bm25").map(str::trim).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    let number = |weight: &str| weight.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let weights = inner.map(|inner| match inner.trim() {
        "" => Some(Vec::new()),
        list => list.split(',').map(number).collect(),
    });
    match weights.flatten() {
        Some(weights) => Ok(weights.iter().map(|weight| format!("{weight:?}")).collect::<Vec<_>>().join(", ")),
        None => refuse("a rank function other than bm25() with numbers", span, "write bm25(10.0, 5.0)"),
    }
}

/// A column of our own behind a full text table's.
pub(crate) fn marker_column(name: &str) -> String {
    format!("{} boolean GENERATED ALWAYS AS (NULL::boolean) STORED", identifier(name))
}

fn short_enough(name: String, span: Span) -> Result<String> {
    if name.len() > 63 {
        return refuse("the names of an FTS5 table's options are too long for PostgreSQL", span, "give shorter names");
    }
    Ok(name)
}

/// A full text table in FROM that is read from somewhere else.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    source: Rc<str>,
    at: Span,
    alias: Option<String>,
    table: Arc<Table>,
}

impl Reading {
    /// Gives the name of its source, where the table stands at this place.
    pub fn is_of(&mut self, at: Span, source: &Rc<str>) {
        if self.at == at {
            self.source = Rc::clone(source);
        }
    }
}

/// What the INSERT into a full text table turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Rows.
    None,
    /// A command that PostgreSQL needs nothing for.
    Nothing,
    /// One that writes.
    Write,
    /// One that changes how the table is ranked.
    Schema,
}

impl Pass<'_> {
    // ---- reading

    /// A full text table in FROM, whose name stands at `at`: remembers it where its text is elsewhere, until it is known what
    /// is asked of it.
    pub fn content_read(&mut self, source: &mut Source, at: Span, aliased: bool) -> Result<()> {
        let Some(table) = self.catalog.shared(source.full_text.as_ref().map_or("", |found| &found.table)) else {
            return Ok(());
        };
        let Some(content) = Content::of(table) else { return Ok(()) };
        let alias = (!aliased).then(|| format!(" AS {}", identifier(&table.name)));
        if let Content::Of { table: name, .. } = &content {
            let Some(found) = self.catalog.shared(name) else {
                return sqlite_error(format!("no such table: main.{name}"), at, Some("no-such-table"));
            };
            source.content = Some(Arc::clone(found));
        }
        let table = Arc::clone(table);
        self.contents.push(Reading { source: source.printed.clone(), at, alias, table });
        Ok(())
    }

    /// Puts subqueries in the place of those tables: of the rows that match, or of all that there are in the content table.
    pub fn read_contents(&mut self, from: usize) -> Result<()> {
        for reading in self.contents.split_off(from) {
            let asked = self.is_asked(&reading.source);
            let text = self.content_query(&reading, asked)?;
            self.edits.replace_text(reading.at, format!("{text}{}", reading.alias.unwrap_or_default()));
        }
        Ok(())
    }

    fn content_query(&self, reading: &Reading, asked: bool) -> Result<String> {
        let (Some(full_text), Some(content)) = (FullText::of(&reading.table), Content::of(&reading.table)) else {
            return Ok(String::new());
        };
        let (own, tokens) = (identifier(&full_text.table), &full_text.tokens);
        let Content::Of { table, rowid } = &content else {
            // Text where an earlier version made the table.
            let is_text = |column: &str| {
                reading.table.column(column).is_some_and(|column| Type::from(column.data_type) == Type::Text)
            };
            let null = |column: &String| {
                let ty = if is_text(column) { "text" } else { VALUE };
                format!("NULL::{ty} AS {}, ", identifier(column))
            };
            let columns: Vec<String> = full_text.columns.iter().map(null).collect();
            return Ok(format!("(SELECT {}rowid, {tokens} FROM {own})", columns.concat()));
        };
        let key = self.content_key(table, rowid, reading.at)?;
        let mut columns = String::new();
        for column in &full_text.columns {
            let found = self.content_column(table, column, reading.at)?;
            let (value, name) = (format!("sqlift_c.{}", identifier(&found)), identifier(column));
            columns += &match asked {
                true => format!(
                    "CASE WHEN sqlift_c.{key} IS NULL THEN sqlift.fts_missing({value}, {}, sqlift_f.rowid) ELSE {value} END AS {name}, ",
                    quote_literal(table)
                ),
                false => format!("{value} AS {name}, "),
            };
        }
        let content = identifier(table);
        Ok(match asked {
            true => format!(
                "(SELECT {columns}sqlift_f.rowid, sqlift_f.{tokens} FROM {own} AS sqlift_f LEFT JOIN {content} AS sqlift_c ON sqlift_c.{key} = sqlift_f.rowid)"
            ),
            false => format!(
                "(SELECT {columns}sqlift_c.{key} AS rowid, sqlift_f.{tokens} FROM {content} AS sqlift_c LEFT JOIN {own} AS sqlift_f ON sqlift_f.rowid = sqlift_c.{key})"
            ),
        })
    }

    /// The content table's column that is the full text table's rowid, as printed.
    fn content_key(&self, table: &str, rowid: &str, span: Span) -> Result<String> {
        let found = self.catalog.table(table);
        let own = found.and_then(|table| table.rowid_column().or(table.hidden_rowid.as_ref()));
        match (found.and_then(|table| table.column(rowid)), own) {
            (Some(column), _) => Ok(identifier(&column.name)),
            (None, Some(column)) if is_rowid_name(rowid) => Ok(identifier(&column.name)),
            _ => sqlite_error(format!("no such column: T.{rowid}"), span, Some("no-such-column")),
        }
    }

    fn content_column(&self, table: &str, column: &str, span: Span) -> Result<String> {
        match self.catalog.table(table).and_then(|table| table.column(column)) {
            Some(found) => Ok(found.name.clone()),
            None => sqlite_error(format!("no such column: T.{column}"), span, Some("no-such-column")),
        }
    }

    /// UPDATE and DELETE, which a table without text cannot take.
    pub fn content_is_there(&self, table: &Table, verb: &str, span: Span) -> Result<()> {
        match Content::of(table) {
            Some(Content::Nowhere { deletes }) if !(deletes && verb == "DELETE") => {
                let word = if verb == "DELETE" { "DELETE from" } else { "UPDATE" };
                sqlite_error(format!("cannot {word} contentless fts5 table: {}", table.name), span, None)
            }
            _ => Ok(()),
        }
    }

    // ---- INSERT INTO ft(ft) VALUES ('optimize')

    /// What the INSERT is to a full text table.
    pub fn full_text_command(&mut self, insert: &Insert, span: Span) -> Result<Command> {
        let table = self.catalog.shared(&insert.table.name.text).filter(|table| FullText::of(table).is_some());
        let Some(table) = table.map(Arc::clone) else { return Ok(Command::None) };
        if !insert.columns.first().is_some_and(|column| column.text.eq_ignore_ascii_case(&table.name)) {
            return Ok(Command::None);
        }
        let at = insert.table.span;
        let InsertSource::Select(select) = &insert.source else {
            return refuse("a command to an FTS5 table that is no literal", at, "write the command as a string");
        };
        let values: Vec<&Expr> = match &select.body.first.kind {
            SelectCoreKind::Values(rows) => rows.first().map_or(Vec::new(), |row| row.values.iter().collect()),
            SelectCoreKind::Select(simple) => (simple.columns.iter())
                .map_while(|column| match &column.kind {
                    ResultColumnKind::Expr { expr, .. } => Some(expr),
                    _ => None,
                })
                .collect(),
        };
        let text = |index: usize| match values.get(index).map(|value| &peel(value).kind) {
            Some(ExprKind::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let Some(command) = text(0) else {
            return refuse("a command to an FTS5 table that is no literal", at, "write the command as a string");
        };
        let content = Content::of(&table);
        match (command, &content) {
            ("rebuild", Some(Content::Of { table: content, rowid })) => {
                let rebuilt = self.rebuilt(&table, content, rowid, at)?;
                self.edits.replace_text(span, rebuilt);
                Ok(Command::Write)
            }
            ("rebuild", None) => match retokenized(&table) {
                Some(text) => {
                    self.edits.replace_text(span, text);
                    Ok(Command::Write)
                }
                None => Ok(Command::Nothing),
            },
            ("rebuild", Some(Content::Nowhere { .. })) => {
                sqlite_error("'rebuild' may not be used with a contentless fts5 table", at, None)
            }
            ("delete-all", Some(_)) => {
                self.edits.replace_text(span, format!("DELETE FROM {}", identifier(&table.name)));
                Ok(Command::Write)
            }
            ("delete-all", None) => sqlite_error(
                "'delete-all' may only be used with a contentless or external content fts5 table",
                at,
                None,
            ),
            ("delete", Some(Content::Nowhere { deletes: true })) => {
                sqlite_error("'delete' may not be used with a contentless_delete=1 table", at, None)
            }
            ("delete", Some(_)) => {
                self.deleted(&table, insert, select, span)?;
                Ok(Command::Write)
            }
            ("delete", None) => sqlite_error("SQL logic error", at, None),
            ("rank", _) => {
                let Some(function) = text(1) else {
                    return refuse("a rank function that is no literal", at, "write it as a string: 'bm25(10.0, 5.0)'");
                };
                self.ranked_by(&table, function, at, span)?;
                Ok(Command::Schema)
            }
            (
                "optimize" | "merge" | "integrity-check" | "automerge" | "crisismerge" | "usermerge" | "deletemerge"
                | "pgsz" | "secure-delete" | "hashsize" | "flush",
                _,
            ) => Ok(Command::Nothing),
            _ => refuse(format!("the FTS5 command '{command}' has no counterpart on PostgreSQL"), at, "leave it out"),
        }
    }

    /// 'delete' with the rowid and the values that were there: the row goes.
    fn deleted(&mut self, table: &Table, insert: &Insert, select: &Select, span: Span) -> Result<()> {
        let Some(at) = insert.columns.iter().position(|column| column.text.eq_ignore_ascii_case("rowid")) else {
            return refuse(
                "the FTS5 command 'delete' without a rowid",
                insert.table.span,
                "name rowid among the columns",
            );
        };
        let columns = self.select(select, Place::Inner)?;
        let list: Vec<String> = (1..=columns.len()).map(|number| format!("sqlift_c{number}")).collect();
        let cast = if columns.get(at).is_some_and(|(_, typed)| typed.ty == Type::Integer) { "" } else { "::bigint" };
        self.edits.replace(
            span,
            [
                Piece::from(format!(
                    "DELETE FROM {} WHERE rowid IN (SELECT sqlift_c{}{cast} FROM (",
                    identifier(&table.name),
                    at + 1
                )),
                select.span.into(),
                format!(") AS sqlift_d({}))", list.join(", ")).into(),
            ],
        );
        Ok(())
    }

    /// 'rebuild': all rows of the content table, and no others.
    fn rebuilt(&self, table: &Table, content: &str, rowid: &str, span: Span) -> Result<String> {
        let key = self.content_key(content, rowid, span)?;
        let own = identifier(&table.name);
        let (mut names, mut values, mut updates) = (String::new(), String::new(), Vec::new());
        for column in FullText::of(table).map_or(Vec::new(), |full_text| full_text.columns) {
            let name = identifier(&column);
            let found = self.content_column(content, &column, span)?;
            let from = self.catalog.table(content).and_then(|table| table.column(&found));
            let to = table.column(&column).map_or(Type::Any, |column| Type::from(column.data_type));
            let value = format!("sqlift_c.{}", identifier(&found));
            names += &format!(", {name}");
            values += ", ";
            values += &copied(&value, from.map_or(Type::Any, |column| Type::from(column.data_type)), to);
            updates.push(format!("{name} = excluded.{name}"));
        }
        let content = identifier(content);
        Ok(format!(
            "WITH sqlift_d AS (DELETE FROM {own} WHERE NOT EXISTS (SELECT FROM {content} AS sqlift_c WHERE sqlift_c.{key} = {own}.rowid)) \
             INSERT INTO {own}(rowid{names}) SELECT sqlift_c.{key}{values} FROM {content} AS sqlift_c ON CONFLICT (rowid) DO UPDATE SET {}",
            updates.join(", ")
        ))
    }

    /// 'rank': the weights that `rank` is made with from now on.
    fn ranked_by(&mut self, table: &Table, function: &str, at: Span, span: Span) -> Result<()> {
        let weights = weights_in(function, at)?;
        let marker = |weights: &str| short_enough(format!("{TOKENS}{WEIGHTS}{weights}"), at);
        let mut changes = Vec::new();
        if let Some(before) = weights_of(table) {
            changes.push(format!("DROP COLUMN {}", identifier(&marker(&before)?)));
        }
        if !weights.is_empty() {
            changes.push(format!("ADD COLUMN {}", marker_column(&marker(&weights)?)));
        }
        let text = match changes.is_empty() {
            true => format!("ALTER TABLE {} RENAME COLUMN rowid TO rowid", identifier(&table.name)),
            false => format!("ALTER TABLE {} {}", identifier(&table.name), changes.join(", ")),
        };
        self.edits.replace_text(span, text);
        Ok(())
    }
}

/// 'rebuild' of a table with its own text: the rows whose tokens an earlier version of sqlift found in another way.
fn retokenized(table: &Table) -> Option<String> {
    let (full_text, definition) = (FullText::of(table)?, Definition::of_table(table)?);
    let mut columns = String::new();
    for column in &definition.columns {
        let (name, known) = (identifier(&column.name), table.column(&column.name)?);
        let ty = if Type::from(known.data_type) == Type::Text { "text" } else { VALUE };
        columns += &if column.is_indexed { format!(", {name}") } else { format!(", NULL::{ty}") };
    }
    let (own, tokens) = (identifier(&table.name), &full_text.tokens);
    // A generated column follows when a column is written that it is made of.
    let set: Vec<String> = full_text.columns.iter().map(|column| format!("{0} = {0}", identifier(column))).collect();
    Some(format!(
        "UPDATE {own} SET {} WHERE {tokens} IS DISTINCT FROM sqlift.fts_row('{}'{columns})",
        set.join(", "),
        full_text.tokenizer()
    ))
}

/// A value of the content table in the full text table's column, which is text where an earlier version made it.
fn copied(value: &str, from: Type, to: Type) -> String {
    match (from, to) {
        (from, to) if from == to => value.to_owned(),
        (_, Type::Text) => format!("sqlift.to_text({value})"),
        // Of each width.
        (Type::Integer | Type::Boolean, _) => format!("sqlift.value_of({value}::bigint)"),
        (Type::Real, _) => format!("sqlift.value_of({value}::double precision)"),
        (Type::Text | Type::Numeric | Type::Blob, _) => format!("sqlift.value_of({value})"),
        _ => format!("sqlift.value_of(sqlift.to_text({value}))"),
    }
}

/// What the options of CREATE VIRTUAL TABLE say of the text; `options` are their names in small and their values.
pub(crate) fn content_in(options: &[(String, String, Span)]) -> Result<Option<Content>> {
    let value = |name: &str| options.iter().find(|(option, ..)| option == name).map(|(_, value, _)| value.as_str());
    let deletes = value("contentless_delete").is_some_and(|value| value != "0");
    let content = value("content");
    let at = options.first().map_or(Span::default(), |(.., at)| *at);
    match content {
        Some("") => Ok(Some(Content::Nowhere { deletes })),
        _ if deletes => sqlite_error("contentless_delete=1 requires a contentless table", at, None),
        Some(table) => {
            Ok(Some(Content::Of { table: fold(table), rowid: fold(value("content_rowid").unwrap_or("rowid")) }))
        }
        None => Ok(None),
    }
}
