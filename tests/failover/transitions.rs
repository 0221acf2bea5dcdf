//! Every phase and every event: where they lead, and what is done. The table is part of `docs/failover.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use tailwright::monitor::diagnosis::{Layer, Notice};
use tailwright::monitor::failover::{
    Action, Command, Ending, Event, ExitNodeUse, Outcome, Phase, Plan, Setting, State, Subject, step,
};
use tailwright::monitor::{Fault, Moment, Verdict};

use super::plan::settings;

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/failover.md");
const BEGIN: &str = "<!-- The table of transitions: written by the tests, SNAPSHOTS=overwrite. -->\n";
const END: &str = "<!-- End of the table. -->\n";

fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()))
}

fn gate() -> Setting {
    node("gate")
}

fn spare() -> Setting {
    node("spare")
}

fn other() -> Setting {
    Setting::ExitNode(ExitNodeUse::Other("nSOMEBODYS".to_owned()))
}

fn down() -> Verdict {
    Verdict::Down(Fault::NoAnswer { waited: 5_000 })
}

/// The machine, and a tailscaled that does as it is told unless a test answers for it.
#[derive(Clone)]
struct Bench {
    plan: Plan,
    state: State,
    now: Moment,
    deadline: Option<Moment>,
    in_force: Setting,
    answers: bool,
    actions: Vec<Action>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            plan: Plan::of(&settings("exitNodes = [ \"gate\" \"spare\" ];")),
            state: State::new(),
            now: Moment::from_millis(1_000_000_000_000),
            deadline: None,
            in_force: gate(),
            answers: true,
            actions: Vec::new(),
        };
        bench.send(Event::Started);
        bench
    }

    fn send(&mut self, event: Event) {
        let mut queue = std::collections::VecDeque::from([event]);
        while let Some(event) = queue.pop_front() {
            let done = step(&self.plan, self.state.clone(), event, self.now);
            self.state = done.state;
            self.deadline = done.deadline;
            for action in done.actions {
                match &action {
                    Action::Apply(token, settings) if self.answers => {
                        self.in_force = settings[0].clone();
                        queue.push_back(Event::Done(*token, Outcome::Done));
                    }
                    Action::ReadSettings if self.answers => queue.push_back(Event::Seen(vec![self.in_force.clone()])),
                    _ => {}
                }
                self.actions.push(action);
            }
        }
    }

    fn wait(&mut self, millis: u64) {
        self.now = Moment::from_millis(self.now.as_millis() + millis);
    }

    /// Checks of both exit nodes, 30 s apart; what is in force comes last.
    fn checks(&mut self, count: u32, gate_is: &Verdict, spare_is: &Verdict) {
        for _ in 0..count {
            self.wait(30_000);
            let mut round = [(gate(), gate_is), (spare(), spare_is)];
            if self.standing() == gate() {
                round.reverse();
            }
            for (setting, verdict) in round {
                self.send(Event::Measured(setting, verdict.clone()));
            }
        }
    }

    fn standing(&self) -> Setting {
        self.state.track(&Subject::ExitNode).unwrap().standing().clone()
    }

    fn phase(&self) -> Option<Phase> {
        self.state.phase(&self.plan, &Subject::ExitNode, self.now)
    }
}

/// A machine in each phase.
fn phases() -> BTreeMap<Phase, Bench> {
    let mut home = Bench::new();
    home.checks(6, &Verdict::Good, &Verdict::Good);
    let mut waiting = Bench::new();
    let slow = Verdict::Degraded(Fault::Latency {
        millis: 300,
        limit: 200,
    });
    waiting.checks(3, &slow, &Verdict::Good);
    let mut moving = home.clone();
    moving.answers = false;
    moving.checks(3, &down(), &Verdict::Good);
    let mut trial = home.clone();
    trial.checks(3, &down(), &Verdict::Good);
    let mut away = trial.clone();
    away.checks(12, &down(), &Verdict::Good);
    let mut stuck = home.clone();
    stuck.checks(3, &down(), &down());
    let mut overridden = home.clone();
    overridden.in_force = other();
    overridden.send(Event::Seen(vec![other()]));
    let all = [home, waiting, moving, trial, away, stuck, overridden];
    let all = Phase::ALL.into_iter().zip(all).map(|(phase, mut bench)| {
        assert_eq!(bench.phase(), Some(phase));
        bench.answers = false;
        bench.actions.clear();
        (phase, bench)
    });
    all.collect()
}

