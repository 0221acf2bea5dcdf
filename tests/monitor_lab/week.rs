//! A week of checks, one each second, in simulated time: what the monitor keeps in mind does not grow, however much fails.

use std::collections::{BTreeSet, VecDeque};

use tailwright::model::{ExitNodeChoice, PingKind};
use tailwright::monitor::diagnosis::Daemon;
use tailwright::monitor::failover::{Action, Event, ExitNodeUse, Machine, Outcome, Setting, State};
use tailwright::monitor::probe::PathClass;
use tailwright::monitor::watch::{Links, Peer, Preferences, Probe, Question, Route, Sample, Tailnet, Watch, Way};
use tailwright::monitor::{Fault, Moment};
use tailwright::net::TimeSpan;

use super::scenario::{THREE, with};
use crate::support::packets::Random;
use crate::support::tailnet::{CLIENT, GATEWAY, NODES, RESOLVER, ROUTERS};

/// So many seconds where `TAILWRIGHT_ROUNDS` does not say how many.
const SECONDS: u64 = 3 * 3_600;
/// Something happens about so often.
const CALM: u64 = 600;

/// A host whose network is a few sets.
struct Host {
    machine: Machine,
    watch: Watch,
    now: Moment,
    tailnet: Tailnet,
    /// The names of nodes that do not answer, and of those that forward nothing.
    dead: BTreeSet<&'static str>,
    deaf: BTreeSet<&'static str>,
    internet: bool,
    moves: u64,
    told: u64,
}

impl Host {
    fn new() -> Self {
        let mut settings = with(
            &[THREE],
            &[
                ("moveWindow", "\"1m\""),
                ("holdDown", "\"2m\""),
                ("maxHoldDown", "\"1h\""),
            ],
        );
        settings.check_interval = TimeSpan::constant_millis(1_000);
        settings.check_timeout = TimeSpan::constant_millis(500);
        let now = Moment::from_millis(1_700_000_000_000);
        let peers = NODES.iter().map(|node| Peer {
            id: format!("n-{}", node.name),
            name: node.name.to_owned(),
            full_name: format!("{}.lab-tailnet.ts.net", node.name),
            addresses: vec![node.tailnet.into()],
            routes: Vec::new(),
            offers_exit: ROUTERS.contains(node),
            online: true,
        });
        let tailnet = Tailnet {
            daemon: Daemon::Runs,
            online: true,
            home_region: "lab".to_owned(),
            peers: peers.collect(),
            preferences: Some(Preferences {
                exit_node: Some("n-gate".to_owned()),
                want_running: true,
                ..Preferences::default()
            }),
            ..Tailnet::default()
        };
        let mut host = Self {
            machine: Machine::new(&settings, State::new(), false),
            watch: Watch::new(&settings, now),
            now,
            tailnet,
            dead: BTreeSet::new(),
            deaf: BTreeSet::new(),
            internet: true,
            moves: 0,
            told: 0,
        };
        host.watch.tailnet(host.tailnet.clone(), now);
        host.feed(Event::Started);
        host
    }

    fn in_force(&self) -> Option<&str> {
        self.tailnet
            .preferences
            .as_ref()?
            .exit_node
            .as_deref()?
            .strip_prefix("n-")
    }

