//! What no packet may claim, wherever it goes.

use super::dispatch::{End, Entry, dispatch};
use super::{Compiler, names};
use crate::firewall::ruleset::{
    AddressRange, Base, Chain, ChainPolicy, Evidence, Family, Hook, Match, Priority, Protocol, ReversePath, Rule,
    Selector, Value, Verdict,
};
use crate::model::ReversePathMode;
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
        // What the host says to itself has no way back to be asked for: `fib` passes it here (nft_fib_is_loopback).
        let mut rules = Vec::new();
        if self.host.tailnet_interface().is_some() {
            let evidence = Evidence::note("tailnet addresses come by the tailnet interface alone");
            for prefix in [Prefix::TAILNET_V4, Prefix::TAILNET_V6] {
                let rule = Rule::new(Verdict::Jump(names::spoofed()), evidence.clone());
                rules.push(rule.when(source_in(prefix)));
            }
            self.spoofed();
        }
        rules.extend(self.bogons());
        rules.extend(self.ways_back());
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

    /// What is asked of the way back where a zone does not say it: strict, as NixOS's own firewall is unless told otherwise;
    /// loose for clients and routers of the tailnet: routes that tailscaled installs lead into the tunnel what may come in by
    /// another interface.
    fn way_back(&self) -> ReversePathMode {
        self.zones.reverse_path.unwrap_or(match &self.host.tailscale {
            Some(tailscale) if tailscale.is_client() || tailscale.forwards() => ReversePathMode::Loose,
            _ => ReversePathMode::Strict,
        })
    }

    /// The rules that ask for the way back: first of the zones, where one of them has it otherwise, then of everybody else.
    fn ways_back(&mut self) -> Vec<Rule> {
        let common = self.way_back();
        let mut zones = self.zones.zones.values();
        if zones.all(|zone| zone.reverse_path.is_none_or(|mode| mode == common)) {
            return no_way_back(common);
        }
        let mut entries = Vec::new();
        for zone in self.zones.zones.values() {
            let mode = zone.reverse_path.unwrap_or(common);
            let verdict = match mode {
                ReversePathMode::Strict => Verdict::Goto(names::way_strict()),
                ReversePathMode::Loose => Verdict::Goto(names::way_loose()),
                ReversePathMode::Off => Verdict::Accept,
            };
            let said = zone.reverse_path.map(|_| zone.field("reversePath"));
            let evidence = said.map(|field| Evidence::of("", field)).unwrap_or_default();
            entries.extend(zone.members.iter().map(|member| Entry {
                interface: member.interface.clone(),
                prefix: member.prefix,
                verdict: verdict.clone(),
                evidence: evidence.clone(),
            }));
        }
        for (name, mode) in [
            (names::way_strict(), ReversePathMode::Strict),
            (names::way_loose(), ReversePathMode::Loose),
        ] {
            let mut rules = no_way_back(mode);
            rules.push(Rule::new(Verdict::Accept, Evidence::default()));
            self.table.chains.push(Chain::new(name, rules));
        }
        let mut rules = dispatch(&mut self.table, End::Source, &names::way_back(), entries);
        rules.extend(no_way_back(common));
        rules
    }

    /// What comes out of the tunnel passes. Asked where something is wrong, not before: nobody else then pays for the question.
    fn out_of_tunnel(&self) -> Option<Rule> {
        let here = Value::Interface(self.host.tailnet_interface()?.clone().into());
        let evidence = Evidence::note("tailscaled checks these sources");
        Some(Rule::new(Verdict::Accept, evidence).when(Match::Is(Selector::InputInterface, here)))
    }

    /// Packets from tailnet addresses by another interface than the tailnet's.
    fn spoofed(&mut self) {
        let mut rules: Vec<Rule> = self.out_of_tunnel().into_iter().collect();
        // The host may talk to its own tailnet address.
        rules.extend(super::input::from_loopback());
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

    /// Packets whose source nobody could answer.
    fn unroutable(&mut self) {
        let mut rules: Vec<Rule> = self.out_of_tunnel().into_iter().collect();
        rules.extend(Self::dhcp());
        rules.extend(self.log("no way back: "));
        rules.push(Rule::new(Verdict::Drop, Evidence::note("no way back")).counted());
        self.table.chains.push(Chain::new(names::unroutable(), rules));
    }

    /// DHCP comes from such sources by its nature: a client has no address yet, and a server need not be a neighbour.
    pub(super) fn dhcp() -> Vec<Rule> {
        [(DHCP_SERVER, DHCP_CLIENT), (DHCP_CLIENT, DHCP_SERVER)]
            .into_iter()
            .map(|(from, to)| {
                Rule::new(Verdict::Accept, Evidence::note("DHCP"))
                    .when(Match::Is(Selector::Family, Value::Family(Family::Ipv4)))
                    .when(Match::Is(Selector::Protocol, Value::Protocol(Protocol::Udp)))
                    .when(Match::Is(Selector::SourcePort, Value::Ports(from.into())))
                    .when(Match::Is(Selector::DestinationPort, Value::Ports(to.into())))
            })
            .collect()
    }
}

/// The rule for packets that have no way back, where one is asked for.
fn no_way_back(mode: ReversePathMode) -> Vec<Rule> {
    let check = match mode {
        ReversePathMode::Strict => ReversePath::Strict,
        ReversePathMode::Loose => ReversePath::Loose,
        ReversePathMode::Off => return Vec::new(),
    };
    let rule = Rule::new(Verdict::Goto(names::unroutable()), Evidence::note("no way back"));
    vec![rule.when(Match::NoWayBack(check))]
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
