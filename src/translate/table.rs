//! CREATE TABLE and ALTER TABLE.

use super::TypePolicy;
use super::ast::*;
use super::catalog::{self, ColumnType};
use super::insert::{Target, list};
use super::names::{fold, identifier};
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::rules::types::stored_type;
use super::scope::{Scope, Source};
use super::select::Place;
use super::types::{Collation, Type};
use crate::syntax::{Span, TokenKind, tokens};

/// Names that every table of PostgreSQL has already.
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The marker collation of NOCASE columns: sorts as "C"; comparisons fold with lower().
const NOCASE_TEXT: &str = "text COLLATE sqlift.sqlift_nocase";

impl Pass<'_> {
    pub fn create_table(&mut self, create: &CreateTable, span: Span) -> Result<()> {
        if let Some(schema) = &create.name.schema {
            self.own_schema(schema)?;
        }
        let name = fold(&create.name.name.text);
        if name.starts_with("sqlite_") {
            return super::pass::sqlite_error(
                format!("object name reserved for internal use: {}", create.name.name.text),
                create.name.span,
                None,
            );
        }
        let temporary =
            create.temporary || create.name.schema.as_ref().is_some_and(|s| s.text.eq_ignore_ascii_case("temp"));
        if !create.if_not_exists {
            self.name_is_free(&create.name, temporary)?;
        }
        self.table_name(&create.name, &name);
        match &create.body {
            CreateTableBody::AsSelect(select) => {
                self.no_parameters = Some("tables");
                self.select(select, Place::Inner)?;
                if self.catalog.table(&name).is_none() {
                    self.mend_views(span);
                }
                Ok(())
            }
            CreateTableBody::Columns { span: body, columns, constraints, without_rowid, strict: _ } => {
                for (index, column) in columns.iter().enumerate() {
                    if columns[..index].iter().any(|other| other.name.text.eq_ignore_ascii_case(&column.name.text)) {
                        return super::pass::sqlite_error(
                            format!("duplicate column name: {}", column.name.text),
                            column.name.span,
                            None,
                        );
                    }
                }
                let key = if *without_rowid { None } else { rowid_key(columns, constraints) };
                let table = described(&name, columns, key, self.options.types);
                self.scopes.push(Scope { sources: vec![Source::of_table(name.clone(), &table)], ..Scope::default() });
                let result = self.table_body(columns, constraints, key);
                self.scopes.pop();
                result?;
                self.table_options(*body, columns, constraints);
                if self.catalog.table(&name).is_none() {
                    self.remember("TABLE", "TABLE", &identifier(&name), create.name.name.span, span);
                    for column in columns {
                        self.remember_type(&name, column);
                    }
                    self.mend_views(span);
                }
                Ok(())
            }
        }
    }

    /// Refuses the name of a table or view that is there, as SQLite does.
    pub fn name_is_free(&self, name: &QualifiedName, temporary: bool) -> Result<()> {
        let temporary = temporary || self.options.in_memory;
        match self.catalog.table(&name.name.text) {
            Some(table) if table.schema.starts_with("pg_temp") == temporary => {
                let kind = if table.is_view { "view" } else { "table" };
                let written = self.source(name.name.span);
                super::pass::sqlite_error(
                    format!("{kind} {written} already exists"),
                    name.name.span,
                    Some("already-exists"),
                )
            }
            _ => Ok(()),
        }
    }

    /// An unnamed CHECK is called by its text in SQLite's messages, so that becomes its name.
    fn name_check(&mut self, expr: &Expr, constraint: Span) {
        let text = self.source(expr.span);
        let fits = text.len() < 64 && !text.starts_with(['"', '\'', '`', '[']);
        if fits && !self.check_names.iter().any(|name| name == text) {
            self.check_names.push(text.to_owned());
            self.edits.wrap(constraint, format!("CONSTRAINT {} ", super::names::quote_identifier(text)), "");
        }
    }

    fn table_body(
        &mut self,
        columns: &[ColumnDefinition],
        constraints: &[TableConstraint],
        key: Option<usize>,
    ) -> Result<()> {
        for (index, column) in columns.iter().enumerate() {
            self.column_definition(column, key == Some(index))?;
        }
        let ends =
            columns.last().map(|column| column.span.end).into_iter().chain(constraints.iter().map(|c| c.span.end));
        for (end, constraint) in ends.zip(constraints) {
            if !self.table_constraint(constraint, columns)? {
                self.edits.delete(Span { start: end, end: constraint.span.end });
                continue;
            }
            // SQLite takes table constraints without commas between them.
            let between = Span { start: end, end: constraint.span.start };
            if !tokens(self.source(between)).any(|token| token.kind == TokenKind::Comma) {
                self.edits.wrap(constraint.span, ", ", "");
            }
        }
        Ok(())
    }

    /// Leaves out what stands behind the closing parenthesis.
    fn table_options(&mut self, span: Span, columns: &[ColumnDefinition], constraints: &[TableConstraint]) {
        let last = constraints.last().map(|constraint| constraint.span).or(columns.last().map(|column| column.span));
        let from = last.map_or(span.start, |span| span.end);
        let close = tokens(&self.sql[from..span.end]).find(|token| token.kind == TokenKind::RightParen);
        if let Some(close) = close {
            let options = Span { start: from + close.span.end, end: span.end };
            if options.start < options.end {
                self.edits.delete(options);
            }
        }
    }

    pub fn column_definition(&mut self, column: &ColumnDefinition, is_key: bool) -> Result<()> {
        let name = self.declare(&column.name);
        if SYSTEM_COLUMNS.contains(&name.as_str()) {
            return refuse(
                format!("every table of PostgreSQL has a column {name} of its own"),
                column.name.span,
                "rename the column",
            );
        }
        let Some(type_name) = &column.type_name else {
            return refuse(
                format!("column {} has no type, and PostgreSQL needs one", column.name.text),
                column.span,
                "declare what it holds: INTEGER, REAL, TEXT or BLOB",
            );
        };
        let nocase = column.constraints.iter().find_map(|constraint| match &constraint.kind {
            ColumnConstraintKind::Collate { collation } => Some((constraint.span, collation)),
            _ => None,
        });
        let mut lifted = stored_type(type_name, self.options.types).into_owned();
        if let Some((span, collation)) = nocase {
            match super::expression::collation_named(collation)? {
                Collation::Binary => {}
                Collation::NoCase if lifted == rules::types::TEXT => lifted = NOCASE_TEXT.to_owned(),
                Collation::NoCase => {}
                Collation::RTrim => {
                    return refuse("COLLATE RTRIM on a column", span, "trim the values when they are written");
                }
            }
            self.edits.delete(span);
        }
        if is_key {
            self.note(&rules::schema::INTEGER_KEY, column.span);
            lifted = "bigint GENERATED BY DEFAULT AS IDENTITY".to_owned();
        }
        let column_type = column_type(&lifted);
        if self.options.types == TypePolicy::Native
            && matches!(Type::from(column_type), Type::Boolean | Type::Native(_))
        {
            self.note(&rules::schema::NATIVE_TYPES, type_name.span);
        }
        self.edits.replace_text(type_name.span, lifted.clone());
        for constraint in &column.constraints {
            self.column_constraint(constraint, &name, column_type, lifted == NOCASE_TEXT, is_key)?;
        }
        Ok(())
    }

    fn column_constraint(
        &mut self,
        constraint: &ColumnConstraint,
        column: &str,
        column_type: ColumnType,
        nocase: bool,
        is_key: bool,
    ) -> Result<()> {
        if let Some(name) = &constraint.name {
            self.declare(name);
        }
        let no_unique_nocase = |span: Span| {
            refuse(
                "a key over a NOCASE column",
                span,
                "leave it away and CREATE UNIQUE INDEX ... ON t(column) afterwards, which compares by lower(column)",
            )
        };
        match &constraint.kind {
            ColumnConstraintKind::PrimaryKey { on_conflict, .. } => {
                no_conflict_clause(*on_conflict, constraint.span)?;
                if nocase {
                    return no_unique_nocase(constraint.span);
                }
                let name = constraint.name.as_ref().map(|name| self.declare(name));
                let text = match name {
                    Some(name) => format!("CONSTRAINT {} PRIMARY KEY", super::names::identifier(&name)),
                    None => "PRIMARY KEY".to_owned(),
                };
                self.edits.replace_text(constraint.span, text);
            }
            ColumnConstraintKind::Unique { on_conflict } => {
                no_conflict_clause(*on_conflict, constraint.span)?;
                if nocase {
                    self.edits.delete(constraint.span);
                    self.unique_index(&[(column.to_owned(), true)]);
                }
            }
            ColumnConstraintKind::NotNull { on_conflict } => no_conflict_clause(*on_conflict, constraint.span)?,
            ColumnConstraintKind::Null => self.edits.delete(constraint.span),
            ColumnConstraintKind::Check { expr } => {
                self.no_parameters = Some("CHECK constraints");
                self.condition(expr)?;
                if constraint.name.is_none() {
                    self.name_check(expr, constraint.span);
                }
            }
            ColumnConstraintKind::Default { value } => self.default_value(value, column, column_type, is_key)?,
            ColumnConstraintKind::Collate { .. } => {}
            ColumnConstraintKind::References(clause) => self.references(clause)?,
            ColumnConstraintKind::Generated { expr, .. } => {
                self.no_parameters = Some("generated columns");
                let target = Target::new(column, column_type);
                self.assign(expr, &target)?;
                self.edits
                    .replace(constraint.span, ["GENERATED ALWAYS AS (".into(), expr.span.into(), ") STORED".into()]);
            }
        }
        Ok(())
    }

    fn default_value(&mut self, value: &Expr, column: &str, column_type: ColumnType, is_key: bool) -> Result<()> {
        self.no_parameters = Some("default values");
        if is_key {
            return refuse("a default for the integer key", value.span, "leave it away: the key numbers itself");
        }
        let scopes = std::mem::take(&mut self.scopes);
        let target = Target::new(column, column_type);
        let result = match &peel(value).kind {
            // A bare word is a string.
            ExprKind::Column { schema: None, table: None, column } if value.kind == peel(value).kind => {
                self.edits.replace_text(value.span, super::names::quote_literal(&column.text));
                match Type::from(column_type) {
                    Type::Text => Ok(()),
                    _ => refuse(
                        "a word as the default of this column",
                        value.span,
                        "write a literal of the column's type",
                    ),
                }
            }
            _ => match (&value.kind, now_in(column_type)) {
                (_, Some(now)) if is_now(peel(value)) => {
                    self.edits.replace_text(value.span, now);
                    Ok(())
                }
                (ExprKind::Parenthesized(inner), _) => self.assign(inner, &target).map(|_| ()),
                _ => self.assign(value, &target).map(|_| ()),
            },
        };
        self.scopes = scopes;
        result
    }

    fn references(&mut self, clause: &ForeignKeyClause) -> Result<()> {
        let folded = fold(&clause.table.text);
        self.rename(&clause.table, &folded);
        for column in &clause.columns {
            self.declare(column);
        }
        if let Some(name) = &clause.match_name
            && !name.text.eq_ignore_ascii_case("simple")
        {
            return refuse("MATCH other than SIMPLE", name.span, "leave it away: SQLite ignores it");
        }
        let own = self.scopes.last().is_some_and(|scope| scope.sources.iter().any(|source| source.name == folded));
        if !own && self.catalog.table(&folded).is_none() {
            return Err(super::Refusal {
                message: format!("the foreign key refers to table {}, which is not there yet", clause.table.text),
                span: clause.table.span,
                help: Some("create that table first".into()),
                rule: Some("no-such-table"),
            });
        }
        Ok(())
    }

    /// A key over NOCASE columns: an index over their lower case, made behind the table.
    fn unique_index(&mut self, columns: &[(String, bool)]) {
        let table =
            self.scopes.last().and_then(|scope| scope.sources.first()).map_or("", |source| source.name.as_str());
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let index = identifier(&format!("{table}_{}_key", names.join("_")));
        let terms = columns.iter().map(|(name, nocase)| {
            let name = identifier(name);
            if *nocase { format!("lower({name} COLLATE \"C\")") } else { name }
        });
        let terms: Vec<String> = terms.collect();
        let statement =
            format!("CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {} ({})", identifier(table), terms.join(", "));
        self.afterwards.push(statement);
    }

    /// Whether the constraint stays in the table.
    fn table_constraint(&mut self, constraint: &TableConstraint, columns: &[ColumnDefinition]) -> Result<bool> {
        if let Some(name) = &constraint.name {
            self.declare(name);
        }
        match &constraint.kind {
            TableConstraintKind::PrimaryKey { columns: terms, on_conflict, .. } => {
                no_conflict_clause(*on_conflict, constraint.span)?;
                let names = self.key_columns(terms, columns)?;
                if names.iter().any(|(_, nocase)| *nocase) {
                    return refuse(
                        "a primary key over a NOCASE column",
                        constraint.span,
                        "CREATE UNIQUE INDEX ... ON t(column) afterwards",
                    );
                }
                let name = match &constraint.name {
                    Some(name) => format!("CONSTRAINT {} ", super::names::identifier(&fold(&name.text))),
                    None => String::new(),
                };
                self.edits.replace_text(
                    constraint.span,
                    format!("{name}PRIMARY KEY ({})", list(names.iter().map(|(name, _)| name.as_str()))),
                );
            }
            TableConstraintKind::Unique { columns: terms, on_conflict } => {
                no_conflict_clause(*on_conflict, constraint.span)?;
                let names = self.key_columns(terms, columns)?;
                if names.iter().any(|(_, nocase)| *nocase) {
                    self.unique_index(&names);
                    return Ok(false);
                }
                for (term, (name, _)) in terms.iter().zip(&names) {
                    self.edits.replace_text(term.span, identifier(name));
                }
            }
            TableConstraintKind::Check { expr } => {
                self.no_parameters = Some("CHECK constraints");
                self.condition(expr)?;
                if constraint.name.is_none() {
                    self.name_check(expr, constraint.span);
                }
            }
            TableConstraintKind::ForeignKey { columns, references } => {
                for column in columns {
                    self.declare(column);
                }
                self.references(references)?;
            }
        }
        Ok(true)
    }

    /// A key's columns; their order and collation do not matter for being unique, but for NOCASE.
    fn key_columns(&mut self, terms: &[IndexTerm], columns: &[ColumnDefinition]) -> Result<Vec<(String, bool)>> {
        let mut names = Vec::new();
        for term in terms {
            let expr = match &term.expr.kind {
                ExprKind::Collate { operand, collation } => {
                    if super::expression::collation_named(collation)? != Collation::Binary {
                        return refuse(
                            "a key by NOCASE or RTRIM",
                            term.span,
                            "CREATE UNIQUE INDEX on lower(column) afterwards",
                        );
                    }
                    operand
                }
                _ => &term.expr,
            };
            let ExprKind::Column { table: None, column, .. } = &peel(expr).kind else {
                return super::pass::sqlite_error(
                    "expressions prohibited in PRIMARY KEY and UNIQUE constraints",
                    term.span,
                    None,
                );
            };
            let name = fold(&column.text);
            let Some(definition) = columns.iter().find(|definition| fold(&definition.name.text) == name) else {
                return super::pass::sqlite_error(
                    format!("table has no column named {}", column.text),
                    term.span,
                    None,
                );
            };
            let is_text = definition
                .type_name
                .as_ref()
                .is_some_and(|ty| stored_type(ty, self.options.types) == rules::types::TEXT);
            let nocase = is_text
                && definition.constraints.iter().any(|constraint| match &constraint.kind {
                    ColumnConstraintKind::Collate { collation } => !collation.text.eq_ignore_ascii_case("binary"),
                    _ => false,
                });
            names.push((name, nocase));
        }
        Ok(names)
    }
}

