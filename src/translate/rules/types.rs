//! Declared types: SQLite's affinity by name, and what PostgreSQL stores.

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
}
