//! Queries: order, limits, joins, aliases, subqueries.

use super::Rule;
use crate::translate::Fidelity::{Differs, Exact};

pub(crate) static RULES: &[&Rule] = &[
    &MIXED_TYPES,
    &BARE_COLUMN,
    &DISTINCT_BY_GROUP,
    &PLACEHOLDERS,
    &NULL_ORDER,
    &LIMITS,
    &ALIAS_IN_EXPRESSION,
    &TWIN_NAMES,
    &SUBQUERY_ALIAS,
    &SCALAR_SUBQUERY,
    &JOIN_WITHOUT_ON,
    &STAR_WITH_USING,
    &USING_AS_ON,
    &INDEXED_BY,
    &NAMES,
    &ROWID,
    &RECURSIVE,
    &RECURSIVE_QUEUE,
    &QUERY_PLAN,
    &IMPLIED_ORDER,
    &ROW_ORDER,
    &FIRST_MET,
    &COMPOUND,
    &COLLATED_SET,
    &OF_EQUALS,
    &RARRAY,
    &SERIES,
    &JSON_TABLES,
    &OWN_FUNCTION,
];

pub(crate) static OWN_FUNCTION: Rule = Rule {
    id: "own-function",
    matches: "a function that the program makes with create_scalar_function and its like",
    why: "PostgreSQL cannot call into the program: the function of that name that is in the database is called, by its schema's name",
    source: "https://sqlite.org/appfunc.html",
    fidelity: Differs,
    help: "what it returns is up to the function in the database",
    examples: &[("SELECT slug(name) FROM t", "SELECT public.slug(name) FROM t")],
};

pub(crate) static RARRAY: Rule = Rule {
    id: "rarray",
    matches: "rarray(?1) as a table or behind IN",
    why: "rusqlite's table function over a bound array; PostgreSQL takes an array of one type",
    source: "https://sqlite.org/carray.html",
    fidelity: Differs,
    help: "the members are of one storage class, or NULL; others are refused when they are bound",
    examples: &[
        ("SELECT value FROM rarray(?1)", "SELECT value FROM (SELECT pg_catalog.unnest($1) AS value) AS rarray"),
        (
            "SELECT n FROM t WHERE id IN rarray(?1)",
            "SELECT n FROM t WHERE id IN (SELECT pg_catalog.unnest($1) AS value)",
        ),
    ],
};

pub(crate) static SERIES: Rule = Rule {
    id: "generate-series",
    matches: "generate_series(start, end[, step])",
    why: "the same function, which counts in the type of its arguments there",
    source: "https://sqlite.org/series.html",
    fidelity: Exact,
    help: "",
    examples: &[(
        "SELECT value FROM generate_series(1, 3)",
        "SELECT value FROM (SELECT pg_catalog.generate_series(1, 3) AS value) AS generate_series",
    )],
};

pub(crate) static PLACEHOLDERS: Rule = Rule {
    id: "placeholders",
    matches: "?, ?N, :name, @name, $name: dense $1, $2, ...",
    why: "PostgreSQL cannot type a $1 that nobody uses; a parameter with two contexts becomes two",
    source: "https://sqlite.org/lang_expr.html#varparam",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t WHERE name = ?", "SELECT id FROM t WHERE name = $1"),
        ("SELECT ?3, ?1", "SELECT $1, $2"),
        ("SELECT :a, id FROM t WHERE n = :a", "SELECT $1, id FROM t WHERE n = $2"),
    ],
};

pub(crate) static NULL_ORDER: Rule = Rule {
    id: "null-order",
    matches: "ORDER BY x: NULLS FIRST, or NULLS LAST after DESC, unless x cannot be NULL",
    why: "NULLs are the smallest value on SQLite, the largest on PostgreSQL",
    source: "https://sqlite.org/lang_select.html#orderby",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t ORDER BY n", "SELECT id FROM t ORDER BY n NULLS FIRST, t.id"),
        ("SELECT id FROM t ORDER BY n DESC", "SELECT id FROM t ORDER BY n DESC NULLS LAST, t.id"),
        ("SELECT id FROM t ORDER BY id", "SELECT id FROM t ORDER BY id"),
        ("SELECT n FROM t ORDER BY 1", "SELECT n FROM t ORDER BY 1 NULLS FIRST, t.id"),
    ],
};

