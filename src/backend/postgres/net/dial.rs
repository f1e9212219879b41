//! From a configuration to a session: hosts in order, addresses of a host in order, encryption as `sslmode` says.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use tokio_postgres::config::SslMode as Mode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::error::{Attempt, ConnectError, Reason};
use super::executor::{GaveUp, block_on};
use super::row_tap::RowTap;
use super::tap::{Framing, Tap};
use super::target::{Target, host_text, resolve};
use super::wire::{Protocol, Stopped, Wire};
use super::{CancelHandle, passfile};
use crate::config::{ChannelBinding, Host, PostgresConfig, Secret, SslMode, TargetSessionAttrs};

/// Connects to the first host of `config` that answers and that `target_session_attrs` accepts.
///
/// # Errors
/// [`ConnectError`] with every host that was tried.
pub(crate) fn connect(config: &PostgresConfig) -> Result<(Client, Wire), ConnectError> {
    let tls = Encryption::of(config)?;
    if config.hosts.is_empty() {
        return Err(ConnectError::settings("no host is named", "name a host in DATABASE_URL"));
    }
    let mut order: Vec<&Host> = config.hosts.iter().collect();
    if config.load_balance_hosts {
        shuffle(&mut order);
    }
    // libpq: prefer-standby looks for a standby first, and takes anything when there is none.
    let wanted: &[TargetSessionAttrs] = match &config.target_session_attrs {
        TargetSessionAttrs::PreferStandby => &[TargetSessionAttrs::Standby, TargetSessionAttrs::Any],
        other => std::slice::from_ref(other),
    };
    let given = passfile::given_password(config)?;
    let mut attempts = Vec::new();
    for wanted in wanted {
        attempts.clear();
        for host in &order {
            let mut targets = match resolve(host) {
                Ok(targets) => targets,
                Err(error) => {
                    attempts.push(Attempt::new(host_text(host), Reason::Name(error)));
                    continue;
                }
            };
            if config.load_balance_hosts {
                shuffle(&mut targets);
            }
            let (password, warning) = password_for(config, host, given.as_ref());
            for target in targets {
                let dialing = Dialing { config, tls: &tls, password: password.as_ref(), target: &target };
                match dialing.attempt(*wanted) {
                    Ok(session) => return Ok(session),
                    Err(reason) => {
                        let is_final = ends_the_search(&reason);
                        attempts.push(Attempt { target: target.text, reason, warning: warning.clone() });
                        if is_final {
                            return Err(ConnectError { attempts });
                        }
                    }
                }
            }
        }
    }
    Err(ConnectError { attempts })
}

fn password_for(config: &PostgresConfig, host: &Host, given: Option<&Secret>) -> (Option<Secret>, Option<String>) {
    match given {
        Some(password) => (Some(password.clone()), None),
        None => match passfile::look_up(config, host) {
            Ok(password) => (password, None),
            Err(warning) => (None, Some(warning)),
        },
    }
}

/// libpq: a server that refuses the user ends the search; one that is down or of the wrong kind does not.
fn ends_the_search(reason: &Reason) -> bool {
    match reason {
        Reason::Settings { .. } => true,
        // Class 57: starting up, shutting down, crashed.
        Reason::Server(error) => error.code().is_some_and(|code| !code.code().starts_with("57")),
        Reason::Name(_) | Reason::Io(_) | Reason::TimedOut(_) | Reason::Tls { .. } | Reason::Role(_) => false,
    }
}

/// Fisher and Yates, with the randomness of std's hash maps.
fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let random = RandomState::new().hash_one(last);
        items.swap(last, (random % (last as u64 + 1)) as usize);
    }
}

/// What `sslmode` means here.
struct Encryption {
    mode: SslMode,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Tls>,
}

impl Encryption {
    #[cfg(feature = "tls")]
    fn of(config: &PostgresConfig) -> Result<Encryption, ConnectError> {
        if config.sslnegotiation_direct && matches!(config.sslmode, SslMode::Disable | SslMode::Allow | SslMode::Prefer)
        {
            return Err(ConnectError::settings(
                "sslnegotiation=direct cannot fall back to plain text, as this sslmode wants",
                "use sslmode=require, verify-ca or verify-full with it",
            ));
        }
        // Unix sockets are never encrypted, so certificates that are missing do no harm there.
        let all_unix = config.hosts.iter().all(|host| matches!(host.address, crate::config::HostAddress::Unix(_)));
        let tls = match config.sslmode {
            SslMode::Disable => None,
            _ if all_unix => None,
            _ => Some(super::tls::Tls::new(config)?),
        };
        Ok(Encryption { mode: config.sslmode, tls })
    }

