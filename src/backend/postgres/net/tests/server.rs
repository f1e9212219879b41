//! A PostgreSQL server for these tests alone: its own pg_hba.conf, roles and certificates.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::backend::postgres::net;
use crate::config::{Config, PostgresConfig};

pub struct Server {
    pub folder: PathBuf,
    pub port: u16,
    /// Ends the server and removes its folder when this process ends, however it does: the shell sees its stdin close.
    _keeper: Child,
}

/// pg_hba.conf: each role shows one kind of access.
const ACCESS: &str = "
local   all  all                   trust
host    all  secret   127.0.0.1/32 scram-sha-256
hostssl all  bound    127.0.0.1/32 scram-sha-256
hostssl all  tls      127.0.0.1/32 trust
hostnossl all plain   127.0.0.1/32 trust
hostssl all  certain  127.0.0.1/32 cert
host    all  postgres 127.0.0.1/32 trust
";

const SETTINGS: &str = "
fsync = off
max_connections = 40
listen_addresses = '127.0.0.1'
password_encryption = 'scram-sha-256'
ssl = on
ssl_cert_file = 'named.crt'
ssl_key_file = 'named.key'
ssl_ca_file = 'ca.crt'
log_destination = 'stderr'
";

/// The one server of this test run.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let folder = tempfile::Builder::new().prefix("sqlift-net-").tempdir().unwrap().keep();
    let data = folder.join("data");
    let owner = account();
    std::os::unix::fs::chown(&folder, owner.map(|(user, _)| user), owner.map(|(_, group)| group)).unwrap();
    let mut initdb = as_owner("initdb", owner);
    run(initdb
        .args(["-N", "-A", "trust", "-U", "postgres", "--no-instructions", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data));
    super::certificates::make(&folder);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let copy = data.join(path.file_name().unwrap());
            std::fs::copy(&path, &copy).unwrap();
            std::os::unix::fs::chown(&copy, owner.map(|(user, _)| user), owner.map(|(_, group)| group)).unwrap();
        }
    }
    std::fs::write(data.join("pg_hba.conf"), ACCESS).unwrap();
    std::fs::write(data.join("postgresql.conf"), SETTINGS).unwrap();
    // Freed at once; that another process takes it before the server does is unlikely enough for a test.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = r#""$1" -D "$2" -p "$3" -k "$4" >"$4/log" 2>&1 & cat >/dev/null; kill -QUIT $!; wait $!; rm -rf "$4""#;
    let mut keeper = as_owner("sh", owner);
    keeper.args(["-c", script, "sh"]).arg(program("postgres")).arg(&data).arg(port.to_string()).arg(&folder);
    // Apart from the terminal's signals, so that the clean-up outlives an interrupted test run.
    let keeper = keeper.process_group(0).stdin(Stdio::piped()).spawn().unwrap();
    let server = Server { folder, port, _keeper: keeper };
    let since = Instant::now();
    let (client, mut wire) = loop {
        match net::connect(&server.unix("")) {
            Ok(session) => break session,
            Err(error) if since.elapsed() > super::PATIENCE => {
                panic!("the test server does not start: {error}")
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let roles = "create role secret login password 'p:w\\d'; create role bound login password 'p:w\\d';
        create role tls login; create role plain login; create role certain login";
    wire.run(client.batch_execute(roles), None).unwrap().unwrap();
    server
}

impl Server {
    /// Through the Unix socket, with further keywords.
    pub fn unix(&self, more: &str) -> PostgresConfig {
        config(&format!("host={} port={} user=postgres {more}", self.folder.display(), self.port))
    }

    /// Through TCP, with further keywords.
    pub fn tcp(&self, more: &str) -> PostgresConfig {
        config(&format!("host=localhost hostaddr=127.0.0.1 port={} {more}", self.port))
    }
}

/// A keyword string without this user's environment; defaults to user and database postgres.
pub fn config(keywords: &str) -> PostgresConfig {
    let mut text = keywords.to_owned();
    for (key, value) in [
        ("user", "postgres"),
        ("dbname", "postgres"),
        ("passfile", "/nonexistent"),
        ("application_name", "sqlift-net"),
        ("connect_timeout", "20"),
    ] {
        if !keywords.contains(&format!("{key}=")) {
            text = format!("{text} {key}={value}");
        }
    }
    match Config::from_url_with(&text, &|_| None) {
        Ok(Config::Postgres(config)) => *config,
        other => panic!("{other:?}"),
    }
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// PostgreSQL refuses to run as root; the system's postgres user then runs it.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = accounts.lines().find(|line| line.starts_with("postgres:")).expect("root needs a user called postgres");
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

fn as_owner(name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(if name == "sh" { PathBuf::from(name) } else { program(name) });
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command.current_dir("/");
    command
}

fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.map(|version| version.unwrap().path().join("bin")));
    }
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| Path::exists(path));
    found.unwrap_or_else(|| panic!("these tests need PostgreSQL's {name} on PATH"))
}
