//! What is measured when, and what it says of the whole host.
//!
//! [`Watch`] is told what tailscaled says ([`Tailnet`]) and what came of each probe ([`Sample`]). It says which probes are due,
//! which layers have failed, and which checks the failover machine is to count ([`Watch::events`]).
//!
//! - Every target has a place of its own in the interval, so that probes do not go out together; at most [`Watch::MOST`] are
//!   under way at a time, and never two of the same target.
//! - What lies below the tailnet is asked rarely while all is well. Where a check of what is in force fails, it is asked at
//!   once, and the failure counts only when it is known what the layers below say.
//! - After the host has slept, nothing that was under way counts, and what fails within the first seconds does not either.

mod checks;
mod clock_step;
mod due;
mod events;
mod expects;
mod in_force;
mod key;
mod layers;
mod links;
mod probe;
mod readings;
mod sample;
mod tailnet;
mod target;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::checks::Check;
use self::key::{Class, Key};
use self::target::{Steps, Target};
use self::wanted::{Known, OnPeers};
use super::diagnosis::{Daemon, DaemonFault, Diagnosis, Layer, Notice};
use super::failover::{ExitNodeUse, Setting};
use super::{Counts, Moment};
use crate::model::MonitorSettings;
use crate::net::{InterfaceName, Prefix, TimeSpan};

pub use expects::Expects;
pub use links::{Links, Route};
pub use probe::{Exchange, Probe, Question, Way};
pub use sample::Sample;
pub use tailnet::{Found, Peer, Preferences, Tailnet};

/// A deadline that is missed by so much was missed because the host slept, or had no time to measure anything.
const ASLEEP: TimeSpan = TimeSpan::constant_millis(5_000);
/// So long after that, and after tailscaled has come up, what fails does not count.
const SETTLE: TimeSpan = TimeSpan::constant_millis(5_000);
/// A tailscaled that does not answer is on its way up for so long at most before that is a failure.
const GRACE: TimeSpan = TimeSpan::constant_millis(10_000);

/// What is measured, and what is known by that.
#[derive(Debug, Clone)]
pub struct Watch {
    settings: MonitorSettings,
    tailnet: Tailnet,
    /// Since when tailscaled does what it does.
    daemon_since: Moment,
    links: Option<Links>,
    /// How often in a row there was no default route.
    routeless: u32,
    /// The interface of the last default route.
    uplink: Option<InterfaceName>,
    in_force: Option<ExitNodeUse>,
    /// Whether no exit node answers, so that it is the tunnel that may be dead.
    suspects: bool,
    /// What is on or behind a peer that is measured, and the word for it.
    on_peers: OnPeers,
    targets: BTreeMap<Key, Target>,
    /// When it was last told anything.
    clock: Moment,
    /// Until when failures do not count.
    settling: Option<Moment>,
    /// How many probes there were.
    probes: u64,
    failed: u64,
    /// How many have ended.
    finished: u64,
    /// For each setting, how many had ended at its last check, and when that was.
    counted: BTreeMap<Setting, (u64, Moment)>,
    /// Checks that wait for what lies below.
    waiting: VecDeque<Check>,
    diagnosis: Diagnosis,
    /// When it was made; `None` where something has changed since.
    diagnosed: Option<Moment>,
    /// The last events of their kind.
    told: Told,
}

/// What has been told already.
#[derive(Debug, Clone, Default)]
struct Told {
    links: Option<BTreeMap<InterfaceName, BTreeSet<Prefix>>>,
    lan_access: Option<bool>,
    causes: Option<BTreeSet<Layer>>,
    notices: Option<BTreeSet<Notice>>,
}

impl Watch {
    /// So many probes are under way at most.
    pub const MOST: usize = 16;

    /// A host with these settings of which nothing is known yet.
    pub fn new(settings: &MonitorSettings, now: Moment) -> Self {
        let mut watch = Self {
            settings: settings.clone(),
            tailnet: Tailnet::default(),
            daemon_since: now,
            links: None,
            routeless: 0,
            uplink: None,
            in_force: None,
            suspects: false,
            on_peers: OnPeers::default(),
            targets: BTreeMap::new(),
            clock: now,
            settling: None,
            probes: 0,
            failed: 0,
            finished: 0,
            counted: BTreeMap::new(),
            waiting: VecDeque::new(),
            diagnosis: Diagnosis::default(),
            diagnosed: None,
            told: Told::default(),
        };
        watch.refresh();
        watch
    }

    /// The settings have been read again. What is measured as before goes on.
    pub fn reload(&mut self, settings: &MonitorSettings, now: Moment) {
        self.tick(now);
        self.settings = settings.clone();
        self.refresh();
    }

