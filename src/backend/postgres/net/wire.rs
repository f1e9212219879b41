//! The running connection: a socket, tokio-postgres's protocol on it, and the loop that moves both.

use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio_postgres::error::DbError;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Connection};

use super::super::catalogs::CHANNEL;
use super::CancelHandle;
use super::busy_poll::BusyPoll;
use super::error::in_words;
use super::executor::Alarm;
use super::row_tap::RowTap;
use super::socket::{Shared, Socket, Waited};
use super::tap::Tap;

/// After this long without a request the server may have ended the session, which is looked for before writing.
const IDLE_TIME: Duration = Duration::from_millis(10);

/// A connection's input and output. Moves only inside of [`run`](Wire::run), [`pump`](Wire::pump) and
/// [`close`](Wire::close).
pub(crate) struct Wire {
    /// `None` once it has ended.
    protocol: Option<Protocol>,
    socket: Arc<Shared>,
    rows: RowTap,
    alarm: Alarm,
    busy_poll: BusyPoll,
    notification: Option<String>,
    ended_by: Option<EndOfWire>,
    last_used: Instant,
    cancel: CancelHandle,
}

/// tokio-postgres's protocol machine over either kind of stream.
pub(super) enum Protocol {
    Plain(Box<Connection<Tap<Socket>, NoTlsStream>>),
    #[cfg(feature = "tls")]
    Tls(Box<Connection<Tap<Socket>, super::tls::TlsStream>>),
}

impl Protocol {
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AsyncMessage, tokio_postgres::Error>>> {
        match self {
            Protocol::Plain(connection) => connection.poll_message(context),
            #[cfg(feature = "tls")]
            Protocol::Tls(connection) => connection.poll_message(context),
        }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        match self {
            Protocol::Plain(connection) => connection.parameter(name),
            #[cfg(feature = "tls")]
            Protocol::Tls(connection) => connection.parameter(name),
        }
    }
}

/// Why the connection is over: the server's last words, or what became of the socket.
#[derive(Clone, Debug)]
pub(crate) enum EndOfWire {
    Closed(Option<Arc<tokio_postgres::Error>>),
    /// It did not answer, and is not waited for any more.
    Silent,
}

impl EndOfWire {
    /// What the server said before it closed (57P01 shut down by an administrator, 25P03 idle in a transaction).
    pub fn db_error(&self) -> Option<&DbError> {
        match self {
            EndOfWire::Closed(error) => error.as_deref().and_then(tokio_postgres::Error::as_db_error),
            EndOfWire::Silent => None,
        }
    }
}

impl fmt::Display for EndOfWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndOfWire::Closed(Some(error)) if !error.is_closed() => {
                write!(f, "the connection to PostgreSQL ended: {}", in_words(error))
            }
            EndOfWire::Silent => f.write_str("PostgreSQL did not answer within the time given"),
            EndOfWire::Closed(_) => f.write_str("the connection to PostgreSQL ended: the server closed it"),
        }
    }
}

/// Why [`Wire::run`] came back without the request's result.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The deadline passed. The connection still works: what the server answers later is read and dropped before the
    /// next request's answer, so a server that is still busy wants a cancel first.
    DeadlinePassed,
    /// The connection ended, now or earlier.
    Closed(EndOfWire),
    /// An open result was not read to its end and keeps the connection; waiting would last for ever.
    Blocked,
    /// poll(2) failed.
    Io(io::Error),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::DeadlinePassed => f.write_str("PostgreSQL did not answer within the time given"),
            Stopped::Closed(end) => end.fmt(f),
            Stopped::Blocked => f.write_str("a result that is not read to its end keeps the connection"),
            Stopped::Io(error) => write!(f, "waiting for PostgreSQL failed: {error}"),
        }
    }
}

impl std::error::Error for Stopped {}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("is_closed", &self.is_closed()).finish_non_exhaustive()
    }
}

/// Says goodbye when the client was dropped first; a server then does not log a lost connection. Waits for nothing.
impl Drop for Wire {
    fn drop(&mut self) {
        self.rows.close();
        self.move_protocol();
    }
}

impl Wire {
    pub(super) fn new(
        protocol: Protocol,
        socket: Arc<Shared>,
        rows: RowTap,
        busy_poll: Duration,
        cancel: CancelHandle,
    ) -> Wire {
        socket.set_established();
        Wire {
            protocol: Some(protocol),
            socket,
            rows,
            alarm: Alarm::new(),
            busy_poll: BusyPoll::new(busy_poll),
            notification: None,
            ended_by: None,
            last_used: Instant::now(),
            cancel,
        }
    }

