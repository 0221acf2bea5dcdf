//! A host, its network, and time.

use serde_json::json;

use super::super::*;
use crate::model::{MonitorSettings, PingKind};
use crate::monitor::failover::Event;
use crate::monitor::probe::PathClass;
use crate::monitor::{Fault, Verdict};

pub(super) const GATE: &str = "gate";
pub(super) const SPARE: &str = "spare";

/// What answers.
#[derive(Debug, Clone)]
pub(super) struct Net {
    pub(super) link: bool,
    pub(super) gateway: bool,
    pub(super) internet: bool,
    pub(super) dns: bool,
    pub(super) relay: bool,
    /// What goes through the exit node in force.
    pub(super) egress: bool,
    /// What is more than DNS, of that.
    pub(super) egress_http: bool,
    /// How long that takes there and back, in milliseconds.
    pub(super) egress_takes: u64,
    /// Of so many questions through it, the first that is asked gets no answer; 0 for none.
    pub(super) egress_loses: u64,
    pub(super) gate: bool,
    pub(super) spare: bool,
    pub(super) control: bool,
    /// tailscaled itself.
    pub(super) daemon: bool,
    /// Everything else.
    pub(super) rest: bool,
}

impl Net {
    pub(super) fn well() -> Self {
        Self {
            link: true,
            gateway: true,
            internet: true,
            dns: true,
            relay: true,
            egress: true,
            egress_http: true,
            egress_takes: 20,
            egress_loses: 0,
            gate: true,
            spare: true,
            control: true,
            daemon: true,
            rest: true,
        }
    }

    /// Nothing answers, and the cable is in.
    pub(super) fn gone() -> Self {
        Self {
            gateway: false,
            internet: false,
            dns: false,
            relay: false,
            egress: false,
            gate: false,
            spare: false,
            control: false,
            rest: false,
            ..Self::well()
        }
    }
}

#[derive(Clone)]
pub(super) struct Rig {
    pub(super) watch: Watch,
    pub(super) tailnet: Tailnet,
    pub(super) net: Net,
    pub(super) now: Moment,
    /// What is under way, and when it is answered.
    pub(super) flying: Vec<(Moment, Probe)>,
    /// Everything that was asked, and when.
    pub(super) asked: Vec<(Moment, Probe)>,
}

pub(super) fn settings(more: serde_json::Value) -> MonitorSettings {
    let mut settings = json!({
        "version": 1, "host": "laptop", "interface": "tailscale0",
        "checkInterval": "700ms", "checkTimeout": "500ms", "maxLatency": "200ms", "maxPacketLoss": 5,
        "failureThreshold": 3, "recoveryThreshold": 10, "autoFailover": true,
        "failover": {
            "actions": ["exit-node"], "holdDown": "10s", "maxHoldDown": "10m", "minDwell": "5s", "moveWindow": "3s",
            "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        },
        "acceptRoutes": false, "exitNodeLanAccess": true, "exitNode": "gate", "exitNodes": ["gate", "spare"],
        "management": [],
    });
    if let (Some(settings), serde_json::Value::Object(more)) = (settings.as_object_mut(), more) {
        settings.extend(more);
    }
    serde_json::from_value(settings).unwrap()
}

pub(super) fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()))
}

pub(super) fn measured(events: &[(Moment, Event)], setting: &Setting) -> Vec<Verdict> {
    let checks = events.iter().filter_map(|(_, event)| match event {
        Event::Measured(of, verdict) if of == setting => Some(verdict.clone()),
        _ => None,
    });
    checks.collect()
}

fn peer(name: &str, address: &str, offers_exit: bool) -> Peer {
    Peer {
        id: format!("n-{name}"),
        name: name.to_owned(),
        full_name: format!("{name}.example.ts.net"),
        addresses: vec![address.parse().unwrap()],
        routes: Vec::new(),
        offers_exit,
        online: true,
    }
}

pub(super) fn links(up: bool) -> Links {
    let interface: InterfaceName = "enp3s0".parse().unwrap();
    let route = |prefix: &str, gateway: Option<&str>| Route {
        prefix: prefix.parse().unwrap(),
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        interface: interface.clone(),
        metric: 100,
    };
    Links {
        up: up.then(|| interface.clone()).into_iter().collect(),
        routes: vec![route("0.0.0.0/0", Some("192.168.15.1")), route("192.168.15.0/24", None)],
        resolvers: vec!["192.168.15.1".parse().unwrap()],
    }
}

impl Rig {
    pub(super) fn fast() -> Self {
        Self::with(&settings(json!({})))
    }

    pub(super) fn with(settings: &MonitorSettings) -> Self {
        let now = Moment::from_millis(1_000_000);
        let tailnet = Tailnet {
            daemon: Daemon::Runs,
            online: true,
            key_expires: None,
            home_region: "fra".to_owned(),
            control: None,
            peers: vec![
                peer(GATE, "100.64.0.1", true),
                peer(SPARE, "100.64.0.2", true),
                peer("desk", "100.64.0.3", true),
            ],
            preferences: Some(Preferences {
                exit_node: Some("n-gate".to_owned()),
                auto_exit_node: false,
                lan_access: true,
                accept_routes: false,
                want_running: true,
            }),
        };
        let mut rig = Self {
            watch: Watch::new(settings, now),
            tailnet,
            net: Net::well(),
            now,
            flying: Vec::new(),
            asked: Vec::new(),
        };
        rig.tell();
        rig
    }

