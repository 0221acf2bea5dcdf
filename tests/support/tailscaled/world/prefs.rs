//! Preferences, and what a change of them does.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::{World, has_address};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    /// Changes preferences, and what depends on them.
    pub(super) fn patch(&mut self, body: &str) -> Reply {
        let change: Value = match serde_json::from_str(body) {
            Ok(change) => change,
            Err(_) if body.is_empty() => return Reply::plain(400, "EOF"),
            Err(_) => return Reply::plain(400, "unexpected EOF"),
        };
        let mut prefs = self.prefs.clone();
        for (name, value) in prefs.as_object_mut().expect("preferences") {
            if change[format!("{name}Set")] == true {
                *value = match &change[name] {
                    Value::Null => zero(value),
                    given => given.clone(),
                };
            }
        }
        if change["OperatorUserSet"] == true {
            prefs["OperatorUser"] = change["OperatorUser"].clone();
        }
        let routes = prefs["AdvertiseRoutes"].as_array().cloned().unwrap_or_default();
        for route in routes.iter().filter_map(Value::as_str) {
            let Some((address, length)) = route.split_once('/') else {
                return Reply::plain(400, &format!("netip.ParsePrefix({route:?}): no '/'"));
            };
            let network: tailwright::net::Prefix = match route.parse() {
                Ok(network) => network,
                Err(_) if self.has_new_bus() => {
                    let network = ipnet_of(address, length);
                    let said = format!("route {route} has non-address bits set; expected {network}");
                    return Reply::error(400, "Error", &said);
                }
                Err(_) => continue,
            };
            let uses_exit_node = prefs["ExitNodeID"] != "";
            if network.is_default() && uses_exit_node {
                let said = "Cannot advertise an exit node and use an exit node at the same time.";
                return Reply::error(400, "Error", said);
            }
        }
        if change["RunSSHSet"] == true && change["RunSSH"] == true {
            let said = "Unable to enable local Tailscale SSH server; not enabled on Tailnet.";
            return Reply::error(400, "Error", said);
        }
        if prefs["ExitNodeID"] == "auto:any" {
            prefs["AutoExitNode"] = "any".into();
            prefs["ExitNodeID"] = self.suggestion["ID"].clone();
        } else if change["ExitNodeIDSet"] == true
            && let Some(prefs) = prefs.as_object_mut()
        {
            prefs.remove("AutoExitNode");
        }
        self.resolve_exit_node(&mut prefs);
        let is_told = change["WantRunningSet"] == true;
        let turn = is_told.then(|| self.turn(prefs["WantRunning"] == true)).flatten();
        if let Some(turn) = turn {
            self.begin(turn);
        }
        self.prefs = prefs;
        if self.tells_prefs {
            self.tell_prefs();
        }
        if let Some(turn) = turn {
            self.finish(turn);
        }
        Reply::json(&self.prefs)
    }

    /// An exit node by its address becomes one by its identity; the status follows.
    pub(super) fn resolve_exit_node(&mut self, prefs: &mut Value) {
        let address = prefs["ExitNodeIP"].as_str().unwrap_or_default().to_owned();
        if !address.is_empty()
            && let Some(peer) = self.peers().find(|peer| has_address(peer, &address))
        {
            prefs["ExitNodeID"] = peer["ID"].clone();
            prefs["ExitNodeIP"] = "".into();
        }
        let id = prefs["ExitNodeID"].clone();
        let mut status = Value::Null;
        for peer in self.peers() {
            let is_it = peer["ID"] == id;
            peer["ExitNode"] = (is_it && peer["ExitNodeOption"] == true).into();
            if is_it {
                let own: Vec<String> = peer["TailscaleIPs"]
                    .as_array()
                    .expect("addresses")
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|ip| format!("{ip}/{}", if ip.contains(':') { 128 } else { 32 }))
                    .collect();
                status = json!({"ID": id, "Online": peer["Online"], "TailscaleIPs": own});
            }
        }
        if let Some(fields) = self.status.as_object_mut() {
            fields.remove("ExitNodeStatus");
            if !status.is_null() {
                fields.insert("ExitNodeStatus".to_owned(), status);
            }
        }
    }
}

/// Go's zero value of the same type.
fn zero(value: &Value) -> Value {
    match value {
        Value::String(_) => "".into(),
        Value::Bool(_) => false.into(),
        Value::Number(_) => 0.into(),
        _ => Value::Null,
    }
}

fn ipnet_of(address: &str, length: &str) -> String {
    let address: std::net::Ipv4Addr = address.parse().expect("an IPv4 address with host bits");
    let length: u32 = length.parse().expect("a length");
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    format!("{}/{length}", std::net::Ipv4Addr::from(address.to_bits() & mask))
}
