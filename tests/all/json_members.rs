//! What SQLite knows to be JSON is a member as it is, wherever it comes from; other text is quoted.

use crate::json::answer;
use crate::support;
use sqlift::types::Value;

fn check(statements: &[&str], parameters: &[Value]) {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(
                "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, doc TEXT);
                 INSERT INTO person VALUES (1, 'ann', '[1, 2.0]'), (2, 'bob', '{\"x\": \"1\"}'), (3, NULL, NULL)",
            )
            .expect("creates");
        }
        for sql in statements {
            let expected = answer(&sqlite, sql, parameters);
            assert!(expected.is_ok(), "{sql}: {expected:?}");
            assert_eq!(answer(postgres, sql, parameters), expected, "{sql}");
        }
    });
}

#[test]
fn a_scalar_subquery_keeps_the_mark_unless_it_sorts() {
    check(
        &[
            "SELECT json_object('all', (SELECT json_group_array(name) FROM person))",
            "SELECT json_object('n', name, 'before', (SELECT json_group_array(json_object('i', b.id)) FROM person b WHERE b.id < a.id)) FROM person a",
            "SELECT json_group_array(json_object('c', (SELECT json_group_object(b.name, b.id) FROM person b WHERE b.id = a.id AND b.name IS NOT NULL))) FROM person a",
            "SELECT json_set('{}', '$.a', (SELECT json_group_array(id) FROM person), '$.b', (SELECT name FROM person WHERE id = 1))",
            "SELECT json_insert('[]', '$[#]', (SELECT json_group_array(id) FROM person))",
            "SELECT json_array_insert('[1]', '$[0]', (SELECT json('[2]')))",
            "SELECT json_array((SELECT json(doc) FROM person ORDER BY id DESC LIMIT 1 OFFSET 1))",
            "SELECT json_array((SELECT json(doc) FROM person ORDER BY rowid LIMIT 1))",
            "SELECT json_array((SELECT json(doc) FROM person ORDER BY doc DESC LIMIT 1))",
            "SELECT json_array((SELECT json_group_array(name) FROM person GROUP BY name ORDER BY count(*), name DESC LIMIT 1))",
            "SELECT json_array((SELECT json_object('n', name) FROM person GROUP BY name LIMIT 1))",
            "SELECT json_array((SELECT json(doc) FROM person UNION ALL SELECT '[9]' LIMIT 1))",
            "SELECT json_array((SELECT json('[1]') UNION SELECT '[1]'))",
            "SELECT json_array((VALUES(json('[1]'))), (SELECT json_extract(doc, '$.x') FROM person WHERE id = 2), (SELECT doc FROM person))",
            "SELECT json_array((WITH c AS (SELECT json('[1]') AS x) SELECT x FROM c), (WITH c AS (SELECT 1) SELECT json('[1]') FROM c))",
            "SELECT json_array((SELECT value FROM json_each('[[1]]')), coalesce((SELECT value FROM json_each('[[1]]')), 'x'))",
            "SELECT json_quote((SELECT json_group_array(id) FROM person)), json_object('none', (SELECT json(doc) FROM person WHERE id = 9))",
            "SELECT json_array(EXISTS (SELECT json('[1]')), (SELECT json(doc) FROM person WHERE id = 2) || '!')",
            "SELECT json_extract((SELECT json_group_array(name) FROM person), '$[0]')",
        ],
        &[],
    );
}

