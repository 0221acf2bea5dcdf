//! What tailscaled says of itself and of its peers.

use std::net::IpAddr;

use crate::model::ExitNodeChoice;
use crate::monitor::diagnosis::Daemon;
use crate::monitor::{Fault, Moment};
use crate::net::{HttpUrl, Prefix, UpstreamHost};

/// What tailscaled says of itself and of its peers. None of it is measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tailnet {
    /// What it is doing.
    pub daemon: Daemon,
    /// Whether the control plane is connected (`Self.Online`).
    pub online: bool,
    /// When this node's key expires; `None` where it does not.
    pub key_expires: Option<Moment>,
    /// The code of the home region of its relays; empty while it has none.
    pub home_region: String,
    /// Where the control plane is, where the preferences say so.
    pub control: Option<HttpUrl>,
    /// The other nodes.
    pub peers: Vec<Peer>,
    /// What it is told to do, once that has been read.
    pub preferences: Option<Preferences>,
}

/// Another node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peer {
    /// The name that never changes (`StableNodeID`).
    pub id: String,
    /// The first label of its name in the tailnet.
    pub name: String,
    /// Its full name, without the dot at the end.
    pub full_name: String,
    /// Its addresses in the tailnet.
    pub addresses: Vec<IpAddr>,
    /// The prefixes that it is the way to, default routes included.
    pub routes: Vec<Prefix>,
    /// Whether it offers, and is allowed, to be an exit node.
    pub offers_exit: bool,
    /// Whether the control plane sees it. Nothing is concluded from that, but whom to ask where no exit node answers.
    pub online: bool,
}

/// What tailscaled is told to do, as far as the monitor may change it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences {
    /// `ExitNodeID`, or `ExitNodeIP` while that is not resolved; `None` where both are empty.
    pub exit_node: Option<String>,
    /// Whether tailscaled chooses the exit node itself (`AutoExitNode`).
    pub auto_exit_node: bool,
    /// `ExitNodeAllowLANAccess`: whether the local network is left out of what goes to an exit node.
    pub lan_access: bool,
    /// `RouteAll`.
    pub accept_routes: bool,
    /// `WantRunning`.
    pub want_running: bool,
}

/// Which node of the tailnet is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// This one.
    One(&'a Peer),
    /// There is none of that name or address.
    None,
    /// There are several of that name.
    Several,
}

impl Tailnet {
    /// The node that the settings mean. `auto:any` means none in particular.
    pub fn find(&self, choice: &ExitNodeChoice) -> Found<'_> {
        match choice {
            ExitNodeChoice::Auto => Found::None,
            ExitNodeChoice::Node(name) => self.named(name.as_str()),
            ExitNodeChoice::Address(address) => self.one(|peer| peer.addresses.contains(address)),
        }
    }

    /// Whether the node that has this stable id is called so, be there others of that name or not.
    pub(super) fn is_called(&self, id: &str, choice: &ExitNodeChoice) -> bool {
        let is_it = |peer: &Peer| match choice {
            ExitNodeChoice::Auto => false,
            ExitNodeChoice::Node(name) => {
                let names = [&peer.full_name, &peer.name];
                names.into_iter().any(|own| own.eq_ignore_ascii_case(name.as_str()))
            }
            ExitNodeChoice::Address(address) => peer.addresses.contains(address),
        };
        self.node(id).is_some_and(is_it)
    }

    /// The exit node that the settings mean, or what is wrong with it. `auto:any` means none in particular.
    ///
    /// # Errors
    /// There is none, there are several, or it does not offer to be one.
    pub fn exit_node(&self, choice: &ExitNodeChoice) -> Result<&Peer, Fault> {
        match self.find(choice) {
            Found::One(peer) if peer.offers_exit => Ok(peer),
            Found::One(_) => Err(Fault::NotOffered),
            Found::None => Err(Fault::NoSuchNode),
            Found::Several => Err(Fault::Ambiguous),
        }
    }

    /// The node that has this stable id.
    pub fn node(&self, id: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id == id)
    }

    /// The node that a host of the settings is, where it is one.
    pub fn host(&self, host: &UpstreamHost) -> Option<&Peer> {
        match self.seek(host) {
            Found::One(peer) => Some(peer),
            Found::None | Found::Several => None,
        }
    }

    /// Which node a host of the settings is.
    pub fn seek(&self, host: &UpstreamHost) -> Found<'_> {
        match (host.address(), host.name()) {
            (Some(address), _) => self.one(|peer| peer.addresses.contains(&address)),
            (None, Some(name)) => self.named(name.as_str()),
            (None, None) => Found::None,
        }
    }

    /// A full name is unique, a first label need not be: nodes of other tailnets are shared under their own.
    fn named(&self, name: &str) -> Found<'_> {
        match self.one(|peer| peer.full_name.eq_ignore_ascii_case(name)) {
            Found::None => self.one(|peer| peer.name.eq_ignore_ascii_case(name)),
            found => found,
        }
    }

    fn one(&self, is_meant: impl Fn(&Peer) -> bool) -> Found<'_> {
        let mut found = self.peers.iter().filter(|peer| is_meant(peer));
        match (found.next(), found.next()) {
            (None, _) => Found::None,
            (Some(peer), None) => Found::One(peer),
            (Some(_), Some(_)) => Found::Several,
        }
    }
}
