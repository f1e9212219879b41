//! Which tables and columns a name can mean.

use crate::syntax::Span;

use super::ast::{Expr, Name, Quote};
use super::bare::Grouping;
use super::catalog::Table;
use super::edits::Piece;
use super::names;
use super::pass::{Pass, Result, sqlite_error};
use super::types::{Affinity, Collation, Type, Typed};

/// A column that a FROM item offers.
#[derive(Debug, Clone)]
pub(crate) struct SourceColumn {
    /// As PostgreSQL has it.
    pub name: String,
    pub typed: Typed,
    /// USING and NATURAL hide the right side's column from `*` and from bare names.
    pub merged: bool,
}

/// One item of FROM, the table of an UPDATE, `excluded`, NEW, OLD.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The name it goes by, folded; the text PostgreSQL must see is `printed`.
    pub name: String,
    pub printed: String,
    pub columns: Vec<SourceColumn>,
    /// The column that is SQLite's rowid.
    pub rowid: Option<String>,
    /// PostgreSQL's `*` would give one more column, the hidden rowid: how many stand before it.
    pub hidden_at: Option<usize>,
    /// The columns of the primary key, as PostgreSQL knows it.
    pub primary_key: Vec<String>,
    /// A table of the database, so rowid may be asked for.
    pub is_table: bool,
    /// An FTS5 table.
    pub full_text: Option<super::fts::FullText>,
    /// `excluded`, and a trigger's NEW and OLD: bare names do not mean its columns.
    pub by_name_only: bool,
}

impl Source {
    pub fn of_table(name: String, table: &Table) -> Source {
        let full_text = super::fts::FullText::of(table);
        let columns = table
            .columns
            .iter()
            .filter(|column| full_text.is_none() || super::fts::is_shown(&column.name))
            .map(|column| {
                let ty = Type::from(column.data_type);
                let mut typed = Typed::new(ty).nullable(!column.not_null);
                // Beside it a parameter is a value of its own class.
                typed.column = Some(column.data_type).filter(|_| ty != Type::Any);
                typed.affinity = match ty {
                    Type::Text if column.numeric_affinity => Affinity::Number,
                    Type::Text => Affinity::Text,
                    Type::Integer | Type::Real | Type::Numeric | Type::Boolean => Affinity::Number,
                    Type::Any if table.is_view => Affinity::Unclear,
                    Type::Any => Affinity::Blob,
                    _ => Affinity::None,
                };
                typed.int4 = matches!(
                    column.data_type,
                    super::catalog::ColumnType::SmallInt | super::catalog::ColumnType::Integer
                );
                typed.from_column = true;
                typed.has_own_collation = true;
                typed.shown = (!table.is_view).then(|| column.shown.as_ref().unwrap_or(&column.name).as_str().into());
                if column.nocase {
                    typed.collation = Collation::NoCase;
                }
                SourceColumn { name: column.name.clone(), typed, merged: false }
            })
            .collect();
        Source {
            printed: names::identifier(&name),
            name,
            columns,
            rowid: table.rowid_column().map(|column| column.name.clone()),
            hidden_at: table.hidden_rowid.is_some().then_some(table.hidden_at),
            primary_key: table
                .unique_keys
                .iter()
                .find(|key| key.is_primary)
                .map_or(Vec::new(), |key| key.columns.clone()),
            is_table: !table.is_view,
            full_text,
            by_name_only: false,
        }
    }

    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        // A table of PostgreSQL may have both "a" and "A"; the exact one wins.
        self.columns
            .iter()
            .find(|column| column.name == name)
            .or_else(|| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
    }
}

/// A result column's alias, usable in WHERE, GROUP BY, HAVING and ORDER BY on SQLite.
#[derive(Debug, Clone)]
pub(crate) struct Alias {
    pub name: String,
    pub expr: Span,
    pub typed: Typed,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub sources: Vec<Source>,
    pub aliases: Vec<Alias>,
    /// SELECT DISTINCT, whose ORDER BY must repeat the result columns' words.
    pub distinct: bool,
    /// What the result columns are made of, where it is one SELECT's.
    pub results: Vec<Vec<Piece>>,
    /// Its query aggregates.
    pub grouping: Option<Grouping>,
    /// Bare names must be printed with their source's name (DO UPDATE, trigger bodies).
    pub qualify: bool,
}

