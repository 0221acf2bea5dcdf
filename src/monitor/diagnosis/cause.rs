//! Causes and what follows from them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::observations::{Daemon, Observations, Sighting};
use super::{DaemonFault, Layer};
use crate::monitor::Moment;
use crate::net::TimeSpan;

/// What has failed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Every failure, from the bottom up.
    pub failures: Vec<Failure>,
    /// What will fail.
    pub notices: Vec<Notice>,
}

/// One layer that has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The layer.
    pub layer: Layer,
    /// The cause below it: this one only follows. `None`: it is a cause.
    pub follows_from: Option<Layer>,
}

/// Something that still works and will not for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// The node's key expires then; without it nothing works.
    KeyExpires(Moment),
}

impl Diagnosis {
    /// The failures that follow from no other.
    pub fn causes(&self) -> BTreeSet<Layer> {
        let causes = self.failures.iter().filter(|failure| failure.follows_from.is_none());
        causes.map(|failure| failure.layer.clone()).collect()
    }
}

/// Which layers have failed, and which of them follow from one below. A key that expires within `notice` is worth a
/// [`Notice`].
///
/// What works above proves what it rests on: a router that answers no ping works if the internet is reached behind it, and
/// the internet is reached if the control plane or a relay is.
pub fn diagnose(seen: &Observations, notice: TimeSpan, now: Moment) -> Diagnosis {
    let failed = failed(seen);
    let mut failures: Vec<Failure> = Vec::new();
    for layer in in_order(&failed) {
        // What it rests on may itself follow from something.
        let below = failures.iter().find(|below| rests_on(seen, layer, &below.layer));
        let follows_from = below.map(|below| below.follows_from.as_ref().unwrap_or(&below.layer).clone());
        failures.push(Failure {
            layer: layer.clone(),
            follows_from,
        });
    }
    let expires = seen.key_expires.filter(|at| *at > now && *at < now.after(notice));
    Diagnosis {
        failures,
        notices: expires.map(Notice::KeyExpires).into_iter().collect(),
    }
}

/// Each behind all that it may rest on: from the bottom up, but for a tailscaled that comes up by the control plane, which
/// otherwise stands above it.
fn in_order(failed: &BTreeSet<Layer>) -> Vec<&Layer> {
    let is_starting = |layer: &&Layer| **layer == Layer::Daemon(DaemonFault::Starting);
    let mut order: Vec<&Layer> = failed.iter().filter(|layer| !is_starting(layer)).collect();
    if let Some(starting) = failed.iter().find(is_starting) {
        let at = order.iter().take_while(|layer| ***layer <= Layer::Control).count();
        order.insert(at, starting);
    }
    order
}

fn failed(seen: &Observations) -> BTreeSet<Layer> {
    use Sighting::{Fails, Works};

    let internet = seen.internet == Works || seen.control == Works || seen.derp == Works;
    let gateway = internet || seen.gateway == Works;
    let mut failed = BTreeSet::new();
    let mut add = |fails: bool, layer: Layer| {
        if fails {
            failed.insert(layer);
        }
    };
    add(seen.link == Fails && !gateway, Layer::Link);
    add(seen.gateway == Fails && !internet, Layer::Gateway);
    add(seen.internet == Fails && !internet, Layer::Internet);
    add(seen.dns == Fails, Layer::Dns);
    if let Daemon::Broken(fault) = seen.daemon {
        add(true, Layer::Daemon(fault));
    }
    add(seen.control == Fails, Layer::Control);
    add(seen.derp == Fails, Layer::Derp);
    for (name, sighting) in &seen.peers {
        add(*sighting == Fails, Layer::Peer(name.clone()));
    }
    if let Some(node) = &seen.exit_node {
        add(node.egress == Fails, Layer::ExitNode(node.name.clone()));
    }
    for (prefix, through) in &seen.routers {
        add(through.reached == Fails, Layer::SubnetRouter(*prefix));
    }
    for (name, through) in &seen.services {
        add(through.reached == Fails, Layer::Service(name.clone()));
    }
    failed
}

