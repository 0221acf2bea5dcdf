//! A host that is watched through simulated time, against a network that is described in a few words.

mod properties;
mod rig;
mod timing;

use std::collections::BTreeSet;

use serde_json::json;

use self::rig::{GATE, Net, Rig, SPARE, measured, node};
use super::key::Means;
use super::*;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Action, Machine};
use crate::monitor::probe::PathClass;
use crate::monitor::{ClockStep, Fault, Verdict};

#[test]
fn a_host_on_which_all_is_well_says_so_once_a_round() {
    let mut rig = Rig::fast();
    let events = rig.run(3_000);
    assert!(
        events
            .iter()
            .any(|(_, event)| matches!(event, Event::Links(up) if up.len() == 1))
    );
    assert_eq!(events[0].1, Event::LanAccess(true));
    let causes: Vec<_> = events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Diagnosed(causes) => Some(causes.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(causes, [BTreeSet::new()]);
    for name in [GATE, SPARE] {
        let checks = measured(&events, &node(name));
        assert_eq!(checks, vec![Verdict::Good; checks.len()]);
        assert!((4..=5).contains(&checks.len()), "{name}: {}", checks.len());
    }
}

#[test]
fn what_is_in_force_comes_last_and_after_the_diagnosis() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.net.internet = false;
    rig.net.egress = false;
    rig.net.gate = false;
    rig.net.spare = false;
    for (_, events) in rig.rounds(3_000) {
        let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted);
        let diagnosed = place(&|event| matches!(event, Event::Diagnosed(_)));
        let other = place(&|event| matches!(event, Event::Measured(setting, _) if *setting == node(SPARE)));
        let in_force = place(&|event| matches!(event, Event::Measured(setting, _) if *setting == node(GATE)));
        if let (Some(diagnosed), Some(in_force)) = (diagnosed, in_force) {
            assert!(diagnosed < in_force, "{events:?}");
        }
        if let (Some(other), Some(in_force)) = (other, in_force) {
            assert!(other < in_force, "{events:?}");
        }
    }
}

/// At least three checks of gate have failed, and that it forwards nothing is the only cause.
#[track_caller]
fn assert_forwards_nothing(rig: &Rig, events: &[(Moment, Event)]) {
    let checks = measured(events, &node(GATE));
    let bad = checks
        .iter()
        .filter(|verdict| **verdict == Verdict::Down(Fault::NoAnswer { waited: 500 }));
    assert!(bad.count() >= 3, "{checks:?}");
    assert_eq!(
        rig.causes(),
        ["what is sent through the exit node gate does not arrive"]
    );
}

#[test]
fn an_exit_node_that_forwards_nothing_is_down_though_it_answers() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.net.egress = false;
    let events = rig.run(3_000);
    assert_forwards_nothing(&rig, &events);
    assert!(
        measured(&events, &node(SPARE))
            .iter()
            .all(|verdict| *verdict == Verdict::Good)
    );
}

#[test]
fn an_exit_node_that_passes_dns_alone_is_down() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.net.egress_http = false;
    let events = rig.run(3_000);
    assert_forwards_nothing(&rig, &events);
    let verdict = |name: &str| {
        let readings = rig.watch.readings();
        readings.into_iter().find(|reading| reading.target == name)?.verdict
    };
    assert_eq!(verdict("egress by DNS"), Some(Verdict::Good));
    assert!(matches!(verdict("egress by HTTP"), Some(Verdict::Down(_))));
}

#[test]
fn one_means_is_enough_where_only_one_is_asked() {
    let probes = json!({ "internet": ["192.0.2.1:443"], "egress": { "dns": ["192.0.2.53"], "http": [] } });
    let mut rig = Rig::with(&rig::settings(json!({ "probes": probes })));
    rig.net.egress_http = false;
    let checks = measured(&rig.run(3_000), &node(GATE));
    assert!(checks.len() >= 3);
    assert_eq!(checks, vec![Verdict::Good; checks.len()]);
}

#[test]
fn what_is_lost_or_late_behind_an_exit_node_makes_it_degraded_though_all_pings_come_back() {
    let mut rig = Rig::fast();
    rig.run(30_000);
    rig.net.egress_loses = 5;
    let checks = measured(&rig.run(30_000), &node(GATE));
    assert!(
        matches!(checks.last(), Some(Verdict::Degraded(Fault::Loss { limit: 5, .. }))),
        "{checks:?}"
    );
    assert!(rig.causes().is_empty(), "it forwards");
    let mut rig = Rig::fast();
    rig.run(30_000);
    rig.net.egress_takes = 250;
    let checks = measured(&rig.run(30_000), &node(GATE));
    let limit = 200;
    assert_eq!(
        checks.last(),
        Some(&Verdict::Degraded(Fault::Latency { millis: 250, limit }))
    );
}

