//! What people want, by its commands, by their own hands and by the profile.

use super::*;

#[test]
fn a_pause_that_ends_while_the_other_one_is_held_down_ends_no_hold_down() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
    rig.rounds_until("gate: g, spare: x", |rig| rig.standing() == gate());
    let left = rig.now;
    rig.ask(Command::Pause(Some(rig.now.after(rig::secs(6)))));
    rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
    assert_eq!(rig.now.since(left).as_secs(), 10, "spare was held for 10 s");
}

#[test]
fn a_pause_and_a_maintenance_window_hold_moves_back_until_they_end() {
    let mut rig = Rig::new(&[SPARE]);
    assert_eq!(
        rig.ask(Command::Pause(Some(rig.now.after(rig::secs(60))))),
        Answer::Accepted
    );
    rig.rounds(59, "gate: x, spare: g");
    assert_eq!(rig.applied(), []);
    assert_eq!(rig.phase(), Phase::Waiting);
    rig.rounds(1, "gate: x, spare: g");
    assert_eq!(rig.applied(), [spare()], "at the expiry, by the deadline");

    let mut rig = Rig::new(&[SPARE]);
    rig.plan.maintenance = vec!["00:00-01:00".parse().unwrap()];
    rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
    assert_eq!(rig.now.as_millis() % 86_400_000, 3_600_000);
    assert_eq!(rig.raised(&Alarm::Failing(Subject::ExitNode)), 0);
}

#[test]
fn a_dry_run_writes_down_what_it_would_do_once() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.mode = Mode::DryRun;
    rig.rounds(100, "gate: x, spare: g");
    assert_eq!(rig.applied(), []);
    let rehearsals = rig.records(|what| matches!(what, What::Rehearsal { .. }));
    assert_eq!(rehearsals, 1);
    rig.rounds(20, "gate: g, spare: g");
    rig.rounds(20, "gate: x, spare: g");
    let rehearsals = rig.records(|what| matches!(what, What::Rehearsal { .. }));
    assert_eq!(rehearsals, 2, "and once more the next time");
    for until in [None, Some(rig.now.after(rig::secs(60)))] {
        let answer = rig.ask(Command::Switch(spare(), until));
        assert_eq!(answer, Answer::Refused(Refusal::Rehearses), "who would take it back?");
    }
    assert_eq!(rig.applied(), []);
}

#[test]
fn who_only_reports_raises_alarms_and_puts_back_what_an_earlier_plan_changed() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.mode = Mode::Report;
    rig.rounds(50, "gate: x, spare: g");
    assert_eq!(rig.applied(), []);
    assert!(rig.state.alarms().contains(&Alarm::Failing(Subject::ExitNode)));
    rig.plan.mode = Mode::Act;
    rig.rounds(1, "gate: x, spare: g");
    assert_eq!(rig.standing(), spare());
    rig.plan.mode = Mode::Report;
    rig.rounds(12, "gate: x, spare: g");
    assert_eq!(rig.standing(), gate());
}

#[test]
fn a_change_by_hand_is_respected_and_told() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: g, spare: g");
    let other = Setting::ExitNode(ExitNodeUse::Other("nOTHER".to_owned()));
    rig.by_hand(other.clone());
    assert_eq!(rig.phase(), Phase::Overridden);
    assert!(rig.state.alarms().contains(&Alarm::ChangedByHand(Subject::ExitNode)));
    rig.rounds(300, "gate: g, spare: g");
    assert_eq!(rig.applied(), []);
    assert_eq!(rig.ask(Command::Resume), Answer::Accepted);
    rig.rounds(30, "gate: g, spare: g");
    assert_eq!(rig.applied(), [gate()]);
    // Put back by the one who changed it.
    rig.by_hand(other);
    rig.by_hand(gate());
    assert_eq!(rig.phase(), Phase::Home);
    assert!(rig.state.alarms().is_empty());
}

#[test]
fn an_activation_that_sets_what_is_wanted_is_no_override() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    assert_eq!(rig.standing(), spare());
    rig.rounds(20, "gate: x, spare: g");
    rig.by_hand(gate());
    assert_eq!(rig.phase(), Phase::Home);
    rig.rounds(2, "gate: x, spare: g");
    assert_eq!(rig.standing(), gate(), "it takes new evidence");
    rig.rounds(60, "gate: x, spare: g");
    assert_eq!(rig.standing(), spare());
}

