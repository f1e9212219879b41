//! Programs written against `rusqlite` and raw SQLite SQL, on SQLite or PostgreSQL, with their call sites unchanged.
//!
//! ```toml
//! # Cargo.toml: the only line that changes
//! rusqlite = { package = "sqlift", version = "0.1" }
//! ```
//!
//! Every name a program takes from rusqlite is here, with the same signatures and meaning: types that hold data are rusqlite's own,
//! those that hold a connection are ours. `DATABASE_URL` decides which database [`Connection::open`] opens.
//!
//! ```
//! use sqlift as rusqlite;
//! use rusqlite::{Connection, Result, params};
//!
//! fn main() -> Result<()> {
//!     let conn = Connection::open_in_memory()?;
//!     conn.execute_batch("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born INTEGER)")?;
//!     conn.execute("INSERT INTO person (name, born) VALUES (?1, ?2)", params!["Ada", 1815])?;
//!     let mut stmt = conn.prepare("SELECT name, born FROM person WHERE born < :year")?;
//!     let people = stmt.query_map(&[(":year", &1900)], |row| Ok((row.get::<_, String>("name")?, row.get::<_, i64>(1)?)))?;
//!     for person in people {
//!         let (name, born) = person?;
//!         println!("{name}, born {born}");
//!     }
//!     Ok(())
//! }
//! ```

pub mod append_only;
mod backend;
pub mod config;
mod error;
pub mod migrate;
pub mod observe;
pub mod syntax;
#[cfg(all(feature = "testing", unix))]
pub mod testing;
pub mod translate;

mod batch;
#[cfg(feature = "cache")]
mod cached;
mod column;
mod connection;
mod db;
mod feature;
mod health;
mod params;
mod pragma;
mod row;
mod rows;
mod statement;
mod transaction;

pub use batch::Batch;
#[cfg(feature = "cache")]
pub use cached::CachedStatement;
#[cfg(feature = "column_decltype")]
pub use column::Column;
#[cfg(feature = "column_metadata")]
pub use column::ColumnMetadata;
pub use config::Backend;
pub use connection::{Connection, InterruptHandle, Native, Postgres};
pub use db::{Credentials, Db, PoolState, PooledConnection};
pub use error::{PostgresError, postgres_error};
pub use feature::{DialectSql, Feature};
pub use health::{Health, Replica};
pub use params::{BindIndex, Params, ParamsFromIter, params_from_iter};
pub use row::{Row, RowIndex};
pub use rows::{AndThenRows, Map, MappedRows, Rows};
pub use statement::Statement;
pub use syntax::statements;
pub use transaction::{Savepoint, Transaction};

/// The types that [`Connection::as_postgres`] takes and gives.
pub use postgres;
/// rusqlite itself, for what only SQLite has; see [`Connection::as_sqlite`].
pub use rusqlite;

#[cfg(feature = "modern_sqlite")]
pub use rusqlite::TransactionState;
pub use rusqlite::{
    DropBehavior, Error, ErrorCode, MAIN_DB, Name, OpenFlags, OptionalExtension, PrepFlags, Result, StatementStatus,
    TEMP_DB, ToSql, TransactionBehavior, fallible_iterator, fallible_streaming_iterator, ffi, named_params, params,
    to_sqlite_error, types, version, version_number,
};
#[cfg(feature = "rusqlite-macros")]
pub use rusqlite::{prepare_and_bind, prepare_cached_and_bind};

// What only SQLite has. Where a function takes `&rusqlite::Connection`, `Connection::as_sqlite` gives it.
#[cfg(feature = "load_extension")]
pub use rusqlite::LoadExtensionGuard;
#[cfg(not(feature = "loadable_extension"))]
pub use rusqlite::auto_extension;
#[cfg(feature = "backup")]
pub use rusqlite::backup;
#[cfg(feature = "blob")]
pub use rusqlite::blob;
#[cfg(feature = "functions")]
pub use rusqlite::functions;
#[cfg(feature = "hooks")]
pub use rusqlite::hooks;
#[cfg(feature = "limits")]
pub use rusqlite::limits;
#[cfg(feature = "serialize")]
pub use rusqlite::serialize;
#[cfg(feature = "session")]
pub use rusqlite::session;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(not(feature = "trace"))]
#[path = "trace/off.rs"]
mod trace;
#[cfg(feature = "vtab")]
pub mod vtab;

// Legacy programs move connections between threads and rely on these lifetimes shrinking; a change that takes either away
// would break them far from here.
const _: () = {
    const fn send<T: Send>() {}
    const fn send_and_sync<T: Send + Sync>() {}
    send::<Connection>();
    send_and_sync::<InterruptHandle>();

    #[allow(dead_code)]
    fn covariant<'short, 'long: 'short>(
        statement: Statement<'long>,
        rows: Rows<'long>,
        row: &'short Row<'long>,
        transaction: Transaction<'long>,
        savepoint: Savepoint<'long>,
    ) -> (Statement<'short>, Rows<'short>, &'short Row<'short>, Transaction<'short>, Savepoint<'short>) {
        (statement, rows, row, transaction, savepoint)
    }
};

// The documents' examples run as tests.
#[cfg(all(doctest, feature = "testing", unix))]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../MIGRATION.md")]
    struct Migration;
}
