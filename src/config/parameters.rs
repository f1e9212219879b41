//! The one table of parameters: names, spellings, environment variables, defaults, meanings, and how a value is read.
//!
//! Parsing is driven from here, `Display` writes from here, and the documentation's table is compared with it.

use std::path::PathBuf;
use std::time::Duration;

use super::draft::Draft;
use super::types::*;

/// One parameter of a connection string, as [`Config::parameters`](super::Config::parameters) lists it.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// Its name in URLs and keyword strings.
    pub name: &'static str,
    /// Other spellings, of Npgsql, SQLAlchemy, JDBC and friends. Case, spaces, `_` and `-` never matter.
    pub aliases: &'static [&'static str],
    /// The environment variable that counts when the connection string does not say.
    pub variable: Option<&'static str>,
    /// What holds when neither says.
    pub default: &'static str,
    /// The databases it applies to.
    pub applies_to: AppliesTo,
    /// What it does, in one sentence, with its unit.
    pub meaning: &'static str,
    pub(super) read: fn(&mut Draft, &str) -> Read,
    pub(super) show: fn(&PostgresConfig) -> Option<String>,
}

impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (default {}): {}", self.name, self.default, self.meaning)
    }
}

/// The databases that a parameter applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppliesTo {
    Postgres,
    /// SQLite and PostgreSQL alike.
    Both,
    /// Known, but refused with a remedy, because ignoring it could surprise.
    Refused,
}

/// What a value should have been, or what to do instead.
pub(super) type Read = Result<(), String>;

type Show = fn(&PostgresConfig) -> Option<String>;
const UNSEEN: Show = |_| None;

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    variable: Option<&'static str>,
    default: &'static str,
    meaning: &'static str,
    read: fn(&mut Draft, &str) -> Read,
    show: Show,
) -> Parameter {
    Parameter { name, aliases, variable, default, applies_to: AppliesTo::Postgres, meaning, read, show }
}

const fn both(parameter: Parameter) -> Parameter {
    Parameter { applies_to: AppliesTo::Both, ..parameter }
}

/// A parameter we know and do not honour; `meaning` is the remedy.
const fn refused(
    name: &'static str,
    variable: Option<&'static str>,
    harmless: &'static str,
    meaning: &'static str,
    read: fn(&mut Draft, &str) -> Read,
) -> Parameter {
    Parameter {
        name,
        aliases: &[],
        variable,
        default: harmless,
        applies_to: AppliesTo::Refused,
        meaning,
        read,
        show: UNSEEN,
    }
}

/// Reads a refused parameter: values that ask for nothing pass.
macro_rules! only {
    ($remedy:literal, $($harmless:literal),*) => {
        |_, value| match value.to_ascii_lowercase().as_str() {
            $($harmless)|* => Ok(()),
            _ => Err($remedy.to_owned()),
        }
    };
}

