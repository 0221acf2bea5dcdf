//! What tailscaled is to do from now on.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::stable_id::StableId;
use crate::net::Prefix;

/// What tailscaled is to do from now on (`ipn.MaskedPrefs`): a change of some preferences in one step, which leaves all
/// others as they are. Each that is named goes with its `…Set`, without which tailscaled would pass over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrefsChange(BTreeMap<&'static str, Value>);

impl PrefsChange {
    /// A change of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This exit node, or none. It ends tailscaled's own choice of one.
    #[must_use]
    pub fn exit_node(self, node: Option<&StableId>) -> Self {
        let id = node.map(StableId::as_str).unwrap_or_default();
        self.set("ExitNodeID", id).set("ExitNodeIP", "")
    }

    /// The exit node that tailscaled chooses.
    #[must_use]
    pub fn automatic_exit_node(self) -> Self {
        self.set("ExitNodeID", "auto:any").set("ExitNodeIP", "")
    }

    /// Whether the local network is reached past the exit node.
    #[must_use]
    pub fn exit_node_allows_lan(self, allows: bool) -> Self {
        self.set("ExitNodeAllowLANAccess", allows)
    }

    /// Whether the routes of others are used.
    #[must_use]
    pub fn accept_routes(self, accept: bool) -> Self {
        self.set("RouteAll", accept)
    }

    /// Whether the DNS of the tailnet is used.
    #[must_use]
    pub fn accept_dns(self, accept: bool) -> Self {
        self.set("CorpDNS", accept)
    }

    /// Whether it is up.
    #[must_use]
    pub fn running(self, running: bool) -> Self {
        self.set("WantRunning", running)
    }

    /// Whether connections from the tailnet are refused.
    #[must_use]
    pub fn shields_up(self, up: bool) -> Self {
        self.set("ShieldsUp", up)
    }

    /// The prefixes that it offers.
    #[must_use]
    pub fn advertise_routes(self, routes: &[Prefix]) -> Self {
        let routes: Vec<Value> = routes.iter().map(|prefix| prefix.to_string().into()).collect();
        self.set("AdvertiseRoutes", routes)
    }

    /// The user who may change preferences without being root.
    #[must_use]
    pub fn operator(self, user: &str) -> Self {
        self.set("OperatorUser", user)
    }

    /// As tailscaled reads it.
    pub(in crate::localapi) fn to_json(&self) -> Value {
        let mut body = Map::new();
        for (name, value) in &self.0 {
            body.insert((*name).to_owned(), value.clone());
            body.insert(format!("{name}Set"), true.into());
        }
        body.into()
    }

    fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name, value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_preference_goes_with_its_mask() {
        let change = PrefsChange::new()
            .exit_node(Some(&StableId::new("nABC")))
            .accept_routes(false);
        assert_eq!(
            change.to_json(),
            json!({
                "ExitNodeID": "nABC", "ExitNodeIDSet": true,
                "ExitNodeIP": "", "ExitNodeIPSet": true,
                "RouteAll": false, "RouteAllSet": true,
            })
        );
        let none = PrefsChange::new().exit_node(None);
        assert_eq!(none.to_json()["ExitNodeID"], "");
        let routes = ["192.168.10.0/24".parse().unwrap()];
        let routes = PrefsChange::new().advertise_routes(&routes).to_json();
        assert_eq!(
            routes,
            json!({"AdvertiseRoutes": ["192.168.10.0/24"], "AdvertiseRoutesSet": true})
        );
        assert!(PrefsChange::new().is_empty() && !none.is_empty());
    }
}
