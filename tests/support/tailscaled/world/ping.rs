//! Pings.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::{World, has_address};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    pub(super) fn ping(&mut self, request: &Request) -> Answer {
        let (ip, kind, size) = (
            request.parameter("ip").to_owned(),
            request.parameter("type"),
            request.parameter("size"),
        );
        let bad = |said: &str| Reply::plain(400, said).into();
        if request.method != "POST" {
            return bad("want POST");
        }
        if ip.is_empty() {
            return bad("missing 'ip' parameter");
        }
        if ip.parse::<std::net::IpAddr>().is_err() {
            return bad("invalid IP");
        }
        if kind.is_empty() {
            return bad("missing 'type' parameter");
        }
        if !size.is_empty() && kind != "disco" {
            return bad("'size' parameter is only supported with disco pings");
        }
        if size.parse().is_ok_and(|size: u32| size > 65_467) {
            return bad("maximum value for 'size' is 65467");
        }
        let mut pong = json!({
            "IP": ip, "NodeIP": "", "NodeName": "", "Err": "", "LatencySeconds": 0, "Endpoint": "", "PeerRelay": "",
            "DERPRegionID": 0, "DERPRegionCode": "",
        });
        // Seen: an ICMP ping is not answered then.
        if self.status["BackendState"] == "Stopped" && kind == "ICMP" {
            return Answer::Silence;
        }
        if self.status["BackendState"] == "Stopped" {
            pong["Err"] = "local tailscaled stopped".into();
            return Reply::json(&pong).into();
        }
        if has_address(&self.status["Self"], &ip) {
            pong["Err"] = format!("{ip} is local Tailscale IP").into();
            pong["IsLocalIP"] = true.into();
            return Reply::json(&pong).into();
        }
        let (latency, regions) = (self.latency, self.derp_map["Regions"].clone());
        let dead = self.dead.clone();
        let Some(peer) = self.peers().find(|peer| has_address(peer, &ip)) else {
            pong["Err"] = "no matching peer".into();
            return Reply::json(&pong).into();
        };
        let is_dead = peer["HostName"].as_str().is_some_and(|name| dead.contains(name));
        if is_dead || !matches!(kind, "disco" | "TSMP" | "ICMP" | "peerapi") {
            return Answer::Silence;
        }
        pong["NodeIP"] = peer["TailscaleIPs"][0].clone();
        pong["NodeName"] = peer["HostName"].clone();
        pong["LatencySeconds"] = latency.as_secs_f64().into();
        let url = peer["PeerAPIURL"][0].clone();
        let port = url.as_str().and_then(|url| url.rsplit(':').next()?.parse::<u16>().ok());
        match kind {
            "peerapi" => {
                pong["NodeName"] = peer["DNSName"].clone();
                pong["PeerAPIURL"] = url;
            }
            "TSMP" => pong["PeerAPIPort"] = port.into(),
            "disco" if peer["CurAddr"] != "" => pong["Endpoint"] = peer["CurAddr"].clone(),
            "disco" => {
                let region = regions
                    .as_object()
                    .and_then(|regions| regions.values().find(|region| region["RegionCode"] == peer["Relay"]));
                if let Some(region) = region {
                    pong["DERPRegionID"] = region["RegionID"].clone();
                    pong["DERPRegionCode"] = region["RegionCode"].clone();
                }
            }
            _ => {}
        }
        Answer::After(latency, Box::new(Reply::json(&pong).into()))
    }
}
