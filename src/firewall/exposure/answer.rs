//! What a map has for a class of packets.

use std::collections::BTreeMap;

use super::class::{Class, Split};
use super::{Addresses, Traffic};
use crate::firewall::ruleset::{MapElement, Selector, Value, Verdict};
use crate::net::InterfacePattern;

/// A class divided by the elements of a map.
#[derive(Debug, Default)]
pub(super) struct Answer<'a> {
    /// The packets that an element has a verdict for.
    pub(super) decided: Vec<(Class, &'a MapElement)>,
    /// The packets that no element matches. Those that differ in nothing but the traffic from what is let in stay among
    /// them: that keeps classes whole, and what two entries let in, the first one lets in.
    pub(super) rest: Vec<Class>,
}

/// An element with what is left of its key to be asked.
type Open<'a> = (&'a [Value], &'a MapElement);

impl<'a> Answer<'a> {
    /// What a map of these elements has for `class`.
    ///
    /// The elements are asked at once, not one after the other: with each of them the rest of the class would have one
    /// hole more.
    pub(super) fn of(class: Class, key: &[Selector], elements: &'a [MapElement]) -> Self {
        let mut answer = Self::default();
        let open: Vec<_> = elements
            .iter()
            .map(|element| (element.key.as_slice(), element))
            .collect();
        answer.ask(class, key, &open);
        answer
    }

