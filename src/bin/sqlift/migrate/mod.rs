//! `sqlift migrate`: `sqlift::migrate` for people and scripts.

mod apply;
mod check;
mod draft;
mod new;
mod scratch;
mod status;

use crate::{Failure, environment};
use clap::Subcommand;
use sqlift::Connection;
use sqlift::migrate::{Adopt, Error, Interrupted, Migrations, Options};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Exit status: 0 when all is well, 1 when not, 2 for wrong usage.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply what the database lacks
    Up(apply::Up),
    /// Take the newest version back, or all behind a version
    Down(apply::Down),
    /// Where the database stands
    Status(status::Arguments),
    /// What `up` would do, without doing it
    Plan(status::Plan),
    /// Apply the set of each database to an empty one, and compare the schemas
    Check(check::Arguments),
    /// Write a first PostgreSQL migration from a SQLite schema
    Draft(draft::Arguments),
    /// Write an empty migration with the next number
    New(new::Arguments),
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Up(arguments) => apply::up(arguments),
        Command::Down(arguments) => apply::down(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Plan(arguments) => status::plan(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Draft(arguments) => draft::run(arguments),
        Command::New(arguments) => new::run(arguments),
    }
}

/// Which database, which files.
#[derive(clap::Args)]
struct Which {
    /// The database; else the environment's, or that of .env
    #[arg(long)]
    url: Option<String>,
    /// The folder of migrations
    #[arg(default_value = "sql/migrations")]
    dir: PathBuf,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

impl Which {
    fn connect(&self) -> Result<Connection, Failure> {
        // As text: for `migrate` 2 is another status than wrong usage.
        let config = environment::config(self.url.as_deref()).map_err(|failure| failure.to_string())?;
        Ok(Connection::open_config(&config)?)
    }

    fn migrations(&self) -> Result<Migrations, Error> {
        Migrations::from_folder(&self.dir)
    }
}

/// What may be allowed.
#[derive(clap::Args)]
struct Allowances {
    /// Apply versions that are older than one that was applied
    #[arg(long)]
    out_of_order: bool,
    /// Take the changed text of applied files as what was applied
    #[arg(long)]
    accept_changed: bool,
    /// Go on although applied versions have no file here
    #[arg(long)]
    ignore_missing: bool,
    /// Another tool's history to take over: recognised, nothing, user_version, or TABLE.COLUMN
    #[arg(long, value_parser = adopt, value_name = "WHAT", default_value = "recognised")]
    adopt: Adopt,
    /// Versions up to this one are in the database already
    #[arg(long, value_name = "VERSION", conflicts_with = "adopt")]
    baseline: Option<i64>,
    /// What became of the statement at which a file without a transaction was killed
    #[arg(long, value_parser = interrupted, value_name = "again|done")]
    interrupted: Option<Interrupted>,
    /// Seconds to wait for somebody else who is migrating
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    lock_timeout: u64,
}

impl Allowances {
    fn options(&self) -> Options<'static> {
        Options {
            out_of_order: self.out_of_order,
            accept_changed: self.accept_changed,
            ignore_missing: self.ignore_missing,
            adopt: self.baseline.map_or_else(|| self.adopt.clone(), Adopt::Baseline),
            interrupted: self.interrupted.unwrap_or_default(),
            lock_timeout: Duration::from_secs(self.lock_timeout),
            ..Options::default()
        }
    }
}

fn adopt(text: &str) -> Result<Adopt, String> {
    match text {
        "recognised" | "recognized" => Ok(Adopt::Recognised),
        "nothing" | "none" => Ok(Adopt::Nothing),
        "user_version" => Ok(Adopt::UserVersion),
        other => match other.rsplit_once('.') {
            Some((name, column)) if !name.is_empty() && !column.is_empty() => {
                Ok(Adopt::Table { name: name.to_owned(), column: column.to_owned() })
            }
            _ => Err("write recognised, nothing, user_version, or TABLE.COLUMN".to_owned()),
        },
    }
}

fn interrupted(text: &str) -> Result<Interrupted, String> {
    match text {
        "again" => Ok(Interrupted::Again),
        "done" => Ok(Interrupted::Done),
        _ => Err("write again to run it, or done when it has run".to_owned()),
    }
}

/// A failure as the caller wants it: text for people, a document for programs.
fn failed(json: bool, error: &Error) -> Result<ExitCode, Failure> {
    if json {
        println!("{}", problem(error));
    } else {
        eprintln!("error: {error}");
    }
    Ok(ExitCode::FAILURE)
}

fn problem(error: &Error) -> serde_json::Value {
    serde_json::json!({"error": {
        "kind": format!("{:?}", error.kind()),
        "message": error.message(),
        "file": error.file(),
        "line": error.line(),
        "statement": error.statement(),
        "help": error.remedy(),
    }})
}
