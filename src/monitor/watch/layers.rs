//! Which layer has failed, as far as measurements tell.

use super::key::{Key, word};
use super::target::{Last, Target};
use super::{GRACE, Watch};
use crate::model::Probed;
use crate::monitor::Moment;
use crate::monitor::diagnosis::{Daemon, DaemonFault, ExitNode, Layer, Observations, Sighting, Through, diagnose};
use crate::monitor::failover::ExitNodeUse;
use crate::net::{ServiceName, TimeSpan};
use std::collections::BTreeMap;

/// A key that expires within this time is worth a notice.
const EXPIRY_NOTICE: TimeSpan = TimeSpan::constant_millis(7 * 86_400_000);

impl Watch {
    pub(super) fn sighting(&self, key: &Key) -> Sighting {
        self.targets.get(key).map_or(Sighting::Unknown, Target::told)
    }

    /// The same of what may never answer here: some routers answer no echo, and some resolvers only those who come by another
    /// way. It fails where it has been answered before.
    fn lapsed(&self, key: &Key) -> Sighting {
        match self.sighting(key) {
            Sighting::Fails if !self.was_answered(key) => Sighting::Unknown,
            sighting => sighting,
        }
    }

    fn was_answered(&self, key: &Key) -> bool {
        self.targets.get(key).is_some_and(|target| target.was_answered)
    }

    /// What tailscaled is doing; nobody can tell while it may be about to come up.
    pub(super) fn daemon(&self) -> Daemon {
        match self.tailnet.daemon {
            Daemon::Broken(DaemonFault::NotRunning | DaemonFault::Unreadable | DaemonFault::Starting)
                if self.clock < self.daemon_since.after(self.grace()) =>
            {
                Daemon::Unknown
            }
            // One that comes up by the control plane is not to blame before it is known what has become of that.
            Daemon::Broken(DaemonFault::Starting) if self.awaits_control() => Daemon::Unknown,
            // It hangs: what it said last is what it was.
            Daemon::Runs if self.sighting(&Key::Daemon) == Sighting::Fails => Daemon::Broken(DaemonFault::NotRunning),
            daemon => daemon,
        }
    }

    /// Whether the control plane has been asked, and it is not settled yet what that says. It is not waited for without end.
    fn awaits_control(&self) -> bool {
        let until = self.daemon_since.after(self.grace()).after(GRACE);
        let control = self.targets.get(&Key::Control);
        self.clock < until
            && control.is_some_and(|control| control.last != Last::CannotTell && control.told() == Sighting::Unknown)
    }

    /// Since when tailscaled is known to hang.
    pub(super) fn hangs_since(&self) -> Option<Moment> {
        let daemon = self.targets.get(&Key::Daemon)?;
        daemon.fell.filter(|_| daemon.told() == Sighting::Fails)
    }

    /// As many checks as make a failure, and not more than ten seconds.
    pub(super) fn grace(&self) -> TimeSpan {
        let checks = u64::from(self.settings.failure_threshold.max(1));
        let millis = self.settings.check_interval.as_millis().saturating_mul(checks);
        TimeSpan::from_millis(millis).map_or(GRACE, |grace| grace.min(GRACE))
    }

    /// Whether nothing has changed since all layers were looked at. What time alone changes, the end of a key, is worth a look
    /// each second; what becomes of a tailscaled that is not up, each time.
    pub(super) fn is_diagnosed(&self) -> bool {
        let is_up = !matches!(self.tailnet.daemon, Daemon::Broken(_));
        is_up && self.diagnosed.is_some_and(|at| self.clock < at.after_millis(1_000))
    }

    /// Looks at all layers again.
    pub(super) fn diagnose(&mut self) {
        let before = self.diagnosis.clone();
        let mut has_told = false;
        let fallen: Vec<(Key, Moment)> = self
            .targets
            .iter()
            .filter(|(_, target)| !target.is_told)
            .filter_map(|(key, target)| Some((key.clone(), target.fell?)))
            .collect();
        for (key, fell) in fallen {
            // From the bottom up.
            let is_told = self.is_clear_below(&key, fell);
            if let Some(target) = self.targets.get_mut(&key) {
                target.is_told = is_told;
                has_told |= is_told;
            }
        }
        let (was_below, hung) = (self.fails_below(), self.hangs());
        self.diagnosis = diagnose(&self.observations(), EXPIRY_NOTICE, self.clock);
        if was_below && !self.fails_below() {
            // What was lost meanwhile says nothing of what is now, and nothing of the tunnel.
            for target in self.targets.values_mut() {
                target.window.clear();
            }
            self.waiting.clear();
        }
        if hung && !self.hangs() {
            // What tailscaled was to carry or to ping meanwhile says nothing of what is now.
            let others = self.targets.iter_mut().filter(|(key, _)| !key.is_ground());
            others.for_each(|(_, target)| {
                target.window.clear();
                target.pardon();
            });
            self.waiting.clear();
        }
        // What has been told now may be what something above waits for.
        let is_settled = !has_told && self.diagnosis == before;
        self.diagnosed = is_settled.then_some(self.clock);
        let suspects = self.may_be_dead();
        if suspects != self.suspects {
            self.suspects = suspects;
            self.refresh();
        }
    }

    /// Whether a layer has failed that everything above loses packets by.
    fn fails_below(&self) -> bool {
        let mut failures = self.diagnosis.failures.iter();
        failures.any(|failure| matches!(failure.layer, Layer::Link | Layer::Gateway | Layer::Internet))
    }

