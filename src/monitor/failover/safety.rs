//! The operator's ways in.

use std::collections::{BTreeMap, BTreeSet};

use super::{ExitNodeUse, Setting, Subject};
use crate::model::Management;
use crate::net::{InterfaceName, Prefix};

/// What is known of how the operator gets in, and of what would close such a way.
#[derive(Debug, Clone, PartialEq)]
pub struct Safety {
    /// `host.management`.
    pub management: Vec<Management>,
    /// The tailnet's interface.
    pub tailnet: InterfaceName,
    /// `exitNodeAllowLANAccess` of the profile: whether the local network is reached beside an exit node. The preference in
    /// force comes before it, once it has been read.
    pub lan_beside_exit_node: bool,
}

/// What is known of the host's own network.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ground {
    /// The interfaces that are up, each with the prefixes that are on its link.
    pub(super) links: BTreeMap<InterfaceName, BTreeSet<Prefix>>,
    /// Whether the local network is reached beside an exit node, as the preference in force says.
    pub(super) lan_access: Option<bool>,
}

impl Safety {
    /// Whether `change` would leave the operator without a way in, with what is in force now and the host's own network.
    ///
    /// A way counts as open only where that is known: one by an interface that was not seen up is none. Where no way is
    /// declared, the operator is taken to come by the tailnet.
    pub(super) fn closes_only_way(
        &self,
        in_force: &BTreeMap<Subject, Setting>,
        ground: &Ground,
        change: &Setting,
    ) -> bool {
        let mut then = in_force.clone();
        then.insert(change.subject(), change.clone());
        let after = self.open(&then, ground);
        if *change == Setting::Tunnel(false) {
            return !after;
        }
        self.open(in_force, ground) && !after
    }

    /// Whether any way is open.
    fn open(&self, in_force: &BTreeMap<Subject, Setting>, ground: &Ground) -> bool {
        let tunnel = in_force.get(&Subject::Tunnel) != Some(&Setting::Tunnel(false));
        if self.management.is_empty() {
            return tunnel;
        }
        let routes = in_force.get(&Subject::Routes) != Some(&Setting::AcceptRoutes(false));
        // One that has not been seen yet may be there. Without the tunnel there is none.
        let no_exit_node = Setting::ExitNode(ExitNodeUse::Off);
        let exit_node = tunnel && in_force.get(&Subject::ExitNode) != Some(&no_exit_node);
        self.management.iter().any(|way| {
            if way.via == self.tailnet {
                // Whoever comes from behind a subnet router is answered by its route.
                tunnel && (routes || way.from.is_none_or(|from| Prefix::overlaps_tailnet(&from)))
            } else {
                let is_up = ground.links.contains_key(&way.via);
                is_up && (!exit_node || self.answers_beside_exit_node(way, ground))
            }
        })
    }

