//! Where connections from the tailnet are led.
//!
//! - A subnet router leads them to its advertised routes.
//! - An exit node leads them to the internet too, by the WAN interfaces where the profile has such; never to addresses that
//!   are not on the internet or to a network that the host is attached to (its LAN may well have public addresses),
//!   unless they are advertised.

use super::dispatch::{Decided, End, by_prefix};
use super::{Compiler, names};
use crate::firewall::ruleset::{Chain, Evidence, Match, Rule, Selector, Set, SetContent, SetElement, Value, Verdict};
use crate::model::{InterfaceRole, Tailscale};
use crate::net::Prefix;

/// Addresses that are not on the internet (RFC 6890: this host, private, shared, loopback, link-local, benchmarks; multicast
/// and what lies above it; in IPv6 unspecified and loopback, unique local, link-local and site-local, multicast).
pub(super) const NOT_INTERNET: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/127",
    "fc00::/7",
    "fe80::/9",
    "ff00::/8",
];

impl Compiler<'_> {
    /// The chain `routes` and what it leads to, where the host forwards for the tailnet.
    pub(super) fn routes(&mut self) {
        let host = self.host;
        let Some(tailscale) = host.tailscale.as_ref().filter(|tailscale| tailscale.forwards()) else {
            return;
        };
        let mut routes = self.advertised(tailscale);
        let default = routes.iter().find(|(prefix, _)| prefix.is_default());
        let default = default.map(|(_, (_, evidence))| evidence.clone());
        let exit_node = || Evidence::of("exit node", self.tailscale_field("exitNode"));
        // Advertising the default route is what an exit node does.
        if let Some(evidence) = tailscale.exit_node.then(exit_node).or(default) {
            self.internet(&mut routes, &evidence);
        }
        let mut rules = by_prefix(&mut self.table, End::Destination, &names::routes(), &routes, true);
        let evidence = Evidence::of("no advertised route", self.tailscale_field("advertiseRoutes"));
        rules.push(Rule::new(Verdict::Goto(self.unforwarded(None)), evidence).counted());
        self.table.chains.push(Chain::new(names::routes(), rules));
    }

    fn advertised(&self, tailscale: &Tailscale) -> Vec<Decided> {
        if !tailscale.subnet_router {
            return Vec::new();
        }
        let field = self.tailscale_field("advertiseRoutes");
        let routes = tailscale.advertise_routes.iter().enumerate();
        routes
            .map(|(index, prefix)| (*prefix, (Verdict::Accept, Evidence::of("", field.index(index)))))
            .collect()
    }

    /// Adds the internet, and what is not part of it, to the advertised `routes`.
    fn internet(&mut self, routes: &mut Vec<Decided>, evidence: &Evidence) {
        let wan = self.wan();
        let out = if wan.is_empty() {
            Verdict::Accept
        } else {
            self.table.sets.push(Set {
                name: names::wan(),
                content: SetContent::Elements {
                    key: Selector::OutputInterface,
                    elements: wan,
                },
            });
            let rules = vec![
                Rule::new(Verdict::Accept, Evidence::default())
                    .when(Match::InSet(Selector::OutputInterface, names::wan())),
                Rule::new(
                    Verdict::Goto(self.unforwarded(None)),
                    Evidence::note("not the way to the internet"),
                ),
            ];
            self.table.chains.push(Chain::new(names::exit_node(), rules));
            Verdict::Goto(names::exit_node())
        };
        let refused = self.unforwarded(None);
        let closed = |evidence| (Verdict::Goto(refused.clone()), evidence);
        let attached = self
            .host
            .attached_prefixes()
            .filter(|(name, ..)| {
                let interface = self.host.interfaces.get(*name);
                interface.is_some_and(|interface| interface.role != InterfaceRole::Wan)
            })
            .map(|(_, prefix, field)| (prefix, closed(Evidence::of("attached, not advertised", field))));
        let private = NOT_INTERNET.iter().filter_map(|written| written.parse().ok());
        let private = private.map(|prefix| (prefix, closed(Evidence::note("not the internet"))));
        // What lies in an advertised route is advertised.
        let advertised: Vec<Prefix> = routes.iter().map(|(prefix, _)| *prefix).collect();
        let is_advertised = |prefix: &Prefix| {
            advertised
                .iter()
                .any(|route| !route.is_default() && route.covers(prefix))
        };
        let closed: Vec<_> = attached
            .chain(private)
            .filter(|(prefix, _)| !is_advertised(prefix))
            .collect();
        routes.retain(|(prefix, _)| !prefix.is_default());
        routes.extend(closed);
        for default in [Prefix::DEFAULT_V4, Prefix::DEFAULT_V6] {
            routes.push((default, (out.clone(), evidence.clone())));
        }
    }

    /// The interfaces that lead to the internet, as far as the profile says so.
    fn wan(&self) -> Vec<SetElement> {
        let interfaces = self.host.field("host.interfaces");
        self.host
            .interfaces_as(InterfaceRole::Wan)
            .map(|(name, _)| SetElement {
                value: Value::Interface(name.clone().into()),
                evidence: Evidence::of("", interfaces.name(name.to_string()).name("role")),
            })
            .collect()
    }
}
