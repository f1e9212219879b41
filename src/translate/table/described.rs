//! A new table as the catalog will have it: what its columns become, which of them is the rowid.

use std::borrow::Cow;

use crate::translate::ast::*;
use crate::translate::catalog::{self, ColumnType};
use crate::translate::insert::Target;
use crate::translate::names::fold;
use crate::translate::pass::{Pass, peel};
use crate::translate::rules;
use crate::translate::rules::types::stored_type;
use crate::translate::untyped::VALUE;
use crate::translate::{BlobColumns, TypePolicy};

/// What a column becomes; without a type, or of a STRICT table's type ANY, it keeps any value as it is.
pub(crate) fn stored_as(column: &ColumnDefinition, types: TypePolicy, strict: bool) -> Cow<'static, str> {
    // A STRICT table's BLOB keeps blobs alone on SQLite too.
    let types = if strict { TypePolicy { blobs: BlobColumns::Bytes, ..types } } else { types };
    match &column.type_name {
        None => VALUE.into(),
        Some(name) if strict && name.name.eq_ignore_ascii_case("any") => VALUE.into(),
        Some(name) => match stored_type(name, types) {
            // TIMESTAMP DEFAULT (strftime('%s', 'now')): such a column is for numbers.
            Cow::Borrowed(rules::types::TEXT)
                if crate::translate::has_numeric_affinity(&name.name) && counts(column) =>
            {
                "numeric".into()
            }
            stored => stored,
        },
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

pub(crate) fn is_autoincrement(column: &ColumnDefinition) -> bool {
    column
        .constraints
        .iter()
        .any(|constraint| matches!(constraint.kind, ColumnConstraintKind::PrimaryKey { autoincrement: true, .. }))
}

const MAX_COLUMNS: usize = 1600;

/// The column that numbers the rows of a table without an integer key, by the first of SQLite's names that is free.
pub(crate) fn hidden_rowid<'a>(
    columns: impl Iterator<Item = &'a str> + Clone,
    types: TypePolicy,
) -> Option<catalog::Column> {
    // A schema in PostgreSQL's own types is read by people, who would wonder.
    if types.is_native() {
        return None;
    }
    // PostgreSQL's tables have 1,600 columns at most; such a table keeps all of its own.
    if columns.clone().count() >= MAX_COLUMNS {
        return None;
    }
    let mut names = ["rowid", "_rowid_", "oid"].into_iter();
    let name = names.find(|name| !columns.clone().any(|column| column.eq_ignore_ascii_case(name)))?;
    Some(catalog::Column {
        not_null: true,
        is_identity: true,
        is_rowid: true,
        ..catalog::Column::new(name, ColumnType::BigInt)
    })
}

/// Whether the column's default is a number, or text that SQLite's numeric affinity makes one.
fn counts(column: &ColumnDefinition) -> bool {
    let Some(mut value) = column.default_value().map(peel) else { return false };
    while let ExprKind::Unary { operator: UnaryOperator::Minus | UnaryOperator::Plus, operand } = &value.kind {
        value = peel(operand);
    }
    match &value.kind {
        ExprKind::Integer | ExprKind::Float => true,
        ExprKind::String(text) => crate::translate::types::number_in_text(text).is_some(),
        ExprKind::Call(call) => {
            matches!(fold(&call.name.text).as_str(), "unixepoch" | "julianday")
                || crate::translate::dates::gives_digits(value)
        }
        _ => false,
    }
}

/// As [`catalog::Column::numeric_affinity`].
fn numeric_affinity(column: &ColumnDefinition, column_type: ColumnType) -> bool {
    let declared = column.type_name.as_ref();
    declared.is_some_and(|name| crate::translate::hides_numeric_affinity(&name.name, column_type))
}

/// The column as what its default and its generated value are written to.
pub(super) fn target_of(column: &ColumnDefinition, column_type: ColumnType) -> Target {
    Target {
        numeric_affinity: numeric_affinity(column, column_type),
        ..Target::new(&fold(&column.name.text), column_type)
    }
}

/// What compares a column's text; other classes have no collation.
pub(super) fn collation_of(column: &ColumnDefinition, column_type: ColumnType) -> catalog::Collation {
    let said = column.constraints.iter().rev().find_map(|constraint| match &constraint.kind {
        ColumnConstraintKind::Collate { collation } => crate::translate::expression::collation_named(collation).ok(),
        _ => None,
    });
    said.filter(|_| column_type == ColumnType::Text).unwrap_or_default()
}

/// The table as the catalog will have it.
pub(crate) fn described(
    name: &str,
    (columns, constraints): (&[ColumnDefinition], &[TableConstraint]),
    key: Option<usize>,
    (types, strict): (TypePolicy, bool),
    sql: &str,
) -> catalog::Table {
    let described = columns.iter().enumerate().map(|(index, column)| {
        let is_key = key == Some(index);
        let lifted = stored_as(column, types, strict);
        let has = |wanted: fn(&ColumnConstraintKind) -> bool| column.constraints.iter().any(|c| wanted(&c.kind));
        catalog::Column {
            name: fold(&column.name.text),
            shown: Some(column.name.text.to_string()).filter(|name| *name != fold(name)),
            data_type: column_type(&lifted),
            not_null: is_key
                || has(|kind| matches!(kind, ColumnConstraintKind::NotNull { .. }))
                // A key by a collation is an index, which takes NULL.
                || has(|kind| matches!(kind, ColumnConstraintKind::PrimaryKey { .. }))
                    && collation_of(column, column_type(&lifted)) == catalog::Collation::Binary,
            is_identity: is_key,
            is_generated: has(|kind| matches!(kind, ColumnConstraintKind::Generated { .. })),
            is_rowid: is_key,
            default: default_text(column, column_type(&lifted), sql).filter(|_| !is_key),
            strict: column.type_name.as_ref().filter(|_| strict).and_then(|name| catalog::strict_type(&name.name)),
            numeric_affinity: numeric_affinity(column, column_type(&lifted)),
            collation: collation_of(column, column_type(&lifted)),
        }
    });
    catalog::Table {
        name: name.to_owned(),
        schema: "public".to_owned(),
        is_view: false,
        columns: described.collect(),
        unique_keys: super::keys::unique_keys(name, columns, constraints, types),
        ..catalog::Table::default()
    }
}

/// The column's default in PostgreSQL's words.
fn default_text(column: &ColumnDefinition, column_type: ColumnType, sql: &str) -> Option<String> {
    let value = column.default_value()?;
    let (catalog, options) = (catalog::Catalog::default(), crate::translate::Options::default());
    let mut pass = Pass::new(sql, &catalog, &options);
    pass.default_value(value, &target_of(column, column_type)).ok()?;
    Some(pass.edits.render(sql, value.span).text)
}

pub(crate) fn column_type(stored: &str) -> ColumnType {
    match stored.split([' ', '(']).next().unwrap_or_default() {
        "bigint" => ColumnType::BigInt,
        VALUE => ColumnType::Any,
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
