//! Elements of JSON in queries of every shape: what reads a document once for several functions must not show.

use crate::json::answer;
use crate::support;

const SCHEMA: &str = r#"
    CREATE TABLE doc(id INTEGER PRIMARY KEY, kind TEXT, body TEXT, n INTEGER);
    CREATE TABLE other(doc INTEGER, body TEXT);
    INSERT INTO doc VALUES
      (1, 'a', '{"n": 5, "id": 1, "o": {"id": 2, "n": 1.5}, "a": [{"b": 7}, {"b": "x"}], "list": [1, 2, 3]}', 5),
      (2, 'a', '{"n":-7,"o":{"n":"7"},"id":3,"a":[{"b":7.0}],"list":[-1,0,12345678901234567890]}', 7),
      (3, 'b', '{"n":"12","n":4,"a":[],"list":["a",1.5,null,true,[1],{"n":1}]}', 12),
      (4, 'b', '{"n":1e2,"a":[{"c":{"b":1},"b":2}],"list":{"n":1,"0":2}}', NULL),
      (5, 'c', '{"n":null,"a":[{"b":null}],"list":[]}', 0),
      (6, 'c', NULL, 1),
      (7, 'c', '{"n":true,"a":[{"b":false}],"list":5,"tag":"it''s \"q\""}', 1),
      (8, 'd', '{"n":9007199254740993,"a":[{"b":9223372036854775807}],"list":[9223372036854775807]}', 1),
      (9, 'd', '[1,2,{"n":3}]', 3),
      (10, 'd', '{"n":"x","list":"red","a":"{}"}', 3);
    INSERT INTO other VALUES (1, '{"n":10}'), (1, '{"n":20.5}'), (3, '{"n":30}'), (9, NULL);
"#;

const STATEMENTS: &[&str] = &[
    "SELECT sum(json_extract(body, '$.n')), sum(body ->> '$.o.n'), sum(json_extract(body, '$.a[0].b')), sum(body ->> 'id') FROM doc",
    "SELECT kind, sum(json_extract(body, '$.n')), count(*) FROM doc GROUP BY kind HAVING sum(body ->> '$.n') > 0 ORDER BY sum(body ->> 'n'), 1",
    "SELECT sum(json_extract(body, '$.n')) + sum(n), sum(json_extract(body, '$.n')) FILTER (WHERE id < 3) FROM doc",
    "SELECT d.kind, sum(json_extract(d.body, '$.n')), sum(o.body ->> 'n') FROM doc d JOIN other o ON o.doc = d.id GROUP BY d.kind ORDER BY 1",
    "SELECT d.kind, sum(o.body ->> 'n') FROM doc d LEFT JOIN other o ON o.doc = d.id GROUP BY d.kind ORDER BY 1",
    "SELECT sum(o.body ->> 'n') FROM doc d, other o WHERE o.doc = d.id AND d.body ->> 'n' > 3",
    "SELECT id, (SELECT sum(o.body ->> 'n') FROM other o WHERE o.doc = doc.id) FROM doc ORDER BY id",
    "SELECT id, (SELECT sum(e.value) FROM json_each(doc.body, '$.list') e), (SELECT count(*) FROM json_each(doc.body, '$.a') e) FROM doc ORDER BY id",
    "SELECT sum(x ->> 'n') FROM (SELECT body AS x FROM doc WHERE id < 9)",
    "WITH c AS (SELECT body AS x FROM doc) SELECT sum(x ->> 'n') FROM c",
    "SELECT id FROM doc WHERE json_extract(body, '$.a[0].b') = 7 OR json_extract(body, '$.a[0].c.b') = 1 ORDER BY id",
    "SELECT id FROM doc WHERE json_extract(body, '$.a[#-1].b') = 'x' OR json_extract(body, '$.a[1].b') >= 'x' ORDER BY id",
    "SELECT id, json_extract(body, '$.n') > 4, json_extract(body, '$.n') = 4, json_extract(body, '$.n') <> 'x', json_extract(body, '$.n') = '12' FROM doc ORDER BY id",
    "SELECT id, body ->> 'n' = n, body ->> 'n' < n, body ->> 'id' IN (1, 3), body ->> 'tag' = 'it''s \"q\"' FROM doc ORDER BY id",
    "SELECT json_extract(body, '$.n') > 4 AS big, count(*) FROM doc GROUP BY json_extract(body, '$.n') > 4 ORDER BY 1",
    "SELECT DISTINCT json_extract(body, '$.n') > 4 FROM doc ORDER BY json_extract(body, '$.n') > 4",
    "SELECT count(*) FILTER (WHERE body ->> '$.n' > 4), max(body ->> '$.n' > 4) FROM doc",
    "SELECT id, row_number() OVER (ORDER BY body ->> '$.n' > 4, id) FROM doc ORDER BY id",
    "SELECT d.id, e.key, e.value, e.type, e.atom, e.id, e.parent, e.fullkey, e.path FROM doc d, json_each(d.body, '$.list') e ORDER BY d.id, e.id",
    "SELECT d.id, e.* FROM doc d LEFT JOIN json_each(d.body, '$.a') e ON e.type = 'object' ORDER BY d.id, e.id",
    "SELECT d.id, e.key, e.type, e.id, e.fullkey FROM doc d, json_each(d.body) e WHERE e.key = 'n' OR e.key <> 'list' AND e.value <> 7 ORDER BY d.id, e.id",
    "SELECT d.id, count(*) FROM doc d, json_each(d.body) e WHERE NOT e.key = 'n' AND NOT (e.key != 'a') GROUP BY d.id ORDER BY 1",
    "SELECT d.id, e.key = 'n', e.key = '', e.key <> '0' FROM doc d, json_each(d.body, '$.list') e ORDER BY d.id, e.id",
    "SELECT d.id FROM doc d WHERE EXISTS (SELECT 1 FROM json_each(d.body, '$.list') e WHERE e.value = 1 OR e.value > 'a') ORDER BY 1",
    "SELECT d.id, CAST(e.value AS INTEGER), CAST(e.value AS REAL), CAST(e.value AS TEXT), e.value || '', e.value > 1, e.value > '5' FROM doc d, json_each(d.body, '$.list') e ORDER BY d.id, e.id",
    "SELECT sum(e.value), total(e.value), avg(e.value) FROM doc d, json_each(d.body, '$.list') e",
    "SELECT sum(json_extract(e.value, '$.b')) FROM doc d, json_each(d.body, '$.a') e WHERE d.id < 10",
    "SELECT json_extract(body, '$.n', NULL), json_extract(body, '$.n', '$.o') FROM doc ORDER BY id",
    "SELECT json_set('[1,2,[10,20,[30]],4,5,[6]]', '$[2][2][0]', 9), json_remove('[1,2,3,4,5,6]', '$[4]'), json_insert('[1,2,3,4,[5]]', '$[4][1]', 6)",
];