pub(super) static PARAMETERS: &[Parameter] = &[
    // Where and who.
    row(
        "host",
        &["server", "hostname"],
        Some("PGHOST"),
        "the usual socket folder, else localhost",
        "Host names, addresses or socket folders, separated by commas",
        |draft, value| {
            draft.host = Some(value.to_owned());
            Ok(())
        },
        UNSEEN,
    ),
    row(
        "hostaddr",
        &[],
        Some("PGHOSTADDR"),
        "looked up",
        "The IP addresses of the hosts, which skips the look-up",
        |draft, value| {
            draft.hostaddr = Some(value.to_owned());
            Ok(())
        },
        |config| {
            let address = |host: &Host| match host.address {
                HostAddress::Tcp { hostaddr: Some(address), .. } => address.to_string(),
                _ => String::new(),
            };
            let all: Vec<String> = config.hosts.iter().map(address).collect();
            all.iter().any(|it| !it.is_empty()).then(|| all.join(","))
        },
    ),
    row(
        "port",
        &[],
        Some("PGPORT"),
        "5432",
        "The server's port; one for all hosts, or one for each",
        |draft, value| {
            draft.port = Some(value.to_owned());
            Ok(())
        },
        UNSEEN,
    ),
    row(
        "user",
        &["username", "userid", "uid"],
        Some("PGUSER"),
        "the operating system's user name",
        "The role to log in as",
        |draft, value| {
            draft.config.user = value.to_owned();
            Ok(())
        },
        UNSEEN,
    ),
    row(
        "password",
        &["pwd", "psw"],
        Some("PGPASSWORD"),
        "the password file's",
        "The role's password, never shown",
        |draft, value| {
            draft.config.password = (!value.is_empty()).then(|| Secret::new(value));
            Ok(())
        },
        UNSEEN,
    ),
    row(
        "passfile",
        &[],
        Some("PGPASSFILE"),
        "~/.pgpass",
        "The password file",
        |draft, value| {
            draft.config.passfile = path(value);
            Ok(())
        },
        |config| shown_path(&config.passfile),
    ),
    row(
        "dbname",
        &["database", "db", "initialcatalog"],
        Some("PGDATABASE"),
        "the role's name",
        "The database's name",
        |draft, value| {
            draft.config.dbname = value.to_owned();
            Ok(())
        },
        UNSEEN,
    ),
    // TLS.
    row(
        "sslmode",
        &["ssl"],
        Some("PGSSLMODE"),
        "prefer",
        "Whether to use TLS: disable, allow, prefer, require (encrypts, checks nobody), verify-ca, verify-full",
        |draft, value| {
            let mode = match super::text::normalized(value).as_str() {
                "disable" | "false" => SslMode::Disable,
                "allow" => SslMode::Allow,
                "prefer" => SslMode::Prefer,
                "require" | "true" => SslMode::Require,
                "verifyca" => SslMode::VerifyCa,
                "verifyfull" => SslMode::VerifyFull,
                _ => return Err("one of disable, allow, prefer, require, verify-ca, verify-full".to_owned()),
            };
            draft.config.sslmode = mode;
            Ok(())
        },
        |config| match config.sslmode {
            SslMode::Disable => Some("disable".into()),
            SslMode::Allow => Some("allow".into()),
            SslMode::Prefer => None,
            SslMode::Require => Some("require".into()),
            SslMode::VerifyCa => Some("verify-ca".into()),
            SslMode::VerifyFull => Some("verify-full".into()),
        },
    ),
    row(
        "sslrootcert",
        &["rootcertificate"],
        Some("PGSSLROOTCERT"),
        "~/.postgresql/root.crt where it exists",
        "A PEM file with the certificates to trust, or system for the system's",
        |draft, value| {
            draft.config.sslrootcert = path(value);
            Ok(())
        },
        |config| shown_path(&config.sslrootcert),
    ),
    row(
        "sslcert",
        &["sslcertificate"],
        Some("PGSSLCERT"),
        "none",
        "The client's certificate, a PEM file",
        |draft, value| {
            draft.config.sslcert = path(value);
            Ok(())
        },
        |config| shown_path(&config.sslcert),
    ),
    row(
        "sslkey",
        &[],
        Some("PGSSLKEY"),
        "none",
        "The client certificate's key, a PEM file",
        |draft, value| {
            draft.config.sslkey = path(value);
            Ok(())
        },
        |config| shown_path(&config.sslkey),
    ),
    row(
        "sslnegotiation",
        &[],
        Some("PGSSLNEGOTIATION"),
        "postgres",
        "How TLS begins: postgres asks first, direct (PostgreSQL 17 and later) does not",
        |draft, value| {
            draft.config.sslnegotiation_direct = match value {
                "postgres" => false,
                "direct" => true,
                _ => return Err("postgres or direct".to_owned()),
            };
            Ok(())
        },
        |config| config.sslnegotiation_direct.then(|| "direct".into()),
    ),
    row(
        "channel_binding",
        &[],
        Some("PGCHANNELBINDING"),
        "prefer",
        "Whether the password exchange is tied to the TLS channel: disable, prefer, require",
        |draft, value| {
            draft.config.channel_binding = match value.to_ascii_lowercase().as_str() {
                "disable" => ChannelBinding::Disable,
                "prefer" => ChannelBinding::Prefer,
                "require" => ChannelBinding::Require,
                _ => return Err("one of disable, prefer, require".to_owned()),
            };
            Ok(())
        },
        |config| match config.channel_binding {
            ChannelBinding::Disable => Some("disable".into()),
            ChannelBinding::Prefer => None,
            ChannelBinding::Require => Some("require".into()),
        },
    ),
    row(
        "trust_server_certificate",
        &[],
        None,
        "false",
        "Npgsql's switch: true with SSL Mode=Require encrypts and checks nobody, which is what require means anyway",
        |draft, value| {
            draft.trust_server_certificate = boolean(value)?;
            Ok(())
        },
        UNSEEN,
    ),
    // The connection's life.
    row(
        "connect_timeout",
        &["timeout"],
        Some("PGCONNECT_TIMEOUT"),
        "0, which waits without limit",
        "Seconds to wait for one host to answer",
        |draft, value| {
            draft.config.connect_timeout = seconds_or_none(value)?;
            Ok(())
        },
        |config| shown_seconds(config.connect_timeout),
    ),
    row(
        "keepalives",
        &["tcpkeepalive"],
        None,
        "1",
        "Whether TCP keepalives are sent: 1 or 0",
        |draft, value| {
            draft.config.keepalives = boolean(value)?;
            Ok(())
        },
        |config| (!config.keepalives).then(|| "0".into()),
    ),
    row(
        "keepalives_idle",
        &["keepalive", "tcpkeepalivetime"],
        None,
        "0, which means the system's",
        "Seconds without traffic before the first keepalive",
        |draft, value| {
            draft.config.keepalives_idle = seconds_or_none(value)?;
            Ok(())
        },
        |config| shown_seconds(config.keepalives_idle),
    ),
    row(
        "keepalives_interval",
        &["tcpkeepaliveinterval"],
        None,
        "0, which means the system's",
        "Seconds between keepalives that nobody answered",
        |draft, value| {
            draft.config.keepalives_interval = seconds_or_none(value)?;
            Ok(())
        },
        |config| shown_seconds(config.keepalives_interval),
    ),
    row(
        "keepalives_count",
        &[],
        None,
        "0, which means the system's",
        "How many lost keepalives end the connection",
        |draft, value| {
            draft.config.keepalives_count = Some(whole(value)?).filter(|it| *it > 0);
            Ok(())
        },
        |config| config.keepalives_count.map(|count| count.to_string()),
    ),
    row(
        "tcp_user_timeout",
        &[],
        None,
        "0, which means the system's",
        "Milliseconds that sent data may stay unacknowledged before the connection ends",
        |draft, value| {
            draft.config.tcp_user_timeout = Some(milliseconds(value)?).filter(|it| !it.is_zero());
            Ok(())
        },
        |config| config.tcp_user_timeout.map(|it| it.as_millis().to_string()),
    ),
    row(
        "target_session_attrs",
        &["targetsessionattributes", "targetservertype"],
        Some("PGTARGETSESSIONATTRS"),
        "any",
        "Which of several hosts will do: any, read-write, read-only, primary, standby, prefer-standby",
        |draft, value| {
            draft.config.target_session_attrs = match super::text::normalized(value).as_str() {
                "any" => TargetSessionAttrs::Any,
                "readwrite" => TargetSessionAttrs::ReadWrite,
                "readonly" => TargetSessionAttrs::ReadOnly,
                "primary" => TargetSessionAttrs::Primary,
                "standby" => TargetSessionAttrs::Standby,
                "preferstandby" => TargetSessionAttrs::PreferStandby,
                _ => return Err("one of any, read-write, read-only, primary, standby, prefer-standby".to_owned()),
            };
            Ok(())
        },
        |config| match config.target_session_attrs {
            TargetSessionAttrs::Any => None,
            TargetSessionAttrs::ReadWrite => Some("read-write".into()),
            TargetSessionAttrs::ReadOnly => Some("read-only".into()),
            TargetSessionAttrs::Primary => Some("primary".into()),
            TargetSessionAttrs::Standby => Some("standby".into()),
            TargetSessionAttrs::PreferStandby => Some("prefer-standby".into()),
        },
    ),
    row(
        "load_balance_hosts",
        &[],
        Some("PGLOADBALANCEHOSTS"),
        "disable",
        "random tries the hosts in random order, disable in the order given",
        |draft, value| {
            draft.config.load_balance_hosts = match value.to_ascii_lowercase().as_str() {
                "random" | "true" => true,
                "disable" | "false" => false,
                _ => return Err("disable or random".to_owned()),
            };
            Ok(())
        },
        |config| config.load_balance_hosts.then(|| "random".into()),
    ),
    row(
        "application_name",
        &[],
        Some("PGAPPNAME"),
        "none",
        "The name shown in pg_stat_activity and the server's log",
        |draft, value| {
            draft.config.application_name = text(value);
            Ok(())
        },
        |config| config.application_name.clone(),
    ),
    row(
        "fallback_application_name",
        &[],
        None,
        "none",
        "The application_name where nothing else gives one",
        |draft, value| {
            draft.fallback_application_name = text(value);
            Ok(())
        },
        UNSEEN,
    ),
    row(
        "options",
        &[],
        Some("PGOPTIONS"),
        "none",
        "Command-line options for the server, such as -c statement_timeout=5s",
        |draft, value| {
            draft.config.options = text(value);
            Ok(())
        },
        |config| config.options.clone(),
    ),
    // Our own.
    row(
        "schema",
        &["currentschema", "searchpath"],
        None,
        "the server's search_path",
        "The schema that unqualified names mean",
        |draft, value| {
            if value.contains(',') {
                return Err("one schema's name; for a longer search_path use options=-c search_path=...".to_owned());
            }
            if value.len() > 63 {
                return Err("at most 63 bytes long, PostgreSQL's limit for names".to_owned());
            }
            draft.config.schema = text(value);
            Ok(())
        },
        |config| config.schema.clone(),
    ),
    row(
        "isolation",
        &[],
        None,
        "serializable",
        "The isolation of transactions: serializable (as SQLite), repeatable-read, read-committed",
        |draft, value| {
            draft.config.isolation = match super::text::normalized(value).as_str() {
                "serializable" => Isolation::Serializable,
                "repeatableread" => Isolation::RepeatableRead,
                "readcommitted" => Isolation::ReadCommitted,
                _ => return Err("one of serializable, repeatable-read, read-committed".to_owned()),
            };
            Ok(())
        },
        |config| match config.isolation {
            Isolation::Serializable => None,
            Isolation::RepeatableRead => Some("repeatable-read".into()),
            Isolation::ReadCommitted => Some("read-committed".into()),
        },
    ),
    row(
        "savepoints",
        &[],
        None,
        "auto",
        "Whether a failed statement in a transaction undoes only itself: auto (where work could be lost), always, never",
        |draft, value| {
            draft.config.savepoints = match value.to_ascii_lowercase().as_str() {
                "auto" => Savepoints::Auto,
                "always" => Savepoints::Always,
                "never" => Savepoints::Never,
                _ => return Err("one of auto, always, never".to_owned()),
            };
            Ok(())
        },
        |config| match config.savepoints {
            Savepoints::Auto => None,
            Savepoints::Always => Some("always".into()),
            Savepoints::Never => Some("never".into()),
        },
    ),
    row(
        "statement_cache",
        &["statementcachesize", "statementcachecapacity"],
        None,
        "256",
        "How many prepared statements a session keeps",
        |draft, value| {
            draft.config.statement_cache = whole(value)? as usize;
            Ok(())
        },
        |config| (config.statement_cache != 256).then(|| config.statement_cache.to_string()),
    ),
    both(row(
        "busy_timeout",
        &[],
        None,
        "5000",
        "Milliseconds to wait for another connection's lock",
        |draft, value| {
            draft.config.busy_timeout = milliseconds(value)?;
            Ok(())
        },
        |config| (config.busy_timeout.as_millis() != 5000).then(|| config.busy_timeout.as_millis().to_string()),
    )),
    both(row(
        "pool_max_size",
        &["maximumpoolsize", "maxpoolsize", "connectionlimit"],
        None,
        "10",
        "The most connections that a Db keeps",
        |draft, value| {
            draft.config.pool_max_size = whole(value)?;
            if draft.config.pool_max_size == 0 { Err("a whole number from 1".to_owned()) } else { Ok(()) }
        },
        |config| (config.pool_max_size != 10).then(|| config.pool_max_size.to_string()),
    )),
    both(row(
        "pool_timeout",
        &[],
        None,
        "30",
        "Seconds that a Db waits for a free connection, fractions allowed",
        |draft, value| {
            draft.config.pool_timeout = seconds(value)?;
            Ok(())
        },
        |config| (config.pool_timeout.as_millis() != 30_000).then(|| config.pool_timeout.as_secs_f64().to_string()),
    )),
    // Known elsewhere; honoured only where they ask for what happens anyway.
    refused(
        "service",
        Some("PGSERVICE"),
        "none",
        "write the service's host, port, dbname and user into the URL",
        |_, _| {
            Err("write the service's host, port, dbname and user into the URL; service files are not read".to_owned())
        },
    ),
    refused(
        "pooler",
        None,
        "session",
        "connect to the server itself or to a pooler in session mode",
        only!(
            "session: transaction pooling is not supported; connect to the server itself or to a pooler in session mode",
            "session",
            "none"
        ),
    ),
    refused(
        "pgbouncer",
        None,
        "false",
        "connect to the server itself or to a pooler in session mode",
        only!(
            "false: transaction pooling is not supported; connect to the server itself or to a pooler in session mode",
            "false"
        ),
    ),
    refused(
        "prepared",
        None,
        "true",
        "statements are always prepared; connect without a transaction pooler",
        only!(
            "true: statements are always prepared; connect to the server itself or to a pooler in session mode",
            "true",
            "always"
        ),
    ),
    refused(
        "immediate",
        None,
        "lock",
        "IMMEDIATE transactions lock the schema's tables against other writers",
        only!("lock: another way to begin IMMEDIATE transactions is not there yet", "lock"),
    ),
    refused(
        "gssencmode",
        Some("PGGSSENCMODE"),
        "disable",
        "use TLS: sslmode=verify-full",
        only!(
            "disable or prefer: GSSAPI encryption is not supported; use TLS (sslmode=verify-full)",
            "disable",
            "prefer"
        ),
    ),
    refused(
        "krbsrvname",
        Some("PGKRBSRVNAME"),
        "postgres",
        "log in by password or certificate",
        only!("postgres: Kerberos is not supported; log in by password or certificate", "postgres"),
    ),
    refused(
        "require_auth",
        Some("PGREQUIREAUTH"),
        "none",
        "use channel_binding=require, which allows SCRAM over TLS only",
        |_, _| Err("left out: use channel_binding=require, which allows nothing but SCRAM over TLS".to_owned()),
    ),
    refused("requirepeer", Some("PGREQUIREPEER"), "none", "use TLS with sslmode=verify-full", |_, _| {
        Err("left out: the server's operating system user is not checked; use TLS with sslmode=verify-full".to_owned())
    }),
    refused("sslcrl", Some("PGSSLCRL"), "none", "certificate revocation lists are not read", |_, _| {
        Err("left out: certificate revocation lists are not read".to_owned())
    }),
    refused("sslcrldir", Some("PGSSLCRLDIR"), "none", "certificate revocation lists are not read", |_, _| {
        Err("left out: certificate revocation lists are not read".to_owned())
    }),
    refused("sslpassword", None, "none", "decrypt the key file and protect it by its permissions", |_, _| {
        Err("left out: decrypt the key file and protect it by its permissions".to_owned())
    }),
    refused(
        "sslcompression",
        Some("PGSSLCOMPRESSION"),
        "0",
        "TLS compression is unsafe",
        only!("0: TLS compression is unsafe", "0", "false"),
    ),
    refused(
        "sslsni",
        Some("PGSSLSNI"),
        "1",
        "the host's name is always sent",
        only!("1: the host's name is always sent", "1", "true"),
    ),
    refused(
        "sslcertmode",
        Some("PGSSLCERTMODE"),
        "allow",
        "the certificate is sent when sslcert names one",
        only!("allow: the certificate is sent when sslcert names one", "allow"),
    ),
    refused(
        "ssl_min_protocol_version",
        Some("PGSSLMINPROTOCOLVERSION"),
        "TLSv1.2",
        "nothing below TLS 1.2 is spoken",
        only!("TLSv1.2 or lower: set the server's ssl_min_protocol_version for more", "tlsv1", "tlsv1.1", "tlsv1.2"),
    ),
    refused(
        "ssl_max_protocol_version",
        Some("PGSSLMAXPROTOCOLVERSION"),
        "TLSv1.3",
        "TLS 1.2 and 1.3 are spoken",
        only!("TLSv1.3: set the server's ssl_max_protocol_version for less", "tlsv1.3"),
    ),
    refused(
        "client_encoding",
        Some("PGCLIENTENCODING"),
        "UTF8",
        "text is always UTF-8",
        only!("UTF8: text is always UTF-8", "utf8", "utf-8", "unicode", "auto"),
    ),
    refused(
        "replication",
        None,
        "false",
        "replication connections are not for SQL",
        only!("false: replication connections are not for SQL", "false", "off", "no", "0"),
    ),
    refused(
        "command_timeout",
        None,
        "0",
        "use options=-c statement_timeout=30s",
        only!("0: use options=-c statement_timeout=30s", "0"),
    ),
    refused(
        "pooling",
        None,
        "true",
        "use Connection::open for a connection without a pool",
        only!("true: use Connection::open for a connection without a pool", "true"),
    ),
    refused(
        "minimum_pool_size",
        None,
        "0",
        "connections are opened when needed",
        only!("0: connections are opened when needed", "0"),
    ),
    refused(
        "persist_security_info",
        None,
        "false",
        "a password is never given back",
        only!("false: a password is never given back", "false"),
    ),
    refused(
        "include_error_detail",
        None,
        "false",
        "the server's own words are in sqlift::postgres_error",
        only!("false: the server's own words are in sqlift::postgres_error", "false"),
    ),
    refused("gssdelegation", None, "0", "GSSAPI is not supported", only!("0: GSSAPI is not supported", "0")),
];

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn path(value: &str) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

