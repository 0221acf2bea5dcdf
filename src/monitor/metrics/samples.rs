//! The samples of one metric.

use std::collections::BTreeMap;

use crate::monitor::Moment;

/// Of each metric at most so many samples are written.
pub const MOST: usize = 1_000;

/// A label's value may have so many bytes. Longer ones are no words of the settings.
const LONGEST: usize = 255;

/// The samples of one metric, by the values of its labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    by_labels: BTreeMap<Vec<String>, f64>,
    left_out: u64,
}

impl Samples {
    /// Adds a sample with these labels, in the order of the metric's. A second one with the same labels, one beyond the
    /// bound, and one whose labels are too long are left out: a scrape with such a sample would be refused as a whole, or
    /// fill the disk of those who keep it.
    pub fn add<const N: usize>(&mut self, labels: [&str; N], value: f64) {
        let labels = labels.map(str::to_owned).to_vec();
        let is_bad = labels.iter().any(|label| label.len() > LONGEST)
            || self.by_labels.len() >= MOST
            || self.by_labels.contains_key(&labels);
        if is_bad {
            self.left_out = self.left_out.saturating_add(1);
        } else {
            self.by_labels.insert(labels, value);
        }
    }

    /// Adds a count.
    pub fn count<const N: usize>(&mut self, labels: [&str; N], count: u64) {
        self.add(labels, number(count));
    }

    /// Adds 1 where it is so, else 0.
    pub fn flag<const N: usize>(&mut self, labels: [&str; N], is_so: bool) {
        self.add(labels, if is_so { 1.0 } else { 0.0 });
    }

    /// Adds a moment, in seconds since 1970.
    pub fn moment<const N: usize>(&mut self, labels: [&str; N], moment: Moment) {
        self.add(labels, number(moment.as_millis()) / 1e3);
    }

    /// Adds a time span that is given in microseconds.
    pub fn micros<const N: usize>(&mut self, labels: [&str; N], micros: u64) {
        self.add(labels, number(micros) / 1e6);
    }

    /// The samples, in the order of their labels.
    pub fn iter(&self) -> impl Iterator<Item = (&[String], f64)> {
        self.by_labels.iter().map(|(labels, value)| (labels.as_slice(), *value))
    }

    /// How many were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// Prometheus knows floating-point numbers only.
#[allow(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 fit 53 bits for 285,000 years"
)]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}
