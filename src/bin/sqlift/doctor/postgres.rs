//! The server and the way to it: version, encoding, TLS, clock, pooler, settings, sqlift's schema.

use super::server::{Server, quoted};
use super::{Check, Examined, Finding, counted, role, said, schema, some};
use sqlift::config::{Config, HostAddress, Pooler, PostgresConfig, SslMode};
use sqlift::{Connection, Result};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const OLDEST: i64 = 13;
const NEWEST: i64 = 18;

pub(super) fn examine(mut config: PostgresConfig, files: Option<&Path>) -> Examined {
    let shown = Config::Postgres(Box::new(config.clone()));
    config.connect_timeout.get_or_insert(Duration::from_secs(10));
    let begin = Instant::now();
    let conn = connect(&mut config).map_err(|error| error.to_string())?;
    let connected = begin.elapsed();
    let server = match Server::new(conn, config) {
        Ok(server) => server,
        Err(error) => return Err(said(&error)),
    };
    let begin = Instant::now();
    let answered = server.ask::<i64>("SELECT 1").map(|_| begin.elapsed());
    let mut checks = vec![match answered {
        Ok(trip) => Check::ok(
            "reachable",
            format!(
                "{shown} as {}, connected in {:.1} ms, answers in {:.1} ms",
                server.role,
                connected.as_secs_f64() * 1e3,
                trip.as_secs_f64() * 1e3
            ),
        ),
        Err(error) => return Err(said(&error)),
    }];
    type Look = fn(&Server) -> Result<Check>;
    let looks: &[(&'static str, Look)] = &[
        ("version", version),
        ("encoding", encoding),
        ("tls", tls),
        ("compat", compat),
        ("migrations", schema::migrations),
        ("role", role::role),
        ("rights", role::rights),
        ("append_only", role::append_only),
        ("schema", schema::schema),
        ("collation", schema::collation),
        ("primary_keys", schema::primary_keys),
        ("sequences", schema::sequences),
        ("clock", clock),
        ("timezone", timezone),
        ("pooler", pooler),
        ("settings", settings),
    ];
    for (name, look) in looks {
        if let Some(folder) = files.filter(|_| *name == "migrations") {
            checks.push(schema::against_files(&server.conn, folder));
            continue;
        }
        let check = look(&server);
        checks.push(check.unwrap_or_else(|error| {
            Check::warning(name, format!("could not be looked at: {}", said(&error)), "run doctor as a role that may")
        }));
    }
    Ok(checks)
}

/// Opening a session creates the URL's schema where it is missing; looking at a database must not.
fn connect(config: &mut PostgresConfig) -> Result<Connection> {
    let Some(schema) = config.schema.clone() else { return Connection::open_postgres(config) };
    let mut without = config.clone();
    without.schema = None;
    let conn = Connection::open_postgres(&without)?;
    let exists = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?)";
    if conn.native().query_row(exists, [&schema], |row| row.get(0))? {
        return Connection::open_postgres(config);
    }
    Ok(conn)
}

fn version(server: &Server) -> Result<Check> {
    let (shown, major) = (server.setting("server_version")?, server.version / 10_000);
    let detail = format!("PostgreSQL {shown}");
    Ok(match major {
        ..OLDEST => {
            Check::error("version", detail, format!("sqlift needs PostgreSQL {OLDEST} or later: upgrade the server"))
        }
        OLDEST..=NEWEST => Check::ok("version", detail),
        _ => Check::warning(
            "version",
            format!("{detail} is newer than what this sqlift was written for ({NEWEST})"),
            "look for a newer sqlift, and run the program's tests on that version",
        ),
    })
}

fn encoding(server: &Server) -> Result<Check> {
    let encoding = server.setting("server_encoding")?;
    Ok(match encoding.as_str() {
        "UTF8" => Check::ok("encoding", "UTF8"),
        _ => Check::error(
            "encoding",
            format!("the database's encoding is {encoding}: text that SQLite holds may not fit"),
            "create the database anew: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8'",
        ),
    })
}

