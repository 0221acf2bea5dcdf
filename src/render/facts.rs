//! What a host's tree means, one fact a line, so that two trees can be compared by their meaning.
//!
//! A line is either something that is so (`zone internal | admits tcp 5432`) or something that has a value
//! (`rate limit of ollama = 20r/s`). The file is part of the tree and is read back from it.

mod collect;
mod way_in;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub use self::way_in::WayIn;
use super::marker;
use crate::firewall::difference::Filter;
use crate::firewall::exposure::Addresses;
use crate::firewall::ruleset::AddressRange;
use crate::model::Host;
use crate::net::{Port, Prefix, Transport};

const IS_SO: &str = " | ";
const HAS_VALUE: &str = " = ";

/// The facts of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// A subject and what is said of it.
    statements: BTreeSet<(String, String)>,
    /// A subject and its value.
    values: BTreeMap<String, String>,
}

impl Facts {
    /// The facts of a host.
    pub fn of(host: &Host) -> Self {
        let mut facts = Self::default();
        collect::collect(host, &mut facts);
        facts
    }

    /// The facts as a file; `marker` is its first line.
    pub(super) fn text(&self, marker: &str) -> String {
        let statements = self
            .statements
            .iter()
            .map(|(subject, said)| format!("{subject}{IS_SO}{said}"));
        let values = self
            .values
            .iter()
            .map(|(subject, value)| format!("{subject}{HAS_VALUE}{value}"));
        let lines: BTreeSet<String> = statements.chain(values).collect();
        let mut text = format!("# {marker}\n");
        for line in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// Reads a file of facts. Lines that are no fact (a later version's, or an editor's) are passed over.
    pub fn read(text: &str) -> Self {
        let mut facts = Self::default();
        for line in marker::without_marker(text).lines() {
            // A fact has a subject.
            let at = |separator| line.find(separator).filter(|at| *at > 0);
            let (statement, value) = (at(IS_SO), at(HAS_VALUE));
            match (statement, value) {
                (Some(at), value) if value.is_none_or(|value| at < value) => {
                    let (subject, said) = line.split_at(at);
                    facts.state(subject, said.strip_prefix(IS_SO).unwrap_or(said));
                }
                (_, Some(at)) => {
                    let (subject, value) = line.split_at(at);
                    let value = value.strip_prefix(HAS_VALUE).unwrap_or(value);
                    facts.values.insert(subject.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        facts
    }

    /// The ways by which the operator gets in.
    pub fn ways_in(&self) -> Vec<WayIn> {
        let said = self.statements.iter().filter(|(subject, _)| subject == WayIn::SUBJECT);
        said.filter_map(|(_, said)| WayIn::read(said)).collect()
    }

    /// Whether `way` is open on a host of these facts that stands behind `filter`.
    pub fn is_open(&self, way: &WayIn, filter: Filter<'_>) -> bool {
        let says = |(subject, said): (&str, &str)| self.statements.contains(&(subject.to_owned(), said.to_owned()));
        let tailnet = self.value_of(TAILNET_INTERFACE) == Some(way.via.as_str());
        if tailnet && says(SHIELDS_UP) {
            return false;
        }
        // tailscaled answers before the host's own firewall sees a packet.
        if tailnet && says(TAILSCALE_SSH) && way.ports.contains(&(Transport::Tcp, SSH.into())) {
            return true;
        }
        match filter {
            Filter::NoHost => false,
            Filter::NoZones => true,
            Filter::Zones(exposure) => {
                let sources = match way.from {
                    Some(from) => vec![from],
                    None if tailnet => vec![Prefix::TAILNET_V4, Prefix::TAILNET_V6],
                    None => vec![Prefix::DEFAULT_V4, Prefix::DEFAULT_V6],
                };
                let sources = Addresses::of_all(sources.into_iter().map(AddressRange::from));
                let mut ports = way.ports.iter();
                ports.any(|(transport, ports)| exposure.lets_in(&way.via, &sources, *transport, ports.first()))
            }
        }
    }

    /// The value of a subject.
    pub fn value_of(&self, subject: &str) -> Option<&str> {
        self.values.get(subject).map(String::as_str)
    }

    /// What is different now, one sentence each: first what concerns who reaches what, then the rest. What the zones let in
    /// is not among it.
    pub fn changes(old: &Self, new: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (subject, said) in new
            .statements
            .difference(&old.statements)
            .filter(|(subject, _)| is_no_zone(subject))
        {
            changes.push((rank(subject), sentence(subject, "now", said)));
        }
        for (subject, said) in old
            .statements
            .difference(&new.statements)
            .filter(|(subject, _)| is_no_zone(subject))
        {
            changes.push((rank(subject), sentence(subject, "no longer", said)));
        }
        for (subject, value) in &new.values {
            match old.values.get(subject) {
                Some(before) if before == value => {}
                Some(before) => changes.push((rank(subject), format!("{subject}: {before} -> {value}"))),
                None => changes.push((rank(subject), format!("{subject}: none -> {value}"))),
            }
        }
        for (subject, before) in &old.values {
            if !new.values.contains_key(subject) {
                changes.push((rank(subject), format!("{subject}: {before} -> none")));
            }
        }
        changes.sort();
        changes.into_iter().map(|(_, change)| change).collect()
    }

    fn state(&mut self, subject: impl Into<String>, said: impl Into<String>) {
        self.statements.insert((subject.into(), said.into()));
    }

    fn value(&mut self, subject: impl Into<String>, value: &(impl ToString + ?Sized)) {
        self.values.insert(subject.into(), one_line(&value.to_string()));
    }
}

/// What the zones let in and through is compared as sets of packets ([`Difference`](crate::firewall::Difference)), not by its
/// words.
fn is_no_zone(subject: &str) -> bool {
    !subject.starts_with("zone ")
}

/// The subject of the name of tailscaled's interface.
const TAILNET_INTERFACE: &str = "interface of tailscaled";
/// What is said where tailscaled refuses everybody.
const SHIELDS_UP: (&str, &str) = ("tailscaled", "refuses all connections from the tailnet");
/// What is said where tailscaled answers SSH.
const TAILSCALE_SSH: (&str, &str) = ("Tailscale SSH", "answers port 22 of the tailnet addresses");
/// The port of SSH.
const SSH: Port = Port::constant(22);

/// `route 10.0.0.0/8 is now advertised`, `zone internal no longer admits tcp 22`.
fn sentence(subject: &str, when: &str, said: &str) -> String {
    match said.strip_prefix("is ") {
        Some(rest) => format!("{subject} is {when} {rest}"),
        None => format!("{subject} {when} {said}"),
    }
}

/// What somebody reviews first.
const REACH: [&str; 8] = [
    "zone ",
    "default policy",
    "firewall",
    "funnel ",
    "service ",
    "Tailscale SSH",
    "route ",
    "exit node",
];

fn rank(subject: &str) -> usize {
    REACH
        .iter()
        .position(|start| subject.starts_with(start))
        .unwrap_or(REACH.len())
}

/// Text of a profile on one line.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escape = c.is_control() || c == '\\' || matches!(c, '\u{2028}' | '\u{2029}');
            let escaped: Vec<char> = if escape { c.escape_default().collect() } else { vec![c] };
            escaped
        })
        .collect()
}

#[cfg(test)]
mod tests;
