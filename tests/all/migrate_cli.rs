//! `sqlift migrate` as scripts and deployments run it: many processes at once, killed ones, and what it prints.

use sqlift::{Backend, Connection};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn sqlift() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqlift"));
    command.env_remove("DATABASE_URL").env("SQLIFT_QUIET", "1").current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[track_caller]
fn run(args: &[&str]) -> Output {
    sqlift().arg("migrate").args(args).output().expect("the command line was built")
}

#[track_caller]
fn ok(args: &[&str]) -> String {
    let output = run(args);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

/// A fresh database of each kind.
fn on_each(test: impl Fn(&str, &Path)) {
    let dir = tempfile::tempdir().unwrap();
    test(&format!("sqlite:{}", dir.path().join("app.db").display()), dir.path());
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    test(database.url(), dir.path());
}

fn folder(dir: &Path, files: &[(&str, &str)]) -> PathBuf {
    let folder = dir.join("migrations");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[test]
fn twenty_starters_at_once() {
    on_each(|url, dir| {
        let start = || {
            let mut command = sqlift();
            command.args(["migrate", "up", "--url", url, "sql/migrations"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let starters: Vec<Child> = (0..20).map(|_| start()).collect();
        let mut applied = 0;
        for starter in starters {
            let output = starter.wait_with_output().unwrap();
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{url}: {out}{err}");
            match out.lines().last() {
                Some("11 files: the database is at version 11") => applied += 1,
                Some("nothing to apply: the database is at version 11") => {}
                other => panic!("{url}: {other:?} {err}"),
            }
        }
        assert_eq!(applied, 1, "{url}: one applies, the others find nothing left to do");
        let left: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("migrating")), "{left:?}");
    });
}

/// Enough work for a process to be killed in the middle of it.
const SLOW: &str = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 60000000) INSERT INTO a SELECT max(n) FROM c;";

/// Starts `migrate up`, and kills it -9 once `begun` says that it is at its slow statement.
fn kill_in_the_middle(url: &str, folder: &Path, begun: impl Fn() -> bool) {
    let mut command = sqlift();
    command.args(["migrate", "up", "--url", url]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + crate::support::PATIENCE;
    while !begun() {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "{url}: it never got there");
        std::thread::sleep(Duration::from_millis(10));
    }
    // Child::kill is SIGKILL on Unix.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether version 1 is in the history, as another connection sees it.
fn is_applied(url: &str) -> bool {
    let conn = Connection::open_url(url).unwrap();
    matches!(sqlift::migrate::current_version(&conn), Ok(Some(1)))
}

#[test]
fn a_killed_migration_is_done_by_the_next_start() {
    on_each(|url, dir| {
        let files = [("V1__a.sql", "CREATE TABLE a (n INTEGER);"), ("V2__b.sql", "CREATE TABLE b (n INTEGER);")];
        let slow = format!("{}{SLOW}", files[1].1);
        let folder = folder(dir, &[files[0], ("V2__b.sql", &slow)]);
        kill_in_the_middle(url, &folder, || {
            let there = is_applied(url);
            // Into the slow statement.
            std::thread::sleep(Duration::from_millis(if there { 200 } else { 0 }));
            there
        });
        let conn = Connection::open_url(url).unwrap();
        assert!(!conn.table_exists(None, "b").unwrap(), "{url}: nothing of a killed file stays");
        std::fs::write(folder.join("V2__b.sql"), files[1].1).unwrap();
        let out = ok(&["up", "--url", url, folder.to_str().unwrap()]);
        assert!(out.ends_with("1 file: the database is at version 2\n"), "{url}: {out}");
        assert_eq!(conn.query_row("SELECT count(*) FROM b", [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{url}");
    });
}

fn end_others(conn: &Connection) {
    if conn.backend() == Backend::Postgres {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        conn.native().query_row(sql, [], |_| Ok(())).unwrap();
    }
}

#[test]
fn a_file_without_a_transaction_that_was_killed_is_explained() {
    on_each(|url, dir| {
        let text = format!("-- no-transaction\nCREATE TABLE b (n INTEGER);\n{SLOW}\nINSERT INTO b VALUES (1);\n");
        let folder = folder(dir, &[("V1__a.sql", "CREATE TABLE a (n INTEGER);"), ("V2__b.sql", &text)]);
        kill_in_the_middle(url, &folder, || {
            let conn = Connection::open_url(url).unwrap();
            let sql = "SELECT statements_done FROM sqlift_migrations WHERE id = '2' AND state = 'running'";
            let there = conn.native().query_row(sql, [], |row| row.get::<_, i64>(0)).is_ok_and(|done| done == 1);
            std::thread::sleep(Duration::from_millis(if there { 200 } else { 0 }));
            there
        });
        let folder = folder.to_str().unwrap();
        let status = ok(&["status", "--url", url, folder]);
        assert!(status.contains("2  running"), "{status}");
        let refused = run(&["up", "--url", url, folder]);
        let err = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{err}");
        assert!(
            err.contains("an earlier attempt was killed at statement 2 of 3 of this file: it may have run or not"),
            "{err}"
        );
        assert!(err.contains("V2__b.sql:3:1") && err.contains("--interrupted done"), "{err}");
        ok(&["up", "--url", url, "--interrupted", "done", folder]);
        let conn = Connection::open_url(url).unwrap();
        assert_eq!(conn.query_row("SELECT count(*) FROM b", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    });
}

/// `CREATE INDEX CONCURRENTLY` killed in the middle, with its server process or without.
#[test]
fn an_index_that_was_being_built_is_there_after_the_next_start() {
    for with_server in [false, true] {
        let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
        let url = database.url();
        let files = [
            ("V1__a.sql", "CREATE TABLE a (n INTEGER, t TEXT);"),
            ("V2__i.sqlite.sql", "CREATE INDEX a_t ON a (t);"),
            ("V2__i.postgres.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY a_t ON a (t);"),
        ];
        let folder = folder(dir.path(), &files);
        ok(&["up", "--to", "1", "--url", url, folder.to_str().unwrap()]);
        let conn = Connection::open_url(url).unwrap();
        // Whoever reads makes the index wait for its end: it can be killed at leisure.
        let reader = Connection::open_url(url).unwrap();
        conn.native().execute_batch("INSERT INTO a SELECT n, n::text FROM generate_series(1, 1000) n").unwrap();
        reader.execute_batch("BEGIN").unwrap();
        reader.execute("UPDATE a SET n = 0 WHERE n = 1", []).unwrap();
        let invalid = || {
            let sql = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('a_t') AND NOT indisvalid";
            conn.native().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() == 1
        };
        kill_in_the_middle(url, &folder, invalid);
        if with_server {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'";
            conn.native().query_row(sql, [], |_| Ok(())).unwrap();
        }
        reader.execute_batch("COMMIT").unwrap();
        ok(&["up", "--url", url, folder.to_str().unwrap()]);
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_t'::regclass";
        assert!(conn.native().query_row(valid, [], |row| row.get::<_, bool>(0)).unwrap());
        assert_eq!(sqlift::migrate::current_version(&conn).unwrap(), Some(2));
    }
}

#[test]
fn whoever_waits_too_long_is_told_for_whom() {
    let database = sqlift::testing::database();
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), &[("V1__a.sql", "CREATE TABLE a (n INTEGER);"), ("V2__b.sql", SLOW)]);
    let mut command = sqlift();
    command.args(["migrate", "up", "--url", database.url()]).arg(&folder).stdout(Stdio::null());
    let mut first = command.spawn().unwrap();
    while !is_applied(database.url()) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = run(&["up", "--url", database.url(), "--lock-timeout", "0", folder.to_str().unwrap()]);
    let err = String::from_utf8(second.stderr).unwrap();
    assert!(err.contains("process ") && err.contains("is migrating this database and did not end within 0 s"), "{err}");
    first.kill().unwrap();
    first.wait().unwrap();
    end_others(&Connection::open_url(database.url()).unwrap());
}

#[test]
fn commands_in_sequence() {
    on_each(|url, dir| {
        let files = [("V1__tag.sql", "CREATE TABLE tag (name TEXT);"), ("V1__tag.down.sql", "DROP TABLE tag;")];
        let folder = folder(dir, &files);
        let path = folder.to_str().unwrap();
        let line = format!("{path}/V1__tag.sql");
        assert_eq!(ok(&["plan", "--url", url, path]), format!("{line}: 1 statement, in a transaction\n"));
        assert_eq!(ok(&["plan", "--sql", "--url", url, path]).lines().last(), Some("CREATE TABLE tag (name TEXT);"));
        assert_eq!(run(&["status", "--check", "--url", url, path]).status.code(), Some(1));
        assert!(ok(&["up", "--url", url, path]).starts_with(&format!("applied {line} (")));
        let status = ok(&["status", "--check", "--url", url, path]);
        assert!(status.ends_with("the database is at version 1, nothing is pending\n"), "{status}");
        let status: serde_json::Value = serde_json::from_str(&ok(&["status", "--json", "--url", url, path])).unwrap();
        assert_eq!((&status["version"], &status["current"]), (&1.into(), &true.into()), "{status}");
        let up: serde_json::Value = serde_json::from_str(&ok(&["up", "--json", "--url", url, path])).unwrap();
        assert_eq!(up["applied"].as_array().map(Vec::len), Some(0), "{up}");
        assert!(ok(&["new", "add colour", path]).ends_with("V2__add_colour.sql\n"));
        std::fs::write(folder.join("V2__add_colour.sql"), "ALTER TABLE nowhere ADD COLUMN colour TEXT").unwrap();
        let failed = run(&["up", "--json", "--url", url, path]);
        let error: serde_json::Value = serde_json::from_slice(&failed.stdout).unwrap();
        assert_eq!((&error["error"]["kind"], &error["error"]["line"]), (&"Failed".into(), &1.into()), "{error}");
        std::fs::remove_file(folder.join("V2__add_colour.sql")).unwrap();
        assert!(ok(&["down", "--url", url, path]).contains("V1__tag.down.sql"));
        let left: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("migrating")), "{left:?}");
        let elsewhere = sqlift().args(["migrate", "up"]).current_dir(dir).output().unwrap();
        assert_eq!(elsewhere.status.code(), Some(1), "no database was named");
        assert_eq!(run(&["up", "--nonsense"]).status.code(), Some(2));
    });
}

#[test]
fn check_on_the_projects_own_sets() {
    let database = sqlift::testing::database();
    let check = |dir: &str| {
        let mut command = sqlift();
        command.env("DATABASE_URL", database.url()).args(["migrate", "check", dir]).output().unwrap()
    };
    let output = check("sql/migrations");
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(out, "no difference: 11 versions give the same schema on SQLite and PostgreSQL\n");
    assert!(output.status.success());
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(
        dir.path(),
        &[("V1__a.sqlite.sql", "CREATE TABLE a (n INTEGER)"), ("V1__a.postgres.sql", "CREATE TABLE a (n text)")],
    );
    let output = check(folder.to_str().unwrap());
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.starts_with("table a, column n: type\n  SQLite     INTEGER\n") && out.ends_with("1 difference\n"),
        "{out}"
    );
    assert_eq!(output.status.code(), Some(1));
}