    /// tailscaled hangs: it answers nothing, pings nobody, and carries nothing.
    pub(super) fn hang(&mut self) {
        self.net = Net {
            egress: false,
            gate: false,
            spare: false,
            daemon: false,
            rest: false,
            ..self.net.clone()
        };
    }

    /// tailscaled says what it says now.
    pub(super) fn tell(&mut self) {
        self.watch.tailnet(self.tailnet.clone(), self.now);
    }

    pub(super) fn causes(&self) -> Vec<String> {
        self.watch
            .diagnosis()
            .causes()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// What comes of it: an answer after a few milliseconds, or nothing until the time is over.
    fn answer(&self, probe: &Probe) -> (u64, Sample) {
        let answers = match &probe.question {
            Question::Links => return (0, Sample::Links(links(self.net.link))),
            // It needs no network.
            Question::Daemon if self.net.daemon => {
                let round_trips = vec![Some(1_000)];
                return (
                    1,
                    Sample::Answered {
                        round_trips,
                        path: None,
                    },
                );
            }
            Question::Daemon => false,
            Question::Ping { address, .. } => match address.to_string().as_str() {
                "100.64.0.1" => self.net.gate,
                "100.64.0.2" => self.net.spare,
                _ => self.net.rest,
            },
            Question::Relay { .. } => self.net.relay,
            Question::Reach { any_of, way } => match (any_of.first(), way) {
                (Some(first), Way::By(interface)) if interface.as_str() == "tailscale0" => {
                    self.net.egress && (self.net.egress_http || matches!(first, Exchange::Dns { .. }))
                }
                (Some(Exchange::Echo { .. }), _) => self.net.gateway,
                (Some(Exchange::Dns { .. }), Way::By(_)) => self.net.dns,
                (Some(Exchange::Tcp { host, .. }), Way::By(_)) if host.name().is_some() => self.net.control,
                (Some(Exchange::Tcp { .. }), Way::By(_)) => self.net.internet,
                _ => self.net.rest,
            },
        };
        if !(answers && self.net.link) {
            let waited = probe.timeout.as_millis();
            return (probe.patience().as_millis(), Sample::Failed(Fault::NoAnswer { waited }));
        }
        let count = match &probe.question {
            Question::Ping { count, .. } => usize::try_from(*count).unwrap(),
            _ => 1,
        };
        let path = matches!(
            probe.question,
            Question::Ping {
                kind: PingKind::Disco,
                ..
            }
        )
        .then_some(PathClass::Direct);
        let through = matches!(&probe.question, Question::Reach { any_of, way: Way::By(interface) }
            if interface.as_str() == "tailscale0" && any_of.len() > 1);
        if !through {
            let round_trips = vec![Some(20_000); count];
            return (20, Sample::Answered { round_trips, path });
        }
        let is_lost = self.net.egress_loses > 0 && probe.number.is_multiple_of(self.net.egress_loses);
        let lost = is_lost.then_some(None);
        let round_trips = lost.into_iter().chain([Some(self.net.egress_takes * 1_000)]).collect();
        (self.net.egress_takes, Sample::Answered { round_trips, path })
    }

    /// One thing that happens.
    fn step(&mut self) -> Vec<Event> {
        let mut flying = std::mem::take(&mut self.flying);
        flying.retain(|(at, probe)| {
            let is_over = *at <= self.now;
            if is_over {
                // What answers is decided when it is answered: an outage hits what is under way.
                let (_, sample) = self.answer(probe);
                self.watch.answered(probe.number, sample, self.now);
            }
            !is_over
        });
        self.flying = flying;
        for probe in self.watch.due(self.now) {
            let (after, _) = self.answer(&probe);
            self.flying.push((self.now.after_millis(after), probe.clone()));
            self.asked.push((self.now, probe));
        }
        self.watch.events(self.now)
    }

    /// When something happens next.
    fn next(&self) -> Moment {
        let flying = self.flying.iter().map(|(at, _)| *at);
        let next = flying.chain(self.watch.deadline()).min();
        next.unwrap_or(Moment::from_millis(u64::MAX)).max(self.now)
    }

    /// What is told within so many milliseconds, by the moment of telling.
    pub(super) fn rounds(&mut self, millis: u64) -> Vec<(Moment, Vec<Event>)> {
        let end = self.now.after_millis(millis);
        let mut rounds = Vec::new();
        let mut idle = 0;
        loop {
            let events = self.step();
            if !events.is_empty() {
                rounds.push((self.now, events));
            }
            let next = self.next();
            idle = if next == self.now { idle + 1 } else { 0 };
            assert!(idle < 100, "it stands still");
            if next > end {
                self.now = end;
                return rounds;
            }
            self.now = next;
        }
    }

    /// The same, one event after the other.
    pub(super) fn run(&mut self, millis: u64) -> Vec<(Moment, Event)> {
        let rounds = self.rounds(millis);
        let events = rounds
            .into_iter()
            .flat_map(|(at, events)| events.into_iter().map(move |event| (at, event)));
        events.collect()
    }
}