    /// Runs a request (or several, joined: they are pipelined) until it is done, the deadline passes or the
    /// connection ends.
    ///
    /// The future may await only what the client of this wire gives. When it returns early, the rest of its answer
    /// stays where it was, so a stream can be read in chunks, one `run` per chunk. When the connection ends, the
    /// request is asked once more and its own result comes first, mostly tokio-postgres's bare "connection closed";
    /// [`request`](Wire::request) tells why.
    ///
    /// # Errors
    /// [`Stopped`]; the request is then dropped.
    pub fn run<F: Future>(&mut self, request: F, deadline: Option<Instant>) -> Result<F::Output, Stopped> {
        let mut request = pin!(request);
        // A first poll puts the messages into the connection's queue, so that the connection is polled only once
        // before the wait. It can also find everything there already.
        if let Poll::Ready(output) = request.as_mut().poll(&mut self.alarm.context()) {
            return Ok(output);
        }
        let now = Instant::now();
        if now.duration_since(self.last_used) > IDLE_TIME {
            self.socket.expect_input();
        }
        self.last_used = now;
        let mut has_rung = self.advance();
        loop {
            // The connection calls the waker when it has something for the request, or when the request's queue has
            // room again; without that a poll of the request would find nothing new.
            if has_rung || self.protocol.is_none() {
                if let Poll::Ready(output) = request.as_mut().poll(&mut self.alarm.context()) {
                    return Ok(output);
                }
                if let Some(end) = &self.ended_by {
                    return Err(Stopped::Closed(end.clone()));
                }
                if self.alarm.take() {
                    if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                        return Err(Stopped::DeadlinePassed);
                    }
                    has_rung = self.advance();
                    continue;
                }
            }
            has_rung = self.wait(deadline)?;
        }
    }

    /// Waits for the socket and moves the protocol, and gives whether that made something of the request's. Looking for an
    /// answer before sleeping may outlast the deadline by as long as one looks.
    fn wait(&mut self, deadline: Option<Instant>) -> Result<bool, Stopped> {
        let mut wait = if self.socket.waits_for_input_alone() { self.busy_poll.begin() } else { None };
        if let Some(wait) = &mut wait {
            while self.busy_poll.looks(wait) {
                self.socket.expect_input();
                if self.advance() || self.protocol.is_none() {
                    self.busy_poll.answered(wait);
                    return Ok(true);
                }
            }
        }
        let waited = self.socket.wait(deadline).map_err(Stopped::Io)?;
        if let Some(wait) = wait {
            self.busy_poll.slept(&wait);
        }
        match waited {
            Waited::Ready => Ok(self.advance()),
            Waited::DeadlinePassed => Err(Stopped::DeadlinePassed),
            Waited::NoInterest => Err(Stopped::Blocked),
        }
    }

    /// Moves the protocol, and gives whether that made something of the request's.
    fn advance(&mut self) -> bool {
        self.alarm.take();
        self.move_protocol();
        self.alarm.take()
    }

    /// [`run`](Wire::run) for a request of tokio-postgres, whose bare "connection closed" becomes [`Stopped::Closed`]
    /// with the reason.
    ///
    /// # Errors
    /// [`Stopped`], as `run`; the server's own refusals are inside.
    pub fn request<T>(
        &mut self,
        request: impl Future<Output = Result<T, tokio_postgres::Error>>,
        deadline: Option<Instant>,
    ) -> Result<Result<T, tokio_postgres::Error>, Stopped> {
        match (self.run(request, deadline)?, &self.ended_by) {
            (Err(error), Some(end)) if error.is_closed() => Err(Stopped::Closed(end.clone())),
            (result, _) => Ok(result),
        }
    }

    /// Does what can be done without waiting: sends what is queued (closed statements), reads notices, and notices
    /// an end. Gives whether the connection still lives.
    pub fn pump(&mut self) -> bool {
        // Twice, since a read that finds something does not look whether the end comes right behind it.
        for _ in 0..2 {
            self.socket.expect_input();
            self.move_protocol();
        }
        !self.is_closed()
    }

    /// Ends the session in good order, after the client was dropped: the server then logs no broken connection.
    /// Waits until the server has closed its end, for at most `timeout`.
    pub fn close(mut self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        // Rows that nobody takes any more must not stop what comes behind them.
        self.rows.close();
        while self.protocol.is_some() {
            self.alarm.take();
            self.move_protocol();
            if self.protocol.is_none() {
                break;
            }
            if !self.alarm.take() && !matches!(self.socket.wait(Some(deadline)), Ok(Waited::Ready)) {
                return;
            }
        }
        // A server that is gone or silent is not waited for, and its errors interest nobody any more.
        let _ = self.socket.wait_for_end(deadline);
    }

    /// Moves the protocol until it waits for the socket, for a request, or for room in a request's queue.
    fn move_protocol(&mut self) {
        let Some(protocol) = &mut self.protocol else { return };
        self.socket.forget_interest();
        let mut context = self.alarm.context();
        let end = loop {
            match protocol.poll_message(&mut context) {
                Poll::Pending => return,
                // Of the channel that the session listens to; the last one tells enough.
                Poll::Ready(Some(Ok(AsyncMessage::Notification(notification)))) => {
                    if notification.channel() == CHANNEL {
                        self.notification = Some(notification.payload().to_owned());
                    }
                }
                // Notices: SQLite has none, and no API of its asks for them.
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => break EndOfWire::Closed(Some(Arc::new(error))),
                Poll::Ready(None) => break EndOfWire::Closed(None),
            }
        };
        self.ended_by = Some(end);
        // This drops the answers' senders, which ends the requests that still wait for one.
        self.protocol = None;
    }

    /// Hangs up on a server that does not answer.
    pub fn give_up(&mut self) {
        self.ended_by.get_or_insert(EndOfWire::Silent);
        self.protocol = None;
    }

    /// Nothing will ever be answered again. Known only after a `run` or a `pump`.
    pub fn is_closed(&self) -> bool {
        self.protocol.is_none()
    }

    /// Why the connection is over, when it is.
    pub fn ended_by(&self) -> Option<&EndOfWire> {
        self.ended_by.as_ref()
    }

    /// Whether another process has changed the schema, as far as has been read.
    #[inline]
    pub fn has_notification(&self) -> bool {
        self.notification.is_some()
    }

    /// The last notification of such a change since the last call.
    pub fn take_notification(&mut self) -> Option<String> {
        self.notification.take()
    }

    /// A setting that the server reports by itself (`server_version`, `TimeZone`, `in_hot_standby`, ...).
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.protocol.as_ref()?.parameter(name)
    }

    /// Where the rows of this connection's requests can be taken before tokio-postgres sees them.
    pub fn rows(&self) -> RowTap {
        self.rows.clone()
    }

    /// A handle with which another thread interrupts what runs here.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }
}
