//! Names and literals in PostgreSQL's spelling: which words need quotes, how case folds.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// In bytes: PostgreSQL cuts longer names, so that two of them may be one.
pub(crate) const LONGEST_NAME: usize = 63;

/// Words that PostgreSQL does not take as a bare column, table or alias name in every place where SQLite does.
/// <https://www.postgresql.org/docs/current/sql-keywords-appendix.html>: reserved ones, those that cannot be column
/// references everywhere, and those that need AS in front when they are an alias.
#[rustfmt::skip]
const QUOTED_WORDS: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint",
    "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate",
    "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "day", "dec", "decimal",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch",
    "filter", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having",
    "hour", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "json_array", "json_arrayagg", "json_object", "json_objectagg", "lateral", "leading", "least",
    "left", "like", "limit", "localtime", "localtimestamp", "minute", "month", "national", "natural", "nchar", "none",
    "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer",
    "over", "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references", "returning",
    "right", "row", "second", "select", "session_user", "setof", "similar", "smallint", "some", "substring",
    "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim",
    "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "varying", "verbose", "when", "where",
    "window", "with", "within", "without", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
    "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable", "year",
];

/// Whether a word that SQLite takes as a name must be quoted for PostgreSQL.
pub(crate) fn needs_quotes(name: &str) -> bool {
    let starts_plainly =
        name.as_bytes().first().is_some_and(|b| PLAIN[usize::from(*b)] && !matches!(b, b'0'..=b'9' | b'$'));
    let plain = starts_plainly && name.bytes().all(|b| PLAIN[usize::from(b)]);
    !plain || quoted_words_like(name).contains(&name)
}

/// The bytes of a bare name that PostgreSQL's folding leaves as it is.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | 0x80..);
        byte += 1;
    }
    plain
};

/// The words that begin with the same letter: a handful, mostly of other lengths.
fn quoted_words_like(name: &str) -> &'static [&'static str] {
    match name.as_bytes() {
        [first @ b'a'..=b'z', ..] => {
            let letter = usize::from(first - b'a');
            &QUOTED_WORDS[STARTS[letter]..STARTS[letter + 1]]
        }
        _ => &[],
    }
}

/// Where the words of each letter begin, and their end.
static STARTS: [usize; 27] = {
    let mut starts = [QUOTED_WORDS.len(); 27];
    let mut letter = 26;
    while letter > 0 {
        letter -= 1;
        starts[letter] = starts[letter + 1];
        while starts[letter] > 0 && QUOTED_WORDS[starts[letter] - 1].as_bytes()[0] >= b'a' + letter as u8 {
            starts[letter] -= 1;
        }
    }
    starts
};

/// The name as PostgreSQL's SQL writes it: bare where that means the same, quoted otherwise.
pub(crate) fn identifier(name: &str) -> String {
    if needs_quotes(name) { quote_identifier(name) } else { name.to_owned() }
}

/// `"name"`, quotes inside doubled.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `'text'`, quotes inside doubled; with a backslash in it the E form is not needed since standard strings are on.
pub(crate) fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// SQLite compares names without regard to ASCII case; lifted tables have them in lower case.
pub(crate) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A name made out of others: cut where PostgreSQL would cut it, with a checksum of the whole, so that two stay two.
pub(crate) fn generated(name: String) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let mut sum = String::from("_");
    for byte in &Sha256::digest(&name)[..8] {
        let _ = write!(sum, "{byte:02x}");
    }
    let kept = (0..=LONGEST_NAME - sum.len()).rev().find(|end| name.is_char_boundary(*end));
    format!("{}{sum}", &name[..kept.unwrap_or_default()])
}

/// What an index is called on PostgreSQL; its text keeps the whole name.
pub(crate) fn index_name(name: &str) -> String {
    generated(fold(name))
}

/// The function that a trigger of SQLite's runs.
pub(crate) fn trigger_function(trigger: &str) -> String {
    generated(format!("sqlift_trigger_{trigger}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_generated_names_stay_apart() {
        let of = |last: &str| trigger_function(&format!("{}{last}", "ä".repeat(30)));
        assert_eq!(trigger_function("touch"), "sqlift_trigger_touch");
        assert!(of("a").len() <= 63 && of("a") != of("b"), "{} and {}", of("a"), of("b"));
    }

    #[test]
    fn names_are_quoted_when_postgresql_needs_it() {
        assert!(QUOTED_WORDS.is_sorted());
        assert!(QUOTED_WORDS.iter().all(|word| needs_quotes(word)));
        for (name, written) in [
            ("a", "a"),
            ("user", "\"user\""),
            ("Name", "\"Name\""),
            ("a b", "\"a b\""),
            ("q\"q", "\"q\"\"q\""),
            ("größe", "größe"),
            ("1a", "\"1a\""),
        ] {
            assert_eq!(identifier(name), written);
        }
    }
}
