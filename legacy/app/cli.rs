//! The command line: which file, which modules, what to do.

use std::io::Write;

use rusqlite::Connection;

use crate::db::{self, Error, NOW, Result, TODAY};
use crate::random::day;
use crate::report::Report;
use crate::{access, audit, conferences, import, marketplace, pipelines, sessions, sources, workflow};

pub const USAGE: &str = "\
usage: portal [--db PATH] [--modules a,b] [--rows N] COMMAND
  seed            fill the database with N rows per module (2000)
  report          print what it holds
  import FILE     take a CSV file of items in
  expire          end what has run out
  make-csv FILE   write the CSV file that import reads
  run [FILE]      seed, import, expire and report in sequence; without FILE the import makes its rows itself
modules: sources, access, sessions, workflow, audit, marketplace, pipelines, conferences";

struct Module {
    name: &'static str,
    migrations: &'static [&'static str],
    seed: fn(&mut Connection, i64, &mut Report<'_>) -> Result<()>,
    report: fn(&Connection, &mut Report<'_>) -> Result<()>,
}

/// In the order in which their tables refer to each other.
const MODULES: &[Module] = &[
    Module { name: "sources", migrations: sources::MIGRATIONS, seed: sources::seed, report: sources::report },
    Module { name: "access", migrations: access::MIGRATIONS, seed: access::seed, report: access::report },
    Module { name: "sessions", migrations: sessions::MIGRATIONS, seed: sessions::seed, report: sessions::report },
    Module { name: "workflow", migrations: workflow::MIGRATIONS, seed: workflow::seed, report: workflow::report },
    Module { name: "audit", migrations: audit::MIGRATIONS, seed: audit::seed, report: audit::report },
    Module {
        name: "marketplace",
        migrations: marketplace::MIGRATIONS,
        seed: marketplace::seed,
        report: marketplace::report,
    },
    Module { name: "pipelines", migrations: pipelines::MIGRATIONS, seed: pipelines::seed, report: pipelines::report },
    Module {
        name: "conferences",
        migrations: conferences::MIGRATIONS,
        seed: conferences::seed,
        report: conferences::report,
    },
];

struct Options {
    db: String,
    modules: Vec<&'static Module>,
    rows: i64,
    command: String,
    file: Option<String>,
}

fn parse(args: &[String]) -> Result<Options> {
    let (mut db, mut rows, mut modules) = ("./portal.db".to_string(), 2000, MODULES.iter().collect::<Vec<_>>());
    let mut words = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| Error::Usage(format!("{arg} needs a value")));
        match arg.as_str() {
            "--db" => db = value()?.clone(),
            "--rows" => {
                let text = value()?;
                rows = text.parse().map_err(|_| Error::Usage(format!("not a number: {text}")))?;
            }
            "--modules" => modules = choose(value()?)?,
            option if option.starts_with('-') => return Err(Error::Usage(format!("unknown option: {option}"))),
            _ => words.push(arg.clone()),
        }
    }
    let mut words = words.into_iter();
    let command = words.next().ok_or_else(|| Error::Usage("no command".to_string()))?;
    let file = words.next();
    if let Some(word) = words.next() {
        return Err(Error::Usage(format!("one word too many: {word}")));
    }
    if !(20..=99_999).contains(&rows) {
        return Err(Error::Usage("--rows goes from 20 to 99999".to_string()));
    }
    Ok(Options { db, modules, rows, command, file })
}

fn choose(list: &str) -> Result<Vec<&'static Module>> {
    let names: Vec<&str> = list.split(',').collect();
    if let Some(unknown) = names.iter().find(|name| MODULES.iter().all(|module| module.name != **name)) {
        return Err(Error::Usage(format!("unknown module: {unknown}")));
    }
    if names.contains(&"access") && !names.contains(&"sources") {
        return Err(Error::Usage("module access needs module sources".to_string()));
    }
    Ok(MODULES.iter().filter(|module| names.contains(&module.name)).collect())
}

pub fn run(args: &[String]) -> Result<()> {
    let options = parse(args)?;
    if options.command == "make-csv" {
        let file = options.file.ok_or_else(|| Error::Usage("make-csv needs a file".to_string()))?;
        return Ok(std::fs::write(file, import::make_csv())?);
    }
    if !["seed", "report", "import", "expire", "run"].contains(&options.command.as_str()) {
        return Err(Error::Usage(format!("unknown command: {}", options.command)));
    }
    let mut conn = db::connect(&options.db)?;
    for module in &options.modules {
        db::upgrade(&mut conn, module.name, module.migrations)?;
    }
    let mut out = std::io::stdout().lock();
    let mut report = Report::new(&mut out);
    match options.command.as_str() {
        "seed" => seed(&mut conn, &options, &mut report)?,
        "report" => print(&conn, &options, &mut report)?,
        "import" => {
            let file = options.file.as_deref().ok_or_else(|| Error::Usage("import needs a file".to_string()))?;
            import_items(&mut conn, &options, &std::fs::read_to_string(file)?, &mut report)?;
        }
        "expire" => expire(&mut conn, &options, &mut report)?,
        _ => {
            let csv = match &options.file {
                Some(file) => std::fs::read_to_string(file)?,
                None => import::make_csv(),
            };
            seed(&mut conn, &options, &mut report)?;
            import_items(&mut conn, &options, &csv, &mut report)?;
            expire(&mut conn, &options, &mut report)?;
            print(&conn, &options, &mut report)?;
        }
    }
    report.finish()?;
    drop(out);
    std::io::stdout().flush()?;
    conn.close().map_err(|(_, error)| Error::Sqlite(error))
}

fn seed(conn: &mut Connection, options: &Options, report: &mut Report<'_>) -> Result<()> {
    for module in &options.modules {
        report.section(&format!("seed {}", module.name))?;
        (module.seed)(conn, options.rows, report)?;
    }
    Ok(())
}

fn print(conn: &Connection, options: &Options, report: &mut Report<'_>) -> Result<()> {
    for module in &options.modules {
        (module.report)(conn, report)?;
        let version = db::schema_version(conn, module.name)?;
        report.fact("schema version", version)?;
    }
    Ok(())
}

fn has(options: &Options, name: &str) -> bool {
    options.modules.iter().any(|module| module.name == name)
}

fn import_items(conn: &mut Connection, options: &Options, csv: &str, report: &mut Report<'_>) -> Result<()> {
    if has(options, "sources") {
        report.section("import")?;
        import::import_csv(conn, csv, report)?;
    }
    Ok(())
}

fn expire(conn: &mut Connection, options: &Options, report: &mut Report<'_>) -> Result<()> {
    report.section("expire")?;
    if has(options, "access") {
        let (requests, grants) = access::expire(conn, &day(5), TODAY)?;
        report.fact("requests, grants", format!("{requests}, {grants}"))?;
    }
    if has(options, "sessions") {
        let (sessions, users) = sessions::expire(conn, NOW)?;
        report.fact("sessions ended, users unlocked", format!("{sessions}, {users}"))?;
    }
    if has(options, "workflow") {
        let (dropped, freed) = workflow::expire(conn, &day(8))?;
        report.fact("tasks dropped, freed", format!("{dropped}, {freed}"))?;
    }
    Ok(())
}
