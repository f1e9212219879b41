//! `sqlift install URL`: the compat schema, by somebody who may create it.

use crate::{Failure, environment};
use sqlift::Connection;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The PostgreSQL database, e.g. postgresql://owner@host/portal; without it the environment and .env decide
    url: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let conn = Connection::open_config(&environment::config(arguments.url.as_deref())?)?;
    match conn.install_compat()? {
        Some(version) => println!("schema sqlift is installed in version {version}"),
        None => println!("nothing to install: SQLite needs no schema sqlift"),
    }
    Ok(ExitCode::SUCCESS)
}
