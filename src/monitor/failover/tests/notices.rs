//! What will not work for long.

use super::*;
use crate::monitor::diagnosis::Notice;
use crate::net::TimeSpan;

#[test]
fn people_are_told_before_the_key_ends_and_when_it_is_renewed() {
    let plan = rig::plan(&[SPARE]);
    let start = Moment::from_millis(1_000_000_000);
    let at = start.after(TimeSpan::constant_millis(3 * 86_400_000));
    let alarm = Alarm::KeyExpires(at);
    let told = |state: State, event: Event| {
        let done = step(&plan, state, event, start);
        let told: Vec<Action> = done
            .actions
            .into_iter()
            .filter(|action| matches!(action, Action::Raise(_) | Action::Resolve(_)))
            .collect();
        (done.state, told)
    };
    let (state, _) = told(State::new(), Event::Started);
    let soon = || Event::Noticed([Notice::KeyExpires(at)].into());
    let (state, actions) = told(state, soon());
    assert_eq!(actions, [Action::Raise(alarm.clone())]);
    let (state, actions) = told(state, soon());
    assert_eq!(actions, [], "once");
    // After a restart nothing is known until tailscaled has been heard.
    let state = State::read(&state.write()).unwrap();
    let (state, actions) = told(state, Event::Started);
    assert_eq!(actions, []);
    let (state, actions) = told(state, Event::Diagnosed(BTreeSet::new()));
    assert_eq!(actions, []);
    let (state, actions) = told(state, soon());
    assert_eq!(actions, []);
    let (_, actions) = told(state, Event::Noticed(BTreeSet::new()));
    assert_eq!(actions, [Action::Resolve(alarm)]);
}
