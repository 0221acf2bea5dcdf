//! Entries that become one because they differ in little.

use std::collections::BTreeMap;

use super::{Addresses, Interfaces, Reach, Traffic};

/// What entries that become one differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Traffic,
    Destination,
    Source,
    Input,
}

/// Entries that differ in nothing but their traffic are one, at the place of the first; then those that differ in nothing
/// but their destination, and in nothing but their source. Then, at the place of the last, those that differ in nothing but
/// the interfaces that they come in by, as far as these are one set: what is asked at the end of every zone is let in by
/// whatever interface.
pub(in crate::firewall) fn joined(found: Vec<Reach>) -> Vec<Reach> {
    let extents = [Extent::Traffic, Extent::Destination, Extent::Source];
    let mut found = extents.into_iter().fold(found, joined_by);
    found.reverse();
    let mut found = joined_inputs(found);
    found.reverse();
    found
}

fn joined_inputs(found: Vec<Reach>) -> Vec<Reach> {
    let groups = grouped(&found, |reach| key(reach, Extent::Input));
    let mut all: Vec<Option<Reach>> = found.into_iter().map(Some).collect();
    for group in groups.into_iter().filter(|group| group.len() > 1) {
        let members: Vec<Reach> = group.iter().filter_map(|place| all.get_mut(*place)?.take()).collect();
        let inputs = Interfaces::united(members.iter().map(|reach| reach.input.clone()));
        let entries = inputs
            .into_iter()
            .zip(members)
            .map(|(input, reach)| Reach { input, ..reach });
        for (place, entry) in group.iter().zip(entries) {
            if let Some(free) = all.get_mut(*place) {
                *free = Some(entry);
            }
        }
    }
    all.into_iter().flatten().collect()
}

/// What entries have in common that differ in `extent` alone.
fn key(reach: &Reach, extent: Extent) -> impl Ord + use<'_> {
    (
        (
            &reach.zone,
            (extent != Extent::Input).then_some(&reach.input),
            &reach.output,
        ),
        (extent != Extent::Source).then_some(&reach.source),
        (extent != Extent::Destination).then_some(&reach.destination),
        (extent != Extent::Traffic).then_some(&reach.traffic),
        (&reach.evidence, &reach.path, &reach.conditions),
    )
}

fn joined_by(found: Vec<Reach>, extent: Extent) -> Vec<Reach> {
    let groups = grouped(&found, |reach| key(reach, extent));
    united(found, groups, |mut members| {
        let traffic = Traffic::of_all(members.iter().map(|reach| &reach.traffic));
        let destination = Addresses::of_all(members.iter().flat_map(|reach| reach.destination.ranges()));
        let source = Addresses::of_all(members.iter().flat_map(|reach| reach.source.ranges()));
        members.truncate(1);
        members.pop().map(|reach| Reach {
            source,
            destination,
            traffic,
            ..reach
        })
    })
}

/// The places of the items that have the same key, in the order of the first of each.
pub(super) fn grouped<'t, T, K: Ord>(all: &'t [T], key: impl Fn(&'t T) -> K) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, item) in all.iter().enumerate() {
        let group = *places.entry(key(item)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            group.push(place);
        }
    }
    groups
}

/// The list with one item for each of these groups, at the place of the group's first.
pub(super) fn united<T>(all: Vec<T>, groups: Vec<Vec<usize>>, join: impl Fn(Vec<T>) -> Option<T>) -> Vec<T> {
    let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
    for group in groups.into_iter().filter(|group| group.len() > 1) {
        let mut members = Vec::with_capacity(group.len());
        for place in &group {
            members.extend(all.get_mut(*place).and_then(Option::take));
        }
        if let Some(place) = group.first().and_then(|first| all.get_mut(*first)) {
            *place = join(members);
        }
    }
    all.into_iter().flatten().collect()
}
