//! Whatever happens.

use super::*;

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
