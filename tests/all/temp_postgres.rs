//! Temporary PostgreSQL: quick, shared, fresh databases, and nothing left behind however its user ends.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use sqlift::testing::{TempPostgres, database, template};

use crate::support;

fn connect(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap_or_else(|error| panic!("{url}: {error:?}"))
}

fn one(url: &str, sql: &str) -> String {
    connect(url).query_one(sql, &[]).unwrap().get(0)
}

/// The folder that a URL of ours names as its socket's.
fn folder_of(url: &str) -> PathBuf {
    url.split_once("?host=").unwrap_or_else(|| panic!("no folder in {url}")).1.into()
}

/// Waits until nothing is left of a server.
#[track_caller]
fn goes(folder: &Path, pid: &str) {
    support::until(&format!("{} and server {pid} go", folder.display()), || is_gone(folder, pid));
}

fn is_gone(folder: &Path, pid: &str) -> bool {
    // A zombie that nobody reaps is dead as well.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let running = state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'));
    !folder.exists() && !running
}

fn server_pid(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().to_owned()
}

/// Runs one of this file's ignored tests, a scenario, in a process of its own.
fn scenario(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("temp_postgres::{name}"), "--ignored", "--nocapture", "--test-threads=1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    command.env_remove("TEST_DATABASE_URL").env_remove("SQLIFT_KEEP");
    command
}

/// The URLs of the private and the shared server that a scenario prints.
fn told(child: &mut Child) -> [String; 2] {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    for line in lines {
        if let Some((_, urls)) = line.unwrap().split_once("urls=") {
            let (own, shared) = urls.split_once(' ').unwrap();
            return [own.to_owned(), shared.to_owned()];
        }
    }
    let mut errors = String::new();
    child.stderr.as_mut().unwrap().read_to_string(&mut errors).unwrap();
    panic!("the scenario did not tell its servers: {errors}")
}

#[test]
fn settings_are_those_of_a_sqlite_program() {
    let database = database();
    for (setting, expected) in [
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("jit", "off"),
        ("fsync", "off"),
        ("autovacuum", "off"),
        ("listen_addresses", ""),
    ] {
        assert_eq!(one(database.url(), &format!("SHOW {setting}")), expected, "{setting}");
    }
    let sql = "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = current_database()";
    assert_eq!(one(database.url(), sql), "C C");
    assert!(!database.url().contains([' ', '\'', '"']), "{}", database.url());
}

#[test]
fn databases_are_apart_and_dropped() {
    let (first, second) = (database(), database());
    connect(first.url()).batch_execute("CREATE TABLE t (a int)").unwrap();
    connect(second.url()).batch_execute("CREATE TABLE t (b int)").unwrap();
    let name = first.name().to_owned();
    // A connection that is still open does not stop the drop.
    let _open = connect(first.url());
    drop(first);
    let sql = format!("SELECT count(*)::text FROM pg_database WHERE datname = '{name}'");
    assert_eq!(one(second.url(), &sql), "0");
}

#[test]
fn the_compat_schema_is_there_unless_bare() {
    let sql = "SELECT (to_regprocedure('sqlift.version()') IS NOT NULL)::text";
    assert_eq!(one(database().url(), sql), "true");
    assert_eq!(one(sqlift::testing::bare_database().unwrap().url(), sql), "false");
}

#[test]
fn a_template_is_prepared_once() {
    let key = format!("a_template_is_prepared_once {}", std::process::id());
    let mut times = 0;
    for _ in 0..2 {
        let template = template(&key, |url| {
            times += 1;
            connect(url).batch_execute("CREATE TABLE t AS SELECT 'prepared' AS a").unwrap();
        });
        let database = template.unwrap().database().unwrap();
        assert_eq!(one(database.url(), "SELECT a FROM t"), "prepared");
    }
    assert_eq!(times, 1);

    let key = format!("{key} panics");
    let panicked = std::panic::catch_unwind(|| template(&key, |_| panic!("the preparation fails")).map(|_| ()));
    assert!(panicked.is_err());
    template(&key, |url| connect(url).batch_execute("CREATE TABLE t (a int)").unwrap()).unwrap().database().unwrap();
}

#[test]
fn works_inside_an_async_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(async {
        let database = database();
        template("works_inside_an_async_runtime", |_| {}).unwrap();
        database.url().to_owned()
    });
    assert!(url.starts_with("postgresql://"));
}

