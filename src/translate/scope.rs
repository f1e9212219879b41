//! Which tables and columns a name can mean.

use std::rc::Rc;
use std::sync::Arc;

use crate::syntax::Span;

use super::ast::{Expr, Name, Quote};
use super::catalog::{Column, Table};
use super::column_name::ColumnName;
use super::edits::Piece;
use super::grouping::Grouping;
use super::hidden_columns::Withheld;
use super::names;
use super::parser::boolean_word;
use super::pass::{Pass, Result, sqlite_error};
use super::types::{Affinity, Type, Typed};

/// A column that a FROM item offers.
#[derive(Debug, Clone)]
pub(crate) struct SourceColumn {
    pub name: ColumnName,
    pub typed: Typed,
    /// USING and NATURAL hide the right side's column from `*` and from bare names.
    pub merged: bool,
}

/// One item of FROM, the table of an UPDATE, `excluded`, NEW, OLD.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The name it goes by, folded; the text PostgreSQL must see is `printed`.
    pub name: Rc<str>,
    pub printed: Rc<str>,
    offered: Offered,
    /// An outer join gives rows of NULLs for it.
    pub is_outer: bool,
    /// Columns that USING and NATURAL hide from `*` and from bare names.
    pub merged: Vec<ColumnName>,
    /// They were merged by ON, so that bare names need the left column's table.
    pub merges_by_on: bool,
    /// PostgreSQL's `*` would give one more column, the hidden rowid or json_each's raw element: how many stand before it.
    pub hidden_at: Option<usize>,
    /// A table of the database, so rowid may be asked for.
    pub is_table: bool,
    /// `json_each()`, `sqlite_master` and the like.
    pub is_function: bool,
    /// Their columns that a name reaches and `*` does not.
    pub hidden: Rc<[SourceColumn]>,
    /// Their rows have a number, which is SQLite's rowid.
    pub is_numbered: bool,
    /// json_each's elements are sorted for GROUP BY, and are text then.
    pub loses_marks: bool,
    /// Its columns that are json_each's elements, where it tells their types.
    pub marked: Rc<[String]>,
    /// Columns of SQLite's that they have not.
    pub withheld: Rc<[Withheld]>,
    /// An FTS5 table.
    pub full_text: Option<super::fts::FullText>,
    /// The table that its text lies in.
    pub content: Option<Arc<Table>>,
    /// It is a row that only its own name reaches: bare names do not mean its columns.
    pub named_row: Option<NamedRow>,
}

/// A row that a statement has beside its tables. Its columns are registers to SQLite, which know less than columns do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedRow {
    /// NEW and OLD of a trigger: the columns keep their collations; of their affinities only the rowid's is left.
    Trigger,
    /// `excluded` of an upsert: neither is left.
    Excluded,
}

impl NamedRow {
    fn seen(self, typed: &mut Typed, is_rowid: bool) {
        match self {
            NamedRow::Trigger if is_rowid => {}
            NamedRow::Trigger => typed.affinity = Affinity::None,
            // The collation of the text on PostgreSQL is left, for the name to be written without it.
            NamedRow::Excluded => (typed.affinity, typed.has_own_collation) = (Affinity::None, false),
        }
    }
}

/// Where a source's columns are: those of a table are described when they are asked for.
#[derive(Debug, Clone)]
enum Offered {
    Table(Arc<Table>),
    Listed(Rc<[SourceColumn]>),
}

impl Source {
    pub fn of_table(name: &str, table: &Arc<Table>) -> Source {
        Source {
            hidden_at: table.hidden_rowid.is_some().then_some(table.hidden_at),
            is_table: !table.is_view,
            full_text: super::fts::FullText::of(table),
            ..Source::new(name, Offered::Table(Arc::clone(table)))
        }
    }

    /// The table under its own name, although PostgreSQL knows it by an alias.
    pub fn by_own_name(self) -> Source {
        match &self.offered {
            Offered::Table(table) => Source { name: table.name.as_str().into(), ..self },
            Offered::Listed(_) => self,
        }
    }