/// The column that is the rowid: of type INTEGER exactly, and the whole primary key.
pub(crate) fn rowid_key(columns: &[ColumnDefinition], constraints: &[TableConstraint]) -> Option<usize> {
    let is_integer = |column: &ColumnDefinition| {
        column.type_name.as_ref().is_some_and(|name| name.name.eq_ignore_ascii_case("integer"))
    };
    for (index, column) in columns.iter().enumerate() {
        for constraint in &column.constraints {
            if let ColumnConstraintKind::PrimaryKey { order, .. } = constraint.kind {
                return (is_integer(column) && order != Some(SortOrder::Desc)).then_some(index);
            }
        }
    }
    constraints.iter().find_map(|constraint| match &constraint.kind {
        TableConstraintKind::PrimaryKey { columns: terms, .. } => {
            let [term] = terms.as_slice() else { return None };
            let ExprKind::Column { column: name, .. } = &peel(&term.expr).kind else { return None };
            columns.iter().position(|column| column.name.text.eq_ignore_ascii_case(&name.text) && is_integer(column))
        }
        _ => None,
    })
}

/// The table as the catalog will have it.
pub(crate) fn described(
    name: &str,
    columns: &[ColumnDefinition],
    key: Option<usize>,
    types: TypePolicy,
) -> catalog::Table {
    let described = columns.iter().enumerate().map(|(index, column)| {
        let is_key = key == Some(index);
        let lifted = column.type_name.as_ref().map_or("bytea".into(), |name| stored_type(name, types));
        let has = |wanted: fn(&ColumnConstraintKind) -> bool| column.constraints.iter().any(|c| wanted(&c.kind));
        catalog::Column {
            name: fold(&column.name.text),
            shown: Some(column.name.text.clone()).filter(|name| *name != fold(name)),
            data_type: column_type(&lifted),
            not_null: is_key
                || has(|kind| matches!(kind, ColumnConstraintKind::NotNull { .. } | ColumnConstraintKind::PrimaryKey { .. })),
            is_identity: is_key,
            is_generated: has(|kind| matches!(kind, ColumnConstraintKind::Generated { .. })),
            is_rowid: is_key,
            has_default: has(|kind| matches!(kind, ColumnConstraintKind::Default { .. })),
            numeric_affinity: column_type(&lifted) == ColumnType::Text
                && column.type_name.as_ref().is_some_and(|name| super::has_numeric_affinity(&name.name)),
            nocase: has(|kind| {
                matches!(kind, ColumnConstraintKind::Collate { collation } if collation.text.eq_ignore_ascii_case("nocase"))
            }),
        }
    });
    catalog::Table {
        name: name.to_owned(),
        schema: "public".to_owned(),
        is_view: false,
        columns: described.collect(),
        unique_keys: Vec::new(),
        ..catalog::Table::default()
    }
}