/// A common table in sight.
#[derive(Debug, Clone)]
pub(crate) struct CommonTableColumns {
    pub name: String,
    pub columns: Vec<(String, Typed)>,
    /// What reads it must print, when that is another name.
    pub printed: Option<String>,
    /// Its own body reads it.
    pub recursive: bool,
}

/// What a column name turned out to mean.
pub(crate) enum Meaning {
    Column {
        source: String,
        name: String,
        typed: Typed,
        qualify: bool,
        /// How one row of the group is chosen, where the query aggregates and does not group by it.
        pick: Option<Vec<Piece>>,
    },
    /// The alias, and whether it stands where the query's rows are not yet grouped
    Alias(Alias, bool),
    /// A `"quoted"` name that is no column
    Text,
}

pub(crate) fn is_rowid_name(name: &str) -> bool {
    ["rowid", "oid", "_rowid_"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

impl Pass<'_> {
    pub fn lookup(&self, table: Option<&Name>, column: &Name, span: Span) -> Result<Meaning> {
        for scope in self.scopes.iter().rev() {
            if let Some(found) = find_in(scope, table, column, span)? {
                return Ok(found);
            }
        }
        match table {
            None if column.quote == Quote::Double => Ok(Meaning::Text),
            None => sqlite_error(format!("no such column: {}", column.text), span, Some("no-such-column")),
            Some(table) => {
                sqlite_error(format!("no such column: {}.{}", table.text, column.text), span, Some("no-such-column"))
            }
        }
    }

    /// The alias of a result column that a whole ORDER BY or GROUP BY term names.
    pub fn alias_of(&self, expr: &Expr) -> Option<&Alias> {
        let super::ast::ExprKind::Column { schema: None, table: None, column } = &expr.kind else { return None };
        self.scopes.last()?.aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(&column.text))
    }
}

/// What is known of a rowid that is none of the table's columns.
fn hidden_rowid() -> Typed {
    let mut typed = Typed::new(Type::Integer);
    typed.column = Some(super::catalog::ColumnType::BigInt);
    typed.affinity = Affinity::Number;
    typed.from_column = true;
    typed.shown = Some("rowid".into());
    typed
}

fn find_in(scope: &Scope, table: Option<&Name>, column: &Name, span: Span) -> Result<Option<Meaning>> {
    let mut found: Option<(&Source, &SourceColumn)> = None;
    let named = |source: &&Source| table.is_none_or(|table| source.name.eq_ignore_ascii_case(&table.text));
    for source in scope.sources.iter().filter(named) {
        if table.is_none() && source.by_name_only {
            continue;
        }
        let Some(candidate) = source.column(&column.text) else { continue };
        if candidate.merged && table.is_none() {
            continue;
        }
        if found.is_some() {
            return sqlite_error(format!("ambiguous column name: {}", column.text), span, None);
        }
        found = Some((source, candidate));
    }
    if let Some((source, column)) = found {
        return Ok(Some(Meaning::Column {
            source: source.printed.clone(),
            name: column.name.clone(),
            typed: column.typed.clone(),
            qualify: scope.qualify,
            pick: scope.grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, &column.name)),
        }));
    }
    if table.is_none()
        && let Some(alias) = scope.aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(&column.text))
    {
        let grouped = scope.grouping.as_ref().is_none_or(|grouping| grouping.open);
        return Ok(Some(Meaning::Alias(alias.clone(), !grouped)));
    }
    if is_rowid_name(&column.text) {
        let mut tables = scope.sources.iter().filter(named).filter(|source| source.is_table);
        if let Some(source) = tables.next() {
            if tables.next().is_some() {
                return sqlite_error(format!("ambiguous column name: {}", column.text), span, None);
            }
            let Some(rowid) = &source.rowid else {
                return super::pass::refuse(
                    format!(
                        "table {} has no integer primary key, so PostgreSQL has nothing that is its rowid",
                        source.name
                    ),
                    span,
                    format!(
                        "name the key column instead of {}, or add an INTEGER PRIMARY KEY to the table",
                        column.text
                    ),
                );
            };
            let typed = match source.column(rowid) {
                Some(found) => found.typed.clone(),
                None => hidden_rowid(),
            };
            return Ok(Some(Meaning::Column {
                source: source.printed.clone(),
                name: rowid.clone(),
                typed: typed.nullable(false),
                qualify: scope.qualify,
                pick: scope.grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, rowid)),
            }));
        }
    }
    Ok(None)
}