#[test]
fn a_server_that_is_gone_for_good_is_no_loss_of_the_exit_node() {
    let mut rig = Rig::fast();
    let dns = rig.watch.targets.get_mut(&Key::Egress(Means::Dns)).unwrap();
    let asked = |target: &Target| match target.question() {
        Question::Reach { any_of, .. } => any_of,
        other => panic!("{other:?}"),
    };
    let before = asked(dns);
    let steps = Steps { fall: 3, rise: 2 };
    let round_trips = vec![None, Some(20_000)];
    dns.count(
        Sample::Answered {
            round_trips,
            path: None,
        },
        steps,
        rig.now,
    );
    let after = asked(dns);
    assert_eq!(
        (&before[0], &before[1]),
        (&after[1], &after[0]),
        "the one that answers is asked first"
    );
    let round_trips = vec![Some(20_000)];
    dns.count(
        Sample::Answered {
            round_trips,
            path: None,
        },
        steps,
        rig.now,
    );
    assert_eq!(asked(dns), after);
    assert_eq!(dns.window.statistics().lost, 1);
}

#[test]
fn pings_that_are_lost_make_a_way_that_carries_degraded() {
    let mut rig = Rig::fast();
    rig.run(30_000);
    rig.net.gate = false;
    let events = rig.run(2_500);
    let checks = measured(&events, &node(GATE));
    assert!(
        matches!(checks.last(), Some(Verdict::Degraded(Fault::Loss { limit: 5, .. }))),
        "{checks:?}"
    );
}

#[test]
fn nodes_that_are_missing_or_offer_nothing_are_down() {
    let mut rig = Rig::fast();
    rig.tailnet.peers.retain(|peer| peer.name != SPARE);
    rig.tell();
    let checks = measured(&rig.run(1_500), &node(SPARE));
    assert_eq!(checks.last(), Some(&Verdict::Down(Fault::NoSuchNode)));
    let mut rig = Rig::fast();
    for peer in &mut rig.tailnet.peers {
        peer.offers_exit = peer.name != SPARE;
    }
    rig.tell();
    let checks = measured(&rig.run(1_500), &node(SPARE));
    assert_eq!(checks.last(), Some(&Verdict::Down(Fault::NotOffered)));
}

#[test]
fn a_node_of_two_that_share_a_name_is_not_guessed() {
    let mut rig = Rig::fast();
    let mut twin = rig.tailnet.peers[1].clone();
    twin.id = "other".to_owned();
    twin.full_name = "spare.elsewhere.ts.net".to_owned();
    rig.tailnet.peers.push(twin);
    rig.tell();
    let checks = measured(&rig.run(1_500), &node(SPARE));
    assert_eq!(checks.last(), Some(&Verdict::Down(Fault::Ambiguous)));
}

#[test]
fn what_is_in_force_is_called_as_the_settings_call_it() {
    let mut rig = Rig::fast();
    let seen = |rig: &Rig| rig.watch.settings_in_force(&State::new()).last().cloned().unwrap();
    assert_eq!(seen(&rig), node(GATE));
    let prefers = |rig: &mut Rig, id: Option<&str>, auto| {
        let preferences = rig.tailnet.preferences.as_mut().unwrap();
        preferences.exit_node = id.map(str::to_owned);
        preferences.auto_exit_node = auto;
        rig.tell();
    };
    prefers(&mut rig, None, false);
    assert_eq!(seen(&rig), Setting::ExitNode(ExitNodeUse::Off));
    prefers(&mut rig, Some("n-desk"), false);
    assert_eq!(seen(&rig), Setting::ExitNode(ExitNodeUse::Other("n-desk".to_owned())));
    prefers(&mut rig, Some("100.64.0.2"), false);
    assert_eq!(seen(&rig), node(SPARE));
    prefers(&mut rig, Some("n-desk"), true);
    assert_eq!(seen(&rig), Setting::ExitNode(ExitNodeUse::Node(ExitNodeChoice::Auto)));
}