#[test]
fn a_server_of_ones_own_stops_with_its_handle() {
    let server = TempPostgres::start().unwrap();
    let folder = folder_of(server.url());
    let pid = server_pid(&folder);
    let url = server.database("mine").unwrap();
    assert_eq!(server.database("mine").unwrap(), url, "it is there already");
    assert_eq!(one(&url, "SELECT current_database()::text"), "mine");
    drop(server);
    assert!(is_gone(&folder, &pid), "without waiting any more");
}

#[test]
fn killed_and_stopped_servers_come_back_with_their_data() {
    let server = TempPostgres::start().unwrap();
    let mut client = connect(server.url());
    client.batch_execute("CREATE TABLE t AS SELECT 'kept' AS a; CHECKPOINT").unwrap();
    server.restart().unwrap();
    assert!(client.simple_query("SELECT 1").is_err(), "the old session has ended");
    assert_eq!(one(server.url(), "SELECT a FROM t"), "kept");

    let mut busy = connect(server.url());
    let sleeper = std::thread::spawn(move || busy.batch_execute("SELECT pg_sleep(60)").is_err());
    std::thread::sleep(Duration::from_millis(100));
    server.kill_server().unwrap();
    assert!(sleeper.join().unwrap(), "its session died with it");
    assert!(Client::connect(server.url(), NoTls).is_err());
    server.restart().unwrap();
    assert_eq!(one(server.url(), "SELECT a FROM t"), "kept");

    let folder = folder_of(server.url());
    server.kill_server().unwrap();
    server.stop().unwrap();
    assert!(!folder.exists());
}

#[test]
fn a_port_can_be_asked_for() {
    let server = TempPostgres::options().tcp().setting("work_mem", "5MB").start().unwrap();
    assert!(server.url().starts_with("postgresql://postgres@127.0.0.1:"), "{}", server.url());
    assert_eq!(one(server.url(), "SHOW work_mem"), "5MB");
}

#[test]
fn a_server_that_does_not_start_shows_its_log() {
    let error = TempPostgres::options().setting("shared_buffers", "many").start().unwrap_err().to_string();
    assert!(error.contains("did not start"), "{error}");
    assert!(error.contains("shared_buffers") && error.contains("many"), "{error}");
}

#[test]
fn two_thousand_errors_in_a_row_do_not_stall_it() {
    let server = TempPostgres::start().unwrap();
    let mut client = connect(server.url());
    for number in 0..2_000 {
        assert!(client.batch_execute(&format!("SELECT missing_{number}")).is_err());
    }
    assert!(server.log_tail().contains("missing_1999"), "{}", server.log_tail());
}

/// Prints its server's URL, then ends as it is told to.
#[test]
#[ignore = "a scenario: other tests run it in a process of its own"]
fn scenario_user() {
    let shared = database();
    let mine = TempPostgres::start().unwrap();
    println!("\nurls={} {}", mine.url(), shared.url());
    match std::env::var("SCENARIO").unwrap().as_str() {
        "panic" => panic!("as the scenario wants"),
        "end" => {}
        // Until it is killed.
        _ => std::thread::sleep(support::PATIENCE),
    }
}

#[test]
fn nothing_is_left_after_panic_end_and_kill() {
    for way in ["panic", "end", "kill -9"] {
        // A cache of its own makes its shared server its own.
        let cache = tempfile::tempdir().unwrap();
        let mut child =
            scenario("scenario_user").env("SCENARIO", way).env("SQLIFT_CACHE_DIR", cache.path()).spawn().unwrap();
        let folders = told(&mut child).map(|url| folder_of(&url));
        if way == "kill -9" {
            let pids = folders.each_ref().map(|folder| server_pid(folder));
            child.kill().unwrap();
            for (folder, pid) in folders.iter().zip(&pids) {
                goes(folder, pid);
            }
        } else {
            child.wait().unwrap();
            folders.iter().for_each(|folder| goes(folder, "none"));
        }
        child.wait().unwrap();
    }
}

