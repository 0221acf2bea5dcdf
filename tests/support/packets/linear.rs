//! The same zones as plain rules, one after the other: what a person would write who has the documentation of
//! `tailwright::firewall` before him and no care for speed.
//!
//! It shares the model with the compiler and nothing else: no map, no set, no range is cut, nothing is left out because
//! it would decide nothing. Where both agree on what happens to a packet, they agree on what the profile means.

use std::cmp::Reverse;
use std::fmt::Write;

use tailwright::model::{DefaultPolicy, FirewallZones, Host, InterfaceRole, Zone, known_service};
use tailwright::net::{InterfaceName, InterfacePattern, PortRange, PortSet, Prefix, Transport};

/// What is not on the internet.
const NOT_INTERNET: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// RFC 1122 §3.2.2: echo reply, unreachable, echo request, time exceeded, parameter problem.
const ICMP: &[u8] = &[0, 3, 8, 11, 12];
/// RFC 4890 §4.4.1 and §4.4.2, as far as nft has names: errors, echo, MLD, neighbour discovery and its inverse, MLD 2.
const ICMPV6: &[u8] = &[1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 141, 142, 143];

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

/// One end of a forwarded packet's way: the zone, and whether it is the tailnet interface of a router for the tailnet.
#[derive(Clone, Copy)]
struct End<'a> {
    zone: Option<&'a Zone>,
    tailnet: bool,
}

/// What is decided between two ends.
enum Way {
    Open,
    ByRoute,
    Closed,
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

