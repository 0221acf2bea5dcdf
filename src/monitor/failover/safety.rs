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
    /// `exitNodeAllowLANAccess`: whether the local network is reached beside an exit node.
    pub lan_beside_exit_node: bool,
}

impl Safety {
    /// Whether `change` would leave the operator without a way in, with what is in force now and the interfaces that are up.
    ///
    /// A way counts as open only where that is known: one by an interface that was not seen up is none. Where no way is
    /// declared, the operator is taken to come by the tailnet.
    pub fn closes_only_way(
        &self,
        in_force: &BTreeMap<Subject, Setting>,
        links: &BTreeSet<InterfaceName>,
        change: &Setting,
    ) -> bool {
        let mut then = in_force.clone();
        then.insert(change.subject(), change.clone());
        let after = self.open(&then, links);
        if *change == Setting::Tunnel(false) {
            return !after;
        }
        self.open(in_force, links) && !after
    }

    /// Whether any way is open.
    fn open(&self, in_force: &BTreeMap<Subject, Setting>, links: &BTreeSet<InterfaceName>) -> bool {
        let tunnel = in_force.get(&Subject::Tunnel) != Some(&Setting::Tunnel(false));
        let routes = in_force.get(&Subject::Routes) != Some(&Setting::AcceptRoutes(false));
        let exit_node = !matches!(
            in_force.get(&Subject::ExitNode),
            None | Some(Setting::ExitNode(ExitNodeUse::Off))
        );
        if self.management.is_empty() {
            return tunnel;
        }
        self.management.iter().any(|way| {
            if way.via == self.tailnet {
                // Whoever comes from behind a subnet router is answered by its route.
                tunnel && (routes || way.from.is_none_or(|from| Prefix::overlaps_tailnet(&from)))
            } else {
                // Without LAN access, answers to the local network go to the exit node (rule 5270, table 52).
                links.contains(&way.via) && (self.lan_beside_exit_node || !exit_node)
            }
        })
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

    fn closes(ways: &[(&str, Option<&str>)], links: &[&str], in_force: &[Setting], change: &Setting) -> bool {
        let safety = Safety {
            management: ways.iter().map(|(via, from)| way(via, *from)).collect(),
            tailnet: "tailscale0".parse().unwrap(),
            lan_beside_exit_node: false,
        };
        let links = links.iter().map(|name| name.parse().unwrap()).collect();
        let in_force = in_force.iter().map(|one| (one.subject(), one.clone())).collect();
        safety.closes_only_way(&in_force, &links, change)
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
        let exit_node = Setting::ExitNode(ExitNodeUse::Other("n1".to_owned()));
        assert!(
            closes(&both, &["enp3s0"], &[Setting::Tunnel(true), exit_node], &down),
            "answers to the LAN go to the exit node"
        );
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
