//! The zones of our table: who is in each, and what it admits.
//!
//! Chains and maps of our table are called after what they are for, as `firewall::compile` names them: `zone.dmz` is the
//! chain of a zone and the map of its ports, `zones` the map of interfaces.

use std::collections::{BTreeMap, BTreeSet};

use super::comment::Said;
use super::seen::{Admission, EVERYTHING, Member, Zone};
use crate::host::firewall::listing::{Counter, Decision, Element, Listing, Rule};

/// What the chain and the map of a zone begin with.
const ZONE: &str = "zone.";
/// What the chain and the map begin with that count the packets of a zone's known connections.
const ACCOUNT: &str = "account.";
/// What the map of a zone's ranges of ports ends with.
const RANGES: &str = "/ranges";
/// The chain of what nobody admits.
const REFUSED: &str = "refused";
/// The chain of what is not forwarded.
const UNFORWARDED: &str = "unforwarded";
/// What the chains of what a zone with a log of its own does not admit begin with.
const REFUSED_ZONE: &str = "refused.";
/// The chain of what goes over a limit.
pub(super) const LIMITED: &str = "limited";

/// The zones, by name.
pub(super) fn zones(listing: &Listing) -> Vec<Zone> {
    let mut members = members(listing);
    let names = listing.chains.iter().filter_map(|chain| zone_of(&chain.name));
    let mut zones: Vec<Zone> = names
        .map(|name| zone(listing, name, members.remove(name).unwrap_or_default()))
        .collect();
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    zones
}

/// What is admitted whatever the zone: rules outside the zones that count what they accept.
pub(super) fn everywhere(listing: &Listing) -> Vec<Admission> {
    let is_outside = |rule: &&Rule| zone_of(&rule.chain).is_none() && !rule.chain.starts_with(ACCOUNT);
    let outside = listing.rules.iter().filter(is_outside);
    let accepting = outside.filter(|rule| rule.decision == Some(Decision::Accept));
    accepting
        .filter_map(|rule| {
            let said = Said::of(rule.comment.as_deref());
            Some(Admission {
                what: said.note.unwrap_or_else(|| rule.chain.clone()),
                name: None,
                origin: said.origin,
                counter: rule.counter?,
                known: None,
            })
        })
        .collect()
}

/// What was let through: elements of the counting maps outside the zones. What asks for the same is one.
pub(super) fn forwarded(listing: &Listing) -> Vec<Admission> {
    let outside = listing
        .sets
        .iter()
        .filter(|set| !set.is_dynamic && zone_of(&set.name).is_none() && !set.name.starts_with(ACCOUNT));
    let mut all: Vec<Admission> = Vec::new();
    for element in outside
        .flat_map(|set| &set.elements)
        .filter(|element| is_admitted(element))
    {
        let Some(counter) = element.counter else { continue };
        let admission = admission(element, counter);
        let same = |other: &&mut Admission| {
            other.origin.is_some() && (&other.name, &other.origin) == (&admission.name, &admission.origin)
        };
        match all.iter_mut().find(same) {
            Some(other) => {
                other.counter = other.counter + admission.counter;
                if !other.what.ends_with(", …") {
                    other.what.push_str(", …");
                }
            }
            None => all.push(admission),
        }
    }
    all
}

/// The zone whose chain or map has this name.
pub(super) fn zone_of(name: &str) -> Option<&str> {
    let name = name.strip_suffix(RANGES).unwrap_or(name);
    name.strip_prefix(ZONE).filter(|zone| !zone.contains(['.', '/']))
}

fn zone(listing: &Listing, name: &str, members: Vec<Member>) -> Zone {
    let chain = format!("{ZONE}{name}");
    let mut admits = Vec::new();
    let mut refused = Counter::default();
    let mut limited = over_limits(listing, &chain);
    // The chains of services with a limit of their own.
    let mut services = BTreeSet::new();
    for rule in listing.rules_of(&chain) {
        if let Some((map, _)) = &rule.asks {
            for element in listing.elements_of(map) {
                let counter = element.counter.unwrap_or_default();
                if is_admitted(element) {
                    admits.push(admission(element, counter));
                    services.extend(element.decision.as_ref().and_then(Decision::target));
                } else {
                    refused = refused + counter;
                }
            }
        } else if rule.decision == Some(Decision::Accept) {
            admits.push(plain_admission(rule));
        } else if rule
            .decision
            .as_ref()
            .is_some_and(|decision| refuses(decision) && !limits(decision))
        {
            refused = refused + rule.counter.unwrap_or_default();
        }
    }
    let over: Counter = services.into_iter().map(|service| over_limits(listing, service)).sum();
    limited = limited + over;
    admits.sort_by_key(place);
    let known = known(listing, name, &mut admits);
    let asked: Counter = admits.iter().map(|admission| admission.counter).sum();
    Zone {
        name: name.to_owned(),
        members,
        admitted: asked - over,
        admits,
        refused,
        limited,
        known,
    }
}

