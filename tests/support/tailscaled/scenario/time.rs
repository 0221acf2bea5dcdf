//! How long.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long, in whole milliseconds: up to a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    pub const LONGEST: u64 = 7 * 24 * 3_600_000;

    /// So many milliseconds; nothing beyond a week.
    pub fn from_millis(millis: u64) -> Option<Self> {
        (millis <= Self::LONGEST).then_some(Self(millis))
    }
}

/// In milliseconds each, from the longest on.
const UNITS: [(&str, u64); 3] = [("m", 60_000), ("s", 1_000), ("ms", 1)];

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time: a number with ms, s or m, up to a week");
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let unit = &text[digits.len()..];
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: u64 = digits.parse().map_err(|_| wrong())?;
        count.checked_mul(*millis).and_then(Self::from_millis).ok_or_else(wrong)
    }
}

impl From<Time> for Duration {
    fn from(time: Time) -> Self {
        Self::from_millis(time.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS
            .iter()
            .find(|(_, millis)| self.0.is_multiple_of(*millis) && self.0 >= *millis);
        let (unit, millis) = whole.copied().unwrap_or(("ms", 1));
        write!(f, "{}{unit}", self.0 / millis)
    }
}
