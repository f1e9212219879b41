//! What `*` does not show: `json` and `root` of json_each(), `arg` of PRAGMA tables, the rowid of both and of sqlite_master.

use crate::json::answer;
use crate::support;
use sqlift::types::Value;

const SCHEMA: &str = r#"
    CREATE TABLE h(x INT, schema TEXT, arg TEXT, json TEXT, root TEXT);
    INSERT INTO h VALUES (1, 's', 'a', '[7]', 'r'), (20, 's', 'a', '[8]', 'r');
    CREATE TABLE t(id INTEGER PRIMARY KEY, j TEXT);
    CREATE INDEX ti ON t(j);
    INSERT INTO t(j) VALUES ('[1,2]'), ('[3]');
    CREATE VIEW v AS SELECT json, value, rowid AS r FROM json_each('[5,6]');
"#;

const EQUAL: &[&str] = &[
    "SELECT json FROM json_each('[1,2]')",
    "SELECT e.json, e.value FROM json_each(' [1, 2]') AS e",
    "SELECT json, root FROM json_tree('{\"a\":[1]}', '$.a')",
    "SELECT value, json, root FROM json_each(?1, ?2)",
    "SELECT * FROM json_each(?1, ?2) WHERE root = ?2 AND json = ?1",
    "SELECT e.* FROM json_each('[3]') e WHERE e.json = '[3]'",
    "SELECT x, (SELECT json FROM json_each('[1]')) FROM h",
    "SELECT x, (SELECT root FROM json_tree('[1]', '$[0]') LIMIT 1) FROM h",
    "SELECT x, (SELECT json_group_array(json) FROM json_each(h.json)) FROM h",
    "SELECT x FROM h WHERE EXISTS (SELECT 1 FROM json_each('[7]') WHERE json = h.json)",
    "SELECT value AS json FROM json_each('[1]') WHERE json = 1",
    "SELECT value AS json FROM json_each('[2,1]') ORDER BY json",
    "SELECT json, count(*) FROM json_each('[1,2]') GROUP BY json",
    "SELECT h.json, json_each.json FROM h, json_each('[1]') ORDER BY x",
    "SELECT h.json, e.value FROM h, json_each(h.json) e ORDER BY x",
    "SELECT h.json, e.json FROM h LEFT JOIN json_each('[]') e ORDER BY x",
    "SELECT * FROM h NATURAL JOIN json_each('[7]') ORDER BY x",
    "SELECT * FROM h JOIN json_each('[7]') USING (json)",
    "SELECT json FROM json_each(12)",
    "SELECT json FROM json_each(NULL)",
    "WITH c AS (SELECT json FROM json_each('[5,6]')) SELECT * FROM c",
    "SELECT * FROM v",
    "SELECT rowid, value FROM json_each('{\"a\":1,\"b\":2}')",
    "SELECT oid, _rowid_, fullkey FROM json_tree('{\"a\":1,\"b\":[2]}')",
    "SELECT t.id, e.rowid, e.value FROM t, json_each(t.j) e ORDER BY 1, e.rowid DESC",
    "SELECT t.id, e.value FROM t LEFT JOIN json_each(t.j) e ON e.rowid = 1 ORDER BY 1",
    "SELECT x FROM h WHERE EXISTS (SELECT 1 FROM json_each('[\"a\"]') WHERE rowid = 1)",
    "SELECT x FROM h WHERE x = (SELECT rowid FROM json_each('[1,2]') ORDER BY rowid DESC LIMIT 1)",
    "SELECT rowid FROM (SELECT rowid FROM json_each('[4,5]')) ORDER BY rowid DESC",
    "SELECT arg, name FROM pragma_table_info('t')",
    "SELECT arg, name FROM pragma_table_info WHERE arg = 'T'",
    "SELECT arg FROM pragma_index_list('t')",
    "SELECT x, (SELECT arg FROM pragma_table_info('t') LIMIT 1) FROM h",
    "SELECT m.name, p.arg, p.name, p.rowid FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.rowid, p.rowid",
    "SELECT h.x, p.arg FROM h LEFT JOIN pragma_table_info('nope') p ORDER BY x",
    "SELECT arg FROM pragma_foreign_key_check",
    "SELECT name FROM sqlite_master ORDER BY rowid",
    "SELECT name FROM main.sqlite_schema ORDER BY _rowid_ DESC",
    "SELECT rowid, type, name FROM sqlite_master WHERE type <> 'index'",
    "SELECT name FROM sqlite_master WHERE rowid = 2",
    "SELECT max(rowid), count(m.oid) FROM sqlite_master AS m",
    "SELECT name FROM (SELECT name, rowid FROM sqlite_master) ORDER BY rowid DESC",
    "SELECT (SELECT name FROM sqlite_master ORDER BY rowid DESC LIMIT 1) FROM h",
    "SELECT tbl_name FROM sqlite_master WHERE sql NOT NULL AND type IN ('index', 'trigger', 'view') ORDER BY rowid",
];

