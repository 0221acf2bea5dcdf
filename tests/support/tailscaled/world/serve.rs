//! The configuration of `serve`.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    pub(super) fn serve(&mut self, request: &Request) -> Reply {
        if self.status["BackendState"] == "NeedsLogin" {
            return Reply::error(500, "error", "updating config: netMap is nil");
        }
        let wanted: Value = match serde_json::from_str(&request.body) {
            Ok(wanted) => wanted,
            Err(_) => return Reply::error(500, "error", "decoding config: unexpected EOF"),
        };
        if request
            .headers
            .get("if-match")
            .is_some_and(|given| *given != tag(&self.serve))
        {
            return Reply::plain(412, "etag mismatch");
        }
        let serves_path = wanted.to_string().contains("\"Path\"");
        if request.uid != 0 && serves_path {
            let said =
                "must be root, or be an operator and able to run 'sudo tailscale' to serve a path or Unix socket";
            return Reply::plain(401, said);
        }
        let known = ["TCP", "Web", "Services", "AllowFunnel", "Foreground"];
        let mut kept = wanted.as_object().cloned().unwrap_or_default();
        kept.retain(|key, _| known.contains(&key.as_str()));
        self.serve = kept.into();
        Reply::empty(200, None)
    }
}

/// Some hexadecimal digits that depend on every byte (FNV-1a; the real one is a SHA-256).
pub(super) fn tag(value: &Value) -> String {
    let hash = value.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}").repeat(4)
}
