//! What JSON gives, a text or something else by the row, compared by NOCASE and RTRIM.

use crate::differential::same_answers;
use crate::support;

const SCHEMA: &str = r#"
CREATE TABLE s (k INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, x TEXT, j TEXT, z TEXT COLLATE RTRIM);
INSERT INTO s VALUES (1, 'A', 'a', '{"n":"a","l":["A","b"],"i":7}', 'a '), (2, 'b', 'B', '{"n":"B","l":["c"],"i":8}', 'q'),
    (3, 'C', 'C', '{"n":"c","i":"x"}', 'r'), (4, NULL, NULL, '{"n":null}', NULL), (5, '7', '7', '{"n":7}', '7 ');
CREATE VIEW v AS SELECT k, j ->> 'n' AS n, a, x FROM s;"#;

#[test]
fn json_values_by_a_collation() {
    let conditions = [
        "a = j ->> 'n'",
        "j ->> 'n' = a",
        "x = j ->> 'n'",
        "z = j ->> 'n'",
        "j ->> 'n' = z",
        "j ->> 'n' COLLATE NOCASE = 'A'",
        "(j ->> 'n') COLLATE NOCASE = 'A'",
        "'A' = json_extract(j, '$.n') COLLATE NOCASE",
        "json_extract(j, '$.n') COLLATE NOCASE <> 'A'",
        "json_extract(j, '$.n') COLLATE NOCASE > 'B'",
        "json_extract(j, '$.n') COLLATE NOCASE <= 'B'",
        "json_extract(j, '$.n') > 'B' COLLATE NOCASE",
        "json_extract(j, '$.n') COLLATE NOCASE >= a",
        "json_extract(j, '$.n') COLLATE NOCASE = 7",
        "j ->> 'n' IS 'A' COLLATE NOCASE",
        "j ->> 'n' IS NOT 'A' COLLATE NOCASE",
        "(j ->> 'n') COLLATE NOCASE IN ('A', 'B', 7)",
        "a IN (j ->> 'n', 'q')",
        "a IN (SELECT value FROM json_each('[\"a\", \"B\", 7]'))",
        "x COLLATE NOCASE IN (SELECT value FROM json_each('[\"a\", \"b\"]'))",
        "x IN (SELECT value FROM json_each('[\"a\", \"b\"]'))",
        "j ->> 'n' IN (SELECT a FROM s)",
        "(j ->> 'n') COLLATE NOCASE IN (SELECT x FROM s)",
        "(j ->> 'n') COLLATE NOCASE IN (SELECT value FROM json_each('[7, \"A\", \"B\"]'))",
        "(j ->> 'n') COLLATE NOCASE BETWEEN 'A' AND 'B'",
        "a BETWEEN j ->> 'n' AND 'Z'",
        "j ->> 'i' BETWEEN 7 AND 8",
        "j ->> 'i' NOT BETWEEN 7 AND 'x'",
        "k BETWEEN j ->> 'i' AND 9",
        "(j ->> 'n') COLLATE NOCASE = j ->> 'n'",
        "(j -> 'n') COLLATE NOCASE = '\"A\"'",
        "k IN (SELECT k FROM v WHERE n = a)",
        "k IN (SELECT k FROM v WHERE a = n)",
        "k IN (SELECT k FROM v WHERE n COLLATE NOCASE = 'A' OR n = x)",
        "k IN (SELECT k FROM (SELECT k, (j ->> 'n') COLLATE NOCASE AS n, x FROM s) WHERE n = x)",
        "EXISTS (SELECT 1 FROM json_each(s.j, '$.l') WHERE value COLLATE NOCASE = 'a')",
        "EXISTS (SELECT 1 FROM json_each(s.j, '$.l') WHERE s.a = value)",
        "EXISTS (SELECT 1 FROM json_each(s.j, '$.l') WHERE value = s.a)",
        "EXISTS (SELECT 1 FROM json_each(s.j) WHERE key COLLATE NOCASE = 'L')",
        "EXISTS (SELECT 1 FROM json_each(s.j) WHERE atom COLLATE NOCASE = 'A')",
    ];
    let conditions = conditions.map(|condition| format!("SELECT k FROM s WHERE {condition} ORDER BY k"));
    let others = [
        "SELECT k, CASE j ->> 'n' WHEN 'A' COLLATE NOCASE THEN 'y' ELSE 'n' END, CASE a WHEN j ->> 'n' THEN 'y' END FROM s ORDER BY k",
        "SELECT k, CASE (j ->> 'n') COLLATE NOCASE WHEN 'A' THEN 'y' END, CASE j ->> 'n' WHEN a THEN 'y' END, CASE j ->> 'i' WHEN k + 6 THEN 1 END FROM s ORDER BY k",
        "SELECT k, nullif(j ->> 'n', 'A' COLLATE NOCASE), nullif(j ->> 'n', a), nullif(a, j ->> 'n') FROM s ORDER BY k",
        "SELECT k FROM s ORDER BY (j ->> 'n') COLLATE NOCASE DESC, k",
        "SELECT count(*), min(k) FROM s GROUP BY (j ->> 'n') COLLATE NOCASE ORDER BY 2",
        "SELECT k, rank() OVER (PARTITION BY (j ->> 'n') COLLATE NOCASE ORDER BY k) FROM s ORDER BY k",
    ];
    let all: Vec<&str> = conditions.iter().map(String::as_str).chain(others).collect();
    same_answers(SCHEMA, &all);
}

#[test]
fn a_parameter_beside_json_by_nocase() {
    support::both(|conn| {
        conn.execute_batch(SCHEMA).unwrap();
        let count = |sql: &str, value: &dyn sqlift::ToSql| -> i64 {
            conn.query_row(&format!("SELECT count(*) FROM s WHERE {sql}"), [value], |row| row.get(0)).unwrap()
        };
        assert_eq!(count("(j ->> 'n') COLLATE NOCASE = ?1", &"A"), 1);
        assert_eq!(count("j ->> 'n' = ?1 COLLATE NOCASE", &"A"), 1);
        assert_eq!(count("j ->> 'n' = ?1", &"A"), 0);
        assert_eq!(count("(j ->> 'n') COLLATE NOCASE = ?1", &7), 1);
        assert_eq!(count("(j ->> 'n') COLLATE NOCASE = ?1", &"7"), 0);
        assert_eq!(count("(j ->> 'i') BETWEEN ?1 AND 'y'", &8), 2);
    });
}
