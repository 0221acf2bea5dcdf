//! Interfaces as numbers.

use std::collections::BTreeSet;

use super::region::Segment;
use crate::firewall::exposure::Interfaces;
use crate::net::InterfacePattern;

/// Numbers for interfaces: one for the interfaces of each pattern that no longer pattern means, and 0 for those that no
/// pattern means.
///
/// The patterns stand in the order of their names, a beginning before everything that begins so: what a pattern means has
/// numbers that follow each other.
#[derive(Debug)]
pub(super) struct Forest {
    patterns: Vec<InterfacePattern>,
    /// For each pattern the number behind the last one that it means.
    ends: Vec<usize>,
}

impl Forest {
    /// The numbers for all patterns of these sets of interfaces.
    pub(super) fn of<'a>(all: impl IntoIterator<Item = &'a Interfaces>) -> Self {
        let named = all
            .into_iter()
            .flat_map(|interfaces| interfaces.of().into_iter().chain(interfaces.except()));
        let named: BTreeSet<&InterfacePattern> = named.collect();
        let mut patterns: Vec<InterfacePattern> = named.into_iter().cloned().collect();
        patterns.sort_by(|one, other| letters(one).cmp(&letters(other)));
        let ends = patterns
            .iter()
            .enumerate()
            .map(|(place, pattern)| match pattern.starts_with() {
                None => place + 2,
                Some(start) => {
                    let below = patterns
                        .iter()
                        .skip(place)
                        .take_while(|other| letters(other).0.starts_with(start));
                    place + 1 + below.count()
                }
            });
        Self {
            ends: ends.collect(),
            patterns,
        }
    }

    /// The numbers of a set of interfaces, ascending.
    pub(super) fn segments(&self, interfaces: &Interfaces) -> Vec<Segment> {
        let all = 0..self.patterns.len() + 1;
        let span = |pattern: &InterfacePattern| {
            let key = letters(pattern);
            let place = self.patterns.binary_search_by(|other| letters(other).cmp(&key)).ok()?;
            Some(place + 1..*self.ends.get(place)?)
        };
        let of = match interfaces.of() {
            None => all,
            Some(of) => span(of).unwrap_or(0..0),
        };
        let mut gaps: Vec<_> = interfaces.except().filter_map(span).collect();
        gaps.sort_by_key(|gap| gap.start);
        let mut found = Vec::new();
        let mut next = of.start;
        for gap in gaps {
            if next < gap.start {
                found.push((next as u128, gap.start as u128 - 1));
            }
            next = next.max(gap.end);
        }
        if next < of.end {
            found.push((next as u128, of.end as u128 - 1));
        }
        found
    }

    /// The sets of interfaces that these numbers mean: as few words as say it.
    pub(super) fn interfaces(&self, segments: &[Segment]) -> Vec<Interfaces> {
        let mut found: Vec<(Option<InterfacePattern>, Vec<InterfacePattern>)> = Vec::new();
        // What is around the current number: the end, whether it is in the set, and the words that it belongs to.
        let mut around: Vec<(usize, bool, usize)> = Vec::new();
        for number in 0..=self.patterns.len() {
            while around.last().is_some_and(|(end, ..)| *end <= number) {
                around.pop();
            }
            let here = number as u128;
            let inside = segments.iter().any(|(first, last)| (*first..=*last).contains(&here));
            let place = number.checked_sub(1);
            let pattern = place.and_then(|place| self.patterns.get(place));
            let end = place
                .and_then(|place| self.ends.get(place))
                .copied()
                .unwrap_or(usize::MAX);
            let (outer, words) = around.last().map_or((false, 0), |(_, inside, words)| (*inside, *words));
            let words = match (outer, inside) {
                (false, true) => {
                    found.push((pattern.cloned(), Vec::new()));
                    found.len() - 1
                }
                (true, false) => {
                    if let Some((_, except)) = found.get_mut(words) {
                        except.extend(pattern.cloned());
                    }
                    words
                }
                _ => words,
            };
            around.push((end, inside, words));
        }
        found
            .into_iter()
            .map(|(of, except)| Interfaces::new(of, except))
            .collect()
    }
}

/// What the order of patterns goes by: the letters, a beginning before the name of the same letters.
fn letters(pattern: &InterfacePattern) -> (&str, bool) {
    match (pattern.starts_with(), pattern.exact()) {
        (Some(start), _) => (start, false),
        (None, Some(name)) => (name.as_str(), true),
        (None, None) => ("", true),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;

    const PATTERNS: [&str; 9] = ["br-*", "br-7*", "br-7", "br-lan", "b*", "br-", "eth*", "eth0", "lo"];

    fn pattern(written: &str) -> InterfacePattern {
        written.parse().unwrap()
    }

    /// A set as the walk makes them: a pattern without some that it covers.
    fn interfaces() -> impl Strategy<Value = Interfaces> {
        let of = prop_oneof![2 => select(&PATTERNS[..]).prop_map(Some), 1 => Just(None)];
        (of, subsequence(&PATTERNS[..], 0..4)).prop_filter_map("an empty set", |(of, except)| {
            let all = Interfaces::new(of.map(pattern), []);
            all.without_all(&except.into_iter().map(pattern).collect::<Vec<_>>())
        })
    }

    const NAMES: [&str; 10] = [
        "br-", "br-7", "br-7f", "br-lan", "br-x", "bond0", "eth0", "eth1", "lo", "zz",
    ];

    proptest! {
        #[test]
        fn numbers_mean_the_same_interfaces(all in proptest::collection::vec(interfaces(), 1..5)) {
            let forest = Forest::of(&all);
            let mut segments: Vec<Segment> = all.iter().flat_map(|one| forest.segments(one)).collect();
            segments.sort_unstable();
            let shown = forest.interfaces(&segments);
            for name in NAMES {
                let name = name.parse().unwrap();
                let expected = all.iter().any(|one| one.contains(&name));
                let holding = shown.iter().filter(|one| one.contains(&name)).count();
                prop_assert_eq!(holding, usize::from(expected), "{} in {:?}", name, shown);
            }
        }
    }

    #[test]
    fn a_set_is_said_in_few_words() {
        let all = [
            Interfaces::all(),
            Interfaces::new(Some(pattern("br-*")), [pattern("br-7*")]),
            Interfaces::new(Some(pattern("br-7f")), []),
        ];
        let forest = Forest::of(&all);
        let shown = |interfaces: &Interfaces| -> Vec<String> {
            forest
                .interfaces(&forest.segments(interfaces))
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(shown(&all[0]), ["every interface"]);
        assert_eq!(shown(&all[1]), ["br-* but br-7*"]);
        let both = [forest.segments(&all[1]), forest.segments(&all[2])].concat();
        let both: Vec<String> = forest.interfaces(&both).iter().map(ToString::to_string).collect();
        assert_eq!(both, ["br-* but br-7*", "br-7f"]);
    }
}
