//! Loss, latency and jitter over the last measurements.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::monitor::{Fault, Verdict};
use crate::net::{Percent, TimeSpan};

/// The last measurements of one target: an answer's round-trip time in microseconds, or that none came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    capacity: NonZeroUsize,
    samples: VecDeque<Option<u64>>,
    /// Whether any measurement of the last check was answered; `None` before the first.
    answered: Option<bool>,
}

/// What the window says. Times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// How many were sent.
    pub sent: u64,
    /// How many were not answered.
    pub lost: u64,
    /// The shortest.
    pub min: Option<u64>,
    /// The median.
    pub p50: Option<u64>,
    /// 95 of 100 are not longer.
    pub p95: Option<u64>,
    /// The longest.
    pub max: Option<u64>,
    /// The mean difference between one answer and the next (the magnitude of the packet delay variation, RFC 3393 §1.1, of
    /// round trips).
    pub jitter: Option<u64>,
}

/// What a way may be like and still be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `maxLatency`: the median may take so long.
    pub latency: TimeSpan,
    /// `maxPacketLoss`: so many of a hundred may be lost.
    pub loss: Percent,
    /// How long an answer is waited for.
    pub timeout: TimeSpan,
}

/// A way is slow as soon as the median of so many answers is too long: one late answer among them is none.
const LATEST: usize = 3;
/// It is, too, while the median of so many is: one that is slow every other time is not good each time in between.
const LATE: usize = 20;
/// Of fewer than so many measurements loss is not judged, however much of it may be.
const FEW: u64 = 10;

impl Window {
    /// A window over the last `capacity` measurements, 4096 at most.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity: capacity.min(NonZeroUsize::MIN.saturating_add(4_095)),
            samples: VecDeque::new(),
            answered: None,
        }
    }

    /// Adds the measurements of one check, in the order in which they were sent. A check without any says nothing.
    pub fn add(&mut self, check: impl IntoIterator<Item = Option<u64>>) {
        let mut answered = None;
        for sample in check {
            answered = Some(answered.unwrap_or(false) || sample.is_some());
            if self.samples.len() >= self.capacity.get() {
                self.samples.pop_front();
            }
            self.samples.push_back(sample);
        }
        self.answered = answered.or(self.answered);
    }

    /// Forgets everything: the way is another one now.
    pub fn clear(&mut self) {
        self.samples.clear();
        self.answered = None;
    }

    /// What the window says.
    pub fn statistics(&self) -> Statistics {
        let answers: Vec<u64> = self.samples.iter().copied().flatten().collect();
        let sent = self.samples.len() as u64;
        let answered = answers.len() as u64;
        let steps = answers.windows(2).filter_map(|pair| match pair {
            [one, next] => Some(one.abs_diff(*next)),
            _ => None,
        });
        let sum = steps.fold(0_u64, u64::saturating_add);
        let jitter = answered.checked_sub(1).and_then(|steps| sum.checked_div(steps));
        let mut sorted = answers;
        sorted.sort_unstable();
        Statistics {
            sent,
            lost: sent - answered,
            min: sorted.first().copied(),
            p50: percentile(&sorted, 50),
            p95: percentile(&sorted, 95),
            max: sorted.last().copied(),
            jitter,
        }
    }

    /// What the last check says, with the ones before it in mind: down where none of its measurements was answered; else
    /// degraded where the window has lost too many, or its median is too long.
    ///
    /// Loss is judged as soon as there are ten measurements, and enough for one that is lost to be within the limit: one in
    /// five is no reason to call it 20 %, and two of three none to call it 67 %. Where none may be lost, one is too many.
    pub fn verdict(&self, limits: Limits) -> Verdict {
        match self.answered {
            None => return Verdict::Unknown,
            Some(false) => {
                return Verdict::Down(Fault::NoAnswer {
                    waited: limits.timeout.as_millis(),
                });
            }
            Some(true) => {}
        }
        let slow = || slow(self.statistics().p50, limits);
        self.lossy(limits)
            .or_else(slow)
            .map_or(Verdict::Good, Verdict::Degraded)
    }

    /// How good the way is now, whether or not the last check was answered: good where nothing was ever sent; degraded where
    /// the window has lost too many, or where the median of the last three or of the last twenty answers is too long.
    ///
    /// Loss needs many measurements, slowness does not: what became slow is not good for as long as it was quick before.
    pub fn quality(&self, limits: Limits) -> Verdict {
        let slow = |count| slow(percentile(&self.latest(count), 50), limits);
        let fault = self.lossy(limits).or_else(|| slow(LATEST)).or_else(|| slow(LATE));
        fault.map_or(Verdict::Good, Verdict::Degraded)
    }

    /// That too many are lost.
    fn lossy(&self, limits: Limits) -> Option<Fault> {
        let Statistics { sent, lost, .. } = self.statistics();
        let limit = u64::from(limits.loss.get());
        let is_long = sent >= FEW.min(self.capacity.get() as u64) && sent.saturating_mul(limit) >= 100;
        let judged = limit == 0 || is_long;
        let percent = lost.saturating_mul(100).div_ceil(sent.max(1));
        (judged && lost.saturating_mul(100) > sent.saturating_mul(limit)).then(|| Fault::Loss {
            percent: u8::try_from(percent).unwrap_or(100),
            limit: limits.loss.get(),
        })
    }

    /// The last so many answers, the quickest first.
    fn latest(&self, count: usize) -> Vec<u64> {
        let mut answers: Vec<u64> = self.samples.iter().rev().copied().flatten().take(count).collect();
        answers.sort_unstable();
        answers
    }
}

