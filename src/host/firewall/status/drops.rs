//! What was dropped: by reason, and by source.

use std::cmp::Reverse;

use super::comment::Said;
use super::seen::{DropReason, Fate, Source};
use super::zones::{LIMITED, zone_of};
use crate::host::firewall::listing::{Decision, Listing, Rule};

/// What was dropped or rejected, and why; the largest first. Rules with the same reason are one.
pub(super) fn drops(listing: &Listing) -> Vec<DropReason> {
    let mut drops: Vec<DropReason> = Vec::new();
    for rule in &listing.rules {
        let (Some(fate), Some(counter)) = (fate(rule), rule.counter) else {
            continue;
        };
        let said = Said::of(rule.comment.as_deref());
        let reason = said.note.or_else(|| said.origin.clone());
        let reason = reason.unwrap_or_else(|| match zone_of(&rule.chain) {
            Some(zone) => format!("zone {zone}"),
            None => format!("chain {}", rule.chain),
        });
        match drops
            .iter_mut()
            .find(|other| (&other.reason, other.fate) == (&reason, fate))
        {
            Some(other) => other.counter = other.counter + counter,
            None => drops.push(DropReason {
                reason,
                fate,
                origin: said.origin,
                counter,
            }),
        }
    }
    drops.sort_by_key(|drop| Reverse(drop.counter));
    drops
}

/// What a rule does to packets, where it takes them away itself; one that leads to the chain of all that is refused is
/// counted there.
fn fate(rule: &Rule) -> Option<Fate> {
    match rule.decision.as_ref()? {
        Decision::Drop => Some(Fate::Dropped),
        Decision::Reject => Some(Fate::Rejected),
        Decision::Goto(chain) | Decision::Jump(chain) if chain == LIMITED => Some(Fate::Limited),
        _ => None,
    }
}

/// The sources that are counted in the sets called `name`, of both families; those with most packets first, at most
/// `most`.
pub(super) fn sources(listing: &Listing, name: &str, most: usize) -> Vec<Source> {
    let sets = ["v4", "v6"].map(|family| listing.set(&format!("{name}/{family}")));
    let mut sources: Vec<Source> = sets
        .into_iter()
        .flatten()
        .flat_map(|set| {
            set.elements.iter().filter_map(|element| {
                let left = set.timeout.zip(element.expires);
                Some(Source {
                    address: element.shown(),
                    last_seen_seconds: left.map(|(timeout, expires)| timeout.saturating_sub(expires)),
                    counter: element.counter?,
                })
            })
        })
        .collect();
    sources.sort_by(|a, b| (Reverse(a.counter), &a.address).cmp(&(Reverse(b.counter), &b.address)));
    sources.truncate(most);
    sources
}
