//! ADO.NET's connection strings, as Npgsql and Microsoft.Data.Sqlite take them: `Host=db;Username=app;Password="a;b"`.

use super::error::ConfigError;

/// The pairs of a connection string: keys as written, values without their quotes.
///
/// A value may stand in single or double quotes, in which a doubled quote is a quote; unquoted values lose the blanks
/// around them. Empty parts between semicolons are left out.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').filter(|(key, _)| !key.contains(';')).ok_or_else(|| {
            ConfigError::new("a part of the connection string has no =")
                .help("write Name=value;Name=value, and a value that holds ; in double quotes")
        })?;
        let after = after.trim_start();
        let (value, tail) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(after, quote)?,
            _ => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim_end().to_owned(), &after[end..])
            }
        };
        pairs.push((key.trim().to_owned(), value));
        rest = tail.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    }
    Ok(pairs)
}

fn quoted(text: &str, quote: char) -> Result<(String, &str), ConfigError> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            value.push(quote);
        } else {
            let tail = &text[at + 1..];
            return if tail.trim_start().is_empty() || tail.trim_start().starts_with(';') {
                Ok((value, tail))
            } else {
                Err(ConfigError::new("something follows a closing quote of the connection string")
                    .help("inside quotes the same quote is written twice"))
            };
        }
    }
    Err(ConfigError::new("a quoted value of the connection string has no closing quote")
        .help("inside quotes the same quote is written twice"))
}
