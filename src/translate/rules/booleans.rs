//! Booleans: SQLite has 0 and 1, PostgreSQL a type of their own.

use super::Rule;
use crate::translate::Fidelity::Exact;

pub(crate) static RULES: &[&Rule] = &[&NUMBER_AS_CONDITION, &BOOLEAN_LITERAL, &BOOLEAN_AS_NUMBER];

pub(crate) static NUMBER_AS_CONDITION: Rule = Rule {
    id: "number-as-condition",
    matches: "a number, or any other value, where a condition stands: x <> 0",
    why: "SQLite takes every value for a condition, PostgreSQL only booleans",
    source: "https://sqlite.org/lang_expr.html#booleanexpr",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE n", "SELECT id FROM t WHERE (n <> 0)"),
        ("SELECT id FROM t WHERE 1", "SELECT id FROM t WHERE true"),
        ("SELECT NOT n FROM t", "SELECT NOT (n <> 0) FROM t"),
        ("SELECT id FROM t WHERE name", "SELECT id FROM t WHERE sqlift.truth(name)"),
        ("SELECT id FROM t WHERE n AND flag", "SELECT id FROM t WHERE (n <> 0) AND flag"),
    ],
};

pub(crate) static BOOLEAN_LITERAL: Rule = Rule {
    id: "boolean-literal",
    matches: "0 and 1 compared with or assigned to a BOOLEAN column: false and true",
    why: "PostgreSQL has no operator between boolean and integer",
    source: "https://sqlite.org/datatype3.html#boolean_datatype",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE flag = 1", "SELECT id FROM t WHERE flag = true"),
        ("UPDATE t SET flag = 0", "UPDATE t SET flag = false"),
        ("SELECT id FROM t WHERE flag IN (0, 1)", "SELECT id FROM t WHERE flag IN (false, true)"),
        ("SELECT id FROM t WHERE flag = 2", "SELECT id FROM t WHERE flag::int::bigint = 2"),
    ],
};

pub(crate) static BOOLEAN_AS_NUMBER: Rule = Rule {
    id: "boolean-as-number",
    matches: "a comparison or a BOOLEAN column used as a number: x::int::bigint",
    why: "sum(x > 1) counts rows on SQLite",
    source: "https://sqlite.org/lang_expr.html#booleanexpr",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT sum(n > 1) FROM t", "SELECT (sum((n > 1)::int::bigint))::bigint FROM t"),
        ("SELECT flag + 1 FROM t", "SELECT flag::int::bigint + 1 FROM t"),
        ("SELECT coalesce(flag, 0) FROM t", "SELECT coalesce(flag::int::bigint, 0) FROM t"),
    ],
};