#[test]
fn an_exit_node_that_leaves_the_map_of_the_network_is_nobodys_choice() {
    let settings = rig::settings(json!({}));
    let mut rig = Rig::with(&settings);
    let mut machine = Machine::new(&settings, State::new(), false);
    machine.feed(Event::Started, rig.now);
    let feed = |rig: &mut Rig, machine: &mut Machine, millis| {
        let mut asked = Vec::new();
        for (at, event) in rig.run(millis) {
            asked.extend(machine.feed(event, at));
        }
        let seen = Event::Seen(rig.watch.settings_in_force(machine.state()));
        asked.extend(machine.feed(seen, rig.now));
        asked
            .into_iter()
            .filter_map(|action| match action {
                Action::Apply(_, settings) => Some(settings),
                _ => None,
            })
            .flatten()
            .collect::<Vec<_>>()
    };
    let standing = |machine: &Machine| {
        let track = machine.state().track(&Subject::ExitNode).unwrap();
        (track.standing().clone(), track.chosen().is_some())
    };
    feed(&mut rig, &mut machine, 3_000);
    assert_eq!(standing(&machine), (node(GATE), false));
    // tailscaled was restarted, and has no map yet.
    let peers = std::mem::take(&mut rig.tailnet.peers);
    rig.tell();
    assert_eq!(feed(&mut rig, &mut machine, 10), []);
    assert_eq!(standing(&machine), (node(GATE), false));
    // Somebody else's node has got the same name, which is none of ours.
    rig.tailnet.peers = peers;
    let mut twin = rig.tailnet.peers[0].clone();
    twin.id = "other".to_owned();
    twin.full_name = "gate.elsewhere.ts.net".to_owned();
    rig.tailnet.peers.push(twin);
    rig.tell();
    assert_eq!(feed(&mut rig, &mut machine, 3_000), [], "it works as before");
    assert_eq!(standing(&machine), (node(GATE), false));
    // The node was deleted.
    rig.tailnet.peers.retain(|peer| peer.name != GATE);
    rig.net.egress = false;
    rig.net.gate = false;
    rig.tell();
    assert_eq!(feed(&mut rig, &mut machine, 8_000), [node(SPARE)]);
}

#[test]
fn a_control_plane_that_is_gone_is_one_only_where_the_internet_is_there() {
    let mut rig = Rig::fast();
    rig.run(1_000);
    rig.tailnet.online = false;
    rig.tell();
    assert_eq!(rig.causes(), [Layer::Control.to_string()]);
    // tailscaled learns late that the internet is gone.
    rig.tailnet.online = true;
    rig.net = rig::Net::gone();
    rig.tell();
    rig.run(25_000);
    assert_eq!(rig.causes(), [Layer::Gateway.to_string()]);
}

#[test]
fn a_tailscaled_that_restarts_is_not_yet_a_failure() {
    let mut rig = Rig::fast();
    rig.run(1_000);
    rig.watch.lost(DaemonFault::NotRunning, rig.now);
    let events = rig.run(1_500);
    assert!(
        measured(&events, &Setting::Tunnel(true))
            .iter()
            .all(|verdict| *verdict == Verdict::Good)
    );
    assert!(rig.causes().is_empty());
    rig.run(1_500);
    assert_eq!(rig.causes(), ["tailscaled does not run or does not answer"]);
    rig.tell();
    rig.run(1_000);
    assert!(rig.causes().is_empty());
}

#[test]
fn what_was_lost_while_the_internet_was_gone_is_no_loss_of_an_exit_node() {
    let mut rig = Rig::fast();
    rig.run(20_000);
    rig.net = Net {
        gateway: true,
        ..Net::gone()
    };
    rig.run(15_000);
    rig.net = Net::well();
    let told = rig.run(60_000);
    let over = |(_, event): &(Moment, Event)| matches!(event, Event::Diagnosed(causes) if causes.is_empty());
    let again = told.iter().position(over).unwrap();
    let lossy = told[again..]
        .iter()
        .filter(|(_, event)| matches!(event, Event::Measured(_, Verdict::Degraded(_))));
    assert_eq!(lossy.count(), 0);
}

#[test]
fn a_key_that_expires_soon_is_noticed_once_and_not_forgotten_while_tailscaled_is_away() {
    let noticed = |events: &[(Moment, Event)]| -> Vec<BTreeSet<Notice>> {
        let notices = events.iter().filter_map(|(_, event)| match event {
            Event::Noticed(notices) => Some(notices.clone()),
            _ => None,
        });
        notices.collect()
    };
    let mut rig = Rig::fast();
    assert_eq!(
        noticed(&rig.run(3_000)),
        [BTreeSet::new()],
        "nothing, and that is known"
    );
    let at = rig.now.after(TimeSpan::constant_millis(3 * 86_400_000));
    rig.tailnet.key_expires = Some(at);
    rig.tell();
    assert_eq!(noticed(&rig.run(3_000)), [BTreeSet::from([Notice::KeyExpires(at)])]);
    rig.tailnet.daemon = Daemon::Broken(DaemonFault::NotRunning);
    rig.tailnet.key_expires = None;
    rig.tell();
    assert_eq!(noticed(&rig.run(20_000)), []);
    rig.tailnet.daemon = Daemon::Runs;
    rig.tell();
    assert_eq!(noticed(&rig.run(3_000)), [BTreeSet::new()], "it was renewed");
}

