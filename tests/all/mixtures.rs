//! Values of unlike classes side by side: each keeps its own, and compares as on SQLite.

use crate::untyped::Both;
use sqlift::types::Value;

const SCHEMA: [&str; 2] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, x REAL, d NUMERIC, s TEXT, u, b BLOB)",
    "INSERT INTO t VALUES (1, 2, 2.0, 2, '2', 2, x'32'), (2, NULL, NULL, NULL, NULL, NULL, NULL), \
        (3, -7, -0.5, -7.5, 'abc', 'abc', x''), (4, 9007199254740993, 9007199254740992.0, 0, '4.5', 1.5, x'00'), \
        (5, 0, 0.0, 10, ' 5 ', 2.0, x'35')",
];

/// What may be refused, by a word of its message.
const REFUSALS: [&str; 12] = [
    " is compared with ",
    "lag() with a default",
    "not UTF-8",
    "has no exact form in",
    "on a blob",
    "of this value to a blob",
    "operator does not exist",
    "inconsistent types deduced",
    "() of a parameter",
    "does not fit the PostgreSQL type",
    "by the row",
    "compares",
];

fn values() -> Vec<Value> {
    let mut values = vec![Value::Null, Value::Integer(1), Value::Blob(b"ab".to_vec())];
    values.extend([2.5, 9_007_199_254_740_992.0].map(Value::Real));
    values.extend(["2", "abc"].map(|text| Value::Text(text.into())));
    values
}

/// No difference, and few refusals.
#[track_caller]
fn end(both: Both, most_refused: usize) {
    assert!(both.wrong.is_empty(), "{} differ:\n{}", both.wrong.len(), both.wrong.join("\n"));
    let unknown: Vec<_> =
        both.refused.iter().filter(|refusal| !REFUSALS.iter().any(|word| refusal.contains(word))).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(both.refused.len() <= most_refused, "{} refused: {:#?}", both.refused.len(), both.refused);
}

#[test]
fn bound_values_keep_their_class_in_expressions() {
    let mut both = Both::new();
    for expression in [
        "?1 + 1",
        "?1 || 'x'",
        "-?1",
        "+?1",
        "~?1",
        "abs(?1)",
        "length(?1)",
        "typeof(?1)",
        "quote(?1)",
        "hex(?1)",
        "upper(?1)",
        "round(?1)",
        "round(?1, 1)",
        "substr(?1, 1, 1)",
        "?1 IS 1",
        "?1 = 1",
        "?1 < 'a'",
        "?1 IN (1, 2.5, 'abc')",
        "?1 BETWEEN 1 AND 3",
        "coalesce(?1, 'z')",
        "coalesce(NULL, ?1) || ''",
        "ifnull(?1, 3)",
        "nullif(?1, 1)",
        "max(?1, 2)",
        "min(?1, 'b')",
        "CASE ?1 WHEN 1 THEN 'one' WHEN 'abc' THEN 'ABC' END",
        "CASE WHEN ?1 THEN 1 ELSE 0 END",
        "?1 AND 1",
        "NOT ?1",
        "?1 & 3",
        "?1 << 1",
        "?1 % 2",
        "?1 / 2",
        "CAST(?1 AS INTEGER)",
        "CAST(?1 AS TEXT)",
        "CAST(?1 AS REAL)",
        "CAST(?1 AS NUMERIC)",
        "?1 LIKE '%b%'",
        "?1 GLOB 'a*'",
        "instr(?1, 'b')",
        "replace(?1, 'b', 'c')",
        "trim(?1)",
        "json_array(?1)",
        "json_quote(?1)",
        "printf('%s %d %f', ?1, ?1, ?1)",
        "iif(?1, 'y', 'n')",
        "date(?1)",
        "json_object('a', ?1)",
        "concat(?1, 1)",
        "sign(?1)",
        "(SELECT ?1)",
        "1 IN (SELECT ?1)",
        "?1 COLLATE NOCASE = 'ABC'",
    ] {
        for value in values() {
            both.run(&format!("SELECT {expression}"), &[value]);
        }
    }
    for sql in [
        "SELECT coalesce(?1, ?2) || 'x'",
        "SELECT typeof(coalesce(?1, ?2))",
        "SELECT max(?1, ?2), min(?1, ?2) || ''",
        "SELECT quote(iif(?1, ?1, ?2)), quote(iif(NOT ?1, ?1, ?2))",
        "SELECT quote(nullif(?1, ?2))",
        "SELECT iif(1, ?1, ?2) / 2",
        "SELECT ?1 = ?2, ?1 < ?2, ?1 >= ?2, ?1 IS ?2",
        "SELECT ?1 UNION ALL SELECT ?2",
        "VALUES (?1), (?2)",
        "SELECT quote(a) FROM (SELECT ?1 AS a UNION ALL SELECT ?2)",
        "SELECT * FROM (VALUES (?1), (?2))",
        "SELECT json_array(coalesce(?1, ?2))",
        "SELECT replace(coalesce(?1, ?2), '1', 'z')",
        "SELECT ?1 + ?2, ?1 * ?2, ?1 || ?2",
        "SELECT group_concat(column1) FROM (VALUES (?1), (?2))",
    ] {
        for one in values() {
            for other in values() {
                both.run(sql, &[one.clone(), other]);
            }
        }
    }
    end(both, 60);
}

