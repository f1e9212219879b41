//! `sqlift append-only --for sqlite|postgres TABLE`: the statements that make a table append-only, for a migration.

use crate::Failure;
use sqlift::Backend;
use sqlift::append_only::Guard;
use std::process::ExitCode;

/// Prints the statements; it opens no database.
#[derive(clap::Args)]
pub struct Arguments {
    /// The database that the migration is for
    #[arg(long = "for", value_name = "DATABASE")]
    backend: Kind,
    /// PostgreSQL: the program's role, which gets INSERT and SELECT alone
    #[arg(long)]
    role: Vec<String>,
    /// SQLite: columns that are unique together, separated by commas, so that INSERT OR REPLACE takes no row's place
    #[arg(long, value_name = "COLUMNS")]
    unique: Vec<String>,
    table: String,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let guard = arguments.role.iter().fold(Guard::new(&arguments.table), |guard, role| guard.role(role));
    let guard = arguments
        .unique
        .iter()
        .fold(guard, |guard, columns| guard.unique(&columns.split(',').map(str::trim).collect::<Vec<_>>()));
    print!(
        "{}",
        guard.sql(match arguments.backend {
            Kind::Sqlite => Backend::Sqlite,
            Kind::Postgres => Backend::Postgres,
        })?
    );
    Ok(ExitCode::SUCCESS)
}
