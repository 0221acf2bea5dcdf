//! A machine on a table.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tailwright::monitor::diagnosis::{DaemonFault, Layer};
use tailwright::monitor::failover::{Action, Event, Outcome, Phase, Plan, Setting, State, Subject, step};
use tailwright::monitor::{Fault, Moment, Verdict};
use tailwright::net::InterfaceName;

use super::kinds;

/// The machine with one subject that is looked at, and a tailscaled that does as it is told unless a test answers for it.
#[derive(Clone)]
pub struct Bench {
    pub plan: Plan,
    pub state: State,
    pub now: Moment,
    pub deadline: Option<Moment>,
    /// What the profile wants, what else may be taken, and what somebody sets.
    pub wanted: Setting,
    pub other: Setting,
    pub third: Setting,
    pub in_force: BTreeMap<Subject, Setting>,
    pub answers: bool,
    pub actions: Vec<Action>,
    /// The kinds of events that were sent, and of obstacles that were met.
    pub sent: BTreeSet<&'static str>,
    pub met: BTreeSet<&'static str>,
    /// The last restart of tailscaled.
    restart: Option<u64>,
    failed: BTreeSet<Layer>,
    told: BTreeSet<Layer>,
}

pub fn down() -> Verdict {
    Verdict::Down(Fault::NoAnswer { waited: 5_000 })
}

pub fn slow() -> Verdict {
    Verdict::Degraded(Fault::Latency {
        millis: 300,
        limit: 200,
    })
}

pub fn lan() -> InterfaceName {
    "lan0".parse().unwrap()
}

impl Bench {
    pub fn new(plan: Plan, wanted: Setting, other: Setting, third: Setting) -> Self {
        let homes = plan.ladders.values().filter_map(|ladder| ladder.home.clone());
        let mut bench = Self {
            in_force: homes.map(|home| (home.subject(), home)).collect(),
            plan,
            state: State::new(),
            now: Moment::from_millis(1_000_000_000_000),
            deadline: None,
            wanted,
            other,
            third,
            answers: true,
            actions: Vec::new(),
            sent: BTreeSet::new(),
            met: BTreeSet::new(),
            restart: None,
            failed: BTreeSet::new(),
            told: BTreeSet::new(),
        };
        bench.send(Event::Started);
        bench.send(Event::Diagnosed(BTreeSet::new()));
        let prefix = "192.168.15.0/24".parse().unwrap();
        bench.send(Event::Links([(lan(), [prefix].into())].into()));
        bench
    }

    pub fn subject(&self) -> Subject {
        self.wanted.subject()
    }

    pub fn send(&mut self, event: Event) {
        let event = match event {
            Event::Diagnosed(layers) => {
                self.failed = layers;
                Event::Diagnosed(self.layers())
            }
            event => event,
        };
        self.deliver(event);
        if self.layers() != self.told {
            self.deliver(Event::Diagnosed(self.layers()));
        }
    }

    /// A tailscaled whose tunnel is down says that it is stopped.
    fn layers(&self) -> BTreeSet<Layer> {
        let is_down = self.in_force.get(&Subject::Tunnel) == Some(&Setting::Tunnel(false));
        let runs = !self.failed.iter().any(|layer| matches!(layer, Layer::Daemon(_)));
        let stopped = (is_down && runs).then_some(Layer::Daemon(DaemonFault::Stopped));
        self.failed.iter().cloned().chain(stopped).collect()
    }

    fn deliver(&mut self, event: Event) {
        let mut queue = VecDeque::from([event]);
        while let Some(event) = queue.pop_front() {
            self.sent.extend(kinds::all(&event));
            if let Event::Diagnosed(layers) = &event {
                self.told.clone_from(layers);
            }
            let done = step(&self.plan, self.state.clone(), event, self.now);
            self.state = done.state;
            self.deadline = done.deadline;
            for action in done.actions {
                if let Action::RestartDaemon(token) = &action {
                    self.restart = Some(*token);
                }
                match &action {
                    Action::Apply(token, settings) if self.answers => {
                        let settings = settings.iter().map(|setting| (setting.subject(), setting.clone()));
                        self.in_force.extend(settings);
                        queue.push_back(Event::Done(*token, Outcome::Done));
                    }
                    Action::RestartDaemon(token) if self.answers => queue.push_back(Event::Done(*token, Outcome::Done)),
                    Action::ReadSettings if self.answers => {
                        queue.push_back(Event::Seen(self.in_force.values().cloned().collect()));
                    }
                    _ => {}
                }
                self.actions.push(action);
            }
            let (_, obstacle) = self.state.prospect(&self.plan, &self.subject(), self.now);
            self.met.extend(obstacle.as_ref().map(kinds::obstacle));
        }
    }

    pub fn wait(&mut self, millis: u64) {
        self.now = Moment::from_millis(self.now.as_millis() + millis);
    }

    /// Time passes, and the machine is woken when it wants.
    pub fn pass(&mut self, millis: u64) {
        let end = Moment::from_millis(self.now.as_millis() + millis);
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= end) {
            self.now = deadline;
            self.send(Event::Woken);
        }
        self.now = end;
        self.send(Event::Woken);
    }

    /// Checks of both settings, 30 s apart; what is in force comes last.
    pub fn checks(&mut self, count: u32, wanted_is: &Verdict, other_is: &Verdict) {
        for _ in 0..count {
            self.wait(30_000);
            let mut round = [(self.wanted.clone(), wanted_is), (self.other.clone(), other_is)];
            if self.standing() == self.wanted {
                round.reverse();
            }
            for (setting, verdict) in round {
                // Nothing is measured through a tunnel that is down.
                if setting != Setting::Tunnel(true) || self.standing() == setting {
                    self.send(Event::Measured(setting, verdict.clone()));
                }
            }
        }
    }

    /// So many checks of one setting, a second apart.
    pub fn measure(&mut self, count: u32, setting: &Setting, verdict: &Verdict) {
        for _ in 0..count {
            self.wait(1_000);
            self.send(Event::Measured(setting.clone(), verdict.clone()));
        }
    }

    /// Somebody sets it.
    pub fn by_hand(&mut self, setting: Setting) {
        self.wait(5_000);
        self.in_force.insert(setting.subject(), setting.clone());
        self.send(Event::Seen(vec![setting]));
    }

    pub fn standing(&self) -> Setting {
        let track = self.state.track(&self.subject()).expect("it was seen");
        track.standing().clone()
    }

    pub fn phase(&self) -> Phase {
        let phase = self.state.phase(&self.plan, &self.subject(), self.now);
        phase.expect("it was seen")
    }

    /// The number of the change that is being made, or of the restart; one that nothing has where there is none.
    pub fn token(&self) -> u64 {
        let track = self.state.track(&self.subject());
        let moving = track.and_then(|track| track.moving()).map(|moving| moving.token);
        moving.or(self.restart).unwrap_or(u64::MAX)
    }
}
