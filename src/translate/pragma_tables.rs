//! PRAGMAs as tables: `pragma_table_info('t')`, `FROM pragma_user_version`, and `FROM pragma_table_info WHERE arg = 't'`.
//! <https://sqlite.org/pragma.html#pragfunc>

use super::ast::*;
use super::catalog::ColumnType;
use super::edits::Piece;
use super::hidden_columns::Hidden;
use super::names::{fold, quote_literal};
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::rules::functions::FUNCTIONS;
use super::rules::pragmas::{About, Kept, LISTINGS, OTHERS, REFUSED, SETTINGS};
use super::scope::Source;

use super::SlotContext;
use super::types::{Affinity, Columns, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    /// What `FROM pragma_x` reads, for those that need no argument.
    pub fn whole_pragma(&self, pragma: &str) -> Option<(Vec<Piece>, Columns)> {
        if matches!(pragma, "function_list" | "pragma_list") {
            let (text, columns) = own_list(pragma);
            return Some((vec![text.into()], columns));
        }
        if let Some(listing) = LISTINGS.iter().find(|listing| listing.name == pragma) {
            // Without a table or an index it has no rows.
            let argument = if listing.about == About::Named { ", NULL" } else { "" };
            let text = format!("sqlift.pragma_{pragma}({}{argument})", self.schema_literal());
            return Some((vec![text.into()], typed_columns(listing.columns)));
        }
        let place = SETTINGS.iter().position(|setting| setting.name == pragma);
        let is_kept = |place: &usize| SETTINGS[*place].kept != Kept::Nothing && !SETTINGS[*place].answer.is_empty();
        if let Some(place) = place.filter(is_kept) {
            let value = Piece::Parameter(0, SlotContext::Setting(place as u8));
            let text = vec!["(SELECT ".into(), value, format!(" AS {})", super::names::identifier(pragma)).into()];
            return Some((text, typed_columns(&[(pragma, Type::Integer)])));
        }
        let answer = match pragma {
            "user_version" | "application_id" => self.stored_answer(pragma),
            "encoding" => "'UTF-8'::text".to_owned(),
            "page_count" => self.page_count(),
            "integrity_check" | "quick_check" => "'ok'::text".to_owned(),
            "freelist_count" => "0::bigint".to_owned(),
            "schema_version" => format!("sqlift.schema_version({})", self.schema_literal()),
            _ => place.map(|place| SETTINGS[place].answer).filter(|answer| !answer.is_empty())?.to_owned(),
        };
        let ty = if answer.ends_with("::text") { Type::Text } else { Type::Integer };
        let columns = typed_columns(&[(pragma, ty)]);
        Some((vec![format!("(SELECT {answer} AS {})", super::names::identifier(pragma)).into()], columns))
    }

    /// The call of a PRAGMA that is asked about a table or an index; `None` where it is none.
    pub fn pragma_of(
        &mut self,
        pragma: &str,
        name: &QualifiedName,
        arguments: &[Expr],
        call: Span,
        (known_as, alias): (&str, &str),
    ) -> Result<Option<Source>> {
        let listing = LISTINGS.iter().find(|listing| listing.name == pragma && listing.about != About::All);
        let Some(listing) = listing else { return Ok(None) };
        let argument = match arguments {
            [argument] => argument,
            [argument, schema] if word(schema).is_some_and(|schema| schema.eq_ignore_ascii_case("main")) => argument,
            _ => {
                return refuse(
                    format!("pragma_{pragma}() needs a table's or index's name alone"),
                    name.span,
                    "give one argument",
                );
            }
        };
        self.note(&rules::schema::PRAGMA_ANSWERS, call);
        let mut typed = self.value(argument)?;
        if typed.placeholder.is_some() {
            self.parameter_of_column(argument, ColumnType::Text);
            self.suffix(argument, &mut typed, "::text");
        } else {
            self.as_text(argument, &mut typed)?;
        }
        let function = format!("sqlift.pragma_{pragma}({}, ", self.schema_literal());
        let hidden = self.pragma_columns(pragma, call, known_as, "given.arg");
        let alias: Piece = alias.to_owned().into();
        let pieces: Vec<Piece> = if hidden.is_empty() {
            vec![function.into(), argument.span.into(), ")".into(), alias]
        } else {
            let behind = format!(" OFFSET 0) AS given(arg), LATERAL {function}given.arg) AS rows");
            hidden.beside(["(SELECT ".into(), argument.span.into(), behind.into()]).into_iter().chain([alias]).collect()
        };
        self.edits.replace(call, pieces);
        Ok(Some(hidden.source(known_as, &typed_columns(listing.columns))))
    }

    /// What a table of a PRAGMA has beside its columns: those that are asked about something have what they are asked about.
    fn pragma_columns(&self, pragma: &str, call: Span, known_as: &str, argument: &'static str) -> Hidden {
        let listing = LISTINGS.iter().find(|listing| listing.name == pragma);
        let is_asked = listing.is_some_and(|listing| listing.about != About::All);
        let offered: &[(&str, &str)] = if is_asked { &[("arg", argument)] } else { &[] };
        let mut hidden = Hidden::named(self.sql, call, known_as, offered, 1);
        if listing.is_some_and(|listing| listing.columns.iter().any(|(name, _)| *name == "rowid")) {
            hidden.has_own_rowid();
        }
        if is_asked {
            hidden.withhold("schema", "leave it out: the tables asked about are those of the database itself");
        }
        hidden
    }

    /// A PRAGMA's table that needs no argument, or `sqlite_master`, where `rows` makes its rows.
    pub fn listed_rows(
        &mut self,
        name: &str,
        call: Span,
        known_as: &str,
        (rows, columns): (Vec<Piece>, Columns),
        alias: String,
    ) -> Source {
        let pragma = name.strip_prefix("pragma_").unwrap_or_default();
        let hidden = self.pragma_columns(pragma, call, known_as, "NULL::text");
        let rows = match hidden.is_empty() {
            true => rows,
            false => hidden.beside(rows.into_iter().chain([" AS rows".into()])),
        };
        self.edits.replace(call, rows.into_iter().chain([alias.into()]));
        hidden.source(known_as, &columns)
    }

    /// A SELECT whose conditions give PRAGMAs their argument by its hidden column, `arg = 't'`, as one that calls them with it.
    pub fn with_pragma_arguments(&mut self, simple: &SimpleSelect) -> Option<SimpleSelect> {
        let asked = |table: &TableRef| match &table.kind {
            TableRefKind::Table { name, .. } => {
                let pragma = fold(&name.name.text).strip_prefix("pragma_").map(str::to_owned)?;
                LISTINGS.iter().find(|listing| listing.name == pragma && listing.about != About::All)?;
                Some(fold(&table.alias.as_ref().unwrap_or(&name.name).text))
            }
            _ => None,
        };
        let from = simple.from.as_ref()?;
        let tables = || std::iter::once(&from.first).chain(from.joins.iter().map(|join| &join.table));
        let names: Vec<String> = tables().filter_map(asked).collect();
        if names.is_empty() {
            return None;
        }
        let mut changed = simple.clone();
        let mut given: Vec<(String, Expr)> = Vec::new();
        let from = changed.from.as_mut()?;
        let ons = from.joins.iter_mut().filter_map(|join| match &mut join.constraint {
            Some(JoinConstraint::On(condition)) => Some(condition),
            _ => None,
        });
        for condition in ons.chain(changed.where_clause.as_mut()) {
            self.take_arguments(condition, &names, &mut given);
        }
        let tables = std::iter::once(&mut from.first).chain(from.joins.iter_mut().map(|join| &mut join.table));
        for table in tables {
            let Some(known_as) = asked(table) else { continue };
            let Some(place) = given.iter().position(|(name, _)| *name == known_as) else { continue };
            if let TableRefKind::Table { name, .. } = &table.kind {
                table.kind = TableRefKind::Function { name: name.clone(), arguments: vec![given.remove(place).1] };
            }
        }
        Some(changed)
    }

    /// Takes `arg = x` out of what a condition needs.
    fn take_arguments(&mut self, condition: &mut Expr, names: &[String], given: &mut Vec<(String, Expr)>) {
        let whole = condition.span;
        let found = match &mut condition.kind {
            ExprKind::Parenthesized(inner) => return self.take_arguments(inner, names, given),
            ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
                self.take_arguments(left, names, given);
                return self.take_arguments(right, names, given);
            }
            ExprKind::Binary { operator: BinaryOperator::Equal, left, right, .. } => {
                [(&**left, &**right), (&**right, &**left)].into_iter().find_map(|(column, value)| {
                    let ExprKind::Column { schema: None, table, column } = &peel(column).kind else { return None };
                    let is_it = |name: &&String| match table {
                        Some(table) => fold(&table.text) == **name,
                        None => names.len() == 1,
                    };
                    let name = names.iter().find(is_it).filter(|_| column.text.eq_ignore_ascii_case("arg"))?;
                    Some((name.clone(), value.clone()))
                })
            }
            _ => None,
        };
        if let Some(found) = found.filter(|(name, _)| given.iter().all(|(other, _)| other != name)) {
            given.push(found);
            self.edits.replace_text(whole, "true");
            condition.kind = ExprKind::Boolean(true);
        }
    }
}

