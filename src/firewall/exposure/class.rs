//! Classes of packets.

use super::{Addresses, Interfaces, Traffic};
use crate::firewall::ruleset::{ConntrackState, Match, Selector, Value};

/// All packets that are alike in this: a box in the space of interfaces, addresses and traffic. They begin connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) input: Interfaces,
    pub(super) source: Addresses,
    pub(super) output: Interfaces,
    pub(super) destination: Addresses,
    pub(super) traffic: Traffic,
    /// What they meet beside this, in the words of nft: a class knows nothing of it.
    pub(super) conditions: Vec<String>,
    /// Whether some of them may have been let through already, under conditions that a class knows nothing of.
    pub(super) is_doubtful: bool,
}

/// A class divided in two by a condition.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// Those that meet it.
    pub(super) inside: Vec<Class>,
    /// Those that do not.
    pub(super) outside: Vec<Class>,
}

impl Class {
    /// Every packet.
    pub(super) fn all() -> Self {
        Self {
            input: Interfaces::all(),
            source: Addresses::all(),
            output: Interfaces::all(),
            destination: Addresses::all(),
            traffic: Traffic::all(),
            conditions: Vec::new(),
            is_doubtful: false,
        }
    }

    /// Everything but the traffic, to tell what differs in nothing else.
    pub(super) fn way(&self) -> impl Ord + use<'_> {
        (
            (&self.input, &self.source),
            (&self.output, &self.destination),
            (&self.conditions, self.is_doubtful),
        )
    }

    /// The class with other traffic.
    pub(super) fn with_traffic(&self, traffic: Traffic) -> Self {
        Self {
            input: self.input.clone(),
            source: self.source.clone(),
            output: self.output.clone(),
            destination: self.destination.clone(),
            traffic,
            conditions: self.conditions.clone(),
            is_doubtful: self.is_doubtful,
        }
    }

    /// The packets of it that meet a condition that it knows nothing of.
    pub(super) fn meeting(&self, condition: &Match) -> Self {
        let mut class = self.clone();
        let condition = condition.to_string();
        if !class.conditions.contains(&condition) {
            class.conditions.push(condition);
        }
        class
    }

    /// What of it goes on that a rule or element decided in part, all but `outside`. What is let in needs not be told by
    /// its traffic from what is let in further down: that keeps classes whole.
    pub(super) fn beyond(&self, accepted: bool, outside: Vec<Self>) -> Vec<Self> {
        if accepted && outside.iter().any(|other| other.traffic != self.traffic) {
            vec![self.clone()]
        } else {
            outside
        }
    }

    /// Divides by whether `selector` has one of `values`; `None` where a class does not know.
    pub(super) fn split<'v>(&self, selector: Selector, values: impl IntoIterator<Item = &'v Value>) -> Option<Split> {
        let values = values.into_iter();
        match selector {
            Selector::InputInterface => {
                Some(self.by_interface(values, |class| &class.input, |class, input| class.input = input))
            }
            Selector::OutputInterface => {
                Some(self.by_interface(values, |class| &class.output, |class, output| class.output = output))
            }
            Selector::SourceV4 | Selector::SourceV6 | Selector::Family => {
                let wanted = addresses(values)?;
                Some(self.parted(
                    (self.source.and(&wanted), self.source.without(&wanted)),
                    Addresses::is_empty,
                    |class, source| class.source = source,
                ))
            }
            Selector::DestinationV4 | Selector::DestinationV6 => {
                let wanted = addresses(values)?;
                Some(self.parted(
                    (self.destination.and(&wanted), self.destination.without(&wanted)),
                    Addresses::is_empty,
                    |class, destination| class.destination = destination,
                ))
            }
            Selector::Protocol | Selector::DestinationPort | Selector::IcmpType | Selector::Icmpv6Type => {
                let mut wanted: Option<Traffic> = None;
                for value in values {
                    let one = Traffic::having(selector, value)?;
                    wanted = Some(wanted.map_or_else(|| one.clone(), |wanted| wanted.or(&one)));
                }
                Some(self.by_traffic(&wanted?))
            }
            Selector::State => {
                // These packets begin connections.
                let new = values
                    .into_iter()
                    .any(|value| *value == Value::State(ConntrackState::New));
                Some(if new { Split::inside(self) } else { Split::outside(self) })
            }
            Selector::SourcePort | Selector::PacketType => None,
        }
    }

    /// Divides by whether every field of a key has its value. Where a class does not know a field, its packets are on both
    /// sides, those inside under the condition.
    pub(super) fn split_key(&self, key: &[Selector], values: &[Value]) -> Split {
        let mut wanted: Option<Traffic> = None;
        let mut split = Split::inside(self);
        for (selector, value) in key.iter().zip(values) {
            // Fields of one kind are one condition, or each element of a map would divide the rest in two.
            if let Some(one) = Traffic::having(*selector, value) {
                wanted = Some(wanted.map_or_else(|| one.clone(), |wanted| wanted.and(&one)));
                continue;
            }
            split = split.further(|class| {
                class.split(*selector, [value]).unwrap_or_else(|| Split {
                    inside: vec![class.meeting(&Match::Is(*selector, value.clone()))],
                    outside: vec![class.clone()],
                })
            });
        }
        match wanted {
            Some(wanted) => split.further(|class| class.by_traffic(&wanted)),
            None => split,
        }
    }

    fn by_traffic(&self, wanted: &Traffic) -> Split {
        self.parted(
            (self.traffic.and(wanted), self.traffic.without(wanted)),
            Traffic::is_empty,
            |class, traffic| class.traffic = traffic,
        )
    }

    fn by_interface<'v>(
        &self,
        values: impl Iterator<Item = &'v Value>,
        get: impl Fn(&Self) -> &Interfaces,
        set: impl Fn(&mut Self, Interfaces),
    ) -> Split {
        let mut split = Split::default();
        let mut rest = Some(self.clone());
        for value in values {
            let (Value::Interface(pattern), Some(class)) = (value, &rest) else {
                continue;
            };
            let (inside, outside) = get(class).split(pattern);
            let with = |interfaces| {
                let mut class = class.clone();
                set(&mut class, interfaces);
                class
            };
            split.inside.extend(inside.map(with));
            rest = outside.map(with);
        }
        split.outside.extend(rest);
        split
    }

    fn parted<T>(&self, parts: (T, T), is_empty: impl Fn(&T) -> bool, set: impl Fn(&mut Self, T)) -> Split {
        let with = |part: T| {
            let mut class = self.clone();
            set(&mut class, part);
            class
        };
        let some = |part: T| (!is_empty(&part)).then_some(part);
        Split {
            inside: some(parts.0).map(with).into_iter().collect(),
            outside: some(parts.1).map(with).into_iter().collect(),
        }
    }
}

impl Split {
    pub(super) fn inside(class: &Class) -> Self {
        Self {
            inside: vec![class.clone()],
            outside: Vec::new(),
        }
    }

    fn outside(class: &Class) -> Self {
        Self {
            inside: Vec::new(),
            outside: vec![class.clone()],
        }
    }

    /// Divides those inside by a further condition.
    pub(super) fn further(self, split: impl Fn(&Class) -> Self) -> Self {
        let mut all = Self {
            inside: Vec::new(),
            outside: self.outside,
        };
        for class in &self.inside {
            let parts = split(class);
            all.inside.extend(parts.inside);
            all.outside.extend(parts.outside);
        }
        all
    }
}

/// The addresses that the values mean.
fn addresses<'v>(values: impl Iterator<Item = &'v Value>) -> Option<Addresses> {
    let mut all: Option<Addresses> = None;
    for value in values {
        let one = match value {
            Value::Addresses(range) => Addresses::from(*range),
            Value::Family(family) => Addresses::of(*family),
            _ => return None,
        };
        all = Some(all.map_or_else(|| one.clone(), |all| all.or(&one)));
    }
    all
}
