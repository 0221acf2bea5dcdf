//! One thing that is measured, over time.

use std::num::{NonZeroU32, NonZeroUsize};

use super::key::{Class, Key};
use super::probe::Question;
use super::sample::Sample;
use crate::monitor::diagnosis::Sighting;
use crate::monitor::probe::{Limits, PathWatch, Window};
use crate::monitor::{Fault, Moment, Verdict};
use crate::net::TimeSpan;

/// A path is called relayed when so many pings in a row came by a relay.
const WARM_UP: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// What is to be measured, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) key: Key,
    pub(super) class: Class,
    pub(super) question: Question,
    pub(super) every: TimeSpan,
    pub(super) limits: Limits,
}

/// One thing that is measured, over time.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) spec: Spec,
    /// When it is asked next.
    pub(super) next: Moment,
    /// Where in the interval its later checks begin.
    pub(super) slot: Moment,
    pub(super) under_way: Option<UnderWay>,
    /// Which of several that may answer is asked first: the one that has answered last.
    first: usize,
    /// When the last check began that has ended.
    pub(super) began: Option<Moment>,
    /// When the last check ended.
    pub(super) ended: Option<Moment>,
    /// The place of the last check among all that have ended.
    pub(super) finished: u64,
    pub(super) window: Window,
    pub(super) path: PathWatch,
    pub(super) last: Last,
    /// Checks in a row that were answered.
    good: u32,
    /// Checks in a row that were not.
    bad: u32,
    pub(super) sighting: Sighting,
    /// When the check began by which it was seen to fail.
    pub(super) fell: Option<Moment>,
    /// Whether that is told: what lies below has been asked since.
    pub(super) is_told: bool,
    /// Whether it has ever been answered.
    pub(super) was_answered: bool,
}

/// A check that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) number: u64,
    pub(super) began: Moment,
    /// When it counts as not answered.
    pub(super) until: Moment,
    /// Whether another one is to follow at once.
    pub(super) again: bool,
}

/// What the last check said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Last {
    /// There was none.
    Nothing,
    /// It was answered.
    Answered,
    /// It was not, or badly.
    Failed(Fault),
    /// It could not be asked here.
    CannotTell,
}

/// How many checks change what is seen of a target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    pub(super) fall: u32,
    pub(super) rise: u32,
}

impl Target {
    pub(super) fn new(spec: Spec, next: Moment, slot: Moment) -> Self {
        Self {
            window: Window::new(capacity(spec.limits)),
            spec,
            next,
            slot,
            under_way: None,
            first: 0,
            began: None,
            ended: None,
            finished: 0,
            path: PathWatch::new(WARM_UP),
            last: Last::Nothing,
            good: 0,
            bad: 0,
            sighting: Sighting::Unknown,
            fell: None,
            is_told: false,
            was_answered: false,
        }
    }

    /// Takes over what the settings say now. Another question is about another thing: what was measured is forgotten.
    pub(super) fn adopt(&mut self, spec: Spec, now: Moment) {
        if self.spec.question != spec.question {
            *self = Self::new(spec, now, self.slot);
            return;
        }
        if self.spec.every != spec.every || (self.spec.class != spec.class && spec.class == Class::InForce) {
            self.next = self.next.min(now.after(spec.every));
        }
        if self.spec.limits.loss != spec.limits.loss {
            self.window = Window::new(capacity(spec.limits));
        }
        self.spec = spec;
    }

    /// What is measured is another way now.
    pub(super) fn forget(&mut self, now: Moment) {
        *self = Self::new(self.spec.clone(), now, self.slot);
    }

    /// The next check after one that begins now: a whole number of intervals after its slot, and not before half an interval
    /// has passed.
    pub(super) fn schedule(&mut self, now: Moment) {
        let every = self.spec.every.as_millis().max(1);
        let past = u64::try_from(now.since(self.slot).as_millis()).unwrap_or(u64::MAX);
        let steps = if self.slot > now { 0 } else { past / every + 1 };
        let next = self.slot.after_millis(steps.saturating_mul(every));
        let is_soon = next < now.after_millis(every.div_ceil(2));
        self.next = if is_soon { next.after_millis(every) } else { next };
    }

