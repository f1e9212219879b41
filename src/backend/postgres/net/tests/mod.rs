//! The connection against a real server, and against peers that misbehave.

mod certificates;
mod server;
#[cfg(feature = "tls")]
mod tls;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::Stream;
use tokio_postgres::Client;

use super::{Stopped, Wire, connect, passfile};
use crate::config::PostgresConfig;
use server::{config, server};

/// TCP with TLS, where it is built in.
const ENCRYPTED: &str = if cfg!(feature = "tls") { "sslmode=require" } else { "sslmode=disable" };

/// Longer than anything takes here on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(300);

fn soon(milliseconds: u64) -> Option<Instant> {
    Some(Instant::now() + Duration::from_millis(milliseconds))
}

fn open(config: &PostgresConfig) -> (Client, Wire) {
    connect(config).unwrap_or_else(|error| panic!("{error}"))
}

fn ask(client: &Client, wire: &mut Wire, sql: &str) -> String {
    wire.run(client.query_one(sql, &[]), None).unwrap().unwrap().get(0)
}

/// One session, one text.
fn answer(config: &PostgresConfig, sql: &str) -> String {
    let (client, mut wire) = open(config);
    ask(&client, &mut wire, sql)
}

#[track_caller]
fn refused(config: &PostgresConfig, words: &[&str], sqlstate: Option<&str>) {
    let error = connect(config).expect_err("refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert_eq!(error.sqlstate().map(|code| code.code()), sqlstate, "{text}");
    assert!(!text.contains("p:w") && !format!("{error:?}").contains("p:w"), "shows the password: {text}");
}

#[test]
fn sockets_and_settings() {
    let s = server();
    for (config, sql, expected, why) in [
        (s.unix(""), "select current_setting('application_name')", "sqlift-net", "over the Unix socket"),
        (s.tcp("sslmode=disable"), "select host(inet_client_addr())", "127.0.0.1", "over TCP"),
        (s.unix("options='-c work_mem=77MB -c jit=off'"), "select current_setting('work_mem')", "77MB", "options"),
        (s.tcp("user=secret password='p:w\\\\d'"), "select current_user::text", "secret", "SCRAM-SHA-256"),
        (
            s.tcp("keepalives_idle=30 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=9000"),
            "select 'up'",
            "up",
            "TCP settings",
        ),
    ] {
        assert_eq!(answer(&config, sql), expected, "{why}");
    }
}

#[test]
fn refusals_name_host_reason_and_remedy() {
    let s = server();
    let port = format!("localhost:{}", s.port);
    refused(
        &s.tcp("user=secret password=p:wrong"),
        &[&port, "password authentication failed", "(28P01)", "help: check user and password"],
        Some("28P01"),
    );
    refused(&s.tcp("user=secret"), &["password missing", "help: the server wants a password"], None);
    refused(&s.unix("dbname=nowhere"), &["\"nowhere\" does not exist (3D000)", "help: create it"], Some("3D000"));
    refused(&s.tcp("user=nobody"), &["no pg_hba.conf entry", "(28000)"], Some("28000"));
    refused(&s.unix("options='-c nonsense=1'"), &["nonsense"], Some("42704"));
    refused(&config("host=/nowhere/at/all"), &["/nowhere/at/all/.s.PGSQL.5432", "help: is the server running"], None);
    refused(
        &config("host=does-not-exist.invalid"),
        &["does-not-exist.invalid:5432", "help: check the host's name"],
        None,
    );
    refused(&config(&format!("host={} port=1", s.folder.display())), &[".s.PGSQL.1"], None);
}

#[test]
fn hosts_are_tried_in_order() {
    let s = server();
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hosts = format!("host=127.0.0.1,127.0.0.1 port={dead},{}", s.port);
    assert_eq!(answer(&config(&hosts), "select 'up'"), "up", "the second host is up");
    for _ in 0..4 {
        assert_eq!(answer(&config(&format!("{hosts} load_balance_hosts=random")), "select 'up'"), "up", "in any order");
    }
    let error = connect(&config(&format!("host=127.0.0.1,/nowhere port={dead},7"))).unwrap_err().to_string();
    assert!(error.contains(&format!("127.0.0.1:{dead}")) && error.contains("/nowhere/.s.PGSQL.7"), "{error}");
    // As libpq: a server that refuses the user ends the search.
    let error = connect(&config(&format!("{hosts},{dead} host=127.0.0.1,127.0.0.1,127.0.0.1 dbname=nowhere")));
    let error = error.unwrap_err();
    assert_eq!((error.sqlstate().map(|code| code.code()), error.attempts.len()), (Some("3D000"), 2), "{error}");
}

#[test]
fn target_session_attrs() {
    let s = server();
    let read_only = "options='-c default_transaction_read_only=on'";
    for (attrs, settings, fits) in [
        ("any", "", true),
        ("read-write", "", true),
        ("read-write", read_only, false),
        ("read-only", "", false),
        ("read-only", read_only, true),
        ("primary", "", true),
        ("standby", "", false),
        ("prefer-standby", "", true),
    ] {
        let config = s.unix(&format!("target_session_attrs={attrs} {settings}"));
        match connect(&config) {
            Ok(_) => assert!(fits, "{attrs} {settings}"),
            Err(error) => assert!(!fits && error.to_string().contains("target_session_attrs"), "{attrs}: {error}"),
        }
    }
}

#[test]
fn silent_and_strange_peers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let since = Instant::now();
    let mut silence = config(&format!("host=127.0.0.1 port={port}"));
    silence.connect_timeout = Some(Duration::from_millis(200));
    refused(&silence, &["no answer within connect_timeout (0.2 s)", "help: is 127.0.0.1"], None);
    assert!(connect(&silence).unwrap_err().is_timeout());
    assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
    for (reply, words) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "help: is "),
        (b"", "help: is "),
        (b"E\0\0\0\x27SFATAL\0C53300\0Mtoo many clients\0\0", "too many clients (53300)"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let _ = socket.read(&mut [0; 1000]).unwrap();
            let mut reply = reply.to_vec();
            if reply.first() == Some(&b'E') {
                let length = u32::try_from(reply.len() - 1).unwrap();
                reply[1..5].copy_from_slice(&length.to_be_bytes());
            }
            socket.write_all(&reply).unwrap();
        });
        let error = connect(&config(&format!("host=127.0.0.1 port={port} sslmode=disable"))).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        peer.join().unwrap();
    }
}

