//! libpq's keyword strings: `host=db dbname='my db' password='it\'s'`.

use super::error::ConfigError;
use super::settings::Settings;

/// Splits a keyword string into its settings.
///
/// Blanks may surround `=`; a value with blanks stands in single quotes; a backslash takes the next character as it is.
pub(super) fn settings(text: &str) -> Result<Settings, ConfigError> {
    let mut settings = Settings::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            let what = if settings.secretive || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                "a word of the keyword string has no = behind it".to_owned()
            } else {
                format!("{key} has no = behind it")
            };
            return Err(ConfigError::new(what).help("a value with blanks stands in quotes: dbname='my db'"));
        };
        let (value, tail) = value_of(value.trim_start())?;
        settings.push(key, value);
        // A password with blanks that is not quoted would show up as the next keyword.
        settings.secretive |= is_secret(key);
        rest = tail.trim_start();
    }
    Ok(settings)
}

pub(super) fn is_secret(key: &str) -> bool {
    super::settings::lookup_name(key).is_none_or(|parameter| matches!(parameter.name, "password" | "sslpassword"))
        && super::text::normalized(key).starts_with(['p', 's'])
}

fn value_of(text: &str) -> Result<(String, &str), ConfigError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if !quoted && c.is_whitespace() => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    if quoted {
        return Err(ConfigError::new("a quoted value of the keyword string has no closing quote")
            .help("a quote inside a value is written \\'"));
    }
    Ok((value, ""))
}
