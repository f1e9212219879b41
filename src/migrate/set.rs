//! The set of migrations: read from a folder or embedded, checked as a whole before anything runs.

use super::error::{Error, ErrorKind};
use super::name::{self, Dialect, FileName, Role};
use super::script::Script;
use crate::Backend;
use std::collections::BTreeMap;
use std::path::Path;

/// The migrations of a program, for both databases; see the [module](super) for how files are named.
///
/// # Examples
/// ```
/// use sqlift::migrate::Migrations;
///
/// let migrations = Migrations::from_files(&[
///     ("V1__person.sql", "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"),
///     ("V2__active.sqlite.sql", "ALTER TABLE person ADD COLUMN active BOOLEAN NOT NULL DEFAULT 1"),
///     ("V2__active.postgres.sql", "ALTER TABLE person ADD COLUMN active boolean NOT NULL DEFAULT true"),
/// ])?;
/// assert_eq!(migrations.versions().collect::<Vec<_>>(), [1, 2]);
///
/// let error = Migrations::from_files(&[("V1__person.sqlite.sql", "SELECT 1")]).unwrap_err();
/// assert!(error.to_string().contains("version 1 exists for SQLite only"));
/// # Ok::<(), sqlift::migrate::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Migrations {
    pub(super) versions: BTreeMap<i64, Migration>,
    pub(super) repeatables: BTreeMap<String, PerDialect>,
}

/// One version.
#[derive(Debug, Clone)]
pub(super) struct Migration {
    pub version: i64,
    pub name: String,
    /// May be applied behind later versions.
    pub unordered: bool,
    pub up: PerDialect,
    pub down: Option<PerDialect>,
}

#[derive(Debug, Clone)]
pub(super) struct PerDialect {
    pub sqlite: Script,
    pub postgres: Script,
}

impl PerDialect {
    pub fn get(&self, backend: Backend) -> &Script {
        match backend {
            Backend::Sqlite => &self.sqlite,
            Backend::Postgres => &self.postgres,
        }
    }
}

/// A file as it was found.
struct Found {
    /// As messages name it.
    file: String,
    name: FileName,
    text: String,
}