#[test]
fn big_messages_both_ways() {
    let s = server();
    for (config, size) in
        [(s.unix(""), 50_000_000), (s.tcp("sslmode=disable"), 9_000_000), (s.tcp(ENCRYPTED), 9_000_000)]
    {
        let (client, mut wire) = open(&config);
        let big: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let row = wire.run(client.query_one("select $1::bytea, length($1::bytea)", &[&big]), None).unwrap().unwrap();
        assert_eq!(row.get::<_, i32>(1), size);
        assert!(row.get::<_, &[u8]>(0) == big, "the bytes came back changed");
    }
}

#[test]
fn streams_are_read_in_chunks() {
    let (client, mut wire) = open(&server().unix(""));
    let statement = wire.run(client.prepare("select g from generate_series(1, 100000) g"), None).unwrap().unwrap();
    let rows = wire.run(client.query_raw(&statement, Vec::<i32>::new()), None).unwrap().unwrap();
    let mut rows = Box::pin(rows);
    let (mut count, mut chunks) = (0, 0);
    loop {
        let (chunk, has_more) = wire.run(next_chunk(&mut rows), None).unwrap();
        (count, chunks) = (count + chunk, chunks + 1);
        if !has_more {
            break;
        }
        // A second request in front of an open result would wait for ever; it is told so instead.
        if chunks == 3 {
            let stuck = wire.run(client.query("select 1", &[]), None);
            assert!(matches!(stuck, Err(Stopped::Blocked)), "{stuck:?}");
        }
    }
    assert_eq!(count, 100_000);
    assert!(chunks < 10_000, "{chunks}");
    assert_eq!(ask(&client, &mut wire, "select 'usable'"), "usable");
}

