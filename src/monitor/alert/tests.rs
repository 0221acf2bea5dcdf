//! The outbox against receivers that fail, and random histories.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{Alerts, Receiver, Severity, Way, WebhookAddress, WebhookFormat};
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Alarm, Subject};
use crate::monitor::{ClockStep, Moment};
use crate::net::{CredentialName, HostName, ReceiverName, TimeSpan};

const START: u64 = 1_795_169_730_000;

fn at(seconds: u64) -> Moment {
    Moment::from_millis(START + seconds * 1_000)
}

fn host() -> HostName {
    "kernelcore".parse().unwrap()
}

fn receiver(severity: Severity, messages_per_hour: u32, burst: u32) -> Receiver<CredentialName> {
    Receiver {
        severity,
        messages_per_hour,
        burst,
        remind_after: None,
        timeout: TimeSpan::constant_millis(10_000),
        way: Way::Webhook {
            format: WebhookFormat::Json,
            url: WebhookAddress::Known("https://example.org/".parse().unwrap()),
            token: None,
        },
    }
}

fn alerts(receivers: &[(&str, Receiver<CredentialName>)]) -> Alerts<CredentialName> {
    Alerts {
        receivers: receivers
            .iter()
            .map(|(name, receiver)| (name.parse().unwrap(), receiver.clone()))
            .collect(),
    }
}

fn phone() -> Alerts<CredentialName> {
    alerts(&[("phone", receiver(Severity::Info, 3_600, 100))])
}

fn internet() -> Alarm {
    Alarm::Layer(Layer::Internet)
}

fn peer(name: &str) -> Alarm {
    Alarm::Layer(Layer::Peer(name.to_owned()))
}

fn one(outbox: &mut Outbox, now: Moment) -> Delivery {
    let mut due = outbox.due(now);
    assert_eq!(due.len(), 1, "{due:#?}");
    due.remove(0)
}

fn told(outbox: &mut Outbox, now: Moment) -> Message {
    let delivery = one(outbox, now);
    outbox.delivered(delivery.id, Outcome::Delivered, now);
    delivery.message
}

fn later() -> Outcome {
    Outcome::Later("connection refused".to_owned(), None)
}

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

#[test]
fn what_comes_back_before_its_end_was_told_goes_on() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(1));
    told(&mut outbox, at(1));
    outbox.resolve(&internet(), at(10));
    let over = one(&mut outbox, at(10));
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
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(1));
    told(&mut outbox, at(1));
    outbox.resolve(&internet(), at(10));
    let over = one(&mut outbox, at(10));
    outbox.raise(&internet(), "", at(11));
    outbox.delivered(over.id, Outcome::Delivered, at(12));
    let again = told(&mut outbox, at(12));
    assert_eq!((again.event, again.again, again.since), (Event::Began, 0, at(11)));
    assert!(again.id != over.message.id);
}

#[test]
fn what_comes_back_after_an_end_that_may_have_arrived_begins_again() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    outbox.raise(&internet(), "", at(1));
    told(&mut outbox, at(1));
    outbox.resolve(&internet(), at(10));
    let over = one(&mut outbox, at(10));
    outbox.delivered(over.id, Outcome::Unanswered("no answer".to_owned()), at(20));
    outbox.raise(&internet(), "", at(21));
    let again = told(&mut outbox, at(99));
    assert_eq!((again.event, again.again, again.since), (Event::Began, 0, at(21)));
}

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

#[test]
fn names_that_others_chose_stay_names() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    let hostile = peer("nas\r\nBcc: x@example.org\u{1b}[2J<!channel> & \u{202e}");
    outbox.raise(&hostile, "two\nlines", at(0));
    let message = told(&mut outbox, at(0));
    for text in [message.title(), message.sentence(), message.detail.clone()] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    let slack = Posting::of(&message, WebhookFormat::Slack);
    assert!(slack.body.contains("&lt;!channel&gt; &amp;"), "{}", slack.body);
    let ntfy = Posting::of(&message, WebhookFormat::Ntfy);
    for (name, value) in ntfy.headers {
        assert!(
            value.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{name}: {value}"
        );
    }
    let json: serde_json::Value = serde_json::from_str(&Posting::of(&message, WebhookFormat::Json).body).unwrap();
    assert_eq!(json["alarm"], "peer");
    assert_eq!(json["text"], message.sentence());
    assert!(!message.command().contains("nas"));
}

/// What happens in a random history.
#[derive(Debug, Clone)]
enum Step {
    Raise(usize),
    Resolve(usize),
    /// So many seconds pass, and everything that becomes due meanwhile is attempted.
    Pass(u64),
    /// From now on the receivers answer like this.
    Answer(u8),
    /// The program is killed and starts again.
    Kill,
    /// A message is sent, and the program killed before it knows.
    KillUnderWay,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..6_usize).prop_map(Step::Raise),
        4 => (0..6_usize).prop_map(Step::Resolve),
        4 => (1..2_000_u64).prop_map(Step::Pass),
        2 => (0..4_u8).prop_map(Step::Answer),
        1 => Just(Step::Kill),
        1 => Just(Step::KillUnderWay),
    ];
    proptest::collection::vec(step, 1..60)
}

fn alarm(number: usize) -> Alarm {
    match number {
        0 => internet(),
        1 => Alarm::Layer(Layer::Control),
        2 => Alarm::Stuck(Subject::ExitNode),
        3 => Alarm::ChangedByHand(Subject::Routes),
        4 => peer("nas"),
        _ => Alarm::StateUnwritable,
    }
}

