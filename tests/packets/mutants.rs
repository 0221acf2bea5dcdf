//! Broken evaluators and broken printers: the comparison notices every one of them.

use std::collections::BTreeMap;

use tailwright::firewall;
use tailwright::firewall::ruleset::{
    Action, AddressRange, ChainPolicy, ConntrackState, LookupMap, MapElement, Match, Ruleset, SetContent, Value,
    Verdict,
};
use tailwright::firewall::trace::{self, Ends, Payload, Way};
use tailwright::net::{Port, PortRange, Transport};

use super::{host_with_everything, observe};
use crate::support::packets::evaluated::Bent;
use crate::support::packets::{Evaluated, Judgement, Lab, Observation, Packet, Packets};

/// Packets that tell: enough that some of them are at the boundary of everything.
const PACKETS: usize = 6_000;

/// Whether evaluator and kernel differ about a packet.
fn is_noticed(mut evaluated: Evaluated<'_>, packets: &[Packet], seen: &[Observation]) -> bool {
    let mut pairs = packets.iter().zip(seen);
    pairs.any(|(packet, seen)| matches!(evaluated.judge(packet, seen), Judgement::Differ(_)))
}

/// A ruleset with one thing changed.
struct Mutant {
    /// The kind of the change.
    kind: &'static str,
    /// Where it is.
    what: String,
    ruleset: Ruleset,
}

/// The opposite of a verdict that ends the way.
fn opposite(verdict: &Verdict) -> Verdict {
    match verdict {
        Verdict::Accept => Verdict::Drop,
        Verdict::Drop | Verdict::Return | Verdict::Jump(_) | Verdict::Goto(_) => Verdict::Accept,
    }
}

/// A value that holds one address or port more; `None` where there is no such.
fn wider(value: &Value) -> Option<Value> {
    match value {
        Value::Ports(range) => {
            let last = range.last().get().checked_add(1).and_then(Port::new)?;
            PortRange::new(range.first(), last).map(Value::Ports)
        }
        Value::Addresses(range) => {
            let (first, last) = range.numbers();
            let length = last - first;
            // Twice as many: a prefix one bit shorter.
            let (family, most) = (range.family(), u128::MAX >> (128 - range.family().bits()));
            let wide = AddressRange::of(family, first, last.checked_add(length + 1)?.min(most));
            (wide != *range).then_some(Value::Addresses(wide))
        }
        _ => None,
    }
}

/// Every way to change one element of a map.
fn of_elements(elements: &[MapElement], mut put: impl FnMut(&'static str, String, Vec<MapElement>)) {
    for (position, element) in elements.iter().enumerate() {
        let mut without = elements.to_vec();
        without.remove(position);
        put("an element less", element.to_string(), without);
        let mut swapped = elements.to_vec();
        swapped[position].verdict = opposite(&element.verdict);
        put("an element with the opposite verdict", element.to_string(), swapped);
        for (part, value) in element.key.iter().enumerate() {
            if let Some(value) = wider(value) {
                let mut wide = elements.to_vec();
                wide[position].key[part] = value;
                put("a wider element", element.to_string(), wide);
            }
        }
    }
}

/// Every ruleset that differs from this one in one verdict, rule, element or boundary.
fn mutants(right: &Ruleset) -> Vec<Mutant> {
    let mut found = Vec::new();
    let mut put = |kind: &'static str, what: String, change: &dyn Fn(&mut Ruleset)| {
        let mut ruleset = right.clone();
        change(&mut ruleset);
        if ruleset != *right {
            found.push(Mutant { kind, what, ruleset });
        }
    };
    for (at, map) in right.table.maps.iter().enumerate() {
        of_elements(&map.elements, |kind, what, elements| {
            put(kind, format!("map {}: {what}", map.name), &|ruleset| {
                ruleset.table.maps[at].elements.clone_from(&elements);
            });
        });
    }
    for (at, set) in right.table.sets.iter().enumerate() {
        if let SetContent::Elements { elements, .. } = &set.content {
            for position in 0..elements.len() {
                put(
                    "a member of a set less",
                    format!("set {}: {position}", set.name),
                    &|ruleset| {
                        if let SetContent::Elements { elements, .. } = &mut ruleset.table.sets[at].content {
                            elements.remove(position);
                        }
                    },
                );
            }
        }
    }
    for (at, chain) in right.table.chains.iter().enumerate() {
        if chain.base.is_some() {
            put("the other policy", format!("chain {}", chain.name), &|ruleset| {
                if let Some(base) = &mut ruleset.table.chains[at].base {
                    base.policy = match base.policy {
                        ChainPolicy::Accept => ChainPolicy::Drop,
                        ChainPolicy::Drop => ChainPolicy::Accept,
                    };
                }
            });
        }
        for (number, rule) in chain.rules.iter().enumerate() {
            let name = format!("chain {} rule {}, {rule}", chain.name, number + 1);
            put("a rule less", name.clone(), &|ruleset| {
                ruleset.table.chains[at].rules.remove(number);
            });
            put("a rule with the opposite verdict", name.clone(), &|ruleset| {
                let action = &mut ruleset.table.chains[at].rules[number].action;
                *action = match action {
                    Action::Verdict(verdict) => Action::Verdict(opposite(verdict)),
                    Action::Reject(_) => Action::Verdict(Verdict::Drop),
                    Action::Continue | Action::Masquerade | Action::Lookup(_) => return,
                };
            });
            for (condition, asked) in rule.matches.iter().enumerate() {
                put("a condition less", format!("{name}: {asked}"), &|ruleset| {
                    ruleset.table.chains[at].rules[number].matches.remove(condition);
                });
                if let Match::Is(selector, value) = asked
                    && let Some(value) = wider(value)
                {
                    put("a wider condition", format!("{name}: {asked}"), &|ruleset| {
                        ruleset.table.chains[at].rules[number].matches[condition] = Match::Is(*selector, value.clone());
                    });
                }
            }
            if let Action::Lookup(lookup) = &rule.action
                && let LookupMap::Inline(elements) = &lookup.map
            {
                of_elements(elements, |kind, what, elements| {
                    put(kind, format!("{name}: {what}"), &|ruleset| {
                        if let Action::Lookup(lookup) = &mut ruleset.table.chains[at].rules[number].action {
                            lookup.map = LookupMap::Inline(elements.clone());
                        }
                    });
                });
            }
        }
    }
    found
}

