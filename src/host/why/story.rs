//! What belongs together in the decision log.

use std::collections::BTreeMap;

use crate::monitor::decision::What;
use crate::monitor::{Decision, Moment};

/// A decision, and how it ended where that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Story<'a> {
    /// The decision.
    pub(super) decision: &'a Decision,
    /// How it ended, and when.
    pub(super) end: Option<&'a Decision>,
}

impl Story<'_> {
    /// How far it is from that moment, in milliseconds; nothing within it.
    pub(super) fn distance(&self, moment: Moment) -> u64 {
        let (begin, at) = (self.decision.at.as_millis(), moment.as_millis());
        let end = self.end.map_or(begin, |end| end.at.as_millis());
        begin.saturating_sub(at).max(at.saturating_sub(end))
    }
}

/// The decisions, the oldest first, each with how it ended.
pub(super) fn stories(decisions: &[Decision]) -> Vec<Story<'_>> {
    let mut stories: Vec<Story<'_>> = Vec::new();
    // Where the story of a number stands. A number comes again where the state was lost.
    let mut open: BTreeMap<u64, usize> = BTreeMap::new();
    for decision in decisions {
        match &decision.what {
            What::Moved { token, .. } | What::NotMoved { token, .. } | What::Restarted { token, .. } => {
                let place = match &decision.what {
                    // It may still be carried out, late.
                    What::NotMoved { .. } => open.get(token).copied(),
                    _ => open.remove(token),
                };
                let begun = place.and_then(|place| stories.get_mut(place));
                match begun.filter(|story| belongs(&story.decision.what, &decision.what)) {
                    Some(story) => story.end = Some(decision),
                    // Its beginning has been thrown away with the oldest part.
                    None => stories.push(Story { decision, end: None }),
                }
            }
            what => {
                if let What::Move { token, .. } | What::Restart { token, .. } = what {
                    open.insert(*token, stories.len());
                }
                stories.push(Story { decision, end: None });
            }
        }
    }
    stories
}

fn belongs(begin: &What, end: &What) -> bool {
    match (begin, end) {
        (
            What::Move { from, to, .. },
            What::Moved {
                from: left, to: taken, ..
            }
            | What::NotMoved {
                from: left, to: taken, ..
            },
        ) => (from, to) == (left, taken),
        (What::Restart { .. }, What::Restarted { .. }) => true,
        _ => false,
    }
}
