//! `network.vpn.tailscale`.

use std::net::IpAddr;

use super::{FileRef, ListenPort, group, words};
use crate::net::{DnsLabel, InterfaceName, Prefix, Tag, UserName};

group! {
    /// The Tailscale daemon and its preferences.
    pub struct Tailscale {
        /// Whether the host is a node of the tailnet.
        pub enable: Option<bool>,
        /// The file with the key for the first login: `config.sops.secrets."NAME".path`, or a path on the host.
        pub auth_key_file: Option<FileRef>,
        /// Whether `authKeyFile` is used; true by default where it is given.
        pub use_auth_key_file: Option<bool>,
        /// The node's name in the tailnet; the host's name by default.
        pub hostname: Option<DnsLabel>,
        /// Whether the host forwards for `advertiseRoutes`; true by default where there are any.
        pub enable_subnet_router: Option<bool>,
        /// Prefixes that the host offers to the tailnet. They work once they are approved.
        pub advertise_routes: Option<Vec<Prefix>>,
        /// Whether the host offers itself as an exit node.
        pub exit_node: Option<bool>,
        /// Whether the local network stays reachable while this host uses an exit node.
        #[serde(rename = "exitNodeAllowLANAccess")]
        pub exit_node_allow_lan_access: Option<bool>,
        /// The exit node that this host uses: a node's name, its tailnet address, or `auto:any`.
        pub use_exit_node: Option<String>,
        /// Whether the tailnet's DNS settings are taken; true by default.
        #[serde(rename = "acceptDNS")]
        pub accept_dns: Option<bool>,
        /// Whether names of the tailnet are resolved through systemd-resolved; true by default.
        #[serde(rename = "enableMagicDNS")]
        pub enable_magic_dns: Option<bool>,
        /// Name servers asked besides the tailnet's.
        #[serde(rename = "extraDNSServers")]
        #[schemars(with = "Option<Vec<String>>")]
        pub extra_dns_servers: Option<Vec<IpAddr>>,
        /// Whether routes that other nodes advertise are used.
        pub accept_routes: Option<bool>,
        /// Whether tailscaled answers SSH on the tailnet addresses.
        #[serde(rename = "enableSSH")]
        pub enable_ssh: Option<bool>,
        /// Whether all connections from the tailnet are refused.
        pub shields_up: Option<bool>,
        /// The UDP port of WireGuard, 41641 by default; 0 lets the daemon choose.
        pub port: Option<ListenPort>,
        /// The name of the tunnel's interface; `tailscale0` by default.
        pub interface_name: Option<InterfaceName>,
        /// The node's tags, each `tag:NAME`.
        pub tags: Option<Vec<Tag>>,
        /// Whether the WireGuard port is admitted from everywhere; true by default.
        pub open_firewall: Option<bool>,
        /// tailscaled's netfilter backend; by default `nftables` where the host uses nftables, as zones make it do.
        pub firewall_mode: Option<FirewallMode>,
        /// Further arguments of `tailscale up`, which only the first login sees.
        pub extra_up_flags: Option<Vec<String>>,
        /// Further arguments of `tailscale set`, applied at every start.
        pub extra_set_flags: Option<Vec<String>>,
        /// Further arguments of tailscaled.
        pub extra_daemon_flags: Option<Vec<String>>,
        /// The one user who may change preferences besides root.
        pub operator: Option<UserName>,
    }
}

words! {
    /// tailscaled's netfilter backend.
    pub enum FirewallMode {
        /// Whichever already has rules.
        Auto,
        /// nftables.
        Nftables,
        /// iptables.
        Iptables,
    }
}
