//! `sqlift translate`: what it prints where, and its exit status.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sqlift"))
        .arg("translate")
        .args(arguments)
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    // It may end without reading.
    let _ = child.stdin.take().expect("piped").write_all(input);
    let output = child.wait_with_output().expect("ends");
    Ran {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A folder with the files of the tests.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("writes");
    file("schema.sql", b"CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL, f BOOLEAN, s TEXT);\n");
    file(
        "queries.sql",
        b"-- first\nSELECT n FROM t WHERE s == 'a;b' ORDER BY n; -- behind\nSELECT f FROM t WHERE f = 1;\n",
    );
    file("refused.sql", b"SELECT 1;\n\nATTACH DATABASE 'old.db' AS archive;\nSELECT missing FROM t;\n");
    file("crlf.sql", b"\xef\xbb\xbfSELECT 1;\r\nSELECT \"x\r\n\" == 2,\r\n  missing;\r\n");
    file("empty.sql", b"");
    file("latin.sql", b"SELECT 1;\nSELECT '\xe4';\n");
    file("open.sql", b"SELECT 1; SELECT 'open");
    let conn = sqlift::Connection::open_sqlite(folder.path().join("app.db")).expect("opens");
    conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL, f BOOLEAN, s TEXT); CREATE VIEW v AS SELECT n AS m FROM t")
        .expect("creates");
    folder
}

/// (arguments, standard input, status, what standard output is, what standard error says)
type Case = (&'static [&'static str], &'static str, i32, &'static str, &'static [&'static str]);