fn tls(server: &Server) -> Result<Check> {
    let sql = "SELECT ssl, coalesce(version, ''), coalesce(cipher, '') FROM pg_catalog.pg_stat_ssl \
               WHERE pid = pg_catalog.pg_backend_pid()";
    let (encrypted, version, cipher): (bool, String, String) =
        server.conn.native().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let on_socket: bool = server.ask("SELECT pg_catalog.inet_server_addr() IS NULL")?;
    let verify = "use sslmode=verify-full, with sslrootcert=FILE (or system) for the certificate to trust";
    Ok(match server.config.sslmode {
        _ if on_socket => Check::ok("tls", "a Unix socket, which leaves this machine on no wire"),
        _ if !encrypted && is_local(&server.config) => {
            Check::ok("tls", "not encrypted, but the connection does not leave this machine")
        }
        _ if !encrypted => Check::error(
            "tls",
            "the connection crosses a network and is not encrypted: the data can be read and changed on the way",
            format!("turn on ssl on the server, and {verify}"),
        ),
        SslMode::VerifyFull => Check::ok("tls", format!("{version}, {cipher}, the server's certificate is verified")),
        SslMode::VerifyCa => {
            Check::ok("tls", format!("{version}, {cipher}, the certificate is verified, its name is not"))
        }
        _ => Check::warning(
            "tls",
            format!("{version}, {cipher}, but nobody checks whose server answers (sslmode is not verify-full)"),
            verify,
        ),
    })
}

fn is_local(config: &PostgresConfig) -> bool {
    config.hosts.iter().all(|host| match &host.address {
        HostAddress::Unix(_) => true,
        HostAddress::Tcp { hostaddr: Some(address), .. } => address.is_loopback(),
        HostAddress::Tcp { host, .. } => {
            host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    })
}

fn compat(server: &Server) -> Result<Check> {
    let wanted = i64::from(sqlift::translate::compat::VERSION);
    let install = format!("run once, as a role that may create schemas: sqlift install {}", owner_url(server));
    let may_create: bool =
        server.ask("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')")?;
    if !server.ask::<bool>("SELECT pg_catalog.to_regnamespace('sqlift') IS NOT NULL")? {
        return Ok(match may_create {
            true => Check::ok("compat", "not installed; the first statement that needs schema sqlift installs it"),
            false => Check::error("compat", "schema sqlift is not installed, and the role may not install it", install),
        });
    }
    if !server.ask::<bool>("SELECT pg_catalog.has_schema_privilege('sqlift', 'USAGE')")? {
        return Ok(Check::error(
            "compat",
            "the role may not use schema sqlift",
            format!("GRANT USAGE ON SCHEMA sqlift TO {}", quoted(&server.role)),
        ));
    }
    let found = match server.ask::<bool>("SELECT pg_catalog.to_regprocedure('sqlift.version()') IS NOT NULL")? {
        true => server.ask("SELECT sqlift.version()::bigint")?,
        false => 0,
    };
    let owns = "SELECT pg_catalog.pg_has_role(nspowner, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = 'sqlift'";
    Ok(if found >= wanted {
        Check::ok("compat", format!("schema sqlift in version {found}"))
    } else if server.ask(owns)? {
        Check::ok(
            "compat",
            format!("schema sqlift in version {found}; the first statement that needs it brings it to {wanted}"),
        )
    } else {
        Check::error(
            "compat",
            format!("schema sqlift is in version {found}, this sqlift needs {wanted}, and the role does not own it"),
            install,
        )
    })
}

/// The same database with a role to fill in.
fn owner_url(server: &Server) -> String {
    let shown = Config::Postgres(Box::new(server.config.clone())).to_string();
    let (address, _) = shown.split_once('?').unwrap_or((&shown, ""));
    match address.split_once('@') {
        Some((_, place)) => format!("postgresql://OWNER@{place}"),
        None => "URL".to_owned(),
    }
}

fn clock(server: &Server) -> Result<Check> {
    let before = SystemTime::now();
    let theirs: f64 = server.ask("SELECT extract(epoch FROM pg_catalog.clock_timestamp())::double precision")?;
    let trip = before.elapsed().unwrap_or_default().as_secs_f64();
    let ours = before.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() + trip / 2.0;
    let difference = theirs - ours;
    let detail = format!("the server's clock differs by {difference:+.3} s (give or take {:.3})", trip / 2.0);
    let remedy = "let both machines follow a time server: CURRENT_TIMESTAMP comes from the server, the program's times from here";
    Ok(match difference.abs() - trip / 2.0 {
        ..1.0 => Check::ok("clock", detail),
        ..30.0 => Check::warning("clock", detail, remedy),
        _ => Check::error("clock", detail, remedy),
    })
}

fn timezone(server: &Server) -> Result<Check> {
    let zone: String = server.ask("SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone'")?;
    Ok(if ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Universal", "Etc/UCT", "Zulu"].contains(&zone.as_str()) {
        Check::ok("timezone", format!("{zone}; sqlift's sessions are in UTC"))
    } else {
        Check::warning(
            "timezone",
            format!(
                "the role's usual time zone is {zone}; sqlift's sessions are in UTC, as SQLite is, other programs' are not"
            ),
            format!("ALTER DATABASE {} SET timezone = 'UTC'", quoted(&server.config.dbname)),
        )
    })
}

