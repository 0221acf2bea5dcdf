//! Virtual hosts.

use std::fmt;

use super::directive::{Block, Directive, Item};
use super::location::Location;
use super::word::Word;
use crate::model::FieldPath;
use crate::net::Port;

/// A `server` block of `http`.
#[derive(Debug, Clone, PartialEq)]
pub struct VirtualHost {
    /// Its name within the configuration (the attribute name on NixOS).
    pub key: String,
    /// What it is for, in one line.
    pub about: String,
    /// `server_name`; never empty.
    pub names: Vec<String>,
    /// Where it listens.
    pub listen: Vec<Listen>,
    /// Whether it answers what no other host on its ports claims.
    pub default: bool,
    /// Its side of TLS.
    pub tls: Tls,
    /// Whether its TLS ports speak QUIC as well.
    pub quic: bool,
    /// Whether its sockets are made per worker. QUIC needs it; nginx wants it said exactly once per address and port.
    pub reuseport: bool,
    /// Directives at the level of the host.
    pub items: Vec<Item>,
    /// Its locations.
    pub locations: Vec<Location>,
    /// The field that is answerable for it.
    pub origin: Option<FieldPath>,
}

/// One `listen` by TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listen {
    /// The port.
    pub port: Port,
    /// The address.
    pub address: ListenAddress,
    /// Whether TLS is spoken.
    pub tls: bool,
}

/// Addresses that the proxy listens on. Never the tailnet address itself: nginx cannot bind one that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListenAddress {
    /// Every IPv4 address.
    Any4,
    /// Every IPv6 address.
    Any6,
    /// `127.0.0.1`, where only this host's tailscaled speaks to it.
    Loopback,
}

impl ListenAddress {
    /// As nginx and NixOS write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any4 => "0.0.0.0",
            Self::Any6 => "[::]",
            Self::Loopback => "127.0.0.1",
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.address.as_str(), self.port)
    }
}

impl Listen {
    /// Every address of the host.
    pub fn everywhere(port: Port, tls: bool) -> Vec<Self> {
        [ListenAddress::Any4, ListenAddress::Any6]
            .map(|address| Self { port, address, tls })
            .into()
    }

    /// The loopback address.
    pub fn loopback(port: Port) -> Self {
        Self {
            port,
            address: ListenAddress::Loopback,
            tls: false,
        }
    }
}

/// A host's side of TLS.
#[derive(Debug, Clone, PartialEq)]
pub enum Tls {
    /// None of its ports speaks it.
    None,
    /// Its handshakes are refused (`ssl_reject_handshake`).
    Reject,
    /// It has a certificate.
    Certificate(TlsCertificate),
}

/// A certificate.
#[derive(Debug, Clone, PartialEq)]
pub enum TlsCertificate {
    /// Files on the host.
    Files {
        /// The chain, PEM.
        chain: Word,
        /// The private key, PEM.
        key: Word,
    },
    /// NixOS's `security.acme.certs.<name>`.
    Acme(String),
}

impl TlsCertificate {
    /// The chain and the key.
    pub fn files(&self) -> (Word, Word) {
        match self {
            Self::Files { chain, key } => (chain.clone(), key.clone()),
            Self::Acme(name) => {
                let file = |file: &str| Word::data(&format!("/var/lib/acme/{name}/{file}"));
                (file("fullchain.pem"), file("key.pem"))
            }
        }
    }

    /// The two directives.
    pub fn directives(&self) -> [Item; 2] {
        let (chain, key) = self.files();
        [
            Directive::new("ssl_certificate", [chain]).into(),
            Directive::new("ssl_certificate_key", [key]).into(),
        ]
    }
}

impl VirtualHost {
    /// The whole block.
    pub fn block(&self) -> Block {
        let mut items: Vec<Item> = Vec::new();
        for listen in &self.listen {
            items.extend(self.listen_directives(*listen).into_iter().map(Item::from));
        }
        items.push(Directive::new("server_name", self.names.iter().map(Word::fixed)).into());
        match &self.tls {
            Tls::None => {}
            Tls::Reject => items.push(Directive::new("ssl_reject_handshake", ["on"]).into()),
            Tls::Certificate(certificate) => {
                items.push(Directive::new("http2", ["on"]).into());
                if self.quic {
                    items.push(Directive::new("http3", ["on"]).into());
                }
                items.extend(certificate.directives());
            }
        }
        items.extend(self.items.iter().cloned());
        items.extend(self.locations.iter().map(|location| location.block().into()));
        Block {
            origin: self.origin.clone(),
            ..Block::new("server", Vec::<Word>::new(), items)
        }
    }

    fn listen_directives(&self, listen: Listen) -> Vec<Directive> {
        let socket = |kind: Option<&'static str>| {
            let flags = [
                kind,
                self.default.then_some("default_server"),
                self.reuseport.then_some("reuseport"),
            ];
            let address = Directive::new("listen", [Word::fixed(listen.to_string())]);
            flags.into_iter().flatten().fold(address, Directive::with)
        };
        let mut sockets = Vec::new();
        if listen.tls && self.quic {
            sockets.push(socket(Some("quic")));
        }
        sockets.push(socket(listen.tls.then_some("ssl")));
        sockets
    }
}
