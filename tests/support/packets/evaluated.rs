//! What the evaluator says of packets that a kernel has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};

use tailwright::firewall::Ruleset;
use tailwright::firewall::ruleset::{self, ConntrackState, MeterKey, Name, PacketType};
use tailwright::firewall::trace::{
    self, Answer, Assumption, Circumstances, Ends, Fault, Found, Limits, Outcome, Payload, Step, Trace, Way, WayBack,
};
use tailwright::net::Transport;

use super::fate::{Fate, Hook, Observation, RejectKind, State};
use super::packet::{Packet, PacketKind};

/// An evaluator that is asked about one packet after the other, in the order in which the kernel saw them.
pub struct Evaluated<'r> {
    ruleset: &'r Ruleset,
    /// A change of every packet before it is asked about: none, but for an evaluator that is to be wrong.
    bent: Bent,
    /// How many packets of a source a limit has let pass, by the set of its buckets.
    passed: BTreeMap<(Name, IpAddr), u32>,
}

/// A packet that is taken for another one.
pub type Bent = fn(trace::Packet) -> trace::Packet;

/// Whether evaluator and kernel agree about a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// They do.
    Agree,
    /// No rule ever saw the packet.
    NotAsked,
    /// They do not; the text says what the evaluator says, and why.
    Differ(String),
}

impl<'r> Evaluated<'r> {
    /// An evaluator of a ruleset that nobody has sent packets to.
    pub fn new(ruleset: &'r Ruleset) -> Self {
        Self::bent(ruleset, |packet| packet)
    }

    /// One that takes every packet for another one.
    pub fn bent(ruleset: &'r Ruleset, bent: Bent) -> Self {
        Self {
            ruleset,
            bent,
            passed: BTreeMap::new(),
        }
    }

    /// Compares what was seen of a packet with what the evaluator says of it.
    pub fn judge(&mut self, packet: &Packet, seen: &Observation) -> Judgement {
        let Some(state) = seen.state else {
            return Judgement::NotAsked;
        };
        let asked = trace::Packet {
            way: match (&seen.oif, &packet.iif) {
                (Some(output), _) if packet.is_own() => Way::FromHost {
                    output: output.parse().expect("the name of an interface"),
                },
                (None, input) => Way::ToHost { input: input.clone() },
                (Some(output), input) => Way::Through {
                    input: input.clone(),
                    output: output.parse().expect("the name of an interface"),
                },
            },
            ends: Ends::new(Some(packet.src), Some(packet.dst)).expect("of one family"),
            payload: payload(packet.kind),
            state: tracked(state),
            link: PacketType::Host,
            mark: 0,
        };
        let asked = (self.bent)(asked);
        // A packet that the kernel does not route meets no limit behind the first hook.
        let counts = seen.fate != Fate::Unrouted;
        match self.trace(&asked, way_back(seen), counts) {
            Err(fault) => Judgement::Differ(format!("the evaluator has no answer: {fault}")),
            Ok(trace) => {
                let guessed = trace.assumed.iter().find(|assumption| {
                    // Only log lines are limited for all sources together.
                    !matches!(assumption, Assumption::WithinLimit(..))
                });
                match guessed {
                    Some(guessed) => Judgement::Differ(format!("the evaluator assumes that {guessed}")),
                    None if agree(trace.outcome, seen, packet) => Judgement::Agree,
                    None => Judgement::Differ(format!("{asked:?}\n{}", shown(&trace))),
                }
            }
        }
    }

    /// Asks until it is known which of the limits on the packet's way are used up, and counts the packet if it counts.
    fn trace(&mut self, packet: &trace::Packet, way_back: WayBack, counts: bool) -> Result<Trace<'r>, Fault> {
        let source = packet.ends.source().expect("it is known");
        let mut used_up = BTreeSet::new();
        loop {
            let circumstances = Circumstances {
                way_back: Some(way_back),
                limits: Limits::UsedUpIn(used_up.clone()),
            };
            let trace = self.ruleset.trace(packet, &circumstances)?;
            let full = trace.metered.iter().find(|meter| {
                let passed = self.passed.get(&(meter.set.clone(), bucket(meter.key, source)));
                !used_up.contains(&meter.set) && passed.is_some_and(|passed| *passed >= meter.limit.burst())
            });
            if let Some(meter) = full {
                used_up.insert(meter.set.clone());
                continue;
            }
            let counted = trace
                .metered
                .iter()
                .filter(|meter| counts && !used_up.contains(&meter.set));
            for meter in counted {
                *self
                    .passed
                    .entry((meter.set.clone(), bucket(meter.key, source)))
                    .or_default() += 1;
            }
            return Ok(trace);
        }
    }
}

