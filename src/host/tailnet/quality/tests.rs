use std::net::IpAddr;

use super::judge::{Measured, judge};
use super::nat::{Nat, nat};
use super::pings::PeerPings;
use super::relays::{RegionAnswers, RelayAnswers};
use super::seen::QualitySeen;
use super::targets::{Target, choose};
use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::show::{golden, long_name};
use crate::localapi::Error;
use crate::localapi::data::Status;
use crate::monitor::probe::PathClass;

/// 2026-11-20T04:05:00Z.
const NOW: WallTime = WallTime::from_unix(1_795_147_500);

const LIMITS: Limits = Limits {
    latency: TimeSpan::constant_millis(200),
    loss: Percent::constant(5),
    timeout: TimeSpan::constant_millis(1_000),
};

fn status() -> Status {
    serde_json::from_str(include_str!(
        "../../../../tests/fixtures/localapi/07-status-running.json"
    ))
    .unwrap()
}

fn pings(name: &str, path: Option<PathClass>, millis: &[Option<u64>]) -> PeerPings {
    PeerPings {
        target: Target {
            name: name.to_owned(),
            address: IpAddr::from([100, 64, 0, 1]),
            is_exit_node: false,
        },
        round_trips: millis.iter().map(|one| one.map(|millis| millis * 1_000)).collect(),
        via: match &path {
            Some(PathClass::Direct) => Some("10.77.1.12:41641".to_owned()),
            Some(PathClass::Derp(code)) => Some(code.clone()),
            _ => None,
        },
        tunnel: path.is_some(),
        path,
        refused: None,
    }
}

fn measured(peers: Vec<PeerPings>) -> Measured {
    Measured {
        peers,
        ..Measured::nothing(Reason::new(State::Good, ""))
    }
    .without_trouble()
}

impl Measured {
    fn without_trouble(self) -> Self {
        Self { trouble: None, ..self }
    }
}

fn reasons(seen: &QualitySeen) -> Vec<(State, &str)> {
    seen.reasons
        .iter()
        .map(|reason| (reason.state, reason.text.as_str()))
        .collect()
}

fn relays(mapped: &[(&str, &str)]) -> RelayAnswers {
    RelayAnswers {
        regions: vec![
            RegionAnswers {
                code: "lab2".to_owned(),
                name: "Lab Two".to_owned(),
                round_trips: vec![Some(31_000), Some(30_000), Some(36_000), None],
            },
            RegionAnswers {
                code: "lab".to_owned(),
                name: "Lab".to_owned(),
                round_trips: vec![Some(4_500); 4],
            },
            RegionAnswers {
                code: "far".to_owned(),
                name: "A place very far away".to_owned(),
                round_trips: vec![None; 4],
            },
        ],
        own: vec!["192.168.1.5:4000".parse().unwrap()],
        mapped: mapped
            .iter()
            .map(|(server, seen)| (server.parse().unwrap(), seen.parse().unwrap()))
            .collect(),
    }
}

fn mixed() -> Measured {
    let mut all = measured(vec![
        pings("beta", Some(PathClass::Direct), &[Some(3); 10]),
        pings(
            "gamma",
            Some(PathClass::Derp("lab".to_owned())),
            &[Some(31), Some(240), None, Some(260), Some(250)],
        ),
        pings("delta", None, &[None; 10]),
    ]);
    all.relays = Some(relays(&[
        ("198.51.100.1:3478", "203.0.113.9:4000"),
        ("198.51.100.2:3478", "203.0.113.9:4000"),
    ]));
    all.home_region = "lab".to_owned();
    all.left_out = 7;
    all
}

/// Each state, by the name of its files.
fn states() -> Vec<(&'static str, Measured, State)> {
    let beta = || pings("beta", Some(PathClass::Direct), &[Some(3); 10]);
    let good_relays = || {
        relays(&[
            ("198.51.100.1:3478", "203.0.113.9:4000"),
            ("198.51.100.2:3478", "203.0.113.9:4000"),
        ])
    };
    let mut good = measured(vec![beta()]);
    good.relays = Some(good_relays());
    let mut exit = pings("gamma", None, &[None; 10]);
    exit.target.is_exit_node = true;
    let mut exit_down = measured(vec![beta(), exit]);
    exit_down.uses_exit_node = true;
    exit_down.relays = Some(relays(&[]));
    let mut blocked = measured(vec![pings(
        "beta",
        Some(PathClass::Derp("lab".to_owned())),
        &[Some(40); 10],
    )]);
    blocked.relays = Some(relays(&[]));
    let mut untold = measured(vec![beta()]);
    untold.trouble = Some(super::untold("tailscaled knows of none"));
    let mut unknown = measured(Vec::new());
    unknown.unknown = vec!["there is no peer nobody in this tailnet".to_owned()];
    let mut long = pings(&long_name(), Some(PathClass::PeerRelay), &[Some(30); 40]);
    long.via = Some("[2001:db8:1234:5678:9abc:def0:1234:5678]:41641:vni:123456".to_owned());
    long.target.is_exit_node = true;
    vec![
        ("good", good, State::Good),
        ("mixed", mixed(), State::Degraded),
        ("exit-node-down", exit_down, State::Down),
        ("udp-blocked", blocked, State::Degraded),
        ("relays-unknown", untold, State::CannotTell),
        ("nobody", unknown, State::CannotTell),
        ("nothing", measured(Vec::new()), State::CannotTell),
        ("long-names", measured(vec![long]), State::Good),
        (
            "not-logged-in",
            Measured::not_running(BackendState::NeedsLogin),
            State::Down,
        ),
        (
            "away",
            Measured::unasked(Error::NoSocket("/run/tailscale/tailscaled.sock".into())),
            State::Down,
        ),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, measured, state) in states() {
        let seen = judge(measured, &LIMITS, NOW);
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("tailnet/quality", name, &seen);
    }
}

