//! Parameters that other drivers know and that are refused unless they ask for what happens anyway.

use super::{AppliesTo, Parameter, ROW};

/// `harmless` begins with what holds anyway; without any the parameter is refused altogether.
const fn row(
    name: &'static str,
    variable: Option<&'static str>,
    harmless: &'static [&'static str],
    meaning: &'static str,
) -> Parameter {
    let default = match harmless {
        [usual, ..] => usual,
        [] => "none",
    };
    Parameter { name, variable, default, applies_to: AppliesTo::Refused, meaning, harmless, ..ROW }
}

const NO_REVOCATION: &str = "certificate revocation lists are not read";
const NO_GSSAPI: &str = "GSSAPI is not supported; use TLS (sslmode=verify-full)";

pub(super) const ROWS: &[Parameter] = &[
    row(
        "service",
        Some("PGSERVICE"),
        &[],
        "service files are not read; write the service's host, port, dbname and user into the URL",
    ),
    row(
        "prepared",
        None,
        &["true", "always"],
        "statements are always prepared, except behind a pooler in transaction mode: pooler=transaction",
    ),
    row("gssencmode", Some("PGGSSENCMODE"), &["disable", "prefer"], NO_GSSAPI),
    row("gssdelegation", Some("PGGSSDELEGATION"), &["0"], NO_GSSAPI),
    row("krbsrvname", Some("PGKRBSRVNAME"), &["postgres"], NO_GSSAPI),
    row(
        "require_auth",
        Some("PGREQUIREAUTH"),
        &[],
        "use channel_binding=require, which allows nothing but SCRAM over TLS",
    ),
    row(
        "requirepeer",
        Some("PGREQUIREPEER"),
        &[],
        "the server's operating system user is not checked; use TLS with sslmode=verify-full",
    ),
    row("sslcrl", Some("PGSSLCRL"), &[], NO_REVOCATION),
    row("sslcrldir", Some("PGSSLCRLDIR"), &[], NO_REVOCATION),
    row("sslpassword", None, &[], "decrypt the key file and protect it by its permissions"),
    row("sslcompression", Some("PGSSLCOMPRESSION"), &["0", "false"], "TLS compression is unsafe"),
    row("sslsni", Some("PGSSLSNI"), &["1", "true"], "the host's name is always sent"),
    row("sslcertmode", Some("PGSSLCERTMODE"), &["allow"], "the certificate is sent when sslcert names one"),
    row(
        "ssl_min_protocol_version",
        Some("PGSSLMINPROTOCOLVERSION"),
        &["TLSv1.2", "TLSv1.1", "TLSv1"],
        "nothing older is spoken; set the server's ssl_min_protocol_version for more",
    ),
    row(
        "ssl_max_protocol_version",
        Some("PGSSLMAXPROTOCOLVERSION"),
        &["TLSv1.3"],
        "set the server's ssl_max_protocol_version for less",
    ),
    row("client_encoding", Some("PGCLIENTENCODING"), &["UTF8", "UTF-8", "UNICODE", "auto"], "text is always UTF-8"),
    row("replication", None, &["false", "off", "no", "0"], "replication connections are not for SQL"),
    row("command_timeout", None, &["0"], "use statement_timeout, which counts milliseconds: statement_timeout=30000"),
    row("pooling", None, &["true"], "use Connection::open for a connection without a pool"),
    row("minimum_pool_size", None, &["0"], "connections are opened when they are needed"),
    row("persist_security_info", None, &["false"], "a password is never given back"),
    row("include_error_detail", None, &["false"], "the server's own words are in sqlift::postgres_error"),
];