/// Something that happens to a machine.
type Happening = (&'static str, fn(&mut Bench));

const HAPPENINGS: &[Happening] = &[
    ("what is in force answers, 5 times", |bench| {
        let standing = bench.standing();
        for _ in 0..5 {
            bench.wait(1_000);
            bench.send(Event::Measured(standing.clone(), Verdict::Good));
        }
    }),
    ("what is in force does not answer, 3 times", |bench| {
        let standing = bench.standing();
        for _ in 0..3 {
            bench.wait(1_000);
            bench.send(Event::Measured(standing.clone(), down()));
        }
    }),
    ("the wanted one answers, 5 times, and 10 min pass", |bench| {
        for _ in 0..5 {
            bench.send(Event::Measured(gate(), Verdict::Good));
        }
        bench.wait(600_000);
        bench.send(Event::Woken);
    }),
    ("the deadline comes", |bench| {
        if let Some(deadline) = bench.deadline {
            bench.now = deadline;
        }
        bench.send(Event::Woken);
    }),
    ("the control plane is lost", |bench| {
        bench.send(Event::Diagnosed([Layer::Control].into()));
    }),
    ("the internet is lost", |bench| {
        bench.send(Event::Diagnosed([Layer::Internet].into()));
    }),
    ("the key is about to expire", |bench| {
        let at = bench.now.after("3d".parse().unwrap());
        bench.send(Event::Noticed([Notice::KeyExpires(at)].into()));
    }),
    ("the change is done", |bench| {
        bench.send(Event::Done(token(bench), Outcome::Done));
    }),
    ("the change is refused", |bench| {
        bench.send(Event::Done(token(bench), Outcome::Refused("permission".to_owned())));
    }),
    ("the change cannot be asked for", |bench| {
        bench.send(Event::Done(token(bench), Outcome::NotAsked("no answer".to_owned())));
    }),
    ("the change is not answered", |bench| {
        bench.send(Event::Done(token(bench), Outcome::Unanswered));
    }),
    ("the state cannot be written", |bench| {
        bench.send(Event::SaveFailed([token(bench)].into()));
    }),
    ("somebody sets another one", |bench| {
        bench.wait(5_000);
        bench.send(Event::Seen(vec![node("third")]));
    }),
    ("somebody sets the wanted one", |bench| {
        bench.wait(5_000);
        bench.send(Event::Seen(vec![gate()]));
    }),
    ("an interface comes up", |bench| {
        bench.send(Event::Links(["lan0".parse().unwrap()].into()));
    }),
    ("`pause`", |bench| {
        bench.send(Event::Asked(Command::Pause(None)));
    }),
    ("`resume`", |bench| {
        bench.send(Event::Asked(Command::Resume));
    }),
    ("`switch spare`", |bench| {
        bench.send(Event::Asked(Command::Switch(spare(), None)));
    }),
    ("`restore`", |bench| {
        bench.send(Event::Asked(Command::Restore));
    }),
    ("the settings are read again", |bench| {
        bench.send(Event::Reloaded);
    }),
    ("the program is killed and starts again", |bench| {
        bench.state = State::read(&bench.state.write()).unwrap();
        bench.send(Event::Started);
    }),
    ("the program is stopped", |bench| {
        bench.send(Event::Stop(Ending::Stop));
    }),
    ("the program is restarted", |bench| {
        bench.send(Event::Stop(Ending::Restart));
    }),
];

/// The number of the change that is being made; one that nothing has where none is.
fn token(bench: &Bench) -> u64 {
    let track = bench.state.track(&Subject::ExitNode);
    track
        .and_then(|track| track.moving())
        .map_or(u64::MAX, |moving| moving.token)
}

/// What is done about it, without what is written down.
fn done(actions: &[Action]) -> String {
    let mut said: Vec<String> = Vec::new();
    for action in actions {
        let word = match action {
            Action::Save | Action::Record(_) => continue,
            Action::Apply(_, settings) => settings[0].to_string().replace("exit node ", "set "),
            Action::RestartDaemon(_) => "restart".to_owned(),
            Action::ReadSettings => "look".to_owned(),
            Action::Raise(_) => "tell".to_owned(),
            Action::Resolve(_) => "tell it is over".to_owned(),
            Action::Answer(answer) => match answer {
                tailwright::monitor::failover::Answer::Accepted => "yes".to_owned(),
                tailwright::monitor::failover::Answer::Already => "so already".to_owned(),
                tailwright::monitor::failover::Answer::Refused(_) => "no".to_owned(),
            },
            Action::Exit => "end".to_owned(),
        };
        if !said.contains(&word) {
            said.push(word);
        }
    }
    said.join(", ")
}

fn table() -> String {
    let mut table = String::from("| what happens |");
    for phase in Phase::ALL {
        write!(table, " {phase} |").unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(Phase::ALL.len()));
    table.push('\n');
    let phases = phases();
    for (name, happen) in HAPPENINGS {
        write!(table, "| {name} |").unwrap();
        for (phase, bench) in &phases {
            let mut bench = bench.clone();
            happen(&mut bench);
            let then = bench.phase().map_or("-", Phase::name);
            let done = done(&bench.actions);
            let cell = match (then == phase.name(), done.is_empty()) {
                (true, true) => "·".to_owned(),
                (true, false) => done,
                (false, true) => format!("**{then}**"),
                (false, false) => format!("**{then}**: {done}"),
            };
            write!(table, " {cell} |").unwrap();
        }
        table.push('\n');
    }
    table
}

#[test]
fn every_transition_is_as_documented() {
    let doc = std::fs::read_to_string(DOC).unwrap();
    let (before, rest) = doc.split_once(BEGIN).expect("the table has its place");
    let (written, after) = rest.split_once(END).expect("and its end");
    let table = format!("\n{}\n", table());
    if written != table && std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(DOC, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "docs/failover.md is stale: SNAPSHOTS=overwrite writes it"
    );
}

#[test]
fn no_event_leads_out_of_the_phases() {
    for (phase, bench) in phases() {
        for (name, happen) in HAPPENINGS {
            let mut bench = bench.clone();
            happen(&mut bench);
            assert!(bench.phase().is_some(), "{phase}: {name}");
            assert!(
                bench.deadline.is_none_or(|deadline| deadline > bench.now),
                "{phase}: {name}"
            );
            let read = State::read(&bench.state.write()).unwrap();
            assert_eq!(read.write(), bench.state.write(), "{phase}: {name}");
        }
    }
}