#[test]
fn where_nothing_was_measured_nothing_is_good() {
    let seen = judge(measured(Vec::new()), &LIMITS, NOW);
    assert_eq!(
        reasons(&seen),
        [(
            State::CannotTell,
            "no peer is online, and nothing else was to be measured"
        )]
    );
    assert_eq!(seen.reasons[0].command.as_deref(), Some("tsctl status"));
    let mut only_relays = measured(Vec::new());
    only_relays.relays = Some(relays(&[("198.51.100.1:3478", "203.0.113.9:4000")]));
    assert_eq!(judge(only_relays, &LIMITS, NOW).state, State::Good);
}

#[test]
fn all_good() {
    let seen = judge(
        measured(vec![pings("beta", Some(PathClass::Direct), &[Some(3); 10])]),
        &LIMITS,
        NOW,
    );
    assert_eq!((seen.state, reasons(&seen)), (State::Good, Vec::new()));
    assert!(seen.nat.is_none() && seen.relays.is_empty());
}

#[test]
fn a_peer_that_is_away_is_down_only_where_it_matters() {
    let away = || pings("delta", None, &[None; 10]);
    let here = || pings("beta", Some(PathClass::Direct), &[Some(3); 10]);
    let text = "delta does not answer: 10 of 10 pings were lost";
    let seen = judge(measured(vec![here(), away()]), &LIMITS, NOW);
    assert_eq!(reasons(&seen), [(State::Degraded, text)]);
    assert_eq!(seen.peers[1].state, State::Down);
    let seen = judge(measured(vec![away()]), &LIMITS, NOW);
    assert_eq!(reasons(&seen), [(State::Down, text)]);
    let mut exit = away();
    exit.target.is_exit_node = true;
    let seen = judge(measured(vec![here(), exit]), &LIMITS, NOW);
    assert_eq!(reasons(&seen), [(State::Down, text)]);
}

#[test]
fn a_tunnel_that_carries_nothing_is_down_although_the_peer_answers() {
    let mut half = pings("beta", Some(PathClass::Direct), &[Some(3); 10]);
    half.tunnel = false;
    let seen = judge(measured(vec![half]), &LIMITS, NOW);
    assert_eq!(
        reasons(&seen),
        [(State::Down, "beta answers, and nothing comes through the tunnel to it")]
    );
}

#[test]
fn slow_and_lossy_are_told_with_their_limits() {
    let slow = pings("slow", Some(PathClass::Direct), &[Some(250); 20]);
    let mut lossy = vec![Some(3); 18];
    lossy.extend([None, None]);
    let lossy = pings("lossy", Some(PathClass::Direct), &lossy);
    let seen = judge(measured(vec![slow, lossy]), &LIMITS, NOW);
    assert_eq!(
        reasons(&seen),
        [
            (State::Degraded, "slow: 250 ms in the median, more than 200 ms"),
            (State::Degraded, "lossy: 10 % of the pings were lost, more than 5 %"),
        ]
    );
}

#[test]
fn two_lost_pings_of_few_are_no_accident_and_one_is() {
    let some_lost = |lost: usize| {
        let mut each = vec![Some(3); 10 - lost];
        each.extend(vec![None; lost]);
        judge(
            measured(vec![pings("beta", Some(PathClass::Direct), &each)]),
            &LIMITS,
            NOW,
        )
    };
    assert_eq!(some_lost(1).state, State::Good);
    let seen = some_lost(2);
    assert_eq!(
        reasons(&seen),
        [(State::Degraded, "beta: 20 % of the pings were lost, more than 5 %")]
    );
}

