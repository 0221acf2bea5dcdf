//! One host: what it is, its interfaces, how its operator gets in, and every group of options.

use std::collections::BTreeMap;

use super::{
    Dns, Exposure, FieldPath, FirewallMode, FirewallZones, Lint, Listener, Monitoring, Proxy, Qos, Secrets, Tailscale,
    Tuning, UpstreamOptions, Zone, known_service,
};
use crate::net::{
    HostName, InterfaceAddress, InterfaceName, InterfacePattern, Port, PortRange, Prefix, ServiceName, Transport,
};

/// One host of the fleet with everything that the profile says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Where the host stands in the profile: the root of a host profile, `hosts.<name>` in a fleet.
    pub at: FieldPath,
    /// `host.name`.
    pub name: HostName,
    /// `host.os`.
    pub os: Os,
    /// `host.release`: the NixOS release that the modules are rendered for.
    pub release: Release,
    /// `host.interfaces` by name.
    pub interfaces: BTreeMap<InterfaceName, Interface>,
    /// `host.management`: how the operator gets in.
    pub management: Vec<ManagementPath>,
    /// `network.vpn.tailscale`, where it is enabled (by itself or by the services preset).
    pub tailscale: Option<Tailscale>,
    /// `network.proxy.nginx-tailscale` with the services of `network.proxy.tailscale-services`, where either is enabled.
    pub proxy: Option<Proxy>,
    /// `network.security.firewall-zones`, where it is enabled.
    pub zones: Option<FirewallZones>,
    /// `network.monitoring.tailscale`, where it is enabled.
    pub monitoring: Option<Monitoring>,
    /// `network.tuning`.
    pub tuning: Option<Tuning>,
    /// `network.dns`.
    pub dns: Option<Dns>,
    /// `network.qos`.
    pub qos: Option<Qos>,
    /// `secrets`, with what other groups refer to.
    pub secrets: Secrets,
    /// What the same file sets of NixOS's own options, as far as a rule wants to know.
    pub upstream: UpstreamOptions,
    /// `lint` of this host.
    pub lint: Lint,
}

impl Host {
    /// The path of a field of this host, given from the host's own root (`"network.vpn.tailscale.exitNode"`).
    pub fn field(&self, dotted: &str) -> FieldPath {
        self.at.join(&FieldPath::of(dotted))
    }

    /// The name of the tailnet interface (`tailscale0` unless said otherwise).
    pub fn tailnet_interface(&self) -> Option<&InterfaceName> {
        self.tailscale.as_ref().map(|tailscale| &tailscale.interface)
    }

    /// The netfilter backend that tailscaled is told to program: the profile's, or nftables beside the zones. `None` where it
    /// depends on what the rest of the host's configuration does.
    pub fn tailscaled_backend(&self) -> Option<FirewallMode> {
        let written = self.tailscale.as_ref()?.firewall_mode;
        written.or_else(|| self.zones.is_some().then_some(FirewallMode::Nftables))
    }

    /// Whether a name means no interface of the host, as far as the profile says what it has: `host.interfaces` and the
    /// tailnet's. Without the former nothing is known but that `tailscale0` is none where the tailnet's has another name.
    pub fn lacks_interface(&self, pattern: &InterfacePattern) -> bool {
        let tailnet = self.tailnet_interface();
        if self.interfaces.is_empty() {
            return pattern.to_string() == Tailscale::USUAL_INTERFACE
                && tailnet.is_some_and(|name| !pattern.matches(name));
        }
        !self.interfaces.keys().chain(tailnet).any(|name| pattern.matches(name))
    }

    /// The interfaces that play `role`.
    pub fn interfaces_as(&self, role: InterfaceRole) -> impl Iterator<Item = (&InterfaceName, &Interface)> {
        self.interfaces
            .iter()
            .filter(move |(_, interface)| interface.role == role)
    }