    #[cfg(not(feature = "tls"))]
    fn of(config: &PostgresConfig) -> Result<Encryption, ConnectError> {
        let needs_tls = !matches!(config.sslmode, SslMode::Disable | SslMode::Allow | SslMode::Prefer);
        let any_tcp = config.hosts.iter().any(|host| !matches!(host.address, crate::config::HostAddress::Unix(_)));
        if needs_tls && any_tcp {
            return Err(ConnectError::settings(
                "this sslmode needs TLS, and sqlift was built without it",
                r#"turn on its cargo feature `tls`: sqlift = { version = "...", features = ["tls"] }"#,
            ));
        }
        Ok(Encryption { mode: config.sslmode })
    }

    /// The ways to try on one address, in order.
    fn ways(&self, target: &Target) -> &'static [Mode] {
        #[cfg(feature = "tls")]
        let has_tls = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let has_tls = false;
        // libpq ignores sslmode on Unix sockets.
        if target.is_unix() || !has_tls {
            return &[Mode::Disable];
        }
        match self.mode {
            SslMode::Disable => &[Mode::Disable],
            SslMode::Allow => &[Mode::Disable, Mode::Require],
            SslMode::Prefer => &[Mode::Prefer, Mode::Disable],
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[Mode::Require],
        }
    }
}

/// One address with everything that is needed to try it.
struct Dialing<'d> {
    config: &'d PostgresConfig,
    tls: &'d Encryption,
    password: Option<&'d Secret>,
    target: &'d Target,
}

impl Dialing<'_> {
    fn attempt(&self, wanted: TargetSessionAttrs) -> Result<(Client, Wire), Reason> {
        let timeout = self.config.connect_timeout.filter(|timeout| !timeout.is_zero());
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let timeout = timeout.unwrap_or_default();
        let mut ways = self.tls.ways(self.target).iter().peekable();
        let mut first_refusal = None;
        let (client, mut wire) = loop {
            let way = ways.next().expect("there is at least one way, and the last returns");
            match self.open_session(*way, deadline, timeout) {
                Ok(session) => break session,
                Err(reason) if ways.peek().is_some() && is_about_encryption(&reason) => first_refusal = Some(reason),
                // When both ways were refused, the reason of the one that was preferred is the one to mend.
                Err(reason) => return Err(first_refusal.filter(|_| is_about_encryption(&reason)).unwrap_or(reason)),
            }
        };
        match fits(&client, &mut wire, wanted, deadline) {
            Ok(None) => Ok((client, wire)),
            Ok(Some(role)) => Err(Reason::Role(role.into())),
            Err(Stopped::DeadlinePassed) => Err(Reason::TimedOut(timeout)),
            Err(other) => Err(Reason::Io(std::io::Error::other(other))),
        }
    }

    fn open_session(&self, way: Mode, deadline: Option<Instant>, timeout: Duration) -> Result<(Client, Wire), Reason> {
        let socket = self.target.open(self.config, deadline).map_err(|error| Reason::from_io(error, timeout))?;
        let shared = socket.shared();
        let rows = RowTap::default();
        let settings = self.startup_settings(way);
        let give_up = |why| match why {
            GaveUp::DeadlinePassed => Reason::TimedOut(timeout),
            GaveUp::Io(error) => Reason::Io(error),
        };
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.tls.as_ref().filter(|_| way != Mode::Disable) {
            let connector = tls.connector(&self.target.host_name, rows.clone());
            // Without TLS, where the server has none and that will do, messages follow the server's answer.
            let framing = if self.config.sslnegotiation_direct { Framing::Opaque } else { Framing::Negotiation };
            let stream = Tap::new(socket, framing, rows.clone());
            let (client, connection) = block_on(settings.connect_raw(stream, connector), &shared, deadline)
                .map_err(give_up)?
                .map_err(super::tls::explain)?;
            let handle = CancelHandle::new(client.cancel_token(), self.target.clone(), self.config, Some(tls.clone()));
            return Ok((
                client,
                Wire::new(Protocol::Tls(Box::new(connection)), shared, rows, self.config.busy_poll, handle),
            ));
        }
        let stream = Tap::new(socket, Framing::Messages, rows.clone());
        let (client, connection) = block_on(settings.connect_raw(stream, NoTls), &shared, deadline)
            .map_err(give_up)?
            .map_err(Reason::Server)?;
        let handle = CancelHandle::new(
            client.cancel_token(),
            self.target.clone(),
            self.config,
            #[cfg(feature = "tls")]
            None,
        );
        Ok((client, Wire::new(Protocol::Plain(Box::new(connection)), shared, rows, self.config.busy_poll, handle)))
    }

    /// The settings of the session itself; none that would make tokio-postgres open a socket.
    fn startup_settings(&self, way: Mode) -> tokio_postgres::Config {
        let config = self.config;
        let mut settings = tokio_postgres::Config::new();
        settings.user(&config.user).dbname(&config.dbname).ssl_mode(way);
        settings.channel_binding(match config.channel_binding {
            ChannelBinding::Disable => tokio_postgres::config::ChannelBinding::Disable,
            ChannelBinding::Prefer => tokio_postgres::config::ChannelBinding::Prefer,
            ChannelBinding::Require => tokio_postgres::config::ChannelBinding::Require,
        });
        if config.sslnegotiation_direct {
            settings.ssl_negotiation(tokio_postgres::config::SslNegotiation::Direct);
        }
        if let Some(password) = self.password {
            settings.password(password.expose());
        }
        if let Some(name) = &config.application_name {
            settings.application_name(name);
        }
        if let Some(options) = &config.options {
            settings.options(options);
        }
        settings
    }
}