#[test]
fn processes_share_one_server_until_the_last_has_gone() {
    let cache = tempfile::tempdir().unwrap();
    let start =
        || scenario("scenario_user").env("SCENARIO", "wait").env("SQLIFT_CACHE_DIR", cache.path()).spawn().unwrap();
    let (mut first, mut second) = (start(), start());
    let urls = [&mut first, &mut second].map(|child| told(child)[1].clone());
    assert_ne!(urls[0], urls[1], "each has a database of its own");
    let folder = folder_of(&urls[0]);
    assert_eq!(folder, folder_of(&urls[1]), "on one server");
    let pid = server_pid(&folder);
    first.kill().unwrap();
    first.wait().unwrap();
    std::thread::sleep(Duration::from_millis(800));
    connect(&urls[1]);
    // The next test process may come a moment later: the server waits for it. Where the machine is busy with something else that
    // may be a moment too late.
    let (mut user, mut folder, mut pid, mut url) = (second, folder, pid, urls[1].clone());
    let mut waits = false;
    for _ in 0..8 {
        user.kill().unwrap();
        user.wait().unwrap();
        waits = Client::connect(&url, NoTls).is_ok();
        user = start();
        url = told(&mut user)[1].clone();
        connect(&url);
        if folder_of(&url) != folder {
            goes(&folder, &pid);
            (folder, pid) = (folder_of(&url), server_pid(&folder_of(&url)));
        }
        if waits {
            break;
        }
    }
    assert!(waits, "the server does not wait for the next one");
    user.kill().unwrap();
    user.wait().unwrap();
    goes(&folder, &pid);
}

#[test]
#[ignore = "a scenario: another test runs it in a process of its own"]
fn scenario_dead_server() {
    let first = database();
    let pid = server_pid(&folder_of(first.url()));
    assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    let second = database();
    assert_ne!(folder_of(first.url()), folder_of(second.url()));
    connect(second.url());
}

