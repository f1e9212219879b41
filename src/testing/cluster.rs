//! The data folder of a new server: unpacked from the cache, or made by `initdb`, which then fills the cache.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::account::Account;
use super::{Doing, Error, Result, pack};

/// What `initdb` is told; a part of the cache's key. Small WAL segments make the cluster a third smaller.
const INITDB: &[&str] = &["-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync", "--wal-segsize=1"];

/// Clusters of servers that are no longer installed leave the cache after this time.
const UNUSED: Duration = Duration::from_secs(60 * 24 * 3600);

/// Makes `data` the data folder of a fresh cluster for the server in `binaries`.
pub(super) fn prepare(binaries: &Path, data: &Path, owner: Option<Account>) -> Result<()> {
    let cache = cache_folder();
    let cached = cache.as_ref().map(|cache| cache.join(format!("cluster-{}", key(binaries))));
    if let Some(cached) = &cached
        && let Ok(file) = File::open(cached)
    {
        make_folder(data, owner)?;
        match pack::unpack(&file, data, owner) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                return Err(error).doing(|| format!("cannot write {}", data.display()));
            }
            // Damaged: made anew below.
            Err(_) => {
                let _ = fs::remove_file(cached);
                fs::remove_dir_all(data).doing(|| format!("cannot remove {}", data.display()))?;
            }
        }
    }
    initdb(binaries, data, owner)?;
    if let (Some(cache), Some(cached)) = (&cache, &cached) {
        // A cache that cannot be written costs time only.
        let _ = fill(cache, cached, data);
    }
    Ok(())
}

/// A command that runs as `owner`, with English messages and none of the caller's PostgreSQL settings.
pub(super) fn command(program: &Path, owner: Option<Account>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").env_remove("LANGUAGE").env_remove("DATABASE_URL").current_dir(folder);
    command.stdin(Stdio::null());
    if let Some(owner) = owner {
        command.uid(owner.uid).gid(owner.gid);
    }
    command
}

pub(super) fn make_folder(folder: &Path, owner: Option<Account>) -> Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder).doing(|| format!("cannot make {}", folder.display()))?;
    if let Some(owner) = owner {
        chown(folder, Some(owner.uid), Some(owner.gid)).doing(|| format!("cannot hand over {}", folder.display()))?;
    }
    Ok(())
}

fn initdb(binaries: &Path, data: &Path, owner: Option<Account>) -> Result<()> {
    let program = binaries.join("initdb");
    let output = command(&program, owner, data.parent().unwrap_or(data))
        .args(INITDB)
        .arg("-D")
        .arg(data)
        .output()
        .doing(|| format!("cannot run {}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let mut log = String::from_utf8_lossy(&output.stdout).into_owned();
    log.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Error::Server { what: format!("{} failed ({})", program.display(), output.status), log })
}

fn fill(cache: &Path, cached: &Path, data: &Path) -> std::io::Result<()> {
    fs::create_dir_all(cache)?;
    let part = cache.join(format!("part-{:016x}", super::unique()));
    let packed = File::create(&part).and_then(|file| pack::pack(data, &file)).and_then(|()| fs::rename(&part, cached));
    if packed.is_err() {
        let _ = fs::remove_file(&part);
    }
    for entry in fs::read_dir(cache)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let old = entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
        if (name.starts_with("cluster-") || name.starts_with("part-")) && old.is_some_and(|age| age > UNUSED) {
            let _ = fs::remove_file(entry.path());
        }
    }
    packed
}

/// Names a cluster by the server that made it and how. The program's size and time stand for its version, without
/// running it.
pub(super) fn key(binaries: &Path) -> String {
    // The default hasher has no random seed, so all processes agree.
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    binaries.hash(&mut hasher);
    INITDB.hash(&mut hasher);
    if let Ok(program) = fs::metadata(binaries.join("postgres")) {
        (program.len(), program.mtime(), program.mtime_nsec()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// The user's folder for what can be made again, `None` when there is none.
pub(super) fn cache_folder() -> Option<PathBuf> {
    let given = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(folder) = given("SQLIFT_CACHE_DIR") {
        return Some(folder);
    }
    if let Some(folder) = given("XDG_CACHE_HOME") {
        return Some(folder.join("sqlift"));
    }
    let below = if cfg!(target_os = "macos") { "Library/Caches/sqlift" } else { ".cache/sqlift" };
    given("HOME").map(|home| home.join(below))
}