/// Whether a failure of `below` is enough for `layer` to fail.
fn rests_on(seen: &Observations, layer: &Layer, below: &Layer) -> bool {
    let network = matches!(below, Layer::Link | Layer::Gateway | Layer::Internet);
    let daemon = matches!(below, Layer::Daemon(_));
    let peer = |name: Option<&String>| matches!(below, Layer::Peer(failed) if Some(failed) == name);
    match layer {
        Layer::Gateway | Layer::Internet | Layer::Dns | Layer::Derp => network,
        // It comes up by the control plane.
        Layer::Daemon(DaemonFault::Starting) => network || matches!(below, Layer::Dns | Layer::Control),
        Layer::Link | Layer::Daemon(_) => false,
        Layer::Control => network || daemon || *below == Layer::Dns,
        Layer::Peer(_) => network || daemon || *below == Layer::Derp,
        Layer::ExitNode(name) => {
            let by_name = seen.exit_node.as_ref().is_some_and(|node| node.by_name);
            network || daemon || (by_name && *below == Layer::Dns) || peer(Some(name))
        }
        Layer::SubnetRouter(prefix) => {
            let through = seen.routers.get(prefix).and_then(|through| through.peer.as_ref());
            network || daemon || *below == Layer::Derp || peer(through)
        }
        Layer::Service(name) => {
            let through = seen.services.get(name).and_then(|through| through.peer.as_ref());
            network || daemon || *below == Layer::Derp || peer(through)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ExitNode, Through};
    use super::*;

    const WEEK: TimeSpan = TimeSpan::constant_millis(7 * 86_400_000);

    /// The causes, as people are told them.
    fn causes(seen: &Observations) -> Vec<String> {
        let diagnosis = diagnose(seen, WEEK, Moment::default());
        diagnosis.causes().iter().map(ToString::to_string).collect()
    }

    /// A host that uses everything, and on which everything fails but tailscaled.
    fn nothing_works() -> Observations {
        let through = Through {
            peer: Some("gate".to_owned()),
            reached: Sighting::Fails,
        };
        Observations {
            link: Sighting::Fails,
            gateway: Sighting::Fails,
            internet: Sighting::Fails,
            dns: Sighting::Fails,
            daemon: Daemon::Runs,
            control: Sighting::Fails,
            derp: Sighting::Fails,
            key_expires: None,
            peers: [
                ("gate".to_owned(), Sighting::Fails),
                ("desk".to_owned(), Sighting::Fails),
            ]
            .into(),
            exit_node: Some(ExitNode {
                name: "gate".to_owned(),
                egress: Sighting::Fails,
                by_name: true,
            }),
            routers: [("192.168.15.0/24".parse().unwrap(), through.clone())].into(),
            services: [("ollama".parse().unwrap(), through)].into(),
        }
    }

    #[test]
    fn from_the_bottom_up() {
        let mut seen = nothing_works();
        let mut told = Vec::new();
        for repair in [
            |_: &mut Observations| {},
            |seen: &mut Observations| seen.link = Sighting::Works,
            |seen: &mut Observations| seen.gateway = Sighting::Works,
            |seen: &mut Observations| seen.internet = Sighting::Works,
            |seen: &mut Observations| seen.dns = Sighting::Works,
            |seen: &mut Observations| seen.control = Sighting::Works,
            |seen: &mut Observations| seen.derp = Sighting::Works,
            |seen: &mut Observations| {
                seen.peers.insert("gate".to_owned(), Sighting::Works);
            },
            |seen: &mut Observations| {
                seen.peers.insert("desk".to_owned(), Sighting::Works);
            },
        ] {
            repair(&mut seen);
            told.push(causes(&seen).join("; "));
        }
        assert_eq!(
            told,
            [
                "no network interface is up",
                "the router of the local network does not answer",
                "the internet is not reached",
                "names are not resolved; no relay (DERP) is reached",
                "the control plane is not reached; no relay (DERP) is reached",
                "no relay (DERP) is reached",
                "the peer desk does not answer; the peer gate does not answer",
                "the peer desk does not answer; what is sent through the exit node gate does not arrive; \
                 192.168.15.0/24 is not reached through its router; the service ollama does not answer",
                "what is sent through the exit node gate does not arrive; 192.168.15.0/24 is not reached through its router; \
                 the service ollama does not answer",
            ]
        );
    }

    #[test]
    fn what_works_above_proves_what_it_rests_on() {
        let silent_router = Observations {
            gateway: Sighting::Fails,
            internet: Sighting::Works,
            ..Observations::default()
        };
        assert_eq!(causes(&silent_router), Vec::<String>::new());
        let filtered = Observations {
            gateway: Sighting::Fails,
            internet: Sighting::Fails,
            control: Sighting::Works,
            ..Observations::default()
        };
        assert_eq!(causes(&filtered), Vec::<String>::new());
    }

    #[test]
    fn the_control_plane_explains_nothing_above_it() {
        let seen = Observations {
            internet: Sighting::Works,
            daemon: Daemon::Runs,
            control: Sighting::Fails,
            peers: [("gate".to_owned(), Sighting::Fails)].into(),
            ..Observations::default()
        };
        assert_eq!(causes(&seen).len(), 2);
    }

    #[test]
    fn a_dead_resolver_explains_an_exit_node_only_where_that_is_measured_by_name() {
        for by_name in [true, false] {
            let seen = Observations {
                internet: Sighting::Works,
                dns: Sighting::Fails,
                daemon: Daemon::Runs,
                exit_node: Some(ExitNode {
                    name: "gate".to_owned(),
                    egress: Sighting::Fails,
                    by_name,
                }),
                ..Observations::default()
            };
            let told = causes(&seen);
            let is_told = told.contains(&Layer::ExitNode("gate".to_owned()).to_string());
            assert_eq!(is_told, !by_name, "{told:?}");
        }
    }

    #[test]
    fn a_dead_tailscaled_is_a_cause_beside_a_dead_network_and_one_that_starts_is_not() {
        let mut seen = nothing_works();
        seen.daemon = Daemon::Broken(DaemonFault::NotRunning);
        assert_eq!(
            causes(&seen),
            [
                "no network interface is up",
                "tailscaled does not run or does not answer"
            ]
        );
        seen.daemon = Daemon::Broken(DaemonFault::Starting);
        assert_eq!(causes(&seen), ["no network interface is up"]);
    }

    #[test]
    fn a_key_that_expires_soon_is_told_while_there_is_time() {
        let now = Moment::from_millis(1_000);
        let at = |expires: Option<Moment>| {
            let seen = Observations {
                key_expires: expires,
                ..Observations::default()
            };
            diagnose(&seen, WEEK, now).notices
        };
        let soon = now.after(TimeSpan::from_secs(86_400).unwrap());
        assert_eq!(at(Some(soon)), [Notice::KeyExpires(soon)]);
        for other in [None, Some(now), Some(now.after(WEEK)), Some(Moment::default())] {
            assert_eq!(at(other), []);
        }
    }

    #[test]
    fn a_tailscaled_that_does_not_come_up_without_the_control_plane_follows_from_it() {
        let mut seen = Observations {
            internet: Sighting::Works,
            daemon: Daemon::Broken(DaemonFault::Starting),
            control: Sighting::Fails,
            ..Observations::default()
        };
        assert_eq!(causes(&seen), ["the control plane is not reached"]);
        let failures = diagnose(&seen, WEEK, Moment::default()).failures;
        let starting = failures.iter().find(|failure| failure.layer != Layer::Control);
        assert_eq!(
            starting.and_then(|failure| failure.follows_from.clone()),
            Some(Layer::Control)
        );
        // One that has died does not come up by it.
        seen.daemon = Daemon::Broken(DaemonFault::NotRunning);
        assert_eq!(causes(&seen), ["tailscaled does not run or does not answer"]);
        for control in [Sighting::Works, Sighting::Unknown] {
            seen.daemon = Daemon::Broken(DaemonFault::Starting);
            seen.control = control;
            assert_eq!(causes(&seen), ["tailscaled has not come up"]);
        }
        seen.control = Sighting::Fails;
        seen.dns = Sighting::Fails;
        assert_eq!(causes(&seen), ["names are not resolved"]);
    }

    fn sighting() -> impl Strategy<Value = Sighting> {
        prop_oneof![Just(Sighting::Works), Just(Sighting::Fails), Just(Sighting::Unknown)]
    }

    fn observations() -> impl Strategy<Value = Observations> {
        let faults = prop_oneof![
            Just(Daemon::Runs),
            Just(Daemon::Unknown),
            Just(Daemon::Broken(DaemonFault::NotRunning)),
            Just(Daemon::Broken(DaemonFault::Starting)),
            Just(Daemon::Broken(DaemonFault::NeedsLogin)),
        ];
        (proptest::array::uniform10(sighting()), faults).prop_map(|(seen, daemon)| {
            let through = |reached| Through {
                peer: Some("gate".to_owned()),
                reached,
            };
            Observations {
                link: seen[0],
                gateway: seen[1],
                internet: seen[2],
                dns: seen[3],
                daemon,
                control: seen[4],
                derp: seen[5],
                key_expires: None,
                peers: [("gate".to_owned(), seen[6])].into(),
                exit_node: Some(ExitNode {
                    name: "gate".to_owned(),
                    egress: seen[7],
                    by_name: true,
                }),
                routers: [("10.0.0.0/8".parse().unwrap(), through(seen[8]))].into(),
                services: [("db".parse().unwrap(), through(seen[9]))].into(),
            }
        })
    }

    proptest! {
        /// Where anything fails there is a cause; what follows, follows from a cause below it; what was not seen to fail is
        /// never said to.
        #[test]
        fn every_failure_has_a_cause_below_it(seen in observations()) {
            let diagnosis = diagnose(&seen, WEEK, Moment::default());
            let causes = diagnosis.causes();
            prop_assert_eq!(causes.is_empty(), diagnosis.failures.is_empty());
            for failure in &diagnosis.failures {
                if let Some(below) = &failure.follows_from {
                    let comes_up_by = failure.layer == Layer::Daemon(DaemonFault::Starting) && *below == Layer::Control;
                    prop_assert!(below < &failure.layer || comes_up_by);
                    prop_assert!(causes.contains(below), "{} follows from {}", failure.layer, below);
                }
            }
            prop_assert!(seen.link == Sighting::Fails || !causes.contains(&Layer::Link));
            prop_assert!(seen.control == Sighting::Fails || !causes.contains(&Layer::Control));
        }

        /// A failure below never makes a new cause above itself.
        #[test]
        fn a_failure_below_suppresses_those_above(seen in observations()) {
            let before = diagnose(&seen, WEEK, Moment::default()).causes();
            let mut worse = seen;
            worse.internet = Sighting::Fails;
            worse.control = Sighting::Fails;
            worse.derp = Sighting::Fails;
            let after = diagnose(&worse, WEEK, Moment::default()).causes();
            if after.contains(&Layer::Internet) {
                for cause in after.iter().filter(|cause| **cause > Layer::Internet) {
                    prop_assert!(before.contains(cause), "{}", cause);
                    prop_assert!(matches!(cause, Layer::Daemon(_)), "{}", cause);
                }
            }
        }
    }
}
