//! Transport protocols.

use std::fmt;

use super::text::{Text, text_type};

/// A transport protocol with ports: `tcp` or `udp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Transmission Control Protocol (RFC 9293).
    Tcp,
    /// User Datagram Protocol (RFC 768); QUIC runs on it.
    Udp,
}

impl Transport {
    /// The name in nft, nginx and JSON: `tcp` or `udp`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Text for Transport {
    const NOUN: &'static str = "transport protocol";
    const GRAMMAR: &'static str = "tcp or udp";
    const PATTERN: &'static str = "^(tcp|udp)$";

    fn read(written: &str) -> Result<Self, &'static str> {
        match written {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            _ => Err("unknown protocol"),
        }
    }

    fn guess(refused: &str) -> Option<String> {
        Some(refused.to_ascii_lowercase())
    }
}

text_type!(Transport);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn only_tcp_and_udp() {
        reads_back::<Transport>("tcp|udp");
        refuses::<Transport>(&["", "TCP", "sctp", "tcp ", "http"]);
        suggests::<Transport>(&[("TCP", "tcp")]);
    }
}
