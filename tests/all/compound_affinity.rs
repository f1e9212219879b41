//! A compound SELECT that another query reads: what its arms say of its columns' affinity, whatever they are.

use crate::pragma_answers::same;
use crate::support::Random;
use crate::untyped::Both;
use sqlift::types::Value;

const SCHEMA: [&str; 4] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, n NUMERIC, a, b BLOB, d DATETIME)",
    "INSERT INTO t VALUES (1, 1, 1.0, '1', 1, '1', x'31', '2019-01-01'), (2, 2, 2.5, '2.5', 2.5, 2, x'32', '2020-01-01'), \
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE TABLE o(x TEXT, y INTEGER, z, w REAL)",
    "INSERT INTO o VALUES ('1', 1, '1', 1.0), ('2.5', 2, 2, 2.5)",
];

/// An arm's column: of each class, affinity and form.
const ARMS: [&str; 43] = [
    "1",
    "1.0",
    "'1'",
    "x'31'",
    "NULL",
    "TRUE",
    "i",
    "r",
    "s",
    "n",
    "a",
    "b",
    "d",
    "id",
    "+i",
    "+s",
    "s COLLATE NOCASE",
    "i+0",
    "-i",
    "s||''",
    "abs(i)",
    "lower(s)",
    "coalesce(s,'')",
    "CAST(s AS TEXT)",
    "CAST(i AS TEXT)",
    "CAST(s AS INTEGER)",
    "CAST(s AS NUMERIC)",
    "CAST(s AS BLOB)",
    "CASE WHEN id=1 THEN '1' ELSE 1 END",
    "CASE WHEN id=1 THEN 1 END",
    "CASE id WHEN 1 THEN '1' END",
    "CASE WHEN id=1 THEN s ELSE i END",
    "(SELECT i)",
    "(SELECT s)",
    "(SELECT 1)",
    "i=1",
    "s LIKE '1'",
    "s NOT LIKE '1'",
    "max(i,1)",
    "iif(id=1,i,s)",
    r#"json_extract('{"a":1}','$.a')"#,
    "unlikely(i)",
    "?1",
];

fn arms(columns: &[&str], operator: &str) -> String {
    let each = columns.iter().enumerate();
    let each = each.map(|(at, column)| format!("SELECT {column}{} FROM t", if at == 0 { " AS q" } else { "" }));
    each.collect::<Vec<_>>().join(operator)
}

fn begin() -> Both {
    let mut both = Both::new();
    both.all(&SCHEMA);
    both
}

#[track_caller]
fn run(both: &mut Both, sql: &str) {
    let bound = if sql.contains("?1") { vec![Value::Text("1".into())] } else { Vec::new() };
    both.run(sql, &bound);
}

#[test]
fn each_pair_of_arms_says_how_the_column_is_compared() {
    let mut both = begin();
    for first in ARMS {
        for second in ARMS {
            let query = arms(&[first, second], " UNION ALL ");
            run(&mut both, &format!("SELECT q, q='1', q=1, q='1.0', q<'2', typeof(q) FROM ({query})"));
        }
    }
    both.end(&[]);
}

#[test]
fn three_and_more_arms_say_it_too_for_subqueries_common_tables_and_views() {
    let mut both = begin();
    let mut random = Random::new(1);
    let forms = [
        "SELECT q, q=x, q=y, q=z, q=w, q<x, q>z FROM ({}), o",
        "SELECT x IN (SELECT q FROM ({})), x FROM o",
        "WITH c AS ({}) SELECT q, q='1', q>='1', q IN (SELECT x FROM o), q IN (SELECT z FROM o), typeof(q) FROM c",
        "WITH c(p, q) AS MATERIALIZED (SELECT 1, * FROM ({})) SELECT q, q='1', q BETWEEN '1' AND '2' FROM c",
        "SELECT q, CASE q WHEN '1' THEN 'a' WHEN 1 THEN 'b' END, (q,1)=('1',1) FROM ({})",
        "SELECT q, q='1', typeof(q) FROM (SELECT q FROM ({}) UNION ALL SELECT y FROM o)",
        "SELECT q, q='1', q=1, typeof(q) FROM (SELECT * FROM ({}))",
    ];
    for number in 0..600 {
        let count = 2 + random.below(3);
        let columns: Vec<&str> = (0..count).map(|_| ARMS[random.below(ARMS.len())]).collect();
        let query = arms(&columns, " UNION ALL ");
        run(&mut both, &forms[number % forms.len()].replace("{}", &query));
        if number % 4 == 0 && !query.contains('?') {
            run(&mut both, &format!("CREATE VIEW v{number} AS {query}"));
            run(&mut both, &format!("SELECT q, q='1', q=1, q=x, q IN ('1'), typeof(q) FROM v{number}, o"));
        }
    }
    both.end(&[]);
}

