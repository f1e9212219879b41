//! Who the pool logs in as, when that changes while the program runs: a callback, or a file with the password.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::config::{ConfigError, PostgresConfig, Secret};
use crate::{Error, Result};

/// A role and its password, as a secret store gives them out.
///
/// # Examples
/// ```
/// use sqlift::Credentials;
/// let credentials = Credentials::password("hunter2").user("app_20260301");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    user: Option<String>,
    password: Secret,
}

impl Credentials {
    /// A password for the role of the configuration.
    pub fn password(password: impl Into<String>) -> Credentials {
        Credentials { user: None, password: Secret::new(password) }
    }

    /// Another role than the configuration's.
    pub fn user(mut self, user: impl Into<String>) -> Credentials {
        self.user = Some(user.into());
        self
    }
}

type Provider = dyn Fn() -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

/// How often a password file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a refused password is tried again, once one was taken: the server may know the new one before its store does, or after.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What can change.
pub(super) struct Rotation {
    provider: Option<Box<Provider>>,
    known: Mutex<Known>,
    hasher: RandomState,
}

#[derive(Default)]
struct Known {
    /// Of the credentials that the server took last.
    fingerprint: Option<u64>,
    /// The password file's time and size when the server took what it held.
    file: Option<Stamp>,
    looked: Option<Instant>,
}

type Stamp = (SystemTime, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// What a connection is made with.
pub(super) struct Current {
    pub config: PostgresConfig,
    fingerprint: u64,
    file: Option<Stamp>,
}

impl Rotation {
    pub fn new(provider: Option<Box<Provider>>) -> Rotation {
        Rotation { provider, known: Mutex::default(), hasher: RandomState::new() }
    }

    /// Whether a refused password may be followed by a better one.
    pub fn can_change(&self, config: &PostgresConfig) -> bool {
        self.provider.is_some() || config.password_file.is_some()
    }

    /// Whether the server has taken some credentials already.
    pub fn has_worked(&self) -> bool {
        self.known().fingerprint.is_some()
    }

    /// The configuration with the credentials of now.
    ///
    /// # Errors
    /// The callback's.
    pub fn current(&self, config: &PostgresConfig) -> Result<Current> {
        let mut config = config.clone();
        if let Some(provider) = &self.provider {
            let credentials = provider().map_err(|error| {
                // The callback's words are shown: what it puts into them is its own affair.
                Error::from(
                    ConfigError::new(format!("the callback for credentials failed: {error}"))
                        .help("look at the secret store that it asks"),
                )
            })?;
            config.password = Some(credentials.password);
            config.password_file = None;
            if let Some(user) = credentials.user {
                config.user = user;
            }
        }
        let file = config.password_file.as_deref().and_then(stamp);
        let password = match &config.password_file {
            // The session reads it by itself; here it is only recognised.
            Some(path) => std::fs::read_to_string(path).unwrap_or_default(),
            None => config.password.as_ref().map(|password| password.expose().to_owned()).unwrap_or_default(),
        };
        let fingerprint = self.hasher.hash_one((&config.user, password));
        Ok(Current { config, fingerprint, file })
    }

    /// The server took these. Gives whether they are others than before, so that older connections shall end.
    pub fn accepted(&self, current: &Current) -> bool {
        let mut known = self.known();
        known.file = current.file;
        known.fingerprint.replace(current.fingerprint).is_some_and(|before| before != current.fingerprint)
    }

    /// Whether the password file is another one than the server took; looks at most once a second.
    pub fn has_new_file(&self, path: &Path) -> bool {
        let mut known = self.known();
        if known.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return false;
        }
        known.looked = Some(Instant::now());
        // A file that is just being replaced is looked at again next time.
        stamp(path).is_some_and(|now| known.file.is_some_and(|taken| taken != now))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server refused the password, or knows no such role.
pub(super) fn is_refusal(error: &Error) -> bool {
    crate::postgres_error(error).is_some_and(|report| matches!(report.sqlstate.as_str(), "28P01" | "28000"))
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation").field("provider", &self.provider.is_some()).finish_non_exhaustive()
    }
}
