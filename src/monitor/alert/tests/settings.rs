//! Who is told of what.

use super::*;

#[test]
fn a_receiver_hears_of_what_it_asked_for() {
    let both = alerts(&[
        ("log", receiver(Severity::Info, 3_600, 100)),
        ("pager", receiver(Severity::Critical, 3_600, 100)),
    ]);
    let mut outbox = Outbox::new(&host(), &both, at(0));
    outbox.raise(&Alarm::ChangedByHand(Subject::ExitNode), "", at(0));
    let receivers = |due: Vec<Delivery>| due.into_iter().map(|due| due.receiver.to_string()).collect::<Vec<_>>();
    assert_eq!(receivers(outbox.due(at(0))), ["log"]);
    outbox.raise(&internet(), "", at(1));
    assert_eq!(receivers(outbox.due(at(1))), ["pager"], "the log has not answered yet");
}

#[test]
fn new_settings_tell_the_new_and_forget_those_who_are_gone() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(0));
    told(&mut outbox, at(0));
    let other = alerts(&[("desk", receiver(Severity::Info, 20, 5))]);
    outbox.reload(&host(), &other, at(50));
    let message = told(&mut outbox, at(50));
    assert_eq!((message.event, message.since), (Event::Began, at(0)));
    outbox.reload(&host(), &Alerts::default(), at(60));
    outbox.resolve(&internet(), at(61));
    assert_eq!((outbox.due(at(99)), outbox.tally().waiting), (Vec::new(), 0));
}