#[test]
fn the_nat_is_told_by_what_the_relays_see() {
    let own = "192.168.1.5:4000";
    for (mapped, expected) in [
        (&[("198.51.100.1:3478", own), ("198.51.100.2:3478", own)][..], Nat::None),
        (
            &[
                ("198.51.100.1:3478", "203.0.113.9:4000"),
                ("198.51.100.2:3478", "203.0.113.9:4000"),
            ],
            Nat::Easy,
        ),
        (
            &[
                ("198.51.100.1:3478", "203.0.113.9:4000"),
                ("198.51.100.2:3478", "203.0.113.9:4001"),
            ],
            Nat::Hard,
        ),
        (&[("198.51.100.1:3478", "203.0.113.9:4000")], Nat::Unknown),
        (&[], Nat::UdpBlocked),
    ] {
        assert_eq!(nat(&relays(mapped)), expected, "{mapped:?}");
    }
    assert_eq!(nat(&RelayAnswers::default()), Nat::Unknown);
}

#[test]
fn peers_are_found_by_name_address_and_identity() {
    let status = status();
    let names = |named: &[&str]| {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let chosen = choose(&status, &named, 32);
        let found: Vec<String> = chosen.peers.into_iter().map(|peer| peer.name).collect();
        (found, chosen.unknown)
    };
    for named in [
        "beta",
        "BETA",
        "beta.lab-tailnet.ts.net.",
        "100.64.0.1",
        "fd7a:115c:a1e0:ab12:4843:cd96:6240:1",
        "TESTCTRL00000001",
    ] {
        assert_eq!(names(&[named]), (vec!["beta".to_owned()], Vec::new()), "{named}");
    }
    assert_eq!(names(&["beta", "100.64.0.1"]).0, ["beta"], "once");
    assert_eq!(names(&["alpha"]).1, ["alpha is this node itself"]);
    assert_eq!(names(&["nobody"]).1, ["there is no peer nobody in this tailnet"]);
    assert_eq!(names(&[]).0, ["beta", "delta", "gamma"]);
}

#[test]
fn a_name_that_two_have_is_refused_with_both() {
    let mut status = status();
    for peer in &mut status.peers.0 {
        // What a machine calls itself takes no other's name.
        let calls_itself = if peer.name() == "gamma" { "delta" } else { "twin" };
        peer.host_name = calls_itself.to_owned();
    }
    let chosen = choose(&status, &["delta".to_owned()], 32);
    assert_eq!((chosen.peers[0].name.as_str(), chosen.unknown.len()), ("delta", 0));
    let chosen = choose(&status, &["twin".to_owned()], 32);
    assert_eq!(
        chosen.unknown,
        ["twin may be beta.lab-tailnet.ts.net or delta.lab-tailnet.ts.net"]
    );
}

#[test]
fn of_many_peers_the_ones_in_use_are_measured() {
    let mut status = status();
    let chosen = choose(&status, &[], 2);
    let names: Vec<&str> = chosen.peers.iter().map(|peer| peer.name.as_str()).collect();
    assert_eq!((names, chosen.left_out), (vec!["beta", "gamma"], 1), "delta is idle");
    for peer in &mut status.peers.0 {
        peer.exit_node = peer.name() == "delta";
    }
    let chosen = choose(&status, &[], 1);
    assert_eq!(chosen.peers[0].name, "delta");
    assert!(chosen.peers[0].is_exit_node);
}

#[test]
fn options_have_their_ranges() {
    use clap::{CommandFactory, FromArgMatches, Parser};

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        quality: Quality,
    }

    let read = |arguments: &[&str]| {
        let matches = Alone::command().try_get_matches_from([&["x"], arguments].concat())?;
        Alone::from_arg_matches(&matches)
    };
    let usual = read(&["beta", "gamma"]).unwrap().quality;
    assert_eq!((usual.count, usual.peers.len()), (10, 2));
    assert_eq!(usual.limits(), LIMITS);
    for bad in [
        "--count=0",
        "--count=1001",
        "--interval=1ms",
        "--timeout=2m",
        "--max-loss=101",
        "--max-loss=x",
    ] {
        assert!(read(&[bad]).is_err(), "{bad}");
    }
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<QualitySeen>("ts-quality.json");
}

#[test]
fn a_mistyped_name_does_not_hide_an_exit_node_that_is_down() {
    let mut gate = pings("gate", None, &[None, None, None]);
    gate.target.is_exit_node = true;
    let mut measured = measured(vec![gate, pings("desk", Some(PathClass::Direct), &[Some(9)])]);
    measured.unknown = vec!["no peer is called typo".to_owned()];
    let seen = judge(measured, &LIMITS, NOW);
    assert_eq!(seen.state, State::Down);
    let states: Vec<State> = reasons(&seen).iter().map(|(state, _)| *state).collect();
    assert_eq!(states, [State::Down, State::CannotTell]);
}
