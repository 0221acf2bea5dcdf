//! Who an address is.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::{World, has_address};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    pub(super) fn whois(&mut self, address: &str) -> Reply {
        let ip = address
            .parse::<std::net::SocketAddr>()
            .map(|end| end.ip())
            .or_else(|_| address.parse());
        let ip = match ip {
            _ if address.is_empty() => return Reply::plain(400, "missing 'addr' parameter"),
            Err(_) => return Reply::plain(400, "invalid 'addr' parameter"),
            Ok(ip) => ip.to_string(),
        };
        let users = self.status["User"].clone();
        let nodes = std::iter::once(self.status["Self"].clone()).chain(self.peers().map(|peer| peer.clone()));
        let Some(node) = nodes.into_iter().find(|node| has_address(node, &ip)) else {
            return Reply::plain(404, "no match for IP:port");
        };
        let user = users[node["UserID"].to_string()].clone();
        Reply::json(&json!({
            "Node": {
                "ID": node["NodeID"], "StableID": node["ID"], "Name": node["DNSName"], "User": node["UserID"],
                "Addresses": node["AllowedIPs"], "Online": node["Online"],
            },
            "UserProfile": user,
            "CapMap": {"https://tailscale.com/cap/ingress": null},
        }))
    }
}
