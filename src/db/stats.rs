//! What a pool counts, and whether it is being closed or drained: shared by the pool, its places and whoever asks.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::observe;

/// How a pool stands at one moment, and what it has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolState {
    /// The most connections there can be.
    pub max_size: u32,
    /// Connections that are open, in use or not.
    pub open: u32,
    /// Connections that somebody holds.
    pub in_use: u32,
    /// Threads that wait for a connection.
    pub waiting: u32,
    /// Connections opened so far; many of them mean that sessions do not last.
    pub opened: u64,
    /// Connections handed out so far.
    pub check_outs: u64,
    /// Of these, those that had to wait for somebody else's.
    pub waits: u64,
    /// How long those waited, all together.
    pub waited: Duration,
    /// Waits that ended without a connection.
    pub timeouts: u64,
}

#[derive(Default)]
pub(super) struct Stats {
    open: AtomicU32,
    waiting: AtomicU32,
    opened: AtomicU64,
    check_outs: AtomicU64,
    waits: AtomicU64,
    waited_nanos: AtomicU64,
    timeouts: AtomicU64,
    closed: AtomicBool,
    /// Connections of an earlier epoch are not used again.
    epoch: AtomicU64,
}

impl Stats {
    pub fn state(&self, max_size: u32, in_use: u32) -> PoolState {
        PoolState {
            max_size,
            in_use,
            open: self.open.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
            opened: self.opened.load(Ordering::Relaxed),
            check_outs: self.check_outs.load(Ordering::Relaxed),
            waits: self.waits.load(Ordering::Relaxed),
            waited: Duration::from_nanos(self.waited_nanos.load(Ordering::Relaxed)),
            timeouts: self.timeouts.load(Ordering::Relaxed),
        }
    }

    pub fn connection_opened(&self) {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        self.opened.fetch_add(1, Ordering::Relaxed);
        observe::pool_opened(before + 1);
    }

    pub fn connection_closed(&self) {
        let before = self.open.fetch_sub(1, Ordering::Relaxed);
        observe::pool_closed(before.saturating_sub(1));
    }

    pub fn checked_out(&self) {
        self.check_outs.fetch_add(1, Ordering::Relaxed);
        observe::pool_checked_out();
    }

    /// Counts a wait for a free connection, while it lasts and after it.
    pub fn wait<T, E>(&self, wait: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let begin = std::time::Instant::now();
        let result = wait();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.waits.fetch_add(1, Ordering::Relaxed);
        let waited = begin.elapsed();
        let nanos = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        observe::pool_waited(waited, result.is_err());
        self.waited_nanos.fetch_add(nanos, Ordering::Relaxed);
        if result.is_err() {
            self.timeouts.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// What is open now is not used again once it comes back.
    pub fn next_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }
}