impl Migrations {
    /// Reads a folder; `sqlite` and `postgres` in it are folders for one database each.
    ///
    /// # Errors
    /// What cannot be read, a name that says nothing, a version that exists twice or for one database only.
    ///
    /// # Examples
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("V1__tag.sql"), "CREATE TABLE tag (name TEXT)")?;
    /// let migrations = sqlift::migrate::Migrations::from_folder(folder.path())?;
    /// assert_eq!(migrations.versions().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_folder(folder: impl AsRef<Path>) -> Result<Migrations, Error> {
        let folder = folder.as_ref();
        let mut files = Vec::new();
        for (inner, path) in entries(folder)? {
            match (path.is_dir(), folder_dialect(&inner)) {
                (true, Some(_)) => {
                    for (name, path) in entries(&path)? {
                        if path.is_dir() {
                            return Err(Error::new(ErrorKind::Files, "a folder in a folder for one database")
                                .in_file(&path.display().to_string())
                                .help("migrations lie directly in sqlite and postgres"));
                        }
                        read(&path, format!("{inner}/{name}"), &mut files)?;
                    }
                }
                (true, None) => {
                    return Err(Error::new(ErrorKind::Files, format!("{inner} is a folder for neither database"))
                        .in_file(&path.display().to_string())
                        .help("folders here are named sqlite and postgres; name it so, or move it elsewhere"));
                }
                (false, _) => read(&path, inner, &mut files)?,
            }
        }
        if files.is_empty() {
            return Err(Error::new(ErrorKind::Files, "the folder holds no migrations")
                .in_file(&folder.display().to_string())
                .help(format!("a file is named {}", name::FORMS)));
        }
        let given: Vec<(&str, &str)> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        let shown = |file: &str| folder.join(file).display().to_string();
        Migrations::build(&given, &shown)
    }

    /// The files that were read already, each with its path inside the folder; [`embed_migrations!`](crate::embed_migrations)
    /// uses this.
    ///
    /// # Errors
    /// As [`Migrations::from_folder`].
    pub fn from_files(files: &[(&str, &str)]) -> Result<Migrations, Error> {
        Migrations::build(files, &str::to_owned)
    }

    /// The versions, in order.
    pub fn versions(&self) -> impl Iterator<Item = i64> + '_ {
        self.versions.keys().copied()
    }

    fn build(files: &[(&str, &str)], shown: &dyn Fn(&str) -> String) -> Result<Migrations, Error> {
        let mut found = Vec::new();
        for (path, text) in files {
            let file = shown(path);
            let (folder, base) = match path.rsplit_once(['/', '\\']) {
                Some((folder, base)) => (folder_dialect(folder), base),
                None => (None, *path),
            };
            let refuse = |why: String| {
                Error::new(ErrorKind::Files, format!("the name of this migration cannot be read: {why}"))
                    .in_file(&file)
                    .help(format!("name it like {}", name::FORMS))
            };
            let mut name = name::parse(base).map_err(refuse)?;
            match (folder, name.dialect) {
                (Some(folder), Some(suffix)) if folder != suffix => {
                    return Err(refuse(format!("it is {}'s by its end, and not by its folder", Dialect(suffix))));
                }
                (folder, suffix) => name.dialect = folder.or(suffix),
            }
            found.push(Found { file, name, text: (*text).to_owned() });
        }
        // Flyway's undo files have the letter that refinery gives to migrations out of order.
        let ordered: Vec<i64> = versions_of(&found, Role::Up);
        for file in found.iter_mut().filter(|file| file.name.role == Role::Unordered) {
            if ordered.contains(&file.name.version) {
                file.name.role = Role::Down;
            }
        }
        Migrations::from_found(&found)
    }

    fn from_found(found: &[Found]) -> Result<Migrations, Error> {
        let mut migrations = Migrations::default();
        let ups = |role| matches!(role, Role::Up | Role::Unordered);
        let mut versions: Vec<i64> = found.iter().filter(|f| ups(f.name.role)).map(|f| f.name.version).collect();
        versions.sort_unstable();
        versions.dedup();
        for version in versions {
            let of = |wanted: fn(Role) -> bool| -> Vec<&Found> {
                found.iter().filter(|file| wanted(file.name.role) && file.name.version == version).collect()
            };
            let up = of(|role| matches!(role, Role::Up | Role::Unordered));
            let what = format!("version {version}");
            let down = of(|role| role == Role::Down);
            let migration = Migration {
                version,
                name: up[0].name.name.clone(),
                unordered: up.iter().any(|file| file.name.role == Role::Unordered),
                up: pair(&what, &up)?,
                down: match down.is_empty() {
                    true => None,
                    false => Some(pair(&format!("the way back from version {version}"), &down)?),
                },
            };
            migrations.versions.insert(version, migration);
        }
        let is_orphan =
            |file: &&Found| file.name.role == Role::Down && !migrations.versions.contains_key(&file.name.version);
        if let Some(orphan) = found.iter().find(is_orphan) {
            let message = format!("a way back from version {}, which does not exist", orphan.name.version);
            return Err(Error::new(ErrorKind::Files, message).in_file(&orphan.file).help("give both files one number"));
        }
        let mut names: Vec<&str> =
            found.iter().filter(|f| f.name.role == Role::Repeatable).map(|f| f.name.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let files: Vec<&Found> =
                found.iter().filter(|f| f.name.role == Role::Repeatable && f.name.name == name).collect();
            migrations.repeatables.insert(name.to_owned(), pair(&format!("repeatable script {name}"), &files)?);
        }
        Ok(migrations)
    }
}

fn versions_of(found: &[Found], role: Role) -> Vec<i64> {
    found.iter().filter(|file| file.name.role == role).map(|file| file.name.version).collect()
}

