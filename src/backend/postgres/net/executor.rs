//! Running one future on one socket, without an async runtime: poll, and when nothing can go on, wait in poll(2).

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::socket::{Shared, Waited};

/// A waker that remembers that it was called. Everything it wakes is polled by the thread that waits, so it need not
/// end a wait in poll(2).
#[derive(Debug)]
pub(super) struct Alarm {
    rung: Arc<Bell>,
    waker: Waker,
}

#[derive(Debug)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl Alarm {
    pub fn new() -> Alarm {
        let rung = Arc::new(Bell(AtomicBool::new(false)));
        Alarm { waker: Waker::from(Arc::clone(&rung)), rung }
    }

    pub fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    /// Whether somebody called the waker since the last time, and forgets it.
    pub fn take(&self) -> bool {
        self.rung.0.swap(false, Ordering::AcqRel)
    }
}

/// Why [`block_on`] gave up.
#[derive(Debug)]
pub(super) enum GaveUp {
    DeadlinePassed,
    Io(io::Error),
}

/// Runs a future whose only way to wait is the socket.
pub(super) fn block_on<F: Future>(future: F, socket: &Shared, deadline: Option<Instant>) -> Result<F::Output, GaveUp> {
    let mut future = pin!(future);
    let alarm = Alarm::new();
    loop {
        socket.forget_interest();
        if let Poll::Ready(output) = future.as_mut().poll(&mut alarm.context()) {
            return Ok(output);
        }
        if alarm.take() {
            continue;
        }
        match socket.wait(deadline).map_err(GaveUp::Io)? {
            Waited::Ready => {}
            Waited::DeadlinePassed => return Err(GaveUp::DeadlinePassed),
            Waited::NoInterest => {
                return Err(GaveUp::Io(io::Error::other("the future waits for something other than its socket")));
            }
        }
    }
}
