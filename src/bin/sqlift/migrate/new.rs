//! `migrate new NAME`: an empty migration with the next number, in the form that the folder has already.

use crate::Failure;
use sqlift::migrate::Migrations;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// What it does, e.g. add_sessions
    name: String,
    /// The folder of migrations
    #[arg(default_value = "sql/migrations")]
    dir: PathBuf,
    /// One file for each database, instead of one that PostgreSQL gets translated
    #[arg(long)]
    split: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_';
    let name: String = arguments.name.trim().chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if name.is_empty() {
        return Err("a migration needs a name".into());
    }
    let dir = &arguments.dir;
    let is_sql = |path: &Path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
    let folders = ["sqlite", "postgres"].map(|name| dir.join(name));
    let split_folders = folders.iter().all(|folder| folder.is_dir());
    let has_files = |folder: &Path| {
        std::fs::read_dir(folder)
            .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| is_sql(&entry.path()))))
    };
    let next = match has_files(dir) || folders.iter().any(|folder| has_files(folder)) {
        true => Migrations::from_folder(dir)?.versions().last().unwrap_or(0) + 1,
        false => 1,
    };
    let files = if split_folders {
        folders.map(|folder| folder.join(format!("V{next}__{name}.sql"))).to_vec()
    } else if arguments.split {
        ["sqlite", "postgres"].map(|dialect| dir.join(format!("V{next}__{name}.{dialect}.sql"))).to_vec()
    } else {
        vec![dir.join(format!("V{next}__{name}.sql"))]
    };
    for file in files {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut written = std::fs::File::create_new(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        writeln!(written, "-- {}", arguments.name.trim())?;
        println!("wrote {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