/// Whether the other way (plain after TLS, TLS after plain) may fare better: no TLS came about, or pg_hba.conf
/// refuses this one (28000).
fn is_about_encryption(reason: &Reason) -> bool {
    match reason {
        Reason::Tls { .. } => true,
        Reason::Server(error) => error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
        _ => false,
    }
}

/// `None` when the server is of the wanted kind, otherwise what it is instead.
fn fits(
    client: &Client,
    wire: &mut Wire,
    wanted: TargetSessionAttrs,
    deadline: Option<Instant>,
) -> Result<Option<&'static str>, Stopped> {
    Ok(match wanted {
        TargetSessionAttrs::Any | TargetSessionAttrs::PreferStandby => None,
        TargetSessionAttrs::ReadWrite => is_read_only(client, wire, deadline)?
            .then_some("its sessions are read-only (target_session_attrs=read-write)"),
        TargetSessionAttrs::ReadOnly => (!is_read_only(client, wire, deadline)?)
            .then_some("its sessions may write (target_session_attrs=read-only)"),
        TargetSessionAttrs::Primary => {
            is_standby(client, wire, deadline)?.then_some("it is a standby (target_session_attrs=primary)")
        }
        TargetSessionAttrs::Standby => {
            (!is_standby(client, wire, deadline)?).then_some("it is a primary (target_session_attrs=standby)")
        }
    })
}

// Servers from 14 on report both settings by themselves; older ones are asked.
fn is_read_only(client: &Client, wire: &mut Wire, deadline: Option<Instant>) -> Result<bool, Stopped> {
    match (wire.parameter("default_transaction_read_only"), wire.parameter("in_hot_standby")) {
        (Some(read_only), Some(standby)) => Ok(read_only == "on" || standby == "on"),
        _ => ask(client, wire, "SHOW transaction_read_only", deadline).map(|answer| answer == "on"),
    }
}

/// Whether the server is in recovery; asked for only where it does not say so by itself.
pub(crate) fn is_standby(client: &Client, wire: &mut Wire, deadline: Option<Instant>) -> Result<bool, Stopped> {
    match wire.parameter("in_hot_standby") {
        Some(standby) => Ok(standby == "on"),
        None => ask(client, wire, "SELECT pg_catalog.pg_is_in_recovery()", deadline).map(|answer| answer == "t"),
    }
}

fn ask(client: &Client, wire: &mut Wire, sql: &str, deadline: Option<Instant>) -> Result<String, Stopped> {
    let messages =
        wire.run(client.simple_query(sql), deadline)?.map_err(|error| Stopped::Io(std::io::Error::other(error)))?;
    let answer = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    answer.ok_or_else(|| Stopped::Io(std::io::Error::other("the server answered without a row")))
}
