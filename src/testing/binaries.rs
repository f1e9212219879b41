//! Finds the folder that holds PostgreSQL's server programs: the override, PATH, `pg_config`, then each system's own
//! versioned folders, newest first.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Error, Result};

/// Folders of the packagers, with `*` for the version.
const VERSIONED: &[&str] = &[
    "/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
    "/usr/pgsql-*/bin",                                   // RHEL, Fedora (PGDG)
    "/usr/libexec/postgresql*",                           // Alpine
    "/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
    "/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
    "/usr/local/pgsql/bin",                               // built from source
];

/// The folder that holds `initdb` and `postgres`.
pub(super) fn find() -> Result<PathBuf> {
    find_in(std::env::var_os("SQLIFT_PG_BIN").as_deref(), std::env::var_os("PATH").as_deref(), Path::new("/"))
}

fn find_in(given: Option<&OsStr>, path: Option<&OsStr>, root: &Path) -> Result<PathBuf> {
    let mut looked = Vec::new();
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        // An override that is wrong is an error: another server than the one asked for would be a silent surprise.
        let folder = PathBuf::from(given);
        return holder(&folder).ok_or(Error::NoPrograms { looked: vec![folder] });
    }
    for folder in path.map(std::env::split_paths).into_iter().flatten() {
        if let Some(found) = holder(&folder) {
            return Ok(found);
        }
        // A link or wrapper of `postgres` alone still says that pg_config may know more, so go on looking.
        if folder.join("pg_config").is_file()
            && let Some(told) = told_by(&folder.join("pg_config"))
        {
            if let Some(found) = holder(&told) {
                return Ok(found);
            }
            looked.push(told);
        }
    }
    looked.extend(path.map(std::env::split_paths).into_iter().flatten());
    for pattern in VERSIONED {
        for folder in expand(root, pattern) {
            if let Some(found) = holder(&folder) {
                return Ok(found);
            }
        }
        looked.push(PathBuf::from(pattern));
    }
    Err(Error::NoPrograms { looked })
}

/// The real folder behind `folder`'s `postgres`, if `initdb` is there too. Links on PATH lead to it.
fn holder(folder: &Path) -> Option<PathBuf> {
    let real = folder.join("postgres").canonicalize().ok()?;
    let folder = real.parent()?;
    (real.is_file() && folder.join("initdb").is_file()).then(|| folder.to_path_buf())
}

fn told_by(pg_config: &Path) -> Option<PathBuf> {
    let output = Command::new(pg_config).arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

/// The folders that `pattern` (with at most one `*`) means under `root`, the highest version first.
fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let pattern = pattern.trim_start_matches('/');
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![root.join(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let after = after.trim_start_matches('/');
    let mut found: Vec<(Vec<u32>, PathBuf)> = std::fs::read_dir(root.join(parent))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?;
            let numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
            let folder = if after.is_empty() { entry.path() } else { entry.path().join(after) };
            Some((numbers, folder))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn programs(folder: &Path, names: &[&str]) {
        std::fs::create_dir_all(folder).unwrap();
        for name in names {
            std::fs::write(folder.join(name), "").unwrap();
        }
    }

    #[track_caller]
    fn check(root: &Path, given: Option<&str>, path: &[&str], expected: Option<&str>) {
        let path = std::env::join_paths(path.iter().map(|folder| root.join(folder))).unwrap();
        let given = given.map(|folder| root.join(folder).into_os_string());
        let found = find_in(given.as_deref(), Some(&path), root);
        let root = root.canonicalize().unwrap();
        assert_eq!(found.ok(), expected.map(|folder| root.join(folder)));
    }

    #[test]
    fn folders_are_tried_in_order_and_links_followed() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        check(root, None, &[], None);
        let both = ["initdb", "postgres"];
        programs(&root.join("usr/lib/postgresql/9.6/bin"), &both);
        programs(&root.join("usr/lib/postgresql/14/bin"), &both);
        programs(&root.join("usr/lib/postgresql/17/bin"), &["postgres"]);
        check(root, None, &[], Some("usr/lib/postgresql/14/bin"));

        programs(&root.join("told/bin"), &both);
        programs(&root.join("wrapped"), &[]);
        let script = format!("#!/bin/sh\necho {}\n", root.join("told/bin").display());
        std::fs::write(root.join("wrapped/pg_config"), script).unwrap();
        std::fs::set_permissions(root.join("wrapped/pg_config"), PermissionsExt::from_mode(0o755)).unwrap();
        check(root, None, &["wrapped"], Some("told/bin"));

        programs(&root.join("links"), &[]);
        symlink(root.join("usr/lib/postgresql/9.6/bin/postgres"), root.join("links/postgres")).unwrap();
        check(root, None, &["links", "wrapped"], Some("usr/lib/postgresql/9.6/bin"));

        programs(&root.join("half"), &["postgres"]);
        check(root, None, &["half"], Some("usr/lib/postgresql/14/bin"));
        check(root, Some("told/bin"), &["links"], Some("told/bin"));
        check(root, Some("half"), &["links"], None);
    }

    #[test]
    fn the_message_says_what_to_install() {
        let root = tempfile::tempdir().unwrap();
        let message = find_in(None, None, root.path()).unwrap_err().to_string();
        for part in
            ["initdb", "apt-get install postgresql", "brew install", "dnf install", "SQLIFT_PG_BIN", "/usr/pgsql-*/bin"]
        {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
}
