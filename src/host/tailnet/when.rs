//! Times, for people.

use crate::host::firewall::moment::WallTime;

/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// How long it is: `12 s`, `5 min`, `3 h`, `41 days`. Rounded down, so that nothing that is left is more than is left.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / DAY),
    }
}

/// How long it is, said with two units where one would round: `1 h 30 min`, `2 days 4 h`; for what somebody typed.
pub(crate) fn exactly(seconds: u64) -> String {
    let (whole, rest) = match seconds {
        0..3_600 => (seconds / 60 * 60, seconds % 60),
        3_600..172_800 => (seconds / 3_600 * 3_600, seconds % 3_600 / 60 * 60),
        _ => (seconds / DAY * DAY, seconds % DAY / 3_600 * 3_600),
    };
    match (whole, rest) {
        (0, rest) => span(rest),
        (whole, 0) => span(whole),
        (whole, rest) => format!("{} {}", span(whole), span(rest)),
    }
}

/// How long before `now` it was: `5 min ago`.
pub(crate) fn ago(unix: u64, now: u64) -> String {
    format!("{} ago", span(now.saturating_sub(unix)))
}

/// When something ends: `ends in 41 days (2026-12-31)`, `ended 3 h ago (2026-11-20)`.
pub(crate) fn ends(unix: u64, now: u64) -> String {
    ahead_or_behind("ends", "ended", unix, now)
}

/// The same of a key: `expires in 41 days (2026-12-31)`, `expired 3 h ago (2026-11-20)`.
pub(crate) fn expires(unix: u64, now: u64) -> String {
    ahead_or_behind("expires", "expired", unix, now)
}

fn ahead_or_behind(ahead: &str, behind: &str, unix: u64, now: u64) -> String {
    let date = date(unix);
    match unix.checked_sub(now).filter(|left| *left > 0) {
        Some(left) => format!("{ahead} in {} ({date})", span(left)),
        None => format!("{behind} {} ({date})", ago(unix, now)),
    }
}

/// The day: `2026-12-31`.
pub(crate) fn date(unix: u64) -> String {
    let whole = written(unix);
    whole.split('T').next().unwrap_or_default().to_owned()
}

/// As data: `2026-12-31T00:00:00Z`.
pub(crate) fn written(unix: u64) -> String {
    WallTime::from_unix(unix).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_one_unit() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn exact_spans_have_two_where_they_need_them() {
        for (seconds, text) in [
            (0, "0 s"),
            (45, "45 s"),
            (90, "1 min 30 s"),
            (120, "2 min"),
            (5_400, "1 h 30 min"),
            (7_200, "2 h"),
            (86_400, "24 h"),
            (172_800, "2 days"),
            (187_200, "2 days 4 h"),
        ] {
            assert_eq!(exactly(seconds), text);
        }
    }

    #[test]
    fn what_ends_is_ahead_or_behind() {
        let now = 1_795_169_730;
        assert_eq!(ends(now + 30 * DAY, now), "ends in 30 days (2026-12-20)");
        assert_eq!(ends(now - 60, now), "ended 1 min ago (2026-11-20)");
        assert_eq!(ends(now, now), "ended 0 s ago (2026-11-20)");
        assert_eq!(expires(now + 1, now), "expires in 1 s (2026-11-20)");
        assert_eq!(expires(now - 7_200, now), "expired 2 h ago (2026-11-20)");
        assert_eq!(ago(now + 5, now), "0 s ago");
    }
}