    /// A source that is no table of the database.
    pub fn listed(name: &str, columns: impl IntoIterator<Item = SourceColumn>) -> Source {
        // As any column they have a collation of their own, BINARY too.
        let own = |column: SourceColumn| {
            let typed = Typed { has_own_collation: true, ..column.typed };
            SourceColumn { typed, ..column }
        };
        Source::new(name, Offered::Listed(columns.into_iter().map(own).collect()))
    }

    fn new(name: &str, offered: Offered) -> Source {
        let name: Rc<str> = name.into();
        Source {
            printed: printed(&name),
            name,
            offered,
            is_outer: false,
            merged: Vec::new(),
            merges_by_on: false,
            hidden_at: None,
            is_table: false,
            is_function: false,
            hidden: Rc::new([]),
            is_numbered: false,
            loses_marks: false,
            marked: Rc::new([]),
            withheld: Rc::new([]),
            full_text: None,
            content: None,
            named_row: None,
        }
    }

    /// What is known of its columns in place of what their table says.
    pub fn list(&mut self, columns: Vec<SourceColumn>) {
        self.offered = Offered::Listed(columns.into());
    }

    /// Another name for it.
    pub fn call(&mut self, name: &str) {
        self.name = name.into();
        self.printed = printed(&self.name);
    }

    pub fn columns(&self) -> impl Iterator<Item = SourceColumn> {
        let count = match &self.offered {
            Offered::Table(table) => table.columns.len(),
            Offered::Listed(columns) => columns.len(),
        };
        (0..count).filter_map(|index| self.described(index))
    }

    pub fn column(&self, name: &str) -> Option<SourceColumn> {
        if !self.is_table && boolean_word(name).is_some() {
            // SQLite calls a subquery's or a view's column of that name `column1`.
            return None;
        }
        let found = match &self.offered {
            Offered::Table(table) => position(&table.columns, |column| &column.name, name),
            Offered::Listed(columns) => position(columns, |column| &column.name, name),
        };
        match found {
            Some(index) => self.described(index),
            None => self.hidden_column(name),
        }
    }

    fn hidden_column(&self, name: &str) -> Option<SourceColumn> {
        let mut found = self.hidden.iter().find(|column| column.name.eq_ignore_ascii_case(name))?.clone();
        found.typed.nullable |= self.is_outer;
        Some(found)
    }

    /// Whether PostgreSQL's `*` would show more than SQLite's.
    pub fn has_hidden(&self) -> bool {
        self.hidden_at.is_some() || !self.hidden.is_empty() || self.is_numbered
    }

    /// The column that is SQLite's rowid.
    pub fn rowid(&self) -> Option<ColumnName> {
        let Offered::Table(table) = &self.offered else { return None };
        match table.columns.iter().position(|column| column.is_rowid) {
            Some(index) => Some(ColumnName::Of(Arc::clone(table), index)),
            None => table.hidden_rowid.is_some().then(|| ColumnName::Hidden(Arc::clone(table))),
        }
    }

    /// The table itself, where it is one of the database.
    pub fn table(&self) -> Option<&Arc<Table>> {
        match &self.offered {
            Offered::Table(table) => Some(table),
            Offered::Listed(_) => None,
        }
    }

    /// The columns of the primary key, as PostgreSQL knows it.
    pub fn primary_key(&self) -> &[String] {
        let Offered::Table(table) = &self.offered else { return &[] };
        table.unique_keys.iter().find(|key| key.is_primary).map_or(&[], |key| &key.columns)
    }

    /// What is known of a column; nothing where it is none of the program's own.
    fn described(&self, index: usize) -> Option<SourceColumn> {
        let mut found = match &self.offered {
            Offered::Table(table) => {
                let column = &table.columns[index];
                if self.full_text.is_some() && !super::fts::is_shown(&column.name) {
                    return None;
                }
                let name = ColumnName::Of(Arc::clone(table), index);
                let column = self.content.as_ref().and_then(|content| content.column(&column.name)).unwrap_or(column);
                let mut typed =
                    Typed { shown: (!table.is_view).then(|| name.clone()), ..of_column(column, table.is_view) };
                if let Some(row) = self.named_row {
                    row.seen(&mut typed, column.is_rowid);
                }
                SourceColumn { name, typed, merged: false }
            }
            Offered::Listed(columns) => columns[index].clone(),
        };
        found.typed.nullable |= self.is_outer;
        found.merged |= self.merged.iter().any(|name| name.eq_ignore_ascii_case(&found.name));
        Some(found)
    }
}

