//! `migrate up` and `migrate down`.

use super::{Allowances, Which, failed};
use crate::Failure;
use sqlift::migrate::{self, Event, Options, Report};
use std::io::IsTerminal;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Up {
    #[command(flatten)]
    which: Which,
    /// The last version to apply
    #[arg(long, value_name = "VERSION")]
    to: Option<i64>,
    #[command(flatten)]
    allowances: Allowances,
}

#[derive(clap::Args)]
pub struct Down {
    #[command(flatten)]
    which: Which,
    /// The version to go down to, 0 for an empty schema; without it the newest version is taken back
    #[arg(long, value_name = "VERSION")]
    to: Option<i64>,
}

pub fn up(arguments: &Up) -> Result<ExitCode, Failure> {
    let json = arguments.which.json;
    let migrations = match arguments.which.migrations() {
        Ok(migrations) => migrations,
        Err(error) => return failed(json, &error),
    };
    let conn = arguments.which.connect()?;
    let tell = |event: &Event<'_>| told(event, "applied");
    let quiet = |_: &Event<'_>| {};
    let progress: &dyn Fn(&Event<'_>) = if json { &quiet } else { &tell };
    let options = Options { to: arguments.to, progress: Some(progress), ..arguments.allowances.options() };
    match migrate::up(&conn, &migrations, &options) {
        Ok(report) => done(json, &report, "nothing to apply"),
        Err(error) => failed(json, &error),
    }
}

pub fn down(arguments: &Down) -> Result<ExitCode, Failure> {
    let json = arguments.which.json;
    let migrations = match arguments.which.migrations() {
        Ok(migrations) => migrations,
        Err(error) => return failed(json, &error),
    };
    let conn = arguments.which.connect()?;
    let tell = |event: &Event<'_>| told(event, "took back with");
    let quiet = |_: &Event<'_>| {};
    let progress: &dyn Fn(&Event<'_>) = if json { &quiet } else { &tell };
    let options = Options { progress: Some(progress), ..Options::default() };
    let result = match arguments.to {
        Some(to) => migrate::down(&conn, &migrations, to, &options),
        None => migrate::current_version(&conn).and_then(|version| match version {
            // One less than the newest: it alone goes.
            Some(version) => migrate::down(&conn, &migrations, version - 1, &options),
            None => Ok(Report::default()),
        }),
    };
    match result {
        Ok(report) => done(json, &report, "nothing to take back"),
        Err(error) => failed(json, &error),
    }
}

fn told(event: &Event<'_>, verb: &str) {
    match event {
        Event::Waiting { holder } => eprintln!("waiting: {holder} is migrating this database"),
        Event::Adopted { from, count } => println!("took over {count} versions from {from}"),
        // For who waits at a terminal; a log has the line with the time.
        Event::Begun { file } if std::io::stderr().is_terminal() => eprintln!("applying {file}"),
        Event::Repaired { index } => println!("dropped index {index}, which an interrupted attempt left invalid"),
        Event::Ended { file, elapsed } => println!("{verb} {file} ({:.1} ms)", elapsed.as_secs_f64() * 1e3),
        _ => {}
    }
}

fn done(json: bool, report: &Report, nothing: &str) -> Result<ExitCode, Failure> {
    if json {
        let adopted = report.adopted.as_ref().map(|(from, count)| serde_json::json!({"from": from, "count": count}));
        println!(
            "{}",
            serde_json::json!({
                "applied": report.applied, "version": report.version, "adopted": adopted, "warnings": report.warnings,
            })
        );
        return Ok(ExitCode::SUCCESS);
    }
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    let version = report.version.map_or("no version".to_owned(), |version| format!("version {version}"));
    match report.applied.len() {
        0 => println!("{nothing}: the database is at {version}"),
        count => println!("{count} {}: the database is at {version}", if count == 1 { "file" } else { "files" }),
    }
    Ok(ExitCode::SUCCESS)
}
