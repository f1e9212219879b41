//! Operators: arithmetic, concatenation, precedence, LIKE, casts.

use super::Rule;
use crate::translate::Fidelity::Exact;

pub(crate) static RULES: &[&Rule] = &[
    &DIVISION_BY_ZERO,
    &TEXT_IN_ARITHMETIC,
    &INTEGER_OR_REAL,
    &WIDE_INTEGERS,
    &OVERFLOW,
    &RANGE_OF_REALS,
    &CONCAT,
    &PRECEDENCE,
    &LIKE,
    &CAST,
    &LITERALS,
    &JSON_ARROW,
];

pub(crate) static DIVISION_BY_ZERO: Rule = Rule {
    id: "division-by-zero",
    matches: "x / y and x % y: y becomes NULLIF(y, 0) unless it is a literal",
    why: "dividing by zero is NULL on SQLite, an error on PostgreSQL",
    source: "https://sqlite.org/lang_expr.html#operators",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT n / 2 FROM t", "SELECT n / 2 FROM t"),
        ("SELECT n / m FROM t", "SELECT n / NULLIF(m, 0) FROM t"),
        ("SELECT 5.5 % 2", "SELECT sqlift.modulo(5.5::float8, 2)"),
    ],
};

pub(crate) static TEXT_IN_ARITHMETIC: Rule = Rule {
    id: "text-in-arithmetic",
    matches: "text as an operand of arithmetic: sqlift.to_operand(x)",
    why: "SQLite takes the number that the text begins with",
    source: "https://sqlite.org/lang_expr.html#operators",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT name + 1 FROM t", "SELECT sqlift.add(sqlift.to_operand(name), 1) FROM t")],
};

pub(crate) static INTEGER_OR_REAL: Rule = Rule {
    id: "integer-or-real",
    matches: "integers and reals in one result (coalesce, CASE, max, UNION): sqlift.by_row(x), where it matters which",
    why: "an expression has one type on PostgreSQL, one by row on SQLite; the scale of a numeric tells them apart",
    source: "https://sqlite.org/datatype3.html",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT coalesce(score, 0) FROM t", "SELECT coalesce(sqlift.by_row(score), 0) FROM t"),
        ("SELECT id FROM t WHERE coalesce(score, 0) > 1", "SELECT id FROM t WHERE coalesce(score, 0) > 1"),
        ("SELECT coalesce(score, n) / 2 FROM t", "SELECT sqlift.divide(coalesce(sqlift.by_row(score), n), 2) FROM t"),
        (
            "SELECT n FROM t UNION ALL SELECT 1.5",
            "SELECT n FROM t UNION ALL SELECT sqlift.by_row(1.5::float8) AS \"1.5\"",
        ),
    ],
};

pub(crate) static OVERFLOW: Rule = Rule {
    id: "overflow",
    matches: "integers of the text whose sum, difference or product needs more than 64 bits: a real",
    why: "SQLite goes on in reals; over columns and parameters PostgreSQL's error says so instead",
    source: "https://sqlite.org/lang_expr.html#operators",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT 9223372036854775807 + 1", "SELECT ('9.223372036854776e18'::float8)")],
};

pub(crate) static RANGE_OF_REALS: Rule = Rule {
    id: "range-of-reals",
    matches: "+, -, * and / on reals, in a statement that has failed for it and runs again, and * and / in triggers' bodies: \
              sqlift.ieee_multiply(x, y), ...; literals nearer to zero than any real: 0.0",
    why: "what leaves the range of reals is 0.0 or an infinity on SQLite, an error on PostgreSQL",
    source: "https://sqlite.org/floatingpoint.html",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT 1e-400", "SELECT 0.0::float8")],
};

pub(crate) static WIDE_INTEGERS: Rule = Rule {
    id: "wide-integers",
    matches: "arithmetic between integer literals: the first becomes a bigint",
    why: "PostgreSQL computes small literals in 32 bits",
    source: "https://sqlite.org/datatype3.html#storage_classes_and_datatypes",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT 3000000 * 3000000", "SELECT 3000000::bigint * 3000000"),
        ("SELECT n + 1 FROM t", "SELECT n + 1 FROM t"),
        ("SELECT 1 << 40", "SELECT sqlift.shift_left(1::bigint, 40::bigint)"),
    ],
};