/// The scripts of one version for both databases, out of all files that have its number.
fn pair(what: &str, files: &[&Found]) -> Result<PerDialect, Error> {
    let of = |dialect: Option<Backend>| -> Result<Option<&Found>, Error> {
        let mut matching = files.iter().filter(|file| file.name.dialect == dialect);
        let first = matching.next();
        if let (Some(first), Some(second)) = (first, matching.next()) {
            return Err(Error::new(ErrorKind::Files, format!("{what} exists twice: also as {}", first.file))
                .in_file(&second.file)
                .help("give one of them the next free number"));
        }
        Ok(first.copied())
    };
    let (shared, sqlite, postgres) = (of(None)?, of(Some(Backend::Sqlite))?, of(Some(Backend::Postgres))?);
    if let (Some(sqlite), Some(postgres)) = (sqlite, postgres)
        && sqlite.name.name != postgres.name.name
    {
        return Err(Error::new(
            ErrorKind::Files,
            format!("{what} is another migration on SQLite: there it is {}", sqlite.file),
        )
        .in_file(&postgres.file)
        .help("give both the same name when they belong together, else numbers of their own"));
    }
    if let (Some(shared), Some(sqlite), Some(_)) = (shared, sqlite, postgres) {
        return Err(Error::new(
            ErrorKind::Files,
            format!("{what} has files for both databases, so this one is never used"),
        )
        .in_file(&shared.file)
        .help(format!("remove it, or {}", sqlite.file)));
    }
    let script = |own: Option<&Found>, dialect: Backend| {
        // A shared file is SQLite's SQL, which PostgreSQL gets translated.
        let file = own.or(shared)?;
        let dialect = if own.is_some() { dialect } else { Backend::Sqlite };
        Some(Script::new(file.file.clone(), &file.text, dialect))
    };
    match (script(sqlite, Backend::Sqlite), script(postgres, Backend::Postgres)) {
        (Some(sqlite), Some(postgres)) => Ok(PerDialect { sqlite, postgres }),
        (Some(only), None) => Err(one_dialect(what, Backend::Sqlite, &only.file)),
        (None, Some(only)) => Err(one_dialect(what, Backend::Postgres, &only.file)),
        (None, None) => unreachable!("a version is made of at least one file"),
    }
}

fn one_dialect(what: &str, has: Backend, file: &str) -> Error {
    let (other, suffix) = match has {
        Backend::Sqlite => (Backend::Postgres, "postgres"),
        Backend::Postgres => (Backend::Sqlite, "sqlite"),
    };
    Error::new(ErrorKind::OneDialect, format!("{what} exists for {} only", Dialect(has))).in_file(file).help(format!(
        "add its counterpart for {} (the same name in the folder {suffix}, or ending with .{suffix}.sql); where there is nothing to \
         do, a file with a comment that says why",
        Dialect(other)
    ))
}

fn folder_dialect(folder: &str) -> Option<Backend> {
    match folder.rsplit(['/', '\\']).next()?.to_ascii_lowercase().as_str() {
        "sqlite" | "sqlite3" => Some(Backend::Sqlite),
        "postgres" | "postgresql" => Some(Backend::Postgres),
        _ => None,
    }
}

struct OnDisk {
    path: String,
    text: String,
}

/// Names and paths in a folder, sorted; hidden ones are somebody else's.
fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, Error> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Files, format!("the folder of migrations cannot be read: {error}"))
            .in_file(&folder.display().to_string())
            .help("name the folder that holds the .sql files")
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a file that ends with `.sql`; others (a README) may lie there too.
fn read(path: &Path, name: String, files: &mut Vec<OnDisk>) -> Result<(), Error> {
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
        return Ok(());
    }
    let failed = |why: String| {
        Error::new(ErrorKind::Files, format!("the migration cannot be read: {why}"))
            .in_file(&path.display().to_string())
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        failed(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())).help("save the file as UTF-8")
    })?;
    files.push(OnDisk { path: name, text });
    Ok(())
}
