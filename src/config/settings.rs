//! From the settings of a connection string to a configuration: look-up in the table, environment, libpq's defaults.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::parameters::{AppliesTo, Draft, PARAMETERS, Parameter};
use super::text::{nearest, normalized};
use super::types::*;

/// Looks an environment variable up; `None` when it is not set.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a connection string says, in its order; later settings win.
#[derive(Default)]
pub(super) struct Settings {
    pairs: Vec<(String, String)>,
    /// Set when a piece of a password might have been taken for something else: nothing is quoted in errors then.
    pub secretive: bool,
}

impl Settings {
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((key.into(), value.into()));
    }
}

/// The PostgreSQL configuration that these settings mean in this environment.
pub(super) fn postgres_config(settings: Settings, lookup: Lookup) -> Result<PostgresConfig, ConfigError> {
    let mut draft = Draft::default();
    let mut given: Vec<&str> = Vec::new();
    for (key, value) in &settings.pairs {
        let parameter = find(key, &settings)?;
        set(&mut draft, parameter, value, !settings.secretive)?;
        given.push(parameter.name);
    }
    for parameter in PARAMETERS.iter() {
        let Some(variable) = parameter.variable.filter(|_| !given.contains(&parameter.name)) else { continue };
        // The connection string has said where the password is.
        if parameter.name == "password" && given.contains(&"password_file") {
            continue;
        }
        if let Some(value) = lookup(variable).filter(|value| !value.is_empty()) {
            set(&mut draft, parameter, &value, true).map_err(|error| error.found_in(variable))?;
        }
    }
    finish(draft, lookup)
}

/// Applies a setting that SQLite and PostgreSQL share; `false` when it is none.
pub(super) fn set_shared(config: &mut SqliteConfig, key: &str, value: &str) -> Result<bool, ConfigError> {
    let Some(parameter) = lookup_name(key).filter(|parameter| parameter.applies_to == AppliesTo::Both) else {
        return Ok(false);
    };
    let mut draft = Draft::default();
    draft.config.busy_timeout = config.busy_timeout;
    draft.config.pool_max_size = config.pool_max_size;
    draft.config.pool_timeout = config.pool_timeout;
    set(&mut draft, parameter, value, true)?;
    config.busy_timeout = draft.config.busy_timeout;
    config.pool_max_size = draft.config.pool_max_size;
    config.pool_timeout = draft.config.pool_timeout;
    Ok(true)
}

pub(super) fn lookup_name(key: &str) -> Option<&'static Parameter> {
    let key = normalized(key);
    PARAMETERS.iter().find(|parameter| normalized(parameter.name) == key || parameter.aliases.contains(&key.as_str()))
}

fn find(key: &str, settings: &Settings) -> Result<&'static Parameter, ConfigError> {
    if let Some(parameter) = lookup_name(key) {
        return Ok(parameter);
    }
    if settings.secretive {
        return Err(ConfigError::new("a parameter of the connection string is not known").help(
            "it is not shown, as it may be a piece of the password: in URLs escape special characters (@ is %40, / is %2F), elsewhere put the password in quotes",
        ));
    }
    let names = PARAMETERS
        .iter()
        .flat_map(|parameter| std::iter::once(parameter.name).chain(parameter.aliases.iter().copied()));
    let error = ConfigError::new(format!("{key} is not a parameter of a connection string"));
    Err(match nearest(&key.to_ascii_lowercase(), names) {
        Some(name) => error.help(format!("did you mean {name}?")),
        None => error.help("MIGRATION.md lists the parameters; server settings go into options=-c name=value"),
    })
}

fn set(draft: &mut Draft, parameter: &Parameter, value: &str, quote: bool) -> Result<(), ConfigError> {
    parameter.read(draft, value).map_err(|expected| {
        let name = parameter.name;
        let what = if quote && name != "sslpassword" {
            format!("{name}={value} cannot be used")
        } else {
            format!("the value of {name} cannot be used")
        };
        ConfigError::new(what).help(format!("{name} must be {expected}"))
    })
}

