//! Points in time.

use serde::{Deserialize, Deserializer};

/// A point in time, to the second, or never: Go writes a time that was not set as `0001-01-01T00:00:00Z`. Text that is no
/// time is never, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Option<u64>);

impl Time {
    /// Seconds since 1970, leap seconds not counted; nothing where it never was.
    pub fn unix(self) -> Option<u64> {
        self.0
    }

    /// Reads RFC 3339, `2026-11-20T04:03:58.482973263Z`, `2026-11-20T05:03:58+01:00`: seconds since 1970.
    pub fn read(text: &str) -> Option<u64> {
        let (date, rest) = text.split_at_checked(10)?;
        let mut date = date.splitn(3, '-').map(number);
        let (year, month, day) = (date.next()??, date.next()??, date.next()??);
        let (clock, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
        let mut clock = clock.splitn(3, ':').map(number);
        let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
        let zone = rest.strip_prefix('.').map_or(rest, |fraction| {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        });
        let east = match zone.split_at_checked(1)? {
            ("Z" | "z", "") => 0,
            (sign @ ("+" | "-"), offset) => {
                let (hours, minutes) = offset.split_once(':')?;
                let seconds = number(hours)? * 3_600 + number(minutes)? * 60;
                if sign == "+" { seconds } else { -seconds }
            }
            _ => return None,
        };
        let is_real = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - east;
        u64::try_from(seconds).ok().filter(|_| is_real)
    }
}

fn number(digits: &str) -> Option<i64> {
    let is_plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the leap day is a year's
/// last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|text| Self::read(&text))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_as_date_reads_them() {
        // `date -u -d TEXT +%s`
        for (text, unix) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2026-11-20T04:03:58.482973263Z", 1_795_147_438),
            ("2026-11-20T05:03:58+01:00", 1_795_147_438),
            ("2026-11-19T22:33:58-05:30", 1_795_147_438),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(Time::read(text), Some(unix), "{text}");
        }
    }

    #[test]
    fn what_is_not_set_or_no_time_is_never() {
        for text in [
            "0001-01-01T00:00:00Z",
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-11-20T25:00:00Z",
            "2026-11-20T04:03:58",
            "2026-11-20",
            "2026-11-20T04:03:58+é1:00",
        ] {
            assert_eq!(Time::read(text), None, "{text}");
        }
        assert_eq!(serde_json::from_str::<Time>("null").unwrap().unix(), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,40}") {
            let _ = Time::read(&text);
        }

        #[test]
        fn a_time_that_is_written_is_read(seconds in 0_u64..4_000_000_000) {
            let written = crate::host::firewall::moment::WallTime::from_unix(seconds).to_string();
            prop_assert_eq!(Time::read(&written), Some(seconds));
        }
    }
}