pub(crate) fn column_type(stored: &str) -> ColumnType {
    match stored.split([' ', '(']).next().unwrap_or_default() {
        "bigint" => ColumnType::BigInt,
        "double" => ColumnType::Double,
        "numeric" => ColumnType::Numeric,
        "bytea" => ColumnType::Bytea,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "time" => ColumnType::Time,
        "timestamp" => ColumnType::Timestamp,
        "timestamptz" => ColumnType::Timestamptz,
        "jsonb" => ColumnType::Jsonb,
        "uuid" => ColumnType::Uuid,
        _ => ColumnType::Text,
    }
}

/// The current time in a column of one of PostgreSQL's own types, to the second as SQLite's functions give it.
fn now_in(column: ColumnType) -> Option<&'static str> {
    Some(match column {
        ColumnType::Timestamptz => "date_trunc('second', statement_timestamp())",
        ColumnType::Timestamp => "date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC')",
        ColumnType::Date => "((statement_timestamp() AT TIME ZONE 'UTC')::date)",
        ColumnType::Time => "(date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC')::time)",
        _ => return None,
    })
}

/// Whether it is the current time as text: CURRENT_TIMESTAMP, `datetime('now')` and their like.
fn is_now(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::CurrentTimestamp | ExprKind::CurrentDate | ExprKind::CurrentTime => true,
        ExprKind::Call(call) => {
            let name = fold(&call.name.text);
            matches!(name.as_str(), "datetime" | "date" | "time")
                && match call.arguments.as_slice() {
                    [] => true,
                    [only] => matches!(&peel(only).kind, ExprKind::String(text) if text.eq_ignore_ascii_case("now")),
                    _ => false,
                }
        }
        _ => false,
    }
}

fn no_conflict_clause(action: Option<ConflictAction>, span: Span) -> Result<()> {
    match action {
        None | Some(ConflictAction::Abort) if action.is_none() => Ok(()),
        _ => refuse(
            "a constraint with ON CONFLICT",
            span,
            "leave it away and write the action into the statements: INSERT OR IGNORE, ON CONFLICT DO UPDATE",
        ),
    }
}