    /// The tailnet interface of a host that forwards for the tailnet.
    fn router(&self) -> Option<&'a InterfaceName> {
        let tailscale = self.host.tailscale.as_ref()?;
        (tailscale.exit_node || tailscale.subnet_router).then_some(&tailscale.interface)
    }

    fn meters(&mut self) {
        for (name, key) in [
            ("ping4", "ipv4_addr"),
            ("ping6", "ipv6_addr"),
            ("new4", "ipv4_addr"),
            ("new6", "ipv6_addr"),
        ] {
            self.line(format!(
                "set {name} {{ type {key}; flags dynamic, timeout; timeout 30d; size 65535; }}"
            ));
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
        let loose = tailscale.is_some_and(|tailscale| {
            tailscale.accept_routes
                || tailscale.use_exit_node.is_some()
                || tailscale.exit_node
                || tailscale.subnet_router
        });
        if loose {
            self.line("fib saddr oif missing drop");
        } else {
            self.line("fib saddr . iif oif missing drop");
        }
        self.line("accept");
        self.line("}");

        self.line("chain prerouting {");
        self.line("type filter hook prerouting priority mangle + 10; policy accept;");
        self.line("iifname \"lo\" accept");
        if let Some(tailscale) = tailscale {
            let tailnet = &tailscale.interface;
            self.line(format!("iifname \"{tailnet}\" accept"));
            self.line("ip saddr 100.115.92.0/23 goto way_back");
            for (interface, attached) in &self.host.interfaces {
                for address in attached.addresses.iter().filter(|_| interface != tailnet) {
                    let from = from(address.prefix());
                    self.line(format!("iifname \"{interface}\" {from} goto way_back"));
                }
            }
            self.line("ip saddr 100.64.0.0/10 drop");
            self.line("ip6 saddr fd7a:115c:a1e0::/48 drop");
        }
        self.line("goto way_back");
        self.line("}");
    }

    fn input(&mut self) {
        let all: Vec<&Zone> = self.zones.zones.values().collect();
        for zone in &all {
            self.line(format!("chain {} {{", chain("zone", Some(zone))));
            if zone.allow_all {
                self.line("accept");
            }
            self.ports(&zone.tcp, &zone.udp, "accept");
            for service in &zone.services {
                for (transport, range) in self.host.resolve_service(&service.name).unwrap_or_default() {
                    self.port(transport, range, "accept");
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
        if self.zones.rate_limiting {
            let (rate, burst) = (self.zones.rate_limit, self.zones.rate_limit_burst);
            let over = format!("limit rate over {rate} burst {burst} packets");
            self.line(format!("update @new4 {{ ip saddr {over} }} drop"));
            self.line(format!(
                "update @new6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: {over} }} drop"
            ));
        }
        for place in self.places() {
            let Place {
                interface,
                prefix,
                zone,
            } = place;
            let from = prefix.map(from).unwrap_or_default();
            self.line(format!(
                "iifname \"{interface}\" {from} goto {}",
                chain("zone", Some(zone))
            ));
        }
        self.policy();
        self.line("}");
    }

    fn forward(&mut self) {
        let router = self.router();
        let speaks = |zone: &Zone| zone.deny_interzone || !zone.forward_to.is_empty() || zone.forwarded.is_some();
        if router.is_none() && !self.zones.zones.values().any(speaks) {
            return;
        }
        self.routes();
        let places = self.places();
        let all: Vec<Option<&Zone>> = self.zones.zones.values().map(Some).chain([None]).collect();
        // Into a zone, where it says what may be reached in it: first what may, then as decided, then the rest.
        for zone in all.iter().flatten() {
            let Some(forwarded) = &zone.forwarded else { continue };
            for (word, verdict) in [("open_into", "accept"), ("by_route_into", "goto routes")] {
                self.line(format!("chain {} {{", chain(word, Some(zone))));
                self.ports(&forwarded.tcp, &forwarded.udp, verdict);
                for service in &forwarded.services {
                    let known = known_service::known(service.name.as_str());
                    for endpoint in known.iter().flat_map(|known| known.endpoints) {
                        self.port(endpoint.transport(), endpoint.port.into(), verdict);
                    }
                }
                self.line("goto refused");
                self.line("}");
            }
        }
        for tailnet in [false, true] {
            for zone in &all {
                let from = End { zone: *zone, tailnet };
                // To the tailnet, to everybody else.
                for (word, tailnet) in [("tailnet", true), ("others", false)] {
                    self.line(format!("chain {}_to_{word} {{", from.name()));
                    for place in &places {
                        if tailnet && !router.is_some_and(|name| place.interface.matches(name)) {
                            continue;
                        }
                        let to = End {
                            zone: Some(place.zone),
                            tailnet,
                        };
                        let (interface, verdict) = (place.interface, self.verdict(from, to));
                        let prefix = place.prefix.map(self::to).unwrap_or_default();
                        self.line(format!("oifname \"{interface}\" {prefix} {verdict}"));
                    }
                    let to = End { zone: None, tailnet };
                    self.line(self.verdict(from, to));
                    self.line("}");
                }
                self.line(format!("chain {} {{", from.name()));
                if let Some(tailnet) = router {
                    self.line(format!("oifname \"{tailnet}\" goto {}_to_tailnet", from.name()));
                }
                self.line(format!("goto {}_to_others", from.name()));
                self.line("}");
            }
        }
        for tailnet in [true, false] {
            self.line(if tailnet {
                "chain from_tailnet {"
            } else {
                "chain from_others {"
            });
            for place in &places {
                let interface = place.interface;
                let from = End {
                    zone: Some(place.zone),
                    tailnet,
                };
                let prefix = place.prefix.map(self::from).unwrap_or_default();
                self.line(format!("iifname \"{interface}\" {prefix} goto {}", from.name()));
            }
            self.line(format!("goto {}", End { zone: None, tailnet }.name()));
            self.line("}");
        }
        self.line("chain forward {");
        self.line("type filter hook forward priority filter; policy accept;");
        self.line("ct state established accept");
        self.line("ct state related accept");
        self.line("ct state invalid drop");
        if let Some(tailnet) = router {
            self.line(format!("iifname \"{tailnet}\" goto from_tailnet"));
        }
        self.line("goto from_others");
        self.line("}");
    }

    /// The rules of forwarding, as they are numbered in the documentation.
    fn way(&self, from: End<'_>, to: End<'_>) -> Way {
        let is_same = matches!((from.zone, to.zone), (Some(from), Some(to)) if from.name == to.name);
        let denies = |zone: Option<&Zone>| zone.is_some_and(|zone| zone.deny_interzone);
        // 1, between two interfaces that are not the tailnet's.
        if is_same && !from.tailnet && !to.tailnet {
            return Way::Open;
        }
        // 2
        if !is_same && (denies(from.zone) || denies(to.zone)) {
            return Way::Closed;
        }
        // 3
        if let (Some(from), Some(to)) = (from.zone, to.zone)
            && from.forward_to.iter().any(|(name, _)| *name == to.name)
        {
            return Way::Open;
        }
        // 4
        if from.tailnet {
            return Way::ByRoute;
        }
        // 5 and 6
        let spoken = from.zone.is_some_and(|zone| !zone.forward_to.is_empty());
        let meets_policy = spoken || to.tailnet && from.zone.is_some();
        match self.zones.default_policy {
            DefaultPolicy::Drop | DefaultPolicy::Reject if meets_policy => Way::Closed,
            _ => Way::Open,
        }
    }

    fn verdict(&self, from: End<'_>, to: End<'_>) -> String {
        let is_same = matches!((from.zone, to.zone), (Some(from), Some(to)) if from.name == to.name);
        let narrows = to.zone.filter(|zone| !is_same && zone.forwarded.is_some());
        match (self.way(from, to), narrows) {
            (Way::Closed, _) => "goto refused".to_owned(),
            (Way::Open, None) => "accept".to_owned(),
            (Way::ByRoute, None) => "goto routes".to_owned(),
            (Way::Open, zone) => format!("goto {}", chain("open_into", zone)),
            (Way::ByRoute, zone) => format!("goto {}", chain("by_route_into", zone)),
        }
    }

    /// Where connections from the tailnet are led.
    fn routes(&mut self) {
        self.line("chain routes {");
        if let Some(tailscale) = &self.host.tailscale {
            let advertised: &[Prefix] = if tailscale.subnet_router {
                &tailscale.advertise_routes
            } else {
                &[]
            };
            for prefix in advertised.iter().filter(|prefix| !prefix.is_default()) {
                self.line(format!("{} accept", to(*prefix)));
            }
            for interface in self.host.interfaces.values() {
                for address in &interface.addresses {
                    if interface.role != InterfaceRole::Wan {
                        self.line(format!("{} goto refused", to(address.prefix())));
                    }
                }
            }
            for written in NOT_INTERNET {
                let prefix = written.parse().expect("a prefix");
                self.line(format!("{} goto refused", to(prefix)));
            }
            if tailscale.exit_node || advertised.iter().any(Prefix::is_default) {
                let mut wan = self.host.interfaces_as(InterfaceRole::Wan).peekable();
                if wan.peek().is_none() {
                    self.line("accept");
                }
                for (name, _) in wan {
                    self.line(format!("oifname \"{name}\" accept"));
                }
            }
        }
        self.line("goto refused");
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

impl End<'_> {
    fn name(&self) -> String {
        chain(if self.tailnet { "peer" } else { "from" }, self.zone)
    }
}

/// The name of a chain for a zone, or for those who are in none.
fn chain(word: &str, zone: Option<&Zone>) -> String {
    match zone {
        Some(zone) => format!("{word}_in_{}", zone.name),
        None => format!("{word}_outside"),
    }
}

fn from(prefix: Prefix) -> String {
    let family = if prefix.is_ipv4() { "ip" } else { "ip6" };
    format!("{family} saddr {prefix}")
}

fn to(prefix: Prefix) -> String {
    let family = if prefix.is_ipv4() { "ip" } else { "ip6" };
    format!("{family} daddr {prefix}")
}
