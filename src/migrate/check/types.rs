//! Which types of PostgreSQL hold what a column declared on SQLite is meant to hold.

use crate::translate::rules::types::is_for_blobs;

/// What a declared type is for. SQLite's affinities know numbers, text and blobs; programs mean more by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Boolean,
    Timestamp,
    Date,
    Time,
    Json,
    Uuid,
    Integer,
    Real,
    Numeric,
    Text,
    Blob,
    /// No type: anything.
    Any,
}

/// What a type declared on SQLite is for.
pub(super) fn class(declared: &str) -> Class {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    match declared.as_str() {
        "" | "NO TYPE" | "ANY" => Class::Any,
        _ if has(&["BOOL"]) => Class::Boolean,
        _ if has(&["TIMESTAMP", "DATETIME"]) => Class::Timestamp,
        _ if has(&["DATE"]) => Class::Date,
        _ if declared.starts_with("TIME") => Class::Time,
        _ if has(&["JSON"]) => Class::Json,
        _ if has(&["UUID", "GUID"]) => Class::Uuid,
        _ if is_for_blobs(&declared) => Class::Blob,
        // From here on as SQLite finds affinities: sqlite.org/datatype3.html#determination_of_column_affinity
        _ if has(&["INT"]) => Class::Integer,
        _ if has(&["CHAR", "CLOB", "TEXT"]) => Class::Text,
        _ if has(&["BLOB"]) => Class::Blob,
        _ if has(&["REAL", "FLOA", "DOUB"]) => Class::Real,
        // Its affinity is NUMERIC; nobody means it.
        _ if declared.split([' ', '(']).next() == Some("STRING") => Class::Text,
        _ => Class::Numeric,
    }
}

/// Whether PostgreSQL's type holds what the declared one is for.
pub(super) fn fits(declared: &str, postgres: &str) -> bool {
    // A length or precision is a limit on PostgreSQL: it must be the declared one, or there must be none.
    let limited = ["character varying(", "character(", "numeric("].iter().any(|base| postgres.starts_with(base));
    if limited && arguments(declared) != arguments(postgres) {
        return false;
    }
    // Without length or precision.
    let base = match postgres.split_once('(') {
        Some((base, rest)) => format!("{}{}", base, rest.split_once(')').map_or("", |(_, rest)| rest)),
        None => postgres.to_owned(),
    };
    let base = base.as_str();
    let timestamp = matches!(base, "timestamp with time zone" | "timestamp without time zone");
    let time = matches!(base, "time without time zone" | "time with time zone");
    let text = matches!(base, "text" | "character varying" | "character" | "citext" | "name");
    let integer = matches!(base, "bigint" | "integer" | "smallint");
    match class(declared) {
        Class::Any => true,
        Class::Boolean => base == "boolean" || integer,
        Class::Timestamp => timestamp || text,
        Class::Date => base == "date" || text,
        Class::Time => time || text,
        // JSONB is a blob as well as text.
        Class::Json if base == "sqlift.value" => declared.to_ascii_uppercase().starts_with("JSONB"),
        Class::Json => matches!(base, "jsonb" | "json") || text,
        Class::Uuid => base == "uuid" || text,
        // A flag declared INTEGER.
        Class::Integer => integer || base == "boolean",
        Class::Real => base == "double precision",
        Class::Numeric => base == "numeric" || integer,
        // SQLite has no other type for these.
        Class::Text => text || timestamp || time || matches!(base, "date" | "uuid" | "json" | "jsonb"),
        Class::Blob => matches!(base, "bytea" | "uuid" | "sqlift.value"),
    }
}

/// `10,2` of `DECIMAL(10, 2)`; a scale of 0 goes without saying.
fn arguments(ty: &str) -> Option<String> {
    let (_, rest) = ty.split_once('(')?;
    let inner: String = rest.split_once(')')?.0.chars().filter(|c| !c.is_whitespace()).collect();
    Some(inner.strip_suffix(",0").map_or(inner.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_hold_the_same() {
        for (declared, postgres, expected) in [
            ("BOOLEAN", "boolean", true),
            ("INTEGER", "boolean", true),
            ("BOOLEAN", "bigint", true),
            ("DATETIME", "timestamp(0) with time zone", true),
            ("DATETIME", "text", true),
            ("DATETIME", "date", false),
            ("TEXT", "uuid", true),
            ("TEXT", "jsonb", true),
            ("JSON", "jsonb", true),
            ("VARCHAR(20)", "character varying(20)", true),
            ("INTEGER", "text", false),
            ("REAL", "real", false),
            ("REAL", "double precision", true),
            ("REAL", "bigint", false),
            ("TEXT", "bigint", false),
            ("TEXT", "text[]", false),
            ("DECIMAL(10, 2)", "numeric(10,2)", true),
            ("DECIMAL(10, 2)", "numeric(12,2)", false),
            ("DECIMAL(10, 2)", "numeric", true),
            ("DECIMAL(10)", "numeric(10,0)", true),
            ("TEXT", "character varying(10)", false),
            ("VARCHAR(20)", "character varying(10)", false),
            ("VARCHAR(20)", "text", true),
            ("BLOB", "bytea", true),
            ("BLOB", "text", false),
            ("POINT", "bytea", true),
            ("BLOB", "sqlift.value", true),
            ("TEXT", "sqlift.value", false),
            ("JSONB", "sqlift.value", true),
            ("JSONB", "jsonb", true),
            ("JSON", "sqlift.value", false),
            ("STRING", "text", true),
            ("STRING", "numeric", false),
            ("no type", "text", true),
        ] {
            assert_eq!(fits(declared, postgres), expected, "{declared} {postgres}");
        }
    }
}