/// What shares a bucket with a source.
fn bucket(key: MeterKey, source: IpAddr) -> IpAddr {
    match (key, source) {
        (MeterKey::V6Subnet, IpAddr::V6(source)) => Ipv6Addr::from(u128::from(source) >> 64 << 64).into(),
        (MeterKey::V4Address | MeterKey::V6Subnet, _) => source,
    }
}

/// What a packet carries, as the evaluator is asked.
pub fn payload(kind: PacketKind) -> Payload {
    let ports = |transport, source, destination| Payload::Ports {
        transport,
        source: Some(source),
        destination: Some(destination),
    };
    match kind {
        PacketKind::Tcp {
            source, destination, ..
        } => ports(Transport::Tcp, source, destination),
        PacketKind::Udp { source, destination } => ports(Transport::Udp, source, destination),
        PacketKind::Icmp { kind, .. } => Payload::Icmp(kind),
        PacketKind::Icmpv6 { kind, .. } => Payload::Icmpv6(kind),
        PacketKind::Other { protocol } => Payload::Other(protocol),
    }
}

/// The state of a connection, as the evaluator is asked.
pub fn tracked(state: State) -> ConntrackState {
    match state {
        State::New => ConntrackState::New,
        State::Established => ConntrackState::Established,
        State::Related => ConntrackState::Related,
        State::Invalid => ConntrackState::Invalid,
        State::Untracked => ConntrackState::Untracked,
    }
}

fn way_back(seen: &Observation) -> WayBack {
    match (seen.way_back, seen.any_way_back) {
        (true, _) => WayBack::SameInterface,
        (false, true) => WayBack::OtherInterface,
        (false, false) => WayBack::Nowhere,
    }
}

fn agree(outcome: Outcome, seen: &Observation, packet: &Packet) -> bool {
    let hook = outcome.hook().map(|hook| match hook {
        ruleset::Hook::Prerouting => Hook::Prerouting,
        ruleset::Hook::Input => Hook::Input,
        ruleset::Hook::Forward => Hook::Forward,
        ruleset::Hook::Output => Hook::Output,
        ruleset::Hook::Postrouting => panic!("nothing is refused there"),
    });
    match (outcome, &seen.fate) {
        (Outcome::Accepted, Fate::Accepted | Fate::Forwarded { .. } | Fate::Sent { .. }) => true,
        (Outcome::Dropped(_), Fate::Dropped(at)) => hook == Some(*at),
        // Nobody tells a group, or the sender of an error.
        (Outcome::Rejected(..), Fate::Dropped(at)) => hook == Some(*at) && !packet.is_surely_answered(),
        (Outcome::Rejected(_, answer), Fate::Rejected(at, kind)) => {
            let told = match answer {
                Answer::TcpReset => RejectKind::TcpReset,
                Answer::IcmpProhibited => RejectKind::Icmp { code: 13 },
                Answer::Icmpv6Prohibited => RejectKind::Icmpv6 { code: 1 },
            };
            hook == Some(*at) && told == *kind
        }
        // The kernel itself has no way for what prerouting let pass.
        (_, Fate::Unrouted) => hook != Some(Hook::Prerouting),
        _ => false,
    }
}

/// The way of a packet, for a person.
fn shown(trace: &Trace<'_>) -> String {
    let mut text = String::new();
    for step in &trace.steps {
        let _ = match step {
            Step::Hook(chain, _) => writeln!(text, "  {}", chain.name),
            Step::Policy(chain, base) => writeln!(text, "  {} policy {}", chain.name, base.policy.name()),
            Step::Rule {
                chain,
                number,
                rule,
                found,
            } => {
                let found = match found {
                    Some(Found::Element(element)) => format!(": {element}"),
                    Some(Found::Nothing) => ": nothing".to_owned(),
                    None => String::new(),
                };
                writeln!(text, "  {} {number}: {rule}{found}", chain.name)
            }
        };
    }
    let _ = write!(text, "  {}", trace.outcome);
    text
}
