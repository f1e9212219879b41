//! The portal with its first module ported: `sessions` is written for PostgreSQL, everything else is the legacy program's.
//! `--db PATH features` shows, after `seed`, what uses PostgreSQL's own features where they are (`features.rs`).

#[path = "../app/access.rs"]
mod access;
#[path = "../app/audit.rs"]
mod audit;
#[path = "../app/cli.rs"]
mod cli;
#[path = "../app/conferences.rs"]
mod conferences;
#[path = "../app/db.rs"]
mod db;
mod features;
#[path = "../app/import.rs"]
mod import;
#[path = "../app/marketplace.rs"]
mod marketplace;
#[path = "../app/pipelines.rs"]
mod pipelines;
#[path = "../app/random.rs"]
mod random;
#[path = "../app/report.rs"]
mod report;
mod sessions;
#[path = "../app/sources.rs"]
mod sources;
#[path = "../app/types.rs"]
mod types;
#[path = "../app/workflow.rs"]
mod workflow;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match &args[..] {
        [db, path, command] if db == "--db" && command == "features" => {
            db::connect(path).and_then(|conn| features::report(&conn))
        }
        _ => cli::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(db::Error::Usage(message)) => {
            eprintln!("{message}\n\n{}", cli::USAGE);
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("portal: {error}");
            ExitCode::FAILURE
        }
    }
}
