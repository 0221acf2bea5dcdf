//! Sources that cannot come from the internet.

use super::dispatch::{End, Entry, dispatch};
use super::{Compiler, names};
use crate::firewall::ruleset::{Chain, Evidence, Rule, Verdict};
use crate::model::{Interface, InterfaceRole};
use crate::net::{InterfaceAddress, Prefix};

/// Addresses that nobody on the internet has (RFC 6890 and the registries that it began; RFC 5737, RFC 3849). What belongs to
/// the link itself is not among them: link-local addresses, the unspecified one of IPv6.
pub(super) const BOGONS: [&str; 19] = [
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
    "224.0.0.0/3",
    "::1/128",
    "::ffff:0.0.0.0/96",
    "100::/64",
    "2001:db8::/32",
    "fc00::/7",
    "fec0::/10",
    "ff00::/8",
];

/// Addresses that an uplink behind another router has (RFC 1918, RFC 6598, RFC 4193).
pub(super) const BEHIND_NAT: [&str; 5] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
];

impl Compiler<'_> {
    /// The rules that lead what cannot come from the internet to its end, on WAN interfaces.
    pub(super) fn bogons(&mut self) -> Vec<Rule> {
        let mut entries = Vec::new();
        let tailnet = self.host.tailnet_interface();
        let uplinks = self.host.interfaces_as(InterfaceRole::Wan);
        for (name, interface) in uplinks.filter(|(name, _)| Some(*name) != tailnet) {
            if !self.zones.block_bogons.unwrap_or_else(|| is_public(interface)) {
                continue;
            }
            let field = self.host.field("host.interfaces").name(name.to_string());
            let entry = |prefix, verdict, evidence| Entry {
                interface: name.clone().into(),
                prefix: Some(prefix),
                verdict,
                evidence,
            };
            let attached: Vec<Prefix> = interface.addresses.iter().map(InterfaceAddress::prefix).collect();
            for bogon in prefixes(&BOGONS) {
                if !attached.iter().any(|link| link.covers(&bogon)) {
                    let evidence = Evidence::of("", field.name("role"));
                    entries.push(entry(bogon, Verdict::Goto(names::bogon()), evidence));
                }
            }
            // Neighbours on the link are what they are.
            for (index, link) in attached.iter().enumerate() {
                let evidence = Evidence::of("attached", field.name("prefixes").index(index));
                entries.push(entry(*link, Verdict::Return, evidence));
            }
        }
        if entries.is_empty() {
            return Vec::new();
        }
        let mut rules = Self::dhcp();
        rules.extend(self.log("bogon: "));
        rules.push(Rule::new(Verdict::Drop, Evidence::note("bogon")).counted());
        self.table.chains.push(Chain::new(names::bogon(), rules));
        dispatch(&mut self.table, End::Source, &names::bogons(), entries)
    }
}

/// Whether an interface's own addresses are known, and none of them is behind another router.
fn is_public(interface: &Interface) -> bool {
    let mut addresses = interface.addresses.iter();
    let is_private = |prefix: Prefix| prefixes(&BEHIND_NAT).any(|private| private.overlaps(&prefix));
    !interface.addresses.is_empty() && !addresses.any(|address| is_private(address.prefix()))
}

fn prefixes(written: &'static [&'static str]) -> impl Iterator<Item = Prefix> {
    written.iter().filter_map(|written| written.parse().ok())
}
