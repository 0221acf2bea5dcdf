//! Spans of time.

use std::fmt;
use std::time::Duration;

use super::invalid::Invalid;
use super::text::{Text, decimal, split_digits, text_type};

/// Units in milliseconds, largest first. Months and years are left out: nginx and systemd count them differently.
const UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// 365 days in milliseconds.
const MAX: u64 = 365 * 86_400_000;

/// A span of time, from 1 ms to 365 days, in the grammar that nginx and systemd share: `30s`, `5m`, `1h30m`, `500ms`.
///
/// Whole numbers with the units `w`, `d`, `h`, `m` (minutes), `s`, `ms`, each at most once, largest first, without spaces
/// (<https://nginx.org/en/docs/syntax.html>, systemd.time(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan {
    millis: u64,
}

impl TimeSpan {
    /// So many milliseconds, for options whose documented unit is the millisecond.
    pub fn from_millis(millis: u64) -> Result<Self, Invalid> {
        Self::checked(Some(millis)).ok_or_else(|| Self::out_of_range(millis, "ms"))
    }

    /// So many seconds, for options whose documented unit is the second.
    pub fn from_secs(secs: u64) -> Result<Self, Invalid> {
        Self::checked(secs.checked_mul(1_000)).ok_or_else(|| Self::out_of_range(secs, "s"))
    }

    /// So many milliseconds, for constants.
    ///
    /// # Panics
    /// Out of range (at compile time, in a constant).
    pub const fn constant_millis(millis: u64) -> Self {
        assert!(millis >= 1 && millis <= MAX, "out of range");
        Self { millis }
    }

    /// The span in milliseconds.
    pub fn as_millis(&self) -> u64 {
        self.millis
    }

    /// The span in seconds, if it is a whole number of them.
    pub fn as_whole_secs(&self) -> Option<u64> {
        self.millis.is_multiple_of(1_000).then_some(self.millis / 1_000)
    }

    fn checked(millis: Option<u64>) -> Option<Self> {
        millis
            .filter(|millis| (1..=MAX).contains(millis))
            .map(|millis| Self { millis })
    }

    fn out_of_range(number: u64, unit: &str) -> Invalid {
        Invalid::text::<Self>(&format!("{number}{unit}"), "out of range")
    }
}

impl From<TimeSpan> for Duration {
    fn from(span: TimeSpan) -> Self {
        Self::from_millis(span.millis)
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.millis;
        for (unit, factor) in UNITS {
            if rest >= factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

impl Text for TimeSpan {
    const NOUN: &'static str = "span of time";
    const GRAMMAR: &'static str =
        "whole numbers with the units w, d, h, m, s, ms, largest first, from 1ms to 365d, like 30s, 1h30m or 500ms";
    const PATTERN: &'static str = "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let mut rest = written;
        let mut units = UNITS.iter();
        let mut millis = Some(0_u64);
        while !rest.is_empty() {
            let (number, after) = split_digits(rest);
            let end = after
                .find(|character: char| !character.is_ascii_alphabetic())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(end);
            if unit.is_empty() {
                return Err("a number without a unit");
            }
            // The iterator remembers how far it came: a unit that is unknown, repeated or in the wrong order is not found.
            let Some((_, factor)) = units.find(|(name, _)| *name == unit) else {
                return Err(if UNITS.iter().any(|(name, _)| *name == unit) {
                    "a unit repeated or in the wrong order"
                } else {
                    "unknown unit"
                });
            };
            let number = decimal(number).ok_or("no whole number before a unit")?;
            millis = millis.and_then(|sum| sum.checked_add(number.checked_mul(*factor)?));
            rest = after;
        }
        Self::checked(millis).ok_or(if written.is_empty() { "empty" } else { "out of range" })
    }

    /// What the writer of `30`, `30sec`, `5 minutes` or `1h 30m` means.
    fn guess(refused: &str) -> Option<String> {
        let compact = refused.replace(' ', "").to_ascii_lowercase();
        let (number, unit) = split_digits(&compact);
        let unit = match unit {
            "" | "sec" | "secs" | "second" | "seconds" => "s",
            "min" | "mins" | "minute" | "minutes" => "m",
            "hr" | "hrs" | "hour" | "hours" => "h",
            "day" | "days" => "d",
            "week" | "weeks" => "w",
            "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
            unit => unit,
        };
        Some(format!("{number}{unit}"))
    }
}

text_type!(TimeSpan);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn the_grammar_that_nginx_and_systemd_share() {
        reads_back::<TimeSpan>(
            "([1-9]w)?([1-9]d)?([1-9][0-9]?h)?([1-9][0-9]?m)?[1-9][0-9]{0,3}s([1-9]ms)?|[1-9][0-9]{0,5}ms",
        );
        shows::<TimeSpan>(&[
            ("30s", "30s"),
            ("90s", "1m30s"),
            ("1h30m", "1h30m"),
            ("500ms", "500ms"),
            ("1500ms", "1s500ms"),
            ("365d", "52w1d"),
        ]);
        refuses::<TimeSpan>(&[
            "",
            "30",
            "0s",
            "366d",
            "5y",
            "5M",
            "1m1h",
            "1s1s",
            "-1s",
            "1.5s",
            "1h 30m",
            "s",
            "99999999999999999999s",
            "99999999999999999w",
        ]);
        suggests::<TimeSpan>(&[
            ("30", "30s"),
            ("30sec", "30s"),
            ("5min", "5m"),
            ("400msec", "400ms"),
            ("2hours", "2h"),
        ]);
    }

    #[test]
    fn numbers_with_a_documented_unit() {
        assert_eq!(TimeSpan::from_secs(30).unwrap(), "30s".parse().unwrap());
        assert_eq!(TimeSpan::from_millis(1_500).unwrap().as_whole_secs(), None);
        assert!(TimeSpan::from_secs(u64::MAX).is_err() && TimeSpan::from_millis(0).is_err());
        assert_eq!(Duration::from(TimeSpan::from_secs(60).unwrap()), Duration::from_mins(1));
    }

    proptest! {
        #[test]
        fn every_span_reads_back(millis in 1..=MAX) {
            let span = TimeSpan::from_millis(millis).unwrap();
            prop_assert_eq!(span.to_string().parse::<TimeSpan>().unwrap(), span);
        }
    }
}
