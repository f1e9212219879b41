//! libpq's parameters, with the spellings that other drivers have for them.

use super::{
    Parameter, ROW, boolean, milliseconds, one_of, path, seconds_or_none, shown_path, shown_seconds, text, whole, word,
};
use crate::config::types::{ChannelBinding, Host, HostAddress, Secret, SslMode, TargetSessionAttrs};

const SSL_MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
    // asyncpg's and JDBC's `ssl`.
    ("true", SslMode::Require),
    ("false", SslMode::Disable),
];

const CHANNEL_BINDINGS: &[(&str, ChannelBinding)] =
    &[("disable", ChannelBinding::Disable), ("prefer", ChannelBinding::Prefer), ("require", ChannelBinding::Require)];

const SESSION_ATTRS: &[(&str, TargetSessionAttrs)] = &[
    ("any", TargetSessionAttrs::Any),
    ("read-write", TargetSessionAttrs::ReadWrite),
    ("read-only", TargetSessionAttrs::ReadOnly),
    ("primary", TargetSessionAttrs::Primary),
    ("standby", TargetSessionAttrs::Standby),
    ("prefer-standby", TargetSessionAttrs::PreferStandby),
];

const SSL_NEGOTIATIONS: &[(&str, bool)] = &[("postgres", false), ("direct", true)];

const BALANCES: &[(&str, bool)] = &[("disable", false), ("random", true), ("false", false), ("true", true)];

