//! What one receiver has been told, and is still to be told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::about::severity;
use super::message::Event;
use super::pace::{Bucket, Pace};
use crate::model::{Receiver, Severity};
use crate::monitor::failover::Alarm;
use crate::monitor::{ClockStep, Moment};
use crate::net::TimeSpan;

/// How an attempt to deliver a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// It surely does not have it: it could not be reached, or said that it is busy, perhaps for how long. The reason, as a
    /// sentence without secrets.
    Later(String, Option<TimeSpan>),
    /// Nobody knows: it was sent, and no answer came. The reason, as a sentence without secrets.
    Unanswered(String),
    /// It does not want this message. The reason, as a sentence without secrets.
    Refused(String),
}

/// The pause after the first attempt that failed; doubled after each further one.
const FIRST_PAUSE: u64 = 5_000;
/// The longest pause.
const LONGEST_PAUSE: u64 = 900_000;
/// The longest pause that a receiver may ask for.
const LONGEST_WISH: u64 = 3_600_000;
/// A message that is refused so often is given up.
const REFUSALS: u32 = 5;

/// What the settings say of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    least: Severity,
    pace: Pace,
    remind: Option<TimeSpan>,
}

impl Rules {
    pub(super) fn of<S>(receiver: &Receiver<S>) -> Self {
        Self {
            least: receiver.severity,
            pace: Pace::of(receiver),
            remind: receiver.remind_after,
        }
    }

    pub(super) fn wants(&self, alarm: &Alarm) -> bool {
        severity(alarm) >= self.least
    }
}

/// What a receiver knows of one alarm, and is to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// The number of the message that is due, or was sent last.
    pub(super) number: u64,
    /// By which the oldest is found: the number of the first message that the receiver was owed since it knew all.
    order: u64,
    /// When that began which the receiver was told of, or is told of next.
    pub(super) since: Moment,
    /// When the last time began. The same, unless it came back.
    pub(super) latest: Moment,
    /// When it was over; `None` while it goes on.
    #[serde(default)]
    pub(super) over: Option<Moment>,
    /// When the receiver was told that it goes on; `None`: it believes that it does not.
    #[serde(default)]
    told: Option<Moment>,
    /// How often it came back since `since`.
    #[serde(default)]
    pub(super) again: u32,
    /// The receiver may have been told that it is over.
    #[serde(default)]
    may_know: bool,
}

impl Entry {
    /// What there is to tell, and from when on.
    fn pending(&self, remind: Option<TimeSpan>) -> Option<(Event, Moment)> {
        match (self.told, self.over) {
            (None, None) => Some((Event::Began, Moment::default())),
            (None, Some(_)) => Some((Event::Passed, Moment::default())),
            (Some(_), Some(_)) => Some((Event::Over, Moment::default())),
            (Some(told), None) => remind.map(|span| (Event::Continues, told.after(span))),
        }
    }

    /// It came back, and to the receiver that is something new.
    fn begin_anew(&mut self) {
        self.told = None;
        self.since = self.latest;
        self.order = self.number;
        self.may_know = false;
    }

    /// Whether there is something to tell now.
    fn is_pending(&self, rules: &Rules, now: Moment) -> bool {
        self.pending(rules.remind).is_some_and(|(_, from)| from <= now)
    }
}

/// What is on its way to the receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flight {
    alarm: Alarm,
    event: Event,
    number: u64,
    again: u32,
    left_out: u32,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) alarm: Alarm,
    pub(super) event: Event,
    pub(super) entry: Entry,
    pub(super) waiting: u32,
    pub(super) left_out: u32,
}

/// What one receiver has been told, and is still to be told: at most one entry an alarm, so that its messages of one alarm
/// cannot overtake each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Queue {
    #[serde(with = "super::outbox::pairs")]
    entries: BTreeMap<Alarm, Entry>,
    bucket: Bucket,
    /// Attempts in a row that failed.
    failures: u32,
    /// Of these, those that were refused.
    refusals: u32,
    /// No attempt before then.
    pause_until: Moment,
    /// Whether the receiver itself asked for that pause.
    is_wished: bool,
    /// Messages that were left out since the last one that was delivered.
    left_out: u32,
    flight: Option<Flight>,
    /// Why the last attempt failed.
    #[serde(skip)]
    trouble: Option<String>,
}