/// What is there, up to 256 rows; waits only for the first. `false` after the last, when the stream may not be asked
/// again.
async fn next_chunk(rows: &mut std::pin::Pin<Box<tokio_postgres::RowStream>>) -> (usize, bool) {
    let mut count = 0;
    std::future::poll_fn(|context| {
        while count < 256 {
            match rows.as_mut().poll_next(context) {
                Poll::Ready(Some(row)) => {
                    row.unwrap();
                    count += 1;
                }
                Poll::Ready(None) => return Poll::Ready((count, false)),
                Poll::Pending if count == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready((count, true))
    })
    .await
}

#[test]
fn pipelined_requests_share_a_trip() {
    let (client, mut wire) = open(&server().unix(""));
    let both = futures_util::future::join(client.batch_execute("begin"), client.query_one("select 'in'", &[]));
    let (begun, row) = wire.run(both, None).unwrap();
    begun.unwrap();
    assert_eq!(row.unwrap().get::<_, String>(0), "in");
}

#[test]
fn deadline_and_cancel() {
    for config in [server().unix(""), server().tcp("sslmode=disable"), server().tcp(ENCRYPTED)] {
        let (client, mut wire) = open(&config);
        let since = Instant::now();
        let asleep = format!(
            "select count(*)::text from pg_stat_activity where wait_event = 'PgSleep' and pid = {}",
            ask(&client, &mut wire, "select pg_backend_pid()::text")
        );
        // A cancel that is quicker than the request it is meant for hits nobody.
        let until_asleep = || {
            let (boss, mut boss_wire) = open(&server().unix(""));
            while ask(&boss, &mut boss_wire, &asleep) == "0" {
                assert!(since.elapsed() < PATIENCE, "the statement does not begin");
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        let late = wire.run(client.batch_execute("select pg_sleep(600)"), soon(50)).unwrap_err();
        assert_eq!(late.to_string(), "PostgreSQL did not answer within the time given");
        until_asleep();
        wire.cancel_handle().cancel(PATIENCE).unwrap();
        assert_eq!(
            ask(&client, &mut wire, "select 'next'"),
            "next",
            "the late answer is dropped, not taken for this one"
        );
        // From another thread, while the request waits.
        let handle = wire.cancel_handle();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                until_asleep();
                handle.cancel(PATIENCE).unwrap();
            });
            wire.run(client.batch_execute("select pg_sleep(600)"), None).unwrap().unwrap_err()
        });
        assert_eq!(error.code().map(|code| code.code()), Some("57014"));
        // Nothing runs: the cancel hits nobody, and not the statement that follows either.
        for _ in 0..20 {
            wire.cancel_handle().cancel(PATIENCE).unwrap();
            assert_eq!(ask(&client, &mut wire, "select 'unhurt'"), "unhurt");
        }
        assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
    }
}

