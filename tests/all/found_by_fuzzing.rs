//! What random statements found: each was another answer, or an error of PostgreSQL's own, once.

use crate::constraint_conflicts::check;
use sqlift::types::Value;

const ROWS: [&str; 2] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT, i INTEGER, r REAL, u, n NUMERIC, v VARCHAR(9) COLLATE NOCASE, w TEXT COLLATE RTRIM, x BLOB)",
    "INSERT INTO t VALUES (1, '1', 1, 1.0, '1', 1, '1', 'b ', x'00'), (2, 'a', 2, 2.5, 2, 2.5, 'A', 'b', x'01'), (3, '1.5', 0, 1.5, 1.5, 0, '0', 'c', NULL), \
     (4, '0', 0, 0.0, '0', 3, 'a', NULL, x'61'), (5, '[1]', 7, 7.0, '[1]', 7, '{\"a\":1}', 'C', x'')",
];

fn same(statements: &[&str]) {
    check(&[&ROWS[..], statements].concat());
}

#[test]
fn a_columns_number_with_a_sign_in_parentheses_or_by_a_collation() {
    same(&[
        "SELECT v, i FROM t ORDER BY 1 COLLATE NOCASE DESC, id LIMIT 2",
        "SELECT v, i FROM t ORDER BY 1 COLLATE BINARY DESC, id LIMIT 2",
        "SELECT c, i FROM t ORDER BY (2) DESC LIMIT 1",
        "SELECT c, i FROM t ORDER BY +2 DESC LIMIT 1",
        "SELECT c, i FROM t ORDER BY -(-2) DESC LIMIT 1",
        "SELECT c, i FROM t ORDER BY 2 + 0, id LIMIT 1",
        "SELECT r, u FROM t ORDER BY (2), +1",
        "SELECT i, count(*) FROM t GROUP BY (1) ORDER BY 1",
        "SELECT i, count(*) FROM t GROUP BY +1 ORDER BY 1",
        "SELECT lower(c), count(*) FROM t GROUP BY 1 COLLATE NOCASE ORDER BY 1",
        "SELECT c, i FROM t UNION SELECT c, id FROM t ORDER BY +2, (1) DESC LIMIT 3",
        "SELECT DISTINCT v FROM t ORDER BY +1",
    ]);
}

#[test]
fn nothing_but_null_in_a_subquery() {
    same(&[
        "WITH q(x) AS (SELECT NULL FROM t) SELECT x, count(*) FROM q GROUP BY x",
        "SELECT x, count(*) FROM (SELECT NULL AS x FROM t) GROUP BY x",
        "SELECT id, id IN (SELECT NULL FROM t), r IN (SELECT NULL FROM t), x IN (SELECT NULL FROM t), c IN (SELECT NULL FROM t) FROM t",
        "SELECT id, r NOT IN (SELECT NULL FROM t WHERE false) FROM t",
    ]);
}

#[test]
fn rows_of_a_collated_distinct_are_counted() {
    same(&[
        "SELECT count(*) FROM (SELECT DISTINCT v FROM t)",
        "SELECT count(*) FROM (SELECT DISTINCT w FROM t) AS q",
        "SELECT count(*) FROM (SELECT DISTINCT v, w FROM t)",
        "SELECT count(*), max(id) FROM (SELECT DISTINCT i AS id, lower(v) FROM t)",
    ]);
}

