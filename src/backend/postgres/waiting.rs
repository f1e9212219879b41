//! Waiting for another connection's lock, as SQLite does: by the busy handler, or for the busy timeout.

use std::time::{Duration, Instant};

/// Told how often it was called before, says whether to try again.
pub(super) type BusyHandler = fn(i32) -> bool;

/// What SQLite does while a lock is not free: asks the busy handler, or waits until the busy timeout is over.
pub(super) enum Waiting {
    Handler { handler: BusyHandler, calls: i32 },
    Timeout { timeout: Duration, backoff: Option<Backoff> },
}

impl Waiting {
    /// The time counts from the first [`wait`](Waiting::wait).
    pub(super) fn new(timeout: Duration, handler: Option<BusyHandler>) -> Waiting {
        match handler {
            Some(handler) => Waiting::Handler { handler, calls: 0 },
            None => Waiting::Timeout { timeout, backoff: None },
        }
    }

    /// The time counts from now.
    pub(super) fn begun(timeout: Duration, handler: Option<BusyHandler>) -> Waiting {
        let mut waiting = Waiting::new(timeout, handler);
        if let Waiting::Timeout { timeout, backoff } = &mut waiting {
            *backoff = Some(Backoff::new(*timeout));
        }
        waiting
    }

    /// Waits a little; `false` when it is to be given up.
    pub(super) fn wait(&mut self) -> bool {
        match self {
            Waiting::Handler { handler, calls } => {
                *calls += 1;
                handler(*calls - 1)
            }
            Waiting::Timeout { timeout, backoff } => backoff.get_or_insert_with(|| Backoff::new(*timeout)).wait(),
        }
    }

    /// As [`wait`](Waiting::wait), where the server has waited already.
    pub(super) fn goes_on(&mut self) -> bool {
        match self {
            Waiting::Handler { .. } => self.wait(),
            Waiting::Timeout { .. } => self.left() >= Duration::from_millis(1),
        }
    }

    /// How long the server may wait from now on; a handler is asked without it.
    pub(super) fn left(&self) -> Duration {
        match self {
            Waiting::Handler { .. } => Duration::ZERO,
            Waiting::Timeout { timeout, backoff: None } => *timeout,
            Waiting::Timeout { backoff: Some(backoff), .. } => {
                backoff.deadline.saturating_duration_since(Instant::now())
            }
        }
    }
}

/// Waits that grow, until the busy timeout is over.
pub(super) struct Backoff {
    deadline: Instant,
    pause: Duration,
}

impl Backoff {
    fn new(timeout: Duration) -> Backoff {
        Backoff { deadline: Instant::now() + timeout, pause: Duration::from_micros(200) }
    }

    /// Waits a little; `false` when the time is over.
    fn wait(&mut self) -> bool {
        if Instant::now() + self.pause >= self.deadline {
            return false;
        }
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(Duration::from_millis(10));
        true
    }
}
