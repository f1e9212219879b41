//! What statements cost and what becomes of them, for `tracing` and `metrics`.
//!
//! Both are cargo features; without them nothing here is compiled into a program, and no statement is timed.
//!
//! # Feature `tracing`
//! Each statement is a span `statement` (target `sqlift::statement`, level DEBUG), open while it runs or its rows are read:
//!
//! | field | holds |
//! |---|---|
//! | `backend` | `sqlite` or `postgresql` |
//! | `sql` | the statement's fingerprint: literals are `?`, blanks are one |
//! | `rows`, `changes` | rows read, or rows changed |
//! | `microseconds` | time spent in the database, without the caller's between two rows |
//! | `rules` | on PostgreSQL: the translator's rules that fired, by the ids of [`translate::rules`](crate::translate::rules::all) |
//! | `error` | SQLite's code, where it failed |
//! | `file`, `line` | the call in the program |
//! | `values` | the statement with its values, only after [`show_values`] or `SQLIFT_LOG_VALUES=1` |
//!
//! What takes longer than `SQLIFT_SLOW_STATEMENT` milliseconds ([`set_slow_statement`]) is a warning with the same fields, target
//! `sqlift::slow`.
//!
//! # Feature `metrics`
//! | name | kind | labels |
//! |---|---|---|
//! | `sqlift_statements_total`, `sqlift_rows_total`, `sqlift_changes_total` | counter | `backend` |
//! | `sqlift_statement_seconds` | histogram | `backend` |
//! | `sqlift_errors_total` | counter | `backend`, `class`: SQLite's code, `ConstraintViolation` for example |
//! | `sqlift_retries_total` | counter | `why`: `serialization`, `lost_connection` |
//! | `sqlift_translations_total` | counter | `cache`: `hit`, `miss` |
//! | `sqlift_pool_open` | gauge | |
//! | `sqlift_pool_opened_total`, `sqlift_pool_check_outs_total`, `sqlift_pool_timeouts_total` | counter | |
//! | `sqlift_pool_wait_seconds` | histogram | |

mod fingerprint;
#[cfg(not(any(feature = "tracing", feature = "metrics")))]
mod off;
#[cfg(any(feature = "tracing", feature = "metrics"))]
mod on;
#[cfg(any(feature = "tracing", feature = "metrics"))]
mod seen;
#[cfg(feature = "tracing")]
mod spans;

pub use fingerprint::fingerprint;
#[cfg(not(any(feature = "tracing", feature = "metrics")))]
pub(crate) use off::*;
#[cfg(any(feature = "tracing", feature = "metrics"))]
pub(crate) use on::*;
#[cfg(feature = "tracing")]
pub use spans::{set_slow_statement, show_values};