/// A host on which the router of its own network, `desk`, is one of the tailnet's, and that measures it.
fn beside_a_router() -> Rig {
    let peer = json!({
        "ask": { "peer": { "node": "desk", "kind": "icmp" } },
        "interval": "700ms", "timeout": "500ms", "maxLatency": "200ms", "maxPacketLoss": 5,
    });
    let probes =
        json!({ "internet": ["192.0.2.1:443"], "egress": { "dns": [], "http": [] }, "targets": { "nas": peer } });
    let failover = json!({
        "actions": ["routes-off"], "holdDown": "10s", "maxHoldDown": "10m", "minDwell": "5s", "moveWindow": "3s",
        "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        "lanRoutes": [{ "prefix": "192.168.15.0/24", "probe": "192.168.15.7" }],
    });
    let mut rig = Rig::with(&rig::settings(
        json!({ "acceptRoutes": true, "probes": probes, "failover": failover }),
    ));
    let preferences = rig.tailnet.preferences.as_mut().unwrap();
    (preferences.accept_routes, preferences.exit_node) = (true, None);
    rig.tailnet.peers[2].routes = vec!["192.168.15.0/24".parse().unwrap()];
    rig.tell();
    rig
}

#[test]
fn routes_are_not_given_up_while_only_the_tailnet_leads_to_one_of_them() {
    let off = Setting::AcceptRoutes(false);
    let checks = |routes: &[&str]| {
        let mut rig = beside_a_router();
        rig.tailnet.peers[1].routes = routes.iter().map(|route| route.parse().unwrap()).collect();
        rig.tell();
        measured(&rig.run(3_000), &off).pop()
    };
    for routes in [&[][..], &["0.0.0.0/0", "::/0"], &["192.168.15.128/25"]] {
        assert_eq!(checks(routes), Some(Verdict::Good), "{routes:?}");
    }
    for other in ["10.20.0.0/16", "192.168.0.0/16", "fd00:20::/64"] {
        let fault = Fault::CutsOff(other.parse().unwrap());
        assert_eq!(checks(&["0.0.0.0/0", other]), Some(Verdict::Down(fault)));
    }
}

#[test]
fn a_peer_that_is_measured_explains_what_lies_behind_it() {
    let mut rig = beside_a_router();
    rig.run(5_000);
    assert!(rig.causes().is_empty());
    let nas = |rig: &Rig| {
        let readings = rig.watch.readings();
        readings.into_iter().find(|reading| reading.target == "nas").unwrap()
    };
    let reading = nas(&rig);
    assert_eq!(
        (reading.kind.as_str(), &reading.verdict),
        ("icmp", &Some(Verdict::Good))
    );
    assert_eq!(reading.path, Some(PathClass::Direct));
    // What goes through the tunnel, to its prefix as well.
    rig.net.egress = false;
    rig.run(5_000);
    assert_eq!(rig.causes(), ["192.168.15.0/24 is not reached through its router"]);
    rig.net.rest = false;
    rig.run(5_000);
    assert_eq!(rig.causes(), ["the peer desk does not answer"]);

    let mut rig = beside_a_router();
    rig.tailnet.peers.remove(2);
    rig.tell();
    rig.run(1_000);
    assert_eq!(nas(&rig).verdict, Some(Verdict::Down(Fault::NoSuchNode)));
    assert_eq!(rig.causes(), ["the peer desk does not answer"]);
}

/// How often the node that is no exit node was asked.
fn witnessed(rig: &Rig) -> usize {
    let desk: std::net::IpAddr = "100.64.0.3".parse().unwrap();
    let pings = rig.asked.iter();
    pings
        .filter(|(_, probe)| matches!(&probe.question, Question::Ping { address, .. } if *address == desk))
        .count()
}

fn is_down(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Down(_))
}

