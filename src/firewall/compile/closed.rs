//! What holds until the zones are loaded, and for as long as they cannot be.

use super::dispatch::{End, Entry, dispatch};
use super::input::{connections, from_loopback, of_protocol};
use super::ports::Ports;
use super::{Compiler, names};
use crate::firewall::ruleset::{
    Base, Chain, ChainPolicy, Evidence, Hook, Match, Name, Priority, Protocol, Rule, Ruleset, Selector, Table, Value,
    Verdict,
};
use crate::model::{AllowedService, Host, ManagementPath, ManagementService};
use crate::net::{IcmpType, Icmpv6Type, InterfaceName, PortRange, PortSet, Prefix, ZoneName};

/// What the last rule of that table says, by which it is known.
pub const CLOSED: &str = "closed until the zones are loaded";

/// The table of a host that could not load its zones; `None` where it has no zone firewall.
///
/// It has the name of the table of the zones, so that loading these replaces it. What every host needs is let in, and the
/// operator by the ways of `host.management`; nothing is forwarded but what is under way. It needs nothing of the kernel that
/// may be what kept the zones from being loaded: no limits, no sets that rules fill, no question for routes.
pub fn closed(host: &Host) -> Option<Ruleset> {
    let mut compiler = Compiler {
        host,
        zones: host.zones.as_ref()?,
        table: Table::new(names::table()),
    };
    let mut rules = from_loopback();
    rules.extend(connections(Verdict::Accept, Verdict::Drop));
    rules.extend(icmp());
    rules.push(of_protocol(Protocol::Udp, Verdict::Jump(names::admit_udp())));
    compiler.own_udp();
    rules.extend(compiler.management());
    rules.push(nobody_else());
    compiler.base(Hook::Input, names::input(), rules);
    compiler.base(
        Hook::Forward,
        names::forward(),
        connections(Verdict::Accept, Verdict::Drop).into(),
    );
    Some(compiler.finished())
}

fn icmp() -> [Rule; 2] {
    let types = IcmpType::ADMITTED.into_iter().map(Value::Icmp).collect();
    let v4 = Match::OneOf(Selector::IcmpType, types);
    let types = Icmpv6Type::ADMITTED.into_iter().map(Value::Icmpv6).collect();
    let v6 = Match::OneOf(Selector::Icmpv6Type, types);
    [(v4, "RFC 1122, RFC 1191"), (v6, "RFC 4890")]
        .map(|(types, why)| Rule::new(Verdict::Accept, Evidence::note(why)).when(types))
}

fn nobody_else() -> Rule {
    Rule::new(Verdict::Drop, Evidence::note(CLOSED)).counted()
}

impl Compiler<'_> {
    /// A chain that the kernel enters, and that drops what its rules do not accept.
    fn base(&mut self, hook: Hook, name: Name, rules: Vec<Rule>) {
        self.table.chains.push(Chain {
            name,
            base: Some(Base {
                hook,
                priority: Priority::Filter,
                policy: ChainPolicy::Drop,
            }),
            rules,
        });
    }

    /// The operator's ways in: to the chain of the way that a packet comes by.
    fn management(&mut self) -> Vec<Rule> {
        let host = self.host;
        let mut ways: Vec<(&InterfaceName, Option<Prefix>)> =
            host.management.iter().map(|path| (&path.via, path.from)).collect();
        ways.sort();
        ways.dedup();
        let mut entries = Vec::new();
        for (number, (via, from)) in ways.into_iter().enumerate() {
            let Ok(way) = format!("way-{}", number + 1).parse::<ZoneName>() else {
                continue;
            };
            let name = names::management().zone(&way);
            // Somebody who comes by a narrow way may use the wide ones that it lies in.
            let covers = |path: &&ManagementPath| {
                path.via == *via
                    && match (path.from, from) {
                        (None, _) => true,
                        (Some(wide), Some(from)) => wide.covers(&from),
                        (Some(_), None) => false,
                    }
            };
            let mut ports = Ports::default();
            for path in host.management.iter().filter(covers) {
                managed(host, path, &mut ports);
            }
            let mut rules = ports.maps(&mut self.table, &name, &Verdict::Accept, false);
            rules.push(nobody_else());
            self.table.chains.push(Chain::new(name.clone(), rules));
            entries.push(Entry {
                interface: via.clone().into(),
                prefix: from,
                verdict: Verdict::Goto(name),
                evidence: Evidence::default(),
            });
        }
        dispatch(&mut self.table, End::Source, &names::managers(), entries)
    }
}

/// Adds the ports of a way in.
fn managed(host: &Host, path: &ManagementPath, ports: &mut Ports) {
    match &path.service {
        ManagementService::Named(name) => {
            let service = AllowedService {
                name: name.clone(),
                origin: path.origin.clone(),
            };
            ports.service(&service, host.resolve_service(name));
        }
        ManagementService::Port(transport, port) => {
            let mut set = PortSet::new();
            set.insert(PortRange::from(*port));
            ports.list(*transport, &set, &path.origin);
        }
    }
}
