//! `sqlift slt --url URL FILE...`: sqllogictest files through the facade.
//!
//! One line per failing record on stdout, and last `N passed, N failed`. `records` reads the files, `render` writes values
//! as SQLite's own runner does.

mod records;
mod render;

use crate::Failure;
use records::{Record, Task};
use sqlift::config::{Config, PostgresConfig};
use sqlift::types::Value;
use sqlift::{Connection, Error};
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The database: sqlite::memory: or a PostgreSQL URL, where each file gets a schema of its own
    #[arg(long)]
    url: String,
    /// Show what was expected and what came
    #[arg(long, short)]
    verbose: bool,
    /// Run SQLite beside it and count the records that pass with another storage class or another exact value
    #[arg(long)]
    strict: bool,
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (mut passed, mut failed, mut unlike) = (0_u64, 0_u64, 0_u64);
    for file in &arguments.files {
        let name = file.display();
        let bytes = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        let database = Scratch::open(&arguments.url)?;
        let beside = if arguments.strict { Some(Connection::open_sqlite(":memory:")?) } else { None };
        let mut labels = HashMap::new();
        for record in records::read(&bytes) {
            let mut values = Vec::new();
            let outcome = outcome(&database.conn, &record, &mut labels, &mut values);
            if let Some(difference) = beside.as_ref().and_then(|beside| strictly(beside, &record, values))
                && outcome.is_ok()
            {
                unlike += 1;
                println!("{name}:{}: strict: {difference}", record.line);
            }
            match outcome {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    println!(
                        "{name}:{}: {}",
                        record.line,
                        if arguments.verbose { why.as_str() } else { first_line(&why) }
                    );
                }
            }
        }
        database.remove()?;
    }
    if arguments.strict {
        println!("{unlike} passed with another storage class or value");
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// An empty database for one file.
struct Scratch {
    conn: Connection,
    schema: Option<String>,
}

impl Scratch {
    fn open(url: &str) -> Result<Scratch, Failure> {
        let config = match Config::from_url(url)? {
            Config::Sqlite(_) => return Ok(Scratch { conn: Connection::open_sqlite(":memory:")?, schema: None }),
            Config::Postgres(config) => config,
        };
        let schema = format!("sqlift_slt_{}", std::process::id());
        // The planner spends minutes on the corpus's joins of 64 tables without these.
        let options = "-c statement_timeout=20s -c geqo_pool_size=10 -c geqo_generations=10";
        let options = [config.options.as_deref().unwrap_or_default(), options].join(" ");
        let mut config: PostgresConfig = *config;
        config.options = Some(options);
        config.schema = Some(schema.clone());
        let conn = Connection::open_postgres(&config)?;
        Ok(Scratch { conn, schema: Some(schema) })
    }

    fn remove(self) -> Result<(), Error> {
        match &self.schema {
            Some(schema) => self.conn.native().execute_batch(&format!("DROP SCHEMA {schema} CASCADE")),
            None => Ok(()),
        }
    }
}

/// Runs a record; the error says what is wrong with its outcome.
fn outcome(
    conn: &Connection,
    record: &Record,
    labels: &mut HashMap<String, String>,
    values: &mut Vec<Vec<Value>>,
) -> Result<(), String> {
    match &record.task {
        Task::Misspelt(why) => Err(why.clone()),
        Task::Statement { error_expected } => match (conn.execute_batch(&record.sql), error_expected) {
            (Ok(()), false) | (Err(_), true) => Ok(()),
            (Ok(()), true) => Err("an error was expected".to_owned()),
            (Err(error), false) => Err(error.to_string()),
        },
        Task::Query { types, sort, label, expected, hash_threshold } => {
            *values = query(conn, &record.sql, types)?;
            let rows = values.iter().map(|row| {
                row.iter().zip(types.chars()).map(|(value, letter)| render::value(value.into(), letter)).collect()
            });
            let values = render::sorted(rows.collect(), *sort);
            let digest = render::digest(&values);
            if let Some(label) = label {
                let known = labels.entry(label.clone()).or_insert_with(|| digest.clone());
                if *known != digest {
                    return Err(format!("another result than the record of the same label {label}"));
                }
            }
            let found = match *hash_threshold {
                threshold if threshold > 0 && values.len() > threshold => {
                    vec![format!("{} values hashing to {digest}", values.len())]
                }
                _ => values,
            };
            if found == *expected {
                return Ok(());
            }
            Err(format!("differs\n  expected {expected:?}\n  found    {found:?}"))
        }
    }
}

/// The first difference between a query's values and those of SQLite itself, storage classes and all digits counted.
fn strictly(beside: &Connection, record: &Record, values: Vec<Vec<Value>>) -> Option<String> {
    let Task::Query { types, sort, .. } = &record.task else {
        // What is right on SQLite is asked of the other connection alone.
        let _ = beside.execute_batch(&record.sql);
        return None;
    };
    let own = query(beside, &record.sql, types).unwrap_or_default();
    let [own, values] = [own, values].map(|rows| {
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        if *sort != records::Sort::None {
            rows.sort();
        }
        rows
    });
    let (own, found) = own.into_iter().zip(values).find(|(own, found)| own != found)?;
    Some(format!("{found} instead of {own}"))
}

/// The rows. An error while stepping only ends the result.
fn query(conn: &Connection, sql: &str, types: &str) -> Result<Vec<Vec<Value>>, String> {
    let mut statement = conn.prepare(sql).map_err(|error| error.to_string())?;
    let mut result = Vec::new();
    let mut rows = statement.query([]).map_err(|error| error.to_string())?;
    let mut columns = None;
    while let Ok(Some(row)) = rows.next() {
        let count = *columns.get_or_insert_with(|| row.as_ref().column_count());
        if count != types.len() {
            return Err(format!("{count} columns instead of {}", types.len()));
        }
        let values = (0..count).map(|index| row.get(index).map_err(|error| error.to_string()));
        result.push(values.collect::<Result<_, _>>()?);
    }
    Ok(result)
}