#[test]
fn prints_sql_and_says_what_differs() {
    let folder = folder();
    let cases: &[Case] = &[
        (&["-c", "SELECT 1 == 2"], "", 0, "SELECT 1 = 2;\n", &[]),
        (
            &["--command", "SELECT 1", "-c", "SELECT 2 -- two"],
            "",
            0,
            "-- command\nSELECT 1;\n-- command\nSELECT 2;\n",
            &["2 accepted, 0 differ, 0 refused\n"],
        ),
        (&[], "SELECT 1;; SELECT 2", 0, "SELECT 1;\nSELECT 2;\n", &[]),
        (&["-"], "SELECT ?2, :a", 0, "SELECT $1, $2;\n", &[]),
        (&["empty.sql"], "", 0, "", &[]),
        (&[], "", 0, "", &[]),
        (
            &["--schema", "schema.sql", "queries.sql"],
            "",
            0,
            "-- first\nSELECT n FROM t WHERE s = 'a;b' ORDER BY n;\n-- behind\nSELECT f FROM t WHERE f = 1;\n",
            &[],
        ),
        (
            &["--schema", "schema.sql", "--types", "native", "-c", "SELECT f FROM t WHERE f = 1"],
            "",
            0,
            "SELECT f FROM t WHERE f = true;\n",
            &[],
        ),
        (
            &["--schema", "app.db", "-c", "SELECT m FROM v ORDER BY m"],
            "",
            0,
            "SELECT m FROM v ORDER BY m NULLS FIRST;\n",
            &[],
        ),
        (
            &["--schema", "sqlite:app.db", "--types=native", "-c", "SELECT rowid FROM t WHERE f"],
            "",
            0,
            "SELECT id FROM t WHERE f;\n",
            &[],
        ),
        // Files see the tables of those before them.
        (
            &["schema.sql", "queries.sql", "refused.sql", "empty.sql"],
            "",
            1,
            "",
            &[
                "--> refused.sql:3:17\n   |  ATTACH DATABASE 'old.db' AS archive;\n   |                  ^^^^^^^^\n  help: ",
                "error: no such column: missing\n  --> refused.sql:4:8\n",
                "\n3 accepted, 1 differ, 2 refused\n",
            ],
        ),
        (
            &["-c", "SELECT * FROM t"],
            "",
            1,
            "-- refused: no such table: t (command:1:15)\n",
            &["help: --schema FILE|URL"],
        ),
        // Lines end with CR LF, the file begins with a byte order mark.
        (
            &["crlf.sql"],
            "",
            1,
            "SELECT 1;\n-- refused: no such column: missing (crlf.sql:4:3)\n",
            &["--> crlf.sql:4:3\n   |    missing;\n   |    ^^^^^^^\n"],
        ),
        (
            &["open.sql"],
            "",
            1,
            "SELECT 1;\n-- refused: unrecognized token: \"'open\" (open.sql:1:18)\n",
            &["--> open.sql:1:18"],
        ),
        (
            &["-c", "CREATE TABLE a(x INTEGER PRIMARY KEY); SELECT rowid FROM a"],
            "",
            0,
            "",
            &["note: integer-primary-key (differs): "],
        ),
        (
            &["-c", "BEGIN IMMEDIATE; SAVEPOINT \"A b\"; ROLLBACK TO \"A b\"; RELEASE \"A b\"; END"],
            "",
            0,
            "BEGIN;\nSAVEPOINT \"a b\";\nROLLBACK TO SAVEPOINT \"a b\";\nRELEASE SAVEPOINT \"a b\";\nCOMMIT;\n",
            &[],
        ),
        (
            &["-c", "PRAGMA foreign_keys = ON"],
            "",
            0,
            "-- nothing to do on PostgreSQL: PRAGMA foreign_keys = ON\n",
            &["note: pragma-setting"],
        ),
        (
            &["-c", "SELECT last_insert_rowid()"],
            "",
            0,
            "SELECT $1;\n",
            &["note: $1 is last_insert_rowid(), which the connection gives"],
        ),
        (
            &["-c", "/* sqlift: native */ SELECT now() - interval '1 day', ?"],
            "",
            0,
            "/* sqlift: native */ SELECT now() - interval '1 day', $1;\n",
            &[],
        ),
        (
            &["-c", "SELECT strftime('%J', 'now')"],
            "",
            0,
            "",
            &["note: functions of schema sqlift are called: sqlift install URL"],
        ),
    ];
    let mut wrong = String::new();
    for (arguments, input, status, stdout, says) in cases {
        let ran = run_in(folder.path(), arguments, input.as_bytes());
        let right = ran.status == *status
            && (stdout.is_empty() && !says.is_empty() || ran.stdout == *stdout)
            && says.iter().all(|part| ran.stderr.contains(part))
            && (!says.is_empty() || ran.stderr.is_empty());
        if !right {
            wrong += &format!("{arguments:?}: status {}\n{}---\n{}\n", ran.status, ran.stdout, ran.stderr);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn wrong_usage_translates_nothing() {
    let folder = folder();
    let cases: &[(&[&str], &str)] = &[
        (&["queries.sql", "nosuch.sql"], "cannot read nosuch.sql: "),
        (&["latin.sql"], "the text is not UTF-8\n  --> latin.sql:2"),
        (&["--schema", "nosuch.db", "-c", "SELECT 1"], "cannot read nosuch.db: "),
        (&["--schema", "sqlite:nosuch.db", "-c", "SELECT 1"], "cannot read nosuch.db: "),
        (&["--schema", "open.sql", "-c", "SELECT 1"], "--> open.sql:1:18\n"),
        (&["--schema", "postgres://nobody@127.0.0.1:1/none", "-c", "SELECT 1"], "cannot connect to PostgreSQL"),
        (&["--types", "other", "-c", "SELECT 1"], "invalid value 'other'"),
        (&["--nonsense"], "unexpected argument"),
    ];
    for (arguments, says) in cases {
        let ran = run_in(folder.path(), arguments, b"");
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
    assert!(!folder.path().join("nosuch.db").exists());
}

#[test]
fn json_is_a_document_a_statement() {
    let folder = folder();
    let ran = run_in(folder.path(), &["--json", "schema.sql", "refused.sql"], b"");
    assert_eq!(ran.status, 1);
    let documents: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let outcomes: Vec<_> = documents.iter().map(|document| document["outcome"].as_str().expect("text")).collect();
    assert_eq!(outcomes, ["differs", "accepted", "refused", "refused"]);
    let [table, one, attach, _] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!(one["sql"], "SELECT 1");
    assert_eq!((&one["file"], &one["line"], &one["column"]), (&"refused.sql".into(), &1.into(), &1.into()));
    assert_eq!(one["error"], serde_json::Value::Null);
    let rules: Vec<_> = table["rules"].as_array().expect("an array").iter().filter_map(|rule| rule.as_str()).collect();
    assert!(rules.contains(&"integer-primary-key") && rules.contains(&"column-types"), "{rules:?}");
    let note = &table["notes"][0];
    assert_eq!((&note["rule"], &note["fidelity"]), (&"integer-primary-key".into(), &"differs".into()));
    assert!(note["why"].as_str().is_some_and(|why| !why.is_empty()), "{note}");
    let error = &attach["error"];
    assert_eq!(
        (&error["line"], &error["column"], &error["span"]),
        (&3.into(), &17.into(), &serde_json::json!([27, 35]))
    );
    assert!(error["message"].as_str().is_some_and(|message| message.contains("ATTACH")), "{error}");
    assert_eq!(attach["sql"], serde_json::Value::Null);
    assert!(ran.stderr.ends_with("1 accepted, 1 differ, 2 refused\n"), "{}", ran.stderr);
}

/// What it prints for a whole script runs on a server.
#[test]
fn the_output_is_a_script_for_postgresql() {
    let folder = folder();
    let database = sqlift::testing::database();
    sqlift::Connection::open_url(database.url())
        .and_then(|conn| conn.execute_batch("SELECT hex('a')"))
        .expect("installs");
    let script = "CREATE TABLE a(id INTEGER PRIMARY KEY, f BOOLEAN NOT NULL DEFAULT 0, s TEXT COLLATE NOCASE UNIQUE, d DATETIME);
        CREATE INDEX a_s ON a(s); CREATE VIEW b AS SELECT id, s || 'x' AS t FROM a;
        CREATE TRIGGER c AFTER INSERT ON a BEGIN UPDATE a SET d = datetime('now') WHERE id = NEW.id; END;
        BEGIN; INSERT INTO a(s) VALUES ('one;'), ('two'); COMMIT;
        INSERT OR IGNORE INTO a(s) VALUES ('ONE;'); -- the same
        ALTER TABLE a ADD COLUMN n INTEGER; UPDATE a SET n = id * 2; DELETE FROM a WHERE s = 'TWO';";
    for types in ["faithful", "native"] {
        let ran = run_in(folder.path(), &["--types", types, "-"], script.as_bytes());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let mut client = postgres::Client::connect(database.url(), postgres::NoTls).expect("connects");
        client.batch_execute(&format!("CREATE SCHEMA {types}; SET search_path = {types}")).expect("creates");
        client.batch_execute(&ran.stdout).unwrap_or_else(|error| panic!("{error:?}\n{}", ran.stdout));
        let row = client.query_one("SELECT count(*), max(n) FROM a", &[]).expect("reads");
        assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 2));
    }
    let ran = run_in(folder.path(), &["--schema", database.url(), "-c", "SELECT hex(?)"], b"");
    assert_eq!(ran.stdout, "SELECT sqlift.hex($1);\n", "{}", ran.stderr);
}
