//! What a ruleset lets through, as lines and as data.

use serde_json::{Value, json};

use super::line::Line;

use crate::cli::input::Input;
use crate::firewall::Reach;
use crate::firewall::exposure::{Addresses, Interfaces, Kind, Traffic};
use crate::firewall::ruleset::Evidence;

/// Where packets to the host come from and what they are: `zone lan by eth0 from 10.0.0.0/8: tcp 22`.
pub(crate) fn admitted(reach: &Reach) -> String {
    let from = end(&reach.input, "from", &reach.source);
    let to = if reach.destination.is_everything() {
        String::new()
    } else {
        format!(" to {}", reach.destination)
    };
    match &reach.zone {
        Some(zone) => format!("zone {zone} by {from}{to}: {}", traffic(reach)),
        None => format!("{from}{to}: {}", traffic(reach)),
    }
}

/// The way of packets through the host and what they are: `eth0 -> br-data to 10.1.0.0/16: tcp 5432`.
pub(crate) fn forwarded(reach: &Reach) -> String {
    let from = end(&reach.input, "from", &reach.source);
    let to = end(&reach.output, "to", &reach.destination);
    format!("{from} -> {to}: {}", traffic(reach))
}

/// Where packets of the host itself go and what they are: `eth0 to 10.0.0.0/8: tcp 443`.
pub(crate) fn sent(reach: &Reach) -> String {
    let to = end(&reach.output, "to", &reach.destination);
    format!("the host -> {to}: {}", traffic(reach))
}

/// Where packets come from, whatever they are.
pub(crate) fn source(reach: &Reach) -> String {
    end(&reach.input, "from", &reach.source)
}

fn traffic(reach: &Reach) -> String {
    if reach.is_narrowed() {
        format!("{}, only {}", reach.traffic, reach.conditions.join(" "))
    } else {
        reach.traffic.to_string()
    }
}

fn end(interface: &Interfaces, word: &str, addresses: &Addresses) -> String {
    if addresses.is_everything() {
        interface.to_string()
    } else {
        format!("{interface} {word} {addresses}")
    }
}

/// Why: what the rule says of itself, and the lines of the profile behind it, `ssh, host.nix:7 (zones.lan.allowedServices[0])`.
pub(crate) fn why(evidence: &Evidence, input: Option<&Input>) -> String {
    let note = (!evidence.note.is_empty()).then(|| evidence.note.to_string());
    let lines = input
        .into_iter()
        .flat_map(|input| evidence.origins.iter().map(|field| Line::brief(field, input)));
    note.into_iter().chain(lines).collect::<Vec<_>>().join(", ")
}

/// The lines behind an evidence; a tree has none.
fn lines(evidence: &Evidence, input: Option<&Input>) -> Vec<Line> {
    let origins = input
        .into_iter()
        .flat_map(|input| evidence.origins.iter().map(move |field| Line::of(field, input)));
    origins.collect()
}

/// An entry as data.
pub(crate) fn data(reach: &Reach, input: Option<&Input>) -> Value {
    let path: Vec<_> = reach
        .path
        .iter()
        .map(|evidence| evidence_data(evidence, input))
        .collect();
    json!({
        "zone": reach.zone.as_ref().map(ToString::to_string),
        "input": interfaces(&reach.input),
        "source": addresses(&reach.source),
        "output": interfaces(&reach.output),
        "destination": addresses(&reach.destination),
        "traffic": traffic_data(&reach.traffic),
        "conditions": reach.conditions,
        "why": evidence_data(&reach.evidence, input),
        "path": path,
    })
}

fn interfaces(interfaces: &Interfaces) -> Value {
    json!({
        "of": interfaces.of().map(ToString::to_string),
        "except": interfaces.except().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn addresses(addresses: &Addresses) -> Vec<String> {
    addresses.ranges().iter().map(ToString::to_string).collect()
}

/// Numbers of ports and types as pairs of a first and a last one.
fn traffic_data(traffic: &Traffic) -> Value {
    let kinds = traffic.kinds().map(|(kind, ranges)| {
        let ranges = match kind {
            Kind::Other => Value::Bool(true),
            _ => ranges
                .ranges()
                .iter()
                .map(|(first, last)| json!([first, last]))
                .collect(),
        };
        (kind.name().to_owned(), ranges)
    });
    Value::Object(kinds.collect())
}

fn evidence_data(evidence: &Evidence, input: Option<&Input>) -> Value {
    let lines: Vec<_> = lines(evidence, input).iter().map(Line::json).collect();
    json!({ "note": evidence.note, "fields": lines })
}
