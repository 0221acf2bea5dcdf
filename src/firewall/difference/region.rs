//! Sets of packets in a form of which there is only one for each set.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Numbers from a first to a last one, both included.
pub(super) type Segment = (u128, u128);

/// A set of packets in a [`Regions`]. Two of the same `Regions` are equal where they have the same packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Region(usize);

impl Region {
    /// No packet.
    pub(super) const NOTHING: Self = Self(0);
    /// Whatever fields are left.
    pub(super) const ALL: Self = Self(1);

    /// Whether no packet is in it.
    pub(super) fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
}

/// Sets of points in a space of several fields, as diagrams of decisions.
///
/// A node asks one field: each of its parts has the numbers of a segment and leads to the set of what the further fields may
/// be. Segments of a node ascend and do not overlap, those that touch lead to different sets, and of equal nodes there is
/// one. So each set has one diagram, and sets are compared by comparing two numbers.
#[derive(Debug, Default)]
pub(super) struct Regions {
    nodes: Vec<Vec<(Segment, Region)>>,
    places: BTreeMap<Vec<(Segment, Region)>, Region>,
    known: BTreeMap<(Operation, Region, Region), Region>,
}

/// What is made of two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    And,
    Or,
    Without,
}

impl Operation {
    /// The outcome where it does not depend on what the sets are.
    fn at_once(self, one: Region, other: Region) -> Option<Region> {
        match self {
            Self::And if one == other => Some(one),
            Self::And if one.is_nothing() || other.is_nothing() => Some(Region::NOTHING),
            Self::Or if one == other || other.is_nothing() => Some(one),
            Self::Or if one.is_nothing() => Some(other),
            Self::Without if one == other || one.is_nothing() => Some(Region::NOTHING),
            Self::Without if other.is_nothing() => Some(one),
            _ => None,
        }
    }
}

impl Regions {
    /// The set of what has a number of these segments, and the further fields of the set that the segment leads to. The
    /// segments ascend and do not overlap.
    pub(super) fn node(&mut self, parts: impl IntoIterator<Item = (Segment, Region)>) -> Region {
        let mut whole: Vec<(Segment, Region)> = Vec::new();
        for ((first, last), region) in parts {
            if region.is_nothing() {
                continue;
            }
            match whole.last_mut() {
                Some(((_, end), same)) if *same == region && end.checked_add(1) == Some(first) => *end = last,
                _ => whole.push(((first, last), region)),
            }
        }
        if whole.is_empty() {
            return Region::NOTHING;
        }
        if let Some(place) = self.places.get(&whole) {
            return *place;
        }
        // Behind the two that have no node.
        let place = Region(self.nodes.len() + 2);
        self.nodes.push(whole.clone());
        self.places.insert(whole, place);
        place
    }

    /// What is in both.
    pub(super) fn and(&mut self, one: Region, other: Region) -> Region {
        self.combine(Operation::And, one, other)
    }

    /// What is in one of them.
    pub(super) fn or(&mut self, one: Region, other: Region) -> Region {
        self.combine(Operation::Or, one, other)
    }

    /// What is in `one` and not in `other`.
    pub(super) fn without(&mut self, one: Region, other: Region) -> Region {
        self.combine(Operation::Without, one, other)
    }

    /// What is in any of them.
    pub(super) fn any(&mut self, mut all: Vec<Region>) -> Region {
        // In pairs: one after the other would copy the growing set each time.
        while all.len() > 1 {
            all = all
                .chunks(2)
                .map(|pair| match pair {
                    [one, other] => self.or(*one, *other),
                    _ => pair.first().copied().unwrap_or(Region::NOTHING),
                })
                .collect();
        }
        all.pop().unwrap_or(Region::NOTHING)
    }

    /// The parts of a set by its first field.
    pub(super) fn parts(&self, region: Region) -> &[(Segment, Region)] {
        let place = region.0.checked_sub(2);
        place.and_then(|place| self.nodes.get(place)).map_or(&[], Vec::as_slice)
    }

    /// The recursion is as deep as there are fields.
    fn combine(&mut self, operation: Operation, one: Region, other: Region) -> Region {
        if let Some(outcome) = operation.at_once(one, other) {
            return outcome;
        }
        if let Some(known) = self.known.get(&(operation, one, other)) {
            return *known;
        }
        let (ours, theirs) = (self.parts(one).to_vec(), self.parts(other).to_vec());
        let mut parts = Vec::with_capacity(ours.len() + theirs.len());
        for (segment, here, there) in overlaid(&ours, &theirs) {
            parts.push((segment, self.combine(operation, here, there)));
        }
        let outcome = self.node(parts);
        self.known.insert((operation, one, other), outcome);
        outcome
    }
}

