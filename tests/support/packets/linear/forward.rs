//! What passes through the host.

use tailwright::model::{DefaultPolicy, InterfaceRole, Zone, known_service};
use tailwright::net::{InterfaceName, Prefix};

use super::{Linear, Place, chain, destination, source};

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
    /// The tailnet interface of a host that forwards for the tailnet.
    fn router(&self) -> Option<&'a InterfaceName> {
        let tailscale = self.host.tailscale.as_ref()?;
        (tailscale.exit_node || tailscale.subnet_router).then_some(&tailscale.interface)
    }

    /// The chain `forward` and what it leads to, where the profile says anything of forwarding.
    pub(super) fn forward(&mut self) {
        let router = self.router();
        let speaks = |zone: &Zone| zone.deny_interzone || !zone.forward_to.is_empty() || zone.forwarded.is_some();
        if router.is_none() && !self.zones.zones.values().any(speaks) {
            return;
        }
        self.routes();
        let places = self.places();
        let zones = self.zones.zones.values().map(Some);
        let all: Vec<Option<&Zone>> = zones.chain([None]).collect();
        for zone in all.iter().flatten() {
            self.narrowed(zone);
        }
        for zone in &all {
            for tailnet in [false, true] {
                self.destinations(End { zone: *zone, tailnet }, &places);
            }
        }
        self.sources("from_tailnet", true, &places);
        self.sources("from_others", false, &places);
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

    /// Into a zone that says what may be reached in it: what may goes on as decided, the rest does not.
    fn narrowed(&mut self, zone: &Zone) {
        let Some(forwarded) = &zone.forwarded else { return };
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

    /// From one end: to the tailnet, and to everybody else.
    fn destinations(&mut self, from: End<'_>, places: &[Place<'_>]) {
        let router = self.router();
        for (word, tailnet) in [("tailnet", true), ("others", false)] {
            self.line(format!("chain {}_to_{word} {{", from.name()));
            for place in places {
                let zone = Some(place.zone);
                let verdict = self.verdict(from, End { zone, tailnet });
                self.line(format!("{} {verdict}", place.leaves()));
            }
            self.line(self.verdict(from, End { zone: None, tailnet }));
            self.line("}");
        }
        self.line(format!("chain {} {{", from.name()));
        if let Some(tailnet) = router {
            self.line(format!("oifname \"{tailnet}\" goto {}_to_tailnet", from.name()));
        }
        self.line(format!("goto {}_to_others", from.name()));
        self.line("}");
    }

    /// From the tailnet, or from everybody else: to the chain of the zone that the packet comes from.
    fn sources(&mut self, name: &str, tailnet: bool, places: &[Place<'_>]) {
        self.line(format!("chain {name} {{"));
        for place in places {
            let zone = Some(place.zone);
            let chain = End { zone, tailnet }.name();
            self.line(format!("{} goto {chain}", place.comes()));
        }
        self.line(format!("goto {}", End { zone: None, tailnet }.name()));
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
                self.line(format!("{} accept", destination(*prefix)));
            }
            for interface in self.host.interfaces.values() {
                for address in &interface.addresses {
                    if interface.role != InterfaceRole::Wan {
                        self.line(format!("{} goto refused", destination(address.prefix())));
                    }
                }
            }
            for written in NOT_INTERNET {
                let prefix = written.parse().expect("a prefix");
                self.line(format!("{} goto refused", destination(prefix)));
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
}

impl End<'_> {
    fn name(&self) -> String {
        chain(if self.tailnet { "peer" } else { "from" }, self.zone)
    }
}
