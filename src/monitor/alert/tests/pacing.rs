//! How often, and how soon again.

use super::*;

#[test]
fn pauses_grow_and_a_wish_is_kept() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(0));
    let mut now = 0;
    let mut pauses = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..10 {
        let delivery = one(&mut outbox, at(now));
        ids.push(delivery.message.id.clone());
        outbox.delivered(delivery.id, later(), at(now));
        let next = outbox.deadline().unwrap().since(at(now)).as_secs();
        assert_eq!(outbox.due(at(now + next - 1)), []);
        pauses.push(next);
        now += next;
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    ids.dedup();
    assert_eq!(ids.len(), 1, "a repetition has the same id");
    let delivery = one(&mut outbox, at(now));
    let wish = TimeSpan::from_secs(1_800).ok();
    outbox.delivered(delivery.id, Outcome::Later("429".to_owned(), wish), at(now));
    assert_eq!(outbox.deadline(), Some(at(now + 1_800)));
    assert_eq!(outbox.troubles().map(|(_, reason)| reason).collect::<Vec<_>>(), ["429"]);
}

#[test]
fn when_the_network_is_back_nobody_waits_for_a_long_pause() {
    for (wish, waits) in [(None, false), (TimeSpan::from_secs(1_800).ok(), true)] {
        let mut outbox = Outbox::new(&host(), &phone(), at(0));
        outbox.raise(&internet(), "", at(0));
        let mut now = at(0);
        for _ in 0..8 {
            let delivery = one(&mut outbox, now);
            outbox.delivered(delivery.id, Outcome::Later("no route".to_owned(), wish), now);
            now = outbox.deadline().unwrap();
        }
        let back = Moment::from_millis(now.as_millis() - 300_000);
        outbox.raise(&peer("nas"), "", back);
        outbox.resolve(&peer("nas"), back);
        assert_eq!(outbox.due(back), [], "a peer that is back opens no way");
        outbox.resolve(&internet(), back);
        assert_eq!(outbox.due(back).is_empty(), waits, "{wish:?}");
    }
}

#[test]
fn what_is_refused_is_given_up_and_counted() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(0));
    outbox.raise(&peer("nas"), "", at(1));
    for _ in 0..5 {
        let now = outbox.deadline().unwrap().max(at(1));
        let delivery = one(&mut outbox, now);
        assert_eq!(delivery.message.alarm, internet());
        outbox.delivered(delivery.id, Outcome::Refused("400".to_owned()), now);
    }
    let message = told(&mut outbox, at(9_999));
    assert_eq!((message.alarm.clone(), message.left_out), (peer("nas"), 1));
    assert_eq!(message.others().as_deref(), Some("1 was left out"));
    assert_eq!(outbox.tally().given_up, 1);
    // Its end is told nevertheless.
    outbox.resolve(&internet(), at(10_000));
    assert_eq!(told(&mut outbox, at(10_000)).left_out, 0);
}

#[test]
fn what_the_rate_holds_back_is_told_as_a_count_the_most_severe_first() {
    let slow = alerts(&[("phone", receiver(Severity::Info, 6, 2))]);
    let mut outbox = Outbox::new(&host(), &slow, at(0));
    for name in ["a", "b", "c"] {
        outbox.raise(&peer(name), "", at(0));
    }
    assert_eq!(told(&mut outbox, at(0)).waiting, 2);
    assert_eq!(told(&mut outbox, at(0)).alarm, peer("b"));
    outbox.raise(&internet(), "", at(1));
    assert_eq!((outbox.due(at(599)), outbox.deadline()), (Vec::new(), Some(at(600))));
    let message = told(&mut outbox, at(600));
    assert_eq!((message.alarm.clone(), message.waiting), (internet(), 1));
    assert_eq!(told(&mut outbox, at(1_200)).alarm, peer("c"));
}

#[test]
fn reminders_come_only_where_they_are_wanted() {
    let mut wanted = receiver(Severity::Info, 3_600, 100);
    wanted.remind_after = TimeSpan::from_secs(3_600).ok();
    let mut outbox = Outbox::new(&host(), &alerts(&[("phone", wanted)]), at(0));
    outbox.raise(&internet(), "", at(0));
    let first = told(&mut outbox, at(0));
    assert_eq!(outbox.deadline(), Some(at(3_600)));
    let reminder = told(&mut outbox, at(3_600));
    assert_eq!(reminder.sentence(), "still, after 1h: the internet is not reached");
    assert!(reminder.id != first.id);
    outbox.resolve(&internet(), at(3_601));
    assert_eq!(told(&mut outbox, at(3_601)).event, Event::Over);
    assert_eq!(outbox.deadline(), None);
}

#[test]
fn there_is_a_limit_and_it_is_counted() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    for number in 0..Outbox::MOST {
        let alarm = peer(&number.to_string());
        outbox.raise(&alarm, "", at(0));
        if number % 2 == 0 {
            outbox.resolve(&alarm, at(1));
        }
    }
    for number in 0..10 {
        outbox.raise(&peer(&format!("more-{number}")), "", at(2));
    }
    assert_eq!(outbox.tally().waiting, Outbox::MOST as u64);
    let mut first = Vec::new();
    for _ in 0..Outbox::MOST {
        let now = outbox.deadline().unwrap().max(at(2));
        first.push(told(&mut outbox, now));
    }
    assert_eq!(first[0].left_out, 10);
    assert_eq!(first[1].left_out, 0);
    let passed = first.iter().filter(|message| message.event == Event::Passed).count();
    assert_eq!(passed, Outbox::MOST / 2 - 10, "those that are over went first");
    let mut full = Outbox::new(&host(), &phone(), at(0));
    for number in 0..2 * Outbox::MOST {
        full.raise(&peer(&number.to_string()), &"x".repeat(10_000), at(0));
    }
    assert!(full.text().len() < 400_000, "{}", full.text().len());
    let message = told(&mut full, at(0));
    assert_eq!(
        message.left_out,
        u32::try_from(Outbox::MOST).unwrap(),
        "they are counted"
    );
}
