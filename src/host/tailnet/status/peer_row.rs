//! Another node, in as few bytes as it takes.

use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;

use super::peers::Words;
use super::seen::{Class, Path, PeerSeen};
use crate::host::tailnet::when::written;
use crate::localapi::data::{PathClass, Peer, StableId, Time};

/// What is shown of another node, in as few bytes as it takes: of 5,000 nodes all have to be there to be sorted, and each byte
/// of one is 5 kB. As data it is a [`PeerSeen`].
#[derive(Debug, Clone)]
pub(crate) struct PeerRow {
    /// What it is called, its identity, and what packets go through, one behind the other.
    text: Box<str>,
    /// Where the second and the third begin.
    id: u32,
    via: u32,
    /// The other labels of its name in the tailnet, which most nodes share; nothing where it has none there.
    domain: Option<Rc<str>>,
    addresses: Box<[IpAddr]>,
    routes: Box<[IpNet]>,
    os: Rc<str>,
    owner: Owner,
    class: Class,
    online: bool,
    exit_node: bool,
    offers_exit_node: bool,
    last_seen: Time,
    last_handshake: Time,
    received: u64,
    sent: u64,
}

/// Whose it is.
#[derive(Debug, Clone)]
enum Owner {
    /// Nobody's.
    None,
    /// That of a user, by number.
    User(i64),
    /// An address, or tags.
    Words(Rc<str>),
}

impl PeerRow {
    /// What is shown of that node. Words that many have in common are held once, in `words`.
    pub(super) fn of(peer: &Peer, words: &mut Words) -> Self {
        let (class, via) = class_and_via(peer);
        let name = peer.name();
        let domain = peer
            .full_name()
            .strip_prefix(&name)
            .and_then(|rest| rest.strip_prefix('.'));
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let id = peer.id.as_str();
        let owner = match peer.tags.as_slice() {
            [] => Owner::User(peer.user_id),
            tags => Owner::Words(words.shared(&tags.join(" "))),
        };
        Self {
            text: format!("{name}{id}{via}").into(),
            id: place(name.len()),
            via: place(name.len() + id.len()),
            domain: domain.map(|domain| words.shared(domain)),
            addresses: peer.tailscale_ips.as_slice().into(),
            routes: peer.primary_routes.as_slice().into(),
            os: words.shared(&peer.os),
            owner,
            class,
            online: peer.online,
            exit_node: peer.exit_node,
            offers_exit_node: peer.exit_node_option,
            last_seen: peer.last_seen,
            last_handshake: peer.last_handshake,
            received: peer.rx_bytes,
            sent: peer.tx_bytes,
        }
    }

    /// Puts the address that a user logs in with in the place of his number.
    pub(super) fn name_owner(&mut self, login: impl FnOnce(i64) -> Option<Rc<str>>) {
        if let Owner::User(number) = self.owner {
            self.owner = login(number).map_or(Owner::None, Owner::Words);
        }
    }

    /// The first label of its name.
    pub(crate) fn name(&self) -> &str {
        self.text.get(..self.id as usize).unwrap_or_default()
    }

    /// Its identity that never changes.
    pub(super) fn id(&self) -> &str {
        self.text.get(self.id as usize..self.via as usize).unwrap_or_default()
    }

    /// Whether it is that node.
    pub(super) fn is(&self, id: &StableId) -> bool {
        self.id() == id.as_str()
    }

    /// Its first address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.addresses.first().copied()
    }

    /// Its operating system.
    pub(super) fn os(&self) -> &str {
        &self.os
    }

    /// The prefixes that the control plane chose it for.
    pub(super) fn routes(&self) -> &[IpNet] {
        &self.routes
    }

    /// Which kind of path packets take to it.
    pub(crate) fn class(&self) -> Class {
        self.class
    }

    /// How packets get to it.
    pub(super) fn path(&self) -> Path {
        let via = self.text.get(self.via as usize..).filter(|via| !via.is_empty());
        Path {
            class: self.class,
            via: via.map(str::to_owned),
        }
    }

    /// Whether packets went to it in the last minutes.
    pub(super) fn is_active(&self) -> bool {
        self.class != Class::Idle
    }

    /// Whether the control plane sees it.
    pub(super) fn is_online(&self) -> bool {
        self.online
    }

    /// When the control plane saw it last, where it does not now, in seconds since 1970.
    pub(super) fn last_seen(&self) -> Option<u64> {
        self.last_seen.unix()
    }

    /// Whether it is the exit node in use.
    pub(super) fn is_exit_node(&self) -> bool {
        self.exit_node
    }

    /// Whether it may be an exit node.
    pub(super) fn offers_exit_node(&self) -> bool {
        self.offers_exit_node
    }

    /// Bytes that came from it, and that went to it.
    pub(super) fn traffic(&self) -> (u64, u64) {
        (self.received, self.sent)
    }

    /// As data.
    pub(super) fn seen(&self) -> PeerSeen {
        PeerSeen {
            name: self.name().to_owned(),
            full_name: match &self.domain {
                Some(domain) => format!("{}.{domain}", self.name()),
                None => String::new(),
            },
            id: self.id().to_owned(),
            addresses: self.addresses.iter().map(ToString::to_string).collect(),
            owner: match &self.owner {
                Owner::Words(words) => Some(words.to_string()),
                Owner::None | Owner::User(_) => None,
            },
            os: self.os.to_string(),
            online: self.online,
            last_seen: self.last_seen.unix().map(written),
            path: self.path(),
            last_handshake: self.last_handshake.unix().map(written),
            received_bytes: self.received,
            sent_bytes: self.sent,
            exit_node: self.exit_node,
            offers_exit_node: self.offers_exit_node,
            routes: self.routes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// How packets get to a node.
pub(super) fn path(node: &Peer) -> Path {
    let (class, via) = class_and_via(node);
    Path {
        class,
        via: Some(via).filter(|via| !via.is_empty()),
    }
}

fn class_and_via(node: &Peer) -> (Class, String) {
    match node.path() {
        PathClass::Idle => (Class::Idle, String::new()),
        PathClass::Direct(address) => (Class::Direct, address),
        PathClass::PeerRelay(relay) => (Class::PeerRelay, relay),
        PathClass::Derp(region) => (Class::Derp, region),
        PathClass::None => (Class::None, String::new()),
    }
}