/// That this median is too long.
fn slow(median: Option<u64>, limits: Limits) -> Option<Fault> {
    let allowed = limits.latency.as_millis().saturating_mul(1_000);
    let median = median.filter(|median| *median > allowed)?;
    Some(Fault::Latency {
        millis: median.div_ceil(1_000),
        limit: limits.latency.as_millis(),
    })
}

/// The nearest rank: the smallest value that at least `percent` of a hundred are not above.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        latency: TimeSpan::constant_millis(200),
        loss: Percent::constant(5),
        timeout: TimeSpan::constant_millis(5_000),
    };

    fn window(capacity: usize, checks: &[&[Option<u64>]]) -> Window {
        let mut window = Window::new(NonZeroUsize::new(capacity).unwrap());
        for check in checks {
            window.add(check.iter().copied());
        }
        window
    }

    #[test]
    fn figures() {
        let figures = window(10, &[&[Some(10), Some(30), None, Some(20), Some(20)]]).statistics();
        assert_eq!(
            figures,
            Statistics {
                sent: 5,
                lost: 1,
                min: Some(10),
                p50: Some(20),
                p95: Some(30),
                max: Some(30),
                jitter: Some(10),
            }
        );
        let empty = window(3, &[]).statistics();
        assert_eq!((empty.sent, empty.p50, empty.jitter), (0, None, None));
        assert_eq!(window(3, &[&[Some(7)]]).statistics().jitter, None);
    }

    #[test]
    fn only_the_last_ones_count() {
        let window = window(2, &[&[None, None, Some(1), Some(2)]]);
        assert_eq!((window.statistics().sent, window.statistics().lost), (2, 0));
    }

    #[test]
    fn verdicts() {
        let quick = [Some(1_000); 19];
        let slow = [Some(200_001); 19];
        for (checks, verdict) in [
            (vec![], Verdict::Unknown),
            (vec![&[] as &[_]], Verdict::Unknown),
            (vec![&quick], Verdict::Good),
            (vec![&quick, &[]], Verdict::Good),
            (vec![&[Some(200_000)]], Verdict::Good),
            (vec![&quick, &[None]], Verdict::Down(Fault::NoAnswer { waited: 5_000 })),
            (
                vec![&slow],
                Verdict::Degraded(Fault::Latency {
                    millis: 201,
                    limit: 200,
                }),
            ),
            // One of twenty is 5 %, one of fewer is not judged.
            (vec![&quick, &[None, Some(1)]], Verdict::Good),
            (vec![&[Some(1), None, Some(1)]], Verdict::Good),
            (
                vec![&quick, &[None, None, Some(1)]],
                Verdict::Degraded(Fault::Loss { percent: 10, limit: 5 }),
            ),
        ] {
            assert_eq!(window(20, &checks).verdict(LIMITS), verdict, "{checks:?}");
        }
        let none = Limits {
            loss: Percent::constant(0),
            ..LIMITS
        };
        assert_eq!(
            window(5, &[&[Some(1), None, Some(1)]]).verdict(none),
            Verdict::Degraded(Fault::Loss { percent: 34, limit: 0 })
        );
    }

    #[test]
    fn slowness_is_noticed_soon_and_lasts_until_half_of_the_answers_are_quick_again() {
        let mut window = Window::new(NonZeroUsize::new(100).unwrap());
        let mut is_slow = |millis: u64| {
            window.add([Some(millis * 1_000)]);
            matches!(window.quality(LIMITS), Verdict::Degraded(Fault::Latency { .. }))
        };
        assert!((0..100).all(|_| !is_slow(20)));
        // One late answer is none; the second one is.
        assert_eq!([300, 20, 300].map(&mut is_slow), [false, false, true]);
        assert!((0..10).all(|_| is_slow(300)));
        let quick_again = (1..=10).find(|_| !is_slow(20));
        assert_eq!(quick_again, Some(10), "half of the last twenty");
    }

    #[test]
    fn of_few_measurements_loss_is_not_judged_however_much_may_be_lost() {
        let half = Limits {
            loss: Percent::constant(50),
            ..LIMITS
        };
        let verdict = |lost: usize, answered: usize| {
            let check: Vec<Option<u64>> = [vec![None; lost], vec![Some(1); answered]].concat();
            window(20, &[&check]).verdict(half)
        };
        for (lost, answered) in [(1, 1), (2, 1), (4, 1), (6, 3), (5, 5)] {
            assert_eq!(verdict(lost, answered), Verdict::Good, "{lost} of {}", lost + answered);
        }
        assert_eq!(verdict(6, 4), Verdict::Degraded(Fault::Loss { percent: 60, limit: 50 }));
        // None may be lost, and one was.
        let none = Limits {
            loss: Percent::constant(0),
            ..LIMITS
        };
        let one = window(20, &[&[None, Some(1)]]).verdict(none);
        assert_eq!(one, Verdict::Degraded(Fault::Loss { percent: 50, limit: 0 }));
    }

    #[test]
    fn another_way_starts_anew() {
        let mut window = window(5, &[&[None]]);
        window.clear();
        assert_eq!(window.verdict(LIMITS), Verdict::Unknown);
    }

    proptest! {
        /// The figures are those of a plain count over the end of the whole series.
        #[test]
        fn as_counted_over_the_end_of_the_series(
            series in proptest::collection::vec(proptest::option::of(0_u64..1_000_000), 0..80),
            capacity in 1_usize..50,
        ) {
            let mut window = Window::new(NonZeroUsize::new(capacity).unwrap());
            for sample in &series {
                window.add([*sample]);
            }
            let end = &series[series.len().saturating_sub(capacity)..];
            let mut answers: Vec<u64> = end.iter().copied().flatten().collect();
            let figures = window.statistics();
            prop_assert_eq!(figures.sent, end.len() as u64);
            prop_assert_eq!(figures.lost, (end.len() - answers.len()) as u64);
            answers.sort_unstable();
            for (percent, value) in [(50, figures.p50), (95, figures.p95)] {
                match value {
                    None => prop_assert!(answers.is_empty()),
                    Some(value) => {
                        let not_above = answers.iter().filter(|one| **one <= value).count();
                        let below = answers.iter().filter(|one| **one < value).count();
                        prop_assert!(not_above * 100 >= percent * answers.len());
                        prop_assert!(below * 100 < percent * answers.len());
                    }
                }
            }
            if let Some(jitter) = figures.jitter {
                prop_assert!(jitter <= figures.max.unwrap() - figures.min.unwrap());
            }
        }

        /// No figure makes it stumble.
        #[test]
        fn any_figure(series in proptest::collection::vec(proptest::option::of(any::<u64>()), 0..20)) {
            let mut window = Window::new(NonZeroUsize::MIN.saturating_add(9));
            window.add(series);
            let _ = (window.statistics(), window.verdict(LIMITS));
        }
    }
}
