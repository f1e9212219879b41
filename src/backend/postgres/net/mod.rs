//! Connecting to PostgreSQL and driving tokio-postgres on a socket of our own, without an async runtime.
//!
//! Takes a `PostgresConfig`, gives a `tokio_postgres::Client` and the [`Wire`] that does its input and output.
//! Knows nothing of SQL but what `target_session_attrs` needs. Since nobody polls between two calls of
//! [`Wire::run`], it works on plain threads and inside any async program alike.

mod busy_poll;
mod cancel;
mod dial;
mod error;
mod executor;
mod passfile;
mod raw_rows;
mod row_tap;
mod socket;
#[cfg(feature = "tls")]
mod spki;
mod tap;
mod target;
#[cfg(all(test, unix))]
mod tests;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub(crate) use cancel::CancelHandle;
pub(crate) use dial::{connect, is_standby};
pub(crate) use error::ConnectError;
pub(crate) use raw_rows::RawRows;
pub(crate) use row_tap::RowTap;
pub(crate) use wire::{Stopped, Wire};
