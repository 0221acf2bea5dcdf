//! Windows of time that come back every week.

use std::fmt;

use super::text::{Text, text_type};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY: u64 = 86_400_000;
const MINUTE: u64 = 60_000;

/// A window of time on some or all days of the week, in UTC: `03:00-04:30`, `Sun 02:00-05:00`, `Mon,Wed 22:00-02:00`.
///
/// Days begin at 00:00 UTC. An end that is not later than the start lies on the next day; `00:00-00:00` is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeeklyWindow {
    /// One bit a day, Monday the lowest.
    days: u8,
    /// Minutes after 00:00 UTC, 0-1439.
    start: u16,
    /// Minutes after 00:00 UTC, 0-1439.
    end: u16,
}

impl WeeklyWindow {
    /// When the window ends that is open at `now`; `None` where none is. Both in milliseconds since 1970-01-01 UTC.
    pub fn open_until(&self, now: u64) -> Option<u64> {
        let today = now / DAY;
        // The window of yesterday may reach into today.
        std::iter::once(today)
            .chain(today.checked_sub(1))
            .filter(|day| self.days & (1 << weekday(*day)) != 0)
            .filter_map(|day| {
                let start = day.checked_mul(DAY)? + u64::from(self.start) * MINUTE;
                let end = start.checked_add(self.length() * MINUTE)?;
                (start <= now && now < end).then_some(end)
            })
            .max()
    }

    /// How many minutes it is open, 1-1440.
    fn length(self) -> u64 {
        let end = u64::from(self.end);
        let start = u64::from(self.start);
        if end > start { end - start } else { end + 1_440 - start }
    }
}

/// 0 is Monday; 1970-01-01 was a Thursday.
fn weekday(day: u64) -> u64 {
    (day + 3) % 7
}

impl fmt::Display for WeeklyWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != 0x7f {
            let days: Vec<&str> = (0..7)
                .filter(|day| self.days & (1 << day) != 0)
                .filter_map(|day| DAYS.get(day).copied())
                .collect();
            write!(f, "{} ", days.join(","))?;
        }
        let (start, end) = (self.start, self.end);
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl Text for WeeklyWindow {
    const NOUN: &'static str = "window of time";
    const GRAMMAR: &'static str = "two times of day in UTC, with days of the week before them if it is not every day, like 03:00-04:30 or Mon,Wed 22:00-02:00";
    const PATTERN: &'static str = "^((Mon|Tue|Wed|Thu|Fri|Sat|Sun)(,(Mon|Tue|Wed|Thu|Fri|Sat|Sun))* )?[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (days, times) = match written.rsplit_once(' ') {
            Some((days, times)) => (read_days(days)?, times),
            None => (0x7f, written),
        };
        let (start, end) = times.split_once('-').ok_or("no two times with a hyphen between them")?;
        Ok(Self {
            days,
            start: read_time(start)?,
            end: read_time(end)?,
        })
    }

    fn guess(refused: &str) -> Option<String> {
        let times = refused
            .strip_suffix(" UTC")
            .or_else(|| refused.strip_suffix('Z'))
            .unwrap_or(refused);
        let times = times
            .replace("daily ", "")
            .replace(" - ", "-")
            .replace('–', "-")
            .replace(", ", ",");
        Some(times)
    }
}

fn read_days(written: &str) -> Result<u8, &'static str> {
    let mut days = 0;
    for name in written.split(',') {
        let day = DAYS.iter().position(|day| *day == name).ok_or("an unknown day")?;
        if days & (1 << day) != 0 {
            return Err("a day is named twice");
        }
        days |= 1 << day;
    }
    Ok(days)
}

fn read_time(written: &str) -> Result<u16, &'static str> {
    let no_time = "a time is not written like 03:00";
    let (hours, minutes) = written.split_once(':').ok_or(no_time)?;
    if hours.len() != 2 || minutes.len() != 2 {
        return Err(no_time);
    }
    let number = |digits: &str| {
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| all)
    };
    let (hours, minutes) = (number(hours).ok_or(no_time)?, number(minutes).ok_or(no_time)?);
    if hours > 23 || minutes > 59 {
        return Err("there is no such time of day");
    }
    Ok(hours * 60 + minutes)
}

text_type!(WeeklyWindow);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn days_and_times() {
        reads_back::<WeeklyWindow>("(Mon|Sun|Tue,Fri) [01][0-9]:[0-5][0-9]-2[0-3]:[0-5][0-9]|0[0-9]:00-1[0-9]:30");
        shows::<WeeklyWindow>(&[
            ("Mon,Tue,Wed,Thu,Fri,Sat,Sun 01:00-02:00", "01:00-02:00"),
            ("Sun,Mon 22:00-02:00", "Mon,Sun 22:00-02:00"),
        ]);
        refuses::<WeeklyWindow>(&[
            "",
            "03:00",
            "3:00-4:00",
            "03:00-24:00",
            "03:60-04:00",
            "Mo 03:00-04:00",
            "Mon,Mon 03:00-04:00",
            "Mon  03:00-04:00",
            "03:00-04:00 UTC",
            "+3:00-04:00",
            " 03:00-04:00",
            "03:00-04:00-05:00",
        ]);
        suggests::<WeeklyWindow>(&[
            ("03:00-04:00 UTC", "03:00-04:00"),
            ("daily 03:00 - 04:00", "03:00-04:00"),
        ]);
    }

    /// Milliseconds at a time of 1970-01-05, a Monday, and the days after it.
    fn at(day: u64, hours: u64, minutes: u64) -> u64 {
        (4 + day) * DAY + (hours * 60 + minutes) * MINUTE
    }

    #[test]
    fn open_from_its_start_to_before_its_end() {
        let window: WeeklyWindow = "Mon,Wed 22:00-02:00".parse().unwrap();
        for (now, until) in [
            (at(0, 21, 59), None),
            (at(0, 22, 0), Some(at(1, 2, 0))),
            (at(1, 1, 59), Some(at(1, 2, 0))),
            (at(1, 2, 0), None),
            (at(1, 22, 0), None),
            (at(2, 23, 0), Some(at(3, 2, 0))),
            (at(7, 22, 0), Some(at(8, 2, 0))),
        ] {
            assert_eq!(window.open_until(now), until, "{now}");
        }
        let always: WeeklyWindow = "00:00-00:00".parse().unwrap();
        assert_eq!(always.open_until(at(3, 12, 0)), Some(at(4, 0, 0)));
        let early: WeeklyWindow = "Thu 00:00-01:00".parse().unwrap();
        assert_eq!(early.open_until(0), Some(60 * MINUTE), "1970-01-01 was a Thursday");
    }

    proptest! {
        /// Minute by minute as a calendar has it.
        #[test]
        fn as_a_calendar_has_it(days in 1_u8..0x80, start in 0_u16..1_440, end in 0_u16..1_440, now in DAY..DAY * 30) {
            let window = WeeklyWindow { days, start, end };
            let minute = now / MINUTE;
            let on = |day: u64| days & (1 << ((day + 3) % 7)) != 0;
            let (day, time) = (minute / 1_440, u16::try_from(minute % 1_440).unwrap());
            let open = if start < end {
                on(day) && (start..end).contains(&time)
            } else {
                (on(day) && time >= start) || (on(day - 1) && time < end)
            };
            prop_assert_eq!(window.open_until(now).is_some(), open);
        }
    }
}
