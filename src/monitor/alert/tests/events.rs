//! What begins, ends and comes back.

use super::*;

#[test]
fn what_begins_is_told_once_and_what_ends_too() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    assert_eq!(outbox.deadline(), None);
    for _ in 0..3 {
        outbox.raise(&internet(), "the last answer came a minute ago", at(1));
    }
    assert!(outbox.deadline().is_some_and(|moment| moment <= at(1)));
    let began = told(&mut outbox, at(1));
    assert_eq!(began.title(), "[critical] kernelcore: the internet is not reached");
    assert_eq!(began.detail, "the last answer came a minute ago");
    assert_eq!((outbox.due(at(9_999)), outbox.deadline()), (Vec::new(), None));
    for _ in 0..3 {
        outbox.resolve(&internet(), at(126));
    }
    let over = told(&mut outbox, at(130));
    assert_eq!(
        over.title(),
        "[over] kernelcore: over after 2m5s: the internet is not reached"
    );
    assert!(began.id != over.id && over.at == at(126) && over.since == at(1));
    assert_eq!(outbox.due(at(9_999)), []);
    let tally = outbox.tally();
    assert_eq!((tally.sent, tally.failed, tally.waiting), (2, 0, 0));
}

#[test]
fn what_ends_before_it_could_be_told_is_one_message() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(1));
    let first = one(&mut outbox, at(1));
    outbox.delivered(first.id, later(), at(2));
    outbox.resolve(&internet(), at(61));
    outbox.raise(&internet(), "", at(70));
    outbox.resolve(&internet(), at(71));
    assert_eq!(outbox.tally().waiting, 1);
    let message = told(&mut outbox, at(600));
    assert_eq!(message.event, Event::Passed);
    assert_eq!(
        message.sentence(),
        "came and went within 1m10s: the internet is not reached, and came back once in between"
    );
    assert_eq!(outbox.due(at(9_999)), []);
}

/// What was told at 1, and whose end at 10 is under way.
fn ending() -> (Outbox, Delivery) {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(1));
    told(&mut outbox, at(1));
    outbox.resolve(&internet(), at(10));
    let over = one(&mut outbox, at(10));
    (outbox, over)
}

#[test]
fn what_comes_back_before_its_end_was_told_goes_on() {
    let (mut outbox, over) = ending();
    outbox.raise(&internet(), "", at(11));
    // The end did not arrive: to the receiver nothing has changed.
    outbox.delivered(over.id, later(), at(12));
    assert_eq!(outbox.due(at(9_999)), []);
    outbox.resolve(&internet(), at(10_000));
    let end = told(&mut outbox, at(10_000));
    assert_eq!((end.event, end.again, end.since), (Event::Over, 1, at(1)));
}

#[test]
fn what_comes_back_while_its_end_is_told_begins_again() {
    let (mut outbox, over) = ending();
    outbox.raise(&internet(), "", at(11));
    outbox.delivered(over.id, Outcome::Delivered, at(12));
    let again = told(&mut outbox, at(12));
    assert_eq!((again.event, again.again, again.since), (Event::Began, 0, at(11)));
    assert!(again.id != over.message.id);
}

#[test]
fn what_comes_back_after_an_end_that_may_have_arrived_begins_again() {
    let (mut outbox, over) = ending();
    outbox.delivered(over.id, Outcome::Unanswered("no answer".to_owned()), at(20));
    outbox.raise(&internet(), "", at(21));
    let again = told(&mut outbox, at(99));
    assert_eq!((again.event, again.again, again.since), (Event::Began, 0, at(21)));
}