pub(crate) static LIMITS: Rule = Rule {
    id: "limits",
    matches: "LIMIT x, y; negative limits and offsets",
    why: "PostgreSQL has no comma there and refuses negative numbers",
    source: "https://sqlite.org/lang_select.html#limitoffset",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT id FROM t LIMIT 1, 2", "SELECT id FROM t ORDER BY t.id LIMIT 2 OFFSET 1"),
        ("SELECT id FROM t LIMIT -1", "SELECT id FROM t ORDER BY t.id LIMIT ALL"),
        ("SELECT id FROM t LIMIT ? OFFSET ?", "SELECT id FROM t ORDER BY t.id LIMIT $1 OFFSET $2"),
    ],
};

pub(crate) static ALIAS_IN_EXPRESSION: Rule = Rule {
    id: "alias-in-expression",
    matches: "a result column's alias inside WHERE, ON, HAVING or an expression: the aliased expression",
    why: "PostgreSQL sees aliases only as whole terms of ORDER BY and GROUP BY",
    source: "https://sqlite.org/lang_select.html#resultset",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT n * 2 AS twice FROM t WHERE twice > 4", "SELECT n * 2 AS twice FROM t WHERE (n * 2) > 4"),
        (
            "SELECT name AS who, count(*) AS c FROM t GROUP BY who HAVING c > 1 ORDER BY count(*)",
            "SELECT name AS who, count(*) AS c FROM t GROUP BY who HAVING (count(*)) > 1 ORDER BY count(*), who NULLS FIRST",
        ),
        (
            "SELECT a.n * 2 AS twice FROM t AS a JOIN t AS b ON b.n = twice",
            "SELECT a.n * 2 AS twice FROM t AS a JOIN t AS b ON b.n = (a.n * 2)",
        ),
    ],
};

pub(crate) static TWIN_NAMES: Rule = Rule {
    id: "twin-names",
    matches: "ORDER BY or GROUP BY the name of several result columns: the first one's number",
    why: "SQLite takes the first result column of that name; PostgreSQL finds it ambiguous",
    source: "https://sqlite.org/lang_select.html#orderby",
    fidelity: Exact,
    help: "",
    examples: &[(
        "SELECT n AS x, name AS x FROM t ORDER BY x",
        "SELECT n AS x, name AS x FROM t ORDER BY 1 NULLS FIRST, t.id",
    )],
};

pub(crate) static SUBQUERY_ALIAS: Rule = Rule {
    id: "subquery-alias",
    matches: "a subquery in FROM without an alias gets one",
    why: "PostgreSQL before 16 requires it",
    source: "https://sqlite.org/lang_select.html#fromclause",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT id FROM (SELECT id FROM t)", "SELECT id FROM (SELECT id FROM t) AS sqlift_1")],
};

pub(crate) static SCALAR_SUBQUERY: Rule = Rule {
    id: "scalar-subquery",
    matches: "a subquery as a value: LIMIT 1",
    why: "SQLite takes the first row, PostgreSQL refuses several",
    source: "https://sqlite.org/lang_expr.html#subquery_expressions",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT (SELECT name FROM t)", "SELECT (SELECT name FROM t ORDER BY t.id LIMIT 1)"),
        ("SELECT (SELECT count(*) FROM t)", "SELECT (SELECT count(*) FROM t)"),
    ],
};

pub(crate) static JOIN_WITHOUT_ON: Rule = Rule {
    id: "join-without-on",
    matches: "JOIN without ON: CROSS JOIN",
    why: "PostgreSQL requires a condition",
    source: "https://sqlite.org/lang_select.html#fromclause",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT a.id FROM t a JOIN t b", "SELECT a.id FROM t a CROSS JOIN t b"),
        ("SELECT a.id FROM t a LEFT JOIN t b", "SELECT a.id FROM t a LEFT JOIN t b ON true"),
    ],
};

pub(crate) static STAR_WITH_USING: Rule = Rule {
    id: "star-with-using",
    matches: "* over NATURAL JOIN or USING: the columns by name",
    why: "PostgreSQL moves the joined columns to the front",
    source: "https://sqlite.org/lang_select.html#resultset",
    fidelity: Exact,
    help: "",
    examples: &[],
};

