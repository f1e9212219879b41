//! Dot commands: a table of their names, what they take and what they do.

use super::connect::Connected;
use super::human::{Next, Place, Shell};
use super::output::Mode;
use super::schema;
use std::io::{self, Write};

/// Name, what it takes, what it does.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (".headers", "on|off", "Column names above rows (list, csv, column, table)"),
    (".help", "", "This list"),
    (".mode", "list|column|table|csv|json|line", "How rows are written"),
    (".open", "URL", "Another database, on either backend"),
    (".quit", "", "End"),
    (".read", "FILE", "Run a script"),
    (".schema", "[TABLE]", "The statements that make tables; TABLE may hold % and _"),
    (".tables", "", "Tables and views"),
    (".timer", "on|off", "How long each statement takes"),
];

/// Scripts that read themselves end here.
const DEEPEST: usize = 16;

impl Shell {
    /// Runs a dot command, given without its dot.
    pub fn dot(&mut self, command: &str, place: Option<Place<'_>>) -> io::Result<Next> {
        let command = command.trim().trim_end_matches(';');
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let argument = unquoted(rest.trim());
        let done = match (name, argument) {
            ("quit" | "exit", "") => return Ok(Next::Quit),
            ("help", "") => return help().map(|()| Next::More),
            ("headers", "on" | "off") => {
                self.style.headers = argument == "on";
                Ok(())
            }
            ("timer", "on" | "off") => {
                self.timer = argument == "on";
                Ok(())
            }
            ("mode", mode) if Mode::ALL.iter().any(|(name, _)| *name == mode) => {
                self.style.mode = Mode::ALL.iter().find(|(name, _)| *name == mode).expect("the guard found it").1;
                Ok(())
            }
            ("open", url) if !url.is_empty() => {
                Connected::open(url).map(|connected| self.connected = connected).map_err(|error| super::message(&error))
            }
            ("read", file) if !file.is_empty() => return self.read(file, place),
            ("tables", "") => lines(schema::tables(&self.connected.conn)),
            ("schema", pattern) => {
                let pattern = if pattern.is_empty() { "%" } else { pattern };
                lines(schema::statements(&self.connected.conn, pattern))
            }
            _ => Err(match COMMANDS.iter().find(|known| known.0.strip_prefix('.') == Some(name)) {
                Some((name, takes, _)) => format!("usage: {}", format!("{name} {takes}").trim_end()),
                None => format!(".{name} is not known; .help lists the commands"),
            }),
        };
        if let Err(message) = done {
            self.failed = true;
            let place = place.map_or(String::new(), |place| format!("  --> {}:{}\n", place.source, place.line));
            write!(io::stderr(), "error: {message}\n{place}")?;
        }
        Ok(Next::More)
    }

    fn read(&mut self, file: &str, place: Option<Place<'_>>) -> io::Result<Next> {
        let opened = if self.depth < DEEPEST {
            std::fs::File::open(file).map_err(|error| error.to_string())
        } else {
            Err("too many scripts read one another".to_owned())
        };
        match opened {
            Ok(opened) => {
                self.depth += 1;
                let before = std::mem::replace(&mut self.failed, false);
                let next = self.script(file, &mut io::BufReader::new(opened));
                self.depth -= 1;
                // At a prompt a script that ends does not end the shell.
                let next = if place.is_none() { next.map(|_| Next::More) } else { next };
                self.failed |= before;
                next
            }
            Err(message) => {
                self.failed = true;
                writeln!(io::stderr(), "error: cannot read {file}: {message}")?;
                Ok(Next::More)
            }
        }
    }
}

fn help() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (name, takes, what) in COMMANDS {
        writeln!(out, "{:44}{what}", format!("{name} {takes}"))?;
    }
    writeln!(out, "Anything else is SQL in SQLite's dialect, up to a semicolon.")
}

fn lines(found: sqlift::Result<Vec<String>>) -> Result<(), String> {
    let mut out = io::stdout().lock();
    for line in found.map_err(|error| super::message(&error))? {
        writeln!(out, "{line}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn unquoted(argument: &str) -> &str {
    let quoted = |quote| argument.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).unwrap_or(argument)
}
