//! A host that is watched through simulated time, against a network that is described in a few words.

mod properties;
mod rig;
mod timing;

use std::collections::BTreeSet;

use self::rig::{GATE, Net, Rig, SPARE, measured, node};
use super::*;
use crate::monitor::diagnosis::Layer;
use crate::monitor::{Fault, Verdict};

#[test]
fn a_host_on_which_all_is_well_says_so_once_a_round() {
    let mut rig = Rig::fast();
    let events = rig.run(3_000);
    assert!(matches!(events.first(), Some((_, Event::Links(up))) if up.len() == 1));
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

#[test]
fn an_exit_node_that_forwards_nothing_is_down_though_it_answers() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.net.egress = false;
    let events = rig.run(3_000);
    let checks = measured(&events, &node(GATE));
    let bad = checks
        .iter()
        .filter(|verdict| **verdict == Verdict::Down(Fault::NoAnswer { waited: 500 }));
    assert!(bad.count() >= 3, "{checks:?}");
    assert_eq!(rig.causes(), ["the exit node gate forwards nothing"]);
    assert!(
        measured(&events, &node(SPARE))
            .iter()
            .all(|verdict| *verdict == Verdict::Good)
    );
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
    assert_eq!(checks.last(), Some(&Verdict::Down(Fault::NoSuchNode)));
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
