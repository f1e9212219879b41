//! `sqlift translate`: SQLite's SQL in, PostgreSQL's out, and what becomes another thing on the way.

mod report;
mod schema;

use crate::Failure;
use report::Report;
use sqlift::translate::{self, Options, TypeNames, TypePolicy, translate_script};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// PostgreSQL's SQL goes to standard output, notes and refusals with their places to standard error. Files are taken
/// one after the other: each sees the tables that those before it made. Exit status 1 when a statement was refused.
#[derive(clap::Args)]
pub struct Arguments {
    /// The tables that the statements mean: a script that makes them, a SQLite database, or a PostgreSQL URL
    #[arg(long, value_name = "FILE|URL")]
    schema: Option<String>,
    /// What declared types become in new tables: types that store all that SQLite stores, or PostgreSQL's own
    #[arg(long, value_enum, default_value_t = Types::Faithful)]
    types: Types,
    /// What a column declared BLOB keeps: bytes alone, or values of every class, as on SQLite
    #[arg(long, value_enum, default_value_t)]
    blob_columns: BlobColumns,
    /// One JSON document a statement
    #[arg(long)]
    json: bool,
    /// SQL to translate
    #[arg(short, long = "command", value_name = "SQL")]
    commands: Vec<String>,
    /// Scripts to translate; - is standard input, as is no file at all
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Types {
    Faithful,
    Native,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub enum BlobColumns {
    #[default]
    Bytes,
    Any,
}

impl From<BlobColumns> for translate::BlobColumns {
    fn from(columns: BlobColumns) -> Self {
        match columns {
            BlobColumns::Bytes => translate::BlobColumns::Bytes,
            BlobColumns::Any => translate::BlobColumns::Any,
        }
    }
}

/// SQL and the name that messages give it.
struct Source {
    name: String,
    text: String,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let names = match arguments.types {
        Types::Faithful => TypeNames::Faithful,
        Types::Native => TypeNames::Native,
    };
    let types = TypePolicy { names, blobs: arguments.blob_columns.into() };
    let options = Options { types, ..Options::default() };
    // Nothing is printed before everything that was asked for is there.
    let read = sources(arguments).and_then(|sources| {
        let catalog = arguments.schema.as_deref().map(|schema| schema::read(schema, &options)).transpose()?;
        Ok((sources, catalog.unwrap_or_default()))
    });
    let (sources, mut catalog) = match read {
        Ok(read) => read,
        Err(message) => {
            eprintln!("sqlift: {message}");
            return Ok(ExitCode::from(2));
        }
    };
    let mut report = Report::new(arguments.json, sources.len() > 1, arguments.schema.is_some());
    for source in &sources {
        report.begin(source)?;
        for statement in translate_script(&source.text, &mut catalog, &options) {
            report.statement(source, &statement)?;
        }
    }
    Ok(if report.finish()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sources(arguments: &Arguments) -> Result<Vec<Source>, String> {
    let commands = arguments.commands.iter().map(|sql| Ok(Source { name: "command".to_owned(), text: sql.clone() }));
    let mut sources: Vec<Source> =
        commands.chain(arguments.files.iter().map(|path| file(path))).collect::<Result<_, _>>()?;
    if sources.is_empty() {
        sources.push(stdin()?);
    }
    Ok(sources)
}

fn file(path: &std::path::Path) -> Result<Source, String> {
    if path.as_os_str() == "-" {
        return stdin();
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    text(name, bytes)
}

fn stdin() -> Result<Source, String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("cannot read standard input: {error}"))?;
    text("stdin".to_owned(), bytes)
}

fn text(name: String, bytes: Vec<u8>) -> Result<Source, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("the text is not UTF-8\n  --> {name}:{line}")
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Source { name, text })
}
