//! The values of a SQLite file that PostgreSQL's columns do not take.

use super::{Check, Finding};
use sqlift::translate::Options;
use sqlift::translate::catalog::ColumnType;
use sqlift::types::ValueRef;
use sqlift::{Connection, Result};

/// A column of a table that keeps rows in the file.
struct Column {
    table: String,
    name: String,
    declared: String,
    strict: bool,
}

impl Column {
    /// The names of the column and its table as SQL.
    fn quoted(&self) -> (String, String) {
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        (quote(&self.name), quote(&self.table))
    }
}

/// Values of another class than a column of PostgreSQL's keeps, and text that none keeps.
pub(super) fn check(conn: &Connection) -> Result<Check> {
    // Generated columns are computed anew.
    const COLUMNS: &str = "SELECT t.name, c.name, c.type, t.strict \
        FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c \
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
            AND c.hidden = 0 ORDER BY t.name, c.cid";
    let columns: Vec<Column> = conn
        .prepare(COLUMNS)?
        .query_map([], |row| {
            Ok(Column { table: row.get(0)?, name: row.get(1)?, declared: row.get(2)?, strict: row.get(3)? })
        })?
        .collect::<Result<_>>()?;
    let catalog = conn.catalog(&Options::default())?;
    let mut findings = Vec::new();
    for column in &columns {
        let table = catalog.table(&column.table.to_ascii_lowercase());
        let Some(kept) = table.and_then(|table| table.column(&column.name.to_ascii_lowercase())) else { continue };
        let classes = classes(kept.data_type);
        if !column.strict && !classes.is_empty() {
            findings.extend(stray_class(conn, column, classes)?);
        }
        if matches!(kept.data_type, ColumnType::Text | ColumnType::Any) {
            findings.extend(broken_text(conn, column)?);
        }
    }
    Ok(Check::of("values", findings, "each column with a type holds values of its class"))
}

/// The storage classes that a column takes; none where it takes all.
fn classes(data_type: ColumnType) -> &'static [&'static str] {
    match data_type {
        ColumnType::BigInt => &["integer"],
        ColumnType::Double => &["real"],
        ColumnType::Numeric => &["integer", "real"],
        ColumnType::Text => &["text"],
        ColumnType::Bytea => &["blob"],
        _ => &[],
    }
}

fn stray_class(conn: &Connection, column: &Column, classes: &[&str]) -> Result<Option<Finding>> {
    let ((name, table), own) = (column.quoted(), classes.join("', '"));
    let class: Option<String> = conn.query_row(
        &format!("SELECT max(typeof({name})) FROM {table} WHERE typeof({name}) NOT IN ('null', '{own}')"),
        [],
        |row| row.get(0),
    )?;
    let remedy = match classes {
        ["blob"] if column.declared.to_ascii_uppercase().contains("BLOB") => {
            "make the tables with blob_columns=any in the URL, or migrate draft --blob-columns any"
        }
        _ => "leave the column's type out in PostgreSQL's CREATE TABLE, or bring the values to one class",
    };
    Ok(class.map(|class| {
        let Column { table, name, declared, .. } = column;
        Finding::warning(
            format!(
                "{table}.{name} is declared {declared} and holds {class} values too: PostgreSQL's column takes none"
            ),
            remedy,
        )
    }))
}

/// Text that no column of PostgreSQL's keeps, whatever its type.
fn broken_text(conn: &Connection, column: &Column) -> Result<Option<Finding>> {
    let (name, table) = column.quoted();
    let mut statement = conn.prepare(&format!("SELECT {name} FROM {table} WHERE typeof({name}) = 'text'"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let ValueRef::Text(text) = row.get_ref(0)? else { continue };
        let what = match std::str::from_utf8(text) {
            Ok(text) if text.contains('\0') => "text with NUL characters",
            Ok(_) => continue,
            Err(_) => "text that is not UTF-8",
        };
        let Column { table, name, .. } = column;
        return Ok(Some(Finding::warning(
            format!("{table}.{name} holds {what}: PostgreSQL takes none"),
            "keep such values as blobs, in a column declared BLOB",
        )));
    }
    Ok(None)
}
