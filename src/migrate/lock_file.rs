//! The system's lock of a small file, which it frees when the process dies, however it dies.
//!
//! Whoever has the lock removes the file when giving it up. Another process may have opened it meanwhile, and then locks a file
//! that is gone, beside one who locks the next file of that name: so a lock counts only while the path leads to the file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Locked until it is dropped, which removes the file.
pub(super) struct LockFile {
    path: PathBuf,
    file: File,
}

impl LockFile {
    /// The lock; `None` while somebody else has it.
    ///
    /// # Errors
    /// What the system says when the file can be neither made nor opened for writing.
    pub fn try_take(path: &Path) -> io::Result<Option<LockFile>> {
        loop {
            let Some(file) = open_locked(path)? else { return Ok(None) };
            if leads_to(path, &file)? {
                return Ok(Some(LockFile { path: path.to_owned(), file }));
            }
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // While it is still locked. Somebody may have removed it by hand, and then the path leads to another's.
        if cfg!(unix) && leads_to(&self.path, &self.file).unwrap_or(false) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the path still leads to this file.
#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let identity = |data: std::fs::Metadata| (data.dev(), data.ino());
    match std::fs::metadata(path) {
        Ok(found) => Ok(identity(found) == identity(file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Open for nobody else while it is open here; the file stays.
#[cfg(windows)]
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    match OpenOptions::new().create(true).truncate(false).write(true).share_mode(0).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(windows)]
fn leads_to(_: &Path, _: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::LockFile;
    use std::collections::HashSet;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn take(path: &Path) -> Option<LockFile> {
        LockFile::try_take(path).unwrap()
    }

    #[test]
    fn one_has_it_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db-migrating");
        let held = take(&path).expect("nobody has it");
        assert!(take(&path).is_none(), "somebody has it");
        drop(held);
        assert!(!path.exists() || cfg!(windows));
        // As a process leaves it that was killed.
        std::fs::write(&path, "").unwrap();
        drop(take(&path).expect("nobody has it"));
        let nowhere = dir.path().join("no/app.db-migrating");
        assert_eq!(LockFile::try_take(&nowhere).err().unwrap().kind(), std::io::ErrorKind::NotFound);
    }

    /// The file is removed between the moments in which another opens it and locks it, again and again.
    #[test]
    fn never_two_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db-migrating");
        let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while turns.load(Ordering::SeqCst) < 1000 {
                        let Some(held) = take(&path) else {
                            std::thread::yield_now();
                            continue;
                        };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "somebody else has it too");
                        turns.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_micros(50));
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        let left: HashSet<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty() || cfg!(windows), "{left:?}");
    }

    #[cfg(unix)]
    #[test]
    fn removed_by_hand_it_is_the_next_ones() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db-migrating");
        let first = take(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let second = take(&path).expect("there is no file of this name");
        drop(first);
        assert!(path.exists() && take(&path).is_none(), "the first does not remove the second's");
        drop(second);
    }
}
