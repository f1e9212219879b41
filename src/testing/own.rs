//! [`TempPostgres`]: a server of a test's own, which it may stop, kill and configure.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::server::{Launched, START, launch, log_tail};
use super::{Doing, Error, Result, database, folder};

/// How a server of one's own is started; [`TempPostgres::options`] begins it.
///
/// # Examples
/// ```no_run
/// let server = sqlift::testing::TempPostgres::options().tcp().setting("max_connections", "10").start()?;
/// # Ok::<(), sqlift::testing::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct TempPostgresOptions {
    pub(super) tcp: bool,
    pub(super) settings: Vec<(String, String)>,
    pub(super) hba: Option<String>,
}

impl TempPostgresOptions {
    /// Listens on a free port of 127.0.0.1 instead of a Unix socket.
    pub fn tcp(mut self) -> Self {
        self.tcp = true;
        self
    }

    /// Sets one of PostgreSQL's settings, over ours.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Replaces `pg_hba.conf`, which otherwise trusts every local connection.
    pub fn hba(mut self, text: &str) -> Self {
        self.hba = Some(text.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// As [`TempPostgres::start`].
    pub fn start(self) -> Result<TempPostgres> {
        let launched = launch(&self, Duration::ZERO)?;
        let url = launched.server.url("postgres");
        Ok(TempPostgres { url, folder: launched.server.folder.clone(), launched: Mutex::new(Some(launched)) })
    }
}

/// A PostgreSQL server of one's own, stopped and removed with the handle or with the process, however that ends.
///
/// Its role is the superuser `postgres`, without a password; it listens on a Unix socket in a private folder.
///
/// # Examples
/// ```no_run
/// let server = sqlift::testing::TempPostgres::start()?;
/// println!("psql {}", server.url());
/// server.stop()?;
/// # Ok::<(), sqlift::testing::Error>(())
/// ```
pub struct TempPostgres {
    url: String,
    folder: PathBuf,
    launched: Mutex<Option<Launched>>,
}

impl TempPostgres {
    /// Starts a server, in about a tenth of a second (the first time on a machine: half a second).
    ///
    /// # Errors
    /// [`Error::NoPrograms`] when PostgreSQL's server is not installed, [`Error::Server`] with the last lines of the log
    /// when it does not start, [`Error::Io`] for files and folders.
    pub fn start() -> Result<TempPostgres> {
        TempPostgres::options().start()
    }

    /// Begins the options of a server that differs from the usual.
    pub fn options() -> TempPostgresOptions {
        TempPostgresOptions::default()
    }

    /// The URL of its database `postgres`; `postgresql://`, without spaces and quotes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Creates the database `name`, if it is not there, and gives its URL.
    ///
    /// # Errors
    /// [`Error::Database`] with the server's words.
    pub fn database(&self, name: &str) -> Result<String> {
        database::create_if_missing(&self.url, name)?;
        Ok(database::with_name(&self.url, name))
    }

    /// The server's data folder, for its certificates and configuration.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The last lines of the server's log.
    pub fn log_tail(&self) -> String {
        log_tail(&self.folder)
    }

    /// Kills the server with all its processes (`kill -9`), as a crash would; [`TempPostgres::restart`] brings it back.
    ///
    /// # Errors
    /// [`Error::Server`] when it is not running.
    pub fn kill_server(&self) -> Result<()> {
        let _lock = self.lock();
        let gone = || Error::Server { what: "the temporary PostgreSQL is not running".into(), log: self.log_tail() };
        let pid = folder::server_pid(&self.folder).ok_or_else(gone)?;
        let sessions = children(pid);
        let kill = |pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        kill(pid).map_err(|_| gone())?;
        // Elsewhere than on Linux the sessions see by themselves that the first process has gone.
        for session in sessions {
            let _ = kill(session);
        }
        let begun = Instant::now();
        while !self.folder.join("exited").exists() && begun.elapsed() < START {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Stops the server, if it runs, and starts it again on the same data and URL.
    ///
    /// # Errors
    /// [`Error::Server`] with the last lines of the log when it does not start.
    pub fn restart(&self) -> Result<()> {
        let mut launched = self.lock();
        let launched = launched.as_mut().expect("only stop takes it, with the handle");
        launched.order("stop")?;
        // After a kill the dead server's sessions may hold its memory for another moment.
        let begun = Instant::now();
        loop {
            match launched.start() {
                Err(Error::Server { log, .. }) if log.contains("still in use") && begun.elapsed() < START => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                started => return started,
            }
        }
    }

    /// Stops the server and removes its folder. Dropping does the same, without a word about errors.
    ///
    /// # Errors
    /// [`Error::Io`] when the watchdog cannot be waited for.
    pub fn stop(self) -> Result<()> {
        self.end()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Launched>> {
        self.launched.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn end(&self) -> Result<()> {
        let Some(Launched { server, mut watchdog, answers }) = self.lock().take() else { return Ok(()) };
        if super::keeps() {
            eprintln!("{}", server.kept_note(&self.url));
            return Ok(());
        }
        drop(server);
        drop(answers);
        watchdog.wait().doing(|| "cannot wait for the server's end".into())?;
        Ok(())
    }
}

impl Drop for TempPostgres {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

impl std::fmt::Debug for TempPostgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TempPostgres").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The processes that `pid` started, where the system tells.
fn children(pid: rustix::process::Pid) -> Vec<rustix::process::Pid> {
    let pid = pid.as_raw_nonzero();
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|number| rustix::process::Pid::from_raw(number.parse().ok()?)).collect()
}
