//! `migrate draft` of scripts and database files, and `migrate check` of what it wrote.

use sqlift::Connection;
use sqlift::migrate;
use sqlift::translate::TypePolicy;
use std::path::Path;
use std::process::{Command, Output};

fn run(url: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqlift"));
    command.env("DATABASE_URL", url).env("SQLIFT_QUIET", "1").arg("migrate").args(args).output().unwrap()
}

#[track_caller]
fn ok(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{}", texts.concat());
    let [out, _] = texts;
    out
}

/// Drafts of a script and of the file that it makes, with types of both kinds: `check` finds no difference in any.
fn checks(schema: &str, look: impl Fn(&Path)) {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let [script, file] = ["app.sql", "app.db"].map(|name| dir.path().join(name));
    std::fs::write(&script, schema).unwrap();
    Connection::open_sqlite(&file).unwrap().execute_batch(schema).unwrap();
    for (at, source) in [&script, &file].into_iter().enumerate() {
        for types in ["native", "faithful"] {
            let set = dir.path().join(format!("{types}{at}"));
            let [source, folder] = [source, &set].map(|path| path.to_str().unwrap());
            ok(&run(database.url(), &["draft", source, "--types", types, "--dir", folder]));
            let found = ok(&run(database.url(), &["check", folder]));
            assert_eq!(found, "no difference: 1 version gives the same schema on SQLite and PostgreSQL\n", "{types}");
            look(&set);
        }
    }
}

const FULL_TEXT: &str = "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT);
    CREATE VIRTUAL TABLE f USING fts5(body, extra UNINDEXED, tokenize = 'porter');
    CREATE VIRTUAL TABLE \"other Notes\" USING fts5(body, content='note', content_rowid='id');
    CREATE TRIGGER note_added AFTER INSERT ON note BEGIN
      INSERT INTO \"other Notes\"(rowid, body) VALUES (new.id, new.body); END;";

#[test]
fn full_text_tables_without_their_shadows() {
    checks(FULL_TEXT, |set| {
        for backend in ["sqlite", "postgres"] {
            let text = std::fs::read_to_string(set.join(backend).join("V1__initial.sql")).unwrap();
            let shadows = ["f_data", "f_idx", "f_content", "f_docsize", "f_config", "other Notes_data"];
            assert!(!shadows.iter().any(|name| text.contains(name)), "{text}");
        }
        let app = set.join("app.db");
        ok(&run(&format!("sqlite:{}", app.display()), &["up", set.to_str().unwrap()]));
        let conn = Connection::open_sqlite(&app).unwrap();
        conn.execute_batch("INSERT INTO note(body) VALUES ('red apples')").unwrap();
        let sql = "SELECT count(*) FROM \"other Notes\" WHERE \"other Notes\" MATCH 'apples'";
        assert_eq!(conn.query_row(sql, [], |row| row.get::<_, i64>(0)), Ok(1));
    });
}

#[test]
fn full_text_tables_of_another_kind_are_found() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let folder = dir.path().to_str().unwrap();
    let other = |sqlite: &str, postgres: &str| {
        for (name, text) in [("V1__a.sqlite.sql", sqlite), ("V1__a.postgres.sql", postgres)] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let output = run(database.url(), &["check", folder]);
        assert_eq!(output.status.code(), Some(1), "{sqlite} {postgres}");
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = "CREATE VIRTUAL TABLE f USING fts5(a, b)";
    let drafted = |sql: &str| migrate::draft("f.sql", sql, TypePolicy::FAITHFUL).unwrap().sql;
    for postgres in [
        drafted("CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = 'porter')"),
        drafted("CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED)"),
        drafted("CREATE VIRTUAL TABLE f USING fts5(b, a)"),
        drafted(plain) + "DROP INDEX f_sqlift_fts_index;",
        drafted("CREATE TABLE f (a TEXT, b TEXT)"),
    ] {
        let found = other(plain, &postgres);
        assert!(found.starts_with("table f: full text search\n  SQLite     CREATE VIRTUAL"), "{postgres}: {found}");
        assert!(found.ends_with("1 difference\n"), "{postgres}: {found}");
    }
    assert!(other(plain, &drafted("CREATE TABLE g (a TEXT)")).contains("table f: table\n"));
}

#[test]
fn what_is_written_otherwise_is_the_same_schema() {
    for schema in [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, j JSONB, k JSONB NOT NULL DEFAULT '{\"a\": 1}', l JSON CHECK (json_valid(l)))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER DEFAULT (strftime('%s','now')), b TEXT DEFAULT (strftime('%s','now')),
            c INTEGER DEFAULT (unixepoch('now','subsec') * 1000), d INTEGER DEFAULT (unixepoch()), e INT DEFAULT '12')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 5, b TEXT DEFAULT '5', c VARCHAR(20) DEFAULT -7, s STRING, r REAL DEFAULT '1.5')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a BOOLEAN CHECK (a IN (0, 1)), b BOOLEAN DEFAULT 0, c INTEGER CHECK (c BETWEEN 0 AND 1),
            CHECK (b IN (0,1)))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, email TEXT, UNIQUE (n COLLATE NOCASE, email))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, email TEXT COLLATE NOCASE, UNIQUE (n COLLATE NOCASE, email))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE VIEW v AS SELECT a, b FROM t;
            CREATE TRIGGER vu INSTEAD OF UPDATE OF a ON v BEGIN UPDATE t SET a = new.a WHERE a = old.a; END",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE lg (x TEXT, y INT);
            CREATE TRIGGER tu AFTER UPDATE ON t BEGIN INSERT INTO lg VALUES (new.a, new.id); END;
            CREATE TRIGGER ti AFTER INSERT ON t BEGIN INSERT OR REPLACE INTO lg VALUES (new.a, new.id); END",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INT REFERENCES t (id) ON DELETE CASCADE, depth INT);
            CREATE TRIGGER ti AFTER INSERT ON t BEGIN
              UPDATE t SET depth = coalesce((SELECT depth + 1 FROM t p WHERE p.id = NEW.parent), 0) WHERE id = NEW.id; END",
    ] {
        checks(schema, |_| ());
    }
}

#[test]
fn a_drafted_trigger_that_was_changed_is_found() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let schema = |value: &str| {
        format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\nCREATE TABLE lg (x TEXT, y INT);\n\
             CREATE TRIGGER tu AFTER UPDATE ON t BEGIN INSERT INTO lg VALUES ({value}, new.id); END;"
        )
    };
    let postgres = migrate::draft("t.sql", &schema("old.a"), TypePolicy::NATIVE).unwrap().sql;
    for (name, text) in [("V1__a.sqlite.sql", schema("new.a")), ("V1__a.postgres.sql", postgres)] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let output = run(database.url(), &["check", dir.path().to_str().unwrap()]);
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.starts_with("table t: what trigger tu does\n") && found.ends_with("1 difference\n"), "{found}");
}