#[test]
fn where_the_profile_says_nothing_what_people_choose_is_wanted() {
    let mut rig = Rig::new(&[GATE, SPARE]);
    rig.plan.ladders.get_mut(&Subject::ExitNode).unwrap().home = None;
    rig.by_hand(spare());
    assert_eq!(rig.phase(), Phase::Home);
    rig.rounds(3, "gate: g, spare: x");
    assert_eq!(rig.standing(), gate());
    rig.rounds(60, "gate: g, spare: g");
    assert_eq!(rig.standing(), spare());
}

#[test]
fn a_host_that_uses_no_exit_node_is_not_given_one() {
    let mut rig = Rig::new(&[GATE, SPARE]);
    rig.plan.ladders.get_mut(&Subject::ExitNode).unwrap().home = None;
    rig.by_hand(direct());
    rig.rounds(100, "off: x, gate: g, spare: g");
    assert_eq!(rig.applied(), []);
}

#[test]
fn the_operator_switches_pins_and_restores() {
    let mut rig = Rig::new(&[SPARE]);
    let until = rig.now.after(rig::secs(120));
    assert_eq!(rig.ask(Command::Switch(spare(), Some(until))), Answer::Accepted);
    assert_eq!((rig.standing(), rig.phase()), (spare(), Phase::Overridden));
    rig.rounds(100, "gate: g, spare: x");
    assert_eq!(rig.applied(), [spare()], "a choice is left alone");
    rig.rounds(30, "gate: g, spare: x");
    assert_eq!(rig.standing(), gate(), "until it expires");

    assert_eq!(rig.ask(Command::Switch(gate(), None)), Answer::Accepted, "a pin");
    rig.rounds(50, "gate: x, spare: g");
    assert_eq!(rig.standing(), gate());
    assert_eq!(rig.ask(Command::Resume), Answer::Accepted);
    assert_eq!(rig.standing(), spare());
    assert_eq!(rig.ask(Command::Restore), Answer::Accepted);
    assert_eq!(rig.standing(), gate());
    assert_eq!(rig.ask(Command::Restore), Answer::Already);
    assert_eq!(rig.ask(Command::Resume), Answer::Already);
    for setting in [
        node("stranger"),
        direct(),
        Setting::ExitNode(ExitNodeUse::Other("n1".to_owned())),
    ] {
        assert_eq!(
            rig.ask(Command::Switch(setting.clone(), None)),
            Answer::Refused(Refusal::NotListed(setting))
        );
    }
    assert_eq!(
        rig.ask(Command::Switch(Setting::AcceptRoutes(false), None)),
        Answer::Refused(Refusal::NotSeen(Subject::Routes))
    );
}

#[test]
fn a_choice_that_is_not_carried_out_leaves_the_one_before_it() {
    let mut rig = Rig::new(&[SPARE, "backup"]);
    assert_eq!(rig.ask(Command::Switch(spare(), None)), Answer::Accepted);
    rig.refuses = Some(node("backup"));
    rig.ask(Command::Switch(node("backup"), Some(rig.now.after(rig::secs(50)))));
    rig.rounds(100, "gate: g, spare: g, backup: g");
    assert_eq!(
        (rig.standing(), rig.phase()),
        (spare(), Phase::Overridden),
        "a pin is a pin"
    );
    assert_eq!(rig.ask(Command::Resume), Answer::Accepted);
    rig.rounds(30, "gate: g, spare: g, backup: g");
    assert_eq!(rig.standing(), gate());
    rig.ask(Command::Switch(node("backup"), None));
    assert_eq!(rig.phase(), Phase::Home, "there was none before");
}

#[test]
fn nothing_grows_with_what_people_try() {
    let mut rig = Rig::new(&[SPARE]);
    for number in 0..1_000 {
        rig.by_hand(Setting::ExitNode(ExitNodeUse::Other(format!("n{number}"))));
        rig.send(Event::Measured(spare(), rig::verdict("g")));
    }
    let track = rig.state.track(&Subject::ExitNode).unwrap();
    assert!(track.health.len() <= 3, "{}", track.health.len());
    assert!(rig.state.write().len() < 1_000);
}
