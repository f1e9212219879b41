//! json_each() where nothing but the elements is asked for, and json_group_array() of text.

use crate::json::answer;
use crate::support;

/// Arrays that are cut at their commas, and those that only look like it.
const DOCUMENTS: &[&str] = &[
    "[]",
    "[1]",
    "[1,2,3]",
    "[007]",
    "[1,,2]",
    "[1,2]]",
    "[ 1, 2 ]",
    "[1,2",
    "[-1,2]",
    "[1,[2]]",
    "[[1],[2]]",
    "[[1,2]]",
    "[123456789012345678,1234567890123456789,99999999999999999999]",
    r#"["a"]"#,
    r#"["a","b c"]"#,
    r#"[""]"#,
    r#"["",""]"#,
    r#"["","a"]"#,
    r#"["a",""]"#,
    r#"[",","x"]"#,
    r#"["x",","]"#,
    r#"[","]"#,
    r#"[",",","]"#,
    r#"["a",",","b"]"#,
    r#"["a,","b"]"#,
    r#"["a",",b"]"#,
    r#"["a",1,"b"]"#,
    r#"["a",1,","]"#,
    r#"[",",1,"a"]"#,
    r#"["a",["b","c"]]"#,
    r#"["a",{"k":"v"},"b"]"#,
    r#"["a", "b"]"#,
    r#"["a\"","b"]"#,
    r#"["a\\","b"]"#,
    r#"["\u0041"]"#,
    r#"["[","]"]"#,
    r#"["a]","[b"]"#,
    r#"["["]"#,
    r#"["]"]"#,
    r#"["é","ü,ö"]"#,
    r#"["77",77,77.0]"#,
    "[true,false,null]",
    r#"["a",null]"#,
    "[null]",
    "[1.5,2]",
    "[1e2]",
    r#"{"a":1,"b":[1,2],"c":"x"}"#,
    "{}",
    "5",
    r#""s""#,
    "null",
    "true",
    r#"["a","b"] "#,
    r#" ["a","b"]"#,
    r#"["a","b""#,
    r#"["a" "b"]"#,
    "",
];

const STATEMENTS: &[&str] = &[
    "SELECT e.value FROM d, json_each(d.x) e",
    "SELECT typeof(value), value, type FROM d, json_each(x)",
    "SELECT count(*), sum(e.value), total(e.value) FROM d, json_each(d.x) e",
    "SELECT count(*) FROM d, json_each(d.x) e WHERE e.value = 77",
    "SELECT e.value FROM d, json_each(d.x) e WHERE e.value > 1",
    "SELECT e.value FROM d, json_each(d.x) e WHERE 2 >= e.value",
    "SELECT e.value FROM d, json_each(d.x) e WHERE e.value <> 1",
    "SELECT count(*) FROM d, json_each(d.x) e WHERE e.value = 'a'",
    "SELECT e.value FROM d, json_each(d.x) e WHERE e.value < 'b'",
    "SELECT group_concat(e.value, '|') FROM d, json_each(d.x) e",
    "SELECT CAST(e.value AS INTEGER), CAST(e.value AS TEXT), CAST(e.value AS REAL) FROM d, json_each(d.x) e",
    "SELECT json_group_array(e.value) FROM d, json_each(d.x) e",
    "SELECT EXISTS (SELECT 1 FROM json_each(x) WHERE value < 2) FROM d",
    "SELECT id IN (SELECT value FROM json_each(x)) FROM d",
    "SELECT upper(e.value), length(e.value) FROM d, json_each(d.x) e",
    // All of its columns, in every way to ask for them.
    "SELECT e.key, e.value FROM d, json_each(d.x) e",
    "SELECT E.\"KEY\", [e].[value] FROM d, json_each(d.x) e",
    "SELECT `key`, json_each.fullkey FROM d, json_each(d.x)",
    "SELECT e.* FROM d, json_each(d.x) e",
    "SELECT count(*) FROM json_each('[1,2]') e NATURAL JOIN json_each('[1,2]') f",
    "SELECT group_concat(value) FROM (SELECT * FROM d, json_each(x))",
    "SELECT (SELECT group_concat(value) FROM json_each(d.x) WHERE key < 1) FROM d",
    "SELECT id, d.id, x FROM d WHERE EXISTS (SELECT 1 FROM json_each(x) WHERE value = 'a')",
];

#[test]
fn elements_alone() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for document in DOCUMENTS {
            for conn in [&sqlite, &*postgres] {
                conn.execute_batch("DROP TABLE IF EXISTS d; CREATE TABLE d(id INTEGER PRIMARY KEY, x TEXT)").unwrap();
                conn.execute("INSERT INTO d VALUES (1, ?)", [document]).unwrap();
            }
            for sql in STATEMENTS {
                let (expected, found) = (answer(&sqlite, sql, &[]), answer(postgres, sql, &[]));
                // Of what is no JSON SQLite may have read a part.
                match expected {
                    Err(_) => assert!(found.is_err(), "{sql}: {document}: {found:?}"),
                    Ok(_) => assert_eq!(found, expected, "{sql}: {document}"),
                }
            }
        }
    });
}

#[test]
fn arrays_of_text() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(
                "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT, n INTEGER);
                 INSERT INTO t VALUES (1, 'a', 1), (2, NULL, 2), (3, 'q\"\\,\n', 1), (4, '', 2), (5, 'é{}', 3)",
            )
            .unwrap();
        }
        for sql in [
            "SELECT json_group_array(x) FROM (SELECT x FROM t ORDER BY id)",
            "SELECT n, json_group_array(x) FROM (SELECT n, x FROM t ORDER BY id DESC) GROUP BY n ORDER BY n",
            "SELECT json_group_array(x ORDER BY id DESC) FILTER (WHERE id < 4) FROM t",
            "SELECT json_group_array(x), typeof(json_group_array(x)) FROM t WHERE 0",
            "SELECT n, json_group_array(x ORDER BY id) FROM t GROUP BY n ORDER BY n",
            "SELECT id, json_group_array(x) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id",
            "SELECT json_object('a', json_group_array(x ORDER BY id)) FROM t",
            "SELECT hex(jsonb_group_array(x ORDER BY id)) FROM t WHERE id < 3",
            "SELECT json_group_array(upper(x) ORDER BY id), json_group_array('x'), json_group_array(x || n ORDER BY id) FROM t",
            "SELECT value FROM json_each((SELECT json_group_array(x ORDER BY id) FROM t))",
        ] {
            assert_eq!(answer(postgres, sql, &[]), answer(&sqlite, sql, &[]), "{sql}");
        }
    });
}