#[test]
fn a_shared_server_that_has_died_is_replaced() {
    let cache = tempfile::tempdir().unwrap();
    let output = scenario("scenario_dead_server").env("SQLIFT_CACHE_DIR", cache.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn keep_keeps_and_says_how_to_stop() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = scenario("scenario_user");
    command.env("SCENARIO", "end").env("SQLIFT_KEEP", "1").env("SQLIFT_CACHE_DIR", cache.path());
    let mut child = command.spawn().unwrap();
    let urls = told(&mut child);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    std::thread::sleep(Duration::from_millis(1_000));
    for url in &urls {
        assert!(errors.contains(&format!("kept {url}")), "{errors}");
        connect(url);
        let folder = folder_of(url);
        let pid = server_pid(&folder);
        assert!(errors.contains(&format!("kill {pid}")), "{errors}");
        assert!(Command::new("sh").args(["-c", &format!("kill {pid}")]).status().unwrap().success());
        goes(&folder, &pid);
    }
}

#[test]
fn a_given_server_is_used_with_databases_of_unique_names() {
    let server = TempPostgres::start().unwrap();
    let mut child =
        scenario("scenario_user").env("SCENARIO", "wait").env("TEST_DATABASE_URL", server.url()).spawn().unwrap();
    let url = told(&mut child)[1].clone();
    assert_eq!(folder_of(&url), folder_of(server.url()));
    assert!(url.contains("/sqlift_test_"), "{url}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn missing_programs_are_one_message() {
    let output = scenario("scenario_user").env("SCENARIO", "end").env("SQLIFT_PG_BIN", "/nowhere").output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("looked in /nowhere") || text.contains("/nowhere"), "{text}");
}

/// A cluster is made once, and copied for each server; a test's database is a copy on a server that runs. What each of them takes
/// is compared to the next longer one, for as long as it takes a busy machine to show it.
#[test]
fn starts_and_clones_are_quick() {
    let time = |job: &dyn Fn()| {
        let begun = Instant::now();
        job();
        begun.elapsed()
    };
    let cache = tempfile::tempdir().unwrap();
    std::fs::set_permissions(cache.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let start = |folder: &str| {
        let cache = cache.path().join(folder);
        time(&|| assert!(sqlift(&["--", "true"]).env("SQLIFT_CACHE_DIR", &cache).status().unwrap().success()))
    };
    drop(database());
    let clone = || {
        time(&|| {
            let database = database();
            one(database.url(), "SELECT 'x'");
        })
    };
    let mut times = Vec::new();
    let is_quick = (0..8).any(|round| {
        let folder = round.to_string();
        let (first, next, clone) = (start(&folder), start(&folder), clone());
        times.push((first, next, clone));
        first > next && next > clone
    });
    assert!(is_quick, "first starts, the next ones, databases for a test: {times:?}");
}

/// The command line's server.
fn sqlift(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqlift"));
    command.arg("temp-postgres").args(arguments).env_remove("SQLIFT_KEEP");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_command_gets_the_url_and_gives_its_status() {
    for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 128 + 9), ("kill -TERM $$", 128 + 15)] {
        let output = sqlift(&["--", "sh", "-c", &format!("echo $DATABASE_URL; {script}")]).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{script}");
        let url = String::from_utf8(output.stdout).unwrap();
        assert!(url.starts_with("postgresql://") && !url.trim().contains([' ', '\'', '"']), "{url}");
        assert!(!folder_of(url.trim()).exists(), "gone before the command ends");
    }
    let output = sqlift(&["--", "/nowhere/program"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("sqlift: cannot run /nowhere/program"));
    let output = sqlift(&["--", "true"]).env("SQLIFT_PG_BIN", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("apt-get install postgresql"));
}

#[test]
fn signals_reach_the_command() {
    let script = "trap 'echo caught; exit 3' TERM; echo ready $DATABASE_URL; while :; do sleep 0.05; done";
    let mut child = sqlift(&["--", "sh", "-c", script]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().split_once(' ').unwrap().1.to_owned();
    connect(&url);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(lines.next().unwrap().unwrap(), "caught");
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(!folder_of(&url).exists());
}

#[test]
fn without_a_command_it_serves_until_told() {
    for way in ["end of input", "-INT", "-TERM", "-KILL"] {
        let mut child = sqlift(&[]).stdin(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let folder = folder_of(url.trim());
        let pid = server_pid(&folder);
        connect(url.trim());
        match way {
            "end of input" => drop(child.stdin.take()),
            signal => assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success()),
        }
        let status = child.wait().unwrap();
        assert_eq!(status.code(), if way == "-KILL" { None } else { Some(0) }, "{way}");
        goes(&folder, &pid);
    }
    let mut child = sqlift(&["--tcp"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(url.contains("@127.0.0.1:"), "{url}");
    connect(url.trim());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

/// What even a killed watchdog leaves goes when the next server starts.
#[test]
#[cfg(target_os = "linux")]
fn the_next_start_sweeps_what_a_killed_watchdog_left() {
    use std::os::unix::fs::PermissionsExt;
    let run = tempfile::tempdir().unwrap();
    std::fs::set_permissions(run.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut user = sqlift(&[]).stdin(Stdio::piped()).env("SQLIFT_RUN_DIR", run.path()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(user.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let folder = folder_of(url.trim());
    assert!(folder.starts_with(run.path()), "{url}");
    let server = server_pid(&folder);
    let parent = |pid: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    let watchdog = parent(&parent(&server));
    assert!(Command::new("kill").args(["-9", &watchdog]).status().unwrap().success());
    user.kill().unwrap();
    user.wait().unwrap();
    connect(url.trim());

    // Only what has lain there for a while is taken for abandoned, however long this test has taken so far.
    let lies_since = |time| std::fs::File::open(&folder).unwrap().set_modified(time).unwrap();
    lies_since(std::time::SystemTime::now() + Duration::from_secs(3_600));
    let start = || assert!(sqlift(&["--", "true"]).env("SQLIFT_RUN_DIR", run.path()).status().unwrap().success());
    start();
    connect(url.trim());
    lies_since(std::time::SystemTime::now() - Duration::from_secs(60));
    start();
    goes(&folder, &server);
}

/// Only root can try both accounts.
#[test]
fn runs_as_root_and_as_others() {
    if !is_root() {
        println!("SKIPPED: not root, so that only the unprivileged half is tried");
        drop(TempPostgres::start().unwrap());
        return;
    }
    let server = TempPostgres::start().unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(server.data_folder()).unwrap());
    assert_ne!(owner, 0, "PostgreSQL does not run as root");
    // The same program as an unprivileged user, with a copy that this user may run.
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let program = folder.path().join("sqlift");
    std::fs::copy(env!("CARGO_BIN_EXE_sqlift"), &program).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new(&program);
    command.args(["temp-postgres", "--", "sh", "-c", "echo $DATABASE_URL; id -u"]).current_dir("/");
    command
        .env("HOME", folder.path())
        .env_remove("XDG_CACHE_HOME")
        .env_remove("SQLIFT_CACHE_DIR")
        .uid(owner)
        .gid(owner);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.ends_with(&format!("\n{owner}\n")), "{text}{:?}", output.stderr);
    assert!(folder.path().join(".cache/sqlift").exists() || cfg!(target_os = "macos"), "the cluster is cached");
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}