    /// The ports by which clients reach the service `name` on this host: the listener of its own proxy where it has a service
    /// of that name, else the ports of the registry of known services. A service that only tailscaled speaks to has
    /// none; `None` means that nobody knows the name.
    pub fn resolve_service(&self, name: &ServiceName) -> Option<Vec<(Transport, PortRange)>> {
        let proxied = |proxy: &Proxy| {
            let service = proxy.services.get(name)?;
            let Listener::Port(port) = proxy.listener_of(service) else {
                return Some(Vec::new());
            };
            // An own domain brings its own certificate.
            let own = matches!(service.exposure, Exposure::Domain(_));
            let tls = own || proxy.speaks_tls_on(port);
            let http3 = service.is_http() && proxy.http3 && tls;
            let udp = http3.then_some((Transport::Udp, port.into()));
            Some(std::iter::once((Transport::Tcp, port.into())).chain(udp).collect())
        };
        self.proxy
            .as_ref()
            .and_then(proxied)
            .or_else(|| known_service::known(name.as_str()).map(known_service::KnownService::ports))
    }

    /// Whether a zone admits new connections to a port of this host: by `allowAllServices`, by its ports, or by the services
    /// that it names.
    pub fn zone_admits(&self, zone: &Zone, transport: Transport, port: Port) -> bool {
        let ports = match transport {
            Transport::Tcp => &zone.tcp,
            Transport::Udp => &zone.udp,
        };
        let named = || {
            let services = zone
                .services
                .iter()
                .filter_map(|service| self.resolve_service(&service.name));
            services
                .flatten()
                .any(|(of, range)| of == transport && range.contains(port))
        };
        zone.allow_all || ports.contains(port) || named()
    }

    /// The interfaces by which the host reaches the internet: those of role `wan`, or where there are none, `lan`.
    pub fn uplinks(&self) -> Vec<&InterfaceName> {
        let names = |role| self.interfaces_as(role).map(|(name, _)| name).collect::<Vec<_>>();
        let wan = names(InterfaceRole::Wan);
        if wan.is_empty() { names(InterfaceRole::Lan) } else { wan }
    }

    /// Whether systemd-resolved is to answer the names of the tailnet on this host.
    pub fn resolves_tailnet_names(&self) -> bool {
        self.tailscale
            .as_ref()
            .is_some_and(|tailscale| tailscale.magic_dns && tailscale.accept_dns)
    }

    /// The prefixes that the host is itself attached to, with the field that says so.
    pub fn attached_prefixes(&self) -> impl Iterator<Item = (&InterfaceName, Prefix, FieldPath)> {
        self.interfaces.iter().flat_map(move |(name, interface)| {
            interface.addresses.iter().enumerate().map(move |(index, address)| {
                let field = self
                    .field("host.interfaces")
                    .name(name.to_string())
                    .name("prefixes")
                    .index(index);
                (name, address.prefix(), field)
            })
        })
    }
}

/// The operating system of a host. Only NixOS hosts are rendered; the others take part in a fleet's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Os {
    /// NixOS: modules are rendered.
    Nixos,
    /// Another Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

/// A NixOS release that modules can be rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// 25.11 "Xantusia".
    R2511,
    /// 26.05 "Yarara".
    R2605,
    /// 26.11 "Zokor".
    R2611,
}

impl Release {
    /// `25.11`, `26.05`, `26.11`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::R2511 => "25.11",
            Self::R2605 => "26.05",
            Self::R2611 => "26.11",
        }
    }
}

/// What an interface is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InterfaceRole {
    /// The local network.
    Lan,
    /// The internet, or the network on the way to it.
    Wan,
    /// A bridge of containers or virtual machines on this host.
    Bridge,
    /// A tailnet.
    Tailnet,
}

impl InterfaceRole {
    /// `lan`, `wan`, `bridge`, `tailnet`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lan => "lan",
            Self::Wan => "wan",
            Self::Bridge => "bridge",
            Self::Tailnet => "tailnet",
        }
    }
}

/// `host.interfaces.<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is attached to.
    pub role: InterfaceRole,
    /// The host's own addresses on it with their prefix lengths.
    pub addresses: Vec<InterfaceAddress>,
}

/// One element of `host.management`: a way by which the operator gets in, which no change may close unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementPath {
    /// The interface that he comes in by.
    pub via: InterfaceName,
    /// What he speaks to.
    pub service: ManagementService,
    /// Where he comes from, where it is narrower than everything behind the interface.
    pub from: Option<Prefix>,
    /// The element of the list.
    pub origin: FieldPath,
}

/// What the operator speaks to: a service of the registry or a bare port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagementService {
    /// A name of the registry of known services, such as `ssh`.
    Named(ServiceName),
    /// A port of its own.
    Port(Transport, Port),
}
