//! Sockets that only this host reaches.

use std::fmt;
use std::net::SocketAddr;

use super::text::{Text, text_type};
use super::{Port, SocketPath};

/// A socket that only this host reaches: the path of a unix socket (`/run/x/metrics.sock`, with or without `unix:`), or a
/// loopback address with a port (`127.0.0.1:9811`, `[::1]:9811`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalSocket {
    /// A unix socket.
    Unix(SocketPath),
    /// TCP at a loopback address.
    Loopback(SocketAddr),
}

impl fmt::Display for LocalSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.fmt(f),
            Self::Loopback(address) => address.fmt(f),
        }
    }
}

impl Text for LocalSocket {
    const NOUN: &'static str = "local socket";
    const GRAMMAR: &'static str = "the path of a unix socket, like /run/tailwright-monitor/metrics.sock, or a loopback \
         address with a port, like 127.0.0.1:9811 or [::1]:9811";
    const PATTERN: &'static str =
        r"^((unix:)?/[^:]*|127(\.[0-9]{1,3}){3}:[1-9][0-9]{0,4}|\[[0-9:]+\]:[1-9][0-9]{0,4})$";

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.starts_with('/') || written.starts_with("unix:") {
            return SocketPath::read(written).map(Self::Unix);
        }
        let port = written.rsplit_once(':').and_then(|(_, port)| Port::read(port));
        let address: SocketAddr = written.parse().map_err(|_| "no path, and no address with a port")?;
        if port.map(Port::get) != Some(address.port()) {
            return Err("the port is no number from 1 to 65535");
        }
        if !address.ip().is_loopback() {
            return Err("not a loopback address: other hosts could read what is meant for this one");
        }
        Ok(Self::Loopback(address))
    }

    /// What listens for everybody or by name, at loopback.
    fn guess(refused: &str) -> Option<String> {
        let (host, port) = refused.rsplit_once(':')?;
        let is_v6 = host.starts_with('[');
        Some(format!("{}:{port}", if is_v6 { "[::1]" } else { "127.0.0.1" }))
    }
}

text_type!(LocalSocket);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn only_this_host_reaches_it() {
        reads_back::<LocalSocket>(
            r"127\.[0-9]\.1[0-9]{2}\.9:[1-9][0-9]{0,3}|\[::1\]:[1-9][0-9]{3}|(/[a-z.]{0,9}[a-z]){1,5}",
        );
        refuses::<LocalSocket>(&[
            "",
            "9811",
            ":9811",
            "*:9811",
            "0.0.0.0:9811",
            "[::]:9811",
            "192.168.15.10:9811",
            "100.64.0.1:9811",
            "[fd7a:115c:a1e0::1]:9811",
            "[::ffff:127.0.0.1]:9811",
            "localhost:9811",
            "127.0.0.1",
            "127.0.0.1:0",
            "127.0.0.1:65536",
            "127.0.0.1:09811",
            "::1:9811",
            "run/x.sock",
            "unix:x.sock",
            "/",
        ]);
        shows::<LocalSocket>(&[("unix:/run/x.sock", "/run/x.sock")]);
        suggests::<LocalSocket>(&[
            ("0.0.0.0:9811", "127.0.0.1:9811"),
            (":9811", "127.0.0.1:9811"),
            ("localhost:9811", "127.0.0.1:9811"),
            ("[::]:9811", "[::1]:9811"),
        ]);
    }
}
