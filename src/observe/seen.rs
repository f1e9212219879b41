//! What a watch sees of one run of a statement.

use std::time::Duration;

/// What a watch has seen.
pub(super) struct Seen {
    pub backend: &'static str,
    pub busy: Duration,
    pub rows: u64,
    pub changes: Option<u64>,
    pub error: Option<String>,
    /// It ran: a result that nobody asked for a row never did.
    pub ran: bool,
}