pub(crate) static USING_AS_ON: Rule = Rule {
    id: "using-as-on",
    matches: "JOIN USING and NATURAL JOIN over columns of unlike types, or by NOCASE: ON with the comparison of the two",
    why: "PostgreSQL brings both to one type, which is the joined column's; SQLite's joined column is the left one",
    source: "https://sqlite.org/lang_select.html#fromclause",
    fidelity: Exact,
    help: "",
    examples: &[(
        "SELECT n FROM t JOIN (SELECT score AS n FROM t) AS u USING (n)",
        "SELECT t.n FROM t JOIN (SELECT score AS n FROM t) AS u ON (t.n = u.n AND sqlift.comparable(t.n) = sqlift.comparable(u.n))",
    )],
};

pub(crate) static OF_EQUALS: Rule = Rule {
    id: "one-of-equals",
    matches: "integers with reals: a UNION b is a EXCEPT b UNION b, a INTERSECT b is a EXCEPT (a EXCEPT b)",
    why: "of 2 and 2.0, which are equal, SQLite's UNION keeps the last one, INTERSECT the first; PostgreSQL any",
    source: "https://sqlite.org/lang_select.html#compound",
    fidelity: Exact,
    help: "",
    examples: &[(
        "SELECT n FROM t UNION SELECT 1.5",
        "SELECT n FROM t EXCEPT SELECT sqlift.by_row(1.5::float8) AS \"1.5\" UNION SELECT sqlift.by_row(1.5::float8) AS \"1.5\" ORDER BY 1 NULLS FIRST",
    )],
};

pub(crate) static INDEXED_BY: Rule = Rule {
    id: "indexed-by",
    matches: "INDEXED BY and NOT INDEXED are left out",
    why: "PostgreSQL has no such hint",
    source: "https://sqlite.org/lang_indexedby.html",
    fidelity: Differs,
    help: "PostgreSQL chooses the index itself; a missing index is no error",
    examples: &[],
};

pub(crate) static NAMES: Rule = Rule {
    id: "names",
    matches: "names in [x], `x` or of another case, and words reserved on PostgreSQL",
    why: "names are compared without regard to case on SQLite; lifted tables have them in lower case",
    source: "https://sqlite.org/lang_keywords.html",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT [Name], `n` FROM \"T\" AS X", "SELECT name, n FROM t AS X"),
        ("SELECT main.t.name FROM main.t", "SELECT t.name FROM t"),
        ("SELECT name AS 'the name' FROM t", "SELECT name AS \"the name\" FROM t"),
        ("SELECT id FROM t WHERE name = \"bob\"", "SELECT id FROM t WHERE name = 'bob'"),
        ("SELECT n AS user FROM t", "SELECT n AS \"user\" FROM t"),
    ],
};

pub(crate) static ROWID: Rule = Rule {
    id: "rowid",
    matches: "rowid, oid and _rowid_: the integer primary key",
    why: "an INTEGER PRIMARY KEY is the rowid",
    source: "https://sqlite.org/rowidtable.html",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT rowid FROM t WHERE oid = 1", "SELECT id FROM t WHERE id = 1")],
};

pub(crate) static RECURSIVE: Rule = Rule {
    id: "recursive",
    matches: "WITH over a table that reads itself: WITH RECURSIVE",
    why: "the word is optional on SQLite",
    source: "https://sqlite.org/lang_with.html",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "WITH c(x) AS (SELECT id FROM t UNION ALL SELECT x + 1 FROM c LIMIT 3) SELECT x FROM c",
            "WITH c(x) AS (WITH RECURSIVE sqlift_1(x) AS (SELECT id FROM t UNION ALL SELECT x + 1 AS \"x + 1\" FROM sqlift_1 AS c) SELECT * FROM sqlift_1 LIMIT 3) SELECT x FROM c",
        ),
        (
            "WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c",
            "WITH RECURSIVE c(x) AS (SELECT 1::bigint AS \"1\" UNION ALL SELECT x + 1 AS \"x + 1\" FROM c WHERE x < 5) SELECT x FROM c",
        ),
    ],
};

