//! The tunnel and the operator's ways in.

use super::rig::{secs, setting};
use super::*;
use crate::model::Management;
use crate::net::{PortRange, Transport};

fn way(via: &str) -> Management {
    Management {
        via: via.parse().unwrap(),
        transport: Transport::Tcp,
        ports: PortRange::from(crate::net::Port::try_from(22_i64).unwrap()),
        from: None,
    }
}

/// A host that may restart tailscaled, and take the tunnel down.
fn rig() -> Rig {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.restart = Some(RestartLimit {
        rank: 50,
        interval: secs(60),
        per_day: 3,
    });
    rig.plan.safety.management = vec![way("tailscale0"), way("enp3s0")];
    rig.add(setting("up"), &[(60, setting("down"))]);
    rig
}

fn restarts(rig: &Rig) -> usize {
    let restarts = rig.log.iter();
    restarts
        .filter(|(_, action)| matches!(action, Action::RestartDaemon(_)))
        .count()
}

#[test]
fn a_dead_tailscaled_is_restarted_at_a_limited_rate() {
    let mut rig = rig();
    rig.send(Event::Diagnosed(
        [Layer::Daemon(DaemonFault::NotRunning), Layer::Internet].into(),
    ));
    rig.rounds(3, "up: x");
    assert_eq!(restarts(&rig), 1);
    rig.rounds(59, "up: x");
    assert_eq!(restarts(&rig), 1);
    rig.rounds(600, "up: x");
    assert_eq!(restarts(&rig), 3, "three a day");
    rig.wait(secs(86_400 - 700));
    rig.rounds(100, "up: x");
    assert_eq!(restarts(&rig), 4);
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"));
}

#[test]
fn who_logged_out_or_stopped_tailscaled_is_left_alone() {
    for fault in [DaemonFault::NeedsLogin, DaemonFault::Stopped, DaemonFault::KeyExpired] {
        let mut rig = rig();
        rig.send(Event::Links(["enp3s0".parse().unwrap()].into()));
        rig.send(Event::Diagnosed([Layer::Daemon(fault)].into()));
        rig.rounds(300, "up: x, down: g");
        assert_eq!((restarts(&rig), rig.applied()), (0, vec![]));
    }
}

#[test]
fn the_tunnel_goes_down_only_while_another_way_in_is_open() {
    let mut rig = rig();
    rig.rounds(300, "up: x, down: g");
    assert_eq!(rig.applied(), [], "nobody has seen enp3s0 up");
    assert_eq!(
        rig.ask(Command::Switch(setting("down"), None)),
        Answer::Refused(Refusal::OnlyWayIn(setting("down"))),
        "not even when asked"
    );
    rig.send(Event::Links(["enp3s0".parse().unwrap()].into()));
    rig.rounds(10, "down: g");
    assert_eq!(rig.applied(), [setting("down")]);
    // It measures nothing through a tunnel that is down, and tries again after a while.
    rig.rounds(60, "down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"));
}

#[test]
fn a_slow_tunnel_stays_up() {
    let mut rig = rig();
    rig.send(Event::Links(["enp3s0".parse().unwrap()].into()));
    rig.rounds(300, "up: d, down: g");
    assert_eq!((restarts(&rig), rig.applied()), (0, vec![]));
}

#[test]
fn routes_that_the_operator_is_answered_by_stay() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.safety.management = vec![Management {
        from: Some("192.168.15.0/24".parse().unwrap()),
        ..way("tailscale0")
    }];
    rig.add(setting("routes"), &[(9, setting("no-routes"))]);
    rig.rounds(100, "routes: x, no-routes: g");
    assert_eq!(rig.applied(), []);
    assert_eq!(rig.phase_of(&Subject::Routes), Phase::Stuck);
    rig.plan.safety.management.push(way("tailscale0"));
    rig.rounds(1, "routes: x, no-routes: g");
    assert_eq!(rig.applied(), [setting("no-routes")]);
}
