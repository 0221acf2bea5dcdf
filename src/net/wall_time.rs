//! Points in time on the wall.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time on the wall, in UTC: `2026-11-20T10:15:30Z` (RFC 3339), or with `{:#}` the time of day alone:
/// `10:15:30 UTC`.
///
/// As data it is the number of seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(u64);

impl WallTime {
    /// So many seconds after 1970-01-01, leap seconds not counted.
    pub const fn from_unix(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds after 1970-01-01, leap seconds not counted.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The time that comes `span` later, to the second, rounded up.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
        Self(self.0.saturating_add(seconds))
    }

    /// Year, month and day in the proleptic Gregorian calendar. Years are counted from March, so that the leap day is a
    /// year's last, and in spans of 400 years, which all have the same number of days.
    fn date(self) -> (u64, u64, u64) {
        // Days since 0000-03-01.
        let days = self.0 / 86_400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (era * 400 + year + turn, month, day_of_month)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3_600 % 24, self.0 / 60 % 60, self.0 % 60);
        if f.alternate() {
            return write!(f, "{hour:02}:{minute:02}:{second:02} UTC");
        }
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_date_prints_them() {
        // `date -u -d @N +%FT%TZ`
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_703_980_800, "2023-12-31T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_795_169_730, "2026-11-20T10:15:30Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(WallTime::from_unix(unix).to_string(), text);
        }
    }

    #[test]
    fn a_time_of_day_is_short_and_never_too_early() {
        let time = WallTime::from_unix(1_795_169_730);
        assert_eq!(format!("{time:#}"), "10:15:30 UTC");
        assert_eq!(
            format!("{:#}", time.after(Duration::from_millis(29_001))),
            "10:16:00 UTC"
        );
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut before = (1969, 12, 31);
        for day in 0..146_097 {
            let date = WallTime::from_unix(day * 86_400).date();
            let (year, month, of_month) = before;
            let next = [(year, month, of_month + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            assert!(next.contains(&date), "{before:?} then {date:?}");
            let length = match month {
                2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            assert_eq!(date.2 == 1, of_month == length, "{before:?} then {date:?}");
            before = date;
        }
    }
}
