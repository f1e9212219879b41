//! A line that is cut without a word: what was sent is never acknowledged, and the kernel gives up at `tcp_user_timeout`.
//!
//! A proxy cannot show this, since its kernel acknowledges for it. So the server is reached through a network namespace
//! with an interface of its own, which is then taken down.
#![cfg(target_os = "linux")]

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sqlift::config::{Config, HostAddress};
use sqlift::{Connection, ErrorCode, Result};

use crate::support::{PATIENCE, with};

/// A namespace, a pair of interfaces to it, and a program in it that carries bytes to the server's socket.
struct Line {
    name: String,
    address: SocketAddr,
    relay: Option<Child>,
}

impl Line {
    /// # Errors
    /// This machine does not let us.
    fn to(socket: &str) -> io::Result<Line> {
        let id = std::process::id();
        // Of the range for benchmarks (RFC 2544), four addresses per process.
        let host = Ipv4Addr::from(0xC612_0000 | (id & 0x7FFF) << 2 | 1);
        let server = Ipv4Addr::from(u32::from(host) + 1);
        let mut line = Line { name: format!("sqlift{id}"), address: (server, 5432).into(), relay: None };
        let (near, far) = (format!("sl{id}a"), format!("sl{id}b"));
        ip(&["netns", "add", &line.name])?;
        ip(&["link", "add", &near, "type", "veth", "peer", "name", &far, "netns", &line.name])?;
        ip(&["addr", "add", &format!("{host}/30"), "dev", &near])?;
        ip(&["link", "set", &near, "up"])?;
        ip(&["-n", &line.name, "addr", "add", &format!("{server}/30"), "dev", &far])?;
        ip(&["-n", &line.name, "link", "set", &far, "up"])?;
        let relay = Command::new("ip")
            .args(["netns", "exec", &line.name])
            .arg(std::env::current_exe()?)
            .args(["--exact", "cut_line::relay", "--ignored", "--test-threads=1"])
            .env("RELAY_FROM", line.address.to_string())
            .env("RELAY_TO", socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        line.relay = Some(relay);
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = std::net::TcpStream::connect(line.address) {
            if Instant::now() > deadline {
                return Err(error);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(line)
    }

    fn cut(&self) {
        ip(&["-n", &self.name, "link", "set", &format!("sl{}b", std::process::id()), "down"]).unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(mut relay) = self.relay.take() {
            let _ = relay.kill();
            let _ = relay.wait();
        }
        // The interfaces go with it.
        let _ = ip(&["netns", "del", &self.name]);
    }
}

fn ip(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// What runs in the namespace, until the test that started it is gone.
#[test]
#[ignore = "a part of another test, which runs it by itself"]
fn relay() {
    let (Ok(from), Ok(to)) = (std::env::var("RELAY_FROM"), std::env::var("RELAY_TO")) else { return };
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    for client in TcpListener::bind(from).unwrap().incoming() {
        let (client, server) = (client.unwrap(), UnixStream::connect(&to).unwrap());
        let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
        let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
        thread::spawn(move || {
            let _ = io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(std::net::Shutdown::Both);
        });
        thread::spawn(move || {
            let _ = io::copy(&mut from_server, &mut to_client);
            let _ = to_client.shutdown(std::net::Shutdown::Both);
        });
    }
}

#[test]
fn the_kernel_gives_up_after_tcp_user_timeout() {
    let database = sqlift::testing::database();
    let Ok(Config::Postgres(config)) = Config::from_url(database.url()) else { panic!("a PostgreSQL URL") };
    let HostAddress::Unix(folder) = &config.hosts[0].address else {
        eprintln!("SKIPPED: the given server has no Unix socket to be reached by from another network namespace");
        return;
    };
    let socket = folder.join(format!(".s.PGSQL.{}", config.hosts[0].port));
    let line = match Line::to(socket.to_str().unwrap()) {
        Ok(line) => line,
        Err(error) => {
            eprintln!(
                "SKIPPED: tcp_user_timeout on a line that is cut needs root, iproute2 and network namespaces: {error}"
            );
            return;
        }
    };
    let url = format!("postgresql://{}@{}/{}", config.user, line.address, database.name());
    let open = |milliseconds: u32| {
        let conn = Connection::open_url(&with(&url, &format!("tcp_user_timeout={milliseconds}"))).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        assert_eq!(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0)), Ok(1));
        conn
    };
    let connections = [(1_000, open(1_000)), (5_000, open(5_000))];
    line.cut();
    thread::scope(|scope| {
        for (timeout, conn) in connections {
            scope.spawn(move || {
                let begun = Instant::now();
                let result: Result<i64> = conn.query_row("SELECT 2", [], |row| row.get(0));
                let (took, timeout) = (begun.elapsed(), Duration::from_millis(timeout));
                let error = result.unwrap_err();
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{error}");
                // The kernel looks at the time when it sends again, in steps that grow; by itself it goes on for many minutes.
                assert!((timeout..PATIENCE).contains(&took), "{timeout:?}: {took:?}: {error}");
                assert!(conn.is_autocommit(), "the transaction is lost with it");
            });
        }
    });
}
