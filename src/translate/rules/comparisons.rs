//! Comparisons of unlike types.

use super::Rule;
use crate::translate::Fidelity::{Differs, Exact};

pub(crate) static RULES: &[&Rule] =
    &[&LITERAL_AFFINITY, &DIFFERENT_CLASSES, &NUMBER_WITH_TEXT, &INTEGER_WITH_REAL, &IS_VALUE, &COLLATION, &EMPTY_LIST];

pub(crate) static LITERAL_AFFINITY: Rule = Rule {
    id: "literal-affinity",
    matches: "a literal compared with a column of another type: the literal in the column's type",
    why: "the column's affinity converts the other side",
    source: "https://sqlite.org/datatype3.html#type_conversions_prior_to_comparison",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE name = 5", "SELECT id FROM t WHERE name = '5'"),
        ("SELECT id FROM t WHERE n = '5'", "SELECT id FROM t WHERE n = 5"),
        ("SELECT id FROM t WHERE n BETWEEN '1' AND 2", "SELECT id FROM t WHERE n BETWEEN 1 AND 2"),
        ("SELECT id FROM t WHERE '5' = ?", "SELECT id FROM t WHERE '5'::text = $1"),
    ],
};

pub(crate) static DIFFERENT_CLASSES: Rule = Rule {
    id: "different-classes",
    matches: "values of different storage classes: numbers are less than text, text less than blobs",
    why: "PostgreSQL would refuse, or read the literal as the other type",
    source: "https://sqlite.org/datatype3.html#sort_order",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "SELECT id FROM t WHERE n = 'abc'",
            "SELECT id FROM t WHERE (CASE WHEN n IS NOT NULL AND 'abc' IS NOT NULL THEN false END)",
        ),
        ("SELECT 1 < '1'", "SELECT (CASE WHEN 1 IS NOT NULL AND '1' IS NOT NULL THEN true END)"),
    ],
};

pub(crate) static NUMBER_WITH_TEXT: Rule = Rule {
    id: "number-with-text",
    matches: "a TEXT column or expression compared with a numeric one: sqlift.compare(a, b) = 0",
    why: "numeric affinity turns text that looks like a number into one, row by row",
    source: "https://sqlite.org/datatype3.html#type_conversions_prior_to_comparison",
    fidelity: Differs,
    help: "the comparison uses no index; give both columns one type",
    examples: &[("SELECT id FROM t WHERE n = name", "SELECT id FROM t WHERE (sqlift.compare(n, name) = 0)")],
};

pub(crate) static INTEGER_WITH_REAL: Rule = Rule {
    id: "integer-with-real",
    matches: "an integer compared with a real: sqlift.comparable(x); with a REAL column the plain comparison too, for its index",
    why: "PostgreSQL makes a real of the integer, which rounds it beyond 2^53",
    source: "https://sqlite.org/datatype3.html#sort_order",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE n < score", "SELECT id FROM t WHERE (n <= score AND (n) < sqlift.comparable(score))"),
        ("SELECT id FROM t WHERE n = score * 2", "SELECT id FROM t WHERE ((n) = sqlift.comparable(score * 2))"),
    ],
};

pub(crate) static IS_VALUE: Rule = Rule {
    id: "is-value",
    matches: "x IS y: x IS NOT DISTINCT FROM y",
    why: "PostgreSQL has IS only for NULL, TRUE, FALSE and UNKNOWN",
    source: "https://sqlite.org/lang_expr.html#isisnot",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE n IS ?", "SELECT id FROM t WHERE n IS NOT DISTINCT FROM $1"),
        ("SELECT id FROM t WHERE n IS NOT 5", "SELECT id FROM t WHERE n IS DISTINCT FROM 5"),
        ("SELECT id FROM t WHERE n NOTNULL", "SELECT id FROM t WHERE n IS NOT NULL"),
        ("SELECT id FROM t WHERE n == 5", "SELECT id FROM t WHERE n = 5"),
    ],
};

pub(crate) static COLLATION: Rule = Rule {
    id: "collation",
    matches: "text that NOCASE or RTRIM compares or sorts: lower(x), rtrim(x); text of no column: COLLATE \"C\"",
    why: "PostgreSQL has neither collation, and sorts what is no column by the database's",
    source: "https://sqlite.org/datatype3.html#collating_sequences",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "SELECT id FROM nc WHERE name = 'A'",
            "SELECT id FROM nc WHERE lower(name COLLATE \"C\") = lower('A' COLLATE \"C\")",
        ),
        ("SELECT 'a' < 'B'", "SELECT ('a' COLLATE \"C\") < 'B'"),
    ],
};

pub(crate) static EMPTY_LIST: Rule = Rule {
    id: "empty-list",
    matches: "x IN () and x NOT IN (): false and true",
    why: "PostgreSQL has no empty list",
    source: "https://sqlite.org/lang_expr.html#the_in_and_not_in_operators",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT id FROM t WHERE n IN ()", "SELECT id FROM t WHERE false")],
};