#[test]
fn a_real_column_makes_reals_of_the_other_arms_integers() {
    let [schema, rows, ..] = SCHEMA;
    same(&[
        schema,
        rows,
        "SELECT q, typeof(q) FROM (SELECT r AS q FROM t UNION ALL SELECT 1)",
        "SELECT * FROM (SELECT 1 UNION ALL SELECT r FROM t)",
        "SELECT r FROM t UNION ALL SELECT 1",
        "SELECT * FROM (SELECT CAST(i AS REAL) FROM t UNION ALL SELECT 1)",
        "SELECT * FROM (SELECT 1 UNION ALL SELECT CAST(i AS REAL) FROM t)",
        "SELECT * FROM (SELECT i FROM t UNION ALL SELECT r FROM t)",
        "SELECT * FROM (SELECT r FROM t UNION ALL SELECT abs(i) FROM t)",
        "SELECT * FROM (SELECT r FROM t UNION ALL SELECT x'31' UNION ALL SELECT i=1 FROM t)",
        "SELECT * FROM (SELECT r FROM t UNION SELECT 7 UNION SELECT 1) ORDER BY 1",
        "CREATE VIEW v AS SELECT r AS q FROM t UNION ALL SELECT 1 UNION ALL SELECT i FROM t",
        "SELECT * FROM v",
        "SELECT sum(q), avg(q), max(q), q||'' FROM v",
    ]);
}

/// Behind a WITH, and in what the schema keeps, SQLite makes an arm of each row.
#[test]
fn rows_of_values_behind_a_with_are_arms() {
    same(&[
        "CREATE TABLE t(i INT, r REAL, s TEXT, n NUMERIC, u)",
        "INSERT INTO t VALUES(1, 2.0, 'x', 1, 5), (3, 4.5, '5', 2, 6)",
        "SELECT column1, typeof(column1) FROM (VALUES(1),(2) UNION SELECT r FROM t)",
        "WITH x(a) AS (VALUES(1),(2) UNION SELECT r FROM t) SELECT a, typeof(a), a/2, a+1, a||'' FROM x",
        "WITH x(a) AS (VALUES(1),(2) UNION ALL SELECT r FROM t) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (VALUES(1),(2) EXCEPT SELECT r FROM t) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (VALUES(1),(2) INTERSECT SELECT r FROM t) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (VALUES(1),(NULL) UNION SELECT r FROM t) SELECT a, typeof(a), a = 2, a = '2' FROM x",
        "WITH x(a) AS (VALUES(1),('2') UNION SELECT r FROM t) SELECT a, typeof(a), a = 2, a = '2' FROM x",
        "WITH x(a) AS (VALUES(1),(2) UNION SELECT 3 UNION SELECT r FROM t) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (VALUES(1),(2) UNION SELECT s FROM t) SELECT a, typeof(a), a = 1, a = '1' FROM x",
        "WITH x(a) AS (VALUES(1),(CAST(2 AS REAL))) SELECT a, typeof(a), a = '2' FROM x",
        // Behind another arm they are a query of their own.
        "WITH x(a) AS (SELECT r FROM t UNION VALUES(1),(2)) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (SELECT 9 UNION VALUES(1),(2) UNION SELECT r FROM t) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (SELECT 9 UNION VALUES(1),(CAST(2 AS REAL))) SELECT a, typeof(a) FROM x",
        "WITH x(a) AS (SELECT '9' UNION VALUES(1),(CAST(2 AS REAL))) SELECT a, typeof(a), a = '2' FROM x",
        "WITH RECURSIVE n(i) AS (VALUES(1),(2) UNION ALL SELECT CAST(i + 1 AS REAL) FROM n WHERE i < 4) SELECT i, typeof(i) FROM n",
        "CREATE TABLE c AS WITH x(a) AS (VALUES(1),(2) UNION SELECT r FROM t) SELECT a FROM x",
        "SELECT a, typeof(a) FROM c",
        "CREATE VIEW v AS VALUES(1),(2) UNION SELECT r FROM t",
        "SELECT column1, typeof(column1), column1/2 FROM v ORDER BY 1",
        "CREATE VIEW w AS VALUES(1),(CAST(2 AS REAL))",
        "SELECT *, typeof(column1) FROM w",
        "CREATE TABLE o(x)",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO o SELECT column1 FROM (VALUES(1),(2) UNION SELECT r FROM t); END",
        "INSERT INTO t(i) VALUES(9)",
        "SELECT x, typeof(x) FROM o ORDER BY 1",
    ]);
}

