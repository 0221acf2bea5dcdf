//! Limits per client.

use super::Plan;
use crate::proxy::directive::{Block, Directive, Item};
use crate::proxy::word::Word;

/// The variable that a client is known by in limits.
const CLIENT: &str = "$tailwright_client";
/// Room for about 16,000 clients (<https://nginx.org/en/docs/http/ngx_http_limit_req_module.html>).
const ZONE: &str = "1m";
/// The same for what the whole internet reaches.
const PUBLIC_ZONE: &str = "10m";

impl Plan<'_> {
    /// The zones of all rate limits, and what a client is.
    pub(super) fn client_zones(&self) -> Vec<Item> {
        let zones: Vec<Item> = self
            .http_services()
            .filter_map(|service| {
                let rate = service.rate_limit?;
                let size = if service.funnel.is_some() { PUBLIC_ZONE } else { ZONE };
                let zone = Word::fixed(format!("zone={}:{size}", self.identifier(service)));
                let rate = Word::fixed(format!("rate={rate}"));
                let zone = Directive::new("limit_req_zone", [CLIENT.into(), zone, rate]);
                Some(zone.from(service.field("rateLimit")).into())
            })
            .collect();
        let client = (!zones.is_empty()).then(client);
        client.into_iter().chain(zones).collect()
    }
}

/// An IPv4 client is its address; an IPv6 client is its /64, which is the least that a customer is given (RFC 6177 §2) and
/// from which he may pick a new address for every request. Peers of a tailnet share prefixes and are told apart by the
/// whole address. nginx writes addresses with the longest run of zeros as `::` (`ngx_inet6_ntop`), never a single zero;
/// where the run begins in the second group it may end before the fourth, and the whole address stands.
fn client() -> Item {
    let group = |pattern: &'static str, key: &'static str| Item::Entry(pattern.into(), key.into());
    let entries = vec![
        group("default", "$binary_remote_addr"),
        group("~^fd7a:115c:a1e0:", "$binary_remote_addr"),
        group("~^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+):", "$1"),
        group("~^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+)::", "$1"),
        group("~^([0-9a-f]+:[0-9a-f]+)::", "$1"),
    ];
    Block::new("map", ["$remote_addr", CLIENT], entries).into()
}