/// The place of a name. A table of PostgreSQL may have both "a" and "A"; the exact one wins.
fn position<T>(columns: &[T], name_of: impl Fn(&T) -> &str, name: &str) -> Option<usize> {
    columns
        .iter()
        .position(|column| name_of(column) == name)
        .or_else(|| columns.iter().position(|column| name_of(column).eq_ignore_ascii_case(name)))
}

/// The name as PostgreSQL must see it.
fn printed(name: &Rc<str>) -> Rc<str> {
    if names::needs_quotes(name) { names::quote_identifier(name).into() } else { Rc::clone(name) }
}

/// What is known of a table's column.
fn of_column(column: &Column, is_views: bool) -> Typed {
    let ty = Type::from(column.data_type);
    let mut typed = Typed::new(ty).nullable(!column.not_null);
    // Beside it a parameter is a value of its own class.
    typed.column = Some(column.data_type).filter(|_| ty != Type::Any);
    typed.affinity = match ty {
        Type::Text | Type::Any if column.numeric_affinity => Affinity::Number,
        Type::Text => Affinity::Text,
        Type::Integer | Type::Real | Type::Numeric | Type::Boolean => Affinity::Number,
        Type::Any if is_views => Affinity::Unclear,
        Type::Any => Affinity::Blob,
        _ => Affinity::None,
    };
    typed.never_a_number = ty == Type::Text && column.numeric_affinity;
    typed.int4 = matches!(column.data_type, super::catalog::ColumnType::SmallInt | super::catalog::ColumnType::Integer);
    typed.from_column = true;
    typed.has_own_collation = true;
    typed.collation = column.collation;
    typed
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
    /// Their names, while FROM is visited and they are not known yet.
    pub coming_aliases: Vec<String>,
    /// The conditions of joins that name them.
    pub late_conditions: Vec<super::on::LateCondition>,
    /// SELECT DISTINCT, whose ORDER BY must repeat the result columns' words.
    pub distinct: bool,
    /// What the result columns are made of, where it is one SELECT's.
    pub results: Vec<Vec<Piece>>,
    /// The result columns that a star stands for, by their places.
    pub starred: Vec<std::ops::Range<usize>>,
    /// The names of windows whose frames leave rows behind.
    pub moving_windows: Vec<String>,
    /// What is looked at now may hold its aggregates: result columns, HAVING, ORDER BY.
    pub takes_aggregates: bool,
    /// It is the row of RETURNING.
    pub is_returned: bool,
    /// Its query aggregates.
    pub grouping: Option<Grouping>,
    /// Bare names must be printed with their source's name (DO UPDATE, trigger bodies).
    pub qualify: bool,
    /// Bare names mean results first: in a term of ORDER BY that is a name with COLLATE.
    pub aliases_first: bool,
    /// The FROM of a SELECT without `*`, which may be given one more source.
    pub from: Option<Span>,
    /// What it is given.
    pub more_sources: Vec<Piece>,
    /// The column that has the order of its FROM's rows, where aggregates need it.
    pub members_by: Option<String>,
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
    /// Its rows come as its ORDER BY says.
    pub is_sorted: bool,
}

/// What a column name turned out to mean.
pub(crate) enum Meaning {
    Column {
        source: Rc<str>,
        name: ColumnName,
        typed: Typed,
        qualify: bool,
        /// How one row of the group is chosen, where the query aggregates and does not group by it.
        pick: Option<Vec<Piece>>,
    },
    /// `rank`, the hidden column of a full text table
    Rank,
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

