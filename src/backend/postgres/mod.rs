//! PostgreSQL: a blocking session over tokio-postgres, without an async runtime.
//!
//! `net` connects and drives the protocol; `session` holds what lives as long as a connection; `exec` runs statements;
//! `bind` and `decode` carry values there and back; `tracker` knows the transaction; `sqlstate` speaks SQLite's errors.

#[cfg(feature = "array")]
mod array;
mod bind;
mod catalogs;
mod compat;
mod decode;
mod exec;
mod interrupt;
mod loader;
mod moment;
mod native;
pub(crate) mod net;
mod origin;
mod own_triggers;
mod plan;
#[cfg(feature = "array")]
mod pointer;
mod reading;
mod request;
mod results;
mod rows;
mod session;
mod settings;
mod spool;
mod sqlstate;
mod statement;
mod tracker;
mod verbatim;
mod waiting;

pub(crate) use interrupt::InterruptHandle;
#[cfg(any(feature = "column_decltype", feature = "column_metadata"))]
pub(crate) use origin::Origin;
pub(crate) use rows::{Row, Rows};
pub(crate) use session::Session;
pub(crate) use statement::{Bindings, Statement};
