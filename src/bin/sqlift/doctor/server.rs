//! The server that the checks ask.

use sqlift::config::PostgresConfig;
use sqlift::{Connection, Result, Row};

/// An open connection, and what all checks ask for.
pub(super) struct Server {
    pub conn: Connection,
    pub config: PostgresConfig,
    /// `server_version_num`
    pub version: i64,
    pub role: String,
}

impl Server {
    pub fn new(conn: Connection, config: PostgresConfig) -> Result<Server> {
        let sql = "SELECT pg_catalog.current_setting('server_version_num')::bigint, current_user::text";
        let (version, role) = conn.native().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Server { conn, config, version, role })
    }

    /// One value of one row.
    pub fn ask<T: sqlift::types::FromSql>(&self, sql: &str) -> Result<T> {
        self.conn.native().query_row(sql, [], |row| row.get(0))
    }

    pub fn setting(&self, name: &str) -> Result<String> {
        self.conn.native().query_row("SELECT pg_catalog.current_setting(?)", [name], |row| row.get(0))
    }

    pub fn rows<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let mut statement = self.conn.native().prepare(sql)?;
        statement.query_map([], read)?.collect()
    }

    pub fn texts(&self, sql: &str) -> Result<Vec<String>> {
        self.rows(sql, |row| row.get(0))
    }
}

pub(super) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
