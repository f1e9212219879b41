//! Interrupting what another thread runs: PostgreSQL takes the request on a socket of its own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::{CancelToken, NoTls};

use super::error::{Attempt, ConnectError, Reason};
use super::executor::{GaveUp, block_on};
use super::row_tap::RowTap;
use super::socket::Waited;
use super::tap::{Framing, Tap};
use super::target::Target;
use crate::config::PostgresConfig;

/// Cancels what runs on one session. Cheap to clone; works from any thread while the session waits.
#[derive(Clone)]
pub(crate) struct CancelHandle {
    line: Arc<Line>,
}

struct Line {
    token: CancelToken,
    target: Target,
    config: PostgresConfig,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Tls>,
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHandle").field("target", &self.line.target.text).finish_non_exhaustive()
    }
}

impl CancelHandle {
    pub(super) fn new(
        token: CancelToken,
        target: Target,
        config: &PostgresConfig,
        #[cfg(feature = "tls")] tls: Option<super::tls::Tls>,
    ) -> CancelHandle {
        let line = Line {
            token,
            target,
            config: config.clone(),
            #[cfg(feature = "tls")]
            tls,
        };
        CancelHandle { line: Arc::new(line) }
    }

    /// Asks the server to cancel the statement that runs, and waits until it has taken the request: the server closes
    /// this socket only after it has signalled the session. A statement sent after this returned is not hit.
    ///
    /// A session that runs nothing is not disturbed, and there is no answer that tells one from the other.
    ///
    /// # Errors
    /// [`ConnectError`], when the server could not be reached or did not close the socket in time.
    pub fn cancel(&self, timeout: Duration) -> Result<(), ConnectError> {
        let line = &*self.line;
        self.send(Instant::now() + timeout, timeout)
            .map_err(|reason| ConnectError { attempts: vec![Attempt::new(&line.target.text, reason)] })
    }

    fn send(&self, deadline: Instant, timeout: Duration) -> Result<(), Reason> {
        let line = &*self.line;
        let socket = line.target.open(&line.config, Some(deadline)).map_err(|error| Reason::from_io(error, timeout))?;
        // This keeps the socket open after tokio-postgres has dropped its end of the matter.
        let shared = socket.shared();
        let stream = Tap::new(socket, Framing::Opaque, RowTap::default());
        let token = line.token.clone();
        #[cfg(feature = "tls")]
        let sent = match &line.tls {
            Some(tls) => {
                let connector = tls.connector(&line.target.host_name, RowTap::default());
                block_on(token.cancel_query_raw(stream, connector), &shared, Some(deadline))
            }
            None => block_on(token.cancel_query_raw(stream, NoTls), &shared, Some(deadline)),
        };
        #[cfg(not(feature = "tls"))]
        let sent = block_on(token.cancel_query_raw(stream, NoTls), &shared, Some(deadline));
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Reason::Server(error)),
            Err(GaveUp::DeadlinePassed) => return Err(Reason::TimedOut(timeout)),
            Err(GaveUp::Io(error)) => return Err(Reason::Io(error)),
        }
        match shared.wait_for_end(deadline) {
            Ok(Waited::DeadlinePassed) => Err(Reason::TimedOut(timeout)),
            Ok(_) => Ok(()),
            Err(error) => Err(Reason::Io(error)),
        }
    }
}

#[cfg(test)]
impl CancelHandle {
    /// The same session's handle, sent to another address.
    pub fn aimed_at(&self, address: std::net::SocketAddr) -> CancelHandle {
        let line = &*self.line;
        let target = Target { place: super::target::Place::Tcp(address), ..line.target.clone() };
        CancelHandle::new(
            line.token.clone(),
            target,
            &line.config,
            #[cfg(feature = "tls")]
            line.tls.clone(),
        )
    }
}
