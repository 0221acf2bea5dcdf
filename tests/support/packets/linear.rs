//! The same zones as plain rules, one after the other: what a person would write who has the documentation of
//! `tailwright::firewall` before him and no care for speed.
//!
//! It shares the model with the compiler and nothing else: no map, no set, no range is cut, nothing is left out because
//! it would decide nothing. Where both agree on what happens to a packet, they agree on what the profile means.

mod forward;
mod output;

use std::cmp::Reverse;
use std::fmt::Write;

use tailwright::model::{
    DefaultPolicy, FirewallZones, Host, InterfaceRole, RateLimit, ReversePathMode, Zone, ZoneLimit,
};
use tailwright::net::{InterfaceAddress, InterfacePattern, PortRange, PortSet, Prefix, Transport};

/// RFC 1122 §3.2.2: echo reply, unreachable, echo request, time exceeded, parameter problem.
const ICMP: &[u8] = &[0, 3, 8, 11, 12];
/// RFC 4890 §4.4.1 and §4.4.2, as far as nft has names: errors, echo, MLD, neighbour discovery and its inverse, MLD 2.
const ICMPV6: &[u8] = &[1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 141, 142, 143];

/// Who is not on the internet and not on a link either.
const BOGONS: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::1",
    "::ffff:0:0/96",
    "100::/64",
    "2001:db8::/32",
    "fc00::/7",
    "fec0::/10",
    "ff00::/8",
];

/// The rules, or `None` for a host without zones. A table of its own, called `linear`.
pub fn linear(host: &Host) -> Option<String> {
    let zones = host.zones.as_ref()?;
    let mut linear = Linear {
        host,
        zones,
        text: String::new(),
    };
    linear.line("table inet linear {");
    linear.meters();
    linear.refused();
    linear.prerouting();
    linear.input();
    linear.forward();
    linear.output();
    linear.line("}");
    Some(linear.text)
}

struct Linear<'a> {
    host: &'a Host,
    zones: &'a FirewallZones,
    text: String,
}

/// A way to be in a zone.
struct Place<'a> {
    interface: &'a InterfacePattern,
    prefix: Option<Prefix>,
    zone: &'a Zone,
}

impl Place<'_> {
    /// The condition that a packet comes from it.
    fn comes(&self) -> String {
        let from = self.prefix.map(source).unwrap_or_default();
        format!("iifname \"{}\" {from}", self.interface)
    }

    /// The condition that a packet goes there.
    fn leaves(&self) -> String {
        let to = self.prefix.map(destination).unwrap_or_default();
        format!("oifname \"{}\" {to}", self.interface)
    }
}