/// Errors on SQLite, and refusals of what has no value here, ahead of what a query around would give.
const REFUSED: &[(&str, &str)] = &[
    ("SELECT json FROM h, json_each('[1]')", "ambiguous column name: json"),
    ("SELECT x, (SELECT root FROM json_tree('[1]') LIMIT 1) FROM h", "the column root of json_tree"),
    ("SELECT key FROM json_each('{\"a\":[1]}') WHERE root = '$.a'", "the column root of json_each"),
    ("SELECT x, (SELECT json FROM json_each(jsonb('[1]'))) FROM h", "the column json of json_each"),
    ("SELECT x, (SELECT schema FROM pragma_table_info('t') LIMIT 1) FROM h", "the column schema of pragma_table_info"),
    ("SELECT arg FROM pragma_user_version", "no such column: arg"),
];

#[test]
fn hidden_columns_are_their_own() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(SCHEMA).expect("creates");
        }
        let bound: [Value; 2] = ["{\"a\":[1, 2]}".to_owned().into(), "$.a".to_owned().into()];
        for sql in EQUAL {
            let params = if sql.contains("?1") { &bound[..] } else { &[] };
            let expected = answer(&sqlite, sql, params);
            assert!(expected.is_ok(), "{sql}: {expected:?}");
            assert_eq!(answer(postgres, sql, params), expected, "{sql}");
        }
        for (sql, words) in REFUSED {
            let found = answer(postgres, sql, &[]).expect_err(sql);
            assert!(found.contains(words), "{sql}: {found}");
        }
        for write in [
            "UPDATE t SET j = (SELECT json FROM json_each('[9]')) WHERE id = 1",
            "DELETE FROM t WHERE id IN (SELECT rowid FROM json_each('[9,8,7]'))",
            "INSERT INTO h(json) SELECT json || rowid FROM json_each('[5,6]')",
            "INSERT INTO h(json) SELECT value FROM json_each('[5,6]')",
        ] {
            let [expected, found] = [&sqlite, &*postgres].map(|conn| conn.execute(write, []).expect(write));
            assert_eq!(found, expected, "{write}");
            for rows in ["SELECT * FROM t ORDER BY id", "SELECT * FROM h ORDER BY rowid"] {
                assert_eq!(answer(postgres, rows, &[]), answer(&sqlite, rows, &[]), "{write}");
            }
        }
    });
}

/// What names none of them is translated as ever.
#[test]
fn other_names_cost_nothing() {
    support::on_postgres(|postgres| {
        postgres.execute_batch(SCHEMA).expect("creates");
        for sql in [
            "SELECT h.json, e.value FROM h, json_each(h.json) e",
            "SELECT json(h.json) AS json, e.value AS root FROM h, json_each(h.json) AS e",
            "SELECT h.rowid, e.value FROM h, json_each(h.json) e",
        ] {
            let plan = answer(postgres, &format!("EXPLAIN {sql}"), &[]).expect(sql).join("\n");
            assert!(!plan.contains("WindowAgg"), "{sql}: {plan}");
        }
    });
}