#[test]
fn exit_nodes_that_are_dead_beside_a_living_peer_are_no_dead_tunnel() {
    let mut rig = Rig::fast();
    rig.run(20_000);
    assert_eq!(witnessed(&rig), 0, "nobody is asked while all is well");
    let tunnel = Setting::Tunnel(true);
    (rig.net.egress, rig.net.gate, rig.net.spare) = (false, false, false);
    let checks = measured(&rig.run(30_000), &tunnel);
    assert!(!checks.iter().any(is_down), "{checks:?}");
    assert!(checks.iter().rev().take(10).all(|verdict| *verdict == Verdict::Good));
    let asked = witnessed(&rig);
    assert!((30..=45).contains(&asked), "one ping in a round: {asked}");
    // The peer dies as well: now it is the tunnel.
    rig.net.rest = false;
    let checks = measured(&rig.run(10_000), &tunnel);
    assert!(checks.iter().rev().take(5).all(is_down), "{checks:?}");
    rig.net = Net::well();
    let checks = measured(&rig.run(10_000), &tunnel);
    assert_eq!(checks.last(), Some(&Verdict::Good));
    let asked = witnessed(&rig);
    rig.run(10_000);
    assert_eq!(witnessed(&rig), asked, "nobody is asked any more");
}

#[test]
fn where_there_is_nobody_else_the_exit_nodes_say_whether_the_tunnel_is_dead() {
    let mut rig = Rig::fast();
    rig.tailnet.peers.retain(|peer| peer.name != "desk");
    rig.tell();
    rig.run(5_000);
    (rig.net.egress, rig.net.gate, rig.net.spare) = (false, false, false);
    let checks = measured(&rig.run(10_000), &Setting::Tunnel(true));
    assert!(checks.iter().rev().take(5).all(is_down), "{checks:?}");
}

#[test]
fn a_tailscaled_that_does_not_come_up_without_the_control_plane_is_not_to_blame() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.tailnet.daemon = Daemon::Broken(DaemonFault::Starting);
    rig.net.control = false;
    rig.tell();
    let events = rig.run(30_000);
    let checks = measured(&events, &Setting::Tunnel(true));
    assert!(!checks.iter().any(is_down), "{checks:?}");
    // Nor is it told for a moment that it was.
    let told = events.iter().filter_map(|(_, event)| match event {
        Event::Diagnosed(causes) => Some(causes.iter().map(ToString::to_string).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [["the control plane is not reached"]]);
    rig.net.control = true;
    let checks = measured(&rig.run(10_000), &Setting::Tunnel(true));
    assert!(checks.iter().rev().take(5).all(is_down), "{checks:?}");
    assert_eq!(rig.causes(), ["tailscaled has not come up"]);
}

#[test]
fn the_control_plane_is_asked_where_the_preferences_say_that_it_is() {
    for (url, expected) in [
        (None, "controlplane.tailscale.com:443"),
        (Some("https://hs.example.org:8443"), "hs.example.org:8443"),
        (Some("http://192.168.15.5:8080"), "192.168.15.5:8080"),
    ] {
        let mut rig = Rig::fast();
        rig.tailnet.daemon = Daemon::Broken(DaemonFault::Starting);
        rig.tailnet.control = url.map(|url| url.parse().unwrap());
        rig.tell();
        rig.run(3_000);
        let connections = rig.asked.iter().filter_map(|(_, probe)| match &probe.question {
            Question::Reach {
                any_of,
                way: Way::By(_),
            } => match &any_of[..] {
                [Exchange::Tcp { host, port, .. }] => Some(format!("{host}:{port}")),
                _ => None,
            },
            _ => None,
        });
        assert!(connections.collect::<BTreeSet<_>>().contains(expected), "{url:?}");
    }
}

#[test]
fn a_clock_that_is_set_moves_everything_with_it() {
    let day = 86_400_000;
    let set = |rig: &mut Rig, to: Moment| {
        let step = ClockStep::between(rig.now, to);
        rig.watch.step_clock(step);
        rig.now = to;
        for (at, _) in &mut rig.flying {
            *at = at.moved(step);
        }
        step
    };
    let mut usual = Rig::fast();
    usual.run(5_000);
    let now = usual.now.after_millis(10 * day);
    set(&mut usual, now);
    usual.net.gate = false;
    usual.net.egress = false;
    usual.run(500);
    let now = usual.now;
    for other in [now.after_millis(day), now.before_millis(day)] {
        let mut rig = usual.clone();
        let step = set(&mut rig, other);
        let events = usual.clone().run(5_000).into_iter();
        let expected: Vec<(Moment, Event)> = events.map(|(at, event)| (at.moved(step), event)).collect();
        assert!(
            expected
                .iter()
                .any(|(_, event)| matches!(event, Event::Measured(_, Verdict::Down(_))))
        );
        assert_eq!(rig.run(5_000), expected);
    }
}
