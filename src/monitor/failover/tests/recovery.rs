//! Crashes, restarts, upgrades, a full disk, a changed plan, a clock that was set.

use super::rig::{Kill, Silence, plan, secs, setting};
use super::*;

#[test]
fn the_state_is_written_before_and_after_each_action() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    let kinds: String = rig
        .log
        .iter()
        .map(|(_, action)| match action {
            Action::Save => 'S',
            Action::Apply(..) => 'A',
            Action::Record(_) => 'r',
            _ => '.',
        })
        .filter(|kind| *kind != '.')
        .collect();
    assert!(kinds.ends_with("rSArS"), "{kinds}");
}

#[test]
fn a_crash_around_an_action_is_made_good() {
    for (kill, then) in [
        (Kill::BeforeSave, gate()),
        (Kill::BeforeApply, gate()),
        (Kill::AfterApply, spare()),
    ] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(2, "gate: x, spare: g");
        rig.killed = Some(kill);
        rig.rounds(1, "gate: x, spare: g");
        assert_eq!(rig.killed, None, "it was killed");
        assert_eq!(rig.standing(), then, "{kill:?}");
        assert_ne!(rig.phase(), Phase::Overridden, "not taken for somebody's choice");
        rig.rounds(15, "gate: x, spare: g");
        assert_eq!(rig.standing(), spare(), "{kill:?}: it goes on");
        rig.rounds(60, "gate: g, spare: g");
        assert_eq!(rig.standing(), gate(), "{kill:?}: and comes back");
        assert!(rig.state.alarms().is_empty());
    }
}

#[test]
fn a_restart_keeps_what_is_in_force_and_a_stop_puts_it_back() {
    for (ending, then) in [(Ending::Restart, spare()), (Ending::Stop, gate())] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(5, "gate: x, spare: g");
        rig.send(Event::Stop(ending));
        assert!(rig.exited);
        assert_eq!(rig.standing(), then);
        rig.start_again();
        assert_eq!(rig.standing(), then);
        assert_ne!(rig.phase(), Phase::Overridden);
        rig.rounds(100, "gate: g, spare: g");
        assert_eq!(rig.standing(), gate());
    }
}

#[test]
fn a_stop_keeps_what_the_plan_or_a_person_wants_kept() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.on_stop = OnStop::Keep;
    rig.rounds(5, "gate: x, spare: g");
    rig.send(Event::Stop(Ending::Stop));
    assert!(rig.exited && rig.standing() == spare());

    let mut rig = Rig::new(&[SPARE]);
    rig.ask(Command::Switch(spare(), None));
    rig.send(Event::Stop(Ending::Stop));
    assert!(rig.exited && rig.standing() == spare(), "the operator chose it");
}

#[test]
fn a_stop_in_the_middle_of_a_change_waits_for_it_but_not_for_ever() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(2, "gate: x, spare: g");
    // The change is asked for, and nobody answers.
    let event = Event::Measured(gate(), rig::verdict("x"));
    let done = step(&rig.plan, rig.state.clone(), event, rig.now);
    assert!(done.actions.iter().any(|action| matches!(action, Action::Apply(..))));
    let stopped = step(&rig.plan, done.state, Event::Stop(Ending::Stop), rig.now);
    assert!(!stopped.actions.contains(&Action::Exit));
    let mut state = stopped.state;
    let mut now = stopped.deadline.unwrap();
    let mut left = 5;
    loop {
        let done = step(&rig.plan, state, Event::Woken, now);
        if done.actions.contains(&Action::Exit) {
            break;
        }
        left -= 1;
        assert!(left > 0, "it ends");
        now = done.deadline.unwrap();
        state = done.state;
    }
}

#[test]
fn an_answer_that_never_comes_is_asked_after() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(2, "gate: x, spare: g");
    let event = Event::Measured(gate(), rig::verdict("x"));
    let done = step(&rig.plan, rig.state.clone(), event, rig.now);
    for (in_force, then) in [(spare(), spare()), (gate(), gate())] {
        let now = done.deadline.unwrap();
        let asked = step(&rig.plan, done.state.clone(), Event::Woken, now);
        assert!(asked.actions.contains(&Action::ReadSettings));
        let seen = step(&rig.plan, asked.state, Event::Seen(vec![in_force]), now);
        let track = seen.state.track(&Subject::ExitNode).unwrap();
        assert_eq!(*track.standing(), then);
        assert!(track.chosen().is_none());
    }
}

