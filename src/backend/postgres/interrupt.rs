//! Interrupting a statement from another thread.
//!
//! A cancel request names a session, not a statement: one that arrives late would end the next statement, or let a write
//! escape a BEGIN that it ended. So it is sent only while a request is in flight, and the session sends nothing before
//! the server has heard it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::net::CancelHandle;

/// How long an interrupt may take: after it, the server is taken to be unreachable.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whether a request waits for its answer; locked while an interrupt is on its way.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<bool>);

impl InFlight {
    #[inline]
    pub fn set(&self, in_flight: bool) {
        *self.lock() = in_flight;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `Send + Sync`, outlives the session.
pub(crate) struct InterruptHandle {
    pub(super) in_flight: Arc<InFlight>,
    pub(super) cancel: CancelHandle,
}

impl InterruptHandle {
    /// Ends the running statement with `SQLITE_INTERRUPT`; does nothing while none runs or when the session is gone.
    pub fn interrupt(&self) {
        let in_flight = self.in_flight.lock();
        if *in_flight {
            // An interrupt that cannot reach the server is like one that came too late.
            let _ = self.cancel.cancel(TIMEOUT);
        }
    }
}
