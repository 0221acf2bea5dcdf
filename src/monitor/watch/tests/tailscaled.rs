//! tailscaled, the control plane and the tunnel.

use super::rig::{self, Net, Rig, measured};
use super::*;

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