/// The packets of known connections from a zone, where they are counted; each with what it came for, as far as that is a port.
fn known(listing: &Listing, zone: &str, admits: &mut [Admission]) -> Option<Counter> {
    let chain = format!("{ACCOUNT}{zone}");
    let mut all: Option<Counter> = None;
    let mut add = |counter: Counter| all = Some(all.unwrap_or_default() + counter);
    let mut rest = None;
    for rule in listing.rules_of(&chain) {
        let Some((map, _)) = &rule.asks else {
            rest = rule.counter;
            add(rule.counter.unwrap_or_default());
            continue;
        };
        for element in listing.elements_of(map) {
            let counter = element.counter.unwrap_or_default();
            add(counter);
            let what = what(element);
            if let Some(admission) = admits.iter_mut().find(|admission| admission.what == what) {
                admission.known = Some(counter);
            }
        }
    }
    // In a zone that admits everything, all that comes is for that.
    if let [admission] = admits
        && admission.what == EVERYTHING
    {
        admission.known = rest;
    }
    all
}

/// The place in a list of protocols and ports: by protocol, then by the first port as a number.
fn place(admission: &Admission) -> (String, u16) {
    let (protocol, ports) = admission.what.split_once(' ').unwrap_or((&admission.what, ""));
    let first = ports.split('-').next().and_then(|port| port.parse().ok());
    (protocol.to_owned(), first.unwrap_or_default())
}

/// What the rules of a chain sent away because it was over a limit.
fn over_limits(listing: &Listing, chain: &str) -> Counter {
    let over = listing
        .rules_of(chain)
        .filter(|rule| rule.decision.as_ref().is_some_and(limits));
    over.filter_map(|rule| rule.counter).sum()
}

fn limits(decision: &Decision) -> bool {
    decision.target() == Some(LIMITED)
}

/// Whether packets are taken away.
fn refuses(decision: &Decision) -> bool {
    let refuses = |chain: &str| [REFUSED, UNFORWARDED, LIMITED].contains(&chain) || chain.starts_with(REFUSED_ZONE);
    match decision {
        Decision::Drop | Decision::Reject => true,
        Decision::Jump(chain) | Decision::Goto(chain) => refuses(chain),
        Decision::Accept | Decision::Return => false,
    }
}

fn is_admitted(element: &Element) -> bool {
    element.decision.as_ref().is_some_and(|decision| !refuses(decision))
}

fn admission(element: &Element, counter: Counter) -> Admission {
    let said = Said::of(element.comment.as_deref());
    Admission {
        what: what(element),
        name: said.note,
        origin: said.origin,
        counter,
        known: None,
    }
}

fn what(element: &Element) -> String {
    match element.key.as_slice() {
        // The port stands first in the maps; people say the protocol first.
        [port, protocol] => format!("{protocol} {port}"),
        key => key.join(" "),
    }
}

fn plain_admission(rule: &Rule) -> Admission {
    let said = Said::of(rule.comment.as_deref());
    Admission {
        what: if rule.is_conditional { "some" } else { EVERYTHING }.to_owned(),
        name: said.note,
        origin: said.origin,
        counter: rule.counter.unwrap_or_default(),
        known: None,
    }
}

/// Who is in which zone: what the chain `input` asks of the interface, and what the chains of interfaces ask of the source.
fn members(listing: &Listing) -> BTreeMap<String, Vec<Member>> {
    let mut members = BTreeMap::new();
    for rule in listing.rules_of("input") {
        let asked = rule.asks.as_ref().filter(|(_, fields)| *fields == ["meta iifname"]);
        if let Some((map, _)) = asked {
            for element in listing.elements_of(map) {
                behind(listing, &element.shown(), element.decision.as_ref(), &mut members);
            }
        } else if let Some(interface) = &rule.interface {
            behind(listing, interface, rule.decision.as_ref(), &mut members);
        }
    }
    members
}

/// Adds who comes by an interface.
fn behind(
    listing: &Listing,
    interface: &str,
    decision: Option<&Decision>,
    members: &mut BTreeMap<String, Vec<Member>>,
) {
    let mut add = |target: Option<&str>, source: Option<String>| {
        let Some(zone) = target.and_then(zone_of) else {
            return false;
        };
        members.entry(zone.to_owned()).or_default().push(Member {
            interface: interface.to_owned(),
            source,
        });
        true
    };
    let target = decision.and_then(Decision::target);
    let Some(chain) = target.filter(|_| !add(target, None)) else {
        return;
    };
    for rule in listing.rules_of(chain) {
        for element in rule.asks.iter().flat_map(|(map, _)| listing.elements_of(map)) {
            add(
                element.decision.as_ref().and_then(Decision::target),
                Some(element.shown()),
            );
        }
        add(rule.decision.as_ref().and_then(Decision::target), None);
    }
}
