//! Where a server runs: a private folder with a short path, on memory when there is enough.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::account::Account;
use super::{Error, Result, cluster};

const PREFIX: &str = "sqlift-pg-";

/// A container's /dev/shm often has 64 MB, which the third test database would fill.
const ROOM: u64 = 512 << 20;

/// A socket's path fits 107 bytes on Linux and 103 on macOS.
const LONGEST_SOCKET: usize = 103;

/// Makes a new folder, owned by `owner` and private to it.
pub(super) fn create(owner: Option<Account>) -> Result<PathBuf> {
    let root = root(owner);
    sweep(&root);
    loop {
        let folder = root.join(format!("{PREFIX}{:08x}", super::unique() as u32));
        match cluster::make_folder(&folder, owner) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => continue,
            made => return made.map(|()| folder),
        }
    }
}

fn root(owner: Option<Account>) -> PathBuf {
    if let Some(given) = std::env::var_os("SQLIFT_RUN_DIR").filter(|given| !given.is_empty()) {
        return given.into();
    }
    let memory = Path::new("/dev/shm");
    if let Ok(found) = rustix::fs::statvfs(memory)
        && found.f_bavail.saturating_mul(found.f_frsize) >= ROOM
        && usable(memory, owner)
    {
        return memory.into();
    }
    let temporary = std::env::temp_dir();
    let socket = temporary.join(format!("{PREFIX}12345678/.s.PGSQL.5432"));
    if socket.as_os_str().len() <= LONGEST_SOCKET && usable(&temporary, owner) { temporary } else { "/tmp".into() }
}

/// Whether the server's account can come through to `folder` and write there.
fn usable(folder: &Path, owner: Option<Account>) -> bool {
    if owner.is_none() {
        return rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    }
    // Root makes the folder itself; the other account only has to get there.
    folder.ancestors().all(|part| fs::metadata(part).is_ok_and(|found| found.mode() & 0o001 != 0))
}

/// Removes what killed watchdogs left in `root`: folders whose control FIFO nobody reads.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !name.to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(found) = entry.metadata() else { continue };
        // Younger ones may be on their way up or down.
        let settled = found.modified().ok().and_then(|time| time.elapsed().ok()).is_some_and(|age| age > SETTLED);
        if settled && is_abandoned(&entry.path()) {
            stop_orphan(&entry.path());
            remove(&entry.path());
        }
    }
}

/// Removes a folder that the shell around the server may still write to: it notes how the server ended.
fn remove(folder: &Path) {
    for _ in 0..20 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => std::thread::sleep(Duration::from_millis(10)),
            _ => return,
        }
    }
}

const SETTLED: Duration = Duration::from_secs(10);

/// PostgreSQL ends processes that do not stop at once after five seconds.
const LONGEST_STOP: Duration = Duration::from_secs(6);

fn is_abandoned(folder: &Path) -> bool {
    let control = folder.join("control");
    match open_control(&control) {
        Ok(_) => false,
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => true,
        // Not ours to judge (another user's), or going down right now, unless it has been so for long.
        Err(error) => error.kind() == ErrorKind::NotFound && !folder.join("closing").exists(),
    }
}

/// Opens the write end, which makes us a user of the server.
///
/// # Errors
/// `ENXIO` when no watchdog reads it, `NotFound` when the watchdog is closing.
pub(super) fn open_control(control: &Path) -> std::io::Result<fs::File> {
    if !fs::symlink_metadata(control)?.file_type().is_fifo() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    fs::OpenOptions::new().write(true).custom_flags(flags).open(control)
}

/// Stops the server of an abandoned folder, if it still answers on its socket: only then is the pid surely its own.
fn stop_orphan(folder: &Path) {
    let socket = folder.join(".s.PGSQL.5432");
    if std::os::unix::net::UnixStream::connect(socket).is_err() {
        return;
    }
    if let Some(pid) = server_pid(folder) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        // It takes its file away last. A folder that it still writes to cannot be removed.
        let begun = Instant::now();
        while server_pid(folder) == Some(pid) && begun.elapsed() < LONGEST_STOP {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The pid of the server's first process, from the file that it keeps.
pub(super) fn server_pid(folder: &Path) -> Option<rustix::process::Pid> {
    pid_in(&fs::read_to_string(folder.join("data/postmaster.pid")).ok()?)
}

/// The pid in the text of that file.
pub(super) fn pid_in(text: &str) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}
