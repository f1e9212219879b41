//! The operations portal: registrations, access, offers, pipelines, audit, tasks, conferences and logins in one SQLite
//! file. It is a legacy program on purpose: raw SQL at every call site, helpers that take `&Connection`, its own schema.
//!
//! ```text
//! portal [--db PATH] [--modules a,b] [--rows N] seed | report | import FILE.csv | expire | make-csv FILE | run [FILE.csv]
//! ```

mod access;
mod audit;
mod cli;
mod conferences;
mod db;
mod import;
mod marketplace;
mod pipelines;
mod random;
mod report;
mod sessions;
mod sources;
mod types;
mod workflow;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match cli::run(&args) {
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
