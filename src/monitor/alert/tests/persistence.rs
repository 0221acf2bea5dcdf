//! What outlives the program, and a clock that is set.

use super::*;

#[test]
fn a_killed_program_goes_on_where_it_was() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(0));
    let before = one(&mut outbox, at(0));
    // It is killed while the message is under way.
    let mut outbox = Outbox::read(&outbox.text(), &host(), &phone(), at(5)).unwrap();
    assert_eq!(outbox.deadline(), Some(at(10)));
    let after = one(&mut outbox, at(10));
    assert_eq!(before.message, after.message, "the same message with the same id");
    outbox.delivered(after.id, Outcome::Delivered, at(10));
    // Killed between the two files: the machine says what goes on.
    let mut outbox = Outbox::read(&outbox.text(), &host(), &phone(), at(11)).unwrap();
    outbox.align(&[peer("nas")].into(), at(11));
    let events: Vec<(Alarm, Event)> = (0..2)
        .map(|_| told(&mut outbox, at(11)))
        .map(|message| (message.alarm, message.event))
        .collect();
    assert_eq!(events, [(internet(), Event::Over), (peer("nas"), Event::Began)]);
}

#[test]
fn a_clock_that_was_set_back_does_not_silence_it() {
    let mut outbox = Outbox::new(
        &host(),
        &alerts(&[("phone", receiver(Severity::Info, 60, 1))]),
        at(1_000_000),
    );
    outbox.raise(&internet(), "", at(1_000_000));
    let delivery = one(&mut outbox, at(1_000_000));
    outbox.delivered(delivery.id, later(), at(1_000_000));
    let mut outbox = Outbox::read(&outbox.text(), &host(), &phone(), at(0)).unwrap();
    assert!(outbox.deadline().unwrap() <= at(3_600));
    assert_eq!(outbox.due(at(3_600)).len(), 1);
}

#[test]
fn what_cannot_be_read_says_why() {
    let read = |text: &str| Outbox::read(text, &host(), &phone(), at(0));
    assert_eq!(read("{\"version\":9}"), Err(Unreadable::Newer(9)));
    for text in [
        "",
        "{",
        "[]",
        "{\"version\":0}",
        "{\"version\":1}",
        "{\"version\":1,\"origin\":-1}",
    ] {
        assert!(matches!(read(text), Err(Unreadable::Damaged(_))), "{text}");
    }
}

#[test]
fn a_clock_that_is_set_delays_and_hurries_nothing() {
    for to in [at(1_000_000), at(0)] {
        let mut outbox = Outbox::new(&host(), &phone(), at(500_000));
        outbox.raise(&internet(), "", at(500_000));
        let id = one(&mut outbox, at(500_000)).id;
        outbox.delivered(id, later(), at(500_000));
        let again = outbox.deadline().expect("it is tried again");
        let step = ClockStep::between(at(500_000), to);
        outbox.step_clock(step);
        assert_eq!(outbox.deadline(), Some(again.moved(step)));
        assert_eq!(told(&mut outbox, again.moved(step)).since, to);
    }
}