pub(crate) static RECURSIVE_QUEUE: Rule = Rule {
    id: "recursive-queue",
    matches: "ORDER BY, and UNION by NOCASE, in a common table that reads itself: a recursion whose row carries the queue",
    why: "SQLite takes one row after the other from a queue, which ORDER BY sorts; PostgreSQL takes all rows of a round at once. Each step copies the queue: 10,000 rows depth first take 0.6 s, in an order that keeps most of them waiting a minute; ORDER BY a level that counts up costs nothing more than the recursion",
    source: "https://sqlite.org/lang_with.html#recursive_common_table_expressions",
    fidelity: Exact,
    help: "",
    examples: &[(
        "WITH c(x) AS (SELECT id FROM t WHERE n IS NULL UNION ALL SELECT t.id FROM c JOIN t ON t.n = x ORDER BY 1 DESC) SELECT x FROM c",
        "WITH c(x) AS (WITH RECURSIVE sqlift_q AS (SELECT sqlift_m.sqlift_c1, sqlift_k.sqlift_p1[:sqlift_m.sqlift_at - 1] || sqlift_k.sqlift_p1[sqlift_m.sqlift_at + 1:] AS sqlift_p1 FROM (SELECT array_agg(sqlift_c1) AS sqlift_p1 FROM (SELECT sqlift_c1::bigint AS sqlift_c1 FROM (SELECT id FROM t WHERE n IS NULL) AS sqlift_x(sqlift_c1)) AS sqlift_x) AS sqlift_k, LATERAL (SELECT * FROM (SELECT sqlift_c1, sqlift_at::integer FROM unnest(sqlift_k.sqlift_p1) WITH ORDINALITY AS sqlift_u(sqlift_c1, sqlift_at)) AS sqlift_u ORDER BY sqlift_c1 DESC NULLS LAST, sqlift_at LIMIT 1) AS sqlift_m UNION ALL SELECT sqlift_m.sqlift_c1, sqlift_k.sqlift_p1[:sqlift_m.sqlift_at - 1] || sqlift_k.sqlift_p1[sqlift_m.sqlift_at + 1:] AS sqlift_p1 FROM sqlift_q, LATERAL (SELECT sqlift_q.sqlift_p1 || array_agg(sqlift_c1) AS sqlift_p1 FROM (SELECT sqlift_c1::bigint AS sqlift_c1 FROM (WITH sqlift_1(x) AS (SELECT sqlift_q.sqlift_c1) SELECT t.id FROM sqlift_1 AS c JOIN t ON t.n = x) AS sqlift_x(sqlift_c1)) AS sqlift_x) AS sqlift_k, LATERAL (SELECT * FROM (SELECT sqlift_c1, sqlift_at::integer FROM unnest(sqlift_k.sqlift_p1) WITH ORDINALITY AS sqlift_u(sqlift_c1, sqlift_at)) AS sqlift_u ORDER BY sqlift_c1 DESC NULLS LAST, sqlift_at LIMIT 1) AS sqlift_m) SELECT sqlift_c1 AS \"id\" FROM sqlift_q) SELECT x FROM c",
    )],
};

pub(crate) static QUERY_PLAN: Rule = Rule {
    id: "query-plan",
    matches: "EXPLAIN QUERY PLAN: PostgreSQL's plan in SQLite's columns and words",
    why: "programs and people read SCAN and SEARCH ... USING INDEX",
    source: "https://sqlite.org/eqp.html",
    fidelity: Differs,
    help: "it is PostgreSQL's plan, which chooses otherwise, on small tables most of all; SQLite says itself that the words may change. What is bound is not known to it",
    examples: &[(
        "EXPLAIN QUERY PLAN SELECT id FROM t WHERE id = ?1",
        "SELECT id, parent, notused, detail FROM sqlift.query_plan('SELECT id FROM t WHERE id = (SELECT NULL::bigint)')",
    )],
};

