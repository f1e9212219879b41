//! SQLite's JSON functions answer on PostgreSQL as on SQLite: documents of every form, by paths of every form.
//!
//! `SQLIFT_FUZZ_SEED=n` runs other documents, `SQLIFT_FUZZ_STATEMENTS=n` so many.

use crate::support::{self, Random};
use sqlift::types::{Value, ValueRef};
use sqlift::{Connection, params_from_iter};

const DOCUMENTS: usize = 60;

/// How odd a document is.
const KINDS: usize = 3;

const NAMES: &[&str] =
    &["a", "b", "n", "tag", "list", "x y", "ü", "a.b", "0", "A", "a\\\"q", "\\u0061", "", "key_1", "-1", "a-b"];

/// A document as some program may have written it; more of what is odd the higher `oddity` is.
fn document(random: &mut Random, depth: usize, oddity: usize) -> String {
    let blank = |random: &mut Random| ["", "", "", "", " ", "\n  ", "\t"][random.below(5 + oddity.min(2))].to_owned();
    let odd = |random: &mut Random| oddity > 0 && random.below(8) < oddity;
    match random.below(if depth == 0 { 5 } else { 9 }) {
        0 => {
            let plain = ["0", "1", "5", "-5", "12345", "1.5", "-0.25", "2.0", "10", "100000000000"];
            let rare = [
                "1e3",
                "1E2",
                "-2.5e-3",
                "12345678901234567890",
                "9223372036854775807",
                "-9223372036854775808",
                "9223372036854775808",
                "0.1234567890123456789",
                "1.50",
                "123456789.123456789",
                "1e400",
                "-1e-400",
                "0.0",
                "-0",
                "1.0e0",
                "5e-324",
                "1e15",
                "123456789012345678",
            ];
            if odd(random) {
                rare[random.below(rare.len())].to_owned()
            } else {
                plain[random.below(plain.len())].to_owned()
            }
        }
        1 => ["true", "false", "null"][random.below(3)].to_owned(),
        2..=4 => {
            let plain =
                ["red", "blue", "", "5", "1.5", " 7 ", "title 12", "ä", "tag", "true", "{}", "a:b,c", "2024-01-02"];
            let rare = [
                "a\\\"b",
                "\\n",
                "\\u00e9",
                "\\ud83d\\ude00",
                "back\\\\slash",
                "\\/",
                "\\\"n\\\":1",
                "1e2",
                "\\u0041",
                "[1]",
                "\\tx",
            ];
            let text = if odd(random) { rare[random.below(rare.len())] } else { plain[random.below(plain.len())] };
            format!("\"{text}\"")
        }
        5 | 6 => {
            let members: Vec<String> = (0..random.below(4))
                .map(|_| format!("{}{}{}", blank(random), document(random, depth - 1, oddity), blank(random)))
                .collect();
            format!("[{}]", members.join(","))
        }
        _ => {
            let mut names: Vec<&str> = Vec::new();
            for _ in 0..random.below(5) {
                let choices = if odd(random) { NAMES.len() } else { 6 };
                let name = NAMES[random.below(choices)];
                if !names.contains(&name) || odd(random) {
                    names.push(name);
                }
            }
            let members: Vec<String> = names
                .iter()
                .map(|name| {
                    let value = document(random, depth - 1, oddity);
                    format!(
                        "{}\"{name}\"{}:{}{value}{}",
                        blank(random),
                        if odd(random) { " " } else { "" },
                        blank(random),
                        blank(random)
                    )
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// A document that is none, or one of JSON5.
fn broken(random: &mut Random) -> String {
    let text = document(random, 3, 2);
    let mut characters: Vec<char> = text.chars().collect();
    match random.below(6) {
        0 => characters.truncate(random.below(characters.len())),
        1 => drop(characters.remove(random.below(characters.len()))),
        2 => characters.insert(
            random.below(characters.len()),
            ['}', ']', ',', '"', ':', '\\', '\'', '+', '.', '0'][random.below(10)],
        ),
        3 => characters.extend(["}", ",", " x", "\"", "1"][random.below(5)].chars()),
        4 => return text.replace('"', "'"),
        _ => {
            let texts = [
                "",
                " ",
                "{a:1}",
                "{a:'x'}",
                "[1,]",
                "{\"a\":1,}",
                "[+1]",
                "[.5]",
                "[5.]",
                "[0x1F]",
                "[Infinity]",
                "[NaN]",
                "/* c */ {}",
                "nul",
                "\"\\x41\"",
                "[\"\\ud800\"]",
                "01",
                "[1 2]",
                "{\"a\" 1}",
                "\"a\nb\"",
                "{\"a\":1}{",
                "'a'",
                "{\"n\":1e}",
                "tRUE",
                "\u{feff}[1]",
            ];
            return texts[random.below(texts.len())].to_owned();
        }
    }
    characters.into_iter().collect()
}

const PATHS: &[&str] = &[
    "$",
    "$.a",
    "$.b",
    "$.n",
    "$.tag",
    "$.list",
    "$.a.b",
    "$.a.a",
    "$.b.n.tag",
    "$.a.b.n.tag",
    "$.list[0]",
    "$.list[1]",
    "$.list[#-1]",
    "$.list[2]",
    "$.list[#-2]",
    "$.list[0].n",
    "$.a[1].b",
    "$[0]",
    "$[1]",
    "$[#-1]",
    "$[0].a",
    "$[1][0]",
    "$.a[0].n",
    "$.\"x y\"",
    "$.x y",
    "$.\"a.b\"",
    "$.ü",
    "$.\"0\"",
    "$.0",
    "$.key_1",
    "$.\"a\"",
    "$.a[#]",
    "$.a[#-2]",
    "$.a-b",
    "$.\"-1\"",
    "$.A",
    "$.\"\"",
];

/// Rows with their storage classes.
pub fn answer(conn: &Connection, sql: &str, params: &[Value]) -> Result<Vec<String>, String> {
    let mut statement = conn.prepare(sql).map_err(|error| format!("prepare: {error}"))?;
    let columns = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.query(params_from_iter(params)).map_err(|error| error.to_string())?;
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        let mut line = String::new();
        for index in 0..columns {
            line += &match row.get_ref(index).map_err(|error| error.to_string())? {
                ValueRef::Real(real) => format!("REAL {real:?} "),
                ValueRef::Text(text) => format!("TEXT {:?} ", String::from_utf8_lossy(text)),
                other => format!("{other:?} "),
            };
        }
        found.push(line);
    }
    Ok(found)
}

struct Compared {
    _database: sqlift::testing::TestDatabase,
    dbs: [Connection; 2],
    differences: Vec<String>,
    answers: usize,
    refused: usize,
}

impl Compared {
    fn note(
        &mut self,
        sql: &str,
        about: &str,
        expected: &Result<Vec<String>, String>,
        found: &Result<Vec<String>, String>,
    ) {
        match (expected, found) {
            (Ok(expected), Ok(found)) if expected == found => self.answers += expected.len(),
            // Nothing passes silently, but PostgreSQL may refuse what SQLite takes.
            (Ok(_), Err(_)) => self.refused += 1,
            // What is no JSON is told so.
            (Err(expected), Err(found)) if !expected.contains("malformed JSON") || expected == found => {
                self.answers += 1
            }
            _ => self
                .differences
                .push(format!("{sql} of {about}\n    SQLite     {expected:?}\n    PostgreSQL {found:?}")),
        }
    }

    /// The same for every document of a table at once, or, where one fails, one by one.
    fn all(&mut self, sql: &str, table: &str, documents: &[String]) {
        for kind in 0..KINDS {
            self.kind(sql, table, documents, kind);
        }
    }

    fn kind(&mut self, sql: &str, table: &str, documents: &[String], kind: usize) {
        let [sqlite, postgres] = &self.dbs;
        let whole = format!("SELECT id, {sql} FROM {table} WHERE id % {KINDS} = {kind} ORDER BY id");
        let (expected, found) = (answer(sqlite, &whole, &[]), answer(postgres, &whole, &[]));
        if let (Ok(expected), Ok(found)) = (&expected, &found) {
            self.answers += expected.len();
            for (one, other) in expected.iter().zip(found).filter(|(one, other)| one != other) {
                let id: usize = one.split(['(', ')']).nth(1).and_then(|id| id.parse().ok()).unwrap_or_default();
                let about = documents.get(id).map_or("?", String::as_str);
                self.differences.push(format!("{sql} of {about}\n    SQLite     {one}\n    PostgreSQL {other}"));
            }
            return;
        }
        if found.as_ref().is_err_and(|error| error.starts_with("prepare")) && expected.is_ok() {
            self.differences.push(format!("{sql}: {found:?}"));
            return;
        }
        let one = format!("SELECT {sql} FROM {table} WHERE id = ?");
        for (id, about) in documents.iter().enumerate().filter(|(id, _)| id % KINDS == kind) {
            let id = [Value::Integer(i64::try_from(id).expect("few"))];
            let (expected, found) = (answer(&self.dbs[0], &one, &id), answer(&self.dbs[1], &one, &id));
            self.note(sql, about, &expected, &found);
        }
    }
}

fn compared(documents: &[String]) -> Compared {
    let database = sqlift::testing::database();
    let dbs = [support::sqlite(), Connection::open_url(database.url()).expect("the server takes connections")];
    for conn in &dbs {
        conn.execute_batch("CREATE TABLE doc(id INTEGER PRIMARY KEY, body TEXT, n INTEGER, s TEXT)").expect("creates");
        let mut insert = conn.prepare("INSERT INTO doc VALUES (?, ?, ?, ?)").expect("prepares");
        for (id, body) in documents.iter().enumerate() {
            let n = if id % 3 == 0 { 5 } else { 12345 };
            insert
                .execute(sqlift::params![id as i64, body, n, if id % 2 == 0 { "red" } else { "5" }])
                .expect("inserts");
        }
    }
    Compared { _database: database, dbs, differences: Vec::new(), answers: 0, refused: 0 }
}

fn count() -> usize {
    std::env::var("SQLIFT_FUZZ_STATEMENTS").ok().and_then(|count| count.parse().ok()).unwrap_or(DOCUMENTS)
}

fn seed() -> u64 {
    std::env::var("SQLIFT_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121)
}

fn finish(found: &Compared, most_refused: usize) {
    let shown = found.differences.len().min(40);
    assert!(
        found.differences.is_empty(),
        "SQLIFT_FUZZ_SEED={}: {} differ\n{}",
        seed(),
        found.differences.len(),
        found.differences[..shown].join("\n")
    );
    println!("{} answers are the same, {} refused", found.answers, found.refused);
    assert!(found.refused <= most_refused, "{} of {} are refused", found.refused, found.answers);
}

#[test]
fn documents_answer_as_on_sqlite() {
    let mut random = Random::new(seed());
    let documents: Vec<String> = (0..count()).map(|index| document(&mut random, 4, index % KINDS)).collect();
    let mut compared = compared(&documents);
    for path in PATHS {
        let path = path.replace('\'', "''");
        for sql in [
            "json_extract(body, 'PATH')",
            "body -> 'PATH'",
            "body ->> 'PATH'",
            "json_type(body, 'PATH')",
            "json_array_length(body, 'PATH')",
            "CAST(json_extract(body, 'PATH') AS TEXT)",
            "CAST(json_extract(body, 'PATH') AS INTEGER), CAST(body ->> 'PATH' AS REAL)",
            "json_extract(body, 'PATH') || '|'",
            "json_extract(body, 'PATH') = 'red', json_extract(body, 'PATH') = 5, json_extract(body, 'PATH') IN ('blue', 1.5)",
            "json_extract(body, 'PATH') > 5, json_extract(body, 'PATH') <= 1.5, 2 < json_extract(body, 'PATH')",
            "json_extract(body, 'PATH') > 'blue', json_extract(body, 'PATH') <= 'title', '5' >= json_extract(body, 'PATH')",
            "json_extract(body, 'PATH') = n, json_extract(body, 'PATH') < n, n >= body ->> 'PATH'",
            "json_extract(body, 'PATH') = s, json_extract(body, 'PATH') < s, s > body ->> 'PATH'",
            "json_extract(body, 'PATH') IS NULL, json_extract(body, 'PATH') IS 5",
            "json_array(json_extract(body, 'PATH'), body -> 'PATH', body ->> 'PATH')",
            "json_set(body, 'PATH', 7), json_insert(body, 'PATH', 'x'), json_replace(body, 'PATH', json('[1, 2]'))",
            "json_remove(body, 'PATH'), json_remove(body, 'PATH', '$.n'), json_remove(body || '', 'PATH')",
            "json_set(body, 'PATH', s, '$.n', n), json_set(body, '$.a', json('{\"n\":1}'), 'PATH', 1.5, '$.tag', NULL)",
            "json_insert(body, 'PATH', s), json_replace(body, 'PATH', s || '\"'), json_set(body || ' ', 'PATH', n)",
            "json_extract(coalesce(body, '{}') || '', 'PATH')",
            "(SELECT sum(json_extract(d.body, 'PATH')) FROM doc d WHERE d.id BETWEEN doc.id AND doc.id + 3)",
            "sum(json_extract(body, 'PATH')) OVER (ORDER BY id)",
            "(SELECT group_concat(e.value || ':' || e.type || ':' || ifnull(e.key, '-'), ';') FROM json_each(doc.body, 'PATH') e)",
            "(SELECT sum(e.value) FROM json_each(doc.body, 'PATH') e)",
            "(SELECT group_concat(e.id || ':' || ifnull(e.parent, '-') || e.path || ifnull(e.key, '-'), ';') FROM json_tree(doc.body, 'PATH') e)",
            "(SELECT group_concat(CAST(e.value AS TEXT) || CAST(e.value AS INTEGER) || CAST(e.value AS REAL), ';') FROM json_each(doc.body, 'PATH') e)",
            "(SELECT count(*) FROM json_each(doc.body, 'PATH') e WHERE e.value = 5 OR e.value = 'red' OR e.value > 1.5)",
            "(SELECT count(*) FROM json_each(doc.body, 'PATH') e WHERE e.value <> 'blue' AND e.value != 1 AND e.value < 'title')",
            "(SELECT count(*) FROM json_each(doc.body, 'PATH') e WHERE e.value = doc.n OR doc.s = e.value OR e.value IS 1)",
            "(SELECT group_concat(e.id || e.fullkey || e.path || ifnull(e.atom, '-'), ';') FROM json_each(doc.body, 'PATH') e)",
        ] {
            compared.all(&sql.replace("PATH", &path), "doc", &documents);
        }
    }
    for sql in [
        "json(body), json_valid(body), json_type(body), json_array_length(body)",
        "body -> 'a', body ->> 'a', body -> 'x y', body ->> 'a.b', body -> 0, body ->> 0, body ->> -1, body -> '[0]'",
        "json_pretty(body)",
        "json_patch(body, '{\"a\":null,\"b\":{\"n\":1}}')",
        "json_patch(body, '{\"a\":5}'), json_patch(body, '{\"n\":null}'), json_patch(body, '{}'), json_patch(body, '[1]')",
        "json_patch(body, '{\"a\":\"x\",\"new\":[1, 2]}'), json_patch(body, '{\"list\":null,\"b\":true,\"tag\":1}')",
        "json_patch('{\"a\":1,\"b\":{\"n\":null}}', body), json_patch(body, body)",
        "json_quote(body), json_object('k', json(body)), json_array(s, n, n / 4.0, n + 0.0), json_object(s, body)",
        "(SELECT json_group_array(d.s) || json_group_object(d.body, d.s) FROM doc d WHERE d.id BETWEEN doc.id AND doc.id + 3)",
        "(SELECT group_concat(e.fullkey || '=' || ifnull(e.atom, '-'), ';') FROM json_each(doc.body) e)",
        "(SELECT group_concat(e.fullkey || '=' || ifnull(e.atom, '-') || e.type || e.id, ';') FROM json_tree(doc.body) e)",
    ] {
        compared.all(sql, "doc", &documents);
    }
    finish(&compared, compared.answers / 20);
}

#[test]
fn what_is_no_json_fails_or_answers_as_on_sqlite() {
    let mut random = Random::new(seed() + 1);
    let documents: Vec<String> = (0..count()).map(|_| broken(&mut random)).collect();
    let mut compared = compared(&documents);
    for sql in [
        "json_extract(body, '$.a')",
        "json_extract(body, '$.none')",
        "CAST(body ->> '$.tag' AS TEXT)",
        "json_extract(body, '$.n') > 5",
        "json_extract(body, '$[0]')",
        "body -> 'a'",
        "json_type(body, '$.a')",
        "json_valid(body)",
        "json_array_length(body, '$.list')",
        "json_array_length(body)",
        "json_set(body, '$.a', 1)",
        "(SELECT count(*) FROM json_each(doc.body, '$.list'))",
        "(SELECT count(*) FROM json_each(doc.body))",
    ] {
        compared.all(sql, "doc", &documents);
    }
    finish(&compared, compared.answers);
}

#[test]
fn an_index_on_a_path_is_used() {
    for ty in ["TEXT", "JSON"] {
        support::on_postgres(|conn| {
            let script = format!(
                "CREATE TABLE doc(id INTEGER PRIMARY KEY, body {ty});
                 WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000)
                 INSERT INTO doc SELECT i, json_object('a', i, 'b', json_object('tag', 'tag ' || i), 'list', json_array(i, 1)) FROM c;
                 CREATE INDEX doc_a ON doc(json_extract(body, '$.a'));
                 CREATE INDEX doc_tag ON doc(body ->> '$.b.tag');
                 CREATE INDEX doc_first ON doc(json_extract(body, '$.list[0]'));
                 CREATE UNIQUE INDEX doc_number ON doc(CAST(json_extract(body, '$.a') AS INTEGER));
                 ANALYZE;"
            );
            conn.execute_batch(&script).expect("creates");
            for (condition, value, index) in [
                ("json_extract(body, '$.a') = ?", Value::Integer(70), "doc_a"),
                ("json_extract(body, '$.a') = 70", Value::Null, "doc_a"),
                ("json_extract(body, '$.a') IN (70, 70.5)", Value::Null, "doc_a"),
                ("json_extract(body, '$.list[0]') = 70", Value::Null, "doc_first"),
                ("body ->> '$.b.tag' = ?", Value::Text("tag 70".to_owned()), "doc_tag"),
                ("body ->> '$.b.tag' = 'tag 70'", Value::Null, "doc_tag"),
                ("CAST(json_extract(body, '$.a') AS INTEGER) = 70", Value::Null, "doc_number"),
            ] {
                let values = if condition.contains('?') { vec![value] } else { Vec::new() };
                let mut explain =
                    conn.prepare(&format!("EXPLAIN SELECT id FROM doc WHERE {condition}")).expect("prepares");
                let lines =
                    explain.query_map(params_from_iter(&values), |row| row.get::<_, String>(0)).expect("explains");
                let plan = lines.collect::<sqlift::Result<Vec<_>>>().expect("explains").join("\n");
                assert!(plan.contains(index), "{ty}: {condition}\n{plan}");
                let found = answer(conn, &format!("SELECT id FROM doc WHERE {condition}"), &values);
                assert_eq!(found, Ok(vec!["Integer(70) ".to_owned()]), "{ty}: {condition}");
            }
        });
    }
}

#[test]
fn errors_are_sqlites() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for sql in [
            r#"SELECT json_extract('{"a":', '$.a')"#,
            "SELECT json('nope')",
            r#"SELECT json_extract('{"a":1}', 'a')"#,
            r#"SELECT json_set('{"a":1}', 'x', 1)"#,
            r#"SELECT json_remove('{"a":1}', 'x.y')"#,
            r#"SELECT json_type('{"a":1}', '.a')"#,
            r#"SELECT json_valid('{"a":1', 77)"#,
            "SELECT * FROM json_each('[1')",
            "SELECT * FROM json_each('[1]', 'x')",
            "SELECT json_patch('{', '{}')",
            "SELECT json_set(x, '$.a', 1) FROM (SELECT '{\"a\":}' AS x)",
            "SELECT json_array(x'0102')",
            r#"SELECT json_array_insert('{"a":1}', '$.a', 1)"#,
        ] {
            let expected = answer(&sqlite, sql, &[]);
            assert!(expected.is_err(), "{sql}: {expected:?}");
            let found = answer(postgres, sql, &[]);
            // What is found when it is prepared has its place behind it.
            let words =
                |error: String| error.trim_start_matches("prepare: ").lines().next().unwrap_or_default().to_owned();
            assert_eq!(found.map_err(words), expected.map_err(words), "{sql}");
        }
    });
}

/// SQLite looks at the terms of AND in their order, PostgreSQL at the cheap ones first.
#[test]
fn json_valid_guards_what_stands_behind_it() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE g(id INTEGER PRIMARY KEY, d TEXT, n INTEGER); CREATE TABLE h(id INTEGER, d TEXT)",
        )
        .unwrap();
        for (id, d) in [(1, r#"{"a":{"b":[1,2]},"é":1}"#), (2, "no {json}"), (3, "[1,{\"a\":2}]"), (4, ""), (5, "7")] {
            conn.execute("INSERT INTO g VALUES (?1, ?2, ?1)", sqlift::params![id, d]).unwrap();
            conn.execute("INSERT INTO h VALUES (?1, ?2)", sqlift::params![id, d]).unwrap();
        }
        for reads in [
            "json_extract(d, '$.a.b[#-1]') = 2",
            "d ->> '$.a.b[1]' = 2",
            "d -> '$.a' IS NOT NULL",
            "json_type(d) = 'object'",
            "json_array_length(d, '$.a.b') = 2",
            "d ->> '$.é' = 1",
            "json(d) LIKE '%b%'",
            "d ->> '$' LIKE '%b%'",
            "json_extract(d, '$.a', '$.b') IS NOT NULL AND json_type(d, '$.a') = 'object'",
            "EXISTS (SELECT 1 FROM json_each(d) WHERE key = 'a')",
        ] {
            for sql in [
                format!("SELECT group_concat(id) FROM (SELECT id FROM g WHERE json_valid(d) AND {reads} ORDER BY id)"),
                format!(
                    "SELECT group_concat(id) FROM (SELECT id FROM g WHERE n < 9 AND json_valid(d) AND {reads} ORDER BY id)"
                ),
                format!(
                    "SELECT group_concat(id) FROM (SELECT g.id FROM h AS j JOIN g ON g.id = j.id WHERE json_valid(g.d) AND {} ORDER BY g.id)",
                    reads.replace("(d", "(g.d").replace("d -", "g.d -")
                ),
            ] {
                let ids: Option<String> =
                    conn.query_row(&sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"));
                if !reads.contains("'$.a', '$.b'") {
                    assert_eq!(ids.as_deref(), Some("1"), "{sql}");
                }
            }
        }
    });
}