    fn hangs(&self) -> bool {
        let hangs = Layer::Daemon(DaemonFault::NotRunning);
        self.diagnosis.failures.iter().any(|failure| failure.layer == hangs)
    }

    fn observations(&self) -> Observations {
        let derp = self.sighting(&Key::Relay);
        let internet = if self.routeless >= 2 {
            Sighting::Fails
        } else {
            self.sighting(&Key::Internet)
        };
        let runs = self.daemon() == Daemon::Runs;
        let link = self.link();
        let is_cut_off = self.routeless >= 2 || self.was_answered(&Key::Internet);
        let control = match (runs, self.tailnet.online) {
            // While it does not come up, the control plane is asked.
            (false, _) => self.sighting(&Key::Control),
            (true, false) => Sighting::Fails,
            // tailscaled learns late that nothing comes any more: what was measured is believed before it, unless that has
            // never been answered here.
            (true, true)
                if link == Sighting::Fails
                    || (internet == Sighting::Fails && derp != Sighting::Works && is_cut_off) =>
            {
                Sighting::Unknown
            }
            (true, true) => Sighting::Works,
        };
        Observations {
            link,
            gateway: self.lapsed(&Key::Gateway),
            internet,
            dns: self.lapsed(&Key::Resolver),
            daemon: self.daemon(),
            control,
            derp,
            key_expires: self.tailnet.key_expires,
            peers: self.peers(),
            exit_node: self.exit_node_seen(),
            routers: self.routers(),
            services: self.services(),
        }
    }

    /// Whether the interface that leads out is up; where none is known to, whether any is.
    fn link(&self) -> Sighting {
        let Some(links) = &self.links else {
            return Sighting::Unknown;
        };
        let tunnel = &self.settings.interface;
        let is_up = match &self.uplink {
            Some(uplink) => links.up.contains(uplink),
            None => links.up.iter().any(|interface| interface != tunnel),
        };
        if is_up { Sighting::Works } else { Sighting::Fails }
    }

    /// A node may be measured in several ways: it fails where one of them does.
    fn peers(&self) -> BTreeMap<String, Sighting> {
        let known = self.known();
        let through = self.targets.iter().filter_map(|(key, target)| match key {
            Key::Through(node) => Some((word(node), target.told())),
            _ => None,
        });
        let own = self
            .settings
            .probes
            .targets
            .iter()
            .filter_map(|(name, own)| match own.ask {
                Probed::Peer { .. } => {
                    let word = self.on_peers.services.get(name)?.clone();
                    Some((word, self.sighting(&Key::Own(name.clone()))))
                }
                _ => None,
            });
        let lost = known
            .lost_peers()
            .into_iter()
            .map(|lost| (lost.node.to_string(), Sighting::Fails));
        let mut peers = BTreeMap::new();
        for (word, sighting) in through.chain(own).chain(lost) {
            let seen = peers.entry(word).or_insert(sighting);
            *seen = match (*seen, sighting) {
                (Sighting::Fails, _) | (_, Sighting::Fails) => Sighting::Fails,
                (Sighting::Works, _) | (_, Sighting::Works) => Sighting::Works,
                _ => Sighting::Unknown,
            };
        }
        peers
    }

    fn exit_node_seen(&self) -> Option<ExitNode> {
        let node = self.in_force.as_ref().filter(|node| **node != ExitNodeUse::Off)?;
        Some(ExitNode {
            name: word(node),
            egress: self.egress_seen(),
            by_name: self.settings.probes.egress.needs_names(),
        })
    }

    /// It fails where one means does; it works where none is in doubt.
    fn egress_seen(&self) -> Sighting {
        let seen = self.egress().map(|(_, target)| (target.told(), target.bad_in_a_row()));
        let seen: Vec<(Sighting, u32)> = seen.collect();
        if seen.iter().any(|(seen, _)| *seen == Sighting::Fails) {
            Sighting::Fails
        } else if seen.iter().any(|(seen, _)| *seen == Sighting::Works) && seen.iter().all(|(_, bad)| *bad == 0) {
            Sighting::Works
        } else {
            Sighting::Unknown
        }
    }

    fn routers(&self) -> BTreeMap<crate::net::Prefix, Through> {
        let routes = &self.settings.failover.lan_routes;
        let seen = routes.iter().map(|route| {
            let through = Through {
                peer: self.on_peers.prefixes.get(&route.prefix).cloned(),
                reached: self.sighting(&Key::RouteThrough(route.prefix)),
            };
            (route.prefix, through)
        });
        seen.collect()
    }

    fn services(&self) -> BTreeMap<ServiceName, Through> {
        let both = self.settings.failover.lan_services.keys().map(|name| {
            let ways = [
                self.sighting(&Key::ServiceTailnet(name.clone())),
                self.sighting(&Key::ServiceLan(name.clone())),
            ];
            let reached = if ways.contains(&Sighting::Works) {
                Sighting::Works
            } else if ways.contains(&Sighting::Unknown) {
                Sighting::Unknown
            } else {
                Sighting::Fails
            };
            let peer = self.on_peers.services.get(name).cloned();
            (name.clone(), Through { peer, reached })
        });
        let own = self.settings.probes.targets.iter();
        let own = own.filter(|(_, own)| !matches!(own.ask, Probed::Peer { .. }));
        let own = own.map(|(name, _)| {
            let peer = self.on_peers.services.get(name).cloned();
            let reached = self.sighting(&Key::Own(name.clone()));
            (name.clone(), Through { peer, reached })
        });
        own.chain(both).collect()
    }
}