pub(crate) static IMPLIED_ORDER: Rule = Rule {
    id: "implied-order",
    matches: "GROUP BY, UNION, INTERSECT and EXCEPT without ORDER BY: sorted by their keys or columns, where the caller or LIMIT sees \
              the order, also through a query that reads them alone; groups that ORDER BY leaves equal: by their keys; group_concat and \
              its like over a sorted subquery: in its order",
    why: "SQLite groups and compares by sorting, and passes a subquery's order on; PostgreSQL hashes, and sorts for itself on the way",
    source: "https://sqlite.org/lang_select.html#orderby",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT n, count(*) FROM t GROUP BY n", "SELECT n, count(*) FROM t GROUP BY n ORDER BY n NULLS FIRST"),
        (
            "SELECT n, count(*) FROM t GROUP BY n ORDER BY count(*) DESC",
            "SELECT n, count(*) FROM t GROUP BY n ORDER BY count(*) DESC, n DESC NULLS LAST",
        ),
        (
            "SELECT * FROM (SELECT n FROM t GROUP BY n) AS q LIMIT 2",
            "SELECT * FROM (SELECT n FROM t GROUP BY n ORDER BY n NULLS FIRST) AS q LIMIT 2",
        ),
        ("SELECT id FROM t EXCEPT SELECT m FROM t", "SELECT id FROM t EXCEPT SELECT m FROM t ORDER BY 1 NULLS FIRST"),
        (
            "SELECT count(*), group_concat(name) FROM (SELECT n, name FROM t ORDER BY id) AS q GROUP BY n HAVING count(*) > 1",
            "SELECT count(*), string_agg(name, ',' ORDER BY q.sqlift_number) FROM (SELECT sqlift_s.*, row_number() OVER () AS sqlift_number FROM (SELECT n, name FROM t ORDER BY id) AS sqlift_s) AS q GROUP BY n HAVING count(*) > 1 ORDER BY q.n NULLS FIRST",
        ),
    ],
};

pub(crate) static ROW_ORDER: Rule = Rule {
    id: "row-order",
    matches: "the rowid as the last term where no index serves: ORDER BY that leaves rows of one table equal, LIMIT without ORDER BY, and \
              without LIMIT INSERT ... SELECT and CREATE TABLE ... AS",
    why: "SQLite reads a table by its rowid and keeps that order when it sorts; PostgreSQL reads rows in the order in which they were last written",
    source: "https://sqlite.org/lang_select.html#orderby",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT name FROM t ORDER BY n DESC LIMIT 3", "SELECT name FROM t ORDER BY n DESC NULLS LAST, t.id LIMIT 3"),
        ("SELECT name FROM t WHERE n = 5 LIMIT 1", "SELECT name FROM t WHERE n = 5 ORDER BY t.id LIMIT 1"),
    ],
};

pub(crate) static FIRST_MET: Rule = Rule {
    id: "first-met",
    matches: "SELECT DISTINCT of one table without ORDER BY that is written (INSERT, CREATE TABLE ... AS), or has a LIMIT: GROUP BY, and the \
              smallest rowid of each row as the term",
    why: "SQLite gives a row when it meets it first, as it reads the table; PostgreSQL hashes them",
    source: "https://sqlite.org/lang_select.html#distinct",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT DISTINCT name FROM t LIMIT 3", "SELECT name FROM t GROUP BY 1 ORDER BY min(t.id) LIMIT 3")],
};

pub(crate) static COMPOUND: Rule = Rule {
    id: "compound-order",
    matches: "INTERSECT after UNION or EXCEPT: parentheses",
    why: "SQLite goes from left to right, PostgreSQL binds INTERSECT tighter",
    source: "https://sqlite.org/lang_select.html#compound",
    fidelity: Exact,
    help: "",
    examples: &[(
        "SELECT id FROM t UNION SELECT n FROM t INTERSECT SELECT m FROM t",
        "(SELECT id FROM t UNION SELECT n FROM t) INTERSECT SELECT m FROM t ORDER BY 1 NULLS FIRST",
    )],
};

pub(crate) static COLLATED_SET: Rule = Rule {
    id: "collated-set",
    matches: "UNION, INTERSECT and EXCEPT by NOCASE or RTRIM: both sides' rows, grouped by what the collation sees",
    why: "the collation of the first SELECT that has one tells which rows are alike; PostgreSQL has none that folds",
    source: "https://sqlite.org/lang_select.html#compound",
    fidelity: Differs,
    help: "SQLite leaves open which spelling stays of rows that are alike; it is SQLite's as long as PostgreSQL reads the rows in their order",
    examples: &[(
        "SELECT name FROM nc INTERSECT SELECT 'x'",
        "SELECT c1 AS \"name\" FROM (SELECT (array_agg(c1 ORDER BY side, place))[1] COLLATE \"C\" FROM (SELECT *, 0, row_number() OVER () FROM (SELECT name FROM nc ) AS l(c1) UNION ALL SELECT *, 1, row_number() OVER () FROM ( SELECT 'x'::text COLLATE \"C\" AS \"'x'\") AS r(c1)) AS b(c1, side, place) GROUP BY lower((c1) COLLATE \"C\") HAVING bool_or(side = 0) AND bool_or(side = 1) ORDER BY lower((c1) COLLATE \"C\") NULLS FIRST) AS s(c1)",
    )],
};

