//! `sqlift shell [--json] URL`: a shell on either database, for people and, with `--json`, for programs.

mod connect;
mod json;
mod value;

use crate::Failure;
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
    /// sqlite:PATH, sqlite::memory:, postgres://..., or any other connection string
    url: String,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connected = connect::Connected::open(&arguments.url)?;
    if arguments.json {
        return json::run(connected, std::io::stdin().lock(), std::io::stdout().lock());
    }
    Err("the shell for people is being built; --json works".into())
}

/// What the database said, without the place that rusqlite adds to some messages.
fn message(error: &sqlift::Error) -> String {
    match error {
        sqlift::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// The server's own code, for errors that came from PostgreSQL.
fn sqlstate(_error: &sqlift::Error) -> Option<String> {
    None
}
