//! What the measurements say: of the layers, and of each setting.

use std::collections::BTreeMap;

use super::key::{Class, Key, word};
use super::target::Target;
use super::{GRACE, Watch};
use crate::model::{ExitNodeChoice, Probed};
use crate::monitor::diagnosis::{Daemon, DaemonFault, ExitNode, Layer, Observations, Sighting, Through, diagnose};
use crate::monitor::failover::{Event, ExitNodeUse, Setting};
use crate::monitor::{Fault, Moment, Verdict};
use crate::net::{ServiceName, TimeSpan};

/// A key that expires within this time is worth a notice.
const EXPIRY_NOTICE: TimeSpan = TimeSpan::constant_millis(7 * 86_400_000);
/// So many checks wait at most.
const MOST_WAITING: usize = 64;

/// What one check says of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    setting: Setting,
    verdict: Verdict,
    /// When what it rests on was asked first.
    pub(super) began: Moment,
    /// Whether it is about what is in force.
    in_force: bool,
}

/// How a setting is measured.
struct Measured {
    setting: Setting,
    /// It has been checked when all of these have.
    by: Vec<Key>,
    in_force: bool,
}

impl Watch {
    /// Counts the checks that end with the one of this target.
    pub(super) fn check(&mut self, ended: &Key) {
        let all = self.measured();
        self.counted
            .retain(|setting, _| all.iter().any(|one| one.setting == *setting));
        let half = u128::from(self.settings.check_interval.as_millis()) / 2;
        for measured in all {
            if !measured.by.contains(ended) {
                continue;
            }
            let last = self.counted.get(&measured.setting).copied();
            let (mark, at) = last.unwrap_or_default();
            // What lies below is asked more often than once in an interval when something is in doubt.
            if last.is_some() && self.clock.since(at).as_millis() < half {
                continue;
            }
            let targets: Vec<&Target> = measured.by.iter().filter_map(|key| self.targets.get(key)).collect();
            if targets.len() < measured.by.len() || targets.iter().any(|target| target.finished <= mark) {
                continue;
            }
            let began = targets
                .iter()
                .filter_map(|target| target.began)
                .min()
                .unwrap_or(self.clock);
            let verdict = self.verdict(&measured);
            self.counted
                .insert(measured.setting.clone(), (self.finished, self.clock));
            // In the first seconds after a sleep nothing that fails counts; nor what nobody could measure.
            let is_bad = matches!(verdict, Verdict::Down(_) | Verdict::Degraded(_));
            if verdict == Verdict::Unknown || (is_bad && self.is_settling()) {
                continue;
            }
            if self.waiting.len() >= MOST_WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Check {
                setting: measured.setting,
                verdict,
                began,
                in_force: measured.in_force,
            });
        }
    }

    /// The checks that count now: those of what may come to be in force, then those of what is. A failure of what is in force
    /// waits until what lies below has been asked at least as late, and what failed there has been told.
    pub(super) fn release(&mut self) -> Vec<Event> {
        let (mut others, mut in_force, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let has_untold = self.ground().any(|target| target.fell.is_some() && !target.is_told);
        for check in std::mem::take(&mut self.waiting) {
            let is_good = matches!(check.verdict, Verdict::Good | Verdict::Unknown);
            let follows_held = held.iter().any(|held: &Check| held.setting == check.setting);
            if follows_held || (check.in_force && !is_good && (has_untold || !self.ground_is_known_at(check.began))) {
                held.push(check);
            } else if check.in_force {
                in_force.push(Event::Measured(check.setting, check.verdict));
            } else {
                others.push(Event::Measured(check.setting, check.verdict));
            }
        }
        self.waiting = held.into();
        others.extend(in_force);
        others
    }

    /// Whether everything below the tailnet has been asked once.
    pub(super) fn knows_ground(&self) -> bool {
        let mut ground = self.ground();
        self.links.is_some() && ground.all(|target| target.ended.is_some())
    }

    /// Whether everything below the tailnet that can be asked has been asked then or later.
    pub(super) fn ground_is_known_at(&self, moment: Moment) -> bool {
        let mut ground = self.ground();
        self.links.is_some() && ground.all(|target| target.began.is_some_and(|began| began >= moment))
    }

    /// Whether everything that this rests on has been asked then or later, and nothing of it is in doubt: each was answered
    /// last, or has failed as often as it takes, and that has been told.
    fn is_clear_below(&self, key: &Key, moment: Moment) -> bool {
        let mut below = self.targets.iter().filter(|(below, _)| below.height() < key.height());
        // A relay that answers proves the internet, though it rests on it.
        let proof = self.targets.get(&Key::Relay).filter(|_| *key == Key::Internet);
        let is_asked = |target: &Target| target.began.is_some_and(|began| began >= moment);
        below.all(|(_, target)| is_asked(target) && (target.bad_in_a_row() == 0 || target.is_told))
            && proof.is_none_or(|relay| is_asked(relay) && (relay.bad_in_a_row() == 0 || relay.fell.is_some()))
    }

    fn ground(&self) -> impl Iterator<Item = &Target> {
        self.targets
            .values()
            .filter(|target| target.spec.class == Class::Ground)
    }

    /// What the failover machine counts, and by which measurements.
    fn measured(&self) -> Vec<Measured> {
        let failover = &self.settings.failover;
        let mut measured = Vec::new();
        let mut add = |setting, by, in_force| measured.push(Measured { setting, by, in_force });
        let runs = self.tailnet.daemon == Daemon::Runs;
        let heartbeat = || vec![Key::Links];
        for node in self.known().nodes().into_iter().filter(|_| runs) {
            let in_force = self.in_force.as_ref() == Some(&node);
            let through = Key::Through(node.clone());
            let egress: Vec<Key> = self.egress().map(|(key, _)| key.clone()).collect();
            let by = if in_force && !egress.is_empty() {
                egress
            } else if self.targets.contains_key(&through) {
                vec![through]
            } else {
                heartbeat()
            };
            add(Setting::ExitNode(node), by, in_force);
        }
        let off = ExitNodeUse::Off;
        let is_off = self.in_force.as_ref() == Some(&off);
        add(Setting::ExitNode(off), vec![Key::Internet], is_off);
        if !failover.lan_routes.is_empty() {
            let prefixes = || failover.lan_routes.iter().map(|route| route.prefix);
            let preferences = self.tailnet.preferences.as_ref();
            let accepts = preferences.is_none_or(|preferences| preferences.accept_routes);
            add(
                Setting::AcceptRoutes(true),
                prefixes().map(Key::RouteThrough).collect(),
                accepts,
            );
            add(
                Setting::AcceptRoutes(false),
                prefixes().map(Key::RouteDirect).collect(),
                !accepts,
            );
        }
        for name in failover.lan_services.keys() {
            let (tailnet, lan) = (Key::ServiceTailnet(name.clone()), Key::ServiceLan(name.clone()));
            // Which of them is in force is not known here. The one by the tailnet is what is left.
            add(Setting::LanAddress(name.clone()), vec![lan], false);
            add(Setting::TailnetAddress(name.clone()), vec![tailnet], true);
        }
        add(Setting::Tunnel(false), vec![Key::Internet], false);
        add(Setting::Tunnel(true), heartbeat(), true);
        measured
    }

    fn verdict(&self, measured: &Measured) -> Verdict {
        match &measured.setting {
            Setting::ExitNode(ExitNodeUse::Off) | Setting::Tunnel(false) => self.worst(&[Key::Internet]),
            Setting::ExitNode(node) => self.exit_node(node),
            Setting::Tunnel(true) => self.tunnel(),
            // tailscaled has one switch for all routes: where others lead besides, nothing is won by it.
            Setting::AcceptRoutes(false) if self.tailnet.peers.is_empty() => Verdict::Unknown,
            Setting::AcceptRoutes(false) => match self.known().cut_off() {
                Some(prefix) => Verdict::Down(Fault::CutsOff(prefix)),
                None => self.worst(&measured.by),
            },
            Setting::AcceptRoutes(true) | Setting::TailnetAddress(_) | Setting::LanAddress(_) => {
                self.worst(&measured.by)
            }
        }
    }

    /// The way is as good as its worst part.
    fn worst(&self, keys: &[Key]) -> Verdict {
        let verdicts = keys
            .iter()
            .map(|key| self.targets.get(key).map_or(Verdict::Unknown, Target::verdict));
        verdicts.max_by_key(rank).unwrap_or(Verdict::Unknown)
    }

    /// What is asked through the exit node in force.
    fn egress(&self) -> impl Iterator<Item = (&Key, &Target)> {
        self.targets.iter().filter(|(key, _)| matches!(key, Key::Egress(_)))
    }

    /// What passes the node in force counts before what its pings say, and each means for itself: the worst of them is what the
    /// node is worth. A means that cannot be asked here says nothing.
    fn exit_node(&self, node: &ExitNodeUse) -> Verdict {
        let in_force = self.in_force.as_ref() == Some(node);
        let through = self.targets.get(&Key::Through(node.clone()));
        let pings = through.map_or(Verdict::Unknown, Target::verdict);
        let egress = self.egress().filter(|_| in_force).map(|(_, target)| target.verdict());
        let egress = egress.filter(|verdict| *verdict != Verdict::Unknown).max_by_key(rank);
        match egress {
            Some(down @ Verdict::Down(_)) => down,
            // What arrives in the internet has passed the node, whatever its pings say: those that are lost are counted.
            Some(egress) => {
                let pings = match (through, pings) {
                    (Some(through), Verdict::Down(_)) if through.was_answered => {
                        through.window.quality(through.spec.limits)
                    }
                    (_, Verdict::Down(_) | Verdict::Unknown) => Verdict::Good,
                    (_, verdict) => verdict,
                };
                [pings, egress].into_iter().max_by_key(rank).unwrap_or(Verdict::Unknown)
            }
            None if through.is_some() => pings,
            None => self.missing(node),
        }
    }

    /// Why a node cannot be pinged.
    fn missing(&self, node: &ExitNodeUse) -> Verdict {
        let ExitNodeUse::Node(choice) = node else {
            return Verdict::Unknown;
        };
        // Without any peers the map of the network has not come.
        if *choice == ExitNodeChoice::Auto || self.tailnet.peers.is_empty() {
            return Verdict::Unknown;
        }
        match self.tailnet.exit_node(choice) {
            Ok(_) => Verdict::Unknown,
            Err(fault) => Verdict::Down(fault),
        }
    }

    /// The tunnel is down where tailscaled is, or where of several peers none answers though the internet is there: no exit
    /// node, and none of those that are asked besides for that reason. A tailscaled that does not come up without the control
    /// plane is not to blame: whoever restarts it gains nothing.
    fn tunnel(&self) -> Verdict {
        match self.daemon() {
            Daemon::Broken(fault @ DaemonFault::NotRunning) => Verdict::Down(Fault::Answered(fault.to_string())),
            Daemon::Broken(fault @ DaemonFault::Starting) if self.sighting(&Key::Control) == Sighting::Works => {
                Verdict::Down(Fault::Answered(fault.to_string()))
            }
            Daemon::Broken(_) | Daemon::Unknown => Verdict::Unknown,
            Daemon::Runs => {
                let seen = |is_it: fn(&Key) -> bool| -> Vec<Sighting> {
                    let targets = self.targets.iter().filter(|(key, _)| is_it(key));
                    targets.map(|(_, target)| target.told()).collect()
                };
                let nodes = seen(|key| matches!(key, Key::Through(_)));
                let witnesses = seen(|key| matches!(key, Key::Witness(_)));
                let fail = |seen: &[Sighting]| seen.iter().all(|seen| *seen == Sighting::Fails);
                let internet = self.sighting(&Key::Internet);
                if nodes.is_empty() || nodes.contains(&Sighting::Works) || witnesses.contains(&Sighting::Works) {
                    Verdict::Good
                } else if nodes.len() > 1 && fail(&nodes) && fail(&witnesses) && internet == Sighting::Works {
                    Verdict::Down(Fault::Answered("no peer answers through the tunnel".to_owned()))
                } else {
                    Verdict::Unknown
                }
            }
        }
    }

    /// Whether no exit node answers although the internet is there: then it may be the tunnel that is dead.
    fn may_be_dead(&self) -> bool {
        let nodes = self.targets.iter().filter(|(key, _)| matches!(key, Key::Through(_)));
        let (mut count, mut silent) = (0, 0);
        for (_, node) in nodes {
            count += 1;
            silent += u32::from(node.bad_in_a_row() > 0);
        }
        let internet = self.targets.get(&Key::Internet);
        count > 1 && silent == count && internet.is_some_and(|internet| internet.sighting != Sighting::Fails)
    }

    fn sighting(&self, key: &Key) -> Sighting {
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
            daemon => daemon,
        }
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
        let was_below = self.fails_below();
        self.diagnosis = diagnose(&self.observations(), EXPIRY_NOTICE, self.clock);
        if was_below && !self.fails_below() {
            // What was lost meanwhile says nothing of what is now, and nothing of the tunnel.
            for target in self.targets.values_mut() {
                target.window.clear();
            }
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

    fn observations(&self) -> Observations {
        let derp = self.sighting(&Key::Relay);
        let internet = if self.routeless >= 2 {
            Sighting::Fails
        } else {
            self.sighting(&Key::Internet)
        };
        let runs = self.tailnet.daemon == Daemon::Runs;
        let link = self.link();
        let is_cut_off = self.routeless >= 2 || self.was_answered(&Key::Internet);
        let control = match (runs, self.tailnet.online) {
            (false, _) => Sighting::Unknown,
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

/// The worse, the higher; of what is not known the worst is not expected.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Good => 0,
        Verdict::Unknown => 1,
        Verdict::Degraded(_) => 2,
        Verdict::Down(_) => 3,
    }
}
