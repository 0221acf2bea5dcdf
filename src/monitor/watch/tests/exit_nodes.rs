//! Exit nodes: what passes them, and which one is in force.

use super::rig::{self, GATE, Net, Rig, SPARE, measured, node};
use super::*;

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
