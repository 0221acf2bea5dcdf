//! One metric.

use super::{Alert, Samples};
use crate::monitor::Report;
use crate::monitor::probe::Statistics;

/// A metric: what it is called, what it means, and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, with the unit at its end.
    pub name: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// What its values are.
    pub unit: Unit,
    /// What it means, in a sentence.
    pub help: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// The panel that it is drawn in, together with others of the same unit; `None`: it is not drawn.
    pub panel: Option<&'static str>,
    /// The part of the report that it is made from.
    pub field: &'static str,
    /// Makes its samples.
    pub collect: Collect,
    /// When somebody is told.
    pub alerts: &'static [Alert],
}

impl Metric {
    /// A metric that goes up and down, without samples yet.
    pub(super) const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            unit,
            help,
            labels: &[],
            panel: None,
            field: "",
            collect: Collect::Report(|_, _| {}),
            alerts: &[],
        }
    }

    /// A metric that counts things, without samples yet.
    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        let kind = Kind::Counter;
        Self {
            kind,
            ..Self::gauge(name, Unit::Count, help)
        }
    }

    /// With these labels.
    pub(super) const fn labels(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// Drawn in that panel.
    pub(super) const fn drawn(self, panel: &'static str) -> Self {
        let panel = Some(panel);
        Self { panel, ..self }
    }

    /// Made from that part of the report.
    pub(super) const fn from(self, field: &'static str, collect: fn(&Report, &mut Samples)) -> Self {
        let collect = Collect::Report(collect);
        Self { field, collect, ..self }
    }

    /// Made from a time of each target's statistics.
    pub(super) const fn times(self, field: &'static str, time: fn(&Statistics) -> Option<u64>) -> Self {
        let collect = Collect::Times(time);
        Self { field, collect, ..self }
    }

    /// With these alerts.
    pub(super) const fn alerts(self, alerts: &'static [Alert]) -> Self {
        Self { alerts, ..self }
    }
}

/// Where the samples of a metric come from.
#[derive(Debug, Clone, Copy)]
pub enum Collect {
    /// From the report.
    Report(fn(&Report, &mut Samples)),
    /// From the statistics of each target that has this time, in microseconds.
    Times(fn(&Statistics) -> Option<u64>),
}

impl Collect {
    /// Adds the samples of that report.
    pub(super) fn run(self, report: &Report, samples: &mut Samples) {
        let time = match self {
            Self::Report(collect) => return collect(report, samples),
            Self::Times(time) => time,
        };
        for reading in &report.readings {
            if let Some(micros) = time(&reading.statistics) {
                samples.micros([&reading.target, &reading.kind], micros);
            }
        }
    }
}

/// Whether a metric only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only grows, until the monitor starts again.
    Counter,
}

impl Kind {
    /// The word of the exposition format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

/// What the values of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A time span, in seconds.
    Seconds,
    /// A moment, in seconds since 1970-01-01 UTC.
    Time,
    /// A share, from 0 to 1.
    Ratio,
    /// 1 where it is so, else 0.
    Flag,
    /// 1 for the state that its last label names, and 0 for each of the others.
    State,
    /// Always 1: the labels are what is told.
    Info,
    /// A number of things.
    Count,
}

impl Unit {
    /// What the name of such a metric ends in; nothing where the unit has no word.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Seconds => "_seconds",
            Self::Time => "_time_seconds",
            Self::Ratio => "_ratio",
            Self::Info => "_info",
            Self::Flag | Self::State | Self::Count => "",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Time => "seconds since 1970",
            Self::Ratio => "0 to 1",
            Self::Flag => "0 or 1",
            Self::State => "1 for the state that it is in",
            Self::Info => "always 1",
            Self::Count => "a number",
        }
    }
}

/// What a metric is about: a row of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What may be changed, and where that stands.
    Failover,
    /// What has failed.
    Diagnosis,
    /// What is measured.
    Probes,
    /// Messages to people.
    Messages,
    /// The monitor itself.
    Monitor,
}

impl Group {
    /// The title of its row.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Failover => "Failover",
            Self::Diagnosis => "Diagnosis",
            Self::Probes => "Probes",
            Self::Messages => "Messages to people",
            Self::Monitor => "The monitor",
        }
    }
}
