//! The shell, driven through pipes as programs and scripts drive it, on both backends.

use serde_json::{Value, json};
use sqlift::testing::TestDatabase;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

const SQLIFT: &str = env!("CARGO_BIN_EXE_sqlift");

/// A backend to talk to, with what keeps it there.
struct Backend {
    url: String,
    _database: Option<TestDatabase>,
}

fn backends() -> [Backend; 2] {
    let database = sqlift::testing::database();
    [
        Backend { url: "sqlite::memory:".into(), _database: None },
        Backend { url: database.url().to_owned(), _database: Some(database) },
    ]
}

/// The machine mode, one request and one reply at a time.
struct Machine {
    url: String,
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Machine {
    fn start(url: &str) -> Machine {
        let mut command = Command::new(SQLIFT);
        command.args(["shell", "--json", url]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let requests = child.stdin.take().unwrap();
        let replies = BufReader::new(child.stdout.take().unwrap());
        Machine { url: url.into(), child, requests, replies }
    }

    /// Sends one line and waits for its reply: a reply that is not flushed would hang here.
    fn line(&mut self, line: &[u8]) -> Value {
        self.requests.write_all(&[line, b"\n"].concat()).unwrap();
        let mut reply = String::new();
        self.replies.read_line(&mut reply).unwrap();
        assert!(reply.ends_with('\n'), "{}: no reply to {}", self.url, String::from_utf8_lossy(line));
        serde_json::from_str(&reply).unwrap()
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.line(request.to_string().as_bytes())
    }

    #[track_caller]
    fn check(&mut self, request: Value, expected: Value) {
        let got = self.ask(&request);
        assert_eq!(got, expected, "{} on {}", request, self.url);
    }

    /// Asks what fails; gives (code, extended code, sqlstate, offset) after a look at the message.
    #[track_caller]
    fn fails(&mut self, request: &Value, message: &str) -> (Value, Value, Value, Value) {
        let got = self.ask(request);
        let error = &got["error"];
        let text = error["message"].as_str().unwrap_or_else(|| panic!("{request} on {}: {got}", self.url));
        assert!(text.contains(message), "{request} on {}: {text}", self.url);
        (error["code"].clone(), error["extended_code"].clone(), error["sqlstate"].clone(), error["offset"].clone())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_storage_class_comes_and_goes() {
    for backend in backends() {
        let mut machine = Machine::start(&backend.url);
        for value in [
            json!(null),
            json!(0),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(2.5),
            json!(2.0),
            json!(1e300),
            json!("x"),
            json!(""),
            json!("Ünïcode 村"),
            json!({"blob": "00ff"}),
            json!({"blob": ""}),
            json!({"real": "Infinity"}),
            json!({"real": "-Infinity"}),
        ] {
            let got = machine.ask(&json!({"sql": "SELECT ?1 AS a", "params": [value]}));
            // Compared as text, in which 2 is not 2.0.
            let expected = json!({"columns": ["a"], "rows": [[value]]});
            assert_eq!(got.to_string(), expected.to_string(), "on {}", backend.url);
        }
    }
    let mut machine = Machine::start("sqlite::memory:");
    machine.check(
        json!({"sql": "SELECT ?, ?", "params": [{"text_bytes": "ff"}, true]}),
        json!({"columns": ["?", "?"], "rows": [[{"text_bytes": "ff"}, 1]]}),
    );
}

#[test]
fn requests_do_what_they_say() {
    for backend in backends() {
        let mut machine = Machine::start(&backend.url);
        let ok = || json!({"ok": true});
        machine.check(
            json!({"script": "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO t VALUES (6, 'six')"}),
            ok(),
        );
        let made = machine.ask(&json!({"native": "CREATE TABLE n (a INTEGER); INSERT INTO n VALUES (1)"}));
        assert!(made.get("error").is_none(), "{made} on {}", backend.url);
        machine.check(json!({"sql": "SELECT a AS a FROM n"}), json!({"columns": ["a"], "rows": [[1]]}));
        machine.check(
            json!({"sql": "UPDATE t SET name = :new WHERE name = :old", "params": {":new": "x", ":old": "six", ":other": 1}}),
            json!({"changes": 1, "last_insert_rowid": machine_rowid(&backend, 6, 1)}),
        );
        machine.check(
            json!({"sql": "DELETE FROM t"}),
            json!({"changes": 1, "last_insert_rowid": machine_rowid(&backend, 6, 1)}),
        );
        let slots = machine.ask(&json!({"translate": "SELECT ?1, ?2"}));
        assert_eq!(slots["slots"], json!([1, 2]), "{slots}");
        assert!(slots["sql"].as_str().unwrap().starts_with("SELECT "), "{slots}");

        // A fresh database on the same backend; a failed open keeps it.
        machine.check(json!({"open": ":memory:"}), ok());
        machine.fails(&json!({"sql": "SELECT * FROM t"}), "no such table: t");
        machine.check(json!({"script": "CREATE TABLE t (a INTEGER)"}), ok());
        machine.fails(&json!({"open": "mysql://nowhere"}), "mysql");
        let other = if backend.url.starts_with("sqlite") { "postgres://u@127.0.0.1:1/x" } else { "sqlite::memory:" };
        machine.fails(&json!({"open": other}), "");
        machine.check(json!({"sql": "SELECT a FROM t"}), json!({"columns": ["a"], "rows": []}));
        machine.check(json!({"open": ":memory:"}), ok());
        machine.fails(&json!({"sql": "SELECT * FROM t"}), "no such table: t");
    }
}

/// SQLite's last row id is that of its `n` as well, where PostgreSQL's own SQL has no such thing.
fn machine_rowid(backend: &Backend, on_postgres: i64, on_sqlite: i64) -> i64 {
    if backend.url.starts_with("sqlite") { on_sqlite } else { on_postgres }
}

#[test]
fn errors_are_replies_and_never_end_it() {
    for backend in backends() {
        let sqlite = backend.url.starts_with("sqlite");
        let mut machine = Machine::start(&backend.url);
        machine.check(
            json!({"script": "CREATE TABLE t (a INTEGER UNIQUE); INSERT INTO t VALUES (1)"}),
            json!({"ok": true}),
        );
        let (code, extended, sqlstate, _) =
            machine.fails(&json!({"sql": "INSERT INTO t VALUES (?)", "params": [1]}), "UNIQUE constraint failed: t.a");
        assert_eq!((code, extended), (json!(19), json!(2067)), "{}", backend.url);
        assert_eq!(sqlstate, if sqlite { json!(null) } else { json!("23505") });
        // The offset counts bytes of the request's own text; è has two.
        let (code, _, _, offset) = machine.fails(&json!({"sql": "SELECT 'è', nope FROM t"}), "no such column: nope");
        assert_eq!((code, offset), (json!(1), json!(13)), "{}", backend.url);

        machine.fails(&json!({"sql": "SELECT 1; SELECT 2"}), "Multiple statements");
        machine.fails(&json!({"sql": "SELECT ?"}), "parameter");
        machine.fails(&json!({"sql": "SELECT ?", "params": [1, 2]}), "parameter");
        machine.fails(&json!({"sql": "SELECT :a", "params": {":b": 1}}), "no value for parameter :a");
        machine.fails(&json!({"sql": "SELECT 1", "script": "SELECT 1"}), "one of sql");
        machine.fails(&json!({"sql": 1}), "not a string");
        machine.fails(&json!({"sql": "SELECT 1", "parms": []}), "\"parms\" is not known");
        machine.fails(&json!({"sql": "SELECT ?", "params": [[1]]}), "is no parameter");
        machine.fails(&json!({"sql": "SELECT ?", "params": [{"blob": "0"}]}), "hexadecimal");
        machine.fails(&json!([1]), "not an object");
        for line in [&b"nonsense"[..], b"", b"{", b"\xff", br#"{"sql": "\ud800"}"#] {
            let got = machine.line(line);
            assert!(got["error"]["message"].as_str().unwrap().contains("malformed request"), "{got}");
        }
        let got = machine.line(br#"{"sql": "SELECT ?", "params": [9223372036854775808]}"#);
        assert!(got["error"]["message"].as_str().unwrap().contains("64 bits"), "rounded: {got}");
        machine.check(
            json!({"sql": "SELECT '99999999999999999999 \\\" 1' AS a, count(*) AS n FROM t"}),
            json!({"columns": ["a", "n"], "rows": [["99999999999999999999 \\\" 1", 1]]}),
        );
    }
}

#[test]
fn returning_gives_rows_and_changes() {
    let mut machine = Machine::start("sqlite::memory:");
    machine.check(json!({"script": "CREATE TABLE t (a INTEGER PRIMARY KEY)"}), json!({"ok": true}));
    machine.check(
        json!({"sql": "INSERT INTO t VALUES (7), (8) RETURNING a"}),
        json!({"columns": ["a"], "rows": [[7], [8]], "changes": 2, "last_insert_rowid": 8}),
    );
}

/// Runs a script in the mode for people.
fn script(url: &str, arguments: &[&str], text: &str) -> Output {
    let mut command = Command::new(SQLIFT);
    command.arg("shell").args(arguments).arg(url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The shell may stop at an error before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn check_script(text: &str, expected: &str) {
    for backend in backends() {
        let output = script(&backend.url, &[], text);
        let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(out, expected, "{} with {errors}", backend.url);
        assert!(output.status.success(), "{}: {errors}", backend.url);
    }
}

#[test]
fn scripts_run_statement_by_statement() {
    check_script(
        "CREATE TABLE t (a INTEGER,\n b TEXT); INSERT INTO t VALUES (1, 'x;y'), (2, NULL);\n\
         -- a comment; with a semicolon\n\
         SELECT a, b FROM t\n ORDER BY a; SELECT 'last' AS a",
        "1|x;y\n2|NULL\nlast\n",
    );
}

#[test]
fn rows_are_written_in_every_mode() {
    let select =
        "SELECT 1 AS id, 'Ada, \"A\"' AS name UNION ALL SELECT 22, '村上' UNION ALL SELECT 3, NULL ORDER BY 1;\n";
    for (mode, expected) in [
        ("list", "id|name\n1|Ada, \"A\"\n3|NULL\n22|村上\n"),
        ("csv", "id,name\n1,\"Ada, \"\"A\"\"\"\n3,\n22,村上\n"),
        ("column", "id  name\n--  --------\n 1  Ada, \"A\"\n 3  NULL\n22  村上\n"),
        (
            "table",
            "+----+----------+\n| id | name     |\n+----+----------+\n|  1 | Ada, \"A\" |\n|  3 | NULL     |\n| 22 | 村上     |\n+----+----------+\n",
        ),
        (
            "json",
            "[{\"id\":1,\"name\":\"Ada, \\\"A\\\"\"},\n{\"id\":3,\"name\":null},\n{\"id\":22,\"name\":\"村上\"}]\n",
        ),
        ("line", "  id = 1\nname = Ada, \"A\"\n\n  id = 3\nname = NULL\n\n  id = 22\nname = 村上\n"),
    ] {
        check_script(&format!(".mode {mode}\n.headers on\n{select}"), expected);
    }
}

#[test]
fn tables_and_their_statements_are_listed() {
    let create = "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x');\n\
                  CREATE INDEX person_name ON person (name);\nCREATE VIEW names AS SELECT name FROM person;\n";
    check_script(&format!("{create}.tables\n"), "names\nperson\n");
    for backend in backends() {
        let output = script(&backend.url, &[], &format!("{create}.schema PERS%\n.schema nothing\n"));
        let text = String::from_utf8(output.stdout).unwrap();
        // PostgreSQL tells its own statements.
        let text = text.to_lowercase();
        for part in ["create table person (", "primary key", "not null", "default 'x'", "create index person_name on "]
        {
            assert!(text.contains(part), "{}: {part} in {text}", backend.url);
        }
        assert!(!text.contains("create view"), "{text}");
    }
}

#[test]
fn errors_show_the_place_and_stop_a_script() {
    for backend in backends() {
        let text = "SELECT 'before';\n\nSELECT 1,\n  'è', nope\n  FROM (SELECT 1 AS a) AS s;\nSELECT 'after';\n";
        let place = "error: no such column: nope";
        let caret = "  --> stdin:4:8\n   |    'è', nope\n   |         ^^^^\n";
        for (arguments, expected) in [(&[][..], "before\n"), (&["--keep-going"][..], "before\nafter\n")] {
            let output = script(&backend.url, arguments, text);
            let errors = String::from_utf8(output.stderr).unwrap();
            assert!(errors.starts_with(place) && errors.contains(caret), "{}: {errors}", backend.url);
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{}", backend.url);
            assert_eq!(output.status.code(), Some(1));
        }
    }
}

#[test]
fn a_missing_table_is_pointed_at() {
    for backend in backends() {
        let output = script(&backend.url, &[], "SELECT 1\n  FROM nope;\n");
        let errors = String::from_utf8(output.stderr).unwrap();
        let expected = "  --> stdin:2:8\n   |    FROM nope\n   |         ^^^^\n";
        assert!(
            errors.starts_with("error: no such table: nope") && errors.contains(expected),
            "{}: {errors}",
            backend.url
        );
    }
}

#[test]
fn dot_commands_read_and_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let inner = file("inner.sql", "SELECT 'inner';\n");
    let outer = file("outer.sql", &format!(".read {inner}\nSELECT 'outer';\n"));
    let output = script("sqlite::memory:", &[], &format!(".read '{outer}'\nSELECT 'end';\n"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "inner\nouter\nend\n");

    let broken = file("broken.sql", "SELECT 1;\nSELECT nope;\n");
    let output = script("sqlite::memory:", &[], &format!(".read {broken}\nSELECT 'end';\n"));
    assert_eq!(output.status.code(), Some(1), "its error ends the script that read it");
    assert!(String::from_utf8(output.stderr).unwrap().contains(&format!("{broken}:2:8")));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1\n");

    let itself = folder.path().join("itself.sql").display().to_string();
    file("itself.sql", &format!(".read {itself}\n"));
    assert_eq!(script("sqlite::memory:", &[], &format!(".read {itself}\n")).status.code(), Some(1));

    let database = folder.path().join("app.db").display().to_string();
    let text = format!(
        ".open {database}\nCREATE TABLE t (a);\n.open sqlite::memory:\n.open {database}\n.tables\n.quit\nnonsense"
    );
    let output = script("sqlite::memory:", &[], &text);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "t\n");
    assert!(output.status.success());

    for (text, message) in
        [(".mode wrong\n", "usage: .mode"), (".nope\n", ".nope is not known"), (".read\n", "usage: .read FILE")]
    {
        let output = script("sqlite::memory:", &[], text);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(message) && output.status.code() == Some(1), "{errors}");
    }
}

#[test]
fn wrong_usage_and_wrong_urls_have_their_statuses() {
    let run = |arguments: &[&str]| Command::new(SQLIFT).args(arguments).stdin(Stdio::null()).output().unwrap();
    for arguments in [&["nope"][..], &["shell"], &["shell", "--json", "--keep-going", ":memory:"], &[]] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    for url in ["mysql://app:secret@db/x", "postgres://app:secret@127.0.0.1:1/x", "/nowhere/app.db"] {
        let output = run(&["shell", "--json", url]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.starts_with("sqlift: ") && !errors.contains("secret"), "{errors}");
    }
    let version = String::from_utf8(run(&["--version"]).stdout).unwrap();
    assert_eq!(version, format!("sqlift {} (SQLite {})\n", env!("CARGO_PKG_VERSION"), sqlift::version()));
}
