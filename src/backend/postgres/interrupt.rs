//! Interrupting a statement from another thread.
//!
//! A cancel request names a session, not a statement: one that arrives late would end the next statement, or let a write
//! escape a BEGIN that it ended. So it is sent only while a request is in flight, and the session sends nothing before
//! the server has heard it.
//!
//! Between the rows of a result no request is in flight, and the statement runs all the same: the interrupt is then noted, and
//! lasts, as in SQLite, until no result is open any more. Rows that are already here may still come before it is noticed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::net::CancelHandle;

/// How long an interrupt may take: after it, the server is taken to be unreachable.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What there is to interrupt.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    state: Mutex<State>,
    /// An interrupt came while a result was open, or locks were waited for. Written under the lock only.
    interrupted: AtomicBool,
}

/// Locked while an interrupt is on its way.
#[derive(Debug, Default)]
struct State {
    /// A request waits for its answer.
    request: bool,
    /// A result is open.
    result: bool,
    /// A transaction that waits for locks asks again and again.
    waiting: bool,
}

impl InFlight {
    #[inline]
    pub fn set(&self, request: bool) {
        self.lock().request = request;
    }

    /// Whether there is an open result; when there is none any more, an interrupt is over.
    pub fn set_result(&self, open: bool) {
        let mut state = self.lock();
        state.result = open;
        self.end_interrupt(&state);
    }

    /// Whether requests follow each other until there are locks.
    pub fn set_waiting(&self, waiting: bool) {
        let mut state = self.lock();
        state.waiting = waiting;
        self.end_interrupt(&state);
    }

    fn end_interrupt(&self, state: &State) {
        if !state.result && !state.waiting {
            self.interrupted.store(false, Ordering::Relaxed);
        }
    }

    #[inline]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `Send + Sync`, outlives the session.
pub(crate) struct InterruptHandle {
    pub(super) in_flight: Arc<InFlight>,
    pub(super) cancel: CancelHandle,
}

impl InterruptHandle {
    /// Ends the running statements with `SQLITE_INTERRUPT`; does nothing while none runs or when the session is gone.
    pub fn interrupt(&self) {
        let state = self.in_flight.lock();
        if state.result || state.waiting {
            self.in_flight.interrupted.store(true, Ordering::Relaxed);
        }
        if state.request {
            // An interrupt that cannot reach the server is like one that came too late.
            let _ = self.cancel.cancel(TIMEOUT);
        }
    }
}