    /// What tailscaled says. Where it is lost, [`Tailnet::daemon`] says so and the rest is what was last known.
    pub fn tailnet(&mut self, tailnet: Tailnet, now: Moment) {
        self.tick(now);
        if self.tailnet.daemon != tailnet.daemon {
            self.daemon_since = self.clock;
            if tailnet.daemon == Daemon::Runs && self.tailnet.daemon != Daemon::Unknown {
                self.settle();
            }
        }
        self.tailnet = tailnet;
        self.refresh();
        self.diagnose();
    }

    /// tailscaled cannot be asked, and by which fault. What it said before is remembered; that the fault is another one now makes
    /// it no shorter.
    pub fn lost(&mut self, fault: DaemonFault, now: Moment) {
        let lost = |daemon| {
            matches!(
                daemon,
                Daemon::Broken(DaemonFault::NotRunning | DaemonFault::Unreadable)
            )
        };
        let since = if lost(self.tailnet.daemon) {
            Some(self.daemon_since)
        } else {
            // That it hangs was known before it was given up.
            self.hangs_since()
                .map(|since| since.before_millis(self.grace().as_millis()))
        };
        let tailnet = Tailnet {
            daemon: Daemon::Broken(fault),
            online: false,
            ..self.tailnet.clone()
        };
        self.tailnet(tailnet, now);
        if let Some(since) = since {
            self.daemon_since = since;
            self.diagnose();
        }
    }

    /// Which layers have failed.
    pub fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }

    /// How many probes there were, and how many of them failed; everything else is 0.
    pub fn counts(&self) -> Counts {
        Counts {
            probes: self.probes,
            probes_failed: self.failed,
            ..Counts::default()
        }
    }

    /// How many probes are under way.
    fn under_way(&self) -> usize {
        self.targets
            .values()
            .filter(|target| target.under_way.is_some())
            .count()
    }

    fn known(&self) -> Known<'_> {
        Known {
            settings: &self.settings,
            tailnet: &self.tailnet,
            links: self.links.as_ref(),
            in_force: self.in_force.as_ref(),
            suspects: self.suspects,
        }
    }

    /// Brings the targets into line with what is known.
    fn refresh(&mut self) {
        self.diagnosed = None;
        let now = self.clock;
        let in_force = self.exit_node_in_force();
        let has_moved = in_force != self.in_force;
        self.in_force = in_force;
        if has_moved {
            let egress = self.targets.iter_mut().filter(|(key, _)| matches!(key, Key::Egress(_)));
            egress.for_each(|(_, target)| target.forget(now));
        }
        let specs = self.known().specs();
        self.on_peers = self.known().on_peers();
        self.targets.retain(|key, _| specs.contains_key(key));
        let count = u64::try_from(specs.len()).unwrap_or(u64::MAX).max(1);
        for (place, (key, spec)) in (0..).zip(specs) {
            // The first checks come soon, and yet not together; the later ones are spread over the whole interval.
            let every = spec.every.as_millis();
            let (soon, slot) = match spec.class {
                Class::InForce => (0, 0),
                _ => ((every / count / 2).min(50) * place, every / count * place),
            };
            if let Some(target) = self.targets.get_mut(&key) {
                target.adopt(spec, now);
            } else {
                let target = Target::new(spec, now.after_millis(soon), now.after_millis(slot));
                self.targets.insert(key, target);
            }
        }
    }

    /// Takes it in, and says whether it is another one than before.
    fn take_links(&mut self, links: Links) -> bool {
        let tunnel = &self.settings.interface;
        let route = [true, false]
            .into_iter()
            .find_map(|is_ipv4| links.default_route(is_ipv4, tunnel));
        match route {
            Some(route) => {
                self.routeless = 0;
                self.uplink = Some(route.interface.clone());
            }
            None => self.routeless = self.routeless.saturating_add(1),
        }
        let is_new = self.links.as_ref() != Some(&links);
        self.links = Some(links);
        is_new
    }

    /// How many checks change what is seen of a target. What lies below falls quickly, so that it explains what it brings
    /// about; it rises when the tunnel has had the time to come back.
    fn steps(&self, key: &Key) -> Steps {
        let threshold = self.settings.failure_threshold.max(1);
        if key.is_ground() {
            let interval = self.settings.check_interval.as_millis().max(1);
            let rise = SETTLE.as_millis().div_ceil(interval).clamp(1, 5);
            Steps {
                fall: threshold.min(2),
                rise: u32::try_from(rise).unwrap_or(1),
            }
        } else {
            Steps {
                fall: threshold,
                rise: threshold.min(2),
            }
        }
    }

    /// Failures do not count for a while.
    fn settle(&mut self) {
        self.diagnosed = None;
        self.settling = Some(self.clock.after(SETTLE));
        for target in self.targets.values_mut() {
            target.pardon();
        }
        self.waiting.clear();
    }

    fn is_settling(&self) -> bool {
        self.settling.is_some_and(|until| self.clock < until)
    }
}

#[cfg(test)]
mod tests;
