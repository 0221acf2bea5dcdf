//! What no packet may claim, wherever it goes.

use super::{Compiler, names};
use crate::firewall::ruleset::{
    AddressRange, Base, Chain, ChainPolicy, Evidence, Family, Hook, Match, Priority, Protocol, ReversePath, Rule,
    Selector, Value, Verdict,
};
use crate::net::{Port, Prefix};

/// `100.115.92.0/23`, out of which ChromeOS numbers its virtual machines; Tailscale gives none of these addresses to a node.
pub(super) const CHROME_OS: &str = "100.115.92.0/23";

/// The ports of DHCP (RFC 2131 §4.1): where servers listen, and clients.
pub(super) const DHCP_SERVER: Port = Port::constant(67);
/// See [`DHCP_SERVER`].
pub(super) const DHCP_CLIENT: Port = Port::constant(68);

impl Compiler<'_> {
    /// The chain `prerouting` and what it leads to.
    pub(super) fn prerouting(&mut self) {
        let tailnet = self.host.tailnet_interface().cloned();
        let trusted = super::input::loopback().into_iter().chain(tailnet.clone());
        let trusted: Vec<_> = trusted.map(|name| Value::Interface(name.into())).collect();
        let evidence = Evidence::note("the kernel and tailscaled check these sources");
        let mut rules =
            vec![Rule::new(Verdict::Accept, evidence).when(Match::OneOf(Selector::InputInterface, trusted))];
        if tailnet.is_some() {
            let evidence = Evidence::note("tailnet addresses come by the tailnet interface alone");
            for prefix in [Prefix::TAILNET_V4, Prefix::TAILNET_V6] {
                let rule = Rule::new(Verdict::Jump(names::spoofed()), evidence.clone());
                rules.push(rule.when(source_in(prefix)));
            }
            self.spoofed();
        }
        let nowhere = Rule::new(Verdict::Goto(names::unroutable()), Evidence::note("no way back"));
        rules.push(nowhere.when(Match::NoWayBack(self.way_back())));
        self.unroutable();
        self.table.chains.push(Chain {
            name: names::prerouting(),
            base: Some(Base {
                hook: Hook::Prerouting,
                priority: Priority::AfterMangle,
                policy: ChainPolicy::Accept,
            }),
            rules,
        });
    }

    /// Strict, as NixOS's own firewall is unless told otherwise; loose for clients and routers of the tailnet: routes that
    /// tailscaled installs lead into the tunnel what may come in by another interface.
    fn way_back(&self) -> ReversePath {
        match &self.host.tailscale {
            Some(tailscale) if tailscale.is_client() || tailscale.forwards() => ReversePath::Loose,
            _ => ReversePath::Strict,
        }
    }

    /// Packets from tailnet addresses by another interface than the tailnet's.
    fn spoofed(&mut self) {
        let mut rules = Vec::new();
        let tailnet = self.host.tailnet_interface();
        for (interface, prefix, field) in self.host.attached_prefixes() {
            // A provider or a network that uses the same shared address space (RFC 6598).
            if Some(interface) != tailnet && prefix.overlaps_tailnet() {
                let here = Match::Is(Selector::InputInterface, Value::Interface(interface.clone().into()));
                let rule = Rule::new(Verdict::Return, Evidence::of("attached", field));
                rules.push(rule.when(here).when(source_in(prefix)));
            }
        }
        if let Ok(prefix) = CHROME_OS.parse() {
            let rule = Rule::new(Verdict::Return, Evidence::note("ChromeOS, not the tailnet"));
            rules.push(rule.when(source_in(prefix)));
        }
        rules.extend(self.log("spoofed: "));
        rules.push(Rule::new(Verdict::Drop, Evidence::note("spoofed")).counted());
        self.table.chains.push(Chain::new(names::spoofed(), rules));
    }

    /// Packets whose source nobody could answer. DHCP has such by its nature: a client has no address yet.
    fn unroutable(&mut self) {
        let mut rules = Vec::new();
        for (from, to) in [(DHCP_SERVER, DHCP_CLIENT), (DHCP_CLIENT, DHCP_SERVER)] {
            let rule = Rule::new(Verdict::Accept, Evidence::note("DHCP"))
                .when(Match::Is(Selector::Family, Value::Family(Family::Ipv4)))
                .when(Match::Is(Selector::Protocol, Value::Protocol(Protocol::Udp)))
                .when(Match::Is(Selector::SourcePort, Value::Ports(from.into())))
                .when(Match::Is(Selector::DestinationPort, Value::Ports(to.into())));
            rules.push(rule);
        }
        rules.extend(self.log("no way back: "));
        rules.push(Rule::new(Verdict::Drop, Evidence::note("no way back")).counted());
        self.table.chains.push(Chain::new(names::unroutable(), rules));
    }
}

/// The condition that a packet comes from `prefix`.
fn source_in(prefix: Prefix) -> Match {
    let selector = if prefix.is_ipv4() {
        Selector::SourceV4
    } else {
        Selector::SourceV6
    };
    Match::Is(selector, Value::Addresses(AddressRange::from(prefix)))
}
