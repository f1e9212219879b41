//! `postgres://user:password@host:port,host:port/dbname?parameter=value`, read as libpq reads it.

use super::error::ConfigError;
use super::settings::{Lookup, Settings, postgres_config};
use super::text::percent_decode;
use super::types::PostgresConfig;

const ESCAPES: &str =
    "in a URL the characters : / ? # [ ] @ % of a user or password are percent-escaped (@ is %40, / is %2F, % is %25)";

/// Reads what follows `postgres://`.
pub(super) fn postgres(rest: &str, lookup: Lookup) -> Result<PostgresConfig, ConfigError> {
    postgres_config(settings(rest)?, lookup)
}

fn settings(rest: &str) -> Result<Settings, ConfigError> {
    let mut settings = Settings::default();
    // As in libpq, an @ before the first / ends the user's part, even behind a ?; the last one, since no host has one.
    let credentials_end = rest[..rest.find('/').unwrap_or(rest.len())].rfind('@');
    let rest = match credentials_end {
        Some(at) => {
            credentials(&rest[..at], &mut settings)?;
            &rest[at + 1..]
        }
        None => rest,
    };
    let (location, query) = rest.split_once('?').map_or((rest, None), |(location, query)| (location, Some(query)));
    let (authority, dbname) =
        location.split_once('/').map_or((location, ""), |(authority, dbname)| (authority, dbname));
    if dbname.contains('@') {
        return Err(ConfigError::new("the URL has an @ behind the / that ends the host").help(ESCAPES));
    }
    settings.secretive =
        credentials_end.is_none() && authority.contains(':') && query.is_some_and(|query| query.contains('@'));
    hosts(authority, &mut settings)?;
    if !dbname.is_empty() {
        settings.push("dbname", decode(dbname, "the database's name")?);
    }
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(
                ConfigError::new("a parameter behind the URL's ? has no =").help("write ?name=value&name=value")
            );
        };
        settings.push(decode(key, "a parameter's name")?, decode(value, "a parameter's value")?);
    }
    Ok(settings)
}

fn credentials(text: &str, settings: &mut Settings) -> Result<(), ConfigError> {
    let (user, password) = text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    settings.push("user", decode(user, "the user")?);
    if let Some(password) = password {
        settings.push("password", decode(password, "the password")?);
    }
    Ok(())
}

/// Several hosts become libpq's two lists, `host` and `port`.
fn hosts(authority: &str, settings: &mut Settings) -> Result<(), ConfigError> {
    if authority.is_empty() {
        return Ok(());
    }
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for item in authority.split(',') {
        let (name, port) = if let Some(inner) = item.strip_prefix('[') {
            let (name, after) = inner.split_once(']').ok_or_else(|| {
                ConfigError::new("the URL has a [ without its ]").help("an IPv6 address is written [::1]")
            })?;
            match after.strip_prefix(':') {
                Some(port) => (name, port),
                None if after.is_empty() => (name, ""),
                None => return Err(ConfigError::new("only a port may follow the ] of an IPv6 address").help(ESCAPES)),
            }
        } else {
            item.split_once(':').unwrap_or((item, ""))
        };
        names.push(decode(name, "the host")?);
        ports.push(port);
    }
    if names.iter().any(|name| !name.is_empty()) {
        settings.push("host", names.join(","));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        settings.push("port", ports.join(","));
    }
    Ok(())
}

fn decode(text: &str, part: &str) -> Result<String, ConfigError> {
    percent_decode(text).map_err(|problem| ConfigError::new(format!("{part} in the URL {problem}")).help(ESCAPES))
}
