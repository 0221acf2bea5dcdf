//! The host's own network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::net::{InterfaceName, Prefix};

/// What the host's own network is like, as the kernel and the resolver's configuration say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// The interfaces that are up and have a carrier, without the loopback.
    pub up: BTreeSet<InterfaceName>,
    /// The routes: of IPv4 those of the main table, of IPv6 those of all tables, for the kernel's list does not say which it is.
    pub routes: Vec<Route>,
    /// The resolvers that the host asks, in their order.
    pub resolvers: Vec<IpAddr>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Where to.
    pub prefix: Prefix,
    /// By which router; `None` where it is on the link.
    pub gateway: Option<IpAddr>,
    /// By which interface.
    pub interface: InterfaceName,
    /// The lower one is taken.
    pub metric: u32,
}

impl Links {
    /// The interfaces that are up, each with the prefixes that are on its link.
    pub fn on_link(&self) -> BTreeMap<InterfaceName, BTreeSet<Prefix>> {
        let prefixes = |interface: &InterfaceName| {
            let routes = self.routes.iter();
            routes
                .filter(|route| route.interface == *interface && route.gateway.is_none() && !route.prefix.is_default())
                .map(|route| route.prefix)
                .collect()
        };
        self.up
            .iter()
            .map(|interface| (interface.clone(), prefixes(interface)))
            .collect()
    }

    /// The route to an address that does not lead into `tunnel`: the longest prefix, then the lowest metric, by an interface
    /// that is up where there is one.
    pub fn route(&self, address: IpAddr, tunnel: &InterfaceName) -> Option<&Route> {
        let fits = |route: &&Route| route.interface != *tunnel && route.prefix.contains(address);
        let order = |route: &&Route| {
            let is_down = !self.up.contains(&route.interface);
            (
                is_down,
                u8::MAX - route.prefix.len(),
                route.metric,
                route.interface.clone(),
            )
        };
        self.routes.iter().filter(fits).min_by_key(order)
    }

    /// The default route of a family that does not lead into `tunnel`.
    pub fn default_route(&self, is_ipv4: bool, tunnel: &InterfaceName) -> Option<&Route> {
        let fits = |route: &&Route| {
            route.prefix.is_default() && route.prefix.is_ipv4() == is_ipv4 && route.interface != *tunnel
        };
        let order = |route: &&Route| {
            (
                !self.up.contains(&route.interface),
                route.metric,
                route.interface.clone(),
            )
        };
        self.routes.iter().filter(fits).min_by_key(order)
    }
}