#[test]
fn rows_of_values_that_are_constants_have_no_affinity() {
    let [schema, rows, ..] = SCHEMA;
    same(&[
        schema,
        rows,
        "SELECT column1, column1='1' FROM (VALUES(1),(CAST('1' AS INTEGER)))",
        "SELECT column1, column1='1' FROM (VALUES(CAST('1' AS INTEGER)),(1))",
        "SELECT column1, column1='1' FROM (VALUES(CAST('1' AS INTEGER)),('1'))",
        "SELECT column1, column1='1' FROM (VALUES(1),((SELECT i FROM t)))",
        "SELECT column1, column1='1' FROM (VALUES((SELECT i FROM t)),('1'))",
        "SELECT column1, column1='1' FROM (VALUES(CAST('1' AS TEXT)),(CAST('1' AS INTEGER)))",
        "SELECT column1, column1=1 FROM (VALUES(CAST('1' AS TEXT)),('1'))",
        "SELECT q, q='1' FROM (SELECT i AS q FROM t UNION ALL VALUES(1),(2))",
        "SELECT q, q='1' FROM (SELECT i AS q FROM t UNION ALL VALUES(1))",
        "SELECT column1, column1='1' FROM (VALUES(1),(2) UNION ALL SELECT i FROM t)",
        "SELECT '1' IN (VALUES(CAST(1 AS INTEGER)),(2)), '1' IN (VALUES(2),(CAST(1 AS INTEGER))), '1' IN (VALUES(1),(2))",
    ]);
}

#[test]
fn recursions_are_compared_by_what_they_begin_with() {
    let [schema, rows, ..] = SCHEMA;
    same(&[
        schema,
        rows,
        "WITH c(q) AS (SELECT 1 UNION ALL SELECT q+1 FROM c WHERE q<3) SELECT q, q='1' FROM c",
        "WITH c(q) AS (SELECT i FROM t WHERE id=1 UNION ALL SELECT q+1 FROM c WHERE q<'3') SELECT q, q='1' FROM c",
        "WITH c(q,n) AS (SELECT i,1 FROM t WHERE id=1 UNION ALL SELECT q,n+1 FROM c WHERE n<3) SELECT q, q='1', n='1' FROM c",
        "WITH c(q,n) AS (SELECT 1,1 UNION ALL SELECT t.i,n+1 FROM c, t WHERE n<3 AND t.id=2) SELECT q, q='1', n='1' FROM c",
        "WITH c(q,n) AS (SELECT s,1 FROM t WHERE id=1 UNION ALL SELECT q||'x',n+1 FROM c WHERE n<3) SELECT q, q=1 FROM c",
        "WITH c(q,n) AS (SELECT s,1 FROM t WHERE id=1 UNION ALL SELECT q,n+1 FROM c WHERE n<3) SELECT q, q=1 FROM c",
    ]);
}