/// Fills in what libpq fills in, and checks what only the whole can tell.
fn finish(mut draft: Draft, lookup: Lookup) -> Result<PostgresConfig, ConfigError> {
    draft.config.hosts = hosts(&draft)?;
    let mut config = draft.config;
    if draft.trust_server_certificate && matches!(config.sslmode, SslMode::VerifyCa | SslMode::VerifyFull) {
        return Err(ConfigError::new(
            "Trust Server Certificate=true contradicts an SSL Mode that verifies the certificate",
        )
        .help("leave one of the two out"));
    }
    if config.password.is_some() && config.password_file.is_some() {
        return Err(ConfigError::new("both a password and a password file are given")
            .help("leave one of password and password_file out"));
    }
    if config.sslcert.is_some() != config.sslkey.is_some() {
        return Err(ConfigError::new("sslcert and sslkey go together, but only one of them is given")
            .help("name both PEM files: the client's certificate and its key"));
    }
    if config.pooler == Pooler::Transaction && config.options.is_some() {
        return Err(ConfigError::new(
            "options cannot be used with pooler=transaction, which knows no options of a session",
        )
        .help("set them for the role once: ALTER ROLE ... SET; or leave out PGOPTIONS"));
    }
    if config.user.is_empty() {
        config.user = system_user(lookup).ok_or_else(|| {
            ConfigError::new("the connection string names no user, and the operating system's user name is not known")
                .help("write the role into the URL: postgres://ROLE@host/database, or set PGUSER")
        })?;
    }
    if config.dbname.is_empty() {
        config.dbname = config.user.clone();
    }
    config.application_name = config.application_name.or(draft.fallback_application_name);
    Ok(config)
}

fn hosts(draft: &Draft) -> Result<Vec<Host>, ConfigError> {
    let split = |list: &Option<String>| -> Vec<String> {
        list.as_deref().map(|list| list.split(',').map(|item| item.trim().to_owned()).collect()).unwrap_or_default()
    };
    let (names, addresses, ports) = (split(&draft.host), split(&draft.hostaddr), split(&draft.port));
    let count = names.len().max(addresses.len()).max(1);
    if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
        return Err(ConfigError::new(format!(
            "there are {} hosts but {} addresses in hostaddr",
            names.len(),
            addresses.len()
        ))
        .help("give one address for each host, or none at all"));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(ConfigError::new(format!("there are {count} hosts but {} ports", ports.len()))
            .help("give one port for each host, or one for all"));
    }
    (0..count)
        .map(|i| {
            let port = match ports.get(i).or(ports.first()).map(String::as_str) {
                None | Some("") => 5432,
                // The text is not shown: after an unescaped character it could be a piece of the password.
                Some(text) => text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                    ConfigError::new("the port is not a number from 1 to 65535").help(
                        "if the password holds one of : / ? # [ ] @ %, write it percent-escaped (@ is %40, / is %2F)",
                    )
                })?,
            };
            let name = names.get(i).map(String::as_str).unwrap_or_default();
            let hostaddr = match addresses.get(i).map(String::as_str) {
                None | Some("") => None,
                Some(text) => Some(text.parse().map_err(|_| {
                    ConfigError::new("hostaddr holds something that is not an IP address")
                        .help("a name belongs into host")
                })?),
            };
            Ok(Host { address: address(name, hostaddr, port), port })
        })
        .collect()
}

fn address(name: &str, hostaddr: Option<std::net::IpAddr>, port: u16) -> HostAddress {
    match (name, hostaddr) {
        ("", Some(address)) => HostAddress::Tcp { host: address.to_string(), hostaddr },
        ("", None) => default_address(port),
        // libpq's rule: a path is the folder of a socket, @ begins a name in Linux' abstract namespace.
        _ if hostaddr.is_none() && (name.starts_with(['/', '@']) || Path::new(name).is_absolute()) => {
            HostAddress::Unix(PathBuf::from(name))
        }
        _ => HostAddress::Tcp { host: name.to_owned(), hostaddr },
    }
}

/// Debian's libpq looks in the first folder, upstream's in the second; without either socket it is TCP.
fn default_address(port: u16) -> HostAddress {
    let folder = ["/var/run/postgresql", "/tmp"].into_iter().map(Path::new);
    match folder.into_iter().find(|folder| cfg!(unix) && folder.join(format!(".s.PGSQL.{port}")).exists()) {
        Some(folder) => HostAddress::Unix(folder.to_owned()),
        None => HostAddress::Tcp { host: "localhost".to_owned(), hostaddr: None },
    }
}

/// The operating system's name for who runs this process, as libpq finds it, else what the environment says.
fn system_user(lookup: Lookup) -> Option<String> {
    #[cfg(unix)]
    if let Some(name) = passwd_name() {
        return Some(name);
    }
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()))
}

#[cfg(unix)]
fn passwd_name() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    // The folder of our own process belongs to the effective user; systems without /proc go by the environment.
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}
