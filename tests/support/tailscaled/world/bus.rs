//! What comes over the bus.

use serde_json::{Value, json};

use super::super::captures;
use super::{STATES, World};

/// Notifications are held back (`ipn.NotifyRateLimit`).
pub const RATE_LIMIT: u64 = 1 << 8;
/// Peers that change come whole.
pub const PEER_CHANGES: u64 = 1 << 12;
/// What changes of peers comes alone.
pub const PEER_PATCHES: u64 = 1 << 15;
/// What a stream cannot have together with [`RATE_LIMIT`], with the names. Only the third was seen to be refused.
const NEW_PARTS: [(u32, &str); 4] = [
    (12, "ipn.NotifyPeerChanges"),
    (13, "ipn.NotifyNoNetMap"),
    (14, "ipn.NotifyInitialStatus"),
    (15, "ipn.NotifyPeerPatches"),
];

impl World {
    /// Why such a stream is refused; nothing where it is not.
    pub(super) fn refuses(&self, mask: u64) -> Option<String> {
        if !self.has_new_bus() {
            return None;
        }
        if mask & (1 << 16) != 0 {
            return Some("NotifyInProcessNoDisconnect is only valid for in-process IPN bus subscribers".to_owned());
        }
        let asked: Vec<&str> = NEW_PARTS
            .iter()
            .filter(|(bit, _)| mask & (1 << bit) != 0)
            .map(|(_, name)| *name)
            .collect();
        (mask & RATE_LIMIT != 0 && !asked.is_empty()).then(|| {
            let asked = asked.join("|");
            format!("NotifyRateLimit is incompatible with new-style IPN bus subscription bits {asked}")
        })
    }

    /// The first lines of a stream.
    pub fn first_lines(&self, mask: u64) -> Vec<Value> {
        let has = |bit: u32| mask & (1 << bit) != 0;
        let (is_new, has_map) = (self.has_new_bus(), self.status["HaveNodeKey"] == true);
        let is_said = [1, 2, 3, 10, 11].into_iter().any(has) || is_new && (has(14) || has(18));
        if self.is_mute || !is_said {
            return Vec::new();
        }
        let mut first = json!({});
        if has(1) {
            first["SessionID"] = "47dca37f66bba3cb".into();
            let state = STATES.iter().position(|state| self.status["BackendState"] == *state);
            first["State"] = state.unwrap_or_default().into();
        }
        if has(2) {
            first["Prefs"] = self.prefs.clone();
        }
        if has(3) && has_map {
            first["NetMap"] = self.network_map();
            if is_new {
                first["SelfChange"] = self.node(&self.status["Self"]);
            }
        }
        if has(10) && self.suggestion["ID"] != "" {
            first["SuggestedExitNode"] = self.suggestion["ID"].clone();
        }
        if has(14) && is_new {
            first["InitialStatus"] = self.status.clone();
        }
        if has(18) && is_new {
            let known = self.status["Peer"].as_object().into_iter().flatten();
            let at = "2026-11-20T04:06:17.65Z";
            let each = known.filter_map(|(_, peer)| {
                let state = json!({"PeerWireGuardState": "established", "PeerWireGuardStateAt": at});
                Some((peer["ID"].as_str()?.to_owned(), state))
            });
            first["PeerState"] = Value::Object(each.collect());
        }
        if has(7) {
            first["Health"] = json!({"Warnings": self.warnings});
        }
        vec![self.line(&first)]
    }

    pub(super) fn line(&self, what: &Value) -> Value {
        let mut line = json!({
            "Version": self.version.text, "ErrMessage": null, "LoginFinished": null, "State": null, "Prefs": null,
            "NetMap": null, "Engine": null, "BrowseToURL": null, "DriveShares": null,
        });
        for (key, value) in what.as_object().into_iter().flatten() {
            line[key] = value.clone();
        }
        line
    }

    /// A node as it is on the bus, of one as it is in the status.
    pub(super) fn node(&self, known: &Value) -> Value {
        let map = captures::network_map(self.has_new_bus());
        let is_own = known["ID"] == self.status["Self"]["ID"];
        let mut node = if is_own { &map["SelfNode"] } else { &map["Peers"][0] }.clone();
        let (number, name) = (self::number(known), known["HostName"].clone());
        for (key, value) in [
            ("ID", &number),
            ("StableID", &known["ID"]),
            ("Name", &known["DNSName"]),
            ("User", &known["UserID"]),
            ("Key", &known["PublicKey"]),
            ("Addresses", &known["AllowedIPs"]),
            ("AllowedIPs", &known["AllowedIPs"]),
            ("Online", &known["Online"]),
            ("ComputedName", &name),
            ("ComputedNameWithHost", &name),
        ] {
            node[key] = value.clone();
        }
        if known["Online"] == false {
            node["LastSeen"] = known["LastSeen"].clone();
        }
        node
    }

    pub(super) fn peer_nodes(&self) -> Vec<Value> {
        let peers = self.status["Peer"].as_object().into_iter().flatten();
        peers.map(|(_, peer)| self.node(peer)).collect()
    }

    /// The map of the network.
    pub(super) fn network_map(&self) -> Value {
        let mut map = captures::network_map(self.has_new_bus()).clone();
        map["SelfNode"] = self.node(&self.status["Self"]);
        map["Peers"] = self.peer_nodes().into();
        map
    }
}

/// The number of a node. Older ones have it in the identity alone.
pub fn number(known: &Value) -> Value {
    let digits = known["ID"].as_str().and_then(|id| id.strip_prefix("TESTCTRL"));
    let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let numbered = known["NodeID"].as_u64().or(number);
    numbered.map_or(Value::Null, Value::from)
}
