//! The other nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::peer_row::PeerRow;
use super::seen::Class;
use crate::localapi::data::{Peer, StableId, Status};

/// The other nodes of this tailnet by name. Those of another tailnet whose owner was let share something are left out. A clone
/// is another view of the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers {
    rows: Rc<Vec<PeerRow>>,
    words: Rc<Words>,
}

/// How many of the other nodes are reached how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) all: usize,
    pub(super) direct: usize,
    pub(super) relayed: usize,
    pub(super) idle: usize,
    pub(super) unreached: usize,
    pub(super) offline: usize,
}

impl Peers {
    /// One node more.
    pub(crate) fn take(&mut self, peer: &Peer) {
        if !peer.sharee_node {
            let row = PeerRow::of(peer, Rc::make_mut(&mut self.words));
            Rc::make_mut(&mut self.rows).push(row);
        }
    }

    /// All have been taken: they are sorted, and their owners named.
    pub(crate) fn complete(&mut self, status: &Status) {
        let words = Rc::make_mut(&mut self.words);
        let logins: BTreeMap<&str, Rc<str>> = status
            .users
            .iter()
            .filter(|(_, user)| !user.login_name.is_empty())
            .map(|(number, user)| (number.as_str(), words.shared(&user.login_name)))
            .collect();
        let rows = Rc::make_mut(&mut self.rows);
        for row in rows.iter_mut() {
            row.name_owner(|number| logins.get(number.to_string().as_str()).cloned());
        }
        // In place: no two have the same identity.
        rows.sort_unstable_by(|a, b| a.name().cmp(b.name()).then_with(|| a.id().cmp(b.id())));
    }

    /// Those of a status that was read whole.
    #[cfg(test)]
    pub(crate) fn out_of(status: &mut Status) -> Self {
        let mut peers = Self::default();
        for peer in std::mem::take(&mut status.peers.0) {
            peers.take(&peer);
        }
        peers.complete(status);
        peers
    }

    /// Each of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PeerRow> + Clone {
        self.rows.iter()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// That node.
    pub(super) fn find(&self, id: &StableId) -> Option<&PeerRow> {
        self.rows.iter().find(|row| row.is(id))
    }

    /// Leaves out those that no packet went to in the last minutes.
    pub(super) fn keep_active(&mut self) {
        Rc::make_mut(&mut self.rows).retain(PeerRow::is_active);
    }

    /// How many of them are reached how.
    pub(super) fn tally(&self) -> Tally {
        self.rows.iter().fold(Tally::default(), |mut tally, row| {
            tally.all += 1;
            let one = match row.class() {
                _ if !row.is_online() && !row.is_active() => &mut tally.offline,
                Class::Direct => &mut tally.direct,
                Class::PeerRelay | Class::Derp => &mut tally.relayed,
                Class::Idle => &mut tally.idle,
                Class::None => &mut tally.unreached,
            };
            *one += 1;
            tally
        })
    }
}

impl Serialize for Peers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(PeerRow::seen))
    }
}

/// Words that many nodes have in common, each held once.
#[derive(Debug, Clone, Default)]
pub(super) struct Words(BTreeSet<Rc<str>>);

impl Words {
    /// The same words, held once.
    pub(super) fn shared(&mut self, words: &str) -> Rc<str> {
        if let Some(held) = self.0.get(words) {
            return Rc::clone(held);
        }
        let held: Rc<str> = words.into();
        self.0.insert(Rc::clone(&held));
        held
    }
}
