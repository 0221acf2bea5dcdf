//! What checks make of measurements: whether a setting works.

use super::Watch;
use super::key::{Class, Key};
use super::target::Target;
use crate::model::ExitNodeChoice;
use crate::monitor::diagnosis::{Daemon, DaemonFault, Sighting};
use crate::monitor::failover::{Event, ExitNodeUse, Setting};
use crate::monitor::{Fault, Moment, Verdict};

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
    pub(super) fn is_clear_below(&self, key: &Key, moment: Moment) -> bool {
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
        let runs = self.daemon() == Daemon::Runs;
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
    pub(super) fn egress(&self) -> impl Iterator<Item = (&Key, &Target)> {
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
    pub(super) fn may_be_dead(&self) -> bool {
        let nodes = self.targets.iter().filter(|(key, _)| matches!(key, Key::Through(_)));
        let (mut count, mut silent) = (0, 0);
        for (_, node) in nodes {
            count += 1;
            silent += u32::from(node.bad_in_a_row() > 0);
        }
        let internet = self.targets.get(&Key::Internet);
        count > 1 && silent == count && internet.is_some_and(|internet| internet.sighting != Sighting::Fails)
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