    fn ask(&mut self, class: Class, key: &[Selector], open: &[Open<'a>]) {
        let Some((selector, further)) = key.split_first() else {
            let element = open.first().map(|(_, element)| *element);
            self.decided.extend(element.map(|element| (class, element)));
            return;
        };
        let asked = match selector {
            _ if key.iter().all(|selector| Traffic::is_told_by(*selector)) => self.by_traffic(&class, key, open),
            Selector::InputInterface => self.by_interface(&class, further, open, &INPUT),
            Selector::OutputInterface => self.by_interface(&class, further, open, &OUTPUT),
            Selector::SourceV4 | Selector::SourceV6 => self.by_address(&class, further, open, &SOURCE),
            Selector::DestinationV4 | Selector::DestinationV6 => self.by_address(&class, further, open, &DESTINATION),
            _ => None,
        };
        if asked.is_none() {
            self.in_turn(class, key, open);
        }
    }

    /// All fields that are left are of the traffic.
    fn by_traffic(&mut self, class: &Class, key: &[Selector], open: &[Open<'a>]) -> Option<()> {
        let wanted = open.iter().map(|(values, element)| {
            let parts = key
                .iter()
                .zip(*values)
                .map(|(selector, value)| Traffic::having(*selector, value));
            let all = parts.reduce(|all, one| Some(all?.and(&one?)))??;
            Some((all, *element))
        });
        let wanted: Vec<_> = wanted.collect::<Option<_>>()?;
        for (traffic, element) in &wanted {
            let inside = class.traffic.and(traffic);
            if !inside.is_empty() {
                self.decided.push((class.with_traffic(inside), element));
            }
        }
        let gone = wanted.iter().filter(|(_, element)| element.verdict != Verdict::Accept);
        let rest = class
            .traffic
            .without(&Traffic::of_all(gone.map(|(traffic, _)| traffic)));
        if !rest.is_empty() {
            self.rest.push(class.with_traffic(rest));
        }
        Some(())
    }

    /// `None` where the elements have patterns that lie in each other.
    fn by_interface(
        &mut self,
        class: &Class,
        further: &[Selector],
        open: &[Open<'a>],
        end: &InterfaceEnd,
    ) -> Option<()> {
        let groups = grouped(open, |value| match value {
            Value::Interface(pattern) => Some(pattern),
            _ => None,
        })?;
        let mut patterns = groups.iter().filter(|(pattern, _)| pattern.exact().is_none());
        let in_each_other =
            |one: &InterfacePattern| groups.iter().any(|(other, _)| *other != one && other.overlaps(one));
        if patterns.any(|(pattern, _)| in_each_other(pattern)) {
            return None;
        }
        let here = (end.get)(class);
        let rest = here.without_all(groups.iter().map(|(pattern, _)| *pattern));
        for (pattern, open) in groups {
            if let Some(inside) = here.within(pattern) {
                self.ask((end.with)(class, inside), further, &open);
            }
        }
        self.rest.extend(rest.map(|rest| (end.with)(class, rest)));
        Some(())
    }

    /// `None` where the elements have ranges that lie in each other.
    fn by_address(&mut self, class: &Class, further: &[Selector], open: &[Open<'a>], end: &AddressEnd) -> Option<()> {
        let groups = grouped(open, |value| match value {
            Value::Addresses(range) => Some(range),
            _ => None,
        })?;
        let mut ranges: Vec<_> = groups
            .iter()
            .map(|(range, _)| (range.family(), range.numbers()))
            .collect();
        ranges.sort_unstable();
        let in_each_other =
            |pair: &[(_, (u128, u128))]| matches!(pair, [one, other] if one.0 == other.0 && one.1.1 >= other.1.0);
        if ranges.windows(2).any(in_each_other) {
            return None;
        }
        let here = (end.get)(class);
        let rest = here.without(&Addresses::of_all(groups.iter().map(|(range, _)| **range)));
        for (range, open) in groups {
            let inside = here.and(&Addresses::from(*range));
            if !inside.is_empty() {
                self.ask((end.with)(class, inside), further, &open);
            }
        }
        if !rest.is_empty() {
            self.rest.push((end.with)(class, rest));
        }
        Some(())
    }

    /// The elements one after the other, whatever their key.
    fn in_turn(&mut self, class: Class, key: &[Selector], open: &[Open<'a>]) {
        let mut rest = vec![class];
        for (values, element) in open {
            let mut left = Vec::new();
            for class in rest {
                let Split { inside, outside } = class.split_key(key, values);
                left.extend(class.beyond(element.verdict == Verdict::Accept, outside));
                self.decided.extend(inside.into_iter().map(|class| (class, *element)));
            }
            rest = left;
        }
        self.rest.append(&mut rest);
    }
}

/// The elements by the first value that is left of their keys, in the order of the map; `None` where `read` reads one not.
fn grouped<'a, T: Ord + Copy>(
    open: &[Open<'a>],
    read: impl Fn(&'a Value) -> Option<T>,
) -> Option<Vec<(T, Vec<Open<'a>>)>> {
    let mut places: BTreeMap<T, usize> = BTreeMap::new();
    let mut groups: Vec<(T, Vec<Open<'a>>)> = Vec::new();
    for (values, element) in open {
        let (value, further) = values.split_first()?;
        let value = read(value)?;
        let place = *places.entry(value).or_insert_with(|| {
            groups.push((value, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(place) {
            group.push((further, element));
        }
    }
    Some(groups)
}

/// Reads and replaces the interfaces at one end of a class.
struct InterfaceEnd {
    get: fn(&Class) -> &super::Interfaces,
    with: fn(&Class, super::Interfaces) -> Class,
}

const INPUT: InterfaceEnd = InterfaceEnd {
    get: |class| &class.input,
    with: |class, input| Class { input, ..class.clone() },
};

const OUTPUT: InterfaceEnd = InterfaceEnd {
    get: |class| &class.output,
    with: |class, output| Class {
        output,
        ..class.clone()
    },
};

/// Reads and replaces the addresses at one end of a class.
struct AddressEnd {
    get: fn(&Class) -> &Addresses,
    with: fn(&Class, Addresses) -> Class,
}

const SOURCE: AddressEnd = AddressEnd {
    get: |class| &class.source,
    with: |class, source| Class {
        source,
        ..class.clone()
    },
};

const DESTINATION: AddressEnd = AddressEnd {
    get: |class| &class.destination,
    with: |class, destination| Class {
        destination,
        ..class.clone()
    },
};