/// What the translator knows by itself: the functions and the PRAGMAs.
pub(super) fn own_list(pragma: &str) -> (String, Columns) {
    if pragma == "pragma_list" {
        let settings = SETTINGS.iter().map(|setting| setting.name);
        let listings = LISTINGS.iter().map(|listing| listing.name);
        let refused = REFUSED.iter().map(|(name, _)| *name);
        let mut names: Vec<&str> = settings.chain(listings).chain(refused).chain(OTHERS.iter().copied()).collect();
        names.sort_unstable();
        let rows: Vec<String> = names.iter().map(|name| format!("({})", quote_literal(name))).collect();
        return (
            format!("(SELECT * FROM (VALUES {}) AS p(name))", rows.join(", ")),
            typed_columns(&[("name", Type::Text)]),
        );
    }
    let mut rows = Vec::new();
    for function in FUNCTIONS {
        let kind = match (function.window || function.aggregate, function.aggregate) {
            (_, true) => "w",
            (true, _) => "w",
            _ => "s",
        };
        let (least, most) = function.arity;
        let counts = if most - least > 3 { vec![-1] } else { (least..=most).map(|count| count as i64).collect() };
        let row = |count: i64| format!("({}, 1, '{kind}', 'utf8', {count}, 2097152)", quote_literal(function.name));
        rows.extend(counts.into_iter().map(row));
    }
    let text = format!("(SELECT * FROM (VALUES {}) AS f(name, builtin, type, enc, narg, flags))", rows.join(", "));
    let columns = [("name", Type::Text), ("builtin", Type::Integer), ("type", Type::Text), ("enc", Type::Text)];
    (text, typed_columns(&[&columns[..], &[("narg", Type::Integer), ("flags", Type::Integer)]].concat()))
}

/// A word, string or number as PRAGMAs take them.
pub(super) fn word(value: &Expr) -> Option<String> {
    match &peel(value).kind {
        ExprKind::Column { column, .. } => Some(column.text.to_string()),
        ExprKind::String(text) => Some(text.clone()),
        ExprKind::Boolean(value) => Some(if *value { "true".into() } else { "false".into() }),
        _ => None,
    }
}

pub(super) fn typed_columns(columns: &[(&str, Type)]) -> Columns {
    columns
        .iter()
        .map(|(name, ty)| {
            let mut typed = Typed::new(*ty);
            typed.affinity = match ty {
                Type::Text => Affinity::Text,
                Type::Integer => Affinity::Number,
                // A column without a type.
                Type::Json => Affinity::Blob,
                _ => Affinity::None,
            };
            typed.column = match ty {
                Type::Text => Some(ColumnType::Text),
                Type::Integer => Some(ColumnType::BigInt),
                _ => None,
            };
            ((*name).to_owned(), typed)
        })
        .collect()
}