#[test]
fn in_the_elements_of_a_document() {
    let with_document = |column: &str, document: &str| {
        format!("SELECT id FROM t WHERE {column} IN (SELECT value FROM json_each('{document}')) ORDER BY id")
    };
    let numbers = r#"["1","2",true,0.0,"x"]"#;
    let mixed = r#"[1,"1",2,"2.5","a",1.5,false,"0",[1],{"a":1}]"#;
    let columns = ["c", "c || ''", "i", "i + 0", "r", "r * 1", "u", "n", "v", "'1'", "1", "'a'"];
    let documents = [numbers, mixed, r#"[null,"A"]"#, "[]"];
    let statements: Vec<String> = columns
        .iter()
        .flat_map(|column| documents.iter().map(move |document| with_document(column, document)))
        .collect();
    same(&statements.iter().map(String::as_str).collect::<Vec<_>>());
    same(&[
        "SELECT id FROM t WHERE c IN (SELECT atom FROM json_each('[1,\"a\",1.5,false,[1]]')) ORDER BY id",
        "SELECT id FROM t WHERE c IN (SELECT key FROM json_each('[0,1]')) ORDER BY id",
        "SELECT id FROM t WHERE c IN (SELECT key FROM json_each('{\"1\":0,\"a\":1}')) ORDER BY id",
        "SELECT id FROM t WHERE c IN (SELECT y FROM (SELECT value AS y FROM json_each('[1,\"a\"]'))) ORDER BY id",
        "SELECT 9007199254740992.0 IN (SELECT value FROM json_each('[9007199254740993]')), 9007199254740992.0 IN (SELECT value FROM json_each('[9007199254740992]')), \
             0.1 IN (SELECT value FROM json_each('[0.1]')), 1152921504606846976.0 IN (SELECT value FROM json_each('[1152921504606846976]'))",
        "SELECT id FROM t WHERE c IN (SELECT json_extract(value, '$') FROM json_each('[1,5]')) ORDER BY id",
    ]);
}

#[test]
fn rows_written_one_by_one_from_columns_of_several_collations() {
    same(&[
        "CREATE UNIQUE INDEX k ON t (i, w)",
        "INSERT OR FAIL INTO t (id, c, i, v, w) SELECT id + 100, w, id, w, v FROM t ORDER BY id",
        "SELECT id, c, i, v, w FROM t ORDER BY id",
        "INSERT OR FAIL INTO t (id, i, v, w) SELECT id + 200, 0, v, w FROM t WHERE id < 9 ORDER BY id",
        "INSERT OR IGNORE INTO t (id, i, v, w) SELECT id + 300, 0, w, v FROM t WHERE id < 9 ORDER BY id",
        "INSERT OR REPLACE INTO t (id, i, v, w) SELECT id + 400, 7, v, 'C' FROM t WHERE id < 9 ORDER BY id",
        "UPDATE OR IGNORE t SET i = 0, v = w, w = v WHERE id < 9",
        "UPDATE OR FAIL t SET i = 1, v = w, w = 'q' WHERE id < 9",
        "SELECT id, c, i, v, w FROM t WHERE id < 9 OR id > 200 ORDER BY id",
    ]);
}

/// Without their places, which the check does not compare.
#[test]
fn a_number_of_no_column() {
    let told = |conn: &sqlift::Connection| -> Vec<String> {
        let statements =
            ["SELECT c, i FROM t ORDER BY -1", "SELECT c, i FROM t ORDER BY (3)", "SELECT i FROM t GROUP BY -1"];
        statements
            .map(|sql| conn.prepare(sql).expect_err(sql).to_string())
            .map(|text| text.split(" in ").next().unwrap_or_default().to_owned())
            .to_vec()
    };
    let sqlite = crate::support::sqlite();
    sqlite.execute_batch(ROWS[0]).expect("a table");
    let expected = told(&sqlite);
    crate::support::on_postgres(|conn| {
        conn.execute_batch(ROWS[0]).expect("a table");
        assert_eq!(told(conn), expected);
    });
}

/// PostgreSQL gives a parameter one type for the whole statement.
#[test]
fn a_null_that_is_compared_elsewhere() {
    let values = [Value::Null, Value::Integer(3), Value::Real(3.5), Value::Text("x".into()), Value::Blob(vec![1])];
    let answers = |conn: &sqlift::Connection| {
        conn.execute_batch("CREATE TABLE n(id INTEGER PRIMARY KEY, r REAL, s TEXT, b BLOB); INSERT INTO n VALUES (1, 1.5, 'a', x'00'), (2, 2.0, 'b', NULL)")
            .expect("a table");
        let mut answers = Vec::new();
        for column in ["id", "r", "s", "b"] {
            for sql in [
                format!("SELECT ?1 = ?2, coalesce(?1, {column}) FROM n ORDER BY id"),
                format!("SELECT coalesce(?1, {column}), ?1 IS NOT ?2 FROM n ORDER BY id"),
                format!("SELECT ?1 < ?2, iif(id > 1, ?1, {column}) FROM n ORDER BY id"),
                format!("SELECT CASE id WHEN 1 THEN {column} ELSE ?1 END, ?1 IS ?2 FROM n ORDER BY id"),
            ] {
                for second in &values {
                    let rows: sqlift::Result<Vec<(Value, Value)>> = conn.prepare(&sql).and_then(|mut statement| {
                        statement.query_map([&Value::Null, second], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                    });
                    answers.push((format!("{sql} {second:?}"), rows.map_err(|error| error.to_string())));
                }
            }
        }
        answers
    };
    let expected = answers(&crate::support::sqlite());
    crate::support::on_postgres(|conn| {
        for (found, expected) in answers(conn).into_iter().zip(expected) {
            assert_eq!(found, expected);
        }
    });
}

/// PostgreSQL calls `CAST(i AS TEXT)` i, and orders by a result of that name first.
#[test]
fn a_column_behind_a_result_that_postgresql_calls_the_same() {
    same(&[
        "INSERT INTO t (id, i, c) VALUES (10, 20, 'B'), (11, 100, 'A'), (12, 3, 'C')",
        "SELECT CAST(id AS TEXT) FROM t ORDER BY id",
        "SELECT CAST(i AS TEXT) FROM t ORDER BY i DESC, id",
        "SELECT CAST(i AS TEXT), i FROM t ORDER BY i, id",
        "SELECT i, CAST(i AS TEXT) FROM t ORDER BY +i DESC, (id)",
        "SELECT CAST(i AS TEXT) FROM t GROUP BY i ORDER BY i",
        "SELECT CAST(id AS TEXT) FROM t ORDER BY +id COLLATE RTRIM",
        "SELECT CAST(i AS TEXT) FROM t ORDER BY i COLLATE NOCASE, (+id) DESC",
        "SELECT CAST(v AS BLOB) FROM t ORDER BY v COLLATE BINARY, id",
        "SELECT (SELECT CAST(id AS TEXT)) FROM t ORDER BY id",
        "SELECT id, (SELECT id FROM t o WHERE o.id = 11) FROM t ORDER BY id DESC",
        "SELECT CASE WHEN 0 THEN 1 ELSE -id END FROM t ORDER BY id",
        "SELECT *, CAST(id AS TEXT) FROM t ORDER BY id",
        "SELECT DISTINCT id, CAST(id AS TEXT) FROM t ORDER BY id DESC",
        "SELECT a.id, CAST(b.id AS TEXT) FROM t a JOIN t b ON b.id = a.id + 1 ORDER BY a.id",
        "SELECT CAST(id AS TEXT) FROM t JOIN (SELECT id FROM t WHERE id > 4) o USING (id) ORDER BY id",
        "SELECT CAST(id AS TEXT) FROM t FULL JOIN (SELECT id + 1 AS id FROM t) o USING (id) ORDER BY id",
        "SELECT CAST(id AS TEXT) FROM t FULL JOIN (SELECT id + 1 AS id FROM t) o USING (id) ORDER BY +id DESC",
        "SELECT lower(t.c), id FROM t RIGHT JOIN (SELECT id + 1 AS id FROM t) o USING (id) ORDER BY id COLLATE NOCASE",
        "SELECT lower(t.c) FROM t FULL JOIN (SELECT id + 1 AS id FROM t) o USING (id) ORDER BY id",
        "SELECT CAST(x AS TEXT) FROM (SELECT id AS x FROM t) ORDER BY x LIMIT 4",
        "SELECT CAST(rowid AS TEXT) FROM t ORDER BY rowid",
        "SELECT i || '' FROM (SELECT i, c AS text FROM t) ORDER BY text, i",
        "CREATE TABLE d (date TEXT, \"case\" INTEGER, length INTEGER)",
        "INSERT INTO d VALUES ('2024-01-02 01:00', 1, 3), ('2024-01-01 03:00', 2, 2), ('2024-01-02 00:00', 3, 1)",
        "SELECT strftime('%H', date) FROM d ORDER BY date",
        "SELECT date(date, '-' || \"case\" || ' days') FROM d ORDER BY date",
        "SELECT iif(length > 1, 'a', 'b') FROM d ORDER BY \"case\"",
        "SELECT length(date || length) FROM d ORDER BY length",
    ]);
}

#[test]
fn null_in_a_row_that_a_query_assigns() {
    same(&[
        "UPDATE t SET (i, r) = (SELECT NULL, o.id % 3 FROM t o WHERE o.id = t.id + 1)",
        "SELECT id, i, r FROM t ORDER BY id",
        "UPDATE t SET (u, n, x, c) = (SELECT NULL, NULL, NULL, o.w FROM t o WHERE o.id = t.id) WHERE id < 4",
        "UPDATE t SET (u, n) = (SELECT coalesce(NULL, NULL), nullif(NULL, ' 7 ')) WHERE id = 4",
        "UPDATE t SET (i, r) = (SELECT nullif(NULL, 7), CASE WHEN id THEN NULL END)",
        "UPDATE t SET (n, u) = (SELECT max(id), max(u) FROM t), (c, w) = (SELECT v, NULL) WHERE id = 5",
        "SELECT * FROM t ORDER BY id",
    ]);
}

#[test]
fn any_value_of_a_document() {
    const EACH: &str = r#"json_each('{"a":1,"b":"x","c":null,"d":[1],"e":2.5}')"#;
    let of = |query: &str| query.replace("EACH", EACH);
    same(
        &[
            "SELECT max(key), min(key), max(value), min(value), max(atom) FROM EACH",
            "SELECT j.type, count(*), max(j.key) FROM json_tree('[1,[\"x\",2],{\"k\":3}]') AS j GROUP BY j.type ORDER BY 1",
            "SELECT min(value) FILTER (WHERE type = 'text'), typeof(max(value)) FROM EACH",
            "SELECT id, max(value) OVER (ORDER BY id) FROM t, json_each('[3,1,\"x\"]') AS j WHERE j.key = id ORDER BY id",
            "SELECT max(json_extract(c, '$[0]')) FROM t WHERE json_valid(c)",
            "SELECT id, x IN (SELECT value FROM EACH), x NOT IN (SELECT value FROM EACH WHERE type <> 'null') FROM t ORDER BY id",
            "SELECT NULL IN (SELECT value FROM EACH), NULL IN (SELECT value FROM EACH WHERE false)",
            "SELECT x'78' IN (SELECT value FROM EACH), x'78' IN (SELECT value FROM EACH WHERE type <> 'null')",
        ]
        .map(of)
        .each_ref()
        .map(String::as_str),
    );
}

#[test]
fn what_is_in_no_list_is_a_constant() {
    same(&[
        "SELECT DISTINCT v, (1 IN ()) FROM t ORDER BY 1",
        "SELECT count(*) FROM t GROUP BY id IN ()",
        "SELECT count(*) FROM t GROUP BY id NOT IN (), 1 IN ()",
        "SELECT id FROM t ORDER BY id NOT IN (), id DESC",
        "SELECT id, row_number() OVER (PARTITION BY 1 IN () ORDER BY id) FROM t WHERE id NOT IN () ORDER BY id",
        "SELECT id + (id IN ()), typeof(id IN ()), coalesce(id IN (), 7) FROM t ORDER BY id",
    ]);
}

#[test]
fn a_parameter_among_integers_and_reals() {
    let values = [Value::Null, Value::Integer(3), Value::Real(3.5), Value::Real(4.0), Value::Text("2x".into())];
    let answers = |conn: &sqlift::Connection| {
        conn.execute_batch(ROWS[0]).expect("a table");
        conn.execute_batch(ROWS[1]).expect("rows");
        let mut answers = Vec::new();
        for sql in [
            "SELECT coalesce(16, ?1, abs(-0.5))",
            "SELECT coalesce(?1, 16, 0.5)",
            "SELECT coalesce(i, ?1, r) FROM t ORDER BY id",
            "SELECT typeof(coalesce(?1, i, r)) FROM t ORDER BY id",
            "SELECT CASE id WHEN 1 THEN i WHEN 2 THEN ?1 ELSE r END FROM t ORDER BY id",
            "SELECT iif(id = 1, ?1, iif(id = 2, i, r)) FROM t ORDER BY id",
            "SELECT i FROM t UNION ALL SELECT ?1 UNION ALL SELECT 0.5 ORDER BY 1",
            "SELECT coalesce(?1, u) FROM t WHERE ?1 IS NULL OR ?1 <> 2.5 ORDER BY id",
            "SELECT ?1 IN (SELECT value FROM json_each('[3, 4, 3.5, \"2x\"]'))",
            "SELECT sum(?1) FROM t",
            "SELECT total(?1) FROM t",
            "SELECT avg(i + ?1) FROM t",
            "SELECT sum(-11 - ?1) FROM t",
            "SELECT sum(i - ?1) OVER (ORDER BY id) FROM t ORDER BY id",
        ] {
            for value in &values {
                let rows: sqlift::Result<Vec<Value>> = conn
                    .prepare(sql)
                    .and_then(|mut statement| statement.query_map([value], |row| row.get(0))?.collect());
                answers.push((format!("{sql} {value:?}"), rows.map_err(|error| error.to_string())));
            }
        }
        answers
    };
    let expected = answers(&crate::support::sqlite());
    crate::support::on_postgres(|conn| {
        let found = answers(conn);
        let wrong: Vec<_> = found.iter().zip(&expected).filter(|(found, expected)| found != expected).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    });
}

#[test]
fn the_smallest_integer_of_a_numeric_column_changes_its_sign() {
    check(&[
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC)",
        "INSERT INTO t VALUES (1, -9223372036854775808), (2, 9223372036854775807), (3, 2.5), (4, NULL)",
        "SELECT -n, typeof(-n), -n + 1, -(-n), - -n, -n || '' FROM t ORDER BY id",
        "SELECT id, sum(-n) OVER (ORDER BY id) FROM t ORDER BY id",
        "SELECT id, sum(-n) OVER (ORDER BY id DESC) FROM t WHERE id < 3 ORDER BY id",
        "SELECT -n = 9223372036854775808.0, -n > 9223372036854775807, -n < 3 FROM t ORDER BY id",
        "SELECT max(-n), sum(-n), total(-n) FROM t WHERE id <> 2",
        "SELECT id % -n, id*-n, 3--n FROM t ORDER BY id",
        "SELECT id FROM t ORDER BY -n, id",
    ]);
}

/// SQLite goes on from 2000-01-01 where a time has left the calendar, and 'utc' forgets that it has.
#[test]
fn a_time_out_of_the_calendar_with_utc_behind_it() {
    let modifiers = [
        "'weekday 3', 'utc'",
        "'utc'",
        "'utc', '+1 day'",
        "'+30 days', 'utc'",
        "'start of month', 'utc'",
        "'weekday 3', '+1 day', 'utc', '-1 month'",
        "'+01:00', 'utc'",
        "'weekday 9', 'utc'",
        "'weekday 2'",
        "'+2 months', 'utc'",
        "'-0000-01-02', 'utc'",
        "'+1.5 months', 'utc'",
        "'floor', 'utc', 'weekday 5'",
        "'subsec', 'start of year', 'utc'",
        "'ceiling', 'start of year', 'utc'",
        "'-01:00', 'start of month', 'utc', 'utc'",
    ];
    let times = [
        "12, '-1 year'",
        "'9999-12-31', '+1 day'",
        "'9999-12-31', '+1 month'",
        "12, '-0000-11-30 12:00'",
        "12, '-13 months'",
        "5373484, '+0000-01-01'",
        "'2024-01-31', '+9000.5 years'",
        "12, '-300 hours'",
        "12, '-13 days', '+1.5 months'",
        "12, '-13 days', '+0001-02-03'",
        "12, '-13 days', '+0001-02-03 10:00'",
    ];
    let queries: Vec<String> = times
        .iter()
        .map(|time| {
            let calls: Vec<String> = modifiers.iter().map(|modifier| format!("datetime({time}, {modifier})")).collect();
            format!("SELECT {}", calls.join(", "))
        })
        .collect();
    check(&queries.iter().map(String::as_str).collect::<Vec<_>>());
}
