//! A host on which what the machine wants is done at once, unless a test says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::monitor::{Fault, Verdict};
use crate::net::TimeSpan;

pub(super) const GATE: &str = "gate";
pub(super) const SPARE: &str = "spare";

pub(super) fn secs(number: u64) -> TimeSpan {
    TimeSpan::from_secs(number).unwrap()
}

pub(super) fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()))
}

pub(super) fn gate() -> Setting {
    node(GATE)
}

pub(super) fn spare() -> Setting {
    node(SPARE)
}

pub(super) fn auto() -> Setting {
    node("auto")
}

pub(super) fn direct() -> Setting {
    Setting::ExitNode(ExitNodeUse::Off)
}

pub(super) fn lan() -> Setting {
    Setting::LanAddress("ollama".parse().unwrap())
}

fn tailnet() -> Setting {
    Setting::TailnetAddress("ollama".parse().unwrap())
}

/// A setting by the word of a test.
pub(super) fn setting(word: &str) -> Setting {
    match word {
        "off" => direct(),
        "ollama" => tailnet(),
        "ollama-lan" => lan(),
        "up" => Setting::Tunnel(true),
        "down" => Setting::Tunnel(false),
        "routes" => Setting::AcceptRoutes(true),
        "no-routes" => Setting::AcceptRoutes(false),
        name => node(name),
    }
}

/// The host's cable is in: `enp3s0` is up, on the link of 192.168.15.0/24.
pub(super) fn cable() -> Event {
    let lan = "192.168.15.0/24".parse().unwrap();
    Event::Links([("enp3s0".parse().unwrap(), [lan].into())].into())
}

pub(super) fn verdict(letter: &str) -> Verdict {
    let fault = Fault::NoAnswer { waited: 500 };
    match letter {
        "g" => Verdict::Good,
        "d" => Verdict::Degraded(fault),
        "x" => Verdict::Down(fault),
        _ => Verdict::Unknown,
    }
}

/// The wanted exit node is `gate`; a check every second.
pub(super) fn plan(exit_nodes: &[&str]) -> Plan {
    let rungs = exit_nodes.iter().enumerate().map(|(index, word)| Rung {
        rank: u32::try_from(index).unwrap(),
        setting: setting(word),
    });
    let ladder = Ladder {
        home: Some(gate()),
        rungs: rungs.collect(),
    };
    Plan {
        mode: Mode::Act,
        ladders: BTreeMap::from([(Subject::ExitNode, ladder)]),
        fall: Threshold::consecutive(3),
        rise: Threshold::consecutive(3),
        hold_down: secs(10),
        max_hold_down: secs(80),
        min_dwell: secs(5),
        move_window: secs(10),
        return_after: Some(secs(20)),
        trial: secs(15),
        restart: None,
        on_stop: OnStop::Restore,
        maintenance: Vec::new(),
        safety: Safety {
            management: Vec::new(),
            tailnet: "tailscale0".parse().unwrap(),
            lan_beside_exit_node: true,
        },
        egress_by_name: false,
    }
}

pub(super) struct Rig {
    pub(super) plan: Plan,
    pub(super) state: State,
    pub(super) now: Moment,
    pub(super) deadline: Option<Moment>,
    /// What tailscaled has in force.
    pub(super) in_force: BTreeMap<Subject, Setting>,
    pub(super) log: Vec<(Moment, Action)>,
    /// What was really carried out, and why. A restart of tailscaled has no settings.
    pub(super) carried: Vec<(Moment, Vec<Setting>, Why)>,
    /// The state on disk.
    pub(super) disk: String,
    /// Whether the disk is full.
    pub(super) disk_full: bool,
    /// A setting that tailscaled refuses.
    pub(super) refuses: Option<Setting>,
    /// tailscaled does not answer changes.
    pub(super) silent: Option<Silence>,
    /// What it will carry out without having answered, and when.
    pub(super) pending: Vec<(Moment, Vec<Setting>)>,
    /// How often somebody has changed something by hand.
    pub(super) hands: usize,
    /// The program is killed before it carries out the first action of this kind, or right after it.
    pub(super) killed: Option<Kill>,
    pub(super) exited: bool,
    /// Looks at what is about to be carried out.
    pub(super) guard: Option<fn(&Self, &[Setting])>,
    /// The layers that the test has said to have failed.
    pub(super) failed: BTreeSet<Layer>,
    /// What the machine was last told of them.
    told: BTreeSet<Layer>,
}