pub(crate) static MIXED_TYPES: Rule = Rule {
    id: "mixed-types",
    matches: "CASE, coalesce and their like with branches of unlike types: sqlift.value, a value of any class",
    why: "an expression of PostgreSQL has one type, SQLite's values have their own",
    source: "https://sqlite.org/datatype3.html",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "SELECT coalesce(n, 'none') FROM t",
            "SELECT pg_catalog.record_send(c1) FROM (SELECT coalesce(sqlift.value_of(n), sqlift.value_of('none'::text)) FROM t) AS sqlift_shown(c1)",
        ),
        (
            "SELECT ifnull(?, 'x')",
            "SELECT pg_catalog.record_send(c1) FROM (SELECT coalesce(sqlift.value_of($1), sqlift.value_of('x'::text))) AS sqlift_shown(c1)",
        ),
        (
            "SELECT id FROM t WHERE CASE WHEN n > 1 THEN 'many' ELSE n END = 'many'",
            "SELECT id FROM t WHERE CASE WHEN n > 1 THEN sqlift.value_of('many'::text) ELSE sqlift.value_of(n) END = sqlift.value_of('many'::text)",
        ),
    ],
};

pub(crate) static BARE_COLUMN: Rule = Rule {
    id: "bare-column",
    matches: "a column that neither GROUP BY names nor an aggregate holds: the value of one row of the group",
    why: "SQLite takes it from the row of min() or max(), else from the first row it visits; PostgreSQL refuses it",
    source: "https://sqlite.org/lang_select.html#bare_columns_in_an_aggregate_query",
    fidelity: Differs,
    help: "SQLite leaves open which row of the group it is: here the one of the smallest key; of equal smallest or largest values too",
    examples: &[
        (
            "SELECT n, count(*), id FROM t GROUP BY n ORDER BY 2",
            "SELECT n, count(*), min(id) FROM t GROUP BY n ORDER BY 2, n NULLS FIRST",
        ),
        (
            "SELECT n, name || '!', count(*) FROM t GROUP BY n ORDER BY 3",
            "SELECT n, (array_agg(name ORDER BY t.id))[1] || '!', count(*) FROM t GROUP BY n ORDER BY 3, n NULLS FIRST",
        ),
        (
            "SELECT n, max(id), name FROM t GROUP BY n ORDER BY max(id)",
            "SELECT n, max(id), (array_agg(name ORDER BY id DESC NULLS LAST, t.id))[1] FROM t GROUP BY n ORDER BY max(id) NULLS FIRST, n NULLS FIRST",
        ),
        (
            "SELECT id, name, count(*) FROM t GROUP BY id ORDER BY id",
            "SELECT id, name, count(*) FROM t GROUP BY id ORDER BY id",
        ),
    ],
};

pub(crate) static DISTINCT_BY_GROUP: Rule = Rule {
    id: "distinct-by-group",
    matches: "SELECT DISTINCT ordered by what is no result column or by NOCASE, or over NOCASE columns: GROUP BY",
    why: "PostgreSQL's DISTINCT orders by result columns alone, and takes every spelling for another text",
    source: "https://sqlite.org/lang_select.html#distinct",
    fidelity: Differs,
    help: "of several rows with one result SQLite keeps the first it visits, here the one of the smallest key",
    examples: &[(
        "SELECT DISTINCT n FROM t ORDER BY name",
        "SELECT n FROM t GROUP BY n ORDER BY (array_agg(name ORDER BY t.id))[1] NULLS FIRST, min(t.id)",
    )],
};

pub(crate) static JSON_TABLES: Rule = Rule {
    id: "json-tables",
    matches: "json_each and json_tree as tables: sqlift.json_each(...), or sqlift.json_values(...) where nothing but its value is asked for, sqlift.json_tree(...)",
    why: "PostgreSQL's functions give other columns",
    source: "https://sqlite.org/json1.html#jeach",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT e.key FROM t, json_each(t.name) AS e", "SELECT e.key FROM t, sqlift.json_each(t.name) AS e"),
        ("SELECT e.value FROM t, json_each(t.name) AS e", "SELECT e.value FROM t, sqlift.json_values(t.name) AS e"),
    ],
};
