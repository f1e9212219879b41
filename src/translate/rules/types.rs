//! Declared types: SQLite's affinity by name, and what PostgreSQL stores.

use super::Rule;
use crate::translate::Fidelity::Differs;

pub(crate) static RULES: &[&Rule] = &[&DATE_TEXT];

pub(crate) static DATE_TEXT: Rule = Rule {
    id: "date-text",
    matches: "a value for, or compared with, a column declared DATE, DATETIME, TIME, STRING or the like: sqlift.date_text(x)",
    why: "the column is text on PostgreSQL; SQLite keeps and compares there as a number what looks like one",
    source: "https://sqlite.org/datatype3.html#determination_of_column_affinity",
    fidelity: Differs,
    help: "a number, or text that is one, is an error: declare the column INTEGER or REAL to keep numbers in it",
    examples: &[
        ("SELECT id FROM dated WHERE at > ?", "SELECT id FROM dated WHERE at > sqlift.date_text($1)"),
        (
            "SELECT id FROM dated WHERE at > 1704067200",
            "SELECT id FROM dated WHERE (sqlift.compare(at, 1704067200::bigint) > 0)",
        ),
        ("SELECT id FROM dated WHERE at > '2024-01-01'", "SELECT id FROM dated WHERE at > '2024-01-01'"),
        ("INSERT INTO dated(at) VALUES (?)", "INSERT INTO dated(at) VALUES (sqlift.date_text($1)) RETURNING id"),
    ],
};

use std::borrow::Cow;

use crate::translate::TypePolicy;
use crate::translate::ast::TypeName;

/// What a declared type stores, by SQLite's rules. <https://sqlite.org/datatype3.html#determination_of_column_affinity>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoredAs {
    Integer,
    Real,
    Numeric,
    Text,
    Blob,
}

/// The affinity of a declared type's name.
pub(crate) fn affinity_of(name: &str) -> StoredAs {
    let name = name.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["INT"]) {
        StoredAs::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        StoredAs::Text
    } else if has(&["BLOB"]) || name.is_empty() {
        StoredAs::Blob
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        StoredAs::Real
    } else {
        StoredAs::Numeric
    }
}

/// What a column of a lifted table becomes (decision D13): SQLite's behaviour first.
///
/// Names of numeric affinity that programs use for something else get what they hold: BOOLEAN holds 0 and 1, DATE,
/// DATETIME and TIMESTAMP hold text, so do UUID, JSON and STRING.
pub(crate) fn lifted_type(name: &str) -> &'static str {
    match affinity_of(name) {
        StoredAs::Integer => "bigint",
        StoredAs::Text => TEXT,
        StoredAs::Blob => "bytea",
        StoredAs::Real => "double precision",
        StoredAs::Numeric => {
            let upper = name.to_ascii_uppercase();
            let word = upper.split(' ').next().unwrap_or_default();
            match word {
                "BOOL" | "BOOLEAN" => "bigint",
                "DATE" | "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIME" | "UUID" | "JSON" | "JSONB" | "STRING" => {
                    TEXT
                }
                "BYTEA" | "BINARY" | "VARBINARY" => "bytea",
                _ => "numeric",
            }
        }
    }
}

/// What a declared type becomes.
pub(crate) fn stored_type(declared: &TypeName, policy: TypePolicy) -> Cow<'static, str> {
    match policy {
        TypePolicy::Native => native_type(declared),
        TypePolicy::Faithful => lifted_type(&declared.name).into(),
    }
}

/// PostgreSQL's own type for what programs mean by a name; a size counts where it says how a number is kept exactly.
fn native_type(declared: &TypeName) -> Cow<'static, str> {
    let upper = declared.name.to_ascii_uppercase();
    let numbers = declared.size.iter().all(|number| number.parse::<u16>().is_ok());
    match upper.as_str() {
        "BOOL" | "BOOLEAN" => "boolean".into(),
        "DATE" => "date".into(),
        "TIME" => "time".into(),
        "TIMESTAMP WITHOUT TIME ZONE" => "timestamp".into(),
        "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => "timestamptz".into(),
        "JSON" | "JSONB" => "jsonb".into(),
        "UUID" | "GUID" => "uuid".into(),
        "DECIMAL" | "NUMERIC" | "DEC" if !declared.size.is_empty() && numbers => {
            format!("numeric({})", declared.size.join(", ")).into()
        }
        _ => lifted_type(&declared.name).into(),
    }
}

/// Text that sorts by its bytes, as SQLite's does.
pub(crate) const TEXT: &str = "text COLLATE \"C\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_types() {
        for (declared, lifted) in [
            ("INTEGER", "bigint"),
            ("UNSIGNED BIG INT", "bigint"),
            ("VARCHAR", TEXT),
            ("DATETIME", TEXT),
            ("BOOLEAN", "bigint"),
            ("DOUBLE PRECISION", "double precision"),
            ("DECIMAL", "numeric"),
            ("BLOB", "bytea"),
            ("FLOATING POINT", "bigint"),
        ] {
            assert_eq!(lifted_type(declared), lifted, "{declared}");
        }
    }

    #[test]
    fn the_native_policy_takes_postgresqls_own_types() {
        for (declared, size, native) in [
            ("BOOLEAN", &[][..], "boolean"),
            ("datetime", &[], "timestamptz"),
            ("DATE", &[], "date"),
            ("JSON", &[], "jsonb"),
            ("UUID", &[], "uuid"),
            ("DECIMAL", &["10", "2"], "numeric(10, 2)"),
            ("DECIMAL", &[], "numeric"),
            ("VARCHAR", &["20"], TEXT),
            ("INT", &[], "bigint"),
        ] {
            let size = size.iter().map(|number| (*number).to_owned()).collect();
            let declared = TypeName { span: crate::syntax::Span { start: 0, end: 0 }, name: declared.into(), size };
            assert_eq!(stored_type(&declared, TypePolicy::Native), native, "{}", declared.name);
        }
    }
}