    fn feed(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for action in self.machine.feed(event, self.now) {
                match action {
                    Action::Save => events.push_back(Event::Saved),
                    Action::ReadSettings => {
                        events.push_back(Event::Seen(self.watch.settings_in_force(self.machine.state())));
                    }
                    Action::Apply(token, settings) => {
                        self.moves += 1;
                        for setting in &settings {
                            self.put_in_force(setting);
                        }
                        events.push_back(Event::Done(token, Outcome::Done));
                    }
                    Action::Raise(_) => self.told += 1,
                    _ => {}
                }
            }
        }
    }

    fn put_in_force(&mut self, setting: &Setting) {
        let Setting::ExitNode(ExitNodeUse::Node(ExitNodeChoice::Node(name))) = setting else {
            panic!("{setting} is not listed");
        };
        if let Some(preferences) = &mut self.tailnet.preferences {
            preferences.exit_node = Some(format!("n-{name}"));
        }
        self.watch.tailnet(self.tailnet.clone(), self.now);
    }

    fn answer(&self, probe: &Probe) -> Sample {
        let works = match &probe.question {
            Question::Links => return Sample::Links(links()),
            Question::Ping { address, .. } => {
                let node = NODES.iter().find(|node| *address == node.tailnet).expect("a node");
                self.internet && !self.dead.contains(node.name)
            }
            Question::Reach {
                way: Way::By(interface),
                ..
            } if interface.as_str() == "tailscale0" => {
                let carries = |name: &str| !self.dead.contains(name) && !self.deaf.contains(name);
                self.internet && self.in_force().is_some_and(carries)
            }
            Question::Relay { .. } | Question::Reach { .. } => self.internet,
            Question::Daemon => true,
        };
        if !works {
            let waited = probe.timeout.as_millis();
            return Sample::Failed(Fault::NoAnswer { waited });
        }
        let is_disco = matches!(
            &probe.question,
            Question::Ping {
                kind: PingKind::Disco,
                ..
            }
        );
        Sample::Answered {
            round_trips: vec![Some(10_000 + probe.number % 5_000)],
            path: is_disco.then_some(PathClass::Direct),
        }
    }

    /// One second.
    fn second(&mut self) {
        let end = self.now.after_millis(1_000);
        while self.now < end {
            for probe in self.watch.due(self.now) {
                let sample = self.answer(&probe);
                self.watch.answered(probe.number, sample, self.now);
            }
            for event in self.watch.events(self.now) {
                self.feed(event);
            }
            let next = self.watch.deadline().unwrap_or(end);
            self.now = next.clamp(self.now.after_millis(1), end);
        }
        self.feed(Event::Woken);
    }

    /// Something fails, or is mended.
    fn happens(&mut self, random: &mut Random) {
        let name = *random.of(&["gate", "gate", "spare", "third"]);
        let set = if random.one_in(2) {
            &mut self.dead
        } else {
            &mut self.deaf
        };
        if !set.remove(name) {
            set.insert(name);
        }
        self.internet = !random.one_in(10);
    }

    /// How much it keeps in mind: everything, written out.
    fn size(&self) -> usize {
        let state = self.machine.state();
        format!("{:?}{state:?}", self.watch).len() + state.write().len()
    }
}

fn links() -> Links {
    let interface = || "enp3s0".parse().expect("a name");
    let route = |prefix: &str, gateway: bool| Route {
        prefix: prefix.parse().expect("a prefix"),
        gateway: gateway.then(|| GATEWAY.into()),
        interface: interface(),
        metric: 0,
    };
    Links {
        up: [interface()].into(),
        routes: vec![route("0.0.0.0/0", true), route("192.168.15.0/24", false)],
        resolvers: vec![RESOLVER.into()],
    }
}

#[test]
fn a_week_in_simulated_time_leaves_nothing_behind() {
    let seconds = std::env::var("TAILWRIGHT_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    let seconds: u64 = seconds.unwrap_or(SECONDS);
    let mut random = Random(7);
    let mut host = Host::new();
    assert!(NODES.iter().all(|node| node.tailnet != CLIENT));
    let mut sizes = Vec::new();
    for second in 0..seconds {
        if random.one_in(CALM) {
            host.happens(&mut random);
        }
        host.second();
        if second % 600 == 599 {
            sizes.push(host.size());
        }
    }
    assert!(
        host.moves > 3 && host.told > 3,
        "{} moves, {} alarms",
        host.moves,
        host.told
    );
    assert!(host.moves <= seconds / 60, "one a minute at most: {}", host.moves);
    assert!(host.watch.counts().probes > seconds * 5, "{:?}", host.watch.counts());
    // Windows of measurements fill first.
    let (early, late) = (&sizes[..sizes.len() / 3], &sizes[sizes.len() * 2 / 3..]);
    let most = |part: &[usize]| *part.iter().max().expect("some");
    assert!(most(late) <= most(early) * 5 / 4, "{sizes:?}");
}
