//! The time of this place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::monitor::Moment;

/// The time zone in which people read times (`TZ`, `/etc/localtime`).
#[derive(Debug, Clone)]
pub(crate) struct Zone(pub(super) TimeZone);

impl Zone {
    /// That of this host; UTC where it has none.
    pub(crate) fn of_host() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// Universal time.
    #[cfg(test)]
    pub(crate) fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The moment as people read it: `2026-11-20 03:12:05 +01:00`.
    pub(crate) fn local(&self, moment: Moment) -> String {
        self.written(moment, "%Y-%m-%d %H:%M:%S %:z")
    }

    /// The moment without its year and offset, for lists: `11-20 03:12:05`.
    pub(crate) fn short(&self, moment: Moment) -> String {
        self.written(moment, "%m-%d %H:%M:%S")
    }

    fn written(&self, moment: Moment, format: &str) -> String {
        match timestamp(moment) {
            Some(time) => time.to_zoned(self.0.clone()).strftime(format).to_string(),
            None => "at an impossible time".to_owned(),
        }
    }
}

/// Nothing for a number that is no time: the log may have been damaged.
pub(super) fn timestamp(moment: Moment) -> Option<Timestamp> {
    let millis = i64::try_from(moment.as_millis()).ok()?;
    Timestamp::from_millisecond(millis).ok()
}
