//! `migrate status` and `migrate plan`.

use super::{Allowances, Which, failed};
use crate::Failure;
use serde_json::json;
use sqlift::migrate::{self, Options};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Exit with status 1 unless everything is applied
    #[arg(long)]
    check: bool,
}

#[derive(clap::Args)]
pub struct Plan {
    #[command(flatten)]
    which: Which,
    /// The last version to apply
    #[arg(long, value_name = "VERSION")]
    to: Option<i64>,
    /// Show the statements too
    #[arg(long)]
    sql: bool,
    #[command(flatten)]
    allowances: Allowances,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let which = &arguments.which;
    let found = which.migrations().map(|migrations| (which.connect(), migrations));
    let (conn, migrations) = match found {
        Ok((conn, migrations)) => (conn?, migrations),
        Err(error) => return failed(which.json, &error),
    };
    let status = match migrate::status(&conn, &migrations, &Options::default()) {
        Ok(status) => status,
        Err(error) => return failed(which.json, &error),
    };
    if which.json {
        let entries = status.entries.iter().map(|entry| {
            json!({
                "version": entry.version, "name": entry.name, "file": entry.file, "state": entry.state.word(),
                "applied_at": entry.applied_at,
            })
        });
        let current = status.is_current();
        println!(
            "{}",
            json!({"version": status.version, "current": current, "adopts": status.adopts, "migrations": entries.collect::<Vec<_>>()})
        );
    } else {
        if let Some(from) = &status.adopts {
            println!("the next migrate up takes over what {from} says was applied");
        }
        let number = |version: Option<i64>| version.map_or("R".to_owned(), |version| version.to_string());
        let width = |text: fn(&migrate::Entry) -> usize| status.entries.iter().map(text).max().unwrap_or(0);
        let (versions, states) = (
            width(|entry| entry.version.map_or(1, |version| version.to_string().len())),
            width(|entry| entry.state.word().len()),
        );
        for entry in &status.entries {
            let at = entry.applied_at.as_deref().unwrap_or("-");
            println!("{:>versions$}  {:states$}  {at:19}  {}", number(entry.version), entry.state.word(), entry.file);
        }
        let version = status.version.map_or("no version".to_owned(), |version| format!("version {version}"));
        let waiting = status.entries.iter().filter(|entry| entry.state != migrate::State::Applied).count();
        match waiting {
            0 => println!("the database is at {version}, nothing is pending"),
            _ => println!("the database is at {version}; {waiting} not applied"),
        }
    }
    Ok(if arguments.check && !status.is_current() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub fn plan(arguments: &Plan) -> Result<ExitCode, Failure> {
    let which = &arguments.which;
    let migrations = match which.migrations() {
        Ok(migrations) => migrations,
        Err(error) => return failed(which.json, &error),
    };
    let conn = which.connect()?;
    let options = Options { to: arguments.to, ..arguments.allowances.options() };
    let planned = match migrate::plan(&conn, &migrations, &options) {
        Ok(planned) => planned,
        Err(error) => return failed(which.json, &error),
    };
    if which.json {
        let files = planned.iter().map(|file| {
            json!({
                "version": file.version, "file": file.file, "transaction": file.transaction, "statements": file.statements,
            })
        });
        println!("{}", json!({"plan": files.collect::<Vec<_>>()}));
        return Ok(ExitCode::SUCCESS);
    }
    for file in &planned {
        let count = file.statements.len();
        let how = if file.transaction { "in a transaction" } else { "one by one" };
        println!("{}: {count} {}, {how}", file.file, if count == 1 { "statement" } else { "statements" });
        for statement in file.statements.iter().filter(|_| arguments.sql) {
            println!("{statement};");
        }
    }
    if planned.is_empty() {
        println!("nothing to apply");
    }
    Ok(ExitCode::SUCCESS)
}