#[test]
fn what_is_carried_out_late_is_its_own_doing() {
    for (silence, moves) in [(Silence::Late(60), 1), (Silence::Late(200), 1)] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(3, "gate: g, spare: g");
        rig.silent = Some(silence);
        rig.rounds(3, "gate: x, spare: g");
        rig.silent = Some(Silence::Drops);
        rig.rounds(40, "gate: x, spare: g");
        assert_eq!(rig.standing(), gate());
        assert!(rig.records(|what| matches!(what, What::NotMoved { .. })) > 0);
        rig.rounds(200, "gate: x, spare: g");
        assert_eq!((rig.standing(), rig.phase()), (spare(), Phase::Away), "{silence:?}");
        assert_eq!(rig.records(|what| matches!(what, What::Moved { .. })), moves);
        assert_eq!(rig.records(|what| matches!(what, What::Chosen { .. })), 0);
        rig.silent = None;
        rig.rounds(60, "gate: g, spare: g");
        assert_eq!(rig.standing(), gate(), "so it is returned from");
    }
}

#[test]
fn what_comes_too_late_to_be_its_own_is_somebodys() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: g, spare: g");
    rig.silent = Some(Silence::Drops);
    rig.rounds(3, "gate: x, spare: g");
    rig.rounds(11, "gate: g, spare: g");
    assert_eq!((rig.standing(), rig.phase()), (gate(), Phase::Home));
    rig.start_again();
    rig.rounds(310, "gate: g, spare: g");
    rig.by_hand(spare());
    assert_eq!(rig.phase(), Phase::Overridden);
}

#[test]
fn a_choice_of_the_operator_that_is_carried_out_late_is_one() {
    for resumes in [false, true] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(3, "gate: g, spare: g");
        rig.silent = Some(Silence::Late(30));
        assert_eq!(rig.ask(Command::Switch(spare(), None)), Answer::Accepted);
        assert_eq!(
            rig.ask(Command::Resume),
            Answer::Refused(Refusal::Busy),
            "it may be on its way"
        );
        rig.rounds(15, "gate: g, spare: g");
        assert_eq!(rig.phase(), Phase::Home);
        if resumes {
            rig.ask(Command::Resume);
        }
        rig.rounds(16, "gate: g, spare: g");
        let phase = if resumes { Phase::Away } else { Phase::Overridden };
        assert_eq!((rig.standing(), rig.phase()), (spare(), phase));
    }
}

#[test]
fn what_is_carried_out_late_beside_a_choice_of_a_person_does_not_end_that() {
    let other = Setting::ExitNode(ExitNodeUse::Other("nOTHER".to_owned()));
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: g, spare: g");
    rig.silent = Some(Silence::Late(30));
    rig.rounds(3, "gate: x, spare: g");
    rig.by_hand(other);
    rig.rounds(60, "gate: x, spare: x");
    assert_eq!((rig.standing(), rig.phase()), (spare(), Phase::Overridden));
    assert_eq!(
        rig.records(|what| matches!(what, What::Chosen { .. })),
        1,
        "the person's, and not what came later"
    );
}

#[test]
fn the_bus_may_lag_behind_a_change() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    // A message from before the change.
    rig.send(Event::Seen(vec![gate()]));
    assert_eq!(rig.phase(), Phase::Trial);
    // After a while it is read again; then it is somebody's doing.
    rig.in_force.insert(Subject::ExitNode, direct());
    rig.wait(secs(3));
    assert_eq!(rig.phase(), Phase::Overridden);
}

#[test]
fn a_full_disk_stops_moves_and_is_tried_again() {
    let mut rig = Rig::new(&[SPARE]);
    rig.disk_full = true;
    rig.rounds(20, "gate: x, spare: g");
    assert_eq!(rig.standing(), gate());
    assert!(rig.state.alarms().contains(&Alarm::StateUnwritable));
    assert_eq!(rig.records(|what| *what == What::Unwritable), 1);
    rig.disk_full = false;
    rig.rounds(40, "gate: x, spare: g");
    assert_eq!(rig.standing(), spare());
    assert!(!rig.state.alarms().contains(&Alarm::StateUnwritable));
    rig.disk_full = true;
    rig.send(Event::Stop(Ending::Stop));
    assert!(rig.exited);
    assert_eq!(rig.standing(), gate(), "what was changed is put back all the same");
}

