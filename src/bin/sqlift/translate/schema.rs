//! The tables that statements mean: out of a script, a SQLite database, or a PostgreSQL server.

use super::file;
use crate::excerpt::{excerpt, place};
use sqlift::config::Config;
use sqlift::translate::{Catalog, Options};
use sqlift::{Backend, Connection};
use std::path::Path;

/// How a SQLite database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

pub fn read(schema: &str, options: &Options) -> Result<Catalog, String> {
    if let Some(path) = sqlite_path(schema) {
        return database(path, options);
    }
    let path = Path::new(schema);
    if !path.exists()
        && let Ok(config) = Config::from_url(schema)
        && config.backend() == Backend::Postgres
    {
        let conn = Connection::open_config(&config).map_err(|error| error.to_string())?;
        return conn.catalog(options).map_err(|error| error.to_string());
    }
    if is_database(path) {
        return database(schema, options);
    }
    let source = file(path)?;
    Catalog::from_script(&source.text, options).map_err(|refusal| {
        let (line, column) = place(&source.text, refusal.span.start);
        let excerpt = excerpt(&source.text, refusal.span);
        format!("{}\n  --> {}:{line}:{column}\n{}", refusal.message, source.name, excerpt.trim_end())
    })
}

/// The path in `sqlite:app.db` and `sqlite:///srv/app.db`.
fn sqlite_path(schema: &str) -> Option<&str> {
    let path = schema.strip_prefix("sqlite:")?;
    Some(path.strip_prefix("//").unwrap_or(path))
}

fn is_database(path: &Path) -> bool {
    use std::io::Read;
    let mut begin = [0; MAGIC.len()];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == MAGIC
}

fn database(path: &str, options: &Options) -> Result<Catalog, String> {
    // Opening would make it.
    if let Err(error) = std::fs::metadata(path) {
        return Err(format!("cannot read {path}: {error}"));
    }
    let catalog = Connection::open_sqlite(path).and_then(|conn| conn.catalog(options));
    catalog.map_err(|error| format!("cannot read {path}: {error}"))
}
