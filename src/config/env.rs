//! What the environment says.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::types::PostgresConfig;

/// Reads a variable of this process.
pub(super) fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a connect call of the facade opens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// The path and flags go to rusqlite as they are.
    Sqlite,
    /// An explicit SQLite URL named this path, `:memory:` or `file:` URI.
    SqlitePath(PathBuf),
    Postgres(Box<PostgresConfig>),
    /// A private, empty database on this server, gone with the session.
    PostgresMemory(Box<PostgresConfig>),
}

pub(crate) fn connection_target(_path: &Path) -> Result<Target, ConfigError> {
    Ok(Target::Sqlite)
}

pub(crate) fn memory_target() -> Result<Target, ConfigError> {
    Ok(Target::Sqlite)
}
