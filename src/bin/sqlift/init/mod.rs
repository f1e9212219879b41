//! `sqlift init [DIR]`: what a project needs around a program that runs on both databases. Never overwrites.

use crate::Failure;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes .env.example, compose.yaml with a profile postgres, a CI job for both databases, a first migration, and .env into
/// .gitignore. A file that is there stays as it is.
#[derive(clap::Args)]
pub struct Arguments {
    /// Whose CI the project has
    #[arg(long, value_enum, default_value_t = Ci::Both)]
    ci: Ci,
    /// The project's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Ci {
    Github,
    Gitlab,
    Both,
    None,
}

const ALWAYS: &[(&str, &str)] = &[
    (".env.example", include_str!("templates/env.example")),
    ("compose.yaml", include_str!("templates/compose.yaml")),
];
const GITHUB: (&str, &str) = (".github/workflows/test.yml", include_str!("templates/github.yml"));
const GITLAB: (&str, &str) = (".gitlab-ci.yml", include_str!("templates/gitlab.yml"));
const MIGRATION: (&str, &str) = ("sql/migrations/V1__init.sql", include_str!("templates/V1__init.sql"));

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folder = &arguments.folder;
    if !folder.is_dir() {
        return Err(format!("{} is no folder; make it first", folder.display()).into());
    }
    let name = project_name(folder);
    let github = matches!(arguments.ci, Ci::Github | Ci::Both).then_some(GITHUB);
    let gitlab = matches!(arguments.ci, Ci::Gitlab | Ci::Both).then_some(GITLAB);
    for (file, template) in ALWAYS.iter().copied().chain(github).chain(gitlab) {
        write_new(folder, file, &template.replace("@NAME@", &name))?;
    }
    // A project with migrations has its own first one.
    let (file, text) = MIGRATION;
    match folder.join("sql/migrations").exists() {
        true => println!("kept     sql/migrations"),
        false => write_new(folder, file, text)?,
    }
    ignore(folder)?;
    println!("next: cp .env.example .env, then sqlift migrate up sql/migrations and sqlift doctor");
    Ok(ExitCode::SUCCESS)
}

fn write_new(folder: &Path, file: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(file);
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    // Whatever is there wins, a link that leads nowhere too.
    match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut new) => {
            new.write_all(text.as_bytes()).map_err(failed)?;
            println!("wrote    {file}");
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => println!("kept     {file}"),
        Err(error) => return Err(failed(error).into()),
    }
    Ok(())
}

/// Adds `.env` to `.gitignore`, behind whatever is in it.
fn ignore(folder: &Path) -> Result<(), Failure> {
    let path = folder.join(".gitignore");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error).into()),
    };
    if text.lines().any(|line| matches!(line.trim(), ".env" | "/.env" | ".env*" | "*.env")) {
        println!("kept     .gitignore, which ignores .env");
        return Ok(());
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    file.write_all(format!("{gap}.env\n").as_bytes()).map_err(failed)?;
    println!("{}.gitignore: .env", if text.is_empty() { "wrote    " } else { "added to " });
    Ok(())
}

/// The package's name as a name of roles and databases: `my-portal` is `my_portal`.
fn project_name(folder: &Path) -> String {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let declared = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    });
    let folder_name = || {
        let full = folder.canonicalize().ok()?;
        Some(full.file_name()?.to_string_lossy().into_owned())
    };
    let name = declared.or_else(folder_name).unwrap_or_default().to_ascii_lowercase();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(63).collect();
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => "app".to_owned(),
    }
}
