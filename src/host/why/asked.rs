//! Times that people type.

use jiff::civil::{DateTime, Time};
use jiff::{Span, Timestamp};

use super::zone::Zone;
use crate::monitor::Moment;
use crate::net::WallTime;

/// The moment that somebody means who types this at `now`.
pub(super) fn moment(typed: &str, now: WallTime, zone: &Zone) -> Result<Moment, String> {
    const WANTED: &str = "expected 03:12, \"2026-11-20 03:12\" or 2026-11-20T02:12:00Z";
    let typed = typed.trim();
    if let Ok(time) = typed.parse::<Timestamp>() {
        return of(time);
    }
    if let Ok(time) = time_of_day(typed) {
        return last(time, now, zone);
    }
    // A date alone is its midnight, which nobody means who asks why something moved.
    let has_time = typed.contains(':');
    match typed.parse::<DateTime>() {
        Ok(time) if has_time => {
            let zoned = time.to_zoned(zone.0.clone()).map_err(|error| error.to_string())?;
            of(zoned.timestamp())
        }
        _ => Err(WANTED.to_owned()),
    }
}

fn time_of_day(typed: &str) -> Result<Time, jiff::Error> {
    Time::strptime("%H:%M:%S", typed).or_else(|_| Time::strptime("%H:%M", typed))
}

/// The last time that it was so late: today, or yesterday.
fn last(time: Time, now: WallTime, zone: &Zone) -> Result<Moment, String> {
    let impossible = |error: jiff::Error| error.to_string();
    let seconds = i64::try_from(now.unix()).map_err(|_| "the clock of this machine is wrong".to_owned())?;
    let now = Timestamp::from_second(seconds)
        .map_err(impossible)?
        .to_zoned(zone.0.clone());
    let on = |day: jiff::civil::Date| day.to_datetime(time).to_zoned(zone.0.clone());
    let today = on(now.date()).map_err(impossible)?;
    let meant = if today <= now {
        today
    } else {
        let yesterday = now.date().checked_sub(Span::new().days(1)).map_err(impossible)?;
        on(yesterday).map_err(impossible)?
    };
    of(meant.timestamp())
}

fn of(time: Timestamp) -> Result<Moment, String> {
    let millis = u64::try_from(time.as_millisecond()).map_err(|_| "that was before 1970".to_owned())?;
    Ok(Moment::from_millis(millis))
}
