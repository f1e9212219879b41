//! Which database a command works on: its URL, or what the environment and the `.env` file of the working folder say.
//!
//! The library never reads `.env`: a program's own start-up decides whether it does.

use crate::Failure;
use sqlift::config::Config;
use std::collections::HashMap;

const FILE: &str = ".env";

/// The database of a URL, or of the environment where none is given.
///
/// # Errors
/// A connection string, variable or line of `.env` that cannot be used.
pub fn config(url: Option<&str>) -> Result<Config, Failure> {
    let file = match std::fs::read_to_string(FILE) {
        Ok(text) => parse(&text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => HashMap::new(),
        Err(error) => return Err(format!("{FILE} cannot be read: {error}").into()),
    };
    let lookup = |name: &str| {
        let set = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        set.or_else(|| file.get(name).cloned())
    };
    Ok(match url {
        Some(url) => Config::from_url_with(url, &lookup)?,
        None => Config::from_vars(&lookup)?,
    })
}

/// `NAME=value` lines; `export`, comments, and quotes as shells have them. Values are never shown.
fn parse(text: &str) -> Result<HashMap<String, String>, Failure> {
    let mut found = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let bad = |why: &str| -> Failure { format!("{FILE}, line {}: {why}", index + 1).into() };
        let (name, value) = line.split_once('=').ok_or_else(|| bad("there is no = in it; write NAME=value"))?;
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(bad("what stands before = is no variable's name"));
        }
        found.insert(name.to_owned(), unquote(value.trim()).ok_or_else(|| bad("the closing quote is missing"))?);
    }
    Ok(found)
}

fn unquote(value: &str) -> Option<String> {
    match value.chars().next() {
        Some('\'') => value[1..].split_once('\'').map(|(inside, _)| inside.to_owned()),
        Some('"') => {
            let mut text = String::new();
            let mut characters = value[1..].chars();
            loop {
                match characters.next()? {
                    '"' => return Some(text),
                    '\\' => match characters.next()? {
                        'n' => text.push('\n'),
                        other => text.push(other),
                    },
                    other => text.push(other),
                }
            }
        }
        // A # after a blank begins a comment; inside a URL it does not.
        _ => Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_of_an_env_file() {
        let text =
            "# comment\n\nA=1\nexport B = two words # note\nC='a # b'\nD=\"x\\\"y\\n\"\nE=\nURL=postgres://u:p#q@h/d\n";
        let found = parse(text).unwrap();
        for (name, value) in [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a # b"),
            ("D", "x\"y\n"),
            ("E", ""),
            ("URL", "postgres://u:p#q@h/d"),
        ] {
            assert_eq!(found.get(name).map(String::as_str), Some(value), "{name}");
        }
        for (text, expected) in [
            ("A=1\nhunter2", ".env, line 2: there is no = in it; write NAME=value"),
            ("a b=1", ".env, line 1: what stands before = is no variable's name"),
            ("A='hunter2", ".env, line 1: the closing quote is missing"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected);
        }
    }
}