pub(crate) static CONCAT: Rule = Rule {
    id: "concat",
    matches: "x || y: operands that are not text become text as SQLite prints it",
    why: "2.0 || '' is '2.0' on SQLite, '2' on PostgreSQL; integers have no || there",
    source: "https://sqlite.org/lang_expr.html#operators",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT n || '-' FROM t", "SELECT n::text || '-' FROM t"),
        ("SELECT score || '' FROM t", "SELECT sqlift.to_text(score) || '' FROM t"),
        ("SELECT name || ? FROM t", "SELECT name || sqlift.to_text($1) FROM t"),
    ],
};

pub(crate) static PRECEDENCE: Rule = Rule {
    id: "precedence",
    matches: "operators that PostgreSQL binds otherwise: parentheses",
    why: "|| binds tightest on SQLite; comparisons chain there",
    source: "https://sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT 2 * 3 || 4", "SELECT sqlift.multiply(2, sqlift.to_operand(3::text || 4::text))"),
        ("SELECT n = 2 = 1 FROM t", "SELECT (n = 2) = true FROM t"),
        ("SELECT - - n FROM t", "SELECT - (- n) FROM t"),
        ("SELECT ~n + 1 FROM t", "SELECT (~n) + 1 FROM t"),
    ],
};

pub(crate) static LIKE: Rule = Rule {
    id: "like",
    matches: "x LIKE y: ILIKE with no escape character, on a NOCASE column LIKE in lower case, for its index; x GLOB y: LIKE, with [...] a regular expression, by a pattern of the row sqlift.glob(y, x)",
    why: "LIKE folds ASCII letters on SQLite and the backslash is not special",
    source: "https://sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE name LIKE 'a%'", "SELECT id FROM t WHERE name ILIKE 'a%' ESCAPE ''"),
        ("SELECT id FROM t WHERE name NOT LIKE '1%'", "SELECT id FROM t WHERE name NOT LIKE '1%' ESCAPE ''"),
        (
            "SELECT id FROM t WHERE name LIKE ? ESCAPE '!'",
            "SELECT id FROM t WHERE name ILIKE sqlift.like_pattern($1, '!') ESCAPE '!'",
        ),
        ("SELECT id FROM t WHERE n LIKE '1%'", "SELECT id FROM t WHERE n::text LIKE '1%' ESCAPE ''"),
        (
            "SELECT id FROM nc WHERE name LIKE 'A%'",
            "SELECT id FROM nc WHERE lower(name COLLATE \"C\") LIKE 'a%' ESCAPE ''",
        ),
        ("SELECT id FROM t WHERE name GLOB 'a*'", "SELECT id FROM t WHERE name LIKE 'a%'"),
    ],
};

pub(crate) static CAST: Rule = Rule {
    id: "cast",
    matches: "CAST(x AS t): by the affinity of t, never an error",
    why: "CAST('12abc' AS INTEGER) is 12 on SQLite, an error on PostgreSQL",
    source: "https://sqlite.org/lang_expr.html#castexpr",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT CAST(name AS INTEGER) FROM t", "SELECT sqlift.to_integer(name) FROM t"),
        ("SELECT CAST(n AS TEXT) FROM t", "SELECT (n::text)::text FROM t"),
        ("SELECT CAST(n AS REAL) FROM t", "SELECT (n)::float8 FROM t"),
    ],
};

pub(crate) static LITERALS: Rule = Rule {
    id: "literals",
    matches: "x'..', numbers with a point, hexadecimal and separated numbers, TRUE and FALSE",
    why: "X'..' is a bit string on PostgreSQL, and 0.1 a decimal number",
    source: "https://sqlite.org/lang_expr.html#literal_values_constants_",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT x'00ff'", "SELECT '\\x00ff'::bytea"),
        ("SELECT 0.1 + 0.2", "SELECT 0.1::float8 + 0.2::float8"),
        ("SELECT 1_000", "SELECT 1000"),
        ("SELECT 0x1F", "SELECT 31"),
    ],
};

pub(crate) static JSON_ARROW: Rule = Rule {
    id: "json-arrow",
    matches: "x -> y, x ->> y: sqlift.json_arrow(x, y), sqlift.json_arrow_text(x, y)",
    why: "PostgreSQL's operators take no text, and no path",
    source: "https://sqlite.org/json1.html#the_and_operators",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT name -> '$.a' FROM t", "SELECT sqlift.json_arrow(name, '$.a') FROM t")],
};