#[test]
fn one_of_several_results_keeps_its_own_mark() {
    check(
        &[
            "SELECT json_array(ifnull(json(doc), '[]'), coalesce(json(doc), json('[]')), coalesce(NULL, doc, 'x')) FROM person",
            "SELECT json_object('doc', CASE WHEN doc IS NULL THEN 'none' ELSE json(doc) END) FROM person",
            "SELECT json_array(CASE id WHEN 1 THEN json(doc) WHEN 2 THEN 5 ELSE 2.5 END, iif(id > 1, json_array(id), json_object())) FROM person",
            "SELECT json_array(iif(id = 1, json(doc)), if(id = 1, json(doc), name), CASE WHEN id = 1 THEN json('null') END) FROM person",
            "SELECT json_group_array(coalesce(json(doc), '{}') ORDER BY id DESC) FROM person",
            "SELECT json_group_object(id, coalesce(json(doc), '{}')) FROM person",
            "SELECT json_array(+json(doc), json(doc) COLLATE NOCASE, CAST(json(doc) AS TEXT), likely(json(doc)), likelihood(json(doc), 0.5)) FROM person",
            "SELECT json_array(coalesce(json_extract(doc, '$'), 'none'), CASE WHEN id = 2 THEN json_extract(doc, '$.x') ELSE name END) FROM person",
            "SELECT json_array(ifnull(doc -> '$.x', 'no'), ifnull(doc ->> '$', 'no')) FROM person",
            "SELECT json_array(nullif(json(doc), '[1,2.0]'), nullif(json(doc), 5), min(json(doc), json('[0]'))) FROM person",
            "SELECT json_array(max(json(doc))), json_array(min(json(doc))), json_array(group_concat(json(doc))) FROM person",
            "SELECT json_array(json_quote(name), json_extract(doc, '$', '$'), lower(json(doc)), json(doc) || '', -json('5')) FROM person",
            "SELECT json_set('{}', '$.a', coalesce(json(doc), 1), '$.b', coalesce(doc, 1)) FROM person",
            "SELECT json_array(e.value), json_array(coalesce(e.value, 'x')), json_array(ifnull(NULL, e.key)) FROM json_each('[[1],\"a\",{\"b\":2},null,true]') e",
            "SELECT json_array(x) FROM (SELECT json('[1]') AS x)",
            "SELECT json_group_array(x) FROM (SELECT json_object('n', name) AS x FROM person ORDER BY id)",
            "SELECT json_array(coalesce(jsonb('[1]'), 2), (SELECT jsonb('[1]')), iif(1, jsonb('[1]'), 'x'))",
            "SELECT json_array(), json_object(), json_array(json_array(), json_object())",
            "SELECT subtype((SELECT json('[1]'))), subtype(json_quote('x')), subtype(json_extract('[1]', '$', '$')), subtype(coalesce(NULL, json('[1]'))), subtype(coalesce('x', 'y'))",
        ],
        &[],
    );
}

#[test]
fn a_parameter_among_the_results_is_quoted_by_its_class() {
    for value in [Value::Null, Value::Integer(5), Value::Real(5.0), Value::Text("[2]".to_owned())] {
        check(
            &[
                "SELECT json_array(coalesce(?1, json('[1]')), iif(1, ?1, json('[1]')))",
                "SELECT json_object('a', CASE WHEN ?1 IS NULL THEN json('{}') ELSE ?1 END)",
            ],
            &[value],
        );
    }
}

#[test]
fn the_json_text_of_null_is_a_value() {
    check(
        &[
            "SELECT json_array(coalesce('{\"a\":null}' -> '$.a', 1), ifnull('{\"a\":null}' -> 'b', 2))",
            "SELECT json_group_array(coalesce('{\"x\":null}' -> '$.x', id)) FROM person",
            "SELECT json_set('{}', '$.k', coalesce('{\"b\":null}' -> 'b', 'none'))",
        ],
        &[],
    );
}

#[test]
fn a_sum_reads_what_its_filter_leaves() {
    check(
        &[
            "SELECT sum(json_extract(name, '$.x')) FILTER (WHERE json_valid(name)) FROM person",
            "SELECT sum(json_extract(doc, '$[0]')) FILTER (WHERE id = 1), total(json_extract(name, '$')) FILTER (WHERE id > 2) FROM person",
        ],
        &[],
    );
}

#[test]
fn elements_behind_a_view_have_their_classes() {
    crate::pragma_answers::same(&[
        "CREATE TABLE d(id INTEGER PRIMARY KEY, j TEXT)",
        r#"INSERT INTO d VALUES (1, '[1,2.5,"a",null,true,[1]]')"#,
        "CREATE VIEW v AS SELECT e.value AS v FROM json_each('[1,2,\"a\"]') e",
        "SELECT v, typeof(v) FROM v",
        "SELECT v + 1, v || 1, v = 1, v = '1', v IS 'a' FROM v",
        "SELECT v FROM v WHERE v IN (1, 'a') ORDER BY v DESC",
        "SELECT v, count(*) FROM v GROUP BY v ORDER BY 1",
        "CREATE VIEW w AS SELECT v AS w FROM v WHERE v <> 2",
        "SELECT DISTINCT w, typeof(w) FROM w UNION SELECT 5, 6 ORDER BY w",
        "CREATE VIEW x AS SELECT e.* FROM d, json_each(d.j) e",
        "SELECT *, typeof(key), typeof(value), typeof(atom) FROM x ORDER BY id",
        r#"CREATE VIEW y(a, b) AS SELECT key, value FROM json_tree('{"k":[1,"z",null]}')"#,
        "SELECT a, typeof(a), b, typeof(b), json_extract(b, '$[1]') FROM y WHERE a IS NULL OR a IN ('k', 1) ORDER BY a",
        "SELECT y.b, v.v FROM y JOIN v ON v.v = y.b",
        "CREATE TABLE t AS SELECT v FROM v",
        "INSERT INTO d(j) SELECT v FROM v ORDER BY v",
        "SELECT v, typeof(v) FROM t",
        "SELECT j FROM d WHERE id > 1",
    ]);
}
