//! The shell's connection, and how it changes to another database.

use sqlift::config::{Config, PostgresConfig};
use sqlift::{Backend, Connection, Error};

/// An open connection and what its URL said.
pub struct Connected {
    pub conn: Connection,
    /// Where a fresh database in memory is made; `None` on SQLite.
    server: Option<Box<PostgresConfig>>,
}

impl Connected {
    pub fn open(url: &str) -> Result<Connected, Error> {
        Connected::with_config(&Config::from_url(url)?)
    }

    pub fn with_config(config: &Config) -> Result<Connected, Error> {
        let server = match config {
            Config::Postgres(config) => Some(config.clone()),
            Config::Sqlite(_) => None,
        };
        Ok(Connected { conn: Connection::open_config(config)?, server })
    }

    /// A fresh, empty database on the same backend, which goes with the connection.
    pub fn open_in_memory(&self) -> Result<Connected, Error> {
        let conn = match &self.server {
            Some(config) => Connection::open_postgres_in_memory(config)?,
            None => Connection::open_sqlite(":memory:")?,
        };
        Ok(Connected { conn, server: self.server.clone() })
    }

    pub fn backend(&self) -> Backend {
        self.conn.backend()
    }
}
