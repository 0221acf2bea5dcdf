//! What streams hear, each as it has asked.

use serde_json::{Value, json};

use super::World;
use super::bus::{PEER_CHANGES, PEER_PATCHES, number};

/// Something that streams hear: lines, by which parts of the bus they have asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    to_all: Vec<Value>,
    with_changes: Vec<Value>,
    with_patches: Vec<Value>,
}

impl News {
    /// What a stream hears that has asked for this.
    pub fn lines(&self, mask: u64) -> &[Value] {
        if mask & PEER_PATCHES != 0 {
            &self.with_patches
        } else if mask & PEER_CHANGES != 0 {
            &self.with_changes
        } else {
            &self.to_all
        }
    }
}

impl World {
    /// Every stream hears this.
    pub fn tell(&mut self, what: &Value) {
        let lines = [what.clone()];
        self.tell_each(&lines, &lines, &lines);
    }

    fn tell_each(&mut self, to_all: &[Value], with_changes: &[Value], with_patches: &[Value]) {
        let lines = |all: &[Value]| all.iter().map(|what| self.line(what)).collect();
        let news = News {
            to_all: lines(to_all),
            with_changes: lines(with_changes),
            with_patches: lines(with_patches),
        };
        self.news.push(news);
    }

    /// A peer has changed, as the second says: those who asked hear it. Older ones send everything to everybody.
    fn tell_of_peers(&mut self, change: Value, patch: Value) {
        if self.has_new_bus() {
            self.tell_each(&[json!({})], &[change], &[patch]);
        } else {
            let map = self.network_map();
            self.tell(&json!({"NetMap": map}));
        }
    }

    /// This peer is seen by the control plane, or not.
    pub(super) fn tell_online(&mut self, peer: &Value) {
        let mut patch = json!({"NodeID": number(peer), "Online": peer["Online"]});
        if peer["Online"] == false {
            patch["LastSeen"] = peer["LastSeen"].clone();
        }
        let change = json!({"PeersChanged": [self.node(peer)]});
        self.tell_of_peers(change, json!({"PeerChangedPatch": [patch]}));
    }

    /// This peer is new, or another.
    pub(super) fn tell_changed(&mut self, peer: &Value) {
        let change = json!({"PeersChanged": [self.node(peer)]});
        self.tell_of_peers(change.clone(), change);
    }

    /// The peer with that number is gone.
    pub(super) fn tell_removed(&mut self, number: &Value) {
        let change = json!({"PeersRemoved": [number]});
        self.tell_of_peers(change.clone(), change);
    }

    /// The control plane has sent the whole map.
    pub(super) fn tell_map(&mut self) {
        if self.has_new_bus() {
            self.tell(&json!({}));
        }
        self.tell_self();
    }

    /// This node has changed.
    pub(super) fn tell_self(&mut self) {
        if !self.has_new_bus() {
            let map = self.network_map();
            return self.tell(&json!({"NetMap": map}));
        }
        let own = self.node(&self.status["Self"]);
        let peers = self.peer_nodes();
        let change = json!({"SelfChange": own, "PeersChanged": peers});
        let with_peers = [change];
        self.tell_each(&[json!({"SelfChange": own})], &with_peers, &with_peers);
    }
}
