//! Whether the clock is kept right.

use super::programs::ask;
use crate::host::doctor::facts::{Clock, Known};

/// Asks timedatectl(1), which asks the kernel (adjtimex(2)) whoever keeps the clock.
pub(super) fn clock() -> Known<Clock> {
    let said = ask("timedatectl", &["show", "--property=NTP", "--property=NTPSynchronized"])?;
    let is = |name: &str| said.lines().any(|line| line.strip_prefix(name) == Some("=yes"));
    let is_synchronised = is("NTPSynchronized");
    Ok(Clock {
        is_synchronised,
        // chrony and others keep it without systemd's knowing.
        is_kept: is("NTP") || is_synchronised,
    })
}
