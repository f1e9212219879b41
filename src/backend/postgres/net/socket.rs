//! The socket under tokio-postgres: a non-blocking std socket as `AsyncRead` and `AsyncWrite`, without a reactor.
//!
//! What tokio-postgres could not read or write is left behind as interest flags, on which [`Shared::wait`] waits in
//! poll(2). All code that differs between operating systems is here and in `dial`.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connected stream of either kind.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Stream {
    pub fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_nonblocking(true),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.set_nonblocking(true),
        }
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => (&*stream).read(buffer),
            #[cfg(unix)]
            Stream::Unix(stream) => (&*stream).read(buffer),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => (&*stream).write(bytes),
            #[cfg(unix)]
            Stream::Unix(stream) => (&*stream).write(bytes),
        }
    }

    fn shutdown_writes(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    fn poll_fd(&self, flags: PollFlags) -> PollFd<'_> {
        match self {
            Stream::Tcp(stream) => PollFd::new(stream, flags),
            #[cfg(unix)]
            Stream::Unix(stream) => PollFd::new(stream, flags),
        }
    }
}

/// What the socket inside tokio-postgres and the executor outside of it both see.
#[derive(Debug)]
pub(super) struct Shared {
    stream: Stream,
    /// A read may give something. Cleared by a short read, which emptied the socket, so that the read that would
    /// only find this out costs no system call; set again by [`Shared::wait`].
    readable: AtomicBool,
    wants_read: AtomicBool,
    wants_write: AtomicBool,
    /// The session is up: a failed write lets the reader find the server's last words first.
    established: AtomicBool,
}

/// What [`Shared::wait`] came back with.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Waited {
    Ready,
    DeadlinePassed,
    /// Nobody waits for the socket, so nothing would ever happen.
    NoInterest,
}

impl Shared {
    pub fn forget_interest(&self) {
        self.wants_read.store(false, Relaxed);
        self.wants_write.store(false, Relaxed);
    }

    /// The next read asks the operating system.
    pub fn expect_input(&self) {
        self.readable.store(true, Relaxed);
    }

    /// Nothing but an answer is waited for: whatever was to be sent has been.
    pub fn waits_for_input_alone(&self) -> bool {
        self.wants_read.load(Relaxed) && !self.wants_write.load(Relaxed)
    }

    pub fn set_established(&self) {
        self.established.store(true, Relaxed);
    }

    /// Waits until the socket can do what was asked of it, or the deadline passes. Signals do not end the wait.
    ///
    /// Waiting in a blocking read would save the system call, and was measured slower (a point select at 0.88 of the
    /// `postgres` crate's time, against 0.75 so).
    pub fn wait(&self, deadline: Option<Instant>) -> io::Result<Waited> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, self.wants_read.load(Relaxed));
        flags.set(PollFlags::OUT, self.wants_write.load(Relaxed));
        if flags.is_empty() {
            return Ok(Waited::NoInterest);
        }
        self.wait_for(flags, deadline)
    }

    /// Reads and forgets until the other side has closed its end.
    pub fn wait_for_end(&self, deadline: Instant) -> io::Result<Waited> {
        let mut scrap = [0; 256];
        loop {
            match self.stream.read(&mut scrap) {
                Ok(0) => return Ok(Waited::Ready),
                Ok(_) => {}
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock => {
                        if self.wait_for(PollFlags::IN, Some(deadline))? == Waited::DeadlinePassed {
                            return Ok(Waited::DeadlinePassed);
                        }
                    }
                    // The server closed with bytes of ours unread: an end as good as any.
                    io::ErrorKind::ConnectionReset => return Ok(Waited::Ready),
                    _ => return Err(error),
                },
            }
        }
    }

    fn wait_for(&self, flags: PollFlags, deadline: Option<Instant>) -> io::Result<Waited> {
        let mut fds = [self.stream.poll_fd(flags)];
        loop {
            let timeout = match deadline {
                None => None,
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(Waited::DeadlinePassed);
                    }
                    // A time too long for the operating system is as good as no deadline.
                    Timespec::try_from(left).ok()
                }
            };
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {
                    if fds[0].revents().intersects(!PollFlags::OUT) {
                        self.expect_input();
                    }
                    return Ok(Waited::Ready);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The socket that tokio-postgres owns, under a [`Tap`](super::tap::Tap) that buffers its reads.
#[derive(Debug)]
pub(super) struct Socket {
    shared: Arc<Shared>,
    /// A write failed; the reader ends the connection once it has read what the server still said.
    broken: bool,
}

impl Socket {
    /// Takes over a connected stream and makes it non-blocking.
    pub fn new(stream: Stream) -> io::Result<Socket> {
        stream.set_nonblocking()?;
        let shared = Shared {
            stream,
            readable: AtomicBool::new(true),
            wants_read: AtomicBool::new(false),
            wants_write: AtomicBool::new(false),
            established: AtomicBool::new(false),
        };
        Ok(Socket { shared: Arc::new(shared), broken: false })
    }

    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}

impl AsyncRead for Socket {
    /// `Pending` leaves the wish to read behind.
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let shared = &*self.shared;
        while shared.readable.load(Relaxed) {
            match shared.stream.read(out.initialize_unfilled()) {
                Ok(count) => {
                    // The end of the stream is found again by the next read, so it stays readable.
                    shared.readable.store(count == 0 || count == out.remaining(), Relaxed);
                    out.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => shared.readable.store(false, Relaxed),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        shared.wants_read.store(true, Relaxed);
        Poll::Pending
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let me = self.get_mut();
        if me.broken {
            me.shared.wants_read.store(true, Relaxed);
            return Poll::Pending;
        }
        loop {
            match me.shared.stream.write(bytes) {
                Ok(count) => return Poll::Ready(Ok(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    me.shared.wants_write.store(true, Relaxed);
                    return Poll::Pending;
                }
                Err(_) if me.shared.established.load(Relaxed) => {
                    // A server that ends a session says why before it closes (57P01, 25P03). tokio-postgres would
                    // drop the connection at the failed write and never read that, so the reader ends it.
                    me.broken = true;
                    me.shared.expect_input();
                    me.shared.wants_read.store(true, Relaxed);
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A cancel request ends when the server closes. PgBouncer 1.18 does not survive a client that closes its side first.
        if !self.shared.established.load(Relaxed) {
            return Poll::Ready(Ok(()));
        }
        match self.shared.stream.shutdown_writes() {
            // The other side was faster.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}