#[test]
fn tables_made_of_compounds_take_their_affinity() {
    let [schema, rows, ..] = SCHEMA;
    let mut statements = vec![schema.to_owned(), rows.to_owned()];
    let arms = ["1", "i", "r", "1.5", "s", "'x'", "n", "CAST(s AS REAL)", "lower(s)", "NULL", "likely(i)"];
    for (at, first) in arms.iter().enumerate() {
        for (number, second) in arms.iter().enumerate() {
            let table = format!("c{at}_{number}");
            statements.extend([
                format!("CREATE TABLE {table} AS SELECT {first} AS q FROM t UNION ALL SELECT {second} FROM t"),
                format!("SELECT q, typeof(q), q='1', q=1, q='1.0' FROM {table}"),
                format!("INSERT INTO {table} VALUES ('7')"),
                format!("SELECT typeof(q) FROM {table} WHERE q = 7 OR q = '7'"),
            ]);
        }
    }
    same(&statements.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn the_first_arm_names_the_column_whatever_stands_below_it() {
    let [schema, rows, ..] = SCHEMA;
    same(&[
        schema,
        rows,
        "SELECT s FROM (SELECT s FROM t UNION ALL SELECT 1)",
        "SELECT a, s FROM (SELECT a, t.s FROM t UNION ALL SELECT s, 1 FROM t)",
        "WITH c AS (SELECT s FROM t UNION SELECT 1) SELECT s FROM c ORDER BY 1",
        "CREATE VIEW v AS SELECT s FROM t UNION ALL SELECT 1",
        "SELECT s FROM v",
        "CREATE TABLE c AS SELECT s FROM t UNION ALL SELECT 1",
        "SELECT s, typeof(s) FROM c",
    ]);
}

#[test]
fn operators_of_a_compound_go_from_left_to_right() {
    same(&[
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 INTERSECT SELECT 1",
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 UNION SELECT 3 INTERSECT SELECT 3",
        "SELECT 1 INTERSECT SELECT 1.0 INTERSECT SELECT 1 INTERSECT SELECT 1",
        "SELECT 1 UNION SELECT 2.0 INTERSECT SELECT 2 INTERSECT SELECT 1.0",
        "SELECT 1.0 EXCEPT SELECT 2 INTERSECT SELECT 2 INTERSECT SELECT 1.0",
        "SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2 UNION ALL SELECT 2.0 INTERSECT SELECT 2 ORDER BY 1",
        "SELECT * FROM (SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 INTERSECT SELECT 1)",
        "SELECT 'a' COLLATE NOCASE UNION SELECT 'b' INTERSECT SELECT 'B' UNION SELECT 'c' INTERSECT SELECT 'C'",
        "SELECT 1 IN (SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 INTERSECT SELECT 1)",
    ]);
}

#[test]
fn arms_of_null_take_the_class_of_the_others() {
    let [schema, rows, ..] = SCHEMA;
    let mut statements: Vec<String> = vec![schema.to_owned(), rows.to_owned()];
    let values = ["5", "5.5", "x'31'", "'x'", "a", "i", "i=1", "json_extract('[1]','$[0]')", "n", "NULL"];
    for value in values {
        let query = format!("SELECT NULL AS q UNION ALL SELECT NULL UNION ALL SELECT {value} FROM t");
        statements.extend([
            query.clone(),
            format!("SELECT q='5', q=5, q+1, typeof(q) FROM ({query})"),
            format!("SELECT 5 IN ({query}), EXISTS({query}), ({query})"),
            format!("INSERT INTO t(a) {query}"),
            format!("SELECT 1, NULL UNION ALL SELECT NULL, NULL UNION ALL SELECT 5, {value} FROM t"),
            format!("{query} UNION ALL SELECT 'y' UNION ALL SELECT 2"),
            format!("WITH c(q) AS ({query}) SELECT q FROM c"),
            format!("SELECT q FROM (SELECT NULL AS q) UNION ALL SELECT {value} FROM t"),
            format!("SELECT {value} FROM t UNION ALL SELECT * FROM (SELECT NULL AS q)"),
        ]);
    }
    statements.extend(
        [
            "SELECT typeof(a) FROM t",
            "SELECT q='1', q=1, typeof(q), q+1, q||'x', coalesce(q,5), q IS NULL, q<1.5, q IN (1,2), -q, abs(q), max(q,1) \
                FROM (SELECT NULL AS q)",
            "SELECT q FROM (SELECT q FROM (SELECT NULL AS q))",
            "SELECT q, count(*) FROM (SELECT NULL AS q UNION ALL SELECT NULL) GROUP BY q",
            "SELECT q FROM (SELECT NULL AS q UNION ALL SELECT NULL) ORDER BY q DESC, 1",
            "SELECT count(q), max(q), group_concat(q), sum(q), total(q) FROM (SELECT NULL AS q UNION ALL SELECT NULL)",
            "SELECT x.*, x.q IS NULL FROM t LEFT JOIN (SELECT NULL AS q, 1 AS z) x ON x.q = t.i",
            "INSERT INTO t(i) SELECT q FROM (SELECT NULL AS q)",
            "CREATE VIEW v AS SELECT q FROM (SELECT NULL AS q)",
            "SELECT q, q=1 FROM v",
            "WITH c(q, n) AS (SELECT NULL, 1 UNION ALL SELECT q, n+1 FROM c WHERE n<3) SELECT q, n FROM c",
            "SELECT row_number() OVER (ORDER BY q), lag(q) OVER (PARTITION BY q) FROM (SELECT NULL AS q)",
        ]
        .map(str::to_owned),
    );
    same(&statements.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn likely_and_its_like_have_no_affinity_and_no_collation() {
    let [schema, rows, ..] = SCHEMA;
    same(&[
        schema,
        rows,
        "CREATE TABLE k(s TEXT COLLATE NOCASE)",
        "INSERT INTO k VALUES ('a')",
        "SELECT unlikely(i)='1', likely(i)=i, likelihood(i, 0.5)=1, likely(s)=s, unlikely(s)=1, likely(n)='1', likely(a)='1' FROM t",
        "SELECT likely(s)='A', s='A', unlikely(s)>'B', likely(s COLLATE NOCASE)='A', likely(s='A') FROM k",
        "SELECT id FROM t WHERE likely(i = '1')",
    ]);
}
