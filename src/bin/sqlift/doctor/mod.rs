//! `sqlift doctor [--json] [URL]`: what is wrong, or will be, with a database that a program is to run on.
//!
//! Reads only: it creates no file and no schema.

mod postgres;
mod role;
mod schema;
mod server;
mod sqlite;
mod values;

use crate::{Failure, environment};
use sqlift::config::Config;
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks the connection, the server's settings, the role's rights and the schema; each finding says what to do. Exit
/// status: 0 without findings, 1 with findings, 2 when the database is not reachable.
#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON document, for programs
    #[arg(long)]
    json: bool,
    /// A folder of migrations, to be compared with what was applied
    #[arg(long, value_name = "DIR")]
    migrations: Option<PathBuf>,
    /// The database; without it DATABASE_URL and its friends decide, from the environment or from .env
    url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    Warning,
    Error,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Error => "error",
        }
    }
}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
    /// What to do; empty when all is well.
    remedy: String,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Check {
        Check { name, status: Status::Ok, detail: detail.into(), remedy: String::new() }
    }

    fn warning(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { name, status: Status::Warning, detail: detail.into(), remedy: remedy.into() }
    }

    fn error(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { name, status: Status::Error, detail: detail.into(), remedy: remedy.into() }
    }

    /// The findings of one check, worst first; all is well without any.
    fn of(name: &'static str, findings: Vec<Finding>, all_is_well: impl Into<String>) -> Check {
        let Some(worst) = findings.iter().map(|finding| finding.status).max_by_key(|status| *status as u8) else {
            return Check::ok(name, all_is_well);
        };
        let join = |part: fn(&Finding) -> &str| {
            let mut parts: Vec<&str> = findings.iter().map(part).collect();
            parts.dedup();
            parts.join("; ")
        };
        Check { name, status: worst, detail: join(|finding| &finding.detail), remedy: join(|finding| &finding.remedy) }
    }
}

/// One of several things that a check finds.
struct Finding {
    status: Status,
    detail: String,
    remedy: String,
}

impl Finding {
    fn warning(detail: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { status: Status::Warning, detail: detail.into(), remedy: remedy.into() }
    }

    fn error(detail: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { status: Status::Error, detail: detail.into(), remedy: remedy.into() }
    }
}

/// What was found, or why the database could not be opened: a text with a line that begins `help:`.
type Examined = Result<Vec<Check>, String>;

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let examined = match environment::config(arguments.url.as_deref()) {
        Err(error) => Err(error.to_string()),
        Ok(Config::Postgres(config)) => postgres::examine(*config, arguments.migrations.as_deref()),
        Ok(Config::Sqlite(config)) => sqlite::examine(&config, arguments.migrations.as_deref()),
    };
    let (checks, reachable) = match examined {
        Ok(checks) => (checks, true),
        Err(text) => (vec![unreachable(&text)], false),
    };
    if arguments.json {
        print_json(&checks)?;
    } else {
        print_text(&checks);
    }
    let findings = checks.iter().any(|check| check.status != Status::Ok);
    Ok(ExitCode::from(match (reachable, findings) {
        (false, _) => 2,
        (true, true) => 1,
        (true, false) => 0,
    }))
}

fn unreachable(text: &str) -> Check {
    let (detail, help) = text.split_once("\n  help: ").unwrap_or((text, "check the URL, and that the server runs"));
    Check::error("reachable", one_line(detail), help)
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn print_json(checks: &[Check]) -> Result<(), Failure> {
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            serde_json::json!({
                "check": check.name,
                "status": check.status.word(),
                "detail": check.detail,
                "remedy": if check.remedy.is_empty() { None } else { Some(&check.remedy) },
            })
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "checks": checks }))?);
    Ok(())
}

fn print_text(checks: &[Check]) {
    for Check { name, status, detail, remedy } in checks {
        println!("{:8} {name:13} {detail}", status.word());
        if !remedy.is_empty() {
            println!("{:22} help: {remedy}", "");
        }
    }
    let count = |status: Status| checks.iter().filter(|check| check.status == status).count();
    match (count(Status::Error), count(Status::Warning)) {
        (0, 0) => println!("no findings"),
        (errors, warnings) => println!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    }
}

/// The first few of many names.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names.len() {
        ..=SHOWN => names.join(", "),
        count => format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN),
    }
}

/// `1 table`, `2 tables`.
fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// What SQLite's and the server's errors say, without the place that rusqlite adds.
fn said(error: &sqlift::Error) -> String {
    one_line(&error.to_string())
}