/// The segments of two nodes cut where either has an end, with what each leads to.
fn overlaid(ours: &[(Segment, Region)], theirs: &[(Segment, Region)]) -> Vec<(Segment, Region, Region)> {
    let mut found = Vec::with_capacity(ours.len() + theirs.len());
    let (mut ours, mut theirs) = (ours.iter().copied(), theirs.iter().copied());
    let (mut one, mut other) = (ours.next(), theirs.next());
    loop {
        match (&mut one, &mut other) {
            (None, None) => return found,
            (Some((segment, here)), None) => {
                found.push((*segment, *here, Region::NOTHING));
                one = ours.next();
            }
            (None, Some((segment, there))) => {
                found.push((*segment, Region::NOTHING, *there));
                other = theirs.next();
            }
            (Some((a, here)), Some((b, there))) => {
                let (last, in_ours, in_theirs) = match a.0.cmp(&b.0) {
                    Ordering::Less => (a.1.min(b.0 - 1), true, false),
                    Ordering::Greater => (b.1.min(a.0 - 1), false, true),
                    Ordering::Equal => (a.1.min(b.1), true, true),
                };
                let led = |inside: bool, to: &Region| if inside { *to } else { Region::NOTHING };
                found.push(((a.0.min(b.0), last), led(in_ours, here), led(in_theirs, there)));
                if in_ours {
                    one = behind(*a, last).map(|rest| (rest, *here)).or_else(|| ours.next());
                }
                if in_theirs {
                    other = behind(*b, last).map(|rest| (rest, *there)).or_else(|| theirs.next());
                }
            }
        }
    }
}

/// What of a segment comes behind `last`.
fn behind(segment: Segment, last: u128) -> Option<Segment> {
    (last < segment.1).then(|| (last + 1, segment.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Boxes of two fields.
    fn boxes() -> impl Strategy<Value = Vec<[Segment; 2]>> {
        let side = || {
            prop_oneof![
                4 => (0u128..12, 0u128..5).prop_map(|(first, length)| (first, first + length)),
                1 => Just((0, u128::MAX)),
                1 => (0u128..4).prop_map(|length| (u128::MAX - length, u128::MAX)),
            ]
        };
        proptest::collection::vec([side(), side()], 0..6)
    }

    fn region(regions: &mut Regions, boxes: &[[Segment; 2]]) -> Region {
        let all = boxes.iter().map(|[x, y]| {
            let below = regions.node([(*y, Region::ALL)]);
            regions.node([(*x, below)])
        });
        let all = all.collect();
        regions.any(all)
    }

    fn holds(regions: &Regions, region: Region, point: [u128; 2]) -> bool {
        let mut here = region;
        for number in point {
            let part = regions
                .parts(here)
                .iter()
                .find(|((first, last), _)| (*first..=*last).contains(&number));
            let Some((_, below)) = part else { return false };
            here = *below;
        }
        here == Region::ALL
    }

    proptest! {
        #[test]
        fn sets_are_sets_and_equal_ones_are_one(one in boxes(), other in boxes()) {
            let mut regions = Regions::default();
            let (a, b) = (region(&mut regions, &one), region(&mut regions, &other));
            let (and, or, without) = (regions.and(a, b), regions.or(a, b), regions.without(a, b));
            let inside = |boxes: &[[Segment; 2]], point: [u128; 2]| {
                boxes.iter().any(|sides| sides.iter().zip(point).all(|((first, last), at)| (*first..=*last).contains(&at)))
            };
            let numbers = || (0..18).chain([u128::MAX - 4, u128::MAX - 1, u128::MAX]);
            let mut same = true;
            for x in numbers() {
                for y in numbers() {
                    let (in_a, in_b) = (inside(&one, [x, y]), inside(&other, [x, y]));
                    same &= in_a == in_b;
                    prop_assert_eq!(holds(&regions, a, [x, y]), in_a);
                    prop_assert_eq!(holds(&regions, and, [x, y]), in_a && in_b);
                    prop_assert_eq!(holds(&regions, or, [x, y]), in_a || in_b);
                    prop_assert_eq!(holds(&regions, without, [x, y]), in_a && !in_b);
                }
            }
            prop_assert_eq!(same, a == b, "{:?} {:?}", regions.parts(a), regions.parts(b));
            let reversed: Vec<_> = one.iter().rev().copied().collect();
            prop_assert_eq!(region(&mut regions, &reversed), a);
            let back = regions.or(and, without);
            prop_assert_eq!(back, a);
        }
    }
}
