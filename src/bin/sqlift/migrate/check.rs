//! `migrate check`: both sets give the same schema, or where they do not.

use super::failed;
use super::scratch::Scratch;
use crate::{Failure, environment};
use serde_json::json;
use sqlift::Connection;
use sqlift::migrate::{self, Difference, Migrations, Side};
use std::path::PathBuf;
use std::process::ExitCode;

/// PostgreSQL is DATABASE_URL's server, where a scratch database is made and dropped; SQLite is in memory.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of migrations
    #[arg(default_value = "sql/migrations")]
    dir: PathBuf,
    /// The PostgreSQL server; else what the environment or .env says (DATABASE_URL)
    #[arg(long)]
    url: Option<String>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let migrations = match Migrations::from_folder(&arguments.dir) {
        Ok(migrations) => migrations,
        Err(error) => return failed(arguments.json, &error),
    };
    // As text: for `migrate` 2 is another status than wrong usage.
    let config = environment::config(arguments.url.as_deref()).map_err(|failure| {
        format!("{failure}; or let a server be started: sqlift temp-postgres -- sqlift migrate check")
    })?;
    let scratch = Scratch::new(config)?;
    let sqlite = Connection::open_sqlite(":memory:")?;
    sqlite.execute_batch("PRAGMA foreign_keys = ON")?;
    let differences = match migrate::check(&migrations, &sqlite, scratch.conn()) {
        Ok(differences) => differences,
        Err(error) => return failed(arguments.json, &error),
    };
    if arguments.json {
        println!("{}", json!({"differences": differences.iter().map(document).collect::<Vec<_>>()}));
    } else {
        for difference in &differences {
            println!("{difference}");
        }
        let versions = migrations.versions().count();
        match differences.len() {
            0 => {
                let give = if versions == 1 { "version gives" } else { "versions give" };
                println!("no difference: {versions} {give} the same schema on SQLite and PostgreSQL");
            }
            1 => println!("1 difference"),
            count => println!("{count} differences"),
        }
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn document(difference: &Difference) -> serde_json::Value {
    let side = |side: &Side| json!({"value": side.value, "file": side.file});
    json!({
        "table": difference.table, "column": difference.column, "what": difference.what,
        "sqlite": side(&difference.sqlite), "postgres": side(&difference.postgres),
    })
}