#[test]
fn cancel_gives_up_on_a_silent_server() {
    let (_client, wire) = open(&server().tcp("sslmode=disable"));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let handle = wire.cancel_handle().aimed_at(silent.local_addr().unwrap());
    let error = handle.cancel(Duration::from_millis(100)).unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn the_servers_last_words() {
    let s = server();
    let (boss, mut boss_wire) = open(&s.unix(""));
    for (config, is_busy) in
        [(s.unix(""), false), (s.tcp("sslmode=disable"), false), (s.tcp(ENCRYPTED), false), (s.unix(""), true)]
    {
        let (client, mut wire) = open(&config);
        let pid = ask(&client, &mut wire, "select pg_backend_pid()::text");
        if is_busy {
            let _ = wire.run(client.batch_execute("select pg_sleep(30)"), soon(20)).unwrap_err();
        }
        ask(&boss, &mut boss_wire, &format!("select pg_terminate_backend({pid}, 300000)::text"));
        std::thread::sleep(Duration::from_millis(20));
        for _ in 0..2 {
            let Err(Stopped::Closed(end)) = wire.request(client.query("select 1", &[]), None) else {
                panic!("the session is gone")
            };
            if !is_busy {
                assert_eq!(end.db_error().map(|error| error.code().code()), Some("57P01"), "{end}");
            }
            assert!(end.to_string().starts_with("the connection to PostgreSQL ended: "), "{end}");
            assert!(wire.is_closed());
        }
        assert!(!wire.pump());
    }
    // `pump` alone finds it, which is how a pool checks a session.
    let (client, mut wire) = open(&s.unix(""));
    let pid = ask(&client, &mut wire, "select pg_backend_pid()::text");
    assert!(wire.pump());
    ask(&boss, &mut boss_wire, &format!("select pg_terminate_backend({pid}, 300000)::text"));
    assert!(!wire.pump());
}

#[test]
fn notices_and_parameters() {
    let (client, mut wire) = open(&server().unix(""));
    assert!(wire.parameter("server_version").is_some());
    let sql = "do $$ begin for i in 1..300 loop raise notice 'n%', i; end loop; end $$; set timezone = 'Asia/Tokyo'";
    wire.run(client.batch_execute(sql), None).unwrap().unwrap();
    assert!(wire.pump(), "notices disturb nothing");
    assert_eq!(wire.parameter("TimeZone"), Some("Asia/Tokyo"));
}

#[test]
fn closing_ends_the_session_in_good_order() {
    let (boss, mut boss_wire) = open(&server().unix(""));
    for config in [server().unix(""), server().tcp(ENCRYPTED)] {
        let (client, mut wire) = open(&config);
        let pid = ask(&client, &mut wire, "select pg_backend_pid()::text");
        drop(client);
        wire.close(PATIENCE);
        let sql = format!("select count(*)::text from pg_stat_activity where pid = {pid}");
        assert_eq!(ask(&boss, &mut boss_wire, &sql), "0", "close waits for the server's end");
        let (client, mut wire) = open(&config);
        wire.run(client.batch_execute("begin; select 1"), None).unwrap().unwrap();
        drop(client);
        drop(wire);
    }
    std::thread::sleep(Duration::from_millis(50));
    let log = std::fs::read_to_string(server().folder.join("log")).unwrap();
    assert!(!log.contains("unexpected EOF"), "{log}");
}

#[test]
fn works_inside_async_runtimes() {
    let s = server();
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let plain = std::thread::spawn(|| answer(&server().unix(""), "select 'thread'")).join().unwrap();
    assert_eq!(plain, "thread");
    assert_eq!(one.block_on(async { answer(&s.unix(""), "select 'one'") }), "one");
    assert_eq!(many.block_on(async { answer(&s.tcp(ENCRYPTED), "select 'many'") }), "many");
    let (client, mut wire) = open(&s.unix(""));
    let moved = many.block_on(many.spawn(async move { ask(&client, &mut wire, "select 'moved'") })).unwrap();
    assert_eq!(moved, "moved", "a session may move to another thread");
}

#[test]
fn password_files() {
    let wanted = passfile::Wanted { fields: ["db".into(), "5432".into(), "app".into(), "me".into()] };
    for (text, expected, why) in [
        ("db:5432:app:me:one", Some("one"), "named"),
        ("*:*:*:*:any", Some("any"), "all wild"),
        ("db:5432:app:you:no\ndb:*:app:me:two", Some("two"), "first line that fits"),
        ("db:5432:app:me:a\\:b\\\\c", Some("a:b\\c"), "escapes in the password"),
        ("d\\b:5432:app:me:esc", Some("esc"), "escapes in a field"),
        ("\\*:5432:app:me:no", None, "an escaped star is a name"),
        ("# db:5432:app:me:no\n\nbad line", None, "comments and nonsense"),
        ("db:5432:app:me:", None, "an empty password is none"),
        ("db:5432:app:me:pw\r\n", Some("pw"), "Windows line ends"),
        ("db:5433:app:me:no", None, "another port"),
    ] {
        let found = passfile::find(text, &wanted);
        assert_eq!(found.as_ref().map(|password| password.expose()), expected, "{why}");
    }
}

#[test]
fn password_file_of_a_session() {
    use std::os::unix::fs::PermissionsExt;
    let s = server();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pgpass");
    std::fs::write(&path, format!("localhost:{}:*:secret:p\\:w\\\\d\n", s.port)).unwrap();
    let config = s.tcp(&format!("user=secret passfile={}", path.display()));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(answer(&config, "select current_user::text"), "secret");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&config, &["was not used, since others may read it", "chmod 0600"], None);
}

#[cfg(not(feature = "tls"))]
#[test]
fn without_tls_built_in() {
    refused(&server().tcp("sslmode=require"), &["built without it", "cargo feature `tls`"], None);
    assert_eq!(answer(&server().tcp("sslmode=prefer"), "select 'plain'"), "plain");
}