impl Queue {
    /// After a start: what was under way when the program was killed may have arrived.
    pub(super) fn recover(&mut self, rules: &Rules, number: u64, now: Moment) {
        let reason = "the monitor was restarted before an answer came".to_owned();
        self.ended(rules, Outcome::Unanswered(reason), number, now);
    }

    /// After a start, or when the settings are read again: nothing waits longer than the settings and the clock allow, and
    /// what the receiver no longer wants and has not heard of is forgotten.
    pub(super) fn settle(&mut self, rules: &Rules, now: Moment) {
        self.bucket.settle(rules.pace, now);
        self.pause_until = self.pause_until.min(now.after_millis(LONGEST_WISH));
        self.entries
            .retain(|alarm, entry| entry.told.is_some() || rules.wants(alarm));
        for entry in self.entries.values_mut() {
            entry.told = entry.told.map(|told| told.min(now));
        }
    }

    /// The clock was set.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        let set = |at: &mut Moment| *at = at.moved(step);
        for entry in self.entries.values_mut() {
            set(&mut entry.since);
            set(&mut entry.latest);
            entry.over.iter_mut().for_each(set);
            entry.told.iter_mut().for_each(set);
        }
        self.bucket.step_clock(step);
        set(&mut self.pause_until);
    }

    pub(super) fn knows(&self, alarm: &Alarm) -> bool {
        self.entries.contains_key(alarm)
    }

    pub(super) fn begins(&mut self, alarm: &Alarm, number: u64, now: Moment) {
        let entry = self.entries.entry(alarm.clone()).or_insert(Entry {
            number,
            order: number,
            since: now,
            latest: now,
            over: None,
            told: None,
            again: 0,
            may_know: false,
        });
        if entry.over.take().is_some() {
            entry.number = number;
            entry.latest = now;
            entry.again = entry.again.saturating_add(1);
            if entry.may_know {
                entry.begin_anew();
                entry.again = 0;
            }
        }
    }

    pub(super) fn ends(&mut self, alarm: &Alarm, number: u64, now: Moment) {
        if let Some(entry) = self.entries.get_mut(alarm)
            && entry.over.is_none()
        {
            entry.over = Some(now);
            entry.number = number;
            if entry.told.is_some() {
                entry.order = number;
            }
        }
    }

    /// Something is never told, because too much goes on.
    pub(super) fn leave_out(&mut self) {
        self.left_out = self.left_out.saturating_add(1);
    }

    /// Leaves out what is too much, and counts it.
    pub(super) fn limit(&mut self, most: usize) {
        while self.entries.len() > most {
            let flying = self.flight.as_ref().map(|flight| &flight.alarm);
            let oldest = self
                .entries
                .iter()
                .filter(|(alarm, _)| Some(*alarm) != flying)
                .min_by_key(|(_, entry)| (entry.over.is_none(), entry.told.is_some(), entry.order))
                .map(|(alarm, _)| alarm.clone());
            let Some(alarm) = oldest else { return };
            self.entries.remove(&alarm);
            self.leave_out();
        }
    }

    /// What may be sent now, and is then under way.
    pub(super) fn take(&mut self, rules: &Rules, now: Moment) -> Option<Due> {
        if self.flight.is_some() || self.pause_until.max(self.bucket.ready(rules.pace)) > now {
            return None;
        }
        let ready = |(_, entry): &(&Alarm, &Entry)| entry.is_pending(rules, now);
        let waiting = self.entries.iter().filter(ready).count().saturating_sub(1);
        let (alarm, entry) = self
            .entries
            .iter()
            .filter(ready)
            .min_by_key(|(alarm, entry)| (std::cmp::Reverse(severity(alarm)), entry.order))?;
        let (event, _) = entry.pending(rules.remind)?;
        let due = Due {
            alarm: alarm.clone(),
            event,
            entry: entry.clone(),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            left_out: self.left_out,
        };
        self.flight = Some(Flight {
            alarm: due.alarm.clone(),
            event,
            number: due.entry.number,
            again: due.entry.again,
            left_out: self.left_out,
        });
        self.bucket.take(rules.pace, now);
        Some(due)
    }

    /// When [`take`](Self::take) may have something; `None`: nothing is to be told, or something is under way.
    pub(super) fn deadline(&self, rules: &Rules) -> Option<Moment> {
        if self.flight.is_some() {
            return None;
        }
        let first = self
            .entries
            .values()
            .filter_map(|entry| entry.pending(rules.remind))
            .map(|(_, from)| from)
            .min()?;
        Some(first.max(self.pause_until).max(self.bucket.ready(rules.pace)))
    }

    /// How many messages wait or are under way.
    pub(super) fn waiting(&self) -> usize {
        let owed = |entry: &&Entry| entry.pending(None).is_some();
        self.entries.values().filter(owed).count()
    }

    /// Why the last attempt failed, where it did.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether the message with this number is under way.
    pub(super) fn awaits(&self, number: u64) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.number == number)
    }

    /// What kept attempts from arriving may be gone: the next one is made at once, unless the receiver was reached, and asked for
    /// a pause or refused.
    pub(super) fn hurry(&mut self, now: Moment) {
        if !self.is_wished && self.refusals == 0 {
            self.failures = 0;
            self.pause_until = self.pause_until.min(now);
        }
    }

    /// What became of what was under way. Whether the message is given up.
    pub(super) fn ended(&mut self, rules: &Rules, outcome: Outcome, number: u64, now: Moment) -> bool {
        let Some(flight) = self.flight.take() else { return false };
        let (reason, wish) = match outcome {
            Outcome::Delivered => {
                self.failures = 0;
                self.refusals = 0;
                self.trouble = None;
                self.pause_until = Moment::default();
                self.left_out = self.left_out.saturating_sub(flight.left_out);
                self.told(&flight, number, now);
                return false;
            }
            Outcome::Later(reason, wish) => {
                self.bucket.put_back(rules.pace);
                (reason, wish)
            }
            Outcome::Unanswered(reason) => {
                self.may_know(&flight);
                (reason, None)
            }
            Outcome::Refused(reason) => {
                self.bucket.put_back(rules.pace);
                self.refusals += 1;
                (reason, None)
            }
        };
        self.trouble = Some(reason);
        let is_wished = wish.is_some();
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE)
            .max(wish.map_or(0, |span| span.as_millis().min(LONGEST_WISH)));
        self.failures = self.failures.saturating_add(1);
        self.pause_until = now.after_millis(pause);
        self.is_wished = is_wished;
        let is_given_up = self.refusals >= REFUSALS;
        if is_given_up {
            self.refusals = 0;
            self.left_out = self.left_out.saturating_add(1);
            self.told(&flight, number, now);
        }
        is_given_up
    }

    /// The receiver knows what was sent. Meanwhile more may have happened.
    fn told(&mut self, flight: &Flight, number: u64, now: Moment) {
        let Some(entry) = self.entries.get_mut(&flight.alarm) else {
            return;
        };
        if flight.event.is_active() {
            entry.told = Some(now);
            entry.may_know = false;
            entry.number = entry.number.max(number);
        } else if entry.number == flight.number {
            self.entries.remove(&flight.alarm);
        } else {
            // It came back while the receiver was told that it was over.
            entry.begin_anew();
            entry.again = entry.again.saturating_sub(flight.again.saturating_add(1));
        }
    }

    /// The receiver may know what was sent. That it goes on is told again; that it is over must not be believed of
    /// something that comes back.
    fn may_know(&mut self, flight: &Flight) {
        let Some(entry) = self.entries.get_mut(&flight.alarm) else {
            return;
        };
        if flight.event.is_active() {
            return;
        }
        if entry.number == flight.number {
            entry.may_know = true;
        } else {
            entry.begin_anew();
            entry.again = entry.again.saturating_sub(flight.again.saturating_add(1));
        }
    }
}
