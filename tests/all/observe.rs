//! Spans, slow statements and metrics, as a program's subscriber and recorder see them: `--features cli,tracing,metrics`.

#[cfg(feature = "metrics")]
mod counted;
#[cfg(feature = "tracing")]
mod traced;

use sqlift::testing::TestDatabase;
use sqlift::{Backend, Connection};

fn connections() -> (TestDatabase, [Connection; 2]) {
    let database = sqlift::testing::database();
    let postgres = Connection::open_url(database.url()).unwrap();
    (database, [Connection::open_sqlite(":memory:").unwrap(), postgres])
}

fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgresql",
    }
}