fn shown_path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

fn boolean(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" => Ok(true),
        "0" | "false" | "off" | "no" => Ok(false),
        _ => Err("1 or 0".to_owned()),
    }
}

fn whole(value: &str) -> Result<u32, String> {
    value.trim().parse().map_err(|_| "a whole number from 0".to_owned())
}

pub(super) fn milliseconds(value: &str) -> Result<Duration, String> {
    // SQLite and lock_timeout both keep milliseconds in 31 bits.
    let count: Option<i32> = value.trim().trim_end_matches("ms").parse().ok().filter(|count| *count >= 0);
    count
        .map(|count| Duration::from_millis(count.unsigned_abs().into()))
        .ok_or_else(|| "a whole number of milliseconds from 0".to_owned())
}

pub(super) fn seconds(value: &str) -> Result<Duration, String> {
    let count: Option<f64> =
        value.trim().trim_end_matches('s').parse().ok().filter(|count| (0.0..=1e9).contains(count));
    count.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds from 0".to_owned())
}

/// libpq's way: whole seconds, where zero and less mean "no limit".
fn seconds_or_none(value: &str) -> Result<Option<Duration>, String> {
    let count: i32 = value.trim().parse().map_err(|_| "a whole number of seconds".to_owned())?;
    Ok(u64::try_from(count).ok().filter(|count| *count > 0).map(Duration::from_secs))
}

fn shown_seconds(duration: Option<Duration>) -> Option<String> {
    duration.map(|duration| duration.as_secs().to_string())
}
