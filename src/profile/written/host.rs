//! `host`.

use std::collections::BTreeMap;

use super::{group, words};
use crate::net::{AddressOrPrefix, HostName, InterfaceAddress, InterfaceName, Port, ServiceName, Transport};

group! {
    /// What the host is.
    pub struct Host {
        /// Its name; by default the node's name in the tailnet.
        pub name: Option<HostName>,
        /// Its operating system; `nixos` by default. Only NixOS hosts are rendered.
        pub os: Option<Os>,
        /// The NixOS release that the modules are rendered for; `26.05` by default.
        pub release: Option<Release>,
        /// Its network interfaces by name.
        pub interfaces: Option<BTreeMap<InterfaceName, Interface>>,
        /// How its operator gets in. No ruleset that closes all of these is ever rendered.
        pub management: Option<Vec<Management>>,
    }
}

group! {
    /// One network interface.
    pub struct Interface {
        /// What it is attached to; `lan` by default.
        pub role: Option<Role>,
        /// The host's own addresses on it with their prefix lengths.
        pub prefixes: Option<Vec<InterfaceAddress>>,
    }
}

group! {
    /// One way by which the operator gets in: a service or a port, through an interface.
    pub struct Management {
        /// The interface that he comes in by.
        pub via: Option<InterfaceName>,
        /// A known service, such as `ssh`.
        pub service: Option<ServiceName>,
        /// A port, where no known service is meant.
        pub port: Option<Port>,
        /// The transport of `port`; `tcp` by default.
        pub protocol: Option<Transport>,
        /// Where he comes from, where it is narrower than everything behind the interface.
        pub from: Option<AddressOrPrefix>,
    }
}

words! {
    /// An operating system.
    pub enum Os {
        /// NixOS.
        Nixos,
        /// Another Linux.
        Linux,
        /// Windows.
        Windows,
        /// macOS.
        Macos,
    }
}

words! {
    /// A NixOS release.
    pub enum Release {
        /// 25.11 "Xantusia".
        #[serde(rename = "25.11")]
        R2511,
        /// 26.05 "Yarara".
        #[serde(rename = "26.05")]
        R2605,
        /// 26.11 "Zokor".
        #[serde(rename = "26.11")]
        R2611,
    }
}

words! {
    /// What an interface is attached to.
    pub enum Role {
        /// The local network.
        Lan,
        /// The internet, or the network on the way to it.
        Wan,
        /// A bridge of containers or virtual machines on this host.
        Bridge,
        /// A tailnet.
        Tailnet,
    }
}