    /// Whether SQLite may have made the name: of two columns of one name it calls the second one of a subquery `name:1`.
    pub fn is_made_of_twins(&self, name: &str) -> bool {
        let Some((name, number)) = name.rsplit_once(':') else { return false };
        let has = |scope: &Scope| scope.sources.iter().any(|source| source.column(name).is_some());
        number.parse::<u32>().is_ok() && self.scopes.iter().any(has)
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

/// What a name means in one scope; nothing where it has none of that name.
pub(crate) fn find_in(scope: &Scope, table: Option<&Name>, column: &Name, span: Span) -> Result<Option<Meaning>> {
    let as_alias = || {
        let alias = scope.aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(&column.text))?;
        let grouped = scope.grouping.as_ref().is_none_or(|grouping| grouping.open);
        Some(Meaning::Alias(alias.clone(), !grouped))
    };
    if scope.aliases_first
        && table.is_none()
        && let Some(meant) = as_alias()
    {
        return Ok(Some(meant));
    }
    let mut found: Option<(&Source, SourceColumn)> = None;
    let mut qualify = scope.qualify;
    let named = |source: &&Source| table.is_none_or(|table| source.name.eq_ignore_ascii_case(&table.text));
    for source in scope.sources.iter().filter(named) {
        if table.is_none() && source.named_row.is_some() {
            continue;
        }
        let Some(candidate) = source.column(&column.text) else { continue };
        if candidate.merged && table.is_none() {
            qualify |= source.merges_by_on;
            continue;
        }
        if found.is_some() {
            return sqlite_error(format!("ambiguous column name: {}", column.text), span, None);
        }
        found = Some((source, candidate));
    }
    let has_rank = |source: &Source| source.full_text.is_some() && source.named_row.is_none();
    if column.text.eq_ignore_ascii_case("rank") && scope.sources.iter().filter(named).any(has_rank) {
        return match found {
            None => Ok(Some(Meaning::Rank)),
            Some(_) => sqlite_error(format!("ambiguous column name: {}", column.text), span, None),
        };
    }
    if let Some((source, column)) = found {
        return Ok(Some(Meaning::Column {
            source: source.printed.clone(),
            qualify,
            pick: scope.grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, &column.name)),
            name: column.name,
            typed: column.typed,
        }));
    }
    if table.is_none()
        && let Some(meant) = as_alias()
    {
        return Ok(Some(meant));
    }
    if is_rowid_name(&column.text) {
        let mut tables = scope
            .sources
            .iter()
            .filter(named)
            .filter(|source| source.is_table && (table.is_some() || source.named_row.is_none()));
        if let Some(source) = tables.next() {
            if tables.next().is_some() {
                return sqlite_error(format!("ambiguous column name: {}", column.text), span, None);
            }
            let Some(rowid) = source.rowid() else {
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
            let typed = source.column(&rowid).map_or_else(
                || {
                    let mut typed = hidden_rowid();
                    if let Some(row) = source.named_row {
                        row.seen(&mut typed, true);
                    }
                    typed
                },
                |found| found.typed,
            );
            return Ok(Some(Meaning::Column {
                source: source.printed.clone(),
                typed: typed.nullable(false),
                qualify: scope.qualify,
                pick: scope.grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, &rowid)),
                name: rowid,
            }));
        }
        // It is not the one of a query around it.
        if let Some(source) = scope.sources.iter().filter(named).find(|source| source.is_function) {
            if !source.is_numbered {
                return super::pass::refuse(
                    format!("the rowid of {}", source.name),
                    span,
                    "number its rows with row_number() OVER ()",
                );
            }
            let name: ColumnName = "rowid".into();
            return Ok(Some(Meaning::Column {
                source: source.printed.clone(),
                typed: hidden_rowid().nullable(source.is_outer),
                qualify: scope.qualify,
                pick: scope.grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, &name)),
                name,
            }));
        }
    }
    for source in scope.sources.iter().filter(named) {
        if let Some((name, help)) = source.withheld.iter().find(|(name, _)| column.text.eq_ignore_ascii_case(name)) {
            return super::pass::refuse(format!("the column {name} of {}", source.name), span, *help);
        }
    }
    Ok(None)
}
