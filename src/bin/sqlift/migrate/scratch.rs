//! An empty place on a PostgreSQL server, gone when it is dropped.

use crate::Failure;
use sqlift::config::Config;
use sqlift::{Connection, postgres_error};

/// A database of its own, or where the role may not create one, a schema.
pub struct Scratch {
    pub conn: Option<Connection>,
    admin: Connection,
    drop: String,
}

impl Scratch {
    pub fn new(config: Config) -> Result<Scratch, Failure> {
        let Config::Postgres(mut config) = config else {
            return Err("DATABASE_URL names no PostgreSQL server, and check needs one for a scratch database; \
                        sqlift temp-postgres -- sqlift migrate check starts one"
                .into());
        };
        let admin = Connection::open_postgres(&config)?;
        let name = format!("sqlift_check_{}_{:x}", std::process::id(), random());
        // Text in the order of bytes, as SQLite has it, unless a migration says otherwise.
        let database = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        let drop = match admin.native().execute_batch(&database) {
            Ok(()) => {
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                config.dbname = name;
                drop
            }
            Err(error) if postgres_error(&error).is_some_and(|report| report.sqlstate == "42501") => {
                admin.native().execute_batch(&format!("CREATE SCHEMA {name}"))?;
                let drop = format!("DROP SCHEMA {name} CASCADE");
                config.schema = Some(name);
                drop
            }
            Err(error) => return Err(error.into()),
        };
        // From here on it is dropped, whatever happens.
        let mut scratch = Scratch { conn: None, admin, drop };
        scratch.conn = Some(Connection::open_postgres(&config)?);
        Ok(scratch)
    }

    pub fn conn(&self) -> &Connection {
        self.conn.as_ref().expect("it is closed only when the scratch place is dropped")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.conn.take());
        if let Err(error) = self.admin.native().execute_batch(&self.drop) {
            eprintln!("warning: left behind on the server, remove it with {}: {error}", self.drop);
        }
    }
}

fn random() -> u32 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish() as u32
}
