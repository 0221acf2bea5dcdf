//! `network.vpn.tailscale`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FileRef;
use crate::net::{DnsLabel, DnsName, InterfaceName, Port, Prefix, Tag, UserName};

/// The tailscale daemon of a host and its preferences. Flags and preferences are those of `tailscale up` / `set`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tailscale {
    /// The key for the first login, where there is one and `useAuthKeyFile` is not off.
    pub auth_key: Option<FileRef>,
    /// The node's name in the tailnet (`--hostname`).
    pub hostname: DnsLabel,
    /// `enableSubnetRouter`: forwards for the advertised routes.
    pub subnet_router: bool,
    /// `advertiseRoutes` (`--advertise-routes`).
    pub advertise_routes: Vec<Prefix>,
    /// `exitNode`: offers itself as an exit node (`--advertise-exit-node`).
    pub exit_node: bool,
    /// `exitNodeAllowLANAccess` (`--exit-node-allow-lan-access`), a preference of the client of an exit node.
    pub exit_node_allow_lan_access: bool,
    /// `useExitNode` (`--exit-node`): the exit node that this host sends its traffic through.
    pub use_exit_node: Option<ExitNodeChoice>,
    /// `acceptDNS` (`--accept-dns`).
    pub accept_dns: bool,
    /// `enableMagicDNS`: resolve tailnet names through `systemd-resolved`.
    pub magic_dns: bool,
    /// `extraDNSServers`, asked besides the tailnet's.
    pub extra_dns_servers: Vec<IpAddr>,
    /// `acceptRoutes` (`--accept-routes`).
    pub accept_routes: bool,
    /// `enableSSH` (`--ssh`): tailscaled answers port 22 on the tailnet addresses.
    pub ssh: bool,
    /// `shieldsUp` (`--shields-up`).
    pub shields_up: bool,
    /// `port`: UDP port of WireGuard; `None` lets the daemon choose (0).
    pub port: Option<Port>,
    /// `interfaceName`.
    pub interface: InterfaceName,
    /// `tags` (`--advertise-tags`).
    pub tags: Vec<Tag>,
    /// `openFirewall`: admit the WireGuard port from everywhere.
    pub open_firewall: bool,
    /// `firewallMode` (`TS_DEBUG_FIREWALL_MODE`); `None` where nothing is said and it is to be the host's own.
    pub firewall_mode: Option<FirewallMode>,
    /// `extraUpFlags`, as written.
    pub extra_up_flags: Vec<String>,
    /// `extraSetFlags`, as written.
    pub extra_set_flags: Vec<String>,
    /// `extraDaemonFlags`, as written.
    pub extra_daemon_flags: Vec<String>,
    /// `operator` (`--operator`): the one user who may change preferences besides root.
    pub operator: Option<UserName>,
}

impl Tailscale {
    /// What the tunnel's interface is called unless the profile says otherwise.
    pub const USUAL_INTERFACE: &'static str = "tailscale0";

    /// Whether the host forwards for others.
    pub fn forwards(&self) -> bool {
        self.exit_node || self.subnet_router
    }

    /// How far tailscaled programs netfilter, as the flag `--netfilter-mode` says; that of `tailscale set` is the later one.
    pub fn netfilter_mode(&self) -> NetfilterMode {
        match self.flag("--netfilter-mode") {
            Some("off") => NetfilterMode::Off,
            Some("nodivert") => NetfilterMode::NoDivert,
            _ => NetfilterMode::On,
        }
    }

    /// Whether what comes from the tailnet is to leave under this host's own address (`--snat-subnet-routes`).
    pub fn snat_subnet_routes(&self) -> bool {
        !matches!(
            self.flag("--snat-subnet-routes"),
            Some("false" | "0" | "f" | "F" | "FALSE" | "False")
        )
    }

    /// The value of a flag that is given by hand.
    fn flag(&self, name: &str) -> Option<&str> {
        let value = |flag: &&String| {
            flag.strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('='))
                .is_some()
        };
        let mut flags = self
            .extra_set_flags
            .iter()
            .rev()
            .chain(self.extra_up_flags.iter().rev());
        flags.find(value).and_then(|flag| Some(flag.split_once('=')?.1))
    }

    /// The routes that the host really advertises: none where `enableSubnetRouter` is off.
    pub fn routes(&self) -> &[Prefix] {
        if self.subnet_router {
            &self.advertise_routes
        } else {
            &[]
        }
    }

    /// Whether the host sends its own traffic by routes learnt from the tailnet.
    pub fn is_client(&self) -> bool {
        self.accept_routes || self.use_exit_node.is_some()
    }
}

/// The exit node that a host uses. Serialised as it is displayed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ExitNodeChoice {
    /// `auto:any`: tailscaled picks one and another when it goes offline.
    Auto,
    /// A node by its name.
    Node(DnsName),
    /// A node by its tailnet address.
    Address(IpAddr),
}

impl fmt::Display for ExitNodeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto:any"),
            Self::Node(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl From<ExitNodeChoice> for String {
    fn from(choice: ExitNodeChoice) -> Self {
        choice.to_string()
    }
}

impl TryFrom<String> for ExitNodeChoice {
    type Error = InvalidExitNode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The text names no exit node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidExitNode;

impl fmt::Display for InvalidExitNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an exit node: the name of a node, its tailnet address, or `auto:any`")
    }
}

impl std::error::Error for InvalidExitNode {}

impl FromStr for ExitNodeChoice {
    type Err = InvalidExitNode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text, "auto" | "auto:any") {
            return Ok(Self::Auto);
        }
        match text.parse() {
            Ok(address) => Ok(Self::Address(address)),
            Err(_) => text.parse().map(Self::Node).map_err(|_| InvalidExitNode),
        }
    }
}

/// How far tailscaled programs netfilter (`--netfilter-mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetfilterMode {
    /// `on`: it filters, marks and masquerades.
    On,
    /// `nodivert`: it has chains, and leaves it to others to lead packets there.
    NoDivert,
    /// `off`: it does nothing of that.
    Off,
}

/// The netfilter backend of tailscaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirewallMode {
    /// `auto`: whichever already has rules.
    Auto,
    /// `nftables`.
    Nftables,
    /// `iptables`.
    Iptables,
}

impl FirewallMode {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Auto, Self::Nftables, Self::Iptables]
            .into_iter()
            .find(|mode| mode.as_str() == name)
    }

    /// The value of `TS_DEBUG_FIREWALL_MODE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
        }
    }
}
