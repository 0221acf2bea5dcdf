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
        rig.send(rig::cable());
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
    rig.send(rig::cable());
    rig.rounds(10, "down: g");
    assert_eq!(rig.applied(), [setting("down")]);
    let stopped = Alarm::Layer(Layer::Daemon(DaemonFault::Stopped));
    assert_eq!(rig.raised(&stopped), 0, "nobody else took it down");
    assert!(rig.state.alarms().contains(&Alarm::Away(Subject::Tunnel)));
    // It measures nothing through a tunnel that is down, and tries again after a while.
    rig.rounds(60, "down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"));
    rig.rounds(10, "up: g, down: g");
    assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
    assert_eq!(rig.raised(&stopped), 0);
}

#[test]
fn a_tunnel_that_the_operator_takes_down_for_a_while_comes_up_by_itself() {
    let mut rig = rig();
    rig.send(rig::cable());
    rig.rounds(5, "up: g, down: g");
    let until = rig.now.after(secs(100));
    let switch = Command::Switch(setting("down"), Some(until));
    assert_eq!(rig.ask(switch), Answer::Accepted);
    rig.rounds(99, "up: g, down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("down"));
    assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
    rig.rounds(2, "up: g, down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"));
    assert_eq!(rig.phase_of(&Subject::Tunnel), Phase::Home);
}

#[test]
fn what_the_operator_took_down_for_less_than_it_takes_to_return_is_not_down_for_longer() {
    for return_after in [Some(secs(600)), None] {
        let mut rig = rig();
        rig.plan.return_after = return_after;
        rig.send(rig::cable());
        rig.rounds(5, "up: g, down: g");
        let until = rig.now.after(secs(30));
        rig.ask(Command::Switch(setting("down"), Some(until)));
        rig.rounds(29, "down: g");
        assert_eq!(rig.standing_of(&Subject::Tunnel), setting("down"));
        rig.rounds(2, "down: g");
        assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"), "{return_after:?}");
    }
}

#[test]
fn what_has_failed_below_does_not_keep_the_tunnel_down() {
    for layer in [Layer::Dns, Layer::Internet, Layer::Daemon(DaemonFault::NeedsLogin)] {
        let mut rig = rig();
        rig.send(rig::cable());
        rig.plan.restart = None;
        rig.rounds(5, "up: x, down: g");
        assert_eq!(rig.standing_of(&Subject::Tunnel), setting("down"));
        rig.send(Event::Diagnosed([layer.clone()].into()));
        rig.rounds(60, "down: x");
        assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"), "{layer}");
        rig.rounds(200, "up: x, down: x");
        assert_eq!(
            rig.standing_of(&Subject::Tunnel),
            setting("up"),
            "{layer}: and there it stays"
        );
        assert_eq!(rig.applied().len(), 2);
    }
}

#[test]
fn a_tailscaled_that_cannot_be_asked_is_not_asked_to_bring_the_tunnel_up() {
    for fault in [DaemonFault::NotRunning, DaemonFault::Unreadable] {
        let mut rig = rig();
        rig.send(rig::cable());
        rig.plan.restart = None;
        rig.rounds(5, "up: x, down: g");
        rig.send(Event::Diagnosed([Layer::Daemon(fault)].into()));
        rig.rounds(100, "down: g");
        assert_eq!(rig.applied(), [setting("down")], "nobody would answer");
        rig.send(Event::Diagnosed(BTreeSet::new()));
        rig.rounds(1, "down: g");
        assert_eq!(rig.applied().last(), Some(&setting("up")));
    }
}

#[test]
fn a_program_that_starts_again_knows_that_the_tunnel_is_down_by_its_own_choice() {
    let mut rig = rig();
    rig.send(rig::cable());
    rig.plan.restart = None;
    rig.rounds(5, "up: x, down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("down"));
    rig.start_again();
    rig.rounds(60, "down: g");
    assert_eq!(rig.standing_of(&Subject::Tunnel), setting("up"));
    assert_eq!(rig.raised(&Alarm::Layer(Layer::Daemon(DaemonFault::Stopped))), 0);
}

#[test]
fn a_tunnel_that_somebody_else_took_down_stays_down_and_is_told() {
    let mut rig = rig();
    rig.rounds(5, "up: g, down: g");
    rig.by_hand(setting("down"));
    rig.rounds(300, "down: g");
    assert_eq!((restarts(&rig), rig.applied()), (0, vec![]));
    assert!(
        rig.state
            .alarms()
            .contains(&Alarm::Layer(Layer::Daemon(DaemonFault::Stopped)))
    );
    assert!(rig.state.alarms().contains(&Alarm::ChangedByHand(Subject::Tunnel)));
}

#[test]
fn a_slow_tunnel_stays_up() {
    let mut rig = rig();
    rig.send(rig::cable());
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

#[test]
fn without_the_control_plane_the_tunnel_is_left_alone() {
    let mut rig = rig();
    rig.send(rig::cable());
    rig.send(Event::Diagnosed([Layer::Control].into()));
    rig.rounds(300, "up: x, down: g");
    assert_eq!(
        (restarts(&rig), rig.applied()),
        (0, vec![]),
        "it would not come up again"
    );
    let died = [Layer::Daemon(DaemonFault::NotRunning)];
    rig.send(Event::Diagnosed(died.into()));
    rig.rounds(3, "up: x, down: g");
    assert_eq!(restarts(&rig), 1, "there is nothing to lose");
}

#[test]
fn an_exit_node_of_somebodys_choice_counts_and_so_does_the_preference_in_force() {
    let mut plan = rig::plan(&[]);
    plan.ladders.clear();
    plan.safety.management = vec![
        Management {
            from: Some("192.168.15.0/24".parse().unwrap()),
            ..way("tailscale0")
        },
        way("enp3s0"),
    ];
    let mut rig = Rig::of(plan, State::new());
    rig.add(setting("routes"), &[(9, setting("no-routes"))]);
    rig.send(rig::cable());
    rig.by_hand(Setting::ExitNode(ExitNodeUse::Other("nOTHER".to_owned())));
    assert!(
        rig.state.track(&Subject::ExitNode).is_none(),
        "nothing is to be done about it"
    );
    rig.send(Event::LanAccess(false));
    rig.rounds(100, "routes: x, no-routes: g");
    assert_eq!(rig.applied(), [], "answers on the LAN go to the exit node");
    rig.send(Event::LanAccess(true));
    rig.rounds(1, "routes: x, no-routes: g");
    assert_eq!(rig.applied(), [setting("no-routes")]);
}
