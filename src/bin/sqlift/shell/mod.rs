//! `sqlift shell [--json] URL`: a shell on either database, for people and, with `--json`, for programs.

mod connect;
mod dot;
mod human;
mod json;
pub mod output;
mod prompt;
mod schema;
mod value;

use crate::{Failure, environment};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Without `--json`: SQL and dot commands (.help) from standard input, with a prompt on a terminal. A script stops with
/// status 1 at its first error. With `--json`: one request and one reply a line.
#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON request and one JSON reply a line, for programs
    #[arg(long)]
    json: bool,
    /// A script goes on after an error; its exit status is 1 all the same
    #[arg(long, conflicts_with = "json")]
    keep_going: bool,
    /// sqlite:PATH, sqlite::memory:, postgres://..., or any other connection string; without it the environment and .env decide
    url: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connected = connect::Connected::with_config(&environment::config(arguments.url.as_deref())?)
        .map_err(|error| message(&error))?;
    let (stdin, stdout) = (std::io::stdin(), std::io::stdout());
    if arguments.json {
        return json::run(connected, stdin.lock(), stdout.lock());
    }
    if stdin.is_terminal() {
        return prompt::run(human::Shell::new(connected, output::Style::for_people()));
    }
    let mut shell = human::Shell::new(connected, output::Style::for_scripts());
    shell.keep_going = arguments.keep_going;
    shell.script("stdin", &mut stdin.lock())?;
    Ok(if shell.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What the database said, without the place that rusqlite adds to some messages.
fn message(error: &sqlift::Error) -> String {
    match error {
        sqlift::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// The server's own code, for errors that came from PostgreSQL.
fn sqlstate(error: &sqlift::Error) -> Option<String> {
    sqlift::postgres_error(error).map(|report| report.sqlstate.clone())
}

/// The place in the caller's SQL that the error is about, in bytes.
fn offset(error: &sqlift::Error) -> Option<usize> {
    match error {
        sqlift::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        other => sqlift::postgres_error(other).and_then(|report| report.offset),
    }
}
