//! The command line: one file per command, on top of the library's public API.
//!
//! Errors are one line on stderr. Exit status: 0 when all is well, 1 when not, 2 for wrong usage; `doctor` has its own.

mod append_only;
mod doctor;
mod environment;
mod excerpt;
mod init;
mod install;
mod migrate;
mod shell;
mod slt;
#[cfg(unix)]
mod temp_postgres;
mod translate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Run programs written for SQLite on PostgreSQL
#[derive(Parser)]
#[command(name = "sqlift", version, long_version = version(), arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the statements that make a table append-only, for a migration
    AppendOnly(append_only::Arguments),
    /// What is wrong, or will be, with a database that a program is to run on
    Doctor(doctor::Arguments),
    /// Write what a project needs around a program that runs on both databases
    Init(init::Arguments),
    /// Put sqlift's functions into a PostgreSQL database, once, by a role that may create schemas
    Install(install::Arguments),
    /// Numbered SQL files that bring a database to its newest schema
    Migrate(migrate::Arguments),
    /// A SQLite-like shell on either database
    Shell(shell::Arguments),
    /// Run sqllogictest files through the facade; each file gets a database of its own
    Slt(slt::Arguments),
    /// A PostgreSQL server of its own for a command, or until Ctrl-C
    #[cfg(unix)]
    TempPostgres(temp_postgres::Arguments),
    /// Print what SQLite's SQL becomes on PostgreSQL, and what differs or is refused
    Translate(translate::Arguments),
}

/// What a command may fail with; its text is what the user reads.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::AppendOnly(arguments) => append_only::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Install(arguments) => install::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Shell(arguments) => shell::run(&arguments),
        Command::Slt(arguments) => slt::run(&arguments),
        #[cfg(unix)]
        Command::TempPostgres(arguments) => temp_postgres::run(&arguments),
        Command::Translate(arguments) => translate::run(&arguments),
    };
    done.unwrap_or_else(|failure| {
        // Whoever read our output has seen enough.
        if failure.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        {
            return ExitCode::FAILURE;
        }
        eprintln!("sqlift: {failure}");
        if failure.is::<environment::NoDatabase>() {
            return ExitCode::from(2);
        }
        ExitCode::FAILURE
    })
}

/// `-V` and `--version`: the crate's version and that of the SQLite inside.
fn version() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{} (SQLite {})", env!("CARGO_PKG_VERSION"), sqlift::version()))
}
