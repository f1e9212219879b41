//! JSON5 where JSON is read: the statement that failed over it runs again, and answers as SQLite does.

use crate::pragma_answers::same;
use crate::support::{on_postgres, sqlite};
use sqlift::types::Value;
use sqlift::{Connection, params};

const DOCUMENTS: &[&str] = &[
    "{a:1}",
    "[1,]",
    "{a:{b:[1,2,],},}",
    "[0x1F, -0X10, +0xa]",
    "[+5, .5, 5., -.5, 5.e3, 1.5]",
    "{a: Infinity, b: -infinity, c: [+inf]}",
    "[NaN, qnan]",
    "['it\\'s', 'q\"q', \"a\\x41b\", '\\v']",
    "['a\\\nb', 'c\td', \"e\nf\"]",
    "[ /* one */ 1 // two\n, 2]",
    "{$a_b: 1, é: 2, 'k k': 3, _: 4, \"a\": 5}",
    "\u{a0}{\u{2028}a\u{3000}:\u{feff}1}",
    "'a'",
    "+1",
    "[0x8000000000000000]",
    "{a:true,b:null,c:[],d:{}}",
    // Strict JSON beside it.
    "{\"a\": [1, {\"b\": 2}]}",
    "[\"x\", 1.50]",
    // What is neither.
    "[,]",
    "{,}",
    "[1,,2]",
    "{a:1,,b:2}",
    "[1 2]",
    "[1/**/2]",
    "[01]",
    "[0x]",
    "[.]",
    "[abc]",
    "[a:1]",
    "{true:1}",
    "{nan_:1}",
    "{a-b:1}",
    "{1:2}",
    "['\\01']",
    "['\\a']",
    "[1/*]",
    "[1]]",
    "",
    "+NaN",
];

fn told(conn: &Connection, sql: &str, document: &str) -> String {
    let row = |row: &sqlift::Row<'_>| row.get::<_, Value>(0);
    format!("{:?}", conn.query_row(sql, params![document], row).map_err(|error| error.to_string()))
}

