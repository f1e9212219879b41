//! PostgreSQL: a blocking session over tokio-postgres, without an async runtime.

pub(crate) mod net;
pub(crate) mod rows;
pub(crate) mod session;
pub(crate) mod statement;

pub(crate) use rows::{Row, Rows};
pub(crate) use session::{InterruptHandle, Session};
pub(crate) use statement::Statement;