impl<'a> Linear<'a> {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// Everybody who is in a zone, in the order of asking: a whole name before a pattern, a longer pattern before a shorter
    /// one, a longer prefix before a shorter one, the rest of the interface last; then the lower name of the zone.
    fn places(&self) -> Vec<Place<'a>> {
        let mut places: Vec<Place<'a>> = Vec::new();
        for zone in self.zones.zones.values() {
            for member in &zone.members {
                places.push(Place {
                    interface: &member.interface,
                    prefix: member.prefix,
                    zone,
                });
            }
        }
        places.sort_by_key(|place| {
            let pattern = place.interface.starts_with().map(str::len);
            let length = place.prefix.map(|prefix| prefix.len());
            (
                pattern.is_some(),
                Reverse(pattern),
                Reverse(length.map_or(-1, i16::from)),
                place.zone.name.clone(),
            )
        });
        places
    }

    fn meters(&mut self) {
        self.meter("ping");
        self.meter("new");
        for zone in self.zones.zones.values() {
            self.meter(&chain("new", Some(zone)));
            for limit in &zone.service_limits {
                self.meter(&chain(&format!("limit_{}", limit.service.name), Some(zone)));
            }
        }
    }

    /// Buckets per IPv4 address and per IPv6 /64.
    fn meter(&mut self, name: &str) {
        for (family, key) in [("4", "ipv4_addr"), ("6", "ipv6_addr")] {
            self.line(format!(
                "set {name}{family} {{ type {key}; flags dynamic, timeout; timeout 30d; size 65535; }}"
            ));
        }
    }

    /// Drops what goes over a limit of its source.
    fn limit(&mut self, name: &str, limit: RateLimit) {
        let over = format!("limit rate over {} burst {} packets", limit.rate, limit.burst.max(1));
        self.line(format!("update @{name}4 {{ ip saddr {over} }} drop"));
        self.line(format!(
            "update @{name}6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: {over} }} drop"
        ));
    }

    /// The limit of those who are in no zone, or in one that says nothing of limits.
    fn common_limit(&mut self) {
        if self.zones.rate_limiting {
            let limit = RateLimit {
                rate: self.zones.rate_limit,
                burst: self.zones.rate_limit_burst,
            };
            self.limit("new", limit);
        }
    }

    /// What happens to what nobody admits.
    fn refused(&mut self) {
        self.line("chain refused {");
        if self.zones.default_policy == DefaultPolicy::Reject {
            self.line("meta l4proto tcp reject with tcp reset");
            self.line("reject with icmpx admin-prohibited");
        }
        self.line("drop");
        self.line("}");
    }

    fn prerouting(&mut self) {
        let tailscale = self.host.tailscale.as_ref();
        self.line("chain way_back {");
        self.line("meta nfproto ipv4 udp sport 67 udp dport 68 accept");
        self.line("meta nfproto ipv4 udp sport 68 udp dport 67 accept");
        for place in self.places() {
            let comes = place.comes();
            match place.zone.reverse_path.or(self.zones.reverse_path) {
                Some(ReversePathMode::Strict) => self.line(format!("{comes} fib saddr . iif oif missing drop")),
                Some(ReversePathMode::Loose) => self.line(format!("{comes} fib saddr oif missing drop")),
                Some(ReversePathMode::Off) => {}
                // As everywhere, which is below.
                None => {
                    self.line(format!("{comes} goto any_way_back"));
                    continue;
                }
            }
            self.line(format!("{comes} accept"));
        }
        self.line("goto any_way_back");
        self.line("}");
        self.line("chain any_way_back {");
        let loose = tailscale.is_some_and(|tailscale| {
            tailscale.accept_routes
                || tailscale.use_exit_node.is_some()
                || tailscale.exit_node
                || tailscale.subnet_router
        });
        match self.zones.reverse_path {
            Some(ReversePathMode::Off) => {}
            Some(ReversePathMode::Loose) => self.line("fib saddr oif missing drop"),
            None if loose => self.line("fib saddr oif missing drop"),
            Some(ReversePathMode::Strict) | None => self.line("fib saddr . iif oif missing drop"),
        }
        self.line("accept");
        self.line("}");

        self.line("chain internet {");
        for (name, interface) in self.host.interfaces_as(InterfaceRole::Wan) {
            let links: Vec<Prefix> = interface.addresses.iter().map(InterfaceAddress::prefix).collect();
            // No address of the provider's or a router's own network.
            let is_public = !links.is_empty() && links.iter().all(|link| !is_behind_nat(*link));
            if !self.zones.block_bogons.unwrap_or(is_public) {
                continue;
            }
            for link in links {
                self.line(format!("iifname \"{name}\" {} goto way_back", source(link)));
            }
            self.line(format!(
                "iifname \"{name}\" meta nfproto ipv4 udp sport 67 udp dport 68 accept"
            ));
            self.line(format!(
                "iifname \"{name}\" meta nfproto ipv4 udp sport 68 udp dport 67 accept"
            ));
            for bogon in BOGONS {
                let family = if bogon.contains(':') { "ip6" } else { "ip" };
                self.line(format!("iifname \"{name}\" {family} saddr {bogon} drop"));
            }
        }
        self.line("goto way_back");
        self.line("}");

        self.line("chain prerouting {");
        self.line("type filter hook prerouting priority mangle + 10; policy accept;");
        self.line("iifname \"lo\" accept");
        if let Some(tailscale) = tailscale {
            let tailnet = &tailscale.interface;
            self.line(format!("iifname \"{tailnet}\" accept"));
            self.line("ip saddr 100.115.92.0/23 goto internet");
            for (interface, attached) in &self.host.interfaces {
                for address in attached.addresses.iter().filter(|_| interface != tailnet) {
                    let from = source(address.prefix());
                    self.line(format!("iifname \"{interface}\" {from} goto internet"));
                }
            }
            self.line("ip saddr 100.64.0.0/10 drop");
            self.line("ip6 saddr fd7a:115c:a1e0::/48 drop");
        }
        self.line("goto internet");
        self.line("}");
    }

    fn input(&mut self) {
        let all: Vec<&Zone> = self.zones.zones.values().collect();
        for zone in &all {
            self.open(zone);
            self.line(format!("chain {} {{", chain("zone", Some(zone))));
            match zone.limit {
                ZoneLimit::Common => self.common_limit(),
                ZoneLimit::Own(limit) => self.limit(&chain("new", Some(zone)), limit),
                ZoneLimit::Off => {}
            }
            let open = format!("goto {}", chain("open", Some(zone)));
            if zone.allow_all {
                self.line(&open);
            }
            self.ports(&zone.tcp, &zone.udp, &open);
            for service in &zone.services {
                for (transport, range) in self.host.resolve_service(&service.name).unwrap_or_default() {
                    self.port(transport, range, &open);
                }
            }
            self.policy();
            self.line("}");
        }
        self.line("chain input {");
        self.line("type filter hook input priority filter; policy drop;");
        self.line("iifname \"lo\" accept");
        self.line("ct state established accept");
        self.line("ct state related accept");
        let over = "limit rate over 50/second burst 100 packets";
        self.line(format!("icmp type 8 update @ping4 {{ ip saddr {over} }} drop"));
        self.line(format!(
            "icmpv6 type 128 update @ping6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: {over} }} drop"
        ));
        for number in ICMP {
            self.line(format!("icmp type {number} accept"));
        }
        for number in ICMPV6 {
            self.line(format!("icmpv6 type {number} accept"));
        }
        self.line("ct state invalid drop");
        self.line("meta nfproto ipv4 udp sport 67 udp dport 68 accept");
        self.line("ip6 daddr fe80::/10 udp dport 546 accept");
        if let Some(tailscale) = &self.host.tailscale
            && let Some(port) = tailscale.port
            && tailscale.open_firewall
        {
            self.line(format!("udp dport {port} accept"));
        }
        for place in self.places() {
            let zone = chain("zone", Some(place.zone));
            self.line(format!("{} goto {zone}", place.comes()));
        }
        self.common_limit();
        self.policy();
        self.line("}");
    }

    /// What a zone may reach: by the strictest limit of a service that has the port.
    fn open(&mut self, zone: &Zone) {
        let mut limits: Vec<_> = zone.service_limits.iter().collect();
        limits.sort_by_key(|limit| (limit.limit.rate, limit.limit.burst, limit.service.name.clone()));
        for limit in &limits {
            let name = chain(&format!("limit_{}", limit.service.name), Some(zone));
            self.line(format!("chain {name} {{"));
            self.limit(&name, limit.limit);
            self.line("accept");
            self.line("}");
        }
        self.line(format!("chain {} {{", chain("open", Some(zone))));
        for limit in &limits {
            let name = &limit.service.name;
            let counts = format!("goto {}", chain(&format!("limit_{name}"), Some(zone)));
            for (transport, range) in self.host.resolve_service(name).unwrap_or_default() {
                self.port(transport, range, &counts);
            }
        }
        self.line("accept");
        self.line("}");
    }

    fn policy(&mut self) {
        self.line(match self.zones.default_policy {
            DefaultPolicy::Accept => "accept",
            DefaultPolicy::Drop | DefaultPolicy::Reject => "goto refused",
        });
    }

    fn ports(&mut self, tcp: &PortSet, udp: &PortSet, verdict: &str) {
        for (transport, set) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
            for range in set.ranges() {
                self.port(transport, *range, verdict);
            }
        }
    }

    fn port(&mut self, transport: Transport, range: PortRange, verdict: &str) {
        let _ = writeln!(
            self.text,
            "{transport} dport {}-{} {verdict}",
            range.first(),
            range.last()
        );
    }
}

/// The name of a chain for a zone, or for those who are in none.
fn chain(word: &str, zone: Option<&Zone>) -> String {
    match zone {
        Some(zone) => format!("{word}_in_{}", zone.name),
        None => format!("{word}_outside"),
    }
}

fn is_behind_nat(prefix: Prefix) -> bool {
    let private = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
    ];
    private.iter().any(|written| {
        let private: Prefix = written.parse().expect("a prefix");
        private.covers(&prefix) || prefix.covers(&private)
    })
}

/// The condition that a packet comes from there.
fn source(prefix: Prefix) -> String {
    let family = if prefix.is_ipv4() { "ip" } else { "ip6" };
    format!("{family} saddr {prefix}")
}

/// The condition that it goes there.
fn destination(prefix: Prefix) -> String {
    let family = if prefix.is_ipv4() { "ip" } else { "ip6" };
    format!("{family} daddr {prefix}")
}
