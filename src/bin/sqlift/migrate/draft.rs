//! `migrate draft`: a first PostgreSQL migration from a SQLite schema.

use crate::Failure;
use crate::translate::BlobColumns;
use sqlift::migrate;
use sqlift::rusqlite::{self, OpenFlags};
use sqlift::translate::{TypeNames, TypePolicy};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// PostgreSQL's SQL goes to standard output, or with --dir into a pair of files. Exit status 1 when a statement has no
/// counterpart: it then stands in the draft as a comment.
#[derive(clap::Args)]
pub struct Arguments {
    /// A script that makes the schema, or a SQLite database
    source: PathBuf,
    /// What declared types become: PostgreSQL's own, or types that store all that SQLite stores
    #[arg(long, value_enum, default_value_t = Types::Native)]
    types: Types,
    /// What a column declared BLOB keeps: bytes alone, or values of every class, as on SQLite
    #[arg(long, value_enum, default_value_t)]
    blob_columns: BlobColumns,
    /// Write DIR/sqlite/V1__NAME.sql and DIR/postgres/V1__NAME.sql
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The name of those files
    #[arg(long, default_value = "initial", requires = "dir")]
    name: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Types {
    Native,
    Faithful,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let source = arguments.source.display().to_string();
    let script = match is_database(&arguments.source)? {
        true => schema_of(&arguments.source)?,
        false => {
            std::fs::read_to_string(&arguments.source).map_err(|error| format!("cannot read {source}: {error}"))?
        }
    };
    let names = match arguments.types {
        Types::Faithful => TypeNames::Faithful,
        Types::Native => TypeNames::Native,
    };
    let types = TypePolicy { names, blobs: arguments.blob_columns.into() };
    let draft = match migrate::draft(&source, &script, types) {
        Ok(draft) => draft,
        Err(error) => return super::failed(false, &error),
    };
    if draft.sql.is_empty() {
        return Err(format!("{source} holds no statements").into());
    }
    match &arguments.dir {
        None => std::io::stdout().write_all(draft.sql.as_bytes())?,
        Some(dir) => {
            let file = format!("V1__{}.sql", arguments.name);
            for (folder, text) in [("sqlite", &script), ("postgres", &draft.sql)] {
                let path = dir.join(folder).join(&file);
                write_new(&path, text)?;
                println!("wrote {}", path.display());
            }
            println!("read them, then compare what they make: sqlift migrate check {}", dir.display());
        }
    }
    for error in &draft.refused {
        eprintln!("error: {error}");
    }
    Ok(if draft.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

fn is_database(path: &Path) -> Result<bool, Failure> {
    let mut head = [0; 16];
    let mut file = std::fs::File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(file.read_exact(&mut head).is_ok() && head == *b"SQLite format 3\0")
}

/// The CREATE statements of a database, tables first, in the order in which they were made. The tables in which virtual ones
/// keep their rows are made with those.
fn schema_of(path: &Path) -> Result<String, Failure> {
    let conn = rusqlite::Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = conn.prepare(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND tbl_name <> 'sqlift_migrations' \
         AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') \
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid",
    )?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut script = String::new();
    for text in texts {
        script += &text?;
        script += ";\n\n";
    }
    Ok(script)
}