/// What receivers have seen.
#[derive(Default)]
struct Seen {
    /// For each receiver and alarm, the event that it was told last.
    last: BTreeMap<(ReceiverName, Alarm), Event>,
    /// Of these, where nobody but the receiver knows that it was told.
    unsure: std::collections::BTreeSet<(ReceiverName, Alarm)>,
    ids: BTreeMap<(ReceiverName, String), u32>,
    times: BTreeMap<ReceiverName, Vec<Moment>>,
}

impl Seen {
    fn arrived(&mut self, delivery: &Delivery, now: Moment, is_repeated: bool) -> Result<(), TestCaseError> {
        let Delivery { receiver, message, .. } = delivery;
        let count = self.ids.entry((receiver.clone(), message.id.clone())).or_default();
        *count += 1;
        if *count > 1 {
            prop_assert!(is_repeated, "twice the same: {message:?}");
            return Ok(());
        }
        self.times.entry(receiver.clone()).or_default().push(now);
        let key = (receiver.clone(), message.alarm.clone());
        let before = self.last.insert(key, message.event);
        let was_active = before.is_some_and(Event::is_active);
        let expects_active = matches!(message.event, Event::Over | Event::Continues);
        if self.unsure.remove(&(receiver.clone(), message.alarm.clone())) {
            return Ok(());
        }
        prop_assert_eq!(was_active, expects_active, "{:?} after {:?}", message, before);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_receivers_hear_a_story_that_makes_sense(history in steps()) {
        let rates = [("log", Severity::Info, 60, 3), ("pager", Severity::Critical, 12, 1)];
        let alerts = alerts(&rates.map(|(name, least, rate, burst)| (name, receiver(least, rate, burst))));
        let mut outbox = Outbox::new(&host(), &alerts, at(0));
        let mut seen = Seen::default();
        let mut active = std::collections::BTreeSet::new();
        let mut now = at(0);
        let mut answer = 0;
        // Messages that may come twice, because the program was killed before it knew what became of them.
        let mut unknown: Vec<String> = Vec::new();
        let end = [Step::Answer(0), Step::Pass(100_000)];
        for step in history.into_iter().chain(end) {
            match step {
                Step::Raise(number) => {
                    outbox.raise(&alarm(number), "", now);
                    active.insert(alarm(number));
                }
                Step::Resolve(number) => {
                    outbox.resolve(&alarm(number), now);
                    active.remove(&alarm(number));
                }
                Step::Answer(which) => answer = which,
                Step::Kill => outbox = Outbox::read(&outbox.text(), &host(), &alerts, now).unwrap(),
                Step::KillUnderWay => {
                    for delivery in outbox.due(now) {
                        let is_repeated = unknown.contains(&delivery.message.id);
                        seen.arrived(&delivery, now, is_repeated)?;
                        seen.unsure.insert((delivery.receiver, delivery.message.alarm));
                        unknown.push(delivery.message.id);
                    }
                    outbox = Outbox::read(&outbox.text(), &host(), &alerts, now).unwrap();
                    outbox.align(&active, now);
                }
                Step::Pass(seconds) => {
                    let until = now.after_millis(seconds * 1_000);
                    while let Some(next) = outbox.deadline().filter(|next| *next <= until) {
                        now = now.max(next);
                        let due = outbox.due(now);
                        prop_assert!(!due.is_empty(), "woken for nothing at {now:?}");
                        for delivery in due {
                            let outcome = match answer {
                                0 => Outcome::Delivered,
                                1 => later(),
                                2 if seen.times.len() % 2 == 0 => Outcome::Unanswered("no answer".to_owned()),
                                2 => Outcome::Later(String::new(), TimeSpan::from_secs(100).ok()),
                                _ => Outcome::Refused("no".to_owned()),
                            };
                            if outcome == Outcome::Delivered {
                                let is_repeated = unknown.contains(&delivery.message.id);
                                seen.arrived(&delivery, now, is_repeated)?;
                            } else if answer == 3 {
                                // It may be given up: the receiver then counts as told.
                                let key = (delivery.receiver.clone(), delivery.message.alarm.clone());
                                let given_up = outbox.tally().given_up;
                                outbox.delivered(delivery.id, outcome, now);
                                if outbox.tally().given_up > given_up {
                                    seen.last.insert(key, delivery.message.event);
                                }
                                continue;
                            }
                            if matches!(outcome, Outcome::Unanswered(_)) {
                                seen.unsure.insert((delivery.receiver.clone(), delivery.message.alarm.clone()));
                            }
                            outbox.delivered(delivery.id, outcome, now);
                        }
                    }
                    now = until;
                }
            }
        }
        // The network is back, and time has passed: everybody knows how things are.
        prop_assert_eq!(outbox.tally().waiting, 0);
        for (name, least, rate, burst) in rates {
            let name: ReceiverName = name.parse().unwrap();
            for alarm in (0..6).map(alarm).filter(|alarm| severity(alarm) >= least) {
                let believes = seen.last.get(&(name.clone(), alarm.clone())).is_some_and(|event| event.is_active());
                prop_assert_eq!(believes, active.contains(&alarm), "{:?}", alarm);
            }
            // No window of any length has more than the burst and what the rate adds.
            let times = seen.times.get(&name).cloned().unwrap_or_default();
            for (first, from) in times.iter().enumerate() {
                for (last, to) in times.iter().enumerate().skip(first) {
                    let most = u64::from(burst) + to.since(*from).as_secs() * u64::from(rate) / 3_600;
                    prop_assert!((last - first + 1) as u64 <= most, "{times:?}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|\\{\"version\":1[ -~]{0,60}\\}") {
        let _ = Outbox::read(&text, &host(), &phone(), at(0));
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