/// What a tailscaled does with a change that it does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It carries it out.
    Does,
    /// It loses it.
    Drops,
    /// It carries it out so many seconds later.
    Late(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kill {
    BeforeApply,
    AfterApply,
    BeforeSave,
}

impl Rig {
    pub(super) fn new(exit_nodes: &[&str]) -> Self {
        Self::of(plan(exit_nodes), State::new())
    }

    pub(super) fn of(plan: Plan, state: State) -> Self {
        let in_force = plan
            .ladders
            .iter()
            .filter_map(|(subject, ladder)| Some((subject.clone(), ladder.home.clone()?)))
            .collect();
        let mut rig = Self {
            plan,
            disk: state.write(),
            state,
            // A Friday, midnight.
            now: Moment::from_millis(20_777 * 86_400_000),
            deadline: None,
            in_force,
            log: Vec::new(),
            carried: Vec::new(),
            disk_full: false,
            refuses: None,
            silent: None,
            pending: Vec::new(),
            hands: 0,
            killed: None,
            exited: false,
            guard: None,
            failed: BTreeSet::new(),
            told: BTreeSet::new(),
        };
        rig.send(Event::Started);
        rig
    }

    /// A service with an address on the LAN, ranked at `rank`.
    pub(super) fn add_service(&mut self, rank: u32) {
        self.add(tailnet(), &[(rank, lan())]);
    }

    pub(super) fn add(&mut self, home: Setting, rungs: &[(u32, Setting)]) {
        let rungs = rungs.iter().cloned().map(|(rank, setting)| Rung { rank, setting });
        self.in_force.insert(home.subject(), home.clone());
        self.plan.ladders.insert(
            home.subject(),
            Ladder {
                home: Some(home),
                rungs: rungs.collect(),
            },
        );
        self.send(Event::Seen(self.in_force.values().cloned().collect()));
    }

    pub(super) fn send(&mut self, event: Event) {
        let event = match event {
            Event::Diagnosed(layers) => {
                self.failed = layers;
                Event::Diagnosed(self.layers())
            }
            event => event,
        };
        self.deliver(event);
        // tailscaled says so whenever that changes.
        if self.layers() != self.told && !self.exited {
            self.deliver(Event::Diagnosed(self.layers()));
        }
    }

    /// What is diagnosed: what the test says, and a tailscaled that is stopped while the tunnel is down.
    fn layers(&self) -> BTreeSet<Layer> {
        let is_down = self.in_force.get(&Subject::Tunnel) == Some(&Setting::Tunnel(false));
        let runs = !self.failed.iter().any(|layer| matches!(layer, Layer::Daemon(_)));
        let stopped = (is_down && runs).then_some(Layer::Daemon(DaemonFault::Stopped));
        self.failed.iter().cloned().chain(stopped).collect()
    }

    fn deliver(&mut self, event: Event) {
        let mut queue = std::collections::VecDeque::from([event]);
        while let Some(event) = queue.pop_front() {
            if let Event::Diagnosed(layers) = &event {
                self.told = layers.clone();
            }
            let done = step(&self.plan, self.state.clone(), event, self.now);
            self.state = done.state;
            self.deadline = done.deadline;
            assert!(self.deadline.is_none_or(|deadline| deadline > self.now));
            let mut dropped = BTreeSet::new();
            let mut saved = true;
            for action in done.actions {
                self.log.push((self.now, action.clone()));
                match action {
                    Action::Save => {
                        if self.killed.take_if(|kill| *kill == Kill::BeforeSave).is_some() {
                            return self.start_again();
                        }
                        saved = !self.disk_full;
                        if saved {
                            self.disk = self.state.write();
                            queue.push_back(Event::Saved);
                        }
                    }
                    Action::Apply(token, _) | Action::RestartDaemon(token) if !saved => {
                        dropped.insert(token);
                    }
                    Action::Apply(token, settings) => {
                        if let Some(guard) = self.guard {
                            guard(self, &settings);
                        }
                        if self.killed.take_if(|kill| *kill == Kill::BeforeApply).is_some() {
                            return self.start_again();
                        }
                        if settings.iter().any(|setting| Some(setting) == self.refuses.as_ref()) {
                            let reason = "only root may do that".to_owned();
                            queue.push_back(Event::Done(token, Outcome::Refused(reason)));
                            continue;
                        }
                        let why = self.state.tracks().iter().find_map(|track| {
                            let moving = track.moving().filter(|moving| moving.token == token)?;
                            Some(moving.why.clone())
                        });
                        self.carried.push((self.now, settings.clone(), why.expect("a move")));
                        assert!(
                            self.is_on_disk(token),
                            "nothing is done that is not written down before"
                        );
                        match self.silent {
                            Some(Silence::Drops) => continue,
                            Some(Silence::Late(seconds)) => {
                                let after = self.pending.last().map_or(self.now, |(at, _)| *at);
                                self.pending.push((self.now.after(secs(seconds)).max(after), settings));
                                continue;
                            }
                            Some(Silence::Does) | None => {}
                        }
                        // One change after the other.
                        for (_, settings) in std::mem::take(&mut self.pending) {
                            self.in_force
                                .extend(settings.into_iter().map(|setting| (setting.subject(), setting)));
                        }
                        for setting in settings {
                            self.in_force.insert(setting.subject(), setting);
                        }
                        if self.killed.take_if(|kill| *kill == Kill::AfterApply).is_some() {
                            return self.start_again();
                        }
                        if self.silent.is_none() {
                            queue.push_back(Event::Done(token, Outcome::Done));
                        }
                    }
                    Action::RestartDaemon(token) => {
                        self.carried.push((self.now, Vec::new(), Why::TryAgain));
                        queue.push_back(Event::Done(token, Outcome::Done));
                    }
                    Action::ReadSettings => queue.push_back(Event::Seen(self.in_force.values().cloned().collect())),
                    Action::Exit => {
                        self.exited = true;
                        return;
                    }
                    Action::Record(_) | Action::Raise(_) | Action::Resolve(_) | Action::Answer(_) => {}
                }
            }
            if !saved {
                queue.push_back(Event::SaveFailed(dropped));
            }
        }
    }

    /// The program starts again with what is on disk.
    pub(super) fn start_again(&mut self) {
        self.state = State::read(&self.disk).unwrap_or_else(|_| State::lost());
        // A new program has been told nothing yet.
        self.told = BTreeSet::new();
        self.send(Event::Started);
    }

    pub(super) fn ask(&mut self, command: Command) -> Answer {
        self.ask_unless_killed(command).expect("an answer")
    }

    /// The answer; none where the program was killed before it could give one.
    pub(super) fn ask_unless_killed(&mut self, command: Command) -> Option<Answer> {
        let before = self.log.len();
        self.send(Event::Asked(command));
        let answers = self.log[before..].iter().filter_map(|(_, action)| match action {
            Action::Answer(answer) => Some(answer.clone()),
            _ => None,
        });
        let answers: Vec<Answer> = answers.collect();
        assert!(answers.len() <= 1);
        answers.into_iter().next()
    }

    /// Whether the change with this number can be taken up by a program that starts now, or nothing can be written.
    fn is_on_disk(&self, token: u64) -> bool {
        let written = State::read(&self.disk).expect("what was written");
        let moving = |track: &Track| track.moving().is_some_and(|moving| moving.token == token);
        self.state.unwritable.is_some() || written.tracks().iter().any(moving)
    }

    pub(super) fn by_hand(&mut self, setting: Setting) {
        self.hands += 1;
        self.in_force.insert(setting.subject(), setting.clone());
        self.send(Event::Seen(vec![setting]));
    }

    /// The settings are read again, and what is in force is told anew.
    pub(super) fn reload(&mut self) {
        self.send(Event::Reloaded);
        self.send(Event::Seen(self.in_force.values().cloned().collect()));
    }

    /// Lets time pass, and wakes the machine when it wants.
    pub(super) fn wait(&mut self, span: TimeSpan) {
        let end = self.now.after(span);
        let mut wakes = 0;
        loop {
            let late = self.pending.first().map(|(at, _)| *at);
            if let Some(at) = late.filter(|at| *at <= end && self.deadline.is_none_or(|deadline| *at <= deadline)) {
                self.now = at.max(self.now);
                self.carry_out_late();
                continue;
            }
            let Some(deadline) = self.deadline.filter(|deadline| *deadline <= end) else {
                break;
            };
            self.now = deadline;
            self.send(Event::Woken);
            wakes += 1;
            assert!(wakes < 1_000, "it does not spin");
        }
        self.now = end;
    }

    /// tailscaled carries out the first change that it has not answered, and its bus says so.
    fn carry_out_late(&mut self) {
        let (_, settings) = self.pending.remove(0);
        for setting in settings {
            self.in_force.insert(setting.subject(), setting);
        }
        self.send(Event::Seen(self.in_force.values().cloned().collect()));
    }

    /// So many rounds of checks, one a second: `gate: g, spare: x`.
    pub(super) fn rounds(&mut self, count: u32, verdicts: &str) {
        for _ in 0..count {
            self.wait(secs(1));
            let mut round: Vec<_> = verdicts.split(", ").filter_map(|one| one.split_once(": ")).collect();
            // What is in force comes last.
            round.sort_by_key(|(word, _)| self.in_force.get(&setting(word).subject()) == Some(&setting(word)));
            for (word, letter) in round {
                let is_down = self.in_force.get(&Subject::Tunnel) == Some(&Setting::Tunnel(false));
                // Nothing is measured through a tunnel that is down.
                let letter = if word == "up" && is_down { "?" } else { letter };
                self.send(Event::Measured(setting(word), verdict(letter)));
            }
        }
    }

    pub(super) fn rounds_until(&mut self, verdicts: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..20_000 {
            self.rounds(1, verdicts);
            if is_so(self) {
                return;
            }
        }
        panic!("it never came to that: {:?}", self.state);
    }

    pub(super) fn applied(&self) -> Vec<Setting> {
        let applied = self.log.iter().filter_map(|(_, action)| match action {
            Action::Apply(_, settings) => Some(settings.clone()),
            _ => None,
        });
        applied.flatten().collect()
    }

    pub(super) fn records(&self, is_it: impl Fn(&What) -> bool) -> usize {
        self.log
            .iter()
            .filter(|(_, action)| matches!(action, Action::Record(decision) if is_it(&decision.what)))
            .count()
    }

    pub(super) fn last_move(&self) -> (What, Why) {
        self.log
            .iter()
            .rev()
            .find_map(|(_, action)| match action {
                Action::Record(decision) => match &decision.what {
                    What::Move { why, .. } => Some((decision.what.clone(), why.clone())),
                    _ => None,
                },
                _ => None,
            })
            .expect("a move")
    }

    pub(super) fn raised(&self, alarm: &Alarm) -> usize {
        let raised = self.log.iter();
        raised
            .filter(|(_, action)| *action == Action::Raise(alarm.clone()))
            .count()
    }

    pub(super) fn standing_of(&self, subject: &Subject) -> Setting {
        let standing = self.state.track(subject).unwrap().standing().clone();
        assert_eq!(self.in_force.get(subject), Some(&standing), "as tailscaled has it");
        standing
    }

    pub(super) fn standing(&self) -> Setting {
        self.standing_of(&Subject::ExitNode)
    }

    pub(super) fn phase_of(&self, subject: &Subject) -> Phase {
        self.state.phase(&self.plan, subject, self.now).unwrap()
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase_of(&Subject::ExitNode)
    }
}
