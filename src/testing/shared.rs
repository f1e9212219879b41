//! The server that all test processes of a user share: the first one starts it, the last one out ends it.
//!
//! A file per kind of server, under a lock, names the folder of the running one. Whoever holds the write end of its
//! FIFO uses it; when the last has gone, the watchdog waits [`GRACE`] for the next test process and then ends.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::server::{Server, launch};
use super::{Doing, Error, Result, TempPostgresOptions, binaries, cluster, folder};

/// Between two test processes; a kill -9 leaves nothing after a second.
const GRACE: Duration = Duration::from_millis(400);

/// Ours: held until the process ends.
static SHARED: Mutex<Option<Server>> = Mutex::new(None);

/// Gives `job` the shared server, attaching to it or starting it when this process has not yet done so.
pub(super) fn with_server<T>(job: impl FnOnce(&Server) -> T) -> Result<T> {
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if shared.is_none() {
        *shared = Some(attach()?);
    }
    Ok(job(shared.as_ref().expect("attached above")))
}

/// Attaches anew when the shared server has died; says whether it had.
pub(super) fn replace_dead() -> Result<bool> {
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let dead = shared.as_ref().is_some_and(|server| !is_alive(server));
    if dead {
        // Its folder is its watchdog's to remove.
        *shared = None;
        *shared = Some(attach()?);
    }
    Ok(dead)
}

fn is_alive(server: &Server) -> bool {
    std::os::unix::net::UnixStream::connect(server.folder.join(".s.PGSQL.5432")).is_ok()
}

fn attach() -> Result<Server> {
    let meeting = meeting_folder()?;
    let programs = binaries::find()?;
    let name = format!("{}-{}", env!("CARGO_PKG_VERSION"), cluster::key(&programs));
    let lock_path = meeting.join(format!("lock-{name}"));
    let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let lock = lock.doing(|| format!("cannot open {}", lock_path.display()))?;
    // Held while the server starts, so that one process starts it and the others wait for it.
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
        .doing(|| format!("cannot lock {}", lock_path.display()))?;

    let record = meeting.join(format!("server-{name}"));
    if let Ok(text) = fs::read_to_string(&record)
        && let Some(server) = join(Path::new(text.trim_end()))
    {
        return Ok(server);
    }
    let launched = launch(&TempPostgresOptions::default(), GRACE)?;
    let server = launched.server;
    let part = meeting.join(format!("part-{:016x}", super::unique()));
    fs::write(&part, server.folder.as_os_str().as_encoded_bytes())
        .and_then(|()| fs::rename(&part, &record))
        .doing(|| format!("cannot write {}", record.display()))?;
    if super::keeps() {
        eprintln!("{}", server.kept_note(&server.url("postgres")));
    }
    Ok(server)
}

/// Becomes a user of the server in `folder`, if it is there and alive.
fn join(folder: &Path) -> Option<Server> {
    let mut control = folder::open_control(&folder.join("control")).ok()?;
    control.write_all(b"hello\n").ok()?;
    let server = Server { folder: folder.into(), control, port: None };
    is_alive(&server).then_some(server)
}

fn meeting_folder() -> Result<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let folder = match cluster::cache_folder() {
        Some(cache) => cache.join("run"),
        None => std::env::temp_dir().join(format!("sqlift-run-{uid}")),
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .doing(|| format!("cannot make {}", folder.display()))?;
    // In a temporary folder somebody else could have made it, to name a server of theirs.
    let found = fs::metadata(&folder).doing(|| format!("cannot look at {}", folder.display()))?;
    if found.uid() != uid {
        let what = format!("{} belongs to another user; set SQLIFT_CACHE_DIR", folder.display());
        return Err(Error::Server { what, log: String::new() });
    }
    Ok(folder)
}