    /// What is asked now.
    pub(super) fn question(&self) -> Question {
        let mut question = self.spec.question.clone();
        if let Question::Reach { any_of, .. } = &mut question
            && !any_of.is_empty()
        {
            let first = self.first % any_of.len();
            any_of.rotate_left(first);
        }
        question
    }

    /// Checks in a row that failed.
    pub(super) fn bad_in_a_row(&self) -> u32 {
        self.bad
    }

    /// Counts what came of a check that began then.
    pub(super) fn count(&mut self, sample: Sample, steps: Steps, began: Moment) {
        match sample {
            Sample::Answered { round_trips, path } if round_trips.iter().any(Option::is_some) => {
                if let Question::Reach { any_of, .. } = &self.spec.question {
                    // One that is gone for good costs one answer, and not one each time.
                    let answered = round_trips.iter().position(Option::is_some).unwrap_or_default();
                    self.first = (self.first + answered) % any_of.len().max(1);
                }
                self.window.add(round_trips);
                if let Some(path) = path {
                    self.path.answered(path);
                }
                self.last = Last::Answered;
                self.was_answered = true;
                self.good = self.good.saturating_add(1);
                self.bad = 0;
            }
            Sample::Answered { round_trips, .. } => {
                let asked = round_trips.len();
                self.fail(self.no_answer(), asked);
            }
            Sample::Failed(fault) => {
                let asked = match &self.spec.question {
                    Question::Ping { count, .. } => usize::try_from(*count).unwrap_or(1),
                    _ => 1,
                };
                self.fail(fault, asked);
            }
            Sample::Links(_) => {
                self.last = Last::Answered;
            }
            Sample::CannotTell(_) => {
                self.last = Last::CannotTell;
                (self.good, self.bad, self.sighting) = (0, 0, Sighting::Unknown);
            }
        }
        if self.bad >= steps.fall {
            self.sighting = Sighting::Fails;
            self.fell = self.fell.or(Some(began));
        } else if self.good > 0 && (self.sighting != Sighting::Fails || self.good >= steps.rise) {
            self.sighting = Sighting::Works;
        }
        if self.sighting != Sighting::Fails {
            (self.fell, self.is_told) = (None, false);
        }
    }

    pub(super) fn no_answer(&self) -> Fault {
        Fault::NoAnswer {
            waited: self.spec.limits.timeout.as_millis(),
        }
    }

    fn fail(&mut self, fault: Fault, asked: usize) {
        self.window.add(std::iter::repeat_n(None, asked.max(1)));
        self.last = Last::Failed(fault);
        self.bad = self.bad.saturating_add(1);
        self.good = 0;
    }

    /// Whatever failed last does not count: the host has just slept, or the network has just come back.
    pub(super) fn pardon(&mut self) {
        self.bad = 0;
        if self.sighting == Sighting::Fails {
            self.sighting = Sighting::Unknown;
        }
        (self.fell, self.is_told) = (None, false);
    }

    /// What is seen of it, as far as it is told: a failure is when what lies below has been asked since. What has not been
    /// answered just now proves nothing.
    pub(super) fn told(&self) -> Sighting {
        match self.sighting {
            Sighting::Fails if !self.is_told => Sighting::Unknown,
            Sighting::Works if self.bad > 0 => Sighting::Unknown,
            sighting => sighting,
        }
    }

    /// What the last check says, with those before it in mind.
    pub(super) fn verdict(&self) -> Verdict {
        match &self.last {
            Last::Nothing | Last::CannotTell => Verdict::Unknown,
            Last::Failed(fault) => Verdict::Down(fault.clone()),
            Last::Answered => self.window.quality(self.spec.limits),
        }
    }
}

/// The shortest window in which one lost answer is within the limit, between 20 and 100.
fn capacity(limits: Limits) -> NonZeroUsize {
    let least = NonZeroUsize::MIN.saturating_add(19);
    let wanted = NonZeroUsize::new(usize::from(limits.loss.get()))
        .and_then(|loss| NonZeroUsize::new(100_usize.div_ceil(loss.get())));
    wanted.map_or(least, |wanted| wanted.max(least))
}