fn check(more: &str) {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
            conn.execute_batch(more).expect("creates");
        }
        for sql in STATEMENTS {
            let expected = answer(&sqlite, sql, &[]);
            assert!(expected.is_ok(), "{sql}: {expected:?}");
            assert_eq!(answer(postgres, sql, &[]), expected, "{sql}");
        }
        for sql in [
            "UPDATE doc SET n = body ->> 'n' WHERE body ->> 'n' > 4 AND body ->> 'n' < 10",
            "UPDATE doc SET n = (SELECT CAST(sum(o.body ->> 'n') AS INTEGER) FROM other o WHERE o.doc = doc.id) WHERE json_extract(body, '$.a[0].b') = 7",
            "DELETE FROM doc WHERE json_extract(body, '$.a[0].c.b') = 1 OR body ->> 'tag' > 'it'",
            "INSERT INTO other SELECT id, body FROM doc WHERE body ->> 'n' <> 4",
        ] {
            let changes = [&sqlite, &*postgres].map(|conn| conn.execute(sql, []).expect("runs"));
            assert_eq!(changes[1], changes[0], "{sql}");
        }
        for sql in ["SELECT * FROM doc ORDER BY id", "SELECT * FROM other ORDER BY doc, body"] {
            assert_eq!(answer(postgres, sql, &[]), answer(&sqlite, sql, &[]), "{sql}");
        }
    });
}

#[test]
fn without_an_index() {
    check("");
}

#[test]
fn with_an_index_of_json() {
    check(
        "CREATE INDEX doc_n ON doc(json_extract(body, '$.n')); CREATE INDEX doc_b ON doc(json_extract(body, '$.a[0].b'))",
    );
}

