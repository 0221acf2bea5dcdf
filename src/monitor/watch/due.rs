//! What is asked when.

use super::key::{Class, Key};
use super::probe::{Probe, Question};
use super::sample::Sample;
use super::target::UnderWay;
use super::{ASLEEP, SETTLE, Watch};
use crate::monitor::Moment;
use crate::monitor::diagnosis::{Daemon, Sighting};
use crate::net::TimeSpan;

/// How much later than its time a probe may be handed back.
const LATE: TimeSpan = TimeSpan::constant_millis(1_000);

impl Watch {
    /// What is to be asked now. Each is asked at once, and what came of it is handed to [`answered`](Self::answered).
    pub fn due(&mut self, now: Moment) -> Vec<Probe> {
        self.tick(now);
        let now = self.clock;
        let free = Self::MOST.saturating_sub(self.under_way());
        // What is in force and has failed lately is asked together with what it rests on.
        let starts_in_doubt = self.targets.values().any(|target| {
            target.spec.class == Class::InForce
                && target.bad_in_a_row() > 0
                && target.under_way.is_none()
                && target.next <= now
        });
        if starts_in_doubt {
            self.ask_ground();
        }
        let mut due: Vec<(Class, Moment, Key)> = self
            .targets
            .iter()
            .filter(|(_, target)| target.under_way.is_none() && target.next <= now)
            .map(|(key, target)| (target.spec.class, target.next, key.clone()))
            .collect();
        due.sort();
        due.truncate(free);
        due.into_iter().filter_map(|(_, _, key)| self.start(&key)).collect()
    }

    /// What came of the probe with this number. One that is not under way any more is passed over.
    pub fn answered(&mut self, number: u64, sample: Sample, now: Moment) {
        self.tick(now);
        let is_it = |under_way: &UnderWay| under_way.number == number;
        let found = self
            .targets
            .iter()
            .find(|(_, target)| target.under_way.as_ref().is_some_and(is_it));
        let Some((key, _)) = found else { return };
        let key = key.clone();
        self.finish(&key, sample);
    }

    /// When something is due, or what is under way counts as not answered: the driver calls [`due`](Self::due) and
    /// [`events`](Self::events) then. Later than the last call of [`due`](Self::due).
    pub fn deadline(&self) -> Option<Moment> {
        let under_way = self.targets.values().filter_map(|target| target.under_way);
        let ends = under_way.clone().map(|under_way| under_way.until);
        let has_room = under_way.count() < Self::MOST;
        let starts = self
            .targets
            .values()
            .filter(|target| has_room && target.under_way.is_none())
            .map(|target| target.next);
        let grace = self.daemon_since.after(self.grace());
        let grace = match self.tailnet.daemon {
            Daemon::Broken(_) if grace > self.clock => Some(grace),
            _ => None,
        };
        starts.chain(ends).chain(grace).min()
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Moment) {
        // What was promised is not before the last call.
        let slept =
            now > self.clock.after(ASLEEP) && self.deadline().is_none_or(|promised| now > promised.after(ASLEEP));
        self.clock = self.clock.max(now);
        if slept {
            self.woken();
        }
        self.settling = self.settling.filter(|until| *until > self.clock);
        let now = self.clock;
        let over = |under_way: &UnderWay| under_way.until <= now;
        let late: Vec<Key> = self
            .targets
            .iter()
            .filter(|(_, target)| target.under_way.as_ref().is_some_and(over))
            .map(|(key, _)| key.clone())
            .collect();
        for key in late {
            let Some(target) = self.targets.get(&key) else { continue };
            let sample = match target.spec.question {
                Question::Links => Sample::CannotTell("it was not read in time".to_owned()),
                _ => Sample::Failed(target.no_answer()),
            };
            self.finish(&key, sample);
        }
    }

    /// The host has slept: what was under way says nothing, and everything is asked anew, one after the other.
    fn woken(&mut self) {
        self.settle();
        let now = self.clock;
        let count = u64::try_from(self.targets.len()).unwrap_or(u64::MAX).max(1);
        for (place, target) in (0..).zip(self.targets.values_mut()) {
            target.under_way = None;
            let spread = target.spec.every.as_millis().min(SETTLE.as_millis()) / count;
            target.next = now.after_millis(spread.saturating_mul(place));
        }
    }

    fn start(&mut self, key: &Key) -> Option<Probe> {
        let now = self.clock;
        let target = self.targets.get_mut(key)?;
        self.probes += 1;
        let probe = Probe {
            number: self.probes,
            question: target.question(),
            timeout: target.spec.limits.timeout,
        };
        target.schedule(now);
        target.under_way = Some(UnderWay {
            number: probe.number,
            began: now,
            until: now.after(probe.patience()).after(LATE),
            again: false,
        });
        Some(probe)
    }

    /// What lies below the tailnet is asked now; what is under way is asked again when it has ended.
    fn ask_ground(&mut self) {
        let now = self.clock;
        for target in self
            .targets
            .values_mut()
            .filter(|target| target.spec.class == Class::Ground)
        {
            match &mut target.under_way {
                Some(under_way) => under_way.again |= under_way.began < now,
                None => target.next = target.next.min(now),
            }
        }
    }

    fn finish(&mut self, key: &Key, sample: Sample) {
        let now = self.clock;
        let (steps, settling) = (self.steps(key), self.is_settling());
        let interval = self.settings.check_interval;
        let Some(target) = self.targets.get_mut(key) else {
            return;
        };
        let Some(under_way) = target.under_way.take() else {
            return;
        };
        let is_bad = match &sample {
            Sample::Failed(_) => true,
            Sample::Answered { round_trips, .. } => round_trips.iter().all(Option::is_none),
            Sample::Links(_) | Sample::CannotTell(_) => false,
        };
        self.failed += u64::from(is_bad);
        let links = match &sample {
            Sample::Links(links) => Some(links.clone()),
            _ => None,
        };
        if !(is_bad && settling) {
            target.count(sample, steps, under_way.began);
            self.finished += 1;
            target.finished = self.finished;
        }
        target.began = Some(under_way.began);
        target.ended = Some(now);
        let class = target.spec.class;
        let is_in_doubt = target.bad_in_a_row() > 0 || (class == Class::Ground && target.sighting == Sighting::Fails);
        if under_way.again {
            target.next = now;
        } else if class == Class::Ground && is_in_doubt {
            // Below, once is no failure yet, and what has failed is to be seen to work again soon.
            target.next = target.next.min(under_way.began.after(interval)).max(now);
        }
        let has_fallen = target.fell == Some(under_way.began);
        if (has_fallen || (class == Class::InForce && is_in_doubt)) && !self.ground_is_known_at(under_way.began) {
            self.ask_ground();
        }
        if links.is_some_and(|links| self.take_links(links)) {
            self.refresh();
        }
        self.diagnose();
        self.check(key);
    }
}