#[test]
fn bound_values_keep_their_class_beside_columns() {
    let mut both = Both::new();
    both.all(&SCHEMA);
    for expression in [
        "COL = ?1",
        "COL + 0 = ?1",
        "COL + 0 > ?1",
        "abs(COL) > ?1",
        "abs(COL) BETWEEN ?1 AND ?1",
        "COL || '' = ?1",
        "+COL < ?1",
        "coalesce(COL, ?1)",
        "coalesce(?1, COL) || ''",
        "COL + ?1",
        "max(COL, ?1)",
        "nullif(COL, ?1)",
        "nullif(?1, COL)",
        "COL IN (?1, 2)",
        "?1 IN (COL, 2)",
        "COL BETWEEN ?1 AND 5",
        "?1 BETWEEN COL AND 5",
        "CASE COL WHEN ?1 THEN 1 ELSE 0 END",
        "CASE ?1 WHEN COL THEN 1 ELSE 0 END",
        "iif(COL > ?1, COL, ?1)",
        "COL IS ?1",
        "(COL, 1) < (?1, 2)",
        "COL LIKE ?1",
        "(SELECT COL) = ?1",
        "quote(iif(id = 1, ?1, COL))",
        "COL % ?1",
        "COL || ?1",
    ] {
        for column in ["n", "x", "d", "s", "u", "b"] {
            for value in values() {
                both.run(&format!("SELECT id, {} FROM t ORDER BY id", expression.replace("COL", column)), &[value]);
            }
        }
    }
    end(both, 200);
}

#[test]
fn bound_values_keep_their_class_in_queries() {
    let mut both = Both::new();
    both.all(&SCHEMA);
    for query in [
        "SELECT COL FROM t UNION ALL SELECT ?1",
        "SELECT ?1 UNION ALL SELECT COL FROM t",
        "SELECT COL FROM t EXCEPT SELECT ?1",
        "SELECT count(*) FROM t WHERE COL IN (SELECT ?1)",
        "SELECT count(*) FROM t JOIN (SELECT ?1 AS p) ON p = COL",
        "SELECT max(coalesce(COL, ?1)), min(coalesce(COL, ?1)) FROM t",
        "SELECT group_concat(coalesce(COL, ?1)) FROM t WHERE id < 3",
        "SELECT coalesce(COL, ?1) AS k, count(*) FROM t GROUP BY k",
        "SELECT lag(COL, 1, ?1) OVER (ORDER BY id) FROM t ORDER BY id",
        "SELECT id FROM t ORDER BY coalesce(COL, ?1), id",
        "SELECT max(COL) > ?1 FROM t",
        "SELECT (SELECT max(COL) FROM t) > ?1",
    ] {
        for column in ["n", "x", "d", "s", "u", "b"] {
            for value in values() {
                both.run(&query.replace("COL", column), &[value]);
            }
        }
    }
    end(both, 90);
}
