//! A SQLite file: where it lies, whether it is whole, and how it is set.

use super::{Check, Examined, Finding, Status, counted, said, schema, some, values};
use sqlift::config::{Config, SqliteConfig, SqliteLocation};
use sqlift::{Connection, OpenFlags, Result};
use std::path::Path;

pub(super) fn examine(config: &SqliteConfig, files: Option<&Path>) -> Examined {
    let shown = Config::Sqlite(config.clone()).to_string();
    let file = match &config.location {
        SqliteLocation::File(path) => Some(path.as_path()),
        _ => None,
    };
    if let Some(path) = file
        && !path.exists()
    {
        let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return Err(format!(
            "{} does not exist\n  help: a program would create it, empty; check the path: sqlite:///x is relative, sqlite:////x absolute",
            place.display()
        ));
    }
    let conn = open(config).map_err(|error| said(&error))?;
    // SQLite reads the file only when it is asked something. What virtual tables keep their rows in is their own affair.
    let tables: i64 = conn
        .query_row(&format!("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND {NOT_SHADOW}"), [], |row| {
            row.get(0)
        })
        .map_err(|error| format!("{shown}: {}\n  help: is this a SQLite database?", said(&error)))?;
    let mut checks = vec![
        Check::ok("reachable", format!("{shown}, {}", counted(tables as usize, "table"))),
        Check::ok("version", format!("SQLite {}, inside the program", sqlift::version())),
    ];
    type Look = fn(&Connection, Option<&Path>) -> Result<Check>;
    let looks: &[(&'static str, Look)] = &[
        ("encoding", encoding),
        ("tls", |_, _| Ok(Check::ok("tls", "not needed: a file, no network"))),
        ("compat", |_, _| Ok(Check::ok("compat", "not needed on SQLite"))),
        ("migrations", migrations),
        ("role", permissions),
        ("append_only", append_only),
        ("primary_keys", primary_keys),
        ("values", |conn, _| values::check(conn)),
        ("journal_mode", journal_mode),
        ("foreign_keys", foreign_keys),
        ("integrity", integrity),
        ("container", container),
        ("production", production),
    ];
    for (name, look) in looks {
        if let Some(folder) = files.filter(|_| *name == "migrations") {
            checks.push(schema::against_files(&conn, folder));
            continue;
        }
        checks.push(look(&conn, file).unwrap_or_else(|error| {
            Check::error(name, said(&error), "restore the file from a backup, or see sqlite3's .recover")
        }));
    }
    Ok(checks)
}

/// Of the tables of `sqlite_schema` those that no virtual one made for itself.
const NOT_SHADOW: &str = "name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')";

fn open(config: &SqliteConfig) -> Result<Connection> {
    let path = match &config.location {
        SqliteLocation::Memory => return Connection::open_sqlite(":memory:"),
        SqliteLocation::File(path) => format!("sqlite:{}", path.display()),
        SqliteLocation::Uri(uri) => format!("sqlite:{uri}"),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

fn pragma(conn: &Connection, name: &str) -> Result<String> {
    conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, sqlift::types::Value>(0)).map(
        |value| match value {
            sqlift::types::Value::Text(text) => text,
            sqlift::types::Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        },
    )
}

fn texts(conn: &Connection, sql: &str) -> Result<Vec<String>> {
    conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn encoding(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    let encoding = pragma(conn, "encoding")?;
    Ok(match encoding.as_str() {
        "UTF-8" => Check::ok("encoding", encoding),
        _ => Check::warning(
            "encoding",
            format!("{encoding}: text sorts in another order than in UTF-8, which PostgreSQL has"),
            "dump the database and load it into a new file, whose encoding is UTF-8",
        ),
    })
}

fn migrations(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    let mut found = Vec::new();
    for table in schema::HISTORIES {
        if conn.table_exists(None, table)? {
            let newest: Option<String> =
                conn.query_row(&format!("SELECT CAST(max(version) AS TEXT) FROM {table}"), [], |row| row.get(0))?;
            found.push(format!("{table} at {}", newest.as_deref().unwrap_or("nothing")));
        }
    }
    match pragma(conn, "user_version")?.as_str() {
        "0" => {}
        version => found.push(format!("user_version {version}")),
    }
    let history = if found.is_empty() { "no history of migrations".to_owned() } else { found.join(", ") };
    Ok(Check::of("migrations", schema::unfinished(conn)?, history))
}

fn permissions(_: &Connection, file: Option<&Path>) -> Result<Check> {
    let Some(path) = file else { return Ok(Check::ok("role", "not needed: no file")) };
    let Ok(metadata) = path.metadata() else { return Ok(Check::ok("role", "the file's permissions are not known")) };
    let mut findings = Vec::new();
    if metadata.permissions().readonly() {
        findings.push(Finding::warning(
            "the file is read-only: every write fails",
            format!("chmod u+w {}", path.display()),
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o002 != 0 {
            findings.push(Finding::warning(
                "every user of this machine may write the file",
                format!("chmod o-w {}", path.display()),
            ));
        }
    }
    Ok(Check::of("role", findings, "the file's permissions stand for a role's rights"))
}

fn append_only(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    // A trigger that refuses one kind of change, on a table where nothing refuses the other.
    let guards = |event: &str| {
        texts(
            conn,
            &format!(
                "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%append-only%' \
                 AND sql LIKE '%BEFORE {event}%' ORDER BY 1"
            ),
        )
    };
    let (updates, deletes) = (guards("UPDATE")?, guards("DELETE")?);
    let mut findings = Vec::new();
    for (ones, others, event) in [(&updates, &deletes, "DELETE"), (&deletes, &updates, "UPDATE")] {
        for table in ones.iter().filter(|table| !others.contains(table)) {
            findings.push(Finding::error(
                format!("{table} is append-only, but nothing refuses {event}"),
                format!("CREATE TRIGGER {table}_no_{0} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END", event.to_lowercase()),
            ));
        }
    }
    let all_is_well = match updates.len() {
        0 => "no append-only table".to_owned(),
        _ => format!("triggers refuse changes of {}", some(&updates)),
    };
    Ok(Check::of("append_only", findings, all_is_well))
}

fn primary_keys(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    let without = texts(
        conn,
        &format!(
            "SELECT name FROM sqlite_schema s WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND sql NOT LIKE 'CREATE VIRTUAL%' AND {NOT_SHADOW} \
             AND NOT EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE pk > 0) ORDER BY name"
        ),
    )?;
    Ok(match without.len() {
        0 => Check::ok("primary_keys", "every table has one"),
        count => Check::warning(
            "primary_keys",
            format!("{} without a primary key: {}", counted(count, "table"), some(&without)),
            "declare one (id INTEGER PRIMARY KEY): the rowid that takes its place here is a column of sqlift's tables on PostgreSQL, \
             and not there at all with migrate draft --types native",
        ),
    })
}

fn journal_mode(conn: &Connection, file: Option<&Path>) -> Result<Check> {
    let mode = pragma(conn, "journal_mode")?;
    Ok(match (mode.as_str(), file) {
        ("wal", _) | (_, None) => Check::ok("journal_mode", mode),
        ("off" | "memory", _) => Check::error(
            "journal_mode",
            format!("{mode}: a crash in the middle of a transaction damages the file"),
            "PRAGMA journal_mode = WAL",
        ),
        _ => Check::warning(
            "journal_mode",
            format!("{mode}: a writer keeps all readers out, and readers the writer"),
            "PRAGMA journal_mode = WAL, once; the file remembers it",
        ),
    })
}

fn foreign_keys(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    let mut findings = Vec::new();
    if pragma(conn, "foreign_keys")? != "1" {
        findings.push(Finding::warning(
            "a connection does not enforce foreign keys unless it says so; PostgreSQL always does",
            "run PRAGMA foreign_keys = ON on every connection, or build SQLite with SQLITE_DEFAULT_FOREIGN_KEYS=1",
        ));
    }
    let checked = conn
        .prepare("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2")?
        .query_map([], |row| {
            let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(format!("{} of {table} without a row in {parent}", counted(count as usize, "row")))
        })?
        .collect::<Result<Vec<String>>>();
    let broken = match checked {
        // The declaration itself is wrong, so that no row can be checked.
        Err(error) if error.to_string().contains("foreign key mismatch") => {
            findings.push(Finding::error(
                said(&error),
                "the columns that a foreign key refers to must be the parent's PRIMARY KEY or UNIQUE",
            ));
            Vec::new()
        }
        checked => checked?,
    };
    if !broken.is_empty() {
        findings.push(Finding::error(
            format!("foreign keys are broken: {}", some(&broken)),
            "PRAGMA foreign_key_check lists the rows; mend or delete them before they move to PostgreSQL, which takes none",
        ));
    }
    Ok(Check::of("foreign_keys", findings, "enforced, and none is broken"))
}

fn integrity(conn: &Connection, _: Option<&Path>) -> Result<Check> {
    let problems = texts(conn, "PRAGMA integrity_check(20)")?;
    Ok(match problems.as_slice() {
        [only] if only == "ok" => Check::ok("integrity", "the file is whole"),
        _ => Check::error(
            "integrity",
            format!("the file is damaged: {}", some(&problems)),
            "restore it from a backup, or see sqlite3's .recover",
        ),
    })
}

/// The file's mount: a container's own layer goes with the container, and network file systems lock badly.
fn container(_: &Connection, file: Option<&Path>) -> Result<Check> {
    let Some(path) = file else { return Ok(Check::ok("container", "not needed: no file")) };
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    Ok(match file_system(&mounts, &path).as_deref() {
        Some(kind @ ("overlay" | "aufs")) => Check::warning(
            "container",
            format!("the file lies in a container's own layer ({kind}), which goes with the container"),
            "put it on a volume, or move to PostgreSQL",
        ),
        Some(kind @ ("nfs" | "nfs4" | "cifs" | "smb3" | "9p" | "fuse.sshfs" | "ceph")) => Check::warning(
            "container",
            format!("the file lies on a network ({kind}), where SQLite's locks and its WAL are not safe"),
            "put it on a local disk, or move to PostgreSQL",
        ),
        Some("tmpfs") => Check::warning(
            "container",
            "the file lies in memory (tmpfs), and is gone after a restart",
            "put it on a disk",
        ),
        Some(kind) => Check::ok("container", format!("the file lies on {kind}")),
        None => Check::ok("container", "this system does not tell where the file lies"),
    })
}

/// The type of the file system that a path is on: of the mount points above it the longest.
fn file_system(mountinfo: &str, path: &Path) -> Option<String> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        path.starts_with(&point).then(|| (point.len(), right.split(' ').next().unwrap_or_default().to_owned()))
    });
    // Of mounts on the same point the last one counts.
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

fn production(_: &Connection, _: Option<&Path>) -> Result<Check> {
    let is_production = |name: &&str| {
        std::env::var(name)
            .is_ok_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "production" | "prod"))
    };
    Ok(match ["APP_ENV", "ENVIRONMENT", "SQLIFT_ENV"].into_iter().find(is_production) {
        None => Check::ok("production", "no variable says that this is production"),
        Some(name) => Check {
            name: "production",
            status: Status::Warning,
            detail: format!("{name} says production, and this is a SQLite database"),
            remedy: "set DATABASE_URL=postgres://user@host/database".to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::file_system;
    use std::path::Path;

    #[test]
    fn file_systems() {
        let mounts = "20 1 8:1 / / rw - overlay overlay rw\n21 20 8:2 / /data rw shared:1 - ext4 /dev/sda rw\n\
                      22 20 0:1 / /my\\040share rw - nfs4 h:/x rw\n";
        for (path, kind) in
            [("/app/dev.db", "overlay"), ("/data/app.db", "ext4"), ("/my share/a.db", "nfs4"), ("/database", "overlay")]
        {
            assert_eq!(file_system(mounts, Path::new(path)).as_deref(), Some(kind), "{path}");
        }
    }
}