#[test]
fn paths_of_every_form() {
    let documents = [
        r#"{"a":{"b":[1]},"q\"":1,"x\\y":2,"e.f":3,"":4,"s":"t"}"#,
        r#"[1,[2,{"a":3}],"x"]"#,
        r#"{"\u0061":1,"b":2}"#,
        "5",
    ];
    let paths = [
        r#"$."q\"""#,
        r#"$."x\\y""#,
        r#"$.x\y"#,
        r#"$."\u0061""#,
        r#"$.\u0061"#,
        r#"$."e.f""#,
        r#"$."""#,
        "$.",
        "$..a",
        "$.a.",
        "$a",
        "$ .a",
        "a",
        "",
        r#"$."a"#,
        r#"$."a"b"#,
        r#"$.a"b"#,
        "$[",
        "$[]",
        "$[a]",
        "$[-1]",
        "$[ 1]",
        "$[#+1]",
        "$[#-0]",
        "$[#]",
        "$[#-99999999999]",
        "$[99999999999]",
        "$[1",
        "$.[0]",
        "$.s[",
        "$.none[",
        "$[1][1].a",
        "$[1][#-1].a",
        "$.a.b[0]",
    ];
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)").expect("creates");
            for document in documents {
                conn.execute("INSERT INTO t(body) VALUES (?)", [document]).expect("inserts");
            }
        }
        let words = |error: String| error.trim_start_matches("prepare: ").lines().next().unwrap_or_default().to_owned();
        for path in paths {
            let path = path.replace('\'', "''");
            for call in [
                "json_extract(body, 'PATH')",
                "body -> 'PATH'",
                "json_type(body, 'PATH')",
                "json_array_length(body, 'PATH')",
                "json_extract(body, 'PATH') = 1",
            ] {
                for id in 1..=documents.len() {
                    let sql = format!("SELECT {} FROM t WHERE id = {id}", call.replace("PATH", &path));
                    let expected = answer(&sqlite, &sql, &[]).map_err(words);
                    assert_eq!(answer(postgres, &sql, &[]).map_err(words), expected, "{sql}");
                }
            }
        }
    });
}

#[test]
fn a_name_that_a_document_has_several_times() {
    let documents = [
        r#"{"id":5,"p":{"id":6}}"#,
        "{\"id\":5 \n,\"p\":{\"id\":6}}",
        r#"{"id": 5,"id":6}"#,
        r#"{"id" :5,"id":6}"#,
        r#"{"id" :5,"p":{"id":6}}"#,
        r#" {"id":5,"id":6}"#,
        r#"{"x":"id","y":{"id":6},"id":5}"#,
        r#"{"x":"id","id":5,"id":7}"#,
        r#"{"id":"id","x":"id","z":"id"}"#,
        r#"{"id":"a","p":{"id":"b"}}"#,
        r#"{"id":"a, b","id":"c"}"#,
        r#"{"id":"","p":{"id":1}}"#,
        r#"{"id":"é","id":"x"}"#,
        r#"{"id":-5,"id":6}"#,
        r#"{"id":0,"id":6}"#,
        r#"{"id":0.0,"id":1}"#,
        r#"{"id":1.5,"id":6}"#,
        r#"{"id":1e2,"id":6}"#,
        r#"{"id":1234567890123456789,"id":6}"#,
        r#"{"id":12345678901234567890,"id":6}"#,
        r#"{"id":null,"p":{"id":1}}"#,
        r#"{"id":true,"p":{"id":1}}"#,
        r#"{"id":[1],"p":{"id":1}}"#,
        r#"{"id":{"id":3},"p":{"id":1}}"#,
        r#"{"p":{"id":6},"id":5}"#,
        r#"{"p":[{"id":6}],"id":5}"#,
        r#"{"p":[1,2],"id":5,"id":9}"#,
        r#"{"p":"{","id":5,"id":6}"#,
        r#"{"a":"\"id\":","id":5,"id":6}"#,
        r#"{"\u0069d":4,"id":5,"id":6}"#,
        r#"[{"id":5},{"id":6}]"#,
        // No JSON.
        r#"{"id":5,"id":}"#,
        r#"{"id":5,"id":6"#,
        r#"{"id":05,"id":6}"#,
        r#"{"id":5 6,"id":6}"#,
        r#"{"id":"a"id":6}"#,
    ];
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)").expect("creates");
            for document in documents {
                conn.execute("INSERT INTO t(body) VALUES (?)", [document]).expect("inserts");
            }
        }
        for read in [
            "json_extract(body, '$.id')",
            "typeof(body ->> 'id')",
            "CAST(body ->> '$.id' AS TEXT)",
            "CAST(body ->> 'id' AS INTEGER)",
            "body ->> 'id' || ''",
            "body -> 'id'",
            "body ->> 'id' = 'a', body ->> 'id' > 'a', body ->> 'id' = 5, body ->> 'id' > 5",
            "sum(body ->> 'id')",
            "json_type(body, '$.id')",
            "json_extract(body, '$.p.id')",
        ] {
            for id in 1..=documents.len() {
                let sql = format!("SELECT {read} FROM t WHERE id = {id}");
                let expected = answer(&sqlite, &sql, &[]);
                assert_eq!(answer(postgres, &sql, &[]), expected, "{sql}: {}", documents[id - 1]);
            }
        }
    });
}
