//! Why no connection came about: each host with its reason, and what to do next. Never the password.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use tokio_postgres::error::{DbError, SqlState};

/// No host could be connected to. `Display` lists every attempt and ends with a help line.
#[derive(Debug)]
pub(crate) struct ConnectError {
    pub(super) attempts: Vec<Attempt>,
}

/// One address that was tried.
#[derive(Debug)]
pub(super) struct Attempt {
    /// `db.example.com:5432 (192.0.2.1)`, or the path of the Unix socket; empty when it did not come to an address.
    pub target: String,
    pub reason: Reason,
    /// Why a password file was not used.
    pub warning: Option<String>,
}

impl Attempt {
    pub fn new(target: impl Into<String>, reason: Reason) -> Attempt {
        Attempt { target: target.into(), reason, warning: None }
    }
}

#[derive(Debug)]
pub(super) enum Reason {
    /// The settings cannot work, whatever the server does.
    Settings {
        problem: String,
        help: String,
    },
    /// The host's name has no address.
    Name(io::Error),
    /// No socket.
    Io(io::Error),
    TimedOut(Duration),
    /// TLS could not be agreed on, or the certificate was refused.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only TLS fails so"))]
    Tls {
        problem: String,
        help: String,
    },
    /// The server's answer, or the lack of one.
    Server(tokio_postgres::Error),
    /// The server answered, but is not of the kind `target_session_attrs` asks for.
    Role(String),
}

impl ConnectError {
    pub(super) fn settings(problem: impl Into<String>, help: impl Into<String>) -> ConnectError {
        let reason = Reason::Settings { problem: problem.into(), help: help.into() };
        ConnectError { attempts: vec![Attempt::new("", reason)] }
    }

    /// What the server itself answered: the last such answer, when several hosts gave one.
    pub(crate) fn db_error(&self) -> Option<&DbError> {
        self.server_error().and_then(tokio_postgres::Error::as_db_error)
    }

    /// The SQLSTATE of the server's answer: 28P01 a wrong password, 3D000 an unknown database, 53300 no free slot.
    pub(crate) fn sqlstate(&self) -> Option<&SqlState> {
        self.db_error().map(DbError::code)
    }

    /// `connect_timeout` ended the last attempt.
    #[cfg(test)]
    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self.attempts.last(), Some(Attempt { reason: Reason::TimedOut(_), .. }))
    }

    fn server_error(&self) -> Option<&tokio_postgres::Error> {
        self.attempts.iter().rev().find_map(|attempt| match &attempt.reason {
            Reason::Server(error) if error.as_db_error().is_some() => Some(error),
            _ => None,
        })
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot connect to PostgreSQL")?;
        for attempt in &self.attempts {
            match attempt.target.as_str() {
                "" => write!(f, ": {}", attempt.reason)?,
                target => write!(f, "\n  --> {target}: {}", attempt.reason)?,
            }
        }
        if let Some(warning) = self.attempts.iter().find_map(|attempt| attempt.warning.as_ref()) {
            write!(f, "\n  note: {warning}")?;
        }
        match self.attempts.last().and_then(help) {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.attempts.last()?.reason {
            Reason::Io(error) | Reason::Name(error) => Some(error),
            Reason::Server(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason {
    /// What a socket came to, when its time limit was `timeout`.
    pub(super) fn from_io(error: io::Error, timeout: Duration) -> Reason {
        match error.kind() {
            io::ErrorKind::TimedOut if !timeout.is_zero() => Reason::TimedOut(timeout),
            _ => Reason::Io(error),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Settings { problem, .. } | Reason::Tls { problem, .. } | Reason::Role(problem) => {
                f.write_str(problem)
            }
            Reason::Io(error) | Reason::Name(error) => write!(f, "{error}"),
            Reason::TimedOut(timeout) => write!(f, "no answer within connect_timeout ({} s)", timeout.as_secs_f64()),
            Reason::Server(error) => f.write_str(&in_words(error)),
        }
    }
}

/// The error with what caused it, each said once.
pub(super) fn in_words(error: &tokio_postgres::Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return format!("{} ({})", answer.message(), answer.code().code());
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn help(attempt: &Attempt) -> Option<String> {
    let target = &attempt.target;
    Some(match &attempt.reason {
        Reason::Settings { help, .. } | Reason::Tls { help, .. } => help.clone(),
        Reason::Name(_) => "check the host's name in DATABASE_URL, and that this machine can look it up".into(),
        Reason::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            format!("the socket {target} belongs to others; does this user have the right to use it?")
        }
        Reason::Io(_) => format!("is the server running, and does it listen on {target}?"),
        Reason::TimedOut(_) => {
            format!(
                "is {target} a PostgreSQL server, and does a firewall let connections through? connect_timeout gives it longer"
            )
        }
        Reason::Role(_) => "name a host of the other kind, or relax target_session_attrs".into(),
        Reason::Server(error) => match error.code() {
            Some(code) if *code == SqlState::INVALID_PASSWORD => {
                "check user and password: DATABASE_URL, PGPASSWORD or the password file".into()
            }
            Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                "check the user's name, and the server's pg_hba.conf for this user, database, address and sslmode"
                    .into()
            }
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
                "create it with createdb, or correct the database's name in DATABASE_URL".into()
            }
            Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => {
                "lower the pools' sizes, or raise max_connections on the server".into()
            }
            Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => {
                "the server is starting up or shutting down; try again in a moment".into()
            }
            Some(_) => return None,
            None if in_words(error).contains("password missing") => {
                "the server wants a password: put it into DATABASE_URL, PGPASSWORD or the password file".into()
            }
            None => format!("is {target} a PostgreSQL server?"),
        },
    })
}
