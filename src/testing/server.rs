//! One temporary server: its folder, its watchdog, its settings.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use super::{Doing, Error, Result, TempPostgresOptions, account, binaries, cluster, folder};

const WATCHDOG: &str = include_str!("watchdog.sh");

/// A server that takes longer than this to start will not start.
pub(super) const START: Duration = Duration::from_secs(60);

/// Settings of every server. Nothing is synced: a test's data need not outlive the machine's power.
const SETTINGS: &str = "\
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
jit = off
shared_buffers = 16MB
max_connections = 200
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = off
log_destination = 'stderr'
# A server that is killed leaves nothing outside its folder.
dynamic_shared_memory_type = mmap
max_wal_size = 1GB
unix_socket_permissions = 0777
";

/// A running server and our hold on it: while `control` is open, the server runs.
#[derive(Debug)]
pub(super) struct Server {
    pub folder: PathBuf,
    pub control: File,
    /// The loopback port, for servers without a Unix socket.
    pub port: Option<u16>,
}

/// A started server with what only its starter has: the watchdog itself and its answers.
pub(super) struct Launched {
    pub server: Server,
    pub watchdog: Child,
    pub answers: BufReader<ChildStdout>,
}

impl Server {
    /// The URL of one of its databases: no spaces, no quotes.
    pub fn url(&self, name: &str) -> String {
        match self.port {
            Some(port) => format!("postgresql://postgres@127.0.0.1:{port}/{name}"),
            None => format!("postgresql://postgres@/{name}?host={}", escape(&self.folder)),
        }
    }

    pub fn log_tail(&self) -> String {
        log_tail(&self.folder)
    }

    /// What to say about a server that is kept.
    pub fn kept_note(&self, url: &str) -> String {
        let stop = folder::server_pid(&self.folder).map(|pid| format!("kill {}", pid.as_raw_nonzero()));
        format!("sqlift: kept {url}\n  stop the server with: {}", stop.unwrap_or_else(|| "(it has ended)".into()))
    }
}

/// Starts a server. `grace` is how long it waits for a further user when the last one has gone.
pub(super) fn launch(options: &TempPostgresOptions, grace: Duration) -> Result<Launched> {
    let programs = binaries::find()?;
    let owner = account::unprivileged()?;
    let folder = folder::create(owner)?;
    let control = folder.join("control");
    make_fifo(&control)?;
    let owned = |path: &Path| match owner {
        Some(owner) => {
            chown(path, Some(owner.uid), Some(owner.gid)).doing(|| format!("cannot hand over {}", path.display()))
        }
        None => Ok(()),
    };
    owned(&control)?;

    // A reader must be there before a writer can open; the watchdog's reads shall then wait, so the flag goes again.
    let nonblocking = rustix::fs::OFlags::NONBLOCK;
    let read_end = {
        use std::os::unix::fs::OpenOptionsExt;
        let opened = fs::OpenOptions::new().read(true).custom_flags(nonblocking.bits() as i32).open(&control);
        opened.doing(|| format!("cannot open {}", control.display()))?
    };
    let write_end = folder::open_control(&control).doing(|| format!("cannot open {}", control.display()))?;
    rustix::fs::fcntl_setfl(&read_end, rustix::fs::OFlags::empty()).doing(|| "cannot set up the watchdog".into())?;

    // The watchdog comes first: if we are killed while the cluster is being made, it removes the folder.
    let mut command = cluster::command(Path::new("/bin/sh"), owner, Path::new("/"));
    command.arg("-c").arg(WATCHDOG).arg("sqlift-watchdog").arg(&folder).arg(programs.join("postgres"));
    command.arg(format!("{:.1}", grace.as_secs_f32()).replace("0.0", "0"));
    command.arg(if super::keeps() { "keep" } else { "" });
    {
        use std::os::unix::process::CommandExt;
        // Ctrl-C reaches the terminal's foreground group; the server ends after its users, not with them.
        command.process_group(0);
    }
    command.stdin(Stdio::from(read_end)).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut watchdog = command.spawn().doing(|| "cannot run sh, which watches over the server".into())?;
    // The command still holds the read end; with it we would never see a dead watchdog.
    drop(command);
    let answers = BufReader::new(watchdog.stdout.take().expect("its output is piped"));
    let mut launched = Launched { server: Server { folder, control: write_end, port: None }, watchdog, answers };

    let folder = launched.server.folder.clone();
    let data = folder.join("data");
    cluster::prepare(&programs, &data, owner)?;
    if let Some(hba) = &options.hba {
        write_owned(&data.join("pg_hba.conf"), hba, &owned)?;
    }
    File::create(folder.join("log")).doing(|| "cannot make the log".into())?;
    owned(&folder.join("log"))?;
    // Between finding a free port and the server's use of it, another program may take it.
    for attempts_left in (0..5).rev() {
        if options.tcp {
            launched.server.port = Some(free_port()?);
        }
        let settings = settings(&folder, launched.server.port, options);
        write_owned(&data.join("postgresql.conf"), &settings, &owned)?;
        match launched.start() {
            Err(Error::Server { log, .. }) if options.tcp && attempts_left > 0 && log.contains("could not bind") => {}
            started => return started.map(|()| launched),
        }
    }
    unreachable!("the last attempt returns")
}