#[test]
fn a_changed_plan_takes_over_where_the_old_one_stood() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(5, "gate: x, spare: g");
    rig.plan = plan(&["backup"]);
    rig.send(Event::Reloaded);
    rig.rounds(40, "gate: x, spare: g, backup: g");
    assert_eq!(
        rig.standing(),
        node("backup"),
        "what is not listed any more is left for what is"
    );
    // The subject is not watched any more: what was there before is put back, and nothing else is touched.
    rig.plan.ladders.clear();
    rig.send(Event::Reloaded);
    rig.wait(secs(60));
    assert_eq!(rig.in_force[&Subject::ExitNode], gate());
    assert!(rig.state.tracks().is_empty());
}

#[test]
fn what_a_hand_had_set_and_the_profile_wants_now_is_no_choice_any_more() {
    let wants_spare = || {
        let mut plan = plan(&[GATE, SPARE]);
        plan.ladders.get_mut(&Subject::ExitNode).unwrap().home = Some(spare());
        plan
    };
    // An activation of the system sets the preference first, and then the monitor reads its settings again, or is restarted.
    for restarts in [false, true] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(3, "gate: g, spare: g");
        rig.by_hand(spare());
        assert_eq!(rig.phase(), Phase::Overridden);
        rig.plan = wants_spare();
        if restarts {
            rig.start_again();
        } else {
            rig.reload();
        }
        assert_eq!(rig.phase(), Phase::Home);
        assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
        rig.rounds(3, "gate: g, spare: x");
        assert_eq!(rig.standing(), gate(), "it is left when it fails");
    }
    // The operator's pin of what is wanted stays one.
    let mut rig = Rig::new(&[SPARE]);
    rig.ask(Command::Switch(spare(), None));
    rig.plan = wants_spare();
    rig.reload();
    assert_eq!(rig.phase(), Phase::Overridden);
    // What the machine had moved to itself is home at once.
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    assert_eq!(rig.standing(), spare());
    rig.plan = wants_spare();
    rig.reload();
    rig.rounds(20, "gate: x, spare: g");
    assert_eq!((rig.standing(), rig.phase()), (spare(), Phase::Home));
    assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
}

#[test]
fn a_lost_state_takes_what_is_listed_for_its_own_choice() {
    for (state, phase) in [(State::lost(), Phase::Away), (State::new(), Phase::Overridden)] {
        let mut rig = Rig::of(plan(&[SPARE]), state);
        rig.state = if phase == Phase::Away {
            State::lost()
        } else {
            State::new()
        };
        rig.in_force.insert(Subject::ExitNode, spare());
        rig.send(Event::Started);
        assert_eq!(rig.phase(), phase);
        rig.rounds(60, "gate: g, spare: g");
        assert_eq!(rig.standing() == gate(), phase == Phase::Away);
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_hold_anything_up() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(5, "gate: x, spare: g");
    rig.now = Moment::from_millis(1_000_000);
    rig.start_again();
    rig.rounds(40, "gate: g, spare: g");
    assert_eq!(rig.standing(), gate());
    let track = rig.state.track(&Subject::ExitNode).unwrap();
    assert!(track.since() <= rig.now);
}

#[test]
fn damaged_and_newer_states_are_told_apart() {
    assert_eq!(
        State::read("{\"version\": 2, \"tracks\": 7}"),
        Err(StateError::Newer(2))
    );
    for text in ["", "{}", "[]", "{\"version\":1,\"tracks\":7}", "{\"version\":\"1\"}"] {
        assert!(matches!(State::read(text), Err(StateError::Broken(_))), "{text}");
    }
    let sparse = State::read("{\"version\": 1, \"colour\": \"red\"}").unwrap();
    assert_eq!(sparse, State::new());
    let twice = r#"{"version":1,"tracks":[
        {"subject":"routes","standing":{"accept-routes":true},"since":1,"found":{"accept-routes":true}},
        {"subject":"routes","standing":{"accept-routes":false},"since":1,"found":{"accept-routes":true}},
        {"subject":"tunnel","standing":{"accept-routes":false},"since":1,"found":{"tunnel":true}}]}"#;
    assert_eq!(State::read(twice).unwrap().tracks().len(), 1);
    assert_eq!(setting("routes"), Setting::AcceptRoutes(true));
}
