//! Which database a command works on: its URL, or what the environment and the `.env` file of the working folder say.
//!
//! The library never reads `.env`: a program's own start-up decides whether it does.

use crate::Failure;
use sqlift::config::Config;
use std::collections::HashMap;

const FILE: &str = ".env";

/// The database of a URL, or of the environment where none is given. A program would take `./dev.db` where neither says; a
/// command asks, rather than make a file wherever it is run.
///
/// # Errors
/// A connection string, variable or line of `.env` that cannot be used; nothing that names a database.
pub fn config(url: Option<&str>) -> Result<Config, Failure> {
    let file = dot_env()?;
    let lookup = |name: &str| look_up(&file, name);
    let is_set = |name| lookup(name).is_some_and(|value| !value.trim().is_empty());
    match url {
        Some(url) => Ok(Config::from_url_with(url, &lookup)?),
        None if is_set("DATABASE_URL") || is_set("DATABASE_PROVIDER") => Ok(Config::from_vars(&lookup)?),
        None => Err(Box::new(NoDatabase)),
    }
}

/// Neither the command's line nor the environment names a database: wrong usage.
#[derive(Debug)]
pub struct NoDatabase;

impl std::fmt::Display for NoDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("which database? give its URL, or set DATABASE_URL, in the environment or in .env")
    }
}

impl std::error::Error for NoDatabase {}

fn dot_env() -> Result<HashMap<String, String>, Failure> {
    match std::fs::read_to_string(FILE) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(format!("{FILE} cannot be read: {error}").into()),
    }
}

fn look_up(file: &HashMap<String, String>, name: &str) -> Option<String> {
    let set = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    set.or_else(|| file.get(name).cloned())
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
