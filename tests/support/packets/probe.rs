//! What the kernel saw of each packet: a table of the laboratory's own, before and behind the chains under test.
//!
//! Each of its chains puts the numbers of the packets that pass it into a set, one set for each family. The last ones drop
//! what they have put down: whoever gets there has passed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::fate::State;
use super::wire;

/// A packet, by its family and its number.
pub type Key = (Family, u16);

/// A family of addresses, by its place in [`NUMBER`].
pub type Family = usize;

/// What the sets say.
#[derive(Debug, Default)]
pub struct Sightings {
    /// Those that any hook saw, with what connection tracking made of them.
    pub state: BTreeMap<Key, State>,
    /// Those without a way back by the interface that they came in by.
    pub no_way_back: BTreeSet<Key>,
    /// Those without any way back.
    pub no_way_back_at_all: BTreeSet<Key>,
    /// Those that passed prerouting.
    pub routed: BTreeSet<Key>,
    /// Those that came to the input hook.
    pub input: BTreeSet<Key>,
    /// Those that passed it.
    pub accepted: BTreeSet<Key>,
    /// Those that came to the forward hook, with the interface that they were to leave by.
    pub forward: BTreeMap<Key, String>,
    /// Those that passed it.
    pub forwarded: BTreeSet<Key>,
    /// Those that came to the output hook on their way to others, with the interface that they were to leave by.
    pub own: BTreeMap<Key, String>,
    /// Those that passed it.
    pub sent: BTreeSet<Key>,
}

/// The table.
pub const TABLE: &str = "laboratory";

/// The sets: their names, and what stands in them behind the number.
const SETS: [(&str, &str); 10] = [
    ("state", " . ct state"),
    ("no_way_back", ""),
    ("no_way_back_at_all", ""),
    ("routed", ""),
    ("came_in", ""),
    ("accepted", ""),
    ("came_through", " . meta oifname"),
    ("forwarded", ""),
    ("own", " . meta oifname"),
    ("sent", ""),
];

/// A chain: its hook, its priority, and the sets that it fills with the conditions for that.
type Chain = (&'static str, &'static str, &'static [(&'static str, usize)]);

/// The chains. Connection tracking has priority -200, and before it fragments are put together.
const CHAINS: [Chain; 8] = [
    (
        "prerouting",
        "-199",
        &[
            ("", 0),
            ("fib saddr . iif oif missing", 1),
            ("fib saddr oif missing", 2),
        ],
    ),
    ("prerouting", "1000", &[("", 3)]),
    ("input", "-1000", &[("", 4)]),
    ("input", "1000", &[("", 5)]),
    ("forward", "-1000", &[("", 6)]),
    ("forward", "1000", &[("", 7)]),
    ("output", "-199", &[("", 0), ("", 8)]),
    ("output", "1000", &[("", 9)]),
];

/// The field with a packet's number, in both families.
const NUMBER: [&str; 2] = ["ip id", "ip6 flowlabel"];

/// Packets of the kernel's own making that come back to it, whose numbers mean nothing: what it answers to its own and to
/// broadcast addresses. Nobody else sends IPv4 packets with the time to live of ours (one less when they are forwarded), and
/// IPv6 packets with 255 are neighbour discovery, which has no flow label.
const OTHERS: [&str; 2] = ["ip ttl != 62-63", "ip6 hoplimit != 254-255"];

/// The table as nft reads it, with nothing in its sets.
pub fn ruleset() -> String {
    let mut text = format!("add table inet {TABLE}\ndelete table inet {TABLE}\ntable inet {TABLE} {{\n");
    for (name, also) in SETS {
        for (family, number) in NUMBER.into_iter().enumerate() {
            let _ = writeln!(
                text,
                "set {name}{family} {{ typeof {number}{also}; flags dynamic; size 65535; }}"
            );
        }
    }
    for (index, (hook, priority, rules)) in CHAINS.into_iter().enumerate() {
        let _ = writeln!(
            text,
            "chain chain{index} {{ type filter hook {hook} priority {priority}; policy accept;"
        );
        for own in OTHERS {
            let _ = writeln!(text, "{own} accept");
        }
        if hook == "output" {
            // What the host sends to itself is seen when it comes in. What connections are opened with has to get out, and what
            // the kernel itself sends to its neighbours is nobody's.
            let _ = writeln!(text, "oifname \"lo\" accept");
            for number in NUMBER {
                let _ = writeln!(text, "{number} {{ 0, {} }} accept", wire::NOBODY);
            }
        }
        for (condition, set) in rules {
            let (name, also) = SETS[*set];
            for (family, number) in NUMBER.into_iter().enumerate() {
                let _ = writeln!(text, "{condition} update @{name}{family} {{ {number}{also} }}");
            }
        }
        if priority == "1000" && hook != "prerouting" {
            text.push_str("drop\n");
        }
        text.push_str("}\n");
    }
    text.push_str("}\n");
    text
}

impl Sightings {
    /// Reads what `nft -j list table inet laboratory` says.
    pub fn read(json: &str) -> Self {
        let said: Value = serde_json::from_str(json).expect("nft writes JSON");
        let mut sightings = Self::default();
        for object in said["nftables"].as_array().expect("a list") {
            let set = &object["set"];
            let Some(name) = set["name"].as_str() else { continue };
            let elements = set["elem"].as_array().map(Vec::as_slice).unwrap_or_default();
            let (name, family) = name.split_at(name.len() - 1);
            let family = family.parse().expect("the last letter is the family");
            for element in elements {
                sightings.put(name, family, element);
            }
        }
        sightings
    }

    fn put(&mut self, set: &str, family: Family, element: &Value) {
        let (number, also) = match &element["concat"] {
            Value::Array(parts) => (&parts[0], parts[1].as_str().unwrap_or_default()),
            _ => (element, ""),
        };
        let number = number.as_u64().unwrap_or_else(|| panic!("{element} in {set}"));
        // Packets of the kernel's own have other labels.
        let Ok(number) = u16::try_from(number) else { return };
        let key = (family, number);
        let plain = match set {
            "state" => {
                let state = State::of(also).unwrap_or_else(|| panic!("state {also:?}"));
                let before = self.state.insert(key, state);
                assert!(
                    before.is_none(),
                    "two packets of one number: {key:?}, {before:?}, {state:?}"
                );
                return;
            }
            "came_through" => {
                self.forward.insert(key, also.to_owned());
                return;
            }
            "own" => {
                self.own.insert(key, also.to_owned());
                return;
            }
            "no_way_back" => &mut self.no_way_back,
            "no_way_back_at_all" => &mut self.no_way_back_at_all,
            "routed" => &mut self.routed,
            "came_in" => &mut self.input,
            "accepted" => &mut self.accepted,
            "forwarded" => &mut self.forwarded,
            "sent" => &mut self.sent,
            _ => panic!("a set {set}"),
        };
        plain.insert(key);
    }
}
