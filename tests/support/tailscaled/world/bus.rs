//! What comes over the bus.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::{Version, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    /// The first lines of a stream.
    pub fn first_lines(&self, mask: u64) -> Vec<Value> {
        let has = |bit: u32| mask & (1 << bit) != 0;
        let mut first = json!({});
        if has(1) {
            first["SessionID"] = "47dca37f66bba3cb".into();
            let state = match self.status["BackendState"].as_str() {
                Some("NeedsLogin") => 2,
                Some("Stopped") => 4,
                Some("Starting") => 5,
                _ => 6,
            };
            first["State"] = state.into();
        }
        if has(2) {
            first["Prefs"] = self.prefs.clone();
        }
        if has(3) {
            first["NetMap"] = json!({"SelfNode": {"ID": 4}, "Peers": []});
        }
        if has(14) && self.has_new_bus() {
            first["InitialStatus"] = self.status.clone();
        }
        if first == json!({}) {
            return Vec::new();
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
        for (key, value) in what.as_object().expect("an object") {
            line[key] = value.clone();
        }
        line
    }
}