/// Two connections that are open at once have two server processes, unless a pooler gives both the same one in turn.
fn pooler(server: &Server) -> Result<Check> {
    let remedy = "add pooler=transaction to the URL, or connect to the server itself or to a pooler in session mode";
    if server.config.pooler == Pooler::Transaction {
        return Ok(Check::ok(
            "pooler",
            "the URL says pooler=transaction, and sqlift keeps nothing in a server session",
        ));
    }
    let process = "SELECT pg_catalog.pg_backend_pid()::bigint";
    let second = Connection::open_postgres(&server.config)?;
    let asked =
        (|| Ok((server.ask::<i64>(process)?, second.native().query_row(process, [], |row| row.get::<_, i64>(0))?)))();
    match asked {
        Ok((first, second)) if first == second => Ok(Check::error(
            "pooler",
            "a pooler in transaction mode stands between: two open connections share a server process",
            remedy,
        )),
        Ok(_) => Ok(Check::ok("pooler", "each connection has a server process of its own")),
        Err(error) => match sqlift::postgres_error(&error) {
            Some(report) if matches!(report.sqlstate.as_str(), "26000" | "42P05") => {
                Ok(Check::error("pooler", format!("prepared statements get lost: {}", said(&error)), remedy))
            }
            _ if error.to_string().contains("a pooler in transaction mode stands before") => Ok(Check::error(
                "pooler",
                "a pooler in transaction mode stands between, and the URL does not say so",
                remedy,
            )),
            _ => Err(error),
        },
    }
}

fn settings(server: &Server) -> Result<Check> {
    let mut findings = Vec::new();
    let alter = |name: &str, value: &str| format!("ALTER SYSTEM SET {name} = {value}");
    for (name, bad, what) in [
        ("fsync", "off", "a crash of the machine can damage the whole database"),
        ("full_page_writes", "off", "a crash of the machine can damage the whole database"),
        ("autovacuum", "off", "tables grow and statistics age"),
        ("row_security", "off", "tables with row-level security are errors for the role"),
    ] {
        if server.setting(name)? == bad {
            findings.push(Finding::error(format!("{name} = {bad}: {what}"), alter(name, "on")));
        }
    }
    if server.setting("synchronous_commit")? == "off" {
        findings.push(Finding::warning(
            "synchronous_commit = off: a crash can lose the last committed transactions",
            alter("synchronous_commit", "on"),
        ));
    }
    if server.ask("SELECT pg_catalog.pg_is_in_recovery()")? {
        findings.push(Finding::warning(
            "the server is a standby, which takes no writes",
            "name the primary, or use target_session_attrs=read-write with all hosts",
        ));
    } else if server.setting("default_transaction_read_only")? == "on" {
        findings.push(Finding::error(
            "default_transaction_read_only = on: every write fails",
            format!("ALTER ROLE {} RESET default_transaction_read_only", quoted(&server.role)),
        ));
    }
    // A pool that takes all places keeps everybody else out.
    let places = "SELECT pg_catalog.current_setting('max_connections')::bigint \
                  - pg_catalog.current_setting('superuser_reserved_connections')::bigint";
    let (places, wanted) = (server.ask::<i64>(places)?, i64::from(server.config.pool_max_size));
    if wanted >= places {
        findings.push(Finding::warning(
            format!("pool_max_size={wanted}, but the server takes {places} connections of all programs"),
            "lower pool_max_size, or raise max_connections",
        ));
    }
    let limit = "SELECT rolconnlimit::bigint FROM pg_catalog.pg_roles WHERE rolname = current_user";
    let limit: i64 = server.ask(limit)?;
    if (0..wanted).contains(&limit) {
        findings.push(Finding::warning(
            format!("pool_max_size={wanted}, but the role may have {}", counted(limit as usize, "connection")),
            format!("lower pool_max_size, or ALTER ROLE {} CONNECTION LIMIT {}", quoted(&server.role), wanted + 2),
        ));
    }
    let pending = server.texts("SELECT name::text FROM pg_catalog.pg_settings WHERE pending_restart ORDER BY 1")?;
    if !pending.is_empty() {
        findings.push(Finding::warning(
            format!("{} wait for a restart: {}", counted(pending.len(), "setting"), some(&pending)),
            "restart the server when it suits",
        ));
    }
    Ok(Check::of("settings", findings, "none that hurts"))
}