#[test]
fn functions_read_json5() {
    let reads = [
        "json(?1)",
        "json_valid(?1)",
        "json_valid(?1, 2)",
        "json_valid(?1, 3)",
        "json_extract(?1, '$')",
        "json_extract(?1, '$.a')",
        "json_extract(?1, '$[0]', '$[1]')",
        "?1 ->> '$[0]'",
        "?1 -> 'a'",
        "typeof(?1 ->> '$[1]')",
        "json_type(?1)",
        "json_type(?1, '$[0]')",
        "json_array_length(?1)",
        "json_set(?1, '$.z', json(?1))",
        "json_remove(?1, '$[0]')",
        "json_patch('{\"p\":1}', ?1)",
        "json_pretty(?1)",
        "json_array(json(?1), ?1 -> '$[0]')",
        "(SELECT group_concat(key || type || typeof(value)) FROM json_each(json(?1)))",
        "(SELECT count(*) FROM json_tree(json(?1)) WHERE atom IS NOT NULL)",
        "hex(jsonb(json(?1)))",
    ];
    let run = |conn: &Connection| -> Vec<String> {
        let each = |read: &&str| {
            let sql = format!("SELECT {read}");
            DOCUMENTS
                .iter()
                .map(|document| format!("{sql} of {document}: {}", told(conn, &sql, document)))
                .collect::<Vec<_>>()
        };
        reads.iter().flat_map(each).collect()
    };
    let (expected, found) = (run(&sqlite()), on_postgres(|conn| run(conn)));
    let wrong: Vec<_> = expected.iter().zip(&found).filter(|(expected, found)| expected != found).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The ids of json_each and binary JSON count bytes as they were written.
#[test]
fn what_counts_bytes_is_right_or_refused() {
    let reads = [
        "(SELECT group_concat(id || '/' || fullkey || type) FROM json_each(?1))",
        "(SELECT group_concat(id || '/' || coalesce(parent, '') || fullkey || type) FROM json_tree(?1))",
        "hex(jsonb(?1))",
        "hex(jsonb_remove(?1, '$.zz'))",
    ];
    let lite = sqlite();
    on_postgres(|conn| {
        let (mut equal, mut refused) = (0, 0);
        for read in reads {
            for document in DOCUMENTS {
                let sql = format!("SELECT {read}");
                let (expected, found) = (told(&lite, &sql, document), told(conn, &sql, document));
                match found.contains("put json() around the document") {
                    true => refused += 1,
                    false => {
                        equal += 1;
                        assert_eq!(found, expected, "{read} of {document}");
                    }
                }
            }
        }
        assert!(equal > 3 * refused && refused > 0, "{equal} {refused}");
    });
}

#[test]
fn rows_and_writes_with_json5() {
    same(&[
        "CREATE TABLE d(id INTEGER PRIMARY KEY, doc TEXT, n INT NOT NULL DEFAULT 0)",
        "INSERT INTO d(doc) VALUES('{\"a\":1,\"b\":[1,2]}'), ('{a:2,b:[3,],}'), ('{\"a\":3}'), ('{a:0x10} // x')",
        "SELECT id, doc ->> 'a', json_extract(doc, '$.b'), json_array_length(doc, '$.b') FROM d ORDER BY id",
        "SELECT id FROM d WHERE doc ->> '$.a' > 1 ORDER BY doc ->> '$.a' DESC",
        "SELECT id, e.value FROM d, json_each(d.doc, '$.b') AS e WHERE d.id < 4 ORDER BY id, e.value",
        "SELECT sum(doc ->> '$.a'), json_group_array(json(doc)) FROM d",
        "SELECT count(*) FROM d WHERE json_valid(doc)",
        "SELECT count(*) FROM d WHERE json_valid(doc, 2) AND json_error_position(doc) = 0",
        "WITH c AS (SELECT json(doc) AS j FROM d) SELECT j FROM c ORDER BY j",
        "UPDATE d SET n = doc ->> 'a' WHERE json_type(doc, '$.a') = 'integer' RETURNING id, n",
        "BEGIN",
        "UPDATE d SET doc = json_set(doc, '$.c', 'x')",
        "SELECT doc FROM d ORDER BY id",
        "INSERT INTO d(doc, n) SELECT json('{z:1,}'), '[7,]' ->> 0 RETURNING doc, n",
        "SELECT json('{a}')",
        "SELECT count(*), sum(n) FROM d",
        "ROLLBACK",
        "SELECT count(*), sum(n) FROM d",
        // A conflict clause keeps its meaning.
        "INSERT OR FAIL INTO d(id, doc) VALUES(8, json('[1,]')), (9, json('[2,]'))",
        "INSERT INTO d(id, doc) VALUES(1, json('[5,]')) ON CONFLICT(id) DO UPDATE SET doc = excluded.doc",
        "SELECT id, doc FROM d ORDER BY id",
        "SELECT json('{a:1'), json('{a:1}')",
    ]);
}

/// A prepared statement that met JSON5 reads JSON the fast way again, and JSON5 the next time.
#[test]
fn a_prepared_statement_reads_both() {
    let run = |conn: &Connection| {
        let mut statement =
            conn.prepare("SELECT json_extract(?1, '$.a'), typeof(?2), ?1 -> '$.b' FROM (SELECT 1)").unwrap();
        let mut seen = Vec::new();
        for document in ["{\"a\":1}", "{a:1.5,b:[0x1,]}", "{\"a\":\"x\",\"b\":{ }}", "{a:'y'}", "{a", "{\"a\":2}"] {
            let read = |row: &sqlift::Row<'_>| {
                Ok((row.get::<_, Value>(0)?, row.get::<_, String>(1)?, row.get::<_, Value>(2)?))
            };
            seen.push(format!(
                "{:?}",
                statement.query_row(params![document, 5], read).map_err(|error| error.to_string())
            ));
        }
        seen
    };
    assert_eq!(on_postgres(|conn| run(conn)), run(&sqlite()));
}

/// In what the database keeps it is still none.
#[test]
fn stored_statements_read_json_alone() {
    on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE d(doc TEXT); INSERT INTO d VALUES('{a:1}');
             CREATE VIEW v AS SELECT doc ->> 'a' AS a FROM d;
             CREATE TABLE l(a); CREATE TRIGGER t AFTER INSERT ON d BEGIN INSERT INTO l SELECT json_extract(NEW.doc, '$.a'); END",
        )
        .unwrap();
        let error = conn.query_row("SELECT * FROM v", [], |_| Ok(())).unwrap_err().to_string();
        assert!(error.contains("malformed JSON"), "{error}");
        conn.execute("INSERT INTO d VALUES('[1,]')", []).unwrap_err();
        conn.execute("INSERT INTO d VALUES('{\"a\":2}')", []).unwrap();
    });
}