#[cfg(not(target_vendor = "apple"))]
fn make_fifo(path: &Path) -> Result<()> {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).doing(|| format!("cannot make {}", path.display()))
}

/// rustix 1 has no mkfifo for macOS; the command is POSIX's.
#[cfg(target_vendor = "apple")]
fn make_fifo(path: &Path) -> Result<()> {
    let mut command = cluster::command(Path::new("mkfifo"), None, Path::new("/"));
    let made = command.args(["-m", "600"]).arg(path).status().doing(|| "cannot run mkfifo".into())?;
    if made.success() {
        return Ok(());
    }
    Err(Error::Server { what: format!("cannot make {}", path.display()), log: String::new() })
}

impl Launched {
    /// Gives the watchdog an order and waits until it is done.
    pub fn order(&mut self, order: &str) -> Result<()> {
        let mut answer = String::new();
        let asked = self.server.control.write_all(format!("{order}\n").as_bytes());
        asked.and_then(|()| self.answers.read_line(&mut answer)).doing(|| format!("the watchdog did not {order}"))?;
        if answer.trim() == "ok" {
            return Ok(());
        }
        Err(Error::Server { what: format!("the watchdog did not {order}"), log: self.server.log_tail() })
    }

    /// Starts the server and waits until it takes connections.
    pub fn start(&mut self) -> Result<()> {
        let folder = self.server.folder.clone();
        let before = folder::server_pid(&folder);
        self.order("start")?;
        let begun = Instant::now();
        let file = folder.join("data/postmaster.pid");
        loop {
            // Its eighth line says whether the server takes connections (PostgreSQL 10 and later).
            let text = fs::read_to_string(&file).unwrap_or_default();
            // One reading gives both: a killed server's file still says ready until its successor replaces it.
            let is_ready = text.lines().nth(7).is_some_and(|state| state.trim() == "ready");
            if is_ready && folder::pid_in(&text) != before {
                return Ok(());
            }
            if folder.join("exited").exists() || begun.elapsed() > START {
                let log = self.server.log_tail();
                return Err(Error::Server { what: "the temporary PostgreSQL did not start".into(), log });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn settings(folder: &Path, port: Option<u16>, options: &TempPostgresOptions) -> String {
    let mut text = String::from(SETTINGS);
    match port {
        Some(port) => {
            text.push_str(&format!("listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n"))
        }
        None => {
            let socket = folder.display().to_string().replace('\'', "''");
            text.push_str(&format!("listen_addresses = ''\nport = 5432\nunix_socket_directories = '{socket}'\n"));
        }
    }
    for (name, value) in &options.settings {
        text.push_str(&format!("{name} = '{}'\n", value.replace('\'', "''")));
    }
    text
}

fn write_owned(path: &Path, text: &str, owned: &impl Fn(&Path) -> Result<()>) -> Result<()> {
    fs::write(path, text).doing(|| format!("cannot write {}", path.display()))?;
    owned(path)
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    listener.and_then(|listener| listener.local_addr()).map(|address| address.port()).doing(|| "no free port".into())
}

/// Percent-escapes what a URL's query cannot hold.
fn escape(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut escaped = String::new();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte as char),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

pub(super) fn log_tail(folder: &Path) -> String {
    let log = fs::read(folder.join("log")).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
