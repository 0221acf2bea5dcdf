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
