//! Where to connect: a host of the configuration resolved to addresses, and opening a socket to one of them.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::socket::{Socket, Stream};
use crate::config::{Host, HostAddress, PostgresConfig};

/// One address that can be dialled, again and again.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub place: Place,
    /// For messages: `db.example.com:5432 (192.0.2.1)`, or the socket's path.
    pub text: String,
    /// The name that the server's certificate must carry.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only certificates are compared with it"))]
    pub host_name: String,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Tcp(SocketAddr),
    #[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has Unix sockets"))]
    Unix(PathBuf),
}

/// How a host is called in messages and error lists.
pub(super) fn host_text(host: &Host) -> String {
    match &host.address {
        HostAddress::Tcp { host: name, hostaddr: Some(address) } if name.is_empty() => {
            SocketAddr::new(*address, host.port).to_string()
        }
        HostAddress::Tcp { host: name, .. } => name_and_port(name, host.port),
        HostAddress::Unix(folder) => socket_path(folder, host.port).display().to_string(),
    }
}

fn name_and_port(name: &str, port: u16) -> String {
    if name.contains(':') { format!("[{name}]:{port}") } else { format!("{name}:{port}") }
}

fn socket_path(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

/// The addresses of a host, in the system's order. A name is looked up by the system, which has time limits of its own.
pub(super) fn resolve(host: &Host) -> io::Result<Vec<Target>> {
    let (name, addresses) = match &host.address {
        HostAddress::Unix(folder) => {
            let path = socket_path(folder, host.port);
            let text = path.display().to_string();
            return Ok(vec![Target { place: Place::Unix(path), text, host_name: "localhost".into() }]);
        }
        HostAddress::Tcp { host: name, hostaddr: Some(address) } => (name, vec![SocketAddr::new(*address, host.port)]),
        HostAddress::Tcp { host: name, hostaddr: None } => {
            let bare = name.trim_start_matches('[').trim_end_matches(']');
            (name, (bare, host.port).to_socket_addrs()?.collect())
        }
    };
    let mut targets: Vec<Target> = Vec::new();
    for address in addresses {
        let ip = address.ip().to_string();
        let host_name = if name.is_empty() { ip.clone() } else { name.clone() };
        let mut text = name_and_port(&host_name, host.port);
        if ip != host_name {
            text = format!("{text} ({ip})");
        }
        // The system lists an address once per socket type on some platforms.
        if !targets.iter().any(|known| known.text == text) {
            targets.push(Target { place: Place::Tcp(address), text, host_name });
        }
    }
    if targets.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    Ok(targets)
}

impl Target {
    /// Connects, with the TCP settings of the configuration.
    pub fn open(&self, config: &PostgresConfig, deadline: Option<Instant>) -> io::Result<Socket> {
        let stream = match &self.place {
            Place::Tcp(address) => {
                let stream = match deadline {
                    None => TcpStream::connect(address)?,
                    Some(deadline) => {
                        let left = deadline.saturating_duration_since(Instant::now());
                        if left.is_zero() {
                            return Err(io::ErrorKind::TimedOut.into());
                        }
                        TcpStream::connect_timeout(address, left)?
                    }
                };
                tune(&stream, config)?;
                Stream::Tcp(stream)
            }
            #[cfg(unix)]
            Place::Unix(path) => Stream::Unix(unix::connect(path, deadline)?),
            #[cfg(not(unix))]
            Place::Unix(_) => {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets; name a host"));
            }
        };
        Socket::new(stream)
    }

    pub fn is_unix(&self) -> bool {
        matches!(self.place, Place::Unix(_))
    }
}

fn tune(stream: &TcpStream, config: &PostgresConfig) -> io::Result<()> {
    use rustix::net::sockopt;
    stream.set_nodelay(true)?;
    if config.keepalives {
        sockopt::set_socket_keepalive(stream, true)?;
        #[cfg(not(any(target_os = "openbsd", target_os = "haiku", target_os = "nto")))]
        {
            if let Some(idle) = config.keepalives_idle.filter(|idle| !idle.is_zero()) {
                sockopt::set_tcp_keepidle(stream, idle)?;
            }
            if let Some(interval) = config.keepalives_interval.filter(|interval| !interval.is_zero()) {
                sockopt::set_tcp_keepintvl(stream, interval)?;
            }
            if let Some(count) = config.keepalives_count.filter(|count| *count > 0) {
                sockopt::set_tcp_keepcnt(stream, count)?;
            }
        }
    }
    // Where the system has no such option libpq ignores the setting too.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(timeout) = config.tcp_user_timeout.filter(|timeout| !timeout.is_zero()) {
        sockopt::set_tcp_user_timeout(stream, u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX))?;
    }
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::net::{SocketAddr, UnixStream};
    use std::path::Path;
    use std::time::{Duration, Instant};

    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

    /// Connects to a path, or to the abstract name after a leading `@` on Linux.
    pub fn connect(path: &Path, deadline: Option<Instant>) -> io::Result<UnixStream> {
        if let Some(name) = path.to_str().and_then(|path| path.strip_prefix('@')) {
            return UnixStream::connect_addr(&abstract_address(name)?);
        }
        let Some(deadline) = deadline else { return UnixStream::connect(path) };
        // std offers no timeout here. A full queue of connections not yet accepted answers a blocking connect late,
        // and a non-blocking one with EAGAIN at once, which poll(2) cannot wait for.
        let address = SocketAddrUnix::new(path)?;
        loop {
            let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
            rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
            rustix::io::ioctl_fionbio(&socket, true)?;
            #[cfg(target_vendor = "apple")]
            rustix::net::sockopt::set_socket_nosigpipe(&socket, true)?;
            match rustix::net::connect(&socket, &address) {
                Ok(()) => return Ok(UnixStream::from(socket)),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(rustix::io::Errno::AGAIN) => return Err(io::ErrorKind::TimedOut.into()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn abstract_address(name: &str) -> io::Result<SocketAddr> {
        use std::os::linux::net::SocketAddrExt;
        SocketAddr::from_abstract_name(name)
    }

    #[cfg(not(target_os = "linux"))]
    fn abstract_address(_: &str) -> io::Result<SocketAddr> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "abstract sockets (@name) exist only on Linux"))
    }
}