    /// Whether whoever comes by this way, not by the tailnet, is answered although there is an exit node: answers go there
    /// (rule 5270, table 52), but for those to prefixes that are on a link of the host, where LAN access is on. A way without
    /// `from` is one for those on its link, too.
    fn answers_beside_exit_node(&self, way: &Management, ground: &Ground) -> bool {
        let is_on_link = |from: Prefix| {
            let on_link = ground.links.get(&way.via);
            on_link.is_some_and(|on_link| on_link.iter().any(|prefix| prefix.covers(&from)))
        };
        ground.lan_access.unwrap_or(self.lan_beside_exit_node) && way.from.is_none_or(is_on_link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{PortRange, Transport};

    fn way(via: &str, from: Option<&str>) -> Management {
        Management {
            via: via.parse().unwrap(),
            transport: Transport::Tcp,
            ports: PortRange::from(crate::net::Port::try_from(22_i64).unwrap()),
            from: from.map(|from| from.parse().unwrap()),
        }
    }

    /// Which interfaces are up, all of them in 192.168.15.0/24, and whether that is reached beside an exit node.
    fn ground(links: &[&str], lan_access: Option<bool>) -> Ground {
        let lan: Prefix = "192.168.15.0/24".parse().unwrap();
        Ground {
            links: links.iter().map(|name| (name.parse().unwrap(), [lan].into())).collect(),
            lan_access,
        }
    }

    fn closes_on(ways: &[(&str, Option<&str>)], ground: &Ground, in_force: &[Setting], change: &Setting) -> bool {
        let safety = Safety {
            management: ways.iter().map(|(via, from)| way(via, *from)).collect(),
            tailnet: "tailscale0".parse().unwrap(),
            lan_beside_exit_node: false,
        };
        let in_force = in_force.iter().map(|one| (one.subject(), one.clone())).collect();
        safety.closes_only_way(&in_force, ground, change)
    }

    fn closes(ways: &[(&str, Option<&str>)], links: &[&str], in_force: &[Setting], change: &Setting) -> bool {
        closes_on(ways, &ground(links, None), in_force, change)
    }

    fn off() -> Setting {
        Setting::ExitNode(ExitNodeUse::Off)
    }

    fn somebodys() -> Setting {
        Setting::ExitNode(ExitNodeUse::Other("n1".to_owned()))
    }

    #[test]
    fn the_tunnel_stays_unless_another_way_is_known_to_be_open() {
        let down = Setting::Tunnel(false);
        let up = [Setting::Tunnel(true)];
        let both = [("tailscale0", None), ("enp3s0", None)];
        assert!(closes(&[], &["enp3s0"], &up, &down));
        assert!(closes(&[("tailscale0", None)], &["enp3s0"], &up, &down));
        assert!(closes(&both, &[], &up, &down), "the other one is not known to be up");
        assert!(!closes(&both, &["enp3s0"], &up, &down));
        assert!(
            !closes(&both, &["enp3s0"], &[Setting::Tunnel(true), somebodys()], &down),
            "without the tunnel nothing goes to an exit node"
        );
    }

    #[test]
    fn an_exit_node_closes_what_is_answered_through_it() {
        let none = [Setting::Tunnel(true), off()];
        for (from, lan_access, closes) in [
            (None, Some(false), true),
            (None, None, true),
            (None, Some(true), false),
            (Some("192.168.15.0/24"), Some(true), false),
            (Some("192.168.15.128/25"), Some(true), false),
            (Some("192.168.15.0/24"), Some(false), true),
            (Some("192.168.0.0/16"), Some(true), true),
            (Some("10.0.0.0/8"), Some(true), true),
            (Some("203.0.113.7/32"), Some(true), true),
            (Some("0.0.0.0/0"), Some(true), true),
        ] {
            let ground = ground(&["enp3s0"], lan_access);
            let ways = [("enp3s0", from)];
            let seen = closes_on(&ways, &ground, &none, &somebodys());
            assert_eq!(seen, closes, "{from:?} {lan_access:?}");
            let also = [("enp3s0", from), ("tailscale0", None)];
            assert!(!closes_on(&also, &ground, &none, &somebodys()), "the tailnet stays");
        }
    }

    #[test]
    fn what_is_in_force_and_was_not_seen_yet_may_be_an_exit_node() {
        let ways = [("tailscale0", Some("192.168.15.0/24")), ("enp3s0", None)];
        let routes = [Setting::Tunnel(true), Setting::AcceptRoutes(true)];
        let seen = [Setting::Tunnel(true), Setting::AcceptRoutes(true), off()];
        let no_routes = Setting::AcceptRoutes(false);
        assert!(closes(&ways, &["enp3s0"], &routes, &no_routes));
        assert!(!closes(&ways, &["enp3s0"], &seen, &no_routes));
    }

    #[test]
    fn routes_stay_where_the_operator_comes_by_one() {
        let off = Setting::AcceptRoutes(false);
        let in_force = [Setting::Tunnel(true), Setting::AcceptRoutes(true)];
        let behind = ("tailscale0", Some("192.168.15.0/24"));
        assert!(closes(&[behind], &[], &in_force, &off));
        assert!(!closes(&[("tailscale0", Some("100.64.0.0/10"))], &[], &in_force, &off));
        assert!(!closes(&[behind, ("tailscale0", None)], &[], &in_force, &off));
    }

    #[test]
    fn what_is_closed_already_cannot_be_closed() {
        let off = Setting::AcceptRoutes(false);
        assert!(!closes(&[("enp3s0", None)], &[], &[Setting::AcceptRoutes(true)], &off));
    }
}
