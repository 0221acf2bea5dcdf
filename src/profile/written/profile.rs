//! The root of a profile.

use std::collections::BTreeMap;

use super::{Dns, FirewallZones, Host, Monitoring, Proxies, Qos, Secrets, Tailscale, Tuning, group, words};
use crate::net::TailnetDomain;

group! {
    /// A tailwright profile: either one host (`host`, `network`, `secrets`) or a fleet (`tailnet`, `hosts`).
    pub struct Profile {
        /// What all hosts of the tailnet share.
        pub tailnet: Option<Tailnet>,
        /// The hosts of a fleet by name: a host profile in place, or the path of a file with one (relative to this file).
        #[schemars(with = "Option<BTreeMap<String, HostEntry>>")]
        pub hosts: Option<serde::de::IgnoredAny>,
        /// What the host is: name, operating system, release, interfaces, how its operator gets in.
        pub host: Option<Host>,
        /// Everything about the network, by the guide's names.
        pub network: Option<Network>,
        /// The host's secrets: where they are kept, never their values.
        pub secrets: Option<Secrets>,
        /// The weight of single findings by their code.
        pub lint: Option<BTreeMap<String, LintLevel>>,
    }
}

/// How a host of a fleet is given; only its schema is used (the reader takes the hosts apart before).
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum HostEntry {
    /// The host profile in place.
    Inline(Box<HostProfile>),
    /// The path of a host profile.
    Path(String),
}

group! {
    /// One host.
    pub struct HostProfile {
        /// What the host is: name, operating system, release, interfaces, how its operator gets in.
        pub host: Option<Host>,
        /// Everything about the network, by the guide's names.
        pub network: Option<Network>,
        /// The host's secrets: where they are kept, never their values.
        pub secrets: Option<Secrets>,
        /// The weight of single findings by their code.
        pub lint: Option<BTreeMap<String, LintLevel>>,
    }
}

group! {
    /// What all hosts of the tailnet share.
    pub struct Tailnet {
        /// The MagicDNS suffix: `your-tailnet.ts.net`, or the base domain of a headscale server.
        pub domain: Option<TailnetDomain>,
    }
}

group! {
    /// Everything about the network.
    pub struct Network {
        /// Virtual private networks.
        pub vpn: Option<Vpn>,
        /// Reverse proxies.
        pub proxy: Option<Proxies>,
        /// Packet filtering.
        pub security: Option<Security>,
        /// Monitoring and failover.
        pub monitoring: Option<MonitoringGroup>,
        /// Kernel parameters and nginx's workers.
        pub tuning: Option<Tuning>,
        /// Name resolution.
        pub dns: Option<Dns>,
        /// Bandwidth limits.
        pub qos: Option<Qos>,
    }
}

group! {
    /// Virtual private networks.
    pub struct Vpn {
        /// The Tailscale daemon and its preferences.
        pub tailscale: Option<Tailscale>,
    }
}

group! {
    /// Packet filtering.
    pub struct Security {
        /// The zone firewall.
        #[serde(rename = "firewall-zones")]
        pub firewall_zones: Option<FirewallZones>,
    }
}

group! {
    /// Monitoring and failover.
    pub struct MonitoringGroup {
        /// The monitor of the tailnet connection.
        pub tailscale: Option<Monitoring>,
    }
}

words! {
    /// How much a finding weighs.
    pub enum LintLevel {
        /// Do not report it.
        Allow,
        /// Report it as a warning.
        Warn,
        /// Report it as an error.
        Deny,
    }
}
