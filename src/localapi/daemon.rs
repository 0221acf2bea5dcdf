//! Which tailscaled answers.

use std::fmt;

use hyper::HeaderMap;

/// Which tailscaled answers, as the headers of its replies say (`Tailscale-Version`, `Tailscale-Cap`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    version: String,
    capability: u32,
}

impl Daemon {
    /// The oldest release whose answers are known to be understood, without its last number; older ones may do.
    pub const OLDEST: (u64, u64) = (1, 60);

    /// Whether a version, such as `1.102.3`, is older than [`OLDEST`](Self::OLDEST). What cannot be read is not old.
    pub fn is_too_old(version: &str) -> bool {
        let mut numbers = version.split(['.', '-']).map(str::parse::<u64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < Self::OLDEST,
            _ => false,
        }
    }

    /// What the headers say; nothing where a reply has none, as those to requests that tailscaled takes for forged.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        Some(Self {
            version: text("Tailscale-Version")?.to_owned(),
            capability: text("Tailscale-Cap").and_then(|cap| cap.parse().ok()).unwrap_or(0),
        })
    }

    /// The version with its build: `1.102.3-t53a0d659a`.
    pub fn long_version(&self) -> &str {
        &self.version
    }

    /// The version alone: `1.102.3`.
    pub fn version(&self) -> &str {
        self.version.split('-').next().unwrap_or_default()
    }

    /// The capability version, a number that grows with the protocol (142 in 1.102.3, 133 in 1.96.5); 0 where the daemon
    /// does not say it.
    pub fn capability(&self) -> u32 {
        self.capability
    }
}

impl fmt::Display for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tailscaled {}", self.version())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_what_is_understood_is_told() {
        for (version, is_too_old) in [
            ("1.59.9", true),
            ("0.99", true),
            ("1.60.0", false),
            ("1.96.5-t88200dbb4", false),
            ("2.0", false),
            ("", false),
            ("1", false),
            ("1.x", false),
            ("99999999999999999999.1", false),
        ] {
            assert_eq!(Daemon::is_too_old(version), is_too_old, "{version}");
        }
    }

    #[test]
    fn the_headers_say_which_it_is() {
        let mut headers = HeaderMap::new();
        assert_eq!(Daemon::of(&headers), None);
        headers.insert("Tailscale-Version", "1.96.5-t88200dbb4".parse().unwrap());
        assert_eq!(Daemon::of(&headers).unwrap().capability(), 0);
        headers.insert("Tailscale-Cap", "133".parse().unwrap());
        let daemon = Daemon::of(&headers).unwrap();
        assert_eq!((daemon.version(), daemon.capability()), ("1.96.5", 133));
        assert_eq!(daemon.to_string(), "tailscaled 1.96.5");
    }
}
