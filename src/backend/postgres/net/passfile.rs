//! Passwords in files: libpq's password file (`host:port:database:user:password` per line, the first match wins), and a
//! file with nothing but the password.

use std::path::{Path, PathBuf};

use super::ConnectError;
use crate::config::{Host, HostAddress, PostgresConfig, Secret};

/// The password that the configuration itself names: `password_file` as it is now, else `password`.
pub(super) fn given_password(config: &PostgresConfig) -> Result<Option<Secret>, ConnectError> {
    let Some(path) = &config.password_file else { return Ok(config.password.clone()) };
    let unusable = |why: &str| {
        ConnectError::settings(
            format!("the file {} of password_file {why}", path.display()),
            "let it hold the role's password and nothing else, readable for this process",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    let password = text.trim_end_matches(['\r', '\n']);
    match password {
        "" => Err(unusable("is empty")),
        _ if password.contains(['\n', '\0']) => Err(unusable("holds more than one line")),
        _ => Ok(Some(Secret::new(password))),
    }
}

/// The password for a host of the configuration, from its `passfile` or from `~/.pgpass`.
///
/// `Err` holds a warning: the file is there but was not used, since others may read it.
pub(super) fn look_up(config: &PostgresConfig, host: &Host) -> Result<Option<Secret>, String> {
    let Some(path) = config.passfile.clone().or_else(default_path) else { return Ok(None) };
    let Ok(metadata) = std::fs::metadata(&path) else { return Ok(None) };
    if !metadata.is_file() {
        return Err(format!("the password file {} is not a plain file and was not used", path.display()));
    }
    if is_open_to_others(&metadata) {
        return Err(format!(
            "the password file {0} was not used, since others may read it; run: chmod 0600 {0}",
            path.display()
        ));
    }
    // Bytes that are not UTF-8 can only be in lines that match nothing we ask for, or in a password we could not send.
    let Ok(bytes) = std::fs::read(&path) else {
        return Err(format!("the password file {} could not be read", path.display()));
    };
    Ok(find(&String::from_utf8_lossy(&bytes), &Wanted::new(config, host)))
}

/// What a line must name, in the file's order.
pub(super) struct Wanted {
    pub fields: [String; 4],
}

impl Wanted {
    fn new(config: &PostgresConfig, host: &Host) -> Wanted {
        let name = match &host.address {
            HostAddress::Tcp { host, hostaddr: Some(address) } if host.is_empty() => address.to_string(),
            HostAddress::Tcp { host, .. } => host.clone(),
            // libpq: the default socket folder is called localhost in the file, any other by its path.
            HostAddress::Unix(folder) if DEFAULT_FOLDERS.iter().any(|known| folder == Path::new(known)) => {
                "localhost".into()
            }
            HostAddress::Unix(folder) => folder.display().to_string(),
        };
        Wanted { fields: [name, host.port.to_string(), config.dbname.clone(), config.user.clone()] }
    }
}

/// The socket folders that builds of libpq have as their default.
const DEFAULT_FOLDERS: [&str; 3] = ["/tmp", "/var/run/postgresql", "/run/postgresql"];

/// The password of the first line that names everything wanted, or has `*` in its place.
pub(super) fn find(text: &str, wanted: &Wanted) -> Option<Secret> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for field in &wanted.fields {
            let (found, after) = split_field(rest)?;
            if found.raw != "*" && found.text != *field {
                return None;
            }
            rest = after;
        }
        // The password is the rest of the line, up to a colon that is not escaped.
        let password = split_field(rest).map_or_else(|| unescape(rest), |(found, _)| found.text);
        Some(Secret::new(password)).filter(|password| !password.expose().is_empty())
    })
}

struct Field<'t> {
    raw: &'t str,
    text: String,
}

/// Up to the first `:` without a backslash, and what follows it.
fn split_field(line: &str) -> Option<(Field<'_>, &str)> {
    let mut escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => return Some((Field { raw: &line[..at], text: unescape(&line[..at]) }, &line[at + 1..])),
            _ => {}
        }
    }
    None
}

fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

fn default_path() -> Option<PathBuf> {
    if cfg!(windows) {
        return std::env::var_os("APPDATA").map(|folder| Path::new(&folder).join("postgresql").join("pgpass.conf"));
    }
    std::env::home_dir().map(|home| home.join(".pgpass"))
}