/// What the tests below have in common: a host, packets for it, and what the kernel did with them under its rules.
struct Observed {
    lab: Lab,
    packets: Vec<Packet>,
    ruleset: Ruleset,
    seen: Vec<Observation>,
}

impl Observed {
    fn new() -> Option<Self> {
        let mut lab = Lab::new()?;
        let random = host_with_everything();
        let packets: Vec<Packet> = Packets::new(&random.host, 1).take(PACKETS).collect();
        let ruleset = firewall::compile(&random.host).expect("zones");
        let seen = observe(&mut lab, &packets, &ruleset.to_string());
        let observed = Self {
            lab,
            packets,
            ruleset,
            seen,
        };
        assert!(
            !observed.notices(Evaluated::new(&observed.ruleset)),
            "nothing is broken"
        );
        Some(observed)
    }

    fn notices(&self, evaluated: Evaluated<'_>) -> bool {
        is_noticed(evaluated, &self.packets, &self.seen)
    }
}

#[test]
fn an_evaluator_of_a_broken_ruleset_is_noticed() {
    let Some(observed) = Observed::new() else { return };
    // Noticed and not, by kind. Some changes change nothing: an element that says what the rest of its map says, too.
    let mut kinds: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for Mutant { kind, what, ruleset } in mutants(&observed.ruleset) {
        let (noticed, others) = kinds.entry(kind).or_default();
        if observed.notices(Evaluated::new(&ruleset)) {
            *noticed += 1;
        } else {
            others.push(what);
        }
    }
    for (kind, least) in [
        ("an element less", 20),
        ("an element with the opposite verdict", 50),
        ("a wider element", 10),
        ("a member of a set less", 1),
        ("a rule less", 25),
        ("a rule with the opposite verdict", 25),
        ("a condition less", 10),
        ("a wider condition", 5),
        ("the other policy", 1),
    ] {
        let (noticed, others) = &kinds[kind];
        assert!(*noticed >= least, "{kind}: {noticed} noticed, but not {others:#?}");
    }
    // What a zone admits is aimed at: nothing of it can change unnoticed.
    let unnoticed = kinds.values().flat_map(|(_, others)| others);
    let unnoticed: Vec<_> = unnoticed.filter(|what| what.starts_with("map zone.")).collect();
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// Takes TCP for UDP.
fn another_transport(mut packet: trace::Packet) -> trace::Packet {
    if let Payload::Ports { transport, .. } = &mut packet.payload {
        *transport = Transport::Udp;
    }
    packet
}

/// Takes the ports for each other.
fn ports_exchanged(mut packet: trace::Packet) -> trace::Packet {
    if let Payload::Ports {
        source, destination, ..
    } = &mut packet.payload
    {
        std::mem::swap(source, destination);
    }
    packet
}

/// Never looks above IP.
fn without_ports(mut packet: trace::Packet) -> trace::Packet {
    packet.payload = Payload::Fragment(packet.payload.protocol());
    packet
}

/// Takes one type of message for the next.
fn another_type(mut packet: trace::Packet) -> trace::Packet {
    if let Payload::Icmp(kind) | Payload::Icmpv6(kind) = &mut packet.payload {
        *kind = kind.wrapping_add(1);
    }
    packet
}

/// Knows nothing of connections.
fn without_connections(mut packet: trace::Packet) -> trace::Packet {
    packet.state = ConntrackState::New;
    packet
}

/// Takes source and destination for each other.
fn ends_exchanged(mut packet: trace::Packet) -> trace::Packet {
    let (source, destination) = (packet.ends.source(), packet.ends.destination());
    packet.ends = Ends::new(destination, source).expect("of one family");
    packet
}

/// Takes the interfaces for each other.
fn interfaces_exchanged(mut packet: trace::Packet) -> trace::Packet {
    if let Way::Through { input, output } = &mut packet.way {
        std::mem::swap(input, output);
    }
    packet
}

/// Reads the name of a VLAN to its dot.
fn names_cut(mut packet: trace::Packet) -> trace::Packet {
    if let Way::ToHost { input } | Way::Through { input, .. } = &mut packet.way {
        let name = input.as_str().split('.').next().unwrap_or_default().parse();
        *input = name.expect("a shorter name");
    }
    packet
}

/// Never leaves the input hook.
fn always_to_the_host(mut packet: trace::Packet) -> trace::Packet {
    if let Way::Through { input, .. } = packet.way {
        packet.way = Way::ToHost { input };
    }
    packet
}

#[test]
fn an_evaluator_that_takes_packets_for_others_is_noticed() {
    let Some(observed) = Observed::new() else { return };
    let bent: [(&str, Bent); 9] = [
        ("another transport", another_transport),
        ("ports exchanged", ports_exchanged),
        ("without ports", without_ports),
        ("another type", another_type),
        ("without connections", without_connections),
        ("ends exchanged", ends_exchanged),
        ("interfaces exchanged", interfaces_exchanged),
        ("names cut", names_cut),
        ("always to the host", always_to_the_host),
    ];
    for (what, bent) in bent {
        assert!(observed.notices(Evaluated::bent(&observed.ruleset, bent)), "{what}");
    }
    // One that thinks that there is always a way back.
    let mut blind = observed;
    for seen in &mut blind.seen {
        (seen.way_back, seen.any_way_back) = (true, true);
    }
    assert!(blind.notices(Evaluated::new(&blind.ruleset)), "the way back");
}

#[test]
fn a_printer_that_writes_another_ruleset_is_noticed() {
    let Some(mut observed) = Observed::new() else { return };
    let text = observed.ruleset.to_string();
    for (right, wrong) in [
        ("8000-8100 . tcp ", "8000-8101 . tcp "),
        ("8000-8100 . tcp ", "8000-8100 . udp "),
        ("22 . tcp ", "23 . tcp "),
        (
            "192.168.15.64/27 comment \"zones.admin",
            "192.168.15.64/26 comment \"zones.admin",
        ),
        (": goto zone.dmz", ": goto zone.internal"),
        ("established,related accept", "related accept"),
        ("ct state invalid goto untraceable", "ct state invalid accept"),
        (
            "ip saddr 100.64.0.0/10 jump spoofed",
            "ip saddr 100.64.0.0/11 jump spoofed",
        ),
        ("iifname \"tailscale0\" accept", "iifname \"tailscale1\" accept"),
        ("meta l4proto icmp goto admit_icmp", "meta l4proto igmp goto admit_icmp"),
        ("meta l4proto udp goto admit_udp", "meta l4proto tcp goto admit_udp"),
        ("fib saddr . mark oif missing", "fib saddr . mark . iif oif missing"),
        ("fib saddr . mark oif missing", "fib saddr . mark oif exists"),
        (
            "iifname \"br-*\" goto zone.internal",
            "iifname \"br-\" goto zone.internal",
        ),
        ("icmp type { echo-reply, ", "icmp type { "),
        ("echo-request, echo-reply, mld-listener-query, ", "echo-request, "),
        ("th dport 68 th sport 67 meta", "th dport 67 th sport 68 meta"),
        ("oifname @wan accept", "oifname != @wan accept"),
        (
            "172.17.0.64/26 comment \"zones.containers",
            "172.17.0.64/27 comment \"zones.containers",
        ),
        ("th sport 41641 accept", "th dport 41641 accept"),
        ("reject with tcp reset", "drop"),
        (
            "reject with icmpx admin-prohibited",
            "reject with icmpx port-unreachable",
        ),
        ("counter accept comment \"zones.admin", "comment \"zones.admin"),
        (
            "    oifname \"br-*\" accept comment \"left to others\"\n    accept",
            "    drop",
        ),
    ] {
        assert!(text.contains(right), "no {right:?} in\n{text}");
        // It loads: what nft refuses cannot deceive anybody.
        observed.seen = observe(&mut observed.lab, &observed.packets, &text.replace(right, wrong));
        assert!(
            observed.notices(Evaluated::new(&observed.ruleset)),
            "{right:?} is {wrong:?}, and no packet tells"
        );
    }
}