pub(super) const ROWS: &[Parameter] = &[
    Parameter {
        name: "host",
        aliases: &["server", "hostname"],
        variable: Some("PGHOST"),
        default: "the usual socket folder, else localhost",
        meaning: "Host names, addresses or socket folders, separated by commas",
        read: |draft, value| {
            draft.host = Some(value.to_owned());
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "hostaddr",
        variable: Some("PGHOSTADDR"),
        default: "looked up",
        meaning: "The IP addresses of the hosts, which skips the look-up",
        read: |draft, value| {
            draft.hostaddr = Some(value.to_owned());
            Ok(())
        },
        show: |config| {
            let address = |host: &Host| match host.address {
                HostAddress::Tcp { hostaddr: Some(address), .. } => address.to_string(),
                _ => String::new(),
            };
            let all: Vec<String> = config.hosts.iter().map(address).collect();
            all.iter().any(|address| !address.is_empty()).then(|| all.join(","))
        },
        ..ROW
    },
    Parameter {
        name: "port",
        variable: Some("PGPORT"),
        default: "5432",
        meaning: "The server's port; one for all hosts, or one for each",
        read: |draft, value| {
            draft.port = Some(value.to_owned());
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "user",
        aliases: &["username", "userid", "uid"],
        variable: Some("PGUSER"),
        default: "the operating system's user name",
        meaning: "The role to log in as",
        read: |draft, value| {
            draft.config.user = value.to_owned();
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "password",
        aliases: &["pwd", "psw"],
        variable: Some("PGPASSWORD"),
        default: "the password file's",
        meaning: "The role's password, never shown",
        read: |draft, value| {
            draft.config.password = text(value).map(Secret::new);
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "passfile",
        variable: Some("PGPASSFILE"),
        default: "~/.pgpass",
        meaning: "The password file",
        read: |draft, value| {
            draft.config.passfile = path(value);
            Ok(())
        },
        show: |config| shown_path(&config.passfile),
        ..ROW
    },
    Parameter {
        name: "dbname",
        aliases: &["database", "db", "initialcatalog"],
        variable: Some("PGDATABASE"),
        default: "the role's name",
        meaning: "The database's name",
        read: |draft, value| {
            draft.config.dbname = value.to_owned();
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "sslmode",
        aliases: &["ssl"],
        variable: Some("PGSSLMODE"),
        default: "prefer",
        meaning: "Whether to use TLS: disable, allow, prefer, require (encrypts, checks nobody), verify-ca, verify-full",
        read: |draft, value| one_of(SSL_MODES, value, &mut draft.config.sslmode),
        show: |config| word(SSL_MODES, config.sslmode, SslMode::Prefer),
        ..ROW
    },
    Parameter {
        name: "sslrootcert",
        aliases: &["rootcertificate"],
        variable: Some("PGSSLROOTCERT"),
        default: "~/.postgresql/root.crt where it exists",
        meaning: "A PEM file with the certificates to trust, or system for the system's",
        read: |draft, value| {
            draft.config.sslrootcert = path(value);
            Ok(())
        },
        show: |config| shown_path(&config.sslrootcert),
        ..ROW
    },
    Parameter {
        name: "sslcert",
        aliases: &["sslcertificate"],
        variable: Some("PGSSLCERT"),
        meaning: "The client's certificate, a PEM file",
        read: |draft, value| {
            draft.config.sslcert = path(value);
            Ok(())
        },
        show: |config| shown_path(&config.sslcert),
        ..ROW
    },
    Parameter {
        name: "sslkey",
        variable: Some("PGSSLKEY"),
        meaning: "The key of the client's certificate, a PEM file",
        read: |draft, value| {
            draft.config.sslkey = path(value);
            Ok(())
        },
        show: |config| shown_path(&config.sslkey),
        ..ROW
    },
    Parameter {
        name: "sslnegotiation",
        variable: Some("PGSSLNEGOTIATION"),
        default: "postgres",
        meaning: "How TLS begins: postgres asks first, direct (PostgreSQL 17 and later) does not",
        read: |draft, value| one_of(SSL_NEGOTIATIONS, value, &mut draft.config.sslnegotiation_direct),
        show: |config| word(SSL_NEGOTIATIONS, config.sslnegotiation_direct, false),
        ..ROW
    },
    Parameter {
        name: "channel_binding",
        variable: Some("PGCHANNELBINDING"),
        default: "prefer",
        meaning: "Whether the password exchange is tied to the TLS channel: disable, prefer, require",
        read: |draft, value| one_of(CHANNEL_BINDINGS, value, &mut draft.config.channel_binding),
        show: |config| word(CHANNEL_BINDINGS, config.channel_binding, ChannelBinding::Prefer),
        ..ROW
    },
    Parameter {
        name: "trust_server_certificate",
        default: "false",
        meaning: "Npgsql's switch, for SSL Mode=Require, which encrypts and checks nobody with it and without",
        read: |draft, value| boolean(value, &mut draft.trust_server_certificate),
        ..ROW
    },
    Parameter {
        name: "connect_timeout",
        aliases: &["timeout"],
        variable: Some("PGCONNECT_TIMEOUT"),
        default: "0, which waits without limit",
        meaning: "Seconds to wait for one host to answer",
        read: |draft, value| {
            draft.config.connect_timeout = seconds_or_none(value)?;
            Ok(())
        },
        show: |config| shown_seconds(config.connect_timeout),
        ..ROW
    },
    Parameter {
        name: "keepalives",
        aliases: &["tcpkeepalive"],
        default: "1",
        meaning: "Whether TCP keepalives are sent: 1 or 0",
        read: |draft, value| boolean(value, &mut draft.config.keepalives),
        show: |config| (!config.keepalives).then(|| "0".to_owned()),
        ..ROW
    },
    Parameter {
        name: "keepalives_idle",
        aliases: &["keepalive", "tcpkeepalivetime"],
        default: "0, which means the system's",
        meaning: "Seconds without traffic before the first keepalive",
        read: |draft, value| {
            draft.config.keepalives_idle = seconds_or_none(value)?;
            Ok(())
        },
        show: |config| shown_seconds(config.keepalives_idle),
        ..ROW
    },
    Parameter {
        name: "keepalives_interval",
        aliases: &["tcpkeepaliveinterval"],
        default: "0, which means the system's",
        meaning: "Seconds between keepalives that nobody answered",
        read: |draft, value| {
            draft.config.keepalives_interval = seconds_or_none(value)?;
            Ok(())
        },
        show: |config| shown_seconds(config.keepalives_interval),
        ..ROW
    },
    Parameter {
        name: "keepalives_count",
        default: "0, which means the system's",
        meaning: "How many lost keepalives end the connection",
        read: |draft, value| {
            draft.config.keepalives_count = Some(whole(value)?).filter(|count| *count > 0);
            Ok(())
        },
        show: |config| config.keepalives_count.map(|count| count.to_string()),
        ..ROW
    },
    Parameter {
        name: "tcp_user_timeout",
        default: "0, which means the system's",
        meaning: "Milliseconds that sent data may stay unacknowledged before the connection ends",
        read: |draft, value| {
            draft.config.tcp_user_timeout = Some(milliseconds(value)?).filter(|timeout| !timeout.is_zero());
            Ok(())
        },
        show: |config| config.tcp_user_timeout.map(|timeout| timeout.as_millis().to_string()),
        ..ROW
    },
    Parameter {
        name: "target_session_attrs",
        aliases: &["targetsessionattributes", "targetservertype"],
        variable: Some("PGTARGETSESSIONATTRS"),
        default: "any",
        meaning: "Which of several hosts will do: any, read-write, read-only, primary, standby, prefer-standby",
        read: |draft, value| one_of(SESSION_ATTRS, value, &mut draft.config.target_session_attrs),
        show: |config| word(SESSION_ATTRS, config.target_session_attrs, TargetSessionAttrs::Any),
        ..ROW
    },
    Parameter {
        name: "load_balance_hosts",
        variable: Some("PGLOADBALANCEHOSTS"),
        default: "disable",
        meaning: "random tries the hosts in random order, disable in the order given",
        read: |draft, value| one_of(BALANCES, value, &mut draft.config.load_balance_hosts),
        show: |config| word(BALANCES, config.load_balance_hosts, false),
        ..ROW
    },
    Parameter {
        name: "application_name",
        variable: Some("PGAPPNAME"),
        meaning: "The name shown in pg_stat_activity and the server's log",
        read: |draft, value| {
            draft.config.application_name = text(value);
            Ok(())
        },
        show: |config| config.application_name.clone(),
        ..ROW
    },
    Parameter {
        name: "fallback_application_name",
        meaning: "The application_name where nothing else gives one",
        read: |draft, value| {
            draft.fallback_application_name = text(value);
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "options",
        variable: Some("PGOPTIONS"),
        meaning: "Command-line options for the server, such as -c statement_timeout=5s",
        read: |draft, value| {
            draft.config.options = text(value);
            Ok(())
        },
        show: |config| config.options.clone(),
        ..ROW
    },
];
